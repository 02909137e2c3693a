/* Matching by hand: our orders in a replayed book of a few orders. */
#include "tests/unit/exchange_bench.h"

#include "host/gateway/ouch.h"

#define P100 1000000u /* $100 */
#define CENT 100u
#define X "XYZ"

/* Book: buy 1: 100 @ 100.00, sell 2: 200 @ 100.02, sell 3: 300 @ 100.03. */
static struct bench *book(void)
{
    struct bench *b = bench_new();
    itch_directory(b, 1, X);
    itch_add(b, 1, X, 1, 'B', 100, P100);
    itch_add(b, 1, X, 2, 'S', 200, P100 + 2 * CENT);
    itch_add(b, 1, X, 3, 'S', 300, P100 + 3 * CENT);
    return b;
}

static void rests_behind_what_is_ahead(void **state)
{
    (void)state;
    struct bench *b = book();
    b->at = 2 * MS;
    itch_add(b, 1, X, 4, 'B', 50, P100); /* behind ours */
    b->at = 3 * MS;
    itch_executed(b, 1, 1, 60); /* ahead: shortens the queue only */
    b->at = 4 * MS;
    itch_executed(b, 1, 1, 40); /* ahead: gone */
    b->at = 5 * MS;
    itch_executed(b, 1, 4, 30); /* behind: ours first */
    b->at = 6 * MS;
    itch_executed(b, 1, 4, 20);
    bench_start(b);
    bench_run(b, 1 * MS);
    uint32_t id = bench_order(b, X, 'B', '0', 40, P100);
    bench_run(b, 4 * MS);
    const struct wt_exec_report *r = expect(b, WT_EXEC_ACCEPTED, id, 40);
    assert_int_equal(r->price, P100);
    assert_int_equal(r->venue_ns, START + 1 * MS + LATENCY);
    assert_true(r->venue_ref >> 63 == 1);
    assert_int_equal(r->sequence, 2); /* 1 is the system event */
    expect_nothing(b);
    bench_run(b, 5 * MS + LATENCY - 1);
    expect_nothing(b); /* the news is under way */
    bench_run(b, 5 * MS + LATENCY);
    expect_fill(b, id, 30, P100, 'A');
    bench_run(b, 7 * MS);
    expect_fill(b, id, 10, P100, 'A');
    expect_nothing(b);
    assert_true(b->reports[1].match != b->reports[2].match && b->reports[1].match >> 63 == 1);
    bench_free(b);
}

static void ahead_canceled_deleted_replaced(void **state)
{
    (void)state;
    struct bench *b = book();
    itch_add(b, 1, X, 5, 'B', 100, P100);
    itch_add(b, 1, X, 6, 'B', 100, P100);
    b->at = 2 * MS;
    itch_cancel(b, 1, 1, 90);
    itch_delete(b, 1, 5);
    itch_replace(b, 1, 6, 7, 100, P100); /* loses its place to ours */
    b->at = 3 * MS;
    itch_executed(b, 1, 1, 10); /* the last one ahead */
    b->at = 4 * MS;
    itch_executed(b, 1, 7, 100); /* behind ours now */
    bench_start(b);
    bench_run(b, 1 * MS);
    uint32_t id = bench_order(b, X, 'B', '0', 40, P100);
    bench_run(b, 3 * MS + LATENCY);
    expect(b, WT_EXEC_ACCEPTED, id, 40);
    expect_nothing(b);
    bench_run(b, 5 * MS);
    expect_fill(b, id, 40, P100, 'A');
    expect_nothing(b);
    bench_free(b);
}

static void two_of_ours_in_line(void **state)
{
    (void)state;
    struct bench *b = book();
    b->at = 2 * MS;
    itch_add(b, 1, X, 4, 'B', 500, P100);
    b->at = 4 * MS;
    itch_executed(b, 1, 4, 50); /* first and half of second; our third came after it */
    b->at = 5 * MS;
    itch_executed(b, 1, 4, 300);
    bench_start(b);
    bench_run(b, 1 * MS);
    uint32_t first = bench_order(b, X, 'B', '0', 30, P100), second = bench_order(b, X, 'B', '0', 40, P100);
    bench_run(b, 3 * MS);
    uint32_t third = bench_order(b, X, 'B', '0', 10, P100);
    bench_run(b, 6 * MS);
    expect(b, WT_EXEC_ACCEPTED, first, 30);
    expect(b, WT_EXEC_ACCEPTED, second, 40);
    expect(b, WT_EXEC_ACCEPTED, third, 10);
    expect_fill(b, first, 30, P100, 'A');
    expect_fill(b, second, 20, P100, 'A');
    expect_fill(b, second, 20, P100, 'A');
    expect_nothing(b); /* the third stood behind order 4 */
    bench_free(b);
}

