/*
 * The limits of pre-trade risk, and what is remembered to hold them at one level (firm, account,
 * strategy: scope.h). Integers only: shares, money in 1/10000 dollar, prices in 1/10000 dollar, ns.
 *
 * Two kinds. A SAFETY limit holds for every order: it keeps a bad message, a bad price or a runaway
 * away from the venue. An OPENING limit holds only for orders that may make the scope's position
 * larger: an order that reduces it (semantics.md 14) passes. What is 0 is not limited, except
 * collar_bps.
 */
#ifndef WT_LIMITS_H
#define WT_LIMITS_H

#include "host/trade/oms.h"
#include "host/trade/position.h"
#include "host/trade/quotes.h"
#include "host/trade/scope.h"

enum wt_limit {
    WT_LIMIT_NONE,
    WT_LIMIT_KILL,            /**< safety: killed (by hand, heartbeat, silence), or the host is stopping */
    WT_LIMIT_GATEWAY,         /**< safety: the venue's session is not up and reconciled */
    WT_LIMIT_BAD_ORDER,       /**< safety: side, shares 0 or above 999,999, price 0 or above $199,999.99 */
    WT_LIMIT_TICK,            /**< safety: price off its tick */
    WT_LIMIT_LOT,             /**< opening: shares are no multiple of the lot */
    WT_LIMIT_RESTRICTED,      /**< opening: symbol on the list of restricted ones */
    WT_LIMIT_HALTED,          /**< safety: trading state H, P or Q */
    WT_LIMIT_QUOTE,           /**< safety: no exact quote of the symbol: stale or flagged book */
    WT_LIMIT_QUOTE_AGE,       /**< safety: the quote is older than allowed; ns */
    WT_LIMIT_COLLAR,          /**< safety: price further through the BBO than allowed */
    WT_LIMIT_COLLAR_LAST,     /**< safety: price further beyond the last trade than allowed */
    WT_LIMIT_LOSS,            /**< opening: the maximum loss of the day was reached; money */
    WT_LIMIT_DRAWDOWN,        /**< opening: fallen too far from the day's best profit; money */
    WT_LIMIT_REDUCE_ONLY,     /**< opening: only exits are wanted, said by hand */
    WT_LIMIT_ORDER_SHARES,    /**< opening: shares of the order */
    WT_LIMIT_ORDER_NOTIONAL,  /**< opening: shares * price of the order */
    WT_LIMIT_LONG,            /**< opening: shares long of one symbol if this order fills */
    WT_LIMIT_SHORT,           /**< opening: shares short of one symbol if this order fills */
    WT_LIMIT_POSITION,        /**< opening: the same, with all working orders of the side */
    WT_LIMIT_SYMBOL_NOTIONAL, /**< opening: position at its mark and working orders of one symbol; money */
    WT_LIMIT_GROSS_NOTIONAL,  /**< opening: all positions at their marks and all working orders; money */
    WT_LIMIT_NET_NOTIONAL,    /**< opening: long less short, if all working orders of this side fill; money */
    WT_LIMIT_OPEN_NOTIONAL,   /**< opening: all working orders; money */
    WT_LIMIT_OPEN_SYMBOL,     /**< opening: open orders of the symbol */
    WT_LIMIT_OPEN_TOTAL,      /**< opening: open orders */
    WT_LIMIT_SELF_MATCH,      /**< safety: would meet an order of the same scope; price */
    WT_LIMIT_DUPLICATE,       /**< opening: the same order again, too soon; ns since the first */
    WT_LIMIT_REPEAT,          /**< opening: the same order too often within repeat_ns */
    WT_LIMIT_RATE,            /**< safety: orders and replaces a second, token bucket */
    WT_LIMIT_CANCEL_RATE,     /**< opening: more cancels than allowed: no new order until they are paid off */
    WT_LIMIT_MESSAGE_RATE,    /**< safety: orders, replaces and cancels a second, token bucket */
    WT_LIMITS
};

/** What follows when a scope loses too much. Whatever it is, all of its working orders are canceled. */
enum wt_loss_action {
    WT_LOSS_REDUCE_ONLY, /**< only orders that reduce pass */
    WT_LOSS_FLATTEN,     /**< and the desk closes every position itself */
    WT_LOSS_KILL         /**< nothing passes but cancels */
};

#define WT_NO_COLLAR UINT32_MAX
#define WT_REMEMBERED 32u /**< accepted orders of a scope that duplicates and repeats are looked for in */

