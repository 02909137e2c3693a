#include "host/cli/loops.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/card/share.h"
#include "host/cli/cli.h"
#include "host/cli/session_internal.h"
#include "host/common/log.h"
#include "host/event/group.h"
#include "host/event/journal_folder.h"
#include "host/event/pipe.h"
#include "host/market/owners.h"

enum { COMMANDS = 256 }; /* under way from one loop to another */

struct wt_loops {
    struct wt_config *config; /* the whole one */
    unsigned count;
    bool turns;
    struct wt_outside *outside;
    struct wt_link *link; /* the card's */
    struct wt_card_share *share;
    struct wt_owners *owners; /* of the order flow */
    pthread_mutex_t building; /* sessions are built one after the other: what they build with is not made for two */
    struct session *session[WT_LOOPS_MAX];
    int status[WT_LOOPS_MAX];
    bool built[WT_LOOPS_MAX], ended[WT_LOOPS_MAX];
    struct wt_pipe *pipe[WT_LOOPS_MAX][WT_LOOPS_MAX]; /* from, to */
    _Atomic bool deaf[WT_LOOPS_MAX];                  /* a loop's pipe was full */
    char name[WT_LOOPS_MAX][16];
};

/* One of them, for its thread. */
struct member {
    struct wt_loops *loops;
    unsigned loop;
};

struct wt_outside *wt_loops_outside(struct wt_loops *l)
{
    return l->outside;
}

struct wt_link *wt_loops_link(struct wt_loops *l, unsigned loop)
{
    return wt_card_share_link(l->share, loop);
}

void wt_loops_pump(struct wt_loops *l)
{
    wt_card_share_pump(l->share);
}

/* ---- what one tells the others: a command, in the id of a timer's event ---- */

void wt_loops_tell(struct wt_loops *l, unsigned from, uint32_t command)
{
    const struct wt_event event = {.type = WT_EVENT_TIMER, .timer = {.id = command}};
    for (unsigned to = 0; to < l->count; to++)
        if (to != from && !wt_pipe_send(l->pipe[from][to], &event))
            atomic_store(&l->deaf[to], true);
}

uint32_t wt_loops_told(struct wt_loops *l, unsigned loop)
{
    struct wt_event event;
    for (unsigned from = 0; from < l->count; from++)
        if (from != loop && wt_pipe_receive(l->pipe[from][loop], &event))
            return event.timer.id;
    /* What it was not told may have been a stop. */
    return atomic_load_explicit(&l->deaf[loop], memory_order_relaxed) ? WT_LOOPS_GONE : 0;
}

static int create_pipes(struct wt_loops *l)
{
    int rc = 0;
    for (unsigned from = 0; from < l->count; from++)
        for (unsigned to = 0; !rc && to < l->count; to++)
            if (from != to)
                rc = wt_pipe_create(COMMANDS, &l->pipe[from][to]);
    return rc;
}

/* ---- folders ---- */

