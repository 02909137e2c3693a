/* Tables that are given once, at start, and used for ever. */
#ifndef WT_TABLE_H
#define WT_TABLE_H

#include <stdint.h>
#include <stdlib.h>

/**
 * Zeros, each page of which has been written to: the hot path meets no page fault, and what the process takes at the
 * start is what it takes at the end. free() it. NULL: no memory.
 */
static inline void *wt_table(size_t count, size_t size)
{
    uint8_t *table = calloc(count, size);
    for (size_t at = 0; table && at < count * size; at += 4096)
        ((volatile uint8_t *)table)[at] = 0;
    return table;
}

#endif
