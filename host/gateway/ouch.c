#include "host/gateway/ouch.h"

#include <errno.h>
#include <string.h>

#include "host/common/bytes.h"
#include "host/gateway/ouch_field.h"

enum options { NONE, OPTIONAL, MANDATORY };

#define MAX_FIELDS 16

struct layout {
    char type;
    uint8_t length; /* without the appendage length */
    uint8_t options;
    struct wt_ouch_field fields[MAX_FIELDS]; /* ends at a zero offset */
};

_Static_assert(sizeof(struct wt_ouch) < 256, "member offsets are bytes");

#define F(offset, kind, member)                                                                                        \
    {                                                                                                                  \
        offset, WT_OUCH_FIELD_##kind, offsetof(struct wt_ouch, member)                                                 \
    }
#define TIME F(1, U64, timestamp)

/* The tables of protocols.md section 4. Lengths there include the appendage length where it is mandatory. */
static const struct layout inbound[] = {
    {'O',
     45,
     MANDATORY,
     {F(1, U32, user_ref), F(5, LETTER, side), F(6, U32, quantity), F(10, TEXT8, symbol), F(18, U64, price),
      F(26, LETTER, tif), F(27, LETTER, display), F(28, LETTER, capacity), F(29, LETTER, iso), F(30, LETTER, cross),
      F(31, TEXT14, cl_ord_id)}},
    {'U',
     38,
     MANDATORY,
     {F(1, U32, orig_ref), F(5, U32, user_ref), F(9, U32, quantity), F(13, U64, price), F(21, LETTER, tif),
      F(22, LETTER, display), F(23, LETTER, iso), F(24, TEXT14, cl_ord_id)}},
    {'X', 9, OPTIONAL, {F(1, U32, user_ref), F(5, U32, quantity)}},
    {'M', 10, OPTIONAL, {F(1, U32, user_ref), F(5, LETTER, side), F(6, U32, quantity)}},
    {'C', 17, OPTIONAL, {F(1, U32, user_ref), F(5, TEXT4, firm), F(9, TEXT8, symbol)}},
    {'D', 9, OPTIONAL, {F(1, U32, user_ref), F(5, TEXT4, firm)}},
    {'E', 9, OPTIONAL, {F(1, U32, user_ref), F(5, TEXT4, firm)}},
    {'Q', 1, OPTIONAL, {{0}}},
};

