/*
 * The one code path from a wish to the venue: signal -> risk -> OMS -> gateway.
 *
 * Strategies reach it through struct wt_strategy_host only. Every signal is published as SIGNAL,
 * every verdict as VERDICT, every order's change as ORDER. On a kill (RISK_ALERT) the desk
 * cancels the scope's working orders.
 *
 * Flatten: the desk closes every position of a scope by immediate-or-cancel orders at the far side of
 * the BBO, each in the name of the strategy that holds the position, and each through risk like any
 * other: first the scope's working orders are canceled, then, when none of a symbol is alive, the
 * order goes out; what did not fill is tried again every 100 ms until the scope is flat.
 */
#ifndef WT_DESK_H
#define WT_DESK_H

#include "host/trade/oms.h"
#include "host/trade/risk.h"

struct wt_desk;

#define WT_TIMER_DESK 0x4445534bu /**< owner of the desk's timers */

/** Subscribes to RISK_ALERT. All of the others stay the caller's. -ENOMEM. */
int wt_desk_create(struct wt_loop *loop, struct wt_quotes *quotes, struct wt_risk *risk, struct wt_oms *oms,
                   struct wt_desk **desk);
void wt_desk_destroy(struct wt_desk *desk);
/**
 * A strategy's signal. Returns the id of the order (ENTER, REPLACE), 0 (CANCEL), or -errno: -EPERM (risk refused; the
 * verdict says which limit), or what wt_oms_enter, wt_oms_replace, wt_oms_cancel say.
 */
int64_t wt_desk_signal(struct wt_desk *desk, const struct wt_signal *signal, unsigned owner);
/** What flattening needs: positions by scope (scope.h), the caller's. Subscribes to ORDER and TIMER. -ENOSPC. */
int wt_desk_flattens(struct wt_desk *desk, const struct wt_positions *positions, const struct wt_scopes *scopes);
/** Close the positions of a scope's row, and let it only reduce from now on. -ENOTSUP without wt_desk_flattens. */
int wt_desk_flatten(struct wt_desk *desk, unsigned row);
/** Something is still being flattened. */
bool wt_desk_flattening(const struct wt_desk *desk);
/** Cancel every order that the venue turns out to hold, when its session is up for the first time. -ENOSPC. */
int wt_desk_cancel_on_start(struct wt_desk *desk);
/** Stop trading in good order: from now on only cancels pass, and every working order is canceled. */
void wt_desk_stop(struct wt_desk *desk);
/** Hold trading: until it is let go on only cancels pass, and every working order is canceled. */
void wt_desk_hold(struct wt_desk *desk);
/** Let it go on: what stopped it before or meanwhile stays. */
void wt_desk_go_on(struct wt_desk *desk);
/** Orders that the venue has not yet ended. */
unsigned wt_desk_open(const struct wt_desk *desk);

#endif
