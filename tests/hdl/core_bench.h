// The host side of wt_core's bench: BAR0, rings and frames. Include after cmocka.h.
#pragma once
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <string>
#include <vector>

#include "Vwt_core.h"
#include "tests/hdl/itch_messages.h"
#include "tests/hdl/tlp_bench.h"
#include "verilated.h"
#define _Static_assert static_assert
#include "host/card/wt_schema.h"

// ---------------------------------------------------------------- the smallest host there is

struct HostRing {
    uint64_t base;
    unsigned size_log2;
    std::vector<uint8_t> memory;
    uint32_t cons = 0;
    uint32_t seen = 0; // records written by the card
    HostRing(uint64_t base, unsigned size_log2) : base(base), size_log2(size_log2), memory(64ul << size_log2)
    {
    }
    bool pop(void *out)
    {
        const uint8_t *slot = &memory[(cons & ((1u << size_log2) - 1)) * 64ul];
        uint32_t lap;
        memcpy(&lap, slot + 60, 4);
        if (lap != cons + 1)
            return false;
        memcpy(out, slot, 64);
        cons++;
        return true;
    }
};

struct Card {
    Vwt_core dut;
    TlpSink sink;
    HostRing ev{0xffffffe00, 6}, of{0x12340040, 7};
    std::deque<Tlp> requests;
    size_t request_at = 0;
    std::deque<Tlp> completions;
    std::deque<std::pair<Bytes, bool>> frames;  // with "bad FCS"
    size_t frame_at = 0, frame_stop = SIZE_MAX; // where the wire pauses inside the frame
    unsigned max_payload = 256;
    bool lazy = false; // random back-pressure, holes in the streams
    uint64_t cycles = 0;
    unsigned writes = 0;
    bool wild = false; // a reset is under way: laps start again at any time
    uint8_t tag = 0;

