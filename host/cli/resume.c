#include "host/cli/resume.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/cli/loops.h"
#include "host/common/log.h"
#include "host/event/journal_reader.h"
#include "host/gateway/request.h"
#include "host/gateway/soup.h"

struct wt_resume {
    char path[4096];
    struct wt_journal_reader *reader;
    struct wt_journal_item item; /* looked at, but not taken */
    bool have;
    bool resumed;  /* it went on from another one itself */
    bool complete; /* and knows what was before */
    bool ended;    /* the venue ended the session */
    enum wt_ouch_dialect dialect;
    char session[11];
    char *config;
    size_t config_length;
    struct wt_soup_parser venue;
};

/* ---- one journal ---- */

static int open_reader(struct wt_resume *r)
{
    wt_journal_reader_close(r->reader);
    r->reader = NULL;
    r->have = false;
    r->session[0] = '\0';
    wt_soup_init(&r->venue, WT_SOUP_FROM_SERVER);
    return wt_journal_open(r->path, &r->reader);
}

static const struct wt_journal_item *peek(struct wt_resume *r)
{
    if (!r->have)
        r->have = wt_journal_next(r->reader, &r->item) == 1;
    return r->have ? &r->item : NULL;
}

/* What the venue said outside of its numbered messages. */
static void take_received(struct wt_resume *r, const struct wt_journal_item *item)
{
    const uint8_t *from = item->payload;
    size_t left = item->length, room;
    while (left > 0) {
        uint8_t *to = wt_soup_room(&r->venue, &room);
        size_t n = left < room ? left : room;
        memcpy(to, from, n);
        wt_soup_commit(&r->venue, n);
        from += n;
        left -= n;
        struct wt_soup_packet packet;
        struct wt_soup_login_accepted accepted;
        int rc;
        while ((rc = wt_soup_next(&r->venue, &packet)) != 0) {
            if (rc < 0)
                continue;
            if (packet.type == WT_SOUP_LOGIN_ACCEPTED && wt_soup_get_login_accepted(&packet, &accepted) == 0) {
                memcpy(r->session, accepted.session, sizeof r->session);
                r->ended = false;
            }
            r->ended |= packet.type == WT_SOUP_END_OF_SESSION;
        }
    }
}

/* A request, unless the record behind it says that it did not leave. */
static int take_sent(struct wt_resume *r, struct wt_past_entry *e)
{
    int rc = wt_request_decode(r->dialect, r->item.payload, r->item.length, &e->request);
    r->have = false;
    if (rc <= 0)
        return 0;
    const struct wt_journal_item *next = peek(r);
    bool refused = next && next->head.type == WT_JOURNAL_RESULT && next->head.calls == 0;
    e->kind = refused ? WT_PAST_IS_UNSENT : WT_PAST_IS_REQUEST;
    return 1;
}

/* What a report may say at all: the rest is what no gateway of this program made. */
static bool good_report(const uint8_t *bytes)
{
    uint8_t dead = bytes[offsetof(struct wt_exec_report, dead)];
    uint32_t type;
    memcpy(&type, bytes + offsetof(struct wt_exec_report, type), sizeof type);
    return dead <= 1 && type && type < 128 && strchr("AUCEJIPBQFT", (int)type);
}

static bool good_request(const struct wt_order_request *r)
{
    if ((unsigned)r->kind > WT_REQUEST_CANCEL || r->id == 0)
        return false;
    return r->kind != WT_REQUEST_ENTER || r->side == WT_BUY || r->side == WT_SELL;
}

static int take_event(const struct wt_journal_item *item, struct wt_past_entry *e)
{
    struct wt_journal_event head;
    struct wt_gateway_event gateway;
    if (item->length < sizeof head)
        return 0;
    memcpy(&head, item->payload, sizeof head);
    if (head.type == WT_EVENT_GATEWAY && item->length == sizeof head + sizeof gateway) {
        memcpy(&gateway, item->payload + sizeof head, sizeof gateway);
        e->kind = WT_PAST_IS_UP;
        return gateway.state == WT_GATEWAY_UP;
    }
    if (item->length != sizeof head + sizeof e->report || head.type != WT_EVENT_EXEC || head.size != sizeof e->report)
        return 0;
    if (!good_report(item->payload + sizeof head))
        return -EBADMSG;
    memcpy(&e->report, item->payload + sizeof head, sizeof e->report);
    e->kind = WT_PAST_IS_REPORT;
    return 1;
}

static int take_past(struct wt_resume *r, const struct wt_journal_item *item, struct wt_past_entry *e)
{
    if (item->length != sizeof *e)
        return -EBADMSG;
    memcpy(e, item->payload, sizeof *e);
    switch (e->kind) {
    case WT_PAST_IS_REQUEST:
    case WT_PAST_IS_UNSENT:
        return good_request(&e->request) ? 1 : -EBADMSG;
    case WT_PAST_IS_REPORT:
        return good_report((const uint8_t *)&e->report) ? 1 : -EBADMSG;
    case WT_PAST_IS_UP:
        return 1;
    case WT_PAST_IS_COMPLETE:
        break;
    default:
        return -EBADMSG;
    }
    r->complete = true;
    memcpy(r->session, e->end.session, sizeof r->session);
    r->session[sizeof r->session - 1] = '\0';
    return 0;
}

