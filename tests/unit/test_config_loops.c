/* Several loops in the configuration: the part of each, and that the parts together are never above a limit. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "host/cli/limits.h"
#include "host/config/config.h"

static char path[] = "/tmp/test_config_loops_XXXXXX";
static struct wt_config_errors errors;

static const char text[] = "feed: {symbols: [A, B, C, D, E, F, G]}\n"
                           "exchange:\n"
                           "  venue: venue.yaml\n"
                           "  logins:\n"
                           "    - {username: ONE, password: first}\n"
                           "    - {username: TWO, password: second}\n"
                           "    - {username: THREE, password: third}\n"
                           "host: {loops: 3, cpus: [4, 0, 2]}\n"
                           "risk: {max_order_shares: 1000, max_order_dollars: 250000, max_position: 2000,\n"
                           "       max_gross_dollars: 1000, collar_bps: 100, max_open_per_symbol: 4,\n"
                           "       max_open_orders: 64, orders_per_second: 100, burst: 50, max_loss_dollars: 10,\n"
                           "       max_net_dollars: 77, max_open_dollars: 88, cancels_per_second: 7, cancel_burst: 5,\n"
                           "       messages_per_second: 11, message_burst: 4, max_drawdown_dollars: 5,\n"
                           "       max_symbol_dollars: 400, max_long: 1500, max_short: 1400}\n"
                           "accounts: [{name: house, limits: {max_gross_dollars: 500, max_open_orders: 10}}]\n"
                           "strategies:\n"
                           "  - {name: market_maker, account: house, limits: {burst: 8, orders_per_second: 9}}\n"
                           "output: {dir: out, journal: j}\n";

static int setup(void **state)
{
    (void)state;
    int fd = mkstemp(path);
    assert_true(fd >= 0 && write(fd, text, sizeof text - 1) == sizeof text - 1);
    return close(fd);
}

static int teardown(void **state)
{
    (void)state;
    return unlink(path);
}

static struct wt_config *part(unsigned loop)
{
    struct wt_config *config;
    if (wt_config_load_part(path, NULL, 0, loop, &config, &errors))
        fail_msg("%s", errors.error[0].text);
    return config;
}

static void assert_symbols(const struct wt_config *c, const char *all)
{
    char got[64] = "";
    for (unsigned i = 0; i < c->feed.symbols_count; i++)
        strcat(got, c->feed.symbols[i]);
    assert_string_equal(got, all);
}

static void each_loop_has_its_part(void **state)
{
    static const char *const symbols[] = {"ADG", "BE", "CF"}, *const users[] = {"ONE", "TWO", "THREE"},
                             *const words[] = {"first", "second", "third"},
                             *const dirs[] = {"out/loop1", "out/loop2", "out/loop3"},
                             *const journals[] = {"j/loop1", "j/loop2", "j/loop3"};
    static const unsigned cpus[] = {4, 0, 2};
    (void)state;
    for (unsigned i = 0; i < 3; i++) {
        struct wt_config *c = part(i + 1), *again;
        /* a replay has the text alone, and comes to the same */
        assert_int_equal(wt_config_parse(c->text, &again, &errors), 0);
        struct wt_config *const both[] = {c, again};
        for (unsigned k = 0; k < 2; k++) {
            assert_symbols(both[k], symbols[i]);
            assert_string_equal(both[k]->exchange.username, users[i]);
            assert_string_equal(both[k]->exchange.password, words[i]);
            assert_string_equal(both[k]->output.dir, dirs[i]);
            assert_string_equal(both[k]->output.journal, journals[i]);
            assert_int_equal(both[k]->host.cpu, cpus[i]);
            wt_config_free(both[k]);
        }
    }
}

static void the_whole_is_as_it_was_written(void **state)
{
    struct wt_config *c;
    (void)state;
    assert_int_equal(wt_config_load(path, NULL, 0, &c, &errors), 0);
    assert_symbols(c, "ABCDEFG");
    assert_string_equal(c->output.journal, "j");
    wt_config_free(c);
}

