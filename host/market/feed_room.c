/* What the card had no room for: records that come late or stand for several, trades and order flow that do not come.
 */
#include <string.h>

#include "host/market/feed_internal.h"

#define NONE WT_FEED_NO_SYMBOL

/* A BBO record may come late; with several rings any record of a symbol may. */
static bool in_place(const struct wt_feed *feed, const union wt_event_record *before,
                     const union wt_event_record *record)
{
    uint8_t kind = record->head.kind;
    if (kind == WT_RECORD_TYPE_GAP || kind == WT_RECORD_TYPE_SESSION ||
        (kind != WT_RECORD_TYPE_BBO && feed->card->ev_rings <= 1))
        return true;
    return before->head.feed_seq <= record->head.feed_seq || before->head.kind == WT_RECORD_TYPE_GAP ||
           before->head.kind == WT_RECORD_TYPE_SESSION;
}

union wt_event_record *wt_feed_place(struct wt_feed *feed, struct wt_feed_channel *c,
                                     const union wt_event_record *record, uint32_t size)
{
    uint32_t at = c->tail++;
    for (; at != c->head && !in_place(feed, &c->queue[(at - 1) % size], record); at--)
        c->queue[at % size] = c->queue[(at - 1) % size];
    c->queue[at % size] = *record;
    if (record->head.kind == WT_RECORD_TYPE_BBO && record->bbo.conflated && record->head.symbol != NONE)
        feed->owed[record->head.symbol] += record->bbo.conflated;
    if (record->head.kind == WT_RECORD_TYPE_TRADES_LOST) {
        if (!c->trades_owed)
            c->trades_from = record->trades_lost.first_seq;
        c->trades_owed += record->trades_lost.count;
        c->trades_to = record->head.feed_seq;
    }
    return &c->queue[at % size];
}

void wt_feed_known_as(struct wt_feed *feed, uint16_t symbol, uint16_t card_symbol)
{
    if (symbol != NONE)
        feed->known[symbol].by_card = card_symbol;
}

bool wt_feed_bbo_owed(const struct wt_feed *feed, uint16_t symbol)
{
    uint16_t card = feed->known[symbol].by_card;
    return card != NONE && feed->owed[card] > 0;
}

bool wt_feed_trade_owed(const struct wt_feed *feed, unsigned channel, uint64_t seq)
{
    const struct wt_feed_channel *c = &feed->channel[channel];
    return c->trades_owed > 0 && seq >= c->trades_from && seq <= c->trades_to;
}

void wt_feed_folded(struct wt_feed *feed, uint16_t symbol)
{
    feed->owed[feed->known[symbol].by_card]--;
    feed->known[symbol].folded++;
    feed->stats.conflated++;
}

void wt_feed_trade_lost(struct wt_feed *feed, unsigned channel)
{
    feed->channel[channel].trades_owed--;
    feed->stats.trades_lost++;
}

bool wt_feed_folds_agree(struct wt_feed *feed, uint16_t symbol, uint32_t conflated)
{
    struct wt_feed_symbol *known = &feed->known[symbol];
    bool agree = known->folded == conflated || known->missed;
    if (known->by_card != NONE && conflated > known->folded) {
        uint32_t *owed = &feed->owed[known->by_card], rest = conflated - known->folded;
        feed->stats.conflated += rest;
        *owed -= rest < *owed ? rest : *owed;
    }
    known->folded = 0;
    known->missed = false;
    return agree;
}

void wt_feed_shed(struct wt_feed *feed, const struct wt_of_record *record)
{
    unsigned channel = record->flags & WT_OFF_CHANNEL;
    struct wt_of_shed shed;
    memcpy(&shed, record, sizeof shed);
    feed->stats.shed += shed.shed;
    for (uint32_t i = 0; i < NONE; i++) {
        struct wt_feed_symbol *known = &feed->known[i];
        if (known->state == WT_BOOK_STATE_UNBOUND || wt_twin_channel(feed->twin, (uint16_t)i) != channel)
            continue;
        /* The card's own book is whole: it goes on alone, nobody compares. A software symbol is stale. */
        if (known->state == WT_BOOK_STATE_VALID && wt_twin_valid(feed->twin, (uint16_t)i))
            known->alone = true;
        known->missed = true;
    }
    if (feed->handler.flow_lost)
        feed->handler.flow_lost(feed->handler.ctx, channel, shed.shed, shed.software);
}
