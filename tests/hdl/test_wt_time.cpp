// TOP: wt_time
// PARAMS: -GCLOCK_PS=6400
#include <csetjmp>
#include <cstdarg>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
extern "C" {
#include <cmocka.h>
}
#include "Vwt_time.h"
#include "verilated.h"

static void clock(Vwt_time &m)
{
    m.clk_i = 0;
    m.eval();
    m.clk_i = 1;
    m.eval();
}

static void counts_true_for_five_million_cycles(void **)
{
    Vwt_time m;
    m.external_i = m.set_i = 0;
    m.rst_i = 1;
    clock(m);
    m.rst_i = 0;
    for (uint64_t n = 1; n <= 5000000; n++) {
        clock(m);
        // 6.4 ns a cycle, rounded down; what is lost to rounding may make it one less
        uint64_t want = n * 6400 / 1000;
        assert_true(m.time_ns_o == want || m.time_ns_o + 1 == want);
    }
}

static void is_set_and_comes_from_outside(void **)
{
    Vwt_time m;
    m.external_i = m.set_i = 0;
    m.rst_i = 1;
    clock(m);
    m.rst_i = 0;
    for (int i = 0; i < 100; i++)
        clock(m);
    m.set_i = 1;
    m.time_ns_i = 1000000000000000000u;
    clock(m);
    m.set_i = 0;
    m.eval();
    assert_true(m.time_ns_o == 1000000000000000000u);
    for (int i = 0; i < 5; i++)
        clock(m);
    assert_true(m.time_ns_o == 1000000000000000031u || m.time_ns_o == 1000000000000000032u);
    m.external_i = 1;
    for (uint64_t t : {7u, 3u, 900u}) {
        uint64_t before = m.time_ns_o;
        m.time_ns_i = t;
        m.clk_i = 0;
        m.eval();
        assert_true(m.time_ns_o == before); // shows in the next cycle
        m.clk_i = 1;
        m.eval();
        assert_true(m.time_ns_o == t);
    }
    m.external_i = 0;
    for (int i = 0; i < 5; i++)
        clock(m);
    assert_true(m.time_ns_o == 931 || m.time_ns_o == 932); // goes on from there by itself
}

int main()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_true_for_five_million_cycles),
        cmocka_unit_test(is_set_and_comes_from_outside),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
