// TOP: wt_rgmii_pair
// EXTRA: tests/hdl/wt_rgmii_pair.sv
// PARAMS: -GMAX_BYTES=1604
#include <csetjmp>
#include <cstdarg>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
extern "C" {
#include <cmocka.h>
}
#include <algorithm>

#include "Vwt_rgmii_pair.h"
#include "tests/hdl/xgmii_model.h"
#include "verilated.h"

static const size_t MAX_BYTES = 1604;
enum Class { OK, FCS, CODE, SIZE, CONTROL, LOST, CLASSES };

struct Gmii {
    uint8_t d = 0;
    bool v = false, er = false;
};
using Wire = std::vector<Gmii>;

struct Dut {
    Vwt_rgmii_pair m;
    Wire seen; // what went out at the pins
    Dut()
    {
        m.tx_clk_i = m.rx_clk_i = 0;
        m.tx_valid_i = 0;
        m.rx_ready_i = 1;
        m.rst_i = 1;
        for (int i = 0; i < 3; i++)
            cycle({});
        m.rst_i = 0;
        for (int i = 0; i < 3; i++)
            cycle({});
        seen.clear();
    }
    // One period of both clocks: rx a quarter behind tx. Inputs of tx stand before, of the pins with
    // it; what rx says stands until its edge.
    void cycle(Gmii in, bool loop = false)
    {
        Gmii out;
        m.tx_clk_i = 1;
        m.eval();
        out.d = m.td_o;
        out.v = m.tx_ctl_o;
        m.rd_i = loop ? m.td_o : in.d & 15;
        m.rx_ctl_i = loop ? m.tx_ctl_o : in.v;
        m.rx_clk_i = 1;
        m.eval();
        m.tx_clk_i = 0;
        m.eval();
        out.d |= (uint8_t)(m.td_o << 4);
        out.er = m.tx_ctl_o ^ out.v;
        m.rd_i = loop ? m.td_o : in.d >> 4;
        m.rx_ctl_i = loop ? m.tx_ctl_o : in.v ^ in.er;
        m.rx_clk_i = 0;
        m.eval();
        seen.push_back(out);
    }
    uint32_t counter(unsigned i)
    {
        return (uint32_t)bits_of(m.rx_counters_o, 32 * i, 32);
    }
};

static void take(Vwt_rgmii_pair &m, Bytes &got)
{
    unsigned n = 0;
    for (; m.rx_keep_o >> n & 1; n++)
        got.push_back((uint8_t)(m.rx_data_o >> (8 * n)));
    assert_int_equal(m.rx_keep_o, (1u << n) - 1);
    assert_true(n > 0 && (n == 8 || m.rx_last_o));
}

// ---------------------------------------------------------------- send

struct Send {
    Bytes bytes;
    unsigned wait = 0;
    bool error = false;
    size_t pause_at = 0; // a beat that comes too late; 0: none
};

struct Feeder {
    const std::vector<Send> &frames;
    size_t frame = 0, at = 0;
    unsigned wait = 0, late = 0;
    std::vector<size_t> offered;
    explicit Feeder(const std::vector<Send> &f) : frames(f), wait(f[0].wait)
    {
    }
    bool done() const
    {
        return frame == frames.size();
    }
    // Before the rising edge of tx: offers a beat and notes whether the edge takes it.
    void drive(Dut &dut, size_t cycle)
    {
        Vwt_rgmii_pair &m = dut.m;
        m.tx_valid_i = 0;
        if (wait) {
            wait--;
        } else if (!done()) {
            const Send &s = frames[frame];
            if (s.pause_at && at == 8 * s.pause_at && late < 20) {
                late++;
                return;
            }
            size_t n = std::min<size_t>(8, s.bytes.size() - at);
            m.tx_data_i = 0x5a5a5a5a5a5a5a5au;
            for (size_t i = 0; i < n; i++)
                m.tx_data_i = (m.tx_data_i & ~(0xffull << 8 * i)) | (uint64_t)s.bytes[at + i] << 8 * i;
            m.tx_keep_i = (uint8_t)(0xff >> (8 - n));
            m.tx_last_i = at + n == s.bytes.size();
            m.tx_error_i = m.tx_last_i && s.error;
            m.tx_valid_i = 1;
            if (at == 0 && offered.size() == frame)
                offered.push_back(cycle);
            m.eval();
            if (m.tx_ready_o) {
                at += 8;
                if (m.tx_last_i) {
                    at = 0;
                    late = 0;
                    wait = ++frame < frames.size() ? frames[frame].wait : 0;
                }
            }
        }
    }
};

