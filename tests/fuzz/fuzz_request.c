/*
 * Packets to the venue read back from a journal (host/gateway/request.h). An input is a list of packets: a length byte
 * and the bytes. What is a request says what stands in its bytes; encoded again and read once more it is the same; what
 * the host itself encodes is read back as it was.
 */
#include "host/gateway/request.h"
#include "tests/fuzz/fuzz.h"

static bool same(const struct wt_order_request *a, const struct wt_order_request *b)
{
    return a->kind == b->kind && a->id == b->id && a->replaced == b->replaced && a->symbol == b->symbol &&
           memcmp(a->name, b->name, 8) == 0 && a->side == b->side && a->tif == b->tif && a->owner == b->owner &&
           a->shares == b->shares && a->price == b->price;
}

/* The same bytes by offset. */
static void check(const uint8_t *p, size_t length, const struct wt_order_request *r)
{
    const uint8_t *m = p + 3;
    FUZZ_CHECK(length >= 12 && p[2] == 'U' && r->symbol == WT_SYMBOL_NONE);
    if (m[0] == 'O') {
        FUZZ_CHECK(r->kind == WT_REQUEST_ENTER && length >= 3 + 47 && r->id == wt_be32(m + 1) && r->replaced == 0);
        FUZZ_CHECK(r->side == m[5] && (m[5] == 'B' || m[5] == 'S') && r->shares == wt_be32(m + 6) &&
                   memcmp(r->name, m + 10, 8) == 0);
        FUZZ_CHECK(r->price == wt_be64(m + 18) && r->tif == m[26]);
    } else if (m[0] == 'U') {
        FUZZ_CHECK(r->kind == WT_REQUEST_REPLACE && length >= 3 + 40 && r->id == wt_be32(m + 5));
        FUZZ_CHECK(r->replaced == wt_be32(m + 1) && r->shares == wt_be32(m + 9) && r->price == wt_be64(m + 13));
        FUZZ_CHECK(r->tif == m[21]);
    } else {
        FUZZ_CHECK(m[0] == 'X' && r->kind == WT_REQUEST_CANCEL && r->id == wt_be32(m + 1));
        FUZZ_CHECK(r->shares == wt_be32(m + 5) && r->price == 0);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_bytes in = {data, size};
    while (in.left > 0) {
        struct wt_order_request r, r2;
        uint8_t again[WT_REQUEST_MAX];
        size_t length;
        uint8_t *packet = fuzz_block(&in, fuzz_u8(&in), &length);
        int rc = wt_request_decode(WT_OUCH_50, packet, length, &r);
        FUZZ_CHECK(rc == 1 || rc == 0 || rc == -EBADMSG);
        FUZZ_CHECK(rc <= 0 || wt_be16(packet) == length - 2);
        if (rc == 1) {
            check(packet, length, &r);
            struct wt_request_terms terms = {.capacity = 'P', .display = 'Y'};
            /* What is possible at all: a new id, or one that has left. */
            terms.last_id = r.kind == WT_REQUEST_CANCEL ? r.id : r.id - 1;
            int n = wt_request_encode(&terms, &r, again, sizeof again);
            FUZZ_CHECK(n > 0 || n == -EINVAL);
            if (n > 0)
                FUZZ_CHECK(wt_request_decode(WT_OUCH_50, again, (size_t)n, &r2) == 1 && same(&r, &r2));
        }
        free(packet);
    }
    return 0;
}

static void add(struct fuzz_seed *s, const struct wt_request_terms *terms, const struct wt_order_request *r)
{
    uint8_t packet[WT_REQUEST_MAX];
    struct wt_order_request back, sent = *r;
    int n = wt_request_encode(terms, r, packet, sizeof packet);
    FUZZ_CHECK(n > 0 && wt_request_decode(WT_OUCH_50, packet, (size_t)n, &back) == 1);
    sent.symbol = WT_SYMBOL_NONE;
    if (r->kind != WT_REQUEST_ENTER)
        back.side = sent.side;
    FUZZ_CHECK(same(&back, &sent));
    fuzz_add_u8(s, (unsigned)n);
    fuzz_add(s, packet, (size_t)n);
}

void fuzz_seeds(fuzz_put *put, void *ctx)
{
    static struct fuzz_seed s;
    for (unsigned firm = 0; firm < 2; firm++) {
        struct wt_request_terms terms = {.capacity = 'P', .display = 'Y', .last_id = 4};
        struct wt_order_request enter = {.kind = WT_REQUEST_ENTER,
                                         .id = 5,
                                         .symbol = 3,
                                         .side = WT_SELL,
                                         .tif = WT_TIF_IOC,
                                         .owner = 0xa3,
                                         .shares = 999999,
                                         .price = 1234500};
        struct wt_order_request replace = {.kind = WT_REQUEST_REPLACE,
                                           .id = 4000000000u,
                                           .replaced = 2,
                                           .tif = WT_TIF_DAY,
                                           .owner = 15,
                                           .shares = 100,
                                           .price = 1999999900};
        struct wt_order_request cancel = {.kind = WT_REQUEST_CANCEL, .id = 4, .shares = 50};
        memcpy(enter.name, "ABC     ", 8);
        if (firm)
            memcpy(terms.firm, "LIME", 4);
        s.length = 0;
        add(&s, &terms, &enter);
        add(&s, &terms, &replace);
        add(&s, &terms, &cancel);
        put(ctx, s.bytes, s.length);
    }
    s.length = 0; /* a query, a heartbeat, a login's beginning: no requests */
    fuzz_add(&s, "\x04\0\x02UQ\x03\0\x01R\x05\0\x2fLab", 15);
    put(ctx, s.bytes, s.length);
}
