/*
 * PCIe root complex of the simulated world: takes the card's TLPs apart, checks each against the
 * rules of the PCIe base specification (2.2: transaction layer packets), moves memory writes to
 * host memory, answers memory reads from it, and makes the requests by which the host reaches BAR0.
 *
 * TLP stream: dword 0 of the header in bits 31:0 of the first beat, dwords ascending without gaps.
 * Header dwords are numbers (Fmt in bits 31:29 of dword 0); payload dwords are little-endian.
 *
 * A posted write becomes visible posted_ps after its last beat left the card; nothing overtakes
 * anything. A TLP that breaks a rule, or an address never mapped, is dropped and counted, and the
 * first few are printed. All times are virtual ps. One thread.
 */
#ifndef WT_ROOT_H
#define WT_ROOT_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "host/card/link.h"
#include "sim/card/latency.h"
#include "sim/card/wt_model.h"

#define WT_ROOT_REGIONS 64u
#define WT_ROOT_LANDINGS 256u /**< writes under way to host memory; when all are, the card has no credits */
#define WT_ROOT_MAX_PAYLOAD 512u
#define WT_ROOT_MAX_READ 512u /**< bytes that the card may read with one request */
#define WT_ROOT_REQUESTS 256u /**< requests and completions under way to the card */
#define WT_ROOT_TAGS 32u
#define WT_ROOT_MAX_DWORDS (4u + 1024u)
#define WT_ROOT_HOST_ID 0x0018u /**< bus 0, device 3, function 0 */
#define WT_ROOT_CARD_ID 0x0100u /**< bus 1, device 0, function 0 */
#define WT_ROOT_BAR0 0u         /**< requests carry offsets: the card's hard block takes the base off (wt_core) */

/** What is on its way to the host: a write to memory, or a completion. */
struct wt_root_landing {
    uint64_t at_ps;
    uint8_t *to; /**< NULL: a completion */
    uint32_t dwords;
    uint8_t first_be, last_be;
    uint8_t tag;
    int8_t status; /**< completion: 0, or 1 unsupported request and the like */
    uint32_t data[WT_ROOT_MAX_PAYLOAD / 4];
};

struct wt_root_request {
    uint64_t at_ps;
    uint32_t dwords;
    uint32_t word[3 + WT_ROOT_MAX_READ / 4];
};

enum wt_root_read_state { WT_READ_FREE = 0, WT_READ_WAITING, WT_READ_COMING, WT_READ_DONE, WT_READ_ABANDONED };

struct wt_root {
    /* from the card */
    uint32_t words, keep_all, beats;     /**< of the datapath; of the TLP being assembled */
    uint32_t have;                       /**< dwords assembled */
    uint8_t broken;                      /**< why this TLP is refused already; 0: it is not */
    uint64_t first_ps;                   /**< its first beat */
    uint64_t next_land_ps, last_land_ps; /**< UINT64_MAX: nothing is under way */
    uint32_t land_head, land_tail;       /**< monotonic */
    uint32_t word[WT_ROOT_MAX_DWORDS + WT_MODEL_TLP_DWORDS];
    struct wt_root_landing landing[WT_ROOT_LANDINGS];
    /* to the card */
    uint64_t next_rx_ps, last_rx_ps; /**< next request may enter the card; UINT64_MAX: none */
    uint32_t req_head, req_tail, req_at;
    struct wt_root_request request[WT_ROOT_REQUESTS];
    struct {
        enum wt_root_read_state state;
        uint32_t offset, bytes;
        int status;
        uint64_t value;
    } read[WT_ROOT_TAGS];
    uint8_t next_tag;
    /* the host's memory */
    struct wt_dma region[WT_ROOT_REGIONS];
    unsigned regions, last_region;
    uint64_t next_low, next_high;
    /* the event ring, for latency: as the host told the card */
    uint64_t ev_base, ev_bytes;
    struct wt_latency *latency;
    /* what it is */
    uint32_t clock_ps, max_payload;
    uint64_t posted_ps, read_half_ps;
    uint8_t bus_master;
    uint8_t shared; /**< memory is another process's, too */
    uint64_t violations, writes, reads, dropped_completions;
};

