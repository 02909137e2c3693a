/* DMA memory through VFIO: the IOMMU lets the card see this memory, and no other (Documentation/driver-api/vfio.rst).
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/vfio.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "host/card/pci_internal.h"
#include "host/common/log.h"

#define CONTAINER "/dev/vfio/vfio"
/* Bus addresses begin here: above address 0, below what x86 keeps for interrupts (0xfee00000). */
#define FIRST_BUS UINT64_C(0x1000000)
#define LAST_BUS UINT64_C(0xfee00000)

static int open_container(struct wt_pci_memory *m)
{
    int fd = open(CONTAINER, O_RDWR | O_CLOEXEC), e = fd < 0 ? -errno : 0;
    m->vfio.container = fd;
    if (e == -ENOENT || e == -ENODEV)
        wt_error("dma: vfio: this kernel has no VFIO (%s: %s): modprobe vfio-pci, with the IOMMU switched on",
                 CONTAINER, strerror(-e));
    else if (e < 0)
        wt_error("dma: vfio: %s cannot be opened: %s", CONTAINER, strerror(-e));
    if (e < 0)
        return e;
    if (ioctl(fd, VFIO_GET_API_VERSION) != VFIO_API_VERSION) {
        wt_error("dma: vfio: %s does not speak version %d of VFIO", CONTAINER, VFIO_API_VERSION);
        return -EPROTO;
    }
    if (ioctl(fd, VFIO_CHECK_EXTENSION, VFIO_TYPE1v2_IOMMU) <= 0) {
        wt_error("dma: vfio: this kernel's VFIO has no IOMMU of type 1: modprobe vfio_iommu_type1");
        return -ENOTSUP;
    }
    return 0;
}

static int open_group(struct wt_pci_memory *m, const struct wt_pci_info *card)
{
    struct vfio_group_status status = {.argsz = sizeof status};
    char path[64];
    snprintf(path, sizeof path, "/dev/vfio/%d", card->iommu_group);
    int fd = open(path, O_RDWR | O_CLOEXEC), e = fd < 0 ? -errno : 0;
    m->vfio.group = fd;
    if (e == -EBUSY)
        wt_error("dma: vfio: IOMMU group %d is in use by another process: one at a time, stop that one first",
                 card->iommu_group);
    else if (e < 0)
        wt_error("dma: vfio: %s cannot be opened: %s; `scripts/bind vfio %s --user NAME` gives it to a user", path,
                 strerror(-e), card->address);
    else if (ioctl(fd, VFIO_GROUP_GET_STATUS, &status) < 0) {
        e = -errno;
        wt_error("dma: vfio: %s is no group of VFIO: %s", path, strerror(-e));
    } else if (!(status.flags & VFIO_GROUP_FLAGS_VIABLE)) {
        wt_error("dma: vfio: IOMMU group %d holds other devices that have drivers: unbind them, too (ls "
                 "/sys/kernel/iommu_groups/%d/devices)",
                 card->iommu_group, card->iommu_group);
        e = -EBUSY;
    }
    return e;
}

/* The group into the container, the container an IOMMU, and the card awake: unopened, vfio-pci lets it sleep. */
static int join(struct wt_pci_memory *m, const struct wt_pci_info *card)
{
    const char *what = NULL;
    if (ioctl(m->vfio.group, VFIO_GROUP_SET_CONTAINER, &m->vfio.container) < 0)
        what = "its group cannot be used";
    else if (ioctl(m->vfio.container, VFIO_SET_IOMMU, VFIO_TYPE1v2_IOMMU) < 0)
        what = "the IOMMU cannot be used";
    else if ((m->vfio.device = ioctl(m->vfio.group, VFIO_GROUP_GET_DEVICE_FD, card->address)) < 0)
        what = "it cannot be opened";
    if (!what)
        return 0;
    int e = -errno;
    wt_error("dma: vfio: card %s: %s: %s", card->address, what, strerror(-e));
    return e;
}

