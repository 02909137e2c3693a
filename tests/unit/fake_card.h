/*
 * A card in C for tests of the simulated world: BAR0 as plain memory behind request TLPs, and an
 * output queue of TLPs, legal or not, that the test fills. It answers as slowly as the test says.
 */
#ifndef FAKE_CARD_H
#define FAKE_CARD_H

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "host/card/wt_schema.h"
#include "sim/card/sim_internal.h"

#define FAKE_CARD_ID 0x0100u

enum { FAKE_TLPS = 1024, FAKE_BEATS = 400000 };

struct fake_tlp {
    uint32_t word[1100];
    uint32_t dwords;
    uint64_t from_ns;     /**< not before */
    uint32_t bad_keep_at; /**< beat whose keep gets a hole, from 1; 0: none */
};

struct fake_beat {
    uint64_t time_ns, cycle;
    unsigned line;
    uint64_t data;
    uint8_t keep, last, error;
};

struct fake_card {
    uint8_t bar[WT_BAR0_SIZE];
    uint64_t cycle;
    /* requests */
    uint32_t rx[3 + 1024], rx_have;
    /* answers to its reads */
    uint32_t cpl[64][3 + 1024], cpl_dwords[64], cpls;
    uint64_t cpl_ns[64];
    uint64_t write_ns[WT_BAR0_SIZE / 4]; /**< when each register was last written */
    uint32_t requests;
    int dead;           /**< never completes */
    int refuse;         /**< completes with unsupported request */
    int busy;           /**< never idle */
    int no_reset;       /**< never acknowledges */
    int holds_frames;   /**< rx_ready low */
    int holds_tlps;     /**< tlp_rx_ready low */
    uint32_t stall_mod; /**< rx_ready low in every stall_mod-th cycle */
    uint64_t deadline_ns;
    uint64_t woken_ns; /**< first cycle at or after deadline */
    /* to the host */
    struct fake_tlp *tlp;
    uint32_t head, tail, at, beat;
    /* frames */
    struct fake_beat *seen;
    uint32_t beats;
};

/* The widths and clock are the api's, which is not handed to create. */
static uint32_t fake_words = 8;

static inline void *fake_create(void)
{
    struct fake_card *f = calloc(1, sizeof *f);
    f->tlp = calloc(FAKE_TLPS, sizeof *f->tlp);
    f->seen = calloc(FAKE_BEATS, sizeof *f->seen);
    f->deadline_ns = UINT64_MAX;
    uint32_t id[] = {WT_MAGIC, WT_SCHEMA_VERSION, 0xabcdef01, 64, 65536, 65536, fake_words * 32, 6400, 1};
    memcpy(f->bar, id, sizeof id);
    return f;
}

static inline void fake_destroy(void *model)
{
    struct fake_card *f = model;
    free(f->tlp);
    free(f->seen);
    free(f);
}

static inline int fake_trace(void *model, const char *path)
{
    (void)model;
    (void)path;
    return -95; /* ENOTSUP */
}

static inline struct fake_tlp *fake_emit(struct fake_card *f, const uint32_t *word, uint32_t dwords)
{
    struct fake_tlp *t = &f->tlp[f->head++ % FAKE_TLPS];
    memset(t, 0, sizeof *t);
    memcpy(t->word, word, dwords * 4);
    t->dwords = dwords;
    return t;
}

/* A legal memory write. */
static inline struct fake_tlp *fake_write(struct fake_card *f, uint64_t address, const void *data, uint32_t dwords)
{
    uint32_t word[4 + 1024];
    uint32_t four = address >> 32 != 0, h = 0;
    word[h++] = (four ? 3u : 2u) << 29 | (dwords & 0x3ff);
    word[h++] = FAKE_CARD_ID << 16 | 0x11 << 8 | (dwords > 1 ? 0xf0 : 0) | 0x0f;
    if (four)
        word[h++] = (uint32_t)(address >> 32);
    word[h++] = (uint32_t)address;
    memcpy(word + h, data, dwords * 4);
    return fake_emit(f, word, h + dwords);
}

