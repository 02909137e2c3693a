/*
 * The journal of an earlier run of the day, from which the host goes on (host/cli/resume.h). With bit 0 of the input's
 * first byte clear the rest is a file as it is; else it is a list of records (type, length in two bytes, payload)
 * behind a good head, with good checksums; behind a good configuration unless bit 1 says that they bring their own. Bit
 * 2: the venue is told of orders in one symbol only.
 *
 * Whatever the journal says, the host goes on from it or refuses to. When it goes on: every request and report of the
 * journal was taken once, and what is written into the new journal brings back the same orders, fills and positions.
 */
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "host/cli/resume.h"
#include "host/gateway/request.h"
#include "host/trade/position.h"
#include "tests/fuzz/journal_image.h"
#include "tests/unit/fake_link.h"

enum { ORDERS = 256, FILLS = 512, SYMBOLS = 3 };

static const char names[SYMBOLS][9] = {"ABC     ", "DEF     ", "GHI     "};
static char folder[3][64]; /* of the input, and of two that go on from it */

static void remove_folders(void)
{
    for (unsigned i = 0; i < 3; i++) {
        DIR *d = opendir(folder[i]);
        for (struct dirent *e; d && (e = readdir(d));)
            unlinkat(dirfd(d), e->d_name, 0);
        if (d)
            closedir(d);
        rmdir(folder[i]);
    }
}

static struct wt_config *config_of(const char *dir)
{
    static struct wt_config_errors errors;
    struct wt_config *config;
    char yaml[1024];
    snprintf(yaml, sizeof yaml,
             "exchange: {connect: '127.0.0.1:9', listen_a: '127.0.0.1:9', username: U0}\n"
             "output: {journal: '%s'}\nrisk: {max_order_shares: 1000, max_order_dollars: 250000, max_position: 2000, "
             "max_gross_dollars: 1000000, "
             "max_open_per_symbol: 4, max_open_orders: 64, collar_bps: 500, orders_per_second: 100, burst: 10, "
             "max_loss_dollars: 0}\nstrategies: [{name: market_maker}]\n",
             dir);
    int rc = wt_config_parse(yaml, &config, &errors);
    for (unsigned i = 0; rc && i < errors.count; i++)
        fprintf(stderr, "%s\n", errors.error[i].text);
    FUZZ_CHECK(rc == 0);
    return config;
}

/* ---------------------------------------------------------------- a host that goes on */

struct came {
    int rc; /* of finding it, and then of going on */
    bool found;
    struct wt_resumed resumed;
    struct wt_oms_stats oms;
    unsigned open;
    int64_t shares[SYMBOLS], cash[SYMBOLS];
};

static int no_sink(void *ctx, const struct wt_order_request *request)
{
    (void)ctx, (void)request;
    FUZZ_CHECK(!"recovery sends nothing");
    return -EPIPE;
}

/* Go on from the journal in `from`, writing one into `to`. */
static struct came go_on(const struct wt_config *from, const char *to, unsigned symbols)
{
    struct came c = {0};
    struct wt_resume *resume = NULL;
    c.rc = wt_resume_find(from, &resume);
    FUZZ_CHECK(c.rc <= 0 && (c.rc == 0 || !resume));
    c.found = resume != NULL;
    if (!resume)
        return c;

    struct fake_link link = fake_link(1);
    const struct wt_oms_config oms_config = {.orders = ORDERS, .fills = FILLS, .symbols = SYMBOLS};
    struct wt_loop *loop;
    struct wt_quotes *quotes;
    struct wt_positions *positions;
    struct wt_oms *oms;
    struct wt_twin *twin;
    struct wt_tap *tap;
    struct wt_journal *journal;
    struct wt_twin_config twin_config;
    struct wt_journal_options options;
    wt_twin_defaults(&twin_config);
    twin_config.symbols = names;
    twin_config.symbol_count = symbols;
    twin_config.first_orders = 16;
    wt_journal_defaults(&options);
    options.dir = to;
    options.segment_bytes = 1 << 16;
    options.sync_ns = 0;
    options.block = true;
    FUZZ_CHECK(wt_loop_create(&link.link, &loop) == 0 && wt_journal_create(&options, &journal) == 0);
    FUZZ_CHECK(wt_tap_record(journal, true, &tap) == 0 && wt_tap_config(tap, from->text, true) == 0);
    FUZZ_CHECK(wt_quotes_create(loop, SYMBOLS, &quotes) == 0);
    FUZZ_CHECK(wt_positions_create(loop, quotes, SYMBOLS, &positions) == 0);
    FUZZ_CHECK(wt_oms_create(&oms_config, loop, (struct wt_order_sink){NULL, no_sink}, &oms) == 0);
    FUZZ_CHECK(wt_twin_create(&twin_config, &twin) == 0);
    c.rc = wt_resume_recover(resume, tap, loop, oms, twin, quotes, &c.resumed);
    wt_oms_stats(oms, &c.oms);
    c.open = wt_oms_open_orders(oms);
    for (wt_symbol i = 0; i < SYMBOLS; i++) {
        const struct wt_position *p = wt_positions_get(positions, i);
        c.shares[i] = p->shares;
        c.cash[i] = p->cash;
    }
    wt_twin_destroy(twin);
    wt_oms_destroy(oms);
    wt_positions_destroy(positions);
    wt_quotes_destroy(quotes);
    wt_loop_destroy(loop);
    wt_tap_destroy(tap);
    FUZZ_CHECK(wt_journal_close(journal) == 0);
    wt_resume_destroy(resume);
    return c;
}

