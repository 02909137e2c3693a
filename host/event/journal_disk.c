#include "host/event/journal_disk.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "host/common/log.h"
#include "host/event/journal_folder.h"

enum { PAGE = 4096, TICK_NS = 1000000, RETRY_TICKS = 50 };

static uint64_t clock_ns(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

/* ---- one file ---- */

static void segment_free(struct wt_segment *s)
{
    if (s->base)
        munmap(s->base, s->bytes);
    if (s->fd >= 0)
        close(s->fd);
    free(s);
}

/* Every page is written once, so that the loop takes no page fault that would have to ask the file system. */
static void touch(struct wt_segment *s)
{
    for (size_t at = 0; at < s->bytes; at += PAGE)
        ((volatile uint8_t *)s->base)[at] = 0;
}

static int segment_make(struct wt_disk *d, struct wt_segment **out)
{
    char path[4096];
    struct wt_segment *s = calloc(1, sizeof *s);
    if (!s)
        return -ENOMEM;
    s->number = d->made + 1;
    s->bytes = d->options.segment_bytes;
    wt_journal_path(path, d->dir, s->number);
    s->fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    int rc = s->fd < 0 ? -errno : -posix_fallocate(s->fd, 0, (off_t)s->bytes);
    void *base = rc ? MAP_FAILED : mmap(NULL, s->bytes, PROT_READ | PROT_WRITE, MAP_SHARED, s->fd, 0);
    if (base == MAP_FAILED) {
        rc = rc ? rc : -errno;
        if (s->fd >= 0)
            unlink(path); /* half a file would only keep the disk full */
        segment_free(s);
        return rc;
    }
    s->base = base;
    touch(s);
    *(struct wt_journal_head *)(void *)s->base = (struct wt_journal_head){.magic = WT_JOURNAL_MAGIC,
                                                                          .version = WT_JOURNAL_VERSION,
                                                                          .session = d->session,
                                                                          .segment = s->number,
                                                                          .bytes = s->bytes,
                                                                          .wall_ns = clock_ns(CLOCK_REALTIME)};
    d->made++;
    *out = s;
    return 0;
}

static int segment_sync(struct wt_disk *d, struct wt_segment *s)
{
    size_t used = atomic_load_explicit(&s->used, memory_order_acquire);
    if (used <= s->synced)
        return 0;
    size_t from = s->synced / PAGE * PAGE;
    if (msync(s->base + from, used - from, MS_SYNC))
        return -errno;
    atomic_fetch_add_explicit(&d->synced, used - s->synced, memory_order_relaxed);
    s->synced = used;
    return 0;
}

/* ---- the thread ---- */

static void set_error(struct wt_disk *d, int error)
{
    atomic_store_explicit(&d->error, error, memory_order_relaxed);
}

/* This file and all before it; those behind a file that is gone went with it. */
static void remove_up_to(const struct wt_disk *d, uint64_t number)
{
    char path[4096];
    for (; number; number--) {
        wt_journal_path(path, d->dir, number);
        if (unlink(path))
            break;
    }
}

static int let_go(struct wt_disk *d, struct wt_segment *old)
{
    if (!old)
        return 0;
    int rc = segment_sync(d, old);
    uint64_t number = old->number;
    segment_free(old);
    if (!rc && d->options.max_files && number >= d->options.max_files)
        remove_up_to(d, number + 1 - d->options.max_files);
    return rc;
}

/* The next file comes before the last one's sync: the loop may need the one, and nobody waits for the other. */
static int prepare(struct wt_disk *d)
{
    struct wt_segment *next;
    if (atomic_load_explicit(&d->ready, memory_order_acquire))
        return 0;
    /* What was put there before ready was emptied. */
    struct wt_segment *old = atomic_exchange_explicit(&d->retired, NULL, memory_order_acquire);
    int rc = segment_make(d, &next);
    if (!rc)
        atomic_store_explicit(&d->ready, next, memory_order_release);
    int synced = let_go(d, old);
    return rc ? rc : synced;
}

/* A sync that failed may have lost what it should have written: that trouble stays. A full disk may pass. */
static void *work(void *ctx)
{
    struct wt_disk *d = ctx;
    bool broken = false;
    unsigned rest = 0;
    uint64_t next_sync = 0;
    while (!atomic_load_explicit(&d->stop, memory_order_acquire)) {
        if (rest == 0) {
            int rc = prepare(d);
            rest = rc ? RETRY_TICKS : 0;
            if (!broken)
                set_error(d, rc);
        } else {
            rest--;
        }
        struct wt_segment *current = atomic_load_explicit(&d->current, memory_order_acquire);
        uint64_t now = clock_ns(CLOCK_MONOTONIC);
        if (current && d->options.sync_ns && now >= next_sync) {
            int rc = segment_sync(d, current);
            broken |= rc != 0;
            if (rc)
                set_error(d, rc);
            next_sync = now + d->options.sync_ns;
        }
        nanosleep(&(struct timespec){.tv_nsec = TICK_NS}, NULL);
    }
    return NULL;
}

/* ---- start and stop ---- */

/* Two writers in one folder would end both sessions. The lock goes with the process, however it dies. */
static int lock(struct wt_disk *d)
{
    d->folder = open(d->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (d->folder < 0)
        return -errno;
    if (!flock(d->folder, LOCK_EX | LOCK_NB))
        return 0;
    int rc = -errno;
    close(d->folder);
    return rc;
}

static int failed(const char *dir, int rc)
{
    wt_error("journal: %s: %s", dir, rc == -EWOULDBLOCK ? "another process writes here" : strerror(-rc));
    return rc;
}

int wt_disk_start(struct wt_disk *d, const struct wt_journal_options *options)
{
    d->options = *options;
    d->options.dir = NULL;
    if (snprintf(d->dir, sizeof d->dir, "%s", options->dir) >= (int)sizeof d->dir)
        return failed(options->dir, -ENAMETOOLONG);
    if (mkdir(d->dir, 0777) && errno != EEXIST)
        return failed(d->dir, -errno);
    int rc = lock(d);
    if (rc)
        return failed(d->dir, rc);
    rc = options->keep ? wt_journal_tidy(d->dir, &d->made) : wt_journal_clear(d->dir);
    if (rc) {
        close(d->folder);
        return failed(d->dir, rc);
    }
    d->session = clock_ns(CLOCK_REALTIME) * 0x9e3779b97f4a7c15u ^ (uint64_t)getpid();
    /* Signals are the program's, not this thread's; a file too large for its limit must be an error, not a signal. */
    sigset_t all, old;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &old);
    rc = -pthread_create(&d->thread, NULL, work, d);
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    if (rc) {
        close(d->folder);
        return failed(d->dir, rc);
    }
    while (!rc && !atomic_load_explicit(&d->ready, memory_order_acquire)) {
        nanosleep(&(struct timespec){.tv_nsec = TICK_NS / 4}, NULL);
        rc = atomic_load_explicit(&d->error, memory_order_relaxed);
    }
    if (!rc)
        return 0;
    wt_disk_stop(d);
    return failed(d->dir, rc);
}

static void discard(struct wt_disk *d, struct wt_segment *unused)
{
    char path[4096];
    wt_journal_path(path, d->dir, unused->number);
    unlink(path);
    segment_free(unused);
}

int wt_disk_stop(struct wt_disk *d)
{
    atomic_store_explicit(&d->stop, true, memory_order_release);
    pthread_join(d->thread, NULL);
    int rc = let_go(d, atomic_exchange(&d->retired, NULL));
    struct wt_segment *ready = atomic_exchange(&d->ready, NULL), *current = atomic_exchange(&d->current, NULL);
    if (ready)
        discard(d, ready);
    close(d->folder);
    if (!current)
        return rc;
    int synced = segment_sync(d, current);
    rc = rc ? rc : synced;
    /* A reader that follows stops at the record END and does not look behind it. */
    if (ftruncate(current->fd, (off_t)atomic_load(&current->used)) || fsync(current->fd))
        rc = rc ? rc : -errno;
    segment_free(current);
    return rc;
}
