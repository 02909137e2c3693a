/*
 * The join of the card's records with the twin. The card is played here by a second twin that
 * writes the two rings as the real one does; then it is made to lie, to lose, and to lap.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <errno.h>

#include "host/market/feed_internal.h"
#include "host/market/gen.h"
#include "host/market/itch.h"
#include "host/market/itch_put.h"

enum { RING_LOG2 = 12, RING = 1 << RING_LOG2, LOG = 1 << 16 };

/* ---------------------------------------------------------------- a card */

static struct {
    struct wt_link link;
    struct wt_card card;
    uint8_t events[RING * 64], order_flow[RING * 64];
    uint32_t ev, of;
    struct wt_twin *book;
    uint16_t slots;        /* symbols it holds */
    uint16_t index[65536]; /* its symbol index by its book's */
    uint16_t bound;
    uint64_t lie_at; /* message whose BBO it gets wrong */
    enum { LIE_PRICE, LIE_ORDERS, LIE_SILENT, LIE_TRADE, LIE_NAME, LIE_EXTRA } lie;
    bool software[65536];
} fake;

static int no_write(struct wt_link *link, uint32_t offset, uint32_t value)
{
    (void)link;
    (void)offset;
    (void)value;
    return 0;
}

static void put_event(union wt_event_record *e)
{
    uint8_t *slot = fake.events + (size_t)(fake.ev % RING) * 64;
    e->word[15] = ++fake.ev;
    memcpy(slot, e, 64);
}

static union wt_event_record head(uint8_t kind, uint16_t symbol, uint16_t locate, uint64_t seq, uint64_t ns)
{
    union wt_event_record e = {0};
    e.head.kind = kind;
    e.head.flags = WT_EVF_VALID;
    e.head.symbol = symbol;
    e.head.locate = locate;
    e.head.feed_seq = seq;
    e.head.stamp = ns | (uint64_t)33 << 48;
    return e;
}

static void put_flow(uint64_t seq, const uint8_t *raw, size_t length, uint8_t flags)
{
    struct wt_of_record r = {.feed_seq = seq, .length = (uint8_t)(length > 255 ? 255 : length), .flags = flags};
    memcpy(r.raw, raw, length > 50 ? 50 : length);
    r.lap = ++fake.of;
    memcpy(fake.order_flow + (size_t)((fake.of - 1) % RING) * 64, &r, 64);
}

static void state_event(uint16_t book_symbol, uint64_t seq, uint8_t state, uint8_t reason)
{
    union wt_event_record e = head(WT_RECORD_TYPE_SYMBOL, fake.index[book_symbol], 0, seq, 0);
    e.symbol.state = state;
    e.symbol.reason = reason;
    put_event(&e);
}

