#include "host/event/pipe.h"

#include <ck_ring.h>
#include <errno.h>
#include <stdlib.h>

/*
 * Thread sanitizer does not see what libck's assembler orders: it is told. That the ring gives no slot to both sides at
 * once is libck's word, and tests/unit/test_event_pipe.c's; the sanitizer does not look into the ring itself.
 */
#if defined(__SANITIZE_THREAD__)
void __tsan_acquire(void *address); /* NOLINT(bugprone-reserved-identifier) */
void __tsan_release(void *address); /* NOLINT(bugprone-reserved-identifier) */
#define ACQUIRED(pipe) __tsan_acquire(pipe)
#define RELEASES(pipe) __tsan_release(pipe)
#else
#define ACQUIRED(pipe) ((void)(pipe))
#define RELEASES(pipe) ((void)(pipe))
#endif
#define UNSEEN __attribute__((no_sanitize("thread")))

enum { BUDGET = 64, LINE = 64 }; /* events a poll, before another source gets its turn; bytes */

CK_RING_PROTOTYPE(event, wt_event)

struct wt_pipe {    /* NOLINT(clang-analyzer-optin.performance.Padding): a line for each side */
    ck_ring_t ring; /* producer's and consumer's index on lines of their own */
    struct wt_event *buffer;
    struct wt_loop *loop;
    _Alignas(LINE) uint64_t sent, refused; /* the sender's line */
    _Alignas(LINE) uint64_t received;      /* the receiver's */
};

int wt_pipe_create(unsigned size, struct wt_pipe **pipe)
{
    if (size < 4 || size > 1u << 20 || (size & (size - 1)))
        return -EINVAL;
    struct wt_pipe *p = aligned_alloc(LINE, (sizeof *p + LINE - 1) / LINE * LINE);
    if (!p)
        return -ENOMEM;
    *p = (struct wt_pipe){.buffer = calloc(size, sizeof *p->buffer)};
    if (!p->buffer) {
        free(p);
        return -ENOMEM;
    }
    ck_ring_init(&p->ring, size);
    *pipe = p;
    return 0;
}

void wt_pipe_destroy(struct wt_pipe *pipe)
{
    if (!pipe)
        return;
    free(pipe->buffer);
    free(pipe);
}

UNSEEN bool wt_pipe_send(struct wt_pipe *pipe, const struct wt_event *event)
{
    RELEASES(pipe);
    bool sent = CK_RING_ENQUEUE_SPSC(event, &pipe->ring, pipe->buffer, (struct wt_event *)event);
    pipe->sent += sent;
    pipe->refused += !sent;
    return sent;
}

UNSEEN bool wt_pipe_receive(struct wt_pipe *pipe, struct wt_event *event)
{
    bool got = CK_RING_DEQUEUE_SPSC(event, &pipe->ring, pipe->buffer, event);
    if (got)
        ACQUIRED(pipe);
    pipe->received += got;
    return got;
}

static int poll(void *ctx, uint64_t now_ns)
{
    struct wt_pipe *pipe = ctx;
    struct wt_event event;
    int n = 0;
    (void)now_ns;
    for (; n < BUDGET && wt_pipe_receive(pipe, &event); n++)
        wt_loop_input(pipe->loop, &event);
    return n;
}

int wt_pipe_attach(struct wt_pipe *pipe, struct wt_loop *loop)
{
    pipe->loop = loop;
    return wt_loop_source(loop, WT_SOURCE_PIPES, (struct wt_source){.ctx = pipe, .poll = poll});
}

void wt_pipe_stats(const struct wt_pipe *pipe, struct wt_pipe_stats *stats)
{
    *stats = (struct wt_pipe_stats){pipe->sent, pipe->refused, pipe->received};
}
