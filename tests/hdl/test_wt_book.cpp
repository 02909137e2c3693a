// TOP: wt_book
// PARAMS: -GSYMBOLS=4 -GORDER_SLOTS=64 -GLEVEL_SLOTS=64 -GNODE_SLOTS=64
// Small tables: overflows and kicks are common, and hash buckets are shared by everybody.
#include "wt_book_bench.h"

static const int symbols = 4;
static const uint64_t names[] = {0x20202020204c5041ull, 0x20202020544f4f46ull, 0x2020202052414220ull,
                                 0x2020202058585858ull, 0x2020202059595959ull, 0x202020205a5a5a5aull};

// A market that is as unpleasant as its knobs say.
struct Market {
    Bench &b;
    int kind;        // where prices are
    int nasty;       // per mille of operations that make no sense
    int fill;        // percent of adds among book operations
    bool best_first; // deletes take the best
    uint64_t next_ref = 1;
    uint32_t base = 1000000;
    std::vector<uint64_t> refs;

    uint32_t price()
    {
        static const uint32_t odd[] = {0,           1,  99,   100,    1999999900u, 0xffffffffu,
                                       0xffffff9cu, 50, 6400, 819200, 104857600u};
        switch (kind) {
        case 0:
            return base + 100 * (uint32_t)b.rnd(20);
        case 1:
            return base + (uint32_t)b.rnd(300);
        case 2:
            return odd[b.rnd(sizeof odd / sizeof *odd)];
        case 3:
            return (uint32_t)b.rng();
        case 4:
            return b.rnd(4) ? base + 100 * (uint32_t)b.rnd(8) : odd[b.rnd(sizeof odd / sizeof *odd)];
        default:
            return (uint32_t)b.rnd(200);
        }
    }

    uint32_t shares()
    {
        if (b.rnd(1000) < (uint64_t)nasty)
            return b.rnd(2) ? 0 : 0xfffffff0u + (uint32_t)b.rnd(16);
        return 1 + (uint32_t)b.rnd(5) * 100;
    }

    uint16_t locate()
    {
        return (uint16_t)(1 + b.rnd(6));
    }

    uint64_t some_ref()
    {
        Model &m = *b.model;
        if (best_first && b.rnd(10)) {
            const auto &y = m.syms[b.rnd(m.syms.size())];
            bool sell = b.rnd(2);
            uint64_t best = 0;
            for (uint64_t r : y.orders) {
                const auto &o = m.orders[r];
                if (o.sell != sell)
                    continue;
                if (!best || (sell ? o.price < m.orders[best].price : o.price > m.orders[best].price))
                    best = r;
            }
            if (best)
                return best;
        }
        if (refs.empty())
            return 1;
        return refs[b.rnd(refs.size())];
    }

    uint16_t locate_of(uint64_t ref)
    {
        auto it = b.model->orders.find(ref);
        if (it == b.model->orders.end() || b.rnd(1000) < (uint64_t)nasty)
            return locate();
        for (auto &l : b.model->locates)
            if (l.second.kind == 1 && l.second.sym == it->second.sym)
                return l.first;
        return locate();
    }

    uint64_t fresh()
    {
        if (!refs.empty() && b.rnd(1000) < (uint64_t)nasty)
            return some_ref();
        next_ref += 1 + b.rnd(3);
        refs.push_back(next_ref);
        if (refs.size() > 400)
            refs.erase(refs.begin(), refs.begin() + 100);
        return next_ref;
    }

    Op next()
    {
        Op o;
        o.price = price();
        o.shares = shares();
        o.sell = b.rnd(2);
        uint64_t x = b.rnd(1000);
        if (x < 20) {
            static const int others[] = {NOP, TRADE, STATE, DIRECTORY, SYSTEM, HEARTBEAT, SESSION, DIRECTORY};
            o.op = others[b.rnd(8)];
            o.locate = o.op == SYSTEM ? 0 : locate();
            o.state = o.op == SESSION ? 1 : 'T';
            o.print = 2 + (uint8_t)b.rnd(2);
        } else if (x < 23 && b.rnd(100) < (uint64_t)nasty) {
            o.op = b.rnd(3) ? BAD : (b.rnd(2) ? GAP : SESSION);
            o.state = 2;
            o.whole = b.rnd(4) == 0;
            o.locate = o.whole ? 0 : locate();
        } else if (b.rnd(100) < (uint64_t)fill) {
            o.op = ADD;
            o.ref = fresh();
            o.locate = locate();
        } else {
            static const int kinds[] = {REDUCE, REDUCE, DELETE_, DELETE_, DELETE_, REPLACE};
            o.op = kinds[b.rnd(6)];
            o.ref = some_ref();
            o.locate = locate_of(o.ref);
            o.is_exec = b.rnd(2);
            o.exec_price = b.rnd(2);
            if (o.op == REPLACE) {
                o.new_ref = fresh();
                auto it = b.model->orders.find(o.ref);
                if (b.rnd(4) == 0 && it != b.model->orders.end()) { // same price, perhaps even the same size
                    o.price = it->second.price;
                    if (b.rnd(2))
                        o.shares = it->second.shares;
                }
            }
        }
        o.name = names[(o.locate - 1) % 6];
        o.channel = (uint8_t)(o.locate ? 5 + o.locate % 3 : 5 + b.rnd(3)); // a locate is of one channel
        return o;
    }
};

