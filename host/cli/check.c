/* `wiretick check CONFIG`: every error of a configuration, before anything starts. */
#include <stdio.h>
#include <string.h>

#include "host/cli/cli.h"
#include "host/cli/options.h"
#include "host/config/config.h"

static const char help[] =
    "usage: wiretick check CONFIG [--set key=value ...]\n\n"
    "Checks a configuration of `wiretick run`: prints every error with its line and what would be\n"
    "right on stderr and exits 1, or prints \"CONFIG: ok\" and exits 0.\n\n"
    "  --set key=value   put a value over the file's, as in `wiretick run`\n";

int wt_cmd_check(int argc, char **argv)
{
    struct wt_run_options options;
    int rc = wt_run_options(argc, argv, help, &options);
    if (rc >= 0)
        return rc;
    struct wt_config *config;
    struct wt_config_errors errors;
    if (wt_config_load(options.config, options.sets, options.set_count, &config, &errors)) {
        wt_config_print_errors(&errors);
        return WT_EXIT_FAILED;
    }
    wt_config_free(config);
    printf("%s: ok\n", options.config);
    return WT_EXIT_OK;
}
