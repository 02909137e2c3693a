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
};

/** Bind a ring to zeroed memory of 64 << size_log2 bytes. */
static inline void wt_ring_init(struct wt_ring *ring, const void *base, uint32_t size_log2)
{
    ring->base = base;
    ring->mask = (1u << size_log2) - 1;
    ring->cons = 0;
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

/** The next record where it lies in the ring, NULL: none yet. Nothing of it may be acted on before wt_ring_stands(). */
static inline const union wt_event_record *wt_ring_look(const struct wt_ring *ring)
{
    const uint8_t *slot = ring->base + (size_t)(ring->cons & ring->mask) * 64;
    const _Atomic uint32_t *lap = (const _Atomic uint32_t *)(const void *)(slot + 60);
    return atomic_load_explicit(lap, memory_order_acquire) == ring->cons + 1 ? (const void *)slot : NULL;
}

/** What was read of the record since wt_ring_look() was this record's. */
static inline bool wt_ring_stands(const struct wt_ring *ring, const union wt_event_record *record)
{
    const _Atomic uint32_t *lap = (const _Atomic uint32_t *)(const void *)&record->word[15];
    atomic_thread_fence(memory_order_acquire);
    return atomic_load_explicit(lap, memory_order_relaxed) == ring->cons + 1;
}

#endif
