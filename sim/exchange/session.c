#include "sim/exchange/session.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "host/common/bytes.h"
#include "host/common/log.h"
#include "host/gateway/ouch.h"

#define SECOND_NS 1000000000ull
#define HEARTBEAT_NS SECOND_NS
#define DEAD_NS (15 * SECOND_NS)
#define LOGIN_NS (30 * SECOND_NS)
#define MAX_WARNINGS 10 /* a client gone mad must not fill the disk */
#define CENT 100u
#define DOLLAR 10000u

static void warn(struct wt_session *s, const char *what)
{
    if (s->warnings < MAX_WARNINGS)
        wt_warn("exchange: at %llu ns: %s%s", (unsigned long long)s->now_ns, what,
                ++s->warnings == MAX_WARNINGS ? " (no more of these)" : "");
}

/* ---------------------------------------------------------------- the connection */

static void put_bytes(struct wt_session *s, const uint8_t *bytes, int length)
{
    if (length < 0 || wt_pipe_put(&s->out, WT_PIPE_BYTES, s->connection, bytes, (size_t)length,
                                  s->now_ns + s->config->order_out_ns) < 0)
        wt_error("exchange: a packet to the client is lost: no memory");
    s->sent_ns = s->now_ns;
}

static void put_packet(struct wt_session *s, char type, const void *payload, size_t length)
{
    uint8_t bytes[WT_SOUP_HEADER + 256];
    put_bytes(s, bytes, wt_soup_put(bytes, sizeof bytes, type, payload, length));
}

static void close_connection(struct wt_session *s)
{
    if (s->state == WT_SESSION_CLOSED)
        return;
    s->state = WT_SESSION_CLOSED;
    wt_pipe_put(&s->out, WT_PIPE_CLOSE, s->connection, NULL, 0, s->now_ns + s->config->order_out_ns);
}

/* ---------------------------------------------------------------- the sequenced stream */

static void send_message(struct wt_session *s, const struct wt_ouch *message)
{
    uint8_t bytes[256];
    int length = wt_ouch_encode(WT_OUCH_OUT, message, bytes, sizeof bytes);
    if (length < 0) {
        wt_error("exchange: message '%c' could not be encoded", message->type);
        return;
    }
    size_t need = s->log_length + 2 + (size_t)length;
    if (need > s->log_room) {
        size_t room = s->log_room ? 2 * s->log_room : 65536;
        uint8_t *log = realloc(s->log, room);
        if (!log) {
            wt_error("exchange: a message to the client is lost: no memory");
            return;
        }
        s->log = log;
        s->log_room = room;
    }
    wt_put_be16(s->log + s->log_length, (uint16_t)length);
    memcpy(s->log + s->log_length + 2, bytes, (size_t)length);
    s->log_length = need;
    s->next_sequence++;
    if (s->state == WT_SESSION_LOGGED_IN)
        put_packet(s, WT_SOUP_SEQUENCED, bytes, (size_t)length);
}

/* Send again what was sent from a sequence number on. */
static void send_from(struct wt_session *s, uint64_t sequence)
{
    uint64_t at = 1;
    for (size_t offset = 0; offset < s->log_length; at++) {
        size_t length = wt_be16(s->log + offset);
        if (at >= sequence)
            put_packet(s, WT_SOUP_SEQUENCED, s->log + offset + 2, length);
        offset += 2 + length;
    }
}

/* ---------------------------------------------------------------- what the matcher tells */

static void on_executed(void *ctx, const struct wt_own_order *o, uint32_t shares, uint32_t price, char liquidity,
                        uint64_t match)
{
    struct wt_session *s = ctx;
    s->stats->executed++;
    s->stats->executed_shares += shares;
    struct wt_ouch m = {.type = WT_OUCH_EXECUTED,
                        .timestamp = s->now_ns,
                        .user_ref = o->user_ref,
                        .quantity = shares,
                        .price = price,
                        .liquidity = liquidity,
                        .match = match};
    send_message(s, &m);
}

