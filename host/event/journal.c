#include "host/event/journal.h"

#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "host/common/log.h"
#include "host/event/journal_quick.h"

enum { HEAD = sizeof(struct wt_journal_record), SEAL = HEAD };
enum { STAND_NS = 100000, STAND_TELL = 500 }; /* 50 ms: a file that is just being made is no news */

/* ---- checksum: CRC-32C finds every error within 32 bits, so every flipped byte ---- */

static uint32_t crc_byte(uint32_t crc, uint8_t byte)
{
    crc ^= byte;
    for (int bit = 0; bit < 8; bit++)
        crc = crc >> 1 ^ (0x82f63b78u & (0u - (crc & 1)));
    return crc;
}

static uint32_t crc_slow(uint32_t crc, const uint8_t *p, size_t length)
{
    static _Thread_local uint32_t table[256];
    if (!table[1])
        for (unsigned i = 0; i < 256; i++)
            table[i] = crc_byte(0, (uint8_t)i);
    while (length--)
        crc = crc >> 8 ^ table[(crc ^ *p++) & 255];
    return crc;
}

#define HARDWARE WT_JOURNAL_HARDWARE
#define FAST WT_JOURNAL_CAN
#if defined(__x86_64__) && !defined(WT_CRC_PORTABLE)
HARDWARE static inline __attribute__((always_inline)) uint32_t crc_fast(uint32_t crc, const void *bytes, size_t length)
{
    typedef uint64_t __attribute__((may_alias, aligned(1))) word;
    uint64_t c = crc;
    const word *p = bytes, *end = p + length / 8;
    for (; end - p >= 4; p += 4) {
        c = __builtin_ia32_crc32di(c, p[0]);
        c = __builtin_ia32_crc32di(c, p[1]);
        c = __builtin_ia32_crc32di(c, p[2]);
        c = __builtin_ia32_crc32di(c, p[3]);
    }
    for (; p < end; p++)
        c = __builtin_ia32_crc32di(c, *p);
    return (uint32_t)c;
}
#else
#define crc_fast(crc, bytes, length) crc_slow(crc, (const uint8_t *)(bytes), length)
#endif

HARDWARE static uint32_t crc_by_hardware(uint32_t crc, const void *bytes, size_t length)
{
    return crc_fast(crc, bytes, length);
}

uint32_t wt_crc32c(uint32_t crc, const void *bytes, size_t length)
{
    return FAST ? crc_by_hardware(crc, bytes, length) : crc_slow(crc, bytes, length);
}

static size_t padded(size_t length)
{
    return (length + 7) & ~(size_t)7;
}

static uint32_t checksum_slow(uint64_t session, const struct wt_journal_record *record, uint32_t length)
{
    uint64_t first = session ^ length;
    return crc_slow(crc_slow(~0u, (const uint8_t *)&first, 8), (const uint8_t *)record + 8, padded(length) - 8);
}

HARDWARE static inline __attribute__((always_inline)) uint32_t
checksum_fast(uint64_t session, const struct wt_journal_record *record, uint32_t length)
{
    uint64_t first = session ^ length;
    return crc_fast(crc_fast(~0u, &first, 8), (const uint8_t *)record + 8, padded(length) - 8);
}

HARDWARE static uint32_t checksum_by_hardware(uint64_t session, const struct wt_journal_record *record, uint32_t length)
{
    return checksum_fast(session, record, length);
}

uint32_t wt_journal_checksum(uint64_t session, const struct wt_journal_record *record, uint32_t length)
{
    return FAST ? checksum_by_hardware(session, record, length) : checksum_slow(session, record, length);
}

/* ---- the loop's side ---- */

static void enter(struct wt_journal *j, struct wt_segment *segment)
{
    struct wt_journal_head *head = (struct wt_journal_head *)(void *)segment->base;
    head->first = j->number + 1;
    /* The checksum makes it a file: until then a reader takes it for one that is only made ready. */
    __atomic_store_n(&head->checksum, wt_crc32c(~0u, head, offsetof(struct wt_journal_head, checksum)),
                     __ATOMIC_RELEASE);
    j->segment = segment;
    j->at = segment->base + sizeof *head;
    j->limit = segment->base + segment->bytes - SEAL;
    atomic_store_explicit(&segment->used, sizeof *head, memory_order_release);
    atomic_store_explicit(&j->disk.current, segment, memory_order_release);
}

HARDWARE static inline __attribute__((always_inline)) void commit(struct wt_journal *j, unsigned type, unsigned flags,
                                                                  uint64_t ns, uint32_t calls)
{
    struct wt_journal_record *r = (struct wt_journal_record *)(void *)j->at;
    uint32_t length = j->length;
    r->number = ++j->number;
    r->ns = ns;
    r->type = (uint16_t)type;
    r->flags = (uint16_t)flags;
    r->calls = calls;
    r->checksum =
        __builtin_expect(j->fast, 1) ? checksum_fast(j->session, r, length) : checksum_slow(j->session, r, length);
    __atomic_store_n(&r->length, length, __ATOMIC_RELEASE);
    j->at += padded(length);
    atomic_store_explicit(&j->segment->used, (size_t)(j->at - j->segment->base), memory_order_release);
}

/* The record is committed in a function that may use the instruction; it asks `fast` before it does. */
HARDWARE void wt_journal_commit(struct wt_journal *j, enum wt_journal_type type, unsigned flags, uint64_t ns,
                                uint32_t calls)
{
    commit(j, type, flags, ns, calls);
}

