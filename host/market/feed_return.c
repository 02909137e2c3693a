/*
 * Back to the card (semantics.md 13): one symbol at a time that software answers for is loaded into the card, until
 * both have the same orders and no message of the symbol is under way.
 *
 *     R ──► bound: a fresh index ──► its orders, as A ──► messages since ──► JOIN ──► VALID
 *                                         ▲                                    │ too late: one has passed
 *                                         └────── until the twin has it ◄──────┘
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "host/common/log.h"
#include "host/market/feed_internal.h"
#include "host/market/itch_put.h"

#define NONE WT_FEED_NO_SYMBOL

enum {
    SINCE = 4096,   /* messages of the symbol while it is loaded; more: given up */
    LATE_MAX = 200, /* JOINs that may be too late */
};
#define ANSWER_NS 20000000u /* an answer takes microseconds */
#define PAUSE_NS 1000000u   /* before a symbol is tried again */

enum stage { IDLE, BINDING, BOUND, LOADING, JOINING, WAITING };

struct wt_feed_loader {
    enum stage stage;
    bool full; /* the card has no index left */
    uint16_t symbol, next;
    uint8_t channel;
    unsigned late;
    uint64_t since_ns; /* when the card was asked */
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

/* What was loaded is of no use: a checksum that is wrong makes the card forget it. */
static void give_up(struct wt_feed *feed)
{
    struct wt_feed_loader *l = feed->loader;
    if (l->stage >= BOUND) {
        wt_card_join(feed->card, l->channel, wt_twin_locate(feed->twin, l->symbol), 0, 0x5555555555555555u);
        wt_card_publish(feed->card);
    }
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
    if (symbol != l->symbol || l->stage < LOADING)
        return;
    if (!wt_itch_touches_book(record->raw[0]) || record->length > sizeof kept->raw)
        return;
    if (l->messages == SINCE) {
        give_up(feed);
        return;
    }
    kept = &l->message[l->messages++];
    kept->length = record->length;
    memcpy(kept->raw, record->raw, sizeof kept->raw);
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
    l->since_ns = now_of(feed);
}

/* ---------------------------------------------------------------- answers */

bool wt_feed_answer(struct wt_feed *feed, const union wt_event_record *record)
{
    struct wt_feed_loader *l = feed->loader;
    if (l->stage == IDLE || record->head.locate != wt_twin_locate(feed->twin, l->symbol))
        return false;
    if (l->stage == BINDING && record->symbol.name[0]) {
        if (record->head.symbol == NONE) {
            l->full = true;
            l->stage = IDLE;
            return true;
        }
        feed->by_card[record->head.symbol] = l->symbol;
        l->stage = BOUND; /* its orders are taken between two messages */
        return true;
    }
    if (record->symbol.state == WT_BOOK_STATE_VALID && l->stage == JOINING) {
        feed->stats.returned++;
        end(feed, 0);
        return false; /* in its place, everybody is told */
    }
    if (record->symbol.reason == WT_REASON_JOIN_LATE && l->stage == JOINING) {
        feed->stats.joins_late++;
        l->stage = WAITING;
        if (++l->late == LATE_MAX)
            give_up(feed);
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
    n = wt_itch_put_directory(m, wt_twin_locate(feed->twin, symbol), 0, wt_twin_name(feed->twin, symbol));
    if (wt_card_load(feed->card, l->channel, m, n, feed->channel[l->channel].watermark) != 0 ||
        wt_card_publish(feed->card) != 0)
        return;
    l->stage = BINDING;
    l->since_ns = now_of(feed);
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

void wt_feed_loader_step(struct wt_feed *feed)
{
    struct wt_feed_loader *l = feed->loader;
    if (l->stage == IDLE) {
        look(feed);
        return;
    }
    if (!may_return(feed, l->symbol)) {
        give_up(feed);
        return;
    }
    if (l->stage == BOUND) {
        l->orders = l->sent = l->messages = l->told = 0;
        wt_twin_orders(feed->twin, l->symbol, take_order, l);
        l->stage = LOADING;
        if (l->orders > l->room) {
            give_up(feed);
            return;
        }
    }
    if (l->stage == LOADING || (l->stage == WAITING && l->messages))
        load(feed);
    else if (l->stage != WAITING && now_of(feed) - l->since_ns > ANSWER_NS)
        give_up(feed);
}
