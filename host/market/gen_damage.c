#include "host/market/gen_damage.h"

#include <string.h>

void wt_damage_init(struct wt_damage *d, struct wt_gen_sink sink, uint64_t share, uint32_t locates, uint64_t seed)
{
    memset(d, 0, sizeof *d);
    d->sink = sink;
    d->share = share;
    d->locates = locates;
    wt_random_seed(&d->random, ~seed);
}

static uint64_t below(struct wt_damage *d, uint64_t n)
{
    return wt_random_below(&d->random, n);
}

/* One of some numbers that are at the edge of something. */
static uint32_t edge(struct wt_damage *d)
{
    static const uint32_t values[] = {0, 1, 2000000000, 2000000001, 0x7fffffff, 0x80000000, 0xfffffff0, 0xffffffff};
    return values[below(d, sizeof values / sizeof *values)];
}

static uint64_t hurt(struct wt_damage *d, uint8_t *m, uint64_t length)
{
    bool adds = m[0] == 'A' || m[0] == 'F';
    switch (below(d, 8)) {
    case 0: /* cut; an empty message would end the file */
        return 1 + below(d, length);
    case 1: /* longer */
        return length + 1 + below(d, sizeof d->raw - length);
    case 2: /* a bit flips */
        m[below(d, length)] ^= (uint8_t)(1u << below(d, 8));
        return length;
    case 3: /* another order's reference */
        if (wt_itch_touches_book(m[0]))
            memcpy(m + 11, d->refs[below(d, WT_DAMAGE_REFS)], 8);
        return length;
    case 4: /* replaced onto another order */
        if (m[0] == 'U')
            memcpy(m + 19, d->refs[below(d, WT_DAMAGE_REFS)], 8);
        return length;
    case 5: /* absurd shares */
        if (adds)
            wt_put_be32(m + 20, edge(d));
        else if (m[0] == 'E' || m[0] == 'C' || m[0] == 'X')
            wt_put_be32(m + 19, edge(d));
        else if (m[0] == 'U')
            wt_put_be32(m + 27, edge(d));
        return length;
    case 6: /* absurd price */
        if (adds)
            wt_put_be32(m + 32, edge(d));
        else if (m[0] == 'U')
            wt_put_be32(m + 31, edge(d));
        return length;
    default: /* another symbol's locate, or nobody's */
        wt_put_be16(m + 1, (uint16_t)below(d, (uint64_t)d->locates + 3));
        return length;
    }
}

static int on_message(void *ctx, const uint8_t *raw, uint64_t length)
{
    struct wt_damage *d = ctx;
    if ((raw[0] == 'A' || raw[0] == 'F') && below(d, 4) == 0)
        memcpy(d->refs[below(d, WT_DAMAGE_REFS)], raw + 11, 8);
    if (!wt_random_chance(&d->random, d->share))
        return d->sink.message(d->sink.ctx, raw, length);
    memset(d->raw, 0, sizeof d->raw);
    memcpy(d->raw, raw, length);
    d->damaged++;
    return d->sink.message(d->sink.ctx, d->raw, hurt(d, d->raw, length));
}

struct wt_gen_sink wt_damage_sink(struct wt_damage *d)
{
    return (struct wt_gen_sink){d, on_message};
}
