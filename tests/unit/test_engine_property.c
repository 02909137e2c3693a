/*
 * Random operations on the matching engine, its feed and snapshots of it.
 *
 * usage: test_engine_property [OPERATIONS]     default 200,000; `make property` runs 10,000,000
 *
 * Compared after every operation with a slow, obvious engine (engine_model.h): every event that was told, with all its
 * fields and in its order; the best prices and shares of the symbol; every total, and that shares are conserved; and
 * every eighth time (in the largest books every 256th) the symbol's orders one by one, in priority order.
 *
 * Compared after every event, which is every message of the feed but the first of the two that one uncrossed pair
 * makes: the whole displayed book of the symbol, level by level (price, shares, orders), as the engine has it and as
 * the software twin has rebuilt it from the messages of the feed. While the symbol trades, the book must be neither
 * crossed nor locked.
 *
 * Snapshots: every 1,000 events or so another twin is made from a snapshot and follows the feed for 2,000 events; its
 * best prices are compared after every event, all its books when it leaves. And in a shorter run one is made at every
 * single event and follows the feed to the end, the whole book of the symbol compared after every event.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "host/market/itch.h"
#include "host/market/random.h"
#include "host/market/twin.h"
#include "sim/exchange/publish.h"
#include "tests/unit/engine_model.h"

enum { READERS = 4, SNAPSHOT_EVERY = 1000, FOLLOWS = 2000 };

static uint64_t operations = 200000;

/* A twin that follows the feed, from the start or from a snapshot. */
struct reader {
    struct wt_twin *twin; /* NULL: not there */
    uint64_t messages, until;
};

/* All messages of a short run, its snapshots, and the books in few words. */
struct tape {
    uint8_t *bytes; /* messages behind their lengths */
    size_t length, room;
    struct mark *marks; /* one an event */
    size_t count, mark_room;
};

struct mark {
    size_t at; /* where the tape stood */
    uint8_t *snapshot;
    size_t snapshot_length;
    uint16_t symbol;
    uint64_t digest; /* of the symbol's book */
};

static struct world {
    struct wt_engine *engine;
    struct wt_publish *publish;
    struct wt_random random;
    struct engine_log told;
    struct reader readers[READERS]; /* the first one from the start */
    struct tape *tape;              /* or NULL */
    unsigned symbols;
    char state[MODEL_SYMBOLS]; /* as told */
    uint64_t operation, events, messages, snapshots;
} w;

/* What the runs reached. */
static uint64_t of_kind[8], of_reason[WT_ENGINE_BAD_TERMS + 1], of_type[256], live_sum, levels_sum;

/* ---------------------------------------------------------------- the engine beside the model */

static void check_best(uint16_t symbol)
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
    wt_engine_bbo(w.engine, symbol, &got[0], &got_shares[0], &got[1], &got_shares[1]);
    assert_int_equal(got[0], price[0]);
    assert_int_equal(got[1], price[1]);
    assert_int_equal(got_shares[0], shares[0]);
    assert_int_equal(got_shares[1], shares[1]);
}

static void check_totals(void)
{
    struct wt_engine_totals t;
    wt_engine_totals(w.engine, &t);
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
    struct wt_engine_view view[MODEL_LIVE];
    size_t count;
};

static void walk_one(void *ctx, const struct wt_engine_view *order)
{
    struct walk *to = ctx;
    assert_true(to->count < MODEL_LIVE);
    to->view[to->count++] = *order;
}

/* Every order of the symbol, the displayed ones in the order in which they stand. */
static void check_walk(uint16_t symbol)
{
    static struct walk walk;
    walk.count = 0;
    wt_engine_walk(w.engine, symbol, walk_one, &walk);
    size_t i = 0;
    for (const char *side = "BS"; *side; side++) {
        struct model_order was, *x = NULL;
        while ((x = m_first(symbol, *side, x ? &was : NULL))) {
            was = *x;
            struct wt_engine_view found;
            assert_true(wt_engine_find(w.engine, x->ref, &found));
            assert_int_equal(found.shares, x->o.shares);
            if (x->o.hidden)
                continue;
            assert_true(i < walk.count);
            assert_int_equal(walk.view[i].ref, x->ref);
            assert_int_equal(walk.view[i++].shares, x->o.shares);
        }
    }
    assert_int_equal(i, walk.count);
}

