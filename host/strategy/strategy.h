/*
 * The strategy ABI. A strategy is one file: a structure of callbacks and a state it owns. It sees
 * events and answers with signals; it never talks to the OMS, risk or gateway itself.
 *
 * All callbacks run on the event loop's thread, in event order, and must not block or allocate
 * (create and destroy may). A callback that is NULL is not called and costs no time.
 * Signals are struct wt_signal (host/event/event.h).
 */
#ifndef WT_STRATEGY_H
#define WT_STRATEGY_H

#include "host/event/event.h"

/** Order as the strategy sees it. */
struct wt_order_view {
    uint32_t id;
    wt_symbol symbol;
    enum wt_side side;
    uint8_t state; /**< enum wt_order_state (host/trade/oms.h) */
    uint32_t price, open_shares, filled_shares;
};

/** Where an own order stands in the queue of its price (places.h). */
struct wt_queue_view {
    uint64_t ahead_shares; /**< that execute before it; not exact: at most so many */
    uint32_t ahead_orders; /**< not exact: all orders at the price */
    uint32_t level_shares; /**< at its price, as the feed shows it */
    bool exact;            /**< the feed shows the order itself */
};

/** What the host gives a strategy. */
struct wt_strategy_host {
    void *ctx;
    /** Send a signal. Returns the new order's id (ENTER, REPLACE), 0 for CANCEL, or -errno when risk or the OMS refused
     * it. */
    int64_t (*signal)(void *ctx, const struct wt_signal *signal);
    /** Where its position in a symbol is kept, shares: asked for once, it may be looked at for as long as it lives. */
    const int64_t *(*position)(void *ctx, wt_symbol symbol);
    /** Set a timer: on_timer(id) at now + delay. */
    int (*timer)(void *ctx, uint32_t id, uint64_t delay_ns);
    uint64_t (*now)(void *ctx);
    /** Levels of the full-depth book from the best on; how many are in levels, 0: none, or not valid. */
    size_t (*depth)(void *ctx, wt_symbol symbol, enum wt_side side, struct wt_depth_level *levels, size_t room);
    /** Place of an own order: 0; -ENOENT: not its own, or not at the venue; -ESTALE: the book is not valid. */
    int (*queue)(void *ctx, uint32_t order, struct wt_queue_view *view);
};

/** One parameter of a strategy, from its configuration; values are integers. */
struct wt_param {
    const char *name;
    int64_t value;
};

/** What a parameter may be; configuration errors are found and worded from this. */
struct wt_param_spec {
    const char *name;
    int64_t min, max, value; /**< inclusive range, default */
    const char *text;        /**< one line: meaning and unit */
};

struct wt_strategy {
    const char *name;
    const struct wt_param_spec *specs; /**< ends with a NULL name */
    /** Allocate and set up. NULL with a message printed on bad parameters. */
    void *(*create)(const struct wt_strategy_host *host, const struct wt_param *params, unsigned count);
    void (*on_quote)(void *self, wt_symbol symbol, const struct wt_quote *quote);
    void (*on_trade)(void *self, wt_symbol symbol, uint32_t price, uint64_t shares);
    void (*on_state)(void *self, wt_symbol symbol, char trading_state);
    void (*on_order)(void *self, const struct wt_order_view *order);
    void (*on_fill)(void *self, const struct wt_order_view *order, uint32_t price, uint32_t shares);
    void (*on_timer)(void *self, uint32_t id);
    void (*destroy)(void *self);
};

#endif
