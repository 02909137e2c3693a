/* `wiretick generate`: realistic ITCH files to run on. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host/cli/cli.h"
#include "host/common/bytes.h"
#include "host/common/log.h"
#include "host/market/gen.h"
#include "host/market/gen_damage.h"
#include "host/market/itch.h"

static void usage(FILE *out)
{
    fputs("usage: wiretick generate OUT [OPTION ...]\n"
          "\n"
          "Writes OUT ('-' for stdout): length-prefixed ITCH 5.0 messages of a made-up market, all 23 types in about\n"
          "the mix of a real day, books never crossed. The same options give the same bytes.\n"
          "\n"
          "  --messages N           how many (default 100000)\n"
          "  --symbols N            1 to 10000 (default 8)\n"
          "  --seed N               (default 1)\n"
          "  --scenario S           market (default); stress: with stub quotes at both price extremes, a crash by\n"
          "                         60 %, one-cent and sub-dollar symbols, and sides emptied best-first\n"
          "  --live N               orders that rest at a time (default: 600 a symbol, at most 38000)\n"
          "  --start HH:MM:SS       time of the first message (default 09:30:00)\n"
          "  --duration SECONDS     up to the last (default 60; a fraction is allowed)\n"
          "  --damage P             share of messages that are broken on purpose (0 to 1, default 0): cut, too long, "
          "with\n"
          "                         flipped bits, references, locates, shares and prices that make no sense\n"
          "  --help\n",
          out);
}

static int bad_value(const char *option, const char *value, const char *expected)
{
    wt_error("--%s '%s': expected %s", option, value, expected);
    return WT_EXIT_USAGE;
}

static int parse_number(const char *option, const char *value, uint64_t max, uint64_t *number)
{
    char *end;
    errno = 0;
    *number = strtoull(value, &end, 0);
    if (*value < '0' || *value > '9' || *end || errno || *number > max)
        return bad_value(option, value, "a whole number");
    return 0;
}

static int parse_start(const char *value, uint64_t *ns)
{
    unsigned h, m, s;
    int used = 0;
    if (sscanf(value, "%2u:%2u:%2u%n", &h, &m, &s, &used) != 3 || value[used] || h > 23 || m > 59 || s > 59)
        return bad_value("start", value, "a time such as 09:30:00");
    *ns = (h * 3600ull + m * 60 + s) * 1000000000u;
    return 0;
}

static int parse_duration(const char *value, uint64_t *ns)
{
    char *end;
    double seconds = strtod(value, &end);
    if (!*value || *end || !(seconds >= 0.001 && seconds <= 86400))
        return bad_value("duration", value, "seconds from 0.001 to 86400");
    *ns = (uint64_t)(seconds * 1e6 + 0.5) * 1000;
    return 0;
}

enum { OPT_MESSAGES = 256, OPT_SYMBOLS, OPT_SEED, OPT_SCENARIO, OPT_START, OPT_DURATION, OPT_DAMAGE, OPT_LIVE };

static const struct option long_options[] = {
    {"messages", required_argument, NULL, OPT_MESSAGES},
    {"symbols", required_argument, NULL, OPT_SYMBOLS},
    {"seed", required_argument, NULL, OPT_SEED},
    {"scenario", required_argument, NULL, OPT_SCENARIO},
    {"start", required_argument, NULL, OPT_START},
    {"duration", required_argument, NULL, OPT_DURATION},
    {"live", required_argument, NULL, OPT_LIVE},
    {"damage", required_argument, NULL, OPT_DAMAGE},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

static int parse_damage(const char *value, double *share)
{
    char *end;
    *share = strtod(value, &end);
    if (!*value || *end || !(*share >= 0 && *share <= 1))
        return bad_value("damage", value, "a share of messages from 0 to 1");
    return 0;
}

/* 0, or the exit status to leave with. */
static int take_option(int opt, struct wt_gen_config *config, double *damage)
{
    uint64_t n = 0;
    int status;
    switch (opt) {
    case OPT_MESSAGES:
        return parse_number("messages", optarg, UINT64_MAX, &config->messages);
    case OPT_SYMBOLS:
        status = parse_number("symbols", optarg, UINT32_MAX, &n);
        config->symbols = (uint32_t)n;
        return status;
    case OPT_LIVE:
        return parse_number("live", optarg, UINT64_MAX, &config->live);
    case OPT_SEED:
        return parse_number("seed", optarg, UINT64_MAX, &config->seed);
    case OPT_SCENARIO:
        if (strcmp(optarg, "market") != 0 && strcmp(optarg, "stress") != 0)
            return bad_value("scenario", optarg, "market or stress");
        config->scenario = strcmp(optarg, "stress") == 0 ? WT_GEN_STRESS : WT_GEN_MARKET;
        return 0;
    case OPT_START:
        return parse_start(optarg, &config->start_ns);
    case OPT_DURATION:
        return parse_duration(optarg, &config->duration_ns);
    case OPT_DAMAGE:
        return parse_damage(optarg, damage);
    default:
        fputs("`wiretick generate --help` lists the options\n", stderr);
        return WT_EXIT_USAGE;
    }
}