static inline void fake_request(struct fake_card *f, const struct wt_model_pins *p)
{
    if ((f->rx[0] >> 24 & 31) == 0x0a) {
        memcpy(f->cpl[f->cpls % 64], f->rx, f->rx_have * 4);
        f->cpl_dwords[f->cpls % 64] = f->rx_have;
        f->cpl_ns[f->cpls++ % 64] = p->time_ns;
        return;
    }
    uint32_t offset = f->rx[2] & (WT_BAR0_SIZE - 1);
    uint32_t n = f->rx[0] & 0x3ff;
    f->requests++;
    if (f->rx[0] >> 29 == 2) {
        memcpy(f->bar + offset, f->rx + 3, 4);
        f->write_ns[offset / 4] = p->time_ns;
        if (offset == WT_REG_RESET_SEQ && !f->no_reset)
            memcpy(f->bar + WT_REG_RESET_ACK, f->rx + 3, 4);
        return;
    }
    if (f->dead)
        return;
    uint32_t word[5] = {0x4a000000u | n, FAKE_CARD_ID << 16 | n * 4, (f->rx[1] & 0xffffff00u) | (offset & 0x7f)};
    memcpy(word + 3, f->bar + offset, n * 4);
    if (f->refuse) {
        word[0] = 0x0a000000u;
        word[1] |= 1u << 13;
        n = 0;
    }
    fake_emit(f, word, 3 + n);
}

static inline void fake_cycle(void *model, struct wt_model_pins *p)
{
    struct fake_card *f = model;
    f->cycle++;
    if (p->time_ns >= f->deadline_ns && f->woken_ns == 0)
        f->woken_ns = p->time_ns;
    p->next_deadline_ns = f->woken_ns ? UINT64_MAX : f->deadline_ns;
    if (p->rst) {
        p->tlp_tx_valid = 1; /* rubbish that must not be looked at */
        p->idle = 0;
        return;
    }
    for (unsigned line = 0; line < WT_MODEL_LINES; line++)
        p->port[line].rx_ready = !f->holds_frames && !(f->stall_mod && f->cycle % f->stall_mod == 0);
    p->tlp_rx_ready = !f->holds_tlps;
    for (unsigned line = 0; line < WT_MODEL_LINES; line++) {
        const struct wt_model_port *port = &p->port[line];
        if (port->rx_valid && port->rx_ready && f->beats < FAKE_BEATS)
            f->seen[f->beats++] = (struct fake_beat){p->time_ns,    f->cycle,      line,          port->rx_data,
                                                     port->rx_keep, port->rx_last, port->rx_error};
    }
    if (p->tlp_rx_valid && p->tlp_rx_ready) {
        uint32_t n = (uint32_t)__builtin_popcount(p->tlp_rx_keep);
        memcpy(f->rx + f->rx_have, p->tlp_rx_data, n * 4);
        f->rx_have += n;
        if (p->tlp_rx_last) {
            fake_request(f, p);
            f->rx_have = 0;
        }
    }
    p->idle = f->head == f->tail && !f->busy;
    p->tlp_tx_valid = 0;
    const struct fake_tlp *t = &f->tlp[f->tail % FAKE_TLPS];
    if (f->head == f->tail || p->time_ns < t->from_ns)
        return;
    uint32_t left = t->dwords - f->at, n = left < fake_words ? left : fake_words;
    memset(p->tlp_tx_data, 0xee, sizeof p->tlp_tx_data);
    memcpy(p->tlp_tx_data, t->word + f->at, n * 4);
    p->tlp_tx_keep = (uint32_t)((1ull << n) - 1);
    if (++f->beat == t->bad_keep_at)
        p->tlp_tx_keep &= ~1u;
    p->tlp_tx_last = n == left;
    p->tlp_tx_valid = 1;
    if (!p->tlp_tx_ready) {
        f->beat--;
        return;
    }
    f->at += n;
    if (p->tlp_tx_last) {
        f->at = f->beat = 0;
        f->tail++;
    }
}

static inline struct wt_model_api fake_api(uint32_t words)
{
    fake_words = words;
    return (struct wt_model_api){.abi = WT_MODEL_ABI,
                                 .tlp_dwords = words,
                                 .clock_ps = 6400,
                                 .create = fake_create,
                                 .cycle = fake_cycle,
                                 .trace = fake_trace,
                                 .destroy = fake_destroy};
}

#endif
