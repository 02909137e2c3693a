/*
 * The components of `wiretick run`: made in the order in which they hear of events, joined, destroyed.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "host/card/pci.h"
#include "host/cli/session_internal.h"
#include "host/common/log.h"
#include "host/config/config.h"
#include "host/event/tap.h"
#include "host/strategy/registry.h"

enum {
    SYMBOLS = 65536,               /* dense indices the host has room for */
    NETWORK_SKEW_NS = 1000000,     /* on the network: sockets are read in turns, so one line may be this far behind */
    KEPT = 1 << 18,                /* messages that are kept while a snapshot comes */
    REQUEST_NS = 200000,           /* in simulation a re-request that is not answered is sent again */
    NETWORK_REQUEST_NS = 20000000, /* and on the network */
    NETWORK_TRIES = 50,
    RETRY_MIN_NS = 100000000, /* first pause before the gateway tries again */
};

#define RETRY_MAX_NS 10000000000u /* and the longest */

static int make_folders(const char *path)
{
    char part[4096];
    size_t n = strlen(path);
    memcpy(part, path, n + 1); /* output.dir has at most 3,800 characters */
    for (size_t i = 1; i <= n; i++) {
        if (part[i] != '/' && part[i] != '\0')
            continue;
        char keep = part[i];
        part[i] = '\0';
        if (mkdir(part, 0777) && errno != EEXIST) {
            int error = errno;
            wt_error("output.dir: '%s' cannot be made: %s", part, strerror(error));
            return -error;
        }
        part[i] = keep;
    }
    return 0;
}

void wt_session_path(const struct session *s, const char *name, char out[4096])
{
    snprintf(out, 4096, "%s/%s", s->config->output.dir, name);
}

static int build_outside(struct session *s)
{
    if (s->loops) {
        s->outside = wt_loops_outside(s->loops);
        s->link = wt_loops_link(s->loops, s->seat);
        s->start_ns = wt_outside_now(s->outside);
        return 0;
    }
    int rc = wt_outside_create(s->config, &s->outside);
    if (rc)
        return rc;
    s->link = wt_outside_link(s->outside);
    s->start_ns = wt_outside_now(s->outside);
    return 0;
}

/* The tap between the world and everything above it. */
static int build_tap(struct session *s)
{
    const char *dir = s->config->output.journal;
    struct wt_journal_options options;
    if (s->tap) {
        s->link = wt_tap_link(s->tap, s->link);
        return 0;
    }
    s->stream = wt_outside_stream(s->outside, s->seat);
    if (!*dir)
        return 0;
    wt_journal_defaults(&options);
    options.dir = dir;
    options.segment_bytes = (size_t)s->config->output.journal_mb << 20;
    options.max_files = s->config->output.journal_files;
    options.block = !wt_outside_live(s->outside); /* virtual time can wait for the disk */
    options.give_up = wt_session_give_up;
    int rc = make_folders(dir);
    if (s->config->run.resume)
        rc = rc ? rc : wt_resume_find(s->config, &s->resume);
    options.keep = s->resume != NULL;
    rc = rc ? rc : wt_journal_create(&options, &s->journal);
    rc = rc ? rc : wt_tap_record(s->journal, wt_session_simulated(s->config), &s->tap);
    rc = rc ? rc : wt_tap_config(s->tap, s->config->text, s->resume != NULL);
    if (rc)
        return rc;
    s->link = wt_tap_link(s->tap, s->link);
    return 0;
}

static const char (*subscribed(const struct wt_config *c))[9]
{
    return c->feed.symbols_count ? (const char(*)[9])c->feed.symbols : NULL;
}

void wt_session_card_config(const struct wt_config *c, struct wt_card_config *card)
{
    wt_card_defaults(card);
    card->channel[0].group[0] = c->feed.group_ip;
    card->channel[0].port[0] = card->channel[0].port[1] = c->feed.port;
    card->symbols = subscribed(c);
    card->symbol_count = c->feed.symbols_count;
    if (c->exchange.connect[0])
        card->skew_ns = NETWORK_SKEW_NS;
    card->recover =
        c->feed.recovery == WT_RECOVERY_REREQUEST && (!c->exchange.connect[0] || c->exchange.rerequest_port);
    if (c->link.type != WT_LINK_SIM)
        card->reset_ns = WT_PCI_RESET_NS;
}

/* One of several loops: the card's command ring and what goes through it are the first one's, and no symbol goes back
 * to the card, for that one does not know the others' books. */
static bool several(const struct wt_config *c)
{
    return c->host.loops > 1;
}

