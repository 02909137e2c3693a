// TOP: wt_backlog
// PARAMS: -GSYMBOLS=8 -GRINGS=4
// Random records into rings that drain at random: what comes out must be what came in, less what was told.
#include <csetjmp>
#include <cstdarg>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <map>
#include <vector>
extern "C" {
#include <cmocka.h>
}
#include "Vwt_backlog.h"
#include "verilated.h"
#define _Static_assert static_assert
#include "host/card/wt_schema.h"

enum { SYMBOLS = 8, RINGS = 4, EV_ROOM = 16, OF_ROOM = 32 };

struct Bytes60 {
    uint8_t b[60];
};

struct Bench {
    Vwt_backlog dut;
    uint64_t seq = 0;
    unsigned ring_of[SYMBOLS] = {0, 1, 2, 3, 1, 2, 3, 0};
    unsigned there = 0xf;
    unsigned held[RINGS] = {}, flow_held = 0;
    bool ev_offered = false, of_offered = false;
    union wt_event_record ev;
    struct wt_of_record of;
    bool of_software = false;
    // Events that must come out of each ring yet, in order, but for BBO records, of which the newest of each symbol
    // is kept with the number before it; trades may be told as lost instead.
    std::deque<wt_event_record> due[RINGS];
    std::deque<uint64_t> dropped[RINGS]; // trades not yet told as lost
    struct Waiting {
        bool any = false;
        wt_event_record newest;
        uint32_t folded = 0;
    } waiting[SYMBOLS];
    std::deque<wt_of_record> flow_due; // given, to come out or to be told as shed
    std::deque<bool> flow_software;
    uint64_t bbo_in = 0, bbo_out = 0, conflated = 0, lost = 0, shed = 0, shed_software = 0, trades = 0, late = 0;
    unsigned urgent = 0;
    bool was_urgent = false;

