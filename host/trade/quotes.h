/*
 * The last top of book, trading state and print of every symbol, for risk, positions and
 * strategies. A quote is valid only while the card or the software book says that it is exact.
 */
#ifndef WT_QUOTES_H
#define WT_QUOTES_H

#include "host/event/loop.h"
#include "host/strategy/strategy.h"

struct wt_symbol_view {
    struct wt_quote quote;
    uint64_t quote_ns;   /**< when the quote last changed or was confirmed, ns */
    uint32_t last_price; /**< of the last print; 0: none */
    bool suspended;      /**< the quote was valid until messages went missing, and is again when all have come */
    char trading_state;  /**< ITCH H: T, H, P, Q; 0 while the feed has not said: taken as trading */
    bool bound;
    bool trades;    /**< bound, and its trading state is T, or not said */
    char name[9];   /**< without padding */
    char padded[8]; /**< with spaces */
};

struct wt_quotes;

/** Subscribes to MARKET; must be the first that does. symbols: highest number of dense indices. -ENOMEM. */
int wt_quotes_create(struct wt_loop *loop, unsigned symbols, struct wt_quotes **quotes);
void wt_quotes_destroy(struct wt_quotes *quotes);
/** Never NULL: an unknown symbol has an invalid quote. */
const struct wt_symbol_view *wt_quotes_get(const struct wt_quotes *quotes, wt_symbol symbol);
/**
 * Price to value a position at: mid of a valid two-sided quote that is not stub quotes; else the last print, unless it
 * is more than twice or less than half of the previous mark; else the previous mark (0: none).
 */
uint32_t wt_quotes_mark(const struct wt_quotes *quotes, wt_symbol symbol, uint32_t previous);
uint32_t wt_quotes_mark_of(const struct wt_symbol_view *view, uint32_t previous);
/** Where the symbol's quote is kept, for who brings it the short way (host/market/lanes.h). symbol below the count. */
struct wt_quote *wt_quotes_place(struct wt_quotes *quotes, wt_symbol symbol);
/** A valid quote was put there, of this time. */
void wt_quotes_given(struct wt_quote *place, uint64_t ns);
/** The view of the symbol whose quote is kept there. */
const struct wt_symbol_view *wt_quotes_view(const struct wt_quote *place);
/** Number of symbols seen: highest index + 1. */
unsigned wt_quotes_count(const struct wt_quotes *quotes);
/** A symbol's name before the feed has told it; name: eight characters, padded. */
void wt_quotes_name(struct wt_quotes *quotes, wt_symbol symbol, const char *name);
/** Every quote becomes invalid (messages were lost, the ring lapped). */
void wt_quotes_invalidate(struct wt_quotes *quotes);

#endif
