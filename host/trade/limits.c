#include "host/trade/limits.h"

#include <errno.h>
#include <string.h>

static const struct {
    const char *name;
    bool opening;
} known[WT_LIMITS] = {
    [WT_LIMIT_NONE] = {"none", false},
    [WT_LIMIT_KILL] = {"kill", false},
    [WT_LIMIT_GATEWAY] = {"gateway", false},
    [WT_LIMIT_BAD_ORDER] = {"bad_order", false},
    [WT_LIMIT_TICK] = {"tick", false},
    [WT_LIMIT_LOT] = {"lot", true},
    [WT_LIMIT_RESTRICTED] = {"restricted", true},
    [WT_LIMIT_HALTED] = {"halted", false},
    [WT_LIMIT_QUOTE] = {"quote", false},
    [WT_LIMIT_QUOTE_AGE] = {"quote_age", false},
    [WT_LIMIT_COLLAR] = {"collar", false},
    [WT_LIMIT_COLLAR_LAST] = {"collar_last", false},
    [WT_LIMIT_LOSS] = {"loss", true},
    [WT_LIMIT_DRAWDOWN] = {"drawdown", true},
    [WT_LIMIT_REDUCE_ONLY] = {"reduce_only", true},
    [WT_LIMIT_ORDER_SHARES] = {"order_shares", true},
    [WT_LIMIT_ORDER_NOTIONAL] = {"order_notional", true},
    [WT_LIMIT_LONG] = {"long", true},
    [WT_LIMIT_SHORT] = {"short", true},
    [WT_LIMIT_POSITION] = {"position", true},
    [WT_LIMIT_SYMBOL_NOTIONAL] = {"symbol_notional", true},
    [WT_LIMIT_GROSS_NOTIONAL] = {"gross_notional", true},
    [WT_LIMIT_NET_NOTIONAL] = {"net_notional", true},
    [WT_LIMIT_OPEN_NOTIONAL] = {"open_notional", true},
    [WT_LIMIT_OPEN_SYMBOL] = {"open_symbol", true},
    [WT_LIMIT_OPEN_TOTAL] = {"open_total", true},
    [WT_LIMIT_SELF_MATCH] = {"self_match", false},
    [WT_LIMIT_DUPLICATE] = {"duplicate", true},
    [WT_LIMIT_REPEAT] = {"repeat", true},
    [WT_LIMIT_RATE] = {"rate", false},
    [WT_LIMIT_CANCEL_RATE] = {"cancel_rate", true},
    [WT_LIMIT_MESSAGE_RATE] = {"message_rate", false},
};

const char *wt_limit_name(enum wt_limit limit)
{
    return limit < WT_LIMITS ? known[limit].name : "?";
}

bool wt_limit_opening(enum wt_limit limit)
{
    return limit < WT_LIMITS && known[limit].opening;
}

/* ---- rates ---- */

static int bucket_init(struct wt_bucket *bucket, uint32_t per_second, uint32_t burst, uint64_t now)
{
    *bucket = (struct wt_bucket){.due = now, .at = now};
    if (!per_second)
        return 0;
    if (per_second > 1000000 || burst == 0 || burst > 1000000)
        return -EINVAL;
    bucket->step_ns = 1000000000 / per_second;
    bucket->full_ns = bucket->step_ns * burst;
    return 0;
}

/* May go into debt, but never deeper than one full bucket. */
static void spend(struct wt_bucket *b, uint64_t now)
{
    if (!b->step_ns)
        return;
    int64_t left = wt_bucket_tokens(b, now) - b->step_ns;
    wt_bucket_left(b, now, left < -b->full_ns ? -b->full_ns : left);
}

/* ---- one limit each ---- */

static bool over(struct wt_measure *m, int64_t value, int64_t bound)
{
    m->value = value;
    m->bound = bound;
    return value > bound;
}

/* bound 0: not limited */
static bool past(struct wt_measure *m, int64_t value, int64_t bound)
{
    return bound && over(m, value, bound);
}