static int build_card(struct session *s)
{
    const struct wt_config *c = s->config;
    struct wt_card_config card;
    wt_session_card_config(c, &card);
    card.at_work = several(c);
    int rc = wt_card_open(&s->card, s->link, &card);
    if (rc)
        return rc;
    s->card_open = true;
    if (s->tap)
        wt_tap_card(s->tap, &s->card);
    struct wt_twin_config twin;
    wt_twin_defaults(&twin);
    twin.symbols = subscribed(c);
    twin.symbol_count = c->feed.symbols_count;
    rc = wt_twin_create(&twin, &s->twin);
    rc = rc ? rc : wt_feed_create(&s->card, s->twin, false, wt_session_feed_handler(s), &s->feed);
    return rc || several(c) ? rc : wt_feed_return(s->feed);
}

/* Who makes good what both lines lost. */
static int build_recovery(struct session *s)
{
    const struct wt_config *c = s->config;
    struct wt_feed_recovery_config config;
    struct wt_stream requests = {0}, snapshots = {0};
    bool network = c->exchange.connect[0];
    wt_feed_recovery_defaults(&config);
    config.rerequest = c->feed.recovery == WT_RECOVERY_REREQUEST && (!network || c->exchange.rerequest_port);
    if (several(c) && c->host.loop > 1)
        config.rerequest = false; /* the first loop does it for all */
    config.snapshot = c->feed.recovery != WT_RECOVERY_NONE && (!network || c->exchange.glimpse_port);
    if (!config.rerequest && !config.snapshot)
        return 0;
    config.requests.timeout_ns = network ? NETWORK_REQUEST_NS : REQUEST_NS;
    if (network)
        config.requests.tries = NETWORK_TRIES;
    memcpy(config.glimpse.username, c->exchange.glimpse_username, sizeof config.glimpse.username);
    memcpy(config.glimpse.password, c->exchange.glimpse_password, sizeof config.glimpse.password);
    if (network)
        config.retry_ns = RETRY_MIN_NS;
    if (s->outside) {
        wt_outside_rerequests(s->outside, &requests);
        wt_outside_snapshots(s->outside, s->seat, &snapshots);
    }
    if (s->tap) {
        requests = wt_tap_side_stream(s->tap, WT_TAP_REREQUESTS, requests);
        snapshots = wt_tap_side_stream(s->tap, WT_TAP_SNAPSHOTS, snapshots);
    }
    int rc = wt_feed_recovery_create(&config, &s->card, requests, snapshots, &s->recovery);
    if (rc)
        return rc;
    wt_feed_recovery_attach(s->recovery, s->feed);
    return config.snapshot ? wt_feed_keep(s->feed, KEPT) : 0;
}

static int build_gateway(struct session *s)
{
    const struct wt_config *c = s->config;
    struct wt_gateway_config gateway;
    wt_gateway_defaults(&gateway);
    memcpy(gateway.username, c->exchange.username, sizeof gateway.username);
    memcpy(gateway.password, c->exchange.password, sizeof gateway.password);
    gateway.dialect = (enum wt_ouch_dialect)c->exchange.dialect;
    /* Nothing is sent before it is proven that no report was missed; on a network, a session that breaks comes back. */
    gateway.sync = true;
    gateway.seed = c->run.seed;
    gateway.next_sequence = s->resumed.recovery.next_sequence;
    gateway.last_id = s->resumed.recovery.last_id;
    memcpy(gateway.session, s->resumed.session, sizeof gateway.session);
    if (wt_session_may_break(c)) {
        gateway.retry_min_ns = RETRY_MIN_NS;
        gateway.retry_max_ns = RETRY_MAX_NS;
        gateway.dead_ns = c->exchange.silence_ms * 1000000ull;
    }
    struct wt_stream stream = s->tap ? wt_tap_stream(s->tap, s->stream) : s->stream;
    int rc = wt_gateway_create(&gateway, stream, wt_session_gateway_handler(s), &s->gateway);
    s->way_out.gateway = s->gateway;
    return rc;
}

static int build_trade(struct session *s)
{
    const struct wt_config *c = s->config;
    struct wt_oms_config oms;
    wt_oms_defaults(&oms);
    wt_configured_risk(c, &s->limits);
    const struct wt_scopes *scopes = &s->limits.risk.scopes;
    oms.scopes = *scopes;
    /* The order of creation is the order in which they hear of an event. The journal hears first. */
    int rc = s->tap ? wt_tap_subscribe(s->tap, s->loop) : 0;
    rc = rc ? rc : wt_quotes_create(s->loop, SYMBOLS, &s->quotes);
    rc = rc ? rc
            : wt_positions_create_for(s->loop, s->quotes, SYMBOLS, &s->limits.fees, scopes->owners ? scopes : NULL,
                                      &s->positions);
    rc = rc ? rc : wt_oms_create(&oms, s->loop, wt_session_sink(s), &s->oms);
    rc = rc ? rc : wt_places_create(s->loop, s->twin, s->oms, oms.orders, &s->places);
    rc = rc ? rc : wt_risk_create_for(&s->limits.risk, s->loop, s->quotes, s->positions, s->oms, &s->risk);
    rc = rc ? rc : wt_desk_create(s->loop, s->quotes, s->risk, s->oms, &s->desk);
    rc = rc ? rc : wt_desk_flattens(s->desk, s->positions, scopes);
    return rc || !c->safety.cancel_on_start ? rc : wt_desk_cancel_on_start(s->desk);
}

