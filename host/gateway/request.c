#include "host/gateway/request.h"

#include <errno.h>
#include <string.h>

#include "host/common/bytes.h"

static bool good_order(const struct wt_request_terms *t, const struct wt_order_request *r)
{
    return r->id > t->last_id && r->shares >= 1 && r->shares <= WT_OUCH_MAX_QUANTITY && r->price >= 1 &&
           r->price <= WT_OUCH_MAX_PRICE && (r->tif == WT_TIF_DAY || r->tif == WT_TIF_IOC);
}

static bool good_name(const char name[8])
{
    for (unsigned i = 0; i < 8; i++)
        if (name[i] < 0x20 || name[i] > 0x7e)
            return false;
    return name[0] != ' ';
}

/* ClOrdID: readable in the venue's logs, unique because the id is. */
static void put_cl_ord_id(char to[14], uint32_t id, unsigned owner)
{
    static const char digits[] = "0123456789ABCDEF";
    memcpy(to, "WT0000000000", 12);
    for (unsigned at = 11; id; at--, id /= 10)
        to[at] = (char)('0' + id % 10);
    to[12] = digits[owner >> 4 & 15];
    to[13] = digits[owner & 15];
}

static int hex_digit(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'A' && c <= 'F' ? c - 'A' + 10 : 0;
}

static uint8_t owner_of(const char cl_ord_id[14])
{
    return (uint8_t)(hex_digit(cl_ord_id[12]) << 4 | hex_digit(cl_ord_id[13]));
}

static int make_message(const struct wt_request_terms *t, const struct wt_order_request *r, struct wt_ouch *m)
{
    memset(m, 0, sizeof *m);
    m->user_ref = r->id;
    m->quantity = r->shares;
    m->price = r->price;
    m->tif = (char)r->tif;
    m->display = t->display;
    m->capacity = t->capacity;
    m->iso = 'N';
    m->cross = 'N';
    switch (r->kind) {
    case WT_REQUEST_ENTER:
        if (!good_order(t, r) || (r->side != WT_BUY && r->side != WT_SELL) || !good_name(r->name))
            return -EINVAL;
        m->type = WT_OUCH_ENTER;
        m->side = (char)r->side;
        memcpy(m->symbol, r->name, sizeof m->symbol);
        put_cl_ord_id(m->cl_ord_id, r->id, r->owner);
        return 0;
    case WT_REQUEST_REPLACE:
        if (!good_order(t, r) || r->replaced == 0 || r->replaced > t->last_id)
            return -EINVAL;
        m->type = WT_OUCH_REPLACE;
        m->orig_ref = r->replaced;
        put_cl_ord_id(m->cl_ord_id, r->id, r->owner);
        return 0;
    case WT_REQUEST_CANCEL:
        if (r->id == 0 || r->id > t->last_id || r->shares > WT_OUCH_MAX_QUANTITY)
            return -EINVAL;
        m->type = WT_OUCH_CANCEL;
        return 0;
    }
    return -EINVAL;
}

int wt_request_encode(const struct wt_request_terms *t, const struct wt_order_request *request, uint8_t *to,
                      size_t room)
{
    struct wt_ouch message;
    uint8_t options[8];
    size_t options_length = 0;
    if (make_message(t, request, &message) < 0)
        return -EINVAL;
    if (t->firm[0] != '\0' && message.type == WT_OUCH_ENTER) {
        char firm[4] = {' ', ' ', ' ', ' '};
        memcpy(firm, t->firm, strnlen(t->firm, sizeof firm));
        wt_ouch_option_put(options, sizeof options, &options_length, WT_OUCH_TAG_FIRM, firm, sizeof firm);
        message.options = options;
        message.options_length = (uint16_t)options_length;
    }
    uint8_t body[WT_REQUEST_MAX - WT_SOUP_HEADER];
    int length = wt_ouch_encode(WT_OUCH_IN, &message, body, sizeof body);
    return length < 0 ? length : wt_soup_put(to, room, WT_SOUP_UNSEQUENCED, body, (size_t)length);
}

int wt_request_decode(const uint8_t *packet, size_t length, struct wt_order_request *request)
{
    struct wt_ouch m;
    if (length < WT_SOUP_HEADER || wt_be16(packet) != length - 2)
        return -EBADMSG;
    if (packet[2] != WT_SOUP_UNSEQUENCED)
        return 0;
    if (wt_ouch_decode(WT_OUCH_IN, packet + WT_SOUP_HEADER, length - WT_SOUP_HEADER, &m))
        return -EBADMSG;
    memset(request, 0, sizeof *request);
    request->id = m.user_ref;
    request->symbol = WT_SYMBOL_NONE;
    request->shares = m.quantity;
    switch (m.type) {
    case WT_OUCH_ENTER:
        request->kind = WT_REQUEST_ENTER;
        request->side = (enum wt_side)m.side;
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
    if (m.price > UINT32_MAX)
        return -EBADMSG;
    request->price = (uint32_t)m.price;
    request->tif = (enum wt_tif)m.tif;
    request->owner = owner_of(m.cl_ord_id);
    return 1;
}
