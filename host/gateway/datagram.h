/*
 * A UDP socket as a stream (stream.h): each send is one datagram to the one peer, each recv one from it. Non-blocking;
 * nothing is promised to arrive. One thread; nothing allocates after create.
 */
#ifndef WT_DATAGRAM_H
#define WT_DATAGRAM_H

#include <stdint.h>

#include "host/gateway/stream.h"

struct wt_datagram;

/** Get ready; the socket is opened in stream.connect. ip: IPv4 as a number. 0 or -ENOMEM. */
int wt_datagram_create(uint32_t ip, uint16_t port, struct wt_datagram **datagram);
struct wt_stream wt_datagram_stream(struct wt_datagram *datagram);
/** The descriptor, to wait on, or -1. */
int wt_datagram_fd(const struct wt_datagram *datagram);
void wt_datagram_destroy(struct wt_datagram *datagram);

#endif
