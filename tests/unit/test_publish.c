/* The feed of the matching engine: what is read back from its packets is the engine's books, always. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "host/market/itch_put.h"
#include "host/market/pcap.h"
#include "host/market/random.h"
#include "host/market/twin.h"
#include "sim/exchange/publish.h"
#include "sim/exchange/rerequest.h"

enum { SYMBOLS = 3, TWINS = 5, OWNERS = 4 };

struct reader {
    struct wt_twin *twin;
    uint64_t next; /* sequence number; 0: this reader is not there */
};

struct world {
    struct wt_engine *engine;
    struct wt_publish *publish;
    struct wt_mold_out *out;
    struct wt_random random;
    struct reader readers[TWINS]; /* the first from the start, the others from a snapshot on */
    uint64_t now, events, hidden_trades, partial;
    unsigned types[256];
    uint64_t refs[512];
    unsigned ref_count;
};

static void on_packet(void *ctx, uint64_t when_ns, const uint8_t *mold, size_t length)
{
    struct world *w = ctx;
    (void)when_ns;
    assert_true(wt_mold_well_formed(mold, length));
    uint64_t sequence = wt_be64(mold + 10);
    uint16_t count = wt_be16(mold + 18);
    if (count == WT_MOLD_END_OF_SESSION)
        count = 0;
    const uint8_t *block = mold + WT_MOLD_HEADER;
    for (; count > 0; count--, sequence++) {
        size_t n = wt_be16(block);
        assert_int_equal(n, wt_itch_length(block[2]));
        w->types[block[2]]++;
        for (unsigned i = 0; i < TWINS; i++) {
            struct reader *r = &w->readers[i];
            struct wt_twin_result result;
            if (r->next == 0 || sequence < r->next)
                continue;
            assert_int_equal(sequence, r->next);
            wt_twin_message(r->twin, r->next++, block + 2, n, &result);
        }
        block += 2 + n;
    }
}

static void on_message(void *ctx, uint64_t when_ns, const uint8_t *message, size_t length)
{
    struct world *w = ctx;
    assert_true(wt_mold_out_put(w->out, when_ns, message, length) > 0);
}

/* Levels of the engine's displayed orders, gathered from the walk. */
struct gather {
    const struct world *w;
    const struct reader *reader;
    uint16_t twin_symbol;
    char side;
    uint32_t price, orders;
    uint64_t shares;
    size_t level[2];
};

static void check_level(struct gather *g)
{
    uint32_t price, orders;
    uint64_t shares;
    if (g->orders == 0)
        return;
    assert_true(
        wt_twin_level(g->reader->twin, g->twin_symbol, g->side, g->level[g->side == 'S']++, &price, &shares, &orders));
    assert_int_equal(price, g->price);
    assert_int_equal(shares, g->shares);
    assert_int_equal(orders, g->orders);
}

static void gather_order(void *ctx, const struct wt_engine_view *o)
{
    struct gather *g = ctx;
    assert_false(o->hidden);
    if (g->side != o->side || g->price != o->price) {
        check_level(g);
        g->side = o->side;
        g->price = o->price;
        g->orders = 0;
        g->shares = 0;
    }
    g->orders++;
    g->shares += o->shares;
}

static void compare(struct world *w, const struct reader *r)
{
    for (uint16_t symbol = 0; symbol < SYMBOLS; symbol++) {
        uint32_t price, orders;
        uint64_t shares;
        struct gather g = {.w = w, .reader = r, .twin_symbol = wt_twin_by_locate(r->twin, (uint16_t)(symbol + 1))};
        assert_true(wt_twin_valid(r->twin, g.twin_symbol));
        wt_engine_walk(w->engine, symbol, gather_order, &g);
        check_level(&g);
        assert_false(wt_twin_level(r->twin, g.twin_symbol, 'B', g.level[0], &price, &shares, &orders));
        assert_false(wt_twin_level(r->twin, g.twin_symbol, 'S', g.level[1], &price, &shares, &orders));
    }
}

/* After every event, and so after every message of it. */
static void check_event(struct world *w)
{
    w->events++;
    wt_mold_out_flush(w->out, w->now);
    compare(w, &w->readers[0]);
}

