/* SoupBinTCP framing: every packet, every split, every wrong length, garbage. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "host/common/bytes.h"
#include "host/gateway/soup.h"

static struct wt_soup_parser parser;

static void feed(const uint8_t *bytes, size_t length)
{
    size_t room;
    uint8_t *to = wt_soup_room(&parser, &room);
    assert_true(room >= length);
    memcpy(to, bytes, length);
    wt_soup_commit(&parser, length);
}

static const char server_types[] = "+AJSHZU", client_types[] = "+LUROU";

/* One packet of each type of a side, with payloads as long as the type wants. */
static size_t make_all(enum wt_soup_from from, uint8_t *to, size_t room)
{
    size_t at = 0;
    for (const char *t = from == WT_SOUP_FROM_SERVER ? server_types : client_types; *t; t++) {
        struct wt_soup_login_accepted accepted = {.session = "SESSION1", .sequence = 12345};
        struct wt_soup_login_request request = {
            .username = "user", .password = "secret", .session = "S1", .sequence = 1};
        int n;
        if (*t == 'A')
            n = wt_soup_put_login_accepted(to + at, room - at, &accepted);
        else if (*t == 'L')
            n = wt_soup_put_login_request(to + at, room - at, &request);
        else if (*t == 'J')
            n = wt_soup_put(to + at, room - at, 'J', "A", 1);
        else if (strchr("+SU", *t))
            n = wt_soup_put(to + at, room - at, *t, "hello", 5);
        else
            n = wt_soup_put(to + at, room - at, *t, NULL, 0);
        assert_true(n > 0);
        at += (size_t)n;
    }
    return at;
}

static void check_all(enum wt_soup_from from, size_t chunk, const uint8_t *bytes, size_t length)
{
    const char *expected = from == WT_SOUP_FROM_SERVER ? server_types : client_types;
    struct wt_soup_packet packet;
    wt_soup_init(&parser, from);
    for (size_t at = 0; at < length; at += chunk) {
        feed(bytes + at, chunk < length - at ? chunk : length - at);
        int rc;
        while ((rc = wt_soup_next(&parser, &packet)) != 0) {
            assert_int_equal(rc, 1);
            assert_int_equal(packet.type, *expected);
            if (strchr("+SU", packet.type)) {
                assert_int_equal(packet.length, 5);
                assert_memory_equal(packet.payload, "hello", 5);
            }
            expected++;
        }
    }
    assert_int_equal(*expected, '\0');
}

static void split_at_every_byte(void **state)
{
    (void)state;
    uint8_t bytes[512];
    for (int from = WT_SOUP_FROM_SERVER; from <= WT_SOUP_FROM_CLIENT; from++) {
        size_t length = make_all((enum wt_soup_from)from, bytes, sizeof bytes);
        for (size_t chunk = 1; chunk <= length; chunk++)
            check_all((enum wt_soup_from)from, chunk, bytes, length);
    }
}

static void login_request_bytes(void **state)
{
    (void)state;
    uint8_t bytes[64];
    struct wt_soup_login_request login = {.username = "abc", .password = "secret", .session = "", .sequence = 7}, back;
    assert_int_equal(wt_soup_put_login_request(bytes, sizeof bytes, &login), 49);
    assert_int_equal(wt_be16(bytes), 47);
    assert_memory_equal(bytes + 2, "Labc   secret                                 7", 47);
    wt_soup_init(&parser, WT_SOUP_FROM_CLIENT);
    feed(bytes, 49);
    struct wt_soup_packet packet;
    assert_int_equal(wt_soup_next(&parser, &packet), 1);
    assert_int_equal(wt_soup_get_login_request(&packet, &back), 0);
    assert_string_equal(back.username, "abc");
    assert_string_equal(back.password, "secret");
    assert_string_equal(back.session, "");
    assert_int_equal(back.sequence, 7);
    assert_int_equal(wt_soup_put_login_request(bytes, 48, &login), -ENOSPC);
    login.username[1] = '\n';
    assert_int_equal(wt_soup_put_login_request(bytes, sizeof bytes, &login), -EINVAL);
}

static void login_accepted_bytes(void **state)
{
    (void)state;
    uint8_t bytes[64];
    struct wt_soup_login_accepted accepted = {.session = "0000000042", .sequence = UINT64_MAX}, back;
    assert_int_equal(wt_soup_put_login_accepted(bytes, sizeof bytes, &accepted), 33);
    assert_memory_equal(bytes, "\0\037A000000004218446744073709551615", 33);
    strcpy(accepted.session, "S7");
    accepted.sequence = 1;
    assert_int_equal(wt_soup_put_login_accepted(bytes, sizeof bytes, &accepted), 33);
    assert_memory_equal(bytes, "\0\037A        S7                   1", 33);
    struct wt_soup_packet packet = {.type = 'A', .payload = bytes + 3, .length = 30};
    assert_int_equal(wt_soup_get_login_accepted(&packet, &back), 0);
    assert_string_equal(back.session, "S7");
    assert_int_equal(back.sequence, 1);
    memcpy(bytes + 13, "                 1x3", 20);
    assert_int_equal(wt_soup_get_login_accepted(&packet, &back), -EBADMSG);
    memcpy(bytes + 13, "18446744073709551616", 20);
    assert_int_equal(wt_soup_get_login_accepted(&packet, &back), -EBADMSG);
    memset(bytes + 13, ' ', 20);
    assert_int_equal(wt_soup_get_login_accepted(&packet, &back), -EBADMSG);
}

