/*
 * Random sessions of the OMS and its positions with a venue that is written here, small and plain: orders race each
 * other in both directions, executions come twice, late, out of order, are broken and corrected, the session breaks
 * with requests and reports under way and comes back with what was missed. Whatever happens, in the end
 *   - shares, cash and fees of every symbol are the venue's own, to the share and the millionth of a dollar,
 *   - what each order filled is what the venue executed of it, no order is open, and all sums of working orders are 0;
 * and at any time position plus working orders, as risk counts them, are no less than the venue's position plus what is
 * open there and what is still on its way to it: the worst case is one (while executions come in order and stand).
 *
 * One OMS lives through all sessions, with room for few orders and fills, so that slots and memory are used again.
 *
 * WT_OMS_SESSIONS: how many (default 100,000; `make risk`: a million).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "host/trade/oms.h"
#include "host/trade/position.h"
#include "tests/unit/fake_link.h"
#include "tests/unit/pass.h"

enum { SYMBOLS = 2, ORDERS = 40, REQUESTS = 256, REPORTS = 1024, EXECUTIONS = 256 };

static struct fake_link link_;
static struct wt_loop *loop;
static struct wt_quotes *quotes;
static struct wt_positions *positions;
static struct wt_oms *oms;
static uint64_t random_state, alerts, unknown;

static uint64_t draw(uint64_t n)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return random_state % n;
}

/* ---- the venue */

struct venue_order {
    uint32_t id;
    bool live, replaced, cancel_pending;
    char side;
    wt_symbol symbol;
    uint32_t open, executed, chain, price; /* chain: executed by those it replaced */
    uint32_t net;                          /* executed, less what was broken and corrected away */
};

struct execution {
    uint32_t order; /* index */
    uint32_t shares, price;
    uint64_t match;
    char liquidity;
    bool broken;
};

static struct venue {
    struct venue_order order[ORDERS];
    unsigned orders;
    struct execution execution[EXECUTIONS];
    unsigned executions;
    struct wt_exec_report report[REPORTS]; /* the session's stream */
    unsigned reports, told;
    bool out_of_order, changes; /* executions overtake other reports; some are broken or corrected */
    uint32_t highest;
} v;

static uint64_t match;
/* Of all sessions. Money in 1/10000 dollar, fees in millionths. */
static int64_t shares_of[SYMBOLS], cash_of[SYMBOLS], fees_of[SYMBOLS];
static uint64_t count_fills, count_twice, count_late, count_broken, count_corrected, count_moved, count_breaks,
    count_lost, count_requests, count_races, count_old, count_forgotten;

static const int32_t rate_of[256] = {['A'] = -2000, ['R'] = 3000};

static void book(const struct venue_order *o, int64_t shares, uint32_t price, char liquidity)
{
    int64_t sign = o->side == 'B' ? 1 : -1;
    shares_of[o->symbol] += sign * shares;
    cash_of[o->symbol] -= sign * shares * price;
    fees_of[o->symbol] += shares * rate_of[(uint8_t)liquidity];
}

static void tell(struct wt_exec_report r)
{
    assert_true(v.reports < REPORTS);
    r.sequence = v.reports + 1;
    v.report[v.reports++] = r;
    /* An execution, or what is said of one, overtakes up to three reports before it that were not told yet. */
    bool of_execution = r.type == WT_EXEC_EXECUTED || r.type == WT_EXEC_BROKEN || r.type == WT_EXEC_CORRECTED;
    for (unsigned i = v.reports - 1, far = (unsigned)draw(4); v.out_of_order && of_execution && far && i > v.told;
         i--, far--) {
        struct wt_exec_report before = v.report[i - 1];
        v.report[i - 1] = v.report[i];
        v.report[i] = before;
    }
}