/* The next entry: 1; 0 at the journal's last whole record; -EBADMSG. */
static int next_entry(struct wt_resume *r, struct wt_past_entry *e)
{
    const struct wt_journal_item *item;
    memset(e, 0, sizeof *e);
    while ((item = peek(r))) {
        int rc = 0;
        if (item->head.type == WT_JOURNAL_SEND) { /* looks at the record behind it itself */
            rc = take_sent(r, e);
            if (rc)
                return rc;
            continue;
        }
        if (item->head.type == WT_JOURNAL_PAST)
            rc = take_past(r, item, e);
        else if (item->head.type == WT_JOURNAL_EVENT)
            rc = take_event(item, e);
        else if (item->head.type == WT_JOURNAL_RECV)
            take_received(r, item);
        else if (item->head.type == WT_JOURNAL_CONNECT)
            wt_soup_init(&r->venue, WT_SOUP_FROM_SERVER);
        r->have = false;
        if (rc)
            return rc;
    }
    return 0;
}

/* ---- is it one to go on from? ---- */

/* The records of the configuration. 1; 0: they are not all there. */
static int take_config(struct wt_resume *r)
{
    struct wt_tap_config_head head, expected = wt_tap_config_expected();
    const struct wt_journal_item *item;
    r->config_length = 0;
    do {
        item = peek(r);
        if (item && r->config_length == 0 && item->head.number != 1) {
            wt_error(
                "%s: the beginning of the session before is gone (output.journal_files): what it did cannot be known; "
                "move the journal away to begin anew",
                r->path);
            return -EBADMSG;
        }
        if (!item || item->head.type != WT_JOURNAL_CONFIG || item->length <= sizeof head)
            return 0;
        memcpy(&head, item->payload, sizeof head);
        if (head.schema != expected.schema || head.event_bytes != expected.event_bytes) {
            wt_error("%s: the session before was of another build of Wiretick; end its day with that one, or move the "
                     "journal away to begin anew",
                     r->path);
            return -EBADMSG;
        }
        r->resumed = head.resumed;
        size_t n = item->length - sizeof head;
        char *text = realloc(r->config, r->config_length + n + 1);
        if (!text)
            return -ENOMEM;
        memcpy(text + r->config_length, item->payload + sizeof head, n);
        r->config = text;
        r->config_length += n;
        text[r->config_length] = '\0';
        r->have = false;
    } while (item->head.flags & WT_JOURNAL_MORE);
    return 1;
}

/* Orders belong to an account: another one's are none of ours. */
static int same_account(const struct wt_resume *r, const struct wt_config *config)
{
    struct wt_config *old;
    struct wt_config_errors errors;
    if (wt_config_parse(r->config, &old, &errors)) {
        wt_config_print_errors(&errors);
        return -EBADMSG;
    }
    bool same = wt_soup_same_name(old->exchange.username, config->exchange.username) && old->exchange.connect[0];
    if (!same)
        wt_error("%s: the session before was of the user %s%s; move the journal away, or name another folder", r->path,
                 old->exchange.username, old->exchange.connect[0] ? "" : " in simulation");
    if (same && (old->host.loops != config->host.loops || old->host.loop != config->host.loop)) {
        wt_error("%s: the session before was loop %u of %u, this one is %u of %u (host.loops); set it as it was, or "
                 "move the journal away",
                 r->path, old->host.loop, old->host.loops, config->host.loop, config->host.loops);
        same = false;
    }
    bool dialect = old->exchange.dialect == config->exchange.dialect;
    if (same && !dialect)
        wt_error("%s: the session before spoke another dialect of OUCH (exchange.dialect): its orders have other names",
                 r->path);
    wt_config_free(old);
    return same && dialect ? 0 : -EINVAL;
}

/* What the requests in it are written in. A configuration that cannot be read is said to be so later. */
static enum wt_ouch_dialect dialect_of(const char *text)
{
    struct wt_config *config;
    struct wt_config_errors errors;
    if (wt_config_parse(text, &config, &errors))
        return WT_OUCH_50;
    int dialect = config->exchange.dialect;
    wt_config_free(config);
    return (enum wt_ouch_dialect)dialect;
}

