// TOP: wt_symbols
// PARAMS: -GSYM_W=3
#include <csetjmp>
#include <cstdarg>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <random>
#include <set>
#include <vector>
extern "C" {
#include <cmocka.h>
}
#include "Vwt_symbols.h"
#include "verilated.h"

enum { ADD = 1, REDUCE = 2, TRADE = 5, DIRECTORY = 7, SYSTEM = 8, BAD = 9, GAP = 10, HEARTBEAT = 12 };
static const unsigned symbols = 8;

struct Bench {
    Vwt_symbols dut;
    std::vector<uint64_t> window;
    int search_cycles = 0;

    explicit Bench(bool all, std::vector<uint64_t> w = {}) : window(std::move(w))
    {
        dut.go_i = 1;
        dut.rst_i = 1;
        dut.subscribe_all_i = all;
        dut.sym_count_i = (uint16_t)window.size();
        dut.out_ready_i = 0;
        dut.op_valid_i = 0;
        clock();
        dut.rst_i = 0;
        for (int i = 0; !dut.ready_o; i++) {
            assert_true(i < 5000);
            clock();
        }
    }

    void clock()
    {
        dut.clk_i = 0;
        dut.eval();
        unsigned address = dut.sym_raddr_o;
        dut.clk_i = 1;
        dut.eval();
        // Behind the names in use the window holds names, too: they must not be found.
        dut.sym_rdata_i = address < window.size() ? window[address] : 1000 + address;
    }

    void put(int at, int width, uint64_t v)
    {
        for (int i = 0; i < width; i++, at++)
            dut.op_i.data()[at / 32] = (dut.op_i.data()[at / 32] & ~(1u << at % 32)) | (uint32_t)(v >> i & 1)
                                                                                           << at % 32;
    }

    // Sends one operation and waits for it at the other end.
    void send(int op, uint16_t locate, uint64_t name = 0, uint32_t price = 0, bool whole = false)
    {
        put(2, 1, whole);
        put(270, 64, name);
        put(334, 32, price);
        put(527, 16, locate);
        put(754, 4, op);
        dut.op_valid_i = 1;
        clock();
        dut.op_valid_i = 0;
        search_cycles = 0;
        while (!dut.out_valid_o) {
            clock();
            assert_true(++search_cycles < 2000);
        }
        for (int i = rand() % 3; i > 0; i--)
            clock(); // held until taken
        assert_true(dut.out_valid_o);
        dut.out_ready_i = 1;
        dut.clk_i = 0;
        dut.eval();
        out = {(bool)dut.out_forward_o,
               (bool)dut.out_hw_o,
               (bool)dut.out_soft_o,
               (bool)dut.out_bind_o,
               dut.out_sym_o,
               dut.out_price_q_o,
               dut.out_op_o.data()[754 / 32] >> 754 % 32 & 15};
        clock();
        dut.out_ready_i = 0;
        assert_false(dut.out_valid_o);
    }

    struct {
        bool forward, hw, soft, bind;
        unsigned sym, price_q, op;
    } out;
};

static void every_symbol_in_order_of_appearance(void **)
{
    Bench b(true);
    b.send(SYSTEM, 0);
    assert_true(b.out.forward && !b.out.hw && !b.out.soft && !b.out.bind);
    b.send(ADD, 0);
    assert_true(b.out.forward && !b.out.hw && !b.out.bind);
    b.send(TRADE, 500); // unseen, does not bind
    assert_true(b.out.forward && !b.out.hw && !b.out.soft && !b.out.bind);
    for (unsigned i = 0; i < 12; i++) {
        uint16_t locate = (uint16_t)(500 + 16 * i); // other words of the seen table
        b.send(i % 2 ? ADD : DIRECTORY, locate);
        assert_true(b.out.forward && b.out.bind);
        assert_int_equal(b.out.hw, i < symbols);
        assert_int_equal(b.out.soft, i >= symbols);
        if (i < symbols)
            assert_int_equal(b.out.sym, i);
    }
    for (unsigned i = 0; i < 12; i++) {
        b.send(i % 2 ? DIRECTORY : REDUCE, (uint16_t)(500 + 16 * i));
        assert_true(b.out.forward && !b.out.bind);
        assert_int_equal(b.out.hw, i < symbols);
        assert_int_equal(b.out.soft, i >= symbols);
        if (i < symbols)
            assert_int_equal(b.out.sym, i);
    }
    b.send(BAD, 501);
    assert_true(b.out.forward && !b.out.bind && !b.out.hw);
    b.send(BAD, 500);
    assert_true(b.out.forward && b.out.hw && b.out.sym == 0);
    b.send(GAP, 500); // not of one symbol, whatever its locate says
    assert_true(b.out.forward && !b.out.hw);
}

