#include "host/market/feed_internal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/common/log.h"
#include "host/market/itch.h"

#define NONE WT_FEED_NO_SYMBOL

enum {
    QUEUE = 1 << 16 /* events of a channel that wait for their message; a full queue leaves the rest in the ring */
};

static int settle_lane(void *ctx);
static void disarm(void *ctx);

struct sides {
    uint32_t bid_price, bid_shares, ask_price, ask_shares;
};
_Static_assert(offsetof(struct wt_quote, bid_price) == 0 && offsetof(struct wt_quote, ask_shares) == 12 &&
                   offsetof(struct wt_ev_bbo, ask_shares) == offsetof(struct wt_ev_bbo, bid_price) + 12,
               "the record's sides are the quote's");

int wt_feed_create(struct wt_card *card, struct wt_twin *twin, bool ordered, struct wt_feed_handler handler,
                   struct wt_feed **out)
{
    struct wt_feed *feed = calloc(1, sizeof *feed);
    bool whole = feed && (feed->lanes = wt_lanes_create());
    for (unsigned i = 0; whole && i < WT_WIN_CHANNELS_MAX; i++) {
        feed->channel[i].queue = malloc(QUEUE * sizeof *feed->channel[i].queue);
        whole = feed->channel[i].queue != NULL;
    }
    if (!whole) {
        wt_feed_destroy(feed);
        wt_error("no memory for the feed's queues");
        return -ENOMEM;
    }
    feed->card = card;
    feed->twin = twin;
    wt_twin_on_stale(twin, disarm, feed);
    feed->lanes->settle = settle_lane;
    feed->lanes->ctx = feed;
    feed->ordered = ordered;
    feed->handler = handler;
    memset(feed->by_card, 0xff, sizeof feed->by_card);
    for (size_t i = 0; i < 65536; i++)
        feed->known[i].by_card = NONE;
    *out = feed;
    return 0;
}

void wt_feed_destroy(struct wt_feed *feed)
{
    if (!feed)
        return;
    for (unsigned i = 0; i < WT_WIN_CHANNELS_MAX; i++) {
        free(feed->channel[i].queue);
        free(feed->channel[i].kept);
    }
    wt_twin_on_stale(feed->twin, NULL, NULL);
    free(feed->lanes);
    free(feed->loader);
    free(feed);
}

/* ---------------------------------------------------------------- the card's events */

/* Turn the card's symbol index into the twin's. */
static void resolve(struct wt_feed *feed, union wt_event_record *record)
{
    struct wt_ev_head *head = &record->head;
    uint16_t symbol = NONE;
    if (head->kind == WT_RECORD_TYPE_SYMBOL && record->symbol.name[0] != 0) {
        symbol = wt_twin_by_locate(feed->twin, head->locate);
        /* In immediate mode the record is ahead of its message. */
        if (symbol == NONE && !feed->ordered) {
            wt_twin_on_channel(feed->twin, head->channel);
            symbol = wt_twin_bind(feed->twin, head->locate, (const char *)record->symbol.name);
            if (symbol != NONE)
                feed->known[symbol].early = true;
        }
        if (head->symbol != NONE) {
            feed->by_card[head->symbol] = symbol;
            wt_feed_known_as(feed, symbol, head->symbol);
        }
    } else if (head->symbol != NONE) {
        symbol = feed->by_card[head->symbol];
    } else if (head->locate) {
        symbol = wt_twin_by_locate(feed->twin, head->locate);
    }
    head->symbol = symbol;
}

static bool of_a_symbol(const union wt_event_record *record)
{
    return record->head.kind == WT_RECORD_TYPE_BBO || record->head.kind == WT_RECORD_TYPE_TRADE ||
           record->head.kind == WT_RECORD_TYPE_TRADING_STATE || record->head.kind == WT_RECORD_TYPE_SYMBOL;
}

/* Immediate mode: the handler gets the record before its message has been seen. */
static void hand_on_early(struct wt_feed *feed, const union wt_event_record *record)
{
    union wt_event_record flagged;
    if (of_a_symbol(record) && record->head.symbol == NONE)
        return;
    if (record->head.kind == WT_RECORD_TYPE_BBO || record->head.kind == WT_RECORD_TYPE_TRADE) {
        bool bbo = record->head.kind == WT_RECORD_TYPE_BBO, alone = feed->known[record->head.symbol].alone;
        feed->stats.unaudited += bbo && alone;
        if (alone || wt_twin_valid(feed->twin, record->head.symbol)) {
            feed->stats.hw_bbo += bbo && (record->head.flags & WT_EVF_VALID) != 0;
        } else {
            flagged = *record;
            flagged.head.flags = (uint16_t)((flagged.head.flags & ~WT_EVF_VALID) | WT_EVF_STALE);
            feed->stats.withheld++;
            record = &flagged;
        }
    }
    wt_feed_hand_on(feed, record);
}