/* The message goes through the card: its events, then its order flow. */
static void card_message(uint64_t seq, const uint8_t *raw, size_t length)
{
    struct wt_twin_result r;
    union wt_event_record e;
    bool lie = seq == fake.lie_at;
    wt_twin_message(fake.book, seq, raw, length, &r);
    if (r.bound) {
        bool holds = fake.bound < fake.slots;
        fake.index[r.symbol] = holds ? fake.bound++ : 0xffff;
        fake.software[r.symbol] = !holds;
        e = head(WT_RECORD_TYPE_SYMBOL, fake.index[r.symbol], r.locate, seq, r.exch_ns);
        memcpy(e.symbol.name, wt_twin_name(fake.book, r.symbol), 8);
        if (lie && fake.lie == LIE_NAME)
            e.symbol.name[0] ^= 1;
        e.symbol.state = !holds ? WT_BOOK_STATE_SOFTWARE : r.went_stale ? WT_BOOK_STATE_STALE : WT_BOOK_STATE_VALID;
        e.symbol.reason = holds ? WT_REASON_NONE : WT_REASON_NO_SLOT;
        put_event(&e);
    } else if (r.went_stale && !fake.software[r.symbol]) {
        state_event(r.symbol, seq, WT_BOOK_STATE_STALE, r.reason);
    }
    if (r.also_stale != 0xffff && !fake.software[r.also_stale])
        state_event(r.also_stale, seq, WT_BOOK_STATE_STALE, r.reason);
    if (r.type == 'S') {
        e = head(WT_RECORD_TYPE_SYSTEM, 0xffff, 0, seq, r.exch_ns);
        e.system.code = raw[11];
        put_event(&e);
    }
    if (r.symbol != 0xffff && !fake.software[r.symbol]) {
        if (r.type == 'H') {
            e = head(WT_RECORD_TYPE_TRADING_STATE, fake.index[r.symbol], r.locate, seq, r.exch_ns);
            e.state.state = raw[19];
            put_event(&e);
        }
        if (r.trade) {
            e = head(WT_RECORD_TYPE_TRADE, fake.index[r.symbol], r.locate, seq, r.exch_ns);
            e.head.flags |= (r.trade_sell ? WT_EVF_SELL : 0) | (r.printable ? WT_EVF_PRINTABLE : 0);
            e.trade.price = r.trade_price;
            e.trade.shares = r.trade_shares;
            e.trade.match = r.match;
            e.trade.print = r.print;
            e.trade.itch_type = r.type;
            if (lie && fake.lie == LIE_TRADE)
                e.trade.shares++;
            put_event(&e);
        }
        if ((r.bbo_changed && !(lie && fake.lie == LIE_SILENT)) || (lie && fake.lie == LIE_EXTRA)) {
            e = head(WT_RECORD_TYPE_BBO, fake.index[r.symbol], r.locate, seq, r.exch_ns);
            e.bbo.bid_price = r.bbo.bid_price + (lie && fake.lie == LIE_PRICE);
            e.bbo.bid_shares = r.bbo.bid_shares;
            e.bbo.ask_price = r.bbo.ask_price;
            e.bbo.ask_shares = r.bbo.ask_shares;
            e.bbo.bid_orders = (uint16_t)r.bbo.bid_orders;
            e.bbo.ask_orders = (uint16_t)(r.bbo.ask_orders + (lie && fake.lie == LIE_ORDERS));
            put_event(&e);
        }
    }
    put_flow(seq, raw, length, 0);
}

/* ---------------------------------------------------------------- the host */

static struct wt_twin *twin;
static struct wt_feed *feed;
static union wt_event_record got[LOG];
static unsigned gots;

static void on_record(void *ctx, const union wt_event_record *record)
{
    (void)ctx;
    assert_true(gots < LOG);
    got[gots++] = *record;
}

static void begin_with(bool ordered, uint16_t slots, const char (*symbols)[9], uint32_t count)
{
    static const struct wt_link_ops ops = {.write32 = no_write};
    struct wt_twin_config config;
    memset(&fake, 0, sizeof fake);
    fake.link.ops = &ops;
    fake.card.link = &fake.link;
    fake.slots = slots;
    wt_ring_init(&fake.card.events[0], fake.events, RING_LOG2);
    wt_ring_init(&fake.card.order_flow, fake.order_flow, RING_LOG2);
    wt_twin_defaults(&config);
    config.max_orders = 10000;
    assert_int_equal(wt_twin_create(&config, &fake.book), 0);
    config.symbols = symbols;
    config.symbol_count = count;
    assert_int_equal(wt_twin_create(&config, &twin), 0);
    gots = 0;
    assert_int_equal(wt_feed_create(&fake.card, twin, ordered, (struct wt_feed_handler){.record = on_record}, &feed),
                     0);
}

static void begin(bool ordered, uint16_t slots)
{
    begin_with(ordered, slots, NULL, 0);
}

static void end(void)
{
    wt_feed_destroy(feed);
    wt_twin_destroy(twin);
    wt_twin_destroy(fake.book);
}

static uint8_t m[64];
static uint64_t seq;

static void say(size_t length)
{
    card_message(++seq, m, length);
}

static void add(uint16_t locate, uint64_t ref, char side, uint32_t shares, uint32_t price)
{
    char name[9];
    snprintf(name, sizeof name, "SYM%-5u", locate % 100000u);
    say(wt_itch_put_add(m, locate, 1000 + seq, ref, side, shares, name, price, NULL));
}

static struct wt_feed_stats stats(void)
{
    struct wt_feed_stats s;
    wt_feed_stats(feed, &s);
    return s;
}

static const union wt_event_record *last_of(uint8_t kind)
{
    for (unsigned i = gots; i-- > 0;)
        if (got[i].head.kind == kind)
            return &got[i];
    return NULL;
}

/* ---------------------------------------------------------------- tests */

