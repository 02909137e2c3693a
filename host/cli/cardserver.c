/* `wiretick cardserver`: the simulated card as a process of its own, for the link `pci` (sim/card/server.h). */
#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "host/card/driver.h"
#include "host/cli/book_feeder.h"
#include "host/cli/cli.h"
#include "host/common/log.h"
#include "host/config/check.h"
#include "sim/card/live.h"
#include "sim/card/server.h"

enum {
    STEP_NS = 20000,        /* virtual time between two looks at what the host has written */
    FRAMES_AHEAD = 64,      /* kept on each wire */
    MESSAGES_AHEAD = 3000,  /* under way at most: the card drops what finds no room (book_card.c) */
    FILL_MOST = 128,        /* of 256: the host is left behind no further than half of its rings */
    DRAIN_NS = 20000000,    /* for frames to go in before a reset */
    IDLE_NS = 50000,        /* wall time between two looks while nothing happens */
    COUNTERS_NS = 20000000, /* wall time between two looks at all counters */
    MEGABYTE = 1 << 20
};

struct options {
    const char *bar, *dma, *feed, *model;
    uint64_t dma_mb;
    bool listens;
    struct wt_live_line line[WT_LIVE_LINES]; /* without a listen_ip: there is none */
};

struct serving {
    const struct options *options;
    struct book_options feed;
    struct book_feeder *feeder; /* NULL: nothing to play (any more) */
    struct wt_live *live;       /* NULL: no sockets */
    struct wt_sim *sim;
    struct wt_link *link;
    struct wt_card_server *server;
    bool begun; /* the feed, since the last reset */
    int error;
};

static volatile sig_atomic_t stopped;

static void on_signal(int signal)
{
    (void)signal;
    stopped = 1;
}

static uint64_t wall_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static void usage(FILE *out)
{
    fputs("usage: wiretick cardserver --bar FILE --dma FILE [OPTION ...]\n"
          "\n"
          "Runs the simulated card until it is stopped (Ctrl-C): BAR0 is the one file, the host's memory the other.\n"
          "A host with `--link pci --dma file:FILE` uses it as a card, if the BAR file stands where a PCI device's\n"
          "resource0 does (tests/cosim/test_pci.sh shows how). Stopped, it leaves a BAR that reads as all ones.\n"
          "\n"
          "  --bar FILE      BAR0, made if it is not there\n"
          "  --dma FILE      the memory that host and card share, made if it is not there\n"
          "  --dma-size MB   its size (2 to 4095; default 64)\n"
          "  --feed FILE     play this file (as `wiretick book` takes it) onto both lines, from its beginning each\n"
          "                  time that a host resets and enables the card, and no faster than the host takes it\n"
          "  --listen-a IP:PORT, --listen-b IP:PORT\n"
          "                  instead: what comes to this local address or multicast group by UDP is the payload of\n"
          "                  frames on line A, line B; time follows the clock\n"
          "  --interface IP  local address of the interface to join multicast groups on\n"
          "  --group-a IP, --group-b IP, --port N\n"
          "                  what those frames say (default: what `wiretick run` makes the card listen to)\n"
          "  --model FILE    the Verilated card (default: libwtcard.so beside this program)\n"
          "  --help\n",
          out);
}

/* ---------------------------------------------------------------- the wire */

static void drop_feed(struct serving *s)
{
    if (s->feeder)
        book_feeder_close(s->feeder);
    s->feeder = NULL;
}

/* What is on the wires came before the reset, and must not come after it. */
static void before_reset(void *ctx)
{
    struct serving *s = ctx;
    uint64_t until = wt_sim_now(s->sim) + DRAIN_NS;
    drop_feed(s);
    s->begun = false;
    while (wt_sim_pending_frames(s->sim) > 0 && wt_sim_now(s->sim) < until)
        s->link->ops->spend(s->link, STEP_NS);
    s->link->ops->spend(s->link, STEP_NS);
}

static bool has_room(const struct serving *s)
{
    return book_feeder_last_seq(s->feeder) < wt_card_server_next_seq(s->server) - 1 + MESSAGES_AHEAD &&
           wt_card_server_fill(s->server) < FILL_MOST;
}

static int play(struct serving *s)
{
    if (!s->options->feed || !wt_card_server_enabled(s->server))
        return 0;
    if (!s->begun) {
        int e = book_feeder_open(&s->feed, &s->feeder);
        if (e < 0)
            return e;
        s->begun = true;
    }
    while (s->feeder && wt_sim_pending_frames(s->sim) < FRAMES_AHEAD) {
        struct book_frame frame;
        if (book_feeder_between(s->feeder) && !has_room(s))
            return 0;
        int got = book_feeder_next(s->feeder, wt_sim_now(s->sim), &frame);
        if (got <= 0) {
            drop_feed(s);
            return got;
        }
        got = wt_sim_send(s->sim, frame.line, frame.when_ns, frame.bytes, frame.length, frame.flags);
        if (got < 0) {
            wt_error("the simulated wire refused a frame of %zu bytes: %s", frame.length, strerror(-got));
            return got;
        }
    }
    return 0;
}

