#include "host/trade/desk.h"

#include <errno.h>
#include <stdlib.h>

struct wt_desk {
    struct wt_loop *loop;
    struct wt_quotes *quotes;
    struct wt_risk *risk;
    struct wt_oms *oms;
    const struct wt_positions *positions; /* NULL: cannot flatten */
    struct wt_scopes scopes;
    uint64_t flattening; /* a bit for each row */
    bool timer_set, cancel_on_start;
};

#define RETRY_NS 100000000u

static void on_alert(void *ctx, const struct wt_event *event)
{
    struct wt_desk *desk = ctx;
    if (event->alert.kind != WT_ALERT_KILL)
        return;
    wt_oms_mass_cancel(desk->oms, event->alert.scope, WT_SYMBOL_NONE, 0);
    if (event->alert.action == WT_LOSS_FLATTEN)
        wt_desk_flatten(desk, event->alert.scope);
}

/* The order decides symbol and side, not the strategy's memory of it. */
static __attribute__((noinline)) void tell_replace(struct wt_desk *desk, const struct wt_signal *signal,
                                                   const struct wt_order *o)
{
    if (!wt_loop_heard(desk->loop, WT_EVENT_SIGNAL))
        return;
    struct wt_signal s = *signal;
    s.symbol = o->symbol;
    s.side = o->side;
    s.tif = o->tif;
    wt_loop_derive(desk->loop, WT_EVENT_SIGNAL)->signal = s;
}

static __attribute__((flatten, noinline)) int64_t desk_other(struct wt_desk *desk, const struct wt_signal *signal,
                                                             unsigned owner)
{
    if (wt_loop_heard(desk->loop, WT_EVENT_SIGNAL))
        wt_loop_derive(desk->loop, WT_EVENT_SIGNAL)->signal = *signal;
    struct wt_pass *pass = wt_risk_pass(desk->risk, signal, owner);
    if (!pass)
        return -EPERM;
    switch (signal->kind) {
    case WT_SIGNAL_ENTER:
        return wt_oms_enter(desk->oms, pass, wt_quotes_get(desk->quotes, signal->symbol)->padded);
    case WT_SIGNAL_CANCEL:
        return wt_oms_cancel(desk->oms, signal->order, owner);
    default:
        return -EINVAL;
    }
}

/* Of an order that may be replaced: NULL: it may not. */
static __attribute__((noinline)) int64_t replace(struct wt_desk *desk, const struct wt_signal *signal,
                                                 const struct wt_order *o, unsigned owner)
{
    if (!o) {
        o = wt_oms_find(desk->oms, signal->order);
        return o && o->owner == owner && wt_order_alive(o->state) ? -EBUSY : -ENOENT;
    }
    tell_replace(desk, signal, o);
    struct wt_pass *pass = wt_risk_pass(desk->risk, signal, owner);
    return pass ? wt_oms_replace(desk->oms, pass) : -EPERM;
}

/* A move left, or could not, or (rc 1) must go the longer way. */
static __attribute__((noinline)) int64_t told(struct wt_desk *desk, const struct wt_signal *signal,
                                              struct wt_pass *pass, const struct wt_order *o, int rc)
{
    tell_replace(desk, signal, o);
    wt_risk_told(desk->risk);
    return rc > 0 ? wt_oms_replace(desk->oms, pass) : wt_oms_moved(desk->oms, pass, rc);
}

int64_t wt_desk_signal(struct wt_desk *desk, const struct wt_signal *signal, unsigned owner)
{
    if (__builtin_expect(signal->kind != WT_SIGNAL_REPLACE, 0))
        return desk_other(desk, signal, owner);
    const struct wt_order *o = wt_oms_movable(desk->oms, signal->order, owner);
    struct wt_pass *pass = __builtin_expect(!o, 0) ? NULL : wt_risk_pass_move(desk->risk, signal, o);
    if (__builtin_expect(!pass, 0))
        return replace(desk, signal, o, owner);
    return told(desk, signal, pass, o, wt_oms_move(desk->oms, pass));
}

/* ---- flatten ---- */

/* One symbol of one strategy. True when it is flat. */
static bool flatten_one(struct wt_desk *desk, unsigned row, unsigned owner, wt_symbol symbol)
{
    int64_t shares = wt_positions_row(desk->positions, row, symbol)->shares;
    if (!shares)
        return true;
    const struct wt_quote *q = &wt_quotes_get(desk->quotes, symbol)->quote;
    uint32_t price = shares > 0 ? q->bid_price : q->ask_price;
    if (!price || wt_oms_row(desk->oms, row, symbol)->open || price > WT_MAX_PRICE)
        return false; /* nobody to trade with, or an answer is still to come */
    int64_t all = shares > 0 ? shares : -shares;
    const struct wt_signal s = {.kind = WT_SIGNAL_ENTER,
                                .symbol = symbol,
                                .side = shares > 0 ? WT_SELL : WT_BUY,
                                .tif = WT_TIF_IOC,
                                .shares = (uint32_t)(all < WT_MAX_SHARES ? all : WT_MAX_SHARES),
                                .price = price};
    wt_desk_signal(desk, &s, owner);
    return false;
}

