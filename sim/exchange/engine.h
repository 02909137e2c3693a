/*
 * The matching engine: continuous price-time priority for any number of symbols.
 *
 * It knows orders, not protocols: owners are numbers, order references are its own and rise. What
 * happens is told through the handler, in the order in which it happens; a feed publisher turns
 * book events into ITCH, an order-entry server turns order events into OUCH, and either can be
 * left out. O(1) for add, cancel and execution at the best level. Deterministic. One thread.
 * Memory is bounded by max_orders; nothing allocates after create but symbols.
 */
#ifndef WT_ENGINE_H
#define WT_ENGINE_H

#include <stdbool.h>
#include <stdint.h>

struct wt_engine;

enum wt_engine_tif { WT_ENGINE_DAY = '0', WT_ENGINE_IOC = '3' };

/** An order as it is entered. */
struct wt_engine_order {
    uint32_t owner; /**< whose; self-match prevention works within an owner; 0: the background */
    uint64_t tag;   /**< the owner's own, given back in events */
    uint16_t symbol;
    char side;           /**< 'B' or 'S' */
    char tif;            /**< enum wt_engine_tif */
    bool market;         /**< no limit: price is ignored; never rests */
    bool post_only;      /**< refused if it would trade on entry, with displayed or hidden orders */
    bool hidden;         /**< non-displayed: behind displayed orders at its price */
    uint32_t price;      /**< 1/10000 dollar: 1 to 1,999,999,900, whole cents from a dollar on */
    uint32_t shares;     /**< 1 to 999,999 */
    uint32_t min_shares; /**< minimum quantity, 0: none; only IOC or hidden: on entry it trades this much or nothing;
                              resting, an incoming order that would trade less with it passes it over */
    char mpid[4];        /**< spaces: none (ITCH A instead of F) */
};

/** Why an order was refused or canceled; the server maps it to OUCH codes. */
enum wt_engine_reason {
    WT_ENGINE_OK = 0,
    WT_ENGINE_BAD_SYMBOL,
    WT_ENGINE_HALTED,
    WT_ENGINE_BAD_PRICE,
    WT_ENGINE_BAD_TICK,
    WT_ENGINE_BAD_SHARES,
    WT_ENGINE_WOULD_TRADE,
    WT_ENGINE_SELF_MATCH,
    WT_ENGINE_IOC_REST,
    WT_ENGINE_MIN_SHARES,
    WT_ENGINE_FULL,
    WT_ENGINE_USER, /**< canceled because the owner asked */
    WT_ENGINE_SUPERVISORY,
    WT_ENGINE_BAD_TERMS /**< side or time in force unknown; post-only that could not rest */
};

/** A resting order as others may see it; valid during the call. */
struct wt_engine_view {
    uint64_t ref; /**< order reference: also ITCH's and OUCH's */
    uint32_t owner;
    uint64_t tag;
    uint16_t symbol;
    char side;
    bool hidden;
    uint32_t price, shares; /**< shares open after the event; price 0: a market order */
    char mpid[4];
};

/** How an order was replaced, and what that is on the feed when it is displayed. */
enum wt_engine_replaced {
    WT_ENGINE_REPLACED_KEPT,  /**< same reference, fewer shares, place in the queue kept: ITCH X */
    WT_ENGINE_REPLACED_MOVED, /**< the new order stands at the end of its queue, nothing traded: ITCH U */
    WT_ENGINE_REPLACED_ENTERS /**< the old one is gone (ITCH D), the new one comes in: executed, rested, canceled follow
                               */
};

/**
 * What the engine tells. Every function may be NULL. None may call the engine, but to look (find, bbo).
 * An order that comes in: accepted; executed any number of times; then rested, or canceled (resting false), or
 * nothing when all of it traded. A refused order tells nothing.
 */
