/* The journal's writer and reader: round trips, rotation, every damaged byte, every cut, kill -9. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/unit/journal_bench.h"

static void test_crc_is_castagnoli(void **state)
{
    (void)state;
    /* RFC 3720 B.4: 32 bytes of zeros, of ones, and rising. */
    uint8_t bytes[32] = {0};
    assert_int_equal(~wt_crc32c(~0u, bytes, 32), 0x8a9136aau);
    memset(bytes, 0xff, 32);
    assert_int_equal(~wt_crc32c(~0u, bytes, 32), 0x62a8ab43u);
    for (unsigned i = 0; i < 32; i++)
        bytes[i] = (uint8_t)i;
    assert_int_equal(~wt_crc32c(~0u, bytes, 32), 0x46dd794eu);
}

static void test_what_is_written_is_read(void **state)
{
    (void)state;
    enum wt_journal_stop stop;
    struct wt_journal *journal = begin(65536, true);
    const uint64_t records = 5000; /* about ten files */
    for (uint64_t n = 1; n <= records; n++)
        assert_int_equal(put(journal, n), 0);
    assert_int_equal(wt_journal_append(journal, WT_JOURNAL_END, 0, 0, NULL, 0), 0);
    assert_true(wt_journal_number(journal) > records + 5);
    uint64_t committed, synced;
    wt_journal_progress(journal, &committed, &synced);
    assert_true(committed > records * 96);
    assert_int_equal(wt_journal_close(journal), 0);
    assert_int_equal(take(dir, &stop, NULL), records);
    assert_int_equal(stop, WT_JOURNAL_ENDED);
    /* A new journal takes the place of the old one. */
    journal = begin(65536, true);
    put(journal, 1);
    assert_int_equal(wt_journal_close(journal), 0);
    assert_int_equal(take(dir, &stop, NULL), 1);
    assert_int_equal(stop, WT_JOURNAL_OPEN_END);
}

static void test_too_long_and_bad_sizes_are_refused(void **state)
{
    (void)state;
    struct wt_journal *journal = begin(65536, true);
    assert_null(wt_journal_claim(journal, 65536));
    assert_int_equal(put(journal, 1), 0); /* a refused claim leaves no trace */
    assert_int_equal(wt_journal_close(journal), 0);
    enum wt_journal_stop stop;
    assert_int_equal(take(dir, &stop, NULL), 1);
    struct wt_journal_options options;
    wt_journal_defaults(&options);
    options.dir = "/proc/none";
    assert_int_equal(wt_journal_create(&options, &journal), -ENOENT);
    options.segment_bytes = 1000;
    assert_int_equal(wt_journal_create(&options, &journal), -EINVAL);
    struct wt_journal_reader *reader;
    assert_int_equal(wt_journal_open("/tmp/no/such/journal", &reader), -ENOENT);
    assert_int_equal(wt_journal_open("/proc/self/exe", &reader), -EBADMSG);
}

static void test_follow_sees_records_as_they_come(void **state)
{
    (void)state;
    struct wt_journal *journal = begin(65536, true);
    struct wt_journal_reader *reader;
    struct wt_journal_item item;
    put(journal, 1);
    assert_int_equal(wt_journal_open(dir, &reader), 0);
    assert_int_equal(wt_journal_next(reader, &item), 1);
    for (uint64_t n = 2; n < 3000; n++) { /* through several files */
        assert_int_equal(wt_journal_next(reader, &item), 0);
        assert_int_equal(wt_journal_stopped(reader), WT_JOURNAL_OPEN_END);
        put(journal, n);
        assert_int_equal(wt_journal_next(reader, &item), 1);
        assert_int_equal(item.head.ns, n * 10);
    }
    wt_journal_reader_close(reader);
    wt_journal_close(journal);
}

