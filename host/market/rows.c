#include "host/market/rows.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    BUFFER_BYTES = 1 << 20,
    ROW_MAX = 128 /* 20 + 15 + 8 + 4 * 10 digits, 6 commas, a newline: 90, and what is copied beyond */
};

/* One side of a symbol's last row, and its text ",price,shares": mostly only one of the two sides changes. */
struct last_side {
    uint32_t price, shares;
    uint32_t length;
    char text[24]; /* 22 used */
};

struct last_row {
    struct last_side bid, ask;
    uint32_t name_length;
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

static inline char *put_four(char *out, uint32_t value)
{
    memcpy(out, digits + value / 100 * 2, 2);
    memcpy(out + 2, digits + value % 100 * 2, 2);
    return out + 4;
}

static inline char *put_eight(char *out, uint32_t value)
{
    return put_four(put_four(out, value / 10000), value % 10000);
}

/* Up to four digits, without leading zeros. */
static inline char *put_first(char *out, uint32_t value)
{
    if (value >= 1000)
        return put_four(out, value);
    if (value >= 100) {
        *out = (char)('0' + value / 100);
        memcpy(out + 1, digits + value % 100 * 2, 2);
        return out + 3;
    }
    if (value >= 10) {
        memcpy(out, digits + value * 2, 2);
        return out + 2;
    }
    *out = (char)('0' + value);
    return out + 1;
}

static inline char *put_small(char *out, uint32_t value)
{
    if (value < 10000)
        return put_first(out, value);
    if (value < 100000000)
        return put_four(put_first(out, value / 10000), value % 10000);
    return put_eight(put_first(out, value / 100000000), value % 100000000);
}

static inline char *put_number(char *out, uint64_t value)
{
    const uint64_t eight = 100000000;
    if (value <= UINT32_MAX)
        return put_small(out, (uint32_t)value);
    if (value < eight * eight)
        return put_eight(put_small(out, (uint32_t)(value / eight)), (uint32_t)(value % eight));
    out = put_small(out, (uint32_t)(value / (eight * eight)));
    value %= eight * eight;
    return put_eight(put_eight(out, (uint32_t)(value / eight)), (uint32_t)(value % eight));
}

static void set_side(struct last_side *side, uint32_t price, uint32_t shares)
{
    char *out = side->text;
    side->price = price;
    side->shares = shares;
    *out++ = ',';
    out = put_small(out, price);
    *out++ = ',';
    out = put_small(out, shares);
    side->length = (uint32_t)(out - side->text);
}

static inline char *put_side(char *out, const struct last_side *side)
{
    memcpy(out, side->text, sizeof side->text);
    return out + side->length;
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
    bool bid = last->bid.price != bid_price || last->bid.shares != bid_shares;
    bool ask = last->ask.price != ask_price || last->ask.shares != ask_shares;
    char *out;
    if (!bid && !ask)
        return false;
    if (last->name_length == 0) {
        set_name(last, name);
        bid = ask = true;
    }
    if (bid)
        set_side(&last->bid, bid_price, bid_shares);
    if (ask)
        set_side(&last->ask, ask_price, ask_shares);
    if (BUFFER_BYTES - rows->used < ROW_MAX)
        wt_rows_flush(rows);
    out = rows->buffer + rows->used;
    out = put_number(out, message);
    *out++ = ',';
    out = put_number(out, exch_ns);
    *out++ = ',';
    memcpy(out, last->name, sizeof last->name);
    out += last->name_length;
    out = put_side(out, &last->bid);
    out = put_side(out, &last->ask);
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
