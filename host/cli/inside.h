/* The venue in process of `wiretick run` (exchange.venue): its configuration, its parts, its place in the world. */
#ifndef WT_CLI_INSIDE_H
#define WT_CLI_INSIDE_H

#include "host/cli/venue.h"
#include "host/config/config.h"
#include "sim/exchange/inside.h"

struct wt_cli_inside {
    struct wt_venue_settings *settings;
    struct wt_venue_parts parts;
    struct wt_inside *inside;
};

/**
 * Read exchange.venue and build it; run.max_messages, if set, stands for the file's. Its addresses have no meaning
 * here. Prints why it fails, -errno; destroy it even then.
 */
int wt_cli_inside_create(const struct wt_config *config, const uint32_t group[2], struct wt_exchange_wire wire,
                         struct wt_cli_inside *inside);
/** What the market's first timestamp is, ns since midnight. */
uint64_t wt_cli_inside_first_ns(const struct wt_cli_inside *inside);
/** At the end: compare its books with what it told, write its output.dir. 0 or -errno with a message. */
int wt_cli_inside_end(const struct wt_cli_inside *inside);
void wt_cli_inside_stats(const struct wt_cli_inside *inside, struct wt_exchange_stats *stats);
void wt_cli_inside_destroy(struct wt_cli_inside *inside);

#endif