static void test_ordered(void **state)
{
    const union wt_event_record *r;
    (void)state;
    seq = 0;
    begin(true, 64);
    say(wt_itch_put_system(m, 5, 'Q'));
    add(7, 1, 'B', 100, 50000);
    add(7, 2, 'B', 100, 49900); /* behind the best */
    say(wt_itch_put_executed(m, 7, 9, 1, 60, 77));
    say(wt_itch_put_action(m, 7, 9, "SYM7    ", 'H', "T1  "));
    assert_int_equal(wt_feed_poll(feed, 100), 11);
    assert_int_equal(wt_feed_poll(feed, 100), 0);
    assert_int_equal(wt_feed_watermark(feed, 0), 5);
    assert_int_equal(wt_feed_pending(feed), 0);
    assert_int_equal(gots, 6);
    assert_int_equal(got[0].head.kind, WT_RECORD_TYPE_SYSTEM);
    assert_int_equal(got[1].head.kind, WT_RECORD_TYPE_SYMBOL);
    assert_int_equal(got[2].head.kind, WT_RECORD_TYPE_BBO);
    assert_int_equal(got[2].bbo.bid_price, 50000);
    assert_int_equal(got[3].head.kind, WT_RECORD_TYPE_TRADE);
    assert_int_equal(got[3].head.symbol, 0);
    assert_int_equal(got[4].head.kind, WT_RECORD_TYPE_BBO);
    assert_int_equal(got[4].bbo.bid_shares, 40);
    assert_int_equal(got[5].head.kind, WT_RECORD_TYPE_TRADING_STATE);
    r = &got[4];
    assert_int_equal(r->head.feed_seq, 4);
    assert_int_equal(wt_ev_exch_ns(&r->head), 9);
    assert_int_equal(wt_ev_cycles(&r->head), 33);
    assert_int_equal(r->head.flags, WT_EVF_VALID);
    assert_int_equal(stats().hw_bbo, 2);
    assert_int_equal(stats().sw_bbo, 0);
    assert_int_equal(stats().audited, 4);
    assert_int_equal(stats().audit_mismatches, 0);
    end();
}

static void test_events_wait_for_their_message(void **state)
{
    uint32_t of;
    (void)state;
    seq = 0;
    begin(true, 64);
    add(7, 1, 'B', 100, 50000);
    of = fake.of;
    /* The message's order flow is not there yet. */
    memset(fake.order_flow + 60, 0, 4);
    assert_int_equal(wt_feed_poll(feed, 100), 2);
    assert_int_equal(gots, 0);
    assert_int_equal(wt_feed_pending(feed), 2);
    memcpy(fake.order_flow + 60, &of, 4);
    assert_int_equal(wt_feed_poll(feed, 100), 1);
    assert_int_equal(gots, 2);
    end();
}

static void test_immediate(void **state)
{
    uint32_t of;
    (void)state;
    seq = 0;
    begin(false, 64);
    add(7, 1, 'B', 100, 50000);
    of = fake.of;
    memset(fake.order_flow + 60, 0, 4);
    assert_int_equal(wt_feed_poll(feed, 100), 2); /* at once */
    assert_int_equal(gots, 2);
    assert_int_equal(got[0].head.kind, WT_RECORD_TYPE_SYMBOL);
    assert_int_equal(got[0].head.symbol, 0);
    assert_int_equal(got[1].head.symbol, 0);
    assert_int_equal(got[1].bbo.bid_price, 50000);
    assert_int_equal(wt_twin_by_locate(twin, 7), 0);
    assert_int_equal(stats().audited, 0);
    memcpy(fake.order_flow + 60, &of, 4);
    assert_int_equal(wt_feed_poll(feed, 100), 1);
    assert_int_equal(gots, 2);
    assert_int_equal(stats().audited, 1);
    assert_int_equal(stats().hw_bbo, 1);
    assert_int_equal(wt_feed_pending(feed), 0);
    end();
}

