/*
 * ITCH as the host's twin, the venue's replayed market and the measuring of markets read it. An input is a list of
 * messages, each behind its length in two bytes; the first byte says how large the twin is and what is subscribed, and
 * whether the venue's side reads them too. The twin's books must hang together after every message; and as long as no
 * message was odd, the replayed market's best prices must be the twin's. An account's orders stand in the replayed
 * market: none of their shares may get lost.
 */
#include <stdlib.h>

#include "host/market/gen.h"
#include "host/market/itch_put.h"
#include "host/market/twin.h"
#include "sim/exchange/matcher.h"
#include "sim/exchange/measure.h"
#include "tests/fuzz/fuzz.h"

enum { LOCATES = 8 };

struct work {
    struct wt_twin *twin;
    struct wt_replay *replay; /* NULL: the twin alone */
    struct wt_matcher *matcher;
    struct wt_measure measure;
    bool measured;
    uint64_t sequence;
    uint32_t orders;
    uint32_t accepted, executed, canceled;
};

static void on_accepted(void *ctx, const struct wt_own_order *order, uint32_t orig_ref)
{
    (void)orig_ref;
    ((struct work *)ctx)->accepted += order->open;
}

static void on_executed(void *ctx, const struct wt_own_order *order, uint32_t shares, uint32_t price, char liquidity,
                        uint64_t match)
{
    (void)match;
    FUZZ_CHECK(liquidity == 'A' || liquidity == 'R');
    FUZZ_CHECK(order->side == 'B' ? price <= order->price : price >= order->price);
    ((struct work *)ctx)->executed += shares;
}

static void on_canceled(void *ctx, const struct wt_own_order *order, uint32_t shares, char reason)
{
    (void)order;
    (void)reason;
    ((struct work *)ctx)->canceled += shares;
}

static void on_self_match(void *ctx, const struct wt_own_order *order, uint32_t shares, uint32_t price)
{
    (void)order;
    (void)price;
    ((struct work *)ctx)->canceled += shares;
}

/* Levels of a side: best first, none empty; the first one is the BBO. */
static uint64_t check_side(const struct wt_twin *twin, uint16_t symbol, char side, uint32_t best, uint32_t best_shares,
                           uint32_t best_orders)
{
    uint32_t price, orders, before = 0;
    uint64_t shares, all = 0;
    for (size_t i = 0; wt_twin_level(twin, symbol, side, i, &price, &shares, &orders); i++) {
        FUZZ_CHECK(orders > 0 && shares >= orders);
        FUZZ_CHECK(i > 0 || (price == best && shares == best_shares && orders == best_orders));
        FUZZ_CHECK(i == 0 || (side == 'B' ? price < before : price > before));
        before = price;
        all += orders;
    }
    FUZZ_CHECK(all > 0 || best_orders == 0);
    return all;
}

static uint64_t check_symbol(const struct wt_twin *twin, uint16_t symbol)
{
    struct wt_bbo b;
    if (!wt_twin_valid(twin, symbol))
        return 0;
    wt_twin_bbo(twin, symbol, &b);
    return check_side(twin, symbol, 'B', b.bid_price, b.bid_shares, b.bid_orders) +
           check_side(twin, symbol, 'S', b.ask_price, b.ask_shares, b.ask_orders);
}

static void check_twin(const struct wt_twin *twin)
{
    struct wt_twin_stats s;
    uint64_t live = 0;
    wt_twin_stats(twin, &s);
    for (uint16_t i = 0; i < s.symbols; i++)
        live += check_symbol(twin, i);
    FUZZ_CHECK(live <= s.orders_live);
}

static bool odd(const struct wt_twin *twin)
{
    struct wt_twin_stats s;
    wt_twin_stats(twin, &s);
    return s.unknown_type || s.bad_length || s.unknown_ref || s.excess || s.zero_add || s.senseless || s.overflow;
}

static uint32_t best_of(const struct wt_replay_side *side)
{
    return side->count ? side->levels[side->count - 1].price : 0;
}

static void check_replay(const struct work *w, uint16_t locate)
{
    const struct wt_replay_symbol *r = wt_replay_symbol(w->replay, locate);
    uint16_t symbol = wt_twin_by_locate(w->twin, locate);
    struct wt_bbo b = {0};
    if (!r || symbol == 0xffff)
        return;
    wt_twin_bbo(w->twin, symbol, &b);
    FUZZ_CHECK(best_of(&r->side[0]) == b.bid_price && best_of(&r->side[1]) == b.ask_price);
}

/* An order of ours, now and then. */
static void enter(struct work *w, uint16_t locate, uint32_t price)
{
    const struct wt_replay_symbol *r = wt_replay_symbol(w->replay, locate);
    if (!r || price == 0)
        return;
    struct wt_own_order o = {.user_ref = ++w->orders,
                             .locate = locate,
                             .side = w->orders % 2 ? 'B' : 'S',
                             .tif = w->orders % 5 ? '0' : '3',
                             .display = 'Y',
                             .price = price,
                             .open = 100 + w->orders};
    memcpy(o.symbol, r->name, 8);
    struct wt_desk desk = wt_matcher_desk(w->matcher);
    FUZZ_CHECK(desk.enter(desk.ctx, &o) == 0);
}

static void check_orders(struct work *w)
{
    struct wt_desk_totals t;
    wt_matcher_totals(w->matcher, &t);
    FUZZ_CHECK(t.accepted == t.executed + t.canceled + t.open);
    FUZZ_CHECK(t.accepted == w->accepted && t.executed == w->executed && t.canceled == w->canceled);
}

