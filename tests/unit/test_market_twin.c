/* The software twin message by message: every rule of host/market/README.md, and the real files. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <errno.h>

#include "host/market/file.h"
#include "host/market/itch_put.h"
#include "host/market/rows.h"
#include "host/market/twin.h"
#include "tests/unit/market_data.h"

static struct wt_twin *twin;
static uint64_t seq;
static struct wt_twin_result last;
static uint8_t m[64];

static void begin_with(const char (*symbols)[9], uint32_t count, size_t max_orders)
{
    struct wt_twin_config config;
    wt_twin_defaults(&config);
    config.symbols = symbols;
    config.symbol_count = count;
    config.max_orders = max_orders;
    assert_int_equal(wt_twin_create(&config, &twin), 0);
    seq = 0;
}

static void begin(void)
{
    begin_with(NULL, 0, 1000);
}

static void end(void)
{
    wt_twin_destroy(twin);
    twin = NULL;
}

static void say(size_t length)
{
    wt_twin_message(twin, ++seq, m, length, &last);
}

static void add(uint16_t locate, uint64_t ref, char side, uint32_t shares, uint32_t price)
{
    char name[9];
    snprintf(name, sizeof name, "SYM%-5u", locate % 100000u);
    say(wt_itch_put_add(m, locate, 1000 + seq, ref, side, shares, name, price, NULL));
}

static void expect_bbo(uint16_t symbol, uint32_t bid, uint32_t bid_shares, uint32_t bid_orders, uint32_t ask,
                       uint32_t ask_shares, uint32_t ask_orders)
{
    struct wt_bbo b;
    wt_twin_bbo(twin, symbol, &b);
    assert_int_equal(b.bid_price, bid);
    assert_int_equal(b.bid_shares, bid_shares);
    assert_int_equal(b.bid_orders, bid_orders);
    assert_int_equal(b.ask_price, ask);
    assert_int_equal(b.ask_shares, ask_shares);
    assert_int_equal(b.ask_orders, ask_orders);
}

static struct wt_twin_stats stats(void)
{
    struct wt_twin_stats s;
    wt_twin_stats(twin, &s);
    return s;
}

static void expect_stale(uint16_t symbol, uint8_t reason)
{
    assert_true(last.went_stale);
    assert_int_equal(last.reason, reason);
    assert_false(last.bbo_changed);
    assert_false(wt_twin_valid(twin, symbol));
    expect_bbo(symbol, 0, 0, 0, 0, 0, 0);
}

static void test_lengths(void **state)
{
    static const struct {
        char type;
        uint8_t length;
    } table[] = {{'S', 12}, {'R', 39}, {'H', 25}, {'Y', 20}, {'L', 26}, {'V', 35}, {'W', 12}, {'K', 28},
                 {'J', 35}, {'h', 21}, {'A', 36}, {'F', 40}, {'E', 31}, {'C', 36}, {'X', 23}, {'D', 19},
                 {'U', 35}, {'P', 44}, {'Q', 40}, {'B', 19}, {'I', 50}, {'N', 20}, {'O', 48}};
    int known = 0;
    (void)state;
    assert_int_equal(sizeof table / sizeof *table, WT_ITCH_TYPES);
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        assert_int_equal(wt_itch_length((uint8_t)table[i].type), table[i].length);
    for (int t = 0; t < 256; t++) {
        known += wt_itch_length((uint8_t)t) != 0;
        assert_int_equal(wt_itch_touches_book((uint8_t)t), t && strchr("AFECXDU", t) != NULL);
    }
    assert_int_equal(known, WT_ITCH_TYPES);
}

static void test_ordinary_life(void **state)
{
    (void)state;
    begin();
    add(7, 1, 'B', 100, 50000);
    assert_true(last.bound && last.bbo_changed && !last.trade);
    assert_int_equal(last.symbol, 0);
    assert_int_equal(last.exch_ns, 1000);
    assert_memory_equal(wt_twin_name(twin, 0), "SYM7    ", 8);
    add(7, 2, 'S', 300, 50200);
    add(7, 3, 'B', 50, 50000);
    assert_false(last.bound);
    expect_bbo(0, 50000, 150, 2, 50200, 300, 1);
    add(7, 4, 'B', 10, 49900); /* behind the best: nothing to see */
    assert_false(last.bbo_changed);
    say(wt_itch_put_cancel(m, 7, 9, 1, 40));
    assert_true(last.bbo_changed && !last.trade);
    expect_bbo(0, 50000, 110, 2, 50200, 300, 1);
    say(wt_itch_put_executed(m, 7, 9, 1, 60, 77)); /* the rest of 1 */
    assert_true(last.trade && last.bbo_changed && last.printable && !last.trade_sell);
    assert_int_equal(last.print, WT_TRADE_KIND_EXECUTION);
    assert_int_equal(last.trade_price, 50000);
    assert_int_equal(last.trade_shares, 60);
    assert_int_equal(last.match, 77);
    expect_bbo(0, 50000, 50, 1, 50200, 300, 1);
    say(wt_itch_put_executed_at(m, 7, 9, 2, 100, 78, false, 50100)); /* comes off 50200, printed at 50100 */
    assert_true(last.trade && last.trade_sell && !last.printable);
    assert_int_equal(last.print, WT_TRADE_KIND_EXECUTION_PRICE);
    assert_int_equal(last.trade_price, 50100);
    expect_bbo(0, 50000, 50, 1, 50200, 200, 1);
    say(wt_itch_put_replace(m, 7, 9, 3, 5, 70, 50100)); /* keeps its side */
    expect_bbo(0, 50100, 70, 1, 50200, 200, 1);
    say(wt_itch_put_delete(m, 7, 9, 3)); /* replaced: gone */
    assert_int_equal(stats().unknown_ref, 1);
    assert_false(last.bbo_changed);
    say(wt_itch_put_delete(m, 7, 9, 5)); /* the next best level */
    expect_bbo(0, 49900, 10, 1, 50200, 200, 1);
    say(wt_itch_put_delete(m, 7, 9, 4));
    expect_bbo(0, 0, 0, 0, 50200, 200, 1);
    assert_int_equal(stats().orders_live, 1);
    end();
}

