/* The venue in virtual time: every fault on demand. */
#include "tests/unit/venue_world.h"

/* Orders under faults: whatever happens to the connections, the client knows everything in the end. */
static void lost_delayed_cut_and_doubled(void **state)
{
    (void)state;
    struct world *w = world_new();
    w->config.faults = (struct wt_session_faults){.seed = 5,
                                                  .disconnect_ppm = 50000,
                                                  .deaf_ppm = 50000,
                                                  .lost_ppm = 50000,
                                                  .delay_ppm = 100000,
                                                  .delay_ns = 5 * MS,
                                                  .duplicate_ppm = 50000,
                                                  .reject_ppm = 100000};
    begin(w);
    struct client *c = &w->client[0];
    for (uint32_t ref = 1; ref <= 400; ref++) {
        if (c->connection < 0)
            log_in(w, 0);
        if (c->connection >= 0)
            enter(w, 0, ref, 'B', 10, PRICE);
        run(w, MS);
    }
    do {
        if (c->connection < 0)
            log_in(w, 0);
        run(w, 10 * MS);
    } while (c->connection < 0);
    assert_true(c->closed > 20);
    /* Every order that got there is accepted or rejected once; duplicates are the same message twice in a row. */
    unsigned accepted = 0, rejected = 0, doubled = 0;
    uint32_t last = 0;
    for (unsigned i = 1; i < c->count; i++) {
        const struct wt_ouch *m = &c->messages[i];
        assert_true(m->type == WT_OUCH_ACCEPTED || m->type == WT_OUCH_REJECTED);
        if (m->user_ref == last) {
            assert_memory_equal(m, m - 1, sizeof *m);
            doubled++;
            continue;
        }
        assert_true(m->user_ref > last);
        last = m->user_ref;
        accepted += m->type == WT_OUCH_ACCEPTED;
        rejected += m->type == WT_OUCH_REJECTED;
    }
    struct wt_venue_stats s;
    wt_venue_stats(w->venue, &s);
    assert_int_equal(s.orders.accepted, accepted);
    assert_int_equal(s.orders.rejected, rejected);
    assert_true(s.happened.disconnected > 5 && s.happened.deaf > 5 && s.happened.lost > 5 && s.happened.delayed > 5);
    assert_int_equal(s.happened.rejected, rejected);
    assert_true(doubled > 5 && rejected > 10 && accepted > 200);
    expect_book(w, 'B', PRICE, 10ull * accepted);
    world_free(w);
}

