// TOP: wt_feed
// Frames on two lines against models: exactly, where it is certain what must come out; and by what must
// hold for every message, where both lines go their own ways.
#include "tests/hdl/feed_bench.h"

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
    for (unsigned line = 0; line < 2; line++) {
        std::vector<Sent> frames;
        uint64_t seq = 1;
        for (unsigned i = 0; i < 1500; i++) {
            unsigned n = 1 + (r.chance(50) ? 0 : r.below(30));
            FrameShape s = random_shape(r);
            s.group = FILTER[line].group[0];
            frames.push_back({make_frame(make_mold("000010059B", seq, n, messages(n, r)), s, r), line});
            seq += n;
        }
        run_all_ways(frames);
    }
}

// Everything that can be wrong with a frame, a datagram, a sequence or a message, mixed, on every channel of
// both lines. Each frame comes when the one before it has had its effect.
static void survives_everything_at_once(void **)
{
    Random r(41);
    std::vector<Sent> frames;
    std::string session = "SESSION  A";
    uint64_t seqs[8] = {1, 1, 1, 1, 1, 1, 1, 1};
    for (unsigned i = 0; i < 12000; i++) {
        unsigned n = r.below(6), channel = r.below(8);
        uint64_t &seq = seqs[channel == 7 ? 6 : channel], at = seq;
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
        f.line = r.below(2);
        s.group = FILTER[f.line].group[channel];
        s.port = FILTER[f.line].port[channel];
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
        case 14: // many messages of no length
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
        if (judge(f.bytes, f.error, f.enable, payload, f.line) == GOOD && count == n)
            seq = std::max(seq, at + n);
        frames.push_back(f);
    }
    for (unsigned out_percent : {100, 30}) {
        Options o;
        o.apart = true;
        o.out_percent = out_percent;
        run(frames, o);
    }
}

static void drops_frames_cut_anywhere(void **)
{
    Random r(42);
    std::vector<Sent> frames;
    uint64_t seq = 1;
    Bytes f = make_frame(make_mold("S", seq, 3, messages(3, r)), FrameShape(), r);
    for (size_t n = 1; n < f.size(); n++) {
        Bytes cut(f.begin(), f.begin() + (long)n);
        frames.push_back({cut, 0, r.chance(50)});
        if (r.chance(50)) {
            frames.push_back({make_frame(make_mold("S", seq, 2, messages(2, r)), random_shape(r), r)});
            seq += 2;
        }
    }
    uint64_t counters[COUNTERS];
    Options o;
    o.counters = counters;
    run(frames, o);
    assert_int_equal(counters[C_MESSAGES], seq - 1);
    assert_int_equal(counters[C_GAPS], 0);
    run_all_ways(frames);
}

static void answers_within_seven_cycles(void **)
{
    Random r(43);
    for (auto &t : ITCH_TYPES)
        for (unsigned kind = 0; kind < 4; kind++) {
            std::vector<Sent> frames;
            FrameShape s;
            s.vlan = kind & 1;
            s.group = FILTER[kind / 2].group[0];
            for (uint64_t seq = 1; seq <= 20; seq++)
                frames.push_back(
                    {make_frame(make_mold("S", seq, 1, {make_itch((uint8_t)t.type, t.length, r)}), s, r), kind / 2});
            std::vector<unsigned> latency;
            Options o;
            o.apart = true;
            o.latency = &latency;
            run(frames, o);
            assert_int_equal(latency.size(), 20);
            for (unsigned cycles : latency)
                assert_int_equal(cycles, 7);
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
    print_message("# %u beats, %u cycles\n", (unsigned)beats, (unsigned)cycles);
    assert_true(cycles <= beats + 60 + 20 + SWEEP); // the last packet's messages leave one a cycle
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
    uint64_t counters[COUNTERS];
    Options o;
    o.start = first;
    o.counters = counters;
    run(frames, o);
    assert_int_equal(counters[C_FRAMES], frames.size());
    assert_int_equal(counters[C_MESSAGES], in_packets);
    print_message("# %zu packets, %u messages\n", frames.size(), (unsigned)in_packets);
}

int main()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(decodes_every_type_in_any_packing),
        cmocka_unit_test(survives_everything_at_once),
        cmocka_unit_test(drops_frames_cut_anywhere),
        cmocka_unit_test(answers_within_seven_cycles),
        cmocka_unit_test(keeps_line_rate),
        cmocka_unit_test(takes_real_packets),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
