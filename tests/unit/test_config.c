/* Configuration: what loads, and for each mistake the line, the key, the value and what would be right. */
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
#include "host/config/schema.h"
#include "host/strategy/registry.h"

static char path[64], market[64];
static struct wt_config *config;
static struct wt_config_errors errors;

static const char *const good[] = {
    /* 1 */ "link:",
    /* 2 */ "  posted_write_ns: 250",
    /* 3 */ "feed:",
    /* 4 */ "  symbols: [AAPL, ON, BRK.B]",
    /* 5 */ "exchange:",
    /* 6 */ "  file: MARKET",
    /* 7 */ "risk:",
    /* 8 */ "  max_order_shares: 1000",
    /* 9 */ "  max_order_dollars: 250000",
    /* 10 */ "  max_position: 2000",
    /* 11 */ "  max_gross_dollars: 5000000",
    /* 12 */ "  collar_bps: 100",
    /* 13 */ "  max_open_per_symbol: 4",
    /* 14 */ "  max_open_orders: 64",
    /* 15 */ "  orders_per_second: 1000",
    /* 16 */ "  burst: 50",
    /* 17 */ "  max_loss_dollars: 1000",
    /* 18 */ "strategies:",
    /* 19 */ "  - name: market_maker",
    /* 20 */ "    symbols: [AAPL]",
    /* 21 */ "    params:",
    /* 22 */ "      size: 300",
    /* 23 */ "      skew_bps: 2",
    NULL,
};

static void write_text(const char *file, const char *text)
{
    FILE *f = fopen(file, "w");
    assert_non_null(f);
    fputs(text, f);
    fclose(f);
}

/* The good configuration with one line (from 1) put in another's place; NULL: left out. 0: none. */
static void write_config(unsigned line, const char *instead)
{
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    for (unsigned i = 0; good[i]; i++) {
        const char *text = i + 1 == line ? instead : good[i];
        if (!text)
            continue;
        if (strcmp(text, "  file: MARKET") == 0)
            fprintf(f, "  file: %s\n", market);
        else
            fprintf(f, "%s\n", text);
    }
    fclose(f);
}

static int setup(void **state)
{
    (void)state;
    snprintf(path, sizeof path, "/tmp/wt_config_%d.yaml", (int)getpid());
    snprintf(market, sizeof market, "/tmp/wt_config_%d.itch", (int)getpid());
    write_text(market, "x");
    config = NULL;
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    wt_config_free(config);
    unlink(path);
    unlink(market);
    return 0;
}

static int load(const char *const *sets, unsigned count)
{
    wt_config_free(config);
    return wt_config_load(path, sets, count, &config, &errors);
}

static void one_error(unsigned line, const char *const *parts)
{
    char where[80];
    if (errors.count != 1)
        for (unsigned i = 0; i < errors.count; i++)
            print_message("%s\n", errors.error[i].text);
    assert_int_equal(errors.count, 1);
    snprintf(where, sizeof where, "%s:%u: ", path, line);
    if (strncmp(errors.error[0].text, where, strlen(where)))
        fail_msg("not in line %u: %s", line, errors.error[0].text);
    for (; *parts; parts++)
        if (!strstr(errors.error[0].text, *parts))
            fail_msg("no '%s' in: %s", *parts, errors.error[0].text);
}

#define PARTS(...) ((const char *const[]){__VA_ARGS__, NULL})

static void a_good_one_loads_with_defaults(void **state)
{
    (void)state;
    write_config(0, NULL);
    if (load(NULL, 0))
        fail_msg("%s", errors.error[0].text);
    assert_int_equal(config->link.posted_write_ns, 250);
    assert_int_equal(config->link.read_ns, 800);
    assert_int_equal(config->link.max_payload, 256);
    assert_string_equal(config->link.model, "");
    assert_int_equal(config->feed.group_ip, 0xe9360c6f);
    assert_int_equal(config->feed.port, 26477);
    assert_int_equal(config->feed.symbols_count, 3);
    assert_string_equal(config->feed.symbols[1], "ON");
    assert_string_equal(config->feed.symbols[2], "BRK.B");
    assert_string_equal(config->exchange.file, market);
    assert_int_equal(config->host.callback_ns, 1000);
    assert_int_equal(config->limits.max_order_dollars, 250000);
    assert_int_equal(config->strategies_count, 1);
    assert_string_equal(config->strategies[0].name, "market_maker");
    assert_string_equal(config->strategies[0].symbols[0], "AAPL");
    assert_int_equal(config->strategies[0].param_count, 2);
    assert_string_equal(config->strategies[0].params[0].name, "size");
    assert_int_equal(config->strategies[0].params[0].value, 300);
    assert_string_equal(config->output.dir, "build/run");
    assert_int_equal(config->run.seed, 1);
}

