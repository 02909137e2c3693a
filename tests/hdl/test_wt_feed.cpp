// TOP: wt_feed
// PARAMS: -GRX_BUFFER_LOG2=8
#include <csetjmp>
#include <cstdarg>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
extern "C" {
#include <cmocka.h>
}
#include "Vwt_feed.h"
#include "tests/hdl/feed_model.h"
#include "verilated.h"

static const size_t CAPACITY = 64;

struct Sent {
    Bytes bytes;
    bool error = false, enable = true;
};

struct Options {
    uint64_t seed = 1, start = 1;
    unsigned in_percent = 100, out_percent = 100;
    bool apart = false; // a frame only when the one before it has left
    // Measured when given.
    uint64_t *cycles = nullptr;
    std::vector<unsigned> *latency = nullptr; // cycles from a frame's last beat to its first operation
    uint64_t *counters = nullptr;             // 11
};

// Sends frames and compares the operations with the models of feed_model.h.
static void run(const std::vector<Sent> &frames, const Options &o)
{
    Vwt_feed dut;
    Random r(o.seed);
    MoldModel model(o.start, CAPACITY);
    std::deque<Item> want;
    uint64_t net[4] = {};
    size_t frame = 0, at = 0;
    unsigned stuck = 0, quiet = 0;
    bool offered = false, counted = true;
    uint32_t cycle = 0, last_beat = 0;
    dut.rst_i = 1;
    dut.start_seq_i = o.start;
    dut.filter_group_i = GROUP;
    dut.filter_port_i = PORT;
    dut.rx_valid_i = 0;
    for (; quiet < 8; cycle++) {
        dut.clk_i = 0;
        dut.cycle_i = cycle;
        dut.time_ns_i = 0x1000000000ull + 6 * (uint64_t)cycle;
        dut.op_ready_i = r.chance(o.out_percent);
        if (!offered && frame < frames.size() && r.chance(o.in_percent) &&
            !(o.apart && at == 0 && frame && (!dut.idle_o || !want.empty()))) {
            const Sent &s = frames[frame];
            size_t n = std::min<size_t>(8, s.bytes.size() - at);
            dut.rx_data_i = r.bits();
            for (size_t i = 0; i < n; i++) {
                dut.rx_data_i &= ~(0xffull << (8 * i));
                dut.rx_data_i |= (uint64_t)s.bytes[at + i] << (8 * i);
            }
            dut.rx_keep_i = (uint8_t)(0xff >> (8 - n));
            dut.rx_last_i = at + n == s.bytes.size();
            dut.rx_error_i = dut.rx_last_i && s.error;
            dut.enable_i = s.enable;
            offered = true;
        }
        dut.rx_valid_i = offered;
        dut.eval();
        if (at || !want.empty())
            assert_false(dut.idle_o);
        if (!dut.rst_i && offered && dut.rx_ready_o) {
            offered = false;
            stuck = 0;
            at += 8;
            if (dut.rx_last_i) {
                const Sent &s = frames[frame++];
                at = 0;
                Bytes payload;
                Verdict v = judge(s.bytes, s.error, s.enable, payload);
                net[0]++;
                if (v != GOOD)
                    net[v]++;
                else
                    for (const Item &i : model.take(payload, dut.time_ns_i, cycle))
                        want.push_back(i);
                last_beat = cycle;
                counted = false;
            }
        }
        if (!dut.rst_i && dut.op_valid_o && !counted && o.latency) {
            o.latency->push_back(cycle - last_beat);
            counted = true;
        }
        if (!dut.rst_i && dut.op_valid_o && dut.op_ready_i) {
            stuck = 0;
            assert_false(want.empty());
            assert_string_equal(differs(dut.op_o, decode(want.front())).c_str(), "");
            assert_string_equal(raw_differs(dut.raw_o, want.front().message).c_str(), "");
            want.pop_front();
        }
        quiet = frame == frames.size() && !offered && dut.idle_o ? quiet + 1 : 0;
        dut.clk_i = 1;
        dut.eval();
        dut.rst_i = 0;
        assert_true(stuck++ < 3000);
    }
    assert_true(want.empty());
    for (unsigned i = 0; i < 11; i++) {
        uint64_t is = bits_of(dut.counters_o, 64 * i, 64);
        assert_int_equal(is, i < 4 ? net[i] : model.counters[i - 4]);
        if (o.counters)
            o.counters[i] = is;
    }
    if (o.cycles)
        *o.cycles = cycle;
}