/* After a quote that came in good order the next one of this symbol may take the short way; else it may not. */
static void arm(struct wt_feed *feed, uint16_t card_symbol, const union wt_event_record *record)
{
    struct wt_lanes *lanes = feed->lanes;
    uint16_t symbol = record->head.symbol;
    if (record->head.kind == WT_RECORD_TYPE_GAP || record->head.kind == WT_RECORD_TYPE_SESSION)
        wt_lanes_disarm(lanes);
    if (card_symbol == NONE || record->head.kind == WT_RECORD_TYPE_TRADE ||
        record->head.kind == WT_RECORD_TYPE_TRADING_STATE)
        return;
    lanes->by_card[card_symbol] = &lanes->none;
    if (symbol == NONE || record->head.kind != WT_RECORD_TYPE_BBO || record->head.flags != WT_EVF_VALID ||
        !lanes->lane[symbol].call || !wt_twin_valid(feed->twin, symbol))
        return;
    lanes->lane[symbol].word = record->word[0];
    lanes->by_card[card_symbol] = &lanes->lane[symbol];
    lanes->armed = true;
}

/* The next event goes from the ring to its channel's queue. Returns 1, 0 or -EOVERFLOW. */
static __attribute__((noinline)) int take_event(struct wt_feed *feed)
{
    union wt_event_record record, *slot;
    struct wt_feed_channel *c;
    uint16_t card_symbol;
    int got = wt_card_event(feed->card, &record);
    if (got <= 0)
        return got;
    if (record.head.kind == WT_RECORD_TYPE_SYMBOL && feed->loader && wt_feed_answer(feed, &record))
        return 1;
    card_symbol = record.head.symbol;
    c = &feed->channel[record.head.channel % WT_WIN_CHANNELS_MAX];
    slot = wt_feed_place(feed, c, &record, QUEUE);
    feed->pending++;
    /* a channel that waits for what it misses delivers nothing, so that nothing would release the record */
    if ((slot->head.kind == WT_RECORD_TYPE_GAP || slot->head.kind == WT_RECORD_TYPE_SESSION) && feed->handler.notice)
        feed->handler.notice(feed->handler.ctx, slot);
    if (feed->ordered)
        return 1;
    resolve(feed, slot);
    hand_on_early(feed, slot);
    if (!feed->lanes->given)
        arm(feed, card_symbol, slot);
    return 1;
}

static int take_events(struct wt_feed *feed, unsigned budget)
{
    unsigned taken = 0;
    while (taken < budget && feed->pending < QUEUE) {
        int got = take_event(feed);
        if (got < 0)
            return got;
        if (got == 0)
            break;
        taken++;
    }
    return (int)taken;
}

/* ---------------------------------------------------------------- the short way (lanes.h) */

/* The record in the open lane goes the long way. */
int wt_feed_settle(struct wt_feed *feed)
{
    feed->lanes->open = NULL;
    feed->lanes->given = true;
    feed->settled = take_event(feed);
    feed->lanes->given = false;
    return feed->settled;
}

static int settle_lane(void *ctx)
{
    return wt_feed_settle(ctx);
}

void wt_feed_took(struct wt_feed *feed, union wt_event_record *record, int got)
{
    feed->settled = got;
    feed->taken = __builtin_expect(got == 1, 1) ? record : NULL;
}

void wt_feed_taken(struct wt_feed *feed)
{
    union wt_event_record *record = feed->taken;
    feed->taken = NULL;
    feed->pending++;
    resolve(feed, wt_feed_place(feed, &feed->channel[record->head.channel % WT_WIN_CHANNELS_MAX], record, QUEUE));
    resolve(feed, record);
    feed->lanes->taken++;
    feed->stats.hw_bbo++; /* a lane is armed only while card and twin are in step */
}

