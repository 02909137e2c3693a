/*
 * `wiretick run`: builds the world that the configuration names, joins the components, runs them
 * to the end of the market, and tells what came of it.
 */
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "host/cli/cli.h"
#include "host/cli/control.h"
#include "host/cli/ledger.h"
#include "host/cli/limits.h"
#include "host/cli/options.h"
#include "host/cli/outside.h"
#include "host/cli/resume.h"
#include "host/cli/session.h"
#include "host/common/log.h"
#include "host/config/config.h"
#include "host/event/group.h"
#include "host/event/tap.h"
#include "host/market/recovery.h"
#include "host/monitor/summary.h"
#include "host/strategy/registry.h"
#include "host/strategy/runner.h"
#include "host/trade/desk.h"

enum {
    SYMBOLS = 65536,               /* dense indices the host has room for */
    SETTLE_NS = 1000000,           /* after the last message: what is on the wire and in the card comes in */
    NETWORK_SKEW_NS = 1000000,     /* on the network: sockets are read in turns, so one line may be this far behind */
    KEPT = 1 << 18,                /* messages that are kept while a snapshot comes */
    REQUEST_NS = 200000,           /* in simulation a re-request that is not answered is sent again */
    NETWORK_REQUEST_NS = 20000000, /* and on the network */
    NETWORK_TRIES = 50,
    RECOVER_NS = 2000000000, /* at the end: the longest wait for what was lost */
    ANSWER_NS = 2000000000,  /* on the network: the longest wait at the end for the venue's answers */
    LOGOUT_NS = 1000000,
    RETRY_MIN_NS = 100000000, /* first pause before the gateway tries again */
};

#define RETRY_MAX_NS 10000000000u /* and the longest */

enum phase { TRADING, SETTLING, STOPPING };

/* What the world outside asks of the loop; in the journal, so numbers that stay. */
enum command { NO_COMMAND, MARKET_ENDED, INTERRUPTED, INTERRUPTED_TWICE, JOURNAL_TROUBLE, UNANSWERED };

struct session {
    struct wt_config *config;
    const char *config_path;
    struct wt_outside *outside; /* NULL: replaying */
    struct wt_link *link;
    struct wt_card card;
    bool card_open;
    struct wt_twin *twin;
    struct wt_feed *feed;
    struct wt_feed_recovery *recovery; /* NULL: what is lost is lost */
    uint64_t settle_ns;                /* since when only recovery is waited for */
    struct wt_loop *loop;
    struct wt_journal *journal; /* NULL: none is written */
    struct wt_tap *tap;         /* NULL: neither written nor replayed */
    const char *orders;         /* where orders.csv goes; NULL: into output.dir */
    struct wt_stream stream;    /* to the venue, below the tap */
    struct wt_resume *resume;   /* NULL: a day of its own, or replaying */
    struct wt_resumed resumed;
    struct wt_gateway *gateway;
    enum wt_gateway_state gateway_state;
    struct wt_quotes *quotes;
    struct wt_positions *positions;
    struct wt_oms *oms;
    struct wt_risk *risk;
    struct wt_control *control;       /* NULL: the operator has none, or a replay */
    struct wt_configured_risk limits; /* as long as risk */
    struct wt_desk *desk;
    struct wt_places *places;
    struct wt_runner *runner;
    struct wt_monitor monitor;
    enum phase phase;
    bool interrupted, troubled, progress;
    uint64_t start_ns, stop_ns, wall_start, wall_told;
};

static volatile sig_atomic_t signals;

static void on_signal(int number)
{
    (void)number;
    signals = signals + 1;
}

/* ---- seams: what the components see of each other ---- */

static void on_record(void *ctx, const union wt_event_record *record)
{
    struct session *s = ctx;
    if (s->outside)
        wt_outside_record(s->outside, record);
    struct wt_event *event = wt_loop_place(s->loop);
    if (!event)
        return;
    event->type = WT_EVENT_MARKET;
    event->market = *record;
    wt_loop_begin(s->loop);
}

