/*
 * Every limit at every level, from a written table: an order just inside, an order just outside. And
 * what the table cannot say: stops by scope, heartbeat, silence, drawdown, flatten.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/trade_bench.h"

static struct trade_bench t;

/*
 * The world of every row: strategies 0 and 1 in account 0, strategy 2 in account 1. Every symbol is 100.00 to 100.02,
 * last trade 100.01. `before` are orders of strategy 0 that are accepted; "f" fills them at once. Then inside and
 * outside are tried by strategy 0 in turn: the first must pass, the second must not.
 */
struct row {
    enum wt_limit limit;
    struct wt_risk_limits set;
    const char *before, *inside, *outside;
};

#define BASE .collar_bps = WT_NO_COLLAR
static const char restricted[][9] = {"S1", "S7"};
/* An order in words: side, shares, price in cents, symbol; "f" filled, "i" IOC. */
static const struct row table[] = {
    {WT_LIMIT_TICK, {BASE, .tick = 500}, "", "B 100 10000 0", "B 100 10001 0"},
    {WT_LIMIT_RESTRICTED, {BASE, .restricted = restricted, .restricted_count = 2}, "", "B 1 9990 0", "B 1 9990 1"},
    {WT_LIMIT_RESTRICTED, {BASE, .restricted = restricted, .restricted_count = 2}, "", "S 1 10010 6", "S 1 10010 7"},
    {WT_LIMIT_LOT, {BASE, .lot = 100}, "", "B 200 10000 0", "B 201 10000 0"},
    {WT_LIMIT_COLLAR, {.collar_bps = 100}, "", "B 1 10102 0", "B 1 10103 0"},
    {WT_LIMIT_COLLAR, {.collar_bps = 100}, "", "S 1 9900 0", "S 1 9899 0"},
    {WT_LIMIT_COLLAR_LAST, {BASE, .collar_last_bps = 200}, "", "B 1 10201 0", "B 1 10202 0"},
    {WT_LIMIT_COLLAR_LAST, {BASE, .collar_last_bps = 200}, "", "S 1 9801 0", "S 1 9800 0"},
    {WT_LIMIT_ORDER_SHARES, {BASE, .max_order_shares = 500}, "", "B 500 10000 0", "B 501 10000 0"},
    {WT_LIMIT_ORDER_NOTIONAL, {BASE, .max_order_notional = 100000000}, "", "B 100 10000 0", "B 100 10001 0"},
    {WT_LIMIT_LONG, {BASE, .max_long = 300}, "f B 100 10002 0", "B 200 10000 0", "B 201 10000 0"},
    {WT_LIMIT_SHORT, {BASE, .max_short = 300}, "f S 100 10000 0", "S 200 10002 0", "S 201 10002 0"},
    {WT_LIMIT_POSITION, {BASE, .max_position = 300}, "f B 100 10002 0,B 100 9990 0", "B 100 10000 0", "B 1 10000 0"},
    {WT_LIMIT_POSITION, {BASE, .max_position = 300}, "f S 100 10000 0,S 100 10010 0", "S 100 10002 0", "S 1 10002 0"},
    /* 100 at the mark of 100.01 and 100 working at 99: 19901; 100 more at 99.01 are 29802 */
    {WT_LIMIT_SYMBOL_NOTIONAL,
     {BASE, .max_symbol_notional = 298020000},
     "f B 100 10002 0,B 100 9900 0",
     "B 100 9901 0",
     "B 1 1 0"},
    {WT_LIMIT_GROSS_NOTIONAL,
     {BASE, .max_gross_notional = 298020000},
     "f B 100 10002 0,S 100 9900 1",
     "B 100 9901 2",
     "S 1 1 3"},
    /* long 10001 and short 10001 are nothing; only the side that grows counts */
    {WT_LIMIT_NET_NOTIONAL,
     {BASE, .max_net_notional = 100020000},
     "f B 100 10002 0,f S 100 10000 1",
     "B 100 10002 2",
     "B 1 1 3"},
    {WT_LIMIT_NET_NOTIONAL,
     {BASE, .max_net_notional = 100020000},
     "f B 100 10002 0,f S 100 10000 1",
     "S 100 10002 2",
     "S 1 1 3"},
    {WT_LIMIT_OPEN_NOTIONAL, {BASE, .max_open_notional = 200000000}, "B 100 10000 0", "S 100 10000 1", "B 1 1 2"},
    {WT_LIMIT_OPEN_SYMBOL, {BASE, .max_open_symbol = 2}, "B 1 9990 0,B 1 9990 1", "B 1 9990 0", "B 1 9990 0"},
    {WT_LIMIT_OPEN_TOTAL, {BASE, .max_open_total = 3}, "B 1 9990 0,B 1 9990 1", "B 1 9990 2", "B 1 9990 3"},
    {WT_LIMIT_SELF_MATCH, {BASE, .no_self_match = true}, "S 100 10005 0", "B 100 10004 0", "B 100 10005 0"},
    {WT_LIMIT_SELF_MATCH, {BASE, .no_self_match = true}, "B 100 9995 0", "S 100 9996 0", "S 100 9995 0"},
    {WT_LIMIT_DUPLICATE, {BASE, .duplicate_ns = 1000}, "B 1 9990 0", "B 2 9990 0", "B 2 9990 0"},
    {WT_LIMIT_REPEAT, {BASE, .max_repeats = 3, .repeat_ns = 1000}, "B 1 9990 0,B 1 9990 0", "B 1 9990 0", "B 1 9990 0"},
    {WT_LIMIT_RATE, {BASE, .orders_per_second = 10, .burst = 3}, "B 1 9990 0,B 1 9990 0", "B 1 9990 0", "B 1 9990 0"},
    {WT_LIMIT_MESSAGE_RATE,
     {BASE, .messages_per_second = 10, .message_burst = 3},
     "B 1 9990 0,B 1 9990 0",
     "B 1 9990 0",
     "B 1 9990 0"},
};

