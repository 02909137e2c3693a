#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "host/common/log.h"
#include "sim/exchange/venue_internal.h"

#define LOGIN_NS 30000000000ull
#define MAX_WAITING (32u << 20) /* bytes for a client that does not read */

/* ---------------------------------------------------------------- time */

void wt_venue_clients_time(struct wt_venue *v)
{
    int64_t offset = (int64_t)(wt_venue_stamp(v) - v->now_ns);
    for (unsigned i = 0; i < v->config.account_count; i++) {
        v->sessions[i].now_ns = v->now_ns;
        v->sessions[i].clock_offset_ns = offset;
    }
}

static uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static uint64_t client_next_ns(const struct wt_venue *v, const struct wt_client *c)
{
    if (c->state == WT_CLIENT_GATE)
        return c->since_ns + LOGIN_NS;
    if (c->state == WT_CLIENT_SERVED)
        return least(wt_pipe_next_ns(&c->session->out, v->now_ns), wt_session_timer_ns(c->session));
    return UINT64_MAX;
}

uint64_t wt_venue_clients_next_ns(const struct wt_venue *v)
{
    uint64_t next = UINT64_MAX;
    for (unsigned i = 0; i < v->config.account_count; i++)
        next = least(next, wt_account_next_ns(&v->sessions[i]));
    if (wt_venue_silent(v))
        return next; /* the end of it comes by itself */
    for (unsigned i = 0; i < v->config.account_count; i++)
        next = least(next, wt_pipe_head_ns(&v->sessions[i].in));
    for (unsigned i = 0; i < WT_VENUE_CONNECTIONS; i++)
        next = least(next, client_next_ns(v, &v->clients[i]));
    return next;
}

static void run_client(struct wt_venue *v, struct wt_client *c)
{
    if (c->state == WT_CLIENT_GATE && v->now_ns >= c->since_ns + LOGIN_NS) {
        wt_warn("venue: a client did not log in: connection closed");
        v->stats.closed_by_venue++;
        c->length = 0;
        c->state = WT_CLIENT_CLOSING;
    } else if (c->state == WT_CLIENT_SERVED) {
        if (wt_session_timer_ns(c->session) <= v->now_ns)
            wt_session_timers(c->session, v->now_ns);
        if (wt_pipe_bytes(&c->session->out) > MAX_WAITING) {
            wt_session_warn(c->session, "the client does not read: connection closed");
            wt_session_close(c->session, v->now_ns);
            c->length = 0;
            c->state = WT_CLIENT_CLOSING;
        }
    }
}

/* What faults have begun ends, whoever listens. */
static void run_accounts(struct wt_venue *v)
{
    uint64_t match;
    for (unsigned i = 0; i < v->config.account_count; i++)
        while ((match = wt_account_run(&v->sessions[i], v->now_ns)) != 0)
            wt_venue_market_break(v, &v->sessions[i], match);
}

/* While the venue did not read, its clients cannot have been silent: their time begins anew. */
static void hear_again(struct wt_venue *v)
{
    for (unsigned i = 0; i < WT_VENUE_CONNECTIONS; i++) {
        v->clients[i].since_ns = v->now_ns;
        if (v->clients[i].state == WT_CLIENT_SERVED)
            v->clients[i].session->heard_ns = v->now_ns;
    }
}

void wt_venue_clients_run(struct wt_venue *v)
{
    run_accounts(v);
    if (v->was_silent && !wt_venue_silent(v))
        hear_again(v);
    v->was_silent = wt_venue_silent(v);
    if (wt_venue_silent(v))
        return;
    /* What was on its way, perhaps of a client that is gone. */
    for (unsigned i = 0; i < v->config.account_count; i++)
        if (wt_pipe_head_ns(&v->sessions[i].in) <= v->now_ns)
            wt_session_take(&v->sessions[i], v->now_ns);
    for (unsigned i = 0; i < WT_VENUE_CONNECTIONS; i++)
        run_client(v, &v->clients[i]);
}

/* ---------------------------------------------------------------- connections */

/* When what is sent now is there; the pipe keeps the order. */
static uint64_t arrival(const struct wt_venue *v, struct wt_session *s)
{
    return v->now_ns + wt_latency_next(&s->in_latency);
}

