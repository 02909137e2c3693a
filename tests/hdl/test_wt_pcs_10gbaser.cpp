// TOP: wt_pcs_pair
// EXTRA: tests/hdl/wt_pcs_pair.sv
#include <csetjmp>
#include <cstdarg>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
extern "C" {
#include <cmocka.h>
}
#include "Vwt_pcs_pair.h"
#include "tests/hdl/xgmii_model.h"
#include "verilated.h"

static const Word IDLE_WORD = {0x0707070707070707u, 0xff};
static const Word FAULT_WORD = {0x0100009c0100009cu, 0x11};
static const Word ERROR_WORD = {0xfefefefefefefefeu, 0xff};

static bool operator==(const Word &a, const Word &b)
{
    return a.d == b.d && a.c == b.c;
}

// Figure 49-7 of IEEE 802.3, one line a block type: what each lane holds. D data, C control, S start,
// T end, O ordered set. The fields lie behind the type in the order of the lanes; a C takes 7 bits,
// a D 8, and S and T none. O codes and the bits that fill up are written out in pack().
static const struct {
    uint8_t type;
    const char *lanes;
} blocks[] = {
    {0x1e, "CCCCCCCC"}, {0x2d, "CCCCODDD"}, {0x33, "CCCCSDDD"}, {0x66, "ODDDSDDD"}, {0x55, "ODDDODDD"},
    {0x78, "SDDDDDDD"}, {0x4b, "ODDDCCCC"}, {0x87, "TCCCCCCC"}, {0x99, "DTCCCCCC"}, {0xaa, "DDTCCCCC"},
    {0xb4, "DDDTCCCC"}, {0xcc, "DDDDTCCC"}, {0xd2, "DDDDDTCC"}, {0xe1, "DDDDDDTC"}, {0xff, "DDDDDDDT"},
};

struct Block {
    unsigned header; // first bit in bit 0
    uint64_t data;
};

// Where lane i's field lies in a block. Data of lane i: where the lane itself would be in a block that
// starts with its type (lanes 1..7), one byte later for ends (lanes 0..6). Codes: 8 + 7 i.
static unsigned field_at(const char *lanes, unsigned i)
{
    bool end = false;
    for (const char *p = lanes; *p; p++)
        end |= *p == 'T';
    switch (lanes[i]) {
    case 'D':
        return end ? 8 * i + 8 : 8 * i;
    case 'C':
        return 8 + 7 * i;
    default: // O
        return i == 0 ? 32 : 36;
    }
}

// Unscrambled block to lanes; false: not a block of the table.
static bool unpack(Block b, Lanes &x)
{
    if (b.header == 2) { // 01 on the wire: data
        push_word(x, b.data, 0);
        return true;
    }
    if (b.header != 1)
        return false;
    for (const auto &row : blocks) {
        if (row.type != (b.data & 0xff))
            continue;
        for (unsigned i = 0; i < 8; i++) {
            uint64_t f = b.data >> (row.lanes[i] == 'S' || row.lanes[i] == 'T' ? 0 : field_at(row.lanes, i));
            switch (row.lanes[i]) {
            case 'D':
                x.push_back({(uint8_t)f, false});
                break;
            case 'C':
                if ((f & 0x7f) != 0 && (f & 0x7f) != 0x1e)
                    return false;
                x.push_back({(f & 0x7f) ? X_ERROR : X_IDLE, true});
                break;
            case 'O':
                if ((f & 0xf) != 0 && (f & 0xf) != 0xf)
                    return false;
                x.push_back({(uint8_t)((f & 0xf) ? 0x5c : 0x9c), true});
                break;
            default:
                x.push_back({row.lanes[i] == 'S' ? X_START : X_TERMINATE, true});
            }
        }
        return true;
    }
    return false;
}

