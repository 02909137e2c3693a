#include "sim/card/frame.h"

#include <errno.h>
#include <string.h>

#include "host/common/bytes.h"

enum { ETH = 0, IP = 14, UDP = 34, MOLD = 42, BLOCKS = 62 };

static const uint8_t source_mac[6] = {0x02, 0x57, 0x54, 0x00, 0x00, 0x01};
#define SOURCE_IP 0x0a000001u
#define SOURCE_PORT 26400u

static uint32_t sum16(uint32_t sum, const uint8_t *p, size_t length)
{
    for (; length > 1; p += 2, length -= 2)
        sum += wt_be16(p);
    if (length)
        sum += (uint32_t)p[0] << 8;
    return sum;
}

static uint16_t fold(uint32_t sum)
{
    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    return (uint16_t)~sum;
}

/* RFC 1112 6.4: the group's low 23 bits under 01-00-5e */
static void put_group_mac(uint8_t *p, uint32_t group)
{
    p[ETH + 0] = 0x01;
    p[ETH + 1] = 0x00;
    p[ETH + 2] = 0x5e;
    p[ETH + 3] = (uint8_t)(group >> 16 & 0x7f);
    wt_put_be16(p + ETH + 4, (uint16_t)group);
}

void wt_frame_init(struct wt_frame_builder *b, uint32_t group, uint16_t port, const char session[10])
{
    memset(b, 0, sizeof *b);
    b->group = group;
    b->port = port;
    memcpy(b->session, session, sizeof b->session);

    uint8_t *p = b->bytes;
    put_group_mac(p, group);
    memcpy(p + ETH + 6, source_mac, sizeof source_mac);
    wt_put_be16(p + ETH + 12, 0x0800);
    p[IP] = 0x45;
    wt_put_be16(p + IP + 6, 0x4000); /* do not fragment */
    p[IP + 8] = 16;                  /* time to live */
    p[IP + 9] = 17;                  /* UDP */
    wt_put_be32(p + IP + 12, SOURCE_IP);
    wt_put_be32(p + IP + 16, group);
    wt_put_be16(p + UDP, SOURCE_PORT);
    wt_put_be16(p + UDP + 2, port);
    memcpy(p + MOLD, session, 10);
    b->length = BLOCKS;
}

void wt_frame_start(struct wt_frame_builder *b, uint64_t first_seq)
{
    wt_put_be64(b->bytes + MOLD + 10, first_seq);
    b->length = BLOCKS;
    b->count = 0;
}

int wt_frame_add(struct wt_frame_builder *b, const void *message, size_t length)
{
    if (length > WT_FRAME_MAX_PAYLOAD || b->length + 2 + length > WT_FRAME_HEADERS + WT_FRAME_MAX_PAYLOAD ||
        b->count == WT_FRAME_MAX_COUNT)
        return -ENOSPC;
    wt_put_be16(b->bytes + b->length, (uint16_t)length);
    if (length)
        memcpy(b->bytes + b->length + 2, message, length);
    b->length += 2 + length;
    b->count++;
    return 0;
}

static size_t seal(struct wt_frame_builder *b)
{
    uint8_t *p = b->bytes;
    uint16_t udp_length = (uint16_t)(b->length - UDP);

    wt_put_be16(p + IP + 2, (uint16_t)(b->length - IP));
    wt_put_be16(p + IP + 10, 0);
    wt_put_be16(p + IP + 10, fold(sum16(0, p + IP, 20)));
    wt_put_be16(p + UDP + 4, udp_length);
    wt_put_be16(p + UDP + 6, 0);
    uint16_t check = fold(sum16(sum16(17u + udp_length, p + IP + 12, 8), p + UDP, udp_length));
    /* RFC 768: 0 means that there is no checksum, so a sum of 0 is sent as all ones */
    wt_put_be16(p + UDP + 6, check ? check : 0xffff);
    return b->length;
}

size_t wt_frame_finish(struct wt_frame_builder *b)
{
    wt_put_be16(b->bytes + MOLD + 18, b->count);
    return seal(b);
}

size_t wt_frame_control(struct wt_frame_builder *b, uint64_t next_seq, int end_of_session)
{
    wt_frame_start(b, next_seq);
    wt_put_be16(b->bytes + MOLD + 18, end_of_session ? 0xffff : 0);
    return seal(b);
}

size_t wt_frame_wrap(struct wt_frame_builder *b, const void *payload, size_t length)
{
    if (length > WT_FRAME_MAX_PAYLOAD)
        return 0;
    if (length)
        memcpy(b->bytes + MOLD, payload, length);
    b->length = MOLD + length;
    return seal(b);
}

void wt_frame_readdress(uint8_t *p, uint32_t group, uint16_t port)
{
    put_group_mac(p, group);
    /* RFC 1624: a checksum follows from the old one, what was summed before and what is now */
    uint32_t change = 0;
    for (unsigned i = 0; i < 2; i++)
        change += (uint32_t)(uint16_t)~wt_be16(p + IP + 16 + 2 * i) + (uint16_t)(group >> (16 - 16 * i));
    wt_put_be16(p + IP + 10, fold((uint16_t)~wt_be16(p + IP + 10) + change));
    change += (uint32_t)(uint16_t)~wt_be16(p + UDP + 2) + port;
    uint16_t check = fold((uint16_t)~wt_be16(p + UDP + 6) + change);
    wt_put_be16(p + UDP + 6, check ? check : 0xffff);
    wt_put_be32(p + IP + 16, group);
    wt_put_be16(p + UDP + 2, port);
}
