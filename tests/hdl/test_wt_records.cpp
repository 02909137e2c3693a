// TOP: wt_records
#include <csetjmp>
#include <cstdarg>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <vector>
extern "C" {
#include <cmocka.h>
}
#include "Vwt_records.h"
#include "verilated.h"
#define _Static_assert static_assert
#include "host/card/wt_schema.h"

// ---------------------------------------------------------------- packed structs

// Fields of a packed struct from its last one (bit 0) up: the order of declaration backwards.
class Packer
{
    std::vector<uint32_t> words;
    unsigned at = 0;

  public:
    Packer &field(unsigned bits, uint64_t value)
    {
        for (unsigned i = 0; i < bits; i++, at++) {
            if (at % 32 == 0)
                words.push_back(0);
            words.back() |= (uint32_t)(value >> i & 1) << at % 32;
        }
        return *this;
    }
    Packer &bytes(const uint8_t *p, unsigned n)
    {
        for (unsigned i = 0; i < n; i++)
            field(8, p[i]);
        return *this;
    }
    template <class Port> void to(Port &port, unsigned bits) const
    {
        assert_int_equal(at, bits);
        assert_true(sizeof port >= words.size() * 4 && sizeof port < words.size() * 4 + 4);
        memcpy(&port, words.data(), words.size() * 4);
    }
};

enum { NOP, ADD, REDUCE, DEL, REPLACE, TRADE, STATE, DIRECTORY, SYSTEM, BAD, GAP, SESSION, HEARTBEAT, GAP_NOTE, OPS };

struct Op {
    unsigned op, channel, sell, is_exec, exec_price, printable, print, cross, state, whole, bad_length, unknown_type,
        recovered;
    uint64_t seq, exch, ingress, ref, new_ref, name, big, match;
    uint32_t cycle, shares, price, reason;
    uint16_t locate;
    uint8_t session[10], length, raw[50];
};

struct Side {
    uint32_t price, shares, orders;
};

struct Result {
    unsigned forward, has_symbol, sym, book_state, bind, state, cause, other, other_sym, trade, trade_sell, bbo;
    uint32_t trade_price;
    Side bid, ask;
    unsigned unknown_ref, excess, zero_add, senseless, overflow;
};

static uint64_t rnd()
{
    return (uint64_t)rand() << 33 ^ (uint64_t)rand() << 13 ^ (uint64_t)rand() >> 3;
}

static bool odds(unsigned n)
{
    return (unsigned)rand() % n == 0;
}

static Op random_op(uint32_t now)
{
    Op o = {};
    o.op = rand() % OPS;
    o.channel = rand() % 8;
    o.recovered = rand() % 2;
    o.seq = rnd();
    o.exch = rnd() & 0xffffffffffff;
    o.ingress = rnd();
    o.cycle = now - (odds(8) ? 65530 + (unsigned)rand() % 40 : odds(20) ? (uint32_t)rnd() : (unsigned)rand() % 500);
    o.locate = (uint16_t)rnd();
    o.ref = rnd(), o.new_ref = rnd(), o.name = rnd(), o.big = rnd(), o.match = rnd();
    o.sell = rand() & 1, o.shares = (uint32_t)rnd(), o.price = (uint32_t)rnd();
    o.is_exec = o.op == REDUCE && odds(2);
    o.exec_price = rand() & 1, o.printable = rand() & 1, o.print = rand() % 4;
    o.cross = rand() & 255, o.state = odds(3) ? 3 : rand() & 255, o.reason = (uint32_t)rnd();
    o.whole = o.op == BAD && odds(2);
    o.bad_length = odds(5), o.unknown_type = odds(5);
    for (auto &b : o.session)
        b = (uint8_t)rnd();
    o.length = o.op >= GAP ? 0 : (uint8_t)rnd();
    for (auto &b : o.raw)
        b = o.op >= GAP ? 0 : (uint8_t)rnd();
    return o;
}

