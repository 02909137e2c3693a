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
#include "host/cli/venue.h"
#include "host/common/log.h"
#include "sim/exchange/server.h"

static const char help[] =
    "usage: wiretick exchange CONFIG [--set key=value ...]\n\n"
    "The simulated venue as a server: ITCH 5.0 over MoldUDP64 on two lines, re-requests, GLIMPSE\n"
    "snapshots, and OUCH 5.0 or 4.2 order entry over SoupBinTCP. The market is made by agents in a matching\n"
    "engine, or by a replayed ITCH file. Prints the addresses it listens on, one a line, serves until\n"
    "Ctrl-C (or until the file or market.seconds is over, or SIGUSR1 says so), and ends with a summary.\n\n"
    "  --set key=value   put a value over the file's, for example --set market.speed=10\n\n"
    "sim/exchange/README.md lists all keys; sim/exchange/configs has examples.\n";

#define MS 1000000ull

struct shell {
    struct wt_venue_settings *settings;
    struct wt_server *server;
    struct wt_venue_parts venue;
};

/* ---------------------------------------------------------------- sockets */

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
        rc = wt_venue_build(x->settings, (struct wt_line_wire){x->server, wt_server_send}, &x->venue);
    if (rc < 0)
        return rc;
    bool ends = wt_venue_ends(x->settings);
    int stop = stop_signals();
    print_start(x);
    rc = wt_server_run(x->server, x->venue.venue, stop, ends, x->settings->market.linger_ms * MS);
    close(stop);
    wt_venue_print(x->venue.venue, wt_server_unsent(x->server), stdout);
    int ended = wt_venue_parts_end(x->settings, &x->venue, wt_server_unsent(x->server));
    return rc != 0 ? rc : ended;
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
    wt_venue_parts_destroy(&x.venue);
    wt_server_destroy(x.server);
    wt_venue_settings_free(x.settings);
    return rc < 0 ? WT_EXIT_FAILED : WT_EXIT_OK;
}
