// TOP: wt_async_frame_fifo
// PARAMS: -GWIDTH=32 -GDEPTH_LOG2=5
#include <csetjmp>
#include <cstdarg>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
extern "C" {
#include <cmocka.h>
}
#include "Vwt_async_frame_fifo.h"
#include "tests/hdl/two_clocks.h"
#include "verilated.h"

static void run(uint64_t in_ps, uint64_t out_ps, unsigned longest, unsigned pauses, unsigned frames)
{
    Vwt_async_frame_fifo m;
    Random r(in_ps * 31 + out_ps);
    TwoClocks<Vwt_async_frame_fifo> clocks(m, in_ps, out_ps);
    std::deque<std::vector<uint32_t>> sent; // whole frames that may come out
    std::vector<uint32_t> frame, got;
    uint32_t dropped = 0, too_long = 0, came = 0;
    unsigned length = 1, quiet = 0, wait = 0;
    m.in_rst_i = m.out_rst_i = 1;
    m.in_valid_i = m.out_ready_i = 0;
    for (int i = 0; i < 40; i++)
        clocks.edge();
    m.in_rst_i = m.out_rst_i = 0;
    uint32_t in = 0;
    while (quiet < 100) {
        bool in_edge = clocks.next_in(), out_edge = clocks.next_out();
        if (in_edge) {
            m.in_valid_i = in < frames && !wait && !r.chance(pauses);
            if (wait)
                wait--;
            m.in_data_i = (uint32_t)r.bits();
            m.in_last_i = frame.size() + 1 == length;
            m.in_drop_i = m.in_last_i && r.chance(10);
        }
        if (out_edge)
            m.out_ready_i = !got.empty() || !r.chance(pauses);
        m.eval();
        // A frame that has begun comes out without a pause.
        if (out_edge && !got.empty())
            assert_true(m.out_valid_o);
        if (out_edge && m.out_valid_o && m.out_ready_i) {
            got.push_back(m.out_data_o);
            if (m.out_last_o) {
                // what is skipped was lost for want of room
                while (!sent.empty() && sent.front() != got)
                    sent.pop_front();
                assert_false(sent.empty());
                sent.pop_front();
                got.clear();
                came++;
            }
        }
        if (in_edge && m.in_valid_i) {
            frame.push_back(m.in_data_i);
            if (m.in_last_i) {
                if (frame.size() > 32)
                    too_long++;
                else if (m.in_drop_i)
                    dropped++;
                else
                    sent.push_back(frame);
                frame.clear();
                length = 1 + r.below(longest);
                wait = r.chance(50) ? r.below(40) : 0;
                in++;
            }
        }
        quiet = in == frames && !m.out_valid_o ? quiet + 1 : 0;
        clocks.edge();
    }
    assert_true(got.empty());
    assert_int_equal(came + m.lost_o, frames);
    assert_true(m.lost_o >= dropped + too_long);
    assert_true(came > frames / 10);
}

static void keeps_frames_whole_at_every_ratio(void **)
{
    static const uint64_t ps[] = {6400, 6401, 8000, 4000, 12800, 19531, 2001};
    for (uint64_t in : ps)
        for (uint64_t out : ps)
            for (unsigned longest : {3u, 20u, 40u})
                run(in, out, longest, 10, 400);
}

int main()
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(keeps_frames_whole_at_every_ratio)};
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
