/*
 * One code path to the venue, shown on what was compiled: of all objects of the program, one uses
 * wt_gateway_send, and the functions that send an order through the OMS are used by the desk alone.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <unistd.h>

/* Names of the program's objects that refer to the symbol without defining it, one after the other. */
static void users_of(const char *symbol, char users[512])
{
    char self[4096], command[8192], line[512], member[128] = "";
    ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
    assert_true(n > 0);
    self[n] = '\0';
    for (int up = 0; up < 3; up++) { /* $(B)/tests/unit/test_one_path */
        char *slash = strrchr(self, '/');
        assert_non_null(slash);
        *slash = '\0';
    }
    /* gcc-nm, because some are compiled for the linker to inline across them */
    snprintf(command, sizeof command, "cd '%s/obj' && find host sim -name '*.o' | xargs gcc-nm 2>/dev/null", self);
    FILE *nm = popen(command, "r");
    assert_non_null(nm);
    users[0] = '\0';
    while (fgets(line, sizeof line, nm)) {
        char type, name[256];
        line[strcspn(line, "\n")] = '\0';
        size_t length = strlen(line);
        if (length && line[length - 1] == ':') {
            const char *slash = strrchr(line, '/');
            line[length - 1] = '\0';
            snprintf(member, sizeof member, "%.100s", slash ? slash + 1 : line);
        } else if (sscanf(line, " %c %255s", &type, name) == 2 && type == 'U' && strcmp(name, symbol) == 0) {
            strncat(users, member, 511 - strlen(users));
            strncat(users, " ", 511 - strlen(users));
        }
    }
    assert_int_equal(pclose(nm), 0);
}

static void the_gateway_has_one_user(void **state)
{
    (void)state;
    char users[512];
    users_of("wt_gateway_send", users);
    assert_string_equal(users, "run.o ");
}

static void the_oms_is_reached_through_the_desk(void **state)
{
    (void)state;
    char users[512];
    users_of("wt_oms_enter", users);
    assert_string_equal(users, "desk.o ");
    users_of("wt_oms_replace", users);
    assert_string_equal(users, "desk.o ");
    users_of("wt_risk_check", users);
    assert_string_equal(users, "desk.o ");
    users_of("wt_desk_signal", users); /* and the desk through the strategies' runner */
    assert_string_equal(users, "runner.o ");
}

static void the_search_can_find(void **state)
{
    (void)state;
    char users[512];
    users_of("wt_loop_publish", users);
    assert_non_null(strstr(users, "oms.o "));
    assert_non_null(strstr(users, "risk.o "));
    users_of("wt_no_such_function", users);
    assert_string_equal(users, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_gateway_has_one_user),
        cmocka_unit_test(the_oms_is_reached_through_the_desk),
        cmocka_unit_test(the_search_can_find),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
