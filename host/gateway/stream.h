/*
 * A byte stream to a venue (TCP in all but name): the gateway's side. In simulation the
 * exchange gives a pipe in virtual time; on the wire it is a socket. Bytes may be split and
 * glued at will. One thread.
 */
#ifndef WT_STREAM_H
#define WT_STREAM_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct wt_stream {
    void *ctx;
    /** Open it. 0, -EINPROGRESS, or -errno. */
    int (*connect)(void *ctx);
    /** Send bytes: all of them or -errno (-ENOTCONN: closed, -EAGAIN: no room). */
    int (*send)(void *ctx, const void *bytes, size_t length);
    /** Receive what is there: bytes, 0 if none now, -ENOTCONN when the peer has closed, -errno. */
    ssize_t (*recv)(void *ctx, void *bytes, size_t room);
    /** Close it. */
    void (*close)(void *ctx);
};

#endif
