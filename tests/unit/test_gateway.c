/* The gateway against a venue made of bytes: a stream whose two ends the test holds. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "host/common/bytes.h"
#include "host/gateway/gateway.h"
#include "host/gateway/ouch.h"
#include "host/gateway/request.h"
#include "host/gateway/soup.h"

#define SECOND 1000000000ull

struct world {
    struct wt_gateway_config config;
    struct wt_gateway *gateway;
    uint8_t out[4096]; /* what the gateway sent */
    size_t out_length;
    uint8_t in[4096]; /* what it will receive, so many bytes a call */
    size_t in_length, in_at, chunk;
    int connect_rc, send_rc;
    bool connected, peer_closed;
    unsigned connects, closes;
    struct wt_exec_report reports[64];
    unsigned count;
    enum wt_gateway_state state;
    char why[128];
    unsigned states;
};

static int w_connect(void *ctx)
{
    struct world *w = ctx;
    w->connects++;
    if (w->connect_rc == 0 || w->connect_rc == -EINPROGRESS)
        w->connected = true;
    return w->connect_rc;
}

static int w_send(void *ctx, const void *bytes, size_t length)
{
    struct world *w = ctx;
    if (!w->connected)
        return -ENOTCONN;
    if (w->send_rc < 0)
        return w->send_rc;
    assert_true(w->out_length + length <= sizeof w->out);
    memcpy(w->out + w->out_length, bytes, length);
    w->out_length += length;
    return 0;
}

static ssize_t w_recv(void *ctx, void *bytes, size_t room)
{
    struct world *w = ctx;
    size_t n = w->in_length - w->in_at;
    if (n == 0)
        return w->peer_closed ? -ENOTCONN : 0;
    if (w->chunk != 0 && n > w->chunk)
        n = w->chunk;
    assert_true(n <= room);
    memcpy(bytes, w->in + w->in_at, n);
    w->in_at += n;
    if (w->in_at == w->in_length)
        w->in_at = w->in_length = 0;
    return (ssize_t)n;
}

static void w_close(void *ctx)
{
    struct world *w = ctx;
    w->connected = false;
    w->closes++;
}

static void w_exec(void *ctx, const struct wt_exec_report *report)
{
    struct world *w = ctx;
    assert_true(w->count < 64);
    w->reports[w->count++] = *report;
}

static void w_state(void *ctx, enum wt_gateway_state state, const char *why)
{
    struct world *w = ctx;
    w->state = state;
    w->states++;
    strncpy(w->why, why, sizeof w->why - 1);
}

static struct world *world(void)
{
    struct world *w = calloc(1, sizeof *w);
    wt_gateway_defaults(&w->config);
    strcpy(w->config.username, "user");
    strcpy(w->config.password, "secret");
    w->config.next_sequence = 1;
    return w;
}

static void build(struct world *w)
{
    struct wt_stream stream = {.ctx = w, .connect = w_connect, .send = w_send, .recv = w_recv, .close = w_close};
    struct wt_gateway_handler handler = {.ctx = w, .exec = w_exec, .state = w_state};
    assert_int_equal(wt_gateway_create(&w->config, stream, handler, &w->gateway), 0);
}

static void end(struct world *w)
{
    wt_gateway_destroy(w->gateway);
    free(w);
}

static void venue_packet(struct world *w, char type, const void *payload, size_t length)
{
    int n = wt_soup_put(w->in + w->in_length, sizeof w->in - w->in_length, type, payload, length);
    assert_true(n > 0);
    w->in_length += (size_t)n;
}

static void venue_accepts(struct world *w, const char *session, uint64_t sequence)
{
    struct wt_soup_login_accepted a = {.sequence = sequence};
    strcpy(a.session, session);
    int n = wt_soup_put_login_accepted(w->in + w->in_length, sizeof w->in - w->in_length, &a);
    assert_true(n > 0);
    w->in_length += (size_t)n;
}

