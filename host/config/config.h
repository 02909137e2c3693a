/*
 * The configuration of `wiretick run`: a YAML file, read by libcyaml after every error in it has
 * been found and worded. host/README.md lists all keys.
 *
 * One description (schema.c) serves both: libcyaml's schema says which keys there are and of what
 * type, a table of rules says ranges, units and defaults. Errors name the file and line (or the
 * --set they come from), the key, the value, and what would be right.
 */
#ifndef WT_CONFIG_H
#define WT_CONFIG_H

#include <stdint.h>

#include "host/strategy/strategy.h"

struct wt_config_strategy {
    char *name;
    char (*symbols)[9]; /**< NUL-terminated names; count 0: all that the feed has */
    unsigned symbols_count;
    struct wt_param *params; /**< as given; the strategy knows its defaults */
    unsigned param_count;
};

struct wt_config {
    struct {
        int type;    /**< 0: sim */
        char *model; /**< path of the Verilated card; empty: beside the program */
        uint64_t posted_write_ns, read_ns;
        uint32_t max_payload; /**< bytes */
    } link;
    struct {
        char *group; /**< dotted IPv4 multicast group; group_ip is the same as a number */
        uint16_t port;
        char (*symbols)[9]; /**< count 0: all */
        unsigned symbols_count;
        uint32_t group_ip;
    } feed;
    struct {
        char *file;                                      /**< empty: the exchange is at connect */
        char *connect, *listen_a, *listen_b, *interface; /**< "ip:port", "ip"; empty: none; numbers below */
        uint32_t connect_ip, listen_ip[2], interface_ip;
        uint16_t connect_port, listen_port[2];
        char username[7], password[11];
        uint64_t order_in_ns, order_out_ns, packet_window_ns;
    } exchange;
    struct {
        uint64_t callback_ns, callback_jitter_ns;
    } host;
    struct {
        uint32_t max_order_shares;
        uint64_t max_order_dollars;
        uint64_t max_position;
        uint64_t max_gross_dollars;
        uint32_t collar_bps;
        uint32_t max_open_per_symbol, max_open_orders;
        uint32_t orders_per_second, burst;
        uint64_t max_quote_age_ms;
        uint64_t max_loss_dollars;
    } risk;
    struct wt_config_strategy *strategies;
    unsigned strategies_count;
    struct {
        char *dir;
        char *journal;       /**< folder; empty: none */
        uint32_t journal_mb; /**< MiB of each of its files */
    } output;
    struct {
        uint64_t max_messages, seed;
    } run;
    char *text; /**< all of the above as YAML, defaults and overrides included: wt_config_parse reads it */
};

#define WT_STRATEGIES_MAX 16
#define WT_CONFIG_ERRORS_MAX 64

struct wt_config_errors {
    unsigned count; /**< found; those beyond WT_CONFIG_ERRORS_MAX are only counted */
    struct {
        unsigned line;  /**< for the order of printing; --set after all lines */
        char text[320]; /**< "file:line: key: ..." */
    } error[WT_CONFIG_ERRORS_MAX];
};

/**
 * Read the file, put the overrides ("a.b=value") into it, check everything, and load it.
 * Returns 0 with *config (free it with wt_config_free), or -EINVAL with at least one error, sorted by line.
 * "strategy." in an override means every strategy of the list, "strategies.0." the first one.
 */
int wt_config_load(const char *path, const char *const *overrides, unsigned override_count, struct wt_config **config,
                   struct wt_config_errors *errors);
/** The same from the text of a loaded one. Files that it names need not be there any more. */
int wt_config_parse(const char *text, struct wt_config **config, struct wt_config_errors *errors);
void wt_config_free(struct wt_config *config);
/** Print them all with wt_error. */
void wt_config_print_errors(const struct wt_config_errors *errors);

#endif
