/*
 * Full-depth books of many symbols: an order table keyed by the 64-bit reference, and for each
 * side of a symbol its price levels in one sorted array with the best at the end. Knows
 * orders, not messages: the twin (twin.h) decides what a message asks for.
 *
 * The order table is open addressing with linear probing, at most half full, and deletion
 * moves entries back, so no tombstones gather over a day. Eight neighbouring references share
 * a block of the table: references rise, so the orders of one moment lie together in the cache. It begins
 * small, to stay in the cache, and doubles in place within the address space of its largest size.
 *
 * Memory is taken at create, in address space; pages are touched as they are used. Level
 * arrays grow by powers of two out of one pool. When either runs out the caller is told.
 */
#ifndef WT_MARKET_DEPTH_H
#define WT_MARKET_DEPTH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct wt_book_order {
    uint64_t ref;
    uint32_t price, shares; /**< shares open, never 0 */
    uint16_t symbol;
    uint8_t sell;   /**< 0 buy, 1 sell */
    uint8_t live;   /**< 0: slot free */
    uint32_t level; /**< where its level stood when it was added: looked at first when it leaves */
};

/** One price level. key sorts rising towards the best: the price of a bid, ~price of an ask. */
struct wt_level {
    uint32_t key, shares, orders;
};

struct wt_level_side {
    struct wt_level *level; /**< count of them, best at the end */
    uint32_t count;
    uint32_t class; /**< capacity is WT_LEVELS_MIN << class; meaningless while level is NULL */
};

enum { WT_LEVELS_MIN = 8, WT_LEVEL_CLASSES = 26 };

struct wt_book_orders {
    struct wt_book_order *slot;
    uint64_t mask;
    size_t live, max;
    size_t grow_at; /**< live orders at which the table doubles */
    size_t bytes;
};

struct wt_level_pool {
    struct wt_level *level;
    size_t used, size; /**< levels */
    struct wt_level *free_list[WT_LEVEL_CLASSES];
    size_t bytes;
};

static inline uint64_t wt_book_orders_home(uint64_t ref)
{
    uint64_t block = ref >> 3;
    block = (block ^ block >> 32) * 0x9e3779b97f4a7c15u;
    return ((block >> 29) & ~7ull) + (ref & 7);
}

/** The order's slot; or, when it is not in the table, the free slot in which it would go (live is 0). */
static inline struct wt_book_order *wt_book_orders_probe(const struct wt_book_orders *t, uint64_t ref)
{
    uint64_t i = wt_book_orders_home(ref) & t->mask;
    while (t->slot[i].live && t->slot[i].ref != ref)
        i = (i + 1) & t->mask;
    return &t->slot[i];
}

/** Room for max live orders, laid out for `first` of them until there are more. -ENOMEM. */
int wt_book_orders_create(struct wt_book_orders *t, size_t max, size_t first);
/** Double the table, in place. Pointers to orders are void then. */
void wt_book_orders_grow(struct wt_book_orders *t);
void wt_book_orders_destroy(struct wt_book_orders *t);

/** max orders are live: no other may be put in. */
static inline bool wt_book_orders_full(const struct wt_book_orders *t)
{
    return t->live >= t->max;
}

/** Put an order in the free slot that wt_book_orders_probe() gave for its reference; pointers to orders are void then.
 */
static inline void wt_book_orders_put(struct wt_book_orders *t, struct wt_book_order *slot, uint64_t ref,
                                      uint32_t price, uint32_t shares, uint16_t symbol, unsigned sell, uint32_t level)
{
    *slot = (struct wt_book_order){ref, price, shares, symbol, (uint8_t)sell, 1, level};
    if (__builtin_expect(++t->live > t->grow_at, 0))
        wt_book_orders_grow(t);
}

