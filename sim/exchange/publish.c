#include "sim/exchange/publish.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "host/market/itch_put.h"

#define SYMBOLS 65535u /* locates 1 to 65535 */

struct wt_publish {
    struct wt_publish_sink sink;
    uint64_t now_ns;
    uint32_t symbols;
    char (*names)[8];
    char *states;
};

int wt_publish_create(struct wt_publish_sink sink, struct wt_publish **publish)
{
    struct wt_publish *p = calloc(1, sizeof *p);
    *publish = p;
    if (!p)
        return -ENOMEM;
    p->sink = sink;
    p->names = calloc(SYMBOLS, sizeof *p->names);
    p->states = calloc(SYMBOLS, 1);
    if (!p->names || !p->states) {
        wt_publish_destroy(p);
        *publish = NULL;
        return -ENOMEM;
    }
    return 0;
}

void wt_publish_destroy(struct wt_publish *p)
{
    if (!p)
        return;
    free(p->names);
    free(p->states);
    free(p);
}

void wt_publish_now(struct wt_publish *p, uint64_t now_ns)
{
    p->now_ns = now_ns;
}

const char *wt_publish_name(const struct wt_publish *p, uint16_t symbol)
{
    return p->names[symbol];
}

static uint16_t locate(uint16_t symbol)
{
    return (uint16_t)(symbol + 1);
}

static void put(struct wt_publish *p, const uint8_t *message, size_t length)
{
    p->sink.put(p->sink.ctx, p->now_ns, message, length);
}

/* ---------------------------------------------------------------- symbols and states */

int wt_publish_symbol(struct wt_publish *p, uint16_t symbol, const char name[8])
{
    uint8_t m[WT_ITCH_MAX];
    if (symbol >= SYMBOLS)
        return -ENOSPC;
    memcpy(p->names[symbol], name, 8);
    p->states[symbol] = 'T';
    if (symbol >= p->symbols)
        p->symbols = symbol + 1u;
    put(p, m, wt_itch_put_directory(m, locate(symbol), p->now_ns, name));
    put(p, m, wt_itch_put_action(m, locate(symbol), p->now_ns, name, 'T', "    "));
    return 0;
}

void wt_publish_event(struct wt_publish *p, char code)
{
    uint8_t m[WT_ITCH_MAX];
    put(p, m, wt_itch_put_system(m, p->now_ns, code));
}

static void on_state(void *ctx, uint16_t symbol, char state)
{
    struct wt_publish *p = ctx;
    uint8_t m[WT_ITCH_MAX];
    p->states[symbol] = state;
    put(p, m, wt_itch_put_action(m, locate(symbol), p->now_ns, p->names[symbol], state, "    "));
}

/* ---------------------------------------------------------------- orders */

static size_t make_add(const struct wt_publish *p, uint8_t *m, const struct wt_engine_view *o)
{
    const char *mpid = memcmp(o->mpid, "    ", 4) == 0 || o->mpid[0] == '\0' ? NULL : o->mpid;
    return wt_itch_put_add(m, locate(o->symbol), p->now_ns, o->ref, o->side, o->shares, p->names[o->symbol], o->price,
                           mpid);
}

static void on_rested(void *ctx, const struct wt_engine_view *o)
{
    struct wt_publish *p = ctx;
    uint8_t m[WT_ITCH_MAX];
    if (!o->hidden)
        put(p, m, make_add(p, m, o));
}

static void put_trade(struct wt_publish *p, const struct wt_engine_view *o, uint32_t shares, uint32_t price,
                      uint64_t match)
{
    uint8_t m[WT_ITCH_MAX];
    put(p, m, wt_itch_put_trade(m, locate(o->symbol), p->now_ns, shares, p->names[o->symbol], price, match));
}

static void put_executed(struct wt_publish *p, const struct wt_engine_view *o, uint32_t shares, uint64_t match)
{
    uint8_t m[WT_ITCH_MAX];
    put(p, m, wt_itch_put_executed(m, locate(o->symbol), p->now_ns, o->ref, shares, match));
}

