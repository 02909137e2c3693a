/* Generated markets: what they promise, checked message by message. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <errno.h>

#include "host/market/gen.h"
#include "host/market/itch.h"
#include "host/market/twin.h"

enum { REFS = 1 << 22, SYMBOLS = 64 };

struct order {
    uint32_t price, shares, born; /* born: message number, 0: not live */
    uint16_t locate;
    char side;
};

static struct {
    struct wt_twin *twin;
    struct order *order; /* by reference */
    uint64_t seq, last_ref, last_match, last_ns, first_ns, hash, types[256];
    uint32_t low[SYMBOLS], high[SYMBOLS]; /* best bids seen in trading */
    uint32_t emptied;                     /* times a side with a price lost it */
    bool open, stub_low, stub_cent, stub_high;
} check;

static uint64_t new_ref(const uint8_t *raw, size_t at)
{
    uint64_t ref = wt_be64(raw + at);
    assert_true(ref > check.last_ref);
    assert_true(ref < REFS);
    check.last_ref = ref;
    return ref;
}

/* E and C take from the oldest order at the best price of its side. */
static void check_priority(const struct order *o, uint16_t symbol)
{
    uint32_t price, orders, older = 0;
    uint64_t shares;
    assert_true(wt_twin_level(check.twin, symbol, o->side, 0, &price, &shares, &orders));
    assert_int_equal(price, o->price);
    if (check.seq % 16) /* the scan is slow */
        return;
    for (uint64_t r = 0; r <= check.last_ref; r++) {
        const struct order *other = &check.order[r];
        older += other->born && other->locate == o->locate && other->side == o->side && other->price == price &&
                 other->born < o->born;
    }
    assert_int_equal(older, 0);
}

static void reduce(struct order *o, uint32_t shares)
{
    assert_true(o->born && shares > 0 && shares <= o->shares);
    o->shares -= shares;
    if (o->shares == 0)
        o->born = 0;
}

static void follow(const uint8_t *raw)
{
    uint16_t symbol = wt_twin_by_locate(check.twin, wt_itch_locate(raw));
    struct order *o;
    uint64_t ref;
    switch (raw[0]) {
    case 'A':
    case 'F':
        ref = new_ref(raw, 11);
        assert_true(wt_itch_add_shares(raw) > 0 && wt_itch_add_price(raw) > 0);
        assert_true(wt_itch_add_price(raw) < 10000 || wt_itch_add_price(raw) % 100 == 0); /* ticks */
        check.order[ref] = (struct order){wt_itch_add_price(raw), wt_itch_add_shares(raw), (uint32_t)check.seq,
                                          wt_itch_locate(raw), wt_itch_side(raw)};
        check.stub_low |= wt_itch_add_price(raw) == 1;
        check.stub_cent |= wt_itch_add_price(raw) == 100;
        check.stub_high |= wt_itch_add_price(raw) == 1999999900;
        break;
    case 'U':
        o = &check.order[wt_itch_ref(raw)];
        assert_true(o->born != 0);
        ref = new_ref(raw, 19);
        check.order[ref] = (struct order){wt_itch_replace_price(raw), wt_itch_replace_shares(raw), (uint32_t)check.seq,
                                          o->locate, o->side};
        o->born = 0;
        break;
    case 'E':
    case 'C':
        o = &check.order[wt_itch_ref(raw)];
        assert_true(raw[0] == 'C' || check.open); /* nothing trades before the opening but the auction itself */
        check_priority(o, symbol);
        reduce(o, wt_itch_reduce_shares(raw));
        break;
    case 'X':
        o = &check.order[wt_itch_ref(raw)];
        assert_true(wt_itch_reduce_shares(raw) < o->shares);
        reduce(o, wt_itch_reduce_shares(raw));
        break;
    case 'D':
        assert_true(check.order[wt_itch_ref(raw)].born != 0);
        check.order[wt_itch_ref(raw)].born = 0;
        break;
    case 'S':
        check.open |= raw[11] == 'Q';
        break;
    default:
        break;
    }
}

