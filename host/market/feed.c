#include "host/market/feed.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/common/log.h"
#include "host/market/itch.h"

#define NONE 0xffffu /* no symbol */

enum {
    QUEUE = 1 << 16, /* events that wait for their message; a full queue leaves the rest in the ring */
    WARNINGS = 10,
    DUMPED = 10 /* levels of each side that are shown with a mismatch */
};

struct wt_feed {
    struct wt_card *card;
    struct wt_twin *twin;
    struct wt_feed_handler handler;
    struct wt_feed_stats stats;
    bool ordered;
    int failed;
    unsigned warned;
    uint32_t head, tail; /* of queue, monotonic */
    uint64_t watermark;
    union wt_event_record *queue;
    uint16_t by_card[65536]; /* twin's index by the card's */
    uint8_t state[65536];    /* enum wt_book_state that the card last gave, in message order, by twin's index */
    bool early[65536];       /* bound on the card's word: its own message has not been seen */
};

/* What the card said of one message. */
struct verdict {
    bool bbo, trade, trading_state;
    struct wt_ev_bbo bbo_record;
    struct wt_ev_trade trade_record;
};

int wt_feed_create(struct wt_card *card, struct wt_twin *twin, bool ordered, struct wt_feed_handler handler,
                   struct wt_feed **out)
{
    struct wt_feed *feed = calloc(1, sizeof *feed);
    if (!feed || !(feed->queue = malloc(QUEUE * sizeof *feed->queue))) {
        free(feed);
        wt_error("no memory for the feed's queue");
        return -ENOMEM;
    }
    feed->card = card;
    feed->twin = twin;
    feed->ordered = ordered;
    feed->handler = handler;
    memset(feed->by_card, 0xff, sizeof feed->by_card);
    *out = feed;
    return 0;
}

void wt_feed_destroy(struct wt_feed *feed)
{
    if (!feed)
        return;
    free(feed->queue);
    free(feed);
}

static void hand_on(struct wt_feed *feed, const union wt_event_record *record)
{
    feed->handler.record(feed->handler.ctx, record);
}

/* ---------------------------------------------------------------- records made here */

static struct wt_ev_head software_head(uint8_t kind, uint16_t symbol, const struct wt_twin_result *result,
                                       uint16_t flags)
{
    return (struct wt_ev_head){
        .kind = kind,
        .flags = (uint16_t)(flags | WT_EVF_SOFTWARE),
        .symbol = symbol,
        .locate = result->locate,
        .feed_seq = result->seq,
        .stamp = result->exch_ns,
    };
}

static void tell_stale(struct wt_feed *feed, uint16_t symbol, const struct wt_twin_result *result, uint8_t reason)
{
    union wt_event_record record = {0};
    record.head = software_head(WT_RECORD_TYPE_SYMBOL, symbol, result, WT_EVF_STALE);
    record.symbol.state = WT_BOOK_STATE_STALE;
    record.symbol.reason = reason;
    hand_on(feed, &record);
}

static uint16_t saturated(uint32_t orders)
{
    return orders > 0xffff ? 0xffff : (uint16_t)orders;
}

/* The twin answers for a symbol that the card does not hold. */
static void answer(struct wt_feed *feed, const struct wt_twin_result *result, const uint8_t *raw,
                   const struct verdict *card)
{
    union wt_event_record record = {0};
    uint16_t symbol = result->symbol;
    if (result->trade && !card->trade) {
        unsigned flags = WT_EVF_VALID;
        if (result->printable)
            flags |= WT_EVF_PRINTABLE;
        if (result->trade_sell)
            flags |= WT_EVF_SELL;
        record.head = software_head(WT_RECORD_TYPE_TRADE, symbol, result, (uint16_t)flags);
        record.trade.price = result->trade_price;
        record.trade.print = result->print;
        record.trade.itch_type = result->type;
        record.trade.cross_type = result->cross_type;
        record.trade.shares = result->trade_shares;
        record.trade.match = result->match;
        hand_on(feed, &record);
    }
    if (result->type == 'H' && !card->trading_state) {
        memset(&record, 0, sizeof record);
        record.head = software_head(WT_RECORD_TYPE_TRADING_STATE, symbol, result, WT_EVF_VALID);
        record.state.state = raw[19];
        memcpy(record.state.reason, raw + 21, 4);
        hand_on(feed, &record);
    }
    if (result->bbo_changed) {
        memset(&record, 0, sizeof record);
        record.head = software_head(WT_RECORD_TYPE_BBO, symbol, result, WT_EVF_VALID);
        record.bbo.bid_price = result->bbo.bid_price;
        record.bbo.bid_shares = result->bbo.bid_shares;
        record.bbo.ask_price = result->bbo.ask_price;
        record.bbo.ask_shares = result->bbo.ask_shares;
        record.bbo.bid_orders = saturated(result->bbo.bid_orders);
        record.bbo.ask_orders = saturated(result->bbo.ask_orders);
        feed->stats.sw_bbo++;
        hand_on(feed, &record);
    }
}

