/*
 * `wiretick selftest`: whether a card does what it should, over any link. Symbols with orders are loaded into it by the
 * command ring in host memory (the card reads), and its answers come by the event ring (it writes). The feed is kept
 * out: the card listens to a multicast group that nobody uses.
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/card/driver.h"
#include "host/card/interrupts.h"
#include "host/card/pci.h"
#include "host/card/udp.h"
#include "host/cli/cli.h"
#include "host/common/bytes.h"
#include "host/common/log.h"
#include "host/market/itch_put.h"
#include "sim/card/sim.h"

enum {
    SYMBOLS_MOST = 48,
    ORDERS = 20,
    LAPS = 2,
    RING_LOG2 = 4, /* a small ring: it is lapped some times, and the card must see what the host has taken */
    PRICE = 1000000,
    SLEEPS = 60,
    GROUP = 0xefffffe0,
    PORT = 65000
};
#define LIMIT_NS UINT64_C(5000000000) /* for an answer; a card takes microseconds */
#define LOOK_NS 100000u
#define QUIET_NS 2000000u /* so long nothing must come */

struct test {
    struct wt_link *link;
    struct wt_card card;
    const char *git;  /* hash that the bitstream must be of; NULL: any */
    unsigned symbols; /* to be loaded, beside the last one */
    uint64_t trip_ns[SYMBOLS_MOST + 1], events;
    uint64_t spoilt_seq, spoilt_sum; /* of the symbol that the card refuses */
    uint16_t spoilt;
    unsigned failed;
};

static void row(struct test *t, const char *what, bool good, const char *figure)
{
    printf("%-34s %-6s %s\n", what, good ? "ok" : "FAILED", figure);
    t->failed += !good;
}

/* ---------------------------------------------------------------- registers */

static void test_registers(struct test *t)
{
    static const uint32_t at[] = {WT_REG_SKEW_NS, WT_REG_GAP_TIMEOUT_NS, WT_REG_OF_BASE_HI, WT_REG_CMD_BASE_HI};
    static const uint32_t patterns[] = {0, 0x55555555, 0xaaaaaaaa, 0x12345678, 0xfffffffe};
    char figure[80];
    unsigned tried = 0, wrong = 0;
    for (size_t k = 0; k < sizeof patterns / sizeof *patterns; k++) {
        for (size_t i = 0; i < sizeof at / sizeof *at; i++)
            wrong += t->link->ops->write32(t->link, at[i], patterns[k] ^ (uint32_t)i << 4) < 0;
        for (size_t i = 0; i < sizeof at / sizeof *at; i++, tried++) {
            uint32_t value = 0;
            wrong += t->link->ops->read32(t->link, at[i], &value) < 0 || value != (patterns[k] ^ (uint32_t)i << 4);
        }
    }
    for (size_t i = 0; i < sizeof at / sizeof *at; i++)
        wrong += t->link->ops->write32(t->link, at[i], 0) < 0;
    snprintf(figure, sizeof figure, "%u values written and read back, %u wrong", tried, wrong);
    row(t, "registers", wrong == 0, figure);
}

/* ---------------------------------------------------------------- a symbol there and back */

/*
 * The next SYMBOL record of a locate; others are counted and passed over. 0, -ETIMEDOUT, -EBADMSG for one of another
 * locate, or the link's error.
 */
static int answer(struct test *t, uint16_t locate, struct wt_ev_symbol *symbol)
{
    uint64_t from = t->link->ops->now_ns(t->link), now = from;
    while (now - from < LIMIT_NS) {
        union wt_event_record record;
        int e = wt_card_event(&t->card, &record);
        if (e < 0)
            return e;
        if (e == 1) {
            t->events++;
            if (record.head.kind != WT_RECORD_TYPE_SYMBOL)
                continue;
            *symbol = record.symbol;
            return record.head.locate == locate ? 0 : -EBADMSG;
        }
        e = t->link->ops->wait(t->link, now + LOOK_NS);
        if (e < 0)
            return e == -EPIPE ? -ETIMEDOUT : e; /* simulation: nothing more comes by itself */
        now = t->link->ops->now_ns(t->link);
    }
    return -ETIMEDOUT;
}

static bool refused(const struct wt_ev_symbol *symbol)
{
    return symbol->state != WT_BOOK_STATE_VALID && symbol->reason == WT_REASON_JOIN_SUM;
}