static void run_words(const char *words)
{
    char copy[256], *save;
    snprintf(copy, sizeof copy, "%s", words);
    for (char *one = strtok_r(copy, ",", &save); one; one = strtok_r(NULL, ",", &save)) {
        bool filled = one[0] == 'f';
        int64_t id = bench_words(&t, 0, filled ? one + 2 : one);
        assert_true(id > 0);
        bench_accept(&t, (uint32_t)id);
        if (filled)
            bench_fill(&t, (uint32_t)id, wt_oms_find(t.oms, (uint32_t)id)->open);
    }
}

static void build(const struct wt_risk_limits *set, enum wt_level level)
{
    struct wt_risk_config config = bench_config();
    if (level == WT_LEVEL_FIRM)
        config.firm = set;
    else if (level == WT_LEVEL_ACCOUNT)
        config.account[0] = set;
    else
        config.strategy[0] = set;
    bench_build(&t, &config);
}

static void every_limit_just_inside_and_just_outside_at_every_level(void **state)
{
    (void)state;
    for (unsigned i = 0; i < sizeof table / sizeof table[0]; i++)
        for (enum wt_level level = 0; level < WT_LEVELS; level++) {
            const struct row *r = &table[i];
            build(&r->set, level);
            run_words(r->before);
            unsigned sent = t.requests;
            if (bench_words(&t, 0, r->inside) <= 0)
                fail_msg("row %u (%s), %s: '%s' was refused by %s", i, wt_limit_name(r->limit), wt_level_name(level),
                         r->inside, wt_limit_name(t.verdict.limit));
            assert_int_equal(t.requests, sent + 1);
            if (bench_words(&t, 0, r->outside) != -EPERM || t.verdict.limit != r->limit || t.verdict.level != level)
                fail_msg("row %u (%s), %s: '%s' gave %s at %s", i, wt_limit_name(r->limit), wt_level_name(level),
                         r->outside, wt_limit_name(t.verdict.limit), wt_level_name(t.verdict.level));
            assert_int_equal(t.requests, sent + 1);
            bench_destroy(&t);
        }
}

/*
 * Limits that hold by what happened and not by the order: the same order passes before, and not after. Those of the
 * world (gateway, halt, quote) and of OUCH hold at every level alike: the innermost is named.
 */
struct situation {
    enum wt_limit limit;
    struct wt_risk_limits set;
    bool levels; /* the level that holds the limit is named */
    const char *before;
    void (*inside)(unsigned row),
        (*outside)(unsigned row); /* what happens before the order that passes, and the other */
};

static void nothing(unsigned row)
{
    (void)row;
}

static void killed(unsigned row)
{
    wt_risk_kill_scope(t.risk, row, false);
}

