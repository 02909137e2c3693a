/*
 * Everything that happens is one of these. An event is small, has a type and the virtual (or
 * wall) time at which the loop took it, and is only valid during the call of its handler.
 *
 * Order of causes: market data -> book -> strategy -> signal -> execution -> order -> OMS ->
 * execution report -> position -> risk.
 */
#ifndef WT_EVENT_H
#define WT_EVENT_H

#include <stdbool.h>
#include <stdint.h>

#include "host/card/wt_schema.h"

/** Prices are 1/10000 dollar, quantities shares, times ns; money is 1/10000 dollar in 64 bits. */
enum wt_event_type {
    WT_EVENT_MARKET = 1, /**< one record of the card, or of the software book (head.flags SOFTWARE) */
    WT_EVENT_SIGNAL,     /**< a strategy wants an order sent, replaced or canceled */
    WT_EVENT_VERDICT,    /**< risk accepted or refused a signal */
    WT_EVENT_ORDER,      /**< an order changed its state */
    WT_EVENT_EXEC,       /**< execution report of the venue */
    WT_EVENT_POSITION,   /**< a position changed */
    WT_EVENT_RISK_ALERT, /**< a limit was hit, the kill switch fell */
    WT_EVENT_TIMER,      /**< a timer ran out */
    WT_EVENT_GATEWAY,    /**< the venue's session: up, down, rejected, ended */
    WT_EVENT_TYPES
};

/** Symbols on the host are dense indices from 0, given by the symbol directory (host/market). */
typedef uint16_t wt_symbol;
#define WT_SYMBOL_NONE 0xffffu

/** Top of book as the strategy sees it. */
struct wt_quote {
    uint32_t bid_price, bid_shares, ask_price, ask_shares;
    bool valid; /**< exact and live: quotes that are not must not be traded on */
};

/** One price level. Prices 1/10000 dollar. */
struct wt_depth_level {
    uint32_t price, shares, orders;
};

enum wt_side { WT_BUY = 'B', WT_SELL = 'S' };

enum wt_tif { WT_TIF_DAY = '0', WT_TIF_IOC = '3' };

enum wt_exec_type {
    WT_EXEC_ACCEPTED = 'A',
    WT_EXEC_REPLACED = 'U',
    WT_EXEC_CANCELED = 'C',
    WT_EXEC_EXECUTED = 'E',
    WT_EXEC_REJECTED = 'J',
    WT_EXEC_CANCEL_REJECTED = 'I',
    WT_EXEC_CANCEL_PENDING = 'P',
    WT_EXEC_BROKEN = 'B',
    WT_EXEC_SYNCED = 'Q',    /**< no order's: every report before it has been given; id: next UserRefNum of the venue */
    WT_EXEC_CORRECTED = 'F', /**< an execution got other shares or another price: match says which */
    WT_EXEC_PRIORITY = 'T'   /**< the venue gave the order another place in the book, under a new reference */
};

/** What the gateway is asked to send. Ids are the OMS's, and OUCH's UserRefNum: from 1, rising. */
struct wt_order_request {
    enum { WT_REQUEST_ENTER, WT_REQUEST_REPLACE, WT_REQUEST_CANCEL } kind;
    uint32_t id;       /**< ENTER: new order; REPLACE: the replacement; CANCEL: the order */
    uint32_t replaced; /**< REPLACE: the order that is replaced */
    wt_symbol symbol;
    char name[8]; /**< padded with spaces */
    enum wt_side side;
    enum wt_tif tif;
    uint8_t owner;   /**< strategy instance: not sent, but what recovery needs to know of a past request */
    uint32_t shares; /**< REPLACE: total liable, executed shares included; CANCEL: new size, 0 = all */
    uint32_t price;
};

/** What the venue said of an order. */
struct wt_exec_report {
    enum wt_exec_type type;
    uint32_t id;        /**< the order (REPLACED: the replacement) */
    uint32_t replaced;  /**< REPLACED: the order that was replaced */
    uint32_t shares;    /**< ACCEPTED/REPLACED: open; EXECUTED: of this fill; CANCELED: taken off */
    uint32_t price;     /**< ACCEPTED/REPLACED/PRIORITY: limit; EXECUTED: of this fill */
    uint16_t reason;    /**< CANCELED: letter; REJECTED: OUCH code */
    char liquidity;     /**< EXECUTED: OUCH liquidity flag ('A' added, 'R' removed) */
    bool dead;          /**< ACCEPTED/REPLACED in the state D: accepted and canceled */
    uint64_t match;     /**< EXECUTED/BROKEN: match number */
    uint64_t venue_ref; /**< ACCEPTED/REPLACED/PRIORITY: the venue's order reference */
    uint64_t venue_ns;  /**< venue's timestamp, ns since midnight */
    uint64_t sequence;  /**< SoupBinTCP sequence number of the report */
};

