/*
 * Nothing reaches the gateway without a verdict, shown four ways:
 *  - in what was compiled, one object uses wt_gateway_send, and the functions of the OMS that send an order are used by
 * the desk alone;
 *  - in the source, only risk and the OMS know what is in a pass, and only the OMS's own files what is in an OMS; every
 * other file of host and sim was looked through;
 *  - the compiler refuses to make a pass elsewhere;
 *  - a pass is good once, for what was judged.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <errno.h>
#include <unistd.h>

#include "tests/unit/trade_bench.h"

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
    snprintf(command, sizeof command,
             "cd '%s/obj' && find host sim -name '*.o' | LC_ALL=C sort | xargs gcc-nm 2>/dev/null", self);
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
    static const char *const only[][2] = {
        {"wt_gateway_send", "way_out.o "},         {"wt_gateway_replace", "way_out.o "},
        {"wt_way_out", "session_inputs.o oms.o "}, /* which names it to the OMS */
        {"wt_way_out_replace", "oms.o "},          {"wt_way_out_replaced", "oms.o "},
        {"wt_tap_send_room", "gateway.o "}};
    for (unsigned i = 0; i < sizeof only / sizeof only[0]; i++) {
        users_of(only[i][0], users);
        assert_string_equal(users, only[i][1]);
    }
}

static void the_oms_is_reached_through_the_desk(void **state)
{
    (void)state;
    static const char *const only[][2] = {
        {"wt_oms_enter", "desk.o "},
        {"wt_oms_replace", "desk.o "},
        {"wt_oms_move", "desk.o "},
        {"wt_oms_moved", "desk.o "},
        {"wt_risk_pass", "desk.o "},
        {"wt_risk_pass_move", "desk.o "},
        {"wt_desk_signal", "runner.o "},       /* strategies reach it through their runner */
        {"wt_oms_create", "session_build.o "}, /* which gives it the only sink */
        {"wt_oms_disown", "oms_reports.o "},
        {"wt_oms_after_answer", "oms_reports.o "}};
    for (unsigned i = 0; i < sizeof only / sizeof only[0]; i++) {
        char users[512];
        users_of(only[i][0], users);
        assert_string_equal(users, only[i][1]);
    }
}

/* Files below host and sim that hold the word, sorted, one after the other. Tests run from the top of the tree. */
static void files_with(const char *word, char files[1024])
{
    char command[256], line[256];
    snprintf(command, sizeof command, "grep -rlF --include='*.[ch]' -e '%s' host sim | LC_ALL=C sort", word);
    FILE *grep = popen(command, "r");
    assert_non_null(grep);
    files[0] = '\0';
    while (fgets(line, sizeof line, grep)) {
        line[strcspn(line, "\n")] = ' ';
        strncat(files, line, 1023 - strlen(files));
    }
    pclose(grep);
}

static void only_risk_and_the_oms_see_into_a_pass(void **state)
{
    (void)state;
    char files[1024];
    files_with("#include \"host/trade/pass_inside.h\"", files);
    assert_string_equal(files, "host/trade/oms.c host/trade/risk.c ");
    files_with("struct wt_pass {", files);
    assert_string_equal(files, "host/trade/pass_inside.h ");
    files_with("struct wt_pass)", files); /* made from nothing, or out of another type: by nobody */
    assert_string_equal(files, "");
    files_with("#include \"host/trade/oms_internal.h\"", files);
    assert_string_equal(files, "host/trade/oms.c host/trade/oms_reports.c host/trade/oms_sums.c ");
    files_with("->sink.send(", files);
    assert_string_equal(files, "host/trade/oms.c ");
    files_with("wt_gateway_send(", files);
    assert_string_equal(files, "host/gateway/gateway.c host/gateway/gateway.h host/gateway/way_out.c ");
    files_with("wt_gateway_replace(", files);
    assert_string_equal(files, "host/gateway/gateway.c host/gateway/gateway.h host/gateway/way_out.c ");
    files_with("wt_way_out(", files); /* called */
    assert_string_equal(files, "host/gateway/way_out.c host/gateway/way_out.h ");
    files_with("wt_way_out_replace(", files);
    assert_string_equal(files, "host/gateway/way_out.c host/gateway/way_out.h host/trade/oms.c ");
    files_with("wt_tap_send_room(", files);
    assert_string_equal(files, "host/event/tap.c host/event/tap.h host/gateway/gateway.c ");
}

/* Compiles a function body behind the public headers; the compiler's status, and the first line that it says. */
static int compiles(const char *body, char said[512])
{
    char path[] = "/tmp/wt_pass_XXXXXX.c", command[512], line[512];
    int fd = mkstemps(path, 2);
    assert_true(fd >= 0);
    FILE *f = fdopen(fd, "w");
    fprintf(
        f,
        "#include \"host/trade/desk.h\"\n"
        "int64_t f(struct wt_oms *oms, struct wt_risk *risk, const struct wt_signal *s);\n"
        "int64_t f(struct wt_oms *oms, struct wt_risk *risk, const struct wt_signal *s)\n{\n(void)s;(void)risk;%s\n}\n",
        body);
    fclose(f);
    snprintf(command, sizeof command,
             "gcc -std=c17 -Wall -Wextra -Werror -D_GNU_SOURCE -I. -fsyntax-only %s 2>&1 | grep error", path);
    FILE *gcc = popen(command, "r");
    assert_non_null(gcc);
    said[0] = '\0';
    while (fgets(line, sizeof line, gcc))
        strncat(said, line, 511 - strlen(said));
    int found = pclose(gcc); /* of grep: 0 when there is an error */
    unlink(path);
    return found ? 0 : -1;
}