/** Allocates nothing. words: datapath in dwords. max_payload: 128, 256 or 512 bytes. */
void wt_root_init(struct wt_root *r, uint32_t words, uint32_t clock_ps, uint64_t posted_ns, uint64_t read_ns,
                  uint32_t max_payload, struct wt_latency *latency);
/** Give the host DMA memory: every other region lies above 4 GB. -ENOMEM, -EINVAL. Sets bus-master enable. */
int wt_root_dma_alloc(struct wt_root *r, size_t bytes, struct wt_dma *dma);
/** Memory that the host has already, at its bus address: all may be read and written by the card. The root's from here
 * on (munmap). -ENOMEM, -EINVAL. Sets bus-master enable. */
int wt_root_map(struct wt_root *r, const struct wt_dma *dma);
void wt_root_destroy(struct wt_root *r);

/** Request a write of BAR0. -ENOBUFS: let time pass and try again. */
int wt_root_write32(struct wt_root *r, uint64_t now_ps, uint32_t offset, uint32_t value);
/** Request a read of 4 or 8 bytes of BAR0. Returns the tag, or -ENOBUFS. */
int wt_root_read(struct wt_root *r, uint64_t now_ps, uint32_t offset, uint32_t bytes);
/** 1 and the value when the read is done; 0 while it is not; -EIO when the card refused it. The tag is free after. */
int wt_root_read_done(struct wt_root *r, int tag, uint64_t *value);
/** Nobody waits for this read any more. */
void wt_root_read_abandon(struct wt_root *r, int tag);

/** Internal to the inline functions below. */
void wt_root_tlp(struct wt_root *r, uint64_t cycle_ps);
void wt_root_beat_odd(struct wt_root *r, const struct wt_model_pins *pins);
void wt_root_load(struct wt_root *r, struct wt_model_pins *pins);
void wt_root_request_done(struct wt_root *r);
int wt_root_land_due(struct wt_root *r, uint64_t now_ps);

/** Let everything land that is due. Returns 1 if host memory changed. */
static inline int wt_root_land(struct wt_root *r, uint64_t now_ps)
{
    return now_ps < r->next_land_ps ? 0 : wt_root_land_due(r, now_ps);
}

/** Before a cycle. */
static inline void wt_root_drive(struct wt_root *r, struct wt_model_pins *pins, uint64_t cycle_ps)
{
    pins->tlp_tx_ready = r->land_head - r->land_tail < WT_ROOT_LANDINGS;
    if (!pins->tlp_rx_valid && cycle_ps >= r->next_rx_ps)
        wt_root_load(r, pins);
}

/** After a cycle: returns 1 if a beat went either way. */
static inline int wt_root_sample(struct wt_root *r, struct wt_model_pins *pins, uint64_t cycle_ps)
{
    int moved = 0;
    if (pins->tlp_rx_valid && pins->tlp_rx_ready) {
        moved = 1;
        pins->tlp_rx_valid = 0;
        if (pins->tlp_rx_last)
            wt_root_request_done(r);
    }
    if (pins->tlp_tx_valid && pins->tlp_tx_ready) {
        moved = 1;
        if (r->beats++ == 0)
            r->first_ps = cycle_ps;
        if (__builtin_expect(pins->tlp_tx_keep != r->keep_all || r->have > WT_ROOT_MAX_DWORDS, 0)) {
            wt_root_beat_odd(r, pins);
        } else {
            memcpy(r->word + r->have, pins->tlp_tx_data, (size_t)r->words * 4);
            r->have += r->words;
        }
        if (pins->tlp_tx_last)
            wt_root_tlp(r, cycle_ps);
    }
    return moved;
}

#endif