/* The same refusal again and again, on a card that has too few symbols to fill the ring with: 0 or why not. */
static int fill_ring(struct test *t, uint16_t locate, uint64_t seq, uint64_t sum)
{
    struct wt_ev_symbol symbol = {0};
    int e = 0;
    while (e == 0 && t->events >> RING_LOG2 < LAPS) {
        e = wt_card_join(&t->card, 0, locate, seq, sum);
        if (e == 0)
            e = wt_card_publish(&t->card);
        if (e == 0)
            e = answer(t, locate, &symbol);
        if (e == 0 && !refused(&symbol))
            e = -EBADMSG;
    }
    return e;
}

/*
 * Load a symbol with orders of its own into the card, and have it compare their checksum with ours: every bit of them
 * came through the command ring. With spoil set ours is wrong, and the card must say so.
 */
static int round_trip(struct test *t, unsigned i, bool spoil)
{
    uint8_t message[WT_ITCH_MAX];
    char name[9];
    struct wt_ev_symbol symbol = {0};
    uint16_t locate = (uint16_t)(i + 1);
    uint64_t seq = i + 1, sum = spoil;
    uint64_t from = t->link->ops->now_ns(t->link);
    snprintf(name, sizeof name, "TEST%-4u", i % 1000);
    int e = wt_card_load(&t->card, 0, message, wt_itch_put_directory(message, locate, 0, name), seq);
    if (e == 0)
        e = wt_card_publish(&t->card);
    if (e == 0)
        e = answer(t, locate, &symbol);
    if (e == 0 && (memcmp(symbol.name, name, 8) != 0 || symbol.head.feed_seq != seq))
        e = -EBADMSG;
    for (unsigned k = 0; k < ORDERS && e == 0; k++) {
        uint64_t ref = (uint64_t)i << 40 | (uint64_t)k * 0x10001 | 1;
        uint32_t price = PRICE + i * 700 + k * 100, shares = 1 + i + k * 1000;
        sum ^= wt_card_order_hash(ref, k % 2, price, shares);
        size_t n = wt_itch_put_add(message, locate, 0, ref, k % 2 ? 'S' : 'B', shares, name, price, NULL);
        e = wt_card_load(&t->card, 0, message, n, 0);
    }
    if (e == 0)
        e = wt_card_join(&t->card, 0, locate, seq, sum);
    if (e == 0)
        e = wt_card_publish(&t->card);
    if (e == 0)
        e = answer(t, locate, &symbol);
    if (e == 0 && !spoil && symbol.state != WT_BOOK_STATE_VALID)
        e = -EBADMSG;
    if (e == 0 && spoil && !refused(&symbol))
        e = -EBADMSG;
    t->trip_ns[i] = t->link->ops->now_ns(t->link) - from;
    t->spoilt = locate;
    t->spoilt_seq = seq;
    t->spoilt_sum = sum;
    return e == 0 && spoil ? fill_ring(t, locate, seq, sum) : e;
}

