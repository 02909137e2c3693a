/*
 * Back to the card (semantics.md 13): one symbol at a time that software answers for is loaded into the card, until
 * both have the same orders and no message of the symbol is under way.
 *
 *     R ──► bound: a fresh index ──► R in the order flow ──► its orders, as A ──► messages since ──► JOIN ──► VALID
 *                                                                                     ▲              │ too late: one
 *                                                                                     └── here ◄─────┘ has passed
 *
 * The card compares JOIN's number with those of the messages behind R. Those before it must be in the twin when its
 * orders are taken: they are when R has come back in the order flow.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "host/common/log.h"
#include "host/market/feed_internal.h"
#include "host/market/itch.h"
#include "host/market/itch_put.h"

#define NONE WT_FEED_NO_SYMBOL

enum {
    SINCE = 4096,   /* messages of the symbol while it is loaded; more: given up */
    LATE_MAX = 200, /* JOINs that may be too late */
};
#define ANSWER_NS 1000000000u /* an answer takes microseconds, once the card has taken what was sent */
#define PAUSE_NS 1000000u     /* before a symbol is tried again */

enum stage {
    IDLE,
    BINDING, /* asked for an index, and for its place in the order flow */
    LOADING, /* has to send what there is */
    JOINING, /* has asked whether that is all */
    WAITING, /* it was not: what has passed is under way */
    DROPPING /* has to make the card forget it */
};

struct wt_feed_loader {
    enum stage stage;
    bool full; /* the card has no index left, or does not answer */
    uint16_t symbol, next;
    bool bound, echoed; /* while BINDING: the card has told its index, R has come back */
    bool spilt;         /* too many messages since its orders were taken */
    uint16_t index;     /* the card's, once it is bound */
    uint8_t channel;
    unsigned late;
    uint64_t since_ns; /* when the card was asked, or was last seen to go on */
    uint32_t left;     /* lines that it had not taken then */
    uint64_t pause_ns; /* nothing is tried before */
    size_t orders, sent, room;
    struct wt_twin_order *order;
    size_t messages, told; /* since the orders were taken; sent */
    struct wt_feed_kept message[SINCE];
    uint64_t retry_ns[65536];
};

int wt_feed_return(struct wt_feed *feed)
{
    size_t room = feed->card->cap_order_slots;
    feed->loader = calloc(1, sizeof *feed->loader + room * sizeof(struct wt_twin_order));
    if (!feed->loader) {
        wt_error("no memory to load symbols into the card");
        return -ENOMEM;
    }
    feed->loader->order = (struct wt_twin_order *)(void *)(feed->loader + 1);
    feed->loader->room = room;
    return 0;
}

bool wt_feed_returning(const struct wt_feed *feed)
{
    return feed->loader && feed->loader->stage != IDLE;
}

static uint64_t now_of(const struct wt_feed *feed)
{
    return feed->card->link->ops->now_ns(feed->card->link);
}

static void end(struct wt_feed *feed, uint64_t pause_ns)
{
    struct wt_feed_loader *l = feed->loader;
    l->stage = IDLE;
    l->retry_ns[l->symbol] = now_of(feed) + pause_ns;
}

/*
 * What was loaded is of no use: a checksum that is wrong makes the card forget it. Never while a JOIN has no answer:
 * the card may have taken it, and then the symbol is the card's.
 */
static void give_up(struct wt_feed *feed)
{
    struct wt_feed_loader *l = feed->loader;
    l->stage = DROPPING;
    if (wt_card_join(feed->card, l->channel, wt_twin_locate(feed->twin, l->symbol), 0, 0x5555555555555555u) != 0)
        return; /* no room: in the next step */
    wt_card_publish(feed->card);
    end(feed, 100u * PAUSE_NS);
}

void wt_feed_loader_lost(struct wt_feed *feed, unsigned channel)
{
    struct wt_feed_loader *l = feed->loader;
    if (l->stage != IDLE && l->channel == channel)
        end(feed, PAUSE_NS); /* the card has forgotten by itself */
}

/* ---------------------------------------------------------------- what is loaded */

static void take_order(void *ctx, const struct wt_twin_order *order)
{
    struct wt_feed_loader *l = ctx;
    if (l->orders < l->room)
        l->order[l->orders] = *order;
    l->orders++;
}

static void sum_order(void *ctx, const struct wt_twin_order *o)
{
    *(uint64_t *)ctx ^= wt_card_order_hash(o->ref, o->sell, o->price, o->shares);
}

