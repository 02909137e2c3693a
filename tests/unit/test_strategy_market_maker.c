/* The market maker against a made-up host: where it quotes, when it moves, when it keeps still. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "host/strategy/registry.h"
#include "host/trade/oms.h"
#include "host/trade/risk.h"

static struct wt_signal signals[64];
static unsigned count;
static int64_t position, answer;
static uint32_t next_id;
static const struct wt_strategy *maker;
static void *self;

static int64_t fake_signal(void *ctx, const struct wt_signal *s)
{
    (void)ctx;
    if (count < 64)
        signals[count] = *s;
    count++;
    if (answer && s->kind != WT_SIGNAL_CANCEL)
        return answer;
    return s->kind == WT_SIGNAL_CANCEL ? 0 : next_id++;
}

static const int64_t *fake_position(void *ctx, wt_symbol symbol)
{
    (void)ctx;
    (void)symbol;
    return &position;
}

static int fake_timer(void *ctx, uint32_t id, uint64_t delay)
{
    (void)ctx;
    (void)id;
    (void)delay;
    return 0;
}

static uint64_t fake_now(void *ctx)
{
    (void)ctx;
    return 0;
}

static const struct wt_param params[] = {{"size", 100},         {"half_spread_bps", 5}, {"skew_bps", 10},
                                         {"max_position", 300}, {"requote_ticks", 2},   {"fair", 0}};

static int setup(void **state)
{
    (void)state;
    const struct wt_strategy_host host = {NULL, fake_signal, fake_position, fake_timer, fake_now, NULL, NULL};
    count = 0;
    position = answer = 0;
    next_id = 1;
    maker = wt_strategy_find("market_maker");
    assert_non_null(maker);
    self = maker->create(&host, params, sizeof params / sizeof params[0]);
    return self ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    maker->destroy(self);
    return 0;
}

static void quote_sized(uint32_t bid, uint32_t bid_shares, uint32_t ask, uint32_t ask_shares)
{
    struct wt_quote q = {bid, bid_shares, ask, ask_shares, true};
    count = 0;
    maker->on_quote(self, 3, &q);
}

static void quote(uint32_t bid, uint32_t ask)
{
    quote_sized(bid, 100, ask, 100);
}

static void invalid(void)
{
    struct wt_quote q = {1000000, 100, 1001000, 100, false};
    count = 0;
    maker->on_quote(self, 3, &q);
}

static void order(uint32_t id, enum wt_side side, enum wt_order_state state, uint32_t price, uint32_t open)
{
    struct wt_order_view v = {id, 3, side, (uint8_t)state, price, open, 0};
    count = 0;
    maker->on_order(self, &v);
}

static void expect(unsigned i, unsigned kind, enum wt_side side, uint32_t price)
{
    assert_true(i < count);
    assert_int_equal(signals[i].kind, kind);
    if (kind == WT_SIGNAL_CANCEL)
        return;
    assert_int_equal(signals[i].symbol, 3);
    assert_int_equal(signals[i].side, side);
    assert_int_equal(signals[i].price, price);
    assert_int_equal(signals[i].shares, 100);
}

/* Both quotes live: bid 1 and ask 2, or the other way round. */
static void live(uint32_t bid, uint32_t ask)
{
    quote(bid, ask);
    assert_int_equal(count, 2);
    struct wt_signal a = signals[0], b = signals[1];
    order(1, a.side, WT_ORDER_LIVE, a.price, 100);
    assert_int_equal(count, 0);
    order(2, b.side, WT_ORDER_LIVE, b.price, 100);
    assert_int_equal(count, 0);
}

static uint32_t bid_id(void)
{
    return 2; /* the first fair value is a rise: the offer goes first */
}

static uint32_t ask_id(void)
{
    return 1;
}

static void quotes_both_sides_around_the_middle(void **state)
{
    (void)state;
    quote(999000, 1001000); /* mid 1000000; 5 bps: 500 */
    assert_int_equal(count, 2);
    expect(0, WT_SIGNAL_ENTER, WT_SELL, 1000500);
    expect(1, WT_SIGNAL_ENTER, WT_BUY, 999500);
    quote(999000, 1001000); /* answers are under way: nothing more */
    assert_int_equal(count, 0);
}

static void rounds_away_from_the_middle_and_never_crosses(void **state)
{
    (void)state;
    quote(1000000, 1000200); /* mid 1000100, 500.05 away: beyond the touch, on the cent */
    expect(0, WT_SIGNAL_ENTER, WT_SELL, 1000700);
    expect(1, WT_SIGNAL_ENTER, WT_BUY, 999500);
    teardown(state);
    setup(state);
    position = -200; /* leaning up 20 bps would take the bid through the offer */
    quote(1000000, 1000200);
    expect(0, WT_SIGNAL_ENTER, WT_SELL, 1002700);
    expect(1, WT_SIGNAL_ENTER, WT_BUY, 1000100);
}

static void leans_against_its_inventory(void **state)
{
    (void)state;
    position = 100;          /* long 100: 10 bps down */
    quote(1000000, 1010000); /* mid 1005000, center 1003995 */
    expect(0, WT_SIGNAL_ENTER, WT_SELL, 1004500);
    expect(1, WT_SIGNAL_ENTER, WT_BUY, 1003400);
}

