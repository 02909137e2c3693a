// TOP: wt_dma
// PARAMS: -GTLP_W=256 -GEV_RINGS=1 -GFIFO_LOG2=5 -GOF_FIFO_LOG2=5
#include <csetjmp>
#include <cstdarg>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <deque>
extern "C" {
#include <cmocka.h>
}
#include "Vwt_dma.h"
#include "tests/hdl/tlp_bench.h"
#include "verilated.h"

#ifndef RINGS
#define RINGS 1 // event rings
#endif
#ifndef SERIAL
#define SERIAL 0 // the parameter
#endif

struct Record {
    uint32_t word[15];
    unsigned events_before[RINGS]; // of an order-flow record: events of each ring pushed before or with it
};

struct Ring {
    std::deque<Record> pushed; // not yet seen in a TLP
    uint64_t base = 0;
    uint32_t size_log2 = 4, cons = 0, seen = 0, pushes = 0;
};

struct Bench {
    Vwt_dma dut;
    TlpSink sink;
    Ring rings[RINGS], of;
    Ring &ev = rings[0];
    unsigned ring = 0; // that the next event goes to
    std::deque<Tlp> completions;
    unsigned max_payload = 256, writes = 0, most_records = 0, completions_seen = 0, cycles = 0;
    unsigned writes_since = 0; // writes that started since a completion waits
    bool could_start = false, cpl_waited = false;
    bool ready = true, master = true;

