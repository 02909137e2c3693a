/* Latencies that vary: what is read, how they are distributed, that they are the same everywhere; and in the exchange,
 * who is late by how much, without overtaking. */
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <unistd.h>

#include "tests/unit/venue_client.h"

#include "host/config/config.h"
#include "host/market/itch_put.h"
#include "sim/exchange/exchange.h"
#include "sim/exchange/latency.h"
#include "sim/exchange/venue.h"

enum { DRAWS = 200000 };

#define MS 1000000ull
#define START (34200000 * MS)

static struct wt_latency parse(const char *text, uint64_t seed)
{
    struct wt_latency l;
    char why[WT_LATENCY_WHY];
    if (wt_latency_parse(&l, text, seed, why) != 0)
        fail_msg("'%s' is refused: %s", text, why);
    return l;
}

/* ---------------------------------------------------------------- words */

static void test_what_is_right(void **state)
{
    (void)state;
    struct wt_latency l = parse("constant 20000", 1);
    assert_int_equal(wt_latency_next(&l), 20000);
    assert_int_equal(wt_latency_next(&l), 20000);
    l = parse("  constant   10000000000 ", 1);
    assert_int_equal(wt_latency_next(&l), WT_LATENCY_MAX);
    l = parse("lognormal 20000 0.35", 1);
    assert_int_equal(l.ns, 20000);
    assert_int_equal(l.sigma, 350);
    l = parse("lognormal 1 4", 1);
    assert_int_equal(l.sigma, 4000);
    l = parse("lognormal 777 0", 1); /* no spread at all */
    for (int i = 0; i < 100; i++)
        assert_int_equal(wt_latency_next(&l), 777);
    l = parse("lognormal 5 1.25", 1);
    assert_int_equal(l.sigma, 1250);
    wt_latency_constant(&l, UINT64_MAX);
    assert_int_equal(wt_latency_next(&l), WT_LATENCY_MAX);
}

static void test_what_is_wrong(void **state)
{
    (void)state;
    static const char *const wrong[] = {"",
                                        "constant",
                                        "constant x",
                                        "constant -1",
                                        "constant 10000000001",
                                        "constant 1 2",
                                        "constant20",
                                        "lognormal 20000",
                                        "lognormal 0 1",
                                        "lognormal 20000 4.001",
                                        "lognormal 20000 0.1234",
                                        "lognormal 20000 .5",
                                        "lognormal 20000 1.",
                                        "lognormal 20000 -1",
                                        "lognormal 20000 1 1",
                                        "lognormal 99999999999999999999 1",
                                        "normal 1 1",
                                        "recorded",
                                        "recorded ",
                                        "recorded /nonexistent/file"};
    for (unsigned i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct wt_latency l;
        char why[WT_LATENCY_WHY];
        if (wt_latency_parse(&l, wrong[i], 1, why) == 0)
            fail_msg("'%s' is taken", wrong[i]);
        assert_true(why[0] != '\0');
        wt_latency_free(&l);
    }
}

static void write_file(char path[32], const char *text)
{
    strcpy(path, "/tmp/wt_latency_XXXXXX");
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    close(fd);
}

static int parse_file(struct wt_latency *l, const char *text, char why[WT_LATENCY_WHY])
{
    char path[32], words[64];
    write_file(path, text);
    snprintf(words, sizeof words, "recorded %s", path);
    int rc = wt_latency_parse(l, words, 1, why);
    unlink(path);
    return rc;
}

