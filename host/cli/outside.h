/*
 * The world around the host in `wiretick run`. Either the simulated card, and an exchange that is in
 * process and in virtual time (exchange.file, exchange.venue) or on the network (exchange.connect):
 * then its feed comes by UDP sockets onto the card's wire, orders go by TCP, and virtual time follows
 * the clock. Or a card on PCI Express (link.type pci) with wires of its own and the exchange on the
 * network. One thread, or one for each of several loops (host.loops; their link is pci then), each with its own
 * order entry and its own word of how far the feed has come; re-requests are the first one's. `loop` counts from 0.
 */
#ifndef WT_OUTSIDE_H
#define WT_OUTSIDE_H

#include <stdbool.h>

#include "host/card/link.h"
#include "host/card/wt_schema.h"
#include "host/config/config.h"
#include "host/gateway/stream.h"
#include "sim/card/live.h"
#include "sim/card/sim.h"
#include "sim/exchange/exchange.h"

struct wt_outside;

/** Build it. Prints why it fails. The configuration stays the caller's. */
int wt_outside_create(const struct wt_config *config, struct wt_outside **outside);
/** The card's link; its now_ns is the world's time, ns: since midnight in simulation, else of CLOCK_MONOTONIC. Whoever
 * asks for it closes it, before wt_outside_destroy. */
struct wt_link *wt_outside_link(struct wt_outside *outside);
/** That time, as long as the link is open. */
uint64_t wt_outside_now(const struct wt_outside *outside);
/** Figures of the simulated card and its root complex, as long as the link is open. False: the card is not ours. */
bool wt_outside_sim_stats(const struct wt_outside *outside, struct wt_sim_stats *stats);
/** Order entry. */
struct wt_stream wt_outside_stream(struct wt_outside *outside, unsigned loop);
/** Order entry is tried again, the first time with attempt 1: at the other address of the venue, if it has two. */
void wt_outside_retry(struct wt_outside *outside, unsigned loop, unsigned attempt);
/** The feed's servers of re-requests and snapshots. False: there is none. */
bool wt_outside_rerequests(struct wt_outside *outside, struct wt_stream *stream);
bool wt_outside_snapshots(struct wt_outside *outside, unsigned loop, struct wt_stream *stream);
/** The card has left the bus: time goes on, but no record comes any more. As long as the link is open. */
bool wt_outside_gone(const struct wt_outside *outside);
/** The exchange is on the network. */
bool wt_outside_live(const struct wt_outside *outside);
/** Show it every record of the feed: on the network, and with a venue in process, the market is over when a
 * session of the feed has ended and no other has begun. */
void wt_outside_record(struct wt_outside *outside, unsigned loop, const union wt_event_record *record);
/** The market is over. */
bool wt_outside_done(const struct wt_outside *outside, unsigned loop);
/** What has come of the feed so far: goes up with every datagram on the network, else with every message. */
uint64_t wt_outside_heard(const struct wt_outside *outside, unsigned loop);
/** What the exchange counted; on the network only messages and, if they came to us, datagrams, as received. */
void wt_outside_stats(const struct wt_outside *outside, struct wt_exchange_stats *stats);
/** The exchange's own account of our trades, by locate; NULL: the exchange is on the network. */
const struct wt_exchange_ledger *const *wt_outside_ledgers(const struct wt_outside *outside);
/** At the very end: a venue in process compares its books with what it told, and writes its files. 0, or -errno with a
 * message. */
int wt_outside_end(const struct wt_outside *outside);
void wt_outside_destroy(struct wt_outside *outside);

#endif
