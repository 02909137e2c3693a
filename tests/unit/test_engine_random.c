/* Random operations on the matching engine beside a slow, obvious one: a plain array of orders that is searched
 * from end to end for whoever is first by price, displayed before hidden, and reference. Every event must be equal.
 * WT_ENGINE_OPERATIONS=n runs n operations (default 200,000). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "host/market/random.h"
#include "tests/unit/engine_log.h"

#define SYMBOLS 2
#define MAX_LIVE 96 /* the engine refuses more: FULL is tried too */

struct model_order {
    struct wt_engine_order o; /* o.shares: open */
    uint64_t ref;
};

static struct model {
    struct model_order live[MAX_LIVE + 1];
    size_t count;
    char state[SYMBOLS];
    uint64_t next_ref, next_match;
    uint64_t entered_shares, executed_shares, canceled_shares, rejects, executions;
} m;

static struct engine_log told, expected;

/* What the run reached. */
static uint64_t of_kind[8], of_reason[WT_ENGINE_BAD_TERMS + 1], live_sum;

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
    else if ((reason = m_check(&in)) == WT_ENGINE_OK && rests && m.count == MAX_LIVE)
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

/* ---------------------------------------------------------------- comparison */

static void check_best(struct wt_engine *engine, uint16_t symbol)
{
    uint32_t price[2] = {0}, got[2];
    uint64_t shares[2] = {0}, got_shares[2];
    for (size_t i = 0; i < m.count; i++) {
        const struct wt_engine_order *o = &m.live[i].o;
        if (o->symbol != symbol || o->hidden)
            continue;
        int s = o->side == 'S';
        if (price[s] == 0 || (s ? o->price < price[s] : o->price > price[s])) {
            price[s] = o->price;
            shares[s] = 0;
        }
        if (o->price == price[s])
            shares[s] += o->shares;
    }
    wt_engine_bbo(engine, symbol, &got[0], &got_shares[0], &got[1], &got_shares[1]);
    assert_int_equal(got[0], price[0]);
    assert_int_equal(got[1], price[1]);
    assert_int_equal(got_shares[0], shares[0]);
    assert_int_equal(got_shares[1], shares[1]);
    if (m.state[symbol] == 'T' && got[0] && got[1])
        assert_true(got[0] < got[1]);
}

static void check_totals(struct wt_engine *engine)
{
    struct wt_engine_totals t;
    wt_engine_totals(engine, &t);
    uint64_t open = 0;
    for (size_t i = 0; i < m.count; i++)
        open += m.live[i].o.shares;
    assert_int_equal(t.live_orders, m.count);
    assert_int_equal(t.open_shares, open);
    assert_int_equal(t.entered_shares, m.entered_shares);
    assert_int_equal(t.executed_shares, m.executed_shares);
    assert_int_equal(t.canceled_shares, m.canceled_shares);
    assert_int_equal(t.executions, m.executions);
    assert_int_equal(t.rejects, m.rejects);
    assert_int_equal(t.entered_shares, 2 * t.executed_shares + t.canceled_shares + t.open_shares);
}

struct walk {
    struct wt_engine_view view[MAX_LIVE];
    size_t count;
};

static void walk_one(void *ctx, const struct wt_engine_view *order)
{
    struct walk *w = ctx;
    assert_true(w->count < MAX_LIVE);
    w->view[w->count++] = *order;
}

static void check_walk(struct wt_engine *engine, uint16_t symbol)
{
    static struct walk w;
    w.count = 0;
    wt_engine_walk(engine, symbol, walk_one, &w);
    size_t i = 0;
    for (const char *side = "BS"; *side; side++) {
        struct model_order was, *x = NULL;
        while ((x = m_first(symbol, *side, x ? &was : NULL))) {
            was = *x;
            struct wt_engine_view found;
            assert_true(wt_engine_find(engine, x->ref, &found));
            assert_int_equal(found.shares, x->o.shares);
            if (x->o.hidden)
                continue;
            assert_true(i < w.count);
            assert_int_equal(w.view[i].ref, x->ref);
            assert_int_equal(w.view[i++].shares, x->o.shares);
        }
    }
    assert_int_equal(i, w.count);
}

