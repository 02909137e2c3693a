/*
 * `wiretick boardserver`: a simulated board without PCI Express as a process of its own, for the link `udp`. Datagrams
 * of a socket become Ethernet frames on the board's host port, and its frames there datagrams.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "host/card/driver.h"
#include "host/card/udp.h"
#include "host/card/wt_schema.h"
#include "host/cli/book_feeder.h"
#include "host/cli/cli.h"
#include "host/common/log.h"
#include "host/config/check.h"
#include "sim/card/behind.h"
#include "sim/card/board.h"
#include "sim/card/frame.h"

enum {
    HEADERS = 42, /* Ethernet, IPv4, UDP */
    DATAGRAM = 1472,
    STEP = 128,         /* cycles between two looks at the socket */
    UNSEEN = 16,        /* datagrams to a host between two looks whether it keeps up */
    AFTER_RESET = 8192, /* cycles from the card's start to the feed's */
    QUIET_STEPS = 512,  /* without a datagram or a frame: nothing happens */
    QUIET_NS = 200000,
    BUFFER = 4 << 20,
    CLOCK_HZ = 125000000
};

struct options {
    const char *feed, *model;
    uint32_t listen_ip;
    uint16_t listen_port; /* 0: not */
    uint32_t rate, loss_ppm;
    uint64_t seed;
    uint16_t port;
};

struct serving {
    const struct options *options;
    struct book_options feed;
    struct book_feeder *feeder; /* NULL: nothing to play (any more) */
    struct wt_board *board;
    int fd, feed_fd;
    struct sockaddr_in card, host; /* the socket's address; where its datagrams go to */
    struct wt_behind behind;
    unsigned unseen;               /* sent to the host since it was last looked at */
    struct wt_frame_builder frame; /* of what comes there */
    bool enabled, begun;           /* the feed, since the last reset */
    bool asked;                    /* to enable: by TLP asked_by, which the card has not taken yet */
    uint32_t asked_by, taken;      /* taken: the last one that it has */
    uint64_t cycle, due;           /* cycles run; when the next packet goes out */
    uint64_t random, dropped, moved;
};

/* The card's address as it is built; frames of a host say what its socket says. */
static const uint8_t card_mac[6] = {0x02, 0x57, 0x54, 0, 0, 2}, host_mac[6] = {0x02, 0x57, 0x54, 0, 0, 1};
static const uint8_t card_ip[4] = {192, 168, 57, 2};

static volatile sig_atomic_t stopped;

static void on_signal(int signal)
{
    (void)signal;
    stopped = 1;
}

/* splitmix64 */
static bool lose(struct serving *s)
{
    uint64_t x = s->random += 0x9e3779b97f4a7c15u;
    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
    x = (x ^ x >> 27) * 0x94d049bb133111ebu;
    bool lost = (x ^ x >> 31) % 1000000 < s->options->loss_ppm;
    s->dropped += lost;
    return lost;
}

/* ---------------------------------------------------------------- the host's port */

static uint16_t header_sum(const uint8_t *ip)
{
    uint32_t sum = 0;
    for (unsigned i = 0; i < 20; i += 2)
        sum += (uint32_t)ip[i] << 8 | ip[i + 1];
    sum = (sum & 0xffff) + (sum >> 16);
    return (uint16_t)(sum + (sum >> 16));
}

static void put16(uint8_t *at, size_t value)
{
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
}

/* A datagram of the board, checked as a host's kernel does. */
static void to_socket(void *ctx, enum wt_board_port port, const uint8_t *frame, size_t length)
{
    struct serving *s = ctx;
    const uint8_t *ip = frame + 14, *udp = frame + 34;
    size_t ip_length = (size_t)ip[2] << 8 | ip[3], udp_length = (size_t)udp[4] << 8 | udp[5];
    bool good = port == WT_BOARD_HOST && length >= HEADERS && memcmp(frame, host_mac, 6) == 0 &&
                memcmp(frame + 6, card_mac, 6) == 0 && frame[12] == 8 && frame[13] == 0 && ip[0] == 0x45 &&
                ip[9] == 17 && memcmp(ip + 12, card_ip, 4) == 0 && header_sum(ip) == 0xffff &&
                ip_length + 14 <= length && udp_length + 20 == ip_length && udp_length >= 8;
    if (!good) {
        wt_error("board server: the board sent a frame of %zu bytes that no host would take", length);
        stopped = 1;
        return;
    }
    s->host.sin_family = AF_INET;
    memcpy(&s->host.sin_addr, ip + 16, 4);
    memcpy(&s->host.sin_port, udp + 2, 2);
    s->unseen++;
    const struct wt_udp_head *head = (const void *)(udp + 8);
    s->moved += head->kind != WT_UDP_STATE;
    s->taken = head->other;
    if (s->asked && (int32_t)(s->taken - s->asked_by) >= 0) {
        s->asked = false;
        s->enabled = true;
        s->due = s->cycle + AFTER_RESET;
    }
    if (!lose(s))
        (void)!sendto(s->fd, udp + 8, udp_length - 8, MSG_DONTWAIT, (const struct sockaddr *)&s->host, sizeof s->host);
}

