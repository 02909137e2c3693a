/*
 * Random orders in a random market, against a second matcher that is as plain as can be: arrays, and a
 * search over all of them for everything. Every report must be the same; shares are conserved; no fill
 * is worse than its limit.
 */
#include "tests/unit/exchange_bench.h"

#include "host/gateway/ouch.h"

enum { STEPS = 1500, LIVE = 4096, SYMBOLS = 2, TICKS = 8 };
#define STEP_NS 10000ull
#define BASE 1000000u
#define CENT 100u

static const char *const names[SYMBOLS + 1] = {"", "ABC", "XYZ"};

struct displayed {
    uint64_t ref, time;
    uint16_t symbol;
    bool sell;
    uint32_t price, shares, taken;
};

struct ours {
    uint32_t id, price, open, executed, chain;
    uint16_t symbol;
    bool sell, resting;
    uint64_t time;
};

struct report {
    char type;
    uint32_t id, shares, price;
    char flag; /* liquidity, or reason of a cancel */
};

struct model {
    struct displayed d[LIVE];
    unsigned d_count;
    struct ours o[LIVE];
    unsigned o_count;
    bool halted[SYMBOLS + 1];
    uint64_t time;
    struct report reports[4 * LIVE];
    unsigned count;
};

static void report(struct model *m, char type, uint32_t id, uint32_t shares, uint32_t price, char flag)
{
    assert_true(m->count < 4 * LIVE);
    m->reports[m->count++] = (struct report){type, id, shares, price, flag};
}

static uint32_t available(const struct displayed *d)
{
    return d->taken < d->shares ? d->shares - d->taken : 0;
}

static bool crosses(bool sell, uint32_t limit, uint32_t price)
{
    return sell ? price >= limit : price <= limit;
}

/* a is ahead of b on their side. */
static bool ahead(bool sell, uint32_t price_a, uint64_t time_a, uint32_t price_b, uint64_t time_b)
{
    if (price_a != price_b)
        return sell ? price_a < price_b : price_a > price_b;
    return time_a < time_b;
}

static struct ours *best_ours(struct model *m, uint16_t symbol, bool sell)
{
    struct ours *best = NULL;
    for (unsigned i = 0; i < m->o_count; i++) {
        struct ours *o = &m->o[i];
        if (o->resting && o->symbol == symbol && o->sell == sell &&
            (!best || ahead(sell, o->price, o->time, best->price, best->time)))
            best = o;
    }
    return best;
}

static struct displayed *best_displayed(struct model *m, uint16_t symbol, bool sell)
{
    struct displayed *best = NULL;
    for (unsigned i = 0; i < m->d_count; i++) {
        struct displayed *d = &m->d[i];
        if (d->shares > 0 && available(d) > 0 && d->symbol == symbol && d->sell == sell &&
            (!best || ahead(sell, d->price, d->time, best->price, best->time)))
            best = d;
    }
    return best;
}

