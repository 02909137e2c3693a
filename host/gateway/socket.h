/*
 * The gateway's byte stream on a TCP socket: non-blocking, TCP_NODELAY, quick acknowledgements, and
 * optional busy polling in the kernel. One thread; nothing allocates after create.
 */
#ifndef WT_SOCKET_H
#define WT_SOCKET_H

#include <stdint.h>

#include "host/gateway/stream.h"

struct wt_socket;

struct wt_socket_config {
    uint32_t ip; /**< IPv4 as a number */
    uint16_t port;
    uint32_t
        busy_poll_us; /**< SO_BUSY_POLL; 0: off. Raising it may need a privilege: then it stays off, with a warning */
};

/** Get ready; connects in stream.connect. 0 or -ENOMEM. */
int wt_socket_create(const struct wt_socket_config *config, struct wt_socket **socket);
/** Its stream; connect answers -EINPROGRESS first, and recv and send tell -ENOTCONN when it did not come about. */
struct wt_stream wt_socket_stream(struct wt_socket *socket);
/** The descriptor, to wait on, or -1. Changes with every connect. */
int wt_socket_fd(const struct wt_socket *socket);
/** Connect elsewhere from the next connect on. */
void wt_socket_address(struct wt_socket *socket, uint32_t ip, uint16_t port);
void wt_socket_destroy(struct wt_socket *socket);

#endif
