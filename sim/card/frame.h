/*
 * Builds the frames of a feed line: Ethernet, IPv4, UDP and MoldUDP64 (protocols.md section 2),
 * without FCS, ready for wt_sim_send. The caller owns the builder; no allocation; pure.
 *
 *     wt_frame_init(&b, group, port, "WTICK00001");
 *     wt_frame_start(&b, seq);
 *     while (wt_frame_add(&b, message, length) == 0) ...
 *     length = wt_frame_finish(&b);            // b.bytes
 */
#ifndef WT_FRAME_H
#define WT_FRAME_H

#include <stddef.h>
#include <stdint.h>

#define WT_FRAME_HEADERS 42u       /**< Ethernet 14, IPv4 20, UDP 8 */
#define WT_FRAME_MOLD_HEADER 20u   /**< session 10, sequence 8, count 2 */
#define WT_FRAME_MAX_PAYLOAD 1472u /**< of UDP, MoldUDP64 header included */
#define WT_FRAME_MAX_COUNT 0xfffeu /**< 0xffff means end of session */

struct wt_frame_builder {
    uint32_t group; /**< IPv4 destination as a number */
    uint16_t port;  /**< UDP destination port */
    char session[10];
    uint8_t bytes[1536];
    size_t length;  /**< bytes in use, from the Ethernet header on */
    uint16_t count; /**< message blocks so far */
};

/** Remember where frames go and whose they are. session: exactly 10 characters, no NUL needed. */
void wt_frame_init(struct wt_frame_builder *b, uint32_t group, uint16_t port, const char session[10]);
/** Begin a packet whose first message has this sequence number. */
void wt_frame_start(struct wt_frame_builder *b, uint64_t first_seq);
/** Append one message block. -ENOSPC, and nothing changed, when the UDP payload would pass 1,472 bytes. */
int wt_frame_add(struct wt_frame_builder *b, const void *message, size_t length);
/**
 * Fill in lengths, checksums (IPv4 and UDP) and the count. Returns the frame's length; its bytes are
 * b->bytes. A packet without messages is a heartbeat.
 */
size_t wt_frame_finish(struct wt_frame_builder *b);
/** A whole heartbeat, or end-of-session packet, that carries the next sequence number. Returns as finish. */
size_t wt_frame_control(struct wt_frame_builder *b, uint64_t next_seq, int end_of_session);
/**
 * A whole packet with this UDP payload, whatever it is (a datagram that came by a socket). Returns as finish; 0 when it
 * is longer than 1,472 bytes.
 */
size_t wt_frame_wrap(struct wt_frame_builder *b, const void *payload, size_t length);
/**
 * The same packet on another line: give a frame that a builder made (untagged, no IPv4 options) another multicast
 * group (MAC and IPv4) and UDP port, checksums included.
 */
void wt_frame_readdress(uint8_t *frame, uint32_t group, uint16_t port);

#endif
