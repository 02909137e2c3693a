/*
 * `wiretick run`: builds the world that the configuration names, joins the components, runs them
 * to the end of the market, and tells what came of it.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host/cli/cli.h"
#include "host/cli/ledger.h"
#include "host/cli/options.h"
#include "host/cli/session_internal.h"
#include "host/common/log.h"
#include "host/config/config.h"
#include "host/event/group.h"
#include "host/event/tap.h"
#include "host/monitor/summary.h"

enum { LOGOUT_NS = 1000000 };

void wt_session_on_signal(int number)
{
    (void)number;
    wt_session_signals++;
}

void wt_session_tell_end(const struct session *s, int rc)
{
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
}

static int run_to_end(struct session *s)
{
    struct sigaction act = {.sa_handler = wt_session_on_signal}, old_int, old_term;
    sigaction(SIGINT, &act, &old_int);
    sigaction(SIGTERM, &act, &old_term);
    s->wall_start = isatty(STDERR_FILENO) ? wt_session_wall_ms() : 0;
    /* Only now: the journal's thread, which has begun, stays where the system puts it. */
    int rc = s->config->host.cpu ? wt_cpu_pin((int)s->config->host.cpu - 1) : 0;
    rc = rc ? rc : wt_loop_run(s->loop);
    if (s->progress)
        fprintf(stderr, "\r\033[K");
    sigaction(SIGINT, &old_int, NULL);
    sigaction(SIGTERM, &old_term, NULL);
    wt_session_tell_end(s, rc);
    return rc;
}

void wt_session_log_out(struct session *s)
{
    wt_gateway_stop(s->gateway, wt_loop_now(s->loop));
    wt_loop_spend(s->loop, LOGOUT_NS);
}

int wt_session_end_journal(struct session *s, int status)
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

int wt_session_sum_up(struct session *s, struct wt_summary *sum)
{
    *sum = (struct wt_summary){.config_path = s->config_path,
                               .market_path = market_path(s->config),
                               .seed = s->config->run.seed,
                               .virtual_ns = wt_outside_now(s->outside) - s->start_ns,
                               .callbacks = wt_runner_callbacks(s->runner),
                               .monitor = &s->monitor,
                               .quotes = s->quotes,
                               .positions = s->positions,
                               .ledger = wt_outside_ledgers(s->outside)};
    int rc = wt_card_counters(&s->card, &sum->card);
    if (rc && wt_outside_gone(s->outside)) {
        memset(&sum->card, 0, sizeof sum->card);
        wt_warn("the card took its counters along: they are 0 below");
    } else if (rc) {
        wt_error("the card's counters cannot be read: %s", strerror(-rc));
        return rc;
    }
    wt_feed_stats(s->feed, &sum->feed);
    if (s->recovery)
        wt_feed_recovery_stats(s->recovery, &sum->recovery);
    wt_oms_stats(s->oms, &sum->oms);
    wt_risk_stats(s->risk, &sum->risk);
    wt_gateway_stats(s->gateway, &sum->gateway);
    wt_outside_stats(s->outside, &sum->exchange);
    sum->simulated = wt_outside_sim_stats(s->outside, &sum->sim);
    wt_loop_stats(s->loop, &sum->loop);
    return 0;
}

int wt_session_write(struct session *s, const struct wt_summary *sum)
{
    char json[4096], report[4096];
    wt_session_path(s, "summary.json", json);
    wt_session_path(s, "report.html", report);
    int rc = wt_monitor_finish(&s->monitor);
    rc = rc ? rc : wt_summary_json(sum, json);
    rc = rc ? rc : wt_summary_report(sum, report);
    if (!rc && s->config->output.ledger)
        rc = wt_ledger_write(s->config->output.dir, s->twin, s->oms, s->quotes, s->positions);
    return rc;
}

static int tell(struct session *s)
{
    struct wt_summary sum;
    int rc = wt_session_sum_up(s, &sum);
    if (rc)
        return rc;
    wt_summary_print(&sum, stdout);
    rc = wt_session_write(s, &sum);
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
    int rc = wt_session_build(s);
    if (!rc) {
        rc = wt_loop_run(s->loop);
        wt_session_log_out(s);
        wt_tap_end(s->tap, rc);
        rc = wt_monitor_finish(&s->monitor);
    }
    wt_session_destroy(s);
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
    wt_session_signals = 0;
    if (wt_config_load(options.config, options.sets, options.set_count, &s->config, &errors)) {
        wt_config_print_errors(&errors);
        free(s);
        return WT_EXIT_FAILED;
    }
    if (s->config->host.loops > 1) {
        rc = wt_loops_run(&options, s->config);
        wt_config_free(s->config);
        free(s);
        return rc;
    }
    rc = wt_session_build(s);
    if (!rc) {
        rc = run_to_end(s);
        wt_session_log_out(s);
        int ended = wt_session_end_journal(s, rc);
        rc = rc ? rc : ended;
        int told = tell(s);
        rc = rc ? rc : told;
    }
    bool interrupted = s->interrupted;
    rc = rc || s->troubled;
    wt_session_destroy(s);
    wt_config_free(s->config);
    free(s);
    if (interrupted && !rc)
        wt_info("interrupted: open orders were canceled");
    return rc ? WT_EXIT_FAILED : WT_EXIT_OK;
}