static bool bad_order(const struct wt_signal *s)
{
    return s->shares == 0 || s->shares > WT_MAX_SHARES || s->price == 0 || s->price > WT_MAX_PRICE ||
           (s->side != WT_BUY && s->side != WT_SELL);
}

static bool off_tick(const struct wt_limit_state *st, const struct wt_signal *s, struct wt_measure *m)
{
    uint32_t tick = wt_tick(s->price);
    if (st->limits.tick > tick && s->price >= 10000)
        tick = st->limits.tick;
    m->value = s->price;
    m->bound = tick;
    return s->price % tick != 0;
}

static bool beyond(const struct wt_signal *s, uint32_t reference, uint32_t bps, struct wt_measure *m)
{
    int64_t room = (int64_t)reference * bps / 10000;
    m->value = s->price;
    m->bound = s->side == WT_BUY ? reference + room : reference - room;
    return s->side == WT_BUY ? m->value > m->bound : m->value < m->bound;
}

/* Against the far side of the BBO, or the near side when the far one is empty. */
static bool through_collar(const struct wt_signal *s, const struct wt_quote *q, uint32_t bps, struct wt_measure *m)
{
    uint32_t near = s->side == WT_BUY ? q->bid_price : q->ask_price;
    uint32_t far = s->side == WT_BUY ? q->ask_price : q->bid_price;
    return bps != WT_NO_COLLAR && beyond(s, far ? far : near, bps, m);
}

static bool self_match(const struct wt_limit_view *v, struct wt_measure *m)
{
    const struct wt_signal *s = v->signal;
    uint32_t best = wt_oms_best_own(v->oms, v->row, s->symbol, s->side == WT_BUY ? WT_SELL : WT_BUY);
    m->value = s->price;
    m->bound = best;
    return best && (s->side == WT_BUY ? s->price >= best : s->price <= best);
}

static unsigned seen_count(const struct wt_limit_state *st)
{
    return st->seen_next < WT_REMEMBERED ? st->seen_next : WT_REMEMBERED;
}

/* How often the order is among the last ones, not older than within; *age: of the youngest of them. */
static unsigned seen_before(const struct wt_limit_state *st, const struct wt_signal *s, uint64_t now, uint64_t within,
                            uint64_t *age)
{
    unsigned found = 0;
    for (unsigned i = 1; i <= seen_count(st); i++) {
        const struct wt_remembered *r = &st->seen[(st->seen_next - i) % WT_REMEMBERED];
        uint64_t old = now > r->ns ? now - r->ns : 0;
        if (old >= within || r->symbol != s->symbol || r->side != (char)s->side || r->tif != (char)s->tif ||
            r->shares != s->shares || r->price != s->price)
            continue;
        if (!found++)
            *age = old;
    }
    return found;
}

static bool duplicate(const struct wt_limit_state *st, const struct wt_limit_view *v, struct wt_measure *m)
{
    uint64_t age = 0;
    if (!st->limits.duplicate_ns || !v->is_new || !seen_before(st, v->signal, v->now, st->limits.duplicate_ns, &age))
        return false;
    *m = (struct wt_measure){(int64_t)age, (int64_t)st->limits.duplicate_ns};
    return true;
}

static bool repeated(const struct wt_limit_state *st, const struct wt_limit_view *v, struct wt_measure *m)
{
    uint64_t age = 0;
    return st->limits.max_repeats && v->is_new &&
           over(m, seen_before(st, v->signal, v->now, st->limits.repeat_ns, &age) + 1, st->limits.max_repeats);
}

static bool empty(const struct wt_bucket *b, uint64_t now, int64_t need, struct wt_measure *m)
{
    if (!b->step_ns || wt_bucket_tokens(b, now) >= need)
        return false;
    *m = (struct wt_measure){wt_bucket_tokens(b, now) / b->step_ns, b->full_ns / b->step_ns};
    return true;
}

/* ---- in the order of enum wt_limit ---- */

