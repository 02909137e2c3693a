// TOP: wt_book
// PARAMS: -GSYMBOLS=16 -GORDER_SLOTS=4096 -GLEVEL_SLOTS=4096 -GNODE_SLOTS=4096
// Symbols that come back: LOAD and JOIN between the messages of the feed. After a JOIN that the book accepts, every
// best bid and offer is that of a plain model which was never away; a JOIN that is late or whose orders differ is
// refused.
#include "wt_book_bench.h"

enum { JOIN = 14, JOIN_LATE = 10, JOIN_SUM = 11, SYMBOLS = 16 };

struct LoadBench {
    Vwt_book dut;
    std::mt19937_64 rng{1};
    std::deque<Result> results;

    uint64_t rnd(uint64_t n)
    {
        return rng() % n;
    }

    void edge()
    {
        dut.clk_i = 1;
        dut.eval();
    }

    void cycle()
    {
        dut.result_ready_i = rnd(4) != 0;
        dut.clk_i = 0;
        dut.eval();
        if (dut.result_valid_o && dut.result_ready_i) {
            Bits b{dut.result_o.data()};
            Result g;
            b.get(5);
            auto side = [&](Side &s) {
                s.orders = (uint32_t)b.get(17);
                s.shares = (uint32_t)b.get(32);
                s.price = (uint32_t)b.get(32);
            };
            side(g.ask);
            side(g.bid);
            g.bbo = b.get(1);
            b.get(33);
            g.trade = b.get(1);
            b.get(17);
            g.cause = (uint8_t)b.get(8);
            g.state_event = b.get(1);
            g.bind = b.get(1);
            g.book_state = (uint8_t)b.get(8);
            g.sym = (uint16_t)b.get(16);
            g.has_symbol = b.get(1);
            g.forward = b.get(1);
            results.push_back(g);
        }
        edge();
    }

    LoadBench()
    {
        dut.rst_i = 1;
        dut.subscribe_all_i = 1;
        for (int i = 0; i < 4; i++) {
            dut.clk_i = 0;
            dut.eval();
            edge();
        }
        dut.rst_i = 0;
        for (int i = 0; !dut.ready_o; i++) {
            assert_true(i < 70000);
            dut.clk_i = 0;
            dut.eval();
            edge();
        }
    }

    void send(const Op &o, uint64_t seq, bool load)
    {
        Bits b{dut.op_i.data()};
        b.put(2 + 1 + 80 + 32 + 8, 0);
        b.put(8 + 64 + 64 + 8 + 1, 0);
        b.put(1, o.exec_price);
        b.put(1, o.is_exec);
        b.put(64, o.name);
        b.put(32, o.price);
        b.put(32, o.shares);
        b.put(1, o.sell);
        b.put(64, o.new_ref);
        b.put(64, o.ref);
        b.put(16, o.locate);
        b.put(32 + 64 + 48, 0);
        b.put(64, seq);
        b.put(3, o.channel);
        b.put(4, (uint64_t)o.op);
        b.put(1, load);
        for (bool taken = false; !taken;) {
            dut.op_valid_i = rnd(4) != 0;
            dut.clk_i = 0;
            dut.eval();
            taken = dut.op_valid_i && dut.op_ready_o;
            cycle();
        }
        dut.op_valid_i = 0;
    }

    // Send, and the result of it.
    Result ask(const Op &o, uint64_t seq, bool load)
    {
        send(o, seq, load);
        for (int i = 0; results.empty(); i++) {
            assert_true(i < 5000);
            cycle();
        }
        Result r = results.front();
        results.pop_front();
        assert_true(results.empty());
        return r;
    }
};

static uint64_t left(uint64_t x, int n)
{
    return x << n | x >> (64 - n);
}

static uint64_t chi(uint64_t x)
{
    return x ^ (left(x, 1) & ~left(x, 2));
}

struct Order {
    bool sell;
    uint32_t price, shares;
};
using Book = std::map<uint64_t, Order>;