static void on_canceled(void *ctx, const struct wt_own_order *o, uint32_t shares, char reason)
{
    struct wt_session *s = ctx;
    s->stats->canceled++;
    struct wt_ouch m = {.type = WT_OUCH_CANCELED,
                        .timestamp = s->now_ns,
                        .user_ref = o->user_ref,
                        .quantity = shares,
                        .reason = (uint8_t)reason};
    send_message(s, &m);
}

static void on_self_match(void *ctx, const struct wt_own_order *o, uint32_t shares, uint32_t price)
{
    struct wt_session *s = ctx;
    s->stats->canceled++;
    struct wt_ouch m = {.type = WT_OUCH_AIQ_CANCELED,
                        .timestamp = s->now_ns,
                        .user_ref = o->user_ref,
                        .quantity = shares,
                        .reason = 'Q',
                        .prevented = shares,
                        .price = price,
                        .liquidity = 'R',
                        .aiq_strategy = 'N'}; /* newest canceled */
    send_message(s, &m);
}

/* ---------------------------------------------------------------- OUCH */

static void reject(struct wt_session *s, const struct wt_ouch *in, enum wt_ouch_reject reason)
{
    s->stats->rejected++;
    struct wt_ouch m = {
        .type = WT_OUCH_REJECTED, .timestamp = s->now_ns, .user_ref = in->user_ref, .reason = (uint16_t)reason};
    memcpy(m.cl_ord_id, in->cl_ord_id, sizeof m.cl_ord_id);
    send_message(s, &m);
}

/* A number that was used, or one below it, gets no answer (protocols.md, end of section 4). */
static bool new_ref(struct wt_session *s, uint32_t user_ref)
{
    if (user_ref > s->last_ref)
        return true;
    s->stats->ignored++;
    return false;
}

/* What is wrong with the options; 0: nothing. An option that asks for what this exchange does not do is refused,
 * never ignored. */
static unsigned check_options(const struct wt_ouch *in)
{
    struct wt_ouch_option option;
    size_t offset = 0;
    while (wt_ouch_option_next(in->options, in->options_length, &offset, &option) > 0) {
        uint64_t value = wt_ouch_option_number(&option);
        switch (option.tag) {
        case WT_OUCH_TAG_FIRM:
        case WT_OUCH_TAG_CUSTOMER_TYPE:
        case WT_OUCH_TAG_SHARES_LOCATED:
        case WT_OUCH_TAG_USER_REF_IDX:
        case WT_OUCH_TAG_GROUP_ID:
            break;
        case WT_OUCH_TAG_MIN_QTY:
            if (value != 0)
                return WT_OUCH_REJECT_MIN_QTY;
            break;
        case WT_OUCH_TAG_MAX_FLOOR:
            if (value != 0)
                return WT_OUCH_REJECT_MAX_FLOOR;
            break;
        case WT_OUCH_TAG_PRICE_TYPE:
            if (value != 'L')
                return WT_OUCH_REJECT_PEG_TYPE;
            break;
        case WT_OUCH_TAG_POST_ONLY:
        case WT_OUCH_TAG_TRADE_NOW:
            if (value != 'N')
                return WT_OUCH_REJECT_OTHER;
            break;
        case WT_OUCH_TAG_ROUTE:
            return WT_OUCH_REJECT_ROUTING;
        default:
            return WT_OUCH_REJECT_OTHER;
        }
    }
    return 0;
}

