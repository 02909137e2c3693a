#include "host/common/dump.h"

#include <errno.h>
#include <string.h>

#include "host/common/log.h"

int wt_dump(const char *dir, const char *name, void (*put)(FILE *file, const void *ctx), const void *ctx)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", dir, name);
    FILE *file = fopen(path, "w");
    int bad = !file;
    if (file) {
        put(file, ctx);
        bad = ferror(file);
        bad |= fclose(file);
    }
    if (!bad)
        return 0;
    int error = errno ? errno : EIO;
    wt_error("%s: cannot be written: %s", path, strerror(error));
    return -error;
}
