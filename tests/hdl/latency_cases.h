// What test_wt_latency.cpp sends: a day in which cases follow each other, each with what must come of it, and streams
// that fill a datagram.
#pragma once
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "tests/hdl/latency_bench.h"

enum { BBO = WT_RECORD_TYPE_BBO, PRINT = WT_RECORD_TYPE_TRADE, SYMBOL = WT_RECORD_TYPE_SYMBOL };
enum { AT_BEST = 24, EMPTIES = 32 }; // limits
enum : int { TICK = 100, NODE = 64 * TICK, REMOTE = 149990000 };
static const uint32_t BASE = 150000000;
static const uint16_t LOCATE = 7;
static const char *const NAME = "WTKK";

// ---------------------------------------------------------------- a day in which cases follow each other

// Prices are so much worse than a base, on either side; the other side has one order that stays.
struct Day {
    Card card;
    uint64_t seq = 1, ref = 0, first_ref = 1;
    char side = 'B';
    unsigned line = 0, lane = 0;
    unsigned fresh = 0; // locates used up
    std::vector<Bytes> setup;

    explicit Day(const std::vector<std::string> &names)
    {
        card.open(names);
        deliver({directory(LOCATE, ++ns, NAME)});
    }
    uint64_t ns = 1000;
    void deliver(const std::vector<Bytes> &all)
    {
        std::vector<Bytes> some;
        size_t bytes = 0;
        for (size_t i = 0; i < all.size(); i++) {
            some.push_back(all[i]);
            bytes += all[i].size() + 2;
            if (bytes > 1400 || i + 1 == all.size()) {
                send(some);
                some.clear();
                bytes = 0;
            }
        }
    }
    const Passage &send(const std::vector<Bytes> &messages)
    {
        seq += messages.size();
        return card.send(line, lane, packet(seq - messages.size(), messages));
    }
    uint32_t price(int worse) const
    {
        return side == 'B' ? BASE - (uint32_t)worse : BASE + (uint32_t)worse;
    }
    Bytes an_add(int worse, uint32_t shares = 100)
    {
        return add(LOCATE, ++ns, ++ref, side, shares, NAME, price(worse));
    }
    // An order that is there before the message.
    uint64_t have(int worse, uint32_t shares = 100)
    {
        setup.push_back(an_add(worse, shares));
        return ref;
    }
    Bytes a_replace(uint64_t old, int worse, uint32_t shares = 100)
    {
        return replace(LOCATE, ++ns, old, ++ref, shares, price(worse));
    }
    char other() const
    {
        return side == 'B' ? 'S' : 'B';
    }
    uint32_t other_price() const
    {
        return price(-10000 * TICK);
    }
    void prepare()
    {
        setup.push_back(add(LOCATE, ++ns, ++ref, other(), 300, NAME, other_price()));
        deliver(setup);
        setup.clear();
    }
    void clear()
    {
        std::vector<Bytes> all;
        for (uint64_t r = first_ref; r <= ref; r++)
            all.push_back(remove(LOCATE, ++ns, r)); // what is gone is only counted
        deliver(all);
        first_ref = ref + 1;
    }
};

struct Best {
    int worse;
    uint32_t shares, orders;
};
static const Best NONE = {0, 0, 0}, ANY = {0, 0, UINT32_MAX};

struct Case {
    const char *name;
    unsigned limit;              // 0: none
    std::vector<uint8_t> events; // what must come of it
    Best best;                   // and the best of the side, if a BBO record is among them
    std::function<Bytes(Day &)> message;
};

