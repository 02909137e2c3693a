/*
 * OUCH as the venue reads it. An input is a list of messages: a control byte, a length byte, the bytes. Control: bit 0
 * which account sends it, bit 1 a millisecond passes first, bits 2 to 4 a trading state that a symbol gets. The venue
 * must answer in well-formed OUCH, its feed must rebuild its books, and every share must be accounted for.
 */
#include "tests/fuzz/venue_bench.h"

struct client {
    int connection;
    struct wt_soup_parser parser;
    bool in;
};

static struct client clients[BENCH_ACCOUNTS];

/* Decoded and encoded again it is the same. */
static void check_codec(enum wt_ouch_direction direction, const uint8_t *bytes, size_t length, bool must)
{
    struct wt_ouch m;
    uint8_t again[70000];
    int rc = wt_ouch_decode(direction, bytes, length, &m);
    FUZZ_CHECK(rc == 0 || !must);
    if (rc < 0)
        return;
    int n = wt_ouch_encode(direction, &m, again, sizeof again);
    FUZZ_CHECK(n == (int)length && memcmp(again, bytes, length) == 0);
    struct wt_ouch_option option;
    for (unsigned tag = 0; tag < 256; tag++)
        if (wt_ouch_option_find(&m, (uint8_t)tag, &option) > 0)
            wt_ouch_option_number(&option);
}

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
    FUZZ_CHECK(n != -ENOTCONN); /* nothing that is sent here ends a connection */
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_bytes in = {data, size < 4096 ? size : 4096};
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
    /* Books may stand crossed while nothing matches. */
    for (uint16_t i = 0; i < BENCH_SYMBOLS; i++)
        wt_engine_state(wt_venue_engine(b.venue), i, 'T');
    bench_end(&b);
    return 0;
}

static void add(struct fuzz_seed *s, unsigned control, const struct wt_ouch *m)
{
    uint8_t bytes[256];
    int n = wt_ouch_encode(WT_OUCH_IN, m, bytes, sizeof bytes);
    FUZZ_CHECK(n > 0);
    fuzz_add_u8(s, control);
    fuzz_add_u8(s, (unsigned)n);
    fuzz_add(s, bytes, (size_t)n);
}

static struct wt_ouch order(uint32_t ref, char side, uint32_t shares, uint32_t price)
{
    struct wt_ouch m = {.type = WT_OUCH_ENTER,
                        .user_ref = ref,
                        .side = side,
                        .quantity = shares,
                        .price = price,
                        .tif = '0',
                        .display = 'Y',
                        .capacity = 'P',
                        .iso = 'N',
                        .cross = 'N'};
    memcpy(m.symbol, ref % 3 ? "ABC     " : "XYZ     ", 8);
    memset(m.cl_ord_id, 'c', sizeof m.cl_ord_id);
    return m;
}

static void option(struct wt_ouch *m, uint8_t options[64], size_t *length, uint8_t tag, uint32_t value, size_t bytes)
{
    uint8_t text[4];
    wt_put_be32(text, value);
    FUZZ_CHECK(wt_ouch_option_put(options, 64, length, tag, text + 4 - bytes, bytes) == 0);
    m->has_options = true;
    m->options = options;
    m->options_length = (uint16_t)*length;
}

void fuzz_seeds(fuzz_put *put, void *ctx)
{
    static struct fuzz_seed s;
    uint8_t options[64];
    size_t length;
    /* Each inbound type by itself, behind an order. */
    for (const char *type = "OUXMCDEQ"; *type; type++) {
        s.length = 0;
        struct wt_ouch m = order(1, 'B', 100, 1000000);
        add(&s, 0, &m);
        m.type = *type;
        m.orig_ref = 1;
        m.user_ref = strchr("XM", *type) ? 1 : 2;
        m.quantity = 50;
        add(&s, 2, &m);
        put(ctx, s.bytes, s.length);
    }
    /* Two accounts in each other's way: fills, replaces, a halt, own orders. */
    s.length = 0;
    for (uint32_t i = 1; i <= 48; i++) {
        struct wt_ouch m = order(i, i % 2 ? 'B' : 'S', 100 + i, 1000000 + i * 7 % 11 * 100);
        m.tif = i % 7 == 0 ? '3' : '0';
        m.display = "YYAN"[i % 4];
        length = 0;
        if (i % 5 == 0)
            option(&m, options, &length, WT_OUCH_TAG_POST_ONLY, 'P', 1);
        if (i % 4 == 3)
            option(&m, options, &length, WT_OUCH_TAG_MIN_QTY, 50, 4);
        if (i % 6 == 0)
            option(&m, options, &length, WT_OUCH_TAG_CUSTOMER_TYPE, 'R', 1);
        add(&s, (i / 2 & 1) | (i % 8 == 0 ? 2 : 0), &m);
        if (i % 6 == 5) {
            m.type = WT_OUCH_REPLACE;
            m.has_options = false;
            m.options_length = 0;
            m.orig_ref = i;
            m.user_ref = i + 100;
            m.price += 200;
            add(&s, i / 2 & 1, &m);
        }
        if (i == 10 || i == 20) /* halt, quote only; then trade */
            add(&s, 4 | (i == 10 ? 0 : 2u << 3), &m);
        if (i == 14 || i == 24)
            add(&s, 4 | 3u << 3, &m);
    }
    put(ctx, s.bytes, s.length);
}
