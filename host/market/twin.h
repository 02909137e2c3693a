/*
 * The software twin of the card: an ITCH 5.0 decoder and full-depth books in C, written from the
 * field tables and not from the RTL. It audits the card and answers for the symbols that the
 * card does not hold. Rules for messages that make no sense: host/market/README.md.
 *
 * One thread. Memory is bounded by the capacities given at create; nothing allocates after.
 */
#ifndef WT_TWIN_H
#define WT_TWIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "host/event/event.h"

struct wt_twin;

struct wt_bbo {
    uint32_t bid_price, bid_shares, ask_price, ask_shares; /**< 1/10000 dollar, shares; 0,0: empty side */
    uint32_t bid_orders, ask_orders;
};

/** An order's place. */
struct wt_queue_place {
    uint16_t symbol;
    char side; /**< 'B' or 'S' */
    uint32_t price, shares;
    uint32_t level_shares, level_orders; /**< of the whole level, this order included */
    uint64_t ahead_shares;               /**< of the orders that came to this price before it */
    uint32_t ahead_orders;
    uint32_t levels_better; /**< prices of its side that are better */
};

struct wt_twin_config {
    uint64_t start_seq;  /**< first sequence number expected; 1 */
    size_t max_orders;   /**< live orders of all books; default 4 M; beyond it symbols go stale */
    size_t first_orders; /**< the table is laid out for this many; more double it, which takes about 10 ns an order;
                              default 16,384 */
    const char (*symbols)[9]; /**< subscribed names, or NULL for all */
    uint32_t symbol_count;
};

/** What one message did. Symbols are the twin's own dense indices, in order of first appearance. */
struct wt_twin_result {
    uint64_t seq;
    uint64_t exch_ns;
    uint16_t locate;
    uint16_t symbol;     /**< 0xFFFF: none (unsubscribed, or not of one symbol) */
    uint16_t also_stale; /**< another symbol that went stale too, or 0xFFFF */
    uint8_t type;        /**< ITCH type; 0: unknown, or the message could not be read */
    uint8_t reason;      /**< enum wt_reason */
    bool bound;          /**< the symbol was bound by this message */
    bool bbo_changed;    /**< the symbol is valid and bbo differs from before */
    bool went_stale;     /**< the symbol went stale by this message */
    bool trade;          /**< a print: the fields below are set, else they are not */
    uint8_t print;       /**< enum wt_trade_kind */
    bool trade_sell;     /**< E, C: the resting order was a sell */
    bool printable;      /**< counts in the day's volume */
    uint8_t cross_type;  /**< Q: O C H; else 0 */
    uint32_t trade_price;
    uint64_t trade_shares, match;
    struct wt_bbo bbo; /**< of symbol, after the message; zeros when it is not valid */
};

struct wt_twin_stats {
    uint64_t messages, unknown_type, bad_length, unknown_ref, excess, zero_add, senseless, symbols, orders_live,
        orders_peak;
    uint64_t overflow; /**< symbols gone stale for lack of room */
};

void wt_twin_defaults(struct wt_twin_config *config);
int wt_twin_create(const struct wt_twin_config *config, struct wt_twin **twin);
void wt_twin_destroy(struct wt_twin *twin);
/** Apply one message (bytes from its type on; wire_length is the block's length, cut or not). */
void wt_twin_message(struct wt_twin *twin, uint64_t seq, const uint8_t *raw, size_t wire_length,
                     struct wt_twin_result *result);
/**
 * Bind a locate before its own message was seen (the card said so): the dense index, or 0xFFFF when the name is not
 * subscribed or already has a locate. A locate that is bound keeps its name. name: eight characters.
 */
uint16_t wt_twin_bind(struct wt_twin *twin, uint16_t locate, const char *name);
/**
 * Before the first message: the index that a name will have when it is bound, for what is known of it from an earlier
 * run. 0xFFFF: not subscribed, no room, or too late. name: eight characters.
 */
uint16_t wt_twin_reserve(struct wt_twin *twin, const char *name);
/** The messages from now on are of this channel of the feed, 0 (the default) to 7. A symbol is its binding message's.
 */
