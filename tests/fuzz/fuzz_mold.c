/*
 * MoldUDP64: a datagram as the host reads it (from a capture, as the recovery does) and as the venue does (a
 * re-request); and as an answer, that nobody asked for or that somebody did, to the host's client of the re-request
 * server, which must have all that it asked for in the end. The input is the datagram. With its first bit set, what
 * stands in front is the session that the venue's own stream has, so that requests hit it.
 */
#include "host/gateway/rerequest.h"
#include "host/market/pcap.h"
#include "sim/card/frame.h"
#include "sim/exchange/line.h"
#include "sim/exchange/mold_out.h"
#include "sim/exchange/rerequest.h"
#include "tests/fuzz/fuzz.h"

enum { MESSAGES = 300 };

/* Message n of the venue's stream. */
static size_t message(uint64_t n, uint8_t *to)
{
    size_t length = n % 7 == 0 ? n % 1451 : n % 60;
    for (size_t i = 0; i < length; i++)
        to[i] = (uint8_t)(n * 31 + i);
    return length;
}

/* Walk the blocks in the most obvious way. */
static bool fills(const uint8_t *mold, size_t length)
{
    if (length < 20)
        return false;
    size_t at = 20;
    unsigned count = (unsigned)mold[18] << 8 | mold[19];
    for (unsigned i = 0; count != 0xffff && i < count; i++) {
        if (at + 2 > length)
            return false;
        at += 2 + ((size_t)mold[at] << 8 | mold[at + 1]);
        if (at > length)
            return false;
    }
    return at == length;
}

static void drop(void *ctx, uint64_t when_ns, const uint8_t *mold, size_t length)
{
    (void)ctx;
    (void)when_ns;
    FUZZ_CHECK(fills(mold, length));
}

static struct wt_mold_out *venue(void)
{
    struct wt_mold_out_config config;
    struct wt_mold_out *out;
    uint8_t bytes[2048];
    wt_mold_out_defaults(&config);
    config.store_messages = 256;
    config.store_bytes = 1 << 14;
    FUZZ_CHECK(wt_mold_out_create(&config, (struct wt_mold_wire){NULL, drop}, &out) == 0);
    for (uint64_t n = 1; n <= MESSAGES; n++)
        FUZZ_CHECK(wt_mold_out_put(out, n * 1000, bytes, message(n, bytes)) == (int64_t)n);
    return out;
}

static void as_request(const struct wt_mold_out *out, const uint8_t *bytes, size_t length)
{
    uint8_t reply[1472], expected[2048];
    size_t n;
    enum wt_rerequest_result result = wt_rerequest(out, bytes, length, reply, &n);
    FUZZ_CHECK((n > 0) == (result == WT_REREQUEST_OK));
    FUZZ_CHECK(length == 20 || result == WT_REREQUEST_MALFORMED);
    if (n == 0)
        return;
    FUZZ_CHECK(n <= sizeof reply && fills(reply, n) && memcmp(reply, bytes, 18) == 0);
    FUZZ_CHECK(wt_be16(reply + 18) != 0 && wt_be16(reply + 18) <= wt_be16(bytes + 18));
    const uint8_t *block = reply + 20;
    for (uint64_t i = 0; i < wt_be16(reply + 18); i++) {
        size_t m = message(wt_be64(bytes + 10) + i, expected);
        FUZZ_CHECK(wt_be16(block) == m && memcmp(block + 2, expected, m) == 0);
        block += 2 + m;
    }
}

/* ---------------------------------------------------------------- the client */

enum { WANTED = 100, BEHIND = 260 };

struct asker {
    const struct wt_mold_out *out;
    const uint8_t *first; /* what comes before any answer */
    size_t first_length;
    uint8_t reply[8][1472];
    size_t length[8];
    unsigned head, count;
    bool have[BEHIND];
    bool gave_up;
};

static int asker_connect(void *ctx)
{
    (void)ctx;
    return 0;
}

