/*
 * Every sequence of up to WT_OMS_DEPTH events (default 8; 6 under a sanitizer) over an order, its replacement and
 * the replacement of that, against the specification in host/trade/README.md: the table is read from there, the rules
 * around it are written here once more.
 *
 * Sequences that lead to the same state are followed once: the state of the OMS is all that it keeps of the orders,
 * the fills, the sums and the session (statistics aside, which nothing reads back), and it is merged only together with
 * the model's. Both decide what follows from their state alone, so what holds after one of the sequences holds after
 * all. How many sequences each state stands for is counted along. States are told apart by 128 bits of hash.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "host/trade/oms_internal.h"
#include "tests/unit/fake_link.h"
#include "tests/unit/pass.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define DEPTH 6u
#else
#define DEPTH 8u
#endif

enum { ORDERS = 3, SLOTS = 4, FILLS = 16, FILLS_OF_ONE = 9, FIRST_PRICE = 1000000 };

/* ---- the table of the specification ---- */

enum state {
    NONE,
    NEW,
    LIVE,
    PART,
    REPLACING,
    CANCELING,
    UNKNOWN,
    FILLED,
    CANCELED,
    REJECTED,
    REPLACED,
    EXPIRED,
    STATES,
    WORKING
};
static const char *const state_names[] = {
    "NONE",           "PENDING_NEW", "LIVE",   "PARTIALLY_FILLED", "PENDING_REPLACE",
    "PENDING_CANCEL", "UNKNOWN",     "FILLED", "CANCELED",         "REJECTED",
    "REPLACED",       "EXPIRED",     "?",      "WORKING"};

static enum state spec[WT_ORDER_INPUTS][STATES];

static enum state state_named(const char *name)
{
    for (enum state s = 0; s <= WORKING; s++)
        if (strcmp(state_names[s], name) == 0)
            return s;
    fail_msg("host/trade/README.md: there is no state %s", name);
    return NONE;
}

/* The cells of a row, without spaces; how many. */
static unsigned cells(char *line, char *cell[16])
{
    unsigned n = 0;
    for (char *at = strchr(line, '|'); at && n < 16; n++) {
        char *next = strchr(at + 1, '|');
        if (!next)
            break;
        *next = '\0';
        cell[n] = at + 1 + strspn(at + 1, " ");
        cell[n][strcspn(cell[n], " ")] = '\0';
        at = next;
    }
    return n;
}

static void read_specification(void)
{
    char line[1024], *cell[16];
    enum state column[16];
    unsigned columns = 0, rows = 0;
    FILE *f = fopen("host/trade/README.md", "r"); /* tests run from the top of the tree */
    assert_non_null(f);
    while (fgets(line, sizeof line, f)) {
        if (*line != '|' && rows)
            break; /* the end of the table */
        if (strncmp(line, "| ", 2))
            continue;
        unsigned n = cells(line, cell);
        if (strcmp(cell[0], "happens") == 0) {
            columns = n;
            for (unsigned i = 1; i < n; i++)
                column[i] = state_named(cell[i]);
            continue;
        }
        if (!columns)
            continue;
        unsigned input = 0;
        while (input < WT_ORDER_INPUTS && strcmp(wt_order_input_name(input), cell[0]))
            input++;
        assert_true(input < WT_ORDER_INPUTS);
        assert_int_equal(n, columns);
        for (unsigned i = 1; i < n; i++)
            spec[input][column[i]] = *cell[i] ? state_named(cell[i]) : NONE;
        rows++;
    }
    fclose(f);
    assert_int_equal(columns, STATES);           /* all states but NONE, and the head's own cell */
    assert_int_equal(rows, WT_ORDER_INPUTS - 1); /* all but sent */
}

/* ---- the model ---- */

struct model_fill {
    uint16_t shares;
    uint8_t broken, corrected;
};

enum { AHEAD_BROKEN = 1, AHEAD_CORRECTED };

struct model_order {
    uint8_t exists, state, kept, answered, replaces, replacement, fills, ahead;
    int32_t open, filled, chain, early;
    uint32_t price;
    struct model_fill fill[FILLS_OF_ONE];
};

struct model {
    struct model_order order[ORDERS + 1];
    uint8_t up, next;
};

/* What an event must cause beside the new state. */
struct effects {
    unsigned illegal, bad_fills, unknown, requests;
    int64_t position;
    struct wt_order_request last;
};

static struct effects expected, seen;