static void compare_logs(void)
{
    const struct engine_log *told = &w.told;
    size_t n = told->count < expected.count ? told->count : expected.count;
    for (size_t i = 0; i < n; i++)
        if (memcmp(&told->event[i], &expected.event[i], sizeof told->event[i]) != 0)
            fail_msg("operation %llu, event %zu: kind %u, order %llu; should be kind %u, order %llu",
                     (unsigned long long)w.operation, i, told->event[i].kind,
                     (unsigned long long)told->event[i].order.ref, expected.event[i].kind,
                     (unsigned long long)expected.event[i].order.ref);
    if (told->count != expected.count)
        fail_msg("operation %llu: %zu events, should be %zu", (unsigned long long)w.operation, told->count,
                 expected.count);
}

/* ---------------------------------------------------------------- the feed beside the engine */

static void reader_begin(struct reader *r)
{
    static const char names[MODEL_SYMBOLS][9] = {"S0", "S1", "S2", "S3", "S4", "S5", "S6", "S7"};
    struct wt_twin_config config;
    wt_twin_defaults(&config);
    config.max_orders = 2 * MODEL_LIVE;
    config.first_orders = 256;
    config.symbols = names;
    config.symbol_count = MODEL_SYMBOLS;
    *r = (struct reader){0};
    assert_int_equal(wt_twin_create(&config, &r->twin), 0);
}

static void reader_end(struct reader *r)
{
    wt_twin_destroy(r->twin);
    r->twin = NULL;
}

static void reader_take(void *ctx, uint64_t when_ns, const uint8_t *message, size_t length)
{
    struct reader *r = ctx;
    struct wt_twin_result result;
    (void)when_ns;
    wt_twin_message(r->twin, ++r->messages, message, length, &result);
}

/* The engine's displayed levels of a symbol, beside a twin's or into a digest. */
struct levels {
    const struct wt_twin *twin; /* NULL: digest */
    uint16_t symbol;            /* the twin's */
    char side;
    size_t index;
    uint32_t price, orders;
    uint64_t shares, digest;
};

static uint64_t mix(uint64_t digest, char side, uint32_t price, uint64_t shares, uint32_t orders)
{
    digest = (digest ^ (uint8_t)side ^ (uint64_t)price << 8) * 0x9e3779b97f4a7c15u;
    digest = (digest ^ digest >> 32 ^ shares) * 0x9e3779b97f4a7c15u;
    return (digest ^ digest >> 32 ^ orders) * 0x9e3779b97f4a7c15u;
}

static void level_done(struct levels *l)
{
    if (l->orders == 0)
        return;
    levels_sum++;
    l->digest = mix(l->digest, l->side, l->price, l->shares, l->orders);
    uint32_t price, orders;
    uint64_t shares;
    if (l->twin) {
        assert_true(wt_twin_level(l->twin, l->symbol, l->side, l->index, &price, &shares, &orders));
        if (price != l->price || shares != l->shares || orders != l->orders)
            fail_msg(
                "operation %llu, event %llu, side %c, level %zu: %u orders of %llu shares at %u; the twin has %u of "
                "%llu at %u",
                (unsigned long long)w.operation, (unsigned long long)w.events, l->side, l->index, l->orders,
                (unsigned long long)l->shares, l->price, orders, (unsigned long long)shares, price);
    }
    l->index++;
    l->orders = 0;
    l->shares = 0;
}

/* No more levels on this side than were seen. */
static void side_done(struct levels *l)
{
    uint32_t price, orders;
    uint64_t shares;
    level_done(l);
    if (l->twin)
        assert_false(wt_twin_level(l->twin, l->symbol, l->side, l->index, &price, &shares, &orders));
    l->index = 0;
}

static void level_order(void *ctx, const struct wt_engine_view *order)
{
    struct levels *l = ctx;
    if (order->side != l->side) {
        side_done(l);
        l->side = order->side;
    } else if (order->price != l->price) {
        level_done(l);
    }
    l->price = order->price;
    l->shares += order->shares;
    l->orders++;
}

