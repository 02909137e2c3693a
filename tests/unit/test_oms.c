/* The OMS: the races that matter, told one by one. Every sequence of events: test_oms_states.c; random sessions:
 * test_oms_sessions.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "host/trade/oms.h"
#include "tests/unit/fake_link.h"
#include "tests/unit/pass.h"

/* ---- a desk of one OMS ---- */

static struct fake_link link_;
static struct wt_loop *loop;
static struct wt_oms *oms;
static struct wt_order_request sent[64];
static unsigned sent_count, alerts[8], events;
static int send_error;
static int64_t position;
static struct wt_order_event last;
static char story[2048];
static uint32_t highest_id;

static int fake_send(void *ctx, const struct wt_order_request *request)
{
    (void)ctx;
    if (send_error)
        return send_error;
    if (request->kind != WT_REQUEST_CANCEL) {
        assert_true(request->id > highest_id); /* UserRefNum rises strictly */
        highest_id = request->id;
    }
    if (sent_count < 64)
        sent[sent_count] = *request;
    sent_count++;
    return 0;
}

static void on_order(void *ctx, const struct wt_event *event)
{
    (void)ctx;
    last = event->order;
    events++;
    position += last.side == WT_BUY ? last.fill_shares : -last.fill_shares;
    size_t n = strlen(story);
    snprintf(story + n, sizeof story - n, "%u:%s ", last.id, wt_order_state_name(last.state));
}

static void on_alert(void *ctx, const struct wt_event *event)
{
    (void)ctx;
    alerts[event->alert.kind]++;
}

static int setup(void **state)
{
    (void)state;
    const struct wt_oms_config config = {.orders = 16, .fills = 64, .symbols = 2};
    link_ = fake_link(1000);
    sent_count = events = 0;
    send_error = 0;
    position = 0;
    highest_id = 0;
    memset(alerts, 0, sizeof alerts);
    story[0] = '\0';
    if (wt_loop_create(&link_.link, &loop) ||
        wt_oms_create(&config, loop, (struct wt_order_sink){NULL, fake_send}, &oms))
        return -1;
    wt_loop_subscribe(loop, WT_EVENT_ORDER, on_order, NULL);
    wt_loop_subscribe(loop, WT_EVENT_RISK_ALERT, on_alert, NULL);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    wt_oms_destroy(oms);
    wt_loop_destroy(loop);
    return 0;
}

static int64_t enter(uint32_t shares, uint32_t price)
{
    struct wt_signal s = {WT_SIGNAL_ENTER, 0, 0, WT_BUY, WT_TIF_DAY, shares, price};
    int64_t id = pass_enter(oms, &s, "ACME    ", 0);
    wt_loop_drain(loop);
    return id;
}

static int64_t replace(uint32_t id, uint32_t shares, uint32_t price)
{
    struct wt_signal s = {WT_SIGNAL_REPLACE, id, 0, WT_BUY, WT_TIF_DAY, shares, price};
    int64_t rc = pass_replace(oms, &s, 0);
    wt_loop_drain(loop);
    return rc;
}

static int cancel(uint32_t id)
{
    int rc = wt_oms_cancel(oms, id, 0);
    wt_loop_drain(loop);
    return rc;
}

static void say(struct wt_exec_report report)
{
    struct wt_event event = {.type = WT_EVENT_EXEC, .exec = report};
    wt_loop_input(loop, &event);
    wt_loop_drain(loop);
}

static void accept_(uint32_t id, uint32_t shares, uint32_t price)
{
    say((struct wt_exec_report){.type = WT_EXEC_ACCEPTED, .id = id, .shares = shares, .price = price});
}

static void fill(uint32_t id, uint32_t shares, uint64_t match)
{
    say((struct wt_exec_report){
        .type = WT_EXEC_EXECUTED, .id = id, .shares = shares, .price = 1000000, .match = match});
}

static void replaced(uint32_t id, uint32_t original, uint32_t shares)
{
    say((struct wt_exec_report){
        .type = WT_EXEC_REPLACED, .id = id, .replaced = original, .shares = shares, .price = 1000100});
}

