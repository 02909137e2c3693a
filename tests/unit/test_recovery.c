/*
 * Recovery against the simulated exchange in virtual time: a host trades at random, dies at random points
 * (before a request is written, between writing and sending, after sending; before a report is written,
 * after; in the middle of a recovery), and starts again from what was written. In the end a second client reads the
 * exchange's whole stream from its first message: every order was there once at most, no fill is lost or counted twice,
 * positions are the exchange's own.
 *
 * WT_RECOVERY_RUNS: how many sessions (default 40).
 */
#include "tests/unit/exchange_bench.h"
#include "tests/unit/pass.h"

#include "host/trade/position.h"
#include "host/trade/recovery.h"
#include "tests/unit/fake_link.h"

enum { PAST = 1 << 16, IDS = 1 << 14, SYMBOLS = 2 };

static const char names[SYMBOLS][9] = {"ACME    ", "BOLT    "};

struct host {
    struct bench *b;
    struct fake_link link;
    struct wt_loop *loop;
    struct wt_quotes *quotes;
    struct wt_positions *positions;
    struct wt_oms *oms;
    struct wt_gateway *gateway;
    struct wt_recovered recovery;
    bool dead, up;
    unsigned illegal;
};

static struct wt_past past[PAST]; /* what would be in the journal */
static unsigned past_count, past_read;
static struct wt_order_request intent[IDS]; /* by id: what was written */
static uint64_t random_state;
static int64_t fuse; /* dies when it is burnt down */
static unsigned deaths, cut[5];

static uint64_t draw(uint64_t n)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return random_state % n;
}

/* A place where the process may end. */
static bool dies_here(struct host *h, unsigned where)
{
    if (h->dead)
        return true;
    if (fuse-- > 0)
        return false;
    cut[where]++;
    return h->dead = true;
}

static void write_past(struct wt_past entry)
{
    assert_true(past_count < PAST);
    past[past_count++] = entry;
}

static int next_past(void *ctx, struct wt_past *entry)
{
    (void)ctx;
    if (past_read == past_count)
        return 0;
    *entry = past[past_read++];
    return 1;
}

static int send_request(void *ctx, const struct wt_order_request *request)
{
    struct host *h = ctx;
    if (dies_here(h, 0))
        return -EPIPE;
    write_past((struct wt_past){.kind = WT_PAST_REQUEST, .request = *request});
    if (request->kind != WT_REQUEST_CANCEL) {
        assert_true(request->id < IDS && !intent[request->id].id); /* no id ever twice, in any life */
        intent[request->id] = *request;
    }
    if (dies_here(h, 1))
        return -EPIPE;
    int rc = wt_gateway_send(h->gateway, request, h->b->now);
    dies_here(h, 2);
    return rc;
}

static void on_exec(void *ctx, const struct wt_exec_report *report)
{
    struct host *h = ctx;
    if (dies_here(h, 3))
        return;
    write_past((struct wt_past){.kind = WT_PAST_REPORT, .report = *report});
    if (!dies_here(h, 4))
        wt_loop_input(h->loop, &(struct wt_event){.type = WT_EVENT_EXEC, .exec = *report});
}

static void on_state(void *ctx, enum wt_gateway_state state, const char *why)
{
    struct host *h = ctx;
    (void)why;
    if (h->dead)
        return;
    h->up = state == WT_GATEWAY_UP;
    if (h->up && dies_here(h, 4))
        return;
    if (h->up)
        write_past((struct wt_past){.kind = WT_PAST_UP});
    wt_loop_input(h->loop, &(struct wt_event){.type = WT_EVENT_GATEWAY, .gateway = {state}});
}

static void on_alert(void *ctx, const struct wt_event *event)
{
    struct host *h = ctx;
    if (event->alert.kind == WT_ALERT_RECOVERY)
        return;
    h->illegal++;
    print_message("# alert %d order %u state %s input %s\n", (int)event->alert.kind, event->alert.order,
                  wt_order_state_name(event->alert.state), wt_order_input_name(event->alert.input));
}

static void host_start(struct host *h, struct bench *b)
{
    const struct wt_oms_config oms = {.orders = 4096, .fills = 1 << 14, .symbols = SYMBOLS};
    *h = (struct host){.b = b, .link = fake_link(b->now)};
    assert_int_equal(wt_loop_create(&h->link.link, &h->loop), 0);
    assert_int_equal(wt_quotes_create(h->loop, SYMBOLS, &h->quotes), 0);
    assert_int_equal(wt_positions_create(h->loop, h->quotes, SYMBOLS, &h->positions), 0);
    assert_int_equal(wt_oms_create(&oms, h->loop, (struct wt_order_sink){h, send_request}, &h->oms), 0);
    wt_loop_subscribe(h->loop, WT_EVENT_RISK_ALERT, on_alert, h);
    past_read = 0;
    assert_int_equal(wt_recover(h->loop, h->oms, (struct wt_past_source){NULL, next_past}, &h->recovery), 0);
    struct wt_gateway_config config = b->gateway_config;
    config.sync = true;
    config.next_sequence = h->recovery.next_sequence;
    config.last_id = h->recovery.last_id;
    config.retry_min_ns = 100000;
    config.retry_max_ns = 1000000;
    const struct wt_gateway_handler handler = {.ctx = h, .exec = on_exec, .state = on_state};
    assert_int_equal(wt_gateway_create(&config, b->stream, handler, &h->gateway), 0);
    assert_int_equal(wt_gateway_start(h->gateway, b->now), 0);
}

