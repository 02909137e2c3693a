/*
 * SoupBinTCP, both sides. The first byte says whose bytes they are (bit 0: the venue's, read by the host) and how they
 * are cut (the rest); with bit 1, whole logins go first. Cutting must not change what is read.
 */
#include "tests/fuzz/gateway_bench.h"
#include "tests/fuzz/venue_bench.h"

enum { KEPT = 4096 };

struct reading {
    unsigned count;
    bool as_other; /* somebody logs in as the account of the other client */
    struct {
        int rc;
        char type;
        size_t length;
        uint32_t sum;
    } item[KEPT];
};

static void read_all(enum wt_soup_from from, const uint8_t *bytes, size_t length, size_t chunk, struct reading *r)
{
    static struct wt_soup_parser p;
    wt_soup_init(&p, from);
    r->count = 0;
    r->as_other = false;
    while (length > 0) {
        size_t room, n = chunk && chunk < length ? chunk : length;
        uint8_t *to = wt_soup_room(&p, &room);
        FUZZ_CHECK(room > 0);
        n = n < room ? n : room;
        memcpy(to, bytes, n);
        wt_soup_commit(&p, n);
        bytes += n;
        length -= n;
        struct wt_soup_packet packet;
        int rc;
        while ((rc = wt_soup_next(&p, &packet)) != 0 && r->count < KEPT) {
            uint32_t sum = 0;
            for (size_t i = 0; rc > 0 && i < packet.length; i++)
                sum = sum * 31 + packet.payload[i];
            r->item[r->count].rc = rc;
            r->item[r->count].type = rc > 0 ? packet.type : 0;
            r->item[r->count].length = rc > 0 ? packet.length : 0;
            r->item[r->count++].sum = sum;
            struct wt_soup_login_request request;
            struct wt_soup_login_accepted accepted;
            if (rc > 0 && packet.type == WT_SOUP_LOGIN_REQUEST && wt_soup_get_login_request(&packet, &request) == 0)
                r->as_other |= wt_soup_same_name(request.username, "U1");
            if (rc > 0 && packet.type == WT_SOUP_LOGIN_ACCEPTED)
                wt_soup_get_login_accepted(&packet, &accepted);
        }
    }
}

static bool check_cuts(enum wt_soup_from from, const uint8_t *bytes, size_t length, size_t chunk)
{
    static struct reading whole, cut;
    read_all(from, bytes, length, 0, &whole);
    read_all(from, bytes, length, chunk, &cut);
    FUZZ_CHECK(whole.count == cut.count);
    for (unsigned i = 0; i < whole.count; i++) {
        FUZZ_CHECK(whole.item[i].rc == cut.item[i].rc && whole.item[i].type == cut.item[i].type);
        FUZZ_CHECK(whole.item[i].length == cut.item[i].length && whole.item[i].sum == cut.item[i].sum);
    }
    return whole.as_other;
}

/* A client's bytes at one of the venue's ports; a second client must not notice. */
static void to_venue(enum wt_venue_port port, const uint8_t *bytes, size_t length, size_t chunk, bool login,
                     bool as_other)
{
    static struct wt_soup_parser answers;
    static uint8_t out[4096];
    struct bench b;
    uint8_t packet[64];
    bench_begin(&b);
    int other = wt_venue_open(b.venue, WT_VENUE_ORDERS, b.now), c = wt_venue_open(b.venue, port, b.now);
    FUZZ_CHECK(other >= 0 && c >= 0);
    FUZZ_CHECK(wt_venue_input(b.venue, other, b.now, packet, bench_login(packet, sizeof packet, 1, 1)) == 0);
    if (login)
        wt_venue_input(b.venue, c, b.now, packet, bench_login(packet, sizeof packet, 0, 1));
    wt_soup_init(&answers, WT_SOUP_FROM_SERVER);
    while (length > 0) {
        size_t n = chunk && chunk < length ? chunk : length, room;
        struct wt_soup_packet p;
        if (wt_venue_input(b.venue, c, b.now, bytes, n) < 0)
            break;
        bytes += n;
        length -= n;
        if (length < chunk)
            bench_run(&b, BENCH_MS);
        uint8_t *to = wt_soup_room(&answers, &room);
        ssize_t got = wt_venue_output(b.venue, c, b.now, to, room);
        if (got <= 0)
            continue;
        wt_soup_commit(&answers, (size_t)got);
        for (int rc; (rc = wt_soup_next(&answers, &p)) != 0;)
            FUZZ_CHECK(rc > 0);
    }
    ssize_t n = wt_venue_output(b.venue, other, b.now, out, sizeof out);
    /* Who logs in again takes the session over. */
    FUZZ_CHECK(as_other || (n > 0 && out[2] == WT_SOUP_LOGIN_ACCEPTED));
    wt_venue_close(b.venue, c, b.now);
    bench_end(&b);
}

