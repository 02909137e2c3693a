/*
 * The journal's reader and all that shows its records. With bit 0 of the input's first byte clear the rest is a file as
 * it is; else a list of records (type, flags, length in two bytes, payload) that are put into a file with a good head,
 * numbers and checksums, for no search comes past a checksum by chance; what bit 1 says is spoiled then. The other bits
 * are the format in which it is shown. Records are given whole and in order, and no more of them than were written.
 */
#include <stdlib.h>

#include "host/card/wt_schema.h"
#include "host/cli/journal_export.h"
#include "host/config/config.h"
#include "host/event/event.h"
#include "host/event/tap.h"
#include "host/gateway/ouch.h"
#include "host/gateway/soup.h"
#include "host/market/itch_put.h"
#include "tests/fuzz/journal_image.h"

static void show(const char *path, unsigned format, uint64_t most)
{
    struct wt_journal_reader *reader;
    struct wt_journal_item item;
    struct fuzz_file pcap = {.fd = -1};
    uint64_t n = 0;
    if (wt_journal_open(path, &reader) < 0)
        return;
    struct wt_journal_view view = {
        .format = format, .types = UINT32_MAX, .symbol = "ABC", .order = 1, .to_ns = UINT64_MAX, .last = UINT64_MAX};
    if (format % 2)
        view.symbol = NULL;
    if (format % 4 > 1)
        view.order = 0;
    if (format == WT_JOURNAL_PCAP) {
        pcap = fuzz_file_open(NULL, 0);
        view.pcap = pcap.path;
    }
    FUZZ_CHECK(wt_journal_view_begin(&view, reader) == 0);
    while (wt_journal_next(reader, &item) == 1) {
        /* Every byte of the payload can be read. */
        uint8_t *copy = malloc(item.length ? item.length : 1);
        FUZZ_CHECK(copy);
        memcpy(copy, item.payload, item.length);
        const uint8_t *payload = item.payload;
        item.payload = copy;
        FUZZ_CHECK(item.head.length == item.length + sizeof item.head);
        FUZZ_CHECK(wt_journal_view_item(&view, &item) == 0);
        item.payload = payload;
        free(copy);
        n++;
    }
    FUZZ_CHECK(n <= most && wt_journal_stopped(reader) != WT_JOURNAL_READING && wt_journal_why(reader)[0] != '\0');
    wt_journal_view_end(&view);
    if (pcap.fd >= 0)
        fuzz_file_close(&pcap);
    wt_journal_reader_close(reader);
}

/* What `wiretick replay` takes in first. */
static void take_configuration(const char *path)
{
    struct wt_journal_reader *reader;
    struct wt_replay_options options = {0};
    struct wt_tap *tap;
    if (wt_journal_open(path, &reader) < 0)
        return;
    if (wt_tap_replay(reader, &options, &tap) == 0) {
        static struct wt_config_errors errors;
        struct wt_config *config;
        if (wt_config_parse(wt_tap_config_text(tap), &config, &errors) == 0)
            wt_config_free(config);
        wt_tap_destroy(tap);
    }
    wt_journal_reader_close(reader);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct image image;
    static bool quiet;
    struct fuzz_bytes in = {data, size};
    uint8_t first = fuzz_u8(&in);
    if (!quiet)
        quiet = freopen("/dev/null", "w", stdout) != NULL;
    image_begin(&image);
    uint64_t most = UINT64_MAX;
    if (first & 1) {
        uint16_t at = first & 2 ? fuzz_u16(&in) : 0;
        uint8_t with = first & 2 ? fuzz_u8(&in) : 0;
        while (in.left > 0) {
            uint8_t type = fuzz_u8(&in), flags = fuzz_u8(&in);
            size_t length;
            uint8_t *payload = fuzz_block(&in, fuzz_u16(&in), &length);
            image_append(&image, type, flags, payload, length);
            free(payload);
        }
        most = image.records;
        image.bytes[at % image.length] ^= with;
    } else {
        image.length = in.left < IMAGE_BYTES ? in.left : IMAGE_BYTES;
        memcpy(image.bytes, in.at, image.length);
    }
    struct fuzz_file f = fuzz_file_open(image.bytes, image.length);
    show(f.path, (first >> 2) % (WT_JOURNAL_YAML + 1), most);
    take_configuration(f.path);
    fuzz_file_close(&f);
    return 0;
}

static void record(struct fuzz_seed *s, unsigned type, const void *payload, size_t length)
{
    fuzz_add_u8(s, type);
    fuzz_add_u8(s, 0);
    fuzz_add_u16(s, (unsigned)length);
    fuzz_add(s, payload, length);
}

static void event(struct fuzz_seed *s, unsigned type, const void *payload, size_t size)
{
    uint8_t bytes[512];
    struct wt_journal_event head = {.type = (uint16_t)type, .size = (uint16_t)size, .ns = 77};
    memcpy(bytes, &head, sizeof head);
    memcpy(bytes + sizeof head, payload, size);
    record(s, WT_JOURNAL_EVENT, bytes, sizeof head + size);
}