/* ---------------------------------------------------------------- what the journal says, obviously */

struct counted {
    uint64_t requests, reports;
};

static struct counted count(const char *path)
{
    struct wt_journal_reader *reader;
    struct wt_journal_item item;
    struct counted n = {0};
    bool sent = false; /* the record before was a request */
    FUZZ_CHECK(wt_journal_open(path, &reader) == 0);
    while (wt_journal_next(reader, &item) == 1) {
        struct wt_order_request request;
        uint32_t kind = 0;
        uint16_t event[2] = {0};
        if (sent && item.head.type == WT_JOURNAL_RESULT && item.head.calls == 0)
            n.requests--; /* it did not leave */
        sent = item.head.type == WT_JOURNAL_SEND &&
               wt_request_decode(WT_OUCH_50, item.payload, item.length, &request) == 1;
        n.requests += sent;
        if (item.head.type == WT_JOURNAL_PAST && item.length >= sizeof kind)
            memcpy(&kind, item.payload, sizeof kind);
        n.requests += kind == WT_PAST_IS_REQUEST;
        n.reports += kind == WT_PAST_IS_REPORT;
        if (item.head.type == WT_JOURNAL_EVENT && item.length == 16 + sizeof(struct wt_exec_report))
            memcpy(event, item.payload, sizeof event);
        n.reports += event[0] == WT_EVENT_EXEC && event[1] == sizeof(struct wt_exec_report);
    }
    wt_journal_reader_close(reader);
    return n;
}

static void same(const struct came *a, const struct came *b)
{
    FUZZ_CHECK(b->found && b->rc == 0);
    FUZZ_CHECK(a->resumed.recovery.requests == b->resumed.recovery.requests);
    FUZZ_CHECK(a->resumed.recovery.reports == b->resumed.recovery.reports);
    FUZZ_CHECK(a->resumed.recovery.next_sequence == b->resumed.recovery.next_sequence);
    FUZZ_CHECK(a->resumed.recovery.last_id == b->resumed.recovery.last_id);
    FUZZ_CHECK(a->resumed.recovery.unknown == b->resumed.recovery.unknown && a->open == b->open);
    FUZZ_CHECK(strcmp(a->resumed.session, b->resumed.session) == 0);
    FUZZ_CHECK(memcmp(&a->oms, &b->oms, sizeof a->oms) == 0);
    FUZZ_CHECK(memcmp(a->shares, b->shares, sizeof a->shares) == 0 && memcmp(a->cash, b->cash, sizeof a->cash) == 0);
}

/* ---------------------------------------------------------------- inputs */

static struct wt_config *config[3];
static uint64_t went_on;

static void prepare(void)
{
    if (config[0])
        return;
    char base[32] = "/dev/shm/wtresumeXXXXXX";
    if (!mkdtemp(base)) {
        memcpy(base, "/tmp/wtresumeXXXXXX", 20);
        FUZZ_CHECK(mkdtemp(base));
    }
    rmdir(base);
    for (unsigned i = 0; i < 3; i++) {
        snprintf(folder[i], sizeof folder[i], "%s.%u", base, i);
        FUZZ_CHECK(mkdir(folder[i], 0700) == 0);
        config[i] = config_of(folder[i]);
    }
    atexit(remove_folders);
}

