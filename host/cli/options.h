/* Options that `run` and `check` share. */
#ifndef WT_CLI_OPTIONS_H
#define WT_CLI_OPTIONS_H

enum { WT_SETS_MAX = 64 };

struct wt_run_options {
    const char *config;
    const char *sets[WT_SETS_MAX];
    unsigned set_count;
};

/** Read them. Returns -1 to go on, or the status to exit with (help printed, or a usage error told). */
int wt_run_options(int argc, char **argv, const char *help, struct wt_run_options *options);

#endif