    Bench()
    {
        dut.rst_i = 1;
        dut.cfg_requester_id_i = 0x1234;
        for (int i = 0; i < 3; i++)
            clock();
        dut.rst_i = 0;
        set_payload(1);
    }
    void set_payload(unsigned code)
    {
        dut.cfg_max_payload_i = code;
        max_payload = code == 0 ? 128 : code == 1 ? 256 : 512;
    }
    void clock()
    {
        dut.clk_i = 0;
        dut.eval();
        dut.clk_i = 1;
        dut.eval();
    }
    void settle()
    {
        for (unsigned r = 0; r < RINGS; r++) {
            memcpy((char *)&dut.ev_base_i + 8 * r, &rings[r].base, 8);
            memcpy((char *)&dut.ev_size_log2_i + 4 * r, &rings[r].size_log2, 4);
        }
        dut.of_base_i = of.base;
        dut.of_size_log2_i = of.size_log2;
        tell();
        dut.ring_changed_i = 1;
        clock();
        dut.ring_changed_i = 0;
        for (int i = 0; i < 5 + RINGS; i++)
            clock();
    }
    // The consumer indices, to the card: whether one has changed.
    bool tell()
    {
        bool changed = dut.of_cons_i != of.cons;
        for (unsigned r = 0; r < RINGS; r++) {
            char *at = (char *)&dut.ev_cons_i + 4 * r;
            changed = changed || memcmp(at, &rings[r].cons, 4) != 0;
            memcpy(at, &rings[r].cons, 4);
        }
        dut.of_cons_i = of.cons;
        return changed;
    }
    static Record random_record()
    {
        Record r;
        for (auto &w : r.word)
            w = (uint32_t)rand() * 2654435761u;
        return r;
    }
    // One cycle. Pushes are wishes: they happen when the FIFO takes them. Returns what was pushed.
    unsigned step(bool push_ev, bool push_of, bool cpl)
    {
        Record re = random_record(), ro = random_record();
        push_ev = push_ev && !(dut.ev_full_o >> ring & 1) && !dut.ev_busy_o;
        push_of = push_of && !dut.of_full_o && !dut.of_busy_o;
        dut.ev_valid_i = push_ev;
        dut.ev_ring_i = ring;
        dut.of_valid_i = push_of;
        memcpy(&dut.ev_data_i, re.word, 60);
        memcpy(&dut.of_data_i, ro.word, 60);
        dut.ring_changed_i = tell();
        dut.cfg_bus_master_i = master;
        dut.tlp_tx_ready_i = ready;
        if (cpl && !dut.cpl_valid_i) {
            unsigned n = 3 + rand() % 3;
            Tlp t(n);
            for (auto &w : t)
                w = (uint32_t)rand() * 2654435761u;
            t[0] = (t[0] & 0x80ffffff) | 0x0a000000; // Cpl or CplD: never a write
            completions.push_back(t);
            uint32_t padded[5] = {};
            memcpy(padded, t.data(), n * 4);
            memcpy(&dut.cpl_data_i, padded, 20);
            dut.cpl_dwords_i = n;
            dut.cpl_valid_i = 1;
            writes_since = 0;
        }
        dut.clk_i = 0;
        dut.eval();
        cycles++;

        unsigned done = 0;
        Tlp tlp;
        bool started;
        bool whole = sink.beat(dut.tlp_tx_valid_o, dut.tlp_tx_ready_i, dut.tlp_tx_data_o, dut.tlp_tx_keep_o,
                               dut.tlp_tx_last_o, tlp, started);
        if (started) {
            uint32_t dw0;
            memcpy(&dw0, &dut.tlp_tx_data_o, 4);
            if ((dw0 >> 24 & 0x1f) == 0) {
                assert_true(could_start); // never without bus mastering, never while held
                writes_since++;
                if (cpl_waited)
                    assert_true(writes_since <= 1);
            }
        }
        could_start = master && !dut.hold_i;
        if (whole)
            take(tlp);

        if (push_of) {
            for (unsigned r = 0; r < RINGS; r++)
                ro.events_before[r] = rings[r].pushes + (push_ev && r == ring);
            of.pushed.push_back(ro);
            of.pushes++;
            done |= 2;
        }
        if (push_ev) {
            rings[ring].pushed.push_back(re);
            rings[ring].pushes++;
            done |= 1;
        }
        bool cpl_gone = dut.cpl_valid_i && dut.cpl_ready_o;
        cpl_waited = dut.cpl_valid_i && !cpl_gone;
        dut.clk_i = 1;
        dut.eval();
        if (cpl_gone)
            dut.cpl_valid_i = 0;
        return done;
    }
    void take(const Tlp &tlp)
    {
        if ((tlp[0] >> 24 & 0x1f) == 0xa) {
            assert_false(completions.empty());
            assert_true(tlp == completions.front());
            completions.pop_front();
            completions_seen++;
            return;
        }
        TlpWrite w = tlp_write(tlp, 0x1234, max_payload);
        assert_int_equal(w.dwords % 16, 0);
        writes++;
        if (w.dwords / 16 > most_records)
            most_records = w.dwords / 16;
        Ring *to = &of;
        for (Ring &e : rings)
            if (w.address >= e.base && w.address < e.base + (64ull << e.size_log2))
                to = &e;
        const bool is_ev = to != &of;
        Ring &r = *to;
        for (unsigned k = 0; k < w.dwords / 16; k++) {
            assert_false(r.pushed.empty());
            assert_true(w.address + k * 64 == r.base + (uint64_t)(r.seen & ((1u << r.size_log2) - 1)) * 64);
            assert_true(r.seen - r.cons < 1u << r.size_log2); // the slot is the card's
            Record &want = r.pushed.front();
            assert_memory_equal(w.data + k * 16, want.word, 60);
            r.seen++;
            assert_int_equal(w.data[k * 16 + 15], r.seen);
            for (unsigned e = 0; !is_ev && e < RINGS; e++)
                assert_true(rings[e].seen >= want.events_before[e]);
            r.pushed.pop_front();
        }
    }
    size_t waiting() const
    {
        size_t n = of.pushed.size();
        for (const Ring &r : rings)
            n += r.pushed.size();
        return n;
    }
    void drain(unsigned limit = 3000)
    {
        ready = master = true;
        for (unsigned i = 0; i < limit && !(dut.idle_o && waiting() == 0); i++) {
            for (Ring &r : rings)
                r.cons = r.seen;
            of.cons = of.seen;
            step(false, false, false);
        }
        assert_true(waiting() == 0 && completions.empty());
        assert_true(dut.idle_o);
        uint64_t events = 0;
        for (unsigned r = 0; r < RINGS; r++) {
            assert_memory_equal((char *)&dut.ev_prod_o + 4 * r, &rings[r].seen, 4);
            events += rings[r].seen;
        }
        assert_int_equal(dut.of_prod_o, of.seen);
        assert_true(dut.cnt_events_o == events && dut.cnt_order_flow_o == of.seen);
    }
};