static void see_rested(void *ctx, const struct wt_engine_view *o)
{
    (void)o;
    check_event(ctx);
}

static void see_executed(void *ctx, const struct wt_engine_view *o, uint32_t owner, uint64_t tag, uint64_t ref,
                         uint32_t shares, uint32_t price, uint64_t match)
{
    struct world *w = ctx;
    (void)owner;
    (void)tag;
    (void)ref;
    (void)shares;
    (void)price;
    (void)match;
    w->hidden_trades += o->hidden;
    check_event(w);
}

static void see_canceled(void *ctx, const struct wt_engine_view *o, uint32_t shares, bool resting,
                         enum wt_engine_reason reason)
{
    (void)o;
    (void)shares;
    (void)resting;
    (void)reason;
    check_event(ctx);
}

static void see_uncrossed(void *ctx, const struct wt_engine_view *b, const struct wt_engine_view *o, uint32_t shares,
                          uint32_t price, uint64_t match)
{
    (void)b;
    (void)o;
    (void)shares;
    (void)price;
    (void)match;
    check_event(ctx);
}

static void see_replaced(void *ctx, uint64_t ref, uint32_t shares, const struct wt_engine_view *o,
                         enum wt_engine_replaced how)
{
    (void)ref;
    (void)shares;
    (void)o;
    (void)how;
    check_event(ctx);
}

static void start_reader(struct world *w, unsigned at)
{
    struct wt_twin_config config;
    wt_twin_defaults(&config);
    config.max_orders = 4096;
    config.first_orders = 1024;
    assert_int_equal(wt_twin_create(&config, &w->readers[at].twin), 0);
    w->readers[at].next = 1;
}

static void setup(struct world *w, uint64_t seed)
{
    memset(w, 0, sizeof *w);
    wt_random_seed(&w->random, seed);
    w->now = 34200000000000;
    struct wt_mold_out_config config;
    wt_mold_out_defaults(&config);
    config.store_messages = 1 << 12;
    config.store_bytes = 1 << 16;
    assert_int_equal(wt_mold_out_create(&config, (struct wt_mold_wire){w, on_packet}, &w->out), 0);
    assert_int_equal(wt_publish_create((struct wt_publish_sink){w, on_message}, &w->publish), 0);
    struct wt_engine_config engine;
    wt_engine_defaults(&engine);
    engine.max_orders = 2000;
    assert_int_equal(wt_engine_create(&engine, wt_publish_handler(w->publish), &w->engine), 0);
    struct wt_engine_handler see = {.ctx = w,
                                    .rested = see_rested,
                                    .executed = see_executed,
                                    .canceled = see_canceled,
                                    .uncrossed = see_uncrossed,
                                    .replaced = see_replaced};
    assert_int_equal(wt_engine_listen(w->engine, see), 0);
    start_reader(w, 0);
    wt_publish_now(w->publish, w->now);
    wt_publish_event(w->publish, 'O');
    static const char names[SYMBOLS][9] = {"AAPL    ", "MSFT    ", "X       "};
    for (uint16_t i = 0; i < SYMBOLS; i++) {
        assert_int_equal(wt_engine_symbol(w->engine, names[i]), i);
        assert_int_equal(wt_publish_symbol(w->publish, i, names[i]), 0);
    }
    wt_mold_out_flush(w->out, w->now);
}

static void teardown(struct world *w)
{
    for (unsigned i = 0; i < TWINS; i++)
        wt_twin_destroy(w->readers[i].twin);
    wt_engine_destroy(w->engine);
    wt_publish_destroy(w->publish);
    wt_mold_out_destroy(w->out);
}

static uint64_t below(struct world *w, uint64_t n)
{
    return wt_random_below(&w->random, n);
}

static uint32_t some_price(struct world *w)
{
    return 1000000 + 100 * (uint32_t)below(w, 12);
}

