#include "host/trade/oms.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "host/trade/fills.h"

struct wt_oms {
    struct wt_loop *loop;
    struct wt_order_sink sink;
    struct wt_order *orders;
    uint32_t mask, next_id;
    struct wt_fills fills;
    struct wt_working *working;
    unsigned symbols;
    int64_t notional;
    uint32_t open_orders;
    struct wt_oms_stats stats;
};

/* ---- orders and their sums ---- */

static struct wt_order *find(const struct wt_oms *oms, uint32_t id)
{
    struct wt_order *order = &oms->orders[id & oms->mask];
    return id && order->id == id ? order : NULL;
}

static bool is_replacement(const struct wt_order *order)
{
    return order->state == WT_ORDER_PENDING_NEW && order->replaces;
}

/*
 * What an order adds to the working sums. A pending replacement adds only what it has more than
 * its original: one of the two will stand, not both.
 */
static void recount(struct wt_oms *oms, struct wt_order *o)
{
    int64_t shares = 0, notional = 0;
    bool open = false;
    if (wt_order_alive(o->state)) {
        shares = o->open;
        notional = (int64_t)o->open * o->price;
        open = true;
        const struct wt_order *original = is_replacement(o) ? find(oms, o->replaces) : NULL;
        if (original && wt_order_alive(original->state)) {
            int64_t old = original->open, value = old * original->price;
            shares = shares > old ? shares - old : 0;
            notional = notional > value ? notional - value : 0;
            open = false;
        }
    }
    struct wt_working *w = &oms->working[o->symbol];
    int64_t *sum = o->side == WT_BUY ? &w->buy_shares : &w->sell_shares;
    *sum += shares - o->counted_shares;
    oms->notional += notional - o->counted_notional;
    w->open += (uint32_t)open - (uint32_t)o->counted_open;
    oms->open_orders += (uint32_t)open - (uint32_t)o->counted_open;
    o->counted_shares = shares;
    o->counted_notional = notional;
    o->counted_open = open;
}

static void recount_chain(struct wt_oms *oms, struct wt_order *o)
{
    recount(oms, o);
    struct wt_order *other = o->replacement ? find(oms, o->replacement) : NULL;
    if (other)
        recount(oms, other);
}

/* ---- events out ---- */

static void alert(struct wt_oms *oms, enum wt_alert_kind kind, uint32_t id, unsigned state, unsigned input,
                  int64_t detail)
{
    struct wt_event event = {
        .type = WT_EVENT_RISK_ALERT,
        .alert = {.kind = kind, .order = id, .state = (uint8_t)state, .input = (uint8_t)input, .detail = detail}};
    wt_loop_publish(oms->loop, &event);
}

static struct wt_event order_event(const struct wt_order *o, enum wt_order_input input, unsigned old_state)
{
    return (struct wt_event){.type = WT_EVENT_ORDER,
                             .order = {.id = o->id,
                                       .replaces = o->replaces,
                                       .symbol = o->symbol,
                                       .side = o->side,
                                       .owner = o->owner,
                                       .state = o->state,
                                       .old_state = (uint8_t)old_state,
                                       .input = (uint8_t)input,
                                       .price = o->price,
                                       .open_shares = o->open,
                                       .filled_shares = o->filled}};
}

static void illegal(struct wt_oms *oms, const struct wt_order *o, enum wt_order_input input)
{
    oms->stats.illegal++;
    alert(oms, WT_ALERT_ILLEGAL, o->id, o->state, input, 0);
}

/*
 * The one place where a state changes. The caller has set the quantities; extra carries what the event says
 * beyond the order (fill, reason). False when the table does not allow it.
 */
static bool step(struct wt_oms *oms, struct wt_order *o, enum wt_order_input input, const struct wt_order_event *extra)
{
    enum wt_order_state next = wt_oms_next(o->state, input);
    if (next == WT_ORDER_NONE) {
        illegal(oms, o, input);
        return false;
    }
    unsigned old = o->state;
    if (next == WT_ORDER_WORKING)
        next = o->filled ? WT_ORDER_PARTIALLY_FILLED : WT_ORDER_LIVE;
    o->state = (uint8_t)next;
    if (!wt_order_alive(next))
        o->open = 0;
    recount_chain(oms, o);
    struct wt_event event = order_event(o, input, old);
    if (extra) {
        event.order.reason = extra->reason;
        event.order.liquidity = extra->liquidity;
        event.order.fill_shares = extra->fill_shares;
        event.order.fill_price = extra->fill_price;
        event.order.match = extra->match;
    }
    wt_loop_publish(oms->loop, &event);
    return true;
}

