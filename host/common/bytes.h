/* Unaligned big- and little-endian access to bytes of messages. All functions are pure. */
#ifndef WT_BYTES_H
#define WT_BYTES_H

#include <stdint.h>
#include <string.h>

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "records, journal and these functions are little-endian");

static inline uint16_t wt_be16(const uint8_t *p)
{
    return (uint16_t)(p[0] << 8 | p[1]);
}
static inline uint32_t wt_be32(const uint8_t *p)
{
    uint32_t v;
    memcpy(&v, p, 4);
    return __builtin_bswap32(v);
}
static inline uint64_t wt_be48(const uint8_t *p)
{
    return (uint64_t)wt_be16(p) << 32 | wt_be32(p + 2);
}
static inline uint64_t wt_be64(const uint8_t *p)
{
    uint64_t v;
    memcpy(&v, p, 8);
    return __builtin_bswap64(v);
}
static inline void wt_put_be16(uint8_t *p, uint16_t v)
{
    p[0] = (uint8_t)(v >> 8);
    p[1] = (uint8_t)v;
}
static inline void wt_put_be32(uint8_t *p, uint32_t v)
{
    v = __builtin_bswap32(v);
    memcpy(p, &v, 4);
}
static inline void wt_put_be48(uint8_t *p, uint64_t v)
{
    wt_put_be16(p, (uint16_t)(v >> 32));
    wt_put_be32(p + 2, (uint32_t)v);
}
static inline void wt_put_be64(uint8_t *p, uint64_t v)
{
    v = __builtin_bswap64(v);
    memcpy(p, &v, 8);
}

#endif
