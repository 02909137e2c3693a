// TOP: wt_core
// PARAMS: -GSYMBOLS=8 -GORDER_SLOTS=4096 -GLEVEL_SLOTS=4096 -GNODE_SLOTS=2048
#include <csetjmp>
#include <cstdarg>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <string>
#include <vector>
extern "C" {
#include <cmocka.h>
}
#include "tests/hdl/core_bench.h"

// ---------------------------------------------------------------- what comes of a small day

#ifndef ROUNDS
#define ROUNDS 400 // reads while records fly
#endif
#ifndef LATEST
#define LATEST 200 // cycles from a packet's end to the record of its last message
#endif

static const std::vector<Bytes> DAY = {
    system_event(100, 'O'),                       // 1
    directory(7, 200, "AAPL"),                    // 2
    directory(8, 210, "MSFT"),                    // 3: not subscribed
    add(7, 1000, 501, 'B', 100, "AAPL", 1000000), // 4
    add(7, 1001, 502, 'S', 200, "AAPL", 1000500), // 5
    add(7, 1002, 503, 'B', 50, "AAPL", 999900),   // 6: behind the best
    add(8, 1003, 900, 'B', 10, "MSFT", 500000),   // 7: not ours
    execute(7, 1004, 501, 40, 77001),             // 8
    halt(7, 1005, "AAPL", 'H', "T1  "),           // 9
    remove(7, 1006, 501),                         // 10: 503 is next
    replace(7, 1007, 502, 504, 150, 1000400),     // 11
    remove(7, 1008, 4711),                        // 12: no such order
    add(3, 1009, 601, 'S', 5, "ZVZZT", 2000000),  // 13: bound by its first add
    add(7, 1010, 505, 'B', 30, "AAPL", 999900),   // 14: joins 503
};

static std::string text(const Bytes &m)
{
    return std::string(m.begin(), m.end());
}

// One line per event: enough to compare a day whole.
static std::string line(const wt_event_record &e)
{
    char s[200];
    const struct wt_ev_head &h = e.head;
    int n =
        snprintf(s, sizeof s, "%u seq %llu ns %llu sym %d loc %u flags %x: ", h.kind, (unsigned long long)h.feed_seq,
                 (unsigned long long)(h.stamp & 0xffffffffffff), h.symbol == 0xffff ? -1 : h.symbol, h.locate, h.flags);
    char *p = s + n;
    size_t room = sizeof s - (size_t)n;
    switch (h.kind) {
    case WT_RECORD_TYPE_BBO:
        snprintf(p, room, "%u x %u (%u) / %u x %u (%u)", e.bbo.bid_price, e.bbo.bid_shares, e.bbo.bid_orders,
                 e.bbo.ask_price, e.bbo.ask_shares, e.bbo.ask_orders);
        break;
    case WT_RECORD_TYPE_TRADE:
        snprintf(p, room, "%llu @ %u kind %u %c match %llu", (unsigned long long)e.trade.shares, e.trade.price,
                 e.trade.print, e.trade.itch_type, (unsigned long long)e.trade.match);
        break;
    case WT_RECORD_TYPE_TRADING_STATE:
        snprintf(p, room, "%c %.4s", e.state.state, (const char *)e.state.reason);
        break;
    case WT_RECORD_TYPE_SYSTEM:
        snprintf(p, room, "%c", e.system.code);
        break;
    case WT_RECORD_TYPE_SYMBOL:
        snprintf(p, room, "%.8s state %u reason %u", (const char *)e.symbol.name, e.symbol.state, e.symbol.reason);
        break;
    case WT_RECORD_TYPE_GAP:
        snprintf(p, room, "from %llu, %llu, reason %u", (unsigned long long)e.gap.first_missing,
                 (unsigned long long)e.gap.count, e.gap.reason);
        break;
    case WT_RECORD_TYPE_SESSION:
        snprintf(p, room, "%.10s %u", (const char *)e.session.session, e.session.session_event);
        break;
    default:
        snprintf(p, room, "?");
    }
    return s;
}

