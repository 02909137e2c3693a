/*
 * The short way of a quote against the long one: two hosts with the same market and the same strategy, one with lanes,
 * which are settled as a whole or in two parts, as orders want it.
 * What the strategy is given and answered, and every event with its time and order, must be the same.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <errno.h>

#include "host/market/feed.h"
#include "host/market/random.h"
#include "host/strategy/runner.h"
#include "host/strategy/short_way.h"
#include "tests/unit/fake_link.h"

enum { RING_LOG2 = 10, RING = 1 << RING_LOG2, SYMBOLS = 6, RECORDS = 40000, LOG = 1 << 20 };

struct log {
    char *text;
    size_t length;
};

struct world {
    struct fake_link link;
    struct wt_card card;
    uint8_t ring[RING * 64], flow[RING * 64];
    struct wt_twin *twin;
    struct wt_feed *feed;
    struct wt_loop *loop;
    struct wt_quotes *quotes;
    struct wt_positions *positions;
    struct wt_oms *oms;
    struct wt_risk *risk;
    struct wt_desk *desk;
    struct wt_runner *runner;
    struct wt_short_way short_way;
    struct log heard, events, sent; /* by the strategy; by everyone; by the venue: watchers may hear before or behind */
    struct wt_strategy_host host;
    uint64_t calls, opened; /* of on_quote; of these while the record was still in the ring */
    uint32_t flow_sent;
};

static struct world world[2];

static void say(struct log *log, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    log->length += (size_t)vsnprintf(log->text + log->length, LOG * 8u - log->length, format, args);
    va_end(args);
    assert_true(log->length < LOG * 8u);
}

/* ---- the strategy: what it does depends on nothing but its calls so far ---- */

static unsigned created;

static void *spy_create(const struct wt_strategy_host *host, const struct wt_param *params, unsigned count)
{
    (void)params, (void)count;
    struct world *w = &world[created++];
    w->host = *host;
    return w;
}

static void spy_quote(void *self, wt_symbol symbol, const struct wt_quote *q)
{
    struct world *w = self;
    uint64_t n = w->calls++;
    w->opened += wt_feed_lanes(w->feed)->open != NULL;
    say(&w->heard, "q%u %u*%u %u*%u %d", symbol, q->bid_price, q->bid_shares, q->ask_price, q->ask_shares, q->valid);
    if (n % 3 == 0)
        say(&w->heard, " p%lld", (long long)*w->host.position(w->host.ctx, symbol));
    if (n % 5 == 0)
        say(&w->heard, " @%llu", (unsigned long long)w->host.now(w->host.ctx));
    if (n % 7 == 0)
        say(&w->heard, " T%d", w->host.timer(w->host.ctx, (uint32_t)n, 5000 + n % 11));
    for (int i = 0; i < (n % 4 == 1) + (n % 12 == 5); i++) {
        struct wt_signal s = {.kind = WT_SIGNAL_ENTER,
                              .symbol = symbol,
                              .side = n & 8 ? WT_BUY : WT_SELL,
                              .tif = WT_TIF_DAY,
                              .shares = 100,
                              .price = (uint32_t)(1000000 + 100 * (n % 40))};
        say(&w->heard, " s%lld", (long long)w->host.signal(w->host.ctx, &s));
    }
    say(&w->heard, "\n");
}

static void spy_trade(void *self, wt_symbol symbol, uint32_t price, uint64_t shares)
{
    struct world *w = self;
    say(&w->heard, "t%u %u*%llu @%llu\n", symbol, price, (unsigned long long)shares,
        (unsigned long long)w->host.now(w->host.ctx));
}

static void spy_timer(void *self, uint32_t id)
{
    struct world *w = self;
    say(&w->heard, "T%u @%llu\n", id, (unsigned long long)w->host.now(w->host.ctx));
}

static void spy_destroy(void *self)
{
    (void)self;
}

static const struct wt_param_spec no_specs[] = {{NULL, 0, 0, 0, NULL}};
static const struct wt_strategy spy = {.name = "spy",
                                       .specs = no_specs,
                                       .create = spy_create,
                                       .on_quote = spy_quote,
                                       .on_trade = spy_trade,
                                       .on_timer = spy_timer,
                                       .destroy = spy_destroy};

/* ---- the host, as `wiretick run` joins it ---- */

