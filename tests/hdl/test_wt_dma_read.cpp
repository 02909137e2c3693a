// TOP: wt_dma_read
// PARAMS: -GTIMEOUT=300 -GTAG_BITS=8
// A host that answers in any order, late, twice, wrongly or never: lines come out whole and in the order asked.
#include <csetjmp>
#include <cstdarg>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <deque>
#include <random>
#include <vector>
extern "C" {
#include <cmocka.h>
}
#include "Vwt_dma_read.h"
#include "tests/hdl/tlp_bench.h"
#include "verilated.h"

// With few tags an answer that comes twice (which PCIe's link layer excludes) may find its tag in use again.
#ifndef ANSWERS_TWICE
#define ANSWERS_TWICE 1
#endif

static const uint16_t ID = 0x0100;

struct Answer {
    Tlp tlp;
    uint64_t at;
};

struct Options {
    unsigned shuffle = 0;                                   // cycles an answer may take, at random
    unsigned lost = 0, twice = 0, wrong = 0, late = 0;      // percent of reads
    unsigned ready = 100, holes = 0, take = 100, ask = 100; // percent of cycles
    unsigned lines = 3000;
};

static uint32_t memory(uint64_t address)
{
    uint64_t x = (address >> 2) * 0x9e3779b97f4a7c15ull;
    return (uint32_t)(x >> 29);
}