static void venue_message(struct world *w, const struct wt_ouch *m)
{
    uint8_t bytes[128];
    int n = wt_ouch_encode(WT_OUCH_OUT, m, bytes, sizeof bytes);
    assert_true(n > 0);
    venue_packet(w, 'S', bytes, (size_t)n);
}

static struct world *logged_in(void)
{
    struct world *w = world();
    build(w);
    assert_int_equal(wt_gateway_start(w->gateway, 0), 0);
    venue_accepts(w, "S1", 1);
    assert_int_equal(wt_gateway_poll(w->gateway, 0), 1);
    assert_int_equal(w->state, WT_GATEWAY_UP);
    w->out_length = 0;
    return w;
}

static struct wt_order_request enter(uint32_t id)
{
    struct wt_order_request r = {
        .kind = WT_REQUEST_ENTER, .id = id, .side = WT_BUY, .tif = WT_TIF_DAY, .shares = 100, .price = 1234500};
    memcpy(r.name, "AAPL    ", 8);
    return r;
}

static void bad_configurations(void **state)
{
    (void)state;
    struct wt_stream stream = {0};
    struct wt_gateway_handler handler = {0};
    struct wt_gateway *g = NULL;
    struct wt_gateway_config good, c;
    wt_gateway_defaults(&good);
    assert_int_equal(wt_gateway_create(&good, stream, handler, &g), -EINVAL); /* no user */
    strcpy(good.username, "user");
#define BAD(change)                                                                                                    \
    do {                                                                                                               \
        c = good;                                                                                                      \
        change;                                                                                                        \
        assert_int_equal(wt_gateway_create(&c, stream, handler, &g), -EINVAL);                                         \
    } while (0)
    BAD(memset(c.username, 'x', sizeof c.username));
    BAD(strcpy(c.username, "a b"));
    BAD(memset(c.password, 'x', sizeof c.password));
    BAD(memset(c.firm, 'x', sizeof c.firm));
    BAD(c.heartbeat_ns = 0);
    BAD(c.dead_ns = c.heartbeat_ns);
    BAD(c.capacity = 'x');
    BAD(c.display = 'x');
    c = good;
    c.capacity = c.display = '\0'; /* not set: the defaults */
    assert_int_equal(wt_gateway_create(&c, stream, handler, &g), 0);
    wt_gateway_destroy(g);
}

static void login_and_requests(void **state)
{
    (void)state;
    struct world *w = world();
    strcpy(w->config.firm, "WTF");
    build(w);
    struct wt_order_request r = enter(7);
    r.owner = 42;
    assert_int_equal(wt_gateway_send(w->gateway, &r, 0), -ENOTCONN);
    assert_int_equal(wt_gateway_poll(w->gateway, 0), -ENOTCONN);
    assert_true(wt_gateway_deadline(w->gateway) == UINT64_MAX);
    assert_int_equal(wt_gateway_start(w->gateway, 0), 0);
    assert_int_equal(wt_gateway_start(w->gateway, 0), -EALREADY);
    assert_int_equal(w->state, WT_GATEWAY_LOGGING_IN);
    assert_int_equal(w->out_length, 49);
    assert_memory_equal(w->out, "\0\057Luser  secret                                 1", 49);
    assert_int_equal(wt_gateway_send(w->gateway, &r, 0), -ENOTCONN);
    venue_accepts(w, "S1", 1);
    assert_int_equal(wt_gateway_poll(w->gateway, 0), 1);
    assert_int_equal(w->state, WT_GATEWAY_UP);
    w->out_length = 0;
    assert_int_equal(wt_gateway_send(w->gateway, &r, 0), 0);
    assert_int_equal(w->out_length, 56);
    assert_memory_equal(w->out,
                        "\0\066UO\0\0\0\7B\0\0\0\144AAPL    \0\0\0\0\0\x12\xd6\x44"
                        "0YPNNWT00000000072A\0\6\5\2WTF ",
                        56);
    w->out_length = 0;
    r.kind = WT_REQUEST_REPLACE;
    r.id = 8;
    r.replaced = 7;
    r.tif = WT_TIF_IOC;
    assert_int_equal(wt_gateway_send(w->gateway, &r, 0), 0);
    assert_int_equal(w->out_length, 43);
    assert_memory_equal(w->out,
                        "\0\051UU\0\0\0\7\0\0\0\10\0\0\0\144\0\0\0\0\0\x12\xd6\x44"
                        "3YNWT00000000082A\0\0",
                        43);
    w->out_length = 0;
    r = (struct wt_order_request){.kind = WT_REQUEST_CANCEL, .id = 8, .shares = 0};
    assert_int_equal(wt_gateway_send(w->gateway, &r, 0), 0);
    assert_int_equal(w->out_length, 12);
    assert_memory_equal(w->out, "\0\012UX\0\0\0\10\0\0\0\0", 12);
    w->out_length = 0;
    wt_gateway_stop(w->gateway, 0);
    assert_int_equal(w->state, WT_GATEWAY_DOWN);
    assert_memory_equal(w->out, "\0\1O", 3);
    assert_int_equal(w->closes, 1);
    end(w);
}

