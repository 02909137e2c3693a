/* `wiretick exchange CONFIG`: the simulated venue on real sockets, in a process of its own. */
#include <arpa/inet.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "host/cli/cli.h"
#include "host/cli/options.h"
#include "host/common/log.h"
#include "host/config/venue.h"
#include "sim/exchange/agents.h"
#include "sim/exchange/server.h"

static const char help[] =
    "usage: wiretick exchange CONFIG [--set key=value ...]\n\n"
    "The simulated venue as a server: ITCH 5.0 over MoldUDP64 on two lines, re-requests, GLIMPSE\n"
    "snapshots, and OUCH 5.0 order entry over SoupBinTCP. The market is made by agents in a matching\n"
    "engine, or by a replayed ITCH file. Prints the addresses it listens on, one a line, serves until\n"
    "Ctrl-C (or until the file or market.seconds is over, or SIGUSR1 says so), and ends with a summary.\n\n"
    "  --set key=value   put a value over the file's, for example --set market.speed=10\n\n"
    "sim/exchange/README.md lists all keys; sim/exchange/configs has examples.\n";

#define MS 1000000ull

struct shell {
    struct wt_venue_settings *settings;
    struct wt_server *server;
    struct wt_venue *venue;
    struct wt_agents *agents;
};

/* ---------------------------------------------------------------- from settings to the venue */

static void set_line(struct wt_line_config *to, const struct wt_venue_line *from, uint64_t seed)
{
    *to = (struct wt_line_config){.seed = seed,
                                  .loss_ppm = from->loss_ppm,
                                  .duplicate_ppm = from->duplicate_ppm,
                                  .reorder_ppm = from->reorder_ppm,
                                  .corrupt_ppm = from->corrupt_ppm,
                                  .skew_ns = from->skew_ns,
                                  .reorder_ns = from->reorder_ns,
                                  .down_at_ns = from->down_at_ms * MS,
                                  .down_for_ns = from->down_for_ms * MS};
}

static void set_faults(struct wt_venue_config *c, const struct wt_venue_settings *s)
{
    c->faults = (struct wt_session_faults){.seed = s->faults.seed,
                                           .disconnect_ppm = s->faults.disconnect_ppm,
                                           .deaf_ppm = s->faults.deaf_ppm,
                                           .lost_ppm = s->faults.ack_lost_ppm,
                                           .delay_ppm = s->faults.ack_delay_ppm,
                                           .delay_ns = s->faults.ack_delay_ns,
                                           .duplicate_ppm = s->faults.ack_duplicate_ppm,
                                           .reject_ppm = s->faults.reject_ppm,
                                           .break_ppm = s->faults.break_ppm,
                                           .cancel_pending_ppm = s->faults.cancel_pending_ppm,
                                           .cancel_reject_ppm = s->faults.cancel_reject_ppm,
                                           .later_ns = s->faults.later_ns};
    c->halt = (struct wt_venue_spell){s->faults.halt_at_ms * MS, s->faults.halt_for_ms * MS};
    c->silent = (struct wt_venue_spell){s->faults.silent_at_ms * MS, s->faults.silent_for_ms * MS};
    c->session_change_ns = s->faults.session_change_ms * MS;
    c->clock_step_at_ns = s->faults.clock_step_at_ms * MS;
    c->clock_step_ns = (int64_t)s->faults.clock_forward_ns - (int64_t)s->faults.clock_back_ns;
    set_line(&c->line[0], &s->feed.a, s->faults.seed);
    set_line(&c->line[1], &s->feed.b, s->faults.seed + 1);
}

static void set_venue(struct wt_venue_config *c, const struct wt_venue_settings *s)
{
    wt_venue_defaults(c);
    memcpy(c->feed.session, s->feed.session, sizeof c->feed.session);
    c->feed.window_ns = s->feed.packet_window_ns;
    c->feed.heartbeat_ns = s->feed.heartbeat_ns;
    c->feed.store_messages = s->feed.store_messages;
    c->feed.store_bytes = s->feed.store_bytes;
    memcpy(c->orders_session, s->orders.session, sizeof c->orders_session);
    c->cancel_on_disconnect = s->orders.cancel_on_disconnect;
    c->order_out_ns = s->orders.out_ns;
    memcpy(c->glimpse.username, s->glimpse.username, sizeof c->glimpse.username);
    memcpy(c->glimpse.password, s->glimpse.password, sizeof c->glimpse.password);
    c->file = s->market.type == WT_VENUE_FILE ? s->market.file : NULL;
    c->max_messages = s->market.max_messages;
    c->max_orders = s->market.max_orders;
    c->speed = s->market.speed;
    c->wait_logins = s->market.wait_logins;
    c->market_ns = s->market.seconds * 1000 * MS;
    set_faults(c, s);
}

