#include "host/gateway/glimpse.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "host/common/log.h"
#include "host/gateway/soup.h"

enum {
    END = 21,     /* bytes of G */
    READS = 16,   /* of the stream in one poll: the loop has more to do */
    HEARTBEAT = 1 /* s between our own */
};

#define HEARTBEAT_NS (HEARTBEAT * 1000000000ull)

enum state { IDLE, REFUSED, CONNECTING, LOGGING_IN, TAKING };

struct wt_glimpse {
    struct wt_glimpse_config config;
    struct wt_stream stream;
    struct wt_glimpse_handler handler;
    struct wt_glimpse_stats stats;
    enum state state;
    uint64_t heard_ns, sent_ns;
    uint64_t generation; /* a handler may begin another one */
    struct wt_soup_parser parser;
};

void wt_glimpse_defaults(struct wt_glimpse_config *config)
{
    *config = (struct wt_glimpse_config){.timeout_ns = 5000000000u};
}

int wt_glimpse_create(const struct wt_glimpse_config *config, struct wt_stream stream,
                      struct wt_glimpse_handler handler, struct wt_glimpse **out)
{
    struct wt_glimpse *g = calloc(1, sizeof *g);
    if (!g) {
        wt_error("no memory for the GLIMPSE client");
        return -ENOMEM;
    }
    g->config = *config;
    g->stream = stream;
    g->handler = handler;
    *out = g;
    return 0;
}

static void hang_up(struct wt_glimpse *g)
{
    if (g->state > REFUSED)
        g->stream.close(g->stream.ctx);
    g->state = IDLE;
    g->generation++;
}

void wt_glimpse_destroy(struct wt_glimpse *g)
{
    if (!g)
        return;
    hang_up(g);
    free(g);
}

static void fail(struct wt_glimpse *g, const char *why)
{
    g->stats.failures++;
    hang_up(g);
    g->handler.failed(g->handler.ctx, why);
}

/* The connection may not be there yet: then poll tries again. */
static void log_in(struct wt_glimpse *g, uint64_t now)
{
    struct wt_soup_login_request login = {.sequence = 1};
    uint8_t bytes[WT_SOUP_LOGIN_REQUEST_LENGTH];
    int n, rc;
    memcpy(login.username, g->config.username, sizeof login.username);
    memcpy(login.password, g->config.password, sizeof login.password);
    n = wt_soup_put_login_request(bytes, sizeof bytes, &login);
    if (n < 0) {
        fail(g, "user or password cannot be sent");
        return;
    }
    rc = g->stream.send(g->stream.ctx, bytes, (size_t)n);
    if (rc == -EAGAIN || rc == -EINPROGRESS)
        return;
    if (rc < 0) {
        fail(g, strerror(-rc));
        return;
    }
    g->state = LOGGING_IN;
    g->sent_ns = now;
}

void wt_glimpse_fetch(struct wt_glimpse *g, uint64_t now)
{
    int rc;
    hang_up(g);
    g->stats.fetches++;
    g->heard_ns = now;
    wt_soup_init(&g->parser, WT_SOUP_FROM_SERVER);
    rc = g->stream.connect(g->stream.ctx);
    g->state = rc < 0 && rc != -EINPROGRESS ? REFUSED : CONNECTING; /* poll tells of it */
}

/* The number in G; false: it is none. */
static bool read_end(const struct wt_soup_packet *packet, uint64_t *sequence)
{
    bool digits = false;
    *sequence = 0;
    for (size_t i = 1; i < END; i++) {
        uint8_t c = packet->payload[i];
        if (c == ' ' && !digits)
            continue;
        if (c < '0' || c > '9' || *sequence > UINT64_MAX / 10 - 1)
            return false;
        digits = true;
        *sequence = *sequence * 10 + (uint64_t)(c - '0');
    }
    return digits;
}

