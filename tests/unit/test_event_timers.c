/* Timers: order, ties, cancels, old handles, a full set; and a random run against a sorted list. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "host/event/timers.h"

static struct wt_timers timers;

static int setup(void **state)
{
    (void)state;
    wt_timers_init(&timers);
    return 0;
}

static uint32_t pop(uint64_t now)
{
    struct wt_timer_entry entry;
    return wt_timers_pop(&timers, now, &entry) ? entry.id : 0;
}

static void runs_in_order_of_time_and_then_of_setting(void **state)
{
    (void)state;
    wt_timers_set(&timers, 30, 0, 1);
    wt_timers_set(&timers, 10, 0, 2);
    wt_timers_set(&timers, 20, 0, 3);
    wt_timers_set(&timers, 10, 0, 4);
    assert_int_equal(wt_timers_next(&timers), 10);
    assert_int_equal(pop(9), 0);
    assert_int_equal(pop(30), 2);
    assert_int_equal(pop(30), 4);
    assert_int_equal(pop(30), 3);
    assert_int_equal(pop(30), 1);
    assert_int_equal(pop(30), 0);
    assert_true(wt_timers_next(&timers) == UINT64_MAX);
}

static void a_canceled_timer_does_not_run_and_an_old_handle_cancels_nothing(void **state)
{
    (void)state;
    wt_timer a = wt_timers_set(&timers, 10, 0, 1);
    assert_true(wt_timers_cancel(&timers, a));
    assert_false(wt_timers_cancel(&timers, a));
    wt_timer b = wt_timers_set(&timers, 10, 0, 2); /* takes a's slot */
    assert_true(a != b);
    assert_false(wt_timers_cancel(&timers, a));
    assert_int_equal(pop(10), 2);
    assert_false(wt_timers_cancel(&timers, b));
    assert_false(wt_timers_cancel(&timers, 0));
    assert_false(wt_timers_cancel(&timers, UINT64_MAX));
}

static void a_full_set_refuses_one_more(void **state)
{
    (void)state;
    wt_timer last = 0;
    for (unsigned i = 0; i < WT_TIMERS_MAX; i++)
        assert_true((last = wt_timers_set(&timers, i, 0, i + 1)) != 0);
    assert_true(wt_timers_set(&timers, 0, 0, 1) == 0);
    assert_true(wt_timers_cancel(&timers, last));
    assert_true(wt_timers_set(&timers, 0, 0, 1) != 0);
}

struct model {
    uint64_t when;
    uint32_t id;
    wt_timer handle;
};

/* Times up to 2^shift apart: of near ones many are equal, of far ones each digit of the wheels differs. */
static void random_run(unsigned shift)
{
    static struct model list[WT_TIMERS_MAX];
    unsigned count = 0;
    uint64_t now = 0;
    srand(7);
    for (uint32_t step = 1; step < 20000; step++) {
        int what = rand() % 10;
        if (what < 5 && count < WT_TIMERS_MAX) {
            uint64_t when = now + ((uint64_t)(rand() % 20) << (rand() % (int)(shift + 1)));
            if (rand() % 50 == 0)
                when = now > 5 ? now - (uint64_t)(rand() % 5) : now; /* late already */
            unsigned i = count++;
            for (; i && list[i - 1].when > when; i--)
                list[i] = list[i - 1];
            list[i] = (struct model){when, step, wt_timers_set(&timers, when, 0, step)};
            assert_true(list[i].handle != 0);
        } else if (what < 7 && count) {
            unsigned i = (unsigned)rand() % count;
            assert_true(wt_timers_cancel(&timers, list[i].handle));
            for (count--; i < count; i++)
                list[i] = list[i + 1];
        } else {
            now += (uint64_t)(rand() % 10) << (rand() % (int)(shift + 1));
            while (count && list[0].when <= now) {
                assert_int_equal(pop(now), list[0].id);
                count--;
                for (unsigned i = 0; i < count; i++)
                    list[i] = list[i + 1];
            }
            assert_int_equal(pop(now), 0);
        }
        assert_true(wt_timers_next(&timers) == (count ? list[0].when : UINT64_MAX));
    }
}

static void a_random_run_equals_a_sorted_list(void **state)
{
    (void)state;
    for (unsigned shift = 0; shift <= 40; shift += 4) {
        wt_timers_init(&timers);
        random_run(shift);
    }
}

/* The last nanosecond there is, and a whole life of base before it. */
static void the_farthest_time_is_reached(void **state)
{
    (void)state;
    wt_timers_set(&timers, UINT64_MAX, 0, 1);
    wt_timers_set(&timers, UINT64_MAX - 1, 0, 2);
    wt_timers_set(&timers, 1ull << 63, 0, 3);
    assert_int_equal(pop(UINT64_MAX), 3);
    assert_int_equal(pop(UINT64_MAX - 2), 0);
    assert_true(wt_timers_next(&timers) == UINT64_MAX - 1);
    assert_int_equal(pop(UINT64_MAX), 2);
    assert_int_equal(pop(UINT64_MAX), 1);
    assert_int_equal(pop(UINT64_MAX), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(runs_in_order_of_time_and_then_of_setting, setup),
        cmocka_unit_test_setup(a_canceled_timer_does_not_run_and_an_old_handle_cancels_nothing, setup),
        cmocka_unit_test_setup(a_full_set_refuses_one_more, setup),
        cmocka_unit_test_setup(a_random_run_equals_a_sorted_list, setup),
        cmocka_unit_test_setup(the_farthest_time_is_reached, setup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
