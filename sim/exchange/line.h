/*
 * One line of the feed with its faults: packets in, packets out, some lost, late, twice, out of order or damaged, by
 * chance (in a million) and seed. In virtual time; without faults a packet goes straight through. One thread, nothing
 * allocates; what does not fit into the queue of late packets is lost and counted.
 *
 * Damage is of the kind that a receiver can see, for on a network the checksums would: the packet is cut, says one
 * message more than it has, or has a block that runs over its end. Another session's name would be no damage that
 * anybody can see, but a change of session, which is a fault of its own (venue.h).
 */
#ifndef WT_LINE_H
#define WT_LINE_H

#include <stddef.h>
#include <stdint.h>

#include "host/market/random.h"
#include "sim/exchange/latency.h"

enum { WT_LINE_QUEUE = 256, WT_LINE_PACKET = 1472 };

struct wt_line_config {
    uint64_t seed;
    uint32_t loss_ppm, duplicate_ppm, reorder_ppm, corrupt_ppm;
    uint64_t skew_ns;     /**< every packet is this late */
    const char *latency;  /**< in words (latency.h), on top of that; packets keep their order. NULL or empty: none */
    uint64_t reorder_ns;  /**< a reordered packet is this much later; default 100,000 */
    uint64_t down_at_ns;  /**< nothing comes through from then on */
    uint64_t down_for_ns; /**< for so long; 0: the line does not go down */
};

struct wt_line_stats {
    uint64_t sent, lost, duplicated, reordered, corrupted, down, overflow;
};

struct wt_line_wire {
    void *ctx;
    void (*send)(void *ctx, unsigned line, uint64_t when_ns, const uint8_t *mold, size_t length);
};

struct wt_line {
    struct wt_line_config config;
    struct wt_line_wire wire;
    struct wt_line_stats stats;
    struct wt_random random;
    struct wt_latency latency; /**< constant 0, if the owner does not take another one; the owner frees it */
    uint64_t last_ns;          /**< when the one before is due: none overtakes it but by a fault */
    unsigned number;
    unsigned count;
    uint16_t order[WT_LINE_QUEUE]; /**< by time; behind count: free places */
    struct {
        uint64_t when_ns;
        size_t length;
        uint8_t bytes[WT_LINE_PACKET];
    } queue[WT_LINE_QUEUE];
};

void wt_line_init(struct wt_line *line, const struct wt_line_config *config, unsigned number, struct wt_line_wire wire);
/** A packet of at most 1,472 bytes. */
void wt_line_put(struct wt_line *line, uint64_t now_ns, const uint8_t *mold, size_t length);
/** When wt_line_run has something to send; UINT64_MAX: nothing waits. */
uint64_t wt_line_next_ns(const struct wt_line *line);
void wt_line_run(struct wt_line *line, uint64_t now_ns);

#endif
