/* What the card says of a symbol's state, in message order, and of a session. */
#include "host/market/feed_internal.h"

#define NONE WT_FEED_NO_SYMBOL

/* The card bound a locate: from now on it gives all of its messages. */
static void bound(struct wt_feed *feed, uint16_t symbol, const union wt_event_record *record)
{
    struct wt_feed_symbol *known = &feed->known[symbol];
    if (!known->bound_seq)
        known->bound_seq = record->head.feed_seq;
    /* Rebuilt before, it was not to be trusted: there may have been messages that the card kept to itself. */
    if (feed->keep && feed->card->by_name && known->state == WT_BOOK_STATE_UNBOUND && known->round &&
        !wt_twin_valid(feed->twin, symbol))
        wt_feed_want(feed, record->head.channel % WT_WIN_CHANNELS_MAX, record->head.feed_seq + 1);
}

void wt_feed_symbol_event(struct wt_feed *feed, const union wt_event_record *record)
{
    uint16_t symbol = record->head.symbol;
    uint8_t state = record->symbol.state;
    if (symbol == NONE)
        return;
    if (record->symbol.name[0] != 0)
        bound(feed, symbol, record);
    /* The twin has every message, and is exact. The card may miss those that a snapshot has made good, or hold orders
       of symbols that are not subscribed, stale in the twin alone, or being loaded, and take references for theirs. */
    if (state == WT_BOOK_STATE_STALE && wt_twin_valid(feed->twin, symbol)) {
        feed->stats.only_card_stale += record->symbol.reason != WT_REASON_GAP;
        state = WT_BOOK_STATE_SOFTWARE;
    }
    /* Back in the card just before the channel lost something: that is over again. */
    if (state == WT_BOOK_STATE_VALID && feed->channel[record->head.channel % WT_WIN_CHANNELS_MAX].wanted)
        state = WT_BOOK_STATE_STALE;
    feed->known[symbol].state = state;
    feed->known[symbol].alone = feed->known[symbol].alone && state == WT_BOOK_STATE_VALID;
}

/* Sequence numbers begin anew: nothing that was known by number goes on. */
void wt_feed_change_session(struct wt_feed *feed, const union wt_event_record *record)
{
    unsigned channel = record->head.channel % WT_WIN_CHANNELS_MAX;
    struct wt_feed_channel *c = &feed->channel[channel];
    c->watermark = record->head.feed_seq ? record->head.feed_seq - 1 : 0;
    c->need = 0;
    c->loading = c->loaded = false;
    wt_twin_new_session(feed->twin, channel);
    for (uint32_t i = 0; i < NONE; i++)
        feed->known[i].bound_seq = feed->known[i].bound_seq ? 1 : 0;
    wt_feed_lose(feed, channel, record->head.feed_seq, true);
}
