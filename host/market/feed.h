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
#include "host/market/twin.h"

struct wt_feed;

struct wt_feed_handler {
    void *ctx;
    void (*record)(void *ctx, const union wt_event_record *record);
    /** Told of each GAP record as soon as it is in the ring, before it is handed on; may be NULL. */
    void (*gap)(void *ctx, const struct wt_ev_gap *gap);
};

struct wt_feed_stats {
    uint64_t hw_bbo, sw_bbo;   /**< valid BBO records handed on, by origin */
    uint64_t audited;          /**< messages of symbols valid in card and twin whose effect was compared */
    uint64_t audit_mismatches; /**< of which BBO or trade differ, or a record had no message */
    uint64_t withheld;         /**< BBO records of the card for a symbol that is not valid in the twin */
    uint64_t only_card_stale;  /**< times the card called a symbol stale that the twin did not */
    uint64_t gaps, lapped;
};

/**
 * In a record that is handed on, head.symbol is the twin's index; records of symbols that the twin does not subscribe
 * to are dropped. A symbol that goes stale in the twin alone is told by a SYMBOL record with the flag SOFTWARE. After
 * that its BBO records are dropped (ordered), or lose VALID and get STALE (immediate).
 *
 * card and twin stay the caller's. ordered: see above. */
int wt_feed_create(struct wt_card *card, struct wt_twin *twin, bool ordered, struct wt_feed_handler handler,
                   struct wt_feed **feed);
/** Take up to budget records from each ring. Returns how many were taken, or -EOVERFLOW (a ring lapped: everything is
 * stale). */
int wt_feed_poll(struct wt_feed *feed, unsigned budget);
/** Event records that wait for their message. 0 when everything has been settled. */
size_t wt_feed_pending(const struct wt_feed *feed);
/** Highest feed sequence number whose events and order flow are complete. */
uint64_t wt_feed_watermark(const struct wt_feed *feed);
void wt_feed_stats(const struct wt_feed *feed, struct wt_feed_stats *stats);
void wt_feed_destroy(struct wt_feed *feed);

#endif