/*
 * What the host asks for shows when the feed may begin: a reset ends it, and when the card has taken the write that
 * enables it, it begins. The write can come long before it is taken: one before it was lost. And what was taken can
 * come again.
 */
static void overhear(struct serving *s, const uint8_t *payload, size_t length)
{
    struct wt_udp_head head;
    uint32_t tlp[4];
    if (length < sizeof head)
        return;
    memcpy(&head, payload, sizeof head);
    if (head.kind == WT_UDP_OPEN)
        s->taken = head.number; /* a host begins to count */
    if (length < sizeof head + sizeof tlp)
        return;
    memcpy(tlp, payload + sizeof head, sizeof tlp);
    if (head.kind != WT_UDP_TLP || tlp[0] != 0x40000001 || (int32_t)(head.number - s->taken) <= 0)
        return;
    if (tlp[2] == WT_REG_RESET_SEQ || (tlp[2] == WT_REG_CONTROL && !(tlp[3] & WT_CONTROL_ENABLE))) {
        s->enabled = s->begun = s->asked = false;
        if (s->feeder)
            book_feeder_close(s->feeder);
        s->feeder = NULL;
    } else if (tlp[2] == WT_REG_CONTROL && !s->enabled) {
        s->asked = true;
        s->asked_by = head.number;
    }
}

static void from_socket(struct serving *s)
{
    struct sockaddr_in from;
    socklen_t size = sizeof from;
    uint8_t frame[HEADERS + DATAGRAM];
    while (wt_board_queued(s->board, WT_BOARD_HOST) < 64) {
        ssize_t n = recvfrom(s->fd, frame + HEADERS, DATAGRAM, MSG_DONTWAIT, (struct sockaddr *)&from, &size);
        if (n < 0)
            return;
        s->moved++;
        if (lose(s))
            continue;
        memset(frame, 0, HEADERS);
        memcpy(frame, card_mac, 6);
        memcpy(frame + 6, host_mac, 6);
        frame[12] = 8;
        uint8_t *ip = frame + 14, *udp = frame + 34;
        ip[0] = 0x45;
        put16(ip + 2, (size_t)n + 28);
        ip[8] = 64;
        ip[9] = 17;
        memcpy(ip + 12, &from.sin_addr, 4);
        memcpy(ip + 16, card_ip, 4);
        put16(ip + 10, (uint16_t)~header_sum(ip));
        memcpy(udp, &from.sin_port, 2);
        put16(udp + 2, WT_UDP_PORT);
        put16(udp + 4, (size_t)n + 8);
        overhear(s, frame + HEADERS, (size_t)n);
        wt_board_send(s->board, WT_BOARD_HOST, frame, HEADERS + (size_t)n);
    }
}

/* ---------------------------------------------------------------- the feed's port */

/* Datagrams of an exchange, as `wiretick run` makes the card listen to them. What comes too fast waits in the socket.
 */
static int relay(struct serving *s)
{
    uint8_t payload[WT_FRAME_MAX_PAYLOAD + 1];
    ssize_t n;
    while (s->cycle >= s->due && wt_board_queued(s->board, WT_BOARD_FEED) < 128 &&
           (n = recv(s->feed_fd, payload, sizeof payload, MSG_DONTWAIT)) >= 0) {
        size_t length = wt_frame_wrap(&s->frame, payload, (size_t)n);
        size_t messages = n >= (ssize_t)WT_FRAME_MOLD_HEADER ? (size_t)payload[18] << 8 | payload[19] : 0;
        s->due = s->cycle + (messages ? messages : 1) * CLOCK_HZ / s->options->rate;
        int e = length ? wt_board_send(s->board, WT_BOARD_FEED, s->frame.bytes, length) : 0;
        if (e < 0)
            return e;
        s->moved++;
    }
    return 0;
}