/* Limits that hold for all orders, up to the prices. */
static enum wt_limit before_size(const struct wt_limit_state *st, const struct wt_limit_view *v, struct wt_measure *m)
{
    const struct wt_risk_limits *l = &st->limits;
    const struct wt_signal *s = v->signal;
    const struct wt_quote *q = &v->symbol->quote;
    if (st->killed || st->held)
        return WT_LIMIT_KILL;
    if (!v->gateway_up)
        return WT_LIMIT_GATEWAY;
    if (bad_order(s))
        return WT_LIMIT_BAD_ORDER;
    if (off_tick(st, s, m))
        return WT_LIMIT_TICK;
    if (!v->reducing && l->lot > 1 && s->shares % l->lot) {
        *m = (struct wt_measure){s->shares, l->lot};
        return WT_LIMIT_LOT;
    }
    if (!v->reducing && v->restricted)
        return WT_LIMIT_RESTRICTED;
    if (v->symbol->trading_state && v->symbol->trading_state != 'T')
        return WT_LIMIT_HALTED;
    if (!v->symbol->bound || !q->valid || (!q->bid_price && !q->ask_price))
        return WT_LIMIT_QUOTE;
    if (past(m, v->now > v->symbol->quote_ns ? (int64_t)(v->now - v->symbol->quote_ns) : 0,
             (int64_t)l->max_quote_age_ns))
        return WT_LIMIT_QUOTE_AGE;
    if (through_collar(s, q, l->collar_bps, m))
        return WT_LIMIT_COLLAR;
    if (l->collar_last_bps && v->symbol->last_price && beyond(s, v->symbol->last_price, l->collar_last_bps, m))
        return WT_LIMIT_COLLAR_LAST;
    return WT_LIMIT_NONE;
}

/* Limits of exposure: for orders that open. */
static enum wt_limit sizes(const struct wt_limit_state *st, const struct wt_limit_view *v, struct wt_measure *m)
{
    const struct wt_risk_limits *l = &st->limits;
    const struct wt_signal *s = v->signal;
    const bool buy = s->side == WT_BUY;
    const struct wt_working *w = v->working, *t = v->total;
    if (st->lost) {
        *m = (struct wt_measure){v->profit, -l->max_loss};
        return WT_LIMIT_LOSS;
    }
    if (st->drawn) {
        *m = (struct wt_measure){st->best - v->profit, l->max_drawdown};
        return WT_LIMIT_DRAWDOWN;
    }
    if (st->reduce_only)
        return WT_LIMIT_REDUCE_ONLY;
    if (past(m, s->shares, l->max_order_shares))
        return WT_LIMIT_ORDER_SHARES;
    if (past(m, (int64_t)s->shares * s->price, l->max_order_notional))
        return WT_LIMIT_ORDER_NOTIONAL;
    if (past(m, v->side_position + s->shares, buy ? l->max_long : l->max_short))
        return buy ? WT_LIMIT_LONG : WT_LIMIT_SHORT;
    if (past(m, v->side_worst, l->max_position))
        return WT_LIMIT_POSITION;
    if (past(m, v->position_notional + w->buy_notional + w->sell_notional + v->more_notional, l->max_symbol_notional))
        return WT_LIMIT_SYMBOL_NOTIONAL;
    if (past(m, v->gross + t->buy_notional + t->sell_notional + v->more_notional, l->max_gross_notional))
        return WT_LIMIT_GROSS_NOTIONAL;
    if (past(m, v->side_net + (buy ? t->buy_notional : t->sell_notional) + v->more_notional, l->max_net_notional))
        return WT_LIMIT_NET_NOTIONAL;
    if (past(m, t->buy_notional + t->sell_notional + v->more_notional, l->max_open_notional))
        return WT_LIMIT_OPEN_NOTIONAL;
    if (v->is_new && past(m, (int64_t)w->open + 1, l->max_open_symbol))
        return WT_LIMIT_OPEN_SYMBOL;
    if (v->is_new && past(m, (int64_t)t->open + 1, l->max_open_total))
        return WT_LIMIT_OPEN_TOTAL;
    return WT_LIMIT_NONE;
}

