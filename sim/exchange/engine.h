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
    char side;      /**< 'B' or 'S' */
    char tif;       /**< enum wt_engine_tif */
    bool market;    /**< no limit: price is ignored; never rests */
    bool post_only; /**< rejected (or repriced: engine README) if it would trade */
    bool hidden;    /**< non-displayed: behind displayed orders at its price, no book events */
    uint32_t price; /**< 1/10000 dollar */
    uint32_t shares;
    uint32_t min_shares; /**< minimum quantity, 0: none */
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
    WT_ENGINE_SUPERVISORY
};

/** A resting order as others may see it; valid during the call. */
struct wt_engine_view {
    uint64_t ref; /**< order reference: also ITCH's and OUCH's */
    uint32_t owner;
    uint64_t tag;
    uint16_t symbol;
    char side;
    bool hidden;
    uint32_t price, shares; /**< shares open after the event */
    char mpid[4];
};

/** What the engine tells. Every function may be NULL. None may call the engine. */
struct wt_engine_handler {
    void *ctx;
    /** An order came to rest (after any executions on entry). */
    void (*rested)(void *ctx, const struct wt_engine_view *order);
    /** The resting order traded shares with an incoming one at price. aggressor_tag/owner: the incoming order's. */
    void (*executed)(void *ctx, const struct wt_engine_view *resting, uint32_t aggressor_owner, uint64_t aggressor_tag,
                     uint64_t aggressor_ref, uint32_t shares, uint32_t price, uint64_t match);
    /** Shares left the book, or an incoming order's rest was canceled (resting false). */
    void (*canceled)(void *ctx, const struct wt_engine_view *order, uint32_t shares, bool resting,
                     enum wt_engine_reason reason);
    /** A resting order was replaced by another (new reference, priority lost unless kept). */
    void (*replaced)(void *ctx, uint64_t old_ref, const struct wt_engine_view *order);
    /** Trading state of a symbol: 'H', 'P', 'Q', 'T'. */
    void (*state)(void *ctx, uint16_t symbol, char trading_state);
};

struct wt_engine_config {
    uint32_t max_orders; /**< live at once; default 1 M */
    uint64_t first_ref;  /**< default 1 */
};

struct wt_engine_totals {
    uint64_t entered, entered_shares, executed_shares, canceled_shares, open_shares, executions, rejects, live_orders;
};

void wt_engine_defaults(struct wt_engine_config *config);
int wt_engine_create(const struct wt_engine_config *config, struct wt_engine_handler handler,
                     struct wt_engine **engine);
void wt_engine_destroy(struct wt_engine *engine);
/** A new symbol (name padded with spaces); tick: 100 at or above $1 and 1 below. Returns its index or -ENOSPC/-EEXIST.
 */
int wt_engine_symbol(struct wt_engine *engine, const char name[8]);
/** Enter an order. ref gets its reference even if it is refused or does not rest. Returns the reason. */
enum wt_engine_reason wt_engine_enter(struct wt_engine *engine, const struct wt_engine_order *order, uint64_t *ref);
/** Take shares off (all of it when shares is at least what is open). False: not live. */
bool wt_engine_cancel(struct wt_engine *engine, uint64_t ref, uint32_t shares, enum wt_engine_reason reason);
/** Replace a resting order: new price and shares, new reference; may trade. Same price and fewer shares keeps priority
 * when keep is set. */
enum wt_engine_reason wt_engine_replace(struct wt_engine *engine, uint64_t ref, uint32_t price, uint32_t shares,
                                        bool keep, uint64_t tag, uint64_t *new_ref);
/** Halt ('H'), pause ('P'), quote only ('Q') or trade ('T'). Resuming with a crossed book trades it out by priority. */
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