static bool legal(struct wt_oms *oms, const struct wt_order *o, enum wt_order_input input)
{
    if (wt_oms_next(o->state, input) != WT_ORDER_NONE)
        return true;
    illegal(oms, o, input);
    return false;
}

/* ---- requests ---- */

static struct wt_order *new_order(struct wt_oms *oms, const struct wt_signal *signal, unsigned owner)
{
    struct wt_order *o = &oms->orders[oms->next_id & oms->mask];
    /* A full table of remembered fills could not tell a duplicate any more: no new orders then. */
    if (wt_order_alive(o->state) || oms->fills.count >= oms->fills.limit - (oms->fills.limit >> 4))
        return NULL;
    *o = (struct wt_order){.id = oms->next_id++,
                           .symbol = signal->symbol,
                           .side = signal->side,
                           .tif = signal->tif,
                           .owner = (uint8_t)owner,
                           .price = signal->price,
                           .open = signal->shares};
    return o;
}

static int send_request(struct wt_oms *oms, const struct wt_order_request *request)
{
    int rc = oms->sink.send(oms->sink.ctx, request);
    if (rc)
        oms->stats.send_failed++;
    return rc;
}

int64_t wt_oms_enter(struct wt_oms *oms, const struct wt_signal *signal, const char name[8], unsigned owner)
{
    if (signal->symbol >= oms->symbols)
        return -EINVAL;
    struct wt_order *o = new_order(oms, signal, owner);
    if (!o) {
        oms->stats.refused++;
        return -ENOSPC;
    }
    step(oms, o, WT_OI_SENT, NULL);
    struct wt_order_request request = {.kind = WT_REQUEST_ENTER,
                                       .id = o->id,
                                       .symbol = o->symbol,
                                       .side = o->side,
                                       .tif = o->tif,
                                       .shares = o->open,
                                       .price = o->price};
    memcpy(request.name, name, sizeof request.name);
    int rc = send_request(oms, &request);
    if (rc) {
        step(oms, o, WT_OI_SEND_FAILED, &(struct wt_order_event){.reason = WT_OMS_NOT_SENT});
        return rc;
    }
    oms->stats.enters++;
    return o->id;
}

int64_t wt_oms_replace(struct wt_oms *oms, const struct wt_signal *signal, const char name[8], unsigned owner)
{
    struct wt_order *o = find(oms, signal->order);
    if (!o || !wt_order_alive(o->state) || (owner != WT_OWNER_ANY && o->owner != owner))
        return oms->stats.refused++, -ENOENT;
    if (wt_oms_next(o->state, WT_OI_REPLACE_SENT) == WT_ORDER_NONE)
        return oms->stats.refused++, -EBUSY;
    uint64_t liable = (uint64_t)o->chain_filled + o->filled + signal->shares;
    if (liable > WT_MAX_SHARES)
        return oms->stats.refused++, -ERANGE;
    struct wt_signal wanted = *signal;
    wanted.symbol = o->symbol;
    wanted.side = o->side;
    wanted.tif = o->tif;
    struct wt_order *n = new_order(oms, &wanted, o->owner);
    if (!n)
        return oms->stats.refused++, -ENOSPC;
    n->replaces = o->id;
    n->chain_filled = o->chain_filled + o->filled;
    struct wt_order_request request = {.kind = WT_REQUEST_REPLACE,
                                       .id = n->id,
                                       .replaced = o->id,
                                       .symbol = o->symbol,
                                       .side = o->side,
                                       .tif = o->tif,
                                       .shares = (uint32_t)liable,
                                       .price = n->price};
    memcpy(request.name, name, sizeof request.name);
    int rc = send_request(oms, &request);
    step(oms, n, WT_OI_SENT, NULL);
    if (rc) {
        step(oms, n, WT_OI_SEND_FAILED, &(struct wt_order_event){.reason = WT_OMS_NOT_SENT});
        return rc;
    }
    o->replacement = n->id;
    step(oms, o, WT_OI_REPLACE_SENT, NULL);
    oms->stats.replaces++;
    return n->id;
}

