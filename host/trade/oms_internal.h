/* What the files of the OMS share: oms.c (requests, recovery), oms_reports.c (the venue's answers), oms_sums.c. */
#ifndef WT_OMS_INTERNAL_H
#define WT_OMS_INTERNAL_H

#include "host/trade/fills.h"
#include "host/trade/oms.h"

struct wt_oms {
    struct wt_loop *loop;
    struct wt_order_sink sink;
    bool has_way_out; /* the sink is wt_way_out (host/gateway/way_out.h) */
    struct wt_order *orders;
    uint32_t mask, next_id;
    struct wt_order *ready; /* next_id's place, known to be free, where there is a way out; NULL: to be looked for */
    struct wt_fills fills;
    struct wt_scopes scopes;
    unsigned rows, symbols;
    struct wt_working *working; /* by symbol, then row */
    struct wt_working total[WT_SCOPES_MAX];
    uint32_t (*alive)[2]; /* by symbol: first order alive, buys and sells */
    bool up;              /* what we send arrives; while it is not, cancels are kept */
    struct wt_oms_stats stats;
};

static inline struct wt_order *wt_oms_slot(const struct wt_oms *oms, uint32_t id)
{
    struct wt_order *order = &oms->orders[id & oms->mask];
    return id && order->id == id ? order : NULL;
}

/* Ids up to the one before it are used up, or given to somebody else. */
static inline void wt_oms_next_id(struct wt_oms *oms, uint32_t id)
{
    oms->next_id = id;
    oms->ready = NULL;
}

/* The market price of OUCH, $200,000, is the highest that any order or execution can have. */
static inline bool wt_oms_possible(uint32_t shares, uint32_t price)
{
    return shares <= WT_MAX_SHARES && price <= 2000000000u;
}

/* It waits to take its original's place: the venue has not answered. */
static inline bool wt_oms_pending_replacement(const struct wt_order *o)
{
    return o->replaces && !o->answered && (o->state == WT_ORDER_PENDING_NEW || o->state == WT_ORDER_UNKNOWN);
}

/* Bring the sums and lists up to date after the order, or the one that may replace it, changed. */
void wt_oms_recount(struct wt_oms *oms, struct wt_order *order);
void wt_oms_alert(struct wt_oms *oms, enum wt_alert_kind kind, uint32_t id, unsigned state, unsigned input,
                  int64_t detail);
struct wt_event wt_oms_order_event(const struct wt_order *order, enum wt_order_input input, unsigned old_state);
void wt_oms_illegal(struct wt_oms *oms, const struct wt_order *order, enum wt_order_input input);
/*
 * The one place where a state changes. The caller has set the quantities; extra carries what the event says
 * beyond the order (fill, reason). False when the table does not allow it.
 */
bool wt_oms_step(struct wt_oms *oms, struct wt_order *order, enum wt_order_input input,
                 const struct wt_order_event *extra);
bool wt_oms_allows(const struct wt_order *order, enum wt_order_input input);
/* The same; what is not allowed is counted and told. */
bool wt_oms_legal(struct wt_oms *oms, const struct wt_order *order, enum wt_order_input input);
/* A kept cancel goes out as soon as the order works and the session is up. */
void wt_oms_after_answer(struct wt_oms *oms, struct wt_order *order);
/*
 * The oldest fills make room. A fill of an order that is dead goes with its order: after that a late report of it is
 * one of an unknown order, told and not booked, so that nothing is ever booked twice. Those of an order that is alive
 * become young again. False: nothing could be forgotten.
 */
bool wt_oms_forget_fills(struct wt_oms *oms);
/* The venue holds an order that we do not: have it canceled. */
void wt_oms_disown(struct wt_oms *oms, uint32_t id);
/* The original is gone by itself: the venue ignores the replace without a word. */
void wt_oms_void_replacement(struct wt_oms *oms, struct wt_order *original);

#endif
