/*
 * OUCH 4.2 both ways. An input begins with a byte whose bit 0 says which:
 *  - clear: messages of two accounts to a venue, as in fuzz_ouch_in.c: a control byte, a length byte, the bytes;
 *  - set: messages of a venue to the gateway, as in fuzz_ouch_out.c; control bit 5: a heartbeat comes behind it.
 * Decoded and encoded again they are equal; in 5.0 and back they are equal where 5.0 can say them; the venue answers in
 * well-formed 4.2, its feed rebuilds its books, and every share is accounted for; reports are of known kinds and in
 * order.
 */
#include "host/gateway/ouch42.h"
#include "host/gateway/request.h"
#define BENCH_DIALECT WT_OUCH_42
#include "tests/fuzz/gateway_bench.h"
#include "tests/fuzz/venue_bench.h"

struct client {
    int connection;
    struct wt_soup_parser parser;
    bool in;
};

static struct client clients[BENCH_ACCOUNTS];

static void check_codec(enum wt_ouch_direction direction, const uint8_t *bytes, size_t length, bool must)
{
    struct wt_ouch42 m, back;
    struct wt_ouch m50;
    uint8_t again[WT_OUCH42_MAX], options[WT_OUCH42_OPTIONS];
    const char *why = NULL;
    int rc = wt_ouch42_decode(direction, bytes, length, &m);
    FUZZ_CHECK(rc == 0 || !must);
    if (rc < 0)
        return;
    int n = wt_ouch42_encode(direction, &m, again, sizeof again);
    FUZZ_CHECK(n == (int)length && memcmp(again, bytes, length) == 0);
    if (wt_ouch42_to_50(direction, &m, &m50, options, &why)) {
        FUZZ_CHECK(why && *why);
        return;
    }
    FUZZ_CHECK(m50.options_length <= WT_OUCH42_OPTIONS);
    if (wt_ouch42_from_50(direction, &m50, &back, &why)) {
        FUZZ_CHECK(why && *why);
        return;
    }
    FUZZ_CHECK(back.quantity == m.quantity && back.price == m.price && back.side == m.side && back.match == m.match);
    FUZZ_CHECK(back.order_ref == m.order_ref && back.timestamp == m.timestamp);
    FUZZ_CHECK(memcmp(back.symbol, m.symbol, 8) == 0);
    bool in_order = direction == WT_OUCH_IN && (m.type == 'O' || m.type == 'U');
    if (in_order) {
        FUZZ_CHECK(back.time_in_force == m.time_in_force && back.min_quantity == m.min_quantity);
        FUZZ_CHECK(back.display == m.display || m.display == 'Z');
    }
}

/* ---------------------------------------------------------------- the venue */

static void take_answers(struct bench *b, struct client *c)
{
    ssize_t n;
    do {
        size_t room;
        uint8_t *to = wt_soup_room(&c->parser, &room);
        n = wt_venue_output(b->venue, c->connection, b->now, to, room);
        if (n <= 0)
            break;
        wt_soup_commit(&c->parser, (size_t)n);
        struct wt_soup_packet p;
        int rc;
        while ((rc = wt_soup_next(&c->parser, &p)) != 0) {
            FUZZ_CHECK(rc > 0);
            c->in |= p.type == WT_SOUP_LOGIN_ACCEPTED;
            if (p.type == WT_SOUP_SEQUENCED)
                check_codec(WT_OUCH_OUT, p.payload, p.length, true);
        }
    } while (n > 0);
    FUZZ_CHECK(n != -ENOTCONN);
}

static void to_venue(struct fuzz_bytes in)
{
    struct bench b;
    bench_begin(&b);
    for (unsigned i = 0; i < BENCH_ACCOUNTS; i++) {
        uint8_t login[64];
        clients[i].in = false;
        wt_soup_init(&clients[i].parser, WT_SOUP_FROM_SERVER);
        clients[i].connection = wt_venue_open(b.venue, WT_VENUE_ORDERS, b.now);
        FUZZ_CHECK(clients[i].connection >= 0);
        size_t n = bench_login(login, sizeof login, i, 1);
        FUZZ_CHECK(wt_venue_input(b.venue, clients[i].connection, b.now, login, n) == 0);
        take_answers(&b, &clients[i]);
        FUZZ_CHECK(clients[i].in);
    }
    while (in.left > 0) {
        uint8_t control = fuzz_u8(&in), packet[300];
        size_t length;
        uint8_t *message = fuzz_block(&in, fuzz_u8(&in), &length);
        struct client *c = &clients[control & 1];
        if (control & 2)
            bench_run(&b, BENCH_MS);
        if (control & 4)
            wt_engine_state(wt_venue_engine(b.venue), control & 1, "HPQT"[control >> 3 & 3]);
        check_codec(WT_OUCH_IN, message, length, false);
        check_codec(WT_OUCH_OUT, message, length, false);
        int n = wt_soup_put(packet, sizeof packet, WT_SOUP_UNSEQUENCED, message, length);
        free(message);
        FUZZ_CHECK(n > 0 && wt_venue_input(b.venue, c->connection, b.now, packet, (size_t)n) == 0);
        for (unsigned i = 0; i < BENCH_ACCOUNTS; i++)
            take_answers(&b, &clients[i]);
    }
    for (uint16_t i = 0; i < BENCH_SYMBOLS; i++)
        wt_engine_state(wt_venue_engine(b.venue), i, 'T');
    FUZZ_CHECK(wt_venue_ledger_check(b.venue) == 0);
    bench_end(&b);
}

/* ---------------------------------------------------------------- the gateway */

