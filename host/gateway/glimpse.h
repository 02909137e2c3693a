/*
 * A client of GLIMPSE 5.0 (protocols.md section 6): one snapshot of the books over SoupBinTCP. Connect, log in from
 * sequence 1, take the messages, and with G the sequence number from which the feed goes on; then hang up.
 *
 *     wt_glimpse_fetch(g, now);               after a loss, or when joining late
 *     wt_glimpse_poll(g, now);                now and then; calls the handler
 *
 * One snapshot at a time. What breaks the protocol, a refused login, silence and a connection that ends before G fail
 * the snapshot; the caller decides whether to take another one. One thread; nothing allocates after create.
 */
#ifndef WT_GLIMPSE_CLIENT_H
#define WT_GLIMPSE_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "host/gateway/stream.h"

struct wt_glimpse;

struct wt_glimpse_config {
    char username[7], password[11];
    uint64_t timeout_ns; /**< nothing heard for so long: failed; default 5 s */
};

struct wt_glimpse_handler {
    void *ctx;
    /** A message of the snapshot (ITCH formats), in order. */
    void (*message)(void *ctx, const uint8_t *raw, size_t length);
    /** The snapshot is whole: sequence is the feed's next message. May fetch another one. */
    void (*end)(void *ctx, uint64_t sequence);
    /** It did not come about. May fetch another one, but not at once for ever. */
    void (*failed)(void *ctx, const char *why);
};

struct wt_glimpse_stats {
    uint64_t fetches, snapshots, failures, messages;
};

/** The defaults; user and password empty. */
void wt_glimpse_defaults(struct wt_glimpse_config *config);
/** stream and what it points to stay the caller's. -ENOMEM. */
int wt_glimpse_create(const struct wt_glimpse_config *config, struct wt_stream stream,
                      struct wt_glimpse_handler handler, struct wt_glimpse **glimpse);
/** Begin a snapshot at now_ns; one that is under way is given up without a word. */
void wt_glimpse_fetch(struct wt_glimpse *glimpse, uint64_t now_ns);
/** Take what has come. Returns how many packets were handled. */
int wt_glimpse_poll(struct wt_glimpse *glimpse, uint64_t now_ns);
/** When poll has something to do by the clock, ns; UINT64_MAX: never. */
uint64_t wt_glimpse_deadline(const struct wt_glimpse *glimpse);
/** A snapshot is under way. */
bool wt_glimpse_busy(const struct wt_glimpse *glimpse);
void wt_glimpse_stats(const struct wt_glimpse *glimpse, struct wt_glimpse_stats *stats);
void wt_glimpse_destroy(struct wt_glimpse *glimpse);

#endif
