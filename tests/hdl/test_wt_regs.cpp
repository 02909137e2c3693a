// TOP: wt_regs
// PARAMS: -GTLP_W=256
#include <csetjmp>
#include <cstdarg>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
extern "C" {
#include <cmocka.h>
}
#include "Vwt_regs.h"
#include "tests/hdl/tlp_bench.h"
#include "verilated.h"
#define _Static_assert static_assert
#include "host/card/wt_schema.h"

static const unsigned WINDOW = 0x4000, BAR = 0x8000;

enum { COUNTERS = (WT_REG_CNT_INTERRUPTS - WT_REG_CNT_FRAMES_A) / 8 + 1 };
static const uint32_t EV_PROD[1 + WT_WIN_RINGS_MAX] = {77, 1, 0xffffffff, 0x12345678, 5, 6, 7, 0x80000001};

struct Bench {
    Vwt_regs dut;
    uint64_t counter[COUNTERS];
    uint64_t next_seq[8];
    uint64_t windows[(WINDOW - WT_WIN_IRQS) / 8] = {}; // what wt_msix has behind its windows: here a memory
    unsigned cycle = 0;
    bool lazy_cpl = false; // completions wait at random
    bool holes_rx = false; // the request stream has holes

    Bench()
    {
        for (unsigned i = 0; i < 8; i++)
            next_seq[i] = 0x0123456789abcdefull * (i + 3);
        for (unsigned i = 0; i < COUNTERS; i++)
            counter[i] = 0x0101010100000000ull * (i + 1) + i;
        dut.cfg_requester_id_i = 0xbeef;
        dut.reset_ack_i = 0x1234;
        for (unsigned r = 0; r < 1 + WT_WIN_RINGS_MAX; r++)
            memcpy((uint8_t *)&dut.ev_prod_i + 4 * r, &EV_PROD[r], 4);
        dut.of_prod_i = 88;
        dut.cmd_cons_i = 99;
        dut.rst_i = 1;
        for (int i = 0; i < 3; i++)
            clock();
        dut.rst_i = 0;
        for (int i = 0; i < 1030; i++)
            clock();
        assert_true(dut.tlp_rx_ready_o && dut.idle_o);
    }
    void clock()
    {
        bool read = dut.cnt_read_o;
        unsigned index = dut.cnt_index_o, channel = dut.chan_index_o;
        bool win_read = dut.win_read_o, win_write = dut.win_write_o;
        uint32_t win_at = dut.win_addr_o * 4u, win_data = dut.win_wdata_o, win_mask = dut.win_mask_o;
        dut.clk_i = 1;
        dut.eval();
        if (win_read || win_write) {
            assert_in_range(win_at, WT_WIN_IRQS, WINDOW - 4);
            uint64_t &word = windows[(win_at - WT_WIN_IRQS) / 8];
            if (win_read)
                dut.win_rdata_i = word;
            unsigned up = win_at % 8 * 8;
            if (win_write)
                word = (word & ~((uint64_t)win_mask << up)) | (uint64_t)(win_data & win_mask) << up;
        }
        dut.chan_next_i = next_seq[channel];
        // The core answers in the next cycle; counters move all the time.
        if (read)
            dut.cnt_data_i = counter[index];
        for (auto &c : counter)
            c += 0x100000001ull;
        dut.clk_i = 0;
        dut.eval();
        cycle++;
    }
    // Send any dwords as one TLP; bad_keep: 0 none, 1 a hole in the last beat, 2 an empty last beat,
    // 3 a first beat that is not full. Returns when the card has taken all of it.
    void send(const Tlp &tlp, int bad_keep = 0)
    {
        const unsigned n = port_dwords(dut.tlp_rx_data_i);
        int watchdog = 0;
        for (unsigned at = 0; at < tlp.size();) {
            uint32_t words[16] = {};
            unsigned k = 0, keep = 0;
            for (; k < n && at + k < tlp.size(); k++) {
                words[k] = tlp[at + k];
                keep |= 1u << k;
            }
            bool last = at + k == tlp.size();
            if (bad_keep == 1 && last)
                keep = (keep | 4) & ~2u;
            if (bad_keep == 2 && last)
                keep = 0;
            if (bad_keep == 3 && at == 0 && !last)
                keep &= ~(1u << (n - 1));
            memcpy(&dut.tlp_rx_data_i, words, n * 4);
            dut.tlp_rx_keep_i = keep;
            dut.tlp_rx_last_i = last;
            dut.tlp_rx_valid_i = !holes_rx || rand() % 3 != 0;
            dut.cpl_ready_i = 0;
            dut.eval();
            bool taken = dut.tlp_rx_valid_i && dut.tlp_rx_ready_o;
            clock();
            if (taken)
                at += n;
            assert_true(++watchdog < 20000);
        }
        dut.tlp_rx_valid_i = 0;
        dut.eval();
    }
    // Wait until the request is done. Returns its completion, or nothing.
    Tlp answer()
    {
        Tlp got;
        for (int i = 0; i < 100; i++) {
            dut.cpl_ready_i = !lazy_cpl || rand() % 3 == 0;
            dut.eval();
            if (dut.cpl_valid_o && dut.cpl_ready_i) {
                assert_true(got.empty());
                assert_in_range(dut.cpl_dwords_o, 3, 5);
                uint32_t words[5];
                memcpy(words, &dut.cpl_data_o, 20);
                got.assign(words, words + dut.cpl_dwords_o);
            }
            clock();
            if (dut.idle_o)
                return got;
        }
        fail_msg("hangs");
        return got;
    }
    void expect_cpl(const Tlp &cpl, const Tlp &request, unsigned status, unsigned dwords, unsigned bytes,
                    unsigned lower)
    {
        assert_int_equal(cpl.size(), 3 + dwords);
        assert_int_equal(cpl[0] >> 24, dwords ? 0x4a : 0x0a);
        assert_int_equal(cpl[0] & 0x3ff, dwords);
        assert_int_equal(cpl[0] & 0xfc3000, request[0] & 0xfc3000); // class, attributes, upper tag bits
        assert_int_equal(cpl[0] & 0x03cc00, 0);
        assert_int_equal(cpl[1], 0xbeef0000u | status << 13 | (bytes & 0xfff));
        assert_int_equal(cpl[2], (request[1] & 0xffffff00) | lower); // requester and tag
    }
    // A plain read.
    uint64_t read(uint32_t offset, unsigned dwords, bool four = false)
    {
        Tlp t = request(false, four, offset, dwords, 0xf, dwords == 1 ? 0 : 0xf);
        send(t);
        Tlp cpl = answer();
        expect_cpl(cpl, t, 0, dwords, dwords * 4, offset & 0x7c);
        return dwords == 1 ? cpl[3] : cpl[3] | (uint64_t)cpl[4] << 32;
    }
    static Tlp request(bool write, bool four, uint64_t address, unsigned dwords, unsigned first, unsigned last)
    {
        Tlp t;
        t.push_back((write ? 0x40000000u : 0) | (four ? 0x20000000u : 0) | (dwords & 0x3ff) |
                    ((uint32_t)rand() & 0xfc3000));
        t.push_back((uint32_t)rand() << 8 | last << 4 | first);
        if (four)
            t.push_back((uint32_t)(address >> 32));
        t.push_back((uint32_t)address);
        for (unsigned i = 0; write && i < dwords; i++)
            t.push_back((uint32_t)rand() * 2654435761u);
        return t;
    }
    void write32(uint32_t offset, uint32_t value)
    {
        Tlp t = request(true, false, offset, 1, 0xf, 0);
        t.back() = value;
        send(t);
        assert_true(answer().empty());
    }
};

