/*
 * Cards on PCI Express: which there are (`wiretick probe`), and the link `pci` (link.h) to one of them.
 *
 * Found, enabled and mapped by libpciaccess over /sys/bus/pci/devices. DMA memory has three providers (semantics.md
 * 18): `vfio` (or `vfio:MB`), memory that the IOMMU lets the card see, bus addresses chosen here; `hugepages` (or
 * `hugepages:MB`), by physical addresses, where there is no IOMMU, and only if config says so; `file:PATH`, a shared
 * file whose offsets are the bus addresses, for a card that runs in another process.
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
    bool iommu_translates;           /**< there is a group, and it is not one that passes addresses on as they are */
    uint16_t vendor, device;
    uint8_t revision;
    bool memory, bus_master; /**< as they are in the command register */
    bool mappable;           /**< this user may map BAR0 */
    char address[16];        /**< domain:bus:device.function */
    char driver[32];         /**< of the kernel, bound to it; empty: none */
};

/** Cards with our ids, in order of address: how many (at most room are filled in), or -errno. None: says so. */
int wt_pci_list(struct wt_pci_info *info, unsigned room);

/** A reset (wt_card_config) of a simulated card in another process: 20 ms of a processor that others want, too. */
#define WT_PCI_RESET_NS UINT64_C(2000000000)

struct wt_pci_config {
    const char *address; /**< domain:bus:device.function, or without the domain; NULL: the only one */
    const char *dma;     /**< "vfio", "hugepages", "file:PATH"; NULL: none, registers only */
    bool no_iommu;       /**< hugepages may be used: the card then reaches all of the machine's memory */
    bool outlive;        /**< when the card is gone wait() goes on, for what else the host has to do */
};

/**
 * Find the card, enable it (memory; bus mastering if there is DMA memory) and map BAR0. When the card is gone (it reads
 * as all ones) one line says so; from then on reads fail with -ENODEV, and wait() does, unless the host outlives it;
 * writes go nowhere, as on the bus. close gives up bus mastering.
 */
int wt_pci_open(const struct wt_pci_config *config, struct wt_link **link);
/** The card is gone. */
bool wt_pci_gone(const struct wt_link *link);

/** DMA memory, of one of the providers. */
struct wt_pci_memory {
    uint8_t *base; /**< NULL: none */
    size_t bytes, used;
    uint64_t bus;       /**< of base; or, if page_bus is not NULL, */
    uint64_t *page_bus; /**< of each page of */
    size_t page_bytes;
    bool shared; /**< with a card in another process: it has none of its own processors */
    int fd;
    struct {
        int container, group, device; /**< -1: not open */
    } vfio;
    bool vfio_mapped;
};
/** Open what config->dma says, for this card. Prints why not. */
int wt_pci_memory_open(struct wt_pci_memory *memory, const struct wt_pci_config *config,
                       const struct wt_pci_info *card);
/** Zeroed, aligned to 4,096, one piece for the card; a page that is never given lies before each piece, or there is
 * none before it. -ENOMEM. */
int wt_pci_memory_take(struct wt_pci_memory *memory, size_t bytes, struct wt_dma *dma);
void wt_pci_memory_close(struct wt_pci_memory *memory);

#endif
