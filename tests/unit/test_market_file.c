/* Files of messages, captures, and the rows that are written: what is whole, cut, empty or missing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include "host/market/file.h"
#include "host/market/itch.h"
#include "host/market/itch_put.h"
#include "host/market/pcap.h"
#include "host/market/rows.h"
#include "host/market/twin.h"
#include "sim/card/frame.h"
#include "tests/unit/market_data.h"

static char path[] = "/tmp/wt_test_XXXXXX";
static char said[4096]; /* what went to stderr */

static int make_file(void **state)
{
    int fd;
    (void)state;
    strcpy(path, "/tmp/wt_test_XXXXXX");
    fd = mkstemp(path);
    close(fd);
    return fd < 0;
}

static int drop_file(void **state)
{
    (void)state;
    return unlink(path);
}

static void put(const void *bytes, size_t length)
{
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(bytes, 1, length, f), length);
    fclose(f);
}

/* Catch what is printed while the body runs. */
static int saved_stderr, capture[2];
static void listen_begin(void)
{
    fflush(stderr);
    saved_stderr = dup(2);
    assert_int_equal(pipe(capture), 0);
    dup2(capture[1], 2);
    close(capture[1]);
}
static void listen_end(void)
{
    ssize_t n;
    fflush(stderr);
    dup2(saved_stderr, 2);
    close(saved_stderr);
    n = read(capture[0], said, sizeof said - 1);
    said[n > 0 ? n : 0] = 0;
    close(capture[0]);
}

static unsigned lines(void)
{
    unsigned n = 0;
    for (const char *p = said; *p; p++)
        n += *p == '\n';
    return n;
}

/* Read to the end; returns the last answer and counts messages. */
static int read_all(unsigned *messages, size_t *bytes)
{
    struct wt_itch_file file;
    const uint8_t *raw;
    size_t length;
    int got;
    *messages = 0;
    *bytes = 0;
    listen_begin();
    got = wt_itch_file_open(&file, path);
    if (got == 0) {
        while ((got = wt_itch_file_next(&file, &raw, &length)) == 1) {
            ++*messages;
            *bytes += length;
        }
        if (wt_itch_file_next(&file, &raw, &length) == 1)
            got = 1; /* after the end nothing more may come */
        wt_itch_file_close(&file);
    }
    listen_end();
    return got;
}

static void test_missing(void **state)
{
    struct wt_itch_file file;
    (void)state;
    listen_begin();
    int got = wt_itch_file_open(&file, "/nonexistent/file.itch");
    listen_end();
    assert_int_equal(got, -ENOENT);
    assert_non_null(strstr(said, "/nonexistent/file.itch: cannot open: No such file"));
    assert_int_equal(lines(), 1);
}

static void test_directory(void **state)
{
    struct wt_itch_file file;
    (void)state;
    listen_begin();
    int got = wt_itch_file_open(&file, "/tmp");
    listen_end();
    assert_int_equal(got, -EISDIR);
    assert_int_equal(lines(), 1);
}

static void test_empty(void **state)
{
    unsigned n;
    size_t bytes;
    (void)state;
    assert_int_equal(read_all(&n, &bytes), -ENODATA);
    assert_non_null(strstr(said, "empty"));
    assert_int_equal(lines(), 1);
}

static void test_cut_everywhere(void **state)
{
    uint8_t bytes[3 * 38];
    (void)state;
    for (unsigned i = 0; i < 3; i++) {
        wt_put_be16(bytes + 38 * i, 36);
        memset(bytes + 38 * i + 2, 'A' + (int)i, 36);
    }
    for (size_t cut = 1; cut <= sizeof bytes; cut++) {
        char offset[32];
        unsigned n;
        size_t total;
        int got;
        put(bytes, cut);
        got = read_all(&n, &total);
        assert_int_equal(n, cut / 38);
        assert_int_equal(got, cut % 38 ? -EBADMSG : 0);
        assert_int_equal(lines(), cut % 38 != 0);
        snprintf(offset, sizeof offset, "byte %zu:", cut / 38 * 38);
        if (cut % 38)
            assert_non_null(strstr(said, offset));
    }
}

static void test_zero_length_ends(void **state)
{
    static const uint8_t bytes[] = {0, 1, 'S', 0, 0, 0, 1, 'S'};
    unsigned n;
    size_t total;
    (void)state;
    put(bytes, sizeof bytes);
    assert_int_equal(read_all(&n, &total), 0);
    assert_int_equal(n, 1);
}

