/* What `wiretick run` builds, for `wiretick replay` (host/cli/run.c). */
#ifndef WT_SESSION_H
#define WT_SESSION_H

#include "host/config/config.h"
#include "host/event/tap.h"

/**
 * Run the session of the configuration on a tap that replays, or that records what a card and a venue other than the
 * simulated ones do (then link and stream are these; else NULL and zeros). orders: where orders.csv is written, or
 * NULL. config, tap and the rest stay the caller's. 0, or -errno when it could not be built (with a message) or of the
 * loop.
 */
int wt_session_run(struct wt_config *config, struct wt_tap *tap, struct wt_link *link, struct wt_stream stream,
                   const char *orders);

#endif
