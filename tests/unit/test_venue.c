/* The venue in virtual time: order entry in the engine and in a replayed market, and every fault on demand. */
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

static void new_twin(struct world *w)
{
    struct wt_twin_config config;
    wt_twin_destroy(w->twin);
    wt_twin_defaults(&config);
    config.max_orders = 1 << 16;
    assert_int_equal(wt_twin_create(&config, &w->twin), 0);
    w->next = 1;
}

static void take_message(struct world *w, const uint8_t *message, size_t length)
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
static void on_packet(void *ctx, unsigned line, uint64_t when_ns, const uint8_t *mold, size_t length)
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

static struct world *world_new(void)
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

static void begin(struct world *w)
{
    assert_int_equal(wt_venue_create(&w->config, (struct wt_line_wire){w, on_packet}, &w->venue), 0);
    wt_venue_start(w->venue, w->now);
}

static void world_free(struct world *w)
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

static void take_packet(struct client *c, const struct wt_soup_packet *p)
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

static void read_client(struct world *w, struct client *c)
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

static void run(struct world *w, uint64_t for_ns)
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

static void say(struct world *w, unsigned i, const void *bytes, size_t length)
{
    wt_venue_input(w->venue, w->client[i].connection, w->now, bytes, length);
}

static void log_in(struct world *w, unsigned i)
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

static void send_ouch(struct world *w, unsigned i, struct wt_ouch m)
{
    uint8_t bytes[256];
    say(w, i, bytes, put_ouch(bytes, &m));
    run(w, 1000);
}

static void enter(struct world *w, unsigned i, uint32_t ref, char side, uint32_t shares, uint32_t price)
{
    send_ouch(w, i, make_enter(ref, side, shares, "ABC", price));
}

static const struct wt_ouch *expect(struct world *w, unsigned i, char type, uint32_t ref)
{
    struct client *c = &w->client[i];
    assert_true(c->seen < c->count);
    const struct wt_ouch *m = &c->messages[c->seen++];
    assert_int_equal(m->type, type);
    if (type != WT_OUCH_SYSTEM)
        assert_int_equal(m->user_ref, ref);
    return m;
}

static void expect_nothing(struct world *w, unsigned i)
{
    assert_int_equal(w->client[i].seen, w->client[i].count);
}

static void expect_book(struct world *w, char side, uint32_t price, uint64_t shares)
{
    uint32_t p = 0, n;
    uint64_t s = 0;
    run(w, MS);
    wt_twin_level(w->twin, wt_twin_by_locate(w->twin, 1), side, 0, &p, &s, &n);
    assert_int_equal(p, price);
    assert_int_equal(s, shares);
}

static struct world *two_clients(void)
{
    struct world *w = world_new();
    begin(w);
    for (unsigned i = 0; i < 2; i++) {
        log_in(w, i);
        assert_int_equal(expect(w, i, WT_OUCH_SYSTEM, 0)->event, 'S');
    }
    return w;
}

/* ---------------------------------------------------------------- order entry in the engine */

static struct wt_ouch with_option(struct wt_ouch m, uint8_t *options, uint8_t tag, const void *value, size_t length)
{
    size_t n = 0;
    assert_int_equal(wt_ouch_option_put(options, 64, &n, tag, value, length), 0);
    m.options = options;
    m.options_length = (uint16_t)n;
    return m;
}