static void test_files_of_samples(void **state)
{
    (void)state;
    struct wt_latency l;
    char why[WT_LATENCY_WHY];
    assert_int_equal(parse_file(&l, "# measured\n\n 100\n200 # slow\r\n  300  \n400", why), 0);
    assert_int_equal(l.count, 4);
    static const uint64_t samples[] = {100, 200, 300, 400};
    unsigned count[4] = {0};
    for (unsigned i = 0; i < 40000; i++) {
        uint64_t ns = wt_latency_next(&l), k = ns / 100 - 1;
        assert_true(k < 4 && ns == samples[k]);
        count[k]++;
    }
    for (unsigned k = 0; k < 4; k++) /* five standard deviations of 87 */
        assert_in_range(count[k], 10000 - 433, 10000 + 433);
    wt_latency_free(&l);
    static const struct {
        const char *text, *line;
    } wrong[] = {{"", ":1:"}, {"# nothing\n", ":1:"}, {"1\n2\nx\n", ":3:"}, {"1 2\n", ":1:"}, {"5\n-3\n", ":2:"}};
    for (unsigned i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        assert_int_equal(parse_file(&l, wrong[i].text, why), -EINVAL);
        if (!strstr(why, wrong[i].line))
            fail_msg("'%s' names no line %s", why, wrong[i].line);
    }
}

/* ---------------------------------------------------------------- numbers */

/* Against the C library's own functions: parts below median x e^(z sigma), and the mean. */
static void test_lognormal_is_lognormal(void **state)
{
    (void)state;
    static const double z[] = {-2.326, -1.645, -1, -0.5, 0, 0.5, 1, 1.645, 2.326};
    static const char *const words[] = {"lognormal 20000 0.35", "lognormal 1000000 1", "lognormal 300000 0.05"};
    static const double median[] = {20000, 1000000, 300000}, sigma[] = {0.35, 1, 0.05};
    for (unsigned k = 0; k < 3; k++) {
        struct wt_latency l = parse(words[k], 7 + k);
        unsigned below[9] = {0};
        double sum = 0;
        for (unsigned i = 0; i < DRAWS; i++) {
            double ns = (double)wt_latency_next(&l);
            sum += ns;
            for (unsigned j = 0; j < 9; j++)
                below[j] += ns < median[k] * exp(z[j] * sigma[k]);
        }
        for (unsigned j = 0; j < 9; j++) {
            double p = 0.5 * erfc(-z[j] / sqrt(2)), deviation = sqrt(p * (1 - p) / DRAWS);
            if (fabs((double)below[j] / DRAWS - p) > 5 * deviation)
                fail_msg("%s: %.4f of it are below z = %.3f; should be %.4f", words[k], (double)below[j] / DRAWS, z[j],
                         p);
        }
        double mean = median[k] * exp(sigma[k] * sigma[k] / 2);
        double deviation = mean * sqrt((exp(sigma[k] * sigma[k]) - 1) / DRAWS);
        assert_true(fabs(sum / DRAWS - mean) < 5 * deviation);
    }
}

static void test_long_tails_end(void **state)
{
    (void)state;
    struct wt_latency l = parse("lognormal 1000000000 4", 3);
    unsigned longest = 0;
    for (unsigned i = 0; i < DRAWS; i++) {
        uint64_t ns = wt_latency_next(&l);
        assert_true(ns <= WT_LATENCY_MAX);
        longest += ns == WT_LATENCY_MAX;
    }
    assert_true(longest > DRAWS / 10);
}

/* The same seed means the same times wherever this runs: these were written down once. */
static void test_the_same_everywhere(void **state)
{
    (void)state;
    static const uint64_t first[] = {15511, 18575, 21613, 24016, 23528, 25922, 33529, 23582};
    struct wt_latency l = parse("lognormal 20000 0.35", 42), again = parse("lognormal 20000 0.35", 42),
                      other = parse("lognormal 20000 0.35", 43);
    uint64_t digest = 0;
    unsigned same = 0;
    for (unsigned i = 0; i < 10000; i++) {
        uint64_t ns = wt_latency_next(&l);
        if (i < sizeof first / sizeof first[0])
            assert_int_equal(ns, first[i]);
        assert_int_equal(wt_latency_next(&again), ns);
        same += wt_latency_next(&other) == ns;
        digest = (digest ^ ns) * 0x9e3779b97f4a7c15u;
        digest ^= digest >> 29;
    }
    assert_true(same < 10);
    assert_int_equal(digest, 0xca31101716f4fff0u);
}

/* ---------------------------------------------------------------- in the exchange */