static void all_is_a_word_for_all_symbols(void **state)
{
    (void)state;
    write_config(4, "  symbols: all");
    assert_int_equal(load(NULL, 0), 0);
    assert_int_equal(config->feed.symbols_count, 0);
    assert_int_equal(config->strategies[0].symbols_count, 1);
    write_config(20, "    symbols: all");
    assert_int_equal(load(NULL, 0), 0);
    assert_int_equal(config->strategies[0].symbols_count, 0);
}

static void overrides_win(void **state)
{
    (void)state;
    const char *const sets[] = {"risk.burst=7",
                                "strategy.params.size=200",
                                "strategies.0.params.skew_bps=9",
                                "feed.symbols=[AAPL, T]",
                                "strategy.params.max_position=5",
                                "output.dir=/tmp/x y",
                                "run.seed=18446744073709551615"};
    write_config(0, NULL);
    if (load(sets, 7))
        fail_msg("%s", errors.error[0].text);
    assert_int_equal(config->limits.burst, 7);
    assert_int_equal(config->strategies[0].params[0].value, 200);
    assert_int_equal(config->strategies[0].params[1].value, 9);
    assert_int_equal(config->strategies[0].param_count, 3);
    assert_int_equal(config->feed.symbols_count, 2);
    assert_string_equal(config->feed.symbols[1], "T");
    assert_string_equal(config->output.dir, "/tmp/x y");
    assert_true(config->run.seed == UINT64_MAX);
}

