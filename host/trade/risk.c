#include "host/trade/risk.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "host/trade/pass_inside.h"

enum { TIMER_HEARTBEAT, TIMER_SILENCE };

/* What is looked at of a symbol, found once. */
struct seat {
    const struct wt_symbol_view *view; /* NULL: not found yet */
    const struct wt_position *position;
    const struct wt_working *working; /* the firm's, both */
    uint64_t restricted;              /* a bit for each row */
};

struct wt_risk {
    struct wt_loop *loop;
    const struct wt_quotes *quotes;
    const struct wt_positions *positions;
    const struct wt_oms *oms;
    const struct wt_position_sums *sums; /* the firm's */
    const struct wt_working *total;
    struct wt_scopes scopes;
    unsigned rows;
    bool gateway_up, venue_closed, watches_loss, has_restricted;
    bool gateway_open; /* up, and not closed */
    bool plain;        /* open, and the firm, which alone has limits, has plain ones and is not stopped: reckon() */
    bool watched;      /* the loss limits had nothing to say of the profits as they are, nor would they again */
    uint64_t heartbeat_ns, heard_at, silence_ns, down_since;
    struct wt_pass pass; /* the one that may be out */
    struct wt_risk_stats stats;
    struct wt_limit_state state[WT_SCOPES_MAX];
    struct seat seat[65536];
};

/* After anything of it has changed. */
static void reckon(struct wt_risk *risk)
{
    const struct wt_limit_state *firm = &risk->state[WT_SCOPE_FIRM];
    risk->plain = risk->rows == 1 && firm->plain && !firm->stopped && risk->gateway_open;
}

static __attribute__((noinline)) void find_seat(struct wt_risk *risk, struct seat *seat, wt_symbol symbol)
{
    seat->position = wt_positions_get(risk->positions, symbol);
    seat->working = wt_oms_firm(risk->oms, symbol);
    seat->view = wt_quotes_get(risk->quotes, symbol);
}

/* ---- checks ---- */

/* What all levels see alike. */
static struct wt_limit_view view_of(const struct wt_risk *risk, const struct wt_signal *s, int64_t *more_shares)
{
    struct wt_limit_view v = {.signal = s,
                              .symbol = wt_quotes_get(risk->quotes, s->symbol),
                              .oms = risk->oms,
                              .now = wt_loop_now(risk->loop),
                              .is_new = s->kind != WT_SIGNAL_REPLACE,
                              .gateway_up = risk->gateway_open,
                              .more_notional = (int64_t)s->shares * s->price};
    *more_shares = s->shares;
    const struct wt_order *o = v.is_new ? NULL : wt_oms_find(risk->oms, s->order);
    if (o) {
        int64_t old = o->open;
        *more_shares = s->shares > old ? s->shares - old : 0;
        v.more_notional -= old * o->price;
        if (v.more_notional < 0)
            v.more_notional = 0;
    }
    return v;
}

static void look_at(const struct wt_risk *risk, struct wt_limit_view *v, unsigned row, int64_t more_shares)
{
    const bool buy = v->signal->side == WT_BUY;
    const wt_symbol symbol = v->signal->symbol;
    const struct wt_position *p = wt_positions_row(risk->positions, row, symbol);
    const struct wt_position_sums *sums = wt_positions_sums(risk->positions, row);
    v->row = row;
    v->restricted = risk->seat[symbol].restricted >> row & 1;
    v->working = wt_oms_row(risk->oms, row, symbol);
    v->total = wt_oms_total(risk->oms, row);
    v->side_position = buy ? p->shares : -p->shares;
    v->side_worst = v->side_position + (buy ? v->working->buy_shares : v->working->sell_shares) + more_shares;
    v->position_notional = (p->shares < 0 ? -p->shares : p->shares) * (int64_t)p->mark;
    v->gross = sums->gross;
    v->side_net = buy ? sums->net : -sums->net;
    v->profit = sums->realized + sums->unrealized - wt_fees_money(sums->fees);
}

/* Of a price that crosses the far side, or where that is empty: then the near one counts. */
static __attribute__((noinline)) bool beyond_collar(const struct wt_limit_state *st, bool buy, uint32_t price,
                                                    const struct wt_quote *q)
{
    int64_t far = buy ? q->ask_price : q->bid_price, near = buy ? q->bid_price : q->ask_price;
    int64_t reference = far ? far : near;
    int64_t room = (int64_t)((uint64_t)reference * st->limits.collar_bps / 10000);
    return !reference || (buy ? price > reference + room : price < reference - room);
}

