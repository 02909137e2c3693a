/* The matching engine, rule by rule: what it tells, in words that can be read. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/unit/engine_log.h"

static struct engine_log told;
static struct wt_engine *engine;

static int setup(void **state)
{
    (void)state;
    struct wt_engine_config config;
    wt_engine_defaults(&config);
    config.max_orders = 2000;
    told.count = 0;
    return wt_engine_create(&config, log_handler(&told), &engine) < 0 || wt_engine_symbol(engine, "ABC     ") != 0 ||
           wt_engine_symbol(engine, "XYZ     ") != 1;
}

static int teardown(void **state)
{
    (void)state;
    struct wt_engine_totals t;
    wt_engine_totals(engine, &t);
    assert_int_equal(t.entered_shares, 2 * t.executed_shares + t.canceled_shares + t.open_shares);
    wt_engine_destroy(engine);
    return 0;
}

/* An order in short: side, price in cents, shares; owner 0; day. */
static struct wt_engine_order order(char side, uint32_t cents, uint32_t shares)
{
    return (struct wt_engine_order){
        .side = side, .tif = WT_ENGINE_DAY, .price = cents * 100, .shares = shares, .mpid = {' ', ' ', ' ', ' '}};
}

static uint64_t enter_as(struct wt_engine_order o, enum wt_engine_reason reason)
{
    uint64_t ref;
    assert_int_equal(wt_engine_enter(engine, &o, &ref), reason);
    return ref;
}

static uint64_t enter(struct wt_engine_order o)
{
    return enter_as(o, WT_ENGINE_OK);
}

static uint64_t put(char side, uint32_t cents, uint32_t shares)
{
    return enter(order(side, cents, shares));
}

/* The events since the last call, one word each: "A1 X2:100@1000 R1:50". */
static const char *story(void)
{
    static char text[2048];
    size_t n = 0;
    text[0] = '\0';
    for (size_t i = 0; i < told.count; i++) {
        const struct log_event *e = &told.event[i];
        unsigned long long ref = e->order.ref;
        const char *space = i ? " " : "";
        switch (e->kind) {
        case LOG_ACCEPTED:
            n += (size_t)snprintf(text + n, sizeof text - n, "%sA%llu", space, ref);
            break;
        case LOG_RESTED:
            n += (size_t)snprintf(text + n, sizeof text - n, "%sR%llu:%u", space, ref, e->order.shares);
            break;
        case LOG_EXECUTED:
            n += (size_t)snprintf(text + n, sizeof text - n, "%sX%llu:%u@%u", space, ref, e->shares, e->price / 100);
            break;
        case LOG_UNCROSSED:
            n += (size_t)snprintf(text + n, sizeof text - n, "%sZ%llu/%llu:%u@%u", space, ref,
                                  (unsigned long long)e->other.ref, e->shares, e->price / 100);
            break;
        case LOG_CANCELED:
            n += (size_t)snprintf(text + n, sizeof text - n, "%sC%llu:%u%s#%u", space, ref, e->shares,
                                  e->resting ? "" : "i", e->what);
            break;
        case LOG_REPLACED:
            n += (size_t)snprintf(text + n, sizeof text - n, "%sU%llu>%llu%c", space, (unsigned long long)e->ref, ref,
                                  "KME"[e->what]);
            break;
        default:
            n += (size_t)snprintf(text + n, sizeof text - n, "%sS%llu%c", space, (unsigned long long)e->ref, e->what);
        }
    }
    told.count = 0;
    return text;
}

static void assert_bbo(uint32_t bid, uint64_t bid_shares, uint32_t ask, uint64_t ask_shares)
{
    uint32_t b, a;
    uint64_t bs, as;
    wt_engine_bbo(engine, 0, &b, &bs, &a, &as);
    assert_int_equal(b, bid * 100);
    assert_int_equal(bs, bid_shares);
    assert_int_equal(a, ask * 100);
    assert_int_equal(as, ask_shares);
}

