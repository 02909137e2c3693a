#include "host/cli/book_feeder.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "host/card/driver.h"
#include "host/common/log.h"
#include "host/market/file.h"
#include "host/market/itch.h"
#include "host/market/pcap.h"
#include "host/market/random.h"
#include "sim/card/frame.h"
#include "sim/card/sim.h"
#include "sim/card/wire.h"

enum {
    FRAME_MAX = 16384, /* of the simulated wire */
    LINES = WT_CARD_LINES,
    HELD_MAX = 4, /* frames of a line under way late: one may be held every place, for three places at most */
    READY_MAX = LINES * (2 + 2 * HELD_MAX),
    SLOTS = READY_MAX + LINES * HELD_MAX + 4
};

struct slot {
    size_t length;
    unsigned flags;
    unsigned places; /* held: how many frames still pass it */
    unsigned line;
    uint64_t exchange_ns; /* timestamp of its last message */
    uint64_t when_ns;     /* on the wire */
    uint8_t bytes[FRAME_MAX];
};

/* One line of the feed, with its own accidents. */
struct line {
    struct wt_random random;
    uint64_t loss; /* of 2^32 */
    struct slot *held[HELD_MAX];
    unsigned held_count;
    uint64_t free_ps; /* when its wire is free again */
};

struct book_feeder {
    const struct book_options *options;
    struct wt_itch_file file;
    struct wt_pcap *pcap;
    struct wt_pcap_packet packet; /* the capture's next one */
    bool have_packet;
    const uint8_t *raw; /* the file's next message; NULL: none */
    size_t raw_length;
    int error; /* of reading: told after what was read before it */
    bool ended;
    struct wt_frame_builder builder;
    struct line line[LINES];
    uint32_t group[LINES];
    uint16_t port[LINES];
    uint64_t reorder, dup, corrupt; /* of 2^32 */
    uint64_t messages, last_seq, first_seq, first_ns;
    struct slot *ready[READY_MAX];
    unsigned ready_count;
    struct slot *out; /* what the caller looks at */
    struct slot *free[SLOTS];
    unsigned free_count;
    struct slot *memory;
    void (*told)(void *ctx, uint64_t sent_ns, const uint8_t *payload, size_t length);
    void *told_ctx;
    size_t payload_at, payload_length; /* of the packet in hand */
    uint64_t packet_behind;            /* number of the message behind its last */
};

static uint64_t share_of(double p)
{
    return (uint64_t)(p * 4294967296.0);
}

static uint64_t message_ns(const uint8_t *raw, size_t length)
{
    return length >= 11 ? wt_itch_ns(raw) : 0;
}

/* Look at the file's next message. */
static void peek_message(struct book_feeder *f)
{
    int got = wt_itch_file_next(&f->file, &f->raw, &f->raw_length);
    if (got <= 0) {
        f->raw = NULL;
        f->error = got;
    }
}

static void peek_packet(struct book_feeder *f, uint32_t group, uint16_t port)
{
    int got;
    do
        got = wt_pcap_next(f->pcap, group, port, &f->packet);
    while (got == 1 && f->packet.frame_length > FRAME_MAX);
    f->have_packet = got == 1;
    f->error = got < 0 ? got : 0;
}

static int open_capture(struct book_feeder *f)
{
    const struct book_options *o = f->options;
    int error = wt_pcap_open(o->file, &f->pcap);
    if (error)
        return error;
    peek_packet(f, o->group, o->port);
    if (f->error)
        return f->error;
    if (!f->have_packet) {
        wt_error("%s: no MoldUDP64 packet in this capture%s", o->file, o->group ? " for this --group" : "");
        return -ENODATA;
    }
    wt_frame_init(&f->builder, f->packet.group, f->packet.port, (const char *)f->packet.mold);
    for (unsigned line = 0; line < LINES; line++) { /* as it was caught, on both */
        f->group[line] = f->packet.group;
        f->port[line] = f->packet.port;
    }
    f->first_seq = o->assume_empty && f->packet.sequence ? f->packet.sequence : 1;
    f->last_seq = f->first_seq - 1;
    if (wt_mold_well_formed(f->packet.mold, f->packet.mold_length) && f->packet.count != 0 &&
        f->packet.count != WT_MOLD_END_OF_SESSION)
        f->first_ns = message_ns(f->packet.mold + WT_MOLD_HEADER + 2, wt_be16(f->packet.mold + WT_MOLD_HEADER));
    return 0;
}