static void test_prints(void **state)
{
    (void)state;
    begin();
    say(wt_itch_put_trade(m, 3, 9, 10, "SYM3    ", 50000, 5)); /* a locate not seen yet: nothing */
    assert_int_equal(last.symbol, 0xffff);
    assert_false(last.trade);
    say(wt_itch_put_directory(m, 3, 9, "SYM3    "));
    assert_true(last.bound);
    say(wt_itch_put_trade(m, 3, 9, 10, "SYM3    ", 50000, 5));
    assert_true(last.trade && !last.bbo_changed);
    assert_int_equal(last.print, WT_TRADE_KIND_NON_DISPLAYED);
    assert_int_equal(last.trade_price, 50000);
    assert_int_equal(last.trade_shares, 10);
    assert_int_equal(last.match, 5);
    say(wt_itch_put_cross(m, 3, 9, 0x123456789u, "SYM3    ", 60000, 6, 'O'));
    assert_true(last.trade);
    assert_int_equal(last.print, WT_TRADE_KIND_CROSS);
    assert_true(last.trade_shares == 0x123456789u);
    assert_int_equal(last.trade_price, 60000);
    assert_int_equal(last.match, 6);
    assert_int_equal(last.cross_type, 'O');
    say(wt_itch_put_executed(m, 3, 9, 99, 60, 77)); /* no such order: no print */
    assert_false(last.trade);
    wt_twin_set_stale(twin, 0);
    say(wt_itch_put_trade(m, 3, 9, 10, "SYM3    ", 50000, 5));
    assert_false(last.trade);
    end();
}

