// TOP: wt_fifo
// PARAMS: -GWIDTH=16 -GDEPTH_LOG2=3
#include <csetjmp>
#include <cstdarg>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <deque>
extern "C" {
#include <cmocka.h>
}
#include "Vwt_fifo.h"
#include "verilated.h"

static void clock(Vwt_fifo &dut)
{
    dut.clk_i = 0;
    dut.eval();
    dut.clk_i = 1;
    dut.eval();
}

static void keeps_order_under_random_traffic(void **)
{
    Vwt_fifo dut;
    std::deque<uint16_t> model;
    dut.rst_i = 1;
    clock(dut);
    dut.rst_i = 0;
    srand(1);
    for (int i = 0; i < 100000; i++) {
        // Phases of filling and draining, so that full and empty are both met.
        int bias = (i / 100) % 2;
        dut.in_valid_i = rand() % 4 < 2 + bias;
        dut.out_ready_i = rand() % 4 < 3 - bias;
        dut.in_data_i = (uint16_t)rand();
        dut.clk_i = 0;
        dut.eval();
        assert_int_equal(dut.level_o, model.size());
        assert_int_equal(dut.in_ready_o, model.size() < 8);
        assert_int_equal(dut.out_valid_o, !model.empty());
        bool push = dut.in_valid_i && dut.in_ready_o, pop = dut.out_valid_o && dut.out_ready_i;
        if (!model.empty())
            assert_int_equal(dut.out_data_o, model.front());
        if (pop)
            model.pop_front();
        if (push)
            model.push_back(dut.in_data_i);
        dut.clk_i = 1;
        dut.eval();
    }
}

int main()
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(keeps_order_under_random_traffic)};
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