static int compare(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

static int test_commands(struct test *t)
{
    char figure[120];
    unsigned done = 0;
    int e = 0;
    while (e == 0 && done < t->symbols) {
        e = round_trip(t, done, false);
        done += e == 0;
    }
    if (e < 0)
        snprintf(figure, sizeof figure, "symbol %u: %s", done,
                 e == -EBADMSG     ? "the card's record is not the right answer"
                 : e == -ETIMEDOUT ? "no answer"
                                   : strerror(-e));
    else
        snprintf(figure, sizeof figure, "%u orders of %u symbols by the command ring, checksums agree", done * ORDERS,
                 done);
    row(t, "DMA, host to card", e == 0, figure);
    if (e < 0)
        return e;
    e = round_trip(t, done, true);
    row(t, "a wrong checksum is refused", e == 0, e == 0 ? "it is" : strerror(-e));
    snprintf(figure, sizeof figure, "%llu event records, each the right answer, in order",
             (unsigned long long)t->events);
    row(t, "DMA, card to host", true, figure);
    snprintf(figure, sizeof figure, "of %u records, filled %llu times over", 1u << RING_LOG2,
             (unsigned long long)t->events >> RING_LOG2);
    row(t, "rings", t->events >> RING_LOG2 > 1, figure);
    qsort(t->trip_ns, done, sizeof *t->trip_ns, compare);
    uint64_t median = t->trip_ns[done / 2], worst = t->trip_ns[done - 1];
    snprintf(figure, sizeof figure, "median %.1f us, worst %.1f us for a symbol, two answers waited for",
             (double)median / 1000, (double)worst / 1000);
    row(t, "round trips", true, figure);
    return e;
}

/* ---------------------------------------------------------------- interrupts */

/* Have the card write one record: the same refusal as before. */
static int nudge(struct test *t)
{
    int e = wt_card_join(&t->card, 0, t->spoilt, t->spoilt_seq, t->spoilt_sum);
    return e < 0 ? e : wt_card_publish(&t->card);
}

/* Its record, which must be there already if `there`. */
static int taken(struct test *t, bool there)
{
    struct wt_ev_symbol symbol = {0};
    const struct wt_ring *ring = &t->card.events[0];
    if (there && wt_ring_lap(wt_ring_slot(ring)) != ring->cons + 1)
        return -EBADMSG;
    int e = answer(t, t->spoilt, &symbol);
    return e < 0 ? e : refused(&symbol) ? 0 : -EBADMSG;
}

/* Wait for a record in its ring without taking it. */
static int arrived(struct test *t)
{
    const struct wt_ring *ring = &t->card.events[0];
    uint64_t from = t->link->ops->now_ns(t->link), now = from;
    while (wt_ring_lap(wt_ring_slot(ring)) != ring->cons + 1) {
        if (now - from > LIMIT_NS)
            return -ETIMEDOUT;
        int e = t->link->ops->wait(t->link, now + LOOK_NS);
        if (e < 0)
            return e == -EPIPE ? -ETIMEDOUT : e;
        now = t->link->ops->now_ns(t->link);
    }
    return 0;
}

/*
 * By turns: asleep before the record comes; the record there before the vector is armed, which must wake at once; and
 * nothing to be told, which must not wake. For each arm at most one interrupt, and behind its record.
 */
static int sleep_once(struct test *t, struct wt_interrupts *irq, unsigned turn, unsigned *woken)
{
    bool before = turn % 3 == 1, nothing = turn % 3 == 2;
    int e = before ? nudge(t) : 0;
    if (e == 0 && before)
        e = arrived(t);
    if (e == 0)
        e = wt_interrupts_arm(irq);
    if (e == 0 && !before && !nothing)
        e = nudge(t);
    if (e < 0)
        return e;
    uint64_t limit = nothing ? QUIET_NS : LIMIT_NS;
    e = wt_interrupts_wait(irq, t->link->ops->now_ns(t->link) + limit);
    if (e == -EPIPE && nothing)
        e = 0; /* simulation: nothing more comes by itself */
    if (e < 0)
        return e;
    if (nothing)
        return e ? -EALREADY : 0;
    if (!e)
        return -ETIMEDOUT;
    ++*woken;
    return taken(t, true);
}

static void test_interrupts(struct test *t)
{
    struct wt_interrupts irq;
    uint64_t before = 0, after = 0;
    char figure[120];
    unsigned turn = 0, woken = 0;
    int e = wt_interrupts_open(&irq, &t->card, false);
    if (e == -ENOTSUP) {
        printf("%-34s %-6s %s\n", "interrupts", "-", "not tested: this card has none");
        return;
    }
    if (e == 0)
        e = t->link->ops->read64(t->link, WT_REG_CNT_INTERRUPTS, &before);
    for (; turn < SLEEPS && e == 0; turn++)
        e = sleep_once(t, &irq, turn, &woken);
    /* one that came too often, or late */
    uint64_t from = t->link->ops->now_ns(t->link), now = from;
    while (e == 0 && (e = t->link->ops->read64(t->link, WT_REG_CNT_INTERRUPTS, &after)) == 0 &&
           after - before < woken && now - from < LIMIT_NS) {
        if (t->link->ops->wait(t->link, now + LOOK_NS) < 0)
            break;
        now = t->link->ops->now_ns(t->link);
    }
    wt_interrupts_close(&irq);
    if (e < 0)
        snprintf(figure, sizeof figure, "sleep %u: %s", turn,
                 e == -EBADMSG     ? "woken before the record was there, or for another one"
                 : e == -ETIMEDOUT ? "not woken"
                 : e == -EALREADY  ? "woken for nothing"
                                   : strerror(-e));
    else
        snprintf(figure, sizeof figure, "%u sleeps, woken %u times by %llu interrupts", turn, woken,
                 (unsigned long long)(after - before));
    row(t, "interrupts", e == 0 && after - before == woken, figure);
}

/* A counter may come a little later than the record. */
static void test_counters(struct test *t)
{
    struct wt_card_counters c = {0};
    char figure[160];
    uint64_t from = t->link->ops->now_ns(t->link), now = from;
    int e;
    while ((e = wt_card_counters(&t->card, &c)) == 0 && c.events != t->events && now - from < LIMIT_NS) {
        if (t->link->ops->wait(t->link, now + LOOK_NS) < 0)
            break;
        now = t->link->ops->now_ns(t->link);
    }
    snprintf(figure, sizeof figure, "%llu event records; %llu bad commands, %llu bad requests, %llu reads refused",
             (unsigned long long)c.events, (unsigned long long)c.bad_command, (unsigned long long)c.bad_request,
             (unsigned long long)c.read_refused);
    row(t, "counters",
        e == 0 && c.events == t->events && c.bad_command == 0 && c.bad_request == 0 && c.read_refused == 0,
        e < 0 ? strerror(-e) : figure);
}

static void test_git(struct test *t)
{
    char figure[80], first[9];
    snprintf(first, sizeof first, "%s", t->git);
    bool same = strtoul(first, NULL, 16) == t->card.git_hash;
    snprintf(figure, sizeof figure, "the bitstream is of git %08x%s%s", t->card.git_hash, same ? "" : ", expected ",
             same ? "" : first);
    row(t, "git hash", same, figure);
}

static int run(struct test *t)
{
    struct wt_card_config config;
    char figure[120];
    uint32_t magic = 0;
    int e = t->link->ops->read32(t->link, WT_REG_MAGIC, &magic);
    if (e == 0 && magic == WT_MAGIC) /* else open says what it is */
        test_registers(t);
    wt_card_defaults(&config);
    config.ev_size_log2 = config.of_size_log2 = RING_LOG2;
    config.reset_ns = WT_PCI_RESET_NS;
    for (unsigned line = 0; line < WT_CARD_LINES; line++) {
        config.channel[0].group[line] = GROUP + line;
        config.channel[0].port[line] = PORT;
    }
    fflush(stdout);
    uint64_t from = t->link->ops->now_ns(t->link);
    e = wt_card_open(&t->card, t->link, &config);
    if (e < 0)
        return e;
    snprintf(figure, sizeof figure, "%u symbols, %u orders, in %.1f ms", t->card.cap_symbols, t->card.cap_order_slots,
             (double)(t->link->ops->now_ns(t->link) - from) / 1e6);
    row(t, "identity and reset", true, figure);
    if (t->git)
        test_git(t);
    t->symbols = t->card.cap_symbols / 4 * 3 < SYMBOLS_MOST ? t->card.cap_symbols / 4 * 3 : SYMBOLS_MOST;
    if (test_commands(t) == 0) {
        test_counters(t);
        test_interrupts(t);
    }
    wt_card_close(&t->card);
    printf("%-34s %-6s %s\n", "loopback of frames", "-", "not tested: this card does not send");
    return t->failed ? -EIO : 0;
}

/* ---------------------------------------------------------------- command line */

static const char help[] =
    "usage: wiretick selftest [--link sim|pci|udp] [OPTION ...]\n"
    "\n"
    "Checks registers, reset, DMA both ways, rings, counters and interrupts, and prints a table.\n"
    "It resets the card: nobody else may be using it.\n"
    "\n"
    "  --link LINK     sim: the simulated card (default); pci: one on PCI Express; udp: one on\n"
    "                  Ethernet\n"
    "  --card ADDRESS  which; pci: such as 0000:42:00.0 (default: the only one); udp: such as\n"
    "                  192.168.57.2 (the default), or with :PORT\n"
    "  --dma MEMORY    that host and card share: vfio[:MB], hugepages[:MB] (default 64), or\n"
    "                  file:PATH for a card in another process\n"
    "  --no-iommu      allow hugepages: the card then reaches all of the machine's memory\n"
    "  --expect-git HASH\n"
    "                  its bitstream must be of this commit (eight or more hex digits)\n"
    "  --model FILE    the Verilated card (default: libwtcard.so beside this program)\n"
    "  --help\n";

struct options {
    bool pci, udp;
    struct wt_pci_config card;
    const char *model, *git;
};

enum { OPT_LINK = 256, OPT_CARD, OPT_DMA, OPT_NO_IOMMU, OPT_GIT, OPT_MODEL, OPT_HELP };

static const struct option long_options[] = {
    {"link", required_argument, NULL, OPT_LINK},
    {"card", required_argument, NULL, OPT_CARD},
    {"dma", required_argument, NULL, OPT_DMA},
    {"no-iommu", no_argument, NULL, OPT_NO_IOMMU},
    {"expect-git", required_argument, NULL, OPT_GIT},
    {"model", required_argument, NULL, OPT_MODEL},
    {"help", no_argument, NULL, OPT_HELP},
    {NULL, 0, NULL, 0},
};

static int take_option(int opt, struct options *o)
{
    switch (opt) {
    case OPT_LINK:
        o->pci = strcmp(optarg, "pci") == 0;
        o->udp = strcmp(optarg, "udp") == 0;
        if (o->pci || o->udp || strcmp(optarg, "sim") == 0)
            return 0;
        wt_error("--link '%s': expected sim, pci or udp", optarg);
        return WT_EXIT_USAGE;
    case OPT_CARD:
        o->card.address = optarg;
        return 0;
    case OPT_DMA:
        o->card.dma = optarg;
        return 0;
    case OPT_NO_IOMMU:
        o->card.no_iommu = true;
        return 0;
    case OPT_GIT:
        o->git = optarg;
        if (strspn(optarg, "0123456789abcdefABCDEF") >= 8)
            return 0;
        wt_error("--expect-git '%s': expected a git hash of eight or more hex digits", optarg);
        return WT_EXIT_USAGE;
    case OPT_MODEL:
        o->model = optarg;
        return 0;
    default:
        fputs("`wiretick selftest --help` lists the options\n", stderr);
        return WT_EXIT_USAGE;
    }
}

static int open_link(const struct options *o, struct wt_link **link)
{
    struct wt_sim_config config;
    struct wt_sim *sim;
    if (o->pci)
        return wt_pci_open(&o->card, link);
    if (o->udp)
        return wt_udp_open(o->card.address, false, link);
    wt_sim_defaults(&config);
    config.model_path = o->model;
    int e = wt_sim_create(&config, &sim);
    if (e == 0)
        *link = wt_sim_link(sim);
    return e;
}

int wt_cmd_selftest(int argc, char **argv)
{
    struct options o = {0};
    struct test t = {0};
    int opt, status = 0;
    optind = 1;
    while (!status && (opt = getopt_long(argc, argv, "h", long_options, NULL)) != -1) {
        if (opt == OPT_HELP || opt == 'h') {
            fputs(help, stdout);
            return WT_EXIT_OK;
        }
        status = take_option(opt, &o);
    }
    bool sim = !o.pci && !o.udp, memory = o.card.dma || o.card.no_iommu;
    if (!status && (optind != argc || (sim ? o.card.address != NULL : o.model != NULL) || (!o.pci && memory))) {
        wt_error("selftest: %s", optind != argc     ? "nothing but options is expected"
                                 : !o.pci && memory ? "--dma and --no-iommu are for --link pci"
                                 : sim              ? "--card is for --link pci or udp"
                                                    : "--model is for the simulated card, not with --link pci or udp");
        status = WT_EXIT_USAGE;
    }
    if (!status && o.pci && !o.card.dma) {
        wt_error("selftest: --link pci needs --dma: vfio, hugepages, or file:PATH for a card in another process");
        status = WT_EXIT_USAGE;
    }
    if (status)
        return status;
    int e = open_link(&o, &t.link);
    if (e < 0 || !t.link)
        return WT_EXIT_FAILED;
    t.git = o.git;
    e = run(&t);
    t.link->ops->close(t.link);
    if (e < 0)
        wt_error("selftest: failed");
    return e < 0 ? WT_EXIT_FAILED : WT_EXIT_OK;
}
