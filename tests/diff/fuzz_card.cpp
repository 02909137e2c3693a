// Differential fuzzing of the card: made-up days, broken on purpose at every layer, go as frames over the wire
// into the Verilated card; what its records say after every message must be what a model says. The model is
// written apart: frames and MoldUDP64 by tests/hdl/feed_model.h, books by the host's twin, fed with the model's own
// messages (and not with the card's order flow, by which the feed audits the card a second time).
//
// A case is one number: the same number gives the same case. Differences are printed with it; --case runs it again.
//
//     fuzz_card [--seconds N | --cases N] [--seed N] [--case N] [--model FILE]
#include <algorithm>
#include <array>
#include <cstdarg>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <deque>
#include <string>
#include <vector>

#include "tests/hdl/feed_model.h"
#define _Static_assert static_assert
extern "C" {
#include "host/market/gen_damage.h"
#include "host/market/twin.h"
#include "tests/diff/card_side.h"
}

namespace
{

const char *model_path;

// ---------------------------------------------------------------- what is made

struct Frame {
    Bytes bytes, copy; // on line A, on line B; empty: none
    bool bad_fcs, copy_bad_fcs;
    bool apart; // the card is to settle what this one leaves open before another one comes, and before its copy
};

// What a case does, chosen by its number.
struct Case {
    uint64_t number;
    Random r;
    unsigned symbols, named, batch;
    uint64_t messages;
    bool both;                                                  // lines
    unsigned damage, mutate, mold, frame, lost, twice, session; // per 10,000
    std::vector<Bytes> stream;

    explicit Case(uint64_t n) : number(n), r(n * 0x9e3779b97f4a7c15u + 1)
    {
        static const unsigned rates[] = {0, 0, 3, 30, 300};
        auto rate = [&] { return rates[r.below(5)]; };
        symbols = 1 + r.below(r.chance(20) ? 90 : 12);
        named = r.chance(30)   ? 1 + r.below(symbols)
                : r.chance(30) ? 1 + r.below(3)
                               : 0; // few leave indices to return to
        messages = 60 + symbols + r.below(r.chance(30) ? 4000 : 800);
        batch = 1 + r.below(20);
        both = r.chance(40);
        damage = rate();
        mutate = rate();
        mold = rate();
        frame = rate();
        lost = r.chance(30) ? rate() / 3 : 0;
        twice = rate();
        session = r.chance(20) ? rate() / 3 : 0;
        make_stream();
    }

    bool per10k(unsigned n)
    {
        return r.below(10000) < n;
    }

    static int keep(void *ctx, const uint8_t *raw, uint64_t length)
    {
        ((Case *)ctx)->stream.emplace_back(raw, raw + length);
        return 0;
    }

    void make_stream()
    {
        wt_gen_config gen;
        struct wt_gen_stats stats;
        struct wt_damage wrecker;
        wt_gen_defaults(&gen);
        gen.messages = messages;
        gen.symbols = symbols;
        gen.seed = r.bits();
        gen.scenario = r.chance(50) ? WT_GEN_STRESS : WT_GEN_MARKET;
        gen.live = r.chance(50) ? 0 : 20 + r.below(3000);
        wt_gen_sink sink = {this, keep};
        wt_damage_init(&wrecker, sink, (uint64_t)damage * (UINT64_C(1) << 32) / 10000, symbols, r.bits());
        if (wt_gen_run(&gen, wt_damage_sink(&wrecker), &stats) != 0)
            abort();
        for (size_t i = 0; i < stream.size(); i++)
            if (per10k(mutate))
                mutate_message(i);
    }

