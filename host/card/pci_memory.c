/* DMA memory of the link `pci`: a shared file. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/card/pci.h"
#include "host/common/log.h"

enum { PAGE = 4096 };
#define LARGEST (UINT64_C(1) << 40)

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

int wt_pci_memory_open(struct wt_pci_memory *m, const char *dma)
{
    *m = (struct wt_pci_memory){.fd = -1};
    if (strncmp(dma, "file:", 5) != 0 || dma[5] == 0) {
        if (strcmp(dma, "vfio") == 0 || strcmp(dma, "hugepages") == 0)
            wt_error("dma: '%s' is not in this version: only file:PATH is, for a card in another process", dma);
        else
            wt_error("dma: '%s' is not right; file:PATH is, a file that the card's process shares", dma);
        return -EINVAL;
    }
    m->fd = open(dma + 5, O_RDWR | O_CLOEXEC);
    if (m->fd < 0) {
        int e = -errno;
        wt_error("dma: %s: cannot open: %s (the card's process makes it)", dma + 5, strerror(-e));
        return e;
    }
    int e = map_file(m, dma + 5);
    if (e < 0)
        wt_pci_memory_close(m);
    return e;
}

int wt_pci_memory_take(struct wt_pci_memory *m, size_t bytes, struct wt_dma *dma)
{
    if (bytes == 0)
        return -EINVAL;
    size_t left = m->bytes - m->used;
    if (!m->base || left < PAGE || bytes > (left - PAGE) / PAGE * PAGE)
        return -ENOMEM;
    size_t size = (bytes + PAGE - 1) / PAGE * PAGE, at = m->used + PAGE;
    *dma = (struct wt_dma){.virt = m->base + at, .bus = at, .bytes = size};
    memset(dma->virt, 0, size);
    m->used = at + size;
    return 0;
}

void wt_pci_memory_close(struct wt_pci_memory *m)
{
    if (m->base)
        munmap(m->base, m->bytes);
    if (m->fd >= 0)
        close(m->fd);
    *m = (struct wt_pci_memory){.fd = -1};
}
