#include "host/cli/outside.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "host/card/pci.h"
#include "host/card/udp.h"
#include "host/cli/inside.h"
#include "host/common/bytes.h"
#include "host/gateway/datagram.h"
#include "host/gateway/socket.h"
#include "host/market/pcap.h"
#include "host/market/random.h"
#include "sim/card/frame.h"
#include "sim/exchange/feed_server.h"

/* The world begins this long before the first message: card reset, login. */
enum { LEAD_NS = 5000000 };
/* On the network and with a venue in process: when no other session of the feed has begun for so long after the end of
 * one, the market is over. */
enum { NEXT_SESSION_NS = 300000000 };

/* A socket, and the descriptor of it that live watches, or -1. */
struct watched {
    struct wt_outside *outside;
    struct wt_socket *socket; /* one of the two, or neither */
    struct wt_datagram *datagram;
    int fd;
};

/* What is each loop's own. */
struct seat {
    struct watched orders, snapshots;
    uint64_t messages;
    bool ended;        /* the feed's session */
    uint64_t ended_ns; /* then */
};

struct wt_outside {
    const struct wt_config *config;
    struct wt_sim *sim; /* of the simulated card, or NULL */
    struct wt_link *link;
    struct wt_exchange *exchange;           /* in process, or NULL */
    struct wt_feed_server *server;          /* of the feed in process, or NULL */
    struct wt_random random[WT_LIVE_LINES]; /* of what its lines lose */
    struct wt_cli_inside venue;             /* in process instead; venue.inside: or NULL */
    struct wt_live *live;                   /* on the network, with a simulated card, or NULL */
    struct watched requests;
    struct seat seat[WT_LOOPS_MAX];
    unsigned seats;
    bool link_taken, pci, udp; /* the link is one to PCI Express, to Ethernet */
};

static uint64_t stream_now(void *ctx)
{
    return wt_sim_now(((struct wt_outside *)ctx)->sim);
}

static int wire_send(void *ctx, unsigned line, uint64_t when, const void *frame, size_t length, unsigned flags)
{
    return wt_sim_send(((struct wt_outside *)ctx)->sim, line, when, frame, length, flags);
}

/* A packet of the exchange in process: its servers know it, and a line may lose it; but never the end of the session.
 */
static int lossy_send(void *ctx, unsigned line, uint64_t when, const void *frame, size_t length, unsigned flags)
{
    struct wt_outside *o = ctx;
    const uint8_t *payload = (const uint8_t *)frame + WT_FRAME_HEADERS;
    uint32_t ppm = line ? o->config->exchange.loss_b_ppm : o->config->exchange.loss_a_ppm;
    if (line == 0 && o->server)
        wt_feed_server_packet(o->server, when, payload, length - WT_FRAME_HEADERS);
    if (ppm && wt_be16(payload + 18) != WT_MOLD_END_OF_SESSION && wt_random_below(&o->random[line], 1000000) < ppm)
        return 0;
    return wire_send(o, line, when, frame, length, flags);
}

static uint64_t server_next(void *ctx)
{
    return wt_feed_server_next_ns(((struct wt_outside *)ctx)->server);
}

static void server_run(void *ctx, uint64_t now_ns)
{
    wt_feed_server_run(((struct wt_outside *)ctx)->server, now_ns);
}

