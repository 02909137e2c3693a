/* `wiretick book` through the card: the file's frames go in at its port, records come back through the rings. */
#include <errno.h>
#include <string.h>

#include "host/card/driver.h"
#include "host/cli/book.h"
#include "host/cli/book_feeder.h"
#include "host/cli/book_records.h"
#include "host/common/log.h"
#include "host/market/feed.h"
#include "host/market/recovery.h"
#include "host/market/twin.h"
#include "sim/card/sim.h"
#include "sim/exchange/feed_server.h"

enum {
    FRAMES_AHEAD = 128, /* kept on each wire, so that it stays busy while the host works */
    /* Messages and packets under way at most: the card cannot stop a wire, it drops what finds no room (4,096 messages,
       1,024 packets a line) and gives a gap up when three quarters are full, and a file is to come out whole even when
       its messages come faster than a book can take them, or a re-request can fill what both lines lost. */
    MESSAGES_AHEAD = 3000,
    PACKETS_AHEAD = 700,
    REQUEST_TIMEOUT_NS = 200000, /* an answer takes 20 us */
    KEPT = 1 << 20,              /* messages, while a snapshot comes */
    PLACES_NS = 6000,            /* a packet of full length takes 1.2 us, and --reorder moves it up to three places */
    POLL = 1 << 16,              /* records at a time: all there are */
    RETURN_NS = 1000, /* the same while a symbol is loaded into the card: it waits for a moment without messages */
    BATCH_NS = 40000  /* let records gather: polling after each one would stop the card's clock every time */
};

struct way {
    const struct book_options *options;
    struct wt_rows *rows;
    struct book_stats *stats;
    struct book_feeder *feeder;
    struct wt_sim *sim;
    struct wt_link *link;
    struct wt_card card;
    struct wt_twin *twin;
    struct wt_feed *feed;
    struct wt_feed_server *server;
    struct wt_feed_recovery *recovery; /* NULL: what is lost is lost */
    bool sent_all;
    uint64_t seen;                         /* messages that the card has dealt with, up to this one */
    uint64_t packets, ends[PACKETS_AHEAD]; /* sent; the last message of each of the last ones */
    int feeder_error;
};

static void on_record(void *ctx, const union wt_event_record *record)
{
    struct way *w = ctx;
    book_take_record(w->rows, w->stats, w->twin, record);
}

static void on_notice(void *ctx, const union wt_event_record *record)
{
    struct way *w = ctx;
    if (w->recovery)
        wt_feed_recovery_notice(w->recovery, record);
}

static void on_lost(void *ctx, unsigned channel, uint64_t from)
{
    struct way *w = ctx;
    if (w->recovery)
        wt_feed_recovery_lost(w->recovery, channel, from);
}

static void on_packet(void *ctx, uint64_t sent_ns, const uint8_t *payload, size_t length)
{
    wt_feed_server_packet(((struct way *)ctx)->server, sent_ns, payload, length);
}

static uint64_t now_of(void *ctx)
{
    return wt_sim_now(((struct way *)ctx)->sim);
}

static uint64_t server_next(void *ctx)
{
    return wt_feed_server_next_ns(((struct way *)ctx)->server);
}

static void server_run(void *ctx, uint64_t now_ns)
{
    wt_feed_server_run(((struct way *)ctx)->server, now_ns);
}

/* The venue's servers, and who asks them. */
static int open_recovery(struct way *w)
{
    const struct book_options *o = w->options;
    struct wt_feed_server_config server;
    struct wt_feed_recovery_config recovery;
    int error;
    wt_feed_server_defaults(&server);
    server.first_seq = book_feeder_first_seq(w->feeder);
    server.snapshot_ns = o->snapshot_ns;
    server.now = now_of;
    server.now_ctx = w;
    wt_feed_recovery_defaults(&recovery);
    recovery.rerequest = o->rerequest;
    recovery.requests.timeout_ns = REQUEST_TIMEOUT_NS;
    memcpy(recovery.glimpse.username, server.username, sizeof server.username);
    memcpy(recovery.glimpse.password, server.password, sizeof server.password);
    error = wt_feed_server_create(&server, &w->server);
    if (!error)
        error = wt_feed_recovery_create(&recovery, &w->card, wt_feed_server_requests(w->server),
                                        wt_feed_server_snapshots(w->server), &w->recovery);
    if (!error)
        error = wt_sim_add_actor(w->sim, (struct wt_sim_actor){w, server_next, server_run});
    if (error)
        return error;
    wt_feed_recovery_attach(w->recovery, w->feed);
    book_feeder_listen(w->feeder, on_packet, w);
    return wt_feed_keep(w->feed, KEPT);
}

