/*
 * The full-depth book as strategies see it: levels of a symbol, and where their own orders stand in the queue.
 *
 * The book is the software twin's, message by message; it is as old as the card's order flow, which comes behind the
 * quotes. An own order that the feed shows (its reference is the one that the venue's Accepted or Replaced named) has
 * an exact place, counted order by order. One that the feed does not show has an estimate: what stood at its price when
 * the venue took it, and never more than stands there now. That is an upper bound as long as nobody joins in front:
 * all that stood there may have left from behind, and only executions are known to leave from the front.
 *
 * Nothing allocates after create: one entry for each slot of the OMS. The loop's thread.
 */
#ifndef WT_PLACES_H
#define WT_PLACES_H

#include "host/event/loop.h"
#include "host/market/twin.h"
#include "host/strategy/strategy.h"
#include "host/trade/oms.h"

struct wt_places;

/** Subscribes to EXEC, behind the OMS; twin and oms stay the caller's. orders: the OMS's slots. -ENOMEM, -EINVAL. */
int wt_places_create(struct wt_loop *loop, const struct wt_twin *twin, const struct wt_oms *oms, unsigned orders,
                     struct wt_places **places);
void wt_places_destroy(struct wt_places *places);
/** Levels of a side from the best on; how many are in levels. 0 of a symbol that is not valid. */
size_t wt_places_depth(const struct wt_places *places, wt_symbol symbol, enum wt_side side,
                       struct wt_depth_level *levels, size_t room);
/** 0; -ENOENT: no such order works at the venue; -ESTALE: its symbol's book is not valid. */
int wt_places_queue(const struct wt_places *places, uint32_t order, struct wt_queue_view *view);

#endif