static void enter(struct world *w)
{
    struct wt_engine_order o = {.owner = (uint32_t)below(w, OWNERS),
                                .symbol = (uint16_t)below(w, SYMBOLS),
                                .side = below(w, 2) ? 'B' : 'S',
                                .tif = below(w, 8) ? WT_ENGINE_DAY : WT_ENGINE_IOC,
                                .market = below(w, 40) == 0,
                                .post_only = below(w, 10) == 0,
                                .hidden = below(w, 5) == 0,
                                .price = some_price(w),
                                .shares = 1 + (uint32_t)below(w, 500)};
    if (o.hidden && below(w, 3) == 0)
        o.min_shares = 1 + (uint32_t)below(w, o.shares);
    memcpy(o.mpid, below(w, 4) ? "    " : "LIME", 4);
    uint64_t ref;
    if (wt_engine_enter(w->engine, &o, &ref) == WT_ENGINE_OK)
        w->refs[w->ref_count++ % 512] = ref;
}

static uint64_t some_ref(struct world *w)
{
    return w->refs[below(w, w->ref_count < 512 ? w->ref_count + 1 : 512)];
}

static void operate(struct world *w)
{
    uint64_t dice = below(w, 100), ref;
    w->now += below(w, 3000);
    wt_publish_now(w->publish, w->now);
    if (dice < 50) {
        enter(w);
    } else if (dice < 75) {
        wt_engine_cancel(w->engine, some_ref(w), below(w, 2) ? 1000000 : 1 + (uint32_t)below(w, 300), WT_ENGINE_USER);
    } else if (dice < 98) {
        ref = some_ref(w);
        struct wt_engine_view o;
        uint32_t price = some_price(w);
        if (below(w, 2) && wt_engine_find(w->engine, ref, &o))
            price = o.price;
        if (wt_engine_replace(w->engine, ref, price, 1 + (uint32_t)below(w, 500), below(w, 2), 0, &ref) == WT_ENGINE_OK)
            w->refs[w->ref_count++ % 512] = ref;
    } else {
        wt_engine_state(w->engine, (uint16_t)below(w, SYMBOLS), "HPQTTTT"[below(w, 7)]);
    }
    wt_mold_out_run(w->out, w->now);
}

/* ---------------------------------------------------------------- snapshots */

static void into_twin(void *ctx, uint64_t when_ns, const uint8_t *message, size_t length)
{
    struct reader *r = ctx;
    struct wt_twin_result result;
    (void)when_ns;
    wt_twin_message(r->twin, r->next++, message, length, &result);
}

/* A reader that comes late: it knows the snapshot, and reads on from the sequence number that goes with it. */
static void join(struct world *w, unsigned at)
{
    struct reader *r = &w->readers[at];
    wt_twin_destroy(r->twin);
    struct wt_twin_config config;
    wt_twin_defaults(&config);
    config.max_orders = 4096;
    config.first_orders = 1024;
    assert_int_equal(wt_twin_create(&config, &r->twin), 0);
    struct reader snapshot = {r->twin, 1};
    wt_publish_snapshot(w->publish, w->engine, (struct wt_publish_sink){&snapshot, into_twin});
    /* The twin numbers what it is given itself; a snapshot has no numbers, so the stream's begin behind it. */
    r->next = wt_mold_out_next_sequence(w->out);
}

static void test_feed_equals_books(void **state)
{
    (void)state;
    static struct world w;
    for (uint64_t seed = 1; seed <= 3; seed++) {
        setup(&w, seed);
        for (unsigned i = 0; i < 20000; i++) {
            operate(&w);
            if (below(&w, 400) == 0)
                join(&w, 1 + (unsigned)below(&w, TWINS - 1));
            if (i % 16 == 0) {
                wt_mold_out_flush(w.out, w.now);
                for (unsigned r = 1; r < TWINS; r++)
                    if (w.readers[r].next != 0)
                        compare(&w, &w.readers[r]);
            }
        }
        for (const char *type = "RHAFEXDUPC"; *type; type++)
            assert_true(w.types[(uint8_t)*type] > 0);
        assert_true(w.events > 10000 && w.hidden_trades > 50);
        struct wt_twin_stats stats;
        wt_twin_stats(w.readers[0].twin, &stats);
        assert_int_equal(stats.senseless + stats.unknown_ref + stats.excess + stats.zero_add + stats.bad_length, 0);
        teardown(&w);
    }
}

