#include "sim/exchange/engine_desk.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "host/gateway/ouch.h"
#include "sim/exchange/own_orders.h"

struct account {
    struct wt_engine_desks *desks;
    struct wt_desk_handler handler;
    struct wt_own_orders orders;
    uint32_t owner;
    uint32_t replacing; /* user_ref of the order that the newest one replaces; 0: none */
    char reason;        /* OUCH reason of a cancel under way */
    bool quiet;         /* a cancel under way is told to nobody */
    bool moving;        /* a replace under way is the venue's own: the order stays the same */
    char mpid[4];
};

struct wt_engine_desks {
    struct wt_engine *engine;
    struct wt_engine_names names;
    uint32_t count, max;
    struct account accounts[];
};

/* ---------------------------------------------------------------- orders */

static struct wt_own_order *find(struct account *a, uint64_t user_ref)
{
    return wt_own_orders_find(&a->orders, (uint32_t)user_ref);
}

static struct account *account_of(struct wt_engine_desks *d, uint32_t owner)
{
    return owner >= WT_ENGINE_DESK_OWNER && owner - WT_ENGINE_DESK_OWNER < d->count
               ? &d->accounts[owner - WT_ENGINE_DESK_OWNER]
               : NULL;
}

static void accept(struct account *a, struct wt_own_order *o, uint64_t order_ref, uint32_t orig_ref)
{
    wt_own_orders_accept(&a->orders, o, order_ref);
    a->handler.accepted(a->handler.ctx, o, orig_ref);
}

/* ---------------------------------------------------------------- what the engine tells */

static void on_accepted(void *ctx, const struct wt_engine_view *view)
{
    struct account *a = account_of(ctx, view->owner);
    if (a)
        accept(a, find(a, view->tag), view->ref, a->replacing);
}

static void fill(struct wt_engine_desks *d, uint32_t owner, uint64_t tag, uint32_t shares, uint32_t price,
                 char liquidity, uint64_t match)
{
    struct account *a = account_of(d, owner);
    if (!a)
        return;
    struct wt_own_order *o = find(a, tag);
    wt_own_orders_fill(&a->orders, o, shares);
    a->handler.executed(a->handler.ctx, o, shares, price, liquidity, match);
}

static void on_executed(void *ctx, const struct wt_engine_view *resting, uint32_t owner, uint64_t tag, uint64_t ref,
                        uint32_t shares, uint32_t price, uint64_t match)
{
    (void)ref;
    fill(ctx, resting->owner, resting->tag, shares, price, 'A', match);
    fill(ctx, owner, tag, shares, price, 'R', match);
}

static void on_uncrossed(void *ctx, const struct wt_engine_view *bid, const struct wt_engine_view *offer,
                         uint32_t shares, uint32_t price, uint64_t match)
{
    bool bid_older = bid->ref < offer->ref;
    fill(ctx, bid->owner, bid->tag, shares, price, bid_older ? 'A' : 'R', match);
    fill(ctx, offer->owner, offer->tag, shares, price, bid_older ? 'R' : 'A', match);
}

static char ouch_reason(const struct account *a, enum wt_engine_reason reason)
{
    switch (reason) {
    case WT_ENGINE_USER:
        return a->reason;
    case WT_ENGINE_IOC_REST:
    case WT_ENGINE_MIN_SHARES:
        return 'I';
    case WT_ENGINE_HALTED:
        return 'H';
    default:
        return 'S';
    }
}

static void on_canceled(void *ctx, const struct wt_engine_view *view, uint32_t shares, bool resting,
                        enum wt_engine_reason reason)
{
    (void)resting;
    struct account *a = account_of(ctx, view->owner);
    if (!a)
        return;
    struct wt_own_order *o = find(a, view->tag);
    wt_own_orders_take_off(&a->orders, o, shares);
    if (a->quiet)
        return;
    if (reason == WT_ENGINE_SELF_MATCH)
        a->handler.self_match(a->handler.ctx, o, shares, o->price);
    else
        a->handler.canceled(a->handler.ctx, o, shares, ouch_reason(a, reason));
}

