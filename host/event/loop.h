/*
 * The event loop of one card: one thread, typed events, deterministic.
 *
 * Components do not call each other: they subscribe to event types and publish events. The
 * handlers of a type run in the order in which they subscribed, and behind them its watchers, which
 * only look: they publish nothing, and nothing that a handler reads is theirs.
 *
 * Two kinds of event, and the one rule of order:
 *  - an INPUT comes from a source (a card record, an execution report, a timer, a command);
 *  - a DERIVED event is published by a handler.
 * Inputs are handled one at a time. All events derived from an input, and from those, are
 * handled first in, first out, to completion before the next input is taken; and all inputs
 * that a source gave are handled before the next source is polled, either as they come
 * (wt_loop_begin, wt_loop_finish) or when it has given all (wt_loop_input). So a handler never sees
 * the effects of a later input, and what risk reads is the whole effect of every earlier one.
 *
 * Sources are polled in this order: card rings, gateway, pipes from other loops, timers, commands; a round in which any
 * of them gave something is followed by another. When a round gave nothing, the loop waits
 * (link->wait) until the earliest deadline of sources and timers, or idles as it was told to (wt_loop_idle).
 *
 * Nothing allocates after create. A full queue ends the loop with -ENOBUFS, and an input that causes more than a
 * million events with -ELOOP: an event is never lost silently, and handlers that answer each other never hang it.
 */
#ifndef WT_LOOP_H
#define WT_LOOP_H

#include "host/card/link.h"
#include "host/event/event.h"
#include "host/event/timers.h"

struct wt_loop;

typedef void (*wt_handler)(void *ctx, const struct wt_event *event);

/** In polling order. Timers stand between PIPES and COMMANDS and are the loop's own. */
enum wt_source_kind { WT_SOURCE_CARD, WT_SOURCE_GATEWAY, WT_SOURCE_PIPES, WT_SOURCE_COMMANDS, WT_SOURCES };

struct wt_source {
    void *ctx;
    /**
     * Give what is there with wt_loop_input. now_ns: 0 for CARD, which is polled before the time is looked at.
     * Returns how much it did (0: nothing), or -errno, which ends the loop.
     */
    int (*poll)(void *ctx, uint64_t now_ns);
    /** When it wants to be polled at the latest, ns; NULL: never by itself. */
    uint64_t (*deadline)(void *ctx);
};

struct wt_loop_stats {
    uint64_t events[WT_EVENT_TYPES]; /**< handled, by type */
    uint64_t inputs, derived, rounds, waits;
};

/** The link stays the caller's and gives the time. -ENOMEM. */
int wt_loop_create(struct wt_link *link, struct wt_loop **loop);
void wt_loop_destroy(struct wt_loop *loop);
/** Call handler for every event of the type. -ENOSPC beyond 16 handlers of a type. */
int wt_loop_subscribe(struct wt_loop *loop, enum wt_event_type type, wt_handler handler, void *ctx);
/** The same behind all handlers, for who only looks. */
int wt_loop_watch(struct wt_loop *loop, enum wt_event_type type, wt_handler handler, void *ctx);
/** One more source; of a kind, they are polled in the order of these calls. -ENOSPC beyond 8 of a kind. */
int wt_loop_source(struct wt_loop *loop, enum wt_source_kind kind, struct wt_source source);

/** From a source's poll: queue an input. Its time is set when the loop takes it. */
void wt_loop_input(struct wt_loop *loop, const struct wt_event *event);
/**
 * The same without a copy: a place at the queue's end for the caller to fill in, type first, before anything else is
 * called; what it holds is of an older event. NULL: the queue is full, and the loop ends with -ENOBUFS.
 */
struct wt_event *wt_loop_place(struct wt_loop *loop);
/** From a handler: queue a derived event. Its time is now. */
void wt_loop_publish(struct wt_loop *loop, const struct wt_event *event);
/**
 * From a source's poll: handle the input that was just placed, now. Its derived events wait for wt_loop_finish(), which
 * handles them to their end; between the two, wt_loop_cause() is the input.
 */
