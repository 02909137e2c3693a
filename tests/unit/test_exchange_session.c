/* The order-entry session: gateway and exchange joined in virtual time, and a client gone mad. */
#include "tests/unit/exchange_bench.h"

#include "host/gateway/ouch.h"
#include "host/gateway/soup.h"

#define X "XYZ"
#define PRICE 1000000u

/* A market that says something at 0, 1 minute and 2 minutes. */
static struct bench *quiet(void)
{
    struct bench *b = bench_new();
    itch_directory(b, 1, X);
    itch_add(b, 1, X, 1, 'B', 100, PRICE);
    b->at = 60 * SECOND;
    itch_add(b, 1, X, 2, 'S', 100, PRICE);
    b->at = 120 * SECOND;
    itch_delete(b, 1, 1);
    return b;
}

static struct wt_exchange_stats stats(const struct bench *b)
{
    struct wt_exchange_stats s;
    wt_exchange_stats(b->exchange, &s);
    return s;
}

static void heartbeats_over_a_long_silence(void **state)
{
    (void)state;
    struct bench *b = quiet();
    bench_start(b);
    bench_run(b, LATENCY * 2 - 1);
    assert_int_equal(b->state, WT_GATEWAY_LOGGING_IN);
    bench_run(b, LATENCY * 2);
    assert_int_equal(b->state, WT_GATEWAY_UP);
    uint32_t id = bench_order(b, X, 'B', '0', 50, PRICE);
    bench_run(b, 59 * SECOND);
    expect(b, WT_EXEC_ACCEPTED, id, 50);
    expect_nothing(b);
    assert_int_equal(b->state, WT_GATEWAY_UP);
    struct wt_gateway_stats s;
    wt_gateway_stats(b->gateway, &s);
    assert_in_range(s.heartbeats_sent, 58, 59);
    assert_int_equal(s.next_sequence, 3);
    bench_run(b, 61 * SECOND);
    expect_fill(b, id, 50, PRICE, 'A');
    assert_int_equal(stats(b).logins, 1);
    /* The feed is at its end: the exchange alone would let the world end ... */
    bench_run(b, 121 * SECOND);
    assert_true(wt_exchange_feed_done(b->exchange));
    /* ... but while the client goes on, so does the session. */
    bench_run(b, 200 * SECOND);
    assert_int_equal(b->state, WT_GATEWAY_UP);
    wt_gateway_stop(b->gateway, b->now);
    bench_run(b, 201 * SECOND);
    assert_true(wt_exchange_next_ns(b->exchange) == UINT64_MAX);
    bench_free(b);
}

static void rejected_with(const char *user, const char *password, const char *session, const char *why)
{
    struct bench *b = quiet();
    strcpy(b->gateway_config.username, user);
    strcpy(b->gateway_config.password, password);
    strcpy(b->gateway_config.session, session);
    bench_start(b);
    bench_run(b, MS);
    assert_int_equal(b->state, WT_GATEWAY_REJECTED);
    assert_string_equal(b->why, why);
    assert_int_equal(stats(b).logins, 0);
    bench_free(b);
}

static void logins(void **state)
{
    (void)state;
    rejected_with("WT0001", "wrong", "", "login rejected: user name or password is wrong (A)");
    rejected_with("OTHER", "wiretick", "", "login rejected: user name or password is wrong (A)");
    rejected_with("WT0001", "wiretick", "NOSUCH", "login rejected: session not available (S)");
    struct bench *b = quiet();
    strcpy(b->gateway_config.username, "wt0001"); /* case does not count */
    strcpy(b->gateway_config.password, "WireTick");
    strcpy(b->gateway_config.session, "SIM0000001");
    bench_start(b);
    bench_run(b, MS);
    assert_int_equal(b->state, WT_GATEWAY_UP);
    bench_free(b);
}

