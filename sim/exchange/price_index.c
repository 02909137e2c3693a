#include "sim/exchange/price_index.h"

#include <errno.h>
#include <stdlib.h>

int wt_price_index_init(struct wt_price_index *index, uint32_t nodes)
{
    /* Zeroed pages come into being when they are touched. */
    *index = (struct wt_price_index){
        .nodes = calloc(nodes + 1u, sizeof *index->nodes), .used = calloc(nodes + 1u, sizeof *index->used), .fresh = 1};
    if (!index->nodes || !index->used)
        return -ENOMEM;
    index->room = nodes + 1;
    index->left = nodes;
    return 0;
}

void wt_price_index_free(struct wt_price_index *index)
{
    free(index->nodes);
    free(index->used);
    index->nodes = NULL;
    index->used = NULL;
}

static uint32_t take_node(struct wt_price_index *index)
{
    uint32_t n = index->free;
    index->left--;
    if (n == 0)
        return index->fresh++;
    index->free = index->nodes[n].child[0];
    index->nodes[n].child[0] = 0;
    return n;
}

static void give_node(struct wt_price_index *index, uint32_t n)
{
    index->nodes[n].child[0] = index->free;
    index->free = n;
    index->left++;
}

static unsigned highest(uint64_t bits)
{
    return 63u - (unsigned)__builtin_clzll(bits);
}

uint32_t wt_price_put(struct wt_price_index *index, uint32_t *root, uint32_t tick, uint32_t value)
{
    uint32_t *link = root;
    uint32_t lower = 0; /* deepest node beside the path, on its lower side */
    int lower_depth = 0;
    for (int depth = WT_PRICE_DEPTH - 1; depth >= 0; depth--) {
        if (*link == 0)
            *link = take_node(index);
        uint32_t n = *link;
        unsigned at = tick >> (depth * WT_PRICE_BITS) & 63;
        uint64_t below = index->used[n] & ((1ull << at) - 1);
        if (below != 0) {
            lower = index->nodes[n].child[highest(below)];
            lower_depth = depth;
        }
        index->used[n] |= 1ull << at;
        link = &index->nodes[n].child[at];
    }
    *link = value;
    for (; lower != 0 && lower_depth > 0; lower_depth--)
        lower = index->nodes[lower].child[highest(index->used[lower])];
    return lower;
}

void wt_price_remove(struct wt_price_index *index, uint32_t *root, uint32_t tick)
{
    uint32_t path[WT_PRICE_DEPTH];
    uint32_t n = *root;
    for (int depth = WT_PRICE_DEPTH - 1; depth >= 0; depth--) {
        path[depth] = n;
        n = index->nodes[n].child[tick >> (depth * WT_PRICE_BITS) & 63];
    }
    for (int depth = 0; depth < WT_PRICE_DEPTH; depth++) {
        unsigned at = tick >> (depth * WT_PRICE_BITS) & 63;
        index->nodes[path[depth]].child[at] = 0;
        index->used[path[depth]] &= ~(1ull << at);
        if (index->used[path[depth]] != 0)
            return;
        give_node(index, path[depth]);
    }
    *root = 0;
}