static int asker_send(void *ctx, const void *bytes, size_t length)
{
    struct asker *a = ctx;
    if (a->count == 8)
        return -EAGAIN;
    unsigned at = (a->head + a->count) % 8;
    enum wt_rerequest_result result = wt_rerequest(a->out, bytes, length, a->reply[at], &a->length[at]);
    FUZZ_CHECK(result == WT_REREQUEST_OK);
    a->count++;
    return 0;
}

static ssize_t asker_recv(void *ctx, void *bytes, size_t room)
{
    struct asker *a = ctx;
    if (a->first) {
        size_t n = a->first_length < room ? a->first_length : room;
        memcpy(bytes, a->first, n);
        a->first = NULL;
        return (ssize_t)n;
    }
    if (a->count == 0)
        return 0;
    memcpy(bytes, a->reply[a->head], a->length[a->head]);
    size_t n = a->length[a->head];
    a->head = (a->head + 1) % 8;
    a->count--;
    return (ssize_t)n;
}

static void asker_close(void *ctx)
{
    (void)ctx;
}

static bool asker_answer(void *ctx, const uint8_t *packet, size_t length)
{
    struct asker *a = ctx;
    FUZZ_CHECK(fills(packet, length) && memcmp(packet, wt_mold_out_session_name(a->out), 10) == 0);
    uint64_t first = wt_be64(packet + 10);
    for (uint64_t i = 0; i < wt_be16(packet + 18); i++)
        if (first + i < BEHIND)
            a->have[first + i] = true;
    return true;
}

static void asker_gave_up(void *ctx)
{
    ((struct asker *)ctx)->gave_up = true;
}

static void as_answer(const struct wt_mold_out *out, const uint8_t *bytes, size_t length)
{
    static struct asker a;
    struct wt_requests_config config;
    struct wt_requests *requests;
    a = (struct asker){.out = out, .first = length ? bytes : NULL, .first_length = length};
    wt_requests_defaults(&config);
    FUZZ_CHECK(wt_requests_create(&config, (struct wt_stream){&a, asker_connect, asker_send, asker_recv, asker_close},
                                  (struct wt_requests_handler){&a, asker_answer, asker_gave_up}, &requests) == 0);
    FUZZ_CHECK(wt_requests_ask(requests, (const uint8_t *)wt_mold_out_session_name(out), WANTED, BEHIND));
    for (uint64_t now = 1; now < 1000 && wt_requests_deadline(requests) != UINT64_MAX; now++)
        wt_requests_poll(requests, now * config.timeout_ns);
    FUZZ_CHECK(!a.gave_up && wt_requests_deadline(requests) == UINT64_MAX);
    for (unsigned i = WANTED; i < BEHIND; i++)
        FUZZ_CHECK(a.have[i]);
    wt_requests_destroy(requests);
}

static void check_damaged(void *ctx, unsigned line, uint64_t when_ns, const uint8_t *mold, size_t length)
{
    (void)line;
    (void)when_ns;
    FUZZ_CHECK(length <= WT_LINE_PACKET);
    (void)wt_mold_well_formed(mold, length);
    ++*(unsigned *)ctx;
}

/* A line with every fault: what comes in goes out at most twice, whole or damaged. */
static void on_line(const uint8_t *bytes, size_t length)
{
    static struct wt_line line;
    unsigned out = 0;
    struct wt_line_config config = {
        .seed = length, .duplicate_ppm = 500000, .reorder_ppm = 500000, .corrupt_ppm = 500000, .reorder_ns = 1000};
    if (length < WT_MOLD_HEADER || length > WT_LINE_PACKET)
        return;
    wt_line_init(&line, &config, 0, (struct wt_line_wire){&out, check_damaged});
    wt_line_put(&line, 1000, bytes, length);
    wt_line_run(&line, 1000000);
    FUZZ_CHECK(out >= 1 && out <= 2 && wt_line_next_ns(&line) == UINT64_MAX);
}