static void to_exits(unsigned row)
{
    wt_risk_reduce_only(t.risk, row, false);
}

static void session_down(unsigned row)
{
    (void)row;
    bench_gateway(&t, WT_GATEWAY_DOWN);
}

static void trading(char state)
{
    struct wt_event e = {.type = WT_EVENT_MARKET};
    e.market.state =
        (struct wt_ev_state){.head = {.kind = WT_RECORD_TYPE_TRADING_STATE, .symbol = 0}, .state = (uint8_t)state};
    bench_input(&t, e);
}

static void resumed(unsigned row)
{
    (void)row;
    trading('H');
    trading('T');
}

static void halted(unsigned row)
{
    (void)row;
    trading('H');
}

static void book_stale(unsigned row)
{
    (void)row;
    struct wt_event e = {.type = WT_EVENT_MARKET};
    e.market.symbol =
        (struct wt_ev_symbol){.head = {.kind = WT_RECORD_TYPE_SYMBOL, .symbol = 0}, .state = WT_BOOK_STATE_STALE};
    bench_input(&t, e);
}

static void book_flagged(unsigned row)
{
    (void)row;
    struct wt_event e = {.type = WT_EVENT_MARKET};
    e.market.bbo = (struct wt_ev_bbo){.head = {.kind = WT_RECORD_TYPE_BBO, .symbol = 0},
                                      .bid_price = 1000000,
                                      .bid_shares = 100,
                                      .ask_price = 1000200,
                                      .ask_shares = 100};
    bench_input(&t, e);
}

static void a_microsecond(unsigned row)
{
    (void)row;
    t.link.now += 1000;
}

static void a_nanosecond(unsigned row)
{
    (void)row;
    t.link.now += 1;
}

/* 100 bought at 100.02 with a fee of 0.30 are worth 100.01: 1.30 less; a hundredth of a cent a share is 0.01. */
static void falls_to_almost(unsigned row)
{
    (void)row;
    bench_bbo(&t, 0, 999901, 1000101);
}

static void falls_by_a_hundredth(unsigned row)
{
    (void)row;
    bench_bbo(&t, 0, 999900, 1000100);
}

static void cancels_the_first(unsigned row)
{
    (void)row;
    assert_int_equal(bench_cancel(&t, 0, 1), 0);
}

static void cancels_the_second(unsigned row)
{
    (void)row;
    assert_int_equal(bench_cancel(&t, 0, 2), 0);
}

static const struct situation situations[] = {
    {WT_LIMIT_KILL, {BASE}, true, "", nothing, killed},
    {WT_LIMIT_REDUCE_ONLY, {BASE}, true, "", nothing, to_exits},
    {WT_LIMIT_GATEWAY, {BASE}, false, "", nothing, session_down},
    {WT_LIMIT_HALTED, {BASE}, false, "", resumed, halted},
    {WT_LIMIT_QUOTE, {BASE}, false, "", nothing, book_stale},
    {WT_LIMIT_QUOTE, {BASE}, false, "", nothing, book_flagged},
    {WT_LIMIT_QUOTE_AGE, {BASE, .max_quote_age_ns = 1000}, true, "", a_microsecond, a_nanosecond},
    {WT_LIMIT_LOSS, {BASE, .max_loss = 23000}, true, "f B 100 10002 0", falls_to_almost, falls_by_a_hundredth},
    {WT_LIMIT_DRAWDOWN, {BASE, .max_drawdown = 23000}, true, "f B 100 10002 0", falls_to_almost, falls_by_a_hundredth},
    {WT_LIMIT_CANCEL_RATE,
     {BASE, .cancels_per_second = 10, .cancel_burst = 1},
     true,
     "B 2 9990 0,B 3 9990 0",
     cancels_the_first,
     cancels_the_second},
};