static void on_event(void *ctx, const struct wt_event *e)
{
    struct world *w = ctx;
    say(&w->events, "%d @%llu", (int)e->type, (unsigned long long)e->ns);
    if (e->type == WT_EVENT_MARKET)
        say(&w->events, " %u %u %llu", e->market.head.kind, e->market.head.symbol,
            (unsigned long long)e->market.head.feed_seq);
    if (e->type == WT_EVENT_VERDICT)
        say(&w->events, " %u %lld", e->verdict.limit, (long long)e->verdict.value);
    if (e->type == WT_EVENT_ORDER)
        say(&w->events, " %u %u %u", e->order.id, e->order.state, e->order.price);
    if (e->type == WT_EVENT_RISK_ALERT)
        say(&w->events, " %d %lld", (int)e->alert.kind, (long long)e->alert.detail);
    say(&w->events, "\n");
}

static void on_record(void *ctx, const union wt_event_record *record)
{
    struct world *w = ctx;
    struct wt_event *e = wt_loop_place(w->loop);
    assert_non_null(e);
    e->type = WT_EVENT_MARKET;
    e->market = *record;
    wt_loop_begin(w->loop);
}

static void on_done(void *ctx)
{
    wt_loop_finish(((struct world *)ctx)->loop);
}

/* Half of the orders are filled at once, so that positions, marks and limits move. */
static int send_request(void *ctx, const struct wt_order_request *r)
{
    struct world *w = ctx;
    const struct wt_symbol_view *view = wt_quotes_get(w->quotes, r->symbol);
    say(&w->sent, "send %u %u @%llu quote of %llu, mark %u\n", r->id, r->price,
        (unsigned long long)wt_loop_now(w->loop), (unsigned long long)view->quote_ns,
        wt_positions_get(w->positions, r->symbol)->mark);
    wt_loop_input(
        w->loop,
        &(struct wt_event){.type = WT_EVENT_EXEC,
                           .exec = {.type = WT_EXEC_ACCEPTED, .id = r->id, .shares = r->shares, .price = r->price}});
    if (r->id % 2)
        wt_loop_input(w->loop, &(struct wt_event){.type = WT_EVENT_EXEC,
                                                  .exec = {.type = WT_EXEC_EXECUTED,
                                                           .id = r->id,
                                                           .shares = r->shares,
                                                           .price = r->price,
                                                           .match = r->id,
                                                           .liquidity = 'A'}});
    return 0;
}

static int no_write(struct wt_link *link, uint32_t offset, uint32_t value)
{
    (void)link, (void)offset, (void)value;
    return 0;
}

enum ways { LONG, LANES, SHORT };

