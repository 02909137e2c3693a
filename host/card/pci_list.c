/* Which cards there are: libpciaccess, and the files beside its own in /sys. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host/card/pci_internal.h"
#include "host/common/log.h"

#define DEVICES "/sys/bus/pci/devices"

/* Config space, PCI Express base specification 7.5 */
enum {
    STATUS = 6,
    STATUS_CAPABILITIES = 0x10,
    REVISION = 8,
    CAPABILITIES = 0x34,
    CAPABILITY_EXPRESS = 0x10,
    LINK_CAPABILITIES = 12,
    LINK_STATUS = 18,
    CAPABILITIES_MOST = 48 /* fit between 0x40 and 0xff: a list that is longer runs in a circle */
};

static unsigned users; /* of what libpciaccess has once for the whole process */

int wt_pci_begin(void)
{
    int e = users > 0 ? 0 : pci_system_init();
    if (e != 0)
        wt_error("pci: this system shows no PCI devices (" DEVICES "): %s", strerror(e));
    users += e == 0;
    return -e;
}

void wt_pci_end(void)
{
    if (--users == 0)
        pci_system_cleanup();
}

static void sys_path(char *path, size_t room, const char *address, const char *file)
{
    snprintf(path, room, DEVICES "/%s/%s", address, file);
}

/* Last part of where a link of the device's folder points to; empty if there is none. */
static void sys_link(const char *address, const char *file, char *name, size_t room)
{
    char path[PATH_MAX], to[PATH_MAX];
    sys_path(path, sizeof path, address, file);
    ssize_t n = readlink(path, to, sizeof to - 1);
    name[0] = 0;
    if (n <= 0)
        return;
    to[n] = 0;
    const char *slash = strrchr(to, '/');
    snprintf(name, room, "%.31s", slash ? slash + 1 : to);
}

static int sys_number(const char *address, const char *file)
{
    char path[PATH_MAX];
    int value = -1;
    sys_path(path, sizeof path, address, file);
    FILE *f = fopen(path, "re");
    if (!f)
        return -1;
    char line[32];
    if (fgets(line, sizeof line, f)) {
        char *end;
        long n = strtol(line, &end, 10);
        if (end != line && n >= 0 && n <= INT_MAX)
            value = (int)n;
    }
    fclose(f);
    return value;
}

static bool sys_says(const char *path, const char *word)
{
    char line[32] = "";
    FILE *f = fopen(path, "re");
    bool read = f && fgets(line, sizeof line, f);
    if (f)
        fclose(f);
    line[strcspn(line, "\n")] = 0;
    return read && strcmp(line, word) == 0;
}

/* Negotiated and possible speed and width, by the PCI Express capability. */
static void describe_link(struct pci_device *d, struct wt_pci_info *info)
{
    uint16_t status = 0, link = 0;
    uint32_t can = 0;
    uint8_t at = 0;
    if (pci_device_cfg_read_u16(d, &status, STATUS) != 0 || !(status & STATUS_CAPABILITIES) ||
        pci_device_cfg_read_u8(d, &at, CAPABILITIES) != 0)
        return;
    for (int i = 0; i < CAPABILITIES_MOST && at >= 0x40; i++) {
        uint16_t head = 0;
        at &= 0xfc;
        if (pci_device_cfg_read_u16(d, &head, at) != 0)
            return;
        if ((head & 0xff) == CAPABILITY_EXPRESS) {
            if (pci_device_cfg_read_u32(d, &can, at + LINK_CAPABILITIES) != 0 ||
                pci_device_cfg_read_u16(d, &link, at + LINK_STATUS) != 0)
                return;
            info->speed = link & 15;
            info->width = link >> 4 & 63;
            info->max_speed = can & 15;
            info->max_width = can >> 4 & 63;
            return;
        }
        at = (uint8_t)(head >> 8);
    }
}

int wt_pci_describe(struct pci_device *d, struct wt_pci_info *info)
{
    char text[32], path[PATH_MAX];
    uint16_t command = 0;
    *info = (struct wt_pci_info){.vendor = (uint16_t)d->vendor_id, .device = (uint16_t)d->device_id};
    snprintf(info->address, sizeof info->address, "%04x:%02x:%02x.%u", d->domain & 0xffff, d->bus, d->dev, d->func);
    int e = pci_device_probe(d);
    if (e == 0)
        e = pci_device_cfg_read_u16(d, &command, WT_PCI_COMMAND);
    if (e == 0)
        e = pci_device_cfg_read_u8(d, &info->revision, REVISION);
    if (e != 0) {
        wt_error("pci: %s: its config space cannot be read: %s", info->address, strerror(e));
        return -e;
    }
    info->memory = command & WT_PCI_COMMAND_MEMORY;
    info->bus_master = command & WT_PCI_COMMAND_MASTER;
    for (unsigned i = 0; i < WT_PCI_BARS; i++)
        info->bar_bytes[i] = d->regions[i].size;
    describe_link(d, info);
    sys_link(info->address, "driver", info->driver, sizeof info->driver);
    sys_link(info->address, "iommu_group", text, sizeof text);
    char *end;
    long group = strtol(text, &end, 10);
    info->iommu_group = end != text && *end == 0 && group >= 0 && group <= INT_MAX ? (int)group : -1;
    sys_path(path, sizeof path, info->address, "iommu_group/type");
    info->iommu_translates = info->iommu_group >= 0 && !sys_says(path, "identity");
    info->numa_node = sys_number(info->address, "numa_node");
    sys_path(path, sizeof path, info->address, "resource0");
    info->mappable = access(path, R_OK | W_OK) == 0;
    return 0;
}

bool wt_pci_silent(const struct pci_device *d)
{
    return d->vendor_id == 0xffff;
}

void wt_pci_tell_silent(const struct pci_device *d)
{
    wt_error("card %04x:%02x:%02x.%u: it does not answer (its config space reads as all ones): the PCI Express link is "
             "down; look at slot, power and bitstream, then, as root, echo 1 > /sys/bus/pci/rescan",
             d->domain & 0xffff, d->bus, d->dev, d->func);
}

void wt_pci_tell_none(void)
{
    struct pci_device_iterator *all = pci_slot_match_iterator_create(NULL);
    struct pci_device *d = all ? pci_device_next(all) : NULL;
    while (d && !wt_pci_silent(d))
        d = pci_device_next(all);
    if (d)
        wt_pci_tell_silent(d);
    else
        wt_error("no card: no PCI device has the ids %04x:%04x; see that it sits in its slot and has its bitstream",
                 WT_PCI_VENDOR, WT_PCI_DEVICE);
    pci_iterator_destroy(all);
}

int wt_pci_list(struct wt_pci_info *info, unsigned room)
{
    const struct pci_id_match ours = {.vendor_id = WT_PCI_VENDOR,
                                      .device_id = WT_PCI_DEVICE,
                                      .subvendor_id = PCI_MATCH_ANY,
                                      .subdevice_id = PCI_MATCH_ANY};
    int e = wt_pci_begin();
    if (e < 0)
        return e;
    struct pci_device_iterator *all = pci_id_match_iterator_create(&ours);
    struct pci_device *d;
    unsigned n = 0;
    while (e == 0 && all && (d = pci_device_next(all))) {
        if (n < room)
            e = wt_pci_describe(d, &info[n]);
        n++;
    }
    pci_iterator_destroy(all);
    if (e == 0 && n == 0)
        wt_pci_tell_none();
    wt_pci_end();
    return e < 0 ? e : (int)n;
}
