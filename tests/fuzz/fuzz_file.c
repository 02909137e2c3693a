/*
 * Files: the input is a capture (pcap, pcapng) or a file of length-prefixed messages, by how it begins. Read as
 * `wiretick book` does.
 */
#include "host/market/file.h"
#include "host/market/gen.h"
#include "host/market/pcap.h"
#include "sim/card/frame.h"
#include "tests/fuzz/fuzz.h"

static void as_messages(const char *path, const uint8_t *bytes, size_t size)
{
    struct wt_itch_file file;
    const uint8_t *raw;
    size_t length, at = 0;
    int rc = wt_itch_file_open(&file, path);
    FUZZ_CHECK((rc < 0) == (size == 0 || wt_pcap_magic(bytes, size)));
    if (rc < 0)
        return;
    while ((rc = wt_itch_file_next(&file, &raw, &length)) == 1) {
        FUZZ_CHECK(at + 2 + length <= size && wt_be16(bytes + at) == length && length > 0);
        FUZZ_CHECK(memcmp(raw, bytes + at + 2, length) == 0);
        at += 2 + length;
        FUZZ_CHECK(wt_itch_file_offset(&file) == at);
    }
    /* It ends at the end, at a length of zero, or is cut. */
    if (rc == 0)
        FUZZ_CHECK(at == size || (at + 2 <= size && wt_be16(bytes + at) == 0));
    else
        FUZZ_CHECK(rc == -EBADMSG && (size - at < 2 || wt_be16(bytes + at) > size - at - 2));
    wt_itch_file_close(&file);
}

static void as_capture(const char *path, uint32_t group, uint16_t port)
{
    struct wt_pcap *pcap;
    struct wt_pcap_packet p;
    if (wt_pcap_open(path, &pcap) < 0)
        return;
    while (wt_pcap_next(pcap, group, port, &p) == 1) {
        FUZZ_CHECK(p.mold_length >= WT_MOLD_HEADER && p.mold > p.frame);
        FUZZ_CHECK(p.mold + p.mold_length <= p.frame + p.frame_length);
        FUZZ_CHECK(group == 0 ? wt_mold_well_formed(p.mold, p.mold_length) : p.group == group && p.port == port);
    }
    wt_pcap_close(pcap);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_file f = fuzz_file_open(data, size);
    as_messages(f.path, data, size);
    as_capture(f.path, 0, 0);
    as_capture(f.path, 0xe9360c6f, 26477);
    fuzz_file_close(&f);
    return 0;
}

static struct fuzz_seed s;

static int one(void *ctx, const uint8_t *raw, uint64_t length)
{
    (void)ctx;
    if (s.length < 3000) {
        fuzz_add_u16(&s, (unsigned)length);
        fuzz_add(&s, raw, length);
    }
    return 0;
}

static struct wt_frame_builder builder;

static int packed(void *ctx, const uint8_t *raw, uint64_t length)
{
    uint64_t *sequence = ctx;
    if (s.length > 3000)
        return 0;
    wt_frame_start(&builder, ++*sequence);
    wt_frame_add(&builder, raw, length);
    uint32_t n = (uint32_t)wt_frame_finish(&builder);
    fuzz_add(&s, (uint32_t[]){34200, 0, n, n}, 16);
    fuzz_add(&s, builder.bytes, n);
    return 0;
}

void fuzz_seeds(fuzz_put *put, void *ctx)
{
    struct wt_gen_config config;
    struct wt_gen_stats stats;
    uint64_t sequence = 0;
    wt_gen_defaults(&config);
    config.messages = 200;
    config.symbols = 3;
    config.live = 20;
    s.length = 0;
    FUZZ_CHECK(wt_gen_run(&config, (struct wt_gen_sink){NULL, one}, &stats) == 0);
    put(ctx, s.bytes, s.length);
    fuzz_add_u16(&s, 0); /* the end of a session, and something behind it */
    fuzz_add_u16(&s, 5);
    put(ctx, s.bytes, s.length);
    s.length = 0;
    fuzz_add(&s, (uint32_t[]){0xa1b2c3d4, 0x00040002, 0, 0, 65535, 1}, 24);
    wt_frame_init(&builder, 0xe9360c6f, 26477, "WTFUZZ0001");
    FUZZ_CHECK(wt_gen_run(&config, (struct wt_gen_sink){&sequence, packed}, &stats) == 0);
    put(ctx, s.bytes, s.length);
    /* pcapng: section header, interface, one packet block with the last frame. */
    struct wt_frame_builder b = builder;
    uint32_t n = (uint32_t)b.length, padded = (n + 3) & ~3u;
    s.length = 0;
    fuzz_add(&s, (uint32_t[]){0x0a0d0d0a, 28, 0x1a2b3c4d, 1, 0xffffffff, 0xffffffff, 28}, 28);
    fuzz_add(&s, (uint32_t[]){1, 20, 1, 65535, 20}, 20);
    fuzz_add(&s, (uint32_t[]){6, 32 + padded, 0, 0, 0, n, n}, 28);
    fuzz_add(&s, b.bytes, padded);
    fuzz_add(&s, &(uint32_t){32 + padded}, 4);
    put(ctx, s.bytes, s.length);
}