static int send_cancel(struct wt_oms *oms, struct wt_order *o)
{
    struct wt_order_request request = {
        .kind = WT_REQUEST_CANCEL, .id = o->id, .symbol = o->symbol, .side = o->side, .tif = o->tif, .shares = 0};
    int rc = send_request(oms, &request);
    if (rc)
        return rc;
    o->cancel_kept = false;
    oms->stats.cancels++;
    step(oms, o, WT_OI_CANCEL_SENT, NULL);
    return 0;
}

static void keep_cancel(struct wt_oms *oms, struct wt_order *o)
{
    if (o->cancel_kept)
        return;
    o->cancel_kept = true;
    step(oms, o, WT_OI_CANCEL_KEPT, NULL);
}

int wt_oms_cancel(struct wt_oms *oms, uint32_t id, unsigned owner)
{
    struct wt_order *o = find(oms, id);
    if (!o || !wt_order_alive(o->state) || (owner != WT_OWNER_ANY && o->owner != owner))
        return oms->stats.refused++, -ENOENT;
    if (o->state == WT_ORDER_PENDING_CANCEL)
        return 0;
    if (o->state == WT_ORDER_PENDING_NEW || o->state == WT_ORDER_PENDING_REPLACE) {
        /* Whichever of the two stands in the end must go. */
        struct wt_order *other = find(oms, o->state == WT_ORDER_PENDING_REPLACE ? o->replacement : o->replaces);
        keep_cancel(oms, o);
        if (other && wt_order_alive(other->state))
            keep_cancel(oms, other);
        return 0;
    }
    return send_cancel(oms, o);
}

unsigned wt_oms_cancel_all(struct wt_oms *oms)
{
    unsigned alive = 0;
    for (uint32_t i = 0; i <= oms->mask; i++)
        if (wt_order_alive(oms->orders[i].state)) {
            alive++;
            wt_oms_cancel(oms, oms->orders[i].id, WT_OWNER_ANY);
        }
    return alive;
}

/* ---- the venue's answers ---- */

/* A kept cancel goes out as soon as the order works. */
static void after_answer(struct wt_oms *oms, struct wt_order *o)
{
    if (o->cancel_kept && (o->state == WT_ORDER_LIVE || o->state == WT_ORDER_PARTIALLY_FILLED))
        send_cancel(oms, o);
}

/* The original is gone by itself: the venue ignores the replace without a word. */
static void void_replacement(struct wt_oms *oms, struct wt_order *o)
{
    struct wt_order *n = find(oms, o->replacement);
    o->replacement = 0;
    if (!n || n->state != WT_ORDER_PENDING_NEW)
        return;
    oms->stats.voided++;
    step(oms, n, WT_OI_VOID, &(struct wt_order_event){.reason = WT_OMS_VOID});
}

static void on_accepted(struct wt_oms *oms, struct wt_order *o, const struct wt_exec_report *r)
{
    enum wt_order_input input = r->dead ? WT_OI_ACCEPTED_DEAD : WT_OI_ACCEPTED;
    if (o->replaces) { /* a replacement is answered by U, never by A */
        illegal(oms, o, input);
        return;
    }
    if (!legal(oms, o, input))
        return;
    oms->stats.accepted++;
    o->open = r->shares;
    o->price = r->price;
    step(oms, o, input, NULL);
    after_answer(oms, o);
}

static void on_replaced(struct wt_oms *oms, struct wt_order *n, const struct wt_exec_report *r)
{
    enum wt_order_input input = r->dead ? WT_OI_REPLACED_DEAD : WT_OI_REPLACED;
    struct wt_order *o = find(oms, r->replaced);
    if (!o || n->replaces != r->replaced || o->replacement != n->id) {
        illegal(oms, n, input);
        return;
    }
    if (!legal(oms, n, input) || !legal(oms, o, WT_OI_REPLACED_AWAY))
        return;
    oms->stats.replaced++;
    /* Fills of the original since the replace was sent belong to the chain too. */
    n->chain_filled = o->chain_filled + o->filled;
    o->replacement = 0;
    step(oms, o, WT_OI_REPLACED_AWAY, NULL);
    n->open = r->shares;
    n->price = r->price;
    step(oms, n, input, NULL);
    after_answer(oms, n);
}