static void traded_through(void **state)
{
    (void)state;
    struct bench *b = book();
    b->at = 2 * MS;
    itch_executed(b, 1, 1, 25);                  /* buy at 100.00, worse than our 100.01 */
    itch_executed_at(b, 1, 2, 150, P100 + CENT); /* sell at 100.02, with a better print: ours at 100.01 is first */
    bench_start(b);
    bench_run(b, 1 * MS);
    uint32_t buy = bench_order(b, X, 'B', '0', 60, P100 + CENT);
    bench_run(b, 3 * MS);
    expect(b, WT_EXEC_ACCEPTED, buy, 60);
    expect_fill(b, buy, 25, P100 + CENT, 'A');
    expect_nothing(b);
    bench_free(b);
    b = book();
    b->at = 2 * MS;
    itch_executed_at(b, 1, 2, 150, P100 + CENT);
    bench_start(b);
    bench_run(b, 1 * MS);
    uint32_t sell = bench_order(b, X, 'S', '0', 160, P100 + CENT);
    bench_run(b, 3 * MS);
    expect(b, WT_EXEC_ACCEPTED, sell, 160);
    expect_fill(b, sell, 150, P100 + CENT, 'A');
    expect_nothing(b);
    bench_free(b);
}

static void crossing_add(void **state)
{
    (void)state;
    struct bench *b = book();
    b->at = 2 * MS;
    itch_add(b, 1, X, 4, 'S', 30, P100 + CENT); /* at our price */
    b->at = 3 * MS;
    itch_add(b, 1, X, 5, 'S', 20, P100); /* through it */
    b->at = 4 * MS;
    itch_replace(b, 1, 3, 6, 300, P100 + CENT); /* a replace that comes to our price */
    bench_start(b);
    bench_run(b, 1 * MS);
    uint32_t id = bench_order(b, X, 'B', '0', 100, P100 + CENT);
    bench_run(b, 5 * MS);
    expect(b, WT_EXEC_ACCEPTED, id, 100);
    expect_fill(b, id, 30, P100 + CENT, 'A');
    expect_fill(b, id, 20, P100 + CENT, 'A');
    expect_fill(b, id, 50, P100 + CENT, 'A');
    expect_nothing(b);
    /* What they gave us is not there for a second order of ours: 4 and 5 are used up, 6 has 250 left. */
    uint32_t second = bench_order(b, X, 'B', '3', 1000, P100 + CENT);
    bench_run(b, 6 * MS);
    expect(b, WT_EXEC_ACCEPTED, second, 1000);
    expect_fill(b, second, 250, P100 + CENT, 'R');
    expect_canceled(b, second, 750, 'I');
    bench_free(b);
}

static void marketable_entry(void **state)
{
    (void)state;
    struct bench *b = book();
    itch_add(b, 1, X, 4, 'S', 10, P100 + 2 * CENT);
    b->at = 10 * MS;
    itch_event(b, 'M');
    bench_start(b);
    bench_run(b, 1 * MS);
    /* 200 and 10 at 100.02 in order of arrival, 300 at 100.03; the rest stands at 100.03. */
    uint32_t id = bench_order(b, X, 'B', '0', 600, P100 + 3 * CENT);
    bench_run(b, 2 * MS);
    expect(b, WT_EXEC_ACCEPTED, id, 600);
    expect_fill(b, id, 200, P100 + 2 * CENT, 'R');
    expect_fill(b, id, 10, P100 + 2 * CENT, 'R');
    expect_fill(b, id, 300, P100 + 3 * CENT, 'R');
    expect_nothing(b);
    /* Nothing is left for a second one. */
    uint32_t ioc = bench_order(b, X, 'B', '3', 50, P100 + 3 * CENT);
    bench_run(b, 3 * MS);
    expect(b, WT_EXEC_ACCEPTED, ioc, 50);
    expect_canceled(b, ioc, 50, 'I');
    bench_cancel(b, id, 0);
    bench_run(b, 4 * MS);
    expect_canceled(b, id, 90, 'U');
    bench_cancel(b, id, 0); /* too late: silence */
    bench_run(b, 5 * MS);
    expect_nothing(b);
    bench_free(b);
}

