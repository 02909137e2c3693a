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
#include "Vwt_core.h"
#include "tests/hdl/feed_model.h"
#include "tests/hdl/tlp_bench.h"
#include "verilated.h"
#define _Static_assert static_assert
#include "host/card/wt_schema.h"

// ---------------------------------------------------------------- the smallest host there is

struct HostRing {
    uint64_t base;
    unsigned size_log2;
    std::vector<uint8_t> memory;
    uint32_t cons = 0;
    uint32_t seen = 0; // records written by the card
    HostRing(uint64_t base, unsigned size_log2) : base(base), size_log2(size_log2), memory(64ul << size_log2)
    {
    }
    bool pop(void *out)
    {
        const uint8_t *slot = &memory[(cons & ((1u << size_log2) - 1)) * 64ul];
        uint32_t lap;
        memcpy(&lap, slot + 60, 4);
        if (lap != cons + 1)
            return false;
        memcpy(out, slot, 64);
        cons++;
        return true;
    }
};

struct Card {
    Vwt_core dut;
    TlpSink sink;
    HostRing ev{0xffffffe00, 6}, of{0x12340040, 7};
    std::deque<Tlp> requests;
    size_t request_at = 0;
    std::deque<Tlp> completions;
    std::deque<std::pair<Bytes, bool>> frames; // with "bad FCS"
    size_t frame_at = 0;
    unsigned max_payload = 256;
    bool lazy = false; // random back-pressure, holes in the streams
    uint64_t cycles = 0;
    unsigned writes = 0;
    bool wild = false; // a reset is under way: laps start again at any time
    uint8_t tag = 0;

