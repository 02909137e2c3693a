/*
 * From a price to its level, and from a price to the next lower one in use: a 64-way tree of bitmaps
 * over ticks, five nodes deep whatever the price (25 bits of tick), one pool of nodes for all trees.
 * A tree is the number of its root, 0 when empty; it gives its nodes back as it empties. Values are the
 * caller's, never 0. Nothing allocates after init. One thread.
 */
#ifndef WT_PRICE_INDEX_H
#define WT_PRICE_INDEX_H

#include <stdint.h>

enum { WT_PRICE_DEPTH = 5, WT_PRICE_BITS = 6 };

struct wt_price_node {
    uint32_t child[64];
};

struct wt_price_index {
    struct wt_price_node *nodes; /**< node 0 stays unused */
    uint64_t *used;              /**< bitmap of each node: bit i: child i is there */
    uint32_t free;               /**< first of the freed ones, chained by child[0] */
    uint32_t fresh;              /**< nodes from here on were never used */
    uint32_t room;               /**< one past the last */
    uint32_t left;               /**< nodes that can be had */
};

/** Prices in 1/10000 dollar to ticks: $0.0001 below a dollar, a cent from there on. */
static inline uint32_t wt_price_tick(uint32_t price)
{
    return price < 10000 ? price : 9900 + price / 100;
}

/** Room for so many nodes. 0 or -ENOMEM. Free with wt_price_index_free(). */
int wt_price_index_init(struct wt_price_index *index, uint32_t nodes);
void wt_price_index_free(struct wt_price_index *index);
/** Put a value at a tick that has none; the caller saw to it that `left` is at least WT_PRICE_DEPTH. Returns the value
 * at the next lower tick in use, 0: none. */
uint32_t wt_price_put(struct wt_price_index *index, uint32_t *root, uint32_t tick, uint32_t value);
/** Take the value at a tick out; it is there. */
void wt_price_remove(struct wt_price_index *index, uint32_t *root, uint32_t tick);

/** The value at a tick, 0: none. */
static inline uint32_t wt_price_get(const struct wt_price_index *index, uint32_t root, uint32_t tick)
{
    /* Absent children are 0, and node 0 has none: no test on the way. */
#pragma GCC unroll 8
    for (int shift = (WT_PRICE_DEPTH - 1) * WT_PRICE_BITS; shift >= 0; shift -= WT_PRICE_BITS)
        root = index->nodes[root].child[tick >> shift & 63];
    return root;
}

#endif
