#include "sim/exchange/matcher.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "host/gateway/ouch.h"
#include "host/market/itch.h"
#include "sim/exchange/own_orders.h"

#define NONE WT_REPLAY_NONE
#define OURS (1ull << 63) /* order references and match numbers that the replay does not use */

struct wt_matcher {
    struct wt_replay *replay;
    struct wt_desk_handler handler;
    struct wt_own_orders orders;
    uint32_t heads[65536][2]; /* our best resting order by locate and side */
    uint64_t order_refs, matches;
};

int wt_matcher_create(struct wt_replay *replay, struct wt_desk_handler handler, struct wt_matcher **matcher)
{
    struct wt_matcher *m = calloc(1, sizeof *m);
    if (!m)
        return -ENOMEM;
    m->replay = replay;
    m->handler = handler;
    memset(m->heads, 0xff, sizeof m->heads);
    *matcher = m;
    return 0;
}

void wt_matcher_destroy(struct wt_matcher *m)
{
    if (!m)
        return;
    wt_own_orders_free(&m->orders);
    free(m);
}

bool wt_matcher_trading(const struct wt_matcher *m, uint16_t locate)
{
    const struct wt_replay_symbol *s = wt_replay_symbol(m->replay, locate);
    return s && s->state == 'T' && !s->operational_halt;
}

static bool is_sell(const struct wt_own_order *o)
{
    return o->side != 'B';
}

/* Price a is better than b for an order of that side to stand at. */
static bool better(bool sell, uint32_t a, uint32_t b)
{
    return sell ? a < b : a > b;
}

/* An order of that side with that limit may trade at price. */
static bool reaches(bool sell, uint32_t limit, uint32_t price)
{
    return sell ? price >= limit : price <= limit;
}

static void rest(struct wt_matcher *m, struct wt_own_order *o)
{
    uint32_t index = (uint32_t)(o - m->orders.order);
    uint32_t *head = &m->heads[o->locate][is_sell(o)];
    uint32_t prev = NONE, next = *head;
    while (next != NONE && !better(is_sell(o), o->price, m->orders.order[next].price)) {
        prev = next;
        next = m->orders.order[next].next;
    }
    o->prev = prev;
    o->next = next;
    if (next != NONE)
        m->orders.order[next].prev = index;
    if (prev != NONE)
        m->orders.order[prev].next = index;
    else
        *head = index;
}

static void unlink_order(struct wt_matcher *m, struct wt_own_order *o)
{
    uint32_t *head = &m->heads[o->locate][is_sell(o)];
    uint32_t index = (uint32_t)(o - m->orders.order);
    if (o->prev != NONE)
        m->orders.order[o->prev].next = o->next;
    else if (*head == index)
        *head = o->next;
    if (o->next != NONE)
        m->orders.order[o->next].prev = o->prev;
    o->prev = NONE;
    o->next = NONE;
}

static void fill(struct wt_matcher *m, struct wt_own_order *o, uint32_t shares, uint32_t price, char liquidity)
{
    if (!wt_own_orders_fill(&m->orders, o, shares))
        unlink_order(m, o);
    m->handler.executed(m->handler.ctx, o, shares, price, liquidity, OURS | ++m->matches);
}

static void take_off(struct wt_matcher *m, struct wt_own_order *o, uint32_t shares)
{
    if (!wt_own_orders_take_off(&m->orders, o, shares))
        unlink_order(m, o);
}

void wt_matcher_cancel(struct wt_matcher *m, struct wt_own_order *o, uint32_t shares, char reason)
{
    take_off(m, o, shares);
    m->handler.canceled(m->handler.ctx, o, shares, reason);
}

void wt_matcher_replace_away(struct wt_matcher *m, struct wt_own_order *o)
{
    take_off(m, o, o->open);
}

void wt_matcher_cancel_all(struct wt_matcher *m, const char name[8], char reason)
{
    struct wt_own_order *o;
    for (uint32_t at = 0; (o = wt_own_orders_next(&m->orders, &at, name));)
        wt_matcher_cancel(m, o, o->open, reason);
}

size_t wt_matcher_stored(const struct wt_matcher *m)
{
    return m->orders.count * sizeof *m->orders.order;
}

struct wt_own_order *wt_matcher_enter(struct wt_matcher *m, const struct wt_own_order *order)
{
    struct wt_own_order *o = wt_own_orders_add(&m->orders, order);
    if (!o)
        return NULL;
    o->prev = NONE;
    o->next = NONE;
    o->arrival = wt_replay_arrive(m->replay);
    wt_own_orders_accept(&m->orders, o, OURS | ++m->order_refs);
    return o;
}

struct wt_own_order *wt_matcher_find(struct wt_matcher *m, uint32_t user_ref)
{
    return wt_own_orders_find(&m->orders, user_ref);
}

