#include "sim/exchange/inside.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "host/common/log.h"
#include "sim/card/frame.h"
#include "sim/exchange/pipe.h"

#define IN_FLIGHT_MAX (1u << 20) /* bytes of a client under way */
#define LINGER_NS 100000000ull   /* after the end, for what the lines still hold */

enum { PORTS = 2, CLIENTS = PORTS * WT_INSIDE_CLIENTS }; /* enum wt_venue_port */

/* One client. Its connections have numbers, so that bytes of an old one are not taken for the new one's. */
struct client {
    struct wt_inside *inside;
    enum wt_venue_port port;
    struct wt_pipe in;
    uint32_t number; /* of the newest connection, as the client sees it */
    bool connected;  /* as the client sees it */
    uint32_t open;   /* as the venue sees it: number of the connection, 0: none */
    int connection;  /* the venue's number of that */
    uint32_t gone;   /* number of the last connection that the venue ended, or had no room for */
    uint64_t (*now)(void *ctx);
    void *now_ctx;
};

/* Datagrams under way, each a mark. What comes too fast for the room is lost, as datagrams are. */
struct requests {
    struct wt_pipe in, out;
    uint64_t (*now)(void *ctx);
    void *now_ctx;
};

struct wt_inside {
    struct wt_inside_config config;
    struct wt_exchange_wire wire;
    struct wt_frame_builder frame[2];
    struct wt_venue *venue;
    struct client clients[CLIENTS]; /* of order entry, then of GLIMPSE */
    struct requests requests;
    uint64_t clock, ended_ns;
    bool started, ended;
    uint64_t unsent;
};

int wt_inside_create(const struct wt_inside_config *config, struct wt_exchange_wire wire, struct wt_inside **inside)
{
    struct wt_inside *x = calloc(1, sizeof *x);
    *inside = x;
    if (!x)
        return -ENOMEM;
    x->config = *config;
    x->wire = wire;
    for (unsigned i = 0; i < 2; i++)
        wt_frame_init(&x->frame[i], config->group[i], config->port[i], "          ");
    for (unsigned i = 0; i < CLIENTS; i++) {
        x->clients[i].inside = x;
        x->clients[i].port = (enum wt_venue_port)(i / WT_INSIDE_CLIENTS);
    }
    return 0;
}

void wt_inside_destroy(struct wt_inside *x)
{
    if (!x)
        return;
    for (unsigned i = 0; i < CLIENTS; i++)
        wt_pipe_free(&x->clients[i].in);
    wt_pipe_free(&x->requests.in);
    wt_pipe_free(&x->requests.out);
    free(x);
}

void wt_inside_send(void *inside, unsigned line, uint64_t when_ns, const uint8_t *mold, size_t length)
{
    struct wt_inside *x = inside;
    size_t n = wt_frame_wrap(&x->frame[line], mold, length);
    if ((n == 0 || x->wire.send(x->wire.ctx, line, when_ns, x->frame[line].bytes, n, 0) < 0) && x->unsent++ == 0)
        wt_warn("exchange: the wire of line %c refuses a frame of %zu bytes: it is lost", 'A' + (int)line, n);
}

void wt_inside_start(struct wt_inside *x, struct wt_venue *venue, uint64_t start_ns)
{
    x->venue = venue;
    x->clock = start_ns;
}

/* ---------------------------------------------------------------- the venue's end of the connections */

static void hang_up(struct client *c, uint64_t now_ns)
{
    if (c->open == 0)
        return;
    wt_venue_close(c->inside->venue, c->connection, now_ns);
    c->gone = c->open;
    c->open = 0;
}

static void take_mark(struct client *c, enum wt_pipe_kind kind, uint32_t number, const uint8_t *bytes, size_t length,
                      uint64_t now_ns)
{
    if (kind == WT_PIPE_OPEN) {
        hang_up(c, now_ns);
        c->connection = wt_venue_open(c->inside->venue, c->port, now_ns);
        c->open = c->connection < 0 ? 0 : number;
        c->gone = c->connection < 0 ? number : c->gone;
    } else if (number != c->open) {
        return; /* of a connection that is no more */
    } else if (kind == WT_PIPE_CLOSE) {
        hang_up(c, now_ns);
    } else {
        wt_venue_input(c->inside->venue, c->connection, now_ns, bytes, length);
    }
}

/* What has arrived; while the venue does not read it waits. */
static void take_input(struct client *c, uint64_t now_ns)
{
    uint8_t bytes[4096];
    while (!wt_venue_silent(c->inside->venue)) {
        enum wt_pipe_kind kind;
        uint32_t number;
        ssize_t length = wt_pipe_take(&c->in, now_ns, bytes, sizeof bytes, &kind, &number);
        if (kind == WT_PIPE_NOTHING)
            return;
        take_mark(c, kind, number, bytes, (size_t)length, now_ns);
    }
}

static void answer_requests(struct wt_inside *x, uint64_t now_ns)
{
    uint8_t request[64], reply[1472];
    for (;;) {
        enum wt_pipe_kind kind;
        uint32_t unused;
        ssize_t length = wt_pipe_take(&x->requests.in, now_ns, request, sizeof request, &kind, &unused);
        if (kind == WT_PIPE_NOTHING)
            return;
        size_t n = wt_venue_rerequest(x->venue, request, (size_t)length, reply);
        if (n > 0 && wt_pipe_bytes(&x->requests.out) < IN_FLIGHT_MAX)
            wt_pipe_put(&x->requests.out, WT_PIPE_BYTES, 0, reply, n, now_ns + x->config.request_ns);
    }
}

/* ---------------------------------------------------------------- time */

static uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

