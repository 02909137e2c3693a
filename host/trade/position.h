/*
 * Positions and profit, in integers: money in 1/10000 dollar, 64 bits; no fees.
 *
 * Average cost without rounding loss: a position keeps the exact cost of what it holds. When part
 * of it is closed, the part's cost is taken out rounded toward zero, and the remainder stays in
 * the cost; when the position is flat nothing is left. So at every moment, to the last unit,
 *     cash = realized - cost        and        profit = realized + unrealized = cash + shares * mark.
 */
#ifndef WT_POSITION_H
#define WT_POSITION_H

#include "host/event/loop.h"
#include "host/trade/quotes.h"

struct wt_position {
    int64_t shares;        /**< above 0: long */
    int64_t cost;          /**< of the shares held; same sign as shares */
    int64_t realized;      /**< profit of what was closed */
    int64_t cash;          /**< sold minus bought */
    uint32_t mark;         /**< price it is valued at; 0: none yet */
    uint64_t bought, sold; /**< shares */
    uint64_t fills;
};

/** Apply a fill of signed shares (above 0: bought) at price. Pure arithmetic. |shares| <= 1,000,000. */
void wt_position_fill(struct wt_position *position, int64_t shares, uint32_t price);
/** shares * mark - cost; 0 without a mark. */
int64_t wt_position_unrealized(const struct wt_position *position);
/** Average price with four decimals of a dollar, rounded toward zero; 0 when flat. For people: nothing is computed
 * from it. */
uint32_t wt_position_average(const struct wt_position *position);

struct wt_positions;

/**
 * Subscribes to ORDER (fills, broken trades) and MARKET (marks: mid, or last print while a side is empty), publishes
 * POSITION after each fill. quotes must have subscribed to MARKET before. -ENOMEM.
 */
int wt_positions_create(struct wt_loop *loop, const struct wt_quotes *quotes, unsigned symbols,
                        struct wt_positions **positions);
void wt_positions_destroy(struct wt_positions *positions);
/** Never NULL for a symbol below the count given at create. */
const struct wt_position *wt_positions_get(const struct wt_positions *positions, wt_symbol symbol);
/** Sum of |shares| * mark over all symbols. */
int64_t wt_positions_gross(const struct wt_positions *positions);
/** Sums over all symbols. */
int64_t wt_positions_realized(const struct wt_positions *positions);
int64_t wt_positions_unrealized(const struct wt_positions *positions);

#endif