static void run_all_ways(const std::vector<Sent> &frames)
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

static Bytes random_itch(Random &r)
{
    auto &t = ITCH_TYPES[r.below(sizeof ITCH_TYPES / sizeof *ITCH_TYPES)];
    return make_itch((uint8_t)t.type, t.length, r);
}

static std::vector<Bytes> messages(unsigned n, Random &r)
{
    std::vector<Bytes> v;
    while (v.size() < n)
        v.push_back(random_itch(r));
    return v;
}

static FrameShape random_shape(Random &r)
{
    FrameShape s;
    s.vlan = r.chance(40);
    s.ihl = 5 + (r.chance(20) ? r.below(11) : 0);
    s.padding = r.chance(30) ? r.below(20) : 0;
    return s;
}

static void decodes_every_type_in_any_packing(void **)
{
    Random r(40);
    std::vector<Sent> frames;
    uint64_t seq = 1;
    for (unsigned i = 0; i < 1500; i++) {
        unsigned n = 1 + (r.chance(50) ? 0 : r.below(30));
        frames.push_back({make_frame(make_mold("000010059B", seq, n, messages(n, r)), random_shape(r), r)});
        seq += n;
    }
    run_all_ways(frames);
}

// Everything that can be wrong with a frame, a datagram, a sequence or a message, mixed.
static void survives_everything_at_once(void **)
{
    Random r(41);
    std::vector<Sent> frames;
    std::string session = "SESSION  A";
    uint64_t seq = 1;
    for (unsigned i = 0; i < 6000; i++) {
        unsigned n = r.below(6);
        uint64_t at = seq;
        std::vector<Bytes> v;
        for (unsigned k = 0; k < n; k++)
            switch (r.below(8)) {
            case 0:
                v.push_back(make_itch((uint8_t)r.bits(), r.below(60), r));
                break;
            case 1:
                v.push_back(make_itch((uint8_t)r.bits(), r.chance(30) ? r.below(1400) : r.below(4), r));
                break;
            default:
                v.push_back(random_itch(r));
            }
        unsigned count = n;
        FrameShape s = random_shape(r);
        Sent f;
        switch (r.below(24)) {
        case 0:
            at = seq - std::min<uint64_t>(seq, r.below(7));
            break;
        case 1:
            at = seq + r.below(4);
            break;
        case 2:
            count = 0xffff;
            break;
        case 3:
            count = r.below(12);
            break;
        case 4:
            session[9] = (char)('A' + r.below(3));
            break;
        case 5:
            s.port++;
            break;
        case 6:
            s.fragment = 0x2000;
            break;
        case 7:
            s.checksum_delta = 1;
            break;
        case 8:
            s.udp_delta = (int)r.below(9) - 4;
            break;
        case 9:
            s.total_delta = (int)r.below(99) - 50;
            break;
        case 10:
            s.total_delta = s.udp_delta = -(int)r.below(20); // the blocks overrun the datagram
            break;
        case 11:
            f.enable = false;
            break;
        case 12:
            f.error = true;
            break;
        case 13:
            s.group--;
            break;
        case 14: // more messages than the buffer can ever hold
            count = n = 60 + r.below(10);
            v.assign(n, Bytes());
            break;
        }
        f.bytes = make_frame(make_mold(session, at, count, v), s, r);
        if (r.chance(5))
            f.bytes.resize(1 + r.below((unsigned)f.bytes.size())); // cut
        if (r.chance(5))
            f.bytes[r.below((unsigned)f.bytes.size())] ^= (uint8_t)(1u << r.below(8));
        Bytes payload;
        if (judge(f.bytes, f.error, f.enable, payload) == GOOD && count == n && n <= CAPACITY)
            seq = std::max(seq, at + n);
        frames.push_back(f);
    }
    run_all_ways(frames);
    Options o;
    o.apart = true;
    run(frames, o);
}

