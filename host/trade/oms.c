#include "host/trade/oms.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "host/common/table.h"
#include "host/gateway/way_out.h"
#include "host/trade/oms_internal.h"
#include "host/trade/pass_inside.h"

#define unlikely(x) __builtin_expect(!!(x), 0)

/* ---- events out ---- */

void wt_oms_alert(struct wt_oms *oms, enum wt_alert_kind kind, uint32_t id, unsigned state, unsigned input,
                  int64_t detail)
{
    struct wt_event event = {
        .type = WT_EVENT_RISK_ALERT,
        .alert = {.kind = kind, .order = id, .state = (uint8_t)state, .input = (uint8_t)input, .detail = detail}};
    wt_loop_publish(oms->loop, &event);
}

struct wt_event wt_oms_order_event(const struct wt_order *o, enum wt_order_input input, unsigned old_state)
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

void wt_oms_illegal(struct wt_oms *oms, const struct wt_order *o, enum wt_order_input input)
{
    oms->stats.illegal++;
    wt_oms_alert(oms, WT_ALERT_ILLEGAL, o->id, o->state, input, 0);
}

bool wt_oms_step(struct wt_oms *oms, struct wt_order *o, enum wt_order_input input, const struct wt_order_event *extra)
{
    enum wt_order_state next = wt_oms_next(o->state, input);
    if (next == WT_ORDER_NONE) {
        wt_oms_illegal(oms, o, input);
        return false;
    }
    unsigned old = o->state;
    if (next == WT_ORDER_WORKING)
        next = o->filled ? WT_ORDER_PARTIALLY_FILLED : WT_ORDER_LIVE;
    o->state = (uint8_t)next;
    o->mover = wt_oms_next(next, WT_OI_REPLACE_SENT) == WT_ORDER_NONE ? 0 : (uint8_t)(o->owner + 1);
    if (!wt_order_alive(next))
        o->open = 0;
    wt_oms_recount(oms, o);
    struct wt_event event = wt_oms_order_event(o, input, old);
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

bool wt_oms_allows(const struct wt_order *o, enum wt_order_input input)
{
    /* UNKNOWN stands for two: an order the venue has answered for, and one it has not. */
    bool first = input <= WT_OI_REPLACED_DEAD || input == WT_OI_REJECTED || input == WT_OI_VOID;
    bool fits = o->state != WT_ORDER_UNKNOWN || o->answered != first;
    return fits && wt_oms_next(o->state, input) != WT_ORDER_NONE;
}

bool wt_oms_legal(struct wt_oms *oms, const struct wt_order *o, enum wt_order_input input)
{
    if (wt_oms_allows(o, input))
        return true;
    wt_oms_illegal(oms, o, input);
    return false;
}

/* ---- requests ---- */

bool wt_oms_forget_fills(struct wt_oms *oms)
{
    for (unsigned tries = 0; tries < 16 && wt_fills_crowded(&oms->fills); tries++) {
        const struct wt_fill fill = *wt_fills_oldest(&oms->fills);
        struct wt_order *o = wt_oms_slot(oms, fill.id);
        wt_fills_forget(&oms->fills);
        if (o && wt_order_alive(o->state))
            wt_fills_add(&oms->fills, &fill);
        else if (o)
            o->id = 0;
    }
    return !wt_fills_crowded(&oms->fills);
}

/* The next id whose slot is free; ids may have gaps, and an order may rest while thousands come and go. */
static struct wt_order *free_slot(struct wt_oms *oms)
{
    uint32_t id = oms->next_id;
    for (unsigned tries = 0; id && tries < 64 && tries <= oms->mask; tries++, id++)
        if (!wt_order_alive(oms->orders[id & oms->mask].state)) {
            wt_oms_next_id(oms, id);
            return &oms->orders[id & oms->mask];
        }
    return NULL; /* or all ids are used: the venue takes none twice */
}

/* The place for an order, which is oms->next_id's; it is taken by put_order(), and nothing is asked of it before. */
static inline struct wt_order *claim(struct wt_oms *oms)
{
    /* A full table of remembered fills could not tell a duplicate any more: no new orders then. */
    if (__builtin_expect(wt_fills_crowded(&oms->fills), 0) && !wt_oms_forget_fills(oms))
        return NULL;
    struct wt_order *o = &oms->orders[oms->next_id & oms->mask];
    bool taken = !oms->next_id || wt_order_alive(o->state);
    return __builtin_expect(taken, 0) ? free_slot(oms) : o;
}

static inline void put_order(struct wt_oms *oms, struct wt_order *o, const struct wt_signal *signal, unsigned owner)
{
    *o = (struct wt_order){.id = oms->next_id++,
                           .symbol = signal->symbol,
                           .side = signal->side,
                           .tif = signal->tif,
                           .owner = (uint8_t)owner,
                           .price = signal->price,
                           .open = signal->shares};
    struct wt_order *next = &oms->orders[oms->next_id & oms->mask];
    oms->ready = oms->has_way_out && oms->next_id && !wt_order_alive(next->state) ? next : NULL;
}

static struct wt_order *new_order(struct wt_oms *oms, const struct wt_signal *signal, unsigned owner)
{
    struct wt_order *o = claim(oms);
    if (o)
        put_order(oms, o, signal, owner);
    return o;
}

static inline int send_request(struct wt_oms *oms, const struct wt_order_request *request)
{
    int rc = oms->sink.send(oms->sink.ctx, request);
    if (__builtin_expect(rc != 0, 0))
        oms->stats.send_failed++;
    return rc;
}

/* What the pass is for, and with that it is used up; NULL: it was, or is for something else. */
static const struct wt_signal *take_pass(struct wt_pass *pass, unsigned kind)
{
    if (pass->good != WT_PASS_SIGNAL || pass->signal.kind != kind)
        return NULL;
    pass->good = WT_PASS_USED;
    return &pass->signal;
}

int64_t wt_oms_enter(struct wt_oms *oms, struct wt_pass *pass, const char name[8])
{
    const struct wt_signal *signal = take_pass(pass, WT_SIGNAL_ENTER);
    if (!signal)
        return oms->stats.refused++, -EPERM;
    const unsigned owner = pass->owner;
    if (signal->symbol >= oms->symbols)
        return -EINVAL;
    struct wt_order *o = new_order(oms, signal, owner);
    if (!o) {
        oms->stats.refused++;
        return -ENOSPC;
    }
    struct wt_order_request request = {.kind = WT_REQUEST_ENTER,
                                       .id = o->id,
                                       .symbol = o->symbol,
                                       .side = o->side,
                                       .tif = o->tif,
                                       .owner = o->owner,
                                       .shares = o->open,
                                       .price = o->price};
    memcpy(request.name, name, sizeof request.name);
    int rc = send_request(oms, &request);
    wt_oms_step(oms, o, WT_OI_SENT, NULL);
    if (rc) {
        wt_oms_step(oms, o, WT_OI_SEND_FAILED, &(struct wt_order_event){.reason = WT_OMS_NOT_SENT});
        return rc;
    }
    oms->stats.enters++;
    return o->id;
}

/* The replacement n of o was sent, or rc says why not. Its id, or rc. */
static int64_t replacing(struct wt_oms *oms, struct wt_order *o, struct wt_order *n, const struct wt_signal *signal,
                         int rc)
{
    put_order(oms, n, signal, o->owner);
    n->replaces = o->id;
    n->chain_filled = o->chain_filled + o->filled;
    wt_oms_step(oms, n, WT_OI_SENT, NULL);
    if (rc) {
        wt_oms_step(oms, n, WT_OI_SEND_FAILED, &(struct wt_order_event){.reason = WT_OMS_NOT_SENT});
        return rc;
    }
    o->replacement = n->id;
    wt_oms_step(oms, o, WT_OI_REPLACE_SENT, NULL);
    oms->stats.replaces++;
    return n->id;
}

/* The order decides what it is, not the signal. */
static __attribute__((noinline)) struct wt_order *replaced_by(struct wt_oms *oms, struct wt_signal *signal)
{
    struct wt_order *o = wt_oms_slot(oms, signal->order);
    if (!o)
        return NULL;
    signal->symbol = o->symbol;
    signal->side = o->side;
    signal->tif = o->tif;
    return o;
}

int64_t wt_oms_replace(struct wt_oms *oms, struct wt_pass *pass)
{
    const struct wt_signal *signal = take_pass(pass, WT_SIGNAL_REPLACE);
    if (!signal)
        return oms->stats.refused++, -EPERM;
    const unsigned owner = pass->owner;
    struct wt_order *o = (struct wt_order *)pass->order; /* it is this OMS's own */
    if (__builtin_expect(!o || o->id != signal->order, 0))
        o = replaced_by(oms, &pass->signal);
    if (!o || o->owner != owner)
        return oms->stats.refused++, -ENOENT;
    if (wt_oms_next(o->state, WT_OI_REPLACE_SENT) == WT_ORDER_NONE)
        return oms->stats.refused++, wt_order_alive(o->state) ? -EBUSY : -ENOENT;
    uint64_t liable = (uint64_t)o->chain_filled + o->filled + signal->shares;
    if (liable > WT_MAX_SHARES)
        return oms->stats.refused++, -ERANGE;
    struct wt_order *n = claim(oms);
    if (!n)
        return oms->stats.refused++, -ENOSPC;
    struct wt_order_request request = {.kind = WT_REQUEST_REPLACE,
                                       .id = oms->next_id,
                                       .replaced = o->id,
                                       .symbol = o->symbol,
                                       .side = o->side,
                                       .tif = o->tif,
                                       .owner = o->owner,
                                       .shares = (uint32_t)liable,
                                       .price = signal->price}; /* the venue knows the name */
    return replacing(oms, o, n, signal, send_request(oms, &request));
}

int wt_oms_move(struct wt_oms *oms, struct wt_pass *pass)
{
    if (unlikely(pass->good != WT_PASS_MOVE))
        return 1;
    const struct wt_order *o = pass->order;
    uint64_t liable = (uint64_t)o->chain_filled + o->filled + pass->signal.shares;
    if (unlikely(!oms->ready) || unlikely(wt_fills_crowded(&oms->fills)) || unlikely(!o->mover) ||
        unlikely(liable > WT_MAX_SHARES) || unlikely(o->tif != WT_TIF_DAY))
        return 1;
    int rc = wt_way_out_replace(oms->sink.ctx, oms->next_id, o->owner, o->id, (uint32_t)liable, pass->signal.price);
    if (rc <= 0)
        pass->good = WT_PASS_USED;
    return rc;
}

int64_t wt_oms_moved(struct wt_oms *oms, const struct wt_pass *pass, int rc)
{
    struct wt_order *o = (struct wt_order *)pass->order; /* it is this OMS's own */
    const struct wt_signal signal = {.symbol = o->symbol,
                                     .side = o->side,
                                     .tif = o->tif,
                                     .shares = pass->signal.shares,
                                     .price = pass->signal.price};
    if (rc)
        oms->stats.send_failed++;
    else
        wt_way_out_replaced(oms->sink.ctx, oms->next_id, o->owner);
    return replacing(oms, o, oms->ready, &signal, rc);
}

static int send_cancel(struct wt_oms *oms, struct wt_order *o)
{
    struct wt_order_request request = {.kind = WT_REQUEST_CANCEL,
                                       .id = o->id,
                                       .symbol = o->symbol,
                                       .side = o->side,
                                       .tif = o->tif,
                                       .owner = o->owner,
                                       .shares = 0};
    int rc = send_request(oms, &request);
    if (rc)
        return rc;
    o->cancel_kept = false;
    oms->stats.cancels++;
    wt_oms_step(oms, o, WT_OI_CANCEL_SENT, NULL);
    return 0;
}

static void keep_cancel(struct wt_oms *oms, struct wt_order *o)
{
    if (o->cancel_kept)
        return;
    o->cancel_kept = true;
    wt_oms_step(oms, o, WT_OI_CANCEL_KEPT, NULL);
}

int wt_oms_cancel(struct wt_oms *oms, uint32_t id, unsigned owner)
{
    struct wt_order *o = wt_oms_slot(oms, id);
    if (!o || !wt_order_alive(o->state) || (owner != WT_OWNER_ANY && o->owner != owner))
        return oms->stats.refused++, -ENOENT;
    if (o->state == WT_ORDER_PENDING_CANCEL)
        return 0;
    if (wt_oms_next(o->state, WT_OI_CANCEL_SENT) == WT_ORDER_NONE) {
        /* Whichever of the two stands in the end must go. */
        struct wt_order *other = wt_oms_slot(oms, o->replacement ? o->replacement : o->replaces);
        keep_cancel(oms, o);
        if (other && wt_order_alive(other->state))
            keep_cancel(oms, other);
        return 0;
    }
    return send_cancel(oms, o);
}

unsigned wt_oms_mass_cancel(struct wt_oms *oms, unsigned row, wt_symbol symbol, int side)
{
    unsigned alive = 0;
    for (uint32_t i = 0; i <= oms->mask; i++) {
        const struct wt_order *o = &oms->orders[i];
        if (!wt_order_alive(o->state) || (symbol != WT_SYMBOL_NONE && o->symbol != symbol) ||
            (side && o->side != (enum wt_side)side) ||
            (row != WT_SCOPE_FIRM && !wt_scope_has(&oms->scopes, row, o->owner)))
            continue;
        alive++;
        wt_oms_cancel(oms, o->id, WT_OWNER_ANY);
    }
    return alive;
}

unsigned wt_oms_cancel_all(struct wt_oms *oms)
{
    return wt_oms_mass_cancel(oms, WT_SCOPE_FIRM, WT_SYMBOL_NONE, 0);
}

void wt_oms_after_answer(struct wt_oms *oms, struct wt_order *o)
{
    if (o->cancel_kept && oms->up && (o->state == WT_ORDER_LIVE || o->state == WT_ORDER_PARTIALLY_FILLED))
        send_cancel(oms, o);
}

void wt_oms_disown(struct wt_oms *oms, uint32_t id)
{
    const struct wt_order_request request = {.kind = WT_REQUEST_CANCEL, .id = id, .symbol = WT_SYMBOL_NONE};
    if (oms->up)
        send_request(oms, &request);
}

/* ---- the session goes down and comes back; recovery ---- */

/* Not known any more: what we sent last may have been lost on its way, what the venue did is not heard. */
static void disconnect(struct wt_oms *oms)
{
    oms->up = false;
    for (uint32_t i = 0; i <= oms->mask; i++) {
        struct wt_order *o = &oms->orders[i];
        if (!wt_order_alive(o->state) || o->state == WT_ORDER_UNKNOWN)
            continue;
        /* A cancel that was lost is asked for again; one that arrived ends the order before the proof. */
        o->cancel_kept = o->cancel_kept || o->state == WT_ORDER_PENDING_CANCEL;
        wt_oms_step(oms, o, WT_OI_DISCONNECTED, NULL);
    }
}

static void lost(struct wt_oms *oms, struct wt_order *o)
{
    struct wt_order *original = o->replaces ? wt_oms_slot(oms, o->replaces) : NULL;
    if (original && original->replacement == o->id)
        original->replacement = 0;
    oms->stats.lost++;
    wt_oms_step(oms, o, WT_OI_LOST, &(struct wt_order_event){.reason = WT_OMS_LOST});
    wt_oms_alert(oms, WT_ALERT_RECOVERY, o->id, o->state, WT_OI_LOST, 1);
    if (original)
        wt_oms_recount(oms, original);
}

/* Every report that was missed has been taken: what the venue never answered for never arrived. */
static void prove(struct wt_oms *oms)
{
    for (uint32_t i = 0; i <= oms->mask; i++)
        if (oms->orders[i].state == WT_ORDER_UNKNOWN && !oms->orders[i].answered)
            lost(oms, &oms->orders[i]);
    for (uint32_t i = 0; i <= oms->mask; i++) {
        struct wt_order *o = &oms->orders[i];
        if (o->state != WT_ORDER_UNKNOWN)
            continue;
        oms->stats.proven++;
        wt_oms_step(oms, o, WT_OI_PROVEN, NULL);
        wt_oms_after_answer(oms, o);
    }
}

static void on_gateway(void *ctx, const struct wt_event *event)
{
    struct wt_oms *oms = ctx;
    if (event->gateway.state == WT_GATEWAY_UP) {
        oms->up = true;
        prove(oms);
    } else if (oms->up && event->gateway.state != WT_GATEWAY_CLOSED)
        disconnect(oms);
}

static void on_exec(void *ctx, const struct wt_event *event)
{
    wt_oms_report(ctx, &event->exec);
}

void wt_oms_restore_begin(struct wt_oms *oms)
{
    oms->up = false;
}

void wt_oms_restore_synced(struct wt_oms *oms)
{
    disconnect(oms);
    prove(oms);
}

void wt_oms_restore_unsent(struct wt_oms *oms, uint32_t id)
{
    if (oms->next_id && id >= oms->next_id)
        wt_oms_next_id(oms, id + 1); /* 0 behind the last one: no more orders */
}

void wt_oms_restored(struct wt_oms *oms)
{
    disconnect(oms);
}

/* A replace or cancel may have crossed with the order's end: the journal has them in the order in which we acted. */
static int restore_replace(struct wt_oms *oms, struct wt_order *n, const struct wt_order_request *r)
{
    struct wt_order *o = wt_oms_slot(oms, r->replaced);
    n->replaces = r->replaced;
    if (o) {
        uint32_t done = o->chain_filled + o->filled;
        n->symbol = o->symbol;
        n->side = o->side;
        n->tif = o->tif;
        n->owner = o->owner;
        n->chain_filled = done;
        n->open = r->shares > done ? r->shares - done : 0;
    }
    wt_oms_step(oms, n, WT_OI_SENT, NULL);
    if (!o || wt_oms_next(o->state, WT_OI_REPLACE_SENT) == WT_ORDER_NONE) {
        wt_oms_step(oms, n, WT_OI_VOID, &(struct wt_order_event){.reason = WT_OMS_VOID});
        return 0;
    }
    o->replacement = n->id;
    wt_oms_step(oms, o, WT_OI_REPLACE_SENT, NULL);
    return 0;
}

int wt_oms_restore(struct wt_oms *oms, const struct wt_order_request *r)
{
    if (r->kind == WT_REQUEST_CANCEL) {
        struct wt_order *o = wt_oms_slot(oms, r->id);
        if (o && wt_oms_next(o->state, WT_OI_CANCEL_SENT) != WT_ORDER_NONE) {
            o->cancel_kept = false;
            wt_oms_step(oms, o, WT_OI_CANCEL_SENT, NULL);
        }
        return 0;
    }
    if (r->id < oms->next_id || !oms->next_id || r->symbol >= oms->symbols || !wt_oms_possible(r->shares, r->price))
        return -EINVAL;
    const struct wt_signal signal = {
        .symbol = r->symbol, .side = r->side, .tif = r->tif, .shares = r->shares, .price = r->price};
    wt_oms_next_id(oms, r->id);
    struct wt_order *o =
        wt_order_alive(oms->orders[r->id & oms->mask].state) ? NULL : new_order(oms, &signal, r->owner);
    if (!o)
        return -ENOSPC;
    if (r->kind == WT_REQUEST_REPLACE)
        return restore_replace(oms, o, r);
    wt_oms_step(oms, o, WT_OI_SENT, NULL);
    return 0;
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
    o->has_way_out = sink.send == wt_way_out;
    o->mask = config->orders - 1;
    o->next_id = 1;
    o->symbols = config->symbols;
    o->scopes = config->scopes;
    o->rows = wt_scope_rows(&o->scopes);
    o->up = true;
    o->orders = wt_table(config->orders, sizeof *o->orders);
    o->working = wt_table((size_t)config->symbols * o->rows, sizeof *o->working);
    o->alive = wt_table(config->symbols, sizeof *o->alive);
    int rc = wt_fills_create(&o->fills, config->fills);
    if (!rc && (!o->orders || !o->working || !o->alive))
        rc = -ENOMEM;
    if (!rc)
        rc = wt_loop_subscribe(loop, WT_EVENT_EXEC, on_exec, o);
    if (!rc)
        rc = wt_loop_subscribe(loop, WT_EVENT_GATEWAY, on_gateway, o);
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
    free(oms->alive);
    wt_fills_destroy(&oms->fills);
    free(oms);
}

const struct wt_order *wt_oms_find(const struct wt_oms *oms, uint32_t id)
{
    return wt_oms_slot(oms, id);
}

const struct wt_order *wt_oms_movable(const struct wt_oms *oms, uint32_t id, unsigned owner)
{
    const struct wt_order *o = &oms->orders[id & oms->mask];
    return o->id == id && o->mover == owner + 1 ? o : NULL;
}

uint32_t wt_oms_last_id(const struct wt_oms *oms)
{
    return oms->next_id - 1; /* 0 when all are used: the last one then */
}

void wt_oms_stats(const struct wt_oms *oms, struct wt_oms_stats *stats)
{
    *stats = oms->stats;
}
