/*
 * NASDAQ TotalView-ITCH 5.0 messages: types, lengths, and where their fields are
 * (../shared/protocols.md section 1). Big-endian. `raw` points at the type byte, and the caller
 * has checked the length with wt_itch_length(). Pure functions, any thread.
 */
#ifndef WT_ITCH_H
#define WT_ITCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "host/common/bytes.h"

enum {
    WT_ITCH_TYPES = 23,
    WT_ITCH_MAX = 50 /**< bytes of the longest message, I */
};

/** All 23 types in the order of the specification. */
#define WT_ITCH_TYPE_LIST "SRHYLVWKJhAFECXDUPQBINO"

/** Length by type; 0: no such type. */
extern const uint8_t wt_itch_lengths[256];

/** Length that a message of this type has, bytes; 0: no such type. */
static inline size_t wt_itch_length(uint8_t type)
{
    return wt_itch_lengths[type];
}

/** The type changes books: A F E C X D U. */
bool wt_itch_touches_book(uint8_t type);

static inline uint16_t wt_itch_locate(const uint8_t *raw)
{
    return wt_be16(raw + 1);
}
/** Timestamp, ns since midnight, 48 bits. */
static inline uint64_t wt_itch_ns(const uint8_t *raw)
{
    return wt_be64(raw + 3) & 0xffffffffffffu; /* one load: tracking number and timestamp */
}
/** S: event code. */
static inline char wt_itch_event_code(const uint8_t *raw)
{
    return (char)raw[11];
}
/** A F E C X D: order reference; U: the original one. */
static inline uint64_t wt_itch_ref(const uint8_t *raw)
{
    return wt_be64(raw + 11);
}
/** U: new reference. */
static inline uint64_t wt_itch_new_ref(const uint8_t *raw)
{
    return wt_be64(raw + 19);
}
/** A F P: 'B' or 'S'. */
static inline char wt_itch_side(const uint8_t *raw)
{
    return (char)raw[19];
}
/** A F P: shares. */
static inline uint32_t wt_itch_add_shares(const uint8_t *raw)
{
    return wt_be32(raw + 20);
}
/** A F P: price, 1/10000 dollar. */
static inline uint32_t wt_itch_add_price(const uint8_t *raw)
{
    return wt_be32(raw + 32);
}
/** E C X: shares taken off the order. */
static inline uint32_t wt_itch_reduce_shares(const uint8_t *raw)
{
    return wt_be32(raw + 19);
}
/** U: shares of the new order. */
static inline uint32_t wt_itch_replace_shares(const uint8_t *raw)
{
    return wt_be32(raw + 27);
}
/** U: price of the new order. */
static inline uint32_t wt_itch_replace_price(const uint8_t *raw)
{
    return wt_be32(raw + 31);
}
/** C: execution price. */
static inline uint32_t wt_itch_exec_price(const uint8_t *raw)
{
    return wt_be32(raw + 32);
}
/** C: 'Y' when the print counts in the day's volume. */
static inline bool wt_itch_printable(const uint8_t *raw)
{
    return raw[31] == 'Y';
}
/** E C: match number. */
static inline uint64_t wt_itch_match(const uint8_t *raw)
{
    return wt_be64(raw + 23);
}
/** P: match number. */
static inline uint64_t wt_itch_trade_match(const uint8_t *raw)
{
    return wt_be64(raw + 36);
}
/** Q: shares (64 bits, may be 0). */
static inline uint64_t wt_itch_cross_shares(const uint8_t *raw)
{
    return wt_be64(raw + 11);
}
/** Q: price. */
static inline uint32_t wt_itch_cross_price(const uint8_t *raw)
{
    return wt_be32(raw + 27);
}
/** Q: match number. */
static inline uint64_t wt_itch_cross_match(const uint8_t *raw)
{
    return wt_be64(raw + 31);
}
/** Q: O C H. */
static inline uint8_t wt_itch_cross_type(const uint8_t *raw)
{
    return raw[39];
}
/** R H: eight characters, padded with spaces. */
static inline const char *wt_itch_stock(const uint8_t *raw)
{
    return (const char *)raw + 11;
}
/** A F: eight characters, padded with spaces. */
static inline const char *wt_itch_add_stock(const uint8_t *raw)
{
    return (const char *)raw + 24;
}

#endif
