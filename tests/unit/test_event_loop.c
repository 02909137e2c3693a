/* The loop's order: inputs one at a time, what they cause to the end, sources in their order, time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "host/event/loop.h"
#include "tests/unit/fake_link.h"

static struct fake_link link_;
static struct wt_loop *loop;
static char trace[4096];
static unsigned polls;

static void note(const char *format, ...)
{
    va_list args;
    size_t n = strlen(trace);
    va_start(args, format);
    vsnprintf(trace + n, sizeof trace - n, format, args);
    va_end(args);
}

static int setup(void **state)
{
    (void)state;
    trace[0] = '\0';
    polls = 0;
    link_ = fake_link(100);
    return wt_loop_create(&link_.link, &loop);
}

static int teardown(void **state)
{
    (void)state;
    wt_loop_destroy(loop);
    return 0;
}

static struct wt_event input(uint32_t id)
{
    return (struct wt_event){.type = WT_EVENT_EXEC, .exec = {.id = id}};
}

/* Each input causes two orders, each order a position. */
static void on_exec(void *ctx, const struct wt_event *event)
{
    (void)ctx;
    note("E%u ", event->exec.id);
    for (uint32_t i = 1; i <= 2; i++)
        wt_loop_publish(loop, &(struct wt_event){.type = WT_EVENT_ORDER, .order = {.id = event->exec.id * 10 + i}});
}

static void on_order(void *ctx, const struct wt_event *event)
{
    note("%sO%u ", (const char *)ctx, event->order.id);
    if (((const char *)ctx)[0] == 'b')
        wt_loop_publish(loop, &(struct wt_event){.type = WT_EVENT_POSITION, .position = {.shares = event->order.id}});
}

static void on_position(void *ctx, const struct wt_event *event)
{
    (void)ctx;
    assert_int_equal(wt_loop_cause(loop)->type, WT_EVENT_EXEC);
    note("P%lld ", (long long)event->position.shares);
}

static void all_that_an_input_causes_comes_before_the_next_input(void **state)
{
    (void)state;
    wt_loop_subscribe(loop, WT_EVENT_EXEC, on_exec, NULL);
    wt_loop_subscribe(loop, WT_EVENT_ORDER, on_order, "a");
    wt_loop_subscribe(loop, WT_EVENT_ORDER, on_order, "b");
    wt_loop_subscribe(loop, WT_EVENT_POSITION, on_position, NULL);
    struct wt_event one = input(1), two = input(2);
    wt_loop_input(loop, &one);
    wt_loop_input(loop, &two);
    wt_loop_drain(loop);
    assert_string_equal(trace, "E1 aO11 bO11 aO12 bO12 P11 P12 E2 aO21 bO21 aO22 bO22 P21 P22 ");
    assert_null(wt_loop_cause(loop));
}

static int poll_source(void *ctx, uint64_t now)
{
    (void)now;
    const char *name = ctx;
    note("%s ", name);
    if (++polls == 1) { /* the card's first poll gives something */
        struct wt_event event = input(7);
        wt_loop_input(loop, &event);
        return 1;
    }
    if (polls > 20)
        wt_loop_stop(loop, 5);
    return 0;
}

static void note_timer(void *ctx, const struct wt_event *event)
{
    (void)ctx;
    note("T%u@%llu ", event->timer.id, (unsigned long long)event->ns);
}

static void note_exec(void *ctx, const struct wt_event *event)
{
    (void)ctx;
    note("E%u ", event->exec.id);
}

static void sources_are_polled_in_order_and_time_passes_only_when_nothing_is_due(void **state)
{
    (void)state;
    wt_loop_subscribe(loop, WT_EVENT_EXEC, note_exec, NULL);
    wt_loop_subscribe(loop, WT_EVENT_TIMER, note_timer, NULL);
    wt_loop_source(loop, WT_SOURCE_COMMANDS, (struct wt_source){"cmd", poll_source, NULL});
    wt_loop_source(loop, WT_SOURCE_CARD, (struct wt_source){"card", poll_source, NULL});
    wt_loop_source(loop, WT_SOURCE_GATEWAY, (struct wt_source){"gw", poll_source, NULL});
    wt_loop_timer(loop, 100, 0, 1);
    wt_loop_timer(loop, 250, 0, 3);
    wt_loop_timer(loop, 200, 0, 2);
    assert_int_equal(wt_loop_run(loop), -EPIPE);
    assert_string_equal(trace, "card E7 gw T1@100 cmd card gw cmd "
                               "card gw T2@200 cmd card gw cmd card gw T3@250 cmd card gw cmd ");
    assert_int_equal(link_.waits, 3);
    struct wt_loop_stats stats;
    wt_loop_stats(loop, &stats);
    assert_int_equal(stats.events[WT_EVENT_TIMER], 3);
    assert_int_equal(stats.inputs, 4);
}