static void canceled(uint32_t id, uint32_t shares)
{
    say((struct wt_exec_report){.type = WT_EXEC_CANCELED, .id = id, .shares = shares, .reason = 'U'});
}

static void plain(enum wt_exec_type type, uint32_t id)
{
    say((struct wt_exec_report){.type = type, .id = id, .reason = 3});
}

static const char *state_of(uint32_t id)
{
    const struct wt_order *o = wt_oms_find(oms, id);
    return o ? wt_order_state_name(o->state) : "gone";
}

static struct wt_oms_stats stats(void)
{
    struct wt_oms_stats s;
    wt_oms_stats(oms, &s);
    return s;
}

/* ---- one by one ---- */

static void a_life(void **state)
{
    (void)state;
    assert_int_equal(enter(100, 1000000), 1);
    assert_int_equal(sent[0].kind, WT_REQUEST_ENTER);
    assert_memory_equal(sent[0].name, "ACME    ", 8);
    accept_(1, 100, 1000000);
    fill(1, 30, 1);
    fill(1, 70, 2);
    assert_string_equal(story, "1:PENDING_NEW 1:LIVE 1:PARTIALLY_FILLED 1:FILLED ");
    assert_int_equal(position, 100);
    assert_int_equal(stats().filled_shares, 100);
    assert_int_equal(wt_oms_open_orders(oms), 0);
}

static void a_replace_after_a_partial_fill_says_the_total_liable(void **state)
{
    (void)state;
    enter(100, 1000000);
    accept_(1, 100, 1000000);
    fill(1, 30, 1);
    assert_int_equal(replace(1, 100, 1000100), 2);
    assert_int_equal(sent[1].kind, WT_REQUEST_REPLACE);
    assert_int_equal(sent[1].replaced, 1);
    assert_int_equal(sent[1].shares, 130);
    /* Another 20 fill on the way: the venue leaves 130 - 50 open. */
    fill(1, 20, 2);
    replaced(2, 1, 80);
    assert_string_equal(state_of(1), "REPLACED");
    assert_string_equal(state_of(2), "LIVE");
    assert_int_equal(wt_oms_find(oms, 2)->open, 80);
    assert_int_equal(wt_oms_find(oms, 2)->chain_filled, 50);
    /* The next replace counts all of the chain. */
    fill(2, 10, 3);
    assert_int_equal(replace(2, 40, 1000000), 3);
    assert_int_equal(sent[2].shares, 50 + 10 + 40);
    replaced(3, 2, 40);
    fill(3, 5, 4);
    assert_int_equal(replace(3, 10, 1000000), 4);
    assert_int_equal(sent[3].shares, 50 + 10 + 5 + 10);
    assert_int_equal(position, 65);
}

static void an_order_that_fills_while_it_is_replaced_voids_the_replacement(void **state)
{
    (void)state;
    enter(100, 1000000);
    accept_(1, 100, 1000000);
    replace(1, 100, 1000100);
    fill(1, 100, 1);
    assert_string_equal(state_of(1), "FILLED");
    assert_string_equal(state_of(2), "CANCELED");
    assert_int_equal(last.id, 2);
    assert_int_equal(last.reason, WT_OMS_VOID);
    assert_int_equal(stats().voided, 1);
    assert_int_equal(wt_oms_working(oms, 0).buy_shares, 0);
}

static void a_replace_that_cancels_its_original_ends_both(void **state)
{
    (void)state;
    enter(100, 1000000);
    accept_(1, 100, 1000000);
    replace(1, 100, 1000100);
    canceled(1, 100); /* OUCH: a replace with invalid details cancels the original */
    assert_string_equal(state_of(1), "CANCELED");
    assert_string_equal(state_of(2), "CANCELED");
    assert_int_equal(stats().illegal, 0);
}

