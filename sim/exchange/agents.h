/*
 * The other participants of the simulated market: seeded agents that trade on the engine in virtual time.
 *
 *  - background flow: limit and taking orders whose arrivals excite each other (a Hawkes process with a fast and a
 *    slow kernel), sizes, places and lifetimes drawn from tables; at the end of its life an order is deleted, or
 *    replaced, or first made smaller. It belongs to owner 0: it is many.
 *  - market makers: quote both sides around what they take the value to be, post-only, leaning against their
 *    inventory; they move when the value moves or when they are hit, each after a reaction time of its own.
 *  - momentum takers: follow the middle when it runs away from its average.
 *  - parents: large orders in slices; each slice waits at the best, and what is left of it then takes.
 *  - news: the value, which else wanders, jumps; makers and takers do the rest.
 *
 * Owners from WT_AGENTS_OWNER on are agents; keep them, and owner 0, for this module. It listens on the engine
 * (wt_engine_listen) for as long as it lives, so destroy the engine first or never use it after. The same
 * configuration gives the same orders on every machine with IEEE doubles. Nothing allocates after create. One thread.
 */
#ifndef WT_AGENTS_H
#define WT_AGENTS_H

#include <stdint.h>
#include <stdio.h>

#include "sim/exchange/engine.h"

#define WT_AGENTS_OWNER 0x80000000u

struct wt_agents;

/** Whose day the defaults are like (README.md, "Calibration"). */
enum wt_agents_preset {
    WT_AGENTS_DAY,      /**< the message mix of a whole market's day */
    WT_AGENTS_PREMARKET /**< one big stock before the open: wide, thin, in bursts */
};

/** A symbol that they trade. */
struct wt_agents_symbol {
    uint16_t symbol; /**< the engine's index */
    uint32_t price;  /**< value at the start, 1/10000 dollar, $1 or more */
    uint32_t deep;   /**< orders that rest further away, all day, besides flow.opening: what big books mostly are */
};

/** A distribution by its values at 0, 1, 5, 10, 25, 50, 75, 90, 95, 99 and 100 %, log-linear between them; all > 0. */
struct wt_agents_table {
    double at[11];
};

struct wt_agents_config {
    uint64_t seed;
    uint32_t max_orders; /**< of theirs, live at once; the flow adds no more than that */
    struct wt_agents_flow {
        double per_s;                  /**< arrivals (adds and takes) a second and symbol, on average */
        double fast_children, fast_s;  /**< Hawkes: arrivals that one causes, on average, and after how long */
        double slow_children, slow_s;  /**< the same, slow; both children together below 1 */
        double take;                   /**< part of the arrivals that take */
        double hidden;                 /**< part of the adds that are hidden */
        double join, improve;          /**< parts of the adds at the best, and better than it; the rest is away */
        double edge_cents;             /**< bids stay this far below the value, offers above */
        double replace, shrink;        /**< parts of the ends of life that become a replace, or a smaller order */
        struct wt_agents_table life_s; /**< from add to end of life */
        struct wt_agents_table shares; /**< order size */
        struct wt_agents_table away;   /**< cents behind the best */
        struct wt_agents_table deep;   /**< of the deep orders: basis points of the price behind the best */
        uint32_t opening;              /**< orders of each symbol in the book before the first arrival */
    } flow;
    struct wt_agents_makers {
        uint32_t count, levels; /**< of each symbol; prices of each side */
        double half_cents;      /**< from value to best quote; the second maker's is wider, and so on */
        double step_cents;      /**< from level to level */
        double reaction_s;      /**< from news to the first message, on average */
        double pace_s;          /**< from one message of a maker to its next, on average */
        double replace;         /**< part of the moves that are a replace; else delete and add */
        uint32_t shares;
    } makers;
    struct wt_agents_momentum {
        double per_s;           /**< looks a second and symbol */
        double threshold_cents; /**< follows when the middle is this far off its average */
        uint32_t shares;
    } momentum;
    struct wt_agents_parents {
        double per_hour; /**< of each symbol; one at a time */
        uint32_t shares, slices;
        double slice_s;
    } parents;
    struct wt_agents_value {
        double moves_per_s, move_cents; /**< the value wanders by so much, so often */
        double news_per_hour, news_cents;
        double impact_cents; /**< that a trade of 100 shares moves it */
    } value;
};

struct wt_agents_stats {
    uint64_t arrivals, adds, takes, ends, quotes, momentum_takes, parents, slices, news;
    uint64_t refused; /**< by the engine, which makers who come too late see all the time */
    uint64_t full;    /**< adds left out because max_orders were live */
    uint64_t live;
};

void wt_agents_defaults(struct wt_agents_config *config, enum wt_agents_preset preset);
/** Make them for count symbols; time begins at start_ns. Prints what is wrong. 0, -EINVAL, -ENOMEM, -ENOSPC (the engine
 * has no room for a listener). */
int wt_agents_create(const struct wt_agents_config *config, struct wt_engine *engine,
                     const struct wt_agents_symbol *symbols, uint32_t count, uint64_t start_ns,
                     struct wt_agents **agents);
/** When they want to act next, ns; never UINT64_MAX. */
uint64_t wt_agents_next_ns(const void *agents);
/** Let everyone act who is due at now_ns or before, in the order in which they are. For feed timestamps to be theirs,
 * call it with wt_agents_next_ns(). */
void wt_agents_run(void *agents, uint64_t now_ns);
/** Say what time it is before somebody else's order goes into the engine: reactions count from there. */
void wt_agents_time(struct wt_agents *agents, uint64_t now_ns);
void wt_agents_stats(const struct wt_agents *agents, struct wt_agents_stats *stats);
void wt_agents_destroy(struct wt_agents *agents);

/**
 * Run both presets on an engine, measure them and a real ITCH file (length-prefixed messages; NULL: none) with the
 * same code, and print the figures beside each other. scale shortens the generated runs (1: an hour or more of
 * market). 0 or -errno.
 */
int wt_agents_report(FILE *out, const char *real_file, double scale);

#endif