static bool pack(const Lanes &x, Block &b)
{
    bool any = false;
    for (const Lane &l : x)
        any |= l.c;
    b = {2, word_at(x, 0).d};
    if (!any)
        return true;
    for (const auto &row : blocks) {
        bool fits = true;
        b = {1, row.type};
        for (unsigned i = 0; i < 8 && fits; i++) {
            uint64_t v = 0;
            switch (row.lanes[i]) {
            case 'D':
                fits = !x[i].c;
                v = x[i].d;
                break;
            case 'C':
                fits = x[i].c && (x[i].d == X_IDLE || x[i].d == X_ERROR);
                v = x[i].d == X_ERROR ? 0x1e : 0;
                break;
            case 'O':
                fits = x[i].c && (x[i].d == 0x9c || x[i].d == 0x5c);
                v = x[i].d == 0x5c ? 0xf : 0;
                break;
            default:
                fits = x[i].c && x[i].d == (row.lanes[i] == 'S' ? X_START : X_TERMINATE);
            }
            if (row.lanes[i] != 'S' && row.lanes[i] != 'T')
                b.data |= v << field_at(row.lanes, i);
        }
        if (fits)
            return true;
    }
    return false;
}

// x^58 + x^39 + 1 one bit at a time.
struct Scrambler {
    std::deque<bool> last; // newest in front
    explicit Scrambler(uint64_t seed)
    {
        for (unsigned i = 0; i < 58; i++)
            last.push_back(seed >> i & 1);
    }
    uint64_t run(uint64_t in, bool undo)
    {
        uint64_t out = 0;
        for (unsigned i = 0; i < 64; i++) {
            bool bit = in >> i & 1, made = bit ^ last[38] ^ last[57];
            out |= (uint64_t)made << i;
            last.push_front(undo ? bit : made);
            last.pop_back();
        }
        return out;
    }
};

struct Dut {
    Vwt_pcs_pair m;
    Dut()
    {
        m.rst_i = 1;
        m.tx_d_i = IDLE_WORD.d;
        m.tx_c_i = IDLE_WORD.c;
        m.rx_header_i = 1;
        for (int i = 0; i < 3; i++)
            clock();
        m.rst_i = 0;
    }
    void clock()
    {
        m.clk_i = 0;
        m.eval();
        m.clk_i = 1;
        m.eval();
    }
    Word out()
    {
        return {m.rx_d_o, m.rx_c_o};
    }
    uint32_t counter(unsigned i)
    {
        return m.rx_counters_o[i];
    }
};

// Frames from both lanes, of every end lane, with error codes, ordered sets and idle around.
static Lanes traffic(unsigned frames, Random &r)
{
    Lanes x;
    idle(x, 64);
    for (unsigned i = 0; i < frames; i++) {
        while (x.size() % 8 != (r.chance(50) ? 4u : 0u))
            idle(x, 1);
        if (x.size() % 8 == 0 && r.chance(20)) {
            push_word(x, 0x0100009c0100009cu, 0x11);
            push_word(x, 0x070707070100009cu, 0xf1);
            push_word(x, 0x0200009c07070707u, 0x1f);
            push_word(x, 0x0200005c0200005cu, 0x11);
        }
        if (x.size() % 8 == 4 && r.chance(20)) {
            for (unsigned k = 4; k--;) // an ordered set on lane 0 of the word in which a frame starts
                x.pop_back();
            push_word(x, 0x030000000000009cu, 0x01);
            for (unsigned k = 4; k--;)
                x.pop_back();
        }
        Bytes b = random_frame(60 + r.below(32), r);
        frame(x, b);
        idle(x, 4 + r.below(30));
        if (r.chance(20)) {
            idle(x, 16);
            x[x.size() - 4].d = X_ERROR;
        }
    }
    while (x.size() % 8)
        idle(x, 1);
    idle(x, 8);
    return x;
}

static void encodes_what_the_table_says(void **)
{
    Random r(1);
    Lanes x = traffic(5000, r), got;
    Dut dut;
    Scrambler line(0);
    for (size_t at = 0; at < x.size() + 16; at += 8) {
        Word w = word_at(x, at);
        dut.m.tx_d_i = w.d;
        dut.m.tx_c_i = w.c;
        dut.clock();
        Block b{dut.m.tx_header_o, line.run(dut.m.tx_data_o, true)};
        if (at >= 16) // the first 58 bits only fill the descrambler
            assert_true(unpack(b, got));
    }
    // Two cycles: what comes out after the edge of cycle k is word k - 1.
    for (size_t i = 0; i + 8 < x.size(); i++)
        if (i >= 8)
            assert_true(got[i - 8] == x[i]);
    assert_int_equal(dut.m.tx_bad_o, 0);
}

