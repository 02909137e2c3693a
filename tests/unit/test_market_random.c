/* The software twin against a book so slow and simple that it can be checked by eye, after every message. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "host/common/bytes.h"
#include "host/market/itch_put.h"
#include "host/market/random.h"
#include "host/market/twin.h"

enum { LOCATES = 5, MAX_ORDERS = 4096 };

static uint32_t deepest; /* most orders seen ahead of one */

/* ---------------------------------------------------------------- the reference: a list of orders, scanned */

struct ref_order {
    uint64_t ref;
    uint32_t price, shares;
    int locate;
    char side;
};

static struct {
    struct ref_order order[MAX_ORDERS];
    int orders;
    bool bound[LOCATES], stale[LOCATES], spoilt[LOCATES], channel_stale;
    uint64_t unknown_ref, excess, zero_add, senseless, unknown_type, bad_length;
} ref;

static struct ref_order *ref_find(uint64_t number)
{
    for (int i = 0; i < ref.orders; i++)
        if (ref.order[i].ref == number)
            return &ref.order[i];
    return NULL;
}

/* The others stay in the order in which they came. */
static void ref_drop(struct ref_order *o)
{
    memmove(o, o + 1, (size_t)(&ref.order[ref.orders--] - o - 1) * sizeof *o);
}

static void ref_stale(int locate)
{
    ref.stale[locate] = true;
    for (int i = 0; i < ref.orders;)
        if (ref.order[i].locate == locate)
            ref_drop(&ref.order[i]);
        else
            i++;
}

static uint64_t ref_level(int locate, char side, uint32_t price, uint32_t *orders)
{
    uint64_t sum = 0;
    *orders = 0;
    for (int i = 0; i < ref.orders; i++)
        if (ref.order[i].locate == locate && ref.order[i].side == side && ref.order[i].price == price) {
            sum += ref.order[i].shares;
            ++*orders;
        }
    return sum;
}

static void ref_senseless(int locate, int other)
{
    ref.senseless++;
    ref_stale(locate);
    if (other != locate)
        ref_stale(other);
}

static void ref_insert(int locate, uint64_t number, char side, uint32_t shares, uint32_t price)
{
    uint32_t orders;
    if (ref_level(locate, side, price, &orders) + shares > UINT32_MAX) {
        ref_senseless(locate, locate);
        return;
    }
    ref.order[ref.orders++] = (struct ref_order){number, price, shares, locate, side};
}

static void ref_apply(const uint8_t *m, size_t length)
{
    static const char types[] = "SRHYLVWKJhAFECXDUPQBINO";
    static const int lengths[] = {12, 39, 25, 20, 26, 35, 12, 28, 35, 21, 36, 40,
                                  31, 36, 23, 19, 35, 44, 40, 19, 50, 20, 48};
    const char *type = length ? memchr(types, m[0], sizeof types - 1) : NULL;
    bool book = length && m[0] && strchr("AFECXDU", m[0]);
    int locate;
    struct ref_order *o;
    if (!type) {
        ref.unknown_type++;
        return;
    }
    locate = length >= 3 ? wt_be16(m + 1) : 0;
    if ((int)length != lengths[type - types] || ((m[0] == 'A' || m[0] == 'F') && m[19] != 'B' && m[19] != 'S')) {
        ref.bad_length++;
        if (book && length < 3) {
            ref.channel_stale = true;
            for (int i = 1; i < LOCATES; i++)
                ref_stale(i);
        } else if (book && ref.bound[locate]) {
            ref_stale(locate);
        } else if (book) {
            ref.spoilt[locate] = true;
        }
        return;
    }
    if (locate == 0)
        return;
    if (!ref.bound[locate]) {
        if (m[0] != 'R' && m[0] != 'A' && m[0] != 'F')
            return;
        ref.bound[locate] = true;
        ref.stale[locate] = ref.channel_stale || ref.spoilt[locate];
    }
    if (ref.stale[locate] || !book)
        return;
    if (m[0] == 'A' || m[0] == 'F') {
        uint32_t shares = wt_be32(m + 20);
        if (shares == 0) {
            ref.zero_add++;
            return;
        }
        if ((o = ref_find(wt_be64(m + 11)))) {
            ref_senseless(locate, o->locate);
            return;
        }
        ref_insert(locate, wt_be64(m + 11), (char)m[19], shares, wt_be32(m + 32));
        return;
    }
    o = ref_find(wt_be64(m + 11));
    if (!o) {
        ref.unknown_ref++;
        return;
    }
    if (o->locate != locate) {
        ref_senseless(locate, o->locate);
        return;
    }
    if (m[0] == 'D') {
        ref_drop(o);
    } else if (m[0] == 'U') {
        struct ref_order old = *o, *live = ref_find(wt_be64(m + 19));
        if (wt_be32(m + 27) != 0 && live) {
            ref_senseless(locate, live->locate);
            return;
        }
        ref_drop(o);
        if (wt_be32(m + 27) != 0)
            ref_insert(locate, wt_be64(m + 19), old.side, wt_be32(m + 27), wt_be32(m + 31));
    } else { /* E C X */
        uint32_t shares = wt_be32(m + 19);
        if (shares > o->shares)
            ref.excess++;
        if (shares >= o->shares)
            ref_drop(o);
        else
            o->shares -= shares;
    }
}

