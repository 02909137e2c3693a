/* The agents make a market: deterministic, conserving, never crossed, two-sided; and the parts under them. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "host/market/itch_put.h"
#include "sim/exchange/agents.h"
#include "sim/exchange/agents_random.h"
#include "sim/exchange/due.h"
#include "sim/exchange/measure.h"
#include "tests/unit/market_data.h"

#define START 1000000000000ull

/* ---------------------------------------------------------------- a market, hashed event by event */

struct market {
    struct wt_engine *engine;
    struct wt_agents *agents;
    uint64_t hash, events;
};

static void mix(struct market *m, uint64_t word)
{
    m->hash = (m->hash ^ word) * 0x9e3779b97f4a7c15u;
    m->hash ^= m->hash >> 29;
    m->events++;
}

static void on_rested(void *ctx, const struct wt_engine_view *o)
{
    mix(ctx, o->ref * 31 + o->price + (uint64_t)o->shares * 7);
}

static void on_executed(void *ctx, const struct wt_engine_view *o, uint32_t owner, uint64_t tag, uint64_t ref,
                        uint32_t shares, uint32_t price, uint64_t match)
{
    (void)owner, (void)tag;
    mix(ctx, o->ref + ref * 3 + shares * 5 + price + match);
}

static void on_canceled(void *ctx, const struct wt_engine_view *o, uint32_t shares, bool resting,
                        enum wt_engine_reason reason)
{
    mix(ctx, o->ref + shares + resting + reason);
}

static void make(struct market *m, const struct wt_agents_config *config, uint32_t symbols)
{
    *m = (struct market){0};
    struct wt_engine_config engine;
    wt_engine_defaults(&engine);
    struct wt_engine_handler handler = {
        .ctx = m, .rested = on_rested, .executed = on_executed, .canceled = on_canceled};
    assert_int_equal(wt_engine_create(&engine, handler, &m->engine), 0);
    struct wt_agents_symbol s[4];
    for (uint32_t i = 0; i < symbols; i++) {
        char name[8] = {'S', (char)('0' + i), ' ', ' ', ' ', ' ', ' ', ' '};
        s[i] =
            (struct wt_agents_symbol){.symbol = (uint16_t)wt_engine_symbol(m->engine, name), .price = 500000 * (i + 1)};
    }
    assert_int_equal(wt_agents_create(config, m->engine, s, symbols, START, &m->agents), 0);
}

static void unmake(struct market *m)
{
    wt_engine_destroy(m->engine);
    wt_agents_destroy(m->agents);
}

static void run(struct market *m, uint64_t until_ns)
{
    uint64_t now;
    while ((now = wt_agents_next_ns(m->agents)) <= until_ns)
        wt_agents_run(m->agents, now);
}

static void check_shares(const struct market *m)
{
    struct wt_engine_totals t;
    struct wt_agents_stats s;
    wt_engine_totals(m->engine, &t);
    wt_agents_stats(m->agents, &s);
    assert_int_equal(t.entered_shares, 2 * t.executed_shares + t.canceled_shares + t.open_shares);
    assert_int_equal(t.live_orders, s.live); /* they know of each of their orders, and of no other */
    assert_int_equal(t.rejects, s.refused);
}

static void test_same_seed_same_market(void **state)
{
    (void)state;
    struct wt_agents_config config;
    wt_agents_defaults(&config, WT_AGENTS_DAY);
    struct market a, b, c;
    make(&a, &config, 2);
    make(&b, &config, 2);
    config.seed = 2;
    make(&c, &config, 2);
    run(&a, START + 20000000000ull);
    /* However coarsely time is handed out. */
    for (uint64_t t = START; t <= START + 20000000000ull; t += 50000000)
        wt_agents_run(b.agents, t);
    run(&c, START + 20000000000ull);
    assert_true(a.events > 2000);
    assert_int_equal(a.events, b.events);
    assert_true(a.hash == b.hash);
    assert_true(a.hash != c.hash);
    check_shares(&a);
    unmake(&a);
    unmake(&b);
    unmake(&c);
}

