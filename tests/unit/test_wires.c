/*
 * Worst-case wires: both lines at true 10G timing with minimum gaps, whole streams of one kind of message, through
 * the simulated card to a host that reads its rings. Nothing may be lost on the wire; each record must be the
 * reference's after its message; what was folded, dropped or shed must be told to the last one; every symbol must end
 * exact. The reference is a twin that is given the messages themselves.
 *
 * Environment: WT_WIRES_MESSAGES (default 3000; the full size is 200000: `make wires`).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

#include "host/card/driver.h"
#include "host/market/gen.h"
#include "host/market/itch_put.h"
#include "host/market/random.h"
#include "host/market/twin.h"
#include "sim/card/frame.h"
#include "sim/card/sim.h"

enum {
    SYMBOLS = 64,
    ROUND = 20000,    /* orders of a round: what is added is deleted before the next one */
    PRESSURE = 16000, /* executes that are more than the hold buffer takes up */
    AHEAD = 128,      /* frames kept on the wires */
    GENTLE_NS = 4000  /* between packets that only prepare */
};
#define START_NS UINT64_C(34200000000000)

/* ---------------------------------------------------------------- the stream, and what must come of it */

struct message {
    uint8_t raw[50];
    uint8_t length;
    bool gentle;      /* before the measured part */
    uint16_t symbol;  /* the reference's */
    bool changed;     /* its best bid/offer changed */
    bool trade;       /* a trade is due */
    uint32_t changes; /* of its symbol, up to here */
    uint32_t trades;  /* of all symbols, up to here */
    struct wt_bbo bbo;
    uint32_t price;
    uint64_t shares, match;
};

static struct message *stream;
static size_t messages, room;
static struct wt_twin *twin;
static uint64_t measured; /* asked for */

static struct message *next_message(bool gentle)
{
    if (messages == room) {
        room = room ? room * 2 : 4096;
        stream = realloc(stream, room * sizeof *stream);
        assert_non_null(stream);
    }
    memset(&stream[messages], 0, sizeof *stream);
    stream[messages].gentle = gentle;
    return &stream[messages];
}

/* The message is made: what does it do? */
static void made(size_t length)
{
    static uint32_t changes[SYMBOLS + 1], trades;
    struct message *m = &stream[messages];
    struct wt_twin_result r;
    if (messages == 0) {
        memset(changes, 0, sizeof changes);
        trades = 0;
    }
    m->length = (uint8_t)length;
    wt_twin_message(twin, ++messages, m->raw, length, &r);
    m->symbol = r.symbol;
    m->changed = r.bbo_changed;
    m->trade = r.trade;
    trades += r.trade;
    m->trades = trades;
    if (r.symbol == 0xffff)
        return;
    assert_in_range(r.symbol, 0, SYMBOLS);
    changes[r.symbol] += r.bbo_changed;
    m->changes = changes[r.symbol];
    wt_twin_bbo(twin, r.symbol, &m->bbo);
    m->price = r.trade_price;
    m->shares = r.trade_shares;
    m->match = r.match;
}

static uint64_t now(void)
{
    return START_NS + messages * 100;
}

static void begin_stream(bool directory)
{
    struct wt_twin_config config;
    wt_twin_defaults(&config);
    assert_int_equal(wt_twin_create(&config, &twin), 0);
    messages = 0;
    for (uint16_t s = 1; directory && s <= SYMBOLS; s++) {
        char name[16];
        snprintf(name, sizeof name, "SYM%-5u", s);
        made(wt_itch_put_directory(next_message(true)->raw, s, now(), name));
    }
}

static uint16_t locate_of(uint64_t ref)
{
    return (uint16_t)(ref % SYMBOLS + 1);
}

static void add(bool gentle, uint64_t ref, uint32_t shares, uint32_t price)
{
    char name[16];
    snprintf(name, sizeof name, "SYM%-5u", locate_of(ref));
    made(wt_itch_put_add(next_message(gentle)->raw, locate_of(ref), now(), ref, ref / SYMBOLS % 2 ? 'S' : 'B', shares,
                         name, ref / SYMBOLS % 2 ? 4000000 - price : price, NULL));
}

static void delete (bool gentle, uint64_t ref)
{
    made(wt_itch_put_delete(next_message(gentle)->raw, locate_of(ref), now(), ref));
}

