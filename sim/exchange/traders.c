/* The agents with a plan: makers, momentum takers, parents; and the value, which nobody sees and all guess at. */
#include <string.h>

#include "sim/exchange/agents_crowd.h"

#define CENT 100.0

/* ---------------------------------------------------------------- makers */

void wt_traders_start(struct wt_agents *a)
{
    for (uint32_t i = 0; i < a->makers; i++) {
        struct wt_agents_maker *m = &a->maker[i];
        uint32_t rank = i % a->config.makers.count;
        m->market = i / a->config.makers.count;
        m->half_cents = a->config.makers.half_cents * (1 + 0.5 * rank);
        wt_agents_in(a, wt_agents_maker_id(a, i), wt_exponential(&a->random, a->config.makers.reaction_s));
    }
    for (uint32_t m = 0; m < a->markets; m++) {
        if (a->config.value.moves_per_s > 0)
            wt_agents_in(a, wt_agents_market_id(a, m, WT_AGENTS_VALUE),
                         wt_exponential(&a->random, 1 / a->config.value.moves_per_s));
        if (a->config.momentum.per_s > 0)
            wt_agents_in(a, wt_agents_market_id(a, m, WT_AGENTS_MOMENTUM),
                         wt_exponential(&a->random, 1 / a->config.momentum.per_s));
        if (a->config.parents.per_hour > 0)
            wt_agents_in(a, wt_agents_market_id(a, m, WT_AGENTS_SLICE),
                         wt_exponential(&a->random, 3600 / a->config.parents.per_hour));
    }
}

/* One quote: leave it, move it, take it away, or put it there. False: it is as it should be. */
static bool quote(struct wt_agents *a, uint32_t maker, int sell, uint32_t level, uint32_t price)
{
    struct wt_agents_maker *m = &a->maker[maker];
    const struct wt_agents_makers *c = &a->config.makers;
    uint64_t *tag = &m->tag[sell][level];
    bool live = wt_agents_order(a, *tag) != NULL;
    if (m->price[sell][level] == price && (live || m->refused[sell][level]))
        return false;
    a->stats.quotes++;
    if (live) {
        if (wt_happens(&a->random, c->replace) && wt_agents_replace(a, *tag, price, c->shares))
            m->price[sell][level] = price;
        else
            wt_agents_cancel(a, *tag, UINT32_MAX);
        return true;
    }
    struct wt_engine_order order = {.owner = wt_agents_maker_owner(maker),
                                    .symbol = a->market[m->market].is.symbol,
                                    .side = sell ? 'S' : 'B',
                                    .tif = WT_ENGINE_DAY,
                                    .post_only = true,
                                    .price = price,
                                    .shares = c->shares,
                                    .mpid = {' ', ' ', ' ', ' '}};
    *tag = wt_agents_rest(a, WT_AGENTS_MAKER, maker, &order);
    m->price[sell][level] = price;
    m->refused[sell][level] = *tag == 0;
    return true;
}

/* One message at a time, as a gateway would take them. */
void wt_traders_maker(struct wt_agents *a, uint32_t maker)
{
    struct wt_agents_maker *m = &a->maker[maker];
    const struct wt_agents_makers *c = &a->config.makers;
    double value = a->market[m->market].value;
    /* What one has is worth less: half a spread for every twenty quotes' worth. */
    double lean = (double)m->inventory / (c->shares * 20.0) * m->half_cents * CENT;
    double most = m->half_cents * CENT * 2;
    lean = lean > most ? most : lean < -most ? -most : lean;
    m->quoted = (uint32_t)value;
    for (uint32_t level = 0; level < c->levels; level++)
        for (int sell = 0; sell < 2; sell++) {
            double off = (m->half_cents + level * c->step_cents) * CENT;
            if (quote(a, maker, sell, level, wt_agents_round(value - lean + (sell ? off : -off)))) {
                wt_agents_in(a, wt_agents_maker_id(a, maker), wt_exponential(&a->random, c->pace_s));
                return;
            }
        }
}

static void react(struct wt_agents *a, uint32_t maker)
{
    uint32_t id = wt_agents_maker_id(a, maker);
    if (a->due.at[id] == 0)
        wt_agents_in(a, id, wt_exponential(&a->random, a->config.makers.reaction_s));
}

void wt_traders_maker_filled(struct wt_agents *a, uint32_t maker, char side, uint32_t shares)
{
    a->maker[maker].inventory += side == 'B' ? (int64_t)shares : -(int64_t)shares;
    react(a, maker);
}

void wt_traders_resume(struct wt_agents *a, uint32_t market)
{
    uint32_t count = a->config.makers.count;
    for (uint32_t i = market * count; i < (market + 1) * count; i++) {
        memset(a->maker[i].refused, 0, sizeof a->maker[i].refused);
        react(a, i);
    }
}

