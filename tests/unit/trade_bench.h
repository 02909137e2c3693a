/* Quotes, positions, OMS, risk and desk with a sink that remembers: three strategies in two accounts, eight symbols. */
#ifndef WT_TRADE_BENCH_H
#define WT_TRADE_BENCH_H

#include <stdio.h>
#include <string.h>

#include "host/trade/desk.h"
#include "tests/unit/fake_link.h"

enum { BENCH_SYMBOLS = 8 };

struct trade_bench {
    struct fake_link link;
    struct wt_loop *loop;
    struct wt_quotes *quotes;
    struct wt_positions *positions;
    struct wt_oms *oms;
    struct wt_risk *risk, *old_risk;
    struct wt_desk *desk, *old_desk;
    struct wt_order_request last;
    struct wt_verdict verdict;
    struct wt_alert kill;
    unsigned requests, cancels, kills, verdicts;
    uint64_t match;
};

static inline int bench_send(void *ctx, const struct wt_order_request *request)
{
    struct trade_bench *t = ctx;
    t->requests++;
    t->cancels += request->kind == WT_REQUEST_CANCEL;
    t->last = *request;
    return 0;
}

static inline void bench_verdict(void *ctx, const struct wt_event *event)
{
    struct trade_bench *t = ctx;
    t->verdict = event->verdict;
    t->verdicts++;
}

static inline void bench_alert(void *ctx, const struct wt_event *event)
{
    struct trade_bench *t = ctx;
    if (event->alert.kind != WT_ALERT_KILL)
        return;
    t->kills++;
    t->kill = event->alert;
}

static inline void bench_input(struct trade_bench *t, struct wt_event event)
{
    wt_loop_input(t->loop, &event);
    wt_loop_drain(t->loop);
}

static inline void bench_bbo(struct trade_bench *t, wt_symbol symbol, uint32_t bid, uint32_t ask)
{
    struct wt_event e = {.type = WT_EVENT_MARKET};
    e.market.bbo = (struct wt_ev_bbo){.head = {.kind = WT_RECORD_TYPE_BBO, .symbol = symbol, .flags = WT_EVF_VALID},
                                      .bid_price = bid,
                                      .bid_shares = bid ? 100 : 0,
                                      .ask_price = ask,
                                      .ask_shares = ask ? 100 : 0};
    bench_input(t, e);
}

static inline void bench_gateway(struct trade_bench *t, enum wt_gateway_state state)
{
    bench_input(t, (struct wt_event){.type = WT_EVENT_GATEWAY, .gateway = {state}});
}

static inline struct wt_risk_config bench_config(void)
{
    return (struct wt_risk_config){.scopes = {.accounts = 2, .owners = 3, .account_of = {0, 0, 1}}};
}

static inline void bench_market(struct trade_bench *t)
{
    for (wt_symbol s = 0; s < BENCH_SYMBOLS; s++) {
        struct wt_event e = {.type = WT_EVENT_MARKET};
        e.market.symbol =
            (struct wt_ev_symbol){.head = {.kind = WT_RECORD_TYPE_SYMBOL, .symbol = s}, .state = WT_BOOK_STATE_VALID};
        memset(e.market.symbol.name, ' ', 8);
        e.market.symbol.name[0] = 'S';
        e.market.symbol.name[1] = (uint8_t)('0' + s);
        bench_input(t, e);
        e = (struct wt_event){.type = WT_EVENT_MARKET};
        e.market.trade =
            (struct wt_ev_trade){.head = {.kind = WT_RECORD_TYPE_TRADE, .symbol = s}, .price = 1000100, .shares = 1};
        bench_input(t, e);
        bench_bbo(t, s, 1000000, 1000200);
    }
}

static inline void bench_build(struct trade_bench *t, const struct wt_risk_config *config)
{
    static const struct wt_fee_table fees = {.per_share = {['R'] = 3000, ['A'] = -2000}};
    const struct wt_oms_config oms = {
        .orders = 1024, .fills = 1u << 17, .symbols = BENCH_SYMBOLS, .scopes = config->scopes};
    memset(t, 0, sizeof *t);
    t->link = fake_link(1000000000);
    assert_int_equal(wt_loop_create(&t->link.link, &t->loop), 0);
    assert_int_equal(wt_quotes_create(t->loop, BENCH_SYMBOLS, &t->quotes), 0);
    assert_int_equal(wt_positions_create_for(t->loop, t->quotes, BENCH_SYMBOLS, &fees, &config->scopes, &t->positions),
                     0);
    assert_int_equal(wt_oms_create(&oms, t->loop, (struct wt_order_sink){t, bench_send}, &t->oms), 0);
    assert_int_equal(wt_risk_create_for(config, t->loop, t->quotes, t->positions, t->oms, &t->risk), 0);
    assert_int_equal(wt_desk_create(t->loop, t->quotes, t->risk, t->oms, &t->desk), 0);
    assert_int_equal(wt_desk_flattens(t->desk, t->positions, &config->scopes), 0);
    wt_loop_subscribe(t->loop, WT_EVENT_VERDICT, bench_verdict, t);
    wt_loop_subscribe(t->loop, WT_EVENT_RISK_ALERT, bench_alert, t);
    bench_gateway(t, WT_GATEWAY_UP);
    bench_market(t);
}

