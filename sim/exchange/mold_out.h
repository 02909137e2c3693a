/*
 * The sending end of a MoldUDP64 stream (protocols.md section 2): messages become packets, packed by a
 * time window, with heartbeats and end of session, and stay in a bounded store for re-requests.
 *
 * Packets are handed on as UDP payloads, once; who sends them on two lines duplicates them (line.h).
 * One thread. Nothing allocates after create; the oldest messages fall out of the store.
 */
#ifndef WT_MOLD_OUT_H
#define WT_MOLD_OUT_H

#include <stddef.h>
#include <stdint.h>

#define WT_MOLD_OUT_LONGEST (1472u - 20u - 2u) /**< bytes of the longest message that a packet carries */

struct wt_mold_out;

struct wt_mold_out_config {
    char session[11];        /**< 1 to 10 characters, padded with spaces on the wire */
    uint64_t window_ns;      /**< messages this close together share a packet, default 2,000 */
    uint64_t heartbeat_ns;   /**< a heartbeat after this silence, default 1 s */
    uint32_t store_messages; /**< kept at least, default 1 M; rounded up to a power of 2 */
    uint32_t store_bytes;    /**< of all kept messages, default 64 MB */
};

/** Where packets go: when_ns is when the packet left. */
struct wt_mold_wire {
    void *ctx;
    void (*send)(void *ctx, uint64_t when_ns, const uint8_t *mold, size_t length);
};

struct wt_mold_out_stats {
    uint64_t messages, packets, heartbeats, ends, sessions;
    uint64_t too_long; /**< messages that no packet carries, not sent */
};

void wt_mold_out_defaults(struct wt_mold_out_config *config);
/** 0, -EINVAL (a line is printed) or -ENOMEM. */
int wt_mold_out_create(const struct wt_mold_out_config *config, struct wt_mold_wire wire, struct wt_mold_out **out);
void wt_mold_out_destroy(struct wt_mold_out *out);
/** Send a message: it leaves with its packet. Returns its sequence number, or -EMSGSIZE; -ESHUTDOWN after the end. */
int64_t wt_mold_out_put(struct wt_mold_out *out, uint64_t now_ns, const void *message, size_t length);
/** Send what is packed now. */
void wt_mold_out_flush(struct wt_mold_out *out, uint64_t now_ns);
/** When wt_mold_out_run has something to do. */
uint64_t wt_mold_out_next_ns(const struct wt_mold_out *out);
/** Send what is due at now_ns: the packet, or a heartbeat, or end of session once more. */
void wt_mold_out_run(struct wt_mold_out *out, uint64_t now_ns);
/** The session is over: end of session goes out now, and instead of each heartbeat from now on. */
void wt_mold_out_end(struct wt_mold_out *out, uint64_t now_ns);
/** End the session and begin another one, at sequence 1 with an empty store. */
void wt_mold_out_session(struct wt_mold_out *out, uint64_t now_ns, const char *session);

/** Sequence number of the next message. */
uint64_t wt_mold_out_next_sequence(const struct wt_mold_out *out);
/** Sequence number of the first message that has not left yet. */
uint64_t wt_mold_out_unsent_sequence(const struct wt_mold_out *out);
/** Session, ten characters. */
const char *wt_mold_out_session_name(const struct wt_mold_out *out);
/** A message that was sent and is still kept: its length, or -ENOENT. Valid until the next put. */
int wt_mold_out_get(const struct wt_mold_out *out, uint64_t sequence, const uint8_t **message);
void wt_mold_out_stats(const struct wt_mold_out *out, struct wt_mold_out_stats *stats);

#endif