static void test_price_then_time(void **state)
{
    (void)state;
    put('S', 1001, 100); /* 1 */
    put('S', 1000, 100); /* 2 */
    put('S', 1000, 100); /* 3 */
    assert_bbo(0, 0, 1000, 200);
    story();
    put('B', 1001, 250); /* 4: trades at the resting orders' prices */
    assert_string_equal(story(), "A4 X2:100@1000 X3:100@1000 X1:50@1001");
    assert_bbo(0, 0, 1001, 50);
    put('B', 1002, 80); /* 5: rests with what is left */
    assert_string_equal(story(), "A5 X1:50@1001 R5:30");
    assert_bbo(1002, 30, 0, 0);
}

static void test_symbols_are_apart(void **state)
{
    (void)state;
    put('S', 1000, 100);
    struct wt_engine_order o = order('B', 1000, 100);
    o.symbol = 1;
    story();
    enter(o);
    assert_string_equal(story(), "A2 R2:100");
    o.symbol = 2;
    enter_as(o, WT_ENGINE_BAD_SYMBOL);
    assert_int_equal(wt_engine_symbol(engine, "ABC     "), -EEXIST);
}

static void test_ioc_and_market(void **state)
{
    (void)state;
    put('S', 1000, 100);
    put('S', 50000, 100);
    story();
    struct wt_engine_order o = order('B', 1000, 150);
    o.tif = WT_ENGINE_IOC;
    enter(o);
    assert_string_equal(story(), "A3 X1:100@1000 C3:50i#8");
    o = order('B', 0, 150);
    o.market = true;
    enter(o);
    assert_string_equal(story(), "A4 X2:100@50000 C4:50i#8");
    enter(o);
    assert_string_equal(story(), "A5 C5:150i#8");
    assert_int_equal(told.event[0].order.price, 0);
}

static void test_hidden_stands_behind(void **state)
{
    (void)state;
    struct wt_engine_order o = order('S', 1000, 100);
    o.hidden = true;
    enter(o);            /* 1 */
    put('S', 1000, 100); /* 2: displayed, later, yet first */
    put('S', 1001, 100); /* 3 */
    assert_bbo(0, 0, 1000, 100);
    story();
    put('B', 1001, 250);
    assert_string_equal(story(), "A4 X2:100@1000 X1:100@1000 X3:50@1001");
    o.price = 99900;
    enter(o); /* 5: nobody sees it, but it trades first by price */
    assert_bbo(0, 0, 1001, 50);
    story();
    put('B', 1001, 120);
    assert_string_equal(story(), "A6 X5:100@999 X3:20@1001");
}

static void test_post_only(void **state)
{
    (void)state;
    struct wt_engine_order hidden = order('S', 1000, 100), o = order('B', 1001, 100);
    hidden.hidden = true;
    enter(hidden);
    put('S', 1001, 100);
    o.post_only = true;
    enter_as(o, WT_ENGINE_WOULD_TRADE);
    o.price = 100000;
    enter_as(o, WT_ENGINE_WOULD_TRADE); /* the hidden one */
    o.price = 99900;
    story();
    uint64_t ref = enter(o);
    assert_string_equal(story(), "A5 R5:100");
    uint64_t new_ref;
    assert_int_equal(wt_engine_replace(engine, ref, 100100, 100, true, 0, &new_ref), WT_ENGINE_WOULD_TRADE);
    assert_bbo(999, 100, 1001, 100); /* the old one stays */
    o.tif = WT_ENGINE_IOC;
    enter_as(o, WT_ENGINE_BAD_TERMS);
}

