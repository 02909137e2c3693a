#include "sim/exchange/replay.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define LOCATES 65536u
#define NAME_SLOTS (4 * LOCATES) /* at most a quarter full */
#define NO_LOCATE UINT32_MAX

struct wt_replay {
    struct wt_replay_symbol *symbols[LOCATES];
    uint32_t names[NAME_SLOTS]; /* locates by name */
    struct wt_replay_order *orders;
    uint32_t used, room, free_list; /* free orders are linked by next */
    uint32_t *slots;                /* indices of orders by reference, linear probing */
    uint32_t slot_mask;
    size_t live;
    uint64_t arrival;
};

static uint64_t hash(uint64_t key)
{
    key *= 0x9e3779b97f4a7c15ull;
    return key ^ key >> 32;
}

int wt_replay_create(struct wt_replay **replay)
{
    struct wt_replay *r = calloc(1, sizeof *r);
    if (!r)
        return -ENOMEM;
    r->slot_mask = (1u << 12) - 1;
    r->slots = malloc(sizeof *r->slots * (r->slot_mask + 1ull));
    if (!r->slots) {
        free(r);
        return -ENOMEM;
    }
    memset(r->slots, 0xff, sizeof *r->slots * (r->slot_mask + 1ull));
    memset(r->names, 0xff, sizeof r->names);
    r->free_list = WT_REPLAY_NONE;
    *replay = r;
    return 0;
}

void wt_replay_destroy(struct wt_replay *r)
{
    if (!r)
        return;
    for (unsigned i = 0; i < LOCATES; i++) {
        if (r->symbols[i]) {
            free(r->symbols[i]->side[0].levels);
            free(r->symbols[i]->side[1].levels);
            free(r->symbols[i]);
        }
    }
    free(r->orders);
    free(r->slots);
    free(r);
}

uint64_t wt_replay_arrive(struct wt_replay *r)
{
    return ++r->arrival;
}

static uint64_t name_key(const char name[8])
{
    uint64_t key;
    memcpy(&key, name, sizeof key);
    return key;
}

int wt_replay_find_name(const struct wt_replay *r, const char name[8])
{
    for (uint64_t i = hash(name_key(name));; i++) {
        uint32_t locate = r->names[i % NAME_SLOTS];
        if (locate == NO_LOCATE)
            return -ENOENT;
        if (memcmp(r->symbols[locate]->name, name, 8) == 0)
            return (int)locate;
    }
}

struct wt_replay_symbol *wt_replay_symbol(const struct wt_replay *r, uint16_t locate)
{
    return r->symbols[locate];
}

struct wt_replay_symbol *wt_replay_name(struct wt_replay *r, uint16_t locate, const char name[8])
{
    if (r->symbols[locate])
        return r->symbols[locate];
    struct wt_replay_symbol *s = calloc(1, sizeof *s);
    if (!s)
        return NULL;
    memcpy(s->name, name, 8);
    s->state = 'T';
    r->symbols[locate] = s;
    uint64_t i = hash(name_key(name));
    while (r->names[i % NAME_SLOTS] != NO_LOCATE) {
        if (memcmp(r->symbols[r->names[i % NAME_SLOTS]]->name, name, 8) == 0)
            return s;
        i++;
    }
    r->names[i % NAME_SLOTS] = locate;
    return s;
}

uint32_t wt_replay_find(const struct wt_replay *r, uint64_t ref)
{
    for (uint64_t i = hash(ref);; i++) {
        uint32_t index = r->slots[i & r->slot_mask];
        if (index == WT_REPLAY_NONE || r->orders[index].ref == ref)
            return index;
    }
}

struct wt_replay_order *wt_replay_order(struct wt_replay *r, uint32_t index)
{
    return &r->orders[index];
}

size_t wt_replay_live(const struct wt_replay *r)
{
    return r->live;
}

static void put_slot(struct wt_replay *r, uint64_t ref, uint32_t index)
{
    uint64_t i = hash(ref);
    while (r->slots[i & r->slot_mask] != WT_REPLAY_NONE)
        i++;
    r->slots[i & r->slot_mask] = index;
}

/* Take a reference out and move those behind it up, so that no probe meets a hole. */
static void remove_slot(struct wt_replay *r, uint64_t ref)
{
    uint64_t mask = r->slot_mask;
    uint64_t hole = hash(ref) & mask;
    while (r->orders[r->slots[hole]].ref != ref)
        hole = (hole + 1) & mask;
    for (uint64_t i = (hole + 1) & mask; r->slots[i] != WT_REPLAY_NONE; i = (i + 1) & mask) {
        uint64_t home = hash(r->orders[r->slots[i]].ref) & mask;
        if (((i - home) & mask) >= ((i - hole) & mask)) {
            r->slots[hole] = r->slots[i];
            hole = i;
        }
    }
    r->slots[hole] = WT_REPLAY_NONE;
}

