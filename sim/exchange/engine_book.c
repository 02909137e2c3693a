#include <errno.h>
#include <stdlib.h>

#include "sim/exchange/engine_book.h"

int wt_engine_book_init(struct wt_engine *e)
{
    uint32_t buckets = 1024;
    while (buckets < e->max_orders)
        buckets *= 2;
    /* Slot 0 is none. Zeroed pages come into being when they are touched. */
    e->orders = calloc(e->max_orders + 1u, sizeof *e->orders);
    e->levels = calloc(e->max_orders + 1u, sizeof *e->levels);
    e->buckets = calloc(buckets, sizeof *e->buckets);
    e->bucket_mask = buckets - 1;
    e->fresh_order = e->fresh_level = 1;
    /* Orders share levels and levels share nodes: half as many nodes as orders is far above what markets need. */
    int rc = wt_price_index_init(&e->prices, e->max_orders / 2 + 4096);
    return rc < 0 || !e->orders || !e->levels || !e->buckets ? -ENOMEM : 0;
}

void wt_engine_book_free(struct wt_engine *e)
{
    free(e->orders);
    free(e->levels);
    free(e->buckets);
    wt_price_index_free(&e->prices);
}

uint32_t wt_engine_book_find(const struct wt_engine *e, uint64_t ref)
{
    /* References rise one by one, so their low bits are as good as any hash. */
    uint32_t slot = e->buckets[ref & e->bucket_mask];
    while (slot != 0 && e->orders[slot].v.ref != ref)
        slot = e->orders[slot].same_bucket;
    return slot;
}

/* ---------------------------------------------------------------- levels */

uint32_t wt_engine_book_new_level(struct wt_engine *e, struct wt_engine_ladder *ladder, uint32_t price)
{
    uint32_t l = e->free_level;
    if (l != 0)
        e->free_level = e->levels[l].higher;
    else
        l = e->fresh_level++;
    uint32_t lower = wt_price_put(&e->prices, &ladder->root, wt_price_tick(price), l);
    uint32_t higher = lower ? e->levels[lower].higher : ladder->lowest;
    e->levels[l] = (struct wt_engine_level){.lower = lower, .higher = higher, .price = price};
    *(lower ? &e->levels[lower].higher : &ladder->lowest) = l;
    *(higher ? &e->levels[higher].lower : &ladder->highest) = l;
    return l;
}

static void drop_level(struct wt_engine *e, struct wt_engine_ladder *ladder, uint32_t l)
{
    struct wt_engine_level *level = &e->levels[l];
    wt_price_remove(&e->prices, &ladder->root, wt_price_tick(level->price));
    *(level->lower ? &e->levels[level->lower].higher : &ladder->lowest) = level->higher;
    *(level->higher ? &e->levels[level->higher].lower : &ladder->highest) = level->lower;
    level->higher = e->free_level;
    e->free_level = l;
}

/* ---------------------------------------------------------------- orders */

void wt_engine_book_remove(struct wt_engine *e, uint32_t slot)
{
    struct wt_engine_resting *o = &e->orders[slot];
    struct wt_engine_level *level = &e->levels[o->level];
    level->shares -= o->v.shares;
    e->totals.open_shares -= o->v.shares;
    e->totals.live_orders--;
    *(o->older ? &e->orders[o->older].newer : &level->oldest) = o->newer;
    *(o->newer ? &e->orders[o->newer].older : &level->newest) = o->older;
    if (level->oldest == 0)
        drop_level(e, wt_engine_book_ladder(e, o->v.symbol, o->v.side, o->v.hidden), o->level);
    uint32_t *link = &e->buckets[o->v.ref & e->bucket_mask];
    while (*link != slot)
        link = &e->orders[*link].same_bucket;
    *link = o->same_bucket;
    o->newer = e->free_order;
    e->free_order = slot;
}

void wt_engine_book_reduce(struct wt_engine *e, uint32_t slot, uint32_t shares)
{
    struct wt_engine_resting *o = &e->orders[slot];
    if (shares >= o->v.shares) {
        wt_engine_book_remove(e, slot);
        return;
    }
    o->v.shares -= shares;
    e->levels[o->level].shares -= shares;
    e->totals.open_shares -= shares;
}
