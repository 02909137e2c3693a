/*
 * The engine's books, between engine.c (entry, cancel, replace, states), match.c (who trades with
 * whom) and book.c (orders, levels, ladders). A symbol has four ladders: displayed and hidden, bids and
 * offers. A ladder is a list of price levels in price order, found by price through the price index; a
 * level is a list of orders, first come first. Orders, levels and nodes come from pools; 0 is none.
 */
#ifndef WT_ENGINE_BOOK_H
#define WT_ENGINE_BOOK_H

#include "sim/exchange/engine.h"
#include "sim/exchange/price_index.h"

#define WT_ENGINE_HANDLERS 4

struct wt_book_order {
    uint64_t ref, tag;
    uint32_t owner, price, shares, min_shares;
    uint32_t older, newer; /**< in its level; newer chains free ones */
    uint32_t same_bucket;  /**< the next order with this hash */
    uint32_t level;
    uint16_t symbol;
    char side;
    bool hidden, post_only;
    char mpid[4];
};

struct wt_book_level {
    uint64_t shares;
    uint32_t oldest, newest;
    uint32_t lower, higher; /**< levels beside it in the ladder; higher chains free ones */
    uint32_t price;
};

struct wt_book_ladder {
    uint32_t root; /**< in the price index */
    uint32_t lowest, highest;
};

struct wt_book_symbol {
    char name[8];
    char state;
    struct wt_book_ladder ladder[4]; /**< wt_book_ladder() */
};

struct wt_engine {
    struct wt_book_order *orders;
    struct wt_book_level *levels;
    uint32_t *buckets;
    struct wt_book_symbol *symbols;
    struct wt_price_index prices;
    uint32_t bucket_mask, max_orders, symbol_count, symbol_room;
    uint32_t free_order, fresh_order, free_level, fresh_level;
    unsigned handler_count;
    struct wt_engine_handler handlers[WT_ENGINE_HANDLERS];
    uint64_t next_ref, next_match;
    struct wt_engine_totals totals;
};

/** Tell all handlers. */
#define WT_ENGINE_TELL(e, what, ...)                                                                                   \
    for (unsigned tell_ = 0; tell_ < (e)->handler_count; tell_++)                                                      \
        if ((e)->handlers[tell_].what)                                                                                 \
    (e)->handlers[tell_].what((e)->handlers[tell_].ctx, __VA_ARGS__)

static inline struct wt_book_ladder *wt_book_ladder(struct wt_engine *e, uint16_t symbol, char side, bool hidden)
{
    return &e->symbols[symbol].ladder[(hidden ? 2 : 0) + (side == 'S')];
}

/** Best level of a ladder of bids or offers, 0: empty. */
static inline uint32_t wt_book_best(const struct wt_book_ladder *ladder, char side)
{
    return side == 'B' ? ladder->highest : ladder->lowest;
}

/** The level that is next best after one. */
static inline uint32_t wt_book_next_level(const struct wt_engine *e, uint32_t level, char side)
{
    return side == 'B' ? e->levels[level].lower : e->levels[level].higher;
}

static inline struct wt_engine_view wt_book_view(const struct wt_book_order *o)
{
    struct wt_engine_view v = {.ref = o->ref,
                               .owner = o->owner,
                               .tag = o->tag,
                               .symbol = o->symbol,
                               .side = o->side,
                               .hidden = o->hidden,
                               .price = o->price,
                               .shares = o->shares};
    __builtin_memcpy(v.mpid, o->mpid, sizeof v.mpid);
    return v;
}

/* ---- book.c */

int wt_book_init(struct wt_engine *e);
void wt_book_free(struct wt_engine *e);
/** There is room for one more order, at whatever price. */
bool wt_book_room(const struct wt_engine *e);
/** Slot of a live order, 0: none. */
uint32_t wt_book_find(const struct wt_engine *e, uint64_t ref);
/** Put an order (its ref, terms and shares) last in its queue; wt_book_room() was true. Returns its slot. */
uint32_t wt_book_add(struct wt_engine *e, const struct wt_book_order *order);
/** Take a live order out. */
void wt_book_remove(struct wt_engine *e, uint32_t slot);
/** Take shares, at most what is open, off an order; it leaves at 0. */
void wt_book_reduce(struct wt_engine *e, uint32_t slot, uint32_t shares);

/* ---- match.c */

/** An order that comes in would meet at least so many shares; the count stops at an order of its own owner. */
bool wt_match_reaches(struct wt_engine *e, const struct wt_book_order *in, uint32_t shares);
/** A resting order, displayed or not, stands at or through its price. */
bool wt_match_crosses(struct wt_engine *e, const struct wt_book_order *in);
/** Trade it as far as it goes; in->shares is what is left. False: it met its own owner. */
bool wt_match_run(struct wt_engine *e, struct wt_book_order *in);
/** Trade a crossed book out. */
void wt_match_uncross(struct wt_engine *e, uint16_t symbol);

#endif
