/* Own orders in the queue: exact when the feed shows them, bounded when it does not, refused when nothing is known. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>
#include <errno.h>

#include "host/market/itch_put.h"
#include "host/strategy/places.h"
#include "tests/unit/trade_bench.h"

static struct trade_bench t;
static struct wt_twin *twin;
static struct wt_places *places;
static uint64_t seq;

static void message(const uint8_t *m, size_t length)
{
    struct wt_twin_result result;
    wt_twin_message(twin, ++seq, m, length, &result);
}

static void add(uint64_t ref, char side, uint32_t shares, uint32_t price)
{
    uint8_t m[64];
    message(m, wt_itch_put_add(m, 1, 1000 + seq, ref, side, shares, "S0      ", price, NULL));
}

static void executed(uint64_t ref, uint32_t shares)
{
    uint8_t m[64];
    message(m, wt_itch_put_executed(m, 1, 9, ref, shares, 77));
}

static void deleted(uint64_t ref)
{
    uint8_t m[64];
    message(m, wt_itch_put_delete(m, 1, 9, ref));
}

static int setup(void **state)
{
    struct wt_twin_config config;
    (void)state;
    static const struct wt_risk_limits limits = {.collar_bps = WT_NO_COLLAR};
    bench_build(&t, &(struct wt_risk_config){.firm = &limits});
    wt_twin_defaults(&config);
    config.max_orders = 1000;
    assert_int_equal(wt_twin_create(&config, &twin), 0);
    assert_int_equal(wt_places_create(t.loop, twin, t.oms, 1000, &places), -EINVAL);
    assert_int_equal(wt_places_create(t.loop, twin, t.oms, 1024, &places), 0);
    seq = 0;
    add(1, 'B', 300, 1000000);
    add(2, 'B', 200, 999900);
    add(3, 'B', 50, 999900);
    add(4, 'S', 100, 1000100);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    bench_destroy(&t);
    wt_places_destroy(places);
    wt_twin_destroy(twin);
    return 0;
}

static uint32_t bid(uint64_t ref)
{
    int64_t id = bench_words(&t, 0, "B 100 9999 0");
    assert_true(id > 0);
    bench_report(&t,
                 (struct wt_exec_report){
                     .type = WT_EXEC_ACCEPTED, .id = (uint32_t)id, .shares = 100, .price = 999900, .venue_ref = ref});
    return (uint32_t)id;
}

static void expect(uint32_t id, uint64_t ahead, uint32_t orders, uint32_t level, bool exact)
{
    struct wt_queue_view v;
    assert_int_equal(wt_places_queue(places, id, &v), 0);
    assert_int_equal(v.ahead_shares, ahead);
    assert_int_equal(v.ahead_orders, orders);
    assert_int_equal(v.level_shares, level);
    assert_int_equal(v.exact, exact);
}

static void levels_are_those_of_the_book(void **state)
{
    struct wt_depth_level l[4];
    (void)state;
    assert_int_equal(wt_places_depth(places, 0, WT_BUY, l, 4), 2);
    assert_int_equal(l[0].price, 1000000);
    assert_int_equal(l[1].price, 999900);
    assert_int_equal(l[1].shares, 250);
    assert_int_equal(l[1].orders, 2);
    assert_int_equal(wt_places_depth(places, 0, WT_BUY, l, 1), 1);
    assert_int_equal(wt_places_depth(places, 0, WT_SELL, l, 4), 1);
    assert_int_equal(wt_places_depth(places, 5, WT_SELL, l, 4), 0);
    wt_twin_set_stale(twin, 0);
    assert_int_equal(wt_places_depth(places, 0, WT_BUY, l, 4), 0);
}

static void an_order_that_the_feed_shows_has_an_exact_place(void **state)
{
    (void)state;
    uint32_t id = bid(9);
    expect(id, 250, 2, 250, false); /* the venue was faster than the feed */
    add(9, 'B', 100, 999900);
    expect(id, 250, 2, 350, true);
    add(10, 'B', 500, 999900); /* behind it */
    expect(id, 250, 2, 850, true);
    executed(2, 150);
    expect(id, 100, 2, 700, true);
    deleted(2);
    expect(id, 50, 1, 650, true);
    deleted(10); /* from behind */
    expect(id, 50, 1, 150, true);
    deleted(3);
    expect(id, 0, 0, 100, true);
}

/* The venue gives it another place, and another price: from then on the new reference is ours. */
static void an_order_that_is_moved_is_followed(void **state)
{
    (void)state;
    uint32_t id = bid(9);
    add(9, 'B', 100, 999900);
    add(10, 'B', 500, 999900);
    expect(id, 250, 2, 850, true);
    struct wt_exec_report moved = {.type = WT_EXEC_PRIORITY, .id = id, .price = 999900, .venue_ref = 11};
    bench_report(&t, moved);
    expect(id, 850, 4, 850, false); /* the feed does not show it yet */
    deleted(9);
    add(11, 'B', 100, 999900);
    expect(id, 750, 3, 850, true);
    moved.price = 999800;
    moved.venue_ref = 12;
    bench_report(&t, moved);
    assert_int_equal(wt_oms_find(t.oms, id)->price, 999800);
    deleted(11);
    add(12, 'B', 100, 999800);
    expect(id, 0, 0, 100, true);
}

static void an_order_that_it_does_not_show_has_a_bound(void **state)
{
    (void)state;
    uint32_t id = bid(1ull << 63);
    expect(id, 250, 2, 250, false);
    add(10, 'B', 500, 999900); /* came later: not ahead */
    expect(id, 250, 3, 750, false);
    deleted(2);
    deleted(10);
    expect(id, 50, 1, 50, false); /* never more than is there */
    deleted(3);
    expect(id, 0, 0, 0, false);
    add(11, 'B', 40, 999900);
    expect(id, 40, 1, 40, false); /* a bound: it may have come behind */
}

static void what_is_not_known_is_refused(void **state)
{
    struct wt_queue_view v;
    (void)state;
    assert_int_equal(wt_places_queue(places, 0, &v), -ENOENT);
    assert_int_equal(wt_places_queue(places, 7, &v), -ENOENT);
    int64_t pending = bench_words(&t, 0, "B 100 9999 0");
    assert_int_equal(wt_places_queue(places, (uint32_t)pending, &v), -ENOENT); /* the venue has not answered */
    uint32_t id = bid(9);
    add(9, 'B', 100, 999900);
    wt_twin_set_stale(twin, 0);
    assert_int_equal(wt_places_queue(places, id, &v), -ESTALE);
    bench_canceled(&t, id, 100);
    assert_int_equal(wt_places_queue(places, id, &v), -ENOENT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(levels_are_those_of_the_book, setup, teardown),
        cmocka_unit_test_setup_teardown(an_order_that_the_feed_shows_has_an_exact_place, setup, teardown),
        cmocka_unit_test_setup_teardown(an_order_that_is_moved_is_followed, setup, teardown),
        cmocka_unit_test_setup_teardown(an_order_that_it_does_not_show_has_a_bound, setup, teardown),
        cmocka_unit_test_setup_teardown(what_is_not_known_is_refused, setup, teardown),
    };
    return cmocka_run_group_tests_name("strategy_places", tests, NULL, NULL);
}
