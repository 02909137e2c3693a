#include "sim/exchange/agents.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "host/common/log.h"
#include "sim/exchange/agents_crowd.h"

#define CENT 100.0

/* ---------------------------------------------------------------- orders */

void wt_agents_in(struct wt_agents *a, uint32_t id, double seconds)
{
    /* Ten years are as good as never, and keep the sum in 64 bits. */
    wt_due_set(&a->due, id, a->now_ns + (uint64_t)((seconds < 3e8 ? seconds : 3e8) * 1e9));
}

uint32_t wt_agents_round(double price)
{
    if (price < CENT)
        return 100;
    if (price < 10000)
        return (uint32_t)(price + 0.5);
    double cents = price / CENT + 0.5;
    return (cents < 19999999 ? (uint32_t)cents : 19999999) * 100;
}

struct wt_agents_slot *wt_agents_order(struct wt_agents *a, uint64_t tag)
{
    uint32_t i = (uint32_t)tag - 1; /* tag 0: beyond all */
    if (i >= a->config.max_orders)
        return NULL;
    struct wt_agents_slot *s = &a->slot[i];
    return s->kind != WT_AGENTS_FREE && s->lap == tag >> 32 ? s : NULL;
}

static uint64_t tag_of(const struct wt_agents *a, const struct wt_agents_slot *s)
{
    return (uint64_t)s->lap << 32 | (uint32_t)(s - a->slot + 1);
}

static void release(struct wt_agents *a, struct wt_agents_slot *s)
{
    uint32_t i = (uint32_t)(s - a->slot);
    wt_due_clear(&a->due, i);
    s->kind = WT_AGENTS_FREE;
    s->lap++;
    s->next = a->free_slot;
    a->free_slot = i + 1;
    a->stats.live--;
}

/* What the engine still has is the truth: an order that traded wholly on entry is told to nobody as gone. */
static void check_live(struct wt_agents *a, uint64_t tag)
{
    struct wt_agents_slot *s = wt_agents_order(a, tag);
    struct wt_engine_view view;
    if (s && !wt_engine_find(a->engine, s->ref, &view))
        release(a, s);
}

uint64_t wt_agents_rest(struct wt_agents *a, enum wt_agents_kind kind, uint32_t who, struct wt_engine_order *order)
{
    if (a->free_slot == 0) {
        a->stats.full++;
        return 0;
    }
    struct wt_agents_slot *s = &a->slot[a->free_slot - 1];
    a->free_slot = s->next;
    a->stats.live++;
    s->kind = (uint8_t)kind;
    s->side = order->side;
    s->who = who;
    s->shrinks = false;
    uint64_t tag = order->tag = tag_of(a, s), ref;
    s->ref = 0;
    if (wt_engine_enter(a->engine, order, &ref) != WT_ENGINE_OK) {
        a->stats.refused++;
        release(a, s);
        return 0;
    }
    a->stats.adds++;
    if (wt_agents_order(a, tag)) {
        s->ref = ref;
        check_live(a, tag);
    }
    return wt_agents_order(a, tag) ? tag : 0;
}

void wt_agents_take(struct wt_agents *a, struct wt_engine_order *order)
{
    uint64_t ref;
    order->tif = WT_ENGINE_IOC;
    order->tag = 0;
    if (wt_engine_enter(a->engine, order, &ref) == WT_ENGINE_OK)
        a->stats.takes++;
    else
        a->stats.refused++;
}

bool wt_agents_replace(struct wt_agents *a, uint64_t tag, uint32_t price, uint32_t shares)
{
    struct wt_agents_slot *s = wt_agents_order(a, tag);
    uint64_t ref;
    if (!s)
        return false;
    if (wt_engine_replace(a->engine, s->ref, price, shares, true, tag, &ref) != WT_ENGINE_OK) {
        a->stats.refused++;
        return false;
    }
    if (wt_agents_order(a, tag)) {
        s->ref = ref;
        check_live(a, tag);
    }
    return true;
}