    Card()
    {
        dut.cfg_bus_master_i = 1;
        dut.cfg_max_payload_i = 1;
        dut.cfg_requester_id_i = 0x0100;
        dut.rst_i = 1;
        for (int i = 0; i < 3; i++)
            step();
        dut.rst_i = 0;
        cycles = 0;
    }
    bool held = false; // tlp_tx_ready once low stays as it is for a while
    void step()
    {
        const unsigned n = port_dwords(dut.tlp_rx_data_i);
        if (!dut.tlp_rx_valid_i && !requests.empty() && (!lazy || rand() % 3)) {
            const Tlp &t = requests.front();
            uint32_t words[16] = {}, keep = 0;
            for (unsigned k = 0; k < n && request_at + k < t.size(); k++) {
                words[k] = t[request_at + k];
                keep |= 1u << k;
            }
            memcpy(&dut.tlp_rx_data_i, words, n * 4);
            dut.tlp_rx_keep_i = keep;
            dut.tlp_rx_last_i = request_at + n >= t.size();
            dut.tlp_rx_valid_i = 1;
        }
        if (!dut.rx_a_valid_i && !frames.empty() && frame_at < frame_stop) {
            const Bytes &f = frames.front().first;
            uint64_t word = 0;
            unsigned k = 0;
            for (; k < 8 && frame_at + k < f.size(); k++)
                word |= (uint64_t)f[frame_at + k] << (8 * k);
            dut.rx_a_data_i = word;
            dut.rx_a_keep_i = (1u << k) - 1;
            dut.rx_a_last_i = frame_at + 8 >= f.size();
            dut.rx_a_error_i = dut.rx_a_last_i && frames.front().second;
            dut.rx_a_valid_i = 1;
        }
        dut.tlp_tx_ready_i = !lazy || rand() % 3 != 0;
        dut.time_ns_i = cycles * 32 / 5;
        dut.clk_i = 0;
        dut.eval();

        Tlp tlp;
        bool started;
        if (sink.beat(dut.tlp_tx_valid_o, dut.tlp_tx_ready_i, dut.tlp_tx_data_o, dut.tlp_tx_keep_o, dut.tlp_tx_last_o,
                      tlp, started))
            take(tlp);
        bool tlp_taken = dut.tlp_rx_valid_i && dut.tlp_rx_ready_o, rx_taken = dut.rx_a_valid_i && dut.rx_a_ready_o;
        dut.clk_i = 1;
        dut.eval();
        cycles++;
        if (tlp_taken) {
            dut.tlp_rx_valid_i = 0;
            request_at += n;
            if (dut.tlp_rx_last_i) {
                requests.pop_front();
                request_at = 0;
            }
        }
        if (rx_taken) {
            dut.rx_a_valid_i = 0;
            frame_at += 8;
            if (dut.rx_a_last_i) {
                frames.pop_front();
                frame_at = 0;
            }
        }
    }
    void take(const Tlp &tlp)
    {
        if ((tlp[0] >> 24 & 0x1e) == 0xa) {
            completions.push_back(tlp);
            return;
        }
        TlpWrite w = tlp_write(tlp, 0x0100, max_payload);
        writes++;
        bool is_ev = w.address >= ev.base && w.address < ev.base + ev.memory.size();
        HostRing &r = is_ev ? ev : of;
        assert_true(w.address >= r.base && w.address + w.dwords * 4 <= r.base + r.memory.size());
        assert_int_equal((w.address - r.base) % 64, 0);
        assert_int_equal(w.dwords % 16, 0);
        for (unsigned k = 0; k < w.dwords; k += 16) {
            if (wild && w.data[k + 15] == 1)
                r.seen = 0;
            assert_int_equal(w.data[k + 15], ++r.seen);
            uint64_t at = (uint64_t)((r.seen - 1) & ((1u << r.size_log2) - 1)) * 64;
            assert_true(w.address + k * 4 == r.base + at);
            memcpy(&r.memory[at], w.data + k, 64);
        }
    }
    void write32(uint32_t offset, uint32_t value)
    {
        requests.push_back({0x40000001, 0x0000000f, offset, value});
    }
    uint64_t read(uint32_t offset, unsigned dwords)
    {
        requests.push_back({dwords, ++tag << 8 | (dwords == 2 ? 0xffu : 0x0fu), offset});
        for (int i = 0; completions.empty(); i++) {
            assert_true(i < 5000);
            step();
        }
        Tlp c = completions.front();
        completions.pop_front();
        assert_int_equal(c[0], 0x4a000000 | dwords);
        assert_int_equal(c[1], 0x01000000 | 4 * dwords);
        assert_int_equal(c[2], tag << 8 | (offset & 0x7f));
        return dwords == 1 ? c[3] : c[3] | (uint64_t)c[4] << 32;
    }
    // Reset, rings, and the names to watch (none: all).
    void open(const std::vector<std::string> &names)
    {
        static uint32_t number = 0x1000;
        write32(WT_REG_CONTROL, 0);
        for (unsigned i = 0; i < names.size(); i++) {
            std::string name = names[i] + std::string(8 - names[i].size(), ' ');
            for (unsigned k = 0; k < 2; k++) {
                uint32_t word;
                memcpy(&word, name.data() + 4 * k, 4);
                write32(WT_WIN_SYMBOLS + 16 * i + 4 * k, word);
            }
        }
        write32(WT_REG_SYM_COUNT, (uint32_t)names.size());
        const uint32_t channel[6] = {1, GROUP, 0, PORT, 1, 0};
        for (unsigned k = 0; k < 6; k++)
            write32(WT_WIN_CHANNELS + 4 * k, channel[k]);
        write32(WT_REG_EV_BASE_LO, (uint32_t)ev.base);
        write32(WT_REG_EV_BASE_HI, (uint32_t)(ev.base >> 32));
        write32(WT_REG_EV_SIZE_LOG2, ev.size_log2);
        write32(WT_REG_EV_CONS, 0);
        write32(WT_REG_OF_BASE_LO, (uint32_t)of.base);
        write32(WT_REG_OF_BASE_HI, (uint32_t)(of.base >> 32));
        write32(WT_REG_OF_SIZE_LOG2, of.size_log2);
        write32(WT_REG_OF_CONS, 0);
        write32(WT_REG_RESET_SEQ, ++number);
        for (int i = 0; read(WT_REG_RESET_ACK, 1) != number; i++)
            assert_true(i < 20000);
        // Nothing of the life before comes after that.
        for (HostRing *r : {&ev, &of}) {
            r->cons = r->seen = 0;
            std::fill(r->memory.begin(), r->memory.end(), (uint8_t)0);
        }
        write32(WT_REG_CONTROL, 1 | (names.empty() ? 2 : 0) | 4);
        read(WT_REG_CONTROL, 1); // it is there
    }
    // Until nothing is under way; records are left in the rings, or taken and forgotten.
    void settle(bool forget = false)
    {
        int calm = 0;
        for (int i = 0; calm < 8; i++) {
            assert_true(i < 100000);
            if (forget)
                drop();
            if (i % 16 == 0 && requests.empty())
                tell();
            step();
            bool quiet = dut.idle_o && frames.empty() && requests.empty();
            calm = quiet ? calm + 1 : 0;
        }
    }
    void drop()
    {
        uint8_t record[64];
        while (ev.pop(record)) {
        }
        while (of.pop(record)) {
        }
    }
    uint32_t ev_told = 0, of_told = 0;
    void tell()
    {
        if (ev_told != ev.cons)
            write32(WT_REG_EV_CONS, ev_told = ev.cons);
        if (of_told != of.cons)
            write32(WT_REG_OF_CONS, of_told = of.cons);
    }
};
