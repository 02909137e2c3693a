/* The runner: whose events a strategy gets, what a callback costs, whose orders it may touch; and histograms. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "host/monitor/histogram.h"
#include "host/strategy/runner.h"
#include "tests/unit/fake_link.h"

static struct fake_link link_;
static struct wt_loop *loop;
static struct wt_quotes *quotes;
static struct wt_positions *positions;
static struct wt_oms *oms;
static struct wt_risk *risk;
static struct wt_desk *desk;
static struct wt_runner *runner;
static char trace[1024];

/* A strategy that writes down what it hears. */
struct spy {
    struct wt_strategy_host host;
    char name;
};

static struct spy *spies[4];
static unsigned spy_count;

static void note(const struct spy *s, const char *format, ...)
{
    va_list args;
    size_t n = strlen(trace);
    n += (size_t)snprintf(trace + n, sizeof trace - n, "%c:", s->name);
    va_start(args, format);
    vsnprintf(trace + n, sizeof trace - n, format, args);
    va_end(args);
    strcat(trace, " ");
}

static void *spy_create(const struct wt_strategy_host *host, const struct wt_param *params, unsigned count)
{
    (void)params;
    if (count == 1)
        return NULL; /* refuses its parameters */
    struct spy *s = calloc(1, sizeof *s);
    assert_non_null(s);
    s->host = *host;
    s->name = (char)('a' + spy_count);
    spies[spy_count++] = s;
    return s;
}

static void spy_quote(void *self, wt_symbol symbol, const struct wt_quote *quote)
{
    note(self, "q%u%s", symbol, quote->valid ? "" : "!");
}

static void spy_trade(void *self, wt_symbol symbol, uint32_t price, uint64_t shares)
{
    note(self, "t%u/%u/%u", symbol, price, (unsigned)shares);
}

static void spy_order(void *self, const struct wt_order_view *order)
{
    note(self, "o%u/%s", order->id, wt_order_state_name(order->state));
}

static void spy_fill(void *self, const struct wt_order_view *order, uint32_t price, uint32_t shares)
{
    note(self, "f%u/%u/%u", order->id, price, shares);
}

static void spy_timer(void *self, uint32_t id)
{
    struct spy *s = self;
    note(self, "T%u@%u", id, (unsigned)(s->host.now(s->host.ctx) - 1000000));
}

static const struct wt_param_spec no_specs[] = {{NULL, 0, 0, 0, NULL}};
static const struct wt_strategy spy = {.name = "spy",
                                       .specs = no_specs,
                                       .create = spy_create,
                                       .on_quote = spy_quote,
                                       .on_trade = spy_trade,
                                       .on_order = spy_order,
                                       .on_fill = spy_fill,
                                       .on_timer = spy_timer,
                                       .destroy = free};

static int fake_send(void *ctx, const struct wt_order_request *request)
{
    (void)ctx;
    (void)request;
    return 0;
}

static void input(struct wt_event event)
{
    wt_loop_input(loop, &event);
    wt_loop_drain(loop);
}

static void bind(wt_symbol symbol, const char *name)
{
    struct wt_event e = {.type = WT_EVENT_MARKET};
    e.market.symbol =
        (struct wt_ev_symbol){.head = {.kind = WT_RECORD_TYPE_SYMBOL, .symbol = symbol}, .state = WT_BOOK_STATE_VALID};
    memcpy(e.market.symbol.name, name, 8);
    input(e);
}

static void bbo(wt_symbol symbol)
{
    struct wt_event e = {.type = WT_EVENT_MARKET};
    e.market.bbo = (struct wt_ev_bbo){.head = {.kind = WT_RECORD_TYPE_BBO, .symbol = symbol, .flags = WT_EVF_VALID},
                                      .bid_price = 1000000,
                                      .bid_shares = 100,
                                      .ask_price = 1000200,
                                      .ask_shares = 100};
    input(e);
}