static Side random_side()
{
    return odds(4) ? Side{0, 0, 0}
                   : Side{(uint32_t)rnd(), (uint32_t)rnd(), odds(4) ? 0x10000u : (uint32_t)rnd() & 0x1ffff};
}

static Result random_result()
{
    Result r = {};
    r.forward = rand() & 1, r.has_symbol = rand() & 1, r.sym = rand() & 0x3ff, r.book_state = rand() % 4;
    r.bind = odds(5), r.state = odds(5), r.cause = rand() % 10, r.other = odds(6), r.other_sym = rand() & 0x3ff;
    r.trade = odds(3), r.trade_sell = rand() & 1, r.bbo = odds(2), r.trade_price = (uint32_t)rnd();
    r.bid = random_side(), r.ask = random_side();
    r.unknown_ref = odds(5), r.excess = odds(5), r.zero_add = odds(5), r.senseless = odds(5), r.overflow = odds(5);
    return r;
}

static void drive_op(Vwt_records &dut, const Op &o)
{
    Packer p;
    p.field(1, o.unknown_type).field(1, o.bad_length).field(1, o.whole).bytes(o.session, 10).field(32, o.reason);
    p.field(8, o.state).field(8, o.cross).field(64, o.match).field(64, o.big).field(8, o.print).field(1, o.printable);
    p.field(1, o.exec_price).field(1, o.is_exec).field(64, o.name).field(32, o.price).field(32, o.shares);
    p.field(1, o.sell).field(64, o.new_ref).field(64, o.ref).field(16, o.locate).field(32, o.cycle);
    p.field(64, o.ingress).field(48, o.exch).field(64, o.seq).field(3, o.channel).field(4, o.op);
    p.field(1, 0).field(1, o.recovered);
    p.to(dut.op_i, 760);
    Packer raw;
    raw.bytes(o.raw, 50).field(8, o.length);
    raw.to(dut.raw_i, 408);
}

static void drive_result(Vwt_records &dut, const Result &r)
{
    Packer p;
    p.field(1, r.overflow).field(1, r.senseless).field(1, r.zero_add).field(1, r.excess).field(1, r.unknown_ref);
    for (const Side *s : {&r.ask, &r.bid})
        p.field(17, s->orders).field(32, s->shares).field(32, s->price);
    p.field(1, r.bbo).field(1, r.trade_sell).field(32, r.trade_price).field(1, r.trade).field(16, r.other_sym);
    p.field(1, r.other).field(8, r.cause).field(1, r.state).field(1, r.bind).field(8, r.book_state).field(16, r.sym);
    p.field(1, r.has_symbol).field(1, r.forward);
    p.to(dut.result_i, 255);
}

// ---------------------------------------------------------------- what should come out

struct Expected {
    uint8_t bytes[60];
    uint32_t ingress_cycle;
};

static wt_event_record head(const Op &o, const Result &r, unsigned kind)
{
    wt_event_record e;
    memset(&e, 0, sizeof e);
    e.bbo.head.kind = (uint8_t)kind;
    e.bbo.head.channel = (uint8_t)o.channel;
    if (r.has_symbol && r.book_state == WT_BOOK_STATE_VALID)
        e.bbo.head.flags |= WT_EVF_VALID;
    if (r.has_symbol && r.book_state == WT_BOOK_STATE_STALE)
        e.bbo.head.flags |= WT_EVF_STALE;
    if (r.has_symbol && r.book_state == WT_BOOK_STATE_SOFTWARE)
        e.bbo.head.flags |= WT_EVF_OVERFLOW;
    if (o.recovered)
        e.bbo.head.flags |= WT_EVF_RECOVERED;
    e.bbo.head.symbol = r.has_symbol ? (uint16_t)r.sym : 0xffff;
    e.bbo.head.locate = o.locate;
    e.bbo.head.feed_seq = o.seq;
    e.bbo.head.stamp = o.exch;
    e.bbo.head.ingress_ns = o.ingress;
    return e;
}