static void take(struct work *w, const uint8_t *message, size_t length)
{
    struct wt_twin_result r;
    wt_twin_message(w->twin, ++w->sequence, message, length, &r);
    FUZZ_CHECK(r.seq == w->sequence);
    if (r.symbol != 0xffff)
        check_symbol(w->twin, r.symbol);
    if (w->measured && length > 2 && length == wt_itch_length(message[0]))
        wt_measure_message(&w->measure, message, length);
    if (!w->replay)
        return;
    wt_matcher_replay(w->matcher, message, length);
    if (length > 2 && length == wt_itch_length(message[0])) {
        uint16_t locate = wt_itch_locate(message);
        if (!odd(w->twin))
            check_replay(w, locate);
        if ((message[0] == 'A' || message[0] == 'U') && w->sequence % 3 == 0)
            enter(w, locate, message[0] == 'A' ? wt_itch_add_price(message) : wt_itch_replace_price(message));
    }
    check_orders(w);
}

/* Tables for every locate: it takes longer than the rest. */
static void venue_begin(struct work *w)
{
    struct wt_desk_handler handler = {.ctx = w,
                                      .accepted = on_accepted,
                                      .executed = on_executed,
                                      .canceled = on_canceled,
                                      .self_match = on_self_match};
    FUZZ_CHECK(wt_replay_create(&w->replay) == 0);
    FUZZ_CHECK(wt_matcher_create(w->replay, handler, &w->matcher) == 0);
}

static void venue_end(struct work *w)
{
    struct wt_desk desk = wt_matcher_desk(w->matcher);
    desk.cancel_all(desk.ctx, NULL, 'T');
    check_orders(w);
    wt_matcher_destroy(w->matcher);
    wt_replay_destroy(w->replay);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_bytes in = {data, size < 2048 ? size : 2048};
    struct work w = {0};
    struct wt_twin_config config;
    uint8_t first = fuzz_u8(&in);
    wt_twin_defaults(&config);
    config.max_orders = first & 1 ? 16 : 1 << 10; /* both: enough, and too few */
    config.first_orders = 8;
    static const char names[2][9] = {"ACME    ", "ABC     "};
    if (!(first & 2)) {
        config.symbols = names;
        config.symbol_count = 2;
    }
    FUZZ_CHECK(wt_twin_create(&config, &w.twin) == 0);
    if (first & 8)
        venue_begin(&w);
    w.measured = first & 16;
    FUZZ_CHECK(!w.measured || wt_measure_init(&w.measure) == 0);
    while (in.left > 0) {
        size_t length;
        uint8_t *message = fuzz_block(&in, fuzz_u16(&in), &length);
        take(&w, message, length);
        free(message);
    }
    check_twin(w.twin);
    if (first & 4)
        wt_twin_gap(w.twin);
    check_twin(w.twin);
    if (w.replay)
        venue_end(&w);
    if (w.measured) {
        wt_measure_end(&w.measure);
        wt_measure_free(&w.measure);
    }
    wt_twin_destroy(w.twin);
    return 0;
}

static struct fuzz_seed seed;
static unsigned room;

static int one(void *ctx, const uint8_t *raw, uint64_t length)
{
    (void)ctx;
    if (seed.length + length + 2 <= room) {
        fuzz_add_u16(&seed, (unsigned)length);
        fuzz_add(&seed, raw, length);
    }
    return 0;
}

void fuzz_seeds(fuzz_put *put, void *ctx)
{
    /* All types are in what the generator makes; short and longer markets. */
    for (unsigned i = 0; i < 8; i++) {
        struct wt_gen_config config;
        struct wt_gen_stats stats;
        wt_gen_defaults(&config);
        config.messages = 60 + i * 20;
        config.symbols = 1 + i % 3;
        config.seed = i + 1;
        config.live = 20;
        config.scenario = i % 2 ? WT_GEN_STRESS : WT_GEN_MARKET;
        seed.length = 0;
        room = 2048;
        fuzz_add_u8(&seed, i % 4 | (i / 2 % 2) << 3 | (i == 5) << 4);
        FUZZ_CHECK(wt_gen_run(&config, (struct wt_gen_sink){NULL, one}, &stats) == 0);
        put(ctx, seed.bytes, seed.length);
    }
    uint8_t m[WT_ITCH_MAX];
    seed.length = 0;
    fuzz_add_u8(&seed, 8);
    one(NULL, m, wt_itch_put_directory(m, 1, 1, "ABC     "));
    one(NULL, m, wt_itch_put_add(m, 1, 2, 1, 'B', 100, "ABC     ", 1000000, NULL));
    one(NULL, m, wt_itch_put_add(m, 1, 2, 2, 'S', 100, "ABC     ", 1000100, "WTCK"));
    one(NULL, m, wt_itch_put_executed(m, 1, 3, 1, 50, 9));
    one(NULL, m, wt_itch_put_executed_at(m, 1, 3, 1, 10, 10, true, 1000000));
    one(NULL, m, wt_itch_put_cancel(m, 1, 4, 2, 30));
    one(NULL, m, wt_itch_put_replace(m, 1, 5, 2, 3, 70, 1000200));
    one(NULL, m, wt_itch_put_action(m, 1, 6, "ABC     ", 'H', "    "));
    one(NULL, m, wt_itch_put_action(m, 1, 7, "ABC     ", 'T', "    "));
    one(NULL, m, wt_itch_put_delete(m, 1, 8, 3));
    put(ctx, seed.bytes, seed.length);
}
