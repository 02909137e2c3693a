/*
 * The order management system: every order from the request to its end, in preallocated slots.
 *
 * An order's life is a table, wt_oms_next: what is not in it is illegal, counted and alerted. The
 * OMS holds the only way to the gateway (struct wt_order_sink), and is itself reached only through
 * host/trade/desk.h, behind risk.
 *
 * Rules of OUCH 5.0 that shape it (Nasdaq, April 2023):
 *  - Ids are UserRefNums: from 1, strictly rising; an id that could not be sent is not used again.
 *  - A replacement is a new order with an id of its own. Until the venue answers, the original
 *    stands and may fill: original PENDING_REPLACE, replacement PENDING_NEW. The replace says the
 *    total liable for the chain, executed shares included, so a fill under way makes the
 *    replacement smaller, never the position larger.
 *  - A replace of a dead order is ignored without an answer: when the original fills or is
 *    canceled first, the replacement is VOID (CANCELED with reason WT_OMS_VOID).
 *  - A cancel has no too-late reply: a PENDING_CANCEL order ends by its cancel or by its fill.
 *  - A cancel that is asked for while an answer is pending is kept, and sent with the answer.
 *
 * When the venue's session goes down (GATEWAY, not UP), every order that is alive is UNKNOWN: its last
 * request may have arrived or not, and what the venue did since is not known. UP means that every
 * report missed has been given. Then an order that the venue ever accepted works, and one that it
 * never answered did not reach it: its id will not be used again. Nothing is ever sent twice.
 */
#ifndef WT_OMS_H
#define WT_OMS_H

#include "host/event/loop.h"
#include "host/trade/pass.h"
#include "host/trade/scope.h"

#define WT_MAX_SHARES 999999u    /**< OUCH: of an order, and of all executions of a chain */
#define WT_MAX_PRICE 1999999900u /**< OUCH: $199,999.99 */

enum wt_order_state {
    WT_ORDER_NONE,
    WT_ORDER_PENDING_NEW,
    WT_ORDER_LIVE,
    WT_ORDER_PARTIALLY_FILLED,
    WT_ORDER_PENDING_REPLACE,
    WT_ORDER_PENDING_CANCEL,
    WT_ORDER_UNKNOWN, /**< the session went down, or the host did: until the venue's stream has proven it */
    WT_ORDER_FILLED,
    WT_ORDER_CANCELED,
    WT_ORDER_REJECTED,
    WT_ORDER_REPLACED, /**< gone: its replacement stands in its place */
    WT_ORDER_EXPIRED,  /**< its time in force ran out */
    WT_ORDER_STATES,
    WT_ORDER_WORKING /**< only in the table: LIVE, or PARTIALLY_FILLED if anything filled */
};

/** What can happen to an order. The venue's first, then ours. */
enum wt_order_input {
    WT_OI_ACCEPTED,         /**< A, live */
    WT_OI_ACCEPTED_DEAD,    /**< A, state D */
    WT_OI_REPLACED,         /**< U, seen by the replacement */
    WT_OI_REPLACED_DEAD,    /**< U, state D, seen by the replacement */
    WT_OI_REPLACED_AWAY,    /**< U, seen by the original */
    WT_OI_FILL_PART,        /**< E, something stays open */
    WT_OI_FILL_ALL,         /**< E, nothing stays open */
    WT_OI_REDUCED,          /**< C, something stays open */
    WT_OI_CANCELED,         /**< C, nothing stays open */
    WT_OI_REJECTED,         /**< J */
    WT_OI_REPLACE_REJECTED, /**< J of the replacement, seen by the original */
    WT_OI_VOID,             /**< the original died first, seen by the replacement */
    WT_OI_CANCEL_PENDING,   /**< P */
    WT_OI_CANCEL_REJECTED,  /**< I */
    WT_OI_BROKEN,           /**< B */
    WT_OI_EXPIRED,          /**< C for timeout, nothing stays open */
    WT_OI_CORRECTED,        /**< F of OUCH 4.2: twice, the old fill taken back and the new one booked */
    WT_OI_PRIORITY,         /**< T: another place in the book, perhaps at another price */
    WT_OI_SENT,             /**< we sent it */
    WT_OI_SEND_FAILED,      /**< the gateway could not send it */
    WT_OI_REPLACE_SENT,     /**< we sent a replace of it */
    WT_OI_CANCEL_SENT,      /**< we sent a cancel of it */
    WT_OI_CANCEL_KEPT,      /**< a cancel is asked for, and will be sent with the pending answer */
    WT_OI_DISCONNECTED,     /**< the session or the host went down */
    WT_OI_PROVEN,           /**< it works at the venue */
    WT_OI_LOST,             /**< it never reached the venue */
    WT_ORDER_INPUTS
};

