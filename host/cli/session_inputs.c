/*
 * What enters the loop of `wiretick run`: the card's records, the gateway's reports, the feed's servers, and the world
 * outside that ends, interrupts and commands.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "host/cli/session_internal.h"
#include "host/common/log.h"
#include "host/event/tap.h"

enum {
    SETTLE_NS = 1000000,      /* after the last message: what is on the wire and in the card comes in */
    RECOVER_NS = 2000000000,  /* at the end: the longest wait for what was lost */
    CAUGHT_UP_NS = 500000000, /* a disk that was too slow must have been well for so long */
    ANSWER_NS = 2000000000,   /* on the network: the longest wait at the end for the venue's answers */
};

#define FEED_GONE_NS 3000000000u /* behind the end of the orders' session: a heartbeat is due every second */
#define ALL_GONE_TIMES 4u        /* when order entry is down without an end: in silence_ms */

/* What the world outside asks of the loop; in the journal, so numbers that stay. */
enum command {
    NO_COMMAND,
    MARKET_ENDED,
    INTERRUPTED,
    INTERRUPTED_TWICE,
    JOURNAL_TROUBLE,
    UNANSWERED,
    UNRECOVERED,
    CARD_GONE,
    JOURNAL_SLOW,
    JOURNAL_WELL,
    LOOP_GONE, /* another loop of the run */
};

_Atomic sig_atomic_t wt_session_signals;

/* ---- seams: what the components see of each other ---- */

static void on_record(void *ctx, const union wt_event_record *record)
{
    struct session *s = ctx;
    if (s->outside)
        wt_outside_record(s->outside, s->seat, record);
    struct wt_event *event = wt_loop_place(s->loop);
    if (!event)
        return;
    event->type = WT_EVENT_MARKET;
    event->market = *record;
    wt_loop_begin(s->loop);
}

