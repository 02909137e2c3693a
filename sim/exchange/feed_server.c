#include "sim/exchange/feed_server.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "host/common/bytes.h"
#include "host/common/log.h"
#include "host/market/itch_put.h"
#include "host/market/pcap.h"
#include "sim/exchange/glimpse.h"

enum {
    PACKETS = 4096,    /* that can be asked for again */
    PACKET_MAX = 2048, /* longer ones cannot */
    MAX_ORDERS = 8 << 20
};

/* A packet as it was sent. */
struct past {
    uint64_t first, behind; /* messages */
    uint64_t sent_ns;
    size_t length;
    uint8_t payload[PACKET_MAX];
};

struct trading {
    uint8_t state; /* 0: not told */
    char reason[4];
};

struct wt_feed_server {
    struct wt_feed_server_config config;
    struct wt_feed_server_stats stats;
    struct past *past;
    uint64_t packets, applied; /* that came; of which the reference has */
    struct wt_twin *twin;
    uint64_t next_seq; /* of the reference */
    uint64_t last_ns;  /* timestamp of its last message */
    char session[10];
    struct trading *trading; /* by locate */
    struct wt_pipe requests, replies;
    struct wt_exchange_stats exchange;
    struct wt_session glimpse;
    struct wt_glimpse_source source;
    uint32_t connection;
    bool connected;
    uint64_t ran_ns;             /* what arrived until then has been told */
    struct wt_publish_sink sink; /* of the snapshot that is being made */
};

void wt_feed_server_defaults(struct wt_feed_server_config *config)
{
    *config =
        (struct wt_feed_server_config){.username = "WT0001", .password = "wiretick", .way_ns = 10000, .first_seq = 1};
}

/* ---------------------------------------------------------------- the reference book */

static void apply(struct wt_feed_server *s, uint64_t first, const uint8_t *payload, size_t length)
{
    size_t at = WT_MOLD_HEADER;
    if (first > s->next_seq) /* never sent at all: the reference does not know its books either */
        wt_twin_gap(s->twin);
    for (uint64_t seq = first; at + 2 <= length; seq++) {
        size_t n = wt_be16(payload + at);
        const uint8_t *raw = payload + at + 2;
        struct wt_twin_result result;
        at += 2 + n;
        if (seq < s->next_seq)
            continue;
        s->next_seq = seq + 1;
        wt_twin_message(s->twin, seq, raw, n, &result);
        if (result.exch_ns)
            s->last_ns = result.exch_ns;
        if (result.type == 'H') {
            struct trading *t = &s->trading[result.locate];
            t->state = raw[19];
            memcpy(t->reason, raw + 21, sizeof t->reason);
        }
    }
}

static void apply_until(struct wt_feed_server *s, uint64_t ns)
{
    for (; s->applied < s->packets; s->applied++) {
        const struct past *p = &s->past[s->applied % PACKETS];
        if (p->sent_ns > ns)
            break;
        apply(s, p->first, p->payload, p->length);
    }
}

void wt_feed_server_packet(struct wt_feed_server *s, uint64_t sent_ns, const uint8_t *payload, size_t length)
{
    uint16_t count;
    struct past *p;
    if (!wt_mold_well_formed(payload, length))
        return;
    count = wt_be16(payload + 18);
    if (count == 0 || count == WT_MOLD_END_OF_SESSION)
        return;
    if (s->packets == 0)
        memcpy(s->session, payload, sizeof s->session);
    if (s->packets - s->applied == PACKETS || length > PACKET_MAX)
        apply_until(s, length > PACKET_MAX ? UINT64_MAX : s->past[s->applied % PACKETS].sent_ns);
    if (length > PACKET_MAX) {
        apply(s, wt_be64(payload + 10), payload, length);
        return;
    }
    p = &s->past[s->packets++ % PACKETS];
    p->first = wt_be64(payload + 10);
    p->behind = p->first + count;
    p->sent_ns = sent_ns;
    p->length = length;
    memcpy(p->payload, payload, length);
}

/* ---------------------------------------------------------------- re-requests */

/* A message that was sent at ns or before. */
static const uint8_t *find(const struct wt_feed_server *s, uint64_t seq, uint64_t ns, size_t *length)
{
    uint64_t low = s->packets > PACKETS ? s->packets - PACKETS : 0;
    for (uint64_t i = s->packets; i-- > low;) {
        const struct past *p = &s->past[i % PACKETS];
        const uint8_t *block = p->payload + WT_MOLD_HEADER;
        if (seq < p->first || seq >= p->behind || p->sent_ns > ns)
            continue;
        for (uint64_t n = p->first; n < seq; n++)
            block += 2 + wt_be16(block);
        *length = wt_be16(block);
        return block + 2;
    }
    return NULL;
}