/* References first to first + n - 1 in a random order. */
static void shuffled(uint64_t *ref, uint64_t first, uint64_t n, struct wt_random *random)
{
    for (uint64_t i = 0; i < n; i++)
        ref[i] = first + i;
    for (uint64_t i = n; i > 1; i--) {
        uint64_t k = wt_random_below(random, i), t = ref[i - 1];
        ref[i - 1] = ref[k];
        ref[k] = t;
    }
}

enum kind { DELETES, REPLACES, NEW_BESTS, EXECUTES, SINGLE, FULL, MIX, BURSTS, RINGS, SLOW_HOST, KINDS };
static const char *const KIND[KINDS] = {
    "deletes only, each at the best",
    "replaces only, each at the best",
    "adds at a new best every time",
    "executes, each at the best",
    "one message per packet",
    "1,472-byte packets",
    "the mix of a day",
    "501 messages at once, at a day's rate",
    "the mix of a day, eight event rings",
    "executes to a host that hardly reads",
};

static int take_generated(void *ctx, const uint8_t *raw, uint64_t length)
{
    (void)ctx;
    memcpy(next_message(false)->raw, raw, length);
    made(length);
    return 0;
}

static void make_mix(uint64_t n)
{
    struct wt_gen_config config;
    struct wt_gen_stats stats;
    wt_gen_defaults(&config);
    config.messages = n;
    config.symbols = SYMBOLS;
    assert_int_equal(wt_gen_run(&config, (struct wt_gen_sink){NULL, take_generated}, &stats), 0);
    for (size_t i = 0; i < 50 + 2 * SYMBOLS && i < messages; i++)
        stream[i].gentle = true;
}

/* One round: n measured messages of a kind, prepared before and cleared away behind. Returns the next free reference.
 */
static uint64_t make_round(enum kind kind, uint64_t first, uint64_t n, struct wt_random *random)
{
    static uint64_t ref[2 * ROUND];
    uint64_t next = first;
    bool executes = kind == EXECUTES || kind == SLOW_HOST;
    bool orders_first = kind == DELETES || kind == REPLACES || executes;
    uint64_t orders = executes ? 2 * SYMBOLS : n; /* one a side: each execution changes the best */
    for (uint64_t i = 0; orders_first && i < orders; i++)
        add(true, next++, executes ? 100000 : 100, 1000000);
    shuffled(ref, first, orders, random);
    switch (kind) {
    case DELETES:
        for (uint64_t i = 0; i < n; i++)
            delete (false, ref[i]);
        return next;
    case REPLACES:
        for (uint64_t i = 0; i < n; i++) {
            uint64_t to = ref[i] + 0x100000000; /* the number says symbol and side */
            made(wt_itch_put_replace(next_message(false)->raw, locate_of(ref[i]), now(), ref[i], to,
                                     100 + (uint32_t)wt_random_below(random, 100),
                                     ref[i] / SYMBOLS % 2 ? 3000000 : 1000000));
            ref[i] = to;
        }
        break;
    case NEW_BESTS:
        for (uint64_t i = 0; i < n; i++, next++)
            add(false, ref[i] = next, 100, 1000000 + (uint32_t)(i / (2 * SYMBOLS)) * 100);
        break;
    case EXECUTES:
    case SLOW_HOST:
        for (uint64_t i = 0; i < n; i++)
            made(wt_itch_put_executed(next_message(false)->raw, locate_of(ref[i % orders]), now(), ref[i % orders], 100,
                                      first * 1000 + i));
        n = orders;
        break;
    default: /* some of each */
        for (uint64_t i = 0; i < n / 2; i++, next++)
            add(false, next, 100, 1000000 - (uint32_t)wt_random_below(random, 40) * 100);
        shuffled(ref, first, n / 2, random);
        for (uint64_t i = 0; i < n / 2; i++)
            delete (false, ref[i]);
        return next;
    }
    for (uint64_t i = 0; i < n; i++)
        delete (true, ref[i]);
    return next;
}

