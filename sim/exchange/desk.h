/*
 * What stands between an account's order entry (account.c) and a book that its orders live in: the replayed
 * market (matcher.h) or the matching engine (engine_desk.h). One account, one desk; the account knows OUCH, the desk
 * knows the book.
 */
#ifndef WT_DESK_H
#define WT_DESK_H

#include <stdbool.h>
#include <stdint.h>

/** One of an account's orders. */
struct wt_own_order {
    uint32_t user_ref;
    uint16_t locate; /**< the symbol: locate of the replay, index of the engine */
    bool live;
    bool post_only;
    char side; /**< as entered: B S T E */
    char tif, display, capacity, iso, cross;
    char cl_ord_id[14];
    char symbol[8];
    uint32_t price;
    uint32_t min_quantity;   /**< 0: none */
    uint32_t quantity;       /**< open when accepted */
    uint32_t open, executed; /**< of this order */
    uint32_t canceled;       /**< canceled or replaced away */
    uint32_t chain_executed; /**< by the orders that it replaced */
    uint64_t order_ref;      /**< the exchange's reference; in a replayed market the high bit is set, so it is none of
                                the replay's */
    uint64_t arrival;
    uint32_t prev, next; /**< in price-time order of its symbol and side (matcher.c) */
};

/** What happens to an account's orders; the order has already changed. Must not call the desk. */
struct wt_desk_handler {
    void *ctx;
    /** In the book's hands; orig_ref: the order that it replaced, 0: none. */
    void (*accepted)(void *ctx, const struct wt_own_order *order, uint32_t orig_ref);
    void (*executed)(void *ctx, const struct wt_own_order *order, uint32_t shares, uint32_t price, char liquidity,
                     uint64_t match);
    void (*canceled)(void *ctx, const struct wt_own_order *order, uint32_t shares, char reason);
    /** Canceled because it would have met another order of the account; at that price or its own. */
    void (*self_match)(void *ctx, const struct wt_own_order *order, uint32_t shares, uint32_t price);
    /** It has another place, under a new reference. */
    void (*moved)(void *ctx, const struct wt_own_order *order);
};

/** Shares of all orders of an account: accepted = executed + canceled + open. */
struct wt_desk_totals {
    uint64_t accepted, executed, canceled, open;
};

#define WT_DESK_CANCELED 0xffffu /**< a replacement was refused, and the original canceled for it */

struct wt_desk {
    void *ctx;
    bool all_terms; /**< takes post-only, non-displayed and minimum quantity */
    /** A symbol's number, or -ENOENT. */
    int (*symbol)(void *ctx, const char name[8]);
    /** False: no order comes in now. */
    bool (*trading)(void *ctx, uint16_t symbol);
    /** Take in an order (checked; user_ref above all others; open set). 0, or an OUCH reject reason. */
    unsigned (*enter)(void *ctx, const struct wt_own_order *order);
    /** Put an order in the place of a live one. 0, an OUCH reject reason (the old one stays), or WT_DESK_CANCELED. */
    unsigned (*replace)(void *ctx, uint32_t orig_ref, const struct wt_own_order *order);
    /** The order of a UserRefNum, or NULL; valid until the next enter or replace. */
    struct wt_own_order *(*find)(void *ctx, uint32_t user_ref);
    /** Take shares (at most open) off a live order, with the OUCH reason. */
    void (*cancel)(void *ctx, struct wt_own_order *order, uint32_t shares, char reason);
    /** Put a live order at the end of the queue of a price (1 up). False: it may not now, and stays. NULL: orders of
     * this desk keep their places. */
    bool (*move)(void *ctx, struct wt_own_order *order, uint32_t price);
    /** Cancel every live order of a symbol (name NULL: of all) with the OUCH reason. */
    void (*cancel_all)(void *ctx, const char name[8], char reason);
};

#endif
