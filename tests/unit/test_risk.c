/* Each limit just inside and just outside; reducing orders; the kill switch; the order of the limits. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "host/trade/desk.h"
#include "tests/unit/fake_link.h"

static struct fake_link link_;
static struct wt_loop *loop;
static struct wt_quotes *quotes;
static struct wt_positions *positions;
static struct wt_oms *oms;
static struct wt_risk *risk;
static struct wt_desk *desk;
static struct wt_risk_limits limits;
static struct wt_verdict verdict;
static unsigned verdicts, kills, gateway_alerts, requests, cancels;
static uint64_t match;

static int fake_send(void *ctx, const struct wt_order_request *request)
{
    (void)ctx;
    requests++;
    cancels += request->kind == WT_REQUEST_CANCEL;
    return 0;
}

static void on_verdict(void *ctx, const struct wt_event *event)
{
    (void)ctx;
    verdict = event->verdict;
    verdicts++;
}

static void on_alert(void *ctx, const struct wt_event *event)
{
    (void)ctx;
    kills += event->alert.kind == WT_ALERT_KILL;
    gateway_alerts += event->alert.kind == WT_ALERT_GATEWAY;
}

static void input(struct wt_event event)
{
    wt_loop_input(loop, &event);
    wt_loop_drain(loop);
}

static void bbo(wt_symbol symbol, uint32_t bid, uint32_t ask, unsigned flags)
{
    struct wt_event e = {.type = WT_EVENT_MARKET};
    e.market.bbo = (struct wt_ev_bbo){.head = {.kind = WT_RECORD_TYPE_BBO, .symbol = symbol, .flags = (uint16_t)flags},
                                      .bid_price = bid,
                                      .bid_shares = bid ? 100 : 0,
                                      .ask_price = ask,
                                      .ask_shares = ask ? 100 : 0};
    input(e);
}

static void bind(wt_symbol symbol, const char *name)
{
    struct wt_event e = {.type = WT_EVENT_MARKET};
    e.market.symbol =
        (struct wt_ev_symbol){.head = {.kind = WT_RECORD_TYPE_SYMBOL, .symbol = symbol}, .state = WT_BOOK_STATE_VALID};
    memcpy(e.market.symbol.name, name, 8);
    input(e);
}

static void trading(wt_symbol symbol, char state)
{
    struct wt_event e = {.type = WT_EVENT_MARKET};
    e.market.state =
        (struct wt_ev_state){.head = {.kind = WT_RECORD_TYPE_TRADING_STATE, .symbol = symbol}, .state = (uint8_t)state};
    input(e);
}

static void gateway(enum wt_gateway_state state)
{
    input((struct wt_event){.type = WT_EVENT_GATEWAY, .gateway = {state}});
}

static void build(void)
{
    const struct wt_oms_config config = {.orders = 256, .fills = 256, .symbols = 4};
    link_ = fake_link(1000000000);
    verdicts = kills = gateway_alerts = requests = cancels = 0;
    match = 0;
    assert_int_equal(wt_loop_create(&link_.link, &loop), 0);
    assert_int_equal(wt_quotes_create(loop, 4, &quotes), 0);
    assert_int_equal(wt_positions_create(loop, quotes, 4, &positions), 0);
    assert_int_equal(wt_oms_create(&config, loop, (struct wt_order_sink){NULL, fake_send}, &oms), 0);
    assert_int_equal(wt_risk_create(&limits, loop, quotes, positions, oms, &risk), 0);
    assert_int_equal(wt_desk_create(loop, quotes, risk, oms, &desk), 0);
    wt_loop_subscribe(loop, WT_EVENT_VERDICT, on_verdict, NULL);
    wt_loop_subscribe(loop, WT_EVENT_RISK_ALERT, on_alert, NULL);
    gateway(WT_GATEWAY_UP);
    for (wt_symbol s = 0; s < 3; s++) {
        bind(s, s == 0 ? "ACME    " : s == 1 ? "BOLT    " : "CRUX    ");
        bbo(s, 1000000, 1000200, WT_EVF_VALID); /* $100.00 to $100.02 */
    }
}

