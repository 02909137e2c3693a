/*
 * A real feed on the simulated card's wire: datagrams that come by UDP sockets enter the card as
 * Ethernet frames, and virtual time follows the clock (semantics: with real sockets, determinism
 * means that the journal replays, not that two runs are equal).
 *
 * It is one actor of the world (sim.h). It runs every quantum_ns of virtual time; when the world is
 * ahead of the clock it sleeps in poll() until a datagram comes or the clock has caught up, and when
 * the simulation is slower than the clock it lets virtual time jump, so that an idle card costs
 * nothing. One thread.
 */
#ifndef WT_LIVE_H
#define WT_LIVE_H

#include <stddef.h>
#include <stdint.h>

struct wt_live;

#define WT_LIVE_LINES 2u

struct wt_live_line {
    uint32_t listen_ip; /**< IPv4 as a number: a local address, or a multicast group to join; 0: no such line */
    uint16_t listen_port;
    uint32_t interface_ip; /**< multicast: the local address of the interface to join on */
    uint32_t group;        /**< what the frame says, so that the card's filter takes it */
    uint16_t port;
};

struct wt_live_config {
    struct wt_live_line line[WT_LIVE_LINES];
    uint64_t start_ns;   /**< virtual time that stands for now */
    uint64_t quantum_ns; /**< default 20,000 */
};

/** Where frames go (wt_sim_send has this shape, but for the line). */
struct wt_live_wire {
    void *ctx;
    int (*send)(void *ctx, unsigned line, uint64_t when_ns, const void *frame, size_t length, unsigned flags);
};

struct wt_live_stats {
    uint64_t datagrams[WT_LIVE_LINES]; /**< received */
    uint64_t too_long;                 /**< dropped: over 1,472 bytes */
    uint64_t refused;                  /**< dropped: the wire's queue was full */
    uint64_t behind_ns;                /**< most that virtual time was behind the clock */
};

void wt_live_defaults(struct wt_live_config *config);
/** Open the sockets. Prints why it fails, returns -errno. */
int wt_live_create(const struct wt_live_config *config, struct wt_live_wire wire, struct wt_live **live);
/** The port a line listens on (for listen_port 0), or 0. */
uint16_t wt_live_port(const struct wt_live *live, unsigned line);
/** Also wake when this descriptor has input (the order-entry socket). -ENOSPC beyond 8. */
int wt_live_watch(struct wt_live *live, int fd);
/** Not any more; before it is closed. */
void wt_live_unwatch(struct wt_live *live, int fd);
/** The actor: when it wants to run, and running it. */
uint64_t wt_live_next_ns(void *live);
void wt_live_run(void *live, uint64_t now_ns);
void wt_live_stats(const struct wt_live *live, struct wt_live_stats *stats);
void wt_live_destroy(struct wt_live *live);

#endif
