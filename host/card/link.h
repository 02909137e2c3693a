/*
 * The seam between the host and a card. Above it nobody knows whether the card is real.
 *
 * A link maps BAR0, gives DMA memory and tells the time. Two links stand behind it: `sim`
 * (the Verilated card, sim/card) and, later, `pci`. All functions are for the thread that
 * runs the card's event loop. Errors are -errno.
 */
#ifndef WT_LINK_H
#define WT_LINK_H

#include <stddef.h>
#include <stdint.h>

struct wt_link;

/** DMA memory: the link owns it until close; zeroed; virt and bus are aligned to 4096. */
struct wt_dma {
    void *virt;
    uint64_t bus;
    size_t bytes;
};

struct wt_link_ops {
    /** Read a register. In simulation virtual time passes until the completion is back. */
    int (*read32)(struct wt_link *link, uint32_t offset, uint32_t *value);
    /** Read a 64-bit counter in one request. */
    int (*read64)(struct wt_link *link, uint32_t offset, uint64_t *value);
    /** Write a register (posted). */
    int (*write32)(struct wt_link *link, uint32_t offset, uint32_t value);
    /** Get DMA memory. -ENOMEM. */
    int (*dma_alloc)(struct wt_link *link, size_t bytes, struct wt_dma *dma);
    /** Now, ns: virtual time in simulation (ns since midnight of the simulated day), else CLOCK_MONOTONIC. */
    uint64_t (*now_ns)(struct wt_link *link);
    /**
     * Let time pass until DMA memory may have changed, or something else outside may have
     * happened, or the deadline (ns) is reached. Returns 1 if something happened, 0 at the
     * deadline, -EPIPE when nothing can happen any more (simulation: world at its end).
     */
    int (*wait)(struct wt_link *link, uint64_t deadline_ns);
    /** The host worked for ns: virtual time advances by it (simulation); nothing on a card. */
    void (*spend)(struct wt_link *link, uint64_t ns);
    /** Free everything, the link included. */
    void (*close)(struct wt_link *link);
    /**
     * Sleep until the card raises an interrupt (interrupts.h); both NULL: by wait() alone, until the bell has rung.
     * irq_open: get ready for the card's first `vectors` vectors. Returns 1: the system has set up the card's table; 0:
     * the caller does, so that each message writes 1 to one word of DMA memory, the bell. -errno, with a message.
     */
    int (*irq_open)(struct wt_link *link, unsigned vectors);
    /** Sleep until an interrupt since the last sleep (1), or the deadline, ns (0). bell: NULL if irq_open returned 1;
     * else it is 1 when there was one. -errno. */
    int (*irq_wait)(struct wt_link *link, const _Atomic uint32_t *bell, uint64_t deadline_ns);
};

/** First member of every link's own structure. */
struct wt_link {
    const struct wt_link_ops *ops;
    const char *name; /**< "sim", "pci" */
};

#endif
