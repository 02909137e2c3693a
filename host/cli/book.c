/* `wiretick book`: every change of the best bid/offer of a feed file, as the host application sees it. */
#include "host/cli/book.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "host/cli/cli.h"
#include "host/common/log.h"
#include "host/market/pcap.h"

static volatile sig_atomic_t stopped;

static void on_signal(int signal)
{
    (void)signal;
    stopped = 1;
}

bool book_stopped(void)
{
    return stopped != 0;
}

static uint64_t wall_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static struct {
    bool terminal, shown;
    uint64_t start_ns, next_ns;
} progress;

void book_progress(uint64_t messages, double share)
{
    uint64_t now;
    if (!progress.terminal || (now = wall_ns()) < progress.next_ns)
        return;
    progress.next_ns = now + 1000000000u;
    progress.shown = true;
    fprintf(stderr, "\rwiretick: %llu messages", (unsigned long long)messages);
    if (share >= 0)
        fprintf(stderr, ", %.0f %%", share * 100);
    fprintf(stderr, ", %.0f/s \033[K", (double)messages / ((double)(now - progress.start_ns) / 1e9));
}

static void usage(FILE *out)
{
    fputs(
        "usage: wiretick book FILE [OPTION ...]\n"
        "\n"
        "Sends FILE (length-prefixed ITCH 5.0 messages, '-' for stdin; or a capture of MoldUDP64, pcap or pcapng)\n"
        "as Ethernet frames into the simulated card, and prints every change of a symbol's best bid/offer as CSV:\n"
        "message_number,timestamp_ns,symbol,bid_price,bid_shares,ask_price,ask_shares  (prices in 1/10000 dollar)\n"
        "\n"
        "  --symbols A,B          only these symbols (default: all)\n"
        "  --via card|soft        through the card (default), or the software book alone\n"
        "  --feed itch50          feed format\n"
        "  --loss-a P, --loss-b P share of packets lost on line A, B (0 to 1)\n"
        "  --reorder P            share of packets that arrive 1 to 3 places later, on each line\n"
        "  --dup P                share of packets that arrive twice, on each line\n"
        "  --corrupt P            share of packets with flipped bits and the FCS they had, on each line\n"
        "  --skew-b NS            line B comes so much later than line A (0 to 1000000; default 0)\n"
        "  --recovery KIND        rerequest: what both lines lost is asked for again, and comes 20 us later\n"
        "                         (default); what fails is made good by a snapshot; snapshot: by snapshots\n"
        "                         alone; none: it is given up, and the symbols are stale\n"
        "  --snapshot-delay NS    a snapshot takes so long to be made (default 200000)\n"
        "  --start-at N           listen from the packet with message N on: what was before comes by snapshot;\n"
        "                         through the card only\n"
        "  --packet-messages N    at most so many messages in a packet (default: as many as fit)\n"
        "  --seed N               of these accidents (default 1)\n"
        "  --wire-rate 10g|paced  frames back to back at 10G (default), or when their timestamps say\n"
        "  --group A.B.C.D:PORT   multicast group and port of both lines (default: the capture's first, or\n"
        "                         233.54.12.111:26477 on line A and 233.49.196.111:26477 on line B)\n"
        "  --assume-empty         a capture that does not begin with message 1 begins with empty books\n"
        "  --stats FILE           statistics as JSON ('-' for stderr)\n"
        "  --trace FILE           waves of the card as FST (needs a card built with TRACE=1)\n"
        "  --model FILE           the Verilated card (default: libwtcard.so beside this program)\n"
        "  --link sim|pci|udp     the simulated card, whose wires this program has (default), or one on PCI Express\n"
        "                         or Ethernet whose wires others play FILE onto: then FILE only says where it ends,\n"
        "                         and no accidents, recovery, pace or simulation can be asked for\n"
        "  --card ADDRESS         with --link pci: which, such as 0000:42:00.0 (default: the only one); with --link\n"
        "                         udp: its IPv4 address, or address:port (default: 192.168.57.2)\n"
        "  --dma MEMORY           with --link pci: vfio[:MB], hugepages[:MB], or file:PATH for one in another process\n"
        "  --no-iommu             allow hugepages: the card then reaches all of the machine's memory\n"
        "  --help\n",
        out);
}