/* The next event is a quote that may take the short way: it is given. */
static inline __attribute__((always_inline)) bool give_short(const struct wt_feed *feed)
{
    struct wt_lanes *lanes = feed->lanes;
    const struct wt_ring *ring = &feed->card->events[0];
    const union wt_event_record *slot = wt_ring_slot(ring);
    uint32_t number = ring->cons + 1;
    if (wt_ring_lap(slot) != number || feed->pending >= QUEUE || feed->card->ev_rings > 1)
        return false;
    struct sides sides;
    const struct wt_lane *lane = lanes->by_card[slot->head.symbol];
    memcpy(&sides, &slot->bbo.bid_price, sizeof sides);
    if (slot->word[0] != lane->word || wt_ring_lap(slot) != number)
        return false;
    struct wt_quote *quote = lane->quote;
    memcpy(quote, &sides, sizeof sides);
    quote->valid = true;
    lanes->open = lane;
    lane->call(lane->self, lane->symbol, quote);
    return true;
}

/* What is left to do for a quote that was given. */
static int after_short(struct wt_feed *feed)
{
    if (feed->lanes->open)
        wt_feed_settle(feed);
    else if (feed->taken)
        feed->lanes->rest(feed->lanes->ctx);
    if (feed->handler.done)
        feed->handler.done(feed->handler.ctx);
    return feed->settled;
}

static void disarm(void *ctx)
{
    wt_lanes_disarm(((struct wt_feed *)ctx)->lanes);
}

/* A BBO record of a symbol that goes on with the card's word alone: in immediate mode it was given at once. */
static void hand_on_alone(struct wt_feed *feed, const union wt_event_record *record)
{
    wt_feed_folds_agree(feed, record->head.symbol, record->bbo.conflated);
    if (!feed->ordered)
        return;
    feed->stats.hw_bbo++;
    feed->stats.unaudited++;
    wt_feed_hand_on(feed, record);
}

/* The queue's first event belongs to what is being settled: take it in. */
static void settle_event(struct wt_feed *feed, union wt_event_record *record, const struct wt_twin_result *result,
                         struct wt_feed_verdict *card)
{
    bool ours;
    if (feed->ordered)
        resolve(feed, record);
    if (of_a_symbol(record) && record->head.symbol == NONE)
        return;
    ours = record->head.feed_seq == result->seq && record->head.symbol == result->symbol;
    switch (record->head.kind) {
    case WT_RECORD_TYPE_BBO:
        if (ours && !card->bbo) {
            card->bbo = true;
            card->bbo_record = record->bbo;
        } else if (feed->known[record->head.symbol].alone) {
            hand_on_alone(feed, record);
        } else if (wt_twin_valid(feed->twin, record->head.symbol)) {
            wt_feed_mismatch(feed, record->head.symbol, result, "a BBO record of the card has no message of its own");
        }
        return; /* handed on when audited */
    case WT_RECORD_TYPE_TRADE:
        if (ours && !card->trade) {
            card->trade = true;
            card->trade_record = record->trade;
        } else if (wt_twin_valid(feed->twin, record->head.symbol)) {
            wt_feed_mismatch(feed, record->head.symbol, result, "a trade of the card has no message of its own");
            return;
        }
        /* The card may not know that a symbol is stale: what its order collided with may live in software. */
        if (feed->ordered && !wt_twin_valid(feed->twin, record->head.symbol)) {
            feed->stats.withheld++;
            return;
        }
        break;
    case WT_RECORD_TYPE_TRADING_STATE:
        card->trading_state |= ours;
        break;
    case WT_RECORD_TYPE_SYMBOL:
        wt_feed_symbol_event(feed, record);
        break;
    case WT_RECORD_TYPE_SESSION:
        if (record->session.session_event == WT_SESSION_EVENT_START)
            feed->channel[record->head.channel % WT_WIN_CHANNELS_MAX].began = true;
        if (record->session.session_event == WT_SESSION_EVENT_CHANGE)
            wt_feed_change_session(feed, record);
        break;
    default:
        break;
    }
    if (feed->ordered)
        wt_feed_hand_on(feed, record);
}

/* ---------------------------------------------------------------- order flow */

static bool settles(const union wt_event_record *record, const struct wt_of_record *flow)
{
    bool marker = flow->flags & WT_OFF_MARKER;
    /* Its number may be lower than that of the message before it: only its own marker (or one of many shed) will do. */
    if (record->head.kind == WT_RECORD_TYPE_SESSION)
        return marker && (record->head.feed_seq == flow->feed_seq + 1 || (flow->flags & WT_OFF_SHED));
    /* A gap's event carries the number that came next, its marker the one before. */
    return record->head.feed_seq <= flow->feed_seq || (marker && record->head.kind == WT_RECORD_TYPE_GAP);
}