/** Limits of one scope. */
struct wt_risk_limits {
    uint32_t max_order_shares;
    int64_t max_order_notional;
    int64_t max_position; /**< long and short, working orders included */
    int64_t max_gross_notional;
    uint32_t collar_bps; /**< basis points beyond the far side of the BBO, 0: not through it; WT_NO_COLLAR */
    uint32_t max_open_symbol, max_open_total;
    uint32_t orders_per_second, burst; /**< at most 1,000,000; burst at least 1 */
    uint64_t max_quote_age_ns;         /**< a quiet symbol's quote is exact however old */
    int64_t max_loss;                  /**< of realized and unrealized profit less fees */
    uint32_t collar_last_bps;          /**< basis points beyond the last trade; no trade yet: no limit */
    uint32_t tick;                     /**< coarser than the market's own, for prices of a dollar and more */
    uint32_t lot;
    int64_t max_long, max_short; /**< working orders not included */
    int64_t max_symbol_notional, max_net_notional, max_open_notional;
    bool no_self_match;
    uint64_t duplicate_ns, repeat_ns;
    uint32_t max_repeats; /**< of the same order within repeat_ns; at most WT_REMEMBERED */
    uint32_t cancels_per_second, cancel_burst, messages_per_second, message_burst;
    int64_t max_drawdown;
    enum wt_loss_action on_loss;
    const char (*restricted)[9]; /**< names; the caller's, for as long as risk lives */
    unsigned restricted_count;
};

/**
 * A token bucket in ns of its rate: no division, no rounding, and nothing to be filled up, as what it holds follows
 * from when it will be full.
 */
struct wt_bucket {
    int64_t step_ns, full_ns;
    uint64_t due; /**< full from then on */
    uint64_t at;  /**< last used */
};

struct wt_remembered {
    wt_symbol symbol;
    char side, tif;
    uint32_t shares, price;
    uint64_t ns;
};

/** One scope's limits and state. */
struct wt_limit_state {
    struct wt_risk_limits limits;
    bool used; /**< anything is limited at all */
    union {
        struct {
            bool killed, reduce_only, lost, drawn;
            bool held; /**< for now: not the operator's, and not released by him */
        };
        uint64_t stopped; /**< any of these */
    };
    int64_t best; /**< highest profit so far */
    struct wt_bucket orders, cancels, messages;
    /** Only the limits that nearly every desk has: wt_risk_check() may look at these alone, 0 being no limit there. */
    bool plain;
    struct {
        uint32_t shares, open_symbol, open_total;
        int64_t notional, position, gross;
    } bound;
    struct wt_remembered seen[WT_REMEMBERED];
    unsigned seen_next; /**< monotonic */
};

/** What a signal would do in one scope, in the worst case, and all that the limits look at. */
struct wt_limit_view {
    const struct wt_signal *signal;
    const struct wt_symbol_view *symbol;
    const struct wt_oms *oms;
    unsigned row;
    uint64_t now;
    bool is_new, gateway_up, restricted;
    int64_t more_notional;
    int64_t side_position; /**< as this side sees it: above 0 is what the side makes larger */
    int64_t side_worst;    /**< after this order and all working ones of the side */
    int64_t profit;
    int64_t position_notional, gross, side_net; /**< positions alone: of the symbol, all, all as the side sees it */
    const struct wt_working *working;           /**< of the symbol */
    const struct wt_working *total;             /**< of all symbols */
    bool reducing;                              /**< set by wt_limits_check */
};

struct wt_measure {
    int64_t value, bound;
};

const char *wt_limit_name(enum wt_limit limit);
/** The limit holds only for orders that may make a position larger. */
bool wt_limit_opening(enum wt_limit limit);
/** Price step: $0.01 from $1 on, else $0.0001 (1/10000 dollar: 100 or 1). */
static inline uint32_t wt_tick(uint32_t price)
{
    return price >= 10000 ? 100 : 1;
}

/** What is in it, in ns. A clock that steps back gives nothing; one that steps forward fills the bucket, not more. */
static inline int64_t wt_bucket_tokens(const struct wt_bucket *b, uint64_t now)
{
    uint64_t when = now > b->at ? now : b->at;
    return b->due > when ? b->full_ns - (int64_t)(b->due - when) : b->full_ns;
}

/** After the last use at now, left is in it. */
static inline void wt_bucket_left(struct wt_bucket *b, uint64_t now, int64_t left)
{
    b->due = now + (uint64_t)(b->full_ns - left);
    b->at = now;
}

/** Takes one step from a bucket that has it, or has no rate: true. Else nothing changes. */
static inline __attribute__((always_inline)) bool wt_bucket_take(struct wt_bucket *b, uint64_t now)
{
    if (__builtin_expect(now < b->at, 0)) {
        int64_t left = wt_bucket_tokens(b, now) - b->step_ns;
        if (left < 0)
            return false;
        wt_bucket_left(b, now, left);
        return true;
    }
    uint64_t due = (b->due > now ? b->due : now) + (uint64_t)b->step_ns;
    if (__builtin_expect((int64_t)(due - now) > b->full_ns, 0))
        return false;
    b->due = due;
    b->at = now;
    return true;
}

/** -EINVAL: a rate above a million or without a burst, repeats without a time or more than are remembered. */
int wt_limits_init(struct wt_limit_state *state, const struct wt_risk_limits *limits, uint64_t now);
/** The first limit in the order of enum wt_limit that the signal breaks in this scope, and by how much. */
enum wt_limit wt_limits_check(const struct wt_limit_state *state, struct wt_limit_view *view,
                              struct wt_measure *measure);
/** The signal was accepted, by every level: count it against the rates, remember it. */
void wt_limits_count(struct wt_limit_state *state, const struct wt_signal *signal, uint64_t now);

#endif
