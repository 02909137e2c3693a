#include "host/gateway/gateway.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/common/log.h"
#include "host/event/tap.h"
#include "host/gateway/ouch42.h"
#include "host/gateway/request.h"
#include "host/gateway/soup.h"

#define SECOND_NS 1000000000ull
#define RETRY_NS 1000000ull /* how often to try again what the stream had no room for */
#define ENOUGH 1024         /* packets a poll: a venue that floods us must not hold up the loop */

enum { OWNERS = 1 << 16 };

struct owner {
    uint32_t id; /* 0: none */
    uint8_t owner;
};

struct wt_gateway {
    struct wt_gateway_config config;
    struct wt_stream stream;
    struct wt_gateway_handler handler;
    enum wt_gateway_state state;
    bool open;         /* the stream is connected, or connecting */
    bool login_sent;   /* the login left */
    char session[11];  /* where the login wants to go: the configured one, then the one we were in */
    uint64_t wanted;   /* sequence number the login asks for */
    uint64_t next;     /* sequence number of the next S packet, once logged in */
    uint64_t sent_ns;  /* when we last sent something */
    uint64_t tried_ns; /* when a login or heartbeat last tried to leave */
    uint64_t heard_ns; /* when the venue last sent something */
    uint64_t retry_ns; /* when to try again by itself; 0: not */
    unsigned attempts; /* since the last session */
    uint64_t random;
    bool query_sent; /* of the sync */
    bool day_over;   /* the venue said so */
    bool stopped;    /* by us: it does not try again by itself */
    struct wt_request_terms terms;
    struct wt_tap *tap;   /* the stream is its; NULL: it is another one */
    struct wt_tap *quick; /* the same while the session is up, else NULL */
    struct owner *owners; /* OUCH 4.2: whose the last orders are, for an order's name says it; else NULL */
    struct wt_gateway_stats stats;
    struct wt_soup_parser parser;
};

void wt_gateway_defaults(struct wt_gateway_config *config)
{
    memset(config, 0, sizeof *config);
    config->heartbeat_ns = SECOND_NS;
    config->dead_ns = 15 * SECOND_NS;
    config->capacity = 'P';
    config->display = 'Y';
}

static int check_text(const char *what, const char *text, size_t room, bool may_be_empty)
{
    size_t length = strnlen(text, room);
    if (length == room) {
        wt_error("gateway: %s is longer than %zu characters", what, room - 1);
        return -EINVAL;
    }
    for (size_t i = 0; i < length; i++) {
        if (text[i] <= 0x20 || text[i] > 0x7e) {
            wt_error("gateway: %s \"%s\" has a character that SoupBinTCP and OUCH do not carry (ASCII, no spaces)",
                     what, text);
            return -EINVAL;
        }
    }
    if (length == 0 && !may_be_empty) {
        wt_error("gateway: %s is empty", what);
        return -EINVAL;
    }
    return 0;
}

static int check_config(const struct wt_gateway_config *c)
{
    if (check_text("username", c->username, sizeof c->username, false) ||
        check_text("password", c->password, sizeof c->password, true) ||
        check_text("session", c->session, sizeof c->session, true) || check_text("firm", c->firm, sizeof c->firm, true))
        return -EINVAL;
    if (c->heartbeat_ns == 0 || c->dead_ns <= c->heartbeat_ns) {
        wt_error("gateway: heartbeat %llu ns and silence %llu ns: the first must be above 0 and below the second",
                 (unsigned long long)c->heartbeat_ns, (unsigned long long)c->dead_ns);
        return -EINVAL;
    }
    if (c->retry_max_ns < c->retry_min_ns) {
        wt_error("gateway: the longest pause, %llu ns, is shorter than the first, %llu ns",
                 (unsigned long long)c->retry_max_ns, (unsigned long long)c->retry_min_ns);
        return -EINVAL;
    }
    if (!strchr("APRO", c->capacity)) {
        wt_error("gateway: capacity '%c' is none of A, P, R, O", c->capacity);
        return -EINVAL;
    }
    if (!strchr("YAN", c->display)) {
        wt_error("gateway: display '%c' is none of Y, A, N", c->display);
        return -EINVAL;
    }
    return 0;
}

