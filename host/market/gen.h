/*
 * Makes realistic ITCH 5.0 files: all 23 message types in about the mix of a real NASDAQ day,
 * coherent books that are never crossed, executions that hit the oldest best order, a random
 * walk under every price, bursts in time. The same configuration gives the same bytes on
 * every machine (integers only).
 */
#ifndef WT_MARKET_GEN_H
#define WT_MARKET_GEN_H

#include <stdint.h>

enum wt_gen_scenario {
    WT_GEN_MARKET, /**< a market like any day's */
    WT_GEN_STRESS  /**< the same, with what breaks books: stub quotes at both price extremes, a crash by 60 %,
                        one-cent and sub-dollar symbols, sides emptied best-first */
};

struct wt_gen_config {
    uint64_t messages; /**< in all, 50 + symbols or more */
    uint32_t symbols;  /**< 1 to 10,000 */
    uint64_t seed;
    enum wt_gen_scenario scenario;
    uint64_t live;        /**< orders that the books tend to hold in all; 0: 600 a symbol, 38,000 and an eighth of the
                               messages at most, so that the card's table holds them */
    uint64_t start_ns;    /**< of the first message, ns since midnight */
    uint64_t duration_ns; /**< the last message is about this much later; 1 ms or more */
};

/** Where the messages go: 0, or -errno to stop. A message is valid during the call. */
struct wt_gen_sink {
    void *ctx;
    int (*message)(void *ctx, const uint8_t *raw, uint64_t length);
};

struct wt_gen_stats {
    uint64_t messages, of_type[256], orders_peak;
};

/** 100,000 messages of 8 symbols, seed 1, market, 09:30:00, 60 s. */
void wt_gen_defaults(struct wt_gen_config *config);
/** Make them all. -EINVAL (with a line printed: what is out of range), -ENOMEM, or what the sink returned. */
int wt_gen_run(const struct wt_gen_config *config, struct wt_gen_sink sink, struct wt_gen_stats *stats);

#endif
