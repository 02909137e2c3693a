/*
 * Writing ITCH 5.0 messages, for the generator and for tests: each function fills m (room for
 * WT_ITCH_MAX bytes) and returns the message's length. Prices 1/10000 dollar, times ns since
 * midnight; names are eight characters. Pure.
 */
#ifndef WT_ITCH_PUT_H
#define WT_ITCH_PUT_H

#include <string.h>

#include "host/market/itch.h"

/** Type, locate and timestamp; everything behind is 0. Returns the type's length (0: no such type). */
static inline size_t wt_itch_put_head(uint8_t *m, char type, uint16_t locate, uint64_t ns)
{
    memset(m, 0, WT_ITCH_MAX);
    m[0] = (uint8_t)type;
    wt_put_be16(m + 1, locate);
    wt_put_be48(m + 5, ns);
    return wt_itch_length((uint8_t)type);
}

/** A; or F with a non-NULL mpid of four characters. */
static inline size_t wt_itch_put_add(uint8_t *m, uint16_t locate, uint64_t ns, uint64_t ref, char side, uint32_t shares,
                                     const char *name, uint32_t price, const char *mpid)
{
    size_t n = wt_itch_put_head(m, mpid ? 'F' : 'A', locate, ns);
    wt_put_be64(m + 11, ref);
    m[19] = (uint8_t)side;
    wt_put_be32(m + 20, shares);
    memcpy(m + 24, name, 8);
    wt_put_be32(m + 32, price);
    if (mpid)
        memcpy(m + 36, mpid, 4);
    return n;
}

static inline size_t wt_itch_put_executed(uint8_t *m, uint16_t locate, uint64_t ns, uint64_t ref, uint32_t shares,
                                          uint64_t match)
{
    size_t n = wt_itch_put_head(m, 'E', locate, ns);
    wt_put_be64(m + 11, ref);
    wt_put_be32(m + 19, shares);
    wt_put_be64(m + 23, match);
    return n;
}

static inline size_t wt_itch_put_executed_at(uint8_t *m, uint16_t locate, uint64_t ns, uint64_t ref, uint32_t shares,
                                             uint64_t match, bool printable, uint32_t price)
{
    size_t n = wt_itch_put_head(m, 'C', locate, ns);
    wt_put_be64(m + 11, ref);
    wt_put_be32(m + 19, shares);
    wt_put_be64(m + 23, match);
    m[31] = printable ? 'Y' : 'N';
    wt_put_be32(m + 32, price);
    return n;
}

static inline size_t wt_itch_put_cancel(uint8_t *m, uint16_t locate, uint64_t ns, uint64_t ref, uint32_t shares)
{
    size_t n = wt_itch_put_head(m, 'X', locate, ns);
    wt_put_be64(m + 11, ref);
    wt_put_be32(m + 19, shares);
    return n;
}

static inline size_t wt_itch_put_delete(uint8_t *m, uint16_t locate, uint64_t ns, uint64_t ref)
{
    size_t n = wt_itch_put_head(m, 'D', locate, ns);
    wt_put_be64(m + 11, ref);
    return n;
}

static inline size_t wt_itch_put_replace(uint8_t *m, uint16_t locate, uint64_t ns, uint64_t ref, uint64_t new_ref,
                                         uint32_t shares, uint32_t price)
{
    size_t n = wt_itch_put_head(m, 'U', locate, ns);
    wt_put_be64(m + 11, ref);
    wt_put_be64(m + 19, new_ref);
    wt_put_be32(m + 27, shares);
    wt_put_be32(m + 31, price);
    return n;
}

/** P: against a non-displayed order. */
static inline size_t wt_itch_put_trade(uint8_t *m, uint16_t locate, uint64_t ns, uint32_t shares, const char *name,
                                       uint32_t price, uint64_t match)
{
    size_t n = wt_itch_put_head(m, 'P', locate, ns);
    m[19] = 'B';
    wt_put_be32(m + 20, shares);
    memcpy(m + 24, name, 8);
    wt_put_be32(m + 32, price);
    wt_put_be64(m + 36, match);
    return n;
}

/** Q: cross_type O C H. */
static inline size_t wt_itch_put_cross(uint8_t *m, uint16_t locate, uint64_t ns, uint64_t shares, const char *name,
                                       uint32_t price, uint64_t match, char cross_type)
{
    size_t n = wt_itch_put_head(m, 'Q', locate, ns);
    wt_put_be64(m + 11, shares);
    memcpy(m + 19, name, 8);
    wt_put_be32(m + 27, price);
    wt_put_be64(m + 31, match);
    m[39] = (uint8_t)cross_type;
    return n;
}

/** S: code O S Q M E C. */
static inline size_t wt_itch_put_system(uint8_t *m, uint64_t ns, char code)
{
    size_t n = wt_itch_put_head(m, 'S', 0, ns);
    m[11] = (uint8_t)code;
    return n;
}

/** R with the fields of an ordinary common stock. */
static inline size_t wt_itch_put_directory(uint8_t *m, uint16_t locate, uint64_t ns, const char *name)
{
    size_t n = wt_itch_put_head(m, 'R', locate, ns);
    memcpy(m + 11, name, 8);
    m[19] = 'Q';
    m[20] = 'N';
    wt_put_be32(m + 21, 100);
    m[25] = 'N';
    m[26] = 'C';
    memcpy(m + 27, "Z ", 2);
    m[29] = 'P';
    m[30] = 'N';
    m[31] = ' ';
    m[32] = '1';
    m[33] = 'N';
    m[38] = 'N';
    return n;
}

/** H: state H P Q T; reason four characters. */
static inline size_t wt_itch_put_action(uint8_t *m, uint16_t locate, uint64_t ns, const char *name, char state,
                                        const char *reason)
{
    size_t n = wt_itch_put_head(m, 'H', locate, ns);
    memcpy(m + 11, name, 8);
    m[19] = (uint8_t)state;
    m[20] = ' ';
    memcpy(m + 21, reason, 4);
    return n;
}

#endif