static int on_message(void *ctx, const uint8_t *raw, uint64_t length)
{
    struct wt_twin_result r;
    struct wt_bbo before = {0};
    uint16_t symbol;
    (void)ctx;
    check.seq++;
    check.types[raw[0]]++;
    assert_int_equal(length, wt_itch_length(raw[0]));
    assert_true(wt_itch_ns(raw) >= check.last_ns);
    if (check.seq == 1)
        check.first_ns = wt_itch_ns(raw);
    check.last_ns = wt_itch_ns(raw);
    for (uint64_t i = 0; i < length; i++)
        check.hash = (check.hash ^ raw[i]) * 0x100000001b3u;
    follow(raw);
    symbol = wt_twin_by_locate(check.twin, wt_itch_locate(raw));
    if (symbol != 0xffff)
        wt_twin_bbo(check.twin, symbol, &before);
    wt_twin_message(check.twin, check.seq, raw, length, &r);
    if (r.symbol == 0xffff)
        return 0;
    assert_true(wt_twin_valid(check.twin, r.symbol));
    if (r.bbo.bid_orders && r.bbo.ask_orders)
        assert_true(r.bbo.bid_price < r.bbo.ask_price); /* never crossed, never locked */
    check.emptied += (before.bid_orders && !r.bbo.bid_orders) || (before.ask_orders && !r.bbo.ask_orders);
    if (check.open && r.symbol < SYMBOLS && r.bbo.bid_orders && r.bbo.bid_price > 100) {
        if (!check.low[r.symbol] || r.bbo.bid_price < check.low[r.symbol])
            check.low[r.symbol] = r.bbo.bid_price;
        if (r.bbo.bid_price > check.high[r.symbol])
            check.high[r.symbol] = r.bbo.bid_price;
    }
    return 0;
}

static struct wt_gen_stats generate(const struct wt_gen_config *config)
{
    struct wt_twin_config twin;
    struct wt_twin_stats seen;
    struct wt_gen_stats stats;
    memset(&check, 0, sizeof check);
    check.hash = 0xcbf29ce484222325u;
    check.order = calloc(REFS, sizeof *check.order);
    assert_non_null(check.order);
    wt_twin_defaults(&twin);
    twin.max_orders = 60000;
    assert_int_equal(wt_twin_create(&twin, &check.twin), 0);
    assert_int_equal(wt_gen_run(config, (struct wt_gen_sink){NULL, on_message}, &stats), 0);
    wt_twin_stats(check.twin, &seen);
    wt_twin_destroy(check.twin);
    free(check.order);
    assert_int_equal(stats.messages, config->messages);
    assert_int_equal(check.seq, config->messages);
    assert_int_equal(seen.unknown_ref + seen.excess + seen.zero_add + seen.senseless, 0);
    assert_int_equal(seen.unknown_type + seen.bad_length + seen.overflow, 0);
    assert_int_equal(seen.symbols, config->symbols);
    assert_int_equal(seen.orders_peak, stats.orders_peak);
    assert_true(stats.orders_peak <= 40000);
    assert_int_equal(check.first_ns, config->start_ns);
    assert_int_equal(check.last_ns, config->start_ns + config->duration_ns);
    for (unsigned t = 0; t < 256; t++) {
        assert_int_equal(stats.of_type[t], check.types[t]);
        assert_true(stats.of_type[t] == 0 || wt_itch_length((uint8_t)t));
    }
    return stats;
}

static void expect_share(const struct wt_gen_stats *stats, const char *types, double least, double most)
{
    uint64_t n = 0;
    double share;
    for (const char *t = types; *t; t++)
        n += stats->of_type[(uint8_t)*t];
    share = (double)n * 100 / (double)stats->messages;
    if (share < least || share > most)
        fail_msg("%s: %.2f %%, expected %.1f to %.1f", types, share, least, most);
}

