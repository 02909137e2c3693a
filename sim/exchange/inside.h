/*
 * A venue (venue.h) in process and in virtual time: its packets become frames on the card's wire, and clients have
 * streams to its order entry, with latency. It is to exchange.h's replayed file what the server (server.h) is on the
 * network: agents in the matching engine, every fault, all of it the same for the same seeds.
 *
 * It is one actor of sim/card/sim.h. One thread.
 */
#ifndef WT_INSIDE_H
#define WT_INSIDE_H

#include <stdbool.h>
#include <stdint.h>

#include "host/gateway/stream.h"
#include "sim/exchange/exchange.h"
#include "sim/exchange/venue.h"

struct wt_inside;

struct wt_inside_config {
    uint32_t group[2]; /**< multicast group of the feed on line A, B */
    uint16_t port[2];
    uint64_t order_in_ns; /**< from a client to the venue; back it is the venue's own order_out_ns */
    uint64_t request_ns;  /**< way of a re-request, and of the answer back */
    bool until_done;      /**< end the venue when its market is done */
};

int wt_inside_create(const struct wt_inside_config *config, struct wt_exchange_wire wire, struct wt_inside **inside);
/** The venue stays the caller's. */
void wt_inside_destroy(struct wt_inside *inside);
/** What wt_venue_create takes as its wire, with this as ctx. A frame that the wire refuses is lost, and counted. */
void wt_inside_send(void *inside, unsigned line, uint64_t when_ns, const uint8_t *mold, size_t length);
/** The venue starts at start_ns, now or later. Before anything below. */
void wt_inside_start(struct wt_inside *inside, struct wt_venue *venue, uint64_t start_ns);
/** The actor. When the venue has ended and its clients have logged out, it wants nothing more: UINT64_MAX. */
uint64_t wt_inside_next_ns(void *inside);
void wt_inside_run(void *inside, uint64_t now_ns);
/** A client's side of a connection to order entry or GLIMPSE; now() tells virtual time. */
struct wt_stream wt_inside_stream(struct wt_inside *inside, enum wt_venue_port port, uint64_t (*now)(void *ctx),
                                  void *now_ctx);
#define WT_INSIDE_CLIENTS 8u /**< of each port */
/** The same of one of several clients, numbered from 0, which wt_inside_stream() is. */
struct wt_stream wt_inside_client(struct wt_inside *inside, enum wt_venue_port port, unsigned number,
                                  uint64_t (*now)(void *ctx), void *now_ctx);
/** Its re-request server: one send is one datagram, and so is one recv. */
struct wt_stream wt_inside_requests(struct wt_inside *inside, uint64_t (*now)(void *ctx), void *now_ctx);
/** The venue's market is over and it has said so. */
bool wt_inside_done(const struct wt_inside *inside);
/** Frames that the wire refused. */
uint64_t wt_inside_unsent(const struct wt_inside *inside);

#endif
