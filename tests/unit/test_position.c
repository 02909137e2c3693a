/* Position arithmetic: cases by hand, the identities on random fills to the last unit, and sums over symbols. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "host/trade/oms.h"
#include "host/trade/position.h"
#include "tests/unit/fake_link.h"

static void a_round_trip_realizes_the_difference(void **state)
{
    (void)state;
    struct wt_position p = {0};
    wt_position_fill(&p, 100, 100000);
    wt_position_fill(&p, 50, 130000);
    assert_int_equal(p.shares, 150);
    assert_int_equal(p.cost, 16500000);
    assert_int_equal(wt_position_average(&p), 110000);
    p.mark = 120000;
    assert_int_equal(wt_position_unrealized(&p), 1500000);
    wt_position_fill(&p, -150, 120000);
    assert_int_equal(p.realized, 1500000);
    assert_int_equal(p.cost, 0);
    assert_int_equal(wt_position_average(&p), 0);
}

static void a_short_realizes_the_other_way(void **state)
{
    (void)state;
    struct wt_position p = {0};
    wt_position_fill(&p, -100, 100000);
    assert_int_equal(p.cost, -10000000);
    p.mark = 90000;
    assert_int_equal(wt_position_unrealized(&p), 1000000);
    wt_position_fill(&p, 40, 90000);
    assert_int_equal(p.realized, 400000);
    assert_int_equal(p.shares, -60);
    assert_int_equal(wt_position_average(&p), 100000);
}

static void a_fill_through_zero_closes_and_opens(void **state)
{
    (void)state;
    struct wt_position p = {0};
    wt_position_fill(&p, 100, 100000);
    wt_position_fill(&p, -250, 110000);
    assert_int_equal(p.realized, 1000000);
    assert_int_equal(p.shares, -150);
    assert_int_equal(p.cost, -16500000);
}

static void the_remainder_of_an_average_stays(void **state)
{
    (void)state;
    struct wt_position p = {0};
    wt_position_fill(&p, 1, 10001);
    wt_position_fill(&p, 2, 10000); /* cost 30001 for 3: no whole average */
    wt_position_fill(&p, -1, 10000);
    assert_int_equal(p.realized, 0); /* 10000 of 30001 / 3 = 10000.33 taken out */
    assert_int_equal(p.cost, 20001);
    wt_position_fill(&p, -2, 10000);
    assert_int_equal(p.realized, -1); /* the one unit was never lost */
    assert_int_equal(p.cost, 0);
}

static void the_identities_hold_to_the_last_unit(void **state)
{
    (void)state;
    srand(3);
    for (int run = 0; run < 200; run++) {
        struct wt_position p = {0};
        int64_t cash = 0, shares = 0;
        for (int i = 0; i < 500; i++) {
            int64_t quantity = rand() % (run % 2 ? 7 : 999999) + 1;
            uint32_t price = (uint32_t)rand() % (run % 3 ? 30000 : 2000000000u) + 1;
            if (rand() % 2)
                quantity = -quantity;
            if (rand() % 8 == 0 && shares) /* often exactly flat */
                quantity = shares > 999999 || shares < -999999 ? quantity : -shares;
            wt_position_fill(&p, quantity, price);
            cash -= quantity * (int64_t)price;
            shares += quantity;
            p.mark = price;
            assert_int_equal(p.shares, shares);
            assert_int_equal(p.cash, cash);
            assert_int_equal(p.cash, p.realized - p.cost);
            assert_int_equal(p.realized + wt_position_unrealized(&p), cash + shares * (int64_t)price);
            assert_true(shares || p.cost == 0);
            assert_true(shares == 0 || p.cost == 0 || (p.cost > 0) == (shares > 0));
            assert_int_equal((int64_t)p.bought - (int64_t)p.sold, shares);
        }
    }
}

/* ---- over all symbols, by events ---- */

static struct fake_link link_;
static struct wt_loop *loop;
static struct wt_quotes *quotes;
static struct wt_positions *positions;
static struct wt_position_event last;
static unsigned published;

static void on_position(void *ctx, const struct wt_event *event)
{
    (void)ctx;
    last = event->position;
    published++;
}

static int setup(void **state)
{
    (void)state;
    published = 0;
    link_ = fake_link(1);
    if (wt_loop_create(&link_.link, &loop) || wt_quotes_create(loop, 4, &quotes) ||
        wt_positions_create(loop, quotes, 4, &positions))
        return -1;
    return wt_loop_subscribe(loop, WT_EVENT_POSITION, on_position, NULL);
}

static int teardown(void **state)
{
    (void)state;
    wt_positions_destroy(positions);
    wt_quotes_destroy(quotes);
    wt_loop_destroy(loop);
    return 0;
}