static void in_capture(const uint8_t *bytes, size_t length)
{
    /* A pcap of one frame, the lengths of whose headers are right. */
    static uint8_t file[24 + 16 + 42 + 2048];
    uint32_t frame = 42 + (uint32_t)length;
    if (length > 2048)
        return;
    memset(file, 0, sizeof file);
    memcpy(file, (uint32_t[]){0xa1b2c3d4, 0x00040002, 0, 0, 65535, 1}, 24);
    memcpy(file + 24, (uint32_t[]){0, 0, frame, frame}, 16);
    uint8_t *ip = file + 40 + 14;
    file[40 + 12] = 8;
    ip[0] = 0x45;
    wt_put_be16(ip + 2, (uint16_t)(frame - 14));
    ip[9] = 17;
    wt_put_be16(ip + 24, (uint16_t)(8 + length));
    if (length)
        memcpy(ip + 28, bytes, length);
    struct fuzz_file f = fuzz_file_open(file, 40 + frame);
    struct wt_pcap *pcap;
    struct wt_pcap_packet p;
    FUZZ_CHECK(wt_pcap_open(f.path, &pcap) == 0);
    int rc = wt_pcap_next(pcap, 0, 0, &p);
    FUZZ_CHECK(rc == (int)fills(bytes, length));
    if (rc == 1)
        FUZZ_CHECK(p.mold_length == length && p.sequence == wt_be64(bytes + 10) && p.count == wt_be16(bytes + 18));
    FUZZ_CHECK(rc == 0 || wt_pcap_next(pcap, 0, 0, &p) == 0);
    wt_pcap_close(pcap);
    fuzz_file_close(&f);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct wt_mold_out *out;
    struct fuzz_bytes in = {data, size};
    if (!out)
        out = venue();
    uint8_t first = fuzz_u8(&in);
    size_t length;
    uint8_t *bytes = fuzz_block(&in, 4096, &length);
    if ((first & 1) && length >= 10)
        memcpy(bytes, wt_mold_out_session_name(out), 10);
    FUZZ_CHECK(wt_mold_well_formed(bytes, length) == fills(bytes, length));
    as_request(out, bytes, length);
    as_answer(out, bytes, length);
    on_line(bytes, length);
    in_capture(bytes, length);
    free(bytes);
    return 0;
}

static struct {
    fuzz_put *put;
    void *ctx;
} target;

static void seed_packet(void *ctx, uint64_t when_ns, const uint8_t *mold, size_t length)
{
    static struct fuzz_seed s;
    (void)ctx;
    (void)when_ns;
    s.length = 0;
    fuzz_add_u8(&s, 0);
    fuzz_add(&s, mold, length);
    target.put(target.ctx, s.bytes, s.length);
}

void fuzz_seeds(fuzz_put *put, void *ctx)
{
    struct wt_mold_out_config config;
    struct wt_mold_out *out;
    uint8_t bytes[2048];
    target.put = put;
    target.ctx = ctx;
    wt_mold_out_defaults(&config);
    FUZZ_CHECK(wt_mold_out_create(&config, (struct wt_mold_wire){NULL, seed_packet}, &out) == 0);
    for (uint64_t n = 1; n < 12; n++)
        wt_mold_out_put(out, n * 1000, bytes, message(n, bytes));
    wt_mold_out_flush(out, 20000);
    wt_mold_out_run(out, 2000000000);
    wt_mold_out_end(out, 3000000000);
    wt_mold_out_destroy(out);
    /* Answers. */
    for (unsigned i = 0; i < 4; i++) {
        uint8_t answer[64] = {1};
        wt_put_be64(answer + 11, (uint64_t[]){WANTED, WANTED - 1, BEHIND - 1, WANTED + 20}[i]);
        wt_put_be16(answer + 19, 2);
        wt_put_be16(answer + 21, 3);
        wt_put_be16(answer + 26, 5);
        put(ctx, answer, 33);
    }
    /* Requests. */
    static const uint64_t wanted[][2] = {{1, 1}, {200, 5}, {299, 60}, {300, 0xffff}, {UINT64_MAX, 2}, {290, 0}};
    for (unsigned i = 0; i < 6; i++) {
        uint8_t request[21] = {1};
        wt_put_be64(request + 11, wanted[i][0]);
        wt_put_be16(request + 19, (uint16_t)wanted[i][1]);
        put(ctx, request, sizeof request);
    }
}