    // A message becomes another one: fields that matter get values that matter.
    void mutate_message(size_t i)
    {
        Bytes &m = stream[i];
        const Bytes &other = stream[i - r.below((unsigned)std::min<size_t>(i + 1, 200))];
        auto field = [&](size_t at, unsigned size, uint64_t value) {
            for (unsigned k = 0; k < size && at + k < m.size(); k++)
                m[at + k] = (uint8_t)(value >> 8 * (size - 1 - k));
        };
        static const uint64_t numbers[] = {0,          1,          0x7fffffff, 0x80000000,
                                           0xffffffff, 0xfffffffe, 2000000000, 2000000001};
        uint64_t number = numbers[r.below(8)];
        switch (r.below(11)) {
        case 0: // any bit
            if (!m.empty())
                m[r.below((unsigned)m.size())] ^= (uint8_t)(1u << r.below(8));
            break;
        case 1: // cut
            m.resize(r.below((unsigned)m.size() + 1));
            break;
        case 2: // longer
            for (unsigned k = 1 + r.below(r.chance(10) ? 300 : 20); k--;)
                m.push_back((uint8_t)r.bits());
            break;
        case 3: // a message of some time ago, once more
            m = other;
            break;
        case 4: // another type
            if (!m.empty())
                m[0] = r.chance(70) ? (uint8_t)ITCH_TYPES[r.below(23)].type : (uint8_t)r.bits();
            break;
        case 5: // another symbol
            field(1, 2, r.chance(90) ? r.below(symbols + 2) : r.bits());
            break;
        case 6: // another order
            if (other.size() >= 19)
                field(11, 8, get(other, 11, 8));
            break;
        case 7: // shares
            field(!m.empty() && m[0] == 'U' ? 27 : !m.empty() && (m[0] == 'A' || m[0] == 'F') ? 20 : 19, 4, number);
            break;
        case 8: // price
            field(!m.empty() && m[0] == 'U' ? 31 : 32, 4, number);
            break;
        case 9: // side, and what else stands there
            field(19, 1, r.bits());
            break;
        default: // a new order with the old one's number
            if (!m.empty() && m[0] == 'U' && m.size() == 35)
                field(19, 8, get(r.chance(50) ? m : other, 11, other.size() >= 19 ? 8 : 1));
            break;
        }
    }
};

struct Player {
    Case &c;
    size_t at = 0;
    uint64_t seq = 1;
    unsigned session = 0;
    bool over = false;

    explicit Player(Case &which) : c(which)
    {
    }

    std::string name() const
    {
        return "FUZZ" + std::to_string(session);
    }

    // The next frame: false when nothing is left.
    bool next(Frame &f)
    {
        Random &r = c.r;
        if (over)
            return false;
        f = Frame();
        if (at == c.stream.size()) {
            over = true;
            f.bytes = make_frame(make_mold(name(), seq, r.chance(50) ? 0 : 0xffff, {}), FrameShape(), r);
            f.apart = true;
            return true;
        }
        if (c.per10k(c.session)) { // another session; sometimes the old one talks on
            session++;
            seq = 1 + r.below(100);
            f.apart = true;
        }
        std::vector<Bytes> blocks;
        size_t room = r.chance(95) ? 1400 : 8000;
        for (unsigned n = 1 + r.below(r.chance(50) ? 3 : 40); n && at < c.stream.size(); n--, at++) {
            if (room < c.stream[at].size() + 2)
                break;
            room -= c.stream[at].size() + 2;
            blocks.push_back(c.stream[at]);
        }
        Bytes mold = make_mold(name(), seq, (unsigned)blocks.size(), blocks);
        uint64_t first = seq;
        seq += blocks.size();
        FrameShape shape;
        if (r.chance(10))
            shape.vlan = true;
        if (r.chance(10))
            shape.ihl = 5 + r.below(11);
        if (c.both) {
            FrameShape b = shape;
            b.group += 0x100;
            f.copy = make_frame(mold, b, r);
            f.copy_bad_fcs = c.per10k(c.frame);
            if (c.per10k(c.lost))
                f.copy.clear();
        }
        if (c.per10k(c.mold))
            break_mold(mold, first, f);
        if (c.per10k(c.frame))
            break_frame(mold, shape, f);
        else
            f.bytes = make_frame(mold, shape, r);
        if (c.per10k(c.lost))
            f.bytes.clear();
        // A line that is ahead of the other one is not waited for long.
        if (f.bytes.empty() || (c.both && f.copy.empty()) || f.copy_bad_fcs)
            f.apart = true;
        return true;
    }

