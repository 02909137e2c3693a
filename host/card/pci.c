/* The link `pci`: registers in BAR0, mapped; DMA memory that card and host share. */
#include "host/card/pci.h"

#include <errno.h>
#include <linux/futex.h>
#include <poll.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "host/card/pci_internal.h"
#include "host/card/wt_schema.h"
#include "host/common/log.h"

enum {
    SLEEP_NS = 50000000, /* no longer asleep than this, so that it is seen when the card is gone */
    LOOK_NS = 1000000,   /* how often wait() looks whether the card is still there */
    PAUSE_NS = 20000,    /* for a simulated card wait() leaves the processor to others for so long */
    ALL_ONES = -1
};

struct pci {
    struct wt_link link; /* first: a link is cast to it */
    struct pci_device *device;
    struct wt_pci_memory memory;
    volatile uint8_t *bar;
    void *mapped;
    char address[16];
    bool outlive, bus_master;
    int interrupts;    /* eventfd; -1: none */
    _Atomic bool gone; /* these two by any of the threads that share the card (share.h) */
    _Atomic uint64_t looked_ns;
};

static struct pci *of(struct wt_link *link)
{
    return (struct pci *)link;
}

static uint64_t monotonic_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static uint32_t load32(const struct pci *p, uint32_t offset)
{
    return atomic_load_explicit((volatile _Atomic uint32_t *)(p->bar + offset), memory_order_acquire);
}

/* A card that has left the bus reads as all ones; a register may, too, but not the magic number. */
static int look(struct pci *p)
{
    p->looked_ns = monotonic_ns();
    if (!p->gone && load32(p, WT_REG_MAGIC) == (uint32_t)ALL_ONES) {
        if (atomic_exchange(&p->gone, true))
            return -ENODEV;
        wt_error("card %s: it is gone (its registers read as all ones): stopped; look at slot and power, then start "
                 "again",
                 p->address);
    }
    return p->gone ? -ENODEV : 0;
}

static int check(const struct pci *p, uint32_t offset, uint32_t bytes)
{
    if (p->gone)
        return -ENODEV;
    return offset % bytes != 0 || offset > WT_BAR0_SIZE - bytes ? -EINVAL : 0;
}

static int pci_read32(struct wt_link *link, uint32_t offset, uint32_t *value)
{
    struct pci *p = of(link);
    int e = check(p, offset, 4);
    if (e < 0)
        return e;
    *value = load32(p, offset);
    return *value == (uint32_t)ALL_ONES ? look(p) : 0;
}

static int pci_read64(struct wt_link *link, uint32_t offset, uint64_t *value)
{
    struct pci *p = of(link);
    int e = check(p, offset, 8);
    if (e < 0)
        return e;
    *value = atomic_load_explicit((volatile _Atomic uint64_t *)(p->bar + offset), memory_order_acquire);
    return *value == UINT64_MAX ? look(p) : 0;
}

static int pci_write32(struct wt_link *link, uint32_t offset, uint32_t value)
{
    struct pci *p = of(link);
    int e = check(p, offset, 4);
    if (e == -ENODEV)
        return 0; /* nobody tells who writes to a card that is gone */
    /* what was written to DMA memory before is there when the card hears of it */
    if (e == 0)
        atomic_store_explicit((volatile _Atomic uint32_t *)(p->bar + offset), value, memory_order_release);
    return e;
}

static int pci_dma_alloc(struct wt_link *link, size_t bytes, struct wt_dma *dma)
{
    return wt_pci_memory_take(&of(link)->memory, bytes, dma);
}

static uint64_t pci_now_ns(struct wt_link *link)
{
    (void)link;
    return monotonic_ns();
}

/* Nothing tells the host of a record but the ring: "something may have happened" while waits follow each other
 * closely. */
static int pci_wait(struct wt_link *link, uint64_t deadline_ns)
{
    struct pci *p = of(link);
    uint64_t now = monotonic_ns();
    if ((p->gone || (now - p->looked_ns >= LOOK_NS && look(p) < 0)) && !p->outlive)
        return -ENODEV;
    if (now >= deadline_ns)
        return 0;
    if (!p->memory.shared && !p->gone)
        return 1; /* the card writes while we look */
    uint64_t rest = deadline_ns - now, pause = rest < PAUSE_NS ? rest : PAUSE_NS;
    nanosleep(&(struct timespec){.tv_nsec = (long)pause}, NULL);
    return monotonic_ns() >= deadline_ns ? 0 : 1;
}

static void pci_spend(struct wt_link *link, uint64_t ns)
{
    (void)link;
    (void)ns;
}

/* ---- interrupts ---- */