static bool flatten_row(struct wt_desk *desk, unsigned row)
{
    bool flat = true;
    unsigned symbols = wt_quotes_count(desk->quotes);
    for (unsigned owner = 0; owner == 0 || owner < desk->scopes.owners; owner++) {
        unsigned rows[WT_LEVELS], n = wt_scope_of(&desk->scopes, owner, rows);
        if (row != WT_SCOPE_FIRM && !wt_scope_has(&desk->scopes, row, owner))
            continue;
        for (unsigned i = 0; i < symbols; i++)
            flat &= flatten_one(desk, rows[n - 1], owner, (wt_symbol)i);
    }
    return flat;
}

static void flatten_all(struct wt_desk *desk)
{
    for (unsigned row = 0; row < wt_scope_rows(&desk->scopes); row++)
        if (desk->flattening >> row & 1 && (wt_risk_dead(desk->risk, row) || flatten_row(desk, row)))
            desk->flattening &= ~(1ull << row);
    if (!desk->flattening || desk->timer_set)
        return;
    desk->timer_set = wt_loop_timer(desk->loop, wt_loop_now(desk->loop) + RETRY_NS, WT_TIMER_DESK, 0) != 0;
}

static void on_timer(void *ctx, const struct wt_event *event)
{
    struct wt_desk *desk = ctx;
    if (event->timer.owner != WT_TIMER_DESK)
        return;
    desk->timer_set = false;
    flatten_all(desk);
}

/* The last working order went: the position can be closed now. */
static void on_order(void *ctx, const struct wt_event *event)
{
    struct wt_desk *desk = ctx;
    if (desk->flattening && !wt_order_alive(event->order.state) && event->order.input < WT_OI_SENT)
        flatten_all(desk);
}

int wt_desk_flattens(struct wt_desk *desk, const struct wt_positions *positions, const struct wt_scopes *scopes)
{
    desk->positions = positions;
    desk->scopes = *scopes;
    int rc = wt_loop_subscribe(desk->loop, WT_EVENT_ORDER, on_order, desk);
    return rc ? rc : wt_loop_subscribe(desk->loop, WT_EVENT_TIMER, on_timer, desk);
}

int wt_desk_flatten(struct wt_desk *desk, unsigned row)
{
    if (!desk->positions)
        return -ENOTSUP;
    if (row >= wt_scope_rows(&desk->scopes))
        return -EINVAL;
    desk->flattening |= 1ull << row;
    wt_risk_reduce_only(desk->risk, row, false);
    wt_oms_mass_cancel(desk->oms, row, WT_SYMBOL_NONE, 0);
    flatten_all(desk);
    return 0;
}

bool wt_desk_flattening(const struct wt_desk *desk)
{
    return desk->flattening != 0;
}

static void on_gateway(void *ctx, const struct wt_event *event)
{
    struct wt_desk *desk = ctx;
    if (event->gateway.state != WT_GATEWAY_UP || !desk->cancel_on_start)
        return;
    desk->cancel_on_start = false;
    wt_oms_cancel_all(desk->oms);
}

int wt_desk_cancel_on_start(struct wt_desk *desk)
{
    desk->cancel_on_start = true;
    return wt_loop_subscribe(desk->loop, WT_EVENT_GATEWAY, on_gateway, desk);
}

void wt_desk_stop(struct wt_desk *desk)
{
    wt_risk_kill(desk->risk, false);
    wt_oms_cancel_all(desk->oms);
}

void wt_desk_hold(struct wt_desk *desk)
{
    wt_risk_hold(desk->risk, true);
    wt_oms_cancel_all(desk->oms);
}

void wt_desk_go_on(struct wt_desk *desk)
{
    wt_risk_hold(desk->risk, false);
}

unsigned wt_desk_open(const struct wt_desk *desk)
{
    return wt_oms_open_orders(desk->oms);
}

int wt_desk_create(struct wt_loop *loop, struct wt_quotes *quotes, struct wt_risk *risk, struct wt_oms *oms,
                   struct wt_desk **desk)
{
    struct wt_desk *d = calloc(1, sizeof *d);
    if (!d)
        return -ENOMEM;
    *d = (struct wt_desk){.loop = loop, .quotes = quotes, .risk = risk, .oms = oms};
    *desk = d;
    return wt_loop_subscribe(loop, WT_EVENT_RISK_ALERT, on_alert, d);
}

void wt_desk_destroy(struct wt_desk *desk)
{
    free(desk);
}
