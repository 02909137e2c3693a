#include "host/trade/fills.h"

#include <errno.h>
#include <stdlib.h>

int wt_fills_create(struct wt_fills *fills, size_t limit)
{
    /* Twice the room keeps probes short at full load. */
    fills->slots = calloc(2 * limit, sizeof *fills->slots);
    fills->mask = 2 * limit - 1;
    fills->limit = limit;
    fills->count = 0;
    return fills->slots ? 0 : -ENOMEM;
}

void wt_fills_destroy(struct wt_fills *fills)
{
    free(fills->slots);
    fills->slots = NULL;
}

static struct wt_fill *slot_of(const struct wt_fills *fills, uint32_t id, uint64_t match)
{
    uint64_t h = (match ^ (uint64_t)id << 32) * 0x9e3779b97f4a7c15u;
    size_t i = (size_t)(h >> 32) & fills->mask;
    while (fills->slots[i].id && (fills->slots[i].id != id || fills->slots[i].match != match))
        i = (i + 1) & fills->mask;
    return &fills->slots[i];
}

struct wt_fill *wt_fills_find(const struct wt_fills *fills, uint32_t id, uint64_t match)
{
    struct wt_fill *fill = slot_of(fills, id, match);
    return fill->id ? fill : NULL;
}

bool wt_fills_add(struct wt_fills *fills, const struct wt_fill *fill)
{
    if (fills->count == fills->limit)
        return false;
    struct wt_fill *slot = slot_of(fills, fill->id, fill->match);
    if (!slot->id)
        fills->count++;
    *slot = *fill;
    return true;
}