// Plays blocks that the bench makes itself.
static void decodes_what_the_table_says(void **)
{
    Random r(2);
    Lanes x = traffic(5000, r), lead;
    idle(lead, 8 * 100);
    x.insert(x.begin(), lead.begin(), lead.end());
    Dut dut;
    Scrambler line(r.bits());
    for (size_t at = 0; at < x.size(); at += 8) {
        Block b;
        assert_true(pack(Lanes(x.begin() + (long)at, x.begin() + (long)at + 8), b));
        dut.m.rx_header_i = (uint8_t)b.header;
        dut.m.rx_data_i = line.run(b.data, false);
        dut.clock();
        if (at < 64 * 8)
            assert_true(dut.out() == FAULT_WORD); // 64 good headers make lock
        else
            assert_true(dut.out() == word_at(x, at)); // one cycle
        assert_int_equal(dut.m.rx_lock_o, at >= 63 * 8);
    }
    for (unsigned i = 0; i < 3; i++)
        assert_int_equal(dut.counter(i), 0);
}

// Random blocks: what the table does not have, or what cannot follow, becomes errors.
static void turns_bad_blocks_into_errors(void **)
{
    Random r(3);
    Dut dut;
    Scrambler line(0);
    enum { OUTSIDE, INSIDE, BAD } state = OUTSIDE;
    uint32_t bad = 0, good = 0;
    for (unsigned i = 0; i < 200000; i++) {
        Block b{1, 0x1e};
        if (i > 100) {
            if (r.chance(30))
                b = {2, r.bits()};
            else if (r.chance(70))
                b = {1, blocks[r.below(15)].type | (r.chance(80) ? 0 : r.bits() << 8)};
            else
                b = {1, r.bits()};
            if (i % 2048 == 0) // few enough for hi_ber
                b.header = 3 * r.below(2);
        }
        dut.m.rx_header_i = (uint8_t)b.header;
        dut.m.rx_data_i = line.run(b.data, false);
        dut.clock();
        if (i <= 100)
            continue;
        assert_true(dut.m.rx_lock_o);
        assert_false(dut.m.rx_hi_ber_o);
        Lanes x;
        bool ok = unpack(b, x), data = b.header == 2, starts = false, ends = false;
        for (const Lane &l : x) {
            starts |= l.c && l.d == X_START;
            ends |= l.c && l.d == X_TERMINATE;
        }
        if (state == OUTSIDE)
            ok = ok && !data && !ends;
        else if (state == INSIDE)
            ok = ok && (data || ends);
        else
            ok = ok && !starts;
        assert_true(dut.out() == (ok ? word_at(x, 0) : ERROR_WORD));
        state = !ok ? BAD : data || starts ? INSIDE : OUTSIDE;
        bad += !ok;
        good += ok;
    }
    assert_true(good > 10000 && bad > 10000);
}