static void test_software_symbols(void **state)
{
    const union wt_event_record *r;
    (void)state;
    for (int ordered = 0; ordered < 2; ordered++) {
        seq = 0;
        begin(ordered, 1);
        add(7, 1, 'B', 100, 50000);
        add(8, 2, 'S', 200, 60000); /* no slot left */
        say(wt_itch_put_executed(m, 8, 9, 2, 50, 78));
        say(wt_itch_put_action(m, 8, 9, "SYM8    ", 'P', "LUDP"));
        wt_feed_poll(feed, 100);
        r = last_of(WT_RECORD_TYPE_BBO);
        assert_int_equal(r->head.symbol, 1);
        assert_int_equal(r->head.flags, WT_EVF_VALID | WT_EVF_SOFTWARE);
        assert_int_equal(r->bbo.ask_shares, 150);
        assert_int_equal(r->bbo.ask_orders, 1);
        assert_int_equal(r->head.feed_seq, 3);
        assert_int_equal(wt_ev_exch_ns(&r->head), 9);
        r = last_of(WT_RECORD_TYPE_TRADE);
        assert_int_equal(r->head.flags, WT_EVF_VALID | WT_EVF_SOFTWARE | WT_EVF_PRINTABLE | WT_EVF_SELL);
        assert_int_equal(r->trade.shares, 50);
        assert_int_equal(r->trade.itch_type, 'E');
        r = last_of(WT_RECORD_TYPE_TRADING_STATE);
        assert_int_equal(r->state.state, 'P');
        assert_int_equal(stats().hw_bbo, 1);
        assert_int_equal(stats().sw_bbo, 2);
        assert_int_equal(stats().audit_mismatches, 0);
        end();
    }
}

static void test_handover(void **state)
{
    const union wt_event_record *r;
    (void)state;
    seq = 0;
    begin(true, 64);
    add(7, 1, 'B', 100, 50000);
    /* The next message does not fit: the card says so with the message, and writes no BBO. */
    fake.software[0] = true;
    state_event(0, 2, WT_BOOK_STATE_SOFTWARE, WT_REASON_ORDER_OVERFLOW);
    add(7, 2, 'B', 70, 50100);
    add(7, 3, 'B', 30, 50100);
    wt_feed_poll(feed, 100);
    assert_int_equal(stats().hw_bbo, 1);
    assert_int_equal(stats().sw_bbo, 2);
    assert_int_equal(stats().audit_mismatches, 0);
    r = last_of(WT_RECORD_TYPE_BBO);
    assert_int_equal(r->head.feed_seq, 3);
    assert_int_equal(r->bbo.bid_shares, 100);
    end();
}

/* One lie: it is found, counted, nothing false is handed on in order, and the symbol's records stop. */
static void lie_once(int lie, bool ordered)
{
    unsigned before;
    const union wt_event_record *r;
    seq = 0;
    begin(ordered, 64);
    fake.lie = lie;
    fake.lie_at = lie == LIE_NAME ? 1 : 3;
    add(7, 1, 'B', 100, 50000);
    add(8, 2, 'B', 100, 50000);
    if (lie == LIE_EXTRA)
        add(7, 3, 'B', 100, 40000);
    else
        say(wt_itch_put_executed(m, 7, 9, 1, 60, 77));
    wt_feed_poll(feed, 100);
    if (lie == LIE_NAME && ordered) { /* the message's own name counts */
        assert_int_equal(stats().audit_mismatches, 0);
        end();
        return;
    }
    assert_int_equal(stats().audit_mismatches, 1);
    assert_false(wt_twin_valid(twin, 0));
    assert_true(wt_twin_valid(twin, 1));
    r = &got[gots - 1];
    assert_int_equal(r->head.kind, WT_RECORD_TYPE_SYMBOL);
    assert_int_equal(r->symbol.state, WT_BOOK_STATE_STALE);
    assert_int_equal(r->head.symbol, 0);
    assert_int_equal(r->head.flags, WT_EVF_SOFTWARE | WT_EVF_STALE);
    if (ordered)
        assert_int_equal(stats().hw_bbo, 2);
    before = gots;
    add(7, 4, 'B', 100, 60000);
    add(8, 5, 'B', 100, 60000); /* the other symbol goes on */
    wt_feed_poll(feed, 100);
    assert_int_equal(stats().audit_mismatches, 1);
    assert_int_equal(stats().withheld, 1);
    if (ordered) {
        assert_int_equal(gots, before + 1);
    } else { /* flagged */
        assert_int_equal(gots, before + 2);
        assert_int_equal(got[before].head.flags, WT_EVF_STALE);
    }
    assert_int_equal(got[gots - 1].head.symbol, 1);
    assert_int_equal(got[gots - 1].head.flags, WT_EVF_VALID);
    end();
}

static void test_lies(void **state)
{
    (void)state;
    for (int ordered = 0; ordered < 2; ordered++)
        for (int lie = LIE_PRICE; lie <= LIE_EXTRA; lie++)
            lie_once(lie, ordered);
}