/* What Enter and Replace have in common; 0: nothing is wrong. */
static unsigned check_terms(const struct wt_ouch *in)
{
    if (in->quantity < 1 || in->quantity > WT_OUCH_MAX_QUANTITY)
        return WT_OUCH_REJECT_QUANTITY;
    if (in->price < 1 || in->price > WT_OUCH_MAX_PRICE || (in->price >= DOLLAR && in->price % CENT != 0))
        return WT_OUCH_REJECT_PRICE;
    if (in->tif != '0' && in->tif != '3')
        return WT_OUCH_REJECT_OTHER;
    if (in->display != 'Y' && in->display != 'A')
        return WT_OUCH_REJECT_DISPLAY;
    if (in->iso != 'N')
        return WT_OUCH_REJECT_ISO;
    return check_options(in);
}

static bool one_of(const char *set, char c)
{
    return c != '\0' && strchr(set, c);
}

static unsigned check_enter(const struct wt_session *s, const struct wt_ouch *in, int locate)
{
    if (s->disabled)
        return WT_OUCH_REJECT_FIRM;
    if (s->closed)
        return WT_OUCH_REJECT_CLOSED;
    if (locate < 0)
        return WT_OUCH_REJECT_SYMBOL;
    if (!one_of("BSTE", in->side))
        return WT_OUCH_REJECT_SIDE;
    if (in->cross != 'N')
        return WT_OUCH_REJECT_CROSS;
    if (!one_of("APRO", in->capacity))
        return WT_OUCH_REJECT_OTHER;
    unsigned reason = check_terms(in);
    if (reason != 0)
        return reason;
    return wt_matcher_trading(s->matcher, (uint16_t)locate) ? 0 : WT_OUCH_REJECT_HALTED;
}

static void send_accepted(struct wt_session *s, const struct wt_own_order *o, char type, uint32_t orig_ref)
{
    struct wt_ouch m = {.type = type,
                        .timestamp = s->now_ns,
                        .user_ref = o->user_ref,
                        .orig_ref = orig_ref,
                        .side = o->side,
                        .quantity = o->open,
                        .price = o->price,
                        .tif = o->tif,
                        .display = o->display,
                        .order_ref = o->order_ref,
                        .capacity = o->capacity,
                        .iso = o->iso,
                        .cross = o->cross,
                        .state = 'L'};
    memcpy(m.symbol, o->symbol, sizeof m.symbol);
    memcpy(m.cl_ord_id, o->cl_ord_id, sizeof m.cl_ord_id);
    send_message(s, &m);
}

static void enter(struct wt_session *s, const struct wt_ouch *in)
{
    s->stats->orders++;
    if (!new_ref(s, in->user_ref))
        return;
    s->last_ref = in->user_ref;
    int locate = wt_replay_find_name(s->replay, in->symbol);
    unsigned reason = check_enter(s, in, locate);
    if (reason != 0) {
        reject(s, in, (enum wt_ouch_reject)reason);
        return;
    }
    struct wt_own_order order = {.user_ref = in->user_ref,
                                 .locate = (uint16_t)locate,
                                 .side = in->side,
                                 .tif = in->tif,
                                 .display = in->display,
                                 .capacity = in->capacity,
                                 .iso = in->iso,
                                 .cross = in->cross,
                                 .price = (uint32_t)in->price,
                                 .open = in->quantity};
    memcpy(order.symbol, in->symbol, sizeof order.symbol);
    memcpy(order.cl_ord_id, in->cl_ord_id, sizeof order.cl_ord_id);
    const struct wt_own_order *o = wt_matcher_enter(s->matcher, &order);
    if (!o) {
        reject(s, in, WT_OUCH_REJECT_PROCESSING);
        return;
    }
    s->stats->accepted++;
    send_accepted(s, o, WT_OUCH_ACCEPTED, 0);
    wt_matcher_go(s->matcher);
}