static int bad_value(const char *option, const char *value, const char *expected)
{
    wt_error("--%s '%s': expected %s", option, value, expected);
    return WT_EXIT_USAGE;
}

static int parse_share(const char *option, const char *value, double *share)
{
    char *end;
    *share = strtod(value, &end);
    if (*value == 0 || *end || !(*share >= 0 && *share <= 1))
        return bad_value(option, value, "a share of packets from 0 to 1");
    return 0;
}

static int parse_number(const char *option, const char *value, uint64_t most, uint64_t *number)
{
    char *end;
    errno = 0;
    *number = strtoull(value, &end, 10);
    if (*value < '0' || *value > '9' || *end || errno || *number > most) {
        wt_error("--%s '%s': expected a whole number up to %llu", option, value, (unsigned long long)most);
        return WT_EXIT_USAGE;
    }
    return 0;
}

static int parse_group(const char *value, struct book_options *options)
{
    char address[16];
    const char *colon = strchr(value, ':');
    struct in_addr in;
    char *end;
    unsigned long port;
    if (!colon || (size_t)(colon - value) >= sizeof address)
        return bad_value("group", value, "ADDRESS:PORT such as 233.54.12.111:26477");
    memcpy(address, value, (size_t)(colon - value));
    address[colon - value] = 0;
    port = strtoul(colon + 1, &end, 10);
    if (inet_pton(AF_INET, address, &in) != 1 || in.s_addr == 0 || colon[1] == 0 || *end || port == 0 || port > 65535)
        return bad_value("group", value, "ADDRESS:PORT such as 233.54.12.111:26477");
    options->group = ntohl(in.s_addr);
    options->port = (uint16_t)port;
    return 0;
}

static int parse_symbols(const char *value, struct book_options *options)
{
    size_t count = 1;
    for (const char *p = value; *p; p++)
        count += *p == ',';
    free(options->symbols);
    options->symbols = calloc(count, sizeof *options->symbols);
    options->symbol_count = 0;
    if (!options->symbols) {
        wt_error("no memory for %zu symbols", count);
        return WT_EXIT_FAILED;
    }
    for (const char *p = value;; p++) {
        size_t n = strcspn(p, ",");
        if (n == 0 || n > 8)
            return bad_value("symbols", value, "names of 1 to 8 characters, separated by commas");
        memcpy(options->symbols[options->symbol_count++], p, n);
        p += n;
        if (*p == 0)
            return 0;
    }
}

enum {
    OPT_SYMBOLS = 256,
    OPT_VIA,
    OPT_FEED,
    OPT_LOSS_A,
    OPT_LOSS_B,
    OPT_REORDER,
    OPT_DUP,
    OPT_CORRUPT,
    OPT_SKEW_B,
    OPT_RECOVERY,
    OPT_SNAPSHOT_DELAY,
    OPT_START_AT,
    OPT_PACKET_MESSAGES,
    OPT_SEED,
    OPT_WIRE_RATE,
    OPT_GROUP,
    OPT_ASSUME_EMPTY,
    OPT_STATS,
    OPT_TRACE,
    OPT_MODEL,
    OPT_LINK,
    OPT_CARD,
    OPT_DMA,
    OPT_NO_IOMMU,
    OPT_HELP
};