static void rings_keep_every_rule_under_random_traffic(void **)
{
    srand(7);
    static const uint64_t bases[][2] = {
        {0x00001000, 0x00200040},         // below 4 GB; an odd start
        {0x100000fc0, 0x7f12345678c0},    // above
        {0xfffffe00, 0xfffffffffffe8000}, // across 4 GB; the top of the space
    };
    // Further rings lie far from those.
    const uint64_t further = 0x4000000000;
    for (unsigned b = 0; b < 3; b++)
        for (unsigned payload = 0; payload < 4; payload++) {
            Bench t;
            t.set_payload(payload);
            t.ev.base = bases[b][0];
            t.of.base = bases[b][1];
            for (unsigned r = 0; r < RINGS; r++) {
                t.rings[r].size_log2 = 4 + rand() % 4;
                if (r > 0)
                    t.rings[r].base = further + r * 0x10040;
            }
            t.of.size_log2 = 4 + rand() % 4;
            t.settle();
            const unsigned dw = port_dwords(t.dut.tlp_tx_data_o);
            for (int i = 0; i < 6000 * (dw < 8 ? 4 : 1); i++) {
                // Phases: of pressure on either side, of a lazy host, of back-pressure, of a bus master off.
                int phase = i / 300;
                t.ready = phase % 3 == 1 ? rand() % 4 == 0 : phase % 3 == 2 ? rand() % 4 != 0 : true;
                t.master = phase % 7 != 6 || rand() % 8 == 0;
                for (Ring &r : t.rings)
                    if (rand() % (phase % 5 == 3 ? 200 : 10) == 0)
                        r.cons += rand() % (r.seen - r.cons + 1);
                t.ring = phase % 4 == 3 ? phase % RINGS : rand() % RINGS;
                if (rand() % (phase % 5 == 4 ? 200 : 10) == 0)
                    t.of.cons += rand() % (t.of.seen - t.of.cons + 1);
                // Events at most as fast as the narrow datapaths carry them: they go first.
                t.step(rand() % (dw < 8 ? 64 / dw : 8) < phase % 4, rand() % 8 < phase % 6, rand() % 16 == 0);
            }
            t.drain();
            for (const Ring &r : t.rings)
                assert_true(r.seen > 200 / RINGS);
            assert_true(t.of.seen > 200 / RINGS && t.completions_seen > 100);
            assert_int_equal(t.most_records, t.max_payload / 64); // waiting records did share TLPs
        }
}

static void a_full_ring_waits_and_counts(void **)
{
    srand(3);
    Bench t;
    t.ev.base = 0x10000;
    t.of.base = 0x20000;
    t.settle();
    for (int i = 0; i < 300; i++)
        t.step(t.ev.pushes < 20, false, false);
    assert_int_equal(t.ev.seen, 16);
    assert_int_equal(t.ev.pushed.size(), 4);
    uint64_t full = t.dut.cnt_ev_full_o;
    for (int i = 0; i < 100; i++)
        t.step(false, i == 0, false);
    assert_true(t.dut.cnt_ev_full_o == full + 100);
    assert_true(t.dut.cnt_of_full_o == 0);
    assert_int_equal(t.of.seen, 0); // behind the events that came before it
    assert_false(t.dut.idle_o);
    t.ev.cons = 1;
    for (int i = 0; i < 60; i++)
        t.step(false, false, false);
    assert_int_equal(t.ev.seen, 17);
    // A consumer index that is ahead of the producer is nonsense: no room.
    t.ev.cons = 1000;
    for (int i = 0; i < 60; i++)
        t.step(false, false, false);
    assert_int_equal(t.ev.seen, 17);
    t.ev.cons = 17;
    t.drain();
    assert_int_equal(t.ev.seen, 20);
}

static void a_ring_of_no_legal_size_has_no_room(void **)
{
    static const uint32_t sizes[] = {0, 3, 25, 32, 0x80000004, 0xffffffff};
    for (uint32_t size : sizes) {
        Bench t;
        t.ev.base = 0x10000;
        t.ev.size_log2 = size;
        t.settle();
        for (int i = 0; i < 50; i++)
            t.step(i == 0, false, false);
        assert_int_equal(t.ev.seen, 0);
        assert_true(t.dut.cnt_ev_full_o > 40);
    }
}

// A record that comes alone leaves alone, 2 cycles after its push; at 256 bits one every 3 cycles does.
static void single_events_leave_at_once(void **)
{
    srand(5);
    Bench t;
    t.ev.base = 0x100000000;
    t.ev.size_log2 = 10;
    t.of.base = 0x20000;
    t.settle();
    const unsigned dw = port_dwords(t.dut.tlp_tx_data_o), gap = dw >= 8 ? 3 : 20 / dw;
    for (unsigned i = 0; i < 3 * 500; i++) {
        unsigned writes = t.writes;
        assert_int_equal(t.step(true, false, false), 1);
        unsigned pushed = t.cycles;
        bool begun = false;
        for (unsigned k = 1; k < gap; k++) {
            t.step(false, false, false);
            if (t.dut.tlp_tx_valid_o && !begun) {
                begun = true;
                if (i == 0)
                    assert_int_equal(t.cycles - pushed,
                                     1 + SERIAL); // in the register after this edge: the second cycle
            }
        }
        assert_true(i < 3 || t.writes == writes + 1);
        t.ev.cons = t.ev.seen;
    }
    assert_int_equal(t.most_records, 1);
    t.drain();
}

