#include "host/common/log.h"

#include <stdarg.h>
#include <stdio.h>

static void print(const char *prefix, const char *format, va_list args)
{
    char line[1024];
    vsnprintf(line, sizeof line, format, args);
    fprintf(stderr, "wiretick: %s%s\n", prefix, line);
}

void wt_error(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    print("error: ", format, args);
    va_end(args);
}

void wt_warn(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    print("warning: ", format, args);
    va_end(args);
}

void wt_info(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    print("", format, args);
    va_end(args);
}
