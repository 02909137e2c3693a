#include "host/trade/risk.h"

#include <errno.h>
#include <stdlib.h>

struct wt_risk {
    struct wt_risk_limits limits;
    struct wt_loop *loop;
    const struct wt_quotes *quotes;
    const struct wt_positions *positions;
    const struct wt_oms *oms;
    bool killed, lost, gateway_up;
    uint64_t order_ns;             /* what one order costs of the bucket */
    uint64_t tokens_ns, filled_at; /* the bucket, in ns of its rate; when it was last topped up */
    struct wt_risk_stats stats;
};

/* What a signal would do, in the worst case. */
struct effect {
    int64_t more_shares, more_notional; /* beyond what already works */
    int64_t side_position;              /* position as this side sees it: above 0 is what the side makes larger */
    int64_t side_worst;                 /* the same after this order and all working ones of the side */
    bool reducing, is_new;
};

struct measure {
    int64_t value, bound;
};

const char *wt_limit_name(enum wt_limit limit)
{
    static const char *const names[WT_LIMITS] = {
        "none", "kill",         "gateway",        "bad_order", "halted",         "quote",       "quote_age",  "collar",
        "loss", "order_shares", "order_notional", "position",  "gross_notional", "open_symbol", "open_total", "rate"};
    return limit < WT_LIMITS ? names[limit] : "?";
}

static struct effect effect_of(const struct wt_risk *risk, const struct wt_signal *s)
{
    struct effect e = {.more_shares = s->shares, .more_notional = (int64_t)s->shares * s->price, .is_new = true};
    if (s->kind == WT_SIGNAL_REPLACE) {
        const struct wt_order *o = wt_oms_find(risk->oms, s->order);
        if (o) {
            int64_t old = o->open;
            e.more_shares = s->shares > old ? s->shares - old : 0;
            e.more_notional -= old * o->price;
            if (e.more_notional < 0)
                e.more_notional = 0;
        }
        e.is_new = false;
    }
    struct wt_working w = wt_oms_working(risk->oms, s->symbol);
    int64_t position = wt_positions_get(risk->positions, s->symbol)->shares;
    e.side_position = s->side == WT_BUY ? position : -position;
    e.side_worst = e.side_position + (s->side == WT_BUY ? w.buy_shares : w.sell_shares) + e.more_shares;
    e.reducing = e.side_position < 0 && e.side_worst <= 0;
    return e;
}

/* Price against the far side of the BBO, or the near side when the far one is empty. */
static bool through_collar(const struct wt_risk *risk, const struct wt_signal *s, const struct wt_quote *q,
                           struct measure *m)
{
    bool buy = s->side == WT_BUY;
    uint32_t reference =
        buy ? (q->ask_price ? q->ask_price : q->bid_price) : (q->bid_price ? q->bid_price : q->ask_price);
    int64_t room = (int64_t)reference * risk->limits.collar_bps / 10000;
    m->value = s->price;
    m->bound = buy ? reference + room : reference - room;
    return buy ? m->value > m->bound : m->value < m->bound;
}

static uint64_t tokens_now(const struct wt_risk *risk, uint64_t now)
{
    uint64_t full = risk->order_ns * risk->limits.burst;
    uint64_t tokens = risk->tokens_ns + (now - risk->filled_at);
    return tokens < full ? tokens : full;
}

static bool over(struct measure *m, int64_t value, int64_t bound)
{
    m->value = value;
    m->bound = bound;
    return value > bound;
}

static bool bad_order(const struct wt_signal *s)
{
    return s->shares == 0 || s->shares > WT_MAX_SHARES || s->price == 0 || s->price > WT_MAX_PRICE ||
           s->price % wt_tick(s->price) || (s->side != WT_BUY && s->side != WT_SELL);
}

/* Limits that a reducing order passes. */
static enum wt_limit size_limit(const struct wt_risk *risk, const struct wt_signal *s, const struct effect *e,
                                struct measure *m)
{
    const struct wt_risk_limits *l = &risk->limits;
    if (risk->lost) {
        m->value = wt_positions_realized(risk->positions) + wt_positions_unrealized(risk->positions);
        m->bound = -l->max_loss;
        return WT_LIMIT_LOSS;
    }
    if (over(m, s->shares, l->max_order_shares))
        return WT_LIMIT_ORDER_SHARES;
    if (over(m, (int64_t)s->shares * s->price, l->max_order_notional))
        return WT_LIMIT_ORDER_NOTIONAL;
    if (over(m, e->side_worst, l->max_position))
        return WT_LIMIT_POSITION;
    int64_t gross = wt_positions_gross(risk->positions) + wt_oms_working_notional(risk->oms) + e->more_notional;
    if (over(m, gross, l->max_gross_notional))
        return WT_LIMIT_GROSS_NOTIONAL;
    return WT_LIMIT_NONE;
}

