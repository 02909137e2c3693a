/* The root complex: legal writes land as they should, every illegal TLP is refused and counted. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <errno.h>

#include "tests/unit/fake_card.h"

struct world {
    struct wt_model_api api;
    struct wt_sim *sim;
    struct wt_link *link;
    struct fake_card *card;
    struct wt_dma low, high;
};

static void open_world(struct world *w, uint32_t words)
{
    struct wt_sim_config c;
    wt_sim_defaults(&c);
    c.start_ns = 1000;
    w->api = fake_api(words);
    assert_int_equal(wt_sim_create_with(&w->api, &c, &w->sim), 0);
    w->link = wt_sim_link(w->sim);
    w->card = wt_sim_model(w->sim);
    assert_int_equal(w->link->ops->dma_alloc(w->link, 65536, &w->low), 0);
    assert_int_equal(w->link->ops->dma_alloc(w->link, 65536, &w->high), 0);
    assert_true(w->low.bus + w->low.bytes <= UINT64_C(1) << 32);
    assert_true(w->high.bus >= UINT64_C(1) << 32);
    assert_int_equal(w->low.bus % 4096, 0);
    assert_int_equal(w->high.bus % 4096, 0);
}

static uint64_t violations(struct world *w)
{
    struct wt_sim_stats s;
    wt_sim_stats(w->sim, &s);
    return s.tlp_violations;
}

static void settle(struct world *w)
{
    /* a card that sleeps speaks only when spoken to */
    assert_int_equal(w->link->ops->write32(w->link, WT_REG_SKEW_NS, 1), 0);
    w->link->ops->spend(w->link, 20000);
    while (w->link->ops->wait(w->link, UINT64_MAX) == 1)
        ;
}

static void test_legal(void **state)
{
    (void)state;
    for (uint32_t words = 2; words <= 16; words *= 2) {
        struct world w;
        open_world(&w, words);
        uint32_t data[64];
        for (uint32_t i = 0; i < 64; i++)
            data[i] = 0x01010101u * i + 0x80000000u;
        struct wt_dma *dma[2] = {&w.low, &w.high};
        for (int d = 0; d < 2; d++) {
            /* every length, up to the last byte of the region, and across a line */
            for (uint32_t n = 1; n <= 64; n++) {
                uint64_t offset = n % 3 == 0 ? 65536 - n * 4 : n % 3 == 1 ? 4096 - n * 4 : 60;
                memset(dma[d]->virt, 0, 65536);
                fake_write(w.card, dma[d]->bus + offset, data, n);
                settle(&w);
                uint8_t *got = dma[d]->virt;
                assert_memory_equal(got + offset, data, n * 4);
                memset(got + offset, 0, n * 4);
                for (uint32_t i = 0; i < 65536; i++)
                    assert_int_equal(got[i], 0);
            }
        }
        /* byte enables: one dword with any pattern, and partial ends */
        memset(w.low.virt, 0, 4096);
        uint32_t word[6] = {2u << 29 | 1, FAKE_CARD_ID << 16 | 0x05, (uint32_t)w.low.bus + 8, 0xaabbccdd};
        fake_emit(w.card, word, 4);
        uint32_t word2[6] = {2u << 29 | 3, FAKE_CARD_ID << 16 | 0x1c, (uint32_t)w.low.bus + 16, 0x11223344, 0x55667788,
                             0x99aabbcc};
        fake_emit(w.card, word2, 6);
        settle(&w);
        assert_memory_equal((uint8_t *)w.low.virt + 8, "\xdd\0\xbb\0", 4);
        assert_memory_equal((uint8_t *)w.low.virt + 16, "\0\0\x22\x11\x88\x77\x66\x55\xcc\0\0\0", 12);
        assert_int_equal(violations(&w), 0);
        struct wt_sim_stats s;
        wt_sim_stats(w.sim, &s);
        assert_int_equal(s.tlp_writes, 130);
        w.link->ops->close(w.link);
    }
}