static bool silent(const struct wt_limit_state *st)
{
    return !st->used && !st->killed && !st->reduce_only && !st->held;
}

static __attribute__((noinline)) enum wt_limit check(struct wt_risk *risk, const struct wt_signal *signal,
                                                     unsigned owner)
{
    unsigned row[WT_LEVELS], levels = wt_scope_of(&risk->scopes, owner, row);
    enum wt_limit limit = WT_LIMIT_NONE;
    struct wt_verdict verdict = {.signal = *signal, .owner = (uint8_t)owner};
    int64_t more_shares;
    struct wt_limit_view v = view_of(risk, signal, &more_shares);
    if (signal->kind != WT_SIGNAL_CANCEL) {
        /* From the inside out: of levels that break the same limit, the innermost is named. */
        for (unsigned i = levels; i-- > 0;) {
            const struct wt_limit_state *st = &risk->state[row[i]];
            if (i != WT_LEVEL_FIRM && silent(st) && i + 1 != levels)
                continue;
            struct wt_measure m = {0, 0};
            look_at(risk, &v, row[i], more_shares);
            enum wt_limit broken = wt_limits_check(st, &v, &m);
            if (i + 1 == levels)
                verdict.reducing = v.reducing;
            if (!broken || (limit && broken >= limit))
                continue;
            limit = broken;
            verdict.limit = (uint8_t)broken;
            verdict.level = (uint8_t)i;
            verdict.reducing = v.reducing;
            verdict.value = m.value;
            verdict.bound = m.bound;
        }
    }
    risk->stats.checked++;
    if (limit) {
        risk->stats.refused[limit]++;
        risk->stats.refused_level[verdict.level]++;
    } else {
        risk->stats.accepted++;
        for (unsigned i = 0; i < levels; i++)
            wt_limits_count(&risk->state[row[i]], signal, v.now);
    }
    wt_loop_publish(risk->loop, &(struct wt_event){.type = WT_EVENT_VERDICT, .verdict = verdict});
    return limit;
}

#define unlikely(x) __builtin_expect(!!(x), 0)

/*
 * The one order that is both frequent and urgent: it may open, only the firm has limits, and only plain ones. Nothing
 * is measured: when all of them hold it is accepted; else, and for every other order, check() says what is broken.
 * o: the order that is replaced, NULL: none. True: it counts against the rate, and must be told.
 */
static inline __attribute__((always_inline)) bool quick(struct wt_risk *risk, const struct seat *at, const bool buy,
                                                        uint32_t shares, uint32_t price, const struct wt_order *o)
{
    struct wt_limit_state *st = &risk->state[WT_SCOPE_FIRM];
    const struct wt_quote *q = &at->view->quote;
    if (unlikely(!at->view->trades) || unlikely(!q->valid))
        return false;
    if (unlikely(shares - 1 >= st->bound.shares))
        return false;
    /* A dollar or more in whole cents, or less than a dollar. */
    if (unlikely(price - 10000 > WT_MAX_PRICE - 10000)) {
        if (price - 1 >= 9999)
            return false;
    } else if (unlikely(price % 100)) {
        return false;
    }
    /* What does not cross the far side is within any collar. */
    bool crosses = buy ? price > q->ask_price : price - 1 < q->bid_price - 1;
    if (unlikely(crosses) && beyond_collar(st, buy, price, q))
        return false;
    int64_t notional = (int64_t)shares * price;
    if (unlikely(notional > st->bound.notional))
        return false;
    const struct wt_working *w = at->working, *t = risk->total;
    int64_t position = buy ? at->position->shares : -at->position->shares;
    int64_t all = risk->sums->gross + t->buy_notional + t->sell_notional, more = notional;
    if (unlikely(position < 0))
        return false;
    position += buy ? w->buy_shares : w->sell_shares;
    if (o) {
        more -= (int64_t)o->open * o->price;
        if (unlikely(shares > o->open))
            position += shares - o->open;
    } else {
        position += shares;
        if (w->open >= st->bound.open_symbol || t->open >= st->bound.open_total)
            return false;
    }
    if (unlikely(position > st->bound.position))
        return false;
    if (unlikely(all > st->bound.gross) || unlikely(all + more > st->bound.gross))
        return false;
    return wt_bucket_take(&st->orders, wt_loop_now(risk->loop));
}