/* ---------------------------------------------------------------- audit */

/* The software's book as it is: the card's top of book is in the message, deeper it cannot be read. */
static void show_book(const struct wt_feed *feed, uint16_t symbol)
{
    uint32_t price, orders;
    uint64_t shares;
    for (unsigned sell = 0; sell < 2; sell++)
        for (size_t i = 0;
             i < DUMPED && wt_twin_level(feed->twin, symbol, sell ? 'S' : 'B', i, &price, &shares, &orders); i++)
            wt_warn("audit: %s %s %zu: %u x %llu (%u orders)", wt_twin_name(feed->twin, symbol), sell ? "ask" : "bid",
                    i + 1, price, (unsigned long long)shares, orders);
}

/* A mismatch blocks the symbol: its quotes are not valid any more, and what is not valid is not traded on. */
static void distrust(struct wt_feed *feed, uint16_t symbol, const struct wt_twin_result *result)
{
    if (feed->warned <= WARNINGS)
        show_book(feed, symbol);
    wt_twin_set_stale(feed->twin, symbol);
    tell_stale(feed, symbol, result, WT_REASON_NONE);
}

static bool may_warn(struct wt_feed *feed)
{
    feed->stats.audit_mismatches++;
    if (feed->warned++ == WARNINGS)
        wt_warn("more audit mismatches follow; they are counted only");
    return feed->warned <= WARNINGS;
}

static void mismatch_bbo(struct wt_feed *feed, const struct wt_twin_result *result, const struct verdict *card)
{
    const struct wt_ev_bbo *c = &card->bbo_record;
    const struct wt_bbo *t = &result->bbo;
    if (may_warn(feed)) {
        char text[128] = "no change";
        if (card->bbo)
            snprintf(text, sizeof text, "bid %u x %u (%u orders) ask %u x %u (%u orders)", c->bid_price, c->bid_shares,
                     c->bid_orders, c->ask_price, c->ask_shares, c->ask_orders);
        wt_warn("audit: message %llu (%c), %s: card: %s; software: %sbid %u x %u (%u orders) ask %u x %u (%u orders)",
                (unsigned long long)result->seq, result->type ? result->type : '?',
                wt_twin_name(feed->twin, result->symbol), text, result->bbo_changed ? "" : "no change, ", t->bid_price,
                t->bid_shares, t->bid_orders, t->ask_price, t->ask_shares, t->ask_orders);
    }
    distrust(feed, result->symbol, result);
}

static void mismatch_other(struct wt_feed *feed, uint16_t symbol, const struct wt_twin_result *result, const char *what)
{
    if (may_warn(feed))
        wt_warn("audit: message %llu, %s: %s", (unsigned long long)result->seq, wt_twin_name(feed->twin, symbol), what);
    distrust(feed, symbol, result);
}

static void mismatch_trade(struct wt_feed *feed, const struct wt_twin_result *result, const struct verdict *card)
{
    const struct wt_ev_trade *c = &card->trade_record;
    char ours[96] = "none", theirs[96] = "none";
    if (may_warn(feed)) {
        if (card->trade)
            snprintf(theirs, sizeof theirs, "%llu at %u, match %llu, kind %u, flags 0x%x",
                     (unsigned long long)c->shares, c->price, (unsigned long long)c->match, c->print, c->head.flags);
        if (result->trade)
            snprintf(ours, sizeof ours, "%llu at %u, match %llu, kind %u%s", (unsigned long long)result->trade_shares,
                     result->trade_price, (unsigned long long)result->match, result->print,
                     result->trade_sell ? ", of a sell" : "");
        wt_warn("audit: message %llu (%c), %s: trade of the card: %s; software: %s", (unsigned long long)result->seq,
                result->type ? result->type : '?', wt_twin_name(feed->twin, result->symbol), theirs, ours);
    }
    distrust(feed, result->symbol, result);
}