static void drops_frames_cut_anywhere(void **)
{
    Random r(42);
    std::vector<Sent> frames;
    uint64_t seq = 1;
    Bytes f = make_frame(make_mold("S", seq, 3, messages(3, r)), FrameShape(), r);
    for (size_t n = 1; n < f.size(); n++) {
        Bytes cut(f.begin(), f.begin() + (long)n);
        frames.push_back({cut, r.chance(50)});
        if (r.chance(50)) {
            frames.push_back({make_frame(make_mold("S", seq, 2, messages(2, r)), random_shape(r), r)});
            seq += 2;
        }
    }
    uint64_t counters[11];
    Options o;
    o.counters = counters;
    run(frames, o);
    assert_int_equal(counters[6], seq - 1); // messages
    assert_int_equal(counters[8], 0);       // gaps
    run_all_ways(frames);
}

static void answers_within_six_cycles(void **)
{
    Random r(43);
    for (auto &t : ITCH_TYPES)
        for (unsigned vlan = 0; vlan < 2; vlan++) {
            std::vector<Sent> frames;
            FrameShape s;
            s.vlan = vlan;
            for (uint64_t seq = 1; seq <= 20; seq++)
                frames.push_back({make_frame(make_mold("S", seq, 1, {make_itch((uint8_t)t.type, t.length, r)}), s, r)});
            std::vector<unsigned> latency;
            Options o;
            o.apart = true;
            o.latency = &latency;
            run(frames, o);
            assert_int_equal(latency.size(), 20);
            for (unsigned cycles : latency)
                assert_int_equal(cycles, 6);
        }
}

// Full packets of the shortest book message, without pause: a beat is taken in every cycle.
static void keeps_line_rate(void **)
{
    Random r(44);
    std::vector<Sent> frames;
    uint64_t seq = 1, beats = 0, cycles = 0;
    for (unsigned i = 0; i < 200; i++) {
        std::vector<Bytes> v;
        for (unsigned n = 0; n < 60; n++)
            v.push_back(make_itch('D', 19, r));
        frames.push_back({make_frame(make_mold("S", seq, 60, v), FrameShape(), r)});
        seq += 60;
        beats += (frames.back().bytes.size() + 7) / 8;
    }
    Options o;
    o.cycles = &cycles;
    run(frames, o);
    print_message("%u beats, %u cycles\n", (unsigned)beats, (unsigned)cycles);
    assert_true(cycles <= beats + 60 + 20); // the last packet's messages leave one a cycle
}

static void takes_real_packets(void **)
{
    const char *path = "../shared/data/pcap/totalview_multiple_packets.pcap";
    FILE *f = fopen(path, "rb");
    if (!f) {
        print_message("%s is not there: skipped\n", path);
        skip();
    }
    Bytes b;
    for (int c; (c = fgetc(f)) != EOF;)
        b.push_back((uint8_t)c);
    fclose(f);
    auto little = [&](size_t at) { return b.at(at) | b.at(at + 1) << 8 | b.at(at + 2) << 16 | b.at(at + 3) << 24; };
    std::vector<Sent> frames;
    uint64_t first = 0, in_packets = 0;
    for (size_t at = 24; at < b.size();) {
        size_t n = (size_t)little(at + 8);
        Bytes frame(b.begin() + (long)at + 16, b.begin() + (long)(at + 16 + n));
        Bytes payload;
        assert_int_equal(judge(frame, false, true, payload), GOOD);
        if (!first)
            first = get(payload, 10, 8);
        in_packets += get(payload, 18, 2);
        frames.push_back({frame});
        at += 16 + n;
    }
    assert_true(frames.size() > 1);
    uint64_t counters[11];
    Options o;
    o.start = first;
    o.counters = counters;
    run(frames, o);
    assert_int_equal(counters[0], frames.size());
    assert_int_equal(counters[6], in_packets);
    print_message("%zu packets, %u messages\n", frames.size(), (unsigned)in_packets);
}

int main()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(decodes_every_type_in_any_packing),
        cmocka_unit_test(survives_everything_at_once),
        cmocka_unit_test(drops_frames_cut_anywhere),
        cmocka_unit_test(answers_within_six_cycles),
        cmocka_unit_test(keeps_line_rate),
        cmocka_unit_test(takes_real_packets),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
