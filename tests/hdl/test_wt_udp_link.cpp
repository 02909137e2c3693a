// The UDP link against a model of the host: what it sends, byte for byte, and what it makes of what comes.
// TOP: wt_udp_link
// PARAMS: -GSTATE_LOG2=12
#include <cstdarg>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <functional>
#include <setjmp.h>
#include <vector>

extern "C" {
#include <cmocka.h>
}

#include "Vwt_udp_link.h"
#include "verilated.h"

namespace
{

typedef std::vector<uint8_t> bytes;

const uint8_t CARD_MAC[6] = {0x02, 0x57, 0x54, 0, 0, 2}, HOST_MAC[6] = {0x10, 0x22, 0x33, 0x44, 0x55, 0x66};
const uint8_t CARD_IP[4] = {192, 168, 57, 2}, HOST_IP[4] = {192, 168, 57, 77};
constexpr unsigned CARD_PORT = 22356, HOST_PORT = 40001;
enum { OPEN = 1, TLP, REPEAT, DATA, STATE };

struct Datagram {
    unsigned kind;
    uint32_t number, other;
    bytes rest;
};

struct Bench {
    VerilatedContext context;
    Vwt_udp_link dut;
    uint64_t seed = 1;
    std::deque<bytes> to_card;        // frames
    std::deque<bytes> from_core;      // TLPs
    std::vector<bytes> taken, pushed; // TLPs: that the core got; that it gave
    std::vector<bytes> frames;        // of the card
    bytes frame, tlp;
    size_t rx_at = 0, tlp_at = 0;
    bool bad_fcs = false;
    unsigned tx_slow = 8; // cycles a word, as a MAC takes them
    unsigned tx_count = 0;

    Bench() : dut(&context)
    {
        dut.rst_i = 1;
        for (int i = 0; i < 4; i++)
            cycle();
        dut.rst_i = 0;
    }
    ~Bench()
    {
        dut.final();
    }

    uint64_t random()
    {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        return seed;
    }

    void cycle()
    {
        dut.clk_i = 0;
        dut.rx_valid_i = !to_card.empty() && random() % 4 != 0;
        if (dut.rx_valid_i) {
            const bytes &f = to_card.front();
            uint64_t word = 0;
            memcpy(&word, f.data() + rx_at, f.size() - rx_at < 8 ? f.size() - rx_at : 8);
            dut.rx_data_i = word;
            dut.rx_last_i = rx_at + 8 >= f.size();
            dut.rx_error_i = dut.rx_last_i && bad_fcs;
        }
        dut.tlp_tx_valid_i = !from_core.empty();
        if (dut.tlp_tx_valid_i) {
            const bytes &t = from_core.front();
            uint64_t word = 0xdeadbeefdeadbeef;
            memcpy(&word, t.data() + tlp_at, t.size() - tlp_at < 8 ? t.size() - tlp_at : 8);
            dut.tlp_tx_data_i = word;
            dut.tlp_tx_last_i = tlp_at + 8 >= t.size();
        }
        dut.tlp_rx_ready_i = random() % 3 != 0;
        tx_count = tx_count + 1 < tx_slow ? tx_count + 1 : 0;
        dut.tx_ready_i = tx_count == 0;
        dut.eval();
        if (dut.rx_valid_i && dut.rx_ready_o) {
            rx_at += 8;
            if (dut.rx_last_i) {
                to_card.pop_front();
                rx_at = 0;
            }
        }
        if (dut.tlp_tx_valid_i && dut.tlp_tx_ready_o) {
            tlp_at += 8;
            if (dut.tlp_tx_last_i) {
                pushed.push_back(from_core.front());
                from_core.pop_front();
                tlp_at = 0;
            }
        }
        if (dut.tlp_rx_valid_o && dut.tlp_rx_ready_i) {
            uint64_t word = dut.tlp_rx_data_o;
            tlp.insert(tlp.end(), (uint8_t *)&word, (uint8_t *)&word + (dut.tlp_rx_keep_o == 3 ? 8 : 4));
            if (dut.tlp_rx_last_o) {
                taken.push_back(tlp);
                tlp.clear();
            } else
                assert_int_equal(dut.tlp_rx_keep_o, 3);
        }
        if (dut.tx_valid_o && dut.tx_ready_i) {
            uint64_t word = dut.tx_data_o;
            frame.insert(frame.end(), (uint8_t *)&word, (uint8_t *)&word + 8);
            if (dut.tx_last_o) {
                frames.push_back(frame);
                frame.clear();
            }
        }
        dut.clk_i = 1;
        dut.eval();
    }