void wt_agents_cancel(struct wt_agents *a, uint64_t tag, uint32_t shares)
{
    struct wt_agents_slot *s = wt_agents_order(a, tag);
    if (s)
        wt_engine_cancel(a->engine, s->ref, shares, WT_ENGINE_USER);
}

/* ---------------------------------------------------------------- what the engine tells */

static bool ours(const struct wt_engine_view *order)
{
    return order->owner == 0 || order->owner >= WT_AGENTS_OWNER;
}

static void on_traded(struct wt_agents *a, const struct wt_engine_view *order, uint32_t shares)
{
    struct wt_agents_slot *s = ours(order) ? wt_agents_order(a, order->tag) : NULL;
    if (!s)
        return;
    enum wt_agents_kind kind = s->kind;
    uint32_t who = s->who;
    if (order->shares == 0)
        release(a, s);
    if (kind == WT_AGENTS_MAKER)
        wt_traders_maker_filled(a, who, order->side, shares);
}

static struct wt_agents_market *market_of(struct wt_agents *a, uint16_t symbol)
{
    uint32_t m = a->market_of[symbol];
    return m ? &a->market[m - 1] : NULL;
}

static void on_executed(void *ctx, const struct wt_engine_view *resting, uint32_t owner, uint64_t tag, uint64_t ref,
                        uint32_t shares, uint32_t price, uint64_t match)
{
    struct wt_agents *a = ctx;
    (void)owner, (void)tag, (void)ref, (void)price, (void)match;
    struct wt_agents_market *m = market_of(a, resting->symbol);
    if (m) {
        double impact = a->config.value.impact_cents * shares; /* cents a hundred shares are 1/10000 dollar a share */
        wt_agents_move(m, resting->side == 'S' ? impact : -impact);
    }
    on_traded(a, resting, shares);
}

static void on_uncrossed(void *ctx, const struct wt_engine_view *bid, const struct wt_engine_view *offer,
                         uint32_t shares, uint32_t price, uint64_t match)
{
    (void)price, (void)match;
    on_traded(ctx, bid, shares);
    on_traded(ctx, offer, shares);
}

static void on_canceled(void *ctx, const struct wt_engine_view *order, uint32_t shares, bool resting,
                        enum wt_engine_reason reason)
{
    (void)shares, (void)resting, (void)reason;
    struct wt_agents_slot *s = ours(order) ? wt_agents_order(ctx, order->tag) : NULL;
    if (s && order->shares == 0)
        release(ctx, s);
}

/* Trading again: what was refused in the meantime is worth another try. */
static void on_state(void *ctx, uint16_t symbol, char trading_state)
{
    struct wt_agents *a = ctx;
    struct wt_agents_market *m = market_of(a, symbol);
    if (m && a->opened && (trading_state == 'T' || trading_state == 'Q'))
        wt_traders_resume(a, (uint32_t)(m - a->market));
}

/* ---------------------------------------------------------------- background flow */

/* From the part of the distribution above `from` (0: all of it). */
static double draw_above(struct wt_random *r, const struct wt_agents_table *table, double from)
{
    static const double probability[] = {0, 0.01, 0.05, 0.10, 0.25, 0.50, 0.75, 0.90, 0.95, 0.99, 1};
    double u = from + (1 - from) * wt_uniform(r);
    int i = 0;
    while (i < 9 && u >= probability[i + 1])
        i++;
    double part = (u - probability[i]) / (probability[i + 1] - probability[i]);
    return table->at[i] * wt_exp(part * wt_ln(table->at[i + 1] / table->at[i]));
}

static double draw(struct wt_random *r, const struct wt_agents_table *table)
{
    return draw_above(r, table, 0);
}

/* When the next arrival is, in seconds: Ogata's thinning; the intensity only falls until then. */
static double next_arrival(struct wt_agents *a, struct wt_agents_market *m)
{
    const struct wt_agents_flow *f = &a->config.flow;
    double own = f->per_s * (1 - f->fast_children - f->slow_children), waited = 0;
    for (;;) {
        double most = own + m->fast + m->slow, step = wt_exponential(&a->random, 1 / most);
        waited += step;
        m->fast *= wt_exp(-step / f->fast_s);
        m->slow *= wt_exp(-step / f->slow_s);
        if (wt_uniform(&a->random) * most < own + m->fast + m->slow)
            return waited;
    }
}