static void every_situation_at_every_level(void **state)
{
    (void)state;
    static const unsigned row_of[WT_LEVELS] = {0, 1, 3}; /* firm, account 0, strategy 0 */
    for (unsigned i = 0; i < sizeof situations / sizeof situations[0]; i++)
        for (enum wt_level level = 0; level < WT_LEVELS; level++) {
            const struct situation *s = &situations[i];
            build(&s->set, level);
            run_words(s->before);
            s->inside(row_of[level]);
            if (bench_words(&t, 0, "B 1 9990 0") <= 0)
                fail_msg("situation %u (%s), %s: refused by %s", i, wt_limit_name(s->limit), wt_level_name(level),
                         wt_limit_name(t.verdict.limit));
            s->outside(row_of[level]);
            unsigned sent = t.requests;
            enum wt_level named = s->levels ? level : WT_LEVEL_STRATEGY;
            if (bench_words(&t, 0, "B 1 9990 0") != -EPERM || t.verdict.limit != s->limit || t.verdict.level != named)
                fail_msg("situation %u (%s), %s: gave %s at %s", i, wt_limit_name(s->limit), wt_level_name(level),
                         wt_limit_name(t.verdict.limit), wt_level_name(t.verdict.level));
            assert_int_equal(t.requests, sent);
            bench_destroy(&t);
        }
}

/* What OUCH cannot carry, whatever the limits: 999,999 shares, $199,999.99; and nothing. */
static void what_is_no_order(void **state)
{
    (void)state;
    static const struct {
        uint32_t shares, price;
        bool passes;
    } orders[] = {{999999, 1000000, true}, {1000000, 1000000, false}, {0, 1000000, false},   {1, 100, true},
                  {1, 0, false},           {1, 1999999900, true},     {1, 2000000000, false}};
    struct wt_risk_config config = bench_config();
    bench_build(&t, &config);
    for (unsigned i = 0; i < sizeof orders / sizeof orders[0]; i++) {
        struct wt_signal s = {.kind = WT_SIGNAL_ENTER,
                              .side = WT_BUY,
                              .tif = WT_TIF_DAY,
                              .shares = orders[i].shares,
                              .price = orders[i].price};
        assert_int_equal(bench_signal(&t, 0, s) > 0, orders[i].passes);
        assert_int_equal(t.verdict.limit, orders[i].passes ? WT_LIMIT_NONE : WT_LIMIT_BAD_ORDER);
    }
    bench_destroy(&t);
}

static void no_limit_is_without_a_row(void **state)
{
    (void)state;
    bool has[WT_LIMITS] = {[WT_LIMIT_NONE] = true, [WT_LIMIT_BAD_ORDER] = true};
    for (unsigned i = 0; i < sizeof table / sizeof table[0]; i++)
        has[table[i].limit] = true;
    for (unsigned i = 0; i < sizeof situations / sizeof situations[0]; i++)
        has[situations[i].limit] = true;
    for (enum wt_limit l = 0; l < WT_LIMITS; l++)
        if (!has[l])
            fail_msg("%s has no row", wt_limit_name(l));
}

/* The same orders by a strategy that the limit does not hold for: another account's. */
static void a_limit_holds_for_its_own_scope_only(void **state)
{
    (void)state;
    for (unsigned i = 0; i < sizeof table / sizeof table[0]; i++)
        for (enum wt_level level = WT_LEVEL_ACCOUNT; level < WT_LEVELS; level++) {
            build(&table[i].set, level);
            run_words(table[i].before);
            bench_words(&t, 0, table[i].inside);
            assert_true(bench_words(&t, 2, table[i].outside) > 0);
            if (level == WT_LEVEL_STRATEGY) /* the same account, another strategy */
                assert_true(bench_words(&t, 1, table[i].outside) > 0);
            bench_destroy(&t);
        }
}

static void the_tightest_level_holds(void **state)
{
    (void)state;
    const struct wt_risk_limits firm = {BASE, .max_order_shares = 300, .max_position = 300},
                                account = {BASE, .max_order_shares = 200}, strategy = {BASE, .max_order_shares = 100};
    struct wt_risk_config config = bench_config();
    config.firm = &firm;
    config.account[0] = &account;
    config.strategy[0] = &strategy;
    bench_build(&t, &config);
    assert_true(bench_words(&t, 0, "B 100 9990 0") > 0);
    assert_int_equal(bench_words(&t, 0, "B 101 9990 0"), -EPERM);
    assert_int_equal(t.verdict.level, WT_LEVEL_STRATEGY);
    assert_int_equal(t.verdict.bound, 100);
    assert_int_equal(bench_words(&t, 1, "B 201 9990 0"), -EPERM);
    assert_int_equal(t.verdict.level, WT_LEVEL_ACCOUNT);
    assert_int_equal(bench_words(&t, 2, "B 301 9990 0"), -EPERM);
    assert_int_equal(t.verdict.level, WT_LEVEL_FIRM);
    /* The firm's position is everybody's. */
    assert_true(bench_words(&t, 1, "B 200 9990 0") > 0);
    assert_int_equal(bench_words(&t, 2, "B 1 9990 0"), -EPERM);
    assert_int_equal(t.verdict.limit, WT_LIMIT_POSITION);
    assert_int_equal(t.verdict.level, WT_LEVEL_FIRM);
    bench_destroy(&t);
}

