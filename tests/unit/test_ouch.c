/* OUCH 5.0 codec: every message both ways, options, wrong lengths, garbage, and packets of real captures. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "host/common/bytes.h"
#include "host/gateway/ouch.h"
#include "host/gateway/soup.h"

enum options { NONE, OPTIONAL, MANDATORY };

/* Lengths as protocols.md section 4 gives them, the appendage length included where it is mandatory. */
static const struct {
    enum wt_ouch_direction direction;
    char type;
    size_t length;
    enum options options;
} messages[] = {
    {WT_OUCH_IN, 'O', 47, MANDATORY},  {WT_OUCH_IN, 'U', 40, MANDATORY},  {WT_OUCH_IN, 'X', 9, OPTIONAL},
    {WT_OUCH_IN, 'M', 10, OPTIONAL},   {WT_OUCH_IN, 'C', 17, OPTIONAL},   {WT_OUCH_IN, 'D', 9, OPTIONAL},
    {WT_OUCH_IN, 'E', 9, OPTIONAL},    {WT_OUCH_IN, 'Q', 1, OPTIONAL},    {WT_OUCH_OUT, 'S', 10, NONE},
    {WT_OUCH_OUT, 'A', 64, MANDATORY}, {WT_OUCH_OUT, 'U', 68, MANDATORY}, {WT_OUCH_OUT, 'C', 18, OPTIONAL},
    {WT_OUCH_OUT, 'D', 32, OPTIONAL},  {WT_OUCH_OUT, 'E', 36, MANDATORY}, {WT_OUCH_OUT, 'B', 36, OPTIONAL},
    {WT_OUCH_OUT, 'J', 29, OPTIONAL},  {WT_OUCH_OUT, 'P', 13, OPTIONAL},  {WT_OUCH_OUT, 'I', 13, OPTIONAL},
    {WT_OUCH_OUT, 'T', 30, OPTIONAL},  {WT_OUCH_OUT, 'M', 18, OPTIONAL},  {WT_OUCH_OUT, 'R', 16, MANDATORY},
    {WT_OUCH_OUT, 'Q', 13, OPTIONAL},  {WT_OUCH_OUT, 'X', 27, MANDATORY}, {WT_OUCH_OUT, 'G', 19, MANDATORY},
    {WT_OUCH_OUT, 'K', 19, MANDATORY},
};

#define COUNT (sizeof messages / sizeof messages[0])

/* Random bytes that are a message: every bit of it must survive decoding and encoding, which shows that the
 * fields cover the message without holes and do not overlap wrongly. */
static void every_message_round_trips(void **state)
{
    (void)state;
    unsigned seed = 7;
    for (size_t i = 0; i < COUNT; i++) {
        for (int round = 0; round < 50; round++) {
            uint8_t bytes[128], back[128];
            for (size_t k = 0; k < sizeof bytes; k++)
                bytes[k] = (uint8_t)rand_r(&seed);
            bytes[0] = (uint8_t)messages[i].type;
            size_t length = messages[i].length;
            size_t base = messages[i].options == MANDATORY ? length - 2 : length;
            if (messages[i].options != NONE && (messages[i].options == MANDATORY || round % 3)) {
                length = base + 2;
                if (round % 3 == 2) {
                    size_t options = 0;
                    uint8_t *to = bytes + base + 2;
                    assert_int_equal(wt_ouch_option_put(to, 30, &options, WT_OUCH_TAG_FIRM, "ABCD", 4), 0);
                    assert_int_equal(wt_ouch_option_put(to, 30, &options, 200, "xyz", 3), 0);
                    assert_int_equal(wt_ouch_option_put(to, 30, &options, WT_OUCH_TAG_DISPLAY_PRICE, "12345678", 8), 0);
                    length += options;
                    wt_put_be16(bytes + base, (uint16_t)options);
                } else {
                    wt_put_be16(bytes + base, 0);
                }
            }
            struct wt_ouch message;
            assert_int_equal(wt_ouch_decode(messages[i].direction, bytes, length, &message), 0);
            assert_int_equal(message.has_options, length > base);
            memset(back, 0xaa, sizeof back);
            assert_int_equal(wt_ouch_encode(messages[i].direction, &message, back, sizeof back), (int)length);
            assert_memory_equal(bytes, back, length);
            assert_int_equal(wt_ouch_encode(messages[i].direction, &message, back, length - 1), -ENOSPC);
        }
    }
}

