/*
 * The application's view of the market: records of the card joined with the software twin.
 *
 * feed polls the card's two rings, gives each event to the handler, audits every BBO record
 * against the twin when the message's order flow arrives, and makes records itself (flag
 * SOFTWARE) for symbols that the card does not hold. Symbols in the records it hands on are
 * the twin's dense indices.
 *
 * Two modes: immediate (hardware events at once; for trading) and ordered (everything in message
 * order, released by the order-flow watermark; for `wiretick book`).
 */
#ifndef WT_FEED_H
#define WT_FEED_H

#include "host/card/driver.h"
#include "host/market/lanes.h"
#include "host/market/twin.h"

struct wt_feed;

struct wt_feed_handler {
    void *ctx;
    void (*record)(void *ctx, const union wt_event_record *record);
    /** Behind each record: what it causes may be handled; may be NULL. */
    void (*done)(void *ctx);
    /** Told of each GAP and SESSION record as soon as it is in the ring, before it is handed on; may be NULL. */
    void (*notice)(void *ctx, const union wt_event_record *record);
    /** The first time that card and twin disagree on a symbol: both books have been printed, it is stale. May be NULL.
     */
    void (*mismatch)(void *ctx, uint16_t symbol);
    /** A channel has stale symbols and needs a snapshot of number `from` or above (wt_feed_keep); may be NULL. */
    void (*lost)(void *ctx, unsigned channel, uint64_t from);
    /**
     * Order flow of a channel was shed by the card: count messages, of which `others` were not of symbols that the card
     * holds. Symbols that the card holds go on with its word alone until they are rebuilt; the others are stale.
     * May be NULL.
     */
    void (*flow_lost)(void *ctx, unsigned channel, uint64_t count, uint64_t others);
};

struct wt_feed_stats {
    uint64_t hw_bbo, sw_bbo;   /**< valid BBO records handed on, by origin */
    uint64_t audited;          /**< messages of symbols valid in card and twin whose effect was compared */
    uint64_t audit_mismatches; /**< of which BBO or trade differ, or a record had no message */
    uint64_t withheld;         /**< BBO and trade records of the card for a symbol that is not valid in the twin */
    uint64_t only_card_stale;  /**< times the card called a symbol stale that the twin did not */
    uint64_t gaps, lapped;
    uint64_t conflated;                 /**< changes that came folded into a later record */
    uint64_t shed;                      /**< messages of which the card gave no order flow */
    uint64_t trades_lost;               /**< trades that the card had no room for */
    uint64_t unaudited;                 /**< BBO records of symbols that go on with the card's word alone */
    uint64_t snapshots;                 /**< loaded whole */
    uint64_t rebuilt;                   /**< symbols that are valid again, or for the first time, because of them */
    uint64_t replayed;                  /**< messages kept since, and replayed on them */
    uint64_t returned;                  /**< times that a symbol went back to the card */
    uint64_t joins_late, joins_refused; /**< JOINs that came too late; whose orders the card did not have */
};

/**
 * In a record that is handed on, head.symbol is the twin's index; records of symbols that the twin does not subscribe
 * to are dropped. A symbol that goes stale in the twin alone is told by a SYMBOL record with the flag SOFTWARE. After
 * that its BBO and trade records are dropped (ordered), or lose VALID and get STALE (immediate).
 *
 * card and twin stay the caller's. ordered: see above. */
int wt_feed_create(struct wt_card *card, struct wt_twin *twin, bool ordered, struct wt_feed_handler handler,
                   struct wt_feed **feed);
/**
 * Loss is made good by snapshots: from what a channel lost on, its messages are kept, at most this many of each
 * channel; handler.lost asks for a snapshot. Without it stale symbols stay stale. Before the first poll. -ENOMEM.
 */
int wt_feed_keep(struct wt_feed *feed, size_t messages);
/**
 * A snapshot of a channel, in the order of the calls: begin, its messages (R, H, A, F), and its end with the sequence
 * number from which the feed goes on. End: 0 when its symbols are valid, or will be when the feed has come to that
 * number: each is told by a SYMBOL, perhaps a TRADING_STATE, and a BBO record (SOFTWARE, RECOVERED). -EAGAIN: it is too
 * old, take another one. Beginning anew forgets the one before. A symbol is only answered for when the card gives all
 * of its messages from that number on: by name, that is from its binding on.
 */
void wt_feed_snapshot_begin(struct wt_feed *feed, unsigned channel);
void wt_feed_snapshot_message(struct wt_feed *feed, unsigned channel, const uint8_t *raw, size_t length);
int wt_feed_snapshot_end(struct wt_feed *feed, unsigned channel, uint64_t sequence);
/**
 * Symbols that software answers for go back to the card by themselves, one after the other: their orders are loaded,
 * and they are the card's when it has the very same orders and no later message has passed (semantics.md 13). -ENOMEM.
 */
int wt_feed_return(struct wt_feed *feed);
/** A symbol is on its way back. */
bool wt_feed_returning(const struct wt_feed *feed);
/** A snapshot is needed that has not come, or not been reached by the feed. */
bool wt_feed_wants(const struct wt_feed *feed, unsigned channel);
/** The short way for quotes, in immediate mode (lanes.h); the feed's. */
struct wt_lanes *wt_feed_lanes(struct wt_feed *feed);
/**
 * For who settles lanes in the feed's place (host/strategy/short_way.h), the record in the open lane: wt_feed_settle()
 * takes it the long way; or they take it out of the ring themselves (wt_card_take) and tell what that returned:
 * wt_feed_took(), where record must stay until lanes->rest. wt_feed_taken(), in lanes->rest: it is filed like others,
 * its symbol is the twin's from then on.
 */
int wt_feed_settle(struct wt_feed *feed);
void wt_feed_took(struct wt_feed *feed, union wt_event_record *record, int got);
void wt_feed_taken(struct wt_feed *feed);
/** Take up to budget records from each ring. Returns how many were taken, or -EOVERFLOW (a ring lapped: everything is
 * stale). */
int wt_feed_poll(struct wt_feed *feed, unsigned budget);
#define WT_FEED_BUDGET 16u /**< records of each ring before another source gets its turn */
/** The same as a source of the event loop (host/event/loop.h), immediate mode; ctx: the feed. */
int wt_feed_source(void *ctx, uint64_t now_ns);
/** The last poll found nothing. */
bool wt_feed_quiet(const struct wt_feed *feed);
/** Event records that wait for their message. 0 when everything has been settled. */
size_t wt_feed_pending(const struct wt_feed *feed);
/** Highest sequence number of a channel whose events and order flow are complete. */
uint64_t wt_feed_watermark(const struct wt_feed *feed, unsigned channel);
void wt_feed_stats(const struct wt_feed *feed, struct wt_feed_stats *stats);
void wt_feed_destroy(struct wt_feed *feed);

#endif
