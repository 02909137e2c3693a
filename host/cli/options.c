#include "host/cli/options.h"

#include <stdio.h>
#include <string.h>

#include "host/cli/cli.h"
#include "host/common/log.h"

static int add_set(struct wt_run_options *o, const char *set)
{
    if (o->set_count == WT_SETS_MAX) {
        wt_error("more than %d --set; put them into the configuration", WT_SETS_MAX);
        return WT_EXIT_USAGE;
    }
    o->sets[o->set_count++] = set;
    return -1;
}

int wt_run_options(int argc, char **argv, const char *help, struct wt_run_options *o)
{
    memset(o, 0, sizeof *o);
    for (int i = 1; i < argc; i++) {
        int rc = -1;
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
            fputs(help, stdout);
            return WT_EXIT_OK;
        }
        if (strncmp(argv[i], "--set=", 6) == 0) {
            rc = add_set(o, argv[i] + 6);
        } else if (strcmp(argv[i], "--set") == 0) {
            if (i + 1 == argc) {
                wt_error("--set needs key=value, for example --set exchange.file=market.itch");
                return WT_EXIT_USAGE;
            }
            rc = add_set(o, argv[++i]);
        } else if (argv[i][0] == '-') {
            wt_error("unknown option '%s'; `wiretick %s --help` lists them", argv[i], argv[0]);
            return WT_EXIT_USAGE;
        } else if (o->config) {
            wt_error("one configuration is right, not both '%s' and '%s'", o->config, argv[i]);
            return WT_EXIT_USAGE;
        } else {
            o->config = argv[i];
        }
        if (rc >= 0)
            return rc;
    }
    if (!o->config) {
        wt_error("no configuration; `wiretick %s --help` shows how", argv[0]);
        return WT_EXIT_USAGE;
    }
    return -1;
}