static void what_ouch_cannot_carry(void **state)
{
    (void)state;
    struct world *w = logged_in();
    struct wt_order_request r;
#define NO(change)                                                                                                     \
    do {                                                                                                               \
        r = enter(5);                                                                                                  \
        change;                                                                                                        \
        assert_int_equal(wt_gateway_send(w->gateway, &r, 0), -EINVAL);                                                 \
    } while (0)
    NO(r.id = 0);
    NO(r.shares = 0);
    NO(r.shares = 1000000);
    NO(r.price = 0);
    NO(r.price = 1999999901);
    NO(r.side = 'X');
    NO(r.tif = '9');
    NO(memset(r.name, ' ', 8));
    NO(r.name[7] = '\0');
    NO(r.kind = 9);
    NO((r.kind = WT_REQUEST_REPLACE, r.replaced = 0));
    NO((r.kind = WT_REQUEST_REPLACE, r.replaced = 5)); /* never sent */
    NO(r.kind = WT_REQUEST_CANCEL);
    assert_int_equal(w->out_length, 0);
    r = enter(5);
    assert_int_equal(wt_gateway_send(w->gateway, &r, 0), 0);
    NO(r.id = 5); /* the venue would ignore it silently */
    NO(r.id = 4);
    NO((r.kind = WT_REQUEST_CANCEL, r.shares = 1000000));
    w->send_rc = -EAGAIN;
    r = enter(6);
    assert_int_equal(wt_gateway_send(w->gateway, &r, 0), -EAGAIN);
    w->send_rc = 0;
    assert_int_equal(wt_gateway_send(w->gateway, &r, 0), 0); /* nothing was used up */
    end(w);
}

