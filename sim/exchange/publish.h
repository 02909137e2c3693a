/*
 * What the matching engine tells, as ITCH 5.0 messages (protocols.md section 1): directory and trading
 * state, A or F, E, C, X, D, U, P for executions of non-displayed orders, S.
 *
 * Whoever drives the engine sets the time before each call of it. Locates are the engine's symbols + 1.
 * Non-displayed orders never show, but for the trade. When two resting orders trade because trading resumed,
 * the older one is printed by E; the newer by C that is not printable, so that the day's volume counts once.
 * A snapshot's adds carry the snapshot's time: the engine does not keep when an order came.
 */
#ifndef WT_PUBLISH_H
#define WT_PUBLISH_H

#include <stddef.h>

#include "sim/exchange/engine.h"

struct wt_publish;

/** Where a message goes; when_ns is its timestamp. */
struct wt_publish_sink {
    void *ctx;
    void (*put)(void *ctx, uint64_t when_ns, const uint8_t *message, size_t length);
};

/** 0 or -ENOMEM. */
int wt_publish_create(struct wt_publish_sink sink, struct wt_publish **publish);
void wt_publish_destroy(struct wt_publish *publish);
/** What to give the engine, as its handler or with wt_engine_listen. */
struct wt_engine_handler wt_publish_handler(struct wt_publish *publish);
/** Time of what the engine tells from now on, ns since midnight. */
void wt_publish_now(struct wt_publish *publish, uint64_t now_ns);
/** A symbol of the engine (index as wt_engine_symbol gave it): R and H. 0 or -ENOMEM. */
int wt_publish_symbol(struct wt_publish *publish, uint16_t symbol, const char name[8]);
/** A system event: O S Q M E C. */
void wt_publish_event(struct wt_publish *publish, char code);
/** Name of a symbol, eight characters. */
const char *wt_publish_name(const struct wt_publish *publish, uint16_t symbol);
/** Everything that stands: R of all symbols, H of all, A or F of every displayed order, into a sink. */
void wt_publish_snapshot(const struct wt_publish *publish, const struct wt_engine *engine, struct wt_publish_sink sink);

#endif
