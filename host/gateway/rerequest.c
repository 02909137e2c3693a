#include "host/gateway/rerequest.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "host/common/bytes.h"
#include "host/common/log.h"
#include "host/market/pcap.h"

enum {
    PIECE = 27, /* messages of one request: of 50 bytes and less, so many fit into one packet */
    AHEAD = 16, /* requests under way */
    PACKET = 2048
};

struct piece {
    uint64_t first, behind; /* not yet answered; empty when equal */
    uint64_t again_ns;      /* 0: not sent yet */
    unsigned tries;
};

struct wt_requests {
    struct wt_requests_config config;
    struct wt_stream stream;
    struct wt_requests_handler handler;
    struct wt_requests_stats stats;
    uint8_t session[10];
    bool connected;
    uint64_t next, behind; /* not yet in a piece */
    struct piece piece[AHEAD];
};

void wt_requests_defaults(struct wt_requests_config *config)
{
    *config = (struct wt_requests_config){.timeout_ns = 1000000, .tries = 5, .max_messages = 65536};
}

int wt_requests_create(const struct wt_requests_config *config, struct wt_stream stream,
                       struct wt_requests_handler handler, struct wt_requests **out)
{
    struct wt_requests *r = calloc(1, sizeof *r);
    if (!r) {
        wt_error("no memory for the re-request client");
        return -ENOMEM;
    }
    r->config = *config;
    r->stream = stream;
    r->handler = handler;
    *out = r;
    return 0;
}

void wt_requests_destroy(struct wt_requests *r)
{
    if (!r)
        return;
    if (r->connected)
        r->stream.close(r->stream.ctx);
    free(r);
}

void wt_requests_stop(struct wt_requests *r)
{
    r->next = r->behind = 0;
    memset(r->piece, 0, sizeof r->piece);
}

bool wt_requests_ask(struct wt_requests *r, const uint8_t session[10], uint64_t first, uint64_t behind)
{
    wt_requests_stop(r);
    if (behind - first > r->config.max_messages)
        return false;
    memcpy(r->session, session, sizeof r->session);
    r->next = first;
    r->behind = behind;
    return true;
}

static bool open_piece(const struct piece *p)
{
    return p->first != p->behind;
}

static void give_up(struct wt_requests *r)
{
    r->stats.given_up++;
    wt_requests_stop(r);
    r->handler.gave_up(r->handler.ctx);
}

static void send_piece(struct wt_requests *r, struct piece *p, uint64_t now)
{
    uint8_t request[WT_MOLD_HEADER];
    memcpy(request, r->session, sizeof r->session);
    wt_put_be64(request + 10, p->first);
    wt_put_be16(request + 18, (uint16_t)(p->behind - p->first));
    p->tries++;
    p->again_ns = now + r->config.timeout_ns;
    /* what could not be sent is as good as lost */
    if (r->stream.send(r->stream.ctx, request, sizeof request) == 0)
        r->stats.sent++;
}

/* False: given up. */
static bool send_due(struct wt_requests *r, uint64_t now)
{
    for (unsigned i = 0; i < AHEAD; i++) {
        struct piece *p = &r->piece[i];
        if (!open_piece(p) && r->next != r->behind) {
            uint64_t left = r->behind - r->next;
            *p = (struct piece){.first = r->next, .behind = r->next + (left < PIECE ? left : PIECE)};
            r->next = p->behind;
        }
        if (!open_piece(p) || p->again_ns > now)
            continue;
        if (p->tries == r->config.tries) {
            give_up(r);
            return false;
        }
        send_piece(r, p, now);
    }
    return true;
}

static void take(struct wt_requests *r, const uint8_t *packet, size_t length, uint64_t now)
{
    uint64_t first, behind;
    uint16_t count;
    bool wanted = false;
    if (!wt_mold_well_formed(packet, length) || memcmp(packet, r->session, sizeof r->session) != 0) {
        r->stats.bad++;
        return;
    }
    first = wt_be64(packet + 10);
    count = wt_be16(packet + 18);
    if (count == 0 || count == WT_MOLD_END_OF_SESSION)
        return;
    behind = first + count;
    for (unsigned i = 0; i < AHEAD; i++)
        wanted |= open_piece(&r->piece[i]) && first <= r->piece[i].first && r->piece[i].first < behind;
    if (!wanted || !r->handler.answer(r->handler.ctx, packet, length))
        return;
    r->stats.answers++;
    for (unsigned i = 0; i < AHEAD; i++) {
        struct piece *p = &r->piece[i];
        if (!open_piece(p) || first > p->first || p->first >= behind)
            continue;
        p->first = behind < p->behind ? behind : p->behind;
        p->tries = 0;
        p->again_ns = now; /* the rest of it at once */
    }
}

int wt_requests_poll(struct wt_requests *r, uint64_t now)
{
    uint8_t packet[PACKET];
    uint64_t before = r->stats.answers;
    ssize_t n;
    if (!r->connected && r->next != r->behind) {
        int rc = r->stream.connect(r->stream.ctx);
        if (rc < 0 && rc != -EINPROGRESS) {
            give_up(r);
            return 0;
        }
        r->connected = true;
    }
    if (!r->connected)
        return 0;
    while ((n = r->stream.recv(r->stream.ctx, packet, sizeof packet)) > 0)
        take(r, packet, (size_t)n, now);
    send_due(r, now);
    return (int)(r->stats.answers - before);
}

uint64_t wt_requests_deadline(const struct wt_requests *r)
{
    uint64_t next = UINT64_MAX;
    /* Poll sends all that may be under way: what waits for a place then waits for an answer. */
    for (unsigned i = 0; i < AHEAD && r->next != r->behind; i++)
        if (!open_piece(&r->piece[i]))
            next = 0;
    for (unsigned i = 0; i < AHEAD; i++)
        if (open_piece(&r->piece[i]) && r->piece[i].again_ns < next)
            next = r->piece[i].again_ns;
    return next;
}

void wt_requests_stats(const struct wt_requests *r, struct wt_requests_stats *stats)
{
    *stats = r->stats;
}
