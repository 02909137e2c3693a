// Bench of wt_feed: plays frames on both lines, watches operations come out.
#pragma once
#include <csetjmp>
#include <cstdarg>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <functional>
extern "C" {
#include <cmocka.h>
}
#include "Vwt_feed.h"
#include "tests/hdl/feed_model.h"
#include "verilated.h"

static const unsigned SWEEP = 1024; // cycles after reset, at default size

// Counters: seven of each line, then the arbiter's.
enum { C_FRAMES, C_BAD_FRAME, C_BAD_HEADER, C_FILTERED, C_OVERFLOW, C_BAD_DATAGRAM, C_LATE, C_OF_LINE };
enum { C_MESSAGES = 2 * C_OF_LINE, C_GAPS, C_MISSED, C_FILLED, C_HEARTBEATS, COUNTERS };

struct Sent {
    Bytes bytes;
    unsigned line = 0;
    bool error = false, enable = true;
    uint64_t not_before = 0; // cycle
};

class FeedBench
{
  public:
    Vwt_feed dut;
    Random r;
    std::deque<Sent> queue[2];
    std::function<bool(unsigned line)> may_begin = [](unsigned) { return true; };
    std::function<void(const Sent &)> on_frame;                 // its last beat is taken
    std::function<void()> on_op, before = [] {}, after = [] {}; // an operation goes; around every cycle
    unsigned in_percent = 100, out_percent = 100;
    uint64_t cycle = 0, busy_until[2] = {0, 0}; // a wire has gaps between frames
    unsigned gap_cycles = 0;                    // of so many cycles
    unsigned stuck = 0;                         // watchdog: cycles without a beat or an operation

    FeedBench(uint64_t seed, uint64_t start) : r(seed)
    {
        for (unsigned c = 0; c < 8; c++) {
            uint32_t *entry = (uint32_t *)&dut.channels_i + 8 * c;
            entry[0] = FILTER[0].enabled >> c & 1;
            entry[1] = FILTER[0].group[c];
            entry[2] = FILTER[1].group[c];
            entry[3] = FILTER[0].port[c] | (uint32_t)FILTER[1].port[c] << 16;
            entry[4] = (uint32_t)start;
            entry[5] = (uint32_t)(start >> 32);
            entry[6] = entry[7] = 0;
        }
        dut.enable_i = 1;
        dut.rst_i = 1;
        step();
        dut.rst_i = 0;
        while (!dut.ready_o)
            step();
    }
    uint64_t now() const
    {
        return 0x1000000000ull + cycle * 32 / 5;
    }
    // No frame of this line is under way.
    bool between(unsigned line) const
    {
        return at[line] == 0 && !offered[line];
    }
    // The host's command ring: 64-byte lines, and when the card may have those it has asked for.
    std::vector<uint8_t> ring = std::vector<uint8_t>(64 * 256);
    std::deque<std::pair<uint64_t, unsigned>> asked; // cycle, line
    unsigned prod = 0;
    // False: no room.
    bool command(uint8_t type, uint8_t channel, const Bytes &payload)
    {
        unsigned lines = (unsigned)(8 + payload.size() + 63) / 64;
        if (prod - dut.cmd_cons_o + lines > 256)
            return false;
        Bytes b = {type, channel, (uint8_t)payload.size(), (uint8_t)(payload.size() >> 8), 0, 0, 0, 0};
        b.insert(b.end(), payload.begin(), payload.end());
        while (b.size() % 64)
            b.push_back((uint8_t)r.bits());
        for (size_t i = 0; i < b.size(); i++)
            ring[(64 * prod + i) % ring.size()] = b[i];
        prod += lines;
        return true;
    }
    void step()
    {
        host();
        dut.clk_i = 0;
        dut.cycle_i = (uint32_t)cycle;
        dut.time_ns_i = now();
        dut.op_ready_i = r.chance(out_percent);
        for (unsigned l = 0; l < 2; l++)
            offer(l);
        dut.eval();
        before();
        bool taken[2];
        for (unsigned l = 0; l < 2; l++) {
            taken[l] = !dut.rst_i && offered[l] && (dut.rx_ready_o >> l & 1);
            if (taken[l])
                take(l);
        }
        if (!dut.rst_i && dut.op_valid_o && dut.op_ready_i) {
            stuck = 0;
            on_op();
        }
        after();
        if (dut.addr_valid_o && dut.addr_ready_i && !dut.rst_i) {
            assert_int_equal((dut.addr_o - dut.cmd_base_i) % 64, 0);
            assert_true(dut.addr_o - dut.cmd_base_i < ring.size());
            asked.push_back({cycle + 5 + r.below(20), (unsigned)(dut.addr_o - dut.cmd_base_i) / 64});
        }
        if (dut.line_valid_i && dut.line_ready_o)
            asked.pop_front();
        dut.clk_i = 1;
        dut.eval();
        cycle++;
        assert_true(stuck++ < 6000);
    }
    uint64_t counter(unsigned i) const
    {
        return bits_of(dut.counters_o, 64 * i, 64);
    }

