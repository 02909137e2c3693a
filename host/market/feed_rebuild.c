/* Loss made good by snapshots: what is kept meanwhile, loading, and the moment at which symbols are valid again. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "host/common/log.h"
#include "host/market/feed_internal.h"
#include "host/market/itch.h"

#define NONE WT_FEED_NO_SYMBOL

int wt_feed_keep(struct wt_feed *feed, size_t messages)
{
    for (unsigned i = 0; i < WT_WIN_CHANNELS_MAX; i++) {
        feed->channel[i].kept = malloc(messages * sizeof *feed->channel[i].kept);
        if (!feed->channel[i].kept) {
            wt_error("no memory to keep %zu messages of the feed while a snapshot comes", messages);
            return -ENOMEM;
        }
    }
    feed->keep = messages;
    return 0;
}

bool wt_feed_wants(const struct wt_feed *feed, unsigned channel)
{
    return feed->channel[channel].wanted;
}

/* ---------------------------------------------------------------- loss */

void wt_feed_want(struct wt_feed *feed, unsigned channel, uint64_t seq)
{
    struct wt_feed_channel *c = &feed->channel[channel];
    bool tell;
    if (!feed->keep)
        return;
    if (!c->wanted || c->need < seq) {
        c->need = seq;
        c->kept_head = c->kept_tail; /* a snapshot of that number has what lies below it */
    }
    tell = !c->wanted || (c->loaded && c->resume < seq);
    c->wanted = true;
    if (!tell)
        return;
    c->loaded = false;
    if (feed->handler.lost)
        feed->handler.lost(feed->handler.ctx, channel, seq);
}

void wt_feed_lose(struct wt_feed *feed, unsigned channel, uint64_t seq, bool of_card)
{
    wt_twin_gap_of(feed->twin, channel);
    for (uint32_t i = 0; of_card && i < NONE; i++)
        if (wt_twin_channel(feed->twin, (uint16_t)i) == channel && feed->known[i].state == WT_BOOK_STATE_VALID)
            feed->known[i].state = WT_BOOK_STATE_STALE, feed->known[i].alone = false;
    if (of_card && feed->loader)
        wt_feed_loader_lost(feed, channel);
    wt_feed_want(feed, channel, seq);
}

static void keep(struct wt_feed *feed, struct wt_feed_channel *c, const struct wt_of_record *record)
{
    struct wt_feed_kept *kept;
    if (c->kept_tail - c->kept_head == feed->keep) { /* a snapshot must be newer than what goes */
        c->need = c->kept[c->kept_head % feed->keep].seq + 1;
        c->kept_head++;
    }
    kept = &c->kept[c->kept_tail++ % feed->keep];
    kept->seq = record->feed_seq;
    kept->length = record->length;
    memcpy(kept->raw, record->raw, sizeof kept->raw);
}

/* ---------------------------------------------------------------- snapshot */

void wt_feed_snapshot_begin(struct wt_feed *feed, unsigned channel)
{
    struct wt_feed_channel *c = &feed->channel[channel];
    c->loading = true;
    c->loaded = false;
    c->snapshot_ns = 0;
    c->round++;
    wt_twin_rebuild_begin(feed->twin, channel);
}

static void note_state(struct wt_feed *feed, const uint8_t *raw, uint16_t symbol)
{
    feed->known[symbol].trading = raw[19];
    memcpy(feed->known[symbol].reason, raw + 21, 4);
}

void wt_feed_snapshot_message(struct wt_feed *feed, unsigned channel, const uint8_t *raw, size_t length)
{
    struct wt_feed_channel *c = &feed->channel[channel];
    uint16_t symbol;
    if (!c->loading || length < 11 || length != wt_itch_length(raw[0]))
        return;
    if (wt_itch_ns(raw) > c->snapshot_ns)
        c->snapshot_ns = wt_itch_ns(raw);
    wt_twin_rebuild_load(feed->twin, channel, raw, length);
    symbol = wt_twin_by_locate(feed->twin, wt_itch_locate(raw));
    if (symbol == NONE)
        return;
    if (raw[0] == 'R') {
        feed->known[symbol].round = c->round;
        feed->known[symbol].trading = 0;
    } else if (raw[0] == 'H') {
        note_state(feed, raw, symbol);
    }
}

/* Messages of the symbol between the snapshot and its binding were not given: nobody knows its book. */
static bool incomplete(const struct wt_feed *feed, const struct wt_feed_channel *c, const struct wt_feed_symbol *known)
{
    return feed->card->by_name && known->round == c->round && !(known->bound_seq && known->bound_seq <= c->resume);
}