static void test_record_without_message(void **state)
{
    union wt_event_record e;
    (void)state;
    seq = 0;
    begin(true, 64);
    add(7, 1, 'B', 100, 50000);
    e = head(WT_RECORD_TYPE_BBO, 0, 7, 2, 9);
    put_event(&e);
    seq = 2; /* its order flow never comes */
    add(8, 2, 'B', 100, 50000);
    wt_feed_poll(feed, 100);
    assert_int_equal(stats().audit_mismatches, 1);
    assert_false(wt_twin_valid(twin, 0));
    end();
}

static void test_never_bound(void **state)
{
    (void)state;
    begin(true, 64);
    seq = 0;
    m[0] = 0;
    put_flow(1, m, wt_itch_put_add(m, 7, 5, 1, 'B', 100, "SYM7    ", 50000, NULL), 0);
    wt_feed_poll(feed, 100);
    assert_int_equal(stats().audit_mismatches, 1);
    end();
}

static void test_senseless(void **state)
{
    (void)state;
    seq = 0;
    begin(true, 64);
    add(7, 1, 'B', 100, 50000);
    add(8, 2, 'B', 100, 50000);
    say(wt_itch_put_delete(m, 8, 9, 1)); /* both go stale */
    wt_feed_poll(feed, 100);
    assert_int_equal(stats().audit_mismatches, 0);
    assert_int_equal(stats().only_card_stale, 0);
    assert_int_equal(got[gots - 1].head.kind, WT_RECORD_TYPE_SYMBOL);
    assert_int_equal(got[gots - 2].head.kind, WT_RECORD_TYPE_SYMBOL);
    assert_int_equal(got[gots - 1].head.symbol + got[gots - 2].head.symbol, 1);
    /* The card alone thinks a symbol stale. */
    add(9, 3, 'B', 100, 50000);
    state_event(2, 5, WT_BOOK_STATE_STALE, WT_REASON_DUPLICATE_ADD);
    put_flow(5, m, wt_itch_put_add(m, 9, 5, 4, 'B', 100, "SYM9    ", 60000, NULL), 0);
    wt_feed_poll(feed, 100);
    assert_int_equal(stats().only_card_stale, 1);
    assert_int_equal(stats().audit_mismatches, 0);
    end();
}

static void test_gap(void **state)
{
    union wt_event_record e;
    unsigned before;
    (void)state;
    for (int ordered = 0; ordered < 2; ordered++) {
        seq = 0;
        begin(ordered, 64);
        add(7, 1, 'B', 100, 50000);
        wt_feed_poll(feed, 100);
        before = gots;
        e = head(WT_RECORD_TYPE_GAP, 0xffff, 0, 10, 0);
        e.gap.first_missing = 2;
        e.gap.count = 8;
        put_event(&e);
        put_flow(9, m, 0, WT_OFF_MARKER | WT_OFF_GAP);
        wt_feed_poll(feed, 100);
        assert_int_equal(gots, before + 1);
        assert_int_equal(got[before].head.kind, WT_RECORD_TYPE_GAP);
        assert_int_equal(got[before].gap.count, 8);
        assert_int_equal(wt_feed_watermark(feed, 0), 9);
        assert_int_equal(stats().gaps, 1);
        assert_false(wt_twin_valid(twin, 0));
        end();
    }
}

/* The numbers of the new session are lower: its record must not be settled with the last message of the old one. */
static void test_session_to_lower_numbers(void **state)
{
    union wt_event_record e;
    (void)state;
    seq = 50;
    begin(true, 64);
    add(7, 1, 'B', 100, 50000);
    e = head(WT_RECORD_TYPE_SESSION, 0xffff, 0, 5, 0);
    e.session.session_event = WT_SESSION_EVENT_CHANGE;
    put_event(&e);
    put_flow(4, m, 0, WT_OFF_MARKER);
    wt_feed_poll(feed, 100);
    assert_int_equal(stats().withheld, 0);
    assert_int_equal(got[gots - 1].head.kind, WT_RECORD_TYPE_SESSION);
    assert_int_equal(got[gots - 2].head.kind, WT_RECORD_TYPE_BBO);
    assert_int_equal(wt_feed_watermark(feed, 0), 4);
    assert_false(wt_twin_valid(twin, 0));
    end();
}