/** Reasons of our own in wt_order_event.reason, beside OUCH's letters and codes. */
enum { WT_OMS_VOID = 0x1000, WT_OMS_NOT_SENT = 0x1001, WT_OMS_LOST = 0x1002 };

/** The table: the state after input in state, or WT_ORDER_NONE: illegal. */
enum wt_order_state wt_oms_next(enum wt_order_state state, enum wt_order_input input);
const char *wt_order_state_name(enum wt_order_state state);
const char *wt_order_input_name(enum wt_order_input input);
/** The venue may still execute it, or will still answer. */
bool wt_order_alive(enum wt_order_state state);

/** Where requests leave. send: 0 or -errno; what it refuses was not sent. */
struct wt_order_sink {
    void *ctx;
    int (*send)(void *ctx, const struct wt_order_request *request);
};

struct wt_order {
    uint32_t id, replaces, replacement; /**< replacement: the pending one, or 0 */
    wt_symbol symbol;
    enum wt_side side;
    enum wt_tif tif;
    uint8_t state, owner;
    bool cancel_kept;
    bool answered; /**< the venue has accepted it, or put it in its original's place */
    uint32_t price;
    uint32_t open;         /**< shares that may still execute; of a pending replacement: as asked for */
    uint32_t filled;       /**< of this id */
    uint32_t chain_filled; /**< of the orders that it replaced */
    uint32_t early;        /**< executed before the venue's answer came: out of order */
    int64_t counted_shares, counted_notional; /**< what it adds to the working sums */
    bool counted_open, listed;
    uint8_t mover;           /**< who may replace it: its owner + 1 while its state allows that, else 0 */
    uint32_t next, previous; /**< of the symbol's and side's list of orders that are alive; 0: none */
};

struct wt_oms_config {
    unsigned orders;         /**< slots, power of two; ids may go on for ever; default 65,536 */
    unsigned fills;          /**< fills remembered (for duplicates and broken trades), power of two; default 262,144 */
    unsigned symbols;        /**< dense symbol indices, default 65,536 */
    struct wt_scopes scopes; /**< for which sums are kept; default: only the firm */
};

struct wt_oms_stats {
    uint64_t enters, replaces, cancels;                     /**< requests sent */
    uint64_t accepted, replaced, canceled, rejected, fills; /**< answers taken */
    uint64_t filled_shares, canceled_shares;
    uint64_t voided, duplicates, broken, illegal, unknown, bad_fills, send_failed, refused;
    uint64_t expired, corrected, moved, proven, lost;
};

/** Shares and notional (1/10000 dollar) that may still execute, worst case: a pending replace counts the larger. */
struct wt_working {
    int64_t buy_shares, sell_shares, buy_notional, sell_notional;
    uint32_t open; /**< orders; an order and its pending replacement are one */
};

struct wt_oms;

void wt_oms_defaults(struct wt_oms_config *config);
/** Subscribes to EXEC and GATEWAY, publishes ORDER and RISK_ALERT. name: eight characters padded with spaces. -ENOMEM,
 * -EINVAL. */
int wt_oms_create(const struct wt_oms_config *config, struct wt_loop *loop, struct wt_order_sink sink,
                  struct wt_oms **oms);
void wt_oms_destroy(struct wt_oms *oms);

/**
 * Send the new order that risk gave the pass for. Returns its id, or -errno: -EPERM (the pass is used, or for another
 * kind), -ENOSPC (no slot: too many orders alive or fills remembered), or what the sink said.
 */
