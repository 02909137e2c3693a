/* Histogram of non-negative numbers: exact below 64, then 32 buckets to each power of two (3 %). No allocation. */
#ifndef WT_HISTOGRAM_H
#define WT_HISTOGRAM_H

#include <stdint.h>

enum { WT_HISTOGRAM_BUCKETS = 64 + 58 * 32 };

struct wt_histogram {
    uint64_t count, min, max;
    uint64_t bucket[WT_HISTOGRAM_BUCKETS];
};

void wt_histogram_add(struct wt_histogram *histogram, uint64_t value);
/** All that another one holds, too. */
void wt_histogram_join(struct wt_histogram *histogram, const struct wt_histogram *other);
/** Lowest value of a bucket. */
uint64_t wt_histogram_floor(unsigned bucket);
/** The value below or at which per_mille thousandths of all are: floor of its bucket, within min and max. 0 if empty.
 */
uint64_t wt_histogram_quantile(const struct wt_histogram *histogram, unsigned per_mille);

#endif
