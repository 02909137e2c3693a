/*
 * A small world for tests of the exchange: ITCH messages written by hand to a file that it replays, a
 * clock, the wire's frames, and the gateway as its client with all its reports kept.
 */
#ifndef WT_EXCHANGE_BENCH_H
#define WT_EXCHANGE_BENCH_H

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "host/common/bytes.h"
#include "host/gateway/gateway.h"
#include "sim/card/frame.h"
#include "sim/exchange/exchange.h"

#define MS 1000000ull
#define SECOND 1000000000ull
#define START (34200 * SECOND) /* 09:30 */
#define LATENCY 1000ull        /* each way */

struct bench {
    char path[64];
    FILE *file;
    uint64_t at; /* timestamp of the next message, ns after START */
    struct wt_exchange_config config;
    struct wt_gateway_config gateway_config;
    struct wt_exchange *exchange;
    struct wt_stream stream;
    struct wt_gateway *gateway;
    uint64_t now;
    uint32_t next_id;
    struct wt_exec_report reports[4096];
    unsigned count, seen;
    enum wt_gateway_state state;
    char why[128];
    uint8_t frames[64][1600];
    size_t frame_lengths[64];
    uint64_t frame_ns[64];
    unsigned frame_count; /* all; the first 64 are kept */
    int wire_full;        /* refuse so many frames */
};

static inline uint64_t bench_now(void *ctx)
{
    return ((struct bench *)ctx)->now;
}

static inline int bench_wire(void *ctx, unsigned line, uint64_t when_ns, const void *frame, size_t length,
                             unsigned flags)
{
    struct bench *b = ctx;
    if (line == 1) { /* the frame before it, for the other group */
        uint8_t copy[1600];
        assert_true(b->frame_count > 0);
        if (b->frame_count <= 64) {
            memcpy(copy, frame, length);
            assert_int_equal(wt_be32(copy + 30), b->config.group[1]);
            wt_frame_readdress(copy, b->config.group[0], b->config.port[0]);
            assert_int_equal(length, b->frame_lengths[b->frame_count - 1]);
            assert_memory_equal(copy, b->frames[b->frame_count - 1], length);
        }
        return 0;
    }
    assert_int_equal(line, 0);
    assert_int_equal(flags, 0);
    assert_true(when_ns <= b->now);
    if (b->wire_full > 0) {
        b->wire_full--;
        return -ENOBUFS;
    }
    if (b->frame_count < 64) {
        memcpy(b->frames[b->frame_count], frame, length);
        b->frame_lengths[b->frame_count] = length;
        b->frame_ns[b->frame_count] = when_ns;
    }
    b->frame_count++;
    return 0;
}

static inline void bench_exec(void *ctx, const struct wt_exec_report *report)
{
    struct bench *b = ctx;
    assert_true(b->count < 4096);
    b->reports[b->count++] = *report;
}

static inline void bench_state(void *ctx, enum wt_gateway_state state, const char *why)
{
    struct bench *b = ctx;
    b->state = state;
    snprintf(b->why, sizeof b->why, "%s", why);
}

static inline struct bench *bench_new(void)
{
    struct bench *b = calloc(1, sizeof *b);
    assert_non_null(b);
    snprintf(b->path, sizeof b->path, "/tmp/wt_exchange_XXXXXX");
    int fd = mkstemp(b->path);
    assert_true(fd >= 0);
    b->file = fdopen(fd, "wb");
    assert_non_null(b->file);
    wt_exchange_defaults(&b->config);
    b->config.file = b->path;
    b->config.order_in_ns = LATENCY;
    b->config.order_out_ns = LATENCY;
    wt_gateway_defaults(&b->gateway_config);
    memcpy(b->gateway_config.username, b->config.username, sizeof b->config.username);
    memcpy(b->gateway_config.password, b->config.password, sizeof b->config.password);
    b->gateway_config.next_sequence = 1;
    return b;
}

/* ---- messages of the replay */

static inline void itch_raw(struct bench *b, const uint8_t *message, size_t length)
{
    uint8_t prefix[2];
    wt_put_be16(prefix, (uint16_t)length);
    fwrite(prefix, 1, 2, b->file);
    fwrite(message, 1, length, b->file);
}

