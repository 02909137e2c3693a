/* `wiretick book` in parts: options and statistics (book.c), the software way (book_soft.c), the card (book_card.c,
 * book_pci.c).
 */
#ifndef WT_CLI_BOOK_H
#define WT_CLI_BOOK_H

#include <stdbool.h>
#include <stdint.h>

#include "host/card/pci.h"
#include "host/market/rows.h"

struct book_options {
    const char *file;
    bool soft;                /**< --via soft */
    bool rerequest;           /**< --recovery rerequest: what both lines lost is asked for again */
    bool snapshot;            /**< --recovery rerequest or snapshot: what stays lost, a snapshot makes good */
    uint64_t snapshot_ns;     /**< until a snapshot is on its way */
    uint64_t start_at;        /**< nobody listens before this message; 0: from the first on */
    uint64_t packet_messages; /**< in a packet at most; 0: as many as fit */
    bool paced;               /**< --wire-rate paced */
    bool assume_empty;        /**< --assume-empty: a capture that begins late begins with empty books */
    bool pcap;                /**< the file is a capture */
    uint32_t group;           /**< 0: not given */
    uint16_t port;
    double loss_a, loss_b, reorder, dup, corrupt; /**< per packet and line, 0 to 1 */
    uint32_t skew_b_ns;                           /**< line B comes so much later */
    uint64_t seed;
    const char *stats_file, *trace_file, *model;
    bool by_pci;              /**< --link pci or udp: the card's wires are not ours */
    bool by_udp;              /**< --link udp: pci.address is the card's IPv4 and port */
    struct wt_pci_config pci; /**< of which card, with which memory */
    char (*symbols)[9];       /**< NULL: all */
    uint32_t symbol_count;
};

/** What --stats writes and stderr shows. Latencies in core clock cycles. */
struct book_stats {
    uint64_t messages;   /**< of the file that were read */
    uint64_t bbo_events; /**< changes of price, shares or order count */
    uint64_t hw_rows, sw_rows;
    uint64_t audited, audit_mismatches, stale_symbols;
    uint64_t snapshots, rebuilt, replayed, returned, joins_late, joins_refused;
    uint64_t gaps, missed, recovered, duplicates, late_b, frames, bad_frames, overflows;
    uint64_t conflated, shed; /**< BBO updates folded, messages without order flow: the card had no room */
    uint64_t cycles, tlp_violations, tlp_writes;
    uint64_t latency_min, latency_p50, latency_p99, latency_max, latency_samples;
    uint64_t symbols, orders_peak;
    uint64_t unknown_type, bad_length, unknown_ref, excess, zero_add, senseless, overflow;
    double seconds; /**< wall time */
};

/** The user asked to stop (Ctrl-C). */
bool book_stopped(void);
/** Show progress on a terminal, now and then: at messages of the file, the given share of it done (below 0: unknown).
 */
void book_progress(uint64_t messages, double share);

/** All three: rows of the file go to rows. 0, or -errno with a line printed. stats is filled either way. */
int book_run_soft(const struct book_options *options, struct wt_rows *rows, struct book_stats *stats);
int book_run_card(const struct book_options *options, struct wt_rows *rows, struct book_stats *stats);
int book_run_pci(const struct book_options *options, struct wt_rows *rows, struct book_stats *stats);

#endif