static void replace(struct wt_session *s, const struct wt_ouch *in)
{
    s->stats->orders++;
    if (!new_ref(s, in->user_ref))
        return;
    struct wt_own_order *old = wt_matcher_find(s->matcher, in->orig_ref);
    if (!old || !old->live) {
        s->stats->ignored++;
        return;
    }
    /* A halted order can be canceled, but nothing may take its place now. */
    if (s->disabled || !wt_matcher_trading(s->matcher, old->locate)) {
        s->last_ref = in->user_ref;
        reject(s, in, s->disabled ? WT_OUCH_REJECT_FIRM : WT_OUCH_REJECT_HALTED);
        return;
    }
    uint32_t done = old->chain_executed + old->executed;
    if (check_terms(in) != 0 || in->quantity <= done) {
        wt_matcher_cancel(s->matcher, old, old->open, 'U');
        return;
    }
    struct wt_own_order order = *old;
    order.user_ref = in->user_ref;
    order.tif = in->tif;
    order.display = in->display;
    order.iso = in->iso;
    order.price = (uint32_t)in->price;
    order.open = in->quantity - done;
    order.chain_executed = done;
    memcpy(order.cl_ord_id, in->cl_ord_id, sizeof order.cl_ord_id);
    const struct wt_own_order *o = wt_matcher_enter(s->matcher, &order);
    if (!o) {
        reject(s, in, WT_OUCH_REJECT_PROCESSING);
        return;
    }
    s->last_ref = in->user_ref;
    /* wt_matcher_enter may have moved the orders: find the old one again. */
    wt_matcher_replace_away(s->matcher, wt_matcher_find(s->matcher, in->orig_ref));
    s->stats->replaced++;
    send_accepted(s, o, WT_OUCH_REPLACED, in->orig_ref);
    wt_matcher_go(s->matcher);
}

/* Shrink an order to an intended size, which includes what it (or those it replaced) executed. */
static uint32_t shrink_by(const struct wt_own_order *o, uint32_t size)
{
    uint32_t done = o->chain_executed + o->executed;
    uint32_t left = size > done ? size - done : 0;
    return left < o->open ? o->open - left : 0;
}

static void cancel(struct wt_session *s, const struct wt_ouch *in)
{
    struct wt_own_order *o = wt_matcher_find(s->matcher, in->user_ref);
    uint32_t shares = o && o->live ? shrink_by(o, in->quantity) : 0;
    if (shares > 0)
        wt_matcher_cancel(s->matcher, o, shares, 'U');
    else
        s->stats->ignored++;
}

static void modify(struct wt_session *s, const struct wt_ouch *in)
{
    struct wt_own_order *o = wt_matcher_find(s->matcher, in->user_ref);
    if (!o || !o->live || !one_of("STE", in->side) || !one_of("STE", o->side)) {
        s->stats->ignored++;
        return;
    }
    uint32_t shares = shrink_by(o, in->quantity);
    o->side = in->side;
    if (shares > 0)
        wt_matcher_cancel(s->matcher, o, shares, 'U');
    if (!o->live)
        return;
    struct wt_ouch m = {.type = WT_OUCH_MODIFIED,
                        .timestamp = s->now_ns,
                        .user_ref = o->user_ref,
                        .side = o->side,
                        .quantity = o->open};
    send_message(s, &m);
}

/* Mass Cancel, Disable and Enable Order Entry: they use up a UserRefNum and are answered by an echo. */
static void account_request(struct wt_session *s, const struct wt_ouch *in, char answer)
{
    if (!new_ref(s, in->user_ref))
        return;
    s->last_ref = in->user_ref;
    struct wt_ouch m = {.type = answer, .timestamp = s->now_ns, .user_ref = in->user_ref};
    memcpy(m.firm, in->firm, sizeof m.firm);
    memcpy(m.symbol, in->symbol, sizeof m.symbol);
    send_message(s, &m);
    if (in->type == WT_OUCH_MASS_CANCEL)
        wt_matcher_cancel_all(s->matcher, memcmp(in->symbol, "        ", 8) == 0 ? NULL : in->symbol, 'U');
    else
        s->disabled = in->type == WT_OUCH_DISABLE;
}

