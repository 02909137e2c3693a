#include "sim/exchange/venue.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "host/common/bytes.h"
#include "host/common/log.h"
#include "sim/exchange/venue_internal.h"

#define OPENING_NS 34200000000000ull /* 09:30 */

void wt_venue_defaults(struct wt_venue_config *config)
{
    memset(config, 0, sizeof *config);
    wt_mold_out_defaults(&config->feed);
    memcpy(config->orders_session, WT_SESSION_NAME, sizeof WT_SESSION_NAME);
    for (unsigned i = 0; i < 2; i++) {
        config->line[i].seed = i;
        config->line[i].reorder_ns = 100000;
    }
    memcpy(config->glimpse.username, "WT0001", 7);
    memcpy(config->glimpse.password, "wiretick", 9);
    config->max_orders = 1000000;
    config->market_start_ns = OPENING_NS;
    config->speed = 1;
}

/* ---------------------------------------------------------------- the clocks */

uint64_t wt_venue_step(const struct wt_venue *v, uint64_t ns)
{
    const struct wt_venue_config *c = &v->config;
    int64_t step = c->clock_step_ns;
    if (step == 0 || !v->started || v->now_ns - v->start_ns < c->clock_step_at_ns)
        return ns;
    return step < 0 && ns < (uint64_t)-step ? 0 : (ns + (uint64_t)step) & 0xffffffffffffu;
}

uint64_t wt_venue_market_now(const struct wt_venue *v)
{
    if (v->config.speed == 0)
        return v->message_ns;
    return wt_venue_market_first_ns(v) + (v->begun ? (v->now_ns - v->begin_ns) * v->config.speed : 0);
}

uint64_t wt_venue_stamp(const struct wt_venue *v)
{
    return wt_venue_step(v, wt_venue_market_now(v));
}

static bool within(const struct wt_venue *v, const struct wt_venue_spell *spell)
{
    uint64_t at = v->now_ns - v->start_ns;
    return spell->for_ns != 0 && at >= spell->at_ns && at - spell->at_ns < spell->for_ns;
}

bool wt_venue_silent(const struct wt_venue *v)
{
    return v->started && within(v, &v->config.silent);
}

void wt_venue_move(struct wt_venue *v, uint64_t now_ns)
{
    if (now_ns > v->now_ns)
        v->now_ns = now_ns;
    wt_venue_clients_time(v);
    if (v->started)
        wt_venue_market_time(v, wt_venue_market_now(v));
}

/* ---------------------------------------------------------------- the feed */

static void on_packet(void *ctx, uint64_t when_ns, const uint8_t *mold, size_t length)
{
    struct wt_venue *v = ctx;
    for (unsigned i = 0; i < 2; i++)
        wt_line_put(&v->line[i], when_ns, mold, length);
}

void wt_venue_put(struct wt_venue *v, const uint8_t *message, size_t length)
{
    v->put++;
    wt_mold_out_put(v->feed, v->now_ns, message, length);
}

static void put_again(void *ctx, uint64_t when_ns, const uint8_t *message, size_t length)
{
    (void)when_ns;
    wt_venue_put(ctx, message, length);
}

/* A new session begins with everything that stands, so that its first message on makes the books. */
static void change_session(struct wt_venue *v)
{
    char name[11];
    memcpy(name, wt_mold_out_session_name(v->feed), 10);
    name[10] = '\0';
    name[9] = name[9] == '9' ? '0' : (char)(name[9] >= '0' && name[9] < '9' ? name[9] + 1 : '1');
    v->changed_session = true;
    wt_mold_out_session(v->feed, v->now_ns, name);
    wt_venue_market_snapshot(v, (struct wt_publish_sink){v, put_again});
}

size_t wt_venue_rerequest(struct wt_venue *v, const uint8_t *request, size_t length, uint8_t reply[1472])
{
    size_t reply_length;
    v->stats.rerequests++;
    if (wt_rerequest(v->feed, request, length, reply, &reply_length) != WT_REREQUEST_OK)
        v->stats.rerequests_refused++;
    else
        v->stats.rerequest_messages += wt_be16(reply + 18);
    return reply_length;
}

/* ---------------------------------------------------------------- time */

static uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* The next time at which a fault begins or ends. */
static uint64_t faults_next_ns(const struct wt_venue *v)
{
    const struct wt_venue_config *c = &v->config;
    uint64_t at[] = {c->halt.at_ns,        c->halt.at_ns + c->halt.for_ns,
                     c->silent.at_ns,      c->silent.at_ns + c->silent.for_ns,
                     c->session_change_ns, c->clock_step_at_ns};
    bool set[] = {c->halt.for_ns != 0,   c->halt.for_ns != 0,       c->silent.for_ns != 0,
                  c->silent.for_ns != 0, c->session_change_ns != 0, c->clock_step_ns != 0};
    uint64_t next = UINT64_MAX;
    for (unsigned i = 0; i < sizeof at / sizeof at[0]; i++)
        if (set[i] && v->start_ns + at[i] > v->now_ns)
            next = least(next, v->start_ns + at[i]);
    return next;
}

uint64_t wt_venue_next_ns(const struct wt_venue *v)
{
    if (!v->started)
        return UINT64_MAX;
    uint64_t ns = least(wt_mold_out_next_ns(v->feed), wt_venue_market_next_ns(v));
    ns = least(ns, least(wt_line_next_ns(&v->line[0]), wt_line_next_ns(&v->line[1])));
    return least(least(ns, faults_next_ns(v)), wt_venue_clients_next_ns(v));
}

void wt_venue_run(struct wt_venue *v, uint64_t now_ns)
{
    if (!v->started)
        return;
    if (now_ns > v->now_ns)
        v->now_ns = now_ns;
    wt_venue_clients_time(v);
    wt_venue_market_run(v); /* what was due before now comes before what happens now */
    wt_venue_move(v, now_ns);
    const struct wt_venue_config *c = &v->config;
    v->stats.silent |= wt_venue_silent(v);
    v->stats.stepped |= wt_venue_step(v, 1ull << 40) != 1ull << 40;
    if (!v->begun && v->stats.orders.logins >= c->wait_logins)
        wt_venue_market_begin(v);
    if (!v->ended && within(v, &c->halt) != v->halted) {
        v->halted = !v->halted;
        v->stats.halted = true;
        wt_venue_market_halt(v, v->halted);
    }
    if (!v->ended && !v->changed_session && c->session_change_ns != 0 &&
        v->now_ns - v->start_ns >= c->session_change_ns)
        change_session(v);
    wt_venue_clients_run(v);
    wt_mold_out_run(v->feed, v->now_ns);
    for (unsigned i = 0; i < 2; i++)
        wt_line_run(&v->line[i], v->now_ns);
}

/* ---------------------------------------------------------------- life */

static uint64_t feed_next_sequence(void *ctx)
{
    return wt_mold_out_next_sequence(((struct wt_venue *)ctx)->feed);
}

static int make_sessions(struct wt_venue *v)
{
    const struct wt_venue_config *c = &v->config;
    v->sessions = calloc(c->account_count ? c->account_count : 1, sizeof *v->sessions);
    if (!v->sessions)
        return -ENOMEM;
    for (unsigned i = 0; i < c->account_count; i++) {
        struct wt_session_config session = {.dialect = c->accounts[i].dialect,
                                            .order_out_ns = c->order_out_ns,
                                            .cancel_on_disconnect = c->cancel_on_disconnect,
                                            .faults = c->faults};
        session.faults.seed += i;
        memcpy(session.username, c->accounts[i].username, sizeof session.username);
        memcpy(session.password, c->accounts[i].password, sizeof session.password);
        memcpy(session.name, c->orders_session, sizeof session.name);
        wt_session_init(&v->sessions[i], &session, &v->stats.orders);
    }
    return 0;
}

/* After make_sessions(). */
static int take_latencies(struct wt_venue *v)
{
    const struct wt_venue_config *c = &v->config;
    uint64_t seed = c->faults.seed + 1000;
    int rc = 0;
    for (unsigned i = 0; i < 2 && rc == 0; i++)
        rc = wt_latency_take(&v->line[i].latency, "venue: a line's latency", c->line[i].latency, 0, seed++);
    for (unsigned i = 0; i < c->account_count && rc == 0; i++) {
        rc = wt_latency_take(&v->sessions[i].in_latency, "venue: orders in", c->order_in, 0, seed++);
        if (rc == 0)
            rc = wt_latency_take(&v->sessions[i].out_latency, "venue: orders out", c->order_out, c->order_out_ns,
                                 seed++);
    }
    return rc;
}

static int check(const struct wt_venue_config *c)
{
    if (c->account_count > WT_VENUE_ACCOUNTS) {
        wt_error("venue: %u accounts: %d at most", c->account_count, WT_VENUE_ACCOUNTS);
        return -EINVAL;
    }
    for (unsigned i = 0; i < c->account_count; i++)
        for (unsigned j = 0; j < i; j++)
            if (wt_soup_same_name(c->accounts[i].username, c->accounts[j].username)) {
                wt_error("venue: two accounts have the user name '%s'", c->accounts[i].username);
                return -EINVAL;
            }
    if (!c->file && c->symbol_count == 0) {
        wt_error("venue: no symbol is listed");
        return -EINVAL;
    }
    if (!c->file && c->speed == 0) {
        wt_error("venue: speed 0 is for a replayed file");
        return -EINVAL;
    }
    return 0;
}

