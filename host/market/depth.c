#include "host/market/depth.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

enum { BATCH = 32 }; /* orders that are made ready at once */

/* Zeroed address space whose pages are taken when touched: a whole day's room costs nothing until it is needed. */
static void *reserve(size_t bytes)
{
    void *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    return p == MAP_FAILED ? NULL : p;
}

static size_t chains_for(size_t wanted)
{
    size_t chains = 16;
    while (chains < wanted)
        chains *= 2;
    return chains;
}

int wt_books_create(struct wt_books *b, size_t max, size_t first)
{
    memset(b, 0, sizeof *b);
    b->max = max;
    b->mask = chains_for(2 * (first < max ? first : max)) - 1;
    b->chain_bytes = chains_for(2 * max) * sizeof(void *);
    b->order_bytes = max * sizeof *b->order;
    b->level_bytes = (max + 1) * sizeof *b->level;
    b->chain = reserve(b->chain_bytes);
    b->order = reserve(b->order_bytes);
    b->level = reserve(b->level_bytes);
    for (size_t i = 0; i < WT_LEVELS_SEEN; i++)
        b->seen[i] = &b->none;
    if (b->chain && b->order && b->level)
        return 0;
    wt_books_destroy(b);
    return -ENOMEM;
}

void wt_books_destroy(struct wt_books *b)
{
    if (b->chain)
        munmap(b->chain, b->chain_bytes);
    if (b->order)
        munmap(b->order, b->order_bytes);
    if (b->level)
        munmap(b->level, b->level_bytes);
    b->chain = NULL;
    b->order = NULL;
    b->level = NULL;
}

/* An order's new chain is its old one, or that plus the old size. */
static void grow(struct wt_books *b)
{
    size_t old = b->mask + 1;
    b->mask = 2 * old - 1;
    for (size_t i = 0; i < old; i++) {
        struct wt_book_order **low = &b->chain[i], **high = &b->chain[i + old], *order = *low;
        while (order) {
            struct wt_book_order ***to = wt_order_hash(order->ref) & old ? &high : &low;
            **to = order;
            *to = &order->chain;
            order = order->chain;
        }
        *low = *high = NULL;
    }
}

bool wt_books_more(struct wt_books *b)
{
    if (!b->free_level) {
        b->free_level = &b->level[b->levels_used++];
        b->free_level->worse = NULL;
    }
    if (b->free_order)
        return true;
    if (b->used == b->max)
        return false;
    size_t more = b->max - b->used < BATCH ? b->max - b->used : BATCH;
    while (2 * (b->used + more) > b->mask && (b->mask + 1) * sizeof(void *) < b->chain_bytes)
        grow(b);
    b->used += more;
    for (size_t i = 1; i <= more; i++) { /* the last one is taken last */
        b->order[b->used - i].chain = b->free_order;
        b->free_order = &b->order[b->used - i];
    }
    return true;
}

/* An order is taken for the first time only when all before it are live: so many there were. */
void wt_books_count(const struct wt_books *b, size_t *live, size_t *peak)
{
    *live = *peak = b->used;
    for (const struct wt_book_order *o = b->free_order; o; o = o->chain)
        --*live;
    while (*peak && !b->order[*peak - 1].level)
        --*peak;
}

void wt_side_init(struct wt_level_side *side, uint16_t symbol, unsigned sell)
{
    struct wt_level *head = &side->head;
    memset(side, 0, sizeof *side);
    head->queue.older = head->queue.newer = &head->queue;
    head->worse = head->better = head;
    head->of.symbol = symbol;
    head->of.sell = (uint8_t)sell;
    /* The best ask is the lowest: its bits turned round, it has the highest key. */
    side->mix = (2ull * symbol + sell + 1) << 32 | (sell ? UINT32_MAX : 0);
}

void wt_side_clear(struct wt_books *b, struct wt_level_side *side)
{
    struct wt_level *head = &side->head;
    while (head->worse != head) {
        struct wt_level *level = head->worse;
        struct wt_book_order *first = (struct wt_book_order *)(void *)level->queue.newer, **at = NULL;
        if (level->orders) /* there are none when the order that made it was refused */
            at = wt_order_find(b, first->ref);
        if (at && *at)
            wt_order_take(b, at);
        else
            wt_level_drop(b, level);
    }
}
