/* A venue in process: latency, frames, the end, and a gateway that comes back through every fault of order entry. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "host/common/bytes.h"
#include "host/gateway/gateway.h"
#include "host/market/random.h"
#include "sim/exchange/inside.h"

#define MS 1000000ull
#define SECOND (1000 * MS)
#define START (34200 * SECOND)
#define IN_NS 20000u
#define OUT_NS 30000u
#define PRICE 1000000u

enum { IDS = 4096 };

struct world {
    struct wt_venue_config config;
    struct wt_inside_config inside_config;
    struct wt_inside *inside;
    struct wt_venue *venue;
    struct wt_gateway *gateway;
    enum wt_gateway_state state;
    uint64_t now, accepted_ns;
    uint64_t frames[2], frame_bytes, digest;
    uint32_t group[2];
    bool refuse;      /* the wire is full */
    uint64_t lead_ns; /* before the venue starts */
    /* What the host was told of each order. */
    uint32_t open[IDS], filled[IDS], told[IDS];
    unsigned accepted, rejected, canceled, fills, downs;
};

static int on_frame(void *ctx, unsigned line, uint64_t when_ns, const void *frame, size_t length, unsigned flags)
{
    struct world *w = ctx;
    assert_int_equal(flags, 0);
    assert_true(when_ns >= w->now || when_ns >= START);
    if (w->refuse)
        return -1;
    w->frames[line]++;
    w->frame_bytes += length;
    w->group[line] = wt_be32((const uint8_t *)frame + 30);
    for (size_t i = 0; i < length; i++)
        w->digest = (w->digest ^ ((const uint8_t *)frame)[i]) * 0x100000001b3u;
    return 0;
}

static uint64_t now(void *ctx)
{
    return ((struct world *)ctx)->now;
}

static void on_state(void *ctx, enum wt_gateway_state state, const char *why)
{
    struct world *w = ctx;
    (void)why;
    w->state = state;
    w->downs += state == WT_GATEWAY_DOWN;
}

static void on_exec(void *ctx, const struct wt_exec_report *r)
{
    struct world *w = ctx;
    if (r->type == WT_EXEC_SYNCED)
        return;
    assert_true(r->id < IDS);
    w->told[r->id]++;
    if (r->type == WT_EXEC_ACCEPTED) {
        w->accepted++;
        w->accepted_ns = w->now;
        w->open[r->id] = r->shares;
    } else if (r->type == WT_EXEC_EXECUTED) {
        w->fills++;
        w->open[r->id] -= r->shares;
        w->filled[r->id] += r->shares;
    } else if (r->type == WT_EXEC_CANCELED) {
        w->canceled++;
        w->open[r->id] -= r->shares;
    } else if (r->type == WT_EXEC_REJECTED) {
        w->rejected++;
    }
}

static struct world *world(void)
{
    static const struct wt_venue_account account = {.username = "WT0001", .password = "wiretick"};
    static const char symbols[1][9] = {"ABC"};
    struct world *w = calloc(1, sizeof *w);
    assert_non_null(w);
    w->now = START;
    w->digest = 0xcbf29ce484222325u;
    wt_venue_defaults(&w->config);
    w->config.accounts = &account;
    w->config.account_count = 1;
    w->config.symbols = symbols;
    w->config.symbol_count = 1;
    w->config.max_orders = 4096;
    w->config.order_out_ns = OUT_NS;
    w->config.faults.seed = 3;
    w->inside_config = (struct wt_inside_config){{0xe9360c6f, 0xe931c46f}, {26477, 26478}, IN_NS, IN_NS, false};
    return w;
}

static void begin(struct world *w)
{
    assert_int_equal(wt_inside_create(&w->inside_config, (struct wt_exchange_wire){w, on_frame}, &w->inside), 0);
    assert_int_equal(wt_venue_create(&w->config, (struct wt_line_wire){w->inside, wt_inside_send}, &w->venue), 0);
    wt_inside_start(w->inside, w->venue, w->now + w->lead_ns);
    struct wt_gateway_config config;
    wt_gateway_defaults(&config);
    strcpy(config.username, "WT0001");
    strcpy(config.password, "wiretick");
    config.next_sequence = 1;
    config.sync = true;
    config.retry_min_ns = MS;
    config.retry_max_ns = 10 * MS;
    struct wt_gateway_handler handler = {.ctx = w, .exec = on_exec, .state = on_state};
    struct wt_stream stream = wt_inside_stream(w->inside, WT_VENUE_ORDERS, now, w);
    assert_int_equal(wt_gateway_create(&config, stream, handler, &w->gateway), 0);
    assert_int_equal(wt_gateway_start(w->gateway, w->now), 0);
}