static void build(uint64_t callback_ns, uint64_t jitter_ns, uint64_t seed)
{
    const struct wt_risk_limits limits = {.max_order_shares = 1000,
                                          .max_order_notional = INT64_MAX,
                                          .max_position = 100000,
                                          .max_gross_notional = INT64_MAX,
                                          .collar_bps = 100,
                                          .max_open_symbol = 10,
                                          .max_open_total = 10,
                                          .orders_per_second = 1000,
                                          .burst = 100};
    const struct wt_oms_config config = {.orders = 16, .fills = 16, .symbols = 8};
    const struct wt_runner_config run = {callback_ns, jitter_ns, seed};
    link_ = fake_link(1000000);
    trace[0] = '\0';
    spy_count = 0;
    assert_int_equal(wt_loop_create(&link_.link, &loop), 0);
    assert_int_equal(wt_quotes_create(loop, 65536, &quotes), 0);
    assert_int_equal(wt_positions_create(loop, quotes, 8, &positions), 0);
    assert_int_equal(wt_oms_create(&config, loop, (struct wt_order_sink){NULL, fake_send}, &oms), 0);
    assert_int_equal(wt_risk_create(&limits, loop, quotes, positions, oms, &risk), 0);
    assert_int_equal(wt_desk_create(loop, quotes, risk, oms, &desk), 0);
    assert_int_equal(wt_runner_create(&run, loop, quotes, positions, desk, &runner), 0);
    const char one[][9] = {"ACME", "NONE"};
    assert_int_equal(wt_runner_add(runner, &spy, one, 2, NULL, 0), 0);
    assert_int_equal(wt_runner_add(runner, &spy, NULL, 0, NULL, 0), 0);
    input((struct wt_event){.type = WT_EVENT_GATEWAY, .gateway = {WT_GATEWAY_UP}});
    bind(2, "BOLT    ");
    bind(5, "ACME    ");
}

static int setup(void **state)
{
    (void)state;
    build(1000, 0, 1);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    wt_runner_destroy(runner);
    wt_desk_destroy(desk);
    wt_risk_destroy(risk);
    wt_oms_destroy(oms);
    wt_positions_destroy(positions);
    wt_quotes_destroy(quotes);
    wt_loop_destroy(loop);
    return 0;
}

static void each_gets_its_own_symbols(void **state)
{
    (void)state;
    bbo(5);
    bbo(2);
    assert_string_equal(trace, "a:q5 b:q5 b:q2 ");
}

static void each_callback_costs_its_time_and_those_not_made_none(void **state)
{
    (void)state;
    bbo(5);
    bbo(2);
    assert_int_equal(link_.spent, 3000);
    assert_int_equal(wt_runner_callbacks(runner), 3);
    struct wt_event halt = {.type = WT_EVENT_MARKET};
    halt.market.state = (struct wt_ev_state){.head = {.kind = WT_RECORD_TYPE_TRADING_STATE, .symbol = 5}, .state = 'H'};
    input(halt); /* a spy has no on_state */
    assert_int_equal(link_.spent, 3000);
}

static void jitter_follows_the_seed(void **state)
{
    uint64_t spent[3];
    const uint64_t seeds[3] = {7, 7, 8};
    for (int i = 0; i < 3; i++) {
        teardown(state);
        build(1000, 500, seeds[i]);
        for (int k = 0; k < 50; k++)
            bbo(2);
        spent[i] = link_.spent;
        assert_in_range(spent[i], 50 * 1000, 50 * 1500);
    }
    assert_int_equal(spent[0], spent[1]);
    assert_int_not_equal(spent[0], spent[2]);
}

static void a_gap_tells_everyone_that_nothing_is_valid(void **state)
{
    (void)state;
    bbo(5);
    bbo(2);
    trace[0] = '\0';
    struct wt_event gap = {.type = WT_EVENT_MARKET};
    gap.market.gap = (struct wt_ev_gap){.head = {.kind = WT_RECORD_TYPE_GAP, .symbol = WT_SYMBOL_NONE}};
    input(gap);
    assert_string_equal(trace, "a:q5! b:q0! b:q1! b:q2! b:q3! b:q4! b:q5! ");
}

static int64_t enter(unsigned who, wt_symbol symbol)
{
    const struct wt_signal s = {WT_SIGNAL_ENTER, 0, symbol, WT_BUY, WT_TIF_DAY, 100, 1000000};
    int64_t id = spies[who]->host.signal(spies[who]->host.ctx, &s);
    wt_loop_drain(loop);
    return id;
}

