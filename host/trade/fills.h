/*
 * Fills remembered by order and match number: a duplicate execution report must change nothing,
 * and a broken trade must be taken back to the share, also when its order's slot has been used again.
 *
 * The memory is given at create and bounded: the oldest fills lie in a ring, a hash of open addressing finds them.
 * When it is nearly full the owner forgets the oldest one; what may be forgotten is the owner's to know (oms.c).
 */
#ifndef WT_FILLS_H
#define WT_FILLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct wt_fill {
    uint64_t match;
    uint32_t id, shares, price; /**< ids are from 1 */
    uint16_t symbol;
    char liquidity; /**< as reported: a fee that was paid is given back at the same rate */
    bool broken : 1, sell : 1;
    bool ahead : 1;    /**< only what is said of it has come: broken, or corrected to these shares and price */
    uint8_t owner : 5; /**< WT_FILL_OWNERS: none that has a row of its own */
};
_Static_assert(sizeof(struct wt_fill) == 24, "a fill is three words");

#define WT_FILL_OWNERS 31u

struct wt_fills {
    struct wt_fill *ring;                    /* the oldest at first & limit - 1 */
    uint32_t *slots;                         /* hash: place in the ring + 1; 0: empty */
    size_t mask, count, limit, first, crowd; /* crowd: so many are a crowd */
};

/** Room for limit fills (a power of two, at most 2^30). -ENOMEM. */
int wt_fills_create(struct wt_fills *fills, size_t limit);
void wt_fills_destroy(struct wt_fills *fills);
/** The fill, or NULL. */
struct wt_fill *wt_fills_find(const struct wt_fills *fills, uint32_t id, uint64_t match);
/** Remember it; it must not be there yet. False when limit fills are remembered. */
bool wt_fills_add(struct wt_fills *fills, const struct wt_fill *fill);
/** One fill in sixteen or less is free: time to forget. */
static inline bool wt_fills_crowded(const struct wt_fills *fills)
{
    return fills->count >= fills->crowd;
}
/** The oldest, or NULL. */
const struct wt_fill *wt_fills_oldest(const struct wt_fills *fills);
/** Take the oldest out. */
void wt_fills_forget(struct wt_fills *fills);

#endif