int wt_gateway_create(const struct wt_gateway_config *config, struct wt_stream stream,
                      struct wt_gateway_handler handler, struct wt_gateway **gateway)
{
    struct wt_gateway_config c = *config;
    if (c.capacity == '\0')
        c.capacity = 'P';
    if (c.display == '\0')
        c.display = 'Y';
    if (check_config(&c))
        return -EINVAL;
    struct wt_gateway *g = calloc(1, sizeof *g);
    if (!g)
        return -ENOMEM;
    if (c.dialect == WT_OUCH_42 && !(g->owners = calloc(OWNERS, sizeof *g->owners))) {
        free(g);
        return -ENOMEM;
    }
    g->config = c;
    g->stream = stream;
    g->handler = handler;
    g->state = WT_GATEWAY_DOWN;
    g->wanted = c.next_sequence;
    g->terms = (struct wt_request_terms){.capacity = c.capacity, .display = c.display, .last_id = c.last_id};
    memcpy(g->terms.firm, c.firm, sizeof g->terms.firm);
    g->terms.dialect = c.dialect;
    wt_request_ready(&g->terms, 0);
    g->tap = stream.send == wt_tap_send ? stream.ctx : NULL;
    g->random = c.seed * 0x9e3779b97f4a7c15u + 1;
    memcpy(g->session, c.session, sizeof g->session);
    *gateway = g;
    return 0;
}

static void set_state(struct wt_gateway *g, enum wt_gateway_state state, const char *why)
{
    if (g->state == state)
        return;
    g->state = state;
    g->quick = state == WT_GATEWAY_UP ? g->tap : NULL;
    if (g->handler.state)
        g->handler.state(g->handler.ctx, state, why);
}

/* Leave the session; what it was at is remembered for the next login. */
static void leave(struct wt_gateway *g, enum wt_gateway_state state, const char *why)
{
    if (g->open) {
        g->open = false;
        g->stream.close(g->stream.ctx);
    }
    if (g->next != 0)
        g->wanted = g->next;
    set_state(g, state, why);
}

static int put(struct wt_gateway *g, const uint8_t *bytes, int length, uint64_t now_ns)
{
    int rc = g->stream.send(g->stream.ctx, bytes, (size_t)length);
    if (rc == 0) {
        g->sent_ns = now_ns;
        g->stats.bytes_out += (uint64_t)length;
    }
    return rc;
}

static int send_login(struct wt_gateway *g, uint64_t now_ns)
{
    struct wt_soup_login_request login = {.sequence = g->wanted};
    memcpy(login.username, g->config.username, sizeof login.username);
    memcpy(login.password, g->config.password, sizeof login.password);
    memcpy(login.session, g->session, sizeof login.session);
    uint8_t bytes[WT_SOUP_LOGIN_REQUEST_LENGTH];
    int length = wt_soup_put_login_request(bytes, sizeof bytes, &login);
    if (length < 0)
        return length;
    int rc = put(g, bytes, length, now_ns);
    g->tried_ns = now_ns;
    g->login_sent = rc == 0;
    return rc;
}

static bool not_yet(int rc)
{
    return rc == -EAGAIN || rc == -EINPROGRESS;
}

/* Half of the pause is certain, the other half is drawn. */
static void plan_retry(struct wt_gateway *g, uint64_t now_ns)
{
    const struct wt_gateway_config *c = &g->config;
    if (!c->retry_min_ns || g->stopped || g->open || g->state != WT_GATEWAY_DOWN || g->retry_ns)
        return;
    uint64_t pause = c->retry_min_ns;
    for (unsigned i = 0; i < g->attempts && pause < c->retry_max_ns; i++)
        pause *= 2;
    if (pause > c->retry_max_ns)
        pause = c->retry_max_ns;
    g->random = g->random * 6364136223846793005u + 1442695040888963407u;
    g->retry_ns = now_ns + pause - pause / 2 + (g->random >> 33) % (pause / 2 + 1);
}

