#include "sim/exchange/exchange.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "host/common/log.h"
#include "host/market/file.h"
#include "host/market/itch.h"
#include "sim/card/frame.h"
#include "sim/exchange/latency.h"
#include "sim/exchange/matcher.h"
#include "sim/exchange/session.h"

#define WINDOW_NS 2000ull
#define SECOND_NS 1000000000ull
#define ORDER_NS 20000ull
#define RETRY_NS 10000ull            /* when the wire is full: about eight full packets at 10G */
#define END_OF_SESSION_NS 1000000ull /* after the last message */
#define IN_FLIGHT_MAX (1u << 20)     /* bytes of the client under way: a send buffer */
#define LONGEST (WT_FRAME_MAX_PAYLOAD - WT_FRAME_MOLD_HEADER - 2)
#define TIMESTAMP_END 11 /* messages shorter than this have no timestamp */

enum feed_state { FEED_MESSAGES, FEED_END_OF_SESSION, FEED_DONE };

struct wt_exchange {
    struct wt_exchange_config config;
    struct wt_exchange_wire wire;
    struct wt_exchange_stats stats;
    uint64_t clock; /* everything up to here is done */

    struct wt_itch_file file;
    enum feed_state feed;
    const uint8_t *message; /* the next one; valid until the file is read on */
    size_t message_length;
    uint64_t message_ns; /* when it is due */
    uint64_t next_sequence;
    uint64_t first_ns;    /* of the file */
    uint64_t datagram_ns; /* of the first message of the datagram being built */
    uint64_t frame_ns;    /* when the last frame left */
    uint64_t retry_ns;    /* a finished frame waits for the wire until then; 0: none waits */
    size_t frame_length;
    struct wt_frame_builder frame;

    struct wt_replay *replay;
    struct wt_matcher *matcher;
    struct wt_session session;
    struct wt_latency order_in, market_data[2];
    struct wt_desk_handler account;                         /* the session's own */
    struct wt_exchange_ledger *ledger[WT_EXCHANGE_LOCATES]; /* by locate; NULL: nothing executed */

    uint64_t (*now)(void *ctx);
    void *now_ctx;
    uint32_t connection; /* the client's side of the stream */
    bool connected;
};

void wt_exchange_defaults(struct wt_exchange_config *config)
{
    memset(config, 0, sizeof *config);
    config->group[0] = 0xe9360c6f;
    config->group[1] = 0xe931c46f;
    config->port[0] = config->port[1] = 26477;
    config->packet_window_ns = WINDOW_NS;
    config->heartbeat_ns = SECOND_NS;
    config->order_in_ns = ORDER_NS;
    config->order_out_ns = ORDER_NS;
    memcpy(config->username, "WT0001", 7);
    memcpy(config->password, "wiretick", 9);
}

/* ---------------------------------------------------------------- the file */

/* Look through the file, so that a run does not end in the middle because of what could have been said first. */
static int check_file(const struct wt_exchange_config *c)
{
    if (strcmp(c->file, "-") == 0)
        return 0;
    struct wt_itch_file file;
    int rc = wt_itch_file_open(&file, c->file);
    if (rc < 0)
        return rc;
    const uint8_t *raw;
    size_t length;
    uint64_t count = 0;
    uint64_t offset = 0;
    while ((c->max_messages == 0 || count < c->max_messages) && (rc = wt_itch_file_next(&file, &raw, &length)) > 0) {
        count++;
        if (length > LONGEST) {
            wt_error("%s: message %llu at byte %llu is %zu bytes long, a datagram carries %u at most", c->file,
                     (unsigned long long)count, (unsigned long long)offset, length, LONGEST);
            rc = -EMSGSIZE;
            break;
        }
        offset += 2 + length;
    }
    if (rc == 0 && count == 0) {
        wt_error("%s: holds no message", c->file);
        rc = -ENODATA;
    }
    wt_itch_file_close(&file);
    return rc < 0 ? rc : 0;
}

/* Read the next message and find out when it is due. */
static void read_message(struct wt_exchange *x)
{
    int rc = 0;
    if (x->config.max_messages == 0 || x->next_sequence <= x->config.max_messages)
        rc = wt_itch_file_next(&x->file, &x->message, &x->message_length);
    if (rc > 0 && x->message_length > LONGEST) {
        wt_error("%s: message %llu is %zu bytes long, a datagram carries %u at most: the feed ends here",
                 x->config.file, (unsigned long long)x->next_sequence, x->message_length, LONGEST);
        rc = 0;
    }
    if (rc <= 0) {
        x->message = NULL;
        x->feed = FEED_END_OF_SESSION;
        return;
    }
    if (x->message_length < TIMESTAMP_END)
        return;
    uint64_t ns = wt_itch_ns(x->message);
    if (ns < x->message_ns)
        x->stats.clamped++;
    else
        x->message_ns = ns;
}

