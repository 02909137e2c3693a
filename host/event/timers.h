/*
 * Timers in the loop's time (virtual in simulation): a binary heap in a fixed array.
 * Equal times run in the order in which they were set. Nothing allocates after init. One thread.
 */
#ifndef WT_TIMERS_H
#define WT_TIMERS_H

#include <stdbool.h>
#include <stdint.h>

#define WT_TIMERS_MAX 1024

struct wt_timer_entry {
    uint64_t when, order; /**< due time, ns; number of the set, which decides between equal times */
    uint32_t owner, id;
    uint16_t slot; /**< of the handle */
};

struct wt_timers {
    struct wt_timer_entry heap[WT_TIMERS_MAX];
    uint16_t at[WT_TIMERS_MAX];   /**< slot -> place in the heap */
    uint16_t free[WT_TIMERS_MAX]; /**< stack of free slots */
    uint32_t lap[WT_TIMERS_MAX];  /**< generation of the slot, so that an old handle cancels nothing */
    bool used[WT_TIMERS_MAX];
    unsigned count;
    uint64_t sets;
};

typedef uint64_t wt_timer; /**< handle; 0 is never one */

/** Empty the set. */
void wt_timers_init(struct wt_timers *timers);
/** Set a timer for when ns. Returns its handle, or 0 when WT_TIMERS_MAX are set. */
wt_timer wt_timers_set(struct wt_timers *timers, uint64_t when, uint32_t owner, uint32_t id);
/** Cancel it. False when it has run out or was canceled before. */
bool wt_timers_cancel(struct wt_timers *timers, wt_timer timer);
/** Take the first timer that is due at now. False when there is none. */
bool wt_timers_pop(struct wt_timers *timers, uint64_t now, struct wt_timer_entry *entry);
/** Due time of the first timer, or UINT64_MAX. */
uint64_t wt_timers_next(const struct wt_timers *timers);

#endif