static void one_mistake_one_error(void **state)
{
    (void)state;
    static const struct {
        unsigned line;
        const char *text;
        const char *parts[5];
    } cases[] = {
        {2, "  posted_write: 250", {"unknown key link.posted_write", "did you mean posted_write_ns?"}},
        {2, "  colour: 250", {"unknown key link.colour", "known here: type, card, dma, "}},
        {1, "lnk: {}\nlink:", {"unknown key lnk", "did you mean link?"}},
        {12, "  collar_bps: wide", {"risk.collar_bps", "'wide'", "0 to 10000", "basis points"}},
        {12, "  collar_bps: 10001", {"risk.collar_bps", "'10001'", "0 to 10000"}},
        {12, "  collar_bps: -1", {"risk.collar_bps", "'-1'", "0 to 10000"}},
        {12, "  collar_bps: 1.5", {"risk.collar_bps", "'1.5'", "whole number"}},
        {12, "  collar_bps: 010", {"risk.collar_bps", "'010'"}},
        {12, "  collar_bps: ''", {"risk.collar_bps", "''"}},
        {12, "  collar_bps: 99999999999999999999999", {"risk.collar_bps"}},
        {12, "  collar_bps: [1]", {"risk.collar_bps is a list", "basis points"}},
        {2, "  max_payload: 200", {"link.max_payload", "'200'", "128, 256 or 512"}},
        {2, "  type: fpga", {"link.type", "'fpga'", "sim, or pci"}},
        {2, "  dma: file:/x\n  type: pci", {"link.type pci", "needs exchange.connect"}},
        {2, "  card: 192.168.57.2\n  type: udp", {"link.type udp", "needs exchange.connect"}},
        {2, "  card: 42:00.0", {"link.card", "'42:00.0'", "for link.type pci"}},
        {2, "  dma: file:/x", {"link.dma", "'file:/x'", "for link.type pci"}},
        {2, "  model: /no/such/card.so", {"link.model", "/no/such/card.so", "No such file"}},
        {4, "  symbols: [AAPL, AAPL]", {"feed.symbols", "AAPL is listed twice"}},
        {4, "  symbols: [AAPL, TOOLONGNAME]", {"feed.symbols", "'TOOLONGNAME'", "1 to 8"}},
        {4, "  symbols: [AAPL, aapl]", {"feed.symbols", "'aapl' is no symbol", "capitals"}},
        {4, "  symbols: []", {"feed.symbols is an empty list", "all"}},
        {4, "  symbols: AAPL", {"feed.symbols is a single value", "all, or a list"}},
        {4, "  symbols: [AAPL]\n  group: 10.0.0.1", {"feed.group", "'10.0.0.1'", "224.0.0.0"}},
        {4, "  symbols: [AAPL]\n  port: 70000", {"feed.port", "'70000'", "1 to 65535"}},
        {6, "  file: /no/such/file.itch", {"exchange.file", "/no/such/file.itch", "wiretick generate"}},
        {6, "  file: /tmp", {"exchange.file", "is a folder"}},
        {6, "  file: /dev/null", {"exchange.file", "is empty"}},
        {6, "  listen_a: 127.0.0.1:1\n  connect: 127.0.0.1", {"exchange.connect", "'127.0.0.1'", "a port"}},
        {6, "  connect: 127.0.0.1:2\n  listen_a: 127.0.0.1:65536", {"exchange.listen_a", "65536", "a port"}},
        {6, "  connect: 127.0.0.1:2", {"exchange.connect", "needs a feed", "listen_a"}},
        {6, "  connect: 127.0.0.1:2\n  venue: a.yaml", {"exchange.venue", "'a.yaml'", "excludes"}},
        {5, "exchange:\n  username: TOOLONGUSER", {"exchange.username", "1 to 6"}},
        {12, "  collar_bps: 5\n  tick: x", {"risk.tick", "'x'", "0 to 1000000", "1/10000 dollar"}},
        {12, "  collar_bps: 5\n  max_lnog: 5", {"unknown key risk.max_lnog", "did you mean max_long?"}},
        {12, "  collar_bps: 5\n  on_loss: panic", {"risk.on_loss", "'panic'", "flatten"}},
        {12, "  collar_bps: 5\n  no_self_match: 1", {"risk.no_self_match", "'1'", "yes: refuse"}},
        {12,
         "  collar_bps: 5\n  cancels_per_second: 7",
         {"risk.cancels_per_second", "'7'", "risk.cancel_burst", "at once"}},
        {12, "  collar_bps: 5\n  max_repeats: 7", {"risk.max_repeats", "'7'", "risk.repeat_us", "microseconds"}},
        {12, "  collar_bps: 5\n  max_repeats: 33\n  repeat_us: 1", {"risk.max_repeats", "'33'", "0 to 32"}},
        {12, "  collar_bps: 5\n  restricted: [abc]", {"restricted", "'abc' is no symbol", "capitals"}},
        {18, "safety: {heartbeat_ms: -1}\nstrategies:", {"safety.heartbeat_ms", "'-1'", "0 to 86400000", "operator"}},
        {18, "safety: {cancel_on_start: maybe}\nstrategies:", {"safety.cancel_on_start", "'maybe'", "yes: cancel"}},
        {18, "fees: [{flag: AB}]\nstrategies:", {"fees[].flag", "'AB' has 2 characters", "liquidity flag"}},
        {18, "fees: [{flag: A}, {flag: A}]\nstrategies:", {"fees.flag", "A is there twice"}},
        {18, "fees: [{fee_millionths: 1}]\nstrategies:", {"fees[].flag is missing", "liquidity flag"}},
        {18,
         "fees: [{flag: A, fee_millionths: 1, rebate_millionths: 2}]\nstrategies:",
         {"fees.rebate_millionths", "of A"}},
        {18, "fees: [{flag: A, fee_millionths: 1000001}]\nstrategies:", {"fees[].fee_millionths", "0 to 1000000"}},
        {18, "accounts: []\nstrategies:", {"accounts is an empty list", "1 to 16 accounts"}},
        {19, "  - name: market_maker\n    account: X", {"strategies.account", "'X' is not known", "no entries"}},
        {19,
         "  - name: market_maker\n    limits: {max_long: -1}",
         {"strategies[].limits.max_long", "'-1'", "shares long"}},
        {19,
         "  - name: market_maker\n    limits: {burst: 1, orders_per_second: 1, tack: 1}",
         {"unknown key strategies[].limits.tack", "did you mean tick?"}},
        {19,
         "  - name: market_maker\n    limits: {orders_per_second: 4}",
         {"strategies[].limits.orders_per_second", "burst"}},
        {16, "  burst: 0", {"risk.burst", "'0'", "1 to 1000000"}},
        {17, "  max_loss_dollars: 5\n  max_loss_dollars: 6", {"max_loss_dollars is given twice", "line 17"}},
        {19, "  - name: money_printer", {"strategies.name", "'money_printer'", "there is market_maker"}},
        {20, "    symbols: [MSFT]", {"strategies.symbols", "MSFT is not in feed.symbols"}},
        {22, "      sise: 300", {"unknown parameter sise of market_maker", "did you mean size?"}},
        {22, "      size: 0", {"params.size", "'0'", "1 to 999999", "shares"}},
        {22, "      size: many", {"params.size", "'many'"}},
        {23, "      size: 5", {"params.size is given twice"}},
    };
    for (unsigned i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        write_config(cases[i].line, cases[i].text);
        assert_int_equal(load(NULL, 0), -22);
        assert_null(config);
        /* An addition stands one line below the one it came with. */
        unsigned line = cases[i].line;
        const char *second = strchr(cases[i].text, '\n');
        one_error(line + (second && line != 1 && line != 18), cases[i].parts);
    }
}

