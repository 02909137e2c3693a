/* Where the real files are, for tests that use them; they are skipped where the files are not. */
#ifndef WT_TEST_MARKET_DATA_H
#define WT_TEST_MARKET_DATA_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define DATA "../shared/data/"

#define NEED_FILE(path)                                                                                                \
    do {                                                                                                               \
        if (access(path, R_OK) != 0) {                                                                                 \
            fprintf(stderr, "# %s is not there\n", path);                                                              \
            skip();                                                                                                    \
        }                                                                                                              \
    } while (0)

/* A whole file, malloc'd. */
static inline uint8_t *slurp(const char *path, size_t *length)
{
    FILE *f = fopen(path, "rb");
    uint8_t *bytes;
    long n;
    if (!f)
        return NULL;
    fseek(f, 0, SEEK_END);
    n = ftell(f);
    rewind(f);
    bytes = malloc((size_t)n + 1);
    *length = fread(bytes, 1, (size_t)n, f);
    fclose(f);
    return bytes;
}

#endif