void wt_feed_loader_message(struct wt_feed *feed, const struct wt_of_record *record, uint16_t symbol)
{
    struct wt_feed_loader *l = feed->loader;
    struct wt_feed_kept *kept;
    if (symbol != l->symbol || l->stage < LOADING || l->stage == DROPPING)
        return;
    if (!wt_itch_touches_book(record->raw[0]) || record->length > sizeof kept->raw)
        return;
    if (l->messages == SINCE) {
        l->spilt = true;
        return;
    }
    kept = &l->message[l->messages++];
    kept->length = record->length;
    memcpy(kept->raw, record->raw, sizeof kept->raw);
}

static void take_orders(struct wt_feed *feed)
{
    struct wt_feed_loader *l = feed->loader;
    l->orders = l->sent = l->messages = l->told = 0;
    wt_twin_orders(feed->twin, l->symbol, take_order, l);
    l->spilt = l->orders > l->room;
    l->stage = LOADING;
}

/* Send what there is. False: the ring is full. */
static bool send_all(struct wt_feed *feed)
{
    struct wt_feed_loader *l = feed->loader;
    uint16_t locate = wt_twin_locate(feed->twin, l->symbol);
    uint8_t m[WT_ITCH_MAX];
    for (; l->sent < l->orders; l->sent++) {
        const struct wt_twin_order *o = &l->order[l->sent];
        size_t n = wt_itch_put_add(m, locate, 0, o->ref, o->sell ? 'S' : 'B', o->shares,
                                   wt_twin_name(feed->twin, l->symbol), o->price, NULL);
        if (wt_card_load(feed->card, l->channel, m, n, 0) != 0)
            return false;
    }
    for (; l->told < l->messages; l->told++)
        if (wt_card_load(feed->card, l->channel, l->message[l->told].raw, l->message[l->told].length, 0) != 0)
            return false;
    return true;
}

static void asked(struct wt_feed *feed)
{
    feed->loader->since_ns = now_of(feed);
    feed->loader->left = UINT32_MAX;
}

static void load(struct wt_feed *feed)
{
    struct wt_feed_loader *l = feed->loader;
    bool all = send_all(feed);
    if (all) {
        uint64_t sum = 0;
        wt_twin_orders(feed->twin, l->symbol, sum_order, &sum);
        all = wt_card_join(feed->card, l->channel, wt_twin_locate(feed->twin, l->symbol),
                           feed->channel[l->channel].watermark, sum) == 0;
    }
    wt_card_publish(feed->card);
    if (!all)
        return;
    l->messages = l->told = 0;
    l->stage = JOINING;
    asked(feed);
}

/* ---------------------------------------------------------------- answers */

/* The card has bound a locate because the host asked for it: not so long ago, or before something was lost. */
static bool bound(struct wt_feed *feed, const union wt_event_record *record)
{
    struct wt_feed_loader *l = feed->loader;
    uint16_t symbol = wt_twin_by_locate(feed->twin, record->head.locate);
    if (symbol == NONE || !feed->known[symbol].asked || record->head.feed_seq != feed->known[symbol].asked_seq)
        return false; /* by the feed */
    if (l->stage != BINDING || symbol != l->symbol || l->bound)
        return true;
    if (record->head.symbol == NONE) {
        l->full = true;
        l->stage = IDLE;
        return true;
    }
    l->index = record->head.symbol;
    feed->by_card[l->index] = symbol;
    l->bound = true;
    return true;
}

bool wt_feed_echo(struct wt_feed *feed, const struct wt_of_record *record)
{
    struct wt_feed_loader *l = feed->loader;
    uint16_t symbol = wt_twin_by_locate(feed->twin, wt_itch_locate(record->raw));
    if (record->raw[0] != 'R' || symbol == NONE || !feed->known[symbol].asked ||
        record->feed_seq != feed->known[symbol].asked_seq)
        return false;
    l->echoed |= l->stage == BINDING && symbol == l->symbol;
    return true;
}

/* The symbol is the card's from here on: nothing of it is under way, so what is known by index is the new one's. */
static void returned(struct wt_feed *feed, uint16_t index, uint16_t symbol)
{
    struct wt_feed_symbol *known = &feed->known[symbol];
    wt_feed_known_as(feed, symbol, index);
    known->folded = 0;
    known->missed = false;
    feed->stats.returned++;
}