/* The card's word for a name, checked when the symbol's own message is here. */
static void check_name(struct wt_feed *feed, const struct wt_twin_result *result, const uint8_t *raw)
{
    const char *name = NULL;
    if (result->type == 'R')
        name = wt_itch_stock(raw);
    else if (result->type == 'A' || result->type == 'F')
        name = wt_itch_add_stock(raw);
    if (!name)
        return;
    feed->known[result->symbol].early = false;
    if (memcmp(name, wt_twin_name(feed->twin, result->symbol), 8) != 0)
        wt_feed_mismatch(feed, result->symbol, result,
                         "the card bound this locate to another name than its message has");
}

static void settle_message(struct wt_feed *feed, const struct wt_twin_result *result, const uint8_t *raw,
                           struct wt_feed_verdict *card)
{
    uint16_t symbol = result->symbol;
    uint8_t state = feed->known[symbol].state;
    if (feed->known[symbol].early)
        check_name(feed, result, raw);
    if (result->went_stale && state != WT_BOOK_STATE_STALE)
        wt_feed_tell_stale(feed, symbol, result, result->reason);
    if (result->also_stale != NONE && feed->known[result->also_stale].state != WT_BOOK_STATE_STALE)
        wt_feed_tell_stale(feed, result->also_stale, result, result->reason);
    if (!wt_twin_valid(feed->twin, symbol)) {
        feed->known[symbol].missed = true;
        if (card->bbo && feed->known[symbol].alone) {
            hand_on_alone(feed, (const union wt_event_record *)&card->bbo_record);
            return;
        }
        if (card->bbo)
            wt_feed_folds_agree(feed, symbol, card->bbo_record.conflated);
        feed->stats.withheld += card->bbo && feed->ordered;
        return;
    }
    feed->known[symbol].alone = false; /* rebuilt */
    switch (state) {
    case WT_BOOK_STATE_VALID:
        wt_feed_audit(feed, result, card);
        break;
    case WT_BOOK_STATE_SOFTWARE:
        wt_feed_tell(feed, result, raw, card);
        break;
    case WT_BOOK_STATE_UNBOUND:
        wt_feed_mismatch(feed, symbol, result, "the card did not bind this symbol");
        break;
    default:
        break;
    }
}

/* Events up to a message, or a marker, are taken in. 0 or -EOVERFLOW. */
static int settle_events(struct wt_feed *feed, struct wt_feed_channel *c, const struct wt_of_record *record,
                         const struct wt_twin_result *result, struct wt_feed_verdict *card)
{
    for (;;) {
        union wt_event_record *event;
        if (c->head == c->tail) {
            int got = take_events(feed, QUEUE);
            if (got < 0)
                return got;
            if (c->head == c->tail)
                return 0;
        }
        event = &c->queue[c->head % QUEUE];
        if (!settles(event, record))
            return 0;
        settle_event(feed, event, result, card);
        c->head++;
        feed->pending--;
    }
}

static int settle(struct wt_feed *feed, const struct wt_of_record *record)
{
    unsigned channel = record->flags & WT_OFF_CHANNEL;
    struct wt_feed_channel *c = &feed->channel[channel];
    struct wt_twin_result result = {.seq = record->feed_seq, .symbol = NONE, .also_stale = NONE};
    bool marker = record->flags & WT_OFF_MARKER;
    struct wt_feed_verdict card;
    card.bbo = card.trade = card.trading_state = false;
    if (record->flags & WT_OFF_RECOVERED && feed->loader && wt_feed_echo(feed, record))
        return 0;
    if (record->flags & (WT_OFF_GAP | WT_OFF_SHED)) {
        feed->stats.gaps += (record->flags & WT_OFF_GAP) != 0;
        if (record->flags & WT_OFF_SHED)
            wt_feed_shed(feed, record);
        wt_feed_lose(feed, channel, record->feed_seq + marker, record->flags & WT_OFF_GAP);
    }
    if (!marker) {
        wt_feed_before(feed, channel, record);
        wt_twin_on_channel(feed->twin, channel);
        wt_twin_message(feed->twin, record->feed_seq, record->raw, record->length, &result);
        if (result.exch_ns)
            c->last_ns = result.exch_ns;
    }
    int got = settle_events(feed, c, record, &result, &card);
    /* what the card folded, or dropped, is told by records that may lie behind those taken so far */
    if (got == 0 && ((result.bbo_changed && !card.bbo && !wt_feed_bbo_owed(feed, result.symbol)) ||
                     (result.trade && !card.trade && !wt_feed_trade_owed(feed, channel, result.seq)))) {
        got = take_events(feed, QUEUE);
        if (got > 0)
            got = settle_events(feed, c, record, &result, &card);
    }
    if (got < 0)
        return got;
    if (result.symbol != NONE) {
        settle_message(feed, &result, record->raw, &card);
        if (feed->loader)
            wt_feed_loader_message(feed, record, result.symbol);
    }
    /* A session may begin with a packet that is ahead of what is recovered first. */
    if (record->feed_seq > c->watermark && !c->began)
        c->watermark = record->feed_seq;
    c->began = false;
    if (c->loaded)
        wt_feed_reached(feed, channel, record->feed_seq + 1);
    return 0;
}