static void says_what_it_is(void **)
{
    Bench b;
    assert_int_equal(b.read(WT_REG_MAGIC, 1), WT_MAGIC);
    assert_int_equal(b.read(WT_REG_SCHEMA_VERSION, 1), WT_SCHEMA_VERSION);
    assert_int_equal(b.read(WT_REG_CAP_SYMBOLS, 1), 64);
    assert_int_equal(b.read(WT_REG_CAP_ORDER_SLOTS, 1), 65536);
    assert_int_equal(b.read(WT_REG_CAP_TLP_WIDTH, 1), port_dwords(b.dut.tlp_rx_data_i) * 32);
    assert_int_equal(b.read(WT_REG_CAP_CLOCK_PS, 1), 6400);
    assert_int_equal(b.read(WT_REG_CAP_LINES, 1), 2);
    assert_int_equal(b.read(WT_REG_RESET_ACK, 1), 0x1234);
    assert_int_equal(b.read(WT_REG_EV_PROD, 1), 77);
    assert_int_equal(b.read(WT_REG_OF_PROD, 1), 88);
    assert_int_equal(b.read(WT_REG_RESET_SEQ, 1), 0);
    assert_true(b.read(WT_REG_MAGIC, 2, true) == ((uint64_t)WT_SCHEMA_VERSION << 32 | WT_MAGIC));
    assert_true(b.dut.cnt_bad_request_o == 0);
}