    Bench()
    {
        dut.rst_i = 1;
        dut.rings_i = there;
        for (int i = 0; i < 3; i++)
            clock();
        dut.rst_i = 0;
    }
    void clock()
    {
        dut.clk_i = 0;
        dut.eval();
        dut.clk_i = 1;
        dut.eval();
    }
    unsigned to(unsigned symbol) const
    {
        return symbol < SYMBOLS && (there >> ring_of[symbol] & 1) ? ring_of[symbol] : 0;
    }
    void offer_event()
    {
        memset(&ev, 0, sizeof ev);
        unsigned symbol = rand() % 4 ? rand() % 3 : rand() % SYMBOLS;
        switch (rand() % 40) {
        case 0:
            ev.head.kind = WT_RECORD_TYPE_SYMBOL;
            break;
        case 1:
            ev.head.kind = rand() % 2 ? WT_RECORD_TYPE_GAP : WT_RECORD_TYPE_SESSION;
            symbol = 0xffff;
            break;
        case 2:
            ev.head.kind = WT_RECORD_TYPE_SYSTEM;
            symbol = 0xffff;
            break;
        case 3:
            ev.head.kind = WT_RECORD_TYPE_TRADING_STATE;
            symbol = rand() % 2 ? 0xffff : symbol;
            break;
        case 4 ... 15:
            ev.head.kind = WT_RECORD_TYPE_TRADE;
            break;
        default:
            ev.head.kind = WT_RECORD_TYPE_BBO;
        }
        ev.head.symbol = (uint16_t)symbol;
        ev.head.channel = 3;
        ev.head.feed_seq = ++seq;
        ev.head.stamp = rand();
        ev.head.ingress_ns = seq * 3;
        ev.word[8] = rand();
        ev.word[10] = (uint32_t)seq;
        ev_offered = true;
    }
    void offer_flow()
    {
        memset(&of, 0, sizeof of);
        of.feed_seq = ++seq;
        of.flags = (uint8_t)(rand() % 3);
        if (rand() % 20 == 0) {
            of.flags |= WT_OFF_MARKER | (rand() % 4 ? 0 : WT_OFF_GAP) | (rand() % 8 ? 0 : WT_OFF_END);
        } else {
            of.length = 20;
            of.raw[5] = (uint8_t)rand();
        }
        of_software = rand() % 4 == 0;
        of_offered = true;
    }
    // A record comes out of a ring.
    void take(unsigned ring, const wt_event_record &got)
    {
        if (got.head.kind == WT_RECORD_TYPE_BBO) {
            unsigned s = got.head.symbol;
            assert_in_range(s, 0, SYMBOLS - 1);
            assert_int_equal(ring, to(s));
            assert_true(waiting[s].any);
            wt_event_record want = waiting[s].newest;
            want.bbo.conflated = waiting[s].folded;
            want.head.flags = waiting[s].folded ? WT_EVF_CONFLATED : 0;
            assert_memory_equal(&got, &want, 60);
            waiting[s].any = false;
            conflated += waiting[s].folded;
            bbo_out++;
            // Never behind a record that says what became of the symbol later: that one is still due.
            return;
        }
        if (got.head.kind == WT_RECORD_TYPE_TRADES_LOST) {
            const size_t n = dropped[ring].size();
            assert_true(n > 0);
            assert_int_equal(got.trades_lost.count, n);
            assert_int_equal(got.trades_lost.first_seq, dropped[ring].front());
            assert_int_equal(got.head.feed_seq, dropped[ring].back());
            dropped[ring].clear();
            assert_int_equal(got.head.symbol, 0xffff);
            assert_int_equal(got.head.channel, 3);
            lost += n;
            return;
        }
        assert_false(due[ring].empty());
        assert_memory_equal(&got, &due[ring].front(), 60);
        due[ring].pop_front();
        if (got.head.kind == WT_RECORD_TYPE_SYMBOL)
            assert_false(waiting[got.head.symbol].any);
        if (got.head.kind == WT_RECORD_TYPE_GAP || got.head.kind == WT_RECORD_TYPE_SESSION)
            for (unsigned s = 0; s < SYMBOLS; s++)
                assert_false(to(s) == ring && waiting[s].any);
    }
    void take_flow(const wt_of_record &got)
    {
        unsigned channel = got.flags & 7;
        if (!marker_of_shed) {
            // The first of its channel that is due: nothing of it was shed since.
            size_t i = 0;
            while (i < flow_due.size() && (flow_due[i].flags & 7) != channel)
                i++;
            assert_true(i < flow_due.size());
            assert_memory_equal(&got, &flow_due[i], 60);
            flow_due.erase(flow_due.begin() + i);
            flow_software.erase(flow_software.begin() + i);
            return;
        }
        wt_of_shed s;
        memcpy(&s, &got, sizeof s);
        uint64_t n = 0, software = 0, last = 0;
        uint8_t flags = WT_OFF_MARKER | (uint8_t)channel;
        for (size_t i = 0; i < flow_due.size() && flow_due[i].feed_seq <= s.feed_seq;) {
            if ((flow_due[i].flags & 7) != channel) {
                i++;
                continue;
            }
            bool m = flow_due[i].flags & WT_OFF_MARKER;
            n += !m;
            software += !m && flow_software[i];
            flags |= flow_due[i].flags & (WT_OFF_GAP | WT_OFF_END);
            last = flow_due[i].feed_seq;
            flow_due.erase(flow_due.begin() + i);
            flow_software.erase(flow_software.begin() + i);
        }
        assert_int_equal(s.feed_seq, last);
        assert_int_equal(s.shed, n);
        assert_int_equal(s.software, software);
        assert_int_equal(s.flags, flags | (n ? WT_OFF_SHED : 0));
        shed += n - software;
        shed_software += software;
    }
    bool marker_of_shed = false;