static int play(struct serving *s)
{
    if (s->feed_fd >= 0)
        return relay(s);
    if (!s->options->feed || !s->enabled || s->cycle < s->due || wt_board_queued(s->board, WT_BOARD_FEED) > 8)
        return 0;
    if (!s->begun) {
        int e = book_feeder_open(&s->feed, &s->feeder);
        if (e < 0)
            return e;
        s->begun = true;
    }
    while (s->feeder && s->cycle >= s->due) {
        struct book_frame frame;
        uint64_t before = book_feeder_messages(s->feeder);
        int got = book_feeder_next(s->feeder, s->cycle * WT_BOARD_CYCLE_NS, &frame);
        if (got <= 0) {
            book_feeder_close(s->feeder);
            s->feeder = NULL;
            return got;
        }
        s->due += (book_feeder_messages(s->feeder) - before) * CLOCK_HZ / s->options->rate;
        if (frame.line == 0)
            got = wt_board_send(s->board, WT_BOARD_FEED, frame.bytes, frame.length);
        if (got < 0)
            return got;
    }
    s->moved++;
    return 0;
}

/* ---------------------------------------------------------------- the board */

static int serve(struct serving *s)
{
    uint64_t moved = 0;
    for (unsigned quiet = 0; !stopped; quiet++) {
        from_socket(s);
        int e = play(s);
        if (e < 0)
            return e;
        wt_board_run(s->board, STEP);
        s->cycle += STEP;
        if (s->unseen >= UNSEEN) {
            wt_behind_wait(&s->behind, &s->host, &s->card);
            s->unseen = 0;
        }
        if (s->moved != moved || s->feeder) {
            moved = s->moved;
            quiet = 0;
        }
        if (quiet > QUIET_STEPS)
            ppoll(&(struct pollfd){.fd = s->fd, .events = POLLIN}, 1, &(struct timespec){.tv_nsec = QUIET_NS}, NULL);
    }
    return 0;
}

static int listen_on(uint32_t ip, uint16_t port, int *fd, struct sockaddr_in *at)
{
    socklen_t length = sizeof *at;
    int size = BUFFER;
    *at = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(ip)};
    *fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (*fd < 0 || bind(*fd, (const struct sockaddr *)at, sizeof *at) < 0 ||
        getsockname(*fd, (struct sockaddr *)at, &length) < 0) {
        int e = -errno;
        wt_error("board server: cannot listen on UDP port %u: %s", port, strerror(-e));
        return e;
    }
    setsockopt(*fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
    return 0;
}

static int listen_on_both(struct serving *s)
{
    struct sockaddr_in at;
    struct wt_card_config card;
    wt_behind_open(&s->behind);
    int e = 0;
    wt_card_defaults(&card);
    wt_frame_init(&s->frame, card.channel[0].group[0], card.channel[0].port[0], "WTICK00001");
    if (s->options->listen_port)
        e = listen_on(s->options->listen_ip, s->options->listen_port, &s->feed_fd, &at);
    if (e == 0)
        e = listen_on(INADDR_LOOPBACK, s->options->port, &s->fd, &s->card);
    if (e == 0)
        wt_info("board server: the card is 127.0.0.1:%u: ready", ntohs(s->card.sin_port));
    return e;
}

static int run(const struct options *o)
{
    struct serving s = {.options = o,
                        .feed = {.file = o->feed, .seed = 1},
                        .fd = -1,
                        .feed_fd = -1,
                        .behind.fd = -1,
                        .random = o->seed};
    struct sigaction action = {.sa_handler = on_signal};
    struct wt_board_stats stats;
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    if (o->feed) { /* whether it can be played is said at once */
        int e = book_feeder_open(&s.feed, &s.feeder);
        if (e < 0)
            return e;
        book_feeder_close(s.feeder);
        s.feeder = NULL;
    }
    int e = wt_board_create(o->model, to_socket, &s, &s.board);
    if (e == 0)
        e = listen_on_both(&s);
    if (e == 0)
        e = serve(&s);
    if (s.board) {
        wt_board_stats(s.board, &stats);
        wt_info(
            "board server: %llu cycles, %llu frames of the feed, %llu datagrams from hosts, %llu to them, %llu lost "
            "on purpose, %llu broken frames",
            (unsigned long long)stats.cycles, (unsigned long long)stats.sent[WT_BOARD_FEED],
            (unsigned long long)stats.sent[WT_BOARD_HOST], (unsigned long long)stats.received[WT_BOARD_HOST],
            (unsigned long long)s.dropped, (unsigned long long)stats.broken);
        if (e == 0 && stats.broken > 0)
            e = -EIO;
    }
    if (s.feeder)
        book_feeder_close(s.feeder);
    if (s.fd >= 0)
        close(s.fd);
    if (s.feed_fd >= 0)
        close(s.feed_fd);
    wt_behind_close(&s.behind);
    wt_board_destroy(s.board);
    return e;
}