int wt_gateway_start(struct wt_gateway *g, uint64_t now_ns)
{
    if (g->open)
        return -EALREADY;
    g->retry_ns = 0;
    g->stopped = false;
    g->query_sent = false;
    int rc = g->stream.connect(g->stream.ctx);
    if (rc < 0 && rc != -EINPROGRESS) {
        plan_retry(g, now_ns);
        return rc;
    }
    g->open = true;
    g->login_sent = false;
    g->sent_ns = now_ns;
    g->heard_ns = now_ns;
    wt_soup_init(&g->parser, WT_SOUP_FROM_SERVER);
    set_state(g, WT_GATEWAY_LOGGING_IN, "connecting");
    rc = send_login(g, now_ns);
    if (rc < 0 && !not_yet(rc)) {
        leave(g, WT_GATEWAY_DOWN, "the login could not be sent");
        plan_retry(g, now_ns);
        return rc;
    }
    return 0;
}

static void remember(struct wt_gateway *g, uint32_t id, uint8_t owner)
{
    g->owners[id % OWNERS] = (struct owner){id, owner};
}

/* The OMS may cancel an order that it knows only by number: the venue has told its whole name. */
static int encode42(const struct wt_gateway *g, const struct wt_order_request *request, uint8_t *to, size_t room)
{
    struct wt_order_request r = *request;
    uint32_t named = r.kind == WT_REQUEST_REPLACE ? r.replaced : r.id;
    const struct owner *known = &g->owners[named % OWNERS];
    if (r.kind != WT_REQUEST_ENTER && known->id == named)
        r.owner = known->owner;
    return wt_request_encode(&g->terms, &r, to, room);
}

int wt_gateway_encode(const struct wt_gateway *g, const struct wt_order_request *request, uint8_t *to, size_t room)
{
    if (g->owners)
        return encode42(g, request, to, room);
    return wt_request_encode(&g->terms, request, to, room);
}

static bool logged_in(const struct wt_gateway *g)
{
    return g->state == WT_GATEWAY_UP || g->state == WT_GATEWAY_SYNCING || g->state == WT_GATEWAY_CLOSED;
}

int wt_gateway_replace(struct wt_gateway *g, uint32_t id, uint8_t owner, uint32_t replaced, uint32_t shares,
                       uint32_t price)
{
    struct wt_tap *tap = g->quick;
    uint8_t *to;
    if (__builtin_expect(!tap, 0) || __builtin_expect(!(to = wt_tap_room(tap)), 0) ||
        __builtin_expect(!wt_request_replace(&g->terms, id, owner, replaced, shares, price, to), 0))
        return 1;
    return wt_tap_send_room(tap, to, WT_REQUEST_REPLACE_LENGTH);
}

static void left(struct wt_gateway *g, unsigned kind, uint32_t id, uint8_t owner)
{
    if (kind != WT_REQUEST_CANCEL) {
        g->terms.last_id = id;
        wt_request_ready(&g->terms, owner);
        if (g->owners)
            remember(g, id, owner);
    }
    g->stats.sent++;
}

void wt_gateway_replaced(struct wt_gateway *g, uint32_t id, uint8_t owner, uint64_t now_ns)
{
    g->sent_ns = now_ns;
    g->stats.bytes_out += WT_REQUEST_REPLACE_LENGTH;
    left(g, WT_REQUEST_REPLACE, id, owner);
}