static void run(struct world *w, uint64_t for_ns)
{
    uint64_t end = w->now + for_ns;
    for (;;) {
        uint64_t next = wt_inside_next_ns(w->inside), deadline = wt_gateway_deadline(w->gateway);
        next = deadline < next ? deadline : next;
        if (next > end)
            break;
        if (next > w->now)
            w->now = next;
        wt_inside_run(w->inside, w->now);
        assert_true(wt_inside_next_ns(w->inside) > w->now); /* all that was due is done */
        wt_gateway_poll(w->gateway, w->now);
    }
    w->now = end;
    wt_inside_run(w->inside, w->now);
    wt_gateway_poll(w->gateway, w->now);
}

static int send(struct world *w, int kind, uint32_t id, enum wt_side side, uint32_t price)
{
    struct wt_order_request r = {
        .kind = kind, .id = id, .side = side, .tif = WT_TIF_DAY, .shares = kind == WT_REQUEST_CANCEL ? 0 : 100};
    r.price = price;
    memcpy(r.name, "ABC     ", 8);
    return wt_gateway_send(w->gateway, &r, w->now);
}

static void end(struct world *w)
{
    assert_int_equal(wt_venue_ledger_check(w->venue), 0);
    wt_gateway_destroy(w->gateway);
    wt_venue_destroy(w->venue);
    wt_inside_destroy(w->inside);
    free(w);
}

static void latency_frames_and_the_end(void **state)
{
    (void)state;
    struct world *w = world();
    w->inside_config.until_done = true;
    w->config.market_ns = SECOND; /* nobody but us: it is over when nothing comes any more */
    w->config.wait_logins = 1;
    w->lead_ns = MS;
    begin(w);
    run(w, MS - 1); /* knocks at a door that is not open yet, and waits */
    assert_int_equal(w->frames[0] + w->frames[1], 0);
    run(w, OUT_NS);
    assert_int_equal(w->state, WT_GATEWAY_LOGGING_IN);
    run(w, 1);
    assert_int_equal(w->state, WT_GATEWAY_SYNCING);
    run(w, MS);
    /* An empty market is done when it has begun. */
    assert_true(wt_inside_done(w->inside));
    assert_int_equal(w->state, WT_GATEWAY_CLOSED);
    assert_int_equal(w->group[0], 0xe9360c6f);
    assert_int_equal(w->group[1], 0xe931c46f);
    assert_int_equal(w->frames[0], w->frames[1]);
    assert_true(w->frames[0] >= 2);
    /* As long as the client is there the venue is, too. */
    run(w, 5 * SECOND);
    assert_true(wt_inside_next_ns(w->inside) < UINT64_MAX);
    wt_gateway_stop(w->gateway, w->now);
    run(w, SECOND);
    assert_int_equal(wt_inside_next_ns(w->inside), UINT64_MAX);
    end(w);
}

static void orders_take_their_time(void **state)
{
    (void)state;
    struct world *w = world();
    begin(w);
    run(w, MS);
    assert_int_equal(w->state, WT_GATEWAY_UP);
    uint64_t sent = w->now;
    assert_int_equal(send(w, WT_REQUEST_ENTER, 1, WT_BUY, PRICE), 0);
    run(w, MS);
    assert_int_equal(w->accepted_ns, sent + IN_NS + OUT_NS);
    /* A wire without room loses frames, and says so. */
    w->refuse = true;
    assert_int_equal(send(w, WT_REQUEST_ENTER, 2, WT_BUY, PRICE), 0);
    run(w, MS);
    assert_int_equal(wt_inside_unsent(w->inside), 2);
    /* Hanging up and coming back: the order is still there, and its answer is not given twice. */
    wt_gateway_stop(w->gateway, w->now);
    run(w, MS);
    assert_int_equal(wt_gateway_start(w->gateway, w->now), 0);
    run(w, MS);
    assert_int_equal(w->state, WT_GATEWAY_UP);
    assert_int_equal(w->told[1], 1);
    assert_int_equal(send(w, WT_REQUEST_CANCEL, 1, WT_BUY, 0), 0);
    run(w, MS);
    assert_int_equal(w->canceled, 1);
    end(w);
}