/* Answers to the loader have the number of a message that may have been the last one for a while. */
static void settle_answers(struct wt_feed *feed)
{
    for (unsigned i = 0; feed->pending && i < WT_WIN_CHANNELS_MAX; i++) {
        struct wt_feed_channel *c = &feed->channel[i];
        struct wt_twin_result result = {.seq = c->watermark, .symbol = NONE, .also_stale = NONE};
        struct wt_feed_verdict card;
        card.bbo = card.trade = card.trading_state = false;
        while (c->head != c->tail) {
            union wt_event_record *event = &c->queue[c->head % QUEUE];
            if (event->head.kind != WT_RECORD_TYPE_SYMBOL || event->head.feed_seq > c->watermark)
                break;
            settle_event(feed, event, &result, &card);
            c->head++;
            feed->pending--;
        }
    }
}

static int fail(struct wt_feed *feed, int error)
{
    wt_error("the host fell behind the card: a ring was lapped; every symbol is stale");
    feed->stats.lapped++;
    feed->failed = error;
    wt_twin_gap(feed->twin);
    return error;
}

/* given: the first event took the short way, and only what is left to do for it is to be done. */
static __attribute__((noinline)) int poll_rings(struct wt_feed *feed, unsigned budget, bool given)
{
    unsigned taken = 0;
    int got = 1;
    if (feed->failed)
        return feed->failed;
    while (taken < budget && feed->pending < QUEUE && got > 0) {
        if (given || (!feed->ordered && give_short(feed)))
            got = after_short(feed);
        else
            got = take_event(feed);
        given = false;
        taken += got > 0;
    }
    if (got < 0)
        return fail(feed, got);
    for (unsigned i = 0; i < budget; i++) {
        struct wt_of_record record;
        got = wt_card_order_flow(feed->card, &record);
        if (got == 0)
            break;
        if (got > 0) {
            taken++;
            got = settle(feed, &record);
        }
        if (got < 0)
            return fail(feed, got);
    }
    if (feed->loader && (taken || feed->ordered)) { /* only when something came: a journal knows of no other rounds */
        settle_answers(feed);
        wt_feed_loader_step(feed);
    }
    feed->quiet = taken == 0;
    return (int)taken;
}

int wt_feed_poll(struct wt_feed *feed, unsigned budget)
{
    return poll_rings(feed, budget, false);
}

/* Its instructions are counted: nothing is looked at before the ring, and no register saved that giving does not need.
 */
int wt_feed_source(void *ctx, uint64_t now_ns)
{
    struct wt_feed *feed = ctx;
    (void)now_ns;
    return poll_rings(feed, WT_FEED_BUDGET, give_short(feed));
}

struct wt_lanes *wt_feed_lanes(struct wt_feed *feed)
{
    return feed->lanes;
}

uint64_t wt_feed_watermark(const struct wt_feed *feed, unsigned channel)
{
    return feed->channel[channel].watermark;
}

bool wt_feed_quiet(const struct wt_feed *feed)
{
    return feed->quiet;
}

size_t wt_feed_pending(const struct wt_feed *feed)
{
    return feed->pending;
}

void wt_feed_stats(const struct wt_feed *feed, struct wt_feed_stats *stats)
{
    *stats = feed->stats;
}