/* ---------------------------------------------------------------- random streams */

static size_t draw(struct wt_random *r, uint8_t *m, unsigned trouble)
{
    static const char name[] = "ABCDEFGH";
    static unsigned fresh;
    uint16_t locate = (uint16_t)(1 + wt_random_below(r, LOCATES - 1));
    uint64_t number = 100 + wt_random_below(r, 40);
    uint32_t shares = 100 * (1 + (uint32_t)wt_random_below(r, 9)),
             price = 1000000 + 100 * (uint32_t)wt_random_below(r, 12);
    unsigned kind = (unsigned)wt_random_below(r, 100);
    bool odd = trouble && wt_random_below(r, trouble) == 0;
    size_t n;
    /* Each locate has references of its own, or streams would be stale after ten messages. */
    number = number * LOCATES + locate;
    if (odd && wt_random_below(r, 4) == 0)
        number = 100 * LOCATES + wt_random_below(r, 40 * LOCATES);
    if (odd && wt_random_below(r, 4) == 0)
        shares = wt_random_below(r, 2) ? 0 : 0xfffff000u;
    if (wt_random_below(r, 30) == 0)
        price = wt_random_below(r, 2) ? (wt_random_below(r, 2) ? 0 : 1) : 0xffffffffu - (uint32_t)wt_random_below(r, 2);
    if (kind < 50) {
        /* Unless there is to be trouble, do not add what is live: the slow book knows. */
        for (int tries = 0; !odd && ref_find(number) && tries < 60; tries++)
            number = (100 + wt_random_below(r, 200)) * LOCATES + locate;
        if (!odd && ref_find(number))
            return wt_itch_put_head(m, 'Y', locate, 5);
        n = wt_itch_put_add(m, locate, 7, number, wt_random_below(r, 2) ? 'B' : 'S', shares, name, price,
                            kind < 5 ? "MPID" : NULL);
        if (odd && wt_random_below(r, 12) == 0)
            m[19] = 'Z';
    } else if (kind < 72) {
        n = wt_itch_put_delete(m, locate, 7, number);
    } else if (kind < 80) {
        uint64_t other = (100 + wt_random_below(r, 200)) * LOCATES + locate;
        if (!odd && ref_find(other))
            other = (uint64_t)(1000 + ++fresh) * LOCATES + locate;
        n = wt_itch_put_replace(m, locate, 7, number, other, shares, price);
    } else if (kind < 87) {
        n = wt_itch_put_executed(m, locate, 7, number, shares / 3, 1);
    } else if (kind < 91) {
        n = wt_itch_put_executed_at(m, locate, 7, number, shares / 2, 1, true, price);
    } else if (kind < 96) {
        n = wt_itch_put_cancel(m, locate, 7, number, shares / 4);
    } else {
        n = wt_itch_put_head(m, WT_ITCH_TYPE_LIST[wt_random_below(r, 10)], locate, 7);
    }
    if (odd && wt_random_below(r, 15) == 0)
        n = wt_random_below(r, WT_ITCH_MAX + 1);
    if (odd && wt_random_below(r, 40) == 0)
        m[0] = (uint8_t)wt_random_below(r, 256);
    return n;
}

