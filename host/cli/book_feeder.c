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

enum {
    FRAME_MAX = 16384, /* of the simulated wire */
    HELD_MAX = 4,      /* frames under way late: one may be held every place, for three places at most */
    READY_MAX = 2 + 2 * HELD_MAX,
    SLOTS = READY_MAX + HELD_MAX + 4
};

struct slot {
    size_t length;
    unsigned flags;
    unsigned places; /* held: how many frames still pass it */
    uint64_t when_ns;
    uint8_t bytes[FRAME_MAX];
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
    struct wt_random random;
    uint64_t loss, reorder, dup, corrupt; /* of 2^32 */
    uint64_t messages, last_seq, first_seq, first_ns;
    struct slot *held[HELD_MAX];
    struct slot *ready[READY_MAX];
    unsigned held_count, ready_count;
    struct slot *out; /* what the caller looks at */
    struct slot *free[SLOTS];
    unsigned free_count;
    struct slot *memory;
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
    wt_frame_init(&f->builder, o->group ? o->group : defaults.group, o->port ? o->port : defaults.port, "WTICK00001");
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
    wt_random_seed(&f->random, options->seed);
    f->loss = share_of(options->loss_a);
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

static void fill(struct slot *slot, const void *bytes, size_t length, uint64_t when_ns)
{
    memcpy(slot->bytes, bytes, length);
    slot->length = length;
    slot->flags = 0;
    slot->when_ns = when_ns;
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
    peek_packet(f, p->group, p->port);
    return true;
}

/* ---------------------------------------------------------------- accidents */

static void make_ready(struct book_feeder *f, struct slot *slot)
{
    f->ready[f->ready_count++] = slot;
}

/* Flip one to four bits and keep the FCS: the MAC sees it. */
static void damage(struct book_feeder *f, struct slot *slot)
{
    for (uint64_t n = 1 + wt_random_below(&f->random, 4); n > 0; n--) {
        uint64_t bit = wt_random_below(&f->random, slot->length * 8);
        slot->bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    slot->flags |= WT_FRAME_BAD_FCS;
}

/* What becomes of one copy of a frame: damaged or not, on time or later. */
static void travel(struct book_feeder *f, struct slot *slot)
{
    if (f->corrupt && wt_random_chance(&f->random, f->corrupt))
        damage(f, slot);
    if (f->reorder && wt_random_chance(&f->random, f->reorder) && f->held_count < HELD_MAX) {
        slot->places = 1 + (unsigned)wt_random_below(&f->random, 3);
        f->held[f->held_count++] = slot;
        return;
    }
    make_ready(f, slot);
}

/* One frame passed: those whose places are used up follow it. */
static void release_held(struct book_feeder *f, bool all, unsigned held_before)
{
    unsigned kept = 0;
    for (unsigned i = 0; i < f->held_count; i++) {
        struct slot *slot = f->held[i];
        if (all || (i < held_before && --slot->places == 0))
            make_ready(f, slot);
        else
            f->held[kept++] = slot;
    }
    f->held_count = kept;
}

static void one_packet(struct book_feeder *f)
{
    struct slot *slot = f->free[--f->free_count], *copy;
    unsigned held_before = f->held_count;
    if (!(f->options->pcap ? from_capture(f, slot) : from_file(f, slot))) {
        release_held(f, true, 0);
        size_t length = wt_frame_control(&f->builder, f->last_seq + 1, !f->options->pcap);
        fill(slot, f->builder.bytes, length, 0);
        make_ready(f, slot);
        f->ended = true;
        return;
    }
    if (f->loss && wt_random_chance(&f->random, f->loss)) {
        f->free[f->free_count++] = slot;
    } else {
        if (f->dup && wt_random_chance(&f->random, f->dup)) {
            copy = f->free[--f->free_count];
            fill(copy, slot->bytes, slot->length, slot->when_ns);
            travel(f, slot);
            travel(f, copy);
        } else {
            travel(f, slot);
        }
    }
    release_held(f, false, held_before);
}

int book_feeder_next(struct book_feeder *f, struct book_frame *frame)
{
    if (f->out) {
        f->free[f->free_count++] = f->out;
        f->out = NULL;
    }
    while (f->ready_count == 0) {
        if (f->ended)
            return f->error;
        one_packet(f);
    }
    f->out = f->ready[0];
    f->ready_count--;
    for (unsigned i = 0; i < f->ready_count; i++)
        f->ready[i] = f->ready[i + 1];
    *frame = (struct book_frame){f->out->bytes, f->out->length, f->out->flags, f->out->when_ns};
    return 1;
}

/* ---------------------------------------------------------------- figures */

uint32_t book_feeder_group(const struct book_feeder *f)
{
    return f->builder.group;
}

uint16_t book_feeder_port(const struct book_feeder *f)
{
    return f->builder.port;
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