static void on_replaced(void *ctx, uint64_t old_ref, uint32_t old_shares, const struct wt_engine_view *view,
                        enum wt_engine_replaced how)
{
    (void)old_ref;
    (void)how;
    struct account *a = account_of(ctx, view->owner);
    if (!a)
        return;
    if (a->moving) {
        struct wt_own_order *o = find(a, view->tag);
        o->order_ref = view->ref;
        o->price = view->price;
        a->handler.moved(a->handler.ctx, o);
        return;
    }
    wt_own_orders_take_off(&a->orders, find(a, a->replacing), old_shares);
    accept(a, find(a, view->tag), view->ref, a->replacing);
}

/* ---------------------------------------------------------------- the desk */

static int desk_symbol(void *ctx, const char name[8])
{
    const struct wt_engine_names *names = &((struct account *)ctx)->desks->names;
    return names->find(names->ctx, name);
}

/* The engine itself knows best: what it refuses is rejected. */
static bool desk_trading(void *ctx, uint16_t symbol)
{
    (void)ctx;
    (void)symbol;
    return true;
}

static unsigned reject_reason(enum wt_engine_reason reason)
{
    switch (reason) {
    case WT_ENGINE_OK:
        return 0;
    case WT_ENGINE_BAD_SYMBOL:
        return WT_OUCH_REJECT_SYMBOL;
    case WT_ENGINE_HALTED:
        return WT_OUCH_REJECT_HALTED;
    case WT_ENGINE_BAD_PRICE:
    case WT_ENGINE_BAD_TICK:
        return WT_OUCH_REJECT_PRICE;
    case WT_ENGINE_BAD_SHARES:
        return WT_OUCH_REJECT_QUANTITY;
    case WT_ENGINE_MIN_SHARES:
        return WT_OUCH_REJECT_MIN_QTY;
    case WT_ENGINE_FULL:
        return WT_OUCH_REJECT_PROCESSING;
    default:
        return WT_OUCH_REJECT_OTHER;
    }
}

static unsigned enter(struct account *a, uint32_t orig_ref, const struct wt_own_order *order)
{
    const struct wt_own_order *o = wt_own_orders_add(&a->orders, order);
    if (!o)
        return WT_OUCH_REJECT_PROCESSING;
    struct wt_engine_order in = {.owner = a->owner,
                                 .tag = o->user_ref,
                                 .symbol = o->locate,
                                 .side = o->side == 'B' ? 'B' : 'S',
                                 .tif = o->tif,
                                 .post_only = o->post_only,
                                 .hidden = o->display == 'N',
                                 .price = o->price,
                                 .shares = o->open,
                                 .min_shares = o->min_quantity};
    memcpy(in.mpid, o->display == 'A' ? a->mpid : "    ", sizeof in.mpid);
    a->replacing = orig_ref;
    uint64_t ref;
    enum wt_engine_reason reason = wt_engine_enter(a->desks->engine, &in, &ref);
    a->replacing = 0;
    if (reason != WT_ENGINE_OK)
        wt_own_orders_forget(&a->orders);
    return reject_reason(reason);
}

static unsigned desk_enter(void *ctx, const struct wt_own_order *order)
{
    return enter(ctx, 0, order);
}

static void cancel(struct account *a, const struct wt_own_order *o, uint32_t shares, char reason)
{
    a->reason = reason;
    wt_engine_cancel(a->desks->engine, o->order_ref, shares, WT_ENGINE_USER);
}

/* The engine keeps what a replacement may not change: such an order goes, and the new one is entered. */
static unsigned replace_terms(struct account *a, uint32_t orig_ref, const struct wt_own_order *order)
{
    struct wt_own_order *old = find(a, orig_ref);
    uint32_t shares = old->open;
    a->quiet = true;
    cancel(a, old, shares, 'U');
    a->quiet = false;
    if (enter(a, orig_ref, order) == 0)
        return 0;
    a->handler.canceled(a->handler.ctx, find(a, orig_ref), shares, 'U');
    return WT_DESK_CANCELED;
}

