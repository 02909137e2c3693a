// TOP: wt_book
// PARAMS: -GSYMBOLS=2 -GORDER_SLOTS=16384 -GLEVEL_SLOTS=16384 -GNODE_SLOTS=32768
// Many levels at prices of every kind, and sides emptied best first: every next best must be found,
// however far away it is.
#include "wt_book_bench.h"

struct Ladder {
    const char *name;
    uint32_t (*price)(Bench &b);
};

static const Ladder ladders[] = {
    {"pennies", [](Bench &b) { return 1500000 + 100 * (uint32_t)b.rnd(3000); }},
    {"sub-dollar", [](Bench &b) { return (uint32_t)b.rnd(10000); }},
    {"any 32 bits", [](Bench &b) { return (uint32_t)b.rng(); }},
    {"every scale", [](Bench &b) { return (uint32_t)(b.rng() >> (32 + b.rnd(32))); }},
    {"from the top", [](Bench &b) { return ~(uint32_t)(b.rng() >> (32 + b.rnd(32))); }},
    {"around node edges",
     [](Bench &b) {
         static const uint32_t span[] = {100, 6400, 819200, 104857600};
         uint32_t s = span[b.rnd(4)];
         return s * (uint32_t)b.rnd(0x100000000ull / s) + (uint32_t)b.rnd(5) * 50 - 100;
     }},
};

static void finds_every_next_best(void **)
{
    Bench b(16384, 16384, 32768, 0.75, 5);
    for (const auto &l : ladders) {
        b.reset(2, true, {});
        for (uint16_t locate = 1; locate <= 2; locate++) { // locate n is symbol n - 1
            Op o;
            o.op = DIRECTORY;
            o.locate = locate;
            b.send(o);
        }
        uint64_t ref = 1, cycles = b.cycles, ops = b.ops;
        for (int round = 0; round < 3; round++) {
            for (int i = 0; i < 4000; i++) {
                Op o;
                o.op = ADD;
                o.locate = (uint16_t)(1 + b.rnd(2));
                o.ref = ref++;
                o.sell = b.rnd(2);
                o.price = l.price(b);
                o.shares = 1 + (uint32_t)b.rnd(1000);
                b.send(o);
            }
            b.drain();
            // Best first; the order of a level's orders does not matter. In the last round to the end.
            std::vector<std::tuple<uint64_t, uint64_t>> order;
            for (auto &e : b.model->orders)
                order.emplace_back(e.second.sell ? e.second.price : ~e.second.price, e.first);
            std::sort(order.begin(), order.end());
            for (size_t i = 0; i < order.size() * (size_t)(round == 2 ? 3 : 2) / 3; i++) {
                uint64_t r = std::get<1>(order[i]);
                Op o;
                o.op = i % 5 || round == 2 ? DELETE_ : REPLACE;
                o.locate = (uint16_t)(1 + b.model->orders[r].sym);
                o.ref = r;
                o.new_ref = ref++;
                o.price = l.price(b);
                o.shares = 1 + (uint32_t)b.rnd(1000);
                b.send(o);
            }
            b.drain();
        }
        assert_int_equal(b.model->orders.size(), 0);
        assert_int_equal(b.overflows[0] + b.overflows[1], 0);
        print_message("# %s: %.2f cycles an operation\n", l.name, (double)(b.cycles - cycles) / (double)(b.ops - ops));
    }
}

int main()
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(finds_every_next_best)};
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
