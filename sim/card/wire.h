/*
 * The wire into one Ethernet port of the card: plays frames with 10G timing as the MAC's receive stream.
 *
 * A byte takes 800 ps. A frame takes preamble 8, its bytes (60 at least), FCS 4 and gap 12 on the
 * wire, accounted in ps, so that the average is exact although beats come on clock cycles. The
 * Verilated card never holds rx_ready low (xgmii.h makes XGMII of the beats); while another model does,
 * the wire stalls and the cycles are counted. All times are virtual ps. One thread.
 */
#ifndef WT_WIRE_H
#define WT_WIRE_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "sim/card/latency.h"
#include "sim/card/wt_model.h"

#define WT_WIRE_BYTE_PS 800u
#define WT_WIRE_PREAMBLE 8u
#define WT_WIRE_OVERHEAD 24u /**< preamble 8, FCS 4, gap 12 */
#define WT_WIRE_MIN_FRAME 60u
#define WT_WIRE_MAX_FRAME 16384u
#define WT_WIRE_QUEUE 65536u

struct wt_wire_frame;

struct wt_wire {
    struct wt_wire_frame *head, *tail; /**< waiting; the head is the one being played */
    struct wt_wire_frame *pool;
    size_t queued;
    uint64_t next_beat_ps; /**< when the next beat may come; UINT64_MAX: none */
    uint64_t free_ps;      /**< when the wire is free for another frame */
    const uint8_t *bytes;  /**< of the head frame */
    uint32_t length, at;   /**< at: of the beat that comes next or waits */
    uint32_t flags;
    uint32_t clock_ps;
    uint64_t frames;       /**< wholly inside the card */
    uint64_t stall_cycles; /**< a beat waited for rx_ready */
    struct wt_latency_line *latency;
};

/** latency notes the frames; it stays the caller's. */
void wt_wire_init(struct wt_wire *w, uint32_t clock_ps, struct wt_latency_line *latency);
/** Queue a copy of a frame of 1 to WT_WIRE_MAX_FRAME bytes: 0, -EINVAL, -ENOBUFS, -ENOMEM. flags: WT_FRAME_BAD_FCS. */
int wt_wire_send(struct wt_wire *w, uint64_t now_ps, uint64_t when_ps, const void *frame, size_t length,
                 unsigned flags);
/** Internal to wt_wire_sample: the last beat was taken. */
void wt_wire_frame_done(struct wt_wire *w, uint64_t cycle_ps);
void wt_wire_destroy(struct wt_wire *w);

/** Before a cycle: offer a beat if one is due. */
static inline void wt_wire_drive(struct wt_wire *w, struct wt_model_port *pins, uint64_t cycle_ps)
{
    if (pins->rx_valid || cycle_ps < w->next_beat_ps)
        return;
    uint32_t left = w->length - w->at;
    memcpy(&pins->rx_data, w->bytes + w->at, 8); /* little-endian host; the buffer is padded to 8 */
    pins->rx_valid = 1;
    pins->rx_last = left <= 8;
    pins->rx_keep = left >= 8 ? 0xff : (uint8_t)((1u << left) - 1);
    pins->rx_error = left <= 8 && w->flags != 0;
}

/** After a cycle: returns 1 if a beat was taken. */
static inline int wt_wire_sample(struct wt_wire *w, struct wt_model_port *pins, uint64_t cycle_ps)
{
    if (!pins->rx_valid)
        return 0;
    if (!pins->rx_ready) {
        w->stall_cycles++;
        w->free_ps += w->clock_ps;
        return 0;
    }
    pins->rx_valid = 0;
    w->at += 8;
    if (w->at < w->length)
        w->next_beat_ps += 8 * WT_WIRE_BYTE_PS;
    else
        wt_wire_frame_done(w, cycle_ps + (uint64_t)pins->rx_lag * w->clock_ps);
    return 1;
}

#endif
