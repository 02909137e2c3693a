/* Real sockets on a simulated wire: datagrams become frames, virtual time keeps up with the clock. Loopback only. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "host/common/bytes.h"
#include "sim/card/frame.h"
#include "sim/card/live.h"

struct taken {
    unsigned frames, line;
    size_t length;
    uint8_t bytes[2000];
    int answer;
};

static int take(void *ctx, unsigned line, uint64_t when_ns, const void *frame, size_t length, unsigned flags)
{
    struct taken *t = ctx;
    (void)when_ns;
    assert_int_equal(flags, 0);
    if (t->answer)
        return t->answer;
    t->frames++;
    t->line = line;
    t->length = length;
    memcpy(t->bytes, frame, length);
    return 0;
}

static struct wt_live *make(struct taken *t)
{
    struct wt_live_config config;
    wt_live_defaults(&config);
    config.start_ns = 1000;
    for (unsigned i = 0; i < WT_LIVE_LINES; i++)
        config.line[i] =
            (struct wt_live_line){.listen_ip = INADDR_LOOPBACK, .group = 0xe9360c6f + i, .port = (uint16_t)(26477 + i)};
    struct wt_live *live;
    assert_int_equal(wt_live_create(&config, (struct wt_live_wire){t, take}, &live), 0);
    return live;
}

static void send_to(uint16_t port, const void *bytes, size_t length)
{
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    assert_int_equal(sendto(fd, bytes, length, 0, (struct sockaddr *)&at, sizeof at), (ssize_t)length);
    close(fd);
}

static void datagrams_become_frames(void **state)
{
    (void)state;
    struct taken t = {0};
    struct wt_live *live = make(&t);
    struct wt_frame_builder b;
    wt_frame_init(&b, 0xe9360c70, 26478, "ABCDEFGHIJ");
    wt_frame_start(&b, 7);
    assert_int_equal(wt_frame_add(&b, "hello", 5), 0);
    size_t length = wt_frame_finish(&b);
    send_to(wt_live_port(live, 1), b.bytes + WT_FRAME_HEADERS, length - WT_FRAME_HEADERS);
    for (int i = 0; i < 1000 && !t.frames; i++)
        wt_live_run(live, wt_live_next_ns(live));
    assert_int_equal(t.frames, 1);
    assert_int_equal(t.line, 1);
    assert_int_equal(t.length, length);
    assert_memory_equal(t.bytes, b.bytes, length);
    wt_live_destroy(live);
}

static void what_does_not_fit_is_counted(void **state)
{
    (void)state;
    struct taken t = {0};
    struct wt_live *live = make(&t);
    static const uint8_t zeros[1600];
    send_to(wt_live_port(live, 0), zeros, sizeof zeros);
    send_to(wt_live_port(live, 0), zeros, WT_FRAME_MAX_PAYLOAD);
    send_to(wt_live_port(live, 0), zeros, 0);
    struct wt_live_stats stats;
    for (int i = 0; i < 1000; i++) {
        wt_live_run(live, wt_live_next_ns(live));
        wt_live_stats(live, &stats);
        if (stats.datagrams[0] == 3)
            break;
    }
    assert_int_equal(stats.datagrams[0], 3);
    assert_int_equal(stats.too_long, 1);
    assert_int_equal(t.frames, 2);
    t.answer = -ENOBUFS;
    send_to(wt_live_port(live, 0), zeros, 30);
    for (int i = 0; i < 1000 && stats.datagrams[0] < 4; i++) {
        wt_live_run(live, wt_live_next_ns(live));
        wt_live_stats(live, &stats);
    }
    assert_int_equal(stats.refused, 1);
    wt_live_destroy(live);
}

static void virtual_time_waits_for_the_clock(void **state)
{
    (void)state;
    struct taken t = {0};
    struct wt_live *live = make(&t);
    struct timespec a, b;
    clock_gettime(CLOCK_MONOTONIC, &a);
    uint64_t now = 0;
    while ((now = wt_live_next_ns(live)) < 5000000)
        wt_live_run(live, now);
    clock_gettime(CLOCK_MONOTONIC, &b);
    int64_t took = (b.tv_sec - a.tv_sec) * INT64_C(1000000000) + b.tv_nsec - a.tv_nsec;
    /* The last step may end one quantum early; nothing bounds it from above on a busy machine. */
    assert_true(took > 4900000);
    wt_live_destroy(live);
}

static void a_taken_address_is_an_error(void **state)
{
    (void)state;
    struct wt_live_config config;
    wt_live_defaults(&config);
    /* 192.0.2.0/24 is nobody's (RFC 5737). */
    config.line[0] = (struct wt_live_line){.listen_ip = 0xc0000201, .listen_port = 1};
    struct wt_live *live;
    assert_int_equal(wt_live_create(&config, (struct wt_live_wire){NULL, take}, &live), -EADDRNOTAVAIL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(datagrams_become_frames),
        cmocka_unit_test(what_does_not_fit_is_counted),
        cmocka_unit_test(virtual_time_waits_for_the_clock),
        cmocka_unit_test(a_taken_address_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