static void taken_shares_stay_taken_through_a_replace(void **state)
{
    (void)state;
    struct bench *b = book();
    b->at = 2 * MS;
    itch_replace(b, 1, 2, 9, 200, P100 + CENT);
    bench_start(b);
    bench_run(b, 1 * MS);
    uint32_t first = bench_order(b, X, 'B', '3', 150, P100 + 2 * CENT);
    bench_run(b, 3 * MS);
    uint32_t second = bench_order(b, X, 'B', '3', 150, P100 + 2 * CENT);
    bench_run(b, 4 * MS);
    expect(b, WT_EXEC_ACCEPTED, first, 150);
    expect_fill(b, first, 150, P100 + 2 * CENT, 'R');
    expect(b, WT_EXEC_ACCEPTED, second, 150);
    expect_fill(b, second, 50, P100 + CENT, 'R');
    expect_canceled(b, second, 100, 'I');
    bench_free(b);
}

static void replace_keeps_total_liable_and_loses_its_place(void **state)
{
    (void)state;
    struct bench *b = book();
    b->at = 2 * MS;
    itch_executed(b, 1, 2, 30); /* sell at 100.02: our sell at 100.01 first */
    b->at = 4 * MS;
    itch_add(b, 1, X, 5, 'S', 100, P100 + CENT); /* before the replacement */
    b->at = 6 * MS;
    itch_executed(b, 1, 5, 100);
    b->at = 7 * MS;
    itch_executed(b, 1, 2, 45);
    bench_start(b);
    bench_run(b, 1 * MS);
    uint32_t id = bench_order(b, X, 'S', '0', 100, P100 + CENT);
    bench_run(b, 3 * MS);
    expect(b, WT_EXEC_ACCEPTED, id, 100);
    expect_fill(b, id, 30, P100 + CENT, 'A');
    bench_run(b, 5 * MS);
    uint32_t next = bench_replace(b, id, 80, P100 + CENT); /* 80 in all: 50 more */
    bench_run(b, 6 * MS + 2 * LATENCY);
    const struct wt_exec_report *r = expect(b, WT_EXEC_REPLACED, next, 50);
    assert_int_equal(r->replaced, id);
    expect_nothing(b); /* order 5 is ahead now */
    bench_run(b, 8 * MS);
    expect_fill(b, next, 45, P100 + CENT, 'A');
    bench_cancel(b, next, 78); /* intended size 78 in all, 75 are done: 3 of 5 stay */
    bench_run(b, 9 * MS);
    expect_canceled(b, next, 2, 'U');
    uint32_t last = bench_replace(b, next, 75, P100 + CENT); /* no more than is done: the order goes */
    bench_run(b, 10 * MS);
    expect_canceled(b, next, 3, 'U');
    bench_replace(b, next, 100, P100); /* dead: silence, as for those before it */
    bench_replace(b, last, 100, P100);
    bench_replace(b, id, 100, P100);
    bench_run(b, 11 * MS);
    expect_nothing(b);
    bench_free(b);
}

static void replace_that_trades_at_once(void **state)
{
    (void)state;
    struct bench *b = book();
    b->at = 20 * MS;
    itch_event(b, 'M');
    bench_start(b);
    bench_run(b, 1 * MS);
    uint32_t id = bench_order(b, X, 'B', '0', 100, P100);
    bench_run(b, 2 * MS);
    uint32_t next = bench_replace(b, id, 250, P100 + 2 * CENT);
    bench_run(b, 3 * MS);
    expect(b, WT_EXEC_ACCEPTED, id, 100);
    expect(b, WT_EXEC_REPLACED, next, 250);
    expect_fill(b, next, 200, P100 + 2 * CENT, 'R');
    expect_nothing(b);
    uint32_t bad = bench_replace(b, next, 250, 1000050); /* not whole cents: invalid details cancel the original */
    bench_run(b, 4 * MS);
    expect_canceled(b, next, 50, 'U');
    (void)bad;
    struct wt_exchange_stats s;
    wt_exchange_stats(b->exchange, &s);
    assert_int_equal(s.accepted_shares, 350);
    assert_int_equal(s.executed_shares, 200);
    assert_int_equal(s.canceled_shares, 150);
    assert_int_equal(s.open_shares, 0);
    bench_free(b);
}

