/*
 * The operator's hand on a running session: a FIFO (host.control) that takes one word a line,
 *
 *   heartbeat                     the operator is there (safety.heartbeat_ms)
 *   kill | reduce_only | flatten | release     of the firm, or followed by
 *       account NAME | strategy NUMBER         of that scope; strategies are numbered from 0
 *
 * for example `echo kill account house >build/control`. What is not understood is told and ignored. A command is a
 * number: it goes through the journal, and a replay does the same at the same moment.
 */
#ifndef WT_CONTROL_H
#define WT_CONTROL_H

#include "host/config/config.h"
#include "host/trade/desk.h"

struct wt_control;

/** Make the FIFO if it is not there, and open it. -errno with a message. The configuration stays the caller's. */
int wt_control_open(const struct wt_config *config, const struct wt_scopes *scopes, struct wt_control **control);
void wt_control_close(struct wt_control *control);
/** The next command: WT_CONTROL_FIRST or above, or 0. Never waits. */
uint32_t wt_control_poll(struct wt_control *control);

#define WT_CONTROL_FIRST 0x100u /**< numbers below are others' */

/** The command that does to a scope's row (host/trade/scope.h) what a loss did to it in another loop. */
uint32_t wt_control_stop(enum wt_loss_action action, unsigned row);

/** Do it. False: it is none of these commands. */
bool wt_control_do(uint32_t command, struct wt_risk *risk, struct wt_desk *desk);

#endif