/* The capability's place in config space, or 0. */
static uint8_t find_msix(const struct pci *p)
{
    enum { STATUS = 6, HAS_LIST = 0x10, FIRST = 0x34, MSIX = 0x11 };
    uint16_t status = 0;
    uint8_t at = 0, id = 0;
    if (pci_device_cfg_read_u16(p->device, &status, STATUS) != 0 || !(status & HAS_LIST))
        return 0;
    pci_device_cfg_read_u8(p->device, &at, FIRST);
    for (unsigned i = 0; i < 48 && (at &= 0xfc) != 0; i++) {
        if (pci_device_cfg_read_u8(p->device, &id, at) != 0 || id == MSIX)
            return id == MSIX ? at : 0;
        pci_device_cfg_read_u8(p->device, &at, at + 1);
    }
    return 0;
}

static int pci_irq_open(struct wt_link *link, unsigned vectors)
{
    enum { CONTROL = 2, ENABLE = 0x8000, MASK = 0x4000 };
    struct pci *p = of(link);
    if (p->memory.vfio.device >= 0) {
        p->interrupts = wt_pci_vfio_interrupts(&p->memory, vectors, p->address);
        return p->interrupts < 0 ? p->interrupts : 1;
    }
    /* the kernel knows nothing of it: messages go to our own memory */
    uint8_t at = find_msix(p);
    if (at)
        return -pci_device_cfg_write_bits(p->device, ENABLE | MASK, ENABLE, at + CONTROL);
    if (p->memory.shared) /* made up: the card's process sends what is armed */
        return 0;
    wt_error("card %s: its config space has no MSI-X: is this bitstream of this version?", p->address);
    return -ENOTSUP;
}

static int pci_irq_wait(struct wt_link *link, const _Atomic uint32_t *bell, uint64_t deadline_ns)
{
    struct pci *p = of(link);
    for (;;) {
        uint64_t now = monotonic_ns(), rung;
        if (bell ? atomic_load_explicit(bell, memory_order_acquire) : read(p->interrupts, &rung, sizeof rung) > 0)
            return 1;
        if (p->gone || (now - p->looked_ns >= SLEEP_NS && look(p) < 0))
            return -ENODEV;
        if (now >= deadline_ns)
            return 0;
        uint64_t ns = deadline_ns - now < SLEEP_NS ? deadline_ns - now : SLEEP_NS;
        struct timespec rest = {.tv_nsec = (long)ns};
        if (!bell)
            ppoll(&(struct pollfd){.fd = p->interrupts, .events = POLLIN}, 1, &rest, NULL);
        else if (p->memory.shared)
            syscall(SYS_futex, bell, FUTEX_WAIT, 0, &rest, NULL, 0);
        else
            sched_yield(); /* a card's write wakes nobody */
    }
}

static void pci_close(struct wt_link *link)
{
    struct pci *p = of(link);
    if (p->interrupts >= 0)
        close(p->interrupts);
    /* the memory may be given to others next: whatever the card still wants to write, it must not */
    if (p->bus_master && !p->gone)
        pci_device_cfg_write_bits(p->device, WT_PCI_COMMAND_MASTER, 0, WT_PCI_COMMAND);
    if (p->mapped)
        pci_device_unmap_range(p->device, p->mapped, p->device->regions[0].size);
    wt_pci_memory_close(&p->memory);
    wt_pci_end();
    free(p);
}

static const struct wt_link_ops ops = {
    .read32 = pci_read32,
    .read64 = pci_read64,
    .write32 = pci_write32,
    .dma_alloc = pci_dma_alloc,
    .now_ns = pci_now_ns,
    .wait = pci_wait,
    .spend = pci_spend,
    .close = pci_close,
    .irq_open = pci_irq_open,
    .irq_wait = pci_irq_wait,
};

static bool parse_address(const char *text, unsigned at[4])
{
    int end = 0;
    at[0] = 0;
    if (sscanf(text, "%x:%x:%x.%x%n", &at[0], &at[1], &at[2], &at[3], &end) == 4 && text[end] == 0)
        return true;
    at[0] = 0;
    end = 0;
    return sscanf(text, "%x:%x.%x%n", &at[1], &at[2], &at[3], &end) == 3 && text[end] == 0;
}

static int find_named(const char *address, struct pci_device **device)
{
    unsigned at[4];
    if (!parse_address(address, at)) {
        wt_error("card '%s': not a PCI address; 0000:42:00.0 is one (`wiretick probe` lists the cards)", address);
        return -EINVAL;
    }
    *device = pci_device_find_by_slot(at[0], at[1], at[2], at[3]);
    if (!*device) {
        wt_error("card %s: no such PCI device; `wiretick probe` lists the cards", address);
        return -ENODEV;
    }
    if (wt_pci_silent(*device)) {
        wt_pci_tell_silent(*device);
        return -ENODEV;
    }
    if ((*device)->vendor_id != WT_PCI_VENDOR || (*device)->device_id != WT_PCI_DEVICE) {
        wt_error(
            "card %s: not a Wiretick card: its ids are %04x:%04x, must be %04x:%04x; `wiretick probe` lists the cards",
            address, (*device)->vendor_id, (*device)->device_id, WT_PCI_VENDOR, WT_PCI_DEVICE);
        return -ENODEV;
    }
    return 0;
}