/* What was sent can be had again, as datagrams, after its way there and back; what was not is not answered. */
static void rerequests(void **state)
{
    (void)state;
    struct world *w = world();
    begin(w);
    run(w, MS);
    for (uint32_t id = 1; id <= 5; id++)
        assert_int_equal(send(w, WT_REQUEST_ENTER, id, WT_BUY, PRICE), 0);
    run(w, MS);
    struct wt_stream stream = wt_inside_requests(w->inside, now, w);
    assert_int_equal(stream.connect(stream.ctx), 0);
    uint8_t request[20] = "WTICK00001", reply[2048];
    for (unsigned i = 0; i < 3; i++) { /* one that stands, one that is to come, one that is none */
        wt_put_be64(request + 10, i == 1 ? 1000 : 2);
        wt_put_be16(request + 18, 3);
        assert_int_equal(stream.send(stream.ctx, request, i == 2 ? 19 : 20), 0);
    }
    run(w, 2 * IN_NS - 1);
    assert_int_equal(stream.recv(stream.ctx, reply, sizeof reply), 0);
    run(w, 1);
    ssize_t n = stream.recv(stream.ctx, reply, sizeof reply);
    assert_true(n > 20);
    assert_memory_equal(reply, "WTICK00001", 10);
    assert_int_equal(wt_be64(reply + 10), 2);
    assert_int_equal(wt_be16(reply + 18), 3);
    assert_int_equal(stream.recv(stream.ctx, reply, sizeof reply), 0);
    stream.close(stream.ctx);
    end(w);
}

static uint64_t through_faults(uint64_t seed)
{
    struct world *w = world();
    struct wt_random random;
    wt_random_seed(&random, seed);
    w->config.faults = (struct wt_session_faults){.seed = seed,
                                                  .disconnect_ppm = 20000,
                                                  .deaf_ppm = 20000,
                                                  .lost_ppm = 20000,
                                                  .delay_ppm = 50000,
                                                  .delay_ns = MS,
                                                  .reject_ppm = 50000,
                                                  .cancel_pending_ppm = 100000,
                                                  .cancel_reject_ppm = 100000,
                                                  .later_ns = 2 * MS};
    w->config.silent = (struct wt_venue_spell){300 * MS, 200 * MS};
    w->config.halt = (struct wt_venue_spell){600 * MS, 50 * MS};
    begin(w);
    for (uint32_t id = 1; id <= 2000; id++) {
        enum wt_side side = wt_random_below(&random, 2) ? WT_BUY : WT_SELL;
        uint32_t price = PRICE + 100 * (uint32_t)wt_random_below(&random, 20);
        send(w, WT_REQUEST_ENTER, id, side, price);
        if (id > 10 && wt_random_below(&random, 4) == 0)
            send(w, WT_REQUEST_CANCEL, id - (uint32_t)wt_random_below(&random, 10), side, 0);
        run(w, wt_random_below(&random, 2 * MS));
    }
    /* The gateway comes back, and then knows what the venue knows. */
    run(w, SECOND);
    for (unsigned i = 0; i < 100 && w->state != WT_GATEWAY_UP; i++)
        run(w, SECOND);
    assert_int_equal(w->state, WT_GATEWAY_UP);
    struct wt_venue_stats s;
    wt_venue_stats(w->venue, &s);
    assert_true(w->downs > 20 && s.happened.disconnected > 5 && s.happened.deaf > 5 && s.happened.lost > 5);
    assert_true(s.silent && s.halted && s.happened.cancels_pending > 5 && s.happened.cancels_rejected > 5);
    assert_int_equal(w->accepted, s.orders.accepted);
    assert_int_equal(w->rejected, s.orders.rejected);
    assert_true(w->accepted > 300 && w->rejected > 20);
    uint64_t open = 0, filled = 0;
    for (unsigned id = 1; id < IDS; id++) {
        open += w->open[id];
        filled += w->filled[id];
    }
    assert_int_equal(open, s.orders.open_shares);
    assert_int_equal(filled, s.orders.executed_shares);
    uint64_t digest = w->digest;
    end(w);
    return digest;
}

static void a_gateway_through_every_fault(void **state)
{
    (void)state;
    uint64_t first = through_faults(1);
    assert_true(first == through_faults(1)); /* the same to the byte */
    assert_true(first != through_faults(2));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(latency_frames_and_the_end),
                                       cmocka_unit_test(orders_take_their_time), cmocka_unit_test(rerequests),
                                       cmocka_unit_test(a_gateway_through_every_fault)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