/* ---------------------------------------------------------------- packets and the store */

struct packets {
    uint8_t bytes[64][1472];
    size_t lengths[64];
    uint64_t when[64];
    unsigned count;
};

static void keep_packet(void *ctx, uint64_t when_ns, const uint8_t *mold, size_t length)
{
    struct packets *p = ctx;
    assert_true(p->count < 64 && length <= 1472);
    memcpy(p->bytes[p->count], mold, length);
    p->lengths[p->count] = length;
    p->when[p->count++] = when_ns;
}

static struct wt_mold_out *make_out(struct packets *p, uint32_t messages, uint32_t bytes)
{
    struct wt_mold_out_config config;
    struct wt_mold_out *out;
    wt_mold_out_defaults(&config);
    config.store_messages = messages;
    config.store_bytes = bytes;
    memset(p, 0, sizeof *p);
    assert_int_equal(wt_mold_out_create(&config, (struct wt_mold_wire){p, keep_packet}, &out), 0);
    return out;
}

static void test_packing_heartbeats_end(void **state)
{
    (void)state;
    static struct packets p;
    struct wt_mold_out *out = make_out(&p, 64, 8192);
    assert_int_equal(wt_mold_out_put(out, 1000, "one", 3), 1);
    assert_int_equal(wt_mold_out_put(out, 3000, "three", 5), 2);
    assert_int_equal(p.count, 0);
    assert_int_equal(wt_mold_out_next_ns(out), 3000);
    assert_int_equal(wt_mold_out_put(out, 3001, "", 0), 3); /* the window of the first is over */
    assert_int_equal(p.count, 1);
    static const uint8_t expected[] = "WTICK00001\0\0\0\0\0\0\0\1\0\2\0\3one\0\5three";
    assert_int_equal(p.lengths[0], sizeof expected - 1);
    assert_memory_equal(p.bytes[0], expected, sizeof expected - 1);
    wt_mold_out_run(out, 5000);
    assert_int_equal(p.count, 1);
    wt_mold_out_run(out, 5001);
    assert_int_equal(p.count, 2);
    assert_int_equal(p.lengths[1], 22);
    wt_mold_out_run(out, 1000005000);
    assert_int_equal(p.count, 2);
    wt_mold_out_run(out, 1000005001); /* a second of silence */
    assert_int_equal(p.count, 3);
    assert_memory_equal(p.bytes[2], "WTICK00001\0\0\0\0\0\0\0\4\0\0", 20);
    /* A full packet leaves before its window is over. */
    static uint8_t big[WT_MOLD_OUT_LONGEST + 1];
    assert_int_equal(wt_mold_out_put(out, 2000000000, big, sizeof big), -EMSGSIZE);
    assert_int_equal(wt_mold_out_put(out, 2000000000, big, sizeof big - 1), 4);
    assert_int_equal(wt_mold_out_put(out, 2000000000, big, 1), 5);
    assert_int_equal(p.count, 4);
    assert_int_equal(p.lengths[3], 1472);
    wt_mold_out_end(out, 2000000001);
    assert_int_equal(p.count, 6);
    assert_memory_equal(p.bytes[5], "WTICK00001\0\0\0\0\0\0\0\6\xff\xff", 20);
    assert_int_equal(wt_mold_out_put(out, 2000000002, "x", 1), -ESHUTDOWN);
    wt_mold_out_run(out, wt_mold_out_next_ns(out)); /* said again */
    assert_memory_equal(p.bytes[6], p.bytes[5], 20);
    wt_mold_out_session(out, 4000000000, "OTHER");
    assert_int_equal(wt_mold_out_put(out, 4000000000, "x", 1), 1);
    wt_mold_out_flush(out, 4000000000);
    assert_memory_equal(p.bytes[7], "OTHER     \0\0\0\0\0\0\0\1\0\1\0\1x", 23);
    wt_mold_out_destroy(out);
}