static void to_host(const uint8_t *bytes, size_t length, size_t chunk, bool login)
{
    static struct host h;
    host_begin(&h, chunk & 1);
    if (login)
        host_login_accepted(&h, 1);
    h.chunk = chunk;
    host_input(&h, bytes, length);
    /* It may try again by itself. */
    wt_gateway_poll(h.gateway, h.now += 20 * HOST_MS);
    wt_gateway_poll(h.gateway, h.now += 20000 * HOST_MS);
    host_end(&h);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_bytes in = {data, size};
    uint8_t first = fuzz_u8(&in);
    size_t chunk = first >> 2, length;
    uint8_t *bytes = fuzz_block(&in, 8192, &length);
    bool as_other = check_cuts(first & 1 ? WT_SOUP_FROM_SERVER : WT_SOUP_FROM_CLIENT, bytes, length, chunk);
    if (first & 1) {
        to_host(bytes, length, chunk, first & 2);
    } else {
        to_venue(WT_VENUE_ORDERS, bytes, length, chunk, first & 2, as_other);
        to_venue(WT_VENUE_GLIMPSE, bytes, length, chunk, false, false);
    }
    free(bytes);
    return 0;
}

static void add_packet(struct fuzz_seed *s, char type, const char *payload)
{
    uint8_t packet[300];
    int n = wt_soup_put(packet, sizeof packet, type, payload, strlen(payload));
    FUZZ_CHECK(n > 0);
    fuzz_add(s, packet, (size_t)n);
}

void fuzz_seeds(fuzz_put *put, void *ctx)
{
    static struct fuzz_seed s;
    uint8_t login[64];
    for (unsigned with = 0; with < 2; with++) {
        for (unsigned chunk = 0; chunk < 8; chunk += 7) {
            /* A client. */
            s.length = 0;
            fuzz_add_u8(&s, with << 1 | chunk << 2);
            if (!with)
                fuzz_add(&s, login, bench_login(login, sizeof login, 0, 1));
            add_packet(&s, WT_SOUP_CLIENT_HEARTBEAT, "");
            add_packet(&s, WT_SOUP_DEBUG, "hello");
            add_packet(&s, WT_SOUP_UNSEQUENCED, "Q");
            add_packet(&s, WT_SOUP_UNSEQUENCED, "Xzzzzzzzz");
            add_packet(&s, WT_SOUP_LOGOUT_REQUEST, "");
            put(ctx, s.bytes, s.length);
            /* A venue. */
            s.length = 0;
            fuzz_add_u8(&s, 1 | with << 1 | chunk << 2);
            if (!with)
                add_packet(&s, WT_SOUP_LOGIN_ACCEPTED, "SIM0000001                   1");
            add_packet(&s, WT_SOUP_SERVER_HEARTBEAT, "");
            add_packet(&s, WT_SOUP_SEQUENCED, "S12345678S");
            add_packet(&s, WT_SOUP_SEQUENCED, "");
            add_packet(&s, WT_SOUP_DEBUG, "hello");
            add_packet(&s, WT_SOUP_END_OF_SESSION, "");
            put(ctx, s.bytes, s.length);
        }
    }
    s.length = 0;
    fuzz_add_u8(&s, 1);
    add_packet(&s, WT_SOUP_LOGIN_REJECTED, "A");
    put(ctx, s.bytes, s.length);
    s.length = 0;
    fuzz_add_u8(&s, 0);
    struct wt_soup_login_request glimpse = {.username = "WT0001", .password = "wiretick", .sequence = 1};
    int n = wt_soup_put_login_request(login, sizeof login, &glimpse);
    FUZZ_CHECK(n > 0);
    fuzz_add(&s, login, (size_t)n);
    put(ctx, s.bytes, s.length);
}