static void an_exit_passes_every_opening_limit(void **state)
{
    (void)state;
    for (unsigned i = 0; i < sizeof table / sizeof table[0]; i++)
        for (enum wt_level level = 0; level < WT_LEVELS; level++) {
            if (!wt_limit_opening(table[i].limit))
                continue;
            /* Long 1001 of symbol 4 (an odd lot), bought before the limit stood. */
            struct wt_risk_config config = bench_config();
            bench_build(&t, &config);
            int64_t id = bench_words(&t, 0, "B 1001 10002 4");
            bench_accept(&t, (uint32_t)id);
            bench_fill(&t, (uint32_t)id, 1001);
            struct wt_risk_limits tight = table[i].set;
            if (level == WT_LEVEL_FIRM)
                config.firm = &tight;
            else if (level == WT_LEVEL_ACCOUNT)
                config.account[0] = &tight;
            else
                config.strategy[0] = &tight;
            bench_new_risk(&t, &config);
            if (bench_words(&t, 0, "S 501 10000 4") <= 0 || bench_words(&t, 0, "S 500 10000 4") <= 0)
                fail_msg("row %u (%s), %s: an exit was refused by %s", i, wt_limit_name(table[i].limit),
                         wt_level_name(level), wt_limit_name(t.verdict.limit));
            assert_true(t.verdict.reducing);
            bench_destroy(&t);
        }
}

static void restricted_symbols_can_only_be_left(void **state)
{
    (void)state;
    static const char names[][9] = {"S1"};
    const struct wt_risk_limits account = {BASE, .restricted = names, .restricted_count = 1};
    struct wt_risk_config config = bench_config();
    config.account[0] = &account;
    bench_build(&t, &config);
    assert_true(bench_words(&t, 0, "B 100 10002 0") > 0);
    assert_int_equal(bench_words(&t, 0, "B 100 10002 1"), -EPERM);
    assert_int_equal(t.verdict.limit, WT_LIMIT_RESTRICTED);
    assert_int_equal(t.verdict.level, WT_LEVEL_ACCOUNT);
    assert_true(bench_words(&t, 2, "B 100 10002 1") > 0); /* another account */
    bench_destroy(&t);
}

static void cancels_are_never_refused_but_paid_for(void **state)
{
    (void)state;
    const struct wt_risk_limits firm = {BASE, .cancels_per_second = 10, .cancel_burst = 2};
    struct wt_risk_config config = bench_config();
    config.firm = &firm;
    bench_build(&t, &config);
    for (int i = 0; i < 4; i++) {
        int64_t id = bench_words(&t, 0, "B 1 9990 0");
        assert_true(id > 0);
        bench_accept(&t, (uint32_t)id);
    }
    assert_int_equal(bench_cancel(&t, 0, 1), 0);
    assert_int_equal(bench_cancel(&t, 0, 2), 0); /* the bucket is just empty */
    assert_true(bench_words(&t, 0, "B 1 9990 0") > 0);
    assert_int_equal(bench_cancel(&t, 0, 3), 0);
    assert_int_equal(bench_words(&t, 0, "B 1 9990 0"), -EPERM);
    assert_int_equal(t.verdict.limit, WT_LIMIT_CANCEL_RATE);
    t.link.now += 99999999;
    assert_int_equal(bench_words(&t, 0, "B 1 9990 0"), -EPERM);
    t.link.now += 1;
    assert_true(bench_words(&t, 0, "B 1 9990 0") > 0);
    bench_destroy(&t);
}