static const struct layout outbound[] = {
    {'S', 10, NONE, {TIME, F(9, LETTER, event)}},
    {'A',
     62,
     MANDATORY,
     {TIME, F(9, U32, user_ref), F(13, LETTER, side), F(14, U32, quantity), F(18, TEXT8, symbol), F(26, U64, price),
      F(34, LETTER, tif), F(35, LETTER, display), F(36, U64, order_ref), F(44, LETTER, capacity), F(45, LETTER, iso),
      F(46, LETTER, cross), F(47, LETTER, state), F(48, TEXT14, cl_ord_id)}},
    {'U',
     66,
     MANDATORY,
     {TIME, F(9, U32, orig_ref), F(13, U32, user_ref), F(17, LETTER, side), F(18, U32, quantity), F(22, TEXT8, symbol),
      F(30, U64, price), F(38, LETTER, tif), F(39, LETTER, display), F(40, U64, order_ref), F(48, LETTER, capacity),
      F(49, LETTER, iso), F(50, LETTER, cross), F(51, LETTER, state), F(52, TEXT14, cl_ord_id)}},
    {'C', 18, OPTIONAL, {TIME, F(9, U32, user_ref), F(13, U32, quantity), F(17, CODE, reason)}},
    {'D',
     32,
     OPTIONAL,
     {TIME, F(9, U32, user_ref), F(13, U32, quantity), F(17, CODE, reason), F(18, U32, prevented), F(22, U64, price),
      F(30, LETTER, liquidity), F(31, LETTER, aiq_strategy)}},
    {'E',
     34,
     MANDATORY,
     {TIME, F(9, U32, user_ref), F(13, U32, quantity), F(17, U64, price), F(25, LETTER, liquidity), F(26, U64, match)}},
    {'B', 36, OPTIONAL, {TIME, F(9, U32, user_ref), F(13, U64, match), F(21, CODE, reason), F(22, TEXT14, cl_ord_id)}},
    {'J', 29, OPTIONAL, {TIME, F(9, U32, user_ref), F(13, U16, reason), F(15, TEXT14, cl_ord_id)}},
    {'P', 13, OPTIONAL, {TIME, F(9, U32, user_ref)}},
    {'I', 13, OPTIONAL, {TIME, F(9, U32, user_ref)}},
    {'T', 30, OPTIONAL, {TIME, F(9, U32, user_ref), F(13, U64, price), F(21, LETTER, display), F(22, U64, order_ref)}},
    {'M', 18, OPTIONAL, {TIME, F(9, U32, user_ref), F(13, LETTER, side), F(14, U32, quantity)}},
    {'R', 14, MANDATORY, {TIME, F(9, U32, user_ref), F(13, CODE, reason)}},
    {'Q', 13, OPTIONAL, {TIME, F(9, U32, user_ref)}},
    {'X', 25, MANDATORY, {TIME, F(9, U32, user_ref), F(13, TEXT4, firm), F(17, TEXT8, symbol)}},
    {'G', 17, MANDATORY, {TIME, F(9, U32, user_ref), F(13, TEXT4, firm)}},
    {'K', 17, MANDATORY, {TIME, F(9, U32, user_ref), F(13, TEXT4, firm)}},
};

static const struct layout *layout_of(enum wt_ouch_direction direction, char type)
{
    const struct layout *table = direction == WT_OUCH_IN ? inbound : outbound;
    size_t count = direction == WT_OUCH_IN ? sizeof inbound / sizeof inbound[0] : sizeof outbound / sizeof outbound[0];
    for (size_t i = 0; i < count; i++)
        if (table[i].type == type)
            return &table[i];
    return NULL;
}

/* Length of a tag's value; 0: a tag we do not know, which later revisions may have added. */
static size_t value_length(uint8_t tag)
{
    switch (tag) {
    case WT_OUCH_TAG_SECONDARY_REF:
    case WT_OUCH_TAG_DISCRETION_PRICE:
    case WT_OUCH_TAG_DISPLAY_PRICE:
        return 8;
    case WT_OUCH_TAG_FIRM:
    case WT_OUCH_TAG_MIN_QTY:
    case WT_OUCH_TAG_MAX_FLOOR:
    case WT_OUCH_TAG_PEG_OFFSET:
    case WT_OUCH_TAG_DISCRETION_PEG_OFFSET:
    case WT_OUCH_TAG_RANDOM_RESERVES:
    case WT_OUCH_TAG_ROUTE:
    case WT_OUCH_TAG_EXPIRE_TIME:
    case WT_OUCH_TAG_DISPLAY_QUANTITY:
        return 4;
    case WT_OUCH_TAG_GROUP_ID:
        return 2;
    case WT_OUCH_TAG_CUSTOMER_TYPE:
    case WT_OUCH_TAG_PRICE_TYPE:
    case WT_OUCH_TAG_DISCRETION_PRICE_TYPE:
    case WT_OUCH_TAG_POST_ONLY:
    case WT_OUCH_TAG_TRADE_NOW:
    case WT_OUCH_TAG_HANDLE_INST:
    case WT_OUCH_TAG_BBO_WEIGHT:
    case WT_OUCH_TAG_SHARES_LOCATED:
    case WT_OUCH_TAG_USER_REF_IDX:
        return 1;
    }
    return 0;
}

