// Bench of wt_book: drives operations, and checks every result against a plain model (std::map) that
// is written from semantics.md. The model runs when a result arrives, because only then it is known
// whether the card's tables had room; whether it may have been short of room is checked, too.
#pragma once
#include <algorithm>
#include <csetjmp>
#include <cstdarg>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <tuple>
#include <unordered_map>
#include <vector>
extern "C" {
#include <cmocka.h>
}
#include "Vwt_book.h"
#include "verilated.h"

#ifndef REST
#define REST 40 // cycles in which a search behind the last result ends
#endif

enum { NOP, ADD, REDUCE, DELETE_, REPLACE, TRADE, STATE, DIRECTORY, SYSTEM, BAD, GAP, SESSION, HEARTBEAT };
enum { UNBOUND, VALID, STALE, SOFTWARE };
enum {
    NONE,
    NO_SLOT,
    ORDER_OVERFLOW,
    LEVEL_OVERFLOW,
    LOST,
    DUPLICATE_ADD,
    REPLACE_LIVE,
    LOCATE_MISMATCH,
    SUM_OVERFLOW,
    BAD_LENGTH
};

struct Op {
    int op = NOP;
    uint16_t locate = 0;
    uint64_t ref = 0, new_ref = 0;
    bool sell = false;
    uint32_t shares = 0, price = 0;
    uint64_t name = 0;
    bool is_exec = false, exec_price = false;
    uint8_t print = 0, state = 0;
    bool whole = false;
    uint8_t channel = 0;
};

struct Side {
    uint32_t price = 0, shares = 0, orders = 0;
    bool operator==(const Side &o) const
    {
        return price == o.price && shares == o.shares && orders == o.orders;
    }
};

struct Result {
    bool forward = false, has_symbol = false;
    uint16_t sym = 0;
    uint8_t book_state = 0;
    bool bind = false, state_event = false;
    uint8_t cause = 0;
    bool other = false;
    uint16_t other_sym = 0;
    bool trade = false;
    uint32_t trade_price = 0;
    bool trade_sell = false, bbo = false;
    Side bid, ask;
    bool unknown = false, excess = false, zero = false, senseless = false, overflow = false;
};

struct Bits { // fields of a packed struct, from its least significant bit up
    uint32_t *w;
    int at = 0;
    void put(int width, uint64_t v)
    {
        for (int n; width > 0; width -= n, at += n, v = n < 64 ? v >> n : 0) {
            n = std::min(width, 32 - at % 32);
            uint32_t mask = (uint32_t)((1ull << n) - 1) << at % 32;
            w[at / 32] = (w[at / 32] & ~mask) | ((uint32_t)v << at % 32 & mask);
        }
    }
    uint64_t get(int width)
    {
        uint64_t v = 0;
        for (int i = 0; i < width; i++, at++)
            v |= (uint64_t)(w[at / 32] >> at % 32 & 1) << i;
        return v;
    }
};

// What semantics.md and the tables of messages that make no sense say.
class Model
{
  public:
    struct Order {
        int sym;
        bool sell;
        uint32_t price, shares;
    };
    struct Level {
        uint64_t shares = 0;
        uint32_t orders = 0;
    };
    struct Symbol {
        int state = UNBOUND, channel = 0;
        std::map<uint32_t, Level> side[2];
        std::set<uint64_t> orders;
    };
    struct Locate {
        int kind = 0;        // 0 unseen, 1 hardware, 2 software, 3 ignored
        bool spoilt = false; // a message of bad length came before it was bound
        int sym = 0;
    };

    std::vector<Symbol> syms;
    std::unordered_map<uint64_t, Order> orders;
    std::map<uint16_t, Locate> locates;
    std::vector<uint64_t> window;
    std::set<size_t> taken;
    bool all;
    bool stale[8] = {};
    int stale_cause[8] = {};
    int next = 0;
    size_t levels = 0, peak = 0;
    std::map<std::tuple<int, int, int, uint32_t>, int> nodes;