static inline __attribute__((always_inline)) bool quick_of(struct wt_risk *risk, wt_symbol symbol, enum wt_side side,
                                                           uint32_t shares, uint32_t price, const struct wt_order *o)
{
    struct seat *at = &risk->seat[symbol];
#if defined(__GNUC__)
    __asm__("" : "+r"(at)); /* where it lies is known: not to be computed again at each use */
#endif
    if (unlikely(!risk->plain))
        return false;
    if (unlikely(!at->view))
        find_seat(risk, at, symbol);
    if (side == WT_BUY)
        return quick(risk, at, true, shares, price, o);
    return (o || side == WT_SELL) && quick(risk, at, false, shares, price, o);
}

/* The verdict of quick(). */
static void tell(struct wt_risk *risk, const struct wt_signal *s, unsigned owner)
{
    risk->stats.checked++;
    risk->stats.accepted++;
    wt_loop_derive(risk->loop, WT_EVENT_VERDICT)->verdict = (struct wt_verdict){.signal = *s, .owner = (uint8_t)owner};
}

enum wt_limit wt_risk_check(struct wt_risk *risk, const struct wt_signal *signal, unsigned owner)
{
    const struct wt_order *o = signal->kind == WT_SIGNAL_REPLACE ? wt_oms_find(risk->oms, signal->order) : NULL;
    bool may = o || signal->kind == WT_SIGNAL_ENTER;
    if (!may || !quick_of(risk, signal->symbol, signal->side, signal->shares, signal->price, o))
        return check(risk, signal, owner);
    tell(risk, signal, owner);
    return WT_LIMIT_NONE;
}

/* ---- stops ---- */

static void publish_kill(struct wt_risk *risk, unsigned row, enum wt_kill_reason why, enum wt_loss_action action)
{
    struct wt_event event = {
        .type = WT_EVENT_RISK_ALERT,
        .alert = {.kind = WT_ALERT_KILL, .scope = (uint8_t)row, .action = (uint8_t)action, .detail = why}};
    wt_loop_publish(risk->loop, &event);
}

static void kill_scope(struct wt_risk *risk, unsigned row, enum wt_kill_reason why, bool alert)
{
    if (row >= risk->rows || risk->state[row].killed)
        return;
    risk->state[row].killed = true;
    reckon(risk);
    if (alert)
        publish_kill(risk, row, why, WT_LOSS_KILL);
}

void wt_risk_kill(struct wt_risk *risk, bool alert)
{
    kill_scope(risk, WT_SCOPE_FIRM, WT_KILL_BY_HAND, alert);
}

void wt_risk_kill_scope(struct wt_risk *risk, unsigned row, bool alert)
{
    kill_scope(risk, row, WT_KILL_BY_HAND, alert);
}

void wt_risk_hold(struct wt_risk *risk, bool on)
{
    risk->state[WT_SCOPE_FIRM].held = on;
    reckon(risk);
}

void wt_risk_reduce_only(struct wt_risk *risk, unsigned row, bool alert)
{
    if (row >= risk->rows || risk->state[row].reduce_only)
        return;
    risk->state[row].reduce_only = true;
    reckon(risk);
    if (alert)
        publish_kill(risk, row, WT_KILL_BY_HAND, WT_LOSS_REDUCE_ONLY);
}

void wt_risk_release(struct wt_risk *risk, unsigned row)
{
    if (row >= risk->rows)
        return;
    struct wt_limit_state *st = &risk->state[row];
    st->killed = st->reduce_only = st->lost = st->drawn = false;
    reckon(risk);
    risk->watched = false;
    st->best = wt_positions_profit(risk->positions, row);
}

bool wt_risk_killed(const struct wt_risk *risk)
{
    const struct wt_limit_state *firm = &risk->state[WT_SCOPE_FIRM];
    return firm->killed || firm->lost || firm->drawn || firm->reduce_only;
}

bool wt_risk_dead(const struct wt_risk *risk, unsigned row)
{
    return row < risk->rows && risk->state[row].killed;
}

static void watch_row(struct wt_risk *risk, unsigned row)
{
    struct wt_limit_state *st = &risk->state[row];
    const struct wt_risk_limits *l = &st->limits;
    if ((!l->max_loss || st->lost) && (!l->max_drawdown || st->drawn))
        return;
    int64_t profit = wt_positions_profit(risk->positions, row);
    if (profit > st->best)
        st->best = profit;
    enum wt_kill_reason why = WT_KILL_BY_HAND;
    if (l->max_loss && !st->lost && profit <= -l->max_loss) {
        st->lost = true;
        why = WT_KILL_LOSS;
    } else if (l->max_drawdown && !st->drawn && st->best - profit >= l->max_drawdown) {
        st->drawn = true;
        why = WT_KILL_DRAWDOWN;
    }
    if (why == WT_KILL_BY_HAND)
        return;
    risk->watched = false; /* the other limit may have something to say, too */
    if (l->on_loss == WT_LOSS_KILL)
        st->killed = true;
    reckon(risk);
    publish_kill(risk, row, why, l->on_loss);
}

