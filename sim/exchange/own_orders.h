/*
 * The books of an account that every desk keeps (desk.h): its orders by UserRefNum, kept for the day, and the sums of
 * their shares. What they stand in is the desk's business. One thread; memory grows with the orders.
 */
#ifndef WT_OWN_ORDERS_H
#define WT_OWN_ORDERS_H

#include "sim/exchange/desk.h"

/** All zero: none. */
struct wt_own_orders {
    struct wt_own_order *order; /**< by rising user_ref */
    uint32_t count, room;
    struct wt_desk_totals totals;
};

/** The order of a UserRefNum, or NULL; valid until the next add. */
struct wt_own_order *wt_own_orders_find(const struct wt_own_orders *orders, uint32_t user_ref);
/** Room for one more (its user_ref above all others), filled in; it neither lives nor counts before it is accepted, and
 * until then wt_own_orders_forget takes it back. NULL: no memory. */
struct wt_own_order *wt_own_orders_add(struct wt_own_orders *orders, const struct wt_own_order *order);
/** The newest was refused. */
void wt_own_orders_forget(struct wt_own_orders *orders);
/** It lives, under this reference. */
void wt_own_orders_accept(struct wt_own_orders *orders, struct wt_own_order *order, uint64_t order_ref);
/** Shares traded, or left otherwise. False: none are open any more. */
bool wt_own_orders_fill(struct wt_own_orders *orders, struct wt_own_order *order, uint32_t shares);
bool wt_own_orders_take_off(struct wt_own_orders *orders, struct wt_own_order *order, uint32_t shares);
/** The next live order of a symbol (name NULL: of any) from index *at on, or NULL. Begin with *at 0. */
struct wt_own_order *wt_own_orders_next(const struct wt_own_orders *orders, uint32_t *at, const char name[8]);
void wt_own_orders_free(struct wt_own_orders *orders);

#endif
