/* The host's gateway on a stream whose other end is an input. */
#ifndef WT_FUZZ_GATEWAY_H
#define WT_FUZZ_GATEWAY_H

#include "host/gateway/gateway.h"
#include "host/gateway/ouch42.h"
#include "host/gateway/soup.h"
#include "tests/fuzz/fuzz.h"

#define HOST_MS 1000000ull
#ifndef BENCH_DIALECT
#define BENCH_DIALECT WT_OUCH_50
#endif

struct host {
    struct wt_gateway *gateway;
    uint64_t now;
    const uint8_t *in;
    size_t in_length, chunk;
    bool connected, closed_by_venue;
    uint64_t reports, last_sequence;
    struct wt_soup_parser sent; /* what the gateway sends is read back */
};

static inline int host_connect(void *ctx)
{
    struct host *h = ctx;
    h->connected = true;
    wt_soup_init(&h->sent, WT_SOUP_FROM_CLIENT);
    return 0;
}

static inline bool host_well_formed(const uint8_t *message, size_t length)
{
    struct wt_ouch m;
    struct wt_ouch42 m42;
    return BENCH_DIALECT == WT_OUCH_42 ? wt_ouch42_decode(WT_OUCH_IN, message, length, &m42) == 0
                                       : wt_ouch_decode(WT_OUCH_IN, message, length, &m) == 0;
}

static inline int host_send(void *ctx, const void *bytes, size_t length)
{
    struct host *h = ctx;
    size_t room;
    uint8_t *to = wt_soup_room(&h->sent, &room);
    struct wt_soup_packet p;
    int rc;
    FUZZ_CHECK(h->connected && length <= room);
    memcpy(to, bytes, length);
    wt_soup_commit(&h->sent, length);
    while ((rc = wt_soup_next(&h->sent, &p)) != 0)
        FUZZ_CHECK(rc > 0 && (p.type != WT_SOUP_UNSEQUENCED || host_well_formed(p.payload, p.length)));
    return 0;
}

static inline ssize_t host_recv(void *ctx, void *bytes, size_t room)
{
    struct host *h = ctx;
    if (!h->connected)
        return -ENOTCONN;
    size_t n = h->in_length < room ? h->in_length : room;
    if (h->chunk != 0 && n > h->chunk)
        n = h->chunk;
    if (n == 0)
        return h->closed_by_venue ? -ENOTCONN : 0;
    memcpy(bytes, h->in, n);
    h->in += n;
    h->in_length -= n;
    return (ssize_t)n;
}

static inline void host_close(void *ctx)
{
    ((struct host *)ctx)->connected = false;
}

/* Whatever the venue says, a report is of a known kind, and reports are numbered upwards. */
static inline void host_exec(void *ctx, const struct wt_exec_report *r)
{
    struct host *h = ctx;
    h->reports++;
    FUZZ_CHECK(r->type != 0 && strchr("AUCEJIPBQFT", (int)r->type));
    /* OUCH 4.2's own sign of being in step has no number of its own. */
    bool again = BENCH_DIALECT == WT_OUCH_42 && r->type == WT_EXEC_SYNCED && r->sequence == h->last_sequence;
    FUZZ_CHECK(r->sequence > h->last_sequence || again);
    h->last_sequence = r->sequence;
}

static inline void host_state(void *ctx, enum wt_gateway_state state, const char *why)
{
    struct host *h = ctx;
    (void)why;
    if (state == WT_GATEWAY_LOGGING_IN)
        h->last_sequence = 0; /* another session may begin anew */
}

static inline void host_begin(struct host *h, bool sync)
{
    struct wt_gateway_config config;
    memset(h, 0, offsetof(struct host, sent));
    wt_gateway_defaults(&config);
    memcpy(config.username, "U0", 3);
    memcpy(config.password, "secret", 7);
    config.next_sequence = 1;
    config.dialect = BENCH_DIALECT;
    config.sync = sync;
    config.retry_min_ns = HOST_MS;
    config.retry_max_ns = 4 * HOST_MS;
    h->now = HOST_MS;
    FUZZ_CHECK(wt_gateway_create(&config, (struct wt_stream){h, host_connect, host_send, host_recv, host_close},
                                 (struct wt_gateway_handler){.ctx = h, .exec = host_exec, .state = host_state},
                                 &h->gateway) == 0);
    FUZZ_CHECK(wt_gateway_start(h->gateway, h->now) == 0);
}

/* Let these bytes come in. */
static inline void host_input(struct host *h, const uint8_t *bytes, size_t length)
{
    h->in = bytes;
    h->in_length = length;
    for (unsigned i = 0; h->in_length > 0 && h->connected; i++) {
        size_t left = h->in_length;
        wt_gateway_poll(h->gateway, h->now);
        FUZZ_CHECK(h->in_length < left || !h->connected);
    }
    wt_gateway_poll(h->gateway, h->now);
}

static inline void host_login_accepted(struct host *h, uint64_t sequence)
{
    struct wt_soup_login_accepted a = {.session = "SIM0000001", .sequence = sequence};
    uint8_t bytes[64];
    int n = wt_soup_put_login_accepted(bytes, sizeof bytes, &a);
    FUZZ_CHECK(n > 0);
    host_input(h, bytes, (size_t)n);
}

static inline void host_end(struct host *h)
{
    struct wt_gateway_stats s;
    wt_gateway_stats(h->gateway, &s);
    wt_gateway_stop(h->gateway, h->now);
    wt_gateway_destroy(h->gateway);
}

static inline struct wt_order_request host_order(uint32_t id)
{
    struct wt_order_request q = {.kind = WT_REQUEST_ENTER,
                                 .id = id,
                                 .side = id % 2 ? WT_BUY : WT_SELL,
                                 .tif = WT_TIF_DAY,
                                 .shares = 100,
                                 .price = 1000000};
    memcpy(q.name, "ABC     ", 8);
    return q;
}

#endif
