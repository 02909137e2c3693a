#include "host/cli/outside.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "host/gateway/socket.h"

/* The world begins this long before the first message: card reset, login. */
enum { LEAD_NS = 5000000 };
/* On the network: when no other session of the feed has begun for so long after the end of one, the market is over. */
enum { NEXT_SESSION_NS = 300000000 };

struct wt_outside {
    const struct wt_config *config;
    struct wt_sim *sim;
    struct wt_link *link;
    struct wt_exchange *exchange; /* in process, or NULL */
    struct wt_live *live;         /* on the network, or NULL */
    struct wt_socket *socket;
    bool link_taken;
    int watched; /* descriptor of the socket that live watches, or -1 */
    uint64_t messages;
    bool ended;        /* the feed's session */
    uint64_t ended_ns; /* then */
};

static uint64_t stream_now(void *ctx)
{
    return wt_sim_now(((struct wt_outside *)ctx)->sim);
}

static int wire_send(void *ctx, unsigned line, uint64_t when, const void *frame, size_t length, unsigned flags)
{
    return wt_sim_send(((struct wt_outside *)ctx)->sim, line, when, frame, length, flags);
}

static int create_sim(struct wt_outside *o, uint64_t start_ns)
{
    const struct wt_config *c = o->config;
    struct wt_sim_config sim;
    wt_sim_defaults(&sim);
    sim.start_ns = start_ns;
    sim.model_path = c->link.model[0] ? c->link.model : NULL;
    sim.posted_write_ns = c->link.posted_write_ns;
    sim.read_ns = c->link.read_ns;
    sim.max_payload = c->link.max_payload;
    int rc = wt_sim_create(&sim, &o->sim);
    if (!rc)
        o->link = wt_sim_link(o->sim);
    return rc;
}

static int create_in_process(struct wt_outside *o)
{
    const struct wt_config *c = o->config;
    struct wt_exchange_config exchange;
    wt_exchange_defaults(&exchange);
    exchange.file = c->exchange.file;
    exchange.group[0] = c->feed.group_ip;
    exchange.port[0] = exchange.port[1] = c->feed.port;
    exchange.packet_window_ns = c->exchange.packet_window_ns;
    exchange.order_in_ns = c->exchange.order_in_ns;
    exchange.order_out_ns = c->exchange.order_out_ns;
    exchange.order_in = c->exchange.order_in;
    exchange.order_out = c->exchange.order_out;
    exchange.market_data = c->exchange.market_data;
    exchange.seed = c->run.seed;
    exchange.max_messages = c->run.max_messages;
    memcpy(exchange.username, c->exchange.username, sizeof exchange.username);
    memcpy(exchange.password, c->exchange.password, sizeof exchange.password);
    /* The exchange needs the world's wire, and the world's beginning is the exchange's first message. */
    int rc = wt_exchange_create(&exchange, (struct wt_exchange_wire){o, wire_send}, &o->exchange);
    if (rc)
        return rc;
    uint64_t first = wt_exchange_first_ns(o->exchange);
    rc = create_sim(o, first > LEAD_NS ? first - LEAD_NS : 0);
    return rc ? rc : wt_sim_add_actor(o->sim, (struct wt_sim_actor){o->exchange, wt_exchange_next_ns, wt_exchange_run});
}

/* What card/driver.h and the exchange take for line B by default. */
static uint32_t group_of_line(const struct wt_config *c, unsigned line)
{
    struct wt_exchange_config exchange;
    wt_exchange_defaults(&exchange);
    return line == 0 ? c->feed.group_ip : exchange.group[line];
}

static int create_live(struct wt_outside *o)
{
    const struct wt_config *c = o->config;
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    struct wt_live_config live;
    wt_live_defaults(&live);
    live.start_ns = (uint64_t)(now.tv_sec % 86400) * 1000000000u + (uint64_t)now.tv_nsec;
    for (unsigned i = 0; i < WT_LIVE_LINES; i++)
        live.line[i] = (struct wt_live_line){.listen_ip = c->exchange.listen_ip[i],
                                             .listen_port = c->exchange.listen_port[i],
                                             .interface_ip = c->exchange.interface_ip,
                                             .group = group_of_line(c, i),
                                             .port = c->feed.port};
    live.rerequest_ip = c->exchange.catch_up_ip;
    live.rerequest_port = c->exchange.catch_up_port;
    int rc = wt_live_create(&live, (struct wt_live_wire){o, wire_send}, &o->live);
    if (rc)
        return rc;
    rc = create_sim(o, live.start_ns);
    rc = rc ? rc : wt_sim_add_actor(o->sim, (struct wt_sim_actor){o->live, wt_live_next_ns, wt_live_run});
    const struct wt_socket_config socket = {
        .ip = c->exchange.connect_ip, .port = c->exchange.connect_port, .busy_poll_us = c->exchange.busy_poll_us};
    return rc ? rc : wt_socket_create(&socket, &o->socket);
}