int wt_gateway_send(struct wt_gateway *g, const struct wt_order_request *request, uint64_t now_ns)
{
    if (g->state != WT_GATEWAY_UP && (g->state != WT_GATEWAY_CLOSED || request->kind != WT_REQUEST_CANCEL))
        return -ENOTCONN;
    uint8_t bytes[WT_REQUEST_MAX];
    int length = wt_gateway_encode(g, request, bytes, sizeof bytes);
    if (length < 0)
        return length;
    int rc = put(g, bytes, length, now_ns);
    if (rc < 0)
        return rc;
    left(g, request->kind, request->id, request->owner);
    return 0;
}

/* Prices of the venue are 64 bits wide, those of the host 32: more than OUCH's own maximum is malformed. */
static bool narrow_price(const struct wt_ouch *m, struct wt_exec_report *report)
{
    report->price = (uint32_t)m->price;
    return m->price <= UINT32_MAX;
}

/* 1: a report; 0: a message that needs none; -EBADMSG. */
static int make_report(const struct wt_ouch *m, struct wt_exec_report *report)
{
    memset(report, 0, sizeof *report);
    report->id = m->user_ref;
    report->shares = m->quantity;
    report->venue_ns = m->timestamp;
    report->match = m->match;
    report->venue_ref = m->order_ref;
    report->reason = m->reason;
    switch (m->type) {
    case WT_OUCH_REPLACED:
        report->replaced = m->orig_ref;
        /* fall through */
    case WT_OUCH_ACCEPTED:
        report->type = m->type == WT_OUCH_ACCEPTED ? WT_EXEC_ACCEPTED : WT_EXEC_REPLACED;
        report->dead = m->state == 'D';
        return (m->state == 'L' || m->state == 'D') && narrow_price(m, report) ? 1 : -EBADMSG;
    case WT_OUCH_EXECUTED:
        report->type = WT_EXEC_EXECUTED;
        report->liquidity = m->liquidity;
        return m->quantity > 0 && narrow_price(m, report) ? 1 : -EBADMSG;
    case WT_OUCH_CANCELED:
    case WT_OUCH_AIQ_CANCELED:
        report->type = WT_EXEC_CANCELED;
        return 1;
    case WT_OUCH_REJECTED:
        report->type = WT_EXEC_REJECTED;
        return 1;
    case WT_OUCH_CANCEL_REJECTED:
        report->type = WT_EXEC_CANCEL_REJECTED;
        return 1;
    case WT_OUCH_CANCEL_PENDING:
        report->type = WT_EXEC_CANCEL_PENDING;
        return 1;
    case WT_OUCH_BROKEN:
        report->type = WT_EXEC_BROKEN;
        return 1;
    case WT_OUCH_PRIORITY:
        report->type = WT_EXEC_PRIORITY;
        return narrow_price(m, report) ? 1 : -EBADMSG;
    case WT_OUCH_QUERY_RESPONSE:
        report->type = WT_EXEC_SYNCED;
        return 1;
    }
    return 0;
}

/* The same of a message of OUCH 4.2. A name that is not ours is a report of order 0, which the OMS does not know. */
static int make_report42(struct wt_gateway *g, const struct wt_ouch42 *m42, struct wt_exec_report *report, char *event)
{
    uint8_t options[WT_OUCH42_OPTIONS], owner = 0;
    const char *why;
    struct wt_ouch42 of = *m42;
    struct wt_ouch m;
    bool corrected = of.type == WT_OUCH42_TRADE_CORRECTION;
    if (of.type == WT_OUCH42_TRADE_NOW)
        return 0;
    if (corrected)
        of.type = WT_OUCH_EXECUTED;
    if (wt_ouch42_to_50(WT_OUCH_OUT, &of, &m, options, &why))
        return -EBADMSG;
    m.user_ref = wt_request_id(of.token, &owner);
    if (m.user_ref)
        remember(g, m.user_ref, owner);
    if (m.type == WT_OUCH_REPLACED)
        m.orig_ref = wt_request_id(of.existing, &owner);
    *event = m.type == WT_OUCH_SYSTEM ? m.event : '\0';
    int rc = make_report(&m, report);
    if (rc > 0 && corrected)
        report->type = WT_EXEC_CORRECTED;
    return rc;
}

