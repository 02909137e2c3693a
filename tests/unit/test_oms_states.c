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

#include "tests/unit/fake_link.h"
#include "tests/unit/oms_model.h"
#include "tests/unit/oms_snapshots.h"
#include "tests/unit/pass.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define DEPTH 6u
#else
#define DEPTH 8u
#endif

/* ---- the OMS ---- */

static struct fake_link link_;
static struct wt_loop *loop;

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
        SAME("movable", id, wt_oms_movable(oms, id, 0) != NULL, spec[WT_OI_REPLACE_SENT][o->state] != NONE);
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