/* ---------------------------------------------------------------- the feed */

/* A wire keeps the order of its frames: a late one holds up those behind it. */
static int send_on(struct wt_exchange *x, unsigned line)
{
    uint64_t when = x->clock + wt_latency_next(&x->market_data[line]);
    return x->wire.send(x->wire.ctx, line, when, x->frame.bytes, x->frame_length, 0);
}

/* Put the finished frame on the wires; when the first is full, the feed waits. */
static void send_frame(struct wt_exchange *x)
{
    int rc = send_on(x, 0);
    if (rc == -ENOBUFS || rc == -EAGAIN) {
        x->retry_ns = x->clock + RETRY_NS;
        return;
    }
    if (rc == 0) {
        wt_frame_readdress(x->frame.bytes, x->config.group[1], x->config.port[1]);
        rc = send_on(x, 1);
        wt_frame_readdress(x->frame.bytes, x->config.group[0], x->config.port[0]);
    }
    if (rc < 0 && x->stats.unsent++ == 0)
        wt_error("exchange: the wire refuses a frame of %zu bytes: %s", x->frame_length, strerror(-rc));
    x->retry_ns = 0;
    x->frame_ns = x->clock;
    x->frame.count = 0;
}

static void send_control(struct wt_exchange *x, int end_of_session)
{
    x->frame_length = wt_frame_control(&x->frame, x->next_sequence, end_of_session);
    send_frame(x);
}

static void take_feed_message(struct wt_exchange *x)
{
    if (x->frame.count == 0) {
        wt_frame_start(&x->frame, x->next_sequence);
        x->datagram_ns = x->message_ns;
    }
    wt_frame_add(&x->frame, x->message, x->message_length);
    bool over = x->message_length == wt_itch_length('S') && x->message[0] == 'S' && x->message[11] == 'E';
    wt_matcher_replay(x->matcher, x->message, x->message_length);
    if (over)
        wt_session_end_of_day(&x->session, x->clock);
    x->stats.messages++;
    x->next_sequence++;
    read_message(x);
    size_t used = x->frame.length - WT_FRAME_HEADERS;
    if (x->feed != FEED_MESSAGES || x->message_ns > x->datagram_ns + x->config.packet_window_ns ||
        used + 2 + x->message_length > WT_FRAME_MAX_PAYLOAD || x->frame.count == WT_FRAME_MAX_COUNT) {
        x->frame_length = wt_frame_finish(&x->frame);
        x->stats.datagrams++;
        send_frame(x);
    }
}

/* When the feed has something to do next. */
static uint64_t feed_ns(const struct wt_exchange *x)
{
    if (x->retry_ns != 0)
        return x->retry_ns;
    uint64_t due = UINT64_MAX;
    if (x->feed == FEED_MESSAGES)
        due = x->message_ns;
    else if (x->feed == FEED_END_OF_SESSION)
        due = x->frame_ns + END_OF_SESSION_NS;
    /* No heartbeat into a datagram that is being built, none before the first and none after the last. */
    uint64_t heartbeat = x->frame_ns + x->config.heartbeat_ns;
    bool silent = x->feed != FEED_DONE && x->frame.count == 0 && x->next_sequence > 1;
    return silent && heartbeat < due ? heartbeat : due;
}

static void run_feed(struct wt_exchange *x)
{
    if (x->retry_ns != 0) {
        send_frame(x);
    } else if (x->feed == FEED_MESSAGES && x->message_ns <= x->clock) {
        take_feed_message(x);
    } else if (x->feed == FEED_END_OF_SESSION && x->frame_ns + END_OF_SESSION_NS <= x->clock) {
        x->feed = FEED_DONE;
        send_control(x, 1);
    } else {
        send_control(x, 0);
    }
}

/* ---------------------------------------------------------------- time */

static uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

uint64_t wt_exchange_next_ns(void *exchange)
{
    const struct wt_exchange *x = exchange;
    uint64_t ns = least(feed_ns(x), wt_pipe_head_ns(&x->session.in));
    /* What has arrived at the client waits there for the client, not for us. */
    ns = least(ns, wt_pipe_next_ns(&x->session.out, x->clock));
    /* Once the file is at its end, heartbeats alone do not keep the world going. */
    if (x->feed != FEED_DONE)
        ns = least(ns, wt_session_timer_ns(&x->session));
    return ns;
}

