#include "sim/exchange/line.h"

#include <stdbool.h>
#include <string.h>

#include "host/common/bytes.h"
#include "host/market/pcap.h"

void wt_line_init(struct wt_line *l, const struct wt_line_config *config, unsigned number, struct wt_line_wire wire)
{
    memset(l, 0, offsetof(struct wt_line, queue));
    l->config = *config;
    l->wire = wire;
    l->number = number;
    wt_random_seed(&l->random, config->seed);
    for (unsigned i = 0; i < WT_LINE_QUEUE; i++)
        l->order[i] = (uint16_t)i;
}

static bool chance(struct wt_line *l, uint32_t ppm)
{
    return ppm != 0 && wt_random_below(&l->random, 1000000) < ppm;
}

/* Damage a packet; returns its new length. */
static size_t damage(struct wt_line *l, uint8_t *bytes, size_t length)
{
    uint64_t kind = wt_random_below(&l->random, 3);
    if (kind == 0 || length <= WT_MOLD_HEADER)
        return (size_t)wt_random_below(&l->random, length);
    if (kind == 1)
        wt_put_be16(bytes + WT_MOLD_HEADER - 2, (uint16_t)(wt_be16(bytes + WT_MOLD_HEADER - 2) + 1));
    else
        wt_put_be16(bytes + WT_MOLD_HEADER, 0xffff);
    return length;
}

static void send_late(struct wt_line *l, uint64_t when_ns, const uint8_t *bytes, size_t length)
{
    if (l->count == WT_LINE_QUEUE) {
        l->stats.overflow++;
        return;
    }
    uint16_t place = l->order[l->count];
    unsigned at = l->count++;
    for (; at > 0 && l->queue[l->order[at - 1]].when_ns > when_ns; at--)
        l->order[at] = l->order[at - 1];
    l->order[at] = place;
    l->queue[place].when_ns = when_ns;
    l->queue[place].length = length;
    memcpy(l->queue[place].bytes, bytes, length);
}

static void send(struct wt_line *l, uint64_t now_ns, uint64_t late_ns, const uint8_t *mold, size_t length)
{
    uint8_t bytes[WT_LINE_PACKET];
    if (chance(l, l->config.corrupt_ppm)) {
        l->stats.corrupted++;
        memcpy(bytes, mold, length);
        length = damage(l, bytes, length);
        mold = bytes;
    }
    late_ns += wt_latency_next(&l->latency);
    if (now_ns + late_ns < l->last_ns)
        late_ns = l->last_ns - now_ns;
    l->last_ns = now_ns + late_ns;
    if (chance(l, l->config.reorder_ppm)) {
        l->stats.reordered++;
        late_ns += l->config.reorder_ns;
    }
    l->stats.sent++;
    if (late_ns > 0)
        send_late(l, now_ns + late_ns, mold, length);
    else
        l->wire.send(l->wire.ctx, l->number, now_ns, mold, length);
}

void wt_line_put(struct wt_line *l, uint64_t now_ns, const uint8_t *mold, size_t length)
{
    const struct wt_line_config *c = &l->config;
    if (c->down_for_ns > 0 && now_ns >= c->down_at_ns && now_ns - c->down_at_ns < c->down_for_ns) {
        l->stats.down++;
        return;
    }
    if (chance(l, c->loss_ppm)) {
        l->stats.lost++;
        return;
    }
    send(l, now_ns, c->skew_ns, mold, length);
    if (chance(l, c->duplicate_ppm)) {
        l->stats.duplicated++;
        send(l, now_ns, c->skew_ns, mold, length);
    }
}

uint64_t wt_line_next_ns(const struct wt_line *l)
{
    return l->count > 0 ? l->queue[l->order[0]].when_ns : UINT64_MAX;
}

void wt_line_run(struct wt_line *l, uint64_t now_ns)
{
    while (wt_line_next_ns(l) <= now_ns) {
        uint16_t place = l->order[0];
        memmove(l->order, l->order + 1, --l->count * sizeof l->order[0]);
        l->order[l->count] = place;
        l->wire.send(l->wire.ctx, l->number, l->queue[place].when_ns, l->queue[place].bytes, l->queue[place].length);
    }
}