static void test_excess_and_zero(void **state)
{
    (void)state;
    begin();
    add(1, 1, 'B', 100, 50000);
    say(wt_itch_put_executed(m, 1, 9, 1, 101, 1));
    assert_int_equal(last.trade_shares, 101); /* as the message says */
    expect_bbo(0, 0, 0, 0, 0, 0, 0);
    add(1, 2, 'S', 100, 50000);
    say(wt_itch_put_cancel(m, 1, 9, 2, 0xffffffff));
    expect_bbo(0, 0, 0, 0, 0, 0, 0);
    assert_int_equal(stats().excess, 2);
    add(1, 3, 'S', 100, 50000);
    say(wt_itch_put_cancel(m, 1, 9, 3, 0));
    assert_false(last.bbo_changed);
    expect_bbo(0, 0, 0, 0, 50000, 100, 1);
    add(1, 3, 'S', 0, 50000); /* zero shares come before the duplicate */
    assert_int_equal(stats().zero_add, 1);
    assert_true(wt_twin_valid(twin, 0));
    add(2, 9, 'S', 0, 50000); /* binds all the same */
    assert_true(last.bound);
    say(wt_itch_put_replace(m, 1, 9, 3, 4, 0, 60000)); /* deletes the old one */
    assert_true(last.bbo_changed);
    expect_bbo(0, 0, 0, 0, 0, 0, 0);
    say(wt_itch_put_delete(m, 1, 9, 4));
    assert_int_equal(stats().unknown_ref, 1);
    assert_true(wt_twin_valid(twin, 0));
    end();
}

static void test_duplicate_add(void **state)
{
    (void)state;
    begin();
    add(1, 1, 'B', 100, 50000);
    add(2, 2, 'B', 100, 50000);
    add(3, 3, 'B', 100, 50000);
    add(1, 1, 'S', 100, 60000);
    expect_stale(0, WT_REASON_DUPLICATE_ADD);
    assert_int_equal(last.also_stale, 0xffff);
    add(2, 3, 'S', 100, 60000); /* another symbol's order */
    expect_stale(1, WT_REASON_DUPLICATE_ADD);
    assert_int_equal(last.also_stale, 2);
    assert_false(wt_twin_valid(twin, 2));
    assert_int_equal(stats().senseless, 2);
    add(4, 1, 'B', 100, 50000); /* a stale symbol's orders are not live */
    assert_true(wt_twin_valid(twin, 3));
    expect_bbo(3, 50000, 100, 1, 0, 0, 0);
    say(wt_itch_put_delete(m, 1, 9, 1)); /* a stale symbol's message does nothing */
    expect_bbo(3, 50000, 100, 1, 0, 0, 0);
    assert_int_equal(last.symbol, 0);
    assert_false(last.went_stale);
    end();
}

static void test_replace_live(void **state)
{
    (void)state;
    begin();
    add(1, 1, 'B', 100, 50000);
    say(wt_itch_put_replace(m, 1, 9, 1, 1, 100, 50100)); /* onto itself */
    expect_stale(0, WT_REASON_REPLACE_LIVE);
    add(2, 2, 'B', 100, 50000);
    add(3, 3, 'B', 100, 50000);
    say(wt_itch_put_replace(m, 2, 9, 2, 3, 100, 50100));
    expect_stale(1, WT_REASON_REPLACE_LIVE);
    assert_int_equal(last.also_stale, 2);
    add(4, 4, 'B', 100, 50000);
    say(wt_itch_put_replace(m, 4, 9, 4, 3, 200, 50100)); /* 3 went with its symbol */
    assert_true(wt_twin_valid(twin, 3));
    expect_bbo(3, 50100, 200, 1, 0, 0, 0);
    end();
}

static void test_locate_mismatch(void **state)
{
    (void)state;
    for (int kind = 0; kind < 5; kind++) {
        begin();
        add(1, 1, 'B', 100, 50000);
        add(2, 2, 'B', 100, 50000);
        switch (kind) {
        case 0:
            say(wt_itch_put_delete(m, 2, 9, 1));
            break;
        case 1:
            say(wt_itch_put_cancel(m, 2, 9, 1, 10));
            break;
        case 2:
            say(wt_itch_put_executed(m, 2, 9, 1, 10, 1));
            break;
        case 3:
            say(wt_itch_put_executed_at(m, 2, 9, 1, 10, 1, true, 5));
            break;
        default:
            say(wt_itch_put_replace(m, 2, 9, 1, 3, 10, 5));
            break;
        }
        assert_false(last.trade);
        expect_stale(1, WT_REASON_LOCATE_MISMATCH);
        assert_int_equal(last.also_stale, 0);
        assert_false(wt_twin_valid(twin, 0));
        add(3, 3, 'B', 100, 50000);
        say(wt_itch_put_delete(m, 3, 9, 1)); /* a stale symbol's order is not live */
        assert_true(wt_twin_valid(twin, 2));
        assert_int_equal(stats().unknown_ref, 1);
        assert_int_equal(stats().senseless, 1);
        end();
    }
}

