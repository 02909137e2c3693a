/*
 * OUCH 4.2: every message from bytes written by hand from the table (protocols.md section 5), random messages there and
 * back, wrong lengths; what is the same in 5.0, and what 4.2 cannot say; the venue's table of tokens against an obvious
 * one; and an account's session of the simulated exchange, byte by byte and through the gateway.
 */
#include "tests/unit/exchange_bench.h"

#include "host/gateway/ouch42.h"
#include "host/gateway/request.h"
#include "host/gateway/soup.h"
#include "sim/exchange/tokens.h"

/* ---------------------------------------------------------------- bytes by hand */

#define STAMP "\x00\x00\x1f\x1a\xce\xf7\x00\x01" /* at 1 */
#define STAMP_NS 0x00001f1acef70001u
#define TOKEN "WT0000000007A3" /* 14 */
#define OTHER "abcXYZ0123    "
#define STOCK "ACME    "

struct vector {
    enum wt_ouch_direction direction;
    const char *bytes;
    size_t length;
    struct wt_ouch42 is;
};

#define BYTES(text) text, sizeof(text) - 1

static const struct vector vectors[] = {
    {WT_OUCH_IN,
     BYTES("O" TOKEN "B"
           "\x00\x00\x01\x2c" STOCK "\x00\x0f\x42\xa4"
           "\x00\x01\x86\x9e"
           "LIME"
           "YPN"
           "\x00\x00\x00\x32"
           "NR"),
     {.type = 'O',
      .token = TOKEN,
      .side = 'B',
      .quantity = 300,
      .symbol = STOCK,
      .price = 1000100,
      .time_in_force = 99998,
      .firm = "LIME",
      .display = 'Y',
      .capacity = 'P',
      .iso = 'N',
      .min_quantity = 50,
      .cross = 'N',
      .customer = 'R'}},
    {WT_OUCH_IN,
     BYTES("U" TOKEN OTHER "\x00\x0f\x42\x3f"
           "\x77\x35\x93\x9c"
           "\x00\x00\x00\x00"
           "AN"
           "\x00\x00\x00\x00"),
     {.type = 'U',
      .existing = TOKEN,
      .token = OTHER,
      .quantity = 999999,
      .price = 1999999900,
      .time_in_force = 0,
      .display = 'A',
      .iso = 'N'}},
    {WT_OUCH_IN, BYTES("X" TOKEN "\x00\x00\x00\x64"), {.type = 'X', .token = TOKEN, .quantity = 100}},
    {WT_OUCH_IN, BYTES("M" TOKEN "E\x00\x00\x00\x0a"), {.type = 'M', .token = TOKEN, .side = 'E', .quantity = 10}},
    {WT_OUCH_IN, BYTES("N" TOKEN), {.type = 'N', .token = TOKEN}},
    {WT_OUCH_OUT, BYTES("S" STAMP "E"), {.type = 'S', .timestamp = STAMP_NS, .event = 'E'}},
    {WT_OUCH_OUT,
     BYTES("A" STAMP TOKEN "S"
           "\x00\x00\x00\x64" STOCK "\x00\x0f\x42\x40"
           "\x00\x01\x86\x9f"
           "    "
           "N"
           "\x80\x00\x00\x00\x00\x00\x00\x05"
           "AN"
           "\x00\x00\x00\x01"
           "N"
           "L"
           "2"),
     {.type = 'A',
      .timestamp = STAMP_NS,
      .token = TOKEN,
      .side = 'S',
      .quantity = 100,
      .symbol = STOCK,
      .price = 1000000,
      .time_in_force = 99999,
      .firm = "    ",
      .display = 'N',
      .order_ref = 0x8000000000000005u,
      .capacity = 'A',
      .iso = 'N',
      .min_quantity = 1,
      .cross = 'N',
      .state = 'L',
      .bbo = '2'}},
    {WT_OUCH_OUT,
     BYTES("U" STAMP TOKEN "T"
           "\x00\x00\x00\x01" STOCK "\x00\x00\x00\x01"
           "\x00\x00\x00\x00"
           "ABCD"
           "P"
           "\x00\x00\x00\x00\x00\x00\x00\x09"
           "RY"
           "\x00\x00\x00\x00"
           "O"
           "D" OTHER "S"),
     {.type = 'U',
      .timestamp = STAMP_NS,
      .token = TOKEN,
      .side = 'T',
      .quantity = 1,
      .symbol = STOCK,
      .price = 1,
      .firm = "ABCD",
      .display = 'P',
      .order_ref = 9,
      .capacity = 'R',
      .iso = 'Y',
      .cross = 'O',
      .state = 'D',
      .existing = OTHER,
      .bbo = 'S'}},
    {WT_OUCH_OUT,
     BYTES("C" STAMP TOKEN "\x00\x00\x02\x00"
           "U"),
     {.type = 'C', .timestamp = STAMP_NS, .token = TOKEN, .quantity = 512, .reason = 'U'}},
    {WT_OUCH_OUT,
     BYTES("D" STAMP TOKEN "\x00\x00\x02\x00"
           "Q"
           "\x00\x00\x01\x00"
           "\x00\x00\x27\x10"
           "R"),
     {.type = 'D',
      .timestamp = STAMP_NS,
      .token = TOKEN,
      .quantity = 512,
      .reason = 'Q',
      .prevented = 256,
      .price = 10000,
      .liquidity = 'R'}},
    {WT_OUCH_OUT,
     BYTES("D" STAMP TOKEN "\x00\x00\x02\x00"
           "Q"
           "\x00\x00\x01\x00"
           "\x00\x00\x27\x10"
           "RN"),
     {.type = 'D',
      .timestamp = STAMP_NS,
      .token = TOKEN,
      .quantity = 512,
      .reason = 'Q',
      .prevented = 256,
      .price = 10000,
      .liquidity = 'R',
      .aiq_strategy = 'N'}},
    {WT_OUCH_OUT,
     BYTES("E" STAMP TOKEN "\x00\x00\x00\x64"
           "\x00\x0f\x42\x40"
           "A"
           "\x00\x00\x00\x00\x00\x01\x02\x03"),
     {.type = 'E',
      .timestamp = STAMP_NS,
      .token = TOKEN,
      .quantity = 100,
      .price = 1000000,
      .liquidity = 'A',
      .match = 0x10203}},
    {WT_OUCH_OUT,
     BYTES("B" STAMP TOKEN "\x00\x00\x00\x00\x00\x01\x02\x03"
           "S"),
     {.type = 'B', .timestamp = STAMP_NS, .token = TOKEN, .match = 0x10203, .reason = 'S'}},
    {WT_OUCH_OUT,
     BYTES("G" STAMP TOKEN "\x00\x00\x00\x64"
           "\x00\x0f\x42\x40"
           "A"
           "\x00\x00\x00\x00\x00\x01\x02\x03"
           "\x00\x0f\x42\x41"
           "I"),
     {.type = 'G',
      .timestamp = STAMP_NS,
      .token = TOKEN,
      .quantity = 100,
      .price = 1000000,
      .liquidity = 'A',
      .match = 0x10203,
      .reference_price = 1000001,
      .reference_type = 'I'}},
    {WT_OUCH_OUT,
     BYTES("F" STAMP TOKEN "\x00\x00\x00\x64"
           "\x00\x0f\x42\x40"
           "A"
           "\x00\x00\x00\x00\x00\x01\x02\x03"
           "N"),
     {.type = 'F',
      .timestamp = STAMP_NS,
      .token = TOKEN,
      .quantity = 100,
      .price = 1000000,
      .liquidity = 'A',
      .match = 0x10203,
      .reason = 'N'}},
    {WT_OUCH_OUT, BYTES("J" STAMP TOKEN "H"), {.type = 'J', .timestamp = STAMP_NS, .token = TOKEN, .reason = 'H'}},
    {WT_OUCH_OUT, BYTES("P" STAMP TOKEN), {.type = 'P', .timestamp = STAMP_NS, .token = TOKEN}},
    {WT_OUCH_OUT, BYTES("I" STAMP TOKEN), {.type = 'I', .timestamp = STAMP_NS, .token = TOKEN}},
    {WT_OUCH_OUT,
     BYTES("T" STAMP TOKEN "\x00\x0f\x42\x40"
           "A"
           "\x00\x00\x00\x00\x00\x00\x00\x0b"),
     {.type = 'T', .timestamp = STAMP_NS, .token = TOKEN, .price = 1000000, .display = 'A', .order_ref = 11}},
    {WT_OUCH_OUT,
     BYTES("M" STAMP TOKEN "S"
           "\x00\x00\x00\x63"),
     {.type = 'M', .timestamp = STAMP_NS, .token = TOKEN, .side = 'S', .quantity = 99}},
    {WT_OUCH_OUT, BYTES("N" STAMP TOKEN), {.type = 'N', .timestamp = STAMP_NS, .token = TOKEN}},
};

