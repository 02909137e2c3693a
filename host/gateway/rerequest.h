/*
 * A client of the MoldUDP64 re-request server (protocols.md section 2): asks for messages by number, over a stream
 * that keeps datagrams apart (one send is one datagram, and so is one recv). Datagrams may be lost on the way: what is
 * not answered in time is asked for again. One thread; nothing allocates after create.
 */
#ifndef WT_REREQUEST_CLIENT_H
#define WT_REREQUEST_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "host/gateway/stream.h"

struct wt_requests;

struct wt_requests_config {
    uint64_t timeout_ns;   /**< unanswered for so long: asked again; default 1 ms */
    unsigned tries;        /**< of each; then it is given up; default 5 */
    uint64_t max_messages; /**< more are not asked for; default 65,536 */
};

struct wt_requests_handler {
    void *ctx;
    /** An answer: a whole MoldUDP64 packet of the session with messages that were asked for. False: no room now, it is
     * asked for again. */
    bool (*answer)(void *ctx, const uint8_t *packet, size_t length);
    /** Nobody answers, or nobody can: what was asked for will not come. */
    void (*gave_up)(void *ctx);
};

struct wt_requests_stats {
    uint64_t sent, answers, bad, given_up;
};

void wt_requests_defaults(struct wt_requests_config *config);
/** The stream's objects stay the caller's. -ENOMEM. */
int wt_requests_create(const struct wt_requests_config *config, struct wt_stream stream,
                       struct wt_requests_handler handler, struct wt_requests **requests);
/** Ask for messages first to behind - 1 of a session (ten characters), instead of whatever was asked for before. False:
 * they are too many. */
bool wt_requests_ask(struct wt_requests *requests, const uint8_t session[10], uint64_t first, uint64_t behind);
/** Nothing is wanted any more. */
void wt_requests_stop(struct wt_requests *requests);
/** Send, receive, send again. Returns how many answers came. */
int wt_requests_poll(struct wt_requests *requests, uint64_t now_ns);
uint64_t wt_requests_deadline(const struct wt_requests *requests);
void wt_requests_stats(const struct wt_requests *requests, struct wt_requests_stats *stats);
void wt_requests_destroy(struct wt_requests *requests);

#endif