    Model(int symbols, bool subscribe_all) : syms(symbols), all(subscribe_all)
    {
    }

    Side top(int s, bool sell) const
    {
        Side t;
        const auto &m = syms[s].side[sell];
        if (m.empty())
            return t;
        const auto &l = sell ? *m.begin() : *m.rbegin();
        t.price = l.first;
        t.shares = (uint32_t)l.second.shares;
        t.orders = l.second.orders;
        return t;
    }

    void node(int s, bool sell, uint32_t price, int by)
    {
        uint32_t q = price / 100;
        uint32_t prefix[] = {q >> 6, q >> 13, q >> 20, q};
        levels += by;
        for (int d = 0; d < (price % 100 ? 4 : 3); d++) {
            auto k = std::make_tuple(s, (int)sell, d, prefix[d]);
            if ((nodes[k] += by) == 0)
                nodes.erase(k);
        }
    }

    void take(int s, bool sell, uint32_t price, uint32_t shares, bool gone)
    {
        auto &m = syms[s].side[sell];
        Level &l = m[price];
        l.shares -= shares;
        l.orders -= gone;
        if (l.orders == 0) {
            assert_int_equal(l.shares, 0);
            m.erase(price);
            node(s, sell, price, -1);
        }
    }

    void put(int s, bool sell, uint32_t price, uint32_t shares)
    {
        Level &l = syms[s].side[sell][price];
        if (l.orders == 0)
            node(s, sell, price, 1);
        l.shares += shares;
        l.orders++;
    }

    void die(int s, int state)
    {
        Symbol &y = syms[s];
        y.state = state;
        for (uint64_t r : y.orders)
            orders.erase(r);
        y.orders.clear();
        for (int side = 0; side < 2; side++) {
            for (auto &l : y.side[side])
                node(s, side, l.first, -1);
            y.side[side].clear();
        }
    }

    void die_all(int channel, int cause)
    {
        if (!stale[channel])
            stale_cause[channel] = cause;
        stale[channel] = true;
        for (size_t s = 0; s < syms.size(); s++)
            if (syms[s].state == VALID && syms[s].channel == channel)
                die((int)s, STALE);
    }

    void remove_order(uint64_t ref)
    {
        syms[orders[ref].sym].orders.erase(ref);
        orders.erase(ref);
    }

    void new_order(uint64_t ref, const Order &o)
    {
        orders[ref] = o;
        syms[o.sym].orders.insert(ref);
        peak = std::max(peak, orders.size());
    }

    // overflow: ORDER_OVERFLOW or LEVEL_OVERFLOW when the card says it had no room, else 0.
    Result apply(const Op &o, int overflow)
    {
        Result r;
        bool global = o.op == GAP || o.op == SESSION || o.op == HEARTBEAT || (o.op == BAD && o.whole) || o.locate == 0;
        if (o.op == GAP || (o.op == SESSION && o.state == 2) || (o.op == BAD && o.whole)) {
            r.cause = o.op == BAD ? BAD_LENGTH : LOST;
            die_all(o.channel, r.cause);
        }
        if (global) {
            r.forward = true;
            return r;
        }
        Locate &l = locates[o.locate];
        if (l.kind == 0 && (o.op == DIRECTORY || o.op == ADD))
            bind(l, o, r);
        if (l.kind == 0 && o.op == BAD)
            l.spoilt = true;
        r.forward = l.kind == 1 || l.kind == 2 || (l.kind == 0 && (all || o.op == BAD));
        if (l.kind == 2)
            r.book_state = SOFTWARE;
        if (l.kind != 1)
            return r;
        int s = l.sym;
        r.has_symbol = true;
        r.sym = (uint16_t)s;
        if (syms[s].state == VALID && r.bind && l.spoilt)
            fall(s, STALE, BAD_LENGTH, r);
        else if (syms[s].state == VALID)
            book(s, o, overflow, r);
        r.book_state = (uint8_t)syms[s].state;
        return r;
    }

