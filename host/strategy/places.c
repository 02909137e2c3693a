#include "host/strategy/places.h"

#include <errno.h>
#include <stdlib.h>

/* What is known of an order that the venue took. */
struct place {
    uint32_t id;
    uint64_t venue_ref;
    uint64_t ahead; /* shares at its price then */
};

struct wt_places {
    const struct wt_twin *twin;
    const struct wt_oms *oms;
    uint32_t mask;
    struct place place[];
};

/* Levels are few near the touch, where orders are put; a price behind WORTH levels is asked for in vain. */
enum { WORTH = 64 };

static struct wt_depth_level level_of(const struct wt_twin *twin, wt_symbol symbol, enum wt_side side, uint32_t price)
{
    struct wt_depth_level levels[WORTH];
    size_t n = wt_twin_depth(twin, symbol, side == WT_BUY ? 'B' : 'S', levels, WORTH);
    for (size_t i = 0; i < n; i++)
        if (levels[i].price == price)
            return levels[i];
    return (struct wt_depth_level){.price = price};
}

static void on_exec(void *ctx, const struct wt_event *event)
{
    struct wt_places *p = ctx;
    const struct wt_exec_report *r = &event->exec;
    if ((r->type != WT_EXEC_ACCEPTED && r->type != WT_EXEC_REPLACED && r->type != WT_EXEC_PRIORITY) || r->dead)
        return;
    const struct wt_order *o = wt_oms_find(p->oms, r->id);
    if (!o)
        return;
    p->place[r->id & p->mask] = (struct place){
        .id = r->id, .venue_ref = r->venue_ref, .ahead = level_of(p->twin, o->symbol, o->side, r->price).shares};
}

int wt_places_create(struct wt_loop *loop, const struct wt_twin *twin, const struct wt_oms *oms, unsigned orders,
                     struct wt_places **places)
{
    if (!orders || (orders & (orders - 1)))
        return -EINVAL;
    struct wt_places *p = calloc(1, sizeof *p + orders * sizeof p->place[0]);
    if (!p)
        return -ENOMEM;
    p->twin = twin;
    p->oms = oms;
    p->mask = orders - 1;
    *places = p;
    return wt_loop_subscribe(loop, WT_EVENT_EXEC, on_exec, p);
}

void wt_places_destroy(struct wt_places *places)
{
    free(places);
}

size_t wt_places_depth(const struct wt_places *places, wt_symbol symbol, enum wt_side side,
                       struct wt_depth_level *levels, size_t room)
{
    if (!wt_twin_valid(places->twin, symbol))
        return 0;
    return wt_twin_depth(places->twin, symbol, side == WT_BUY ? 'B' : 'S', levels, room);
}

int wt_places_queue(const struct wt_places *p, uint32_t id, struct wt_queue_view *view)
{
    const struct place *place = &p->place[id & p->mask];
    const struct wt_order *o = wt_oms_find(p->oms, id);
    struct wt_queue_place exact;
    if (!id || place->id != id || !o || !wt_order_alive(o->state))
        return -ENOENT;
    if (!wt_twin_valid(p->twin, o->symbol))
        return -ESTALE;
    if (wt_twin_place(p->twin, place->venue_ref, &exact) && exact.symbol == o->symbol && exact.price == o->price) {
        *view = (struct wt_queue_view){.ahead_shares = exact.ahead_shares,
                                       .ahead_orders = exact.ahead_orders,
                                       .level_shares = exact.level_shares,
                                       .exact = true};
        return 0;
    }
    struct wt_depth_level now = level_of(p->twin, o->symbol, o->side, o->price);
    *view = (struct wt_queue_view){.ahead_shares = place->ahead < now.shares ? place->ahead : now.shares,
                                   .ahead_orders = now.orders,
                                   .level_shares = now.shares};
    return 0;
}
