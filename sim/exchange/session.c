#include "sim/exchange/session.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "host/common/bytes.h"
#include "host/common/log.h"

#define SECOND_NS 1000000000ull
#define HEARTBEAT_NS SECOND_NS
#define DEAD_NS (15 * SECOND_NS)
#define LOGIN_NS (30 * SECOND_NS)
#define MAX_WARNINGS 10 /* a client gone mad must not fill the disk */

void wt_session_warn(struct wt_session *s, const char *what)
{
    if (s->warnings < MAX_WARNINGS)
        wt_warn("exchange: at %llu ns: %s%s", (unsigned long long)s->now_ns, what,
                ++s->warnings == MAX_WARNINGS ? " (no more of these)" : "");
}

bool wt_session_chance(struct wt_session *s, uint32_t ppm)
{
    return ppm != 0 && wt_random_below(&s->random, 1000000) < ppm;
}

/* ---------------------------------------------------------------- the connection */

static void put_bytes(struct wt_session *s, const uint8_t *bytes, int length)
{
    uint64_t when = s->now_ns + wt_latency_next(&s->out_latency);
    if (wt_session_chance(s, s->config.faults.delay_ppm)) {
        when += s->config.faults.delay_ns;
        s->happened.delayed++;
    }
    if (length < 0 || wt_pipe_put(&s->out, WT_PIPE_BYTES, s->connection, bytes, (size_t)length, when) < 0)
        wt_error("exchange: a packet to the client is lost: no memory");
    s->sent_ns = s->now_ns;
}

static void close_connection(struct wt_session *s)
{
    if (s->state == WT_SESSION_CLOSED)
        return;
    s->gone |= s->state == WT_SESSION_LOGGED_IN;
    s->state = WT_SESSION_CLOSED;
    wt_pipe_put(&s->out, WT_PIPE_CLOSE, s->connection, NULL, 0, s->now_ns + wt_latency_next(&s->out_latency));
}

/* A whole packet, or what of it is sent when the connection ends there. */
static void put_whole(struct wt_session *s, const uint8_t *bytes, int length)
{
    if (length > 0 && s->state != WT_SESSION_CLOSED && wt_session_chance(s, s->config.faults.disconnect_ppm)) {
        s->happened.disconnected++;
        put_bytes(s, bytes, (int)wt_random_below(&s->random, (uint64_t)length));
        close_connection(s);
    } else {
        put_bytes(s, bytes, length);
    }
}

static void put_packet(struct wt_session *s, char type, const void *payload, size_t length)
{
    uint8_t bytes[WT_SOUP_HEADER + 256];
    put_whole(s, bytes, wt_soup_put(bytes, sizeof bytes, type, payload, length));
}

/* Tell the owner of a closed connection: not at once, for the book may be in the middle of something. */
static void settle(struct wt_session *s)
{
    if (!s->gone)
        return;
    s->gone = false;
    if (s->ops.closed)
        s->ops.closed(s);
}

void wt_session_close(struct wt_session *s, uint64_t now_ns)
{
    s->now_ns = now_ns;
    close_connection(s);
    settle(s);
}

/* ---------------------------------------------------------------- the sequenced stream */

static bool keep(struct wt_session *s, const uint8_t *bytes, size_t length)
{
    size_t need = s->log_length + 2 + length;
    if (need > s->log_room) {
        size_t room = s->log_room ? 2 * s->log_room : 65536;
        uint8_t *log = realloc(s->log, room);
        if (!log) {
            wt_error("exchange: a message to the client is lost: no memory");
            return false;
        }
        s->log = log;
        s->log_room = room;
    }
    wt_put_be16(s->log + s->log_length, (uint16_t)length);
    memcpy(s->log + s->log_length + 2, bytes, length);
    s->log_length = need;
    s->next_sequence++;
    return true;
}

