/*
 * Runs the configured strategies: gives each the events of its own symbols and orders, charges
 * each callback's time, and takes its signals to the desk.
 */
#ifndef WT_RUNNER_H
#define WT_RUNNER_H

#include "host/event/loop.h"
#include "host/market/lanes.h"
#include "host/strategy/places.h"
#include "host/strategy/strategy.h"
#include "host/trade/desk.h"
#include "host/trade/position.h"
#include "host/trade/quotes.h"

#define WT_INSTANCES_MAX 16

struct wt_runner;

struct wt_runner_config {
    uint64_t callback_ns; /**< virtual time that each callback costs */
    uint64_t jitter_ns;   /**< and up to this much more, drawn from seed */
    uint64_t seed;
};

/** Subscribes to MARKET, ORDER and TIMER: behind quotes, positions and risk. -ENOMEM. */
int wt_runner_create(const struct wt_runner_config *config, struct wt_loop *loop, const struct wt_quotes *quotes,
                     struct wt_positions *positions, struct wt_desk *desk, struct wt_runner **runner);
/**
 * Add an instance, for the symbols named (NULL: all). The names and params are copied or used during the call only.
 * -ENOSPC, -ENOMEM, or -EINVAL when the strategy refused its parameters.
 */
int wt_runner_add(struct wt_runner *runner, const struct wt_strategy *strategy, const char (*symbols)[9],
                  unsigned symbol_count, const struct wt_param *params, unsigned param_count);
/**
 * Quotes may take the short way to a strategy that is alone in waiting for a symbol's, if callbacks cost no virtual
 * time. lanes and quotes stay the caller's. Before the first event.
 */
void wt_runner_lanes(struct wt_runner *runner, struct wt_lanes *lanes, struct wt_quotes *quotes);
/** The full-depth book for all instances; without it there are no levels and no places. Stays the caller's. */
void wt_runner_places(struct wt_runner *runner, const struct wt_places *places, const struct wt_oms *oms);
/** Destroys the instances too. */
void wt_runner_destroy(struct wt_runner *runner);
/** From now on strategies get no more market data and timers; orders and fills still come. */
void wt_runner_stop(struct wt_runner *runner);
/** Callbacks made so far. */
uint64_t wt_runner_callbacks(const struct wt_runner *runner);

#endif