static void bind_restricted(struct wt_risk *risk, wt_symbol symbol)
{
    const char *name = wt_quotes_get(risk->quotes, symbol)->name;
    for (unsigned row = 0; row < risk->rows; row++) {
        const struct wt_risk_limits *l = &risk->state[row].limits;
        for (unsigned i = 0; i < l->restricted_count; i++)
            if (strcmp(l->restricted[i], name) == 0)
                risk->seat[symbol].restricted |= 1ull << row;
    }
}

static __attribute__((noinline)) void watch_rows(struct wt_risk *risk)
{
    risk->watched = true;
    for (unsigned row = 0; row < risk->rows && risk->watches_loss; row++)
        watch_row(risk, row);
}

/* After every fill and mark: a loss limit does not wait for the next order. */
static void watch_loss(void *ctx, const struct wt_event *event)
{
    struct wt_risk *risk = ctx;
    if (event->type == WT_EVENT_MARKET && event->market.head.kind == WT_RECORD_TYPE_SYMBOL && risk->has_restricted)
        bind_restricted(risk, event->market.head.symbol);
    watch_rows(risk);
}

void wt_risk_marked(struct wt_risk *risk, bool changed)
{
    if (changed || !risk->watched)
        watch_rows(risk);
}

static void on_gateway(void *ctx, const struct wt_event *event)
{
    struct wt_risk *risk = ctx;
    bool was_up = risk->gateway_up;
    risk->venue_closed = event->gateway.state == WT_GATEWAY_CLOSED;
    risk->gateway_open = !risk->venue_closed && event->gateway.state == WT_GATEWAY_UP;
    reckon(risk);
    if (risk->venue_closed)
        return; /* the session stands, and what was sent is answered: nothing to be alarmed at */
    risk->gateway_up = event->gateway.state == WT_GATEWAY_UP;
    if (!was_up || risk->gateway_up)
        return;
    if (wt_oms_open_orders(risk->oms)) {
        struct wt_event alert = {.type = WT_EVENT_RISK_ALERT,
                                 .alert = {.kind = WT_ALERT_GATEWAY, .detail = wt_oms_open_orders(risk->oms)}};
        wt_loop_publish(risk->loop, &alert);
    }
    risk->down_since = wt_loop_now(risk->loop);
    if (risk->silence_ns)
        wt_loop_timer(risk->loop, risk->down_since + risk->silence_ns, WT_TIMER_RISK, TIMER_SILENCE);
}

static void on_timer(void *ctx, const struct wt_event *event)
{
    struct wt_risk *risk = ctx;
    if (event->timer.owner != WT_TIMER_RISK)
        return;
    uint64_t now = wt_loop_now(risk->loop);
    if (event->timer.id == TIMER_SILENCE) {
        /* An older timer of a session that came back says nothing of this one. */
        if (risk->silence_ns && !risk->gateway_up && now >= risk->down_since + risk->silence_ns)
            kill_scope(risk, WT_SCOPE_FIRM, WT_KILL_SILENCE, true);
        return;
    }
    if (!risk->heartbeat_ns)
        return;
    if (now >= risk->heard_at + risk->heartbeat_ns)
        kill_scope(risk, WT_SCOPE_FIRM, WT_KILL_HEARTBEAT, true);
    else
        wt_loop_timer(risk->loop, risk->heard_at + risk->heartbeat_ns, WT_TIMER_RISK, TIMER_HEARTBEAT);
}

void wt_risk_heartbeat(struct wt_risk *risk)
{
    risk->heard_at = wt_loop_now(risk->loop);
}

/* ---- life ---- */

static int init_rows(struct wt_risk *r, const struct wt_risk_config *c, uint64_t now)
{
    for (unsigned row = 0; row < r->rows; row++) {
        const struct wt_risk_limits *l = row == 0                    ? c->firm
                                         : row <= c->scopes.accounts ? c->account[row - 1]
                                                                     : c->strategy[row - 1 - c->scopes.accounts];
        int rc = wt_limits_init(&r->state[row], l, now);
        if (rc)
            return rc;
        r->watches_loss = r->watches_loss || (l && (l->max_loss || l->max_drawdown));
        r->has_restricted = r->has_restricted || (l && l->restricted_count);
    }
    return 0;
}