uint64_t wt_inside_next_ns(void *inside)
{
    const struct wt_inside *x = inside;
    if (!x->started)
        return x->clock;
    if (x->ended && x->clock >= x->ended_ns + LINGER_NS && !wt_venue_occupied(x->venue))
        return UINT64_MAX;
    uint64_t next = wt_venue_next_ns(x->venue);
    for (unsigned i = 0; i < CLIENTS && !wt_venue_silent(x->venue); i++)
        next = least(next, wt_pipe_head_ns(&x->clients[i].in));
    /* An answer that has arrived waits for the client, not for us. */
    return least(next, least(wt_pipe_head_ns(&x->requests.in), wt_pipe_next_ns(&x->requests.out, x->clock)));
}

void wt_inside_run(void *inside, uint64_t now_ns)
{
    struct wt_inside *x = inside;
    uint64_t due;
    while ((due = wt_inside_next_ns(x)) <= now_ns) {
        if (due > x->clock)
            x->clock = due;
        if (!x->started)
            wt_venue_start(x->venue, x->clock);
        x->started = true;
        wt_venue_run(x->venue, x->clock);
        for (unsigned i = 0; i < CLIENTS; i++)
            take_input(&x->clients[i], x->clock);
        answer_requests(x, x->clock);
        if (!x->ended && x->config.until_done && wt_venue_market_done(x->venue)) {
            x->ended = true;
            x->ended_ns = x->clock;
            wt_venue_end(x->venue, x->clock);
        }
    }
    if (x->started && now_ns > x->clock)
        x->clock = now_ns;
}

bool wt_inside_done(const struct wt_inside *x)
{
    return x->ended;
}

uint64_t wt_inside_unsent(const struct wt_inside *x)
{
    return x->unsent;
}

/* ---------------------------------------------------------------- the client's end */

static int put(struct client *c, enum wt_pipe_kind kind, const void *bytes, size_t length)
{
    return wt_pipe_put(&c->in, kind, c->number, bytes, length, c->now(c->now_ctx) + c->inside->config.order_in_ns);
}

static int stream_connect(void *ctx)
{
    struct client *c = ctx;
    if (c->connected)
        return -EISCONN;
    c->number++;
    if (put(c, WT_PIPE_OPEN, NULL, 0) < 0)
        return -ENOMEM;
    c->connected = true;
    return 0;
}

static int stream_send(void *ctx, const void *bytes, size_t length)
{
    struct client *c = ctx;
    if (!c->connected)
        return -ENOTCONN;
    if (length > IN_FLIGHT_MAX || wt_pipe_bytes(&c->in) > IN_FLIGHT_MAX - length)
        return -EAGAIN;
    return length == 0 ? 0 : put(c, WT_PIPE_BYTES, bytes, length);
}

static ssize_t stream_recv(void *ctx, void *bytes, size_t room)
{
    struct client *c = ctx;
    if (!c->connected || c->gone == c->number)
        return -ENOTCONN;
    if (c->open != c->number)
        return 0; /* the opening is under way */
    uint64_t now = c->now(c->now_ctx);
    ssize_t n = wt_venue_output(c->inside->venue, c->connection, now, bytes, room);
    if (n < 0)
        hang_up(c, now);
    return n;
}

static void stream_close(void *ctx)
{
    struct client *c = ctx;
    if (!c->connected)
        return;
    c->connected = false;
    put(c, WT_PIPE_CLOSE, NULL, 0);
}

static int requests_connect(void *ctx)
{
    (void)ctx;
    return 0;
}

static int requests_send(void *ctx, const void *bytes, size_t length)
{
    struct wt_inside *x = ctx;
    uint64_t arrival = x->requests.now(x->requests.now_ctx) + x->config.request_ns;
    if (length == 0 || length > 64 || wt_pipe_bytes(&x->requests.in) > IN_FLIGHT_MAX)
        return 0;
    return wt_pipe_put(&x->requests.in, WT_PIPE_BYTES, 0, bytes, length, arrival);
}

static ssize_t requests_recv(void *ctx, void *bytes, size_t room)
{
    struct wt_inside *x = ctx;
    uint8_t reply[1472];
    enum wt_pipe_kind kind;
    uint32_t unused;
    uint64_t now = x->requests.now(x->requests.now_ctx);
    ssize_t n = wt_pipe_take(&x->requests.out, now, reply, sizeof reply, &kind, &unused);
    if (kind == WT_PIPE_NOTHING)
        return 0;
    if ((size_t)n > room)
        n = (ssize_t)room;
    memcpy(bytes, reply, (size_t)n);
    return n;
}

static void requests_close(void *ctx)
{
    (void)ctx;
}

struct wt_stream wt_inside_requests(struct wt_inside *x, uint64_t (*now)(void *ctx), void *now_ctx)
{
    x->requests.now = now;
    x->requests.now_ctx = now_ctx;
    return (struct wt_stream){
        .ctx = x, .connect = requests_connect, .send = requests_send, .recv = requests_recv, .close = requests_close};
}

struct wt_stream wt_inside_client(struct wt_inside *x, enum wt_venue_port port, unsigned number,
                                  uint64_t (*now)(void *ctx), void *now_ctx)
{
    struct client *c = &x->clients[port * WT_INSIDE_CLIENTS + number];
    c->now = now;
    c->now_ctx = now_ctx;
    return (struct wt_stream){
        .ctx = c, .connect = stream_connect, .send = stream_send, .recv = stream_recv, .close = stream_close};
}

struct wt_stream wt_inside_stream(struct wt_inside *x, enum wt_venue_port port, uint64_t (*now)(void *ctx),
                                  void *now_ctx)
{
    return wt_inside_client(x, port, 0, now, now_ctx);
}
