/* Loops side by side: pipes in order and bounded, two loops that exchange events, idling, pinning, what goes wrong. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <time.h>

#include "host/event/group.h"
#include "host/event/pipe.h"

enum { EXCHANGED = 50000 };

static struct wt_event numbered(uint64_t number)
{
    struct wt_event e = {.type = WT_EVENT_POSITION};
    e.position = (struct wt_position_event){.symbol = (wt_symbol)number,
                                            .shares = (int64_t)number,
                                            .cost = (int64_t)(number * 3),
                                            .realized = (int64_t)~number,
                                            .unrealized = (int64_t)(number << 20)};
    return e;
}

static void assert_numbered(const struct wt_event *e, uint64_t number)
{
    struct wt_event want = numbered(number);
    assert_int_equal(e->type, WT_EVENT_POSITION);
    assert_memory_equal(&e->position.shares, &want.position.shares, 4 * sizeof(int64_t));
}

static void a_pipe_keeps_order_and_refuses_when_full(void **state)
{
    (void)state;
    struct wt_pipe *pipe;
    struct wt_pipe_stats stats;
    struct wt_event e;
    assert_int_equal(wt_pipe_create(0, &pipe), -EINVAL);
    assert_int_equal(wt_pipe_create(6, &pipe), -EINVAL);
    assert_int_equal(wt_pipe_create(8, &pipe), 0);
    uint64_t in = 0, out = 0;
    for (unsigned round = 0; round < 100; round++) {
        e = numbered(in);
        while (wt_pipe_send(pipe, &e))
            e = numbered(++in);
        assert_int_equal(in - out, 7);
        for (unsigned i = 0; i < 1 + round % 7; i++) {
            assert_true(wt_pipe_receive(pipe, &e));
            assert_numbered(&e, out++);
        }
    }
    while (wt_pipe_receive(pipe, &e))
        assert_numbered(&e, out++);
    assert_int_equal(out, in);
    wt_pipe_stats(pipe, &stats);
    assert_int_equal(stats.sent, in);
    assert_int_equal(stats.received, in);
    assert_int_equal(stats.refused, 100);
    wt_pipe_destroy(pipe);
}

/* ---- two loops: one counts up, the other answers each number with its double; both check all they get ---- */

struct side {
    struct wt_loop *loop;
    struct wt_pipe *in, *out;
    struct wt_group *group;
    uint64_t sent, got, full;
    int cpu, status;
    bool asks, ended;
};

static void on_number(void *ctx, const struct wt_event *event)
{
    struct side *s = ctx;
    uint64_t number = s->got++;
    assert_numbered(event, s->asks ? 2 * number : number);
    if (s->asks) {
        if (s->got == EXCHANGED)
            wt_group_stop(s->group);
        return;
    }
    struct wt_event answer = numbered(2 * number);
    while (!wt_pipe_send(s->out, &answer)) /* the asker empties it, whatever we do */
        s->full++;
}

/* As many questions as there is room for; a full pipe is tried again in the next round. */
static int ask(void *ctx, uint64_t now)
{
    struct side *s = ctx;
    int n = 0;
    (void)now;
    while (s->sent < EXCHANGED && n < 50) {
        struct wt_event e = numbered(s->sent);
        if (!wt_pipe_send(s->out, &e))
            break;
        s->sent++;
        n++;
    }
    return n;
}

static int build_side(void *ctx, struct wt_loop *loop)
{
    struct side *s = ctx;
    cpu_set_t set;
    s->loop = loop;
    sched_getaffinity(0, sizeof set, &set);
    s->cpu = CPU_COUNT(&set) == 1 ? sched_getcpu() : -1;
    int rc = wt_loop_subscribe(loop, WT_EVENT_POSITION, on_number, s);
    rc = rc ? rc : wt_pipe_attach(s->in, loop);
    return rc || !s->asks ? rc : wt_loop_source(loop, WT_SOURCE_GATEWAY, (struct wt_source){.ctx = s, .poll = ask});
}

static void side_ended(void *ctx, struct wt_loop *loop, int status)
{
    struct side *s = ctx;
    assert_ptr_equal(loop, s->loop);
    s->status = status;
    s->ended = true;
}

static void exchange(struct wt_idle idle, int cpu)
{
    struct wt_pipe *there, *back;
    struct wt_group *group;
    assert_int_equal(wt_pipe_create(64, &there), 0);
    assert_int_equal(wt_pipe_create(256, &back), 0);
    assert_int_equal(wt_group_create(&group), 0);
    struct side asker = {.in = back, .out = there, .group = group, .asks = true},
                answerer = {.in = there, .out = back, .group = group};
    assert_int_equal(
        wt_group_add(group, &(struct wt_group_member){"asker", cpu, idle, &asker, build_side, NULL, side_ended}), 0);
    assert_int_equal(
        wt_group_add(group, &(struct wt_group_member){"answerer", -1, idle, &answerer, build_side, NULL, side_ended}),
        0);
    assert_int_equal(wt_group_start(group), 0);
    assert_int_equal(wt_group_join(group), 0);
    assert_true(asker.ended && answerer.ended);
    assert_int_equal(asker.sent, EXCHANGED);
    assert_int_equal(asker.got, EXCHANGED);
    assert_int_equal(answerer.got, EXCHANGED);
    if (cpu >= 0)
        assert_int_equal(asker.cpu, cpu);
    struct wt_pipe_stats stats;
    wt_pipe_stats(there, &stats);
    assert_int_equal(stats.received, EXCHANGED);
    wt_group_destroy(group);
    wt_pipe_destroy(there);
    wt_pipe_destroy(back);
}

