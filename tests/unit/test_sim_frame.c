/* Frames of the feed: headers, checksums (verified by an independent sum), limits, control packets. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <errno.h>

#include "host/common/bytes.h"
#include "sim/card/frame.h"

#define GROUP 0xe9360c6fu /* 233.54.12.111 */

/* RFC 1071: the sum over data and checksum is all ones. Byte-wise on purpose, unlike the builder. */
static unsigned ones_sum(const uint8_t *p, size_t n, unsigned start)
{
    unsigned s = start;
    for (size_t i = 0; i < n; i++) {
        s += i & 1 ? p[i] : (unsigned)p[i] << 8;
        s = (s & 0xffff) + (s >> 16);
    }
    return s;
}

static void check_headers(const struct wt_frame_builder *b, size_t length)
{
    const uint8_t *p = b->bytes;
    static const uint8_t dst[6] = {0x01, 0x00, 0x5e, 0x36, 0x0c, 0x6f};
    assert_memory_equal(p, dst, 6);
    assert_int_equal(wt_be16(p + 12), 0x0800);
    assert_int_equal(p[14], 0x45);
    assert_int_equal(wt_be16(p + 16), length - 14);
    assert_int_equal(wt_be16(p + 20) & 0x3fff, 0); /* no fragment */
    assert_int_equal(p[23], 17);
    assert_int_equal(wt_be32(p + 30), GROUP);
    assert_int_equal(ones_sum(p + 14, 20, 0), 0xffff);
    assert_int_equal(wt_be16(p + 36), 26477);
    assert_int_equal(wt_be16(p + 38), length - 34);
    unsigned s = ones_sum(p + 26, 8, 17);
    s = ones_sum(p + 38, 2, s);
    assert_int_equal(ones_sum(p + 34, length - 34, s), 0xffff);
    assert_int_not_equal(wt_be16(p + 40), 0);
    assert_memory_equal(p + 42, "SESSION001", 10);
}

static void test_messages(void **state)
{
    (void)state;
    struct wt_frame_builder b;
    wt_frame_init(&b, GROUP, 26477, "SESSION001");
    for (int round = 0; round < 2; round++) { /* a builder is used again */
        wt_frame_start(&b, 0x0102030405060708u);
        assert_int_equal(wt_frame_add(&b, "abc", 3), 0);
        assert_int_equal(wt_frame_add(&b, NULL, 0), 0);
        assert_int_equal(wt_frame_add(&b, "de", 2), 0);
        size_t n = wt_frame_finish(&b);
        assert_int_equal(n, 62 + 5 + 2 + 4);
        assert_int_equal(b.count, 3);
        check_headers(&b, n);
        assert_true(wt_be64(b.bytes + 52) == 0x0102030405060708u);
        assert_int_equal(wt_be16(b.bytes + 60), 3);
        assert_memory_equal(b.bytes + 62, "\0\3abc\0\0\0\2de", 11);
    }
}

static void test_full(void **state)
{
    (void)state;
    struct wt_frame_builder b;
    uint8_t message[1500];
    memset(message, 0xff, sizeof message);
    wt_frame_init(&b, GROUP, 26477, "SESSION001");
    wt_frame_start(&b, 1);
    assert_int_equal(wt_frame_add(&b, message, 1451), -ENOSPC);
    assert_int_equal(wt_frame_add(&b, message, SIZE_MAX), -ENOSPC);
    assert_int_equal(wt_frame_add(&b, message, 1450), 0);
    assert_int_equal(wt_frame_add(&b, message, 0), -ENOSPC);
    size_t n = wt_frame_finish(&b);
    assert_int_equal(n, 42 + 1472);
    check_headers(&b, n);

    wt_frame_start(&b, 1);
    unsigned added = 0;
    while (wt_frame_add(&b, message, 36) == 0)
        added++;
    assert_int_equal(added, 1452 / 38);
    assert_int_equal(wt_frame_finish(&b), 62 + 38 * added);
    assert_int_equal(wt_be16(b.bytes + 60), added);
}

static void test_control(void **state)
{
    (void)state;
    struct wt_frame_builder b;
    wt_frame_init(&b, GROUP, 26477, "SESSION001");
    size_t n = wt_frame_control(&b, 77, 0);
    assert_int_equal(n, 62);
    check_headers(&b, n);
    assert_true(wt_be64(b.bytes + 52) == 77);
    assert_int_equal(wt_be16(b.bytes + 60), 0);
    n = wt_frame_control(&b, 78, 1);
    check_headers(&b, n);
    assert_true(wt_be64(b.bytes + 52) == 78);
    assert_int_equal(wt_be16(b.bytes + 60), 0xffff);
}

/* Any content, odd and even lengths: both sums hold, the one that comes out 0 included. */
static void test_checksums(void **state)
{
    (void)state;
    struct wt_frame_builder b;
    wt_frame_init(&b, GROUP, 26477, "SESSION001");
    uint32_t r = 1;
    int all_ones = 0;
    for (unsigned i = 0; i < 200000; i++) {
        uint8_t m[8];
        for (unsigned k = 0; k < 8; k++) {
            r = r * 1664525u + 1013904223u;
            m[k] = (uint8_t)(r >> 24);
        }
        wt_frame_start(&b, i);
        assert_int_equal(wt_frame_add(&b, m, 1 + i % 8), 0);
        size_t n = wt_frame_finish(&b);
        check_headers(&b, n);
        all_ones += wt_be16(b.bytes + 40) == 0xffff;
    }
    assert_true(all_ones > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_messages),
        cmocka_unit_test(test_full),
        cmocka_unit_test(test_control),
        cmocka_unit_test(test_checksums),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
