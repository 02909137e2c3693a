/* A small venue whose feed is rebuilt by the twin, for harnesses that send it bytes. */
#ifndef WT_FUZZ_VENUE_H
#define WT_FUZZ_VENUE_H

#include "host/gateway/ouch.h"
#include "host/gateway/soup.h"
#include "host/market/pcap.h"
#include "host/market/twin.h"
#include "sim/exchange/venue.h"
#include "tests/fuzz/fuzz.h"

enum { BENCH_ACCOUNTS = 2, BENCH_SYMBOLS = 2 };

#ifndef BENCH_DIALECT
#define BENCH_DIALECT WT_OUCH_50
#endif
#define BENCH_START 1000000000000ull
#define BENCH_MS 1000000ull

struct bench {
    struct wt_venue *venue;
    struct wt_twin *twin;
    uint64_t now, next;
};

static void bench_packet(void *ctx, unsigned line, uint64_t when_ns, const uint8_t *mold, size_t length)
{
    struct bench *b = ctx;
    (void)when_ns;
    FUZZ_CHECK(wt_mold_well_formed(mold, length));
    if (line != 0)
        return;
    FUZZ_CHECK(wt_be64(mold + 10) == b->next);
    const uint8_t *block = mold + WT_MOLD_HEADER;
    for (unsigned count = wt_be16(mold + 18); count != WT_MOLD_END_OF_SESSION && count > 0; count--) {
        struct wt_twin_result result;
        size_t n = wt_be16(block);
        wt_twin_message(b->twin, b->next++, block + 2, n, &result);
        block += 2 + n;
    }
}

static void bench_begin(struct bench *b)
{
    static const char symbols[BENCH_SYMBOLS][9] = {"ABC", "XYZ"};
    static const struct wt_venue_account accounts[BENCH_ACCOUNTS] = {{"U0", "secret", BENCH_DIALECT},
                                                                     {"U1", "secret", BENCH_DIALECT}};
    struct wt_twin_config twin;
    struct wt_venue_config config;
    *b = (struct bench){.now = BENCH_START, .next = 1};
    wt_twin_defaults(&twin);
    twin.max_orders = 1 << 10;
    twin.first_orders = 1 << 8;
    twin.symbols = symbols; /* by name it needs little memory, which is most of the time that an input takes */
    twin.symbol_count = BENCH_SYMBOLS;
    FUZZ_CHECK(wt_twin_create(&twin, &b->twin) == 0);
    wt_venue_defaults(&config);
    config.accounts = accounts;
    config.account_count = BENCH_ACCOUNTS;
    config.symbols = symbols;
    config.symbol_count = BENCH_SYMBOLS;
    config.max_orders = 256;
    config.feed.store_messages = 256;
    config.feed.store_bytes = 1 << 14;
    FUZZ_CHECK(wt_venue_create(&config, (struct wt_line_wire){b, bench_packet}, &b->venue) == 0);
    wt_venue_start(b->venue, b->now);
}

/* The feed's books are the engine's, and each account's shares are all accounted for. */
static void bench_check(struct bench *b)
{
    struct wt_engine *engine = wt_venue_engine(b->venue);
    struct wt_engine_totals t;
    struct wt_twin_stats s;
    wt_twin_stats(b->twin, &s);
    FUZZ_CHECK(!s.unknown_type && !s.bad_length && !s.unknown_ref && !s.excess && !s.zero_add && !s.senseless);
    wt_engine_totals(engine, &t);
    FUZZ_CHECK(t.entered_shares == 2 * t.executed_shares + t.canceled_shares + t.open_shares);
    for (uint16_t i = 0; i < BENCH_SYMBOLS; i++) {
        struct wt_bbo bbo;
        uint32_t bid, ask;
        uint64_t bid_shares, ask_shares;
        uint16_t twins = wt_twin_by_locate(b->twin, (uint16_t)(i + 1));
        wt_engine_bbo(engine, i, &bid, &bid_shares, &ask, &ask_shares);
        FUZZ_CHECK(wt_twin_valid(b->twin, twins));
        wt_twin_bbo(b->twin, twins, &bbo);
        FUZZ_CHECK(bbo.bid_price == bid && bbo.bid_shares == bid_shares);
        FUZZ_CHECK(bbo.ask_price == ask && bbo.ask_shares == ask_shares);
        FUZZ_CHECK(bid == 0 || ask == 0 || bid < ask);
    }
    for (unsigned i = 0; i < BENCH_ACCOUNTS; i++) {
        struct wt_desk_totals d;
        wt_venue_account_totals(b->venue, i, &d);
        FUZZ_CHECK(d.accepted == d.executed + d.canceled + d.open);
    }
}

/* Everything that is due until then. */
static void bench_run(struct bench *b, uint64_t ns)
{
    uint64_t until = b->now + ns;
    for (uint64_t next; (next = wt_venue_next_ns(b->venue)) <= until;) {
        b->now = next > b->now ? next : b->now;
        wt_venue_run(b->venue, b->now);
    }
    b->now = until;
    wt_venue_run(b->venue, b->now);
}

static void bench_end(struct bench *b)
{
    bench_run(b, BENCH_MS);
    bench_check(b);
    wt_venue_end(b->venue, b->now);
    bench_run(b, BENCH_MS);
    struct wt_venue_stats s;
    wt_venue_stats(b->venue, &s);
    FUZZ_CHECK(s.orders.accepted_shares == s.orders.executed_shares + s.orders.canceled_shares + s.orders.open_shares);
    wt_venue_destroy(b->venue);
    wt_twin_destroy(b->twin);
}

static inline size_t bench_login(uint8_t *to, size_t room, unsigned account, uint64_t sequence)
{
    struct wt_soup_login_request login = {.password = "secret", .sequence = sequence};
    snprintf(login.username, sizeof login.username, "U%u", account);
    int n = wt_soup_put_login_request(to, room, &login);
    FUZZ_CHECK(n > 0);
    return (size_t)n;
}

#endif