/* A small journal of one file, as bytes, and where its records begin. */
static uint8_t *small(uint64_t records, size_t *bytes, char path[4096])
{
    struct wt_journal *journal = begin(65536, true);
    for (uint64_t n = 1; n <= records; n++)
        put(journal, n);
    wt_journal_append(journal, WT_JOURNAL_END, 0, 0, NULL, 0);
    assert_int_equal(wt_journal_close(journal), 0);
    wt_journal_path(path, dir, 1);
    struct stat st;
    assert_int_equal(stat(path, &st), 0);
    uint8_t *copy = malloc((size_t)st.st_size);
    FILE *f = fopen(path, "rb");
    *bytes = fread(copy, 1, (size_t)st.st_size, f);
    fclose(f);
    return copy;
}

static void overwrite(const char *path, const uint8_t *bytes, size_t length)
{
    int fd = open(path, O_WRONLY | O_TRUNC);
    assert_int_equal(write(fd, bytes, length), (ssize_t)length);
    close(fd);
}

/* Records that end at or before offset. */
static uint64_t whole_before(size_t offset, uint64_t records)
{
    size_t at = 64;
    for (uint64_t n = 1; n <= records; n++) {
        at += 32 + ((length_of(n) + 7) & ~(size_t)7);
        if (at > offset)
            return n - 1;
    }
    return records;
}

static void test_any_byte_damaged(void **state)
{
    (void)state;
    enum { RECORDS = 30 };
    size_t bytes;
    char path[4096], why[4700];
    enum wt_journal_stop stop;
    uint8_t *copy = small(RECORDS, &bytes, path);
    int fd = open(path, O_WRONLY);
    for (size_t at = 64; at < bytes; at++) {
        uint8_t damaged = copy[at] ^ (uint8_t)(1u << mix(at) % 8);
        assert_int_equal(pwrite(fd, &damaged, 1, (off_t)at), 1);
        uint64_t n = take(path, &stop, why);
        /* Exactly the records before the damaged one; and it says which was the last. */
        assert_int_equal(n, whole_before(at, RECORDS));
        assert_int_not_equal(stop, WT_JOURNAL_ENDED);
        char last[64];
        snprintf(last, sizeof last, "last whole record is number %d", (int)n);
        assert_non_null(strstr(why, last));
        assert_non_null(strstr(why, "00000001.wtj: offset "));
        assert_int_equal(pwrite(fd, &copy[at], 1, (off_t)at), 1);
    }
    close(fd);
    struct wt_journal_reader *reader;
    fd = open("/dev/null", O_WRONLY);
    int keep = dup(2);
    dup2(fd, 2); /* 64 messages that would fill the log */
    for (size_t at = 0; at < 64; at++) {
        copy[at] ^= 1;
        overwrite(path, copy, bytes);
        assert_int_equal(wt_journal_open(path, &reader), -EBADMSG);
        copy[at] ^= 1;
    }
    dup2(keep, 2);
    close(keep);
    close(fd);
    free(copy);
}

static void test_any_truncation(void **state)
{
    (void)state;
    enum { RECORDS = 30 };
    size_t bytes;
    char path[4096];
    enum wt_journal_stop stop;
    uint8_t *copy = small(RECORDS, &bytes, path);
    for (size_t length = bytes - 1; length >= 64; length--) {
        assert_int_equal(truncate(path, (off_t)length), 0);
        assert_int_equal(take(path, &stop, NULL), whole_before(length, RECORDS));
        assert_int_not_equal(stop, WT_JOURNAL_ENDED);
    }
    free(copy);
}

/* Power loss: pages written in any order. Whatever pages are zero, the reader stops before the first of them. */
static void test_lost_pages(void **state)
{
    (void)state;
    enum { RECORDS = 400 };
    size_t bytes;
    char path[4096];
    enum wt_journal_stop stop;
    uint8_t *copy = small(RECORDS, &bytes, path), *torn = malloc(bytes);
    for (uint64_t seed = 1; seed <= 100; seed++) {
        size_t first = bytes;
        memcpy(torn, copy, bytes);
        for (size_t page = 1; page * 4096 < bytes; page++)
            if (mix(seed * 100 + page) % 4 == 0) {
                size_t end = page * 4096 + 4096 < bytes ? page * 4096 + 4096 : bytes;
                memset(torn + page * 4096, 0, end - page * 4096);
                first = page * 4096 < first ? page * 4096 : first;
            }
        overwrite(path, torn, bytes);
        uint64_t n = take(path, &stop, NULL);
        assert_true(n >= whole_before(first, RECORDS));
        /* A record may reach over the edge with nothing but padding. */
        assert_true(n <= whole_before(first, RECORDS) + 1);
    }
    free(torn);
    free(copy);
}

