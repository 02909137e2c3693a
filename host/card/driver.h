/*
 * The card's driver: identity check, reset, symbols, rings, counters. Works over any link.
 * One thread, the one of the card's event loop.
 */
#ifndef WT_DRIVER_H
#define WT_DRIVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "host/card/link.h"
#include "host/card/ring.h"
#include "host/card/wt_schema.h"

#define WT_CARD_LINES 2u /**< the feed comes twice: line A (0) and line B (1) */

/** A multicast channel of the feed. */
struct wt_card_channel {
    uint32_t group[WT_CARD_LINES]; /**< multicast group on each line, IPv4 as a number */
    uint16_t port[WT_CARD_LINES];  /**< UDP destination port on each line */
    uint64_t start_seq;            /**< first sequence number expected */
};

struct wt_card_config {
    unsigned channels; /**< in use, 1 to WT_WIN_CHANNELS_MAX; the index is the channel's number in records */
    struct wt_card_channel channel[WT_WIN_CHANNELS_MAX];
    uint32_t skew_ns;         /**< how long a message may come later on one line than on the other; default 2,000 */
    uint32_t gap_timeout_ns;  /**< with recover: an announced gap is lost after this long; 0: never, the default */
    bool recover;             /**< announce what both lines lost and wait for it, instead of giving it up at once */
    const char (*symbols)[9]; /**< names, NUL-terminated; NULL: subscribe to all */
    uint32_t symbol_count;    /**< more than the card has slots: the driver subscribes to all */
    uint32_t ev_size_log2;    /**< each event ring, records; default 16 */
    unsigned ev_rings;        /**< event rings, 1 to WT_CARD_EV_RINGS; default 1 */
    /** Ring of each of the card's symbol indices (of symbols by their place in the list; of all, by first appearance),
     * cap_symbols entries at most; NULL: the index modulo ev_rings. */
    const uint8_t *symbol_ring;
    uint32_t symbol_rings; /**< entries of symbol_ring; later indices go to ring 0 */
    uint32_t of_size_log2; /**< order-flow ring, records; default 16 */
    bool at_work;      /**< whoever shares the card out has opened it: what is in the rings is the card's (share.h) */
    uint64_t reset_ns; /**< a reset may take so long; 0: 100 ms, for a card that needs microseconds */
};

#define WT_CARD_EV_RINGS (1 + WT_WIN_RINGS_MAX)

/** What a hook is told of a ring: event ring 0, order flow, event rings 1 up. */
enum { WT_CARD_EVENTS, WT_CARD_ORDER_FLOW, WT_CARD_MORE_EVENTS };

/** Takes a ring's next record in place of wt_ring_pop, and returns what that does: the journal (host/event/tap.h). */
struct wt_card_hook {
    void *ctx;
    int (*pop)(void *ctx, unsigned ring, struct wt_ring *memory, void *out);
    /** The same of the first event ring, where a record was seen to be; NULL: pop. */
    int (*take)(void *ctx, struct wt_ring *memory, void *out);
};

struct wt_card {
    struct wt_link *link;
    struct wt_card_hook hook; /**< may be set behind wt_card_open; NULL: none */
    struct wt_ring events[WT_CARD_EV_RINGS];
    struct wt_ring order_flow;
    unsigned ev_rings;
    bool ahead[WT_CARD_EV_RINGS];                          /**< a record is taken and waits for its turn */
    union wt_event_record next[WT_CARD_EV_RINGS];          /**< which */
    uint32_t ev_cons_told[WT_CARD_EV_RINGS], of_cons_told; /**< consumer indices last written to the card */
    uint32_t cap_symbols, cap_order_slots, cap_tlp_width, cap_clock_ps, git_hash;
    struct wt_dma ev_dma[WT_CARD_EV_RINGS], of_dma, cmd_dma;
    uint32_t cmd_prod, cmd_cons; /**< lines of the command ring: written; known to be taken */
    uint32_t reset_seq;
    bool by_name; /**< the card takes the configuration's names; else every symbol, and the host chooses */
};