static void build(struct world *w, enum ways way)
{
    static struct wt_link_ops ops;
    static const struct wt_risk_limits limits = {.max_order_shares = 1000,
                                                 .max_order_notional = 2000000000,
                                                 .max_position = 6000,
                                                 .max_gross_notional = 40000000000,
                                                 .collar_bps = 50,
                                                 .max_open_symbol = 500,
                                                 .max_open_total = 2000,
                                                 .orders_per_second = 1000000,
                                                 .burst = 100,
                                                 .max_loss = 3000000,
                                                 .max_drawdown = 4000000};
    struct wt_twin_config config;
    struct wt_oms_config oms;
    memset(w, 0, sizeof *w);
    w->heard.text = malloc(LOG * 8u);
    w->events.text = malloc(LOG * 8u);
    w->sent.text = malloc(LOG * 8u);
    ops = fake_ops;
    ops.write32 = no_write;
    w->link = fake_link(1000000);
    w->link.link.ops = &ops;
    w->card.link = &w->link.link;
    w->card.ev_rings = 1;
    wt_ring_init(&w->card.events[0], w->ring, RING_LOG2);
    wt_ring_init(&w->card.order_flow, w->flow, RING_LOG2);
    wt_twin_defaults(&config);
    config.max_orders = 100;
    assert_int_equal(wt_twin_create(&config, &w->twin), 0);
    assert_int_equal(wt_feed_create(&w->card, w->twin, false,
                                    (struct wt_feed_handler){.ctx = w, .record = on_record, .done = on_done}, &w->feed),
                     0);
    assert_int_equal(wt_loop_create(&w->link.link, &w->loop), 0);
    wt_loop_watch(w->loop, WT_EVENT_MARKET, on_event, w);
    for (enum wt_event_type type = WT_EVENT_MARKET + 1; type < WT_EVENT_TYPES; type++)
        wt_loop_subscribe(w->loop, type, on_event, w);
    wt_oms_defaults(&oms);
    assert_int_equal(wt_quotes_create(w->loop, SYMBOLS, &w->quotes), 0);
    assert_int_equal(wt_positions_create(w->loop, w->quotes, SYMBOLS, &w->positions), 0);
    assert_int_equal(wt_oms_create(&oms, w->loop, (struct wt_order_sink){w, send_request}, &w->oms), 0);
    assert_int_equal(wt_risk_create(&limits, w->loop, w->quotes, w->positions, w->oms, &w->risk), 0);
    assert_int_equal(wt_desk_create(w->loop, w->quotes, w->risk, w->oms, &w->desk), 0);
    assert_int_equal(
        wt_runner_create(&(struct wt_runner_config){0}, w->loop, w->quotes, w->positions, w->desk, &w->runner), 0);
    if (way != LONG)
        wt_runner_lanes(w->runner, wt_feed_lanes(w->feed), w->quotes);
    w->short_way = (struct wt_short_way){
        .loop = w->loop, .card = &w->card, .feed = w->feed, .positions = w->positions, .risk = w->risk};
    if (way == SHORT)
        wt_short_way_join(&w->short_way);
    assert_int_equal(wt_runner_add(w->runner, &spy, NULL, 0, NULL, 0), 0);
    assert_int_equal(
        wt_loop_source(w->loop, WT_SOURCE_CARD, (struct wt_source){.ctx = w->feed, .poll = wt_feed_source}), 0);
    wt_loop_input(w->loop, &(struct wt_event){.type = WT_EVENT_GATEWAY, .gateway = {WT_GATEWAY_UP}});
    wt_loop_drain(w->loop);
}

static void destroy(struct world *w)
{
    wt_runner_destroy(w->runner);
    wt_desk_destroy(w->desk);
    wt_risk_destroy(w->risk);
    wt_oms_destroy(w->oms);
    wt_positions_destroy(w->positions);
    wt_quotes_destroy(w->quotes);
    wt_loop_destroy(w->loop);
    wt_feed_destroy(w->feed);
    wt_twin_destroy(w->twin);
    free(w->heard.text);
    free(w->events.text);
    free(w->sent.text);
}

/* ---- the market ---- */

static struct wt_random r;

static uint32_t draw(uint32_t below)
{
    return (uint32_t)wt_random_below(&r, below);
}

static union wt_event_record some_record(uint32_t number)
{
    union wt_event_record e = {0};
    uint32_t what = draw(100);
    e.head = (struct wt_ev_head){.kind = WT_RECORD_TYPE_BBO,
                                 .flags = WT_EVF_VALID,
                                 .symbol = (uint16_t)draw(SYMBOLS),
                                 .feed_seq = number,
                                 .ingress_ns = number};
    e.head.locate = (uint16_t)(e.head.symbol + 1);
    if (number <= SYMBOLS || what == 0) {
        e.head.kind = WT_RECORD_TYPE_SYMBOL;
        if (number <= SYMBOLS)
            e.head.symbol = (uint16_t)(number - 1);
        e.head.locate = (uint16_t)(e.head.symbol + 1);
        e.symbol.state = WT_BOOK_STATE_VALID;
        memcpy(e.symbol.name, "SYM     ", 8);
        e.symbol.name[3] = (uint8_t)('0' + e.head.symbol);
    } else if (what == 1) {
        e.head.kind = WT_RECORD_TYPE_SYMBOL;
        e.head.flags = WT_EVF_STALE;
        e.symbol.state = WT_BOOK_STATE_STALE;
    } else if (what == 2 && draw(10) == 0) {
        e.head.kind = WT_RECORD_TYPE_GAP;
        e.head.symbol = 0xffff;
        e.head.locate = 0;
    } else if (what < 10) {
        e.head.kind = WT_RECORD_TYPE_TRADE;
        e.trade.price = 1000000 + 100 * draw(40);
        e.trade.shares = 1 + draw(500);
    } else if (what < 12) {
        e.head.kind = WT_RECORD_TYPE_TRADING_STATE;
        e.state.state = draw(4) ? 'T' : 'H';
    } else {
        if (what < 15)
            e.head.flags = draw(2) ? WT_EVF_STALE : WT_EVF_VALID | WT_EVF_CONFLATED;
        e.bbo.bid_price = 1000000 + 100 * draw(40);
        e.bbo.ask_price = e.bbo.bid_price + 100 * (1 + draw(4));
        e.bbo.bid_shares = 1 + draw(900);
        e.bbo.ask_shares = 1 + draw(900);
        if (what == 15)
            e.bbo.bid_price = e.bbo.bid_shares = 0;
    }
    return e;
}