    void step(bool offer_ev, bool offer_of, unsigned ev_drain, unsigned of_drain)
    {
        if (offer_ev && !ev_offered)
            offer_event();
        if (offer_of && !of_offered)
            offer_flow();
        dut.urgent_i = urgent;
        dut.ev_valid_i = ev_offered;
        memcpy(&dut.ev_data_i, &ev, 60);
        dut.ev_ring_i = ev.head.symbol < SYMBOLS ? ring_of[ev.head.symbol] : 0;
        dut.of_valid_i = of_offered;
        memcpy(&dut.of_data_i, &of, 60);
        dut.of_software_i = of_software;
        unsigned full = 0, high = 0;
        for (unsigned r = 0; r < RINGS; r++) {
            full |= (held[r] == EV_ROOM) << r;
            high |= (held[r] >= EV_ROOM * 3 / 4) << r;
        }
        dut.ev_full_i = full;
        dut.ev_high_i = high;
        dut.of_full_i = flow_held == OF_ROOM;
        dut.of_high_i = flow_held >= OF_ROOM * 3 / 4;
        dut.of_low_i = flow_held < OF_ROOM / 4;
        dut.clk_i = 0;
        dut.eval();

        bool ev_taken = dut.ev_valid_i && dut.ev_ready_o, of_taken = dut.of_valid_i && dut.of_ready_o;
        // What is taken is due; where it went shows in the same cycle.
        bool to_all = ev.head.kind == WT_RECORD_TYPE_GAP || ev.head.kind == WT_RECORD_TYPE_SESSION ||
                      ev.head.kind == WT_RECORD_TYPE_SYSTEM;
        bool passes = dut.ev_valid_o && !dut.ev_kept_o;
        // Nothing that was taken before stays here without a word: order flow must wait for it.
        for (unsigned s = 0; s < SYMBOLS; s++)
            if (waiting[s].any)
                assert_true(dut.ev_waits_o);
        if (dut.ev_valid_o && dut.ev_kept_o) {
            wt_event_record got;
            memset(&got, 0, sizeof got);
            memcpy(&got, &dut.ev_kept_data_o, 60);
            assert_false(full >> dut.ev_ring_o & 1);
            take(dut.ev_ring_o, got);
            held[dut.ev_ring_o]++;
        }
        if (passes) {
            unsigned r = dut.ev_ring_o;
            assert_false(full >> r & 1);
            if (to_all)
                assert_true(there >> r & 1);
            else
                assert_int_equal(r, to(ev.head.symbol));
            if (ev.head.kind == WT_RECORD_TYPE_BBO) {
                assert_false(waiting[ev.head.symbol].any);
                waiting[ev.head.symbol].any = true;
                waiting[ev.head.symbol].newest = ev;
                waiting[ev.head.symbol].folded = 0;
                bbo_in++;
            } else {
                due[r].push_back(ev);
                trades += ev.head.kind == WT_RECORD_TYPE_TRADE;
            }
            take(r, ev);
            held[r]++;
        } else if (ev_taken && ev.head.kind == WT_RECORD_TYPE_BBO) {
            Waiting &w = waiting[ev.head.symbol];
            assert_true(was_urgent);
            w.folded = w.any ? w.folded + 1 : 0;
            w.any = true;
            w.newest = ev;
            bbo_in++;
        } else if (ev_taken && ev.head.kind == WT_RECORD_TYPE_TRADE) {
            unsigned r = to(ev.head.symbol);
            assert_true(was_urgent && (full >> r & 1));
            dropped[r].push_back(ev.head.feed_seq);
            trades++;
        } else if (ev_taken) {
            assert_true(to_all); // the last of the rings is not there
        }
        if (of_taken) {
            flow_due.push_back(of);
            flow_software.push_back(of_software);
            if (!dut.of_valid_o || dut.of_marker_o) { // shed
                assert_true(was_urgent);
                if (of_software || (of.flags & WT_OFF_MARKER))
                    assert_int_equal(flow_held, OF_ROOM);
            }
        }
        if (dut.of_valid_o) {
            assert_true(flow_held < OF_ROOM);
            wt_of_record got = of;
            marker_of_shed = dut.of_marker_o;
            if (dut.of_marker_o) {
                memset(&got, 0, sizeof got);
                memcpy(&got, &dut.of_marker_data_o, 60);
            } else {
                assert_true(of_taken);
            }
            take_flow(got);
            flow_held++;
        }
        was_urgent = was_urgent || urgent;
        dut.clk_i = 1;
        dut.eval();
        ev_offered = ev_offered && !ev_taken;
        of_offered = of_offered && !of_taken;
        for (unsigned r = 0; r < RINGS; r++)
            if (held[r] && (ev_drain >> r & 1))
                held[r]--;
        if (flow_held && of_drain)
            flow_held--;
    }
    void drain()
    {
        urgent = 0;
        for (int i = 0; i < 2000 && !(dut.idle_o && !ev_offered && !of_offered); i++)
            step(false, false, 0xf, 1);
        for (int i = 0; i < 4; i++)
            step(false, false, 0xf, 1);
        assert_true(dut.idle_o && !dut.ev_waits_o && flow_due.empty());
        for (unsigned r = 0; r < RINGS; r++)
            assert_true(due[r].empty() && dropped[r].empty());
        for (auto &w : waiting)
            assert_false(w.any);
        assert_true(bbo_in == bbo_out + conflated);
        assert_true(dut.cnt_conflated_o == conflated && dut.cnt_trades_lost_o == lost);
        assert_true(dut.cnt_shed_o == shed && dut.cnt_shed_software_o == shed_software);
    }
};

