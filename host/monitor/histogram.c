#include "host/monitor/histogram.h"

static unsigned bucket_of(uint64_t value)
{
    if (value < 64)
        return (unsigned)value;
    unsigned power = 63u - (unsigned)__builtin_clzll(value);
    return 64 + (power - 6) * 32 + (unsigned)(value >> (power - 5) & 31);
}

uint64_t wt_histogram_floor(unsigned bucket)
{
    if (bucket < 64)
        return bucket;
    unsigned power = (bucket - 64) / 32 + 6;
    return 1ull << power | (uint64_t)((bucket - 64) % 32) << (power - 5);
}

void wt_histogram_add(struct wt_histogram *h, uint64_t value)
{
    if (!h->count || value < h->min)
        h->min = value;
    if (value > h->max)
        h->max = value;
    h->count++;
    h->bucket[bucket_of(value)]++;
}

void wt_histogram_join(struct wt_histogram *h, const struct wt_histogram *other)
{
    if (!other->count)
        return;
    if (!h->count || other->min < h->min)
        h->min = other->min;
    if (other->max > h->max)
        h->max = other->max;
    h->count += other->count;
    for (unsigned i = 0; i < WT_HISTOGRAM_BUCKETS; i++)
        h->bucket[i] += other->bucket[i];
}

uint64_t wt_histogram_quantile(const struct wt_histogram *h, unsigned per_mille)
{
    if (!h->count)
        return 0;
    uint64_t rank = (h->count * per_mille + 999) / 1000, seen = 0;
    for (unsigned i = 0; i < WT_HISTOGRAM_BUCKETS; i++) {
        seen += h->bucket[i];
        if (seen < rank || !seen)
            continue;
        uint64_t value = wt_histogram_floor(i);
        return value < h->min ? h->min : value > h->max ? h->max : value;
    }
    return h->max;
}
