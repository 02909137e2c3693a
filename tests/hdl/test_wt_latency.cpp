// TOP: wt_card
// EXTRA: tests/hdl/test_wt_latency.vlt
// Latency as semantics.md 22 says: one message in a datagram, an empty card, credits available; in cycles from the one
// with the last byte of the FCS on XGMII to the one with the first beat of the record's TLP. Every figure is held
// against the table in hdl/card/latency.md: a worse one fails, and so does a limit that breaks where the table does
// not say so. With WT_LATENCY_WRITE=1 the table is written instead.
#include <csetjmp>
#include <cstdarg>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>
extern "C" {
#include <cmocka.h>
}
#include "tests/hdl/latency_cases.h"

static const char *const COMMITTED = "hdl/card/latency.md";
// ---------------------------------------------------------------- measured

// A limit that is broken with the clock crossing counted, which semantics.md 22 states apart; and without it, too.
static const char *const APART = ", the crossing apart";
static const char *const NOT_HELD = " **not held**";

using Cells = std::vector<std::string>;
struct Table {
    Cells head;
    std::vector<Cells> rows;
};

struct Figures {
    uint64_t stage[STAGES] = {}, least = UINT64_MAX, most = 0, side[2] = {}, flow = 0;
};

static const char *kind_name(uint8_t kind)
{
    static const char *const names[] = {"?", "BBO", "trade", "state", "system", "symbol"};
    return names[kind < 6 ? kind : 0];
}

static void is_best(const Day &d, const Best &b, const Left &l)
{
    wt_ev_bbo e;
    memcpy(&e, l.bytes, 64);
    if (b.orders == UINT32_MAX)
        return;
    const bool bid = d.side == 'B';
    assert_int_equal(bid ? e.bid_price : e.ask_price, b.orders ? d.price(b.worse) : 0);
    assert_int_equal(bid ? e.bid_shares : e.ask_shares, b.shares);
    assert_int_equal(bid ? e.bid_orders : e.ask_orders, b.orders);
    assert_int_equal(bid ? e.ask_price : e.bid_price, d.other_price());
    assert_int_equal(bid ? e.ask_shares : e.bid_shares, 300);
}

static void note(Figures &f, const Passage &p, const Left &l, bool sell)
{
    const uint64_t total = l.first_beat - p.fcs;
    f.least = std::min(f.least, total);
    f.side[sell] = std::max(f.side[sell], total);
    if (total <= f.most)
        return;
    f.most = total;
    uint64_t before = p.fcs;
    for (unsigned s = 0; s < STAGES; s++) {
        const uint64_t at = s == DMA ? l.first_beat : s == RECORDS ? l.pushed : p.at[s];
        assert_true(at >= before);
        f.stage[s] = at - before;
        before = at;
    }
}

// Both sides, both lines, both lanes on which a frame may start.
static void measure(Day &d, const Case &c, Table &t)
{
    std::vector<Figures> events(c.events.size());
    Figures flow;
    for (unsigned variant = 0; variant < 8; variant++) {
        const bool sell = variant & 4;
        d.side = sell ? 'S' : 'B';
        d.line = variant >> 1 & 1;
        d.lane = variant & 1 ? 4 : 0;
        Bytes m = c.message(d);
        d.prepare();
        const uint64_t seq = d.seq;
        const Passage &p = d.send({m});
        size_t n = 0, flows = 0;
        for (const Left &l : p.left) {
            assert_true(l.seq() == seq);
            if (!l.event) {
                flows++;
                note(flow, p, l, sell);
                continue;
            }
            assert_true(n < c.events.size());
            assert_int_equal(l.kind(), c.events[n]);
            if (l.kind() == BBO)
                is_best(d, c.best, l);
            note(events[n++], p, l, sell);
        }
        if (n != c.events.size() || flows != 1)
            fail_msg("%s: %zu events, %zu order-flow records", c.name, n, flows);
        d.clear();
    }
    for (size_t n = 0; n < std::max<size_t>(events.size(), 1); n++) {
        const Figures &f = events.empty() ? flow : events[n];
        Cells row = {c.name, events.empty() ? "order flow" : kind_name(c.events[n])};
        for (uint64_t s : f.stage)
            row.push_back(std::to_string(s));
        for (uint64_t v : {f.least, f.side[0], f.side[1], flow.most})
            row.push_back(std::to_string(v));
        row.push_back(!c.limit                                ? "-"
                      : f.most <= c.limit                     ? std::to_string(c.limit)
                      : f.most - f.stage[CROSSING] <= c.limit ? std::to_string(c.limit) + APART
                                                              : std::to_string(c.limit) + NOT_HELD);
        t.rows.push_back(row);
    }
}

// BBO records of a full datagram of 1,472 bytes, by the place of their message in it.
// How records share TLPs depends on where in the ring they go (4 KB): so in many rounds, from a fresh start.
static void measure_stream(const Stream &s, Table &t)
{
    Day d({});
    const unsigned n = unsigned((1472 - 20) / (s.size + 2)), places[] = {1, 2, 10, n};
    uint64_t most[4] = {};
    for (unsigned variant = 0; variant < 16; variant++) {
        d.side = variant & 2 ? 'S' : 'B';
        d.lane = variant & 1 ? 4 : 0;
        s.before(d, n);
        d.prepare();
        std::vector<Bytes> all;
        for (unsigned i = 0; i < n; i++)
            all.push_back(s.next(d, i));
        const uint64_t seq = d.seq;
        const Passage &p = d.send(all);
        unsigned bbos = 0;
        for (const Left &l : p.left) {
            if (!l.event || l.kind() != BBO)
                continue;
            assert_true(l.seq() == seq + bbos);
            bbos++;
            for (unsigned k = 0; k < 4; k++)
                if (places[k] == bbos)
                    most[k] = std::max(most[k], l.first_beat - p.fcs);
        }
        assert_int_equal(bbos, n);
        d.clear();
    }
    Cells row = {s.name, std::to_string(n)};
    for (uint64_t v : most)
        row.push_back(std::to_string(v));
    t.rows.push_back(row);
}