static inline void itch_put(struct bench *b, char type, uint16_t locate, uint8_t *m, size_t length)
{
    m[0] = (uint8_t)type;
    wt_put_be16(m + 1, locate);
    wt_put_be16(m + 3, 0);
    wt_put_be48(m + 5, START + b->at);
    itch_raw(b, m, length);
}

static inline void itch_directory(struct bench *b, uint16_t locate, const char *name)
{
    uint8_t m[39];
    memset(m, ' ', sizeof m);
    memcpy(m + 11, name, strlen(name));
    itch_put(b, 'R', locate, m, sizeof m);
}

static inline void itch_state(struct bench *b, uint16_t locate, const char *name, char state)
{
    uint8_t m[25];
    memset(m, ' ', sizeof m);
    memcpy(m + 11, name, strlen(name));
    m[19] = (uint8_t)state;
    itch_put(b, 'H', locate, m, sizeof m);
}

static inline void itch_event(struct bench *b, char event)
{
    uint8_t m[12] = {0};
    m[11] = (uint8_t)event;
    itch_put(b, 'S', 0, m, sizeof m);
}

static inline void itch_add(struct bench *b, uint16_t locate, const char *name, uint64_t ref, char side,
                            uint32_t shares, uint32_t price)
{
    uint8_t m[36];
    memset(m, ' ', sizeof m);
    wt_put_be64(m + 11, ref);
    m[19] = (uint8_t)side;
    wt_put_be32(m + 20, shares);
    memcpy(m + 24, name, strlen(name));
    wt_put_be32(m + 32, price);
    itch_put(b, 'A', locate, m, sizeof m);
}

static inline void itch_executed(struct bench *b, uint16_t locate, uint64_t ref, uint32_t shares)
{
    uint8_t m[31] = {0};
    wt_put_be64(m + 11, ref);
    wt_put_be32(m + 19, shares);
    wt_put_be64(m + 23, 1);
    itch_put(b, 'E', locate, m, sizeof m);
}

static inline void itch_executed_at(struct bench *b, uint16_t locate, uint64_t ref, uint32_t shares, uint32_t price)
{
    uint8_t m[36] = {0};
    wt_put_be64(m + 11, ref);
    wt_put_be32(m + 19, shares);
    m[31] = 'Y';
    wt_put_be32(m + 32, price);
    itch_put(b, 'C', locate, m, sizeof m);
}

static inline void itch_cancel(struct bench *b, uint16_t locate, uint64_t ref, uint32_t shares)
{
    uint8_t m[23] = {0};
    wt_put_be64(m + 11, ref);
    wt_put_be32(m + 19, shares);
    itch_put(b, 'X', locate, m, sizeof m);
}

static inline void itch_delete(struct bench *b, uint16_t locate, uint64_t ref)
{
    uint8_t m[19] = {0};
    wt_put_be64(m + 11, ref);
    itch_put(b, 'D', locate, m, sizeof m);
}

static inline void itch_replace(struct bench *b, uint16_t locate, uint64_t ref, uint64_t new_ref, uint32_t shares,
                                uint32_t price)
{
    uint8_t m[35] = {0};
    wt_put_be64(m + 11, ref);
    wt_put_be64(m + 19, new_ref);
    wt_put_be32(m + 27, shares);
    wt_put_be32(m + 31, price);
    itch_put(b, 'U', locate, m, sizeof m);
}

/* ---- running */

/* Everything written is the file; build the exchange and the gateway on it. */
static inline void bench_build(struct bench *b)
{
    fclose(b->file);
    b->file = NULL;
    struct wt_exchange_wire wire = {.ctx = b, .send = bench_wire};
    assert_int_equal(wt_exchange_create(&b->config, wire, &b->exchange), 0);
    b->stream = wt_exchange_stream(b->exchange, bench_now, b);
    struct wt_gateway_handler handler = {.ctx = b, .exec = bench_exec, .state = bench_state};
    assert_int_equal(wt_gateway_create(&b->gateway_config, b->stream, handler, &b->gateway), 0);
    b->now = START;
    b->next_id = 1;
}