/* The displayed order of the other side that is next to trade with one of ours, within its limit. */
static uint32_t next_contra(struct wt_matcher *m, const struct wt_own_order *o)
{
    const struct wt_replay_side *side = &wt_replay_symbol(m->replay, o->locate)->side[!is_sell(o)];
    for (uint32_t at = side->count; at-- > 0;) {
        if (!reaches(is_sell(o), o->price, side->levels[at].price))
            return NONE;
        for (uint32_t i = side->levels[at].head; i != NONE; i = wt_replay_order(m->replay, i)->next)
            if (wt_replay_available(wt_replay_order(m->replay, i)) > 0)
                return i;
    }
    return NONE;
}

static uint32_t least(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

/* Shares of a replayed order for one of ours. */
static void trade(struct wt_matcher *m, struct wt_own_order *o, struct wt_replay_order *contra, uint32_t price,
                  char liquidity)
{
    uint32_t shares = least(o->open, wt_replay_available(contra));
    contra->taken += shares;
    fill(m, o, shares, price, liquidity);
}

/* The order would trade with our own resting one before it trades with contra (or NULL). */
static bool meets_own(const struct wt_own_order *o, const struct wt_own_order *own,
                      const struct wt_replay_order *contra)
{
    if (!reaches(is_sell(o), o->price, own->price))
        return false;
    return !contra || better(is_sell(own), own->price, contra->price) ||
           (own->price == contra->price && own->arrival < contra->arrival);
}

void wt_matcher_go(struct wt_matcher *m)
{
    if (m->orders.count == 0)
        return;
    struct wt_own_order *o = &m->orders.order[m->orders.count - 1];
    bool sell = is_sell(o);
    while (o->live) {
        uint32_t found = next_contra(m, o);
        struct wt_replay_order *contra = found == NONE ? NULL : wt_replay_order(m->replay, found);
        uint32_t head = m->heads[o->locate][!sell];
        if (head != NONE && meets_own(o, &m->orders.order[head], contra)) {
            uint32_t shares = o->open;
            take_off(m, o, shares);
            m->handler.self_match(m->handler.ctx, o, shares, m->orders.order[head].price);
            return;
        }
        if (!contra)
            break;
        trade(m, o, contra, contra->price, 'R');
    }
    if (!o->live)
        return;
    if (o->tif == '3')
        wt_matcher_cancel(m, o, o->open, 'I');
    else
        rest(m, o);
}

/* The replay added an order: ours of the other side that it meets trade first. */
static void meet_added(struct wt_matcher *m, struct wt_replay_order *added)
{
    while (wt_replay_available(added) > 0) {
        uint32_t head = m->heads[added->locate][!added->sell];
        if (head == NONE || !reaches(added->sell, added->price, m->orders.order[head].price))
            return;
        trade(m, &m->orders.order[head], added, m->orders.order[head].price, 'A');
    }
}

/* The replay executes shares of an order: ours that stand before it trade first. */
static void meet_executed(struct wt_matcher *m, const struct wt_replay_order *done, uint32_t shares)
{
    while (shares > 0) {
        uint32_t head = m->heads[done->locate][done->sell];
        if (head == NONE)
            return;
        struct wt_own_order *o = &m->orders.order[head];
        if (!better(done->sell, o->price, done->price) && !(o->price == done->price && o->arrival < done->arrival))
            return;
        uint32_t ours = least(o->open, shares);
        shares -= ours;
        fill(m, o, ours, o->price, 'A');
    }
}

/* Trading goes on: what came to stand across our orders meanwhile meets them. */
static void resume(struct wt_matcher *m, uint16_t locate)
{
    for (unsigned side = 0; side < 2; side++) {
        for (uint32_t i = m->heads[locate][side]; i != NONE;) {
            struct wt_own_order *o = &m->orders.order[i];
            uint32_t next = o->next, contra;
            while (o->live && (contra = next_contra(m, o)) != NONE)
                trade(m, o, wt_replay_order(m->replay, contra), o->price, 'A');
            i = next;
        }
    }
}

static void add(struct wt_matcher *m, uint16_t locate, char side, uint64_t ref, uint32_t price, uint32_t shares,
                uint32_t taken)
{
    if (shares == 0 || (side != 'B' && side != 'S'))
        return;
    int64_t index = wt_replay_add(m->replay, locate, side == 'S', ref, price, shares);
    if (index < 0)
        return;
    struct wt_replay_order *o = wt_replay_order(m->replay, (uint32_t)index);
    o->taken = least(taken, shares);
    if (wt_matcher_trading(m, locate))
        meet_added(m, o);
}

static void replay_halt(struct wt_matcher *m, const uint8_t *raw, uint16_t locate)
{
    struct wt_replay_symbol *s = wt_replay_name(m->replay, locate, wt_itch_stock(raw));
    if (!s)
        return;
    bool was = wt_matcher_trading(m, locate);
    if (raw[0] == 'H')
        s->state = (char)raw[19];
    else if (raw[19] == 'Q') /* the market code of NASDAQ: halts elsewhere are not ours */
        s->operational_halt = raw[20] == 'H';
    if (!was && wt_matcher_trading(m, locate))
        resume(m, locate);
}

void wt_matcher_replay(struct wt_matcher *m, const uint8_t *raw, size_t length)
{
    if (length == 0 || length != wt_itch_length(raw[0]))
        return;
    uint16_t locate = wt_itch_locate(raw);
    switch (raw[0]) {
    case 'R':
        wt_replay_name(m->replay, locate, wt_itch_stock(raw));
        return;
    case 'H':
    case 'h':
        replay_halt(m, raw, locate);
        return;
    case 'A':
    case 'F':
        if (wt_replay_name(m->replay, locate, wt_itch_add_stock(raw)))
            add(m, locate, wt_itch_side(raw), wt_itch_ref(raw), wt_itch_add_price(raw), wt_itch_add_shares(raw), 0);
        return;
    case 'E':
    case 'C':
    case 'X':
    case 'D':
    case 'U':
        break;
    default:
        return;
    }
    uint32_t index = wt_replay_find(m->replay, wt_itch_ref(raw));
    if (index == NONE || wt_replay_order(m->replay, index)->locate != locate)
        return;
    const struct wt_replay_order *o = wt_replay_order(m->replay, index);
    if (raw[0] == 'D') {
        wt_replay_reduce(m->replay, index, o->shares);
    } else if (raw[0] == 'U') {
        struct wt_replay_order old = *o;
        if (wt_itch_replace_shares(raw) != 0 && wt_replay_find(m->replay, wt_itch_new_ref(raw)) != NONE)
            return;
        wt_replay_reduce(m->replay, index, old.shares);
        add(m, locate, old.sell ? 'S' : 'B', wt_itch_new_ref(raw), wt_itch_replace_price(raw),
            wt_itch_replace_shares(raw), old.taken);
    } else {
        uint32_t shares = least(wt_itch_reduce_shares(raw), o->shares);
        if (raw[0] != 'X' && wt_matcher_trading(m, locate))
            meet_executed(m, o, shares);
        wt_replay_reduce(m->replay, index, shares);
    }
}

void wt_matcher_totals(const struct wt_matcher *m, struct wt_desk_totals *totals)
{
    *totals = m->orders.totals;
}

/* ---------------------------------------------------------------- the desk */

static int desk_symbol(void *ctx, const char name[8])
{
    return wt_replay_find_name(((struct wt_matcher *)ctx)->replay, name);
}

static bool desk_trading(void *ctx, uint16_t symbol)
{
    return wt_matcher_trading(ctx, symbol);
}

static unsigned desk_enter(void *ctx, const struct wt_own_order *order)
{
    struct wt_matcher *m = ctx;
    const struct wt_own_order *o = wt_matcher_enter(m, order);
    if (!o)
        return WT_OUCH_REJECT_PROCESSING;
    m->handler.accepted(m->handler.ctx, o, 0);
    wt_matcher_go(m);
    return 0;
}

static unsigned desk_replace(void *ctx, uint32_t orig_ref, const struct wt_own_order *order)
{
    struct wt_matcher *m = ctx;
    const struct wt_own_order *o = wt_matcher_enter(m, order);
    if (!o)
        return WT_OUCH_REJECT_PROCESSING;
    /* wt_matcher_enter may have moved the orders: find the old one again. */
    wt_matcher_replace_away(m, wt_matcher_find(m, orig_ref));
    m->handler.accepted(m->handler.ctx, o, orig_ref);
    wt_matcher_go(m);
    return 0;
}

static struct wt_own_order *desk_find(void *ctx, uint32_t user_ref)
{
    return wt_matcher_find(ctx, user_ref);
}

static void desk_cancel(void *ctx, struct wt_own_order *order, uint32_t shares, char reason)
{
    wt_matcher_cancel(ctx, order, shares, reason);
}

static void desk_cancel_all(void *ctx, const char name[8], char reason)
{
    wt_matcher_cancel_all(ctx, name, reason);
}

struct wt_desk wt_matcher_desk(struct wt_matcher *m)
{
    return (struct wt_desk){.ctx = m,
                            .symbol = desk_symbol,
                            .trading = desk_trading,
                            .enter = desk_enter,
                            .replace = desk_replace,
                            .find = desk_find,
                            .cancel = desk_cancel,
                            .cancel_all = desk_cancel_all};
}