static void every_report(void **state)
{
    (void)state;
    for (size_t chunk = 0; chunk < 9; chunk++) {
        struct world *w = logged_in();
        w->chunk = chunk;
        struct wt_ouch m = {.type = 'S', .event = 'S'};
        venue_message(w, &m);
        m = (struct wt_ouch){.type = 'A', .user_ref = 1, .quantity = 100, .price = 5, .state = 'L', .order_ref = 77};
        m.timestamp = 1234;
        venue_message(w, &m);
        venue_packet(w, 'H', NULL, 0);
        venue_packet(w, '+', "debug", 5);
        m = (struct wt_ouch){
            .type = 'U', .orig_ref = 1, .user_ref = 2, .quantity = 90, .price = 6, .state = 'D', .order_ref = 78};
        venue_message(w, &m);
        m = (struct wt_ouch){.type = 'E', .user_ref = 2, .quantity = 30, .price = 4, .liquidity = 'R', .match = 99};
        venue_message(w, &m);
        m = (struct wt_ouch){.type = 'C', .user_ref = 2, .quantity = 20, .reason = 'U'};
        venue_message(w, &m);
        m = (struct wt_ouch){.type = 'D', .user_ref = 2, .quantity = 10, .reason = 'Q'};
        venue_message(w, &m);
        m = (struct wt_ouch){.type = 'J', .user_ref = 3, .reason = 0x13};
        venue_message(w, &m);
        m = (struct wt_ouch){.type = 'I', .user_ref = 4};
        venue_message(w, &m);
        m = (struct wt_ouch){.type = 'P', .user_ref = 5};
        venue_message(w, &m);
        m = (struct wt_ouch){.type = 'B', .user_ref = 2, .match = 99, .reason = 'E'};
        venue_message(w, &m);
        m = (struct wt_ouch){.type = 'T', .user_ref = 2, .price = 7, .display = 'Y', .order_ref = 79};
        venue_message(w, &m);
        static const char silent[] = "MRQXGK";
        for (const char *t = silent; *t; t++) {
            m = (struct wt_ouch){.type = *t};
            venue_message(w, &m);
        }
        m = (struct wt_ouch){.type = 'J', .user_ref = 6, .reason = 1};
        venue_message(w, &m);
        assert_int_equal(wt_gateway_poll(w->gateway, 0), 20);
        static const struct {
            char type;
            uint32_t id;
            uint64_t sequence;
        } expected[] = {{'A', 1, 2}, {'U', 2, 3}, {'E', 2, 4},  {'C', 2, 5},  {'C', 2, 6}, {'J', 3, 7},
                        {'I', 4, 8}, {'P', 5, 9}, {'B', 2, 10}, {'T', 2, 11}, {'J', 6, 18}};
        assert_int_equal(w->count, 11);
        for (unsigned i = 0; i < 11; i++) {
            assert_int_equal(w->reports[i].type, expected[i].type);
            assert_int_equal(w->reports[i].id, expected[i].id);
            assert_int_equal(w->reports[i].sequence, expected[i].sequence);
        }
        const struct wt_exec_report *r = w->reports;
        assert_true(r[0].shares == 100 && r[0].price == 5 && !r[0].dead && r[0].venue_ref == 77);
        assert_int_equal(r[0].venue_ns, 1234);
        assert_true(r[1].shares == 90 && r[1].price == 6 && r[1].dead && r[1].replaced == 1 && r[1].venue_ref == 78);
        assert_true(r[2].shares == 30 && r[2].price == 4 && r[2].liquidity == 'R' && r[2].match == 99);
        assert_true(r[3].shares == 20 && r[3].reason == 'U');
        assert_true(r[4].shares == 10 && r[4].reason == 'Q');
        assert_int_equal(r[5].reason, 0x13);
        assert_true(r[8].match == 99 && r[8].reason == 'E');
        assert_true(r[9].price == 7 && r[9].venue_ref == 79);
        struct wt_gateway_stats s;
        wt_gateway_stats(w->gateway, &s);
        assert_int_equal(s.accepted, 1);
        assert_int_equal(s.replaced, 1);
        assert_int_equal(s.executed, 1);
        assert_int_equal(s.canceled, 2);
        assert_int_equal(s.rejected, 2);
        assert_int_equal(s.other, 3 + 1 + 7 + 1);
        assert_int_equal(s.malformed, 0);
        assert_int_equal(s.next_sequence, 19);
        end(w);
    }
}