static void full_speed_shares_tlps(void **)
{
    srand(6);
    for (unsigned payload = 0; payload < 3; payload++) {
        Bench t;
        t.set_payload(payload);
        t.ev.base = 0x100000000;
        t.of.base = 0x200000000;
        t.of.size_log2 = 8;
        t.settle();
        for (int i = 0; i < 3000; i++) {
            t.step(false, true, false);
            t.of.cons = t.of.seen;
        }
        const unsigned dw = port_dwords(t.dut.tlp_tx_data_o), n = t.max_payload / 64;
        unsigned beats = (4 + 16 * n + dw - 1) / dw;
        // All TLPs full, back to back (at 512 bits a TLP of two records waits for the ring's figures).
        if (beats >= 3)
            assert_true(t.of.seen >= 3000 / beats * n * 98 / 100);
        t.drain();
    }
}

static void hold_and_flush_leave_no_half_tlp(void **)
{
    srand(8);
    Bench t;
    t.ev.base = 0x100000000;
    t.ev.size_log2 = 6;
    t.of.base = 0x20000;
    t.of.size_log2 = 6;
    t.settle();
    for (int round = 0; round < 200; round++) {
        for (int i = rand() % 60; i > 0; i--) {
            t.ready = rand() % 3 != 0;
            t.step(rand() % 3 == 0, rand() % 2 == 0, rand() % 16 == 0);
            t.ev.cons = t.ev.seen;
            t.of.cons = t.of.seen;
        }
        t.dut.hold_i = 1;
        int guard = 0;
        do {
            t.ready = rand() % 3 != 0;
            t.step(false, false, rand() % 16 == 0);
            assert_true(++guard < 500);
        } while (!t.dut.quiet_o);
        t.dut.flush_i = 1;
        for (int i = 0; i < 3; i++)
            t.step(false, false, rand() % 4 == 0);
        t.dut.flush_i = 0;
        // The rings start again from record 1; completions were not touched.
        uint64_t ev_base = t.ev.base, of_base = t.of.base;
        t.ev = Ring();
        t.of = Ring();
        t.ring = 0;
        t.ev.base = ev_base;
        t.of.base = of_base;
        t.ev.size_log2 = t.of.size_log2 = 6;
        for (int i = 0; i < 4; i++)
            t.step(false, false, false);
        assert_true(t.dut.cnt_events_o == 0 && t.dut.cnt_order_flow_o == 0 && t.dut.cnt_ev_full_o == 0);
        t.dut.hold_i = 0;
    }
    t.drain();
}

#if RINGS > 1
// One that the host does not read holds up no other, and order flow behind its events waits.
static void a_full_ring_holds_up_no_other(void **)
{
    srand(4);
    Bench t;
    for (unsigned r = 0; r < RINGS; r++)
        t.rings[r].base = 0x100000 * (r + 1);
    t.of.base = 0x20000;
    t.settle();
    uint32_t flow = 0, waits = 0; // order flow seen once an event of ring 1 waits
    for (int i = 0; i < 4000; i++) {
        t.ring = rand() % RINGS;
        if (t.rings[1].seen == 16 && !t.rings[1].pushed.empty() && waits++ == 20)
            flow = t.of.seen;
        t.step(rand() % 8 == 0, rand() % 64 == 0, rand() % 64 == 0);
        for (unsigned r = 0; r < RINGS; r++)
            if (r != 1)
                t.rings[r].cons = t.rings[r].seen;
    }
    assert_int_equal(t.rings[1].seen, 16);
    assert_int_equal(t.rings[1].pushed.size(), 32); // its FIFO is full
    for (unsigned r = 0; r < RINGS; r++)
        if (r != 1)
            assert_true(t.rings[r].seen > 40 && t.rings[r].pushed.size() < 4);
    assert_true(waits > 1000 && t.of.seen == flow && t.of.pushed.size() > 20);
    t.drain();
    assert_int_equal(t.of.seen, t.of.pushes);
}
#endif

int main()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rings_keep_every_rule_under_random_traffic),
        cmocka_unit_test(a_full_ring_waits_and_counts),
        cmocka_unit_test(a_ring_of_no_legal_size_has_no_room),
        cmocka_unit_test(single_events_leave_at_once),
        cmocka_unit_test(full_speed_shares_tlps),
        cmocka_unit_test(hold_and_flush_leave_no_half_tlp),
#if RINGS > 1
        cmocka_unit_test(a_full_ring_holds_up_no_other),
#endif
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
