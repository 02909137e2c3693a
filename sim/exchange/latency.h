/*
 * How long something takes on its way: constant, lognormal or drawn from recorded samples. In words, as configurations
 * have it:
 *
 *     constant 20000            always so many ns
 *     lognormal 20000 0.35      median in ns, and sigma: the standard deviation of the logarithm, at most 4
 *     recorded PATH             a file of samples in ns, one a line (#: a comment), each as likely as the others
 *
 * Seeded: the same seed gives the same times on every machine, for they are made of integers and of + - * / and square
 * roots of IEEE doubles only. A time is at most WT_LATENCY_MAX. What must not overtake is the caller's business: pipes
 * (pipe.h) and wires keep their order. One thread.
 */
#ifndef WT_LATENCY_H
#define WT_LATENCY_H

#include <stddef.h>
#include <stdint.h>

#include "host/market/random.h"

#define WT_LATENCY_MAX 10000000000ull /**< ns: ten seconds */

enum { WT_LATENCY_SAMPLES = 1 << 20, WT_LATENCY_WHY = 256 };

enum wt_latency_kind { WT_LATENCY_CONSTANT, WT_LATENCY_LOGNORMAL, WT_LATENCY_RECORDED };

/** All zero: constant 0. */
struct wt_latency {
    enum wt_latency_kind kind;
    uint64_t ns;    /**< constant; median */
    uint32_t sigma; /**< thousandths */
    uint64_t *samples;
    size_t count;
    struct wt_random random;
    double spare; /**< the other of a pair of normal numbers */
    int has_spare;
};

/** Always so many ns. Nothing to free. */
void wt_latency_constant(struct wt_latency *latency, uint64_t ns);
/**
 * Read the words above; reads a file of samples whole. 0, or -EINVAL and the like with what is wrong in why (one line,
 * no newline). Free it with wt_latency_free.
 */
int wt_latency_parse(struct wt_latency *latency, const char *text, uint64_t seed, char why[WT_LATENCY_WHY]);
/** The same, with an error printed that begins with what; without words (NULL or empty) constant ns. */
int wt_latency_take(struct wt_latency *latency, const char *what, const char *words, uint64_t ns, uint64_t seed);
void wt_latency_free(struct wt_latency *latency);
/** The next time, ns: 0 to WT_LATENCY_MAX. */
uint64_t wt_latency_next(struct wt_latency *latency);

#endif