static const struct option long_options[] = {
    {"symbols", required_argument, NULL, OPT_SYMBOLS},
    {"via", required_argument, NULL, OPT_VIA},
    {"feed", required_argument, NULL, OPT_FEED},
    {"loss-a", required_argument, NULL, OPT_LOSS_A},
    {"loss-b", required_argument, NULL, OPT_LOSS_B},
    {"reorder", required_argument, NULL, OPT_REORDER},
    {"dup", required_argument, NULL, OPT_DUP},
    {"corrupt", required_argument, NULL, OPT_CORRUPT},
    {"skew-b", required_argument, NULL, OPT_SKEW_B},
    {"recovery", required_argument, NULL, OPT_RECOVERY},
    {"snapshot-delay", required_argument, NULL, OPT_SNAPSHOT_DELAY},
    {"start-at", required_argument, NULL, OPT_START_AT},
    {"packet-messages", required_argument, NULL, OPT_PACKET_MESSAGES},
    {"seed", required_argument, NULL, OPT_SEED},
    {"wire-rate", required_argument, NULL, OPT_WIRE_RATE},
    {"group", required_argument, NULL, OPT_GROUP},
    {"assume-empty", no_argument, NULL, OPT_ASSUME_EMPTY},
    {"stats", required_argument, NULL, OPT_STATS},
    {"trace", required_argument, NULL, OPT_TRACE},
    {"model", required_argument, NULL, OPT_MODEL},
    {"link", required_argument, NULL, OPT_LINK},
    {"card", required_argument, NULL, OPT_CARD},
    {"dma", required_argument, NULL, OPT_DMA},
    {"no-iommu", no_argument, NULL, OPT_NO_IOMMU},
    {"help", no_argument, NULL, OPT_HELP},
    {NULL, 0, NULL, 0},
};

/* One option. 0, or the exit status to leave with. */
static int take_option(int opt, struct book_options *o)
{
    unsigned long skew;
    char *end;
    switch (opt) {
    case OPT_SYMBOLS:
        return parse_symbols(optarg, o);
    case OPT_VIA:
        if (strcmp(optarg, "soft") != 0 && strcmp(optarg, "card") != 0)
            return bad_value("via", optarg, "card or soft");
        o->soft = strcmp(optarg, "soft") == 0;
        return 0;
    case OPT_FEED:
        return strcmp(optarg, "itch50") == 0 ? 0 : bad_value("feed", optarg, "itch50");
    case OPT_LOSS_A:
        return parse_share("loss-a", optarg, &o->loss_a);
    case OPT_LOSS_B:
        return parse_share("loss-b", optarg, &o->loss_b);
    case OPT_REORDER:
        return parse_share("reorder", optarg, &o->reorder);
    case OPT_DUP:
        return parse_share("dup", optarg, &o->dup);
    case OPT_CORRUPT:
        return parse_share("corrupt", optarg, &o->corrupt);
    case OPT_SKEW_B:
        skew = strtoul(optarg, &end, 10);
        if (*optarg < '0' || *optarg > '9' || *end || skew > 1000000)
            return bad_value("skew-b", optarg, "nanoseconds from 0 to 1000000");
        o->skew_b_ns = (uint32_t)skew;
        return 0;
    case OPT_RECOVERY:
        o->rerequest = strcmp(optarg, "rerequest") == 0;
        o->snapshot = o->rerequest || strcmp(optarg, "snapshot") == 0;
        return o->snapshot || strcmp(optarg, "none") == 0
                   ? 0
                   : bad_value("recovery", optarg, "rerequest, snapshot or none");
    case OPT_SNAPSHOT_DELAY:
        return parse_number("snapshot-delay", optarg, 10000000000u, &o->snapshot_ns);
    case OPT_START_AT:
        return parse_number("start-at", optarg, UINT64_MAX, &o->start_at);
    case OPT_PACKET_MESSAGES:
        return parse_number("packet-messages", optarg, 65534, &o->packet_messages);
    case OPT_SEED:
        errno = 0;
        o->seed = strtoull(optarg, &end, 0);
        return *optarg == 0 || *optarg == '-' || *end || errno ? bad_value("seed", optarg, "a whole number") : 0;
    case OPT_WIRE_RATE:
        if (strcmp(optarg, "10g") != 0 && strcmp(optarg, "paced") != 0)
            return bad_value("wire-rate", optarg, "10g or paced");
        o->paced = strcmp(optarg, "paced") == 0;
        return 0;
    case OPT_GROUP:
        return parse_group(optarg, o);
    case OPT_ASSUME_EMPTY:
        o->assume_empty = true;
        return 0;
    case OPT_STATS:
        o->stats_file = optarg;
        return 0;
    case OPT_TRACE:
        o->trace_file = optarg;
        return 0;
    case OPT_MODEL:
        o->model = optarg;
        return 0;
    case OPT_LINK:
        o->by_udp = strcmp(optarg, "udp") == 0;
        o->by_pci = o->by_udp || strcmp(optarg, "pci") == 0;
        return o->by_pci || strcmp(optarg, "sim") == 0 ? 0 : bad_value("link", optarg, "sim, pci or udp");
    case OPT_CARD:
        o->pci.address = optarg;
        return 0;
    case OPT_DMA:
        o->pci.dma = optarg;
        return 0;
    case OPT_NO_IOMMU:
        o->pci.no_iommu = true;
        return 0;
    default:
        fputs("`wiretick book --help` lists the options\n", stderr);
        return WT_EXIT_USAGE;
    }
}

