/*
 * The engine's books, between engine.c (entry, cancel, replace, states), engine_match.c (who trades with
 * whom) and engine_book.c (orders, levels, ladders). A symbol has four ladders: displayed and hidden, bids and
 * offers. A ladder is a list of price levels in price order, found by price through the price index; a
 * level is a list of orders, first come first. Orders, levels and nodes come from pools; 0 is none.
 */
#ifndef WT_ENGINE_BOOK_H
#define WT_ENGINE_BOOK_H

#include "sim/exchange/engine.h"
#include "sim/exchange/price_index.h"

#define WT_ENGINE_HANDLERS 4

struct wt_engine_resting {
    struct wt_engine_view v; /**< as others see it: what is told needs no copy */
    uint32_t min_shares;
    uint32_t older, newer; /**< in its level; newer chains free ones */
    uint32_t same_bucket;  /**< the next order with this hash */
    uint32_t level;
    bool post_only;
};

struct wt_engine_level {
    uint64_t shares;
    uint32_t oldest, newest;
    uint32_t lower, higher; /**< levels beside it in the ladder; higher chains free ones */
    uint32_t price;
};

struct wt_engine_ladder {
    uint32_t root; /**< in the price index */
    uint32_t lowest, highest;
};

struct wt_engine_listing {
    _Alignas(8) char name[8]; /**< aligned so that the whole is 64 bytes: a shift finds it */
    char state;
    struct wt_engine_ladder ladder[4]; /**< wt_engine_book_ladder() */
};

struct wt_engine {
    struct wt_engine_resting *orders;
    struct wt_engine_level *levels;
    uint32_t *buckets;
    struct wt_engine_listing *symbols;
    struct wt_price_index prices;
    uint32_t bucket_mask, max_orders, symbol_count, symbol_room;
    uint32_t free_order, fresh_order, free_level, fresh_level;
    unsigned handler_count;
    struct wt_engine_handler handlers[WT_ENGINE_HANDLERS];
    uint64_t next_ref, next_match;
    struct wt_engine_totals totals;
};

/** Tell all handlers; there is one at least. */
#define WT_ENGINE_TELL(e, what, ...)                                                                                   \
    do {                                                                                                               \
        const struct wt_engine_handler *tell_ = (e)->handlers, *tell_end_ = tell_ + (e)->handler_count;                \
        do                                                                                                             \
            if (tell_->what)                                                                                           \
                tell_->what(tell_->ctx, __VA_ARGS__);                                                                  \
        while (++tell_ != tell_end_);                                                                                  \
    } while (0)

static inline struct wt_engine_ladder *wt_engine_book_ladder(struct wt_engine *e, uint16_t symbol, char side,
                                                             bool hidden)
{
    return &e->symbols[symbol].ladder[(hidden ? 2 : 0) + (side == 'S')];
}

/** Best level of a ladder of bids or offers, 0: empty. */
static inline uint32_t wt_engine_book_best(const struct wt_engine_ladder *ladder, char side)
{
    return side == 'B' ? ladder->highest : ladder->lowest;
}

/** The level that is next best after one. */
static inline uint32_t wt_engine_book_next_level(const struct wt_engine *e, uint32_t level, char side)
{
    return side == 'B' ? e->levels[level].lower : e->levels[level].higher;
}

/** There is room for one more order, at whatever price. */
static inline bool wt_engine_book_room(const struct wt_engine *e)
{
    return (e->free_order != 0 || e->fresh_order <= e->max_orders) && e->prices.left >= WT_PRICE_DEPTH;
}

/** A resting order, displayed or not, stands at or through the price of one that comes in. */
static inline bool wt_engine_crosses(const struct wt_engine *e, const struct wt_engine_resting *in)
{
    const struct wt_engine_ladder *ladder = e->symbols[in->v.symbol].ladder;
    if (in->v.side == 'B') {
        uint32_t shown = ladder[1].lowest, hidden = ladder[3].lowest;
        return (shown && e->levels[shown].price <= in->v.price) || (hidden && e->levels[hidden].price <= in->v.price);
    }
    uint32_t shown = ladder[0].highest, hidden = ladder[2].highest;
    return (shown && e->levels[shown].price >= in->v.price) || (hidden && e->levels[hidden].price >= in->v.price);
}

/* ---- engine_book.c */

int wt_engine_book_init(struct wt_engine *e);
void wt_engine_book_free(struct wt_engine *e);
/** Slot of a live order, 0: none. */
uint32_t wt_engine_book_find(const struct wt_engine *e, uint64_t ref);
/** A new level at a price that has none; there is room. Returns its number. */
uint32_t wt_engine_book_new_level(struct wt_engine *e, struct wt_engine_ladder *ladder, uint32_t price);
/** Take a live order out. */
void wt_engine_book_remove(struct wt_engine *e, uint32_t slot);
/** Take shares, at most what is open, off an order; it leaves at 0. */
void wt_engine_book_reduce(struct wt_engine *e, uint32_t slot, uint32_t shares);

/** Put an order (its ref, terms and shares) last in its queue; wt_engine_book_room() was true. Returns its slot. */
static inline __attribute__((always_inline)) uint32_t wt_engine_book_add(struct wt_engine *e,
                                                                         const struct wt_engine_resting *order)
{
    uint32_t slot = e->free_order;
    if (slot != 0)
        e->free_order = e->orders[slot].newer;
    else
        slot = e->fresh_order++;
    struct wt_engine_resting *o = &e->orders[slot];
    *o = *order;
    struct wt_engine_ladder *ladder = wt_engine_book_ladder(e, o->v.symbol, o->v.side, o->v.hidden);
    o->level = wt_price_get(&e->prices, ladder->root, wt_price_tick(o->v.price));
    if (o->level == 0)
        o->level = wt_engine_book_new_level(e, ladder, o->v.price);
    struct wt_engine_level *level = &e->levels[o->level];
    o->older = level->newest;
    o->newer = 0;
    *(o->older ? &e->orders[o->older].newer : &level->oldest) = slot;
    level->newest = slot;
    level->shares += o->v.shares;
    uint32_t *bucket = &e->buckets[o->v.ref & e->bucket_mask];
    o->same_bucket = *bucket;
    *bucket = slot;
    e->totals.open_shares += o->v.shares;
    e->totals.live_orders++;
    return slot;
}

/* ---- engine_match.c */

/** An order that comes in would meet at least so many shares; the count stops at an order of its own owner. */
bool wt_engine_match_reaches(struct wt_engine *e, const struct wt_engine_resting *in, uint32_t shares);
/** Trade it as far as it goes; in->v.shares is what is left. False: it met its own owner. */
bool wt_engine_match_run(struct wt_engine *e, struct wt_engine_resting *in);
/** Trade a crossed book out. */
void wt_engine_match_uncross(struct wt_engine *e, uint16_t symbol);

#endif
