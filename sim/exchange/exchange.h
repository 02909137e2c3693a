/*
 * The simulated exchange, in process and in virtual time: it replays a file of ITCH messages as
 * the market (frames on the card's wire, each when its timestamp says) and accepts orders as
 * OUCH 5.0 over SoupBinTCP through a stream with latency. Our orders stand in the replayed
 * book by price-time priority; they are not shown on the feed.
 *
 * Deterministic. One thread. It is one actor of sim/card/sim.h.
 */
#ifndef WT_EXCHANGE_H
#define WT_EXCHANGE_H

#include <stdint.h>

#include "host/gateway/stream.h"

struct wt_exchange;

struct wt_exchange_config {
    const char *file; /**< length-prefixed ITCH messages (2 bytes big-endian) */
    uint32_t group;   /**< multicast group of the feed */
    uint16_t port;
    uint64_t packet_window_ns; /**< messages this close together share a datagram, default 2,000 */
    uint64_t heartbeat_ns;     /**< MoldUDP64 heartbeat after this silence, default 1 s */
    uint64_t order_in_ns;      /**< from the client to the matching engine, default 20,000 */
    uint64_t order_out_ns;     /**< from the engine to the client, default 20,000 */
    uint64_t max_messages;     /**< 0: the whole file */
    char username[7], password[11];
};

/** How it puts frames on a wire (wt_sim_send has this shape). */
struct wt_exchange_wire {
    void *ctx;
    int (*send)(void *ctx, uint64_t when_ns, const void *frame, size_t length, unsigned flags);
};

struct wt_exchange_stats {
    uint64_t messages, datagrams, orders, accepted, executed, canceled, replaced, rejected, malformed, logins;
    uint64_t executed_shares;
};

void wt_exchange_defaults(struct wt_exchange_config *config);
/** Open the file and get ready. Prints why it fails (missing, empty, cut file: one clear line). */
int wt_exchange_create(const struct wt_exchange_config *config, struct wt_exchange_wire wire,
                       struct wt_exchange **exchange);
/** Timestamp of the file's first message, ns since midnight. */
uint64_t wt_exchange_first_ns(const struct wt_exchange *exchange);
/** When it wants to run next; UINT64_MAX: the file is at its end and no byte is under way. */
uint64_t wt_exchange_next_ns(void *exchange);
/** Do everything that is due at now_ns. */
void wt_exchange_run(void *exchange, uint64_t now_ns);
/** The client's side of the order-entry stream; what the exchange sees arrives order_in_ns later. now() tells virtual
 * time. */
struct wt_stream wt_exchange_stream(struct wt_exchange *exchange, uint64_t (*now)(void *ctx), void *now_ctx);
/** All messages of the file are sent. */
int wt_exchange_feed_done(const struct wt_exchange *exchange);
void wt_exchange_stats(const struct wt_exchange *exchange, struct wt_exchange_stats *stats);
void wt_exchange_destroy(struct wt_exchange *exchange);

#endif
