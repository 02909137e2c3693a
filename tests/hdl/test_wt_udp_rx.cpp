// TOP: wt_udp_rx
#include <csetjmp>
#include <cstdarg>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
extern "C" {
#include <cmocka.h>
}
#include "Vwt_udp_rx.h"
#include "tests/hdl/feed_model.h"
#include "verilated.h"

struct Sent {
    Bytes bytes;
    bool error, enable;
};

// Sends frames with random pauses on both sides and compares what comes out with judge().
static void run(const std::vector<Sent> &frames, uint64_t seed, unsigned in_percent, unsigned out_percent)
{
    Vwt_udp_rx dut;
    Random r(seed);
    struct Want {
        Bytes payload;
        unsigned channel;
        uint64_t ns;
        uint32_t cycle;
    };
    std::deque<Want> want;
    uint64_t counters[4] = {};
    size_t frame = 0, at = 0, quiet = 0, good = 0, out_good = 0;
    Bytes got;
    const Filter &filter = FILTER[0];
    dut.channels_i = filter.enabled;
    for (unsigned c = 0; c < 8; c++) {
        dut.groups_i[c] = filter.group[c];
        dut.ports_i[c / 2] |= (uint32_t)filter.port[c] << 16 * (c % 2);
    }
    dut.rst_i = 1;
    dut.rx_valid_i = 0;
    uint32_t cycle = 0xfffffff0u; // wraps on the way
    unsigned stuck = 0;           // watchdog
    bool offered = false;
    for (; quiet < 8; cycle++) {
        dut.clk_i = 0;
        dut.cycle_i = cycle;
        dut.time_ns_i = 1000000007ull * cycle;
        dut.out_ready_i = r.chance(out_percent);
        if (!offered && frame < frames.size() && r.chance(in_percent)) {
            const Sent &s = frames[frame];
            size_t n = std::min<size_t>(8, s.bytes.size() - at);
            uint64_t word = r.bits();
            for (size_t i = 0; i < n; i++) {
                word &= ~(0xffull << (8 * i));
                word |= (uint64_t)s.bytes[at + i] << (8 * i);
            }
            dut.rx_data_i = word;
            dut.rx_keep_i = (uint8_t)(0xff >> (8 - n));
            dut.rx_last_i = at + n == s.bytes.size();
            dut.rx_error_i = dut.rx_last_i && s.error;
            dut.enable_i = at == 0 ? s.enable : r.chance(50); // counts with the first beat only
            offered = true;
        }
        dut.rx_valid_i = offered;
        dut.eval();
        // A frame that is not over is inside even when its pipeline is empty.
        if (at)
            assert_false(dut.idle_o);
        if (!dut.rst_i && dut.rx_valid_i && dut.rx_ready_o) {
            offered = false;
            stuck = 0;
            at += 8;
            if (dut.rx_last_i) {
                const Sent &s = frames[frame++];
                at = 0;
                Want w;
                Verdict v = judge(s.bytes, s.error, s.enable, w.payload, 0, &w.channel);
                counters[0]++;
                if (v == GOOD) {
                    w.ns = dut.time_ns_i;
                    w.cycle = cycle;
                    want.push_back(w);
                    good++;
                } else {
                    counters[v]++;
                }
            }
        }
        if (!dut.rst_i && dut.out_valid_o && dut.out_ready_i) {
            assert_true(dut.out_bytes_o <= 8);
            assert_true(dut.out_bytes_o > 0 || dut.out_last_o);
            for (unsigned i = 0; i < dut.out_bytes_o; i++)
                got.push_back((uint8_t)(dut.out_data_o >> (8 * i)));
            if (dut.out_last_o && dut.out_good_o) {
                out_good++;
                assert_false(want.empty());
                assert_int_equal(got.size(), want.front().payload.size());
                assert_true(got == want.front().payload);
                assert_int_equal(dut.out_ns_o, want.front().ns);
                assert_int_equal(dut.out_cycle_o, want.front().cycle);
                assert_int_equal(dut.out_channel_o, want.front().channel);
                want.pop_front();
            }
            if (dut.out_last_o)
                got.clear();
        }
        quiet = frame == frames.size() && dut.idle_o ? quiet + 1 : 0;
        dut.clk_i = 1;
        dut.eval();
        dut.rst_i = 0;
        assert_true(stuck++ < 1000);
    }
    assert_true(want.empty());
    assert_true(got.empty());
    assert_int_equal(out_good, good);
    for (unsigned i = 0; i < 4; i++)
        assert_int_equal(bits_of(dut.counters_o, 64 * i, 64), counters[i]);
}

static void run_all_ways(const std::vector<Sent> &frames)
{
    run(frames, 1, 100, 100);
    run(frames, 2, 60, 100);
    run(frames, 3, 100, 40);
    run(frames, 4, 50, 50);
}

static Bytes random_bytes(size_t n, Random &r)
{
    Bytes b(n);
    for (auto &x : b)
        x = (uint8_t)r.bits();
    return b;
}