/* Late: the last execution that was not told falls behind all that is. */
static void delay(void)
{
    for (unsigned i = v.reports; v.out_of_order && i-- > v.told + 1;)
        if (v.report[i - 1].type == WT_EXEC_EXECUTED) {
            struct wt_exec_report late = v.report[i - 1];
            memmove(&v.report[i - 1], &v.report[i], (v.reports - i) * sizeof late);
            v.report[v.reports - 1] = late;
            count_late++;
            return;
        }
}

static struct venue_order *venue_find(uint32_t id)
{
    for (unsigned i = 0; i < v.orders; i++)
        if (v.order[i].id == id)
            return &v.order[i];
    return NULL;
}

static struct venue_order *venue_new(const struct wt_order_request *r, uint32_t open)
{
    assert_true(v.orders < ORDERS);
    struct venue_order *o = &v.order[v.orders++];
    *o = (struct venue_order){
        .id = r->id, .live = true, .side = (char)r->side, .symbol = r->symbol, .open = open, .price = r->price};
    return o;
}

static void venue_cancel(struct venue_order *o, uint32_t shares, uint16_t reason)
{
    o->open -= shares;
    o->live = o->open != 0;
    tell((struct wt_exec_report){.type = WT_EXEC_CANCELED, .id = o->id, .shares = shares, .reason = reason});
}

static void venue_enter(const struct wt_order_request *r)
{
    if (draw(12) == 0) {
        tell((struct wt_exec_report){.type = WT_EXEC_REJECTED, .id = r->id, .reason = 7});
        return;
    }
    struct venue_order *o = venue_new(r, r->shares);
    bool dead = draw(30) == 0;
    tell((struct wt_exec_report){
        .type = WT_EXEC_ACCEPTED, .id = r->id, .shares = r->shares, .price = r->price, .dead = dead});
    if (dead) {
        o->live = false;
        o->open = 0;
    }
}

/* r->shares is what the chain may execute in all. Replaces of orders that are dead are ignored without a word. */
static void venue_replace(const struct wt_order_request *r)
{
    struct venue_order *o = venue_find(r->replaced);
    if (!o || !o->live) {
        count_races++;
        return;
    }
    if (draw(8) == 0) {
        tell((struct wt_exec_report){.type = WT_EXEC_REJECTED, .id = r->id, .reason = 8});
        return;
    }
    uint32_t done = o->chain + o->executed;
    if (r->shares <= done) { /* nothing is left to work: the original goes */
        venue_cancel(o, o->open, 'U');
        return;
    }
    uint32_t original = o->id;
    char side = o->side;
    wt_symbol symbol = o->symbol;
    o->live = false;
    o->replaced = true;
    o->open = 0;
    struct venue_order *n = venue_new(r, r->shares - done);
    n->side = side;
    n->symbol = symbol;
    n->chain = done;
    bool dead = draw(30) == 0;
    tell((struct wt_exec_report){.type = WT_EXEC_REPLACED,
                                 .id = r->id,
                                 .replaced = original,
                                 .shares = n->open,
                                 .price = r->price,
                                 .dead = dead});
    if (dead) {
        n->live = false;
        n->open = 0;
    }
}

static void venue_take(const struct wt_order_request *r)
{
    if (r->kind != WT_REQUEST_CANCEL) {
        if (r->id <= v.highest) /* ignored: a number is good once */
            fail_msg("order %u sent twice", r->id);
        v.highest = r->id;
        if (r->kind == WT_REQUEST_ENTER)
            venue_enter(r);
        else
            venue_replace(r);
        return;
    }
    struct venue_order *o = venue_find(r->id);
    if (!o || !o->live) {
        count_races++;
        return;
    }
    uint64_t how = draw(10);
    if (how == 0)
        tell((struct wt_exec_report){.type = WT_EXEC_CANCEL_REJECTED, .id = o->id});
    else if (how == 1 && !o->cancel_pending) {
        o->cancel_pending = true;
        tell((struct wt_exec_report){.type = WT_EXEC_CANCEL_PENDING, .id = o->id});
    } else
        venue_cancel(o, o->open, 'U');
}