static void same(const struct log *a, const struct log *b, const char *what)
{
    if (a->length == b->length && memcmp(a->text, b->text, a->length) == 0)
        return;
    size_t i = 0, line = 0;
    while (i < a->length && i < b->length && a->text[i] == b->text[i]) {
        line = a->text[i] == '\n' ? i + 1 : line;
        i++;
    }
    fail_msg("%s differ:\n  with lanes    %.80s\n  without       %.80s", what, a->text + line, b->text + line);
}

static void the_same(enum ways way)
{
    wt_random_seed(&r, 11);
    created = 0;
    build(&world[0], way);
    build(&world[1], LONG);
    for (uint32_t number = 1; number <= RECORDS;) {
        /* Some records at once, then time passes, and all is handled; now and then the audit finds fault. */
        for (uint32_t n = 1 + draw(20); n && number <= RECORDS; n--, number++) {
            union wt_event_record e = some_record(number);
            e.word[15] = number;
            for (unsigned i = 0; i < 2; i++)
                memcpy(world[i].ring + (size_t)((number - 1) % RING) * 64, &e, 64);
        }
        uint32_t passes = 1 + draw(3000), stale = draw(20000), release = draw(8);
        for (unsigned i = 0; i < 2; i++) {
            struct world *w = &world[i];
            w->link.now += passes;
            w->link.end = w->link.now;
            if (stale < SYMBOLS)
                wt_twin_set_stale(w->twin, (uint16_t)stale);
            if (release == 0)
                wt_risk_release(w->risk, WT_SCOPE_FIRM);
            int polled;
            while ((polled = wt_feed_source(w->feed, 0)) > 0)
                wt_loop_drain(w->loop);
            assert_int_equal(polled, 0);
        }
        if (number > RECORDS / 2 && number < RECORDS / 2 + 30)
            for (unsigned i = 0; i < 2; i++)
                wt_runner_stop(world[i].runner);
    }
    same(&world[0].heard, &world[1].heard, "what the strategies heard");
    same(&world[0].events, &world[1].events, "the events");
    same(&world[0].sent, &world[1].sent, "what was sent");
    assert_int_equal(wt_runner_callbacks(world[0].runner), wt_runner_callbacks(world[1].runner));
    /* Worth something only if most quotes took the short way, and some did not. */
    assert_int_equal(world[1].opened, 0);
    assert_true(world[0].opened > world[0].calls / 3);
    assert_true(world[0].opened < world[0].calls);
    assert_true(world[0].calls > 1000);
    assert_int_equal(wt_feed_lanes(world[0].feed)->taken > world[0].calls / 10, way == SHORT);
    struct wt_risk_stats stats;
    wt_risk_stats(world[0].risk, &stats);
    assert_true(stats.accepted > 500 && stats.refused[WT_LIMIT_LOSS] > 10 && stats.refused[WT_LIMIT_DRAWDOWN] > 10);
    struct wt_feed_stats feed[2];
    wt_feed_stats(world[0].feed, &feed[0]);
    wt_feed_stats(world[1].feed, &feed[1]);
    assert_memory_equal(&feed[0], &feed[1], sizeof feed[0]);
    destroy(&world[0]);
    destroy(&world[1]);
}

static void a_lane_settled_as_a_whole_is_the_long_way(void **state)
{
    (void)state;
    the_same(LANES);
}

static void the_short_way_to_an_order_is_the_long_one(void **state)
{
    (void)state;
    the_same(SHORT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_lane_settled_as_a_whole_is_the_long_way),
                                       cmocka_unit_test(the_short_way_to_an_order_is_the_long_one)};
    return cmocka_run_group_tests_name("lanes", tests, NULL, NULL);
}