static void every_request(void **state)
{
    (void)state;
    struct world *w = two_clients();
    const struct wt_ouch *m;
    enter(w, 0, 1, 'B', 300, PRICE);
    m = expect(w, 0, WT_OUCH_ACCEPTED, 1);
    uint64_t first_ref = m->order_ref;
    assert_in_range(m->timestamp, OPENING, OPENING + SECOND);
    expect_book(w, 'B', PRICE, 300);
    /* Replace for fewer: same reference, and the feed says X. */
    struct wt_ouch r = {.type = WT_OUCH_REPLACE,
                        .orig_ref = 1,
                        .user_ref = 2,
                        .quantity = 200,
                        .price = PRICE,
                        .tif = '0',
                        .display = 'Y',
                        .iso = 'N'};
    memset(r.cl_ord_id, ' ', sizeof r.cl_ord_id);
    send_ouch(w, 0, r);
    m = expect(w, 0, WT_OUCH_REPLACED, 2);
    assert_int_equal(m->order_ref, first_ref);
    assert_int_equal(m->orig_ref, 1);
    assert_int_equal(m->quantity, 200);
    expect_book(w, 'B', PRICE, 200);
    assert_int_equal(w->types['X'], 1);
    /* At another price: a new one, U. */
    r.orig_ref = 2;
    r.user_ref = 3;
    r.price = PRICE + 100;
    send_ouch(w, 0, r);
    assert_true(expect(w, 0, WT_OUCH_REPLACED, 3)->order_ref > first_ref);
    expect_book(w, 'B', PRICE + 100, 200);
    assert_int_equal(w->types['U'], 1);
    /* Part of it trades; the size of a replacement includes that. */
    enter(w, 1, 1, 'S', 50, PRICE);
    expect(w, 1, WT_OUCH_ACCEPTED, 1);
    m = expect(w, 1, WT_OUCH_EXECUTED, 1);
    assert_int_equal(m->price, PRICE + 100);
    assert_int_equal(expect(w, 0, WT_OUCH_EXECUTED, 3)->match, m->match);
    r.orig_ref = 3;
    r.user_ref = 4;
    r.quantity = 150;
    send_ouch(w, 0, r);
    assert_int_equal(expect(w, 0, WT_OUCH_REPLACED, 4)->quantity, 100);
    /* Other terms: not displayed now. */
    r.orig_ref = 4;
    r.user_ref = 5;
    r.display = 'N';
    send_ouch(w, 0, r);
    assert_int_equal(expect(w, 0, WT_OUCH_REPLACED, 5)->display, 'N');
    expect_book(w, 'B', 0, 0);
    enter(w, 1, 2, 'S', 40, PRICE);
    expect(w, 1, WT_OUCH_ACCEPTED, 2);
    assert_int_equal(expect(w, 1, WT_OUCH_EXECUTED, 2)->quantity, 40);
    expect(w, 0, WT_OUCH_EXECUTED, 5);
    run(w, MS);
    assert_int_equal(w->types['P'], 1);
    /* A replacement that makes no sense cancels the original, and its number is not used up. */
    r.orig_ref = 5;
    r.user_ref = 6;
    r.price = PRICE + 1;
    send_ouch(w, 0, r);
    assert_int_equal(expect(w, 0, WT_OUCH_CANCELED, 5)->quantity, 60);
    send_ouch(w, 0, r); /* of a dead order: silence */
    expect_nothing(w, 0);
    /* Post-only, minimum quantity, IOC, self-match. */
    uint8_t options[64];
    enter(w, 0, 6, 'S', 100, PRICE);
    expect(w, 0, WT_OUCH_ACCEPTED, 6);
    send_ouch(w, 1, with_option(make_enter(3, 'B', 100, "ABC", PRICE), options, WT_OUCH_TAG_POST_ONLY, "P", 1));
    assert_int_equal(expect(w, 1, WT_OUCH_REJECTED, 3)->reason, WT_OUCH_REJECT_OTHER);
    struct wt_ouch o = make_enter(4, 'B', 200, "ABC", PRICE);
    o.tif = '3';
    send_ouch(w, 1, with_option(o, options, WT_OUCH_TAG_MIN_QTY, "\0\0\0\x96", 4));
    expect(w, 1, WT_OUCH_ACCEPTED, 4);
    m = expect(w, 1, WT_OUCH_CANCELED, 4);
    assert_int_equal(m->quantity, 200);
    assert_int_equal(m->reason, 'I');
    o.user_ref = 5;
    send_ouch(w, 1, o);
    expect(w, 1, WT_OUCH_ACCEPTED, 5);
    assert_int_equal(expect(w, 1, WT_OUCH_EXECUTED, 5)->quantity, 100);
    assert_int_equal(expect(w, 1, WT_OUCH_CANCELED, 5)->quantity, 100);
    expect(w, 0, WT_OUCH_EXECUTED, 6);
    enter(w, 0, 7, 'S', 100, PRICE);
    expect(w, 0, WT_OUCH_ACCEPTED, 7);
    enter(w, 0, 8, 'B', 100, PRICE);
    expect(w, 0, WT_OUCH_ACCEPTED, 8);
    assert_int_equal(expect(w, 0, WT_OUCH_AIQ_CANCELED, 8)->prevented, 100);
    /* Cancel down, modify, mass cancel, disable, enable, query. */
    send_ouch(w, 0, (struct wt_ouch){.type = WT_OUCH_CANCEL, .user_ref = 7, .quantity = 70});
    assert_int_equal(expect(w, 0, WT_OUCH_CANCELED, 7)->quantity, 30);
    expect_book(w, 'S', PRICE, 70);
    send_ouch(w, 0, (struct wt_ouch){.type = WT_OUCH_MODIFY, .user_ref = 7, .side = 'T', .quantity = 70});
    assert_int_equal(expect(w, 0, WT_OUCH_MODIFIED, 7)->side, 'T');
    struct wt_ouch all = {.type = WT_OUCH_MASS_CANCEL, .user_ref = 9};
    memset(all.symbol, ' ', 8);
    memset(all.firm, ' ', 4);
    send_ouch(w, 0, all);
    expect(w, 0, WT_OUCH_MASS_CANCEL_RESPONSE, 9);
    assert_int_equal(expect(w, 0, WT_OUCH_CANCELED, 7)->quantity, 70);
    all.type = WT_OUCH_DISABLE;
    all.user_ref = 10;
    send_ouch(w, 0, all);
    expect(w, 0, WT_OUCH_DISABLE_RESPONSE, 10);
    enter(w, 0, 11, 'B', 100, PRICE);
    assert_int_equal(expect(w, 0, WT_OUCH_REJECTED, 11)->reason, WT_OUCH_REJECT_FIRM);
    all.type = WT_OUCH_ENABLE;
    all.user_ref = 12;
    send_ouch(w, 0, all);
    expect(w, 0, WT_OUCH_ENABLE_RESPONSE, 12);
    send_ouch(w, 0, (struct wt_ouch){.type = WT_OUCH_QUERY});
    expect(w, 0, WT_OUCH_QUERY_RESPONSE, 13);
    enter(w, 0, 12, 'B', 100, PRICE); /* a number that was used: silence */
    expect_nothing(w, 0);
    expect_nothing(w, 1);
    expect_book(w, 'S', 0, 0);
    world_free(w);
}

