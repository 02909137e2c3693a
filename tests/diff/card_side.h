/* The card under test with the host's way to it, behind calls that C++ can make (fuzz_card.cpp). */
#ifndef WT_CARD_SIDE_H
#define WT_CARD_SIDE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct card_side;

/** A BBO or trade record that is valid. BBO: bid price, shares, orders, ask the same; trade: price, shares, match,
 * kind of print, cross type, ITCH type. */
struct card_event {
    uint8_t kind;
    bool software;
    uint64_t seq, ns, v[6];
    const char *symbol;
};

struct card_side_config {
    const char *model; /**< the Verilated card; NULL: beside the program */
    uint32_t group[2];
    uint16_t port;
    uint32_t max_payload;
    const char (*symbols)[9]; /**< NULL: all */
    uint32_t symbol_count;
    bool gives_back; /**< symbols that the card handed over go back to it */
    void *ctx;
    void (*event)(void *ctx, const struct card_event *event);
};

/** Of both lines together. */
struct card_side_counts {
    uint64_t frames, bad_frame, bad_header, filtered, overflow, bad_datagram, late, messages, gaps, missed, heartbeats,
        unknown_type, bad_length, audit_mismatches, pending, tlp_violations, returned;
};

/** 0, or -errno with a line printed. */
int card_side_open(const struct card_side_config *config, struct card_side **side);
/** A frame on line A (0) or B (1). 0 or -errno. */
int card_side_send(struct card_side *side, unsigned line, const void *frame, size_t length, bool bad_fcs);
/** Until nothing happens any more: 0; or -errno: the card hangs, or a ring was lapped. */
int card_side_settle(struct card_side *side);
int card_side_counts(struct card_side *side, struct card_side_counts *counts);
/** Whether the host takes this symbol (its number, in order of appearance) for valid. */
bool card_side_valid(const struct card_side *side, uint16_t symbol);
void card_side_close(struct card_side *side);

#endif