static void attach(struct wt_venue *v, struct wt_client *c, struct wt_session *s)
{
    /* Whoever had the session before is gone. */
    for (unsigned i = 0; i < WT_VENUE_CONNECTIONS; i++) {
        struct wt_client *other = &v->clients[i];
        if (other->state == WT_CLIENT_SERVED && other->session == s) {
            other->state = WT_CLIENT_CLOSING;
            other->length = 0;
            other->session = NULL;
        }
    }
    c->state = WT_CLIENT_SERVED;
    c->session = s;
    c->connection = ++v->connections;
    wt_pipe_put(&s->in, WT_PIPE_OPEN, c->connection, NULL, 0, arrival(v, s));
}

static struct wt_client *client_at(struct wt_venue *v, int connection)
{
    if (connection < 0 || connection >= WT_VENUE_CONNECTIONS || v->clients[connection].state == WT_CLIENT_FREE)
        return NULL;
    return &v->clients[connection];
}

static int serve_snapshots(struct wt_venue *v, struct wt_client *c)
{
    unsigned count = 0;
    for (unsigned i = 0; i < WT_VENUE_CONNECTIONS; i++)
        count += v->clients[i].own_session;
    struct wt_session *s = count < WT_VENUE_GLIMPSES ? calloc(1, sizeof *s) : NULL;
    if (!s)
        return -ENOSPC;
    struct wt_session_config config = {.order_out_ns = v->config.order_out_ns};
    memcpy(config.username, v->config.glimpse.username, sizeof config.username);
    memcpy(config.password, v->config.glimpse.password, sizeof config.password);
    memcpy(config.name, wt_mold_out_session_name(v->feed), 10);
    wt_session_init(s, &config, &v->stats.orders);
    wt_glimpse_begin(s, &v->source);
    c->own_session = true;
    v->stats.glimpses++;
    attach(v, c, s);
    wt_session_take(s, v->now_ns);
    return 0;
}

int wt_venue_open(struct wt_venue *v, enum wt_venue_port port, uint64_t now_ns)
{
    wt_venue_move(v, now_ns);
    for (int i = 0; i < WT_VENUE_CONNECTIONS; i++) {
        struct wt_client *c = &v->clients[i];
        if (c->state != WT_CLIENT_FREE)
            continue;
        *c = (struct wt_client){.state = WT_CLIENT_GATE, .since_ns = v->now_ns};
        if (port == WT_VENUE_GLIMPSE && serve_snapshots(v, c) < 0) {
            c->state = WT_CLIENT_FREE;
            return -ENOSPC;
        }
        v->stats.connections++;
        return i;
    }
    return -ENOSPC;
}

/* ---------------------------------------------------------------- the gate */

static void turn_away(struct wt_venue *v, struct wt_client *c, const char *why, char reason)
{
    if (why)
        wt_warn("venue: %s: connection closed", why);
    c->state = WT_CLIENT_CLOSING;
    c->length = 0;
    if (reason != 0) {
        v->stats.refused_logins++;
        c->length = (size_t)wt_soup_put(c->bytes, sizeof c->bytes, WT_SOUP_LOGIN_REJECTED, &reason, 1);
    } else {
        v->stats.orders.malformed++;
        v->stats.closed_by_venue++;
    }
}

/* The account that a login is of; NULL: the client is turned away. */
static struct wt_session *find_account(struct wt_venue *v, struct wt_client *c)
{
    struct wt_soup_packet packet = {.type = WT_SOUP_LOGIN_REQUEST,
                                    .payload = c->bytes + WT_SOUP_HEADER,
                                    .length = WT_SOUP_LOGIN_REQUEST_LENGTH - WT_SOUP_HEADER};
    struct wt_soup_login_request login;
    char no = WT_SOUP_REJECT_NOT_AUTHORIZED;
    if (wt_soup_get_login_request(&packet, &login) == 0) {
        for (unsigned i = 0; i < v->config.account_count; i++) {
            char reason = wt_session_check_login(&v->sessions[i], &login);
            if (reason == 0)
                return &v->sessions[i];
            if (reason != WT_SOUP_REJECT_NOT_AUTHORIZED)
                no = reason;
        }
    }
    turn_away(v, c, NULL, no);
    return NULL;
}

