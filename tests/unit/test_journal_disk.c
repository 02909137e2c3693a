/* The journal on a disk that is full, slow, or stands still. */
#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/unit/journal_bench.h"

/* Files may not grow beyond a limit: the second one cannot be made. In a process of its own, for the limit. */
static void test_full_disk(void **state)
{
    (void)state;
    pid_t child = fork();
    if (child == 0) {
        struct wt_journal *journal = begin(1 << 20, false);
        struct rlimit limit = {65536, 65536};
        /* The second file may have been made ready before: use it up first. */
        uint64_t n = 0;
        if (setrlimit(RLIMIT_FSIZE, &limit))
            _exit(10);
        uint64_t quiet = 0;
        int rc = 0;
        while (!rc) {
            if (!wt_journal_trouble(journal))
                quiet = n;
            rc = put(journal, n + 1);
            n += rc == 0;
            if (n % 500 == 0)
                usleep(2000); /* a pace at which the disk would keep up */
            if (n > 1000000)
                _exit(11);
        }
        if (wt_journal_trouble(journal) != -EFBIG)
            _exit(12);
        /* The warning came early: much could still be written after it. */
        if (n - quiet < 1000)
            _exit(13);
        if (put(journal, n + 1) != -ENOSPC)
            _exit(14);
        if (wt_journal_close(journal))
            _exit(15);
        enum wt_journal_stop stop;
        if (take(dir, &stop, NULL) != n || stop != WT_JOURNAL_OPEN_END)
            _exit(16);
        _exit(0);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

/* Faster than the disk may be: with nothing synced, the limit of unsynced bytes stops trading. */
static void test_slow_disk(void **state)
{
    (void)state;
    struct wt_journal_options options;
    struct wt_journal *journal;
    wt_journal_defaults(&options);
    options.dir = dir;
    options.segment_bytes = 1 << 20;
    options.sync_ns = 0;
    options.max_unsynced = 200000;
    assert_int_equal(wt_journal_create(&options, &journal), 0);
    uint64_t n = 0;
    while (!wt_journal_trouble(journal))
        assert_int_equal(put(journal, ++n), 0);
    assert_int_equal(wt_journal_trouble(journal), -EAGAIN);
    uint64_t committed, synced;
    wt_journal_progress(journal, &committed, &synced);
    assert_in_range(committed - synced, 200000, 201000);
    assert_int_equal(put(journal, n + 1), 0); /* what must still be written can be */
    assert_int_equal(wt_journal_close(journal), 0);
    enum wt_journal_stop stop;
    assert_int_equal(take(dir, &stop, NULL), n + 1);
}

/* The journal's disk, in place of libc's: so many files can be made, then it stands still until there are more. */
static _Atomic int files_to_make = 1 << 30;
static _Atomic unsigned asked_to_give_up, give_up_at;

int posix_fallocate(int fd, off_t offset, off_t length)
{
    while (atomic_load(&files_to_make) <= 0)
        usleep(500);
    atomic_fetch_sub(&files_to_make, 1);
    return syscall(SYS_fallocate, fd, 0, offset, length) ? errno : 0;
}

static bool give_up(void)
{
    return atomic_fetch_add(&asked_to_give_up, 1) + 1 >= atomic_load(&give_up_at);
}

static void *go_on_later(void *ctx)
{
    (void)ctx;
    usleep(200000);
    atomic_store(&files_to_make, 1 << 30);
    return NULL;
}

static uint64_t clock_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

/*
 * A disk that stands still for longer than a file lasts: it is told while a quarter of the file is left, at its end the
 * writer waits, and goes on without a gap when the disk does. Without an end to it he gives up when he is told to, and
 * what was written stays whole.
 */
static void test_disk_that_stands_still(void **state)
{
    (void)state;
    for (unsigned never = 0; never < 2; never++) {
        struct wt_journal_options options;
        struct wt_journal *journal;
        enum wt_journal_stop stop;
        pthread_t thread;
        wt_journal_defaults(&options);
        options.dir = dir;
        options.segment_bytes = 65536;
        options.give_up = give_up;
        atomic_store(&asked_to_give_up, 0);
        atomic_store(&give_up_at, never ? 20 : UINT32_MAX);
        atomic_store(&files_to_make, 1);
        assert_int_equal(wt_journal_create(&options, &journal), 0);
        uint64_t n = 0, quiet = 0, longest = 0;
        while (!wt_journal_trouble(journal))
            assert_int_equal(put(journal, quiet = ++n), 0);
        assert_int_equal(wt_journal_trouble(journal), -EAGAIN);
        if (!never)
            assert_int_equal(pthread_create(&thread, NULL, go_on_later, NULL), 0);
        int rc = 0;
        while (!rc && n < quiet + 1000) {
            uint64_t before = clock_ms();
            rc = put(journal, n + 1);
            n += rc == 0;
            uint64_t took = clock_ms() - before;
            longest = took > longest ? took : longest;
        }
        assert_true(n - quiet > 100); /* the quarter that was left */
        assert_true(wt_journal_waits(journal) >= 1);
        if (never) {
            assert_int_equal(rc, -ENOSPC);
            assert_int_equal(atomic_load(&asked_to_give_up), 20);
            atomic_store(&files_to_make, 1 << 30);
        } else {
            assert_int_equal(rc, 0);
            assert_true(longest > 50); /* of the 200 ms, at the end of the file */
            pthread_join(thread, NULL);
        }
        assert_int_equal(wt_journal_close(journal), 0);
        assert_int_equal(take(dir, &stop, NULL), n);
        assert_int_equal(stop, WT_JOURNAL_OPEN_END);
    }
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, make_dir, remove_dir)
    const struct CMUnitTest tests[] = {
        TEST(test_full_disk),
        TEST(test_slow_disk),
        TEST(test_disk_that_stands_still),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
