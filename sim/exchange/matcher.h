/*
 * Our orders in the replayed market, by price and time.
 *
 * The model. The replay is what happened; our fills do not change it. Of each replayed order we can
 * trade at most its shares, once (wt_replay_order.taken). Our orders trade
 *  - on entry, against displayed orders of the other side, best price first, then first come; at
 *    their price; flag R;
 *  - resting, when the replay executes (E, C) an order of our side that stands behind ours: at a worse
 *    price, or at our price having come later. Then we are filled first, up to the shares executed.
 *    An execution of one that came before ours only shortens the queue. At our price; flag A;
 *  - resting, when an order of the other side is added (A, F, U) at our price or through it: up to its
 *    shares, at our price; flag A;
 *  - when trading resumes after a halt, resting, against what then stands at or through our price.
 * While a symbol is not trading nothing is filled. P, Q and B messages say nothing of our orders: they
 * did not meet the displayed book. Our own orders never trade with each other: the newer is canceled
 * for what is left of it.
 *
 * Of every order: quantity = executed + canceled + open, always.
 *
 * One thread. Memory grows with the number of our orders.
 */
#ifndef WT_MATCHER_H
#define WT_MATCHER_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/exchange/desk.h"
#include "sim/exchange/replay.h"

struct wt_matcher;

int wt_matcher_create(struct wt_replay *replay, struct wt_desk_handler handler, struct wt_matcher **matcher);
void wt_matcher_destroy(struct wt_matcher *matcher);

/** The desk for an account. */
struct wt_desk wt_matcher_desk(struct wt_matcher *matcher);
/** One replayed message, length checked against its type by the caller or not: what does not fit is ignored. */
void wt_matcher_replay(struct wt_matcher *matcher, const uint8_t *message, size_t length);
/** The symbol trades. */
bool wt_matcher_trading(const struct wt_matcher *matcher, uint16_t locate);

/**
 * Take in an order (checked by the caller; user_ref above all others; open set): the exchange's fields
 * are filled in. It neither trades nor rests before wt_matcher_go. NULL: no memory. The pointer is valid until
 * the next one.
 */
struct wt_own_order *wt_matcher_enter(struct wt_matcher *matcher, const struct wt_own_order *order);
/** Let the newest order trade, then rest or, IOC, be canceled. */
void wt_matcher_go(struct wt_matcher *matcher);
/** The order of a UserRefNum, or NULL; valid until the next wt_matcher_enter. */
struct wt_own_order *wt_matcher_find(struct wt_matcher *matcher, uint32_t user_ref);
/** Take shares (at most open) off a live order and tell the handler, with the OUCH reason. */
void wt_matcher_cancel(struct wt_matcher *matcher, struct wt_own_order *order, uint32_t shares, char reason);
/** Take a live order off because another replaces it: the handler is not told. */
void wt_matcher_replace_away(struct wt_matcher *matcher, struct wt_own_order *order);
/** Cancel every live order of a symbol (name NULL: of all) with the OUCH reason. */
void wt_matcher_cancel_all(struct wt_matcher *matcher, const char name[8], char reason);
/** Bytes that the orders so far take; they are kept for ever, as UserRefNums are. */
size_t wt_matcher_stored(const struct wt_matcher *matcher);
void wt_matcher_totals(const struct wt_matcher *matcher, struct wt_desk_totals *totals);

#endif
