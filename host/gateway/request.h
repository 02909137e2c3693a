/*
 * Requests of the host as whole SoupBinTCP packets, and back: what was sent can be read again from a journal.
 *
 * An order's UserRefNum is the request's id. Its ClOrdID is "WT", the id in ten digits and the owner in two hexadecimal
 * ones, so that what the venue says of an order tells whose it is, too. In OUCH 4.2 that is the order's token, its only
 * name: a cancel, and a replace of the order that it replaces, must say the owner that the order has. Pure functions,
 * no allocation.
 */
#ifndef WT_REQUEST_H
#define WT_REQUEST_H

#include <string.h>

#include "host/common/bytes.h"
#include "host/event/event.h"
#include "host/gateway/ouch42.h"
#include "host/gateway/soup.h"

#define WT_REQUEST_MAX (WT_SOUP_HEADER + WT_OUCH_MAX_BASE + 8u) /**< bytes of a request; 8: the option Firm */

/** What every order of a gateway has, and what ids are new. */
struct wt_request_terms {
    char capacity, display; /**< OUCH Capacity and Display */
    char firm[5];           /**< empty: none */
    uint32_t last_id;       /**< highest id that has left */
    uint32_t ready_id;      /**< whose ClOrdID, without the owner, is in `ready`; 0: nobody's */
    uint8_t ready[12];
    uint64_t replace_id;   /**< whose whole replace is in `replace`, but for what it replaces, shares and price */
    uint8_t replace_owner; /**< and whose of it; UINT64_MAX above: nobody's */
    uint8_t replace[48];   /**< zeros behind it */
    enum wt_ouch_dialect dialect;
};

/** Prepare what can be known of the next request's bytes: behind each one that left, while nothing waits. owner: likely
 * the next one's, too. */
void wt_request_ready(struct wt_request_terms *terms, uint8_t owner);

enum { WT_REQUEST_REPLACE_LENGTH = WT_SOUP_HEADER + 40 };
/**
 * The replace of a DAY order that was prepared, into 48 bytes. False: this is another request, or what OUCH cannot
 * carry, and nothing was written.
 */
static inline __attribute__((always_inline)) bool wt_request_replace(const struct wt_request_terms *t, uint32_t id,
                                                                     uint8_t owner, uint32_t replaced, uint32_t shares,
                                                                     uint32_t price, uint8_t *to)
{
    if (__builtin_expect(id != t->replace_id, 0) || __builtin_expect(owner != t->replace_owner, 0) ||
        __builtin_expect(replaced - 1 >= t->last_id, 0) || __builtin_expect(shares - 1 >= WT_OUCH_MAX_QUANTITY, 0) ||
        __builtin_expect(price - 1 >= WT_OUCH_MAX_PRICE, 0))
        return false;
    memcpy(to, t->replace, sizeof t->replace);
    wt_put_be32(to + WT_SOUP_HEADER + 1, replaced);
    wt_put_be32(to + WT_SOUP_HEADER + 9, shares);
    wt_put_be32(to + WT_SOUP_HEADER + 17, price); /* the lower half of it */
    return true;
}

/** Encode. The number of bytes; -EINVAL: what OUCH cannot carry, or an id that is not new; -EMSGSIZE. */
int wt_request_encode(const struct wt_request_terms *terms, const struct wt_order_request *request, uint8_t *to,
                      size_t room);
/**
 * A packet to the venue as a request; symbol is WT_SYMBOL_NONE, and a replace or cancel has no name. 1; 0: a packet
 * that is no request (login, heartbeat, query); -EBADMSG: no packet of ours.
 */
int wt_request_decode(enum wt_ouch_dialect dialect, const uint8_t *packet, size_t length,
                      struct wt_order_request *request);
/** The name of an order: ClOrdID, token. */
void wt_request_name(uint32_t id, uint8_t owner, char name[14]);
/** The id in a name, and its owner; 0: no name of ours. */
uint32_t wt_request_id(const char name[14], uint8_t *owner);

#endif
