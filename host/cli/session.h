/* What `wiretick run` builds, for `wiretick replay` (host/cli/run.c). */
#ifndef WT_SESSION_H
#define WT_SESSION_H

#include "host/config/config.h"
#include "host/event/tap.h"

/**
 * Run the session of the configuration on a tap that replays. orders: where orders.csv is written, or NULL. config and
 * tap stay the caller's. 0, or -errno when it could not be built (with a message); how it went, the tap knows.
 */
int wt_session_replay(struct wt_config *config, struct wt_tap *tap, const char *orders);

#endif
