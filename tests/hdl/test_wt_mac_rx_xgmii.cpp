// TOP: wt_mac_rx_xgmii
// PARAMS: -GMAX_BYTES=1604
#include <csetjmp>
#include <cstdarg>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
extern "C" {
#include <cmocka.h>
}
#include "Vwt_mac_rx_xgmii.h"
#include "tests/hdl/xgmii_model.h"
#include "verilated.h"

static const size_t MAX_BYTES = 1604;

enum Class { OK, FCS, CODE, SIZE, CONTROL, LOST, CLASSES };

// What goes over the wire, and what should become of it.
struct Wire {
    Lanes lanes;
    struct Want {
        Class what;
        Bytes bytes;     // of the beats; for a bad frame only the first part is promised
        size_t last_fcs; // lane at which the last byte of the FCS lies
        size_t end;      // and the character behind it
    };
    std::vector<Want> want;
    uint32_t count[CLASSES] = {};

    void gap(size_t n)
    {
        idle(lanes, n);
    }
    void align(unsigned to = 4)
    {
        while (lanes.size() % to)
            gap(1);
    }
    // The bytes between preamble and end, FCS included, as they are.
    void raw(const Bytes &b, uint8_t end = X_TERMINATE)
    {
        align();
        preamble(lanes);
        data(lanes, b);
        size_t at = lanes.size();
        lanes.push_back({end, true});
        Bytes body(b.begin(), b.begin() + (long)(b.size() < 4 ? 0 : b.size() - 4));
        Bytes fcs(b.begin() + (long)body.size(), b.end());
        Class what = OK;
        if (b.size() > MAX_BYTES)
            what = SIZE, at = 0;
        else if (end != X_TERMINATE)
            what = CODE;
        else if (b.size() < 64)
            what = SIZE;
        else if (fcs != fcs_of(body))
            what = FCS;
        else if (body[12] == 0x88 && body[13] == 0x08)
            what = CONTROL;
        count[what]++;
        bool silent = b.size() > 13 && b[12] == 0x88 && b[13] == 0x08;
        if (!silent && b.size() > 4)
            want.push_back({what, body, at - 1, at});
    }
    void good(const Bytes &b)
    {
        Bytes all = b, fcs = fcs_of(b);
        all.insert(all.end(), fcs.begin(), fcs.end());
        raw(all);
    }
};

struct Dut {
    Vwt_mac_rx_xgmii m;
    Dut()
    {
        m.rst_i = 1;
        m.ready_i = 1;
        for (int i = 0; i < 3; i++)
            cycle(Word{0x0707070707070707u, 0xff});
        m.rst_i = 0;
    }
    void cycle(Word w)
    {
        before(w);
        after();
    }
    void before(Word w)
    {
        m.clk_i = 0;
        m.xgmii_d_i = w.d;
        m.xgmii_c_i = w.c;
        m.eval();
    }
    void after()
    {
        m.clk_i = 1;
        m.eval();
    }
    uint32_t counter(unsigned i)
    {
        return (uint32_t)bits_of(m.counters_o, 32 * i, 32);
    }
};

static uint64_t frame_bytes(const Vwt_mac_rx_xgmii &m, Bytes &got)
{
    unsigned n = 0;
    for (; m.keep_o >> n & 1; n++)
        got.push_back((uint8_t)(m.data_o >> (8 * n)));
    assert_int_equal(m.keep_o, (1u << n) - 1); // no holes
    assert_true(n > 0);
    assert_true(n == 8 || m.last_o);
    return n;
}

// Latency is what the module's head says, to the cycle.
static size_t due(const Wire::Want &w, bool lane4)
{
    bool fast = !lane4 && w.end % 8 >= 1 && w.end % 8 <= 4;
    return w.last_fcs / 8 + (fast ? 1 : 2);
}

static void play(const Wire &wire)
{
    Dut dut;
    size_t next = 0;
    Bytes got;
    for (size_t cycle = 0; cycle < wire.lanes.size() / 8 + 8; cycle++) {
        Word w = word_at(wire.lanes, cycle * 8);
        dut.before(w);
        if (!got.empty())
            assert_true(dut.m.valid_o); // a frame comes without pauses
        if (dut.m.valid_o) {
            frame_bytes(dut.m, got);
            if (!dut.m.last_o)
                assert_false(dut.m.error_o);
            if (dut.m.last_o) {
                assert_true(next < wire.want.size());
                const Wire::Want &want = wire.want[next++];
                assert_int_equal(dut.m.error_o, want.what != OK);
                if (want.what == OK)
                    assert_true(got == want.bytes);
                if (want.end) {
                    size_t start = want.end - want.bytes.size() - 12;
                    assert_int_equal(cycle, due(want, start % 8 == 4));
                } else {
                    assert_true(got.size() <= MAX_BYTES);
                }
                got.clear();
            }
        }
        dut.after();
    }
    for (int i = 0; i < 4; i++)
        dut.cycle(Word{0x0707070707070707u, 0xff});
    dut.before(Word{0x0707070707070707u, 0xff});
    assert_true(dut.m.idle_o);
    assert_int_equal(next, wire.want.size());
    for (unsigned i = 0; i < CLASSES; i++)
        assert_int_equal(dut.counter(i), wire.count[i]);
}