static void check_sent(const std::vector<Send> &frames)
{
    Dut dut;
    Feeder feeder(frames);
    size_t cycle = 0;
    for (unsigned quiet = 0; quiet < 30; cycle++) {
        feeder.drive(dut, cycle);
        dut.m.eval();
        quiet = feeder.done() && dut.m.tx_idle_o && !dut.m.tx_valid_i ? quiet + 1 : 0;
        dut.cycle({});
    }
    const Wire &x = dut.seen;
    size_t at = 0, earliest = 0;
    uint32_t cut = 0;
    for (size_t k = 0; k < frames.size(); k++) {
        const Send &s = frames[k];
        while (at < x.size() && !x[at].v) {
            assert_false(x[at].er);
            at++;
        }
        // as soon as it may: pins show cycle k after its edge, so two cycles of latency are one here
        assert_int_equal(at, std::max(feeder.offered[k] + 1, earliest));
        for (unsigned i = 0; i < 8; i++, at++)
            assert_true(x[at].v && !x[at].er && x[at].d == (i == 7 ? 0xd5 : 0x55));
        Bytes all = s.bytes;
        bool is_cut = s.error || s.pause_at;
        if (is_cut) {
            cut++;
            all.resize(s.pause_at ? 8 * s.pause_at : (s.bytes.size() - 1) / 8 * 8);
        } else {
            all.resize(std::max<size_t>(60, all.size()), 0);
            Bytes fcs = fcs_of(all);
            all.insert(all.end(), fcs.begin(), fcs.end());
        }
        for (uint8_t b : all) {
            assert_true(x[at].v && !x[at].er && x[at].d == b);
            at++;
        }
        if (is_cut) {
            assert_true(x[at].v && x[at].er);
            at++;
        }
        assert_false(x[at].v);
        earliest = at + 12;
    }
    for (; at < x.size(); at++)
        assert_false(x[at].v || x[at].er);
    assert_int_equal(dut.m.tx_counters_o >> 32, cut);
    assert_int_equal((uint32_t)dut.m.tx_counters_o, frames.size() - cut);
}

static void sends_every_length(void **)
{
    Random r(1);
    std::vector<Send> f;
    for (unsigned n = 1; n <= 200; n++)
        f.push_back({random_frame(n, r)});
    for (unsigned n = 1; n <= 1600; n += 1 + r.below(40))
        f.push_back({random_frame(n, r), r.below(40)});
    f.push_back({random_frame(1600, r)});
    check_sent(f);
}

static void cuts_what_is_late_or_bad(void **)
{
    Random r(2);
    std::vector<Send> f;
    for (unsigned i = 0; i < 600; i++) {
        Send s{random_frame(1 + r.below(100), r), r.chance(50) ? 0 : r.below(60)};
        size_t beats = (s.bytes.size() + 7) / 8;
        if (r.chance(30))
            s.error = true;
        else if (r.chance(30) && beats > 1)
            s.pause_at = 1 + r.below((unsigned)beats - 1);
        f.push_back(s);
    }
    check_sent(f);
}

// ---------------------------------------------------------------- receive

struct Want {
    Class what;
    Bytes bytes;
    size_t last_fcs;
};

