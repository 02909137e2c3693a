/* Presets of the agents, and what they make beside what was measured on real days. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "host/common/log.h"
#include "host/market/file.h"
#include "sim/exchange/agents.h"
#include "sim/exchange/measure.h"
#include "sim/exchange/publish.h"

/* ---------------------------------------------------------------- presets */

/* Lifetimes of the one real file at hand: AAPL, 2020-01-30, before the open. Of its orders 4.6 % are never
 * deleted, which is where the longest lives come from. */
static const struct wt_agents_table real_life_s = {
    {0.0003, 0.0007, 0.00133, 0.0102, 0.74, 4.8, 25, 120, 1000, 30000, 60000}};

void wt_agents_defaults(struct wt_agents_config *config, enum wt_agents_preset preset)
{
    *config = (struct wt_agents_config){
        .seed = 1,
        .max_orders = 200000,
        .flow = {.per_s = 20,
                 .fast_children = 0.35,
                 .fast_s = 0.0002,
                 .slow_children = 0.35,
                 .slow_s = 0.5,
                 .take = 0.022,
                 .hidden = 0.01,
                 .join = 0.10,
                 .improve = 0.05,
                 .edge_cents = 1,
                 .replace = 0.13,
                 .shrink = 0.025,
                 .life_s = real_life_s,
                 .shares = {{1, 1, 5, 20, 100, 100, 200, 400, 600, 2000, 10000}},
                 .away = {{1, 1, 1, 1, 2, 4, 10, 40, 120, 800, 3000}},
                 .deep = {{1, 3, 15, 40, 150, 500, 1500, 3000, 4500, 7000, 9000}},
                 .opening = 600},
        .makers = {.count = 3,
                   .levels = 3,
                   .half_cents = 2,
                   .step_cents = 1,
                   .reaction_s = 0.0004,
                   .pace_s = 0.00003,
                   .replace = 0.8,
                   .shares = 200},
        .momentum = {.per_s = 0.5, .threshold_cents = 3, .shares = 100},
        .parents = {.per_hour = 6, .shares = 5000, .slices = 25, .slice_s = 10},
        .value = {.moves_per_s = 0.5, .move_cents = 0.6, .news_per_hour = 6, .news_cents = 15, .impact_cents = 0.05}};
    if (preset != WT_AGENTS_PREMARKET)
        return;
    /* A random search for what is nearest to the file (README.md, "Calibration"). */
    struct wt_agents_flow *f = &config->flow;
    f->per_s = 0.35;
    f->fast_children = 0.52;
    f->fast_s = 0.0002;
    f->slow_children = 0.25;
    f->slow_s = 1.5;
    f->take = 0.16;
    f->hidden = 0.14;
    f->join = 0.095;
    f->improve = 0.276;
    f->edge_cents = 6;
    f->replace = 0.0024;
    f->shrink = 0.0015;
    f->life_s = (struct wt_agents_table){{0.0003, 0.0007, 0.0012, 0.0045, 0.5, 4, 22, 95, 1000, 20000, 62000}};
    f->shares = (struct wt_agents_table){{1, 1.1, 2.2, 20, 30, 30, 75, 100, 100, 800, 2400}};
    f->away = (struct wt_agents_table){{1.3, 3.5, 5, 14, 16, 22, 55, 83, 190, 2600, 7000}};
    f->opening = 178;
    config->makers = (struct wt_agents_makers){.count = 2,
                                               .levels = 1,
                                               .half_cents = 18,
                                               .step_cents = 5.5,
                                               .reaction_s = 0.0166,
                                               .pace_s = 0.00011,
                                               .replace = 0,
                                               .shares = 100};
    config->momentum = (struct wt_agents_momentum){.per_s = 0.024, .threshold_cents = 25, .shares = 50};
    config->parents = (struct wt_agents_parents){.per_hour = 1, .shares = 1000, .slices = 20, .slice_s = 46};
    config->value = (struct wt_agents_value){
        .moves_per_s = 0.022, .move_cents = 6, .news_per_hour = 0.9, .news_cents = 45, .impact_cents = 0.66};
}

/* ---------------------------------------------------------------- runs */

static void to_measure(void *ctx, uint64_t when_ns, const uint8_t *message, size_t length)
{
    (void)when_ns;
    wt_measure_message(ctx, message, length);
}