int64_t wt_oms_enter(struct wt_oms *oms, struct wt_pass *pass, const char name[8]);
/**
 * Replace a working order, as its pass says: shares open at price. Returns the replacement's id, or -errno: -EPERM,
 * -ENOENT (not alive, not the owner's), -EBUSY (an answer is pending), -ERANGE (chain would pass 999,999 shares).
 */
int64_t wt_oms_replace(struct wt_oms *oms, struct wt_pass *pass);
/**
 * The same for a move (wt_risk_pass_move), in two halves, of which the second does what need not be done before the
 * request leaves. The first: 0, or what the sink said, and the second must follow with that; 1: it is not that simple,
 * nothing was done, and wt_oms_replace() takes the pass when risk has told its verdict. The second returns what
 * wt_oms_replace() does.
 */
int wt_oms_move(struct wt_oms *oms, struct wt_pass *pass);
int64_t wt_oms_moved(struct wt_oms *oms, const struct wt_pass *pass, int rc);
/** Cancel an order (all of it). 0, also when a cancel is already on its way; -ENOENT; or what the sink said. */
int wt_oms_cancel(struct wt_oms *oms, uint32_t id, unsigned owner);
/** Cancel everything that is alive, in order of slots. Returns how many orders are alive. */
unsigned wt_oms_cancel_all(struct wt_oms *oms);
/** Mass cancel: orders of the scope's row, of the symbol (WT_SYMBOL_NONE: all), of the side (0: both). Returns how many
 * are alive. */
unsigned wt_oms_mass_cancel(struct wt_oms *oms, unsigned row, wt_symbol symbol, int side);
#define WT_OWNER_ANY 256u

/**
 * Recovery (host/trade/recovery.h): from begin to end nothing is sent. wt_oms_restore takes a past request as if it had
 * just been sent, wt_oms_report a past report; both publish what they change. wt_oms_restored leaves every order that
 * is alive UNKNOWN until the gateway is UP. -EINVAL: a request that no OMS made; -ENOSPC.
 */
void wt_oms_restore_begin(struct wt_oms *oms);
int wt_oms_restore(struct wt_oms *oms, const struct wt_order_request *request);
/** This id was used up by a request that did not leave. */
void wt_oms_restore_unsent(struct wt_oms *oms, uint32_t id);
/** A session of the past was proven here (WT_GATEWAY_UP): what the venue had not answered by then never arrived. */
void wt_oms_restore_synced(struct wt_oms *oms);
void wt_oms_report(struct wt_oms *oms, const struct wt_exec_report *report);
void wt_oms_restored(struct wt_oms *oms);

/** The order with this id, or NULL when its slot has been used again. */
const struct wt_order *wt_oms_find(const struct wt_oms *oms, uint32_t id);
/** The order, if its owner may replace it now; else NULL. */
const struct wt_order *wt_oms_movable(const struct wt_oms *oms, uint32_t id, unsigned owner);
struct wt_working wt_oms_working(const struct wt_oms *oms, wt_symbol symbol);
/** Sums of a scope's row: of a symbol, and of all symbols. Never NULL for rows that there are. */
const struct wt_working *wt_oms_row(const struct wt_oms *oms, unsigned row, wt_symbol symbol);
const struct wt_working *wt_oms_total(const struct wt_oms *oms, unsigned row);
/** The firm's sums of a symbol. */
const struct wt_working *wt_oms_firm(const struct wt_oms *oms, wt_symbol symbol);
/** Best price of the scope's own orders that are alive on a side of a symbol; 0: none. */
uint32_t wt_oms_best_own(const struct wt_oms *oms, unsigned row, wt_symbol symbol, enum wt_side side);
int64_t wt_oms_working_notional(const struct wt_oms *oms);
uint32_t wt_oms_open_orders(const struct wt_oms *oms);
/** Highest id that was given to an order, 0: none. */
uint32_t wt_oms_last_id(const struct wt_oms *oms);
void wt_oms_stats(const struct wt_oms *oms, struct wt_oms_stats *stats);

#endif
