/*
 * A move (host/trade/desk.h: a replace that goes the short way out) does what the longer way does: two desks with risk,
 * OMS, gateway and journal, of which one has its way out by another name, so that it never moves, see the same signals,
 * reports, broken sessions and streams that take nothing. Answers, bytes to the venue, orders, counts and journals are
 * the same.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "host/event/journal_reader.h"
#include "host/event/tap.h"
#include "host/gateway/soup.h"
#include "host/gateway/way_out.h"
#include "host/market/random.h"
#include "host/trade/oms_internal.h"
#include "tests/unit/trade_bench.h"

enum { STEPS = 60000, SYMBOLS = 3, SLOTS = 1024, RECENT = 30, BYTES = 1 << 21 };

struct world {
    struct trade_bench t;
    struct wt_journal *journal;
    char dir[64];
    struct wt_tap *tap;
    struct wt_link *link; /* the tap's */
    struct wt_gateway *gateway;
    struct wt_way_out way;
    uint8_t bytes[BYTES], in[256];
    size_t length, in_length;
    int says; /* the stream, of the next request; 0: it goes */
    unsigned replaces_by_sink, left;
    uint64_t orders; /* a sum of what was told of them */
};

static struct wt_random random_state;

static uint32_t draw(uint32_t below)
{
    return (uint32_t)wt_random_below(&random_state, below);
}

/* ---- the venue's end ---- */

static int take_connect(void *ctx)
{
    (void)ctx;
    return 0;
}

static int take_bytes(void *ctx, const void *bytes, size_t length)
{
    struct world *w = ctx;
    const uint8_t *p = bytes;
    if (w->says)
        return w->says;
    if (p[2] == WT_SOUP_LOGIN_REQUEST) {
        const struct wt_soup_login_accepted accepted = {"MOVES", 1};
        w->in_length = (size_t)wt_soup_put_login_accepted(w->in, sizeof w->in, &accepted);
    }
    assert_true(w->length + length <= BYTES);
    memcpy(w->bytes + w->length, bytes, length);
    w->length += length;
    return 0;
}

static ssize_t give_bytes(void *ctx, void *bytes, size_t room)
{
    struct world *w = ctx;
    size_t n = w->in_length;
    assert_true(n <= room);
    memcpy(bytes, w->in, n);
    w->in_length = 0;
    return (ssize_t)n;
}

static void take_close(void *ctx)
{
    (void)ctx;
}

/* ---- a host ---- */

static int by_sink(void *ctx, const struct wt_order_request *request)
{
    const struct wt_way_out *way = ctx;
    ((struct world *)way->ctx)->replaces_by_sink += request->kind == WT_REQUEST_REPLACE;
    return wt_way_out(ctx, request);
}

static void left(void *ctx)
{
    ((struct world *)ctx)->left++;
}

static void on_order(void *ctx, const struct wt_event *event)
{
    struct world *w = ctx;
    const struct wt_order_event *o = &event->order;
    const uint64_t all[] = {o->id,    o->replaces,    o->symbol,        o->state, o->old_state,   o->input,
                            o->price, o->open_shares, o->filled_shares, o->owner, o->fill_shares, event->ns};
    for (unsigned i = 0; i < sizeof all / sizeof all[0]; i++)
        w->orders = (w->orders ^ all[i]) * 0x9e3779b97f4a7c15u + 1;
}

static void on_exec(void *ctx, const struct wt_exec_report *report)
{
    (void)ctx, (void)report;
}

static void on_state(void *ctx, enum wt_gateway_state state, const char *why)
{
    (void)why;
    bench_gateway(&((struct world *)ctx)->t, state);
}