static int grow_slots(struct wt_replay *r)
{
    uint32_t old_mask = r->slot_mask;
    uint32_t *old = r->slots;
    size_t count = 2 * (old_mask + (size_t)1);
    uint32_t *slots = malloc(sizeof *slots * count);
    if (!slots)
        return -ENOMEM;
    memset(slots, 0xff, sizeof *slots * count);
    r->slots = slots;
    r->slot_mask = (uint32_t)(count - 1);
    for (size_t i = 0; i <= old_mask; i++)
        if (old[i] != WT_REPLAY_NONE)
            put_slot(r, r->orders[old[i]].ref, old[i]);
    free(old);
    return 0;
}

static uint32_t new_order(struct wt_replay *r)
{
    uint32_t index = r->free_list;
    if (index != WT_REPLAY_NONE) {
        r->free_list = r->orders[index].next;
        return index;
    }
    if (r->used == r->room) {
        uint32_t room = r->room ? 2 * r->room : 4096;
        struct wt_replay_order *orders = realloc(r->orders, sizeof *orders * room);
        if (!orders)
            return WT_REPLAY_NONE;
        r->orders = orders;
        r->room = room;
    }
    return r->used++;
}

/* Position of the first level that is not worse than price. */
static uint32_t find_level(const struct wt_replay_side *side, bool sell, uint32_t price)
{
    uint32_t low = 0, high = side->count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        bool worse = sell ? side->levels[middle].price > price : side->levels[middle].price < price;
        if (worse)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static struct wt_replay_level *get_level(struct wt_replay_side *side, bool sell, uint32_t price)
{
    uint32_t at = find_level(side, sell, price);
    if (at < side->count && side->levels[at].price == price)
        return &side->levels[at];
    if (side->count == side->room) {
        uint32_t room = side->room ? 2 * side->room : 16;
        struct wt_replay_level *levels = realloc(side->levels, sizeof *levels * room);
        if (!levels)
            return NULL;
        side->levels = levels;
        side->room = room;
    }
    struct wt_replay_level *level = &side->levels[at];
    memmove(level + 1, level, sizeof *level * (side->count - at));
    side->count++;
    *level = (struct wt_replay_level){price, WT_REPLAY_NONE, WT_REPLAY_NONE};
    return level;
}

int64_t wt_replay_add(struct wt_replay *r, uint16_t locate, bool sell, uint64_t ref, uint32_t price, uint32_t shares)
{
    if (wt_replay_find(r, ref) != WT_REPLAY_NONE)
        return -EEXIST;
    if (2 * (r->live + 1) > r->slot_mask && grow_slots(r) < 0)
        return -ENOMEM;
    uint32_t index = new_order(r);
    if (index == WT_REPLAY_NONE)
        return -ENOMEM;
    struct wt_replay_order *o = &r->orders[index];
    struct wt_replay_level *level = get_level(&r->symbols[locate]->side[sell], sell, price);
    if (!level) {
        o->next = r->free_list;
        r->free_list = index;
        return -ENOMEM;
    }
    *o = (struct wt_replay_order){.ref = ref,
                                  .arrival = wt_replay_arrive(r),
                                  .price = price,
                                  .shares = shares,
                                  .prev = level->tail,
                                  .next = WT_REPLAY_NONE,
                                  .locate = locate,
                                  .sell = sell};
    if (level->tail != WT_REPLAY_NONE)
        r->orders[level->tail].next = index;
    else
        level->head = index;
    level->tail = index;
    put_slot(r, ref, index);
    r->live++;
    return index;
}

void wt_replay_reduce(struct wt_replay *r, uint32_t index, uint32_t shares)
{
    struct wt_replay_order *o = &r->orders[index];
    if (shares < o->shares) {
        o->shares -= shares;
        return;
    }
    struct wt_replay_side *side = &r->symbols[o->locate]->side[o->sell];
    uint32_t at = find_level(side, o->sell, o->price);
    struct wt_replay_level *level = &side->levels[at];
    if (o->prev != WT_REPLAY_NONE)
        r->orders[o->prev].next = o->next;
    else
        level->head = o->next;
    if (o->next != WT_REPLAY_NONE)
        r->orders[o->next].prev = o->prev;
    else
        level->tail = o->prev;
    if (level->head == WT_REPLAY_NONE) {
        side->count--;
        memmove(level, level + 1, sizeof *level * (side->count - at));
    }
    remove_slot(r, o->ref);
    o->next = r->free_list;
    r->free_list = index;
    r->live--;
}