/** Take out an order; pointers to other orders are void then. */
static inline void wt_book_orders_remove(struct wt_book_orders *t, struct wt_book_order *order)
{
    uint64_t hole = (uint64_t)(order - t->slot);
    t->live--;
    for (uint64_t i = (hole + 1) & t->mask; t->slot[i].live; i = (i + 1) & t->mask) {
        /* May move back to the hole if its home is not behind the hole, cyclically. */
        uint64_t home = wt_book_orders_home(t->slot[i].ref) & t->mask;
        if (((i - home) & t->mask) >= ((i - hole) & t->mask)) {
            t->slot[hole] = t->slot[i];
            hole = i;
        }
    }
    t->slot[hole].live = 0;
}

/** Take out every order of the symbols for which drop(ctx, symbol) is true. Slow: walks the table. */
void wt_book_orders_purge(struct wt_book_orders *t, bool (*drop)(const void *ctx, uint16_t symbol), const void *ctx);

/** Room for this many levels. -ENOMEM. */
int wt_level_pool_create(struct wt_level_pool *pool, size_t levels);
void wt_level_pool_destroy(struct wt_level_pool *pool);
/** Make room for one more level on a side. False when the pool is used up; the side is unchanged. */
bool wt_level_grow(struct wt_level_pool *pool, struct wt_level_side *side);
/** Give a side's array back to the pool and empty it. */
void wt_level_release(struct wt_level_pool *pool, struct wt_level_side *side);

static inline uint32_t wt_level_key(uint32_t price, unsigned sell)
{
    return price ^ (0u - sell);
}

/**
 * Index of the first level with a key >= key. Most messages name a level near the touch: the best ones are tried one
 * by one, the rest by halves, without a branch that could be mispredicted.
 */
static inline uint32_t wt_level_find(const struct wt_level_side *side, uint32_t key)
{
    const struct wt_level *level = side->level, *low;
    uint32_t n = side->count;
    for (unsigned near = 0; near < 4; near++) {
        if (n == 0 || level[n - 1].key < key)
            return n;
        n--;
    }
    if (n == 0)
        return 0;
    for (low = level; n > 1; n -= n / 2)
        low += low[n / 2 - 1].key < key ? n / 2 : 0;
    return (uint32_t)(low - level) + (low->key < key);
}

enum wt_level_result { WT_LEVEL_OK, WT_LEVEL_SUM, WT_LEVEL_FULL };

/**
 * Shares of one more order at a price: WT_LEVEL_SUM when the level would pass 2^32-1, FULL when there is no room. *at
 * is the level's index.
 */
static inline enum wt_level_result wt_level_add(struct wt_level_pool *pool, struct wt_level_side *side, uint32_t key,
                                                uint32_t shares, uint32_t *at)
{
    uint32_t i = wt_level_find(side, key);
    *at = i;
    if (i < side->count && side->level[i].key == key) {
        struct wt_level *level = &side->level[i];
        if (__builtin_add_overflow(level->shares, shares, &shares))
            return WT_LEVEL_SUM;
        level->shares = shares;
        level->orders++;
        return WT_LEVEL_OK;
    }
    if (!side->level || side->count == (uint32_t)WT_LEVELS_MIN << side->class) {
        if (!wt_level_grow(pool, side))
            return WT_LEVEL_FULL;
    }
    for (uint32_t n = side->count; n > i; n--)
        side->level[n] = side->level[n - 1];
    side->level[i] = (struct wt_level){key, shares, 1};
    side->count++;
    return WT_LEVEL_OK;
}

/** Take shares of an order off its level, which is there, and at index hint if none below it came or went; gone: the
 * order leaves too. */
static inline void wt_level_take(struct wt_level_side *side, uint32_t key, uint32_t shares, bool gone, uint32_t hint)
{
    uint32_t i = hint < side->count && side->level[hint].key == key ? hint : wt_level_find(side, key);
    struct wt_level *level = &side->level[i];
    level->shares -= shares;
    level->orders -= gone;
    if (level->orders)
        return;
    side->count--;
    for (; i < side->count; i++)
        side->level[i] = side->level[i + 1];
}

#endif
