/*
 * The specification of an order's life, as host/trade/README.md has it: the table is read from there, the rules around
 * it are written here once more, over a few orders that replace one another. Each model_ function does what the event
 * of that name must do, and puts what it must cause beside into `expected`.
 */
#ifndef WT_TEST_OMS_MODEL_H
#define WT_TEST_OMS_MODEL_H

#include "host/trade/oms.h"

enum { ORDERS = 3, FILLS_OF_ONE = 9, FIRST_PRICE = 1000000 };

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

#endif