static void host_end(struct host *h)
{
    wt_gateway_destroy(h->gateway); /* the connection breaks: nothing is said */
    wt_oms_destroy(h->oms);
    wt_positions_destroy(h->positions);
    wt_quotes_destroy(h->quotes);
    wt_loop_destroy(h->loop);
}

static void trade(struct host *h)
{
    uint32_t last = 0;
    for (uint32_t id = 1; id < IDS && intent[id].id; id++)
        last = id;
    uint32_t id = last ? (uint32_t)(1 + draw(last)) : 0;
    if (last > 40 && draw(2))
        id = last - (uint32_t)draw(20);
    wt_symbol symbol = (wt_symbol)draw(SYMBOLS);
    struct wt_signal s = {.symbol = symbol,
                          .side = draw(2) ? WT_BUY : WT_SELL,
                          .tif = draw(6) ? WT_TIF_DAY : WT_TIF_IOC,
                          .shares = (uint32_t)(1 + draw(300)),
                          .price = (uint32_t)(1000000 + 100 * draw(12))};
    switch (id ? draw(3) : 0) {
    case 0:
        pass_enter(h->oms, &s, names[symbol], 0);
        break;
    case 1:
        s.order = id;
        pass_replace(h->oms, &s, 0);
        break;
    default:
        wt_oms_cancel(h->oms, id, WT_OWNER_ANY);
    }
}

/* One step of the world: the exchange, the host's gateway, what the host makes of it. */
static void step(struct host *h, uint64_t ns)
{
    struct bench *b = h->b;
    b->now += ns;
    h->link.now = b->now;
    wt_exchange_run(b->exchange, b->now);
    wt_gateway_poll(h->gateway, b->now);
    if (!h->dead)
        wt_loop_drain(h->loop);
}

static struct bench *world(uint64_t seed)
{
    struct bench *b = bench_new();
    uint64_t ref = 1;
    for (uint16_t s = 0; s < SYMBOLS; s++) {
        char name[9];
        memcpy(name, names[s], 9);
        name[4] = '\0';
        itch_directory(b, (uint16_t)(s + 1), name);
    }
    /* Both sides between $100.00 and $100.12, coming and going: our orders trade, and rest. */
    for (unsigned i = 0; i < 3000; i++) {
        b->at += 20000;
        uint16_t locate = (uint16_t)(1 + draw(SYMBOLS));
        bool buy = draw(2);
        itch_add(b, locate, locate == 1 ? "ACME" : "BOLT", ref, buy ? 'B' : 'S', (uint32_t)(1 + draw(400)),
                 (uint32_t)(1000000 + 100 * (buy ? draw(6) : 6 + draw(6))));
        if (draw(3) == 0)
            itch_executed(b, locate, ref, (uint32_t)(1 + draw(300)));
        else if (draw(2))
            itch_delete(b, locate, ref);
        ref++;
    }
    (void)seed;
    bench_build(b);
    return b;
}

/* ---- the exchange's own account, from its own stream */

struct account {
    int64_t position[SYMBOLS], cash;
    uint64_t fills, shares;
    unsigned accepts[IDS], answers;
};
static struct account account;

static void audit_exec(void *ctx, const struct wt_exec_report *r)
{
    (void)ctx;
    account.answers++;
    if (r->type == WT_EXEC_SYNCED)
        return;
    assert_true(r->id && r->id < IDS && intent[r->id].id); /* the exchange knows no order that was not written */
    const struct wt_order_request *i = &intent[r->id];
    if (r->type == WT_EXEC_ACCEPTED || r->type == WT_EXEC_REPLACED)
        account.accepts[r->id]++;
    if (r->type != WT_EXEC_EXECUTED)
        return;
    int64_t sign = i->side == WT_BUY ? 1 : -1;
    account.position[i->symbol] += sign * r->shares;
    account.cash -= sign * (int64_t)r->shares * r->price;
    account.fills++;
    account.shares += r->shares;
}

static void audit_state(void *ctx, enum wt_gateway_state state, const char *why)
{
    (void)why;
    *(enum wt_gateway_state *)ctx = state;
}