static void make_stream(enum kind kind)
{
    struct wt_random random;
    uint64_t first = 1;
    wt_random_seed(&random, 17 + (uint64_t)kind);
    begin_stream(kind != MIX && kind != BURSTS && kind != RINGS);
    if (kind == MIX || kind == BURSTS || kind == RINGS) {
        make_mix(measured); /* has its own directory */
        return;
    }
    /* enough to come to pressure */
    uint64_t want = (kind == EXECUTES || kind == SLOW_HOST) && measured < PRESSURE ? PRESSURE : measured;
    for (uint64_t n = 0; n < want; n += ROUND) {
        first = make_round(kind, first, want - n < ROUND ? want - n : ROUND, &random);
        first += 2 * SYMBOLS - first % (2 * SYMBOLS);
    }
}

/* ---------------------------------------------------------------- the card */

static struct wt_sim *sim;
static struct wt_link *the_link;
static struct wt_card card;

static struct {
    uint64_t bbo, conflated, trades, trades_lost, flow, shed;
    uint64_t expect; /* order flow */
    uint64_t late;
    uint32_t changes[SYMBOLS + 1];
    struct wt_bbo last[SYMBOLS + 1];
    uint16_t by_card[65536];
} seen;

static void check_event(const union wt_event_record *e)
{
    uint64_t seq = e->head.feed_seq;
    assert_in_range(seq, 1, messages + 1);
    const struct message *m = &stream[seq ? seq - 1 : 0];
    switch (e->head.kind) {
    case WT_RECORD_TYPE_SYMBOL:
        assert_int_equal(e->symbol.state, WT_BOOK_STATE_VALID);
        seen.by_card[e->head.symbol] = m->symbol;
        break;
    case WT_RECORD_TYPE_BBO: {
        uint16_t s = m->symbol;
        assert_int_equal(seen.by_card[e->head.symbol], s);
        assert_true(m->changed);
        assert_true(e->head.flags & WT_EVF_VALID);
        assert_int_equal(e->bbo.bid_price, m->bbo.bid_price);
        assert_int_equal(e->bbo.bid_shares, m->bbo.bid_shares);
        assert_int_equal(e->bbo.bid_orders, m->bbo.bid_orders);
        assert_int_equal(e->bbo.ask_price, m->bbo.ask_price);
        assert_int_equal(e->bbo.ask_shares, m->bbo.ask_shares);
        assert_int_equal(e->bbo.ask_orders, m->bbo.ask_orders);
        assert_int_equal(m->changes, seen.changes[s] + 1 + e->bbo.conflated);
        assert_int_equal((e->head.flags & WT_EVF_CONFLATED) != 0, e->bbo.conflated != 0);
        seen.changes[s] = m->changes;
        seen.last[s] = m->bbo;
        seen.bbo++;
        seen.conflated += e->bbo.conflated;
        break;
    }
    case WT_RECORD_TYPE_TRADE:
        assert_true(m->trade);
        assert_int_equal(e->trade.price, m->price);
        assert_int_equal(e->trade.shares, m->shares);
        assert_int_equal(e->trade.match, m->match);
        seen.trades++;
        break;
    case WT_RECORD_TYPE_TRADES_LOST:
        seen.trades_lost += e->trades_lost.count;
        assert_true(seen.trades + seen.trades_lost >= m->trades); /* later ones may have found room before it did */
        break;
    case WT_RECORD_TYPE_GAP: {
        struct wt_card_counters c;
        wt_card_counters(&card, &c);
        fail_msg("gap at %llu of %llu messages: state %u, overflow %llu and %llu, hold %llu and %llu",
                 (unsigned long long)e->gap.first_missing, (unsigned long long)e->gap.count, e->gap.state,
                 (unsigned long long)c.rx_overflow_a, (unsigned long long)c.rx_overflow_b,
                 (unsigned long long)c.max_hold_a, (unsigned long long)c.max_hold_b);
        break;
    }
    default:
        break;
    }
}

static void check_flow(const struct wt_of_record *r)
{
    if (r->flags & WT_OFF_SHED) {
        struct wt_of_shed shed;
        memcpy(&shed, r, sizeof shed);
        assert_int_equal(shed.feed_seq + 1 - seen.expect, shed.shed);
        assert_int_equal(r->flags & (WT_OFF_GAP | WT_OFF_END), 0);
        seen.shed += shed.shed;
        seen.expect = shed.feed_seq + 1;
    } else if (!(r->flags & WT_OFF_MARKER)) {
        assert_int_equal(r->feed_seq, seen.expect);
        const struct message *m = &stream[r->feed_seq - 1];
        assert_int_equal(r->length, m->length);
        assert_memory_equal(r->raw, m->raw, m->length);
        seen.flow++;
        seen.expect++;
    }
}