#define VECTORS (sizeof vectors / sizeof vectors[0])

static void every_message_by_hand(void **state)
{
    (void)state;
    static const size_t in[] = {49, 47, 19, 20, 15};
    static const size_t out[] = {10, 66, 80, 28, 37, 38, 40, 32, 45, 41, 24, 23, 23, 36, 28, 23};
    for (size_t i = 0; i < VECTORS; i++) {
        const struct vector *v = &vectors[i];
        struct wt_ouch42 m;
        uint8_t bytes[WT_OUCH42_MAX];
        /* The lengths of the table, once more: a slip of the hand above would be the same slip here. */
        assert_int_equal(v->length, v->direction == WT_OUCH_IN ? in[i] : out[i - 5]);
        assert_int_equal(wt_ouch42_decode(v->direction, (const uint8_t *)v->bytes, v->length, &m), 0);
        assert_memory_equal(&m, &v->is, sizeof m);
        assert_int_equal(wt_ouch42_encode(v->direction, &v->is, bytes, sizeof bytes), (int)v->length);
        assert_memory_equal(bytes, v->bytes, v->length);
        assert_int_equal(wt_ouch42_encode(v->direction, &v->is, bytes, v->length - 1), -ENOSPC);
    }
}

/* Every bit survives: the fields cover the message without holes. */
static void random_messages_round_trip(void **state)
{
    (void)state;
    unsigned seed = 3;
    for (size_t i = 0; i < VECTORS; i++)
        for (int round = 0; round < 200; round++) {
            uint8_t bytes[WT_OUCH42_MAX], back[WT_OUCH42_MAX];
            struct wt_ouch42 m;
            for (size_t k = 1; k < sizeof bytes; k++)
                bytes[k] = (uint8_t)rand_r(&seed);
            bytes[0] = (uint8_t)vectors[i].bytes[0];
            bytes[37] |= 1; /* the strategy, in the one message that may have one */
            assert_int_equal(wt_ouch42_decode(vectors[i].direction, bytes, vectors[i].length, &m), 0);
            assert_int_equal(wt_ouch42_encode(vectors[i].direction, &m, back, sizeof back), (int)vectors[i].length);
            assert_memory_equal(back, bytes, vectors[i].length);
        }
}

