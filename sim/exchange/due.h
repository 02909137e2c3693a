/*
 * Who is due next: a heap over a fixed number of ids, each of which has at most one time. Equal times go by id.
 * Setting, clearing and taking are O(log n). Nothing allocates after init. One thread.
 */
#ifndef WT_DUE_H
#define WT_DUE_H

#include <stdint.h>

struct wt_due {
    uint64_t *when; /**< of each id */
    uint32_t *heap; /**< ids, earliest first */
    uint32_t *at;   /**< id -> place in the heap + 1; 0: not set */
    uint32_t count;
};

/** Ids 0 .. ids - 1, none set. 0 or -ENOMEM. Free with wt_due_free(). */
int wt_due_init(struct wt_due *due, uint32_t ids);
void wt_due_free(struct wt_due *due);
/** Set, or move, an id's time. */
void wt_due_set(struct wt_due *due, uint32_t id, uint64_t when);
/** Take an id out, if it is in. */
void wt_due_clear(struct wt_due *due, uint32_t id);

/** The first id's time, UINT64_MAX: none; *id is the id. */
static inline uint64_t wt_due_first(const struct wt_due *due, uint32_t *id)
{
    *id = due->count ? due->heap[0] : UINT32_MAX;
    return due->count ? due->when[due->heap[0]] : UINT64_MAX;
}

#endif
