/*
 * One card for several loops: each gets all order flow and its own ring's events, in order, from threads that share the
 * card and from loops by turns; what it may write to the card; one that leaves; a card that laps.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <errno.h>
#include <pthread.h>
#include <sched.h>

#include "host/card/share.h"

enum { LOOPS = 3, SIZE_LOG2 = 6, SIZE = 1 << SIZE_LOG2, RECORDS = 20000, LEAVES_AT = 500 };

/* ---- a card: registers in memory, and whatever the test writes into its rings ---- */

struct memory_card {
    struct wt_link link;
    _Atomic uint32_t bar[WT_BAR0_SIZE / 4];
    uint64_t now, deadline;
    int wait_rc;
    unsigned waits, writes;
    bool old_records;
    void *memory[16];
    unsigned memories;
};

static struct memory_card *of(struct wt_link *link)
{
    return (struct memory_card *)(void *)link;
}

static int read32(struct wt_link *link, uint32_t offset, uint32_t *value)
{
    *value = of(link)->bar[(offset == WT_REG_RESET_ACK ? WT_REG_RESET_SEQ : offset) / 4];
    return 0;
}

static int read64(struct wt_link *link, uint32_t offset, uint64_t *value)
{
    *value = of(link)->bar[offset / 4];
    return 0;
}

/* Until its reset a card that was at work for a host before writes records into the same memory. */
static void write_old_records(const struct memory_card *c)
{
    for (unsigned i = 0; c->old_records && i < LOOPS + 1; i++)
        for (uint32_t n = 1; n <= SIZE; n++)
            memcpy((uint8_t *)c->memory[i] + (size_t)(n - 1) * 64 + 60, &n, sizeof n);
}

static int write32(struct wt_link *link, uint32_t offset, uint32_t value)
{
    if (offset == WT_REG_RESET_SEQ)
        write_old_records(of(link));
    of(link)->bar[offset / 4] = value;
    __atomic_fetch_add(&of(link)->writes, 1, __ATOMIC_RELAXED);
    return 0;
}

static int dma_alloc(struct wt_link *link, size_t bytes, struct wt_dma *dma)
{
    struct memory_card *c = of(link);
    void *memory = aligned_alloc(4096, (bytes + 4095) / 4096 * 4096);
    assert_non_null(memory);
    memset(memory, 0, bytes);
    c->memory[c->memories++] = memory;
    *dma = (struct wt_dma){memory, (uint64_t)(uintptr_t)memory, bytes};
    return 0;
}

static uint64_t now_ns(struct wt_link *link)
{
    return of(link)->now;
}

static int wait_for(struct wt_link *link, uint64_t deadline_ns)
{
    of(link)->waits++;
    of(link)->deadline = deadline_ns;
    return of(link)->wait_rc;
}

static void spend(struct wt_link *link, uint64_t ns)
{
    of(link)->now += ns;
}

static void close_link(struct wt_link *link)
{
    (void)link;
}

static const struct wt_link_ops ops = {.read32 = read32,
                                       .read64 = read64,
                                       .write32 = write32,
                                       .dma_alloc = dma_alloc,
                                       .now_ns = now_ns,
                                       .wait = wait_for,
                                       .spend = spend,
                                       .close = close_link};

static struct memory_card card;
static struct wt_card_share *share;
static struct wt_card_config config;
static const char symbols[4][9] = {"A", "B", "C", "D"};

static int setup(void **state)
{
    (void)state;
    memset(&card, 0, sizeof card);
    card.link = (struct wt_link){&ops, "memory"};
    card.wait_rc = 1;
    card.bar[WT_REG_MAGIC / 4] = WT_MAGIC;
    card.bar[WT_REG_SCHEMA_VERSION / 4] = WT_SCHEMA_VERSION;
    card.bar[WT_REG_CAP_SYMBOLS / 4] = 64;
    wt_card_defaults(&config);
    config.ev_rings = LOOPS;
    config.ev_size_log2 = config.of_size_log2 = SIZE_LOG2;
    config.symbols = symbols;
    config.symbol_count = 4;
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    wt_card_share_destroy(share);
    share = NULL;
    for (unsigned i = 0; i < card.memories; i++)
        free(card.memory[i]);
    return 0;
}

static void begin(bool turns)
{
    assert_int_equal(wt_card_share_create(&card.link, &config, turns, &share), 0);
    assert_true(wt_card_share_by_name(share));
}