static enum wt_rerequest_result ask(const struct wt_mold_out *out, uint64_t sequence, uint16_t count, uint8_t *reply,
                                    size_t *length)
{
    uint8_t request[20] = "WTICK00001";
    wt_put_be64(request + 10, sequence);
    wt_put_be16(request + 18, count);
    return wt_rerequest(out, request, sizeof request, reply, length);
}

static void test_rerequest(void **state)
{
    (void)state;
    static struct packets p;
    struct wt_mold_out *out = make_out(&p, 8, 1 << 16);
    uint8_t reply[1472];
    size_t length;
    assert_int_equal(ask(out, 1, 1, reply, &length), WT_REREQUEST_UNKNOWN);
    for (unsigned i = 1; i <= 10; i++) {
        char text[16];
        int n = snprintf(text, sizeof text, "message %u", i);
        assert_int_equal(wt_mold_out_put(out, 1000, text, (size_t)n), i);
    }
    /* Packed, but not sent: not to be had. */
    assert_int_equal(ask(out, 9, 1, reply, &length), WT_REREQUEST_UNKNOWN);
    wt_mold_out_flush(out, 1000);
    assert_int_equal(ask(out, 9, 0xffff, reply, &length), WT_REREQUEST_OK);
    static const uint8_t expected[] = "WTICK00001\0\0\0\0\0\0\0\11\0\2\0\11message 9\0\12message 10";
    assert_int_equal(length, sizeof expected - 1);
    assert_memory_equal(reply, expected, length);
    assert_int_equal(ask(out, 3, 1, reply, &length), WT_REREQUEST_OK); /* the oldest of eight */
    assert_memory_equal(reply + 22, "message 3", 9);
    assert_int_equal(ask(out, 2, 1, reply, &length), WT_REREQUEST_UNKNOWN);
    assert_int_equal(length, 0);
    assert_int_equal(ask(out, 0, 1, reply, &length), WT_REREQUEST_UNKNOWN);
    assert_int_equal(ask(out, 11, 1, reply, &length), WT_REREQUEST_UNKNOWN);
    assert_int_equal(ask(out, UINT64_MAX, 2, reply, &length), WT_REREQUEST_UNKNOWN);
    assert_int_equal(ask(out, 5, 0, reply, &length), WT_REREQUEST_MALFORMED);
    uint8_t request[21] = "WTICK00002\0\0\0\0\0\0\0\11\0\1";
    assert_int_equal(wt_rerequest(out, request, 20, reply, &length), WT_REREQUEST_SESSION);
    for (size_t n = 0; n <= 21; n++)
        if (n != 20)
            assert_int_equal(wt_rerequest(out, request, n, reply, &length), WT_REREQUEST_MALFORMED);
    wt_mold_out_destroy(out);
}

/* A store that is small in bytes gives what it still has, whole. */
static void test_store_is_bounded(void **state)
{
    (void)state;
    static struct packets p;
    struct wt_mold_out *out = make_out(&p, 1024, 4096);
    struct wt_random random;
    wt_random_seed(&random, 7);
    uint8_t message[1450];
    size_t lengths[3000];
    for (unsigned i = 1; i < 3000; i++) {
        lengths[i] = wt_random_below(&random, i % 50 ? 60 : sizeof message);
        memset(message, (int)(i & 0xff), lengths[i]);
        assert_int_equal(wt_mold_out_put(out, 1000, message, lengths[i]), i);
        wt_mold_out_flush(out, 1000);
        p.count = 0;
        const uint8_t *got;
        uint64_t kept = 0;
        size_t bytes = 0;
        for (uint64_t s = i; s > 0 && wt_mold_out_get(out, s, &got) >= 0; s--, kept++) {
            assert_int_equal(wt_mold_out_get(out, s, &got), lengths[s]);
            for (size_t b = 0; b < lengths[s]; b++)
                assert_int_equal(got[b], s & 0xff);
            bytes += 2 + lengths[s];
        }
        assert_true(kept > 0);
        assert_true(kept == i || bytes + 2 * 1452 > 4096); /* no more is thrown away than must be */
    }
    wt_mold_out_destroy(out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_feed_equals_books),
        cmocka_unit_test(test_packing_heartbeats_end),
        cmocka_unit_test(test_rerequest),
        cmocka_unit_test(test_store_is_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