/* Every key of every level, accounts, fees and the rest: each comes in where it belongs. */
static void limits_of_three_levels_accounts_and_fees_load(void **state)
{
    (void)state;
    static const char *const keys[] = {"max_order_shares",
                                       "max_order_dollars",
                                       "max_position",
                                       "max_gross_dollars",
                                       "max_open_per_symbol",
                                       "max_open_orders",
                                       "orders_per_second",
                                       "burst",
                                       "max_loss_dollars",
                                       "max_quote_age_ms",
                                       "tick",
                                       "lot",
                                       "collar_last_bps",
                                       "max_long",
                                       "max_short",
                                       "max_symbol_dollars",
                                       "max_net_dollars",
                                       "max_open_dollars",
                                       "duplicate_us",
                                       "max_repeats",
                                       "repeat_us",
                                       "cancels_per_second",
                                       "cancel_burst",
                                       "messages_per_second",
                                       "message_burst",
                                       "max_drawdown_dollars",
                                       "collar_bps"};
    enum { KEYS = sizeof keys / sizeof keys[0] };
    char text[3][4096];
    for (unsigned level = 0; level < 3; level++) {
        size_t n = 0;
        for (unsigned i = 0; i < KEYS; i++)
            n += (size_t)snprintf(text[level] + n, sizeof text[level] - n, "%s: %u, ", keys[i],
                                  strcmp(keys[i], "max_repeats") ? 100 * (level + 1) + i : level + 1);
    }
    FILE *f = fopen(path, "w");
    fprintf(f,
            "exchange: {file: %s}\n"
            "risk: {%s restricted: [ABC, XYZ], no_self_match: yes, on_loss: kill}\n"
            "safety: {heartbeat_ms: 5, silence_ms: 6, cancel_on_start: true}\n"
            "accounts: [{name: house}, {name: client, limits: {%s on_loss: flatten, restricted: [ON]}}]\n"
            "fees: [{flag: R, fee_millionths: 3000}, {flag: A, rebate_millionths: 2000}]\n"
            "strategies:\n"
            "  - {name: market_maker, account: client, limits: {%s no_self_match: no}}\n"
            "  - {name: market_maker, account: house}\n",
            market, text[0], text[1], text[2]);
    fclose(f);
    if (load(NULL, 0))
        fail_msg("%s", errors.error[0].text);
    const struct wt_config_limits *of[3] = {&config->limits, &config->accounts[1].limits,
                                            &config->strategies[0].limits};
    for (unsigned level = 0; level < 3; level++) {
        const struct wt_config_limits *l = of[level];
        const uint64_t value[KEYS] = {l->max_order_shares,
                                      l->max_order_dollars,
                                      l->max_position,
                                      l->max_gross_dollars,
                                      l->max_open_per_symbol,
                                      l->max_open_orders,
                                      l->orders_per_second,
                                      l->burst,
                                      l->max_loss_dollars,
                                      l->max_quote_age_ms,
                                      l->tick,
                                      l->lot,
                                      l->collar_last_bps,
                                      l->max_long,
                                      l->max_short,
                                      l->max_symbol_dollars,
                                      l->max_net_dollars,
                                      l->max_open_dollars,
                                      l->duplicate_us,
                                      l->max_repeats,
                                      l->repeat_us,
                                      l->cancels_per_second,
                                      l->cancel_burst,
                                      l->messages_per_second,
                                      l->message_burst,
                                      l->max_drawdown_dollars,
                                      l->collar_bps};
        for (unsigned i = 0; i < KEYS; i++)
            if (value[i] != (strcmp(keys[i], "max_repeats") ? 100 * (level + 1) + i : level + 1))
                fail_msg("level %u: %s is %llu", level, keys[i], (unsigned long long)value[i]);
    }
    assert_int_equal(config->limits.restricted_count, 2);
    assert_string_equal(config->limits.restricted[1], "XYZ");
    assert_string_equal(config->accounts[1].limits.restricted[0], "ON");
    assert_int_equal(config->limits.on_loss, WT_LOSS_KILL);
    assert_int_equal(config->accounts[1].limits.on_loss, WT_LOSS_FLATTEN);
    assert_int_equal(config->strategies[0].limits.on_loss, WT_LOSS_REDUCE_ONLY);
    assert_true(config->limits.no_self_match && !config->strategies[0].limits.no_self_match);
    assert_int_equal(config->safety.heartbeat_ms, 5);
    assert_int_equal(config->safety.silence_ms, 6);
    assert_int_equal(config->safety.cancel_on_start, 1);
    assert_string_equal(config->accounts[0].name, "house");
    assert_int_equal(config->accounts[0].limits.max_long, 0);
    assert_int_equal(config->accounts[0].limits.collar_bps, 10000);
    assert_int_equal(config->fees_count, 2);
    assert_string_equal(config->fees[1].flag, "A");
    assert_int_equal(config->fees[0].fee_millionths, 3000);
    assert_int_equal(config->fees[1].rebate_millionths, 2000);

    struct wt_configured_risk risk;
    wt_configured_risk(config, &risk);
    assert_int_equal(risk.risk.scopes.accounts, 2);
    assert_int_equal(risk.risk.scopes.owners, 2);
    assert_int_equal(risk.risk.scopes.account_of[0], 1);
    assert_int_equal(risk.risk.scopes.account_of[1], 0);
    assert_null(risk.risk.account[0]);
    assert_null(risk.risk.strategy[1]);
    assert_int_equal(risk.risk.heartbeat_ns, 5000000);
    assert_int_equal(risk.risk.silence_ns, 6000000);
    assert_int_equal(risk.fees.per_share['R'], 3000);
    assert_int_equal(risk.fees.per_share['A'], -2000);
    const struct wt_risk_limits *bound[3] = {risk.risk.firm, risk.risk.account[1], risk.risk.strategy[0]};
    for (unsigned level = 0; level < 3; level++) {
        const struct wt_risk_limits *l = bound[level];
        const int64_t at = 100 * (level + 1), value[KEYS] = {l->max_order_shares,
                                                             l->max_order_notional / 10000,
                                                             l->max_position,
                                                             l->max_gross_notional / 10000,
                                                             l->max_open_symbol,
                                                             l->max_open_total,
                                                             l->orders_per_second,
                                                             l->burst,
                                                             l->max_loss / 10000,
                                                             (int64_t)l->max_quote_age_ns / 1000000,
                                                             l->tick,
                                                             l->lot,
                                                             l->collar_last_bps,
                                                             l->max_long,
                                                             l->max_short,
                                                             l->max_symbol_notional / 10000,
                                                             l->max_net_notional / 10000,
                                                             l->max_open_notional / 10000,
                                                             (int64_t)l->duplicate_ns / 1000,
                                                             at + 19,
                                                             (int64_t)l->repeat_ns / 1000,
                                                             l->cancels_per_second,
                                                             l->cancel_burst,
                                                             l->messages_per_second,
                                                             l->message_burst,
                                                             l->max_drawdown / 10000,
                                                             l->collar_bps};
        for (unsigned i = 0; i < KEYS; i++)
            if (value[i] != at + i)
                fail_msg("level %u: the limit of %s is %lld", level, keys[i], (long long)value[i]);
        assert_int_equal(l->max_repeats, level + 1);
    }
    /* What was loaded can be read again from its own text: a replay does that. */
    struct wt_config *again;
    if (wt_config_parse(config->text, &again, &errors))
        fail_msg("%s", errors.error[0].text);
    assert_int_equal(again->strategies[0].limits.max_long, config->strategies[0].limits.max_long);
    assert_int_equal(again->accounts[0].limits.collar_bps, 10000);
    wt_config_free(again);
}