/* Other limits over the same orders and positions; the old ones stay subscribed, and are freed with the rest. */
static inline void bench_new_risk(struct trade_bench *t, const struct wt_risk_config *config)
{
    t->old_risk = t->risk;
    t->old_desk = t->desk;
    assert_int_equal(wt_risk_create_for(config, t->loop, t->quotes, t->positions, t->oms, &t->risk), 0);
    assert_int_equal(wt_desk_create(t->loop, t->quotes, t->risk, t->oms, &t->desk), 0);
    bench_gateway(t, WT_GATEWAY_UP);
}

static inline void bench_destroy(struct trade_bench *t)
{
    wt_desk_destroy(t->desk);
    wt_desk_destroy(t->old_desk);
    wt_risk_destroy(t->risk);
    wt_risk_destroy(t->old_risk);
    wt_oms_destroy(t->oms);
    wt_positions_destroy(t->positions);
    wt_quotes_destroy(t->quotes);
    wt_loop_destroy(t->loop);
}

static inline int64_t bench_signal(struct trade_bench *t, unsigned owner, struct wt_signal s)
{
    int64_t rc = wt_desk_signal(t->desk, &s, owner);
    wt_loop_drain(t->loop);
    return rc;
}

/* "B 100 10002 0": buy 100 of symbol 0 at $100.02 */
static inline int64_t bench_words(struct trade_bench *t, unsigned owner, const char *words)
{
    char side;
    unsigned shares, cents, symbol;
    assert_int_equal(sscanf(words, "%c %u %u %u", &side, &shares, &cents, &symbol), 4);
    return bench_signal(
        t, owner,
        (struct wt_signal){WT_SIGNAL_ENTER, 0, (wt_symbol)symbol, (enum wt_side)side, WT_TIF_DAY, shares, cents * 100});
}

static inline int64_t bench_cancel(struct trade_bench *t, unsigned owner, uint32_t id)
{
    return bench_signal(t, owner, (struct wt_signal){.kind = WT_SIGNAL_CANCEL, .order = id});
}

static inline void bench_report(struct trade_bench *t, struct wt_exec_report report)
{
    bench_input(t, (struct wt_event){.type = WT_EVENT_EXEC, .exec = report});
}

static inline void bench_accept(struct trade_bench *t, uint32_t id)
{
    const struct wt_order *o = wt_oms_find(t->oms, id);
    bench_report(t, (struct wt_exec_report){.type = WT_EXEC_ACCEPTED, .id = id, .shares = o->open, .price = o->price});
}

static inline void bench_fill(struct trade_bench *t, uint32_t id, uint32_t shares)
{
    const struct wt_order *o = wt_oms_find(t->oms, id);
    bench_report(t, (struct wt_exec_report){.type = WT_EXEC_EXECUTED,
                                            .id = id,
                                            .shares = shares,
                                            .price = o->price,
                                            .liquidity = 'R',
                                            .match = ++t->match});
}

static inline void bench_canceled(struct trade_bench *t, uint32_t id, uint32_t shares)
{
    bench_report(t, (struct wt_exec_report){.type = WT_EXEC_CANCELED, .id = id, .shares = shares, .reason = 'U'});
}

/* Time passes, and whoever set a timer hears of it: handlers must know by the clock whether it is theirs to act. */
static inline void bench_pass(struct trade_bench *t, uint64_t ns)
{
    t->link.now += ns;
    for (uint32_t id = 0; id < 2; id++)
        bench_input(t, (struct wt_event){.type = WT_EVENT_TIMER, .timer = {WT_TIMER_RISK, id}});
    bench_input(t, (struct wt_event){.type = WT_EVENT_TIMER, .timer = {WT_TIMER_DESK, 0}});
}

/* The loop's own timers, to the end of ns; once, at the end of a test. */
static inline void bench_run_out(struct trade_bench *t, uint64_t ns)
{
    t->link.end = t->link.now + ns;
    assert_int_equal(wt_loop_run(t->loop), -EPIPE);
}

#endif
