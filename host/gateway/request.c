#include "host/gateway/request.h"

#include <errno.h>
#include <string.h>

#include "host/common/bytes.h"

static inline bool good_order(const struct wt_request_terms *t, const struct wt_order_request *r)
{
    return r->id > t->last_id && r->shares - 1 < WT_OUCH_MAX_QUANTITY && r->price - 1 < WT_OUCH_MAX_PRICE &&
           (r->tif == WT_TIF_DAY || r->tif == WT_TIF_IOC);
}

/* All eight characters at once: none below 0x20, above 0x7e; the first is no space. */
static inline bool good_name(const char name[8])
{
    const uint64_t ones = 0x0101010101010101, high = 0x80 * ones;
    uint64_t v;
    memcpy(&v, name, 8);
    uint64_t seven = v & ~high, low = seven + 0x60 * ones, above = seven + ones; /* each byte's highest bit tells */
    return !(((v | ~low | above) & high)) && name[0] != ' ';
}

/* Eight decimal digits as characters, the first in the lowest byte: halves, quarters and digits side by side. */
static inline uint64_t eight_digits(uint32_t number)
{
    uint64_t v = number / 10000 | (uint64_t)(number % 10000) << 32;
    uint64_t hundreds = (v * 10486 >> 20) & 0x0000007f0000007f;
    v = hundreds | (v - 100 * hundreds) << 16;
    uint64_t tens = (v * 103 >> 10) & 0x000f000f000f000f;
    return (tens | (v - 10 * tens) << 8) + 0x3030303030303030;
}

/* ClOrdID without the owner: readable in the venue's logs, unique because the id is. */
static void put_number(uint8_t to[12], uint32_t id)
{
    uint32_t high = id / 100000000;
    uint64_t low = eight_digits(id % 100000000);
    to[0] = 'W';
    to[1] = 'T';
    to[2] = (uint8_t)('0' + high / 10);
    to[3] = (uint8_t)('0' + high % 10);
    memcpy(to + 4, &low, 8);
}

static inline void put_cl_ord_id(uint8_t to[14], const struct wt_request_terms *t, uint32_t id, unsigned owner)
{
    /* Both hexadecimal digits of an owner. */
#define WT_PAIR(high, low)                                                                                             \
    {                                                                                                                  \
        high, low                                                                                                      \
    }
#define WT_PAIRS(high)                                                                                                 \
    WT_PAIR(high, '0'), WT_PAIR(high, '1'), WT_PAIR(high, '2'), WT_PAIR(high, '3'), WT_PAIR(high, '4'),                \
        WT_PAIR(high, '5'), WT_PAIR(high, '6'), WT_PAIR(high, '7'), WT_PAIR(high, '8'), WT_PAIR(high, '9'),            \
        WT_PAIR(high, 'A'), WT_PAIR(high, 'B'), WT_PAIR(high, 'C'), WT_PAIR(high, 'D'), WT_PAIR(high, 'E'),            \
        WT_PAIR(high, 'F')
    static const uint8_t pairs[256][2] = {WT_PAIRS('0'), WT_PAIRS('1'), WT_PAIRS('2'), WT_PAIRS('3'),
                                          WT_PAIRS('4'), WT_PAIRS('5'), WT_PAIRS('6'), WT_PAIRS('7'),
                                          WT_PAIRS('8'), WT_PAIRS('9'), WT_PAIRS('A'), WT_PAIRS('B'),
                                          WT_PAIRS('C'), WT_PAIRS('D'), WT_PAIRS('E'), WT_PAIRS('F')};
    if (__builtin_expect(t->ready_id == id, 1))
        memcpy(to, t->ready, 12);
    else
        put_number(to, id);
    memcpy(to + 12, pairs[owner & 255], 2);
}

static int hex_digit(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'A' && c <= 'F' ? c - 'A' + 10 : 0;
}

static uint8_t owner_of(const char cl_ord_id[14])
{
    return (uint8_t)(hex_digit(cl_ord_id[12]) << 4 | hex_digit(cl_ord_id[13]));
}

static inline void put_head(uint8_t *to, uint8_t type, size_t body)
{
    wt_put_be16(to, (uint16_t)(1 + body));
    to[2] = WT_SOUP_UNSEQUENCED;
    to[3] = type;
}

/*
 * The three requests, field by field as in the tables of ouch.c; tests/unit/test_request.c holds them to those. Each
 * has room for all of it.
 */