enum place { ANYWHERE, INSIDE, AWAY, DEEP };

/* Where an order of the flow goes; INSIDE: between the best prices if there is room. */
static uint32_t flow_price(struct wt_agents *a, struct wt_agents_market *m, char side, enum place place)
{
    const struct wt_agents_flow *f = &a->config.flow;
    uint32_t bid, ask;
    uint64_t shares;
    wt_engine_bbo(a->engine, m->is.symbol, &bid, &shares, &ask, &shares);
    double sign = side == 'B' ? 1 : -1;
    double best = side == 'B' ? bid : ask, other = side == 'B' ? ask : bid;
    if (best == 0)
        best = m->value - sign * a->config.makers.half_cents * CENT;
    double u = wt_uniform(&a->random), price = best, room = other > 0 ? sign * (other - best) : 0;
    if ((place == INSIDE || (place == ANYWHERE && u < f->improve)) && room > CENT)
        price = best + sign * wt_uniform(&a->random) * room / 2;
    else if (place == DEEP)
        price = best - sign * draw(&a->random, &f->deep) * best / 10000;
    else if (place == AWAY || u >= f->improve + f->join)
        price = best - sign * draw(&a->random, &f->away) * CENT;
    /* The crowd is careful. */
    double limit = m->value - sign * f->edge_cents * CENT;
    if (sign * (price - limit) > 0)
        price = limit;
    return wt_agents_round(price);
}

/* ANYWHERE: it comes now. Else what was there before; of those that are met in a book most are of the long-lived ones.
 */
static void add_order(struct wt_agents *a, uint32_t market, enum place place)
{
    const struct wt_agents_flow *f = &a->config.flow;
    struct wt_agents_market *m = &a->market[market];
    struct wt_engine_order order = {.symbol = m->is.symbol,
                                    .side = wt_happens(&a->random, 0.5) ? 'B' : 'S',
                                    .tif = WT_ENGINE_DAY,
                                    .hidden = wt_happens(&a->random, f->hidden),
                                    .mpid = {' ', ' ', ' ', ' '}};
    order.price = flow_price(a, m, order.side, place == ANYWHERE && order.hidden ? INSIDE : place);
    order.shares = (uint32_t)(draw(&a->random, &f->shares) + 0.5);
    uint64_t tag = wt_agents_rest(a, WT_AGENTS_FLOW, 0, &order);
    if (tag == 0)
        return;
    struct wt_agents_slot *s = wt_agents_order(a, tag);
    s->market = market;
    s->shrinks = wt_happens(&a->random, f->shrink);
    wt_agents_in(a, (uint32_t)tag - 1, draw_above(&a->random, &f->life_s, place == ANYWHERE ? 0 : 0.985));
}

static void take_order(struct wt_agents *a, uint32_t market)
{
    struct wt_agents_market *m = &a->market[market];
    uint32_t bid, ask;
    uint64_t bid_shares, ask_shares;
    wt_engine_bbo(a->engine, m->is.symbol, &bid, &bid_shares, &ask, &ask_shares);
    if (bid == 0 || ask == 0)
        return;
    /* Takers lean to the side that is cheap. */
    double lean = (m->value - (bid + ask) / 2.0) / (ask - bid + CENT);
    struct wt_engine_order order = {
        .symbol = m->is.symbol, .side = wt_uniform(&a->random) < 0.5 + lean ? 'B' : 'S', .mpid = {' ', ' ', ' ', ' '}};
    order.price = order.side == 'B' ? ask : bid;
    order.shares = (uint32_t)(draw(&a->random, &a->config.flow.shares) + 0.5);
    wt_agents_take(a, &order);
}

