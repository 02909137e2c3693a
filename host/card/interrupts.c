#include "host/card/interrupts.h"

#include <errno.h>
#include <stdatomic.h>
#include <string.h>

#include "host/common/log.h"

enum { PAGE = 4096, MASKED = 1, LOOK_NS = 100000 };

static int put(const struct wt_interrupts *irq, uint32_t offset, uint32_t value)
{
    return irq->card->link->ops->write32(irq->card->link, offset, value);
}

static uint32_t table(unsigned vector, size_t member)
{
    return WT_WIN_MSIX + vector * WT_WIN_MSIX_STRIDE + (uint32_t)member;
}

/* All vectors ring one bell: who wakes looks at every ring. */
static int make_bell(struct wt_interrupts *irq)
{
    struct wt_link *link = irq->card->link;
    struct wt_dma dma;
    int e = link->ops->dma_alloc(link, PAGE, &dma);
    if (e < 0) {
        wt_error("card '%s': no DMA memory for its interrupts: %s", link->name, strerror(-e));
        return e;
    }
    irq->bell = dma.virt;
    for (unsigned v = 0; v < irq->vectors && e == 0; v++) {
        e = put(irq, table(v, offsetof(struct wt_msix_entry, addr_lo)), (uint32_t)dma.bus);
        if (e == 0)
            e = put(irq, table(v, offsetof(struct wt_msix_entry, addr_hi)), (uint32_t)(dma.bus >> 32));
        if (e == 0)
            e = put(irq, table(v, offsetof(struct wt_msix_entry, data)), 1);
        if (e == 0)
            e = put(irq, table(v, offsetof(struct wt_msix_entry, control)), 0);
    }
    return e;
}

int wt_interrupts_open(struct wt_interrupts *irq, struct wt_card *card, bool order_flow)
{
    struct wt_link *link = card->link;
    uint32_t vectors = 0;
    *irq = (struct wt_interrupts){.card = card, .order_flow = order_flow};
    int e = link->ops->read32(link, WT_REG_CAP_VECTORS, &vectors);
    if (e < 0)
        return e;
    if (vectors == 0 || vectors > WT_WIN_IRQS_MAX)
        return -ENOTSUP;
    irq->vectors = vectors;
    for (unsigned v = 0; v < vectors && e == 0; v++)
        e = link->ops->read32(
            link, WT_WIN_IRQS + v * WT_WIN_IRQS_STRIDE + (uint32_t)offsetof(struct wt_irq_entry, fired), &irq->arms[v]);
    if (e == 0)
        e = link->ops->irq_open ? link->ops->irq_open(link, vectors) : 0;
    return e == 0 ? make_bell(irq) : e < 0 ? e : 0;
}

static int arm(struct wt_interrupts *irq, unsigned vector, uint32_t index)
{
    uint32_t entry = WT_WIN_IRQS + vector * WT_WIN_IRQS_STRIDE;
    int e = put(irq, entry + (uint32_t)offsetof(struct wt_irq_entry, index), index);
    return e < 0 ? e : put(irq, entry + (uint32_t)offsetof(struct wt_irq_entry, arm), ++irq->arms[vector]);
}

int wt_interrupts_arm(struct wt_interrupts *irq)
{
    int e = 0;
    if (irq->bell)
        atomic_store_explicit(irq->bell, 0, memory_order_relaxed); /* before the card hears of it: write32 releases */
    for (unsigned r = 0; r < irq->card->ev_rings && e == 0; r++)
        e = arm(irq, r, irq->card->events[r].cons);
    return e < 0 || !irq->order_flow ? e : arm(irq, irq->vectors - 1, irq->card->order_flow.cons);
}

int wt_interrupts_wait(struct wt_interrupts *irq, uint64_t deadline_ns)
{
    struct wt_link *link = irq->card->link;
    if (link->ops->irq_wait)
        return link->ops->irq_wait(link, irq->bell, deadline_ns);
    for (;;) {
        if (atomic_load_explicit(irq->bell, memory_order_acquire))
            return 1;
        uint64_t now = link->ops->now_ns(link);
        if (now >= deadline_ns)
            return 0;
        int e = link->ops->wait(link, deadline_ns - now < LOOK_NS ? deadline_ns : now + LOOK_NS);
        if (e < 0)
            return e;
    }
}

void wt_interrupts_close(struct wt_interrupts *irq)
{
    for (unsigned v = 0; irq->bell && v < irq->vectors; v++)
        put(irq, table(v, offsetof(struct wt_msix_entry, control)), MASKED);
}