static int teardown(void **state)
{
    (void)state;
    wt_desk_destroy(desk);
    wt_risk_destroy(risk);
    wt_oms_destroy(oms);
    wt_positions_destroy(positions);
    wt_quotes_destroy(quotes);
    wt_loop_destroy(loop);
    return 0;
}

static int setup(void **state)
{
    (void)state;
    limits = (struct wt_risk_limits){.max_order_shares = 1000,
                                     .max_order_notional = 1000 * 1001000ll,
                                     .max_position = 2000,
                                     .max_gross_notional = 10000 * 1000000ll,
                                     .collar_bps = 100,
                                     .max_open_symbol = 100,
                                     .max_open_total = 100,
                                     .orders_per_second = 1000,
                                     .burst = 100,
                                     .max_quote_age_ns = 0,
                                     .max_loss = 0};
    build();
    return 0;
}

/* For a limit of its own: build again. */
static void again(void)
{
    teardown(NULL);
    build();
}

static int64_t signal_(struct wt_signal s)
{
    int64_t rc = wt_desk_signal(desk, &s, 0);
    wt_loop_drain(loop);
    return rc;
}

static int64_t order(wt_symbol symbol, enum wt_side side, uint32_t shares, uint32_t price)
{
    return signal_((struct wt_signal){WT_SIGNAL_ENTER, 0, symbol, side, WT_TIF_DAY, shares, price});
}

static int64_t replace(uint32_t id, uint32_t shares, uint32_t price)
{
    return signal_((struct wt_signal){WT_SIGNAL_REPLACE, id, 0, WT_BUY, WT_TIF_DAY, shares, price});
}

static void accepted(uint32_t id)
{
    const struct wt_order *o = wt_oms_find(oms, id);
    input((struct wt_event){.type = WT_EVENT_EXEC,
                            .exec = {.type = WT_EXEC_ACCEPTED, .id = id, .shares = o->open, .price = o->price}});
}

static void filled(uint32_t id, uint32_t shares, uint32_t price)
{
    input((struct wt_event){
        .type = WT_EVENT_EXEC,
        .exec = {.type = WT_EXEC_EXECUTED, .id = id, .shares = shares, .price = price, .match = ++match}});
}

/* Get a position by trading. */
static void take(wt_symbol symbol, enum wt_side side, uint32_t shares)
{
    int64_t id = order(symbol, side, shares, side == WT_BUY ? 1000200 : 1000000);
    assert_true(id > 0);
    accepted((uint32_t)id);
    filled((uint32_t)id, shares, side == WT_BUY ? 1000200 : 1000000);
}

#define REFUSED(call, by)                                                                                              \
    do {                                                                                                               \
        unsigned before = requests;                                                                                    \
        assert_int_equal((call), -EPERM);                                                                              \
        assert_string_equal(wt_limit_name(verdict.limit), wt_limit_name(by));                                          \
        assert_int_equal(requests, before);                                                                            \
    } while (0)
#define PASSED(call)                                                                                                   \
    do {                                                                                                               \
        unsigned before = requests;                                                                                    \
        assert_true((call) > 0);                                                                                       \
        assert_int_equal(verdict.limit, WT_LIMIT_NONE);                                                                \
        assert_int_equal(requests, before + 1);                                                                        \
    } while (0)

static void order_size(void **state)
{
    (void)state;
    PASSED(order(0, WT_BUY, 1000, 1000000));
    REFUSED(order(0, WT_BUY, 1001, 10000), WT_LIMIT_ORDER_SHARES);
    assert_int_equal(verdict.value, 1001);
    assert_int_equal(verdict.bound, 1000);
}

static void order_notional(void **state)
{
    (void)state;
    limits.max_order_notional = 100 * 1000000;
    again();
    PASSED(order(0, WT_BUY, 100, 1000000));
    REFUSED(order(0, WT_BUY, 100, 1000100), WT_LIMIT_ORDER_NOTIONAL);
    REFUSED(order(0, WT_BUY, 101, 1000000), WT_LIMIT_ORDER_NOTIONAL);
}

