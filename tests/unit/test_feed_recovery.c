/*
 * What both lines lost, asked for by the protocols' bytes in virtual time: the clients of re-requests and GLIMPSE
 * against the servers of sim/exchange/feed_server.h, over streams that cut bytes at will, and a twin that is rebuilt
 * again and again while the feed goes on, against one that never lost a message.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "host/gateway/glimpse.h"
#include "host/gateway/rerequest.h"
#include "host/market/itch_put.h"
#include "host/market/pcap.h"
#include "host/market/random.h"
#include "host/market/twin.h"
#include "sim/exchange/feed_server.h"

enum { SYMBOLS = 6, LIVE = 300, KEPT = 20000 };

struct message {
    uint64_t seq;
    size_t length;
    uint8_t raw[WT_ITCH_MAX];
};

static struct world {
    struct wt_random random;
    uint64_t now, seq; /* of the last message */
    struct wt_feed_server *server;
    struct wt_twin *truth, *twin;
    uint64_t ref, live[LIVE];
    uint16_t locate_of[LIVE];
    /* of the twin's rebuilding */
    bool wanted, loaded;
    uint64_t need, resume, next;
    struct message kept[KEPT];
    size_t kept_count;
    unsigned rebuilt, snapshots, refused, failures;
    /* of re-requests */
    uint64_t wanted_from, wanted_to;
    bool got[200000], gave_up;
} w;

static uint64_t now_of(void *ctx)
{
    (void)ctx;
    return w.now;
}

static uint64_t below(uint64_t n)
{
    return wt_random_below(&w.random, n);
}

/* ---- a market */

static const char *name_of(uint16_t locate)
{
    static const char names[SYMBOLS][9] = {"AAA     ", "BBB     ", "CCC     ", "DDD     ", "EEE     ", "FFF     "};
    return names[locate - 1];
}

static size_t next_message(uint8_t *m)
{
    size_t i = (size_t)below(LIVE);
    uint16_t locate = w.locate_of[i];
    uint32_t price = 1000000 + 100 * (uint32_t)below(30), shares = 100 * (1 + (uint32_t)below(9));
    if (!locate) {
        locate = (uint16_t)(1 + below(SYMBOLS));
        w.locate_of[i] = locate;
        w.live[i] = ++w.ref;
        return wt_itch_put_add(m, locate, w.now, w.ref, below(2) ? 'B' : 'S', shares, name_of(locate), price, NULL);
    }
    switch (below(4)) {
    case 0:
        w.locate_of[i] = 0;
        return wt_itch_put_delete(m, locate, w.now, w.live[i]);
    case 1: {
        uint64_t old = w.live[i];
        w.live[i] = ++w.ref;
        return wt_itch_put_replace(m, locate, w.now, old, w.ref, shares, price);
    }
    case 2:
        return wt_itch_put_action(m, locate, w.now, name_of(locate), below(2) ? 'T' : 'H', "    ");
    default: /* it may be gone then: the books count it */
        return wt_itch_put_cancel(m, locate, w.now, w.live[i], 100);
    }
}

/* ---- the twin that loses */

static void rebuilt(void *ctx, uint16_t symbol)
{
    (void)ctx;
    (void)symbol;
    w.rebuilt++;
}

static void finish(void)
{
    struct wt_twin_result result;
    for (size_t i = 0; i < w.kept_count; i++)
        if (w.kept[i].seq >= w.resume)
            wt_twin_rebuild_replay(w.twin, 0, w.kept[i].seq, w.kept[i].raw, w.kept[i].length, &result);
    wt_twin_rebuild_end(w.twin, 0, rebuilt, NULL);
    w.wanted = w.loaded = false;
    w.snapshots++;
}

static void same_books(void)
{
    for (uint16_t locate = 1; locate <= SYMBOLS; locate++) {
        uint16_t a = wt_twin_by_locate(w.truth, locate), b = wt_twin_by_locate(w.twin, locate);
        struct wt_bbo x, y;
        if (b == 0xffff || !wt_twin_valid(w.twin, b))
            continue;
        assert_true(wt_twin_valid(w.truth, a));
        wt_twin_bbo(w.truth, a, &x);
        wt_twin_bbo(w.twin, b, &y);
        assert_memory_equal(&x, &y, sizeof x);
    }
}