static int create_server(struct wt_outside *o)
{
    const struct wt_config *c = o->config;
    struct wt_feed_server_config server;
    if (c->feed.recovery == WT_RECOVERY_NONE)
        return 0;
    wt_feed_server_defaults(&server);
    memcpy(server.username, c->exchange.glimpse_username, sizeof server.username);
    memcpy(server.password, c->exchange.glimpse_password, sizeof server.password);
    server.snapshot_ns = c->exchange.snapshot_ns;
    server.now = stream_now;
    server.now_ctx = o;
    return wt_feed_server_create(&server, &o->server);
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
    exchange.dialect = (enum wt_ouch_dialect)c->exchange.dialect;
    exchange.order_out = c->exchange.order_out;
    exchange.market_data = c->exchange.market_data;
    exchange.seed = c->run.seed;
    exchange.max_messages = c->run.max_messages;
    memcpy(exchange.username, c->exchange.username, sizeof exchange.username);
    memcpy(exchange.password, c->exchange.password, sizeof exchange.password);
    /* The exchange needs the world's wire, and the world's beginning is the exchange's first message. */
    int rc = wt_exchange_create(&exchange, (struct wt_exchange_wire){o, lossy_send}, &o->exchange);
    rc = rc ? rc : create_server(o);
    if (rc)
        return rc;
    for (unsigned i = 0; i < WT_LIVE_LINES; i++)
        wt_random_seed(&o->random[i], c->run.seed + i * UINT64_C(0x9e3779b97f4a7c15));
    uint64_t first = wt_exchange_first_ns(o->exchange);
    rc = create_sim(o, first > LEAD_NS ? first - LEAD_NS : 0);
    rc = rc ? rc : wt_sim_add_actor(o->sim, (struct wt_sim_actor){o->exchange, wt_exchange_next_ns, wt_exchange_run});
    return rc || !o->server ? rc : wt_sim_add_actor(o->sim, (struct wt_sim_actor){o, server_next, server_run});
}

/* What card/driver.h and the exchange take for line B by default. */
static uint32_t group_of_line(const struct wt_config *c, unsigned line)
{
    struct wt_exchange_config exchange;
    wt_exchange_defaults(&exchange);
    return line == 0 ? c->feed.group_ip : exchange.group[line];
}

static int create_venue(struct wt_outside *o)
{
    const uint32_t group[2] = {group_of_line(o->config, 0), group_of_line(o->config, 1)};
    int rc = wt_cli_inside_create(o->config, group, (struct wt_exchange_wire){o, wire_send}, &o->venue);
    if (rc)
        return rc;
    uint64_t first = wt_cli_inside_first_ns(&o->venue);
    wt_inside_start(o->venue.inside, o->venue.parts.venue, first);
    rc = create_sim(o, first > LEAD_NS ? first - LEAD_NS : 0);
    return rc ? rc : wt_sim_add_actor(o->sim, (struct wt_sim_actor){o->venue.inside, wt_inside_next_ns, wt_inside_run});
}

/* What else of the exchange is on the network: order entry, and the servers of the feed. */
static int create_sockets(struct wt_outside *o)
{
    const struct wt_config *c = o->config;
    const struct wt_socket_config orders = {
        .ip = c->exchange.connect_ip, .port = c->exchange.connect_port, .busy_poll_us = c->exchange.busy_poll_us};
    const struct wt_socket_config glimpse = {.ip = c->exchange.glimpse_ip, .port = c->exchange.glimpse_port};
    int rc = 0;
    for (unsigned i = 0; !rc && i < o->seats; i++) {
        rc = wt_socket_create(&orders, &o->seat[i].orders.socket);
        if (!rc && glimpse.port && c->feed.recovery != WT_RECOVERY_NONE)
            rc = wt_socket_create(&glimpse, &o->seat[i].snapshots.socket);
    }
    if (!rc && c->exchange.rerequest_port && c->feed.recovery == WT_RECOVERY_REREQUEST)
        rc = wt_datagram_create(c->exchange.rerequest_ip, c->exchange.rerequest_port, &o->requests.datagram);
    return rc;
}

/* The card's wires, and who plays onto them, are not ours. */
static int create_on_udp(struct wt_outside *o)
{
    int rc = wt_udp_open(o->config->link.card[0] ? o->config->link.card : NULL, true, &o->link);
    o->udp = rc == 0;
    return rc ? rc : create_sockets(o);
}

static int create_on_pci(struct wt_outside *o)
{
    const struct wt_config *c = o->config;
    const struct wt_pci_config pci = {.address = c->link.card[0] ? c->link.card : NULL,
                                      .dma = c->link.dma,
                                      .no_iommu = c->link.no_iommu,
                                      .outlive = true};
    int rc = wt_pci_open(&pci, &o->link);
    o->pci = rc == 0;
    return rc ? rc : create_sockets(o);
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
    int rc = wt_live_create(&live, (struct wt_live_wire){o, wire_send}, &o->live);
    if (rc)
        return rc;
    rc = create_sim(o, live.start_ns);
    rc = rc ? rc : wt_sim_add_actor(o->sim, (struct wt_sim_actor){o->live, wt_live_next_ns, wt_live_run});
    return rc ? rc : create_sockets(o);
}