static int map(struct wt_pci_memory *m, size_t bytes)
{
    void *base = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
    if (base == MAP_FAILED) {
        wt_error("dma: vfio: no memory (%zu MiB)", bytes >> 20);
        return -ENOMEM;
    }
    m->base = base;
    m->bytes = bytes;
    m->bus = FIRST_BUS;
    struct vfio_iommu_type1_dma_map want = {.argsz = sizeof want,
                                            .flags = VFIO_DMA_MAP_FLAG_READ | VFIO_DMA_MAP_FLAG_WRITE,
                                            .vaddr = (uintptr_t)base,
                                            .iova = m->bus,
                                            .size = bytes};
    if (ioctl(m->vfio.container, VFIO_IOMMU_MAP_DMA, &want) == 0) {
        m->vfio_mapped = true;
        return 0;
    }
    int e = -errno;
    wt_error("dma: vfio: the card cannot be given %zu MiB: %s%s", bytes >> 20, strerror(-e),
             e == -ENOMEM ? "; this user may not pin so much: raise `ulimit -l`, or say less (vfio:MB)" : "");
    return e;
}

int wt_pci_vfio_open(struct wt_pci_memory *m, size_t bytes, const struct wt_pci_info *card)
{
    if (card->iommu_group < 0) {
        wt_error("dma: vfio: card %s has no IOMMU group: switch the IOMMU on (VT-d or AMD-Vi in the firmware, "
                 "intel_iommu=on on the kernel's command line); without one there is dma hugepages, with --no-iommu",
                 card->address);
        return -ENODEV;
    }
    if (strcmp(card->driver, "vfio-pci") != 0) {
        wt_error("dma: vfio: card %s must be bound to vfio-pci, and %s%s: `scripts/bind vfio %s`", card->address,
                 card->driver[0] ? "is bound to " : "has no driver", card->driver, card->address);
        return -ENODEV;
    }
    if (bytes > LAST_BUS - FIRST_BUS) {
        wt_error("dma: vfio: %zu MiB are too much: at most %llu", bytes >> 20,
                 (unsigned long long)(LAST_BUS - FIRST_BUS) >> 20);
        return -EINVAL;
    }
    int e = open_container(m);
    e = e < 0 ? e : open_group(m, card);
    e = e < 0 ? e : join(m, card);
    return e < 0 ? e : map(m, bytes);
}

int wt_pci_vfio_interrupts(const struct wt_pci_memory *m, unsigned vectors, const char *address)
{
    enum { MOST = 32 };
    struct vfio_irq_info info = {.argsz = sizeof info, .index = VFIO_PCI_MSIX_IRQ_INDEX};
    union {
        struct vfio_irq_set set;
        uint8_t bytes[sizeof(struct vfio_irq_set) + MOST * sizeof(int32_t)];
    } all;
    int32_t fds[MOST];
    if (vectors > MOST || ioctl(m->vfio.device, VFIO_DEVICE_GET_IRQ_INFO, &info) < 0 || info.count < vectors) {
        wt_error("card %s: VFIO gives it %u interrupts, must be %u", address, info.count, vectors);
        return -ENOTSUP;
    }
    int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (fd < 0)
        return -errno;
    for (unsigned v = 0; v < vectors; v++)
        fds[v] = fd;
    all.set = (struct vfio_irq_set){.argsz = (uint32_t)(sizeof all.set + vectors * sizeof *fds),
                                    .flags = VFIO_IRQ_SET_DATA_EVENTFD | VFIO_IRQ_SET_ACTION_TRIGGER,
                                    .index = VFIO_PCI_MSIX_IRQ_INDEX,
                                    .count = vectors};
    memcpy(all.bytes + offsetof(struct vfio_irq_set, data), fds, vectors * sizeof *fds);
    if (ioctl(m->vfio.device, VFIO_DEVICE_SET_IRQS, &all.set) == 0)
        return fd;
    int e = -errno;
    wt_error("card %s: VFIO does not give it its %u interrupts: %s", address, vectors, strerror(-e));
    close(fd);
    return e;
}

/* Before the memory is given back: the card must not reach it any more. */
void wt_pci_vfio_unmap(struct wt_pci_memory *m)
{
    struct vfio_iommu_type1_dma_unmap all = {.argsz = sizeof all, .iova = m->bus, .size = m->bytes};
    if (m->vfio_mapped)
        ioctl(m->vfio.container, VFIO_IOMMU_UNMAP_DMA, &all);
    m->vfio_mapped = false;
}

void wt_pci_vfio_close(struct wt_pci_memory *m)
{
    const int fds[] = {m->vfio.device, m->vfio.group, m->vfio.container};
    for (unsigned i = 0; i < sizeof fds / sizeof *fds; i++)
        if (fds[i] >= 0)
            close(fds[i]);
}
