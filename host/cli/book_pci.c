/*
 * `wiretick book --link pci` and `--link udp`: the card's wires are not ours. Whoever has them plays FILE (`wiretick
 * cardserver
 * --feed`); here it is only read ahead, to know its channel and where it ends.
 */
#include <errno.h>
#include <string.h>
#include <time.h>

#include "host/card/driver.h"
#include "host/card/udp.h"
#include "host/cli/book.h"
#include "host/cli/book_feeder.h"
#include "host/cli/book_records.h"
#include "host/common/log.h"
#include "host/market/feed.h"
#include "host/market/twin.h"

enum { POLL = 1 << 12, LOOK_NS = 1000000 };
#define PATIENCE_NS UINT64_C(20000000000) /* without any record: nobody plays the file */

struct way {
    struct wt_rows *rows;
    struct book_stats *stats;
    struct wt_link *link;
    struct wt_card card;
    struct wt_twin *twin;
    struct wt_feed *feed;
    uint64_t first, last, messages; /* of the file */
};

static void on_record(void *ctx, const union wt_event_record *record)
{
    struct way *w = ctx;
    book_take_record(w->rows, w->stats, w->twin, record);
}

/* Channel and end of the file. */
static int read_ahead(struct way *w, const struct book_options *o, struct wt_card_config *card)
{
    struct book_feeder *feeder;
    struct book_frame frame;
    int got = book_feeder_open(o, &feeder);
    if (got < 0)
        return got;
    for (unsigned line = 0; line < WT_CARD_LINES; line++) {
        card->channel[0].group[line] = book_feeder_group(feeder, line);
        card->channel[0].port[line] = book_feeder_port(feeder, line);
    }
    card->channel[0].start_seq = w->first = book_feeder_first_seq(feeder);
    do
        got = book_feeder_next(feeder, 0, &frame);
    while (got == 1 && !book_stopped());
    w->last = book_feeder_last_seq(feeder);
    w->messages = book_feeder_messages(feeder);
    book_feeder_close(feeder);
    return got < 0 ? got : book_stopped() ? -EINTR : 0;
}

static int open_way(struct way *w, const struct book_options *o)
{
    struct wt_card_config card;
    struct wt_twin_config twin;
    wt_card_defaults(&card);
    card.reset_ns = WT_PCI_RESET_NS;
    card.symbols = (const char(*)[9])o->symbols;
    card.symbol_count = o->symbol_count;
    int e = read_ahead(w, o, &card);
    if (e == 0)
        e = o->by_udp ? wt_udp_open(o->pci.address, false, &w->link) : wt_pci_open(&o->pci, &w->link);
    if (e < 0)
        return e;
    wt_twin_defaults(&twin);
    twin.start_seq = card.channel[0].start_seq;
    twin.symbols = card.symbols;
    twin.symbol_count = card.symbol_count;
    e = wt_twin_create(&twin, &w->twin);
    if (e == 0)
        e = wt_card_open(&w->card, w->link, &card);
    if (e == 0)
        e = wt_feed_create(&w->card, w->twin, true, (struct wt_feed_handler){.ctx = w, .record = on_record}, &w->feed);
    return e < 0 ? e : wt_feed_return(w->feed);
}

static int pump(struct way *w)
{
    uint64_t heard = w->link->ops->now_ns(w->link);
    while (wt_feed_watermark(w->feed, 0) < w->last || wt_feed_pending(w->feed) > 0) {
        uint64_t now = w->link->ops->now_ns(w->link);
        int waited = w->link->ops->wait(w->link, now + LOOK_NS), polled = wt_feed_poll(w->feed, POLL);
        if (waited < 0 || polled < 0)
            return waited < 0 ? waited : polled;
        if (polled > 0)
            heard = now;
        if (now - heard > PATIENCE_NS) {
            wt_error("no record of the card for %llu s, and its order flow ends at message %llu of %llu: does anybody "
                     "play the file onto its wires?",
                     (unsigned long long)(PATIENCE_NS / 1000000000), (unsigned long long)wt_feed_watermark(w->feed, 0),
                     (unsigned long long)w->last);
            return -ETIMEDOUT;
        }
        if (book_stopped() || wt_rows_error(w->rows))
            return -EINTR;
    }
    return 0;
}

static int collect(struct way *w)
{
    struct book_stats *s = w->stats;
    uint64_t seen = wt_feed_watermark(w->feed, 0);
    int error = book_count(s, &w->card, w->feed, w->twin);
    if (error)
        return error;
    s->messages = seen >= w->last ? w->messages : seen >= w->first ? seen - w->first + 1 : 0;
    return 0;
}

int book_run_pci(const struct book_options *options, struct wt_rows *rows, struct book_stats *stats)
{
    struct way w = {.rows = rows, .stats = stats};
    int e = open_way(&w, options);
    if (e == 0) {
        e = pump(&w);
        int also = e == 0 || e == -EINTR ? collect(&w) : 0;
        if (e != -ENODEV) /* the card is gone: that has been said, and nothing can be told to it */
            wt_card_close(&w.card);
        e = e == -EINTR ? also : e ? e : also;
    }
    wt_feed_destroy(w.feed);
    wt_twin_destroy(w.twin);
    if (w.link)
        w.link->ops->close(w.link);
    return e;
}
