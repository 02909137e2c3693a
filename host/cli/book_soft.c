/* `wiretick book --via soft`: the software book alone, as a reference and when there is no card. */
#include <errno.h>

#include "host/cli/book.h"
#include "host/common/log.h"
#include "host/market/file.h"
#include "host/market/pcap.h"
#include "host/market/twin.h"

/* Messages between two looks at the clock and at what the user wants. */
enum { STRIDE = 16384 };

struct soft {
    struct wt_twin *twin;
    struct wt_rows *rows;
    struct book_stats *stats;
};

static inline void message(struct soft *soft, uint64_t seq, const uint8_t *raw, size_t length)
{
    struct wt_twin_result result;
    wt_twin_message(soft->twin, seq, raw, length, &result);
    soft->stats->messages++;
    if (!result.bbo_changed)
        return;
    soft->stats->bbo_events++;
    soft->stats->sw_rows +=
        wt_rows_put(soft->rows, seq, result.exch_ns, result.symbol, wt_twin_name(soft->twin, result.symbol),
                    result.bbo.bid_price, result.bbo.bid_shares, result.bbo.ask_price, result.bbo.ask_shares);
}

static int from_file(struct soft *soft, struct wt_itch_file *file)
{
    const uint8_t *raw;
    size_t length;
    uint64_t seq = 0;
    int got;
    while ((got = wt_itch_file_next(file, &raw, &length)) == 1) {
        message(soft, ++seq, raw, length);
        if (seq % STRIDE == 0) {
            book_progress(seq, file->size ? (double)wt_itch_file_offset(file) / (double)file->size : -1);
            if (book_stopped() || wt_rows_error(soft->rows))
                break;
        }
    }
    return got < 0 ? got : 0;
}

static int from_capture(struct soft *soft, struct wt_pcap *pcap, const struct book_options *options)
{
    struct wt_pcap_packet packet;
    uint32_t group = options->group;
    uint16_t port = options->port;
    uint64_t next = options->assume_empty ? 0 : 1; /* 0: whatever comes first */
    uint64_t packets = 0;
    int got;
    while ((got = wt_pcap_next(pcap, group, port, &packet)) == 1 && !book_stopped()) {
        unsigned count = packet.count == WT_MOLD_END_OF_SESSION ? 0 : packet.count;
        const uint8_t *block = packet.mold + WT_MOLD_HEADER;
        group = packet.group;
        port = packet.port;
        packets++;
        if (!wt_mold_well_formed(packet.mold, packet.mold_length))
            continue;
        if (next == 0)
            next = packet.sequence;
        if (packet.sequence > next) {
            soft->stats->gaps++;
            soft->stats->missed += packet.sequence - next;
            wt_twin_gap(soft->twin);
            next = packet.sequence;
        }
        for (unsigned i = 0; i < count; i++, block += 2 + wt_be16(block))
            if (packet.sequence + i == next)
                message(soft, next++, block + 2, wt_be16(block));
            else
                soft->stats->duplicates++;
    }
    if (got == 0 && packets == 0) {
        wt_error("%s: no MoldUDP64 packet in this capture%s", options->file, options->group ? " for this --group" : "");
        return -ENODATA;
    }
    return got < 0 ? got : 0;
}

int book_run_soft(const struct book_options *options, struct wt_rows *rows, struct book_stats *stats)
{
    struct wt_twin_config config;
    struct wt_twin_stats twin_stats;
    struct soft soft = {NULL, rows, stats};
    struct wt_itch_file file;
    struct wt_pcap *pcap = NULL;
    int error = options->pcap ? wt_pcap_open(options->file, &pcap) : wt_itch_file_open(&file, options->file);
    if (error)
        return error;
    wt_twin_defaults(&config);
    config.symbols = (const char(*)[9])options->symbols;
    config.symbol_count = options->symbol_count;
    error = wt_twin_create(&config, &soft.twin);
    if (!error) {
        error = options->pcap ? from_capture(&soft, pcap, options) : from_file(&soft, &file);
        wt_twin_stats(soft.twin, &twin_stats);
        stats->symbols = twin_stats.symbols;
        for (uint64_t i = 0; i < twin_stats.symbols; i++)
            stats->stale_symbols += !wt_twin_valid(soft.twin, (uint16_t)i);
        stats->orders_peak = twin_stats.orders_peak;
        stats->unknown_type = twin_stats.unknown_type;
        stats->bad_length = twin_stats.bad_length;
        stats->unknown_ref = twin_stats.unknown_ref;
        stats->excess = twin_stats.excess;
        stats->zero_add = twin_stats.zero_add;
        stats->senseless = twin_stats.senseless;
        stats->overflow = twin_stats.overflow;
    }
    wt_twin_destroy(soft.twin);
    if (pcap)
        wt_pcap_close(pcap);
    else
        wt_itch_file_close(&file);
    return error;
}
