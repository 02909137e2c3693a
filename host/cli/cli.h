/* Subcommands of wiretick. Each takes argv from its own name on, and returns the exit status. */
#ifndef WT_CLI_H
#define WT_CLI_H

enum { WT_EXIT_OK = 0, WT_EXIT_FAILED = 1, WT_EXIT_USAGE = 2 };

struct wt_command {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *summary; /**< one line for `wiretick --help` */
};

int wt_cmd_book(int argc, char **argv);       /**< host/cli/book.c */
int wt_cmd_generate(int argc, char **argv);   /**< host/cli/generate.c */
int wt_cmd_run(int argc, char **argv);        /**< host/cli/run.c */
int wt_cmd_check(int argc, char **argv);      /**< host/cli/check.c */
int wt_cmd_replay(int argc, char **argv);     /**< host/cli/replay.c */
int wt_cmd_journal(int argc, char **argv);    /**< host/cli/journal.c */
int wt_cmd_calibrate(int argc, char **argv);  /**< host/cli/calibrate.c */
int wt_cmd_exchange(int argc, char **argv);   /**< host/cli/exchange.c */
int wt_cmd_probe(int argc, char **argv);      /**< host/cli/probe.c */
int wt_cmd_selftest(int argc, char **argv);   /**< host/cli/selftest.c */
int wt_cmd_cardserver(int argc, char **argv); /**< host/cli/cardserver.c */

/** host/cli/boardserver.c */
int wt_cmd_boardserver(int argc, char **argv);

#endif