static void malformed_is_counted_and_sequence_kept(void **state)
{
    (void)state;
    struct world *w = logged_in();
    venue_packet(w, 'S', NULL, 0);           /* 1: empty */
    venue_packet(w, 'S', "?what", 5);        /* 2: unknown */
    venue_packet(w, 'S', "Ashort", 6);       /* 3: cut */
    venue_packet(w, '?', "x", 1);            /* no such packet */
    venue_packet(w, 'A', "x", 1);            /* wrong length */
    venue_packet(w, 'U', "Ashort", 6);       /* 4.00's unsequenced: not ours, not counted as sequenced */
    memcpy(w->in + w->in_length, "\0\0", 2); /* without a type */
    w->in_length += 2;
    venue_accepts(w, "S1", 9); /* a second one */
    struct wt_ouch m = {.type = 'A', .user_ref = 1, .quantity = 1, .price = 1ull << 40, .state = 'L'};
    venue_message(w, &m); /* 4: a price that cannot be */
    m.price = 1;
    m.state = '?';
    venue_message(w, &m); /* 5 */
    m = (struct wt_ouch){.type = 'E', .user_ref = 1, .price = 1};
    venue_message(w, &m); /* 6: of no shares */
    m = (struct wt_ouch){.type = 'C', .user_ref = 1, .quantity = 1, .reason = 'U'};
    venue_message(w, &m); /* 7 */
    assert_int_equal(wt_gateway_poll(w->gateway, 0), 12);
    assert_int_equal(w->count, 1);
    assert_int_equal(w->reports[0].sequence, 7);
    assert_int_equal(w->state, WT_GATEWAY_UP);
    struct wt_gateway_stats s;
    wt_gateway_stats(w->gateway, &s);
    assert_int_equal(s.malformed, 3 + 2 + 1 + 1 + 3);
    end(w);
}

static void heartbeats_and_silence(void **state)
{
    (void)state;
    struct world *w = logged_in();
    assert_int_equal(wt_gateway_deadline(w->gateway), SECOND);
    wt_gateway_poll(w->gateway, SECOND - 1);
    assert_int_equal(w->out_length, 0);
    wt_gateway_poll(w->gateway, SECOND);
    assert_int_equal(w->out_length, 3);
    assert_memory_equal(w->out, "\0\1R", 3);
    struct wt_order_request r = enter(1);
    assert_int_equal(wt_gateway_send(w->gateway, &r, SECOND + SECOND / 2), 0); /* an order is a sign of life, too */
    assert_int_equal(wt_gateway_deadline(w->gateway), 2 * SECOND + SECOND / 2);
    venue_packet(w, 'H', NULL, 0);
    wt_gateway_poll(w->gateway, 2 * SECOND);
    unsigned beats = 0;
    while (wt_gateway_state(w->gateway) == WT_GATEWAY_UP && beats < 100) {
        wt_gateway_poll(w->gateway, wt_gateway_deadline(w->gateway));
        beats++;
    }
    assert_int_equal(w->state, WT_GATEWAY_DOWN);
    assert_string_equal(w->why, "the venue is silent");
    assert_int_equal(beats, 16); /* at 2.5, 3.5 ... 16.5, and the end at 17 */
    assert_true(wt_gateway_deadline(w->gateway) == UINT64_MAX);
    end(w);
}

static void a_heartbeat_without_room_is_tried_again(void **state)
{
    (void)state;
    struct world *w = logged_in();
    w->send_rc = -EAGAIN;
    wt_gateway_poll(w->gateway, SECOND);
    assert_true(wt_gateway_deadline(w->gateway) > SECOND);
    w->send_rc = 0;
    wt_gateway_poll(w->gateway, wt_gateway_deadline(w->gateway));
    assert_int_equal(w->out_length, 3);
    end(w);
}

static void no_answer_to_the_login(void **state)
{
    (void)state;
    struct world *w = world();
    build(w);
    wt_gateway_start(w->gateway, 0);
    assert_int_equal(wt_gateway_deadline(w->gateway), 15 * SECOND);
    wt_gateway_poll(w->gateway, 15 * SECOND);
    assert_int_equal(w->state, WT_GATEWAY_DOWN);
    assert_string_equal(w->why, "no answer to the login");
    end(w);
}

