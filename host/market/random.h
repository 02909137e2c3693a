/*
 * Small seeded random numbers, the same on every machine: xoshiro256** (Blackman, Vigna),
 * seeded by splitmix64. Not for secrets. The caller owns the state; no floating point inside.
 */
#ifndef WT_MARKET_RANDOM_H
#define WT_MARKET_RANDOM_H

#include <stdint.h>

struct wt_random {
    uint64_t s[4];
};

static inline void wt_random_seed(struct wt_random *r, uint64_t seed)
{
    for (int i = 0; i < 4; i++) {
        uint64_t z = (seed += 0x9e3779b97f4a7c15u);
        z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
        z = (z ^ z >> 27) * 0x94d049bb133111ebu;
        r->s[i] = z ^ z >> 31;
    }
}

static inline uint64_t wt_random_next(struct wt_random *r)
{
    uint64_t *s = r->s, x = s[1] * 5, result = (x << 7 | x >> 57) * 9, t = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = s[3] << 45 | s[3] >> 19;
    return result;
}

/** Uniform in 0 .. n - 1 (n > 0; the bias is below n / 2^64). */
static inline uint64_t wt_random_below(struct wt_random *r, uint64_t n)
{
    return (uint64_t)((unsigned __int128)wt_random_next(r) * n >> 64);
}

/** True with probability p / 2^32. */
static inline int wt_random_chance(struct wt_random *r, uint64_t p)
{
    return wt_random_next(r) >> 32 < p;
}

#endif