static void test_market(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 3; seed++) {
        struct wt_gen_config config;
        struct wt_gen_stats stats;
        wt_gen_defaults(&config);
        config.seed = seed;
        stats = generate(&config);
        for (const char *type = WT_ITCH_TYPE_LIST; *type; type++)
            if (stats.of_type[(uint8_t)*type] == 0)
                fail_msg("no %c", *type);
        /* about a real day's: A 43.6, D 42.6, U 8.1, E 2.1, X 1.0 */
        expect_share(&stats, "AF", 41, 48);
        expect_share(&stats, "D", 38, 45);
        expect_share(&stats, "U", 6, 10);
        expect_share(&stats, "E", 1, 4);
        expect_share(&stats, "X", 0.5, 1.5);
        expect_share(&stats, "CPQ", 0.2, 3);
    }
}

static void test_stress(void **state)
{
    struct wt_gen_config config;
    (void)state;
    wt_gen_defaults(&config);
    config.scenario = WT_GEN_STRESS;
    config.messages = 200000;
    config.symbols = 64;
    generate(&config);
    assert_true(check.stub_low && check.stub_cent && check.stub_high);
    assert_in_range(check.low[0], 1, check.high[0] * 42ull / 100); /* the crash */
    assert_true(check.high[1] <= 1000);                            /* cents */
    assert_true(check.low[3] > 0 && check.high[3] < 10000);        /* below a dollar */
    assert_true(check.emptied >= 3);
}

static void test_deterministic(void **state)
{
    struct wt_gen_config config;
    uint64_t hash[4];
    (void)state;
    for (int i = 0; i < 4; i++) {
        wt_gen_defaults(&config);
        config.messages = 5000;
        config.seed = i < 2 ? 7 : 8;
        config.scenario = i == 3 ? WT_GEN_STRESS : WT_GEN_MARKET;
        generate(&config);
        hash[i] = check.hash;
    }
    assert_true(hash[0] == hash[1]);
    assert_true(hash[1] != hash[2]);
    assert_true(hash[2] != hash[3]);
}

static void test_small_and_odd(void **state)
{
    static const struct {
        uint64_t messages;
        uint32_t symbols;
        uint64_t duration_ns;
    } table[] = {{51, 1, 1000000}, {114, 64, 1000000000}, {1050, 1000, 60000000000u}, {3000, 1, 50000000000000u}};
    (void)state;
    for (int scenario = 0; scenario < 2; scenario++)
        for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
            struct wt_gen_config config;
            wt_gen_defaults(&config);
            config.scenario = scenario ? WT_GEN_STRESS : WT_GEN_MARKET;
            config.messages = table[i].messages;
            config.symbols = table[i].symbols;
            config.duration_ns = table[i].duration_ns;
            generate(&config);
        }
}

static void test_refused(void **state)
{
    struct wt_gen_stats stats;
    (void)state;
    for (int i = 0; i < 6; i++) {
        struct wt_gen_config config;
        wt_gen_defaults(&config);
        if (i == 0)
            config.symbols = 0;
        if (i == 1)
            config.symbols = 10001;
        if (i == 2)
            config.messages = 57;
        if (i == 3)
            config.start_ns = 86400000000000u;
        if (i == 4)
            config.duration_ns = 86400000000000u;
        if (i == 5)
            config.duration_ns = 0;
        assert_int_equal(wt_gen_run(&config, (struct wt_gen_sink){NULL, on_message}, &stats), -EINVAL);
    }
}

static int full_after_ten(void *ctx, const uint8_t *raw, uint64_t length)
{
    unsigned *n = ctx;
    (void)raw;
    (void)length;
    return ++*n == 10 ? -ENOSPC : 0;
}

static void test_sink_fails(void **state)
{
    struct wt_gen_config config;
    struct wt_gen_stats stats;
    unsigned n = 0;
    (void)state;
    wt_gen_defaults(&config);
    assert_int_equal(wt_gen_run(&config, (struct wt_gen_sink){&n, full_after_ten}, &stats), -ENOSPC);
    assert_int_equal(n, 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_market),        cmocka_unit_test(test_stress),  cmocka_unit_test(test_deterministic),
        cmocka_unit_test(test_small_and_odd), cmocka_unit_test(test_refused), cmocka_unit_test(test_sink_fails),
    };
    return cmocka_run_group_tests_name("generate", tests, NULL, NULL);
}