static void run(unsigned there, bool urgency, unsigned seed)
{
    srand(seed);
    Bench b;
    b.there = there;
    b.dut.rings_i = there;
    for (int i = 0; i < 60000; i++) {
        int phase = i / 400;
        // Phases: of a link that keeps up, of one that does not, of a ring that nobody reads, of order flow alone.
        b.urgent = urgency && phase % 3 == 1 && (i / 50) % 2;
        unsigned ev = 0;
        for (unsigned r = 0; r < RINGS; r++)
            ev |= (rand() % (phase % 4 == 1 ? 12 : 3) == 0 && !(phase % 5 == 2 && r == 1)) << r;
        b.step(rand() % 3 != 0, rand() % 2 == 0, ev, rand() % (phase % 6 == 4 ? 40 : 3) == 0);
    }
    b.drain();
    assert_true(b.bbo_in > 5000 && b.trades > 1000);
    print_message("# rings %x: %llu folded, %llu trades lost, %llu shed, %llu of them of no symbol of the card\n",
                  there, (unsigned long long)b.conflated, (unsigned long long)b.lost,
                  (unsigned long long)(b.shed + b.shed_software), (unsigned long long)b.shed_software);
    if (urgency) {
        assert_true(b.conflated > 300 && b.lost > 10 && b.shed > 100 && b.shed_software > 10);
        assert_true(b.dut.cnt_pressure_o > 1000 && b.dut.max_folded_o > 2);
    } else {
        assert_int_equal(b.conflated + b.lost + b.shed + b.shed_software, 0);
        assert_true(b.dut.cnt_pressure_o == 0 && b.dut.max_folded_o == 0);
    }
}

static void nothing_is_lost_while_it_may_wait(void **)
{
    run(0xf, false, 31);
    run(0x1, false, 32);
}

static void everything_lost_is_told(void **)
{
    for (unsigned seed = 33; seed < 37; seed++)
        run(0xf, true, seed);
}

// Rings that are not there: ring 0 stands in.
static void fewer_rings(void **)
{
    run(0x1, true, 41);
    run(0x5, true, 42);
}

// What finds room passes in the same cycle.
static void nothing_is_late(void **)
{
    srand(43);
    Bench b;
    for (int i = 0; i < 2000; i++) {
        b.step(true, true, 0xf, 1);
        if (b.dut.ev_valid_i && b.ev.head.kind == WT_RECORD_TYPE_BBO)
            assert_false(b.ev_offered);
        assert_false(b.of_offered);
    }
    b.drain();
}

int main()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_lost_while_it_may_wait),
        cmocka_unit_test(everything_lost_is_told),
        cmocka_unit_test(fewer_rings),
        cmocka_unit_test(nothing_is_late),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
