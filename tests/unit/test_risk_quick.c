/*
 * The quick verdict on an order is that of the long way: two desks with the same limits, of which one has one more that
 * never bites and keeps it from being quick, see the same market, signals and reports.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "host/market/random.h"
#include "tests/unit/trade_bench.h"

enum { SYMBOLS = 3, STEPS = 60000 };

static struct wt_random random_state;
static uint64_t refused[WT_LIMITS];

static uint32_t draw(uint32_t below)
{
    return (uint32_t)wt_random_below(&random_state, below);
}

static void begin(struct trade_bench *b, bool quick)
{
    struct wt_risk_limits limits = {.max_order_shares = 500,
                                    .max_order_notional = 450000000,
                                    .max_position = 1200,
                                    .max_gross_notional = 2600000000,
                                    .collar_bps = 30,
                                    .max_open_symbol = 8,
                                    .max_open_total = 11,
                                    .orders_per_second = 300,
                                    .burst = 6,
                                    .max_loss = 900000000};
    if (!quick)
        limits.max_net_notional = INT64_MAX / 4;
    bench_build(b, &(struct wt_risk_config){.firm = &limits});
}

/* The same thing happens to both. */
static void both(struct trade_bench *b, void (*one)(struct trade_bench *b, const uint32_t *drawn),
                 const uint32_t *drawn)
{
    one(&b[0], drawn);
    one(&b[1], drawn);
}

static void market(struct trade_bench *b, const uint32_t *d)
{
    uint32_t bid = 990000 + 100 * d[0];
    wt_symbol symbol = (wt_symbol)d[1];
    if (d[2] == 0) {
        struct wt_event e = {.type = WT_EVENT_MARKET};
        e.market.state = (struct wt_ev_state){.head = {.kind = WT_RECORD_TYPE_TRADING_STATE, .symbol = symbol},
                                              .state = d[3] ? 'T' : 'H'};
        bench_input(b, e);
    } else if (d[2] == 1) {
        struct wt_event e = {.type = WT_EVENT_MARKET};
        e.market.symbol = (struct wt_ev_symbol){.head = {.kind = WT_RECORD_TYPE_SYMBOL, .symbol = symbol},
                                                .state = WT_BOOK_STATE_STALE};
        bench_input(b, e);
    } else {
        bench_bbo(b, symbol, d[3] == 7 ? 0 : bid, d[3] == 8 ? 0 : bid + 100 * (1 + d[3]));
    }
}

/* Stops of the firm, and of the venue's session, come and go. */
static void stop(struct trade_bench *b, const uint32_t *d)
{
    switch (d[0] % 4) {
    case 0:
        wt_risk_hold(b->risk, d[5] < 3);
        break;
    case 1:
        if (d[5] < 2)
            wt_risk_kill(b->risk, false);
        else if (d[5] < 4)
            wt_risk_reduce_only(b->risk, WT_SCOPE_FIRM, false);
        break;
    case 2:
        wt_risk_release(b->risk, WT_SCOPE_FIRM);
        break;
    default:
        bench_gateway(b, d[5] < 2 ? WT_GATEWAY_CLOSED : WT_GATEWAY_UP);
    }
}

static void step(struct trade_bench *b)
{
    uint32_t d[6] = {draw(60), draw(SYMBOLS), draw(12), draw(9), draw(600), draw(10)};
    uint32_t what = draw(10);
    uint32_t last = wt_oms_last_id(b[0].oms);
    assert_int_equal(last, wt_oms_last_id(b[1].oms));
    uint32_t id = last ? last - draw(last < 20 ? last : 20) : 0;
    const struct wt_order *o = id ? wt_oms_find(b[0].oms, id) : NULL;
    if (what < 3) {
        both(b, market, d);
    } else if (what < 7) {
        struct wt_signal s = {.kind = o && d[5] < 4 ? WT_SIGNAL_REPLACE : WT_SIGNAL_ENTER,
                              .order = id,
                              .symbol = (wt_symbol)d[1],
                              .side = d[5] & 1 ? WT_BUY : WT_SELL,
                              .tif = WT_TIF_DAY,
                              .shares = d[4],
                              .price = 990000 + 100 * draw(66) + (draw(40) == 0)};
        unsigned before = b[0].verdicts;
        int64_t rc[2] = {bench_signal(&b[0], 0, s), bench_signal(&b[1], 0, s)};
        assert_int_equal(rc[0], rc[1]);
        assert_int_equal(b[0].verdicts, b[1].verdicts);
        if (b[0].verdicts == before)
            return;
        assert_int_equal(b[0].verdict.limit, b[1].verdict.limit);
        assert_int_equal(b[0].verdict.level, b[1].verdict.level);
        assert_int_equal(b[0].verdict.owner, b[1].verdict.owner);
        assert_int_equal(b[0].verdict.reducing, b[1].verdict.reducing);
        assert_int_equal(b[0].verdict.value, b[1].verdict.value);
        assert_int_equal(b[0].verdict.bound, b[1].verdict.bound);
        refused[b[0].verdict.limit]++;
    } else if (what < 9 && o && wt_order_alive(o->state) && o->open) {
        struct wt_exec_report r = {.id = id, .shares = o->open, .price = o->price};
        if (o->state == WT_ORDER_PENDING_NEW) {
            r.type = o->replaces ? WT_EXEC_REPLACED : WT_EXEC_ACCEPTED;
            r.replaced = o->replaces;
        } else if (d[5] < 6) {
            r.type = WT_EXEC_EXECUTED;
            r.shares = d[5] < 3 ? o->open : 1 + d[4] % o->open;
            r.match = ++b[0].match;
            r.liquidity = 'A';
        } else {
            r.type = WT_EXEC_CANCELED;
            r.reason = 'U';
        }
        bench_report(&b[0], r);
        bench_report(&b[1], r);
    } else if (draw(50) == 0) {
        both(b, stop, d);
    } else {
        /* A clock may step back, too. */
        uint64_t passed = 1 + 1000ull * draw(20000);
        bool back = draw(12) == 0;
        for (unsigned i = 0; i < 2; i++)
            b[i].link.now += back ? 0 - passed / 4 : passed;
    }
}

