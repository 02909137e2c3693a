/*
 * The simulated exchange, in process and in virtual time: it replays a file of ITCH messages as
 * the market (frames on the card's wire, each when its timestamp says) and accepts orders as
 * OUCH 5.0 over SoupBinTCP through a stream with latency. Our orders stand in the replayed
 * book by price-time priority (matcher.h says how); they are not shown on the feed.
 *
 * A datagram leaves when the last message in it is due. When the file says that system hours are over (S
 * event E), open orders are canceled (reason T). Orders are limit orders, day or IOC; prices of a dollar
 * and more are in whole cents; what OUCH knows beyond that is rejected with its reason.
 *
 * Deterministic. One thread. It is one actor of sim/card/sim.h.
 */
#ifndef WT_EXCHANGE_H
#define WT_EXCHANGE_H

#include <stdint.h>

#include "host/gateway/ouch.h"
#include "host/gateway/stream.h"

struct wt_exchange;

struct wt_exchange_config {
    const char *file;  /**< length-prefixed ITCH messages (2 bytes big-endian) */
    uint32_t group[2]; /**< multicast group of the feed on line A, B */
    uint16_t port[2];
    uint64_t packet_window_ns; /**< messages this close together share a datagram, default 2,000 */
    uint64_t heartbeat_ns;     /**< MoldUDP64 heartbeat after this silence, default 1 s */
    uint64_t order_in_ns;      /**< from the client to the matching engine, default 20,000 */
    uint64_t order_out_ns;     /**< from the engine to the client, default 20,000 */
    /** Latencies that vary, in the words of latency.h; NULL or empty: order_in_ns, order_out_ns, and none for market
     * data, from the engine to the wire of each line. Bytes of a stream and frames of a line do not overtake. */
    const char *order_in, *order_out, *market_data;
    uint64_t seed;         /**< of these latencies */
    uint64_t max_messages; /**< 0: the whole file */
    char username[7], password[11];
    enum wt_ouch_dialect dialect; /**< default 5.0 */
};

/** How it puts frames on the wire of a line, 0 or 1; every packet goes out on both (wt_sim_send has this shape). */
struct wt_exchange_wire {
    void *ctx;
    int (*send)(void *ctx, unsigned line, uint64_t when_ns, const void *frame, size_t length, unsigned flags);
};

#define WT_EXCHANGE_LOCATES 65536u

/** The exchange's own account of what the client did in one symbol. */
struct wt_exchange_ledger {
    char name[8];          /**< padded with spaces */
    uint64_t bought, sold; /**< shares */
    int64_t cash;          /**< got for sales less paid for purchases, 1/10000 dollar */
    uint64_t executions;
};

struct wt_exchange_stats {
    uint64_t messages, datagrams; /**< of the feed; heartbeats and end of session are not counted */
    uint64_t orders;              /**< Enter and Replace requests */
    uint64_t accepted, executed, canceled, replaced, rejected, malformed, logins;
    uint64_t ignored; /**< requests that OUCH lets pass in silence: used numbers, orders that are no more */
    /** Shares: accepted = executed + canceled + open, always; a replace cancels the old and accepts the new. */
    uint64_t accepted_shares, executed_shares, canceled_shares, open_shares;
    uint64_t clamped; /**< messages whose timestamp went back: sent at the time of the one before */
    uint64_t unsent;  /**< frames that a wire refused for good */
    uint64_t stored;  /**< bytes of the client's orders and of the session's messages: a server keeps a day of them */
};

/** Fill config with the defaults: user "WT0001", password "wiretick", groups 233.54.12.111 and 233.49.196.111, port
 * 26477; no file. */
void wt_exchange_defaults(struct wt_exchange_config *config);
/** Open the file and get ready. Prints why it fails (missing, empty, cut file: one clear line). The whole file
 * (max_messages of it) is looked through first. */
int wt_exchange_create(const struct wt_exchange_config *config, struct wt_exchange_wire wire,
                       struct wt_exchange **exchange);
/** Timestamp of the file's first message, ns since midnight. */
uint64_t wt_exchange_first_ns(const struct wt_exchange *exchange);
/** When it wants to run next; UINT64_MAX: the file is at its end and no byte is under way. */
uint64_t wt_exchange_next_ns(void *exchange);
/** Do everything that is due at now_ns, in the order in which it was due. */
void wt_exchange_run(void *exchange, uint64_t now_ns);
/** The client's side of the order-entry stream; what it sends arrives at the exchange a latency later. now() tells
 * virtual time. */
struct wt_stream wt_exchange_stream(struct wt_exchange *exchange, uint64_t (*now)(void *ctx), void *now_ctx);
/** All messages of the file, and the end of session, are sent. */
int wt_exchange_feed_done(const struct wt_exchange *exchange);
/** The ledgers by locate, WT_EXCHANGE_LOCATES of them; NULL where nothing was executed. */
const struct wt_exchange_ledger *const *wt_exchange_ledgers(const struct wt_exchange *exchange);
void wt_exchange_stats(const struct wt_exchange *exchange, struct wt_exchange_stats *stats);
void wt_exchange_destroy(struct wt_exchange *exchange);

#endif