static const char *const DAY_EVENTS[] = {
    "7 seq 1 ns 0 sym -1 loc 0 flags 0: SESSION001 1",
    "4 seq 1 ns 100 sym -1 loc 0 flags 0: O",
    "5 seq 2 ns 200 sym 1 loc 7 flags 1: AAPL     state 1 reason 0",
    "1 seq 4 ns 1000 sym 1 loc 7 flags 1: 1000000 x 100 (1) / 0 x 0 (0)",
    "1 seq 5 ns 1001 sym 1 loc 7 flags 1: 1000000 x 100 (1) / 1000500 x 200 (1)",
    "2 seq 8 ns 1004 sym 1 loc 7 flags 81: 40 @ 1000000 kind 0 E match 77001",
    "1 seq 8 ns 1004 sym 1 loc 7 flags 1: 1000000 x 60 (1) / 1000500 x 200 (1)",
    "3 seq 9 ns 1005 sym 1 loc 7 flags 1: H T1  ",
    "1 seq 10 ns 1006 sym 1 loc 7 flags 1: 999900 x 50 (1) / 1000500 x 200 (1)",
    "1 seq 11 ns 1007 sym 1 loc 7 flags 1: 999900 x 50 (1) / 1000400 x 150 (1)",
    "5 seq 13 ns 1009 sym 0 loc 3 flags 1: ZVZZT    state 1 reason 0",
    "1 seq 13 ns 1009 sym 0 loc 3 flags 1: 0 x 0 (0) / 2000000 x 5 (1)",
    "1 seq 14 ns 1010 sym 1 loc 7 flags 1: 999900 x 80 (2) / 1000400 x 150 (1)",
};

// Play the day in packets of so many messages, and compare everything that comes of it.
static void play_day(Card &card, unsigned per_packet)
{
    for (size_t at = 0; at < DAY.size(); at += per_packet) {
        std::vector<Bytes> some(DAY.begin() + (long)at, DAY.begin() + (long)std::min(at + per_packet, DAY.size()));
        card.frames.push_back({packet(at + 1, some), false});
    }
    card.settle();
    wt_event_record e;
    for (const char *want : DAY_EVENTS) {
        assert_true(card.ev.pop(&e));
        assert_string_equal(line(e).c_str(), want);
        assert_true(e.head.ingress_ns != 0);
        assert_in_range(e.head.stamp >> 48, 1, card.lazy ? 5000 : LATEST);
    }
    assert_false(card.ev.pop(&e));
    wt_of_record f;
    assert_true(card.of.pop(&f)); // the session's start
    assert_int_equal(f.length, 0);
    assert_int_equal(f.flags, WT_OFF_MARKER);
    assert_int_equal(f.feed_seq, 0);
    for (size_t i = 0; i < DAY.size(); i++) {
        if (DAY[i][2] == 8)
            continue; // MSFT is nobody's
        assert_true(card.of.pop(&f));
        assert_int_equal(f.feed_seq, i + 1);
        assert_int_equal(f.flags, 0);
        assert_int_equal(f.length, DAY[i].size());
        assert_true(std::string((const char *)f.raw, f.length) == text(DAY[i]));
        for (unsigned k = f.length; k < 50; k++)
            assert_int_equal(f.raw[k], 0);
    }
    assert_false(card.of.pop(&f));
    card.tell();
    card.settle();
    assert_int_equal(card.read(WT_REG_CNT_MESSAGES, 2), DAY.size());
    assert_int_equal(card.read(WT_REG_CNT_UNKNOWN_REF, 2), 1);
    assert_int_equal(card.read(WT_REG_CNT_EVENTS, 2), sizeof DAY_EVENTS / sizeof *DAY_EVENTS);
    assert_int_equal(card.read(WT_REG_CNT_BBO, 2), 7);
    assert_int_equal(card.read(WT_REG_CNT_ORDER_FLOW, 2), DAY.size() - 2 + 1);
    assert_int_equal(card.read(WT_REG_CNT_ORDERS_LIVE, 2), 4);
    assert_int_equal(card.read(WT_REG_EV_PROD, 1), sizeof DAY_EVENTS / sizeof *DAY_EVENTS);
    assert_int_equal(card.read(WT_REG_CNT_BAD_REQUEST, 2), 0);
    card.settle();
}

static void frames_become_records(void **)
{
    static const unsigned packets[] = {1, 3, 20};
    for (unsigned per_packet : packets) {
        Card card;
        card.open({"ZVZZT", "AAPL"});
        play_day(card, per_packet);
    }
    srand(31);
    Card card;
    card.lazy = true;
    card.open({"ZVZZT", "AAPL"});
    play_day(card, 5);
}