/* Bytes before the login is whole. Returns how many were taken. */
static size_t take_at_gate(struct wt_venue *v, struct wt_client *c, const uint8_t *bytes, size_t length)
{
    size_t take = sizeof c->bytes - c->length;
    if (take > length)
        take = length;
    memcpy(c->bytes + c->length, bytes, take);
    c->length += take;
    static const uint8_t head[WT_SOUP_HEADER] = {0, WT_SOUP_LOGIN_REQUEST_LENGTH - 2, WT_SOUP_LOGIN_REQUEST};
    size_t seen = c->length < sizeof head ? c->length : sizeof head;
    if (memcmp(c->bytes, head, seen) != 0) {
        turn_away(v, c, "a client's first packet is no login", 0);
        return length;
    }
    if (c->length < sizeof c->bytes)
        return take;
    struct wt_session *s = find_account(v, c);
    if (!s)
        return length;
    attach(v, c, s);
    wt_pipe_put(&s->in, WT_PIPE_BYTES, c->connection, c->bytes, sizeof c->bytes, arrival(v, s));
    return take;
}

int wt_venue_input(struct wt_venue *v, int connection, uint64_t now_ns, const void *bytes, size_t length)
{
    struct wt_client *c = client_at(v, connection);
    if (!c || c->state == WT_CLIENT_CLOSING)
        return -ENOTCONN;
    wt_venue_move(v, now_ns);
    if (wt_venue_silent(v))
        return -EAGAIN;
    const uint8_t *from = bytes;
    if (c->state == WT_CLIENT_GATE) {
        size_t taken = take_at_gate(v, c, from, length);
        from += taken;
        length -= taken;
    }
    if (c->state != WT_CLIENT_SERVED)
        return c->state == WT_CLIENT_GATE ? 0 : -ENOTCONN;
    if (length > 0 &&
        wt_pipe_put(&c->session->in, WT_PIPE_BYTES, c->connection, from, length, arrival(v, c->session)) < 0)
        return -ENOMEM;
    wt_session_take(c->session, v->now_ns);
    return 0;
}

ssize_t wt_venue_output(struct wt_venue *v, int connection, uint64_t now_ns, void *bytes, size_t room)
{
    struct wt_client *c = client_at(v, connection);
    if (!c)
        return -ENOTCONN;
    wt_venue_move(v, now_ns);
    if (wt_venue_silent(v))
        return 0;
    if (c->state == WT_CLIENT_GATE)
        return 0;
    if (c->state == WT_CLIENT_CLOSING) {
        size_t length = c->length < room ? c->length : room;
        if (c->length == 0)
            return -ENOTCONN;
        memcpy(bytes, c->bytes, length);
        memmove(c->bytes, c->bytes + length, c->length - length);
        c->length -= length;
        return (ssize_t)length;
    }
    size_t got = 0;
    while (got < room) {
        enum wt_pipe_kind kind;
        uint32_t from;
        /* A closing is only taken when nothing came before it in this call. */
        if (got > 0 && wt_pipe_head_kind(&c->session->out) != WT_PIPE_BYTES)
            break;
        ssize_t length = wt_pipe_take(&c->session->out, v->now_ns, (uint8_t *)bytes + got, room - got, &kind, &from);
        if (kind == WT_PIPE_NOTHING)
            break;
        if (from != c->connection)
            continue; /* of the connection before this one */
        if (kind == WT_PIPE_CLOSE) {
            v->stats.closed_by_venue++;
            c->state = WT_CLIENT_CLOSING;
            c->length = 0;
            return -ENOTCONN;
        }
        got += (size_t)length;
    }
    return (ssize_t)got;
}

static void free_client(struct wt_client *c)
{
    if (c->own_session) {
        wt_session_free(c->session);
        free(c->session);
    }
    *c = (struct wt_client){.state = WT_CLIENT_FREE};
}

void wt_venue_close(struct wt_venue *v, int connection, uint64_t now_ns)
{
    struct wt_client *c = client_at(v, connection);
    if (!c)
        return;
    wt_venue_move(v, now_ns);
    if (c->state == WT_CLIENT_SERVED && !c->own_session && c->session->connection == c->connection) {
        wt_pipe_put(&c->session->in, WT_PIPE_CLOSE, c->connection, NULL, 0, arrival(v, c->session));
        wt_session_take(c->session, v->now_ns);
    }
    free_client(c);
}

bool wt_venue_occupied(const struct wt_venue *v)
{
    for (unsigned i = 0; i < v->config.account_count; i++)
        if (v->sessions[i].expected)
            return true;
    return false;
}

void wt_venue_clients_free(struct wt_venue *v)
{
    for (unsigned i = 0; i < WT_VENUE_CONNECTIONS; i++)
        free_client(&v->clients[i]);
    for (unsigned i = 0; v->sessions && i < v->config.account_count; i++)
        wt_session_free(&v->sessions[i]);
}