static void take(const uint8_t *raw, size_t length)
{
    struct wt_twin_result result;
    if (w.loaded && w.next >= w.resume)
        finish();
    if (w.wanted) {
        assert_true(w.kept_count < KEPT);
        w.kept[w.kept_count].seq = w.next;
        w.kept[w.kept_count].length = length;
        memcpy(w.kept[w.kept_count++].raw, raw, length);
    }
    wt_twin_message(w.twin, w.next++, raw, length, &result);
    if (w.loaded && w.next >= w.resume)
        finish();
}

/* One packet leaves; the twin's line loses it or not. */
static void packet(bool lost)
{
    uint8_t payload[WT_MOLD_PAYLOAD_MAX] = "WTICK00001";
    size_t end = WT_MOLD_HEADER;
    unsigned count = 1 + (unsigned)below(20);
    struct wt_twin_result result;
    wt_put_be64(payload + 10, w.seq + 1);
    wt_put_be16(payload + 18, (uint16_t)count);
    for (unsigned i = 0; i < count; i++) {
        size_t n = next_message(payload + end + 2);
        wt_put_be16(payload + end, (uint16_t)n);
        wt_twin_message(w.truth, ++w.seq, payload + end + 2, n, &result);
        end += 2 + n;
    }
    wt_feed_server_packet(w.server, w.now, payload, end);
    if (lost)
        return;
    if (w.next < w.seq + 1 - count) {
        w.next = w.need = w.seq + 1 - count;
        w.kept_count = 0;
        w.wanted = true;
        if (w.loaded && w.resume < w.need)
            w.loaded = false;
        wt_twin_gap_of(w.twin, 0);
    }
    end = WT_MOLD_HEADER;
    for (unsigned i = 0; i < count; i++) {
        size_t n = wt_be16(payload + end);
        take(payload + end + 2, n);
        end += 2 + n;
    }
    same_books();
}

/* ---- streams that cut */

static struct wt_stream whole;

static ssize_t cut_recv(void *ctx, void *bytes, size_t room)
{
    size_t some = 1 + (size_t)below(60);
    return whole.recv(ctx, bytes, some < room ? some : room);
}

/* ---- GLIMPSE */

static void on_message(void *ctx, const uint8_t *raw, size_t length)
{
    (void)ctx;
    wt_twin_rebuild_load(w.twin, 0, raw, length);
}

static void on_end(void *ctx, uint64_t sequence)
{
    (void)ctx;
    if (!w.wanted || sequence < w.need) {
        w.refused++;
        return;
    }
    w.loaded = true;
    w.resume = sequence;
    if (w.next >= w.resume)
        finish();
}

static void on_failed(void *ctx, const char *why)
{
    (void)ctx;
    assert_true(*why != 0);
    w.failures++;
}

static void begin(uint64_t seed, unsigned lose, uint64_t snapshot_ns)
{
    struct wt_feed_server_config server;
    struct wt_twin_config twin;
    memset(&w, 0, sizeof w);
    wt_random_seed(&w.random, seed);
    w.now = 1000000000;
    w.next = 1;
    wt_feed_server_defaults(&server);
    server.now = now_of;
    server.lose_replies = lose;
    server.snapshot_ns = snapshot_ns;
    assert_int_equal(wt_feed_server_create(&server, &w.server), 0);
    wt_twin_defaults(&twin);
    twin.max_orders = 4096;
    assert_int_equal(wt_twin_create(&twin, &w.truth), 0);
    assert_int_equal(wt_twin_create(&twin, &w.twin), 0);
}

static void over(void)
{
    wt_feed_server_destroy(w.server);
    wt_twin_destroy(w.truth);
    wt_twin_destroy(w.twin);
}

static struct wt_glimpse *glimpse_of(const char *password)
{
    struct wt_glimpse_config config;
    struct wt_glimpse *glimpse;
    wt_glimpse_defaults(&config);
    memcpy(config.username, "WT0001", 7);
    strcpy(config.password, password);
    whole = wt_feed_server_snapshots(w.server);
    struct wt_stream cut = whole;
    cut.recv = cut_recv;
    assert_int_equal(
        wt_glimpse_create(&config, cut, (struct wt_glimpse_handler){NULL, on_message, on_end, on_failed}, &glimpse), 0);
    return glimpse;
}

