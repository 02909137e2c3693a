#include "host/cli/limits.h"

#include <stdbool.h>
#include <string.h>

#define MONEY 10000     /* 1/10000 dollar in a dollar */
#define FIRMS_BPS 10000 /* of an account or strategy: no collar of its own */

/*
 * What holds for all symbols together each of several loops has its share of, for it knows nothing of the others: then
 * no sum over the loops is above the limit. A symbol is in one loop alone, so what holds for one stays whole. The
 * configuration gives none that cannot be shared out (host/config/loops.c); the two lists must be the same.
 */
static void share_out(struct wt_risk_limits *l, uint32_t loops)
{
    if (loops < 2)
        return;
    int64_t *const money[] = {&l->max_gross_notional, &l->max_net_notional, &l->max_open_notional, &l->max_loss,
                              &l->max_drawdown};
    uint32_t *const counts[] = {&l->max_open_total, &l->orders_per_second,   &l->burst,        &l->cancels_per_second,
                                &l->cancel_burst,   &l->messages_per_second, &l->message_burst};
    for (unsigned i = 0; i < sizeof money / sizeof money[0]; i++)
        *money[i] /= loops;
    for (unsigned i = 0; i < sizeof counts / sizeof counts[0]; i++)
        *counts[i] /= loops;
}

static struct wt_risk_limits limits_of(const struct wt_config_limits *c, bool firm, uint32_t loops)
{
    struct wt_risk_limits limits = {
        .max_order_shares = c->max_order_shares,
        .max_order_notional = (int64_t)c->max_order_dollars * MONEY,
        .max_position = (int64_t)c->max_position,
        .max_gross_notional = (int64_t)c->max_gross_dollars * MONEY,
        .collar_bps = firm || c->collar_bps < FIRMS_BPS ? c->collar_bps : WT_NO_COLLAR,
        .max_open_symbol = c->max_open_per_symbol,
        .max_open_total = c->max_open_orders,
        .orders_per_second = c->orders_per_second,
        .burst = c->burst,
        .max_quote_age_ns = c->max_quote_age_ms * 1000000,
        .max_loss = (int64_t)c->max_loss_dollars * MONEY,
        .collar_last_bps = c->collar_last_bps,
        .tick = c->tick,
        .lot = c->lot,
        .max_long = (int64_t)c->max_long,
        .max_short = (int64_t)c->max_short,
        .max_symbol_notional = (int64_t)c->max_symbol_dollars * MONEY,
        .max_net_notional = (int64_t)c->max_net_dollars * MONEY,
        .max_open_notional = (int64_t)c->max_open_dollars * MONEY,
        .no_self_match = c->no_self_match != 0,
        .duplicate_ns = c->duplicate_us * 1000,
        .repeat_ns = c->repeat_us * 1000,
        .max_repeats = c->max_repeats,
        .cancels_per_second = c->cancels_per_second,
        .cancel_burst = c->cancel_burst,
        .messages_per_second = c->messages_per_second,
        .message_burst = c->message_burst,
        .max_drawdown = (int64_t)c->max_drawdown_dollars * MONEY,
        .on_loss = (enum wt_loss_action)c->on_loss,
        .restricted = (const char(*)[9])c->restricted,
        .restricted_count = c->restricted_count,
    };
    share_out(&limits, loops);
    return limits;
}

static bool limits_anything(const struct wt_config_limits *c)
{
    const uint64_t bounds[] = {c->max_order_shares,
                               c->max_order_dollars,
                               c->tick,
                               c->lot,
                               c->restricted_count,
                               c->max_quote_age_ms,
                               c->collar_last_bps,
                               c->max_position,
                               c->max_long,
                               c->max_short,
                               c->max_symbol_dollars,
                               c->max_gross_dollars,
                               c->max_net_dollars,
                               c->max_open_dollars,
                               c->max_open_per_symbol,
                               c->max_open_orders,
                               c->duplicate_us,
                               c->max_repeats,
                               c->orders_per_second,
                               c->cancels_per_second,
                               c->messages_per_second,
                               c->max_loss_dollars,
                               c->max_drawdown_dollars};
    for (unsigned i = 0; i < sizeof bounds / sizeof bounds[0]; i++)
        if (bounds[i])
            return true;
    return c->no_self_match || c->collar_bps < FIRMS_BPS;
}

/* NULL: nothing is limited. */
static const struct wt_risk_limits *own_limits(const struct wt_config_limits *c, uint32_t loops,
                                               struct wt_risk_limits *out)
{
    *out = limits_of(c, false, loops);
    return limits_anything(c) ? out : NULL;
}

static uint8_t account_of(const struct wt_config *c, const struct wt_config_strategy *strategy)
{
    for (unsigned i = 0; i < c->accounts_count; i++)
        if (strcmp(c->accounts[i].name, strategy->account) == 0)
            return (uint8_t)i;
    return 0;
}

void wt_configured_risk(const struct wt_config *c, struct wt_configured_risk *out)
{
    memset(out, 0, sizeof *out);
    out->firm = limits_of(&c->limits, true, c->host.loops);
    out->risk.firm = &out->firm;
    out->risk.heartbeat_ns = c->safety.heartbeat_ms * 1000000;
    out->risk.silence_ns = c->safety.silence_ms * 1000000;
    struct wt_scopes scopes = {.accounts = (uint8_t)(c->accounts_count ? c->accounts_count : 1),
                               .owners = (uint8_t)c->strategies_count};
    bool scoped = c->strategies_count > 1 || c->accounts_count;
    for (unsigned i = 0; i < c->accounts_count; i++)
        out->risk.account[i] = own_limits(&c->accounts[i].limits, c->host.loops, &out->account[i]);
    for (unsigned i = 0; i < c->strategies_count; i++) {
        scopes.account_of[i] = account_of(c, &c->strategies[i]);
        out->risk.strategy[i] = own_limits(&c->strategies[i].limits, c->host.loops, &out->strategy[i]);
        scoped = scoped || out->risk.strategy[i];
    }
    if (scoped)
        out->risk.scopes = scopes;
    for (unsigned i = 0; i < c->fees_count; i++) {
        const struct wt_config_fee *fee = &c->fees[i];
        out->fees.per_share[(uint8_t)fee->flag[0]] = (int32_t)fee->fee_millionths - (int32_t)fee->rebate_millionths;
    }
}