/* The card takes an order whose number a symbol in software has: only the host knows that this makes no sense. */
static void test_stale_for_the_host_alone(void **state)
{
    (void)state;
    for (int ordered = 0; ordered < 2; ordered++) {
        union wt_event_record e;
        seq = 0;
        begin(ordered, 1);
        add(7, 1, 'B', 100, 50000);
        add(8, 2, 'B', 100, 50000); /* in software */
        put_flow(3, m, wt_itch_put_add(m, 7, 3, 2, 'B', 100, "SYM7    ", 49000, NULL), 0);
        wt_feed_poll(feed, 100);
        assert_false(wt_twin_valid(twin, 0));
        gots = 0;
        e = head(WT_RECORD_TYPE_TRADE, 0, 7, 4, 4);
        put_event(&e);
        put_flow(4, m, wt_itch_put_executed(m, 7, 4, 2, 100, 1), 0);
        wt_feed_poll(feed, 100);
        assert_int_equal(stats().withheld, 1);
        assert_int_equal(stats().audit_mismatches, 0);
        assert_int_equal(gots, !ordered);
        if (!ordered)
            assert_int_equal(got[0].head.flags & (WT_EVF_VALID | WT_EVF_STALE), WT_EVF_STALE);
        end();
    }
}

static void test_heartbeat_moves_the_watermark(void **state)
{
    (void)state;
    begin(true, 64);
    put_flow(41, m, 0, WT_OFF_MARKER);
    wt_feed_poll(feed, 100);
    assert_int_equal(wt_feed_watermark(feed, 0), 41);
    assert_int_equal(stats().gaps, 0);
    end();
}

static void test_unsubscribed(void **state)
{
    static const char names[][9] = {"SYM8"};
    (void)state;
    for (int ordered = 0; ordered < 2; ordered++) {
        seq = 0;
        begin_with(ordered, 64, names, 1); /* the card takes all, the twin one */
        add(7, 1, 'B', 100, 50000);
        add(8, 2, 'B', 100, 50000);
        add(7, 3, 'B', 100, 50100);
        wt_feed_poll(feed, 100);
        assert_int_equal(gots, 2);
        assert_int_equal(got[1].head.symbol, 0);
        assert_memory_equal(wt_twin_name(twin, 0), "SYM8    ", 8);
        assert_int_equal(stats().audit_mismatches, 0);
        end();
    }
}

static void test_lapped(void **state)
{
    (void)state;
    for (int which = 0; which < 2; which++) {
        seq = 0;
        begin(true, 64);
        for (uint32_t i = 0; i < RING + 10; i++) {
            if (which)
                put_flow(i, m, 0, WT_OFF_MARKER);
            else
                add(7, 1 + i, 'B', 1, 50000 + i);
        }
        assert_int_equal(wt_feed_poll(feed, 100), -EOVERFLOW);
        assert_int_equal(wt_feed_poll(feed, 100), -EOVERFLOW);
        assert_int_equal(stats().lapped, 1);
        end();
    }
}

/* A generated market through the join, polled at odd times: the software rows and the joined ones must be equal. */
static struct {
    struct wt_twin *alone;
    uint64_t changes;
    unsigned next, checked;
    unsigned wait;
} market;

static int market_message(void *ctx, const uint8_t *raw, uint64_t length)
{
    struct wt_twin_result r;
    (void)ctx;
    card_message(++seq, raw, length);
    wt_twin_message(market.alone, seq, raw, length, &r);
    if (market.wait-- == 0) {
        market.wait = (unsigned)(seq * 2654435761u >> 7 & 255);
        assert_true(wt_feed_poll(feed, 64 + 3 * market.wait) >= 0);
    }
    if (r.bbo_changed)
        market.changes++;
    return 0;
}

static void test_market(void **state)
{
    (void)state;
    for (int ordered = 0; ordered < 2; ordered++) {
        struct wt_gen_config config;
        struct wt_gen_stats generated;
        struct wt_twin_config twin_config;
        uint64_t bbo = 0, last_seq = 0;
        int polled;
        wt_gen_defaults(&config);
        config.messages = 20000;
        config.symbols = 12;
        config.scenario = WT_GEN_STRESS;
        wt_twin_defaults(&twin_config);
        twin_config.max_orders = 10000;
        assert_int_equal(wt_twin_create(&twin_config, &market.alone), 0);
        market.changes = 0;
        seq = 0;
        begin(ordered, 8); /* four symbols are software's */
        assert_int_equal(wt_gen_run(&config, (struct wt_gen_sink){NULL, market_message}, &generated), 0);
        while ((polled = wt_feed_poll(feed, 1000)) > 0)
            ;
        assert_int_equal(polled, 0);
        assert_int_equal(wt_feed_pending(feed), 0);
        assert_int_equal(stats().audit_mismatches, 0);
        assert_true(stats().sw_bbo > 100 && stats().hw_bbo > 100);
        assert_int_equal(stats().sw_bbo + stats().hw_bbo, market.changes);
        for (unsigned i = 0; i < gots; i++) {
            if (got[i].head.kind != WT_RECORD_TYPE_BBO)
                continue;
            bbo++;
            assert_true(got[i].head.flags & WT_EVF_VALID);
            if (ordered)
                assert_true(got[i].head.feed_seq > last_seq);
            last_seq = got[i].head.feed_seq;
        }
        assert_int_equal(bbo, market.changes);
        wt_twin_destroy(market.alone);
        end();
    }
}