static void by_name(void **)
{
    std::vector<uint64_t> names = {11, 0, 22, 33, 22, 44, 55, 66, 77, 88}; // the last two find no slot in the card
    Bench b(false, names);
    b.send(REDUCE, 1, 0); // unseen
    assert_true(!b.out.forward && !b.out.hw && !b.out.bind);
    b.send(DIRECTORY, 1, 33);
    assert_true(b.out.forward && b.out.hw && b.out.bind && b.out.sym == 3);
    b.send(ADD, 1, 99); // bound already: its name does not matter
    assert_true(b.out.forward && b.out.hw && !b.out.bind && b.out.sym == 3);
    b.send(ADD, 2, 12345); // nobody asked for it
    assert_true(!b.out.forward && !b.out.hw && !b.out.soft && !b.out.bind);
    assert_true(b.search_cycles <= (int)names.size() + 4);
    b.send(DIRECTORY, 2, 11); // ignored from then on
    assert_true(!b.out.forward && !b.out.bind);
    b.send(DIRECTORY, 3, 0); // an unused entry is no name
    assert_true(!b.out.forward && !b.out.bind);
    b.send(DIRECTORY, 4, 33); // taken by locate 1
    assert_true(!b.out.forward && !b.out.bind);
    b.send(ADD, 5, 88);
    assert_true(b.out.forward && !b.out.hw && b.out.soft && b.out.bind);
    b.send(DIRECTORY, 6, 1010); // in the window's memory, but not in use
    assert_true(!b.out.forward && !b.out.bind);
    b.send(ADD, 65535, 66);
    assert_true(b.out.forward && b.out.hw && b.out.bind && b.out.sym == 7);
    b.send(HEARTBEAT, 2);
    assert_true(b.out.forward && !b.out.hw);
    b.send(BAD, 2, 0, 0, true);
    assert_true(b.out.forward && !b.out.hw);
    b.send(BAD, 7); // unseen: the twin must know
    assert_true(b.out.forward && !b.out.hw && !b.out.bind);
    b.send(ADD, 7, 44); // bound, but the bad message may have been an order
    assert_true(b.out.forward && b.out.hw && b.out.bind && b.out.sym == 5);
    assert_int_equal(b.out.op, BAD);
    b.send(BAD, 6); // ignored
    assert_false(b.out.forward);
}

static void an_empty_window_takes_nothing(void **)
{
    Bench b(false);
    b.send(ADD, 1, 1000);
    assert_true(!b.out.forward && !b.out.bind);
    b.send(SYSTEM, 0);
    assert_true(b.out.forward);
}

static void a_full_window_is_searched_to_its_end(void **)
{
    std::vector<uint64_t> names(1024);
    for (size_t i = 0; i < names.size(); i++)
        names[i] = 5000 + i;
    Bench b(false, names);
    b.send(ADD, 1, 5000 + 1023);
    assert_true(b.out.soft && b.out.bind && b.out.forward);
    b.send(ADD, 2, 4999);
    assert_true(!b.out.forward && !b.out.bind);
    b.send(ADD, 3, 5007);
    assert_true(b.out.hw && b.out.sym == 7);
}

static void every_locate_is_unseen_after_reset(void **)
{
    Bench b(true);
    for (unsigned l = 1; l < 65536; l += 7)
        b.send(DIRECTORY, (uint16_t)l);
    b.dut.rst_i = 1;
    b.clock();
    b.dut.rst_i = 0;
    while (!b.dut.ready_o)
        b.clock();
    for (unsigned l = 1; l < 65536; l += 7) {
        b.send(REDUCE, (uint16_t)l);
        assert_true(b.out.forward && !b.out.hw && !b.out.soft);
    }
    b.send(ADD, 8);
    assert_true(b.out.bind && b.out.hw && b.out.sym == 0);
}

static void divides_by_a_hundred_exactly(void **)
{
    Bench b(true);
    std::mt19937 rng(1);
    for (int i = 0; i < 60000; i++) {
        uint32_t price = i < 2000 ? (uint32_t)i : i < 4000 ? 0xffffffffu - (uint32_t)(i - 2000) : (uint32_t)rng();
        if (i % 3 == 2)
            price = price / 100 * 100 - (uint32_t)(i & 1);
        b.send(ADD, 1, 0, price);
        assert_int_equal(b.out.price_q, price / 100);
    }
}

int main()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_symbol_in_order_of_appearance), cmocka_unit_test(by_name),
        cmocka_unit_test(an_empty_window_takes_nothing),       cmocka_unit_test(a_full_window_is_searched_to_its_end),
        cmocka_unit_test(every_locate_is_unseen_after_reset),  cmocka_unit_test(divides_by_a_hundred_exactly),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