void wt_session_send_bytes(struct wt_session *s, const uint8_t *bytes, size_t length)
{
    const struct wt_session_faults *f = &s->config.faults;
    if (!keep(s, bytes, length))
        return;
    bool twice = wt_session_chance(s, f->duplicate_ppm) && keep(s, bytes, length);
    s->happened.duplicated += twice;
    if (s->state != WT_SESSION_LOGGED_IN)
        return;
    if (wt_session_chance(s, f->lost_ppm)) {
        s->happened.lost++;
        close_connection(s);
    } else {
        put_packet(s, WT_SOUP_SEQUENCED, bytes, length);
        if (twice && s->state == WT_SESSION_LOGGED_IN)
            put_packet(s, WT_SOUP_SEQUENCED, bytes, length);
    }
}

void wt_session_send(struct wt_session *s, const struct wt_ouch *message)
{
    uint8_t bytes[256];
    int length = s->config.dialect == WT_OUCH_42 ? wt_tokens_encode(&s->tokens, message, bytes, sizeof bytes)
                                                 : wt_ouch_encode(WT_OUCH_OUT, message, bytes, sizeof bytes);
    if (wt_ledger_answer(&s->ledger, message) < 0)
        wt_error("exchange: an answer is missing in the ledger: no memory");
    if (length < 0)
        wt_error("exchange: message '%c' could not be encoded", message->type);
    else
        wt_session_send_bytes(s, bytes, (size_t)length);
}

/* Send again what was sent from a sequence number on. */
static void send_from(struct wt_session *s, uint64_t sequence)
{
    uint64_t at = 1;
    for (size_t offset = 0; offset < s->log_length && s->state == WT_SESSION_LOGGED_IN; at++) {
        size_t length = wt_be16(s->log + offset);
        if (at >= sequence)
            put_packet(s, WT_SOUP_SEQUENCED, s->log + offset + 2, length);
        offset += 2 + length;
    }
}

/* ---------------------------------------------------------------- SoupBinTCP */

char wt_session_check_login(const struct wt_session *s, const struct wt_soup_login_request *login)
{
    if (!wt_soup_same_name(login->username, s->config.username) ||
        !wt_soup_same_name(login->password, s->config.password))
        return WT_SOUP_REJECT_NOT_AUTHORIZED;
    if (login->session[0] != '\0' && !wt_soup_same_name(login->session, s->config.name))
        return WT_SOUP_REJECT_NO_SESSION;
    return 0;
}

static void take_login(struct wt_session *s, const struct wt_soup_packet *packet)
{
    struct wt_soup_login_request login;
    char no;
    if (wt_soup_get_login_request(packet, &login) < 0) {
        s->stats->malformed++;
        no = WT_SOUP_REJECT_NOT_AUTHORIZED;
    } else {
        no = wt_session_check_login(s, &login);
    }
    if (no != 0) {
        put_packet(s, WT_SOUP_LOGIN_REJECTED, &no, 1);
        close_connection(s);
        return;
    }
    if (s->ops.login)
        s->ops.login(s);
    struct wt_soup_login_accepted accepted = {.sequence = login.sequence};
    memcpy(accepted.session, s->config.name, sizeof accepted.session);
    if (accepted.sequence == 0 || accepted.sequence > s->next_sequence)
        accepted.sequence = s->next_sequence;
    uint8_t bytes[WT_SOUP_LOGIN_ACCEPTED_LENGTH];
    s->state = WT_SESSION_LOGGED_IN;
    s->stats->logins++;
    s->expected = true;
    put_whole(s, bytes, wt_soup_put_login_accepted(bytes, sizeof bytes, &accepted));
    send_from(s, accepted.sequence);
}

static void take_packet(struct wt_session *s, const struct wt_soup_packet *packet)
{
    if (packet->type == WT_SOUP_DEBUG)
        return;
    if (packet->type == WT_SOUP_LOGOUT_REQUEST) {
        s->expected = false;
        close_connection(s);
        return;
    }
    bool login = packet->type == WT_SOUP_LOGIN_REQUEST;
    if (login != (s->state == WT_SESSION_CONNECTED)) {
        s->stats->malformed++;
        wt_session_warn(s,
                        login ? "a second login: connection closed" : "a packet before the login: connection closed");
        close_connection(s);
    } else if (login) {
        take_login(s, packet);
    } else if (packet->type == WT_SOUP_UNSEQUENCED && s->ops.message) {
        s->ops.message(s, packet->payload, packet->length);
    }
}