static void audit(struct bench *b, const struct host *h)
{
    enum wt_gateway_state state = WT_GATEWAY_DOWN;
    struct wt_gateway_config config = b->gateway_config;
    struct wt_gateway *gateway;
    config.sync = true;
    config.next_sequence = 1;
    memset(&account, 0, sizeof account);
    const struct wt_gateway_handler handler = {.ctx = &state, .exec = audit_exec, .state = audit_state};
    assert_int_equal(wt_gateway_create(&config, b->stream, handler, &gateway), 0);
    assert_int_equal(wt_gateway_start(gateway, b->now), 0);
    for (int i = 0; i < 100; i++) {
        b->now += 10 * LATENCY;
        wt_exchange_run(b->exchange, b->now);
        wt_gateway_poll(gateway, b->now);
    }
    assert_int_equal(state, WT_GATEWAY_UP);
    wt_gateway_destroy(gateway);

    struct wt_exchange_stats exchange;
    wt_exchange_stats(b->exchange, &exchange);
    assert_int_equal(exchange.executed_shares, account.shares);
    int64_t cash = 0;
    uint64_t fills = 0;
    for (wt_symbol s = 0; s < SYMBOLS; s++) {
        const struct wt_position *p = wt_positions_get(h->positions, s);
        assert_int_equal(p->shares, account.position[s]);
        cash += p->cash;
        fills += p->fills;
    }
    assert_int_equal(cash, account.cash);
    assert_int_equal(fills, account.fills);
    for (uint32_t id = 1; id < IDS; id++) {
        assert_true(account.accepts[id] <= 1);
        const struct wt_order *o = wt_oms_find(h->oms, id);
        if (!intent[id].id || !o)
            continue;
        assert_false(wt_order_alive(o->state));
        assert_int_equal(o->answered, account.accepts[id] == 1);
    }
}

static uint64_t all_fills, all_lost, all_proven, all_ids;

static void session(uint64_t seed)
{
    random_state = seed * 0x9e3779b97f4a7c15u + 1;
    memset(intent, 0, sizeof intent);
    past_count = 0;
    struct bench *b = world(seed);
    struct host h;
    fuse = INT64_MAX;
    host_start(&h, b);
    fuse = (int64_t)draw(300);
    unsigned lives = 1;
    for (unsigned i = 0; i < 4000; i++) {
        step(&h, draw(8) * LATENCY / 2);
        if (!h.dead && h.up && draw(2)) {
            trade(&h);
            wt_loop_drain(h.loop);
        }
        if (!h.dead && draw(400) == 0) /* or only the connection breaks */
            b->stream.close(b->stream.ctx);
        if (!h.dead)
            continue;
        struct wt_oms_stats stats;
        wt_oms_stats(h.oms, &stats);
        all_lost += stats.lost;
        all_proven += stats.proven;
        assert_int_equal(h.illegal, 0);
        host_end(&h);
        deaths++;
        lives++;
        /* Often soon again: in the middle of the recovery. */
        fuse = draw(4) ? (int64_t)draw(300) : (int64_t)draw(5);
        host_start(&h, b);
    }
    /* A last life, in peace: everything still working is canceled. */
    host_end(&h);
    fuse = INT64_MAX;
    host_start(&h, b);
    for (unsigned i = 0; i < 3000; i++) {
        step(&h, LATENCY);
        if (h.up && i % 50 == 0) {
            wt_oms_cancel_all(h.oms);
            wt_loop_drain(h.loop);
        }
    }
    assert_true(h.up);
    assert_int_equal(wt_oms_open_orders(h.oms), 0);
    assert_int_equal(h.illegal, 0);
    assert_true(lives > 2);
    struct wt_oms_stats stats;
    wt_oms_stats(h.oms, &stats);
    all_lost += stats.lost;
    all_proven += stats.proven;
    wt_gateway_stop(h.gateway, b->now);
    step(&h, 10 * LATENCY);
    audit(b, &h);
    all_fills += account.fills;
    for (uint32_t id = 1; id < IDS; id++)
        all_ids += intent[id].id != 0;
    host_end(&h);
    bench_free(b);
}

static void no_order_twice_no_fill_lost(void **state)
{
    (void)state;
    const char *wanted = getenv("WT_RECOVERY_RUNS");
    uint64_t runs = wanted ? strtoull(wanted, NULL, 10) : 40;
    for (uint64_t seed = 1; seed <= runs; seed++)
        session(seed);
    print_message("# %u deaths (before writing %u, sending %u, after %u; before a report %u, after %u)\n", deaths,
                  cut[0], cut[1], cut[2], cut[3], cut[4]);
    print_message("# %llu orders, %llu fills; %llu orders lost, %llu proven\n", (unsigned long long)all_ids,
                  (unsigned long long)all_fills, (unsigned long long)all_lost, (unsigned long long)all_proven);
    /* Every kind of death, and every kind of doubt. */
    for (unsigned i = 0; i < 5; i++)
        assert_true(cut[i] > 0);
    assert_true(all_lost > 0 && all_proven > 0 && all_fills > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(no_order_twice_no_fill_lost)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