int wt_risk_create_for(const struct wt_risk_config *config, struct wt_loop *loop, const struct wt_quotes *quotes,
                       const struct wt_positions *positions, const struct wt_oms *oms, struct wt_risk **risk)
{
    if (config->scopes.owners > WT_OWNERS_MAX || config->scopes.accounts > WT_OWNERS_MAX)
        return -EINVAL;
    for (unsigned i = 0; i < config->scopes.owners; i++)
        if (config->scopes.account_of[i] >= config->scopes.accounts)
            return -EINVAL;
    struct wt_risk *r = calloc(1, sizeof *r);
    if (!r)
        return -ENOMEM;
    r->loop = loop;
    r->quotes = quotes;
    r->positions = positions;
    r->oms = oms;
    r->sums = wt_positions_sums(positions, WT_SCOPE_FIRM);
    r->total = wt_oms_total(oms, WT_SCOPE_FIRM);
    r->scopes = config->scopes;
    r->rows = wt_scope_rows(&r->scopes);
    r->heartbeat_ns = config->heartbeat_ns;
    r->silence_ns = config->silence_ns;
    uint64_t now = wt_loop_now(loop);
    r->heard_at = now;
    int rc = init_rows(r, config, now);
    if (rc) {
        free(r);
        return rc;
    }
    *risk = r;
    if (r->heartbeat_ns)
        wt_loop_timer(loop, now + r->heartbeat_ns, WT_TIMER_RISK, TIMER_HEARTBEAT);
    rc = wt_loop_subscribe(loop, WT_EVENT_GATEWAY, on_gateway, r);
    rc = rc ? rc : wt_loop_subscribe(loop, WT_EVENT_TIMER, on_timer, r);
    rc = rc ? rc : wt_loop_subscribe(loop, WT_EVENT_POSITION, watch_loss, r);
    return rc ? rc : wt_loop_subscribe(loop, WT_EVENT_MARKET, watch_loss, r);
}

int wt_risk_create(const struct wt_risk_limits *limits, struct wt_loop *loop, const struct wt_quotes *quotes,
                   const struct wt_positions *positions, const struct wt_oms *oms, struct wt_risk **risk)
{
    return wt_risk_create_for(&(struct wt_risk_config){.firm = limits}, loop, quotes, positions, oms, risk);
}

void wt_risk_destroy(struct wt_risk *risk)
{
    free(risk);
}

struct wt_pass *wt_risk_pass(struct wt_risk *risk, const struct wt_signal *signal, unsigned owner)
{
    const struct wt_order *o = signal->kind == WT_SIGNAL_REPLACE ? wt_oms_find(risk->oms, signal->order) : NULL;
    struct wt_pass *pass = &risk->pass;
    pass->signal = *signal;
    pass->order = o;
    pass->owner = (uint8_t)owner;
    pass->good = WT_PASS_USED;
    if (o) {
        pass->signal.symbol = o->symbol;
        pass->signal.side = o->side;
        pass->signal.tif = o->tif;
    }
    if (wt_risk_check(risk, &pass->signal, owner) != WT_LIMIT_NONE)
        return NULL;
    pass->good = WT_PASS_SIGNAL;
    return pass;
}

struct wt_pass *wt_risk_pass_move(struct wt_risk *risk, const struct wt_signal *signal, const struct wt_order *o)
{
    struct wt_pass *pass = &risk->pass;
    const uint32_t shares = signal->shares, price = signal->price;
    pass->good = WT_PASS_USED;
    if (!quick_of(risk, o->symbol, o->side, shares, price, o))
        return NULL;
    pass->signal.shares = shares;
    pass->signal.price = price;
    pass->order = o;
    pass->good = WT_PASS_MOVE;
    return pass;
}

void wt_risk_told(struct wt_risk *risk)
{
    struct wt_pass *pass = &risk->pass;
    const struct wt_order *o = pass->order;
    pass->signal = (struct wt_signal){.kind = WT_SIGNAL_REPLACE,
                                      .order = o->id,
                                      .symbol = o->symbol,
                                      .side = o->side,
                                      .tif = o->tif,
                                      .shares = pass->signal.shares,
                                      .price = pass->signal.price};
    pass->owner = o->owner;
    if (pass->good == WT_PASS_MOVE)
        pass->good = WT_PASS_SIGNAL;
    tell(risk, &pass->signal, o->owner);
}

void wt_risk_stats(const struct wt_risk *risk, struct wt_risk_stats *stats)
{
    *stats = risk->stats;
}
