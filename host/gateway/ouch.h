/*
 * OUCH 5.0 messages, both directions, to and from bytes (protocols.md section 4; field tables of the
 * April 2023 specification and the later revisions named there).
 *
 * One structure holds the fields of every message; which of them a message has is the tables'
 * business (ouch.c). Options (TagValues) behind a message stay bytes, checked but in their order, so
 * that what was decoded encodes to the same bytes; read and write them with the wt_ouch_option_
 * functions. Pure functions, no allocation.
 */
#ifndef WT_OUCH_H
#define WT_OUCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WT_OUCH_MAX_BASE 68u         /**< longest message without options */
#define WT_OUCH_MAX_QUANTITY 999999u /**< shares of an order */
#define WT_OUCH_MAX_PRICE 1999999900u
#define WT_OUCH_MARKET_PRICE 0x7fffffffu /**< market order, in crosses only */

enum wt_ouch_dialect { WT_OUCH_50, WT_OUCH_42 }; /**< ouch42.h */

enum wt_ouch_direction { WT_OUCH_IN, WT_OUCH_OUT }; /**< to the venue, from the venue */

/** Types of inbound messages. */
enum wt_ouch_in_type {
    WT_OUCH_ENTER = 'O',
    WT_OUCH_REPLACE = 'U',
    WT_OUCH_CANCEL = 'X',
    WT_OUCH_MODIFY = 'M',
    WT_OUCH_MASS_CANCEL = 'C',
    WT_OUCH_DISABLE = 'D',
    WT_OUCH_ENABLE = 'E',
    WT_OUCH_QUERY = 'Q'
};

/** Types of outbound messages. */
enum wt_ouch_out_type {
    WT_OUCH_SYSTEM = 'S',
    WT_OUCH_ACCEPTED = 'A',
    WT_OUCH_REPLACED = 'U',
    WT_OUCH_CANCELED = 'C',
    WT_OUCH_AIQ_CANCELED = 'D',
    WT_OUCH_EXECUTED = 'E',
    WT_OUCH_BROKEN = 'B',
    WT_OUCH_REJECTED = 'J',
    WT_OUCH_CANCEL_PENDING = 'P',
    WT_OUCH_CANCEL_REJECTED = 'I',
    WT_OUCH_PRIORITY = 'T',
    WT_OUCH_MODIFIED = 'M',
    WT_OUCH_RESTATED = 'R',
    WT_OUCH_QUERY_RESPONSE = 'Q',
    WT_OUCH_MASS_CANCEL_RESPONSE = 'X',
    WT_OUCH_DISABLE_RESPONSE = 'G',
    WT_OUCH_ENABLE_RESPONSE = 'K'
};

/** Option tags. */
enum wt_ouch_tag {
    WT_OUCH_TAG_SECONDARY_REF = 1,
    WT_OUCH_TAG_FIRM = 2,
    WT_OUCH_TAG_MIN_QTY = 3,
    WT_OUCH_TAG_CUSTOMER_TYPE = 4,
    WT_OUCH_TAG_MAX_FLOOR = 5,
    WT_OUCH_TAG_PRICE_TYPE = 6,
    WT_OUCH_TAG_PEG_OFFSET = 7,
    WT_OUCH_TAG_DISCRETION_PRICE = 9,
    WT_OUCH_TAG_DISCRETION_PRICE_TYPE = 10,
    WT_OUCH_TAG_DISCRETION_PEG_OFFSET = 11,
    WT_OUCH_TAG_POST_ONLY = 12,
    WT_OUCH_TAG_RANDOM_RESERVES = 13,
    WT_OUCH_TAG_ROUTE = 14,
    WT_OUCH_TAG_EXPIRE_TIME = 15,
    WT_OUCH_TAG_TRADE_NOW = 16,
    WT_OUCH_TAG_HANDLE_INST = 17,
    WT_OUCH_TAG_BBO_WEIGHT = 18,
    WT_OUCH_TAG_DISPLAY_QUANTITY = 22,
    WT_OUCH_TAG_DISPLAY_PRICE = 23,
    WT_OUCH_TAG_GROUP_ID = 24,
    WT_OUCH_TAG_SHARES_LOCATED = 25,
    WT_OUCH_TAG_USER_REF_IDX = 28
};

