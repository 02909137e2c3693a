/* `wiretick calibrate`: what the exchange's agents make, beside what real days are. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#include "host/cli/cli.h"
#include "host/common/log.h"
#include "sim/exchange/agents.h"

static void usage(FILE *out)
{
    fputs(
        "usage: wiretick calibrate [FILE] [OPTION ...]\n"
        "\n"
        "Lets the simulated exchange's agents trade in virtual time, an hour of a market's day and five hours before\n"
        "an open, and prints a table: message mix, order lifetimes, spread, depth, burstiness, beside those of a real\n"
        "day and of FILE (length-prefixed ITCH 5.0), which is measured by the same code.\n"
        "\n"
        "  --scale X    X times as long (0.001 to 10, default 1)\n"
        "  --help\n",
        out);
}

int wt_cmd_calibrate(int argc, char **argv)
{
    static const struct option options[] = {
        {"scale", required_argument, NULL, 's'}, {"help", no_argument, NULL, 'h'}, {NULL, 0, NULL, 0}};
    double scale = 1;
    int c;
    optind = 1;
    while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
        if (c == 'h') {
            usage(stdout);
            return WT_EXIT_OK;
        }
        char *end = NULL;
        if (c == 's')
            scale = strtod(optarg, &end);
        if (c == 's' && (*end || end == optarg || !(scale >= 0.001 && scale <= 10)))
            wt_error("--scale '%s': expected a number from 0.001 to 10", optarg);
        else if (c == 's')
            continue;
        return WT_EXIT_USAGE;
    }
    if (argc - optind > 1) {
        wt_error("calibrate: one file at most; `wiretick calibrate --help`");
        return WT_EXIT_USAGE;
    }
    return wt_agents_report(stdout, argv[optind], scale) < 0 ? WT_EXIT_FAILED : WT_EXIT_OK;
}
