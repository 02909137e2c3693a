// TOP: wt_hash
// PARAMS: -GKEY_W=64 -GVAL_W=40 -GSLOTS_LOG2=16 -GOWNER_W=4 -GOWNER_LSB=64
#include <csetjmp>
#include <cstdarg>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <deque>
#include <random>
#include <unordered_map>

extern "C" {
#include <cmocka.h>
}
#include "verilated.h"
#ifdef STEPPED // wt_hash_stepped: one lookup at a time
#include "Vwt_hash_stepped.h"
typedef Vwt_hash_stepped Dut;
static const int latency = 8;
#else
#include "Vwt_hash.h"
typedef Vwt_hash Dut;
static const int latency = 3;
#endif

static const size_t slots = 1 << 16;
#ifndef WAYS
#define WAYS 4
#endif
static const size_t ways = 2 * WAYS; // slots read at once
static const size_t holds = WAYS == 4 ? slots * 3 / 4 : slots * 5 / 8;

struct Table {
    Dut dut;
    uint64_t cycles = 0, kicked = 0, longest = 0;

    Table()
    {
        dut.rst_i = 1;
        clock();
        dut.rst_i = 0;
        while (!dut.ready_o)
            clock();
        assert_int_equal(cycles, 1 + slots / ways);
    }

    void clock()
    {
        dut.clk_i = 0;
        dut.eval();
        dut.clk_i = 1;
        dut.eval();
        cycles++;
        dut.lookup_i = dut.write_i = dut.remove_i = dut.kick_i = 0;
    }

    bool find(uint64_t key)
    {
        dut.lookup_i = 1;
        dut.key_i = key;
        for (int i = 0; i < latency; i++)
            clock();
        dut.loc_i = dut.loc_o;
        dut.wkey_i = key;
        return dut.hit_o;
    }

    // After find(): update, or insert. False: no room.
    bool put(uint64_t value)
    {
        dut.wval_i = value;
        if (dut.hit_o || !dut.full_o) {
            dut.write_i = 1;
            clock();
            return true;
        }
        dut.kick_i = 1;
        clock();
        uint64_t n = 0;
        for (; dut.busy_o; n++) {
            assert_true(n < 1000);
            clock();
        }
        kicked++;
        longest = std::max(longest, n);
        return !dut.fail_o;
    }

    void erase()
    {
        dut.remove_i = 1;
        clock();
    }
};

struct Keys {
    std::mt19937_64 rng{7};
    int kind;
    uint64_t n = 1000000;

    // The ways in which references are handed out: one by one; at random; rising by what the other
    // symbols of the market took; multiples of a power of two; level-like {symbol, side, cents}.
    uint64_t next()
    {
        switch (kind) {
        case 0:
            return n++;
        case 1:
            return rng();
        case 2:
            return n += 1 + rng() % 4 * (rng() % 40);
        case 3:
            return n += 4096;
        case 4:
            return n++ << 40;
        default:
            return (rng() % 64) << 34 | (rng() & 1) << 33 | (100000 + rng() % 2000) << 7 |
                   (rng() % 8 ? 0 : rng() % 100);
        }
    }
};

static void holds_its_share_under_churn(void **)
{
    for (int kind = 0; kind < 6; kind++) {
        Table t;
        Keys k{};
        k.kind = kind;
        std::unordered_map<uint64_t, uint64_t> model;
        std::deque<uint64_t> live;
        for (size_t i = 0; i < slots * 2; i++) {
            if (model.size() >= holds) {
                // Old orders go first, mostly.
                size_t j = k.rng() % 4 ? k.rng() % 64 : k.rng() % live.size();
                uint64_t key = live[j];
                live.erase(live.begin() + (long)j);
                assert_true(t.find(key));
                assert_true(t.dut.val_o == model[key]);
                t.erase();
                model.erase(key);
                assert_false(t.find(key));
            }
            uint64_t key = k.next(), value = k.rng() & 0xfffffffff0ull; // owner 0, in the low bits
            bool had = model.count(key);
            assert_int_equal(t.find(key), had);
            if (had)
                assert_true(t.dut.val_o == model[key]);
            if (!t.put(value))
                fail_msg("keys of kind %d: no room with %zu of %zu slots used", kind, model.size(), slots);
            if (!had)
                live.push_back(key);
            model[key] = value;
        }
        for (auto &e : model) {
            assert_true(t.find(e.first));
            assert_true(t.dut.val_o == e.second);
        }
        print_message("# keys of kind %d: %llu of %zu inserts moved residents, the longest took %llu cycles\n", kind,
                      (unsigned long long)t.kicked, slots * 2, (unsigned long long)t.longest);
    }
}

static void says_when_it_is_full_and_loses_nothing(void **)
{
    Table t;
    std::mt19937_64 rng(3);
    std::unordered_map<uint64_t, uint64_t> model;
    size_t failed = 0, first = 0;
    while (failed < 300) {
        uint64_t key = rng(), value = rng() & 0xfffffffff0ull;
        assert_false(t.find(key));
        if (t.put(value)) {
            model[key] = value;
        } else {
            if (failed++ == 0)
                first = model.size();
            assert_false(t.find(key));
        }
    }
    print_message("# random keys: first refused at %zu of %zu slots, %zu in the end\n", first, slots, model.size());
    assert_true(first > slots * 3 / 4);
    for (auto &e : model) {
        assert_true(t.find(e.first));
        assert_true(t.dut.val_o == e.second);
    }
}

