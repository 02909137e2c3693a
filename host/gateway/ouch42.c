#include "host/gateway/ouch42.h"

#include <errno.h>
#include <string.h>

#include "host/gateway/ouch_field.h"

#define MAX_FIELDS 18

struct layout {
    char type;
    uint8_t length;
    struct wt_ouch_field fields[MAX_FIELDS]; /* ends at a zero offset */
};

_Static_assert(sizeof(struct wt_ouch42) < 256, "member offsets are bytes");

#define F(offset, kind, member)                                                                                        \
    {                                                                                                                  \
        offset, WT_OUCH_FIELD_##kind, offsetof(struct wt_ouch42, member)                                               \
    }
#define HEAD F(1, U64, timestamp), F(9, TEXT14, token)
/* Accepted, and Replaced up to its end. */
#define ACCEPTED                                                                                                       \
    HEAD, F(23, LETTER, side), F(24, U32, quantity), F(28, TEXT8, symbol), F(36, PRICE4, price),                       \
        F(40, U32, time_in_force), F(44, TEXT4, firm), F(48, LETTER, display), F(49, U64, order_ref),                  \
        F(57, LETTER, capacity), F(58, LETTER, iso), F(59, U32, min_quantity), F(63, LETTER, cross),                   \
        F(64, LETTER, state)
#define EXECUTED HEAD, F(23, U32, quantity), F(27, PRICE4, price), F(31, LETTER, liquidity), F(32, U64, match)
#define AIQ_CANCELED                                                                                                   \
    HEAD, F(23, U32, quantity), F(27, CODE, reason), F(28, U32, prevented), F(32, PRICE4, price),                      \
        F(36, LETTER, liquidity)

/* The table of protocols.md section 5. */
static const struct layout inbound[] = {
    {'O',
     49,
     {F(1, TEXT14, token), F(15, LETTER, side), F(16, U32, quantity), F(20, TEXT8, symbol), F(28, PRICE4, price),
      F(32, U32, time_in_force), F(36, TEXT4, firm), F(40, LETTER, display), F(41, LETTER, capacity),
      F(42, LETTER, iso), F(43, U32, min_quantity), F(47, LETTER, cross), F(48, LETTER, customer)}},
    {'U',
     47,
     {F(1, TEXT14, existing), F(15, TEXT14, token), F(29, U32, quantity), F(33, PRICE4, price),
      F(37, U32, time_in_force), F(41, LETTER, display), F(42, LETTER, iso), F(43, U32, min_quantity)}},
    {'X', 19, {F(1, TEXT14, token), F(15, U32, quantity)}},
    {'M', 20, {F(1, TEXT14, token), F(15, LETTER, side), F(16, U32, quantity)}},
    {'N', 15, {F(1, TEXT14, token)}},
};

/* AIQ Canceled has two forms, told apart by their lengths. */
static const struct layout outbound[] = {
    {'S', 10, {F(1, U64, timestamp), F(9, LETTER, event)}},
    {'A', 66, {ACCEPTED, F(65, LETTER, bbo)}},
    {'U', 80, {ACCEPTED, F(65, TEXT14, existing), F(79, LETTER, bbo)}},
    {'C', 28, {HEAD, F(23, U32, quantity), F(27, CODE, reason)}},
    {'D', 37, {AIQ_CANCELED}},
    {'D', 38, {AIQ_CANCELED, F(37, LETTER, aiq_strategy)}},
    {'E', 40, {EXECUTED}},
    {'B', 32, {HEAD, F(23, U64, match), F(31, CODE, reason)}},
    {'G', 45, {EXECUTED, F(40, PRICE4, reference_price), F(44, LETTER, reference_type)}},
    {'F', 41, {EXECUTED, F(40, CODE, reason)}},
    {'J', 24, {HEAD, F(23, CODE, reason)}},
    {'P', 23, {HEAD}},
    {'I', 23, {HEAD}},
    {'T', 36, {HEAD, F(23, PRICE4, price), F(27, LETTER, display), F(28, U64, order_ref)}},
    {'M', 28, {HEAD, F(23, LETTER, side), F(24, U32, quantity)}},
    {'N', 23, {HEAD}},
};

static const struct layout *layout_of(enum wt_ouch_direction direction, char type, size_t length)
{
    const struct layout *table = direction == WT_OUCH_IN ? inbound : outbound;
    size_t count = direction == WT_OUCH_IN ? sizeof inbound / sizeof inbound[0] : sizeof outbound / sizeof outbound[0];
    for (size_t i = 0; i < count; i++)
        if (table[i].type == type && (length == 0 || table[i].length == length))
            return &table[i];
    return NULL;
}

