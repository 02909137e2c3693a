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

/** Limits of the firm (risk), an account or a strategy; 0: not limited. host/trade/limits.h says what each holds. */
struct wt_config_limits {
    uint32_t max_order_shares;
    uint64_t max_order_dollars;
    uint32_t tick, lot; /**< 1/10000 dollar, shares */
    char (*restricted)[9];
    unsigned restricted_count;
    uint64_t max_quote_age_ms;
    uint32_t collar_bps; /**< 10000 in accounts and strategies: the firm's alone */
    uint32_t collar_last_bps;
    uint64_t max_position, max_long, max_short;
    uint64_t max_symbol_dollars, max_gross_dollars, max_net_dollars, max_open_dollars;
    uint32_t max_open_per_symbol, max_open_orders;
    int no_self_match;
    uint64_t duplicate_us, repeat_us;
    uint32_t max_repeats;
    uint32_t orders_per_second, burst, cancels_per_second, cancel_burst, messages_per_second, message_burst;
    uint64_t max_loss_dollars, max_drawdown_dollars;
    int on_loss; /**< enum wt_loss_action */
};

struct wt_config_account {
    char *name;
    struct wt_config_limits limits;
};

/** Per share, millionths of a dollar, of executions with this liquidity flag. */
struct wt_config_fee {
    char *flag; /**< one character */
    uint32_t fee_millionths, rebate_millionths;
};

struct wt_config_strategy {
    char *name;
    char *account; /**< name of one of the accounts; empty: there are none */
    struct wt_config_limits limits;
    char (*symbols)[9]; /**< NUL-terminated names; count 0: all that the feed has */
    unsigned symbols_count;
    struct wt_param *params; /**< as given; the strategy knows its defaults */
    unsigned param_count;
};

/** What stands behind the link. */
enum wt_config_link { WT_LINK_SIM, WT_LINK_PCI, WT_LINK_UDP };

/** A loop's login at the venue. */
struct wt_config_login {
    char username[7], password[11];
};

/** What is done about messages that both lines lost. */
enum wt_config_recovery { WT_RECOVERY_NONE, WT_RECOVERY_SNAPSHOT, WT_RECOVERY_REREQUEST };

struct wt_config {
    struct {
        int type;     /**< enum wt_config_link */
        char *card;   /**< its PCI address, empty: the only one; or its IPv4 address and port */
        char *dma;    /**< its DMA memory (host/card/pci.h) */
        int no_iommu; /**< that may be hugepages */
        char *model;  /**< path of the Verilated card; empty: beside the program */
        uint64_t posted_write_ns, read_ns;
        uint32_t max_payload; /**< bytes */
    } link;
    struct {
        char *group; /**< dotted IPv4 multicast group; group_ip is the same as a number */
        uint16_t port;
        char (*symbols)[9]; /**< count 0: all */
        unsigned symbols_count;
        uint32_t group_ip;
        int recovery; /**< enum wt_config_recovery */
    } feed;
    struct {
        char *file;                                      /**< empty: the exchange is at connect */
        char *venue;                                     /**< configuration of a venue in process; empty: none */
        char *connect, *listen_a, *listen_b, *interface; /**< "ip:port", "ip"; empty: none; numbers below */
        char *connect_b;                                 /**< a second way to the venue */
        uint32_t connect_ip, connect_b_ip, listen_ip[2], interface_ip;
        uint16_t connect_port, connect_b_port, listen_port[2];
        int dialect;               /**< of order entry: enum wt_ouch_dialect */
        uint32_t busy_poll_us;     /**< of the socket to the venue, by the kernel */
        uint32_t silence_ms;       /**< the venue's session is dead when nothing was heard for so long */
        char *rerequest, *glimpse; /**< "ip:port" of the feed's servers; empty: none */
        uint32_t rerequest_ip, glimpse_ip;
        uint16_t rerequest_port, glimpse_port;
        char username[7], password[11], glimpse_username[7], glimpse_password[11];
        struct wt_config_login *logins; /**< one for each loop, where there are several */
        unsigned logins_count;
        uint32_t loss_a_ppm, loss_b_ppm; /**< packets lost on a line of a market in process, in a million */
        uint64_t snapshot_ns;            /**< of a market in process: a snapshot takes so long */
        uint64_t order_in_ns, order_out_ns, packet_window_ns;
        char *order_in, *order_out, *market_data; /**< words of sim/exchange/latency.h; empty: the numbers above, 0 */
    } exchange;
    struct {
        uint64_t callback_ns, callback_jitter_ns;
        uint32_t cpu;   /**< number + 1; 0: any */
        uint32_t loops; /**< 2 to WT_LOOPS_MAX; 0 and 1: one */
        uint32_t loop;  /**< this is the part of one of several loops, from 1 (wt_config_part); 0: all of it */
        uint32_t *cpus; /**< of each loop, as cpu */
        unsigned cpus_count;
        char *control; /**< FIFO for the operator (host/cli/control.h); empty: none */
    } host;
    struct wt_config_limits limits; /**< the firm's: section risk */
    struct {
        uint64_t heartbeat_ms, silence_ms; /**< 0: not watched */
        int cancel_on_start;
    } safety;
    struct wt_config_account *accounts;
    unsigned accounts_count;
    struct wt_config_fee *fees;
    unsigned fees_count;
    struct wt_config_strategy *strategies;
    unsigned strategies_count;
    struct {
        char *dir;
        char *journal;          /**< folder; empty: none */
        uint32_t journal_mb;    /**< MiB of each of its files */
        uint32_t journal_files; /**< that are kept; 0: all */
        bool ledger;            /**< also books.csv, ledger.csv and positions.csv */
    } output;
    struct {
        uint64_t max_messages, seed;
        int resume; /**< go on from the journal of an earlier run of today */
    } run;
    char *text; /**< all of the above as YAML, defaults and overrides included: wt_config_parse reads it */
};

#define WT_STRATEGIES_MAX 16
#define WT_LOOPS_MAX 8
#define WT_ACCOUNTS_MAX 16
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
/**
 * The part of one of several loops (from 1): the same as wt_config_load with host.loop over the others, which makes of
 * symbols, login, processor and folders the loop's own. Its text is that of the loop's journal.
 */
int wt_config_load_part(const char *path, const char *const *overrides, unsigned override_count, unsigned loop,
                        struct wt_config **config, struct wt_config_errors *errors);
/** The same from the text of a loaded one. Files that it names need not be there any more. */
int wt_config_parse(const char *text, struct wt_config **config, struct wt_config_errors *errors);
void wt_config_free(struct wt_config *config);
/** Print them all with wt_error. */
void wt_config_print_errors(const struct wt_config_errors *errors);

#endif