// XGMII that no MAC makes: error blocks, counted; the next frame is sound again.
static void refuses_to_send_what_is_no_frame(void **)
{
    Random r(4);
    Dut dut;
    Scrambler line(0);
    Lanes out;
    enum { OUTSIDE, INSIDE, BAD } state = OUTSIDE;
    Word last = IDLE_WORD;
    uint32_t bad = 0, good = 0;
    for (unsigned i = 0; i < 200000; i++) {
        Word w = IDLE_WORD;
        if (i > 10) {
            static const uint8_t codes[] = {X_IDLE, X_IDLE, X_IDLE, X_ERROR, X_START, X_TERMINATE, X_SEQUENCE, 0x5c};
            unsigned shape = r.below(10);
            w.c = shape < 3 ? 0 : shape < 8 ? (uint8_t)(0xff << r.below(9)) : (uint8_t)(r.chance(50) ? 0x11 : 0x1f);
            if (shape == 9)
                w.c = r.chance(50) ? 0x01 : 0xf1;
            w.d = 0;
            bool first = true;
            for (unsigned k = 0; k < 8; k++) {
                bool c = w.c >> k & 1;
                uint8_t v = !c ? (uint8_t)r.bits() : first && r.chance(60) ? codes[3 + r.below(5)] : codes[r.below(4)];
                if (c && k == 4 && r.chance(50))
                    v = codes[4 + r.below(4)];
                first &= !c;
                w.d |= (uint64_t)v << 8 * k;
            }
        }
        dut.m.tx_d_i = w.d;
        dut.m.tx_c_i = w.c;
        dut.clock();
        Lanes got, x;
        bool known = unpack({dut.m.tx_header_o, line.run(dut.m.tx_data_o, true)}, got);
        if (i >= 10) {
            assert_true(known);
            push_word(x, last.d, last.c);
            Block b;
            bool ok = pack(x, b), starts = false, ends = false;
            for (const Lane &l : x) {
                starts |= l.c && l.d == X_START;
                ends |= l.c && l.d == X_TERMINATE;
            }
            bool inner = last.c == 0 || ends;
            ok = ok && (state == OUTSIDE ? !inner : state == INSIDE ? inner : !starts);
            assert_true(word_at(got, 0) == (ok ? last : ERROR_WORD));
            state = !ok ? BAD : last.c == 0 || starts ? INSIDE : OUTSIDE;
            bad += !ok;
            good += ok;
        }
        last = w;
    }
    assert_true(good > 10000 && bad > 10000);
    assert_true(dut.m.tx_bad_o == bad || dut.m.tx_bad_o == bad + 1); // one is still inside
}

// ---------------------------------------------------------------- a line of bits

struct Line {
    Dut dut;
    Random r{77};
    std::deque<bool> bits;
    unsigned slip_in = 0;
    uint32_t slips = 0;

    // offset: how far the receiver's boundary is off at first.
    explicit Line(unsigned offset)
    {
        for (unsigned i = 0; i < 66 * 8 + offset; i++)
            bits.push_back(r.chance(50));
    }
    void push(Block b)
    {
        for (unsigned i = 0; i < 2; i++)
            bits.push_back(b.header >> i & 1);
        for (unsigned i = 0; i < 64; i++)
            bits.push_back(b.data >> i & 1);
    }
    // One cycle with a word in; spoil: header bits to turn over.
    Word cycle(Word in, unsigned spoil = 0)
    {
        uint8_t header = 0;
        uint64_t data = 0;
        for (unsigned i = 0; i < 66; i++) {
            uint64_t bit = bits.front();
            bits.pop_front();
            if (i < 2)
                header |= (uint8_t)(bit << i);
            else
                data |= bit << (i - 2);
        }
        dut.m.rx_header_i = header ^ (uint8_t)spoil;
        dut.m.rx_data_i = data;
        dut.m.tx_d_i = in.d;
        dut.m.tx_c_i = in.c;
        dut.clock();
        push({dut.m.tx_header_o, dut.m.tx_data_o});
        if (dut.m.rx_slip_o) {
            slips++;
            slip_in = 5; // a transceiver takes a while
        } else if (slip_in && --slip_in == 0) {
            bits.pop_front();
            for (unsigned i = 0; i < 66 && bits.size() < 66 * 4; i++) // it must not run dry
                bits.push_front(r.chance(50));
        }
        return dut.out();
    }
    unsigned until_lock()
    {
        unsigned n = 0;
        while (!dut.m.rx_lock_o) {
            cycle(IDLE_WORD);
            assert_true(n++ < 66 * 200);
        }
        for (int i = 0; i < 80; i++) // lock by chance would not last
            cycle(IDLE_WORD);
        assert_true(dut.m.rx_lock_o);
        return n;
    }
    // Whole traffic comes through unchanged.
    void check_traffic(unsigned frames)
    {
        Lanes x = traffic(frames, r), got;
        for (size_t at = 0; at < x.size() + 80; at += 8) {
            Word w = cycle(word_at(x, at));
            push_word(got, w.d, w.c);
        }
        for (size_t delay = 0; delay <= 80; delay += 8)
            if (std::equal(x.begin(), x.end(), got.begin() + (long)delay))
                return;
        fail_msg("%u frames did not come through", frames);
    }
};

