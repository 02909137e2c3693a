/*
 * One direction of a byte stream in virtual time: what is put in comes out when it has arrived, in
 * order. Openings and closings travel like bytes, and every connection has a number, so that bytes of an
 * old one are never taken for the new one's. One thread; memory grows with the bytes under way.
 */
#ifndef WT_PIPE_H
#define WT_PIPE_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum wt_pipe_kind { WT_PIPE_NOTHING, WT_PIPE_BYTES, WT_PIPE_OPEN, WT_PIPE_CLOSE };

struct wt_pipe_mark {
    uint64_t arrive_ns;
    size_t length; /**< bytes not yet read */
    uint32_t connection;
    enum wt_pipe_kind kind;
};

/** All zero is an empty pipe. */
struct wt_pipe {
    uint8_t *bytes;
    size_t start, end, room;
    struct wt_pipe_mark *marks;
    size_t first, last, mark_room;
    uint64_t last_ns;
};

/** Put something in, to arrive at arrive_ns or with what was put in before it, if that is later. 0 or -ENOMEM. */
int wt_pipe_put(struct wt_pipe *pipe, enum wt_pipe_kind kind, uint32_t connection, const void *bytes, size_t length,
                uint64_t arrive_ns);
/** Take what has arrived: at most one mark's bytes, an opening or a closing. Returns the bytes read, or -ENOBUFS
 * when there are some and room is 0. */
ssize_t wt_pipe_take(struct wt_pipe *pipe, uint64_t now_ns, void *to, size_t room, enum wt_pipe_kind *kind,
                     uint32_t *connection);
/** Arrival of the first thing that arrives after now_ns; UINT64_MAX: nothing is under way. */
uint64_t wt_pipe_next_ns(const struct wt_pipe *pipe, uint64_t now_ns);
/** What is first in it, arrived or not. */
enum wt_pipe_kind wt_pipe_head_kind(const struct wt_pipe *pipe);
/** Bytes in it. */
size_t wt_pipe_bytes(const struct wt_pipe *pipe);
/** Arrival of the first thing in it, arrived or not; UINT64_MAX: empty. */
uint64_t wt_pipe_head_ns(const struct wt_pipe *pipe);
void wt_pipe_free(struct wt_pipe *pipe);

#endif
