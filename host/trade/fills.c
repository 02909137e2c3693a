#include "host/trade/fills.h"

#include <errno.h>
#include <stdlib.h>

#include "host/common/table.h"

int wt_fills_create(struct wt_fills *fills, size_t limit)
{
    /* Twice the room keeps probes short at full load. */
    *fills = (struct wt_fills){.mask = 2 * limit - 1, .limit = limit, .crowd = limit - (limit >> 4)};
    fills->ring = wt_table(limit, sizeof *fills->ring);
    fills->slots = wt_table(2 * limit, sizeof *fills->slots);
    if (fills->ring && fills->slots)
        return 0;
    wt_fills_destroy(fills);
    return -ENOMEM;
}

void wt_fills_destroy(struct wt_fills *fills)
{
    free(fills->ring);
    free(fills->slots);
    fills->ring = NULL;
    fills->slots = NULL;
}

static size_t home(const struct wt_fills *fills, uint32_t id, uint64_t match)
{
    uint64_t h = (match ^ (uint64_t)id << 32) * 0x9e3779b97f4a7c15u;
    return (size_t)(h >> 32) & fills->mask;
}

static struct wt_fill *at(const struct wt_fills *fills, size_t slot)
{
    return fills->slots[slot] ? &fills->ring[fills->slots[slot] - 1] : NULL;
}

/* Where it is, or the empty slot where it would be put. */
static size_t slot_of(const struct wt_fills *fills, uint32_t id, uint64_t match)
{
    size_t i = home(fills, id, match);
    for (const struct wt_fill *f; (f = at(fills, i)) && (f->id != id || f->match != match);)
        i = (i + 1) & fills->mask;
    return i;
}

struct wt_fill *wt_fills_find(const struct wt_fills *fills, uint32_t id, uint64_t match)
{
    return at(fills, slot_of(fills, id, match));
}

bool wt_fills_add(struct wt_fills *fills, const struct wt_fill *fill)
{
    if (fills->count == fills->limit)
        return false;
    size_t place = (fills->first + fills->count) & (fills->limit - 1);
    fills->ring[place] = *fill;
    fills->slots[slot_of(fills, fill->id, fill->match)] = (uint32_t)place + 1;
    fills->count++;
    return true;
}

const struct wt_fill *wt_fills_oldest(const struct wt_fills *fills)
{
    return fills->count ? &fills->ring[fills->first] : NULL;
}

/* Those behind move up into the hole, or a probe for them would end there. */
void wt_fills_forget(struct wt_fills *fills)
{
    if (!fills->count)
        return;
    const struct wt_fill *old = &fills->ring[fills->first];
    size_t hole = slot_of(fills, old->id, old->match);
    for (size_t i = (hole + 1) & fills->mask; fills->slots[i]; i = (i + 1) & fills->mask) {
        const struct wt_fill *f = at(fills, i);
        size_t wants = home(fills, f->id, f->match);
        if (((i - wants) & fills->mask) < ((i - hole) & fills->mask))
            continue;
        fills->slots[hole] = fills->slots[i];
        hole = i;
    }
    fills->slots[hole] = 0;
    fills->first = (fills->first + 1) & (fills->limit - 1);
    fills->count--;
}