static wt_timer second;

static void cancel_second(void *ctx, const struct wt_event *event)
{
    (void)ctx;
    note("T%u ", event->timer.id);
    if (event->timer.id == 1)
        assert_true(wt_loop_timer_cancel(loop, second));
}

static void a_timer_can_cancel_another_one_due_at_the_same_time(void **state)
{
    (void)state;
    wt_loop_subscribe(loop, WT_EVENT_TIMER, cancel_second, NULL);
    wt_loop_timer(loop, 100, 0, 1);
    second = wt_loop_timer(loop, 100, 0, 2);
    wt_loop_timer(loop, 100, 0, 3);
    assert_int_equal(wt_loop_run(loop), -EPIPE);
    assert_string_equal(trace, "T1 T3 ");
}

static uint64_t deadline_at_300(void *ctx)
{
    (void)ctx;
    return link_.now < 300 ? 300 : UINT64_MAX;
}

static int quiet(void *ctx, uint64_t now)
{
    (void)ctx;
    note("%llu ", (unsigned long long)now);
    return 0;
}

static void the_wait_ends_at_a_sources_deadline(void **state)
{
    (void)state;
    wt_loop_source(loop, WT_SOURCE_GATEWAY, (struct wt_source){NULL, quiet, deadline_at_300});
    wt_loop_timer(loop, 400, 0, 1);
    assert_int_equal(wt_loop_run(loop), -EPIPE);
    assert_string_equal(trace, "100 300 400 400 ");
}

static int broken(void *ctx, uint64_t now)
{
    (void)ctx;
    (void)now;
    return -EOVERFLOW;
}

static void a_sources_error_ends_the_loop(void **state)
{
    (void)state;
    wt_loop_source(loop, WT_SOURCE_CARD, (struct wt_source){NULL, broken, NULL});
    assert_int_equal(wt_loop_run(loop), -EOVERFLOW);
}

static void a_full_queue_ends_the_loop_and_loses_nothing_silently(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 8193; i++) {
        struct wt_event event = input(i);
        wt_loop_input(loop, &event);
    }
    assert_int_equal(wt_loop_run(loop), -ENOBUFS);
}

static void echo(void *ctx, const struct wt_event *event)
{
    (void)ctx;
    wt_loop_publish(loop, event);
}

static void handlers_that_answer_each_other_for_ever_end_the_loop(void **state)
{
    (void)state;
    wt_loop_subscribe(loop, WT_EVENT_EXEC, echo, NULL);
    struct wt_event event = input(1);
    wt_loop_input(loop, &event);
    assert_int_equal(wt_loop_run(loop), -ELOOP);
}

static void handlers_of_a_type_are_limited(void **state)
{
    (void)state;
    for (int i = 0; i < 16; i++)
        assert_int_equal(wt_loop_subscribe(loop, WT_EVENT_EXEC, note_exec, NULL), 0);
    assert_int_equal(wt_loop_subscribe(loop, WT_EVENT_EXEC, note_exec, NULL), -ENOSPC);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(all_that_an_input_causes_comes_before_the_next_input),
        TEST(sources_are_polled_in_order_and_time_passes_only_when_nothing_is_due),
        TEST(a_timer_can_cancel_another_one_due_at_the_same_time),
        TEST(the_wait_ends_at_a_sources_deadline),
        TEST(a_sources_error_ends_the_loop),
        TEST(a_full_queue_ends_the_loop_and_loses_nothing_silently),
        TEST(handlers_that_answer_each_other_for_ever_end_the_loop),
        TEST(handlers_of_a_type_are_limited),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
