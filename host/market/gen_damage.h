/*
 * Breaks a share of the messages on their way to a sink, as a broken exchange or line would:
 * cut or too long, flipped bits, references of other orders, absurd shares and prices, the
 * locate of another symbol. Seeded. What makes no sense must be counted or flagged, never believed.
 */
#ifndef WT_MARKET_GEN_DAMAGE_H
#define WT_MARKET_GEN_DAMAGE_H

#include "host/market/gen.h"
#include "host/market/itch.h"
#include "host/market/random.h"

enum { WT_DAMAGE_REFS = 256 };

struct wt_damage {
    struct wt_gen_sink sink; /**< where the messages go on to */
    uint64_t share;          /**< of 2^32 messages */
    uint32_t locates;        /**< that are in use, from 1 */
    struct wt_random random;
    uint64_t damaged;
    uint8_t refs[WT_DAMAGE_REFS][8]; /**< some references that were live once */
    uint8_t raw[WT_ITCH_MAX + 32];
};

/** Set up; the caller owns it. share: of 2^32. Then use wt_damage_sink() in place of sink. */
void wt_damage_init(struct wt_damage *damage, struct wt_gen_sink sink, uint64_t share, uint32_t locates, uint64_t seed);
struct wt_gen_sink wt_damage_sink(struct wt_damage *damage);

#endif
