/*
 * What the fuzz harnesses share. Each harness (fuzz_NAME.c) is one parser with what must hold of whatever it is fed:
 * LLVMFuzzerTestOneInput takes one input, fuzz_seeds gives inputs made by the product's own writers to begin from.
 * Linked with libFuzzer it searches (`make fuzz`); linked with replay.c it takes its seeds, mutations of them and the
 * inputs of tests/fuzz/regress/NAME (`make test`).
 */
#ifndef WT_FUZZ_H
#define WT_FUZZ_H

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "host/common/bytes.h"
#include "host/common/log.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/** Where a harness puts its seeds. */
typedef void fuzz_put(void *ctx, const uint8_t *data, size_t size);
void fuzz_seeds(fuzz_put *put, void *ctx);

#define FUZZ_CHECK(condition)                                                                                          \
    do {                                                                                                               \
        if (!(condition)) {                                                                                            \
            fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__, #condition);                             \
            abort();                                                                                                   \
        }                                                                                                              \
    } while (0)

/** Bytes of an input, taken from its front. */
struct fuzz_bytes {
    const uint8_t *at;
    size_t left;
};

static inline uint8_t fuzz_u8(struct fuzz_bytes *b)
{
    if (b->left == 0)
        return 0;
    b->left--;
    return *b->at++;
}

static inline uint16_t fuzz_u16(struct fuzz_bytes *b)
{
    uint16_t high = fuzz_u8(b);
    return (uint16_t)(high << 8 | fuzz_u8(b));
}

/** The next n bytes, or those that are left, as a block of their own: what reads over its end is seen. Free it. */
static inline uint8_t *fuzz_block(struct fuzz_bytes *b, size_t n, size_t *length)
{
    *length = n < b->left ? n : b->left;
    uint8_t *block = malloc(*length ? *length : 1);
    FUZZ_CHECK(block);
    if (*length)
        memcpy(block, b->at, *length);
    b->at += *length;
    b->left -= *length;
    return block;
}

/** A file of these bytes in memory, by name; fuzz_file_close() when done. */
struct fuzz_file {
    int fd;
    char path[40];
};

static inline struct fuzz_file fuzz_file_open(const uint8_t *bytes, size_t length)
{
    struct fuzz_file f = {.fd = memfd_create("fuzz", MFD_CLOEXEC)};
    FUZZ_CHECK(f.fd >= 0);
    FUZZ_CHECK(length == 0 || write(f.fd, bytes, length) == (ssize_t)length);
    FUZZ_CHECK(lseek(f.fd, 0, SEEK_SET) == 0);
    snprintf(f.path, sizeof f.path, "/proc/self/fd/%d", f.fd);
    return f;
}

static inline void fuzz_file_close(struct fuzz_file *f)
{
    close(f->fd);
}

/** An input under construction. */
struct fuzz_seed {
    uint8_t bytes[1 << 16];
    size_t length;
};

static inline void fuzz_add(struct fuzz_seed *s, const void *bytes, size_t length)
{
    FUZZ_CHECK(length <= sizeof s->bytes - s->length);
    if (length)
        memcpy(s->bytes + s->length, bytes, length);
    s->length += length;
}

static inline void fuzz_add_u8(struct fuzz_seed *s, unsigned value)
{
    fuzz_add(s, &(uint8_t){(uint8_t)value}, 1);
}

static inline void fuzz_add_u16(struct fuzz_seed *s, unsigned value)
{
    fuzz_add_u8(s, value >> 8);
    fuzz_add_u8(s, value & 0xff);
}

#endif