static void two_loops_exchange_events(void **state)
{
    (void)state;
    exchange((struct wt_idle){.yields = 1}, -1);
    exchange((struct wt_idle){.spins = 10, .pauses = 100, .yields = 10, .sleep_ns = 50000}, -1);
}

static void a_pinned_loop_is_where_it_was_put(void **state)
{
    (void)state;
    cpu_set_t set;
    assert_int_equal(sched_getaffinity(0, sizeof set, &set), 0);
    int cpu = 0;
    while (!CPU_ISSET(cpu, &set))
        cpu++;
    exchange((struct wt_idle){.yields = 1}, cpu);
}

/* ---- idling ---- */

static uint64_t thread_ns(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

struct sleeper {
    uint64_t due, ran, cpu_ns, wall_ns;
    struct wt_loop_stats stats;
    struct wt_loop *loop;
};

static void on_timer(void *ctx, const struct wt_event *event)
{
    struct sleeper *s = ctx;
    s->ran = event->ns;
    wt_loop_stop(s->loop, 0);
}

static int build_sleeper(void *ctx, struct wt_loop *loop)
{
    struct sleeper *s = ctx;
    s->loop = loop;
    s->due = wt_loop_now(loop) + 60000000;
    s->cpu_ns = thread_ns(CLOCK_THREAD_CPUTIME_ID);
    s->wall_ns = thread_ns(CLOCK_MONOTONIC);
    assert_true(wt_loop_timer(loop, s->due, 0, 0) != 0);
    return wt_loop_subscribe(loop, WT_EVENT_TIMER, on_timer, s);
}

static void sleeper_ended(void *ctx, struct wt_loop *loop, int status)
{
    struct sleeper *s = ctx;
    (void)status;
    s->cpu_ns = thread_ns(CLOCK_THREAD_CPUTIME_ID) - s->cpu_ns;
    s->wall_ns = thread_ns(CLOCK_MONOTONIC) - s->wall_ns;
    wt_loop_stats(loop, &s->stats);
}

static struct sleeper sleep_with(struct wt_idle idle)
{
    struct sleeper s = {0};
    struct wt_group *group;
    assert_int_equal(wt_group_create(&group), 0);
    assert_int_equal(
        wt_group_add(group, &(struct wt_group_member){"idle", -1, idle, &s, build_sleeper, NULL, sleeper_ended}), 0);
    assert_int_equal(wt_group_start(group), 0);
    assert_int_equal(wt_group_join(group), 0);
    wt_group_destroy(group);
    assert_true(s.ran >= s.due);
    return s;
}

static void an_idle_loop_rests_as_it_was_told(void **state)
{
    (void)state;
    struct sleeper spins = sleep_with((struct wt_idle){0}), pauses = sleep_with((struct wt_idle){.pauses = 1}),
                   sleeps = sleep_with((struct wt_idle){.spins = 100, .sleep_ns = 5000000});
    /* A loop that sleeps makes few rounds and takes little time; the others make many. */
    assert_in_range(sleeps.stats.rounds, 100, 100 + 40);
    assert_true(sleeps.cpu_ns < sleeps.wall_ns / 2);
    assert_true(spins.stats.rounds > 10 * sleeps.stats.rounds);
    assert_true(pauses.stats.rounds > 10 * sleeps.stats.rounds);
}

/* ---- what goes wrong ---- */

static int cannot_build(void *ctx, struct wt_loop *loop)
{
    (void)ctx, (void)loop;
    return -EBUSY;
}

static void one_that_cannot_be_built_ends_all(void **state)
{
    (void)state;
    struct wt_group *group;
    struct sleeper s = {0};
    assert_int_equal(wt_group_create(&group), 0);
    assert_int_equal(
        wt_group_add(group, &(struct wt_group_member){.name = "good", .cpu = -1, .ctx = &s, .build = build_sleeper}),
        0);
    assert_int_equal(wt_group_add(group, &(struct wt_group_member){.name = "bad", .cpu = -1, .build = cannot_build}),
                     0);
    assert_int_equal(wt_group_add(group, &(struct wt_group_member){.cpu = WT_CPU_MAX}), -EINVAL);
    assert_int_equal(wt_group_start(group), -EBUSY);
    assert_int_equal(s.ran, 0); /* none runs */
    wt_group_destroy(group);
    assert_int_equal(wt_group_create(&group), 0);
    assert_int_equal(wt_group_add(group,
                                  &(struct wt_group_member){
                                      .name = "nowhere", .cpu = WT_CPU_MAX - 1, .ctx = &s, .build = build_sleeper}),
                     0);
    assert_true(wt_group_start(group) < 0); /* this machine has no such processor */
    wt_group_destroy(group);
}

static void lists_of_processors(void **state)
{
    int cpus[8];
    (void)state;
    assert_int_equal(wt_cpu_list("3", cpus, 8), 1);
    assert_int_equal(cpus[0], 3);
    assert_int_equal(wt_cpu_list("0,2-4,1", cpus, 8), 5);
    assert_int_equal(cpus[1], 2);
    assert_int_equal(cpus[3], 4);
    assert_int_equal(cpus[4], 1);
    static const char *const wrong[] = {
        "", ",", "1,", "1-", "-1", "a", "2-1", "1 2", "0-8", "1024", "99999999999999999999"};
    for (unsigned i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_int_equal(wt_cpu_list(wrong[i], cpus, 8), -EINVAL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_pipe_keeps_order_and_refuses_when_full), cmocka_unit_test(two_loops_exchange_events),
        cmocka_unit_test(a_pinned_loop_is_where_it_was_put),        cmocka_unit_test(an_idle_loop_rests_as_it_was_told),
        cmocka_unit_test(one_that_cannot_be_built_ends_all),        cmocka_unit_test(lists_of_processors),
    };
    return cmocka_run_group_tests_name("event_group", tests, NULL, NULL);
}