/* Reads of every length at every place that is legal: one completion each, in order, a round trip later. */
static void test_reads(void **state)
{
    (void)state;
    for (uint32_t words = 2; words <= 16; words *= 2) {
        struct world w;
        open_world(&w, words);
        struct wt_dma *dma[2] = {&w.low, &w.high};
        for (int d = 0; d < 2; d++) {
            uint8_t *memory = dma[d]->virt;
            for (uint32_t i = 0; i < 65536; i++)
                memory[i] = (uint8_t)(i * 7 + i / 256 + (uint32_t)d);
            for (uint32_t n = 1; n <= 128; n++) {
                uint64_t offset = n % 2 ? 65536 - n * 4 : 4096 * (n % 5) + 64, bus = dma[d]->bus + offset;
                uint32_t read[4] = {(bus >> 32 ? 1u : 0u) << 29 | n,
                                    FAKE_CARD_ID << 16 | (n & 0xff) << 8 | (n > 1 ? 0xf0 : 0) | 0x0f, 0, 0};
                uint32_t h = 2, slot = w.card->cpls % 64;
                if (bus >> 32)
                    read[h++] = (uint32_t)(bus >> 32);
                read[h++] = (uint32_t)bus;
                fake_emit(w.card, read, h);
                settle(&w);
                const uint32_t *c = w.card->cpl[slot];
                assert_int_equal(w.card->cpl_dwords[slot], 3 + n);
                assert_int_equal(c[0], 0x4a000000u | n);
                assert_int_equal(c[1], 0x00180000u | n * 4);
                assert_int_equal(c[2], FAKE_CARD_ID << 16 | (n & 0xff) << 8 | (bus & 0x7f));
                assert_memory_equal(c + 3, memory + offset, n * 4);
            }
        }
        assert_int_equal(w.card->cpls, 256);
        assert_int_equal(violations(&w), 0);
        /* What may not be read is answered, too, and counted. */
        const uint32_t full = FAKE_CARD_ID << 16 | 0x42ff, lo = (uint32_t)w.low.bus;
        const uint32_t bad[][4] = {{2, full, lo + 65536, 0},
                                   {2, full, lo + 4092, 0},
                                   {129, full, lo, 0},
                                   {2, full, lo + 2, 0},
                                   {2, full & ~0xfu, lo, 0}};
        for (uint32_t i = 0; i < sizeof bad / sizeof *bad; i++) {
            uint32_t slot = w.card->cpls % 64;
            fake_emit(w.card, bad[i], 3);
            settle(&w);
            assert_int_equal(violations(&w), i + 1);
            assert_int_equal(w.card->cpls % 64, (slot + 1) % 64);
            assert_int_equal(w.card->cpl_dwords[slot], 3);
            assert_int_equal(w.card->cpl[slot][0], 0x0a000000);
            assert_int_equal(w.card->cpl[slot][1] >> 13 & 7, 1);
            assert_int_equal(w.card->cpl[slot][2] >> 8, FAKE_CARD_ID << 8 | 0x42);
        }
        w.link->ops->close(w.link);
    }
}

/* One illegal TLP: counted once, and not a byte of memory changed; a legal one after it still works. */
static void refused(struct world *w, const char *what, const uint32_t *word, uint32_t dwords, uint32_t bad_keep_at)
{
    uint64_t before = violations(w);
    memset(w->low.virt, 0, 65536);
    memset(w->high.virt, 0, 65536);
    fake_emit(w->card, word, dwords)->bad_keep_at = bad_keep_at;
    settle(w);
    if (violations(w) != before + 1)
        fail_msg("%s: %llu violations", what, (unsigned long long)(violations(w) - before));
    for (uint32_t i = 0; i < 65536; i++)
        if (((uint8_t *)w->low.virt)[i] || ((uint8_t *)w->high.virt)[i])
            fail_msg("%s: memory changed", what);
    uint32_t one = 0x12345678;
    fake_write(w->card, w->low.bus, &one, 1);
    settle(w);
    assert_memory_equal(w->low.virt, &one, 4);
    assert_int_equal(violations(w), before + 1);
}

