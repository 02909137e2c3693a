/*
 * GLIMPSE, both sides. With the top bit of the first byte set, the rest is what a venue says to the host's client, cut
 * as the second byte says: a snapshot ends once, well or badly, and nothing comes of it after that. Else the first part
 * of an input makes books, so many orders as its first byte says, a few bytes each, and then come a client's bytes for
 * the venue: whatever it says, what it gets is well-formed SoupBinTCP; a snapshot that it gets rebuilds the engine's
 * books, and ends with the sequence number at which the feed goes on.
 */
#include "host/gateway/glimpse.h"
#include "sim/exchange/glimpse.h"
#include "tests/fuzz/venue_bench.h"

static void make_books(struct bench *b, struct fuzz_bytes *in)
{
    struct wt_engine *engine = wt_venue_engine(b->venue);
    for (unsigned n = fuzz_u8(in) % 64; n > 0; n--) {
        uint8_t what = fuzz_u8(in);
        struct wt_engine_order o = {.symbol = what & 1,
                                    .side = what & 2 ? 'B' : 'S',
                                    .tif = what & 4 ? '0' : '3',
                                    .hidden = what >> 3 == 7,
                                    .price = 1000000 + 100u * fuzz_u8(in),
                                    .shares = fuzz_u16(in) + 1u};
        memcpy(o.mpid, what & 128 ? "WTCK" : "    ", 4);
        uint64_t ref;
        if (wt_engine_enter(engine, &o, &ref) == WT_ENGINE_OK && what & 64)
            wt_engine_cancel(engine, ref, fuzz_u8(in), WT_ENGINE_USER);
    }
    bench_run(b, BENCH_MS);
}

struct snapshot {
    struct wt_twin *twin;
    uint64_t messages;
    bool whole, over; /* whole: from its first message on */
};

static void snapshot_begin(struct snapshot *s)
{
    static const char names[BENCH_SYMBOLS][9] = {"ABC", "XYZ"};
    struct wt_twin_config config;
    wt_twin_defaults(&config);
    config.max_orders = 1 << 10;
    config.first_orders = 1 << 8;
    config.symbols = names;
    config.symbol_count = BENCH_SYMBOLS;
    *s = (struct snapshot){0};
    FUZZ_CHECK(wt_twin_create(&config, &s->twin) == 0);
}

static void snapshot_end(struct bench *b, const struct snapshot *s, const uint8_t *g, size_t length)
{
    char expected[WT_GLIMPSE_END + 1];
    snprintf(expected, sizeof expected, "G%20llu", (unsigned long long)b->next);
    FUZZ_CHECK(length == WT_GLIMPSE_END && memcmp(g, expected, length) == 0);
    for (uint16_t i = 0; i < BENCH_SYMBOLS; i++) {
        uint32_t price[2], orders[2];
        uint64_t shares[2];
        uint16_t theirs = wt_twin_by_locate(s->twin, (uint16_t)(i + 1));
        uint16_t ours = wt_twin_by_locate(b->twin, (uint16_t)(i + 1));
        FUZZ_CHECK(wt_twin_valid(s->twin, theirs));
        for (const char *side = "BS"; *side; side++) {
            for (size_t at = 0;; at++) {
                bool in_snapshot = wt_twin_level(s->twin, theirs, *side, at, &price[0], &shares[0], &orders[0]);
                FUZZ_CHECK(wt_twin_level(b->twin, ours, *side, at, &price[1], &shares[1], &orders[1]) == in_snapshot);
                if (!in_snapshot)
                    break;
                FUZZ_CHECK(price[0] == price[1] && shares[0] == shares[1] && orders[0] == orders[1]);
            }
        }
    }
}

/* ---------------------------------------------------------------- the host's side */

struct host {
    struct fuzz_bytes in;
    size_t chunk;
    bool connected;
    uint64_t messages, ends, failures;
};

static int host_connect(void *ctx)
{
    ((struct host *)ctx)->connected = true;
    return 0;
}

static int host_send(void *ctx, const void *bytes, size_t length)
{
    (void)bytes, (void)length;
    return ((struct host *)ctx)->connected ? 0 : -ENOTCONN;
}

static ssize_t host_recv(void *ctx, void *bytes, size_t room)
{
    struct host *h = ctx;
    size_t n = h->in.left < room ? h->in.left : room;
    n = h->chunk && h->chunk < n ? h->chunk : n;
    if (!h->connected)
        return -ENOTCONN;
    memcpy(bytes, h->in.at, n);
    h->in.at += n;
    h->in.left -= n;
    return (ssize_t)n;
}

static void host_close(void *ctx)
{
    ((struct host *)ctx)->connected = false;
}

static void host_message(void *ctx, const uint8_t *raw, size_t length)
{
    struct host *h = ctx;
    FUZZ_CHECK(h->ends + h->failures == 0 && length > 0 && raw[0] != 'G');
    h->messages++;
}

static void host_ended(void *ctx, uint64_t sequence)
{
    (void)sequence;
    ((struct host *)ctx)->ends++;
}

static void host_failed(void *ctx, const char *why)
{
    FUZZ_CHECK(why[0] != '\0');
    ((struct host *)ctx)->failures++;
}