// A gap, a heartbeat and a bad length are said in both rings.
static void loss_is_said_in_band(void **)
{
    Card card;
    card.open({"AAPL"});
    card.frames.push_back({packet(1, {directory(7, 5, "AAPL")}), false});
    card.frames.push_back({packet(2, {add(7, 6, 1, 'B', 10, "AAPL", 100)}), true}); // bad FCS: never was
    card.frames.push_back({packet(4, {add(7, 7, 2, 'B', 10, "AAPL", 100)}), false});
    card.frames.push_back({packet(5, {}), false});              // heartbeat
    card.frames.push_back({packet(5, {Bytes{'A', 0}}), false}); // no locate in it
    card.settle();
    static const char *const events[] = {
        "7 seq 1 ns 0 sym -1 loc 0 flags 0: SESSION001 1",
        "5 seq 1 ns 5 sym 0 loc 7 flags 1: AAPL     state 1 reason 0",
        "6 seq 4 ns 0 sym -1 loc 0 flags 4: from 2, 2, reason 4",
        "6 seq 5 ns 0 sym -1 loc 0 flags 4: from 5, 0, reason 9",
    };
    wt_event_record e;
    for (const char *want : events) {
        assert_true(card.ev.pop(&e));
        assert_string_equal(line(e).c_str(), want);
    }
    assert_false(card.ev.pop(&e));
    struct {
        unsigned seq, length, flags;
    } static const flow[] = {
        {0, 0, WT_OFF_MARKER},              // start
        {1, 39, 0},                         // directory
        {3, 0, WT_OFF_MARKER | WT_OFF_GAP}, // the gap: 3 is passed
        {4, 36, 0},
        {4, 0, WT_OFF_MARKER},              // heartbeat: next is 5
        {5, 0, WT_OFF_MARKER | WT_OFF_GAP}, // the bad one is passed
    };
    wt_of_record f;
    for (auto &want : flow) {
        assert_true(card.of.pop(&f));
        assert_int_equal(f.feed_seq, want.seq);
        assert_int_equal(f.length, want.length);
        assert_int_equal(f.flags, want.flags);
    }
    assert_false(card.of.pop(&f));
    assert_int_equal(card.read(WT_REG_CNT_BAD_FRAME_A, 2), 1);
    assert_int_equal(card.read(WT_REG_CNT_GAPS, 2), 1);
    assert_int_equal(card.read(WT_REG_CNT_MISSED, 2), 2);
    assert_int_equal(card.read(WT_REG_CNT_HEARTBEATS, 2), 1);
    assert_int_equal(card.read(WT_REG_CNT_BAD_LENGTH, 2), 1);
    assert_int_equal(card.read(WT_REG_CNT_FRAMES_A, 2), 5);
}

// Without order flow asked for, none is written and nothing waits for it.
static void order_flow_is_asked_for(void **)
{
    Card card;
    card.open({"AAPL"});
    card.write32(WT_REG_CONTROL, 1);
    card.frames.push_back({packet(1, DAY), false});
    card.settle();
    assert_int_equal(card.of.seen, 0);
    assert_true(card.ev.seen > 5);
    assert_int_equal(card.read(WT_REG_CNT_ORDER_FLOW, 2), 0);
}

// A stream of adds and deletes of eight symbols.
static Bytes busy_packet(uint64_t seq, unsigned count)
{
    static const char *const names[] = {"AA", "BB", "CC", "DD", "EE", "FF", "GG", "HH"};
    std::vector<Bytes> m;
    for (unsigned i = 0; i < count; i++) {
        uint64_t n = seq + i, pair = n / 2;
        uint16_t locate = (uint16_t)(pair % 8 + 1);
        if (n % 2 == 0)
            m.push_back(add(locate, n, pair, pair & 8 ? 'S' : 'B', 10 + (uint32_t)pair % 90, names[locate - 1],
                            (uint32_t)(pair & 8 ? 5000 + rand() % 50 : 4900 - rand() % 50)));
        else
            m.push_back(remove(locate, n, pair));
    }
    return packet(seq, m);
}

// The host reads while records fly: a completion never says that more was written than has come.
static void completions_stay_behind_the_data_they_tell_of(void **)
{
    srand(32);
    Card card;
    card.open({});
    uint64_t seq = 1;
    for (int i = 0; i < ROUNDS; i++) {
        card.lazy = i & 1;
        // The wire is faster than narrow TLPs, and nothing holds it: give no more than a small card has room for.
        if (card.frames.size() < 2 && seq < card.read(WT_WIN_CHANNELS + 0x20, 2) + 240) {
            card.frames.push_back({busy_packet(seq, 20), false});
            seq += 20;
        }
        uint32_t ev_prod = (uint32_t)card.read(WT_REG_EV_PROD, 1);
        assert_true((int32_t)(card.ev.seen - ev_prod) >= 0);
        uint32_t of_prod = (uint32_t)card.read(WT_REG_OF_PROD, 1);
        assert_true((int32_t)(card.of.seen - of_prod) >= 0);
        card.drop();
        card.tell();
    }
    card.settle(true);
    assert_true(card.ev.seen > 300 && card.of.seen > 1000);
    assert_int_equal(card.read(WT_REG_CNT_RX_OVERFLOW_A, 2), 0);
}