static void fill(wt_symbol symbol, enum wt_side side, int32_t shares, uint32_t price)
{
    struct wt_event e = {.type = WT_EVENT_ORDER,
                         .order = {.symbol = symbol, .side = side, .fill_shares = shares, .fill_price = price}};
    wt_loop_input(loop, &e);
    wt_loop_drain(loop);
}

static void bbo(wt_symbol symbol, uint32_t bid, uint32_t ask, unsigned flags)
{
    struct wt_event e = {.type = WT_EVENT_MARKET};
    e.market.bbo = (struct wt_ev_bbo){.head = {.kind = WT_RECORD_TYPE_BBO, .symbol = symbol, .flags = (uint16_t)flags},
                                      .bid_price = bid,
                                      .ask_price = ask};
    wt_loop_input(loop, &e);
    wt_loop_drain(loop);
}

static void print(wt_symbol symbol, uint32_t price)
{
    struct wt_event e = {.type = WT_EVENT_MARKET};
    e.market.trade = (struct wt_ev_trade){.head = {.kind = WT_RECORD_TYPE_TRADE, .symbol = symbol}, .price = price};
    wt_loop_input(loop, &e);
    wt_loop_drain(loop);
}

static void marks_and_sums_follow_the_market(void **state)
{
    (void)state;
    bbo(0, 100000, 100200, WT_EVF_VALID);
    bbo(1, 5000, 5100, WT_EVF_VALID);
    fill(0, WT_BUY, 100, 100200);
    fill(1, WT_SELL, 200, 5000);
    assert_int_equal(published, 2);
    assert_int_equal(last.symbol, 1);
    assert_int_equal(last.shares, -200);
    assert_int_equal(wt_positions_gross(positions), 100 * 100100 + 200 * 5050);
    assert_int_equal(wt_positions_unrealized(positions), -100 * 100 - 200 * 50);
    bbo(0, 101000, 101200, WT_EVF_VALID);
    assert_int_equal(wt_positions_unrealized(positions), 100 * 900 - 200 * 50);
    fill(0, WT_SELL, 100, 101000);
    assert_int_equal(wt_positions_realized(positions), 100 * 800);
    assert_int_equal(wt_positions_unrealized(positions), -200 * 50);
    assert_int_equal(wt_positions_gross(positions), 200 * 5050);
}

static void a_mark_is_never_a_stub_quote_or_a_stale_one(void **state)
{
    (void)state;
    bbo(0, 100000, 100200, WT_EVF_VALID);
    fill(0, WT_BUY, 100, 100200);
    bbo(0, 100, 1999999900, WT_EVF_VALID); /* stubs: their middle is nonsense */
    assert_int_equal(wt_positions_get(positions, 0)->mark, 100100);
    bbo(0, 50000, 50200, WT_EVF_STALE);
    assert_int_equal(wt_positions_get(positions, 0)->mark, 100100);
    print(0, 99000);
    assert_int_equal(wt_positions_get(positions, 0)->mark, 99000);
    print(0, 1999999900); /* the offer was emptied down to the stub: a print, and no value */
    assert_int_equal(wt_positions_get(positions, 0)->mark, 99000);
    print(0, 100);
    assert_int_equal(wt_positions_get(positions, 0)->mark, 99000);
    print(0, 49600); /* a crash is followed */
    assert_int_equal(wt_positions_get(positions, 0)->mark, 49600);
    print(0, 99000);
    assert_int_equal(wt_positions_get(positions, 0)->mark, 99000);
    print(0, 0xffffffffu);
    assert_int_equal(wt_positions_get(positions, 0)->mark, 99000);
}

static void a_broken_trade_gives_the_money_back(void **state)
{
    (void)state;
    fill(2, WT_BUY, 100, 30000);
    fill(2, WT_BUY, -100, 30000);
    assert_int_equal(wt_positions_get(positions, 2)->shares, 0);
    assert_int_equal(wt_positions_get(positions, 2)->cash, 0);
    assert_int_equal(wt_positions_realized(positions), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_round_trip_realizes_the_difference),
        cmocka_unit_test(a_short_realizes_the_other_way),
        cmocka_unit_test(a_fill_through_zero_closes_and_opens),
        cmocka_unit_test(the_remainder_of_an_average_stays),
        cmocka_unit_test(the_identities_hold_to_the_last_unit),
        cmocka_unit_test_setup_teardown(marks_and_sums_follow_the_market, setup, teardown),
        cmocka_unit_test_setup_teardown(a_mark_is_never_a_stub_quote_or_a_stale_one, setup, teardown),
        cmocka_unit_test_setup_teardown(a_broken_trade_gives_the_money_back, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