static void take(void)
{
    union wt_event_record e;
    struct wt_of_record r;
    int got;
    while ((got = wt_card_event(&card, &e)) == 1)
        check_event(&e);
    assert_int_equal(got, 0);
    while ((got = wt_card_order_flow(&card, &r)) == 1)
        check_flow(&r);
    assert_int_equal(got, 0);
}

/* The next packet of both lines. Returns the message behind it. */
static size_t send_packet(const struct wt_card_config *config, enum kind kind, size_t at, uint64_t when_ns)
{
    struct wt_frame_builder b;
    bool gentle = stream[at].gentle;
    size_t first = at;
    wt_frame_init(&b, config->channel[0].group[0], config->channel[0].port[0], "WIRES00001");
    wt_frame_start(&b, at + 1);
    while (at < messages && stream[at].gentle == gentle && (kind != SINGLE || at == first) &&
           (kind != BURSTS || gentle || at == first || at % 501 != 0) &&
           wt_frame_add(&b, stream[at].raw, stream[at].length) == 0)
        at++;
    size_t length = wt_frame_finish(&b);
    assert_int_equal(wt_sim_send(sim, 0, when_ns, b.bytes, length, 0), 0);
    wt_frame_readdress(b.bytes, config->channel[0].group[1], config->channel[0].port[1]);
    assert_int_equal(wt_sim_send(sim, 1, when_ns, b.bytes, length, 0), 0);
    return at;
}

static char path[PATH_MAX];

static void run_wire(enum kind kind)
{
    struct wt_sim_config world;
    struct wt_card_config config;
    struct wt_sim_stats stats;
    struct wt_card_counters c;
    size_t at = 0;
    uint64_t when_ns = 0;
    if (access(path, R_OK) != 0) {
        print_message("%s is not built\n", path);
        skip();
    }
    make_stream(kind);
    wt_sim_defaults(&world);
    world.model_path = path;
    world.start_ns = START_NS;
    assert_int_equal(wt_sim_create(&world, &sim), 0);
    the_link = wt_sim_link(sim);
    wt_card_defaults(&config);
    if (kind == RINGS)
        config.ev_rings = WT_CARD_EV_RINGS;
    if (kind == SLOW_HOST)
        config.ev_size_log2 = config.of_size_log2 = 6;
    assert_int_equal(wt_card_open(&card, the_link, &config), 0);
    memset(&seen, 0, sizeof seen);
    seen.expect = 1;
    int waited = 1;
    do {
        while (at < messages && wt_sim_pending_frames(sim) < AHEAD) {
            if (stream[at].gentle || (kind == BURSTS && at % 501 == 0)) {
                if (when_ns < wt_sim_now(sim))
                    when_ns = wt_sim_now(sim);
                /* 501 messages of a day's mix take 12 us of the wire */
                when_ns += stream[at].gentle ? GENTLE_NS : 100000;
            } else if (at > 0 && stream[at - 1].gentle) {
                when_ns += 20000;
            }
            at = send_packet(&config, kind, at, when_ns);
        }
        waited = the_link->ops->wait(the_link, UINT64_MAX);
        assert_true(waited == 1 || waited == -EPIPE);
        if (waited == 1)
            the_link->ops->spend(the_link, kind == SLOW_HOST ? 150000 : 20000);
        take();
    } while (waited == 1 || at < messages);

    assert_int_equal(wt_card_counters(&card, &c), 0);
    wt_sim_stats(sim, &stats);
    print_message("# %-38s %7zu messages: %llu BBO, %llu folded, %llu trades, %llu lost, %llu shed, pressure %llu "
                  "cycles; most in hold %llu, events %llu, order flow %llu; link waited %llu\n",
                  KIND[kind], messages, (unsigned long long)seen.bbo, (unsigned long long)seen.conflated,
                  (unsigned long long)seen.trades, (unsigned long long)seen.trades_lost, (unsigned long long)seen.shed,
                  (unsigned long long)c.pressure, (unsigned long long)c.max_hold_a, (unsigned long long)c.max_events,
                  (unsigned long long)c.max_order_flow, (unsigned long long)c.link_wait);
    /* nothing was lost on the way in */
    assert_int_equal(c.messages, messages);
    assert_int_equal(c.gaps + c.missed + c.rx_overflow_a + c.rx_overflow_b + c.bad_datagram_a + c.bad_datagram_b, 0);
    assert_int_equal(c.bad_frame_a + c.bad_frame_b + c.bad_header_a + c.bad_header_b, 0);
    assert_int_equal(c.mac_lost_a + c.mac_lost_b + c.mac_bad_fcs_a + c.mac_bad_size_b, 0);
    assert_int_equal(c.mac_good_a, c.frames_a);
    assert_int_equal(c.mac_good_b, c.frames_b);
    assert_true(c.bytes_a == c.bytes_b && c.bytes_a > messages * 21);
    assert_int_equal(c.late_a + c.late_b, messages);
    assert_int_equal(c.overflow, 0);
    assert_int_equal(stats.rx_stall_cycles, 0);
    assert_int_equal(stats.tlp_violations, 0);
    /* nothing on the way out that was not told, to the last one */
    assert_int_equal(c.conflated, seen.conflated);
    assert_int_equal(c.trades_lost, seen.trades_lost);
    assert_int_equal(c.shed, seen.shed);
    assert_int_equal(c.shed_software, 0);
    assert_int_equal(seen.expect, messages + 1);
    assert_int_equal(seen.flow + seen.shed, messages);
    assert_int_equal(seen.trades + seen.trades_lost, stream[messages - 1].trades);
    if (kind >= SINGLE && kind != SLOW_HOST) /* the link is wide enough for these */
        assert_int_equal(seen.conflated + seen.shed + seen.trades_lost, 0);
    if (kind == EXECUTES) /* 192 bytes of records every 4.1 cycles of 32 */
        assert_true(seen.shed > 0 && seen.trades_lost == 0);
    if (kind == SLOW_HOST)
        assert_true(seen.shed > measured / 2 && seen.conflated > measured / 2 && seen.trades_lost > measured / 2);
    /* every symbol ended exact */
    uint32_t symbols = 0;
    bool done[SYMBOLS + 1] = {false};
    for (size_t i = messages; i-- > 0;) {
        uint16_t s = stream[i].symbol;
        if (s == 0xffff || done[s])
            continue;
        done[s] = true;
        symbols++;
        assert_int_equal(seen.changes[s], stream[i].changes);
        assert_memory_equal(&seen.last[s], &stream[i].bbo, sizeof stream[i].bbo);
    }
    assert_int_equal(symbols, SYMBOLS);
    the_link->ops->close(the_link);
    wt_twin_destroy(twin);
}