static bool is_alive(const struct model_order *o)
{
    return o->exists && o->state >= NEW && o->state <= UNKNOWN;
}

static bool may(const struct model_order *o, enum wt_order_input input)
{
    if (o->state == UNKNOWN) { /* rule 9 */
        bool of_unanswered = input == WT_OI_ACCEPTED || input == WT_OI_ACCEPTED_DEAD || input == WT_OI_REPLACED ||
                             input == WT_OI_REPLACED_DEAD || input == WT_OI_REJECTED || input == WT_OI_VOID;
        if (of_unanswered == (bool)o->answered)
            return false;
    }
    return spec[input][o->state] != NONE;
}

static void enter_state(struct model_order *o, enum wt_order_input input)
{
    enum state next = spec[input][o->state];
    assert_int_not_equal(next, NONE);
    o->state = next == WORKING ? (o->filled ? PART : LIVE) : next;
    if (!is_alive(o))
        o->open = 0;
}

static struct model_order *pair_of(struct model *m, const struct model_order *o)
{
    return o->replacement ? &m->order[o->replacement] : NULL;
}

static void request(const struct wt_order_request r)
{
    expected.requests++;
    expected.last = r;
}

static unsigned id_of(const struct model *m, const struct model_order *o)
{
    return (unsigned)(o - m->order);
}

static void send_cancel(struct model *m, struct model_order *o)
{
    o->kept = 0;
    request((struct wt_order_request){.kind = WT_REQUEST_CANCEL, .id = id_of(m, o)});
    enter_state(o, WT_OI_CANCEL_SENT);
}

static void answered(struct model *m, struct model_order *o) /* rule 7 */
{
    if (o->kept && m->up && (o->state == LIVE || o->state == PART))
        send_cancel(m, o);
}

static void ended(struct model *m, struct model_order *o) /* rule 6 */
{
    struct model_order *n = pair_of(m, o);
    o->replacement = 0;
    if (n)
        enter_state(n, WT_OI_VOID);
}

static void illegal(void)
{
    expected.illegal++;
}

static void stands(struct model *m, struct model_order *o, enum wt_order_input input, int32_t shares) /* rule 1 */
{
    o->price = FIRST_PRICE; /* as all answers say */
    o->open = shares > o->early ? shares - o->early : 0;
    o->answered = 1;
    bool over = o->early && !o->open;
    enter_state(o, input);
    if (over && is_alive(o))
        enter_state(o, WT_OI_FILL_ALL);
    answered(m, o);
}

static void model_accepted(struct model *m, struct model_order *o, int32_t shares, bool dead)
{
    enum wt_order_input input = dead ? WT_OI_ACCEPTED_DEAD : WT_OI_ACCEPTED;
    if (o->replaces || !may(o, input)) {
        illegal();
        if (!o->replaces && o->state == REJECTED && !dead && m->up)
            request((struct wt_order_request){.kind = WT_REQUEST_CANCEL, .id = id_of(m, o)});
        return;
    }
    stands(m, o, input, shares);
}

static void model_replaced(struct model *m, struct model_order *n, int32_t shares, bool dead)
{
    enum wt_order_input input = dead ? WT_OI_REPLACED_DEAD : WT_OI_REPLACED;
    struct model_order *o = n->replaces ? &m->order[n->replaces] : NULL;
    if (!o || pair_of(m, o) != n || !may(n, input) || !may(o, WT_OI_REPLACED_AWAY)) {
        illegal();
        return;
    }
    n->chain = o->chain + o->filled;
    o->replacement = 0;
    enter_state(o, WT_OI_REPLACED_AWAY);
    stands(m, n, input, shares);
}

static void model_rejected(struct model *m, struct model_order *n)
{
    struct model_order *o = n->replaces ? &m->order[n->replaces] : NULL;
    if (!may(n, WT_OI_REJECTED)) {
        illegal();
        return;
    }
    if (o && pair_of(m, o) == n) {
        o->replacement = 0;
        enter_state(o, WT_OI_REPLACE_REJECTED);
    }
    enter_state(n, WT_OI_REJECTED);
    if (o)
        answered(m, o);
}

