#include "tests/diff/card_side.h"

#include <errno.h>
#include <stdlib.h>

#include "host/card/driver.h"
#include "host/market/feed.h"
#include "sim/card/sim.h"

struct card_side {
    struct card_side_config config;
    struct wt_sim *sim;
    struct wt_link *link;
    struct wt_card card;
    struct wt_twin *twin;
    struct wt_feed *feed;
};

static void on_record(void *ctx, const union wt_event_record *record)
{
    struct card_side *s = ctx;
    const struct wt_ev_head *h = &record->head;
    struct card_event e = {.kind = h->kind,
                           .software = h->flags & WT_EVF_SOFTWARE,
                           .seq = h->feed_seq,
                           .ns = wt_ev_exch_ns(h),
                           .symbol = h->symbol == 0xffff ? "" : wt_twin_name(s->twin, h->symbol)};
    if (h->kind == WT_RECORD_TYPE_BBO && (h->flags & WT_EVF_VALID)) {
        const struct wt_ev_bbo *b = &record->bbo;
        const uint64_t v[6] = {b->bid_price, b->bid_shares, b->bid_orders, b->ask_price, b->ask_shares, b->ask_orders};
        for (int i = 0; i < 6; i++)
            e.v[i] = v[i];
    } else if (h->kind == WT_RECORD_TYPE_TRADE) {
        const struct wt_ev_trade *t = &record->trade;
        const uint64_t v[6] = {t->price, t->shares, t->match, t->print, t->cross_type, t->itch_type};
        for (int i = 0; i < 6; i++)
            e.v[i] = v[i];
    } else {
        return;
    }
    s->config.event(s->config.ctx, &e);
}

int card_side_open(const struct card_side_config *config, struct card_side **out)
{
    struct card_side *s = calloc(1, sizeof *s);
    struct wt_sim_config sim;
    struct wt_card_config card;
    struct wt_twin_config twin;
    int error;
    if (!s)
        return -ENOMEM;
    s->config = *config;
    wt_sim_defaults(&sim);
    sim.model_path = config->model;
    sim.max_payload = config->max_payload;
    wt_card_defaults(&card);
    for (unsigned line = 0; line < WT_CARD_LINES; line++) {
        card.channel[0].group[line] = config->group[line];
        card.channel[0].port[line] = config->port;
    }
    card.skew_ns = 100; /* copies come at the same time */
    card.symbols = config->symbols;
    card.symbol_count = config->symbol_count;
    wt_twin_defaults(&twin);
    twin.symbols = config->symbols;
    twin.symbol_count = config->symbol_count;
    error = wt_sim_create(&sim, &s->sim);
    if (!error) {
        s->link = wt_sim_link(s->sim);
        error = wt_card_open(&s->card, s->link, &card);
    }
    if (!error)
        error = wt_twin_create(&twin, &s->twin);
    if (!error)
        error =
            wt_feed_create(&s->card, s->twin, true, (struct wt_feed_handler){.ctx = s, .record = on_record}, &s->feed);
    if (!error && config->gives_back)
        error = wt_feed_return(s->feed);
    if (error) {
        card_side_close(s);
        return error;
    }
    *out = s;
    return 0;
}

int card_side_send(struct card_side *s, unsigned line, const void *frame, size_t length, bool bad_fcs)
{
    int got = wt_sim_send(s->sim, line, wt_sim_now(s->sim), frame, length, bad_fcs ? WT_FRAME_BAD_FCS : 0);
    return got < 0 ? got : 0;
}

int card_side_settle(struct card_side *s)
{
    bool rested = false;
    for (;;) {
        int waited = s->link->ops->wait(s->link, UINT64_MAX), polled;
        if (waited == 1)
            s->link->ops->spend(s->link, 20000); /* records gather */
        polled = wt_feed_poll(s->feed, 1 << 16);
        if (waited < 0 && waited != -EPIPE)
            return waited;
        if (polled < 0)
            return polled;
        if (waited == -EPIPE && polled == 0) {
            if (rested || !s->config.gives_back)
                return 0;
            rested = true; /* long enough for another try with what did not fit */
            s->link->ops->spend(s->link, 150000000);
        }
    }
}

int card_side_counts(struct card_side *s, struct card_side_counts *counts)
{
    struct wt_card_counters k;
    struct wt_feed_stats f;
    struct wt_sim_stats sim;
    int error = wt_card_counters(&s->card, &k);
    if (error)
        return error;
    wt_feed_stats(s->feed, &f);
    wt_sim_stats(s->sim, &sim);
    *counts = (struct card_side_counts){.frames = k.frames_a + k.frames_b,
                                        .bad_frame = k.bad_frame_a + k.bad_frame_b,
                                        .bad_header = k.bad_header_a + k.bad_header_b,
                                        .filtered = k.filtered_a + k.filtered_b,
                                        .overflow = k.rx_overflow_a + k.rx_overflow_b,
                                        .bad_datagram = k.bad_datagram_a + k.bad_datagram_b,
                                        .late = k.late_a + k.late_b,
                                        .messages = k.messages,
                                        .gaps = k.gaps,
                                        .missed = k.missed,
                                        .heartbeats = k.heartbeats,
                                        .unknown_type = k.unknown_type,
                                        .bad_length = k.bad_length,
                                        .audit_mismatches = f.audit_mismatches,
                                        .pending = wt_feed_pending(s->feed),
                                        .tlp_violations = sim.tlp_violations,
                                        .returned = f.returned};
    return 0;
}

bool card_side_valid(const struct card_side *s, uint16_t symbol)
{
    return wt_twin_valid(s->twin, symbol);
}

void card_side_close(struct card_side *s)
{
    if (!s)
        return;
    if (s->feed)
        wt_feed_destroy(s->feed);
    if (s->twin)
        wt_twin_destroy(s->twin);
    if (s->link) {
        wt_card_close(&s->card);
        s->link->ops->close(s->link);
    }
    free(s);
}