static void end_of_the_day(void **state)
{
    (void)state;
    struct world *w = two_clients();
    enter(w, 0, 1, 'B', 300, PRICE);
    expect(w, 0, WT_OUCH_ACCEPTED, 1);
    wt_venue_end(w->venue, w->now);
    run(w, MS);
    assert_int_equal(expect(w, 0, WT_OUCH_CANCELED, 1)->reason, 'T');
    assert_int_equal(expect(w, 0, WT_OUCH_SYSTEM, 0)->event, 'E');
    assert_int_equal(w->ends, 1);
    assert_int_equal(w->types['D'], 1);
    assert_int_equal(w->types['S'], 6);
    enter(w, 0, 2, 'B', 300, PRICE);
    assert_int_equal(expect(w, 0, WT_OUCH_REJECTED, 2)->reason, WT_OUCH_REJECT_CLOSED);
    run(w, 3 * SECOND); /* said again and again */
    assert_in_range(w->ends, 3, 5);
    world_free(w);
}

static void silence_and_heartbeats(void **state)
{
    (void)state;
    struct world *w = two_clients();
    int waiting = wt_venue_open(w->venue, WT_VENUE_ORDERS, w->now);
    for (unsigned i = 0; i < 20; i++) {
        run(w, SECOND);
        say(w, 1, "\0\1R", 3);
    }
    assert_int_equal(w->client[0].closed, 1); /* silent for 15 s */
    assert_in_range(w->client[0].heartbeats, 13, 15);
    assert_int_equal(w->client[1].closed, 0);
    assert_in_range(w->client[1].heartbeats, 19, 21);
    uint8_t byte;
    assert_int_equal(wt_venue_output(w->venue, waiting, w->now, &byte, 1), 0);
    run(w, 11 * SECOND); /* no login within 30 s */
    assert_int_equal(wt_venue_output(w->venue, waiting, w->now, &byte, 1), -ENOTCONN);
    wt_venue_close(w->venue, waiting, w->now);
    world_free(w);
}

static void cancel_on_disconnect(void **state)
{
    (void)state;
    for (unsigned on = 0; on < 2; on++) {
        struct world *w = world_new();
        w->config.cancel_on_disconnect = on;
        begin(w);
        log_in(w, 0);
        expect(w, 0, WT_OUCH_SYSTEM, 0);
        enter(w, 0, 1, 'B', 300, PRICE);
        expect(w, 0, WT_OUCH_ACCEPTED, 1);
        wt_venue_close(w->venue, w->client[0].connection, w->now);
        w->client[0].connection = -1;
        expect_book(w, 'B', on ? 0 : PRICE, on ? 0 : 300);
        log_in(w, 0);
        if (on)
            assert_int_equal(expect(w, 0, WT_OUCH_CANCELED, 1)->reason, 'Z');
        expect_nothing(w, 0);
        world_free(w);
    }
}