static void begin(struct world *w, bool moves)
{
    struct trade_bench *t = &w->t;
    static const struct wt_risk_limits limits = {.max_order_shares = 500,
                                                 .max_position = 10000000,
                                                 .max_gross_notional = 90000000000000,
                                                 .collar_bps = 30,
                                                 .orders_per_second = 100000,
                                                 .burst = 50};
    struct wt_journal_options options;
    struct wt_gateway_config config;
    memset(w, 0, sizeof *w);
    strcpy(w->dir, "/tmp/wt_move_XXXXXX");
    wt_journal_defaults(&options);
    options.dir = mkdtemp(w->dir);
    options.segment_bytes = 1 << 18;
    options.block = true;
    assert_int_equal(wt_journal_create(&options, &w->journal), 0);
    assert_int_equal(wt_tap_record(w->journal, true, &w->tap), 0);
    assert_int_equal(wt_tap_config(w->tap, "{}", false), 0);
    t->link = fake_link(1000000000);
    w->link = wt_tap_link(w->tap, &t->link.link);
    assert_int_equal(wt_loop_create(w->link, &t->loop), 0);
    assert_int_equal(wt_tap_subscribe(w->tap, t->loop), 0);
    assert_int_equal(wt_quotes_create(t->loop, BENCH_SYMBOLS, &t->quotes), 0);
    assert_int_equal(wt_positions_create(t->loop, t->quotes, BENCH_SYMBOLS, &t->positions), 0);
    w->way = (struct wt_way_out){NULL, t->loop, left, w};
    const struct wt_oms_config oms = {.orders = SLOTS, .fills = 1u << 14, .symbols = BENCH_SYMBOLS};
    const struct wt_order_sink sink = {&w->way, moves ? wt_way_out : by_sink};
    assert_int_equal(wt_oms_create(&oms, t->loop, sink, &t->oms), 0);
    t->oms->sink.send = by_sink; /* so that what does not move is counted in both */
    assert_int_equal(wt_risk_create(&limits, t->loop, t->quotes, t->positions, t->oms, &t->risk), 0);
    assert_int_equal(wt_desk_create(t->loop, t->quotes, t->risk, t->oms, &t->desk), 0);
    wt_loop_subscribe(t->loop, WT_EVENT_ORDER, on_order, w);
    wt_gateway_defaults(&config);
    strcpy(config.username, "user");
    config.next_sequence = 1;
    config.heartbeat_ns = 1000000000000;
    config.dead_ns = 2000000000000;
    struct wt_stream stream = {w, take_connect, take_bytes, give_bytes, take_close};
    struct wt_gateway_handler handler = {.ctx = w, .exec = on_exec, .state = on_state};
    assert_int_equal(wt_gateway_create(&config, wt_tap_stream(w->tap, stream), handler, &w->gateway), 0);
    w->way.gateway = w->gateway;
    bench_market(t);
}

static void end(struct world *w)
{
    struct trade_bench *t = &w->t;
    wt_desk_destroy(t->desk);
    wt_risk_destroy(t->risk);
    wt_oms_destroy(t->oms);
    wt_positions_destroy(t->positions);
    wt_quotes_destroy(t->quotes);
    wt_loop_destroy(t->loop);
    wt_gateway_destroy(w->gateway);
    wt_tap_destroy(w->tap);
    assert_int_equal(wt_journal_close(w->journal), 0);
}

/* ---- what happens ---- */

static void session(struct world *w)
{
    uint64_t now = wt_loop_now(w->t.loop);
    if (wt_gateway_state(w->gateway) == WT_GATEWAY_UP) {
        wt_gateway_stop(w->gateway, now);
        return;
    }
    w->says = 0;
    assert_int_equal(wt_gateway_start(w->gateway, now), 0);
    wt_gateway_poll(w->gateway, now);
    assert_int_equal(wt_gateway_state(w->gateway), WT_GATEWAY_UP);
}

/* What the venue may say of an order. False: nothing now. */
static bool answer(const struct wt_order *o, struct wt_exec_report *r, uint64_t match)
{
    uint32_t how = draw(40), part = o->open ? 1 + draw(o->open) : 0;
    *r = (struct wt_exec_report){.id = o->id, .shares = o->open, .price = o->price};
    if (!wt_order_alive(o->state) || !o->open)
        return false;
    if (o->state == WT_ORDER_PENDING_NEW) {
        r->type = how == 0 ? WT_EXEC_REJECTED : o->replaces ? WT_EXEC_REPLACED : WT_EXEC_ACCEPTED;
        r->replaced = o->replaces;
    } else if (how < 3) {
        r->type = WT_EXEC_EXECUTED;
        r->shares = how ? part : o->open;
        r->match = match;
        r->liquidity = 'A';
    } else if (how < 12) {
        r->type = WT_EXEC_CANCELED;
        r->reason = 'U';
    } else {
        return false;
    }
    return true;
}

