/* Requests field by field against the tables of OUCH: the bytes are those that the general encoder makes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <errno.h>

#include "host/gateway/request.h"
#include "host/market/random.h"

/* What the request says, through the tables. */
static int by_tables(const struct wt_request_terms *t, const struct wt_order_request *r, uint8_t *to, size_t room)
{
    uint8_t options[8], body[128];
    size_t options_length = 0;
    char id[16];
    struct wt_ouch m = {.user_ref = r->id, .quantity = r->shares, .price = r->price, .tif = (char)r->tif};
    m.display = t->display;
    m.capacity = t->capacity;
    m.iso = m.cross = 'N';
    m.side = (char)r->side;
    m.orig_ref = r->replaced;
    memcpy(m.symbol, r->name, 8);
    snprintf(id, sizeof id, "WT%010u%02X", r->id, r->owner);
    memcpy(m.cl_ord_id, id, 14);
    m.type = r->kind == WT_REQUEST_ENTER     ? WT_OUCH_ENTER
             : r->kind == WT_REQUEST_REPLACE ? WT_OUCH_REPLACE
                                             : WT_OUCH_CANCEL;
    if (t->firm[0] && r->kind == WT_REQUEST_ENTER) {
        char firm[8];
        snprintf(firm, sizeof firm, "%-4s", t->firm);
        assert_int_equal(wt_ouch_option_put(options, sizeof options, &options_length, WT_OUCH_TAG_FIRM, firm, 4), 0);
        m.options = options;
        m.options_length = (uint16_t)options_length;
    }
    int length = wt_ouch_encode(WT_OUCH_IN, &m, body, sizeof body);
    assert_true(length > 0);
    return wt_soup_put(to, room, WT_SOUP_UNSEQUENCED, body, (size_t)length);
}

static bool prepared(const struct wt_request_terms *t, const struct wt_order_request *r, uint8_t *to)
{
    return r->kind == WT_REQUEST_REPLACE && r->tif == WT_TIF_DAY &&
           wt_request_replace(t, r->id, r->owner, r->replaced, r->shares, r->price, to);
}