  private:
    void bind(Locate &l, const Op &o, Result &r)
    {
        if (all) {
            l.kind = next < (int)syms.size() ? 1 : 2;
            l.sym = next++;
        } else {
            l.kind = 3;
            for (size_t i = 0; i < window.size(); i++) {
                if (o.name == 0 || window[i] != o.name)
                    continue;
                if (!taken.count(i)) {
                    taken.insert(i);
                    l.kind = i < syms.size() ? 1 : 2;
                    l.sym = (int)i;
                }
                break;
            }
        }
        if (l.kind == 3)
            return;
        r.bind = true;
        if (l.kind == 2) {
            r.cause = NO_SLOT;
        } else {
            syms[l.sym].channel = o.channel;
            syms[l.sym].state = stale[o.channel] ? STALE : VALID;
            r.cause = (uint8_t)stale_cause[o.channel];
        }
    }

    void fall(int s, int state, int cause, Result &r)
    {
        r.state_event = true;
        r.cause = (uint8_t)cause;
        r.senseless = state == STALE && cause != BAD_LENGTH;
        r.overflow = state == SOFTWARE;
        die(s, state);
    }

    void other(int s, int owner, Result &r)
    {
        if (owner == s)
            return;
        r.other = true;
        r.other_sym = (uint16_t)owner;
        die(owner, STALE);
    }

    void book(int s, const Op &o, int overflow, Result &r)
    {
        Side bid = top(s, false), ask = top(s, true);
        switch (o.op) {
        case ADD: {
            if (o.shares == 0) {
                r.zero = true;
                return;
            }
            auto it = orders.find(o.ref);
            if (it != orders.end()) {
                int owner = it->second.sym;
                fall(s, STALE, DUPLICATE_ADD, r);
                other(s, owner, r);
                return;
            }
            if (overflow == ORDER_OVERFLOW)
                return fall(s, SOFTWARE, overflow, r);
            if (sum_over(s, o.sell, o.price, o.shares))
                return fall(s, STALE, SUM_OVERFLOW, r);
            if (overflow)
                return fall(s, SOFTWARE, overflow, r);
            new_order(o.ref, {s, o.sell, o.price, o.shares});
            put(s, o.sell, o.price, o.shares);
            break;
        }
        case REDUCE:
        case DELETE_:
        case REPLACE: {
            auto it = orders.find(o.ref);
            if (it == orders.end()) {
                r.unknown = true;
                return;
            }
            Order was = it->second;
            if (was.sym != s) {
                fall(s, STALE, LOCATE_MISMATCH, r);
                other(s, was.sym, r);
                return;
            }
            if (o.op == REDUCE) {
                uint32_t n = std::min(o.shares, was.shares);
                r.excess = o.shares > was.shares;
                r.trade = o.is_exec;
                if (r.trade) {
                    r.trade_price = o.exec_price ? o.price : was.price;
                    r.trade_sell = was.sell;
                }
                if (n == 0)
                    return;
                take(s, was.sell, was.price, n, n == was.shares);
                if (n == was.shares)
                    remove_order(o.ref);
                else
                    it->second.shares -= n;
                break;
            }
            if (o.op == REPLACE && o.shares) {
                auto twice = orders.find(o.new_ref);
                if (twice != orders.end()) {
                    int owner = twice->second.sym;
                    fall(s, STALE, REPLACE_LIVE, r);
                    other(s, owner, r);
                    return;
                }
                if (overflow == ORDER_OVERFLOW)
                    return fall(s, SOFTWARE, overflow, r);
            }
            take(s, was.sell, was.price, was.shares, true);
            remove_order(o.ref);
            if (o.op == REPLACE && o.shares) {
                if (sum_over(s, was.sell, o.price, o.shares))
                    return fall(s, STALE, SUM_OVERFLOW, r);
                if (overflow)
                    return fall(s, SOFTWARE, overflow, r);
                new_order(o.new_ref, {s, was.sell, o.price, o.shares});
                put(s, was.sell, o.price, o.shares);
            }
            break;
        }
        case TRADE:
            r.trade = true;
            r.trade_price = o.price;
            r.trade_sell = o.print == 2 && o.sell;
            return;
        case BAD:
            return fall(s, STALE, BAD_LENGTH, r);
        default:
            return;
        }
        r.bid = top(s, false);
        r.ask = top(s, true);
        r.bbo = !(r.bid == bid) || !(r.ask == ask);
    }

