/*
 * The matching engine as one would explain it: a plain array of orders that is searched from end to end for
 * whoever is first by price, displayed before hidden, and reference. Slow, and it shares nothing with the engine but
 * the structures of its interface. Each m_ function does what the engine's function of that name must do, and puts what
 * the engine must tell into `expected`.
 */
#ifndef WT_TEST_ENGINE_MODEL_H
#define WT_TEST_ENGINE_MODEL_H

#include "tests/unit/engine_log.h"

enum { MODEL_SYMBOLS = 8, MODEL_LIVE = 4096 };

struct model_order {
    struct wt_engine_order o; /* o.shares: open */
    uint64_t ref;
};

static struct model {
    struct model_order live[MODEL_LIVE + 1];
    size_t count, max_live; /* more are refused */
    char state[MODEL_SYMBOLS];
    uint64_t next_ref, next_match;
    uint64_t entered_shares, executed_shares, canceled_shares, rejects, executions;
} m;

static struct engine_log expected; /* what it would tell */

static struct wt_engine_view m_view(const struct model_order *x)
{
    struct wt_engine_view v = {.ref = x->ref,
                               .owner = x->o.owner,
                               .tag = x->o.tag,
                               .symbol = x->o.symbol,
                               .side = x->o.side,
                               .hidden = x->o.hidden,
                               .price = x->o.market ? 0 : x->o.price,
                               .shares = x->o.shares};
    memcpy(v.mpid, x->o.mpid, 4);
    return v;
}

static struct model_order *m_find(uint64_t ref)
{
    for (size_t i = 0; i < m.count; i++)
        if (m.live[i].ref == ref)
            return &m.live[i];
    return NULL;
}

static void m_drop(uint64_t ref)
{
    struct model_order *x = m_find(ref);
    *x = m.live[--m.count];
}

/* a goes before b, which stands on the same side. */
static bool before(const struct model_order *a, const struct model_order *b)
{
    if (a->o.price != b->o.price)
        return a->o.side == 'B' ? a->o.price > b->o.price : a->o.price < b->o.price;
    if (a->o.hidden != b->o.hidden)
        return b->o.hidden;
    return a->ref < b->ref;
}

static bool meets(const struct model_order *in, const struct model_order *x)
{
    if (x->o.symbol != in->o.symbol || x->o.side == in->o.side)
        return false;
    return in->o.market || (in->o.side == 'B' ? x->o.price <= in->o.price : x->o.price >= in->o.price);
}

