/*
 * Matching speed. Without arguments: operations a second of a market-like mix, as a JSON object; fails below 5
 * million. With `add N`, `cancel N` or `execute N`: so many orders added to, or canceled at, levels that are there, or
 * taken one by one at the best, inside functions measured_add and so on, for tests/bench/instructions to count.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "host/market/random.h"
#include "sim/exchange/engine.h"

enum { SYMBOLS = 8, LIVE = 40000, OPERATIONS = 4000000, TICKS = 60, LEAST = 5000000 };

enum kind { ADD, CANCEL, REPLACE, TAKE, KINDS };

struct operation {
    struct wt_engine_order order; /* ADD, TAKE; price and shares of REPLACE */
    uint64_t ref;
    enum kind kind;
};

/* A listener that does next to nothing, so that telling is part of the price. */
static uint64_t heard;

static void on_order(void *ctx, const struct wt_engine_view *order)
{
    *(uint64_t *)ctx += order->shares;
}

static void on_executed(void *ctx, const struct wt_engine_view *resting, uint32_t owner, uint64_t tag, uint64_t ref,
                        uint32_t shares, uint32_t price, uint64_t match)
{
    (void)owner, (void)tag, (void)ref, (void)price, (void)match;
    *(uint64_t *)ctx += resting->shares + shares;
}

static void on_canceled(void *ctx, const struct wt_engine_view *order, uint32_t shares, bool resting,
                        enum wt_engine_reason reason)
{
    (void)order, (void)resting, (void)reason;
    *(uint64_t *)ctx += shares;
}

static void on_replaced(void *ctx, uint64_t old_ref, uint32_t old_shares, const struct wt_engine_view *order,
                        enum wt_engine_replaced how)
{
    (void)old_ref, (void)order, (void)how;
    *(uint64_t *)ctx += old_shares;
}

static struct wt_engine *new_engine(void)
{
    struct wt_engine_config config;
    wt_engine_defaults(&config);
    struct wt_engine_handler handler = {.ctx = &heard,
                                        .accepted = on_order,
                                        .rested = on_order,
                                        .executed = on_executed,
                                        .canceled = on_canceled,
                                        .replaced = on_replaced};
    struct wt_engine *engine;
    if (wt_engine_create(&config, handler, &engine) < 0)
        exit(1);
    for (int i = 0; i < SYMBOLS; i++) {
        char name[9];
        snprintf(name, sizeof name, "SYM%-5d", i);
        if (wt_engine_symbol(engine, name) != i)
            exit(1);
    }
    return engine;
}

static struct wt_engine_order some_order(struct wt_random *r)
{
    struct wt_engine_order o = {.symbol = (uint16_t)wt_random_below(r, SYMBOLS),
                                .side = wt_random_below(r, 2) ? 'B' : 'S',
                                .tif = WT_ENGINE_DAY,
                                .shares = 100 * (1 + (uint32_t)wt_random_below(r, 5)),
                                .mpid = {' ', ' ', ' ', ' '}};
    /* Most near the best, some far. */
    uint32_t away = (uint32_t)(wt_random_below(r, TICKS) * wt_random_below(r, TICKS) / TICKS);
    o.price = (o.side == 'B' ? 3000000 - 100 * away : 3000100 + 100 * away);
    return o;
}

static void do_operation(struct wt_engine *engine, const struct operation *op)
{
    uint64_t ref;
    switch (op->kind) {
    case ADD:
    case TAKE:
        wt_engine_enter(engine, &op->order, &ref);
        break;
    case CANCEL:
        wt_engine_cancel(engine, op->ref, UINT32_MAX, WT_ENGINE_USER);
        break;
    default:
        wt_engine_replace(engine, op->ref, op->order.price, op->order.shares, true, 0, &ref);
    }
}

/* A live reference near a random one; 0 when the book is empty. */
static uint64_t some_live(const struct wt_engine *engine, struct wt_random *r, uint64_t *live, size_t *count)
{
    struct wt_engine_view view;
    while (*count > 0) {
        size_t i = wt_random_below(r, *count);
        uint64_t ref = live[i];
        live[i] = live[--*count];
        if (wt_engine_find(engine, ref, &view))
            return ref;
    }
    return 0;
}

/* Make up the operations on an engine of their own; references come out the same on the next. */
static struct operation *plan(size_t count[KINDS])
{
    struct wt_engine *engine = new_engine();
    struct operation *ops = calloc(OPERATIONS, sizeof *ops);
    uint64_t *live = calloc(OPERATIONS, sizeof *live);
    if (!ops || !live)
        exit(1);
    struct wt_random r;
    wt_random_seed(&r, 1);
    size_t lives = 0;
    for (size_t i = 0; i < OPERATIONS; i++) {
        struct operation *op = &ops[i];
        uint64_t what = wt_random_below(&r, 1000), ref;
        op->order = some_order(&r);
        struct wt_engine_totals t;
        wt_engine_totals(engine, &t);
        op->kind = t.live_orders < LIVE || what < 450 ? ADD : what < 880 ? CANCEL : what < 965 ? REPLACE : TAKE;
        if (op->kind == TAKE) {
            op->order.tif = WT_ENGINE_IOC;
            op->order.price = op->order.side == 'B' ? 3000500 : 2999600;
        }
        if (op->kind == CANCEL || op->kind == REPLACE) {
            op->ref = some_live(engine, &r, live, &lives);
            struct wt_engine_view view;
            if (wt_engine_find(engine, op->ref, &view) && view.side != op->order.side)
                op->order.price = view.price;
        }
        count[op->kind]++;
        if (op->kind == ADD)
            wt_engine_enter(engine, &op->order, &ref);
        else if (op->kind == REPLACE)
            wt_engine_replace(engine, op->ref, op->order.price, op->order.shares, true, 0, &ref);
        else
            do_operation(engine, op);
        if (op->kind == ADD || op->kind == REPLACE)
            live[lives++] = ref;
    }
    free(live);
    wt_engine_destroy(engine);
    return ops;
}