// 60 to 1600 bytes, from both lanes, so that every lane ends frames.
static void takes_every_length_on_both_lanes(void **)
{
    Random r(1);
    for (unsigned lane = 0; lane < 8; lane += 4) {
        Wire w;
        for (unsigned n = 1; n <= 1600; n++) {
            w.align(8);
            w.gap(lane);
            w.good(random_frame(n, r));
            w.gap(r.below(30));
        }
        assert_int_equal(w.count[OK], 1541);
        assert_int_equal(w.count[SIZE], 59);
        play(w);
    }
}

// One to forty bytes between frames, the end's own byte included, wherever a start may stand.
static void takes_every_gap(void **)
{
    Random r(2);
    Wire w;
    for (unsigned n = 60; n < 76; n++)
        for (unsigned gap = 1; gap < 40; gap++) {
            w.good(random_frame(n, r));
            w.gap(gap - 1);
        }
    for (unsigned i = 0; i < 2000; i++)
        w.good(random_frame(60 + r.below(20), r)); // the next lane that may start
    play(w);
}

static void refuses_every_flipped_bit(void **)
{
    Random r(3);
    Wire w;
    for (unsigned n = 60; n < 69; n++) {
        Bytes b = random_frame(n, r), fcs = fcs_of(b);
        b.insert(b.end(), fcs.begin(), fcs.end());
        for (unsigned bit = 0; bit < 8 * b.size(); bit++) {
            Bytes bad = b;
            bad[bit / 8] ^= (uint8_t)(1u << bit % 8);
            w.raw(bad);
            if (r.chance(10))
                w.raw(b);
            w.gap(r.below(20));
        }
    }
    assert_true(w.count[FCS] > 9 * 8 * 64);
    play(w);
}

// A frame that is cut, by an end or by something else, after every number of bytes; then another.
static void refuses_cuts_and_error_codes_anywhere(void **)
{
    Random r(4);
    for (uint8_t end : {X_TERMINATE, X_ERROR, X_IDLE, X_SEQUENCE}) {
        Wire w;
        for (unsigned lane = 0; lane < 8; lane += 4)
            for (unsigned n = 0; n <= 90; n++) {
                w.align(8);
                w.gap(lane);
                Bytes b = random_frame(100, r);
                b.resize(n);
                w.raw(b, end);
                if (end == X_ERROR) // the rest of a frame behind an error is no frame
                    data(w.lanes, random_frame(30, r)), w.lanes.push_back({X_TERMINATE, true});
                if (r.chance(50))
                    w.good(random_frame(60 + r.below(10), r));
            }
        play(w);
    }
}

// 0xFB in the middle of a frame ends it, and may begin the next.
static void a_start_within_a_frame_begins_another(void **)
{
    Random r(5);
    Wire w;
    for (unsigned n = 8; n <= 96; n += 4)
        for (unsigned lane = 0; lane < 8; lane += 4) {
            w.align(8);
            w.gap(lane);
            Bytes b = random_frame(n, r);
            w.raw(b, X_START);
            w.lanes.pop_back(); // the next frame's 0xFB is the character
            w.good(random_frame(64, r));
            w.gap(12);
        }
    play(w);
}

static void refuses_wrong_preambles(void **)
{
    Random r(6);
    Wire w;
    uint32_t refused = 0;
    for (unsigned lane = 0; lane < 8; lane += 4)
        for (unsigned bit = 8; bit < 72; bit++) {
            w.align(8);
            w.gap(lane);
            size_t at = w.lanes.size();
            frame(w.lanes, random_frame(70, r));
            if (bit < 64)
                w.lanes[at + bit / 8].d ^= (uint8_t)(1u << bit % 8);
            else if (bit > 64)
                w.lanes[at + bit - 64].c = true;
            else
                w.lanes[at + 3] = {X_IDLE, true};
            refused++;
            w.gap(12);
            w.good(random_frame(60, r));
            w.gap(12);
        }
    w.count[CODE] = refused;
    play(w);
}

static void cuts_what_is_too_long(void **)
{
    Random r(7);
    Wire w;
    for (unsigned lane = 0; lane < 8; lane += 4)
        for (size_t n : {MAX_BYTES - 4, MAX_BYTES - 3, MAX_BYTES - 2, MAX_BYTES, MAX_BYTES + 1, MAX_BYTES + 8,
                         MAX_BYTES + 9, (size_t)70000}) {
            w.align(8);
            w.gap(lane);
            w.good(random_frame(n, r));
            w.gap(12);
            w.good(random_frame(60, r));
            w.gap(12);
        }
    assert_int_equal(w.count[OK], 2 * (1 + 8));
    play(w);
}