void wt_twin_on_channel(struct wt_twin *twin, unsigned channel);
/** Messages are missing, of every channel: every symbol goes stale, and so does every one bound later. */
void wt_twin_gap(struct wt_twin *twin);
/** The same of one channel. */
void wt_twin_gap_of(struct wt_twin *twin, unsigned channel);
/** A new session of a channel: as a gap, and sequence numbers begin anew. */
void wt_twin_new_session(struct wt_twin *twin, unsigned channel);
/** One symbol goes stale (audit mismatch, lost order flow). */
void wt_twin_set_stale(struct wt_twin *twin, uint16_t symbol);
bool wt_twin_valid(const struct wt_twin *twin, uint16_t symbol);
/** Call this whenever a symbol goes stale, before anything else happens; NULL: nobody. */
void wt_twin_on_stale(struct wt_twin *twin, void (*call)(void *ctx), void *ctx);
/** Name, eight characters padded with spaces; owned by the twin. */
const char *wt_twin_name(const struct wt_twin *twin, uint16_t symbol);
uint16_t wt_twin_by_locate(const struct wt_twin *twin, uint16_t locate);
void wt_twin_bbo(const struct wt_twin *twin, uint16_t symbol, struct wt_bbo *bbo);
/** The level_index-th best level of a side ('B' or 'S'), from 0. False when there is none. */
bool wt_twin_level(const struct wt_twin *twin, uint16_t symbol, char side, size_t level_index, uint32_t *price,
                   uint64_t *shares, uint32_t *orders);
/** Levels of a side ('B' or 'S') from the best one on, at most room. Returns how many there are in levels. */
size_t wt_twin_depth(const struct wt_twin *twin, uint16_t symbol, char side, struct wt_depth_level *levels,
                     size_t room);
/**
 * Where the live order with this reference stands in the queue of its price: exact, counted order by order, from the
 * front. A venue's own order has the reference that the venue's Accepted or Replaced named, if it is displayed. False:
 * no such order is live in a valid book.
 */
bool wt_twin_place(const struct wt_twin *twin, uint64_t ref, struct wt_queue_place *place);
void wt_twin_stats(const struct wt_twin *twin, struct wt_twin_stats *stats);

/*
 * Rebuilding a channel's stale symbols from a snapshot (GLIMPSE; semantics.md 6), twin_rebuild.c:
 *
 *     begin; each R, A, F of the snapshot; each message kept since, from the snapshot's number on; end
 *
 * Between begin and end live messages do not touch the symbols under rebuilding, and none of them is valid. Symbols
 * that are valid are left as they are. A symbol whose messages make no sense stays stale.
 */
void wt_twin_rebuild_begin(struct wt_twin *twin, unsigned channel);
/** A message of the snapshot; what is not R, A or F has no effect. R opens a symbol, adds fill it. */
void wt_twin_rebuild_load(struct wt_twin *twin, unsigned channel, const uint8_t *raw, size_t length);
/** A message of the feed behind the snapshot. result tells what went stale; a BBO in it is nobody's business. */
void wt_twin_rebuild_replay(struct wt_twin *twin, unsigned channel, uint64_t seq, const uint8_t *raw,
                            size_t wire_length, struct wt_twin_result *result);
/** What was rebuilt is valid, and the channel is whole again. done is told of each symbol. Returns how many. */
unsigned wt_twin_rebuild_end(struct wt_twin *twin, unsigned channel, void (*done)(void *ctx, uint16_t symbol),
                             void *ctx);

struct wt_twin_order {
    uint64_t ref;
    uint32_t price, shares; /**< 1/10000 dollar; open */
    bool sell;
};
/** Every live order of a symbol, best level first, by their places in the queue. */
void wt_twin_orders(const struct wt_twin *twin, uint16_t symbol,
                    void (*order)(void *ctx, const struct wt_twin_order *order), void *ctx);
/** How many symbols there are: their indices are below. */
unsigned wt_twin_symbols(const struct wt_twin *twin);
/** Locate and channel of a symbol. */
uint16_t wt_twin_locate(const struct wt_twin *twin, uint16_t symbol);
unsigned wt_twin_channel(const struct wt_twin *twin, uint16_t symbol);

#endif