static void test_large(void **state)
{
    /* Messages of every size, over many buffers, must come out whole and in order. */
    const size_t size = 5u << 20;
    uint8_t *bytes = malloc(size + 70000), expect = 0;
    size_t used = 0, length;
    unsigned count = 0, seen = 0;
    struct wt_itch_file file;
    const uint8_t *raw;
    int got;
    (void)state;
    while (used < size) {
        size_t n = count % 50 == 49 ? 65535 - count : 1 + count * 7 % 300;
        wt_put_be16(bytes + used, (uint16_t)n);
        memset(bytes + used + 2, (int)(count & 0xff), n);
        used += 2 + n;
        count++;
    }
    put(bytes, used);
    free(bytes);
    assert_int_equal(wt_itch_file_open(&file, path), 0);
    while ((got = wt_itch_file_next(&file, &raw, &length)) == 1) {
        assert_int_equal(raw[0], expect);
        assert_int_equal(raw[length - 1], expect);
        expect++;
        seen++;
    }
    assert_int_equal(got, 0);
    assert_int_equal(seen, count);
    assert_int_equal(wt_itch_file_offset(&file), used);
    wt_itch_file_close(&file);
}

static void test_pipe(void **state)
{
    /* Stdin in drops: a message may come in any number of pieces. */
    int ends[2], saved = dup(0);
    uint8_t message[38];
    struct wt_itch_file file;
    const uint8_t *raw;
    size_t length;
    (void)state;
    wt_put_be16(message, 36);
    memset(message + 2, 'x', 36);
    assert_int_equal(pipe(ends), 0);
    dup2(ends[0], 0);
    close(ends[0]);
    if (fork() == 0) {
        for (unsigned i = 0; i < 20 * sizeof message; i++) {
            if (write(ends[1], message + i % sizeof message, 1) != 1)
                _exit(1);
            usleep(20);
        }
        _exit(0);
    }
    close(ends[1]);
    assert_int_equal(wt_itch_file_open(&file, "-"), 0);
    for (unsigned i = 0; i < 20; i++)
        assert_int_equal(wt_itch_file_next(&file, &raw, &length), 1);
    assert_int_equal(wt_itch_file_next(&file, &raw, &length), 0);
    wt_itch_file_close(&file);
    dup2(saved, 0);
    close(saved);
}

/* ---------------------------------------------------------------- captures */

static void put32(FILE *f, uint32_t v)
{
    fwrite(&v, 4, 1, f);
}

static FILE *begin_pcap(uint32_t link_type)
{
    FILE *f = fopen(path, "wb");
    put32(f, 0xa1b2c3d4);
    put32(f, 2 | 4 << 16);
    put32(f, 0);
    put32(f, 0);
    put32(f, 65535);
    put32(f, link_type);
    return f;
}

static void put_frame(FILE *f, const void *bytes, size_t length)
{
    put32(f, 1);
    put32(f, 0);
    put32(f, (uint32_t)length);
    put32(f, (uint32_t)length);
    fwrite(bytes, 1, length, f);
}

static void test_capture(void **state)
{
    struct wt_frame_builder b;
    struct wt_pcap_packet packet;
    struct wt_pcap *pcap;
    uint8_t tagged[2048], message[12];
    FILE *f = begin_pcap(1);
    size_t n;
    (void)state;
    wt_itch_put_system(tagged, 1, 'O');
    memcpy(message, tagged, sizeof message);
    wt_frame_init(&b, 0xe9360c6f, 26477, "SESSION001");
    put_frame(f, "not a frame of ours, but one of some other protocol", 50);
    wt_frame_start(&b, 41);
    assert_int_equal(wt_frame_add(&b, message, sizeof message), 0);
    assert_int_equal(wt_frame_add(&b, message, sizeof message), 0);
    n = wt_frame_finish(&b);
    put_frame(f, b.bytes, n);
    memcpy(tagged, b.bytes, 12); /* the same behind an 802.1Q tag */
    memcpy(tagged + 12, "\x81\x00\x00\x05", 4);
    memcpy(tagged + 16, b.bytes + 12, n - 12);
    put_frame(f, tagged, n + 4);
    wt_frame_init(&b, 0xe9360c70, 26477, "SESSION001"); /* another group */
    wt_frame_start(&b, 1);
    put_frame(f, b.bytes, wt_frame_finish(&b));
    put_frame(f, b.bytes, 30); /* cut */
    fclose(f);
    assert_int_equal(wt_pcap_open(path, &pcap), 0);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(wt_pcap_next(pcap, i ? 0xe9360c6f : 0, i ? 26477 : 0, &packet), 1);
        assert_int_equal(packet.sequence, 41);
        assert_int_equal(packet.count, 2);
        assert_int_equal(packet.group, 0xe9360c6f);
        assert_int_equal(packet.port, 26477);
        assert_int_equal(packet.mold_length, 20 + 2 * 14);
        assert_int_equal(packet.frame_length, n + (i ? 4 : 0));
        assert_memory_equal(packet.mold + 22, message, sizeof message);
    }
    assert_int_equal(wt_pcap_next(pcap, 0xe9360c6f, 26477, &packet), 0);
    wt_pcap_close(pcap);
}