enum wt_gateway_state {
    WT_GATEWAY_DOWN,
    WT_GATEWAY_LOGGING_IN,
    WT_GATEWAY_UP, /**< every report that was missed has been given: what the venue has is known */
    WT_GATEWAY_REJECTED,
    WT_GATEWAY_ENDED,
    WT_GATEWAY_SYNCING, /**< logged in, missed reports are coming: nothing is sent yet */
    WT_GATEWAY_CLOSED   /**< as UP, but the venue's day is over: it takes no orders any more, only cancels */
};

/** What a strategy asks for; also the payload of WT_EVENT_SIGNAL. */
struct wt_signal {
    enum { WT_SIGNAL_ENTER, WT_SIGNAL_REPLACE, WT_SIGNAL_CANCEL } kind;
    uint32_t order; /**< REPLACE, CANCEL: the order's id */
    wt_symbol symbol;
    enum wt_side side;
    enum wt_tif tif;
    uint32_t shares; /**< shares open after it took effect */
    uint32_t price;
};

/** WT_EVENT_VERDICT: what risk said of a signal. limit is an enum wt_limit (host/trade/risk.h), 0 when accepted. */
struct wt_verdict {
    struct wt_signal signal;
    uint8_t limit;
    uint8_t owner; /**< strategy instance */
    uint8_t level; /**< enum wt_level (host/trade/scope.h) whose limit it is */
    bool reducing; /**< semantics.md 14, at the level named; accepted: at the innermost level */
    int64_t value; /**< what was measured against the limit; unit of the limit */
    int64_t bound; /**< the limit */
};

/** WT_EVENT_ORDER: an order after one change. States are enum wt_order_state (host/trade/oms.h). */
struct wt_order_event {
    uint32_t id, replaces; /**< replaces: the order this one replaces, or 0 */
    wt_symbol symbol;
    enum wt_side side;
    uint8_t owner;            /**< strategy instance */
    uint8_t state, old_state; /**< equal when only quantities changed */
    uint8_t input;            /**< enum wt_order_input: what changed it */
    bool illegal;             /**< a fill that the state did not allow; booked all the same */
    char liquidity;           /**< of the fill */
    uint16_t reason;          /**< canceled: letter; rejected: OUCH code; or a WT_OMS_REASON */
    uint32_t price, open_shares, filled_shares;
    int32_t fill_shares; /**< 0: no fill; negative: a broken trade is taken back */
    uint32_t fill_price;
    uint64_t match;
};

/** WT_EVENT_POSITION: a position after a fill. Money in 1/10000 dollar. */
struct wt_position_event {
    wt_symbol symbol;
    int64_t shares, cost, realized, unrealized;
};

enum wt_alert_kind {
    WT_ALERT_KILL = 1,      /**< trading of a scope was stopped or cut down to exits; detail: enum wt_kill_reason */
    WT_ALERT_ILLEGAL,       /**< the venue said what the order's state does not allow */
    WT_ALERT_UNKNOWN_ORDER, /**< the venue spoke of an order that is not ours */
    WT_ALERT_BAD_FILL,      /**< a fill of more than was open, or of impossible shares or price */
    WT_ALERT_CARD,          /**< the card's ring lapped; detail: errno */
    WT_ALERT_GATEWAY,       /**< the venue's session went down with orders working */
    WT_ALERT_JOURNAL,       /**< the journal cannot be written (disk full or too slow): trading ends */
    WT_ALERT_RECOVERY,      /**< an order's fate was settled by reconciliation; detail: 1 it never reached the venue */
    WT_ALERT_AUDIT          /**< card and software disagree on a book: the symbol is blocked; detail: which */
};

/** WT_EVENT_RISK_ALERT. */
struct wt_alert {
    enum wt_alert_kind kind;
    uint32_t order;
    uint8_t state, input;
    uint8_t scope;  /**< KILL: row of host/trade/scope.h */
    uint8_t action; /**< KILL: enum wt_loss_action (host/trade/limits.h) */
    int64_t detail;
};

/** WT_EVENT_TIMER. */
struct wt_timer_event {
    uint32_t owner; /**< who set it; others ignore it */
    uint32_t id;    /**< as the owner gave it */
};

/** WT_EVENT_GATEWAY. */
struct wt_gateway_event {
    enum wt_gateway_state state;
};

struct wt_event {
    enum wt_event_type type;
    uint64_t ns; /**< when the loop took it (input) or when it was published (derived) */
    union {
        union wt_event_record market;
        struct wt_signal signal;
        struct wt_verdict verdict;
        struct wt_order_event order;
        struct wt_exec_report exec;
        struct wt_position_event position;
        struct wt_alert alert;
        struct wt_timer_event timer;
        struct wt_gateway_event gateway;
    };
};

#endif