static int open_file(struct book_feeder *f)
{
    const struct book_options *o = f->options;
    struct wt_card_config defaults;
    int error = wt_itch_file_open(&f->file, o->file);
    if (error)
        return error;
    wt_card_defaults(&defaults);
    for (unsigned line = 0; line < LINES; line++) {
        f->group[line] = o->group ? o->group : defaults.channel[0].group[line];
        f->port[line] = o->port ? o->port : defaults.channel[0].port[line];
    }
    wt_frame_init(&f->builder, f->group[0], f->port[0], "WTICK00001");
    f->first_seq = 1;
    peek_message(f);
    if (f->raw)
        f->first_ns = message_ns(f->raw, f->raw_length);
    return 0;
}

int book_feeder_open(const struct book_options *options, struct book_feeder **out)
{
    struct book_feeder *f = calloc(1, sizeof *f);
    int error;
    if (!f || !(f->memory = calloc(SLOTS, sizeof *f->memory))) {
        free(f);
        wt_error("no memory for the feed line's frames");
        return -ENOMEM;
    }
    f->options = options;
    f->file.fd = -1;
    for (int i = 0; i < SLOTS; i++)
        f->free[f->free_count++] = &f->memory[i];
    for (unsigned line = 0; line < LINES; line++) {
        wt_random_seed(&f->line[line].random, options->seed + line * UINT64_C(0x9e3779b97f4a7c15));
        f->line[line].loss = share_of(line == 0 ? options->loss_a : options->loss_b);
    }
    f->reorder = share_of(options->reorder);
    f->dup = share_of(options->dup);
    f->corrupt = share_of(options->corrupt);
    error = options->pcap ? open_capture(f) : open_file(f);
    if (error) {
        book_feeder_close(f);
        return error;
    }
    *out = f;
    return 0;
}

void book_feeder_close(struct book_feeder *f)
{
    if (!f)
        return;
    wt_pcap_close(f->pcap);
    if (f->file.buffer)
        wt_itch_file_close(&f->file);
    free(f->memory);
    free(f);
}

/* ---------------------------------------------------------------- frames as the exchange sends them */

static void fill(struct slot *slot, const void *bytes, size_t length, uint64_t exchange_ns)
{
    memcpy(slot->bytes, bytes, length);
    slot->length = length;
    slot->flags = 0;
    slot->exchange_ns = exchange_ns;
}

/* The next packet of the file. False at its end or at an error. */
static bool from_file(struct book_feeder *f, struct slot *slot)
{
    const uint64_t window_ns = 2000; /* paced: messages this close together share a packet */
    uint64_t first_ns = 0, ns = 0;
    if (!f->raw)
        return false;
    wt_frame_start(&f->builder, f->messages + 1);
    while (f->raw) {
        uint64_t t = message_ns(f->raw, f->raw_length);
        if (f->options->paced && f->builder.count && t > first_ns + window_ns)
            break;
        if (f->options->packet_messages && f->builder.count == f->options->packet_messages)
            break;
        if (wt_frame_add(&f->builder, f->raw, f->raw_length) != 0) {
            if (f->builder.count)
                break;
            wt_error("%s: message %llu has %zu bytes: more than a datagram of %u bytes of payload carries",
                     f->options->file, (unsigned long long)f->messages + 1, f->raw_length, WT_FRAME_MAX_PAYLOAD);
            f->error = -EMSGSIZE;
            f->raw = NULL;
            return false;
        }
        if (f->builder.count == 1)
            first_ns = t;
        ns = t;
        f->messages++;
        peek_message(f);
    }
    f->last_seq = f->messages;
    fill(slot, f->builder.bytes, wt_frame_finish(&f->builder), ns);
    f->payload_at = WT_FRAME_HEADERS;
    f->payload_length = slot->length - WT_FRAME_HEADERS;
    f->packet_behind = f->last_seq + 1;
    return true;
}