static void test_sum_overflow(void **state)
{
    (void)state;
    begin();
    add(1, 1, 'B', 0xffffffff, 50000);
    expect_bbo(0, 50000, 0xffffffff, 1, 0, 0, 0);
    add(1, 2, 'S', 1, 50000);                                   /* another side */
    add(1, 3, 'B', 1, 50100);                                   /* another level */
    say(wt_itch_put_replace(m, 1, 9, 1, 4, 0xffffffff, 50000)); /* the old one leaves first */
    assert_true(wt_twin_valid(twin, 0));
    add(1, 5, 'B', 1, 50000);
    expect_stale(0, WT_REASON_SUM_OVERFLOW);
    assert_int_equal(stats().senseless, 1);
    add(2, 6, 'S', 0x80000000, 50000);
    add(2, 7, 'S', 0x80000000, 50100);
    say(wt_itch_put_replace(m, 2, 9, 7, 8, 0x80000000, 50000));
    expect_stale(1, WT_REASON_SUM_OVERFLOW);
    end();
}

static void test_unreadable(void **state)
{
    static const char book[] = "AFECXDU";
    (void)state;
    for (const char *type = book; *type; type++) {
        begin();
        add(1, 1, 'B', 100, 50000);
        add(2, 2, 'B', 100, 50000);
        wt_itch_put_head(m, *type, 1, 9);
        say(wt_itch_length((uint8_t)*type) - 1);
        expect_stale(0, WT_REASON_BAD_LENGTH);
        assert_true(wt_twin_valid(twin, 1));
        wt_itch_put_head(m, *type, 3, 9);
        say(wt_itch_length((uint8_t)*type) + 1); /* of a locate that comes later: it never is valid */
        add(3, 3, 'B', 100, 50000);
        assert_true(last.bound && last.went_stale);
        assert_false(wt_twin_valid(twin, 2));
        wt_itch_put_head(m, *type, 2, 9);
        say(2); /* the locate is cut: everybody */
        assert_false(wt_twin_valid(twin, 1));
        add(4, 4, 'B', 100, 50000);
        assert_false(wt_twin_valid(twin, wt_twin_by_locate(twin, 4)));
        assert_int_equal(stats().bad_length, 3);
        end();
    }
    begin();
    add(1, 1, 'B', 100, 50000);
    for (const char *type = "SRHYLVWKJhPQBINO"; *type; type++) {
        wt_itch_put_head(m, *type, 1, 9);
        say(wt_itch_length((uint8_t)*type) - 1);
        say(2);
        assert_false(last.trade);
    }
    assert_int_equal(stats().bad_length, 32);
    m[0] = 'Z';
    say(36);
    say(0);
    assert_int_equal(stats().unknown_type, 2);
    assert_true(wt_twin_valid(twin, 0));
    expect_bbo(0, 50000, 100, 1, 0, 0, 0);
    add(1, 5, 'b', 100, 50000); /* a side that is none */
    expect_stale(0, WT_REASON_BAD_LENGTH);
    end();
}

static void test_bad_directory_does_not_bind(void **state)
{
    (void)state;
    begin();
    wt_itch_put_directory(m, 9, 1, "AAPL    ");
    say(38);
    assert_int_equal(wt_twin_by_locate(twin, 9), 0xffff);
    say(wt_itch_put_directory(m, 9, 1, "AAPL    "));
    assert_int_equal(wt_twin_by_locate(twin, 9), 0);
    say(wt_itch_put_directory(m, 9, 1, "MSFT    ")); /* a bound locate keeps its name */
    assert_false(last.bound);
    assert_memory_equal(wt_twin_name(twin, 0), "AAPL    ", 8);
    assert_true(wt_twin_valid(twin, 0));
    end();
}