static void duplicates_and_repeats_are_forgotten_in_time(void **state)
{
    (void)state;
    const struct wt_risk_limits firm = {BASE, .duplicate_ns = 1000, .max_repeats = 2, .repeat_ns = 5000};
    struct wt_risk_config config = bench_config();
    config.firm = &firm;
    bench_build(&t, &config);
    assert_true(bench_words(&t, 0, "B 1 9990 0") > 0);
    t.link.now += 999;
    assert_int_equal(bench_words(&t, 1, "B 1 9990 0"), -EPERM);
    assert_int_equal(t.verdict.limit, WT_LIMIT_DUPLICATE);
    t.link.now += 1;
    assert_true(bench_words(&t, 1, "B 1 9990 0") > 0);
    t.link.now += 1000;
    assert_int_equal(bench_words(&t, 0, "B 1 9990 0"), -EPERM);
    assert_int_equal(t.verdict.limit, WT_LIMIT_REPEAT);
    assert_int_equal(t.verdict.value, 3);
    t.link.now += 3000; /* the first is five microseconds old */
    assert_true(bench_words(&t, 0, "B 1 9990 0") > 0);
    bench_destroy(&t);
}

static void a_kill_stops_its_scope_only(void **state)
{
    (void)state;
    struct wt_risk_config config = bench_config();
    bench_build(&t, &config);
    for (unsigned owner = 0; owner < 3; owner++)
        bench_accept(&t, (uint32_t)bench_words(&t, owner, "B 1 9990 0"));
    wt_risk_kill_scope(t.risk, 1, true); /* account 0: strategies 0 and 1 */
    wt_loop_drain(t.loop);
    assert_int_equal(t.cancels, 2);
    assert_int_equal(bench_words(&t, 0, "B 1 9990 0"), -EPERM);
    assert_int_equal(t.verdict.limit, WT_LIMIT_KILL);
    assert_int_equal(t.verdict.level, WT_LEVEL_ACCOUNT);
    assert_int_equal(bench_words(&t, 1, "B 1 9990 0"), -EPERM);
    assert_true(bench_words(&t, 2, "B 1 9990 0") > 0);
    wt_risk_release(t.risk, 1);
    assert_true(bench_words(&t, 0, "B 1 9990 0") > 0);
    bench_destroy(&t);
}

static void a_lost_heartbeat_kills(void **state)
{
    (void)state;
    struct wt_risk_config config = bench_config();
    config.heartbeat_ns = 1000;
    bench_build(&t, &config);
    bench_accept(&t, (uint32_t)bench_words(&t, 0, "B 1 9990 0"));
    bench_pass(&t, 900);
    wt_risk_heartbeat(t.risk);
    bench_pass(&t, 999);
    assert_int_equal(t.kills, 0);
    bench_run_out(&t, 1);
    assert_int_equal(t.kills, 1);
    assert_int_equal(t.kill.detail, WT_KILL_HEARTBEAT);
    assert_int_equal(t.cancels, 1);
    assert_int_equal(bench_words(&t, 2, "B 1 9990 0"), -EPERM);
    bench_destroy(&t);
}

static void a_silent_venue_kills(void **state)
{
    (void)state;
    struct wt_risk_config config = bench_config();
    config.silence_ns = 1000;
    bench_build(&t, &config);
    bench_accept(&t, (uint32_t)bench_words(&t, 0, "B 1 9990 0"));
    bench_gateway(&t, WT_GATEWAY_DOWN);
    bench_pass(&t, 900);
    bench_gateway(&t, WT_GATEWAY_LOGGING_IN);
    bench_gateway(&t, WT_GATEWAY_UP);
    bench_pass(&t, 50);
    bench_gateway(&t, WT_GATEWAY_DOWN); /* a second time: counted from here */
    bench_pass(&t, 999);
    assert_int_equal(t.kills, 0);
    bench_run_out(&t, 1);
    assert_int_equal(t.kills, 1);
    assert_int_equal(t.kill.detail, WT_KILL_SILENCE);
    assert_int_equal(t.cancels, 0); /* nothing can be sent: the cancel is kept */
    bench_gateway(&t, WT_GATEWAY_UP);
    assert_int_equal(t.cancels, 1);
    bench_destroy(&t);
}

