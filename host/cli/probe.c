/* `wiretick probe`: the cards in this machine, and what is missing to use them. */
#include <stdio.h>
#include <string.h>

#include "host/card/pci.h"
#include "host/card/wt_schema.h"
#include "host/cli/cli.h"
#include "host/common/log.h"

static const char help[] = "usage: wiretick probe\n"
                           "\n"
                           "Lists the cards on PCI Express: versions, link, BARs, IOMMU group, NUMA node, and what is\n"
                           "missing to use them. Status 0: there is a card, and nothing is missing.\n";

/* What the card says of itself. 0, or -errno with the reason printed. */
static int versions(const struct wt_pci_info *info)
{
    static const uint32_t at[] = {WT_REG_MAGIC,       WT_REG_SCHEMA_VERSION,  WT_REG_GIT_HASH,
                                  WT_REG_CAP_SYMBOLS, WT_REG_CAP_ORDER_SLOTS, WT_REG_CAP_CLOCK_PS};
    uint32_t value[sizeof at / sizeof *at] = {0};
    struct wt_link *link;
    int e = wt_pci_open(&(struct wt_pci_config){.address = info->address}, &link);
    if (e < 0)
        return e;
    for (size_t i = 0; i < sizeof at / sizeof *at && e == 0; i++)
        e = link->ops->read32(link, at[i], &value[i]);
    link->ops->close(link);
    if (e < 0)
        return e;
    if (value[0] != WT_MAGIC) {
        printf("  version    not a Wiretick card: magic 0x%08x, must be 0x%08x\n", value[0], WT_MAGIC);
        return -1;
    }
    printf("  version    schema %u (this program: %u), git %08x, %u symbols, %u orders, clock %u ps\n", value[1],
           WT_SCHEMA_VERSION, value[2], value[3], value[4], value[5]);
    return value[1] == WT_SCHEMA_VERSION ? 0 : -1;
}

static unsigned missing(const struct wt_pci_info *info)
{
    unsigned n = 0;
    if (info->bar_bytes[0] < WT_BAR0_SIZE)
        n += printf("  missing    BAR0 of %u bytes: not a bitstream of this version, or resources ran out at boot\n",
                    WT_BAR0_SIZE) > 0;
    if (!info->mappable)
        n +=
            printf("  missing    permission to map BAR0: its resource0 file in /sys must be writable for this user\n") >
            0;
    if (info->driver[0] && strcmp(info->driver, "vfio-pci") != 0 && strcmp(info->driver, "pci-stub") != 0)
        n += printf("  missing    a free card: the kernel's driver '%s' holds it, unbind that\n", info->driver) > 0;
    if (info->speed < info->max_speed || info->width < info->max_width)
        n += printf("  missing    a full link: another slot or a reseated card may give Gen%u x%u\n", info->max_speed,
                    info->max_width) > 0;
    return n;
}

/* Returns whether nothing is missing. */
static bool show(const struct wt_pci_info *info)
{
    printf("card %s  %04x:%04x, revision %u\n", info->address, info->vendor, info->device, info->revision);
    unsigned lacks = missing(info);
    fflush(stdout);
    bool usable = info->bar_bytes[0] >= WT_BAR0_SIZE && info->mappable;
    if (usable && versions(info) < 0)
        lacks++;
    if (info->width)
        printf("  link       Gen%u x%u, of Gen%u x%u\n", info->speed, info->width, info->max_speed, info->max_width);
    else
        printf("  link       not told\n");
    for (unsigned i = 0; i < WT_PCI_BARS; i++)
        if (info->bar_bytes[i])
            printf("  BAR%u       %llu bytes\n", i, (unsigned long long)info->bar_bytes[i]);
    if (info->iommu_group >= 0)
        printf("  IOMMU      group %d\n", info->iommu_group);
    else
        printf("  IOMMU      none\n");
    if (info->numa_node >= 0)
        printf("  NUMA node  %d\n", info->numa_node);
    else
        printf("  NUMA node  none\n");
    printf("  driver     %s\n", info->driver[0] ? info->driver : "none");
    if (lacks == 0)
        printf("  missing    nothing\n");
    return lacks == 0;
}

int wt_cmd_probe(int argc, char **argv)
{
    struct wt_pci_info info[WT_PCI_CARDS_MAX];
    if (argc > 1) {
        bool asked = strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0;
        fputs(help, asked ? stdout : stderr);
        return asked ? WT_EXIT_OK : WT_EXIT_USAGE;
    }
    int n = wt_pci_list(info, WT_PCI_CARDS_MAX);
    if (n < 0)
        return WT_EXIT_FAILED;
    if (n == 0) {
        wt_error("no card: no PCI device has the ids %04x:%04x; see that it sits in its slot and has its bitstream",
                 WT_PCI_VENDOR, WT_PCI_DEVICE);
        return WT_EXIT_FAILED;
    }
    bool good = true;
    for (int i = 0; i < n && i < (int)WT_PCI_CARDS_MAX; i++)
        good &= show(&info[i]);
    if (n > (int)WT_PCI_CARDS_MAX)
        wt_warn("%d cards more are not shown", n - (int)WT_PCI_CARDS_MAX);
    return good ? WT_EXIT_OK : WT_EXIT_FAILED;
}
