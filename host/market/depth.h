/*
 * Full-depth books of many symbols: every live order, found by its 64-bit reference, in the queue of its price level;
 * the levels of each side in a list, best first. Knows orders, not messages: the twin (twin.h) decides what a message
 * asks for.
 *
 * Nothing is searched that can be pointed at: an order points at its level, a level at its neighbours. What is left to
 * find is
 *  - an order by its reference: a table of chains. Eight neighbouring references share a cache line of it, because
 *    references rise and the orders of one moment come and go together. It begins small, to stay in the cache, and
 *    doubles within the address space of its largest size;
 *  - a level by its price: a table of the levels last seen (`seen`), one for each hash. It is a memory, not the truth:
 *    a level that is not there is looked for from the best one down, where its place in the list is found, too.
 *
 * Memory is taken at create, in address space; pages are touched as they are used. When the orders run out the caller
 * is told; levels cannot: there are as many as orders.
 */
#ifndef WT_MARKET_DEPTH_H
#define WT_MARKET_DEPTH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** A place in the queue of a level; a circle through the level itself. */
struct wt_queue_link {
    struct wt_queue_link *older, *newer;
};

/** One price level; or, in a side, the head of its circle of levels. */
struct wt_level {
    struct wt_queue_link queue;      /**< first; newer: the order that is first in the queue, older: the last one */
    struct wt_level *worse, *better; /**< of the head: the best, the worst */
    uint64_t id;                     /**< rises towards the best; 0: of the head, or not in use */
    uint32_t price, shares;          /**< 0 in the head, so that it is what an empty side shows */
    uint32_t orders;
    struct wt_side_name {
        uint16_t symbol;
        uint8_t sell; /**< 0 buy, 1 sell */
    } of;
};

struct wt_level_side {
    struct wt_level head;
    uint64_t mix; /**< price ^ mix is the id of its level: in front the side's number, behind it the key */
};

struct wt_book_order {
    struct wt_queue_link queue; /**< first */
    struct wt_book_order *chain;
    struct wt_level *level;
    uint64_t ref;
    uint32_t shares; /**< open, never 0 */
};

enum { WT_LEVELS_SEEN = 1 << 15 };

struct wt_books {
    struct wt_book_order **chain, *free_order;
    uint64_t mask; /**< of chain */
    struct wt_level *free_level;
    struct wt_book_order *order; /**< all of them; used: have been on the free list, level NULL: never off it */
    struct wt_level *level;
    size_t used, levels_used, max;
    size_t chain_bytes, order_bytes, level_bytes;
    struct wt_level none; /**< what `seen` points at where nothing was */
    struct wt_level *seen[WT_LEVELS_SEEN];
};

/** Room for max live orders, the table laid out for `first` of them until there are more. -ENOMEM. */
int wt_books_create(struct wt_books *books, size_t max, size_t first);
void wt_books_destroy(struct wt_books *books);
/** An empty side of the symbol. */
void wt_side_init(struct wt_level_side *side, uint16_t symbol, unsigned sell);
/** Take all orders and levels off a side. Slow. */
void wt_side_clear(struct wt_books *books, struct wt_level_side *side);
/** Orders that are live now, and the most that ever were. Slow. */
void wt_books_count(const struct wt_books *books, size_t *live, size_t *peak);
/**
 * Put orders and a level that were never taken on the free lists. False: max are live. The table may grow: places in
 * it are void then.
 */
bool wt_books_more(struct wt_books *books);

static inline uint64_t wt_order_hash(uint64_t ref)
{
    return ref + ((ref >> 3) * 0x9e3779b97f4a7c15u >> 29) * 8;
}

/** Where the chain begins that has the order, if it is live. */
static inline struct wt_book_order **wt_order_chain(struct wt_books *books, uint64_t ref)
{
    return &books->chain[wt_order_hash(ref) & books->mask];
}

/** Where the pointer to the order is; or, when it is not live, the NULL at its chain's end. */
static inline struct wt_book_order **wt_order_find(struct wt_books *books, uint64_t ref)
{
    struct wt_book_order **at = wt_order_chain(books, ref);
    while (*at && (*at)->ref != ref)
        at = &(*at)->chain;
    return at;
}

static inline struct wt_level **wt_level_seen(struct wt_books *books, uint64_t id)
{
    return &books->seen[id * 0x9e3779b97f4a7c15u >> 49];
}

/** The level of the price, made if it is not there, without an order then; NULL: no level is free. */
static inline __attribute__((always_inline)) struct wt_level *wt_level_at(struct wt_books *books,
                                                                          struct wt_level_side *side, uint32_t price)
{
    uint64_t id = price ^ side->mix;
    struct wt_level *at = *wt_level_seen(books, id), *level;
    if (at->id == id)
        return at;
    at = &side->head;
    do
        at = at->worse;
    while (at->id > id);
    __asm__("" : "+r"(at), "+r"(id)); /* what is known of them is forgotten: registers are dearer than a load */
    level = at;
    if (at->id != id) {
        level = books->free_level;
        if (__builtin_expect(!level, 0))
            return NULL;
        books->free_level = level->worse;
        level->queue.older = level->queue.newer = &level->queue;
        level->id = id;
        level->price = (uint32_t)(id ^ side->mix);
        level->shares = 0;
        level->orders = 0;
        level->of = side->head.of;
        level->worse = at;
        level->better = at->better;
        at->better->worse = level;
        at->better = level;
    }
    return *wt_level_seen(books, id) = level;
}

/** An empty level leaves its side. */
static inline void wt_level_drop(struct wt_books *books, struct wt_level *level)
{
    level->better->worse = level->worse;
    level->worse->better = level->better;
    level->id = 0;
    level->worse = books->free_level;
    books->free_level = level;
}

/**
 * The free order goes to the end of its level's queue, and into its chain of the table; the level has its shares
 * already. books->free_order must not be NULL.
 */
static inline __attribute__((always_inline)) void wt_order_put(struct wt_books *books, struct wt_book_order **chain,
                                                               struct wt_level *level, uint64_t ref, uint32_t shares)
{
    struct wt_book_order *order = books->free_order;
    order->ref = ref;
    order->shares = shares;
    books->free_order = order->chain;
    order->chain = *chain;
    *chain = order;
    struct wt_queue_link *last = level->queue.older;
    order->level = level;
    order->queue.older = last;
    order->queue.newer = &level->queue;
    last->newer = &order->queue;
    level->queue.older = &order->queue;
    level->orders++;
}

/** The order at *at leaves the table and the queue; a level that has no other leaves its side. */
static inline __attribute__((always_inline)) void wt_order_take(struct wt_books *books, struct wt_book_order **at)
{
    struct wt_book_order *order = *at;
    struct wt_level *level = order->level;
    *at = order->chain;
    order->queue.older->newer = order->queue.newer;
    order->queue.newer->older = order->queue.older;
    order->chain = books->free_order;
    books->free_order = order;
    level->shares -= order->shares;
    if (--level->orders == 0)
        wt_level_drop(books, level);
}

#endif
