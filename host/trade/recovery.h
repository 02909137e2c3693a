/*
 * Recovery: what an earlier run of this host did today comes back before it trades again.
 *
 * 1. Past requests and reports are read, in the order in which they were written (a request before
 *    it was sent, a report before it was acted on), and taken by the OMS as if they happened now: so
 *    orders, fills and positions are what they were. Nothing is sent.
 * 2. Every order that is still alive is UNKNOWN. The last request may not have left, the last reports
 *    may not have come.
 * 3. The gateway logs in with the sequence number behind the last report and takes what was missed;
 *    with the venue's answer to the account query it is UP (gateway.h, sync).
 * 4. Then each UNKNOWN order works, or never arrived and will never be sent again; risk lets
 *    orders pass from here on, and with wt_desk_cancel_on_start what still works is canceled.
 *
 * A request that was written and not sent is an order that never arrived: its id is not used again.
 * One that was sent and whose answer is missing is answered by the venue's replay. A report that was
 * written and not acted on is acted on now; fills are known by order and match number, so none
 * counts twice.
 */
#ifndef WT_RECOVERY_H
#define WT_RECOVERY_H

#include "host/trade/oms.h"

/** One entry of the past. UP: the session was proven here; what the venue had not answered by then never arrived.
 * UNSENT: a request that was written and refused by what should have carried it: it is known that it did not leave; its
 * id is used up. */
struct wt_past {
    enum { WT_PAST_REQUEST, WT_PAST_REPORT, WT_PAST_UP, WT_PAST_UNSENT } kind;
    union {
        struct wt_order_request request;
        struct wt_exec_report report;
    };
};

/** Where the past comes from. next: 1 and an entry, 0 at its end, or -errno. */
struct wt_past_source {
    void *ctx;
    int (*next)(void *ctx, struct wt_past *past);
};

struct wt_recovered {
    uint64_t requests, reports;
    uint64_t next_sequence; /**< for the login: behind the last report; 1 when there was none */
    uint32_t last_id;       /**< highest id used; 0: none */
    unsigned unknown;       /**< orders that the venue must prove */
};

/**
 * Do steps 1 and 2. The OMS must be new, and the loop not yet running; positions must have subscribed: they take the
 * fills. 0; what the source returned; -EINVAL: the past has a request that no OMS made; -ENOSPC: more orders or fills
 * than the OMS has room for. On errors a message is printed.
 */
int wt_recover(struct wt_loop *loop, struct wt_oms *oms, struct wt_past_source source, struct wt_recovered *recovery);

#endif
