/*
 * OUCH as the host reads it: the gateway is logged in and has sent orders. An input is a list of messages: a control
 * byte, a length byte, the bytes; each comes in a sequenced packet. Control: bit 0 an order is sent first, bit 1 a
 * millisecond passes, bits 2 to 4 how the bytes are cut.
 */
#include "tests/fuzz/gateway_bench.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct host h;
    struct fuzz_bytes in = {data, size < 4096 ? size : 4096};
    uint8_t first = fuzz_u8(&in);
    uint32_t id = 0;
    host_begin(&h, first & 1);
    host_login_accepted(&h, first & 2 ? 2 : 1);
    while (in.left > 0) {
        uint8_t control = fuzz_u8(&in), packet[300];
        size_t length;
        uint8_t *message = fuzz_block(&in, fuzz_u8(&in), &length);
        struct wt_ouch m;
        if (control & 2)
            wt_gateway_poll(h.gateway, h.now += HOST_MS);
        if (control & 1) {
            struct wt_order_request q = host_order(++id);
            wt_gateway_send(h.gateway, &q, h.now);
        }
        h.chunk = control >> 2 & 7;
        if (wt_ouch_decode(WT_OUCH_OUT, message, length, &m) == 0) {
            uint8_t again[512];
            int n = wt_ouch_encode(WT_OUCH_OUT, &m, again, sizeof again);
            FUZZ_CHECK(n == (int)length && memcmp(again, message, length) == 0);
        }
        int n = wt_soup_put(packet, sizeof packet, WT_SOUP_SEQUENCED, message, length);
        FUZZ_CHECK(n > 0);
        host_input(&h, packet, (size_t)n);
        free(message);
    }
    host_end(&h);
    return 0;
}

static void add(struct fuzz_seed *s, unsigned control, const struct wt_ouch *m)
{
    uint8_t bytes[256];
    int n = wt_ouch_encode(WT_OUCH_OUT, m, bytes, sizeof bytes);
    FUZZ_CHECK(n > 0);
    fuzz_add_u8(s, control);
    fuzz_add_u8(s, (unsigned)n);
    fuzz_add(s, bytes, (size_t)n);
}

void fuzz_seeds(fuzz_put *put, void *ctx)
{
    static struct fuzz_seed s;
    uint8_t options[16];
    size_t length = 0;
    FUZZ_CHECK(wt_ouch_option_put(options, sizeof options, &length, WT_OUCH_TAG_SECONDARY_REF, "\0\0\0\0\0\0\0\7", 8) ==
               0);
    struct wt_ouch m = {.timestamp = 34200000000000,
                        .user_ref = 1,
                        .side = 'B',
                        .quantity = 100,
                        .price = 1000000,
                        .tif = '0',
                        .display = 'Y',
                        .order_ref = 77,
                        .capacity = 'P',
                        .iso = 'N',
                        .cross = 'N',
                        .state = 'L',
                        .liquidity = 'A',
                        .match = 5,
                        .reason = 'U',
                        .event = 'S'};
    memcpy(m.symbol, "ABC     ", 8);
    memcpy(m.cl_ord_id, "WT0000000001  ", 14);
    memcpy(m.firm, "WTCK", 4);
    /* Each type behind an accepted order, with and without options. */
    for (const char *type = "SAUCDEBJPITMRQXGK"; *type; type++) {
        for (unsigned with = 0; with < 2; with++) {
            uint8_t bytes[256];
            s.length = 0;
            fuzz_add_u8(&s, with);
            m.type = WT_OUCH_ACCEPTED;
            m.has_options = false;
            m.options_length = 0;
            add(&s, 1, &m);
            m.type = *type;
            m.orig_ref = *type == 'U' ? 1 : 0;
            m.user_ref = *type == 'U' ? 2 : 1;
            m.has_options = with;
            m.options = options;
            m.options_length = with ? (uint16_t)length : 0;
            if (wt_ouch_encode(WT_OUCH_OUT, &m, bytes, sizeof bytes) > 0) {
                add(&s, 2 | 3u << 2, &m);
                put(ctx, s.bytes, s.length);
            }
            m.user_ref = 1;
        }
    }
}
