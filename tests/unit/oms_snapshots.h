/*
 * States of an OMS and of the model of it (oms_model.h): taken, put back, told apart, and collected.
 */
#ifndef WT_TEST_OMS_SNAPSHOTS_H
#define WT_TEST_OMS_SNAPSHOTS_H

#include "host/trade/oms_internal.h"
#include "tests/unit/oms_model.h"

enum { SLOTS = 4, FILLS = 16 };

static struct wt_oms *oms; /* of which they are */

struct snapshot {
    struct model model;
    uint64_t sequences;
    char path[20]; /* events that led here first, each + 1 */
    struct wt_order orders[SLOTS];
    struct wt_fill ring[FILLS];
    uint32_t slots[2 * FILLS], alive[2];
    struct wt_working working, total;
    size_t count, first;
    uint32_t next_id;
    bool up;
};

static void save(struct snapshot *s)
{
    memcpy(s->orders, oms->orders, sizeof s->orders);
    memcpy(s->ring, oms->fills.ring, sizeof s->ring);
    memcpy(s->slots, oms->fills.slots, sizeof s->slots);
    memcpy(s->alive, oms->alive[0], sizeof s->alive);
    s->working = oms->working[0];
    s->total = oms->total[0];
    s->count = oms->fills.count;
    s->first = oms->fills.first;
    s->next_id = oms->next_id;
    s->up = oms->up;
}

static void load(const struct snapshot *s)
{
    memcpy(oms->orders, s->orders, sizeof s->orders);
    memcpy(oms->fills.ring, s->ring, sizeof s->ring);
    memcpy(oms->fills.slots, s->slots, sizeof s->slots);
    memcpy(oms->alive[0], s->alive, sizeof s->alive);
    oms->working[0] = s->working;
    oms->total[0] = s->total;
    oms->fills.count = s->count;
    oms->fills.first = s->first;
    oms->next_id = s->next_id;
    oms->up = s->up;
}

struct key {
    uint64_t a, b;
};

static void mix(struct key *k, uint64_t v)
{
    k->a = (k->a ^ v) * 0x9e3779b97f4a7c15u;
    k->a ^= k->a >> 29;
    k->b = (k->b + v) * 0xc2b2ae3d27d4eb4fu;
    k->b ^= k->b >> 31;
}

static void mix_bytes(struct key *k, const void *bytes, size_t length)
{
    for (size_t i = 0; i < length; i += 8) {
        uint64_t v = 0;
        memcpy(&v, (const char *)bytes + i, length - i < 8 ? length - i : 8);
        mix(k, v);
    }
}

/* All of both states, field by field where a structure has holes. The fills' places follow from their order. */
static struct key key_of(const struct snapshot *s)
{
    struct key k = {1, 2};
    mix_bytes(&k, &s->model, sizeof s->model);
    for (unsigned i = 0; i < SLOTS; i++) {
        const struct wt_order *o = &s->orders[i];
        const uint64_t all[] = {o->id | (uint64_t)o->replaces << 32,
                                o->replacement | (uint64_t)o->symbol << 32,
                                (uint64_t)o->side << 32 | (uint64_t)o->tif,
                                (uint64_t)o->state << 32 | (uint64_t)o->owner << 8 | (uint64_t)o->cancel_kept << 1 |
                                    o->answered,
                                o->price | (uint64_t)o->open << 32,
                                o->early,
                                o->filled | (uint64_t)o->chain_filled << 32,
                                (uint64_t)o->counted_shares,
                                (uint64_t)o->counted_notional,
                                (uint64_t)o->mover << 2 | (uint64_t)o->counted_open << 1 | o->listed,
                                o->next | (uint64_t)o->previous << 32};
        mix_bytes(&k, all, sizeof all);
    }
    for (size_t i = 0; i < s->count; i++) {
        const struct wt_fill *f = &s->ring[(s->first + i) % FILLS];
        const uint64_t all[] = {f->match, f->id | (uint64_t)f->shares << 32,
                                f->price | (uint64_t)f->broken << 32 | (uint64_t)f->ahead << 33};
        mix_bytes(&k, all, sizeof all);
    }
    const uint64_t rest[] = {s->alive[0] | (uint64_t)s->alive[1] << 32,
                             (uint64_t)s->working.buy_shares,
                             (uint64_t)s->working.buy_notional,
                             s->working.open,
                             s->count,
                             s->first,
                             s->next_id,
                             s->up};
    mix_bytes(&k, rest, sizeof rest);
    return k;
}

/* States of one depth: a growing list, and a hash to find them. */
struct level {
    struct snapshot *list;
    struct key *keys;
    uint32_t *slots;
    size_t count, room, mask;
};

static void level_create(struct level *l)
{
    *l = (struct level){.mask = 1023};
    l->slots = calloc(l->mask + 1, sizeof *l->slots);
}

static void level_destroy(struct level *l)
{
    free(l->list);
    free(l->keys);
    free(l->slots);
}

static size_t place_of(const struct level *l, struct key k)
{
    size_t i = k.a & l->mask;
    while (l->slots[i] && (l->keys[l->slots[i] - 1].a != k.a || l->keys[l->slots[i] - 1].b != k.b))
        i = (i + 1) & l->mask;
    return i;
}

static void level_grow(struct level *l)
{
    l->room = l->room ? 2 * l->room : 512;
    l->list = realloc(l->list, l->room * sizeof *l->list);
    l->keys = realloc(l->keys, l->room * sizeof *l->keys);
    l->mask = 4 * l->room - 1;
    free(l->slots);
    l->slots = calloc(l->mask + 1, sizeof *l->slots);
    assert_true(l->list && l->keys && l->slots);
    for (size_t i = 0; i < l->count; i++)
        l->slots[place_of(l, l->keys[i])] = (uint32_t)i + 1;
}

static void level_add(struct level *l, const struct snapshot *s)
{
    struct key k = key_of(s);
    if (l->count == l->room)
        level_grow(l);
    size_t i = place_of(l, k);
    if (l->slots[i]) {
        l->list[l->slots[i] - 1].sequences += s->sequences;
        return;
    }
    l->list[l->count] = *s;
    l->keys[l->count] = k;
    l->slots[i] = (uint32_t)++l->count;
}

#endif
