/*
 * What the venue told a client of each of its orders: one entry for each UserRefNum that an Enter or Replace used, made
 * of nothing but the OUCH messages that came and went (account.c). It knows no book, so it can be held against the
 * desk's own record of the same orders, and against the client's (wt_venue_dump).
 *
 * Memory grows with the orders. One thread.
 */
#ifndef WT_LEDGER_H
#define WT_LEDGER_H

#include <stdbool.h>
#include <stdint.h>

#include "host/gateway/ouch.h"

enum wt_ledger_state {
    WT_LEDGER_IGNORED, /**< asked for, and never answered: OUCH lets it pass in silence */
    WT_LEDGER_REJECTED,
    WT_LEDGER_LIVE,
    WT_LEDGER_FILLED,
    WT_LEDGER_CANCELED,
    WT_LEDGER_EXPIRED, /**< canceled with reason T */
    WT_LEDGER_REPLACED /**< another order stands in its place */
};

struct wt_ledger_entry {
    uint32_t user_ref, orig_ref; /**< orig_ref: the order that it replaces, 0: none */
    char name[14];               /**< ClOrdID, token: as the request says */
    char symbol[8], side;        /**< of the answer that accepted it, or of the request */
    uint8_t state;               /**< enum wt_ledger_state */
    uint16_t reason;             /**< of the last reject or cancel */
    uint32_t price, accepted;    /**< 1/10000 dollar, as accepted or moved to; shares open when accepted */
    uint32_t open, executed, canceled;
    uint32_t broken; /**< executed, and broken later: not in executed any more */
    uint64_t money;  /**< sum of shares * price of its executions */
};

/** An execution. */
struct wt_ledger_fill {
    uint64_t match;
    uint32_t user_ref, shares, price;
    bool broken;
};

/** All zero is an empty ledger. */
struct wt_ledger {
    struct wt_ledger_entry *entries; /**< by rising UserRefNum */
    uint32_t count, room;
    struct wt_ledger_fill *fills; /**< by rising match number */
    uint32_t fill_count, fill_room;
    uint64_t strays; /**< answers that fit no entry; always 0 */
};

/** An Enter or Replace came. -ENOMEM. */
int wt_ledger_request(struct wt_ledger *ledger, const struct wt_ouch *request);
/** A message goes out. -ENOMEM. */
int wt_ledger_answer(struct wt_ledger *ledger, const struct wt_ouch *answer);
/** The execution of a match number that is not broken, or NULL. */
const struct wt_ledger_fill *wt_ledger_fill_find(const struct wt_ledger *ledger, uint64_t match);
/** The entry of a UserRefNum, or NULL. */
const struct wt_ledger_entry *wt_ledger_find(const struct wt_ledger *ledger, uint32_t user_ref);
const char *wt_ledger_state_name(enum wt_ledger_state state);
void wt_ledger_free(struct wt_ledger *ledger);

#endif