/* As a loop does: its own symbols, and one ring. */
static void open_one(unsigned loop, struct wt_card *out)
{
    struct wt_card_config own = config;
    own.ev_rings = 1;
    own.at_work = true;
    own.symbols = &symbols[loop];
    own.symbol_count = 1;
    assert_int_equal(wt_card_open(out, wt_card_share_link(share, loop), &own), 0);
}

static uint32_t ring_register(unsigned loop, size_t member, uint32_t first)
{
    return loop == 0 ? first : WT_WIN_RINGS + (loop - 1) * WT_WIN_RINGS_STRIDE + (uint32_t)member;
}

/* Where a ring is, as the card was told. */
static uint8_t *ring_at(uint32_t lo, uint32_t hi)
{
    return (uint8_t *)(uintptr_t)(card.bar[lo / 4] | (uint64_t)card.bar[hi / 4] << 32);
}

static uint8_t *events_at(unsigned loop)
{
    return ring_at(ring_register(loop, offsetof(struct wt_ring_entry, base_lo), WT_REG_EV_BASE_LO),
                   ring_register(loop, offsetof(struct wt_ring_entry, base_hi), WT_REG_EV_BASE_HI));
}

static uint32_t events_taken(unsigned loop)
{
    return card.bar[ring_register(loop, offsetof(struct wt_ring_entry, cons), WT_REG_EV_CONS) / 4];
}

/* A record with a number of its own, as the card writes one. */
static void emit(uint8_t *ring, uint32_t number, uint32_t value)
{
    uint8_t *slot = ring + (size_t)((number - 1) % SIZE) * 64;
    uint32_t words[15];
    for (unsigned i = 0; i < 15; i++)
        words[i] = value * (i + 1);
    memcpy(slot, words, sizeof words);
    __atomic_store_n((uint32_t *)(void *)(slot + 60), number, __ATOMIC_RELEASE);
}

static bool is_whole(const void *record, uint32_t value)
{
    uint32_t words[15];
    memcpy(words, record, sizeof words);
    for (unsigned i = 0; i < 15; i++)
        if (words[i] != value * (i + 1))
            return false;
    return true;
}

/* ---- threads ---- */

struct reader {
    unsigned loop;
    struct wt_card card;
    uint32_t flow, events; /* taken */
    uint32_t until;        /* order flow */
    bool wrong, leaves;
    pthread_t thread;
};

static void *read_all(void *ctx)
{
    struct reader *r = ctx;
    union wt_event_record event;
    struct wt_of_record flow;
    while (r->flow < r->until && !r->wrong) {
        unsigned did = 0;
        wt_card_share_pump(share);
        for (; r->flow < r->until && wt_card_order_flow(&r->card, &flow) == 1; did++)
            r->wrong |= !is_whole(&flow, ++r->flow);
        /* an event is there before the order flow of its message */
        while (wt_card_event(&r->card, &event) == 1)
            r->wrong |= !is_whole(&event, r->events++ * LOOPS + r->loop + 1);
        r->wrong |= !r->leaves && r->events < (r->flow + LOOPS - 1 - r->loop) / LOOPS;
        if (!did)
            sched_yield();
    }
    if (r->leaves)
        wt_card_share_leave(share, r->loop);
    return NULL;
}

/* Message n: an event in ring (n - 1) % LOOPS, then its order flow. */
static void *write_all(void *ctx)
{
    uint8_t *flow = ring_at(WT_REG_OF_BASE_LO, WT_REG_OF_BASE_HI), *events[LOOPS];
    uint32_t written[LOOPS] = {0};
    (void)ctx;
    for (unsigned i = 0; i < LOOPS; i++)
        events[i] = events_at(i);
    for (uint32_t n = 1; n <= RECORDS; n++) {
        unsigned loop = (n - 1) % LOOPS;
        while (written[loop] - events_taken(loop) == SIZE || n - 1 - card.bar[WT_REG_OF_CONS / 4] == SIZE)
            sched_yield();
        emit(events[loop], ++written[loop], n);
        emit(flow, n, n);
    }
    return NULL;
}

