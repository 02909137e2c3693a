/* The consumer of record rings: new and old laps, wrap of the 32-bit number, being lapped. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "host/card/ring.h"

enum { LOG2 = 4, RECORDS = 1 << LOG2 };

static _Alignas(64) uint32_t memory[RECORDS][16];
static struct wt_ring ring;

static void write_record(uint32_t number, uint32_t content)
{
    uint32_t *r = memory[(number - 1) % RECORDS];
    for (int i = 0; i < 15; i++)
        r[i] = content + (uint32_t)i;
    r[15] = number;
}

static void check(uint32_t number, uint32_t content)
{
    uint32_t out[16] = {0};
    assert_int_equal(wt_ring_pop(&ring, out), 1);
    for (int i = 0; i < 15; i++)
        assert_int_equal(out[i], content + (uint32_t)i);
    assert_int_equal(out[15], number);
    assert_int_equal(ring.cons, number);
}

static int start(void **state)
{
    (void)state;
    memset(memory, 0, sizeof memory);
    wt_ring_init(&ring, memory, LOG2);
    return 0;
}

static void test_laps(void **state)
{
    (void)state;
    uint32_t out[16] = {7}, written = 0, read = 0;
    assert_int_equal(wt_ring_pop(&ring, out), 0);
    assert_int_equal(out[0], 7);
    for (uint32_t step = 0; step < 1000; step++) {
        for (uint32_t n = step % (RECORDS + 1); n > 0 && written - read < RECORDS; n--)
            written++, write_record(written, written * 100);
        for (uint32_t n = (step * 7) % (RECORDS + 1); n > 0 && read < written; n--)
            read++, check(read, read * 100);
        if (read == written)
            assert_int_equal(wt_ring_pop(&ring, out), 0);
    }
    assert_true(written > 5000);
}

static void test_wrap(void **state)
{
    (void)state;
    uint32_t out[16];
    ring.cons = 0xffffffff - 20;
    for (uint32_t i = 0; i < RECORDS; i++) /* the lap before */
        memory[(ring.cons - 1 - i) % RECORDS][15] = ring.cons - i;
    for (uint32_t i = 0; i < 100; i++) {
        uint32_t number = ring.cons + 1;
        assert_int_equal(wt_ring_pop(&ring, out), 0);
        write_record(number, i);
        check(number, i);
    }
    assert_int_equal(ring.cons, 79);
}

static void test_lapped(void **state)
{
    (void)state;
    uint32_t out[16] = {0};
    for (uint32_t i = 1; i <= RECORDS; i++)
        write_record(i, i);
    check(1, 1);
    write_record(RECORDS + 1, 5); /* over record 1, which is consumed: legal */
    check(2, 2);
    write_record(RECORDS + 3, 5); /* over record 3, which is not */
    assert_int_equal(wt_ring_pop(&ring, out), -75);
    assert_int_equal(ring.cons, 2);
    assert_int_equal(wt_ring_pop(&ring, out), -75);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_laps, start),
        cmocka_unit_test_setup(test_wrap, start),
        cmocka_unit_test_setup(test_lapped, start),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