static void step(struct world *w)
{
    const struct wt_oms *oms = w[0].t.oms;
    uint32_t what = draw(100), last = wt_oms_last_id(oms),
             id = draw(3) && last > RECENT ? last - draw(RECENT) : oms->orders[draw(SLOTS)].id;
    const struct wt_order *o = id ? wt_oms_find(oms, id) : NULL;
    assert_int_equal(last, wt_oms_last_id(w[1].t.oms));
    if (what < 55) {
        bool alive = o && wt_order_alive(o->state);
        const struct wt_signal s = {.kind = draw(8)   ? alive ? WT_SIGNAL_REPLACE : WT_SIGNAL_ENTER
                                            : draw(8) ? WT_SIGNAL_CANCEL
                                                      : WT_SIGNAL_REPLACE,
                                    .order = id,
                                    .symbol = (wt_symbol)draw(SYMBOLS),
                                    .side = draw(2) ? WT_BUY : WT_SELL,
                                    .tif = draw(20) ? WT_TIF_DAY : WT_TIF_IOC,
                                    .shares = draw(20) ? 1 + draw(300) : draw(520),
                                    .price = 999000 + 100 * draw(20)};
        unsigned owner = o && draw(20) ? o->owner : draw(6) == 0;
        int64_t rc[2] = {bench_signal(&w[0].t, owner, s), bench_signal(&w[1].t, owner, s)};
        assert_int_equal(rc[0], rc[1]);
        w[0].says = w[1].says = 0;
    } else if (what < 90) {
        struct wt_exec_report r;
        if (!o || !w[0].t.oms->up || !answer(o, &r, ++w[0].t.match))
            return;
        bench_report(&w[0].t, r);
        bench_report(&w[1].t, r);
    } else if (what < 93) {
        w[0].says = w[1].says = draw(2) ? -EAGAIN : -ENOTCONN;
    } else if (what < 94 && (!oms->up || draw(10) == 0)) {
        session(&w[0]);
        session(&w[1]);
    } else {
        uint64_t passed = draw(1000000);
        for (unsigned i = 0; i < 2; i++) {
            w[i].link->ops->wait(w[i].link, w[i].t.link.now + passed);
            wt_gateway_poll(w[i].gateway, wt_loop_now(w[i].t.loop));
        }
    }
    assert_int_equal(w[0].length, w[1].length);
    assert_int_equal(w[0].orders, w[1].orders);
}

static void the_journals_are_the_same(const struct world *w)
{
    struct wt_journal_reader *reader[2];
    struct wt_journal_item item[2];
    char command[160];
    uint64_t n = 0;
    assert_int_equal(wt_journal_open(w[0].dir, &reader[0]), 0);
    assert_int_equal(wt_journal_open(w[1].dir, &reader[1]), 0);
    for (;; n++) {
        int got = wt_journal_next(reader[0], &item[0]);
        assert_int_equal(got, wt_journal_next(reader[1], &item[1]));
        if (got != 1)
            break;
        assert_int_equal(item[0].head.number, item[1].head.number);
        assert_int_equal(item[0].head.type, item[1].head.type);
        assert_int_equal(item[0].head.flags, item[1].head.flags);
        assert_int_equal(item[0].head.ns, item[1].head.ns);
        assert_int_equal(item[0].head.calls, item[1].head.calls);
        assert_int_equal(item[0].length, item[1].length);
        assert_memory_equal(item[0].payload, item[1].payload, item[0].length);
    }
    assert_true(n > 10000);
    wt_journal_reader_close(reader[0]);
    wt_journal_reader_close(reader[1]);
    snprintf(command, sizeof command, "rm -r %s %s", w[0].dir, w[1].dir);
    assert_int_equal(system(command), 0);
}

static void a_move_does_what_a_replace_does(void **state)
{
    static struct world w[2];
    (void)state;
    wt_random_seed(&random_state, 11);
    begin(&w[0], true);
    begin(&w[1], false);
    session(&w[0]);
    session(&w[1]);
    for (unsigned i = 0; i < STEPS; i++)
        step(w);
    struct wt_oms_stats oms[2];
    struct wt_gateway_stats gateway[2];
    for (unsigned i = 0; i < 2; i++) {
        wt_oms_stats(w[i].t.oms, &oms[i]);
        wt_gateway_stats(w[i].gateway, &gateway[i]);
    }
    assert_memory_equal(&oms[0], &oms[1], sizeof oms[0]);
    assert_memory_equal(&gateway[0], &gateway[1], sizeof gateway[0]);
    assert_int_equal(w[0].left, w[1].left);
    assert_memory_equal(w[0].bytes, w[1].bytes, w[0].length);
    /* Worth something only if replaces went both ways, and some could not leave. */
    unsigned moves = w[1].replaces_by_sink - w[0].replaces_by_sink;
    print_message(
        "# %u moves and %u replaces by the longer way, %llu of these left; %llu fills; %llu requests not sent\n", moves,
        w[0].replaces_by_sink, (unsigned long long)oms[0].replaces, (unsigned long long)oms[0].fills,
        (unsigned long long)oms[0].send_failed);
    assert_true(moves > 150);
    assert_true(w[0].replaces_by_sink > 500);
    assert_true(w[1].replaces_by_sink > oms[1].replaces + 20);
    assert_true(oms[0].fills > 100);
    end(&w[0]);
    end(&w[1]);
    the_journals_are_the_same(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_move_does_what_a_replace_does)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