static int open_way(struct way *w)
{
    const struct book_options *o = w->options;
    struct wt_sim_config sim;
    struct wt_card_config card;
    struct wt_twin_config twin;
    int error = book_feeder_open(o, &w->feeder);
    if (error)
        return error;
    wt_sim_defaults(&sim);
    sim.model_path = o->model;
    sim.trace_path = o->trace_file;
    sim.start_ns = book_feeder_first_ns(w->feeder);
    error = wt_sim_create(&sim, &w->sim);
    if (error)
        return error;
    w->link = wt_sim_link(w->sim);
    wt_card_defaults(&card);
    for (unsigned line = 0; line < WT_CARD_LINES; line++) {
        card.channel[0].group[line] = book_feeder_group(w->feeder, line);
        card.channel[0].port[line] = book_feeder_port(w->feeder, line);
    }
    card.channel[0].start_seq = book_feeder_first_seq(w->feeder);
    card.skew_ns += PLACES_NS + o->skew_b_ns;
    card.recover = o->rerequest;
    card.symbols = (const char(*)[9])o->symbols;
    card.symbol_count = o->symbol_count;
    error = wt_card_open(&w->card, w->link, &card);
    if (error)
        return error;
    wt_twin_defaults(&twin);
    twin.start_seq = card.channel[0].start_seq;
    twin.symbols = card.symbols;
    twin.symbol_count = card.symbol_count;
    error = wt_twin_create(&twin, &w->twin);
    if (error)
        return error;
    error = wt_feed_create(
        &w->card, w->twin, true,
        (struct wt_feed_handler){.ctx = w, .record = on_record, .notice = on_notice, .lost = on_lost}, &w->feed);
    if (!error)
        error = wt_feed_return(w->feed);
    return error || !o->snapshot ? error : open_recovery(w);
}

static bool within(const struct way *w)
{
    return book_feeder_last_seq(w->feeder) < w->seen + MESSAGES_AHEAD &&
           (w->packets < PACKETS_AHEAD || w->ends[w->packets % PACKETS_AHEAD] <= w->seen);
}

/* Whether the card may be given another packet. */
static bool has_room(struct way *w)
{
    uint64_t next;
    if (within(w))
        return true;
    if (wt_card_next_seq(&w->card, 0, &next) == 0 && next > w->seen + 1)
        w->seen = next - 1;
    return within(w);
}

static int send_frames(struct way *w)
{
    while (!w->sent_all && wt_sim_pending_frames(w->sim) < FRAMES_AHEAD) {
        struct book_frame frame;
        uint64_t last;
        int got;
        if (book_feeder_between(w->feeder) && !has_room(w))
            break;
        last = book_feeder_last_seq(w->feeder);
        got = book_feeder_next(w->feeder, wt_sim_now(w->sim), &frame);
        if (book_feeder_last_seq(w->feeder) != last)
            w->ends[w->packets++ % PACKETS_AHEAD] = book_feeder_last_seq(w->feeder);
        if (got <= 0) {
            w->sent_all = true;
            w->feeder_error = got;
            break;
        }
        got = wt_sim_send(w->sim, frame.line, frame.when_ns, frame.bytes, frame.length, frame.flags);
        if (got < 0) {
            wt_error("the simulated wire refused a frame of %zu bytes: %s", frame.length, strerror(-got));
            return got;
        }
    }
    return 0;
}