static void finds_the_boundary_wherever_it_is(void **)
{
    for (unsigned offset = 0; offset < 66; offset++) {
        Line line(offset);
        line.until_lock();
        assert_int_equal(line.slips % 66, offset);
        line.check_traffic(20);
    }
}

// A bit lost or made up on the line: lock goes, comes back, and traffic with it.
static void finds_it_again_after_a_slip(void **)
{
    Line line(0);
    line.until_lock();
    for (unsigned i = 0; i < 20; i++) {
        uint32_t before = line.dut.counter(0);
        for (unsigned n = 1 + line.r.below(40); n--;) {
            if (i % 2)
                line.bits.pop_front();
            else
                line.bits.push_front(line.r.chance(50));
        }
        unsigned cycles = 0;
        while (line.dut.m.rx_lock_o) {
            line.cycle(IDLE_WORD);
            assert_true(cycles++ < 200); // half of the headers are bad now
        }
        assert_true(line.cycle(IDLE_WORD) == FAULT_WORD);
        assert_int_equal(line.dut.counter(0), before + 1);
        line.until_lock();
        line.check_traffic(5);
    }
}

// 15 bad headers among 64 leave the lock, 16 break it: counted from where the receiver counts.
static void keeps_lock_until_sixteen_of_64_are_bad(void **)
{
    Line line(0);
    while (!line.dut.m.rx_lock_o)
        line.cycle(IDLE_WORD);
    for (unsigned window = 0; window < 200; window++)
        for (unsigned i = 0; i < 64; i++)
            line.cycle(IDLE_WORD, i >= 20 && i < 35 ? 1 + window % 2 : 0);
    assert_true(line.dut.m.rx_lock_o);
    assert_int_equal(line.dut.counter(0), 0);
    assert_int_equal(line.dut.counter(1), 200 * 15);
    for (unsigned i = 0; i < 64 && line.dut.m.rx_lock_o; i++)
        line.cycle(IDLE_WORD, i >= 20 && i < 36 ? 1 : 0);
    assert_false(line.dut.m.rx_lock_o);
}

// 16 bad headers within 125 us raise hi_ber, which hides the line; a window with fewer ends it.
static void watches_the_bit_error_rate(void **)
{
    const unsigned window = 19531;
    Line line(0);
    line.until_lock();
    // Spread evenly, each pair of windows as seen from anywhere has at most 2 * 7 bad ones: never.
    for (unsigned i = 0; i < 6 * window; i++) {
        line.cycle(IDLE_WORD, i % (window / 7 + 1) == 9 ? 1 : 0);
        assert_false(line.dut.m.rx_hi_ber_o);
    }
    // 33 a window: any full window has 16.
    unsigned raised = 0;
    for (unsigned i = 0; i < 3 * window; i++) {
        Word w = line.cycle(IDLE_WORD, i % (window / 33) == 9 ? 1 : 0);
        raised += line.dut.m.rx_hi_ber_o;
        if (i > window && raised > 1)
            assert_true(w == FAULT_WORD);
    }
    assert_true(raised > window);
    assert_true(line.dut.m.rx_lock_o && line.dut.m.rx_hi_ber_o);
    unsigned clean = 0;
    while (line.dut.m.rx_hi_ber_o) {
        line.cycle(IDLE_WORD);
        assert_true(clean++ < 2 * window);
    }
    assert_true(clean > 10);
    line.check_traffic(50);
}

int main()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(encodes_what_the_table_says),
        cmocka_unit_test(decodes_what_the_table_says),
        cmocka_unit_test(turns_bad_blocks_into_errors),
        cmocka_unit_test(refuses_to_send_what_is_no_frame),
        cmocka_unit_test(finds_the_boundary_wherever_it_is),
        cmocka_unit_test(finds_it_again_after_a_slip),
        cmocka_unit_test(keeps_lock_until_sixteen_of_64_are_bad),
        cmocka_unit_test(watches_the_bit_error_rate),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
