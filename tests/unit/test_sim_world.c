/* The simulated world: time, the wire, the link, actors, latency figures, and cards that misbehave. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <errno.h>

#include "sim/card/frame.h"
#include "tests/unit/fake_card.h"

struct world {
    struct wt_model_api api;
    struct wt_sim *sim;
    struct wt_link *link;
    struct fake_card *card;
};

static void open_at(struct world *w, uint64_t start_ns)
{
    struct wt_sim_config c;
    wt_sim_defaults(&c);
    c.start_ns = start_ns;
    w->api = fake_api(8);
    assert_int_equal(wt_sim_create_with(&w->api, &c, &w->sim), 0);
    w->link = wt_sim_link(w->sim);
    w->card = wt_sim_model(w->sim);
}

static void close_world(struct world *w)
{
    w->link->ops->close(w->link);
}

static uint64_t now(struct world *w)
{
    return w->link->ops->now_ns(w->link);
}

static struct wt_sim_stats stats(struct world *w)
{
    struct wt_sim_stats s;
    wt_sim_stats(w->sim, &s);
    return s;
}

static void test_registers(void **state)
{
    (void)state;
    struct world w;
    open_at(&w, 5000);
    uint32_t v = 0;
    uint64_t v64 = 0, t = now(&w);
    assert_int_equal(t, 5000);
    assert_int_equal(w.link->ops->read32(w.link, WT_REG_MAGIC, &v), 0);
    assert_int_equal(v, WT_MAGIC);
    assert_in_range(now(&w) - t, 800, 900);
    memcpy(w.card->bar + WT_REG_CNT_FRAMES_A, "\1\2\3\4\5\6\7\10", 8);
    assert_int_equal(w.link->ops->read64(w.link, WT_REG_CNT_FRAMES_A, &v64), 0);
    assert_true(v64 == 0x0807060504030201u);

    t = now(&w);
    assert_int_equal(w.link->ops->write32(w.link, WT_REG_EV_CONS, 0xdeadbeef), 0);
    assert_int_equal(now(&w), t); /* posted */
    assert_int_equal(w.link->ops->read32(w.link, WT_REG_EV_CONS, &v), 0);
    assert_int_equal(v, 0xdeadbeef); /* a read does not overtake a write */
    assert_in_range(w.card->write_ns[WT_REG_EV_CONS / 4] - t, 400, 420);

    assert_int_equal(w.link->ops->read32(w.link, 2, &v), -EINVAL);
    assert_int_equal(w.link->ops->read64(w.link, 4, &v64), -EINVAL);
    assert_int_equal(w.link->ops->read32(w.link, WT_BAR0_SIZE, &v), -EINVAL);
    assert_int_equal(w.link->ops->write32(w.link, WT_BAR0_SIZE, 0), -EINVAL);
    assert_int_equal(w.link->ops->write32(w.link, 1, 0), -EINVAL);

    /* far more writes than the queue holds: none is lost */
    for (uint32_t i = 0; i < 4096; i++)
        assert_int_equal(w.link->ops->write32(w.link, WT_WIN_SYMBOLS + i * 4, i ^ 0x55), 0);
    assert_int_equal(w.link->ops->read32(w.link, WT_WIN_SYMBOLS + 4095 * 4, &v), 0);
    for (uint32_t i = 0; i < 4096; i++) {
        memcpy(&v, w.card->bar + WT_WIN_SYMBOLS + i * 4, 4);
        assert_int_equal(v, i ^ 0x55);
    }
    assert_int_equal(stats(&w).tlp_violations, 0);
    close_world(&w);
}

static void test_dead_card(void **state)
{
    (void)state;
    struct world w;
    open_at(&w, 0);
    uint32_t v = 9;
    w.card->refuse = 1;
    assert_int_equal(w.link->ops->read32(w.link, 0, &v), -EIO);
    assert_int_equal(stats(&w).tlp_violations, 0); /* to refuse is legal */
    w.card->refuse = 0;
    w.card->dead = 1;
    for (int i = 0; i < 100; i++) { /* more than there are tags */
        uint64_t t = now(&w);
        assert_int_equal(w.link->ops->read32(w.link, 0, &v), -ETIMEDOUT);
        assert_in_range(now(&w) - t, 100000, 201000);
    }
    assert_int_equal(v, 9);
    close_world(&w);

    open_at(&w, 0);
    w.card->holds_tlps = 1;
    assert_int_equal(w.link->ops->read32(w.link, 0, &v), -ETIMEDOUT);
    int e = 0;
    for (uint32_t i = 0; i < 2000 && e == 0; i++)
        e = w.link->ops->write32(w.link, 0x48, i);
    assert_int_equal(e, -ETIMEDOUT);
    assert_int_equal(w.link->ops->wait(w.link, UINT64_MAX), -ETIMEDOUT); /* watchdog */
    close_world(&w);
}

