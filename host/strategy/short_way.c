#include "host/strategy/short_way.h"

__attribute__((flatten)) static int settle(void *ctx)
{
    struct wt_short_way *way = ctx;
    struct wt_event *event = wt_feed_may_take(way->feed) ? wt_loop_ready(way->loop) : NULL;
    if (!event)
        return wt_feed_settle(way->feed);
    int got = wt_feed_take(way->feed, &event->market);
    if (got != 1)
        return got;
    wt_loop_take(way->loop, WT_EVENT_MARKET);
    wt_symbol symbol = wt_feed_lanes(way->feed)->by_card[event->market.head.symbol]->symbol;
    wt_quotes_given(way->quotes, symbol, event->ns);
    wt_risk_marked(way->risk, wt_positions_mark(way->positions, symbol));
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