static uint64_t walk_levels(const struct wt_twin *twin, uint16_t symbol)
{
    struct levels l = {.twin = twin, .side = 'B'};
    if (twin) {
        l.symbol = wt_twin_by_locate(twin, (uint16_t)(symbol + 1));
        assert_true(wt_twin_valid(twin, l.symbol));
    }
    wt_engine_walk(w.engine, symbol, level_order, &l);
    if (l.side == 'B') {
        side_done(&l);
        l.side = 'S';
    }
    side_done(&l);
    return l.digest;
}

static void check_twin_best(const struct wt_twin *twin, uint16_t symbol)
{
    struct wt_bbo bbo;
    uint32_t bid, ask;
    uint64_t bid_shares, ask_shares;
    wt_engine_bbo(w.engine, symbol, &bid, &bid_shares, &ask, &ask_shares);
    wt_twin_bbo(twin, wt_twin_by_locate(twin, (uint16_t)(symbol + 1)), &bbo);
    assert_true(bbo.bid_price == bid && bbo.bid_shares == bid_shares);
    assert_true(bbo.ask_price == ask && bbo.ask_shares == ask_shares);
    if (w.state[symbol] == 'T')
        assert_true(bid == 0 || ask == 0 || bid < ask);
}

static void check_all_books(const struct reader *r)
{
    struct wt_twin_stats s;
    wt_twin_stats(r->twin, &s);
    assert_int_equal(s.unknown_type + s.bad_length + s.unknown_ref + s.excess + s.zero_add + s.senseless + s.overflow,
                     0);
    for (uint16_t i = 0; i < w.symbols; i++)
        walk_levels(r->twin, i);
}

static void append(struct tape *t, const uint8_t *message, size_t length)
{
    if (t->length + 2 + length > t->room) {
        t->room = t->room ? 2 * t->room : 1 << 16;
        t->bytes = realloc(t->bytes, t->room);
        assert_non_null(t->bytes);
    }
    wt_put_be16(t->bytes + t->length, (uint16_t)length);
    memcpy(t->bytes + t->length + 2, message, length);
    t->length += 2 + length;
}

static void tape_put(void *ctx, uint64_t when_ns, const uint8_t *message, size_t length)
{
    (void)when_ns;
    append(ctx, message, length);
}

static void tape_mark(struct tape *t, uint16_t symbol)
{
    if (t->count == t->mark_room) {
        t->mark_room = t->mark_room ? 2 * t->mark_room : 1024;
        t->marks = realloc(t->marks, t->mark_room * sizeof *t->marks);
        assert_non_null(t->marks);
    }
    struct tape snapshot = {0};
    wt_publish_snapshot(w.publish, w.engine, (struct wt_publish_sink){&snapshot, tape_put});
    t->marks[t->count++] = (struct mark){t->length, snapshot.bytes, snapshot.length, symbol, walk_levels(NULL, symbol)};
}

static void on_message(void *ctx, uint64_t when_ns, const uint8_t *message, size_t length)
{
    (void)ctx;
    w.messages++;
    of_type[message[0]]++;
    assert_int_equal(length, wt_itch_length(message[0]));
    for (unsigned i = 0; i < READERS; i++)
        if (w.readers[i].twin)
            reader_take(&w.readers[i], when_ns, message, length);
    if (w.tape)
        append(w.tape, message, length);
}

static void start_reader(struct reader *r)
{
    reader_begin(r);
    wt_publish_snapshot(w.publish, w.engine, (struct wt_publish_sink){r, reader_take});
    check_all_books(r);
    r->until = w.events + FOLLOWS;
    w.snapshots++;
}