static void a_drawdown_flattens_its_strategy(void **state)
{
    (void)state;
    const struct wt_risk_limits strategy = {BASE, .max_drawdown = 100 * 1000, .on_loss = WT_LOSS_FLATTEN};
    struct wt_risk_config config = bench_config();
    config.strategy[0] = &strategy;
    bench_build(&t, &config);
    int64_t id = bench_words(&t, 0, "B 100 10002 0");
    bench_accept(&t, (uint32_t)id);
    bench_fill(&t, (uint32_t)id, 100);
    int64_t other = bench_words(&t, 2, "B 50 10002 0");
    bench_accept(&t, (uint32_t)other);
    bench_fill(&t, (uint32_t)other, 50);
    uint32_t working = (uint32_t)bench_words(&t, 0, "B 10 9000 0");
    bench_accept(&t, working);
    bench_bbo(&t, 0, 1010000, 1010200); /* best: +0.9900 a share */
    bench_bbo(&t, 0, 1009010, 1009210); /* 0.0990 less */
    assert_int_equal(t.kills, 0);
    bench_bbo(&t, 0, 1009000, 1009200); /* 0.1000 less: 100 * 1000 */
    assert_int_equal(t.kills, 1);
    assert_int_equal(t.kill.detail, WT_KILL_DRAWDOWN);
    assert_int_equal(t.cancels, 1);
    unsigned sent = t.requests;
    bench_canceled(&t, working, 10); /* now the position can be closed */
    assert_int_equal(t.requests, sent + 1);
    assert_int_equal(t.last.side, WT_SELL);
    assert_int_equal(t.last.tif, WT_TIF_IOC);
    assert_int_equal(t.last.shares, 100);
    assert_int_equal(t.last.price, 1009000);
    assert_int_equal(t.last.owner, 0);
    uint32_t exit = t.last.id;
    bench_accept(&t, exit);
    bench_fill(&t, exit, 60);
    bench_canceled(&t, exit, 40);
    assert_int_equal(t.last.shares, 40); /* tried again */
    bench_accept(&t, t.last.id);
    bench_fill(&t, t.last.id, 40);
    bench_run_out(&t, 200000000);
    assert_false(wt_desk_flattening(t.desk));
    assert_int_equal(wt_positions_get(t.positions, 0)->shares, 50); /* strategy 2 keeps its own */
    assert_true(bench_words(&t, 2, "B 1 10000 0") > 0);
    assert_int_equal(bench_words(&t, 0, "B 1 10000 0"), -EPERM);
    assert_int_equal(t.verdict.limit, WT_LIMIT_DRAWDOWN);
    bench_destroy(&t);
}

static void fees_count_as_loss(void **state)
{
    (void)state;
    const struct wt_risk_limits firm = {BASE, .max_loss = 10000};
    struct wt_risk_config config = bench_config();
    config.firm = &firm;
    bench_build(&t, &config);
    int64_t id = bench_words(&t, 0, "B 100 10001 0");
    bench_accept(&t, (uint32_t)id);
    bench_fill(&t, (uint32_t)id, 100); /* at the mark; 100 shares at $0.003 are $0.30 */
    assert_int_equal(wt_positions_profit(t.positions, WT_SCOPE_FIRM), -3000);
    id = bench_words(&t, 0, "B 233 10001 0");
    bench_accept(&t, (uint32_t)id);
    bench_fill(&t, (uint32_t)id, 233); /* $0.999 */
    assert_int_equal(t.kills, 0);
    id = bench_words(&t, 0, "B 1 10001 0");
    bench_accept(&t, (uint32_t)id);
    bench_fill(&t, (uint32_t)id, 1); /* $1.002 */
    assert_int_equal(t.kills, 1);
    bench_destroy(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_limit_just_inside_and_just_outside_at_every_level),
        cmocka_unit_test(every_situation_at_every_level),
        cmocka_unit_test(what_is_no_order),
        cmocka_unit_test(no_limit_is_without_a_row),
        cmocka_unit_test(a_limit_holds_for_its_own_scope_only),
        cmocka_unit_test(the_tightest_level_holds),
        cmocka_unit_test(an_exit_passes_every_opening_limit),
        cmocka_unit_test(restricted_symbols_can_only_be_left),
        cmocka_unit_test(cancels_are_never_refused_but_paid_for),
        cmocka_unit_test(duplicates_and_repeats_are_forgotten_in_time),
        cmocka_unit_test(a_kill_stops_its_scope_only),
        cmocka_unit_test(a_lost_heartbeat_kills),
        cmocka_unit_test(a_silent_venue_kills),
        cmocka_unit_test(a_drawdown_flattens_its_strategy),
        cmocka_unit_test(fees_count_as_loss),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