static void the_compiler_lets_nobody_else_make_one(void **state)
{
    (void)state;
    char said[512];
    static const char *const forged[] = {
        "struct wt_pass pass; return wt_oms_enter(oms, &pass, \"ACME    \");",
        "struct wt_pass *pass = &(struct wt_pass){0}; return wt_oms_enter(oms, pass, \"ACME    \");",
        "return wt_oms_enter(oms, s, \"ACME    \");",
        "struct wt_pass *pass = wt_risk_pass(risk, s, 0); pass->good = 1; return wt_oms_replace(oms, pass);"};
    assert_int_equal(compiles("return wt_oms_enter(oms, wt_risk_pass(risk, s, 0), \"ACME    \");", said), 0);
    for (unsigned i = 0; i < sizeof forged / sizeof forged[0]; i++) {
        if (compiles(forged[i], said) == 0)
            fail_msg("this compiles: %s", forged[i]);
        if (!strstr(said, "wt_pass"))
            fail_msg("another error: %s", said);
    }
}

/* ---- a pass in use */

static struct trade_bench t;

static void a_pass_is_good_once_and_for_what_was_judged(void **state)
{
    (void)state;
    const struct wt_risk_limits firm = {.collar_bps = WT_NO_COLLAR, .max_order_shares = 100};
    struct wt_risk_config config = bench_config();
    config.firm = &firm;
    bench_build(&t, &config);
    struct wt_signal s = {.kind = WT_SIGNAL_ENTER, .side = WT_BUY, .tif = WT_TIF_DAY, .shares = 100, .price = 1000000};
    struct wt_pass *pass = wt_risk_pass(t.risk, &s, 0);
    assert_non_null(pass);
    s.shares = 5000; /* too late: what was judged is sent */
    assert_int_equal(wt_oms_replace(t.oms, pass), -EPERM);
    assert_int_equal(t.requests, 0);
    assert_int_equal(wt_oms_enter(t.oms, pass, "S0      "), 1);
    assert_int_equal(t.last.shares, 100);
    assert_int_equal(wt_oms_enter(t.oms, pass, "S0      "), -EPERM);
    assert_int_equal(t.requests, 1);
    assert_null(wt_risk_pass(t.risk, &s, 0));
    assert_int_equal(wt_oms_enter(t.oms, pass, "S0      "), -EPERM);
    assert_int_equal(t.requests, 1);
    bench_destroy(&t);
}

/* That of a move is one for the signal only when the verdict was told, and what is sent is the order's. */
static void a_move_is_told_before_it_is_anything_else(void **state)
{
    (void)state;
    const struct wt_risk_limits firm = {.collar_bps = 100, .max_order_shares = 100};
    struct wt_risk_config config = {.firm = &firm};
    bench_build(&t, &config);
    const struct wt_signal enter = {
        .kind = WT_SIGNAL_ENTER, .side = WT_BUY, .tif = WT_TIF_DAY, .shares = 100, .price = 1000000};
    assert_int_equal(bench_signal(&t, 0, enter), 1);
    assert_null(wt_oms_movable(t.oms, 1, 0));
    bench_report(&t, (struct wt_exec_report){.type = WT_EXEC_ACCEPTED, .id = 1, .shares = 100, .price = 1000000});
    const struct wt_order *o = wt_oms_movable(t.oms, 1, 0);
    assert_non_null(o);
    assert_null(wt_oms_movable(t.oms, 1, 1)); /* another owner's */
    assert_null(wt_oms_movable(t.oms, 0, 0));
    assert_null(wt_oms_movable(t.oms, 2, 0));
    struct wt_signal s = {.kind = WT_SIGNAL_REPLACE, .order = 77, .side = WT_SELL, .shares = 101, .price = 1000100};
    assert_null(wt_risk_pass_move(t.risk, &s, o));
    s.shares = 100;
    unsigned before = t.verdicts;
    struct wt_pass *pass = wt_risk_pass_move(t.risk, &s, o);
    assert_non_null(pass);
    assert_int_equal(wt_oms_replace(t.oms, pass), -EPERM);
    assert_int_equal(wt_oms_enter(t.oms, pass, "S0      "), -EPERM);
    assert_int_equal(wt_oms_move(t.oms, pass), 1); /* there is no way out here */
    wt_risk_told(t.risk);
    wt_loop_drain(t.loop);
    assert_int_equal(t.verdicts, before + 1);
    assert_int_equal(t.verdict.signal.order, 1);
    assert_int_equal(t.verdict.signal.side, WT_BUY);
    assert_int_equal(wt_oms_move(t.oms, pass), 1);
    assert_int_equal(t.requests, 1);
    assert_int_equal(wt_oms_replace(t.oms, pass), 2);
    assert_int_equal(t.last.replaced, 1);
    assert_int_equal(t.last.side, WT_BUY);
    assert_int_equal(t.last.price, 1000100);
    assert_int_equal(wt_oms_replace(t.oms, pass), -EPERM);
    assert_int_equal(t.requests, 2);
    bench_destroy(&t);
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
        cmocka_unit_test(only_risk_and_the_oms_see_into_a_pass),
        cmocka_unit_test(the_compiler_lets_nobody_else_make_one),
        cmocka_unit_test(a_pass_is_good_once_and_for_what_was_judged),
        cmocka_unit_test(a_move_is_told_before_it_is_anything_else),
        cmocka_unit_test(the_search_can_find),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
