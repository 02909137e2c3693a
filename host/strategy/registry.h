/* The strategies that this program knows: one line each in registry.c. */
#ifndef WT_REGISTRY_H
#define WT_REGISTRY_H

#include "host/strategy/strategy.h"

/** The strategy of that name, or NULL. */
const struct wt_strategy *wt_strategy_find(const char *name);
/** The index-th strategy, or NULL behind the last. */
const struct wt_strategy *wt_strategy_at(unsigned index);
/** One more, for a test or bench that brings its own; in place of the one brought before. */
void wt_strategy_bring(const struct wt_strategy *strategy);
/** Value of a parameter: as configured, else its default. The name must be one of the specs. */
int64_t wt_param(const struct wt_strategy *strategy, const struct wt_param *params, unsigned count, const char *name);

#endif