static void expect_file(const char *dir, const char *name, const char *text)
{
    char path[64], got[4096];
    snprintf(path, sizeof path, "%s/%s", dir, name);
    FILE *f = fopen(path, "r");
    assert_non_null(f);
    got[fread(got, 1, sizeof got - 1, f)] = '\0';
    fclose(f);
    unlink(path);
    assert_string_equal(got, text);
}

/* What the venue writes at the end: every level of the books, every order of the accounts. */
static void books_and_orders_in_files(void **state)
{
    (void)state;
    struct world *w = two_clients();
    char dir[] = "/tmp/wiretick-venue-XXXXXX";
    assert_non_null(mkdtemp(dir));
    enter(w, 0, 1, 'B', 300, PRICE);
    enter(w, 0, 2, 'B', 100, PRICE);
    enter(w, 0, 3, 'B', 100, PRICE - 100);
    enter(w, 0, 4, 'S', 70, PRICE + 100);
    enter(w, 1, 1, 'S', 340, PRICE);
    enter(w, 1, 2, 'S', 340, PRICE + 1);
    send_ouch(w, 0, (struct wt_ouch){.type = WT_OUCH_CANCEL, .user_ref = 4, .quantity = 50});
    struct wt_ouch r = {
        .type = WT_OUCH_REPLACE, .orig_ref = 3, .user_ref = 5, .quantity = 50, .price = PRICE, .tif = '0'};
    r.display = 'Y';
    r.iso = 'N';
    send_ouch(w, 0, r);
    r.user_ref = 6; /* of an order that is gone */
    send_ouch(w, 0, r);
    assert_int_equal(wt_venue_dump(w->venue, dir), 0);
    expect_file(dir, "books.csv",
                "symbol,side,level,price,shares,orders\n"
                "ABC,B,0,1000000,110,2\n"
                "ABC,S,0,1000100,50,1\n");
    expect_file(dir, "orders.csv",
                "account,order,replaces,symbol,side,state,reason,price,accepted,filled,canceled,open,money,broken\n"
                "U0,1,0,ABC,B,FILLED,0,1000000,300,300,0,0,300000000,0\n"
                "U0,2,0,ABC,B,LIVE,0,1000000,100,40,0,60,40000000,0\n"
                "U0,3,0,ABC,B,REPLACED,0,999900,100,0,100,0,0,0\n"
                "U0,4,0,ABC,S,LIVE,85,1000100,70,0,20,50,0,0\n"
                "U0,5,3,ABC,B,LIVE,0,1000000,50,0,0,50,0,0\n"
                "U0,6,3,, ,IGNORED,0,0,0,0,0,0,0,0\n"
                "U1,1,0,ABC,S,FILLED,0,1000000,340,340,0,0,340000000,0\n"
                "U1,2,0,ABC,S,REJECTED,29,0,0,0,0,0,0,0\n");
    struct wt_venue_reject rejects[2];
    assert_int_equal(wt_venue_rejects(w->venue, rejects, 2), 1);
    assert_int_equal(rejects[0].reason, WT_OUCH_REJECT_PRICE);
    assert_int_equal(rejects[0].orders, 1);
    assert_int_equal(wt_venue_dump(w->venue, "/nonexistent"), -ENOENT);
    rmdir(dir);
    world_free(w);
}

/* ---------------------------------------------------------------- faults */