static void test_capture_bad(void **state)
{
    struct wt_pcap *pcap;
    struct wt_pcap_packet packet;
    FILE *f;
    (void)state;
    listen_begin();
    assert_int_equal(wt_pcap_open("/nonexistent.pcap", &pcap), -EINVAL);
    listen_end();
    assert_int_equal(lines(), 1);
    f = begin_pcap(101); /* raw IP */
    fclose(f);
    listen_begin();
    assert_int_equal(wt_pcap_open(path, &pcap), -EINVAL);
    listen_end();
    assert_non_null(strstr(said, "expected Ethernet"));
    f = begin_pcap(1);
    put32(f, 1);
    put32(f, 0);
    put32(f, 100);
    put32(f, 100);
    fputs("cut", f);
    fclose(f);
    assert_int_equal(wt_pcap_open(path, &pcap), 0);
    listen_begin();
    assert_int_equal(wt_pcap_next(pcap, 0, 0, &packet), -EBADMSG);
    listen_end();
    assert_int_equal(lines(), 1);
    wt_pcap_close(pcap);
}

static void test_capture_is_no_itch_file(void **state)
{
    unsigned n;
    size_t bytes;
    (void)state;
    fclose(begin_pcap(1));
    assert_int_equal(read_all(&n, &bytes), -EINVAL);
    assert_non_null(strstr(said, "packet capture"));
}

static void test_well_formed(void **state)
{
    uint8_t mold[64] = {0};
    (void)state;
    wt_put_be16(mold + 18, 2);
    wt_put_be16(mold + 20, 3);
    wt_put_be16(mold + 25, 0);
    assert_true(wt_mold_well_formed(mold, 27));
    for (size_t n = 0; n < 64; n++)
        assert_int_equal(wt_mold_well_formed(mold, n), n == 27);
    wt_put_be16(mold + 18, 0xffff);
    assert_true(wt_mold_well_formed(mold, 20));
    wt_put_be16(mold + 18, 0xfffe);
    assert_false(wt_mold_well_formed(mold, 64));
}

/* Every frame of it is a packet, every byte of a packet belongs to a message, every message is as long as its type
 * says, and what the twin makes of it counts nothing odd but the delete of an order from before. */
static void test_real_capture(void **state)
{
    static const struct {
        uint64_t sequence;
        unsigned count, adds, attributed;
    } want[] = {{14764496, 1, 0, 0}, {19009117, 38, 36, 2}};
    struct wt_pcap *pcap;
    struct wt_pcap_packet packet;
    struct wt_twin *twin;
    struct wt_twin_config config;
    struct wt_twin_stats stats;
    size_t length, frames = 0, packets = 0;
    int got;
    (void)state;
    NEED_FILE(DATA "pcap/totalview_multiple_packets.pcap");
    uint8_t *bytes = slurp(DATA "pcap/totalview_multiple_packets.pcap", &length);
    for (size_t at = 24; at < length; frames++) { /* a record's head has its length at 8, little-endian */
        assert_true(at + 16 <= length);
        at += 16 + (size_t)(bytes[at + 8] | bytes[at + 9] << 8);
        assert_true(at <= length);
    }
    free(bytes);
    wt_twin_defaults(&config);
    assert_int_equal(wt_twin_create(&config, &twin), 0);
    assert_int_equal(wt_pcap_open(DATA "pcap/totalview_multiple_packets.pcap", &pcap), 0);
    while ((got = wt_pcap_next(pcap, 0, 0, &packet)) == 1) {
        unsigned adds = 0, attributed = 0;
        const uint8_t *block = packet.mold + WT_MOLD_HEADER;
        assert_true(packets < 2);
        assert_memory_equal(packet.mold, "000010059B", 10);
        assert_true(packet.sequence == want[packets].sequence);
        assert_int_equal(packet.count, want[packets].count);
        for (unsigned i = 0; i < packet.count; i++) {
            struct wt_twin_result result;
            unsigned n = wt_be16(block);
            assert_int_equal(n, wt_itch_length(block[2]));
            adds += block[2] == 'A';
            attributed += block[2] == 'F';
            wt_twin_message(twin, packet.sequence + i, block + 2, n, &result);
            block += 2 + n;
        }
        assert_ptr_equal(block, packet.mold + packet.mold_length);
        assert_int_equal(adds, want[packets].adds);
        assert_int_equal(attributed, want[packets].attributed);
        packets++;
    }
    assert_int_equal(got, 0);
    wt_pcap_close(pcap);
    assert_int_equal(packets, frames);
    wt_twin_stats(twin, &stats);
    assert_int_equal(stats.messages, 39);
    assert_int_equal(stats.unknown_type + stats.bad_length + stats.excess + stats.zero_add + stats.senseless, 0);
    assert_int_equal(stats.orders_live, 38);
    wt_twin_destroy(twin);
}