static void session(struct fuzz_seed *s)
{
    static const char yaml[] = "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0link: {type: sim}\n";
    uint8_t bytes[256], message[256];
    record(s, WT_JOURNAL_CONFIG, yaml, sizeof yaml);
    union wt_event_record e = {0};
    for (unsigned type = 0; type < 12; type++) {
        memset(&e, 0, sizeof e);
        ((uint8_t *)&e)[0] = (uint8_t)type;
        record(s, WT_JOURNAL_CARD_EVENT, &e, sizeof e);
    }
    struct wt_of_record of = {.feed_seq = 3};
    of.length = (uint8_t)wt_itch_put_directory(of.raw, 1, 1, "ABC     ");
    record(s, WT_JOURNAL_ORDER_FLOW, &of, sizeof of);
    of.length = (uint8_t)wt_itch_put_add(of.raw, 1, 1, 5, 'B', 100, "ABC     ", 1000000, NULL);
    record(s, WT_JOURNAL_ORDER_FLOW, &of, sizeof of);
    struct wt_ouch m = {
        .type = WT_OUCH_ENTER, .user_ref = 1, .side = 'B', .quantity = 100, .price = 1000000, .tif = '0'};
    memcpy(m.symbol, "ABC     ", 8);
    int n = wt_ouch_encode(WT_OUCH_IN, &m, message, sizeof message);
    FUZZ_CHECK(n > 0);
    n = wt_soup_put(bytes, sizeof bytes, WT_SOUP_UNSEQUENCED, message, (size_t)n);
    record(s, WT_JOURNAL_SEND, bytes, (size_t)n);
    m.type = WT_OUCH_EXECUTED;
    n = wt_ouch_encode(WT_OUCH_OUT, &m, message, sizeof message);
    FUZZ_CHECK(n > 0);
    n = wt_soup_put(bytes, sizeof bytes, WT_SOUP_SEQUENCED, message, (size_t)n);
    record(s, WT_JOURNAL_RECV, bytes, (size_t)n);
    event(s, WT_EVENT_ORDER, &(struct wt_order_event){.id = 1, .side = WT_BUY}, sizeof(struct wt_order_event));
    event(s, WT_EVENT_EXEC, &(struct wt_exec_report){.type = WT_EXEC_EXECUTED, .id = 1}, sizeof(struct wt_exec_report));
    event(s, WT_EVENT_VERDICT, &(struct wt_verdict){.limit = 3}, sizeof(struct wt_verdict));
    event(s, WT_EVENT_POSITION, &(struct wt_position_event){.shares = -3}, sizeof(struct wt_position_event));
    event(s, WT_EVENT_RISK_ALERT, &(struct wt_alert){.kind = WT_ALERT_KILL}, sizeof(struct wt_alert));
    event(s, WT_EVENT_TIMER, &(struct wt_timer_event){.id = 3}, sizeof(struct wt_timer_event));
    event(s, WT_EVENT_GATEWAY, &(struct wt_gateway_event){WT_GATEWAY_UP}, sizeof(struct wt_gateway_event));
    record(s, WT_JOURNAL_CONNECT, NULL, 0);
    record(s, WT_JOURNAL_CLOSE, NULL, 0);
    record(s, WT_JOURNAL_RESULT, &(int32_t){-11}, 4);
    record(s, WT_JOURNAL_WAIT, &(int32_t){0}, 4);
    record(s, WT_JOURNAL_TIME, NULL, 0);
    record(s, WT_JOURNAL_READ, (uint8_t[16]){4}, 16);
    record(s, WT_JOURNAL_WRITE, (uint8_t[8]){4}, 8);
    record(s, WT_JOURNAL_COMMAND, (uint8_t[4]){1}, 4);
    record(s, WT_JOURNAL_CARD_ERROR, (uint8_t[8]){1}, 8);
}

void fuzz_seeds(fuzz_put *put, void *ctx)
{
    static struct fuzz_seed s;
    static struct image image;
    for (unsigned format = 0; format <= WT_JOURNAL_YAML; format++) {
        s.length = 0;
        fuzz_add_u8(&s, 1 | format << 2);
        session(&s);
        if (format % 2)
            record(&s, WT_JOURNAL_END, &(int32_t){0}, 4);
        else
            record(&s, WT_JOURNAL_SEAL, NULL, 0);
        put(ctx, s.bytes, s.length);
    }
    s.length = 0;
    fuzz_add_u8(&s, 3);
    fuzz_add_u16(&s, 70);
    fuzz_add_u8(&s, 1);
    session(&s);
    put(ctx, s.bytes, s.length);
    image_begin(&image);
    image_append(&image, WT_JOURNAL_RECV, 0, (const uint8_t *)"hello", 5);
    image_append(&image, WT_JOURNAL_END, 0, (const uint8_t *)"\0\0\0\0", 4);
    s.length = 0;
    fuzz_add_u8(&s, 0);
    fuzz_add(&s, image.bytes, image.length + 100);
    put(ctx, s.bytes, s.length);
}