static enum wt_limit after_size(const struct wt_limit_state *st, const struct wt_limit_view *v, struct wt_measure *m)
{
    if (st->limits.no_self_match && self_match(v, m))
        return WT_LIMIT_SELF_MATCH;
    if (!v->reducing && duplicate(st, v, m))
        return WT_LIMIT_DUPLICATE;
    if (!v->reducing && repeated(st, v, m))
        return WT_LIMIT_REPEAT;
    if (empty(&st->orders, v->now, st->orders.step_ns, m))
        return WT_LIMIT_RATE;
    if (!v->reducing && empty(&st->cancels, v->now, 0, m))
        return WT_LIMIT_CANCEL_RATE;
    if (empty(&st->messages, v->now, st->messages.step_ns, m))
        return WT_LIMIT_MESSAGE_RATE;
    return WT_LIMIT_NONE;
}

enum wt_limit wt_limits_check(const struct wt_limit_state *state, struct wt_limit_view *view,
                              struct wt_measure *measure)
{
    view->reducing = view->side_position < 0 && view->side_worst <= 0;
    enum wt_limit limit = before_size(state, view, measure);
    if (!limit && !view->reducing)
        limit = sizes(state, view, measure);
    return limit ? limit : after_size(state, view, measure);
}

void wt_limits_count(struct wt_limit_state *state, const struct wt_signal *signal, uint64_t now)
{
    spend(&state->messages, now);
    if (signal->kind == WT_SIGNAL_CANCEL) {
        spend(&state->cancels, now);
        return;
    }
    spend(&state->orders, now);
    if (signal->kind != WT_SIGNAL_ENTER || !(state->limits.duplicate_ns || state->limits.max_repeats))
        return;
    state->seen[state->seen_next++ % WT_REMEMBERED] = (struct wt_remembered){.symbol = signal->symbol,
                                                                             .side = (char)signal->side,
                                                                             .tif = (char)signal->tif,
                                                                             .shares = signal->shares,
                                                                             .price = signal->price,
                                                                             .ns = now};
    if (state->seen_next == 2 * WT_REMEMBERED)
        state->seen_next = WT_REMEMBERED; /* the same place, and never a wrap */
}

int wt_limits_init(struct wt_limit_state *state, const struct wt_risk_limits *limits, uint64_t now)
{
    static const struct wt_risk_limits none = {.collar_bps = WT_NO_COLLAR};
    memset(state, 0, sizeof *state);
    state->limits = limits ? *limits : none;
    state->used = limits != NULL;
    const struct wt_risk_limits *l = &state->limits;
    state->plain = l->lot <= 1 && !l->tick && l->collar_bps != WT_NO_COLLAR && !l->collar_last_bps && !l->max_long &&
                   !l->max_short && !l->max_symbol_notional && !l->max_net_notional && !l->max_open_notional &&
                   !l->no_self_match && !l->duplicate_ns && !l->max_repeats && !l->cancels_per_second &&
                   !l->messages_per_second && !l->restricted_count && !l->max_quote_age_ns;
    state->bound.shares =
        l->max_order_shares && l->max_order_shares < WT_MAX_SHARES ? l->max_order_shares : WT_MAX_SHARES;
    state->bound.open_symbol = l->max_open_symbol ? l->max_open_symbol : UINT32_MAX;
    state->bound.open_total = l->max_open_total ? l->max_open_total : UINT32_MAX;
    state->bound.notional = l->max_order_notional ? l->max_order_notional : INT64_MAX;
    state->bound.position = l->max_position ? l->max_position : INT64_MAX;
    state->bound.gross = l->max_gross_notional ? l->max_gross_notional : INT64_MAX;
    if (l->max_repeats && (!l->repeat_ns || l->max_repeats > WT_REMEMBERED))
        return -EINVAL;
    int rc = bucket_init(&state->orders, l->orders_per_second, l->burst, now);
    rc = rc ? rc : bucket_init(&state->cancels, l->cancels_per_second, l->cancel_burst, now);
    return rc ? rc : bucket_init(&state->messages, l->messages_per_second, l->message_burst, now);
}
