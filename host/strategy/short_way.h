/*
 * A quote's record on the short way (host/market/lanes.h) when the strategy answers with an order: what the order may
 * not leave without is done at once and in one piece, the rest behind the strategy's callback.
 *
 * At once: the record is taken out of the ring and journalled, the loop's time becomes its time and it the cause of
 * what follows, the quote's age, the marks of the symbol's positions, the loss limits. So risk judges the order on what
 * it would have judged on had the record gone the long way.
 * Behind: the record is filed for the audit, watchers of the loop hear of it, derived events are handled.
 */
#ifndef WT_SHORT_WAY_H
#define WT_SHORT_WAY_H

#include "host/event/loop.h"
#include "host/market/feed.h"
#include "host/trade/position.h"
#include "host/trade/quotes.h"
#include "host/trade/risk.h"

struct wt_short_way {
    struct wt_loop *loop;
    struct wt_card *card;
    struct wt_feed *feed; /**< of that card */
    struct wt_positions *positions;
    struct wt_risk *risk;
    /** The record, with the twin's symbol, behind the callback; may be NULL. */
    void (*record)(void *ctx, const union wt_event_record *record);
    void *ctx;
    struct wt_lanes *lanes; /**< the feed's: wt_short_way_join sets it */
};

/** From now on the feed's lanes are settled so. way, and all in it, stay the caller's. */
void wt_short_way_join(struct wt_short_way *way);
/** What it is that settles them: for who calls it often, to know it by name. ctx: the way. */
int wt_short_way_settle(void *ctx);

#endif