static int send_frame(void *ctx, unsigned line, uint64_t when, const void *frame, size_t length, unsigned flags)
{
    struct serving *s = ctx;
    return wt_sim_send(s->sim, line, when, frame, length, flags);
}

static int listen_to(struct serving *s)
{
    struct wt_live_config live;
    wt_live_defaults(&live);
    live.start_ns = wt_sim_now(s->sim);
    live.quantum_ns = STEP_NS;
    memcpy(live.line, s->options->line, sizeof live.line);
    int e = wt_live_create(&live, (struct wt_live_wire){s, send_frame}, &s->live);
    return e < 0 ? e : wt_sim_add_actor(s->sim, (struct wt_sim_actor){s->live, wt_live_next_ns, wt_live_run});
}

/* ---------------------------------------------------------------- the card */

/* Let time pass: a step, or what the clock is ahead. */
static void step(struct serving *s)
{
    uint64_t now = wt_sim_now(s->sim), next = s->live ? wt_live_next_ns(s->live) : 0;
    s->link->ops->spend(s->link, next > now + STEP_NS ? next - now : STEP_NS);
}

static int serve(struct serving *s)
{
    uint64_t counted = 0;
    while (!stopped) {
        int took = wt_card_server_take(s->server, before_reset, s);
        int e = took < 0 ? took : play(s);
        step(s);
        uint64_t now = wall_ns();
        bool counters = now - counted >= COUNTERS_NS;
        if (e == 0)
            e = wt_card_server_show(s->server, counters);
        if (e < 0) {
            wt_error("card server: stopped: %s", strerror(-e));
            return e;
        }
        if (counters)
            counted = now;
        if (!took && !s->feeder && !s->live && wt_sim_pending_frames(s->sim) == 0)
            nanosleep(&(struct timespec){.tv_nsec = IDLE_NS}, NULL);
    }
    return 0;
}

static int run(const struct options *o)
{
    struct serving s = {.options = o, .feed = {.file = o->feed, .seed = 1}};
    struct sigaction action = {.sa_handler = on_signal};
    struct wt_sim_config sim;
    wt_sim_defaults(&sim);
    sim.model_path = o->model;
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    if (o->listens) {
        struct timespec now;
        clock_gettime(CLOCK_REALTIME, &now);
        sim.start_ns = (uint64_t)(now.tv_sec % 86400) * 1000000000u + (uint64_t)now.tv_nsec;
    }
    if (o->feed) { /* whether it can be played is said at once; its first time stamp is when the world begins */
        int e = book_feeder_open(&s.feed, &s.feeder);
        if (e < 0)
            return e;
        sim.start_ns = book_feeder_first_ns(s.feeder);
        drop_feed(&s);
    }
    int e = wt_sim_create(&sim, &s.sim);
    if (e < 0)
        return e;
    s.link = wt_sim_link(s.sim);
    e = wt_card_server_create(s.sim, o->bar, o->dma, o->dma_mb * MEGABYTE, &s.server);
    if (e == 0 && o->listens)
        e = listen_to(&s);
    if (e == 0) {
        struct wt_sim_stats stats;
        wt_info("card server: BAR0 is %s, memory %s (%llu MB): ready", o->bar, o->dma, (unsigned long long)o->dma_mb);
        e = serve(&s);
        wt_sim_stats(s.sim, &stats);
        wt_info("card server: %llu cycles, %llu frames, %llu TLPs written, %llu TLP violations",
                (unsigned long long)stats.cycles, (unsigned long long)stats.frames,
                (unsigned long long)stats.tlp_writes, (unsigned long long)stats.tlp_violations);
        if (e == 0 && stats.tlp_violations > 0)
            e = -EIO;
    }
    drop_feed(&s);
    wt_card_server_destroy(s.server);
    s.link->ops->close(s.link);
    wt_live_destroy(s.live);
    return e;
}

enum {
    OPT_BAR = 256,
    OPT_DMA,
    OPT_DMA_SIZE,
    OPT_FEED,
    OPT_LISTEN_A,
    OPT_LISTEN_B,
    OPT_INTERFACE,
    OPT_GROUP_A,
    OPT_GROUP_B,
    OPT_PORT,
    OPT_MODEL,
    OPT_HELP
};

