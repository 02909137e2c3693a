/* Text files that a part writes at the end. */
#ifndef WT_DUMP_H
#define WT_DUMP_H

#include <stdio.h>

/** Write dir/name by put(file, ctx). 0, or -errno with a line printed that names the file. */
int wt_dump(const char *dir, const char *name, void (*put)(FILE *file, const void *ctx), const void *ctx);

#endif