/* What an earlier run of today did comes back before anything else happens. */
static int recover(struct session *s)
{
    if (!s->tap || !wt_tap_resumed(s->tap))
        return 0;
    /* The past comes faster than a disk may be, and nothing is at stake yet. */
    if (s->journal)
        wt_journal_block(s->journal, true);
    int rc = wt_resume_recover(s->resume, s->tap, s->loop, s->oms, s->twin, s->quotes, &s->resumed);
    if (s->journal)
        wt_journal_block(s->journal, !wt_outside_live(s->outside));
    const struct wt_recovered *r = &s->resumed.recovery;
    if (!rc && s->outside)
        wt_info("going on from %" PRIu64 " requests and %" PRIu64 " reports of earlier today: %u orders may be open",
                r->requests, r->reports, r->unknown);
    return rc;
}

static int build_strategies(struct session *s)
{
    const struct wt_config *c = s->config;
    struct wt_runner_config runner = {.seed = c->run.seed};
    if (wt_session_simulated(c)) { /* else callbacks take the time that they take */
        runner.callback_ns = c->host.callback_ns;
        runner.jitter_ns = c->host.callback_jitter_ns;
    }
    int rc = wt_runner_create(&runner, s->loop, s->quotes, s->positions, s->desk, &s->runner);
    if (!rc) {
        wt_runner_lanes(s->runner, wt_feed_lanes(s->feed), s->quotes);
        s->short_way = wt_session_short_way(s);
        wt_short_way_join(&s->short_way);
        wt_runner_places(s->runner, s->places, s->oms);
    }
    for (unsigned i = 0; !rc && i < c->strategies_count; i++) {
        const struct wt_config_strategy *one = &c->strategies[i];
        const char(*symbols)[9] = one->symbols_count ? (const char(*)[9])one->symbols : NULL;
        rc = wt_runner_add(s->runner, wt_strategy_find(one->name), symbols, one->symbols_count, one->params,
                           one->param_count);
    }
    return rc;
}

int wt_session_build(struct session *s)
{
    char orders[4096];
    int rc = 0;
    if (s->orders) {
        snprintf(orders, sizeof orders, "%s", s->orders);
    } else {
        wt_session_path(s, "orders.csv", orders);
        rc = make_folders(s->config->output.dir);
    }
    /* With a tap of its own, a session has a world of its own, too, or none. */
    rc = rc || s->tap ? rc : build_outside(s);
    rc = rc ? rc : build_tap(s);
    rc = rc ? rc : build_card(s);
    rc = rc ? rc : build_recovery(s);
    rc = rc ? rc : wt_loop_create(s->link, &s->loop);
    rc = rc ? rc : build_trade(s);
    rc = rc ? rc : wt_monitor_start(&s->monitor, s->loop, s->quotes, s->positions, orders);
    s->monitor.clocks_apart = !wt_session_simulated(s->config);
    rc = rc ? rc : recover(s);
    rc = rc ? rc : build_gateway(s);
    rc = rc ? rc : build_strategies(s);
    if (!rc && s->outside && s->seat == 0 && s->config->host.control[0])
        rc = wt_control_open(s->config, &s->limits.risk.scopes, &s->control);
    if (rc)
        return rc;
    wt_session_sources(s);
    rc = wt_gateway_start(s->gateway, wt_loop_now(s->loop));
    return s->config->exchange.connect[0] ? 0 : rc; /* on the network it tries again by itself */
}

void wt_session_destroy(struct session *s)
{
    wt_runner_destroy(s->runner);
    wt_places_destroy(s->places);
    if (s->desk)
        wt_desk_destroy(s->desk);
    if (s->risk)
        wt_risk_destroy(s->risk);
    wt_oms_destroy(s->oms);
    if (s->positions)
        wt_positions_destroy(s->positions);
    if (s->quotes)
        wt_quotes_destroy(s->quotes);
    if (s->monitor.orders)
        fclose(s->monitor.orders);
    wt_loop_destroy(s->loop);
    if (s->gateway)
        wt_gateway_destroy(s->gateway);
    wt_feed_recovery_destroy(s->recovery);
    wt_feed_destroy(s->feed);
    if (s->twin)
        wt_twin_destroy(s->twin);
    if (s->card_open && !(s->outside && wt_outside_gone(s->outside)))
        wt_card_close(&s->card);
    if (s->link)
        s->link->ops->close(s->link);
    wt_control_close(s->control);
    if (!s->loops)
        wt_outside_destroy(s->outside);
    wt_resume_destroy(s->resume);
    if (s->outside) /* else the caller asks it what came of it, and destroys it */
        wt_tap_destroy(s->tap);
    wt_journal_close(s->journal);
}