static unsigned desk_replace(void *ctx, uint32_t orig_ref, const struct wt_own_order *order)
{
    struct account *a = ctx;
    const struct wt_own_order *old = find(a, orig_ref);
    if (order->tif != old->tif || order->display != old->display || order->post_only != old->post_only ||
        order->min_quantity != old->min_quantity)
        return replace_terms(a, orig_ref, order);
    uint64_t order_ref = old->order_ref, new_ref;
    if (!wt_own_orders_add(&a->orders, order))
        return WT_OUCH_REJECT_PROCESSING;
    a->replacing = orig_ref;
    enum wt_engine_reason reason =
        wt_engine_replace(a->desks->engine, order_ref, order->price, order->open, true, order->user_ref, &new_ref);
    a->replacing = 0;
    if (reason == WT_ENGINE_OK)
        return 0;
    wt_own_orders_forget(&a->orders);
    if (reason == WT_ENGINE_HALTED || reason == WT_ENGINE_FULL)
        return reject_reason(reason);
    old = find(a, orig_ref);
    cancel(a, old, old->open, 'U');
    return WT_DESK_CANCELED;
}

static struct wt_own_order *desk_find(void *ctx, uint32_t user_ref)
{
    return find(ctx, user_ref);
}

static void desk_cancel(void *ctx, struct wt_own_order *order, uint32_t shares, char reason)
{
    cancel(ctx, order, shares, reason);
}

static bool desk_move(void *ctx, struct wt_own_order *order, uint32_t price)
{
    struct account *a = ctx;
    uint64_t new_ref;
    a->moving = true;
    enum wt_engine_reason reason =
        wt_engine_replace(a->desks->engine, order->order_ref, price, order->open, false, order->user_ref, &new_ref);
    a->moving = false;
    return reason == WT_ENGINE_OK;
}

static void desk_cancel_all(void *ctx, const char name[8], char reason)
{
    struct account *a = ctx;
    const struct wt_own_order *o;
    for (uint32_t at = 0; (o = wt_own_orders_next(&a->orders, &at, name));)
        cancel(a, o, o->open, reason);
}

/* ---------------------------------------------------------------- life */

int wt_engine_desks_create(struct wt_engine *engine, struct wt_engine_names names, uint32_t max_accounts,
                           struct wt_engine_desks **desks)
{
    struct wt_engine_desks *d = calloc(1, sizeof *d + max_accounts * sizeof d->accounts[0]);
    *desks = d;
    if (!d)
        return -ENOMEM;
    d->engine = engine;
    d->names = names;
    d->max = max_accounts;
    struct wt_engine_handler handler = {.ctx = d,
                                        .accepted = on_accepted,
                                        .executed = on_executed,
                                        .canceled = on_canceled,
                                        .uncrossed = on_uncrossed,
                                        .replaced = on_replaced};
    int rc = wt_engine_listen(engine, handler);
    if (rc < 0) {
        free(d);
        *desks = NULL;
    }
    return rc;
}

void wt_engine_desks_destroy(struct wt_engine_desks *d)
{
    if (!d)
        return;
    for (uint32_t i = 0; i < d->count; i++)
        wt_own_orders_free(&d->accounts[i].orders);
    free(d);
}

bool wt_engine_desks_add(struct wt_engine_desks *d, const char mpid[4], struct wt_desk_handler handler,
                         struct wt_desk *desk)
{
    if (d->count == d->max)
        return false;
    struct account *a = &d->accounts[d->count];
    a->desks = d;
    a->handler = handler;
    a->owner = WT_ENGINE_DESK_OWNER + d->count++;
    memcpy(a->mpid, mpid, sizeof a->mpid);
    *desk = (struct wt_desk){.ctx = a,
                             .all_terms = true,
                             .symbol = desk_symbol,
                             .trading = desk_trading,
                             .enter = desk_enter,
                             .replace = desk_replace,
                             .find = desk_find,
                             .cancel = desk_cancel,
                             .move = desk_move,
                             .cancel_all = desk_cancel_all};
    return true;
}

void wt_engine_desks_totals(const struct wt_engine_desks *d, uint32_t account, struct wt_desk_totals *totals)
{
    *totals = d->accounts[account].orders.totals;
}
