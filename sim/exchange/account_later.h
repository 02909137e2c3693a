/*
 * What a fault of an account has begun and time will end. Between account.c and account_later.c only; what others call
 * of it is in session.h (wt_account_next_ns, wt_account_run, wt_account_break).
 */
#ifndef WT_ACCOUNT_LATER_H
#define WT_ACCOUNT_LATER_H

#include "sim/exchange/session.h"

/** A fault of that chance, in a million, that ends later begins now; then wt_later_add must follow. */
bool wt_later_begins(struct wt_session *session, uint32_t ppm);
/** It ends faults.later_ns from now. */
void wt_later_add(struct wt_session *session, struct wt_session_later what);
/** A cancel of the order is pending. */
bool wt_later_cancel_pending(const struct wt_session *session, uint32_t user_ref);

/** Shrink an order to an intended size, which includes what it (or those it replaced) executed. */
static inline uint32_t wt_later_shrink(const struct wt_own_order *o, uint32_t size)
{
    uint32_t done = o->chain_executed + o->executed;
    uint32_t left = size > done ? size - done : 0;
    return left < o->open ? o->open - left : 0;
}

#endif
