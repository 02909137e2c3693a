// TOP: wt_itch_decode
#include <csetjmp>
#include <cstdarg>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
extern "C" {
#include <cmocka.h>
}
#include "Vwt_itch_decode.h"
#include "tests/hdl/feed_model.h"
#include "verilated.h"

static void run(const std::vector<Item> &items, unsigned in_percent, unsigned out_percent)
{
    Vwt_itch_decode dut;
    Random r(in_percent * 101 + out_percent);
    size_t in = 0, out = 0;
    unsigned stuck = 0;
    bool offered = false;
    dut.rst_i = 1;
    while (out < items.size()) {
        dut.clk_i = 0;
        dut.op_ready_i = r.chance(out_percent);
        if (!offered && in < items.size() && r.chance(in_percent)) {
            const Item &i = items[in];
            offered = true;
            dut.in_op_i = i.op;
            dut.in_channel_i = i.channel;
            for (unsigned w = 0; w < 13; w++)
                dut.in_raw_i[w] = i.op == NOP ? 0 : (uint32_t)r.bits();
            if (i.op == NOP) {
                for (size_t k = 0; k < i.message.size() && k < 50; k++)
                    dut.in_raw_i[k / 4] |= (uint32_t)i.message[k] << (8 * (k % 4));
                dut.in_raw_i[12] |= (uint32_t)std::min<size_t>(255, i.message.size()) << 16;
            } else {
                dut.in_raw_i[12] &= 0xffffff;
            }
            dut.in_seq_i = i.seq;
            dut.in_ns_i = i.ns;
            dut.in_cycle_i = i.cycle;
            dut.in_first_i = i.first;
            dut.in_missing_i = i.missing;
            dut.in_event_i = i.event;
            for (unsigned k = 0; k < 3; k++)
                dut.in_session_i[k] = 0;
            for (size_t k = 0; k < i.session.size(); k++)
                dut.in_session_i[k / 4] |= (uint32_t)i.session[k] << (8 * (k % 4));
        }
        dut.in_valid_i = offered;
        dut.eval();
        if (!dut.rst_i && offered && dut.in_ready_o) {
            offered = false;
            in++;
        }
        if (!dut.rst_i && dut.op_valid_o && dut.op_ready_i) {
            assert_true(out < in || (out == in && offered));
            const Item &i = items[out++];
            assert_string_equal(differs(dut.op_o, decode(i)).c_str(), "");
            assert_string_equal(raw_differs(dut.raw_o, i.message).c_str(), "");
            stuck = 0;
        }
        dut.clk_i = 1;
        dut.eval();
        dut.rst_i = 0;
        assert_true(stuck++ < 1000);
    }
}

static Item message(const Bytes &m, Random &r)
{
    Item i;
    i.message = m;
    i.seq = r.bits();
    i.ns = r.bits();
    i.cycle = (uint32_t)r.bits();
    return i;
}

static void run_all_ways(const std::vector<Item> &items)
{
    run(items, 100, 100);
    run(items, 100, 50);
    run(items, 50, 100);
    run(items, 50, 50);
}

static void decodes_all_types(void **)
{
    Random r(30);
    std::vector<Item> items;
    for (unsigned round = 0; round < 300; round++)
        for (auto &t : ITCH_TYPES)
            items.push_back(message(make_itch((uint8_t)t.type, t.length, r), r));
    run_all_ways(items);
}

static void judges_every_type_at_every_length(void **)
{
    Random r(31);
    std::vector<Item> items;
    for (unsigned type = 0; type < 256; type++)
        for (unsigned n = 0; n <= 60; n++)
            items.push_back(message(make_itch((uint8_t)type, n, r), r));
    for (auto &t : ITCH_TYPES)
        for (unsigned n : {254u, 255u, 256u, 1000u, 256u + t.length})
            items.push_back(message(make_itch((uint8_t)t.type, n, r), r));
    run_all_ways(items);
}

static void refuses_sides_that_are_none(void **)
{
    Random r(32);
    std::vector<Item> items;
    for (unsigned side = 0; side < 256; side++)
        for (char t : {'A', 'F'}) {
            Bytes m = make_itch((uint8_t)t, itch_length((uint8_t)t), r);
            m[19] = (uint8_t)side;
            items.push_back(message(m, r));
        }
    run_all_ways(items);
}

static void passes_what_is_no_message(void **)
{
    Random r(33);
    std::vector<Item> items;
    for (unsigned n = 0; n < 500; n++) {
        Item i = message({}, r);
        const Op ops[] = {GAP, HEARTBEAT, SESSION, GAP_NOTE};
        i.op = ops[r.below(4)];
        if (i.op == NOP)
            i.message = make_itch('A', 36, r);
        i.first = r.bits();
        i.missing = r.bits();
        i.event = (uint8_t)(1 + r.below(3));
        put(i.session, r.bits(), 8);
        put(i.session, r.bits(), 2);
        items.push_back(i);
    }
    run_all_ways(items);
}

int main()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(decodes_all_types),
        cmocka_unit_test(judges_every_type_at_every_length),
        cmocka_unit_test(refuses_sides_that_are_none),
        cmocka_unit_test(passes_what_is_no_message),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
