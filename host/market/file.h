/*
 * Files of length-prefixed messages: a 2-byte big-endian length, then the message, and so on
 * (NASDAQ's BinaryFILE; a zero length ends the session). Read as a stream, so "-" (stdin) and
 * files larger than memory work. One thread an open file.
 */
#ifndef WT_MARKET_FILE_H
#define WT_MARKET_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "host/common/bytes.h"

struct wt_itch_file {
    const uint8_t *pos, *end; /**< bytes in the buffer that are not read yet */
    uint8_t *buffer;
    uint64_t read_bytes; /**< bytes of the file up to `end` */
    uint64_t size;       /**< of a regular file, else 0 */
    char *path;
    int fd;
    bool eof, ended;
};

/**
 * Open path, or stdin for "-". Prints one line and returns -errno when it cannot be opened,
 * is empty (-ENODATA) or is a pcap (-EINVAL). Close with wt_itch_file_close().
 */
int wt_itch_file_open(struct wt_itch_file *file, const char *path);
/** wt_itch_file_next() when the buffer does not hold a whole message. */
int wt_itch_file_refill(struct wt_itch_file *file, const uint8_t **raw, size_t *length);
void wt_itch_file_close(struct wt_itch_file *file);

/** Byte offset in the file of what is read next. */
static inline uint64_t wt_itch_file_offset(const struct wt_itch_file *file)
{
    return file->read_bytes - (uint64_t)(file->end - file->pos);
}

/**
 * The next message: 1 (raw is valid until the next call), 0 at the end, or -errno with a line
 * printed: -EBADMSG when the file is cut inside a message, naming the offset; -EIO and its like.
 */
static inline int wt_itch_file_next(struct wt_itch_file *file, const uint8_t **raw, size_t *length)
{
    const uint8_t *p = file->pos;
    size_t left = (size_t)(file->end - p);
    if (__builtin_expect(left >= 2, 1)) {
        size_t n = wt_be16(p);
        if (__builtin_expect(n != 0 && left - 2 >= n, 1)) {
            *raw = p + 2;
            *length = n;
            file->pos = p + 2 + n;
            return 1;
        }
    }
    return wt_itch_file_refill(file, raw, length);
}

#endif