    void break_mold(Bytes &mold, uint64_t first, Frame &f)
    {
        Random &r = c.r;
        f.apart = true; // it may lose the datagram
        switch (r.below(7)) {
        case 0: // any bit of the header
            mold[r.below(20)] ^= (uint8_t)(1u << r.below(8));
            break;
        case 1: // any bit
            mold[r.below((unsigned)mold.size())] ^= (uint8_t)(1u << r.below(8));
            break;
        case 2:
            mold.resize(r.below((unsigned)mold.size() + 1));
            break;
        case 3:
            for (unsigned k = 1 + r.below(30); k--;)
                mold.push_back((uint8_t)r.bits());
            break;
        case 4: { // another count
            unsigned count = (unsigned)get(mold, 18, 2) + r.below(5) - 2;
            mold[18] = (uint8_t)(count >> 8);
            mold[19] = (uint8_t)count;
            break;
        }
        case 5: // the length of its first block
            if (mold.size() > 21)
                mold[20 + r.below(2)] = (uint8_t)r.bits();
            break;
        default: { // empty and tiny blocks (more of them on end are more than a wire's time is enough for), a heartbeat
            std::vector<Bytes> tiny(r.below(25));
            for (Bytes &b : tiny)
                b.resize(r.chance(80) ? 0 : r.below(4), 'A');
            mold = make_mold(name(), r.chance(50) ? seq : first, (unsigned)tiny.size(), tiny);
            break;
        }
        }
    }

    void break_frame(const Bytes &mold, FrameShape &shape, Frame &f)
    {
        Random &r = c.r;
        f.apart = true;
        switch (r.below(12)) {
        case 0:
            shape.version = (uint8_t)r.below(16);
            break;
        case 1:
            shape.protocol = (uint8_t)r.bits();
            break;
        case 2:
            shape.ethertype = r.chance(50) ? (uint16_t)r.bits() : 0x8808;
            break;
        case 3:
            shape.fragment = (uint16_t)(1u << r.below(16));
            break;
        case 4:
            shape.group += 1 + r.below(300);
            break;
        case 5:
            shape.port = (uint16_t)(shape.port + 1 + r.below(300));
            break;
        case 6:
            shape.total_delta = (int)r.below(41) - 20;
            break;
        case 7:
            shape.udp_delta = (int)r.below(41) - 20;
            break;
        case 8:
            shape.checksum_delta = (int)r.below(65535) + 1;
            break;
        case 9:
            shape.ihl = r.below(16);
            break;
        case 10:
            shape.padding = r.below(60);
            break;
        default:
            break;
        }
        if (shape.ihl < 5 && r.chance(50))
            shape.ihl = 5;
        f.bytes = make_frame(mold, shape, r);
        if (r.chance(20))
            f.bytes[r.below((unsigned)std::min<size_t>(f.bytes.size(), 60))] ^= (uint8_t)(1u << r.below(8));
        if (r.chance(10))
            f.bytes.resize(1 + r.below((unsigned)f.bytes.size()));
        if (r.chance(5))
            f.bytes.resize(f.bytes.size() + r.below(9100), 0x5a);
        f.bad_fcs = r.chance(20);
    }
};

// ---------------------------------------------------------------- what should come out

struct Event {
    uint8_t kind;
    uint64_t seq, ns;
    std::string symbol;
    uint64_t v[6];
    bool operator==(const Event &o) const
    {
        return kind == o.kind && seq == o.seq && ns == o.ns && symbol == o.symbol && !memcmp(v, o.v, sizeof v);
    }
    std::string text() const
    {
        std::string s = kind == WT_RECORD_TYPE_BBO ? "BBO" : "TRADE";
        s += " of message " + std::to_string(seq) + " " + symbol + " at " + std::to_string(ns) + ":";
        for (uint64_t x : v)
            s += " " + std::to_string(x);
        return s;
    }
};

struct Oracle {
    wt_twin *twin = nullptr;
    const Filter filter[2] = {Filter(0, 1), Filter(1, 1)}; // one channel
    MoldModel mold{1, 4096};
    uint64_t frames = 0, bad_frame = 0, bad_header = 0, filtered = 0;
    std::deque<Event> bbo, trades;

