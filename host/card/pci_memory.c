/* DMA memory of the link `pci`: which provider, and the pieces that are given of it. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/card/pci_internal.h"
#include "host/common/log.h"

enum { PAGE = 4096, MEGABYTE = 1 << 20, DEFAULT_MB = 64, MOST_MB = 65536 };
#define LARGEST (UINT64_C(1) << 40)

/* ---------------------------------------------------------------- file:PATH */

static int map_file(struct wt_pci_memory *m, const char *path)
{
    struct stat st;
    if (fstat(m->fd, &st) < 0)
        return -errno;
    if (!S_ISREG(st.st_mode) || st.st_size < 2 * PAGE || (uint64_t)st.st_size > LARGEST) {
        wt_error("dma: %s is no DMA memory: a regular file of 8192 bytes or more is, made by the card's process", path);
        return -EINVAL;
    }
    if (flock(m->fd, LOCK_EX | LOCK_NB) < 0) {
        int e = -errno;
        wt_error("dma: %s is in use by another host process: one at a time, stop that one first", path);
        return e;
    }
    void *base = mmap(NULL, (size_t)st.st_size, PROT_READ | PROT_WRITE, MAP_SHARED, m->fd, 0);
    if (base == MAP_FAILED) {
        int e = -errno;
        wt_error("dma: %s: cannot map its %lld bytes: %s", path, (long long)st.st_size, strerror(-e));
        return e;
    }
    m->base = base;
    m->bytes = (size_t)st.st_size;
    return 0;
}

static int open_file(struct wt_pci_memory *m, const char *path)
{
    m->fd = open(path, O_RDWR | O_CLOEXEC);
    if (m->fd < 0) {
        int e = -errno;
        wt_error("dma: %s: cannot open: %s (the card's process makes it)", path, strerror(-e));
        return e;
    }
    m->shared = true;
    return map_file(m, path);
}

/* ---------------------------------------------------------------- which */

/* "NAME" or "NAME:MB". -EINVAL: neither, or no such size. */
static int megabytes(const char *dma, const char *name, size_t *bytes)
{
    size_t n = strlen(name);
    if (strncmp(dma, name, n) != 0 || (dma[n] != 0 && dma[n] != ':'))
        return -EINVAL;
    char *end = NULL;
    unsigned long mb = dma[n] ? strtoul(dma + n + 1, &end, 10) : DEFAULT_MB;
    if (dma[n] && (dma[n + 1] < '0' || dma[n + 1] > '9' || *end))
        return -EINVAL;
    *bytes = (size_t)mb * MEGABYTE;
    return mb >= 2 && mb <= MOST_MB ? 0 : -EINVAL;
}

int wt_pci_memory_open(struct wt_pci_memory *m, const struct wt_pci_config *config, const struct wt_pci_info *card)
{
    const char *dma = config->dma;
    size_t bytes;
    int e = -EINVAL;
    *m = (struct wt_pci_memory){.fd = -1, .vfio = {-1, -1, -1}};
    if (strncmp(dma, "file:", 5) == 0 && dma[5])
        e = open_file(m, dma + 5);
    else if (megabytes(dma, "vfio", &bytes) == 0)
        e = wt_pci_vfio_open(m, bytes, card);
    else if (megabytes(dma, "hugepages", &bytes) == 0)
        e = wt_pci_hugepages_open(m, bytes, config->no_iommu, card);
    else
        wt_error("dma: '%s' is not right: vfio, vfio:MB, hugepages, hugepages:MB (2 to 65536), or file:PATH for a card "
                 "in another process",
                 dma);
    if (e < 0)
        wt_pci_memory_close(m);
    return e;
}

/* ---------------------------------------------------------------- pieces */

static uint64_t bus_of(const struct wt_pci_memory *m, size_t at)
{
    return m->page_bus ? m->page_bus[at / m->page_bytes] + at % m->page_bytes : m->bus + at;
}

/* Where the bus addresses that begin at `from` first jump, below `end`; end: they do not. */
static size_t first_jump(const struct wt_pci_memory *m, size_t from, size_t end)
{
    if (!m->page_bus)
        return end;
    for (size_t next = (from / m->page_bytes + 1) * m->page_bytes; next < end; next += m->page_bytes)
        if (bus_of(m, next) != bus_of(m, from) + (next - from))
            return next;
    return end;
}

int wt_pci_memory_take(struct wt_pci_memory *m, size_t bytes, struct wt_dma *dma)
{
    if (bytes == 0)
        return -EINVAL;
    size_t left = m->bytes - m->used;
    if (!m->base || left < PAGE || bytes > (left - PAGE) / PAGE * PAGE)
        return -ENOMEM;
    size_t size = (bytes + PAGE - 1) / PAGE * PAGE, at = m->used + PAGE, jump;
    while ((jump = first_jump(m, at, at + size)) != at + size) {
        at = jump;
        if (size > m->bytes - at)
            return -ENOMEM;
    }
    *dma = (struct wt_dma){.virt = m->base + at, .bus = bus_of(m, at), .bytes = size};
    memset(dma->virt, 0, size);
    m->used = at + size;
    return 0;
}

void wt_pci_memory_close(struct wt_pci_memory *m)
{
    wt_pci_vfio_unmap(m);
    if (m->base)
        munmap(m->base, m->bytes);
    if (m->fd >= 0)
        close(m->fd);
    wt_pci_vfio_close(m);
    free(m->page_bus);
    *m = (struct wt_pci_memory){.fd = -1, .vfio = {-1, -1, -1}};
}