static uint32_t least(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

static void fill(struct model *m, struct ours *o, uint32_t shares, uint32_t price, char flag)
{
    o->open -= shares;
    o->executed += shares;
    if (o->open == 0)
        o->resting = false;
    report(m, 'E', o->id, shares, price, flag);
}

static void off(struct model *m, struct ours *o, uint32_t shares, char reason)
{
    o->open -= shares;
    if (o->open == 0)
        o->resting = false;
    report(m, 'C', o->id, shares, 0, reason);
}

static void go(struct model *m, struct ours *o, bool ioc)
{
    while (o->open > 0) {
        struct displayed *d = best_displayed(m, o->symbol, !o->sell);
        struct ours *self = best_ours(m, o->symbol, !o->sell);
        if (d && !crosses(o->sell, o->price, d->price))
            d = NULL;
        if (self && !crosses(o->sell, o->price, self->price))
            self = NULL;
        if (self && (!d || ahead(!o->sell, self->price, self->time, d->price, d->time))) {
            off(m, o, o->open, 'Q');
            return;
        }
        if (!d)
            break;
        uint32_t n = least(o->open, available(d));
        d->taken += n;
        fill(m, o, n, d->price, 'R');
    }
    if (o->open > 0 && ioc)
        off(m, o, o->open, 'I');
    else
        o->resting = o->open > 0;
}

static void model_add(struct model *m, uint16_t symbol, bool sell, uint64_t ref, uint32_t shares, uint32_t price,
                      uint32_t taken)
{
    assert_true(m->d_count < LIVE);
    struct displayed *d = &m->d[m->d_count++];
    *d = (struct displayed){ref, ++m->time, symbol, sell, price, shares, least(taken, shares)};
    if (m->halted[symbol])
        return;
    struct ours *o;
    while (available(d) > 0 && (o = best_ours(m, symbol, !sell)) && crosses(sell, price, o->price)) {
        uint32_t n = least(available(d), o->open);
        d->taken += n;
        fill(m, o, n, o->price, 'A');
    }
}

static void model_executed(struct model *m, struct displayed *d, uint32_t shares)
{
    uint32_t left = m->halted[d->symbol] ? 0 : shares;
    struct ours *o;
    while (left > 0 && (o = best_ours(m, d->symbol, d->sell)) && ahead(d->sell, o->price, o->time, d->price, d->time)) {
        uint32_t n = least(left, o->open);
        left -= n;
        fill(m, o, n, o->price, 'A');
    }
    d->shares -= shares;
}

static void model_resume(struct model *m, uint16_t symbol)
{
    m->halted[symbol] = false;
    for (int sell = 0; sell < 2; sell++) {
        struct ours *o;
        struct displayed *d;
        /* Ours in their order; those that do not cross end it, for the ones behind do not either. */
        while ((o = best_ours(m, symbol, sell)) && (d = best_displayed(m, symbol, !sell)) &&
               crosses(sell, o->price, d->price)) {
            uint32_t n = least(o->open, available(d));
            d->taken += n;
            fill(m, o, n, o->price, 'A');
        }
    }
}

static struct displayed *random_live(struct model *m, unsigned *seed)
{
    for (int tries = 0; m->d_count > 0 && tries < 50; tries++) {
        struct displayed *d = &m->d[(unsigned)rand_r(seed) % m->d_count];
        if (d->shares > 0)
            return d;
    }
    return NULL;
}

/* Sells mostly stand above the middle and buys below, so that there is a book; not always. */
static uint32_t random_price(unsigned *seed, bool sell)
{
    unsigned tick = (unsigned)rand_r(seed) % TICKS;
    return BASE + CENT * (sell ? TICKS - 2 + tick : tick);
}

/* One message into the file, and into the model. */
static void market_step(struct bench *b, struct model *m, unsigned *seed, uint64_t *next_ref)
{
    int what = rand_r(seed) % 100;
    uint16_t symbol = (uint16_t)(1 + rand_r(seed) % SYMBOLS);
    bool sell = rand_r(seed) % 2;
    uint32_t shares = 1 + (uint32_t)rand_r(seed) % 300, price = random_price(seed, sell);
    struct displayed *d = random_live(m, seed);
    if (what < 40 || !d) {
        itch_add(b, symbol, names[symbol], ++*next_ref, sell ? 'S' : 'B', shares, price);
        model_add(m, symbol, sell, *next_ref, shares, price, 0);
    } else if (what < 65) {
        shares = 1 + (uint32_t)rand_r(seed) % d->shares;
        if (what < 60)
            itch_executed(b, d->symbol, d->ref, shares);
        else
            itch_executed_at(b, d->symbol, d->ref, shares, price);
        model_executed(m, d, shares);
    } else if (what < 75) {
        shares = 1 + (uint32_t)rand_r(seed) % d->shares;
        itch_cancel(b, d->symbol, d->ref, shares);
        d->shares -= shares;
    } else if (what < 85) {
        itch_delete(b, d->symbol, d->ref);
        d->shares = 0;
    } else if (what < 97) {
        price = random_price(seed, d->sell);
        itch_replace(b, d->symbol, d->ref, ++*next_ref, shares, price);
        d->shares = 0;
        model_add(m, d->symbol, d->sell, *next_ref, shares, price, d->taken);
    } else {
        bool halt = !m->halted[symbol];
        itch_state(b, symbol, names[symbol], halt ? 'H' : 'T');
        if (halt)
            m->halted[symbol] = true;
        else
            model_resume(m, symbol);
    }
}

struct request {
    char kind; /* O U X, 0: none */
    uint32_t id, replaced, shares, price;
    uint16_t symbol;
    bool sell, ioc;
};

static struct ours *find_ours(struct model *m, uint32_t id)
{
    for (unsigned i = 0; i < m->o_count; i++)
        if (m->o[i].id == id)
            return &m->o[i];
    return NULL;
}

static void model_enter(struct model *m, const struct request *r, char type, uint32_t open, uint32_t chain)
{
    assert_true(m->o_count < LIVE);
    struct ours *o = &m->o[m->o_count++];
    *o = (struct ours){.id = r->id,
                       .price = r->price,
                       .open = open,
                       .chain = chain,
                       .symbol = r->symbol,
                       .sell = r->sell,
                       .time = ++m->time};
    report(m, type, r->id, open, r->price, 0);
    go(m, o, r->ioc);
}

static void model_request(struct model *m, struct request *r)
{
    if (r->kind == 'O') {
        if (m->halted[r->symbol])
            report(m, 'J', r->id, 0, 0, 0);
        else
            model_enter(m, r, 'A', r->shares, 0);
        return;
    }
    struct ours *o = find_ours(m, r->kind == 'U' ? r->replaced : r->id);
    if (!o || !o->resting)
        return;
    uint32_t done = o->chain + o->executed;
    if (r->kind == 'X') {
        uint32_t left = r->shares > done ? r->shares - done : 0;
        if (left < o->open)
            off(m, o, o->open - left, 'U');
        return;
    }
    if (m->halted[o->symbol]) {
        report(m, 'J', r->id, 0, 0, 0);
    } else if (r->shares <= done) {
        off(m, o, o->open, 'U');
    } else {
        o->open = 0;
        o->resting = false;
        r->symbol = o->symbol;
        r->sell = o->sell;
        model_enter(m, r, 'U', r->shares - done, done);
    }
}

static struct request random_request(struct model *m, unsigned *seed, uint32_t *next_id)
{
    int what = rand_r(seed) % 100;
    struct request r = {.symbol = (uint16_t)(1 + rand_r(seed) % SYMBOLS), .sell = rand_r(seed) % 2};
    r.shares = 1 + (uint32_t)rand_r(seed) % 400;
    /* As often as not far enough to trade at once. */
    r.price = random_price(seed, rand_r(seed) % 3 ? r.sell : !r.sell);
    uint32_t some = *next_id > 1 ? *next_id - 1 - (uint32_t)rand_r(seed) % (*next_id < 20 ? *next_id - 1 : 20) : 0;
    if (what < 50) {
        r.kind = 'O';
        r.id = (*next_id)++;
        r.ioc = rand_r(seed) % 4 == 0;
    } else if (what < 65 && some > 0) {
        r.kind = 'U';
        r.replaced = some;
        r.id = (*next_id)++;
        r.ioc = rand_r(seed) % 8 == 0;
        /* A number that the venue does not use up can come again; ours never do. */
    } else if (what < 80 && some > 0) {
        r.kind = 'X';
        r.id = some;
        if (rand_r(seed) % 2)
            r.shares = 0;
    }
    model_request(m, &r);
    return r;
}

static void send_request(struct bench *b, const struct request *r)
{
    if (r->kind == 0)
        return;
    struct wt_order_request q = {.kind = r->kind == 'O'   ? WT_REQUEST_ENTER
                                         : r->kind == 'U' ? WT_REQUEST_REPLACE
                                                          : WT_REQUEST_CANCEL,
                                 .id = r->id,
                                 .replaced = r->replaced,
                                 .side = r->sell ? WT_SELL : WT_BUY,
                                 .tif = r->ioc ? WT_TIF_IOC : WT_TIF_DAY,
                                 .shares = r->shares,
                                 .price = r->price};
    memset(q.name, ' ', 8);
    memcpy(q.name, names[r->symbol], strlen(names[r->symbol]));
    assert_int_equal(wt_gateway_send(b->gateway, &q, b->now), 0);
}

static void check_reports(const struct bench *b, const struct model *m)
{
    static uint32_t limits[2 * LIVE];
    static bool sells[2 * LIVE];
    for (unsigned i = 0; i < m->o_count; i++) {
        limits[m->o[i].id] = m->o[i].price;
        sells[m->o[i].id] = m->o[i].sell;
    }
    for (unsigned i = 0; i < b->count && i < m->count; i++) {
        const struct wt_exec_report *r = &b->reports[i];
        const struct report *e = &m->reports[i];
        char flag = r->type == WT_EXEC_EXECUTED ? r->liquidity : r->type == WT_EXEC_CANCELED ? (char)r->reason : 0;
        if (r->type != (enum wt_exec_type)e->type || r->id != e->id || r->shares != e->shares ||
            (e->price != 0 && r->price != e->price) || flag != e->flag)
            fail_msg("report %u: '%c' of %u, %u at %u, '%c'; the model says '%c' of %u, %u at %u, '%c'", i, r->type,
                     r->id, r->shares, r->price, flag, e->type, e->id, e->shares, e->price, e->flag);
        if (r->type == WT_EXEC_EXECUTED)
            assert_true(crosses(sells[r->id], limits[r->id], r->price));
        assert_int_equal(r->sequence, i + 2);
    }
    assert_int_equal(b->count, m->count);
}

static void run_seed(unsigned seed, struct wt_exchange_stats *sum)
{
    struct bench *b = bench_new();
    struct model *m = calloc(1, sizeof *m);
    struct request *requests = calloc(STEPS, sizeof *requests);
    uint64_t next_ref = 0;
    uint32_t next_id = 1;
    itch_directory(b, 1, names[1]);
    itch_directory(b, 2, names[2]);
    for (unsigned i = 0; i < STEPS; i++) {
        b->at = MS + i * STEP_NS;
        market_step(b, m, &seed, &next_ref);
        requests[i] = random_request(m, &seed, &next_id);
    }
    bench_start(b);
    for (unsigned i = 0; i < STEPS; i++) {
        bench_run(b, MS + i * STEP_NS + STEP_NS / 2); /* arrives after message i, before the next */
        send_request(b, &requests[i]);
        bench_conserved(b);
    }
    bench_run(b, SECOND);
    check_reports(b, m);
    struct wt_exchange_stats s;
    wt_exchange_stats(b->exchange, &s);
    uint64_t open = 0, executed = 0;
    for (unsigned i = 0; i < m->o_count; i++) {
        open += m->o[i].open;
        executed += m->o[i].executed;
    }
    assert_int_equal(s.open_shares, open);
    assert_int_equal(s.executed_shares, executed);
    sum->executed += s.executed;
    sum->replaced += s.replaced;
    sum->canceled += s.canceled;
    sum->rejected += s.rejected;
    free(requests);
    free(m);
    bench_free(b);
}

static void random_orders(void **state)
{
    (void)state;
    struct wt_exchange_stats sum = {0};
    for (unsigned seed = 1; seed <= 20; seed++)
        run_seed(seed, &sum);
    print_message("# executed %llu, replaced %llu, canceled %llu, rejected %llu\n", (unsigned long long)sum.executed,
                  (unsigned long long)sum.replaced, (unsigned long long)sum.canceled, (unsigned long long)sum.rejected);
    assert_true(sum.executed > 1000 && sum.replaced > 100 && sum.canceled > 1000 && sum.rejected > 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(random_orders)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