static void test_a_market_stands(void **state)
{
    (void)state;
    for (int preset = WT_AGENTS_DAY; preset <= WT_AGENTS_PREMARKET; preset++) {
        struct wt_agents_config config;
        wt_agents_defaults(&config, preset);
        struct market m;
        make(&m, &config, 3);
        unsigned looks = 0, two_sided = 0;
        for (uint64_t t = START; t < START + 300000000000ull; t += 100000000) {
            run(&m, t);
            for (uint16_t s = 0; s < 3; s++) {
                uint32_t bid, ask;
                uint64_t shares;
                wt_engine_bbo(m.engine, s, &bid, &shares, &ask, &shares);
                looks++;
                two_sided += bid && ask;
                assert_true(!bid || !ask || bid < ask);
                assert_in_range((bid + ask) / 2, 250000 * (s + 1), 750000 * (s + 1));
            }
            check_shares(&m);
        }
        assert_true(two_sided > looks * 99 / 100);
        struct wt_agents_stats s;
        wt_agents_stats(m.agents, &s);
        assert_true(s.takes > 0 && s.quotes > 0 && s.ends > 0);
        unmake(&m);
    }
}

/* Everyone acts: with everything turned up. */
static void test_all_agents_act(void **state)
{
    (void)state;
    struct wt_agents_config config;
    wt_agents_defaults(&config, WT_AGENTS_DAY);
    config.parents.per_hour = 600;
    config.parents.slice_s = 1;
    config.momentum.threshold_cents = 1;
    config.value.news_per_hour = 600;
    config.max_orders = 300; /* and the flow runs into its bound */
    struct market m;
    make(&m, &config, 1);
    run(&m, START + 120000000000ull);
    struct wt_agents_stats s;
    wt_agents_stats(m.agents, &s);
    assert_true(s.arrivals > 0 && s.adds > 0 && s.takes > 0 && s.ends > 0 && s.quotes > 0);
    assert_true(s.momentum_takes > 0 && s.parents > 1 && s.slices > 25 && s.news > 1);
    assert_true(s.full > 0);
    assert_true(s.live <= 300);
    check_shares(&m);
    unmake(&m);
}

/* Halted, refused, resumed: they live through it, and lose track of nothing. */
static void test_halt(void **state)
{
    (void)state;
    struct wt_agents_config config;
    wt_agents_defaults(&config, WT_AGENTS_DAY);
    struct market m;
    make(&m, &config, 1);
    static const char states[] = "THPQTQHT";
    for (int i = 0; states[i]; i++) {
        wt_engine_state(m.engine, 0, states[i]);
        check_shares(&m);
        run(&m, START + 5000000000ull * (uint64_t)(i + 1));
        check_shares(&m);
    }
    uint32_t bid, ask;
    uint64_t shares;
    wt_engine_bbo(m.engine, 0, &bid, &shares, &ask, &shares);
    assert_true(bid && ask && bid < ask);
    unmake(&m);
}

/* Makers alone, whose value never moves, come to a market that is halted; they quote when it opens. */
static void test_makers_return_after_a_halt(void **state)
{
    (void)state;
    struct wt_agents_config config;
    wt_agents_defaults(&config, WT_AGENTS_DAY);
    config.flow.per_s = 1e-9;
    config.flow.opening = 0;
    config.value.moves_per_s = config.momentum.per_s = config.parents.per_hour = 0;
    struct market m;
    make(&m, &config, 1);
    wt_engine_state(m.engine, 0, 'H');
    run(&m, START + 1000000000);
    struct wt_engine_totals t;
    wt_engine_totals(m.engine, &t);
    assert_int_equal(t.live_orders, 0);
    assert_true(t.rejects > 0);
    wt_engine_state(m.engine, 0, 'T');
    run(&m, START + 2000000000);
    wt_engine_totals(m.engine, &t);
    assert_int_equal(t.live_orders, config.makers.count * config.makers.levels * 2);
    check_shares(&m);
    unmake(&m);
}

/* A stranger takes a whole side: makers come back within a second, and the value has moved his way. */
static void test_a_stranger_trades(void **state)
{
    (void)state;
    struct wt_agents_config config;
    wt_agents_defaults(&config, WT_AGENTS_DAY);
    struct market m;
    make(&m, &config, 1);
    run(&m, START + 1000000000);
    uint64_t ref;
    struct wt_engine_order all = {.owner = 5, .side = 'B', .tif = WT_ENGINE_IOC, .market = true, .shares = 999999};
    wt_agents_time(m.agents, START + 2000000000);
    assert_int_equal(wt_engine_enter(m.engine, &all, &ref), WT_ENGINE_OK);
    assert_true(wt_agents_next_ns(m.agents) <= START + 2100000000);
    run(&m, START + 3000000000);
    uint32_t bid, ask;
    uint64_t shares;
    wt_engine_bbo(m.engine, 0, &bid, &shares, &ask, &shares);
    assert_true(ask > 0);
    struct wt_engine_totals t;
    struct wt_agents_stats s;
    wt_engine_totals(m.engine, &t);
    wt_agents_stats(m.agents, &s);
    assert_int_equal(t.live_orders, s.live);
    unmake(&m);
}