static void on_rejected(struct wt_oms *oms, struct wt_order *o, const struct wt_exec_report *r)
{
    if (!legal(oms, o, WT_OI_REJECTED))
        return;
    oms->stats.rejected++;
    const struct wt_order_event extra = {.reason = r->reason};
    struct wt_order *original = o->replaces ? find(oms, o->replaces) : NULL;
    bool stands = original && original->replacement == o->id;
    /* First that the original stands, then that its replacement does not: whoever watches sees no gap. */
    if (stands) {
        original->replacement = 0;
        stands = step(oms, original, WT_OI_REPLACE_REJECTED, &extra);
    }
    step(oms, o, WT_OI_REJECTED, &extra);
    if (stands) {
        recount(oms, original);
        after_answer(oms, original);
    }
}

static void on_executed(struct wt_oms *oms, struct wt_order *o, const struct wt_exec_report *r)
{
    if (wt_fills_find(&oms->fills, o->id, r->match)) {
        oms->stats.duplicates++;
        return;
    }
    bool impossible = r->shares == 0 || r->shares > WT_MAX_SHARES || r->price > 2000000000u;
    if (impossible || !wt_fills_add(&oms->fills, o->id, r->match, r->shares, r->price)) {
        oms->stats.bad_fills++;
        alert(oms, WT_ALERT_BAD_FILL, o->id, o->state, WT_OI_FILL_ALL, r->shares);
        return;
    }
    enum wt_order_input input = r->shares < o->open ? WT_OI_FILL_PART : WT_OI_FILL_ALL;
    struct wt_order_event extra = {
        .fill_shares = (int32_t)r->shares, .fill_price = r->price, .match = r->match, .liquidity = r->liquidity};
    oms->stats.fills++;
    oms->stats.filled_shares += r->shares;
    o->filled += r->shares;
    if (wt_oms_next(o->state, input) == WT_ORDER_NONE) {
        /* Not ours to refuse: shares have changed hands. The position takes them, the alert tells. */
        illegal(oms, o, input);
        struct wt_event event = order_event(o, input, o->state);
        event.order.illegal = true;
        event.order.fill_shares = extra.fill_shares;
        event.order.fill_price = extra.fill_price;
        event.order.match = extra.match;
        event.order.liquidity = extra.liquidity;
        wt_loop_publish(oms->loop, &event);
        return;
    }
    if (r->shares > o->open) {
        oms->stats.bad_fills++;
        alert(oms, WT_ALERT_BAD_FILL, o->id, o->state, input, r->shares);
    }
    o->open = input == WT_OI_FILL_PART ? o->open - r->shares : 0;
    /* The replace said the total liable: what the original fills, the replacement cannot any more. */
    struct wt_order *n = o->replacement ? find(oms, o->replacement) : NULL;
    if (n)
        n->open -= r->shares < n->open ? r->shares : n->open;
    step(oms, o, input, &extra);
    if (input == WT_OI_FILL_ALL)
        void_replacement(oms, o);
}

static void on_canceled(struct wt_oms *oms, struct wt_order *o, const struct wt_exec_report *r)
{
    enum wt_order_input input = r->shares < o->open ? WT_OI_REDUCED : WT_OI_CANCELED;
    if (!legal(oms, o, input))
        return;
    oms->stats.canceled += input == WT_OI_CANCELED;
    oms->stats.canceled_shares += r->shares < o->open ? r->shares : o->open;
    o->open = input == WT_OI_REDUCED ? o->open - r->shares : 0;
    step(oms, o, input, &(struct wt_order_event){.reason = r->reason});
    if (input == WT_OI_CANCELED)
        void_replacement(oms, o);
}