/* Where it was made ready the replace that was is the same, with zeros behind it; else nothing is written. */
static unsigned the_prepared_replace(const struct wt_request_terms *t, const struct wt_order_request *r,
                                     const uint8_t *want, bool ready)
{
    static const uint8_t zeros[48];
    uint8_t got[48] = {0};
    struct wt_order_request bad[] = {*r, *r, *r, *r, *r, *r, *r, *r};
    bool there = prepared(t, r, got);
    if (ready && r->tif == WT_TIF_DAY && r->id > 1 && t->replace_owner == r->owner)
        assert_true(there);
    if (there) {
        assert_true(ready);
        assert_memory_equal(got, want, WT_REQUEST_REPLACE_LENGTH);
        assert_memory_equal(got + WT_REQUEST_REPLACE_LENGTH, zeros, sizeof got - WT_REQUEST_REPLACE_LENGTH);
    }
    bad[0].id++;
    bad[1].owner++;
    bad[2].replaced = 0;
    bad[3].replaced = bad[3].id;
    bad[4].shares = 0;
    bad[5].shares = 1000000;
    bad[6].price = there ? WT_OUCH_MAX_PRICE + 1 : 0;
    bad[7].kind = WT_REQUEST_CANCEL;
    memset(got, 0, sizeof got);
    for (unsigned i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_false(there && prepared(t, &bad[i], got));
    if (!there)
        assert_false(prepared(t, r, got));
    assert_memory_equal(got, zeros, sizeof got);
    return there;
}

static void test_same_bytes(void **state)
{
    unsigned prepared = 0;
    static const uint32_t ids[] = {1, 9, 10, 99999999, 100000000, 100000001, 1234567890, 4294967295u};
    struct wt_random random;
    (void)state;
    wt_random_seed(&random, 7);
    for (unsigned i = 0; i < 20000; i++) {
        struct wt_request_terms t = {.capacity = 'P', .display = i % 3 ? 'Y' : 'N'};
        struct wt_order_request r = {.kind = i % 3 == 0   ? WT_REQUEST_ENTER
                                             : i % 3 == 1 ? WT_REQUEST_REPLACE
                                                          : WT_REQUEST_CANCEL};
        uint8_t got[WT_REQUEST_MAX], want[WT_REQUEST_MAX];
        r.id = i < 24 ? ids[i / 3] : 2 + (uint32_t)wt_random_below(&random, 4294967294u);
        t.last_id = r.kind == WT_REQUEST_CANCEL ? UINT32_MAX : r.id - 1;
        r.replaced = t.last_id ? 1 + (uint32_t)wt_random_below(&random, t.last_id) : 1;
        r.side = i & 8 ? WT_BUY : WT_SELL;
        r.tif = i & 16 ? WT_TIF_DAY : WT_TIF_IOC;
        r.owner = (uint8_t)wt_random_below(&random, 256);
        r.shares = 1 + (uint32_t)wt_random_below(&random, 999999);
        r.price = 1 + (uint32_t)wt_random_below(&random, 1999999900);
        memcpy(r.name, i & 32 ? "AAPL    " : "ABCDEFGH", 8);
        snprintf(t.firm, sizeof t.firm, "%s", i & 64 ? "" : i & 128 ? "AB" : "ABCD");
        if (r.kind == WT_REQUEST_REPLACE && !t.last_id)
            continue;
        if (i & 256)
            wt_request_ready(&t, i & 1024 ? r.owner : 7); /* for this id; where ids were left out, for another one */
        if ((i & 512) && r.kind == WT_REQUEST_ENTER && t.last_id) {
            t.last_id--;
            wt_request_ready(&t, r.owner);
        }
        int n = wt_request_encode(&t, &r, got, sizeof got), m = by_tables(&t, &r, want, sizeof want);
        assert_int_equal(n, m);
        assert_memory_equal(got, want, (size_t)n);
        if (r.kind == WT_REQUEST_REPLACE)
            prepared += the_prepared_replace(&t, &r, want, (i & 256) && r.id == t.last_id + 1);
        struct wt_order_request back;
        assert_int_equal(wt_request_decode(WT_OUCH_50, got, (size_t)n, &back), 1);
        assert_int_equal(back.id, r.id);
        assert_int_equal(back.shares, r.shares);
        assert_int_equal(back.kind, r.kind);
    }
    assert_true(prepared > 300);
}

static void test_refused(void **state)
{
    const struct wt_request_terms t = {.capacity = 'P', .display = 'Y', .last_id = 10};
    const struct wt_order_request good = {.kind = WT_REQUEST_ENTER,
                                          .id = 11,
                                          .side = WT_BUY,
                                          .tif = WT_TIF_DAY,
                                          .shares = 1,
                                          .price = 1,
                                          .name = "A       "};
    uint8_t to[WT_REQUEST_MAX];
    (void)state;
    assert_true(wt_request_encode(&t, &good, to, sizeof to) > 0);
    assert_int_equal(wt_request_encode(&t, &good, to, sizeof to - 1), -EMSGSIZE);
#define REFUSED(change)                                                                                                \
    do {                                                                                                               \
        struct wt_order_request r = good;                                                                              \
        change;                                                                                                        \
        assert_int_equal(wt_request_encode(&t, &r, to, sizeof to), -EINVAL);                                           \
    } while (0)
    REFUSED(r.id = 10);
    REFUSED(r.shares = 0);
    REFUSED(r.shares = 1000000);
    REFUSED(r.price = 0);
    REFUSED(r.price = WT_OUCH_MAX_PRICE + 1);
    REFUSED(r.side = (enum wt_side)'X');
    REFUSED(r.tif = (enum wt_tif)'9');
    REFUSED(memcpy(r.name, "        ", 8));
    REFUSED(r.name[3] = 7);
    REFUSED(r.kind = WT_REQUEST_REPLACE);                  /* replaced 0 */
    REFUSED(r.kind = WT_REQUEST_REPLACE; r.replaced = 11); /* never left */
    REFUSED(r.kind = WT_REQUEST_CANCEL);                   /* 11 never left */
    REFUSED(r.kind = WT_REQUEST_CANCEL; r.id = 0);
    REFUSED(r.kind = WT_REQUEST_CANCEL; r.id = 1; r.shares = 1000000);
#undef REFUSED
}

static void test_names(void **state)
{
    const struct wt_request_terms t = {.capacity = 'P', .display = 'Y', .last_id = 10};
    uint8_t to[WT_REQUEST_MAX];
    (void)state;
    for (unsigned i = 0; i < 8 * 256; i++) {
        struct wt_order_request r = {.kind = WT_REQUEST_ENTER,
                                     .id = 11,
                                     .side = WT_BUY,
                                     .tif = WT_TIF_DAY,
                                     .shares = 1,
                                     .price = 1,
                                     .name = "ABCDEFGH"};
        unsigned c = i / 8;
        r.name[i % 8] = (char)c;
        bool good = c >= 0x20 && c <= 0x7e && (i % 8 || c != ' ');
        assert_int_equal(wt_request_encode(&t, &r, to, sizeof to) > 0, good);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_same_bytes), cmocka_unit_test(test_refused),
                                       cmocka_unit_test(test_names)};
    return cmocka_run_group_tests_name("request", tests, NULL, NULL);
}
