// TOP: wt_async_fifo
// PARAMS: -GWIDTH=32 -GDEPTH_LOG2=3
#include <csetjmp>
#include <cstdarg>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
extern "C" {
#include <cmocka.h>
}
#include "Vwt_async_fifo.h"
#include "tests/hdl/two_clocks.h"
#include "verilated.h"

// Numbers in, numbers out; never more inside than fit, and never fewer offered than must be there by now.
static uint64_t run(uint64_t in_ps, uint64_t out_ps, unsigned in_percent, unsigned out_percent, unsigned total)
{
    Vwt_async_fifo m;
    Random r(in_ps * 31 + out_ps);
    TwoClocks<Vwt_async_fifo> clocks(m, in_ps, out_ps);
    std::deque<uint64_t> pushed; // when
    uint32_t in = 0, out = 0;
    bool full = false, empty = false;
    m.in_rst_i = m.out_rst_i = 1;
    m.in_valid_i = m.out_ready_i = 0;
    for (int i = 0; i < 40; i++)
        clocks.edge();
    m.in_rst_i = m.out_rst_i = 0;
    while (out < total) {
        if (in_percent != 100 || out_percent != 100) {
            // phases in which one side is slow, so that full and empty are both met
            unsigned phase = in / 64 % 3;
            in_percent = phase == 1 ? 20 : 90;
            out_percent = phase == 2 ? 20 : 90;
        }
        bool in_edge = clocks.next_in(), out_edge = clocks.next_out();
        if (in_edge) {
            m.in_valid_i = in < total && r.chance(in_percent);
            m.in_data_i = in * 2654435761u;
        }
        if (out_edge)
            m.out_ready_i = r.chance(out_percent);
        m.eval();
        if (in_edge) {
            full |= !m.in_ready_o;
            if (m.in_valid_i && m.in_ready_o) {
                in++;
                pushed.push_back(clocks.now());
                assert_true(pushed.size() <= 8);
            }
        }
        if (out_edge) {
            empty |= !m.out_valid_o;
            // offered at the fourth edge behind the push at the latest, never at the same edge
            if (!pushed.empty() && clocks.now() > pushed.front() + 3 * out_ps)
                assert_true(m.out_valid_o);
            if (m.out_valid_o) {
                assert_false(pushed.empty());
                assert_true(clocks.now() > pushed.front() + out_ps);
                assert_int_equal(m.out_data_o, out * 2654435761u);
            }
            if (m.out_valid_o && m.out_ready_i) {
                out++;
                pushed.pop_front();
            }
        }
        clocks.edge();
    }
    assert_true(pushed.empty());
    assert_int_equal(in, total);
    assert_true(full || empty);
    if (in_ps < 2 * out_ps && out_ps < 2 * in_ps && in_percent != 100)
        assert_true(full && empty);
    return clocks.now();
}

static void keeps_order_at_every_ratio(void **)
{
    static const uint64_t ps[] = {6400, 6401, 6399, 8000, 4000, 5120, 12800, 19531, 2001, 50000};
    for (uint64_t in : ps)
        for (uint64_t out : ps)
            run(in, out, 90, 90, 3000);
}

// Nobody waits: with equal clocks every edge moves a word, as a line at full rate needs.
static void keeps_full_rate(void **)
{
    assert_true(run(6400, 6400, 100, 100, 10000) < 10060ull * 6400);
    assert_true(run(6400, 6399, 100, 100, 10000) < 10060ull * 6400);
}

int main()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keeps_order_at_every_ratio),
        cmocka_unit_test(keeps_full_rate),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