static void test_minimum_on_entry(void **state)
{
    (void)state;
    put('S', 1000, 100);
    put('S', 1001, 100);
    struct wt_engine_order o = order('B', 1000, 300);
    o.min_shares = 150;
    enter_as(o, WT_ENGINE_MIN_SHARES); /* would rest displayed */
    o.tif = WT_ENGINE_IOC;
    story();
    enter(o); /* only 100 at its limit */
    assert_string_equal(story(), "A4 C4:300i#9");
    o.price = 100100;
    enter(o);
    assert_string_equal(story(), "A5 X1:100@1000 X2:100@1001 C5:100i#8");
    o.min_shares = 301;
    enter_as(o, WT_ENGINE_MIN_SHARES);
}

static void test_minimum_at_rest(void **state)
{
    (void)state;
    struct wt_engine_order o = order('S', 1000, 300);
    o.hidden = true;
    o.min_shares = 200;
    enter(o);            /* 1 */
    put('S', 1000, 50);  /* 2 */
    put('S', 1001, 100); /* 3 */
    story();
    put('B', 1001, 100); /* too small for 1 */
    assert_string_equal(story(), "A4 X2:50@1000 X3:50@1001");
    put('B', 1000, 150); /* too small: rests, locked with an order that it cannot see */
    assert_string_equal(story(), "A5 R5:150");
    put('B', 1000, 210);
    assert_string_equal(story(), "A6 X1:210@1000");
    put('B', 1000, 90); /* 90 are left of it: less than its minimum, so all of it is enough */
    assert_string_equal(story(), "A7 X1:90@1000");
}

static void test_own_orders_do_not_meet(void **state)
{
    (void)state;
    struct wt_engine_order o = order('S', 1000, 100);
    put('S', 999, 10); /* 1: another's */
    o.owner = 7;
    enter(o); /* 2 */
    o.side = 'B';
    o.price = 100100;
    story();
    enter(o); /* 3 */
    assert_string_equal(story(), "A3 X1:10@999 C3:90i#7");
    assert_bbo(0, 0, 1000, 100);
    o.owner = 8;
    enter(o);
    assert_string_equal(story(), "A4 X2:100@1000");
    put('S', 1000, 100);
    put('B', 1000, 100); /* owner 0 is many: it meets itself */
    assert_string_equal(story(), "A5 R5:100 A6 X5:100@1000");
}

static void test_replace_and_priority(void **state)
{
    (void)state;
    uint64_t ref, first = put('B', 1000, 100);
    put('B', 1000, 100); /* 2 */
    story();
    assert_int_equal(wt_engine_replace(engine, first, 100000, 60, true, 5, &ref), WT_ENGINE_OK);
    assert_int_equal(ref, first);
    assert_int_equal(told.event[0].shares, 100); /* the feed's X: 100 - 60 */
    assert_int_equal(told.event[0].order.tag, 5);
    assert_string_equal(story(), "U1>1K");
    put('S', 1000, 10); /* 3 */
    assert_string_equal(story(), "A3 X1:10@1000");
    assert_int_equal(wt_engine_replace(engine, first, 100000, 51, true, 5, &ref), WT_ENGINE_OK); /* more: behind */
    assert_string_equal(story(), "U1>4M");
    put('S', 1000, 110); /* 5 */
    assert_string_equal(story(), "A5 X2:100@1000 X4:10@1000");
    assert_int_equal(wt_engine_replace(engine, 4, 100000, 41, false, 5, &ref), WT_ENGINE_OK); /* not asked to keep */
    assert_string_equal(story(), "U4>6M");
    put('S', 1001, 10); /* 7 */
    story();
    assert_int_equal(wt_engine_replace(engine, 6, 100100, 41, true, 5, &ref), WT_ENGINE_OK); /* trades */
    assert_string_equal(story(), "U6>8E X7:10@1001 R8:31");
    assert_int_equal(wt_engine_replace(engine, 6, 100100, 41, true, 5, &ref), WT_ENGINE_BAD_SYMBOL); /* is no more */
    assert_int_equal(wt_engine_replace(engine, 8, 100150, 41, true, 5, &ref), WT_ENGINE_BAD_TICK);
    assert_int_equal(wt_engine_replace(engine, 8, 0, 41, true, 5, &ref), WT_ENGINE_BAD_PRICE);
    assert_int_equal(wt_engine_replace(engine, 8, 100100, 0, true, 5, &ref), WT_ENGINE_BAD_SHARES);
    assert_bbo(1001, 31, 0, 0);
}