static void answer(struct wt_feed_server *s, const uint8_t *request, size_t request_length, uint64_t ns)
{
    uint8_t reply[WT_MOLD_PAYLOAD_MAX];
    size_t end = WT_MOLD_HEADER, n;
    uint16_t wanted, count = 0;
    s->stats.requests++;
    if (request_length != WT_MOLD_HEADER || memcmp(request, s->session, sizeof s->session) != 0) {
        s->stats.refused++;
        return;
    }
    wanted = wt_be16(request + 18);
    while (count < wanted) {
        const uint8_t *raw = find(s, wt_be64(request + 10) + count, ns, &n);
        if (!raw || end + 2 + n > sizeof reply)
            break;
        wt_put_be16(reply + end, (uint16_t)n);
        memcpy(reply + end + 2, raw, n);
        end += 2 + n;
        count++;
    }
    if (count == 0) {
        s->stats.refused++;
        return;
    }
    memcpy(reply, request, 18);
    wt_put_be16(reply + 18, count);
    s->stats.replies++;
    if (!s->config.lose_replies || s->stats.replies % s->config.lose_replies != 0)
        wt_pipe_put(&s->replies, WT_PIPE_BYTES, 1, reply, end, ns + s->config.way_ns);
}

static void take_requests(struct wt_feed_server *s, uint64_t now)
{
    for (;;) {
        uint8_t request[64];
        enum wt_pipe_kind kind;
        uint32_t connection;
        uint64_t arrived = wt_pipe_head_ns(&s->requests);
        ssize_t n = wt_pipe_take(&s->requests, now, request, sizeof request, &kind, &connection);
        if (kind != WT_PIPE_BYTES)
            break;
        answer(s, request, (size_t)n, arrived);
    }
}

static int requests_connect(void *ctx)
{
    (void)ctx;
    return 0;
}

static int requests_send(void *ctx, const void *bytes, size_t length)
{
    struct wt_feed_server *s = ctx;
    return wt_pipe_put(&s->requests, WT_PIPE_BYTES, 1, bytes, length,
                       s->config.now(s->config.now_ctx) + s->config.way_ns);
}

static ssize_t requests_recv(void *ctx, void *bytes, size_t room)
{
    struct wt_feed_server *s = ctx;
    enum wt_pipe_kind kind;
    uint32_t connection;
    return wt_pipe_take(&s->replies, s->config.now(s->config.now_ctx), bytes, room, &kind, &connection);
}

static void requests_close(void *ctx)
{
    (void)ctx;
}

struct wt_stream wt_feed_server_requests(struct wt_feed_server *s)
{
    return (struct wt_stream){s, requests_connect, requests_send, requests_recv, requests_close};
}

/* ---------------------------------------------------------------- snapshots */

static void put(struct wt_feed_server *s, const uint8_t *raw, size_t length)
{
    s->sink.put(s->sink.ctx, s->last_ns, raw, length);
}

struct adds {
    struct wt_feed_server *server;
    uint16_t symbol;
};

static void put_order(void *ctx, const struct wt_twin_order *o)
{
    const struct adds *adds = ctx;
    struct wt_feed_server *s = adds->server;
    uint8_t m[WT_ITCH_MAX];
    put(s, m,
        wt_itch_put_add(m, wt_twin_locate(s->twin, adds->symbol), s->last_ns, o->ref, o->sell ? 'S' : 'B', o->shares,
                        wt_twin_name(s->twin, adds->symbol), o->price, NULL));
}

static void make_snapshot(void *ctx, struct wt_publish_sink sink)
{
    struct wt_feed_server *s = ctx;
    struct wt_twin_stats stats;
    uint8_t m[WT_ITCH_MAX];
    s->sink = sink;
    s->stats.snapshots++;
    wt_twin_stats(s->twin, &stats);
    for (unsigned pass = 0; pass < 3; pass++) {
        for (uint64_t i = 0; i < stats.symbols; i++) {
            uint16_t symbol = (uint16_t)i, locate = wt_twin_locate(s->twin, symbol);
            const struct trading *t = &s->trading[locate];
            if (!wt_twin_valid(s->twin, symbol))
                continue;
            if (pass == 0)
                put(s, m, wt_itch_put_directory(m, locate, s->last_ns, wt_twin_name(s->twin, symbol)));
            else if (pass == 2)
                wt_twin_orders(s->twin, symbol, put_order, &(struct adds){s, symbol});
            else if (t->state)
                put(s, m,
                    wt_itch_put_action(m, locate, s->last_ns, wt_twin_name(s->twin, symbol), (char)t->state,
                                       t->reason));
        }
    }
}

static uint64_t next_sequence(void *ctx)
{
    return ((struct wt_feed_server *)ctx)->next_seq;
}

static uint64_t there(const struct wt_feed_server *s)
{
    return s->config.now(s->config.now_ctx) + s->config.way_ns;
}