void wt_traders_notice(struct wt_agents *a, uint32_t market)
{
    uint32_t count = a->config.makers.count;
    for (uint32_t i = market * count; i < (market + 1) * count; i++) {
        struct wt_agents_maker *m = &a->maker[i];
        double off = a->market[market].value - m->quoted;
        double patience = m->half_cents * CENT / 4;
        if (off > patience || off < -patience)
            react(a, i);
    }
}

/* ---------------------------------------------------------------- the value */

void wt_traders_value(struct wt_agents *a, uint32_t market)
{
    const struct wt_agents_value *c = &a->config.value;
    struct wt_agents_market *m = &a->market[market];
    double move = c->move_cents;
    if (wt_happens(&a->random, c->news_per_hour / 3600 / c->moves_per_s)) {
        a->stats.news++;
        move = wt_exponential(&a->random, c->news_cents);
    }
    wt_agents_move(m, wt_happens(&a->random, 0.5) ? move * CENT : -move * CENT);
    wt_traders_notice(a, market);
    wt_agents_in(a, wt_agents_market_id(a, market, WT_AGENTS_VALUE), wt_exponential(&a->random, 1 / c->moves_per_s));
}

/* ---------------------------------------------------------------- momentum */

void wt_traders_momentum(struct wt_agents *a, uint32_t market)
{
    const struct wt_agents_momentum *c = &a->config.momentum;
    struct wt_agents_market *m = &a->market[market];
    uint32_t bid, ask;
    uint64_t bid_shares, ask_shares;
    wt_engine_bbo(a->engine, m->is.symbol, &bid, &bid_shares, &ask, &ask_shares);
    wt_agents_in(a, wt_agents_market_id(a, market, WT_AGENTS_MOMENTUM), wt_exponential(&a->random, 1 / c->per_s));
    if (bid == 0 || ask == 0)
        return;
    double middle = (bid + ask) / 2.0, off = m->average > 0 ? middle - m->average : 0;
    m->average = m->average > 0 ? m->average + 0.2 * off : middle;
    if (off < c->threshold_cents * CENT && off > -c->threshold_cents * CENT)
        return;
    struct wt_engine_order order = {.owner = wt_agents_market_owner(a, market),
                                    .symbol = m->is.symbol,
                                    .side = off > 0 ? 'B' : 'S',
                                    .price = off > 0 ? ask : bid,
                                    .shares = c->shares,
                                    .mpid = {' ', ' ', ' ', ' '}};
    a->stats.momentum_takes++;
    wt_agents_take(a, &order);
}

/* ---------------------------------------------------------------- parents */

static void take_rest(struct wt_agents *a, struct wt_agents_market *m, struct wt_engine_order *order)
{
    struct wt_agents_slot *waiting = wt_agents_order(a, m->parent.child);
    struct wt_engine_view view;
    if (!waiting || !wt_engine_find(a->engine, waiting->ref, &view))
        return;
    wt_agents_cancel(a, m->parent.child, UINT32_MAX);
    struct wt_engine_order take = *order;
    take.shares = view.shares;
    take.market = true;
    wt_agents_take(a, &take);
}

void wt_traders_slice(struct wt_agents *a, uint32_t market)
{
    const struct wt_agents_parents *c = &a->config.parents;
    struct wt_agents_market *m = &a->market[market];
    struct wt_agents_parent *p = &m->parent;
    uint32_t id = wt_agents_market_id(a, market, WT_AGENTS_SLICE);
    if (p->slices_left == 0 && p->child == 0) {
        p->side = wt_happens(&a->random, 0.5) ? 'B' : 'S';
        p->slices_left = c->slices;
        a->stats.parents++;
    }
    struct wt_engine_order order = {.owner = wt_agents_market_owner(a, market),
                                    .symbol = m->is.symbol,
                                    .side = p->side,
                                    .tif = WT_ENGINE_DAY,
                                    .shares = c->shares / c->slices,
                                    .mpid = {' ', ' ', ' ', ' '}};
    take_rest(a, m, &order);
    p->child = 0;
    if (p->slices_left == 0) {
        wt_agents_in(a, id, wt_exponential(&a->random, 3600 / c->per_hour));
        return;
    }
    p->slices_left--;
    a->stats.slices++;
    uint32_t bid, ask;
    uint64_t bid_shares, ask_shares;
    wt_engine_bbo(a->engine, m->is.symbol, &bid, &bid_shares, &ask, &ask_shares);
    order.price = p->side == 'B' ? bid : ask;
    if (order.price == 0)
        order.price = wt_agents_round(m->value);
    p->child = wt_agents_rest(a, WT_AGENTS_PARENT, market, &order);
    wt_agents_in(a, id, c->slice_s * (0.5 + wt_uniform(&a->random)));
    if (p->child == 0 && p->slices_left == 0)
        wt_agents_in(a, id, wt_exponential(&a->random, 3600 / c->per_hour));
}
