/*
 * The replayed market as the simulated exchange keeps it: every displayed order of the ITCH file, by
 * price and, within a price, by arrival, with a note of how many of its shares we have already traded
 * against. Our own orders are not in it (matcher.h).
 *
 * Written for matching: what it must answer is "which order is next to trade" and "who came first".
 * Memory grows with the number of live orders. One thread.
 */
#ifndef WT_REPLAY_H
#define WT_REPLAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WT_REPLAY_NONE UINT32_MAX

/** A displayed order. */
struct wt_replay_order {
    uint64_t ref;
    uint64_t arrival; /**< place in time: lower came first; shared with our own orders */
    uint32_t price, shares;
    uint32_t taken; /**< shares that our orders traded against it */
    uint32_t prev, next;
    uint16_t locate;
    bool sell;
};

/** Orders of one price, first come first. */
struct wt_replay_level {
    uint32_t price, head, tail;
};

/** One side of a book; the best level is the last. */
struct wt_replay_side {
    struct wt_replay_level *levels;
    uint32_t count, room;
};

struct wt_replay_symbol {
    char name[8];                  /**< padded with spaces */
    char state;                    /**< trading state of H: T when none was seen */
    bool operational_halt;         /**< h */
    struct wt_replay_side side[2]; /**< buy, sell */
};

struct wt_replay;

int wt_replay_create(struct wt_replay **replay);
void wt_replay_destroy(struct wt_replay *replay);
/** The next place in time. */
uint64_t wt_replay_arrive(struct wt_replay *replay);
/** The symbol of a locate, made if there is none. A name that another locate has stays there. NULL: no memory. */
struct wt_replay_symbol *wt_replay_name(struct wt_replay *replay, uint16_t locate, const char name[8]);
/** The symbol of a locate or NULL. */
struct wt_replay_symbol *wt_replay_symbol(const struct wt_replay *replay, uint16_t locate);
/** Locate of a name (8 characters, padded), or -ENOENT. */
int wt_replay_find_name(const struct wt_replay *replay, const char name[8]);
/** Add an order behind all others of its price. Its index, or -EEXIST: the reference is live, -ENOMEM. */
int64_t wt_replay_add(struct wt_replay *replay, uint16_t locate, bool sell, uint64_t ref, uint32_t price,
                      uint32_t shares);
/** Index of a live order, or WT_REPLAY_NONE. */
uint32_t wt_replay_find(const struct wt_replay *replay, uint64_t ref);
/** The order; valid until the next add. */
struct wt_replay_order *wt_replay_order(struct wt_replay *replay, uint32_t index);
/** Take shares off an order; at 0 it is gone. shares above what it has take it off. */
void wt_replay_reduce(struct wt_replay *replay, uint32_t index, uint32_t shares);
/** Live orders. */
size_t wt_replay_live(const struct wt_replay *replay);

/** Shares of an order that we can still trade against. */
static inline uint32_t wt_replay_available(const struct wt_replay_order *order)
{
    return order->shares > order->taken ? order->shares - order->taken : 0;
}

#endif
