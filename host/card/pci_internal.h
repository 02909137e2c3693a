/* What discovery and link share. */
#ifndef WT_PCI_INTERNAL_H
#define WT_PCI_INTERNAL_H

#include <pciaccess.h>

#include "host/card/pci.h"

enum { WT_PCI_COMMAND = 4, WT_PCI_COMMAND_MEMORY = 2, WT_PCI_COMMAND_MASTER = 4 };

/** libpciaccess, which has one state for the whole process and all its cards: begin before, end after. Prints why not.
 */
int wt_pci_begin(void);
void wt_pci_end(void);
/** A device whose config space reads as all ones: its link is down. */
bool wt_pci_silent(const struct pci_device *device);
void wt_pci_tell_silent(const struct pci_device *device);
/** Say that no device has our ids, or that one is silent. */
void wt_pci_tell_none(void);
/** What the system says of a device. -errno when its config space cannot be read. */
int wt_pci_describe(struct pci_device *device, struct wt_pci_info *info);

/** Providers: fill in memory (which is as wt_pci_memory_open makes it), or print why not; what is there then is closed
 * by wt_pci_memory_close. */
int wt_pci_hugepages_open(struct wt_pci_memory *memory, size_t bytes, bool no_iommu, const struct wt_pci_info *card);
int wt_pci_vfio_open(struct wt_pci_memory *memory, size_t bytes, const struct wt_pci_info *card);
/** An eventfd that hears the device's first `vectors` vectors of MSI-X; or -errno, with a message. */
int wt_pci_vfio_interrupts(const struct wt_pci_memory *memory, unsigned vectors, const char *address);
void wt_pci_vfio_unmap(struct wt_pci_memory *memory);
void wt_pci_vfio_close(struct wt_pci_memory *memory);

#endif