static void test_cancel(void **state)
{
    (void)state;
    uint64_t ref = put('B', 1000, 100);
    story();
    assert_true(wt_engine_cancel(engine, ref, 30, WT_ENGINE_USER));
    assert_bbo(1000, 70, 0, 0);
    assert_true(wt_engine_cancel(engine, ref, UINT32_MAX, WT_ENGINE_SUPERVISORY));
    assert_false(wt_engine_cancel(engine, ref, 1, WT_ENGINE_USER));
    assert_string_equal(story(), "C1:30#11 C1:70#12");
    assert_bbo(0, 0, 0, 0);
}

static void test_limits_and_ticks(void **state)
{
    (void)state;
    static const struct {
        uint32_t price, shares;
        enum wt_engine_reason reason;
    } cases[] = {{0, 1, WT_ENGINE_BAD_PRICE},
                 {1, 1, WT_ENGINE_OK},
                 {9999, 1, WT_ENGINE_OK},
                 {10000, 1, WT_ENGINE_OK},
                 {10001, 1, WT_ENGINE_BAD_TICK},
                 {10050, 1, WT_ENGINE_BAD_TICK},
                 {10100, 1, WT_ENGINE_OK},
                 {1999999900, 1, WT_ENGINE_OK},
                 {2000000000, 1, WT_ENGINE_BAD_PRICE},
                 {UINT32_MAX, 1, WT_ENGINE_BAD_PRICE},
                 {10000, 0, WT_ENGINE_BAD_SHARES},
                 {10000, 999999, WT_ENGINE_OK},
                 {10000, 1000000, WT_ENGINE_BAD_SHARES}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct wt_engine_order o = order('B', 0, cases[i].shares);
        o.price = cases[i].price;
        enter_as(o, cases[i].reason);
    }
    struct wt_engine_order o = order('X', 1000, 100);
    enter_as(o, WT_ENGINE_BAD_TERMS);
    o = order('B', 1000, 100);
    o.tif = '5';
    enter_as(o, WT_ENGINE_BAD_TERMS);
    assert_bbo(19999999, 1, 0, 0);
}

static void test_halts(void **state)
{
    (void)state;
    uint64_t ref, resting = put('B', 1000, 100);
    story();
    wt_engine_state(engine, 0, 'H');
    enter_as(order('S', 1000, 100), WT_ENGINE_HALTED);
    assert_int_equal(wt_engine_replace(engine, resting, 100100, 10, true, 0, &ref), WT_ENGINE_HALTED);
    assert_int_equal(wt_engine_replace(engine, resting, 100000, 90, true, 0, &ref), WT_ENGINE_OK);
    assert_true(wt_engine_cancel(engine, resting, 10, WT_ENGINE_USER));
    assert_string_equal(story(), "S0H U1>1K C1:10#11");
    wt_engine_state(engine, 0, 'Q');
    struct wt_engine_order ioc = order('S', 1000, 100);
    ioc.tif = WT_ENGINE_IOC;
    enter_as(ioc, WT_ENGINE_HALTED);
    put('S', 999, 30);               /* 4 */
    put('S', 998, 30);               /* 5: crossed, and may be */
    put('B', 1001, 20);              /* 6 */
    wt_engine_state(engine, 0, 'Q'); /* it is in that state */
    wt_engine_state(engine, 0, '?');
    assert_string_equal(story(), "S0Q A4 R4:30 A5 R5:30 A6 R6:20");
    wt_engine_state(engine, 0, 'T');
    /* Best bid with best offer, at the price of the one that came first. */
    assert_string_equal(story(), "Z6/5:20@998 Z1/5:10@1000 Z1/4:30@1000 S0T");
    assert_bbo(1000, 40, 0, 0);
}