static const struct option long_options[] = {
    {"bar", required_argument, NULL, OPT_BAR},
    {"dma", required_argument, NULL, OPT_DMA},
    {"dma-size", required_argument, NULL, OPT_DMA_SIZE},
    {"feed", required_argument, NULL, OPT_FEED},
    {"listen-a", required_argument, NULL, OPT_LISTEN_A},
    {"listen-b", required_argument, NULL, OPT_LISTEN_B},
    {"interface", required_argument, NULL, OPT_INTERFACE},
    {"group-a", required_argument, NULL, OPT_GROUP_A},
    {"group-b", required_argument, NULL, OPT_GROUP_B},
    {"port", required_argument, NULL, OPT_PORT},
    {"model", required_argument, NULL, OPT_MODEL},
    {"help", no_argument, NULL, OPT_HELP},
    {NULL, 0, NULL, 0},
};

static int take_listen(struct options *o, unsigned line)
{
    o->listens = true;
    if (wt_check_address(optarg, true, &o->line[line].listen_ip, &o->line[line].listen_port))
        return 0;
    wt_error("--listen-%c '%s': expected an IPv4 address and a port, as 127.0.0.1:26477", 'a' + (int)line, optarg);
    return WT_EXIT_USAGE;
}

/* of the interface, or what frames of a line say (a multicast group) */
static int take_ip(const char *option, bool group, uint32_t *ip)
{
    if (wt_check_address(optarg, false, ip, NULL) && (!group || IN_MULTICAST(*ip)))
        return 0;
    wt_error("%s '%s': expected %s", option, optarg, group ? "a multicast group" : "an IPv4 address");
    return WT_EXIT_USAGE;
}

static int take_port(struct options *o)
{
    char *end;
    unsigned long port = strtoul(optarg, &end, 10);
    for (unsigned i = 0; i < WT_LIVE_LINES; i++)
        o->line[i].port = (uint16_t)port;
    if (*optarg >= '0' && *optarg <= '9' && *end == 0 && port >= 1 && port <= 65535)
        return 0;
    wt_error("--port '%s': expected a UDP port, 1 to 65535", optarg);
    return WT_EXIT_USAGE;
}

/* One option: 0, or the exit status to leave with. */
static int take_option(int opt, struct options *o)
{
    char *end;
    switch (opt) {
    case OPT_BAR:
        o->bar = optarg;
        return 0;
    case OPT_DMA:
        o->dma = optarg;
        return 0;
    case OPT_DMA_SIZE:
        o->dma_mb = strtoull(optarg, &end, 10);
        if (*optarg >= '0' && *optarg <= '9' && *end == 0 && o->dma_mb >= 2 && o->dma_mb <= 4095)
            return 0;
        wt_error("--dma-size '%s': expected megabytes from 2 to 4095", optarg);
        return WT_EXIT_USAGE;
    case OPT_FEED:
        o->feed = optarg;
        return 0;
    case OPT_LISTEN_A:
    case OPT_LISTEN_B:
        return take_listen(o, opt == OPT_LISTEN_B);
    case OPT_INTERFACE:
        for (unsigned i = 0; i < WT_LIVE_LINES; i++)
            if (take_ip("--interface", false, &o->line[i].interface_ip) != 0)
                return WT_EXIT_USAGE;
        return 0;
    case OPT_GROUP_A:
        return take_ip("--group-a", true, &o->line[0].group);
    case OPT_GROUP_B:
        return take_ip("--group-b", true, &o->line[1].group);
    case OPT_PORT:
        return take_port(o);
    case OPT_MODEL:
        o->model = optarg;
        return 0;
    default:
        fputs("`wiretick cardserver --help` lists the options\n", stderr);
        return WT_EXIT_USAGE;
    }
}

int wt_cmd_cardserver(int argc, char **argv)
{
    struct options o = {.dma_mb = 64};
    int opt, status = 0;
    struct wt_card_config card;
    wt_card_defaults(&card);
    for (unsigned i = 0; i < WT_LIVE_LINES; i++)
        o.line[i] = (struct wt_live_line){.group = card.channel[0].group[i], .port = card.channel[0].port[i]};
    optind = 1;
    while (!status && (opt = getopt_long(argc, argv, "h", long_options, NULL)) != -1) {
        if (opt == OPT_HELP || opt == 'h') {
            usage(stdout);
            return WT_EXIT_OK;
        }
        status = take_option(opt, &o);
    }
    if (!status && (optind != argc || !o.bar || !o.dma)) {
        wt_error("cardserver: --bar FILE and --dma FILE are needed, and nothing but options");
        status = WT_EXIT_USAGE;
    }
    if (!status && o.listens && o.feed) {
        wt_error("cardserver: --feed and --listen-a, --listen-b exclude each other: one or the other plays");
        status = WT_EXIT_USAGE;
    }
    return status ? status : run(&o) < 0 ? WT_EXIT_FAILED : WT_EXIT_OK;
}