static int to_host(const uint8_t *data, size_t size)
{
    struct wt_glimpse_config config;
    struct wt_glimpse_stats stats;
    struct wt_glimpse *glimpse;
    uint64_t now = BENCH_MS;
    struct host h = {.in = {data, size}};
    h.chunk = fuzz_u8(&h.in);
    wt_glimpse_defaults(&config);
    memcpy(config.username, "WT0001", 7);
    memcpy(config.password, "wiretick", 9);
    FUZZ_CHECK(wt_glimpse_create(&config, (struct wt_stream){&h, host_connect, host_send, host_recv, host_close},
                                 (struct wt_glimpse_handler){&h, host_message, host_ended, host_failed},
                                 &glimpse) == 0);
    wt_glimpse_fetch(glimpse, now);
    while (h.in.left > 0 && h.connected) {
        size_t left = h.in.left;
        wt_glimpse_poll(glimpse, now);
        FUZZ_CHECK(h.in.left < left || !h.connected);
    }
    wt_glimpse_poll(glimpse, now + config.timeout_ns + 1);
    FUZZ_CHECK(!wt_glimpse_busy(glimpse) && h.ends + h.failures == 1);
    wt_glimpse_stats(glimpse, &stats);
    FUZZ_CHECK(stats.fetches == 1 && stats.snapshots == h.ends && stats.failures == h.failures);
    FUZZ_CHECK(stats.messages == h.messages);
    wt_glimpse_destroy(glimpse);
    return 0;
}

/* ---------------------------------------------------------------- */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct wt_soup_parser answers;
    struct fuzz_bytes in = {data, size < 4096 ? size : 4096};
    struct bench b;
    if (size > 0 && data[0] & 128)
        return to_host(data + 1, size - 1);
    struct snapshot s;
    bench_begin(&b);
    make_books(&b, &in);
    size_t chunk = fuzz_u8(&in), length;
    uint8_t *bytes = fuzz_block(&in, in.left, &length);
    int c = wt_venue_open(b.venue, WT_VENUE_GLIMPSE, b.now);
    FUZZ_CHECK(c >= 0);
    wt_soup_init(&answers, WT_SOUP_FROM_SERVER);
    snapshot_begin(&s);
    for (size_t at = 0; at < length;) {
        size_t n = chunk && chunk < length - at ? chunk : length - at, room;
        if (wt_venue_input(b.venue, c, b.now, bytes + at, n) < 0)
            break;
        at += n;
        for (ssize_t got = 1; got > 0;) {
            uint8_t *to = wt_soup_room(&answers, &room);
            got = wt_venue_output(b.venue, c, b.now, to, room);
            wt_soup_commit(&answers, got > 0 ? (size_t)got : 0);
            struct wt_soup_packet p;
            for (int rc; (rc = wt_soup_next(&answers, &p)) != 0;) {
                struct wt_soup_login_accepted accepted;
                FUZZ_CHECK(rc > 0);
                if (p.type == WT_SOUP_LOGIN_ACCEPTED)
                    s.whole = wt_soup_get_login_accepted(&p, &accepted) == 0 && accepted.sequence == 1;
                if (p.type != WT_SOUP_SEQUENCED)
                    continue;
                struct wt_twin_result r;
                FUZZ_CHECK(p.length > 0 && !s.over);
                s.over = p.payload[0] == 'G';
                if (s.over && s.whole)
                    snapshot_end(&b, &s, p.payload, p.length);
                else if (!s.over)
                    wt_twin_message(s.twin, ++s.messages, p.payload, p.length, &r);
            }
        }
    }
    wt_venue_close(b.venue, c, b.now);
    wt_twin_destroy(s.twin);
    free(bytes);
    bench_end(&b);
    return 0;
}

void fuzz_seeds(fuzz_put *put, void *ctx)
{
    static struct fuzz_seed s;
    for (unsigned n = 0; n < 6; n++) {
        struct wt_soup_login_request login = {.username = "WT0001", .password = "wiretick", .sequence = n % 3};
        uint8_t bytes[64];
        if (n == 4)
            login.password[0] = 'x';
        int got = wt_soup_put_login_request(bytes, sizeof bytes, &login);
        FUZZ_CHECK(got > 0);
        s.length = 0;
        fuzz_add_u8(&s, n * 4);
        for (unsigned i = 0; i < n * 4; i++)
            fuzz_add(&s, (uint8_t[]){(uint8_t)(4 | (i * 37 & 0xbb)), (uint8_t)(i * 13), 0, (uint8_t)(i * 7)}, 4);
        fuzz_add_u8(&s, n * 5);
        fuzz_add(&s, bytes, (size_t)got);
        fuzz_add(&s, "\0\1R", 3);
        put(ctx, s.bytes, s.length);
    } /* A venue's. */
    for (unsigned chunk = 0; chunk < 8; chunk += 7) {
        static const char *const packets[] = {"ASIM0000001                   1", "H", "SR", "+text", "SA123",
                                              "SG                  42",          "Z"};
        s.length = 0;
        fuzz_add_u8(&s, 128);
        fuzz_add_u8(&s, chunk);
        for (unsigned i = 0; i < sizeof packets / sizeof packets[0]; i++) {
            fuzz_add_u16(&s, (unsigned)strlen(packets[i]));
            fuzz_add(&s, packets[i], strlen(packets[i]));
        }
        put(ctx, s.bytes, s.length);
    }
    s.length = 0;
    fuzz_add_u8(&s, 128);
    fuzz_add_u8(&s, 0);
    fuzz_add(&s, "\0\2JA", 4);
    put(ctx, s.bytes, s.length);
}
