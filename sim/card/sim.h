/*
 * A simulated world in virtual time: one Verilated card, the PCIe root complex it is plugged
 * into, the wires of its two Ethernet ports, and actors (an exchange, say) that act at times of their
 * own. One thread; deterministic: the same inputs give the same bytes.
 *
 * Time only passes inside the link's wait(), spend() and register reads (and in a register write
 * when 256 of them are under way). The card's clock is stepped while it is busy and skipped while
 * it drives idle.
 *
 * wait() returns at the very moment something has become visible; a host that would rather take
 * records in batches calls spend() before it polls, and the card runs flat out meanwhile. What
 * became visible since wait() last returned 1 makes the next wait() return 1 at once, so no
 * wake-up is lost. At the world's end wait() returns -EPIPE at once, whatever the deadline; a card
 * that stays busy for 50 ms of virtual time without moving a beat makes it return -ETIMEDOUT.
 */
#ifndef WT_SIM_H
#define WT_SIM_H

#include <stddef.h>
#include <stdint.h>

#include "host/card/link.h"

struct wt_sim;

struct wt_sim_config {
    const char *model_path;   /**< the Verilated card; NULL: libwtcard.so beside the executable */
    uint64_t start_ns;        /**< virtual time at the start, ns since midnight */
    uint64_t posted_write_ns; /**< PCIe latency of a posted write, default 400 */
    uint64_t read_ns;         /**< PCIe latency of a read's round trip, default 800 */
    uint32_t max_payload;     /**< bytes: 128, 256 or 512; default 256 */
    const char *trace_path;   /**< FST, or NULL */
};

/** Something that acts in virtual time beside the card. */
struct wt_sim_actor {
    void *ctx;
    /** When it wants to run next, ns; UINT64_MAX: never (unless woken by others). */
    uint64_t (*next_ns)(void *ctx);
    /** Run it at now_ns (>= what next_ns said). It may send frames and change its own next_ns. */
    void (*run)(void *ctx, uint64_t now_ns);
};

struct wt_sim_stats {
    uint64_t cycles;         /**< clock cycles evaluated */
    uint64_t tlp_violations; /**< malformed or illegal TLPs of the card */
    uint64_t tlp_writes;     /**< MWr TLPs of the card */
    uint64_t frames;         /**< frames put on the wires, both lines */
    uint64_t latency_cycles_min, latency_cycles_p50, latency_cycles_p99, latency_cycles_max;
    uint64_t rx_stall_cycles; /**< cycles in which the card held a frame back, which a real MAC cannot do */
    uint64_t latency_samples; /**< event records measured; the figures above are 0 when this is 0 */
};

#define WT_FRAME_BAD_FCS 1u /**< flags of wt_sim_send: the MAC reports a bad FCS */

/** Fill config with the defaults. */
void wt_sim_defaults(struct wt_sim_config *config);
/** Build a world. On failure prints why and returns -errno. */
int wt_sim_create(const struct wt_sim_config *config, struct wt_sim **sim);
/** Its link; closing the link destroys the world. */
struct wt_link *wt_sim_link(struct wt_sim *sim);
/** Let the card reach memory that another process has as host (sim/card/server.h); the world's from here on: it is
 * unmapped with it. -ENOMEM, -EINVAL. */
int wt_sim_map(struct wt_sim *sim, const struct wt_dma *dma);
/** Add an actor (at most 8). */
int wt_sim_add_actor(struct wt_sim *sim, struct wt_sim_actor actor);
/**
 * Put a frame (Ethernet header to end of payload, without FCS) on the card's wire of a line (0: A, 1: B) at when_ns
 * or, if the wire is busy, right after the frame before it (10G timing: preamble, FCS and minimum
 * gap included). The bytes are copied. -ENOBUFS when more than queue_limit frames wait.
 */
int wt_sim_send(struct wt_sim *sim, unsigned line, uint64_t when_ns, const void *frame, size_t length, unsigned flags);
/** Frames sent but not yet wholly inside the card, of the line that has more. */
size_t wt_sim_pending_frames(const struct wt_sim *sim);
/** Virtual time, ns. */
uint64_t wt_sim_now(const struct wt_sim *sim);
/** Nothing is pending: no frame, no TLP under way, card idle, and no actor has a next time. */
int wt_sim_at_end(const struct wt_sim *sim);
/** Figures so far. */
void wt_sim_stats(const struct wt_sim *sim, struct wt_sim_stats *stats);

#endif
