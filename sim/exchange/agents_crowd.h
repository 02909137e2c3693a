/* Between agents.c (orders, time, background flow) and traders.c (makers, momentum, parents, the value). */
#ifndef WT_AGENTS_CROWD_H
#define WT_AGENTS_CROWD_H

#include "sim/exchange/agents.h"
#include "sim/exchange/agents_random.h"
#include "sim/exchange/due.h"

#define WT_AGENTS_LEVELS 8 /* of a maker's side, at most */

enum wt_agents_kind { WT_AGENTS_FREE, WT_AGENTS_FLOW, WT_AGENTS_MAKER, WT_AGENTS_PARENT };

/** An order of ours; its tag is lap << 32 | slot + 1. */
struct wt_agents_slot {
    uint64_t ref;
    uint32_t lap;  /**< so that news of an order that was here before is not taken for this one's */
    uint32_t next; /**< of free ones, + 1 */
    uint32_t who;  /**< maker: its number */
    uint32_t market;
    uint8_t kind;
    char side;
    bool shrinks; /**< its next end of life makes it smaller only */
};

struct wt_agents_maker {
    uint32_t market;
    double half_cents;
    int64_t inventory;
    uint32_t quoted; /**< value at the last move, 1/10000 dollar */
    uint64_t tag[2][WT_AGENTS_LEVELS];
    uint32_t price[2][WT_AGENTS_LEVELS]; /**< of the order, or of the last that was refused */
    bool refused[2][WT_AGENTS_LEVELS];
};

struct wt_agents_parent {
    char side;
    uint32_t slices_left;
    uint64_t child; /**< tag of the waiting slice; 0: none */
};

struct wt_agents_market {
    struct wt_agents_symbol is;
    double value;      /**< 1/10000 dollar */
    double fast, slow; /**< arrivals a second that past ones cause now */
    double average;    /**< of the middle, for momentum; 0: not yet */
    struct wt_agents_parent parent;
};

/** Ids in `due`: slots first, then four of each market, then makers. */
enum wt_agents_clock { WT_AGENTS_ARRIVAL, WT_AGENTS_VALUE, WT_AGENTS_MOMENTUM, WT_AGENTS_SLICE, WT_AGENTS_CLOCKS };

struct wt_agents {
    struct wt_agents_config config;
    struct wt_engine *engine;
    struct wt_random random;
    struct wt_due due;
    uint64_t now_ns;
    uint32_t markets, makers, free_slot;
    bool opened;
    struct wt_agents_market *market;
    uint32_t *market_of; /**< market + 1 of the engine's symbols; 0: not ours */
    struct wt_agents_maker *maker;
    struct wt_agents_slot *slot;
    struct wt_agents_stats stats;
};

/** Owner of a maker, and of the momentum taker and parents of a market. */
static inline uint32_t wt_agents_maker_owner(uint32_t maker)
{
    return WT_AGENTS_OWNER + 1 + maker;
}
static inline uint32_t wt_agents_market_owner(const struct wt_agents *a, uint32_t market)
{
    return WT_AGENTS_OWNER + 1 + a->makers + market;
}

static inline uint32_t wt_agents_market_id(const struct wt_agents *a, uint32_t market, enum wt_agents_clock clock)
{
    return a->config.max_orders + market * WT_AGENTS_CLOCKS + clock;
}
static inline uint32_t wt_agents_maker_id(const struct wt_agents *a, uint32_t maker)
{
    return a->config.max_orders + a->markets * WT_AGENTS_CLOCKS + maker;
}

/** Move the value, within what can be quoted. */
static inline void wt_agents_move(struct wt_agents_market *m, double by)
{
    m->value += by;
    if (m->value < 100)
        m->value = 100;
    if (m->value > 1900000000)
        m->value = 1900000000;
}

/** Set an id's time to so many seconds from now. */
void wt_agents_in(struct wt_agents *a, uint32_t id, double seconds);
/** 1/10000 dollar to the nearest tick, $0.01 at least. */
uint32_t wt_agents_round(double price);
/** Enter an order that may rest: a slot is taken for it. 0: refused, full, or gone at once; else its tag. */
uint64_t wt_agents_rest(struct wt_agents *a, enum wt_agents_kind kind, uint32_t who, struct wt_engine_order *order);
/** Enter an immediate-or-cancel order. */
void wt_agents_take(struct wt_agents *a, struct wt_engine_order *order);
/** The live order of a tag, or NULL. */
struct wt_agents_slot *wt_agents_order(struct wt_agents *a, uint64_t tag);
/** Replace an order of ours; its tag stays. False: refused. */
bool wt_agents_replace(struct wt_agents *a, uint64_t tag, uint32_t price, uint32_t shares);
void wt_agents_cancel(struct wt_agents *a, uint64_t tag, uint32_t shares);

/* ---- traders.c */

void wt_traders_start(struct wt_agents *a);
void wt_traders_maker(struct wt_agents *a, uint32_t maker);
void wt_traders_value(struct wt_agents *a, uint32_t market);
void wt_traders_momentum(struct wt_agents *a, uint32_t market);
void wt_traders_slice(struct wt_agents *a, uint32_t market);
/** A maker's order traded so many shares. */
void wt_traders_maker_filled(struct wt_agents *a, uint32_t maker, char side, uint32_t shares);
/** The symbol trades, or takes orders, again. */
void wt_traders_resume(struct wt_agents *a, uint32_t market);
/** The value moved: makers take notice after their reaction times. */
void wt_traders_notice(struct wt_agents *a, uint32_t market);

#endif