static void keeps_quiet_about_mac_control(void **)
{
    Random r(8);
    Wire w;
    for (unsigned i = 0; i < 200; i++) {
        Bytes b = random_frame(60 + r.below(9), r);
        b[12] = 0x88;
        b[13] = 0x08;
        Bytes fcs = fcs_of(b);
        b.insert(b.end(), fcs.begin(), fcs.end());
        if (r.chance(20))
            b[20] ^= 1;
        w.raw(b);
        w.gap(r.below(30));
        b = random_frame(60, r);
        b[12] = 0x88;
        b[13] = 0x09;
        if (r.chance(50))
            w.good(b);
    }
    assert_true(w.count[CONTROL] > 100 && w.count[FCS] > 10 && w.count[OK] > 50);
    play(w);
}

// A user that is not always ready: what comes out is a good frame whole, or ends in error; nothing
// changes while it waits; every frame is counted once.
static void drops_whole_frames_when_held(void **)
{
    Random r(9);
    for (unsigned hold : {1u, 5u, 30u, 80u}) {
        Wire w;
        std::deque<Bytes> sent;
        for (unsigned i = 0; i < 3000; i++) {
            w.good(random_frame(60 + r.below(200), r));
            w.gap(11 + r.below(5));
        }
        Dut dut;
        Bytes got;
        uint32_t good = 0, bad = 0, ready_for = 0;
        bool waits = false;
        uint64_t data = 0;
        unsigned keep = 0, flags = 0;
        size_t at = 0;
        for (size_t cycle = 0; cycle < w.lanes.size() / 8 + 400; cycle++) {
            if (ready_for)
                ready_for--;
            else if (r.chance(hold))
                dut.m.ready_i = 0, ready_for = r.below(60);
            else
                dut.m.ready_i = 1, ready_for = r.below(60);
            if (cycle > w.lanes.size() / 8)
                dut.m.ready_i = 1;
            dut.before(word_at(w.lanes, cycle * 8));
            if (waits) {
                assert_true(dut.m.valid_o);
                assert_true(dut.m.data_o == data);
                assert_int_equal(dut.m.keep_o, keep);
                assert_int_equal(dut.m.last_o * 2 + dut.m.error_o, flags);
            }
            waits = dut.m.valid_o && !dut.m.ready_i;
            data = dut.m.data_o, keep = dut.m.keep_o, flags = dut.m.last_o * 2u + dut.m.error_o;
            if (dut.m.valid_o && dut.m.ready_i) {
                frame_bytes(dut.m, got);
                if (dut.m.last_o && !dut.m.error_o) {
                    while (at < w.want.size() && w.want[at].bytes != got)
                        at++;
                    assert_true(at < w.want.size());
                    at++;
                    good++;
                } else if (dut.m.last_o) {
                    bad++;
                }
                if (dut.m.last_o)
                    got.clear();
            }
            dut.after();
        }
        assert_true(got.empty());
        assert_int_equal(dut.counter(OK), good);
        assert_int_equal(dut.counter(OK) + dut.counter(LOST), w.count[OK]);
        assert_true(dut.counter(LOST) >= bad);
        assert_true(good > 100);
        assert_true(dut.counter(LOST) > (hold == 1 ? 0 : 100));
        for (Class c : {FCS, CODE, SIZE, CONTROL})
            assert_int_equal(dut.counter(c), 0);
    }
}

// Rubbish between good frames: each good frame that is left alone comes out.
static void lives_through_noise(void **)
{
    Random r(10);
    for (unsigned round = 0; round < 20; round++) {
        Dut dut;
        Lanes x;
        std::deque<Bytes> sent;
        for (unsigned i = 0; i < 200; i++) {
            for (unsigned n = r.below(200); n--;) {
                static const uint8_t codes[] = {X_IDLE, X_START, X_TERMINATE, X_ERROR, X_SEQUENCE, 0x00, 0x55, 0xd5};
                bool c = r.chance(30);
                x.push_back({r.chance(70) ? codes[r.below(8)] : (uint8_t)r.bits(), c});
            }
            idle(x, 16);
            while (x.size() % 4)
                idle(x, 1);
            sent.push_back(random_frame(60 + r.below(100), r));
            frame(x, sent.back());
            idle(x, 4);
        }
        Bytes got;
        for (size_t cycle = 0; cycle < x.size() / 8 + 10; cycle++) {
            dut.before(word_at(x, cycle * 8));
            if (dut.m.valid_o)
                frame_bytes(dut.m, got);
            if (dut.m.valid_o && dut.m.last_o) {
                if (!dut.m.error_o) {
                    assert_false(sent.empty());
                    assert_true(got == sent.front());
                    sent.pop_front();
                }
                got.clear();
            }
            dut.after();
        }
        assert_true(sent.empty());
        assert_true(got.empty());
    }
}

int main()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_every_length_on_both_lanes),
        cmocka_unit_test(takes_every_gap),
        cmocka_unit_test(refuses_every_flipped_bit),
        cmocka_unit_test(refuses_cuts_and_error_codes_anywhere),
        cmocka_unit_test(a_start_within_a_frame_begins_another),
        cmocka_unit_test(refuses_wrong_preambles),
        cmocka_unit_test(cuts_what_is_too_long),
        cmocka_unit_test(keeps_quiet_about_mac_control),
        cmocka_unit_test(drops_whole_frames_when_held),
        cmocka_unit_test(lives_through_noise),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
