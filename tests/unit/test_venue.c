/* The venue in virtual time: order entry in the engine and in a replayed market, and bytes of every kind. */
#include "tests/unit/venue_world.h"

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
    expect_file(
        dir, "orders.csv",
        "account,order,replaces,symbol,side,state,reason,price,accepted,filled,canceled,open,money,broken,name\n"
        "U0,1,0,ABC,B,FILLED,0,1000000,300,300,0,0,300000000,0,cccccccccccccc\n"
        "U0,2,0,ABC,B,LIVE,0,1000000,100,40,0,60,40000000,0,cccccccccccccc\n"
        "U0,3,0,ABC,B,REPLACED,0,999900,100,0,100,0,0,0,cccccccccccccc\n"
        "U0,4,0,ABC,S,LIVE,85,1000100,70,0,20,50,0,0,cccccccccccccc\n"
        "U0,5,3,ABC,B,LIVE,0,1000000,50,0,0,50,0,0,\n"
        "U0,6,3,, ,IGNORED,0,0,0,0,0,0,0,0,\n"
        "U1,1,0,ABC,S,FILLED,0,1000000,340,340,0,0,340000000,0,cccccccccccccc\n"
        "U1,2,0,ABC,S,REJECTED,29,0,0,0,0,0,0,0,cccccccccccccc\n");
    struct wt_venue_reject rejects[2];
    assert_int_equal(wt_venue_rejects(w->venue, rejects, 2), 1);
    assert_int_equal(rejects[0].reason, WT_OUCH_REJECT_PRICE);
    assert_int_equal(rejects[0].orders, 1);
    assert_int_equal(wt_venue_dump(w->venue, "/nonexistent"), -ENOENT);
    rmdir(dir);
    world_free(w);
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
        cmocka_unit_test(replayed_file),
        cmocka_unit_test(random_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