static void a_rejected_replace_leaves_the_original_standing_without_a_gap(void **state)
{
    (void)state;
    enter(100, 1000000);
    accept_(1, 100, 1000000);
    replace(1, 100, 1000100);
    story[0] = '\0';
    plain(WT_EXEC_REJECTED, 2);
    assert_string_equal(story, "1:LIVE 2:REJECTED ");
    assert_int_equal(wt_oms_working(oms, 0).buy_shares, 100);
    assert_int_equal(replace(1, 50, 1000100), 3); /* and it can be replaced again */
}

static void a_cancel_that_is_too_late_ends_by_the_fill(void **state)
{
    (void)state;
    enter(100, 1000000);
    accept_(1, 100, 1000000);
    assert_int_equal(cancel(1), 0);
    assert_string_equal(state_of(1), "PENDING_CANCEL");
    assert_int_equal(cancel(1), 0); /* once is enough */
    assert_int_equal(sent_count, 2);
    fill(1, 40, 1);
    assert_string_equal(state_of(1), "PENDING_CANCEL");
    fill(1, 60, 2);
    assert_string_equal(state_of(1), "FILLED");
    assert_int_equal(cancel(1), -ENOENT);
    assert_int_equal(stats().illegal, 0);
}

static void a_cancel_before_the_answer_is_kept_and_sent_with_it(void **state)
{
    (void)state;
    enter(100, 1000000);
    assert_int_equal(cancel(1), 0);
    assert_int_equal(sent_count, 1);
    accept_(1, 100, 1000000);
    assert_int_equal(sent_count, 2);
    assert_int_equal(sent[1].kind, WT_REQUEST_CANCEL);
    assert_int_equal(sent[1].shares, 0);
    assert_string_equal(state_of(1), "PENDING_CANCEL");
    canceled(1, 100);
    assert_string_equal(state_of(1), "CANCELED");
}

static void a_cancel_during_a_replace_reaches_whichever_stands(void **state)
{
    enter(100, 1000000);
    accept_(1, 100, 1000000);
    replace(1, 100, 1000100);
    cancel(1);
    replaced(2, 1, 100);
    assert_int_equal(sent[sent_count - 1].kind, WT_REQUEST_CANCEL);
    assert_int_equal(sent[sent_count - 1].id, 2);
    teardown(state);
    setup(state);
    enter(100, 1000000);
    accept_(1, 100, 1000000);
    replace(1, 100, 1000100);
    cancel(2);
    plain(WT_EXEC_REJECTED, 2);
    assert_int_equal(sent[sent_count - 1].kind, WT_REQUEST_CANCEL);
    assert_int_equal(sent[sent_count - 1].id, 1);
}

static void a_fill_that_no_state_allows_is_booked_and_told(void **state)
{
    (void)state;
    enter(100, 1000000);
    accept_(1, 100, 1000000);
    canceled(1, 100);
    fill(1, 25, 9);
    assert_int_equal(position, 25);
    assert_true(last.illegal);
    assert_string_equal(state_of(1), "CANCELED");
    assert_int_equal(alerts[WT_ALERT_ILLEGAL], 1);
    fill(1, 25, 9);
    assert_int_equal(position, 25);
    assert_int_equal(stats().duplicates, 1);
}

static void an_impossible_fill_is_told_and_not_booked(void **state)
{
    (void)state;
    enter(100, 1000000);
    accept_(1, 100, 1000000);
    fill(1, 1000000, 1);
    fill(1, 0, 2);
    assert_int_equal(position, 0);
    assert_int_equal(alerts[WT_ALERT_BAD_FILL], 2);
    fill(1, 150, 3); /* more than was open: the shares are ours, and someone is told */
    assert_int_equal(position, 150);
    assert_int_equal(alerts[WT_ALERT_BAD_FILL], 3);
    assert_string_equal(state_of(1), "FILLED");
}

