/*
 * Events from one loop to another: a lock-free ring (libck) between one sender and one receiver, each a loop on its own
 * thread. An event is copied in and copied out; a full pipe refuses, and says so, so that the sender decides what
 * happens then. The receiving loop polls it as a source (WT_SOURCE_PIPES).
 */
#ifndef WT_PIPE_H
#define WT_PIPE_H

#include "host/event/loop.h"

struct wt_pipe;

struct wt_pipe_stats {
    uint64_t sent, refused; /**< the sender's */
    uint64_t received;      /**< the receiver's */
};

/** Room for size - 1 events; size is a power of two from 4 to 2^20. -EINVAL, -ENOMEM. */
int wt_pipe_create(unsigned size, struct wt_pipe **pipe);
/** When neither side uses it any more. */
void wt_pipe_destroy(struct wt_pipe *pipe);
/** The sender's thread: put an event in. False: the pipe is full. Its time is set by the receiving loop. */
bool wt_pipe_send(struct wt_pipe *pipe, const struct wt_event *event);
/** The receiver's thread: take the next one out. False: there is none. */
bool wt_pipe_receive(struct wt_pipe *pipe, struct wt_event *event);
/** Let a loop take what comes as inputs. -ENOSPC: it has too many sources. */
int wt_pipe_attach(struct wt_pipe *pipe, struct wt_loop *loop);
/** Each side reads its own counts only; both when the threads have ended. */
void wt_pipe_stats(const struct wt_pipe *pipe, struct wt_pipe_stats *stats);

#endif