    Card()
    {
        dut.cfg_bus_master_i = 1;
        dut.cfg_max_payload_i = 1;
        dut.cfg_requester_id_i = 0x0100;
        dut.rst_i = 1;
        for (int i = 0; i < 3; i++)
            step();
        dut.rst_i = 0;
        cycles = 0;
    }
    bool held = false; // tlp_tx_ready once low stays as it is for a while
    void step()
    {
        const unsigned n = port_dwords(dut.tlp_rx_data_i);
        if (!dut.tlp_rx_valid_i && !requests.empty() && (!lazy || rand() % 3)) {
            const Tlp &t = requests.front();
            uint32_t words[16] = {}, keep = 0;
            for (unsigned k = 0; k < n && request_at + k < t.size(); k++) {
                words[k] = t[request_at + k];
                keep |= 1u << k;
            }
            memcpy(&dut.tlp_rx_data_i, words, n * 4);
            dut.tlp_rx_keep_i = keep;
            dut.tlp_rx_last_i = request_at + n >= t.size();
            dut.tlp_rx_valid_i = 1;
        }
        if (!dut.rx_valid_i && !frames.empty()) {
            const Bytes &f = frames.front().first;
            uint64_t word = 0;
            unsigned k = 0;
            for (; k < 8 && frame_at + k < f.size(); k++)
                word |= (uint64_t)f[frame_at + k] << (8 * k);
            dut.rx_data_i = word;
            dut.rx_keep_i = (1u << k) - 1;
            dut.rx_last_i = frame_at + 8 >= f.size();
            dut.rx_error_i = dut.rx_last_i && frames.front().second;
            dut.rx_valid_i = 1;
        }
        dut.tlp_tx_ready_i = !lazy || rand() % 3 != 0;
        dut.time_ns_i = cycles * 32 / 5;
        dut.clk_i = 0;
        dut.eval();

        Tlp tlp;
        bool started;
        if (sink.beat(dut.tlp_tx_valid_o, dut.tlp_tx_ready_i, dut.tlp_tx_data_o, dut.tlp_tx_keep_o, dut.tlp_tx_last_o,
                      tlp, started))
            take(tlp);
        bool tlp_taken = dut.tlp_rx_valid_i && dut.tlp_rx_ready_o, rx_taken = dut.rx_valid_i && dut.rx_ready_o;
        dut.clk_i = 1;
        dut.eval();
        cycles++;
        if (tlp_taken) {
            dut.tlp_rx_valid_i = 0;
            request_at += n;
            if (dut.tlp_rx_last_i) {
                requests.pop_front();
                request_at = 0;
            }
        }
        if (rx_taken) {
            dut.rx_valid_i = 0;
            frame_at += 8;
            if (dut.rx_last_i) {
                frames.pop_front();
                frame_at = 0;
            }
        }
    }
    void take(const Tlp &tlp)
    {
        if ((tlp[0] >> 24 & 0x1e) == 0xa) {
            completions.push_back(tlp);
            return;
        }
        TlpWrite w = tlp_write(tlp, 0x0100, max_payload);
        writes++;
        bool is_ev = w.address >= ev.base && w.address < ev.base + ev.memory.size();
        HostRing &r = is_ev ? ev : of;
        assert_true(w.address >= r.base && w.address + w.dwords * 4 <= r.base + r.memory.size());
        assert_int_equal((w.address - r.base) % 64, 0);
        assert_int_equal(w.dwords % 16, 0);
        for (unsigned k = 0; k < w.dwords; k += 16) {
            if (wild && w.data[k + 15] == 1)
                r.seen = 0;
            assert_int_equal(w.data[k + 15], ++r.seen);
            uint64_t at = (uint64_t)((r.seen - 1) & ((1u << r.size_log2) - 1)) * 64;
            assert_true(w.address + k * 4 == r.base + at);
            memcpy(&r.memory[at], w.data + k, 64);
        }
    }
    void write32(uint32_t offset, uint32_t value)
    {
        requests.push_back({0x40000001, 0x0000000f, offset, value});
    }
    uint64_t read(uint32_t offset, unsigned dwords)
    {
        requests.push_back({dwords, ++tag << 8 | (dwords == 2 ? 0xffu : 0x0fu), offset});
        for (int i = 0; completions.empty(); i++) {
            assert_true(i < 5000);
            step();
        }
        Tlp c = completions.front();
        completions.pop_front();
        assert_int_equal(c[0], 0x4a000000 | dwords);
        assert_int_equal(c[1], 0x01000000 | 4 * dwords);
        assert_int_equal(c[2], tag << 8 | (offset & 0x7f));
        return dwords == 1 ? c[3] : c[3] | (uint64_t)c[4] << 32;
    }
    // Reset, rings, and the names to watch (none: all).
    void open(const std::vector<std::string> &names)
    {
        static uint32_t number = 0x1000;
        write32(WT_REG_CONTROL, 0);
        for (unsigned i = 0; i < names.size(); i++) {
            std::string name = names[i] + std::string(8 - names[i].size(), ' ');
            for (unsigned k = 0; k < 2; k++) {
                uint32_t word;
                memcpy(&word, name.data() + 4 * k, 4);
                write32(WT_WIN_SYMBOLS + 16 * i + 4 * k, word);
            }
        }
        write32(WT_REG_SYM_COUNT, (uint32_t)names.size());
        write32(WT_REG_START_SEQ_LO, 1);
        write32(WT_REG_FILTER_GROUP, GROUP);
        write32(WT_REG_FILTER_PORT, PORT);
        write32(WT_REG_EV_BASE_LO, (uint32_t)ev.base);
        write32(WT_REG_EV_BASE_HI, (uint32_t)(ev.base >> 32));
        write32(WT_REG_EV_SIZE_LOG2, ev.size_log2);
        write32(WT_REG_EV_CONS, 0);
        write32(WT_REG_OF_BASE_LO, (uint32_t)of.base);
        write32(WT_REG_OF_BASE_HI, (uint32_t)(of.base >> 32));
        write32(WT_REG_OF_SIZE_LOG2, of.size_log2);
        write32(WT_REG_OF_CONS, 0);
        write32(WT_REG_RESET_SEQ, ++number);
        for (int i = 0; read(WT_REG_RESET_ACK, 1) != number; i++)
            assert_true(i < 20000);
        // Nothing of the life before comes after that.
        for (HostRing *r : {&ev, &of}) {
            r->cons = r->seen = 0;
            std::fill(r->memory.begin(), r->memory.end(), (uint8_t)0);
        }
        write32(WT_REG_CONTROL, 1 | (names.empty() ? 2 : 0) | 4);
        read(WT_REG_CONTROL, 1); // it is there
    }
    // Until nothing is under way; records are left in the rings, or taken and forgotten.
    void settle(bool forget = false)
    {
        int calm = 0;
        for (int i = 0; calm < 8; i++) {
            assert_true(i < 100000);
            if (forget)
                drop();
            if (i % 16 == 0 && requests.empty())
                tell();
            step();
            bool quiet = dut.idle_o && frames.empty() && requests.empty();
            calm = quiet ? calm + 1 : 0;
        }
    }
    void drop()
    {
        uint8_t record[64];
        while (ev.pop(record)) {
        }
        while (of.pop(record)) {
        }
    }
    uint32_t ev_told = 0, of_told = 0;
    void tell()
    {
        if (ev_told != ev.cons)
            write32(WT_REG_EV_CONS, ev_told = ev.cons);
        if (of_told != of.cons)
            write32(WT_REG_OF_CONS, of_told = of.cons);
    }
};