static void position_with_working_orders(void **state)
{
    (void)state;
    take(0, WT_BUY, 1000);
    PASSED(order(0, WT_BUY, 900, 1000000));
    REFUSED(order(0, WT_BUY, 101, 1000000), WT_LIMIT_POSITION);
    assert_int_equal(verdict.value, 2001);
    PASSED(order(0, WT_BUY, 100, 1000000)); /* 1000 held, 1000 working: the limit */
    /* The other side counts for itself: from +1000 to -2000 it takes 3000. */
    for (int i = 0; i < 3; i++)
        PASSED(order(0, WT_SELL, 1000, 1000200));
    REFUSED(order(0, WT_SELL, 1, 1000200), WT_LIMIT_POSITION);
    PASSED(order(1, WT_BUY, 1000, 1000000)); /* another symbol has its own */
}

static void a_replace_counts_the_larger_of_the_two(void **state)
{
    (void)state;
    limits.max_position = 300;
    again();
    int64_t id = order(0, WT_BUY, 200, 1000000);
    accepted((uint32_t)id);
    REFUSED(replace((uint32_t)id, 301, 1000000), WT_LIMIT_POSITION);
    PASSED(replace((uint32_t)id, 300, 1000000));
    /* Until the venue answers, 300 may fill: nothing more. */
    REFUSED(order(0, WT_BUY, 1, 1000000), WT_LIMIT_POSITION);
}

static void two_signals_of_one_callback_are_both_counted(void **state)
{
    (void)state;
    struct wt_signal s = {WT_SIGNAL_ENTER, 0, 0, WT_BUY, WT_TIF_DAY, 1000, 1000000};
    assert_true(wt_desk_signal(desk, &s, 0) > 0); /* no event handled in between */
    assert_true(wt_desk_signal(desk, &s, 0) > 0);
    assert_int_equal(wt_desk_signal(desk, &s, 0), -EPERM);
    wt_loop_drain(loop);
    assert_int_equal(verdict.limit, WT_LIMIT_POSITION);
}

static void gross_notional(void **state)
{
    (void)state;
    limits.max_gross_notional = 1000 * 1000100ll + 500 * 1000000ll; /* marked at the mid */
    again();
    take(0, WT_BUY, 1000);
    PASSED(order(1, WT_SELL, 499, 1001000));
    REFUSED(order(2, WT_BUY, 1, 1000100), WT_LIMIT_GROSS_NOTIONAL);
    PASSED(order(2, WT_BUY, 1, 500000)); /* 499 * 1001000 + 500000 = 499,999,000 */
}

static void collar(void **state)
{
    (void)state;
    limits.max_order_notional = INT64_MAX;
    again();
    /* 100 bps above 1000200 is 1010202; below 1000000 is 990000. */
    PASSED(order(0, WT_BUY, 1, 1010200));
    REFUSED(order(0, WT_BUY, 1, 1010300), WT_LIMIT_COLLAR);
    assert_int_equal(verdict.bound, 1010202);
    PASSED(order(0, WT_SELL, 1, 990000));
    REFUSED(order(0, WT_SELL, 1, 989900), WT_LIMIT_COLLAR);
    PASSED(order(0, WT_BUY, 1, 100)); /* far away is passive: no matter */
    bbo(0, 1000000, 0, WT_EVF_VALID); /* no offer: against the bid */
    PASSED(order(0, WT_BUY, 1, 1010000));
    REFUSED(order(0, WT_BUY, 1, 1010100), WT_LIMIT_COLLAR);
}