static int find_only(struct pci_device **device)
{
    const struct pci_id_match ours = {.vendor_id = WT_PCI_VENDOR,
                                      .device_id = WT_PCI_DEVICE,
                                      .subvendor_id = PCI_MATCH_ANY,
                                      .subdevice_id = PCI_MATCH_ANY};
    struct pci_device_iterator *all = pci_id_match_iterator_create(&ours);
    *device = all ? pci_device_next(all) : NULL;
    bool more = *device && pci_device_next(all);
    pci_iterator_destroy(all);
    if (!*device)
        wt_pci_tell_none();
    else if (more)
        wt_error("more than one card: say which by its address (`wiretick probe` lists them)");
    return !*device ? -ENODEV : more ? -EINVAL : 0;
}

/* Memory decoding, and bus mastering if wanted; whether they are on now. */
static int enable(struct pci *p, bool bus_master)
{
    uint16_t want = (uint16_t)(WT_PCI_COMMAND_MEMORY | (bus_master ? WT_PCI_COMMAND_MASTER : 0)), got = 0;
    pci_device_enable(p->device);
    int e = pci_device_cfg_write_bits(p->device, want, want, WT_PCI_COMMAND);
    if (e == 0)
        e = pci_device_cfg_read_u16(p->device, &got, WT_PCI_COMMAND);
    if (e != 0 || (got & want) != want) {
        wt_error("card %s: it cannot be enabled (memory%s): %s; its config file in /sys must be writable for this user",
                 p->address, bus_master ? " and bus mastering" : "", e ? strerror(e) : "the bits do not stay set");
        return e ? -e : -EIO;
    }
    p->bus_master = bus_master;
    return 0;
}

static int open_device(struct pci *p, const struct wt_pci_config *config)
{
    struct wt_pci_info info;
    int e = config->address ? find_named(config->address, &p->device) : find_only(&p->device);
    if (e == 0)
        e = wt_pci_describe(p->device, &info);
    if (e < 0)
        return e;
    memcpy(p->address, info.address, sizeof p->address);
    if (info.driver[0] && strcmp(info.driver, "vfio-pci") != 0 && strcmp(info.driver, "pci-stub") != 0) {
        wt_error("card %s: the kernel's driver '%s' holds it: `scripts/bind none %s` takes it away", p->address,
                 info.driver, p->address);
        return -EBUSY;
    }
    if (info.bar_bytes[0] < WT_BAR0_SIZE) {
        wt_error("card %s: BAR0 has %llu bytes, must have %u: load a bitstream of this version (make flash), and "
                 "restart the machine, which gives BARs their addresses",
                 p->address, (unsigned long long)info.bar_bytes[0], WT_BAR0_SIZE);
        return -ENXIO;
    }
    if (config->dma && (e = wt_pci_memory_open(&p->memory, config, &info)) < 0)
        return e;
    e = enable(p, config->dma != NULL);
    if (e < 0)
        return e;
    const struct pci_mem_region *bar = &p->device->regions[0];
    e = pci_device_map_range(p->device, bar->base_addr, bar->size, PCI_DEV_MAP_FLAG_WRITABLE, &p->mapped);
    if (e != 0) {
        p->mapped = NULL;
        wt_error("card %s: BAR0 cannot be mapped: %s; its resource0 file in /sys must be writable for this user",
                 p->address, strerror(e));
        return -e;
    }
    p->bar = p->mapped;
    return look(p);
}

bool wt_pci_gone(const struct wt_link *link)
{
    return ((const struct pci *)link)->gone;
}

int wt_pci_open(const struct wt_pci_config *config, struct wt_link **link)
{
    struct pci *p = calloc(1, sizeof *p);
    if (!p) {
        wt_error("pci: no memory for the link");
        return -ENOMEM;
    }
    p->interrupts = -1;
    p->link = (struct wt_link){.ops = &ops, .name = "pci"};
    p->memory = (struct wt_pci_memory){.fd = -1, .vfio = {-1, -1, -1}};
    p->outlive = config->outlive;
    int e = wt_pci_begin();
    if (e < 0) {
        free(p);
        return e;
    }
    e = open_device(p, config);
    if (e < 0) {
        pci_close(&p->link);
        return e;
    }
    *link = &p->link;
    return 0;
}
