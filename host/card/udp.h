/*
 * The link `udp` (link.h): a card without PCI Express, reached by UDP datagrams over Ethernet (hdl/link/README.md).
 *
 * Each datagram of the card carries one TLP and a number. They are taken in the order of their numbers: what did not
 * come is asked for again, what came too early waits. Memory writes go to the rings, from which the same consumer
 * reads (ring.h); memory reads are answered. What the card no longer has when it is asked for is gone: then the
 * records that are missing in a ring are made here, a GAP in an event ring, a marker with GAP in the order flow, so
 * that every symbol goes stale and is rebuilt as after any loss.
 *
 * One host at a time: opening the link takes it from whoever had it. One thread. Errors are -errno, with one line
 * printed.
 */
#ifndef WT_UDP_H
#define WT_UDP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "host/card/link.h"

#define WT_UDP_PORT 22356u            /**< of a card */
#define WT_UDP_ADDRESS "192.168.57.2" /**< of a card as it is built (hdl/link/wt_udp_link.sv) */

/** The format of datagrams: an Ethernet frame's bytes 42 up. */
#define WT_UDP_MAGIC 0x5457u /**< bytes 'W', 'T' */
#define WT_UDP_VERSION 1u
enum wt_udp_kind {
    WT_UDP_OPEN = 1,   /**< to the card. number: TLPs are counted from behind it */
    WT_UDP_TLP = 2,    /**< to the card. number: of this TLP */
    WT_UDP_REPEAT = 3, /**< to the card. number: first wanted again; other: how many (1 to 255) */
    WT_UDP_DATA = 4,   /**< from the card: a TLP. number: of it; other: last TLP that the card has taken */
    WT_UDP_STATE = 5,  /**< from the card. number: of the next DATA; other: as in DATA; then the oldest that it has */
};
struct wt_udp_head {
    uint16_t magic;
    uint8_t version, kind;
    uint16_t dwords; /**< of the TLP, to the card; else 0 */
    uint32_t number, other;
} __attribute__((packed));

struct wt_udp_stats {
    uint64_t datagrams; /**< of the card, each once */
    uint64_t asked;     /**< asked for again, each time */
    uint64_t twice;     /**< came more often than needed */
    uint64_t gone;      /**< lost for good */
    uint64_t resent;    /**< TLPs to the card sent again */
    uint64_t foreign;   /**< not a card's, or not to be understood: dropped */
    uint64_t strays;    /**< writes outside of the host's memory: dropped */
};

/**
 * address: "IPv4" or "IPv4:PORT"; NULL: WT_UDP_ADDRESS. Waits up to two seconds for the card. A card that is gone makes
 * every later call fail with -ENODEV; with outlive wait() goes on, for a host that has orders to cancel.
 */
int wt_udp_open(const char *address, bool outlive, struct wt_link **link);
/** The card is gone. */
bool wt_udp_gone(const struct wt_link *link);
/** Of a link that wt_udp_open made. */
void wt_udp_stats(const struct wt_link *link, struct wt_udp_stats *stats);

/* ---------------------------------------------------------------- the host's memory, and the card's writes to it */

#define WT_UDP_REGIONS 16u

struct wt_udp_region {
    uint8_t *base;
    uint64_t bus;
    size_t bytes;
    uint32_t next;    /**< number of the ring's next record */
    uint32_t records; /**< of the ring, once the card was told */
    bool order_flow;  /**< else an event ring */
    bool ring;        /**< the card was told of it as a ring */
};

struct wt_udp_memory {
    struct wt_udp_region region[WT_UDP_REGIONS];
    unsigned regions;
    uint32_t used;     /**< bus addresses, lower half */
    uint32_t epoch;    /**< upper half: another host's addresses are not ours */
    uint64_t last_seq; /**< of the last record's message */
    bool flag_gap;     /**< the next record of order flow tells of a loss */
    uint64_t strays;
};

/** A piece of memory at a bus address of its own. -ENOMEM. */
int wt_udp_memory_take(struct wt_udp_memory *m, size_t bytes, struct wt_dma *dma);
/** The host writes a register: where the rings are is learnt from it. */
void wt_udp_memory_told(struct wt_udp_memory *m, uint32_t offset, uint32_t value);
/** The card writes whole records. */
void wt_udp_memory_write(struct wt_udp_memory *m, uint64_t bus, const uint8_t *from, size_t bytes);
/** The card reads: NULL outside of the memory. */
const uint8_t *wt_udp_memory_at(const struct wt_udp_memory *m, uint64_t bus, size_t bytes);
/** Some datagrams are gone: whatever was in them. */
void wt_udp_memory_lost(struct wt_udp_memory *m);
void wt_udp_memory_free(struct wt_udp_memory *m);

#endif