void wt_loop_begin(struct wt_loop *loop);
void wt_loop_finish(struct wt_loop *loop);
/**
 * The same for an input whose handlers' work the caller does himself, because an order waits for it. wt_loop_ready(): a
 * place for the input, which is not queued yet, or NULL: others are, or one is being handled. wt_loop_take(): it has
 * been filled in, but for its type and time, and is being handled from now on; now_ns: wt_loop_now().
 * wt_loop_watchers(): handlers' work is done, watchers hear of it. Then wt_loop_finish().
 */
struct wt_event *wt_loop_ready(struct wt_loop *loop);
void wt_loop_take(struct wt_loop *loop, struct wt_event *event, enum wt_event_type type, uint64_t now_ns);
void wt_loop_watchers(struct wt_loop *loop);
/**
 * Derive without a copy: a place for the caller to fill in at once, all of the event's own structure; type and time
 * are set. If nobody subscribed to the type it is counted, and the place is not looked at.
 */
struct wt_event *wt_loop_derive(struct wt_loop *loop, enum wt_event_type type);
/**
 * The two halves of wt_loop_derive(), for who has no time now: a place in the queue, which must be filled in before the
 * handler returns that is running; and its type and time, which is now. NULL: nobody listens, and it was counted.
 */
struct wt_event *wt_loop_reserve(struct wt_loop *loop, enum wt_event_type type);
void wt_loop_stamp(const struct wt_loop *loop, struct wt_event *event, enum wt_event_type type);
/** Somebody subscribed to the type, or watches it; else such an event is counted, as published, and need not be made.
 */
bool wt_loop_heard(struct wt_loop *loop, enum wt_event_type type);
/** Handle all queued events now (for tests, and before the loop runs). */
void wt_loop_drain(struct wt_loop *loop);

/** A WT_EVENT_TIMER with owner and id at when ns. Returns its handle, or 0: too many timers. */
wt_timer wt_loop_timer(struct wt_loop *loop, uint64_t when, uint32_t owner, uint32_t id);
bool wt_loop_timer_cancel(struct wt_loop *loop, wt_timer timer);

/**
 * What a loop in real time does when a round gave nothing, instead of the link's wait: so many rounds at once, so many
 * after a PAUSE instruction, so many after giving the processor away, and from then on a sleep before each, never past
 * a deadline. Each from the first again when a round gave something. All 0: spin for ever.
 */
struct wt_idle {
    uint32_t spins, pauses, yields;
    uint64_t sleep_ns;
};
void wt_loop_idle(struct wt_loop *loop, const struct wt_idle *idle);

/**
 * Where the link keeps its time, and whether it must be asked for it all the same: then the loop looks there itself.
 * Both stay the caller's.
 */
void wt_loop_clock(struct wt_loop *loop, const uint64_t *ns, const bool *ask);
/** Now, ns, as the link has it. */
uint64_t wt_loop_now(const struct wt_loop *loop);
/** The host works for ns. */
void wt_loop_spend(struct wt_loop *loop, uint64_t ns);
/** The input that is being handled: the cause of everything derived now. NULL outside of one. */
const struct wt_event *wt_loop_cause(const struct wt_loop *loop);

/** Run until wt_loop_stop, an error of a source, or the end of the simulated world (returns -EPIPE). */
int wt_loop_run(struct wt_loop *loop);
/**
 * One round of wt_loop_run(), for who steps several loops by turns: when it gave nothing, the link's wait is called
 * once. False: the loop has ended, with this status.
 */
bool wt_loop_step(struct wt_loop *loop, int *status);
/** End the loop after the current input; wt_loop_run returns status. */
void wt_loop_stop(struct wt_loop *loop, int status);
void wt_loop_stats(const struct wt_loop *loop, struct wt_loop_stats *stats);

#endif