static void gets_what_it_missed(void **state)
{
    (void)state;
    struct bench *b = quiet();
    bench_start(b);
    bench_run(b, MS);
    uint32_t id = bench_order(b, X, 'B', '0', 50, PRICE);
    bench_run(b, 2 * MS);
    expect(b, WT_EXEC_ACCEPTED, id, 50);
    wt_gateway_stop(b->gateway, b->now);
    bench_run(b, 70 * SECOND); /* filled meanwhile, at 60 s */
    expect_nothing(b);
    assert_int_equal(wt_gateway_start(b->gateway, b->now), 0);
    bench_run(b, 71 * SECOND);
    assert_int_equal(b->state, WT_GATEWAY_UP);
    expect_fill(b, id, 50, PRICE, 'A');
    assert_int_equal(b->reports[1].sequence, 3);
    assert_int_equal(b->reports[1].venue_ns, START + 60 * SECOND);
    expect_nothing(b);
    assert_int_equal(stats(b).logins, 2);
    /* From now on: nothing old. From the start: everything, once more. Beyond the end: from now on. */
    static const struct {
        uint64_t from, next;
        unsigned reports;
    } logins[] = {{0, 4, 0}, {1, 4, 2}, {1000, 4, 0}};
    for (int i = 0; i < 3; i++) {
        wt_gateway_stop(b->gateway, b->now);
        wt_gateway_destroy(b->gateway);
        b->gateway_config.next_sequence = logins[i].from;
        struct wt_gateway_handler handler = {.ctx = b, .exec = bench_exec, .state = bench_state};
        assert_int_equal(wt_gateway_create(&b->gateway_config, b->stream, handler, &b->gateway), 0);
        b->count = b->seen = 0;
        assert_int_equal(wt_gateway_start(b->gateway, b->now), 0);
        bench_run(b, (72 + (uint64_t)i) * SECOND);
        assert_int_equal(b->count, logins[i].reports);
        struct wt_gateway_stats s;
        wt_gateway_stats(b->gateway, &s);
        assert_int_equal(s.next_sequence, logins[i].next);
    }
    bench_free(b);
}

static void put(struct bench *b, const void *bytes, size_t length)
{
    assert_int_equal(b->stream.send(b->stream.ctx, bytes, length), 0);
}

static size_t take(struct bench *b, uint8_t *bytes, size_t room, bool *closed)
{
    ssize_t n = b->stream.recv(b->stream.ctx, bytes, room);
    *closed = n == -ENOTCONN;
    assert_true(n >= 0 || *closed);
    return n > 0 ? (size_t)n : 0;
}

/* Let the exchange alone go on. */
static void run_exchange(struct bench *b, uint64_t ns)
{
    while (wt_exchange_next_ns(b->exchange) <= START + ns) {
        uint64_t next = wt_exchange_next_ns(b->exchange);
        b->now = next > b->now ? next : b->now;
        wt_exchange_run(b->exchange, b->now);
        assert_true(wt_exchange_next_ns(b->exchange) > b->now);
    }
    b->now = START + ns;
    wt_exchange_run(b->exchange, b->now);
}

static size_t login_bytes(const struct bench *b, uint8_t *bytes)
{
    struct wt_soup_login_request login = {.sequence = 1};
    strcpy(login.username, b->config.username);
    strcpy(login.password, b->config.password);
    return (size_t)wt_soup_put_login_request(bytes, 64, &login);
}

static void silent_clients(void **state)
{
    (void)state;
    struct bench *b = quiet();
    uint8_t bytes[512];
    bool closed;
    bench_build(b);
    assert_int_equal(b->stream.send(b->stream.ctx, "x", 1), -ENOTCONN);
    assert_int_equal(b->stream.connect(b->stream.ctx), 0);
    assert_int_equal(b->stream.connect(b->stream.ctx), -EISCONN);
    run_exchange(b, 30 * SECOND);
    assert_int_equal(take(b, bytes, sizeof bytes, &closed), 0);
    assert_false(closed);
    run_exchange(b, 31 * SECOND); /* no login in 30 s */
    assert_int_equal(take(b, bytes, sizeof bytes, &closed), 0);
    assert_true(closed);
    b->stream.close(b->stream.ctx);
    /* Logged in, then nothing more: heartbeats for 15 s, then the end. */
    assert_int_equal(b->stream.connect(b->stream.ctx), 0);
    put(b, bytes, login_bytes(b, bytes));
    run_exchange(b, 50 * SECOND);
    size_t n = take(b, bytes, sizeof bytes, &closed);
    assert_false(closed);
    size_t beats = (n - WT_SOUP_LOGIN_ACCEPTED_LENGTH - 13) / 3;
    assert_int_equal(n, WT_SOUP_LOGIN_ACCEPTED_LENGTH + 13 + 3 * beats); /* the system event is 13 */
    assert_int_equal(beats, 14);
    assert_int_equal(take(b, bytes, sizeof bytes, &closed), 0);
    assert_true(closed);
    bench_free(b);
}