/* leaver: a loop that has enough before the others, or LOOPS. */
static void run(unsigned leaver)
{
    static struct reader reader[LOOPS];
    pthread_t writer;
    memset(reader, 0, sizeof reader);
    begin(false);
    for (unsigned i = 0; i < LOOPS; i++) {
        reader[i].loop = i;
        reader[i].leaves = i == leaver;
        reader[i].until = i == leaver ? LEAVES_AT : RECORDS;
        open_one(i, &reader[i].card);
    }
    for (unsigned i = 0; i < LOOPS; i++)
        assert_int_equal(pthread_create(&reader[i].thread, NULL, read_all, &reader[i]), 0);
    assert_int_equal(pthread_create(&writer, NULL, write_all, NULL), 0);
    pthread_join(writer, NULL);
    for (unsigned i = 0; i < LOOPS; i++)
        pthread_join(reader[i].thread, NULL);
    for (unsigned i = 0; i < LOOPS; i++) {
        assert_false(reader[i].wrong);
        assert_int_equal(reader[i].flow, reader[i].until);
        if (i != leaver)
            assert_int_equal(reader[i].events, (RECORDS + LOOPS - 1 - i) / LOOPS);
    }
}

static void every_loop_gets_all_order_flow_and_its_own_events(void **state)
{
    (void)state;
    run(LOOPS);
}

static void one_that_leaves_holds_nobody_up(void **state)
{
    (void)state;
    run(1);
}

/* ---- one thread ---- */

static void what_a_loop_sets_up_does_not_reach_the_card(void **state)
{
    struct wt_card own[LOOPS];
    static uint32_t before[WT_BAR0_SIZE / 4];
    (void)state;
    begin(true);
    for (size_t i = 0; i < WT_BAR0_SIZE / 4; i++)
        before[i] = card.bar[i];
    for (unsigned i = 0; i < LOOPS; i++) {
        open_one(i, &own[i]);
        assert_true(own[i].by_name);
        assert_ptr_equal(own[i].ev_dma[0].virt, events_at(i));
        assert_ptr_not_equal(own[i].of_dma.virt, ring_at(WT_REG_OF_BASE_LO, WT_REG_OF_BASE_HI));
    }
    for (size_t i = 0; i < WT_BAR0_SIZE / 4; i++)
        assert_int_equal(card.bar[i], before[i]);
    /* the first one's commands and skips do, the others' do not */
    for (unsigned i = LOOPS; i-- > 0;) {
        unsigned writes = card.writes;
        assert_int_equal(wt_card_inject(&own[i], 0, "x", 1), 0);
        assert_int_equal(wt_card_skip(&own[i], 0, 77), 0);
        assert_int_equal(card.writes - writes, i == 0 ? 5 : 0);
    }
    assert_int_equal(card.bar[WT_REG_CMD_PROD / 4], 1);
    assert_int_equal(card.bar[(WT_WIN_CHANNELS + offsetof(struct wt_chan_entry, skip_to_lo)) / 4], 77);
    /* closing one leaves the card to the others */
    wt_card_close(&own[0]);
    assert_int_equal(card.bar[WT_REG_CONTROL / 4], before[WT_REG_CONTROL / 4]);
}

static void by_turns_all_wait_for_the_first_deadline(void **state)
{
    (void)state;
    begin(true);
    for (unsigned i = 0; i < LOOPS; i++) {
        struct wt_link *link = wt_card_share_link(share, i);
        assert_false(wt_card_share_waited(share, i));
        assert_int_equal(link->ops->wait(link, 1000 - 100 * i), 1);
        assert_true(wt_card_share_waited(share, i));
        assert_false(wt_card_share_waited(share, i));
    }
    assert_int_equal(card.waits, 0);
    assert_int_equal(wt_card_share_wait(share), 1);
    assert_int_equal(card.deadline, 800);
    wt_card_share_leave(share, 2);
    card.wait_rc = -EPIPE;
    assert_int_equal(wt_card_share_wait(share), -EPIPE);
    assert_int_equal(card.deadline, 900);
    struct wt_link *link = wt_card_share_link(share, 0);
    assert_int_equal(link->ops->wait(link, 5), -EPIPE);
}

static void a_card_that_laps_has_lapped_every_loop(void **state)
{
    struct wt_card own[LOOPS];
    struct wt_of_record record;
    (void)state;
    begin(true);
    for (unsigned i = 0; i < LOOPS; i++)
        open_one(i, &own[i]);
    for (uint32_t n = 1; n <= 3; n++)
        emit(ring_at(WT_REG_OF_BASE_LO, WT_REG_OF_BASE_HI), n, n);
    wt_card_share_pump(share);
    for (uint32_t n = 4; n <= SIZE + 5; n++)
        emit(ring_at(WT_REG_OF_BASE_LO, WT_REG_OF_BASE_HI), n, n);
    wt_card_share_pump(share);
    wt_card_share_pump(share);
    for (unsigned i = 0; i < LOOPS; i++) {
        for (uint32_t n = 1; n <= 3; n++) {
            assert_int_equal(wt_card_order_flow(&own[i], &record), 1);
            assert_true(is_whole(&record, n));
        }
        assert_int_equal(wt_card_order_flow(&own[i], &record), -EOVERFLOW);
    }
}