    bool sum_over(int s, bool sell, uint32_t price, uint32_t shares)
    {
        auto &m = syms[s].side[sell];
        auto it = m.find(price);
        return it != m.end() && it->second.shares + shares > 0xffffffffu;
    }
};

class Bench
{
  public:
    Vwt_book dut;
    std::unique_ptr<Model> model;
    std::deque<Op> sent;
    std::mt19937_64 rng;
    uint64_t cycles = 0, ops = 0, overflows[2] = {0, 0}, bbos = 0, seen[16] = {0};
    int silent = 0;
    int valid_percent = 100, ready_percent = 100;
    size_t order_slots, level_slots, node_slots;
    double least_load; // overflow below this load of the table is an error
    uint16_t name_addr = 0;

    Bench(size_t orders, size_t levels, size_t nodes, double load, uint64_t seed)
        : rng(seed), order_slots(orders), level_slots(levels), node_slots(nodes), least_load(load)
    {
    }

    uint64_t rnd(uint64_t n)
    {
        return rng() % n;
    }

    void reset(int symbols, bool all, const std::vector<uint64_t> &window)
    {
        model = std::make_unique<Model>(symbols, all);
        model->window = window;
        sent.clear();
        dut.rst_i = 1;
        dut.op_valid_i = 0;
        dut.result_ready_i = 0;
        dut.subscribe_all_i = all;
        dut.sym_count_i = (uint16_t)window.size();
        dut.clk_i = 0;
        dut.eval();
        edge();
        dut.rst_i = 0;
        for (int i = 0; !dut.ready_o; i++) {
            assert_true(i < 70000);
            dut.clk_i = 0;
            dut.eval();
            edge();
        }
        silent = 0;
    }

    // One operation: cycles until it is taken.
    void send(const Op &o)
    {
        Bits b{dut.op_i.data()};
        b.put(2, 0);
        b.put(1, o.whole);
        b.put(80, 0);
        b.put(32, 0);
        b.put(8, o.state);
        b.put(8, 0);
        b.put(64, 0);
        b.put(64, 0);
        b.put(8, o.print);
        b.put(1, 0);
        b.put(1, o.exec_price);
        b.put(1, o.is_exec);
        b.put(64, o.name);
        b.put(32, o.price);
        b.put(32, o.shares);
        b.put(1, o.sell);
        b.put(64, o.new_ref);
        b.put(64, o.ref);
        b.put(16, o.locate);
        b.put(32 + 64 + 48 + 64, 0);
        b.put(3, o.channel);
        b.put(4, o.op);
        bool taken = false;
        while (!taken) {
            dut.op_valid_i = (int)rnd(100) < valid_percent;
            taken = cycle(&o);
        }
        dut.op_valid_i = 0;
    }

    void step()
    {
        cycle(nullptr);
    }

    void drain()
    {
        dut.op_valid_i = 0;
        while (!sent.empty())
            cycle(nullptr);
        // The search for a second best level may go on behind the last result.
        for (int i = 0; i < REST && (i < 3 || !dut.idle_o); i++)
            cycle(nullptr);
        assert_true(dut.idle_o);
        assert_false(dut.result_valid_o);
        assert_int_equal(dut.orders_live_o, model->orders.size());
        assert_int_equal(dut.orders_peak_o, model->peak);
    }

