#include "host/event/timers.h"

static bool before(const struct wt_timer_entry *a, const struct wt_timer_entry *b)
{
    return a->when != b->when ? a->when < b->when : a->order < b->order;
}

static void place(struct wt_timers *t, unsigned i, const struct wt_timer_entry *entry)
{
    t->heap[i] = *entry;
    t->at[entry->slot] = (uint16_t)i;
}

static void sift_up(struct wt_timers *t, unsigned i, struct wt_timer_entry entry)
{
    while (i && before(&entry, &t->heap[(i - 1) / 2])) {
        place(t, i, &t->heap[(i - 1) / 2]);
        i = (i - 1) / 2;
    }
    place(t, i, &entry);
}

static void sift_down(struct wt_timers *t, unsigned i, struct wt_timer_entry entry)
{
    for (;;) {
        unsigned child = 2 * i + 1;
        if (child >= t->count)
            break;
        if (child + 1 < t->count && before(&t->heap[child + 1], &t->heap[child]))
            child++;
        if (!before(&t->heap[child], &entry))
            break;
        place(t, i, &t->heap[child]);
        i = child;
    }
    place(t, i, &entry);
}

static void take_out(struct wt_timers *t, unsigned i)
{
    uint16_t slot = t->heap[i].slot;
    t->used[slot] = false;
    t->lap[slot]++;
    t->count--;
    t->free[WT_TIMERS_MAX - 1 - t->count] = slot;
    if (i == t->count)
        return;
    struct wt_timer_entry last = t->heap[t->count];
    if (i && before(&last, &t->heap[(i - 1) / 2]))
        sift_up(t, i, last);
    else
        sift_down(t, i, last);
}

void wt_timers_init(struct wt_timers *timers)
{
    timers->count = 0;
    timers->sets = 0;
    for (unsigned i = 0; i < WT_TIMERS_MAX; i++) {
        timers->free[i] = (uint16_t)(WT_TIMERS_MAX - 1 - i);
        timers->lap[i] = 1;
        timers->used[i] = false;
    }
}

wt_timer wt_timers_set(struct wt_timers *timers, uint64_t when, uint32_t owner, uint32_t id)
{
    if (timers->count == WT_TIMERS_MAX)
        return 0;
    uint16_t slot = timers->free[WT_TIMERS_MAX - 1 - timers->count];
    struct wt_timer_entry entry = {.when = when, .order = timers->sets++, .owner = owner, .id = id, .slot = slot};
    timers->used[slot] = true;
    sift_up(timers, timers->count++, entry);
    return (wt_timer)timers->lap[slot] << 32 | slot;
}

bool wt_timers_cancel(struct wt_timers *timers, wt_timer timer)
{
    uint32_t slot = (uint32_t)timer, lap = (uint32_t)(timer >> 32);
    if (slot >= WT_TIMERS_MAX || !timers->used[slot] || timers->lap[slot] != lap)
        return false;
    take_out(timers, timers->at[slot]);
    return true;
}

bool wt_timers_pop(struct wt_timers *timers, uint64_t now, struct wt_timer_entry *entry)
{
    if (!timers->count || timers->heap[0].when > now)
        return false;
    *entry = timers->heap[0];
    take_out(timers, 0);
    return true;
}

uint64_t wt_timers_next(const struct wt_timers *timers)
{
    return timers->count ? timers->heap[0].when : UINT64_MAX;
}