static enum wt_limit limit_of(const struct wt_risk *risk, const struct wt_signal *s, const struct effect *e,
                              uint64_t now, struct measure *m)
{
    const struct wt_risk_limits *l = &risk->limits;
    const struct wt_symbol_view *view = wt_quotes_get(risk->quotes, s->symbol);
    if (risk->killed)
        return WT_LIMIT_KILL;
    if (!risk->gateway_up)
        return WT_LIMIT_GATEWAY;
    if (bad_order(s))
        return WT_LIMIT_BAD_ORDER;
    if (view->trading_state && view->trading_state != 'T')
        return WT_LIMIT_HALTED;
    if (!view->bound || !view->quote.valid || (!view->quote.bid_price && !view->quote.ask_price))
        return WT_LIMIT_QUOTE;
    if (l->max_quote_age_ns && over(m, (int64_t)(now - view->quote_ns), (int64_t)l->max_quote_age_ns))
        return WT_LIMIT_QUOTE_AGE;
    if (through_collar(risk, s, &view->quote, m))
        return WT_LIMIT_COLLAR;
    enum wt_limit limit = e->reducing ? WT_LIMIT_NONE : size_limit(risk, s, e, m);
    if (limit)
        return limit;
    if (e->is_new && over(m, wt_oms_working(risk->oms, s->symbol).open + 1, l->max_open_symbol))
        return WT_LIMIT_OPEN_SYMBOL;
    if (e->is_new && over(m, wt_oms_open_orders(risk->oms) + 1, l->max_open_total))
        return WT_LIMIT_OPEN_TOTAL;
    if (tokens_now(risk, now) < risk->order_ns) {
        *m = (struct measure){0, l->burst};
        return WT_LIMIT_RATE;
    }
    return WT_LIMIT_NONE;
}

enum wt_limit wt_risk_check(struct wt_risk *risk, const struct wt_signal *signal, unsigned owner)
{
    uint64_t now = wt_loop_now(risk->loop);
    struct measure m = {0, 0};
    struct effect e = {0};
    enum wt_limit limit = WT_LIMIT_NONE;
    if (signal->kind != WT_SIGNAL_CANCEL) {
        e = effect_of(risk, signal);
        limit = limit_of(risk, signal, &e, now, &m);
    }
    risk->stats.checked++;
    if (limit) {
        risk->stats.refused[limit]++;
    } else {
        risk->stats.accepted++;
        if (signal->kind != WT_SIGNAL_CANCEL) {
            risk->tokens_ns = tokens_now(risk, now) - risk->order_ns;
            risk->filled_at = now;
        }
    }
    struct wt_event event = {.type = WT_EVENT_VERDICT,
                             .verdict = {.signal = *signal,
                                         .limit = (uint8_t)limit,
                                         .owner = (uint8_t)owner,
                                         .reducing = e.reducing,
                                         .value = limit ? m.value : 0,
                                         .bound = limit ? m.bound : 0}};
    wt_loop_publish(risk->loop, &event);
    return limit;
}

static void publish_kill(struct wt_risk *risk, int64_t why)
{
    struct wt_event event = {.type = WT_EVENT_RISK_ALERT, .alert = {.kind = WT_ALERT_KILL, .detail = why}};
    wt_loop_publish(risk->loop, &event);
}

void wt_risk_kill(struct wt_risk *risk, bool alert)
{
    if (risk->killed)
        return;
    risk->killed = true;
    if (alert)
        publish_kill(risk, 0);
}

bool wt_risk_killed(const struct wt_risk *risk)
{
    return risk->killed || risk->lost;
}

/* After every fill and mark: the loss limit does not wait for the next order. */
static void watch_loss(void *ctx, const struct wt_event *event)
{
    struct wt_risk *risk = ctx;
    (void)event;
    if (risk->lost || !risk->limits.max_loss)
        return;
    if (wt_positions_realized(risk->positions) + wt_positions_unrealized(risk->positions) > -risk->limits.max_loss)
        return;
    risk->lost = true;
    publish_kill(risk, 1);
}

static void on_gateway(void *ctx, const struct wt_event *event)
{
    struct wt_risk *risk = ctx;
    bool was_up = risk->gateway_up;
    risk->gateway_up = event->gateway.state == WT_GATEWAY_UP;
    if (was_up && !risk->gateway_up && wt_oms_open_orders(risk->oms)) {
        struct wt_event alert = {.type = WT_EVENT_RISK_ALERT,
                                 .alert = {.kind = WT_ALERT_GATEWAY, .detail = wt_oms_open_orders(risk->oms)}};
        wt_loop_publish(risk->loop, &alert);
    }
}

int wt_risk_create(const struct wt_risk_limits *limits, struct wt_loop *loop, const struct wt_quotes *quotes,
                   const struct wt_positions *positions, const struct wt_oms *oms, struct wt_risk **risk)
{
    if (limits->orders_per_second == 0 || limits->orders_per_second > 1000000 || limits->burst == 0)
        return -EINVAL;
    struct wt_risk *r = calloc(1, sizeof *r);
    if (!r)
        return -ENOMEM;
    r->limits = *limits;
    r->loop = loop;
    r->quotes = quotes;
    r->positions = positions;
    r->oms = oms;
    r->order_ns = 1000000000u / limits->orders_per_second;
    r->tokens_ns = r->order_ns * limits->burst;
    r->filled_at = wt_loop_now(loop);
    *risk = r;
    int rc = wt_loop_subscribe(loop, WT_EVENT_GATEWAY, on_gateway, r);
    rc = rc ? rc : wt_loop_subscribe(loop, WT_EVENT_POSITION, watch_loss, r);
    return rc ? rc : wt_loop_subscribe(loop, WT_EVENT_MARKET, watch_loss, r);
}

void wt_risk_destroy(struct wt_risk *risk)
{
    free(risk);
}

void wt_risk_stats(const struct wt_risk *risk, struct wt_risk_stats *stats)
{
    *stats = risk->stats;
}
