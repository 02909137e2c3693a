/* Fields of an OUCH message, from bytes into a structure and back: what the codecs of both dialects share. */
#ifndef WT_OUCH_FIELD_H
#define WT_OUCH_FIELD_H

#include <stdint.h>
#include <string.h>

#include "host/common/bytes.h"

/* How a field stands in the message; the structure's member has the width of its C type. */
enum wt_ouch_field_kind {
    WT_OUCH_FIELD_LETTER, /* 1 byte, char */
    WT_OUCH_FIELD_CODE,   /* 1 byte, but uint16_t in the structure */
    WT_OUCH_FIELD_U16,
    WT_OUCH_FIELD_U32,
    WT_OUCH_FIELD_U64,
    WT_OUCH_FIELD_PRICE4, /* 4 bytes, but uint64_t in the structure */
    WT_OUCH_FIELD_TEXT4,
    WT_OUCH_FIELD_TEXT8,
    WT_OUCH_FIELD_TEXT14
};

struct wt_ouch_field {
    uint8_t offset;
    uint8_t kind;
    uint8_t member; /* offset in the structure */
};

static inline void wt_ouch_get_field(const struct wt_ouch_field *f, const uint8_t *bytes, void *message)
{
    const uint8_t *from = bytes + f->offset;
    void *to = (char *)message + f->member;
    switch ((enum wt_ouch_field_kind)f->kind) {
    case WT_OUCH_FIELD_LETTER:
        *(char *)to = (char)*from;
        break;
    case WT_OUCH_FIELD_CODE:
        *(uint16_t *)to = *from;
        break;
    case WT_OUCH_FIELD_U16:
        *(uint16_t *)to = wt_be16(from);
        break;
    case WT_OUCH_FIELD_U32:
        *(uint32_t *)to = wt_be32(from);
        break;
    case WT_OUCH_FIELD_U64:
        *(uint64_t *)to = wt_be64(from);
        break;
    case WT_OUCH_FIELD_PRICE4:
        *(uint64_t *)to = wt_be32(from);
        break;
    case WT_OUCH_FIELD_TEXT4:
        memcpy(to, from, 4);
        break;
    case WT_OUCH_FIELD_TEXT8:
        memcpy(to, from, 8);
        break;
    case WT_OUCH_FIELD_TEXT14:
        memcpy(to, from, 14);
        break;
    }
}

static inline void wt_ouch_put_field(const struct wt_ouch_field *f, const void *message, uint8_t *bytes)
{
    uint8_t *to = bytes + f->offset;
    const void *from = (const char *)message + f->member;
    switch ((enum wt_ouch_field_kind)f->kind) {
    case WT_OUCH_FIELD_LETTER:
        *to = (uint8_t) * (const char *)from;
        break;
    case WT_OUCH_FIELD_CODE:
        *to = (uint8_t) * (const uint16_t *)from;
        break;
    case WT_OUCH_FIELD_U16:
        wt_put_be16(to, *(const uint16_t *)from);
        break;
    case WT_OUCH_FIELD_U32:
        wt_put_be32(to, *(const uint32_t *)from);
        break;
    case WT_OUCH_FIELD_U64:
        wt_put_be64(to, *(const uint64_t *)from);
        break;
    case WT_OUCH_FIELD_PRICE4:
        wt_put_be32(to, (uint32_t) * (const uint64_t *)from);
        break;
    case WT_OUCH_FIELD_TEXT4:
        memcpy(to, from, 4);
        break;
    case WT_OUCH_FIELD_TEXT8:
        memcpy(to, from, 8);
        break;
    case WT_OUCH_FIELD_TEXT14:
        memcpy(to, from, 14);
        break;
    }
}

#endif