static int write_message(void *ctx, const uint8_t *raw, uint64_t length)
{
    FILE *out = ctx;
    uint8_t prefix[2];
    wt_put_be16(prefix, (uint16_t)length);
    if (fwrite(prefix, 1, 2, out) == 2 && fwrite(raw, 1, length, out) == length)
        return 0;
    return errno ? -errno : -EIO;
}

static void show(const char *path, const struct wt_gen_stats *stats)
{
    char mix[23 * 16 + 1];
    size_t used = 0;
    for (const char *type = WT_ITCH_TYPE_LIST; *type; type++)
        used += (size_t)snprintf(mix + used, sizeof mix - used, " %c %.2f%%", *type,
                                 (double)stats->of_type[(uint8_t)*type] * 100 / (double)stats->messages);
    wt_info("%s: %llu messages, at most %llu orders live:%s", path, (unsigned long long)stats->messages,
            (unsigned long long)stats->orders_peak, mix);
}

int wt_cmd_generate(int argc, char **argv)
{
    struct wt_gen_config config;
    struct wt_gen_stats stats;
    struct wt_gen_sink sink;
    struct wt_damage damage;
    double share = 0;
    const char *path;
    FILE *out;
    int opt, error;
    bool to_stdout;
    wt_gen_defaults(&config);
    optind = 1;
    while ((opt = getopt_long(argc, argv, "h", long_options, NULL)) != -1) {
        int status;
        if (opt == 'h') {
            usage(stdout);
            return WT_EXIT_OK;
        }
        status = take_option(opt, &config, &share);
        if (status)
            return status;
    }
    if (optind != argc - 1) {
        wt_error("generate: %s", optind >= argc ? "no OUT given" : "one OUT expected");
        usage(stderr);
        return WT_EXIT_USAGE;
    }
    path = argv[optind];
    to_stdout = strcmp(path, "-") == 0;
    out = to_stdout ? stdout : fopen(path, "wb");
    if (!out) {
        wt_error("%s: cannot write: %s", path, strerror(errno));
        return WT_EXIT_FAILED;
    }
    setvbuf(out, NULL, _IOFBF, 1 << 20);
    sink = (struct wt_gen_sink){out, write_message};
    wt_damage_init(&damage, sink, (uint64_t)(share * 4294967296.0), config.symbols, config.seed);
    if (share > 0)
        sink = wt_damage_sink(&damage);
    error = wt_gen_run(&config, sink, &stats);
    if ((to_stdout ? fflush(out) : fclose(out)) != 0 && !error)
        error = -errno;
    if (error && error != -EINVAL && error != -ENOMEM)
        wt_error("%s: write failed: %s", path, strerror(-error));
    if (error) {
        if (!to_stdout)
            unlink(path); /* half a market is no market */
        return WT_EXIT_FAILED;
    }
    show(path, &stats);
    if (share > 0)
        wt_info("%s: %llu messages are broken on purpose", path, (unsigned long long)damage.damaged);
    return WT_EXIT_OK;
}
