/* What discovery and link share. */
#ifndef WT_PCI_INTERNAL_H
#define WT_PCI_INTERNAL_H

#include <pciaccess.h>

#include "host/card/pci.h"

enum { WT_PCI_COMMAND = 4, WT_PCI_COMMAND_MEMORY = 2, WT_PCI_COMMAND_MASTER = 4 };

/** libpciaccess, which has one state for the whole process: begin before, end after. Prints why not. */
int wt_pci_begin(void);
void wt_pci_end(void);
/** What the system says of a device. -errno when its config space cannot be read. */
int wt_pci_describe(struct pci_device *device, struct wt_pci_info *info);

#endif
