// TOP: wt_mac_tx_xgmii
#include <csetjmp>
#include <cstdarg>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
extern "C" {
#include <cmocka.h>
}
#include <algorithm>

#include "Vwt_mac_tx_xgmii.h"
#include "tests/hdl/xgmii_model.h"
#include "verilated.h"

struct Send {
    Bytes bytes;
    unsigned wait = 0; // cycles without a beat before it
    bool error = false;
    size_t pause_at = 0; // a beat before which valid goes low for a cycle; 0: none
    bool cut() const
    {
        return error || pause_at;
    }
};

struct Seen {
    Lanes lanes;
    std::vector<size_t> first; // the cycle in which each frame's first beat was taken
    uint32_t sent = 0, cut = 0;
};

static Seen send(const std::vector<Send> &frames)
{
    Vwt_mac_tx_xgmii m;
    Random r(99);
    Seen seen;
    m.rst_i = 1;
    size_t frame = 0, at = 0, quiet = 0;
    unsigned wait = frames[0].wait;
    bool paused = false;
    for (size_t cycle = 0; quiet < 20; cycle++) {
        m.clk_i = 0;
        m.valid_i = 0;
        m.data_i = r.bits();
        if (cycle && wait) {
            wait--;
        } else if (cycle && frame < frames.size()) {
            const Send &s = frames[frame];
            if (s.pause_at && at == 8 * s.pause_at && !paused) {
                paused = true;
            } else {
                size_t n = std::min<size_t>(8, s.bytes.size() - at);
                for (size_t i = 0; i < n; i++)
                    m.data_i = (m.data_i & ~(0xffull << 8 * i)) | (uint64_t)s.bytes[at + i] << 8 * i;
                m.keep_i = (uint8_t)(0xff >> (8 - n));
                m.last_i = at + n == s.bytes.size();
                m.error_i = m.last_i && s.error;
                m.valid_i = 1;
            }
        }
        m.eval();
        if (!m.rst_i)
            push_word(seen.lanes, m.xgmii_d_o, m.xgmii_c_o);
        if (m.valid_i && m.ready_o) {
            if (at == 0)
                seen.first.push_back(seen.lanes.size() / 8 - 1);
            at += 8;
            if (m.last_i) {
                at = 0;
                paused = false;
                wait = ++frame < frames.size() ? frames[frame].wait : 0;
            }
        }
        quiet = frame == frames.size() && m.idle_o ? quiet + 1 : 0;
        if (m.idle_o && cycle && !m.rst_i) {
            assert_true(m.xgmii_d_o == 0x0707070707070707u);
            assert_int_equal(m.xgmii_c_o, 0xff);
        }
        m.clk_i = 1;
        m.eval();
        m.rst_i = 0;
        assert_true(cycle < 10000000);
    }
    seen.cut = (uint32_t)(m.counters_o >> 32);
    seen.sent = (uint32_t)m.counters_o;
    return seen;
}