static void count(struct wt_gateway_stats *stats, enum wt_exec_type type)
{
    switch (type) {
    case WT_EXEC_ACCEPTED:
        stats->accepted++;
        break;
    case WT_EXEC_REPLACED:
        stats->replaced++;
        break;
    case WT_EXEC_EXECUTED:
        stats->executed++;
        break;
    case WT_EXEC_CANCELED:
        stats->canceled++;
        break;
    case WT_EXEC_REJECTED:
        stats->rejected++;
        break;
    default:
        stats->other++;
    }
}

/* Up, or closed when the venue's day is over. */
static void set_up(struct wt_gateway *g, const char *why)
{
    set_state(g, WT_GATEWAY_UP, why);
    if (g->day_over)
        set_state(g, WT_GATEWAY_CLOSED, "the venue's day is over");
}

static void take_system_event(struct wt_gateway *g, char event)
{
    g->day_over = event == 'E' || (g->day_over && event != 'S');
    if (g->day_over && g->state == WT_GATEWAY_UP)
        set_up(g, NULL);
}

static void give(struct wt_gateway *g, struct wt_exec_report *report, uint64_t sequence)
{
    report->sequence = sequence;
    count(&g->stats, report->type);
    if (g->handler.exec)
        g->handler.exec(g->handler.ctx, report);
    if (report->type == WT_EXEC_SYNCED && g->state == WT_GATEWAY_SYNCING && g->query_sent) {
        g->attempts = 0;
        set_up(g, "every missed report is here");
    }
}

/* 1: a report; 0: a message that needs none, which may be a system event; -EBADMSG. */
static int read_message(struct wt_gateway *g, const struct wt_soup_packet *packet, struct wt_exec_report *report,
                        char *event)
{
    if (g->config.dialect == WT_OUCH_42) {
        struct wt_ouch42 m;
        return wt_ouch42_decode(WT_OUCH_OUT, packet->payload, packet->length, &m) ? -EBADMSG
                                                                                  : make_report42(g, &m, report, event);
    }
    struct wt_ouch m;
    if (wt_ouch_decode(WT_OUCH_OUT, packet->payload, packet->length, &m))
        return -EBADMSG;
    *event = m.type == WT_OUCH_SYSTEM ? m.event : '\0';
    return make_report(&m, report);
}

static void take_message(struct wt_gateway *g, const struct wt_soup_packet *packet, uint64_t sequence)
{
    struct wt_exec_report report;
    char event = '\0';
    int rc = read_message(g, packet, &report, &event);
    if (rc < 0) {
        g->stats.malformed++;
        return;
    }
    if (rc == 0 || (report.type == WT_EXEC_SYNCED && !g->config.sync)) {
        g->stats.other++;
        if (event)
            take_system_event(g, event);
        return;
    }
    give(g, &report, sequence);
}

/* OUCH 4.2: the venue had nothing to send for a second, so every missed report is here. */
static void take_heartbeat(struct wt_gateway *g)
{
    struct wt_exec_report report;
    if (g->config.dialect != WT_OUCH_42 || g->state != WT_GATEWAY_SYNCING)
        return;
    memset(&report, 0, sizeof report);
    report.type = WT_EXEC_SYNCED;
    give(g, &report, g->next - 1);
}