static void model_fill(struct model *m, struct model_order *o, int32_t shares) /* rule 4 */
{
    enum wt_order_input input = shares >= o->open ? WT_OI_FILL_ALL : WT_OI_FILL_PART;
    expected.position += shares;
    o->fill[o->fills++] = (struct model_fill){.shares = (uint16_t)shares};
    o->filled += shares;
    if (!may(o, input)) {
        o->early += o->answered ? 0 : shares;
        illegal();
        return;
    }
    expected.bad_fills += shares > o->open;
    o->open = input == WT_OI_FILL_ALL ? 0 : o->open - shares;
    struct model_order *n = pair_of(m, o);
    if (n)
        n->open = n->open > shares ? n->open - shares : 0;
    enter_state(o, input);
    if (input == WT_OI_FILL_ALL)
        ended(m, o);
}

static void model_canceled(struct model *m, struct model_order *o, int32_t shares, bool timeout) /* rule 5 */
{
    enum wt_order_input input = shares < o->open ? WT_OI_REDUCED : timeout ? WT_OI_EXPIRED : WT_OI_CANCELED;
    if (!may(o, input)) {
        illegal();
        return;
    }
    o->open -= input == WT_OI_REDUCED ? shares : o->open;
    enter_state(o, input);
    if (input != WT_OI_REDUCED)
        ended(m, o);
}

static void model_broken(struct model_order *o) /* rule 11 */
{
    struct model_fill *f = o->fills ? &o->fill[o->fills - 1] : NULL;
    if (!f) {
        illegal();
        o->ahead = AHEAD_BROKEN;
        return;
    }
    if (f->broken)
        return;
    f->broken = 1;
    expected.position -= f->shares;
    o->filled -= f->shares;
    if (may(o, WT_OI_BROKEN))
        enter_state(o, WT_OI_BROKEN);
    else
        illegal();
}

static void model_corrected(struct model_order *o, int32_t shares)
{
    struct model_fill *f = o->fills ? &o->fill[o->fills - 1] : NULL;
    if (!f) {
        illegal();
        o->ahead = o->ahead ? o->ahead : AHEAD_CORRECTED;
        return;
    }
    if (f->broken) {
        illegal();
        return;
    }
    if (f->corrected)
        return;
    expected.position += shares - f->shares;
    o->filled += shares - f->shares;
    *f = (struct model_fill){.shares = (uint16_t)shares, .corrected = 1};
    if (may(o, WT_OI_CORRECTED))
        enter_state(o, WT_OI_CORRECTED);
    else
        illegal();
}

static void model_ask_cancel(struct model *m, struct model_order *o) /* rule 7 */
{
    if (!is_alive(o) || o->state == CANCELING)
        return;
    if (spec[WT_OI_CANCEL_SENT][o->state] != NONE) {
        send_cancel(m, o);
        return;
    }
    o->kept = 1;
    struct model_order *n = pair_of(m, o), *old = o->replaces ? &m->order[o->replaces] : NULL;
    if (n)
        n->kept = 1;
    if (old && pair_of(m, old) == o)
        old->kept = 1;
}

static void model_replace(struct model *m, struct model_order *o, int32_t shares, uint32_t price) /* rule 8 */
{
    if (!is_alive(o) || spec[WT_OI_REPLACE_SENT][o->state] == NONE)
        return;
    unsigned id = m->next++;
    struct model_order *n = &m->order[id];
    *n = (struct model_order){.exists = 1,
                              .state = NEW,
                              .replaces = (uint8_t)id_of(m, o),
                              .open = shares,
                              .chain = o->chain + o->filled,
                              .price = price};
    request((struct wt_order_request){.kind = WT_REQUEST_REPLACE,
                                      .id = id,
                                      .replaced = id_of(m, o),
                                      .shares = (uint32_t)(n->chain + shares),
                                      .price = price});
    o->replacement = (uint8_t)id;
    enter_state(o, WT_OI_REPLACE_SENT);
}

static void model_down(struct model *m) /* rule 10 */
{
    if (!m->up)
        return;
    m->up = 0;
    for (unsigned id = 1; id <= ORDERS; id++) {
        struct model_order *o = &m->order[id];
        if (!is_alive(o))
            continue;
        o->kept |= o->state == CANCELING;
        enter_state(o, WT_OI_DISCONNECTED);
    }
}

static void model_up(struct model *m)
{
    m->up = 1;
    for (unsigned id = 1; id <= ORDERS; id++) {
        struct model_order *o = &m->order[id];
        if (!o->exists || o->state != UNKNOWN || o->answered)
            continue;
        if (o->replaces && pair_of(m, &m->order[o->replaces]) == o)
            m->order[o->replaces].replacement = 0;
        enter_state(o, WT_OI_LOST);
    }
    for (unsigned id = 1; id <= ORDERS; id++)
        if (m->order[id].exists && m->order[id].state == UNKNOWN) {
            enter_state(&m->order[id], WT_OI_PROVEN);
            answered(m, &m->order[id]);
        }
}