/* Orders under faults: whatever happens to the connections, the client knows everything in the end. */
static void lost_delayed_cut_and_doubled(void **state)
{
    (void)state;
    struct world *w = world_new();
    w->config.faults = (struct wt_session_faults){.seed = 5,
                                                  .disconnect_ppm = 50000,
                                                  .deaf_ppm = 50000,
                                                  .lost_ppm = 50000,
                                                  .delay_ppm = 100000,
                                                  .delay_ns = 5 * MS,
                                                  .duplicate_ppm = 50000,
                                                  .reject_ppm = 100000};
    begin(w);
    struct client *c = &w->client[0];
    for (uint32_t ref = 1; ref <= 400; ref++) {
        if (c->connection < 0)
            log_in(w, 0);
        if (c->connection >= 0)
            enter(w, 0, ref, 'B', 10, PRICE);
        run(w, MS);
    }
    do {
        if (c->connection < 0)
            log_in(w, 0);
        run(w, 10 * MS);
    } while (c->connection < 0);
    assert_true(c->closed > 20);
    /* Every order that got there is accepted or rejected once; duplicates are the same message twice in a row. */
    unsigned accepted = 0, rejected = 0, doubled = 0;
    uint32_t last = 0;
    for (unsigned i = 1; i < c->count; i++) {
        const struct wt_ouch *m = &c->messages[i];
        assert_true(m->type == WT_OUCH_ACCEPTED || m->type == WT_OUCH_REJECTED);
        if (m->user_ref == last) {
            assert_memory_equal(m, m - 1, sizeof *m);
            doubled++;
            continue;
        }
        assert_true(m->user_ref > last);
        last = m->user_ref;
        accepted += m->type == WT_OUCH_ACCEPTED;
        rejected += m->type == WT_OUCH_REJECTED;
    }
    struct wt_venue_stats s;
    wt_venue_stats(w->venue, &s);
    assert_int_equal(s.orders.accepted, accepted);
    assert_int_equal(s.orders.rejected, rejected);
    assert_true(s.happened.disconnected > 5 && s.happened.deaf > 5 && s.happened.lost > 5 && s.happened.delayed > 5);
    assert_int_equal(s.happened.rejected, rejected);
    assert_true(doubled > 5 && rejected > 10 && accepted > 200);
    expect_book(w, 'B', PRICE, 10ull * accepted);
    world_free(w);
}

/* Cancels that are pending or refused, and trades that are broken. */
static void cancels_and_trades_undone(void **state)
{
    (void)state;
    struct world *w = world_new();
    w->config.faults.cancel_reject_ppm = 1000000;
    begin(w);
    log_in(w, 0);
    expect(w, 0, WT_OUCH_SYSTEM, 0);
    enter(w, 0, 1, 'B', 300, PRICE);
    expect(w, 0, WT_OUCH_ACCEPTED, 1);
    send_ouch(w, 0, (struct wt_ouch){.type = WT_OUCH_CANCEL, .user_ref = 1});
    expect(w, 0, WT_OUCH_CANCEL_REJECTED, 1);
    send_ouch(w, 0, (struct wt_ouch){.type = WT_OUCH_CANCEL, .user_ref = 7}); /* no such order: silence, not a reject */
    expect_nothing(w, 0);
    expect_book(w, 'B', PRICE, 300);
    world_free(w);

    w = world_new();
    w->config.faults.cancel_pending_ppm = 1000000;
    w->config.faults.break_ppm = 1000000;
    w->config.faults.later_ns = 10 * MS;
    begin(w);
    for (unsigned i = 0; i < 2; i++) {
        log_in(w, i);
        expect(w, i, WT_OUCH_SYSTEM, 0);
    }
    enter(w, 0, 1, 'B', 300, PRICE);
    expect(w, 0, WT_OUCH_ACCEPTED, 1);
    send_ouch(w, 0, (struct wt_ouch){.type = WT_OUCH_CANCEL, .user_ref = 1, .quantity = 100});
    expect(w, 0, WT_OUCH_CANCEL_PENDING, 1);
    /* While it is pending: once more is nothing, a replace is refused and its number used, and it trades. */
    send_ouch(w, 0, (struct wt_ouch){.type = WT_OUCH_CANCEL, .user_ref = 1});
    struct wt_ouch r = {
        .type = WT_OUCH_REPLACE, .orig_ref = 1, .user_ref = 2, .quantity = 50, .price = PRICE, .tif = '0'};
    r.display = 'Y';
    r.iso = 'N';
    send_ouch(w, 0, r);
    expect(w, 0, WT_OUCH_REJECTED, 2);
    enter(w, 0, 2, 'B', 100, PRICE);
    expect_nothing(w, 0);
    enter(w, 1, 1, 'S', 50, PRICE);
    expect(w, 1, WT_OUCH_ACCEPTED, 1);
    uint64_t match = expect(w, 1, WT_OUCH_EXECUTED, 1)->match;
    expect(w, 0, WT_OUCH_EXECUTED, 1);
    expect_nothing(w, 0);
    run(w, 10 * MS);
    /* Down to the 100 asked for, of which 50 have traded; then the trade is broken, for both, once. */
    assert_int_equal(expect(w, 0, WT_OUCH_CANCELED, 1)->quantity, 200);
    for (unsigned i = 0; i < 2; i++) {
        const struct wt_ouch *m = expect(w, i, WT_OUCH_BROKEN, 1);
        assert_int_equal(m->match, match);
        assert_int_equal(m->reason, 'S');
        expect_nothing(w, i);
    }
    expect_book(w, 'B', PRICE, 50);
    assert_int_equal(w->types['B'], 1);
    /* A pending cancel of an order that trades meanwhile ends in nothing. */
    send_ouch(w, 0, (struct wt_ouch){.type = WT_OUCH_CANCEL, .user_ref = 1});
    expect(w, 0, WT_OUCH_CANCEL_PENDING, 1);
    enter(w, 1, 2, 'S', 50, PRICE);
    run(w, 20 * MS);
    expect(w, 0, WT_OUCH_EXECUTED, 1);
    expect(w, 0, WT_OUCH_BROKEN, 1);
    expect_nothing(w, 0);
    struct wt_venue_stats s;
    wt_venue_stats(w->venue, &s);
    assert_int_equal(s.happened.broken, 4);
    assert_int_equal(s.happened.cancels_pending, 2);
    world_free(w);
}

