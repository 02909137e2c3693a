/*
 * The whole venue in virtual time, with no sockets: the market (the matching engine with whoever trades in it, or
 * a replayed ITCH file), its feed on two lines, the re-request server, GLIMPSE, and order entry for any number of
 * accounts over any number of connections. Bytes in, bytes out; server.h puts sockets around it.
 *
 * Two clocks. The venue's (now_ns) paces everything that a client sees: heartbeats, time-outs, latencies. The
 * market's is what timestamps say: it begins at the market's first moment and runs `speed` times as fast.
 *
 * In a replayed market each account stands in the recorded market on its own: accounts do not meet each other, and
 * their orders are not on the feed (matcher.h). With the engine all orders meet, and are published.
 *
 * Faults by configuration; times are of the venue's clock from its start. One thread. Memory grows with the
 * orders and the day's order-entry messages; all else is bounded.
 */
#ifndef WT_VENUE_H
#define WT_VENUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "sim/exchange/engine.h"
#include "sim/exchange/line.h"
#include "sim/exchange/mold_out.h"
#include "sim/exchange/rerequest.h"
#include "sim/exchange/session.h"

enum { WT_VENUE_ACCOUNTS = 64, WT_VENUE_CONNECTIONS = 128, WT_VENUE_GLIMPSES = 16 };

struct wt_venue;

/** From one moment for a while; for_ns 0: never. */
struct wt_venue_spell {
    uint64_t at_ns, for_ns;
};

struct wt_venue_account {
    char username[7], password[11];
    enum wt_ouch_dialect dialect;
};

struct wt_venue_config {
    struct wt_mold_out_config feed;
    struct wt_line_config line[2];
    const struct wt_venue_account *accounts;
    unsigned account_count;
    struct wt_venue_account glimpse;
    char orders_session[11]; /**< session of order entry */
    bool cancel_on_disconnect;
    uint64_t order_out_ns;
    const char *order_in, *order_out; /**< in words (latency.h), by faults.seed; NULL or empty: none, order_out_ns */
    struct wt_session_faults faults;  /**< of order entry */

    const char *file;         /**< replay it; NULL: the engine, with symbols */
    uint64_t max_messages;    /**< the market is done after so many messages; 0: never, or all of the file */
    const char (*symbols)[9]; /**< names, NUL-terminated */
    unsigned symbol_count;
    uint32_t max_orders;      /**< of the engine */
    uint64_t market_start_ns; /**< with the engine: timestamp of the start, default 09:30 */
    uint64_t market_ns;       /**< with the engine: the market is done after so much market time; 0: never */
    uint32_t wait_logins;     /**< the market begins with the first so many logins; 0: at once */
    uint32_t speed;           /**< default 1; 0: a file as fast as it goes */

    struct wt_venue_spell halt;   /**< all symbols halt */
    struct wt_venue_spell silent; /**< order entry and GLIMPSE neither read nor write */
    uint64_t session_change_ns;   /**< the feed changes its session then; 0: never */
    uint64_t clock_step_at_ns;
    int64_t clock_step_ns; /**< timestamps jump by so much then; 0: never */
};

/** Who else trades: the engine's other participants. */
struct wt_venue_market {
    void *ctx;
    uint64_t (*next_ns)(const void *ctx);        /**< in the market's time; UINT64_MAX: nothing any more */
    void (*run)(void *ctx, uint64_t market_ns);  /**< do what is due, by calling the engine */
    void (*time)(void *ctx, uint64_t market_ns); /**< somebody else's order comes at that time; may be NULL */
};

struct wt_venue_stats {
    struct wt_exchange_stats orders; /**< of all accounts; messages and datagrams are the feed's */
    struct wt_mold_out_stats feed;
    struct wt_line_stats line[2];
    uint64_t connections, refused_logins, closed_by_venue, glimpses;
    uint64_t rerequests, rerequests_refused, rerequest_messages;
    struct wt_session_happened happened; /**< of all accounts */
    bool halted, silent, stepped;        /**< it has been, at some time */
};