static void follows_the_micro_price(void **state)
{
    const struct wt_param micro[] = {{"size", 100}, {"half_spread_bps", 0}, {"skew_bps", 0}, {"fair", 1}};
    const struct wt_strategy_host host = {NULL, fake_signal, fake_position, fake_timer, fake_now, NULL, NULL};
    teardown(state);
    self = maker->create(&host, micro, 4);
    quote_sized(1000000, 900, 1010000, 100); /* nine tenths bid: fair 1009000 */
    expect(0, WT_SIGNAL_ENTER, WT_SELL, 1009000);
    expect(1, WT_SIGNAL_ENTER, WT_BUY, 1008900); /* not into its own offer */
}

static void uses_the_fine_tick_below_a_dollar(void **state)
{
    (void)state;
    quote(5000, 5010);
    expect(0, WT_SIGNAL_ENTER, WT_SELL, 5008); /* 5005 + 2.5, up */
    expect(1, WT_SIGNAL_ENTER, WT_BUY, 5002);
}

static void moves_only_beyond_the_threshold(void **state)
{
    (void)state;
    live(999000, 1001000);
    quote(999100, 1001000); /* 50 higher: on the cent, bid stays, ask one tick */
    assert_int_equal(count, 0);
    quote(999400, 1001400); /* 400 higher */
    assert_int_equal(count, 2);
    expect(0, WT_SIGNAL_REPLACE, WT_SELL, 1001000); /* the offer first: the market rises */
    assert_int_equal(signals[0].order, ask_id());
    expect(1, WT_SIGNAL_REPLACE, WT_BUY, 999800);
    assert_int_equal(signals[1].order, bid_id());
    quote(999800, 1001800); /* pending: waits */
    assert_int_equal(count, 0);
    order(3, WT_SELL, WT_ORDER_LIVE, 1001000, 100); /* and then catches up */
    assert_int_equal(count, 1);
    expect(0, WT_SIGNAL_REPLACE, WT_SELL, 1001400);
}

static void the_bid_moves_first_when_the_market_falls(void **state)
{
    (void)state;
    live(1000000, 1002000);
    quote(999000, 1001000);
    expect(0, WT_SIGNAL_REPLACE, WT_BUY, 999500);
    expect(1, WT_SIGNAL_REPLACE, WT_SELL, 1000500);
}

static void takes_its_quotes_off_when_it_cannot_see(void **state)
{
    (void)state;
    live(1000000, 1002000);
    invalid();
    assert_int_equal(count, 2);
    expect(0, WT_SIGNAL_CANCEL, WT_BUY, 0);
    expect(1, WT_SIGNAL_CANCEL, WT_SELL, 0);
    order(bid_id(), WT_BUY, WT_ORDER_CANCELED, 0, 0);
    order(ask_id(), WT_SELL, WT_ORDER_CANCELED, 0, 0);
    invalid();
    assert_int_equal(count, 0);
    quote(1000000, 1002000);
    assert_int_equal(count, 2);
}

static void keeps_still_in_a_market_that_is_no_market(void **state)
{
    (void)state;
    quote(0, 1002000);
    assert_int_equal(count, 0);
    quote(1000000, 0);
    assert_int_equal(count, 0);
    quote(100, 1999999900); /* stub quotes: too wide */
    assert_int_equal(count, 0);
    quote(1002000, 1000000); /* crossed */
    assert_int_equal(count, 0);
    quote(0xffffffffu, 0xffffffffu);
    assert_int_equal(count, 0);
}

static void respects_a_halt(void **state)
{
    (void)state;
    live(1000000, 1002000);
    count = 0;
    maker->on_state(self, 3, 'H');
    assert_int_equal(count, 2);
    expect(0, WT_SIGNAL_CANCEL, WT_BUY, 0);
    order(bid_id(), WT_BUY, WT_ORDER_CANCELED, 0, 0);
    order(ask_id(), WT_SELL, WT_ORDER_CANCELED, 0, 0);
    quote(1000000, 1002000);
    assert_int_equal(count, 0);
    count = 0;
    maker->on_state(self, 3, 'T');
    assert_int_equal(count, 2);
}

static void stops_the_side_that_would_pass_its_maximum(void **state)
{
    (void)state;
    position = 201; /* 201 + 100 > 300 */
    quote(1000000, 1010000);
    assert_int_equal(count, 1);
    assert_int_equal(signals[0].side, WT_SELL);
}

static void a_fill_brings_a_new_quote_and_leans_the_other(void **state)
{
    (void)state;
    live(1000000, 1010000);
    position = 100;
    struct wt_order_view filled = {bid_id(), 3, WT_BUY, WT_ORDER_FILLED, 1004400, 0, 100};
    count = 0;
    maker->on_fill(self, &filled, 1004400, 100);
    expect(0, WT_SIGNAL_REPLACE, WT_SELL, 1004500);
    order(bid_id(), WT_BUY, WT_ORDER_FILLED, 1004400, 0);
    assert_int_equal(count, 1);
    expect(0, WT_SIGNAL_ENTER, WT_BUY, 1003400);
}

