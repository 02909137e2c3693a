// The whole card at its ports, and what it shows of when a message passes from stage to stage: for
// test_wt_latency.cpp. One clock for all, as semantics.md 22 measures. Include after cmocka.h.
#pragma once
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include "Vwt_card.h"
#include "Vwt_card___024root.h"
#include "tests/hdl/itch_messages.h"
#include "tests/hdl/tlp_bench.h"
#include "tests/hdl/xgmii_model.h"
#include "verilated.h"
#define _Static_assert static_assert
#include "host/card/wt_schema.h"

// The stages, each up to the first cycle in which the next one could see the message.
enum Stage { MAC, CROSSING, UDP, HOLD, ARBITER, DECODE, BOOK, RECORDS, DMA, STAGES };
static const char *const STAGE_NAMES[STAGES] = {"MAC",    "crossing", "UDP",     "hold", "arbiter",
                                                "decode", "book",     "records", "DMA"};

// A record as it left, in cycles of the card's life: pushed towards DMA, and the first beat of its TLP.
struct Left {
    bool event;
    uint64_t pushed, first_beat;
    uint8_t bytes[64];
    uint8_t kind() const
    {
        return bytes[0];
    }
    uint64_t seq() const
    {
        uint64_t s;
        memcpy(&s, bytes + (event ? offsetof(wt_ev_head, feed_seq) : offsetof(wt_of_record, feed_seq)), 8);
        return s;
    }
};

// A frame's way: where its FCS ended, when each stage up to the book was through with its first message, what left.
struct Passage {
    uint64_t fcs;
    uint64_t at[RECORDS];
    std::vector<Left> left;
};

struct Card {
    static constexpr uint64_t EVENTS = 0x100000000, FLOW = 0x200000000; // bus addresses of the rings
    static constexpr unsigned RING_LOG2 = 16;
    Vwt_card dut;
    TlpSink sink;
    uint64_t cycle = 0;
    std::vector<Tlp> requests; // one word a beat or more; the first is on its way
    std::vector<Tlp> completions;
    Lanes wire[2];
    size_t played[2] = {};
    uint8_t tag = 0;
    uint32_t written[2] = {};
    uint64_t tlp_began = 0;
    std::vector<uint64_t> pushed[2];
    size_t matched[2] = {};
    Passage now;