int wt_outside_create(const struct wt_config *config, struct wt_outside **outside)
{
    struct wt_outside *o = calloc(1, sizeof *o);
    if (!o)
        return -ENOMEM;
    o->config = config;
    o->watched = -1;
    int rc = config->exchange.connect[0] ? create_live(o) : create_in_process(o);
    if (rc) {
        wt_outside_destroy(o);
        return rc;
    }
    *outside = o;
    return 0;
}

struct wt_link *wt_outside_link(struct wt_outside *o)
{
    o->link_taken = true;
    return o->link;
}

void wt_outside_begin(struct wt_outside *o)
{
    if (o->live)
        wt_live_begin(o->live);
}

struct wt_sim *wt_outside_sim(struct wt_outside *o)
{
    return o->sim;
}

/* A new connection has a new descriptor, which live must wake for. */
static int connect_and_watch(void *ctx)
{
    struct wt_outside *o = ctx;
    struct wt_stream stream = wt_socket_stream(o->socket);
    int rc = stream.connect(stream.ctx);
    wt_live_unwatch(o->live, o->watched);
    o->watched = wt_socket_fd(o->socket);
    if (o->watched >= 0)
        wt_live_watch(o->live, o->watched);
    return rc;
}

static int send_bytes(void *ctx, const void *bytes, size_t length)
{
    struct wt_stream stream = wt_socket_stream(((struct wt_outside *)ctx)->socket);
    return stream.send(stream.ctx, bytes, length);
}

static ssize_t recv_bytes(void *ctx, void *bytes, size_t room)
{
    struct wt_outside *o = ctx;
    struct wt_stream stream = wt_socket_stream(o->socket);
    ssize_t n = stream.recv(stream.ctx, bytes, room);
    if (n < 0 && o->watched >= 0 && wt_socket_fd(o->socket) < 0) {
        wt_live_unwatch(o->live, o->watched);
        o->watched = -1;
    }
    return n;
}

static void hang_up(void *ctx)
{
    struct wt_outside *o = ctx;
    struct wt_stream stream = wt_socket_stream(o->socket);
    wt_live_unwatch(o->live, o->watched);
    o->watched = -1;
    stream.close(stream.ctx);
}

struct wt_stream wt_outside_stream(struct wt_outside *o)
{
    if (o->exchange)
        return wt_exchange_stream(o->exchange, stream_now, o);
    return (struct wt_stream){
        .ctx = o, .connect = connect_and_watch, .send = send_bytes, .recv = recv_bytes, .close = hang_up};
}

void wt_outside_retry(struct wt_outside *o, unsigned attempt)
{
    const struct wt_config *c = o->config;
    if (!o->socket || !c->exchange.connect_b[0])
        return;
    if (attempt % 2)
        wt_socket_address(o->socket, c->exchange.connect_b_ip, c->exchange.connect_b_port);
    else
        wt_socket_address(o->socket, c->exchange.connect_ip, c->exchange.connect_port);
}

bool wt_outside_live(const struct wt_outside *o)
{
    return o->live != NULL;
}

void wt_outside_record(struct wt_outside *o, const union wt_event_record *record)
{
    if (record->head.feed_seq > o->messages)
        o->messages = record->head.feed_seq;
    if (record->head.kind != WT_RECORD_TYPE_SESSION)
        return;
    o->ended = record->session.session_event == WT_SESSION_EVENT_END;
    o->ended_ns = wt_sim_now(o->sim);
}

bool wt_outside_done(const struct wt_outside *o)
{
    if (o->exchange)
        return wt_exchange_feed_done(o->exchange);
    /* A session that ends may be followed by another one. */
    return o->ended && wt_sim_now(o->sim) - o->ended_ns >= NEXT_SESSION_NS;
}

void wt_outside_stats(const struct wt_outside *o, struct wt_exchange_stats *stats)
{
    if (o->exchange) {
        wt_exchange_stats(o->exchange, stats);
        return;
    }
    struct wt_live_stats live;
    wt_live_stats(o->live, &live);
    *stats = (struct wt_exchange_stats){.messages = o->messages, .datagrams = live.datagrams[0] + live.datagrams[1]};
}

const struct wt_exchange_ledger *const *wt_outside_ledgers(const struct wt_outside *o)
{
    return o->exchange ? wt_exchange_ledgers(o->exchange) : NULL;
}

void wt_outside_destroy(struct wt_outside *o)
{
    if (!o)
        return;
    if (o->link && !o->link_taken)
        o->link->ops->close(o->link);
    wt_exchange_destroy(o->exchange);
    wt_socket_destroy(o->socket);
    wt_live_destroy(o->live);
    free(o);
}