bool wt_loops_folder(const char *journal, unsigned loop, char path[4096])
{
    struct stat st;
    snprintf(path, 4096, "%.3900s/loop%u", journal, loop);
    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

unsigned wt_loops_of(const char *journal)
{
    struct wt_journal_span *spans = NULL;
    char path[4096];
    unsigned loops = 0;
    if (wt_journal_spans(journal, &spans) > 0) {
        free(spans);
        return 0;
    }
    free(spans);
    while (loops < WT_LOOPS_MAX && wt_loops_folder(journal, loops + 1, path))
        loops++;
    return loops;
}

/*
 * The journal before this one may be that of one loop, or of more: what it knows of today nobody would go on from.
 * Where nothing is gone on from it is in the way of who replays the folder, and goes.
 */
static int clear_others(const struct wt_loops *l)
{
    const char *dir = l->config->output.journal;
    struct wt_journal_span *spans = NULL;
    bool keep = l->config->run.resume && l->config->exchange.connect[0];
    char path[4096];
    if (!*dir)
        return 0;
    int alone = wt_journal_spans(dir, &spans);
    free(spans);
    if (alone > 0 && keep) {
        wt_error("journal %s: the session before was of one loop; set host.loops to 1, or move the journal away", dir);
        return -EINVAL;
    }
    if (alone > 0)
        wt_journal_clear(dir);
    for (unsigned loop = l->count + 1; loop <= WT_LOOPS_MAX; loop++) {
        if (!wt_loops_folder(dir, loop, path))
            continue;
        if (keep) {
            wt_error("journal %s: the session before was of more than %u loops; set host.loops to as many, or move the "
                     "journal away",
                     dir, l->count);
            return -EINVAL;
        }
        wt_journal_clear(path);
        rmdir(path);
    }
    return 0;
}

/* ---- building ---- */

static int create_card(struct wt_loops *l)
{
    struct wt_card_config card;
    wt_session_card_config(l->config, &card);
    card.ev_rings = l->count;
    int rc = wt_card_share_create(l->link, &card, l->turns, &l->share);
    if (!rc && wt_card_share_by_name(l->share)) {
        rc = wt_owners_create(card.symbols, card.symbol_count, l->count, &l->owners);
        wt_card_share_route(l->share, wt_owners_of, l->owners);
        return rc;
    }
    if (rc)
        return rc;
    wt_error(
        "host.loops: the card has not room for the %u entries of feed.symbols, and takes all symbols instead, which "
        "cannot be dealt out; list fewer",
        l->config->feed.symbols_count);
    return -ENOSPC;
}

static int create(struct wt_loops *l)
{
    int rc = create_pipes(l);
    rc = rc ? rc : clear_others(l);
    rc = rc ? rc : wt_outside_create(l->config, &l->outside);
    if (rc)
        return rc;
    l->link = wt_outside_link(l->outside);
    return create_card(l);
}

static int create_session(struct wt_loops *l, const struct wt_run_options *options, unsigned loop)
{
    struct wt_config_errors errors;
    struct session *s = calloc(1, sizeof *s);
    if (!s)
        return -ENOMEM;
    l->session[loop] = s;
    s->config_path = options->config;
    s->loops = l;
    s->seat = loop;
    int rc = wt_config_load_part(options->config, options->sets, options->set_count, loop + 1, &s->config, &errors);
    if (rc)
        wt_config_print_errors(&errors);
    return rc;
}

static int build(struct wt_loops *l, unsigned loop)
{
    pthread_mutex_lock(&l->building);
    int rc = wt_session_build(l->session[loop]);
    pthread_mutex_unlock(&l->building);
    l->built[loop] = rc == 0;
    return rc;
}

static void end(struct wt_loops *l, unsigned loop, int status)
{
    l->ended[loop] = true;
    l->status[loop] = status;
    wt_card_share_leave(l->share, loop);
    if (status)
        wt_loops_tell(l, loop, WT_LOOPS_GONE);
}

/* ---- running ---- */

static void take_turns(struct wt_loops *l)
{
    for (;;) {
        bool idle = true;
        unsigned alive = 0;
        for (unsigned i = 0; i < l->count; i++) {
            int status;
            if (l->ended[i])
                continue;
            bool going = wt_loop_step(l->session[i]->loop, &status);
            bool waited = wt_card_share_waited(l->share, i);
            idle = idle && waited && going;
            alive += going;
            if (!going)
                end(l, i, status);
        }
        if (!alive)
            return;
        if (idle)
            wt_card_share_wait(l->share);
    }
}

static int make(void *ctx, struct wt_loop **loop)
{
    struct member *m = ctx;
    int rc = build(m->loops, m->loop);
    *loop = m->loops->session[m->loop]->loop;
    return rc;
}

static void on_end(void *ctx, struct wt_loop *loop, int status)
{
    struct member *m = ctx;
    (void)loop;
    end(m->loops, m->loop, status);
}

static int run_threads(struct wt_loops *l)
{
    struct wt_group *group;
    struct member member[WT_LOOPS_MAX];
    int rc = wt_group_create(&group);
    for (unsigned i = 0; !rc && i < l->count; i++) {
        member[i] = (struct member){l, i};
        const struct wt_group_member how = {.name = l->name[i],
                                            .cpu = (int)l->session[i]->config->host.cpu - 1,
                                            .ctx = &member[i],
                                            .make = make,
                                            .ended = on_end};
        rc = wt_group_add(group, &how);
    }
    if (rc)
        return rc;
    rc = wt_group_start(group);
    rc = rc ? rc : wt_group_join(group);
    wt_group_destroy(group);
    return rc;
}

static int run_turns(struct wt_loops *l)
{
    int rc = 0;
    for (unsigned i = 0; !rc && i < l->count; i++)
        rc = build(l, i);
    if (rc)
        return rc;
    rc = l->config->host.cpus_count && l->config->host.cpus[0] ? wt_cpu_pin((int)l->config->host.cpus[0] - 1) : 0;
    if (!rc)
        take_turns(l);
    return rc;
}

static int run(struct wt_loops *l)
{
    struct sigaction act = {.sa_handler = wt_session_on_signal}, old_int, old_term;
    sigaction(SIGINT, &act, &old_int);
    sigaction(SIGTERM, &act, &old_term);
    int rc = l->turns ? run_turns(l) : run_threads(l);
    sigaction(SIGINT, &old_int, NULL);
    sigaction(SIGTERM, &old_term, NULL);
    return rc;
}

/* ---- what came of it ---- */

static bool all_built(const struct wt_loops *l)
{
    for (unsigned i = 0; i < l->count; i++)
        if (!l->built[i])
            return false;
    return true;
}

/* All log out before anything is told: it takes virtual time. */
static int end_sessions(struct wt_loops *l)
{
    int rc = 0;
    for (unsigned i = 0; i < l->count; i++) {
        wt_session_tell_end(l->session[i], l->status[i]);
        wt_session_log_out(l->session[i]);
    }
    for (unsigned i = 0; i < l->count; i++) {
        int ended = wt_session_end_journal(l->session[i], l->status[i]);
        rc = rc ? rc : l->status[i];
        rc = rc ? rc : ended;
    }
    return rc;
}

static int tell(struct wt_loops *l)
{
    struct wt_summary part[WT_LOOPS_MAX], total;
    struct wt_monitor *monitor = malloc(sizeof *monitor);
    char json[4096];
    int rc = monitor ? 0 : -ENOMEM;
    for (unsigned i = 0; !rc && i < l->count; i++)
        rc = wt_session_sum_up(l->session[i], &part[i]);
    if (!rc) {
        wt_summary_sum(part, l->count, monitor, &total);
        wt_summary_print(&total, stdout);
        snprintf(json, sizeof json, "%s/summary.json", l->config->output.dir);
        rc = wt_summary_json(&total, json);
    }
    for (unsigned i = 0; !rc && i < l->count; i++)
        rc = wt_session_write(l->session[i], &part[i]);
    free(monitor);
    rc = rc ? rc : wt_outside_end(l->outside);
    if (rc)
        return rc;
    printf("\n  %s/: summary.json; in loop1 to loop%u each loop's own, orders.csv, report.html\n",
           l->config->output.dir, l->count);
    if (l->config->output.journal[0])
        printf("  %s/: the journals, loop1 to loop%u (`wiretick journal`, `wiretick replay --verify`)\n",
               l->config->output.journal, l->count);
    return 0;
}

static void destroy(struct wt_loops *l)
{
    for (unsigned i = 0; i < l->count; i++) {
        if (!l->session[i])
            continue;
        wt_session_destroy(l->session[i]);
        wt_config_free(l->session[i]->config);
        free(l->session[i]);
    }
    wt_card_share_destroy(l->share);
    wt_owners_destroy(l->owners);
    if (l->link)
        l->link->ops->close(l->link);
    wt_outside_destroy(l->outside);
    for (unsigned from = 0; from < l->count; from++)
        for (unsigned to = 0; to < l->count; to++)
            wt_pipe_destroy(l->pipe[from][to]);
    pthread_mutex_destroy(&l->building);
    free(l);
}

int wt_loops_run(const struct wt_run_options *options, struct wt_config *config)
{
    struct wt_loops *l = calloc(1, sizeof *l);
    if (!l) {
        wt_error("no memory");
        return WT_EXIT_FAILED;
    }
    l->config = config;
    l->count = config->host.loops;
    l->turns = config->link.type == WT_LINK_SIM;
    pthread_mutex_init(&l->building, NULL);
    bool troubled = false, interrupted = false;
    int rc = config->host.loop ? -EINVAL : 0;
    if (rc)
        wt_error("host.loop is what a journal says; `wiretick run` runs all loops: leave it out");
    for (unsigned i = 0; !rc && i < l->count; i++) {
        snprintf(l->name[i], sizeof l->name[i], "loop%u", i + 1);
        rc = create_session(l, options, i);
    }
    rc = rc ? rc : create(l);
    rc = rc ? rc : run(l);
    if (all_built(l)) {
        int ended = end_sessions(l);
        rc = rc ? rc : ended;
        int told = tell(l);
        rc = rc ? rc : told;
    }
    for (unsigned i = 0; i < l->count; i++) {
        troubled = troubled || (l->session[i] && l->session[i]->troubled);
        interrupted = interrupted || (l->session[i] && l->session[i]->interrupted);
    }
    destroy(l);
    if (interrupted && !rc)
        wt_info("interrupted: open orders were canceled");
    return rc || troubled ? WT_EXIT_FAILED : WT_EXIT_OK;
}
