/*
 * Between journal.c and tap.c only: the journal's inside, and the commit of a record that an order waits for, claimed,
 * copied and sealed in one piece.
 */
#ifndef WT_JOURNAL_QUICK_H
#define WT_JOURNAL_QUICK_H

#include <string.h>

#include "host/event/journal.h"
#include "host/event/journal_disk.h"

enum { WT_JOURNAL_QUICK_MAX = 64 }; /* bytes of payload of such a record */

struct wt_journal {
    uint8_t *at;     /* where the next record goes */
    uint8_t *limit;  /* of the file, less room for a seal */
    uint64_t number; /* of the last record */
    uint64_t session;
    uint64_t begun[WT_JOURNAL_QUICK_MAX + 1]; /* checksums as they begin, by bytes of payload */
    struct wt_segment *segment;
    uint32_t length; /* of the claimed record, head included */
    bool block, fast;
    size_t segment_bytes;
    uint64_t committed; /* bytes in files that are full */
    uint64_t waits;
    struct wt_disk disk;
};

#if defined(__x86_64__) && !defined(WT_CRC_PORTABLE)
/** May use the instruction; `fast` says whether it is there. */
#define WT_JOURNAL_HARDWARE __attribute__((target("sse4.2")))
#define WT_JOURNAL_CAN __builtin_cpu_supports("sse4.2")
/* Written out, so that what uses it may be inlined anywhere: a function that may use the instruction cannot. */
#define WT_JOURNAL_CRC(crc, word) __asm__("crc32q %1, %0" : "+r"(crc) : "rm"((uint64_t)(word)))
#else
#define WT_JOURNAL_HARDWARE
#define WT_JOURNAL_CAN 0
#define WT_JOURNAL_CRC(crc, word) ((void)(word), (void)(crc)) /* never asked for: `fast` is false */
#endif

/** A record of a payload of that size may be committed so; `fast` is asked before. */
static inline bool wt_journal_quick(const struct wt_journal *j)
{
    return (size_t)(j->limit - j->at) >= sizeof(struct wt_journal_record) + WT_JOURNAL_QUICK_MAX;
}

/** Where the payload of the next record goes, where wt_journal_quick(). */
static inline void *wt_journal_at(const struct wt_journal *j)
{
    return j->at + sizeof(struct wt_journal_record);
}

/** 64 bytes to two places. */
static inline __attribute__((always_inline)) void wt_journal_copy(void *to, void *also, const void *from)
{
    typedef uint64_t __attribute__((vector_size(16), may_alias, aligned(1))) half;
    const half *f = from;
    half *t = to, *a = also, v0 = f[0], v1 = f[1], v2 = f[2], v3 = f[3];
    t[0] = v0, t[1] = v1, t[2] = v2, t[3] = v3;
    a[0] = v0, a[1] = v1, a[2] = v2, a[3] = v3;
}

/**
 * Commit the record whose payload of length bytes, a constant from 8 to WT_JOURNAL_QUICK_MAX, is at wt_journal_at(),
 * with zeros behind it up to 8 bytes.
 */
static inline __attribute__((always_inline)) void wt_journal_seal(struct wt_journal *j, void *at,
                                                                  enum wt_journal_type type, unsigned flags,
                                                                  uint64_t ns, uint32_t calls, const size_t length)
{
    typedef uint64_t __attribute__((may_alias, aligned(1))) word;
    struct wt_journal_record *r = (struct wt_journal_record *)at - 1;
    const word *payload = at;
    const uint64_t what = (uint64_t)type | flags << 16 | (uint64_t)calls << 32, number = j->number + 1;
    const uint32_t total = (uint32_t)(sizeof *r + length);
    uint64_t crc = j->begun[length];
    j->number = number;
    r->number = number;
    r->ns = ns;
    memcpy(&r->type, &what, sizeof what);
    WT_JOURNAL_CRC(crc, number);
    WT_JOURNAL_CRC(crc, ns);
    WT_JOURNAL_CRC(crc, what);
#define WT_WORD(i)                                                                                                     \
    if ((i)*8 < length)                                                                                                \
    WT_JOURNAL_CRC(crc, payload[i])
    WT_WORD(0);
    WT_WORD(1);
    WT_WORD(2);
    WT_WORD(3);
    WT_WORD(4);
    WT_WORD(5);
    WT_WORD(6);
    WT_WORD(7);
#undef WT_WORD
    r->checksum = (uint32_t)crc;
    __atomic_store_n(&r->length, total, __ATOMIC_RELEASE);
    uint8_t *next = (uint8_t *)r + ((total + 7) & ~7u);
    j->at = next;
    atomic_store_explicit(&j->segment->used, (size_t)(next - j->segment->base), memory_order_release);
}

#endif