/* A message that breaks the tables. If it says which new order it would have been, say no to that order. */
static void take_malformed(struct wt_session *s, const uint8_t *bytes, size_t length)
{
    s->stats->malformed++;
    warn(s, "a malformed OUCH message of the client");
    size_t at = length > 0 && bytes[0] == WT_OUCH_REPLACE ? 5 : 1;
    if (length < at + 4 || (bytes[0] != WT_OUCH_ENTER && bytes[0] != WT_OUCH_REPLACE))
        return;
    struct wt_ouch in = {.user_ref = wt_be32(bytes + at)};
    memset(in.cl_ord_id, ' ', sizeof in.cl_ord_id);
    if (!new_ref(s, in.user_ref))
        return;
    s->last_ref = in.user_ref;
    reject(s, &in, WT_OUCH_REJECT_PROCESSING);
}

static void take_message(struct wt_session *s, const uint8_t *bytes, size_t length)
{
    struct wt_ouch in;
    if (wt_ouch_decode(WT_OUCH_IN, bytes, length, &in) < 0) {
        take_malformed(s, bytes, length);
        return;
    }
    switch (in.type) {
    case WT_OUCH_ENTER:
        enter(s, &in);
        break;
    case WT_OUCH_REPLACE:
        replace(s, &in);
        break;
    case WT_OUCH_CANCEL:
        cancel(s, &in);
        break;
    case WT_OUCH_MODIFY:
        modify(s, &in);
        break;
    case WT_OUCH_MASS_CANCEL:
        account_request(s, &in, WT_OUCH_MASS_CANCEL_RESPONSE);
        break;
    case WT_OUCH_DISABLE:
        account_request(s, &in, WT_OUCH_DISABLE_RESPONSE);
        break;
    case WT_OUCH_ENABLE:
        account_request(s, &in, WT_OUCH_ENABLE_RESPONSE);
        break;
    case WT_OUCH_QUERY: {
        struct wt_ouch m = {.type = WT_OUCH_QUERY_RESPONSE, .timestamp = s->now_ns, .user_ref = s->last_ref + 1};
        send_message(s, &m);
        break;
    }
    }
}

/* ---------------------------------------------------------------- SoupBinTCP */

static void take_login(struct wt_session *s, const struct wt_soup_packet *packet)
{
    struct wt_soup_login_request login;
    char no = 0;
    if (wt_soup_get_login_request(packet, &login) < 0) {
        s->stats->malformed++;
        no = WT_SOUP_REJECT_NOT_AUTHORIZED;
    } else if (!wt_soup_same_name(login.username, s->config->username) ||
               !wt_soup_same_name(login.password, s->config->password)) {
        no = WT_SOUP_REJECT_NOT_AUTHORIZED;
    } else if (login.session[0] != '\0' && !wt_soup_same_name(login.session, WT_SESSION_NAME)) {
        no = WT_SOUP_REJECT_NO_SESSION;
    }
    if (no != 0) {
        put_packet(s, WT_SOUP_LOGIN_REJECTED, &no, 1);
        close_connection(s);
        return;
    }
    struct wt_soup_login_accepted accepted = {.session = WT_SESSION_NAME, .sequence = login.sequence};
    if (accepted.sequence == 0 || accepted.sequence > s->next_sequence)
        accepted.sequence = s->next_sequence;
    uint8_t bytes[WT_SOUP_LOGIN_ACCEPTED_LENGTH];
    put_bytes(s, bytes, wt_soup_put_login_accepted(bytes, sizeof bytes, &accepted));
    s->state = WT_SESSION_LOGGED_IN;
    s->stats->logins++;
    send_from(s, accepted.sequence);
}