enum { ORDERS = 200, PACKETS = 2 * ORDERS + 2, FRAMES = 400 };

struct world {
    struct wt_exchange *exchange;
    uint64_t now;
    struct {
        uint64_t when, clock;
    } frame[2][FRAMES];
    unsigned frames[2];
    uint64_t sent[ORDERS + 1]; /* by UserRefNum */
    uint64_t stamp[PACKETS];   /* of a packet's message; of the login: the time at which it came there */
    uint64_t received[PACKETS];
    uint32_t user_ref[PACKETS];
    unsigned packets;
    struct wt_soup_parser parser;
};

static uint64_t world_now(void *ctx)
{
    return ((struct world *)ctx)->now;
}

static int world_wire(void *ctx, unsigned line, uint64_t when_ns, const void *frame, size_t length, unsigned flags)
{
    struct world *w = ctx;
    (void)frame, (void)length, (void)flags;
    assert_true(w->frames[line] < FRAMES);
    w->frame[line][w->frames[line]].clock = w->now;
    w->frame[line][w->frames[line]++].when = when_ns;
    return 0;
}

static void take_packets(struct world *w, struct wt_stream *stream)
{
    struct wt_soup_packet p;
    ssize_t n;
    size_t room;
    uint8_t *to = wt_soup_room(&w->parser, &room);
    n = stream->recv(stream->ctx, to, room);
    assert_true(n >= 0);
    wt_soup_commit(&w->parser, (size_t)n);
    while (wt_soup_next(&w->parser, &p) > 0) {
        struct wt_ouch m = {0};
        if (p.type == WT_SOUP_SERVER_HEARTBEAT)
            continue;
        assert_true(w->packets < PACKETS);
        if (p.type == WT_SOUP_SEQUENCED)
            assert_int_equal(wt_ouch_decode(WT_OUCH_OUT, p.payload, p.length, &m), 0);
        w->received[w->packets] = w->now;
        w->stamp[w->packets] = m.timestamp;
        w->user_ref[w->packets++] = m.user_ref;
    }
}

static void pass(struct world *w, struct wt_stream *stream, uint64_t until)
{
    for (uint64_t next; (next = wt_exchange_next_ns(w->exchange)) <= until;) {
        w->now = next > w->now ? next : w->now;
        wt_exchange_run(w->exchange, w->now);
        take_packets(w, stream);
    }
    w->now = until;
    wt_exchange_run(w->exchange, w->now);
    take_packets(w, stream);
}

/* A market of a few messages, and orders in bunches, immediate or cancel, that trade with nobody. */
static void run_world(struct world *w, const char *in, const char *out, const char *data, uint64_t seed)
{
    struct wt_exchange_config config;
    char path[32];
    uint8_t m[2 + WT_ITCH_MAX], packet[256];
    memset(w, 0, sizeof *w);
    write_file(path, "");
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    for (unsigned i = 0; i < 300; i++) {
        uint64_t ns = START + i * 700000;
        size_t n = i == 0 ? wt_itch_put_directory(m + 2, 1, ns, "XYZ     ")
                          : wt_itch_put_add(m + 2, 1, ns, i, 'B', 100, "XYZ     ", 1000000, NULL);
        wt_put_be16(m, (uint16_t)n);
        assert_int_equal(fwrite(m, 1, n + 2, file), n + 2);
    }
    fclose(file);
    wt_exchange_defaults(&config);
    config.file = path;
    config.order_in = in;
    config.order_out = out;
    config.market_data = data;
    config.seed = seed;
    assert_int_equal(wt_exchange_create(&config, (struct wt_exchange_wire){w, world_wire}, &w->exchange), 0);
    unlink(path);
    w->now = START;
    wt_soup_init(&w->parser, WT_SOUP_FROM_SERVER);
    struct wt_stream stream = wt_exchange_stream(w->exchange, world_now, w);
    assert_int_equal(stream.connect(stream.ctx), 0);
    assert_int_equal(stream.send(stream.ctx, packet, put_login(packet, config.username, config.password, 1)), 0);
    pass(w, &stream, START + 20 * MS);
    for (uint32_t i = 1; i <= ORDERS; i++) {
        struct wt_ouch enter = make_enter(i, 'B', 100, "XYZ", 1000000);
        enter.tif = '3';
        pass(w, &stream, w->now + (i % 4 ? 10000 : 4 * MS)); /* four within what one takes */
        w->sent[i] = w->now;
        assert_int_equal(stream.send(stream.ctx, packet, put_ouch(packet, &enter)), 0);
    }
    pass(w, &stream, w->now + 200 * MS);
    assert_int_equal(w->packets, PACKETS);
    wt_exchange_destroy(w->exchange);
}