static void test_extreme_prices(void **state)
{
    (void)state;
    begin();
    add(1, 1, 'B', 10, 0);
    expect_bbo(0, 0, 10, 1, 0, 0, 0);
    add(1, 2, 'S', 20, 0xffffffff);
    expect_bbo(0, 0, 10, 1, 0xffffffff, 20, 1);
    add(1, 3, 'S', 30, 0);
    expect_bbo(0, 0, 10, 1, 0, 30, 1); /* crossed books are books */
    add(1, 4, 'B', 40, 0xffffffff);
    expect_bbo(0, 0xffffffff, 40, 1, 0, 30, 1);
    add(1, 5, 'B', 1, 2000000000);
    say(wt_itch_put_delete(m, 1, 9, 4));
    expect_bbo(0, 2000000000, 1, 1, 0, 30, 1);
    end();
}

static void test_extreme_references(void **state)
{
    static const uint64_t refs[] = {0, 1, 7, 8, UINT64_MAX, UINT64_MAX - 1, 1ull << 63, 0x100000000u, 0xffffffffu};
    (void)state;
    begin();
    for (size_t i = 0; i < sizeof refs / sizeof *refs; i++)
        add(1, refs[i], 'B', 1 + (uint32_t)i, 1000 + (uint32_t)i);
    assert_int_equal(stats().orders_live, sizeof refs / sizeof *refs);
    for (size_t i = 0; i < sizeof refs / sizeof *refs; i++)
        say(wt_itch_put_delete(m, 1, 9, refs[i]));
    assert_int_equal(stats().orders_live, 0);
    assert_int_equal(stats().unknown_ref, 0);
    end();
}

static void test_locate_zero(void **state)
{
    (void)state;
    begin();
    add(0, 1, 'B', 100, 50000);
    assert_int_equal(last.symbol, 0xffff);
    say(wt_itch_put_system(m, 5, 'O'));
    assert_int_equal(last.type, 'S');
    assert_int_equal(last.exch_ns, 5);
    assert_int_equal(stats().symbols, 0);
    end();
}

static void test_by_name(void **state)
{
    static const char names[][9] = {"MSFT", "AAPL", "MSFT"};
    (void)state;
    begin_with(names, 3, 100);
    say(wt_itch_put_directory(m, 5, 1, "IBM     "));
    assert_int_equal(last.symbol, 0xffff);
    say(wt_itch_put_add(m, 5, 1, 1, 'B', 1, "AAPL    ", 5, NULL)); /* a locate is named once */
    assert_int_equal(last.symbol, 0xffff);
    say(wt_itch_put_add(m, 6, 1, 2, 'B', 1, "AAPL    ", 5, NULL));
    assert_true(last.bound);
    assert_int_equal(last.symbol, 0);
    say(wt_itch_put_add(m, 7, 1, 3, 'B', 1, "AAPL    ", 5, NULL)); /* taken by locate 6 */
    assert_int_equal(last.symbol, 0xffff);
    say(wt_itch_put_directory(m, 8, 1, "MSFT    "));
    assert_int_equal(last.symbol, 1);
    assert_memory_equal(wt_twin_name(twin, 1), "MSFT    ", 8);
    assert_int_equal(stats().symbols, 2);
    assert_int_equal(stats().orders_live, 1);
    end();
}

static void test_early_bind(void **state)
{
    static const char names[][9] = {"AAPL"};
    (void)state;
    begin_with(names, 1, 100);
    assert_int_equal(wt_twin_bind(twin, 5, "IBM     "), 0xffff);
    assert_int_equal(wt_twin_bind(twin, 6, "AAPL    "), 0);
    assert_int_equal(wt_twin_bind(twin, 6, "AAPL    "), 0);
    assert_int_equal(wt_twin_bind(twin, 7, "AAPL    "), 0xffff);
    assert_true(wt_twin_valid(twin, 0));
    say(wt_itch_put_add(m, 6, 1, 2, 'B', 1, "AAPL    ", 5, NULL));
    assert_false(last.bound);
    assert_true(last.bbo_changed);
    end();
}