static void on_record_done(void *ctx)
{
    struct session *s = ctx;
    wt_loop_finish(s->loop);
}

static void on_mismatch(void *ctx, uint16_t symbol)
{
    struct session *s = ctx;
    wt_loop_publish(
        s->loop, &(struct wt_event){.type = WT_EVENT_RISK_ALERT, .alert = {.kind = WT_ALERT_AUDIT, .detail = symbol}});
}

static void on_notice(void *ctx, const union wt_event_record *record)
{
    struct session *s = ctx;
    if (s->recovery)
        wt_feed_recovery_notice(s->recovery, record);
}

static void on_lost(void *ctx, unsigned channel, uint64_t from)
{
    struct session *s = ctx;
    if (s->recovery)
        wt_feed_recovery_lost(s->recovery, channel, from);
}

static bool recovering(const struct session *s)
{
    return s->recovery && wt_feed_recovery_busy(s->recovery);
}

static void on_exec(void *ctx, const struct wt_exec_report *report)
{
    struct session *s = ctx;
    wt_loop_input(s->loop, &(struct wt_event){.type = WT_EVENT_EXEC, .exec = *report});
}

static void on_gateway_state(void *ctx, enum wt_gateway_state state, const char *why)
{
    struct session *s = ctx;
    s->gateway_state = state;
    if (s->phase == TRADING && (state == WT_GATEWAY_REJECTED || state == WT_GATEWAY_ENDED || state == WT_GATEWAY_DOWN))
        wt_warn("order entry is down: %s", why ? why : "the venue closed the session");
    wt_loop_input(s->loop, &(struct wt_event){.type = WT_EVENT_GATEWAY, .gateway = {state}});
}

static void on_gateway_retry(void *ctx, unsigned attempt)
{
    struct session *s = ctx;
    if (s->outside)
        wt_outside_retry(s->outside, attempt);
}

static int poll_gateway(void *ctx, uint64_t now)
{
    struct session *s = ctx;
    int n = wt_gateway_poll(s->gateway, now);
    if (n < 0) /* The venue's end is an event, not the loop's: the state callback has told it. */
        n = 0;
    /* The feed's servers are the venue's, too. */
    return recovering(s) ? n + wt_feed_recovery_poll(s->recovery, now) : n;
}

static uint64_t gateway_deadline(void *ctx)
{
    struct session *s = ctx;
    uint64_t orders = wt_gateway_deadline(s->gateway);
    uint64_t feed = recovering(s) ? wt_feed_recovery_deadline(s->recovery) : UINT64_MAX;
    return feed < orders ? feed : orders;
}

/* The only caller of wt_gateway_send; the OMS is the only one that has it. */
static int send_request(void *ctx, const struct wt_order_request *request)
{
    struct session *s = ctx;
    int rc = wt_gateway_send(s->gateway, request, wt_loop_now(s->loop));
    if (!rc)
        wt_monitor_sent(&s->monitor);
    return rc;
}

/* ---- the command source: signals, progress, the end of the market ---- */

static uint64_t wall_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* Only on a terminal, and only in runs that last: shows time passing, changes nothing. */
static void show_progress(struct session *s)
{
    uint64_t now = wall_ms();
    if (now - s->wall_start < 2000 || now - s->wall_told < 500)
        return;
    s->wall_told = now;
    struct wt_exchange_stats stats;
    struct wt_oms_stats oms;
    wt_outside_stats(s->outside, &stats);
    wt_oms_stats(s->oms, &oms);
    fprintf(stderr, "\r%" PRIu64 " messages, %.3f s of market, %" PRIu64 " orders, %" PRIu64 " fills \033[K",
            stats.messages, (double)(wt_loop_now(s->loop) - s->start_ns) / 1e9, oms.enters + oms.replaces, oms.fills);
    s->progress = true;
}