static void expect_events(const Op &o, const Result &r, std::deque<Expected> &out)
{
    auto emit = [&](const wt_event_record &e) {
        Expected x;
        memcpy(x.bytes, &e, 60);
        x.ingress_cycle = o.cycle;
        out.push_back(x);
    };
    if (r.bind) {
        wt_event_record e = head(o, r, WT_RECORD_TYPE_SYMBOL);
        if (r.book_state == WT_BOOK_STATE_SOFTWARE)
            e.symbol.head.flags |= WT_EVF_OVERFLOW;
        memcpy(e.symbol.name, &o.name, 8);
        e.symbol.state = (uint8_t)r.book_state;
        e.symbol.reason = (uint8_t)r.cause;
        emit(e);
    }
    if (o.op == GAP || o.op == GAP_NOTE || (o.op == BAD && o.whole)) {
        wt_event_record e = head(o, r, WT_RECORD_TYPE_GAP);
        if (o.op != GAP_NOTE)
            e.gap.head.flags |= WT_EVF_GAP;
        e.gap.first_missing = o.op != BAD ? o.ref : o.seq;
        e.gap.count = o.op != BAD ? o.big : 0;
        e.gap.reason = o.op != BAD ? WT_REASON_GAP : WT_REASON_BAD_LENGTH;
        e.gap.state = o.op == GAP_NOTE ? (uint8_t)o.state : WT_GAP_STATE_LOST;
        emit(e);
    }
    if (o.op == SESSION) {
        wt_event_record e = head(o, r, WT_RECORD_TYPE_SESSION);
        memcpy(e.session.session, o.session, 10);
        e.session.session_event = (uint8_t)o.state;
        emit(e);
    }
    if (o.op == SYSTEM) {
        wt_event_record e = head(o, r, WT_RECORD_TYPE_SYSTEM);
        e.system.code = (uint8_t)o.state;
        emit(e);
    }
    if (o.op == STATE && (r.has_symbol || r.forward)) {
        wt_event_record e = head(o, r, WT_RECORD_TYPE_TRADING_STATE);
        e.state.state = (uint8_t)o.state;
        memcpy(e.state.reason, &o.reason, 4);
        emit(e);
    }
    if (r.trade) {
        wt_event_record e = head(o, r, WT_RECORD_TYPE_TRADE);
        if (o.printable)
            e.trade.head.flags |= WT_EVF_PRINTABLE;
        if (r.trade_sell)
            e.trade.head.flags |= WT_EVF_SELL;
        e.trade.price = r.trade_price;
        e.trade.print = (uint8_t)o.print;
        e.trade.itch_type = o.raw[0];
        e.trade.cross_type = o.print == WT_TRADE_KIND_CROSS ? (uint8_t)o.cross : 0;
        e.trade.shares = o.op == REDUCE ? o.shares : o.big;
        e.trade.match = o.match;
        emit(e);
    }
    if (r.state) {
        wt_event_record e = head(o, r, WT_RECORD_TYPE_SYMBOL);
        e.symbol.state = (uint8_t)r.book_state;
        e.symbol.reason = (uint8_t)r.cause;
        emit(e);
    }
    if (r.other) {
        wt_event_record e = head(o, r, WT_RECORD_TYPE_SYMBOL);
        e.symbol.head.flags = (uint16_t)(WT_EVF_STALE | (o.recovered ? WT_EVF_RECOVERED : 0));
        e.symbol.head.symbol = (uint16_t)r.other_sym;
        e.symbol.head.locate = 0;
        e.symbol.state = WT_BOOK_STATE_STALE;
        e.symbol.reason = (uint8_t)r.cause;
        emit(e);
    }
    if (r.bbo) {
        wt_event_record e = head(o, r, WT_RECORD_TYPE_BBO);
        e.bbo.bid_price = r.bid.price, e.bbo.bid_shares = r.bid.shares;
        e.bbo.ask_price = r.ask.price, e.bbo.ask_shares = r.ask.shares;
        e.bbo.bid_orders = (uint16_t)(r.bid.orders > 65535 ? 65535 : r.bid.orders);
        e.bbo.ask_orders = (uint16_t)(r.ask.orders > 65535 ? 65535 : r.ask.orders);
        emit(e);
    }
}