static void partial_cancel(void **state)
{
    (void)state;
    struct bench *b = book();
    b->at = 3 * MS;
    itch_executed(b, 1, 1, 100);
    itch_add(b, 1, X, 4, 'B', 100, P100);
    b->at = 4 * MS;
    itch_executed(b, 1, 4, 10);
    bench_start(b);
    bench_run(b, 1 * MS);
    uint32_t id = bench_order(b, X, 'B', '0', 100, P100);
    bench_run(b, 2 * MS);
    bench_cancel(b, id, 60);
    bench_run(b, 5 * MS);
    expect(b, WT_EXEC_ACCEPTED, id, 100);
    expect_canceled(b, id, 40, 'U');
    expect_fill(b, id, 10, P100, 'A'); /* kept its place */
    bench_cancel(b, id, 60);           /* already that small */
    bench_cancel(b, id, 30);           /* 10 done, 20 stay */
    bench_run(b, 6 * MS);
    expect_canceled(b, id, 30, 'U');
    bench_cancel(b, id, 5); /* less than is done: all goes */
    bench_run(b, 7 * MS);
    expect_canceled(b, id, 20, 'U');
    expect_nothing(b);
    bench_free(b);
}

static void never_with_ourselves(void **state)
{
    (void)state;
    struct bench *b = book();
    b->at = 20 * MS;
    itch_event(b, 'M');
    bench_start(b);
    bench_run(b, 1 * MS);
    uint32_t sell = bench_order(b, X, 'S', '0', 10, P100 + 3 * CENT);
    bench_run(b, 2 * MS);
    uint32_t buy = bench_order(b, X, 'B', '0', 600, P100 + 3 * CENT);
    bench_run(b, 3 * MS);
    expect(b, WT_EXEC_ACCEPTED, sell, 10);
    expect(b, WT_EXEC_ACCEPTED, buy, 600);
    expect_fill(b, buy, 200, P100 + 2 * CENT, 'R');
    expect_fill(b, buy, 300, P100 + 3 * CENT, 'R'); /* came before ours */
    expect_canceled(b, buy, 100, 'Q');
    expect_nothing(b);
    bench_free(b);
}

static void halts(void **state)
{
    (void)state;
    struct bench *b = book();
    b->at = 2 * MS;
    itch_state(b, 1, X, 'H');
    b->at = 3 * MS;
    itch_add(b, 1, X, 4, 'S', 30, P100); /* across ours, while halted */
    itch_executed(b, 1, 1, 50);
    b->at = 5 * MS;
    itch_state(b, 1, X, 'Q');
    b->at = 7 * MS;
    itch_state(b, 1, X, 'T');
    bench_start(b);
    bench_run(b, 1 * MS);
    uint32_t id = bench_order(b, X, 'B', '0', 100, P100 + CENT), other = bench_order(b, X, 'B', '0', 7, P100 - CENT);
    bench_run(b, 4 * MS);
    expect(b, WT_EXEC_ACCEPTED, id, 100);
    expect(b, WT_EXEC_ACCEPTED, other, 7);
    expect_nothing(b);
    uint32_t no = bench_order(b, X, 'B', '0', 100, P100);
    uint32_t no_replace = bench_replace(b, id, 100, P100);
    bench_cancel(b, other, 0); /* one can always get out */
    bench_run(b, 6 * MS);
    expect_rejected(b, no, WT_OUCH_REJECT_HALTED);
    expect_rejected(b, no_replace, WT_OUCH_REJECT_HALTED);
    expect_canceled(b, other, 7, 'U');
    no = bench_order(b, X, 'B', '0', 100, P100);
    bench_run(b, 8 * MS);
    expect_rejected(b, no, WT_OUCH_REJECT_HALTED);
    expect_fill(b, id, 30, P100 + CENT, 'A'); /* trading resumes */
    expect_nothing(b);
    bench_free(b);
}

/* ---- requests that the gateway would not send: raw OUCH */

static void send_raw(struct bench *b, const struct wt_ouch *m)
{
    uint8_t body[256], bytes[300];
    int n = wt_ouch_encode(WT_OUCH_IN, m, body, sizeof body);
    assert_true(n > 0);
    uint8_t header[3];
    wt_put_be16(header, (uint16_t)(n + 1));
    header[2] = 'U';
    memcpy(bytes, header, 3);
    memcpy(bytes + 3, body, (size_t)n);
    assert_int_equal(b->stream.send(b->stream.ctx, bytes, (size_t)n + 3), 0);
}

