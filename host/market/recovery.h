/*
 * What a channel lost, made good: first by re-request, injected into the card in its place (while the card holds what
 * came behind); when that fails, or is not to be had, by a snapshot (feed.h rebuilds the symbols from it). Joining
 * late is the same: all messages before the first are lost.
 *
 *     card: GAP OPEN ──► re-request ──► inject ──► GAP FILLED
 *                            └─ given up: skip ──► GAP LOST ──► feed: lost ──► GLIMPSE ──► symbols valid again
 *
 * One for each channel; one thread, the loop's.
 */
#ifndef WT_RECOVERY_FEED_H
#define WT_RECOVERY_FEED_H

#include "host/card/driver.h"
#include "host/gateway/glimpse.h"
#include "host/gateway/rerequest.h"
#include "host/market/feed.h"

struct wt_feed_recovery;

struct wt_feed_recovery_config {
    unsigned channel;
    bool rerequest, snapshot; /**< which of the two there is */
    struct wt_requests_config requests;
    struct wt_glimpse_config glimpse;
    uint64_t retry_ns; /**< pause before another snapshot, when one failed or was too old; default 1 ms */
};

struct wt_feed_recovery_stats {
    uint64_t gaps; /**< announced */
    struct wt_requests_stats requests;
    struct wt_glimpse_stats glimpse;
    uint64_t injected; /**< packets */
};

void wt_feed_recovery_defaults(struct wt_feed_recovery_config *config);
/** Streams to the two servers (zeros for one that there is not), and all else stay the caller's. -ENOMEM. */
int wt_feed_recovery_create(const struct wt_feed_recovery_config *config, struct wt_card *card,
                            struct wt_stream requests, struct wt_stream snapshots, struct wt_feed_recovery **recovery);
/** The feed whose handler calls the two below; before anything else. */
void wt_feed_recovery_attach(struct wt_feed_recovery *recovery, struct wt_feed *feed);
/** What the feed's handler `notice` is told. */
void wt_feed_recovery_notice(struct wt_feed_recovery *recovery, const union wt_event_record *record);
/** What the feed's handler `lost` is told. */
void wt_feed_recovery_lost(struct wt_feed_recovery *recovery, unsigned channel, uint64_t from);
/** Do what is due. Returns how much was done. */
int wt_feed_recovery_poll(struct wt_feed_recovery *recovery, uint64_t now_ns);
/** When poll has something to do by the clock, ns; UINT64_MAX: never. */
uint64_t wt_feed_recovery_deadline(const struct wt_feed_recovery *recovery);
/** Something is asked for and has not come. */
bool wt_feed_recovery_busy(const struct wt_feed_recovery *recovery);
void wt_feed_recovery_stats(const struct wt_feed_recovery *recovery, struct wt_feed_recovery_stats *stats);
void wt_feed_recovery_destroy(struct wt_feed_recovery *recovery);

#endif