static void take_packet(struct wt_session *s, const struct wt_soup_packet *packet)
{
    if (packet->type == WT_SOUP_DEBUG)
        return;
    if (packet->type == WT_SOUP_LOGOUT_REQUEST) {
        close_connection(s);
        return;
    }
    bool login = packet->type == WT_SOUP_LOGIN_REQUEST;
    if (login != (s->state == WT_SESSION_CONNECTED)) {
        s->stats->malformed++;
        warn(s, login ? "a second login: connection closed" : "a packet before the login: connection closed");
        close_connection(s);
    } else if (login) {
        take_login(s, packet);
    } else if (packet->type == WT_SOUP_UNSEQUENCED) {
        take_message(s, packet->payload, packet->length);
    }
}

static void take_bytes(struct wt_session *s, enum wt_pipe_kind kind, uint32_t connection)
{
    if (kind == WT_PIPE_OPEN) {
        /* A client that went away without a word and came back. */
        close_connection(s);
        s->state = WT_SESSION_CONNECTED;
        s->connection = connection;
        s->sent_ns = s->now_ns;
        wt_soup_init(&s->parser, WT_SOUP_FROM_CLIENT);
    } else if (kind == WT_PIPE_CLOSE) {
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
            warn(s, "a malformed SoupBinTCP packet: connection closed");
            close_connection(s);
        }
    }
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
            return;
        /* What comes on a connection that we closed goes nowhere. */
        if (kind != WT_PIPE_OPEN && (connection != s->connection || s->state == WT_SESSION_CLOSED))
            continue;
        if (length > 0)
            wt_soup_commit(&s->parser, (size_t)length);
        take_bytes(s, kind, connection);
    }
}

void wt_session_timers(struct wt_session *s, uint64_t now_ns)
{
    s->now_ns = now_ns;
    uint64_t patience = s->state == WT_SESSION_LOGGED_IN ? DEAD_NS : LOGIN_NS;
    if (s->state != WT_SESSION_CLOSED && now_ns >= s->heard_ns + patience) {
        warn(s, "the client is silent: connection closed");
        close_connection(s);
    }
    if (s->state == WT_SESSION_LOGGED_IN && now_ns >= s->sent_ns + HEARTBEAT_NS)
        put_packet(s, WT_SOUP_SERVER_HEARTBEAT, NULL, 0);
}

uint64_t wt_session_timer_ns(const struct wt_session *s)
{
    if (s->state == WT_SESSION_CLOSED)
        return UINT64_MAX;
    if (s->state == WT_SESSION_CONNECTED)
        return s->heard_ns + LOGIN_NS;
    uint64_t heartbeat = s->sent_ns + HEARTBEAT_NS, dead = s->heard_ns + DEAD_NS;
    return heartbeat < dead ? heartbeat : dead;
}

static void send_event(struct wt_session *s, char event)
{
    struct wt_ouch m = {.type = WT_OUCH_SYSTEM, .timestamp = s->now_ns, .event = event};
    send_message(s, &m);
}

void wt_session_end_of_day(struct wt_session *s, uint64_t now_ns)
{
    s->now_ns = now_ns;
    if (s->closed)
        return;
    s->closed = true;
    wt_matcher_cancel_all(s->matcher, NULL, 'T');
    send_event(s, 'E');
}

int wt_session_init(struct wt_session *s, const struct wt_exchange_config *config, struct wt_replay *replay,
                    struct wt_exchange_stats *stats)
{
    memset(s, 0, offsetof(struct wt_session, parser));
    s->config = config;
    s->replay = replay;
    s->stats = stats;
    s->next_sequence = 1;
    wt_soup_init(&s->parser, WT_SOUP_FROM_CLIENT);
    struct wt_matcher_handler handler = {
        .ctx = s, .executed = on_executed, .canceled = on_canceled, .self_match = on_self_match};
    int rc = wt_matcher_create(replay, handler, &s->matcher);
    if (rc < 0)
        return rc;
    send_event(s, 'S');
    return 0;
}

void wt_session_free(struct wt_session *s)
{
    wt_matcher_destroy(s->matcher);
    wt_pipe_free(&s->in);
    wt_pipe_free(&s->out);
    free(s->log);
}
