/*
 * The generator's own books: every order in price-time priority, so that executions can hit the
 * right one. It allocates as it grows (a generator is not a hot path). Orders are indices that
 * stay until removed.
 */
#ifndef WT_MARKET_GEN_BOOK_H
#define WT_MARKET_GEN_BOOK_H

#include <stdbool.h>
#include <stdint.h>

#define GEN_NONE UINT32_MAX

struct gen_order {
    uint64_t ref;
    uint32_t price, shares;
    uint32_t before, behind; /**< in its level's queue; GEN_NONE */
    uint32_t place;          /**< in its symbol's list of live orders */
    uint16_t symbol;
    bool sell;
};

struct gen_level {
    uint32_t price, first, last; /**< orders, oldest first */
};

struct gen_side {
    struct gen_level *level; /**< best at the end */
    uint32_t count, room;
};

struct gen_live {
    uint32_t *order;
    uint32_t count, room;
};

struct gen_books {
    struct gen_order *order;
    uint32_t room, used, free; /**< free: list through `behind` */
    uint32_t live;
    struct gen_side (*side)[2]; /**< by symbol; 0 buy, 1 sell */
    struct gen_live *of;        /**< live orders by symbol */
    uint32_t symbols;
    bool failed; /**< memory ran out; further adds do nothing */
};

/** -ENOMEM. */
int gen_books_create(struct gen_books *b, uint32_t symbols);
void gen_books_destroy(struct gen_books *b);
/** Add an order behind all of its price. */
void gen_add(struct gen_books *b, uint16_t symbol, uint64_t ref, bool sell, uint32_t shares, uint32_t price);
void gen_remove(struct gen_books *b, uint32_t order);
/** Oldest order at the best price, or GEN_NONE. */
static inline uint32_t gen_best(const struct gen_books *b, uint16_t symbol, bool sell)
{
    const struct gen_side *side = &b->side[symbol][sell];
    return side->count ? side->level[side->count - 1].first : GEN_NONE;
}
/** Best price, or 0 for an empty side. */
static inline uint32_t gen_best_price(const struct gen_books *b, uint16_t symbol, bool sell)
{
    const struct gen_side *side = &b->side[symbol][sell];
    return side->count ? side->level[side->count - 1].price : 0;
}

#endif