static void takes_every_shape(void **)
{
    Random r(10);
    std::vector<Sent> frames;
    for (unsigned vlan = 0; vlan < 2; vlan++)
        for (unsigned ihl = 5; ihl <= 15; ihl++)
            for (unsigned n = 0; n < 40; n++) {
                FrameShape s;
                s.vlan = vlan;
                s.ihl = ihl;
                s.padding = r.chance(50) ? 0 : r.below(30);
                frames.push_back({make_frame(random_bytes(n, r), s, r), false, true});
            }
    for (unsigned n : {1472u, 1471u, 8972u}) {
        frames.push_back({make_frame(random_bytes(n, r), FrameShape(), r), false, true});
        frames.push_back({make_frame(random_bytes(20, r), FrameShape(), r), false, true});
    }
    run_all_ways(frames);
}

static void drops_frames_cut_anywhere(void **)
{
    Random r(11);
    std::vector<Sent> frames;
    for (unsigned vlan = 0; vlan < 2; vlan++)
        for (unsigned ihl : {5u, 6u, 15u}) {
            FrameShape s;
            s.vlan = vlan;
            s.ihl = ihl;
            Bytes f = make_frame(random_bytes(60, r), s, r);
            for (size_t n = 1; n <= f.size(); n++) {
                Bytes cut(f.begin(), f.begin() + (long)n);
                frames.push_back({cut, r.chance(30), true});
                if (r.chance(30))
                    frames.push_back({f, r.chance(20), true});
            }
        }
    run_all_ways(frames);
}

static void drops_every_flipped_header_bit(void **)
{
    Random r(12);
    std::vector<Sent> frames;
    for (unsigned vlan = 0; vlan < 2; vlan++)
        for (unsigned ihl : {5u, 8u}) {
            FrameShape s;
            s.vlan = vlan;
            s.ihl = ihl;
            Bytes f = make_frame(random_bytes(41, r), s, r);
            for (unsigned bit = 8 * 12; bit < 8 * (14 + 4 * vlan + 4 * ihl + 8); bit++) {
                Bytes bad = f;
                bad[bit / 8] ^= (uint8_t)(1 << bit % 8);
                frames.push_back({bad, false, true});
                if (r.chance(20))
                    frames.push_back({f, false, r.chance(80)});
            }
        }
    run_all_ways(frames);
}

// Headers that are wrong in one respect and right in all others, the checksum too.
static void drops_what_is_wrong_or_for_others(void **)
{
    Random r(13);
    std::vector<Sent> frames;
    for (unsigned i = 0; i < 3000; i++) {
        FrameShape s;
        s.vlan = r.chance(50);
        s.ihl = 5 + (r.chance(50) ? r.below(11) : 0);
        s.padding = r.below(12);
        Bytes payload = random_bytes(r.below(100), r);
        switch (r.below(16)) {
        case 0:
            s.fragment = (uint16_t)(1u << r.below(14)); // offset, or more fragments
            break;
        case 1:
            s.fragment = (uint16_t)(1u << (14 + r.below(2))); // don't fragment, reserved: fine
            break;
        case 2:
            s.checksum_delta = 1 + (int)r.below(0xfffe);
            break;
        case 3:
            s.version = (uint8_t)r.below(16);
            break;
        case 4:
            s.protocol = (uint8_t)r.bits();
            break;
        case 5:
            s.group ^= 1u << r.below(32);
            break;
        case 12: // some channel's, on or off
            s.group += r.below(5);
            s.port += (uint16_t)r.below(3);
            break;
        case 6:
            s.port ^= (uint16_t)(1u << r.below(16));
            break;
        case 7:
            s.total_delta = (int)r.below(200) - 100;
            break;
        case 8:
            s.udp_delta = (int)r.below(200) - 100;
            break;
        case 9:
            s.total_delta = s.udp_delta = (int)r.below(40) - 20;
            break;
        case 10:
            s.ethertype = (uint16_t)(r.chance(50) ? 0x8100 : r.bits());
            break;
        case 11:
            s.ihl = r.below(5);
            break;
        }
        frames.push_back({make_frame(payload, s, r), r.chance(5), r.chance(95)});
    }
    run_all_ways(frames);
}

// A frame longer than any number in its headers can say.
static void survives_an_endless_frame(void **)
{
    Random r(14);
    std::vector<Sent> frames;
    Bytes f = make_frame(random_bytes(50, r), FrameShape(), r);
    Bytes endless = f;
    endless.resize(300000, 0);
    frames.push_back({endless, true, true});
    frames.push_back({f, false, true});
    run(frames, 5, 100, 100);
}

int main()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_every_shape),
        cmocka_unit_test(drops_frames_cut_anywhere),
        cmocka_unit_test(drops_every_flipped_header_bit),
        cmocka_unit_test(drops_what_is_wrong_or_for_others),
        cmocka_unit_test(survives_an_endless_frame),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