/* The file is a capture: its first bytes say. Stdin cannot be looked into ahead; a capture there is refused later. */
static bool is_capture(const char *path)
{
    uint8_t head[4];
    ssize_t n = 0;
    int fd = strcmp(path, "-") == 0 ? -1 : open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd >= 0) {
        n = pread(fd, head, sizeof head, 0);
        close(fd);
    }
    return n == (ssize_t)sizeof head && wt_pcap_magic(head, sizeof head);
}

static int write_stats(const char *path, bool simulated, const struct book_stats *s)
{
    json_t *root = json_pack(
        "{s:I s:I s:I s:I s:I s:I s:I s:I s:I s:I s:I s:{s:I s:I s:I s:I s:I}}", "messages", (json_int_t)s->messages,
        "bbo_events", (json_int_t)s->bbo_events, "hw_rows", (json_int_t)s->hw_rows, "sw_rows", (json_int_t)s->sw_rows,
        "audit_mismatches", (json_int_t)s->audit_mismatches, "gaps", (json_int_t)s->gaps, "recovered_messages",
        (json_int_t)s->recovered, "conflated", (json_int_t)s->conflated, "shed", (json_int_t)s->shed, "cycles",
        (json_int_t)s->cycles, "tlp_violations", (json_int_t)s->tlp_violations, "latency_cycles", "min",
        (json_int_t)s->latency_min, "p50", (json_int_t)s->latency_p50, "p99", (json_int_t)s->latency_p99, "max",
        (json_int_t)s->latency_max, "samples", (json_int_t)s->latency_samples);
    const struct {
        const char *key;
        uint64_t value;
    } more[] = {
        {"audited", s->audited},         {"stale_symbols", s->stale_symbols},
        {"missed_messages", s->missed},  {"duplicates", s->duplicates},
        {"late_b", s->late_b},           {"rx_overflow", s->overflows},
        {"frames", s->frames},           {"bad_frames", s->bad_frames},
        {"tlp_writes", s->tlp_writes},   {"symbols", s->symbols},
        {"orders_peak", s->orders_peak}, {"unknown_type", s->unknown_type},
        {"bad_length", s->bad_length},   {"unknown_ref", s->unknown_ref},
        {"excess", s->excess},           {"zero_add", s->zero_add},
        {"senseless", s->senseless},     {"overflow", s->overflow},
        {"snapshots", s->snapshots},     {"rebuilt_symbols", s->rebuilt},
        {"replayed", s->replayed},       {"returned", s->returned},
        {"joins_late", s->joins_late},   {"joins_refused", s->joins_refused},
    };
    int error = root ? 0 : -1;
    for (size_t i = 0; !error && i < sizeof more / sizeof *more; i++)
        error = json_object_set_new(root, more[i].key, json_integer((json_int_t)more[i].value));
    if (!error)
        error = json_object_set_new(root, "seconds", json_real(s->seconds));
    static const char *const only_simulated[] = {"cycles", "tlp_violations", "tlp_writes", "latency_cycles"};
    for (size_t i = 0; !error && !simulated && i < sizeof only_simulated / sizeof *only_simulated; i++)
        json_object_del(root, only_simulated[i]);
    if (!error && strcmp(path, "-") == 0) {
        error = json_dumpf(root, stderr, JSON_INDENT(2) | JSON_PRESERVE_ORDER);
        fputc('\n', stderr);
    } else if (!error) {
        error = json_dump_file(root, path, JSON_INDENT(2) | JSON_PRESERVE_ORDER);
    }
    json_decref(root);
    if (error)
        wt_error("%s: cannot write the statistics: %s", path, strerror(errno));
    return error;
}

