/*
 * The one code path from a wish to the venue: signal -> risk -> OMS -> gateway.
 *
 * Strategies reach it through struct wt_strategy_host only. Every signal is published as SIGNAL,
 * every verdict as VERDICT, every order's change as ORDER. On a kill (RISK_ALERT) the desk
 * cancels all working orders.
 */
#ifndef WT_DESK_H
#define WT_DESK_H

#include "host/trade/oms.h"
#include "host/trade/risk.h"

struct wt_desk;

/** Subscribes to RISK_ALERT. All of the others stay the caller's. -ENOMEM. */
int wt_desk_create(struct wt_loop *loop, struct wt_quotes *quotes, struct wt_risk *risk, struct wt_oms *oms,
                   struct wt_desk **desk);
void wt_desk_destroy(struct wt_desk *desk);
/**
 * A strategy's signal. Returns the id of the order (ENTER, REPLACE), 0 (CANCEL), or -errno: -EPERM (risk refused; the
 * verdict says which limit), or what wt_oms_enter, wt_oms_replace, wt_oms_cancel say.
 */
int64_t wt_desk_signal(struct wt_desk *desk, const struct wt_signal *signal, unsigned owner);
/** Stop trading in good order: from now on only cancels pass, and every working order is canceled. */
void wt_desk_stop(struct wt_desk *desk);
/** Orders that the venue has not yet ended. */
unsigned wt_desk_open(const struct wt_desk *desk);

#endif
