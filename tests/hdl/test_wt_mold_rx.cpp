// TOP: wt_mold_rx
// PARAMS: -GBUFFER_LOG2=5 -GDATAGRAMS_LOG2=3
#include <csetjmp>
#include <cstdarg>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
extern "C" {
#include <cmocka.h>
}
#include "Vwt_mold_rx.h"
#include "tests/hdl/feed_model.h"
#include "verilated.h"

static const size_t CAPACITY = 32;

struct Sent {
    Bytes bytes;
    bool good = true;
};

struct Options {
    uint64_t seed = 1, start = 1;
    unsigned in_percent = 100, out_percent = 100;
    // When one is given: cycles of each datagram's walk and of the whole run.
    uint64_t *cycles = nullptr;
};

// Sends datagrams as wt_udp_rx would and compares what comes out with MoldModel.
static void run(const std::vector<Sent> &datagrams, const Options &o)
{
    Vwt_mold_rx dut;
    Random r(o.seed);
    MoldModel model(o.start, CAPACITY);
    std::deque<Item> want;
    size_t datagram = 0, at = 0;
    unsigned stuck = 0, quiet = 0;
    bool offered = false, ends = false;
    dut.rst_i = 1;
    dut.start_seq_i = o.start;
    uint32_t cycle = 0;
    for (; quiet < 8; cycle++) {
        dut.clk_i = 0;
        dut.out_ready_i = r.chance(o.out_percent);
        if (!offered && datagram < datagrams.size() && r.chance(o.in_percent)) {
            const Bytes &d = datagrams[datagram].bytes;
            size_t n = std::min<size_t>(8, d.size() - at);
            // The last word may come with the end, or the end alone behind it.
            ends = at + n == d.size() && (n == 0 || r.chance(70));
            dut.in_data_i = r.bits();
            for (size_t i = 0; i < n; i++) {
                dut.in_data_i &= ~(0xffull << (8 * i));
                dut.in_data_i |= (uint64_t)d[at + i] << (8 * i);
            }
            dut.in_bytes_i = (uint8_t)n;
            dut.in_last_i = ends;
            dut.in_good_i = ends ? datagrams[datagram].good : r.chance(50);
            dut.in_ns_i = 7 * datagram;
            dut.in_cycle_i = (uint32_t)datagram;
            at += n;
            offered = true;
        }
        dut.in_valid_i = offered;
        dut.eval();
        if (at && !offered)
            assert_false(dut.idle_o);
        if (!dut.rst_i && offered && dut.in_ready_o) {
            offered = false;
            stuck = 0;
            if (ends) {
                if (datagrams[datagram].good)
                    for (const Item &i : model.take(datagrams[datagram].bytes, 7 * datagram, (uint32_t)datagram))
                        want.push_back(i);
                datagram++;
                at = 0;
                ends = false;
            }
        }
        if (!dut.rst_i && dut.out_valid_o && dut.out_ready_i) {
            stuck = 0;
            assert_false(want.empty());
            const Item &w = want.front();
            assert_int_equal(dut.out_op_o, w.op);
            assert_int_equal(dut.out_seq_o, w.seq);
            assert_int_equal(dut.out_ns_o, w.ns);
            assert_int_equal(dut.out_cycle_o, w.cycle);
            if (w.op == NOP)
                assert_string_equal(raw_differs(dut.out_raw_o, w.message).c_str(), "");
            if (w.op == GAP) {
                assert_int_equal(dut.out_first_o, w.first);
                assert_int_equal(dut.out_missing_o, w.missing);
            }
            if (w.op == SESSION) {
                assert_int_equal(dut.out_event_o, w.event);
                for (unsigned i = 0; i < 10; i++)
                    assert_int_equal(bits_of(dut.out_session_o, 8 * i, 8), w.session[i]);
            }
            want.pop_front();
        }
        quiet = datagram == datagrams.size() && !offered && dut.idle_o ? quiet + 1 : 0;
        dut.clk_i = 1;
        dut.eval();
        dut.rst_i = 0;
        assert_true(stuck++ < 2000);
    }
    assert_true(want.empty());
    for (unsigned i = 0; i < MOLD_COUNTERS; i++)
        assert_int_equal(bits_of(dut.counters_o, 64 * i, 64), model.counters[i]);
    if (o.cycles)
        *o.cycles = cycle;
}

static void run_all_ways(const std::vector<Sent> &datagrams, uint64_t start = 1)
{
    const unsigned speeds[][2] = {{100, 100}, {60, 100}, {100, 40}, {50, 50}, {100, 5}};
    uint64_t seed = 1;
    for (auto &s : speeds) {
        Options o;
        o.seed = seed++;
        o.start = start;
        o.in_percent = s[0];
        o.out_percent = s[1];
        run(datagrams, o);
    }
}

static Bytes block(size_t n, Random &r)
{
    Bytes b(n);
    for (auto &x : b)
        x = (uint8_t)r.bits();
    return b;
}

static std::vector<Bytes> blocks(unsigned count, unsigned shortest, unsigned longest, Random &r)
{
    std::vector<Bytes> v;
    while (v.size() < count)
        v.push_back(block(shortest + r.below(longest - shortest + 1), r));
    return v;
}