static bool bbo_equal(const struct wt_ev_bbo *c, const struct wt_bbo *t)
{
    return c->bid_price == t->bid_price && c->bid_shares == t->bid_shares && c->ask_price == t->ask_price &&
           c->ask_shares == t->ask_shares && c->bid_orders == saturated(t->bid_orders) &&
           c->ask_orders == saturated(t->ask_orders);
}

static bool trade_equal(const struct wt_ev_trade *c, const struct wt_twin_result *t)
{
    return c->price == t->trade_price && c->shares == t->trade_shares && c->match == t->match && c->print == t->print &&
           (t->print > WT_TRADE_KIND_EXECUTION_PRICE || ((c->head.flags & WT_EVF_SELL) != 0) == t->trade_sell);
}

/* A message of a symbol that both hold valid: the card's records against the twin. */
static void audit(struct wt_feed *feed, const struct wt_twin_result *result, struct verdict *card)
{
    feed->stats.audited++;
    if (card->trade != result->trade || (card->trade && !trade_equal(&card->trade_record, result))) {
        mismatch_trade(feed, result, card);
        return;
    }
    if (card->bbo != result->bbo_changed || (card->bbo && !bbo_equal(&card->bbo_record, &result->bbo))) {
        mismatch_bbo(feed, result, card);
        return;
    }
    if (card->bbo && feed->ordered) {
        feed->stats.hw_bbo++;
        hand_on(feed, (const union wt_event_record *)&card->bbo_record);
    }
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
            symbol = wt_twin_bind(feed->twin, head->locate, (const char *)record->symbol.name);
            if (symbol != NONE)
                feed->early[symbol] = true;
        }
        if (head->symbol != NONE)
            feed->by_card[head->symbol] = symbol;
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
    if (record->head.kind == WT_RECORD_TYPE_BBO) {
        if (wt_twin_valid(feed->twin, record->head.symbol)) {
            feed->stats.hw_bbo += (record->head.flags & WT_EVF_VALID) != 0;
        } else {
            flagged = *record;
            flagged.head.flags = (uint16_t)((flagged.head.flags & ~WT_EVF_VALID) | WT_EVF_STALE);
            feed->stats.withheld++;
            record = &flagged;
        }
    }
    hand_on(feed, record);
}

/* Move events from the ring to the queue. Returns how many, or -EOVERFLOW. */
static int take_events(struct wt_feed *feed, unsigned budget)
{
    unsigned taken = 0;
    while (taken < budget && feed->tail - feed->head < QUEUE) {
        union wt_event_record *slot = &feed->queue[feed->tail % QUEUE];
        int got = wt_card_event(feed->card, slot);
        if (got < 0)
            return got;
        if (got == 0)
            break;
        taken++;
        feed->tail++;
        /* a channel that waits for what it misses delivers nothing, so that nothing would release the record */
        if (slot->head.kind == WT_RECORD_TYPE_GAP && feed->handler.gap)
            feed->handler.gap(feed->handler.ctx, &slot->gap);
        if (!feed->ordered) {
            resolve(feed, slot);
            hand_on_early(feed, slot);
        }
    }
    return (int)taken;
}

static void symbol_event(struct wt_feed *feed, const union wt_event_record *record)
{
    uint16_t symbol = record->head.symbol;
    uint8_t state = record->symbol.state;
    if (symbol == NONE)
        return;
    if (state == WT_BOOK_STATE_STALE && wt_twin_valid(feed->twin, symbol))
        feed->stats.only_card_stale++;
    feed->state[symbol] = state;
}

/* The queue's first event belongs to what is being settled: take it in. */
static void settle_event(struct wt_feed *feed, union wt_event_record *record, const struct wt_twin_result *result,
                         struct verdict *card)
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
        } else if (wt_twin_valid(feed->twin, record->head.symbol)) {
            mismatch_other(feed, record->head.symbol, result, "a BBO record of the card has no message of its own");
        }
        return; /* handed on when audited */
    case WT_RECORD_TYPE_TRADE:
        if (ours && !card->trade) {
            card->trade = true;
            card->trade_record = record->trade;
        } else if (wt_twin_valid(feed->twin, record->head.symbol)) {
            mismatch_other(feed, record->head.symbol, result, "a trade of the card has no message of its own");
            return;
        }
        break;
    case WT_RECORD_TYPE_TRADING_STATE:
        card->trading_state |= ours;
        break;
    case WT_RECORD_TYPE_SYMBOL:
        symbol_event(feed, record);
        break;
    case WT_RECORD_TYPE_SESSION:
        if (record->session.session_event == WT_SESSION_EVENT_CHANGE)
            wt_twin_gap(feed->twin);
        break;
    default:
        break;
    }
    if (feed->ordered)
        hand_on(feed, record);
}