    ~Oracle()
    {
        if (twin)
            wt_twin_destroy(twin);
    }

    // A frame on a line. Returns whether the card has something to settle before the next one.
    bool take(unsigned line, Bytes bytes, bool error)
    {
        // The far end of the wire pads; the MAC cuts, and swallows what is for itself.
        Bytes payload;
        if (bytes.size() < 60)
            bytes.resize(60, 0);
        if (bytes.size() > 9018) {
            bytes.resize(9018);
            error = true;
        }
        if (get(bytes, 12, 2) == 0x8808)
            return false;
        frames++;
        switch (judge(bytes, error, true, payload, filter[line])) {
        case BAD_FRAME:
            bad_frame++;
            return false;
        case BAD_HEADER:
            bad_header++;
            return false;
        case FILTERED:
            filtered++;
            return false;
        case GOOD:
            break;
        }
        uint64_t gaps = mold.counters[GAPS];
        for (const Item &i : mold.take(payload, 0, 0))
            apply(i);
        return mold.counters[GAPS] != gaps;
    }

    void apply(const Item &i)
    {
        wt_twin_result r;
        if (i.op == GAP)
            wt_twin_gap_of(twin, 0);
        else if (i.op == SESSION && i.event == CHANGE)
            wt_twin_new_session(twin, 0);
        if (i.op != NOP)
            return;
        wt_twin_message(twin, i.seq, i.message.data(), i.message.size(), &r);
        if (r.trade)
            trades.push_back({WT_RECORD_TYPE_TRADE,
                              i.seq,
                              r.exch_ns,
                              wt_twin_name(twin, r.symbol),
                              {r.trade_price, r.trade_shares, r.match, r.print, r.cross_type, r.type}});
        if (r.bbo_changed)
            bbo.push_back({WT_RECORD_TYPE_BBO,
                           i.seq,
                           r.exch_ns,
                           wt_twin_name(twin, r.symbol),
                           {r.bbo.bid_price, r.bbo.bid_shares, r.bbo.bid_orders, r.bbo.ask_price, r.bbo.ask_shares,
                            r.bbo.ask_orders}});
    }
};

// ---------------------------------------------------------------- a case

struct Totals {
    uint64_t cases, frames, messages, bbo, trades, software, returned, gaps, bad, differences;
} totals;

struct Run {
    Case c;
    Oracle oracle;
    card_side *card = nullptr;
    unsigned wrong = 0;

    explicit Run(uint64_t number) : c(number)
    {
    }
    ~Run()
    {
        card_side_close(card);
    }

    __attribute__((format(printf, 2, 3))) void differ(const char *format, ...)
    {
        va_list args;
        if (wrong++ < 5) {
            fprintf(stderr, "case %llu: ", (unsigned long long)c.number);
            va_start(args, format);
            vfprintf(stderr, format, args);
            va_end(args);
            fputc('\n', stderr);
        }
    }

    void compare(std::deque<Event> &want, const Event &got)
    {
        if (want.empty()) {
            differ("the card says %s; the model nothing more", got.text().c_str());
            return;
        }
        if (!(want.front() == got))
            differ("the card says %s; the model %s", got.text().c_str(), want.front().text().c_str());
        want.pop_front();
    }

    static void on_event(void *ctx, const card_event *e)
    {
        Run &run = *(Run *)ctx;
        Event got = {e->kind, e->seq, e->ns, e->symbol, {}};
        memcpy(got.v, e->v, sizeof got.v);
        totals.bbo += e->kind == WT_RECORD_TYPE_BBO;
        totals.trades += e->kind == WT_RECORD_TYPE_TRADE;
        totals.software += e->software;
        run.compare(e->kind == WT_RECORD_TYPE_BBO ? run.oracle.bbo : run.oracle.trades, got);
    }

