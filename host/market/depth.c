#include "host/market/depth.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

/* Zeroed address space whose pages are taken when touched: a whole day's room costs nothing until it is needed. */
static void *reserve(size_t bytes)
{
    void *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    return p == MAP_FAILED ? NULL : p;
}

static size_t slots_for(size_t orders)
{
    size_t slots = 16;
    while (slots < orders * 2)
        slots *= 2;
    return slots;
}

int wt_book_orders_create(struct wt_book_orders *t, size_t max, size_t first)
{
    size_t slots = slots_for(first < max ? first : max);
    memset(t, 0, sizeof *t);
    t->bytes = slots_for(max) * sizeof *t->slot;
    t->slot = reserve(t->bytes);
    if (!t->slot)
        return -ENOMEM;
    t->mask = slots - 1;
    t->max = max;
    t->grow_at = slots == slots_for(max) ? SIZE_MAX : slots / 2;
    return 0;
}

/*
 * An order's new home is its old one or that plus the old size. Orders are taken one by one from behind a
 * free slot on: an order at i whose home is h stays in the old half only within h..i, where all others have
 * been moved already and i itself is free, and in the new half there are none but moved ones. So no order
 * is ever put behind one that still has to move away.
 */
void wt_book_orders_grow(struct wt_book_orders *t)
{
    uint64_t old = t->mask, free_slot = 0;
    while (t->slot[free_slot].live)
        free_slot++;
    t->mask = 2 * old + 1;
    t->grow_at = (t->mask + 1) * sizeof *t->slot == t->bytes ? SIZE_MAX : (t->mask + 1) / 2;
    for (uint64_t n = 1; n <= old; n++) {
        struct wt_book_order *from = &t->slot[(free_slot + n) & old], order = *from;
        if (!order.live)
            continue;
        from->live = 0;
        *wt_book_orders_probe(t, order.ref) = order;
    }
}

void wt_book_orders_destroy(struct wt_book_orders *t)
{
    if (t->slot)
        munmap(t->slot, t->bytes);
    memset(t, 0, sizeof *t);
}

void wt_book_orders_purge(struct wt_book_orders *t, bool (*drop)(const void *ctx, uint16_t symbol), const void *ctx)
{
    uint64_t i = 0;
    while (i <= t->mask) {
        /* Removal may move a later entry into this slot: look at it again. */
        if (t->slot[i].live && drop(ctx, t->slot[i].symbol))
            wt_book_orders_remove(t, &t->slot[i]);
        else
            i++;
    }
}

int wt_level_pool_create(struct wt_level_pool *pool, size_t levels)
{
    memset(pool, 0, sizeof *pool);
    pool->bytes = levels * sizeof *pool->level;
    pool->level = reserve(pool->bytes);
    if (!pool->level)
        return -ENOMEM;
    pool->size = levels;
    return 0;
}

void wt_level_pool_destroy(struct wt_level_pool *pool)
{
    if (pool->level)
        munmap(pool->level, pool->bytes);
    memset(pool, 0, sizeof *pool);
}

/* A free array's first bytes point at the next free one of its class. */
static struct wt_level *take(struct wt_level_pool *pool, uint32_t class)
{
    size_t n = (size_t)WT_LEVELS_MIN << class;
    struct wt_level *array = pool->free_list[class];
    if (array) {
        memcpy(&pool->free_list[class], array, sizeof(struct wt_level *));
        return array;
    }
    if (pool->size - pool->used < n)
        return NULL;
    array = pool->level + pool->used;
    pool->used += n;
    return array;
}

static void give(struct wt_level_pool *pool, struct wt_level *array, uint32_t class)
{
    memcpy(array, &pool->free_list[class], sizeof(struct wt_level *));
    pool->free_list[class] = array;
}

bool wt_level_grow(struct wt_level_pool *pool, struct wt_level_side *side)
{
    uint32_t class = side->level ? side->class + 1 : 0;
    struct wt_level *array = class < WT_LEVEL_CLASSES ? take(pool, class) : NULL;
    if (!array)
        return false;
    if (side->level) {
        memcpy(array, side->level, side->count * sizeof *array);
        give(pool, side->level, side->class);
    }
    side->level = array;
    side->class = class;
    return true;
}

void wt_level_release(struct wt_level_pool *pool, struct wt_level_side *side)
{
    if (side->level)
        give(pool, side->level, side->class);
    memset(side, 0, sizeof *side);
}