static void only_right_lengths(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT; i++) {
        for (size_t length = 0; length < 128; length++) {
            uint8_t *bytes = calloc(1, length ? length : 1); /* exact size: an overrun is seen by the sanitizer */
            struct wt_ouch message;
            bytes[0] = (uint8_t)messages[i].type;
            int rc = wt_ouch_decode(messages[i].direction, bytes, length, &message);
            bool right =
                length == messages[i].length || (messages[i].options == OPTIONAL && length == messages[i].length + 2);
            assert_int_equal(rc, right ? 0 : -EBADMSG);
            free(bytes);
        }
    }
}

/* Which of all 256 types exist, in each direction. */
static void only_known_types(void **state)
{
    (void)state;
    for (int direction = WT_OUCH_IN; direction <= WT_OUCH_OUT; direction++) {
        for (int type = 0; type < 256; type++) {
            size_t length = 0;
            for (size_t i = 0; i < COUNT; i++)
                if (messages[i].direction == (enum wt_ouch_direction)direction && messages[i].type == (char)type)
                    length = messages[i].length;
            uint8_t bytes[80] = {(uint8_t)type};
            struct wt_ouch message = {.type = (char)type};
            assert_int_equal(wt_ouch_decode((enum wt_ouch_direction)direction, bytes, length ? length : 20, &message),
                             length ? 0 : -EBADMSG);
            message = (struct wt_ouch){.type = (char)type};
            int rc = wt_ouch_encode((enum wt_ouch_direction)direction, &message, bytes, 0);
            assert_int_equal(rc, length ? -ENOSPC : -EINVAL);
        }
    }
}

static void fields_where_the_tables_say(void **state)
{
    (void)state;
    static const uint8_t options[] = {5, WT_OUCH_TAG_FIRM, 'L', 'I', 'M', 'E'};
    struct wt_ouch m = {.type = 'O',
                        .user_ref = 0x01020304,
                        .side = 'B',
                        .quantity = 300,
                        .price = 1234500,
                        .tif = '3',
                        .display = 'Y',
                        .capacity = 'P',
                        .iso = 'N',
                        .cross = 'N',
                        .options = options,
                        .options_length = sizeof options};
    memcpy(m.symbol, "AAPL    ", 8);
    memcpy(m.cl_ord_id, "WT0000000001  ", 14);
    uint8_t bytes[64];
    assert_int_equal(wt_ouch_encode(WT_OUCH_IN, &m, bytes, sizeof bytes), 53);
    assert_memory_equal(bytes,
                        "O\1\2\3\4B\0\0\1\054AAPL    \0\0\0\0\0\x12\xd6\x44"
                        "3YPNNWT0000000001  \0\6\5\2LIME",
                        53);
    static const uint8_t executed[] = "E\0\0\0\0\0\0\0\x09\0\0\0\x05\0\0\0\x64\0\0\0\0\0\0\x27\x10"
                                      "A\x80\0\0\0\0\0\0\1\0\0";
    assert_int_equal(wt_ouch_decode(WT_OUCH_OUT, executed, 36, &m), 0);
    assert_int_equal(m.timestamp, 9);
    assert_int_equal(m.user_ref, 5);
    assert_int_equal(m.quantity, 100);
    assert_int_equal(m.price, 10000);
    assert_int_equal(m.liquidity, 'A');
    assert_true(m.match == 0x8000000000000001ull);
    static const uint8_t rejected[] = "J\0\0\0\0\0\0\0\x09\0\0\0\x05\0\x13WT0000000005  ";
    assert_int_equal(wt_ouch_decode(WT_OUCH_OUT, rejected, 29, &m), 0);
    assert_int_equal(m.reason, WT_OUCH_REJECT_QUANTITY);
    static const uint8_t canceled[] = "C\0\0\0\0\0\0\0\x09\0\0\0\x05\0\0\0\x28U";
    assert_int_equal(wt_ouch_decode(WT_OUCH_OUT, canceled, 18, &m), 0);
    assert_int_equal(m.quantity, 40);
    assert_int_equal(m.reason, 'U');
}

