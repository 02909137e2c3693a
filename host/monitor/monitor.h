/*
 * Watches the loop: counts, histograms, a series over time, and orders.csv, the record of every
 * verdict against, order change, fill and alert with its virtual time. It only listens.
 */
#ifndef WT_MONITOR_H
#define WT_MONITOR_H

#include <stdio.h>

#include "host/event/loop.h"
#include "host/monitor/histogram.h"
#include "host/trade/position.h"
#include "host/trade/quotes.h"

enum { WT_SERIES_MAX = 1024 };

/** One moment. Money in 1/10000 dollar. */
struct wt_sample {
    uint64_t ns;
    int64_t realized, profit; /**< profit: realized and unrealized, less fees */
    int64_t gross, net;       /**< positions at their marks */
};

struct wt_monitor {
    struct wt_loop *loop;
    const struct wt_quotes *quotes;
    const struct wt_positions *positions;
    FILE *orders;
    uint64_t first_ns, last_ns; /**< of market events */
    uint64_t hw_bbo, sw_bbo, trades, alerts, records;
    struct wt_histogram card_cycles;   /**< of the card's records: last beat of the frame to DMA */
    struct wt_histogram tick_to_trade; /**< ns: frame in at the card to order out of the host */
    bool clocks_apart;                 /**< card and host have clocks of their own: that time is not known */
    struct wt_sample series[WT_SERIES_MAX];
    unsigned samples;
    uint64_t sample_every, sample_next; /**< ns; doubles whenever the series is full */
};

/** Subscribe to everything; orders.csv is opened and headed. Behind quotes and positions. -errno, with a message. */
int wt_monitor_start(struct wt_monitor *monitor, struct wt_loop *loop, const struct wt_quotes *quotes,
                     const struct wt_positions *positions, const char *orders_path);
/** Called where a request leaves the host: the time since the frame that caused it came in. */
void wt_monitor_sent(struct wt_monitor *monitor);
/** Take the last sample and close orders.csv. 0, or -errno with a message when it could not be written. */
int wt_monitor_finish(struct wt_monitor *monitor);

#endif
