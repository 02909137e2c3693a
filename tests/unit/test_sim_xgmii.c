/* What the simulated wire puts on XGMII, read lane by lane as a receiver would: starts, preambles, padding, FCS (an
 * independent, bitwise one), ends, gaps, and when the last byte of the FCS is out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sim/card/sim.h"
#include "sim/card/wire.h"
#include "sim/card/xgmii.h"

enum { FRAMES = 3000, ROOM = 1600, CLOCK_PS = 6400 };

struct sent {
    uint32_t length;
    int bad;
    uint8_t bytes[ROOM];
};

struct lanes {
    uint8_t *d, *c;
    size_t n, room;
};

static void push(struct lanes *l, struct wt_xgmii_word w)
{
    assert_true(l->n + 8 <= l->room);
    for (int i = 0; i < 8; i++) {
        l->d[l->n] = (uint8_t)(w.data >> 8 * i);
        l->c[l->n++] = w.control >> i & 1;
    }
}

/* The polynomial, highest power first, a bit at a time. */
static uint32_t fcs_of(const uint8_t *p, size_t n)
{
    uint32_t reg = 0xffffffffu, out = 0;
    for (size_t i = 0; i < 8 * n; i++) {
        uint32_t feedback = reg >> 31 ^ (p[i / 8] >> i % 8 & 1u);
        reg = reg << 1 ^ (feedback ? 0x04c11db7u : 0);
    }
    for (int i = 0; i < 32; i++)
        out |= (~reg >> (31 - i) & 1u) << i;
    return out;
}

static uint32_t seed;
static uint32_t draw(uint32_t n)
{
    seed = seed * 1664525u + 1013904223u;
    return (seed >> 8) % n;
}

/* Frames through wire and XGMII; pause: up to so many ns between two. Returns how many started on lane 4. */
static unsigned play(uint32_t longest, uint32_t pause, size_t *smallest_gap)
{
    struct wt_latency_line *latency = calloc(1, sizeof *latency);
    struct sent *sent = calloc(FRAMES, sizeof *sent);
    struct lanes l = {.room = (size_t)FRAMES * (ROOM + 100 + 2 * pause)};
    l.d = malloc(l.room);
    l.c = malloc(l.room);
    size_t *ends = calloc(FRAMES, sizeof *ends); /* the word said to hold the last byte of the FCS */
    assert_true(latency && sent && l.d && l.c && ends);
    struct wt_wire wire;
    struct wt_xgmii x;
    struct wt_model_port pins = {0};
    wt_wire_init(&wire, CLOCK_PS, latency);
    wt_xgmii_tables();
    wt_xgmii_init(&x);
    uint64_t when = 0;
    for (int i = 0; i < FRAMES; i++) {
        sent[i].length = 1 + draw(longest);
        sent[i].bad = draw(10) == 0;
        for (uint32_t k = 0; k < sent[i].length; k++)
            sent[i].bytes[k] = (uint8_t)draw(256);
        when += pause ? draw(pause) * 1000 : 0;
        assert_int_equal(
            wt_wire_send(&wire, 0, when, sent[i].bytes, sent[i].length, sent[i].bad ? WT_FRAME_BAD_FCS : 0), 0);
    }
    for (uint64_t t = 0, done = 0; wire.queued || !wt_xgmii_idle(&x); t += CLOCK_PS) {
        wt_wire_drive(&wire, &pins, t);
        const struct wt_xgmii_beat beat = {pins.rx_data, pins.rx_valid, pins.rx_keep, pins.rx_last, pins.rx_error};
        struct wt_xgmii_word w = wt_xgmii_cycle(&x, &beat);
        if (pins.rx_valid && pins.rx_last)
            ends[done++] = l.n / 8 + w.lag;
        push(&l, w);
        pins.rx_ready = 1;
        wt_wire_sample(&wire, &pins, t);
    }

    size_t at = 0, end = 0;
    unsigned lane4 = 0;
    *smallest_gap = SIZE_MAX;
    for (int i = 0; i < FRAMES; i++) {
        const struct sent *s = &sent[i];
        while (at < l.n && l.c[at] && l.d[at] == 0x07)
            at++;
        assert_true(at + 8 < l.n);
        assert_int_equal(at % 4, 0);
        lane4 += at % 8 == 4;
        if (i && at - end < *smallest_gap)
            *smallest_gap = at - end;
        for (int k = 0; k < 8; k++, at++) {
            assert_int_equal(l.c[at], k == 0);
            assert_int_equal(l.d[at], k == 0 ? 0xfb : k == 7 ? 0xd5 : 0x55);
        }
        uint8_t want[ROOM] = {0};
        memcpy(want, s->bytes, s->length);
        uint32_t n = s->length < 60 ? 60 : s->length;
        uint32_t fcs = fcs_of(want, n), got = 0;
        assert_true(at + n + 4 < l.n);
        assert_memory_equal(l.d + at, want, n);
        for (uint32_t k = 0; k < n + 4; k++)
            assert_int_equal(l.c[at + k], 0);
        at += n;
        for (int k = 0; k < 4; k++)
            got |= (uint32_t)l.d[at++] << 8 * k;
        assert_int_equal(got == fcs, !s->bad);
        assert_int_equal((at - 1) / 8, ends[i]);
        assert_true(l.c[at] && l.d[at] == 0xfd);
        end = at++;
    }
    for (; at < l.n; at++)
        assert_true(l.c[at] && l.d[at] == 0x07);
    wt_wire_destroy(&wire);
    free(latency);
    free(sent);
    free(l.d);
    free(l.c);
    free(ends);
    return lane4;
}

static void frames_that_follow_at_once(void **state)
{
    (void)state;
    seed = 1;
    size_t gap;
    for (uint32_t longest = 1; longest < 1500; longest += longest < 90 ? 11 : 700) {
        unsigned lane4 = play(longest, 0, &gap);
        assert_in_range(gap, 5, 16); /* a receiver must live with five: clause 46 */
        assert_true(longest < 62 || lane4 > FRAMES / 100);
    }
}

static void frames_with_pauses(void **state)
{
    (void)state;
    seed = 2;
    size_t gap;
    unsigned lane4 = play(300, 1000, &gap);
    assert_in_range(lane4, FRAMES / 4, 3 * FRAMES / 4);
    assert_true(gap >= 5);
}

/* A wire that misses a beat sends error codes, and the next frame is sound. */
static void a_missing_beat_breaks_the_frame(void **state)
{
    (void)state;
    struct wt_xgmii x;
    wt_xgmii_tables();
    wt_xgmii_init(&x);
    const struct wt_xgmii_beat full = {0x1122334455667788u, 1, 0xff, 0, 0}, last = {0, 1, 0xff, 1, 0}, none = {0};
    wt_xgmii_cycle(&x, &full);
    wt_xgmii_cycle(&x, &none);
    int errors = 0;
    for (int i = 0; i < 20; i++) {
        struct wt_xgmii_word w = wt_xgmii_cycle(&x, i == 3 ? &last : i < 3 ? &full : &none);
        for (int k = 0; k < 8; k++)
            errors += (w.control >> k & 1) && (uint8_t)(w.data >> 8 * k) == 0xfe;
    }
    assert_int_equal(errors, 8);
    assert_true(wt_xgmii_idle(&x));
    struct wt_xgmii_word w = wt_xgmii_cycle(&x, &none);
    assert_true(w.data == WT_XGMII_IDLE && w.control == 0xff);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frames_that_follow_at_once),
        cmocka_unit_test(frames_with_pauses),
        cmocka_unit_test(a_missing_beat_breaks_the_frame),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
