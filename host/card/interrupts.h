/*
 * Sleep until the card has written records: MSI-X, by the card's one-shot "set index and arm" (hdl/schema, irqs).
 *
 * Each sleep writes for every ring how far it has been read, and arms its vector. The card raises an interrupt as soon
 * as a ring's producer index differs from that, which it may do already, so a record that came in between wakes, too.
 * An interrupt comes behind the records that it tells of.
 *
 * Behind VFIO the kernel sets up the card's table, and messages become an eventfd. Elsewhere a message is a write of 1
 * to a word of DMA memory: with dma file:PATH the card's process, which carries the write out, wakes who sleeps on that
 * word (futex); with hugepages and in simulation the word is looked at.
 *
 * One thread: the card's.
 */
#ifndef WT_INTERRUPTS_H
#define WT_INTERRUPTS_H

#include "host/card/driver.h"

struct wt_interrupts {
    struct wt_card *card;
    _Atomic uint32_t *bell;         /**< NULL: the system tells */
    unsigned vectors;               /**< the card's; that of order flow is the last */
    bool order_flow;                /**< armed, too */
    uint32_t arms[WT_WIN_IRQS_MAX]; /**< number of each vector's last arm: never one that it has fired for */
};

/** Behind wt_card_open, for the event rings, and for order flow if this thread reads that, too. -ENOTSUP: this card
 * raises none, nothing printed; else -errno, with a message. */
int wt_interrupts_open(struct wt_interrupts *irq, struct wt_card *card, bool order_flow);
/** Arm the vectors of these rings: a sleep without the sleeping. Forgets earlier interrupts. */
int wt_interrupts_arm(struct wt_interrupts *irq);
/** Sleep, armed, until an interrupt (1) or the deadline, ns of the link's time (0). May wake for nothing. -errno. */
int wt_interrupts_wait(struct wt_interrupts *irq, uint64_t deadline_ns);
/** Mask all vectors: from then on nothing is written to the bell. */
void wt_interrupts_close(struct wt_interrupts *irq);

#endif