/* ---------------------------------------------------------------- rows */

static void test_rows(void **state)
{
    static const char want[] = "1,0,A,1,2,3,4\n"
                               "18446744073709551615,281474976710655,ABCDEFGH,4294967295,4294967295,4294967295,99\n"
                               "7,100,A,1,2,0,0\n"
                               "8,100,A,0,0,0,0\n"
                               "9,1000000,x??y,10,9,101,99999\n";
    struct wt_rows *rows;
    int fd = open(path, O_WRONLY);
    uint8_t *got;
    size_t n;
    (void)state;
    assert_int_equal(wt_rows_create(fd, &rows), 0);
    assert_false(wt_rows_put(rows, 1, 0, 0, "A       ", 0, 0, 0, 0)); /* a fresh book is empty */
    assert_true(wt_rows_put(rows, 1, 0, 0, "A       ", 1, 2, 3, 4));
    assert_false(wt_rows_put(rows, 2, 5, 0, "A       ", 1, 2, 3, 4));
    assert_true(
        wt_rows_put(rows, UINT64_MAX, 0xffffffffffff, 65534, "ABCDEFGH", UINT32_MAX, UINT32_MAX, UINT32_MAX, 99));
    assert_true(wt_rows_put(rows, 7, 100, 0, "A       ", 1, 2, 0, 0));
    assert_true(wt_rows_put(rows, 8, 100, 0, "A       ", 0, 0, 0, 0));
    assert_true(wt_rows_put(rows, 9, 1000000, 3, "x\n,y    ", 10, 9, 101, 99999));
    assert_int_equal(wt_rows_flush(rows), 0);
    wt_rows_destroy(rows);
    close(fd);
    got = slurp(path, &n);
    assert_int_equal(n, sizeof want - 1);
    assert_memory_equal(got, want, n);
    free(got);
}

static void test_rows_without_reader(void **state)
{
    struct wt_rows *rows;
    int ends[2];
    (void)state;
    signal(SIGPIPE, SIG_IGN);
    assert_int_equal(pipe(ends), 0);
    close(ends[0]);
    assert_int_equal(wt_rows_create(ends[1], &rows), 0);
    for (uint32_t i = 1; i < 100000; i++) /* several buffers */
        wt_rows_put(rows, i, i, 0, "A       ", i, 2, 3, 4);
    assert_int_equal(wt_rows_flush(rows), -EPIPE);
    assert_int_equal(wt_rows_error(rows), -EPIPE);
    wt_rows_destroy(rows);
    close(ends[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_missing),
        cmocka_unit_test(test_directory),
        cmocka_unit_test_setup_teardown(test_empty, make_file, drop_file),
        cmocka_unit_test_setup_teardown(test_cut_everywhere, make_file, drop_file),
        cmocka_unit_test_setup_teardown(test_zero_length_ends, make_file, drop_file),
        cmocka_unit_test_setup_teardown(test_large, make_file, drop_file),
        cmocka_unit_test(test_pipe),
        cmocka_unit_test_setup_teardown(test_capture, make_file, drop_file),
        cmocka_unit_test_setup_teardown(test_capture_bad, make_file, drop_file),
        cmocka_unit_test_setup_teardown(test_capture_is_no_itch_file, make_file, drop_file),
        cmocka_unit_test(test_well_formed),
        cmocka_unit_test(test_real_capture),
        cmocka_unit_test_setup_teardown(test_rows, make_file, drop_file),
        cmocka_unit_test(test_rows_without_reader),
    };
    return cmocka_run_group_tests_name("market_file", tests, NULL, NULL);
}