static void options(void **state)
{
    (void)state;
    uint8_t bytes[32];
    size_t length = 0;
    assert_int_equal(wt_ouch_option_put(bytes, sizeof bytes, &length, WT_OUCH_TAG_MIN_QTY, "\0\0\1\0", 4), 0);
    assert_int_equal(wt_ouch_option_put(bytes, sizeof bytes, &length, WT_OUCH_TAG_POST_ONLY, "P", 1), 0);
    assert_int_equal(length, 9);
    assert_int_equal(wt_ouch_option_put(bytes, sizeof bytes, &length, WT_OUCH_TAG_FIRM, "AB", 2), -EINVAL);
    assert_int_equal(wt_ouch_option_put(bytes, 10, &length, WT_OUCH_TAG_GROUP_ID, "AB", 2), -ENOSPC);
    struct wt_ouch m = {.type = 'X', .has_options = true, .options = bytes, .options_length = (uint16_t)length};
    struct wt_ouch_option option;
    assert_int_equal(wt_ouch_option_find(&m, WT_OUCH_TAG_MIN_QTY, &option), 1);
    assert_int_equal(wt_ouch_option_number(&option), 256);
    assert_int_equal(wt_ouch_option_find(&m, WT_OUCH_TAG_ROUTE, &option), 0);
    uint8_t wire[64];
    assert_int_equal(wt_ouch_encode(WT_OUCH_IN, &m, wire, sizeof wire), 20);
    wire[11] = 6; /* the first option now overlaps the second, whose length then makes no sense */
    assert_int_equal(wt_ouch_decode(WT_OUCH_IN, wire, 20, &m), -EBADMSG);
    wire[11] = 5;
    wire[17] = 3; /* the last option runs past the end */
    assert_int_equal(wt_ouch_decode(WT_OUCH_IN, wire, 20, &m), -EBADMSG);
    wire[17] = 0;
    assert_int_equal(wt_ouch_decode(WT_OUCH_IN, wire, 20, &m), -EBADMSG);
    wire[17] = 2;
    assert_int_equal(wt_ouch_decode(WT_OUCH_IN, wire, 20, &m), 0);
    wire[10] = 8; /* the appendage length disagrees with the message's */
    assert_int_equal(wt_ouch_decode(WT_OUCH_IN, wire, 20, &m), -EBADMSG);
    m = (struct wt_ouch){.type = 'S', .has_options = true};
    assert_int_equal(wt_ouch_encode(WT_OUCH_OUT, &m, wire, sizeof wire), -EINVAL);
    m = (struct wt_ouch){.type = 'X', .options = bytes, .options_length = 9};
    assert_int_equal(wt_ouch_encode(WT_OUCH_IN, &m, wire, sizeof wire), -EINVAL);
}

static void garbage(void **state)
{
    (void)state;
    unsigned seed = 3, good = 0;
    for (int i = 0; i < 200000; i++) {
        size_t m = (size_t)rand_r(&seed) % COUNT;
        size_t length = messages[m].length + (size_t)(rand_r(&seed) % 3 ? 0 : rand_r(&seed) % 24);
        uint8_t *bytes = malloc(length);
        for (size_t k = 0; k < length; k++)
            bytes[k] = (uint8_t)(rand_r(&seed) % 3 ? rand_r(&seed) % 4 : rand_r(&seed));
        bytes[0] = (uint8_t)messages[m].type;
        struct wt_ouch message;
        if (wt_ouch_decode(messages[m].direction, bytes, length, &message) == 0) {
            uint8_t back[256];
            assert_int_equal(wt_ouch_encode(messages[m].direction, &message, back, sizeof back), (int)length);
            assert_memory_equal(bytes, back, length);
            good++;
        }
        free(bytes);
    }
    assert_true(good > 1000);
}

