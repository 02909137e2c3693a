/*
 * OUCH 5.0 over SoupBinTCP 3.00, the client's side: orders out, execution reports in.
 * Nothing is sent that did not come through wt_gateway_send; nothing allocates after create.
 * One thread. Field tables: NASDAQ OUCH 5.0 (April 2023), SoupBinTCP 3.00.
 */
#ifndef WT_GATEWAY_H
#define WT_GATEWAY_H

#include "host/event/event.h"
#include "host/gateway/stream.h"

struct wt_gateway;

struct wt_gateway_config {
    char username[7], password[11], session[11]; /**< NUL-terminated; session may be empty */
    char firm[5];                                /**< sent as OUCH option Firm when not empty */
    uint64_t next_sequence;                      /**< of the venue's stream: 1 from the start, 0 from now on */
    uint64_t heartbeat_ns;                       /**< default 1 s: send one after this silence of ours */
    uint64_t dead_ns;                            /**< default 15 s: the venue is dead after this silence */
};

/** What the gateway tells; both are called from wt_gateway_poll. */
struct wt_gateway_handler {
    void *ctx;
    void (*exec)(void *ctx, const struct wt_exec_report *report);
    void (*state)(void *ctx, enum wt_gateway_state state, const char *why);
};

struct wt_gateway_stats {
    uint64_t sent, executed, accepted, replaced, canceled, rejected, other, malformed, heartbeats_sent, bytes_in,
        bytes_out;
};

void wt_gateway_defaults(struct wt_gateway_config *config);
int wt_gateway_create(const struct wt_gateway_config *config, struct wt_stream stream,
                      struct wt_gateway_handler handler, struct wt_gateway **gateway);
/** Connect and send the login. */
int wt_gateway_start(struct wt_gateway *gateway, uint64_t now_ns);
/** Encode and send one request. -ENOTCONN unless the state is UP; -EINVAL for what OUCH cannot carry. */
int wt_gateway_send(struct wt_gateway *gateway, const struct wt_order_request *request, uint64_t now_ns);
/** Take what came in, send heartbeats, watch for silence. Returns the number of packets taken or -errno. */
int wt_gateway_poll(struct wt_gateway *gateway, uint64_t now_ns);
/** When wt_gateway_poll wants to be called at the latest, ns (heartbeat, silence). */
uint64_t wt_gateway_deadline(const struct wt_gateway *gateway);
void wt_gateway_stats(const struct wt_gateway *gateway, struct wt_gateway_stats *stats);
/** Log out and close the stream. */
void wt_gateway_stop(struct wt_gateway *gateway, uint64_t now_ns);
void wt_gateway_destroy(struct wt_gateway *gateway);

#endif
