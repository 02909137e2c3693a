/* The feed side of the exchange: which datagrams leave when, and what files it takes. */
#include "tests/unit/exchange_bench.h"

#include "sim/card/frame.h"

#define X "XYZ"

static const uint8_t *mold(const struct bench *b, unsigned frame)
{
    return b->frames[frame] + WT_FRAME_HEADERS;
}

static uint64_t sequence(const struct bench *b, unsigned frame)
{
    return wt_be64(mold(b, frame) + 10);
}

static unsigned blocks(const struct bench *b, unsigned frame)
{
    return wt_be16(mold(b, frame) + 18);
}

static void datagrams(void **state)
{
    (void)state;
    struct bench *b = bench_new();
    b->at = 0;
    itch_directory(b, 1, X);
    b->at = 2000; /* just inside the window of the first */
    itch_add(b, 1, X, 1, 'B', 100, 1000000);
    b->at = 2001; /* just outside */
    itch_add(b, 1, X, 2, 'B', 100, 1000000);
    b->at = 4000;
    itch_delete(b, 1, 2);
    b->at = 1 * MS;
    itch_delete(b, 1, 1);
    bench_build(b);
    assert_int_equal(wt_exchange_first_ns(b->exchange), START);
    assert_int_equal(wt_exchange_next_ns(b->exchange), START);
    assert_false(wt_exchange_feed_done(b->exchange));
    bench_run(b, SECOND);
    assert_int_equal(b->frame_count, 4);
    static const struct {
        uint64_t ns, sequence;
        unsigned blocks;
    } expected[] = {{2000, 1, 2}, {4000, 3, 2}, {1 * MS, 5, 1}, {2 * MS, 6, 0xffff}};
    for (unsigned i = 0; i < 4; i++) {
        assert_int_equal(b->frame_ns[i], START + expected[i].ns);
        assert_int_equal(sequence(b, i), expected[i].sequence);
        assert_int_equal(blocks(b, i), expected[i].blocks);
        assert_memory_equal(mold(b, i), "SIM0000001", 10);
    }
    /* The messages are the file's, whole and in order. */
    assert_int_equal(wt_be16(mold(b, 0) + 20), 39);
    assert_int_equal(mold(b, 0)[22], 'R');
    assert_int_equal(wt_be16(mold(b, 0) + 61), 36);
    assert_int_equal(mold(b, 0)[63], 'A');
    assert_int_equal(b->frame_lengths[0], WT_FRAME_HEADERS + 20 + 2 + 39 + 2 + 36);
    assert_int_equal(wt_be32(b->frames[0] + 30), b->config.group[0]);
    assert_int_equal(wt_be16(b->frames[0] + 36), b->config.port[0]);
    assert_true(wt_exchange_feed_done(b->exchange));
    assert_true(wt_exchange_next_ns(b->exchange) == UINT64_MAX);
    struct wt_exchange_stats s;
    wt_exchange_stats(b->exchange, &s);
    assert_int_equal(s.messages, 5);
    assert_int_equal(s.datagrams, 3);
    bench_free(b);
}

static void full_datagrams(void **state)
{
    (void)state;
    struct bench *b = bench_new();
    for (uint64_t i = 1; i <= 100; i++)
        itch_add(b, 1, X, i, 'B', 100, 1000000); /* 38 bytes each: 38 in 1,472 - 20 */
    bench_build(b);
    bench_run(b, MS);
    assert_int_equal(b->frame_count, 3 + 1);
    assert_int_equal(blocks(b, 0), 38);
    assert_int_equal(blocks(b, 1), 38);
    assert_int_equal(blocks(b, 2), 24);
    assert_int_equal(sequence(b, 2), 77);
    for (unsigned i = 0; i < 3; i++)
        assert_true(b->frame_lengths[i] <= WT_FRAME_HEADERS + 1472);
    bench_free(b);
}

static void heartbeats_when_silent(void **state)
{
    (void)state;
    struct bench *b = bench_new();
    itch_directory(b, 1, X);
    b->at = 3 * SECOND + SECOND / 2 - 1000; /* its datagram is open when a heartbeat could be due */
    itch_add(b, 1, X, 1, 'B', 100, 1000000);
    b->at = 3 * SECOND + SECOND / 2 + 500;
    itch_add(b, 1, X, 2, 'B', 100, 1000000);
    b->config.heartbeat_ns = SECOND / 2;
    bench_build(b);
    bench_run(b, 10 * SECOND);
    /* 1 data, heartbeats at 0.5 ... 3.0, data (the next heartbeat would be at 3.5), end */
    assert_int_equal(b->frame_count, 1 + 6 + 1 + 1);
    for (unsigned i = 1; i <= 6; i++) {
        assert_int_equal(b->frame_ns[i], START + i * SECOND / 2);
        assert_int_equal(blocks(b, i), 0);
        assert_int_equal(sequence(b, i), 2);
    }
    assert_int_equal(blocks(b, 7), 2);
    assert_int_equal(sequence(b, 7), 2);
    bench_free(b);
}

static void a_full_wire_holds_the_feed_back(void **state)
{
    (void)state;
    struct bench *b = bench_new();
    for (uint64_t i = 1; i <= 60; i++)
        itch_add(b, 1, X, i, 'B', 100, 1000000);
    bench_build(b);
    b->wire_full = 3;
    bench_run(b, 10 * MS);
    assert_int_equal(b->frame_count, 3);
    assert_int_equal(b->frame_ns[0], START + 30000);
    assert_int_equal(sequence(b, 1), 39);
    assert_int_equal(blocks(b, 2), 0xffff);
    struct wt_exchange_stats s;
    wt_exchange_stats(b->exchange, &s);
    assert_int_equal(s.unsent, 0);
    bench_free(b);
}