/* ---- the OMS ---- */

static struct fake_link link_;
static struct wt_loop *loop;
static struct wt_oms *oms;

static int on_send(void *ctx, const struct wt_order_request *r)
{
    (void)ctx;
    assert_true(oms->up);
    seen.requests++;
    seen.last = *r;
    return 0;
}

static void on_order(void *ctx, const struct wt_event *event)
{
    (void)ctx;
    seen.position += event->order.fill_shares;
}

static void on_alert(void *ctx, const struct wt_event *event)
{
    (void)ctx;
    seen.illegal += event->alert.kind == WT_ALERT_ILLEGAL;
    seen.bad_fills += event->alert.kind == WT_ALERT_BAD_FILL;
    seen.unknown += event->alert.kind == WT_ALERT_UNKNOWN_ORDER;
}

static void report(struct wt_exec_report r)
{
    wt_loop_input(loop, &(struct wt_event){.type = WT_EVENT_EXEC, .exec = r});
    wt_loop_drain(loop);
}

static void gateway(enum wt_gateway_state state)
{
    wt_loop_input(loop, &(struct wt_event){.type = WT_EVENT_GATEWAY, .gateway = {state}});
    wt_loop_drain(loop);
}

/* ---- events ---- */

enum act {
    REPLACE,
    ASK_CANCEL,
    ACCEPT,
    ACCEPT_DEAD,
    SAY_REPLACED,
    SAY_REPLACED_DEAD,
    FILL_40,
    FILL_ALL,
    FILL_OVER,
    FILL_AGAIN,
    REDUCE_40,
    CANCEL_ALL,
    EXPIRE_ALL,
    REJECT,
    CANCEL_PENDING,
    CANCEL_REJECTED,
    BREAK,
    CORRECT,
    MOVE,
    MOVE_NOWHERE,
    ACTS
};
enum { DOWN = ACTS * ORDERS, UP, OF_NOBODY, EVENTS };

static uint64_t match_of(unsigned id, unsigned number)
{
    return id * 100 + number;
}

static void replace(struct model *m, unsigned id)
{
    const struct wt_signal s = {.kind = WT_SIGNAL_REPLACE,
                                .order = id,
                                .side = WT_BUY,
                                .tif = WT_TIF_DAY,
                                .shares = 100,
                                .price = FIRST_PRICE + 100 * m->next};
    bool stands = is_alive(&m->order[id]) && spec[WT_OI_REPLACE_SENT][m->order[id].state] != NONE;
    int64_t rc = pass_replace(oms, &s, 0);
    wt_loop_drain(loop);
    assert_int_equal(rc, stands ? m->next : is_alive(&m->order[id]) ? -EBUSY : -ENOENT);
    model_replace(m, &m->order[id], 100, s.price);
}

static void executed(unsigned id, int32_t shares, unsigned number)
{
    report((struct wt_exec_report){.type = WT_EXEC_EXECUTED,
                                   .id = id,
                                   .shares = (uint32_t)shares,
                                   .price = FIRST_PRICE,
                                   .liquidity = 'R',
                                   .match = match_of(id, number)});
}

static void canceled(unsigned id, int32_t shares, uint16_t reason)
{
    report((struct wt_exec_report){.type = WT_EXEC_CANCELED, .id = id, .shares = (uint32_t)shares, .reason = reason});
}

