// TOP: wt_book
// Cycles an operation at full speed, for streams that are as bad as a feed can make them, beside the cycles in which
// the 10G wire brings them (messages packed into full packets). A regression fails.
#include "wt_book_bench.h"

static const int symbols = 64;

struct Rates {
    Bench b{65536, 65536, 32768, 2.0, 11}; // no overflow is allowed
    uint64_t ref = 0;
    std::vector<uint64_t> live;
    std::vector<Op> stream;

    void start(int names)
    {
        b.reset(symbols, true, {});
        live.clear();
        for (int s = 0; s < names; s++) {
            Op o;
            o.op = DIRECTORY;
            o.locate = (uint16_t)(s + 1);
            stream.push_back(o);
        }
        send();
    }

    void add(int s, bool sell, uint32_t price, uint32_t shares = 100)
    {
        Op o;
        o.op = ADD;
        o.locate = (uint16_t)(s + 1);
        o.sell = sell;
        o.price = price;
        o.shares = shares;
        o.ref = ++ref;
        stream.push_back(o);
    }

    void of(int kind, uint64_t r, uint32_t shares = 0, uint32_t price = 0)
    {
        auto it = b.model->orders.find(r);
        Op o;
        o.op = kind;
        o.locate = (uint16_t)(it == b.model->orders.end() ? 1 : it->second.sym + 1);
        o.ref = r;
        o.shares = shares;
        o.price = price;
        o.is_exec = kind == REDUCE;
        if (kind == REPLACE)
            o.new_ref = ++ref;
        stream.push_back(o);
    }

    // Cycles an operation for the stream prepared, which is then gone.
    double send()
    {
        uint64_t cycles = b.cycles;
        for (const Op &o : stream)
            b.send(o);
        double each = (double)(b.cycles - cycles) / (double)stream.size();
        b.drain();
        stream.clear();
        return each;
    }

    void measure(const char *what, double wire, double most)
    {
        size_t n = stream.size();
        double each = send();
        print_message("# %-52s %6zu ops %6.2f cycles each (wire %4.2f)%s\n", what, n, each, wire,
                      each > wire ? "  SLOWER THAN THE WIRE" : "");
        if (each > most)
            fail_msg("%s: %.2f cycles an operation, at most %.2f before", what, each, most);
    }

    void shuffle(std::vector<uint64_t> &v)
    {
        std::shuffle(v.begin(), v.end(), b.rng);
    }

    std::vector<uint64_t> all()
    {
        std::vector<uint64_t> v;
        for (auto &o : b.model->orders)
            v.push_back(o.first);
        std::sort(v.begin(), v.end());
        return v;
    }

    std::vector<uint64_t> best_first()
    {
        std::vector<uint64_t> v = all();
        std::sort(v.begin(), v.end(), [&](uint64_t x, uint64_t y) {
            const auto &a = b.model->orders[x], &c = b.model->orders[y];
            return std::make_tuple(a.sell ? a.price : ~a.price, x) < std::make_tuple(c.sell ? c.price : ~c.price, y);
        });
        return v;
    }
};

static const double wire_add = 4.75, wire_delete = 2.6, wire_replace = 4.6, wire_execute = 4.1;

// A book of pennies like a real one: most orders near the best.
static void like_a_day(Rates &r, int names, int orders)
{
    r.start(names);
    for (int i = 0; i < orders; i++) {
        int s = (int)r.b.rnd((uint64_t)names);
        bool sell = r.b.rnd(2);
        uint32_t away = 1 + (uint32_t)std::min(r.b.rnd(400), r.b.rnd(400));
        r.add(s, sell, 1000000 + (sell ? 100 * away : -100 * away));
    }
}

static void like_a_day_at_full_speed(void **)
{
    Rates r;
    for (int names : {1, 64}) {
        print_message("# %d symbols, books like a day's:\n", names);
        like_a_day(r, names, 40000);
        r.measure("adds", wire_add, 2.1);
        auto v = r.all();
        r.shuffle(v);
        for (uint64_t o : v)
            r.of(REPLACE, o, 100, r.b.model->orders[o].price);
        r.measure("replaces at the same price", wire_replace, 4.25);
        v = r.all();
        r.shuffle(v);
        for (uint64_t o : v) {
            const auto &w = r.b.model->orders[o];
            uint32_t away = 100 + 100 * (uint32_t)r.b.rnd(400);
            r.of(REPLACE, o, 100, w.sell ? 1000000 + away : 1000000 - away);
        }
        r.measure("replaces at another price", wire_replace, 4.25);
        for (uint64_t o : r.best_first())
            r.of(REDUCE, o, 1);
        r.measure("executes, best first, one share each", wire_execute, 2.05);
        v = r.all();
        for (size_t i = 0; i < 20000; i++)
            r.of(REDUCE, v[i / 50], 1);
        r.measure("executes, fifty of one order in a row", wire_execute, 2.05);
        for (size_t i = 0; i < 20000; i++)
            r.of(DELETE_, 1 + i);
        r.measure("deletes of references that are unknown", wire_delete, 2.05);
        for (size_t i = 0; i < 20000; i++) {
            Op o;
            o.op = i % 2 ? NOP : REDUCE;
            o.locate = 1;
            o.ref = 1;
            r.stream.push_back(o);
        }
        r.measure("messages that leave the book alone", wire_delete, 2.05);
        v = r.all();
        r.shuffle(v);
        for (size_t i = 0; i < v.size() / 2; i++)
            r.of(DELETE_, v[i]);
        r.measure("deletes, in any order", wire_delete, 2.2);
        for (uint64_t o : r.best_first())
            r.of(DELETE_, o);
        r.measure("deletes, best first", wire_delete, 5.3);
    }
}

static void moving_and_emptying(void **)
{
    Rates r;
    for (int names : {1, 64}) {
        print_message("# %d symbols, one order a level:\n", names);
        r.start(names);
        for (int i = 0; i < 30000; i++)
            r.add(i % names, false, 100000 + 100 * (uint32_t)(i / names));
        r.measure("adds, a cent better each", wire_add, 2.1);
        for (uint64_t o : r.best_first())
            r.of(DELETE_, o);
        r.measure("deletes, best first", wire_delete, 5.7);
        for (int i = 0; i < 30000; i++)
            r.add(i % names, false, 4000000 - 100 * (uint32_t)(i / names));
        r.measure("adds, a cent worse each", wire_add, 2.1);
        auto v = r.all();
        r.shuffle(v);
        for (uint64_t o : v)
            r.of(DELETE_, o);
        r.measure("deletes, in any order", wire_delete, 2.2);
        for (int i = 0; i < 10000; i++) {
            r.add(i % names, false, 1000000);
            r.of(DELETE_, r.ref);
            r.stream.back().locate = (uint16_t)(i % names + 1);
        }
        r.measure("only order of a side comes and goes", (wire_add + wire_delete) / 2, 4.1);
        for (int i = 0; i < 5000; i++)
            r.add(i % names, false, (uint32_t)r.b.rng());
        r.measure("adds at any 32-bit price", wire_add, 5.2);
        v = r.all();
        r.shuffle(v);
        for (size_t i = 0; i < v.size() / 2; i++)
            r.of(DELETE_, v[i]);
        r.measure("deletes of those, in any order", wire_delete, 5.5);
        for (uint64_t o : r.best_first())
            r.of(DELETE_, o);
        r.measure("deletes of those, best first", wire_delete, 28.5);
    }
}

int main()
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(like_a_day_at_full_speed),
                                       cmocka_unit_test(moving_and_emptying)};
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