static void orders_and_fills_go_to_their_owner_alone(void **state)
{
    (void)state;
    bbo(5);
    trace[0] = '\0';
    assert_int_equal(enter(0, 5), 1);
    assert_string_equal(trace, ""); /* its own doing is no news */
    input((struct wt_event){.type = WT_EVENT_EXEC,
                            .exec = {.type = WT_EXEC_ACCEPTED, .id = 1, .shares = 100, .price = 1000000}});
    input((struct wt_event){.type = WT_EVENT_EXEC,
                            .exec = {.type = WT_EXEC_EXECUTED, .id = 1, .shares = 40, .price = 1000000, .match = 9}});
    assert_string_equal(trace, "a:o1/LIVE a:f1/1000000/40 a:o1/PARTIALLY_FILLED ");
    assert_int_equal(*spies[0]->host.position(spies[0]->host.ctx, 5), 40);
    const struct wt_signal cancel = {.kind = WT_SIGNAL_CANCEL, .order = 1};
    assert_int_equal(spies[1]->host.signal(spies[1]->host.ctx, &cancel), -ENOENT);
    const struct wt_signal replace = {WT_SIGNAL_REPLACE, 1, 5, WT_BUY, WT_TIF_DAY, 10, 1000000};
    assert_int_equal(spies[1]->host.signal(spies[1]->host.ctx, &replace), -ENOENT);
    assert_int_equal(spies[0]->host.signal(spies[0]->host.ctx, &cancel), 0);
}

static void a_symbol_that_is_not_its_own_cannot_be_traded(void **state)
{
    (void)state;
    bbo(2);
    assert_int_equal(enter(0, 2), -EACCES);
    assert_int_equal(enter(1, 2), 1);
    assert_int_equal(enter(1, WT_SYMBOL_NONE), -EACCES);
}

static void timers_come_back_to_who_set_them(void **state)
{
    (void)state;
    spies[1]->host.timer(spies[1]->host.ctx, 4, 5000);
    spies[0]->host.timer(spies[0]->host.ctx, 3, 9000);
    assert_int_equal(wt_loop_run(loop), -EPIPE);
    assert_string_equal(trace, "b:T4@6000 a:T3@10000 "); /* a callback's cost comes first */
}

static void when_stopped_only_orders_still_come(void **state)
{
    (void)state;
    bbo(5);
    enter(0, 5);
    trace[0] = '\0';
    wt_runner_stop(runner);
    bbo(5);
    input((struct wt_event){.type = WT_EVENT_EXEC,
                            .exec = {.type = WT_EXEC_ACCEPTED, .id = 1, .shares = 100, .price = 1000000}});
    assert_string_equal(trace, "a:o1/LIVE ");
}

static void a_strategy_that_refuses_its_parameters_is_not_added(void **state)
{
    (void)state;
    const struct wt_param param = {"x", 1};
    assert_int_equal(wt_runner_add(runner, &spy, NULL, 0, &param, 1), -EINVAL);
    bbo(2);
    assert_string_equal(trace, "b:q2 ");
}

static void histograms_are_exact_when_small_and_near_when_large(void **state)
{
    (void)state;
    static struct wt_histogram h;
    memset(&h, 0, sizeof h);
    assert_int_equal(wt_histogram_quantile(&h, 500), 0);
    for (uint64_t v = 1; v <= 60; v++)
        wt_histogram_add(&h, v);
    assert_int_equal(wt_histogram_quantile(&h, 500), 30);
    assert_int_equal(wt_histogram_quantile(&h, 990), 60);
    assert_int_equal(h.min, 1);
    memset(&h, 0, sizeof h);
    for (uint64_t v = 1; v <= 100000; v++)
        wt_histogram_add(&h, v);
    assert_in_range(wt_histogram_quantile(&h, 500), 48400, 50000);
    assert_in_range(wt_histogram_quantile(&h, 990), 95900, 99000);
    assert_int_equal(h.max, 100000);
    wt_histogram_add(&h, UINT64_MAX);
    assert_true(h.max == UINT64_MAX);
    for (unsigned b = 1; b < WT_HISTOGRAM_BUCKETS; b++) { /* buckets follow each other, and hold their own floor */
        assert_true(wt_histogram_floor(b) > wt_histogram_floor(b - 1));
        memset(&h, 0, sizeof h);
        wt_histogram_add(&h, wt_histogram_floor(b));
        assert_int_equal(h.bucket[b], 1);
    }
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(each_gets_its_own_symbols),
        TEST(each_callback_costs_its_time_and_those_not_made_none),
        TEST(jitter_follows_the_seed),
        TEST(a_gap_tells_everyone_that_nothing_is_valid),
        TEST(orders_and_fills_go_to_their_owner_alone),
        TEST(a_symbol_that_is_not_its_own_cannot_be_traded),
        TEST(timers_come_back_to_who_set_them),
        TEST(when_stopped_only_orders_still_come),
        TEST(a_strategy_that_refuses_its_parameters_is_not_added),
        cmocka_unit_test(histograms_are_exact_when_small_and_near_when_large),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