static void halts(void **state)
{
    (void)state;
    struct world *w = world_new();
    w->config.halt = (struct wt_venue_spell){10 * MS, 10 * MS};
    begin(w);
    log_in(w, 0);
    expect(w, 0, WT_OUCH_SYSTEM, 0);
    enter(w, 0, 1, 'B', 300, PRICE);
    expect(w, 0, WT_OUCH_ACCEPTED, 1);
    run(w, 12 * MS);
    assert_int_equal(w->types['H'], 4);
    enter(w, 0, 2, 'B', 300, PRICE);
    assert_int_equal(expect(w, 0, WT_OUCH_REJECTED, 2)->reason, WT_OUCH_REJECT_HALTED);
    send_ouch(w, 0, (struct wt_ouch){.type = WT_OUCH_CANCEL, .user_ref = 1, .quantity = 100});
    expect(w, 0, WT_OUCH_CANCELED, 1);
    run(w, 10 * MS);
    assert_int_equal(w->types['H'], 6);
    enter(w, 0, 3, 'B', 300, PRICE);
    expect(w, 0, WT_OUCH_ACCEPTED, 3);
    world_free(w);
}

static void a_venue_that_stops_answering(void **state)
{
    (void)state;
    struct world *w = world_new();
    w->config.silent = (struct wt_venue_spell){10 * MS, 20 * SECOND};
    begin(w);
    log_in(w, 0);
    expect(w, 0, WT_OUCH_SYSTEM, 0);
    run(w, 11 * MS);
    uint8_t bytes[256];
    size_t n = put_enter(bytes, 1, 'B', 100, "ABC", PRICE);
    assert_true(wt_venue_silent(w->venue));
    assert_int_equal(wt_venue_input(w->venue, w->client[0].connection, w->now, bytes, n), -EAGAIN);
    run(w, 19 * SECOND);
    expect_nothing(w, 0);
    assert_int_equal(w->client[0].heartbeats, 0);
    assert_true(w->last_ns[0] > w->now - 2 * SECOND); /* the feed goes on */
    run(w, 2 * SECOND); /* nobody is taken for dead because the venue did not listen */
    assert_int_equal(w->client[0].closed, 0);
    assert_int_equal(wt_venue_input(w->venue, w->client[0].connection, w->now, bytes, n), 0);
    run(w, MS);
    expect(w, 0, WT_OUCH_ACCEPTED, 1);
    assert_true(w->client[0].heartbeats > 0);
    world_free(w);
}

static void the_session_changes(void **state)
{
    (void)state;
    struct world *w = world_new();
    w->config.session_change_ns = 50 * MS;
    begin(w);
    log_in(w, 0);
    enter(w, 0, 1, 'B', 300, PRICE);
    enter(w, 0, 2, 'B', 200, PRICE);
    enter(w, 0, 3, 'S', 100, PRICE + 500);
    expect_book(w, 'B', PRICE, 500);
    run(w, 60 * MS);
    assert_int_equal(w->ends, 1);
    assert_int_equal(w->sessions, 2);
    assert_memory_equal(w->session, "WTICK00002", 10);
    expect_book(w, 'B', PRICE, 500); /* of the new session alone */
    expect_book(w, 'S', PRICE + 500, 100);
    enter(w, 0, 4, 'B', 100, PRICE + 100);
    expect_book(w, 'B', PRICE + 100, 100);
    struct wt_twin_stats s;
    wt_twin_stats(w->twin, &s);
    assert_int_equal(s.senseless + s.unknown_ref, 0);
    world_free(w);
}