/** Reasons of Rejected (Appendix D) that the simulated exchange uses. */
enum wt_ouch_reject {
    WT_OUCH_REJECT_CLOSED = 0x0002,
    WT_OUCH_REJECT_DISPLAY = 0x0003,
    WT_OUCH_REJECT_MAX_FLOOR = 0x0004,
    WT_OUCH_REJECT_PEG_TYPE = 0x0005,
    WT_OUCH_REJECT_HALTED = 0x0007,
    WT_OUCH_REJECT_ISO = 0x0008,
    WT_OUCH_REJECT_SIDE = 0x0009,
    WT_OUCH_REJECT_PROCESSING = 0x000a,
    WT_OUCH_REJECT_FIRM = 0x000c,
    WT_OUCH_REJECT_MIN_QTY = 0x000d,
    WT_OUCH_REJECT_OTHER = 0x000f,
    WT_OUCH_REJECT_QUANTITY = 0x0013,
    WT_OUCH_REJECT_CROSS = 0x0014,
    WT_OUCH_REJECT_ROUTING = 0x0016,
    WT_OUCH_REJECT_SYMBOL = 0x0017,
    WT_OUCH_REJECT_PRICE = 0x001d
};

/** Fields of all messages; decode zeroes those that a message lacks. */
struct wt_ouch {
    char type;
    char side, tif, display, capacity, iso, cross;
    char state;     /**< Accepted, Replaced: L live, D dead */
    char event;     /**< System Event */
    char liquidity; /**< Executed, AIQ Canceled */
    char aiq_strategy;
    bool has_options;                       /**< the appendage length is there (it may say 0) */
    uint16_t reason;                        /**< Rejected: a number; others: a letter */
    uint32_t user_ref;                      /**< UserRefNum; Query Response: the next one */
    uint32_t orig_ref;                      /**< OrigUserRefNum */
    uint32_t quantity;                      /**< shares; Canceled: decrement */
    uint32_t prevented;                     /**< AIQ Canceled: shares prevented from trading */
    uint64_t timestamp;                     /**< ns since midnight */
    uint64_t price;                         /**< 1/10000 dollar */
    uint64_t order_ref;                     /**< the venue's Order Reference Number */
    uint64_t match;                         /**< Match Number */
    char symbol[8], firm[4], cl_ord_id[14]; /**< padded with spaces */
    uint16_t options_length;
    const uint8_t *options; /**< TagValues; decode points into the message's bytes */
};

/** Decode one whole message. 0, or -EBADMSG: unknown type, wrong length, or options that do not fit. */
int wt_ouch_decode(enum wt_ouch_direction direction, const uint8_t *bytes, size_t length, struct wt_ouch *message);
/** Encode. Returns the length; -EINVAL: unknown type, or options where the message takes none or that do not
 * parse; -ENOSPC. */
int wt_ouch_encode(enum wt_ouch_direction direction, const struct wt_ouch *message, uint8_t *to, size_t room);

/** One option. */
struct wt_ouch_option {
    uint8_t tag, length; /**< of the value */
    const uint8_t *value;
};

/** Walk the options: start with *offset 0. 1: got one; 0: at the end; -EBADMSG: they do not parse. */
int wt_ouch_option_next(const uint8_t *options, size_t length, size_t *offset, struct wt_ouch_option *option);
/** Find an option by tag. 1: found, 0: not there. */
int wt_ouch_option_find(const struct wt_ouch *message, uint8_t tag, struct wt_ouch_option *option);
/** Append an option at to[*length]. 0, -ENOSPC, or -EINVAL when the tag wants another length. */
int wt_ouch_option_put(uint8_t *to, size_t room, size_t *length, uint8_t tag, const void *value, size_t value_length);
/** Value of an option of 1, 2, 4 or 8 bytes as an unsigned number, big-endian. */
uint64_t wt_ouch_option_number(const struct wt_ouch_option *option);

#endif