/* A completion that comes after its read was given up does no harm. */
static void test_late_completion(void **state)
{
    (void)state;
    struct world w;
    open_at(&w, 0);
    uint32_t v = 9;
    w.card->dead = 1;
    assert_int_equal(w.link->ops->read32(w.link, 0, &v), -ETIMEDOUT);
    w.card->dead = 0;
    uint32_t word[4] = {0x4a000001, FAKE_CARD_ID << 16 | 4, 0x00180000, 0xbad};
    fake_emit(w.card, word, 4);
    assert_int_equal(w.link->ops->read32(w.link, 0, &v), 0);
    assert_int_equal(v, WT_MAGIC);
    assert_int_equal(stats(&w).tlp_violations, 0);
    close_world(&w);
}

static void test_wait(void **state)
{
    (void)state;
    struct world w;
    open_at(&w, 1000);
    struct wt_dma dma;
    assert_int_equal(w.link->ops->dma_alloc(w.link, 100, &dma), 0);
    assert_int_equal(dma.bytes, 4096);
    const uint32_t *m = dma.virt;
    uint32_t data[1] = {42};
    fake_write(w.card, dma.bus, data, 1)->from_ns = 3000;
    fake_write(w.card, dma.bus + 4, data, 1)->from_ns = 9000;
    /* a deadline before */
    assert_int_equal(w.link->ops->wait(w.link, 2000), 0);
    assert_int_equal(now(&w), 2000);
    /* visible 400 ns after its last beat, and not earlier */
    assert_int_equal(w.link->ops->wait(w.link, 3390), 0);
    assert_int_equal(m[0], 0);
    assert_int_equal(w.link->ops->wait(w.link, 100000), 1);
    assert_in_range(now(&w), 3400, 3420);
    assert_int_equal(m[0], 42);
    /* what lands while the host works is not forgotten */
    w.link->ops->spend(w.link, 10000);
    assert_in_range(now(&w), 13400, 13420);
    assert_int_equal(m[1], 42);
    uint64_t t = now(&w);
    assert_int_equal(w.link->ops->wait(w.link, 100000), 1);
    assert_int_equal(now(&w), t);
    /* the end of the world: at once, with any deadline */
    assert_int_equal(w.link->ops->wait(w.link, 100000), -EPIPE);
    assert_int_equal(w.link->ops->wait(w.link, UINT64_MAX), -EPIPE);
    assert_true(wt_sim_at_end(w.sim));
    assert_int_equal(now(&w), t);
    close_world(&w);
}

static void test_idle_is_skipped(void **state)
{
    (void)state;
    struct world w;
    open_at(&w, 0);
    w.link->ops->spend(w.link, 1000);
    uint64_t before = stats(&w).cycles;
    w.link->ops->spend(w.link, 3600 * UINT64_C(1000000000));
    assert_int_equal(stats(&w).cycles, before);
    assert_true(now(&w) == 3600 * UINT64_C(1000000000) + 1000);
    /* the card's own deadline wakes it */
    w.card->deadline_ns = now(&w) + 5000000;
    uint32_t v;
    assert_int_equal(w.link->ops->read32(w.link, 0, &v), 0); /* it says so in a cycle */
    before = stats(&w).cycles;
    assert_int_equal(w.link->ops->wait(w.link, UINT64_MAX), -EPIPE);
    assert_in_range(w.card->woken_ns - w.card->deadline_ns, 0, 7);
    assert_in_range(stats(&w).cycles - before, 1, 16);
    close_world(&w);
}