    int open(std::vector<std::array<char, 9>> &names)
    {
        for (const Bytes &m : c.stream)
            if (names.size() < c.named && m.size() == 39 && m[0] == 'R' && c.r.chance(60)) {
                std::array<char, 9> name = {};
                memcpy(name.data(), &m[11], 8);
                for (char &ch : name)
                    if (ch == ' ')
                        ch = 0;
                // Broken names cannot be subscribed.
                if (std::any_of(name.begin(), name.end(), [](char ch) { return ch && (ch < '!' || ch > '~'); }))
                    continue;
                if (name[0] && std::find(names.begin(), names.end(), name) == names.end())
                    names.push_back(name);
            }
        card_side_config config = {};
        wt_twin_config twin;
        config.model = model_path;
        config.group[0] = GROUP;
        config.group[1] = GROUP + 0x100;
        config.port = PORT;
        config.max_payload = 128u << c.r.below(3);
        config.symbols = names.empty() ? nullptr : (const char(*)[9])names.data();
        config.symbol_count = (uint32_t)names.size();
        config.gives_back = c.number % 4 != 0;
        config.ctx = this;
        config.event = on_event;
        wt_twin_defaults(&twin);
        twin.symbols = config.symbols;
        twin.symbol_count = config.symbol_count;
        int error = wt_twin_create(&twin, &oracle.twin);
        return error ? error : card_side_open(&config, &card);
    }

    // Until nothing happens any more.
    bool settle()
    {
        int e = card_side_settle(card);
        if (e < 0)
            differ("the card hangs, or its ring was lapped: %s", strerror(-e));
        return e == 0;
    }

    void count(const char *what, uint64_t got, uint64_t want)
    {
        if (got != want)
            differ("%s: the card counts %llu, the model %llu", what, (unsigned long long)got, (unsigned long long)want);
    }

    void finish()
    {
        struct card_side_counts k;
        struct wt_twin_stats t;
        const uint64_t *m = oracle.mold.counters;
        int e = card_side_counts(card, &k);
        if (e < 0) {
            differ("its counters cannot be read: %s", strerror(-e));
            return;
        }
        wt_twin_stats(oracle.twin, &t);
        if (!oracle.bbo.empty())
            differ("the card does not say %s, and %zu more", oracle.bbo.front().text().c_str(), oracle.bbo.size() - 1);
        if (!oracle.trades.empty())
            differ("the card does not say %s, and %zu more", oracle.trades.front().text().c_str(),
                   oracle.trades.size() - 1);
        count("frames", k.frames, oracle.frames);
        count("bad frames", k.bad_frame, oracle.bad_frame);
        count("bad headers", k.bad_header, oracle.bad_header);
        count("filtered", k.filtered, oracle.filtered);
        count("overflows", k.overflow, m[RX_OVERFLOW]);
        count("bad datagrams", k.bad_datagram, m[BAD_DATAGRAM]);
        count("late messages", k.late, m[DUPLICATES]);
        count("messages", k.messages, m[MESSAGES]);
        count("gaps", k.gaps, m[GAPS]);
        count("missed", k.missed, m[MISSED]);
        count("heartbeats", k.heartbeats, m[HEARTBEATS]);
        count("unknown types", k.unknown_type, t.unknown_type);
        count("bad lengths", k.bad_length, t.bad_length);
        count("audit mismatches", k.audit_mismatches, 0);
        count("events without a message", k.pending, 0);
        count("TLP violations", k.tlp_violations, 0);
        for (uint16_t i = 0; i < t.symbols; i++)
            if (card_side_valid(card, i) != wt_twin_valid(oracle.twin, i))
                differ("%s is %s with the card, not with the model", wt_twin_name(oracle.twin, i),
                       card_side_valid(card, i) ? "valid" : "stale");
        totals.messages += k.messages;
        totals.gaps += k.gaps;
        totals.returned += k.returned;
        totals.bad += k.bad_frame + k.bad_header + k.bad_datagram + k.bad_length;
    }