struct counted {
    unsigned orders, far;
};

/* far: a hundredth of the price or more from where it began. */
static void count_around(struct counted *c, const struct wt_engine_view *order, uint32_t price)
{
    uint32_t off = order->price > price ? order->price - price : price - order->price;
    c->orders++;
    c->far += off >= price / 100;
}

static void count_deep(void *ctx, const struct wt_engine_view *order)
{
    count_around(ctx, order, 3000000);
}

static void count_thin(void *ctx, const struct wt_engine_view *order)
{
    count_around(ctx, order, 500000);
}

/* A deep book: all of it rests, most of it far away, and the best prices are nobody's that is deep. */
static void test_deep_books(void **state)
{
    (void)state;
    struct wt_agents_config config;
    struct wt_engine_config ec;
    struct wt_engine_handler none = {0};
    struct wt_engine *engine;
    struct wt_agents *agents;
    wt_agents_defaults(&config, WT_AGENTS_DAY);
    wt_engine_defaults(&ec);
    assert_int_equal(wt_engine_create(&ec, none, &engine), 0);
    struct wt_agents_symbol s[2] = {{.price = 3000000, .deep = 20000}, {.price = 500000}};
    for (unsigned i = 0; i < 2; i++)
        s[i].symbol = (uint16_t)wt_engine_symbol(engine, i ? "THIN    " : "DEEP    ");
    assert_int_equal(wt_agents_create(&config, engine, s, 2, START, &agents), 0);
    struct counted count[2] = {{0}};
    for (uint64_t t = START; t <= START + 60000000000ull; t += 1000000000)
        wt_agents_run(agents, t);
    for (uint16_t i = 0; i < 2; i++)
        wt_engine_walk(engine, i, i ? count_thin : count_deep, &count[i]);
    assert_in_range(count[0].orders, 19000, 23000);
    assert_true(count[0].far > 14000);
    assert_in_range(count[1].orders, 500, 3000);
    uint32_t bid, ask;
    uint64_t bid_shares, ask_shares;
    wt_engine_bbo(engine, 0, &bid, &bid_shares, &ask, &ask_shares);
    assert_true(bid > 0 && ask > bid && ask - bid < 3000);
    wt_engine_destroy(engine);
    wt_agents_destroy(agents);
}

static void test_bad_configurations(void **state)
{
    (void)state;
    struct wt_engine_config ec;
    wt_engine_defaults(&ec);
    struct wt_engine *engine;
    struct wt_engine_handler none = {0};
    assert_int_equal(wt_engine_create(&ec, none, &engine), 0);
    struct wt_agents_symbol symbol = {.price = 100000};
    struct wt_agents_config good, bad;
    struct wt_agents *agents;
    wt_agents_defaults(&good, WT_AGENTS_DAY);
#define REFUSED(change)                                                                                                \
    bad = good;                                                                                                        \
    change;                                                                                                            \
    assert_int_equal(wt_agents_create(&bad, engine, &symbol, 1, 0, &agents), -EINVAL)
    REFUSED(bad.max_orders = 0);
    REFUSED(bad.flow.per_s = 0);
    REFUSED(bad.flow.slow_children = 0.7);
    REFUSED(bad.flow.life_s.at[3] = 0);
    REFUSED(bad.flow.away.at[5] = 0.1);
    REFUSED(bad.flow.shares.at[10] = 1000000);
    REFUSED(bad.makers.levels = 9);
    REFUSED(bad.parents.slices = 0);
    symbol.price = 9999;
    REFUSED((void)0);
    assert_null(agents);
    wt_engine_destroy(engine);
}

/* ---------------------------------------------------------------- what they stand on */