static uint32_t least(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

/* Who is next for `shares` of an incoming order; after: only those behind this one. */
static struct model_order *m_next(const struct model_order *in, uint32_t shares, const struct model_order *after)
{
    struct model_order *best = NULL;
    for (size_t i = 0; i < m.count; i++) {
        struct model_order *x = &m.live[i];
        if (!meets(in, x) || (after && !before(after, x)) || least(x->o.min_shares, x->o.shares) > shares)
            continue;
        if (!best || before(x, best))
            best = x;
    }
    return best;
}

static bool own(const struct model_order *a, const struct model_order *b)
{
    return a->o.owner != 0 && a->o.owner == b->o.owner;
}

static bool m_reaches(const struct model_order *in, uint32_t want)
{
    struct model_order *after = NULL;
    uint32_t sum = 0;
    while (sum < want) {
        after = m_next(in, in->o.shares - sum, after);
        if (!after || own(in, after))
            return false;
        sum += least(after->o.shares, in->o.shares - sum);
    }
    return true;
}

static void m_rest(const struct model_order *in)
{
    m.live[m.count++] = *in;
}

static void m_come_in(struct model_order *in)
{
    bool rests = in->o.tif == '0' && !in->o.market;
    enum wt_engine_reason reason = WT_ENGINE_IOC_REST;
    if (m.state[in->o.symbol] == 'T') {
        bool trades = in->o.min_shares == 0 || m_reaches(in, in->o.min_shares);
        if (!trades)
            reason = WT_ENGINE_MIN_SHARES;
        struct model_order *x;
        while (trades && in->o.shares > 0 && (x = m_next(in, in->o.shares, NULL))) {
            if (own(in, x)) {
                reason = WT_ENGINE_SELF_MATCH;
                rests = false;
                break;
            }
            uint32_t n = least(in->o.shares, x->o.shares);
            x->o.shares -= n;
            in->o.shares -= n;
            m.executed_shares += n;
            m.executions++;
            struct wt_engine_view v = m_view(x);
            log_executed(&expected, &v, in->o.owner, in->o.tag, in->ref, n, x->o.price, m.next_match++);
            if (x->o.shares == 0)
                m_drop(x->ref);
        }
    }
    if (in->o.shares == 0)
        return;
    if (rests) {
        m_rest(in);
        struct wt_engine_view v = m_view(in);
        log_rested(&expected, &v);
        return;
    }
    uint32_t n = in->o.shares;
    in->o.shares = 0;
    m.canceled_shares += n;
    struct wt_engine_view v = m_view(in);
    log_canceled(&expected, &v, n, false, reason);
}

static bool on_tick(uint32_t price)
{
    return price < 10000 || price % 100 == 0;
}

/* Why the book will not have it now. */
static enum wt_engine_reason m_check(const struct model_order *in)
{
    bool rests = in->o.tif == '0' && !in->o.market;
    char state = m.state[in->o.symbol];
    if (state == 'H' || state == 'P' || (state == 'Q' && !rests))
        return WT_ENGINE_HALTED;
    if (in->o.post_only && state == 'T' && m_reaches(in, 1))
        return WT_ENGINE_WOULD_TRADE;
    return WT_ENGINE_OK;
}

static enum wt_engine_reason m_enter(const struct wt_engine_order *o)
{
    struct model_order in = {.o = *o, .ref = m.next_ref++};
    bool rests = o->tif == '0' && !o->market;
    enum wt_engine_reason reason = WT_ENGINE_OK;
    if (o->post_only && !rests)
        reason = WT_ENGINE_BAD_TERMS;
    else if (o->shares < 1 || o->shares > 999999)
        reason = WT_ENGINE_BAD_SHARES;
    else if (!o->market && (o->price < 1 || o->price > 1999999900))
        reason = WT_ENGINE_BAD_PRICE;
    else if (!o->market && !on_tick(o->price))
        reason = WT_ENGINE_BAD_TICK;
    else if (o->min_shares > o->shares || (o->min_shares > 0 && rests && !o->hidden))
        reason = WT_ENGINE_MIN_SHARES;
    else if ((reason = m_check(&in)) == WT_ENGINE_OK && rests && m.count == m.max_live)
        reason = WT_ENGINE_FULL;
    if (reason != WT_ENGINE_OK) {
        m.rejects++;
        return reason;
    }
    m.entered_shares += o->shares;
    struct wt_engine_view v = m_view(&in);
    log_accepted(&expected, &v);
    m_come_in(&in);
    return WT_ENGINE_OK;
}

static void m_cancel(uint64_t ref, uint32_t shares)
{
    struct model_order *x = m_find(ref);
    if (!x || shares == 0)
        return;
    shares = least(shares, x->o.shares);
    x->o.shares -= shares;
    m.canceled_shares += shares;
    struct wt_engine_view v = m_view(x);
    if (x->o.shares == 0)
        m_drop(ref);
    log_canceled(&expected, &v, shares, true, WT_ENGINE_USER);
}

static enum wt_engine_reason m_replace(uint64_t ref, uint32_t price, uint32_t shares, bool keep, uint64_t tag)
{
    struct model_order *x = m_find(ref);
    enum wt_engine_reason reason = WT_ENGINE_OK;
    if (!x)
        reason = WT_ENGINE_BAD_SYMBOL;
    else if (shares < 1 || shares > 999999)
        reason = WT_ENGINE_BAD_SHARES;
    if (reason != WT_ENGINE_OK) {
        m.rejects++;
        return reason;
    }
    uint32_t old = x->o.shares;
    if (keep && price == x->o.price && shares <= old) {
        x->o.tag = tag;
        x->o.shares = shares;
        m.canceled_shares += old - shares;
        struct wt_engine_view v = m_view(x);
        log_replaced(&expected, ref, old, &v, WT_ENGINE_REPLACED_KEPT);
        return WT_ENGINE_OK;
    }
    struct model_order in = *x;
    in.o.price = price;
    in.o.shares = shares;
    in.o.tag = tag;
    if (price < 1 || price > 1999999900)
        reason = WT_ENGINE_BAD_PRICE;
    else if (!on_tick(price))
        reason = WT_ENGINE_BAD_TICK;
    else if (in.o.min_shares > shares)
        reason = WT_ENGINE_MIN_SHARES;
    else
        reason = m_check(&in);
    if (reason != WT_ENGINE_OK) {
        m.rejects++;
        return reason;
    }
    in.ref = m.next_ref++;
    m_drop(ref);
    m.canceled_shares += old;
    m.entered_shares += shares;
    bool crossing = false;
    for (size_t i = 0; i < m.count; i++)
        crossing |= meets(&in, &m.live[i]);
    struct wt_engine_view v = m_view(&in);
    if (m.state[in.o.symbol] == 'T' && crossing) {
        log_replaced(&expected, ref, old, &v, WT_ENGINE_REPLACED_ENTERS);
        m_come_in(&in);
    } else {
        log_replaced(&expected, ref, old, &v, WT_ENGINE_REPLACED_MOVED);
        m_rest(&in);
    }
    return WT_ENGINE_OK;
}

/* First of one side of a symbol, behind `after`. */
static struct model_order *m_first(uint16_t symbol, char side, const struct model_order *after)
{
    struct model_order any = {.o = {.symbol = symbol, .side = side == 'B' ? 'S' : 'B', .market = true}};
    return m_next(&any, UINT32_MAX, after);
}

static void m_trade_pair(struct model_order *bid, struct model_order *offer)
{
    uint32_t n = least(bid->o.shares, offer->o.shares);
    bid->o.shares -= n;
    offer->o.shares -= n;
    m.executed_shares += n;
    m.executions++;
    struct wt_engine_view b = m_view(bid), o = m_view(offer);
    log_uncrossed(&expected, &b, &o, n, bid->ref < offer->ref ? bid->o.price : offer->o.price, m.next_match++);
}

static void m_uncross(uint16_t symbol)
{
    struct model_order bid_was = {0}, offer_was, *bid, *offer;
    while ((bid = m_first(symbol, 'B', bid_was.ref ? &bid_was : NULL))) {
        bid_was = *bid;
        bool passed = false;
        for (;;) {
            bid = m_find(bid_was.ref);
            if (!bid)
                break;
            offer = m_first(symbol, 'S', passed ? &offer_was : NULL);
            if (!offer || offer->o.price > bid->o.price)
                break;
            offer_was = *offer;
            passed = true;
            uint32_t n = least(bid->o.shares, offer->o.shares);
            if (least(bid->o.min_shares, bid->o.shares) > n || least(offer->o.min_shares, offer->o.shares) > n)
                continue;
            if (own(bid, offer)) {
                struct model_order *newer = bid->ref > offer->ref ? bid : offer;
                struct wt_engine_view v = m_view(newer);
                uint32_t shares = v.shares;
                v.shares = 0;
                m.canceled_shares += shares;
                log_canceled(&expected, &v, shares, true, WT_ENGINE_SELF_MATCH);
                m_drop(newer->ref);
                continue;
            }
            m_trade_pair(bid, offer);
            uint64_t bid_gone = bid->o.shares == 0 ? bid->ref : 0, offer_gone = offer->o.shares == 0 ? offer->ref : 0;
            if (bid_gone)
                m_drop(bid_gone);
            if (offer_gone)
                m_drop(offer_gone);
        }
    }
}

static void m_state(uint16_t symbol, char state)
{
    if (m.state[symbol] == state)
        return;
    if (state == 'T')
        m_uncross(symbol);
    m.state[symbol] = state;
    log_state(&expected, symbol, state);
}

static void m_begin(size_t max_live)
{
    memset(&m, 0, sizeof m);
    memset(m.state, 'T', sizeof m.state);
    m.max_live = max_live;
    m.next_ref = m.next_match = 1;
}

#endif