/* ---------------------------------------------------------------- command line */

static const char help[] =
    "usage: wiretick boardserver [OPTION ...]\n"
    "\n"
    "Runs the simulated ECP5 Versa until it is stopped (Ctrl-C): a host with `--link udp --card 127.0.0.1:PORT` uses\n"
    "it as a card.\n"
    "\n"
    "  --port PORT     UDP port on 127.0.0.1 (default 22356; 0: one that is free)\n"
    "  --feed FILE     play this file (as `wiretick book` takes it) onto its feed port, from its beginning each time\n"
    "                  that a host enables the card\n"
    "  --listen IP:PORT\n"
    "                  or what comes there, MoldUDP64 of an exchange, as line A of what `wiretick run` listens to\n"
    "  --rate N        messages of it a second of the card's time (default 900000)\n"
    "  --lose PPM      lose so many of a million datagrams, each way (default 0)\n"
    "  --seed N        of this loss (default 1)\n"
    "  --model FILE    the Verilated board (default: libwtversa.so beside this program)\n"
    "  --help\n";

enum { OPT_PORT = 256, OPT_LISTEN, OPT_FEED, OPT_RATE, OPT_LOSE, OPT_SEED, OPT_MODEL, OPT_HELP };

static const struct option long_options[] = {
    {"port", required_argument, NULL, OPT_PORT},
    {"listen", required_argument, NULL, OPT_LISTEN},
    {"feed", required_argument, NULL, OPT_FEED},
    {"rate", required_argument, NULL, OPT_RATE},
    {"lose", required_argument, NULL, OPT_LOSE},
    {"seed", required_argument, NULL, OPT_SEED},
    {"model", required_argument, NULL, OPT_MODEL},
    {"help", no_argument, NULL, OPT_HELP},
    {NULL, 0, NULL, 0},
};

static int number(const char *name, uint64_t least, uint64_t most, uint64_t *value)
{
    char *end;
    *value = strtoull(optarg, &end, 10);
    if (*optarg >= '0' && *optarg <= '9' && *end == 0 && *value >= least && *value <= most)
        return 0;
    wt_error("--%s '%s': expected a number from %llu to %llu", name, optarg, (unsigned long long)least,
             (unsigned long long)most);
    return WT_EXIT_USAGE;
}

/* One option: 0, or the exit status to leave with. */
static int take_option(int opt, struct options *o)
{
    uint64_t value = 0;
    int status = 0;
    switch (opt) {
    case OPT_PORT:
        status = number("port", 0, 65535, &value);
        o->port = (uint16_t)value;
        return status;
    case OPT_LISTEN:
        if (wt_check_address(optarg, true, &o->listen_ip, &o->listen_port))
            return 0;
        wt_error("--listen '%s': expected an IPv4 address and a port, as 127.0.0.1:26477", optarg);
        return WT_EXIT_USAGE;
    case OPT_FEED:
        o->feed = optarg;
        return 0;
    case OPT_RATE:
        status = number("rate", 1, 4000000, &value);
        o->rate = (uint32_t)value;
        return status;
    case OPT_LOSE:
        status = number("lose", 0, 500000, &value);
        o->loss_ppm = (uint32_t)value;
        return status;
    case OPT_SEED:
        return number("seed", 0, UINT64_MAX, &o->seed);
    case OPT_MODEL:
        o->model = optarg;
        return 0;
    default:
        fputs("`wiretick boardserver --help` lists the options\n", stderr);
        return WT_EXIT_USAGE;
    }
}

int wt_cmd_boardserver(int argc, char **argv)
{
    struct options o = {.port = WT_UDP_PORT, .rate = 900000, .seed = 1};
    int opt, status = 0;
    optind = 1;
    while (!status && (opt = getopt_long(argc, argv, "h", long_options, NULL)) != -1) {
        if (opt == OPT_HELP || opt == 'h') {
            fputs(help, stdout);
            return WT_EXIT_OK;
        }
        status = take_option(opt, &o);
    }
    if (!status && o.feed && o.listen_port) {
        wt_error("boardserver: --feed and --listen exclude each other: one or the other plays");
        status = WT_EXIT_USAGE;
    }
    if (!status && optind != argc) {
        wt_error("boardserver: nothing but options is expected");
        status = WT_EXIT_USAGE;
    }
    return status ? status : run(&o) < 0 ? WT_EXIT_FAILED : WT_EXIT_OK;
}