// Resets at any time: never a stray or half TLP, never a record of the life before, and the day is
// the same afterwards.
static void a_reset_may_come_at_any_time(void **)
{
    srand(33);
    Card card;
    for (int round = 0; round < 40; round++) {
        card.lazy = round & 1;
        card.wild = false;
        card.open({});
        uint64_t seq = 1;
        for (int i = rand() % 800; i > 0; i--) {
            if (card.frames.size() < 2) {
                card.frames.push_back({busy_packet(seq, 1 + (unsigned)rand() % 30), false});
                seq += 30; // with gaps
            }
            card.step();
            uint8_t record[64];
            while (card.ev.pop(record)) {
            }
            if (rand() % 2)
                while (card.of.pop(record)) {
                }
            if (card.requests.empty() && rand() % 20 == 0)
                card.tell();
        }
        // Reset while frames go on, without so much as disabling. A second one on its heels sometimes.
        card.wild = true;
        card.ev_told = card.of_told = 0;
        card.requests.clear(); // none is on its way in
        if (card.dut.tlp_rx_valid_i) {
            card.dut.tlp_rx_valid_i = 0;
        }
        card.request_at = 0;
        uint32_t number = 0x80000000u + (uint32_t)round * 2;
        card.write32(WT_REG_EV_CONS, 0);
        card.write32(WT_REG_OF_CONS, 0);
        card.write32(WT_REG_RESET_SEQ, number);
        if (round % 3 == 0)
            card.write32(WT_REG_RESET_SEQ, ++number);
        for (int i = 0; card.read(WT_REG_RESET_ACK, 1) != number; i++) {
            assert_true(i < 20000);
            if (card.frames.size() < 2) {
                card.frames.push_back({busy_packet(seq, 10), false});
                seq += 10;
            }
        }
        card.frames.resize(std::min<size_t>(card.frames.size(), 1)); // the one under way
        // Now properly, and the day.
        card.write32(WT_REG_CONTROL, 0);
        while (!card.frames.empty())
            card.step();
        card.ev.cons = card.of.cons = 0;
        card.open({"ZVZZT", "AAPL"});
        card.wild = false;
        card.lazy = round & 2;
        play_day(card, 4);
        card.ev_told = card.of_told = 0;
    }
}

// What is left of a frame that a reset cut is no frame, even when it looks like one.
static void a_cut_frame_has_no_second_life(void **)
{
    Card card;
    card.open({});
    Bytes whole = packet(1, {directory(7, 1, "AAPL"), add(7, 2, 1, 'B', 10, "AAPL", 100)});
    Bytes outer(32, 0x55);
    outer.insert(outer.end(), whole.begin(), whole.end());
    card.frames.push_back({outer, false});
    card.frame_stop = 32;
    for (int i = 0; i < 50; i++)
        card.step();
    assert_int_equal(card.frame_at, 32);
    card.open({"ZVZZT", "AAPL"});
    card.frame_stop = SIZE_MAX;
    card.settle();
    assert_int_equal(card.read(WT_REG_CNT_FRAMES_A, 2), 0);
    assert_int_equal(card.read(WT_REG_CNT_MESSAGES, 2), 0);
    play_day(card, 3);
}

// Rubbish on both sides at once: whatever it is, the card works afterwards.
static void rubbish_does_not_stick(void **)
{
    srand(34);
    Card card;
    card.open({});
    Random random(5);
    for (int i = 0; i < 600; i++) {
        Bytes f;
        for (unsigned n = 1 + (unsigned)rand() % 200; n > 0; n--)
            f.push_back((uint8_t)rand());
        if (rand() % 2) { // a frame of ours with rubbish in it
            Bytes d(f);
            if (rand() % 2) {
                put(d, 0, 2);
                Bytes good = busy_packet((uint64_t)i * 30 + 1, 3);
                f = Bytes(good.begin(), good.begin() + 1 + rand() % (long)good.size());
            } else {
                f = make_frame(d, FrameShape(), random);
            }
        }
        card.frames.push_back({f, rand() % 4 == 0});
        Tlp t(3 + (size_t)rand() % 3);
        for (auto &w : t)
            w = (uint32_t)rand() * 2654435761u;
        // Not a write: that could be one to a register.
        if ((t[0] >> 29 & 2) && (t[0] >> 24 & 0x1f) == 0)
            t[0] |= 0x1f000000;
        card.requests.push_back(t);
        while (card.frames.size() > 2 || card.requests.size() > 2) {
            card.step();
            card.drop();
        }
        if (i % 8 == 0)
            card.tell();
    }
    card.settle(true);
    card.completions.clear();
    assert_true(card.read(WT_REG_CNT_BAD_REQUEST, 2) > 100);
    card.ev_told = card.of_told = 0;
    card.open({"ZVZZT", "AAPL"});
    play_day(card, 2);
}

int main()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frames_become_records),        cmocka_unit_test(loss_is_said_in_band),
        cmocka_unit_test(order_flow_is_asked_for),      cmocka_unit_test(completions_stay_behind_the_data_they_tell_of),
        cmocka_unit_test(a_reset_may_come_at_any_time), cmocka_unit_test(a_cut_frame_has_no_second_life),
        cmocka_unit_test(rubbish_does_not_stick),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
