#include "sim/exchange/mold_out.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "host/common/bytes.h"
#include "host/common/log.h"
#include "host/market/pcap.h"

#define MAX_COUNT 0xfffeu

struct wt_mold_out {
    struct wt_mold_out_config config;
    struct wt_mold_wire wire;
    struct wt_mold_out_stats stats;
    char session[10];
    bool ended;
    uint64_t next;      /* sequence number */
    uint64_t left_ns;   /* when the last packet left */
    uint64_t packet_ns; /* of the first message of the packet being built */
    size_t length;      /* of that packet; 0: none */
    uint16_t count;
    uint8_t packet[WT_MOLD_PAYLOAD_MAX];
    /* The store: bytes in a ring, each message in one piece, behind its length. */
    uint64_t oldest;     /* sequence number; == next: empty */
    uint64_t *offsets;   /* by sequence & mask: ever growing; the place is offset % store_bytes */
    uint64_t mask, head; /* head: where the next message begins */
    uint8_t *bytes;
};

void wt_mold_out_defaults(struct wt_mold_out_config *config)
{
    *config = (struct wt_mold_out_config){.session = "WTICK00001",
                                          .window_ns = 2000,
                                          .heartbeat_ns = 1000000000,
                                          .store_messages = 1u << 20,
                                          .store_bytes = 64u << 20};
}

static void name_session(struct wt_mold_out *o, const char *session)
{
    memset(o->session, ' ', sizeof o->session);
    memcpy(o->session, session, strnlen(session, sizeof o->session));
}

int wt_mold_out_create(const struct wt_mold_out_config *config, struct wt_mold_wire wire, struct wt_mold_out **out)
{
    *out = NULL;
    if (config->heartbeat_ns == 0 || config->store_messages < 1 || config->store_messages > 1u << 28 ||
        config->store_bytes < 4096 || config->session[0] == '\0') {
        wt_error("feed: session '%s', heartbeat %llu ns, store of %u messages and %u bytes: a name, above 0, 1 to "
                 "268435456, and 4096 or more are right",
                 config->session, (unsigned long long)config->heartbeat_ns, config->store_messages,
                 config->store_bytes);
        return -EINVAL;
    }
    struct wt_mold_out *o = calloc(1, sizeof *o);
    if (!o)
        return -ENOMEM;
    o->config = *config;
    o->wire = wire;
    o->mask = 1;
    while (o->mask < config->store_messages)
        o->mask *= 2;
    o->offsets = calloc(o->mask, sizeof *o->offsets);
    o->mask--;
    o->bytes = malloc(config->store_bytes);
    o->next = 1;
    o->oldest = 1;
    name_session(o, config->session);
    if (!o->offsets || !o->bytes) {
        wt_mold_out_destroy(o);
        return -ENOMEM;
    }
    *out = o;
    return 0;
}

void wt_mold_out_destroy(struct wt_mold_out *o)
{
    if (!o)
        return;
    free(o->offsets);
    free(o->bytes);
    free(o);
}

/* ---------------------------------------------------------------- the store */

static void store(struct wt_mold_out *o, const void *message, size_t length)
{
    uint64_t room = o->config.store_bytes, need = 2 + length, place = o->head % room;
    if (place + need > room)
        o->head += room - place; /* no message wraps */
    /* What begins more than a ring before our end is overwritten. */
    while (o->oldest < o->next &&
           (o->next - o->oldest > o->mask || o->offsets[o->oldest & o->mask] + room < o->head + need))
        o->oldest++;
    o->offsets[o->next & o->mask] = o->head;
    uint8_t *to = o->bytes + o->head % room;
    wt_put_be16(to, (uint16_t)length);
    memcpy(to + 2, message, length);
    o->head += need;
}

