/*
 * Captures (pcap, pcapng, through libpcap) of MoldUDP64: UDP over IPv4 over Ethernet, with or
 * without 802.1Q tags. Frames that are something else are passed over. One thread.
 */
#ifndef WT_MARKET_PCAP_H
#define WT_MARKET_PCAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "host/common/bytes.h"

enum {
    WT_MOLD_HEADER = 20,             /**< bytes: session 10, sequence 8, count 2 */
    WT_MOLD_END_OF_SESSION = 0xffff, /**< message count that means end of session */
    WT_MOLD_PAYLOAD_MAX = 1472       /**< bytes of UDP payload in a frame without fragments */
};

struct wt_pcap;

/** One captured MoldUDP64 packet. Pointers are valid until the next call. */
struct wt_pcap_packet {
    const uint8_t *frame; /**< the whole Ethernet frame */
    size_t frame_length;
    const uint8_t *mold; /**< MoldUDP64 header, then the message blocks */
    size_t mold_length;
    uint32_t group; /**< destination, IPv4 as a number */
    uint16_t port;
    uint64_t sequence; /**< of the first message; next expected in a heartbeat */
    uint16_t count;    /**< messages; 0 heartbeat, WT_MOLD_END_OF_SESSION */
};

/** The bytes begin like a pcap or pcapng file. */
bool wt_pcap_magic(const uint8_t *bytes, size_t length);
/** Open a capture. Prints why not. -errno. */
int wt_pcap_open(const char *path, struct wt_pcap **pcap);
/**
 * The next packet that may be MoldUDP64 (group and port 0: any UDP packet whose blocks fill it
 * exactly; else that group and port, whatever is inside): 1, 0 at the end, -errno with a line
 * printed when the file is cut or unreadable.
 */
int wt_pcap_next(struct wt_pcap *pcap, uint32_t group, uint16_t port, struct wt_pcap_packet *packet);
void wt_pcap_close(struct wt_pcap *pcap);

/** The blocks of a MoldUDP64 packet fill it exactly (a heartbeat or end of session has none). */
bool wt_mold_well_formed(const uint8_t *mold, size_t length);

#endif
