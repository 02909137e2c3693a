// TOP: wt_card_port
// PARAMS: -GMAX_BYTES=1604 -GTX_FIFO_LOG2=9
#include <csetjmp>
#include <cstdarg>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
extern "C" {
#include <cmocka.h>
}
#include <algorithm>

#include "Vwt_card_port.h"
#include "tests/hdl/xgmii_model.h"
#include "verilated.h"

enum { RECEIVED, FCS, CODE, SIZE, CONTROL, LOST, SENT, CUT, NOT_SENT };

// Three clocks: the core's, and one each for what is received and sent. The next edge is always the
// earliest; the inputs of that clock are set before, and its outputs are those before the edge.
struct Dut {
    Vwt_card_port m;
    uint64_t period[3], at[3];
    Dut(uint64_t core, uint64_t rx, uint64_t tx) : period{core, rx, tx}, at{core, rx + 211, tx + 1733}
    {
        m.clk_i = m.xgmii_rx_clk_i = m.xgmii_tx_clk_i = 0;
        m.tx_valid_i = 0;
        m.rx_ready_i = 1;
        wire(Word{0x0707070707070707u, 0xff});
        reset();
    }
    void wire(Word w)
    {
        m.xgmii_rxd_i = w.d;
        m.xgmii_rxc_i = w.c;
    }
    int next() const
    {
        return (int)(std::min_element(at, at + 3) - at);
    }
    void edge()
    {
        int k = next();
        uint8_t &clk = k == 0 ? m.clk_i : k == 1 ? m.xgmii_rx_clk_i : m.xgmii_tx_clk_i;
        clk = 1;
        m.eval();
        clk = 0;
        m.eval();
        at[k] += period[k];
    }
    void reset()
    {
        m.rst_i = 1;
        while (next() != 0)
            edge();
        edge();
        m.rst_i = 0;
        for (int i = 0; i < 60; i++)
            edge();
    }
    uint32_t counter(unsigned i)
    {
        return (uint32_t)bits_of(m.counters_o, 32 * i, 32);
    }
};

static void take(Vwt_card_port &m, Bytes &got)
{
    unsigned n = 0;
    for (; m.rx_keep_o >> n & 1; n++)
        got.push_back((uint8_t)(m.rx_data_o >> (8 * n)));
    assert_true(n > 0 && (n == 8 || m.rx_last_o));
}

// Frames in at the core's pace with pauses, out over XGMII, in again, out to the core.
static void loop(uint64_t core_ps, uint64_t wire_ps, unsigned in_percent, unsigned frames, bool taken_back)
{
    Dut dut(core_ps, wire_ps, wire_ps);
    Random r(core_ps);
    std::deque<Bytes> sent;
    Bytes now = random_frame(60 + r.below(1400), r), got;
    size_t at = 0;
    bool back = false, offered = false;
    unsigned in = 0, out = 0, quiet = 0, backs = 0;
    Word loop{0x0707070707070707u, 0xff};
    while (quiet < 200) {
        int k = dut.next();
        Vwt_card_port &m = dut.m;
        if (k == 0) {
            if (!offered && in < frames && r.chance(in_percent)) {
                size_t n = std::min<size_t>(8, now.size() - at);
                m.tx_data_i = r.bits();
                for (size_t i = 0; i < n; i++)
                    m.tx_data_i = (m.tx_data_i & ~(0xffull << 8 * i)) | (uint64_t)now[at + i] << 8 * i;
                m.tx_keep_i = (uint8_t)(0xff >> (8 - n));
                m.tx_last_i = at + n == now.size();
                m.tx_error_i = m.tx_last_i && back;
                offered = true;
            }
            m.tx_valid_i = offered;
            m.eval();
            if (offered && m.tx_ready_o) {
                offered = false;
                at += 8;
                if (m.tx_last_i) {
                    if (!back)
                        sent.push_back(now);
                    backs += back;
                    back = taken_back && r.chance(20);
                    now = random_frame(60 + r.below(r.chance(20) ? 1454 : 100), r);
                    at = 0;
                    in++;
                }
            }
            if (m.rx_valid_o) {
                take(m, got);
                if (m.rx_last_o) {
                    assert_false(m.rx_error_o);
                    assert_false(sent.empty());
                    assert_true(got == sent.front());
                    sent.pop_front();
                    got.clear();
                    out++;
                }
            }
            quiet = in == frames && m.idle_o ? quiet + 1 : 0;
        } else if (k == 1) {
            dut.wire(loop);
        } else {
            loop = {m.xgmii_txd_o, m.xgmii_txc_o};
        }
        dut.edge();
    }
    assert_true(sent.empty() && got.empty());
    assert_int_equal(out + backs, frames);
    assert_int_equal(dut.counter(RECEIVED), out);
    assert_int_equal(dut.counter(SENT), out);
    assert_int_equal(dut.counter(NOT_SENT), backs);
    for (unsigned i : {FCS, CODE, SIZE, CONTROL, LOST, CUT})
        assert_int_equal(dut.counter(i), 0);
}

static void carries_frames_between_unrelated_clocks(void **)
{
    loop(6400, 6400, 100, 600, false);
    loop(6400, 6401, 100, 600, false);
    loop(6250, 6400, 100, 600, true);
    loop(4000, 6400, 60, 600, true);
    loop(4000, 6400, 100, 600, false);
}