/* The same event for both. False: there is no such event in this state of things. */
static bool happen(struct model *m, unsigned event)
{
    if (event == DOWN || event == UP) {
        gateway(event == UP ? WT_GATEWAY_UP : WT_GATEWAY_DOWN);
        if (event == UP)
            model_up(m);
        else
            model_down(m);
        return true;
    }
    if (event == OF_NOBODY) {
        report((struct wt_exec_report){.type = WT_EXEC_ACCEPTED, .id = 77, .shares = 5, .price = FIRST_PRICE});
        expected.unknown++;
        if (m->up)
            request((struct wt_order_request){.kind = WT_REQUEST_CANCEL, .id = 77});
        return true;
    }
    enum act act = event % ACTS;
    unsigned id = event / ACTS + 1;
    struct model_order *o = &m->order[id];
    const int32_t open = o->open, said = open ? open : 100;
    if (!o->exists || (act == REPLACE && m->next > ORDERS) || (act == FILL_OVER && !open) ||
        (act == FILL_AGAIN && !o->fills))
        return false;
    switch (act) {
    case REPLACE:
        replace(m, id);
        break;
    case ASK_CANCEL:
        assert_int_equal(wt_oms_cancel(oms, id, 0), is_alive(o) ? 0 : -ENOENT);
        wt_loop_drain(loop);
        model_ask_cancel(m, o);
        break;
    case ACCEPT:
    case ACCEPT_DEAD:
        report((struct wt_exec_report){.type = WT_EXEC_ACCEPTED,
                                       .id = id,
                                       .shares = (uint32_t)said,
                                       .price = FIRST_PRICE,
                                       .dead = act == ACCEPT_DEAD});
        model_accepted(m, o, said, act == ACCEPT_DEAD);
        break;
    case SAY_REPLACED:
    case SAY_REPLACED_DEAD:
        report((struct wt_exec_report){.type = WT_EXEC_REPLACED,
                                       .id = id,
                                       .replaced = o->replaces ? o->replaces : 3,
                                       .shares = (uint32_t)said,
                                       .price = FIRST_PRICE,
                                       .dead = act == SAY_REPLACED_DEAD});
        model_replaced(m, o, said, act == SAY_REPLACED_DEAD);
        break;
    case FILL_40:
    case FILL_ALL:
    case FILL_OVER: {
        int32_t shares = act == FILL_40 ? 40 : act == FILL_ALL ? said : open + 50;
        executed(id, shares, o->fills);
        model_fill(m, o, shares);
        if (o->ahead == AHEAD_BROKEN)
            model_broken(o);
        else if (o->ahead == AHEAD_CORRECTED)
            model_corrected(o, 30);
        o->ahead = 0;
        break;
    }
    case FILL_AGAIN:
        executed(id, 7, o->fills - 1u);
        break;
    case REDUCE_40:
        canceled(id, 40, 'U');
        model_canceled(m, o, 40, false);
        break;
    case CANCEL_ALL:
    case EXPIRE_ALL:
        canceled(id, said, act == EXPIRE_ALL ? 'T' : 'U');
        model_canceled(m, o, said, act == EXPIRE_ALL);
        break;
    case REJECT:
        report((struct wt_exec_report){.type = WT_EXEC_REJECTED, .id = id, .reason = 1});
        model_rejected(m, o);
        break;
    case CANCEL_PENDING:
    case CANCEL_REJECTED: {
        enum wt_order_input input = act == CANCEL_PENDING ? WT_OI_CANCEL_PENDING : WT_OI_CANCEL_REJECTED;
        report((struct wt_exec_report){.type = act == CANCEL_PENDING ? WT_EXEC_CANCEL_PENDING : WT_EXEC_CANCEL_REJECTED,
                                       .id = id});
        if (may(o, input))
            enter_state(o, input);
        else
            illegal();
        break;
    }
    case BREAK:
        report((struct wt_exec_report){
            .type = WT_EXEC_BROKEN, .id = id, .match = match_of(id, o->fills ? o->fills - 1u : 0)});
        model_broken(o);
        break;
    case CORRECT:
        report((struct wt_exec_report){.type = WT_EXEC_CORRECTED,
                                       .id = id,
                                       .match = match_of(id, o->fills ? o->fills - 1u : 0),
                                       .shares = 30,
                                       .price = FIRST_PRICE + 100});
        model_corrected(o, 30);
        break;
    case MOVE:
    case MOVE_NOWHERE: { /* rule 13 */
        uint32_t price = act == MOVE ? FIRST_PRICE - 100 : 0;
        report((struct wt_exec_report){.type = WT_EXEC_PRIORITY, .id = id, .price = price, .venue_ref = 7});
        if (!may(o, WT_OI_PRIORITY)) {
            illegal();
            break;
        }
        if (act == MOVE)
            o->price = price;
        else
            illegal();
        enter_state(o, WT_OI_PRIORITY);
        break;
    }
    case ACTS:
        break;
    }
    return true;
}

/* ---- comparison ---- */

static const char *path_events; /* that led here, each + 1; and the one that came last */
static unsigned path_last;

static const char *path(void);

static void differ(const char *what, unsigned id, long long is, long long should)
{
    fail_msg("after %s: order %u: %s is %lld, the specification says %lld", path(), id, what, is, should);
}

#define SAME(what, id, is, should)                                                                                     \
    do {                                                                                                               \
        if ((long long)(is) != (long long)(should))                                                                    \
            differ(what, id, (long long)(is), (long long)(should));                                                    \
    } while (0)