/* How long records may gather: until the servers' next bytes are here, at most. */
static uint64_t batch(const struct way *w, uint64_t due, uint64_t now)
{
    uint64_t until = now + (wt_feed_returning(w->feed) ? RETURN_NS : BATCH_NS);
    if (w->server && wt_feed_server_next_ns(w->server) < until)
        until = wt_feed_server_next_ns(w->server);
    if (due < until)
        until = due;
    return until > now ? until - now : 0;
}

/* 0 when all is in, -EINTR when the user or the reader of the rows has had enough, -errno. */
static int pump(struct way *w)
{
    for (;;) {
        int error = send_frames(w), polled, waited;
        uint64_t due, now;
        bool busy;
        if (error)
            return error;
        busy = false;
        due = UINT64_MAX;
        if (w->recovery) {
            while (wt_feed_recovery_poll(w->recovery, wt_sim_now(w->sim)) > 0)
                continue;
            due = wt_feed_recovery_deadline(w->recovery);
            busy = wt_feed_recovery_busy(w->recovery);
        }
        waited = w->link->ops->wait(w->link, due);
        now = wt_sim_now(w->sim);
        if (waited < 0 && waited != -EPIPE)
            return waited;
        if (waited == 1 && !w->options->paced)
            w->link->ops->spend(w->link, batch(w, due, now));
        else if (waited == -EPIPE && due != UINT64_MAX && due > now)
            w->link->ops->spend(w->link, due - now); /* until a request is sent again */
        if (waited == -EPIPE && !busy)               /* nothing happens any more: what is still missing is lost */
            w->seen = book_feeder_last_seq(w->feeder);
        polled = wt_feed_poll(w->feed, POLL);
        if (polled < 0)
            return polled;
        if (waited == -EPIPE && polled == 0 && w->sent_all && !busy &&
            (!w->recovery || !wt_feed_recovery_busy(w->recovery)))
            return 0;
        book_progress(book_feeder_messages(w->feeder), book_feeder_share(w->feeder));
        if (book_stopped() || wt_rows_error(w->rows))
            return -EINTR;
    }
}

static int collect(struct way *w)
{
    struct book_stats *s = w->stats;
    struct wt_sim_stats sim;
    int error = book_count(s, &w->card, w->feed, w->twin);
    if (error)
        return error;
    wt_sim_stats(w->sim, &sim);
    s->messages = book_feeder_messages(w->feeder);
    s->cycles = sim.cycles;
    s->tlp_violations = sim.tlp_violations;
    s->tlp_writes = sim.tlp_writes;
    s->latency_min = sim.latency_cycles_min;
    s->latency_p50 = sim.latency_cycles_p50;
    s->latency_p99 = sim.latency_cycles_p99;
    s->latency_max = sim.latency_cycles_max;
    s->latency_samples = sim.latency_samples;
    return 0;
}

/* Everything that went in must have come out: the last packet is never lost. */
static int check_complete(const struct way *w)
{
    uint64_t seen = wt_feed_watermark(w->feed, 0), last = book_feeder_last_seq(w->feeder);
    if (seen < last) {
        wt_error("the card stopped: its order flow ends at message %llu of %llu", (unsigned long long)seen,
                 (unsigned long long)last);
        return -EIO;
    }
    if (wt_feed_pending(w->feed)) {
        wt_error("%zu event records of the card never got their message", wt_feed_pending(w->feed));
        return -EIO;
    }
    return 0;
}

int book_run_card(const struct book_options *options, struct wt_rows *rows, struct book_stats *stats)
{
    struct way w = {.options = options, .rows = rows, .stats = stats};
    int error = open_way(&w), also;
    if (!error) {
        error = pump(&w);
        if (!error)
            error = check_complete(&w);
        if (error == -EINTR)
            error = 0; /* the caller knows why */
        also = collect(&w);
        if (!error)
            error = also ? also : w.feeder_error;
        wt_card_close(&w.card);
    }
    wt_feed_recovery_destroy(w.recovery);
    wt_feed_destroy(w.feed);
    wt_twin_destroy(w.twin);
    if (w.link)
        w.link->ops->close(w.link);
    wt_feed_server_destroy(w.server);
    book_feeder_close(w.feeder);
    return error;
}