static int measure_file(struct wt_measure *m, const char *path)
{
    struct wt_itch_file file;
    int rc = wt_itch_file_open(&file, path);
    if (rc < 0)
        return rc;
    const uint8_t *raw;
    size_t length;
    while ((rc = wt_itch_file_next(&file, &raw, &length)) > 0)
        if (length > 0)
            wt_measure_message(m, raw, length);
    wt_itch_file_close(&file);
    wt_measure_end(m);
    return rc;
}

struct run {
    struct wt_engine *engine;
    struct wt_publish *publish;
    struct wt_agents *agents;
};

static int set_up(struct run *run, struct wt_measure *m, const struct wt_agents_config *config,
                  const struct wt_agents_symbol *symbols, uint32_t count, uint64_t start_ns)
{
    struct wt_engine_config engine;
    wt_engine_defaults(&engine);
    int rc = wt_publish_create((struct wt_publish_sink){m, to_measure}, &run->publish);
    if (rc < 0 || (rc = wt_engine_create(&engine, wt_publish_handler(run->publish), &run->engine)) < 0)
        return rc;
    for (uint32_t i = 0; i < count; i++) {
        char name[9] = "AGENT   ";
        name[5] = (char)('0' + i / 10 % 10);
        name[6] = (char)('0' + i % 10);
        if ((rc = wt_engine_symbol(run->engine, name)) < 0 ||
            (rc = wt_publish_symbol(run->publish, symbols[i].symbol, name)) < 0)
            return rc;
    }
    return wt_agents_create(config, run->engine, symbols, count, start_ns, &run->agents);
}

static int measure_agents(struct wt_measure *m, enum wt_agents_preset preset, uint32_t count, uint64_t start_ns,
                          double seconds)
{
    /* So that the deepest books are as deep as the real day's three deepest, and the others as the 13 behind them. */
    static const uint32_t deep[] = {34000, 24000, 20000, 8000};
    struct wt_agents_config config;
    wt_agents_defaults(&config, preset);
    struct wt_agents_symbol symbols[16];
    for (uint32_t i = 0; i < count; i++)
        symbols[i] = (struct wt_agents_symbol){.symbol = (uint16_t)i,
                                               .price = i == 0 ? 3240000 : 250000 * (i + 1),
                                               .deep = preset == WT_AGENTS_DAY ? deep[i < 3 ? i : 3] : 0};
    struct run run = {0};
    int rc = set_up(&run, m, &config, symbols, count, start_ns);
    uint64_t end_ns = start_ns + (uint64_t)(seconds * 1e9), now_ns;
    m->from_ns = start_ns + 1; /* what is there at the start has no time of its own */
    while (rc == 0 && (now_ns = wt_agents_next_ns(run.agents)) < end_ns) {
        wt_publish_now(run.publish, now_ns);
        wt_agents_run(run.agents, now_ns);
    }
    wt_measure_end(m);
    wt_engine_destroy(run.engine);
    wt_agents_destroy(run.agents);
    wt_publish_destroy(run.publish);
    return rc;
}

/* ---------------------------------------------------------------- the table */

enum { DAY, PREMARKET, FILE_, COLUMNS };

