#include "host/cli/cli.h"

#include <stdio.h>
#include <string.h>

#include "host/common/log.h"

static const struct wt_command commands[] = {
    /* One line a command: {"name", wt_cmd_name, "summary"}, with the declaration in cli.h. */
    {"run", wt_cmd_run, "the trading host on the link, feed and exchange of a configuration"},
    {"check", wt_cmd_check, "every error of a configuration, with its line"},
    {"book", wt_cmd_book, "every change of the best bid/offer of a feed file, through the card"},
    {"journal", wt_cmd_journal, "lists, filters, follows and exports the journal of a session"},
    {"replay", wt_cmd_replay, "runs a journalled session again and proves that it does the same"},
    {"exchange", wt_cmd_exchange, "the simulated venue as a server: feed, order entry, snapshots"},
    {"generate", wt_cmd_generate, "writes a realistic ITCH file"},
    {"calibrate", wt_cmd_calibrate, "what the simulated exchange's agents make, beside real days"},
    {"probe", wt_cmd_probe, "the cards in this machine, and what is missing to use them"},
    {"selftest", wt_cmd_selftest, "whether a card does what it should: registers, DMA, rings"},
    {"cardserver", wt_cmd_cardserver, "the simulated card as a process of its own, behind shared files"},
    {"boardserver", wt_cmd_boardserver, "the simulated ECP5 Versa as a process of its own, behind a UDP socket"},
    {NULL, NULL, NULL},
};

static void usage(FILE *out)
{
    fprintf(out, "usage: wiretick COMMAND [ARGUMENT ...]\n\ncommands (each has --help):\n");
    for (const struct wt_command *c = commands; c->name; c++)
        fprintf(out, "  %-10s %s\n", c->name, c->summary);
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        usage(stderr);
        return WT_EXIT_USAGE;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
        usage(stdout);
        return WT_EXIT_OK;
    }
    for (const struct wt_command *c = commands; c->name; c++)
        if (strcmp(argv[1], c->name) == 0)
            return c->run(argc - 1, argv + 1);
    wt_error("unknown command '%s'; `wiretick --help` lists them", argv[1]);
    return WT_EXIT_USAGE;
}
