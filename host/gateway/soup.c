#include "host/gateway/soup.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "host/common/bytes.h"

/* Payloads of fixed length; -1: any length. */
static int payload_length(enum wt_soup_from from, uint8_t type, bool *known)
{
    *known = true;
    if (type == WT_SOUP_DEBUG || type == WT_SOUP_UNSEQUENCED)
        return -1;
    if (from == WT_SOUP_FROM_SERVER) {
        switch (type) {
        case WT_SOUP_SEQUENCED:
            return -1;
        case WT_SOUP_LOGIN_ACCEPTED:
            return 30;
        case WT_SOUP_LOGIN_REJECTED:
            return 1;
        case WT_SOUP_SERVER_HEARTBEAT:
        case WT_SOUP_END_OF_SESSION:
            return 0;
        }
    } else {
        switch (type) {
        case WT_SOUP_LOGIN_REQUEST:
            return 46;
        case WT_SOUP_CLIENT_HEARTBEAT:
        case WT_SOUP_LOGOUT_REQUEST:
            return 0;
        }
    }
    *known = false;
    return -1;
}

void wt_soup_init(struct wt_soup_parser *parser, enum wt_soup_from from)
{
    parser->from = from;
    parser->start = 0;
    parser->end = 0;
}

uint8_t *wt_soup_room(struct wt_soup_parser *parser, size_t *size)
{
    if (parser->start == parser->end) {
        parser->start = 0;
        parser->end = 0;
    } else if (parser->start > 0 && sizeof parser->bytes - parser->end < WT_SOUP_MAX_PACKET) {
        memmove(parser->bytes, parser->bytes + parser->start, parser->end - parser->start);
        parser->end -= parser->start;
        parser->start = 0;
    }
    *size = sizeof parser->bytes - parser->end;
    return parser->bytes + parser->end;
}

void wt_soup_commit(struct wt_soup_parser *parser, size_t length)
{
    size_t room = sizeof parser->bytes - parser->end;
    parser->end += length < room ? length : room;
}

int wt_soup_next(struct wt_soup_parser *parser, struct wt_soup_packet *packet)
{
    size_t have = parser->end - parser->start;
    if (have < 2)
        return 0;
    const uint8_t *p = parser->bytes + parser->start;
    size_t length = wt_be16(p);
    if (have < 2 + length)
        return 0;
    parser->start += 2 + length;
    if (length == 0)
        return -EBADMSG;
    bool known;
    int expected = payload_length(parser->from, p[2], &known);
    if (!known || (expected >= 0 && (size_t)expected != length - 1))
        return -EBADMSG;
    packet->type = (char)p[2];
    packet->payload = p + WT_SOUP_HEADER;
    packet->length = length - 1;
    return 1;
}

int wt_soup_put(uint8_t *to, size_t room, char type, const void *payload, size_t length)
{
    if (length > WT_SOUP_MAX_PACKET - WT_SOUP_HEADER || room < WT_SOUP_HEADER + length)
        return -EMSGSIZE;
    wt_put_be16(to, (uint16_t)(1 + length));
    to[2] = (uint8_t)type;
    if (length > 0)
        memcpy(to + WT_SOUP_HEADER, payload, length);
    return (int)(WT_SOUP_HEADER + length);
}

/* Text into a field that is padded with spaces: at the end, or for numbers and sessions at the front. */
static int put_text(uint8_t *to, size_t width, const char *text, bool pad_front)
{
    size_t length = strnlen(text, width + 1);
    if (length > width)
        return -EINVAL;
    for (size_t i = 0; i < length; i++)
        if (text[i] < 0x20 || text[i] > 0x7e)
            return -EINVAL;
    memset(to, ' ', width);
    memcpy(to + (pad_front ? width - length : 0), text, length);
    return 0;
}

/* A field without its padding, wherever that is: implementations differ. */
static void get_text(const uint8_t *from, size_t width, char *text)
{
    while (width > 0 && *from == ' ') {
        from++;
        width--;
    }
    while (width > 0 && from[width - 1] == ' ')
        width--;
    memcpy(text, from, width);
    text[width] = '\0';
}

static int get_number(const uint8_t *from, size_t width, uint64_t *number)
{
    char text[21];
    get_text(from, width, text);
    if (text[0] == '\0')
        return -EBADMSG;
    *number = 0;
    for (const char *c = text; *c; c++) {
        if (*c < '0' || *c > '9')
            return -EBADMSG;
        uint64_t digit = (uint64_t)(*c - '0');
        if (*number > (UINT64_MAX - digit) / 10)
            return -EBADMSG;
        *number = *number * 10 + digit;
    }
    return 0;
}

static int put_number(uint8_t *to, uint64_t number)
{
    char text[21];
    snprintf(text, sizeof text, "%" PRIu64, number);
    return put_text(to, 20, text, true);
}

int wt_soup_put_login_request(uint8_t *to, size_t room, const struct wt_soup_login_request *login)
{
    uint8_t payload[WT_SOUP_LOGIN_REQUEST_LENGTH - WT_SOUP_HEADER];
    if (room < WT_SOUP_LOGIN_REQUEST_LENGTH)
        return -ENOSPC;
    if (put_text(payload, 6, login->username, false) || put_text(payload + 6, 10, login->password, false) ||
        put_text(payload + 16, 10, login->session, true) || put_number(payload + 26, login->sequence))
        return -EINVAL;
    return wt_soup_put(to, room, WT_SOUP_LOGIN_REQUEST, payload, sizeof payload);
}

int wt_soup_put_login_accepted(uint8_t *to, size_t room, const struct wt_soup_login_accepted *accepted)
{
    uint8_t payload[WT_SOUP_LOGIN_ACCEPTED_LENGTH - WT_SOUP_HEADER];
    if (room < WT_SOUP_LOGIN_ACCEPTED_LENGTH)
        return -ENOSPC;
    if (put_text(payload, 10, accepted->session, true) || put_number(payload + 10, accepted->sequence))
        return -EINVAL;
    return wt_soup_put(to, room, WT_SOUP_LOGIN_ACCEPTED, payload, sizeof payload);
}

int wt_soup_get_login_request(const struct wt_soup_packet *packet, struct wt_soup_login_request *login)
{
    if (packet->type != WT_SOUP_LOGIN_REQUEST || packet->length != 46)
        return -EBADMSG;
    get_text(packet->payload, 6, login->username);
    get_text(packet->payload + 6, 10, login->password);
    get_text(packet->payload + 16, 10, login->session);
    return get_number(packet->payload + 26, 20, &login->sequence);
}

int wt_soup_get_login_accepted(const struct wt_soup_packet *packet, struct wt_soup_login_accepted *accepted)
{
    if (packet->type != WT_SOUP_LOGIN_ACCEPTED || packet->length != 30)
        return -EBADMSG;
    get_text(packet->payload, 10, accepted->session);
    return get_number(packet->payload + 10, 20, &accepted->sequence);
}

int wt_soup_same_name(const char *a, const char *b)
{
    return strcasecmp(a, b) == 0;
}
