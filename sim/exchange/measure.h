/*
 * Measures a stream of ITCH messages: mix, spread, depth, order lifetimes, sizes, burstiness. It keeps its own
 * books, so that a real file and a simulated market are measured by the same code. One thread.
 */
#ifndef WT_MEASURE_H
#define WT_MEASURE_H

#include <stddef.h>
#include <stdint.h>

/** A histogram with eight buckets to the power of two: quantiles are good to 6 %, and exact below 16. */
struct wt_measure_histogram {
    uint64_t bucket[64 * 8], total;
};

/** Windows in which messages are counted, ns; for each: variance over mean of the counts (1: Poisson). */
enum { WT_MEASURE_WINDOWS = 4 };
extern const uint64_t wt_measure_window_ns[WT_MEASURE_WINDOWS]; /**< 1 ms, 100 ms, 1 s, 10 s */

struct wt_measure_window {
    uint64_t index, count, windows, most;
    double squares;
};

struct wt_measure_book;

struct wt_measure {
    uint64_t messages, of_type[256]; /**< F counts as A, C as E */
    uint64_t from_ns;                /**< set after init: messages before it build books and are not counted */
    uint64_t first_ns, last_ns;
    struct wt_measure_histogram life_ns;      /**< from A or U to D */
    struct wt_measure_histogram spread_cents; /**< weight: ns for which it stood */
    struct wt_measure_histogram best_shares;  /**< at the best prices, after each message */
    struct wt_measure_histogram levels;       /**< price levels of a side, after each message */
    struct wt_measure_histogram live;         /**< live orders of the symbol, after each message */
    struct wt_measure_histogram add_shares;
    struct wt_measure_histogram gap_ns; /**< between messages of the same symbol */
    struct wt_measure_window window[WT_MEASURE_WINDOWS];
    uint64_t most_in_1us; /**< messages of all symbols */
    uint64_t unknown;     /**< messages of orders that were never added */
    struct wt_measure_book *book;
};

int wt_measure_init(struct wt_measure *measure);
/** One message of a known length; types that are not of books or prints only count. */
void wt_measure_message(struct wt_measure *measure, const uint8_t *raw, size_t length);
/** Close the last windows. */
void wt_measure_end(struct wt_measure *measure);
void wt_measure_free(struct wt_measure *measure);

/** The value below which this part (0 to 1) of the weight lies; 0 when there is none. */
double wt_measure_quantile(const struct wt_measure_histogram *histogram, double part);
enum { WT_MEASURE_PEAKS = 3 };
/** Most live orders that the deepest symbols had at once, deepest first; 0: no such symbol. */
void wt_measure_peaks(const struct wt_measure *measure, uint32_t peaks[WT_MEASURE_PEAKS]);
/** Variance over mean of the counts in a window. */
double wt_measure_burst(const struct wt_measure *measure, int window);

#endif