static void impossible_terms_are_told_and_not_taken(void **state)
{
    (void)state;
    enter(100, 1000000);
    accept_(1, UINT32_MAX, 4278190380u);
    assert_int_equal(stats().illegal, 1);
    assert_string_equal(state_of(1), "LIVE");
    assert_int_equal(wt_oms_find(oms, 1)->open, 100);
    assert_int_equal(wt_oms_find(oms, 1)->price, 1000000);
    assert_int_equal(wt_oms_working(oms, 0).buy_notional, 100000000);

    struct wt_order_request past = {
        .kind = WT_REQUEST_ENTER, .id = 2, .side = WT_BUY, .tif = WT_TIF_DAY, .shares = 1000000, .price = 1000000};
    assert_int_equal(wt_oms_restore(oms, &past), -EINVAL);
    past.shares = 100;
    past.price = 2000000001;
    assert_int_equal(wt_oms_restore(oms, &past), -EINVAL);
    past.price = 2000000000;
    assert_int_equal(wt_oms_restore(oms, &past), 0);
}

static void a_broken_trade_is_taken_back_once(void **state)
{
    (void)state;
    enter(100, 1000000);
    accept_(1, 100, 1000000);
    fill(1, 30, 1);
    fill(1, 70, 2);
    say((struct wt_exec_report){.type = WT_EXEC_BROKEN, .id = 1, .match = 1, .reason = 'E'});
    assert_int_equal(position, 70);
    assert_int_equal(last.fill_shares, -30);
    assert_int_equal(last.fill_price, 1000000);
    say((struct wt_exec_report){.type = WT_EXEC_BROKEN, .id = 1, .match = 1, .reason = 'E'});
    assert_int_equal(position, 70);
    say((struct wt_exec_report){.type = WT_EXEC_BROKEN, .id = 1, .match = 77, .reason = 'E'});
    assert_int_equal(stats().illegal, 1);
}

static void an_order_that_is_not_ours_is_told(void **state)
{
    (void)state;
    fill(5, 10, 1);
    plain(WT_EXEC_REJECTED, 0);
    assert_int_equal(alerts[WT_ALERT_UNKNOWN_ORDER], 2);
    assert_int_equal(position, 0);
}

static void what_could_not_be_sent_is_rejected_and_its_number_not_used_again(void **state)
{
    (void)state;
    send_error = -ENOTCONN;
    assert_int_equal(enter(100, 1000000), -ENOTCONN);
    assert_string_equal(state_of(1), "REJECTED");
    assert_int_equal(last.reason, WT_OMS_NOT_SENT);
    send_error = 0;
    assert_int_equal(enter(100, 1000000), 2);
    accept_(2, 100, 1000000);
    send_error = -EAGAIN;
    assert_int_equal(replace(2, 100, 1000100), -EAGAIN);
    assert_string_equal(state_of(2), "LIVE"); /* untouched */
    assert_int_equal(cancel(2), -EAGAIN);
    assert_string_equal(state_of(2), "LIVE");
    assert_int_equal(wt_oms_working(oms, 0).buy_shares, 100);
}

static void slots_are_used_again_but_never_while_alive(void **state)
{
    (void)state;
    assert_int_equal(enter(100, 1000000), 1);
    accept_(1, 100, 1000000);
    for (int64_t id = 2; id <= 16; id++) {
        assert_int_equal(enter(1, 1000000), id);
        plain(WT_EXEC_REJECTED, (uint32_t)id);
    }
    assert_int_equal(enter(1, 1000000), 18); /* 17 would take the slot of 1; numbers may have gaps */
    canceled(1, 100);
    for (int64_t id = 19; id <= 32; id++)
        assert_int_equal(enter(1, 1000000), id);
    assert_int_equal(enter(1, 1000000), 33);
    assert_string_equal(state_of(1), "gone");
    assert_int_equal(enter(1, 1000000), -ENOSPC); /* 18 to 33 are all alive */
    plain(WT_EXEC_REJECTED, 25);
    assert_int_equal(enter(1, 1000000), 41);
}

