/* What the twin says of a message: in place of the card, for symbols that it does not hold; and against it. */
#include <stdio.h>
#include <string.h>

#include "host/common/log.h"
#include "host/market/feed_internal.h"

enum {
    WARNINGS = 10,
    DUMPED = 10 /* levels of each side that are shown with a mismatch */
};

/* ---------------------------------------------------------------- records made here */

struct wt_ev_head wt_feed_head(const struct wt_feed *feed, uint8_t kind, uint16_t symbol,
                               const struct wt_twin_result *result, uint16_t flags)
{
    return (struct wt_ev_head){
        .kind = kind,
        .channel = (uint8_t)wt_twin_channel(feed->twin, symbol),
        .flags = (uint16_t)(flags | WT_EVF_SOFTWARE),
        .symbol = symbol,
        .locate = result->locate,
        .feed_seq = result->seq,
        .stamp = result->exch_ns,
    };
}

void wt_feed_tell_stale(struct wt_feed *feed, uint16_t symbol, const struct wt_twin_result *result, uint8_t reason)
{
    union wt_event_record record = {0};
    record.head = wt_feed_head(feed, WT_RECORD_TYPE_SYMBOL, symbol, result, WT_EVF_STALE);
    record.symbol.state = WT_BOOK_STATE_STALE;
    record.symbol.reason = reason;
    wt_feed_hand_on(feed, &record);
}

static uint16_t saturated(uint32_t orders)
{
    return orders > 0xffff ? 0xffff : (uint16_t)orders;
}

void wt_feed_tell_bbo(struct wt_feed *feed, uint16_t symbol, const struct wt_twin_result *result, uint16_t flags)
{
    union wt_event_record record = {0};
    record.head = wt_feed_head(feed, WT_RECORD_TYPE_BBO, symbol, result, flags);
    record.bbo.bid_price = result->bbo.bid_price;
    record.bbo.bid_shares = result->bbo.bid_shares;
    record.bbo.ask_price = result->bbo.ask_price;
    record.bbo.ask_shares = result->bbo.ask_shares;
    record.bbo.bid_orders = saturated(result->bbo.bid_orders);
    record.bbo.ask_orders = saturated(result->bbo.ask_orders);
    wt_feed_hand_on(feed, &record);
}

/* The twin answers for a symbol that the card does not hold. */
void wt_feed_tell(struct wt_feed *feed, const struct wt_twin_result *result, const uint8_t *raw,
                  const struct wt_feed_verdict *card)
{
    union wt_event_record record = {0};
    uint16_t symbol = result->symbol;
    if (result->trade && !card->trade) {
        unsigned flags = WT_EVF_VALID;
        if (result->printable)
            flags |= WT_EVF_PRINTABLE;
        if (result->trade_sell)
            flags |= WT_EVF_SELL;
        record.head = wt_feed_head(feed, WT_RECORD_TYPE_TRADE, symbol, result, (uint16_t)flags);
        record.trade.price = result->trade_price;
        record.trade.print = result->print;
        record.trade.itch_type = result->type;
        record.trade.cross_type = result->cross_type;
        record.trade.shares = result->trade_shares;
        record.trade.match = result->match;
        wt_feed_hand_on(feed, &record);
    }
    if (result->type == 'H' && !card->trading_state) {
        memset(&record, 0, sizeof record);
        record.head = wt_feed_head(feed, WT_RECORD_TYPE_TRADING_STATE, symbol, result, WT_EVF_VALID);
        record.state.state = raw[19];
        memcpy(record.state.reason, raw + 21, 4);
        wt_feed_hand_on(feed, &record);
    }
    if (result->bbo_changed) {
        feed->stats.sw_bbo++;
        wt_feed_tell_bbo(feed, symbol, result, WT_EVF_VALID);
    }
}

/* ---------------------------------------------------------------- audit */

/* The software's book as it is: the card's top of book is in the message, deeper it cannot be read. */
static void show_book(const struct wt_feed *feed, uint16_t symbol)
{
    struct wt_depth_level levels[DUMPED];
    for (unsigned sell = 0; sell < 2; sell++) {
        size_t n = wt_twin_depth(feed->twin, symbol, sell ? 'S' : 'B', levels, DUMPED);
        for (size_t i = 0; i < n; i++)
            wt_warn("audit: %s %s %zu: %u x %u (%u orders)", wt_twin_name(feed->twin, symbol), sell ? "ask" : "bid",
                    i + 1, levels[i].price, levels[i].shares, levels[i].orders);
    }
}

/* A mismatch blocks the symbol: its quotes are not valid any more, and what is not valid is not traded on. */
static void distrust(struct wt_feed *feed, uint16_t symbol, const struct wt_twin_result *result)
{
    if (feed->warned <= WARNINGS)
        show_book(feed, symbol);
    wt_twin_set_stale(feed->twin, symbol);
    wt_feed_tell_stale(feed, symbol, result, WT_REASON_NONE);
    if (feed->handler.mismatch)
        feed->handler.mismatch(feed->handler.ctx, symbol);
}

static bool may_warn(struct wt_feed *feed)
{
    feed->stats.audit_mismatches++;
    if (feed->warned++ == WARNINGS)
        wt_warn("more audit mismatches follow; they are counted only");
    return feed->warned <= WARNINGS;
}

static void mismatch_bbo(struct wt_feed *feed, const struct wt_twin_result *result, const struct wt_feed_verdict *card)
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

void wt_feed_mismatch(struct wt_feed *feed, uint16_t symbol, const struct wt_twin_result *result, const char *what)
{
    if (may_warn(feed))
        wt_warn("audit: message %llu, %s: %s", (unsigned long long)result->seq, wt_twin_name(feed->twin, symbol), what);
    distrust(feed, symbol, result);
}

static void mismatch_trade(struct wt_feed *feed, const struct wt_twin_result *result,
                           const struct wt_feed_verdict *card)
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
void wt_feed_audit(struct wt_feed *feed, const struct wt_twin_result *result, struct wt_feed_verdict *card)
{
    feed->stats.audited++;
    if (result->trade && !card->trade &&
        wt_feed_trade_owed(feed, wt_twin_channel(feed->twin, result->symbol), result->seq))
        wt_feed_trade_lost(feed, wt_twin_channel(feed->twin, result->symbol));
    else if (card->trade != result->trade || (card->trade && !trade_equal(&card->trade_record, result))) {
        mismatch_trade(feed, result, card);
        return;
    }
    if (card->bbo && !wt_feed_folds_agree(feed, result->symbol, card->bbo_record.conflated)) {
        wt_feed_mismatch(feed, result->symbol, result, "a BBO record of the card stands for another number of changes");
        return;
    }
    if (result->bbo_changed && !card->bbo && wt_feed_bbo_owed(feed, result->symbol)) {
        wt_feed_folded(feed, result->symbol);
        return;
    }
    if (card->bbo != result->bbo_changed || (card->bbo && !bbo_equal(&card->bbo_record, &result->bbo))) {
        mismatch_bbo(feed, result, card);
        return;
    }
    if (card->bbo && feed->ordered) {
        feed->stats.hw_bbo++;
        wt_feed_hand_on(feed, (const union wt_event_record *)&card->bbo_record);
    }
}