static void quotes_that_cannot_be_traded_on(void **state)
{
    (void)state;
    bbo(0, 1000000, 1000200, WT_EVF_STALE);
    REFUSED(order(0, WT_BUY, 1, 1000000), WT_LIMIT_QUOTE);
    bbo(0, 0, 0, WT_EVF_VALID);
    REFUSED(order(0, WT_BUY, 1, 1000000), WT_LIMIT_QUOTE);
    REFUSED(order(3, WT_BUY, 1, 1000000), WT_LIMIT_QUOTE); /* never bound */
    bbo(0, 1000000, 1000200, WT_EVF_VALID);
    PASSED(order(0, WT_BUY, 1, 1000000));
    struct wt_event gap = {.type = WT_EVENT_MARKET};
    gap.market.gap = (struct wt_ev_gap){.head = {.kind = WT_RECORD_TYPE_GAP, .symbol = WT_SYMBOL_NONE}};
    input(gap);
    REFUSED(order(0, WT_BUY, 1, 1000000), WT_LIMIT_QUOTE);
    REFUSED(order(1, WT_BUY, 1, 1000000), WT_LIMIT_QUOTE);
}

static void quote_age(void **state)
{
    (void)state;
    limits.max_quote_age_ns = 5000;
    again();
    link_.now += 5000;
    PASSED(order(0, WT_BUY, 1, 1000000));
    link_.now += 1;
    REFUSED(order(0, WT_BUY, 1, 1000000), WT_LIMIT_QUOTE_AGE);
    bbo(0, 1000000, 1000200, WT_EVF_VALID);
    PASSED(order(0, WT_BUY, 1, 1000000));
}

static void halted(void **state)
{
    (void)state;
    for (const char *s = "HPQ"; *s; s++) {
        trading(0, *s);
        REFUSED(order(0, WT_BUY, 1, 1000000), WT_LIMIT_HALTED);
    }
    trading(0, 'T');
    PASSED(order(0, WT_BUY, 1, 1000000));
}

static void open_orders(void **state)
{
    (void)state;
    limits.max_open_symbol = 2;
    limits.max_open_total = 3;
    again();
    int64_t id = order(0, WT_BUY, 1, 1000000);
    accepted((uint32_t)id);
    PASSED(order(0, WT_BUY, 1, 1000000));
    REFUSED(order(0, WT_BUY, 1, 1000000), WT_LIMIT_OPEN_SYMBOL);
    PASSED(replace((uint32_t)id, 2, 1000000)); /* no new one */
    PASSED(order(1, WT_BUY, 1, 1000000));
    REFUSED(order(1, WT_BUY, 1, 1000000), WT_LIMIT_OPEN_TOTAL);
}

static void order_rate(void **state)
{
    (void)state;
    limits.burst = 3;
    limits.orders_per_second = 1000;
    again();
    for (int i = 0; i < 3; i++)
        PASSED(order(0, WT_BUY, 1, 1000000));
    REFUSED(order(0, WT_BUY, 1, 1000000), WT_LIMIT_RATE);
    link_.now += 999999;
    REFUSED(order(0, WT_BUY, 1, 1000000), WT_LIMIT_RATE);
    link_.now += 1;
    PASSED(order(0, WT_BUY, 1, 1000000));
    REFUSED(order(0, WT_BUY, 1, 1000000), WT_LIMIT_RATE);
    link_.now += 1000000000; /* the bucket is never fuller than the burst */
    for (int i = 0; i < 3; i++)
        PASSED(order(0, WT_BUY, 1, 1000000));
    REFUSED(order(0, WT_BUY, 1, 1000000), WT_LIMIT_RATE);
    accepted(1);
    assert_int_equal(signal_((struct wt_signal){.kind = WT_SIGNAL_CANCEL, .order = 1}),
                     0); /* a cancel needs no token */
}

static void bad_orders(void **state)
{
    (void)state;
    REFUSED(order(0, WT_BUY, 0, 1000000), WT_LIMIT_BAD_ORDER);
    REFUSED(order(0, WT_BUY, 1000000, 10000), WT_LIMIT_BAD_ORDER);
    REFUSED(order(0, WT_BUY, 1, 0), WT_LIMIT_BAD_ORDER);
    REFUSED(order(0, WT_SELL, 1, 2000000000), WT_LIMIT_BAD_ORDER);
    REFUSED(order(0, WT_BUY, 1, 1000001), WT_LIMIT_TICK); /* off the cent */
    REFUSED(order(0, WT_BUY, 1, 10001), WT_LIMIT_TICK);
    PASSED(order(0, WT_BUY, 1, 9999)); /* below a dollar: $0.0001 */
    REFUSED(order(0, 'X', 1, 1000000), WT_LIMIT_BAD_ORDER);
}