static void stop_trading(struct session *s)
{
    s->phase = STOPPING;
    s->stop_ns = wt_loop_now(s->loop);
    wt_runner_stop(s->runner);
    wt_desk_stop(s->desk);
}

static bool replaying(const struct session *s)
{
    return s->tap && wt_tap_replaying(s->tap);
}

/* Order entry may end, or fall silent, and come back. */
static bool may_break(const struct wt_config *c)
{
    return c->exchange.connect[0] || c->exchange.venue[0];
}

static enum command outside(struct session *s)
{
    if (!s->outside)
        return NO_COMMAND;
    if (signals > 1)
        return INTERRUPTED_TWICE;
    if (s->phase != STOPPING && signals)
        return INTERRUPTED;
    if (s->phase != STOPPING && s->journal && wt_journal_trouble(s->journal))
        return JOURNAL_TROUBLE;
    if (s->phase == TRADING && wt_outside_done(s->outside))
        return MARKET_ENDED;
    if (s->phase == STOPPING && may_break(s->config) && wt_desk_open(s->desk) &&
        wt_loop_now(s->loop) - s->stop_ns > ANSWER_NS)
        return UNANSWERED;
    return NO_COMMAND;
}

static void tell_trouble(struct session *s)
{
    int64_t rc = s->journal ? wt_journal_trouble(s->journal) : 0;
    if (!replaying(s))
        wt_error("the journal cannot be written: %s; no new orders, what is open is canceled",
                 rc == -EAGAIN ? "the disk is too slow" : strerror((int)-rc));
    wt_loop_publish(s->loop, &(struct wt_event){.type = WT_EVENT_RISK_ALERT, .alert = {.kind = WT_ALERT_JOURNAL}});
}

static int poll_commands(void *ctx, uint64_t now)
{
    struct session *s = ctx;
    (void)now;
    if (s->wall_start)
        show_progress(s);
    if (s->tap && wt_tap_failed(s->tap))
        return wt_tap_failed(s->tap);
    uint32_t command = outside(s);
    if (!command && s->control)
        command = wt_control_poll(s->control);
    if (s->tap)
        command = wt_tap_command(s->tap, command);
    if (command >= WT_CONTROL_FIRST)
        return wt_control_do(command, s->risk, s->desk);
    switch ((enum command)command) {
    case JOURNAL_TROUBLE:
        s->troubled = true;
        tell_trouble(s);
        stop_trading(s);
        return 1;
    case INTERRUPTED:
        s->interrupted = true;
        stop_trading(s);
        return 1;
    case INTERRUPTED_TWICE:
        return -EINTR;
    case UNANSWERED:
        return -ETIMEDOUT;
    case MARKET_ENDED:
        wt_loop_spend(s->loop, SETTLE_NS);
        s->phase = SETTLING;
        s->settle_ns = wt_loop_now(s->loop);
        return 1;
    case NO_COMMAND:
        break;
    }
    if (s->phase == SETTLING && wt_feed_quiet(s->feed) && recovering(s) &&
        wt_loop_now(s->loop) - s->settle_ns < RECOVER_NS) {
        wt_loop_spend(s->loop, SETTLE_NS / 10);
        return 1;
    }
    if (s->phase == SETTLING && wt_feed_quiet(s->feed)) {
        stop_trading(s);
        return 1;
    }
    if (s->phase == STOPPING && wt_desk_open(s->desk) == 0)
        wt_loop_stop(s->loop, 0);
    return 0;
}

/* ---- building ---- */

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

static void output_path(const struct session *s, const char *name, char out[4096])
{
    snprintf(out, 4096, "%s/%s", s->config->output.dir, name);
}