static void bytes_of_an_old_connection(void **state)
{
    (void)state;
    struct bench *b = quiet();
    uint8_t bytes[512], login[64];
    size_t login_length;
    bool closed;
    bench_build(b);
    login_length = login_bytes(b, login);
    assert_int_equal(b->stream.connect(b->stream.ctx), 0);
    put(b, login, login_length);
    run_exchange(b, 2 * LATENCY - 1); /* the answer is under way ... */
    b->stream.close(b->stream.ctx);
    assert_int_equal(b->stream.connect(b->stream.ctx), 0); /* ... to a connection that is no more */
    run_exchange(b, MS);
    assert_int_equal(take(b, bytes, sizeof bytes, &closed), 0);
    assert_false(closed);
    put(b, login, 20);
    run_exchange(b, 2 * MS);
    put(b, login + 20, login_length - 20);
    run_exchange(b, 3 * MS);
    assert_int_equal(take(b, bytes, sizeof bytes, &closed), WT_SOUP_LOGIN_ACCEPTED_LENGTH + 13);
    bench_free(b);
}

static void protocol_errors_close(void **state)
{
    (void)state;
    static const struct {
        bool login;
        const char *bytes;
        size_t length;
    } errors[] = {
        {false, "\0\1R", 3},   /* before the login */
        {false, "\0\0", 2},    /* no type */
        {false, "\0\1?", 3},   /* unknown */
        {false, "\0\3Lxx", 5}, /* cut */
        {true, "\0\1S", 3},    /* the server's */
        {true, "\0\2Rx", 4},   /* too long */
        {true, "LLLL", 0},     /* a second login (below) */
    };
    for (size_t i = 0; i < sizeof errors / sizeof errors[0]; i++) {
        struct bench *b = quiet();
        uint8_t bytes[512], login[64];
        bool closed;
        bench_build(b);
        assert_int_equal(b->stream.connect(b->stream.ctx), 0);
        size_t n = login_bytes(b, login);
        if (errors[i].login)
            put(b, login, n);
        if (errors[i].length > 0)
            put(b, errors[i].bytes, errors[i].length);
        else
            put(b, login, n);
        put(b, "\0\1R", 3); /* not read any more */
        run_exchange(b, MS);
        while (take(b, bytes, sizeof bytes, &closed) > 0) {
        }
        assert_true(closed);
        assert_int_equal(stats(b).malformed, 1);
        bench_free(b);
    }
}

static void malformed_orders(void **state)
{
    (void)state;
    struct bench *b = quiet();
    bench_start(b);
    bench_run(b, MS);
    put(b, "\0\6UO\0\0\0\5", 8);           /* an Enter cut short, its number readable */
    put(b, "\0\6UO\0\0\0\5", 8);           /* used: silence */
    put(b, "\0\4UO\0\0", 6);               /* not even that */
    put(b, "\0\1U", 3);                    /* no message at all */
    put(b, "\0\2U?", 4);                   /* unknown */
    put(b, "\0\12UU\0\0\0\5\0\0\0\6", 12); /* a Replace cut short */
    bench_run(b, 2 * MS);
    expect_rejected(b, 5, WT_OUCH_REJECT_PROCESSING);
    expect_rejected(b, 6, WT_OUCH_REJECT_PROCESSING);
    expect_nothing(b);
    assert_int_equal(stats(b).malformed, 6);
    assert_int_equal(b->state, WT_GATEWAY_UP);
    bench_free(b);
}