static void slow_connection(void **state)
{
    (void)state;
    struct world *w = world();
    build(w);
    w->connect_rc = -EINPROGRESS;
    w->send_rc = -EAGAIN;
    assert_int_equal(wt_gateway_start(w->gateway, 0), 0);
    for (int i = 0; i < 5; i++) {
        uint64_t at = wt_gateway_deadline(w->gateway);
        assert_true(at == (uint64_t)(i + 1) * 1000000);
        wt_gateway_poll(w->gateway, at);
    }
    w->send_rc = 0;
    wt_gateway_poll(w->gateway, SECOND);
    assert_int_equal(w->out_length, 49);
    end(w);
    w = world();
    build(w);
    w->connect_rc = -ECONNREFUSED;
    assert_int_equal(wt_gateway_start(w->gateway, 0), -ECONNREFUSED);
    assert_int_equal(wt_gateway_state(w->gateway), WT_GATEWAY_DOWN);
    end(w);
}

static void rejected(void **state)
{
    (void)state;
    static const char *const whys[] = {"login rejected: user name or password is wrong (A)",
                                       "login rejected: session not available (S)",
                                       "login rejected for an unknown reason"};
    for (int i = 0; i < 3; i++) {
        struct world *w = world();
        build(w);
        wt_gateway_start(w->gateway, 0);
        venue_packet(w, 'J', &"AS?"[i], 1);
        venue_packet(w, 'H', NULL, 0); /* not read any more */
        w->peer_closed = true;
        assert_int_equal(wt_gateway_poll(w->gateway, 0), 1);
        assert_int_equal(w->state, WT_GATEWAY_REJECTED);
        assert_string_equal(w->why, whys[i]);
        assert_int_equal(w->closes, 1);
        assert_int_equal(wt_gateway_poll(w->gateway, 1), -ENOTCONN);
        end(w);
    }
}

static void comes_back_where_it_was(void **state)
{
    (void)state;
    struct world *w = logged_in();
    struct wt_ouch m = {.type = 'C', .user_ref = 1, .quantity = 1, .reason = 'U'};
    venue_message(w, &m);
    venue_message(w, &m);
    w->peer_closed = true;
    wt_gateway_poll(w->gateway, 5);
    assert_int_equal(w->state, WT_GATEWAY_DOWN);
    assert_string_equal(w->why, "the venue closed the connection");
    w->peer_closed = false;
    assert_int_equal(wt_gateway_start(w->gateway, 10), 0);
    assert_int_equal(w->out_length, 49);
    assert_memory_equal(w->out + 19, "        S1                   3", 30);
    venue_accepts(w, "S1", 3);
    venue_message(w, &m);
    wt_gateway_poll(w->gateway, 11);
    assert_int_equal(w->reports[2].sequence, 3);
    /* The venue ends the session: the next one starts at 1, under a name we do not know. */
    venue_packet(w, 'Z', NULL, 0);
    wt_gateway_poll(w->gateway, 12);
    assert_int_equal(w->state, WT_GATEWAY_ENDED);
    w->out_length = 0;
    assert_int_equal(wt_gateway_start(w->gateway, 13), 0);
    assert_memory_equal(w->out + 19, "                             1", 30);
    end(w);
}