static void a_rejected_replacement_gives_the_original_back(void **state)
{
    (void)state;
    live(999000, 1001000);
    quote(1001000, 1003000);
    expect(1, WT_SIGNAL_REPLACE, WT_BUY, 1001400);
    /* The OMS tells of the original first. It is still off: replaced again, not entered twice. */
    order(bid_id(), WT_BUY, WT_ORDER_LIVE, 999500, 100);
    assert_int_equal(count, 1);
    expect(0, WT_SIGNAL_REPLACE, WT_BUY, 1001400);
    assert_int_equal(signals[0].order, bid_id());
    order(4, WT_BUY, WT_ORDER_REJECTED, 1001400, 0);
    assert_int_equal(count, 0);
}

static void news_of_an_order_it_does_not_hold_changes_nothing(void **state)
{
    (void)state;
    live(999000, 1001000);
    order(77, WT_BUY, WT_ORDER_LIVE, 990000, 100);
    assert_int_equal(count, 0);
    quote(1001000, 1003000);
    expect(1, WT_SIGNAL_REPLACE, WT_BUY, 1001400);
    assert_int_equal(signals[1].order, bid_id());
}

static void a_refused_replace_takes_the_quote_off(void **state)
{
    (void)state;
    live(1000000, 1002000);
    answer = -1;
    quote(999000, 1001000);
    assert_int_equal(count, 4);
    expect(0, WT_SIGNAL_REPLACE, WT_BUY, 999500);
    expect(1, WT_SIGNAL_CANCEL, WT_BUY, 0);
    expect(3, WT_SIGNAL_CANCEL, WT_SELL, 0);
}

static void a_reject_is_not_answered_by_the_same_order_at_once(void **state)
{
    (void)state;
    quote(1000000, 1002000);
    order(1, WT_SELL, WT_ORDER_REJECTED, 1001500, 0);
    assert_int_equal(count, 0);
    quote(1000000, 1002000);
    assert_int_equal(count, 1);
}

/* Whatever the market does, what it sends is a legal order that does not cross the market or itself. */
static void never_sends_what_risk_would_call_bad(void **state)
{
    (void)state;
    srand(11);
    uint32_t price[2] = {0, 0}, id[2] = {0, 0};
    for (int i = 0; i < 20000; i++) {
        uint32_t bid = (uint32_t)rand() % (i % 2 ? 2000000 : 20000) + 1;
        uint32_t ask = bid + (uint32_t)rand() % 300 + 1;
        position = rand() % 600 - 300;
        quote(bid, ask);
        unsigned n = count;
        struct wt_signal mine[8];
        for (unsigned k = 0; k < n && k < 8; k++)
            mine[k] = signals[k];
        for (unsigned k = 0; k < n; k++) {
            int side = mine[k].side == WT_SELL;
            if (mine[k].kind == WT_SIGNAL_CANCEL) {
                side = id[1] == mine[k].order;
                order(mine[k].order, side ? WT_SELL : WT_BUY, WT_ORDER_CANCELED, 0, 0);
                id[side] = price[side] = 0;
                continue;
            }
            assert_int_equal(mine[k].price % wt_tick(mine[k].price), 0);
            assert_true(mine[k].price > 0 && mine[k].price <= WT_MAX_PRICE);
            assert_true(side ? mine[k].price > bid : mine[k].price < ask);
            price[side] = mine[k].price;
        }
        /* All answers come before the next quote. Ids were given in the order of sending; cancels have none. */
        uint32_t given = next_id;
        for (unsigned k = n; k-- > 0;) {
            if (mine[k].kind == WT_SIGNAL_CANCEL)
                continue;
            id[mine[k].side == WT_SELL] = --given;
        }
        for (int side = 0; side < 2; side++)
            if (id[side])
                order(id[side], side ? WT_SELL : WT_BUY, WT_ORDER_LIVE, price[side], 100);
        if (price[0] && price[1])
            assert_true(price[0] < price[1]);
    }
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(quotes_both_sides_around_the_middle),
        TEST(rounds_away_from_the_middle_and_never_crosses),
        TEST(leans_against_its_inventory),
        TEST(follows_the_micro_price),
        TEST(uses_the_fine_tick_below_a_dollar),
        TEST(moves_only_beyond_the_threshold),
        TEST(the_bid_moves_first_when_the_market_falls),
        TEST(takes_its_quotes_off_when_it_cannot_see),
        TEST(keeps_still_in_a_market_that_is_no_market),
        TEST(respects_a_halt),
        TEST(stops_the_side_that_would_pass_its_maximum),
        TEST(a_fill_brings_a_new_quote_and_leans_the_other),
        TEST(a_rejected_replacement_gives_the_original_back),
        TEST(news_of_an_order_it_does_not_hold_changes_nothing),
        TEST(a_refused_replace_takes_the_quote_off),
        TEST(a_reject_is_not_answered_by_the_same_order_at_once),
        TEST(never_sends_what_risk_would_call_bad),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
