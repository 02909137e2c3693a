/*
 * Loops side by side: each is one thread, on a processor of its own if asked, and knows of the others only what comes
 * through pipes (pipe.h).
 *
 * A loop is built on the thread that runs it, so that the memory it touches first, which is all of its own, lies at
 * that processor's own memory controller (Linux places a page where it is first touched).
 */
#ifndef WT_GROUP_H
#define WT_GROUP_H

#include "host/event/loop.h"

enum { WT_GROUP_MAX = 16, WT_CPU_MAX = 1024 };

struct wt_group;

struct wt_group_member {
    const char *name; /**< of the thread, at most 15 characters are shown; the caller's */
    int cpu;          /**< that it runs on alone; -1: wherever the system puts it */
    struct wt_idle idle;
    void *ctx;
    /** On the loop's thread: subscribe, attach pipes. -errno ends all. */
    int (*build)(void *ctx, struct wt_loop *loop);
    /**
     * Instead of build: make the loop, on its thread, and keep it; when it ends is its maker's business, idle means
     * nothing, and wt_group_stop() and the error of another member end it only before it has begun.
     */
    int (*make)(void *ctx, struct wt_loop **loop);
    /** On the loop's thread, when it has ended; may be NULL. */
    void (*ended)(void *ctx, struct wt_loop *loop, int status);
};

/** -ENOMEM. */
int wt_group_create(struct wt_group **group);
/** One more loop. -ENOSPC beyond WT_GROUP_MAX; -EINVAL with a message: no such processor. Before wt_group_start(). */
int wt_group_add(struct wt_group *group, const struct wt_group_member *member);
/**
 * Begin: all are built before any runs. -errno, with a message: a thread could not be begun or pinned, or a loop not be
 * built; then none runs.
 */
int wt_group_start(struct wt_group *group);
/** From any thread: every loop ends after its present round. */
void wt_group_stop(struct wt_group *group);
/** Wait until all have ended. An error of one stops all. The first error, or 0. */
int wt_group_join(struct wt_group *group);
/** Joined or never started. */
void wt_group_destroy(struct wt_group *group);

/** "0,2-4" to processor numbers. How many, or -EINVAL: not such a list, or more than room. */
int wt_cpu_list(const char *text, int *cpus, unsigned room);
/** The calling thread runs on this processor alone. -errno with a message. */
int wt_cpu_pin(int cpu);

#endif