/* ---------------------------------------------------------------- order flow */

static bool settles(const union wt_event_record *record, uint64_t seq, bool marker)
{
    if (record->head.feed_seq <= seq)
        return true;
    /* A gap's event carries the number that came next, its marker the one before. */
    return marker && (record->head.kind == WT_RECORD_TYPE_GAP || record->head.kind == WT_RECORD_TYPE_SESSION);
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
    feed->early[result->symbol] = false;
    if (memcmp(name, wt_twin_name(feed->twin, result->symbol), 8) != 0)
        mismatch_other(feed, result->symbol, result, "the card bound this locate to another name than its message has");
}

static void settle_message(struct wt_feed *feed, const struct wt_twin_result *result, const uint8_t *raw,
                           struct verdict *card)
{
    uint16_t symbol = result->symbol;
    uint8_t state = feed->state[symbol];
    if (feed->early[symbol])
        check_name(feed, result, raw);
    if (result->went_stale && state != WT_BOOK_STATE_STALE)
        tell_stale(feed, symbol, result, result->reason);
    if (result->also_stale != NONE && feed->state[result->also_stale] != WT_BOOK_STATE_STALE)
        tell_stale(feed, result->also_stale, result, result->reason);
    if (!wt_twin_valid(feed->twin, symbol)) {
        feed->stats.withheld += card->bbo && feed->ordered;
        return;
    }
    switch (state) {
    case WT_BOOK_STATE_VALID:
        audit(feed, result, card);
        break;
    case WT_BOOK_STATE_SOFTWARE:
        answer(feed, result, raw, card);
        break;
    case WT_BOOK_STATE_UNBOUND:
        mismatch_other(feed, symbol, result, "the card did not bind this symbol");
        break;
    default:
        break;
    }
}

static int settle(struct wt_feed *feed, const struct wt_of_record *record)
{
    struct wt_twin_result result = {.seq = record->feed_seq, .symbol = NONE, .also_stale = NONE};
    bool marker = record->flags & WT_OFF_MARKER;
    struct verdict card;
    card.bbo = card.trade = card.trading_state = false;
    if (record->flags & (WT_OFF_GAP | WT_OFF_SHED)) {
        feed->stats.gaps += (record->flags & WT_OFF_GAP) != 0;
        wt_twin_gap(feed->twin);
    }
    if (!marker)
        wt_twin_message(feed->twin, record->feed_seq, record->raw, record->length, &result);
    for (;;) {
        union wt_event_record *event;
        if (feed->head == feed->tail) {
            int got = take_events(feed, QUEUE);
            if (got < 0)
                return got;
            if (got == 0)
                break;
        }
        event = &feed->queue[feed->head % QUEUE];
        if (!settles(event, record->feed_seq, marker))
            break;
        settle_event(feed, event, &result, &card);
        feed->head++;
    }
    if (result.symbol != NONE)
        settle_message(feed, &result, record->raw, &card);
    if (record->feed_seq > feed->watermark)
        feed->watermark = record->feed_seq;
    return 0;
}

static int fail(struct wt_feed *feed, int error)
{
    wt_error("the host fell behind the card: a ring was lapped; every symbol is stale");
    feed->stats.lapped++;
    feed->failed = error;
    wt_twin_gap(feed->twin);
    return error;
}

int wt_feed_poll(struct wt_feed *feed, unsigned budget)
{
    unsigned taken = 0;
    int got;
    if (feed->failed)
        return feed->failed;
    got = take_events(feed, budget);
    if (got < 0)
        return fail(feed, got);
    taken = (unsigned)got;
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
    return (int)taken;
}

uint64_t wt_feed_watermark(const struct wt_feed *feed)
{
    return feed->watermark;
}

size_t wt_feed_pending(const struct wt_feed *feed)
{
    return feed->tail - feed->head;
}

void wt_feed_stats(const struct wt_feed *feed, struct wt_feed_stats *stats)
{
    *stats = feed->stats;
}
