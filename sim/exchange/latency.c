#include "sim/exchange/latency.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/common/log.h"
#include "sim/exchange/agents_random.h"

#define SIGMA_MAX 4000u

void wt_latency_constant(struct wt_latency *l, uint64_t ns)
{
    *l = (struct wt_latency){.ns = ns < WT_LATENCY_MAX ? ns : WT_LATENCY_MAX};
}

void wt_latency_free(struct wt_latency *l)
{
    free(l->samples);
    *l = (struct wt_latency){0};
}

/* ---------------------------------------------------------------- reading */

/* A whole number and nothing else behind it but spaces; *end is where it stopped. */
static bool read_ns(const char *text, uint64_t *ns, const char **end)
{
    char *stop;
    text += strspn(text, " \t");
    if (*text < '0' || *text > '9')
        return false;
    errno = 0;
    *ns = strtoull(text, &stop, 10);
    *end = stop + strspn(stop, " \t\r\n");
    return errno == 0 && *ns <= WT_LATENCY_MAX;
}

/* Thousandths of a number with at most three digits behind the point. */
static bool read_sigma(const char *text, uint32_t *sigma)
{
    size_t whole = strspn(text, "0123456789"), part = 0;
    if (whole < 1 || whole > 1)
        return false;
    *sigma = (uint32_t)(text[0] - '0') * 1000;
    if (text[whole] == '.')
        part = strspn(text + whole + 1, "0123456789");
    if (part > 3 || (text[whole] == '.' && part == 0) || text[whole + (part ? part + 1 : 0)] != '\0')
        return false;
    for (uint32_t i = 0, unit = 100; i < part; i++, unit /= 10)
        *sigma += (uint32_t)(text[whole + 1 + i] - '0') * unit;
    return *sigma <= SIGMA_MAX;
}

static int wrong(char why[WT_LATENCY_WHY], const char *path, unsigned line, const char *what)
{
    snprintf(why, WT_LATENCY_WHY, "%.160s:%u: %s", path, line, what);
    return -EINVAL;
}

/*
 * The next line without its comment and newline: its length, or -1 at the end of the file. More than `room` - 1
 * characters, or a NUL among them: *good is false.
 */
static int read_line(FILE *file, char *text, size_t room, bool *good)
{
    size_t length = 0;
    bool comment = false;
    int c = getc(file);
    *good = true;
    if (c == EOF)
        return -1;
    for (; c != EOF && c != '\n'; c = getc(file)) {
        comment |= c == '#';
        if (comment)
            continue;
        if (length + 1 == room || c == '\0') {
            *good = false; /* and a file without an end is not read to it */
            return 0;
        }
        text[length++] = (char)c;
    }
    text[length] = '\0';
    return (int)length;
}

static int read_samples(struct wt_latency *l, FILE *file, const char *path, char why[WT_LATENCY_WHY])
{
    char text[128];
    size_t room = 0;
    bool good;
    for (unsigned line = 1; read_line(file, text, sizeof text, &good) >= 0; line++) {
        const char *at = text, *end;
        uint64_t ns;
        if (good)
            at += strspn(text, " \t\r");
        if (good && *at == '\0')
            continue;
        if (!good || !read_ns(at, &ns, &end) || *end != '\0')
            return wrong(why, path, line, "a sample is a number of ns, 0 to 10000000000, on a line of its own");
        if (l->count == WT_LATENCY_SAMPLES)
            return wrong(why, path, line, "more than 1048576 samples");
        if (l->count == room) {
            room = room ? 2 * room : 1024;
            uint64_t *samples = realloc(l->samples, room * sizeof *samples);
            if (!samples)
                return -ENOMEM;
            l->samples = samples;
        }
        l->samples[l->count++] = ns;
    }
    if (ferror(file))
        return wrong(why, path, 1, "it cannot be read");
    return l->count ? 0 : wrong(why, path, 1, "holds no sample");
}

static int read_recorded(struct wt_latency *l, const char *path, char why[WT_LATENCY_WHY])
{
    FILE *file = fopen(path, "re");
    if (!file) {
        int error = errno;
        snprintf(why, WT_LATENCY_WHY, "%.160s: %s", path, strerror(error));
        return -error;
    }
    int rc = read_samples(l, file, path, why);
    fclose(file);
    if (rc < 0)
        wt_latency_free(l);
    return rc;
}

static bool word(const char **text, const char *want)
{
    size_t length = strlen(want);
    if (strncmp(*text, want, length) != 0 || ((*text)[length] != ' ' && (*text)[length] != '\t'))
        return false;
    *text += length;
    *text += strspn(*text, " \t");
    return true;
}

int wt_latency_parse(struct wt_latency *l, const char *text, uint64_t seed, char why[WT_LATENCY_WHY])
{
    const char *end;
    *l = (struct wt_latency){0};
    why[0] = '\0';
    wt_random_seed(&l->random, seed);
    text += strspn(text, " \t");
    if (word(&text, "constant")) {
        if (read_ns(text, &l->ns, &end) && *end == '\0')
            return 0;
    } else if (word(&text, "lognormal")) {
        if (read_ns(text, &l->ns, &end) && l->ns > 0 && read_sigma(end, &l->sigma)) {
            l->kind = WT_LATENCY_LOGNORMAL;
            return 0;
        }
    } else if (word(&text, "recorded") && *text) {
        l->kind = WT_LATENCY_RECORDED;
        return read_recorded(l, text, why);
    }
    snprintf(
        why, WT_LATENCY_WHY,
        "right is 'constant NS', 'lognormal MEDIAN_NS SIGMA' (sigma 0 to 4, three digits behind the point at most) or "
        "'recorded PATH'; at most 10000000000 ns");
    return -EINVAL;
}

int wt_latency_take(struct wt_latency *l, const char *what, const char *words, uint64_t ns, uint64_t seed)
{
    char why[WT_LATENCY_WHY];
    wt_latency_constant(l, ns);
    int rc = words && *words ? wt_latency_parse(l, words, seed, why) : 0;
    if (rc < 0)
        wt_error("%s: '%s': %s", what, words, why);
    return rc;
}

/* ---------------------------------------------------------------- drawing */

/* A normal number by Marsaglia's polar method: it needs a logarithm and a square root, which IEEE defines to the bit.
 */
static double normal(struct wt_latency *l)
{
    double a, b, s;
    if (l->has_spare) {
        l->has_spare = 0;
        return l->spare;
    }
    do {
        a = 2 * wt_uniform(&l->random) - 1;
        b = 2 * wt_uniform(&l->random) - 1;
        s = a * a + b * b;
    } while (s >= 1 || s == 0);
    double by = sqrt(-2 * wt_ln(s) / s);
    l->spare = b * by;
    l->has_spare = 1;
    return a * by;
}

uint64_t wt_latency_next(struct wt_latency *l)
{
    if (l->kind == WT_LATENCY_CONSTANT)
        return l->ns;
    if (l->kind == WT_LATENCY_RECORDED)
        return l->samples[wt_random_below(&l->random, l->count)];
    double ns = (double)l->ns * wt_exp((double)l->sigma / 1000 * normal(l)) + 0.5;
    return ns < (double)WT_LATENCY_MAX ? (uint64_t)ns : WT_LATENCY_MAX;
}