static uint64_t latest(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

static void test_in_the_exchange(void **state)
{
    (void)state;
    static const char in[] = "lognormal 300000 0.8", out[] = "lognormal 200000 0.9", data[] = "lognormal 50000 0.5";
    static struct world w, again, other;
    run_world(&w, in, out, data, 5);
    /* Orders: each by a draw later than it was sent, but never before the one before it. */
    struct wt_latency l = parse(in, 5);
    uint64_t at = START + wt_latency_next(&l);
    at = latest(at, START + wt_latency_next(&l)); /* the opening, and the login */
    unsigned held = 0;
    for (unsigned k = 2; k < PACKETS; k += 2) {
        uint64_t alone = w.sent[w.user_ref[k]] + wt_latency_next(&l);
        held += alone < at;
        at = latest(at, alone);
        assert_int_equal(w.user_ref[k], k / 2);
        assert_int_equal(w.stamp[k], at);
        assert_int_equal(w.stamp[k + 1], at); /* canceled at once */
    }
    assert_true(held > ORDERS / 10);
    /* Answers. The login's has no stamp: it came when the login came there. */
    struct wt_latency back = parse(out, 6);
    at = 0;
    held = 0;
    for (unsigned k = 0; k < PACKETS; k++) {
        uint64_t left = k < 2 ? 0 : w.stamp[k], alone = left + wt_latency_next(&back);
        if (k < 2) { /* both at the time of the login */
            at = w.received[k];
            continue;
        }
        held += alone < at;
        at = latest(at, alone);
        assert_int_equal(w.received[k], at);
    }
    assert_true(held > ORDERS / 10);
    /* The lines, each with draws of its own. */
    for (unsigned line = 0; line < 2; line++) {
        struct wt_latency wire = parse(data, 7 + line);
        assert_true(w.frames[line] > 200);
        for (unsigned i = 0; i < w.frames[line]; i++)
            assert_int_equal(w.frame[line][i].when, w.frame[line][i].clock + wt_latency_next(&wire));
    }
    assert_true(w.frame[0][5].when != w.frame[1][5].when);
    /* The same seed, the same times; another one, others. */
    run_world(&again, in, out, data, 5);
    assert_memory_equal(w.received, again.received, sizeof w.received);
    assert_memory_equal(w.stamp, again.stamp, sizeof w.stamp);
    assert_memory_equal(w.frame, again.frame, sizeof w.frame);
    run_world(&other, in, out, data, 50);
    assert_memory_not_equal(w.received, other.received, sizeof w.received);
    assert_memory_not_equal(w.frame, other.frame, sizeof w.frame);
}

static void test_none_is_as_before(void **state)
{
    (void)state;
    static struct world w;
    run_world(&w, NULL, "", NULL, 5);
    for (unsigned k = 2; k < PACKETS; k++) {
        assert_int_equal(w.stamp[k], w.sent[w.user_ref[k]] + 20000);
        assert_int_equal(w.received[k], w.stamp[k] + 20000);
    }
    for (unsigned i = 0; i < w.frames[0]; i++)
        assert_int_equal(w.frame[0][i].when, w.frame[0][i].clock);
}

static bool has_error(const struct wt_config_errors *errors, const char *text)
{
    for (unsigned i = 0; i < errors->count && i < WT_CONFIG_ERRORS_MAX; i++)
        if (strstr(errors->error[i].text, text))
            return true;
    return false;
}

static void test_in_a_configuration(void **state)
{
    (void)state;
    static const char path[] = "host/strategy/configs/default.yaml";
    static const char *const wrong[] = {"exchange.order_in=soon", "exchange.order_out=lognormal 1",
                                        "exchange.market_data=recorded /nonexistent"};
    static const char *const right[] = {"exchange.order_in=lognormal 20000 0.35", "exchange.order_out=constant 7",
                                        "exchange.market_data=lognormal 5000 1", "exchange.file=Makefile"};
    static struct wt_config_errors errors;
    struct wt_config *config;
    assert_int_equal(wt_config_load(path, wrong, 3, &config, &errors), -EINVAL);
    assert_true(has_error(&errors, "exchange.order_in: 'soon' is not right"));
    assert_true(has_error(&errors, "exchange.order_out: 'lognormal 1' is not right"));
    assert_true(has_error(&errors, "exchange.market_data: 'recorded /nonexistent' is not right"));
    assert_int_equal(wt_config_load(path, right, 4, &config, &errors), 0);
    assert_string_equal(config->exchange.order_in, "lognormal 20000 0.35");
    assert_string_equal(config->exchange.order_out, "constant 7");
    assert_string_equal(config->exchange.market_data, "lognormal 5000 1");
    wt_config_free(config);
    /* What the exchange is given itself. */
    struct wt_exchange_config exchange;
    struct wt_exchange *x;
    char file[32];
    int fd;
    uint8_t m[2 + WT_ITCH_MAX];
    write_file(file, "");
    wt_put_be16(m, (uint16_t)wt_itch_put_system(m + 2, START, 'O'));
    fd = open(file, O_WRONLY);
    assert_int_equal(write(fd, m, 14), 14);
    close(fd);
    wt_exchange_defaults(&exchange);
    exchange.file = file;
    assert_int_equal(wt_exchange_create(&exchange, (struct wt_exchange_wire){0}, &x), 0);
    wt_exchange_destroy(x);
    exchange.market_data = "soon";
    assert_int_equal(wt_exchange_create(&exchange, (struct wt_exchange_wire){0}, &x), -EINVAL);
    unlink(file);
}

/* ---------------------------------------------------------------- in the venue */

struct venue_world {
    struct wt_venue *venue;
    uint64_t now, line_ns[2][FRAMES];
    unsigned lines[2];
    uint64_t stamps[ORDERS + 1], received[ORDERS + 1];
    unsigned count;
    struct wt_soup_parser parser;
};

static void venue_wire(void *ctx, unsigned line, uint64_t when_ns, const uint8_t *mold, size_t length)
{
    struct venue_world *w = ctx;
    (void)mold, (void)length;
    assert_true(w->lines[line] < FRAMES);
    w->line_ns[line][w->lines[line]++] = when_ns;
}

static void venue_pass(struct venue_world *w, int connection, uint64_t until)
{
    for (uint64_t next = 0; next <= until;) {
        size_t room;
        struct wt_soup_packet p;
        uint8_t *to = wt_soup_room(&w->parser, &room);
        ssize_t n = wt_venue_output(w->venue, connection, w->now, to, room);
        assert_true(n >= 0);
        wt_soup_commit(&w->parser, (size_t)n);
        while (wt_soup_next(&w->parser, &p) > 0) {
            struct wt_ouch m;
            if (p.type != WT_SOUP_SEQUENCED || wt_ouch_decode(WT_OUCH_OUT, p.payload, p.length, &m) < 0 ||
                m.type != WT_OUCH_ACCEPTED)
                continue;
            assert_int_equal(m.user_ref, ++w->count); /* in order */
            w->stamps[w->count] = m.timestamp;
            w->received[w->count] = w->now;
        }
        next = wt_venue_next_ns(w->venue);
        if (next <= until) {
            w->now = next > w->now ? next : w->now;
            wt_venue_run(w->venue, w->now);
        }
    }
    w->now = until;
}

/* Requests, answers and packets are late, never out of order, and the same with the same seed. */
static void run_venue(struct venue_world *w, uint64_t seed)
{
    static const char symbols[1][9] = {"XYZ"};
    static const struct wt_venue_account account = {.username = "U0", .password = "secret"};
    struct wt_venue_config config;
    uint8_t packet[256];
    memset(w, 0, sizeof *w);
    wt_venue_defaults(&config);
    config.accounts = &account;
    config.account_count = 1;
    config.symbols = symbols;
    config.symbol_count = 1;
    config.market_start_ns = START;
    config.faults.seed = seed;
    config.order_in = "lognormal 300000 0.8";
    config.order_out = "lognormal 200000 0.9";
    config.line[0].latency = "lognormal 100000 0.7";
    config.line[1].latency = "constant 5000";
    assert_int_equal(wt_venue_create(&config, (struct wt_line_wire){w, venue_wire}, &w->venue), 0);
    w->now = START;
    wt_venue_start(w->venue, w->now);
    wt_soup_init(&w->parser, WT_SOUP_FROM_SERVER);
    int c = wt_venue_open(w->venue, WT_VENUE_ORDERS, w->now);
    assert_int_equal(wt_venue_input(w->venue, c, w->now, packet, put_login(packet, "U0", "secret", 1)), 0);
    venue_pass(w, c, START + 20 * MS);
    double waited = 0, answered = 0;
    uint64_t sent[ORDERS + 1];
    for (uint32_t i = 1; i <= ORDERS; i++) {
        struct wt_ouch enter = make_enter(i, 'B', 100, "XYZ", 1000000);
        venue_pass(w, c, w->now + (i % 2 ? 10000 : 4 * MS));
        sent[i] = w->now;
        assert_int_equal(wt_venue_input(w->venue, c, w->now, packet, put_ouch(packet, &enter)), 0);
    }
    venue_pass(w, c, w->now + 200 * MS);
    assert_int_equal(w->count, ORDERS);
    for (unsigned i = 1; i <= ORDERS; i++) { /* stamps say the market's time, which is the venue's here */
        assert_true(w->stamps[i] >= sent[i] && w->stamps[i] >= w->stamps[i - 1]);
        assert_true(w->received[i] >= w->stamps[i] && w->received[i] >= w->received[i - 1]);
        waited += (double)(w->stamps[i] - sent[i]) / ORDERS;
        answered += (double)(w->received[i] - w->stamps[i]) / ORDERS;
    }
    /* Means of the two, a little more for what waits behind what is late. */
    assert_true(waited > 300000 && waited < 700000);
    assert_true(answered > 200000 && answered < 600000);
    assert_int_equal(w->lines[0], w->lines[1]);
    for (unsigned i = 1; i < w->lines[0]; i++)
        assert_true(w->line_ns[0][i] >= w->line_ns[0][i - 1]);
    wt_venue_destroy(w->venue);
}

static void test_in_the_venue(void **state)
{
    (void)state;
    static struct venue_world w, again, other;
    run_venue(&w, 1);
    run_venue(&again, 1);
    run_venue(&other, 2);
    assert_memory_equal(w.received, again.received, sizeof w.received);
    assert_memory_equal(w.line_ns, again.line_ns, sizeof w.line_ns);
    assert_memory_not_equal(w.received, other.received, sizeof w.received);
    assert_memory_not_equal(w.line_ns, other.line_ns, sizeof w.line_ns);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_right),    cmocka_unit_test(test_what_is_wrong),
        cmocka_unit_test(test_files_of_samples), cmocka_unit_test(test_lognormal_is_lognormal),
        cmocka_unit_test(test_long_tails_end),   cmocka_unit_test(test_the_same_everywhere),
        cmocka_unit_test(test_in_the_exchange),  cmocka_unit_test(test_none_is_as_before),
        cmocka_unit_test(test_in_the_venue),     cmocka_unit_test(test_in_a_configuration)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