// As the head of wt_order_sum says.
static uint64_t sum_of(const Book &book)
{
    uint64_t sum = 0;
    for (const auto &[ref, o] : book) {
        uint64_t code = (uint64_t)(o.price / 100) * 128 + o.price % 100;
        uint64_t low = code << 32 | o.shares, top = (uint64_t)o.sell * 2 + (code >> 32);
        uint64_t x = chi(ref ^ left(ref, 10) ^ left(low, 13) ^ top << 62);
        sum ^= chi(x ^ left(x, 17) ^ left(x, 41) ^ low);
    }
    return sum;
}

static Side best(const Book &book, bool sell)
{
    Side s;
    for (const auto &[ref, o] : book) {
        (void)ref;
        if (o.sell != sell)
            continue;
        bool better = s.orders == 0 || (sell ? o.price < s.price : o.price > s.price);
        if (better)
            s = Side{o.price, 0, 0};
        if (o.price == s.price) {
            s.shares += o.shares;
            s.orders++;
        }
    }
    return s;
}

static Op add_op(uint16_t locate, uint64_t ref, const Order &o)
{
    Op op;
    op.op = ADD;
    op.locate = locate;
    op.ref = ref;
    op.sell = o.sell;
    op.price = o.price;
    op.shares = o.shares;
    return op;
}

static Op directory(uint16_t locate)
{
    Op op;
    op.op = DIRECTORY;
    op.locate = locate;
    op.name = 0x2020202020202041ull + locate;
    return op;
}

static Op join(uint16_t locate, uint64_t sum)
{
    Op op;
    op.op = JOIN;
    op.locate = locate;
    op.ref = sum;
    return op;
}

// A market of a few locates that the model always follows, whatever the card knows.
struct Market {
    LoadBench &b;
    std::map<uint16_t, Book> book;
    uint64_t seq = 0, ref = 0;

    Op next(uint16_t locate)
    {
        Book &k = book[locate];
        unsigned what = (unsigned)b.rnd(10);
        auto some = k.begin();
        if (k.empty() || (what < 5 && k.size() < 60)) {
            Order o{b.rnd(2) != 0, 1000000 + 100 * (uint32_t)b.rnd(12) + (b.rnd(8) ? 0 : (uint32_t)b.rnd(100)),
                    100 * (1 + (uint32_t)b.rnd(5))};
            k[++ref] = o;
            return add_op(locate, ref, o);
        }
        std::advance(some, (long)b.rnd(k.size()));
        Op op;
        op.locate = locate;
        op.ref = some->first;
        if (what < 7) {
            op.op = DELETE_;
            k.erase(some);
        } else if (what < 9) {
            op.op = REDUCE;
            op.shares = 50 * (1 + (uint32_t)b.rnd(6));
            if (op.shares >= some->second.shares)
                k.erase(some);
            else
                some->second.shares -= op.shares;
        } else {
            Order o = some->second;
            k.erase(some);
            o.price = 1000000 + 100 * (uint32_t)b.rnd(12);
            o.shares = 100 * (1 + (uint32_t)b.rnd(5));
            op.op = REPLACE;
            op.new_ref = ++ref;
            op.price = o.price;
            op.shares = o.shares;
            k[ref] = o;
        }
        return op;
    }

    // One message; the book's answer is right if it answers.
    void message(uint16_t locate, bool valid)
    {
        Op op = next(locate);
        Result r = b.ask(op, ++seq, false);
        assert_true(r.forward);
        assert_int_equal(r.book_state == VALID, valid);
        if (!valid)
            assert_false(r.bbo);
        if (!valid)
            return;
        assert_true(r.bid == best(book[locate], false));
        assert_true(r.ask == best(book[locate], true));
    }
};

static Op bad(uint16_t locate)
{
    Op op;
    op.op = BAD;
    op.locate = locate;
    return op;
}

