#include "host/strategy/registry.h"

#include <string.h>

extern const struct wt_strategy wt_market_maker;

static const struct wt_strategy *strategies[] = {
    &wt_market_maker,
    NULL, /* wt_strategy_bring */
    NULL,
};

const struct wt_strategy *wt_strategy_at(unsigned index)
{
    return index < sizeof strategies / sizeof strategies[0] ? strategies[index] : NULL;
}

void wt_strategy_bring(const struct wt_strategy *strategy)
{
    strategies[sizeof strategies / sizeof strategies[0] - 2] = strategy;
}

const struct wt_strategy *wt_strategy_find(const char *name)
{
    for (unsigned i = 0; strategies[i]; i++)
        if (strcmp(strategies[i]->name, name) == 0)
            return strategies[i];
    return NULL;
}

int64_t wt_param(const struct wt_strategy *strategy, const struct wt_param *params, unsigned count, const char *name)
{
    for (unsigned i = 0; i < count; i++)
        if (strcmp(params[i].name, name) == 0)
            return params[i].value;
    for (const struct wt_param_spec *spec = strategy->specs; spec->name; spec++)
        if (strcmp(spec->name, name) == 0)
            return spec->value;
    return 0;
}