static void time_never_goes_back(void **state)
{
    (void)state;
    struct bench *b = bench_new();
    b->at = 5000;
    itch_directory(b, 1, X);
    b->at = 1000;
    itch_add(b, 1, X, 1, 'B', 100, 1000000);
    static const uint8_t shorty[3] = {'A', 0, 1}; /* no timestamp, wrong length: sent as it is */
    itch_raw(b, shorty, sizeof shorty);
    b->at = 10000;
    itch_delete(b, 1, 1);
    bench_build(b);
    assert_int_equal(wt_exchange_first_ns(b->exchange), START + 5000);
    bench_run(b, MS * 10);
    assert_int_equal(b->frame_count, 3);
    assert_int_equal(blocks(b, 0), 3);
    assert_int_equal(b->frame_ns[0], START + 5000);
    assert_int_equal(b->frame_ns[1], START + 10000);
    struct wt_exchange_stats s;
    wt_exchange_stats(b->exchange, &s);
    assert_int_equal(s.clamped, 1);
    bench_free(b);
}

static void only_so_many_messages(void **state)
{
    (void)state;
    struct bench *b = bench_new();
    for (uint64_t i = 1; i <= 10; i++)
        itch_add(b, 1, X, i, 'B', 100, 1000000);
    fputc(0, b->file); /* a cut behind what is asked for does not matter */
    b->config.max_messages = 7;
    bench_build(b);
    bench_run(b, 10 * MS);
    struct wt_exchange_stats s;
    wt_exchange_stats(b->exchange, &s);
    assert_int_equal(s.messages, 7);
    assert_int_equal(sequence(b, 1), 8);
    bench_free(b);
}

static void files_it_does_not_take(void **state)
{
    (void)state;
    struct wt_exchange_wire wire = {0};
    struct wt_exchange *x = NULL;
    struct wt_exchange_config c;
    wt_exchange_defaults(&c);
    assert_int_equal(wt_exchange_create(&c, wire, &x), -EINVAL);
    c.file = "/nonexistent/file.itch";
    assert_int_equal(wt_exchange_create(&c, wire, &x), -ENOENT);
    struct bench *b = bench_new(); /* empty */
    fflush(b->file);
    assert_int_equal(wt_exchange_create(&b->config, wire, &x), -ENODATA);
    itch_directory(b, 1, X);
    fputc(0, b->file);
    fputc(36, b->file);
    fputc('A', b->file);
    fflush(b->file);
    assert_int_equal(wt_exchange_create(&b->config, wire, &x), -EBADMSG);
    bench_free(b);
    b = bench_new();
    static uint8_t big[1451];
    itch_raw(b, big, 1450);
    fflush(b->file);
    assert_int_equal(wt_exchange_create(&b->config, wire, &x), 0);
    wt_exchange_destroy(x);
    itch_raw(b, big, 1451);
    fflush(b->file);
    assert_int_equal(wt_exchange_create(&b->config, wire, &x), -EMSGSIZE);
    b->config.heartbeat_ns = 0;
    assert_int_equal(wt_exchange_create(&b->config, wire, &x), -EINVAL);
    bench_free(b);
}

/* Messages that make no sense are sent and leave the exchange's book whole. */
static void senseless_messages(void **state)
{
    (void)state;
    struct bench *b = bench_new();
    itch_add(b, 1, X, 1, 'B', 100, 1000000);
    itch_add(b, 1, X, 1, 'B', 100, 1000100); /* duplicate */
    itch_add(b, 1, X, 2, '?', 100, 1000100); /* no side */
    itch_add(b, 1, X, 3, 'S', 0, 1000200);   /* nothing */
    itch_executed(b, 1, 77, 10);             /* unknown */
    itch_executed(b, 2, 1, 10);              /* another symbol's */
    itch_replace(b, 1, 1, 1, 50, 1000000);   /* onto itself */
    itch_delete(b, 9, 1);                    /* another symbol's */
    itch_add(b, 1, X, 4, 'S', 10, 0);        /* prices at both ends */
    itch_delete(b, 1, 4);
    itch_add(b, 1, X, 5, 'S', 10, UINT32_MAX);
    itch_replace(b, 1, 5, 6, 0, 1); /* to nothing: gone */
    itch_add(b, 1, X, 7, 'S', 10, 1000300);
    itch_executed(b, 1, 7, 1000);     /* more than there is */
    itch_cancel(b, 1, 1, UINT32_MAX); /* more than there is */
    uint8_t unknown[30] = {'?'};
    itch_raw(b, unknown, sizeof unknown);
    itch_add(b, 1, X, 8, 'B', 5, 1000000);
    bench_start(b);
    bench_run(b, MS / 2);
    uint32_t id = bench_order(b, X, 'S', '3', 1000, 1);
    bench_run(b, 10 * MS);
    expect(b, WT_EXEC_ACCEPTED, id, 1000);
    expect_fill(b, id, 5, 1000000, 'R');
    expect_canceled(b, id, 995, 'I');
    struct wt_exchange_stats s;
    wt_exchange_stats(b->exchange, &s);
    assert_int_equal(s.messages, 17);
    bench_free(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(datagrams),
        cmocka_unit_test(full_datagrams),
        cmocka_unit_test(heartbeats_when_silent),
        cmocka_unit_test(a_full_wire_holds_the_feed_back),
        cmocka_unit_test(time_never_goes_back),
        cmocka_unit_test(only_so_many_messages),
        cmocka_unit_test(files_it_does_not_take),
        cmocka_unit_test(senseless_messages),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