/* The order's place in the queue, and the levels before its own, by scanning all. */
static void compare_place(struct wt_twin *twin, const struct ref_order *o)
{
    struct wt_queue_place want = {.side = o->side, .price = o->price, .shares = o->shares}, got;
    struct wt_depth_level levels[64];
    want.symbol = wt_twin_by_locate(twin, (uint16_t)o->locate);
    want.level_shares = (uint32_t)ref_level(o->locate, o->side, o->price, &want.level_orders);
    for (const struct ref_order *x = ref.order; x < o; x++)
        if (x->locate == o->locate && x->side == o->side && x->price == o->price) {
            want.ahead_shares += x->shares;
            want.ahead_orders++;
        }
    size_t n = wt_twin_depth(twin, want.symbol, o->side, levels, 64);
    while (want.levels_better < n && levels[want.levels_better].price != o->price)
        want.levels_better++;
    assert_in_range(n, 1, 63); /* all of them */
    assert_true(wt_twin_place(twin, o->ref, &got));
    assert_int_equal(got.symbol, want.symbol);
    assert_int_equal(got.side, want.side);
    assert_int_equal(got.price, want.price);
    assert_int_equal(got.shares, want.shares);
    assert_int_equal(got.level_shares, want.level_shares);
    assert_int_equal(got.level_orders, want.level_orders);
    assert_int_equal(got.ahead_shares, want.ahead_shares);
    assert_int_equal(got.ahead_orders, want.ahead_orders);
    assert_int_equal(got.levels_better, want.levels_better);
    assert_int_equal(levels[want.levels_better].shares, want.level_shares);
    assert_int_equal(levels[want.levels_better].orders, want.level_orders);
    deepest = want.ahead_orders > deepest ? want.ahead_orders : deepest;
}

static void compare(struct wt_twin *twin, uint64_t seq)
{
    struct wt_twin_stats s;
    for (int locate = 1; locate < LOCATES; locate++) {
        uint16_t symbol = wt_twin_by_locate(twin, (uint16_t)locate);
        struct wt_bbo bbo;
        assert_int_equal(symbol != 0xffff, ref.bound[locate]);
        if (!ref.bound[locate])
            continue;
        if (wt_twin_valid(twin, symbol) == ref.stale[locate])
            fail_msg("message %llu, locate %d: valid %d", (unsigned long long)seq, locate, !ref.stale[locate]);
        wt_twin_bbo(twin, symbol, &bbo);
        for (int side = 0; side < 2; side++) {
            char letter = side ? 'S' : 'B';
            uint32_t price, orders, want_orders, levels = 0, seen = 0, last = 0;
            uint64_t shares;
            for (int i = 0; i < ref.orders; i++) /* distinct prices */
                if (ref.order[i].locate == locate && ref.order[i].side == letter) {
                    int first = 0;
                    while (ref.order[first].locate != locate || ref.order[first].side != letter ||
                           ref.order[first].price != ref.order[i].price)
                        first++;
                    levels += first == i;
                }
            for (; wt_twin_level(twin, symbol, letter, seen, &price, &shares, &orders); seen++) {
                uint64_t want = ref_level(locate, letter, price, &want_orders);
                if (shares != want || orders != want_orders || orders == 0)
                    fail_msg("message %llu, locate %d %c %u: %llu shares, expected %llu", (unsigned long long)seq,
                             locate, letter, price, (unsigned long long)shares, (unsigned long long)want);
                if (seen)
                    assert_true(side ? price > last : price < last);
                else
                    assert_true(side ? bbo.ask_price == price && bbo.ask_shares == shares && bbo.ask_orders == orders
                                     : bbo.bid_price == price && bbo.bid_shares == shares && bbo.bid_orders == orders);
                last = price;
            }
            assert_int_equal(seen, levels);
            if (!seen)
                assert_true(side ? !bbo.ask_price && !bbo.ask_shares && !bbo.ask_orders
                                 : !bbo.bid_price && !bbo.bid_shares && !bbo.bid_orders);
        }
    }
    wt_twin_stats(twin, &s);
    assert_int_equal(s.unknown_ref, ref.unknown_ref);
    assert_int_equal(s.excess, ref.excess);
    assert_int_equal(s.zero_add, ref.zero_add);
    assert_int_equal(s.senseless, ref.senseless);
    assert_int_equal(s.unknown_type, ref.unknown_type);
    assert_int_equal(s.bad_length, ref.bad_length);
}