/* ---------------------------------------------------------------- what the card had no room for */

static void put_bbo(uint16_t symbol, uint64_t at, uint32_t bid, uint32_t shares, uint16_t orders, uint32_t conflated)
{
    union wt_event_record e = head(WT_RECORD_TYPE_BBO, symbol, 7, at, 1000 + at);
    e.head.flags |= conflated ? WT_EVF_CONFLATED : 0;
    e.bbo.bid_price = bid;
    e.bbo.bid_shares = shares;
    e.bbo.bid_orders = orders;
    e.bbo.conflated = conflated;
    put_event(&e);
}

static void flow(size_t length)
{
    put_flow(++seq, m, length, 0);
}

/* Changes come folded into a later record, which comes behind a record of a later message. */
static void test_folded(void **state)
{
    (void)state;
    for (int ordered = 0; ordered < 2; ordered++) {
        for (int wrong = 0; wrong < 3; wrong++) {
            seq = 0;
            begin(ordered, 64);
            add(7, 1, 'B', 100, 50000);
            add(8, 100, 'B', 100, 60000);
            wt_feed_poll(feed, 100);
            /* message 5 is of the other symbol, and its record comes first */
            put_bbo(1, 6, 60000, 150, 2, 0);
            put_bbo(0, wrong == 1 ? 4 : 5, 50000, wrong == 2 ? 399 : 400, 4, 2 + (wrong == 1));
            flow(wt_itch_put_add(m, 7, 1003, 2, 'B', 100, "SYM7    ", 50000, NULL));
            flow(wt_itch_put_add(m, 7, 1004, 3, 'B', 100, "SYM7    ", 50000, NULL));
            flow(wt_itch_put_add(m, 7, 1005, 4, 'B', 100, "SYM7    ", 50000, NULL));
            flow(wt_itch_put_add(m, 8, 1006, 101, 'B', 50, "SYM8    ", 60000, NULL));
            wt_feed_poll(feed, 100);
            assert_int_equal(wt_feed_pending(feed), 0);
            assert_int_equal(stats().audit_mismatches != 0, wrong != 0);
            if (!wrong) {
                assert_int_equal(stats().conflated, 2);
                assert_int_equal(stats().hw_bbo, 4);
                const union wt_event_record *last = last_of(WT_RECORD_TYPE_BBO);
                assert_int_equal(last->head.feed_seq, ordered ? 6 : 5); /* in order again */
                add(7, 5, 'B', 100, 50100);                             /* nothing is owed any more */
                wt_feed_poll(feed, 100);
                assert_int_equal(stats().audit_mismatches, 0);
            }
            end();
        }
    }
}

/* A change without a record is a mismatch, however much was folded before. */
static void test_folds_hide_nothing(void **state)
{
    (void)state;
    seq = 0;
    begin(true, 64);
    add(7, 1, 'B', 100, 50000);
    put_bbo(0, 3, 50000, 300, 3, 1);
    flow(wt_itch_put_add(m, 7, 1002, 2, 'B', 100, "SYM7    ", 50000, NULL));
    flow(wt_itch_put_add(m, 7, 1003, 3, 'B', 100, "SYM7    ", 50000, NULL));
    wt_feed_poll(feed, 100);
    assert_int_equal(stats().audit_mismatches, 0);
    flow(wt_itch_put_add(m, 7, 1004, 4, 'B', 100, "SYM7    ", 50000, NULL));
    wt_feed_poll(feed, 100);
    assert_int_equal(stats().audit_mismatches, 1);
    end();
}