// An order whose symbol dies with the message just before does not count for the message after it,
// though both are in the pipeline at once.
static void a_death_counts_for_the_very_next_message(void **)
{
    Bench b(64, 64, 64, 0.2, 9);
    for (int e = 0; e < 200; e++) {
        b.reset(symbols, true, {});
        b.ready_percent = e % 2 ? 100 : 30;
        auto send = [&](int op, uint16_t locate, uint64_t ref, uint32_t shares, uint64_t new_ref = 0,
                        bool sell = false) {
            Op o;
            o.op = op;
            o.locate = locate;
            o.ref = ref;
            o.new_ref = new_ref;
            o.shares = shares;
            o.price = 1000000;
            o.sell = sell;
            b.send(o);
        };
        send(ADD, 1, 10, 0xffffffff);
        send(ADD, 1, 11, 5, 0, true);
        send(ADD, 2, 20, 100);
        send(ADD, 3, 30, 100);
        if (b.rnd(2))
            b.drain();
        switch (b.rnd(5)) { // symbol 0 dies
        case 0:
            send(ADD, 1, 12, 1);
            break;
        case 1:
            send(BAD, 1, 0, 0);
            break;
        case 2:
            send(ADD, 1, 10, 1);
            break;
        case 3:
            send(REPLACE, 1, 11, 1, 10);
            break;
        default:
            send(DELETE_, 3, 11, 0);
            break;
        }
        for (uint64_t i = b.rnd(3); i > 0; i--)
            send(NOP, 2, 0, 0);
        switch (b.rnd(5)) {
        case 0:
            send(ADD, 2, 10, 100);
            break;
        case 1:
            send(REDUCE, 2, 11, 1);
            break;
        case 2:
            send(REPLACE, 2, 20, 50, 10);
            break;
        case 3:
            send(DELETE_, 2, 10, 0);
            break;
        default:
            send(ADD, 1, 20, 7); // the dead one's own message: it must not drag symbol 1 along
            break;
        }
        send(ADD, 2, 21, 10);
        send(DELETE_, 2, 20, 10);
        send(REDUCE, 2, 10, 40);
        b.drain();
        assert_int_equal(b.model->syms[1].state, VALID);
    }
}

static void equals_the_model_after_every_message(void **)
{
    Bench b(64, 64, 64, getenv("WT_LONG") ? 0.25 : 0.4, 2); // with 16 buckets, luck matters
    int episodes = getenv("WT_LONG") ? 20000 : 600;
    for (int e = 0; e < episodes; e++) {
        bool all = b.rnd(2);
        std::vector<uint64_t> window;
        if (!all) {
            size_t n = b.rnd(8);
            for (size_t i = 0; i < n; i++)
                window.push_back(b.rnd(6) ? names[b.rnd(6)] : 0);
        }
        b.reset(symbols, all, window);
        b.valid_percent = b.rnd(3) ? 100 : 20 + (int)b.rnd(60);
        b.ready_percent = b.rnd(3) ? 100 : 10 + (int)b.rnd(80);
        Market m{b, (int)b.rnd(6), b.rnd(2) ? 0 : (int)b.rnd(30), 50, b.rnd(2) == 0};
        m.next_ref = b.rng() >> b.rnd(40);
        for (int i = 0; i < 400; i++) {
            if (i % 80 == 0) {
                m.fill = 15 + (int)b.rnd(81);
                if (b.rnd(4) == 0)
                    m.base = m.base * 4 / 10 + 100; // a crash
            }
            b.send(m.next());
        }
        b.drain();
    }
    print_message("# %llu ops, %llu BBO, overflows: order %llu level %llu; stale: duplicate %llu replace %llu locate "
                  "%llu sum %llu length %llu\n",
                  (unsigned long long)b.ops, (unsigned long long)b.bbos, (unsigned long long)b.overflows[0],
                  (unsigned long long)b.overflows[1], (unsigned long long)b.seen[DUPLICATE_ADD],
                  (unsigned long long)b.seen[REPLACE_LIVE], (unsigned long long)b.seen[LOCATE_MISMATCH],
                  (unsigned long long)b.seen[SUM_OVERFLOW], (unsigned long long)b.seen[BAD_LENGTH]);
    // The test is one only if it met everything.
    assert_true(b.overflows[0] > 0 && b.overflows[1] > 0);
    for (int c : {DUPLICATE_ADD, REPLACE_LIVE, LOCATE_MISMATCH, SUM_OVERFLOW, BAD_LENGTH})
        assert_true(b.seen[c] > 0);
}

int main()
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_death_counts_for_the_very_next_message),
                                       cmocka_unit_test(equals_the_model_after_every_message)};
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