int wt_ouch_option_next(const uint8_t *options, size_t length, size_t *offset, struct wt_ouch_option *option)
{
    if (*offset >= length)
        return 0;
    size_t size = options[*offset];
    if (size == 0 || length - *offset - 1 < size)
        return -EBADMSG;
    option->tag = options[*offset + 1];
    option->length = (uint8_t)(size - 1);
    option->value = options + *offset + 2;
    size_t expected = value_length(option->tag);
    if (expected != 0 && expected != option->length)
        return -EBADMSG;
    *offset += 1 + size;
    return 1;
}

static int check_options(const uint8_t *options, size_t length)
{
    struct wt_ouch_option option;
    size_t offset = 0;
    int rc;
    while ((rc = wt_ouch_option_next(options, length, &offset, &option)) > 0) {
    }
    return rc;
}

int wt_ouch_decode(enum wt_ouch_direction direction, const uint8_t *bytes, size_t length, struct wt_ouch *message)
{
    if (length == 0)
        return -EBADMSG;
    const struct layout *layout = layout_of(direction, (char)bytes[0]);
    if (!layout || length < layout->length)
        return -EBADMSG;
    memset(message, 0, sizeof *message);
    size_t rest = length - layout->length;
    if (rest == 0) {
        if (layout->options == MANDATORY)
            return -EBADMSG;
    } else {
        const uint8_t *appendage = bytes + layout->length;
        if (layout->options == NONE || rest < 2 || wt_be16(appendage) != rest - 2)
            return -EBADMSG;
        message->has_options = true;
        message->options_length = (uint16_t)(rest - 2);
        message->options = appendage + 2;
        if (check_options(message->options, message->options_length) < 0)
            return -EBADMSG;
    }
    message->type = layout->type;
    for (const struct wt_ouch_field *f = layout->fields; f->offset; f++)
        wt_ouch_get_field(f, bytes, message);
    return 0;
}

int wt_ouch_encode(enum wt_ouch_direction direction, const struct wt_ouch *message, uint8_t *to, size_t room)
{
    const struct layout *layout = layout_of(direction, message->type);
    if (!layout)
        return -EINVAL;
    bool options = layout->options == MANDATORY || message->has_options;
    if (!options && message->options_length > 0)
        return -EINVAL;
    if (options && (layout->options == NONE || check_options(message->options, message->options_length) < 0))
        return -EINVAL;
    size_t length = layout->length + (options ? 2u + message->options_length : 0u);
    if (room < length)
        return -ENOSPC;
    to[0] = (uint8_t)layout->type;
    for (const struct wt_ouch_field *f = layout->fields; f->offset; f++)
        wt_ouch_put_field(f, message, to);
    if (options) {
        wt_put_be16(to + layout->length, message->options_length);
        if (message->options_length > 0)
            memcpy(to + layout->length + 2, message->options, message->options_length);
    }
    return (int)length;
}

int wt_ouch_option_find(const struct wt_ouch *message, uint8_t tag, struct wt_ouch_option *option)
{
    size_t offset = 0;
    while (wt_ouch_option_next(message->options, message->options_length, &offset, option) > 0)
        if (option->tag == tag)
            return 1;
    return 0;
}

int wt_ouch_option_put(uint8_t *to, size_t room, size_t *length, uint8_t tag, const void *value, size_t size)
{
    size_t expected = value_length(tag);
    if (size > 254 || (expected != 0 && expected != size))
        return -EINVAL;
    if (room < *length || room - *length < 2 + size)
        return -ENOSPC;
    to[*length] = (uint8_t)(1 + size);
    to[*length + 1] = tag;
    if (size > 0)
        memcpy(to + *length + 2, value, size);
    *length += 2 + size;
    return 0;
}

uint64_t wt_ouch_option_number(const struct wt_ouch_option *option)
{
    uint64_t number = 0;
    for (unsigned i = 0; i < option->length && i < 8; i++)
        number = number << 8 | option->value[i];
    return number;
}