struct return_of {
    struct wt_feed *feed;
    struct wt_feed_channel *channel;
    struct wt_twin_result result;
    bool again; /* a symbol needs another snapshot */
};

/* A symbol is rebuilt: tell of it. */
static void give_back(void *ctx, uint16_t symbol)
{
    struct return_of *r = ctx;
    struct wt_feed *feed = r->feed;
    struct wt_feed_symbol *known = &feed->known[symbol];
    union wt_event_record record = {0};
    if (incomplete(feed, r->channel, known)) {
        wt_twin_set_stale(feed->twin, symbol);
        r->again |= known->bound_seq != 0;
        return;
    }
    feed->stats.rebuilt++;
    if (known->state != WT_BOOK_STATE_VALID)
        known->state = WT_BOOK_STATE_SOFTWARE;
    r->result.symbol = symbol;
    r->result.locate = wt_twin_locate(feed->twin, symbol);
    record.head = wt_feed_head(feed, WT_RECORD_TYPE_SYMBOL, symbol, &r->result, WT_EVF_VALID | WT_EVF_RECOVERED);
    memcpy(record.symbol.name, wt_twin_name(feed->twin, symbol), 8);
    record.symbol.state = known->state;
    wt_feed_hand_on(feed, &record);
    if (known->round == r->channel->round && known->trading) {
        memset(&record, 0, sizeof record);
        record.head =
            wt_feed_head(feed, WT_RECORD_TYPE_TRADING_STATE, symbol, &r->result, WT_EVF_VALID | WT_EVF_RECOVERED);
        record.state.state = known->trading;
        memcpy(record.state.reason, known->reason, 4);
        wt_feed_hand_on(feed, &record);
    }
    wt_twin_bbo(feed->twin, symbol, &r->result.bbo);
    feed->stats.sw_bbo++;
    wt_feed_tell_bbo(feed, symbol, &r->result, WT_EVF_VALID | WT_EVF_RECOVERED);
}

/* Replay what was kept since the snapshot. */
static void replay(struct wt_feed *feed, unsigned channel)
{
    struct wt_feed_channel *c = &feed->channel[channel];
    for (; c->kept_head != c->kept_tail; c->kept_head++) {
        const struct wt_feed_kept *kept = &c->kept[c->kept_head % feed->keep];
        struct wt_twin_result result;
        if (kept->seq < c->resume)
            continue;
        wt_twin_rebuild_replay(feed->twin, channel, kept->seq, kept->raw, kept->length, &result);
        feed->stats.replayed++;
        if (result.also_stale != NONE && feed->known[result.also_stale].state != WT_BOOK_STATE_STALE)
            wt_feed_tell_stale(feed, result.also_stale, &result, result.reason);
        if (result.type == 'H' && result.symbol != NONE)
            note_state(feed, kept->raw, result.symbol);
    }
}

static void finish(struct wt_feed *feed, unsigned channel)
{
    struct wt_feed_channel *c = &feed->channel[channel];
    struct return_of r = {.feed = feed, .channel = c};
    r.result.seq = c->resume > c->watermark + 1 ? c->resume - 1 : c->watermark;
    r.result.exch_ns = c->snapshot_ns > c->last_ns ? c->snapshot_ns : c->last_ns;
    replay(feed, channel);
    c->loaded = false;
    c->wanted = false;
    feed->stats.snapshots++;
    wt_twin_rebuild_end(feed->twin, channel, give_back, &r);
    if (r.again)
        wt_feed_want(feed, channel, c->watermark + 1);
}

int wt_feed_snapshot_end(struct wt_feed *feed, unsigned channel, uint64_t sequence)
{
    struct wt_feed_channel *c = &feed->channel[channel];
    if (!c->loading)
        return -EAGAIN;
    c->loading = false;
    if (!c->wanted || sequence < c->need) {
        wt_twin_rebuild_begin(feed->twin, channel);
        return c->wanted ? -EAGAIN : 0;
    }
    c->loaded = true;
    c->resume = sequence;
    wt_feed_reached(feed, channel, c->watermark + 1);
    return 0;
}

void wt_feed_before(struct wt_feed *feed, unsigned channel, const struct wt_of_record *record)
{
    struct wt_feed_channel *c = &feed->channel[channel];
    if (c->loaded)
        wt_feed_reached(feed, channel, record->feed_seq);
    if (c->wanted)
        keep(feed, c, record);
}

void wt_feed_reached(struct wt_feed *feed, unsigned channel, uint64_t next)
{
    if (feed->channel[channel].loaded && next >= feed->channel[channel].resume)
        finish(feed, channel);
}