/* Cancels that are pending or refused, and trades that are broken. */
static void cancels_and_trades_undone(void **state)
{
    (void)state;
    struct world *w = world_new();
    w->config.faults.cancel_reject_ppm = 1000000;
    begin(w);
    log_in(w, 0);
    expect(w, 0, WT_OUCH_SYSTEM, 0);
    enter(w, 0, 1, 'B', 300, PRICE);
    expect(w, 0, WT_OUCH_ACCEPTED, 1);
    send_ouch(w, 0, (struct wt_ouch){.type = WT_OUCH_CANCEL, .user_ref = 1});
    expect(w, 0, WT_OUCH_CANCEL_REJECTED, 1);
    send_ouch(w, 0, (struct wt_ouch){.type = WT_OUCH_CANCEL, .user_ref = 7}); /* no such order: silence, not a reject */
    expect_nothing(w, 0);
    expect_book(w, 'B', PRICE, 300);
    world_free(w);

    w = world_new();
    w->config.faults.cancel_pending_ppm = 1000000;
    w->config.faults.break_ppm = 1000000;
    w->config.faults.later_ns = 10 * MS;
    begin(w);
    for (unsigned i = 0; i < 2; i++) {
        log_in(w, i);
        expect(w, i, WT_OUCH_SYSTEM, 0);
    }
    enter(w, 0, 1, 'B', 300, PRICE);
    expect(w, 0, WT_OUCH_ACCEPTED, 1);
    send_ouch(w, 0, (struct wt_ouch){.type = WT_OUCH_CANCEL, .user_ref = 1, .quantity = 100});
    expect(w, 0, WT_OUCH_CANCEL_PENDING, 1);
    /* While it is pending: once more is nothing, a replace is refused and its number used, and it trades. */
    send_ouch(w, 0, (struct wt_ouch){.type = WT_OUCH_CANCEL, .user_ref = 1});
    struct wt_ouch r = {
        .type = WT_OUCH_REPLACE, .orig_ref = 1, .user_ref = 2, .quantity = 50, .price = PRICE, .tif = '0'};
    r.display = 'Y';
    r.iso = 'N';
    send_ouch(w, 0, r);
    expect(w, 0, WT_OUCH_REJECTED, 2);
    enter(w, 0, 2, 'B', 100, PRICE);
    expect_nothing(w, 0);
    enter(w, 1, 1, 'S', 50, PRICE);
    expect(w, 1, WT_OUCH_ACCEPTED, 1);
    uint64_t match = expect(w, 1, WT_OUCH_EXECUTED, 1)->match;
    expect(w, 0, WT_OUCH_EXECUTED, 1);
    expect_nothing(w, 0);
    run(w, 10 * MS);
    /* Down to the 100 asked for, of which 50 have traded; then the trade is broken, for both, once. */
    assert_int_equal(expect(w, 0, WT_OUCH_CANCELED, 1)->quantity, 200);
    for (unsigned i = 0; i < 2; i++) {
        const struct wt_ouch *m = expect(w, i, WT_OUCH_BROKEN, 1);
        assert_int_equal(m->match, match);
        assert_int_equal(m->reason, 'S');
        expect_nothing(w, i);
    }
    expect_book(w, 'B', PRICE, 50);
    assert_int_equal(w->types['B'], 1);
    /* A pending cancel of an order that trades meanwhile ends in nothing. */
    send_ouch(w, 0, (struct wt_ouch){.type = WT_OUCH_CANCEL, .user_ref = 1});
    expect(w, 0, WT_OUCH_CANCEL_PENDING, 1);
    enter(w, 1, 2, 'S', 50, PRICE);
    run(w, 20 * MS);
    expect(w, 0, WT_OUCH_EXECUTED, 1);
    expect(w, 0, WT_OUCH_BROKEN, 1);
    expect_nothing(w, 0);
    struct wt_venue_stats s;
    wt_venue_stats(w->venue, &s);
    assert_int_equal(s.happened.broken, 4);
    assert_int_equal(s.happened.cancels_pending, 2);
    world_free(w);
}

/* Orders that lose their place: a new reference at the end of a queue, of the same price or of one a tick away. */
static void orders_that_are_moved(void **state)
{
    (void)state;
    bool same = false, away = false;
    struct wt_venue_stats s;
    for (uint64_t seed = 1; seed <= 20; seed++) {
        struct world *w = world_new();
        w->config.faults = (struct wt_session_faults){.seed = seed, .priority_ppm = 1000000, .later_ns = 10 * MS};
        begin(w);
        for (unsigned i = 0; i < 3; i++) {
            log_in(w, i);
            expect(w, i, WT_OUCH_SYSTEM, 0);
        }
        enter(w, 0, 1, 'B', 300, PRICE);
        uint64_t ref = expect(w, 0, WT_OUCH_ACCEPTED, 1)->order_ref;
        run(w, 5 * MS);
        enter(w, 1, 1, 'B', 200, PRICE);
        expect(w, 1, WT_OUCH_ACCEPTED, 1);
        run(w, 6 * MS);
        const struct wt_ouch *m = expect(w, 0, WT_OUCH_PRIORITY, 1);
        assert_true(m->order_ref > ref);
        assert_int_equal(m->display, 'Y');
        uint32_t price = (uint32_t)m->price;
        assert_true(price == PRICE || price == PRICE - 100);
        same |= price == PRICE;
        away |= price != PRICE;
        expect_book(w, 'B', PRICE, price == PRICE ? 500 : 200);
        assert_int_equal(w->types['U'], 1); /* on the feed */
        /* It came first, and is not the first any more. */
        enter(w, 2, 1, 'S', 100, PRICE);
        expect(w, 2, WT_OUCH_ACCEPTED, 1);
        expect(w, 2, WT_OUCH_EXECUTED, 1);
        expect(w, 1, WT_OUCH_EXECUTED, 1);
        expect_nothing(w, 0);
        run(w, 20 * MS);
        expect(w, 1, WT_OUCH_PRIORITY, 1);
        for (unsigned i = 0; i < 3; i++)
            expect_nothing(w, i); /* once each, and never one that is gone */
        wt_venue_stats(w->venue, &s);
        assert_int_equal(s.happened.moved, 2);
        world_free(w);
    }
    assert_true(same && away);
    /* In a halt it stays where it is. */
    struct world *w = world_new();
    w->config.faults = (struct wt_session_faults){.seed = 1, .priority_ppm = 1000000, .later_ns = 10 * MS};
    w->config.halt = (struct wt_venue_spell){5 * MS, 50 * MS};
    begin(w);
    log_in(w, 0);
    expect(w, 0, WT_OUCH_SYSTEM, 0);
    enter(w, 0, 1, 'B', 300, PRICE);
    expect(w, 0, WT_OUCH_ACCEPTED, 1);
    run(w, 100 * MS);
    expect_nothing(w, 0);
    expect_book(w, 'B', PRICE, 300);
    wt_venue_stats(w->venue, &s);
    assert_int_equal(s.happened.moved, 0);
    world_free(w);
}

