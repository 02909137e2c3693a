/*
 * What the host's hot paths cost. Without arguments: times, as a JSON object. For tests/bench/host_instructions to
 * count, under callgrind:
 *   twin FILE  a file's messages through decoder and books, inside measured_twin
 *   callback N N changes of a best bid and offer, each a record in the card's ring that lies there when the loop's wait
 *              returns; counted from that return to the first instruction of the callback of a strategy that waits
 *              for it
 *   path N     the same, each making the market maker move its quotes; counted to the first request's being handed to
 *              the stream
 *   empty N    nothing N times: what beginning and ending the count costs, which is taken off
 * The session is the one of `wiretick run`, with its journal, on a card and a venue made of memory. Callbacks cost no
 * virtual time, as on a card.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "host/cli/session.h"
#include "host/common/bytes.h"
#include "host/gateway/ouch.h"
#include "host/gateway/soup.h"
#include "host/market/twin.h"
#include "host/strategy/registry.h"

#if defined(__has_include) && __has_include(<valgrind/callgrind.h>)
#include <valgrind/callgrind.h>
#else
#define CALLGRIND_TOGGLE_COLLECT
#endif

struct market {
    uint8_t *bytes;
    size_t length, count;
};

static bool load(const char *path, struct market *m)
{
    FILE *f = fopen(path, "rb");
    if (!f || fseek(f, 0, SEEK_END))
        return false;
    m->length = (size_t)ftell(f);
    rewind(f);
    m->bytes = malloc(m->length + 64);
    if (!m->bytes || fread(m->bytes, 1, m->length, f) != m->length)
        return false;
    fclose(f);
    m->count = 0;
    for (size_t at = 0; at + 2 <= m->length; at += 2u + (size_t)(m->bytes[at] << 8 | m->bytes[at + 1]))
        m->count++;
    return true;
}

static uint64_t changes;

__attribute__((noinline)) void measured_twin(struct wt_twin *twin, const struct market *m)
{
    uint64_t seq = 1;
    struct wt_twin_result result;
    for (const uint8_t *at = m->bytes, *end = at + m->length; end - at >= 2; seq++) {
        size_t length = wt_be16(at);
        wt_twin_message(twin, seq, at + 2, length, &result);
        changes += result.bbo_changed;
        at += 2 + length;
    }
}

static int twin(const char *path)
{
    struct market m;
    struct wt_twin_config config;
    struct wt_twin *t;
    wt_twin_defaults(&config);
    if (!load(path, &m) || wt_twin_create(&config, &t))
        return 1;
    measured_twin(t, &m);
    fprintf(stderr, "counted %zu\n", m.count);
    return 0;
}

/* ---- a card and a venue in memory ---- */

struct world {
    struct wt_link link; /* first */
    uint32_t reg[0x4000];
    uint8_t *ring[3]; /* events, order flow, commands: in the order in which the driver asks for them */
    size_t ring_bytes[3];
    unsigned rings;
    uint64_t now, n, records, orders, begun;
    bool collecting, to_callback; /* to_callback: to the loop's next wait, not to the first request */
    uint64_t *took, taken_at;     /* ns from record to request, one a record */
    uint8_t to_host[65536];
    size_t to_host_length;
    uint64_t order_ref;
};

static uint64_t clock_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static void collect(struct world *w, bool on)
{
    if (w->collecting == on)
        return;
    w->collecting = on;
    CALLGRIND_TOGGLE_COLLECT;
}

static int link_read32(struct wt_link *link, uint32_t offset, uint32_t *value)
{
    *value = ((struct world *)(void *)link)->reg[offset / 4];
    return 0;
}

static int link_read64(struct wt_link *link, uint32_t offset, uint64_t *value)
{
    (void)link;
    (void)offset;
    *value = 0;
    return 0;
}

static int link_write32(struct wt_link *link, uint32_t offset, uint32_t value)
{
    struct world *w = (struct world *)(void *)link;
    w->reg[offset / 4] = value;
    if (offset == WT_REG_RESET_SEQ)
        w->reg[WT_REG_RESET_ACK / 4] = value;
    return 0;
}

static int link_dma_alloc(struct wt_link *link, size_t bytes, struct wt_dma *dma)
{
    struct world *w = (struct world *)(void *)link;
    void *memory = aligned_alloc(4096, bytes);
    if (!memory || w->rings == 3)
        return -ENOMEM;
    memset(memory, 0, bytes);
    w->ring_bytes[w->rings] = bytes;
    w->ring[w->rings++] = memory;
    *dma = (struct wt_dma){memory, 4096, bytes};
    return 0;
}

static uint64_t link_now(struct wt_link *link)
{
    return ((struct world *)(void *)link)->now;
}

static void put_record(struct world *w, union wt_event_record *record)
{
    size_t slots = w->ring_bytes[0] / 64;
    record->word[15] = (uint32_t)++w->records;
    memcpy(w->ring[0] + (w->records - 1) % slots * 64, record, 64);
}