static void arrival(struct wt_agents *a, uint32_t market)
{
    const struct wt_agents_flow *f = &a->config.flow;
    struct wt_agents_market *m = &a->market[market];
    a->stats.arrivals++;
    m->fast += f->fast_children / f->fast_s;
    m->slow += f->slow_children / f->slow_s;
    if (wt_happens(&a->random, f->take))
        take_order(a, market);
    else
        add_order(a, market, ANYWHERE);
    wt_agents_in(a, wt_agents_market_id(a, market, WT_AGENTS_ARRIVAL), next_arrival(a, m));
}

static void end_of_life(struct wt_agents *a, uint32_t slot)
{
    struct wt_agents_slot *s = &a->slot[slot];
    const struct wt_agents_flow *f = &a->config.flow;
    uint64_t tag = tag_of(a, s);
    struct wt_engine_view view;
    a->stats.ends++;
    if (s->kind != WT_AGENTS_FLOW || !wt_engine_find(a->engine, s->ref, &view))
        return;
    bool shrinks = s->shrinks && view.shares > 1;
    s->shrinks = false;
    if (shrinks)
        wt_agents_cancel(a, tag, view.shares / 2);
    else if (!wt_happens(&a->random, f->replace) ||
             !wt_agents_replace(a, tag, flow_price(a, &a->market[s->market], s->side, view.hidden ? INSIDE : ANYWHERE),
                                view.shares))
        wt_agents_cancel(a, tag, UINT32_MAX);
    if (wt_agents_order(a, tag))
        wt_agents_in(a, slot, draw(&a->random, &f->life_s));
}

/* ---------------------------------------------------------------- time */

static void open_market(struct wt_agents *a)
{
    a->opened = true;
    wt_traders_start(a);
    for (uint32_t m = 0; m < a->markets; m++) {
        for (uint32_t i = 0; i < a->config.flow.opening; i++)
            add_order(a, m, AWAY);
        for (uint32_t i = 0; i < a->market[m].is.deep; i++)
            add_order(a, m, DEEP);
        wt_agents_in(a, wt_agents_market_id(a, m, WT_AGENTS_ARRIVAL), next_arrival(a, &a->market[m]));
    }
}

static void act(struct wt_agents *a, uint32_t id)
{
    if (id < a->config.max_orders) {
        end_of_life(a, id);
        return;
    }
    id -= a->config.max_orders;
    if (id >= a->markets * WT_AGENTS_CLOCKS) {
        wt_traders_maker(a, id - a->markets * WT_AGENTS_CLOCKS);
        return;
    }
    static void (*const what[])(struct wt_agents *, uint32_t) = {arrival, wt_traders_value, wt_traders_momentum,
                                                                 wt_traders_slice};
    what[id % WT_AGENTS_CLOCKS](a, id / WT_AGENTS_CLOCKS);
}

uint64_t wt_agents_next_ns(const void *agents)
{
    const struct wt_agents *a = agents;
    uint32_t id;
    return a->opened ? wt_due_first(&a->due, &id) : a->now_ns;
}

void wt_agents_run(void *agents, uint64_t now_ns)
{
    struct wt_agents *a = agents;
    if (!a->opened && now_ns >= a->now_ns)
        open_market(a);
    for (;;) {
        uint32_t id;
        uint64_t when = wt_due_first(&a->due, &id);
        if (!a->opened || when > now_ns)
            break;
        if (when > a->now_ns)
            a->now_ns = when;
        wt_due_clear(&a->due, id);
        act(a, id);
    }
    wt_agents_time(a, now_ns);
}

void wt_agents_time(struct wt_agents *a, uint64_t now_ns)
{
    if (a->opened && now_ns > a->now_ns)
        a->now_ns = now_ns;
}

void wt_agents_stats(const struct wt_agents *a, struct wt_agents_stats *stats)
{
    *stats = a->stats;
}

/* ---------------------------------------------------------------- life */

static int check_table(const struct wt_agents_table *table, const char *name)
{
    for (int i = 0; i < 11; i++)
        if (!(table->at[i] > 0) || (i > 0 && table->at[i] < table->at[i - 1])) {
            wt_error("agents: table %s, entry %d is %g: must be above 0, and not fall", name, i, table->at[i]);
            return -EINVAL;
        }
    return 0;
}