int wt_mold_out_get(const struct wt_mold_out *o, uint64_t sequence, const uint8_t **message)
{
    if (sequence < o->oldest || sequence >= wt_mold_out_unsent_sequence(o))
        return -ENOENT;
    const uint8_t *from = o->bytes + o->offsets[sequence & o->mask] % o->config.store_bytes;
    *message = from + 2;
    return wt_be16(from);
}

/* ---------------------------------------------------------------- packets */

static void put_header(struct wt_mold_out *o, uint8_t *to, uint64_t sequence, uint16_t count)
{
    memcpy(to, o->session, sizeof o->session);
    wt_put_be64(to + 10, sequence);
    wt_put_be16(to + 18, count);
}

void wt_mold_out_flush(struct wt_mold_out *o, uint64_t now_ns)
{
    if (o->length == 0)
        return;
    put_header(o, o->packet, o->next - o->count, o->count);
    size_t length = o->length;
    o->length = 0;
    o->count = 0;
    o->left_ns = now_ns;
    o->stats.packets++;
    o->wire.send(o->wire.ctx, now_ns, o->packet, length);
}

int64_t wt_mold_out_put(struct wt_mold_out *o, uint64_t now_ns, const void *message, size_t length)
{
    if (o->ended)
        return -ESHUTDOWN;
    if (length > WT_MOLD_OUT_LONGEST) {
        o->stats.too_long++;
        return -EMSGSIZE;
    }
    if (o->length > 0 && (now_ns > o->packet_ns + o->config.window_ns || o->length + 2 + length > sizeof o->packet ||
                          o->count == MAX_COUNT))
        wt_mold_out_flush(o, now_ns);
    if (o->length == 0) {
        o->length = WT_MOLD_HEADER;
        o->packet_ns = now_ns;
    }
    wt_put_be16(o->packet + o->length, (uint16_t)length);
    memcpy(o->packet + o->length + 2, message, length);
    o->length += 2 + length;
    o->count++;
    o->stats.messages++;
    store(o, message, length);
    return (int64_t)o->next++;
}

static void send_control(struct wt_mold_out *o, uint64_t now_ns)
{
    uint8_t packet[WT_MOLD_HEADER];
    put_header(o, packet, o->next, o->ended ? WT_MOLD_END_OF_SESSION : 0);
    o->left_ns = now_ns;
    if (o->ended)
        o->stats.ends++;
    else
        o->stats.heartbeats++;
    o->wire.send(o->wire.ctx, now_ns, packet, sizeof packet);
}

uint64_t wt_mold_out_next_ns(const struct wt_mold_out *o)
{
    return o->length > 0 ? o->packet_ns + o->config.window_ns : o->left_ns + o->config.heartbeat_ns;
}

void wt_mold_out_run(struct wt_mold_out *o, uint64_t now_ns)
{
    if (now_ns < wt_mold_out_next_ns(o))
        return;
    if (o->length > 0)
        wt_mold_out_flush(o, now_ns);
    else
        send_control(o, now_ns);
}

void wt_mold_out_end(struct wt_mold_out *o, uint64_t now_ns)
{
    if (o->ended)
        return;
    wt_mold_out_flush(o, now_ns);
    o->ended = true;
    send_control(o, now_ns);
}

void wt_mold_out_session(struct wt_mold_out *o, uint64_t now_ns, const char *session)
{
    wt_mold_out_end(o, now_ns);
    o->ended = false;
    o->next = 1;
    o->oldest = 1;
    o->head = 0;
    o->stats.sessions++;
    name_session(o, session);
}

uint64_t wt_mold_out_next_sequence(const struct wt_mold_out *o)
{
    return o->next;
}

uint64_t wt_mold_out_unsent_sequence(const struct wt_mold_out *o)
{
    return o->next - o->count;
}

const char *wt_mold_out_session_name(const struct wt_mold_out *o)
{
    return o->session;
}

void wt_mold_out_stats(const struct wt_mold_out *o, struct wt_mold_out_stats *stats)
{
    *stats = o->stats;
}
