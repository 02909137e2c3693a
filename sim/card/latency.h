/*
 * Latency through the card, in core clock cycles: from the cycle in which the last byte of the FCS of the frame that
 * carried a message was on XGMII (a model without: in which its last beat was taken) to the cycle of the first beat of
 * the TLP that carries the message's event record (semantics.md 22); of the lines' copies the one that came first
 * counts. Measured at the ports, not from what the card says.
 *
 * Exact counts for each cycle up to WT_LATENCY_CYCLES - 1; longer ones share the last bucket, except that max is exact.
 */
#ifndef WT_LATENCY_H
#define WT_LATENCY_H

#include <stdint.h>

#define WT_LATENCY_CYCLES 65537u
#define WT_LATENCY_HISTORY 4096u /**< frames remembered of each line; a power of two */
#define WT_LATENCY_LINES 2u
#define WT_LATENCY_BACK 16u /**< how many frames a record may go back: frames of a line change places */

struct wt_latency_frame {
    uint64_t first_seq;
    uint64_t end_seq; /**< first_seq + messages; of a control packet first_seq + 1 */
    uint64_t last_ps; /**< time of the cycle that took its last beat */
    int control;      /**< heartbeat or end of session: only session records come of it */
};

struct wt_latency_line {
    struct wt_latency_frame frames[WT_LATENCY_HISTORY];
    uint64_t next;   /**< frames noted so far */
    uint64_t cursor; /**< the frame that carried the last record */
};

struct wt_latency {
    struct wt_latency_line line[WT_LATENCY_LINES];
    uint64_t samples, max, min;
    uint64_t count[WT_LATENCY_CYCLES];
};

/** Note a good frame (Ethernet header on) whose last beat was taken at last_ps. Frames that are not MoldUDP64 do not
 * count. */
void wt_latency_frame(struct wt_latency_line *line, const uint8_t *frame, uint32_t length, uint64_t last_ps);
/** Measure an event record: its type, its feed sequence number, and the time of the TLP's first beat. Gap records are
 * not measured: they come of waiting. */
void wt_latency_record(struct wt_latency *l, uint8_t kind, uint64_t feed_seq, uint64_t first_ps, uint32_t clock_ps);
/** The smallest number of cycles that at least permille/1000 of the records did not exceed; 0 without records. */
uint64_t wt_latency_quantile(const struct wt_latency *l, unsigned permille);

#endif
