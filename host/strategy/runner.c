#include "host/strategy/runner.h"

#include "host/strategy/short_way.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { SYMBOLS_MAX = 65536, OWNER_BASE = 0x100 };

struct instance {
    struct wt_runner *runner;
    struct wt_desk *desk; /* the runner's */
    const struct wt_strategy *strategy;
    void *self;
    unsigned index, row; /* row: of positions */
    bool all;
    char (*names)[9];
    unsigned name_count;
    uint64_t mine[SYMBOLS_MAX / 64]; /* bit a symbol: it trades it */
};

struct wt_runner {
    struct wt_runner_config config;
    struct wt_loop *loop;
    const struct wt_quotes *quotes;
    struct wt_positions *positions;
    struct wt_desk *desk;
    struct instance *instances[WT_INSTANCES_MAX];
    unsigned count;
    bool stopped;
    uint64_t random, callbacks;
    struct wt_lanes *lanes;            /* NULL: all goes the long way */
    const struct wt_lane *const *open; /* theirs */
    struct wt_quotes *kept;
    const struct wt_places *places; /* NULL: no books */
    const struct wt_oms *oms;
};

/* A strategy that was given its quote the short way does something that depends on the record: it is taken in first. */
static inline int settle(const struct wt_runner *r)
{
    if (!*r->open)
        return 0;
    const struct wt_lanes *l = r->lanes;
    int rc = __builtin_expect(l->settle == wt_short_way_settle, 1) ? wt_short_way_settle(l->ctx) : l->settle(l->ctx);
    return rc > 0 ? 0 : rc < 0 ? rc : -EIO;
}

/* ---- what a strategy may call ---- */

static bool is_mine(const struct instance *in, wt_symbol symbol)
{
    return symbol != WT_SYMBOL_NONE && (in->all || (in->mine[symbol / 64] >> (symbol % 64) & 1));
}

__attribute__((flatten)) static int64_t host_signal(void *ctx, const struct wt_signal *signal)
{
    struct instance *in = ctx;
    int rc = settle(in->runner);
    if (rc)
        return rc;
    if (__builtin_expect(signal->kind != WT_SIGNAL_REPLACE, 0) && signal->kind == WT_SIGNAL_ENTER &&
        !is_mine(in, signal->symbol))
        return -EACCES;
    return wt_desk_signal(in->desk, signal, in->index);
}

static const int64_t *host_position(void *ctx, wt_symbol symbol)
{
    struct instance *in = ctx;
    return &wt_positions_row(in->runner->positions, in->row, symbol)->shares;
}

static int host_timer(void *ctx, uint32_t id, uint64_t delay_ns)
{
    struct instance *in = ctx;
    int rc = settle(in->runner);
    if (rc)
        return rc;
    uint64_t when = wt_loop_now(in->runner->loop) + delay_ns;
    return wt_loop_timer(in->runner->loop, when, OWNER_BASE + in->index, id) ? 0 : -ENOSPC;
}

static uint64_t host_now(void *ctx)
{
    struct instance *in = ctx;
    settle(in->runner);
    return wt_loop_now(in->runner->loop);
}

static size_t host_depth(void *ctx, wt_symbol symbol, enum wt_side side, struct wt_depth_level *levels, size_t room)
{
    const struct wt_runner *r = ((struct instance *)ctx)->runner;
    return r->places ? wt_places_depth(r->places, symbol, side, levels, room) : 0;
}

static int host_queue(void *ctx, uint32_t order, struct wt_queue_view *view)
{
    const struct instance *in = ctx;
    const struct wt_order *o = in->runner->places ? wt_oms_find(in->runner->oms, order) : NULL;
    return o && o->owner == in->index ? wt_places_queue(in->runner->places, order, view) : -ENOENT;
}

/* ---- what it is given ---- */

/* The cost comes before the callback: what it sends leaves after the work, not before. */
static void charge(struct wt_runner *r)
{
    uint64_t cost = r->config.callback_ns;
    if (r->config.jitter_ns) {
        r->random ^= r->random << 13;
        r->random ^= r->random >> 7;
        r->random ^= r->random << 17;
        cost += r->random % (r->config.jitter_ns + 1);
    }
    r->callbacks++;
    wt_loop_spend(r->loop, cost);
}

