/*
 * Pre-trade risk. Integers only: shares, money in 1/10000 dollar, ns.
 *
 * A signal is checked against the limits in the order of enum wt_limit; the first one it breaks
 * is the verdict. What it would do is measured in the worst case: all working orders on its
 * side fill, and of an order and its replacement the larger.
 *
 * A reducing order (semantics.md 14: |position| does not grow and its sign does not flip even if
 * it and all working orders on its side fill) is never refused by ORDER_SHARES, ORDER_NOTIONAL,
 * POSITION, GROSS_NOTIONAL or LOSS. A cancel is never refused. The kill switch by hand refuses
 * everything but cancels; after the maximum loss only reducing orders pass.
 */
#ifndef WT_RISK_H
#define WT_RISK_H

#include "host/event/loop.h"
#include "host/trade/oms.h"
#include "host/trade/position.h"
#include "host/trade/quotes.h"

enum wt_limit {
    WT_LIMIT_NONE,
    WT_LIMIT_KILL,           /**< kill switch by hand, or the host is stopping */
    WT_LIMIT_GATEWAY,        /**< the venue's session is not up */
    WT_LIMIT_BAD_ORDER,      /**< shares 0 or above 999,999, price 0 or above $199,999.99, or off its tick */
    WT_LIMIT_HALTED,         /**< trading state H, P or Q */
    WT_LIMIT_QUOTE,          /**< no exact quote of the symbol */
    WT_LIMIT_QUOTE_AGE,      /**< the quote is older than allowed; ns */
    WT_LIMIT_COLLAR,         /**< price further through the BBO than allowed; 1/10000 dollar */
    WT_LIMIT_LOSS,           /**< the maximum loss was reached; 1/10000 dollar */
    WT_LIMIT_ORDER_SHARES,   /**< shares of the order */
    WT_LIMIT_ORDER_NOTIONAL, /**< shares * price; 1/10000 dollar */
    WT_LIMIT_POSITION,       /**< long or short shares, working orders included */
    WT_LIMIT_GROSS_NOTIONAL, /**< all positions at their marks and all working orders; 1/10000 dollar */
    WT_LIMIT_OPEN_SYMBOL,    /**< open orders of the symbol */
    WT_LIMIT_OPEN_TOTAL,     /**< open orders */
    WT_LIMIT_RATE,           /**< orders and replaces a second, token bucket; orders in the bucket */
    WT_LIMITS
};

struct wt_risk_limits {
    uint32_t max_order_shares;
    int64_t max_order_notional;
    int64_t max_position;
    int64_t max_gross_notional;
    uint32_t collar_bps; /**< basis points beyond the far side of the BBO, 0: not through it at all */
    uint32_t max_open_symbol, max_open_total;
    uint32_t orders_per_second; /**< 1 to 1,000,000 */
    uint32_t burst;             /**< size of the token bucket, at least 1 */
    uint64_t max_quote_age_ns;  /**< 0: no limit (a quiet symbol's quote is exact however old) */
    int64_t max_loss;           /**< of realized and unrealized together; 0: no limit */
};

struct wt_risk_stats {
    uint64_t checked, accepted;
    uint64_t refused[WT_LIMITS]; /**< by limit */
};

struct wt_risk;

const char *wt_limit_name(enum wt_limit limit);
/** Price step: $0.01 from $1 on, else $0.0001 (1/10000 dollar: 100 or 1). */
static inline uint32_t wt_tick(uint32_t price)
{
    return price >= 10000 ? 100 : 1;
}

/**
 * Subscribes to GATEWAY, and to POSITION and MARKET to watch the maximum loss (positions must have subscribed before);
 * publishes RISK_ALERT. All of the others stay the caller's. -ENOMEM.
 */
int wt_risk_create(const struct wt_risk_limits *limits, struct wt_loop *loop, const struct wt_quotes *quotes,
                   const struct wt_positions *positions, const struct wt_oms *oms, struct wt_risk **risk);
void wt_risk_destroy(struct wt_risk *risk);
/**
 * Check a signal; publishes the verdict, and counts an accepted order against the rate. For a REPLACE, signal->side
 * and symbol are those of the order that is replaced.
 */
enum wt_limit wt_risk_check(struct wt_risk *risk, const struct wt_signal *signal, unsigned owner);
/** The kill switch: from now on only cancels pass. alert: say so with a RISK_ALERT. */
void wt_risk_kill(struct wt_risk *risk, bool alert);
bool wt_risk_killed(const struct wt_risk *risk);
void wt_risk_stats(const struct wt_risk *risk, struct wt_risk_stats *stats);

#endif
