/* What a run comes to: one structure, shown as a table, as JSON and as the report's tables. */
#ifndef WT_SUMMARY_H
#define WT_SUMMARY_H

#include <stdint.h>
#include <stdio.h>

#include "host/card/driver.h"
#include "host/gateway/gateway.h"
#include "host/market/feed.h"
#include "host/market/recovery.h"
#include "host/monitor/monitor.h"
#include "host/trade/oms.h"
#include "host/trade/risk.h"
#include "sim/card/sim.h"
#include "sim/exchange/exchange.h"

/** Everything in it is deterministic: the same file, configuration and seed give the same bytes. */
struct wt_summary {
    const char *config_path, *market_path;
    uint64_t seed, virtual_ns, callbacks;
    struct wt_card_counters card;
    struct wt_feed_stats feed;
    struct wt_feed_recovery_stats recovery;
    struct wt_oms_stats oms;
    struct wt_risk_stats risk;
    struct wt_gateway_stats gateway;
    struct wt_exchange_stats exchange;
    const struct wt_exchange_ledger *const *ledger; /**< the exchange's own, by locate; NULL: it keeps none for us */
    unsigned part_count;
    bool simulated;          /**< the card is; else what only its world knows is left out */
    struct wt_sim_stats sim; /**< if simulated */
    struct wt_loop_stats loop;
    const struct wt_monitor *monitor;
    const struct wt_quotes *quotes; /**< NULL in a sum: they are in its parts */
    const struct wt_positions *positions;
    const struct wt_summary *parts; /**< of a sum, part_count of them; NULL: it is none */
};

/**
 * What several loops of one run come to together: counts and histograms are added up, what is the run's own (card,
 * exchange, time) is the first part's. monitor: room for their sum, the caller's as the parts are, for as long as
 * total.
 */
void wt_summary_sum(const struct wt_summary *parts, unsigned count, struct wt_monitor *monitor,
                    struct wt_summary *total);
/** Refusals of risk, over all limits. */
uint64_t wt_summary_refusals(const struct wt_summary *summary);
/**
 * Compare the positions with the exchange's own ledger, share for share and to 1/10000 dollar. Returns how many symbols
 * differ, each with a message.
 */
unsigned wt_summary_reconcile(const struct wt_summary *summary);
/** 1/10000 dollar as "-1234.5678". out: at least 24 bytes. Returns out. */
const char *wt_dollars(char *out, int64_t money);
/** The table of `wiretick run`. */
void wt_summary_print(const struct wt_summary *summary, FILE *out);
/** Keys sorted; money as text in dollars and as integers in 1/10000. 0 or -errno with a message. */
int wt_summary_json(const struct wt_summary *summary, const char *path);
/** A page of its own: inline SVG and CSS, no other file. 0 or -errno with a message. */
int wt_summary_report(const struct wt_summary *summary, const char *path);

#endif