static void agents_time(void *agents, uint64_t market_ns)
{
    wt_agents_time(agents, market_ns);
}

static int make_agents(struct shell *x)
{
    const struct wt_venue_settings *s = x->settings;
    struct wt_agents_symbol *symbols = calloc(s->market.symbols_count, sizeof *symbols);
    if (!symbols)
        return -ENOMEM;
    for (unsigned i = 0; i < s->market.symbols_count; i++)
        symbols[i] = (struct wt_agents_symbol){(uint16_t)i, s->market.symbols[i].price_cents * 100};
    struct wt_agents_config config;
    wt_agents_defaults(&config, (enum wt_agents_preset)s->market.preset);
    config.seed = s->market.seed;
    int rc = wt_agents_create(&config, wt_venue_engine(x->venue), symbols, s->market.symbols_count,
                              wt_venue_stamp(x->venue), &x->agents);
    free(symbols);
    if (rc == 0)
        wt_venue_market(x->venue,
                        (struct wt_venue_market){
                            .ctx = x->agents, .next_ns = wt_agents_next_ns, .run = wt_agents_run, .time = agents_time});
    return rc;
}

static int make_venue(struct shell *x)
{
    const struct wt_venue_settings *s = x->settings;
    struct wt_venue_config config;
    struct wt_venue_account accounts[WT_VENUE_ACCOUNTS];
    set_venue(&config, s);
    for (unsigned i = 0; i < s->orders.accounts_count; i++) {
        memcpy(accounts[i].username, s->orders.accounts[i].username, sizeof accounts[i].username);
        memcpy(accounts[i].password, s->orders.accounts[i].password, sizeof accounts[i].password);
    }
    config.accounts = accounts;
    config.account_count = s->orders.accounts_count;
    char(*names)[9] = calloc(s->market.symbols_count + 1, sizeof *names);
    if (!names)
        return -ENOMEM;
    for (unsigned i = 0; i < s->market.symbols_count; i++)
        memcpy(names[i], s->market.symbols[i].name, sizeof names[i]);
    config.symbols = (const char(*)[9])names;
    config.symbol_count = s->market.symbols_count;
    int rc = wt_venue_create(&config, (struct wt_line_wire){x->server, wt_server_send}, &x->venue);
    free(names);
    if (rc == 0 && s->market.type == WT_VENUE_AGENTS)
        rc = make_agents(x);
    return rc;
}

static int make_server(struct shell *x)
{
    const struct wt_venue_settings *s = x->settings;
    struct wt_server_config config = {0};
    struct in_addr ip;
    inet_pton(AF_INET, s->feed.interface, &ip);
    config.interface = ntohl(ip.s_addr);
    wt_server_parse(s->feed.a.address, &config.line[0]);
    wt_server_parse(s->feed.b.address, &config.line[1]);
    wt_server_parse(s->feed.rerequest, &config.rerequest);
    wt_server_parse(s->orders.listen, &config.orders);
    wt_server_parse(s->glimpse.listen, &config.glimpse);
    return wt_server_create(&config, &x->server);
}

/* ---------------------------------------------------------------- what is printed */

static void print_address(const char *name, struct wt_server_address a)
{
    printf("%-10s %u.%u.%u.%u:%u\n", name, a.ip >> 24, a.ip >> 16 & 255, a.ip >> 8 & 255, a.ip & 255, a.port);
}

static void print_start(const struct shell *x)
{
    struct wt_server_address rerequest, orders, glimpse;
    wt_server_addresses(x->server, &rerequest, &orders, &glimpse);
    printf("line A     %s\nline B     %s\n", x->settings->feed.a.address, x->settings->feed.b.address);
    print_address("rerequest", rerequest);
    print_address("orders", orders);
    print_address("glimpse", glimpse);
    fflush(stdout);
}

typedef unsigned long long ull;

static void print_line(char name, const struct wt_line_stats *s)
{
    printf("line %c     %llu sent, %llu lost, %llu duplicated, %llu reordered, %llu corrupted, %llu while down\n", name,
           (ull)s->sent, (ull)s->lost + s->overflow, (ull)s->duplicated, (ull)s->reordered, (ull)s->corrupted,
           (ull)s->down);
}