static std::vector<Table> measured()
{
    std::vector<Table> t(2);
    t[0].head = {"message", "record"};
    t[0].head.insert(t[0].head.end(), STAGE_NAMES, STAGE_NAMES + STAGES);
    for (const char *h : {"least", "buy", "sell", "order flow", "limit"})
        t[0].head.push_back(h);
    t[1].head = {"messages of a full datagram", "of them", "first", "second", "tenth", "last"};
    {
        Day d({});
        for (const Case &c : CASES)
            measure(d, c, t[0]);
    }
    for (const Stream &s : STREAMS)
        measure_stream(s, t[1]);
    std::vector<std::string> names = {NAME};
    for (unsigned i = 1; i < 64; i++)
        names.push_back("S" + std::to_string(i));
    Day d(names);
    measure(d, BY_NAME, t[0]);
    return t;
}

// ---------------------------------------------------------------- and held against what is committed

static std::string markdown(const Table &t)
{
    std::string s = "|", rule = "|";
    for (size_t i = 0; i < t.head.size(); i++) {
        s += " " + t.head[i] + " |";
        rule += i < 2 || t.head[i] == "limit" ? "---|" : "--:|";
    }
    s += "\n" + rule + "\n";
    for (const Cells &row : t.rows) {
        s += "|";
        for (const std::string &c : row)
            s += " " + c + " |";
        s += "\n";
    }
    return s;
}

// Rows of all tables in a text, by their first two cells.
static std::map<std::string, Cells> rows_of(const std::string &text)
{
    std::map<std::string, Cells> rows;
    std::istringstream in(text);
    for (std::string line; std::getline(in, line);) {
        if (line.compare(0, 2, "| ") != 0)
            continue;
        Cells c;
        for (size_t at = 2, end; (end = line.find(" |", at)) != std::string::npos; at = end + 3)
            c.push_back(line.substr(at, end - at));
        assert_true(c.size() > 2);
        rows[c[0] + ": " + c[1]] = c;
    }
    return rows;
}

static bool number(const std::string &s)
{
    return !s.empty() && s.find_first_not_of("0123456789") == std::string::npos;
}

// How much of a limit is broken.
static unsigned broken(const std::string &limit)
{
    return limit.find(NOT_HELD) != std::string::npos ? 2 : limit.find(APART) != std::string::npos;
}

// What is worse than committed, or not there; better figures are only said.
static unsigned compare(const std::vector<Table> &tables, const std::string &text, bool speak)
{
    std::map<std::string, Cells> committed = rows_of(text);
    unsigned bad = 0;
    for (const Table &t : tables) {
        committed.erase(t.head[0] + ": " + t.head[1]);
        for (const Cells &row : t.rows) {
            const std::string key = row[0] + ": " + row[1];
            auto it = committed.find(key);
            if (it == committed.end() || it->second.size() != row.size()) {
                bad++;
                if (speak)
                    printf("# %s: not in %s\n", key.c_str(), COMMITTED);
                continue;
            }
            for (size_t i = 2; i < row.size(); i++) {
                const std::string &now = row[i], &then = it->second[i];
                if (now == then)
                    continue;
                bool better =
                    number(now) && number(then) ? std::stoul(now) < std::stoul(then) : broken(now) < broken(then);
                bad += !better;
                if (speak)
                    printf("# %s, %s: %s, committed %s: %s\n", key.c_str(), t.head[i].c_str(), now.c_str(),
                           then.c_str(), better ? "better, write the table anew" : "WORSE");
            }
            committed.erase(it);
        }
    }
    for (auto &left : committed) {
        bad++;
        if (speak)
            printf("# %s: committed, but not measured\n", left.first.c_str());
    }
    return bad;
}

static void no_figure_is_worse_than_committed(void **)
{
    const std::vector<Table> now = measured();
    std::ifstream in(COMMITTED);
    std::stringstream file;
    file << in.rdbuf();
    std::string text = file.str();
    assert_true(!text.empty());
    if (getenv("WT_LATENCY_WRITE")) {
        for (size_t i = 0, at = 0; i < now.size(); i++) {
            const std::string mark = "<!-- measured -->\n", end = "<!-- end -->\n";
            size_t from = text.find(mark, at) + mark.size();
            at = text.find(end, from);
            assert_true(at != std::string::npos);
            text.replace(from, at - from, markdown(now[i]));
            at = from;
        }
        std::ofstream(COMMITTED) << text;
        return;
    }
    assert_int_equal(compare(now, text, true), 0);

    // The comparison itself: a figure that is one cycle more, or a limit that broke and is not said to, is seen.
    std::string ideal;
    for (const Table &t : now)
        ideal += markdown(t);
    assert_int_equal(compare(now, ideal, false), 0);
    for (size_t k = 0; k < now.size(); k++)
        for (size_t i = 0; i < now[k].rows.size(); i++) {
            std::vector<Table> worse = now;
            std::string &cell = worse[k].rows[i][5];
            cell = std::to_string(std::stoul(cell) + 1);
            assert_int_equal(compare(worse, ideal, false), 1);
            std::string &limit = worse[k].rows[i].back();
            if (k != 0 || !number(limit))
                continue;
            limit += i % 2 ? NOT_HELD : APART;
            assert_int_equal(compare(worse, ideal, false), 2);
            worse[k].rows.pop_back();
            assert_true(compare(worse, ideal, false) > 1);
        }
}

int main()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_figure_is_worse_than_committed),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
