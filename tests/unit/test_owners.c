/* Which loop a message is for: the one of the name that came with its locate, or all. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "host/market/itch.h"
#include "host/market/owners.h"

static const char names[5][9] = {"AAPL", "MSFT", "EIGHTCHR", "A", "B"};
static struct wt_owners *owners;

static int setup(void **state)
{
    (void)state;
    return wt_owners_create(names, 5, 2, &owners);
}

static int teardown(void **state)
{
    (void)state;
    wt_owners_destroy(owners);
    return 0;
}

/* name: NULL for a message that has none. */
static struct wt_of_record message(char type, uint16_t locate, const char *name)
{
    struct wt_of_record r = {.feed_seq = 1, .length = (uint8_t)wt_itch_length((uint8_t)type)};
    r.raw[0] = (uint8_t)type;
    r.raw[1] = (uint8_t)(locate >> 8);
    r.raw[2] = (uint8_t)locate;
    if (name) {
        uint8_t *at = r.raw + (type == 'R' ? 11 : 24);
        memset(at, ' ', 8);
        memcpy(at, name, strlen(name));
    }
    return r;
}

static uint32_t of(char type, uint16_t locate, const char *name)
{
    struct wt_of_record r = message(type, locate, name);
    return wt_owners_of(owners, &r);
}

static void a_locate_is_its_names_loops(void **state)
{
    (void)state;
    assert_int_equal(of('D', 7, NULL), WT_OWNERS_ALL); /* nobody knows it yet */
    assert_int_equal(of('R', 7, "MSFT"), 1);
    assert_int_equal(of('A', 8, "EIGHTCHR"), 0);
    assert_int_equal(of('F', 65535, "A"), 1);
    assert_int_equal(of('R', 9, "AAPL"), 0);
    static const char types[] = "HYECXDUPQI";
    for (unsigned i = 0; types[i]; i++) {
        assert_int_equal(of(types[i], 7, NULL), 1);
        assert_int_equal(of(types[i], 8, NULL), 0);
        assert_int_equal(of(types[i], 9, NULL), 0);
        assert_int_equal(of(types[i], 65535, NULL), 1);
        assert_int_equal(of(types[i], 10, NULL), WT_OWNERS_ALL);
    }
}

static void the_first_name_stays(void **state)
{
    (void)state;
    assert_int_equal(of('A', 20, "AAPL"), 0);
    assert_int_equal(of('A', 20, "MSFT"), 0);
    assert_int_equal(of('R', 20, "MSFT"), 0);
}

static void a_name_that_is_not_listed_is_nobodys(void **state)
{
    (void)state;
    static const char *const others[] = {"AAPLX", "AAP", "", "aapl", "EIGHTCH"};
    for (unsigned i = 0; i < 5; i++)
        assert_int_equal(of('R', (uint16_t)(100 + i), others[i]), WT_OWNERS_ALL);
    assert_int_equal(of('R', 100, "AAPL"), 0); /* and may be told later */
}

static void what_is_of_a_channel_is_for_all(void **state)
{
    static const uint8_t flags[] = {WT_OFF_MARKER, WT_OFF_GAP, WT_OFF_SHED, WT_OFF_END, WT_OFF_GAP | WT_OFF_RECOVERED};
    (void)state;
    assert_int_equal(of('R', 30, "MSFT"), 1);
    for (unsigned i = 0; i < sizeof flags; i++) {
        struct wt_of_record r = message('D', 30, NULL);
        r.flags = flags[i];
        assert_int_equal(wt_owners_of(owners, &r), WT_OWNERS_ALL);
    }
    struct wt_of_record r = message('D', 30, NULL);
    r.flags = WT_OFF_RECOVERED | 5; /* of channel 5 */
    assert_int_equal(wt_owners_of(owners, &r), 1);
    for (unsigned length = 0; length < 256; length++) { /* what cannot be read may make the whole channel stale */
        r = message('D', 30, NULL);
        r.length = (uint8_t)length;
        assert_int_equal(wt_owners_of(owners, &r), length == 19 ? 1 : WT_OWNERS_ALL);
    }
    r = message('D', 30, NULL);
    r.raw[0] = '?';
    assert_int_equal(wt_owners_of(owners, &r), WT_OWNERS_ALL);
    assert_int_equal(of('S', 0, NULL), WT_OWNERS_ALL);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(a_locate_is_its_names_loops),
        TEST(the_first_name_stays),
        TEST(a_name_that_is_not_listed_is_nobodys),
        TEST(what_is_of_a_channel_is_for_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