static void on_broken(struct wt_oms *oms, struct wt_order *o, const struct wt_exec_report *r)
{
    struct wt_fill *fill = wt_fills_find(&oms->fills, o->id, r->match);
    if (!fill) {
        illegal(oms, o, WT_OI_BROKEN);
        return;
    }
    if (fill->broken) {
        oms->stats.duplicates++;
        return;
    }
    if (!legal(oms, o, WT_OI_BROKEN))
        return;
    fill->broken = true;
    oms->stats.broken++;
    o->filled -= fill->shares < o->filled ? fill->shares : o->filled;
    step(oms, o, WT_OI_BROKEN,
         &(struct wt_order_event){
             .fill_shares = -(int32_t)fill->shares, .fill_price = fill->price, .match = r->match, .reason = r->reason});
}

static void on_exec(void *ctx, const struct wt_event *event)
{
    struct wt_oms *oms = ctx;
    const struct wt_exec_report *r = &event->exec;
    struct wt_order *o = find(oms, r->id);
    if (!o) {
        oms->stats.unknown++;
        alert(oms, WT_ALERT_UNKNOWN_ORDER, r->id, 0, 0, r->type);
        return;
    }
    switch (r->type) {
    case WT_EXEC_ACCEPTED:
        on_accepted(oms, o, r);
        break;
    case WT_EXEC_REPLACED:
        on_replaced(oms, o, r);
        break;
    case WT_EXEC_EXECUTED:
        on_executed(oms, o, r);
        break;
    case WT_EXEC_CANCELED:
        on_canceled(oms, o, r);
        break;
    case WT_EXEC_REJECTED:
        on_rejected(oms, o, r);
        break;
    case WT_EXEC_BROKEN:
        on_broken(oms, o, r);
        break;
    case WT_EXEC_CANCEL_PENDING:
        step(oms, o, WT_OI_CANCEL_PENDING, NULL);
        break;
    case WT_EXEC_CANCEL_REJECTED:
        step(oms, o, WT_OI_CANCEL_REJECTED, NULL);
        break;
    }
}

/* ---- the rest ---- */

void wt_oms_defaults(struct wt_oms_config *config)
{
    *config = (struct wt_oms_config){.orders = 1u << 16, .fills = 1u << 18, .symbols = 1u << 16};
}

static bool power_of_two(unsigned v)
{
    return v && (v & (v - 1)) == 0;
}

int wt_oms_create(const struct wt_oms_config *config, struct wt_loop *loop, struct wt_order_sink sink,
                  struct wt_oms **oms)
{
    if (!power_of_two(config->orders) || !power_of_two(config->fills) || !config->symbols)
        return -EINVAL;
    struct wt_oms *o = calloc(1, sizeof *o);
    if (!o)
        return -ENOMEM;
    o->loop = loop;
    o->sink = sink;
    o->mask = config->orders - 1;
    o->next_id = 1;
    o->symbols = config->symbols;
    o->orders = calloc(config->orders, sizeof *o->orders);
    o->working = calloc(config->symbols, sizeof *o->working);
    int rc = wt_fills_create(&o->fills, config->fills);
    if (!rc && (!o->orders || !o->working))
        rc = -ENOMEM;
    if (!rc)
        rc = wt_loop_subscribe(loop, WT_EVENT_EXEC, on_exec, o);
    if (rc) {
        wt_oms_destroy(o);
        return rc;
    }
    *oms = o;
    return 0;
}

void wt_oms_destroy(struct wt_oms *oms)
{
    if (!oms)
        return;
    free(oms->orders);
    free(oms->working);
    wt_fills_destroy(&oms->fills);
    free(oms);
}

const struct wt_order *wt_oms_find(const struct wt_oms *oms, uint32_t id)
{
    return find(oms, id);
}

struct wt_working wt_oms_working(const struct wt_oms *oms, wt_symbol symbol)
{
    return symbol < oms->symbols ? oms->working[symbol] : (struct wt_working){0};
}

int64_t wt_oms_working_notional(const struct wt_oms *oms)
{
    return oms->notional;
}

uint32_t wt_oms_open_orders(const struct wt_oms *oms)
{
    return oms->open_orders;
}

void wt_oms_stats(const struct wt_oms *oms, struct wt_oms_stats *stats)
{
    *stats = oms->stats;
}