struct wt_engine_handler {
    void *ctx;
    /** An order passed the checks; it has neither traded nor come to rest. */
    void (*accepted)(void *ctx, const struct wt_engine_view *order);
    /** An order came to rest (after any executions on entry). */
    void (*rested)(void *ctx, const struct wt_engine_view *order);
    /** The resting order traded shares with an incoming one at price (its own). aggressor_tag/owner: the incoming
     * order's. On the feed: E, or P if the resting order is hidden. */
    void (*executed)(void *ctx, const struct wt_engine_view *resting, uint32_t aggressor_owner, uint64_t aggressor_tag,
                     uint64_t aggressor_ref, uint32_t shares, uint32_t price, uint64_t match);
    /** Shares left the book, or an incoming order's rest was canceled (resting false). */
    void (*canceled)(void *ctx, const struct wt_engine_view *order, uint32_t shares, bool resting,
                     enum wt_engine_reason reason);
    /** Two resting orders traded with each other, because trading resumed: at the older one's price. On the feed: E or
     * C for each that is displayed. */
    void (*uncrossed)(void *ctx, const struct wt_engine_view *bid, const struct wt_engine_view *offer, uint32_t shares,
                      uint32_t price, uint64_t match);
    /** A resting order, which had old_shares open, was replaced; order: what it is now. */
    void (*replaced)(void *ctx, uint64_t old_ref, uint32_t old_shares, const struct wt_engine_view *order,
                     enum wt_engine_replaced how);
    /** Trading state of a symbol: 'H', 'P', 'Q', 'T'. */
    void (*state)(void *ctx, uint16_t symbol, char trading_state);
};

struct wt_engine_config {
    uint32_t max_orders; /**< live at once; default 1 M */
    uint64_t first_ref;  /**< default 1 */
};

/** In shares, always: entered = 2 x executed + canceled + open. A replace cancels the old order and enters the new. */
struct wt_engine_totals {
    uint64_t entered, entered_shares, executed_shares, canceled_shares, open_shares, executions, rejects, live_orders;
};

void wt_engine_defaults(struct wt_engine_config *config);
int wt_engine_create(const struct wt_engine_config *config, struct wt_engine_handler handler,
                     struct wt_engine **engine);
void wt_engine_destroy(struct wt_engine *engine);
/** Tell another handler too, after those before it. 0 or -ENOSPC (4 in all). */
int wt_engine_listen(struct wt_engine *engine, struct wt_engine_handler handler);
/** A new symbol (name padded with spaces); tick: 100 at or above $1 and 1 below. Returns its index or -ENOSPC/-EEXIST.
 */
int wt_engine_symbol(struct wt_engine *engine, const char name[8]);
/** Enter an order. ref gets its reference even if it is refused or does not rest. Returns the reason. */
enum wt_engine_reason wt_engine_enter(struct wt_engine *engine, const struct wt_engine_order *order, uint64_t *ref);
/** Take shares off (all of it when shares is at least what is open). False: not live. */
bool wt_engine_cancel(struct wt_engine *engine, uint64_t ref, uint32_t shares, enum wt_engine_reason reason);
/**
 * Replace a resting order: new price and shares (open ones), new tag; may trade. The rest of its terms stay. With keep
 * set, the same price and no more shares keep reference and priority (Nasdaq rule 4756(a)(3)); else it gets a new
 * reference at the end of the queue. When it is refused the old order stays as it was. BAD_SYMBOL: ref is not live.
 */
enum wt_engine_reason wt_engine_replace(struct wt_engine *engine, uint64_t ref, uint32_t price, uint32_t shares,
                                        bool keep, uint64_t tag, uint64_t *new_ref);
/**
 * Halt ('H'), pause ('P'), quote only ('Q') or trade ('T'); a new symbol trades. Halted and paused: new orders are
 * refused, cancels and shrinking replaces are not. Quote only: day limit orders rest without trading. Resuming with a
 * crossed book trades it out by priority before the state is told. Another letter, or the state it is in: nothing.
 */
void wt_engine_state(struct wt_engine *engine, uint16_t symbol, char trading_state);
/** Best displayed levels: shares and price, 0 when empty. */
void wt_engine_bbo(const struct wt_engine *engine, uint16_t symbol, uint32_t *bid, uint64_t *bid_shares, uint32_t *ask,
                   uint64_t *ask_shares);
/** Call fn for each displayed order of a symbol in priority order, bids then offers (snapshots). */
void wt_engine_walk(const struct wt_engine *engine, uint16_t symbol,
                    void (*fn)(void *ctx, const struct wt_engine_view *order), void *ctx);
/** A live order, or false. */
bool wt_engine_find(const struct wt_engine *engine, uint64_t ref, struct wt_engine_view *order);
void wt_engine_totals(const struct wt_engine *engine, struct wt_engine_totals *totals);

#endif
