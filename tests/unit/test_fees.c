/* Fees by liquidity flag, broken trades and corrections: shares, money and fees are those of what stands. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "tests/unit/trade_bench.h"

static struct trade_bench t;

static void report(enum wt_exec_type type, uint32_t shares, uint32_t price, char liquidity)
{
    bench_report(&t, (struct wt_exec_report){
                         .type = type, .id = 1, .shares = shares, .price = price, .liquidity = liquidity, .match = 7});
}

static void expect(int64_t shares, int64_t cash, int64_t fees)
{
    for (unsigned row = 0; row < 6; row += 1 + row) { /* firm, account 0, strategy 0 */
        const struct wt_position *p = wt_positions_row(t.positions, row, 0);
        assert_int_equal(p->shares, shares);
        assert_int_equal(p->cash, cash);
        assert_int_equal(p->fees, fees);
    }
}

static void what_is_taken_back_is_taken_back_whole(void **state)
{
    (void)state;
    struct wt_risk_config config = bench_config();
    bench_build(&t, &config);
    assert_int_equal(bench_words(&t, 0, "B 100 10002 0"), 1);
    bench_accept(&t, 1);
    report(WT_EXEC_EXECUTED, 60, 1000200, 'R');
    expect(60, -60 * 1000200ll, 180000);
    report(WT_EXEC_EXECUTED, 60, 1000200, 'R'); /* again: the same match */
    expect(60, -60 * 1000200ll, 180000);
    report(WT_EXEC_CORRECTED, 50, 1000100, 'A');
    expect(50, -50 * 1000100ll, -100000);
    report(WT_EXEC_CORRECTED, 50, 1000100, 'A'); /* again */
    expect(50, -50 * 1000100ll, -100000);
    report(WT_EXEC_BROKEN, 0, 0, 0);
    expect(0, 0, 0);
    report(WT_EXEC_BROKEN, 0, 0, 0);
    expect(0, 0, 0);
    bench_destroy(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(what_is_taken_back_is_taken_back_whole)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