static void compare(const struct model *m)
{
    int64_t shares = 0, notional = 0;
    unsigned open = 0;
    for (unsigned id = 1; id <= ORDERS; id++) {
        const struct model_order *o = &m->order[id];
        const struct wt_order *is = wt_oms_find(oms, id);
        SAME("known", id, is != NULL, o->exists);
        if (!is)
            continue;
        if (strcmp(wt_order_state_name(is->state), state_names[o->state]))
            fail_msg("after %s: order %u is %s, the specification says %s", path(), id, wt_order_state_name(is->state),
                     state_names[o->state]);
        SAME("open", id, is->open, o->open);
        SAME("filled", id, is->filled, o->filled);
        SAME("price", id, is->price, o->price);
        SAME("cancel kept", id, is->cancel_kept, o->kept);
        SAME("replacement", id, is->replacement, o->replacement);
        if (!is_alive(o))
            continue;
        const struct model_order *old = o->replaces ? &m->order[o->replaces] : NULL;
        bool pending = old && old->replacement == id;
        int64_t worth = (int64_t)o->open * o->price, worth_old = old ? (int64_t)old->open * old->price : 0;
        notional += !pending ? worth : worth > worth_old ? worth - worth_old : 0;
        shares += !pending ? o->open : o->open > old->open ? o->open - old->open : 0; /* rule 13 */
        open += !pending;
    }
    SAME("worst case", 0, wt_oms_working(oms, 0).buy_shares, shares);
    SAME("sold short", 0, wt_oms_working(oms, 0).sell_shares, 0);
    SAME("open orders", 0, wt_oms_open_orders(oms), open);
    SAME("working notional", 0, wt_oms_working_notional(oms), notional);
    SAME("illegal", 0, seen.illegal, expected.illegal);
    SAME("bad fills", 0, seen.bad_fills, expected.bad_fills);
    SAME("unknown", 0, seen.unknown, expected.unknown);
    SAME("position", 0, seen.position, expected.position);
    SAME("requests", 0, seen.requests, expected.requests);
    if (!expected.requests)
        return;
    SAME("request's kind", 0, seen.last.kind, expected.last.kind);
    SAME("request's id", 0, seen.last.id, expected.last.id);
    SAME("request's shares", 0, seen.last.shares, expected.last.shares);
    SAME("request's original", 0, seen.last.replaced, expected.last.replaced);
    SAME("request's price", 0, seen.last.price, expected.last.price);
}

/* ---- states ---- */

struct snapshot {
    struct model model;
    uint64_t sequences;
    char path[20]; /* events that led here first, each + 1 */
    struct wt_order orders[SLOTS];
    struct wt_fill ring[FILLS];
    uint32_t slots[2 * FILLS], alive[2];
    struct wt_working working, total;
    size_t count, first;
    uint32_t next_id;
    bool up;
};

static void save(struct snapshot *s)
{
    memcpy(s->orders, oms->orders, sizeof s->orders);
    memcpy(s->ring, oms->fills.ring, sizeof s->ring);
    memcpy(s->slots, oms->fills.slots, sizeof s->slots);
    memcpy(s->alive, oms->alive[0], sizeof s->alive);
    s->working = oms->working[0];
    s->total = oms->total[0];
    s->count = oms->fills.count;
    s->first = oms->fills.first;
    s->next_id = oms->next_id;
    s->up = oms->up;
}

static void load(const struct snapshot *s)
{
    memcpy(oms->orders, s->orders, sizeof s->orders);
    memcpy(oms->fills.ring, s->ring, sizeof s->ring);
    memcpy(oms->fills.slots, s->slots, sizeof s->slots);
    memcpy(oms->alive[0], s->alive, sizeof s->alive);
    oms->working[0] = s->working;
    oms->total[0] = s->total;
    oms->fills.count = s->count;
    oms->fills.first = s->first;
    oms->next_id = s->next_id;
    oms->up = s->up;
}

struct key {
    uint64_t a, b;
};

static void mix(struct key *k, uint64_t v)
{
    k->a = (k->a ^ v) * 0x9e3779b97f4a7c15u;
    k->a ^= k->a >> 29;
    k->b = (k->b + v) * 0xc2b2ae3d27d4eb4fu;
    k->b ^= k->b >> 31;
}

static void mix_bytes(struct key *k, const void *bytes, size_t length)
{
    for (size_t i = 0; i < length; i += 8) {
        uint64_t v = 0;
        memcpy(&v, (const char *)bytes + i, length - i < 8 ? length - i : 8);
        mix(k, v);
    }
}

