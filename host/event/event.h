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
    WT_EXEC_BROKEN = 'B'
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
    uint32_t shares; /**< REPLACE: total liable, executed shares included; CANCEL: new size, 0 = all */
    uint32_t price;
};

/** What the venue said of an order. */
struct wt_exec_report {
    enum wt_exec_type type;
    uint32_t id;        /**< the order (REPLACED: the replacement) */
    uint32_t replaced;  /**< REPLACED: the order that was replaced */
    uint32_t shares;    /**< ACCEPTED/REPLACED: open; EXECUTED: of this fill; CANCELED: taken off */
    uint32_t price;     /**< ACCEPTED/REPLACED: limit; EXECUTED: of this fill */
    uint16_t reason;    /**< CANCELED: letter; REJECTED: OUCH code */
    char liquidity;     /**< EXECUTED: OUCH liquidity flag ('A' added, 'R' removed) */
    bool dead;          /**< ACCEPTED/REPLACED in the state D: accepted and canceled */
    uint64_t match;     /**< EXECUTED/BROKEN: match number */
    uint64_t venue_ref; /**< ACCEPTED/REPLACED: the venue's order reference */
    uint64_t venue_ns;  /**< venue's timestamp, ns since midnight */
    uint64_t sequence;  /**< SoupBinTCP sequence number of the report */
};

enum wt_gateway_state { WT_GATEWAY_DOWN, WT_GATEWAY_LOGGING_IN, WT_GATEWAY_UP, WT_GATEWAY_REJECTED, WT_GATEWAY_ENDED };

#endif
