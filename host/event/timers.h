/*
 * Timers in the loop's time (virtual in simulation): a hierarchical wheel. Equal times run in the order in which they
 * were set. Nothing allocates after init. One thread.
 *
 * Eleven wheels of 64 slots; a slot of wheel w is 64^w ns wide, so together they reach every 64-bit time and lose no
 * nanosecond. A timer lies in the wheel of the highest digit (base 64) in which its time differs from `base`, the time
 * up to which all has run; when base comes into its slot it moves to a lower wheel, at most ten times in its life. A
 * word a wheel says which slots are taken. Setting, canceling and finding the next slot take the same time however many
 * timers there are.
 */
#ifndef WT_TIMERS_H
#define WT_TIMERS_H

#include <stdbool.h>
#include <stdint.h>

#define WT_TIMERS_MAX 1024
enum { WT_TIMER_WHEELS = 11, WT_TIMER_SLOTS = 64 };

struct wt_timer_entry {
    uint64_t when, order; /**< due time, ns; number of the set, which decides between equal times */
    uint32_t owner, id;
    uint32_t lap;              /**< generation, so that an old handle cancels nothing */
    uint16_t previous, next;   /**< in the slot's list, or free; entry number + 1, 0: none */
    uint8_t wheel, slot, used; /**< where it lies */
};

struct wt_timers {
    uint64_t base, sets;
    uint64_t taken[WT_TIMER_WHEELS]; /**< a bit a slot */
    struct {
        uint16_t first, last;
    } list[WT_TIMER_WHEELS][WT_TIMER_SLOTS];
    uint16_t free;
    unsigned count;
    struct wt_timer_entry entry[WT_TIMERS_MAX];
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
