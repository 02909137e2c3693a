/*
 * Cards on PCI Express: which there are (`wiretick probe`), and the link `pci` (link.h) to one of them.
 *
 * Found, enabled and mapped by libpciaccess over /sys/bus/pci/devices. DMA memory: `file:PATH`, a shared file whose
 * offsets are the bus addresses, for a card that runs in another process (semantics.md 18). Memory for a card behind a
 * real bus (VFIO, hugepages) is not here yet and refused by name.
 *
 * One thread. Errors are -errno, with one line printed.
 */
#ifndef WT_PCI_H
#define WT_PCI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "host/card/link.h"

#define WT_PCI_VENDOR 0x10eeu /**< whose hard block the card's is */
#define WT_PCI_DEVICE 0x5754u /**< 'WT' */
#define WT_PCI_BARS 6u
#define WT_PCI_CARDS_MAX 16u

/** A card as the system shows it. */
struct wt_pci_info {
    uint64_t bar_bytes[WT_PCI_BARS]; /**< 0: none */
    unsigned speed, width;           /**< PCI Express: generation, lanes; 0: the device does not say */
    unsigned max_speed, max_width;   /**< of what it could do */
    int iommu_group, numa_node;      /**< -1: none */
    uint16_t vendor, device;
    uint8_t revision;
    bool memory, bus_master; /**< as they are in the command register */
    bool mappable;           /**< this user may map BAR0 */
    char address[16];        /**< domain:bus:device.function */
    char driver[32];         /**< of the kernel, bound to it; empty: none */
};

/** Cards with our ids, in order of address: how many (at most room are filled in), or -errno. */
int wt_pci_list(struct wt_pci_info *info, unsigned room);

/** A reset (wt_card_config) of a simulated card in another process: 20 ms of a processor that others want, too. */
#define WT_PCI_RESET_NS UINT64_C(2000000000)

struct wt_pci_config {
    const char *address; /**< domain:bus:device.function, or without the domain; NULL: the only one */
    const char *dma;     /**< "file:PATH"; NULL: none, registers only */
};

/**
 * Find the card, enable it (memory; bus mastering if there is DMA memory) and map BAR0. A card that is gone (it reads
 * as all ones) makes every later call fail with -ENODEV, wait() included; one line says so. close gives up bus
 * mastering.
 */
int wt_pci_open(const struct wt_pci_config *config, struct wt_link **link);

/** Shared DMA memory in a file. */
struct wt_pci_memory {
    uint8_t *base; /**< NULL: none */
    size_t bytes, used;
    int fd;
};
/** Open "file:PATH"; the file is there already, and its size is the memory's. One process at a time. */
int wt_pci_memory_open(struct wt_pci_memory *memory, const char *dma);
/** Zeroed, aligned to 4,096; a page that is never given lies before each piece. -ENOMEM. */
int wt_pci_memory_take(struct wt_pci_memory *memory, size_t bytes, struct wt_dma *dma);
void wt_pci_memory_close(struct wt_pci_memory *memory);

#endif