static const std::vector<Case> CASES = {
    {"A, the first of its side", AT_BEST, {BBO}, {0, 100, 1}, [](Day &d) { return d.an_add(0); }},
    {"A, a new best, a tick better",
     AT_BEST,
     {BBO},
     {-TICK, 100, 1},
     [](Day &d) { return d.have(0), d.an_add(-TICK); }},
    {"A, a new best, in another node",
     AT_BEST,
     {BBO},
     {-NODE, 90, 1},
     [](Day &d) { return d.have(0), d.an_add(-NODE, 90); }},
    {"A, a new best, sub-penny", AT_BEST, {BBO}, {-50, 100, 1}, [](Day &d) { return d.have(0), d.an_add(-50); }},
    {"A, the first of its side, sub-penny", AT_BEST, {BBO}, {50, 100, 1}, [](Day &d) { return d.an_add(50); }},
    {"A, a new best, far from all others",
     AT_BEST,
     {BBO},
     {0, 90, 1},
     [](Day &d) { return d.have(REMOTE), d.an_add(0, 90); }},
    {"A, at the best", AT_BEST, {BBO}, {0, 150, 2}, [](Day &d) { return d.have(0), d.an_add(0, 50); }},
    {"A, behind the best", 0, {}, ANY, [](Day &d) { return d.have(0), d.an_add(TICK); }},
    {"F, a new best, a tick better",
     AT_BEST,
     {BBO},
     {-TICK, 100, 1},
     [](Day &d) { return d.have(0), add_mpid(LOCATE, ++d.ns, ++d.ref, d.side, 100, NAME, d.price(-TICK)); }},
    {"F, at the best",
     AT_BEST,
     {BBO},
     {0, 200, 2},
     [](Day &d) { return d.have(0), add_mpid(LOCATE, ++d.ns, ++d.ref, d.side, 100, NAME, d.price(0)); }},
    {"E, in part, at the best",
     AT_BEST,
     {PRINT, BBO},
     {0, 60, 1},
     [](Day &d) { return execute(LOCATE, ++d.ns, d.have(0), 40, 1); }},
    {"E, in full, another order left",
     AT_BEST,
     {PRINT, BBO},
     {0, 80, 1},
     [](Day &d) {
         uint64_t r = d.have(0);
         return d.have(0, 80), execute(LOCATE, ++d.ns, r, 100, 1);
     }},
    {"E, empties the best, next a tick away",
     EMPTIES,
     {PRINT, BBO},
     {TICK, 80, 1},
     [](Day &d) {
         uint64_t r = d.have(0);
         return d.have(TICK, 80), d.have(2 * TICK), execute(LOCATE, ++d.ns, r, 100, 1);
     }},
    {"E, empties the best, next far away",
     EMPTIES,
     {PRINT, BBO},
     {REMOTE, 80, 1},
     [](Day &d) {
         uint64_t r = d.have(0);
         return d.have(REMOTE, 80), execute(LOCATE, ++d.ns, r, 100, 1);
     }},
    {"E, behind the best",
     0,
     {PRINT},
     ANY,
     [](Day &d) { return d.have(0), execute(LOCATE, ++d.ns, d.have(TICK), 40, 1); }},
    {"C, in part, at the best",
     AT_BEST,
     {PRINT, BBO},
     {0, 60, 1},
     [](Day &d) { return execute_at(LOCATE, ++d.ns, d.have(0), 40, 1, BASE); }},
    {"C, empties the best, next a tick away",
     EMPTIES,
     {PRINT, BBO},
     {TICK, 80, 1},
     [](Day &d) {
         uint64_t r = d.have(0);
         return d.have(TICK, 80), execute_at(LOCATE, ++d.ns, r, 100, 1, BASE);
     }},
    {"X, in part, at the best",
     AT_BEST,
     {BBO},
     {0, 60, 1},
     [](Day &d) { return cancel(LOCATE, ++d.ns, d.have(0), 40); }},
    {"X, of all, empties the best, next a tick away",
     EMPTIES,
     {BBO},
     {TICK, 80, 1},
     [](Day &d) {
         uint64_t r = d.have(0);
         return d.have(TICK, 80), cancel(LOCATE, ++d.ns, r, 100);
     }},
    {"X, behind the best", 0, {}, ANY, [](Day &d) { return d.have(0), cancel(LOCATE, ++d.ns, d.have(TICK), 40); }},
    {"D, at the best, another order left",
     AT_BEST,
     {BBO},
     {0, 80, 1},
     [](Day &d) {
         uint64_t r = d.have(0);
         return d.have(0, 80), remove(LOCATE, ++d.ns, r);
     }},
    {"D, empties the best, next a tick away",
     EMPTIES,
     {BBO},
     {TICK, 80, 1},
     [](Day &d) {
         uint64_t r = d.have(0);
         return d.have(TICK, 80), d.have(2 * TICK), remove(LOCATE, ++d.ns, r);
     }},
    {"D, empties the best, next in another node",
     EMPTIES,
     {BBO},
     {NODE, 80, 1},
     [](Day &d) {
         uint64_t r = d.have(0);
         return d.have(NODE, 80), d.have(2 * NODE), remove(LOCATE, ++d.ns, r);
     }},
    {"D, empties the best, next far away",
     EMPTIES,
     {BBO},
     {REMOTE, 80, 1},
     [](Day &d) {
         uint64_t r = d.have(0);
         return d.have(REMOTE, 80), remove(LOCATE, ++d.ns, r);
     }},
    {"D, empties the best, sub-penny, next a tick away",
     EMPTIES,
     {BBO},
     {50 + TICK, 80, 1},
     [](Day &d) {
         uint64_t r = d.have(50);
         return d.have(50 + TICK, 80), remove(LOCATE, ++d.ns, r);
     }},
    {"D, empties the best, sub-penny, next far away",
     EMPTIES,
     {BBO},
     {REMOTE, 80, 1},
     [](Day &d) {
         uint64_t r = d.have(50);
         return d.have(REMOTE, 80), remove(LOCATE, ++d.ns, r);
     }},
    {"D, the last of its side", EMPTIES, {BBO}, NONE, [](Day &d) { return remove(LOCATE, ++d.ns, d.have(0)); }},
    {"D, the last of its side, sub-penny",
     EMPTIES,
     {BBO},
     NONE,
     [](Day &d) { return remove(LOCATE, ++d.ns, d.have(50)); }},
    {"D, behind the best", 0, {}, ANY, [](Day &d) { return d.have(0), remove(LOCATE, ++d.ns, d.have(TICK)); }},
    {"U, at the best, same price, alone on its side",
     AT_BEST,
     {BBO},
     {0, 70, 1},
     [](Day &d) { return d.a_replace(d.have(0), 0, 70); }},
    {"U, at the best, same price, alone there",
     AT_BEST,
     {BBO},
     {0, 70, 1},
     [](Day &d) {
         uint64_t r = d.have(0);
         return d.have(TICK), d.have(2 * TICK), d.a_replace(r, 0, 70);
     }},
    {"U, at the best, same price, another order there",
     AT_BEST,
     {BBO},
     {0, 150, 2},
     [](Day &d) {
         uint64_t r = d.have(0);
         return d.have(0, 80), d.a_replace(r, 0, 70);
     }},
    {"U, from the best to a better price, another order left",
     AT_BEST,
     {BBO},
     {-TICK, 70, 1},
     [](Day &d) {
         uint64_t r = d.have(0);
         return d.have(0), d.a_replace(r, -TICK, 70);
     }},
    {"U, from behind to a better price",
     AT_BEST,
     {BBO},
     {-TICK, 70, 1},
     [](Day &d) { return d.have(0), d.a_replace(d.have(TICK), -TICK, 70); }},
    {"U, from behind to the best",
     AT_BEST,
     {BBO},
     {0, 170, 2},
     [](Day &d) { return d.have(0), d.a_replace(d.have(TICK), 0, 70); }},
    {"U, away from the best, another order left",
     AT_BEST,
     {BBO},
     {0, 80, 1},
     [](Day &d) {
         uint64_t r = d.have(0);
         return d.have(0, 80), d.a_replace(r, TICK, 70);
     }},
    {"U, empties the best, to a better price",
     EMPTIES,
     {BBO},
     {-TICK, 70, 1},
     [](Day &d) {
         uint64_t r = d.have(0);
         return d.have(TICK), d.have(2 * TICK), d.a_replace(r, -TICK, 70);
     }},
    {"U, empties the best, to a better price, alone on its side",
     EMPTIES,
     {BBO},
     {-TICK, 70, 1},
     [](Day &d) { return d.a_replace(d.have(0), -TICK, 70); }},
    {"U, alone on its side, to a better price in another node",
     EMPTIES,
     {BBO},
     {-NODE, 70, 1},
     [](Day &d) { return d.a_replace(d.have(0), -NODE, 70); }},
    {"U, empties the best, to a better price in another node, next far away",
     EMPTIES,
     {BBO},
     {-NODE, 70, 1},
     [](Day &d) {
         uint64_t r = d.have(0);
         return d.have(REMOTE, 80), d.a_replace(r, -NODE, 70);
     }},
    {"U, alone on its side, sub-penny, to far away",
     EMPTIES,
     {BBO},
     {REMOTE, 70, 1},
     [](Day &d) { return d.a_replace(d.have(50), REMOTE, 70); }},
    {"U, empties the best, to behind the next, a tick away",
     EMPTIES,
     {BBO},
     {TICK, 80, 1},
     [](Day &d) {
         uint64_t r = d.have(0);
         return d.have(TICK, 80), d.a_replace(r, 2 * TICK, 70);
     }},
    {"U, empties the best, to the next, far away",
     EMPTIES,
     {BBO},
     {REMOTE, 150, 2},
     [](Day &d) {
         uint64_t r = d.have(0);
         return d.have(REMOTE, 80), d.a_replace(r, REMOTE, 70);
     }},
    {"U, behind the best", 0, {}, ANY, [](Day &d) { return d.have(0), d.a_replace(d.have(TICK), 2 * TICK); }},
    {"P", 0, {PRINT}, ANY, [](Day &d) { return print(LOCATE, ++d.ns, 100, NAME, BASE, 1); }},
    {"Q", 0, {PRINT}, ANY, [](Day &d) { return cross(LOCATE, ++d.ns, 100, NAME, BASE, 1); }},
    {"H", 0, {WT_RECORD_TYPE_TRADING_STATE}, ANY, [](Day &d) { return halt(LOCATE, ++d.ns, NAME, 'T', "    "); }},
    {"S", 0, {WT_RECORD_TYPE_SYSTEM}, ANY, [](Day &d) { return system_event(++d.ns, 'Q'); }},
    {"R, of a symbol that is known", 0, {}, ANY, [](Day &d) { return directory(LOCATE, ++d.ns, NAME); }},
    {"R, binds, all symbols wanted",
     0,
     {SYMBOL},
     ANY,
     [](Day &d) { return directory(uint16_t(100 + d.fresh++), ++d.ns, "NEW"); }},
    {"A, binds, all symbols wanted",
     AT_BEST,
     {SYMBOL, BBO},
     ANY,
     [](Day &d) { return add(uint16_t(100 + d.fresh), ++d.ns, (1ull << 40) + d.fresh++, d.side, 100, "NEW", BASE); }},
};

