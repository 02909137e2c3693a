/* A symbol goes back to the card over a link that is slow, or dead. The card is its rings and what the test says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "host/market/feed.h"
#include "host/market/itch_put.h"

enum { RING_LOG2 = 8, RING = 1 << RING_LOG2, LOCATE = 7, INDEX = 5, ORDERS = 20, LINES = 1 << 12 };

static struct {
    struct wt_link link;
    struct wt_card card;
    uint8_t events[RING * 64], order_flow[RING * 64], commands[LINES * 64];
    uint32_t ev, of, taken; /* records written; lines of the command ring */
    uint64_t now, seq;
} fake;
static struct wt_twin *twin;
static struct wt_feed *feed;
static uint8_t m[64];
static const char name[9] = "SYM7    ";

static int write32(struct wt_link *link, uint32_t offset, uint32_t value)
{
    (void)link;
    (void)offset;
    (void)value;
    return 0;
}

static int read32(struct wt_link *link, uint32_t offset, uint32_t *value)
{
    (void)link;
    *value = offset == WT_REG_CMD_CONS ? fake.taken : 0;
    return 0;
}

static int read64(struct wt_link *link, uint32_t offset, uint64_t *value)
{
    (void)link;
    (void)offset;
    *value = 0;
    return 0;
}

static uint64_t now_ns(struct wt_link *link)
{
    (void)link;
    return fake.now;
}

/* The card's word on the symbol; index 0xffff: it holds none. named: that it was bound. */
static void symbol_event(uint16_t index, bool named, uint8_t state)
{
    union wt_event_record e = {0};
    e.head.kind = WT_RECORD_TYPE_SYMBOL;
    e.head.symbol = index;
    e.head.locate = named ? LOCATE : 0;
    e.head.feed_seq = fake.seq;
    if (named)
        memcpy(e.symbol.name, name, 8);
    e.symbol.state = state;
    e.word[15] = ++fake.ev;
    memcpy(fake.events + (size_t)((fake.ev - 1) % RING) * 64, &e, 64);
}

static void put_flow(size_t length, uint8_t flags)
{
    struct wt_of_record r = {.feed_seq = fake.seq, .length = (uint8_t)length, .flags = flags};
    memcpy(r.raw, m, length);
    r.lap = ++fake.of;
    memcpy(fake.order_flow + (size_t)((fake.of - 1) % RING) * 64, &r, 64);
}

static void on_record(void *ctx, const union wt_event_record *record)
{
    (void)ctx;
    (void)record;
}

/* Software's symbol with its orders is bound to an index of the card, and everything is sent, JOIN with it. */
static void begin(void)
{
    static const struct wt_link_ops ops = {.read32 = read32, .read64 = read64, .write32 = write32, .now_ns = now_ns};
    struct wt_twin_config config;
    memset(&fake, 0, sizeof fake);
    fake.link.ops = &ops;
    fake.card.link = &fake.link;
    fake.card.cmd_dma.virt = fake.commands;
    fake.card.cap_order_slots = 4096;
    fake.now = 1;
    wt_ring_init(&fake.card.events[0], fake.events, RING_LOG2);
    wt_ring_init(&fake.card.order_flow, fake.order_flow, RING_LOG2);
    wt_twin_defaults(&config);
    assert_int_equal(wt_twin_create(&config, &twin), 0);
    assert_int_equal(wt_feed_create(&fake.card, twin, true, (struct wt_feed_handler){.record = on_record}, &feed), 0);
    assert_int_equal(wt_feed_return(feed), 0);
    for (unsigned i = 0; i < ORDERS; i++) {
        fake.seq++;
        if (i == 0)
            symbol_event(0xffff, true, WT_BOOK_STATE_SOFTWARE);
        put_flow(wt_itch_put_add(m, LOCATE, 1000, 100 + i, 'B', 10, name, 10000 + i, NULL), 0);
    }
    assert_true(wt_feed_poll(feed, 1000) > 0);
    assert_int_equal(fake.card.cmd_prod, 1); /* R */
    symbol_event(INDEX, true, WT_BOOK_STATE_STALE);
    put_flow(wt_itch_put_directory(m, LOCATE, 0, name), WT_OFF_RECOVERED);
    assert_true(wt_feed_poll(feed, 1000) > 0);
    assert_int_equal(fake.card.cmd_prod, 1 + ORDERS + 1);
}

static void end(void)
{
    wt_feed_destroy(feed);
    wt_twin_destroy(twin);
}

static uint64_t returned(void)
{
    struct wt_feed_stats s;
    wt_feed_stats(feed, &s);
    return s.returned;
}

/* A line every 1.5 s, and at last the answer. */
static void test_slow(void **state)
{
    (void)state;
    begin();
    for (fake.taken = 1; fake.taken < fake.card.cmd_prod; fake.taken++) {
        fake.now += 1500000000;
        wt_feed_poll(feed, 1000);
        assert_true(wt_feed_returning(feed));
    }
    symbol_event(INDEX, false, WT_BOOK_STATE_VALID);
    assert_int_equal(wt_feed_poll(feed, 1000), 1);
    assert_false(wt_feed_returning(feed));
    assert_int_equal(returned(), 1);
    end();
}

/* Some lines, and then none. */
static void test_dead(void **state)
{
    (void)state;
    begin();
    fake.taken = 9;
    for (unsigned i = 0; i < 2; i++) {
        assert_true(wt_feed_returning(feed));
        fake.now += 1500000000;
        wt_feed_poll(feed, 1000);
    }
    assert_false(wt_feed_returning(feed));
    fake.now += 1500000000;
    wt_feed_poll(feed, 1000);
    assert_int_equal(fake.card.cmd_prod, 1 + ORDERS + 1); /* nothing more is tried */
    assert_int_equal(returned(), 0);
    end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_slow),
        cmocka_unit_test(test_dead),
    };
    return cmocka_run_group_tests_name("feed_return", tests, NULL, NULL);
}