/* ---------------------------------------------------------------- operations */

/* Bids mostly below the center and offers above it, so that books fill up; the center wanders. */
static uint32_t some_price(struct wt_random *r, uint16_t symbol, char side)
{
    uint32_t wander = 100 * (uint32_t)(m.next_ref / 512 % 16);
    uint32_t center = (symbol ? 100000 : 1000000) + wander + (side == 'S' ? 300 : 0);
    switch (wt_random_below(r, 40)) {
    case 0:
        return (uint32_t)wt_random_below(r, 3) * 999999950u + 1; /* 1, in the middle, too high or off tick */
    case 1:
        return 9990 + (uint32_t)wt_random_below(r, 20); /* around a dollar */
    case 2:
        return center + 50; /* off tick */
    case 3:
        return (uint32_t)wt_random_below(r, 20000000) * 100; /* anywhere */
    case 4:
        return wt_random_below(r, 2) ? 1999999900u : 0;
    default:
        return center + 100 * (uint32_t)wt_random_below(r, 12) - (side == 'S' ? 300 : 900);
    }
}

static uint32_t some_shares(struct wt_random *r)
{
    switch (wt_random_below(r, 60)) {
    case 0:
        return 0;
    case 1:
        return 999999 + (uint32_t)wt_random_below(r, 2);
    case 2:
        return UINT32_MAX;
    default:
        return 1 + (uint32_t)wt_random_below(r, 500);
    }
}

static struct wt_engine_order some_order(struct wt_random *r)
{
    struct wt_engine_order o = {.owner = (uint32_t)wt_random_below(r, 6),
                                .tag = wt_random_next(r),
                                .symbol = (uint16_t)wt_random_below(r, SYMBOLS),
                                .side = wt_random_below(r, 2) ? 'B' : 'S',
                                .tif = wt_random_below(r, 6) ? WT_ENGINE_DAY : WT_ENGINE_IOC,
                                .market = wt_random_below(r, 30) == 0,
                                .post_only = wt_random_below(r, 6) == 0,
                                .hidden = wt_random_below(r, 4) == 0,
                                .shares = some_shares(r),
                                .mpid = {'A', 'B', 'C', 'D'}};
    o.price = some_price(r, o.symbol, o.side);
    if (wt_random_below(r, 5) == 0)
        o.min_shares = (uint32_t)wt_random_below(r, 400);
    return o;
}

static uint64_t some_ref(struct wt_random *r)
{
    if (m.count == 0 || wt_random_below(r, 50) == 0)
        return wt_random_below(r, m.next_ref + 1);
    return m.live[wt_random_below(r, m.count)].ref;
}

static void one_operation(struct wt_engine *engine, struct wt_random *r)
{
    uint64_t what = wt_random_below(r, 100), ref, new_ref;
    if (what < 55) {
        struct wt_engine_order o = some_order(r);
        uint64_t expected_ref = m.next_ref;
        enum wt_engine_reason reason = m_enter(&o);
        of_reason[reason]++;
        assert_int_equal(wt_engine_enter(engine, &o, &ref), reason);
        assert_int_equal(ref, expected_ref);
    } else if (what < 80) {
        ref = some_ref(r);
        uint32_t shares = wt_random_below(r, 2) ? UINT32_MAX : (uint32_t)wt_random_below(r, 300);
        bool live = m_find(ref) != NULL;
        m_cancel(ref, shares);
        assert_int_equal(wt_engine_cancel(engine, ref, shares, WT_ENGINE_USER), live);
    } else if (what < 98) {
        ref = some_ref(r);
        struct model_order *x = m_find(ref);
        uint32_t price = some_price(r, x ? x->o.symbol : 0, x ? x->o.side : 'B'), shares = some_shares(r);
        if (x && wt_random_below(r, 3) == 0)
            price = x->o.price;
        if (x && wt_random_below(r, 8) == 0)
            shares = x->o.shares;
        bool keep = wt_random_below(r, 3) != 0;
        uint64_t tag = wt_random_next(r), next = m.next_ref;
        enum wt_engine_reason reason = m_replace(ref, price, shares, keep, tag);
        assert_int_equal(wt_engine_replace(engine, ref, price, shares, keep, tag, &new_ref), reason);
        assert_int_equal(new_ref, m.next_ref > next ? next : ref);
    } else {
        uint16_t symbol = (uint16_t)wt_random_below(r, SYMBOLS);
        char state = "HPQQQTTTTTTT"[wt_random_below(r, 12)];
        m_state(symbol, state);
        wt_engine_state(engine, symbol, state);
    }
}

