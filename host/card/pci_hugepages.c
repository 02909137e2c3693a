/*
 * DMA memory of hugepages, by their physical addresses: for a machine without an IOMMU.
 *
 * A ring may be larger than a hugepage, and must be one piece for the card. So the pages are put into the order of
 * their physical addresses, and pieces are given only of pages that follow each other (pci_memory.c).
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "host/card/pci_internal.h"
#include "host/common/log.h"

enum { HUGE = 2 << 20, PAGE = 4096, HUGE_SHIFT = 21 };

/* Documentation/admin-guide/mm/pagemap.rst */
#define PAGEMAP_FRAME ((UINT64_C(1) << 55) - 1)
#define PAGEMAP_PRESENT (UINT64_C(1) << 63)

struct page {
    uint64_t physical;
    off_t at; /* in the file */
};

/* With an IOMMU that translates, a physical address is not what the card must say. */
static int check_iommu(bool no_iommu, const struct wt_pci_info *card)
{
    if (card->iommu_translates) {
        wt_error("dma: hugepages: card %s is behind an IOMMU (group %d, which translates): use dma vfio", card->address,
                 card->iommu_group);
        return -EINVAL;
    }
    if (no_iommu)
        return 0;
    wt_error("dma: hugepages: without an IOMMU nothing keeps card %s from all of this machine's memory: use dma vfio, "
             "or say --no-iommu (link.no_iommu: yes) if that is what you want",
             card->address);
    return -EPERM;
}

static int no_pages(size_t bytes, int e)
{
    unsigned long total = 0, unused = 0;
    char line[128];
    FILE *f = fopen("/proc/meminfo", "re");
    while (f && fgets(line, sizeof line, f)) {
        (void)!sscanf(line, "HugePages_Total: %lu", &total);
        (void)!sscanf(line, "HugePages_Free: %lu", &unused);
    }
    if (f)
        fclose(f);
    wt_error("dma: hugepages: %zu pages of 2 MiB are needed, the system has %lu and %lu of them free (%s): as root, "
             "echo %lu > /proc/sys/vm/nr_hugepages",
             bytes / HUGE, total, unused, strerror(-e), total - unused + bytes / HUGE);
    return e;
}

static int physical(int pagemap, const uint8_t *virt, uint64_t *address)
{
    uint64_t entry;
    ssize_t got = pread(pagemap, &entry, sizeof entry, (off_t)((uintptr_t)virt / PAGE * sizeof entry));
    if (got != (ssize_t)sizeof entry)
        return got < 0 ? -errno : -EIO;
    if (!(entry & PAGEMAP_PRESENT))
        return -EFAULT;
    if (!(entry & PAGEMAP_FRAME))
        return -EPERM; /* the kernel hides it from this user */
    *address = (entry & PAGEMAP_FRAME) * PAGE;
    return 0;
}

static int compare(const void *a, const void *b)
{
    uint64_t x = ((const struct page *)a)->physical, y = ((const struct page *)b)->physical;
    return (x > y) - (x < y);
}

/* Where each page is. base: the file, mapped. */
static int look_up(const uint8_t *base, struct page *pages, size_t count)
{
    int pagemap = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC), e = pagemap < 0 ? -errno : 0;
    for (size_t i = 0; i < count && e == 0; i++) {
        pages[i].at = (off_t)(i * HUGE);
        e = physical(pagemap, base + i * HUGE, &pages[i].physical);
    }
    if (pagemap >= 0)
        close(pagemap);
    if (e == -EPERM || e == -EACCES)
        wt_error("dma: hugepages: their physical addresses are hidden from this user: run as root or with "
                 "CAP_SYS_ADMIN, or use dma vfio");
    else if (e < 0)
        wt_error("dma: hugepages: their physical addresses cannot be read (/proc/self/pagemap): %s", strerror(-e));
    return e;
}

/* Map the file's pages again, in the order of their physical addresses. */
static int put_in_order(struct wt_pci_memory *m, const struct page *pages, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        void *at = mmap(m->base + i * HUGE, HUGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED | MAP_POPULATE, m->fd,
                        pages[i].at);
        if (at == MAP_FAILED)
            return -errno;
        m->page_bus[i] = pages[i].physical;
    }
    return 0;
}

int wt_pci_hugepages_open(struct wt_pci_memory *m, size_t bytes, bool no_iommu, const struct wt_pci_info *card)
{
    size_t count = bytes / HUGE;
    int e = check_iommu(no_iommu, card);
    if (e < 0)
        return e;
    bytes = count * HUGE;
    m->fd = memfd_create("wiretick-dma", MFD_CLOEXEC | MFD_HUGETLB | HUGE_SHIFT << MAP_HUGE_SHIFT);
    if (m->fd < 0) {
        e = -errno;
        wt_error("dma: hugepages: this kernel has none of 2 MiB: %s", strerror(-e));
        return e;
    }
    if (ftruncate(m->fd, (off_t)bytes) < 0 || fallocate(m->fd, 0, 0, (off_t)bytes) < 0)
        return no_pages(bytes, -errno);
    void *base = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, m->fd, 0);
    if (base == MAP_FAILED)
        return no_pages(bytes, -errno);
    m->base = base;
    m->bytes = bytes;
    m->page_bytes = HUGE;
    m->page_bus = calloc(count, sizeof *m->page_bus);
    struct page *pages = calloc(count, sizeof *pages);
    e = m->page_bus && pages ? look_up(base, pages, count) : -ENOMEM;
    if (e == 0) {
        qsort(pages, count, sizeof *pages, compare);
        e = put_in_order(m, pages, count);
    }
    free(pages);
    return e;
}
