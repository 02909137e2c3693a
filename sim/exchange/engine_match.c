#include "sim/exchange/engine_book.h"

static char other(char side)
{
    return side == 'B' ? 'S' : 'B';
}

static uint32_t min_u32(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

/* A price of the other side is as good as the limit of an order of this side. */
static bool crosses(char side, uint32_t limit, uint32_t price)
{
    return side == 'B' ? price <= limit : price >= limit;
}

/*
 * The orders that an incoming one meets, in priority order: by price, displayed before hidden, by time. Hidden
 * orders whose minimum is more than what comes in are passed over; what comes in only gets less, so the cursor
 * never has to go back.
 */
struct cursor {
    struct wt_engine_ladder *displayed;
    char side;       /* of the resting orders */
    uint32_t slot;   /* displayed order, 0: at the end */
    uint32_t hidden; /* hidden order, 0: at the end */
};

static uint32_t next_order(const struct wt_engine *e, uint32_t slot, char side)
{
    const struct wt_engine_resting *o = &e->orders[slot];
    if (o->newer != 0)
        return o->newer;
    uint32_t level = wt_engine_book_next_level(e, o->level, side);
    return level ? e->levels[level].oldest : 0;
}

static uint32_t first_order(const struct wt_engine *e, const struct wt_engine_ladder *ladder, char side)
{
    uint32_t level = wt_engine_book_best(ladder, side);
    return level ? e->levels[level].oldest : 0;
}

static struct cursor cursor_start(struct wt_engine *e, const struct wt_engine_resting *in)
{
    struct cursor c = {.side = other(in->v.side)};
    c.displayed = wt_engine_book_ladder(e, in->v.symbol, c.side, false);
    c.slot = first_order(e, c.displayed, c.side);
    c.hidden = first_order(e, wt_engine_book_ladder(e, in->v.symbol, c.side, true), c.side);
    return c;
}

static uint32_t minimum(const struct wt_engine_resting *o)
{
    return min_u32(o->min_shares, o->v.shares);
}

/* The order that `shares` of an incoming one meet at the cursor, 0: none. */
static uint32_t cursor_at(const struct wt_engine *e, struct cursor *c, const struct wt_engine_resting *in,
                          uint32_t shares)
{
    uint32_t slot = c->slot, price = e->orders[slot].v.price;
    if (slot != 0 && !crosses(in->v.side, in->v.price, price))
        slot = 0;
    for (; c->hidden != 0; c->hidden = next_order(e, c->hidden, c->side)) {
        const struct wt_engine_resting *h = &e->orders[c->hidden];
        if (!crosses(in->v.side, in->v.price, h->v.price) || (slot != 0 && crosses(in->v.side, h->v.price, price)))
            break;
        if (minimum(h) <= shares)
            return c->hidden;
    }
    return slot;
}

/* Step over an order, which may leave the book afterwards. */
static void cursor_pass(const struct wt_engine *e, struct cursor *c, uint32_t slot)
{
    if (slot == c->hidden)
        c->hidden = next_order(e, slot, c->side);
    else
        c->slot = next_order(e, slot, c->side);
}

static bool same_owner(const struct wt_engine_resting *a, const struct wt_engine_resting *b)
{
    return a->v.owner != 0 && a->v.owner == b->v.owner;
}

bool wt_engine_match_reaches(struct wt_engine *e, const struct wt_engine_resting *in, uint32_t shares)
{
    struct cursor c = cursor_start(e, in);
    uint32_t reached = 0;
    while (reached < shares) {
        uint32_t slot = cursor_at(e, &c, in, in->v.shares - reached);
        if (slot == 0 || same_owner(in, &e->orders[slot]))
            return false;
        reached += min_u32(in->v.shares - reached, e->orders[slot].v.shares);
        cursor_pass(e, &c, slot);
    }
    return true;
}

bool wt_engine_match_run(struct wt_engine *e, struct wt_engine_resting *in)
{
    struct cursor c = cursor_start(e, in);
    while (in->v.shares > 0) {
        uint32_t slot = cursor_at(e, &c, in, in->v.shares);
        if (slot == 0)
            return true;
        struct wt_engine_resting *o = &e->orders[slot];
        if (same_owner(in, o))
            return false;
        uint32_t shares = min_u32(in->v.shares, o->v.shares);
        struct wt_engine_view view = o->v;
        view.shares -= shares;
        if (view.shares == 0)
            cursor_pass(e, &c, slot);
        wt_engine_book_reduce(e, slot, shares);
        in->v.shares -= shares;
        e->totals.executions++;
        e->totals.executed_shares += shares;
        uint64_t match = e->next_match++;
        WT_ENGINE_TELL(e, executed, &view, in->v.owner, in->v.tag, in->v.ref, shares, view.price, match);
    }
    return true;
}

/* ---------------------------------------------------------------- trading resumes */

/* Both rest, so the newer one is the one that came in. False: one left the book untraded. */
static bool uncross_pair(struct wt_engine *e, uint32_t bid_slot, uint32_t offer_slot)
{
    struct wt_engine_resting *bid = &e->orders[bid_slot], *offer = &e->orders[offer_slot];
    bool bid_older = bid->v.ref < offer->v.ref;
    if (same_owner(bid, offer)) {
        uint32_t slot = bid_older ? offer_slot : bid_slot;
        struct wt_engine_view view = e->orders[slot].v;
        uint32_t shares = view.shares;
        view.shares = 0;
        wt_engine_book_remove(e, slot);
        e->totals.canceled_shares += shares;
        WT_ENGINE_TELL(e, canceled, &view, shares, true, WT_ENGINE_SELF_MATCH);
        return slot == offer_slot;
    }
    uint32_t shares = min_u32(bid->v.shares, offer->v.shares);
    struct wt_engine_view b = bid->v, o = offer->v;
    b.shares -= shares;
    o.shares -= shares;
    wt_engine_book_reduce(e, bid_slot, shares);
    wt_engine_book_reduce(e, offer_slot, shares);
    e->totals.executions++;
    e->totals.executed_shares += shares;
    uint64_t match = e->next_match++;
    WT_ENGINE_TELL(e, uncrossed, &b, &o, shares, bid_older ? b.price : o.price, match);
    return b.shares > 0;
}

/* Trade one bid with the offers that it crosses, by their priority. */
static void uncross_bid(struct wt_engine *e, uint32_t slot)
{
    struct wt_engine_resting bid = e->orders[slot]; /* as a limit for the cursor */
    struct cursor c = cursor_start(e, &bid);
    for (;;) {
        uint32_t shares = e->orders[slot].v.shares;
        uint32_t offer = cursor_at(e, &c, &bid, shares);
        if (offer == 0)
            return;
        bool enough = minimum(&e->orders[slot]) <= e->orders[offer].v.shares;
        bool stays = e->orders[offer].v.shares > shares;
        if (!enough || !stays || same_owner(&bid, &e->orders[offer]))
            cursor_pass(e, &c, offer);
        if (enough && !uncross_pair(e, slot, offer))
            return;
    }
}

void wt_engine_match_uncross(struct wt_engine *e, uint16_t symbol)
{
    /* The best bid that is not yet dealt with is found again each time: what traded may have left. */
    struct wt_engine_resting any = {.v = {.symbol = symbol, .side = 'S', .price = 0}};
    struct cursor c = cursor_start(e, &any);
    for (;;) {
        uint32_t bid = cursor_at(e, &c, &any, UINT32_MAX);
        if (bid == 0)
            return;
        struct wt_engine_resting limit = e->orders[bid];
        if (!wt_engine_crosses(e, &limit))
            return;
        cursor_pass(e, &c, bid);
        uncross_bid(e, bid);
    }
}
