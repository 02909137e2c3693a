/* What the tests of the journal share: a folder, records whose bytes follow from their number, and a reader of them. */
#ifndef JOURNAL_BENCH_H
#define JOURNAL_BENCH_H

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "host/event/journal.h"
#include "host/event/journal_reader.h"

static char dir[64];

static int make_dir(void **state)
{
    (void)state;
    snprintf(dir, sizeof dir, "/tmp/wt_journal_XXXXXX");
    return mkdtemp(dir) ? 0 : -1;
}

static int remove_dir(void **state)
{
    (void)state;
    char command[100];
    snprintf(command, sizeof command, "rm -rf %s", dir);
    return system(command);
}

static struct wt_journal *begin(size_t segment_bytes, bool block)
{
    struct wt_journal_options options;
    struct wt_journal *journal;
    wt_journal_defaults(&options);
    options.dir = dir;
    options.segment_bytes = segment_bytes;
    options.block = block;
    options.sync_ns = 1000000;
    assert_int_equal(wt_journal_create(&options, &journal), 0);
    return journal;
}

static uint64_t mix(uint64_t x)
{
    x ^= x >> 30;
    x *= 0xbf58476d1ce4e5b9u;
    x ^= x >> 27;
    x *= 0x94d049bb133111ebu;
    return x ^ x >> 31;
}

/* The n-th record of every test: type, length, time and bytes follow from n. */
static size_t length_of(uint64_t n)
{
    return mix(n) % 7 == 0 ? mix(n) % 600 : 64;
}

static void fill(uint64_t n, uint8_t *bytes)
{
    size_t length = length_of(n);
    for (size_t i = 0; i < length; i++)
        bytes[i] = (uint8_t)mix(n * 1000 + i);
}

static int put(struct wt_journal *journal, uint64_t n)
{
    uint8_t *to = wt_journal_claim(journal, length_of(n));
    if (!to)
        return -ENOSPC;
    fill(n, to);
    wt_journal_commit(journal, (enum wt_journal_type)(1 + n % 20), 0, n * 10, (uint32_t)(n % 5));
    return 0;
}

/* Read everything; every record must be the one that was written. Returns how many. seals are not given. */
static uint64_t take(const char *path, enum wt_journal_stop *stop, char why[4700])
{
    struct wt_journal_reader *reader;
    struct wt_journal_item item;
    uint8_t expected[600];
    uint64_t n = 0;
    *stop = WT_JOURNAL_DAMAGED;
    if (wt_journal_open(path, &reader))
        return 0;
    while (wt_journal_next(reader, &item) == 1) {
        if (item.head.type == WT_JOURNAL_END)
            break;
        n++;
        fill(n, expected);
        assert_int_equal(item.length, length_of(n));
        assert_int_equal(item.head.type, 1 + n % 20);
        assert_int_equal(item.head.ns, n * 10);
        assert_int_equal(item.head.calls, n % 5);
        assert_memory_equal(item.payload, expected, item.length);
    }
    *stop = wt_journal_stopped(reader);
    if (why)
        snprintf(why, 4700, "%s", wt_journal_why(reader));
    wt_journal_reader_close(reader);
    return n;
}

#endif