    void run(unsigned cycles)
    {
        while (cycles-- > 0)
            cycle();
    }

    bool until(const std::function<bool()> &done, unsigned cycles = 20000)
    {
        while (cycles-- > 0 && !done())
            cycle();
        return done();
    }
};

void put16(bytes &b, unsigned x)
{
    b.push_back((uint8_t)(x >> 8));
    b.push_back((uint8_t)x);
}

void put32le(bytes &b, uint32_t x)
{
    for (int i = 0; i < 4; i++)
        b.push_back((uint8_t)(x >> 8 * i));
}

uint32_t get32le(const uint8_t *at)
{
    return at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

// A frame of the host, as a MAC hands it on: padded to 60 bytes.
bytes request(unsigned kind, uint32_t number, uint32_t other = 0, const bytes &tlp = {}, unsigned port = HOST_PORT)
{
    bytes b;
    b.insert(b.end(), CARD_MAC, CARD_MAC + 6);
    b.insert(b.end(), HOST_MAC, HOST_MAC + 6);
    put16(b, 0x0800);
    put16(b, 0x4500);
    put16(b, 20 + 8 + 14 + (unsigned)tlp.size());
    put16(b, 0x1234);
    put16(b, 0x4000);
    put16(b, 0x4011);
    put16(b, 0);
    b.insert(b.end(), HOST_IP, HOST_IP + 4);
    b.insert(b.end(), CARD_IP, CARD_IP + 4);
    put16(b, port);
    put16(b, CARD_PORT);
    put16(b, 8 + 14 + (unsigned)tlp.size());
    put16(b, 0);
    b.push_back('W');
    b.push_back('T');
    b.push_back(1);
    b.push_back((uint8_t)kind);
    b.push_back((uint8_t)(tlp.size() / 4));
    b.push_back(0);
    put32le(b, number);
    put32le(b, other);
    b.insert(b.end(), tlp.begin(), tlp.end());
    while (b.size() < 60)
        b.push_back(0);
    return b;
}

unsigned ones(const uint8_t *at, unsigned n)
{
    unsigned sum = 0;
    for (unsigned i = 0; i < n; i += 2)
        sum += (unsigned)at[i] << 8 | at[i + 1];
    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    return sum;
}

// Every field of a frame that the card sent to the host.
Datagram parse(const bytes &f)
{
    Datagram d;
    assert_true(f.size() >= 60 && f.size() <= 1514);
    assert_memory_equal(f.data(), HOST_MAC, 6);
    assert_memory_equal(f.data() + 6, CARD_MAC, 6);
    assert_int_equal(f[12] << 8 | f[13], 0x0800);
    assert_int_equal(f[14], 0x45);
    assert_int_equal(f[16] << 8 | f[17], f.size() - 14);
    assert_int_equal(f[23], 17);
    assert_int_equal(ones(f.data() + 14, 20), 0xffff);
    assert_memory_equal(f.data() + 26, CARD_IP, 4);
    assert_memory_equal(f.data() + 30, HOST_IP, 4);
    assert_int_equal(f[34] << 8 | f[35], CARD_PORT);
    assert_int_equal(f[36] << 8 | f[37], HOST_PORT);
    assert_int_equal(f[38] << 8 | f[39], f.size() - 34);
    assert_int_equal(f[40] << 8 | f[41], 0);
    assert_memory_equal(f.data() + 42, "WT\1", 3);
    d.kind = f[45];
    d.number = get32le(f.data() + 48);
    d.other = get32le(f.data() + 52);
    d.rest.assign(f.begin() + 56, f.end());
    return d;
}

bytes random_tlp(Bench &b, unsigned dwords)
{
    bytes t(dwords * 4);
    for (uint8_t &x : t)
        x = (uint8_t)b.random();
    return t;
}

void open(Bench &b, uint32_t number)
{
    b.to_card.push_back(request(OPEN, number));
    assert_true(b.until([&] { return !b.frames.empty(); }));
    Datagram d = parse(b.frames[0]);
    assert_int_equal(d.kind, STATE);
    assert_int_equal(d.other, number);
    b.frames.clear();
}

void test_requests(void **)
{
    Bench b;
    b.run(3 << 12);
    assert_int_equal(b.frames.size(), 0); // nothing before a host has asked
    open(b, 0xfffffffe);
    std::vector<bytes> sent;
    uint32_t number = 0xffffffff;
    for (unsigned i = 0; i < 200; i++, number++) {
        bytes t = random_tlp(b, 3 + (unsigned)(b.random() % 30));
        sent.push_back(t);
        unsigned copies = 1 + (unsigned)(b.random() % 3);
        for (unsigned c = 0; c < copies; c++)
            b.to_card.push_back(request(TLP, number, 0, t));
        b.to_card.push_back(request(TLP, number + 2, 0, t));                // one is missing before it
        b.to_card.push_back(request(TLP, number + 1, 0, t, HOST_PORT + 1)); // another host's
        if (i % 3 == 0) {
            bytes broken = request(TLP, number + 1, 0, t);
            static const unsigned at[] = {0, 12, 14, 21, 23, 30, 33, 36, 42, 43, 44, 46};
            broken[at[b.random() % 12]] ^= 0x80; // not for us, not of this link, or not as long as it says
            b.to_card.push_back(broken);
        }
        assert_true(b.until([&] { return b.to_card.empty(); }));
    }
    b.run(2000);
    assert_int_equal(b.taken.size(), sent.size());
    for (size_t i = 0; i < sent.size(); i++) {
        assert_int_equal(b.taken[i].size(), sent[i].size());
        assert_memory_equal(b.taken[i].data(), sent[i].data(), sent[i].size());
    }
    Datagram d = parse(b.frames.back());
    assert_int_equal(d.kind, STATE);
    assert_int_equal(d.other, number - 1);
    // A frame with a wrong FCS changes nothing; the same one without does.
    b.bad_fcs = true;
    b.to_card.push_back(request(TLP, number, 0, sent[0]));
    assert_true(b.until([&] { return b.to_card.empty(); }));
    b.run(200);
    assert_int_equal(b.taken.size(), sent.size());
    b.bad_fcs = false;
    b.to_card.push_back(request(TLP, number, 0, sent[0]));
    b.run(200);
    assert_int_equal(b.taken.size(), sent.size() + 1);
}

// The core gives TLPs of all lengths; each comes once, in order; then some are asked for again.
void test_data(void **)
{
    Bench b;
    open(b, 7);
    uint32_t next = 0, asked = 0, answered = 0, gone = 0;
    for (unsigned round = 0; round < 4000; round++) {
        if (b.from_core.size() < 3)
            b.from_core.push_back(random_tlp(b, round % 3 == 0 ? 132 : 3 + (unsigned)(b.random() % 130)));
        if (round % 7 == 0 && next > 0 && b.to_card.empty()) {
            uint32_t back = (uint32_t)(b.random() % (round % 2 ? 40 : 400));
            uint32_t first = back < next ? next - 1 - back : 0, n = 1 + (uint32_t)(b.random() % 3);
            // the oldest that is there for sure: 32 KB less the room for a longest TLP that may come in at any time
            size_t kept = 0;
            uint32_t sure = (uint32_t)b.pushed.size();
            while (sure > 0 && kept + (b.pushed[sure - 1].size() + 7) / 8 < 4096 - 3 * 66 &&
                   b.pushed.size() - sure < 500) {
                sure--;
                kept += (b.pushed[sure].size() + 7) / 8;
            }
            b.to_card.push_back(request(REPEAT, first, n));
            asked++;
            bool there = first >= sure;
            unsigned states = 0, came = 0;
            size_t at = 0;
            // its answers: n TLPs again (fewer if there are no more), or the state with an oldest behind the first
            assert_true(b.until(
                [&] {
                    for (; at < b.frames.size(); at++) {
                        Datagram d = parse(b.frames[at]);
                        if (d.kind == STATE) {
                            uint32_t oldest = get32le(d.rest.data());
                            assert_int_equal(d.number, next); // what waits to be sent is not counted yet
                            if ((int32_t)(oldest - (first + came)) > 0 || d.number <= first + came)
                                states++;
                            continue;
                        }
                        assert_int_equal(d.kind, DATA);
                        bool again = came < n && d.number == first + came && d.number < next;
                        if (again)
                            came++;
                        else {
                            assert_int_equal(d.number, next);
                            next++;
                        }
                        assert_true(d.number < b.pushed.size());
                        const bytes &t = b.pushed[d.number];
                        assert_int_equal(d.rest.size(), (t.size() + 7) / 8 * 8);
                        assert_memory_equal(d.rest.data(), t.data(), t.size());
                    }
                    return came == n || states > 0;
                },
                60000));
            if (there)
                assert_true(came > 0);
            answered += came;
            gone += came == 0;
        } else
            b.run(40);
        // What else has come is new: a repeated one would have been looked at above.
        std::vector<bytes> rest;
        rest.swap(b.frames);
        for (const bytes &f : rest) {
            Datagram d = parse(f);
            if (d.kind != DATA || d.number != next)
                continue;
            assert_memory_equal(d.rest.data(), b.pushed[next].data(), b.pushed[next].size());
            next++;
        }
    }
    assert_true(asked > 300 && answered > 300 && gone > 20);
    size_t given = 0; // some times what the buffer holds
    for (const bytes &t : b.pushed)
        given += t.size();
    assert_true(given > 3 * 32768);
}

void test_state(void **)
{
    Bench b;
    open(b, 1);
    b.run(5 << 12);
    assert_in_range(b.frames.size(), 4, 6); // told while nothing happens
    for (const bytes &f : b.frames)
        assert_int_equal(parse(f).kind, STATE);
    b.frames.clear();
    for (unsigned i = 0; i < 3; i++)
        b.from_core.push_back(random_tlp(b, 20));
    assert_true(b.until([&] { return !b.frames.empty() && parse(b.frames.back()).number == 2; }));
    b.frames.clear();
    assert_true(b.until([&] { return !b.frames.empty(); }, 2 << 12)); // and behind the last TLP
    Datagram d = parse(b.frames[0]);
    assert_int_equal(d.kind, STATE);
    assert_int_equal(d.number, 3);
    assert_int_equal(get32le(d.rest.data()), 0);
}

void test_arp(void **)
{
    Bench b;
    static const uint8_t ask[42] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x10, 0x22, 0x33, 0x44, 0x55, 0x66, 8,    6,
                                    0,    1,    8,    0,    6,    4,    0,    1,    0x10, 0x22, 0x33, 0x44, 0x55, 0x66,
                                    192,  168,  57,   77,   0,    0,    0,    0,    0,    0,    192,  168,  57,   2};
    static const uint8_t answer[42] = {0x10, 0x22, 0x33, 0x44, 0x55, 0x66, 2,    0x57, 0x54, 0,    0,    2,   8,  6,
                                       0,    1,    8,    0,    6,    4,    0,    2,    2,    0x57, 0x54, 0,   0,  2,
                                       192,  168,  57,   2,    0x10, 0x22, 0x33, 0x44, 0x55, 0x66, 192,  168, 57, 77};
    for (unsigned spoil = 0; spoil < 42; spoil++) { // not a request for our address
        bytes f(ask, ask + 42);
        f.resize(60);
        bool sender = (spoil >= 6 && spoil < 12) || (spoil >= 22 && spoil < 38);
        f[spoil] ^= 0x40;
        if (!sender)
            b.to_card.push_back(f);
    }
    b.run(1000);
    assert_true(b.to_card.empty());
    assert_int_equal(b.frames.size(), 0);
    bytes f(ask, ask + 42);
    f.resize(60);
    b.to_card.push_back(f);
    assert_true(b.until([&] { return !b.frames.empty(); }));
    assert_memory_equal(b.frames[0].data(), answer, 42);
}

} // namespace

int main()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_requests),
        cmocka_unit_test(test_data),
        cmocka_unit_test(test_state),
        cmocka_unit_test(test_arp),
    };
    return cmocka_run_group_tests_name("wt_udp_link", tests, nullptr, nullptr);
}