void wt_exchange_run(void *exchange, uint64_t now_ns)
{
    struct wt_exchange *x = exchange;
    for (;;) {
        uint64_t feed = feed_ns(x);
        uint64_t order = wt_pipe_head_ns(&x->session.in);
        uint64_t timer = wt_session_timer_ns(&x->session);
        uint64_t due = least(feed, least(order, timer));
        if (due > now_ns || due == UINT64_MAX)
            break;
        if (x->clock < due)
            x->clock = due;
        x->session.now_ns = x->clock; /* the feed's messages make reports, too */
        if (feed == due)
            run_feed(x);
        else if (order == due)
            wt_session_take(&x->session, x->clock);
        else
            wt_session_timers(&x->session, x->clock);
    }
    if (x->clock < now_ns)
        x->clock = now_ns;
}

/* ---------------------------------------------------------------- the client's side of the stream */

static uint64_t arrival(struct wt_exchange *x)
{
    return x->now(x->now_ctx) + wt_latency_next(&x->order_in);
}

static int stream_connect(void *ctx)
{
    struct wt_exchange *x = ctx;
    if (x->connected)
        return -EISCONN;
    if (wt_pipe_put(&x->session.in, WT_PIPE_OPEN, x->connection + 1, NULL, 0, arrival(x)) < 0)
        return -ENOMEM;
    x->connection++;
    x->connected = true;
    return 0;
}

static int stream_send(void *ctx, const void *bytes, size_t length)
{
    struct wt_exchange *x = ctx;
    if (!x->connected)
        return -ENOTCONN;
    if (length > IN_FLIGHT_MAX || wt_pipe_bytes(&x->session.in) > IN_FLIGHT_MAX - length)
        return -EAGAIN;
    return length == 0 ? 0 : wt_pipe_put(&x->session.in, WT_PIPE_BYTES, x->connection, bytes, length, arrival(x));
}

static ssize_t stream_recv(void *ctx, void *bytes, size_t room)
{
    struct wt_exchange *x = ctx;
    if (!x->connected)
        return -ENOTCONN;
    size_t got = 0;
    while (got < room) {
        enum wt_pipe_kind kind;
        uint32_t connection;
        /* A closing is only taken when nothing came before it in this call: -ENOTCONN must be heard. */
        if (got > 0 && wt_pipe_head_kind(&x->session.out) != WT_PIPE_BYTES)
            break;
        ssize_t length =
            wt_pipe_take(&x->session.out, x->now(x->now_ctx), (char *)bytes + got, room - got, &kind, &connection);
        if (kind == WT_PIPE_NOTHING)
            break;
        if (connection != x->connection)
            continue;
        if (kind == WT_PIPE_CLOSE)
            return -ENOTCONN;
        got += (size_t)length;
    }
    return (ssize_t)got;
}

static void stream_close(void *ctx)
{
    struct wt_exchange *x = ctx;
    if (!x->connected)
        return;
    x->connected = false;
    wt_pipe_put(&x->session.in, WT_PIPE_CLOSE, x->connection, NULL, 0, arrival(x));
}

struct wt_stream wt_exchange_stream(struct wt_exchange *x, uint64_t (*now)(void *ctx), void *now_ctx)
{
    x->now = now;
    x->now_ctx = now_ctx;
    return (struct wt_stream){
        .ctx = x, .connect = stream_connect, .send = stream_send, .recv = stream_recv, .close = stream_close};
}

/* ---------------------------------------------------------------- life */

/* ---------------------------------------------------------------- the ledger */

static void on_accepted(void *ctx, const struct wt_own_order *order, uint32_t orig_ref)
{
    const struct wt_exchange *x = ctx;
    x->account.accepted(x->account.ctx, order, orig_ref);
}

static void on_executed(void *ctx, const struct wt_own_order *order, uint32_t shares, uint32_t price, char liquidity,
                        uint64_t match)
{
    struct wt_exchange *x = ctx;
    struct wt_exchange_ledger *l = x->ledger[order->locate];
    if (!l && (l = calloc(1, sizeof *l))) {
        memcpy(l->name, order->symbol, sizeof l->name);
        x->ledger[order->locate] = l;
    }
    if (l) {
        bool buy = order->side == 'B';
        *(buy ? &l->bought : &l->sold) += shares;
        l->cash += (buy ? -1 : 1) * (int64_t)shares * price;
        l->executions++;
    }
    x->account.executed(x->account.ctx, order, shares, price, liquidity, match);
}

static void on_canceled(void *ctx, const struct wt_own_order *order, uint32_t shares, char reason)
{
    const struct wt_exchange *x = ctx;
    x->account.canceled(x->account.ctx, order, shares, reason);
}