/** All counters of the card by name (hdl/schema/README.md). */
struct wt_card_counters {
#define WT_X(name, offset, text) uint64_t name;
    WT_COUNTERS(WT_X)
#undef WT_X
};

/** Fill config with the defaults: one channel, line A on group 233.54.12.111 and line B on 233.49.196.111, port 26477,
 * start 1; all symbols. */
void wt_card_defaults(struct wt_card_config *config);
/** Check identity and schema version, reset the card, set it up and enable it. Prints why it fails. */
int wt_card_open(struct wt_card *card, struct wt_link *link, const struct wt_card_config *config);
/**
 * Next event record: 1, 0 (none) or -EOVERFLOW. Tells the card the consumer index now and then. With several rings the
 * one with the lowest sequence number of those that are there, and what the card writes to every ring (GAP, SESSION,
 * SYSTEM) once.
 */
int wt_card_event(struct wt_card *card, union wt_event_record *record);
/**
 * The record that is known to be next, of the only ring: only where wt_card_plain() says that taking it writes nothing
 * to the card. Returns what wt_card_event() does.
 */
int wt_card_take(struct wt_card *card, union wt_event_record *record);
bool wt_card_plain(const struct wt_card *card);
/** The same of one ring alone (0 up), for a host that gives each ring to a thread of its own: then not the other. */
int wt_card_event_of(struct wt_card *card, unsigned ring, union wt_event_record *record);
/** Next order-flow record: 1, 0 (none) or -EOVERFLOW. */
int wt_card_order_flow(struct wt_card *card, struct wt_of_record *record);
/** Payload that a command carries at most, bytes. */
#define WT_CARD_INJECT_MAX 9000u
/**
 * Give the card a datagram of a channel (0 up), as if a third line had received it: length bytes of UDP payload, 1 to
 * WT_CARD_INJECT_MAX, copied. The card takes what is new of it in its place in the sequence; datagrams must be of the
 * channel's present session. -ENOBUFS: no room in the command ring now; -EINVAL; or the link's error.
 */
int wt_card_inject(struct wt_card *card, unsigned channel, const void *payload, size_t length);
/**
 * Loading of a symbol (semantics.md 13): R gives the locate a fresh index, A its orders, then come messages of the
 * feed. One message of at most 50 bytes; seq (48 bits) is the number that the answer to R has. Join: n is the last
 * message included, sum wt_card_order_hash over the orders. Both only when wt_card_publish is called. -ENOBUFS: no room
 * now.
 */
int wt_card_load(struct wt_card *card, unsigned channel, const void *message, size_t length, uint64_t seq);
int wt_card_join(struct wt_card *card, unsigned channel, uint16_t locate, uint64_t n, uint64_t sum);
int wt_card_publish(struct wt_card *card);
/** Lines of the command ring that the card has not taken yet: reads a register. The link's error. */
int wt_card_commands_left(struct wt_card *card, uint32_t *left);
/** What an order adds to the checksum, by exclusive or (hdl/book/wt_order_sum). */
uint64_t wt_card_order_hash(uint64_t ref, bool sell, uint32_t price, uint32_t shares);
/** Order slots that are in use. */
int wt_card_orders(struct wt_card *card, uint64_t *orders);
/** Give up on what a channel (0 up) still misses below this sequence number. -EINVAL, or the link's error. */
int wt_card_skip(struct wt_card *card, unsigned channel, uint64_t below);
/** The next sequence number that the card expects of a channel (0 up). */
int wt_card_next_seq(struct wt_card *card, unsigned channel, uint64_t *seq);
/** Read every counter. */
int wt_card_counters(struct wt_card *card, struct wt_card_counters *counters);
/** Disable the card. The link stays open. */
void wt_card_close(struct wt_card *card);

#endif