  private:
    void host()
    {
        dut.cmd_base_i = 0x123456780000;
        dut.cmd_size_log2_i = 8;
        dut.cmd_prod_i = prod;
        dut.addr_ready_i = asked.size() < 8 && r.chance(50);
        dut.line_valid_i = !asked.empty() && asked.front().first <= cycle;
        if (dut.line_valid_i)
            memcpy((void *)&dut.line_i, &ring[64 * asked.front().second], 64);
    }
    size_t at[2] = {0, 0};
    bool offered[2] = {false, false};

    void offer(unsigned l)
    {
        uint32_t *data = (uint32_t *)&dut.rx_data_i + 2 * l;
        auto bit = [&](auto &field, bool value) {
            field = (std::remove_reference_t<decltype(field)>)((field & ~(1u << l)) | (unsigned)value << l);
        };
        if (!offered[l] && !queue[l].empty() && !dut.rst_i && r.chance(in_percent) &&
            (at[l] || (cycle >= queue[l].front().not_before && cycle >= busy_until[l] && may_begin(l)))) {
            const Sent &s = queue[l].front();
            size_t n = std::min<size_t>(8, s.bytes.size() - at[l]);
            uint64_t word = r.bits();
            for (size_t i = 0; i < n; i++) {
                word &= ~(0xffull << (8 * i));
                word |= (uint64_t)s.bytes[at[l] + i] << (8 * i);
            }
            data[0] = (uint32_t)word;
            data[1] = (uint32_t)(word >> 32);
            dut.rx_keep_i = (uint16_t)((dut.rx_keep_i & ~(0xffu << 8 * l)) | (0xffu >> (8 - n)) << 8 * l);
            bool last = at[l] + n == s.bytes.size();
            bit(dut.rx_last_i, last);
            bit(dut.rx_error_i, last && s.error);
            dut.enable_i = s.enable;
            offered[l] = true;
        }
        bit(dut.rx_valid_i, offered[l]);
    }
    void take(unsigned l)
    {
        offered[l] = false;
        stuck = 0;
        at[l] += 8;
        if (at[l] < queue[l].front().bytes.size())
            return;
        at[l] = 0;
        Sent s = queue[l].front();
        queue[l].pop_front();
        busy_until[l] = cycle + 1 + gap_cycles;
        on_frame(s);
    }
};

struct Options {
    uint64_t seed = 1, start = 1;
    unsigned in_percent = 100, out_percent = 100;
    bool apart = false; // a frame only when the one before it has had its effect
    // Measured when given.
    uint64_t *cycles = nullptr;
    std::vector<unsigned> *latency = nullptr; // cycles from a frame's last beat to its first operation
    uint64_t *counters = nullptr;
};