static void test_due(void **state)
{
    (void)state;
    enum { N = 64 };
    struct wt_due due;
    uint64_t when[N];
    uint32_t id;
    struct wt_random r;
    wt_random_seed(&r, 3);
    assert_int_equal(wt_due_init(&due, N), 0);
    for (int i = 0; i < N; i++)
        when[i] = UINT64_MAX;
    for (int step = 0; step < 20000; step++) {
        uint32_t i = (uint32_t)wt_random_below(&r, N);
        if (wt_random_below(&r, 3)) {
            when[i] = wt_random_below(&r, 100); /* often equal */
            wt_due_set(&due, i, when[i]);
        } else {
            when[i] = UINT64_MAX;
            wt_due_clear(&due, i);
        }
        uint32_t first = 0;
        for (uint32_t j = 1; j < N; j++)
            if (when[j] < when[first])
                first = j;
        assert_true(wt_due_first(&due, &id) == when[first]);
        assert_int_equal(id, when[first] == UINT64_MAX ? UINT32_MAX : first);
    }
    wt_due_free(&due);
}

static void near_to(double got, double want, double tolerance)
{
    if (!(got > want - tolerance && got < want + tolerance))
        fail_msg("%.15g, should be %.15g", got, want);
}

static void test_ln_and_exp(void **state)
{
    (void)state;
    near_to(wt_ln(1), 0, 1e-15);
    near_to(wt_ln(2), 0.693147180559945, 1e-12);
    near_to(wt_ln(10), 2.302585092994046, 1e-11);
    near_to(wt_ln(1e-15), -34.53877639491069, 1e-10);
    near_to(wt_exp(0), 1, 1e-15);
    near_to(wt_exp(1), 2.718281828459045, 1e-12);
    near_to(wt_exp(-10), 4.539992976248485e-05, 1e-15);
    near_to(wt_exp(-1000), 0, 1e-300);
    struct wt_random r;
    wt_random_seed(&r, 1);
    double sum = 0, squares = 0;
    for (int i = 0; i < 100000; i++) {
        double x = wt_exponential(&r, 2);
        sum += x;
        squares += x * x;
    }
    near_to(sum / 100000, 2, 0.03);    /* mean */
    near_to(squares / 100000, 8, 0.3); /* twice its square */
}

static void test_measure_counts(void **state)
{
    (void)state;
    struct wt_measure m;
    assert_int_equal(wt_measure_init(&m), 0);
    uint8_t raw[WT_ITCH_MAX];
    uint64_t ns = 1000;
    /* One order after the other comes and goes, living 1 ms each. */
    wt_measure_message(&m, raw, wt_itch_put_add(raw, 1, ns, 1, 'S', 300, "A       ", 1002500, NULL));
    for (uint64_t i = 0; i < 400; i++) {
        wt_measure_message(&m, raw, wt_itch_put_add(raw, 1, ns, 10 + i, 'B', 200, "A       ", 1000000, NULL));
        ns += 1000000;
        wt_measure_message(&m, raw, wt_itch_put_delete(raw, 1, ns, 10 + i));
    }
    wt_measure_message(&m, raw, wt_itch_put_cancel(raw, 1, ns, 1, 100));
    wt_measure_message(&m, raw, wt_itch_put_executed(raw, 1, ns, 1, 100, 1));
    wt_measure_message(&m, raw, wt_itch_put_replace(raw, 1, ns, 1, 2, 50, 1003000));
    wt_measure_message(&m, raw, wt_itch_put_delete(raw, 1, ns, 999));
    wt_measure_end(&m);
    assert_int_equal(m.messages, 805);
    assert_int_equal(m.of_type['A'], 401);
    assert_int_equal(m.of_type['D'], 401);
    assert_int_equal(m.of_type['X'] + m.of_type['E'] + m.of_type['U'], 3);
    assert_int_equal(m.unknown, 1);
    near_to(wt_measure_quantile(&m.life_ns, 0.5), 1e6, 6e4);
    near_to(wt_measure_quantile(&m.spread_cents, 0.5), 25, 1.5);
    near_to(wt_measure_quantile(&m.best_shares, 0.2), 200, 13);
    near_to(wt_measure_quantile(&m.best_shares, 0.9), 300, 19);
    near_to(wt_measure_quantile(&m.add_shares, 0.5), 200, 13);
    assert_int_equal(wt_measure_quantile(&m.live, 0.9), 2);
    wt_measure_free(&m);
    /* Evenly spaced messages are less bursty than Poisson, a lump is more. */
    assert_int_equal(wt_measure_init(&m), 0);
    for (uint64_t i = 0; i < 10000; i++)
        wt_measure_message(&m, raw, wt_itch_put_delete(raw, 1, i * 100000, 1));
    wt_measure_end(&m);
    near_to(wt_measure_burst(&m, 0), 0, 0.01);
    assert_int_equal(m.window[0].most, 10);
    for (uint64_t i = 0; i < 500; i++)
        wt_measure_message(&m, raw, wt_itch_put_delete(raw, 1, 2000000000, 1));
    wt_measure_end(&m);
    assert_true(wt_measure_burst(&m, 0) > 10);
    assert_int_equal(m.most_in_1us, 500);
    wt_measure_free(&m);
}