static void test_random(void **)
{
    LoadBench b;
    Market m{b, {}};
    unsigned joined = 0, late = 0, refused = 0, fresh = SYMBOLS;
    for (uint16_t l = 1; l <= 3; l++)
        b.ask(directory(l), ++m.seq, false);
    for (int i = 0; i < 300; i++)
        m.message((uint16_t)(1 + b.rnd(3)), true);
    while (fresh > 3) {
        uint16_t l = (uint16_t)(1 + b.rnd(3));
        Result r = b.ask(bad(l), ++m.seq, false);
        assert_true(r.state_event && r.book_state == STALE);
        auto others = [&](unsigned n, bool also) {
            for (unsigned i = 0; i < n; i++) {
                uint16_t k = (uint16_t)(1 + b.rnd(3));
                if (k == l && !also)
                    k = (uint16_t)(1 + l % 3);
                m.message(k, k != l);
            }
        };
        others(20, true);
        r = b.ask(directory(l), 5, true);
        assert_true(r.bind && r.has_symbol && r.forward && r.book_state == STALE); // its place in the order flow
        assert_int_equal(r.sym, --fresh);
        Book then = m.book[l];
        uint64_t n = m.seq;
        for (const auto &[ref, o] : then) {
            if (b.rnd(3) == 0)
                others(1, false);
            r = b.ask(add_op(l, ref, o), 0, true);
            assert_false(r.bbo || r.forward || r.state_event || r.bind || r.trade);
        }
        if (b.rnd(4) == 0 && fresh > 3) { // an order is not as it was meant
            uint64_t wrong = sum_of(then) ^ (1ull << b.rnd(64));
            r = b.ask(join(l, wrong), m.seq, true);
            assert_true(r.state_event && r.book_state == SOFTWARE);
            assert_int_equal(r.cause, JOIN_SUM);
            refused++;
            r = b.ask(join(l, sum_of(then)), m.seq, true); /* it has forgotten them */
            assert_int_equal(r.book_state, SOFTWARE);
            others(10, true);
            r = b.ask(directory(l), 5, true);
            assert_int_equal(r.sym, --fresh);
            then = m.book[l];
            n = m.seq;
            for (const auto &[ref, o] : then)
                b.ask(add_op(l, ref, o), 0, true);
        }
        // Messages that pass meanwhile are loaded, too.
        for (unsigned rounds = (unsigned)b.rnd(4); rounds > 0; rounds--) {
            std::vector<Op> since;
            for (unsigned i = 0; i < 1 + rounds; i++) {
                Op op = m.next(l);
                r = b.ask(op, ++m.seq, false);
                assert_true(r.forward && !r.bbo && r.book_state == STALE);
                since.push_back(op);
            }
            r = b.ask(join(l, sum_of(then)), n, true);
            assert_true(r.state_event && r.book_state == STALE);
            assert_int_equal(r.cause, JOIN_LATE);
            late++;
            for (const Op &op : since)
                b.ask(op, 0, true);
            then = m.book[l];
            n = m.seq;
            others(3, false);
        }
        r = b.ask(join(l, sum_of(then)), b.rnd(2) ? n : m.seq, true);
        assert_true(r.state_event && r.book_state == VALID && r.has_symbol && !r.forward);
        assert_int_equal(r.sym, fresh);
        joined++;
        for (int i = 0; i < 60; i++)
            m.message((uint16_t)(1 + b.rnd(3)), true);
    }
    assert_true(joined > 5 && late > 5 && refused > 0);
    // No index is left: the symbol stays with the host.
    Result r = b.ask(directory(1), 5, true);
    assert_true(r.bind && !r.has_symbol);
    assert_int_equal(r.cause, NO_SLOT);
    for (int i = 0; i < 100; i++)
        m.message((uint16_t)(1 + b.rnd(3)), true);
    // Nor is one for a new locate.
    r = b.ask(directory(9), ++m.seq, false);
    assert_true(r.bind && !r.has_symbol);
}