// The low and the high word of a counter always come from the same cycle.
static void counters_are_read_at_once(void **)
{
    Bench b;
    for (unsigned i = 0; i < COUNTERS; i++) {
        uint64_t before = b.counter[i];
        uint64_t value = b.read(WT_REG_CNT_FRAMES_A + 8 * i, 2);
        uint64_t step = 0x100000001ull;
        assert_true((value - before) % step == 0 && (value - before) / step < 20);
    }
}

// Random legal requests against a model of the BAR as memory.
static void behaves_as_memory(void **)
{
    srand(11);
    Bench b;
    static const uint32_t host[] = {WT_REG_RESET_SEQ, WT_REG_CONTROL,     WT_REG_SKEW_NS,     WT_REG_GAP_TIMEOUT_NS,
                                    WT_REG_SYM_COUNT, WT_REG_EV_BASE_LO,  WT_REG_EV_BASE_HI,  WT_REG_EV_SIZE_LOG2,
                                    WT_REG_EV_CONS,   WT_REG_OF_BASE_LO,  WT_REG_OF_BASE_HI,  WT_REG_OF_SIZE_LOG2,
                                    WT_REG_OF_CONS,   WT_REG_CMD_BASE_LO, WT_REG_CMD_BASE_HI, WT_REG_CMD_SIZE_LOG2,
                                    WT_REG_CMD_PROD};
    uint8_t model[BAR] = {}, mask[BAR] = {}, ring_of[1024] = {};
    for (uint32_t r : host)
        memset(mask + r, 0xff, 4);
    for (unsigned n = 0; n < WT_WIN_CHANNELS_MAX; n++) {
        unsigned entry = WT_WIN_CHANNELS + n * WT_WIN_CHANNELS_STRIDE;
        memset(mask + entry, 0xff, 32);
        memcpy(model + entry + 32, &b.next_seq[n], 8);
    }
    for (unsigned n = 0; n < WT_WIN_RINGS_MAX; n++) {
        unsigned entry = WT_WIN_RINGS + n * WT_WIN_RINGS_STRIDE;
        memset(mask + entry, 0xff, 16);
        memcpy(model + entry + 16, &EV_PROD[1 + n], 4);
    }
    for (unsigned a = WINDOW; a < BAR; a += 16)
        memset(mask + a, 0xff, 8);
    memset(mask + WT_WIN_IRQS, 0xff, WINDOW - WT_WIN_IRQS);
    static const uint32_t fixed[][2] = {{WT_REG_MAGIC, WT_MAGIC},
                                        {WT_REG_SCHEMA_VERSION, WT_SCHEMA_VERSION},
                                        {WT_REG_CAP_SYMBOLS, 64},
                                        {WT_REG_CAP_ORDER_SLOTS, 65536},
                                        {WT_REG_CAP_LEVEL_SLOTS, 65536},
                                        {WT_REG_CAP_CLOCK_PS, 6400},
                                        {WT_REG_CAP_LINES, 2},
                                        {WT_REG_CAP_VECTORS, 9},
                                        {WT_REG_RESET_ACK, 0x1234},
                                        {WT_REG_EV_PROD, 77},
                                        {WT_REG_OF_PROD, 88},
                                        {WT_REG_CMD_CONS, 99},
                                        {WT_REG_CAP_TLP_WIDTH, port_dwords(b.dut.tlp_rx_data_i) * 32}};
    for (auto &f : fixed)
        memcpy(model + f[0], &f[1], 4);
    for (int i = 0; i < 20000; i++) {
        b.lazy_cpl = i & 64;
        b.holes_rx = i & 128;
        unsigned dwords = 1 + rand() % 2;
        uint32_t a;
        switch (rand() % 4) {
        case 0:
            a = rand() % 2 ? host[rand() % 17] : WT_WIN_CHANNELS + rand() % 0x200;
            if (rand() % 3 == 0)
                a = WT_WIN_RINGS + rand() % 0x100;
            break;
        case 1:
            a = WINDOW + rand() % 64 * 4;
            break;
        case 2:
            a = rand() % 2 ? rand() % 0x100 : WT_WIN_IRQS + rand() % 0x100;
            break;
        default:
            a = rand() % BAR;
        }
        a &= ~3u;
        if (a == BAR - 4)
            dwords = 1;
        if (a + 4 * dwords > WT_REG_CNT_FRAMES_A && a < WT_REG_CNT_FRAMES_A + 8 * COUNTERS)
            continue; // counters: the test above
        unsigned first = dwords == 1 ? rand() % 16 : 1 + rand() % 15, last = dwords == 1 ? 0 : 1 + rand() % 15;
        bool write = rand() % 2;
        Tlp t = Bench::request(write, rand() % 2, a, dwords, first, last);
        if (write && rand() % 4 == 0) { // with a digest
            t[0] |= 0x8000;
            t.push_back(0xdeadbeef);
        }
        b.send(t);
        Tlp cpl = b.answer();
        for (unsigned k = 0; write && k < dwords; k++) // the ring of a symbol: never read back
            if (a + 4 * k >= WINDOW && (a + 4 * k) % 16 == 8 && ((k == 0 ? first : last) & 1))
                ring_of[(a + 4 * k - WINDOW) / 16] = (uint8_t)(t[(t[0] >> 29 & 1 ? 4 : 3) + k] & 7);
        if (write) {
            assert_true(cpl.empty());
            unsigned head = t[0] >> 29 & 1 ? 4 : 3;
            for (unsigned k = 0; k < dwords * 4; k++) {
                unsigned be = k < 4 ? first >> k & 1 : last >> (k - 4) & 1;
                if (be && mask[a + k])
                    model[a + k] = (uint8_t)(t[head + k / 4] >> k % 4 * 8);
            }
        } else {
            unsigned be = first | last << 4, low = 0, high = 7;
            while (low < 8 && !(be >> low & 1))
                low++;
            while (high > 0 && !(be >> high & 1))
                high--;
            unsigned bytes = be ? high - low + 1 : 1;
            b.expect_cpl(cpl, t, 0, dwords, bytes, (a & 0x7c) | (be ? low & 3 : 0));
            assert_memory_equal(&cpl[3], model + a, dwords * 4);
        }
    }
    assert_true(b.dut.cnt_bad_request_o == 0);
    // What the host wrote is what the card works with.
    uint32_t control, lo, hi;
    memcpy(&control, model + WT_REG_CONTROL, 4);
    assert_int_equal(b.dut.enable_o, control & 1);
    assert_int_equal(b.dut.subscribe_all_o, control >> 1 & 1);
    assert_int_equal(b.dut.order_flow_o, control >> 2 & 1);
    for (unsigned r = 0; r < 1 + WT_WIN_RINGS_MAX; r++) {
        const uint8_t *ring = model + (r == 0 ? WT_REG_EV_BASE_LO : WT_WIN_RINGS + (r - 1) * WT_WIN_RINGS_STRIDE);
        assert_memory_equal((uint8_t *)&b.dut.ev_base_o + 8 * r, ring, 8);
        assert_memory_equal((uint8_t *)&b.dut.ev_size_log2_o + 4 * r, ring + 8, 4);
        assert_memory_equal((uint8_t *)&b.dut.ev_cons_o + 4 * r, ring + 12, 4);
    }
    memcpy(&lo, model + WT_REG_CMD_BASE_LO, 4);
    memcpy(&hi, model + WT_REG_CMD_BASE_HI, 4);
    assert_true(b.dut.cmd_base_o == ((uint64_t)hi << 32 | lo));
    assert_memory_equal(&b.dut.cmd_size_log2_o, model + WT_REG_CMD_SIZE_LOG2, 4);
    assert_memory_equal(&b.dut.cmd_prod_o, model + WT_REG_CMD_PROD, 4);
    assert_int_equal(b.dut.recover_o, control >> 3 & 1);
    assert_memory_equal(&b.dut.skew_ns_o, model + WT_REG_SKEW_NS, 4);
    assert_memory_equal(&b.dut.gap_timeout_ns_o, model + WT_REG_GAP_TIMEOUT_NS, 4);
    for (unsigned n = 0; n < WT_WIN_CHANNELS_MAX; n++)
        assert_memory_equal((uint8_t *)&b.dut.channels_o + 32 * n, model + WT_WIN_CHANNELS + 64 * n, 32);
    assert_memory_equal(&b.dut.of_cons_o, model + WT_REG_OF_CONS, 4);
    // And so are the names, one cycle after their address.
    for (unsigned s = 0; s < 1024; s++) {
        b.dut.sym_raddr_i = s;
        b.dut.ring_sym_i = s;
        b.clock();
        assert_int_equal(b.dut.ring_o, ring_of[s]);
        uint64_t name;
        memcpy(&name, model + WINDOW + 16 * s, 8);
        assert_true(b.dut.sym_rdata_o == name);
    }
}