/* An event was told, and the feed has its messages. */
static void after(uint16_t symbol)
{
    w.events++;
    walk_levels(w.readers[0].twin, symbol);
    check_twin_best(w.readers[0].twin, symbol);
    for (unsigned i = 1; i < READERS; i++) {
        struct reader *r = &w.readers[i];
        if (!r->twin)
            continue;
        check_twin_best(r->twin, symbol);
        if (w.events >= r->until) {
            check_all_books(r);
            reader_end(r);
        }
    }
    if (w.events % SNAPSHOT_EVERY == 0) {
        unsigned i = 1 + (unsigned)(w.events / SNAPSHOT_EVERY % (READERS - 1));
        if (!w.readers[i].twin)
            start_reader(&w.readers[i]);
    }
    if (w.tape)
        tape_mark(w.tape, symbol);
}

static void after_order(void *ctx, const struct wt_engine_view *order)
{
    (void)ctx;
    after(order->symbol);
}

static void after_executed(void *ctx, const struct wt_engine_view *resting, uint32_t owner, uint64_t tag, uint64_t ref,
                           uint32_t shares, uint32_t price, uint64_t match)
{
    (void)ctx, (void)owner, (void)tag, (void)ref, (void)shares, (void)price, (void)match;
    after(resting->symbol);
}

static void after_canceled(void *ctx, const struct wt_engine_view *order, uint32_t shares, bool resting,
                           enum wt_engine_reason reason)
{
    (void)ctx, (void)shares, (void)resting, (void)reason;
    after(order->symbol);
}

static void after_uncrossed(void *ctx, const struct wt_engine_view *bid, const struct wt_engine_view *offer,
                            uint32_t shares, uint32_t price, uint64_t match)
{
    (void)ctx, (void)offer, (void)shares, (void)price, (void)match;
    after(bid->symbol);
}

static void after_replaced(void *ctx, uint64_t old_ref, uint32_t old_shares, const struct wt_engine_view *order,
                           enum wt_engine_replaced how)
{
    (void)ctx, (void)old_ref, (void)old_shares, (void)how;
    after(order->symbol);
}

static void after_state(void *ctx, uint16_t symbol, char state)
{
    (void)ctx;
    w.state[symbol] = state;
    after(symbol);
}

/* ---------------------------------------------------------------- operations */

/* Bids mostly below the center and offers above it, so that books fill up; the center wanders. */
static uint32_t some_price(struct wt_random *r, uint16_t symbol, char side)
{
    uint32_t wander = 100 * (uint32_t)(m.next_ref / 512 % 16);
    uint32_t center = (symbol % 2 ? 100000 : 1000000) + wander + (side == 'S' ? 300 : 0);
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
                                .symbol = (uint16_t)wt_random_below(r, w.symbols),
                                .side = wt_random_below(r, 2) ? 'B' : 'S',
                                .tif = wt_random_below(r, 6) ? WT_ENGINE_DAY : WT_ENGINE_IOC,
                                .market = wt_random_below(r, 30) == 0,
                                .post_only = wt_random_below(r, 6) == 0,
                                .hidden = wt_random_below(r, 4) == 0,
                                .shares = some_shares(r)};
    memcpy(o.mpid, wt_random_below(r, 2) ? "ABCD" : "    ", 4);
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

/* Returns the symbol that it was of. */
static uint16_t one_operation(struct wt_random *r)
{
    uint64_t what = wt_random_below(r, 100), ref, new_ref;
    if (what < 55) {
        struct wt_engine_order o = some_order(r);
        uint64_t expected_ref = m.next_ref;
        enum wt_engine_reason reason = m_enter(&o);
        of_reason[reason]++;
        assert_int_equal(wt_engine_enter(w.engine, &o, &ref), reason);
        assert_int_equal(ref, expected_ref);
        return o.symbol;
    }
    if (what >= 98) {
        uint16_t symbol = (uint16_t)wt_random_below(r, w.symbols);
        char state = "HPQQQTTTTTTT"[wt_random_below(r, 12)];
        m_state(symbol, state);
        wt_engine_state(w.engine, symbol, state);
        return symbol;
    }
    ref = some_ref(r);
    struct model_order *x = m_find(ref);
    uint16_t symbol = x ? x->o.symbol : 0;
    if (what < 80) {
        uint32_t shares = wt_random_below(r, 2) ? UINT32_MAX : (uint32_t)wt_random_below(r, 300);
        bool live = x != NULL;
        m_cancel(ref, shares);
        assert_int_equal(wt_engine_cancel(w.engine, ref, shares, WT_ENGINE_USER), live);
        return symbol;
    }
    uint32_t price = some_price(r, symbol, x ? x->o.side : 'B'), shares = some_shares(r);
    if (x && wt_random_below(r, 3) == 0)
        price = x->o.price;
    if (x && wt_random_below(r, 8) == 0)
        shares = x->o.shares;
    bool keep = wt_random_below(r, 3) != 0;
    uint64_t tag = wt_random_next(r), next = m.next_ref;
    enum wt_engine_reason reason = m_replace(ref, price, shares, keep, tag);
    assert_int_equal(wt_engine_replace(w.engine, ref, price, shares, keep, tag, &new_ref), reason);
    assert_int_equal(new_ref, m.next_ref > next ? next : ref);
    return symbol;
}