// A core slower than the line cannot take all of it: what it gets is whole, the rest is counted.
static void drops_whole_frames_for_a_slow_core(void **)
{
    Dut dut(10000, 6400, 6400);
    Random r(1);
    Lanes x;
    std::vector<Bytes> all;
    for (unsigned i = 0; i < 1500; i++) {
        all.push_back(random_frame(60 + r.below(600), r));
        frame(x, all.back());
        idle(x, 11);
        while (x.size() % 4)
            idle(x, 1);
    }
    idle(x, 4000);
    size_t word = 0, next = 0;
    uint32_t good = 0, bad = 0;
    Bytes got;
    while (word < x.size() / 8) {
        int k = dut.next();
        if (k == 0 && dut.m.rx_valid_o) {
            take(dut.m, got);
            if (dut.m.rx_last_o) {
                if (dut.m.rx_error_o) {
                    bad++;
                } else {
                    while (next < all.size() && all[next] != got)
                        next++;
                    assert_true(next++ < all.size());
                    good++;
                }
                got.clear();
            }
        }
        if (k == 1)
            dut.wire(word_at(x, 8 * word++));
        dut.edge();
    }
    assert_true(got.empty());
    assert_true(dut.m.idle_o);
    assert_int_equal(dut.counter(RECEIVED), good);
    assert_int_equal(dut.counter(RECEIVED) + dut.counter(LOST), all.size());
    assert_true(good > 500 && bad > 100 && bad <= dut.counter(LOST));
}

// With one clock for all, as in the simulation: the MAC's one or two cycles and three of the crossing.
static void crosses_in_three_cycles(void **)
{
    for (unsigned n = 60; n < 68; n++) {
        Dut dut(6400, 6400, 6400);
        dut.at[0] = dut.at[1] = dut.at[2] = dut.at[0];
        Random r(n);
        Lanes x;
        frame(x, random_frame(n, r));
        size_t last_fcs = (x.size() - 2) / 8, lane = (x.size() - 1) % 8;
        idle(x, 100);
        size_t cycle = 0, seen = 0;
        for (; cycle < x.size() / 8; cycle++) {
            dut.wire(word_at(x, 8 * cycle));
            dut.m.eval();
            if (dut.m.rx_valid_o && dut.m.rx_last_o)
                seen = cycle;
            dut.m.clk_i = dut.m.xgmii_rx_clk_i = dut.m.xgmii_tx_clk_i = 1;
            dut.m.eval();
            dut.m.clk_i = dut.m.xgmii_rx_clk_i = dut.m.xgmii_tx_clk_i = 0;
            dut.m.eval();
        }
        assert_int_equal(seen, last_fcs + (lane >= 1 && lane <= 4 ? 1 : 2) + 3);
    }
}

// A frame longer than the FIFO is not sent, and the next one is.
static void survives_a_frame_too_long_to_send(void **)
{
    Dut dut(6400, 6400, 6400);
    for (unsigned f = 0; f < 2; f++) {
        unsigned words = f ? 10 : 700;
        for (unsigned i = 0; i < words;) {
            if (dut.next() == 0) {
                dut.m.tx_valid_i = 1;
                dut.m.tx_data_i = i;
                dut.m.tx_keep_i = 0xff;
                dut.m.tx_last_i = ++i == words;
                dut.m.tx_error_i = 0;
                dut.m.eval();
                assert_true(dut.m.tx_ready_o);
            }
            dut.edge();
        }
        dut.m.tx_valid_i = 0;
    }
    for (int i = 0; i < 300; i++)
        dut.edge();
    assert_int_equal(dut.counter(NOT_SENT), 1);
    assert_int_equal(dut.counter(SENT), 1);
}

// Reset in the middle of frames: nothing of before comes out behind it, and the counters are zero.
static void forgets_all_at_reset(void **)
{
    Random r(3);
    Dut dut(6250, 6400, 6399);
    for (unsigned round = 0; round < 50; round++) {
        Lanes x;
        idle(x, 8 * r.below(3));
        for (unsigned i = 0; i < 4; i++)
            frame(x, random_frame(100, r)), idle(x, 15 + 8 - x.size() % 8);
        size_t word = 0, stop = r.below((unsigned)x.size() / 8);
        while (word < stop) {
            if (dut.next() == 1)
                dut.wire(word_at(x, 8 * word++));
            dut.edge();
        }
        dut.wire(Word{0x0707070707070707u, 0xff});
        dut.reset();
        assert_false(dut.m.rx_valid_o);
        for (unsigned i = 0; i < 9; i++)
            assert_int_equal(dut.counter(i), 0);
        Bytes good = random_frame(100, r), got;
        Lanes y;
        idle(y, 16);
        frame(y, good);
        idle(y, 100);
        for (word = 0; word < y.size() / 8;) {
            if (dut.next() == 0 && dut.m.rx_valid_o)
                take(dut.m, got);
            if (dut.next() == 1)
                dut.wire(word_at(y, 8 * word++));
            dut.edge();
        }
        assert_true(got == good);
    }
}

int main()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(carries_frames_between_unrelated_clocks),
        cmocka_unit_test(drops_whole_frames_for_a_slow_core),
        cmocka_unit_test(crosses_in_three_cycles),
        cmocka_unit_test(survives_a_frame_too_long_to_send),
        cmocka_unit_test(forgets_all_at_reset),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
