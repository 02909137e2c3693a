#include "host/market/pcap.h"

#include <errno.h>
#include <pcap/pcap.h>
#include <stdlib.h>
#include <string.h>

#include "host/common/log.h"

struct wt_pcap {
    pcap_t *handle;
    char *path;
};

bool wt_pcap_magic(const uint8_t *bytes, size_t length)
{
    static const uint32_t magics[] = {0xa1b2c3d4, 0xd4c3b2a1, 0xa1b23c4d, 0x4d3cb2a1, 0x0a0d0d0a};
    if (length < 4)
        return false;
    for (size_t i = 0; i < sizeof magics / sizeof *magics; i++)
        if (wt_be32(bytes) == magics[i])
            return true;
    return false;
}

int wt_pcap_open(const char *path, struct wt_pcap **out)
{
    char text[PCAP_ERRBUF_SIZE] = "";
    struct wt_pcap *pcap = calloc(1, sizeof *pcap);
    if (!pcap || !(pcap->path = strdup(path))) {
        free(pcap);
        wt_error("%s: no memory to open the capture", path);
        return -ENOMEM;
    }
    pcap->handle = pcap_open_offline(path, text);
    if (!pcap->handle) {
        wt_error("%s: cannot read the capture: %s", path, text);
        wt_pcap_close(pcap);
        return -EINVAL;
    }
    if (pcap_datalink(pcap->handle) != DLT_EN10MB) {
        wt_error("%s: link type %s; expected Ethernet", path, pcap_datalink_val_to_name(pcap_datalink(pcap->handle)));
        wt_pcap_close(pcap);
        return -EINVAL;
    }
    *out = pcap;
    return 0;
}

bool wt_mold_well_formed(const uint8_t *mold, size_t length)
{
    size_t offset = WT_MOLD_HEADER;
    unsigned count;
    if (length < WT_MOLD_HEADER)
        return false;
    count = wt_be16(mold + 18);
    if (count == WT_MOLD_END_OF_SESSION)
        count = 0;
    for (; count > 0; count--) {
        if (length - offset < 2 || length - offset - 2 < wt_be16(mold + offset))
            return false;
        offset += 2u + wt_be16(mold + offset);
    }
    return offset == length;
}

/* Find the UDP payload of an Ethernet frame. False when the frame is not whole UDP over IPv4. */
static bool find_udp(const uint8_t *frame, size_t length, struct wt_pcap_packet *packet)
{
    size_t at = 12, ip_header, ip_length, udp_length;
    while (at + 4 <= length && (wt_be16(frame + at) == 0x8100 || wt_be16(frame + at) == 0x88a8))
        at += 4;
    if (at + 2 > length || wt_be16(frame + at) != 0x0800)
        return false;
    at += 2;
    if (length - at < 20 || frame[at] >> 4 != 4)
        return false;
    ip_header = (size_t)(frame[at] & 15) * 4;
    ip_length = wt_be16(frame + at + 2);
    if (ip_header < 20 || ip_length < ip_header + 8 || ip_length > length - at)
        return false;
    if (frame[at + 9] != 17 || (wt_be16(frame + at + 6) & 0x3fff) != 0)
        return false;
    udp_length = wt_be16(frame + at + ip_header + 4);
    if (udp_length < 8 || udp_length > ip_length - ip_header)
        return false;
    packet->frame = frame;
    packet->frame_length = length;
    packet->group = wt_be32(frame + at + 16);
    packet->port = wt_be16(frame + at + ip_header + 2);
    packet->mold = frame + at + ip_header + 8;
    packet->mold_length = udp_length - 8;
    return true;
}

int wt_pcap_next(struct wt_pcap *pcap, uint32_t group, uint16_t port, struct wt_pcap_packet *packet)
{
    for (;;) {
        struct pcap_pkthdr *header;
        const u_char *bytes;
        int got = pcap_next_ex(pcap->handle, &header, &bytes);
        if (got == PCAP_ERROR_BREAK)
            return 0;
        if (got != 1) {
            wt_error("%s: %s", pcap->path, pcap_geterr(pcap->handle));
            return -EBADMSG;
        }
        if (!find_udp(bytes, header->caplen, packet))
            continue;
        if ((group || port) && (packet->group != group || packet->port != port))
            continue;
        if (packet->mold_length < WT_MOLD_HEADER ||
            (!group && !port && !wt_mold_well_formed(packet->mold, packet->mold_length)))
            continue;
        packet->sequence = wt_be64(packet->mold + 10);
        packet->count = wt_be16(packet->mold + 18);
        return 1;
    }
}

void wt_pcap_close(struct wt_pcap *pcap)
{
    if (!pcap)
        return;
    if (pcap->handle)
        pcap_close(pcap->handle);
    free(pcap->path);
    free(pcap);
}
