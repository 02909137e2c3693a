#include "host/market/rows.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    BUFFER_BYTES = 1 << 20,
    ROW_MAX = 128 /* 20 + 15 + 8 + 4 * 10 digits, 6 commas, a newline: 90 */
};

struct last_row {
    uint32_t bid_price, bid_shares, ask_price, ask_shares;
    uint8_t name_length;
    char name[8];
};

struct wt_rows {
    char *buffer;
    size_t used;
    int fd, error;
    struct last_row last[65536];
};

static const char digits[] = "00010203040506070809101112131415161718192021222324252627282930313233343536373839"
                             "40414243444546474849505152535455565758596061626364656667686970717273747576777879"
                             "8081828384858687888990919293949596979899";

int wt_rows_create(int fd, struct wt_rows **out)
{
    struct wt_rows *rows = calloc(1, sizeof *rows);
    if (!rows || !(rows->buffer = malloc(BUFFER_BYTES))) {
        free(rows);
        return -ENOMEM;
    }
    rows->fd = fd;
    *out = rows;
    return 0;
}

static inline char *put_number(char *out, uint64_t value)
{
    char text[20];
    size_t at = sizeof text;
    while (value >= 100) {
        memcpy(text + (at -= 2), digits + value % 100 * 2, 2);
        value /= 100;
    }
    if (value >= 10)
        memcpy(text + (at -= 2), digits + value * 2, 2);
    else
        text[--at] = (char)('0' + value);
    memcpy(out, text + at, sizeof text - at);
    return out + (sizeof text - at);
}

/* Half of a row's prices in 64-bit arithmetic would cost a third more: most numbers fit in 32. */
static inline char *put_small(char *out, uint32_t value)
{
    char text[10];
    size_t at = sizeof text;
    while (value >= 100) {
        memcpy(text + (at -= 2), digits + value % 100 * 2, 2);
        value /= 100;
    }
    if (value >= 10)
        memcpy(text + (at -= 2), digits + value * 2, 2);
    else
        text[--at] = (char)('0' + value);
    memcpy(out, text + at, sizeof text - at);
    return out + (sizeof text - at);
}

/* A name may hold any byte on a broken feed; the row stays one row of seven fields. */
static void set_name(struct last_row *row, const char *name)
{
    size_t n = 8;
    while (n > 1 && name[n - 1] == ' ')
        n--;
    for (size_t i = 0; i < n; i++)
        row->name[i] = name[i] > ' ' && name[i] < 127 && name[i] != ',' && name[i] != '"' ? name[i] : '?';
    row->name_length = (uint8_t)n;
}

bool wt_rows_put(struct wt_rows *rows, uint64_t message, uint64_t exch_ns, uint16_t symbol, const char *name,
                 uint32_t bid_price, uint32_t bid_shares, uint32_t ask_price, uint32_t ask_shares)
{
    struct last_row *last = &rows->last[symbol];
    char *out;
    if (last->bid_price == bid_price && last->bid_shares == bid_shares && last->ask_price == ask_price &&
        last->ask_shares == ask_shares)
        return false;
    if (last->name_length == 0)
        set_name(last, name);
    last->bid_price = bid_price;
    last->bid_shares = bid_shares;
    last->ask_price = ask_price;
    last->ask_shares = ask_shares;
    if (BUFFER_BYTES - rows->used < ROW_MAX)
        wt_rows_flush(rows);
    out = rows->buffer + rows->used;
    out = put_number(out, message);
    *out++ = ',';
    out = put_number(out, exch_ns);
    *out++ = ',';
    memcpy(out, last->name, sizeof last->name);
    out += last->name_length;
    *out++ = ',';
    out = put_small(out, bid_price);
    *out++ = ',';
    out = put_small(out, bid_shares);
    *out++ = ',';
    out = put_small(out, ask_price);
    *out++ = ',';
    out = put_small(out, ask_shares);
    *out++ = '\n';
    rows->used = (size_t)(out - rows->buffer);
    return true;
}

int wt_rows_flush(struct wt_rows *rows)
{
    size_t done = 0;
    while (done < rows->used && !rows->error) {
        ssize_t n = write(rows->fd, rows->buffer + done, rows->used - done);
        if (n >= 0)
            done += (size_t)n;
        else if (errno != EINTR)
            rows->error = -errno;
    }
    rows->used = 0;
    return rows->error;
}

int wt_rows_error(const struct wt_rows *rows)
{
    return rows->error;
}

void wt_rows_destroy(struct wt_rows *rows)
{
    if (!rows)
        return;
    free(rows->buffer);
    free(rows);
}