static bool expect_order_flow(const Op &o, const Result &r, Expected &x)
{
    bool lost = o.op == GAP || (o.op == BAD && o.whole);
    bool marker = lost || o.op == SESSION || o.op == HEARTBEAT;
    if (o.op == GAP_NOTE || (!marker && !r.forward))
        return false;
    wt_of_record f;
    memset(&f, 0, sizeof f);
    f.feed_seq = o.seq - (marker && o.op != BAD);
    f.flags = (uint8_t)(o.channel | (marker ? WT_OFF_MARKER : 0) | (lost ? WT_OFF_GAP : 0) |
                        (o.op == SESSION && o.state == WT_SESSION_EVENT_END ? WT_OFF_END : 0) |
                        (o.recovered ? WT_OFF_RECOVERED : 0));
    if (!marker) {
        memcpy(f.raw, o.raw, 50);
        f.length = o.length;
    }
    memcpy(x.bytes, &f, 60);
    return true;
}

// ---------------------------------------------------------------- tests

struct Bench {
    Vwt_records dut;
    std::deque<Op> waiting;            // taken as ops, results to come
    std::deque<Expected> events, flow; // taken with their results, records to come
    std::deque<size_t> flow_after;     // events that must have left before that order-flow record
    size_t events_out = 0, events_in = 0, flow_out = 0;
    uint64_t counts[8] = {};
    Op op;
    Result result;
    bool have_op = false, have_result = false;
    bool order_flow = true;

    Bench()
    {
        dut.rst_i = 1;
        edge();
        edge();
        dut.rst_i = 0;
        dut.cycle_i = 0xfffff000; // wraps on the way
    }
    void edge()
    {
        dut.clk_i = 0;
        dut.eval();
        dut.clk_i = 1;
        dut.eval();
    }
    void step(bool offer_op, bool offer_result, bool ev_ready, bool of_ready)
    {
        if (!have_op && offer_op) {
            op = random_op(dut.cycle_i);
            drive_op(dut, op);
            have_op = true;
        }
        if (!have_result && offer_result && !waiting.empty()) {
            result = random_result();
            drive_result(dut, result);
            have_result = true;
        }
        dut.op_valid_i = have_op;
        dut.result_valid_i = have_result;
        dut.ev_ready_i = ev_ready;
        dut.of_ready_i = of_ready;
        dut.order_flow_i = order_flow;
        dut.clk_i = 0;
        dut.eval();
        if (dut.ev_valid_o) {
            // What came out in this cycle was made at the last edge.
            assert_false(events.empty() && !have_result);
            uint8_t got[60];
            memcpy(got, &dut.ev_data_o, 60);
            if (ev_ready) {
                if (events.empty()) // the op is not finished: its first events leave before the result is taken
                    expect_now();
                check_event(got);
            }
        }
        if (dut.of_valid_o && of_ready) {
            assert_false(flow.empty());
            uint8_t got[60];
            memcpy(got, &dut.of_data_o, 60);
            assert_memory_equal(got, flow.front().bytes, 60);
            // Its events left before it, or stand beside it.
            assert_true(events_out + (dut.ev_valid_o && !ev_ready) >= flow_after.front());
            flow.pop_front();
            flow_after.pop_front();
            flow_out++;
        }
        if (have_op && dut.op_ready_o) {
            waiting.push_back(op);
            have_op = false;
        }
        if (have_result && dut.result_ready_o) {
            expect_now();
            const Op &o = waiting.front();
            Expected x;
            if (order_flow && expect_order_flow(o, result, x)) {
                flow.push_back(x);
                flow_after.push_back(events_in);
            }
            const unsigned flags[] = {o.unknown_type,  o.bad_length,     result.unknown_ref, result.excess,
                                      result.zero_add, result.senseless, result.overflow,    result.bbo};
            for (int i = 0; i < 8; i++)
                counts[i] += flags[i];
            waiting.pop_front();
            have_result = false;
            expected_now = false;
        }
        dut.clk_i = 1;
        dut.eval();
        dut.cycle_i++;
    }
    bool expected_now = false;
    void expect_now()
    {
        if (expected_now)
            return;
        size_t before = events.size();
        expect_events(waiting.front(), result, events);
        events_in += events.size() - before;
        expected_now = true;
    }
    void check_event(const uint8_t *got)
    {
        assert_false(events.empty());
        Expected want = events.front();
        events.pop_front();
        uint16_t cycles;
        memcpy(&cycles, got + 22, 2);
        // Made some cycles ago, when there was room: never earlier than the op, at most now.
        uint32_t most = dut.cycle_i - 1 - want.ingress_cycle;
        assert_true(cycles <= (most > 65535 ? 65535 : most));
        if (dut.ev_ready_i && stall == 0)
            assert_int_equal(cycles, most > 65535 ? 65535 : most);
        memcpy(want.bytes + 22, got + 22, 2);
        assert_memory_equal(got, want.bytes, 60);
        events_out++;
    }
    unsigned stall = 0; // back-pressure is in use
    void drain()
    {
        for (int i = 0; i < 400; i++)
            step(false, true, true, true);
        assert_true(waiting.empty() && events.empty() && flow.empty() && dut.idle_o);
    }
};

