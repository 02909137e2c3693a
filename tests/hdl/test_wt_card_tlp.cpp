// TOP: wt_card_tlp
// PARAMS: -GTLP_W=64 -GTX_LOG2=6 -GTX_BEATS=20 -GRX_LOG2=3
#include <csetjmp>
#include <cstdarg>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
extern "C" {
#include <cmocka.h>
}
#include <algorithm>
#include <deque>
#include <vector>

#include "Vwt_card_tlp.h"
#include "tests/hdl/feed_model.h"
#include "verilated.h"

struct Beat {
    uint64_t data;
    uint8_t keep;
    bool last;
    bool operator==(const Beat &b) const
    {
        return data == b.data && keep == b.keep && last == b.last;
    }
};

// A source that offers TLPs with pauses, and holds what it offers until it is taken.
struct Source {
    Random &r;
    unsigned pauses, left, length = 0, at = 0;
    bool offered = false, pauses_within;
    Beat now{};
    Source(Random &random, unsigned percent, unsigned tlps, bool within)
        : r(random), pauses(percent), left(tlps), pauses_within(within)
    {
    }
    bool offer(unsigned longest)
    {
        if (offered)
            return true;
        if (at == length) {
            if (!left || r.chance(pauses))
                return false;
            left--;
            length = 1 + r.below(r.chance(20) ? longest : 4);
            at = 0;
        } else if (pauses_within && r.chance(pauses))
            return false;
        at++;
        now = {r.bits(), (uint8_t)(at == length ? 1 + 2 * r.below(2) : 3), at == length};
        return offered = true;
    }
    bool done() const
    {
        return !left && at == length && !offered;
    }
};

// Two clocks; the next edge is the earlier one, its inputs are set before and its outputs looked at before.
struct Dut {
    Vwt_card_tlp m;
    uint64_t core_ps, link_ps, core_at, link_at;
    Dut(uint64_t core, uint64_t link) : core_ps(core), link_ps(link), core_at(core), link_at(link + 173)
    {
        m.clk_i = m.link_clk_i = 0;
        m.tlp_tx_valid_i = m.link_rx_valid_i = m.tlp_rx_ready_i = m.link_tx_ready_i = 0;
        m.link_max_payload_i = 1;
        m.link_bus_master_i = 0;
        m.link_requester_id_i = 0;
        m.link_msix_enable_i = m.link_msix_mask_i = 0;
    }
    bool core_next() const
    {
        return core_at <= link_at;
    }
    void edge()
    {
        bool core = core_next();
        CData &clk = core ? m.clk_i : m.link_clk_i;
        clk = 1;
        m.eval();
        clk = 0;
        m.eval();
        (core ? core_at : link_at) += core ? core_ps : link_ps;
    }
    void reset()
    {
        bool seen = false;
        unsigned cleared = 0;
        m.link_rst_i = 1;
        for (int i = 0; i < 2; i++) { // one edge of the link's clock sees it
            while (core_next())
                edge();
            edge();
        }
        m.link_rst_i = 0;
        for (int i = 0; i < 400; i++) {
            // what is offered meanwhile is not taken
            m.tlp_tx_valid_i = m.rst_o;
            m.link_rx_valid_i = m.link_rst_o;
            m.eval();
            assert_false(m.tlp_tx_valid_i && m.tlp_tx_ready_o);
            assert_false(m.link_rx_valid_i && m.link_rx_ready_o);
            edge();
            seen |= m.rst_o && m.link_rst_o;
            cleared = m.rst_o || m.link_rst_o ? 0 : cleared + 1;
        }
        assert_true(seen);
        assert_true(cleared > 100);
    }
};