static void one_strategy_without_limits_needs_no_levels(void **state)
{
    (void)state;
    struct wt_configured_risk risk;
    write_config(0, NULL);
    assert_int_equal(load(NULL, 0), 0);
    wt_configured_risk(config, &risk);
    assert_int_equal(risk.risk.scopes.owners, 0);
    const char *const sets[] = {"strategies.0.limits.no_self_match=yes"};
    assert_int_equal(load(sets, 1), 0);
    wt_configured_risk(config, &risk);
    assert_int_equal(risk.risk.scopes.owners, 1);
    assert_int_equal(risk.risk.scopes.accounts, 1);
    assert_true(risk.risk.strategy[0] && risk.risk.strategy[0]->no_self_match);
    assert_int_equal(risk.risk.strategy[0]->collar_bps, WT_NO_COLLAR);
}

static void a_strategy_names_its_account(void **state)
{
    (void)state;
    write_config(18, "accounts: [{name: a}, {name: b}]\nstrategies:");
    assert_int_equal(load(NULL, 0), -22);
    one_error(20, PARTS("strategies.account is missing", "a, b"));
    const char *const sets[] = {"strategies.0.account=c"};
    assert_int_equal(load(sets, 1), -22);
    assert_non_null(strstr(errors.error[0].text, "'c' is not known; there is a, b"));
    write_config(18, "accounts: [{name: a}, {name: a}]\nstrategies:");
    const char *const right[] = {"strategies.0.account=a"};
    assert_int_equal(load(right, 1), -22);
    one_error(18, PARTS("accounts.name", "a is there twice"));
}

