/*
 * Real-valued random numbers for the agents. ln and exp are made of +, -, * and / only, so that IEEE doubles give the
 * same bits everywhere, whatever the C library. Good to about 1e-12, which is far more than agents need.
 */
#ifndef WT_AGENTS_RANDOM_H
#define WT_AGENTS_RANDOM_H

#include <stdint.h>
#include <string.h>

#include "host/market/random.h"

#define WT_LN2 0.6931471805599453

/** Uniform in (0, 1). */
static inline double wt_uniform(struct wt_random *r)
{
    return ((double)(wt_random_next(r) >> 12) + 0.5) * 0x1p-52;
}

/** Natural logarithm of a positive, normal number. */
static inline double wt_ln(double x)
{
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    double exponent = (double)((int)(bits >> 52) - 1023);
    bits = (bits & 0xfffffffffffffu) | (uint64_t)1023 << 52;
    memcpy(&x, &bits, sizeof x); /* 1 <= x < 2 */
    if (x > 1.4142135623730951) {
        x *= 0.5;
        exponent += 1;
    }
    double t = (x - 1) / (x + 1), square = t * t, term = t, sum = 0;
    for (int i = 1; i < 16; i += 2) {
        sum += term / i;
        term *= square;
    }
    return exponent * WT_LN2 + 2 * sum;
}

/** e to the x; 0 below -700, and x at most 700. */
static inline double wt_exp(double x)
{
    if (x < -700)
        return 0;
    int exponent = (int)(x / WT_LN2 + (x < 0 ? -0.5 : 0.5));
    double rest = x - exponent * WT_LN2, term = 1, sum = 1;
    for (int i = 1; i < 14; i++) {
        term *= rest / i;
        sum += term;
    }
    uint64_t bits = (uint64_t)(exponent + 1023) << 52;
    double scale;
    memcpy(&scale, &bits, sizeof scale);
    return sum * scale;
}

/** Exponential with this mean. */
static inline double wt_exponential(struct wt_random *r, double mean)
{
    return -mean * wt_ln(wt_uniform(r));
}

static inline int wt_happens(struct wt_random *r, double probability)
{
    return wt_uniform(r) < probability;
}

#endif