static void venue_execute(struct venue_order *o)
{
    if (v.executions == EXECUTIONS)
        return;
    uint32_t shares = draw(3) ? 1 + (uint32_t)draw(o->open) : o->open;
    struct execution *e = &v.execution[v.executions++];
    *e = (struct execution){.order = (uint32_t)(o - v.order),
                            .shares = shares,
                            .price = o->price - 50 + (uint32_t)draw(100),
                            .match = ++match,
                            .liquidity = draw(2) ? 'A' : 'R'};
    o->open -= shares;
    o->executed += shares;
    o->net += shares;
    o->live = o->open != 0;
    book(o, shares, e->price, e->liquidity);
    count_fills++;
    tell((struct wt_exec_report){.type = WT_EXEC_EXECUTED,
                                 .id = o->id,
                                 .shares = shares,
                                 .price = e->price,
                                 .liquidity = e->liquidity,
                                 .match = e->match});
}

static void venue_change(void)
{
    if (!v.executions || !v.changes)
        return;
    struct execution *e = &v.execution[draw(v.executions)];
    struct venue_order *o = &v.order[e->order];
    if (e->broken)
        return;
    struct wt_exec_report r = {.id = o->id, .match = e->match};
    book(o, -(int64_t)e->shares, e->price, e->liquidity);
    o->net -= e->shares;
    if (draw(2)) {
        e->broken = true;
        r.type = WT_EXEC_BROKEN;
        count_broken++;
    } else {
        /* Corrected a second time it would be a matter of order, which the stream keeps, and tell() does not. */
        e->broken = true;
        r.type = WT_EXEC_CORRECTED;
        r.shares = 1 + (uint32_t)draw(e->shares);
        r.price = e->price + 1 + (uint32_t)draw(10);
        r.liquidity = e->liquidity;
        book(o, r.shares, r.price, r.liquidity);
        o->net += r.shares;
        count_corrected++;
    }
    tell(r);
}

static void venue_acts(void)
{
    if (!v.orders)
        return;
    struct venue_order *o = &v.order[draw(v.orders)];
    uint64_t what = draw(20);
    if (what == 0)
        venue_change();
    else if (what == 1)
        delay();
    else if (!o->live)
        return;
    else if (what == 2)
        venue_cancel(o, o->open, 'T');
    else if (what == 3 && o->open > 1)
        venue_cancel(o, 1 + (uint32_t)draw(o->open - 1), 'U');
    else if (what == 4 && o->cancel_pending)
        venue_cancel(o, o->open, 'U');
    else if (what == 5) {
        o->price -= 1 + (uint32_t)draw(50);
        count_moved++;
        tell((struct wt_exec_report){.type = WT_EXEC_PRIORITY, .id = o->id, .price = o->price, .venue_ref = 7});
    } else if (what > 8)
        venue_execute(o);
}

/* ---- the host */

static struct wt_order_request under_way[REQUESTS];
static unsigned first_request, requests;
static bool up;
static uint32_t ids[ORDERS]; /* of this session */
static unsigned id_count;

static int on_send(void *ctx, const struct wt_order_request *r)
{
    (void)ctx;
    assert_true(up);
    assert_true(requests < REQUESTS);
    under_way[requests++] = *r;
    count_requests++;
    return 0;
}

static void on_alert(void *ctx, const struct wt_event *event)
{
    (void)ctx;
    if (event->alert.kind == WT_ALERT_UNKNOWN_ORDER)
        unknown++;
    else
        alerts++;
}

static void report(struct wt_exec_report r)
{
    wt_loop_input(loop, &(struct wt_event){.type = WT_EVENT_EXEC, .exec = r});
    wt_loop_drain(loop);
}

static void gateway(bool is_up)
{
    up = is_up;
    wt_loop_input(loop,
                  &(struct wt_event){.type = WT_EVENT_GATEWAY, .gateway = {is_up ? WT_GATEWAY_UP : WT_GATEWAY_DOWN}});
    wt_loop_drain(loop);
}