static unsigned stream(uint64_t seed, unsigned messages, unsigned trouble)
{
    struct wt_twin_config config;
    struct wt_twin *twin;
    struct wt_random random;
    unsigned stale = 0;
    memset(&ref, 0, sizeof ref);
    wt_random_seed(&random, seed);
    wt_twin_defaults(&config);
    config.max_orders = MAX_ORDERS;
    config.first_orders = 8; /* doubles on the way */
    assert_int_equal(wt_twin_create(&config, &twin), 0);
    for (uint64_t seq = 1; seq <= messages; seq++) {
        uint8_t m[WT_ITCH_MAX + 1] = {0};
        size_t n = draw(&random, m, trouble);
        struct wt_twin_result result;
        struct wt_bbo before[LOCATES], after;
        for (uint16_t i = 0; i < LOCATES; i++)
            wt_twin_bbo(twin, i, &before[i]);
        wt_twin_message(twin, seq, m, n, &result);
        ref_apply(m, n);
        compare(twin, seq);
        if (ref.orders)
            compare_place(twin, &ref.order[wt_random_below(&random, (uint32_t)ref.orders)]);
        assert_false(wt_twin_place(twin, 0xdeadbeef00000000u + seq, &(struct wt_queue_place){0}));
        assert_int_equal(result.seq, seq);
        for (uint16_t i = 0; i < LOCATES; i++) {
            wt_twin_bbo(twin, i, &after);
            if (i == result.symbol && wt_twin_valid(twin, i)) {
                assert_int_equal(result.bbo_changed, memcmp(&before[i], &after, sizeof after) != 0);
                assert_memory_equal(&result.bbo, &after, sizeof after);
            } else if (wt_twin_valid(twin, i)) {
                assert_memory_equal(&before[i], &after, sizeof after);
            }
        }
    }
    for (int i = 1; i < LOCATES; i++)
        stale += ref.stale[i];
    wt_twin_destroy(twin);
    return stale;
}

static void test_sensible(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 20; seed++)
        assert_int_equal(stream(seed, 1500, 0), 0);
    assert_true(deepest >= 5); /* or the queues were no test */
}

static void test_troubled(void **state)
{
    unsigned stale = 0;
    (void)state;
    for (uint64_t seed = 1; seed <= 200; seed++)
        stale += stream(seed, 300, 20);
    /* The streams are no test of trouble if none, or nearly all, of the symbols went stale. */
    assert_in_range(stale, 100, 750);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sensible),
        cmocka_unit_test(test_troubled),
    };
    return cmocka_run_group_tests_name("market_random", tests, NULL, NULL);
}