static void test_gap(void **state)
{
    (void)state;
    begin();
    add(1, 1, 'B', 100, 50000);
    wt_twin_gap(twin);
    assert_false(wt_twin_valid(twin, 0));
    expect_bbo(0, 0, 0, 0, 0, 0, 0);
    add(2, 2, 'B', 100, 50000); /* bound later: its first messages may be among the lost ones */
    assert_true(last.bound && last.went_stale && !last.bbo_changed);
    assert_int_equal(last.reason, WT_REASON_GAP);
    assert_false(wt_twin_valid(twin, 1));
    end();
}

static void test_capacity(void **state)
{
    (void)state;
    begin_with(NULL, 0, 4);
    for (uint64_t i = 1; i <= 4; i++)
        add((uint16_t)(1 + i % 2), i, 'B', 100, 50000 + (uint32_t)i);
    say(wt_itch_put_replace(m, 1, 9, 2, 12, 100, 50100)); /* one for one fits */
    assert_true(wt_twin_valid(twin, wt_twin_by_locate(twin, 1)));
    add(1, 5, 'B', 100, 50000);
    expect_stale(wt_twin_by_locate(twin, 1), WT_REASON_ORDER_OVERFLOW);
    assert_int_equal(stats().overflow, 1);
    add(2, 6, 'B', 100, 60000); /* the room of the stale symbol's orders is taken back */
    add(2, 7, 'B', 100, 60100);
    assert_true(wt_twin_valid(twin, wt_twin_by_locate(twin, 2)));
    assert_int_equal(stats().orders_live, 4);
    expect_bbo(wt_twin_by_locate(twin, 2), 60100, 100, 1, 0, 0, 0);
    end();
}

/* Orders are found, and only they, however often the table doubles and whatever the references look like. */
static void test_growing_table(void **state)
{
    static const uint64_t strides[] = {1, 7, 8, 4096, 1u << 20, 1ull << 33, 0x9e3779b97f4a7c15u};
    enum { N = 20000 };
    (void)state;
    for (size_t k = 0; k < sizeof strides / sizeof *strides; k++) {
        struct wt_twin_config config;
        wt_twin_defaults(&config);
        config.max_orders = N;
        config.first_orders = 4;
        assert_int_equal(wt_twin_create(&config, &twin), 0);
        seq = 0;
        for (uint64_t i = 0; i < N; i++) {
            add(1, i * strides[k], 'B', 1, 1 + (uint32_t)(i % 50));
            if (i % 3 == 2) /* holes */
                say(wt_itch_put_delete(m, 1, 9, (i - 1) * strides[k]));
        }
        assert_int_equal(stats().orders_live, N - N / 3);
        assert_int_equal(stats().overflow, 0);
        for (uint64_t i = 0; i < N; i++)
            say(wt_itch_put_delete(m, 1, 9, i * strides[k]));
        assert_int_equal(stats().orders_live, 0);
        assert_int_equal(stats().unknown_ref, N / 3);
        assert_int_equal(stats().senseless, 0);
        end();
    }
}

static void test_many_levels(void **state)
{
    enum { N = 3000 };
    uint32_t price, orders;
    uint64_t shares;
    (void)state;
    begin_with(NULL, 0, 2 * N);
    for (uint32_t i = 0; i < N; i++) { /* worst first, then best first: arrays grow at both ends */
        add(1, 1 + i, 'B', 1, 100000 - i);
        add(1, 1 + N + i, 'S', 2, 300000 - i);
    }
    for (uint32_t i = 0; i < N; i++) {
        assert_true(wt_twin_level(twin, 0, 'B', i, &price, &shares, &orders));
        assert_int_equal(price, 100000 - i);
        assert_true(wt_twin_level(twin, 0, 'S', i, &price, &shares, &orders));
        assert_int_equal(price, 300000 - N + 1 + i);
    }
    assert_false(wt_twin_level(twin, 0, 'B', N, &price, &shares, &orders));
    for (uint32_t i = 0; i < N; i++) { /* emptied best-first */
        expect_bbo(0, 100000 - i, 1, 1, 300000 - N + 1, 2, 1);
        say(wt_itch_put_delete(m, 1, 9, 1 + i));
    }
    expect_bbo(0, 0, 0, 0, 300000 - N + 1, 2, 1);
    end();
}