/* Let time pass until ns after START, exchange first and then the client, whenever one of them wants to run. */
static inline void bench_run(struct bench *b, uint64_t ns)
{
    uint64_t until = START + ns;
    for (;;) {
        uint64_t exchange = wt_exchange_next_ns(b->exchange), gateway = wt_gateway_deadline(b->gateway);
        uint64_t next = exchange < gateway ? exchange : gateway;
        if (next > until)
            break;
        if (next > b->now)
            b->now = next;
        wt_exchange_run(b->exchange, b->now);
        wt_gateway_poll(b->gateway, b->now);
        assert_true(wt_exchange_next_ns(b->exchange) > b->now); /* or the world would stand still */
    }
    b->now = until;
    wt_exchange_run(b->exchange, b->now);
    wt_gateway_poll(b->gateway, b->now);
}

/* Shares are accounted for, always. */
static inline void bench_conserved(const struct bench *b)
{
    struct wt_exchange_stats s;
    wt_exchange_stats(b->exchange, &s);
    assert_int_equal(s.accepted_shares, s.executed_shares + s.canceled_shares + s.open_shares);
}

static inline void bench_start(struct bench *b)
{
    bench_build(b);
    assert_int_equal(wt_gateway_start(b->gateway, b->now), 0);
}

static inline void bench_free(struct bench *b)
{
    if (b->exchange)
        bench_conserved(b);
    wt_gateway_destroy(b->gateway);
    wt_exchange_destroy(b->exchange);
    if (b->file)
        fclose(b->file);
    unlink(b->path);
    free(b);
}

static inline uint32_t bench_order(struct bench *b, const char *name, char side, char tif, uint32_t shares,
                                   uint32_t price)
{
    struct wt_order_request r = {.kind = WT_REQUEST_ENTER,
                                 .id = b->next_id++,
                                 .side = (enum wt_side)side,
                                 .tif = (enum wt_tif)tif,
                                 .shares = shares,
                                 .price = price};
    memset(r.name, ' ', sizeof r.name);
    memcpy(r.name, name, strlen(name));
    assert_int_equal(wt_gateway_send(b->gateway, &r, b->now), 0);
    return r.id;
}

static inline uint32_t bench_replace(struct bench *b, uint32_t replaced, uint32_t shares, uint32_t price)
{
    struct wt_order_request r = {.kind = WT_REQUEST_REPLACE,
                                 .id = b->next_id++,
                                 .replaced = replaced,
                                 .tif = WT_TIF_DAY,
                                 .shares = shares,
                                 .price = price};
    assert_int_equal(wt_gateway_send(b->gateway, &r, b->now), 0);
    return r.id;
}

static inline void bench_cancel(struct bench *b, uint32_t id, uint32_t shares)
{
    struct wt_order_request r = {.kind = WT_REQUEST_CANCEL, .id = id, .shares = shares};
    assert_int_equal(wt_gateway_send(b->gateway, &r, b->now), 0);
}

/* ---- what was reported: the next report is ... */

static inline const struct wt_exec_report *expect(struct bench *b, enum wt_exec_type type, uint32_t id, uint32_t shares)
{
    if (b->seen == b->count)
        fail_msg("no report, expected '%c' of order %u", type, id);
    const struct wt_exec_report *r = &b->reports[b->seen++];
    if (r->type != type || r->id != id || (type != WT_EXEC_REJECTED && r->shares != shares))
        fail_msg("report '%c' of order %u, %u shares at %u, reason %u; expected '%c' of order %u, %u shares", r->type,
                 r->id, r->shares, r->price, r->reason, type, id, shares);
    return r;
}

static inline void expect_fill(struct bench *b, uint32_t id, uint32_t shares, uint32_t price, char liquidity)
{
    const struct wt_exec_report *r = expect(b, WT_EXEC_EXECUTED, id, shares);
    assert_int_equal(r->price, price);
    assert_int_equal(r->liquidity, liquidity);
}

static inline void expect_canceled(struct bench *b, uint32_t id, uint32_t shares, char reason)
{
    assert_int_equal(expect(b, WT_EXEC_CANCELED, id, shares)->reason, reason);
}

static inline void expect_rejected(struct bench *b, uint32_t id, uint16_t reason)
{
    assert_int_equal(expect(b, WT_EXEC_REJECTED, id, 0)->reason, reason);
}

static inline void expect_nothing(struct bench *b)
{
    if (b->seen != b->count) {
        const struct wt_exec_report *r = &b->reports[b->seen];
        fail_msg("report '%c' of order %u, %u shares, reason %u; expected none", r->type, r->id, r->shares, r->reason);
    }
}

#endif