/* 1: go on from this one; 0: it never got so far as to know its own past, the one before does; -errno. */
static int examine(struct wt_resume *r, const struct wt_config *config)
{
    struct wt_past_entry e;
    r->resumed = r->complete = r->ended = false;
    int rc = open_reader(r);
    rc = rc ? rc : take_config(r);
    if (rc < 0)
        return rc;
    r->dialect = rc ? dialect_of(r->config) : WT_OUCH_50;
    if (rc == 0 && wt_journal_stopped(r->reader) != WT_JOURNAL_DAMAGED)
        return 0;
    while (rc > 0)
        rc = next_entry(r, &e);
    if (rc < 0) {
        wt_error("%s: an entry of the past in it has no meaning", r->path);
        return rc;
    }
    bool damaged = wt_journal_stopped(r->reader) == WT_JOURNAL_DAMAGED;
    if (r->config_length == 0 || (r->resumed && !r->complete)) {
        if (damaged)
            wt_error("journal %s; what was before it is not known: nothing is sent", wt_journal_why(r->reader));
        return damaged ? -EBADMSG : 0;
    }
    if (damaged)
        wt_warn("journal %s; going on from there: of what comes behind it only the venue knows",
                wt_journal_why(r->reader));
    rc = same_account(r, config);
    return rc ? rc : 1;
}

int wt_resume_find(const struct wt_config *config, struct wt_resume **resume)
{
    struct wt_journal_span *spans = NULL;
    *resume = NULL;
    if (!config->exchange.connect[0] || !config->output.journal[0])
        return 0;
    unsigned loops = config->host.loop ? 0 : wt_loops_of(config->output.journal);
    if (loops) {
        wt_error("journal %s: the session before was of %u loops; set host.loops to as many, or move the journal away",
                 config->output.journal, loops);
        return -EINVAL;
    }
    int count = wt_journal_spans(config->output.journal, &spans);
    if (count <= 0) {
        free(spans);
        return count == -ENOENT ? 0 : count;
    }
    struct wt_resume *r = calloc(1, sizeof *r);
    int rc = r ? 0 : -ENOMEM;
    for (int i = count - 1; r && rc == 0 && i >= 0; i--) {
        wt_journal_path(r->path, config->output.journal, spans[i].first);
        rc = examine(r, config);
    }
    free(spans);
    if (rc == 1 && !r->ended) {
        *resume = r;
        return 0;
    }
    wt_resume_destroy(r);
    return rc < 0 ? rc : 0;
}

void wt_resume_destroy(struct wt_resume *r)
{
    if (!r)
        return;
    wt_journal_reader_close(r->reader);
    free(r->config);
    free(r);
}

/* ---- giving it to the OMS ---- */

struct giver {
    struct wt_resume *resume; /* NULL: replaying */
    struct wt_tap *tap;
    struct wt_twin *twin;
    struct wt_quotes *quotes;
    char session[11];
};

static int read_or_end(struct wt_resume *r, struct wt_past_entry *e)
{
    int rc = next_entry(r, e);
    if (rc)
        return rc;
    memset(e, 0, sizeof *e);
    e->kind = WT_PAST_IS_COMPLETE;
    memcpy(e->end.session, r->session, sizeof r->session);
    return 0;
}

static int give(void *ctx, struct wt_past *past)
{
    struct giver *g = ctx;
    struct wt_past_entry e;
    int rc = g->resume ? read_or_end(g->resume, &e) : 0;
    if (rc < 0)
        return rc;
    rc = wt_tap_past(g->tap, &e, sizeof e);
    if (rc)
        return rc;
    switch (e.kind) {
    case WT_PAST_IS_COMPLETE:
        memcpy(g->session, e.end.session, sizeof g->session);
        return 0;
    case WT_PAST_IS_REPORT:
        past->kind = WT_PAST_REPORT;
        past->report = e.report;
        return 1;
    case WT_PAST_IS_UP:
        past->kind = WT_PAST_UP;
        return 1;
    case WT_PAST_IS_REQUEST:
    case WT_PAST_IS_UNSENT:
        past->kind = e.kind == WT_PAST_IS_UNSENT ? WT_PAST_UNSENT : WT_PAST_REQUEST;
        past->request = e.request;
        past->request.symbol = 0; /* a replacement's and a cancel's are the order's */
        break;
    default:
        return -EBADMSG;
    }
    if (e.request.kind != WT_REQUEST_ENTER)
        return 1;
    past->request.symbol = wt_twin_reserve(g->twin, e.request.name);
    if (past->request.symbol == WT_SYMBOL_NONE) {
        wt_error("order %u of the session before is in %.8s, which feed.symbols does not list", e.request.id,
                 e.request.name);
        return -EINVAL;
    }
    wt_quotes_name(g->quotes, past->request.symbol, e.request.name);
    return 1;
}

int wt_resume_recover(struct wt_resume *r, struct wt_tap *tap, struct wt_loop *loop, struct wt_oms *oms,
                      struct wt_twin *twin, struct wt_quotes *quotes, struct wt_resumed *resumed)
{
    struct giver giver = {.resume = r, .tap = tap, .twin = twin, .quotes = quotes};
    int rc = r ? open_reader(r) : 0;
    /* The configuration's records say nothing of orders. */
    rc = rc ? rc : wt_recover(loop, oms, (struct wt_past_source){&giver, give}, &resumed->recovery);
    memcpy(resumed->session, giver.session, sizeof resumed->session);
    return rc;
}
