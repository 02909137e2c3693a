/* A link that is nothing but a clock: for tests of what stands above it. */
#ifndef FAKE_LINK_H
#define FAKE_LINK_H

#include <errno.h>
#include <stdbool.h>

#include "host/card/link.h"

struct fake_link {
    struct wt_link link;
    uint64_t now, waits, spent;
    uint64_t end; /* wait answers -EPIPE from here on; 0: never */
};

static uint64_t fake_now(struct wt_link *link)
{
    return ((struct fake_link *)link)->now;
}

static int fake_wait(struct wt_link *link, uint64_t deadline)
{
    struct fake_link *f = (struct fake_link *)link;
    f->waits++;
    if (deadline == UINT64_MAX || (f->end && deadline > f->end))
        return -EPIPE;
    if (deadline > f->now)
        f->now = deadline;
    return 0;
}

static void fake_spend(struct wt_link *link, uint64_t ns)
{
    ((struct fake_link *)link)->now += ns;
    ((struct fake_link *)link)->spent += ns;
}

static const struct wt_link_ops fake_ops = {.now_ns = fake_now, .wait = fake_wait, .spend = fake_spend};

static inline struct fake_link fake_link(uint64_t now)
{
    return (struct fake_link){.link = {&fake_ops, "fake"}, .now = now};
}

#endif