static void halts(void **state)
{
    (void)state;
    struct world *w = world_new();
    w->config.halt = (struct wt_venue_spell){10 * MS, 10 * MS};
    begin(w);
    log_in(w, 0);
    expect(w, 0, WT_OUCH_SYSTEM, 0);
    enter(w, 0, 1, 'B', 300, PRICE);
    expect(w, 0, WT_OUCH_ACCEPTED, 1);
    run(w, 12 * MS);
    assert_int_equal(w->types['H'], 4);
    enter(w, 0, 2, 'B', 300, PRICE);
    assert_int_equal(expect(w, 0, WT_OUCH_REJECTED, 2)->reason, WT_OUCH_REJECT_HALTED);
    send_ouch(w, 0, (struct wt_ouch){.type = WT_OUCH_CANCEL, .user_ref = 1, .quantity = 100});
    expect(w, 0, WT_OUCH_CANCELED, 1);
    run(w, 10 * MS);
    assert_int_equal(w->types['H'], 6);
    enter(w, 0, 3, 'B', 300, PRICE);
    expect(w, 0, WT_OUCH_ACCEPTED, 3);
    world_free(w);
}

static void a_venue_that_stops_answering(void **state)
{
    (void)state;
    struct world *w = world_new();
    w->config.silent = (struct wt_venue_spell){10 * MS, 20 * SECOND};
    begin(w);
    log_in(w, 0);
    expect(w, 0, WT_OUCH_SYSTEM, 0);
    run(w, 11 * MS);
    uint8_t bytes[256];
    size_t n = put_enter(bytes, 1, 'B', 100, "ABC", PRICE);
    assert_true(wt_venue_silent(w->venue));
    assert_int_equal(wt_venue_input(w->venue, w->client[0].connection, w->now, bytes, n), -EAGAIN);
    run(w, 19 * SECOND);
    expect_nothing(w, 0);
    assert_int_equal(w->client[0].heartbeats, 0);
    assert_true(w->last_ns[0] > w->now - 2 * SECOND); /* the feed goes on */
    run(w, 2 * SECOND);                               /* nobody is taken for dead because the venue did not listen */
    assert_int_equal(w->client[0].closed, 0);
    assert_int_equal(wt_venue_input(w->venue, w->client[0].connection, w->now, bytes, n), 0);
    run(w, MS);
    expect(w, 0, WT_OUCH_ACCEPTED, 1);
    assert_true(w->client[0].heartbeats > 0);
    world_free(w);
}