static void the_clock_steps(void **state)
{
    (void)state;
    for (int back = 0; back < 2; back++) {
        struct world *w = world_new();
        w->config.clock_step_at_ns = 50 * MS;
        w->config.clock_step_ns = back ? -(int64_t)(10 * SECOND) : (int64_t)(10 * SECOND);
        begin(w);
        log_in(w, 0);
        expect(w, 0, WT_OUCH_SYSTEM, 0);
        enter(w, 0, 1, 'B', 300, PRICE);
        uint64_t before = expect(w, 0, WT_OUCH_ACCEPTED, 1)->timestamp;
        run(w, 60 * MS);
        enter(w, 0, 2, 'B', 300, PRICE);
        uint64_t after = expect(w, 0, WT_OUCH_ACCEPTED, 2)->timestamp;
        run(w, MS);
        assert_int_equal(w->stamps_back, back);
        if (back)
            assert_in_range(after, before - 10 * SECOND, before - 9 * SECOND);
        else
            assert_in_range(after, before + 10 * SECOND, before + 11 * SECOND);
        assert_int_equal(w->last_stamp, after);
        world_free(w);
    }
}

/* Each line has its own faults, the same for the same seed. */
static void line_faults(void **state)
{
    (void)state;
    struct wt_venue_stats s[2];
    for (unsigned round = 0; round < 2; round++) {
        struct world *w = world_new();
        w->config.line[0].loss_ppm = 100000;
        w->config.line[0].reorder_ppm = 100000;
        w->config.line[0].duplicate_ppm = 100000;
        w->config.line[1].skew_ns = 500000;
        w->config.line[1].corrupt_ppm = 200000;
        w->config.line[1].down_at_ns = 20 * MS;
        w->config.line[1].down_for_ns = 30 * MS;
        begin(w);
        log_in(w, 0);
        for (uint32_t ref = 1; ref <= 500; ref++) {
            enter(w, 0, ref, 'B', 10, PRICE);
            run(w, 200000);
            if (ref == 50) { /* the last packet of line B is half a millisecond old */
                assert_true(w->last_ns[1] <= w->now);
                assert_true(w->packets[1] > 0);
            }
        }
        run(w, 2 * MS);
        wt_venue_stats(w->venue, &s[round]);
        const struct wt_line_stats *a = &s[round].line[0], *b = &s[round].line[1];
        assert_true(a->lost > 20 && a->reordered > 20 && a->duplicated > 20 && a->corrupted == 0 && a->down == 0);
        assert_true(b->lost == 0 && b->down > 50 && b->corrupted > 40);
        assert_int_equal(a->sent, s[round].feed.packets + s[round].feed.heartbeats - a->lost + a->duplicated);
        assert_int_equal(b->sent, s[round].feed.packets + s[round].feed.heartbeats - b->down);
        assert_int_equal(w->packets[0], a->sent);
        assert_int_equal(w->packets[1], b->sent);
        assert_true(w->gaps[0] > 20);
        world_free(w);
    }
    assert_memory_equal(&s[0], &s[1], sizeof s[0]);
}

/* ---------------------------------------------------------------- a replayed market */

static void replayed_file(void **state)
{
    (void)state;
    char path[] = "/tmp/wiretick-venue-XXXXXX";
    FILE *f = fdopen(mkstemp(path), "wb");
    uint8_t m[WT_ITCH_MAX + 2];
    size_t n;
#define WRITE(call)                                                                                                    \
    n = call;                                                                                                          \
    wt_put_be16(m, (uint16_t)n);                                                                                       \
    assert_int_equal(fwrite(m, 1, n + 2, f), n + 2)
    WRITE(wt_itch_put_directory(m + 2, 7, OPENING, "ABC     "));
    WRITE(wt_itch_put_add(m + 2, 7, OPENING, 1, 'B', 100, "ABC     ", PRICE, NULL));
    WRITE(wt_itch_put_add(m + 2, 7, OPENING + 100 * MS, 2, 'B', 100, "ABC     ", PRICE, NULL));
    WRITE(wt_itch_put_executed(m + 2, 7, OPENING + 200 * MS, 1, 100, 1));
    WRITE(wt_itch_put_executed(m + 2, 7, OPENING + 300 * MS, 2, 60, 2));
    fclose(f);
    struct world *w = world_new();
    w->config.file = path;
    w->config.speed = 10;
    w->config.symbol_count = 0;
    begin(w);
    run(w, 2 * MS); /* 20 ms of the market's */
    assert_int_equal(w->types['A'], 1);
    log_in(w, 0);
    log_in(w, 1);
    expect(w, 0, WT_OUCH_SYSTEM, 0);
    expect(w, 1, WT_OUCH_SYSTEM, 0);
    enter(w, 0, 1, 'B', 50, PRICE); /* behind 1, before 2 */
    assert_in_range(expect(w, 0, WT_OUCH_ACCEPTED, 1)->timestamp, OPENING + 20 * MS, OPENING + 25 * MS);
    run(w, 10 * MS);
    enter(w, 1, 1, 'B', 50, PRICE); /* behind both */
    expect(w, 1, WT_OUCH_ACCEPTED, 1);
    run(w, 14 * MS);
    expect_nothing(w, 0); /* 1 is gone, and stood before ours */
    run(w, 10 * MS);
    assert_int_equal(expect(w, 0, WT_OUCH_EXECUTED, 1)->quantity, 50);
    expect_nothing(w, 1); /* each account stands alone, and this one behind order 2 */
    assert_true(wt_venue_market_done(w->venue));
    uint32_t price, count;
    uint64_t shares;
    assert_true(wt_twin_level(w->twin, wt_twin_by_locate(w->twin, 7), 'B', 0, &price, &shares, &count));
    assert_int_equal(shares, 40); /* the recorded market, to the share */
    wt_venue_end(w->venue, w->now);
    run(w, MS);
    assert_int_equal(expect(w, 1, WT_OUCH_CANCELED, 1)->reason, 'T');
    world_free(w);
    unlink(path);
}