/* The next packet of the capture. */
static bool from_capture(struct book_feeder *f, struct slot *slot)
{
    struct wt_pcap_packet *p = &f->packet;
    const uint8_t *block = p->mold + WT_MOLD_HEADER;
    uint64_t ns = 0;
    if (!f->have_packet)
        return false;
    if (wt_mold_well_formed(p->mold, p->mold_length)) {
        unsigned count = p->count == WT_MOLD_END_OF_SESSION ? 0 : p->count;
        for (unsigned i = 0; i < count; i++, block += 2 + wt_be16(block))
            ns = message_ns(block + 2, wt_be16(block));
        f->messages += count;
        if (p->sequence + count > f->last_seq + 1)
            f->last_seq = p->sequence + count - 1;
    }
    fill(slot, p->frame, p->frame_length, ns);
    f->payload_at = (size_t)(p->mold - p->frame);
    f->payload_length = p->mold_length;
    f->packet_behind = f->last_seq + 1;
    peek_packet(f, p->group, p->port);
    return true;
}

/* ---------------------------------------------------------------- accidents */

static struct slot *take_slot(struct book_feeder *f)
{
    return f->free[--f->free_count];
}

static void give_back(struct book_feeder *f, struct slot *slot)
{
    f->free[f->free_count++] = slot;
}

static void make_ready(struct book_feeder *f, struct slot *slot)
{
    f->ready[f->ready_count++] = slot;
}

