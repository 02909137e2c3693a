#include "host/event/timers.h"

#include <string.h>

/* Where a timer lies, seen from base. One that should have run before lies where base is: it is next. */
static void place_of(const struct wt_timers *t, uint64_t when, unsigned *wheel, unsigned *slot)
{
    uint64_t at = when > t->base ? when : t->base, differs = at ^ t->base;
    *wheel = differs ? (63u - (unsigned)__builtin_clzll(differs)) / 6 : 0;
    *slot = (unsigned)(at >> (6 * *wheel)) & 63;
}

static bool before(const struct wt_timer_entry *a, const struct wt_timer_entry *b)
{
    return a->when != b->when ? a->when < b->when : a->order < b->order;
}

/* The list of a slot is in order of setting; that of the lowest wheel, whose timers are due together or late, in order
 * of time too. */
static void link_in(struct wt_timers *t, uint16_t number)
{
    struct wt_timer_entry *e = &t->entry[number - 1];
    unsigned wheel, slot;
    place_of(t, e->when, &wheel, &slot);
    e->wheel = (uint8_t)wheel;
    e->slot = (uint8_t)slot;
    uint16_t after = t->list[wheel][slot].last;
    while (wheel == 0 && after && before(e, &t->entry[after - 1]))
        after = t->entry[after - 1].previous;
    e->previous = after;
    e->next = after ? t->entry[after - 1].next : t->list[wheel][slot].first;
    *(e->previous ? &t->entry[e->previous - 1].next : &t->list[wheel][slot].first) = number;
    *(e->next ? &t->entry[e->next - 1].previous : &t->list[wheel][slot].last) = number;
    t->taken[wheel] |= 1ull << slot;
}

static void link_out(struct wt_timers *t, const struct wt_timer_entry *e)
{
    *(e->previous ? &t->entry[e->previous - 1].next : &t->list[e->wheel][e->slot].first) = e->next;
    *(e->next ? &t->entry[e->next - 1].previous : &t->list[e->wheel][e->slot].last) = e->previous;
    if (!t->list[e->wheel][e->slot].first)
        t->taken[e->wheel] &= ~(1ull << e->slot);
}

static void take_out(struct wt_timers *t, uint16_t number)
{
    struct wt_timer_entry *e = &t->entry[number - 1];
    link_out(t, e);
    e->used = false;
    e->lap++;
    e->next = t->free;
    t->free = number;
    t->count--;
}

/* The first slot that is taken: the lowest wheel's, because all of a higher one's come later. False: none. */
static bool first_slot(const struct wt_timers *t, unsigned *wheel, unsigned *slot)
{
    for (unsigned w = 0; w < WT_TIMER_WHEELS; w++) {
        if (!t->taken[w])
            continue;
        *wheel = w;
        *slot = (unsigned)__builtin_ctzll(t->taken[w]); /* none lies behind base's own digit */
        return true;
    }
    return false;
}

void wt_timers_init(struct wt_timers *t)
{
    memset(t, 0, sizeof *t);
    for (unsigned i = 0; i < WT_TIMERS_MAX; i++) {
        t->entry[i].lap = 1;
        t->entry[i].next = (uint16_t)(i + 1 < WT_TIMERS_MAX ? i + 2 : 0);
    }
    t->free = 1;
}

wt_timer wt_timers_set(struct wt_timers *t, uint64_t when, uint32_t owner, uint32_t id)
{
    uint16_t number = t->free;
    if (!number)
        return 0;
    struct wt_timer_entry *e = &t->entry[number - 1];
    t->free = e->next;
    t->count++;
    e->when = when;
    e->order = t->sets++;
    e->owner = owner;
    e->id = id;
    e->used = true;
    link_in(t, number);
    return (wt_timer)e->lap << 32 | number;
}

bool wt_timers_cancel(struct wt_timers *t, wt_timer timer)
{
    uint32_t number = (uint32_t)timer, lap = (uint32_t)(timer >> 32);
    if (!number || number > WT_TIMERS_MAX || !t->entry[number - 1].used || t->entry[number - 1].lap != lap)
        return false;
    take_out(t, (uint16_t)number);
    return true;
}

bool wt_timers_pop(struct wt_timers *t, uint64_t now, struct wt_timer_entry *entry)
{
    unsigned wheel, slot;
    while (first_slot(t, &wheel, &slot)) {
        uint64_t above = wheel < WT_TIMER_WHEELS - 1 ? t->base >> (6 * wheel + 6) << (6 * wheel + 6) : 0;
        uint64_t begins = above | (uint64_t)slot << (6 * wheel);
        uint16_t number = t->list[wheel][slot].first;
        if (begins > now && t->entry[number - 1].when > now)
            return false;
        t->base = begins > t->base ? begins : t->base;
        if (wheel == 0) {
            *entry = t->entry[number - 1];
            take_out(t, number);
            return true;
        }
        t->list[wheel][slot].first = t->list[wheel][slot].last = 0;
        t->taken[wheel] &= ~(1ull << slot);
        while (number) {
            uint16_t next = t->entry[number - 1].next;
            link_in(t, number);
            number = next;
        }
    }
    return false;
}

uint64_t wt_timers_next(const struct wt_timers *t)
{
    unsigned wheel, slot;
    uint64_t when = UINT64_MAX;
    if (!first_slot(t, &wheel, &slot))
        return when;
    for (uint16_t number = t->list[wheel][slot].first; number; number = t->entry[number - 1].next)
        if (t->entry[number - 1].when < when)
            when = t->entry[number - 1].when;
    return when;
}