struct Plan {
    Wire wire;
    std::vector<Want> want;
    uint32_t count[CLASSES] = {};
    void gap(size_t n)
    {
        wire.insert(wire.end(), n, Gmii{});
    }
    void raw(const Bytes &b, unsigned preamble = 7, size_t er_at = SIZE_MAX)
    {
        for (unsigned i = 0; i < preamble; i++)
            wire.push_back({0x55, true, false});
        wire.push_back({0xd5, true, false});
        for (size_t i = 0; i < b.size(); i++)
            wire.push_back({b[i], true, i == er_at});
        Bytes body(b.begin(), b.begin() + (long)(b.size() < 4 ? 0 : b.size() - 4));
        Bytes fcs(b.begin() + (long)body.size(), b.end());
        Class what = b.size() > MAX_BYTES && er_at > MAX_BYTES ? SIZE
                     : er_at < b.size()                        ? CODE
                     : b.size() < 64                           ? SIZE
                     : fcs != fcs_of(body)                     ? FCS
                     : body[12] == 0x88 && body[13] == 0x08    ? CONTROL
                                                               : OK;
        count[what]++;
        if (b.size() > 4 && !(b.size() > 13 && b[12] == 0x88 && b[13] == 0x08))
            want.push_back({what, body, b.size() > MAX_BYTES ? 0 : wire.size() - 1});
    }
    void good(const Bytes &b, unsigned preamble = 7, size_t er_at = SIZE_MAX)
    {
        Bytes all = b, fcs = fcs_of(b);
        all.insert(all.end(), fcs.begin(), fcs.end());
        raw(all, preamble, er_at);
    }
};

static void check_received(Plan plan)
{
    Dut dut;
    Bytes got;
    size_t next = 0;
    plan.gap(20);
    for (size_t cycle = 0; cycle < plan.wire.size(); cycle++) {
        // before this cycle's edge; the DDR registers take one cycle more
        if (dut.m.rx_valid_o) {
            take(dut.m, got);
            if (dut.m.rx_last_o) {
                assert_true(next < plan.want.size());
                const Want &w = plan.want[next++];
                assert_int_equal(dut.m.rx_error_o, w.what != OK);
                if (w.what == OK)
                    assert_true(got == w.bytes);
                if (w.last_fcs)
                    assert_int_equal(cycle, w.last_fcs + 2 + 3);
                got.clear();
            }
        }
        dut.cycle(plan.wire[cycle]);
    }
    assert_int_equal(next, plan.want.size());
    for (unsigned i = 0; i < CLASSES; i++)
        assert_int_equal(dut.counter(i), plan.count[i]);
    assert_true(dut.m.rx_idle_o);
}

static void takes_every_length(void **)
{
    Random r(3);
    Plan p;
    for (unsigned n = 1; n <= 200; n++) {
        p.gap(1 + r.below(14));
        p.good(random_frame(n, r), r.below(12));
    }
    for (unsigned n = 200; n <= 1600; n += 1 + r.below(30)) {
        p.gap(12);
        p.good(random_frame(n, r));
    }
    p.gap(12);
    p.good(random_frame(1600, r));
    p.gap(12);
    p.good(random_frame(1601, r));
    p.gap(12);
    p.good(random_frame(5000, r));
    p.gap(12);
    p.good(random_frame(60, r));
    assert_int_equal(p.count[SIZE], 59 + 2);
    check_received(p);
}

static void refuses_what_is_damaged(void **)
{
    Random r(4);
    Plan p;
    Bytes b = random_frame(61, r), fcs = fcs_of(b);
    b.insert(b.end(), fcs.begin(), fcs.end());
    for (unsigned bit = 0; bit < 8 * b.size(); bit++) {
        Bytes bad = b;
        bad[bit / 8] ^= (uint8_t)(1u << bit % 8);
        p.gap(1 + r.below(12));
        p.raw(bad);
    }
    for (size_t n = 0; n <= b.size(); n++) {
        p.gap(1 + r.below(12));
        p.raw(Bytes(b.begin(), b.begin() + (long)n), 7);
        p.gap(1 + r.below(12));
        p.raw(b, 7, n);
    }
    // Preambles that are none: a wrong byte, er, nothing behind them.
    for (unsigned i = 0; i < 50; i++) {
        p.gap(12);
        for (unsigned k = r.below(8); k--;)
            p.wire.push_back({0x55, true, false});
        switch (r.below(3)) {
        case 0:
            p.wire.push_back({0x54, true, false});
            break;
        case 1:
            p.wire.push_back({0x55, true, true});
            break;
        default:
            p.wire.push_back({0x55, true, false});
            p.gap(1);
            p.count[CODE]++;
            continue;
        }
        for (unsigned k = r.below(40); k--;)
            p.wire.push_back({(uint8_t)r.bits(), true, false});
        p.count[CODE]++;
        p.gap(1);
        p.good(random_frame(60, r));
    }
    // MAC control
    for (unsigned i = 0; i < 50; i++) {
        Bytes c = random_frame(60, r);
        c[12] = 0x88;
        c[13] = r.chance(50) ? 0x08 : 0x09;
        p.gap(1 + r.below(12));
        p.good(c);
    }
    assert_true(p.count[CONTROL] > 10 && p.count[CODE] > 90 && p.count[FCS] >= 8 * 65);
    check_received(p);
}