static int put_enter(const struct wt_request_terms *t, const struct wt_order_request *r, uint8_t *to)
{
    uint8_t *m = to + WT_SOUP_HEADER;
    size_t length = 47;
    if (!good_order(t, r) || (r->side != WT_BUY && r->side != WT_SELL) || !good_name(r->name))
        return -EINVAL;
    wt_put_be32(m + 1, r->id);
    m[5] = (uint8_t)r->side;
    wt_put_be32(m + 6, r->shares);
    memcpy(m + 10, r->name, 8);
    wt_put_be64(m + 18, r->price);
    m[26] = (uint8_t)r->tif;
    m[27] = (uint8_t)t->display;
    m[28] = (uint8_t)t->capacity;
    m[29] = 'N';
    m[30] = 'N';
    put_cl_ord_id(m + 31, t, r->id, r->owner);
    wt_put_be16(m + 45, 0);
    if (t->firm[0]) {
        wt_put_be16(m + 45, 6);
        m[47] = 5;
        m[48] = WT_OUCH_TAG_FIRM;
        memset(m + 49, ' ', 4);
        memcpy(m + 49, t->firm, strnlen(t->firm, 4));
        length += 6;
    }
    put_head(to, WT_OUCH_ENTER, length);
    return (int)(WT_SOUP_HEADER + length);
}

static int put_replace(const struct wt_request_terms *t, const struct wt_order_request *r, uint8_t *to)
{
    uint8_t *m = to + WT_SOUP_HEADER;
    if (!good_order(t, r) || r->replaced - 1 >= t->last_id)
        return -EINVAL;
    put_head(to, WT_OUCH_REPLACE, 40);
    wt_put_be32(m + 1, r->replaced);
    wt_put_be32(m + 5, r->id);
    wt_put_be32(m + 9, r->shares);
    wt_put_be64(m + 13, r->price);
    m[21] = (uint8_t)r->tif;
    m[22] = (uint8_t)t->display;
    m[23] = 'N';
    put_cl_ord_id(m + 24, t, r->id, r->owner);
    wt_put_be16(m + 38, 0);
    return WT_SOUP_HEADER + 40;
}

void wt_request_ready(struct wt_request_terms *t, uint8_t owner)
{
    t->replace_id = UINT64_MAX;
    t->ready_id = t->last_id + 1;
    put_number(t->ready, t->ready_id);
    if (t->dialect != WT_OUCH_50 || t->ready_id < 2)
        return; /* of another dialect, none that could be replaced, or no id left */
    const struct wt_order_request any = {.kind = WT_REQUEST_REPLACE,
                                         .id = t->ready_id,
                                         .replaced = 1,
                                         .tif = WT_TIF_DAY,
                                         .owner = owner,
                                         .shares = 1,
                                         .price = 1};
    memset(t->replace, 0, sizeof t->replace);
    if (put_replace(t, &any, t->replace) != WT_REQUEST_REPLACE_LENGTH)
        return;
    t->replace_id = t->ready_id;
    t->replace_owner = owner;
}

static int put_cancel(const struct wt_request_terms *t, const struct wt_order_request *r, uint8_t *to)
{
    uint8_t *m = to + WT_SOUP_HEADER;
    if (r->id - 1 >= t->last_id || r->shares > WT_OUCH_MAX_QUANTITY)
        return -EINVAL;
    put_head(to, WT_OUCH_CANCEL, 9);
    wt_put_be32(m + 1, r->id);
    wt_put_be32(m + 5, r->shares);
    return WT_SOUP_HEADER + 9;
}

void wt_request_name(uint32_t id, uint8_t owner, char name[14])
{
    const struct wt_request_terms nothing_ready = {.ready_id = ~id};
    put_cl_ord_id((uint8_t *)name, &nothing_ready, id, owner);
}

uint32_t wt_request_id(const char name[14], uint8_t *owner)
{
    uint64_t id = 0;
    if (name[0] != 'W' || name[1] != 'T')
        return 0;
    for (unsigned i = 2; i < 12; i++) {
        if (name[i] < '0' || name[i] > '9')
            return 0;
        id = id * 10 + (uint64_t)(name[i] - '0');
    }
    *owner = owner_of(name);
    char again[14];
    if (id > UINT32_MAX)
        return 0;
    wt_request_name((uint32_t)id, *owner, again);
    return memcmp(again, name, sizeof again) == 0 ? (uint32_t)id : 0;
}

/* ---------------------------------------------------------------- OUCH 4.2 */

/* Whatever the dialect, an order is the same. */
static bool good_request(const struct wt_request_terms *t, const struct wt_order_request *r)
{
    switch (r->kind) {
    case WT_REQUEST_ENTER:
        return good_order(t, r) && (r->side == WT_BUY || r->side == WT_SELL) && good_name(r->name);
    case WT_REQUEST_REPLACE:
        return good_order(t, r) && r->replaced - 1 < t->last_id;
    case WT_REQUEST_CANCEL:
        return r->id - 1 < t->last_id && r->shares <= WT_OUCH_MAX_QUANTITY;
    }
    return false;
}

