/*
 * Fills remembered by order and match number: a duplicate execution report must change nothing,
 * and a broken trade must be taken back to the share. Open addressing in memory given at create.
 */
#ifndef WT_FILLS_H
#define WT_FILLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct wt_fill {
    uint64_t match;
    uint32_t id, shares, price; /**< id 0: empty; ids are from 1 */
    char liquidity;             /**< as reported: a fee that was paid is given back at the same rate */
    bool broken;
};

struct wt_fills {
    struct wt_fill *slots;
    size_t mask, count, limit;
};

/** Room for limit fills (a power of two). -ENOMEM. */
int wt_fills_create(struct wt_fills *fills, size_t limit);
void wt_fills_destroy(struct wt_fills *fills);
/** The fill, or NULL. */
struct wt_fill *wt_fills_find(const struct wt_fills *fills, uint32_t id, uint64_t match);
/** Remember it. False when limit fills are remembered. */
bool wt_fills_add(struct wt_fills *fills, const struct wt_fill *fill);

#endif