/* The first record binds the symbol, the others move its quote up and down by more than the market maker bears. */
static int link_wait(struct wt_link *link, uint64_t deadline_ns)
{
    struct world *w = (struct world *)(void *)link;
    union wt_event_record record = {0};
    (void)deadline_ns;
    collect(w, false);
    w->now += 100000;
    if (w->n == 0)
        return -EPIPE;
    if (!w->begun++) /* first the login */
        return 1;
    record.head = (struct wt_ev_head){.symbol = 0, .locate = 1, .feed_seq = w->records + 1, .ingress_ns = w->now};
    if (w->records == 0) {
        record.head.kind = WT_RECORD_TYPE_SYMBOL;
        record.head.flags = WT_EVF_VALID;
        memcpy(record.symbol.name, "BENCH   ", 8);
        record.symbol.state = WT_BOOK_STATE_VALID;
        put_record(w, &record);
        return 1;
    }
    w->n--;
    uint32_t bid = 1000000 + (uint32_t)(w->n % 2) * 2000;
    record.head.kind = WT_RECORD_TYPE_BBO;
    record.head.flags = WT_EVF_VALID;
    record.bbo.bid_price = bid;
    record.bbo.ask_price = bid + 1000;
    record.bbo.bid_shares = record.bbo.ask_shares = 300;
    record.bbo.bid_orders = record.bbo.ask_orders = 2;
    put_record(w, &record);
    w->taken_at = clock_ns();
    collect(w, w->records > 10);
    return 1;
}

static void link_spend(struct wt_link *link, uint64_t ns)
{
    struct world *w = (struct world *)(void *)link;
    w->now += ns;
}

static void link_close(struct wt_link *link)
{
    (void)link;
}

static const struct wt_link_ops link_ops = {.read32 = link_read32,
                                            .read64 = link_read64,
                                            .write32 = link_write32,
                                            .dma_alloc = link_dma_alloc,
                                            .now_ns = link_now,
                                            .wait = link_wait,
                                            .spend = link_spend,
                                            .close = link_close};

static void answer(struct world *w, const struct wt_ouch *message)
{
    uint8_t body[128];
    int n = wt_ouch_encode(WT_OUCH_OUT, message, body, sizeof body);
    n = wt_soup_put(w->to_host + w->to_host_length, sizeof w->to_host - w->to_host_length, WT_SOUP_SEQUENCED, body,
                    n < 0 ? 0 : (size_t)n);
    w->to_host_length += n < 0 ? 0 : (size_t)n;
}

static int stream_connect(void *ctx)
{
    (void)ctx;
    return 0;
}

static int stream_send(void *ctx, const void *bytes, size_t length)
{
    struct world *w = ctx;
    struct wt_ouch m;
    const uint8_t *p = bytes;
    if (w->collecting) {
        collect(w, false);
        w->took[w->orders++] = clock_ns() - w->taken_at;
    }
    if (p[2] == WT_SOUP_LOGIN_REQUEST) {
        const struct wt_soup_login_accepted accepted = {"BENCH", 1};
        w->to_host_length = (size_t)wt_soup_put_login_accepted(w->to_host, sizeof w->to_host, &accepted);
    }
    if (p[2] != WT_SOUP_UNSEQUENCED || wt_ouch_decode(WT_OUCH_IN, p + WT_SOUP_HEADER, length - WT_SOUP_HEADER, &m))
        return 0;
    m.has_options = true;
    m.options_length = 0;
    m.timestamp = w->now;
    m.order_ref = ++w->order_ref;
    m.state = 'L';
    if (m.type == WT_OUCH_ENTER)
        m.type = WT_OUCH_ACCEPTED;
    else if (m.type == WT_OUCH_REPLACE)
        m.type = WT_OUCH_REPLACED;
    else if (m.type == WT_OUCH_QUERY)
        m = (struct wt_ouch){.type = WT_OUCH_QUERY_RESPONSE, .timestamp = w->now, .user_ref = 1};
    else
        return 0;
    answer(w, &m);
    return 0;
}

static ssize_t stream_recv(void *ctx, void *bytes, size_t room)
{
    struct world *w = ctx;
    size_t n = w->to_host_length < room ? w->to_host_length : room;
    memcpy(bytes, w->to_host, n);
    memmove(w->to_host, w->to_host + n, w->to_host_length - n);
    w->to_host_length -= n;
    return (ssize_t)n;
}

static void stream_close(void *ctx)
{
    (void)ctx;
}

/* A strategy that is its callback alone: what was counted ends with its first instruction. */
static struct world *waiting;

static void *hold_create(const struct wt_strategy_host *host, const struct wt_param *params, unsigned count)
{
    static int self;
    (void)host, (void)params, (void)count;
    return &self;
}

static void hold_quote(void *self, wt_symbol symbol, const struct wt_quote *quote)
{
    (void)self, (void)symbol, (void)quote;
    if (!waiting->collecting)
        return;
    collect(waiting, false);
    waiting->took[waiting->orders++] = clock_ns() - waiting->taken_at;
}

static void hold_destroy(void *self)
{
    (void)self;
}

static const struct wt_param_spec hold_specs[] = {{NULL, 0, 0, 0, NULL}};
static const struct wt_strategy hold = {
    .name = "hold", .specs = hold_specs, .create = hold_create, .on_quote = hold_quote, .destroy = hold_destroy};