/* All of both states, field by field where a structure has holes. The fills' places follow from their order. */
static struct key key_of(const struct snapshot *s)
{
    struct key k = {1, 2};
    mix_bytes(&k, &s->model, sizeof s->model);
    for (unsigned i = 0; i < SLOTS; i++) {
        const struct wt_order *o = &s->orders[i];
        const uint64_t all[] = {o->id | (uint64_t)o->replaces << 32,
                                o->replacement | (uint64_t)o->symbol << 32,
                                (uint64_t)o->side << 32 | (uint64_t)o->tif,
                                (uint64_t)o->state << 32 | (uint64_t)o->owner << 8 | (uint64_t)o->cancel_kept << 1 |
                                    o->answered,
                                o->price | (uint64_t)o->open << 32,
                                o->early,
                                o->filled | (uint64_t)o->chain_filled << 32,
                                (uint64_t)o->counted_shares,
                                (uint64_t)o->counted_notional,
                                (uint64_t)o->counted_open << 1 | o->listed,
                                o->next | (uint64_t)o->previous << 32};
        mix_bytes(&k, all, sizeof all);
    }
    for (size_t i = 0; i < s->count; i++) {
        const struct wt_fill *f = &s->ring[(s->first + i) % FILLS];
        const uint64_t all[] = {f->match, f->id | (uint64_t)f->shares << 32,
                                f->price | (uint64_t)f->broken << 32 | (uint64_t)f->ahead << 33};
        mix_bytes(&k, all, sizeof all);
    }
    const uint64_t rest[] = {s->alive[0] | (uint64_t)s->alive[1] << 32,
                             (uint64_t)s->working.buy_shares,
                             (uint64_t)s->working.buy_notional,
                             s->working.open,
                             s->count,
                             s->first,
                             s->next_id,
                             s->up};
    mix_bytes(&k, rest, sizeof rest);
    return k;
}

/* States of one depth: a growing list, and a hash to find them. */
struct level {
    struct snapshot *list;
    struct key *keys;
    uint32_t *slots;
    size_t count, room, mask;
};

static void level_create(struct level *l)
{
    *l = (struct level){.mask = 1023};
    l->slots = calloc(l->mask + 1, sizeof *l->slots);
}

static void level_destroy(struct level *l)
{
    free(l->list);
    free(l->keys);
    free(l->slots);
}

static size_t place_of(const struct level *l, struct key k)
{
    size_t i = k.a & l->mask;
    while (l->slots[i] && (l->keys[l->slots[i] - 1].a != k.a || l->keys[l->slots[i] - 1].b != k.b))
        i = (i + 1) & l->mask;
    return i;
}

static void level_grow(struct level *l)
{
    l->room = l->room ? 2 * l->room : 512;
    l->list = realloc(l->list, l->room * sizeof *l->list);
    l->keys = realloc(l->keys, l->room * sizeof *l->keys);
    l->mask = 4 * l->room - 1;
    free(l->slots);
    l->slots = calloc(l->mask + 1, sizeof *l->slots);
    assert_true(l->list && l->keys && l->slots);
    for (size_t i = 0; i < l->count; i++)
        l->slots[place_of(l, l->keys[i])] = (uint32_t)i + 1;
}

static void level_add(struct level *l, const struct snapshot *s)
{
    struct key k = key_of(s);
    if (l->count == l->room)
        level_grow(l);
    size_t i = place_of(l, k);
    if (l->slots[i]) {
        l->list[l->slots[i] - 1].sequences += s->sequences;
        return;
    }
    l->list[l->count] = *s;
    l->keys[l->count] = k;
    l->slots[i] = (uint32_t)++l->count;
}

static const char *event_name(unsigned event, char out[40])
{
    static const char *const names[ACTS] = {
        "replace",        "ask cancel",      "accept",     "accept dead", "replaced",   "replaced dead", "fill 40",
        "fill all",       "fill over",       "fill again", "reduce 40",   "cancel all", "expire all",    "reject",
        "cancel pending", "cancel rejected", "break",      "correct",     "move",       "move nowhere"};
    if (event >= DOWN)
        snprintf(out, 40, "%s", event == DOWN ? "down" : event == UP ? "up" : "accept 77");
    else
        snprintf(out, 40, "%s %u", names[event % ACTS], event / ACTS + 1);
    return out;
}