static void there_is_no_part_of_a_loop_that_is_not(void **state)
{
    struct wt_config *c;
    static const char *const one[] = {"host.loops=1"};
    (void)state;
    assert_int_not_equal(wt_config_load_part(path, NULL, 0, 4, &c, &errors), 0);
    assert_non_null(strstr(errors.error[0].text, "host.loop: 4 is none of 3 loops"));
    assert_int_not_equal(wt_config_load_part(path, one, 1, 1, &c, &errors), 0);
    assert_int_equal(errors.count, 3); /* cpus, loop, logins */
}

/* Whatever is asked for: the shares add up to no more than the limit, and none of them is 0, which would be no limit.
 */
static void shares_never_exceed_the_firms_limit(void **state)
{
    (void)state;
    struct wt_config *c = part(1);
    struct wt_configured_risk whole, shared;
    wt_configured_risk(c, &shared);
    c->host.loops = 1;
    wt_configured_risk(c, &whole);
    const struct wt_risk_limits *const levels[][2] = {{&whole.firm, &shared.firm},
                                                      {&whole.account[0], &shared.account[0]},
                                                      {&whole.strategy[0], &shared.strategy[0]}};
    for (unsigned i = 0; i < 3; i++) {
        const struct wt_risk_limits *w = levels[i][0], *s = levels[i][1];
#define SHARE(member)                                                                                                  \
    assert_true(3 * s->member <= w->member && 3 * (s->member + 1) > w->member && (!w->member || s->member))
        SHARE(max_gross_notional);
        SHARE(max_net_notional);
        SHARE(max_open_notional);
        SHARE(max_open_total);
        SHARE(orders_per_second);
        SHARE(burst);
        SHARE(cancels_per_second);
        SHARE(cancel_burst);
        SHARE(messages_per_second);
        SHARE(message_burst);
        SHARE(max_loss);
        SHARE(max_drawdown);
        /* a symbol is in one loop: what holds for one is whole */
        assert_int_equal(s->max_position, w->max_position);
        assert_int_equal(s->max_long, w->max_long);
        assert_int_equal(s->max_short, w->max_short);
        assert_int_equal(s->max_symbol_notional, w->max_symbol_notional);
        assert_int_equal(s->max_open_symbol, w->max_open_symbol);
        assert_int_equal(s->max_order_shares, w->max_order_shares);
        assert_int_equal(s->max_order_notional, w->max_order_notional);
    }
    assert_int_equal(shared.firm.max_loss, 33333);
    assert_int_equal(shared.firm.message_burst, 1);
    wt_config_free(c);
}

/* Every limit that is shared out, one below the number of loops. */
static void what_cannot_be_shared_out_is_refused(void **state)
{
    static const char *const keys[] = {"max_gross_dollars", "max_net_dollars",     "max_open_dollars",
                                       "max_open_orders",   "orders_per_second",   "burst",
                                       "cancel_burst",      "cancels_per_second",  "message_burst",
                                       "max_loss_dollars",  "messages_per_second", "max_drawdown_dollars"};
    static const char *const levels[] = {"risk", "accounts.0.limits", "strategies.0.limits"};
    (void)state;
    for (unsigned l = 0; l < 3; l++) {
        for (unsigned i = 0; i < sizeof keys / sizeof keys[0]; i++) {
            char two[80], three[80], word[80];
            const char *set = two;
            struct wt_config *c;
            snprintf(two, sizeof two, "%s.%s=2", levels[l], keys[i]);
            snprintf(three, sizeof three, "%s.%s=3", levels[l], keys[i]);
            snprintf(word, sizeof word, "%s: '2' cannot be shared out among 3 loops", keys[i]);
            assert_int_not_equal(wt_config_load(path, &set, 1, &c, &errors), 0);
            bool told = false;
            for (unsigned e = 0; e < errors.count; e++)
                told = told || strstr(errors.error[e].text, word);
            assert_true(told);
            set = three;
            if (wt_config_load(path, &set, 1, &c, &errors) == 0)
                wt_config_free(c);
            for (unsigned e = 0; e < errors.count; e++)
                assert_null(strstr(errors.error[e].text, "shared out"));
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_loop_has_its_part),
        cmocka_unit_test(the_whole_is_as_it_was_written),
        cmocka_unit_test(there_is_no_part_of_a_loop_that_is_not),
        cmocka_unit_test(shares_never_exceed_the_firms_limit),
        cmocka_unit_test(what_cannot_be_shared_out_is_refused),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