static void what_is_missing_is_named(void **state)
{
    (void)state;
    write_config(12, NULL);
    assert_int_equal(load(NULL, 0), -22);
    one_error(8, PARTS("risk.collar_bps is missing", "basis points"));
    write_config(6, "  username: A");
    assert_int_equal(load(NULL, 0), -22);
    one_error(6, PARTS("exchange.file is missing"));
}

static void every_error_is_told_in_order_of_lines(void **state)
{
    (void)state;
    write_text(path, "run: {seed: x}\n"
                     "link: {type: 5, bogus: 1}\n"
                     "feed: {port: 0}\n"
                     "host: 3\n"
                     "strategies:\n"
                     "  - {name: nobody}\n");
    const char *const sets[] = {"risk.burst=0", "nonsense", "a.b=1", "exchange.file=/none"};
    assert_int_equal(load(sets, 4), -22);
    static const char *const parts[] = {":1: run.seed",
                                        ":2: link.type",
                                        ":2: unknown key link.bogus",
                                        ":3: feed.port",
                                        ":4: host is a single value",
                                        ":6: strategies.name",
                                        "--set nonsense",
                                        "unknown key a",
                                        "--set exchange.file=/none"};
    for (unsigned i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        bool found = false;
        for (unsigned k = 0; k < errors.count; k++)
            found = found || strstr(errors.error[k].text, parts[i]);
        if (!found)
            fail_msg("no error with '%s'", parts[i]);
    }
    /* risk came into being by --set, without its required keys: they are missing too. */
    assert_true(errors.count > 15);
    for (unsigned k = 1; k < errors.count; k++)
        assert_true(errors.error[k - 1].line <= errors.error[k].line);
}

