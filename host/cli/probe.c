/* `wiretick probe`: the cards in this machine, and what is missing to use them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host/card/pci.h"
#include "host/card/wt_schema.h"
#include "host/cli/cli.h"
#include "host/common/log.h"

static const char help[] = "usage: wiretick probe [--card ADDRESS] [--expect-git HASH]\n"
                           "\n"
                           "Lists the cards on PCI Express: versions, link, BARs, IOMMU group, NUMA node, DMA memory,\n"
                           "and what is missing to use them. Status 0: there is a card, and nothing is missing.\n"
                           "\n"
                           "  --card ADDRESS     only this one, as 0000:42:00.0\n"
                           "  --expect-git HASH  its bitstream must be of this commit (eight or more hex digits)\n";

struct wanted {
    const char *card; /* NULL: all */
    bool git;
    uint32_t hash;
};

/* What the card says of itself. 0, or -errno with the reason printed. */
static int versions(const struct wt_pci_info *info, const struct wanted *wanted)
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
    if (value[1] != WT_SCHEMA_VERSION)
        printf(
            "  missing    a bitstream of schema %u: this one is of schema %u; build both from one tree, and flash it\n",
            WT_SCHEMA_VERSION, value[1]);
    if (wanted->git && value[2] != wanted->hash)
        printf("  missing    the bitstream of git %08x: this one is of git %08x; a card keeps its old one until it is "
               "reset or powered off and on\n",
               wanted->hash, value[2]);
    return value[1] == WT_SCHEMA_VERSION && (!wanted->git || value[2] == wanted->hash) ? 0 : -1;
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

static unsigned long free_hugepages(void)
{
    unsigned long n = 0;
    FILE *f = fopen("/sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages", "re");
    if (f && fscanf(f, "%lu", &n) != 1)
        n = 0;
    if (f)
        fclose(f);
    return n;
}

/* Which of the providers of DMA memory would do (file: is for a card in another process). */
static void memory(const struct wt_pci_info *info)
{
    char path[64];
    snprintf(path, sizeof path, "/dev/vfio/%d", info->iommu_group);
    if (info->iommu_group < 0)
        printf("  memory     vfio: no IOMMU\n");
    else if (strcmp(info->driver, "vfio-pci") != 0)
        printf("  memory     vfio: not yet, `scripts/bind vfio %s`\n", info->address);
    else if (access(path, R_OK | W_OK) != 0)
        printf("  memory     vfio: %s is not open to this user, `scripts/bind vfio %s --user NAME`\n", path,
               info->address);
    else
        printf("  memory     vfio: ready\n");
    if (info->iommu_translates)
        printf("  memory     hugepages: not behind this IOMMU\n");
    else
        printf("  memory     hugepages: %lu of 2 MiB free, needs --no-iommu\n", free_hugepages());
}

/* Returns whether nothing is missing. */
static bool show(const struct wt_pci_info *info, const struct wanted *wanted)
{
    printf("card %s  %04x:%04x, revision %u\n", info->address, info->vendor, info->device, info->revision);
    unsigned lacks = missing(info);
    fflush(stdout);
    bool usable = info->bar_bytes[0] >= WT_BAR0_SIZE && info->mappable;
    if (usable && versions(info, wanted) < 0)
        lacks++;
    if (info->width)
        printf("  link       Gen%u x%u, of Gen%u x%u\n", info->speed, info->width, info->max_speed, info->max_width);
    else
        printf("  link       not told\n");
    for (unsigned i = 0; i < WT_PCI_BARS; i++)
        if (info->bar_bytes[i])
            printf("  BAR%u       %llu bytes\n", i, (unsigned long long)info->bar_bytes[i]);
    if (info->iommu_group >= 0)
        printf("  IOMMU      group %d%s\n", info->iommu_group, info->iommu_translates ? "" : ", passes addresses on");
    else
        printf("  IOMMU      none\n");
    if (info->numa_node >= 0)
        printf("  NUMA node  %d\n", info->numa_node);
    else
        printf("  NUMA node  none\n");
    printf("  driver     %s\n", info->driver[0] ? info->driver : "none");
    memory(info);
    if (lacks == 0)
        printf("  missing    nothing\n");
    return lacks == 0;
}

static bool parse(int argc, char **argv, struct wanted *wanted)
{
    for (int i = 1; i < argc; i += 2) {
        const char *value = i + 1 < argc ? argv[i + 1] : "";
        char *end;
        if (strcmp(argv[i], "--card") == 0 && *value) {
            wanted->card = value;
        } else if (strcmp(argv[i], "--expect-git") == 0 && strspn(value, "0123456789abcdefABCDEF") >= 8) {
            char first[9];
            snprintf(first, sizeof first, "%s", value);
            wanted->hash = (uint32_t)strtoul(first, &end, 16);
            wanted->git = true;
        } else {
            wt_error("probe: '%s%s%s' is not right; `wiretick probe --help` shows what is", argv[i], *value ? " " : "",
                     value);
            return false;
        }
    }
    return true;
}

static bool is_wanted(const struct wt_pci_info *info, const struct wanted *wanted)
{
    const char *want = wanted->card;
    /* the domain may be left out when it is 0 */
    return !want || strcmp(info->address, want) == 0 ||
           (strncmp(info->address, "0000:", 5) == 0 && strcmp(info->address + 5, want) == 0);
}

int wt_cmd_probe(int argc, char **argv)
{
    struct wt_pci_info info[WT_PCI_CARDS_MAX];
    struct wanted wanted = {0};
    if (argc > 1 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)) {
        fputs(help, stdout);
        return WT_EXIT_OK;
    }
    if (!parse(argc, argv, &wanted))
        return WT_EXIT_USAGE;
    int n = wt_pci_list(info, WT_PCI_CARDS_MAX), shown = 0;
    if (n <= 0)
        return WT_EXIT_FAILED;
    bool good = true;
    for (int i = 0; i < n && i < (int)WT_PCI_CARDS_MAX; i++) {
        if (!is_wanted(&info[i], &wanted))
            continue;
        good &= show(&info[i], &wanted);
        shown++;
    }
    if (n > (int)WT_PCI_CARDS_MAX)
        wt_warn("%d cards more are not shown", n - (int)WT_PCI_CARDS_MAX);
    if (!shown)
        wt_error("card %s: it is none of the cards here; `wiretick probe` lists them", wanted.card);
    return good && shown ? WT_EXIT_OK : WT_EXIT_FAILED;
}