// Reads the wire as a receiver would and checks every byte of it, gaps and starts too: a start comes as
// early as the deficit idle count allows, or two cycles after its first beat.
static void check(const std::vector<Send> &frames)
{
    Seen seen = send(frames);
    const Lanes &x = seen.lanes;
    size_t at = 0, gap_bytes = 0, gaps = 0;
    uint32_t cut = 0;
    size_t earliest = 0; // lane position of the next start
    int deficit = 0;
    for (size_t k = 0; k < frames.size(); k++) {
        const Send &s = frames[k];
        size_t from = at;
        while (at < x.size() && x[at] == Lane{X_IDLE, true})
            at++;
        assert_true(at < x.size());
        assert_int_equal(at % 4, 0);
        size_t soonest = (seen.first[k] + 2) * 8;
        assert_int_equal(at / 8, std::max(soonest, earliest) / 8);
        assert_true(at >= earliest);
        if (k && at == earliest)
            gap_bytes += at - from + 1, gaps++;
        Lanes want;
        preamble(want);
        for (const Lane &l : want)
            assert_true(x[at++] == l);
        Bytes all = s.bytes;
        if (all.size() < 60)
            all.resize(60, 0);
        if (s.cut()) {
            cut++;
            size_t good = s.pause_at ? 8 * s.pause_at : (s.bytes.size() - 1) / 8 * 8;
            for (size_t i = 0; i < good; i++)
                assert_true((x[at++] == Lane{s.bytes[i], false}));
            for (unsigned i = 0; i < 7; i++)
                assert_true((x[at++] == Lane{X_ERROR, true}));
        } else {
            for (uint8_t b : all)
                assert_true((x[at++] == Lane{b, false}));
            for (uint8_t b : fcs_of(all))
                assert_true((x[at++] == Lane{b, false}));
        }
        assert_true((x[at] == Lane{X_TERMINATE, true}));
        // IEEE 802.3 46.3.1.4: round down to a lane that may start while the deficit stays below four.
        size_t rest = (at + 12) % 4;
        if (deficit + (int)rest <= 3) {
            earliest = at + 12 - rest;
            deficit += (int)rest;
        } else {
            earliest = at + 12 + 4 - rest;
            deficit -= 4 - (int)rest;
        }
        at++;
    }
    while (at < x.size())
        assert_true((x[at++] == Lane{X_IDLE, true}));
    assert_int_equal(seen.cut, cut);
    assert_int_equal(seen.sent, frames.size() - cut);
    // The point of counting: frames that wait for nothing are twelve bytes apart on average.
    if (std::all_of(frames.begin(), frames.end(), [](const Send &s) { return s.wait == 0; })) {
        assert_int_equal(gaps, frames.size() - 1);
        assert_true(gap_bytes >= 12 * gaps - 3 && gap_bytes <= 12 * gaps);
    }
}

static void sends_every_length_alone(void **)
{
    Random r(1);
    std::vector<Send> f;
    for (unsigned n = 1; n <= 1600; n++)
        f.push_back({random_frame(n, r), 10 + n % 8});
    check(f);
}

static void sends_every_length_back_to_back(void **)
{
    Random r(2);
    std::vector<Send> f;
    for (unsigned n = 1; n <= 1600; n++)
        f.push_back({random_frame(n, r)});
    check(f);
}

// Each rest modulo four gives its own pattern of the deficit; then all of them mixed.
static void keeps_the_average_gap(void **)
{
    for (unsigned n = 60; n < 76; n++) {
        Random r(n);
        std::vector<Send> f;
        for (unsigned i = 0; i < 600; i++)
            f.push_back({random_frame(n, r)});
        check(f);
    }
    Random r(3);
    std::vector<Send> f;
    for (unsigned i = 0; i < 5000; i++)
        f.push_back({random_frame(60 + r.below(64), r)});
    check(f);
}

static void starts_as_soon_as_asked(void **)
{
    Random r(4);
    std::vector<Send> f;
    for (unsigned i = 0; i < 5000; i++)
        f.push_back({random_frame(1 + r.below(120), r), r.below(8)});
    check(f);
}

static void cuts_what_pauses_or_is_bad(void **)
{
    Random r(5);
    std::vector<Send> f;
    for (unsigned i = 0; i < 5000; i++) {
        Send s{random_frame(1 + r.below(200), r), r.below(3) ? 0 : r.below(8)};
        size_t beats = (s.bytes.size() + 7) / 8;
        if (r.chance(30))
            s.error = true;
        else if (r.chance(30) && beats > 1)
            s.pause_at = 1 + r.below((unsigned)beats - 1);
        f.push_back(s);
    }
    check(f);
}

int main()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sends_every_length_alone),   cmocka_unit_test(sends_every_length_back_to_back),
        cmocka_unit_test(keeps_the_average_gap),      cmocka_unit_test(starts_as_soon_as_asked),
        cmocka_unit_test(cuts_what_pauses_or_is_bad),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