static void test_illegal(void **state)
{
    (void)state;
    struct world w;
    open_world(&w, 4);
    const uint32_t id = FAKE_CARD_ID << 16, full = id | 0xff, lo = (uint32_t)w.low.bus;
    const uint32_t hh = (uint32_t)(w.high.bus >> 32), hl = (uint32_t)w.high.bus, p = 0x77777777;
    uint32_t long_write[3 + 130];
    memset(long_write, 0x77, sizeof long_write);
    long_write[0] = 2u << 29 | 130;
    long_write[1] = full;
    long_write[2] = lo;
    struct {
        const char *what;
        uint32_t dwords;
        uint32_t word[8];
        uint32_t bad_keep_at;
    } t[] = {
        {"fmt 4 (prefix)", 5, {4u << 29 | 2, full, lo, p, p}, 0},
        {"type IO write", 5, {2u << 29 | 2u << 24 | 2, full, lo, p, p}, 0},
        {"a locked read", 3, {0u << 29 | 1u << 24 | 2, full, lo}, 0},
        {"a read with data", 4, {0u << 29 | 2, full, lo, p}, 0},
        {"length above payload", 5, {2u << 29 | 3, full, lo, p, p}, 0},
        {"length below payload", 6, {2u << 29 | 2, full, lo, p, p, p}, 0},
        {"length 0 is 1024", 4, {2u << 29, full, lo, p}, 0},
        {"header cut", 2, {2u << 29 | 1, full}, 0},
        {"4-dword header cut", 3, {3u << 29 | 1, full, hh}, 0},
        {"first BE 0", 5, {2u << 29 | 2, id | 0xf0, lo, p, p}, 0},
        {"first BE 0, one dword", 4, {2u << 29 | 1, id, lo, p}, 0},
        {"last BE with length 1", 4, {2u << 29 | 1, full, lo, p}, 0},
        {"last BE 0 with length 2", 5, {2u << 29 | 2, id | 0x0f, lo, p, p}, 0},
        {"hole in first BE", 6, {2u << 29 | 3, id | 0xf5, lo, p, p, p}, 0},
        {"hole in last BE", 6, {2u << 29 | 3, id | 0xbf, lo, p, p, p}, 0},
        {"hole between two dwords of different quadwords", 5, {2u << 29 | 2, id | 0xf7, lo + 4, p, p}, 0},
        {"4 KB crossing", 5, {2u << 29 | 2, full, lo + 4092, p, p}, 0},
        {"requester", 5, {2u << 29 | 2, 0x02000000 | 0xff, lo, p, p}, 0},
        {"4DW below 4 GB", 6, {3u << 29 | 2, full, 0, lo, p, p}, 0},
        {"address bits 1:0", 5, {2u << 29 | 2, full, lo + 2, p, p}, 0},
        {"never mapped", 5, {2u << 29 | 2, full, lo + 65536, p, p}, 0},
        {"never mapped, page 0", 5, {2u << 29 | 2, full, 0, p, p}, 0},
        {"never mapped above", 6, {3u << 29 | 2, full, hh + 8, hl, p, p}, 0},
        {"end of address space", 6, {3u << 29 | 2, full, 0xffffffff, 0xfffffff8, p, p}, 0},
        {"T9", 5, {2u << 29 | 1u << 23 | 2, full, lo, p, p}, 0},
        {"TC 1", 5, {2u << 29 | 1u << 20 | 2, full, lo, p, p}, 0},
        {"T8", 5, {2u << 29 | 1u << 19 | 2, full, lo, p, p}, 0},
        {"IDO", 5, {2u << 29 | 1u << 18 | 2, full, lo, p, p}, 0},
        {"LN", 5, {2u << 29 | 1u << 17 | 2, full, lo, p, p}, 0},
        {"TH", 5, {2u << 29 | 1u << 16 | 2, full, lo, p, p}, 0},
        {"TD", 5, {2u << 29 | 1u << 15 | 2, full, lo, p, p}, 0},
        {"EP", 5, {2u << 29 | 1u << 14 | 2, full, lo, p, p}, 0},
        {"relaxed ordering", 5, {2u << 29 | 1u << 13 | 2, full, lo, p, p}, 0},
        {"no snoop", 5, {2u << 29 | 1u << 12 | 2, full, lo, p, p}, 0},
        {"AT", 5, {2u << 29 | 1u << 10 | 2, full, lo, p, p}, 0},
        {"keep hole, first beat", 5, {2u << 29 | 2, full, lo, p, p}, 1},
        {"keep hole, last beat", 6, {2u << 29 | 3, full, lo, p, p, p}, 2},
        {"completion nobody waits for", 4, {0x4a000001, id | 4, 0x00180000, p}, 0},
        {"completion with a tag out of range", 4, {0x4a000001, id | 4, 0x0018ff00, p}, 0},
        {"completion cut", 3, {0x4a000001, id | 4, 0x00180000}, 0},
    };
    for (size_t i = 0; i < sizeof t / sizeof *t; i++)
        refused(&w, t[i].what, t[i].word, t[i].dwords, t[i].bad_keep_at);
    refused(&w, "above max payload", long_write, 133, 0);
    /* longer than any TLP: 1,100 dwords */
    uint32_t endless[1100];
    memset(endless, 0x77, sizeof endless);
    memcpy(endless, long_write, 12);
    refused(&w, "endless", endless, 1100, 0);
    w.link->ops->close(w.link);
}