static void bind(struct wt_runner *r, wt_symbol symbol, const char *name)
{
    for (unsigned i = 0; i < r->count; i++)
        for (unsigned n = 0; n < r->instances[i]->name_count; n++)
            if (strcmp(r->instances[i]->names[n], name) == 0)
                r->instances[i]->mine[symbol / 64] |= 1ull << (symbol % 64);
    if (!r->lanes || r->stopped || r->config.callback_ns || r->config.jitter_ns)
        return;
    const struct instance *only = NULL;
    unsigned waiting = 0;
    for (unsigned i = 0; i < r->count; i++)
        if (r->instances[i]->strategy->on_quote && is_mine(r->instances[i], symbol) && !waiting++)
            only = r->instances[i];
    if (waiting == 1)
        wt_lane_set(r->lanes, symbol, wt_quotes_place(r->kept, symbol), only->self, only->strategy->on_quote,
                    wt_positions_only(r->positions, symbol));
}

static void give_quote(struct wt_runner *r, struct instance *in, wt_symbol symbol)
{
    if (!in->strategy->on_quote)
        return;
    struct wt_quote quote = wt_quotes_get(r->quotes, symbol)->quote;
    charge(r);
    in->strategy->on_quote(in->self, symbol, &quote);
}

static void give_record(struct wt_runner *r, struct instance *in, const union wt_event_record *record)
{
    wt_symbol symbol = record->head.symbol;
    switch (record->head.kind) {
    case WT_RECORD_TYPE_BBO:
        give_quote(r, in, symbol);
        break;
    case WT_RECORD_TYPE_SYMBOL:
        if (record->symbol.state != WT_BOOK_STATE_VALID)
            give_quote(r, in, symbol);
        break;
    case WT_RECORD_TYPE_TRADE:
        if (!in->strategy->on_trade)
            return;
        charge(r);
        in->strategy->on_trade(in->self, symbol, record->trade.price, record->trade.shares);
        break;
    case WT_RECORD_TYPE_TRADING_STATE:
        if (!in->strategy->on_state)
            return;
        charge(r);
        in->strategy->on_state(in->self, symbol, (char)record->state.state);
        break;
    default:
        break;
    }
}

static void on_market(void *ctx, const struct wt_event *event)
{
    struct wt_runner *r = ctx;
    const union wt_event_record *record = &event->market;
    wt_symbol symbol = record->head.symbol;
    bool lost = record->head.kind == WT_RECORD_TYPE_GAP || (record->head.kind == WT_RECORD_TYPE_SESSION &&
                                                            record->session.session_event == WT_SESSION_EVENT_CHANGE);
    if (r->lanes && r->lanes->given) {
        r->callbacks++;
        return;
    }
    if (record->head.kind == WT_RECORD_TYPE_SYMBOL && symbol != WT_SYMBOL_NONE)
        bind(r, symbol, wt_quotes_get(r->quotes, symbol)->name);
    if (r->stopped)
        return;
    for (unsigned i = 0; i < r->count; i++) {
        struct instance *in = r->instances[i];
        if (is_mine(in, symbol))
            give_record(r, in, record);
        for (unsigned s = 0; lost && s < wt_quotes_count(r->quotes); s++)
            if (is_mine(in, (wt_symbol)s) && s != symbol)
                give_quote(r, in, (wt_symbol)s);
    }
}

static void on_order(void *ctx, const struct wt_event *event)
{
    struct wt_runner *r = ctx;
    const struct wt_order_event *o = &event->order;
    if (o->owner >= r->count)
        return;
    struct instance *in = r->instances[o->owner];
    struct wt_order_view view = {.id = o->id,
                                 .symbol = o->symbol,
                                 .side = o->side,
                                 .state = o->state,
                                 .price = o->price,
                                 .open_shares = o->open_shares,
                                 .filled_shares = o->filled_shares};
    if (o->fill_shares > 0 && in->strategy->on_fill) {
        charge(r);
        in->strategy->on_fill(in->self, &view, o->fill_price, (uint32_t)o->fill_shares);
    }
    /* What the strategy itself asked for is no news to it. */
    bool own = o->input == WT_OI_SENT || o->input == WT_OI_REPLACE_SENT || o->input == WT_OI_CANCEL_SENT ||
               o->input == WT_OI_CANCEL_KEPT;
    if (!own && in->strategy->on_order) {
        charge(r);
        in->strategy->on_order(in->self, &view);
    }
}

