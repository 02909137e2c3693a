/* DMA memory of the link `pci`: pieces of it, and real hugepages where the system has free ones. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "host/card/pci.h"

enum { KB = 1024, MB = 1024 * KB, HUGE = 2 * MB, PAGE = 4096 };

static void in_one_run_of_addresses(void **state)
{
    (void)state;
    /* of 16 pages 0 to 2, 3 to 4, 5, and 6 to 15 follow each other */
    uint64_t page_bus[16], at = 0x40000000;
    for (unsigned i = 0; i < 16; i++, at += HUGE)
        page_bus[i] = at += (i == 3 || i == 5 || i == 6) ? 10 * (uint64_t)HUGE : 0;
    struct wt_pci_memory m = {.base = aligned_alloc(PAGE, (size_t)16 * HUGE),
                              .bytes = (size_t)16 * HUGE,
                              .page_bus = page_bus,
                              .page_bytes = HUGE};
    static const size_t sizes[] = {64, 4 * MB, 4 * MB, 64 * KB, 5 * MB, 4 * MB, 1 * MB, 4 * MB, 100};
    uint8_t *end = m.base;
    unsigned given = 0;
    assert_non_null(m.base);
    memset(m.base, 0xa5, m.bytes);
    for (unsigned k = 0; k < sizeof sizes / sizeof *sizes; k++) {
        struct wt_dma dma;
        int e = wt_pci_memory_take(&m, sizes[k], &dma);
        if (e == -ENOMEM)
            continue;
        assert_int_equal(e, 0);
        given++;
        const uint8_t *virt = dma.virt;
        assert_true(dma.bytes >= sizes[k] && virt >= end && virt + dma.bytes <= m.base + m.bytes);
        assert_true((uintptr_t)virt % PAGE == 0 && dma.bus % PAGE == 0);
        for (size_t i = 0; i < dma.bytes; i += PAGE) {
            size_t offset = (size_t)(virt - m.base) + i;
            assert_true(dma.bus + i == page_bus[offset / HUGE] + offset % HUGE);
            assert_int_equal(virt[i], 0);
            assert_int_equal(virt[i + PAGE - 1], 0);
        }
        end = (uint8_t *)dma.virt + dma.bytes;
    }
    assert_true(given >= 6);
    struct wt_dma dma;
    assert_int_equal(wt_pci_memory_take(&m, (size_t)30 * MB, &dma), -ENOMEM);
    assert_int_equal(wt_pci_memory_take(&m, 0, &dma), -EINVAL);
    free(m.base);
}

static uint64_t frame_of(int pagemap, const uint8_t *virt)
{
    uint64_t entry = 0;
    assert_int_equal(pread(pagemap, &entry, 8, (off_t)((uintptr_t)virt / PAGE * 8)), 8);
    assert_true(entry >> 63);
    return entry & ((UINT64_C(1) << 55) - 1);
}

static void hugepages(void **state)
{
    (void)state;
    const struct wt_pci_info card = {.address = "0000:42:00.0", .iommu_group = -1};
    struct wt_pci_config config = {.dma = "hugepages:16", .no_iommu = true};
    struct wt_pci_memory m;
    struct wt_dma ring[3];
    unsigned long unused = 0;
    FILE *f = fopen("/sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages", "r");
    if (f && fscanf(f, "%lu", &unused) != 1)
        unused = 0;
    if (f)
        fclose(f);
    if (unused < 8) {
        assert_true(wt_pci_memory_open(&m, &config, &card) < 0); /* says so */
        assert_null(m.base);
        print_message("8 hugepages are not free: only their absence is tested\n");
        skip();
    }
    int pagemap = open("/proc/self/pagemap", O_RDONLY), e = wt_pci_memory_open(&m, &config, &card);
    if (e == -EPERM && frame_of(pagemap, (const uint8_t *)&m) == 0) /* a root whose powers end at its namespace */
        skip();
    assert_int_equal(e, 0);
    for (unsigned k = 0; k < 3; k++) {
        assert_int_equal(wt_pci_memory_take(&m, (size_t)(k ? 4 : 1) * MB, &ring[k]), 0);
        const uint8_t *virt = ring[k].virt;
        memset(ring[k].virt, (int)k + 1, ring[k].bytes);
        for (size_t i = 0; i < ring[k].bytes; i += PAGE) /* every small page where the bus address says */
            assert_true(frame_of(pagemap, virt + i) * PAGE == ring[k].bus + i);
        if (k > 0)
            assert_true(((const uint8_t *)ring[k - 1].virt)[ring[k - 1].bytes - 1] == k);
    }
    close(pagemap);
    wt_pci_memory_close(&m);
}

static void hugepages_are_refused(void **state)
{
    (void)state;
    struct wt_pci_info card = {.address = "0000:42:00.0", .iommu_group = -1};
    struct wt_pci_config config = {.dma = "hugepages"};
    struct wt_pci_memory m;
    assert_int_equal(wt_pci_memory_open(&m, &config, &card), -EPERM);
    config.no_iommu = true;
    card.iommu_group = 3;
    card.iommu_translates = true;
    assert_int_equal(wt_pci_memory_open(&m, &config, &card), -EINVAL);
}

static void what_is_no_memory(void **state)
{
    (void)state;
    static const char *const wrong[] = {"",           "file:",      "vfi",          "vfio:",        "vfio:x",
                                        "vfio:1",     "vfio:64M",   "hugepages:0",  "hugepages:-4", "hugepages:65537",
                                        "hugepages4", "vfio:99999", "hugepages: 4", "Hugepages:4"};
    const struct wt_pci_info card = {.address = "0000:42:00.0", .iommu_group = -1};
    struct wt_pci_memory m;
    struct wt_dma dma;
    for (unsigned i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        const struct wt_pci_config config = {.dma = wrong[i], .no_iommu = true};
        assert_int_equal(wt_pci_memory_open(&m, &config, &card), -EINVAL);
        assert_null(m.base);
    }
    assert_int_equal(wt_pci_memory_take(&m, 64, &dma), -ENOMEM);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(in_one_run_of_addresses),
        cmocka_unit_test(hugepages),
        cmocka_unit_test(hugepages_are_refused),
        cmocka_unit_test(what_is_no_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