/* The same of one that took the short way: the loop has it already. */
static void on_short(void *ctx, const union wt_event_record *record)
{
    struct session *s = ctx;
    if (s->outside)
        wt_outside_record(s->outside, s->seat, record);
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

bool wt_session_recovering(const struct session *s)
{
    return s->recovery && wt_feed_recovery_busy(s->recovery);
}

static void on_exec(void *ctx, const struct wt_exec_report *report)
{
    struct session *s = ctx;
    wt_loop_input(s->loop, &(struct wt_event){.type = WT_EVENT_EXEC, .exec = *report});
}

static bool gone(enum wt_gateway_state state)
{
    return state == WT_GATEWAY_DOWN || state == WT_GATEWAY_LOGGING_IN;
}

static void on_gateway_state(void *ctx, enum wt_gateway_state state, const char *why)
{
    struct session *s = ctx;
    if (!(gone(state) && gone(s->gateway_state))) /* not with every attempt */
        s->heard_ns = wt_loop_now(s->loop);
    s->gateway_state = state;
    if (s->phase == TRADING && (state == WT_GATEWAY_REJECTED || state == WT_GATEWAY_ENDED || state == WT_GATEWAY_DOWN))
        wt_warn("order entry is down: %s", why ? why : "the venue closed the session");
    wt_loop_input(s->loop, &(struct wt_event){.type = WT_EVENT_GATEWAY, .gateway = {state}});
}

static void on_gateway_retry(void *ctx, unsigned attempt)
{
    struct session *s = ctx;
    if (s->outside)
        wt_outside_retry(s->outside, s->seat, attempt);
}

static int poll_gateway(void *ctx, uint64_t now)
{
    struct session *s = ctx;
    int n = wt_gateway_poll(s->gateway, now);
    if (n < 0) /* The venue's end is an event, not the loop's: the state callback has told it. */
        n = 0;
    /* The feed's servers are the venue's, too. */
    return wt_session_recovering(s) ? n + wt_feed_recovery_poll(s->recovery, now) : n;
}

static uint64_t gateway_deadline(void *ctx)
{
    struct session *s = ctx;
    uint64_t orders = wt_gateway_deadline(s->gateway);
    uint64_t feed = wt_session_recovering(s) ? wt_feed_recovery_deadline(s->recovery) : UINT64_MAX;
    return feed < orders ? feed : orders;
}

struct wt_short_way wt_session_short_way(struct session *s)
{
    return (struct wt_short_way){.loop = s->loop,
                                 .card = &s->card,
                                 .feed = s->feed,
                                 .positions = s->positions,
                                 .risk = s->risk,
                                 .record = on_short,
                                 .ctx = s};
}

static void on_sent(void *ctx)
{
    struct session *s = ctx;
    wt_monitor_sent(&s->monitor);
}

/* ---- the command source: signals, progress, the end of the market ---- */

uint64_t wt_session_wall_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* Only on a terminal, and only in runs that last: shows time passing, changes nothing. */
static void show_progress(struct session *s)
{
    uint64_t now = wt_session_wall_ms();
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

bool wt_session_simulated(const struct wt_config *c)
{
    return c->link.type == WT_LINK_SIM;
}

/* Order entry may end, or fall silent, and come back. */
bool wt_session_may_break(const struct wt_config *c)
{
    return c->exchange.connect[0] || c->exchange.venue[0];
}

/* The venue is gone, and of the feed's end nothing came: those packets were lost, too. */
static bool end_is_lost(struct session *s)
{
    if (!s->config->exchange.connect[0] ||
        (s->gateway_state != WT_GATEWAY_ENDED && s->gateway_state != WT_GATEWAY_DOWN))
        return false;
    uint64_t heard = wt_outside_heard(s->outside, s->seat), now = wt_loop_now(s->loop);
    if (heard != s->heard || !s->heard_ns) {
        s->heard = heard;
        s->heard_ns = now;
    }
    if (now - s->heard_ns < (s->gateway_state == WT_GATEWAY_ENDED
                                 ? FEED_GONE_NS
                                 : ALL_GONE_TIMES * 1000000 * s->config->exchange.silence_ms))
        return false;
    wt_warn("the venue is gone, and the end of the feed never came");
    return true;
}

bool wt_session_give_up(void)
{
    return wt_session_signals > 1;
}

/* A disk that is too slow may catch up: then trading goes on. Any other trouble ends it. */
static enum command look_at_journal(struct session *s)
{
    int trouble = wt_journal_trouble(s->journal);
    if (trouble && trouble != -EAGAIN)
        return JOURNAL_TROUBLE;
    uint64_t waits = wt_journal_waits(s->journal);
    if (waits != s->waits) /* time has passed, what lies in rings and sockets is old: let it come in first */
        trouble = -EAGAIN;
    s->waits = waits;
    if (trouble)
        s->slow_ns = wt_loop_now(s->loop);
    if (trouble && !s->slow)
        return JOURNAL_SLOW;
    return s->slow && !trouble && wt_loop_now(s->loop) - s->slow_ns >= CAUGHT_UP_NS ? JOURNAL_WELL : NO_COMMAND;
}

static enum command outside(struct session *s)
{
    if (!s->outside)
        return NO_COMMAND;
    if (wt_session_signals > 1)
        return INTERRUPTED_TWICE;
    if (s->phase != STOPPING && wt_session_signals)
        return INTERRUPTED;
    if (s->phase != STOPPING && s->journal) {
        enum command journal = look_at_journal(s);
        if (journal)
            return journal;
    }
    if (s->phase != STOPPING && wt_outside_gone(s->outside))
        return CARD_GONE;
    if (s->phase == TRADING && (wt_outside_done(s->outside, s->seat) || end_is_lost(s)))
        return MARKET_ENDED;
    if (s->phase == SETTLING && !wt_session_simulated(s->config) && wt_session_recovering(s) &&
        wt_loop_now(s->loop) - s->settle_ns >= RECOVER_NS)
        return UNRECOVERED;
    if (s->phase == STOPPING && wt_session_may_break(s->config) && wt_desk_open(s->desk) &&
        wt_loop_now(s->loop) - s->stop_ns > ANSWER_NS)
        return UNANSWERED;
    return NO_COMMAND;
}

static void tell_trouble(struct session *s, const char *what)
{
    if (!replaying(s))
        wt_error("the journal cannot be written: %s; no new orders, what is open is canceled", what);
    wt_loop_publish(s->loop, &(struct wt_event){.type = WT_EVENT_RISK_ALERT, .alert = {.kind = WT_ALERT_JOURNAL}});
}

/* What the operator says is for every loop. */
static uint32_t from_operator(struct session *s)
{
    uint32_t command = wt_control_poll(s->control);
    if (command && s->loops)
        wt_loops_tell(s->loops, s->seat, command);
    return command;
}

static uint32_t from_loops(struct session *s)
{
    uint32_t command = wt_loops_told(s->loops, s->seat);
    if (command == WT_LOOPS_GONE)
        return s->phase == STOPPING ? NO_COMMAND : LOOP_GONE;
    return command;
}

/* A loss or a silence that stops a scope here stops it everywhere. */
static void on_stop(void *ctx, const struct wt_event *event)
{
    struct session *s = ctx;
    const struct wt_alert *a = &event->alert;
    if (a->kind == WT_ALERT_KILL && a->detail != WT_KILL_BY_HAND)
        wt_loops_tell(s->loops, s->seat, wt_control_stop((enum wt_loss_action)a->action, a->scope));
}

static int poll_flow(void *ctx, uint64_t now)
{
    struct session *s = ctx;
    (void)now;
    wt_loops_pump(s->loops);
    return 0; /* the card's ring tells of what came */
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
        command = from_operator(s);
    if (!command && s->loops)
        command = from_loops(s);
    if (s->tap)
        command = wt_tap_command(s->tap, command);
    if (command >= WT_CONTROL_FIRST)
        return wt_control_do(command, s->risk, s->desk);
    switch ((enum command)command) {
    case JOURNAL_TROUBLE:
        s->troubled = true;
        tell_trouble(s, s->journal ? strerror(-wt_journal_trouble(s->journal)) : "");
        if (s->loops)
            wt_loops_tell(s->loops, s->seat, WT_LOOPS_GONE);
        stop_trading(s);
        return 1;
    case JOURNAL_SLOW:
        s->slow = true;
        tell_trouble(s, "the disk is too slow");
        wt_desk_hold(s->desk);
        return 1;
    case JOURNAL_WELL:
        s->slow = false;
        if (!replaying(s))
            wt_warn("the disk has caught up with the journal: trading goes on");
        wt_desk_go_on(s->desk);
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
    case CARD_GONE: /* nobody knows the market now: out of it, as far as the venue still answers */
        s->troubled = true;
        stop_trading(s);
        return 1;
    case LOOP_GONE: /* its orders may still work: no more of ours */
        s->troubled = true;
        if (!replaying(s))
            wt_error("loop %u: another loop cannot go on: no new orders, what is open is canceled", s->seat + 1);
        stop_trading(s);
        return 1;
    case UNRECOVERED:
        stop_trading(s);
        return 1;
    case NO_COMMAND:
        break;
    }
    if (s->phase == SETTLING && wt_feed_quiet(s->feed) && wt_session_recovering(s)) {
        if (!wt_session_simulated(s->config))
            return 0; /* the loop waits, and the clock goes on by itself */
        if (wt_loop_now(s->loop) - s->settle_ns < RECOVER_NS) {
            wt_loop_spend(s->loop, SETTLE_NS / 10);
            return 1;
        }
    }
    if (s->phase == SETTLING && wt_feed_quiet(s->feed)) {
        stop_trading(s);
        return 1;
    }
    if (s->phase == STOPPING && wt_desk_open(s->desk) == 0)
        wt_loop_stop(s->loop, 0);
    return 0;
}

struct wt_feed_handler wt_session_feed_handler(struct session *s)
{
    return (struct wt_feed_handler){.ctx = s,
                                    .record = on_record,
                                    .done = on_record_done,
                                    .notice = on_notice,
                                    .mismatch = on_mismatch,
                                    .lost = on_lost};
}

struct wt_gateway_handler wt_session_gateway_handler(struct session *s)
{
    return (struct wt_gateway_handler){.ctx = s, .exec = on_exec, .state = on_gateway_state, .retry = on_gateway_retry};
}

struct wt_order_sink wt_session_sink(struct session *s)
{
    s->way_out = (struct wt_way_out){NULL, s->loop, on_sent, s}; /* the gateway is yet to be made */
    return (struct wt_order_sink){&s->way_out, wt_way_out};
}

void wt_session_sources(struct session *s)
{
    wt_loop_source(s->loop, WT_SOURCE_CARD, (struct wt_source){s->feed, wt_feed_source, NULL});
    if (s->loops) {
        wt_loop_source(s->loop, WT_SOURCE_CARD, (struct wt_source){s, poll_flow, NULL});
        wt_loop_watch(s->loop, WT_EVENT_RISK_ALERT, on_stop, s);
    }
    wt_loop_source(s->loop, WT_SOURCE_GATEWAY, (struct wt_source){s, poll_gateway, gateway_deadline});
    wt_loop_source(s->loop, WT_SOURCE_COMMANDS, (struct wt_source){s, poll_commands, NULL});
}
