/*
 * Positions and profit, in integers: money in 1/10000 dollar, 64 bits; fees in millionths of a dollar.
 *
 * Average cost without rounding loss: a position keeps the exact cost of what it holds. When part
 * of it is closed, the part's cost is taken out rounded toward zero, and the remainder stays in
 * the cost; when the position is flat nothing is left. So at every moment, to the last unit,
 *     cash = realized - cost        and        profit = realized + unrealized = cash + shares * mark.
 *
 * Fees and rebates stand beside it: a rate per share for each liquidity flag of the venue, summed
 * exactly; a broken or corrected trade gives back what it was charged. Net of fees, a profit is
 * rounded once, against us (wt_fees_money).
 *
 * A position is kept for every scope (scope.h): firm, account, strategy.
 */
#ifndef WT_POSITION_H
#define WT_POSITION_H

#include "host/event/loop.h"
#include "host/trade/quotes.h"
#include "host/trade/scope.h"

struct wt_position {
    int64_t shares;        /**< above 0: long */
    int64_t cost;          /**< of the shares held; same sign as shares */
    int64_t realized;      /**< profit of what was closed */
    int64_t cash;          /**< sold minus bought */
    int64_t fees;          /**< paid less rebates, millionths of a dollar */
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

/** Millionths of a dollar per share, by the venue's liquidity flag; above 0: we pay. */
struct wt_fee_table {
    int32_t per_share[256];
};

/** Millionths of a dollar in 1/10000 dollar, rounded up: what is rounded away is never ours. */
static inline int64_t wt_fees_money(int64_t millionths)
{
    return millionths >= 0 ? (millionths + 99) / 100 : millionths / 100;
}

/** Sums over all symbols of a scope. */
struct wt_position_sums {
    int64_t gross;                /**< |shares| * mark */
    int64_t net;                  /**< shares * mark */
    int64_t realized, unrealized; /**< before fees */
    int64_t fees;                 /**< millionths of a dollar */
};

struct wt_positions;

/**
 * Subscribes to ORDER (fills, broken trades) and MARKET (marks: mid, or last print while a side is empty), publishes
 * POSITION after each fill. quotes must have subscribed to MARKET before. -ENOMEM.
 */
int wt_positions_create(struct wt_loop *loop, const struct wt_quotes *quotes, unsigned symbols,
                        struct wt_positions **positions);
/** The same with a fee table (copied; NULL: no fees) and scopes (NULL: only the firm). */
int wt_positions_create_for(struct wt_loop *loop, const struct wt_quotes *quotes, unsigned symbols,
                            const struct wt_fee_table *fees, const struct wt_scopes *scopes,
                            struct wt_positions **positions);
/** The symbol's position where only the firm keeps any; else one of which wt_position_mark_flat() is always false. */
struct wt_position *wt_positions_only(struct wt_positions *positions, wt_symbol symbol);
/** What wt_positions_mark() would do by a valid quote, where nothing is held and the quote is ordinary; else false. */
static inline bool wt_position_mark_flat(struct wt_position *p, const struct wt_quote *q)
{
    uint32_t bid = q->bid_price, ask = q->ask_price;
    if (p->shares || ask < bid || ask - bid >= bid)
        return false;
    p->mark = bid + (ask - bid) / 2;
    return true;
}
/** Value the symbol's positions by its quote or print as it is now. True: that changed a sum. */
bool wt_positions_mark(struct wt_positions *positions, wt_symbol symbol, const struct wt_symbol_view *view);
void wt_positions_destroy(struct wt_positions *positions);
/** Never NULL for a symbol below the count given at create. */
const struct wt_position *wt_positions_get(const struct wt_positions *positions, wt_symbol symbol);
/** Position and sums of a scope's row (scope.h); never NULL. */
const struct wt_position *wt_positions_row(const struct wt_positions *positions, unsigned row, wt_symbol symbol);
/** The same for the strategy with this owner number; the firm's when strategies have no rows. */
const struct wt_position *wt_positions_of(const struct wt_positions *positions, unsigned owner, wt_symbol symbol);
/** The row that wt_positions_of() looks at. */
unsigned wt_positions_row_of(const struct wt_positions *positions, unsigned owner);
const struct wt_position_sums *wt_positions_sums(const struct wt_positions *positions, unsigned row);
/** Realized and unrealized profit of a scope less its fees. */
int64_t wt_positions_profit(const struct wt_positions *positions, unsigned row);
/** Sum of |shares| * mark over all symbols. */
int64_t wt_positions_gross(const struct wt_positions *positions);
/** Sums over all symbols. */
int64_t wt_positions_realized(const struct wt_positions *positions);
int64_t wt_positions_unrealized(const struct wt_positions *positions);

#endif