#define WIRE(name, kind)                                                                                               \
    static void name(void **state)                                                                                     \
    {                                                                                                                  \
        (void)state;                                                                                                   \
        run_wire(kind);                                                                                                \
    }
WIRE(test_deletes, DELETES)
WIRE(test_replaces, REPLACES)
WIRE(test_new_bests, NEW_BESTS)
WIRE(test_executes, EXECUTES)
WIRE(test_single, SINGLE)
WIRE(test_full, FULL)
WIRE(test_mix, MIX)
WIRE(test_bursts, BURSTS)
WIRE(test_rings, RINGS)
WIRE(test_slow_host, SLOW_HOST)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_deletes),   cmocka_unit_test(test_replaces), cmocka_unit_test(test_new_bests),
        cmocka_unit_test(test_executes),  cmocka_unit_test(test_single),   cmocka_unit_test(test_full),
        cmocka_unit_test(test_mix),       cmocka_unit_test(test_bursts),   cmocka_unit_test(test_rings),
        cmocka_unit_test(test_slow_host),
    };
    const char *size = getenv("WT_WIRES_MESSAGES");
    measured = size ? strtoull(size, NULL, 10) : 3000;
    ssize_t n = readlink("/proc/self/exe", path, sizeof path - 32);
    if (n <= 0)
        return 1;
    path[n] = 0;
    for (int i = 0; i < 3; i++)
        if (strrchr(path, '/'))
            *strrchr(path, '/') = 0;
    strcat(path, "/libwtcard.so");
    const char *only = getenv("WT_WIRES_ONLY");
    if (only)
        cmocka_set_test_filter(only);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    free(stream);
    return failed;
}