// How often the core had to wait.
static unsigned run(uint64_t core_ps, uint64_t link_ps, unsigned pauses, unsigned tlps)
{
    Dut dut(core_ps, link_ps);
    Vwt_card_tlp &m = dut.m;
    Random r(core_ps * 7 + link_ps + pauses);
    dut.reset();
    Source up(r, pauses, tlps, true), down(r, pauses, tlps, true);
    std::deque<Beat> to_host, to_core;
    bool within = false;
    unsigned quiet = 0, reset_after = tlps / 2, came = 0, full = 0;
    while (quiet < 200) {
        if (dut.core_next()) {
            m.tlp_tx_valid_i = up.offer(20);
            m.tlp_tx_data_i = up.now.data;
            m.tlp_tx_keep_i = up.now.keep;
            m.tlp_tx_last_i = up.now.last;
            m.tlp_rx_ready_i = !r.chance(pauses);
            m.eval();
            if (m.tlp_tx_valid_i && m.tlp_tx_ready_o) {
                to_host.push_back(up.now);
                up.offered = false;
            }
            full += m.tlp_tx_valid_i && !m.tlp_tx_ready_o;
            if (m.tlp_rx_valid_o && m.tlp_rx_ready_i) {
                assert_false(to_core.empty());
                assert_true(to_core.front() ==
                            (Beat{m.tlp_rx_data_o, (uint8_t)m.tlp_rx_keep_o, (bool)m.tlp_rx_last_o}));
                to_core.pop_front();
            }
        } else {
            m.link_rx_valid_i = down.offer(20);
            m.link_rx_data_i = down.now.data;
            m.link_rx_keep_i = down.now.keep;
            m.link_rx_last_i = down.now.last;
            m.link_tx_ready_i = !r.chance(pauses);
            m.eval();
            if (m.link_rx_valid_i && m.link_rx_ready_o) {
                to_core.push_back(down.now);
                down.offered = false;
            }
            // what a hard block wants: no pause within a TLP
            if (within)
                assert_true(m.link_tx_valid_o);
            if (m.link_tx_valid_o && m.link_tx_ready_i) {
                assert_false(to_host.empty());
                assert_true(to_host.front() ==
                            (Beat{m.link_tx_data_o, (uint8_t)m.link_tx_keep_o, (bool)m.link_tx_last_o}));
                to_host.pop_front();
                within = !m.link_tx_last_o;
                came += m.link_tx_last_o;
            }
        }
        // A reset in the middle: what was under way is gone, on both sides; nothing of it shows afterwards.
        if (reset_after && came >= reset_after && within) {
            reset_after = 0;
            m.tlp_tx_valid_i = m.link_rx_valid_i = 0;
            dut.reset();
            assert_false(m.link_tx_valid_o || m.tlp_rx_valid_o);
            up.offered = down.offered = within = false;
            up.at = up.length;
            down.at = down.length;
            to_host.clear();
            to_core.clear();
            continue;
        }
        quiet = up.done() && down.done() && to_host.empty() && to_core.empty() ? quiet + 1 : 0;
        dut.edge();
    }
    assert_int_equal(reset_after, 0);
    assert_true(came > tlps * 3 / 4);
    return full;
}

static void carries_both_ways_at_every_ratio(void **)
{
    static const uint64_t ps[] = {6400, 6401, 4000, 8000, 12800, 2001};
    for (uint64_t core : ps)
        for (uint64_t link : ps)
            for (unsigned pauses : {0u, 10u, 60u}) {
                unsigned waited = run(core, link, pauses, 300);
                if (core * 2 <= link)
                    assert_true(waited > 0);
            }
}

static void brings_the_configuration_over_as_a_whole(void **)
{
    Dut dut(6400, 4000);
    dut.reset();
    Random r(5);
    uint16_t id = 0;
    for (int i = 0; i < 3000; i++) {
        // the fields change together, and must be seen together
        if (!dut.core_next() && r.chance(5)) {
            id = (uint16_t)r.bits();
            dut.m.link_requester_id_i = id;
            dut.m.link_bus_master_i = id & 1;
            dut.m.link_max_payload_i = id >> 1 & 7;
            dut.m.link_msix_enable_i = id >> 4 & 1;
            dut.m.link_msix_mask_i = id >> 5 & 1;
        }
        dut.edge();
        uint16_t seen = dut.m.cfg_requester_id_o;
        if (i > 100) {
            assert_int_equal(dut.m.cfg_bus_master_o, seen & 1);
            assert_int_equal(dut.m.cfg_max_payload_o, seen >> 1 & 7);
            assert_int_equal(dut.m.cfg_msix_enable_o, seen >> 4 & 1);
            assert_int_equal(dut.m.cfg_msix_mask_o, seen >> 5 & 1);
        }
    }
    for (int i = 0; i < 100; i++)
        dut.edge();
    assert_int_equal(dut.m.cfg_requester_id_o, id);
}

int main()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(carries_both_ways_at_every_ratio),
        cmocka_unit_test(brings_the_configuration_over_as_a_whole),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