/* ---------------------------------------------------------------- runs */

struct shape {
    unsigned symbols, max_live, parts, walk_every; /* parts: tenths of the operations */
};

static void begin(const struct shape *shape, uint64_t seed, struct tape *tape)
{
    struct wt_engine_config config;
    memset(&w, 0, offsetof(struct world, told));
    memset(w.readers, 0, sizeof w.readers);
    memset(w.state, 'T', sizeof w.state);
    w.operation = w.events = w.messages = w.snapshots = 0;
    w.symbols = shape->symbols;
    w.tape = tape;
    m_begin(shape->max_live);
    wt_random_seed(&w.random, seed);
    reader_begin(&w.readers[0]);
    wt_engine_defaults(&config);
    config.max_orders = shape->max_live;
    assert_int_equal(wt_engine_create(&config, log_handler(&w.told), &w.engine), 0);
    assert_int_equal(wt_publish_create((struct wt_publish_sink){NULL, on_message}, &w.publish), 0);
    assert_int_equal(wt_engine_listen(w.engine, wt_publish_handler(w.publish)), 0);
    struct wt_engine_handler last = {.accepted = after_order,
                                     .rested = after_order,
                                     .executed = after_executed,
                                     .canceled = after_canceled,
                                     .uncrossed = after_uncrossed,
                                     .replaced = after_replaced,
                                     .state = after_state};
    assert_int_equal(wt_engine_listen(w.engine, last), 0);
    for (uint16_t i = 0; i < shape->symbols; i++) {
        char name[9];
        snprintf(name, sizeof name, "S%-7u", i);
        assert_int_equal(wt_engine_symbol(w.engine, name), i);
        assert_int_equal(wt_publish_symbol(w.publish, i, name), 0);
    }
}

static void end(void)
{
    for (unsigned i = 0; i < READERS; i++) {
        if (!w.readers[i].twin)
            continue;
        check_all_books(&w.readers[i]);
        reader_end(&w.readers[i]);
    }
    wt_engine_destroy(w.engine);
    wt_publish_destroy(w.publish);
}

static void operate(const struct shape *shape, uint64_t count)
{
    for (w.operation = 0; w.operation < count; w.operation++) {
        w.told.count = expected.count = 0;
        wt_publish_now(w.publish, 34200000000000 + w.operation * 1000);
        uint16_t symbol = one_operation(&w.random);
        compare_logs();
        for (size_t k = 0; k < w.told.count; k++)
            of_kind[w.told.event[k].kind]++;
        live_sum += m.count;
        check_best(symbol);
        check_totals();
        if (w.operation % shape->walk_every == 0)
            check_walk(symbol);
    }
}