static void take_login(struct wt_gateway *g, const struct wt_soup_packet *packet)
{
    struct wt_soup_login_accepted accepted;
    if (wt_soup_get_login_accepted(packet, &accepted) < 0 || accepted.sequence == 0) {
        g->stats.malformed++;
        leave(g, WT_GATEWAY_DOWN, "login accepted without a sequence number");
        return;
    }
    /* Numbers that come again would be old reports, or other ones of a venue that lost its memory: neither may
     * reach the OMS as news. */
    if ((g->next != 0 || g->session[0] != '\0') && accepted.sequence < g->wanted) {
        wt_error("gateway: sequence %llu of session %s was asked for, the venue begins again at %llu",
                 (unsigned long long)g->wanted, accepted.session, (unsigned long long)accepted.sequence);
        leave(g, WT_GATEWAY_DOWN, "the venue's stream went back");
        return;
    }
    /* Reports between what we asked for and what we get are lost to us; the session is usable. */
    if (g->wanted != 0 && accepted.sequence > g->wanted) {
        wt_warn("gateway: sequence %llu of session %s was asked for, the venue begins at %llu: reports are lost",
                (unsigned long long)g->wanted, accepted.session, (unsigned long long)accepted.sequence);
        g->stats.lost += accepted.sequence - g->wanted;
    }
    memcpy(g->session, accepted.session, sizeof g->session);
    g->next = accepted.sequence;
    g->query_sent = g->config.dialect == WT_OUCH_42; /* it has none to send */
    if (!g->config.sync)
        g->attempts = 0;
    if (g->config.sync)
        set_state(g, WT_GATEWAY_SYNCING, "login accepted");
    else
        set_up(g, "login accepted");
}

static void take_packet(struct wt_gateway *g, const struct wt_soup_packet *packet)
{
    switch (packet->type) {
    case WT_SOUP_LOGIN_ACCEPTED:
        if (g->state == WT_GATEWAY_LOGGING_IN)
            take_login(g, packet);
        else
            g->stats.malformed++;
        break;
    case WT_SOUP_LOGIN_REJECTED:
        if (g->state == WT_GATEWAY_LOGGING_IN)
            leave(g, WT_GATEWAY_REJECTED,
                  packet->payload[0] == WT_SOUP_REJECT_NOT_AUTHORIZED
                      ? "login rejected: user name or password is wrong (A)"
                      : (packet->payload[0] == WT_SOUP_REJECT_NO_SESSION ? "login rejected: session not available (S)"
                                                                         : "login rejected for an unknown reason"));
        else
            g->stats.malformed++;
        break;
    case WT_SOUP_SEQUENCED:
        if (logged_in(g))
            take_message(g, packet, g->next++);
        else
            g->stats.malformed++;
        break;
    case WT_SOUP_END_OF_SESSION:
        /* The next session counts from 1 again, under a name that only the venue knows. */
        leave(g, WT_GATEWAY_ENDED, "the venue ended the session");
        g->session[0] = '\0';
        g->day_over = false;
        g->wanted = 1;
        g->next = 0;
        break;
    case WT_SOUP_SERVER_HEARTBEAT:
        take_heartbeat(g);
        break;
    default:
        g->stats.other++;
    }
}

static void send_query(struct wt_gateway *g, uint64_t now_ns)
{
    const struct wt_ouch query = {.type = WT_OUCH_QUERY};
    uint8_t body[WT_OUCH_MAX_BASE], bytes[WT_SOUP_HEADER + WT_OUCH_MAX_BASE];
    int length = wt_ouch_encode(WT_OUCH_IN, &query, body, sizeof body);
    g->tried_ns = now_ns;
    if (length > 0)
        length = wt_soup_put(bytes, sizeof bytes, WT_SOUP_UNSEQUENCED, body, (size_t)length);
    g->query_sent = length > 0 && put(g, bytes, length, now_ns) == 0;
}