static void the_gateway_must_be_up(void **state)
{
    (void)state;
    gateway(WT_GATEWAY_DOWN);
    assert_int_equal(gateway_alerts, 0); /* nothing was working */
    REFUSED(order(0, WT_BUY, 1, 1000000), WT_LIMIT_GATEWAY);
    gateway(WT_GATEWAY_UP);
    PASSED(order(0, WT_BUY, 1, 1000000));
    gateway(WT_GATEWAY_ENDED);
    assert_int_equal(gateway_alerts, 1);
}

static void a_reducing_order_passes_every_size_limit(void **state)
{
    (void)state;
    take(0, WT_BUY, 1000);
    take(0, WT_BUY, 1000);
    limits.max_order_shares = 10;
    limits.max_order_notional = 1;
    limits.max_position = 1;
    limits.max_gross_notional = 1;
    /* The same book under tighter limits: a second risk beside it. */
    struct wt_risk *tight;
    assert_int_equal(wt_risk_create(&limits, loop, quotes, positions, oms, &tight), 0);
    gateway(WT_GATEWAY_UP);
    struct wt_signal sell = {WT_SIGNAL_ENTER, 0, 0, WT_SELL, WT_TIF_DAY, 2000, 1000200};
    assert_int_equal(wt_risk_check(tight, &sell, 0), WT_LIMIT_NONE);
    wt_loop_drain(loop);
    assert_true(verdict.reducing);
    sell.shares = 2001; /* would flip the sign */
    assert_int_equal(wt_risk_check(tight, &sell, 0), WT_LIMIT_ORDER_SHARES);
    struct wt_signal buy = {WT_SIGNAL_ENTER, 0, 0, WT_BUY, WT_TIF_DAY, 1, 1000000};
    assert_int_equal(wt_risk_check(tight, &buy, 0), WT_LIMIT_ORDER_NOTIONAL);
    /* With 1500 working on the side, only 500 more are reducing. */
    PASSED(order(0, WT_SELL, 1000, 1000200));
    PASSED(order(0, WT_SELL, 500, 1000200));
    sell.shares = 500;
    assert_int_equal(wt_risk_check(tight, &sell, 0), WT_LIMIT_NONE);
    sell.shares = 501;
    assert_int_equal(wt_risk_check(tight, &sell, 0), WT_LIMIT_ORDER_SHARES);
    sell.shares = 500;
    sell.price = 900000; /* the collar is no size limit */
    assert_int_equal(wt_risk_check(tight, &sell, 0), WT_LIMIT_COLLAR);
    wt_loop_drain(loop);
    /* tight stays subscribed until the loop goes: free it with the loop's end. */
    teardown(NULL);
    wt_risk_destroy(tight);
    build();
}

static void the_kill_switch_stops_all_but_cancels(void **state)
{
    (void)state;
    take(0, WT_BUY, 100);
    int64_t id = order(0, WT_BUY, 100, 1000000);
    accepted((uint32_t)id);
    wt_risk_kill(risk, true);
    wt_loop_drain(loop);
    assert_int_equal(kills, 1);
    assert_int_equal(cancels, 1); /* what was working goes */
    REFUSED(order(0, WT_BUY, 1, 1000000), WT_LIMIT_KILL);
    REFUSED(order(0, WT_SELL, 1, 1000200), WT_LIMIT_KILL); /* by hand means by hand: also what reduces */
    assert_true(wt_risk_killed(risk));
    wt_risk_kill(risk, true);
    wt_loop_drain(loop);
    assert_int_equal(kills, 1);
}