static int encode42(const struct wt_request_terms *t, const struct wt_order_request *r, uint8_t *to, size_t room)
{
    static const char types[] = {[WT_REQUEST_ENTER] = WT_OUCH_ENTER,
                                 [WT_REQUEST_REPLACE] = WT_OUCH_REPLACE,
                                 [WT_REQUEST_CANCEL] = WT_OUCH_CANCEL};
    struct wt_ouch42 m = {.side = (char)r->side,
                          .display = t->display,
                          .capacity = t->capacity,
                          .iso = 'N',
                          .cross = 'N',
                          .customer = ' ',
                          .quantity = r->shares,
                          .price = r->price,
                          .time_in_force = r->tif == WT_TIF_IOC ? WT_OUCH42_IOC : WT_OUCH42_DAY};
    if (!good_request(t, r))
        return -EINVAL;
    m.type = types[r->kind];
    memset(m.firm, ' ', sizeof m.firm);
    memcpy(m.firm, t->firm, strnlen(t->firm, sizeof m.firm));
    memcpy(m.symbol, r->name, sizeof m.symbol);
    wt_request_name(r->id, r->owner, m.token);
    wt_request_name(r->replaced, r->owner, m.existing);
    int length = wt_ouch42_encode(WT_OUCH_IN, &m, to + WT_SOUP_HEADER, room - WT_SOUP_HEADER);
    if (length < 0)
        return length;
    put_head(to, (uint8_t)m.type, (size_t)length);
    return WT_SOUP_HEADER + length;
}

static int decode42(const uint8_t *message, size_t length, struct wt_order_request *r)
{
    struct wt_ouch42 m;
    uint8_t owner;
    if (wt_ouch42_decode(WT_OUCH_IN, message, length, &m))
        return -EBADMSG;
    memset(r, 0, sizeof *r);
    r->symbol = WT_SYMBOL_NONE;
    r->shares = m.quantity;
    r->id = wt_request_id(m.token, &r->owner);
    if (r->id == 0)
        return -EBADMSG;
    switch (m.type) {
    case WT_OUCH_ENTER:
        r->kind = WT_REQUEST_ENTER;
        if (m.side != WT_BUY && m.side != WT_SELL)
            return -EBADMSG;
        r->side = (enum wt_side)(uint8_t)m.side;
        memcpy(r->name, m.symbol, sizeof r->name);
        break;
    case WT_OUCH_REPLACE:
        r->kind = WT_REQUEST_REPLACE;
        r->replaced = wt_request_id(m.existing, &owner);
        if (r->replaced == 0 || owner != r->owner)
            return -EBADMSG;
        break;
    case WT_OUCH_CANCEL:
        r->kind = WT_REQUEST_CANCEL;
        return 1;
    default:
        return 0;
    }
    if (m.time_in_force != WT_OUCH42_DAY && m.time_in_force != WT_OUCH42_IOC)
        return -EBADMSG;
    r->tif = m.time_in_force == WT_OUCH42_DAY ? WT_TIF_DAY : WT_TIF_IOC;
    r->price = (uint32_t)m.price;
    return 1;
}

int wt_request_encode(const struct wt_request_terms *t, const struct wt_order_request *request, uint8_t *to,
                      size_t room)
{
    if (room < WT_REQUEST_MAX)
        return -EMSGSIZE;
    if (t->dialect == WT_OUCH_42)
        return encode42(t, request, to, room);
    switch (request->kind) {
    case WT_REQUEST_ENTER:
        return put_enter(t, request, to);
    case WT_REQUEST_REPLACE:
        return put_replace(t, request, to);
    case WT_REQUEST_CANCEL:
        return put_cancel(t, request, to);
    }
    return -EINVAL;
}

int wt_request_decode(enum wt_ouch_dialect dialect, const uint8_t *packet, size_t length,
                      struct wt_order_request *request)
{
    struct wt_ouch m;
    if (length < WT_SOUP_HEADER || wt_be16(packet) != length - 2)
        return -EBADMSG;
    if (packet[2] != WT_SOUP_UNSEQUENCED)
        return 0;
    if (dialect == WT_OUCH_42)
        return decode42(packet + WT_SOUP_HEADER, length - WT_SOUP_HEADER, request);
    if (wt_ouch_decode(WT_OUCH_IN, packet + WT_SOUP_HEADER, length - WT_SOUP_HEADER, &m))
        return -EBADMSG;
    if (m.type != WT_OUCH_QUERY && m.user_ref == 0) /* ids begin at 1 */
        return -EBADMSG;
    memset(request, 0, sizeof *request);
    request->id = m.user_ref;
    request->symbol = WT_SYMBOL_NONE;
    request->shares = m.quantity;
    switch (m.type) {
    case WT_OUCH_ENTER:
        request->kind = WT_REQUEST_ENTER;
        request->side = (enum wt_side)(uint8_t)m.side;
        memcpy(request->name, m.symbol, sizeof request->name);
        break;
    case WT_OUCH_REPLACE:
        request->kind = WT_REQUEST_REPLACE;
        request->replaced = m.orig_ref;
        break;
    case WT_OUCH_CANCEL:
        request->kind = WT_REQUEST_CANCEL;
        return 1;
    default:
        return 0;
    }
    bool side = m.type == WT_OUCH_REPLACE || m.side == WT_BUY || m.side == WT_SELL;
    if (m.price > UINT32_MAX || !side || (m.tif != WT_TIF_DAY && m.tif != WT_TIF_IOC))
        return -EBADMSG;
    request->price = (uint32_t)m.price;
    request->tif = (enum wt_tif)m.tif;
    request->owner = owner_of(m.cl_ord_id);
    return 1;
}