static void only_right_lengths(void **state)
{
    (void)state;
    uint8_t bytes[128] = {0};
    struct wt_ouch42 m;
    for (unsigned direction = 0; direction < 2; direction++)
        for (unsigned type = 0; type < 256; type++)
            for (size_t length = 0; length < sizeof bytes; length++) {
                bool right = false;
                for (size_t i = 0; i < VECTORS; i++)
                    right |= vectors[i].direction == direction && (uint8_t)vectors[i].bytes[0] == type &&
                             vectors[i].length == length;
                bytes[0] = (uint8_t)type;
                bytes[37] = 'N';
                assert_int_equal(wt_ouch42_decode(direction, bytes, length, &m), right ? 0 : -EBADMSG);
            }
    m = (struct wt_ouch42){.type = 'E', .price = (uint64_t)UINT32_MAX + 1};
    assert_int_equal(wt_ouch42_encode(WT_OUCH_OUT, &m, bytes, sizeof bytes), -EINVAL);
    m = (struct wt_ouch42){.type = 'Q'};
    assert_int_equal(wt_ouch42_encode(WT_OUCH_IN, &m, bytes, sizeof bytes), -EINVAL);
}

static void tokens_are_letters_and_digits(void **state)
{
    (void)state;
    assert_true(wt_ouch42_good_token(TOKEN) && wt_ouch42_good_token(OTHER) && wt_ouch42_good_token("z             "));
    assert_false(wt_ouch42_good_token("              ") || wt_ouch42_good_token("a b           ") ||
                 wt_ouch42_good_token("ab-           ") || wt_ouch42_good_token("\0\0\0\0\0\0\0\0\0\0\0\0\0"));
}

/* ---------------------------------------------------------------- the other dialect */

static struct wt_ouch enter50(void)
{
    struct wt_ouch m = {.type = WT_OUCH_ENTER,
                        .side = 'B',
                        .quantity = 100,
                        .price = 1000000,
                        .tif = '0',
                        .display = 'Y',
                        .capacity = 'P',
                        .iso = 'N',
                        .cross = 'N',
                        .has_options = true};
    memcpy(m.symbol, STOCK, 8);
    memcpy(m.cl_ord_id, TOKEN, 14);
    return m;
}

static void the_same_order_in_both(void **state)
{
    (void)state;
    uint8_t options[64], back_options[WT_OUCH42_OPTIONS];
    size_t length = 0;
    struct wt_ouch m = enter50(), back;
    struct wt_ouch42 m42;
    const char *why = NULL;
    m.display = 'A';
    m.tif = '6';
    assert_int_equal(wt_ouch_option_put(options, 64, &length, WT_OUCH_TAG_FIRM, "LIME", 4), 0);
    assert_int_equal(wt_ouch_option_put(options, 64, &length, WT_OUCH_TAG_MIN_QTY, "\0\0\0\x32", 4), 0);
    assert_int_equal(wt_ouch_option_put(options, 64, &length, WT_OUCH_TAG_CUSTOMER_TYPE, "R", 1), 0);
    assert_int_equal(wt_ouch_option_put(options, 64, &length, WT_OUCH_TAG_EXPIRE_TIME, "\0\0\x01\x00", 4), 0);
    assert_int_equal(wt_ouch_option_put(options, 64, &length, WT_OUCH_TAG_POST_ONLY, "P", 1), 0);
    m.options = options;
    m.options_length = (uint16_t)length;
    assert_int_equal(length, WT_OUCH42_OPTIONS); /* the most that there can be */
    assert_int_equal(wt_ouch42_from_50(WT_OUCH_IN, &m, &m42, &why), 0);
    assert_int_equal(m42.display, 'L');
    assert_int_equal(m42.min_quantity, 50);
    assert_int_equal(m42.time_in_force, 256);
    assert_int_equal(m42.customer, 'R');
    assert_memory_equal(m42.firm, "LIME", 4);
    assert_int_equal(wt_ouch42_to_50(WT_OUCH_IN, &m42, &back, back_options, &why), 0);
    assert_int_equal(back.options_length, length);
    assert_memory_equal(back.options, options, length);
    back.options = m.options;
    assert_memory_equal(&back, &m, sizeof m);
}