static void test_missing_file_in_the_middle(void **state)
{
    (void)state;
    char path[4096];
    enum wt_journal_stop stop;
    struct wt_journal *journal = begin(65536, true);
    for (uint64_t n = 1; n <= 3000; n++)
        put(journal, n);
    wt_journal_close(journal);
    uint64_t all = take(dir, &stop, NULL);
    assert_int_equal(all, 3000);
    wt_journal_path(path, dir, 2);
    unlink(path);
    uint64_t some = take(dir, &stop, NULL);
    assert_true(some > 100 && some < 1500);
    /* A file of another session in its place. */
    char third[4096];
    wt_journal_path(third, dir, 3);
    assert_int_equal(rename(third, path), 0);
    assert_int_equal(take(dir, &stop, NULL), some);
    assert_int_equal(stop, WT_JOURNAL_DAMAGED);
}

/* Bounded: the oldest files go, what stays is the end of the journal, whole. */
static void test_the_oldest_files_go(void **state)
{
    (void)state;
    struct wt_journal_options options;
    struct wt_journal *journal;
    char path[4096];
    wt_journal_defaults(&options);
    options.dir = dir;
    options.segment_bytes = 65536;
    options.block = true;
    options.max_files = 3;
    assert_int_equal(wt_journal_create(&options, &journal), 0);
    for (uint64_t n = 1; n <= 8000; n++)
        put(journal, n);
    uint64_t all = wt_journal_number(journal), last = 0; /* seals of full files included */
    assert_true(all >= 8000);
    assert_int_equal(wt_journal_close(journal), 0);
    unsigned files = 0;
    for (uint64_t number = 1; number < 100; number++) {
        wt_journal_path(path, dir, number);
        if (access(path, F_OK))
            continue;
        assert_true(!last || number == last + 1);
        last = number;
        files++;
    }
    assert_true(last > 10);
    assert_int_equal(files, 3);
    struct wt_journal_reader *reader;
    struct wt_journal_item item;
    assert_int_equal(wt_journal_open(dir, &reader), 0);
    uint64_t count = 0, number = 0;
    while (wt_journal_next(reader, &item) == 1) {
        assert_true(item.head.number > number);
        number = item.head.number;
        count++;
    }
    wt_journal_reader_close(reader);
    assert_int_equal(number, all);
    assert_true(count > 1000 && count < 4000);
}

/*
 * A writer process is killed at a random moment. It tells through shared memory what it has committed: all of
 * that must be there, and at most one record more.
 */
static void test_kill_at_random_points(void **state)
{
    (void)state;
    volatile uint64_t *told = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    enum wt_journal_stop stop;
    uint64_t most = 0;
    for (uint64_t round = 0; round < 60; round++) {
        *told = 0;
        pid_t child = fork();
        if (child == 0) {
            struct wt_journal_options options;
            struct wt_journal *journal;
            wt_journal_defaults(&options);
            options.dir = dir;
            options.segment_bytes = 65536;
            options.block = true;
            if (wt_journal_create(&options, &journal))
                _exit(1);
            for (uint64_t n = 1;; n++) {
                if (put(journal, n))
                    _exit(2);
                *told = n;
            }
        }
        /* By what it has done, so that a slow machine kills at the same places, and a moment at any instruction. */
        for (uint64_t from = 1 + mix(round) % 4000; *told < from && waitpid(child, NULL, WNOHANG) == 0;)
            usleep(50);
        usleep((useconds_t)(mix(round + 1000) % 500));
        kill(child, SIGKILL);
        int status;
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFSIGNALED(status));
        uint64_t n = take(dir, &stop, NULL);
        assert_true(n == *told || n == *told + 1);
        assert_int_equal(stop, WT_JOURNAL_OPEN_END);
        most = n > most ? n : most;
    }
    assert_true(most > 1000); /* several files */
    munmap((void *)told, 4096);
}

