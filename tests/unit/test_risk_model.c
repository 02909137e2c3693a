/*
 * Risk against a slow model that anybody can check by reading: it keeps a list of orders and a list of
 * positions, adds everything up again for every signal and every level, and asks the limits one after the
 * other. Random sessions, random limits at three levels; the verdicts must be the same.
 *
 * WT_RISK_ORDERS: how many signals (default 100,000; a million takes some seconds).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/trade_bench.h"

enum { ROWS = 6, OWNERS = 3, ORDERS = 1024, SEEN = 32 };

struct model_order {
    bool alive, accepted;
    uint32_t replaces, replacement; /* pending ones */
    unsigned owner, symbol;
    bool buy;
    int64_t open, price;
};

struct model_row {
    const struct wt_risk_limits *l;
    bool killed, lost, drawn;
    int64_t best;
    int64_t orders, cancels, messages; /* tokens, ns */
    uint64_t orders_at, cancels_at, messages_at;
    struct {
        struct wt_signal s;
        uint64_t at;
    } seen[SEEN];
    unsigned seen_count;
};

static struct trade_bench t;
static struct wt_risk_limits limits[ROWS];
static struct model_row row[ROWS];
static struct model_order order[ORDERS];
static int64_t position[OWNERS][BENCH_SYMBOLS], cash[OWNERS], fees[OWNERS];
static int64_t bid[BENCH_SYMBOLS], ask[BENCH_SYMBOLS], last_trade[BENCH_SYMBOLS], mark[BENCH_SYMBOLS];
static bool valid[BENCH_SYMBOLS], halted[BENCH_SYMBOLS];
static uint64_t random_state;

static uint64_t draw(uint64_t n)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return random_state % n;
}

/* Firm; account 0 of strategies 0 and 1, account 1 of strategy 2; strategies. */
static bool in(unsigned r, unsigned owner)
{
    return r == 0 || (r == 1 && owner < 2) || (r == 2 && owner == 2) || r == 3 + owner;
}

static int64_t held(unsigned r, unsigned symbol)
{
    int64_t sum = 0;
    for (unsigned o = 0; o < OWNERS; o++)
        sum += in(r, o) ? position[o][symbol] : 0;
    return sum;
}

static int64_t profit(unsigned r)
{
    int64_t money = 0, paid = 0;
    for (unsigned o = 0; o < OWNERS; o++)
        if (in(r, o)) {
            money += cash[o];
            paid += fees[o];
        }
    for (unsigned s = 0; s < BENCH_SYMBOLS; s++)
        money += held(r, s) * mark[s];
    while (paid % 100) /* fees are rounded up, rebates down */
        paid++;
    return money - paid / 100;
}

