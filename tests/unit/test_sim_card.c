/*
 * Driver, world and the Verilated card together: records of a feed that this test makes up, exact to
 * the byte that matters; the card opened again in the middle of traffic; the same bytes every time.
 * Skipped when libwtcard.so is not built (make card), two folders above this program.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <errno.h>
#include <limits.h>

#include "host/card/driver.h"
#include "host/common/bytes.h"
#include "sim/card/frame.h"
#include "sim/card/sim.h"

enum { MESSAGES = 3000, LOCATE = 77 };

static char path[PATH_MAX];
static uint8_t feed[MESSAGES][36];
static size_t feed_length[MESSAGES];
static struct wt_sim *sim;
static struct wt_link *the_link;
static struct wt_card card;
static struct wt_card_config config;

/* Message n (from 1): an odd one adds a bid, the even one after it deletes it. protocols.md section 1: A, D. */
static void make_feed(void)
{
    for (uint32_t n = 1; n <= MESSAGES; n++) {
        uint8_t *m = feed[n - 1];
        memset(m, 0, 36);
        m[0] = n % 2 ? 'A' : 'D';
        wt_put_be16(m + 1, LOCATE);
        wt_put_be48(m + 5, UINT64_C(34200000000000) + n);
        wt_put_be64(m + 11, (n + 1) / 2);
        feed_length[n - 1] = 19;
        if (n % 2) {
            m[19] = 'B';
            wt_put_be32(m + 20, n);
            memcpy(m + 24, "TEST    ", 8);
            wt_put_be32(m + 32, 1000000 + n * 7);
            feed_length[n - 1] = 36;
        }
    }
}

static int find_card(void **state)
{
    (void)state;
    ssize_t n = readlink("/proc/self/exe", path, sizeof path - 32);
    assert_true(n > 0);
    path[n] = 0;
    for (int i = 0; i < 3; i++)
        if (strrchr(path, '/'))
            *strrchr(path, '/') = 0;
    strcat(path, "/libwtcard.so");
    make_feed();
    return 0;
}

static int open_world(void **state)
{
    (void)state;
    struct wt_sim_config c;
    wt_sim_defaults(&c);
    c.model_path = path;
    c.start_ns = UINT64_C(34200000000000);
    sim = NULL;
    if (access(path, R_OK) == 0 && wt_sim_create(&c, &sim) < 0)
        return -1;
    the_link = sim ? wt_sim_link(sim) : NULL;
    wt_card_defaults(&config);
    config.ev_size_log2 = 7; /* small rings: many laps */
    config.of_size_log2 = 7;
    return 0;
}

static int close_world(void **state)
{
    (void)state;
    if (the_link)
        the_link->ops->close(the_link);
    return 0;
}

#define NEED_CARD()                                                                                                    \
    do {                                                                                                               \
        if (!sim) {                                                                                                    \
            print_message("%s is not built\n", path);                                                                  \
            skip();                                                                                                    \
        }                                                                                                              \
    } while (0)

static void send_feed(void)
{
    struct wt_frame_builder b;
    wt_frame_init(&b, config.channel[0].group[0], config.channel[0].port[0], "TEST000001");
    for (uint32_t n = 1; n <= MESSAGES;) {
        wt_frame_start(&b, n);
        while (n <= MESSAGES && wt_frame_add(&b, feed[n - 1], feed_length[n - 1]) == 0)
            n++;
        assert_int_equal(wt_sim_send(sim, 0, 0, b.bytes, wt_frame_finish(&b), 0), 0);
    }
}

struct seen {
    uint64_t bbo, flow, hash;
};

static void check_bbo(const struct wt_ev_bbo *r, uint64_t seq)
{
    assert_int_equal(r->head.feed_seq, seq);
    assert_int_equal(r->head.locate, LOCATE);
    assert_int_equal(r->head.symbol, 0);
    assert_true(wt_ev_exch_ns(&r->head) == UINT64_C(34200000000000) + seq);
    assert_true(r->head.flags & WT_EVF_VALID);
    assert_int_equal(r->bid_price, seq % 2 ? 1000000 + seq * 7 : 0);
    assert_int_equal(r->bid_shares, seq % 2 ? seq : 0);
    assert_int_equal(r->bid_orders, seq % 2);
    assert_int_equal(r->ask_price, 0);
    assert_int_equal(r->ask_shares, 0);
    assert_int_equal(r->ask_orders, 0);
}