static void test_uncrossing_spares_owners_and_minimums(void **state)
{
    (void)state;
    wt_engine_state(engine, 0, 'Q');
    struct wt_engine_order b = order('B', 1010, 100), s = order('S', 1000, 100), h = order('S', 990, 500);
    b.owner = s.owner = 3;
    h.hidden = true;
    h.min_shares = 200;
    enter(b);            /* 1 */
    enter(h);            /* 2: cannot trade with 100 */
    enter(s);            /* 3: 1's own, newer */
    put('S', 1005, 60);  /* 4 */
    put('B', 1009, 300); /* 5: 200 of it meet 2 */
    story();
    wt_engine_state(engine, 0, 'T');
    assert_string_equal(story(), "C3:100#7 Z1/4:60@1010 Z5/2:300@990 S0T");
    assert_bbo(1010, 40, 0, 0);
}

/* Prices so far apart that every order needs price nodes of its own: the index runs out before the orders do. */
static void test_full_and_empty_again(void **state)
{
    (void)state;
    struct wt_engine_config config;
    wt_engine_defaults(&config);
    config.max_orders = 20000;
    struct wt_engine *e;
    struct wt_engine_handler none = {0};
    assert_int_equal(wt_engine_create(&config, none, &e), 0);
    wt_engine_symbol(e, "FAR     ");
    wt_engine_symbol(e, "FARTHER ");
    uint32_t entered[2] = {0};
    for (int round = 0; round < 2; round++) {
        uint64_t first = 0, ref;
        for (uint32_t i = 0; i < 20000; i++) {
            struct wt_engine_order o = order("BS"[i % 2], 0, 1);
            o.symbol = i % 4 / 2;
            o.price = (o.side == 'B' ? i + 1 : 20000 + i) * 49000;
            enum wt_engine_reason reason = wt_engine_enter(e, &o, &ref);
            if (i == 0)
                first = ref;
            if (reason == WT_ENGINE_FULL)
                break;
            assert_int_equal(reason, WT_ENGINE_OK);
            entered[round]++;
        }
        for (uint64_t r = first; r < ref; r++)
            assert_true(wt_engine_cancel(e, r, UINT32_MAX, WT_ENGINE_USER));
        struct wt_engine_totals t;
        wt_engine_totals(e, &t);
        assert_int_equal(t.live_orders, 0);
        assert_int_equal(t.open_shares, 0);
    }
    assert_in_range(entered[0], 8000, 19999);
    assert_int_equal(entered[1], entered[0]);
    wt_engine_destroy(e);
    config.max_orders = 0;
    assert_int_equal(wt_engine_create(&config, none, &e), -EINVAL);
}

static void test_listeners(void **state)
{
    (void)state;
    static struct engine_log second;
    second.count = 0;
    assert_int_equal(wt_engine_listen(engine, log_handler(&second)), 0);
    struct wt_engine_handler none = {0};
    assert_int_equal(wt_engine_listen(engine, none), 0);
    assert_int_equal(wt_engine_listen(engine, none), 0);
    assert_int_equal(wt_engine_listen(engine, none), -ENOSPC);
    put('B', 1000, 100);
    assert_int_equal(second.count, 2);
    assert_int_equal(told.count, 2);
    assert_memory_equal(&second.event[0], &told.event[0], sizeof told.event[0]);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {T(test_price_then_time),
                                       T(test_symbols_are_apart),
                                       T(test_ioc_and_market),
                                       T(test_hidden_stands_behind),
                                       T(test_post_only),
                                       T(test_minimum_on_entry),
                                       T(test_minimum_at_rest),
                                       T(test_own_orders_do_not_meet),
                                       T(test_replace_and_priority),
                                       T(test_cancel),
                                       T(test_limits_and_ticks),
                                       T(test_halts),
                                       T(test_uncrossing_spares_owners_and_minimums),
                                       T(test_full_and_empty_again),
                                       T(test_listeners)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