    Card()
    {
        dut.cfg_bus_master_i = 1;
        dut.cfg_max_payload_i = 1; // 256 bytes
        dut.cfg_requester_id_i = 0x0100;
        dut.time_external_i = 1;
        dut.tlp_tx_ready_i = 1;
        dut.rst_i = 1;
        for (int i = 0; i < 32; i++)
            step();
        dut.rst_i = 0;
        for (int i = 0; i < 32; i++)
            step();
    }
    ~Card()
    {
        dut.final();
    }
    void clock(bool level)
    {
        dut.clk_i = dut.xgmii_a_rx_clk_i = dut.xgmii_b_rx_clk_i = level;
        dut.xgmii_a_tx_clk_i = dut.xgmii_b_tx_clk_i = level;
        dut.eval();
    }
    Word next_word(unsigned line)
    {
        Word w = word_at(wire[line], played[line]);
        if (played[line] < wire[line].size())
            played[line] += 8;
        return w;
    }
    void step()
    {
        Word a = next_word(0), b = next_word(1);
        dut.xgmii_a_rxd_i = a.d;
        dut.xgmii_a_rxc_i = a.c;
        dut.xgmii_b_rxd_i = b.d;
        dut.xgmii_b_rxc_i = b.c;
        dut.tlp_rx_valid_i = !requests.empty();
        if (!requests.empty()) {
            const Tlp &t = requests.front(); // four dwords at most: one beat of 256 bits
            uint32_t words[port_dwords(dut.tlp_rx_data_i)] = {};
            memcpy(words, t.data(), t.size() * 4);
            memcpy(&dut.tlp_rx_data_i, words, sizeof words);
            dut.tlp_rx_keep_i = (uint8_t)((1u << t.size()) - 1);
            dut.tlp_rx_last_i = 1;
        }
        dut.time_ns_i = cycle * 32 / 5;
        clock(false);
        look();
        bool taken = dut.tlp_rx_valid_i && dut.tlp_rx_ready_o;
        clock(true);
        if (taken)
            requests.erase(requests.begin());
        cycle++;
    }
    void pass(Stage s, bool here)
    {
        if (here && !now.at[s])
            now.at[s] = cycle;
    }
    void look()
    {
        const Vwt_card___024root &r = *dut.rootp;
        pass(MAC, (r.wt_card__DOT__port_a__DOT__mac_rx_valid && r.wt_card__DOT__port_a__DOT__mac_rx_last) ||
                      (r.wt_card__DOT__port_b__DOT__mac_rx_valid && r.wt_card__DOT__port_b__DOT__mac_rx_last));
        pass(CROSSING, (r.wt_card__DOT__rx_a_valid && r.wt_card__DOT__rx_a_last) ||
                           (r.wt_card__DOT__rx_b_valid && r.wt_card__DOT__rx_b_last));
        pass(UDP, (r.wt_card__DOT__core__DOT__feed__DOT__g_line__BRA__0__KET____DOT__port__DOT__udp_valid &&
                   r.wt_card__DOT__core__DOT__feed__DOT__g_line__BRA__0__KET____DOT__port__DOT__udp_last) ||
                      (r.wt_card__DOT__core__DOT__feed__DOT__g_line__BRA__1__KET____DOT__port__DOT__udp_valid &&
                       r.wt_card__DOT__core__DOT__feed__DOT__g_line__BRA__1__KET____DOT__port__DOT__udp_last));
        pass(HOLD, r.wt_card__DOT__core__DOT__feed__DOT__cand_valid & 3);
        pass(ARBITER, r.wt_card__DOT__core__DOT__feed__DOT__msg_valid);
        pass(DECODE, r.wt_card__DOT__core__DOT__op_valid);
        pass(BOOK, r.wt_card__DOT__core__DOT__result_valid);
        if (r.wt_card__DOT__core__DOT__put_ev)
            pushed[1].push_back(cycle);
        if (r.wt_card__DOT__core__DOT__put_of)
            pushed[0].push_back(cycle);
        Tlp tlp;
        bool started;
        bool whole =
            sink.beat(dut.tlp_tx_valid_o, true, dut.tlp_tx_data_o, dut.tlp_tx_keep_o, dut.tlp_tx_last_o, tlp, started);
        if (started)
            tlp_began = cycle;
        if (whole)
            take(tlp);
    }
    void take(const Tlp &tlp)
    {
        if ((tlp[0] >> 24 & 0x1e) == 0xa) {
            completions.push_back(tlp);
            return;
        }
        TlpWrite w = tlp_write(tlp, 0x0100, 256);
        const bool event = w.address < FLOW;
        assert_int_equal(w.dwords % 16, 0);
        for (unsigned k = 0; k < w.dwords; k += 16) {
            assert_true(w.address + 4 * k == (event ? EVENTS : FLOW) + 64ul * written[event]);
            assert_int_equal(w.data[k + 15], ++written[event]);
            assert_true(written[event] < 1u << RING_LOG2); // credits are always there
            Left l;
            l.event = event;
            assert_true(matched[event] < pushed[event].size());
            l.pushed = pushed[event][matched[event]++];
            l.first_beat = tlp_began;
            memcpy(l.bytes, w.data + k, 64);
            now.left.push_back(l);
        }
    }
    void write32(uint32_t offset, uint32_t value)
    {
        requests.push_back({0x40000001, 0x0000000f, offset, value});
    }
    uint32_t read32(uint32_t offset)
    {
        requests.push_back({1, ++tag << 8 | 0x0fu, offset});
        for (int i = 0; completions.empty(); i++) {
            assert_true(i < 5000);
            step();
        }
        Tlp c = completions.front();
        completions.clear();
        assert_int_equal(c[0], 0x4a000001);
        return c[3];
    }
    // Rings, reset, names to watch (none: all); both lines are the same group.
    void open(const std::vector<std::string> &names)
    {
        for (unsigned i = 0; i < names.size(); i++) {
            std::string name = names[i] + std::string(8 - names[i].size(), ' ');
            for (unsigned k = 0; k < 2; k++) {
                uint32_t word;
                memcpy(&word, name.data() + 4 * k, 4);
                write32(WT_WIN_SYMBOLS + 16 * i + 4 * k, word);
            }
        }
        write32(WT_REG_SYM_COUNT, (uint32_t)names.size());
        const uint32_t channel[6] = {1, GROUP, GROUP, (uint32_t)PORT << 16 | PORT, 1, 0};
        for (unsigned k = 0; k < 6; k++)
            write32(WT_WIN_CHANNELS + 4 * k, channel[k]);
        const struct {
            uint32_t lo, hi, size;
            uint64_t base;
        } rings[2] = {{WT_REG_EV_BASE_LO, WT_REG_EV_BASE_HI, WT_REG_EV_SIZE_LOG2, EVENTS},
                      {WT_REG_OF_BASE_LO, WT_REG_OF_BASE_HI, WT_REG_OF_SIZE_LOG2, FLOW}};
        for (auto &r : rings) {
            write32(r.lo, (uint32_t)r.base);
            write32(r.hi, (uint32_t)(r.base >> 32));
            write32(r.size, RING_LOG2);
        }
        write32(WT_REG_RESET_SEQ, 7);
        for (int i = 0; read32(WT_REG_RESET_ACK) != 7; i++)
            assert_true(i < 20000);
        write32(WT_REG_CONTROL,
                WT_CONTROL_ENABLE | (names.empty() ? WT_CONTROL_SUBSCRIBE_ALL : 0) | WT_CONTROL_ORDER_FLOW);
        read32(WT_REG_CONTROL);
        settle();
    }
    // Until the card says that nothing is under way.
    void settle()
    {
        unsigned calm = 0;
        for (int i = 0; calm < 8; i++) {
            assert_true(i < 100000);
            step();
            calm = dut.idle_o && requests.empty() && played[0] >= wire[0].size() && played[1] >= wire[1].size()
                       ? calm + 1
                       : 0;
        }
    }
    // One frame on a line, its start on lane 0 or 4, into the empty card; until all of it has left.
    const Passage &send(unsigned line, unsigned lane, const Bytes &bytes)
    {
        assert_true(dut.idle_o);
        now = Passage();
        wire[line].clear();
        played[line] = 0;
        idle(wire[line], 8 + lane);
        frame(wire[line], bytes);
        now.fcs = cycle + (wire[line].size() - 2) / 8;
        settle();
        return now;
    }
};