void wt_venue_defaults(struct wt_venue_config *config);
/** Get ready; the lines' packets go to wire. Prints why it fails. -errno. Lists and strings of the configuration
 * are copied. */
int wt_venue_create(const struct wt_venue_config *config, struct wt_line_wire wire, struct wt_venue **venue);
void wt_venue_destroy(struct wt_venue *venue);
/** The engine, or NULL in a replayed market; who trades in it must be given by wt_venue_market. */
struct wt_engine *wt_venue_engine(struct wt_venue *venue);
void wt_venue_market(struct wt_venue *venue, struct wt_venue_market market);
/** Begin at now_ns: the first messages of the day, if no login is waited for. */
void wt_venue_start(struct wt_venue *venue, uint64_t now_ns);
/** When wt_venue_run has something to do. */
uint64_t wt_venue_next_ns(const struct wt_venue *venue);
/** Do what is due; of a file at full speed, some hundred messages. */
void wt_venue_run(struct wt_venue *venue, uint64_t now_ns);
/** Nothing more comes of the market: the file has been sent, or the other participants are done. */
bool wt_venue_market_done(const struct wt_venue *venue);
/** Close the market: system events, open orders canceled, end of session on the feed. */
void wt_venue_end(struct wt_venue *venue, uint64_t now_ns);
/** Order entry and GLIMPSE neither read nor write now. */
bool wt_venue_silent(const struct wt_venue *venue);
/** What timestamps say now, ns since midnight. */
uint64_t wt_venue_stamp(const struct wt_venue *venue);

enum wt_venue_port { WT_VENUE_ORDERS, WT_VENUE_GLIMPSE };

/** A client connects. Returns the connection's number (from 0), or -ENOSPC. */
int wt_venue_open(struct wt_venue *venue, enum wt_venue_port port, uint64_t now_ns);
/** Bytes of a client. 0; -EAGAIN: the venue does not read now; -ENOTCONN: it has closed the connection. */
int wt_venue_input(struct wt_venue *venue, int connection, uint64_t now_ns, const void *bytes, size_t length);
/** Bytes for a client: how many, 0 for none now, or -ENOTCONN: no more, close it. */
ssize_t wt_venue_output(struct wt_venue *venue, int connection, uint64_t now_ns, void *bytes, size_t room);
/** The connection is gone; its number may come again. */
void wt_venue_close(struct wt_venue *venue, int connection, uint64_t now_ns);
/** Answer a re-request (rerequest.h): length of the reply, 0 for none. */
size_t wt_venue_rerequest(struct wt_venue *venue, const uint8_t *request, size_t length, uint8_t reply[1472]);

void wt_venue_stats(const struct wt_venue *venue, struct wt_venue_stats *stats);
/** Shares of an account, by its place in the configuration. */
void wt_venue_account_totals(const struct wt_venue *venue, unsigned account, struct wt_desk_totals *totals);

struct wt_venue_reject {
    uint16_t reason; /**< enum wt_ouch_reject */
    uint64_t orders;
};

/** Rejected orders of all accounts by reason, at most room of them. Returns how many reasons there are. */
unsigned wt_venue_rejects(const struct wt_venue *venue, struct wt_venue_reject *rejects, unsigned room);
/** Every order as the client was told (ledger.h) against every order as the desk has it. Returns how many differ, 0. */
uint64_t wt_venue_ledger_check(const struct wt_venue *venue);
/**
 * Write into an existing folder books.csv (symbol,side,level,price,shares,orders: displayed orders, best level first)
 * and orders.csv (every order of every account, as the client was told). 0, or -errno with a message.
 */
int wt_venue_dump(const struct wt_venue *venue, const char *dir);
/** A client of order entry was logged in and has neither logged out nor hung up: it may come back. */
bool wt_venue_occupied(const struct wt_venue *venue);

#endif
