/*
 * Instructions of an add and of a cancel at a level that is there, a listener told: at most 300. Counted by stepping a
 * child through them one by one, so it needs nothing installed; tests/bench/instructions counts with callgrind.
 */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "host/market/random.h"
#include "sim/exchange/engine.h"

enum { LEVELS = 60, EACH = 200, LIMIT = 300, NO_TRACE = 77 };

/* Shared between the two: what the child is at. */
struct progress {
    volatile int counting; /* 0: not, 1: adds, 2: cancels */
};

static uint64_t heard;

static void on_order(void *ctx, const struct wt_engine_view *order)
{
    (void)ctx;
    heard += order->shares;
}

static void on_canceled(void *ctx, const struct wt_engine_view *order, uint32_t shares, bool resting,
                        enum wt_engine_reason reason)
{
    (void)ctx, (void)order, (void)resting, (void)reason;
    heard += shares;
}

static struct wt_engine_order order_at(char side, uint32_t away, uint32_t shares)
{
    return (struct wt_engine_order){.side = side,
                                    .tif = WT_ENGINE_DAY,
                                    .price = side == 'B' ? 3000000 - 100 * away : 3000100 + 100 * away,
                                    .shares = shares,
                                    .mpid = {' ', ' ', ' ', ' '}};
}

/* The child: it stops itself, then everything is stepped. */
static int child(struct progress *p)
{
    struct wt_engine_config config;
    struct wt_engine *engine;
    struct wt_random random;
    struct wt_engine_order orders[EACH];
    uint64_t refs[EACH], ref;
    struct wt_engine_handler handler = {.accepted = on_order, .rested = on_order, .canceled = on_canceled};
    wt_engine_defaults(&config);
    if (wt_engine_create(&config, handler, &engine) < 0 || wt_engine_symbol(engine, "ABC     ") != 0)
        return 1;
    for (uint32_t i = 0; i < 2 * LEVELS; i++) {
        struct wt_engine_order o = order_at("BS"[i / LEVELS], i % LEVELS, 100);
        if (wt_engine_enter(engine, &o, &ref) != WT_ENGINE_OK)
            return 1;
    }
    wt_random_seed(&random, 1);
    for (unsigned i = 0; i < EACH; i++)
        orders[i] = order_at("BS"[i % 2], (uint32_t)wt_random_below(&random, LEVELS), 100);
    if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) < 0)
        return NO_TRACE;
    raise(SIGSTOP);
    p->counting = 1;
    for (unsigned i = 0; i < EACH; i++)
        wt_engine_enter(engine, &orders[i], &refs[i]);
    p->counting = 2;
    for (unsigned i = 0; i < EACH; i++)
        wt_engine_cancel(engine, refs[i], UINT32_MAX, WT_ENGINE_USER);
    p->counting = 0;
    struct wt_engine_totals t;
    wt_engine_totals(engine, &t);
    return t.live_orders == 2 * LEVELS && t.entered == 2 * LEVELS + EACH ? 0 : 1;
}

static void test_add_and_cancel(void **state)
{
    (void)state;
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || !defined(__OPTIMIZE__)
    print_message("# not this build: the sanitizers' instructions would be counted\n");
    skip();
#endif
    struct progress *p = mmap(NULL, sizeof *p, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    assert_true(p != MAP_FAILED);
    uint64_t count[3] = {0};
    int status = 0;
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0)
        _exit(child(p));
    assert_int_equal(waitpid(pid, &status, 0), pid);
    while (WIFSTOPPED(status)) {
        count[p->counting]++;
        if (ptrace(PTRACE_SINGLESTEP, pid, NULL, NULL) < 0 || waitpid(pid, &status, 0) != pid)
            break;
        if (p->counting == 0 && count[2] > 0) {
            ptrace(PTRACE_DETACH, pid, NULL, NULL);
            waitpid(pid, &status, 0);
        }
    }
    munmap(p, sizeof *p);
    assert_true(WIFEXITED(status));
    if (WEXITSTATUS(status) == NO_TRACE) {
        print_message("# a child may not be traced here\n");
        skip();
    }
    assert_int_equal(WEXITSTATUS(status), 0);
    print_message("# instructions: add %llu, cancel %llu, of at most %d\n", (unsigned long long)count[1] / EACH,
                  (unsigned long long)count[2] / EACH, LIMIT);
    assert_in_range(count[1] / EACH, 50, LIMIT);
    assert_in_range(count[2] / EACH, 50, LIMIT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_add_and_cancel)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