/* The TCP payload of the only packet of a classic pcap (Ethernet, perhaps 802.1Q, IPv4). The captures have
 * trailers of the tap behind the IP packet, so lengths are the IP header's. */
static size_t read_payload(const char *path, uint8_t *payload, size_t room)
{
    FILE *f = fopen(path, "rb");
    if (!f)
        return 0;
    uint8_t bytes[2048];
    size_t n = fread(bytes, 1, sizeof bytes, f);
    fclose(f);
    assert_true(n > 24 + 16 + 14);
    assert_int_equal(bytes[20], 1); /* link type Ethernet */
    const uint8_t *p = bytes + 24 + 16, *end = bytes + n;
    size_t at = 12;
    while (wt_be16(p + at) == 0x8100)
        at += 4;
    assert_int_equal(wt_be16(p + at), 0x0800);
    const uint8_t *ip = p + at + 2;
    size_t ip_header = (ip[0] & 15u) * 4, total = wt_be16(ip + 2);
    const uint8_t *tcp = ip + ip_header;
    size_t tcp_header = (tcp[12] >> 4) * 4u;
    assert_true(ip + total <= end && ip_header + tcp_header <= total);
    size_t length = total - ip_header - tcp_header;
    assert_true(length <= room);
    memcpy(payload, tcp + tcp_header, length);
    return length;
}

static void real_packets(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        enum wt_soup_from from;
        char soup, ouch;
    } files[] = {
        {"CancelOrderMessage", WT_SOUP_FROM_CLIENT, 'U', 'X'},   {"CanceledMessage", WT_SOUP_FROM_SERVER, 'S', 'C'},
        {"ClientHeartbeatPacket", WT_SOUP_FROM_CLIENT, 'R', 0},  {"EnterOrderMessage", WT_SOUP_FROM_CLIENT, 'U', 'O'},
        {"OrderAcceptedMessage", WT_SOUP_FROM_SERVER, 'S', 'A'}, {"ServerHeartbeatPacket", WT_SOUP_FROM_SERVER, 'H', 0},
    };
    static struct wt_soup_parser parser;
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        char path[256];
        uint8_t payload[1500], back[1500];
        snprintf(path, sizeof path, "../shared/data/pcap/ouch50_%s.pcap", files[i].name);
        size_t length = read_payload(path, payload, sizeof payload);
        if (length == 0) {
            print_message("# %s is not there: skipped\n", path);
            skip();
        }
        wt_soup_init(&parser, files[i].from);
        size_t room;
        memcpy(wt_soup_room(&parser, &room), payload, length);
        wt_soup_commit(&parser, length);
        struct wt_soup_packet packet;
        assert_int_equal(wt_soup_next(&parser, &packet), 1);
        assert_int_equal(packet.type, files[i].soup);
        assert_int_equal(packet.length + 3, length);
        int n = 0;
        if (files[i].ouch) {
            struct wt_ouch m;
            enum wt_ouch_direction direction = files[i].soup == 'U' ? WT_OUCH_IN : WT_OUCH_OUT;
            assert_int_equal(wt_ouch_decode(direction, packet.payload, packet.length, &m), 0);
            assert_int_equal(m.type, files[i].ouch);
            n = wt_ouch_encode(direction, &m, back, sizeof back);
            assert_int_equal(n, (int)packet.length);
            if (m.type == 'A') {
                assert_memory_equal(m.symbol, "ADBE    ", 8);
                assert_int_equal(m.price, 0x48e748); /* 477.7800 */
                struct wt_ouch_option option;
                assert_int_equal(wt_ouch_option_find(&m, WT_OUCH_TAG_FIRM, &option), 1);
                assert_memory_equal(option.value, "MLRO", 4);
            }
        }
        uint8_t again[1500];
        assert_int_equal(wt_soup_put(again, sizeof again, packet.type, back, (size_t)n), (int)length);
        assert_memory_equal(again, payload, length);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_message_round_trips),
        cmocka_unit_test(only_right_lengths),
        cmocka_unit_test(only_known_types),
        cmocka_unit_test(fields_where_the_tables_say),
        cmocka_unit_test(options),
        cmocka_unit_test(garbage),
        cmocka_unit_test(real_packets),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