static void no_room(void **state)
{
    (void)state;
    struct bench *b = quiet();
    static uint8_t lots[1 << 20];
    bench_build(b);
    assert_int_equal(b->stream.connect(b->stream.ctx), 0);
    assert_int_equal(b->stream.send(b->stream.ctx, lots, sizeof lots), 0);
    assert_int_equal(b->stream.send(b->stream.ctx, lots, 1), -EAGAIN);
    run_exchange(b, MS);
    assert_int_equal(b->stream.send(b->stream.ctx, lots, 1), 0);
    bench_free(b);
}

/* Rubbish: in packets, as OUCH messages, and as bytes. The exchange stands, and comes to rest. */
static void garbage(void **state)
{
    (void)state;
    unsigned seed = 5;
    struct bench *b = quiet();
    bench_build(b);
    uint8_t bytes[4096], login[64];
    size_t login_length = login_bytes(b, login);
    uint64_t ns = 0;
    bool closed = true;
    for (int i = 0; i < 20000; i++) {
        if (closed) {
            b->stream.close(b->stream.ctx);
            assert_int_equal(b->stream.connect(b->stream.ctx), 0);
            put(b, login, login_length);
        }
        size_t n = 4 + (size_t)rand_r(&seed) % 60;
        for (size_t k = 0; k < n; k++)
            bytes[k] = (uint8_t)(rand_r(&seed) % 3 ? rand_r(&seed) % 4 : rand_r(&seed));
        memset(bytes + 4, 0, 3); /* low numbers, or one of them uses up all others */
        memset(bytes + 8, 0, 3);
        int how = rand_r(&seed) % 100;
        if (how > 0 || i % 10) {
            wt_put_be16(bytes, (uint16_t)(n - 2));
            bytes[2] = (uint8_t)(how == 1 ? rand_r(&seed) : 'U');
        }
        if (how > 4) {
            bytes[3] = (uint8_t) "OUXMCDEQ"[rand_r(&seed) % 8];
            if (how > 30) { /* of the right length, and about orders that may be */
                static const uint8_t lengths[] = {47, 40, 9, 10, 17, 9, 9, 1};
                size_t m = strcspn("OUXMCDEQ", (char[]){(char)bytes[3], 0});
                if (n < 3u + lengths[m])
                    memset(bytes + n, 0, 3u + lengths[m] - n);
                n = 3u + lengths[m];
                wt_put_be16(bytes, (uint16_t)(n - 2));
                wt_put_be32(bytes + 4, (uint32_t)(300 + i - rand_r(&seed) % 3));
                if (bytes[3] == 'U') {
                    memcpy(bytes + 3 + 5,
                           "\0\0\0\0\0\0\0\144\0\0\0\0\0\x0f\x42\x40"
                           "0YN",
                           19);
                    memset(bytes + 3 + 38, 0, 2);
                    wt_put_be32(bytes + 8, (uint32_t)(300 + i));
                }
                if (bytes[3] == 'O') {
                    memcpy(bytes + 3 + 5,
                           "B\0\0\0\144XYZ     \0\0\0\0\0\x0f\x42\x40"
                           "0YPNN",
                           26);
                    memset(bytes + 3 + 45, 0, 2);
                    if (rand_r(&seed) % 2)
                        bytes[8 + rand_r(&seed) % 26] ^= (uint8_t)(1 << rand_r(&seed) % 8);
                }
            }
        }
        put(b, bytes, n);
        run_exchange(b, ns += 5000);
        take(b, bytes, sizeof bytes, &closed);
        bench_conserved(b);
    }
    assert_true(stats(b).malformed > 100);
    assert_true(stats(b).accepted > 100);
    assert_true(stats(b).rejected > 100);
    assert_true(stats(b).replaced > 5);
    assert_true(stats(b).canceled > 5);
    bench_free(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(heartbeats_over_a_long_silence),
        cmocka_unit_test(logins),
        cmocka_unit_test(gets_what_it_missed),
        cmocka_unit_test(silent_clients),
        cmocka_unit_test(bytes_of_an_old_connection),
        cmocka_unit_test(protocol_errors_close),
        cmocka_unit_test(malformed_orders),
        cmocka_unit_test(no_room),
        cmocka_unit_test(garbage),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