/* Flip one to four bits and keep the FCS: the MAC sees it. */
static void damage(struct line *line, struct slot *slot)
{
    for (uint64_t n = 1 + wt_random_below(&line->random, 4); n > 0; n--) {
        uint64_t bit = wt_random_below(&line->random, slot->length * 8);
        slot->bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    slot->flags |= WT_FRAME_BAD_FCS;
}

/* What becomes of one copy of a frame: damaged or not, on time or later. */
static void travel(struct book_feeder *f, struct line *line, struct slot *slot)
{
    if (f->corrupt && wt_random_chance(&line->random, f->corrupt))
        damage(line, slot);
    if (f->reorder && wt_random_chance(&line->random, f->reorder) && line->held_count < HELD_MAX) {
        slot->places = 1 + (unsigned)wt_random_below(&line->random, 3);
        line->held[line->held_count++] = slot;
        return;
    }
    make_ready(f, slot);
}

/* One frame passed: those whose places are used up follow it. */
static void release_held(struct book_feeder *f, struct line *line, bool all, unsigned held_before)
{
    unsigned kept = 0;
    for (unsigned i = 0; i < line->held_count; i++) {
        struct slot *slot = line->held[i];
        if (all || (i < held_before && --slot->places == 0))
            make_ready(f, slot);
        else
            line->held[kept++] = slot;
    }
    line->held_count = kept;
}

/* A copy of a packet of line A, as it is sent on a line. */
static struct slot *copy_for(struct book_feeder *f, const struct slot *packet, unsigned line)
{
    struct slot *slot = take_slot(f);
    fill(slot, packet->bytes, packet->length, packet->exchange_ns);
    slot->line = line;
    if (f->group[line] != f->group[0] || f->port[line] != f->port[0])
        wt_frame_readdress(slot->bytes, f->group[line], f->port[line]);
    return slot;
}

/* The packet goes out on a line. */
static void one_line(struct book_feeder *f, const struct slot *packet, unsigned number)
{
    struct line *line = &f->line[number];
    unsigned held_before = line->held_count;
    if (!line->loss || !wt_random_chance(&line->random, line->loss)) {
        bool twice = f->dup && wt_random_chance(&line->random, f->dup);
        travel(f, line, copy_for(f, packet, number));
        if (twice)
            travel(f, line, copy_for(f, packet, number));
    }
    release_held(f, line, false, held_before);
}

/* When the frames that are ready go out: the exchange sends a packet on both lines at once, as soon as both are free.
 */
static uint64_t put_times(struct book_feeder *f, uint64_t now_ns)
{
    uint64_t start_ps = now_ns * 1000;
    for (unsigned line = 0; line < LINES; line++)
        if (f->line[line].free_ps > start_ps)
            start_ps = f->line[line].free_ps;
    for (unsigned line = 0; line < LINES; line++)
        f->line[line].free_ps = start_ps;
    for (unsigned i = 0; i < f->ready_count; i++) {
        struct slot *slot = f->ready[i];
        size_t bytes = slot->length < WT_WIRE_MIN_FRAME ? WT_WIRE_MIN_FRAME : slot->length;
        f->line[slot->line].free_ps += (WT_WIRE_OVERHEAD + bytes) * WT_WIRE_BYTE_PS;
        slot->when_ns = f->options->paced ? slot->exchange_ns : start_ps / 1000;
        if (slot->line == 1)
            slot->when_ns += f->options->skew_b_ns;
    }
    return start_ps / 1000;
}

static void tell(struct book_feeder *f, const struct slot *packet, uint64_t sent_ns)
{
    if (f->told)
        f->told(f->told_ctx, sent_ns, packet->bytes + f->payload_at, f->payload_length);
}

static void one_packet(struct book_feeder *f, uint64_t now_ns)
{
    struct slot *packet = take_slot(f);
    bool got = f->options->pcap ? from_capture(f, packet) : from_file(f, packet);
    uint64_t start_ns;
    while (got && f->packet_behind <= f->options->start_at) { /* nobody listens yet */
        tell(f, packet, now_ns);
        got = f->options->pcap ? from_capture(f, packet) : from_file(f, packet);
    }
    if (!got) {
        size_t length = wt_frame_control(&f->builder, f->last_seq + 1, !f->options->pcap);
        fill(packet, f->builder.bytes, length, 0);
        f->ended = true;
    }
    for (unsigned line = 0; line < LINES; line++) {
        if (got) {
            one_line(f, packet, line);
        } else {
            release_held(f, &f->line[line], true, 0);
            make_ready(f, copy_for(f, packet, line));
        }
    }
    start_ns = put_times(f, now_ns);
    if (got)
        tell(f, packet, f->options->paced ? packet->exchange_ns : start_ns);
    give_back(f, packet);
}

int book_feeder_next(struct book_feeder *f, uint64_t now_ns, struct book_frame *frame)
{
    if (f->out) {
        give_back(f, f->out);
        f->out = NULL;
    }
    while (f->ready_count == 0) {
        if (f->ended)
            return f->error;
        one_packet(f, now_ns);
    }
    f->out = f->ready[0];
    f->ready_count--;
    for (unsigned i = 0; i < f->ready_count; i++)
        f->ready[i] = f->ready[i + 1];
    *frame = (struct book_frame){f->out->bytes, f->out->length, f->out->flags, f->out->line, f->out->when_ns};
    return 1;
}

void book_feeder_listen(struct book_feeder *f,
                        void (*packet)(void *ctx, uint64_t sent_ns, const uint8_t *payload, size_t length), void *ctx)
{
    f->told = packet;
    f->told_ctx = ctx;
}

/* ---------------------------------------------------------------- figures */

uint32_t book_feeder_group(const struct book_feeder *f, unsigned line)
{
    return f->group[line];
}

uint16_t book_feeder_port(const struct book_feeder *f, unsigned line)
{
    return f->port[line];
}

bool book_feeder_between(const struct book_feeder *f)
{
    return f->ready_count == 0;
}

uint64_t book_feeder_first_seq(const struct book_feeder *f)
{
    return f->first_seq;
}

uint64_t book_feeder_first_ns(const struct book_feeder *f)
{
    return f->first_ns;
}

uint64_t book_feeder_messages(const struct book_feeder *f)
{
    return f->messages;
}

uint64_t book_feeder_last_seq(const struct book_feeder *f)
{
    return f->last_seq;
}

double book_feeder_share(const struct book_feeder *f)
{
    if (f->options->pcap || !f->file.size)
        return -1;
    return (double)wt_itch_file_offset(&f->file) / (double)f->file.size;
}
