/* Messages of the parsers are worded, so that wording is tried too, and thrown away. */
#include "tests/fuzz/fuzz.h"

static void swallow(const char *format, va_list args)
{
    char line[1024];
    vsnprintf(line, sizeof line, format, args);
}

void wt_error(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    swallow(format, args);
    va_end(args);
}

void wt_warn(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    swallow(format, args);
    va_end(args);
}

void wt_info(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    swallow(format, args);
    va_end(args);
}