static const Case BY_NAME = {"R, binds, by the last of 64 names", 0, {SYMBOL}, ANY, [](Day &d) {
                                 uint16_t n = uint16_t(56 + d.fresh++); // the eighth is the last
                                 return directory(uint16_t(100 + n), ++d.ns, ("S" + std::to_string(n)).c_str());
                             }};

struct Stream {
    const char *name;
    size_t size; // of a message
    std::function<void(Day &, unsigned)> before;
    std::function<Bytes(Day &, unsigned)> next;
};

// first_ref is the first order that before() made.
static const Stream STREAMS[] = {
    {"A, each a new best", 36, [](Day &, unsigned) {}, [](Day &d, unsigned i) { return d.an_add(-(int)i * TICK); }},
    {"A, each at the best", 36, [](Day &d, unsigned) { d.have(0); }, [](Day &d, unsigned) { return d.an_add(0); }},
    {"X, each at the best", 23, [](Day &d, unsigned) { d.have(0, 100000); },
     [](Day &d, unsigned) { return cancel(LOCATE, ++d.ns, d.first_ref, 1); }},
    {"E, each at the best", 31, [](Day &d, unsigned) { d.have(0, 100000); },
     [](Day &d, unsigned i) { return execute(LOCATE, ++d.ns, d.first_ref, 1, i); }},
    {"D, each at the best, others left", 19,
     [](Day &d, unsigned n) {
         for (unsigned i = 0; i <= n; i++)
             d.have(0);
     },
     [](Day &d, unsigned i) { return remove(LOCATE, ++d.ns, d.first_ref + i); }},
    {"D, each empties the best, ticks apart", 19,
     [](Day &d, unsigned n) {
         for (unsigned i = 0; i <= n; i++)
             d.have((int)i * TICK);
     },
     [](Day &d, unsigned i) { return remove(LOCATE, ++d.ns, d.first_ref + i); }},
    {"U, each to a new best", 35, [](Day &d, unsigned) { d.have(0), d.have(TICK); },
     [](Day &d, unsigned i) { return d.a_replace(i ? d.ref : d.first_ref, -(int)(i + 1) * TICK); }},
};
