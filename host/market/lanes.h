/*
 * The short way of a quote from the card's ring to the strategy that waits for it.
 *
 * The long way of a record is: out of the ring, into the journal, to its symbol, into the audit's queue, and through
 * the loop to everyone who subscribed, strategies last. For the one record that is both frequent and urgent, a valid
 * best bid and offer of a symbol that is known, in step, and waited for by one strategy alone, all of it that the
 * strategy does not see is done after its callback, or when the callback first asks for something that depends on it:
 * the time, a signal, a timer. Then lanes->settle takes the record the long way, on which the strategy is left out; or,
 * where an order waits (host/strategy/short_way.h), the record is taken out of the ring, and only what the order may
 * not leave without is done before it, the rest behind the callback. So what happens, and the order in which it is
 * journalled, are the same on all ways; a replay takes the long one only, and proves it.
 *
 * A lane is made by who runs the strategies (wt_lane_set), armed by the feed when a quote has come the long way in good
 * order, and disarmed by the feed at the first sign of anything else. One thread.
 */
#ifndef WT_LANES_H
#define WT_LANES_H

#include <stdlib.h>

#include "host/event/event.h"

struct wt_position;

struct wt_lane {
    uint32_t word; /**< first four bytes of a record that may take it; 0: not armed, no record begins so */
    wt_symbol symbol;
    struct wt_quote *quote; /**< where the last quote of the symbol is kept */
    void *self;
    void (*call)(void *self, wt_symbol symbol, const struct wt_quote *quote); /**< NULL: nobody waits */
    struct wt_position *position; /**< the symbol's, to be marked (host/trade/position.h) */
};

struct wt_lanes {
    const struct wt_lane *open; /**< of a quote that was given, whose record is still in the ring; else NULL */
    bool armed;                 /**< some lane is */
    bool given;                 /**< the record that goes the long way now was given before */
    uint64_t taken; /**< quotes whose records did not go the long way: callbacks that the loop's events do not show */
    /** Open: take the record in. 1, or what kept it from being taken: nothing may be done on its account. */
    int (*settle)(void *ctx);
    void *ctx;
    /** What settle put off is done; NULL: nothing ever is put off. */
    void (*rest)(void *ctx);
    struct wt_lane none;
    struct wt_lane *by_card[65536]; /**< never NULL */
    struct wt_lane lane[65536];     /**< by symbol */
};

/** -ENOMEM: NULL. */
static inline struct wt_lanes *wt_lanes_create(void)
{
    struct wt_lanes *lanes = calloc(1, sizeof *lanes);
    for (unsigned i = 0; lanes && i < 65536; i++)
        lanes->by_card[i] = &lanes->none;
    return lanes;
}

/** Whoever waits for the symbol's quotes, alone; call NULL: nobody, or more than one. position: wt_positions_only(),
 * NULL with call. */
static inline void wt_lane_set(struct wt_lanes *lanes, wt_symbol symbol, struct wt_quote *quote, void *self,
                               void (*call)(void *self, wt_symbol symbol, const struct wt_quote *quote),
                               struct wt_position *position)
{
    lanes->lane[symbol] =
        (struct wt_lane){.symbol = symbol, .quote = quote, .self = self, .call = call, .position = position};
}

/** Nothing takes a lane until it is armed again. */
static inline void wt_lanes_disarm(struct wt_lanes *lanes)
{
    for (unsigned i = 0; lanes->armed && i < 65536; i++)
        lanes->by_card[i] = &lanes->none;
    lanes->armed = false;
}

#endif