/* Take what comes until the deadline or the world's end, and check it. */
static struct seen take(uint64_t deadline_ns)
{
    struct seen s = {.hash = 0xcbf29ce484222325u};
    union wt_event_record e;
    struct wt_of_record o;
    int r, got;
    while ((r = the_link->ops->wait(the_link, deadline_ns)) == 1) {
        s.hash = (s.hash ^ wt_sim_now(sim)) * 0x100000001b3u;
        while ((got = wt_card_event(&card, &e)) == 1) {
            for (int i = 0; i < 16; i++)
                s.hash = (s.hash ^ e.word[i]) * 0x100000001b3u;
            if (e.head.kind == WT_RECORD_TYPE_BBO)
                check_bbo(&e.bbo, ++s.bbo);
        }
        assert_int_equal(got, 0);
        while ((got = wt_card_order_flow(&card, &o)) == 1) {
            if (o.flags & WT_OFF_MARKER)
                continue;
            s.flow++;
            assert_int_equal(o.feed_seq, s.flow);
            assert_int_equal(o.length, feed_length[s.flow - 1]);
            assert_memory_equal(o.raw, feed[s.flow - 1], feed_length[s.flow - 1]);
            /* a message's events are there before its order flow */
            assert_true(s.bbo >= s.flow);
        }
        assert_int_equal(got, 0);
    }
    assert_true(r == -EPIPE || (r == 0 && deadline_ns != UINT64_MAX));
    return s;
}

static void check_clean(void)
{
    struct wt_sim_stats stats;
    struct wt_card_counters counters;
    wt_sim_stats(sim, &stats);
    assert_int_equal(stats.tlp_violations, 0);
    assert_int_equal(wt_card_counters(&card, &counters), 0);
    assert_int_equal(counters.messages, MESSAGES);
    assert_int_equal(counters.bbo, MESSAGES);
    assert_int_equal(counters.gaps + counters.bad_frame_a + counters.bad_datagram_a + counters.bad_request, 0);
    assert_int_equal(counters.orders_live, 0);
}

static void test_records(void **state)
{
    (void)state;
    NEED_CARD();
    static const char name[1][9] = {"TEST"};
    for (int by_name = 0; by_name < 2; by_name++) {
        config.symbols = by_name ? name : NULL;
        config.symbol_count = 1;
        assert_int_equal(wt_card_open(&card, the_link, &config), 0);
        send_feed();
        struct seen s = take(UINT64_MAX);
        assert_int_equal(s.bbo, MESSAGES);
        assert_int_equal(s.flow, MESSAGES);
        check_clean();
    }
    struct wt_sim_stats stats;
    wt_sim_stats(sim, &stats);
    assert_true(stats.latency_samples >= 2 * MESSAGES);
    assert_in_range(stats.latency_cycles_min, 5, 60);
    assert_true(stats.latency_cycles_p50 <= stats.latency_cycles_p99);
    assert_true(stats.latency_cycles_p99 <= stats.latency_cycles_max);
}

/* No record of another numbering has come: in its first lap slot i holds record i + 1 or nothing. */
static void check_first_lap(const struct wt_dma *ring)
{
    const uint32_t *word = ring->virt;
    for (uint32_t i = 0; i < 128; i++)
        if (word[i * 16 + 15] != 0)
            assert_int_equal(word[i * 16 + 15], i + 1);
}

/* Opened again at many moments of a running feed: old records never show in the new rings. */
static void test_open_again(void **state)
{
    (void)state;
    NEED_CARD();
    for (uint64_t round = 1; round <= 6; round++) {
        assert_int_equal(wt_card_open(&card, the_link, &config), 0);
        send_feed();
        struct seen s = take(wt_sim_now(sim) + round * 9001);
        assert_in_range(s.bbo, 1, MESSAGES - 1);
        assert_int_equal(wt_card_open(&card, the_link, &config), 0);
        check_first_lap(&card.ev_dma[0]);
        check_first_lap(&card.of_dma);
        /* what is left of the old feed comes with numbers that are not the next ones: nothing is valid */
        union wt_event_record e;
        struct wt_of_record o;
        while (the_link->ops->wait(the_link, UINT64_MAX) == 1) {
            int got;
            while ((got = wt_card_event(&card, &e)) == 1)
                assert_int_not_equal(e.head.kind, WT_RECORD_TYPE_BBO);
            assert_int_equal(got, 0);
            while ((got = wt_card_order_flow(&card, &o)) == 1)
                ;
            assert_int_equal(got, 0);
        }
    }
    assert_int_equal(wt_card_open(&card, the_link, &config), 0);
    send_feed();
    assert_int_equal(take(UINT64_MAX).bbo, MESSAGES);
    check_clean();
}

static void test_same_bytes(void **state)
{
    NEED_CARD();
    uint64_t hash[2];
    for (int i = 0; i < 2; i++) {
        if (i) {
            close_world(state);
            assert_int_equal(open_world(state), 0);
        }
        assert_int_equal(wt_card_open(&card, the_link, &config), 0);
        send_feed();
        hash[i] = take(UINT64_MAX).hash;
    }
    assert_true(hash[0] == hash[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_records, open_world, close_world),
        cmocka_unit_test_setup_teardown(test_open_again, open_world, close_world),
        cmocka_unit_test_setup_teardown(test_same_bytes, open_world, close_world),
    };
    return cmocka_run_group_tests(tests, find_card, NULL);
}