/* After the venue's day only cancels leave, in this connection and in the next. */
static void the_day_ends(void **state)
{
    (void)state;
    struct world *w = logged_in();
    struct wt_order_request order = enter(1), cancel = {.kind = WT_REQUEST_CANCEL, .id = 1};
    const struct wt_ouch start = {.type = WT_OUCH_SYSTEM, .event = 'S'},
                         end_of_day = {.type = WT_OUCH_SYSTEM, .event = 'E'};
    venue_message(w, &start);
    wt_gateway_poll(w->gateway, 1);
    assert_int_equal(w->state, WT_GATEWAY_UP);
    assert_int_equal(wt_gateway_send(w->gateway, &order, 1), 0);
    venue_message(w, &end_of_day);
    wt_gateway_poll(w->gateway, 2);
    assert_int_equal(w->state, WT_GATEWAY_CLOSED);
    order.id = 2;
    w->out_length = 0;
    assert_int_equal(wt_gateway_send(w->gateway, &order, 2), -ENOTCONN);
    assert_int_equal(w->out_length, 0);
    assert_int_equal(wt_gateway_send(w->gateway, &cancel, 2), 0);
    assert_true(w->out_length > 0);
    /* Late reports, heartbeats and the logout are as ever. */
    const struct wt_ouch late = {.type = 'C', .user_ref = 1, .quantity = 100, .reason = 'T'};
    unsigned reports = w->count;
    venue_message(w, &late);
    w->out_length = 0;
    wt_gateway_poll(w->gateway, 2000000000);
    assert_int_equal(w->count, reports + 1);
    assert_int_equal(w->out_length, 3);
    w->peer_closed = true;
    wt_gateway_poll(w->gateway, 2000000001);
    assert_int_equal(w->state, WT_GATEWAY_DOWN);
    w->peer_closed = false;
    assert_int_equal(wt_gateway_start(w->gateway, 2000000002), 0);
    venue_accepts(w, "S1", 4);
    wt_gateway_poll(w->gateway, 2000000003);
    assert_int_equal(w->state, WT_GATEWAY_CLOSED);
    w->out_length = 0;
    wt_gateway_stop(w->gateway, 2000000004);
    assert_memory_equal(w->out, "\0\1O", 3);
    end(w);
}

/* A venue that does not begin where it was asked to. */
static void stream_that_jumps(void **state)
{
    (void)state;
    for (uint64_t sequence = 2; sequence <= 4; sequence++) {
        struct world *w = logged_in();
        struct wt_ouch m = {.type = 'C', .user_ref = 1, .quantity = 1, .reason = 'U'};
        venue_message(w, &m);
        venue_message(w, &m);
        w->peer_closed = true;
        wt_gateway_poll(w->gateway, 5);
        w->peer_closed = false;
        assert_int_equal(wt_gateway_start(w->gateway, 10), 0);
        venue_accepts(w, "S1", sequence);
        venue_message(w, &m);
        wt_gateway_poll(w->gateway, 11);
        struct wt_gateway_stats s;
        wt_gateway_stats(w->gateway, &s);
        assert_int_equal(s.lost, sequence == 4 ? 1 : 0);
        assert_int_equal(w->state, sequence == 2 ? WT_GATEWAY_DOWN : WT_GATEWAY_UP);
        assert_int_equal(w->count, sequence == 2 ? 2 : 3);
        end(w);
    }
    struct world *w = world();
    w->config.next_sequence = 100; /* more than there is: from now on */
    build(w);
    wt_gateway_start(w->gateway, 0);
    venue_accepts(w, "S1", 5);
    wt_gateway_poll(w->gateway, 0);
    assert_int_equal(w->state, WT_GATEWAY_UP);
    end(w);
    /* Not when an earlier run was in that very session: then the venue has lost its memory. */
    w = world();
    w->config.next_sequence = 100;
    strcpy(w->config.session, "S1");
    build(w);
    wt_gateway_start(w->gateway, 0);
    venue_accepts(w, "S1", 5);
    wt_gateway_poll(w->gateway, 0);
    assert_int_equal(w->state, WT_GATEWAY_DOWN);
    end(w);
}

