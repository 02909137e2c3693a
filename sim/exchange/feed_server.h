/*
 * The two servers behind a feed in virtual time, for a feed whose packets somebody else makes (`wiretick book`, the
 * replaying exchange): re-requests (protocols.md section 2) out of the last packets, and GLIMPSE snapshots (section 6)
 * out of a reference book that has every message that was sent. They speak the protocols' bytes, through the same
 * code as `wiretick exchange`. Symbols that make no sense to the reference book are in no snapshot.
 *
 * Whatever is asked for at t is answered with what had been sent at t plus the way there. One thread.
 */
#ifndef WT_FEED_SERVER_H
#define WT_FEED_SERVER_H

#include "host/gateway/stream.h"
#include "host/market/twin.h"

struct wt_feed_server;

struct wt_feed_server_config {
    char username[7], password[11]; /**< of GLIMPSE */
    uint64_t way_ns;                /**< there, and back again; default 10,000 each */
    uint64_t snapshot_ns;           /**< until a snapshot's first byte is on its way back; default 0 */
    uint64_t first_seq;             /**< of the feed; messages missing from there on are nobody's; default 1 */
    unsigned lose_replies;          /**< every so manieth answer to a re-request is lost; 0: none */
    uint64_t (*now)(void *ctx);     /**< virtual time */
    void *now_ctx;
};

struct wt_feed_server_stats {
    uint64_t requests, replies, refused, snapshots;
};

void wt_feed_server_defaults(struct wt_feed_server_config *config);
/** Prints why not. -ENOMEM. */
int wt_feed_server_create(const struct wt_feed_server_config *config, struct wt_feed_server **server);
/** A packet leaves at sent_ns (which never goes back): its UDP payload, copied. Heartbeats are of no interest. */
void wt_feed_server_packet(struct wt_feed_server *server, uint64_t sent_ns, const uint8_t *payload, size_t length);
/** Re-requests: one send is a datagram, and so is one recv. */
struct wt_stream wt_feed_server_requests(struct wt_feed_server *server);
/** GLIMPSE. */
struct wt_stream wt_feed_server_snapshots(struct wt_feed_server *server);
/** When something arrives on either side; UINT64_MAX: nothing is under way. */
uint64_t wt_feed_server_next_ns(const struct wt_feed_server *server);
/** Do what is due. */
void wt_feed_server_run(struct wt_feed_server *server, uint64_t now_ns);
void wt_feed_server_stats(const struct wt_feed_server *server, struct wt_feed_server_stats *stats);
void wt_feed_server_destroy(struct wt_feed_server *server);

#endif