static void run(const Options &o, uint64_t seed)
{
    Vwt_dma_read dut;
    std::mt19937_64 rng(seed);
    auto chance = [&](unsigned percent) { return rng() % 100 < percent; };
    const unsigned n = port_dwords(dut.cpl_data_i);
    std::deque<uint64_t> want; // addresses asked for
    std::vector<Answer> answers;
    Tlp sending;
    size_t sent = 0;
    unsigned asked = 0, got = 0, refused = 0, unsupported = 0, aborted = 0, poisoned = 0, most = 0, quiet = 0;
    uint64_t reads = 0;
    bool offered = false;
    dut.cfg_requester_id_i = ID;
    dut.rst_i = 1;
    for (uint64_t cycle = 0; quiet < 2000; cycle++) {
        assert_true(cycle < 4000000);
        dut.clk_i = 0;
        if (!offered && asked < o.lines && !dut.rst_i && chance(o.ask)) {
            dut.addr_i = ((rng() & 1 ? rng() >> (rng() % 30) : rng() & 0xffffffff) & ~63ull);
            offered = true;
        }
        dut.addr_valid_i = offered;
        dut.mrd_ready_i = chance(o.ready);
        dut.line_ready_i = chance(o.take);
        // A completion: the next beat of the one under way, or a new one.
        if (sending.empty())
            for (size_t i = 0; i < answers.size(); i++)
                if (answers[i].at <= cycle) {
                    sending = answers[i].tlp;
                    answers.erase(answers.begin() + (long)i);
                    sent = 0;
                    break;
                }
        dut.cpl_valid_i = !sending.empty() && !chance(o.holes);
        unsigned k = 0;
        if (dut.cpl_valid_i) {
            uint32_t words[16], keep = 0;
            for (auto &w : words)
                w = (uint32_t)rng();
            for (; k < n && sent + k < sending.size(); k++) {
                words[k] = sending[sent + k];
                keep |= 1u << k;
            }
            memcpy(&dut.cpl_data_i, words, n * 4);
            dut.cpl_keep_i = keep;
            dut.cpl_last_i = sent + k == sending.size();
        }
        dut.eval();
        if (!want.empty() || !sending.empty())
            assert_true(dut.rst_i || !dut.idle_o || want.empty());
        if (!dut.rst_i && offered && dut.addr_ready_o) {
            want.push_back(dut.addr_i);
            offered = false;
            asked++;
            most = std::max(most, (unsigned)want.size());
        }
        if (!dut.rst_i && dut.mrd_valid_o && dut.mrd_ready_i) {
            uint32_t w[4];
            memcpy(w, &dut.mrd_data_o, 16);
            bool four = w[0] >> 29 == 1;
            uint64_t address = four ? (uint64_t)w[2] << 32 | w[3] : w[2];
            assert_int_equal(w[0], four ? 0x20000010 : 0x00000010);
            assert_int_equal(dut.mrd_dwords_o, four ? 4 : 3);
            assert_int_equal(w[1] & 0xffff00ff, ID << 16 | 0xff);
            assert_int_equal(address % 64, 0);
            assert_true(!four || address >> 32 != 0);
            unsigned tag = w[1] >> 8 & 0xff;
            reads++;
            Tlp c = {0x4a000010, 0x00180040, (uint32_t)ID << 16 | tag << 8 | (uint32_t)(address & 0x7f)};
            for (unsigned i = 0; i < 16; i++)
                c.push_back(memory(address + 4 * i));
            uint64_t at = cycle + 1 + (o.shuffle ? rng() % o.shuffle : 0);
            if (chance(o.lost)) {
                // never
            } else if (chance(o.wrong)) {
                switch (rng() % 8) {
                case 0: // unsupported request
                    c = {0x0a000000, 0x00182004, c[2]};
                    unsupported++;
                    break;
                case 6: // completer abort
                    c = {0x0a000000, 0x00188004, c[2]};
                    aborted++;
                    break;
                case 1: // poisoned
                    c[0] |= 0x4000;
                    poisoned++;
                    break;
                case 2: // cut
                    c.resize(3 + rng() % 16);
                    break;
                case 3: // longer
                    c.push_back(1);
                    c[0]++;
                    break;
                case 4: // a tag that is not under way (as far as one slot's tries go)
                    c[2] ^= 0x8000;
                    break;
                case 5:
                    c[2] ^= 0x10000; // another requester
                    break;
                default:
                    c[1] = 0x00180020; // half of it
                }
                answers.push_back({c, at});
                refused++;
            } else {
                if (chance(o.late))
                    at += 350; // it has been asked for again by then
                answers.push_back({c, at});
                if (chance(o.twice))
                    answers.push_back({c, at + 1 + rng() % 50});
            }
        }
        if (!dut.rst_i && dut.line_valid_o && dut.line_ready_i) {
            assert_false(want.empty());
            uint32_t line[16];
            memcpy(line, &dut.line_o, 64);
            for (unsigned i = 0; i < 16; i++)
                assert_int_equal(line[i], memory(want.front() + 4 * i));
            want.pop_front();
            got++;
        }
        if (dut.cpl_valid_i) {
            sent += k;
            if (sent == sending.size())
                sending.clear();
        }
        quiet = asked == o.lines && want.empty() && answers.empty() && sending.empty() ? quiet + 1 : 0;
        dut.clk_i = 1;
        dut.eval();
        dut.rst_i = 0;
    }
    assert_int_equal(got, o.lines);
    assert_true(dut.idle_o);
    assert_true(most <= 9);
    assert_int_equal(dut.cnt_timeout_o, reads - o.lines);
    assert_int_equal(dut.cnt_unsupported_o, unsupported);
    assert_int_equal(dut.cnt_aborted_o, aborted);
    assert_int_equal(dut.cnt_poisoned_o, poisoned);
    assert_true(dut.cnt_refused_o >= refused - unsupported - aborted - poisoned);
    if (!o.lost && !o.wrong && !o.late) {
        assert_int_equal(dut.cnt_timeout_o, 0);
        if (!o.twice)
            assert_int_equal(dut.cnt_refused_o, 0);
    } else {
        assert_true(dut.cnt_timeout_o > 0);
    }
}

static void reads_in_order_from_answers_in_any(void **)
{
    for (unsigned way = 0; way < 6; way++) {
        Options o;
        o.shuffle = way * 40;
        o.holes = way % 2 ? 30 : 0;
        o.ready = way == 2 ? 50 : 100;
        o.take = way == 3 ? 20 : 100;
        o.ask = way == 4 ? 30 : 100;
        run(o, way + 1);
    }
}

static void asks_again_and_takes_nothing_wrong(void **)
{
    for (unsigned way = 0; way < 5; way++) {
        Options o;
        o.lines = 600;
        o.shuffle = 60;
        o.lost = way == 0 ? 10 : 3;
        o.wrong = way == 1 ? 30 : 3;
        o.twice = ANSWERS_TWICE ? way == 2 ? 30 : 3 : 0;
        o.late = way == 3 ? 30 : 3;
        o.holes = way == 4 ? 50 : 0;
        run(o, way + 11);
    }
}

int main()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_in_order_from_answers_in_any),
        cmocka_unit_test(asks_again_and_takes_nothing_wrong),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