// JOIN and what follows it without a pause: the very next message counts.
static void test_back_to_back(void **)
{
    LoadBench b;
    Book book;
    uint64_t seq = 0;
    b.ask(directory(1), ++seq, false);
    b.ask(bad(1), ++seq, false);
    b.ask(directory(1), 1, true);
    for (uint64_t ref = 1; ref <= 20; ref++) {
        book[ref] = Order{false, 1000000 + 100 * (uint32_t)ref, 100};
        b.send(add_op(1, ref, book[ref]), 0, true);
    }
    b.send(join(1, sum_of(book)), seq, true);
    for (uint64_t ref = 20; ref > 0; ref--) {
        Op op;
        op.op = DELETE_;
        op.locate = 1;
        op.ref = ref;
        b.send(op, ++seq, false);
    }
    for (int i = 0; i < 2000; i++)
        b.cycle();
    assert_int_equal(b.results.size(), 41);
    assert_int_equal(b.results[20].book_state, VALID);
    for (size_t i = 21; i < 41; i++) {
        assert_true(b.results[i].bbo);
        assert_int_equal(b.results[i].bid.price, i == 40 ? 0 : 1000000 + 100 * (40 - i));
    }
}

// The index is bound, and the feed's next messages of the symbol are right behind: they are not for it yet, so that
// loading their orders afterwards is no conflict, and the checksum is that of what was loaded.
static void test_feed_behind_bind(void **)
{
    for (unsigned seed = 0; seed < 20; seed++) {
        LoadBench b;
        b.rng.seed(seed);
        Book book;
        uint64_t seq = 0;
        b.ask(directory(1), ++seq, false);
        b.ask(bad(1), ++seq, false);
        b.send(directory(1), seq, true);
        for (uint64_t ref = 1; ref <= 8; ref++) {
            book[ref] = Order{false, 1000000 + 100 * (uint32_t)ref, 100};
            b.send(add_op(1, ref, book[ref]), ++seq, false);
        }
        for (const auto &[ref, o] : book)
            b.send(add_op(1, ref, o), 0, true);
        b.send(join(1, sum_of(book)), seq, true);
        for (int i = 0; i < 1000; i++)
            b.cycle();
        assert_int_equal(b.results.size(), 18);
        for (size_t i = 0; i < 17; i++)
            assert_true(b.results[i].book_state == STALE && !b.results[i].bbo && !b.results[i].state_event);
        assert_int_equal(b.results[17].book_state, VALID);
    }
}

// What is loaded collides with a live order of another symbol: both lose, and say so.
static void test_conflict(void **)
{
    LoadBench b;
    uint64_t seq = 0;
    for (uint16_t l = 1; l <= 2; l++)
        b.ask(directory(l), ++seq, false);
    b.ask(add_op(2, 7, Order{true, 1000000, 100}), ++seq, false);
    b.ask(bad(1), ++seq, false);
    b.ask(directory(1), 1, true);
    Result r = b.ask(add_op(1, 7, Order{true, 1000100, 100}), 0, true);
    assert_true(r.state_event && r.book_state == STALE && r.cause == DUPLICATE_ADD);
    Book book;
    r = b.ask(join(1, sum_of(book)), seq, true);
    assert_int_equal(r.book_state, STALE);
    // A channel that is lost takes what is being loaded with it.
    b.ask(directory(1), 1, true);
    Op gap;
    gap.op = GAP;
    b.ask(gap, ++seq, false);
    r = b.ask(join(1, sum_of(book)), seq, true);
    assert_int_equal(r.book_state, STALE);
}

int main(int argc, char **argv)
{
    Verilated::commandArgs(argc, argv);
    const CMUnitTest tests[] = {cmocka_unit_test(test_random), cmocka_unit_test(test_back_to_back),
                                cmocka_unit_test(test_feed_behind_bind), cmocka_unit_test(test_conflict)};
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
