#include "host/market/recovery.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "host/common/log.h"

enum { WARNINGS = 5 };

struct wt_feed_recovery {
    struct wt_feed_recovery_config config;
    struct wt_card *card;
    struct wt_feed *feed;
    struct wt_requests *requests; /* NULL: there are none */
    struct wt_glimpse *glimpse;   /* NULL: there is none */
    struct wt_feed_recovery_stats stats;
    uint8_t session[10];
    bool have_session;
    bool open; /* a gap of the channel waits */
    uint64_t first, behind;
    bool asked;        /* for what it misses */
    bool want;         /* a snapshot, at fetch_ns */
    uint64_t fetch_ns; /* 0: at once */
    uint64_t now;
    unsigned warned;
};

void wt_feed_recovery_defaults(struct wt_feed_recovery_config *config)
{
    memset(config, 0, sizeof *config);
    config->rerequest = config->snapshot = true;
    config->retry_ns = 1000000;
    wt_requests_defaults(&config->requests);
    wt_glimpse_defaults(&config->glimpse);
}

static void skip(struct wt_feed_recovery *r)
{
    int rc = wt_card_skip(r->card, r->config.channel, r->behind);
    if (rc < 0)
        wt_error("the card cannot be told to skip to message %" PRIu64 ": %s", r->behind, strerror(-rc));
    r->open = false;
}

/* ---------------------------------------------------------------- re-requests */

static bool on_answer(void *ctx, const uint8_t *packet, size_t length)
{
    struct wt_feed_recovery *r = ctx;
    if (wt_card_inject(r->card, r->config.channel, packet, length) != 0)
        return false;
    r->stats.injected++;
    return true;
}

static void on_gave_up(void *ctx)
{
    struct wt_feed_recovery *r = ctx;
    if (r->open)
        skip(r);
}

/* ---------------------------------------------------------------- snapshots */

static void again(struct wt_feed_recovery *r)
{
    r->want = true;
    r->fetch_ns = r->now + r->config.retry_ns;
}

static void on_message(void *ctx, const uint8_t *raw, size_t length)
{
    struct wt_feed_recovery *r = ctx;
    wt_feed_snapshot_message(r->feed, r->config.channel, raw, length);
}

static void on_end(void *ctx, uint64_t sequence)
{
    struct wt_feed_recovery *r = ctx;
    if (wt_feed_snapshot_end(r->feed, r->config.channel, sequence) == -EAGAIN)
        again(r);
}

static void on_failed(void *ctx, const char *why)
{
    struct wt_feed_recovery *r = ctx;
    if (r->warned++ < WARNINGS)
        wt_warn("snapshot of channel %u: %s; trying again%s", r->config.channel, why,
                r->warned == WARNINGS ? " (no more of these)" : "");
    again(r);
}

/* ---------------------------------------------------------------- outside */

int wt_feed_recovery_create(const struct wt_feed_recovery_config *config, struct wt_card *card,
                            struct wt_stream requests, struct wt_stream snapshots, struct wt_feed_recovery **out)
{
    struct wt_feed_recovery *r = calloc(1, sizeof *r);
    int error = r ? 0 : -ENOMEM;
    if (error)
        return error;
    r->config = *config;
    r->card = card;
    if (config->rerequest)
        error = wt_requests_create(&config->requests, requests, (struct wt_requests_handler){r, on_answer, on_gave_up},
                                   &r->requests);
    if (!error && config->snapshot)
        error = wt_glimpse_create(&config->glimpse, snapshots,
                                  (struct wt_glimpse_handler){r, on_message, on_end, on_failed}, &r->glimpse);
    if (error) {
        wt_feed_recovery_destroy(r);
        return error;
    }
    *out = r;
    return 0;
}

void wt_feed_recovery_destroy(struct wt_feed_recovery *r)
{
    if (!r)
        return;
    wt_requests_destroy(r->requests);
    wt_glimpse_destroy(r->glimpse);
    free(r);
}

void wt_feed_recovery_attach(struct wt_feed_recovery *r, struct wt_feed *feed)
{
    r->feed = feed;
}

static void on_gap(struct wt_feed_recovery *r, const struct wt_ev_gap *gap)
{
    if (gap->state == WT_GAP_STATE_OPEN) {
        r->stats.gaps++;
        r->open = true;
        r->asked = false;
        r->first = gap->first_missing;
        r->behind = gap->first_missing + gap->count;
        return;
    }
    /* filled, or given up by the card */
    r->open = false;
    if (r->requests)
        wt_requests_stop(r->requests);
}

void wt_feed_recovery_notice(struct wt_feed_recovery *r, const union wt_event_record *record)
{
    if (record->head.channel != r->config.channel)
        return;
    if (record->head.kind == WT_RECORD_TYPE_GAP) {
        on_gap(r, &record->gap);
    } else if (record->head.kind == WT_RECORD_TYPE_SESSION) {
        memcpy(r->session, record->session.session, sizeof r->session);
        r->have_session = true;
    }
}

void wt_feed_recovery_lost(struct wt_feed_recovery *r, unsigned channel, uint64_t from)
{
    (void)from; /* the feed refuses a snapshot that is older */
    if (channel != r->config.channel || !r->glimpse)
        return;
    r->want = true;
    r->fetch_ns = 0;
}

int wt_feed_recovery_poll(struct wt_feed_recovery *r, uint64_t now)
{
    int done = 0;
    r->now = now;
    if (r->open && !r->asked) {
        r->asked = true;
        done++;
        if (!r->requests || !r->have_session || !wt_requests_ask(r->requests, r->session, r->first, r->behind))
            skip(r);
    }
    if (r->requests)
        done += wt_requests_poll(r->requests, now);
    if (r->want && now >= r->fetch_ns && !wt_glimpse_busy(r->glimpse)) {
        r->want = false;
        done++;
        wt_feed_snapshot_begin(r->feed, r->config.channel);
        wt_glimpse_fetch(r->glimpse, now);
    }
    if (r->glimpse)
        done += wt_glimpse_poll(r->glimpse, now);
    return done;
}

uint64_t wt_feed_recovery_deadline(const struct wt_feed_recovery *r)
{
    uint64_t next = r->requests ? wt_requests_deadline(r->requests) : UINT64_MAX;
    if (r->open && !r->asked)
        next = 0;
    if (r->glimpse && wt_glimpse_deadline(r->glimpse) < next)
        next = wt_glimpse_deadline(r->glimpse);
    if (r->want && !wt_glimpse_busy(r->glimpse) && r->fetch_ns < next)
        next = r->fetch_ns;
    return next;
}

bool wt_feed_recovery_busy(const struct wt_feed_recovery *r)
{
    return r->open || r->want || (r->glimpse && wt_glimpse_busy(r->glimpse));
}

void wt_feed_recovery_stats(const struct wt_feed_recovery *r, struct wt_feed_recovery_stats *stats)
{
    *stats = r->stats;
    if (r->requests)
        wt_requests_stats(r->requests, &stats->requests);
    if (r->glimpse)
        wt_glimpse_stats(r->glimpse, &stats->glimpse);
}
