#include "host/strategy/short_way.h"

static __attribute__((noinline)) int settle_long(const struct wt_short_way *way)
{
    return wt_feed_settle(way->feed);
}

__attribute__((flatten)) static int settle(void *ctx)
{
    struct wt_short_way *way = ctx;
    struct wt_event *event = wt_loop_ready(way->loop);
    if (__builtin_expect(!event || !wt_feed_may_take(way->feed), 0))
        return settle_long(way);
#if defined(__GNUC__)
    __asm__("" : "+r"(event)); /* where it lies is known: not to be computed again at each use */
#endif
    int got = wt_feed_take(way->feed, &event->market);
    if (__builtin_expect(got != 1, 0))
        return got;
    wt_loop_take(way->loop, event, WT_EVENT_MARKET);
    const struct wt_lane *lane = wt_feed_lanes(way->feed)->by_card[event->market.head.symbol];
    const struct wt_symbol_view *view = wt_quotes_given(lane->quote, event->ns);
    wt_risk_marked(way->risk, wt_positions_mark(way->positions, lane->symbol, view));
    return 1;
}

static void rest(void *ctx)
{
    struct wt_short_way *way = ctx;
    wt_feed_taken(way->feed);
    if (way->record)
        way->record(way->ctx, &wt_loop_cause(way->loop)->market);
    wt_loop_watchers(way->loop);
}

void wt_short_way_join(struct wt_short_way *way)
{
    struct wt_lanes *lanes = wt_feed_lanes(way->feed);
    lanes->settle = settle;
    lanes->rest = rest;
    lanes->ctx = way;
}
