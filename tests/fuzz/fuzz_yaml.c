/*
 * Configurations: the input's first byte says whose (`wiretick run`'s or `wiretick exchange`'s), then comes the file,
 * and behind zero bytes overrides as of --set. What is refused has an error; what is accepted says the same again when
 * it is written out and read back.
 */
#include "host/config/config.h"
#include "host/config/venue.h"
#include "tests/fuzz/fuzz.h"

enum { OVERRIDES = 4, LONGEST = 8192 };

static void check_errors(int rc, const struct wt_config_errors *errors)
{
    unsigned n = errors->count < WT_CONFIG_ERRORS_MAX ? errors->count : WT_CONFIG_ERRORS_MAX;
    FUZZ_CHECK((rc == 0) == (errors->count == 0));
    for (unsigned i = 0; i < n; i++)
        FUZZ_CHECK(errors->error[i].text[0] != '\0' && strlen(errors->error[i].text) < sizeof errors->error[i].text);
    wt_config_print_errors(errors);
}

static void of_run(const char *path, const char *const *overrides, unsigned count)
{
    static struct wt_config_errors errors;
    struct wt_config *config, *again;
    int rc = wt_config_load(path, overrides, count, &config, &errors);
    check_errors(rc, &errors);
    if (rc < 0)
        return;
    FUZZ_CHECK(config->strategies_count <= WT_STRATEGIES_MAX);
    FUZZ_CHECK(wt_config_parse(config->text, &again, &errors) == 0);
    FUZZ_CHECK(strcmp(again->text, config->text) == 0);
    wt_config_free(again);
    wt_config_free(config);
}

static void of_venue(const char *path, const char *const *overrides, unsigned count)
{
    static struct wt_config_errors errors;
    struct wt_venue_settings *settings;
    int rc = wt_venue_settings_load(path, overrides, count, &settings, &errors);
    check_errors(rc, &errors);
    if (rc == 0)
        wt_venue_settings_free(settings);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static char text[LONGEST + 1];
    const char *overrides[OVERRIDES];
    unsigned count = 0;
    if (size < 1 || size > LONGEST)
        return 0;
    memcpy(text, data + 1, size - 1);
    text[size - 1] = '\0';
    size_t length = strlen(text);
    for (size_t at = length + 1; at < size - 1 && count < OVERRIDES; at += strlen(text + at) + 1)
        overrides[count++] = text + at;
    struct fuzz_file f = fuzz_file_open((const uint8_t *)text, length);
    if (data[0] & 1)
        of_venue(f.path, overrides, count);
    else
        of_run(f.path, overrides, count);
    fuzz_file_close(&f);
    return 0;
}

static const char run[] =
    "link:\n  type: sim\n  posted_write_ns: 400\n  read_ns: 800\n"
    "feed:\n  group: 233.54.12.111\n  port: 26477\n  symbols: [AAPL, MSFT]\n"
    "exchange:\n  connect: 127.0.0.1:26480\n  listen_a: 127.0.0.1:26477\n  listen_b: 127.0.0.1:26478\n"
    "  username: WT0001\n  password: wiretick\n  order_in_ns: 20000\n  order_out_ns: 20000\n"
    "host:\n  callback_ns: 1000\n  callback_jitter_ns: 200\n"
    "risk:\n  max_order_shares: 1000\n  max_order_dollars: 250000\n  max_position: 2000\n  collar_bps: 100\n"
    "strategies:\n  - name: market_maker\n    symbols: all\n    params: {size: 100, fair: 0, half_spread_bps: 4}\n"
    "output:\n  dir: build/run\nrun:\n  max_messages: 0\n  seed: 1\n";

static const char venue[] =
    "market:\n  type: agents\n  symbols:\n    - {name: AAPL, price_cents: 17000}\n    - {name: MSFT}\n"
    "  seconds: 5\nfeed:\n  a: {address: \"127.0.0.1:26477\", loss_ppm: 100}\n  b: {address: \"127.0.0.1:26478\"}\n"
    "  rerequest: \"127.0.0.1:26479\"\norders:\n  listen: \"127.0.0.1:26480\"\n"
    "  accounts:\n    - {username: WT0001, password: wiretick}\n"
    "glimpse:\n  listen: \"127.0.0.1:26481\"\nfaults: {seed: 3, halt_at_ms: 100, halt_for_ms: 50}\n";

void fuzz_seeds(fuzz_put *put, void *ctx)
{
    static struct fuzz_seed s;
    static const char *const texts[2] = {run, venue};
    static const char *const sets[] = {
        "run.seed=7", "strategy.params.size=[1", "market.seed=9", "feed.a.loss_ppm=-1", "feed.symbols=[A, B]", "=",
        "risk=5"};
    for (unsigned which = 0; which < 2; which++) {
        s.length = 0;
        fuzz_add_u8(&s, which);
        fuzz_add(&s, texts[which], strlen(texts[which]));
        put(ctx, s.bytes, s.length);
        size_t plain = s.length;
        for (unsigned i = 0; i < sizeof sets / sizeof sets[0]; i++) {
            s.length = plain;
            fuzz_add_u8(&s, 0);
            fuzz_add(&s, sets[i], strlen(sets[i]) + 1);
            put(ctx, s.bytes, s.length);
        }
    }
    static const char *const odd[] = {"",
                                      "---\n...\n",
                                      "a: &x [*x]\n",
                                      "- 1\n- 2\n",
                                      "link: {type: sim\n",
                                      "\t",
                                      "? [a]\n: b\n",
                                      "feed: {symbols: [A, A]}\nfeed: 3\n"};
    for (unsigned i = 0; i < sizeof odd / sizeof odd[0]; i++) {
        s.length = 0;
        fuzz_add_u8(&s, i);
        fuzz_add(&s, odd[i], strlen(odd[i]));
        put(ctx, s.bytes, s.length);
    }
}