/* A wrong packet is skipped, said, and the next one is read right. */
static void wrong_packets(void **state)
{
    (void)state;
    static const struct {
        enum wt_soup_from from;
        const char *bytes;
        size_t length;
    } wrong[] = {
        {WT_SOUP_FROM_SERVER, "\0\0", 2},          /* no type */
        {WT_SOUP_FROM_SERVER, "\0\1?", 3},         /* no such type */
        {WT_SOUP_FROM_SERVER, "\0\1L", 3},         /* the other side's */
        {WT_SOUP_FROM_SERVER, "\0\2Hx", 4},        /* a heartbeat carries nothing */
        {WT_SOUP_FROM_SERVER, "\0\1J", 3},         /* a reason is missing */
        {WT_SOUP_FROM_SERVER, "\0\4Aabc", 6},      /* cut */
        {WT_SOUP_FROM_CLIENT, "\0\3Lab", 5},       /* cut */
        {WT_SOUP_FROM_CLIENT, "\0\1S", 3},         /* the other side's */
        {WT_SOUP_FROM_CLIENT, "\0\2Rx", 4},        /* carries nothing */
        {WT_SOUP_FROM_CLIENT, "\0\5O\0\0\0\0", 7}, /* carries nothing */
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct wt_soup_packet packet;
        wt_soup_init(&parser, wrong[i].from);
        feed((const uint8_t *)wrong[i].bytes, wrong[i].length);
        feed((const uint8_t *)"\0\3+ok", 5);
        assert_int_equal(wt_soup_next(&parser, &packet), -EBADMSG);
        assert_int_equal(wt_soup_next(&parser, &packet), 1);
        assert_int_equal(packet.type, '+');
        assert_memory_equal(packet.payload, "ok", 2);
        assert_int_equal(wt_soup_next(&parser, &packet), 0);
    }
}

static void longest_packets(void **state)
{
    (void)state;
    static uint8_t bytes[WT_SOUP_MAX_PACKET], payload[WT_SOUP_MAX_PACKET];
    memset(payload, 'x', sizeof payload);
    assert_int_equal(wt_soup_put(bytes, sizeof bytes, 'S', payload, 65535), -EMSGSIZE);
    assert_int_equal(wt_soup_put(bytes, sizeof bytes, 'S', payload, 65534), (int)sizeof bytes);
    assert_int_equal(wt_soup_put(bytes, 7, 'S', payload, 5), -EMSGSIZE);
    wt_soup_init(&parser, WT_SOUP_FROM_SERVER);
    struct wt_soup_packet packet;
    for (int i = 0; i < 5; i++) {
        for (size_t at = 0; at < sizeof bytes;) {
            size_t room;
            uint8_t *to = wt_soup_room(&parser, &room);
            size_t n = sizeof bytes - at < 40000 ? sizeof bytes - at : 40000;
            assert_true(room >= n);
            memcpy(to, bytes + at, n);
            wt_soup_commit(&parser, n);
            at += n;
            assert_int_equal(wt_soup_next(&parser, &packet), at == sizeof bytes ? 1 : 0);
        }
        assert_int_equal(packet.length, 65534);
        assert_memory_equal(packet.payload, payload, 65534);
    }
}

static void garbage(void **state)
{
    (void)state;
    unsigned seed = 1;
    for (int from = WT_SOUP_FROM_SERVER; from <= WT_SOUP_FROM_CLIENT; from++) {
        wt_soup_init(&parser, (enum wt_soup_from)from);
        size_t in = 0, out = 0;
        for (int i = 0; i < 20000; i++) {
            uint8_t bytes[64];
            size_t n = (size_t)(rand_r(&seed) % (int)sizeof bytes);
            for (size_t k = 0; k < n; k++)
                bytes[k] = (uint8_t)(rand_r(&seed) % 4 ? rand_r(&seed) % 3 : rand_r(&seed));
            feed(bytes, n);
            in += n;
            struct wt_soup_packet packet;
            int rc;
            while ((rc = wt_soup_next(&parser, &packet)) != 0) {
                assert_true(rc == 1 || rc == -EBADMSG);
                if (rc == 1)
                    for (size_t k = 0; k < packet.length; k++)
                        out += packet.payload[k] != 255;
            }
        }
        assert_true(out < in);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(split_at_every_byte),  cmocka_unit_test(login_request_bytes),
        cmocka_unit_test(login_accepted_bytes), cmocka_unit_test(wrong_packets),
        cmocka_unit_test(longest_packets),      cmocka_unit_test(garbage),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