static void show_stats(const struct book_options *options, const struct book_stats *s)
{
    if (progress.shown)
        fputs("\r\033[K", stderr);
    wt_info("%llu messages, %llu symbols, %llu rows (%llu from the card, %llu from software), %.3f s, %.0f messages/s",
            (unsigned long long)s->messages, (unsigned long long)s->symbols,
            (unsigned long long)s->hw_rows + s->sw_rows, (unsigned long long)s->hw_rows, (unsigned long long)s->sw_rows,
            s->seconds, s->seconds > 0 ? (double)s->messages / s->seconds : 0);
    if (options->by_pci)
        wt_info("%llu audited, %llu mismatches, %llu gaps", (unsigned long long)s->audited,
                (unsigned long long)s->audit_mismatches, (unsigned long long)s->gaps);
    else if (!options->soft)
        wt_info(
            "%llu audited, %llu mismatches, %llu gaps, %llu cycles, %llu TLP violations, latency in cycles min %llu "
            "p50 %llu p99 %llu max %llu",
            (unsigned long long)s->audited, (unsigned long long)s->audit_mismatches, (unsigned long long)s->gaps,
            (unsigned long long)s->cycles, (unsigned long long)s->tlp_violations, (unsigned long long)s->latency_min,
            (unsigned long long)s->latency_p50, (unsigned long long)s->latency_p99, (unsigned long long)s->latency_max);
    if (s->stale_symbols)
        wt_warn("%llu of %llu symbols are stale at the end: their rows stopped", (unsigned long long)s->stale_symbols,
                (unsigned long long)s->symbols);
}

static int run(const struct book_options *options)
{
    struct sigaction action = {.sa_handler = on_signal};
    struct book_stats stats = {0};
    struct wt_rows *rows;
    uint64_t start = wall_ns();
    int error, write_error;
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    signal(SIGPIPE, SIG_IGN);
    progress.terminal = isatty(STDERR_FILENO);
    progress.start_ns = start;
    progress.next_ns = start + 2000000000u;
    if (wt_rows_create(STDOUT_FILENO, &rows) != 0) {
        wt_error("no memory for the output buffer");
        return WT_EXIT_FAILED;
    }
    error = (options->soft ? book_run_soft : options->by_pci ? book_run_pci : book_run_card)(options, rows, &stats);
    write_error = wt_rows_flush(rows);
    wt_rows_destroy(rows);
    stats.seconds = (double)(wall_ns() - start) / 1e9;
    if (stats.messages)
        show_stats(options, &stats);
    if (write_error && write_error != -EPIPE) {
        wt_error("stdout: %s", strerror(-write_error));
        error = write_error;
    }
    if (options->stats_file && stats.messages && write_stats(options->stats_file, !options->by_pci, &stats) != 0)
        error = -EIO;
    if (stats.audit_mismatches) {
        wt_error("the card and the software book disagreed %llu times", (unsigned long long)stats.audit_mismatches);
        error = -EIO;
    }
    if (stopped) {
        wt_info("stopped by the user");
        error = -EINTR;
    }
    return error ? WT_EXIT_FAILED : WT_EXIT_OK;
}

