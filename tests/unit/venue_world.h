/* A venue in virtual time, clients of its order entry, and a twin that follows its feed: for tests of the venue. */
#ifndef WT_VENUE_WORLD_H
#define WT_VENUE_WORLD_H

#include <errno.h>
#include <unistd.h>

#include "tests/unit/venue_client.h"

#include "host/market/itch_put.h"
#include "host/market/pcap.h"
#include "host/market/random.h"
#include "host/market/twin.h"
#include "sim/exchange/venue.h"

#define PRICE 1000000u
#define MS 1000000ull
#define SECOND (1000 * MS)
#define START (7777 * SECOND) /* of the venue's clock */
#define OPENING (34200 * SECOND)

enum { CLIENTS = 4, KEPT = 4096 };

struct client {
    int connection; /* -1: none */
    bool logged_in;
    uint64_t next; /* sequence number of the next message */
    struct wt_soup_parser parser;
    struct wt_ouch messages[KEPT];
    unsigned count, seen;
    unsigned heartbeats, rejected_logins, closed;
};

struct world {
    struct wt_venue_config config;
    struct wt_venue_account accounts[CLIENTS];
    struct wt_venue *venue;
    uint64_t now;
    struct client client[CLIENTS];
    /* The feed, by line. */
    struct wt_twin *twin;
    char session[11];
    uint64_t next, packets[2], last_ns[2], gaps[2], seen[2];
    unsigned types[256], ends, sessions;
    uint64_t first_stamp, last_stamp, stamps_back;
};

static inline void new_twin(struct world *w)
{
    struct wt_twin_config config;
    wt_twin_destroy(w->twin);
    wt_twin_defaults(&config);
    config.max_orders = 1 << 16;
    assert_int_equal(wt_twin_create(&config, &w->twin), 0);
    w->next = 1;
}

static inline void take_message(struct world *w, const uint8_t *message, size_t length)
{
    struct wt_twin_result result;
    wt_twin_message(w->twin, w->next++, message, length, &result);
    w->types[message[0]]++;
    uint64_t stamp = wt_itch_ns(message);
    w->stamps_back += stamp < w->last_stamp;
    w->last_stamp = stamp;
    if (w->first_stamp == 0)
        w->first_stamp = stamp;
}

/* The books are made of line A, unless it is away. */
static inline void on_packet(void *ctx, unsigned line, uint64_t when_ns, const uint8_t *mold, size_t length)
{
    struct world *w = ctx;
    w->packets[line]++;
    w->last_ns[line] = when_ns;
    if (!wt_mold_well_formed(mold, length) || (w->session[0] != '\0' && w->session[8] != (char)mold[8]))
        return;
    uint64_t sequence = wt_be64(mold + 10);
    uint16_t count = wt_be16(mold + 18);
    w->gaps[line] += sequence != w->seen[line] && w->seen[line] != 0;
    w->seen[line] = sequence + (count == WT_MOLD_END_OF_SESSION ? 0 : count);
    if (line != 0)
        return;
    if (count == WT_MOLD_END_OF_SESSION) {
        w->ends++;
        w->session[0] = '\0';
        return;
    }
    if (w->session[0] == '\0') {
        memcpy(w->session, mold, 10);
        w->sessions++;
        w->seen[0] = w->seen[1] = 0;
        new_twin(w);
    }
    const uint8_t *block = mold + WT_MOLD_HEADER;
    for (; count > 0; count--, sequence++) {
        size_t n = wt_be16(block);
        if (sequence == w->next)
            take_message(w, block + 2, n);
        block += 2 + n;
    }
}

/* ---------------------------------------------------------------- the world */

static inline struct world *world_new(void)
{
    struct world *w = calloc(1, sizeof *w);
    static const char symbols[2][9] = {"ABC", "XYZ"};
    wt_venue_defaults(&w->config);
    for (unsigned i = 0; i < CLIENTS; i++) {
        snprintf(w->accounts[i].username, sizeof w->accounts[i].username, "U%u", i);
        snprintf(w->accounts[i].password, sizeof w->accounts[i].password, "secret");
        w->client[i].connection = -1;
        w->client[i].next = 1;
    }
    w->config.accounts = w->accounts;
    w->config.account_count = CLIENTS;
    w->config.symbols = symbols;
    w->config.symbol_count = 2;
    w->config.max_orders = 4096;
    w->config.feed.store_messages = 1 << 16;
    w->config.feed.store_bytes = 1 << 22;
    w->config.faults.seed = 1;
    w->now = START;
    return w;
}

static inline void begin(struct world *w)
{
    assert_int_equal(wt_venue_create(&w->config, (struct wt_line_wire){w, on_packet}, &w->venue), 0);
    wt_venue_start(w->venue, w->now);
}

static inline void world_free(struct world *w)
{
    struct wt_venue_stats s;
    wt_venue_stats(w->venue, &s);
    assert_int_equal(s.orders.accepted_shares,
                     s.orders.executed_shares + s.orders.canceled_shares + s.orders.open_shares);
    assert_int_equal(wt_venue_ledger_check(w->venue), 0); /* what clients were told is what the books have */
    wt_venue_destroy(w->venue);
    wt_twin_destroy(w->twin);
    free(w);
}