static void the_quick_verdict_is_the_long_ones(void **state)
{
    static struct trade_bench b[2];
    (void)state;
    wt_random_seed(&random_state, 5);
    for (unsigned session = 0; session < 12; session++) {
        begin(&b[0], true);
        begin(&b[1], false);
        for (unsigned i = 0; i < STEPS / 12; i++)
            step(b);
        for (wt_symbol s = 0; s < SYMBOLS; s++)
            assert_int_equal(wt_positions_get(b[0].positions, s)->shares, wt_positions_get(b[1].positions, s)->shares);
        struct wt_risk_stats x, y;
        wt_risk_stats(b[0].risk, &x);
        wt_risk_stats(b[1].risk, &y);
        assert_int_equal(x.accepted, y.accepted);
        assert_int_equal(x.checked, y.checked);
        bench_destroy(&b[0]);
        bench_destroy(&b[1]);
    }
    /* Worth something only if orders met every plain limit on both of its sides. */
    static const enum wt_limit met[] = {
        WT_LIMIT_NONE,     WT_LIMIT_BAD_ORDER,      WT_LIMIT_TICK,         WT_LIMIT_HALTED,
        WT_LIMIT_QUOTE,    WT_LIMIT_COLLAR,         WT_LIMIT_ORDER_SHARES, WT_LIMIT_ORDER_NOTIONAL,
        WT_LIMIT_POSITION, WT_LIMIT_GROSS_NOTIONAL, WT_LIMIT_OPEN_SYMBOL,  WT_LIMIT_OPEN_TOTAL,
        WT_LIMIT_RATE,     WT_LIMIT_KILL,           WT_LIMIT_GATEWAY,      WT_LIMIT_REDUCE_ONLY};
    for (unsigned i = 0; i < sizeof met / sizeof met[0]; i++)
        if (!refused[met[i]])
            fail_msg("no order met %s", wt_limit_name(met[i]));
    assert_true(refused[WT_LIMIT_NONE] > 500);
}

/* A bucket counted out: what is in it, and since when. */
struct counted {
    int64_t tokens, full, step;
    uint64_t at;
};

static int64_t count(struct counted *c, uint64_t now)
{
    uint64_t passed = now > c->at ? now - c->at : 0; /* a clock that steps back gives nothing */
    c->tokens = passed >= (uint64_t)(c->full - c->tokens) ? c->full : c->tokens + (int64_t)passed;
    return c->tokens;
}

static void a_bucket_holds_what_is_counted(void **state)
{
    (void)state;
    static const struct wt_signal order = {.kind = WT_SIGNAL_ENTER};
    uint64_t taken = 0, empty = 0, debt = 0;
    wt_random_seed(&random_state, 9);
    for (unsigned session = 0; session < 200; session++) {
        uint64_t now = 1000000000;
        const struct wt_risk_limits limits = {.orders_per_second = 1 + draw(1000000), .burst = 1 + draw(9)};
        struct wt_limit_state st;
        assert_int_equal(wt_limits_init(&st, &limits, now), 0);
        struct counted c = {.step = 1000000000 / limits.orders_per_second, .at = now};
        c.tokens = c.full = c.step * limits.burst;
        for (unsigned i = 0; i < 500; i++) {
            uint64_t passed = draw((uint32_t)c.step * 2 + 1);
            now += draw(9) ? draw(3) ? passed : 0 : 0 - passed;
            struct counted seen = c;
            int64_t left = count(&seen, now) - c.step;
            assert_int_equal(wt_bucket_tokens(&st.orders, now), seen.tokens);
            if (draw(3)) {
                bool had = wt_bucket_take(&st.orders, now);
                assert_int_equal(had, left >= 0);
                *(had ? &taken : &empty) += 1;
                if (!had)
                    continue;
            } else {
                wt_limits_count(&st, &order, now); /* whatever is in it, but never deeper than one full bucket */
                left = left < -c.full ? -c.full : left;
                debt += left < 0;
            }
            c.tokens = left;
            c.at = now;
        }
    }
    assert_true(taken > 1000 && empty > 1000 && debt > 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_quick_verdict_is_the_long_ones),
                                       cmocka_unit_test(a_bucket_holds_what_is_counted)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
