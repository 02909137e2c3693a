/*
 * The whole of a session, for the files that share it: session_build.c makes and destroys it, session_inputs.c brings
 * everything that enters its loop, run.c runs it to its end and tells what came of it.
 */
#ifndef WT_SESSION_INTERNAL_H
#define WT_SESSION_INTERNAL_H

#include <signal.h>
#include <stdatomic.h>

#include "host/cli/control.h"
#include "host/cli/limits.h"
#include "host/cli/loops.h"
#include "host/cli/outside.h"
#include "host/cli/resume.h"
#include "host/cli/session.h"
#include "host/gateway/gateway.h"
#include "host/gateway/way_out.h"
#include "host/market/recovery.h"
#include "host/monitor/monitor.h"
#include "host/monitor/summary.h"
#include "host/strategy/runner.h"
#include "host/strategy/short_way.h"
#include "host/trade/desk.h"

enum phase { TRADING, SETTLING, STOPPING };

struct session {
    struct wt_config *config;
    const char *config_path;
    struct wt_outside *outside; /* NULL: replaying */
    struct wt_loops *loops;     /* that this one is of; NULL: it is alone, or replaying */
    unsigned seat;              /* which of them, from 0 */
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
    uint64_t heard, heard_ns; /* of the feed, since the venue ended the session of the orders */
    struct wt_quotes *quotes;
    struct wt_positions *positions;
    struct wt_oms *oms;
    struct wt_risk *risk;
    struct wt_control *control;       /* NULL: the operator has none, or a replay */
    struct wt_configured_risk limits; /* as long as risk */
    struct wt_desk *desk;
    struct wt_places *places;
    struct wt_runner *runner;
    struct wt_short_way short_way;
    struct wt_way_out way_out;
    struct wt_monitor monitor;
    enum phase phase;
    bool interrupted, troubled, progress;
    bool slow;        /* the disk of the journal: trading is held */
    uint64_t slow_ns; /* when it last was */
    uint64_t waits;   /* for the disk, in the middle of a round, that are known */
    uint64_t start_ns, stop_ns, wall_start, wall_told;
};

/** SIGINT and SIGTERM since the run began. */
extern _Atomic sig_atomic_t wt_session_signals;

/** Counts them: the handler of these signals. */
void wt_session_on_signal(int number);

/** Build everything that the session's config names; sources are polled from then on. 0, or -errno with a message. */
int wt_session_build(struct session *s);

/** Destroy what was built, as far as that went; not the config, nor s. */
void wt_session_destroy(struct session *s);

/** `name` in output.dir. */
void wt_session_path(const struct session *s, const char *name, char out[4096]);

/** How the configuration wants the card; it points into that. */
void wt_session_card_config(const struct wt_config *config, struct wt_card_config *card);

/** Log out, and end the journal: what is told after it is no part of the session. -errno with a message. */
void wt_session_log_out(struct session *s);
int wt_session_end_journal(struct session *s, int status);
/** Say why the loop ended, if it was for anything but 0. */
void wt_session_tell_end(const struct session *s, int status);
/** What the session came to; it points into that. -errno with a message. */
int wt_session_sum_up(struct session *s, struct wt_summary *sum);
/** Write summary.json, report.html and what else output names into output.dir, and close orders.csv. */
int wt_session_write(struct session *s, const struct wt_summary *sum);

/** The user wants it to end at once. */
bool wt_session_give_up(void);

/** Milliseconds of a clock that only goes forward. */
uint64_t wt_session_wall_ms(void);

/** Time is the simulated card's and passes as the host spends it; else it is the clock's. */
bool wt_session_simulated(const struct wt_config *c);

/** Order entry may end, or fall silent, and come back. */
bool wt_session_may_break(const struct wt_config *c);

/** Loss recovery is at work. */
bool wt_session_recovering(const struct session *s);

/* session_inputs.c: what the components call; ctx is the session. */

/** What the feed tells. */
struct wt_feed_handler wt_session_feed_handler(struct session *s);

/** What the gateway tells. */
struct wt_gateway_handler wt_session_gateway_handler(struct session *s);

/** What quotes on the short way bring behind them. */
struct wt_short_way wt_session_short_way(struct session *s);

/** Where the OMS sends. */
struct wt_order_sink wt_session_sink(struct session *s);

/** Let the loop poll the card, the gateway and the commands. */
void wt_session_sources(struct session *s);

#endif