static int64_t most(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

/* Of what works in a row: shares of one side of one symbol, notional, orders. symbol or side below 0: all. */
static void working(unsigned r, int symbol, int buy, int64_t *shares, int64_t *notional, int64_t *count)
{
    *shares = *notional = *count = 0;
    for (unsigned i = 1; i < ORDERS; i++) {
        const struct model_order *o = &order[i];
        if (!o->alive || !in(r, o->owner) || (symbol >= 0 && o->symbol != (unsigned)symbol) ||
            (buy >= 0 && o->buy != buy))
            continue;
        if (o->replaces) {
            const struct model_order *old = &order[o->replaces];
            *shares += most(0, o->open - old->open);
            *notional += most(0, o->open * o->price - old->open * old->price);
        } else {
            *shares += o->open;
            *notional += o->open * o->price;
            *count += 1;
        }
    }
}

static int64_t bucket(int64_t tokens, uint64_t at, uint64_t now, uint32_t rate, uint32_t burst)
{
    int64_t step = 1000000000 / rate, left = tokens + (int64_t)(now - at);
    return left > step * burst ? step * burst : left;
}

static unsigned times_seen(const struct model_row *m, const struct wt_signal *s, uint64_t now, uint64_t within)
{
    unsigned n = 0;
    for (unsigned i = m->seen_count > SEEN ? m->seen_count - SEEN : 0; i < m->seen_count; i++) {
        const struct wt_signal *x = &m->seen[i % SEEN].s;
        n += now - m->seen[i % SEEN].at < within && x->symbol == s->symbol && x->side == s->side && x->tif == s->tif &&
             x->shares == s->shares && x->price == s->price;
    }
    return n;
}

static bool meets_own(unsigned r, const struct wt_signal *s)
{
    for (unsigned i = 1; i < ORDERS; i++) {
        const struct model_order *o = &order[i];
        bool buy = s->side == WT_BUY;
        if (o->alive && in(r, o->owner) && o->symbol == s->symbol && o->buy != buy &&
            (buy ? o->price <= s->price : o->price >= s->price))
            return true;
    }
    return false;
}

static enum wt_limit judge(unsigned r, const struct wt_signal *s, bool *reducing)
{
    const struct model_row *m = &row[r];
    const struct wt_risk_limits *l = m->l;
    const bool buy = s->side == WT_BUY, enter = s->kind == WT_SIGNAL_ENTER;
    const int64_t shares = s->shares, price = s->price, notional = shares * price, sign = buy ? 1 : -1;
    int64_t more = shares, more_notional = notional;
    if (!enter) {
        more = most(0, shares - order[s->order].open);
        more_notional = most(0, notional - order[s->order].open * order[s->order].price);
    }
    int64_t side_shares, side_all_notional, symbol_notional, all_notional, symbol_count, all_count, unused;
    working(r, s->symbol, buy, &side_shares, &unused, &unused);
    working(r, s->symbol, -1, &unused, &symbol_notional, &symbol_count);
    working(r, -1, buy, &unused, &side_all_notional, &unused);
    working(r, -1, -1, &unused, &all_notional, &all_count);
    int64_t pos = sign * held(r, s->symbol), worst = pos + side_shares + more, gross = 0, net = 0;
    for (unsigned i = 0; i < BENCH_SYMBOLS; i++) {
        gross += llabs(held(r, i)) * mark[i];
        net += sign * held(r, i) * mark[i];
    }
    const int64_t far = buy ? ask[s->symbol] : bid[s->symbol];
    const uint64_t now = t.link.now;
    *reducing = pos < 0 && worst <= 0;
    const bool opens = !*reducing;

    if (m->killed)
        return WT_LIMIT_KILL;
    if (shares == 0 || shares > 999999 || price == 0 || price > 1999999900)
        return WT_LIMIT_BAD_ORDER;
    if (price % (price >= 10000 ? 100 : 1) || (price >= 10000 && l->tick && price % l->tick))
        return WT_LIMIT_TICK;
    if (opens && l->lot && shares % l->lot)
        return WT_LIMIT_LOT;
    if (halted[s->symbol])
        return WT_LIMIT_HALTED;
    if (!valid[s->symbol])
        return WT_LIMIT_QUOTE;
    if (l->collar_bps != WT_NO_COLLAR && sign * (price - far) > far * l->collar_bps / 10000)
        return WT_LIMIT_COLLAR;
    if (l->collar_last_bps &&
        sign * (price - last_trade[s->symbol]) > last_trade[s->symbol] * l->collar_last_bps / 10000)
        return WT_LIMIT_COLLAR_LAST;
    if (opens && m->lost)
        return WT_LIMIT_LOSS;
    if (opens && m->drawn)
        return WT_LIMIT_DRAWDOWN;
    if (opens && l->max_order_shares && shares > l->max_order_shares)
        return WT_LIMIT_ORDER_SHARES;
    if (opens && l->max_order_notional && notional > l->max_order_notional)
        return WT_LIMIT_ORDER_NOTIONAL;
    if (opens && buy && l->max_long && pos + shares > l->max_long)
        return WT_LIMIT_LONG;
    if (opens && !buy && l->max_short && pos + shares > l->max_short)
        return WT_LIMIT_SHORT;
    if (opens && l->max_position && worst > l->max_position)
        return WT_LIMIT_POSITION;
    if (opens && l->max_symbol_notional &&
        llabs(pos) * mark[s->symbol] + symbol_notional + more_notional > l->max_symbol_notional)
        return WT_LIMIT_SYMBOL_NOTIONAL;
    if (opens && l->max_gross_notional && gross + all_notional + more_notional > l->max_gross_notional)
        return WT_LIMIT_GROSS_NOTIONAL;
    if (opens && l->max_net_notional && net + side_all_notional + more_notional > l->max_net_notional)
        return WT_LIMIT_NET_NOTIONAL;
    if (opens && l->max_open_notional && all_notional + more_notional > l->max_open_notional)
        return WT_LIMIT_OPEN_NOTIONAL;
    if (opens && enter && l->max_open_symbol && symbol_count + 1 > l->max_open_symbol)
        return WT_LIMIT_OPEN_SYMBOL;
    if (opens && enter && l->max_open_total && all_count + 1 > l->max_open_total)
        return WT_LIMIT_OPEN_TOTAL;
    if (l->no_self_match && meets_own(r, s))
        return WT_LIMIT_SELF_MATCH;
    if (opens && enter && l->duplicate_ns && times_seen(m, s, now, l->duplicate_ns))
        return WT_LIMIT_DUPLICATE;
    if (opens && enter && l->max_repeats && times_seen(m, s, now, l->repeat_ns) >= l->max_repeats)
        return WT_LIMIT_REPEAT;
    if (l->orders_per_second &&
        bucket(m->orders, m->orders_at, now, l->orders_per_second, l->burst) < 1000000000 / l->orders_per_second)
        return WT_LIMIT_RATE;
    if (opens && l->cancels_per_second &&
        bucket(m->cancels, m->cancels_at, now, l->cancels_per_second, l->cancel_burst) < 0)
        return WT_LIMIT_CANCEL_RATE;
    if (l->messages_per_second && bucket(m->messages, m->messages_at, now, l->messages_per_second, l->message_burst) <
                                      1000000000 / l->messages_per_second)
        return WT_LIMIT_MESSAGE_RATE;
    return WT_LIMIT_NONE;
}

static void pay(int64_t *tokens, uint64_t *at, uint32_t rate, uint32_t burst)
{
    if (!rate)
        return;
    int64_t step = 1000000000 / rate;
    *tokens = most(-step * burst, bucket(*tokens, *at, t.link.now, rate, burst) - step);
    *at = t.link.now;
}

static void passed(unsigned r, const struct wt_signal *s)
{
    struct model_row *m = &row[r];
    pay(&m->messages, &m->messages_at, m->l->messages_per_second, m->l->message_burst);
    if (s->kind == WT_SIGNAL_CANCEL) {
        pay(&m->cancels, &m->cancels_at, m->l->cancels_per_second, m->l->cancel_burst);
        return;
    }
    pay(&m->orders, &m->orders_at, m->l->orders_per_second, m->l->burst);
    if (s->kind == WT_SIGNAL_ENTER) {
        m->seen[m->seen_count % SEEN].s = *s;
        m->seen[m->seen_count++ % SEEN].at = t.link.now;
    }
}

static void watch(void)
{
    for (unsigned r = 0; r < ROWS; r++) {
        struct model_row *m = &row[r];
        int64_t now = profit(r);
        bool looks = (m->l->max_loss && !m->lost) || (m->l->max_drawdown && !m->drawn);
        if (!looks)
            continue;
        m->best = most(m->best, now);
        if (m->l->max_loss && !m->lost && now <= -m->l->max_loss)
            m->lost = true;
        else if (m->l->max_drawdown && !m->drawn && m->best - now >= m->l->max_drawdown)
            m->drawn = true;
    }
}

/* ---- the random session */

static int64_t maybe(int64_t from, int64_t to)
{
    return draw(10) ? 0 : from + (int64_t)draw((uint64_t)(to - from));
}

static void random_limits(struct wt_risk_limits *l)
{
    *l = (struct wt_risk_limits){.collar_bps = draw(8) ? WT_NO_COLLAR : (uint32_t)draw(200),
                                 .collar_last_bps = (uint32_t)maybe(1, 200),
                                 .tick = draw(60) ? 0 : 500,
                                 .lot = draw(30) ? 0 : 100,
                                 .max_order_shares = (uint32_t)maybe(100, 900),
                                 .max_order_notional = maybe(100000000, 900000000),
                                 .max_long = maybe(500, 3000),
                                 .max_short = maybe(500, 3000),
                                 .max_position = maybe(500, 3000),
                                 .max_symbol_notional = maybe(1000000000, 4000000000),
                                 .max_gross_notional = maybe(2000000000, 10000000000),
                                 .max_net_notional = maybe(1000000000, 4000000000),
                                 .max_open_notional = maybe(1000000000, 8000000000),
                                 .max_open_symbol = (uint32_t)maybe(2, 10),
                                 .max_open_total = (uint32_t)maybe(3, 12),
                                 .no_self_match = draw(8) == 0,
                                 .duplicate_ns = (uint64_t)maybe(1000, 100000),
                                 .max_loss = maybe(100000, 10000000),
                                 .max_drawdown = maybe(100000, 10000000)};
    if (draw(10) == 0) {
        l->max_repeats = 1 + (uint32_t)draw(4);
        l->repeat_ns = 1 + draw(1000000);
    }
    if (draw(10) == 0) {
        l->orders_per_second = 1 + (uint32_t)draw(200000);
        l->burst = 1 + (uint32_t)draw(20);
    }
    if (draw(10) == 0) {
        l->cancels_per_second = 1 + (uint32_t)draw(200000);
        l->cancel_burst = 1 + (uint32_t)draw(10);
    }
    if (draw(10) == 0) {
        l->messages_per_second = 1 + (uint32_t)draw(200000);
        l->message_burst = 1 + (uint32_t)draw(20);
    }
}

static void begin(void)
{
    struct wt_risk_config config = bench_config();
    memset(row, 0, sizeof row);
    memset(order, 0, sizeof order);
    memset(position, 0, sizeof position);
    memset(cash, 0, sizeof cash);
    memset(fees, 0, sizeof fees);
    for (unsigned r = 0; r < ROWS; r++)
        random_limits(&limits[r]);
    config.firm = &limits[0];
    for (unsigned i = 0; i < 2; i++)
        config.account[i] = &limits[1 + i];
    for (unsigned i = 0; i < OWNERS; i++)
        config.strategy[i] = &limits[3 + i];
    bench_build(&t, &config);
    for (unsigned r = 0; r < ROWS; r++) {
        struct model_row *m = &row[r];
        m->l = &limits[r];
        m->orders_at = m->cancels_at = m->messages_at = t.link.now;
        m->orders = m->l->orders_per_second ? (int64_t)(1000000000 / m->l->orders_per_second) * m->l->burst : 0;
        m->cancels =
            m->l->cancels_per_second ? (int64_t)(1000000000 / m->l->cancels_per_second) * m->l->cancel_burst : 0;
        m->messages =
            m->l->messages_per_second ? (int64_t)(1000000000 / m->l->messages_per_second) * m->l->message_burst : 0;
    }
    for (unsigned s = 0; s < BENCH_SYMBOLS; s++) {
        bid[s] = 1000000;
        ask[s] = 1000200;
        last_trade[s] = mark[s] = 1000100;
        valid[s] = true;
        halted[s] = false;
    }
}

static uint32_t any_order(unsigned count)
{
    return count ? (uint32_t)(1 + draw(count)) : 0;
}

static uint64_t compared, refused_by[WT_LIMITS], reduced, sent_orders;

static void one_signal(unsigned *count)
{
    unsigned owner = (unsigned)draw(OWNERS);
    struct wt_signal s = {.kind = WT_SIGNAL_ENTER,
                          .symbol = (wt_symbol)draw(4),
                          .side = draw(2) ? WT_BUY : WT_SELL,
                          .tif = draw(8) ? WT_TIF_DAY : WT_TIF_IOC,
                          .shares = (uint32_t)(draw(6) ? 100 * (1 + draw(8)) : draw(1000)),
                          .price = (uint32_t)(990000 + 100 * draw(200))};
    if (draw(100) == 0)
        s.price += 1;
    if (draw(200) == 0)
        s.shares = 1000000;
    static struct wt_signal before;
    if (draw(4) == 0 && before.price)
        s = before;
    before = s;
    uint64_t kind = draw(8);
    uint32_t old = kind >= 6 ? any_order(*count) : 0;
    if (old && kind == 6) {
        s.kind = WT_SIGNAL_REPLACE;
        s.order = old;
        owner = order[old].owner;
        s.symbol = (wt_symbol)order[old].symbol;
        s.side = order[old].buy ? WT_BUY : WT_SELL;
        s.tif = wt_oms_find(t.oms, old)->tif;
    } else if (old) {
        s.kind = WT_SIGNAL_CANCEL;
        s.order = old;
        owner = order[old].owner;
    }
    enum wt_limit expected = WT_LIMIT_NONE;
    unsigned level = 0;
    bool reducing = false;
    if (s.kind != WT_SIGNAL_CANCEL)
        for (unsigned i = 3; i-- > 0;) {
            unsigned r = i == 0 ? 0 : i == 1 ? (owner < 2 ? 1 : 2) : 3 + owner;
            bool reduces;
            enum wt_limit limit = judge(r, &s, &reduces);
            if (i == 2)
                reducing = reduces;
            if (limit && (!expected || limit < expected)) {
                expected = limit;
                level = i;
                reducing = reduces;
            }
        }
    unsigned verdicts = t.verdicts, requests = t.requests;
    int64_t rc = bench_signal(&t, owner, s);
    if (t.verdicts == verdicts) /* never got as far as risk: an answer is pending, or the order is no more */
        return;
    if (t.verdict.limit != expected || (expected && t.verdict.level != level))
        fail_msg("signal %llu: risk says %s at %s, the model %s at %s", (unsigned long long)compared,
                 wt_limit_name(t.verdict.limit), wt_level_name(t.verdict.level), wt_limit_name(expected),
                 wt_level_name((enum wt_level)level));
    if (s.kind != WT_SIGNAL_CANCEL)
        assert_int_equal(t.verdict.reducing, reducing);
    assert_false(expected && wt_limit_opening(expected) && reducing);
    compared++;
    refused_by[expected]++;
    reduced += reducing && !expected;
    if (expected) {
        assert_int_equal(rc, -EPERM);
        assert_int_equal(t.requests, requests);
        return;
    }
    for (unsigned r = 0; r < ROWS; r++)
        if (in(r, owner))
            passed(r, &s);
    if (s.kind == WT_SIGNAL_CANCEL || rc <= 0)
        return;
    sent_orders++;
    assert_int_equal(t.requests, requests + 1);
    assert_int_equal(rc, *count + 1);
    *count += 1;
    order[rc] = (struct model_order){.alive = true,
                                     .replaces = s.kind == WT_SIGNAL_REPLACE ? old : 0,
                                     .owner = owner,
                                     .symbol = s.symbol,
                                     .buy = s.side == WT_BUY,
                                     .open = s.shares,
                                     .price = s.price};
    if (s.kind == WT_SIGNAL_REPLACE)
        order[old].replacement = (uint32_t)rc;
}

static void dies(uint32_t id)
{
    order[id].alive = false;
    order[id].open = 0;
    if (order[id].replacement)
        order[order[id].replacement].alive = false;
    order[id].replacement = 0;
}

static void one_report(unsigned count)
{
    uint32_t id = any_order(count);
    struct model_order *o = &order[id];
    if (!id || !o->alive)
        return;
    if (o->replaces && draw(2)) {
        struct model_order *old = &order[o->replaces];
        if (draw(4) == 0) {
            bench_report(&t, (struct wt_exec_report){.type = WT_EXEC_REJECTED, .id = id, .reason = 1});
            old->replacement = 0;
            o->alive = false;
            return;
        }
        uint32_t original = o->replaces;
        bool dead = o->open == 0;
        bench_report(&t, (struct wt_exec_report){.type = WT_EXEC_REPLACED,
                                                 .id = id,
                                                 .replaced = original,
                                                 .shares = (uint32_t)o->open,
                                                 .price = (uint32_t)o->price,
                                                 .dead = dead});
        old->alive = false;
        old->replacement = 0;
        o->replaces = 0;
        o->accepted = true;
        o->alive = !dead;
    } else if (!o->replaces && !o->accepted) {
        if (draw(10) == 0) {
            bench_report(&t, (struct wt_exec_report){.type = WT_EXEC_REJECTED, .id = id, .reason = 1});
            o->alive = false;
        } else {
            bench_accept(&t, id);
            o->accepted = true;
        }
    } else if (o->accepted && draw(3) == 0) {
        bench_report(
            &t, (struct wt_exec_report){
                    .type = WT_EXEC_CANCELED, .id = id, .shares = (uint32_t)o->open, .reason = draw(2) ? 'U' : 'T'});
        dies(id);
    } else if (o->accepted && o->open) {
        uint32_t shares = draw(2) ? (uint32_t)o->open : (uint32_t)(1 + draw((uint64_t)o->open));
        uint32_t price = (uint32_t)(o->price + (int64_t)draw(3) * 100 - 100);
        bool rebate = draw(2);
        bench_report(&t, (struct wt_exec_report){.type = WT_EXEC_EXECUTED,
                                                 .id = id,
                                                 .shares = shares,
                                                 .price = price,
                                                 .liquidity = rebate ? 'A' : 'R',
                                                 .match = ++t.match});
        int64_t sign = o->buy ? 1 : -1;
        position[o->owner][o->symbol] += sign * shares;
        cash[o->owner] -= sign * (int64_t)shares * price;
        fees[o->owner] += (int64_t)shares * (rebate ? -2000 : 3000);
        o->open -= shares;
        if (o->replacement)
            order[o->replacement].open = most(0, order[o->replacement].open - shares);
        if (!o->open)
            dies(id);
        watch();
    }
}

static void one_market_event(void)
{
    wt_symbol s = (wt_symbol)draw(4);
    if (draw(4) == 0) {
        struct wt_event e = {.type = WT_EVENT_MARKET};
        last_trade[s] = bid[s] + 100 * (int64_t)draw(3);
        e.market.trade = (struct wt_ev_trade){
            .head = {.kind = WT_RECORD_TYPE_TRADE, .symbol = s}, .price = (uint32_t)last_trade[s], .shares = 1};
        bench_input(&t, e);
        if (!valid[s])
            mark[s] = last_trade[s];
    } else if (draw(10) == 0) {
        struct wt_event e = {.type = WT_EVENT_MARKET};
        halted[s] = !halted[s] && draw(10) == 0;
        e.market.state = (struct wt_ev_state){.head = {.kind = WT_RECORD_TYPE_TRADING_STATE, .symbol = s},
                                              .state = halted[s] ? 'H' : 'T'};
        bench_input(&t, e);
    } else if (draw(10) == 0) {
        struct wt_event e = {.type = WT_EVENT_MARKET};
        e.market.symbol =
            (struct wt_ev_symbol){.head = {.kind = WT_RECORD_TYPE_SYMBOL, .symbol = s}, .state = WT_BOOK_STATE_STALE};
        bench_input(&t, e);
        valid[s] = false;
        mark[s] = last_trade[s];
    } else {
        bid[s] = 995000 + 100 * (int64_t)draw(100);
        ask[s] = bid[s] + 100 * (int64_t)(1 + draw(4));
        valid[s] = true;
        bench_bbo(&t, s, (uint32_t)bid[s], (uint32_t)ask[s]);
        mark[s] = bid[s] + (ask[s] - bid[s]) / 2;
    }
    watch();
}

static void check_sums(void)
{
    for (unsigned r = 0; r < ROWS; r++) {
        assert_int_equal(wt_positions_profit(t.positions, r), profit(r));
        for (unsigned s = 0; s < BENCH_SYMBOLS; s++)
            assert_int_equal(wt_positions_row(t.positions, r, (wt_symbol)s)->shares, held(r, s));
    }
}

static void the_verdicts_are_the_models(void **state)
{
    (void)state;
    const char *wanted = getenv("WT_RISK_ORDERS");
    uint64_t until = wanted ? strtoull(wanted, NULL, 10) : 100000;
    for (unsigned session = 1; compared < until; session++) {
        random_state = 0x9e3779b97f4a7c15u * session;
        begin();
        unsigned count = 0;
        for (unsigned i = 0; i < 2000 && count < ORDERS - 2; i++) {
            uint64_t what = draw(10);
            if (what < 5)
                one_signal(&count);
            else if (what < 8)
                one_report(count);
            else if (what == 8)
                one_market_event();
            else
                t.link.now += draw(20000);
            if (i % 97 == 0)
                check_sums();
        }
        struct wt_oms_stats stats;
        wt_oms_stats(t.oms, &stats);
        assert_int_equal(stats.illegal, 0);
        bench_destroy(&t);
    }
    /* The comparison is worth something only if every limit was met, on both sides. */
    for (enum wt_limit l = WT_LIMIT_BAD_ORDER; l < WT_LIMITS; l++)
        if (l != WT_LIMIT_RESTRICTED && l != WT_LIMIT_QUOTE_AGE && l != WT_LIMIT_REDUCE_ONLY && !refused_by[l])
            fail_msg("no order met %s", wt_limit_name(l));
    for (enum wt_limit l = 0; l < WT_LIMITS && getenv("WT_RISK_ORDERS"); l++)
        print_message("# %s %llu\n", wt_limit_name(l), (unsigned long long)refused_by[l]);
    assert_true(sent_orders > until / 20);
    assert_true(reduced > until / 100);
    print_message("# %llu signals, %llu orders sent, %llu of them reducing\n", (unsigned long long)compared,
                  (unsigned long long)sent_orders, (unsigned long long)reduced);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_verdicts_are_the_models)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
