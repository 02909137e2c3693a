#include "sim/exchange/own_orders.h"

#include <stdlib.h>
#include <string.h>

struct wt_own_order *wt_own_orders_find(const struct wt_own_orders *s, uint32_t user_ref)
{
    uint32_t low = 0, high = s->count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (s->order[middle].user_ref < user_ref)
            low = middle + 1;
        else
            high = middle;
    }
    return low < s->count && s->order[low].user_ref == user_ref ? &s->order[low] : NULL;
}

struct wt_own_order *wt_own_orders_add(struct wt_own_orders *s, const struct wt_own_order *order)
{
    if (s->count == s->room) {
        uint32_t room = s->room ? 2 * s->room : 1024;
        struct wt_own_order *more = realloc(s->order, sizeof *more * room);
        if (!more)
            return NULL;
        s->order = more;
        s->room = room;
    }
    struct wt_own_order *o = &s->order[s->count++];
    *o = *order;
    o->live = false;
    o->quantity = o->open;
    o->executed = 0;
    o->canceled = 0;
    return o;
}

void wt_own_orders_forget(struct wt_own_orders *s)
{
    s->count--;
}

void wt_own_orders_accept(struct wt_own_orders *s, struct wt_own_order *o, uint64_t order_ref)
{
    o->live = true;
    o->order_ref = order_ref;
    s->totals.accepted += o->open;
    s->totals.open += o->open;
}

static bool leave(struct wt_own_orders *s, struct wt_own_order *o, uint32_t shares)
{
    o->open -= shares;
    o->live = o->open > 0;
    s->totals.open -= shares;
    return o->live;
}

bool wt_own_orders_fill(struct wt_own_orders *s, struct wt_own_order *o, uint32_t shares)
{
    o->executed += shares;
    s->totals.executed += shares;
    return leave(s, o, shares);
}

bool wt_own_orders_take_off(struct wt_own_orders *s, struct wt_own_order *o, uint32_t shares)
{
    o->canceled += shares;
    s->totals.canceled += shares;
    return leave(s, o, shares);
}

struct wt_own_order *wt_own_orders_next(const struct wt_own_orders *s, uint32_t *at, const char name[8])
{
    while (*at < s->count) {
        struct wt_own_order *o = &s->order[(*at)++];
        if (o->live && (!name || memcmp(name, o->symbol, sizeof o->symbol) == 0))
            return o;
    }
    return NULL;
}

void wt_own_orders_free(struct wt_own_orders *s)
{
    free(s->order);
    *s = (struct wt_own_orders){0};
}