/* Each is one thing that 4.2 has no word for, and how the refusal begins to say so. */
static void what_42_cannot_say_is_refused_by_name(void **state)
{
    (void)state;
    static const struct {
        char type, tif, display;
        uint8_t tag, length;
        const char *value, *says;
    } cases[] = {
        {'O', '0', 'Y', WT_OUCH_TAG_ROUTE, 4, "SCAN", "no Route"},
        {'O', '0', 'Y', WT_OUCH_TAG_MAX_FLOOR, 4, "\0\0\0\1", "no Max Floor"},
        {'O', '0', 'Y', WT_OUCH_TAG_PRICE_TYPE, 1, "P", "no Price Type"},
        {'O', '0', 'Y', WT_OUCH_TAG_TRADE_NOW, 1, "Y", "Trade Now"},
        {'O', '0', 'N', WT_OUCH_TAG_POST_ONLY, 1, "P", "post-only"},
        {'O', '0', 'Y', WT_OUCH_TAG_DISCRETION_PRICE, 8, "\0\0\0\0\0\0\0\1", "no field"},
        {'O', '0', 'Y', WT_OUCH_TAG_GROUP_ID, 2, "\0\1", "no field"},
        {'O', '0', 'Y', WT_OUCH_TAG_EXPIRE_TIME, 4, "\0\0\0\1", "Time In Force 6"},
        {'O', '6', 'Y', WT_OUCH_TAG_EXPIRE_TIME, 4, "\0\1\x86\x9e", "Expire Time"},
        {'O', '6', 'Y', WT_OUCH_TAG_CUSTOMER_TYPE, 1, "R", "without an Expire Time"},
        {'O', 'E', 'Y', WT_OUCH_TAG_CUSTOMER_TYPE, 1, "R", "Time In Force"},
        {'Q', '0', 'Y', 0, 0, "", "Account Query"},
        {'C', '0', 'Y', 0, 0, "", "Mass Cancel"},
        {'D', '0', 'Y', 0, 0, "", "disables"},
        {'E', '0', 'Y', 0, 0, "", "enables"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        uint8_t options[32];
        size_t length = 0;
        struct wt_ouch m = enter50();
        struct wt_ouch42 m42;
        const char *why = "";
        m.type = cases[i].type;
        m.tif = cases[i].tif;
        m.display = cases[i].display;
        if (cases[i].tag)
            assert_int_equal(wt_ouch_option_put(options, 32, &length, cases[i].tag, cases[i].value, cases[i].length),
                             0);
        m.options = options;
        m.options_length = (uint16_t)length;
        if (wt_ouch42_from_50(WT_OUCH_IN, &m, &m42, &why) != -ENOTSUP)
            fail_msg("case %zu is taken", i);
        if (!strstr(why, cases[i].says))
            fail_msg("case %zu says '%s', not '%s'", i, why, cases[i].says);
    }
    struct wt_ouch m = enter50();
    struct wt_ouch42 m42;
    const char *why = "";
    m.price = (uint64_t)UINT32_MAX + 1;
    assert_int_equal(wt_ouch42_from_50(WT_OUCH_IN, &m, &m42, &why), -ENOTSUP);
    assert_non_null(strstr(why, "four bytes"));
    /* And what 5.0 cannot. */
    uint8_t options[WT_OUCH42_OPTIONS];
    m42 = (struct wt_ouch42){.type = WT_OUCH42_TRADE_NOW};
    assert_int_equal(wt_ouch42_to_50(WT_OUCH_IN, &m42, &m, options, &why), -ENOTSUP);
    assert_non_null(strstr(why, "Trade Now"));
    m42 = (struct wt_ouch42){.type = WT_OUCH42_TRADE_CORRECTION};
    assert_int_equal(wt_ouch42_to_50(WT_OUCH_OUT, &m42, &m, options, &why), -ENOTSUP);
}

/* 5.0's number, 4.2's letter; all that the venue uses. */
static void reasons_of_rejects(void **state)
{
    (void)state;
    static const struct {
        unsigned number;
        char letter;
    } reasons[] = {{0x02, 'C'}, {0x03, 'D'}, {0x04, 'O'}, {0x05, 'O'}, {0x07, 'H'}, {0x08, 'd'},
                   {0x09, 'O'}, {0x0a, 'O'}, {0x0c, 'L'}, {0x0d, 'N'}, {0x0f, 'O'}, {0x13, 'Z'},
                   {0x14, 'R'}, {0x16, 'O'}, {0x17, 'S'}, {0x1d, 'X'}, {0x29, 'O'}};
    for (size_t i = 0; i < sizeof reasons / sizeof reasons[0]; i++)
        assert_int_equal(wt_ouch42_reject(reasons[i].number), reasons[i].letter);
}

/* ---------------------------------------------------------------- requests and tokens */

static void requests_are_tokens(void **state)
{
    (void)state;
    struct wt_request_terms terms = {
        .capacity = 'P', .display = 'Y', .firm = "LIME", .last_id = 6, .dialect = WT_OUCH_42};
    struct wt_order_request r = {.kind = WT_REQUEST_ENTER,
                                 .id = 7,
                                 .symbol = WT_SYMBOL_NONE,
                                 .side = WT_BUY,
                                 .tif = WT_TIF_DAY,
                                 .owner = 0xa3,
                                 .shares = 300,
                                 .price = 1000100},
                            back;
    uint8_t bytes[WT_REQUEST_MAX];
    memcpy(r.name, STOCK, 8);
    static const char enter[] = "\0\x32U" /* 50 bytes behind the length */
                                "O" TOKEN "B"
                                "\x00\x00\x01\x2c" STOCK "\x00\x0f\x42\xa4"
                                "\x00\x01\x86\x9e"
                                "LIME"
                                "YPN"
                                "\x00\x00\x00\x00"
                                "N ";
    assert_int_equal(wt_request_encode(&terms, &r, bytes, sizeof bytes), sizeof enter - 1);
    assert_memory_equal(bytes, enter, sizeof enter - 1);
    assert_int_equal(wt_request_decode(WT_OUCH_42, bytes, sizeof enter - 1, &back), 1);
    assert_memory_equal(&back, &r, sizeof r);
    terms.last_id = 7;
    struct wt_order_request replace = {.kind = WT_REQUEST_REPLACE,
                                       .id = 4294967295u,
                                       .replaced = 7,
                                       .symbol = WT_SYMBOL_NONE,
                                       .tif = WT_TIF_IOC,
                                       .owner = 0xa3,
                                       .shares = 400,
                                       .price = 1};
    static const char replaced[] = "\0\x30U"
                                   "U" TOKEN "WT4294967295A3"
                                   "\x00\x00\x01\x90"
                                   "\x00\x00\x00\x01"
                                   "\x00\x00\x00\x00"
                                   "YN"
                                   "\x00\x00\x00\x00";
    assert_int_equal(wt_request_encode(&terms, &replace, bytes, sizeof bytes), sizeof replaced - 1);
    assert_memory_equal(bytes, replaced, sizeof replaced - 1);
    assert_int_equal(wt_request_decode(WT_OUCH_42, bytes, sizeof replaced - 1, &back), 1);
    assert_memory_equal(&back, &replace, sizeof back);
    struct wt_order_request cancel = {
        .kind = WT_REQUEST_CANCEL, .id = 7, .symbol = WT_SYMBOL_NONE, .owner = 0xa3, .shares = 50};
    static const char canceled[] = "\0\x14U"
                                   "X" TOKEN "\x00\x00\x00\x32";
    assert_int_equal(wt_request_encode(&terms, &cancel, bytes, sizeof bytes), sizeof canceled - 1);
    assert_memory_equal(bytes, canceled, sizeof canceled - 1);
    assert_int_equal(wt_request_decode(WT_OUCH_42, bytes, sizeof canceled - 1, &back), 1);
    assert_memory_equal(&back, &cancel, sizeof back);
    /* Refused as in 5.0. */
    r.id = 7; /* not new */
    assert_int_equal(wt_request_encode(&terms, &r, bytes, sizeof bytes), -EINVAL);
    r.id = 8;
    r.side = (enum wt_side)'T';
    assert_int_equal(wt_request_encode(&terms, &r, bytes, sizeof bytes), -EINVAL);
    cancel.id = 9;
    assert_int_equal(wt_request_encode(&terms, &cancel, bytes, sizeof bytes), -EINVAL);
}

static void names_of_ours(void **state)
{
    (void)state;
    char name[14];
    uint8_t owner = 1;
    static const uint32_t ids[] = {1, 9, 10, 99999999, 100000000, 4294967295u};
    for (size_t i = 0; i < sizeof ids / sizeof ids[0]; i++)
        for (unsigned o = 0; o < 256; o += 17) {
            wt_request_name(ids[i], (uint8_t)o, name);
            assert_true(wt_ouch42_good_token(name));
            assert_int_equal(wt_request_id(name, &owner), ids[i]);
            assert_int_equal(owner, o);
        }
    static const char *const others[] = {"WT4294967296A3", "WT00000000071g", "wt0000000007A3", "WT000000 007A3",
                                         "              ", "WT0000000007a3", "WT0000000000A3"};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        assert_int_equal(wt_request_id(others[i], &owner), 0);
}

static void the_table_against_an_obvious_one(void **state)
{
    (void)state;
    enum { MOST = 3000 };
    static char obvious[MOST][14];
    struct wt_tokens t = {0};
    unsigned seed = 11, count = 0, forgotten = 0;
    for (unsigned i = 0; i < 20000; i++) {
        struct wt_token token = {.display = 'Y'};
        char text[32];
        snprintf(text, sizeof text, "%-14u", (unsigned)rand_r(&seed) % 4000);
        memcpy(token.token, text, 14);
        uint32_t is = 0;
        for (unsigned k = 0; k < count && !is; k++)
            is = memcmp(obvious[k], text, 14) == 0 ? k + 1 : 0;
        assert_int_equal(wt_tokens_find(&t, token.token), is);
        if (!is && count < MOST) {
            assert_int_equal(wt_tokens_add(&t, &token), count + 1);
            memcpy(obvious[count++], text, 14);
            if (rand_r(&seed) % 5 == 0) {
                wt_tokens_forget(&t);
                count--;
                forgotten++;
            }
        }
    }
    assert_true(count > 1000 && forgotten > 100);
    for (unsigned k = 0; k < count; k++)
        assert_memory_equal(wt_tokens_get(&t, k + 1)->token, obvious[k], 14);
    assert_null(wt_tokens_get(&t, count + 1));
    assert_null(wt_tokens_get(&t, 0));
    wt_tokens_free(&t);
}

/* ---------------------------------------------------------------- a session, byte by byte */

struct raw {
    struct bench *b;
    struct wt_soup_parser parser;
    uint8_t message[64][WT_OUCH42_MAX];
    size_t length[64];
    unsigned count, seen, heartbeats;
};

static void raw_take(struct raw *r)
{
    size_t room;
    for (;;) {
        uint8_t *to = wt_soup_room(&r->parser, &room);
        ssize_t n = r->b->stream.recv(r->b->stream.ctx, to, room);
        struct wt_soup_packet p;
        if (n <= 0)
            return;
        wt_soup_commit(&r->parser, (size_t)n);
        while (wt_soup_next(&r->parser, &p) > 0) {
            r->heartbeats += p.type == WT_SOUP_SERVER_HEARTBEAT;
            if (p.type != WT_SOUP_SEQUENCED)
                continue;
            assert_true(r->count < 64 && p.length <= WT_OUCH42_MAX);
            memcpy(r->message[r->count], p.payload, p.length);
            r->length[r->count++] = p.length;
        }
    }
}

static void raw_run(struct raw *r, uint64_t ns)
{
    uint64_t until = r->b->now + ns;
    for (uint64_t next; (next = wt_exchange_next_ns(r->b->exchange)) <= until;) {
        r->b->now = next > r->b->now ? next : r->b->now;
        wt_exchange_run(r->b->exchange, r->b->now);
    }
    r->b->now = until;
    raw_take(r);
}

static void raw_send(struct raw *r, const char *message, size_t length)
{
    uint8_t bytes[128];
    int n = wt_soup_put(bytes, sizeof bytes, WT_SOUP_UNSEQUENCED, message, length);
    assert_true(n > 0);
    assert_int_equal(r->b->stream.send(r->b->stream.ctx, bytes, (size_t)n), 0);
    raw_run(r, 10 * LATENCY);
}

/* The next message; its first bytes behind the timestamp are these. */
static const uint8_t *raw_expect(struct raw *r, char type, size_t length, const char *token)
{
    assert_true(r->seen < r->count);
    const uint8_t *m = r->message[r->seen];
    assert_int_equal(m[0], type);
    assert_int_equal(r->length[r->seen++], length);
    assert_memory_equal(m + 9, token, 14);
    return m;
}

static struct bench *market(void)
{
    struct bench *b = bench_new();
    itch_directory(b, 1, "ACME");
    itch_add(b, 1, "ACME", 1, 'B', 500, 1000000);
    itch_add(b, 1, "ACME", 2, 'S', 500, 1000200);
    b->at = 20 * SECOND;
    itch_add(b, 1, "ACME", 3, 'S', 1, 1900000);
    b->config.dialect = WT_OUCH_42;
    return b;
}

#define ENTER(token, side, shares, stock, price, tif, display)                                                         \
    BYTES("O" token side shares stock price tif "LIME" display "PN"                                                    \
          "\x00\x00\x00\x00"                                                                                           \
          "NR")
#define DAY "\x00\x01\x86\x9e"
#define IOC "\x00\x00\x00\x00"
#define HUNDRED "\x00\x00\x00\x64"
#define AT_BID "\x00\x0f\x42\x40"
#define AT_ASK "\x00\x0f\x43\x08"
#define ONE "one           "
#define TWO "two           "
#define THREE "3             "

static void the_venue_speaks_it(void **state)
{
    (void)state;
    struct bench *b = market();
    static struct raw r;
    memset(&r, 0, sizeof r);
    r.b = b;
    wt_soup_init(&r.parser, WT_SOUP_FROM_SERVER);
    bench_build(b);
    assert_int_equal(b->stream.connect(b->stream.ctx), 0);
    struct wt_soup_login_request login = {.sequence = 1};
    uint8_t bytes[64];
    memcpy(login.username, b->config.username, sizeof login.username);
    memcpy(login.password, b->config.password, sizeof login.password);
    int n = wt_soup_put_login_request(bytes, sizeof bytes, &login);
    assert_int_equal(b->stream.send(b->stream.ctx, bytes, (size_t)n), 0);
    raw_run(&r, MS);
    assert_int_equal(r.count, 1);
    assert_int_equal(r.length[0], 10);
    assert_int_equal(r.message[0][9], 'S');
    r.seen = 1;

    raw_send(&r, ENTER(ONE, "B", HUNDRED, STOCK, AT_BID, DAY, "Y"));
    const uint8_t *m = raw_expect(&r, 'A', 66, ONE);
    assert_memory_equal(m + 23, "B" HUNDRED STOCK AT_BID DAY "LIMEY", 1 + 4 + 8 + 4 + 4 + 5);
    assert_int_equal(m[57], 'P');
    assert_int_equal(m[64], 'L');
    assert_int_equal(m[65], ' ');
    raw_send(&r, ENTER(ONE, "B", HUNDRED, STOCK, AT_BID, DAY, "Y")); /* again: in silence */
    assert_int_equal(r.seen, r.count);

    /* Replaced: the new token, the previous one behind it; firm and side are the old order's. */
    raw_send(&r, BYTES("U" ONE TWO "\x00\x00\x00\xc8" AT_BID DAY "AN\x00\x00\x00\x00"));
    m = raw_expect(&r, 'U', 80, TWO);
    assert_memory_equal(m + 23, "B\x00\x00\x00\xc8" STOCK AT_BID DAY "LIMEA", 1 + 4 + 8 + 4 + 4 + 5);
    assert_memory_equal(m + 65, ONE " ", 15);
    raw_send(&r, BYTES("U" ONE THREE HUNDRED AT_BID DAY "YN\x00\x00\x00\x00")); /* of an order that is gone */
    raw_send(&r, BYTES("U" THREE "9             " HUNDRED AT_BID DAY "YN\x00\x00\x00\x00")); /* of none */
    raw_send(&r, BYTES("X" ONE "\x00\x00\x00\x00"));
    raw_send(&r, BYTES("X"
                       "nobody        "
                       "\x00\x00\x00\x00"));
    raw_send(&r, BYTES("N" TWO));
    assert_int_equal(r.seen, r.count);
    raw_send(&r, BYTES("X" TWO "\x00\x00\x00\x32")); /* down to 50 */
    m = raw_expect(&r, 'C', 28, TWO);
    assert_memory_equal(m + 23, "\x00\x00\x00\x96U", 5);

    /* The token of a replace that was not taken is not used up; an order that trades at once. */
    raw_send(&r, ENTER(THREE, "B", HUNDRED, STOCK, AT_ASK, IOC, "Y"));
    raw_expect(&r, 'A', 66, THREE);
    m = raw_expect(&r, 'E', 40, THREE);
    assert_memory_equal(m + 23, HUNDRED AT_ASK "R", 9);

    /* A sale, long to short and back. */
    raw_send(&r, ENTER("s1            ", "S", HUNDRED, STOCK, "\x00\x0f\x55\xc8", DAY, "Y"));
    raw_expect(&r, 'A', 66, "s1            ");
    raw_send(&r, BYTES("M"
                       "s1            "
                       "E\x00\x00\x00\x3c"));
    raw_expect(&r, 'C', 28, "s1            ");
    m = raw_expect(&r, 'M', 28, "s1            ");
    assert_memory_equal(m + 23, "E\x00\x00\x00\x3c", 5);

    /* Rejects, by letter; each uses its token up. */
    static const struct {
        const char *bytes;
        size_t length;
        const char *token;
        char reason;
    } rejects[] = {
        {ENTER("r1            ", "B", HUNDRED, "NONE    ", AT_BID, DAY, "Y"), "r1            ", 'S'},
        {ENTER("r2            ", "B", "\x00\x0f\x42\x40", STOCK, AT_BID, DAY, "Y"), "r2            ", 'Z'},
        {ENTER("r3            ", "B", HUNDRED, STOCK, "\x00\x00\x00\x00", DAY, "Y"), "r3            ", 'X'},
        {ENTER("r4            ", "B", HUNDRED, STOCK, AT_BID, DAY, "M"), "r4            ", 'D'},
        {ENTER("r5            ", "B", HUNDRED, STOCK, AT_BID, "\x00\x00\x00\x3c", "Y"), "r5            ", 'O'},
        {ENTER("r6            ", "?", HUNDRED, STOCK, AT_BID, DAY, "Y"), "r6            ", 'O'},
        {BYTES("O"
               "r7            "
               "too short"),
         "r7            ", 'O'},
        {BYTES("U" TWO "r8            "
               "cut"),
         "r8            ", 'O'},
    };
    for (size_t i = 0; i < sizeof rejects / sizeof rejects[0]; i++) {
        raw_send(&r, rejects[i].bytes, rejects[i].length);
        m = raw_expect(&r, 'J', 24, rejects[i].token);
        assert_int_equal(m[23], rejects[i].reason);
        raw_send(&r, rejects[i].bytes, rejects[i].length);
        assert_int_equal(r.seen, r.count);
    }
    /* No token, and messages of 5.0: counted, no answer. */
    raw_send(&r, ENTER("no good token!", "B", HUNDRED, STOCK, AT_BID, DAY, "Y"));
    raw_send(&r, BYTES("Q"));
    assert_int_equal(r.seen, r.count);
    struct wt_exchange_stats s;
    wt_exchange_stats(b->exchange, &s);
    assert_int_equal(s.rejected, 8);
    assert_int_equal(s.malformed, 2 * 2 + 2);
    assert_int_equal(r.heartbeats, 0);
    raw_run(&r, 2 * SECOND);
    assert_true(r.heartbeats >= 1);
    bench_free(b);
}

/* ---------------------------------------------------------------- through the gateway */

static void the_gateway_speaks_it(void **state)
{
    (void)state;
    struct bench *b = market();
    b->gateway_config.dialect = WT_OUCH_42;
    b->gateway_config.sync = true;
    memcpy(b->gateway_config.firm, "LIME", 5);
    bench_start(b);
    bench_run(b, 500 * MS);
    assert_int_equal(b->state, WT_GATEWAY_SYNCING); /* the venue has not been silent for a second */
    bench_run(b, 1500 * MS);
    assert_int_equal(b->state, WT_GATEWAY_UP);
    assert_int_equal(expect(b, WT_EXEC_SYNCED, 0, 0)->sequence, 1); /* behind System Event S */
    uint32_t one = bench_order(b, "ACME", 'B', '0', 100, 1000000);
    bench_run(b, 1501 * MS);
    assert_int_equal(expect(b, WT_EXEC_ACCEPTED, one, 100)->price, 1000000);
    uint32_t two = bench_replace(b, one, 200, 1000100);
    bench_run(b, 1502 * MS);
    assert_int_equal(expect(b, WT_EXEC_REPLACED, two, 200)->replaced, one);
    bench_cancel(b, two, 50);
    bench_run(b, 1503 * MS);
    expect_canceled(b, two, 150, 'U');
    uint32_t three = bench_order(b, "ACME", 'B', '3', 600, 1000200);
    bench_run(b, 1504 * MS);
    expect(b, WT_EXEC_ACCEPTED, three, 600);
    expect_fill(b, three, 500, 1000200, 'R');
    expect_canceled(b, three, 100, 'I');
    uint32_t four = bench_order(b, "WHAT", 'B', '0', 100, 1000000);
    bench_run(b, 1505 * MS);
    expect_rejected(b, four, 'S');
    /* An order of strategy 5, canceled by one who knows only its number, also after another login. */
    struct wt_order_request owned = {.kind = WT_REQUEST_ENTER,
                                     .id = b->next_id++,
                                     .side = WT_BUY,
                                     .tif = WT_TIF_DAY,
                                     .owner = 5,
                                     .shares = 10,
                                     .price = 990000};
    memcpy(owned.name, STOCK, 8);
    assert_int_equal(wt_gateway_send(b->gateway, &owned, b->now), 0);
    bench_run(b, 1506 * MS);
    expect(b, WT_EXEC_ACCEPTED, owned.id, 10);
    wt_gateway_stop(b->gateway, b->now);
    assert_int_equal(wt_gateway_start(b->gateway, b->now), 0);
    bench_run(b, 3000 * MS);
    assert_int_equal(b->state, WT_GATEWAY_UP);
    expect(b, WT_EXEC_SYNCED, 0, 0);
    bench_cancel(b, owned.id, 0);
    bench_run(b, 3001 * MS);
    expect_canceled(b, owned.id, 10, 'U');
    expect_nothing(b);
    struct wt_gateway_stats s;
    wt_gateway_stats(b->gateway, &s);
    assert_int_equal(s.malformed, 0);
    bench_free(b);
}

/* A host that begins anew takes the whole day, its orders' owners with it. */
static void a_new_gateway_takes_the_day(void **state)
{
    (void)state;
    struct bench *b = market();
    b->gateway_config.dialect = WT_OUCH_42;
    b->gateway_config.sync = true;
    bench_start(b);
    bench_run(b, 1500 * MS);
    expect(b, WT_EXEC_SYNCED, 0, 0);
    struct wt_order_request owned = {.kind = WT_REQUEST_ENTER,
                                     .id = 1,
                                     .side = WT_BUY,
                                     .tif = WT_TIF_DAY,
                                     .owner = 0xff,
                                     .shares = 10,
                                     .price = 990000};
    memcpy(owned.name, STOCK, 8);
    assert_int_equal(wt_gateway_send(b->gateway, &owned, b->now), 0);
    bench_run(b, 1600 * MS);
    expect(b, WT_EXEC_ACCEPTED, 1, 10);
    wt_gateway_destroy(b->gateway);
    b->gateway_config.last_id = 1;
    struct wt_gateway_handler handler = {.ctx = b, .exec = bench_exec, .state = bench_state};
    assert_int_equal(wt_gateway_create(&b->gateway_config, b->stream, handler, &b->gateway), 0);
    assert_int_equal(wt_gateway_start(b->gateway, b->now), 0);
    bench_run(b, 4000 * MS);
    assert_int_equal(expect(b, WT_EXEC_ACCEPTED, 1, 10)->sequence, 2);
    assert_int_equal(expect(b, WT_EXEC_SYNCED, 0, 0)->sequence, 2);
    bench_cancel(b, 1, 0);
    bench_run(b, 4100 * MS);
    expect_canceled(b, 1, 10, 'U');
    bench_free(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_message_by_hand),
        cmocka_unit_test(random_messages_round_trip),
        cmocka_unit_test(only_right_lengths),
        cmocka_unit_test(tokens_are_letters_and_digits),
        cmocka_unit_test(the_same_order_in_both),
        cmocka_unit_test(what_42_cannot_say_is_refused_by_name),
        cmocka_unit_test(reasons_of_rejects),
        cmocka_unit_test(requests_are_tokens),
        cmocka_unit_test(names_of_ours),
        cmocka_unit_test(the_table_against_an_obvious_one),
        cmocka_unit_test(the_venue_speaks_it),
        cmocka_unit_test(the_gateway_speaks_it),
        cmocka_unit_test(a_new_gateway_takes_the_day),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
