// TOP: wt_book
// The book at its default size under a day's mix of messages: no overflow up to 75 % of the order slots,
// and what it costs in cycles.
#include "wt_book_bench.h"
#include <chrono>

static const int symbols = 64;

// Measured mix of a full day (per mille): A 436, D 426, U 81, E 21, X 10, others 26.
struct Day {
    Bench &b;
    size_t target;
    bool filling = true;
    std::vector<uint32_t> mid = std::vector<uint32_t>(symbols);
    std::vector<uint64_t> live;
    uint64_t next_ref = 40000000;

    explicit Day(Bench &bench, size_t orders) : b(bench), target(orders)
    {
        for (int s = 0; s < symbols; s++)
            mid[s] = s == 0 ? 150 : s == 1 ? 4000 : 100 * (uint32_t)(500 + b.rnd(200000));
    }

    uint32_t price(int s, bool sell)
    {
        uint64_t x = b.rnd(1000);
        if (x < 3)
            return sell ? 1999999900u : 1 + 99 * (uint32_t)b.rnd(2);
        uint32_t tick = s < 2 ? 1 : 100, away = 1;
        while (b.rnd(100) < 80 && away < (s < 2 ? 60 : 400))
            away += 1 + (uint32_t)b.rnd(away);
        uint32_t p = sell ? mid[s] + tick * away : mid[s] > tick * away ? mid[s] - tick * away : tick;
        return x < 8 && s >= 2 ? p + (uint32_t)b.rnd(100) : p;
    }

    uint64_t pick()
    {
        while (!live.empty()) {
            // Young orders go first, mostly.
            size_t i = b.rnd(3) ? live.size() - 1 - b.rnd(std::min<size_t>(live.size(), 2000)) : b.rnd(live.size());
            uint64_t r = live[i];
            if (b.model->orders.count(r))
                return r;
            live[i] = live.back();
            live.pop_back();
        }
        return 0;
    }

    Op next()
    {
        Op o;
        size_t n = b.model->orders.size();
        uint64_t x = b.rnd(1000);
        int add = filling ? 850 : n < target ? 460 : 410;
        uint64_t ref = x < (uint64_t)add || x >= 980 ? 0 : pick();
        if (ref) {
            const auto &was = b.model->orders[ref];
            o.ref = ref;
            o.locate = (uint16_t)(was.sym + 1);
            o.op = x < 870 ? DELETE_ : x < 950 ? REPLACE : REDUCE;
            o.is_exec = x < 970;
            o.shares = 100;
            if (o.op == REPLACE) {
                o.new_ref = next_ref += 1 + b.rnd(8);
                o.price = b.rnd(2) ? was.price : price(was.sym, was.sell);
                live.push_back(o.new_ref);
            }
        } else if (x < 980) {
            int s = (int)std::min(b.rnd(symbols), b.rnd(symbols));
            if (b.rnd(50) == 0)
                mid[s] += s < 2 ? 0 : 100 * (uint32_t)b.rnd(5) - 200;
            o.op = ADD;
            o.locate = (uint16_t)(s + 1);
            o.sell = b.rnd(2);
            o.price = price(s, o.sell);
            o.shares = 100 * (1 + (uint32_t)b.rnd(5));
            o.ref = next_ref += 1 + b.rnd(8);
            live.push_back(o.ref);
        } else {
            o.op = NOP;
            o.locate = (uint16_t)(1 + b.rnd(symbols));
        }
        return o;
    }
};

static void holds_three_quarters_through_a_day(void **)
{
    Bench b(65536, 65536, 32768, 2.0, 2); // no overflow is allowed at all
    b.reset(symbols, true, {});
    Day day(b, 65536 * 3 / 4 - 300);
    for (int s = 0; s < symbols; s++) {
        Op o;
        o.op = DIRECTORY;
        o.locate = (uint16_t)(s + 1);
        b.send(o);
    }
    int total = getenv("WT_LONG") ? 3000000 : 300000;
    while (b.model->orders.size() < day.target)
        b.send(day.next());
    day.filling = false;
    uint64_t cycles = b.cycles, ops = b.ops, bbos = b.bbos;
    auto start = std::chrono::steady_clock::now();
    for (int i = 0; i < total; i++)
        b.send(day.next());
    b.drain();
    double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    print_message("# %llu ops: %.2f cycles an operation; %llu BBO changes; orders at most %u, levels %zu, nodes %zu; "
                  "%.2f M cycles/s with the "
                  "model\n",
                  (unsigned long long)(b.ops - ops), (double)(b.cycles - cycles) / (double)(b.ops - ops),
                  (unsigned long long)(b.bbos - bbos), (unsigned)b.dut.orders_peak_o, b.model->levels,
                  b.model->nodes.size(), (double)(b.cycles - cycles) / seconds * 1e-6);
    assert_true(b.dut.orders_peak_o > 65536 * 3 / 4 - 400);
    // 3.03 measured; 2.70 before a lookup took three cycles instead of two, for the sake of the clock.
    assert_true((double)(b.cycles - cycles) < 3.1 * (double)(b.ops - ops));
}

// Cycles from the one that takes an operation to the one that shows its result, nothing else inside.
static uint64_t alone(Bench &b, const Op &o)
{
    b.drain();
    b.send(o);
    uint64_t taken = b.cycles;
    while (!b.sent.empty())
        b.step();
    return b.cycles - taken;
}

static void latency_of_a_change_at_the_best(void **)
{
    Bench b(65536, 65536, 32768, 2.0, 3);
    b.reset(symbols, true, {});
    uint64_t ref = 1;
    auto add = [&](uint32_t price) {
        Op o;
        o.op = ADD;
        o.locate = 1;
        o.ref = ref++;
        o.price = price;
        o.shares = 100;
        return alone(b, o);
    };
    auto remove = [&](uint64_t r) {
        Op o;
        o.op = DELETE_;
        o.locate = 1;
        o.ref = r;
        return alone(b, o);
    };
    uint64_t first = add(1000000), better = add(1000100), join = add(1000100), leave = remove(3), near = remove(2);
    add(10000);
    uint64_t far = remove(1), last = remove(4);
    add(1234567);
    add(0);
    uint64_t farthest = remove(5);
    print_message("# cycles from operation to result: first order of a side %llu, new best %llu, joins best %llu, "
                  "leaves best %llu, best "
                  "goes and next is near %llu, is far %llu, is farthest %llu, is none %llu\n",
                  (unsigned long long)first, (unsigned long long)better, (unsigned long long)join,
                  (unsigned long long)leave, (unsigned long long)near, (unsigned long long)far,
                  (unsigned long long)farthest, (unsigned long long)last);
    assert_true(better <= 9 && join <= 9 && leave <= 9 && near <= 9);
    assert_true(first <= 11 && last <= 11 && far <= 11 && farthest <= 13);
}

int main()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(holds_three_quarters_through_a_day),
        cmocka_unit_test(latency_of_a_change_at_the_best),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
