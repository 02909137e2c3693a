/*
 * OUCH 4.2 messages, both directions, to and from bytes, and what they have in common with OUCH 5.0 (protocols.md
 * section 5). An order is named by a token of 14 letters and digits instead of a number, messages have no options, and
 * much of what 5.0 says by options and letters stands in fields of its own.
 *
 * struct wt_ouch42 is what stands in the bytes. wt_ouch42_from_50 and wt_ouch42_to_50 put the same request or answer
 * into the other dialect, so that what is behind (the OMS, the simulated account) speaks 5.0 alone; what 4.2 cannot say
 * is refused by name, never left out. Pure functions, no allocation.
 */
#ifndef WT_OUCH42_H
#define WT_OUCH42_H

#include "host/gateway/ouch.h"

#define WT_OUCH42_MAX 80u       /**< longest message */
#define WT_OUCH42_OPTIONS 24u   /**< bytes of 5.0 options that a 4.2 request can turn into, at most */
#define WT_OUCH42_TOKEN 14u     /**< characters of a token */
#define WT_OUCH42_IOC 0u        /**< Time In Force */
#define WT_OUCH42_DAY 99998u    /**< market hours */
#define WT_OUCH42_SYSTEM 99999u /**< system hours */

/** Types that 5.0 has not, or not with this letter. */
enum wt_ouch42_type {
    WT_OUCH42_TRADE_NOW = 'N',          /**< in and out */
    WT_OUCH42_EXECUTED_REFERENCE = 'G', /**< out: Executed with Reference Price */
    WT_OUCH42_TRADE_CORRECTION = 'F'    /**< out */
};

/** Fields of all messages; decode zeroes those that a message lacks. */
struct wt_ouch42 {
    char type;
    char side, display, capacity, iso, cross, customer;
    char state; /**< Accepted, Replaced: L live, D dead */
    char bbo;   /**< Accepted, Replaced: BBO Weight Indicator */
    char event; /**< System Event */
    char liquidity;
    char aiq_strategy;      /**< AIQ Canceled, in its later form of 38 bytes; NUL: the form of 37 */
    char reference_type;    /**< Executed with Reference Price */
    uint16_t reason;        /**< a letter */
    uint32_t quantity;      /**< shares; Canceled: decrement */
    uint32_t time_in_force; /**< seconds, or WT_OUCH42_IOC and so on */
    uint32_t min_quantity;
    uint32_t prevented; /**< AIQ Canceled: shares prevented from trading */
    uint64_t timestamp; /**< ns since midnight */
    uint64_t price;     /**< 1/10000 dollar; 32 bits in the message */
    uint64_t reference_price;
    uint64_t order_ref, match;
    char symbol[8], firm[4];
    char token[WT_OUCH42_TOKEN];    /**< Replace: the new order's */
    char existing[WT_OUCH42_TOKEN]; /**< Replace: the existing order's; Replaced: the previous one's */
};

/** Decode one whole message. 0, or -EBADMSG: unknown type or wrong length. */
int wt_ouch42_decode(enum wt_ouch_direction direction, const uint8_t *bytes, size_t length, struct wt_ouch42 *message);
/** Encode. Returns the length; -EINVAL: unknown type, or a price of more than 32 bits; -ENOSPC. */
int wt_ouch42_encode(enum wt_ouch_direction direction, const struct wt_ouch42 *message, uint8_t *to, size_t room);
/** Letters and digits, then nothing but spaces, and not only these. */
bool wt_ouch42_good_token(const char token[WT_OUCH42_TOKEN]);

/**
 * A 5.0 message in 4.2. Its ClOrdID becomes the token; existing is the caller's, for numbers are not names. An option
 * of 5.0 becomes the field of 4.2 that says the same. 0, or -ENOTSUP with *why, one line: 4.2 cannot say that.
 */
int wt_ouch42_from_50(enum wt_ouch_direction direction, const struct wt_ouch *from, struct wt_ouch42 *to,
                      const char **why);
/**
 * A 4.2 message in 5.0; user_ref and orig_ref stay 0, the token becomes the ClOrdID. Post-only, minimum quantity, firm
 * and customer type become options, in the caller's array, which must live as long as the message. Reasons of rejects
 * stay 4.2's letters. 0, or -ENOTSUP with *why: Trade Now, which 5.0 has as an option of new orders only, and others.
 */
int wt_ouch42_to_50(enum wt_ouch_direction direction, const struct wt_ouch42 *from, struct wt_ouch *to,
                    uint8_t options[WT_OUCH42_OPTIONS], const char **why);
/** The letter of 4.2 for a reason of 5.0's Rejected; O (other) where 4.2 has no word for it. */
char wt_ouch42_reject(unsigned reason);

#endif