static void test_bus_master(void **state)
{
    (void)state;
    struct world w = {0};
    struct wt_sim_config c;
    wt_sim_defaults(&c);
    w.api = fake_api(8);
    assert_int_equal(wt_sim_create_with(&w.api, &c, &w.sim), 0);
    w.link = wt_sim_link(w.sim);
    w.card = wt_sim_model(w.sim);
    uint32_t one = 1;
    fake_write(w.card, 0x10000000, &one, 1);
    settle(&w);
    assert_int_equal(violations(&w), 1);
    w.link->ops->close(w.link);
}

static void test_max_payload(void **state)
{
    (void)state;
    for (uint32_t mps = 128; mps <= 512; mps *= 2) {
        struct world w = {0};
        struct wt_sim_config c;
        wt_sim_defaults(&c);
        c.max_payload = mps;
        w.api = fake_api(8);
        assert_int_equal(wt_sim_create_with(&w.api, &c, &w.sim), 0);
        w.link = wt_sim_link(w.sim);
        w.card = wt_sim_model(w.sim);
        assert_int_equal(w.link->ops->dma_alloc(w.link, 4096, &w.low), 0);
        uint32_t data[129];
        memset(data, 0x5a, sizeof data);
        fake_write(w.card, w.low.bus, data, mps / 4);
        settle(&w);
        assert_int_equal(violations(&w), 0);
        assert_memory_equal(w.low.virt, data, mps);
        fake_write(w.card, w.low.bus, data, mps / 4 + 1);
        settle(&w);
        assert_int_equal(violations(&w), 1);
        w.link->ops->close(w.link);
    }
}

/* A completion for a read that is wrong in one field: the read fails, the TLP is counted. */
static void test_bad_completions(void **state)
{
    (void)state;
    struct {
        uint32_t length, word1, word2;
    } t[] = {
        {1, 0x02000004, 0x00180000}, /* completer */
        {1, 0x01000004, 0x00190000}, /* requester */
        {1, 0x01001004, 0x00180000}, /* BCM */
        {1, 0x01000008, 0x00180000}, /* byte count */
        {1, 0x01000004, 0x00180004}, /* lower address */
        {1, 0x01000004, 0x00180080}, /* reserved bit */
        {2, 0x01000008, 0x00180000}, /* length */
        {1, 0x01002004, 0x00180000}, /* data with an error status */
    };
    for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
        struct world w;
        open_world(&w, 8);
        w.card->dead = 1; /* the completion is the test's */
        uint32_t word[5] = {0x4a000000u | t[i].length, t[i].word1, t[i].word2, 1, 2}, value = 77;
        fake_emit(w.card, word, 3 + t[i].length)->from_ns = 3000;
        assert_int_equal(w.link->ops->read32(w.link, WT_REG_MAGIC, &value), -EIO);
        assert_int_equal(value, 77);
        assert_int_equal(violations(&w), 1);
        w.card->dead = 0;
        assert_int_equal(w.link->ops->read32(w.link, WT_REG_MAGIC, &value), 0);
        assert_int_equal(value, WT_MAGIC);
        w.link->ops->close(w.link);
    }
}

/* More writes under way than there are credits: nothing is lost, order is kept. */
static void test_credits(void **state)
{
    (void)state;
    struct world w = {0};
    struct wt_sim_config c;
    wt_sim_defaults(&c);
    c.posted_write_ns = 50000;
    w.api = fake_api(16);
    assert_int_equal(wt_sim_create_with(&w.api, &c, &w.sim), 0);
    w.link = wt_sim_link(w.sim);
    w.card = wt_sim_model(w.sim);
    assert_int_equal(w.link->ops->dma_alloc(w.link, 65536, &w.low), 0);
    for (uint32_t i = 0; i < 1000; i++)
        fake_write(w.card, w.low.bus + i * 4, &(uint32_t){i + 1}, 1);
    uint32_t last = 0;
    while (w.link->ops->wait(w.link, UINT64_MAX) == 1) {
        const uint32_t *m = w.low.virt;
        while (last < 1000 && m[last] != 0)
            assert_int_equal(m[last], last + 1), last++;
        for (uint32_t i = last; i < 1000; i++)
            assert_int_equal(m[i], 0);
    }
    assert_int_equal(last, 1000);
    assert_int_equal(violations(&w), 0);
    w.link->ops->close(w.link);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_legal),      cmocka_unit_test(test_reads),       cmocka_unit_test(test_illegal),
        cmocka_unit_test(test_bus_master), cmocka_unit_test(test_max_payload), cmocka_unit_test(test_bad_completions),
        cmocka_unit_test(test_credits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