static void compare_logs(uint64_t operation)
{
    size_t n = told.count < expected.count ? told.count : expected.count;
    for (size_t i = 0; i < n; i++)
        if (memcmp(&told.event[i], &expected.event[i], sizeof told.event[i]) != 0)
            fail_msg("operation %llu, event %zu: kind %u, order %llu; should be kind %u, order %llu",
                     (unsigned long long)operation, i, told.event[i].kind, (unsigned long long)told.event[i].order.ref,
                     expected.event[i].kind, (unsigned long long)expected.event[i].order.ref);
    if (told.count != expected.count)
        fail_msg("operation %llu: %zu events, should be %zu", (unsigned long long)operation, told.count,
                 expected.count);
}

static void run(uint64_t seed, uint64_t operations)
{
    struct wt_engine_config config;
    wt_engine_defaults(&config);
    config.max_orders = MAX_LIVE;
    struct wt_engine *engine;
    memset(&m, 0, sizeof m);
    assert_int_equal(wt_engine_create(&config, log_handler(&told), &engine), 0);
    assert_int_equal(wt_engine_symbol(engine, "AAAA    "), 0);
    assert_int_equal(wt_engine_symbol(engine, "BBBB    "), 1);
    m.state[0] = m.state[1] = 'T';
    m.next_ref = m.next_match = 1;
    struct wt_random r;
    wt_random_seed(&r, seed);
    for (uint64_t i = 0; i < operations; i++) {
        told.count = expected.count = 0;
        one_operation(engine, &r);
        compare_logs(i);
        for (size_t k = 0; k < told.count; k++)
            of_kind[told.event[k].kind]++;
        live_sum += m.count;
        check_best(engine, 0);
        check_best(engine, 1);
        check_totals(engine);
        if (i % 16 == 0)
            check_walk(engine, (uint16_t)(i / 16 % SYMBOLS));
    }
    wt_engine_destroy(engine);
}

static void test_against_model(void **state)
{
    (void)state;
    const char *n = getenv("WT_ENGINE_OPERATIONS");
    uint64_t operations = n ? strtoull(n, NULL, 10) : 200000;
    for (uint64_t seed = 1; seed <= 4; seed++)
        run(seed, operations / 4);
    if (n)
        print_message("# %llu operations: %llu executions, %llu uncrossed, %llu canceled, %llu replaced: equal\n",
                      (unsigned long long)operations, (unsigned long long)of_kind[LOG_EXECUTED],
                      (unsigned long long)of_kind[LOG_UNCROSSED], (unsigned long long)of_kind[LOG_CANCELED],
                      (unsigned long long)of_kind[LOG_REPLACED]);
    if (n)
        print_message("# %.1f live orders on average\n", (double)live_sum / (double)operations);
    /* The mix reaches everything. */
    for (int kind = LOG_ACCEPTED; kind <= LOG_STATE; kind++)
        assert_true(of_kind[kind] > operations / 2000);
    static const enum wt_engine_reason refusals[] = {WT_ENGINE_HALTED,     WT_ENGINE_BAD_PRICE,   WT_ENGINE_BAD_TICK,
                                                     WT_ENGINE_BAD_SHARES, WT_ENGINE_WOULD_TRADE, WT_ENGINE_MIN_SHARES,
                                                     WT_ENGINE_FULL,       WT_ENGINE_BAD_TERMS};
    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++)
        assert_true(of_reason[refusals[i]] > operations / 20000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_against_model)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