static int poll_session(struct wt_gateway *g, uint64_t now_ns)
{
    int taken = 0;
    if (!g->open)
        return -ENOTCONN;
    if (!g->login_sent) {
        int rc = send_login(g, now_ns);
        if (rc < 0 && !not_yet(rc)) {
            leave(g, WT_GATEWAY_DOWN, "the connection did not come about");
            return -ENOTCONN;
        }
    }
    if (g->state == WT_GATEWAY_SYNCING && !g->query_sent)
        send_query(g, now_ns);
    bool closed = false;
    while (g->open && taken < ENOUGH) {
        size_t room;
        uint8_t *to = wt_soup_room(&g->parser, &room);
        ssize_t got = g->stream.recv(g->stream.ctx, to, room);
        if (got == 0 || got == -EAGAIN || got == -EINPROGRESS)
            break;
        closed = got < 0;
        if (closed)
            break;
        wt_soup_commit(&g->parser, (size_t)got);
        g->stats.bytes_in += (uint64_t)got;
        g->heard_ns = now_ns;
        struct wt_soup_packet packet;
        int rc;
        while (g->open && (rc = wt_soup_next(&g->parser, &packet)) != 0) {
            taken++;
            if (rc < 0)
                g->stats.malformed++;
            else
                take_packet(g, &packet);
        }
    }
    if (g->state == WT_GATEWAY_SYNCING && !g->query_sent)
        send_query(g, now_ns);
    if (g->open && closed)
        leave(g, WT_GATEWAY_DOWN, "the venue closed the connection");
    if (g->open && now_ns >= g->heard_ns + g->config.dead_ns)
        leave(g, WT_GATEWAY_DOWN, logged_in(g) ? "the venue is silent" : "no answer to the login");
    if (logged_in(g) && now_ns >= g->sent_ns + g->config.heartbeat_ns) {
        uint8_t bytes[WT_SOUP_HEADER];
        g->tried_ns = now_ns;
        if (put(g, bytes, wt_soup_put(bytes, sizeof bytes, WT_SOUP_CLIENT_HEARTBEAT, NULL, 0), now_ns) == 0)
            g->stats.heartbeats_sent++;
    }
    return taken > 0 || g->open ? taken : -ENOTCONN;
}

int wt_gateway_poll(struct wt_gateway *g, uint64_t now_ns)
{
    if (g->retry_ns && !g->open && now_ns >= g->retry_ns) {
        g->retry_ns = 0;
        g->attempts++;
        g->stats.retries++;
        if (g->handler.retry)
            g->handler.retry(g->handler.ctx, g->attempts);
        wt_gateway_start(g, now_ns);
    }
    int taken = poll_session(g, now_ns);
    plan_retry(g, now_ns);
    return taken;
}

uint64_t wt_gateway_deadline(const struct wt_gateway *g)
{
    if (!g->open)
        return g->retry_ns ? g->retry_ns : UINT64_MAX;
    uint64_t dead = g->heard_ns + g->config.dead_ns;
    uint64_t heartbeat = g->sent_ns + g->config.heartbeat_ns, retry = g->tried_ns + RETRY_NS;
    uint64_t other = dead;
    if (!g->login_sent || (g->state == WT_GATEWAY_SYNCING && !g->query_sent))
        other = retry;
    else if (logged_in(g))
        other = g->tried_ns < heartbeat ? heartbeat : retry;
    return other < dead ? other : dead;
}

void wt_gateway_stats(const struct wt_gateway *g, struct wt_gateway_stats *stats)
{
    *stats = g->stats;
    stats->next_sequence = g->next;
}

enum wt_gateway_state wt_gateway_state(const struct wt_gateway *g)
{
    return g->state;
}

void wt_gateway_stop(struct wt_gateway *g, uint64_t now_ns)
{
    if (logged_in(g)) {
        uint8_t bytes[WT_SOUP_HEADER];
        put(g, bytes, wt_soup_put(bytes, sizeof bytes, WT_SOUP_LOGOUT_REQUEST, NULL, 0), now_ns);
    }
    leave(g, WT_GATEWAY_DOWN, "logged out");
    g->retry_ns = 0;
    g->stopped = true;
}

void wt_gateway_destroy(struct wt_gateway *g)
{
    if (!g)
        return;
    if (g->open)
        g->stream.close(g->stream.ctx);
    free(g->owners);
    free(g);
}