/* The report runs, and the mix it measures is near the real day's. */
static void test_report(void **state)
{
    (void)state;
    char *text = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&text, &length);
    assert_non_null(out);
    assert_int_equal(wt_agents_report(out, NULL, 0.05), 0);
    fclose(out);
    static const struct {
        const char *row;
        double low, high;
    } mix[] = {{"| A messages | 43.6 % | ", 40, 50},
               {"| D messages | 42.6 % | ", 38, 47},
               {"| U messages | 8.1 % | ", 5, 11},
               {"| E messages | 2.1 % | ", 1, 4},
               {"| X messages | 1.0 % | ", 0.5, 1.5}};
    for (size_t i = 0; i < sizeof mix / sizeof *mix; i++) {
        const char *row = strstr(text, mix[i].row);
        assert_non_null(row);
        double part = strtod(row + strlen(mix[i].row), NULL);
        if (!(part > mix[i].low && part < mix[i].high))
            fail_msg("%s%g: should be %g to %g", mix[i].row, part, mix[i].low, mix[i].high);
    }
    free(text);
    assert_int_equal(wt_agents_report(stdout, "/no/such/file", 0.001), -ENOENT);
}

/* The n-th cell of the row of the table that begins with name. */
static const char *cell(const char *text, const char *name, int n)
{
    const char *at = strstr(text, name);
    assert_non_null(at);
    while (n-- > 0)
        at = strchr(at + 1, '|');
    return at + 1;
}

/* The quantiles of the pre-market preset are within a factor of two of those of the real file that it is like (but for
 * the longest lives, and the smallest sizes at the best price), and the deepest books as deep as the real day's. */
static void test_calibration(void **state)
{
    (void)state;
    static const char file[] = DATA "itch/aapl_20200130_premarket_10k.itch";
    static const struct {
        const char *row;
        int numbers;
        double least, factor; /* numbers below least are too small to have a ratio */
    } rows[] = {{"| lifetime", 5, 0, 2},     {"| spread", 6, 0, 2},      {"| shares at the best", 6, 20, 2},
                {"| price levels", 6, 0, 2}, {"| live orders", 6, 0, 2}, {"| shares of an add", 6, 0, 2},
                {"| time between", 6, 0, 2}};
    char *text = NULL;
    size_t length = 0;
    NEED_FILE(file);
    FILE *out = open_memstream(&text, &length);
    assert_non_null(out);
    assert_int_equal(wt_agents_report(out, file, 1), 0);
    fclose(out);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *made = cell(text, rows[i].row, 3), *real = cell(text, rows[i].row, 4);
        for (int k = 0; k < rows[i].numbers; k++) {
            char *end;
            double a = strtod(made, &end), b;
            made = end;
            b = strtod(real, &end);
            real = end;
            if (b >= rows[i].least && (a > b * rows[i].factor || a * rows[i].factor < b))
                fail_msg("%s: number %d is %g, of the real file %g", rows[i].row, k + 1, a, b);
        }
    }
    /* The real day's, as far as they are known. */
    const char *made = cell(text, "| most live orders", 2), *real = cell(text, "| most live orders", 1);
    for (int k = 0; k < 3; k++) {
        char *end;
        double a = strtod(made, &end), b;
        made = end;
        b = strtod(real, &end);
        real = end;
        assert_true(a > b / 1.25 && a < b * 1.25);
    }
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_same_seed_same_market),
                                       cmocka_unit_test(test_a_market_stands),
                                       cmocka_unit_test(test_all_agents_act),
                                       cmocka_unit_test(test_halt),
                                       cmocka_unit_test(test_makers_return_after_a_halt),
                                       cmocka_unit_test(test_a_stranger_trades),
                                       cmocka_unit_test(test_bad_configurations),
                                       cmocka_unit_test(test_due),
                                       cmocka_unit_test(test_ln_and_exp),
                                       cmocka_unit_test(test_measure_counts),
                                       cmocka_unit_test(test_report),
                                       cmocka_unit_test(test_deep_books),
                                       cmocka_unit_test(test_calibration)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
