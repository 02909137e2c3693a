/*
 * The files of a journal and the thread that makes, syncs and frees them. Between journal.c and journal_disk.c only.
 *
 * One slot each way is all that passes between the threads: `ready`, a file for the loop to take, and `retired`, the
 * file it has left. The loop puts the old file into `retired` before it empties `ready`, and the thread fills `ready`
 * only after it has emptied `retired`; so neither slot is ever written while it is full.
 */
#ifndef WT_JOURNAL_DISK_H
#define WT_JOURNAL_DISK_H

#include <pthread.h>
#include <stdatomic.h>

#include "host/event/journal.h"

struct wt_segment {
    uint8_t *base;
    size_t bytes, synced; /**< synced: the thread's own */
    int fd;
    uint64_t number;
    _Atomic size_t used; /**< committed by the loop */
};

struct wt_disk {
    struct wt_journal_options options;
    char dir[3900];
    int folder; /**< open and locked for as long as this writer lives */
    uint64_t session;
    pthread_t thread;
    uint64_t made; /**< number of the last file; the thread's own */
    _Atomic(struct wt_segment *) ready, retired, current;
    _Atomic int error; /**< -errno of the last try, 0: none */
    _Atomic bool stop;
    _Atomic uint64_t synced; /**< bytes of all files */
};

/** Remove or tidy up an older journal, begin the thread and wait for the first file. -errno with a message. */
int wt_disk_start(struct wt_disk *disk, const struct wt_journal_options *options);
/** Sync, cut the current file to what is used and free everything. 0 or the -errno that the thread met. */
int wt_disk_stop(struct wt_disk *disk);

#endif