static void test_against_model_and_feed(void **state)
{
    (void)state;
    static const struct shape shapes[] = {{2, 96, 3, 8}, {2, 96, 3, 8}, {4, 400, 3, 8}, {8, 3000, 1, 256}};
    uint64_t events = 0, messages = 0, snapshots = 0;
    for (unsigned i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        live_sum = 0;
        uint64_t count = operations / 10 * shapes[i].parts;
        begin(&shapes[i], i + 1, NULL);
        operate(&shapes[i], count);
        print_message("# %llu operations on %u symbols, %.0f live orders on average\n", (unsigned long long)count,
                      shapes[i].symbols, (double)live_sum / (double)count);
        end();
        events += w.events, messages += w.messages, snapshots += w.snapshots;
    }
    print_message("# %llu operations: %llu executions, %llu uncrossed, %llu canceled, %llu replaced\n",
                  (unsigned long long)operations, (unsigned long long)of_kind[LOG_EXECUTED],
                  (unsigned long long)of_kind[LOG_UNCROSSED], (unsigned long long)of_kind[LOG_CANCELED],
                  (unsigned long long)of_kind[LOG_REPLACED]);
    print_message("# %llu events, %llu messages, %llu levels compared, %llu twins begun from a snapshot: equal\n",
                  (unsigned long long)events, (unsigned long long)messages, (unsigned long long)levels_sum,
                  (unsigned long long)snapshots);
    /* The mix reaches everything. */
    for (int kind = LOG_ACCEPTED; kind <= LOG_STATE; kind++)
        assert_true(of_kind[kind] > operations / 2000);
    static const enum wt_engine_reason refusals[] = {WT_ENGINE_HALTED,     WT_ENGINE_BAD_PRICE,   WT_ENGINE_BAD_TICK,
                                                     WT_ENGINE_BAD_SHARES, WT_ENGINE_WOULD_TRADE, WT_ENGINE_MIN_SHARES,
                                                     WT_ENGINE_FULL,       WT_ENGINE_BAD_TERMS};
    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++)
        assert_true(of_reason[refusals[i]] > operations / 20000);
    for (const char *type = "AFECXDUPH"; *type; type++)
        assert_true(of_type[(uint8_t)*type] > operations / 2000);
    assert_true(snapshots > events / SNAPSHOT_EVERY / 2);
}

/* ---------------------------------------------------------------- from every point */

static uint64_t twin_digest(const struct wt_twin *twin, uint16_t symbol)
{
    uint16_t theirs = wt_twin_by_locate(twin, (uint16_t)(symbol + 1));
    uint64_t digest = 0;
    for (const char *side = "BS"; *side; side++) {
        uint32_t price, orders;
        uint64_t shares;
        for (size_t i = 0; wt_twin_level(twin, theirs, *side, i, &price, &shares, &orders); i++)
            digest = mix(digest, *side, price, shares, orders);
    }
    return digest;
}

static void take_tape(struct reader *r, const uint8_t *from, const uint8_t *to)
{
    for (; from < to; from += 2 + wt_be16(from))
        reader_take(r, 0, from + 2, wt_be16(from));
}

static void test_snapshot_at_every_event(void **state)
{
    (void)state;
    static const struct shape shape = {2, 96, 10, 8};
    struct tape tape = {0};
    uint64_t count = operations / 250 < 5000 ? operations / 250 : 5000, compared = 0;
    begin(&shape, 99, &tape);
    operate(&shape, count);
    end();
    for (size_t from = 0; from < tape.count; from++) {
        const struct mark *k = &tape.marks[from];
        struct reader r;
        reader_begin(&r);
        take_tape(&r, k->snapshot, k->snapshot + k->snapshot_length);
        assert_int_equal(twin_digest(r.twin, k->symbol), k->digest);
        for (size_t i = from + 1; i < tape.count; i++, compared++) {
            take_tape(&r, tape.bytes + tape.marks[i - 1].at, tape.bytes + tape.marks[i].at);
            if (twin_digest(r.twin, tape.marks[i].symbol) != tape.marks[i].digest)
                fail_msg("a twin begun at event %zu is wrong after event %zu", from, i);
        }
        reader_end(&r);
        free(k->snapshot);
    }
    print_message("# %zu events, a twin from each: %llu books compared: equal\n", tape.count,
                  (unsigned long long)compared);
    assert_true(compared > count);
    free(tape.marks);
    free(tape.bytes);
}

int main(int argc, char **argv)
{
    if (argc > 1)
        operations = strtoull(argv[1], NULL, 10);
    if (argc > 2 || operations < 10000) {
        fprintf(stderr, "usage: %s [OPERATIONS, 10000 or more]\n", argv[0]);
        return 2;
    }
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_against_model_and_feed),
                                       cmocka_unit_test(test_snapshot_at_every_event)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