static struct wt_ouch good_enter(uint32_t id)
{
    struct wt_ouch m = {.type = 'O',
                        .user_ref = id,
                        .side = 'B',
                        .quantity = 100,
                        .price = P100,
                        .tif = '0',
                        .display = 'Y',
                        .capacity = 'P',
                        .iso = 'N',
                        .cross = 'N'};
    memcpy(m.symbol, "XYZ     ", 8);
    memcpy(m.cl_ord_id, "ABC           ", 14);
    return m;
}

/* The gateway sends nothing new then; a host that would is told so by the venue. */
static void end_of_system_hours(void **state)
{
    (void)state;
    struct bench *b = book();
    b->at = 2 * MS;
    itch_event(b, 'E');
    bench_start(b);
    bench_run(b, 1 * MS);
    uint32_t id = bench_order(b, X, 'B', '0', 100, P100);
    bench_run(b, 3 * MS);
    expect(b, WT_EXEC_ACCEPTED, id, 100);
    expect_canceled(b, id, 100, 'T');
    assert_int_equal(b->state, WT_GATEWAY_CLOSED);
    struct wt_ouch m = good_enter(id + 1);
    send_raw(b, &m);
    bench_run(b, 4 * MS);
    expect_rejected(b, id + 1, WT_OUCH_REJECT_CLOSED);
    bench_free(b);
}

static void rejections(void **state)
{
    (void)state;
    struct bench *b = book();
    b->at = 100 * MS;
    itch_event(b, 'M');
    bench_start(b);
    bench_run(b, 1 * MS);
    uint32_t id = 0;
    struct wt_ouch m;
    uint8_t option[16];
    size_t length;
#define REJECT(reason, ...)                                                                                            \
    do {                                                                                                               \
        m = good_enter(++id);                                                                                          \
        __VA_ARGS__;                                                                                                   \
        send_raw(b, &m);                                                                                               \
        bench_run(b, b->now - START + 10000);                                                                          \
        expect_rejected(b, id, reason);                                                                                \
        expect_nothing(b);                                                                                             \
    } while (0)
#define OPTION(tag, value)                                                                                             \
    do {                                                                                                               \
        length = 0;                                                                                                    \
        assert_int_equal(wt_ouch_option_put(option, sizeof option, &length, tag, value, sizeof value - 1), 0);         \
        m.options = option;                                                                                            \
        m.options_length = (uint16_t)length;                                                                           \
    } while (0)
    REJECT(WT_OUCH_REJECT_QUANTITY, m.quantity = 0);
    REJECT(WT_OUCH_REJECT_QUANTITY, m.quantity = 1000000);
    REJECT(WT_OUCH_REJECT_PRICE, m.price = 0);
    REJECT(WT_OUCH_REJECT_PRICE, m.price = 2000000000);
    REJECT(WT_OUCH_REJECT_PRICE, m.price = WT_OUCH_MARKET_PRICE);
    REJECT(WT_OUCH_REJECT_PRICE, m.price = (1ull << 32) + P100);
    REJECT(WT_OUCH_REJECT_PRICE, m.price = P100 + 1);
    REJECT(WT_OUCH_REJECT_SYMBOL, memcpy(m.symbol, "NOSUCH  ", 8));
    REJECT(WT_OUCH_REJECT_SIDE, m.side = 'Z');
    REJECT(WT_OUCH_REJECT_SIDE, m.side = '\0');
    REJECT(WT_OUCH_REJECT_OTHER, m.tif = '5');
    REJECT(WT_OUCH_REJECT_DISPLAY, m.display = 'N');
    REJECT(WT_OUCH_REJECT_ISO, m.iso = 'Y');
    REJECT(WT_OUCH_REJECT_CROSS, m.cross = 'O');
    REJECT(WT_OUCH_REJECT_OTHER, m.capacity = '?');
    REJECT(WT_OUCH_REJECT_MIN_QTY, OPTION(WT_OUCH_TAG_MIN_QTY, "\0\0\0\1"));
    REJECT(WT_OUCH_REJECT_MAX_FLOOR, OPTION(WT_OUCH_TAG_MAX_FLOOR, "\0\0\0\1"));
    REJECT(WT_OUCH_REJECT_PEG_TYPE, OPTION(WT_OUCH_TAG_PRICE_TYPE, "M"));
    REJECT(WT_OUCH_REJECT_OTHER, OPTION(WT_OUCH_TAG_POST_ONLY, "P"));
    REJECT(WT_OUCH_REJECT_ROUTING, OPTION(WT_OUCH_TAG_ROUTE, "SCAN"));
    REJECT(WT_OUCH_REJECT_OTHER, OPTION(WT_OUCH_TAG_EXPIRE_TIME, "\0\0\0\1"));
    REJECT(WT_OUCH_REJECT_OTHER, OPTION(99, "?"));
    /* Numbers once used, rejected or not, and lower ones: silence. */
    m = good_enter(id);
    send_raw(b, &m);
    m = good_enter(1);
    send_raw(b, &m);
    m = good_enter(0);
    send_raw(b, &m);
    bench_run(b, 50 * MS);
    expect_nothing(b);
    struct wt_exchange_stats s;
    wt_exchange_stats(b->exchange, &s);
    assert_int_equal(s.rejected, id);
    assert_int_equal(s.ignored, 3);
    m = good_enter(id + 5); /* a jump is fine */
    OPTION(WT_OUCH_TAG_FIRM, "WTFM");
    send_raw(b, &m);
    bench_run(b, 60 * MS);
    expect(b, WT_EXEC_ACCEPTED, id + 5, 100);
    bench_free(b);
}