static void print_faults(const struct wt_venue_stats *s)
{
    const struct wt_session_happened *h = &s->happened;
    printf("faults     %llu packets cut, %llu requests cut, %llu answers lost, %llu delayed, %llu doubled; "
           "%llu rejects for nothing, %llu trades broken, %llu cancels pending, %llu cancels rejected; "
           "%llu session changes, %d halts, %d silences, %d clock steps\n",
           (ull)h->disconnected, (ull)h->deaf, (ull)h->lost, (ull)h->delayed, (ull)h->duplicated, (ull)h->rejected,
           (ull)h->broken, (ull)h->cancels_pending, (ull)h->cancels_rejected, (ull)s->feed.sessions, s->halted,
           s->silent, s->stepped);
}

static void print_rejects(const struct wt_venue *venue)
{
    struct wt_venue_reject rejects[32];
    unsigned count = wt_venue_rejects(venue, rejects, sizeof rejects / sizeof rejects[0]);
    printf("rejects   ");
    for (unsigned i = 0; i < count; i++)
        printf("%s %llu for 0x%04x", i ? "," : "", (ull)rejects[i].orders, rejects[i].reason);
    printf("%s\n", count ? "" : " none");
}

static void print_summary(const struct shell *x)
{
    struct wt_venue_stats s;
    wt_venue_stats(x->venue, &s);
    printf("feed       %llu messages in %llu packets, %llu heartbeats; %llu refused by the network\n",
           (ull)s.feed.messages, (ull)s.feed.packets, (ull)s.feed.heartbeats, (ull)wt_server_unsent(x->server));
    print_line('A', &s.line[0]);
    print_line('B', &s.line[1]);
    printf("rerequest  %llu, %llu of them refused; %llu messages sent again\n", (ull)s.rerequests,
           (ull)s.rerequests_refused, (ull)s.rerequest_messages);
    printf("clients    %llu connections, %llu logins, %llu refused, %llu closed by the venue; %llu for snapshots\n",
           (ull)s.connections, (ull)s.orders.logins, (ull)s.refused_logins, (ull)s.closed_by_venue, (ull)s.glimpses);
    printf("orders     %llu, %llu accepted, %llu replaced, %llu rejected, %llu ignored, %llu malformed\n",
           (ull)s.orders.orders, (ull)s.orders.accepted, (ull)s.orders.replaced, (ull)s.orders.rejected,
           (ull)s.orders.ignored, (ull)s.orders.malformed);
    printf("shares     %llu accepted = %llu executed + %llu canceled + %llu open\n", (ull)s.orders.accepted_shares,
           (ull)s.orders.executed_shares, (ull)s.orders.canceled_shares, (ull)s.orders.open_shares);
    print_rejects(x->venue);
    print_faults(&s);
}

/* ---------------------------------------------------------------- the command */

static int stop_signals(void)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGUSR1);
    sigprocmask(SIG_BLOCK, &set, NULL);
    return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

static int serve(struct shell *x)
{
    int rc = make_server(x);
    if (rc == 0)
        rc = make_venue(x);
    if (rc < 0)
        return rc;
    bool ends = x->settings->market.type == WT_VENUE_FILE || x->settings->market.seconds != 0 ||
                x->settings->market.max_messages != 0;
    int stop = stop_signals();
    print_start(x);
    rc = wt_server_run(x->server, x->venue, stop, ends, x->settings->market.linger_ms * MS);
    close(stop);
    print_summary(x);
    uint64_t differ = wt_venue_ledger_check(x->venue);
    if (differ != 0)
        wt_error("exchange: %llu orders are not in the books as their clients were told", (ull)differ);
    if (rc == 0 && x->settings->output.dir[0] != '\0')
        rc = wt_venue_dump(x->venue, x->settings->output.dir);
    return rc != 0 || differ == 0 ? rc : -EBADMSG;
}

int wt_cmd_exchange(int argc, char **argv)
{
    struct wt_run_options options;
    int rc = wt_run_options(argc, argv, help, &options);
    if (rc >= 0)
        return rc;
    struct shell x = {0};
    struct wt_config_errors errors;
    if (wt_venue_settings_load(options.config, options.sets, options.set_count, &x.settings, &errors)) {
        wt_config_print_errors(&errors);
        return WT_EXIT_FAILED;
    }
    rc = serve(&x);
    wt_venue_destroy(x.venue);
    wt_agents_destroy(x.agents);
    wt_server_destroy(x.server);
    wt_venue_settings_free(x.settings);
    return rc < 0 ? WT_EXIT_FAILED : WT_EXIT_OK;
}