static void put_config(struct image *image, bool resumed)
{
    static uint8_t payload[1 << 14];
    struct wt_tap_config_head head = wt_tap_config_expected();
    size_t length = strlen(config[0]->text);
    FUZZ_CHECK(sizeof head + length <= sizeof payload);
    head.resumed = resumed;
    memcpy(payload, &head, sizeof head);
    memcpy(payload + sizeof head, config[0]->text, length);
    FUZZ_CHECK(image_append(image, WT_JOURNAL_CONFIG, 0, payload, sizeof head + length));
}

static void take(const struct image *image, unsigned symbols)
{
    char path[128];
    snprintf(path, sizeof path, "%s/00000001.wtj", folder[0]);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    FUZZ_CHECK(fd >= 0 && write(fd, image->bytes, image->length) == (ssize_t)image->length);
    close(fd);
    struct came first = go_on(config[0], folder[1], symbols);
    if (!first.found || first.rc)
        return;
    struct counted n = count(path);
    FUZZ_CHECK(first.resumed.recovery.requests == n.requests && first.resumed.recovery.reports == n.reports);
    struct came second = go_on(config[1], folder[2], symbols);
    same(&first, &second);
    went_on++;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct image image;
    struct fuzz_bytes in = {data, size};
    uint8_t first = fuzz_u8(&in);
    prepare();
    image_begin(&image);
    if (first & 1) {
        if (!(first & 2))
            put_config(&image, first & 8);
        while (in.left > 0) {
            uint8_t type = fuzz_u8(&in);
            size_t length;
            uint8_t *payload = fuzz_block(&in, fuzz_u16(&in), &length);
            image_append(&image, type & 31, type >> 7, payload, length);
            free(payload);
        }
    } else {
        image.length = in.left < IMAGE_BYTES ? in.left : IMAGE_BYTES;
        if (image.length)
            memcpy(image.bytes, in.at, image.length);
    }
    take(&image, first & 4 ? 1 : SYMBOLS);
    return 0;
}

/* ---------------------------------------------------------------- seeds */

static void record(struct fuzz_seed *s, unsigned type, const void *payload, size_t length)
{
    fuzz_add_u8(s, type);
    fuzz_add_u16(s, (unsigned)length);
    fuzz_add(s, payload, length);
}

static void sent(struct fuzz_seed *s, struct wt_order_request r, bool refused)
{
    uint8_t packet[WT_REQUEST_MAX];
    struct wt_request_terms terms = {.capacity = 'P', .display = 'Y'};
    memcpy(r.name, names[r.symbol], 8);
    terms.last_id = r.kind == WT_REQUEST_CANCEL ? r.id : r.id - 1;
    int n = wt_request_encode(&terms, &r, packet, sizeof packet);
    FUZZ_CHECK(n > 0);
    record(s, WT_JOURNAL_SEND, packet, (size_t)n);
    if (refused)
        record(s, WT_JOURNAL_RESULT, &(int32_t){-11}, 4);
}

static void event(struct fuzz_seed *s, unsigned type, const void *payload, size_t size)
{
    uint8_t bytes[512];
    struct wt_journal_event head = {.type = (uint16_t)type, .size = (uint16_t)size, .ns = 77};
    memcpy(bytes, &head, sizeof head);
    memcpy(bytes + sizeof head, payload, size);
    record(s, WT_JOURNAL_EVENT, bytes, sizeof head + size);
}

static void report(struct fuzz_seed *s, struct wt_exec_report r)
{
    event(s, WT_EVENT_EXEC, &r, sizeof r);
}

static void past(struct fuzz_seed *s, uint32_t kind, const void *of, size_t size)
{
    struct wt_past_entry e;
    memset(&e, 0, sizeof e);
    e.kind = kind;
    if (size)
        memcpy(&e.request, of, size);
    record(s, WT_JOURNAL_PAST, &e, sizeof e);
}