static void the_session_changes(void **state)
{
    (void)state;
    struct world *w = world_new();
    w->config.session_change_ns = 50 * MS;
    begin(w);
    log_in(w, 0);
    enter(w, 0, 1, 'B', 300, PRICE);
    enter(w, 0, 2, 'B', 200, PRICE);
    enter(w, 0, 3, 'S', 100, PRICE + 500);
    expect_book(w, 'B', PRICE, 500);
    run(w, 60 * MS);
    assert_int_equal(w->ends, 1);
    assert_int_equal(w->sessions, 2);
    assert_memory_equal(w->session, "WTICK00002", 10);
    expect_book(w, 'B', PRICE, 500); /* of the new session alone */
    expect_book(w, 'S', PRICE + 500, 100);
    enter(w, 0, 4, 'B', 100, PRICE + 100);
    expect_book(w, 'B', PRICE + 100, 100);
    struct wt_twin_stats s;
    wt_twin_stats(w->twin, &s);
    assert_int_equal(s.senseless + s.unknown_ref, 0);
    world_free(w);
}

static void the_clock_steps(void **state)
{
    (void)state;
    for (int back = 0; back < 2; back++) {
        struct world *w = world_new();
        w->config.clock_step_at_ns = 50 * MS;
        w->config.clock_step_ns = back ? -(int64_t)(10 * SECOND) : (int64_t)(10 * SECOND);
        begin(w);
        log_in(w, 0);
        expect(w, 0, WT_OUCH_SYSTEM, 0);
        enter(w, 0, 1, 'B', 300, PRICE);
        uint64_t before = expect(w, 0, WT_OUCH_ACCEPTED, 1)->timestamp;
        run(w, 60 * MS);
        enter(w, 0, 2, 'B', 300, PRICE);
        uint64_t after = expect(w, 0, WT_OUCH_ACCEPTED, 2)->timestamp;
        run(w, MS);
        assert_int_equal(w->stamps_back, back);
        if (back)
            assert_in_range(after, before - 10 * SECOND, before - 9 * SECOND);
        else
            assert_in_range(after, before + 10 * SECOND, before + 11 * SECOND);
        assert_int_equal(w->last_stamp, after);
        world_free(w);
    }
}

/* Each line has its own faults, the same for the same seed. */
static void line_faults(void **state)
{
    (void)state;
    struct wt_venue_stats s[2];
    for (unsigned round = 0; round < 2; round++) {
        struct world *w = world_new();
        w->config.line[0].loss_ppm = 100000;
        w->config.line[0].reorder_ppm = 100000;
        w->config.line[0].duplicate_ppm = 100000;
        w->config.line[1].skew_ns = 500000;
        w->config.line[1].corrupt_ppm = 200000;
        w->config.line[1].down_at_ns = 20 * MS;
        w->config.line[1].down_for_ns = 30 * MS;
        begin(w);
        log_in(w, 0);
        for (uint32_t ref = 1; ref <= 500; ref++) {
            enter(w, 0, ref, 'B', 10, PRICE);
            run(w, 200000);
            if (ref == 50) { /* the last packet of line B is half a millisecond old */
                assert_true(w->last_ns[1] <= w->now);
                assert_true(w->packets[1] > 0);
            }
        }
        run(w, 2 * MS);
        wt_venue_stats(w->venue, &s[round]);
        const struct wt_line_stats *a = &s[round].line[0], *b = &s[round].line[1];
        assert_true(a->lost > 20 && a->reordered > 20 && a->duplicated > 20 && a->corrupted == 0 && a->down == 0);
        assert_true(b->lost == 0 && b->down > 50 && b->corrupted > 40);
        assert_int_equal(a->sent, s[round].feed.packets + s[round].feed.heartbeats - a->lost + a->duplicated);
        assert_int_equal(b->sent, s[round].feed.packets + s[round].feed.heartbeats - b->down);
        assert_int_equal(w->packets[0], a->sent);
        assert_int_equal(w->packets[1], b->sent);
        assert_true(w->gaps[0] > 20);
        world_free(w);
    }
    assert_memory_equal(&s[0], &s[1], sizeof s[0]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lost_delayed_cut_and_doubled),
        cmocka_unit_test(cancels_and_trades_undone),
        cmocka_unit_test(orders_that_are_moved),
        cmocka_unit_test(halts),
        cmocka_unit_test(a_venue_that_stops_answering),
        cmocka_unit_test(the_session_changes),
        cmocka_unit_test(the_clock_steps),
        cmocka_unit_test(line_faults),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