// Sends frames one after the other, each on its line, and compares the operations with the models of feed_model.h:
// what is missing is lost at once (no skew, no recovery).
static void run(const std::vector<Sent> &frames, const Options &o)
{
    FeedBench b(o.seed, o.start);
    std::vector<MoldModel> models;
    std::deque<Item> want;
    uint64_t net[2][4] = {}, late[2] = {}, bad_datagram[2] = {};
    size_t next = 0;
    unsigned quiet = 0;
    bool counted = true;
    uint64_t last_beat = 0;
    for (unsigned c = 0; c < 8; c++) {
        models.emplace_back(o.start, 1 << 16);
        models.back().channel = c;
    }
    b.in_percent = o.in_percent;
    b.out_percent = o.out_percent;
    b.on_frame = [&](const Sent &s) {
        Bytes payload;
        unsigned channel = 0;
        Verdict v = judge(s.bytes, s.error, s.enable, payload, s.line, &channel);
        net[s.line][0]++;
        last_beat = b.cycle;
        counted = false;
        if (v != GOOD) {
            net[s.line][v]++;
            return;
        }
        MoldModel &m = models[channel];
        uint64_t was[2] = {m.counters[DUPLICATES], m.counters[BAD_DATAGRAM]};
        for (const Item &i : m.take(payload, b.now(), (uint32_t)b.cycle))
            want.push_back(i);
        late[s.line] += m.counters[DUPLICATES] - was[0];
        bad_datagram[s.line] += m.counters[BAD_DATAGRAM] - was[1];
    };
    b.before = [&] {
        if (b.dut.op_valid_o && !counted && o.latency) {
            o.latency->push_back((unsigned)(b.cycle - last_beat));
            counted = true;
        }
    };
    b.on_op = [&] {
        assert_false(want.empty());
        assert_string_equal(differs(b.dut.op_o, decode(want.front())).c_str(), "");
        assert_string_equal(raw_differs(b.dut.raw_o, want.front().message).c_str(), "");
        want.pop_front();
    };
    while (quiet < 8) {
        // One frame at a time; not more than the buffer holds. What is to come must show in idle.
        if (next < frames.size() && b.queue[0].empty() && b.queue[1].empty() && want.size() < 500 &&
            (!o.apart || (b.dut.idle_o && want.empty()))) {
            b.queue[frames[next].line].push_back(frames[next]);
            next++;
        }
        b.step();
        if (!want.empty())
            assert_false(b.dut.idle_o);
        quiet = next == frames.size() && b.queue[0].empty() && b.queue[1].empty() && b.dut.idle_o ? quiet + 1 : 0;
    }
    assert_true(want.empty());
    uint64_t sum[MOLD_COUNTERS] = {};
    for (auto &m : models)
        for (unsigned i = 0; i < MOLD_COUNTERS; i++)
            sum[i] += m.counters[i];
    for (unsigned l = 0; l < 2; l++) {
        for (unsigned i = 0; i < 4; i++)
            assert_int_equal(b.counter(C_OF_LINE * l + i), net[l][i]);
        assert_int_equal(b.counter(C_OF_LINE * l + C_OVERFLOW), 0);
        assert_int_equal(b.counter(C_OF_LINE * l + C_BAD_DATAGRAM), bad_datagram[l]);
        assert_int_equal(b.counter(C_OF_LINE * l + C_LATE), late[l]);
    }
    assert_int_equal(b.counter(C_MESSAGES), sum[MESSAGES]);
    assert_int_equal(b.counter(C_GAPS), sum[GAPS]);
    assert_int_equal(b.counter(C_MISSED), sum[MISSED]);
    assert_int_equal(b.counter(C_FILLED), 0);
    assert_int_equal(b.counter(C_HEARTBEATS), sum[HEARTBEATS]);
    for (unsigned i = 0; o.counters && i < COUNTERS; i++)
        o.counters[i] = b.counter(i);
    if (o.cycles)
        *o.cycles = b.cycle;
}

static inline void run_all_ways(const std::vector<Sent> &frames)
{
    const unsigned speeds[][2] = {{100, 100}, {60, 100}, {100, 40}, {50, 50}, {100, 5}};
    uint64_t seed = 1;
    for (auto &s : speeds) {
        Options o;
        o.seed = seed++;
        o.in_percent = s[0];
        o.out_percent = s[1];
        run(frames, o);
    }
}