static inline void take_packet(struct client *c, const struct wt_soup_packet *p)
{
    struct wt_soup_login_accepted accepted;
    switch (p->type) {
    case WT_SOUP_LOGIN_ACCEPTED:
        assert_int_equal(wt_soup_get_login_accepted(p, &accepted), 0);
        assert_int_equal(accepted.sequence, c->next);
        c->logged_in = true;
        break;
    case WT_SOUP_LOGIN_REJECTED:
        c->rejected_logins++;
        break;
    case WT_SOUP_SERVER_HEARTBEAT:
        c->heartbeats++;
        break;
    default:
        assert_int_equal(p->type, WT_SOUP_SEQUENCED);
        assert_true(c->logged_in && c->count < KEPT);
        c->next++;
        assert_int_equal(wt_ouch_decode(WT_OUCH_OUT, p->payload, p->length, &c->messages[c->count]), 0);
        c->messages[c->count++].options = NULL;
    }
}

static inline void read_client(struct world *w, struct client *c)
{
    for (;;) {
        size_t room;
        uint8_t *to = wt_soup_room(&c->parser, &room);
        ssize_t n = wt_venue_output(w->venue, c->connection, w->now, to, room);
        if (n < 0) {
            wt_venue_close(w->venue, c->connection, w->now);
            c->connection = -1;
            c->logged_in = false;
            c->closed++;
            return;
        }
        if (n == 0)
            return;
        wt_soup_commit(&c->parser, (size_t)n);
        struct wt_soup_packet packet;
        int rc;
        while ((rc = wt_soup_next(&c->parser, &packet)) != 0) {
            assert_int_equal(rc, 1);
            take_packet(c, &packet);
        }
    }
}

static inline void run(struct world *w, uint64_t for_ns)
{
    uint64_t end = w->now + for_ns;
    for (;;) {
        wt_venue_run(w->venue, w->now);
        for (unsigned i = 0; i < CLIENTS; i++)
            if (w->client[i].connection >= 0)
                read_client(w, &w->client[i]);
        uint64_t next = wt_venue_next_ns(w->venue);
        if (next > end)
            break;
        if (next > w->now)
            w->now = next;
    }
    w->now = end;
    wt_venue_run(w->venue, w->now);
    for (unsigned i = 0; i < CLIENTS; i++)
        if (w->client[i].connection >= 0)
            read_client(w, &w->client[i]);
}

static inline void say(struct world *w, unsigned i, const void *bytes, size_t length)
{
    wt_venue_input(w->venue, w->client[i].connection, w->now, bytes, length);
}

static inline void log_in(struct world *w, unsigned i)
{
    struct client *c = &w->client[i];
    uint8_t bytes[64];
    char user[8];
    snprintf(user, sizeof user, "U%u", i);
    c->connection = wt_venue_open(w->venue, WT_VENUE_ORDERS, w->now);
    assert_true(c->connection >= 0);
    wt_soup_init(&c->parser, WT_SOUP_FROM_SERVER);
    c->logged_in = false;
    say(w, i, bytes, put_login(bytes, user, "secret", c->next));
    run(w, 0);
}

static inline void send_ouch(struct world *w, unsigned i, struct wt_ouch m)
{
    uint8_t bytes[256];
    say(w, i, bytes, put_ouch(bytes, &m));
    run(w, 1000);
}

static inline void enter(struct world *w, unsigned i, uint32_t ref, char side, uint32_t shares, uint32_t price)
{
    send_ouch(w, i, make_enter(ref, side, shares, "ABC", price));
}

static inline const struct wt_ouch *expect(struct world *w, unsigned i, char type, uint32_t ref)
{
    struct client *c = &w->client[i];
    assert_true(c->seen < c->count);
    const struct wt_ouch *m = &c->messages[c->seen++];
    assert_int_equal(m->type, type);
    if (type != WT_OUCH_SYSTEM)
        assert_int_equal(m->user_ref, ref);
    return m;
}

static inline void expect_nothing(struct world *w, unsigned i)
{
    assert_int_equal(w->client[i].seen, w->client[i].count);
}

static inline void expect_book(struct world *w, char side, uint32_t price, uint64_t shares)
{
    uint32_t p = 0, n;
    uint64_t s = 0;
    run(w, MS);
    wt_twin_level(w->twin, wt_twin_by_locate(w->twin, 1), side, 0, &p, &s, &n);
    assert_int_equal(p, price);
    assert_int_equal(s, shares);
}

static inline struct world *two_clients(void)
{
    struct world *w = world_new();
    begin(w);
    for (unsigned i = 0; i < 2; i++) {
        log_in(w, i);
        assert_int_equal(expect(w, i, WT_OUCH_SYSTEM, 0)->event, 'S');
    }
    return w;
}

#endif