int wt_outside_create(const struct wt_config *config, struct wt_outside **outside)
{
    struct wt_outside *o = calloc(1, sizeof *o);
    if (!o)
        return -ENOMEM;
    o->config = config;
    o->seats = config->host.loops ? config->host.loops : 1;
    o->requests = (struct watched){.outside = o, .fd = -1};
    for (unsigned i = 0; i < o->seats; i++)
        o->seat[i].orders = o->seat[i].snapshots = o->requests;
    int rc;
    if (config->link.type == WT_LINK_PCI)
        rc = create_on_pci(o);
    else if (config->link.type == WT_LINK_UDP)
        rc = create_on_udp(o);
    else if (config->exchange.connect[0])
        rc = create_live(o);
    else
        rc = config->exchange.venue[0] ? create_venue(o) : create_in_process(o);
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

uint64_t wt_outside_now(const struct wt_outside *o)
{
    return o->link->ops->now_ns(o->link);
}

bool wt_outside_sim_stats(const struct wt_outside *o, struct wt_sim_stats *stats)
{
    if (o->sim)
        wt_sim_stats(o->sim, stats);
    return o->sim != NULL;
}

/* ---- sockets that live wakes for: a new connection has a new descriptor ---- */

static void unwatch(struct watched *w)
{
    if (w->fd >= 0 && w->outside->live)
        wt_live_unwatch(w->outside->live, w->fd);
    w->fd = -1;
}

static int watched_fd(const struct watched *w)
{
    return w->socket ? wt_socket_fd(w->socket) : wt_datagram_fd(w->datagram);
}

static struct wt_stream inner_stream(const struct watched *w)
{
    return w->socket ? wt_socket_stream(w->socket) : wt_datagram_stream(w->datagram);
}

static int connect_and_watch(void *ctx)
{
    struct watched *w = ctx;
    struct wt_stream stream = inner_stream(w);
    unwatch(w);
    int rc = stream.connect(stream.ctx);
    w->fd = watched_fd(w);
    if (w->fd >= 0 && w->outside->live)
        wt_live_watch(w->outside->live, w->fd);
    return rc;
}

static int send_bytes(void *ctx, const void *bytes, size_t length)
{
    struct wt_stream stream = inner_stream(ctx);
    return stream.send(stream.ctx, bytes, length);
}

static ssize_t recv_bytes(void *ctx, void *bytes, size_t room)
{
    struct watched *w = ctx;
    struct wt_stream stream = inner_stream(w);
    ssize_t n = stream.recv(stream.ctx, bytes, room);
    if (n < 0 && watched_fd(w) < 0)
        unwatch(w);
    return n;
}

static void hang_up(void *ctx)
{
    struct watched *w = ctx;
    struct wt_stream stream = inner_stream(w);
    unwatch(w);
    stream.close(stream.ctx);
}

static struct wt_stream watched_stream(struct watched *w)
{
    return (struct wt_stream){
        .ctx = w, .connect = connect_and_watch, .send = send_bytes, .recv = recv_bytes, .close = hang_up};
}

struct wt_stream wt_outside_stream(struct wt_outside *o, unsigned loop)
{
    if (o->venue.inside)
        return wt_inside_client(o->venue.inside, WT_VENUE_ORDERS, loop, stream_now, o);
    return o->exchange ? wt_exchange_stream(o->exchange, stream_now, o) : watched_stream(&o->seat[loop].orders);
}

bool wt_outside_rerequests(struct wt_outside *o, struct wt_stream *stream)
{
    if (!o->server && !o->requests.datagram && !o->venue.inside)
        return false;
    if (o->venue.inside)
        *stream = wt_inside_requests(o->venue.inside, stream_now, o);
    else
        *stream = o->server ? wt_feed_server_requests(o->server) : watched_stream(&o->requests);
    return true;
}

bool wt_outside_snapshots(struct wt_outside *o, unsigned loop, struct wt_stream *stream)
{
    struct watched *own = &o->seat[loop].snapshots;
    if (!o->server && !own->socket && !o->venue.inside)
        return false;
    if (o->venue.inside)
        *stream = wt_inside_client(o->venue.inside, WT_VENUE_GLIMPSE, loop, stream_now, o);
    else
        *stream = o->server ? wt_feed_server_snapshots(o->server) : watched_stream(own);
    return true;
}

void wt_outside_retry(struct wt_outside *o, unsigned loop, unsigned attempt)
{
    const struct wt_config *c = o->config;
    struct wt_socket *socket = o->seat[loop].orders.socket;
    if (!socket || !c->exchange.connect_b[0])
        return;
    if (attempt % 2)
        wt_socket_address(socket, c->exchange.connect_b_ip, c->exchange.connect_b_port);
    else
        wt_socket_address(socket, c->exchange.connect_ip, c->exchange.connect_port);
}

bool wt_outside_gone(const struct wt_outside *o)
{
    return (o->pci && wt_pci_gone(o->link)) || (o->udp && wt_udp_gone(o->link));
}

bool wt_outside_live(const struct wt_outside *o)
{
    return o->seat[0].orders.socket != NULL;
}

void wt_outside_record(struct wt_outside *o, unsigned loop, const union wt_event_record *record)
{
    struct seat *s = &o->seat[loop];
    if (record->head.feed_seq > s->messages)
        s->messages = record->head.feed_seq;
    if (record->head.kind != WT_RECORD_TYPE_SESSION)
        return;
    s->ended = record->session.session_event == WT_SESSION_EVENT_END;
    s->ended_ns = wt_outside_now(o);
}

bool wt_outside_done(const struct wt_outside *o, unsigned loop)
{
    const struct seat *s = &o->seat[loop];
    if (o->exchange)
        return wt_exchange_feed_done(o->exchange);
    /* A session that ends may be followed by another one. */
    return s->ended && wt_outside_now(o) - s->ended_ns >= NEXT_SESSION_NS;
}

uint64_t wt_outside_heard(const struct wt_outside *o, unsigned loop)
{
    struct wt_live_stats live;
    if (!o->live)
        return o->seat[loop].messages;
    wt_live_stats(o->live, &live);
    return live.datagrams[0] + live.datagrams[1];
}

void wt_outside_stats(const struct wt_outside *o, struct wt_exchange_stats *stats)
{
    if (o->exchange) {
        wt_exchange_stats(o->exchange, stats);
        return;
    }
    if (o->venue.inside) {
        wt_cli_inside_stats(&o->venue, stats);
        return;
    }
    struct wt_live_stats live = {0};
    if (o->live)
        wt_live_stats(o->live, &live);
    uint64_t messages = 0;
    for (unsigned i = 0; i < o->seats; i++)
        messages = o->seat[i].messages > messages ? o->seat[i].messages : messages;
    *stats = (struct wt_exchange_stats){.messages = messages, .datagrams = live.datagrams[0] + live.datagrams[1]};
}

const struct wt_exchange_ledger *const *wt_outside_ledgers(const struct wt_outside *o)
{
    return o->exchange ? wt_exchange_ledgers(o->exchange) : NULL;
}

int wt_outside_end(const struct wt_outside *o)
{
    return o->venue.inside ? wt_cli_inside_end(&o->venue) : 0;
}

void wt_outside_destroy(struct wt_outside *o)
{
    if (!o)
        return;
    if (o->link && !o->link_taken)
        o->link->ops->close(o->link);
    wt_exchange_destroy(o->exchange);
    wt_cli_inside_destroy(&o->venue);
    wt_feed_server_destroy(o->server);
    for (unsigned i = 0; i < o->seats; i++) {
        wt_socket_destroy(o->seat[i].orders.socket);
        wt_socket_destroy(o->seat[i].snapshots.socket);
    }
    wt_datagram_destroy(o->requests.datagram);
    wt_live_destroy(o->live);
    free(o);
}