static void hear(void)
{
    if (v.told == v.reports)
        return;
    struct wt_exec_report r = v.report[v.told++];
    report(r);
    bool of_execution = r.type == WT_EXEC_EXECUTED || r.type == WT_EXEC_BROKEN || r.type == WT_EXEC_CORRECTED;
    if (of_execution && draw(8) == 0) {
        report(r);
        count_twice++;
    }
}

/* An execution of long before, once more. */
static void hear_again(void)
{
    const struct wt_exec_report *r = v.told ? &v.report[draw(v.told)] : NULL;
    if (!r || r->type != WT_EXEC_EXECUTED)
        return;
    report(*r);
    count_twice++;
}

/* The same of an older session. Its order, and the fill with it, may be forgotten by now: then it is nobody's. */
static struct wt_exec_report old_report[1024];
static uint64_t old_reports;

static void keep_reports(void)
{
    for (unsigned i = 0; i < v.reports; i++)
        if (v.report[i].type == WT_EXEC_EXECUTED)
            old_report[old_reports++ % 1024] = v.report[i];
}

static void hear_of_old(void)
{
    uint64_t before = unknown;
    if (!old_reports)
        return;
    report(old_report[draw(old_reports < 1024 ? old_reports : 1024)]);
    count_old++;
    count_forgotten += unknown - before;
}

static void host_acts(void)
{
    if (id_count >= ORDERS - 2 || !up)
        return;
    uint64_t what = draw(6);
    uint32_t old = id_count ? ids[draw(id_count)] : 0;
    struct wt_signal s = {.kind = WT_SIGNAL_ENTER,
                          .symbol = (wt_symbol)draw(SYMBOLS),
                          .side = draw(2) ? WT_BUY : WT_SELL,
                          .tif = WT_TIF_DAY,
                          .shares = 1 + (uint32_t)draw(300),
                          .price = 100000 + 100 * (uint32_t)draw(50)};
    int64_t id = 0;
    if (what < 2) {
        id = pass_enter(oms, &s, "ACME    ", 0);
        assert_true(id > 0);
    } else if (what < 5 && old) {
        s.order = old;
        id = pass_replace(oms, &s, 0);
        assert_true(id > 0 || id == -EBUSY || id == -ENOENT);
    } else if (old) {
        int rc = wt_oms_cancel(oms, old, 0);
        assert_true(rc == 0 || rc == -ENOENT);
    }
    if (id > 0)
        ids[id_count++] = (uint32_t)id;
    wt_loop_drain(loop);
}

static void deliver(void)
{
    if (first_request < requests)
        venue_take(&under_way[first_request++]);
}

/* What has been sent may still arrive or not; what was not heard is heard when the session is back. */
static void session_breaks(void)
{
    while (first_request < requests && draw(3))
        deliver();
    count_lost += requests - first_request;
    first_request = requests;
    gateway(false);
    count_breaks++;
    for (uint64_t n = draw(6); n; n--)
        venue_acts();
    while (v.told < v.reports) {
        hear();
        if (draw(4) == 0)
            hear_again();
        if (draw(8) == 0)
            venue_acts();
    }
    gateway(true);
}

/* ---- what holds */