// Each of these is refused: a completion with Unsupported Request when it waits for one, and a count.
static void refuses_what_is_not_for_it(void **)
{
    srand(12);
    Bench b;
    struct Case {
        const char *what;
        Tlp tlp;
        bool answered, counted;
        unsigned bytes;
        unsigned lower;
    };
    const uint32_t id = 0x01020300;
    const Case cases[] = {
        {"read of 3 dwords", {3, id | 0xff, 0x40}, true, true, 12, 0x40},
        {"read of 1024 dwords", {0, id | 0xff, 0x40}, true, true, 0, 0x40},
        {"read past the end", {2, id | 0xff, 0x7ffc}, true, true, 8, 0x7c},
        {"read above", {1, id | 0xf, 0x8000}, true, true, 4, 0},
        {"read above 4 GB", {0x20000001, id | 0xf, 1, 0}, true, true, 4, 0},
        {"read, last enables of one dword", {1, id | 0xff, 0}, true, true, 4, 0},
        {"read, no first enables of two", {2, id | 0xf0, 0}, true, true, 8, 0},
        {"read, no last enables of two", {2, id | 0x0f, 0}, true, true, 5, 0},
        {"read, translated address", {0x401, id | 0xf, 0}, true, true, 4, 0},
        {"read with data behind it", {1, id | 0xf, 0, 5}, true, true, 4, 0},
        {"read of 4 header dwords, cut", {0x20000001, id | 0xf, 0}, true, true, 4, 0},
        {"read, two dwords came", {1, id | 0xf}, false, true, 0, 0},
        {"read, one dword came", {1}, false, true, 0, 0},
        {"locked read", {0x01000001, id | 0xf, 0}, true, true, 4, 0},
        {"I/O read", {0x02000001, id | 0xf, 0}, true, true, 4, 0},
        {"I/O write", {0x42000001, id | 0xf, 0, 1}, true, true, 4, 0},
        {"configuration read 0", {0x04000001, id | 0xf, 0}, true, true, 4, 0},
        {"configuration write 0", {0x44000001, id | 0xf, 0, 1}, true, true, 4, 0},
        {"configuration read 1", {0x05000001, id | 0xf, 0}, true, true, 4, 0},
        {"configuration write 1", {0x45000001, id | 0xf, 0, 1}, true, true, 4, 0},
        {"fetch and add", {0x4c000001, id | 0xf, 0, 1}, true, true, 4, 0},
        {"swap", {0x6d000002, id | 0xff, 0, 0, 1, 2}, true, true, 4, 0},
        {"compare and swap", {0x4e000002, id | 0xff, 0, 1, 2}, true, true, 4, 0},
        {"deferrable write", {0x5b000001, id | 0xf, 0, 1}, true, true, 4, 0},
        {"write of 3 dwords", {0x40000003, id | 0xff, 0x40, 1, 2, 3}, false, true, 0, 0},
        {"write past the end", {0x40000002, id | 0xff, 0x7ffc, 1, 2}, false, true, 0, 0},
        {"write above", {0x40000001, id | 0xf, 0x8040, 7}, false, true, 0, 0},
        {"write, poisoned", {0x40004001, id | 0xf, 0x40, 7}, false, true, 0, 0},
        {"write, cut", {0x40000001, id | 0xf, 0x40}, false, true, 0, 0},
        {"write, too long", {0x40000001, id | 0xf, 0x40, 7, 8}, false, true, 0, 0},
        {"write, last enables of one dword", {0x40000001, id | 0x1f, 0x40, 7}, false, true, 0, 0},
        {"message", {0x34000000, id | 0x14, 0, 0}, false, false, 0, 0},
        {"message with data", {0x74000001, id | 0x50, 0, 0, 9}, false, false, 0, 0},
        {"message, cut", {0x74000001, id | 0x50, 0, 0}, false, true, 0, 0},
        {"completion nobody waits for", {0x0a000000, id, 4}, false, true, 0, 0},
        {"completion with data", {0x4a000001, id, 4, 1}, false, true, 0, 0},
        {"prefix", {0x80000000, 1, id | 0xf, 0}, false, true, 0, 0},
        {"unknown type", {0x1f000000, id, 0}, false, true, 0, 0},
    };
    uint64_t bad = 0;
    for (const Case &c : cases) {
        b.send(c.tlp);
        Tlp cpl = b.answer();
        bad += c.counted;
        if (cpl.empty() == c.answered || b.dut.cnt_bad_request_o != bad)
            fail_msg("%s: %s, %u counted", c.what, cpl.empty() ? "not answered" : "answered",
                     (unsigned)b.dut.cnt_bad_request_o);
        if (!c.answered)
            continue;
        if (c.tlp[0] >> 24 == 1) { // locked: its own type of completion
            assert_int_equal(cpl[0] >> 24, 0x0b);
            cpl[0] &= ~0x01000000u;
        }
        b.expect_cpl(cpl, c.tlp, 1, 0, c.bytes, c.lower);
    }
    assert_int_equal(b.read(WT_REG_RESET_SEQ, 1), 0); // none of the writes did anything
    // The same, with keep bits that are no prefix.
    for (int kind = 1; kind <= 3; kind++) {
        b.send({0x40000001, id | 0xf, 0x40, 7}, kind == 3 ? 1 : kind);
        assert_true(b.answer().empty());
        assert_true(b.dut.cnt_bad_request_o == ++bad);
    }
    assert_int_equal(b.read(WT_REG_RESET_SEQ, 1), 0);
    b.dut.flush_i = 1;
    b.clock();
    b.dut.flush_i = 0;
    assert_true(b.dut.cnt_bad_request_o == 0);
}