int wt_venue_create(const struct wt_venue_config *config, struct wt_line_wire wire, struct wt_venue **venue)
{
    *venue = NULL;
    int rc = check(config);
    if (rc < 0)
        return rc;
    struct wt_venue *v = calloc(1, sizeof *v);
    if (!v)
        return -ENOMEM;
    v->config = *config;
    v->source =
        (struct wt_glimpse_source){.ctx = v, .snapshot = wt_venue_market_snapshot, .next_sequence = feed_next_sequence};
    for (unsigned i = 0; i < 2; i++)
        wt_line_init(&v->line[i], &config->line[i], i, wire);
    rc = wt_mold_out_create(&config->feed, (struct wt_mold_wire){v, on_packet}, &v->feed);
    if (rc == 0)
        rc = make_sessions(v);
    if (rc == 0)
        rc = take_latencies(v);
    if (rc == 0)
        rc = wt_venue_market_init(v);
    if (rc < 0) {
        if (rc == -ENOMEM)
            wt_error("venue: no memory");
        wt_venue_destroy(v);
        return rc;
    }
    /* What the caller's lists said is in place. */
    v->config.accounts = NULL;
    v->config.symbols = NULL;
    *venue = v;
    return 0;
}

void wt_venue_destroy(struct wt_venue *v)
{
    if (!v)
        return;
    wt_venue_clients_free(v);
    wt_venue_market_free(v);
    free(v->sessions);
    wt_latency_free(&v->line[0].latency);
    wt_latency_free(&v->line[1].latency);
    wt_mold_out_destroy(v->feed);
    free(v);
}

void wt_venue_start(struct wt_venue *v, uint64_t now_ns)
{
    v->started = true;
    v->start_ns = now_ns;
    v->now_ns = now_ns;
    /* A line's times are the venue's. */
    for (unsigned i = 0; i < 2; i++)
        v->line[i].config.down_at_ns += now_ns;
    wt_venue_move(v, now_ns);
    if (v->config.wait_logins == 0)
        wt_venue_market_begin(v);
}

void wt_venue_end(struct wt_venue *v, uint64_t now_ns)
{
    if (!v->started || v->ended)
        return;
    wt_venue_move(v, now_ns);
    if (!v->begun)
        wt_venue_market_begin(v);
    v->ended = true;
    for (unsigned i = 0; i < v->config.account_count; i++)
        wt_session_end_of_day(&v->sessions[i], v->now_ns);
    wt_venue_market_end(v);
    wt_mold_out_end(v->feed, v->now_ns);
}

struct wt_engine *wt_venue_engine(struct wt_venue *v)
{
    return v->engine;
}

void wt_venue_market(struct wt_venue *v, struct wt_venue_market market)
{
    v->market = market;
}

void wt_venue_stats(const struct wt_venue *v, struct wt_venue_stats *stats)
{
    *stats = v->stats;
    wt_mold_out_stats(v->feed, &stats->feed);
    for (unsigned i = 0; i < 2; i++)
        stats->line[i] = v->line[i].stats;
    stats->orders.messages = stats->feed.messages;
    stats->orders.datagrams = stats->feed.packets;
    stats->orders.executed_shares = 0; /* the desks know it all */
    for (unsigned i = 0; i < v->config.account_count; i++) {
        struct wt_desk_totals totals;
        wt_venue_account_totals(v, i, &totals);
        const struct wt_session_happened *h = &v->sessions[i].happened;
        stats->happened.disconnected += h->disconnected;
        stats->happened.deaf += h->deaf;
        stats->happened.lost += h->lost;
        stats->happened.delayed += h->delayed;
        stats->happened.duplicated += h->duplicated;
        stats->happened.rejected += h->rejected;
        stats->happened.broken += h->broken;
        stats->happened.cancels_pending += h->cancels_pending;
        stats->happened.cancels_rejected += h->cancels_rejected;
        stats->happened.moved += h->moved;
        stats->orders.accepted_shares += totals.accepted;
        stats->orders.executed_shares += totals.executed;
        stats->orders.canceled_shares += totals.canceled;
        stats->orders.open_shares += totals.open;
    }
}