static void test_all_locates(void **state)
{
    (void)state;
    begin_with(NULL, 0, 70000);
    for (uint32_t locate = 1; locate <= 65535; locate++)
        add((uint16_t)locate, locate, 'B', 1, locate);
    assert_int_equal(stats().symbols, 65535);
    assert_int_equal(wt_twin_by_locate(twin, 65535), 65534);
    expect_bbo(65534, 65535, 1, 1, 0, 0, 0);
    end();
}

static void test_bad_configuration(void **state)
{
    static const char empty[][9] = {""};
    struct wt_twin_config config;
    (void)state;
    wt_twin_defaults(&config);
    config.max_orders = 0;
    assert_int_equal(wt_twin_create(&config, &twin), -EINVAL);
    wt_twin_defaults(&config);
    config.symbols = empty;
    config.symbol_count = 1;
    assert_int_equal(wt_twin_create(&config, &twin), -EINVAL);
    wt_twin_destroy(NULL);
}

/* Rows of a real file, byte for byte. */
static void check_real(const char *itch, const char *csv)
{
    struct wt_itch_file file;
    struct wt_rows *rows;
    const uint8_t *raw;
    uint8_t *want, *got;
    size_t length, want_length, got_length;
    char path[] = "/tmp/wt_test_XXXXXX";
    int fd = mkstemp(path), more;
    assert_true(fd >= 0);
    assert_int_equal(wt_itch_file_open(&file, itch), 0);
    assert_int_equal(wt_rows_create(fd, &rows), 0);
    begin();
    while ((more = wt_itch_file_next(&file, &raw, &length)) == 1) {
        wt_twin_message(twin, ++seq, raw, length, &last);
        if (last.bbo_changed)
            wt_rows_put(rows, seq, last.exch_ns, last.symbol, wt_twin_name(twin, last.symbol), last.bbo.bid_price,
                        last.bbo.bid_shares, last.bbo.ask_price, last.bbo.ask_shares);
    }
    assert_int_equal(more, 0);
    assert_int_equal(wt_rows_flush(rows), 0);
    assert_int_equal(stats().unknown_ref, 0);
    end();
    wt_rows_destroy(rows);
    wt_itch_file_close(&file);
    close(fd);
    want = slurp(csv, &want_length);
    got = slurp(path, &got_length);
    unlink(path);
    assert_int_equal(got_length, want_length);
    assert_memory_equal(got, want, want_length);
    free(want);
    free(got);
}

static void test_real_aapl(void **state)
{
    (void)state;
    NEED_FILE(DATA "itch/aapl_20200130_premarket_10k.itch");
    check_real(DATA "itch/aapl_20200130_premarket_10k.itch", DATA "itch/aapl_20200130_premarket_10k.bbo.csv");
}

static void test_real_multi(void **state)
{
    (void)state;
    NEED_FILE(DATA "itch/multi_20191230_0400_500.itch");
    check_real(DATA "itch/multi_20191230_0400_500.itch", DATA "itch/multi_20191230_0400_500.bbo.csv");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lengths),
        cmocka_unit_test(test_ordinary_life),
        cmocka_unit_test(test_prints),
        cmocka_unit_test(test_excess_and_zero),
        cmocka_unit_test(test_duplicate_add),
        cmocka_unit_test(test_replace_live),
        cmocka_unit_test(test_locate_mismatch),
        cmocka_unit_test(test_sum_overflow),
        cmocka_unit_test(test_unreadable),
        cmocka_unit_test(test_bad_directory_does_not_bind),
        cmocka_unit_test(test_extreme_prices),
        cmocka_unit_test(test_extreme_references),
        cmocka_unit_test(test_locate_zero),
        cmocka_unit_test(test_by_name),
        cmocka_unit_test(test_early_bind),
        cmocka_unit_test(test_gap),
        cmocka_unit_test(test_capacity),
        cmocka_unit_test(test_growing_table),
        cmocka_unit_test(test_many_levels),
        cmocka_unit_test(test_all_locates),
        cmocka_unit_test(test_bad_configuration),
        cmocka_unit_test(test_real_aapl),
        cmocka_unit_test(test_real_multi),
    };
    return cmocka_run_group_tests_name("market_twin", tests, NULL, NULL);
}
