/*
 * The far end of a 10G port: makes XGMII of the frames that the wire plays beat by beat (wire.h), for the shim
 * of the Verilated card: preamble, padding to 60 bytes, FCS, end, idle.
 *
 * A frame's preamble goes out in the cycle of its first beat, so the words are one cycle behind the
 * beats, and the FCS comes behind the last one: wt_xgmii_cycle says how far. The wire accounts for all of it.
 * Frames start on lane 0; on lane 4 where lane 0 would make the gap shorter than nine bytes, and, for the
 * sake of it, on every other frame that comes after a pause. Beats of a frame come in consecutive cycles;
 * where one is missing error codes go out, as no wire can wait.
 */
#ifndef WT_XGMII_H
#define WT_XGMII_H

#include <stdint.h>
#include <string.h>

#ifdef __cplusplus
extern "C" {
#endif

#define WT_XGMII_IDLE UINT64_C(0x0707070707070707)
#define WT_XGMII_ROOM 256u /**< bytes on their way; at most 108 are needed */

struct wt_xgmii {
    uint8_t bytes[WT_XGMII_ROOM];
    uint8_t control[WT_XGMII_ROOM / 8]; /**< one bit a byte */
    uint64_t head, tail;                /**< what goes out next, a multiple of 8; where bytes go in */
    uint64_t ended;                     /**< idle cycles since the last end character went out, saturating at 255 */
    unsigned end_lane;                  /**< of the last end character */
    unsigned frames;
    uint32_t crc, length; /**< of the frame so far */
    int in_frame;
};

/** What a cycle puts in, and gets. */
struct wt_xgmii_beat {
    uint64_t data;
    uint8_t valid, keep, last, error; /**< error with last: the FCS is made wrong */
};

struct wt_xgmii_word {
    uint64_t data;
    uint8_t control;
    /** With the beat that was last: cycles from now until the last byte of its FCS is out. */
    uint8_t lag;
};

/** The tables of the CRC; once, before any cycle. */
void wt_xgmii_tables(void);
void wt_xgmii_init(struct wt_xgmii *x);
/** Internal to wt_xgmii_cycle: take a beat. */
uint8_t wt_xgmii_take(struct wt_xgmii *x, const struct wt_xgmii_beat *beat);

/** Nothing is on its way: without a beat only idle goes out. */
static inline int wt_xgmii_idle(const struct wt_xgmii *x)
{
    return x->head == x->tail;
}

/** One word goes out; a beat may come in. */
static inline struct wt_xgmii_word wt_xgmii_cycle(struct wt_xgmii *x, const struct wt_xgmii_beat *beat)
{
    struct wt_xgmii_word w = {WT_XGMII_IDLE, 0xff, 0};
    if (beat->valid || x->in_frame)
        w.lag = wt_xgmii_take(x, beat);
    if (x->head == x->tail) {
        x->ended += x->ended < 255;
        return w;
    }
    unsigned at = x->head % WT_XGMII_ROOM;
    memcpy(&w.data, x->bytes + at, 8); /* little-endian host */
    w.control = x->control[at / 8];
    x->control[at / 8] = 0;
    x->head += 8;
    return w;
}

#ifdef __cplusplus
}
#endif
#endif