/* An order, its replacement, fills, a cancel, a broken trade; one that was refused, one that nobody answered. */
static void session(struct fuzz_seed *s)
{
    struct wt_soup_login_accepted accepted = {.session = "SIM0000001", .sequence = 1};
    uint8_t bytes[64];
    struct wt_order_request enter = {
        .kind = WT_REQUEST_ENTER, .id = 1, .side = WT_BUY, .tif = WT_TIF_DAY, .shares = 300, .price = 1000000};
    struct wt_order_request replace = {
        .kind = WT_REQUEST_REPLACE, .id = 2, .replaced = 1, .tif = WT_TIF_DAY, .shares = 400, .price = 1000100};
    record(s, WT_JOURNAL_CONNECT, NULL, 0);
    int n = wt_soup_put_login_accepted(bytes, sizeof bytes, &accepted);
    FUZZ_CHECK(n > 0);
    record(s, WT_JOURNAL_RECV, bytes, (size_t)n);
    event(s, WT_EVENT_GATEWAY, &(struct wt_gateway_event){WT_GATEWAY_UP}, sizeof(struct wt_gateway_event));
    sent(s, enter, false);
    report(s, (struct wt_exec_report){
                  .type = WT_EXEC_ACCEPTED, .id = 1, .shares = 300, .price = 1000000, .venue_ref = 9, .sequence = 1});
    report(s, (struct wt_exec_report){.type = WT_EXEC_EXECUTED,
                                      .id = 1,
                                      .shares = 100,
                                      .price = 1000000,
                                      .liquidity = 'A',
                                      .match = 5,
                                      .sequence = 2});
    sent(s, replace, false);
    report(s, (struct wt_exec_report){.type = WT_EXEC_REPLACED,
                                      .id = 2,
                                      .replaced = 1,
                                      .shares = 300,
                                      .price = 1000100,
                                      .venue_ref = 10,
                                      .sequence = 3});
    report(s, (struct wt_exec_report){.type = WT_EXEC_EXECUTED,
                                      .id = 2,
                                      .shares = 50,
                                      .price = 1000100,
                                      .liquidity = 'R',
                                      .match = 6,
                                      .sequence = 4});
    report(s, (struct wt_exec_report){.type = WT_EXEC_BROKEN, .id = 1, .reason = 'E', .match = 5, .sequence = 5});
    sent(s, (struct wt_order_request){.kind = WT_REQUEST_CANCEL, .id = 2}, false);
    report(s, (struct wt_exec_report){.type = WT_EXEC_CANCELED, .id = 2, .shares = 250, .reason = 'U', .sequence = 6});
    enter.id = 3;
    enter.symbol = 1;
    enter.side = WT_SELL;
    sent(s, enter, true);
    enter.id = 4;
    enter.symbol = 2;
    sent(s, enter, false);
}

void fuzz_seeds(fuzz_put *put, void *ctx)
{
    static struct fuzz_seed s;
    static struct image image;
    static const uint8_t first[] = {1, 5};
    struct wt_order_request request = {
        .kind = WT_REQUEST_ENTER, .id = 7, .side = WT_SELL, .tif = WT_TIF_DAY, .shares = 10, .price = 5000};
    struct wt_exec_report accepted = {
        .type = WT_EXEC_ACCEPTED, .id = 7, .shares = 10, .price = 5000, .venue_ref = 3, .sequence = 12};
    prepare();
    for (unsigned i = 0; i < sizeof first; i++) {
        s.length = 0;
        fuzz_add_u8(&s, first[i]);
        session(&s);
        put(ctx, s.bytes, s.length);
        uint64_t before = went_on;
        LLVMFuzzerTestOneInput(s.bytes, s.length);
        FUZZ_CHECK(went_on == before + !(first[i] & 4)); /* two of its symbols are not listed then */
        record(&s, WT_JOURNAL_RECV, "\0\1Z", 3);         /* the venue ends it: nothing to go on from */
        put(ctx, s.bytes, s.length);
    }
    s.length = 0; /* one that went on itself, and then was alive */
    memcpy(request.name, names[0], 8);
    fuzz_add_u8(&s, 9);
    past(&s, WT_PAST_IS_REQUEST, &request, sizeof request);
    past(&s, WT_PAST_IS_UP, NULL, 0);
    past(&s, WT_PAST_IS_REPORT, &accepted, sizeof accepted);
    request.id = 8;
    past(&s, WT_PAST_IS_UNSENT, &request, sizeof request);
    put(ctx, s.bytes, s.length); /* killed before its past was complete */
    past(&s, WT_PAST_IS_COMPLETE, "SIM0000001\0\0\0\0\0", 16);
    put(ctx, s.bytes, s.length);
    sent(&s, (struct wt_order_request){.kind = WT_REQUEST_CANCEL, .id = 7}, false);
    put(ctx, s.bytes, s.length);
    image_begin(&image); /* a file as it is */
    put_config(&image, false);
    s.length = 0;
    fuzz_add_u8(&s, 0);
    fuzz_add(&s, image.bytes, image.length + 64);
    put(ctx, s.bytes, s.length);
}