// ---------------------------------------------------------------- both

static void takes_what_it_sends(void **)
{
    Random r(5);
    std::vector<Send> f;
    for (unsigned i = 0; i < 400; i++)
        f.push_back({random_frame(60 + r.below(200), r), r.chance(50) ? 0 : r.below(40)});
    Dut dut;
    Feeder feeder(f);
    Bytes got;
    size_t next = 0;
    for (size_t cycle = 0; next < f.size(); cycle++) {
        assert_true(cycle < 200000);
        feeder.drive(dut, cycle);
        if (dut.m.rx_valid_o) {
            take(dut.m, got);
            if (dut.m.rx_last_o) {
                assert_false(dut.m.rx_error_o);
                assert_true(got == f[next].bytes);
                next++;
                got.clear();
            }
        }
        dut.cycle({}, true);
    }
    assert_int_equal(dut.counter(OK), f.size());
}

static void drops_whole_frames_when_held(void **)
{
    Random r(6);
    Plan p;
    for (unsigned i = 0; i < 2000; i++) {
        p.gap(12);
        p.good(random_frame(60 + r.below(60), r));
    }
    p.gap(400);
    Dut dut;
    Bytes got;
    uint32_t good = 0, bad = 0, hold = 0;
    size_t at = 0;
    bool waits = false;
    uint64_t data = 0;
    unsigned flags = 0;
    for (size_t cycle = 0; cycle < p.wire.size(); cycle++) {
        if (hold)
            hold--;
        else
            dut.m.rx_ready_i = !r.chance(30), hold = r.below(dut.m.rx_ready_i ? 200 : 60);
        if (cycle + 300 > p.wire.size())
            dut.m.rx_ready_i = 1;
        if (waits)
            assert_true(dut.m.rx_valid_o && dut.m.rx_data_o == data &&
                        flags == dut.m.rx_keep_o * 4u + dut.m.rx_last_o * 2u + dut.m.rx_error_o);
        waits = dut.m.rx_valid_o && !dut.m.rx_ready_i;
        data = dut.m.rx_data_o;
        flags = dut.m.rx_keep_o * 4u + dut.m.rx_last_o * 2u + dut.m.rx_error_o;
        if (dut.m.rx_valid_o && dut.m.rx_ready_i) {
            take(dut.m, got);
            if (dut.m.rx_last_o && !dut.m.rx_error_o) {
                while (at < p.want.size() && p.want[at].bytes != got)
                    at++;
                assert_true(at++ < p.want.size());
                good++;
            } else if (dut.m.rx_last_o) {
                bad++;
            }
            if (dut.m.rx_last_o)
                got.clear();
        }
        dut.cycle(p.wire[cycle]);
    }
    assert_true(got.empty());
    assert_int_equal(dut.counter(OK), good);
    assert_int_equal(dut.counter(OK) + dut.counter(LOST), p.count[OK]);
    assert_true(dut.counter(LOST) >= bad && bad > 20 && good > 200);
}

int main()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sends_every_length),  cmocka_unit_test(cuts_what_is_late_or_bad),
        cmocka_unit_test(takes_every_length),  cmocka_unit_test(refuses_what_is_damaged),
        cmocka_unit_test(takes_what_it_sends), cmocka_unit_test(drops_whole_frames_when_held),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