/* A writer that goes on behind others in the same folder: file numbers go on, each session is read by itself. */
static void test_sessions_of_a_day(void **state)
{
    (void)state;
    struct wt_journal_options options;
    enum wt_journal_stop stop;
    struct wt_journal_span *spans;
    char path[4096];
    uint64_t first[3];
    wt_journal_defaults(&options);
    options.dir = dir;
    options.segment_bytes = 65536;
    options.block = true;
    for (unsigned session = 0; session < 3; session++) {
        pid_t child = fork();
        if (child == 0) {
            struct wt_journal *journal;
            options.keep = session > 0;
            if (wt_journal_create(&options, &journal))
                _exit(1);
            for (uint64_t n = 1; n <= 1000 + 500 * session; n++)
                put(journal, n);
            kill(getpid(), SIGKILL);
        }
        int status;
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFSIGNALED(status));
        int count = wt_journal_spans(dir, &spans);
        assert_int_equal(count, session + 1);
        first[session] = spans[session].first;
        for (unsigned i = 1; i <= session; i++) {
            assert_int_equal(spans[i].first, spans[i - 1].last + 1);
            assert_int_not_equal(spans[i].session, spans[i - 1].session);
        }
        free(spans);
        /* A folder is its newest session; a file that one. */
        assert_int_equal(take(dir, &stop, NULL), 1000 + 500 * session);
        assert_int_equal(stop, WT_JOURNAL_OPEN_END);
        for (unsigned i = 0; i <= session; i++) {
            wt_journal_path(path, dir, first[i]);
            assert_int_equal(take(path, &stop, NULL), 1000 + 500 * i);
            assert_int_equal(stop, WT_JOURNAL_OPEN_END);
        }
    }
    /* Tidied up twice, nothing is lost; what was only made ready is gone. */
    uint64_t last = 0;
    struct stat st;
    for (unsigned i = 0; i < 2; i++) {
        assert_int_equal(wt_journal_tidy(dir, &last), 0);
        assert_int_equal(take(dir, &stop, NULL), 2000);
    }
    wt_journal_path(path, dir, last);
    assert_int_equal(stat(path, &st), 0);
    assert_true(st.st_size < 65536);
    wt_journal_path(path, dir, last + 1);
    assert_int_equal(stat(path, &st), -1);
    /* A damaged head of the newest session is an error, never the session before it. */
    int count = wt_journal_spans(dir, &spans);
    assert_int_equal(count, 3);
    wt_journal_path(path, dir, spans[2].first);
    free(spans);
    int fd = open(path, O_WRONLY);
    assert_int_equal(pwrite(fd, "x", 1, offsetof(struct wt_journal_head, reserved)), 1); /* was 0 */
    close(fd);
    struct wt_journal_reader *reader;
    if (wt_journal_open(path, &reader) != -EBADMSG)
        fail();
    /* Beginning anew, all of them go. */
    options.keep = false;
    struct wt_journal *journal, *second;
    assert_int_equal(wt_journal_create(&options, &journal), 0);
    /* And nobody else may write here meanwhile. */
    assert_int_equal(wt_journal_create(&options, &second), -EWOULDBLOCK);
    put(journal, 1);
    assert_int_equal(wt_journal_close(journal), 0);
    count = wt_journal_spans(dir, &spans);
    assert_int_equal(count, 1);
    free(spans);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, make_dir, remove_dir)
    const struct CMUnitTest tests[] = {
        TEST(test_crc_is_castagnoli),
        TEST(test_what_is_written_is_read),
        TEST(test_too_long_and_bad_sizes_are_refused),
        TEST(test_follow_sees_records_as_they_come),
        TEST(test_any_byte_damaged),
        TEST(test_any_truncation),
        TEST(test_lost_pages),
        TEST(test_missing_file_in_the_middle),
        TEST(test_the_oldest_files_go),
        TEST(test_kill_at_random_points),
        TEST(test_sessions_of_a_day),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