static void an_override_is_named_by_its_own_words(void **state)
{
    (void)state;
    write_config(0, NULL);
    const char *set[] = {"risk.burst=none"};
    assert_int_equal(load(set, 1), -22);
    assert_int_equal(errors.count, 1);
    assert_non_null(strstr(errors.error[0].text, "--set risk.burst=none: risk.burst: 'none'"));
    set[0] = "risk.brust=5";
    assert_int_equal(load(set, 1), -22);
    assert_non_null(strstr(errors.error[0].text, "did you mean burst?"));
    set[0] = "strategies.7.name=x";
    assert_int_equal(load(set, 1), -22);
    assert_non_null(strstr(errors.error[0].text, "strategies.7.name cannot be set"));
    set[0] = "risk.burst=[";
    assert_int_equal(load(set, 1), -22);
    assert_non_null(strstr(errors.error[0].text, "not YAML"));
    set[0] = "risk.burst=&a [*a]"; /* contains itself */
    assert_int_equal(load(set, 1), -22);
    assert_true(errors.count > 0);
    set[0] = "risk.burst=";
    assert_int_equal(load(set, 1), -22);
    assert_non_null(strstr(errors.error[0].text, "risk.burst: ''"));
}

static void what_is_no_yaml_names_the_line(void **state)
{
    (void)state;
    write_text(path, "link:\n  type: sim\n bad: [1\n");
    assert_int_equal(load(NULL, 0), -22);
    assert_int_equal(errors.count, 1);
    assert_non_null(strstr(errors.error[0].text, ":3: not YAML"));
    write_text(path, "");
    assert_int_equal(load(NULL, 0), -22);
    assert_non_null(strstr(errors.error[0].text, "is empty"));
    write_text(path, "- a\n- b\n");
    assert_int_equal(load(NULL, 0), -22);
    assert_non_null(strstr(errors.error[0].text, "not a mapping"));
    unlink(path);
    assert_int_equal(load(NULL, 0), -22);
    assert_non_null(strstr(errors.error[0].text, "No such file"));
}

/* Cut and bent anywhere: an error or a configuration, never a crash. */
static void rubbish_never_crashes(void **state)
{
    (void)state;
    char text[2048] = "", bent[2048];
    for (unsigned i = 0; good[i]; i++) {
        strcat(text, good[i]);
        strcat(text, "\n");
    }
    size_t n = strlen(text);
    srand(5);
    for (size_t cut = 0; cut < n; cut += 3) {
        memcpy(bent, text, cut);
        bent[cut] = '\0';
        write_text(path, bent);
        assert_int_equal(load(NULL, 0), -22);
        assert_true(errors.count > 0);
    }
    static const char marks[] = "{}[]:,-&*!|>'\"%@`#?\n\t 0a";
    for (int run = 0; run < 500; run++) {
        memcpy(bent, text, n + 1);
        for (int k = 0; k < 3; k++)
            bent[(size_t)rand() % n] = marks[(size_t)rand() % (sizeof marks - 1)];
        write_text(path, bent);
        if (load(NULL, 0))
            assert_true(errors.count > 0);
    }
}

/* The tests run from the top of the tree. */
static void the_reference_names_every_key_with_its_meaning(void **state)
{
    (void)state;
    static char text[65536];
    FILE *f = fopen("host/README.md", "r");
    assert_non_null(f);
    text[fread(text, 1, sizeof text - 1, f)] = '\0';
    fclose(f);
    const struct wt_rule *rule;
    for (unsigned i = 0; (rule = wt_rule_at(i)); i++) {
        char key[80];
        snprintf(key, sizeof key, "| `%s` |", rule->path);
        if (rule->path[strlen(rule->path) - 1] != ']' && (!strstr(text, key) || !strstr(text, rule->text)))
            fail_msg("host/README.md does not hold %s %s", key, rule->text);
    }
    for (const struct wt_param_spec *spec = wt_strategy_find("market_maker")->specs; spec->name; spec++)
        if (!strstr(text, spec->text))
            fail_msg("host/README.md does not hold %s", spec->text);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(a_good_one_loads_with_defaults),
        TEST(all_is_a_word_for_all_symbols),
        TEST(overrides_win),
        TEST(one_mistake_one_error),
        TEST(limits_of_three_levels_accounts_and_fees_load),
        TEST(one_strategy_without_limits_needs_no_levels),
        TEST(a_strategy_names_its_account),
        TEST(what_is_missing_is_named),
        TEST(every_error_is_told_in_order_of_lines),
        TEST(an_override_is_named_by_its_own_words),
        TEST(what_is_no_yaml_names_the_line),
        TEST(rubbish_never_crashes),
        cmocka_unit_test(the_reference_names_every_key_with_its_meaning),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
