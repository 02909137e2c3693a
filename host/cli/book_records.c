#include "host/cli/book_records.h"

#include <string.h>

#include "host/common/log.h"
#include "host/market/rows.h"

void book_take_record(struct wt_rows *rows, struct book_stats *stats, const struct wt_twin *twin,
                      const union wt_event_record *record)
{
    const struct wt_ev_bbo *bbo = &record->bbo;
    bool row;
    if (record->head.kind != WT_RECORD_TYPE_BBO || !(record->head.flags & WT_EVF_VALID))
        return;
    stats->bbo_events++;
    row = wt_rows_put(rows, bbo->head.feed_seq, wt_ev_exch_ns(&bbo->head), bbo->head.symbol,
                      wt_twin_name(twin, bbo->head.symbol), bbo->bid_price, bbo->bid_shares, bbo->ask_price,
                      bbo->ask_shares);
    if (bbo->head.flags & WT_EVF_SOFTWARE)
        stats->sw_rows += row;
    else
        stats->hw_rows += row;
}

int book_count(struct book_stats *s, struct wt_card *card, const struct wt_feed *feed, const struct wt_twin *twin)
{
    struct wt_card_counters c;
    struct wt_feed_stats f;
    struct wt_twin_stats t;
    int error = wt_card_counters(card, &c);
    if (error) {
        wt_error("card '%s': its counters cannot be read: %s", card->link->name, strerror(-error));
        return error;
    }
    wt_feed_stats(feed, &f);
    wt_twin_stats(twin, &t);
    s->audited = f.audited;
    s->audit_mismatches = f.audit_mismatches;
    s->gaps = c.gaps + c.filled;
    s->recovered = c.recovered;
    s->conflated = c.conflated;
    s->shed = c.shed + c.shed_software;
    s->snapshots = f.snapshots;
    s->rebuilt = f.rebuilt;
    s->replayed = f.replayed;
    s->returned = f.returned;
    s->joins_late = f.joins_late;
    s->joins_refused = f.joins_refused;
    s->missed = c.missed;
    s->duplicates = c.late_a;
    s->late_b = c.late_b;
    s->overflows = c.rx_overflow_a + c.rx_overflow_b;
    s->frames = c.frames_a + c.frames_b;
    s->bad_frames = c.bad_frame_a + c.bad_header_a + c.bad_datagram_a + c.bad_frame_b + c.bad_header_b +
                    c.bad_datagram_b + s->overflows;
    s->symbols = t.symbols;
    for (uint64_t i = 0; i < t.symbols; i++)
        s->stale_symbols += !wt_twin_valid(twin, (uint16_t)i);
    s->orders_peak = t.orders_peak;
    s->unknown_type = c.unknown_type;
    s->bad_length = c.bad_length;
    s->unknown_ref = t.unknown_ref;
    s->excess = t.excess;
    s->zero_add = t.zero_add;
    s->senseless = t.senseless;
    s->overflow = c.overflow;
    return 0;
}
