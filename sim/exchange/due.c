#include "sim/exchange/due.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

int wt_due_init(struct wt_due *due, uint32_t ids)
{
    *due = (struct wt_due){.when = calloc(ids, sizeof *due->when),
                           .heap = calloc(ids, sizeof *due->heap),
                           .at = calloc(ids, sizeof *due->at)};
    return due->when && due->heap && due->at ? 0 : -ENOMEM;
}

void wt_due_free(struct wt_due *due)
{
    free(due->when);
    free(due->heap);
    free(due->at);
    *due = (struct wt_due){0};
}

static bool sooner(const struct wt_due *due, uint32_t a, uint32_t b)
{
    return due->when[a] != due->when[b] ? due->when[a] < due->when[b] : a < b;
}

static void put(struct wt_due *due, uint32_t place, uint32_t id)
{
    due->heap[place] = id;
    due->at[id] = place + 1;
}

/* Move an id from an empty place to where it belongs. */
static void settle(struct wt_due *due, uint32_t place, uint32_t id)
{
    while (place > 0 && sooner(due, id, due->heap[(place - 1) / 2])) {
        put(due, place, due->heap[(place - 1) / 2]);
        place = (place - 1) / 2;
    }
    for (;;) {
        uint32_t child = 2 * place + 1;
        if (child + 1 < due->count && sooner(due, due->heap[child + 1], due->heap[child]))
            child++;
        if (child >= due->count || !sooner(due, due->heap[child], id))
            break;
        put(due, place, due->heap[child]);
        place = child;
    }
    put(due, place, id);
}

void wt_due_set(struct wt_due *due, uint32_t id, uint64_t when)
{
    due->when[id] = when;
    settle(due, due->at[id] ? due->at[id] - 1 : due->count++, id);
}

void wt_due_clear(struct wt_due *due, uint32_t id)
{
    if (due->at[id] == 0)
        return;
    uint32_t place = due->at[id] - 1, last = due->heap[--due->count];
    due->at[id] = 0;
    if (last != id)
        settle(due, place, last);
}
