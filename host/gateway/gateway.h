/*
 * OUCH 5.0 or 4.2 over SoupBinTCP 3.00, the client's side: orders out, execution reports in.
 * Nothing is sent that did not come through wt_gateway_send; nothing allocates after create.
 * One thread. Field tables: NASDAQ OUCH 5.0 (April 2023), SoupBinTCP 3.00 (protocols.md 3 and 4).
 *
 * An order's UserRefNum is the request's id, its ClOrdID "WT" and the id in ten digits. Orders that
 * rest when the session goes down keep resting at the venue: start again, and the login asks for
 * the reports from where they stopped.
 *
 * Sync: after the login the gateway asks the venue for the account's state (OUCH Account Query). The
 * answer comes in the sequenced stream, behind every report that was missed; until then the state is
 * SYNCING and nothing is sent. UP then means: what the venue has is known.
 *
 * OUCH 4.2 (dialect) has no such query. There the venue's first heartbeat after the login is the proof: a server sends
 * one when it has had nothing to send for a second, so what was missed has come before it. The report SYNCED is the
 * gateway's own then, with id 0.
 *
 * The venue's day ends with System Event E: then the state is CLOSED instead of UP. Reports come and cancels go, but a
 * new order would only be rejected, and is not sent.
 *
 * Reconnect: when a session goes DOWN by itself, the gateway tries again, each time after a longer
 * pause: twice the one before, up to a maximum, the last half of it drawn at random (seeded), so that
 * hosts that fell together do not come back together. Not after REJECTED or ENDED: trying again would
 * not help. Room for a card that sends: the request is encoded in one place (wt_gateway_encode) and
 * what carries the bytes is the stream's business; a card's stream is one more struct wt_stream.
 */
#ifndef WT_GATEWAY_H
#define WT_GATEWAY_H

#include "host/event/event.h"
#include "host/gateway/ouch.h"
#include "host/gateway/stream.h"

struct wt_gateway;

struct wt_gateway_config {
    char username[7], password[11], session[11]; /**< NUL-terminated; session may be empty */
    char firm[5];                                /**< sent as OUCH option Firm when not empty */
    uint64_t next_sequence;                      /**< of the venue's stream: 1 from the start, 0 from now on */
    uint64_t heartbeat_ns;                       /**< default 1 s: send one after this silence of ours */
    uint64_t dead_ns;                            /**< default 15 s: the venue is dead after this silence */
    char capacity;                               /**< OUCH Capacity of orders: P principal (default), A, R, O */
    uint32_t last_id;                            /**< highest id that an earlier run of this host used, 0: none */
    bool sync;                                   /**< prove that nothing was missed before UP; default no */
    uint64_t retry_min_ns;        /**< first pause before a new attempt; 0 (default): no attempt by itself */
    uint64_t retry_max_ns;        /**< longest one */
    uint64_t seed;                /**< of the pauses */
    char display;                 /**< OUCH Display of orders: Y (default) or A, attributed */
    enum wt_ouch_dialect dialect; /**< default 5.0 */
};

/** What the gateway tells: exec from wt_gateway_poll, state from poll, start and stop. */
struct wt_gateway_handler {
    void *ctx;
    void (*exec)(void *ctx, const struct wt_exec_report *report);
    void (*state)(void *ctx, enum wt_gateway_state state, const char *why);
    /** Before an attempt by itself, the first is number 1: the place to choose another address. May be NULL. */
    void (*retry)(void *ctx, unsigned attempt);
};

struct wt_gateway_stats {
    uint64_t sent, executed, accepted, replaced, canceled, rejected;
    uint64_t other;     /**< messages that need no report (system events, priority updates, ...), debug packets */
    uint64_t malformed; /**< packets and messages that broke the tables, or of unknown types: skipped */
    uint64_t heartbeats_sent, bytes_in, bytes_out;
    uint64_t next_sequence; /**< of the venue's stream */
    uint64_t retries;       /**< attempts by itself */
    uint64_t lost;          /**< reports that the venue did not send again after a login */
};

/** Fill config with the defaults: no names, from now on, 1 s, 15 s, principal, displayed. */
void wt_gateway_defaults(struct wt_gateway_config *config);
/** Check the configuration (prints what is wrong: -EINVAL) and get ready. The stream's context must outlive it. */
int wt_gateway_create(const struct wt_gateway_config *config, struct wt_stream stream,
                      struct wt_gateway_handler handler, struct wt_gateway **gateway);
/** Connect and send the login; also after DOWN, ENDED or REJECTED. 0, -EALREADY, or the stream's -errno. */
int wt_gateway_start(struct wt_gateway *gateway, uint64_t now_ns);
/**
 * Encode and send one request. -ENOTCONN unless the state is UP, or CLOSED for a cancel; -EINVAL for what OUCH cannot
 * carry (shares 1 to 999,999, price 1 to 1,999,999,900, ids of new orders rising: the venue ignores others silently);
 * -EAGAIN: the stream has no room, nothing was sent.
 */
int wt_gateway_send(struct wt_gateway *gateway, const struct wt_order_request *request, uint64_t now_ns);
/**
 * The same in two halves, for a replace of a DAY order by which a strategy answers: into the journal and out, and
 * behind it, when that was 0, the rest. 1: it is not that simple, nothing was done, wt_gateway_send it.
 */
int wt_gateway_replace(struct wt_gateway *gateway, uint32_t id, uint8_t owner, uint32_t replaced, uint32_t shares,
                       uint32_t price);
void wt_gateway_replaced(struct wt_gateway *gateway, uint32_t id, uint8_t owner, uint64_t now_ns);
/** The same bytes, whole (SoupBinTCP packet and OUCH message), without sending. Their number, -EINVAL or -EMSGSIZE. */
int wt_gateway_encode(const struct wt_gateway *gateway, const struct wt_order_request *request, uint8_t *to,
                      size_t room);
/**
 * Take what came in, send heartbeats, watch for silence. Returns the number of packets taken, or -ENOTCONN
 * when nothing was taken and there is no session. The handlers may call wt_gateway_send, but not poll,
 * start, stop or destroy.
 */
int wt_gateway_poll(struct wt_gateway *gateway, uint64_t now_ns);
/** When wt_gateway_poll wants to be called at the latest, ns (heartbeat, silence, a new attempt); UINT64_MAX: never. */
uint64_t wt_gateway_deadline(const struct wt_gateway *gateway);
void wt_gateway_stats(const struct wt_gateway *gateway, struct wt_gateway_stats *stats);
enum wt_gateway_state wt_gateway_state(const struct wt_gateway *gateway);
/** Log out and close the stream: DOWN. */
void wt_gateway_stop(struct wt_gateway *gateway, uint64_t now_ns);
void wt_gateway_destroy(struct wt_gateway *gateway);

#endif