static void held_trading_goes_on_where_it_was(void **state)
{
    (void)state;
    take(0, WT_BUY, 100);
    int64_t id = order(0, WT_BUY, 100, 1000000);
    accepted((uint32_t)id);
    wt_desk_hold(desk);
    wt_loop_drain(loop);
    assert_int_equal(kills, 0); /* who holds says why */
    assert_int_equal(cancels, 1);
    REFUSED(order(0, WT_BUY, 1, 1000000), WT_LIMIT_KILL);
    REFUSED(order(0, WT_SELL, 1, 1000200), WT_LIMIT_KILL);
    assert_false(wt_risk_killed(risk));
    wt_risk_release(risk, WT_SCOPE_FIRM); /* the operator's word is for his own stops */
    REFUSED(order(0, WT_BUY, 1, 1000000), WT_LIMIT_KILL);
    wt_desk_go_on(desk);
    PASSED(order(1, WT_BUY, 1, 1000000));
    wt_risk_kill(risk, true); /* and a stop outlives the hold */
    wt_desk_hold(desk);
    wt_desk_go_on(desk);
    wt_loop_drain(loop);
    REFUSED(order(1, WT_BUY, 1, 1000000), WT_LIMIT_KILL);
    assert_true(wt_risk_killed(risk));
}

static void the_maximum_loss_lets_only_reducing_orders_pass(void **state)
{
    (void)state;
    limits.max_loss = 100 * 1000;
    again();
    take(0, WT_BUY, 100); /* at 1000200 */
    int64_t id = order(1, WT_BUY, 100, 1000000);
    accepted((uint32_t)id);
    bbo(0, 999100, 999302, WT_EVF_VALID); /* mid 999201: 999 a share lost */
    assert_int_equal(kills, 0);
    PASSED(order(2, WT_BUY, 1, 1000000));
    bbo(0, 999100, 999300, WT_EVF_VALID); /* mid 999200: 1000 */
    assert_int_equal(kills, 1);
    assert_int_equal(cancels, 1); /* the accepted one; the other waits for its answer */
    REFUSED(order(2, WT_BUY, 1, 1000000), WT_LIMIT_LOSS);
    assert_int_equal(verdict.value, -100000);
    PASSED(order(0, WT_SELL, 100, 999100)); /* the exit is open */
    REFUSED(order(0, WT_SELL, 1, 999100), WT_LIMIT_LOSS);
    bbo(0, 1001000, 1001200, WT_EVF_VALID); /* and it does not come back by itself */
    REFUSED(order(2, WT_BUY, 1, 1000000), WT_LIMIT_LOSS);
}

static void every_signal_has_one_verdict(void **state)
{
    (void)state;
    unsigned before = verdicts;
    order(0, WT_BUY, 1, 1000000);
    order(0, WT_BUY, 0, 1000000);
    accepted(1);
    signal_((struct wt_signal){.kind = WT_SIGNAL_CANCEL, .order = 1});
    assert_int_equal(verdicts, before + 3);
    struct wt_risk_stats stats;
    wt_risk_stats(risk, &stats);
    assert_int_equal(stats.checked, 3);
    assert_int_equal(stats.accepted, 2);
    assert_int_equal(stats.refused[WT_LIMIT_BAD_ORDER], 1);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(order_size),
        TEST(order_notional),
        TEST(position_with_working_orders),
        TEST(a_replace_counts_the_larger_of_the_two),
        TEST(two_signals_of_one_callback_are_both_counted),
        TEST(gross_notional),
        TEST(collar),
        TEST(quotes_that_cannot_be_traded_on),
        TEST(quote_age),
        TEST(halted),
        TEST(open_orders),
        TEST(order_rate),
        TEST(bad_orders),
        TEST(the_gateway_must_be_up),
        TEST(a_reducing_order_passes_every_size_limit),
        TEST(the_kill_switch_stops_all_but_cancels),
        TEST(held_trading_goes_on_where_it_was),
        TEST(the_maximum_loss_lets_only_reducing_orders_pass),
        TEST(every_signal_has_one_verdict),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
