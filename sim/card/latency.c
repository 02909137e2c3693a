#include "sim/card/latency.h"

#include <stddef.h>

#include "host/card/wt_schema.h"
#include "host/common/bytes.h"

enum { MOLD_HEADER = 20, COUNT_END = 0xffff };

/* Where the MoldUDP64 header stands, or -1: Ethernet (802.1Q too), IPv4 without regard to options, UDP. */
static long mold_offset(const uint8_t *p, uint32_t length)
{
    uint32_t at = 12;
    while (at + 2 <= length && (wt_be16(p + at) == 0x8100 || wt_be16(p + at) == 0x88a8))
        at += 4;
    if (at + 2 + 20 > length || wt_be16(p + at) != 0x0800)
        return -1;
    at += 2;
    if (p[at] >> 4 != 4 || p[at + 9] != 17)
        return -1;
    at += (p[at] & 15u) * 4 + 8;
    return at + MOLD_HEADER <= length ? (long)at : -1;
}

void wt_latency_frame(struct wt_latency_line *l, const uint8_t *frame, uint32_t length, uint64_t last_ps)
{
    long at = mold_offset(frame, length);
    if (at < 0)
        return;
    uint16_t count = wt_be16(frame + at + 18);
    struct wt_latency_frame *f = &l->frames[l->next++ % WT_LATENCY_HISTORY];
    f->control = count == 0 || count == COUNT_END;
    f->first_seq = wt_be64(frame + at + 10);
    f->end_seq = f->first_seq + (f->control ? 1 : count);
    f->last_ps = last_ps;
}

/* The first frame of a line that carried a record; NULL: none. */
static const struct wt_latency_frame *carrier(struct wt_latency_line *l, int session, uint64_t feed_seq,
                                              uint64_t first_ps)
{
    uint64_t oldest = l->next > WT_LATENCY_HISTORY ? l->next - WT_LATENCY_HISTORY : 0;
    uint64_t from = l->cursor > oldest + WT_LATENCY_BACK ? l->cursor - WT_LATENCY_BACK : oldest;
    for (uint64_t i = from; i < l->next; i++) {
        const struct wt_latency_frame *f = &l->frames[i % WT_LATENCY_HISTORY];
        if (feed_seq < f->first_seq || feed_seq >= f->end_seq || f->last_ps > first_ps || (f->control && !session))
            continue;
        if (i > l->cursor)
            l->cursor = i;
        return f;
    }
    return NULL;
}

void wt_latency_record(struct wt_latency *l, uint8_t kind, uint64_t feed_seq, uint64_t first_ps, uint32_t clock_ps)
{
    const struct wt_latency_frame *first = NULL;
    if (kind == WT_RECORD_TYPE_GAP)
        return;
    for (unsigned line = 0; line < WT_LATENCY_LINES; line++) {
        const struct wt_latency_frame *f = carrier(&l->line[line], kind == WT_RECORD_TYPE_SESSION, feed_seq, first_ps);
        if (f && (!first || f->last_ps < first->last_ps))
            first = f;
    }
    if (!first)
        return;
    uint64_t cycles = (first_ps - first->last_ps) / clock_ps;
    l->count[cycles < WT_LATENCY_CYCLES ? cycles : WT_LATENCY_CYCLES - 1]++;
    if (l->samples++ == 0 || cycles < l->min)
        l->min = cycles;
    if (cycles > l->max)
        l->max = cycles;
}

uint64_t wt_latency_quantile(const struct wt_latency *l, unsigned permille)
{
    uint64_t want = (l->samples * permille + 999) / 1000, seen = 0;
    if (want == 0)
        return 0;
    for (uint64_t i = 0; i < WT_LATENCY_CYCLES - 1; i++) {
        seen += l->count[i];
        if (seen >= want)
            return i;
    }
    return l->max;
}