int wt_ouch42_decode(enum wt_ouch_direction direction, const uint8_t *bytes, size_t length, struct wt_ouch42 *message)
{
    const struct layout *layout = length ? layout_of(direction, (char)bytes[0], length) : NULL;
    if (!layout)
        return -EBADMSG;
    memset(message, 0, sizeof *message);
    message->type = layout->type;
    for (const struct wt_ouch_field *f = layout->fields; f->offset; f++)
        wt_ouch_get_field(f, bytes, message);
    /* The long form says so by its strategy. */
    return layout->length == 38 && direction == WT_OUCH_OUT && message->aiq_strategy == '\0' ? -EBADMSG : 0;
}

int wt_ouch42_encode(enum wt_ouch_direction direction, const struct wt_ouch42 *message, uint8_t *to, size_t room)
{
    bool long_form = direction == WT_OUCH_OUT && message->type == 'D' && message->aiq_strategy;
    const struct layout *layout = layout_of(direction, message->type, long_form ? 38 : 0);
    if (!layout || message->price > UINT32_MAX || message->reference_price > UINT32_MAX)
        return -EINVAL;
    if (room < layout->length)
        return -ENOSPC;
    to[0] = (uint8_t)layout->type;
    for (const struct wt_ouch_field *f = layout->fields; f->offset; f++)
        wt_ouch_put_field(f, message, to);
    return layout->length;
}