  private:
    void edge()
    {
        // The symbol window: a RAM with one cycle of latency.
        name_addr = dut.sym_raddr_o;
        dut.clk_i = 1;
        dut.eval();
        dut.sym_rdata_i = model && name_addr < model->window.size() ? model->window[name_addr] : 0x2020202020202020ull;
        cycles++;
    }

    bool cycle(const Op *o)
    {
        dut.result_ready_i = ready_percent == 100 || (int)rnd(100) < ready_percent;
        dut.clk_i = 0;
        dut.eval();
        bool taken = dut.op_valid_i && dut.op_ready_o;
        if (taken) {
            sent.push_back(*o);
            ops++;
        }
        if (dut.result_valid_o && dut.result_ready_i)
            check();
        else if (!sent.empty() && ++silent > 5000)
            fail_msg("no result for 5000 cycles: op %d locate %u", sent.front().op, sent.front().locate);
        edge();
        return taken;
    }

    static void side(Bits &b, Side &s)
    {
        s.orders = (uint32_t)b.get(17);
        s.shares = (uint32_t)b.get(32);
        s.price = (uint32_t)b.get(32);
    }

    void check()
    {
        silent = 0;
        assert_false(sent.empty());
        Op o = sent.front();
        sent.pop_front();
        Bits b{dut.result_o.data()};
        Result g;
        g.overflow = b.get(1);
        g.senseless = b.get(1);
        g.zero = b.get(1);
        g.excess = b.get(1);
        g.unknown = b.get(1);
        side(b, g.ask);
        side(b, g.bid);
        g.bbo = b.get(1);
        g.trade_sell = b.get(1);
        g.trade_price = (uint32_t)b.get(32);
        g.trade = b.get(1);
        g.other_sym = (uint16_t)b.get(16);
        g.other = b.get(1);
        g.cause = (uint8_t)b.get(8);
        g.state_event = b.get(1);
        g.bind = b.get(1);
        g.book_state = (uint8_t)b.get(8);
        g.sym = (uint16_t)b.get(16);
        g.has_symbol = b.get(1);
        g.forward = b.get(1);
        int overflow = g.overflow ? g.cause : 0;
        if (overflow == ORDER_OVERFLOW) {
            overflows[0]++;
            if ((double)model->orders.size() < least_load * (double)order_slots)
                fail_msg("order overflow with %zu of %zu slots used", model->orders.size(), order_slots);
        } else if (overflow) {
            overflows[1]++;
            if ((double)model->levels < least_load * (double)level_slots &&
                (double)model->nodes.size() < least_load * (double)node_slots)
                fail_msg("level overflow with %zu of %zu and %zu of %zu slots used", model->levels, level_slots,
                         model->nodes.size(), node_slots);
        }
        Result w = model->apply(o, overflow);
        bbos += w.bbo;
        seen[w.state_event ? w.cause : 0]++;
#define SAME(f)                                                                                                        \
    if (g.f != w.f)                                                                                                    \
    fail_msg("op %d locate %u ref %llx: %s is %llu, expected %llu", o.op, o.locate, (unsigned long long)o.ref, #f,     \
             (unsigned long long)g.f, (unsigned long long)w.f)
        SAME(overflow);
        SAME(senseless);
        SAME(zero);
        SAME(excess);
        SAME(unknown);
        SAME(bbo);
        SAME(trade);
        SAME(trade_sell);
        SAME(trade_price);
        SAME(other);
        SAME(other_sym);
        SAME(state_event);
        SAME(bind);
        SAME(cause);
        SAME(book_state);
        SAME(has_symbol);
        SAME(sym);
        SAME(forward);
        SAME(bid.price);
        SAME(bid.shares);
        SAME(bid.orders);
        SAME(ask.price);
        SAME(ask.shares);
        SAME(ask.orders);
#undef SAME
    }
};