static void finds_messages_at_every_offset(void **)
{
    Random r(20);
    std::vector<Sent> d;
    uint64_t seq = 1;
    // Every length behind every length up to 60, so every offset, and many short ones in a word.
    for (unsigned a = 0; a <= 60; a++)
        for (unsigned b = 0; b <= 60; b += 1 + (a > 12) * r.below(7)) {
            std::vector<Bytes> v = {block(a, r), block(b, r), block(r.below(4), r), block(19, r)};
            d.push_back({make_mold("SESSION01", seq, 4, v)});
            seq += 4;
        }
    run_all_ways(d);
}

static void takes_oversize_messages_whole(void **)
{
    Random r(21);
    std::vector<Sent> d;
    uint64_t seq = 1;
    for (unsigned n : {49u, 50u, 51u, 56u, 57u, 58u, 64u, 254u, 255u, 256u, 1000u, 1399u, 1400u})
        for (unsigned before = 0; before < 8; before++) {
            d.push_back({make_mold("S", seq, 3, {block(before, r), block(n, r), block(5, r)})});
            seq += 3;
        }
    run_all_ways(d);
}

static void drops_datagrams_that_do_not_add_up(void **)
{
    Random r(22);
    std::vector<Sent> d;
    uint64_t seq = 1;
    for (unsigned round = 0; round < 40; round++) {
        unsigned n = 1 + r.below(5);
        Bytes b = make_mold("S", seq, n, blocks(n, 0, 40, r));
        Sent good{b};
        for (size_t cut = 0; cut < b.size(); cut++) {
            Bytes shorter(b.begin(), b.begin() + (long)cut);
            if (r.chance(40))
                d.push_back({shorter, true}); // all are bad: nothing behind the last block
        }
        Bytes more = b;
        more[18] = r.chance(20) ? (uint8_t)r.bits() : 0;
        more[19] = (uint8_t)(n + 1 + r.below(5)); // counts that overrun
        d.push_back({more, true});
        Bytes trailing = b;
        for (unsigned i = r.below(20); i--;)
            trailing.push_back((uint8_t)r.bits());
        d.push_back({b, false}); // a bad frame
        d.push_back({trailing, true});
        seq += n;
        Bytes longer = b; // a length that points behind the end
        longer[20] = (uint8_t)(r.chance(50) ? 0xff : 0);
        longer[21] = 0xff;
        d.push_back({longer, true});
    }
    run_all_ways(d);
}

static void keeps_the_sequence(void **)
{
    Random r(23);
    for (uint64_t start : {1ull, 1000ull, 0xffffffffffull}) {
        std::vector<Sent> d;
        uint64_t seq = start + r.below(2);
        std::string session = "0000100";
        for (unsigned i = 0; i < 1500; i++) {
            unsigned n = 1 + r.below(6);
            uint64_t at = seq;
            switch (r.below(12)) {
            case 0:
                at = seq - std::min<uint64_t>(seq, r.below(8)); // duplicates, whole or in part
                break;
            case 1:
                at = seq + 1 + r.below(5); // a gap
                break;
            case 2:
            case 3:
                n = 0;
                at = seq + (r.chance(30) ? r.below(4) : 0) - r.below(2);
                break;
            case 4:
                n = 0xffff;
                at = seq + (r.chance(30) ? r.below(4) : 0);
                break;
            }
            if (r.chance(2)) {
                session[6] ^= (char)(1 + r.below(3));
                at = r.chance(50) ? 1 : at + r.below(1000);
                seq = at;
            }
            bool good = r.chance(95);
            std::vector<Bytes> v = blocks(n == 0xffff ? 0 : n, 0, 40, r);
            if (n == 0xffff && r.chance(50))
                v = blocks(3, 0, 40, r); // blocks behind an end are trailing bytes
            d.push_back({make_mold(session, at, n, v), good});
            if (good)
                seq = std::max(seq, at + (n == 0xffff ? 0 : n));
        }
        run_all_ways(d, start);
    }
}

// As many messages as there is room for, one more, and many more; then life goes on.
static void drops_what_cannot_ever_fit(void **)
{
    Random r(24);
    std::vector<Sent> d;
    uint64_t seq = 1;
    for (unsigned round = 0; round < 20; round++)
        for (unsigned n : {1u, 31u, 32u, 33u, 34u, 40u, 200u, 5u}) {
            d.push_back({make_mold("S", seq, n, blocks(n, 0, r.chance(50) ? 3 : 30, r))});
            if (n <= CAPACITY)
                seq += n;
        }
    run_all_ways(d);
}

static void keeps_line_rate(void **)
{
    Random r(25);
    std::vector<Sent> d;
    uint64_t seq = 1, words = 0, cycles = 0;
    for (unsigned i = 0; i < 100; i++) {
        unsigned n = 20;
        d.push_back({make_mold("S", seq, n, blocks(n, 6, i % 2 ? 6 : 19, r))});
        words += (d.back().bytes.size() + 7) / 8;
        seq += n;
    }
    Options o;
    o.cycles = &cycles;
    run(d, o);
    // The end that comes alone costs a cycle here; nothing else does.
    assert_true(cycles < words + 100 + 50);
}

int main()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_messages_at_every_offset),     cmocka_unit_test(takes_oversize_messages_whole),
        cmocka_unit_test(drops_datagrams_that_do_not_add_up), cmocka_unit_test(keeps_the_sequence),
        cmocka_unit_test(drops_what_cannot_ever_fit),         cmocka_unit_test(keeps_line_rate),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