static void on_self_match(void *ctx, const struct wt_own_order *order, uint32_t shares, uint32_t price)
{
    const struct wt_exchange *x = ctx;
    x->account.self_match(x->account.ctx, order, shares, price);
}

const struct wt_exchange_ledger *const *wt_exchange_ledgers(const struct wt_exchange *x)
{
    return (const struct wt_exchange_ledger *const *)x->ledger;
}

static int take_latencies(struct wt_exchange *x)
{
    const struct wt_exchange_config *c = &x->config;
    int rc = wt_latency_take(&x->order_in, "exchange: order_in", c->order_in, c->order_in_ns, c->seed);
    if (rc == 0)
        rc =
            wt_latency_take(&x->session.out_latency, "exchange: order_out", c->order_out, c->order_out_ns, c->seed + 1);
    for (unsigned i = 0; rc == 0 && i < 2; i++)
        rc = wt_latency_take(&x->market_data[i], "exchange: market_data", c->market_data, 0, c->seed + 2 + i);
    return rc;
}

int wt_exchange_create(const struct wt_exchange_config *config, struct wt_exchange_wire wire,
                       struct wt_exchange **exchange)
{
    if (!config->file || config->file[0] == '\0') {
        wt_error("exchange: no file to replay is named");
        return -EINVAL;
    }
    if (config->heartbeat_ns == 0) {
        wt_error("exchange: heartbeat 0 ns: it must be above 0");
        return -EINVAL;
    }
    int rc = check_file(config);
    if (rc < 0)
        return rc;
    struct wt_exchange *x = calloc(1, sizeof *x);
    if (!x)
        return -ENOMEM;
    x->config = *config;
    x->config.file = strdup(config->file);
    x->wire = wire;
    rc = x->config.file ? wt_itch_file_open(&x->file, config->file) : -ENOMEM;
    if (rc < 0) {
        free((char *)x->config.file);
        free(x);
        return rc;
    }
    rc = wt_replay_create(&x->replay);
    struct wt_session_config session = {
        .name = WT_SESSION_NAME, .order_out_ns = config->order_out_ns, .dialect = config->dialect};
    memcpy(session.username, config->username, sizeof session.username);
    memcpy(session.password, config->password, sizeof session.password);
    wt_session_init(&x->session, &session, &x->stats);
    x->account = wt_account_handler(&x->session);
    if (rc == 0 && (rc = take_latencies(x)) < 0) {
        wt_exchange_destroy(x);
        return rc;
    }
    if (rc == 0)
        rc = wt_matcher_create(x->replay,
                               (struct wt_desk_handler){.ctx = x,
                                                        .accepted = on_accepted,
                                                        .executed = on_executed,
                                                        .canceled = on_canceled,
                                                        .self_match = on_self_match},
                               &x->matcher);
    if (rc == 0)
        wt_account_begin(&x->session, wt_matcher_desk(x->matcher));
    if (rc < 0) {
        wt_error("exchange: no memory");
        wt_exchange_destroy(x);
        return rc;
    }
    wt_frame_init(&x->frame, config->group[0], config->port[0], WT_SESSION_NAME);
    x->next_sequence = 1;
    read_message(x);
    x->first_ns = x->message_ns;
    if (x->feed != FEED_MESSAGES) {
        wt_error("%s: holds no message", config->file);
        wt_exchange_destroy(x);
        return -ENODATA;
    }
    *exchange = x;
    return 0;
}

uint64_t wt_exchange_first_ns(const struct wt_exchange *x)
{
    return x->first_ns;
}

int wt_exchange_feed_done(const struct wt_exchange *x)
{
    return x->feed == FEED_DONE && x->retry_ns == 0;
}

void wt_exchange_stats(const struct wt_exchange *x, struct wt_exchange_stats *stats)
{
    struct wt_desk_totals totals;
    wt_matcher_totals(x->matcher, &totals);
    *stats = x->stats;
    stats->accepted_shares = totals.accepted;
    stats->executed_shares = totals.executed;
    stats->canceled_shares = totals.canceled;
    stats->open_shares = totals.open;
    stats->stored = wt_matcher_stored(x->matcher) + x->session.log_length;
}

void wt_exchange_destroy(struct wt_exchange *x)
{
    if (!x)
        return;
    for (unsigned i = 0; i < WT_EXCHANGE_LOCATES; i++)
        free(x->ledger[i]);
    wt_session_free(&x->session);
    wt_latency_free(&x->order_in);
    wt_latency_free(&x->market_data[0]);
    wt_latency_free(&x->market_data[1]);
    wt_matcher_destroy(x->matcher);
    wt_replay_destroy(x->replay);
    wt_itch_file_close(&x->file);
    free((char *)x->config.file);
    free(x);
}