/* Hundreds of fills in room for 64: one order rests all the time, the others come and go. */
static void fills_are_forgotten_with_their_orders_and_nothing_is_booked_twice(void **state)
{
    (void)state;
    uint64_t match = 1000;
    assert_int_equal(enter(9999, 1000000), 1);
    accept_(1, 9999, 1000000);
    fill(1, 1, 1);
    int64_t expected = 1;
    uint32_t young = 0, ids[500];
    for (unsigned i = 0; i < 500; i++) {
        int64_t id = enter(3, 1000000);
        assert_true(id > 0);
        young = (uint32_t)id;
        accept_(young, 3, 1000000);
        for (unsigned k = 0; k < 3; k++)
            fill(young, 1, ++match);
        expected += 3;
        assert_int_equal(position, expected);
        fill(1, 1, 1); /* of the order that rests: known for ever */
        fill(young, 1, match);
        /* The last fill of older orders again: known, or the order is not. */
        ids[i] = young;
        for (unsigned back = 1; back <= i && back < 60; back += 7)
            fill(ids[i - back], 1, match - 3ull * back);
        assert_int_equal(position, expected);
    }
    plain(WT_EXEC_BROKEN, 999); /* nothing was filled there */
    assert_int_equal(position, expected);
    assert_int_equal(stats().bad_fills, 0);
    assert_int_equal(stats().illegal, 0);
    /* Fifteen orders without a fill take the slots: the young one's is another's now, its fills are still known. */
    for (unsigned i = 0; i < 32; i++) {
        int64_t id = enter(1, 1000000);
        plain(WT_EXEC_REJECTED, (uint32_t)id);
    }
    assert_string_equal(state_of(young), "gone");
    say((struct wt_exec_report){.type = WT_EXEC_BROKEN, .id = young, .match = match});
    assert_int_equal(position, expected - 1);
    assert_int_equal(last.symbol, 0);
    assert_int_equal(last.side, WT_BUY);
    say((struct wt_exec_report){.type = WT_EXEC_BROKEN, .id = young, .match = match}); /* again */
    assert_int_equal(position, expected - 1);
    say((struct wt_exec_report){
        .type = WT_EXEC_CORRECTED, .id = young, .match = match - 1, .shares = 5, .price = 1000000});
    assert_int_equal(position, expected - 2 + 5);
}

static void the_chain_is_held_below_what_ouch_can_carry(void **state)
{
    (void)state;
    enter(999999, 10000);
    accept_(1, 999999, 10000);
    fill(1, 1, 1);
    assert_int_equal(replace(1, 999999, 10000), -ERANGE);
    assert_int_equal(replace(1, 999998, 10000), 2);
}

static void another_owners_order_cannot_be_touched(void **state)
{
    (void)state;
    enter(100, 1000000);
    accept_(1, 100, 1000000);
    struct wt_signal s = {WT_SIGNAL_REPLACE, 1, 0, WT_BUY, WT_TIF_DAY, 10, 1000000};
    assert_int_equal(pass_replace(oms, &s, 1), -ENOENT);
    assert_int_equal(wt_oms_cancel(oms, 1, 1), -ENOENT);
    assert_int_equal(wt_oms_cancel_all(oms), 1);
    wt_loop_drain(loop);
    assert_string_equal(state_of(1), "PENDING_CANCEL");
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(a_life),
        TEST(a_replace_after_a_partial_fill_says_the_total_liable),
        TEST(an_order_that_fills_while_it_is_replaced_voids_the_replacement),
        TEST(a_replace_that_cancels_its_original_ends_both),
        TEST(a_rejected_replace_leaves_the_original_standing_without_a_gap),
        TEST(a_cancel_that_is_too_late_ends_by_the_fill),
        TEST(a_cancel_before_the_answer_is_kept_and_sent_with_it),
        TEST(a_cancel_during_a_replace_reaches_whichever_stands),
        TEST(a_fill_that_no_state_allows_is_booked_and_told),
        TEST(an_impossible_fill_is_told_and_not_booked),
        TEST(impossible_terms_are_told_and_not_taken),
        TEST(a_broken_trade_is_taken_back_once),
        TEST(an_order_that_is_not_ours_is_told),
        TEST(what_could_not_be_sent_is_rejected_and_its_number_not_used_again),
        TEST(slots_are_used_again_but_never_while_alive),
        TEST(fills_are_forgotten_with_their_orders_and_nothing_is_booked_twice),
        TEST(the_chain_is_held_below_what_ouch_can_carry),
        TEST(another_owners_order_cannot_be_touched),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