/* What was sent, read again. */
static void requests_are_read_again(void **state)
{
    (void)state;
    const struct wt_request_terms terms = {.capacity = 'P', .display = 'Y', .firm = "WTF", .last_id = 6};
    struct wt_order_request r = enter(7), back;
    uint8_t bytes[WT_REQUEST_MAX];
    r.owner = 0xf3;
    r.side = WT_SELL;
    r.symbol = WT_SYMBOL_NONE;
    for (int kind = WT_REQUEST_ENTER; kind <= WT_REQUEST_CANCEL; kind++) {
        r.kind = kind;
        r.id = kind == WT_REQUEST_CANCEL ? 3 : 7;
        r.replaced = kind == WT_REQUEST_REPLACE ? 4 : 0;
        if (kind != WT_REQUEST_ENTER) {
            memset(r.name, 0, sizeof r.name);
            r.side = 0;
        }
        if (kind == WT_REQUEST_CANCEL)
            r = (struct wt_order_request){.kind = WT_REQUEST_CANCEL, .id = 3, .shares = 50, .symbol = WT_SYMBOL_NONE};
        int length = wt_request_encode(&terms, &r, bytes, sizeof bytes);
        assert_true(length > 0);
        assert_int_equal(wt_request_decode(WT_OUCH_50, bytes, (size_t)length, &back), 1);
        assert_int_equal(back.kind, r.kind);
        assert_int_equal(back.id, r.id);
        assert_int_equal(back.replaced, r.replaced);
        assert_int_equal(back.symbol, r.symbol);
        assert_memory_equal(back.name, r.name, sizeof r.name);
        assert_int_equal(back.side, r.side);
        assert_int_equal(back.tif, r.tif);
        assert_int_equal(back.owner, r.owner);
        assert_int_equal(back.shares, r.shares);
        assert_int_equal(back.price, r.price);
        assert_int_equal(wt_request_decode(WT_OUCH_50, bytes, (size_t)length - 1, &back), -EBADMSG);
        bytes[3] = '!';
        assert_int_equal(wt_request_decode(WT_OUCH_50, bytes, (size_t)length, &back), -EBADMSG);
    }
    assert_int_equal(wt_request_decode(WT_OUCH_50, (const uint8_t *)"\0\1R", 3, &back), 0);
    assert_int_equal(wt_request_decode(WT_OUCH_50, (const uint8_t *)"\0\2UQ", 4, &back), 0);
}

static void garbage(void **state)
{
    (void)state;
    unsigned seed = 11;
    struct world *w = logged_in();
    uint64_t now = 0, bytes = 0;
    for (int i = 0; i < 30000; i++) {
        if (wt_gateway_state(w->gateway) != WT_GATEWAY_UP) {
            w->in_length = w->in_at = 0;
            w->out_length = 0;
            struct wt_gateway_stats s;
            wt_gateway_stats(w->gateway, &s);
            wt_gateway_start(w->gateway, now);
            venue_accepts(w, "S1", s.next_sequence ? s.next_sequence : 1);
        }
        /* Mostly packets with rubbish in them, now and then rubbish alone. */
        size_t n = 4 + (size_t)rand_r(&seed) % 70, at = w->in_length;
        for (size_t k = 0; k < n; k++)
            w->in[w->in_length++] = (uint8_t)(rand_r(&seed) % 2 ? rand_r(&seed) % 4 : rand_r(&seed));
        if (rand_r(&seed) % 5000) {
            wt_put_be16(w->in + at, (uint16_t)(n - 2));
            w->in[at + 2] = (uint8_t) "SSSSSSAJHZU+?"[rand_r(&seed) % 13];
            w->in[at + 3] = (uint8_t) "AUECDBJPITMRQXGKS"[rand_r(&seed) % 17];
        }
        bytes += n;
        w->count = 0;
        w->out_length = 0;
        wt_gateway_poll(w->gateway, now += 1000);
    }
    struct wt_gateway_stats s;
    wt_gateway_stats(w->gateway, &s);
    assert_true(s.malformed > 5000);
    assert_true(s.bytes_in <= bytes + 33ull * w->connects);
    end(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bad_configurations),
        cmocka_unit_test(login_and_requests),
        cmocka_unit_test(what_ouch_cannot_carry),
        cmocka_unit_test(every_report),
        cmocka_unit_test(malformed_is_counted_and_sequence_kept),
        cmocka_unit_test(heartbeats_and_silence),
        cmocka_unit_test(a_heartbeat_without_room_is_tried_again),
        cmocka_unit_test(no_answer_to_the_login),
        cmocka_unit_test(slow_connection),
        cmocka_unit_test(rejected),
        cmocka_unit_test(comes_back_where_it_was),
        cmocka_unit_test(the_day_ends),
        cmocka_unit_test(stream_that_jumps),
        cmocka_unit_test(requests_are_read_again),
        cmocka_unit_test(garbage),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