static bool alphanumeric(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

bool wt_ouch42_good_token(const char token[WT_OUCH42_TOKEN])
{
    unsigned n = 0;
    while (n < WT_OUCH42_TOKEN && alphanumeric(token[n]))
        n++;
    for (unsigned i = n; i < WT_OUCH42_TOKEN; i++)
        if (token[i] != ' ')
            return false;
    return n > 0;
}

/* ---------------------------------------------------------------- the other dialect */

static int no(const char **why, const char *what)
{
    *why = what;
    return -ENOTSUP;
}

/* Time In Force: those that say the same in both. */
static bool tif_to_42(char tif, uint32_t *seconds)
{
    if (tif == '0')
        *seconds = WT_OUCH42_DAY;
    else if (tif == '3')
        *seconds = WT_OUCH42_IOC;
    else if (tif == '5')
        *seconds = WT_OUCH42_SYSTEM;
    return tif == '0' || tif == '3' || tif == '5';
}

static bool tif_to_50(uint32_t seconds, char *tif)
{
    *tif = '6'; /* good till a time, which is an option */
    if (seconds == WT_OUCH42_DAY)
        *tif = '0';
    else if (seconds == WT_OUCH42_IOC)
        *tif = '3';
    else if (seconds == WT_OUCH42_SYSTEM)
        *tif = '5';
    return seconds <= WT_OUCH42_SYSTEM;
}

static void spaces(char *text, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (text[i] == '\0')
            text[i] = ' ';
}

static int take_option(const struct wt_ouch_option *o, struct wt_ouch42 *to, const char **why)
{
    uint64_t value = wt_ouch_option_number(o);
    switch (o->tag) {
    case WT_OUCH_TAG_FIRM:
        memcpy(to->firm, o->value, sizeof to->firm);
        return 0;
    case WT_OUCH_TAG_MIN_QTY:
        to->min_quantity = (uint32_t)value;
        return 0;
    case WT_OUCH_TAG_CUSTOMER_TYPE:
        to->customer = (char)value;
        return 0;
    case WT_OUCH_TAG_BBO_WEIGHT:
        to->bbo = (char)value;
        return 0;
    case WT_OUCH_TAG_EXPIRE_TIME: /* only with Time In Force 6, looked at before */
        to->time_in_force = (uint32_t)value;
        return value > 0 && value < WT_OUCH42_DAY ? 0 : no(why, "OUCH 4.2 has no Expire Time of a day and more");
    case WT_OUCH_TAG_POST_ONLY:
        if (value == 'N')
            return 0;
        if (to->display != 'Y' && to->display != 'A')
            return no(why, "OUCH 4.2 says post-only by Display, which is taken by another word");
        to->display = to->display == 'Y' ? 'P' : 'L';
        return 0;
    case WT_OUCH_TAG_PRICE_TYPE:
        return value == 'L' ? 0 : no(why, "OUCH 4.2 has no Price Type: pegged orders go by other ports");
    case WT_OUCH_TAG_MAX_FLOOR:
        return value == 0 ? 0 : no(why, "OUCH 4.2 has no Max Floor (reserve)");
    case WT_OUCH_TAG_TRADE_NOW:
        return value == 'N' ? 0 : no(why, "OUCH 4.2 has Trade Now as a message of its own, not as an option");
    case WT_OUCH_TAG_ROUTE:
        return no(why, "OUCH 4.2 has no Route: orders are not routed");
    default:
        return no(why, "OUCH 4.2 has no field for an option of the order");
    }
}

static int take_options(const struct wt_ouch *from, struct wt_ouch42 *to, const char **why)
{
    struct wt_ouch_option option;
    size_t offset = 0;
    bool expires = false;
    int rc = 0;
    while (!rc && wt_ouch_option_next(from->options, from->options_length, &offset, &option) > 0) {
        expires |= option.tag == WT_OUCH_TAG_EXPIRE_TIME;
        if (option.tag == WT_OUCH_TAG_EXPIRE_TIME && from->tif != '6')
            rc = no(why, "an Expire Time needs Time In Force 6");
        else
            rc = take_option(&option, to, why);
    }
    return rc ? rc : from->tif == '6' && !expires ? no(why, "Time In Force 6 without an Expire Time") : 0;
}

static int take_order(const struct wt_ouch *from, struct wt_ouch42 *to, const char **why)
{
    if (!tif_to_42(from->tif, &to->time_in_force) && from->tif != '6')
        return no(why, "OUCH 4.2 has no such Time In Force: 0, 3, 5 and 6 of 5.0 can be said");
    if (from->price > UINT32_MAX)
        return no(why, "OUCH 4.2 has prices of four bytes");
    to->display = from->display;
    if (from->display == 'Z')
        to->display = 'Y'; /* 4.2 does not tell an order that was made to conform */
    return take_options(from, to, why);
}

static bool in_dialect(enum wt_ouch_direction direction, char type)
{
    static const char in[] = "OUXM", out[] = "SAUCDEBJPITM";
    return type != '\0' && strchr(direction == WT_OUCH_IN ? in : out, type);
}

int wt_ouch42_from_50(enum wt_ouch_direction direction, const struct wt_ouch *from, struct wt_ouch42 *to,
                      const char **why)
{
    memset(to, 0, sizeof *to);
    if (!in_dialect(direction, from->type))
        return no(why, direction == WT_OUCH_OUT ? "OUCH 4.2 has no such answer"
                       : from->type == WT_OUCH_QUERY
                           ? "OUCH 4.2 has no Account Query"
                           : "OUCH 4.2 has no Mass Cancel, and neither disables nor enables order entry");
    to->type = from->type;
    to->side = from->side;
    to->capacity = from->capacity;
    to->iso = from->iso;
    to->cross = from->cross;
    to->state = from->state;
    to->event = from->event;
    to->liquidity = from->liquidity;
    to->display = from->display;
    to->aiq_strategy = from->aiq_strategy;
    to->reason = from->reason;
    to->quantity = from->quantity;
    to->prevented = from->prevented;
    to->timestamp = from->timestamp;
    to->price = from->price;
    to->order_ref = from->order_ref;
    to->match = from->match;
    memcpy(to->symbol, from->symbol, sizeof to->symbol);
    memcpy(to->token, from->cl_ord_id, sizeof to->token);
    spaces(to->token, sizeof to->token);
    if (direction == WT_OUCH_OUT && from->type == WT_OUCH_REJECTED && from->reason < 0x40)
        to->reason = (uint8_t)wt_ouch42_reject(from->reason);
    bool order = direction == WT_OUCH_IN ? from->type == WT_OUCH_ENTER || from->type == WT_OUCH_REPLACE
                                         : from->type == WT_OUCH_ACCEPTED || from->type == WT_OUCH_REPLACED;
    int rc = order ? take_order(from, to, why) : 0;
    spaces(to->firm, sizeof to->firm);
    spaces(&to->customer, 1);
    spaces(&to->bbo, 1);
    if (rc == 0 && to->price > UINT32_MAX)
        rc = no(why, "OUCH 4.2 has prices of four bytes");
    return rc;
}

/* What 5.0 says by options. */
static void put_options(enum wt_ouch_direction direction, const struct wt_ouch42 *from, struct wt_ouch *to,
                        uint8_t options[WT_OUCH42_OPTIONS])
{
    size_t length = 0;
    uint8_t value[4];
    if (memcmp(from->firm, "    ", 4) != 0 && from->firm[0] != '\0')
        wt_ouch_option_put(options, WT_OUCH42_OPTIONS, &length, WT_OUCH_TAG_FIRM, from->firm, 4);
    if (from->min_quantity != 0) {
        wt_put_be32(value, from->min_quantity);
        wt_ouch_option_put(options, WT_OUCH42_OPTIONS, &length, WT_OUCH_TAG_MIN_QTY, value, 4);
    }
    if (from->customer != '\0' && from->customer != ' ')
        wt_ouch_option_put(options, WT_OUCH42_OPTIONS, &length, WT_OUCH_TAG_CUSTOMER_TYPE, &from->customer, 1);
    if (to->tif == '6') {
        wt_put_be32(value, from->time_in_force);
        wt_ouch_option_put(options, WT_OUCH42_OPTIONS, &length, WT_OUCH_TAG_EXPIRE_TIME, value, 4);
    }
    /* Post-only is a word of Display. */
    if (from->display == 'P' || from->display == 'L') {
        to->display = from->display == 'P' ? 'Y' : 'A';
        wt_ouch_option_put(options, WT_OUCH42_OPTIONS, &length, WT_OUCH_TAG_POST_ONLY, "P", 1);
    }
    to->options = options;
    to->options_length = (uint16_t)length;
    to->has_options = direction == WT_OUCH_IN || length > 0;
}

int wt_ouch42_to_50(enum wt_ouch_direction direction, const struct wt_ouch42 *from, struct wt_ouch *to,
                    uint8_t options[WT_OUCH42_OPTIONS], const char **why)
{
    memset(to, 0, sizeof *to);
    char type = from->type;
    if (direction == WT_OUCH_OUT && type == WT_OUCH42_EXECUTED_REFERENCE)
        type = WT_OUCH_EXECUTED; /* its reference price is for information */
    if (!in_dialect(direction, type))
        return no(why, type == WT_OUCH42_TRADE_CORRECTION ? "OUCH 5.0 has no Trade Correction"
                                                          : "OUCH 5.0 has no Trade Now for an order that stands");
    to->type = type;
    to->side = from->side;
    to->display = from->display;
    to->capacity = from->capacity;
    to->iso = from->iso;
    to->cross = from->cross;
    to->state = from->state;
    to->event = from->event;
    to->liquidity = from->liquidity;
    to->aiq_strategy = from->aiq_strategy;
    to->reason = from->reason;
    to->quantity = from->quantity;
    to->prevented = from->prevented;
    to->timestamp = from->timestamp;
    to->price = from->price;
    to->order_ref = from->order_ref;
    to->match = from->match;
    memcpy(to->symbol, from->symbol, sizeof to->symbol);
    memcpy(to->cl_ord_id, from->token, sizeof to->cl_ord_id);
    bool order = type == WT_OUCH_ENTER || type == WT_OUCH_REPLACE || type == WT_OUCH_ACCEPTED;
    if (!order)
        return 0;
    if (!tif_to_50(from->time_in_force, &to->tif))
        return no(why, "Time In Force above 99,999 means nothing");
    put_options(direction, from, to, options);
    return 0;
}

char wt_ouch42_reject(unsigned reason)
{
    switch ((enum wt_ouch_reject)reason) {
    case WT_OUCH_REJECT_CLOSED:
        return 'C';
    case WT_OUCH_REJECT_DISPLAY:
        return 'D';
    case WT_OUCH_REJECT_HALTED:
        return 'H';
    case WT_OUCH_REJECT_ISO:
        return 'd';
    case WT_OUCH_REJECT_FIRM:
        return 'L';
    case WT_OUCH_REJECT_MIN_QTY:
        return 'N';
    case WT_OUCH_REJECT_QUANTITY:
        return 'Z';
    case WT_OUCH_REJECT_CROSS:
        return 'R';
    case WT_OUCH_REJECT_SYMBOL:
        return 'S';
    case WT_OUCH_REJECT_PRICE:
        return 'X';
    case WT_OUCH_REJECT_MAX_FLOOR:
    case WT_OUCH_REJECT_PEG_TYPE:
    case WT_OUCH_REJECT_SIDE:
    case WT_OUCH_REJECT_PROCESSING:
    case WT_OUCH_REJECT_OTHER:
    case WT_OUCH_REJECT_ROUTING:
        break;
    }
    return 'O';
}