// Garbage of any shape never hangs the card, and every request that has an answer coming gets one.
static void survives_garbage(void **)
{
    srand(13);
    Bench b;
    unsigned answers = 0;
    for (int i = 0; i < 8000; i++) {
        b.lazy_cpl = b.holes_rx = i & 1;
        Tlp t(1 + (rand() % 50 == 0 ? rand() % 1500 : rand() % 8));
        for (auto &w : t)
            w = (uint32_t)rand() * 2654435761u ^ (uint32_t)rand();
        if (rand() % 2) { // nearly a request
            t[0] = (t[0] & 0xe000e003) | (rand() % 4 == 0 ? (uint32_t)(rand() % 32) << 24 : 0);
            if (t.size() > 3) {
                t[2] &= rand() % 2 ? 0 : 0xffff;
                t[3] &= 0xffff;
            }
        }
        b.send(t, rand() % 8 == 0 ? rand() % 4 : 0);
        Tlp cpl = b.answer();
        bool write = (t[0] & 0xdf000000) == 0x40000000, read = (t[0] & 0xdf000000) == 0;
        if (write)
            assert_true(cpl.empty());
        if (read && t.size() >= 3 && cpl.empty()) {
            // Only when keep said that fewer dwords came.
            assert_true(t.size() < 3 + port_dwords(b.dut.tlp_rx_data_i));
        }
        if (!cpl.empty()) {
            answers++;
            assert_int_equal(cpl[1] >> 16, 0xbeef);
            if (t.size() >= 3) // else keep said that more dwords came
                assert_int_equal(cpl[2] >> 8, t[1] >> 8);
            assert_int_equal(cpl.size(), 3 + (cpl[0] & 0x3ff));
        }
    }
    assert_true(answers > 300);
    assert_int_equal(b.read(WT_REG_MAGIC, 1), WT_MAGIC);
}

static void reset_clears_the_window(void **)
{
    srand(14);
    Bench b;
    b.write32(WINDOW + 16 * 5, 0x41414141);
    assert_int_equal(b.read(WINDOW + 16 * 5, 1), 0x41414141);
    b.write32(WT_REG_CONTROL, 7);
    b.dut.rst_i = 1;
    b.clock();
    b.dut.rst_i = 0;
    for (int i = 0; i < 1030; i++)
        b.clock();
    assert_int_equal(b.read(WINDOW + 16 * 5, 1), 0);
    assert_int_equal(b.read(WT_REG_CONTROL, 1), 0);
    assert_int_equal(b.dut.enable_o, 0);
}

int main()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(says_what_it_is),   cmocka_unit_test(counters_are_read_at_once),
        cmocka_unit_test(behaves_as_memory), cmocka_unit_test(refuses_what_is_not_for_it),
        cmocka_unit_test(survives_garbage),  cmocka_unit_test(reset_clears_the_window),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