static int64_t most(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

/*
 * Executions that were told and not yet heard move shares from one side of the sum to the other on both. Those that
 * were changed do not, and one that comes behind the answer to a replace is in neither sum: such sessions are left out.
 */
static void check_worst_case(void)
{
    if (v.changes || v.out_of_order)
        return;
    for (wt_symbol s = 0; s < SYMBOLS; s++) {
        int64_t buys = 0, sells = 0;
        for (unsigned i = 0; i < v.orders; i++)
            if (v.order[i].live && v.order[i].symbol == s)
                *(v.order[i].side == 'B' ? &buys : &sells) += v.order[i].open;
        for (unsigned i = first_request; i < requests; i++) {
            const struct wt_order_request *r = &under_way[i];
            const struct venue_order *o = r->kind == WT_REQUEST_REPLACE ? venue_find(r->replaced) : NULL;
            int64_t more = r->kind == WT_REQUEST_ENTER ? r->shares
                           : o && o->live              ? most(0, (int64_t)r->shares - o->chain - o->executed - o->open)
                                                       : 0;
            if (r->kind != WT_REQUEST_CANCEL && r->symbol == s)
                *(r->side == WT_BUY ? &buys : &sells) += more;
        }
        const struct wt_position *p = wt_positions_get(positions, s);
        struct wt_working w = wt_oms_working(oms, s);
        if (p->shares + w.buy_shares < shares_of[s] + buys || p->shares - w.sell_shares > shares_of[s] - sells)
            fail_msg("the worst case is worse: host %lld +%lld -%lld, venue %lld +%lld -%lld", (long long)p->shares,
                     (long long)w.buy_shares, (long long)w.sell_shares, (long long)shares_of[s], (long long)buys,
                     (long long)sells);
    }
}

static void stuck(void)
{
    for (unsigned i = 0; i < id_count; i++) {
        const struct wt_order *o = wt_oms_find(oms, ids[i]);
        const struct venue_order *is = venue_find(ids[i]);
        if (o && wt_order_alive(o->state))
            print_message("order %u is %s with %u open for the host, %s with %u at the venue\n", ids[i],
                          wt_order_state_name(o->state), o->open, is && is->live ? "live" : "not live",
                          is ? is->open : 0);
    }
    for (unsigned i = 0; i < v.reports; i++)
        print_message("%u: type %d of %u: %u\n", i, v.report[i].type, v.report[i].id, v.report[i].shares);
    fail_msg("orders stay open");
}

static void settle(void)
{
    for (unsigned round = 0;; round++) {
        if (round == 200)
            stuck();
        while (first_request < requests)
            deliver();
        while (v.told < v.reports)
            hear();
        for (unsigned i = 0; i < v.orders; i++)
            if (v.order[i].live && v.order[i].cancel_pending)
                venue_cancel(&v.order[i], v.order[i].open, 'U');
        unsigned alive = wt_oms_cancel_all(oms);
        wt_loop_drain(loop);
        if (!alive && v.told == v.reports && first_request == requests)
            break;
    }
}

static void check_end(void)
{
    for (wt_symbol s = 0; s < SYMBOLS; s++) {
        const struct wt_position *p = wt_positions_get(positions, s);
        struct wt_working w = wt_oms_working(oms, s);
        assert_int_equal(p->shares, shares_of[s]);
        assert_int_equal(p->cash, cash_of[s]);
        assert_int_equal(p->fees, fees_of[s]);
        assert_int_equal(p->cash, p->realized - p->cost);
        assert_int_equal(w.buy_shares | w.sell_shares | w.buy_notional | w.sell_notional | w.open, 0);
    }
    assert_int_equal(wt_oms_open_orders(oms), 0);
    for (unsigned i = 0; i < v.orders; i++) {
        const struct wt_order *o = wt_oms_find(oms, v.order[i].id);
        assert_false(v.order[i].live);
        if (o)
            assert_int_equal(o->filled, v.order[i].net);
        if (o && !v.out_of_order)
            assert_int_equal(o->price, v.order[i].price);
    }
    for (unsigned i = 0; i < id_count; i++) {
        const struct wt_order *o = wt_oms_find(oms, ids[i]);
        if (o)
            assert_false(wt_order_alive(o->state));
    }
}

static void session(uint64_t seed)
{
    random_state = seed * 0x9e3779b97f4a7c15u + 1;
    for (int i = 0; i < 4; i++)
        draw(2);
    v.orders = v.executions = v.reports = v.told = 0;
    v.out_of_order = draw(3) == 0;
    v.changes = draw(3) == 0;
    first_request = requests = id_count = 0;
    uint64_t alerts_before = alerts;
    struct wt_oms_stats before, after;
    wt_oms_stats(oms, &before);
    for (uint64_t steps = 20 + draw(60); steps; steps--) {
        uint64_t what = draw(20);
        if (what < 5)
            host_acts();
        else if (what < 9)
            deliver();
        else if (what < 14)
            venue_acts();
        else if (what < 18)
            hear();
        else if (what == 18 && draw(2))
            hear_again();
        else if (what == 18)
            hear_of_old();
        else if (draw(4) == 0)
            session_breaks();
        check_worst_case();
        if (v.reports > REPORTS - 200 || requests > REQUESTS - 100)
            break;
    }
    settle();
    check_end();
    keep_reports();
    /* In order, nothing is illegal: only what was lost is told of. */
    wt_oms_stats(oms, &after);
    if (!v.out_of_order) {
        assert_int_equal(after.illegal, before.illegal);
        assert_int_equal(alerts - alerts_before, after.lost - before.lost);
    }
    assert_int_equal(after.bad_fills, before.bad_fills);
}

static void shares_and_money_are_conserved(void **state)
{
    (void)state;
    const char *wanted = getenv("WT_OMS_SESSIONS");
    uint64_t sessions = wanted ? strtoull(wanted, NULL, 10) : getenv("WT_QUICK") ? 1000 : 100000;
    const struct wt_oms_config config = {.orders = 4096, .fills = 256, .symbols = SYMBOLS};
    static struct wt_fee_table fees;
    memcpy(fees.per_share, rate_of, sizeof fees.per_share);
    link_ = fake_link(1000);
    assert_int_equal(wt_loop_create(&link_.link, &loop), 0);
    assert_int_equal(wt_quotes_create(loop, SYMBOLS, &quotes), 0);
    assert_int_equal(wt_positions_create_for(loop, quotes, SYMBOLS, &fees, NULL, &positions), 0);
    assert_int_equal(wt_oms_create(&config, loop, (struct wt_order_sink){NULL, on_send}, &oms), 0);
    wt_loop_subscribe(loop, WT_EVENT_RISK_ALERT, on_alert, NULL);
    gateway(true);
    for (uint64_t n = 1; n <= sessions; n++)
        session(n);
    struct wt_oms_stats s;
    wt_oms_stats(oms, &s);
    print_message(
        "# %llu sessions: %llu requests, of which %llu were lost and %llu too late; %llu executions, %llu told "
        "twice, %llu late, %llu broken, %llu corrected; %llu orders moved; the session broke %llu times; %llu replaces "
        "void, "
        "%llu illegal\n",
        (unsigned long long)sessions, (unsigned long long)count_requests, (unsigned long long)count_lost,
        (unsigned long long)count_races, (unsigned long long)count_fills, (unsigned long long)count_twice,
        (unsigned long long)count_late, (unsigned long long)count_broken, (unsigned long long)count_corrected,
        (unsigned long long)count_moved, (unsigned long long)count_breaks, (unsigned long long)s.voided,
        (unsigned long long)s.illegal);
    assert_true(count_fills > sessions && count_breaks > sessions / 4 && count_twice > sessions / 4);
    assert_true(count_lost > sessions / 20 && count_races > sessions / 20 && count_late > sessions / 100);
    assert_true(count_moved > sessions / 10 && count_broken > sessions / 100 && count_corrected > sessions / 100);
    print_message("# %llu executions of older sessions once more, %llu of orders that were forgotten\n",
                  (unsigned long long)count_old, (unsigned long long)count_forgotten);
    assert_true(count_forgotten > sessions / 100 && count_forgotten < count_old);
    assert_true(s.voided > sessions / 20 && s.illegal > sessions / 20);
    wt_oms_destroy(oms);
    wt_positions_destroy(positions);
    wt_quotes_destroy(quotes);
    wt_loop_destroy(loop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(shares_and_money_are_conserved)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