static void entries_of_dead_owners_are_void(void **)
{
    Table t;
    std::mt19937_64 rng(4);
    std::unordered_map<uint64_t, uint64_t> model;
    t.dut.dead_i = 0;
    for (uint32_t dead = 1; dead < 16; dead++) {
        // Fill, kill an owner, and its room can be filled again at once.
        for (int tries = 0; model.size() < slots * 3 / 4; tries++) {
            assert_true(tries < 1000000);
            uint64_t owner = rng() % 16;
            if (t.dut.dead_i >> owner & 1)
                continue;
            uint64_t key = rng() % 240000, value = (rng() & 0xfffffffff0ull) | owner;
            assert_int_equal(t.find(key), model.count(key));
            assert_true(t.put(value));
            model[key] = value;
        }
        t.dut.dead_i |= 1 << dead;
        for (auto i = model.begin(); i != model.end();)
            i = (i->second & 15) == dead ? model.erase(i) : std::next(i);
        for (uint64_t key = 0; key < 240000; key++) {
            assert_int_equal(t.find(key), model.count(key));
            if (t.dut.hit_o)
                assert_true(t.dut.val_o == model[key]);
        }
    }
}

#ifndef STEPPED
// As the book's stages use it: the next key is looked up in the cycle in which the last one is committed, or in the
// cycle before; two cycles before, and then the results may be void, and say so.
static void lookups_follow_each_other_closely(void **)
{
    Table t;
    std::mt19937_64 rng(5);
    std::unordered_map<uint64_t, uint64_t> model;
    const uint64_t keys = 50000; // of 65,536 slots: an insert mostly finds room
    uint64_t key = 1, voided = 0, same = 0, crowded = 0, twice = 0;
    t.find(key);
    auto commit = [&](uint64_t k) {
        t.dut.loc_i = t.dut.loc_o;
        t.dut.wkey_i = k;
        if (t.dut.hit_o && rng() % 2) {
            t.dut.remove_i = 1;
            model.erase(k);
        } else {
            t.dut.write_i = 1;
            t.dut.wval_i = model[k] = rng() & 0xfffffffff0ull;
        }
    };
    for (int i = 0; i < 600000; i++) {
        // Results of key are out.
        assert_int_equal(t.dut.hit_o, model.count(key));
        if (t.dut.hit_o)
            assert_true(t.dut.val_o == model[key]);
        uint64_t next = rng() % 4 ? rng() % keys : key;
        unsigned early = (unsigned)(rng() % 3); // cycles before the commit
        bool commits = t.dut.hit_o || !t.dut.full_o;
        same += next == key;
        crowded += !commits;
        for (unsigned c = 0; c < 3; c++) {
            if (c == 0) {
                t.dut.lookup_i = 1;
                t.dut.key_i = next;
            }
            if (c == early && commits) {
                bool had = t.dut.hit_o;
                commit(key);
                // What was there may be changed again in the next cycle: both are seen.
                if (early == 0 && had && t.dut.write_i && rng() % 2) {
                    t.clock();
                    commit(key);
                    twice++;
                    c++;
                }
            }
            t.clock();
        }
        if (early < 2)
            assert_false(t.dut.stale_o);
        else if (commits && next == key)
            assert_true(t.dut.stale_o); // the same bucket for certain
        if (t.dut.stale_o) {
            voided++;
            t.find(next);
        }
        key = next;
    }
    print_message(
        "# 600000 lookups: %llu of the key just committed, %llu of one committed twice, %llu void, %llu without "
        "room, %zu keys in the end\n",
        (unsigned long long)same, (unsigned long long)twice, (unsigned long long)voided, (unsigned long long)crowded,
        model.size());
    assert_true(voided > 30000 && voided < 60000 && twice > 20000);
    for (auto &e : model) {
        assert_true(t.find(e.first));
        assert_true(t.dut.val_o == e.second);
    }
}

// A lookup that is dropped leaves the results on show; one every cycle, each gets its own.
static void results_are_kept_and_follow_in_order(void **)
{
    Table t;
    std::mt19937_64 rng(6);
    for (uint64_t k = 0; k < 1000; k++) {
        t.find(k);
        t.put(k << 4);
    }
    uint64_t asked[4] = {};
    for (int i = 0; i < 100000; i++) {
        if (i >= 3) {
            assert_int_equal(t.dut.hit_o, asked[(i - 3) & 3] < 1000);
            if (t.dut.hit_o)
                assert_true(t.dut.val_o == asked[(i - 3) & 3] << 4);
        }
        t.dut.lookup_i = 1;
        t.dut.key_i = asked[i & 3] = rng() % 2000;
        t.clock();
    }
    for (uint64_t k = 1; k < 1000; k++) {
        t.find(k);
        t.dut.lookup_i = 1;
        t.dut.key_i = k + 1;
        t.clock();
        t.dut.keep_i = 1;
        t.clock();
        t.dut.keep_i = 0;
        for (int i = 0; i < 3; i++) {
            assert_true(t.dut.hit_o && t.dut.val_o == k << 4);
            t.clock();
        }
    }
}

#endif

int main()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(holds_its_share_under_churn),       cmocka_unit_test(says_when_it_is_full_and_loses_nothing),
        cmocka_unit_test(entries_of_dead_owners_are_void),
#ifndef STEPPED
        cmocka_unit_test(lookups_follow_each_other_closely), cmocka_unit_test(results_are_kept_and_follow_in_order),
#endif
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