static void test_frames(void **state)
{
    (void)state;
    struct world w;
    open_at(&w, 0);
    uint8_t frame[100];
    for (int i = 0; i < 100; i++)
        frame[i] = (uint8_t)(i + 1);
    assert_int_equal(wt_sim_send(w.sim, 0, 10000, frame, 67, 0), 0);
    assert_int_equal(wt_sim_send(w.sim, 0, 0, frame, 64, WT_FRAME_BAD_FCS), 0);
    assert_int_equal(wt_sim_send(w.sim, 0, 0, frame, 1, 0), 0);
    assert_int_equal(wt_sim_send(w.sim, 0, 0, frame, 0, 0), -EINVAL);
    assert_int_equal(wt_sim_send(w.sim, 0, 0, frame, 16385, 0), -EINVAL);
    assert_int_equal(wt_sim_pending_frames(w.sim), 3);
    assert_false(wt_sim_at_end(w.sim));
    assert_int_equal(w.link->ops->wait(w.link, UINT64_MAX), -EPIPE);
    assert_int_equal(wt_sim_pending_frames(w.sim), 0);
    assert_int_equal(stats(&w).frames, 3);
    assert_int_equal(w.card->beats, 9 + 8 + 1);
    const struct fake_beat *b = w.card->seen;
    /* preamble and the first eight bytes: 16 byte times */
    assert_in_range(b[0].time_ns, 10012, 10019);
    uint8_t got[72];
    for (int i = 0; i < 9; i++) {
        memcpy(got + i * 8, &b[i].data, 8);
        assert_int_equal(b[i].keep, i < 8 ? 0xff : 0x07);
        assert_int_equal(b[i].last, i == 8);
        assert_int_equal(b[i].error, 0);
    }
    assert_memory_equal(got, frame, 67);
    for (int i = 9; i < 17; i++) {
        assert_int_equal(b[i].keep, 0xff);
        assert_int_equal(b[i].last, i == 16);
        assert_int_equal(b[i].error, i == 16);
    }
    assert_int_equal(b[17].keep, 1);
    assert_int_equal(b[17].last, 1);
    assert_int_equal(b[17].error, 0);
    close_world(&w);
}

/* The lines do not wait for each other, and a line that is not there is refused. */
static void test_two_lines(void **state)
{
    (void)state;
    struct world w;
    open_at(&w, 0);
    uint8_t frame[2][80];
    memset(frame[0], 0xaa, 80);
    memset(frame[1], 0xbb, 80);
    for (unsigned line = 0; line < 2; line++)
        for (int i = 0; i < 10; i++)
            assert_int_equal(wt_sim_send(w.sim, line, 1000, frame[line], 80, 0), 0);
    assert_int_equal(wt_sim_send(w.sim, 2, 0, frame[0], 80, 0), -EINVAL);
    assert_int_equal(wt_sim_pending_frames(w.sim), 10);
    assert_int_equal(w.link->ops->wait(w.link, UINT64_MAX), -EPIPE);
    assert_int_equal(wt_sim_pending_frames(w.sim), 0);
    assert_int_equal(stats(&w).frames, 20);
    assert_int_equal(w.card->beats, 200);
    for (unsigned i = 0; i < 200; i++) {
        const struct fake_beat *b = &w.card->seen[i];
        assert_int_equal(b->line, i % 2);
        assert_int_equal(b->data & 0xff, i % 2 ? 0xbb : 0xaa);
        assert_int_equal(b->time_ns, w.card->seen[i ^ 1].time_ns);
    }
    close_world(&w);
}

/* Back to back at every length: the average rate is the wire's, exactly, and beats never come too early. */
static void test_wire_rate(void **state)
{
    (void)state;
    static uint8_t frame[1514];
    for (uint32_t length = 59; length < 76; length++) {
        struct world w;
        open_at(&w, 0);
        for (int i = 0; i < 1000; i++)
            assert_int_equal(wt_sim_send(w.sim, 0, 0, frame, length, 0), 0);
        while (w.link->ops->wait(w.link, UINT64_MAX) == 1)
            ;
        uint32_t beats = (length + 7) / 8;
        assert_int_equal(w.card->beats, beats * 1000);
        uint64_t bytes = (length < 60 ? 60 : length) + 24;
        for (uint64_t i = 0; i < 1000; i++) {
            uint64_t ps = (w.card->seen[i * beats].time_ns - w.card->seen[0].time_ns) * 1000;
            uint64_t exact_ps = i * bytes * 800;
            assert_in_range(ps, exact_ps > 7400 ? exact_ps - 7400 : 0, exact_ps + 7400);
            /* and within a frame one beat a cycle */
            assert_int_equal(w.card->seen[i * beats + beats - 1].cycle - w.card->seen[i * beats].cycle, beats - 1);
        }
        assert_int_equal(stats(&w).rx_stall_cycles, 0);
        close_world(&w);
    }
}