/* ---------------------------------------------------------------- bytes of every kind */

/* Nothing that clients or requesters send breaks the venue; a good client is served in between. */
static void random_bytes(void **state)
{
    (void)state;
    struct world *w = two_clients();
    struct wt_random random;
    wt_random_seed(&random, 3);
    uint8_t bytes[600], reply[1472];
    uint32_t ref = 0;
    for (unsigned i = 0; i < 3000; i++) {
        enum wt_venue_port port = wt_random_below(&random, 8) ? WT_VENUE_ORDERS : WT_VENUE_GLIMPSE;
        int connection = wt_venue_open(w->venue, port, w->now);
        assert_true(connection >= 0);
        size_t n = 0;
        if (wt_random_below(&random, 2))
            n = put_login(bytes, port == WT_VENUE_ORDERS ? "U2" : "WT0001",
                          port == WT_VENUE_ORDERS ? "secret" : "wiretick", wt_random_below(&random, 3));
        for (unsigned packets = (unsigned)wt_random_below(&random, 4); packets > 0; packets--) {
            size_t from = n;
            struct wt_ouch m = make_enter(++ref, 'B', 100, "ABC", PRICE);
            n += put_ouch(bytes + n, &m);
            for (unsigned k = (unsigned)wt_random_below(&random, 4); k > 0; k--)
                bytes[from + wt_random_below(&random, n - from)] = (uint8_t)wt_random_next(&random);
        }
        n -= n ? (size_t)wt_random_below(&random, 2) : 0;
        for (size_t at = 0; at < n;) {
            size_t piece = 1 + (size_t)wt_random_below(&random, n - at);
            wt_venue_input(w->venue, connection, w->now, bytes + at, piece);
            at += piece;
        }
        while (wt_venue_output(w->venue, connection, w->now, bytes, sizeof bytes) > 0) {
        }
        wt_venue_close(w->venue, connection, w->now);
        for (size_t at = 0; at < 24; at++)
            bytes[at] = (uint8_t)wt_random_next(&random);
        wt_venue_rerequest(w->venue, bytes, (size_t)wt_random_below(&random, 24), reply);
        if (i % 300 == 0) {
            enter(w, 0, 1 + i, 'S', 100, PRICE + 100000);
            expect(w, 0, WT_OUCH_ACCEPTED, 1 + i);
        }
    }
    struct wt_venue_stats s;
    wt_venue_stats(w->venue, &s);
    assert_true(s.orders.malformed > 500 && s.orders.accepted > 10 && s.glimpses > 100);
    world_free(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_request),
        cmocka_unit_test(end_of_the_day),
        cmocka_unit_test(books_and_orders_in_files),
        cmocka_unit_test(silence_and_heartbeats),
        cmocka_unit_test(cancel_on_disconnect),
        cmocka_unit_test(lost_delayed_cut_and_doubled),
        cmocka_unit_test(cancels_and_trades_undone),
        cmocka_unit_test(halts),
        cmocka_unit_test(a_venue_that_stops_answering),
        cmocka_unit_test(the_session_changes),
        cmocka_unit_test(the_clock_steps),
        cmocka_unit_test(line_faults),
        cmocka_unit_test(replayed_file),
        cmocka_unit_test(random_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