/* What belongs to the way and the link that were chosen. 0, or the exit status to leave with. */
static int check_way(const struct book_options *o, unsigned long given)
{
    const unsigned long sim_only = 1ul << (OPT_LOSS_A - 256) | 1ul << (OPT_LOSS_B - 256) | 1ul << (OPT_REORDER - 256) |
                                   1ul << (OPT_DUP - 256) | 1ul << (OPT_CORRUPT - 256) | 1ul << (OPT_SKEW_B - 256) |
                                   1ul << (OPT_RECOVERY - 256) | 1ul << (OPT_SNAPSHOT_DELAY - 256) |
                                   1ul << (OPT_START_AT - 256) | 1ul << (OPT_PACKET_MESSAGES - 256) |
                                   1ul << (OPT_SEED - 256) | 1ul << (OPT_WIRE_RATE - 256) | 1ul << (OPT_TRACE - 256) |
                                   1ul << (OPT_MODEL - 256) | 1ul << (OPT_VIA - 256);
    if (o->soft && given & 1ul << (OPT_START_AT - 256)) {
        wt_error(
            "--start-at is not for --via soft: nothing gives the software book alone what was before; it reads FILE "
            "from its first message on");
        return WT_EXIT_USAGE;
    }
    if (!o->by_pci && (o->pci.address || o->pci.dma || o->pci.no_iommu)) {
        wt_error("--card is for --link pci or udp, --dma and --no-iommu for --link pci");
        return WT_EXIT_USAGE;
    }
    if (!o->by_pci)
        return 0;
    for (const struct option *option = long_options; option->name; option++) {
        if (given & sim_only & 1ul << (option->val - 256)) {
            wt_error("--%s is not for --link %s: the card's wires are not this program's", option->name,
                     o->by_udp ? "udp" : "pci");
            return WT_EXIT_USAGE;
        }
    }
    if (o->by_udp && (o->pci.dma || o->pci.no_iommu)) {
        wt_error("--dma and --no-iommu are for --link pci");
        return WT_EXIT_USAGE;
    }
    if ((!o->by_udp && !o->pci.dma) || strcmp(o->file, "-") == 0) {
        wt_error("--link %s needs %s", o->by_udp ? "udp" : "pci",
                 o->by_udp || o->pci.dma ? "a FILE that can be read ahead, not stdin"
                                         : "--dma: vfio, hugepages or file:PATH");
        return WT_EXIT_USAGE;
    }
    return 0;
}

int wt_cmd_book(int argc, char **argv)
{
    struct book_options options = {.seed = 1, .rerequest = true, .snapshot = true, .snapshot_ns = 200000};
    unsigned long given = 0;
    int opt, status = 0;
    optind = 1;
    while ((opt = getopt_long(argc, argv, "h", long_options, NULL)) != -1) {
        if (opt >= 256)
            given |= 1ul << (opt - 256);
        if (opt == OPT_HELP || opt == 'h') {
            usage(stdout);
            free(options.symbols);
            return WT_EXIT_OK;
        }
        status = take_option(opt, &options);
        if (status)
            break;
    }
    if (!status && optind != argc - 1) {
        if (optind >= argc)
            wt_error("book: no FILE given");
        else
            wt_error("book: one FILE expected, but '%s' follows '%s'", argv[optind + 1], argv[optind]);
        usage(stderr);
        status = WT_EXIT_USAGE;
    }
    if (!status) {
        options.file = argv[optind];
        status = check_way(&options, given);
    }
    if (!status) {
        options.pcap = is_capture(options.file);
        if (options.soft &&
            (options.loss_a > 0 || options.loss_b > 0 || options.reorder > 0 || options.dup > 0 || options.corrupt > 0))
            wt_warn("loss, reorder, dup and corrupt have no effect with --via soft: there is no wire");
        status = run(&options);
    }
    free(options.symbols);
    return status;
}