static int check(const struct wt_agents_config *c, const struct wt_agents_symbol *symbols, uint32_t count)
{
    const struct wt_agents_flow *f = &c->flow;
    const char *wrong = NULL;
    if (c->max_orders < 1 || c->max_orders > 1u << 28)
        wrong = "max_orders must be 1 to 268435456";
    else if (count < 1 || count > 65536)
        wrong = "there must be 1 to 65536 symbols";
    else if (!(f->per_s > 0) || !(f->fast_children >= 0) || !(f->slow_children >= 0) ||
             !(f->fast_children + f->slow_children < 1) || !(f->fast_s > 0) || !(f->slow_s > 0))
        wrong = "arrivals must be above 0 a second, each causing fewer than 1 other";
    else if (f->shares.at[0] < 1 || f->shares.at[10] > 999999)
        wrong = "shares must be 1 to 999,999";
    else if (c->makers.levels > WT_AGENTS_LEVELS || c->makers.count > 64)
        wrong = "makers quote at most 8 levels, and are at most 64";
    else if (c->makers.shares > 999999 || c->momentum.shares > 999999 || c->parents.shares > 999999)
        wrong = "shares of an order are at most 999,999";
    else if (c->parents.per_hour > 0 && (c->parents.slices < 1 || c->parents.shares < c->parents.slices))
        wrong = "parents must have slices, each of a share or more";
    for (uint32_t i = 0; !wrong && i < count; i++)
        if (symbols[i].price < 10000 || symbols[i].price > 1000000000)
            wrong = "symbols must be worth $1 to $100,000";
    if (wrong) {
        wt_error("agents: %s", wrong);
        return -EINVAL;
    }
    return check_table(&f->life_s, "life_s") < 0 || check_table(&f->shares, "shares") < 0 ||
                   check_table(&f->away, "away") < 0 || check_table(&f->deep, "deep") < 0
               ? -EINVAL
               : 0;
}

int wt_agents_create(const struct wt_agents_config *config, struct wt_engine *engine,
                     const struct wt_agents_symbol *symbols, uint32_t count, uint64_t start_ns,
                     struct wt_agents **agents)
{
    *agents = NULL;
    int rc = check(config, symbols, count);
    if (rc < 0)
        return rc;
    struct wt_agents *a = calloc(1, sizeof *a);
    if (!a)
        return -ENOMEM;
    a->config = *config;
    a->engine = engine;
    a->now_ns = start_ns;
    a->markets = count;
    a->makers = count * config->makers.count;
    a->market = calloc(count, sizeof *a->market);
    a->maker = calloc(a->makers + 1, sizeof *a->maker);
    a->market_of = calloc(UINT16_MAX + 1, sizeof *a->market_of);
    a->slot = calloc(config->max_orders, sizeof *a->slot);
    rc = wt_due_init(&a->due, config->max_orders + count * WT_AGENTS_CLOCKS + a->makers);
    struct wt_engine_handler handler = {
        .ctx = a, .executed = on_executed, .uncrossed = on_uncrossed, .canceled = on_canceled, .state = on_state};
    if (rc < 0 || !a->market || !a->maker || !a->market_of || !a->slot)
        rc = -ENOMEM;
    else
        rc = wt_engine_listen(engine, handler);
    if (rc < 0) {
        wt_agents_destroy(a);
        return rc;
    }
    wt_random_seed(&a->random, config->seed);
    for (uint32_t m = 0; m < count; m++) {
        a->market[m] = (struct wt_agents_market){.is = symbols[m], .value = symbols[m].price};
        a->market_of[symbols[m].symbol] = m + 1;
    }
    for (uint32_t i = config->max_orders; i-- > 0;) {
        a->slot[i].next = a->free_slot;
        a->free_slot = i + 1;
    }
    *agents = a;
    return 0;
}

void wt_agents_destroy(struct wt_agents *a)
{
    if (!a)
        return;
    wt_due_free(&a->due);
    free(a->market);
    free(a->maker);
    free(a->market_of);
    free(a->slot);
    free(a);
}