static void print_mix(FILE *out, const struct wt_measure *m)
{
    /* design/architecture.md: 268.7 M messages of the whole market, 2019-12-30. */
    static const struct {
        char type;
        const char *real;
    } rows[] = {{'A', "43.6 %"}, {'D', "42.6 %"}, {'U', "8.1 %"}, {'E', "2.1 %"}, {'X', "1.0 %"}, {'P', "-"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        fprintf(out, "| %c messages | %s |", rows[i].type, rows[i].real);
        for (int c = 0; c < COLUMNS; c++)
            if (m[c].messages > 0)
                fprintf(out, " %.1f %% |", 100.0 * (double)m[c].of_type[(uint8_t)rows[i].type] / (double)m[c].messages);
            else
                fprintf(out, " - |");
        fprintf(out, "\n");
    }
}

static void print_number(FILE *out, double value)
{
    fprintf(out, value < 100 ? " %.3g" : " %.0f", value);
}

static void print_quantiles(FILE *out, const struct wt_measure *m, const char *name, const char *real, size_t offset,
                            double unit)
{
    static const double parts[] = {0.10, 0.25, 0.50, 0.75, 0.90, 0.99};
    fprintf(out, "| %s | %s |", name, real);
    for (int c = 0; c < COLUMNS; c++) {
        const struct wt_measure_histogram *h = (const void *)((const char *)&m[c] + offset);
        for (size_t i = 0; i < sizeof parts / sizeof *parts && h->total > 0; i++)
            print_number(out, wt_measure_quantile(h, parts[i]) / unit);
        fprintf(out, h->total > 0 ? " |" : " - |");
    }
    fprintf(out, "\n");
}

static void print_peaks(FILE *out, const struct wt_measure *m)
{
    fprintf(out, "| most live orders, the three deepest symbols | 37068 27110 23005 |");
    for (int c = 0; c < COLUMNS; c++) {
        uint32_t peaks[WT_MEASURE_PEAKS];
        wt_measure_peaks(&m[c], peaks);
        for (int i = 0; i < WT_MEASURE_PEAKS && peaks[i] > 0; i++)
            fprintf(out, " %u", peaks[i]);
        fprintf(out, peaks[0] > 0 ? " |" : " - |");
    }
    fprintf(out, "\n");
}

static void print_bursts(FILE *out, const struct wt_measure *m)
{
    static const char *const names[WT_MEASURE_WINDOWS] = {"1 ms", "100 ms", "1 s", "10 s"};
    for (int w = 0; w < WT_MEASURE_WINDOWS; w++) {
        fprintf(out, "| messages in %s: variance / mean (most) | - |", names[w]);
        for (int c = 0; c < COLUMNS; c++)
            if (m[c].messages > 0)
                fprintf(out, " %.1f (%llu) |", wt_measure_burst(&m[c], w), (unsigned long long)m[c].window[w].most);
            else
                fprintf(out, " - |");
        fprintf(out, "\n");
    }
    fprintf(out, "| most messages in 1 us | 501 |");
    for (int c = 0; c < COLUMNS; c++)
        fprintf(out, " %llu |", (unsigned long long)m[c].most_in_1us);
    fprintf(out, "\n");
}

static void print_table(FILE *out, const struct wt_measure *m)
{
    fprintf(out,
            "| figure | real day, whole market | generated, day | generated, pre-market | real file, pre-market |\n"
            "|---|--:|--:|--:|--:|\n| messages | 268.7 M |");
    for (int c = 0; c < COLUMNS; c++)
        fprintf(out, " %llu |", (unsigned long long)m[c].messages);
    fprintf(out, "\n");
    print_mix(out, m);
    print_quantiles(out, m, "lifetime, add or replace to delete, s", "-", offsetof(struct wt_measure, life_ns), 1e9);
    print_quantiles(out, m, "spread, cents, by time", "-", offsetof(struct wt_measure, spread_cents), 1);
    print_quantiles(out, m, "shares at the best price", "-", offsetof(struct wt_measure, best_shares), 1);
    print_quantiles(out, m, "price levels of a side", "-", offsetof(struct wt_measure, levels), 1);
    print_quantiles(out, m, "live orders of a symbol", "-", offsetof(struct wt_measure, live), 1);
    print_peaks(out, m);
    print_quantiles(out, m, "shares of an add", "-", offsetof(struct wt_measure, add_shares), 1);
    print_quantiles(out, m, "time between messages of a symbol, ms", "-", offsetof(struct wt_measure, gap_ns), 1e6);
    print_bursts(out, m);
    fprintf(out, "\nRows of six numbers are the 10, 25, 50, 75, 90 and 99 %% quantiles (good to 6 %%).\n");
}

int wt_agents_report(FILE *out, const char *real_file, double scale)
{
    struct wt_measure *m = calloc(COLUMNS, sizeof *m);
    int rc = m ? 0 : -ENOMEM;
    for (int c = 0; c < COLUMNS && rc == 0; c++)
        rc = wt_measure_init(&m[c]);
    const uint64_t hour_ns = 3600000000000ull;
    if (rc == 0)
        rc = measure_agents(&m[DAY], WT_AGENTS_DAY, 8, 9 * hour_ns + hour_ns / 2, 3600 * scale);
    if (rc == 0)
        rc = measure_agents(&m[PREMARKET], WT_AGENTS_PREMARKET, 1, 3 * hour_ns, 5 * 3600 * scale);
    if (rc == 0 && real_file)
        rc = measure_file(&m[FILE_], real_file);
    if (rc == 0)
        print_table(out, m);
    for (int c = 0; m && c < COLUMNS; c++)
        wt_measure_free(&m[c]);
    free(m);
    return rc;
}