static void every_op_gives_its_records_in_order(void **)
{
    srand(21);
    for (int pressure = 0; pressure < 2; pressure++) {
        Bench b;
        b.stall = (unsigned)pressure;
        for (int i = 0; i < 40000; i++) {
            int phase = i / 500 % 4;
            bool ev = !pressure || rand() % 4 > phase - 1, of = !pressure || rand() % 4 > 2 - phase;
            b.step(rand() % 4 != 0, rand() % 4 != 0, ev, of);
        }
        b.drain();
        assert_true(b.events_out > 5000 && b.flow_out > 5000);
        const uint64_t got[] = {b.dut.cnt_unknown_type_o, b.dut.cnt_bad_length_o, b.dut.cnt_unknown_ref_o,
                                b.dut.cnt_excess_o,       b.dut.cnt_zero_add_o,   b.dut.cnt_senseless_o,
                                b.dut.cnt_overflow_o,     b.dut.cnt_bbo_o};
        assert_memory_equal(got, b.counts, sizeof got);
    }
}

static void order_flow_can_be_off(void **)
{
    srand(22);
    Bench b;
    b.order_flow = false;
    for (int i = 0; i < 3000; i++)
        b.step(true, true, true, false); // nobody would take order flow
    b.drain();
    assert_int_equal(b.flow_out, 0);
    assert_true(b.events_out > 500);
}

// Ops wait for their results, 16 of them, and not one more; a reset forgets them.
static void sixteen_ops_may_wait(void **)
{
    srand(23);
    Bench b;
    for (int i = 0; i < 40; i++)
        b.step(true, false, true, true);
    assert_int_equal(b.waiting.size(), 16);
    assert_false(b.dut.op_ready_o || b.dut.idle_o);
    b.dut.rst_i = 1;
    b.edge();
    b.dut.rst_i = 0;
    b.dut.op_valid_i = 0;
    b.edge();
    assert_true(b.dut.op_ready_o && b.dut.idle_o);
}

int main()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_op_gives_its_records_in_order),
        cmocka_unit_test(order_flow_can_be_off),
        cmocka_unit_test(sixteen_ops_may_wait),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
