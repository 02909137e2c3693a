#include "host/market/owners.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "host/market/itch.h"

enum { LOCATES = 65536 };

struct wt_owners {
    uint32_t loops, count;
    char (*names)[8];    /* padded with spaces */
    uint8_t of[LOCATES]; /* loop + 1; 0: not known */
};

int wt_owners_create(const char (*names)[9], uint32_t count, uint32_t loops, struct wt_owners **owners)
{
    struct wt_owners *o = calloc(1, sizeof *o);
    if (!o || !(o->names = calloc(count + 1, sizeof *o->names))) {
        free(o);
        return -ENOMEM;
    }
    o->loops = loops;
    o->count = count;
    for (uint32_t i = 0; i < count; i++) {
        memset(o->names[i], ' ', 8);
        memcpy(o->names[i], names[i], strnlen(names[i], 8));
    }
    *owners = o;
    return 0;
}

void wt_owners_destroy(struct wt_owners *o)
{
    if (!o)
        return;
    free(o->names);
    free(o);
}

/* The messages that come with a name. */
static const char *name_in(const uint8_t *raw)
{
    if (raw[0] == 'R')
        return wt_itch_stock(raw);
    return raw[0] == 'A' || raw[0] == 'F' ? wt_itch_add_stock(raw) : NULL;
}

static uint8_t learn(struct wt_owners *o, uint16_t locate, const char *name)
{
    for (uint32_t i = 0; name && i < o->count; i++)
        if (memcmp(o->names[i], name, 8) == 0)
            return o->of[locate] = (uint8_t)(i % o->loops + 1);
    return 0;
}

uint32_t wt_owners_of(void *ctx, const struct wt_of_record *record)
{
    struct wt_owners *o = ctx;
    const uint8_t *raw = record->raw;
    /* What is missing before it, and what cannot be read, makes a channel stale. */
    if (record->flags & (WT_OFF_MARKER | WT_OFF_GAP | WT_OFF_SHED | WT_OFF_END) || record->length == 0 ||
        record->length != wt_itch_length(raw[0]))
        return WT_OWNERS_ALL;
    uint16_t locate = wt_itch_locate(raw);
    uint8_t of = o->of[locate];
    if (!of)
        of = learn(o, locate, name_in(raw));
    return of ? of - 1u : WT_OWNERS_ALL;
}
