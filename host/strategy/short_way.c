#include "host/strategy/short_way.h"

#include "host/event/tap.h"

static __attribute__((noinline)) int settle_long(const struct wt_short_way *way)
{
    return wt_feed_settle(way->feed);
}

/* Of a loop with a journal the hook is the tap's: known by name, it is compiled into this. *now: the loop's time, when
 * 1. */
static inline int take(const struct wt_short_way *way, union wt_event_record *record, uint64_t *now)
{
    struct wt_card *card = way->card;
    int got;
    if (__builtin_expect(card->hook.take == wt_tap_take, 1)) {
        struct wt_tap *tap = card->hook.ctx;
        got = wt_tap_take(tap, &card->events[0], record);
        if (got == 1)
            *now = wt_tap_time(tap);
    } else {
        got = wt_card_take(card, record);
        *now = wt_loop_now(way->loop);
    }
    return got;
}

static __attribute__((noinline)) void mark_sums(const struct wt_short_way *way, const struct wt_lane *lane)
{
    const struct wt_symbol_view *view = wt_quotes_view(lane->quote);
    wt_risk_marked(way->risk, wt_positions_mark(way->positions, lane->symbol, view));
}

static inline void mark(const struct wt_short_way *way, const struct wt_lane *lane)
{
    if (__builtin_expect(!wt_position_mark_flat(lane->position, lane->quote), 0))
        mark_sums(way, lane);
    else
        wt_risk_marked(way->risk, false);
}

int wt_short_way_settle(void *ctx)
{
    struct wt_short_way *way = ctx;
    struct wt_event *event = wt_loop_ready(way->loop);
    if (__builtin_expect(!event || !wt_card_plain(way->card), 0))
        return settle_long(way);
#if defined(__GNUC__)
    __asm__("" : "+r"(event)); /* where it lies is known: not to be computed again at each use */
#endif
    uint64_t now = 0;
    int got = take(way, &event->market, &now);
    const struct wt_lane *lane = way->lanes->open;
    way->lanes->open = NULL;
    wt_feed_took(way->feed, &event->market, got);
    if (__builtin_expect(got != 1, 0))
        return got;
    wt_loop_take(way->loop, event, WT_EVENT_MARKET, now);
    wt_quotes_given(lane->quote, now);
    mark(way, lane);
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
    way->lanes = lanes;
    lanes->settle = wt_short_way_settle;
    lanes->rest = rest;
    lanes->ctx = way;
}
