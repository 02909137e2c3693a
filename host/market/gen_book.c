#include "host/market/gen_book.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int gen_books_create(struct gen_books *b, uint32_t symbols)
{
    memset(b, 0, sizeof *b);
    b->free = GEN_NONE;
    b->symbols = symbols;
    b->side = calloc(symbols, sizeof *b->side);
    b->of = calloc(symbols, sizeof *b->of);
    if (b->side && b->of)
        return 0;
    gen_books_destroy(b);
    return -ENOMEM;
}

void gen_books_destroy(struct gen_books *b)
{
    for (uint32_t i = 0; i < b->symbols; i++) {
        if (b->side) {
            free(b->side[i][0].level);
            free(b->side[i][1].level);
        }
        if (b->of)
            free(b->of[i].order);
    }
    free(b->side);
    free(b->of);
    free(b->order);
    memset(b, 0, sizeof *b);
}

/* Room for one more in an array that doubles. */
static bool make_room(struct gen_books *b, void *array_pointer, uint32_t count, uint32_t *room, size_t size)
{
    void *array, *bigger;
    uint32_t more = *room ? *room * 2 : 16;
    if (count < *room)
        return true;
    memcpy(&array, array_pointer, sizeof array);
    bigger = realloc(array, more * size);
    if (!bigger) {
        b->failed = true;
        return false;
    }
    memcpy(array_pointer, &bigger, sizeof bigger);
    *room = more;
    return true;
}

static bool better(bool sell, uint32_t a, uint32_t b)
{
    return sell ? a < b : a > b;
}

/* Index of the level of a price, or of the first better one. */
static uint32_t find(const struct gen_side *side, bool sell, uint32_t price)
{
    uint32_t low = 0, high = side->count;
    while (low < high) {
        uint32_t middle = (low + high) / 2;
        if (better(sell, price, side->level[middle].price))
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

void gen_add(struct gen_books *b, uint16_t symbol, uint64_t ref, bool sell, uint32_t shares, uint32_t price)
{
    struct gen_side *side = &b->side[symbol][sell];
    struct gen_live *live = &b->of[symbol];
    struct gen_level *level;
    uint32_t i, at;
    if (!make_room(b, &side->level, side->count, &side->room, sizeof *side->level) ||
        !make_room(b, &live->order, live->count, &live->room, sizeof *live->order))
        return;
    if (b->free != GEN_NONE) {
        i = b->free;
        b->free = b->order[i].behind;
    } else {
        if (!make_room(b, &b->order, b->used, &b->room, sizeof *b->order))
            return;
        i = b->used++;
    }
    at = find(side, sell, price);
    level = &side->level[at];
    if (at == side->count || level->price != price) {
        memmove(level + 1, level, (side->count - at) * sizeof *level);
        *level = (struct gen_level){price, GEN_NONE, GEN_NONE};
        side->count++;
    }
    b->order[i] = (struct gen_order){ref, price, shares, level->last, GEN_NONE, live->count, symbol, sell};
    if (level->last == GEN_NONE)
        level->first = i;
    else
        b->order[level->last].behind = i;
    level->last = i;
    live->order[live->count++] = i;
    b->live++;
}

void gen_remove(struct gen_books *b, uint32_t i)
{
    struct gen_order *order = &b->order[i];
    struct gen_side *side = &b->side[order->symbol][order->sell];
    struct gen_live *live = &b->of[order->symbol];
    uint32_t at = find(side, order->sell, order->price);
    struct gen_level *level = &side->level[at];
    if (order->before == GEN_NONE)
        level->first = order->behind;
    else
        b->order[order->before].behind = order->behind;
    if (order->behind == GEN_NONE)
        level->last = order->before;
    else
        b->order[order->behind].before = order->before;
    if (level->first == GEN_NONE) {
        memmove(level, level + 1, (side->count - at - 1) * sizeof *level);
        side->count--;
    }
    live->order[order->place] = live->order[--live->count];
    b->order[live->order[order->place]].place = order->place;
    order->behind = b->free;
    b->free = i;
    b->live--;
}
