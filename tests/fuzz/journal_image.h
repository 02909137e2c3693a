/* A journal file in memory, with a good head and good checksums: no search comes past a checksum by chance. */
#ifndef WT_FUZZ_JOURNAL_IMAGE_H
#define WT_FUZZ_JOURNAL_IMAGE_H

#include "host/event/journal.h"
#include "tests/fuzz/fuzz.h"

enum { IMAGE_BYTES = 1 << 16, IMAGE_SESSION = 0x1234567 };

struct image {
    _Alignas(8) uint8_t bytes[IMAGE_BYTES];
    size_t length;
    uint64_t records;
};

static inline void image_begin(struct image *f)
{
    struct wt_journal_head head = {.magic = WT_JOURNAL_MAGIC,
                                   .version = WT_JOURNAL_VERSION,
                                   .session = IMAGE_SESSION,
                                   .segment = 1,
                                   .first = 1,
                                   .bytes = IMAGE_BYTES,
                                   .wall_ns = 1};
    head.checksum = wt_crc32c(~0u, &head, offsetof(struct wt_journal_head, checksum));
    memset(f, 0, sizeof *f);
    memcpy(f->bytes, &head, sizeof head);
    f->length = sizeof head;
}

/** Append a record, unless there is no room for it. */
static inline bool image_append(struct image *f, unsigned type, unsigned flags, const void *payload, size_t length)
{
    struct wt_journal_record r = {.length = (uint32_t)(sizeof r + length),
                                  .number = f->records + 1,
                                  .ns = f->records * 1000,
                                  .type = (uint16_t)type,
                                  .flags = (uint16_t)flags};
    size_t padded = (r.length + 7u) & ~7u;
    if (f->length + padded > IMAGE_BYTES)
        return false;
    uint8_t *to = f->bytes + f->length;
    memcpy(to, &r, sizeof r);
    if (length)
        memcpy(to + sizeof r, payload, length);
    r.checksum = wt_journal_checksum(IMAGE_SESSION, (const void *)to, r.length);
    memcpy(to, &r, sizeof r);
    f->length += padded;
    f->records++;
    return true;
}

#endif