static void take_bytes(struct wt_session *s, enum wt_pipe_kind kind, uint32_t connection, bool deaf)
{
    if (kind == WT_PIPE_OPEN) {
        /* A client that went away without a word and came back. */
        close_connection(s);
        s->state = WT_SESSION_CONNECTED;
        s->connection = connection;
        s->sent_ns = s->now_ns;
        wt_soup_init(&s->parser, WT_SOUP_FROM_CLIENT);
    } else if (kind == WT_PIPE_CLOSE) {
        s->expected = false;
        close_connection(s);
    }
    s->heard_ns = s->now_ns;
    struct wt_soup_packet packet;
    int rc;
    while (s->state != WT_SESSION_CLOSED && (rc = wt_soup_next(&s->parser, &packet)) != 0) {
        if (rc > 0) {
            take_packet(s, &packet);
        } else {
            s->stats->malformed++;
            wt_session_warn(s, "a malformed SoupBinTCP packet: connection closed");
            close_connection(s);
        }
    }
    if (deaf)
        close_connection(s);
    if (s->state == WT_SESSION_CLOSED)
        wt_soup_init(&s->parser, WT_SOUP_FROM_CLIENT);
}

void wt_session_take(struct wt_session *s, uint64_t now_ns)
{
    s->now_ns = now_ns;
    for (;;) {
        size_t room;
        uint8_t *to = wt_soup_room(&s->parser, &room);
        enum wt_pipe_kind kind;
        uint32_t connection;
        ssize_t length = wt_pipe_take(&s->in, now_ns, to, room, &kind, &connection);
        if (kind == WT_PIPE_NOTHING)
            break;
        /* What comes on a connection that we closed goes nowhere. */
        if (kind != WT_PIPE_OPEN && (connection != s->connection || s->state == WT_SESSION_CLOSED))
            continue;
        bool deaf = length > 0 && wt_session_chance(s, s->config.faults.deaf_ppm);
        if (deaf)
            length = (ssize_t)wt_random_below(&s->random, (uint64_t)length);
        s->happened.deaf += deaf;
        if (length > 0)
            wt_soup_commit(&s->parser, (size_t)length);
        take_bytes(s, kind, connection, deaf);
    }
    settle(s);
}

void wt_session_timers(struct wt_session *s, uint64_t now_ns)
{
    s->now_ns = now_ns;
    uint64_t patience = s->state == WT_SESSION_LOGGED_IN ? DEAD_NS : LOGIN_NS;
    if (s->state != WT_SESSION_CLOSED && now_ns >= s->heard_ns + patience) {
        wt_session_warn(s, "the client is silent: connection closed");
        close_connection(s);
    }
    if (s->state == WT_SESSION_LOGGED_IN && now_ns >= s->sent_ns + HEARTBEAT_NS)
        put_packet(s, WT_SOUP_SERVER_HEARTBEAT, NULL, 0);
    settle(s);
}

uint64_t wt_session_timer_ns(const struct wt_session *s)
{
    if (s->gone)
        return s->now_ns;
    if (s->state == WT_SESSION_CLOSED)
        return UINT64_MAX;
    if (s->state == WT_SESSION_CONNECTED)
        return s->heard_ns + LOGIN_NS;
    uint64_t heartbeat = s->sent_ns + HEARTBEAT_NS, dead = s->heard_ns + DEAD_NS;
    return heartbeat < dead ? heartbeat : dead;
}

void wt_session_init(struct wt_session *s, const struct wt_session_config *config, struct wt_exchange_stats *stats)
{
    memset(s, 0, offsetof(struct wt_session, parser));
    s->config = *config;
    s->stats = stats;
    s->next_sequence = 1;
    wt_random_seed(&s->random, config->faults.seed);
    wt_latency_constant(&s->out_latency, config->order_out_ns);
    wt_soup_init(&s->parser, WT_SOUP_FROM_CLIENT);
}

void wt_session_free(struct wt_session *s)
{
    wt_pipe_free(&s->in);
    wt_pipe_free(&s->out);
    wt_latency_free(&s->in_latency);
    wt_latency_free(&s->out_latency);
    wt_tokens_free(&s->tokens);
    wt_ledger_free(&s->ledger);
    free(s->log);
}