static void to_gateway(struct fuzz_bytes in)
{
    static struct host h;
    uint8_t first = fuzz_u8(&in);
    uint32_t id = 0;
    host_begin(&h, first & 1);
    host_login_accepted(&h, first & 2 ? 2 : 1);
    while (in.left > 0) {
        uint8_t control = fuzz_u8(&in), packet[300];
        size_t length;
        uint8_t *message = fuzz_block(&in, fuzz_u8(&in), &length);
        if (control & 2)
            wt_gateway_poll(h.gateway, h.now += HOST_MS);
        if (control & 1) {
            struct wt_order_request q = host_order(++id);
            wt_gateway_send(h.gateway, &q, h.now);
        }
        h.chunk = control >> 2 & 7;
        check_codec(WT_OUCH_OUT, message, length, false);
        int n = wt_soup_put(packet, sizeof packet, WT_SOUP_SEQUENCED, message, length);
        FUZZ_CHECK(n > 0);
        host_input(&h, packet, (size_t)n);
        free(message);
        if (control & 32) {
            n = wt_soup_put(packet, sizeof packet, WT_SOUP_SERVER_HEARTBEAT, NULL, 0);
            FUZZ_CHECK(n > 0);
            host_input(&h, packet, (size_t)n);
        }
    }
    host_end(&h);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_bytes in = {data, size < 4096 ? size : 4096};
    if (fuzz_u8(&in) & 1)
        to_gateway(in);
    else
        to_venue(in);
    return 0;
}

/* ---------------------------------------------------------------- seeds */

static void add(struct fuzz_seed *s, unsigned control, enum wt_ouch_direction direction, const struct wt_ouch42 *m)
{
    uint8_t bytes[WT_OUCH42_MAX];
    int n = wt_ouch42_encode(direction, m, bytes, sizeof bytes);
    FUZZ_CHECK(n > 0);
    fuzz_add_u8(s, control);
    fuzz_add_u8(s, (unsigned)n);
    fuzz_add(s, bytes, (size_t)n);
}

static void name(char token[WT_OUCH42_TOKEN], uint32_t number)
{
    wt_request_name(number, 0, token);
}

static struct wt_ouch42 order(uint32_t number, char side, uint32_t shares, uint32_t price)
{
    struct wt_ouch42 m = {.type = WT_OUCH_ENTER,
                          .side = side,
                          .quantity = shares,
                          .price = price,
                          .time_in_force = WT_OUCH42_DAY,
                          .firm = "LIME",
                          .display = 'Y',
                          .capacity = 'P',
                          .iso = 'N',
                          .cross = 'N',
                          .customer = 'N'};
    memcpy(m.symbol, number % 3 ? "ABC     " : "XYZ     ", 8);
    name(m.token, number);
    return m;
}

static void venue_seeds(fuzz_put *put, void *ctx)
{
    static struct fuzz_seed s;
    for (const char *type = "OUXMN"; *type; type++) {
        s.length = 0;
        fuzz_add_u8(&s, 0);
        struct wt_ouch42 m = order(1, 'S', 100, 1000000);
        add(&s, 0, WT_OUCH_IN, &m);
        m.type = *type;
        name(m.existing, 1);
        name(m.token, strchr("XMN", *type) ? 1 : 2);
        m.side = 'E';
        m.quantity = 50;
        add(&s, 2, WT_OUCH_IN, &m);
        put(ctx, s.bytes, s.length);
    }
    s.length = 0;
    fuzz_add_u8(&s, 0);
    for (uint32_t i = 1; i <= 40; i++) {
        struct wt_ouch42 m = order(i, i % 2 ? 'B' : 'S', 100 + i, 1000000 + i * 7 % 11 * 100);
        if (i % 7 == 0)
            m.time_in_force = WT_OUCH42_IOC;
        m.display = "YPANL"[i % 5];
        m.min_quantity = i % 4 == 3 ? 50 : 0;
        add(&s, (i / 2 & 1) | (i % 8 == 0 ? 2 : 0), WT_OUCH_IN, &m);
        if (i % 6 == 5) {
            m.type = WT_OUCH_REPLACE;
            name(m.existing, i);
            name(m.token, i + 100);
            m.price += 200;
            add(&s, i / 2 & 1, WT_OUCH_IN, &m);
        }
        if (i == 10 || i == 20)
            add(&s, 4 | (i == 10 ? 0 : 2u << 3), WT_OUCH_IN, &m);
        if (i == 14 || i == 24)
            add(&s, 4 | 3u << 3, WT_OUCH_IN, &m);
    }
    put(ctx, s.bytes, s.length);
}

static void gateway_seeds(fuzz_put *put, void *ctx)
{
    static struct fuzz_seed s;
    s.length = 0;
    fuzz_add_u8(&s, 1);
    fuzz_add_u8(&s, 1); /* it waits for the heartbeat */
    for (const char *type = "SAUCDEBGFJPITMN"; *type; type++) {
        struct wt_ouch42 m = order(1, 'B', 100, 1000000);
        m.type = *type;
        m.state = 'L';
        m.event = 'S';
        m.liquidity = 'A';
        m.match = 7;
        m.reason = 'U';
        if (*type == 'U') {
            name(m.existing, 1);
            name(m.token, 2);
        }
        add(&s, *type == 'S' ? 32 : 1, WT_OUCH_OUT, &m);
    }
    put(ctx, s.bytes, s.length);
    s.bytes[1] = 0;
    put(ctx, s.bytes, s.length);
}

void fuzz_seeds(fuzz_put *put, void *ctx)
{
    venue_seeds(put, ctx);
    gateway_seeds(put, ctx);
}