static void on_timer(void *ctx, const struct wt_event *event)
{
    struct wt_runner *r = ctx;
    unsigned index = event->timer.owner - OWNER_BASE;
    if (event->timer.owner < OWNER_BASE || index >= r->count || r->stopped)
        return;
    struct instance *in = r->instances[index];
    if (!in->strategy->on_timer)
        return;
    charge(r);
    in->strategy->on_timer(in->self, event->timer.id);
}

int wt_runner_create(const struct wt_runner_config *config, struct wt_loop *loop, const struct wt_quotes *quotes,
                     struct wt_positions *positions, struct wt_desk *desk, struct wt_runner **runner)
{
    struct wt_runner *r = calloc(1, sizeof *r);
    if (!r)
        return -ENOMEM;
    static const struct wt_lane *const never;
    r->config = *config;
    r->open = &never;
    r->loop = loop;
    r->quotes = quotes;
    r->positions = positions;
    r->desk = desk;
    r->random = (config->seed ^ 0x9e3779b97f4a7c15u) | 1; /* xorshift must not start at 0 */
    *runner = r;
    int rc = wt_loop_subscribe(loop, WT_EVENT_MARKET, on_market, r);
    rc = rc ? rc : wt_loop_subscribe(loop, WT_EVENT_ORDER, on_order, r);
    return rc ? rc : wt_loop_subscribe(loop, WT_EVENT_TIMER, on_timer, r);
}

int wt_runner_add(struct wt_runner *runner, const struct wt_strategy *strategy, const char (*symbols)[9],
                  unsigned symbol_count, const struct wt_param *params, unsigned param_count)
{
    if (runner->count == WT_INSTANCES_MAX)
        return -ENOSPC;
    struct instance *in = calloc(1, sizeof *in);
    if (!in)
        return -ENOMEM;
    in->runner = runner;
    in->desk = runner->desk;
    in->strategy = strategy;
    in->index = runner->count;
    in->row = wt_positions_row_of(runner->positions, in->index);
    in->all = symbols == NULL;
    if (symbols) {
        in->names = calloc(symbol_count ? symbol_count : 1, sizeof *in->names);
        if (!in->names) {
            free(in);
            return -ENOMEM;
        }
        memcpy(in->names, symbols, symbol_count * sizeof *in->names);
        in->name_count = symbol_count;
    }
    struct wt_strategy_host host = {in, host_signal, host_position, host_timer, host_now, host_depth, host_queue};
    runner->instances[runner->count++] = in;
    in->self = strategy->create(&host, params, param_count);
    if (in->self)
        return 0;
    runner->count--;
    free(in->names);
    free(in);
    return -EINVAL;
}

void wt_runner_lanes(struct wt_runner *runner, struct wt_lanes *lanes, struct wt_quotes *quotes)
{
    runner->lanes = lanes;
    runner->open = &lanes->open;
    runner->kept = quotes;
}

void wt_runner_places(struct wt_runner *runner, const struct wt_places *places, const struct wt_oms *oms)
{
    runner->places = places;
    runner->oms = oms;
}

void wt_runner_destroy(struct wt_runner *runner)
{
    if (!runner)
        return;
    for (unsigned i = 0; i < runner->count; i++) {
        runner->instances[i]->strategy->destroy(runner->instances[i]->self);
        free(runner->instances[i]->names);
        free(runner->instances[i]);
    }
    free(runner);
}

void wt_runner_stop(struct wt_runner *runner)
{
    runner->stopped = true;
    for (unsigned i = 0; runner->lanes && i < SYMBOLS_MAX; i++)
        wt_lane_set(runner->lanes, (wt_symbol)i, NULL, NULL, NULL, NULL);
}

uint64_t wt_runner_callbacks(const struct wt_runner *runner)
{
    return runner->callbacks + (runner->lanes ? runner->lanes->taken : 0);
}