static void test_stalls_and_limits(void **state)
{
    (void)state;
    struct world w;
    open_at(&w, 0);
    uint8_t frame[64] = {0};
    w.card->stall_mod = 4;
    for (int i = 0; i < 100; i++)
        assert_int_equal(wt_sim_send(w.sim, 0, 0, frame, 64, 0), 0);
    while (w.link->ops->wait(w.link, UINT64_MAX) == 1)
        ;
    assert_int_equal(w.card->beats, 800);
    assert_in_range(stats(&w).rx_stall_cycles, 200, 300);
    close_world(&w);

    open_at(&w, 0);
    w.card->holds_frames = 1;
    for (int i = 0; i < 65536; i++)
        assert_int_equal(wt_sim_send(w.sim, 0, 0, frame, 64, 0), 0);
    assert_int_equal(wt_sim_send(w.sim, 0, 0, frame, 64, 0), -ENOBUFS);
    assert_int_equal(wt_sim_pending_frames(w.sim), 65536);
    /* a card that takes nothing any more is noticed */
    assert_int_equal(w.link->ops->wait(w.link, UINT64_MAX), -ETIMEDOUT);
    assert_in_range(now(&w), 50000000, 51000000);
    close_world(&w);

    open_at(&w, 0);
    w.card->busy = 1;
    assert_int_equal(w.link->ops->wait(w.link, UINT64_MAX), -ETIMEDOUT);
    close_world(&w);
}

struct actor {
    struct world *w;
    uint64_t next, runs, last;
    uint64_t period;
    uint64_t left;
};

static uint64_t actor_next(void *ctx)
{
    return ((struct actor *)ctx)->next;
}

static void actor_run(void *ctx, uint64_t now_ns)
{
    struct actor *a = ctx;
    uint8_t frame[60] = {0};
    assert_true(now_ns >= a->next);
    a->runs++;
    a->last = now_ns;
    if (--a->left == 0)
        a->next = UINT64_MAX;
    else
        a->next += a->period;
    assert_int_equal(wt_sim_send(a->w->sim, 0, now_ns + 100, frame, 60, 0), 0);
}

static void test_actors(void **state)
{
    (void)state;
    struct world w;
    open_at(&w, 0);
    struct actor a = {.w = &w, .next = 7000, .period = 1000, .left = 5};
    struct actor b = {.w = &w, .next = 1000000, .period = 1, .left = 1};
    struct wt_sim_actor aa = {&a, actor_next, actor_run}, bb = {&b, actor_next, actor_run};
    assert_int_equal(wt_sim_add_actor(w.sim, aa), 0);
    assert_int_equal(wt_sim_add_actor(w.sim, bb), 0);
    assert_int_equal(w.link->ops->wait(w.link, 6000), 0);
    assert_int_equal(w.link->ops->wait(w.link, 8000), 1);
    assert_int_equal(now(&w), 7000);
    assert_int_equal(a.runs, 1);
    assert_int_equal(w.link->ops->wait(w.link, 7500), 0);
    w.link->ops->spend(w.link, 20000);
    assert_int_equal(a.runs, 5);
    assert_int_equal(a.last, 11000);
    assert_int_equal(w.card->beats, 5 * 8);
    assert_int_equal(w.link->ops->wait(w.link, UINT64_MAX), 1); /* ran during spend */
    assert_false(wt_sim_at_end(w.sim));
    assert_int_equal(w.link->ops->wait(w.link, UINT64_MAX), 1);
    assert_int_equal(now(&w), 1000000);
    assert_int_equal(w.link->ops->wait(w.link, UINT64_MAX), -EPIPE);
    assert_int_equal(w.card->beats, 6 * 8);
    close_world(&w);
}

static void stuck_run(void *ctx, uint64_t now_ns)
{
    (void)now_ns;
    ++*(uint64_t *)ctx;
}

static uint64_t stuck_next(void *ctx)
{
    (void)ctx;
    return 10;
}

static void test_stuck_actor(void **state)
{
    (void)state;
    struct world w;
    open_at(&w, 0);
    uint64_t runs = 0;
    struct wt_sim_actor a = {&runs, stuck_next, stuck_run};
    for (int i = 0; i < 8; i++)
        assert_int_equal(wt_sim_add_actor(w.sim, a), 0);
    assert_int_equal(wt_sim_add_actor(w.sim, a), -ENOSPC);
    assert_int_equal(w.link->ops->wait(w.link, UINT64_MAX), -ELOOP);
    close_world(&w);
}

