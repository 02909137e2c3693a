#include "host/cli/journal_text.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "host/cli/resume.h"
#include "host/common/bytes.h"
#include "host/event/tap.h"
#include "host/gateway/ouch42.h"
#include "host/gateway/request.h"
#include "host/gateway/soup.h"
#include "host/market/itch.h"
#include "host/trade/oms.h"
#include "host/trade/risk.h"

struct line {
    char *text;
    size_t length;
    struct wt_journal_names *names;
    struct wt_journal_subject *subject;
};

static void say(struct line *l, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void say(struct line *l, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int n = vsnprintf(l->text + l->length, WT_JOURNAL_TEXT - l->length, format, args);
    va_end(args);
    if (n > 0)
        l->length += (size_t)n;
    if (l->length >= WT_JOURNAL_TEXT)
        l->length = WT_JOURNAL_TEXT - 1;
}

static void unpad(char to[9], const void *from)
{
    size_t n = 8;
    memcpy(to, from, 8);
    while (n && (to[n - 1] == ' ' || to[n - 1] == '\0'))
        n--;
    to[n] = '\0';
    for (size_t i = 0; i < n; i++)
        if (to[i] <= ' ' || to[i] > '~')
            to[i] = '?';
}

static void about(struct line *l, const char *name)
{
    snprintf(l->subject->symbol, sizeof l->subject->symbol, "%.8s", name);
    if (l->names->wanted_symbol && strcmp(l->names->wanted_symbol, name) == 0)
        l->subject->wanted_symbol = true;
}

static void of_orders(struct line *l, uint32_t order, uint32_t other)
{
    l->subject->order = order;
    if (l->names->wanted_order && (order == l->names->wanted_order || other == l->names->wanted_order))
        l->subject->wanted_order = true;
}

static char printable(int c)
{
    return (char)(c > ' ' && c <= '~' ? c : '?');
}

static void hex(struct line *l, const uint8_t *bytes, size_t length)
{
    for (size_t i = 0; i < length && i < 100; i++)
        say(l, "%s%02x", i && i % 8 == 0 ? " " : "", bytes[i]);
    if (length > 100)
        say(l, " ...");
}

/* ---- the market ---- */

static void card_event(struct line *l, const uint8_t *payload)
{
    union wt_event_record r;
    memcpy(&r, payload, sizeof r);
    if (r.head.kind == WT_RECORD_TYPE_SYMBOL && r.symbol.name[0])
        unpad(l->names->by_locate[r.head.locate], r.symbol.name);
    const char *name = l->names->by_locate[r.head.locate];
    about(l, name);
    const char *flags = r.head.flags & WT_EVF_VALID ? "valid" : "not valid";
    switch (r.head.kind) {
    case WT_RECORD_TYPE_BBO:
        say(l, "bbo %s message %" PRIu64 " bid %u x %u (%u) ask %u x %u (%u) %s", name, r.head.feed_seq,
            r.bbo.bid_price, r.bbo.bid_shares, r.bbo.bid_orders, r.bbo.ask_price, r.bbo.ask_shares, r.bbo.ask_orders,
            flags);
        break;
    case WT_RECORD_TYPE_TRADE:
        say(l, "trade %s message %" PRIu64 " %" PRIu64 " at %u match %" PRIu64, name, r.head.feed_seq, r.trade.shares,
            r.trade.price, r.trade.match);
        break;
    case WT_RECORD_TYPE_TRADING_STATE:
        say(l, "trading state %s message %" PRIu64 " %c", name, r.head.feed_seq, printable(r.state.state));
        break;
    case WT_RECORD_TYPE_SYSTEM:
        say(l, "system message %" PRIu64 " %c", r.head.feed_seq, printable(r.system.code));
        break;
    case WT_RECORD_TYPE_SYMBOL:
        say(l, "symbol %s message %" PRIu64 " locate %u state %u reason %u", name, r.head.feed_seq, r.head.locate,
            r.symbol.state, r.symbol.reason);
        break;
    case WT_RECORD_TYPE_GAP:
        say(l, "gap from %" PRIu64 ", %" PRIu64 " messages", r.gap.first_missing, r.gap.count);
        break;
    case WT_RECORD_TYPE_SESSION:
        say(l, "feed session %.10s event %u", (const char *)r.session.session, r.session.session_event);
        break;
    default:
        say(l, "kind %u", r.head.kind);
    }
}

static void order_flow(struct line *l, const uint8_t *payload)
{
    struct wt_of_record r;
    memcpy(&r, payload, sizeof r);
    if (r.flags & WT_OFF_MARKER || r.length == 0) {
        say(l, "marker up to message %" PRIu64 " flags 0x%02x", r.feed_seq, r.flags);
        return;
    }
    bool whole = wt_itch_length(r.raw[0]) == r.length;
    uint16_t locate = r.length >= 3 ? wt_itch_locate(r.raw) : 0;
    if (whole && r.raw[0] == 'R')
        unpad(l->names->by_locate[locate], wt_itch_stock(r.raw));
    else if (whole && (r.raw[0] == 'A' || r.raw[0] == 'F'))
        unpad(l->names->by_locate[locate], wt_itch_add_stock(r.raw));
    about(l, l->names->by_locate[locate]);
    say(l, "message %" PRIu64 " %c %s, %u bytes", r.feed_seq, printable(r.raw[0]), l->subject->symbol, r.length);
    if (whole && wt_itch_touches_book(r.raw[0]))
        say(l, ", reference %" PRIu64, wt_itch_ref(r.raw));
}

/* ---- the venue ---- */

static void remember(struct line *l, uint32_t id, const char name[9])
{
    l->names->order[id % WT_NAMES_ORDERS].id = id;
    memmove(l->names->order[id % WT_NAMES_ORDERS].name, name, 9);
}

static const char *name_of_order(const struct line *l, uint32_t id)
{
    return l->names->order[id % WT_NAMES_ORDERS].id == id ? l->names->order[id % WT_NAMES_ORDERS].name : "";
}

static void ouch_in(struct line *l, const struct wt_ouch *m)
{
    char name[9];
    of_orders(l, m->user_ref, m->type == WT_OUCH_REPLACE ? m->orig_ref : 0);
    switch (m->type) {
    case WT_OUCH_ENTER:
        unpad(name, m->symbol);
        remember(l, m->user_ref, name);
        say(l, "enter order %u %c %u %s at %" PRIu64, m->user_ref, printable(m->side), m->quantity, name, m->price);
        break;
    case WT_OUCH_REPLACE:
        snprintf(name, sizeof name, "%s", name_of_order(l, m->orig_ref));
        remember(l, m->user_ref, name);
        say(l, "replace order %u by %u %u %s at %" PRIu64, m->orig_ref, m->user_ref, m->quantity, name, m->price);
        break;
    case WT_OUCH_CANCEL:
        say(l, "cancel order %u to %u", m->user_ref, m->quantity);
        break;
    default:
        say(l, "OUCH %c", printable(m->type));
    }
    about(l, name_of_order(l, m->user_ref));
}

static void ouch_out(struct line *l, const struct wt_ouch *m)
{
    of_orders(l, m->user_ref, m->orig_ref);
    about(l, name_of_order(l, m->user_ref));
    say(l, "OUCH %c order %u %u at %" PRIu64, printable(m->type), m->user_ref, m->quantity, m->price);
    if (m->match)
        say(l, " match %" PRIu64, m->match);
}

/* Which dialect it is the bytes say well enough for words: 5.0 takes next to nothing that 4.2 means otherwise. */
static bool ouch(enum wt_ouch_direction direction, const uint8_t *bytes, size_t length, struct wt_ouch *m)
{
    struct wt_ouch42 m42;
    uint8_t options[WT_OUCH42_OPTIONS], owner;
    const char *why;
    if (wt_ouch_decode(direction, bytes, length, m) == 0)
        return true;
    if (wt_ouch42_decode(direction, bytes, length, &m42))
        return false;
    if (wt_ouch42_to_50(direction, &m42, m, options, &why))
        *m = (struct wt_ouch){.type = m42.type, .quantity = m42.quantity, .price = m42.price, .match = m42.match};
    m->options = NULL;
    m->options_length = 0;
    m->user_ref = wt_request_id(m42.token, &owner);
    m->orig_ref = wt_request_id(m42.existing, &owner);
    return true;
}

/* Whole SoupBinTCP packets are put into words; a stream may be split anywhere, so the rest is shown as bytes. */
static void soup(struct line *l, enum wt_ouch_direction direction, const uint8_t *bytes, size_t length)
{
    bool first = true;
    while (length >= WT_SOUP_HEADER) {
        size_t n = 2u + wt_be16(bytes);
        struct wt_ouch m;
        if (n < WT_SOUP_HEADER || n > length)
            break;
        say(l, "%s", first ? "" : "; ");
        char type = (char)bytes[2];
        bool carries = direction == WT_OUCH_IN ? type == WT_SOUP_UNSEQUENCED : type == WT_SOUP_SEQUENCED;
        if (!carries)
            say(l, "packet %c", printable(type));
        else if (!ouch(direction, bytes + WT_SOUP_HEADER, n - WT_SOUP_HEADER, &m))
            say(l, "not OUCH");
        else if (direction == WT_OUCH_IN)
            ouch_in(l, &m);
        else
            ouch_out(l, &m);
        bytes += n;
        length -= n;
        first = false;
    }
    if (!length)
        return;
    say(l, "%s%zu bytes: ", first ? "" : "; ", length);
    hex(l, bytes, length);
}

/* ---- events ---- */

static void learn(struct line *l, wt_symbol symbol, uint32_t order)
{
    const char *name = name_of_order(l, order);
    if (*name)
        memmove(l->names->by_symbol[symbol], name, sizeof l->names->by_symbol[symbol]);
    about(l, l->names->by_symbol[symbol]);
}

/* Bytes of an event as this program writes it. */
static size_t event_size(unsigned type)
{
    static const size_t sizes[WT_EVENT_TYPES] = {
        [WT_EVENT_VERDICT] = sizeof(struct wt_verdict),      [WT_EVENT_ORDER] = sizeof(struct wt_order_event),
        [WT_EVENT_EXEC] = sizeof(struct wt_exec_report),     [WT_EVENT_POSITION] = sizeof(struct wt_position_event),
        [WT_EVENT_RISK_ALERT] = sizeof(struct wt_alert),     [WT_EVENT_TIMER] = sizeof(struct wt_timer_event),
        [WT_EVENT_GATEWAY] = sizeof(struct wt_gateway_event)};
    return type < WT_EVENT_TYPES ? sizes[type] : 0;
}

static void report(struct line *l, const struct wt_exec_report *r)
{
    of_orders(l, r->id, r->replaced);
    about(l, name_of_order(l, r->id));
    say(l, "report %c order %u %u at %u number %" PRIu64, printable((int)r->type), r->id, r->shares, r->price,
        r->sequence);
}

static void event(struct line *l, const uint8_t *payload, size_t length)
{
    struct wt_journal_event head;
    struct wt_event e = {0};
    if (length < sizeof head)
        return;
    memcpy(&head, payload, sizeof head);
    if (head.size != length - sizeof head || head.size != event_size(head.type)) {
        say(l, "event %u of %zu bytes", head.type, length - sizeof head);
        return;
    }
    payload += sizeof head;
    switch (head.type) {
    case WT_EVENT_VERDICT:
        memcpy(&e.verdict, payload, sizeof e.verdict);
        about(l, l->names->by_symbol[e.verdict.signal.symbol]);
        of_orders(l, e.verdict.signal.kind == WT_SIGNAL_ENTER ? 0 : e.verdict.signal.order, 0);
        say(l, "verdict %s %s %c %u at %u", e.verdict.limit ? wt_limit_name(e.verdict.limit) : "passed",
            e.verdict.signal.kind == WT_SIGNAL_ENTER     ? "enter"
            : e.verdict.signal.kind == WT_SIGNAL_REPLACE ? "replace"
                                                         : "cancel",
            printable((int)e.verdict.signal.side), e.verdict.signal.shares, e.verdict.signal.price);
        if (e.verdict.limit)
            say(l, " (%" PRId64 " against %" PRId64 ")", e.verdict.value, e.verdict.bound);
        break;
    case WT_EVENT_ORDER:
        memcpy(&e.order, payload, sizeof e.order);
        of_orders(l, e.order.id, e.order.replaces);
        learn(l, e.order.symbol, e.order.id);
        say(l, "order %u %s %s %c open %u at %u filled %u", e.order.id, wt_order_input_name(e.order.input),
            wt_order_state_name(e.order.state), printable((int)e.order.side), e.order.open_shares, e.order.price,
            e.order.filled_shares);
        if (e.order.fill_shares)
            say(l, " fill %d at %u match %" PRIu64, e.order.fill_shares, e.order.fill_price, e.order.match);
        break;
    case WT_EVENT_EXEC:
        memcpy(&e.exec, payload, sizeof e.exec);
        report(l, &e.exec);
        break;
    case WT_EVENT_POSITION:
        memcpy(&e.position, payload, sizeof e.position);
        about(l, l->names->by_symbol[e.position.symbol]);
        say(l, "position %s %" PRId64 " realized %" PRId64 " unrealized %" PRId64, l->subject->symbol,
            e.position.shares, e.position.realized, e.position.unrealized);
        break;
    case WT_EVENT_RISK_ALERT:
        memcpy(&e.alert, payload, sizeof e.alert);
        of_orders(l, e.alert.order, 0);
        say(l, "alert %d order %u detail %" PRId64, (int)e.alert.kind, e.alert.order, e.alert.detail);
        break;
    case WT_EVENT_TIMER:
        memcpy(&e.timer, payload, sizeof e.timer);
        say(l, "timer %u of %u", e.timer.id, e.timer.owner);
        break;
    case WT_EVENT_GATEWAY:
        memcpy(&e.gateway, payload, sizeof e.gateway);
        say(l, "gateway state %d", (int)e.gateway.state);
        break;
    default:
        say(l, "event %u", head.type);
    }
}

static void past(struct line *l, const struct wt_past_entry *e)
{
    const struct wt_order_request *r = &e->request;
    char name[9];
    switch (e->kind) {
    case WT_PAST_IS_REPORT:
        say(l, "earlier ");
        report(l, &e->report);
        return;
    case WT_PAST_IS_UP:
        say(l, "earlier gateway up");
        return;
    case WT_PAST_IS_COMPLETE:
        say(l, "all of the past, venue's session %.10s", e->end.session);
        return;
    case WT_PAST_IS_REQUEST:
    case WT_PAST_IS_UNSENT:
        break;
    default:
        say(l, "entry %u", e->kind);
        return;
    }
    say(l, "earlier %s", e->kind == WT_PAST_IS_UNSENT ? "unsent " : "");
    of_orders(l, r->id, r->replaced);
    unpad(name, r->name);
    if (r->kind == WT_REQUEST_ENTER) {
        remember(l, r->id, name);
        say(l, "enter order %u %c %u %s at %u", r->id, printable((int)r->side), r->shares, name, r->price);
    } else if (r->kind == WT_REQUEST_REPLACE) {
        snprintf(name, sizeof name, "%s", name_of_order(l, r->replaced));
        remember(l, r->id, name);
        say(l, "replace order %u by %u %u %s at %u", r->replaced, r->id, r->shares, name, r->price);
    } else {
        say(l, "cancel order %u to %u", r->id, r->shares);
    }
    about(l, name_of_order(l, r->id));
}

/* ---- the rest ---- */

static void words(struct line *l, const char *format, const uint8_t *payload, size_t length)
{
    int32_t word[2] = {0};
    memcpy(word, payload, length < sizeof word ? length : sizeof word);
    say(l, "%s", format);
    say(l, length > 4 ? " %d %d" : " %d", word[0], word[1]);
}

void wt_journal_describe(struct wt_journal_names *names, const struct wt_journal_item *item, char text[WT_JOURNAL_TEXT],
                         struct wt_journal_subject *subject)
{
    struct line l = {text, 0, names, subject};
    uint32_t offset = 0;
    uint64_t value = 0;
    struct wt_past_entry entry;
    memset(subject, 0, sizeof *subject);
    text[0] = '\0';
    switch (item->head.type) {
    case WT_JOURNAL_CARD_EVENT:
        if (item->length == 64)
            card_event(&l, item->payload);
        break;
    case WT_JOURNAL_ORDER_FLOW:
        if (item->length == 64)
            order_flow(&l, item->payload);
        break;
    case WT_JOURNAL_RECV:
        soup(&l, WT_OUCH_OUT, item->payload, item->length);
        break;
    case WT_JOURNAL_SEND:
        soup(&l, WT_OUCH_IN, item->payload, item->length);
        break;
    case WT_JOURNAL_EVENT:
        event(&l, item->payload, item->length);
        break;
    case WT_JOURNAL_PAST:
        if (item->length != sizeof entry)
            break;
        memcpy(&entry, item->payload, sizeof entry);
        past(&l, &entry);
        break;
    case WT_JOURNAL_READ:
    case WT_JOURNAL_WRITE:
        memcpy(&offset, item->payload, item->length < 4 ? 0 : 4);
        if (item->head.type == WT_JOURNAL_READ && item->length == 16)
            memcpy(&value, item->payload + 8, 8);
        else if (item->length == 8)
            memcpy(&value, item->payload + 4, 4);
        say(&l, "register 0x%03x = 0x%" PRIx64, offset, value);
        break;
    case WT_JOURNAL_CONFIG:
        say(&l, "%zu bytes of configuration", item->length > 16 ? item->length - 16 : 0);
        break;
    case WT_JOURNAL_COMMAND:
        words(&l, "command", item->payload, item->length);
        break;
    case WT_JOURNAL_END:
        words(&l, "status", item->payload, item->length);
        break;
    default:
        if (item->length)
            words(&l, "value", item->payload, item->length);
    }
}
