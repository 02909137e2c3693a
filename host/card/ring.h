/*
 * Consumer of a record ring that the card writes (hdl/schema/README.md).
 *
 * A record is one aligned 64-byte line whose last word is its number in the ring, from 1.
 * The consumer polls that word; the number tells a new record from one of an earlier lap.
 * One thread.
 */
#ifndef WT_RING_H
#define WT_RING_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "host/card/wt_schema.h"

struct wt_ring {
    const uint8_t *base; /**< DMA memory, 64 << size_log2 bytes */
    uint32_t mask;       /**< records - 1 */
    uint32_t cons;       /**< records consumed, monotonic modulo 2^32 */
    uint32_t quarter;    /**< of the ring, records */
};

/** Bind a ring to zeroed memory of 64 << size_log2 bytes. */
static inline void wt_ring_init(struct wt_ring *ring, const void *base, uint32_t size_log2)
{
    ring->base = base;
    ring->mask = (1u << size_log2) - 1;
    ring->cons = 0;
    ring->quarter = (ring->mask + 1) / 4;
}

/**
 * Take the next record: copies 64 bytes to out. Returns 1; 0 when there is none yet; -EOVERFLOW
 * (-75) when the card has lapped the consumer: the ring's content is lost and must not be read on.
 */
static inline int wt_ring_pop(struct wt_ring *ring, void *out)
{
    const uint8_t *slot = ring->base + (size_t)(ring->cons & ring->mask) * 64;
    const _Atomic uint32_t *lap = (const _Atomic uint32_t *)(const void *)(slot + 60);
    uint32_t want = ring->cons + 1;
    uint32_t got = atomic_load_explicit(lap, memory_order_acquire);
    if (got != want)
        return got != 0 && (int32_t)(got - want) > 0 ? -75 : 0;
    memcpy(out, slot, 64);
    atomic_thread_fence(memory_order_acquire);
    if (atomic_load_explicit(lap, memory_order_relaxed) != want)
        return -75;
    ring->cons = want;
    return 1;
}

/** Where the next record will lie in the ring, or lies. */
static inline const union wt_event_record *wt_ring_slot(const struct wt_ring *ring)
{
    return (const void *)(ring->base + (size_t)(ring->cons & ring->mask) * 64);
}

/** The record's number as it is now: what is read of the record between two looks at the same number is that record's.
 */
static inline uint32_t wt_ring_lap(const union wt_event_record *slot)
{
    atomic_thread_fence(memory_order_acquire);
    uint32_t lap = atomic_load_explicit((const _Atomic uint32_t *)(const void *)&slot->word[15], memory_order_acquire);
    return lap;
}

#endif