/* Records at known distances behind their frames, in a ring the host told the card about. */
static void test_latency(void **state)
{
    (void)state;
    struct world w;
    open_at(&w, 0);
    struct wt_dma other, ring;
    assert_int_equal(w.link->ops->dma_alloc(w.link, 4096, &other), 0);
    assert_int_equal(w.link->ops->dma_alloc(w.link, 64 << 8, &ring), 0);
    w.link->ops->write32(w.link, WT_REG_EV_BASE_LO, (uint32_t)ring.bus);
    w.link->ops->write32(w.link, WT_REG_EV_BASE_HI, (uint32_t)(ring.bus >> 32));
    w.link->ops->write32(w.link, WT_REG_EV_SIZE_LOG2, 8);
    w.link->ops->spend(w.link, 1000);
    assert_int_equal(stats(&w).latency_samples, 0);
    struct wt_frame_builder b;
    wt_frame_init(&b, 0xe9360c6f, 26477, "S000000001");
    uint64_t seq = 1;
    for (unsigned i = 0; i < 100; i++) {
        uint32_t beats = w.card->beats;
        /* a heartbeat, and a broken copy, with the same number: neither carried the message */
        wt_sim_send(w.sim, 0, 0, b.bytes, wt_frame_control(&b, seq, 0), 0);
        wt_frame_start(&b, seq);
        wt_frame_add(&b, "one", 3);
        wt_frame_add(&b, "two", 3);
        size_t n = wt_frame_finish(&b);
        wt_sim_send(w.sim, 0, 0, b.bytes, n, WT_FRAME_BAD_FCS);
        wt_sim_send(w.sim, 0, 0, b.bytes, n, 0);
        while (wt_sim_pending_frames(w.sim))
            w.link->ops->spend(w.link, 6);
        assert_true(w.card->beats > beats);
        const struct fake_beat *last = &w.card->seen[w.card->beats - 1];
        /* 100 records of the second message: 10, 11, ... cycles after the last beat */
        union wt_event_record r = {.bbo.head = {.kind = WT_RECORD_TYPE_BBO, .feed_seq = seq + 1}};
        fake_write(w.card, ring.bus + i * 64, &r, 16)->from_ns = (last->time_ns * 1000 + (10 + i) * 6400) / 1000;
        /* no records: elsewhere; half a record; a number no frame had */
        fake_write(w.card, other.bus, &r, 16);
        fake_write(w.card, ring.bus + 4096 - 32, &r, 8);
        r.bbo.head.feed_seq = 1000000;
        fake_write(w.card, ring.bus + 4096, &r, 16);
        w.link->ops->spend(w.link, 10000);
        seq += 2;
    }
    struct wt_sim_stats s = stats(&w);
    assert_int_equal(s.tlp_violations, 0);
    assert_int_equal(s.latency_samples, 100);
    assert_in_range(s.latency_cycles_min, 9, 11);
    assert_in_range(s.latency_cycles_p50, 58, 61);
    assert_in_range(s.latency_cycles_p99, 107, 110);
    assert_in_range(s.latency_cycles_max, 108, 111);
    close_world(&w);
}

static void test_config_errors(void **state)
{
    (void)state;
    struct wt_model_api api = fake_api(8);
    struct wt_sim_config c;
    struct wt_sim *sim;
    wt_sim_defaults(&c);
    assert_int_equal(c.posted_write_ns, 400);
    c.max_payload = 100;
    assert_int_equal(wt_sim_create_with(&api, &c, &sim), -EINVAL);
    wt_sim_defaults(&c);
    c.read_ns = 1000000;
    assert_int_equal(wt_sim_create_with(&api, &c, &sim), -EINVAL);
    wt_sim_defaults(&c);
    c.start_ns = UINT64_MAX;
    assert_int_equal(wt_sim_create_with(&api, &c, &sim), -EINVAL);
    wt_sim_defaults(&c);
    c.trace_path = "x.fst";
    assert_int_equal(wt_sim_create_with(&api, &c, &sim), -ENOTSUP);
    wt_sim_defaults(&c);
    api.abi = 99;
    assert_int_equal(wt_sim_create_with(&api, &c, &sim), -EPROTO);
    api = fake_api(8);
    api.tlp_dwords = 3;
    assert_int_equal(wt_sim_create_with(&api, &c, &sim), -EPROTO);
    api = fake_api(8);
    api.clock_ps = 0;
    assert_int_equal(wt_sim_create_with(&api, &c, &sim), -EPROTO);
    c.model_path = "/nonexistent/libwtcard.so";
    assert_int_equal(wt_sim_create(&c, &sim), -ENOENT);
    c.model_path = "/proc/self/exe"; /* a file, not a library */
    assert_int_equal(wt_sim_create(&c, &sim), -ENOEXEC);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_registers),         cmocka_unit_test(test_dead_card),
        cmocka_unit_test(test_late_completion),   cmocka_unit_test(test_wait),
        cmocka_unit_test(test_idle_is_skipped),   cmocka_unit_test(test_frames),
        cmocka_unit_test(test_two_lines),         cmocka_unit_test(test_wire_rate),
        cmocka_unit_test(test_stalls_and_limits), cmocka_unit_test(test_actors),
        cmocka_unit_test(test_stuck_actor),       cmocka_unit_test(test_latency),
        cmocka_unit_test(test_config_errors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