static uint32_t by_value(void *ctx, const struct wt_of_record *record)
{
    uint64_t value = record->feed_seq & 0xffffffffu; /* words 0 and 1 are the value and its double */
    ++*(unsigned *)ctx;
    return value % 4 == 3 ? 1000 : (uint32_t)(value % 4);
}

static void each_gets_what_is_for_it_or_for_all(void **state)
{
    struct wt_card own[LOOPS];
    struct wt_of_record record;
    unsigned asked = 0;
    (void)state;
    begin(true);
    wt_card_share_route(share, by_value, &asked);
    for (unsigned i = 0; i < LOOPS; i++)
        open_one(i, &own[i]);
    for (uint32_t n = 1; n <= 40; n++)
        emit(ring_at(WT_REG_OF_BASE_LO, WT_REG_OF_BASE_HI), n, n);
    wt_card_share_pump(share);
    assert_int_equal(asked, 40);
    for (unsigned i = 0; i < LOOPS; i++) {
        for (uint32_t n = 1; n <= 40; n++) {
            if (n % 4 != i && n % 4 != 3)
                continue;
            assert_int_equal(wt_card_order_flow(&own[i], &record), 1);
            assert_true(is_whole(&record, n));
        }
        assert_int_equal(wt_card_order_flow(&own[i], &record), 0);
    }
}

static void what_a_host_before_was_given_is_no_record_of_ours(void **state)
{
    struct wt_card own[LOOPS];
    union wt_event_record event;
    struct wt_of_record record;
    (void)state;
    card.old_records = true;
    begin(true);
    emit(events_at(1), 1, 77); /* of this one, before the loop is there */
    for (unsigned i = 0; i < LOOPS; i++)
        open_one(i, &own[i]);
    wt_card_share_pump(share);
    for (unsigned i = 0; i < LOOPS; i++) {
        assert_int_equal(wt_card_order_flow(&own[i], &record), 0);
        assert_int_equal(wt_card_event(&own[i], &event), i == 1);
        assert_true(i != 1 || is_whole(&event, 77));
    }
}

static void a_slow_loop_holds_order_flow_up_and_loses_nothing(void **state)
{
    struct wt_card own[LOOPS];
    struct wt_of_record record;
    uint32_t taken[LOOPS] = {0};
    (void)state;
    begin(true);
    for (unsigned i = 0; i < LOOPS; i++)
        open_one(i, &own[i]);
    uint8_t *flow = ring_at(WT_REG_OF_BASE_LO, WT_REG_OF_BASE_HI);
    uint32_t n = 0;
    for (unsigned round = 0; round < 20; round++) { /* the last loop reads nothing */
        while (n - card.bar[WT_REG_OF_CONS / 4] < SIZE) {
            n++;
            emit(flow, n, n);
        }
        wt_card_share_pump(share);
        for (unsigned i = 0; i + 1 < LOOPS; i++)
            while (wt_card_order_flow(&own[i], &record) == 1)
                assert_true(is_whole(&record, ++taken[i]));
    }
    assert_int_equal(taken[0], SIZE);
    for (unsigned round = 0; round < 3; round++) {
        wt_card_share_pump(share);
        for (unsigned i = 0; i < LOOPS; i++)
            while (wt_card_order_flow(&own[i], &record) == 1)
                assert_true(is_whole(&record, ++taken[i]));
    }
    for (unsigned i = 0; i < LOOPS; i++)
        assert_int_equal(taken[i], n);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(every_loop_gets_all_order_flow_and_its_own_events),
        TEST(one_that_leaves_holds_nobody_up),
        TEST(what_a_loop_sets_up_does_not_reach_the_card),
        TEST(by_turns_all_wait_for_the_first_deadline),
        TEST(a_card_that_laps_has_lapped_every_loop),
        TEST(each_gets_what_is_for_it_or_for_all),
        TEST(what_a_host_before_was_given_is_no_record_of_ours),
        TEST(a_slow_loop_holds_order_flow_up_and_loses_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