// ---------------------------------------------------------------- ITCH messages

static Bytes message(char type, uint16_t locate, uint64_t ns)
{
    Bytes m;
    put(m, (uint8_t)type, 1);
    put(m, locate, 2);
    put(m, 0, 2);
    put(m, ns, 6);
    return m;
}

static void name8(Bytes &m, const char *name)
{
    std::string s = std::string(name) + std::string(8 - strlen(name), ' ');
    m.insert(m.end(), s.begin(), s.end());
}

static Bytes directory(uint16_t locate, uint64_t ns, const char *name)
{
    Bytes m = message('R', locate, ns);
    name8(m, name);
    m.resize(39, ' ');
    return m;
}

static Bytes add(uint16_t locate, uint64_t ns, uint64_t ref, char side, uint32_t shares, const char *name,
                 uint32_t price)
{
    Bytes m = message('A', locate, ns);
    put(m, ref, 8);
    put(m, (uint8_t)side, 1);
    put(m, shares, 4);
    name8(m, name);
    put(m, price, 4);
    return m;
}

static Bytes execute(uint16_t locate, uint64_t ns, uint64_t ref, uint32_t shares, uint64_t match)
{
    Bytes m = message('E', locate, ns);
    put(m, ref, 8);
    put(m, shares, 4);
    put(m, match, 8);
    return m;
}

static Bytes remove(uint16_t locate, uint64_t ns, uint64_t ref)
{
    Bytes m = message('D', locate, ns);
    put(m, ref, 8);
    return m;
}

static Bytes replace(uint16_t locate, uint64_t ns, uint64_t old_ref, uint64_t ref, uint32_t shares, uint32_t price)
{
    Bytes m = message('U', locate, ns);
    put(m, old_ref, 8);
    put(m, ref, 8);
    put(m, shares, 4);
    put(m, price, 4);
    return m;
}

static Bytes halt(uint16_t locate, uint64_t ns, const char *name, char state, const char *reason)
{
    Bytes m = message('H', locate, ns);
    name8(m, name);
    put(m, (uint8_t)state, 1);
    put(m, ' ', 1);
    m.insert(m.end(), reason, reason + 4);
    return m;
}

static Bytes system_event(uint64_t ns, char code)
{
    Bytes m = message('S', 0, ns);
    put(m, (uint8_t)code, 1);
    return m;
}

static Bytes packet(uint64_t seq, const std::vector<Bytes> &messages)
{
    Bytes d;
    const char *session = "SESSION001";
    d.insert(d.end(), session, session + 10);
    put(d, seq, 8);
    put(d, messages.size(), 2);
    for (const Bytes &m : messages) {
        put(d, m.size(), 2);
        d.insert(d.end(), m.begin(), m.end());
    }
    static Random random(99);
    return make_frame(d, FrameShape(), random);
}

// ---------------------------------------------------------------- what comes of a small day

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
        assert_in_range(e.head.stamp >> 48, 1, card.lazy ? 5000 : 200);
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
    assert_int_equal(card.read(WT_REG_CNT_BAD_FRAME, 2), 1);
    assert_int_equal(card.read(WT_REG_CNT_GAPS, 2), 1);
    assert_int_equal(card.read(WT_REG_CNT_MISSED, 2), 2);
    assert_int_equal(card.read(WT_REG_CNT_HEARTBEATS, 2), 1);
    assert_int_equal(card.read(WT_REG_CNT_BAD_LENGTH, 2), 1);
    assert_int_equal(card.read(WT_REG_CNT_FRAMES, 2), 5);
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
    for (int i = 0; i < 400; i++) {
        card.lazy = i & 1;
        if (card.frames.size() < 2) {
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
    assert_int_equal(card.read(WT_REG_CNT_RX_OVERFLOW, 2), 0);
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
        cmocka_unit_test(a_reset_may_come_at_any_time), cmocka_unit_test(rubbish_does_not_stick),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