static const char *path(void)
{
    static char text[512];
    char name[40];
    size_t n = 0;
    for (const char *p = path_events; *p; p++)
        n += (size_t)snprintf(text + n, sizeof text - n, "%s, ", event_name((unsigned char)*p - 1u, name));
    snprintf(text + n, sizeof text - n, "%s", event_name(path_last, name));
    return text;
}

static void every_sequence(void **state)
{
    (void)state;
    const char *wanted = getenv("WT_OMS_DEPTH");
    unsigned depth = wanted ? (unsigned)strtoul(wanted, NULL, 10) : DEPTH;
    assert_in_range(depth, 1, FILLS_OF_ONE - 1);
    static struct snapshot s;
    struct level now, next;
    uint64_t steps = 0, merged = 0;
    bool reached[STATES] = {false};
    read_specification();
    level_create(&now);
    memset(&expected, 0, sizeof expected);
    memset(&seen, 0, sizeof seen);
    assert_int_equal(
        pass_enter(oms, &(struct wt_signal){.side = WT_BUY, .tif = WT_TIF_DAY, .shares = 100, .price = FIRST_PRICE},
                   "ACME    ", 0),
        1);
    wt_loop_drain(loop);
    s.model = (struct model){.up = 1, .next = 2};
    s.model.order[1] = (struct model_order){.exists = 1, .state = NEW, .open = 100, .price = FIRST_PRICE};
    s.sequences = 1;
    save(&s);
    level_add(&now, &s);
    for (unsigned d = 1; d <= depth; d++) {
        uint64_t sequences = 0;
        level_create(&next);
        for (size_t i = 0; i < now.count; i++)
            for (unsigned event = 0; event < EVENTS; event++) {
                s = now.list[i];
                load(&s);
                memset(&expected, 0, sizeof expected);
                memset(&seen, 0, sizeof seen);
                path_events = now.list[i].path;
                path_last = event;
                if (!happen(&s.model, event))
                    continue;
                steps++;
                sequences += s.sequences;
                compare(&s.model);
                for (unsigned id = 1; id <= ORDERS; id++)
                    reached[s.model.order[id].exists ? s.model.order[id].state : NONE] = true;
                if (d == depth)
                    continue; /* what stands there has been compared, and leads nowhere */
                save(&s);
                s.path[d - 1] = (char)(event + 1);
                size_t before = next.count;
                level_add(&next, &s);
                merged += next.count == before;
            }
        print_message("# depth %u: %llu sequences, by %zu states\n", d, (unsigned long long)sequences, now.count);
        level_destroy(&now);
        now = next;
    }
    level_destroy(&now);
    print_message("# %llu steps compared, %llu led to a state that was known\n", (unsigned long long)steps,
                  (unsigned long long)merged);
    for (enum state e = NONE; e < STATES; e++)
        assert_true(reached[e]);
    assert_true(steps > 1000);
}

static void the_table_is_the_specification(void **state)
{
    (void)state;
    read_specification();
    for (enum state s = NONE; s < STATES; s++)
        for (unsigned i = 0; i < WT_ORDER_INPUTS; i++) {
            enum wt_order_state next = wt_oms_next((enum wt_order_state)s, i);
            enum state should = i == WT_OI_SENT ? (s == NONE ? NEW : NONE) : spec[i][s];
            assert_string_equal(wt_order_state_name((enum wt_order_state)s), state_names[s]);
            assert_string_equal(next == WT_ORDER_WORKING ? "WORKING" : wt_order_state_name(next), state_names[should]);
        }
    assert_int_equal(wt_oms_next(WT_ORDER_STATES, 0), WT_ORDER_NONE);
    assert_int_equal(wt_oms_next(0, WT_ORDER_INPUTS), WT_ORDER_NONE);
}

static int setup(void **state)
{
    (void)state;
    link_ = fake_link(1000);
    const struct wt_oms_config config = {.orders = SLOTS, .fills = FILLS, .symbols = 1};
    if (wt_loop_create(&link_.link, &loop) || wt_oms_create(&config, loop, (struct wt_order_sink){NULL, on_send}, &oms))
        return -1;
    wt_loop_subscribe(loop, WT_EVENT_ORDER, on_order, NULL);
    wt_loop_subscribe(loop, WT_EVENT_RISK_ALERT, on_alert, NULL);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    wt_oms_destroy(oms);
    wt_loop_destroy(loop);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_table_is_the_specification),
                                       cmocka_unit_test_setup_teardown(every_sequence, setup, teardown)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