static void take_message(struct wt_glimpse *g, const struct wt_soup_packet *packet)
{
    uint64_t sequence;
    if (packet->length == 0) {
        fail(g, "an empty message in the snapshot");
    } else if (packet->payload[0] != 'G') {
        g->stats.messages++;
        g->handler.message(g->handler.ctx, packet->payload, packet->length);
    } else if (packet->length != END || !read_end(packet, &sequence) || sequence == 0) {
        fail(g, "the end of the snapshot has no sequence number");
    } else {
        uint8_t bytes[WT_SOUP_HEADER];
        int n = wt_soup_put(bytes, sizeof bytes, WT_SOUP_LOGOUT_REQUEST, NULL, 0);
        (void)g->stream.send(g->stream.ctx, bytes, (size_t)n); /* for good manners: all is here */
        g->stats.snapshots++;
        hang_up(g);
        g->handler.end(g->handler.ctx, sequence);
    }
}

static void take_packet(struct wt_glimpse *g, const struct wt_soup_packet *packet)
{
    switch (packet->type) {
    case WT_SOUP_LOGIN_ACCEPTED:
        if (g->state == LOGGING_IN)
            g->state = TAKING;
        else
            fail(g, "a second login answer");
        break;
    case WT_SOUP_LOGIN_REJECTED:
        fail(g, packet->payload[0] == WT_SOUP_REJECT_NOT_AUTHORIZED ? "login rejected: user or password"
                                                                    : "login rejected: no such session");
        break;
    case WT_SOUP_SEQUENCED:
        if (g->state == TAKING)
            take_message(g, packet);
        else
            fail(g, "a message before the login's answer");
        break;
    case WT_SOUP_END_OF_SESSION:
        fail(g, "the session ended before the snapshot did");
        break;
    default: /* heartbeats, debug texts */
        break;
    }
}

/* Bytes that came. Returns packets taken, or -1 when the connection is of the past. */
static int take_bytes(struct wt_glimpse *g, uint64_t generation)
{
    struct wt_soup_packet packet;
    int taken = 0, rc;
    while ((rc = wt_soup_next(&g->parser, &packet)) != 0) {
        taken++;
        if (rc < 0)
            fail(g, "a malformed packet");
        else
            take_packet(g, &packet);
        if (g->generation != generation)
            break;
    }
    return taken;
}

int wt_glimpse_poll(struct wt_glimpse *g, uint64_t now)
{
    uint64_t generation = g->generation;
    int taken = 0;
    if (g->state == REFUSED) {
        fail(g, "no connection");
        return 1;
    }
    if (g->state == CONNECTING)
        log_in(g, now);
    for (unsigned i = 0; i < READS && g->state != IDLE && g->generation == generation; i++) {
        size_t room;
        uint8_t *to = wt_soup_room(&g->parser, &room);
        ssize_t n = g->stream.recv(g->stream.ctx, to, room);
        if (n == 0 || n == -EAGAIN || n == -EINPROGRESS)
            break;
        if (n < 0) {
            fail(g, "the connection ended before the snapshot did");
            return taken + 1;
        }
        g->heard_ns = now;
        wt_soup_commit(&g->parser, (size_t)n);
        taken += take_bytes(g, generation);
    }
    if (g->state == IDLE || g->generation != generation)
        return taken;
    if (now >= g->heard_ns + g->config.timeout_ns) {
        fail(g, g->state == CONNECTING ? "no connection" : "the server is silent");
        return taken + 1;
    }
    if (g->state == TAKING && now >= g->sent_ns + HEARTBEAT_NS) {
        uint8_t bytes[WT_SOUP_HEADER];
        int size = wt_soup_put(bytes, sizeof bytes, WT_SOUP_CLIENT_HEARTBEAT, NULL, 0);
        (void)g->stream.send(g->stream.ctx, bytes, (size_t)size); /* if it cannot go, recv will say why */
        g->sent_ns = now;
    }
    return taken;
}

uint64_t wt_glimpse_deadline(const struct wt_glimpse *g)
{
    uint64_t dead = g->heard_ns + g->config.timeout_ns, beat = g->sent_ns + HEARTBEAT_NS;
    if (g->state == IDLE)
        return UINT64_MAX;
    if (g->state == REFUSED)
        return 0;
    return g->state == TAKING && beat < dead ? beat : dead;
}

bool wt_glimpse_busy(const struct wt_glimpse *g)
{
    return g->state != IDLE;
}

void wt_glimpse_stats(const struct wt_glimpse *g, struct wt_glimpse_stats *stats)
{
    *stats = g->stats;
}