static int build_outside(struct session *s)
{
    int rc = wt_outside_create(s->config, &s->outside);
    if (rc)
        return rc;
    s->link = wt_outside_link(s->outside);
    s->start_ns = wt_sim_now(wt_outside_sim(s->outside));
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
    s->stream = wt_outside_stream(s->outside);
    if (!*dir)
        return 0;
    wt_journal_defaults(&options);
    options.dir = dir;
    options.segment_bytes = (size_t)s->config->output.journal_mb << 20;
    options.max_files = s->config->output.journal_files;
    options.block = !wt_outside_live(s->outside); /* virtual time can wait for the disk */
    int rc = make_folders(dir);
    if (s->config->run.resume)
        rc = rc ? rc : wt_resume_find(s->config, &s->resume);
    options.keep = s->resume != NULL;
    rc = rc ? rc : wt_journal_create(&options, &s->journal);
    rc = rc ? rc : wt_tap_record(s->journal, true, &s->tap);
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

static int build_card(struct session *s)
{
    const struct wt_config *c = s->config;
    struct wt_card_config card;
    wt_card_defaults(&card);
    card.channel[0].group[0] = c->feed.group_ip;
    card.channel[0].port[0] = card.channel[0].port[1] = c->feed.port;
    card.symbols = subscribed(c);
    card.symbol_count = c->feed.symbols_count;
    if (c->exchange.connect[0])
        card.skew_ns = NETWORK_SKEW_NS;
    card.recover = c->feed.recovery == WT_RECOVERY_REREQUEST && (!c->exchange.connect[0] || c->exchange.rerequest_port);
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
    const struct wt_feed_handler handler = {.ctx = s,
                                            .record = on_record,
                                            .done = on_record_done,
                                            .notice = on_notice,
                                            .mismatch = on_mismatch,
                                            .lost = on_lost};
    return rc ? rc : wt_feed_create(&s->card, s->twin, false, handler, &s->feed);
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
        wt_outside_snapshots(s->outside, &snapshots);
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
    /* Nothing is sent before it is proven that no report was missed; on a network, a session that breaks comes back. */
    gateway.sync = true;
    gateway.seed = c->run.seed;
    gateway.next_sequence = s->resumed.recovery.next_sequence;
    gateway.last_id = s->resumed.recovery.last_id;
    memcpy(gateway.session, s->resumed.session, sizeof gateway.session);
    if (may_break(c)) {
        gateway.retry_min_ns = RETRY_MIN_NS;
        gateway.retry_max_ns = RETRY_MAX_NS;
        gateway.dead_ns = c->exchange.silence_ms * 1000000ull;
    }
    const struct wt_gateway_handler handler = {
        .ctx = s, .exec = on_exec, .state = on_gateway_state, .retry = on_gateway_retry};
    struct wt_stream stream = s->tap ? wt_tap_stream(s->tap, s->stream) : s->stream;
    return wt_gateway_create(&gateway, stream, handler, &s->gateway);
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
    rc = rc ? rc : wt_oms_create(&oms, s->loop, (struct wt_order_sink){s, send_request}, &s->oms);
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
    const struct wt_runner_config runner = {c->host.callback_ns, c->host.callback_jitter_ns, c->run.seed};
    int rc = wt_runner_create(&runner, s->loop, s->quotes, s->positions, s->desk, &s->runner);
    if (!rc) {
        wt_runner_lanes(s->runner, wt_feed_lanes(s->feed), s->quotes);
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

static int build(struct session *s)
{
    char orders[4096];
    int rc = 0;
    if (s->orders) {
        snprintf(orders, sizeof orders, "%s", s->orders);
    } else {
        output_path(s, "orders.csv", orders);
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
    rc = rc ? rc : recover(s);
    rc = rc ? rc : build_gateway(s);
    rc = rc ? rc : build_strategies(s);
    if (!rc && s->outside && s->config->host.control[0])
        rc = wt_control_open(s->config, &s->limits.risk.scopes, &s->control);
    if (rc)
        return rc;
    wt_loop_source(s->loop, WT_SOURCE_CARD, (struct wt_source){s->feed, wt_feed_source, NULL});
    wt_loop_source(s->loop, WT_SOURCE_GATEWAY, (struct wt_source){s, poll_gateway, gateway_deadline});
    wt_loop_source(s->loop, WT_SOURCE_COMMANDS, (struct wt_source){s, poll_commands, NULL});
    rc = wt_gateway_start(s->gateway, wt_loop_now(s->loop));
    return s->config->exchange.connect[0] ? 0 : rc; /* on the network it tries again by itself */
}

static void destroy(struct session *s)
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
    if (s->card_open)
        wt_card_close(&s->card);
    if (s->link)
        s->link->ops->close(s->link);
    wt_control_close(s->control);
    wt_outside_destroy(s->outside);
    wt_resume_destroy(s->resume);
    if (s->outside) /* else the caller asks it what came of it, and destroys it */
        wt_tap_destroy(s->tap);
    wt_journal_close(s->journal);
}

/* ---- running ---- */

static int run_to_end(struct session *s)
{
    struct sigaction act = {.sa_handler = on_signal}, old_int, old_term;
    sigaction(SIGINT, &act, &old_int);
    sigaction(SIGTERM, &act, &old_term);
    s->wall_start = isatty(STDERR_FILENO) ? wall_ms() : 0;
    /* Only now: the journal's thread, which has begun, stays where the system puts it. */
    int rc = s->config->host.cpu ? wt_cpu_pin((int)s->config->host.cpu - 1) : 0;
    rc = rc ? rc : wt_loop_run(s->loop);
    if (s->progress)
        fprintf(stderr, "\r\033[K");
    sigaction(SIGINT, &old_int, NULL);
    sigaction(SIGTERM, &old_term, NULL);
    if (rc == -EPIPE && wt_desk_open(s->desk))
        wt_error("the market ended with %u orders that the exchange never answered", wt_desk_open(s->desk));
    else if (rc == -EPIPE)
        wt_error("the simulated world ended before the market did: nothing can happen any more");
    else if (rc == -ETIMEDOUT && wt_desk_open(s->desk))
        wt_error("the venue does not answer: %u orders may still rest there", wt_desk_open(s->desk));
    else if (rc == -EINTR)
        wt_error("interrupted twice: orders may still rest at the exchange");
    else if (rc)
        wt_error("the loop ended: %s", strerror(-rc));
    return rc;
}

static void log_out(struct session *s)
{
    wt_gateway_stop(s->gateway, wt_loop_now(s->loop));
    wt_loop_spend(s->loop, LOGOUT_NS);
}

/* The session's end in the journal; what is told after it is no part of the session. */
static int end_journal(struct session *s, int status)
{
    if (s->tap)
        wt_tap_end(s->tap, status);
    int rc = wt_journal_close(s->journal);
    s->journal = NULL;
    if (rc)
        wt_error("journal %s: %s: what was written may not be whole", s->config->output.journal, strerror(-rc));
    return rc;
}

static const char *market_path(const struct wt_config *c)
{
    if (c->exchange.connect[0])
        return c->exchange.connect;
    return c->exchange.venue[0] ? c->exchange.venue : c->exchange.file;
}

static int tell(struct session *s)
{
    struct wt_summary sum = {.config_path = s->config_path,
                             .market_path = market_path(s->config),
                             .seed = s->config->run.seed,
                             .virtual_ns = wt_sim_now(wt_outside_sim(s->outside)) - s->start_ns,
                             .callbacks = wt_runner_callbacks(s->runner),
                             .monitor = &s->monitor,
                             .quotes = s->quotes,
                             .positions = s->positions,
                             .ledger = wt_outside_ledgers(s->outside)};
    int rc = wt_card_counters(&s->card, &sum.card);
    if (rc) {
        wt_error("the card's counters cannot be read: %s", strerror(-rc));
        return rc;
    }
    wt_feed_stats(s->feed, &sum.feed);
    if (s->recovery)
        wt_feed_recovery_stats(s->recovery, &sum.recovery);
    wt_oms_stats(s->oms, &sum.oms);
    wt_risk_stats(s->risk, &sum.risk);
    wt_gateway_stats(s->gateway, &sum.gateway);
    wt_outside_stats(s->outside, &sum.exchange);
    wt_sim_stats(wt_outside_sim(s->outside), &sum.sim);
    wt_loop_stats(s->loop, &sum.loop);
    char json[4096], report[4096];
    output_path(s, "summary.json", json);
    output_path(s, "report.html", report);
    wt_summary_print(&sum, stdout);
    rc = wt_monitor_finish(&s->monitor);
    rc = rc ? rc : wt_summary_json(&sum, json);
    rc = rc ? rc : wt_summary_report(&sum, report);
    if (!rc && s->config->output.ledger)
        rc = wt_ledger_write(s->config->output.dir, s->twin, s->oms, s->quotes, s->positions);
    rc = rc ? rc : wt_outside_end(s->outside);
    if (!rc)
        printf("\n  %s/: summary.json, orders.csv, report.html\n", s->config->output.dir);
    if (!rc && s->config->output.journal[0])
        printf("  %s/: the journal (`wiretick journal`, `wiretick replay --verify`)\n", s->config->output.journal);
    /* A session that broke off may have fills under way. */
    if (!rc && wt_desk_open(s->desk) == 0 && wt_summary_reconcile(&sum))
        rc = -EBADMSG;
    return rc;
}

int wt_session_run(struct wt_config *config, struct wt_tap *tap, struct wt_link *link, struct wt_stream stream,
                   const char *orders)
{
    struct session *s = calloc(1, sizeof *s);
    if (!s)
        return -ENOMEM;
    *s = (struct session){
        .config = config, .tap = tap, .link = link, .stream = stream, .orders = orders ? orders : "/dev/null"};
    int rc = build(s);
    if (!rc) {
        rc = wt_loop_run(s->loop);
        log_out(s);
        wt_tap_end(s->tap, rc);
        rc = wt_monitor_finish(&s->monitor);
    }
    destroy(s);
    free(s);
    return rc;
}

static const char help[] =
    "usage: wiretick run CONFIG [--set key=value ...]\n\n"
    "Runs the trading host on the link, feed and exchange that CONFIG names, to the end of the\n"
    "market; then cancels what is open and prints a summary. Writes summary.json, orders.csv and\n"
    "report.html into output.dir. Ctrl-C ends it in the same good order; twice, at once.\n\n"
    "  --set key=value   put a value over the configuration's, for example\n"
    "                    --set exchange.file=/path/to/file.itch\n"
    "                    --set strategy.params.size=200   (in every strategy of the list)\n"
    "                    --set feed.symbols='[AAPL, MSFT]'\n\n"
    "Keys: host/README.md. `wiretick check CONFIG` finds every error without running.\n";

int wt_cmd_run(int argc, char **argv)
{
    struct wt_run_options options;
    int rc = wt_run_options(argc, argv, help, &options);
    if (rc >= 0)
        return rc;
    struct session *s = calloc(1, sizeof *s);
    if (!s) {
        wt_error("no memory");
        return WT_EXIT_FAILED;
    }
    s->config_path = options.config;
    struct wt_config_errors errors;
    signals = 0;
    if (wt_config_load(options.config, options.sets, options.set_count, &s->config, &errors)) {
        wt_config_print_errors(&errors);
        free(s);
        return WT_EXIT_FAILED;
    }
    rc = build(s);
    if (!rc) {
        rc = run_to_end(s);
        log_out(s);
        int ended = end_journal(s, rc);
        rc = rc ? rc : ended;
        int told = tell(s);
        rc = rc ? rc : told;
    }
    bool interrupted = s->interrupted;
    rc = rc || s->troubled;
    destroy(s);
    wt_config_free(s->config);
    free(s);
    if (interrupted && !rc)
        wt_info("interrupted: open orders were canceled");
    return rc ? WT_EXIT_FAILED : WT_EXIT_OK;
}