static int snapshots_connect(void *ctx)
{
    struct wt_feed_server *s = ctx;
    s->connected = true;
    return wt_pipe_put(&s->glimpse.in, WT_PIPE_OPEN, ++s->connection, NULL, 0, there(s));
}

static int snapshots_send(void *ctx, const void *bytes, size_t length)
{
    struct wt_feed_server *s = ctx;
    return wt_pipe_put(&s->glimpse.in, WT_PIPE_BYTES, s->connection, bytes, length, there(s));
}

static ssize_t snapshots_recv(void *ctx, void *bytes, size_t room)
{
    struct wt_feed_server *s = ctx;
    uint64_t now = s->config.now(s->config.now_ctx);
    size_t got = 0;
    while (got < room) {
        enum wt_pipe_kind kind;
        uint32_t connection;
        ssize_t n;
        if (got > 0 && wt_pipe_head_kind(&s->glimpse.out) != WT_PIPE_BYTES)
            break; /* a closing is told by itself */
        n = wt_pipe_take(&s->glimpse.out, now, (uint8_t *)bytes + got, room - got, &kind, &connection);
        if (kind == WT_PIPE_NOTHING)
            break;
        if (connection != s->connection)
            continue; /* of one that was hung up */
        if (kind == WT_PIPE_CLOSE)
            return -ENOTCONN;
        got += (size_t)n;
    }
    return (ssize_t)got;
}

static void snapshots_close(void *ctx)
{
    struct wt_feed_server *s = ctx;
    wt_pipe_put(&s->glimpse.in, WT_PIPE_CLOSE, s->connection, NULL, 0, there(s));
    s->connected = false;
}

struct wt_stream wt_feed_server_snapshots(struct wt_feed_server *s)
{
    return (struct wt_stream){s, snapshots_connect, snapshots_send, snapshots_recv, snapshots_close};
}

/* ---------------------------------------------------------------- time */

uint64_t wt_feed_server_next_ns(const struct wt_feed_server *s)
{
    const uint64_t at[] = {wt_pipe_head_ns(&s->requests), wt_pipe_head_ns(&s->glimpse.in),
                           wt_pipe_next_ns(&s->replies, s->ran_ns), wt_pipe_next_ns(&s->glimpse.out, s->ran_ns)};
    uint64_t next = UINT64_MAX;
    for (unsigned i = 0; i < sizeof at / sizeof *at; i++)
        if (at[i] < next)
            next = at[i];
    return next;
}

void wt_feed_server_run(struct wt_feed_server *s, uint64_t now)
{
    s->ran_ns = now;
    take_requests(s, now);
    if (wt_pipe_head_ns(&s->glimpse.in) <= now) {
        apply_until(s, now);
        memcpy(s->glimpse.config.name, s->session, sizeof s->session);
        wt_session_take(&s->glimpse, now);
    }
    while (!s->connected && wt_pipe_head_ns(&s->glimpse.out) <= now) { /* nobody's any more */
        uint8_t bytes[4096];
        enum wt_pipe_kind kind;
        uint32_t connection;
        wt_pipe_take(&s->glimpse.out, now, bytes, sizeof bytes, &kind, &connection);
    }
}

void wt_feed_server_stats(const struct wt_feed_server *s, struct wt_feed_server_stats *stats)
{
    *stats = s->stats;
}

int wt_feed_server_create(const struct wt_feed_server_config *config, struct wt_feed_server **out)
{
    struct wt_feed_server *s = calloc(1, sizeof *s);
    struct wt_session_config glimpse = {.order_out_ns = config->way_ns + config->snapshot_ns};
    struct wt_twin_config twin;
    int error = -ENOMEM;
    wt_twin_defaults(&twin);
    twin.max_orders = MAX_ORDERS;
    if (s && (s->past = malloc(PACKETS * sizeof *s->past)) && (s->trading = calloc(65536, sizeof *s->trading)))
        error = wt_twin_create(&twin, &s->twin);
    if (error) {
        wt_error("no memory for the servers of re-requests and snapshots");
        wt_feed_server_destroy(s);
        return error;
    }
    s->config = *config;
    s->next_seq = config->first_seq;
    s->source = (struct wt_glimpse_source){s, make_snapshot, next_sequence};
    memcpy(glimpse.username, config->username, sizeof glimpse.username);
    memcpy(glimpse.password, config->password, sizeof glimpse.password);
    wt_session_init(&s->glimpse, &glimpse, &s->exchange);
    wt_glimpse_begin(&s->glimpse, &s->source);
    *out = s;
    return 0;
}

void wt_feed_server_destroy(struct wt_feed_server *s)
{
    if (!s)
        return;
    if (s->twin)
        wt_session_free(&s->glimpse);
    wt_pipe_free(&s->requests);
    wt_pipe_free(&s->replies);
    wt_twin_destroy(s->twin);
    free(s->trading);
    free(s->past);
    free(s);
}