static void test_snapshots(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 4; seed++) {
        begin(seed, 0, seed % 2 ? 200000 : 3000);
        struct wt_glimpse *glimpse = glimpse_of("wiretick");
        for (unsigned i = 0; i < 3000; i++) {
            w.now += below(3) ? 1000 : 20000;
            packet(i > 20 && (below(100) == 0 || (below(2) && w.wanted && below(40) == 0)));
            if (w.wanted && !w.loaded && !wt_glimpse_busy(glimpse)) {
                wt_twin_rebuild_begin(w.twin, 0);
                wt_glimpse_fetch(glimpse, w.now);
            }
            wt_feed_server_run(w.server, w.now);
            wt_glimpse_poll(glimpse, w.now);
        }
        assert_true(w.snapshots > 3);
        assert_true(w.rebuilt >= w.snapshots * (SYMBOLS - 1));
        assert_int_equal(w.failures, 0);
        wt_glimpse_destroy(glimpse);
        over();
    }
}

static void run_until(struct wt_glimpse *glimpse, unsigned failures)
{
    for (unsigned i = 0; i < 1000 && w.failures < failures; i++) {
        w.now += 10000000;
        wt_feed_server_run(w.server, w.now);
        wt_glimpse_poll(glimpse, w.now);
        assert_true(wt_glimpse_deadline(glimpse) > w.now || w.failures == failures);
    }
    assert_int_equal(w.failures, failures);
    assert_false(wt_glimpse_busy(glimpse));
}

static void test_refused(void **state)
{
    (void)state;
    begin(1, 0, 0);
    packet(false);
    struct wt_glimpse *glimpse = glimpse_of("wrong");
    wt_glimpse_fetch(glimpse, w.now);
    run_until(glimpse, 1);
    wt_glimpse_destroy(glimpse);
    over();
    /* a server that never answers */
    begin(1, 0, 60000000000u);
    packet(false);
    glimpse = glimpse_of("wiretick");
    wt_glimpse_fetch(glimpse, w.now);
    run_until(glimpse, 1);
    wt_glimpse_destroy(glimpse);
    over();
}

/* ---- re-requests */

static bool on_answer(void *ctx, const uint8_t *bytes, size_t length)
{
    uint64_t first = wt_be64(bytes + 10);
    (void)ctx;
    assert_true(wt_mold_well_formed(bytes, length));
    if (below(10) == 0)
        return false; /* no room */
    for (unsigned i = 0; i < wt_be16(bytes + 18); i++) {
        assert_true(first + i >= w.wanted_from && first + i < w.wanted_to);
        w.got[first + i] = true;
    }
    return true;
}

static void on_gave_up(void *ctx)
{
    (void)ctx;
    w.gave_up = true;
}

static void ask(struct wt_requests *requests, const char *session, uint64_t from, uint64_t to)
{
    w.wanted_from = from;
    w.wanted_to = to;
    w.gave_up = false;
    memset(w.got, 0, sizeof w.got);
    assert_true(wt_requests_ask(requests, (const uint8_t *)session, from, to));
    for (unsigned i = 0; i < 100000 && wt_requests_deadline(requests) != UINT64_MAX; i++) {
        w.now += 5000;
        wt_feed_server_run(w.server, w.now);
        wt_requests_poll(requests, w.now);
    }
    assert_int_equal(wt_requests_deadline(requests), UINT64_MAX);
}

static void test_requests(void **state)
{
    (void)state;
    struct wt_requests_config config;
    struct wt_requests *requests;
    struct wt_requests_stats stats;
    begin(7, 3, 0);
    for (unsigned i = 0; i < 3000; i++) {
        w.now += 1000;
        packet(false);
    }
    wt_requests_defaults(&config);
    config.timeout_ns = 100000;
    config.tries = 30;
    assert_int_equal(wt_requests_create(&config, wt_feed_server_requests(w.server),
                                        (struct wt_requests_handler){NULL, on_answer, on_gave_up}, &requests),
                     0);
    for (unsigned round = 0; round < 20; round++) {
        uint64_t from = w.seq - 2000 - below(5000), to = from + 1 + below(2000);
        ask(requests, "WTICK00001", from, to);
        assert_false(w.gave_up);
        for (uint64_t seq = from; seq < to; seq++)
            assert_true(w.got[seq]);
    }
    wt_requests_stats(requests, &stats);
    assert_true(stats.sent > stats.answers && stats.answers > 100);
    ask(requests, "ANOTHER001", w.seq - 10, w.seq);
    assert_true(w.gave_up);
    ask(requests, "WTICK00001", w.seq + 1, w.seq + 5); /* not sent yet */
    assert_true(w.gave_up);
    assert_false(wt_requests_ask(requests, (const uint8_t *)"WTICK00001", 1, 1 + config.max_messages + 1));
    wt_requests_destroy(requests);
    over();
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_snapshots), cmocka_unit_test(test_refused),
                                       cmocka_unit_test(test_requests)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