static void test_trades_lost(void **state)
{
    (void)state;
    for (int told = 0; told < 2; told++) {
        seq = 0;
        begin(true, 64);
        add(7, 1, 'B', 1000, 50000);
        put_bbo(0, 3, 50000, 800, 1, 1);
        if (told) {
            union wt_event_record e = head(WT_RECORD_TYPE_TRADES_LOST, 0xffff, 0, 3, 1003);
            e.trades_lost.first_seq = 2;
            e.trades_lost.count = 2;
            put_event(&e);
        }
        flow(wt_itch_put_executed(m, 7, 1002, 1, 100, 5));
        flow(wt_itch_put_executed(m, 7, 1003, 1, 100, 6));
        wt_feed_poll(feed, 100);
        assert_int_equal(stats().audit_mismatches != 0, !told);
        assert_int_equal(stats().trades_lost, told ? 2 : 0);
        if (told) { /* two, and no third */
            put_bbo(0, 4, 50000, 700, 1, 0);
            flow(wt_itch_put_executed(m, 7, 1004, 1, 100, 7));
            wt_feed_poll(feed, 100);
            assert_int_equal(stats().audit_mismatches, 1);
        }
        end();
    }
}

static uint64_t lost_count, lost_others;

static void on_flow_lost(void *ctx, unsigned channel, uint64_t count, uint64_t others)
{
    (void)ctx;
    assert_int_equal(channel, 0);
    lost_count += count;
    lost_others += others;
}

/* Order flow was shed: symbols of the card go on with its word alone, the others are stale. */
static void test_shed(void **state)
{
    (void)state;
    for (int ordered = 0; ordered < 2; ordered++) {
        seq = 0;
        lost_count = lost_others = 0;
        begin(ordered, 1);
        feed->handler.flow_lost = on_flow_lost;
        add(7, 1, 'B', 100, 50000);
        add(8, 2, 'S', 200, 60000); /* of the software */
        wt_feed_poll(feed, 100);
        assert_int_equal(stats().sw_bbo, 1);
        put_bbo(0, 4, 50000, 250, 3, 1);
        struct wt_of_shed shed = {.feed_seq = 5, .shed = 3, .software = 1, .flags = WT_OFF_MARKER | WT_OFF_SHED};
        shed.lap = ++fake.of;
        memcpy(fake.order_flow + (size_t)(fake.of - 1) * 64, &shed, 64);
        seq = 5;
        put_bbo(0, 6, 50000, 200, 2, 0);
        flow(wt_itch_put_delete(m, 7, 1006, 77));
        flow(wt_itch_put_add(m, 8, 1007, 9, 'S', 100, "SYM8    ", 59000, NULL));
        wt_feed_poll(feed, 100);
        assert_int_equal(lost_count, 3);
        assert_int_equal(lost_others, 1);
        assert_int_equal(stats().shed, 3);
        assert_int_equal(stats().unaudited, ordered ? 2 : 0); /* in immediate mode they came before the marker */
        assert_int_equal(stats().audit_mismatches, 0);
        assert_int_equal(stats().sw_bbo, 1); /* the software symbol answers no more */
        const union wt_event_record *r = last_of(WT_RECORD_TYPE_BBO);
        assert_int_equal(r->head.feed_seq, 6);
        assert_int_equal(r->head.symbol, 0);
        assert_true(r->head.flags & WT_EVF_VALID);
        assert_int_equal(r->bbo.bid_shares, 200);
        assert_false(wt_twin_valid(twin, 1));
        assert_int_equal(wt_feed_pending(feed), 0);
        end();
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ordered),
        cmocka_unit_test(test_events_wait_for_their_message),
        cmocka_unit_test(test_immediate),
        cmocka_unit_test(test_software_symbols),
        cmocka_unit_test(test_handover),
        cmocka_unit_test(test_lies),
        cmocka_unit_test(test_record_without_message),
        cmocka_unit_test(test_never_bound),
        cmocka_unit_test(test_senseless),
        cmocka_unit_test(test_gap),
        cmocka_unit_test(test_session_to_lower_numbers),
        cmocka_unit_test(test_stale_for_the_host_alone),
        cmocka_unit_test(test_heartbeat_moves_the_watermark),
        cmocka_unit_test(test_unsubscribed),
        cmocka_unit_test(test_lapped),
        cmocka_unit_test(test_market),
        cmocka_unit_test(test_folded),
        cmocka_unit_test(test_folds_hide_nothing),
        cmocka_unit_test(test_trades_lost),
        cmocka_unit_test(test_shed),
    };
    return cmocka_run_group_tests_name("feed", tests, NULL, NULL);
}