static void on_executed(void *ctx, const struct wt_engine_view *resting, uint32_t owner, uint64_t tag, uint64_t ref,
                        uint32_t shares, uint32_t price, uint64_t match)
{
    (void)owner;
    (void)tag;
    (void)ref;
    if (resting->hidden)
        put_trade(ctx, resting, shares, price, match);
    else
        put_executed(ctx, resting, shares, match);
}

static void on_uncrossed(void *ctx, const struct wt_engine_view *bid, const struct wt_engine_view *offer,
                         uint32_t shares, uint32_t price, uint64_t match)
{
    struct wt_publish *p = ctx;
    uint8_t m[WT_ITCH_MAX];
    const struct wt_engine_view *older = bid->ref < offer->ref ? bid : offer;
    const struct wt_engine_view *newer = older == bid ? offer : bid;
    if (!older->hidden)
        put_executed(p, older, shares, match);
    if (!newer->hidden)
        put(p, m,
            wt_itch_put_executed_at(m, locate(newer->symbol), p->now_ns, newer->ref, shares, match, older->hidden,
                                    price));
    if (older->hidden && newer->hidden)
        put_trade(p, older, shares, price, match);
}

static void put_canceled(struct wt_publish *p, uint16_t symbol, uint64_t ref, uint32_t shares, bool gone)
{
    uint8_t m[WT_ITCH_MAX];
    if (gone)
        put(p, m, wt_itch_put_delete(m, locate(symbol), p->now_ns, ref));
    else
        put(p, m, wt_itch_put_cancel(m, locate(symbol), p->now_ns, ref, shares));
}

static void on_canceled(void *ctx, const struct wt_engine_view *o, uint32_t shares, bool resting,
                        enum wt_engine_reason reason)
{
    (void)reason;
    if (resting && !o->hidden)
        put_canceled(ctx, o->symbol, o->ref, shares, o->shares == 0);
}

static void on_replaced(void *ctx, uint64_t old_ref, uint32_t old_shares, const struct wt_engine_view *o,
                        enum wt_engine_replaced how)
{
    struct wt_publish *p = ctx;
    uint8_t m[WT_ITCH_MAX];
    if (o->hidden)
        return;
    switch (how) {
    case WT_ENGINE_REPLACED_KEPT:
        if (old_shares > o->shares)
            put_canceled(p, o->symbol, old_ref, old_shares - o->shares, false);
        break;
    case WT_ENGINE_REPLACED_MOVED:
        put(p, m, wt_itch_put_replace(m, locate(o->symbol), p->now_ns, old_ref, o->ref, o->shares, o->price));
        break;
    case WT_ENGINE_REPLACED_ENTERS:
        put_canceled(p, o->symbol, old_ref, old_shares, true);
        break;
    }
}

struct wt_engine_handler wt_publish_handler(struct wt_publish *p)
{
    return (struct wt_engine_handler){.ctx = p,
                                      .rested = on_rested,
                                      .executed = on_executed,
                                      .canceled = on_canceled,
                                      .uncrossed = on_uncrossed,
                                      .replaced = on_replaced,
                                      .state = on_state};
}

/* ---------------------------------------------------------------- snapshots */

struct snapshot {
    const struct wt_publish *publish;
    struct wt_publish_sink sink;
};

static void snapshot_order(void *ctx, const struct wt_engine_view *o)
{
    struct snapshot *s = ctx;
    uint8_t m[WT_ITCH_MAX];
    s->sink.put(s->sink.ctx, s->publish->now_ns, m, make_add(s->publish, m, o));
}

void wt_publish_snapshot(const struct wt_publish *p, const struct wt_engine *engine, struct wt_publish_sink sink)
{
    uint8_t m[WT_ITCH_MAX];
    struct snapshot s = {p, sink};
    for (uint32_t i = 0; i < p->symbols; i++)
        sink.put(sink.ctx, p->now_ns, m, wt_itch_put_directory(m, locate((uint16_t)i), p->now_ns, p->names[i]));
    for (uint32_t i = 0; i < p->symbols; i++)
        sink.put(sink.ctx, p->now_ns, m,
                 wt_itch_put_action(m, locate((uint16_t)i), p->now_ns, p->names[i], p->states[i], "    "));
    for (uint32_t i = 0; i < p->symbols; i++)
        wt_engine_walk(engine, (uint16_t)i, snapshot_order, &s);
}