static double seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static int speed(void)
{
    size_t count[KINDS] = {0};
    struct operation *ops = plan(count);
    double best = 1e9;
    struct wt_engine_totals t;
    for (int run = 0; run < 3; run++) {
        struct wt_engine *engine = new_engine();
        double start = seconds();
        for (size_t i = 0; i < OPERATIONS; i++)
            do_operation(engine, &ops[i]);
        double took = seconds() - start;
        if (took < best)
            best = took;
        wt_engine_totals(engine, &t);
        wt_engine_destroy(engine);
    }
    printf("{\"engine\": {\"operations\": %d, \"operations_per_s\": %.0f, \"adds\": %zu, \"cancels\": %zu, "
           "\"replaces\": %zu, \"takers\": %zu, \"executions\": %llu, \"live_orders_at_end\": %llu}}\n",
           OPERATIONS, OPERATIONS / best, count[ADD], count[CANCEL], count[REPLACE], count[TAKE],
           (unsigned long long)t.executions, (unsigned long long)t.live_orders);
    free(ops);
    if (OPERATIONS / best < LEAST) {
        fprintf(stderr, "bench_engine: %.0f operations a second: should be %d\n", OPERATIONS / best, LEAST);
        return 1;
    }
    return 0;
}

/* ---------------------------------------------------------------- for the instruction count */

__attribute__((noinline, no_icf)) static void measured_add(struct wt_engine *engine,
                                                           const struct wt_engine_order *order, uint64_t *ref)
{
    wt_engine_enter(engine, order, ref);
}

__attribute__((noinline, no_icf)) static void measured_cancel(struct wt_engine *engine, uint64_t ref)
{
    wt_engine_cancel(engine, ref, UINT32_MAX, WT_ENGINE_USER);
}

__attribute__((noinline, no_icf)) static void measured_execute(struct wt_engine *engine,
                                                               const struct wt_engine_order *order, uint64_t *ref)
{
    wt_engine_enter(engine, order, ref);
}

/* Take the best order, whole, again and again. */
static void take_best(struct wt_engine *engine, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct wt_engine_order o = {.symbol = (uint16_t)(i % SYMBOLS),
                                    .side = 'B',
                                    .tif = WT_ENGINE_IOC,
                                    .price = 3000100,
                                    .shares = 100,
                                    .mpid = {' ', ' ', ' ', ' '}};
        uint64_t ref, taker;
        struct wt_engine_order rest = o;
        rest.side = 'S';
        rest.tif = WT_ENGINE_DAY;
        wt_engine_enter(engine, &rest, &ref);
        measured_execute(engine, &o, &taker);
    }
}

static void counted(const char *what, size_t n)
{
    struct wt_engine *engine = new_engine();
    struct wt_random r;
    wt_random_seed(&r, 2);
    uint64_t *refs = calloc(n, sizeof *refs), ref;
    if (!refs)
        exit(1);
    /* An order at every price, so that no level comes or goes. */
    for (uint16_t s = 0; s < SYMBOLS; s++)
        for (uint32_t i = 0; i < 2 * TICKS; i++) {
            struct wt_engine_order o = some_order(&r);
            o.symbol = s;
            o.side = "BS"[i / TICKS];
            o.price = i < TICKS ? 3000000 - 100 * i : 3000100 + 100 * (i - TICKS);
            o.shares = 100;
            wt_engine_enter(engine, &o, &ref);
        }
    if (strcmp(what, "execute") == 0)
        take_best(engine, n);
    for (size_t i = 0; i < n && strcmp(what, "execute") != 0; i++) {
        struct wt_engine_order o = some_order(&r);
        measured_add(engine, &o, &refs[i]);
    }
    for (size_t i = 0; i < n && strcmp(what, "cancel") == 0; i++)
        measured_cancel(engine, refs[i]);
    struct wt_engine_totals t;
    wt_engine_totals(engine, &t);
    fprintf(stderr, "%llu live at the end, %llu executions\n", (unsigned long long)t.live_orders,
            (unsigned long long)t.executions);
    free(refs);
    wt_engine_destroy(engine);
}

int main(int argc, char **argv)
{
    if (argc == 3) {
        counted(argv[1], strtoul(argv[2], NULL, 10));
        return 0;
    }
    return speed();
}