/* Callbacks cost no virtual time: what they cost is what is measured. */
static struct wt_config *configure(bool to_callback)
{
    const char *const sets[] = {"exchange.file=Makefile",
                                "risk.orders_per_second=1000000",
                                "risk.burst=1000000",
                                "host.callback_ns=0",
                                "host.callback_jitter_ns=0",
                                "feed.symbols=all",
                                to_callback ? "strategies=[{name: hold}]" : "strategy.params.requote_ticks=2"};
    wt_strategy_bring(&hold);
    struct wt_config *config;
    struct wt_config_errors errors;
    if (!wt_config_load("host/strategy/configs/default.yaml", sets, sizeof sets / sizeof sets[0], &config, &errors))
        return config;
    wt_config_print_errors(&errors);
    return NULL;
}

/* A session of n records. Returns the world, or NULL. */
static struct world *session(uint64_t n, bool to_callback)
{
    char dir[] = "/tmp/wt_bench_XXXXXX";
    struct wt_journal_options options;
    struct wt_journal *journal = NULL;
    struct wt_tap *tap = NULL;
    struct world *w = calloc(1, sizeof *w);
    struct wt_config *config = configure(to_callback);
    wt_journal_defaults(&options);
    options.dir = mkdtemp(dir);
    options.block = true;
    if (!w || !config || !options.dir || !(w->took = calloc(n + 1, sizeof *w->took)))
        return NULL;
    if (wt_journal_create(&options, &journal) || wt_tap_record(journal, true, &tap) ||
        wt_tap_config(tap, config->text, false))
        return NULL;
    waiting = w;
    *w = (struct world){
        .link = {&link_ops, "memory"}, .now = 1000000000, .n = n, .to_callback = to_callback, .took = w->took};
    w->reg[WT_REG_MAGIC / 4] = WT_MAGIC;
    w->reg[WT_REG_SCHEMA_VERSION / 4] = WT_SCHEMA_VERSION;
    w->reg[WT_REG_CAP_SYMBOLS / 4] = 64;
    int rc = wt_session_run(config, tap, &w->link,
                            (struct wt_stream){w, stream_connect, stream_send, stream_recv, stream_close}, NULL);
    collect(w, false);
    wt_tap_destroy(tap);
    wt_journal_close(journal);
    char command[64];
    snprintf(command, sizeof command, "rm -r %s", dir);
    if (system(command))
        perror(command);
    wt_config_free(config);
    return rc == 0 || rc == -EPIPE ? w : NULL;
}

/* How many requests were counted goes to the script; fewer than asked for would make the count too small. */
static int path(uint64_t n, bool to_callback)
{
    struct world *w = session(n, to_callback);
    if (!w || w->orders < n * 9 / 10) {
        fprintf(stderr, "bench_host: %llu of %llu records came through\n", w ? (unsigned long long)w->orders : 0,
                (unsigned long long)n);
        return 1;
    }
    fprintf(stderr, "counted %llu\n", (unsigned long long)w->orders);
    return 0;
}

/* What asking callgrind to begin and to end costs by itself. */
static int empty(uint64_t n)
{
    struct world *w = calloc(1, sizeof *w);
    for (uint64_t i = 0; w && i < n; i++) {
        collect(w, true);
        collect(w, false);
    }
    fprintf(stderr, "counted %llu\n", (unsigned long long)n);
    free(w);
    return 0;
}

static int compare(const void *a, const void *b)
{
    const uint64_t *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

static bool print_times(const char *name, bool to_callback)
{
    struct world *w = session(50000, to_callback);
    if (!w || w->orders < 1000)
        return false;
    qsort(w->took, w->orders, sizeof *w->took, compare);
    const uint64_t *t = w->took;
    uint64_t n = w->orders;
    printf("\"%s\": {\"samples\": %llu, \"min\": %llu, \"p50\": %llu, \"p99\": %llu, \"p999\": %llu, \"max\": %llu}",
           name, (unsigned long long)n, (unsigned long long)t[0], (unsigned long long)t[n / 2],
           (unsigned long long)t[n * 99 / 100], (unsigned long long)t[n * 999 / 1000], (unsigned long long)t[n - 1]);
    return true;
}

/* By the clock, with what reading it costs: reported, not held. */
static int times(void)
{
    printf("{");
    bool ok = print_times("record_to_callback_ns", true);
    printf(", ");
    ok = print_times("record_to_request_ns", false) && ok;
    printf("}\n");
    return ok ? 0 : 1;
}

int main(int argc, char **argv)
{
    if (argc == 1)
        return times();
    if (argc == 3 && strcmp(argv[1], "twin") == 0)
        return twin(argv[2]);
    if (argc == 3 && strcmp(argv[1], "empty") == 0)
        return empty(strtoull(argv[2], NULL, 10));
    if (argc == 3 && (strcmp(argv[1], "path") == 0 || strcmp(argv[1], "callback") == 0))
        return path(strtoull(argv[2], NULL, 10), argv[1][0] == 'c');
    return 2;
}
