/* From a venue's configuration to a venue with its market: for the server, and for one in process. */
#ifndef WT_CLI_VENUE_H
#define WT_CLI_VENUE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "host/config/venue.h"
#include "sim/exchange/agents.h"
#include "sim/exchange/venue.h"

struct wt_venue_parts {
    struct wt_venue *venue;
    struct wt_agents *agents; /**< NULL: the market is a file, or nobody's */
};

/** Build it; its packets go to wire. Prints why it fails, -errno; destroy it even then. */
int wt_venue_build(const struct wt_venue_settings *settings, struct wt_line_wire wire, struct wt_venue_parts *parts);
/** The market ends by itself. */
bool wt_venue_ends(const struct wt_venue_settings *settings);
/** At the end: compare what clients were told with the books (-EBADMSG: they differ), and write output.dir's files:
 * books.csv, orders.csv, and summary.txt with what wt_venue_print says. */
int wt_venue_parts_end(const struct wt_venue_settings *settings, const struct wt_venue_parts *parts, uint64_t unsent);
/** What it counted, some ten lines. unsent: packets that the network or the wire refused. */
void wt_venue_print(const struct wt_venue *venue, uint64_t unsent, FILE *out);
void wt_venue_parts_destroy(struct wt_venue_parts *parts);

#endif