static struct wt_segment *ready(const struct wt_journal *j)
{
    return atomic_load_explicit(&j->disk.ready, memory_order_acquire);
}

/* The disk is too slow, which was told long ago, or the loop too fast: nothing else can be done without a record of it.
 */
static struct wt_segment *stand(struct wt_journal *j)
{
    struct wt_segment *next = NULL;
    j->waits++;
    for (unsigned i = 0; !next && !atomic_load_explicit(&j->disk.error, memory_order_relaxed); i++) {
        if (i >= STAND_TELL && j->disk.options.give_up && j->disk.options.give_up())
            return NULL;
        if (i == STAND_TELL)
            wt_warn(
                "the journal's file is full and the disk stands still: until it goes on nothing comes in or leaves");
        nanosleep(&(struct timespec){.tv_nsec = STAND_NS}, NULL);
        next = ready(j);
    }
    return next;
}

/* The next file, which the other thread has made ready. */
static __attribute__((noinline)) bool rotate(struct wt_journal *j, uint64_t ns)
{
    struct wt_segment *next = ready(j);
    while (!next && j->block && !atomic_load_explicit(&j->disk.error, memory_order_relaxed)) {
        sched_yield();
        next = ready(j);
    }
    if (!next && !j->block)
        next = stand(j);
    if (!next)
        return false;
    j->length = SEAL;
    wt_journal_commit(j, WT_JOURNAL_SEAL, 0, ns, 0);
    j->committed += (uint64_t)(j->at - j->segment->base);
    struct wt_segment *old = j->segment;
    enter(j, next);
    atomic_store_explicit(&j->disk.retired, old, memory_order_release);
    atomic_store_explicit(&j->disk.ready, NULL, memory_order_release);
    return true;
}

void *wt_journal_claim(struct wt_journal *j, size_t length)
{
    size_t total = HEAD + length;
    if (__builtin_expect((size_t)(j->limit - j->at) < padded(total), 0)) {
        if (length > j->segment_bytes / 4 || !rotate(j, 0))
            return NULL;
    }
    j->length = (uint32_t)total;
    return j->at + HEAD;
}

int wt_journal_append(struct wt_journal *j, enum wt_journal_type type, uint64_t ns, uint32_t calls, const void *payload,
                      size_t length)
{
    void *to = wt_journal_claim(j, length);
    if (!to)
        return -ENOSPC;
    if (length)
        memcpy(to, payload, length);
    wt_journal_commit(j, type, 0, ns, calls);
    return 0;
}

void wt_journal_block(struct wt_journal *j, bool block)
{
    j->block = block;
}

int wt_journal_trouble(const struct wt_journal *j)
{
    int error = atomic_load_explicit(&j->disk.error, memory_order_relaxed);
    if (error || j->block)
        return error;
    size_t used = (size_t)(j->at - j->segment->base);
    if (used > j->segment_bytes / 4 * 3 && !atomic_load_explicit(&j->disk.ready, memory_order_relaxed))
        return -EAGAIN;
    uint64_t synced = atomic_load_explicit(&j->disk.synced, memory_order_relaxed);
    if (j->disk.options.max_unsynced && j->committed + used > synced + j->disk.options.max_unsynced)
        return -EAGAIN;
    return 0;
}

uint64_t wt_journal_waits(const struct wt_journal *j)
{
    return j->waits;
}

uint64_t wt_journal_number(const struct wt_journal *j)
{
    return j->number;
}

void wt_journal_progress(const struct wt_journal *j, uint64_t *committed, uint64_t *synced)
{
    *committed = j->committed + (uint64_t)(j->at - j->segment->base);
    *synced = atomic_load_explicit(&j->disk.synced, memory_order_relaxed);
}

void wt_journal_defaults(struct wt_journal_options *options)
{
    *options = (struct wt_journal_options){
        .segment_bytes = 64u << 20, .sync_ns = 10000000, .max_unsynced = 256u << 20, .block = false};
}

int wt_journal_create(const struct wt_journal_options *options, struct wt_journal **journal)
{
    if (options->segment_bytes < 65536 || options->segment_bytes > 1u << 30 || options->segment_bytes % 4096) {
        wt_error("journal: files of %zu bytes; a multiple of 4096 from 65536 to 1073741824 is right",
                 options->segment_bytes);
        return -EINVAL;
    }
    struct wt_journal *j = calloc(1, sizeof *j);
    if (!j)
        return -ENOMEM;
    j->block = options->block;
    j->fast = FAST;
    j->segment_bytes = options->segment_bytes;
    int rc = wt_disk_start(&j->disk, options);
    if (rc) {
        free(j);
        return rc;
    }
    j->session = j->disk.session;
    for (size_t n = 0; n <= WT_JOURNAL_QUICK_MAX; n++) {
        uint64_t first = j->session ^ (HEAD + n);
        j->begun[n] = wt_crc32c(~0u, &first, sizeof first);
    }
    enter(j, atomic_load_explicit(&j->disk.ready, memory_order_acquire));
    atomic_store_explicit(&j->disk.ready, NULL, memory_order_release);
    *journal = j;
    return 0;
}

int wt_journal_close(struct wt_journal *j)
{
    if (!j)
        return 0;
    int rc = wt_disk_stop(&j->disk);
    free(j);
    return rc;
}
