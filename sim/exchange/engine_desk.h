/*
 * Desks at the matching engine (engine.h): the orders of any number of accounts in one engine, which know
 * each other's orders as the market does. An account's number is its owner in the engine: self-match prevention works
 * within it. One thread; memory grows with the number of orders.
 */
#ifndef WT_ENGINE_DESK_H
#define WT_ENGINE_DESK_H

#include "sim/exchange/desk.h"
#include "sim/exchange/engine.h"

#define WT_ENGINE_DESK_OWNER 1u /**< the first account's owner; those of agents.h are far above */

struct wt_engine_desks;

/** How the engine's symbols are called: name to index, or -ENOENT. */
struct wt_engine_names {
    void *ctx;
    int (*find)(void *ctx, const char name[8]);
};

/** Desks for up to max_accounts; listens to the engine from now on. 0, -ENOMEM or -ENOSPC. */
int wt_engine_desks_create(struct wt_engine *engine, struct wt_engine_names names, uint32_t max_accounts,
                           struct wt_engine_desks **desks);
void wt_engine_desks_destroy(struct wt_engine_desks *desks);
/** A desk for one more account, with its attribution (four characters) and who is told. False: no more. */
bool wt_engine_desks_add(struct wt_engine_desks *desks, const char mpid[4], struct wt_desk_handler handler,
                         struct wt_desk *desk);
/** Shares of an account's orders, in the order of adding. */
void wt_engine_desks_totals(const struct wt_engine_desks *desks, uint32_t account, struct wt_desk_totals *totals);

#endif