static void other_requests(void **state)
{
    (void)state;
    struct bench *b = book();
    itch_add(b, 2, "ABC", 8, 'B', 100, P100);
    b->at = 100 * MS;
    itch_event(b, 'M');
    bench_start(b);
    bench_run(b, 1 * MS);
    struct wt_ouch m = good_enter(1);
    m.side = 'S';
    m.price = P100 + CENT;
    send_raw(b, &m);
    m = good_enter(2);
    memcpy(m.symbol, "ABC     ", 8);
    send_raw(b, &m);
    m = (struct wt_ouch){.type = 'M', .user_ref = 1, .side = 'T', .quantity = 90}; /* sell to short, 10 less */
    send_raw(b, &m);
    m.side = 'B'; /* no */
    send_raw(b, &m);
    m = (struct wt_ouch){.type = 'Q'};
    send_raw(b, &m);
    bench_run(b, 2 * MS);
    expect(b, WT_EXEC_ACCEPTED, 1, 100);
    expect(b, WT_EXEC_ACCEPTED, 2, 100);
    expect_canceled(b, 1, 10, 'U');
    expect_nothing(b);
    m = (struct wt_ouch){.type = 'C', .user_ref = 3};
    memcpy(m.firm, "    ", 4);
    memcpy(m.symbol, "ABC     ", 8);
    send_raw(b, &m);
    bench_run(b, 3 * MS);
    expect_canceled(b, 2, 100, 'U');
    expect_nothing(b);
    m.type = 'D';
    m.user_ref = 4;
    send_raw(b, &m);
    m = good_enter(5);
    send_raw(b, &m);
    m = (struct wt_ouch){.type = 'E', .user_ref = 6};
    send_raw(b, &m);
    m = good_enter(7);
    send_raw(b, &m);
    bench_run(b, 4 * MS);
    expect_rejected(b, 5, WT_OUCH_REJECT_FIRM);
    expect(b, WT_EXEC_ACCEPTED, 7, 100);
    m = (struct wt_ouch){.type = 'C', .user_ref = 8};
    memset(m.symbol, ' ', 8);
    send_raw(b, &m);
    bench_run(b, 5 * MS);
    expect_canceled(b, 1, 90, 'U');
    expect_canceled(b, 7, 100, 'U');
    struct wt_gateway_stats s;
    wt_gateway_stats(b->gateway, &s);
    assert_int_equal(s.malformed, 0);
    assert_int_equal(s.other, 1 + 1 + 1 + 4); /* system event, modified, query response, four echoes */
    bench_free(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rests_behind_what_is_ahead),
        cmocka_unit_test(ahead_canceled_deleted_replaced),
        cmocka_unit_test(two_of_ours_in_line),
        cmocka_unit_test(traded_through),
        cmocka_unit_test(crossing_add),
        cmocka_unit_test(marketable_entry),
        cmocka_unit_test(taken_shares_stay_taken_through_a_replace),
        cmocka_unit_test(replace_keeps_total_liable_and_loses_its_place),
        cmocka_unit_test(replace_that_trades_at_once),
        cmocka_unit_test(partial_cancel),
        cmocka_unit_test(never_with_ourselves),
        cmocka_unit_test(halts),
        cmocka_unit_test(end_of_system_hours),
        cmocka_unit_test(rejections),
        cmocka_unit_test(other_requests),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