    // Send a frame; whether it went.
    bool play(unsigned line, const Bytes &bytes, bool bad_fcs, bool &open)
    {
        open |= oracle.take(line, bytes, bad_fcs);
        totals.frames++;
        int e = card_side_send(card, line, bytes.data(), bytes.size(), bad_fcs);
        if (e < 0)
            differ("the wire refuses %zu bytes: %s", bytes.size(), strerror(-e));
        return e == 0;
    }

    bool go()
    {
        std::vector<std::array<char, 9>> names;
        Player player(c);
        Frame f, before;
        unsigned under_way = 0;
        size_t bytes = 0;
        if (open(names) != 0)
            exit(2);
        while (player.next(f)) {
            bool again = c.per10k(c.twice);
            for (const Frame *one : {again ? &before : &f, again ? &f : nullptr}) {
                bool open = false;
                if (!one)
                    continue;
                if (!one->bytes.empty() && !play(0, one->bytes, one->bad_fcs, open))
                    return false;
                if ((open || one->apart) && !settle())
                    return false;
                if (!one->copy.empty() && !play(1, one->copy, one->copy_bad_fcs, open))
                    return false;
                bytes += one->bytes.size();
                // A line may not be given more than it holds.
                if (open || one->apart || ++under_way >= c.batch || bytes > 12000) {
                    if (!settle())
                        return false;
                    under_way = 0;
                    bytes = 0;
                }
            }
            before = f;
        }
        finish();
        return wrong == 0;
    }
};

int usage(FILE *to)
{
    fputs("usage: fuzz_card [--seconds N | --cases N] [--seed N] [--case N] [--model FILE]\n"
          "Days broken on purpose through the Verilated card, compared with a model after every message.\n"
          "  --seconds N   for so long (default 10)      --cases N   so many\n"
          "  --seed N      where cases begin (default 1) --case N    this one\n"
          "  --model FILE  the Verilated card (default: libwtcard.so beside this program)\n",
          to);
    return to == stderr ? 2 : 0;
}

} // namespace

int main(int argc, char **argv)
{
    uint64_t seconds = 10, cases = 0, seed = 1;
    for (int i = 1; i < argc; i++) {
        std::string a = argv[i];
        const char *value = i + 1 < argc ? argv[i + 1] : nullptr;
        if (a == "--help")
            return usage(stdout);
        if (!value)
            return usage(stderr);
        i++;
        if (a == "--seconds")
            seconds = strtoull(value, nullptr, 10);
        else if (a == "--cases")
            cases = strtoull(value, nullptr, 10);
        else if (a == "--seed")
            seed = strtoull(value, nullptr, 10);
        else if (a == "--case") {
            seed = strtoull(value, nullptr, 10);
            cases = 1;
        } else if (a == "--model")
            model_path = value;
        else
            return usage(stderr);
    }
    const time_t start = time(nullptr);
    for (uint64_t n = seed; cases ? n < seed + cases : (uint64_t)(time(nullptr) - start) < seconds; n++) {
        Run run(n);
        totals.cases++;
        if (!run.go()) {
            totals.differences++;
            fprintf(stderr, "case %llu differs\n", (unsigned long long)n);
        }
    }
    printf("%llu cases: %llu frames, %llu messages, %llu BBO events (%llu from software), %llu trades; %llu symbols "
           "returned, %llu gaps, %llu "
           "thrown away as bad; %llu cases differ\n",
           (unsigned long long)totals.cases, (unsigned long long)totals.frames, (unsigned long long)totals.messages,
           (unsigned long long)totals.bbo, (unsigned long long)totals.software, (unsigned long long)totals.trades,
           (unsigned long long)totals.returned, (unsigned long long)totals.gaps, (unsigned long long)totals.bad,
           (unsigned long long)totals.differences);
    return totals.differences != 0;
}