bool wt_feed_answer(struct wt_feed *feed, const union wt_event_record *record)
{
    struct wt_feed_loader *l = feed->loader;
    uint16_t index = record->head.symbol, symbol;
    bool ours;
    if (record->symbol.name[0])
        return bound(feed, record);
    symbol = index == NONE ? NONE : feed->by_card[index];
    if (symbol == NONE || feed->known[symbol].by_card == index)
        return false;
    /* Of an index that is being loaded, or was: the symbol's own state is another one's. */
    ours = l->stage != IDLE && l->bound && l->index == index;
    if (record->symbol.state == WT_BOOK_STATE_VALID) {
        returned(feed, index, symbol);
        if (ours)
            end(feed, 0);
        return false; /* in its place, everybody is told */
    }
    if (!ours)
        return true;
    if (record->symbol.reason == WT_REASON_JOIN_LATE && l->stage == JOINING) {
        feed->stats.joins_late++;
        l->stage = WAITING;
        l->spilt |= ++l->late == LATE_MAX;
        return true;
    }
    /* It does not fit, or the orders are not the same: the card has forgotten it. */
    feed->stats.joins_refused += record->symbol.reason == WT_REASON_JOIN_SUM;
    end(feed, 100u * PAUSE_NS);
    return true;
}

/* ---------------------------------------------------------------- one after the other */

struct count {
    size_t orders;
};

static void count_order(void *ctx, const struct wt_twin_order *order)
{
    (void)order;
    ((struct count *)ctx)->orders++;
}

static void begin(struct wt_feed *feed, uint16_t symbol)
{
    struct wt_feed_loader *l = feed->loader;
    uint8_t m[WT_ITCH_MAX];
    uint64_t live = 0;
    struct count count = {0};
    size_t n;
    wt_twin_orders(feed->twin, symbol, count_order, &count);
    /* A quarter of the table stays free. */
    if (wt_card_orders(feed->card, &live) < 0 || live + count.orders > feed->card->cap_order_slots / 4 * 3) {
        l->retry_ns[symbol] = now_of(feed) + 10u * PAUSE_NS;
        l->pause_ns = now_of(feed) + PAUSE_NS;
        return;
    }
    l->symbol = symbol;
    l->channel = (uint8_t)wt_twin_channel(feed->twin, symbol);
    l->late = 0;
    l->bound = l->echoed = l->spilt = false;
    n = wt_itch_put_directory(m, wt_twin_locate(feed->twin, symbol), 0, wt_twin_name(feed->twin, symbol));
    if (wt_card_load(feed->card, l->channel, m, n, feed->channel[l->channel].watermark) != 0 ||
        wt_card_publish(feed->card) != 0)
        return;
    feed->known[symbol].asked = true;
    feed->known[symbol].asked_seq = feed->channel[l->channel].watermark;
    l->stage = BINDING;
    asked(feed);
}

static bool may_return(const struct wt_feed *feed, uint16_t symbol)
{
    return feed->known[symbol].state == WT_BOOK_STATE_SOFTWARE && wt_twin_valid(feed->twin, symbol) &&
           !feed->channel[wt_twin_channel(feed->twin, symbol)].wanted;
}

static void look(struct wt_feed *feed)
{
    struct wt_feed_loader *l = feed->loader;
    unsigned symbols = wt_twin_symbols(feed->twin);
    uint64_t now = now_of(feed);
    if (l->full || now < l->pause_ns)
        return;
    for (unsigned i = 0; i < symbols; i++) {
        uint16_t symbol = (uint16_t)((l->next + i) % symbols);
        if (!may_return(feed, symbol) || l->retry_ns[symbol] > now)
            continue;
        l->next = (uint16_t)(symbol + 1);
        begin(feed, symbol);
        return;
    }
    l->pause_ns = now + PAUSE_NS / 10;
}

/* The card has had time for an answer, and has taken nothing since: over a slow link many orders take long. */
static bool silent(struct wt_feed *feed)
{
    struct wt_feed_loader *l = feed->loader;
    uint32_t left = 0;
    if (now_of(feed) - l->since_ns <= ANSWER_NS)
        return false;
    if (wt_card_commands_left(feed->card, &left) < 0 || left == l->left)
        return true;
    l->left = left;
    l->since_ns = now_of(feed);
    return false;
}

/* An answer is due, and nothing can be done without it. */
static bool waits(const struct wt_feed *feed)
{
    const struct wt_feed_loader *l = feed->loader;
    if (l->stage == BINDING)
        return !l->bound || (!l->echoed && may_return(feed, l->symbol));
    return l->stage == JOINING;
}

void wt_feed_loader_step(struct wt_feed *feed)
{
    struct wt_feed_loader *l = feed->loader;
    if (l->stage == IDLE) {
        look(feed);
        return;
    }
    if (waits(feed)) {
        if (silent(feed)) {
            wt_warn("the card does not answer what was loaded; symbols stay in software");
            l->full = true;
            l->stage = IDLE;
        }
        return;
    }
    if (l->stage == BINDING && l->echoed && may_return(feed, l->symbol))
        take_orders(feed);
    if (l->stage == DROPPING || l->spilt || !may_return(feed, l->symbol))
        give_up(feed);
    else if (l->stage == LOADING || l->messages)
        load(feed);
}
