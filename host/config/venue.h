/*
 * The configuration of `wiretick exchange`: a YAML file, read and checked as config.h's are.
 * sim/exchange/README.md lists all keys.
 */
#ifndef WT_CONFIG_VENUE_H
#define WT_CONFIG_VENUE_H

#include <stdbool.h>
#include <stdint.h>

#include "host/config/config.h"

struct wt_venue_login {
    char username[7], password[11];
    int dialect; /**< enum wt_ouch_dialect */
};

struct wt_venue_symbol {
    char name[9];
    uint32_t price_cents; /**< where the agents begin */
    uint32_t deep;        /**< orders far from the market, all day */
};

struct wt_venue_line {
    char *address; /**< "ip:port" */
    uint32_t loss_ppm, duplicate_ppm, reorder_ppm, corrupt_ppm;
    uint64_t skew_ns, reorder_ns, down_at_ms, down_for_ms;
    char *latency; /**< in words (sim/exchange/latency.h); empty: none */
};

enum wt_venue_market_type { WT_VENUE_AGENTS, WT_VENUE_FILE, WT_VENUE_EMPTY };

/** Milliseconds count from the start. */
struct wt_venue_settings {
    struct {
        int type;   /**< enum wt_venue_market_type */
        int preset; /**< enum wt_agents_preset */
        char *file;
        struct wt_venue_symbol *symbols;
        unsigned symbols_count;
        uint64_t max_messages, seconds, seed;
        uint32_t speed, max_orders, wait_logins, linger_ms;
    } market;
    struct {
        char session[11];
        char *interface, *rerequest;
        uint64_t packet_window_ns, heartbeat_ns;
        uint32_t store_messages, store_bytes;
        struct wt_venue_line a, b;
    } feed;
    struct {
        char *listen;
        char session[11];
        struct wt_venue_login *accounts;
        unsigned accounts_count;
        bool cancel_on_disconnect;
        uint64_t out_ns;
        char *in, *out; /**< in words (sim/exchange/latency.h); empty: none, out_ns */
    } orders;
    struct {
        char *listen;
        char username[7], password[11];
    } glimpse;
    struct {
        uint64_t seed;
        uint32_t disconnect_ppm, deaf_ppm, ack_lost_ppm, ack_delay_ppm, ack_duplicate_ppm, reject_ppm;
        uint32_t break_ppm, cancel_pending_ppm, cancel_reject_ppm, priority_ppm;
        uint64_t ack_delay_ns, later_ns;
        uint64_t halt_at_ms, halt_for_ms, silent_at_ms, silent_for_ms, session_change_ms;
        uint64_t clock_step_at_ms, clock_forward_ns, clock_back_ns;
    } faults;
    struct {
        char *dir;
    } output;
};

/** As wt_config_load. Free it with wt_venue_settings_free. */
int wt_venue_settings_load(const char *path, const char *const *overrides, unsigned override_count,
                           struct wt_venue_settings **settings, struct wt_config_errors *errors);
void wt_venue_settings_free(struct wt_venue_settings *settings);

#endif
