// TOP: wt_feed
// PARAMS: -GHOLD_MESSAGES_LOG2=10 -GHOLD_DATAGRAMS_LOG2=8
// Both lines at full rate, each with losses, damage, duplicates and delays of its own, on all channels at once.
// Nothing says in which order channels come out; so what is checked is what must hold for every message:
//   delivered once, in sequence, unchanged, with the time of a frame that carried it
//   given up only when no line has brought it in time, and not before the time
//   everything is told: gaps, filled gaps, heartbeats, one start and one end of each session, all counters
#include "tests/hdl/feed_bench.h"

#include <set>

static const unsigned CHANNELS[] = {0, 1, 2, 3, 4, 6};
static const unsigned SETTLE = 24; // cycles from a last beat until the arbiter has looked at the datagram for sure

struct Arrival {
    uint64_t ns, cycle;
    unsigned line;
};

// What is known of a channel from the frames that went in.
struct Channel {
    std::map<uint64_t, Bytes> truth;
    std::map<uint64_t, std::vector<Arrival>> arrived; // of each message
    std::map<uint64_t, std::vector<Arrival>> marked;  // heartbeats and ends of session, by the next message
    uint64_t next = 1;                                // to be sent
    // from what came out
    uint64_t expected = 1;
    bool started = false, ended = false, open = false;
    uint64_t open_first = 0, open_count = 0;
};

struct Setup {
    unsigned loss = 0, damage = 0, dup = 0, late = 0; // percent of frames, each line
    unsigned skew_cycles = 0;                         // line B comes later
    uint32_t skew_ns = 2000, timeout_ns = 0;
    bool recover = false;
    unsigned most = 6; // messages in a packet
    unsigned out_percent = 100, gap_cycles = 3;
    bool overflow = false; // expected
    unsigned packets = 4000;
    unsigned only = 6;   // channels in use
    bool inject = false; // the host injects what is missing
};

class Lines
{
  public:
    FeedBench b;
    Setup s;
    Channel channel[8];
    std::deque<std::pair<uint64_t, std::pair<unsigned, Bytes>>> answers; // what the host will inject, and when
    std::set<std::pair<unsigned, uint64_t>> injected;
    uint64_t recovered = 0;
    uint64_t messages = 0, gaps = 0, missed = 0, filled = 0, heartbeats = 0, received = 0, opened = 0;
    uint64_t frames[2] = {0, 0}, bad[2] = {0, 0};
    uint64_t worst = 0; // most messages that went in and have not come out

    Lines(uint64_t seed, const Setup &setup) : b(seed, 1), s(setup)
    {
        b.dut.skew_ns_i = s.skew_ns;
        b.dut.gap_timeout_ns_i = s.timeout_ns;
        b.dut.recover_i = s.recover;
        b.out_percent = s.out_percent;
        b.gap_cycles = s.gap_cycles;
        b.on_frame = [this](const Sent &f) { took(f); };
        b.on_op = [this] { gave(); };
    }
    // A packet of a channel (count 0: heartbeat, -1: end of session), as it travels on both lines.
    void send(unsigned c, int count, bool certain = false)
    {
        Channel &ch = channel[c];
        std::vector<Bytes> v;
        for (int i = 0; i < count; i++) {
            auto &t = ITCH_TYPES[b.r.below(sizeof ITCH_TYPES / sizeof *ITCH_TYPES)];
            v.push_back(make_itch((uint8_t)t.type, t.length, b.r));
            ch.truth[ch.next + (uint64_t)i] = v.back();
        }
        Bytes mold = make_mold(session(c), ch.next, count < 0 ? 0xffff : (unsigned)count, v);
        if (count > 0)
            ch.next += (uint64_t)count;
        for (unsigned line = 0; line < 2; line++) {
            FrameShape shape;
            shape.group = FILTER[line].group[c];
            shape.port = FILTER[line].port[c];
            Sent f{make_frame(mold, shape, b.r), line};
            f.not_before = line * s.skew_cycles + sent_at;
            if (!certain && b.r.chance(s.loss))
                continue;
            f.error = !certain && b.r.chance(s.damage);
            if (!certain && b.r.chance(s.dup))
                place(f);
            place(f, !certain && b.r.chance(s.late) ? 1 + b.r.below(3) : 0);
        }
    }
    static std::string session(unsigned c)
    {
        return std::string("SESSION") + (char)('0' + c);
    }
    // Random traffic; then, on every channel, what nobody loses: an end of session on both lines.
    void play()
    {
        for (unsigned i = 0; i < s.packets; i++) {
            while (b.queue[0].size() > 8 || b.queue[1].size() > 8)
                step();
            send(CHANNELS[b.r.below(s.only)], b.r.chance(4) ? 0 : 1 + (int)b.r.below(s.most));
        }
        release();
        if (s.overflow)
            settle(); // room for what comes now
        for (unsigned i = 0; i < s.only; i++)
            send(CHANNELS[i], -1, true);
        finish();
    }
    void step()
    {
        sent_at = b.cycle;
        while (!answers.empty() && answers.front().first <= b.cycle &&
               b.command(1, (uint8_t)answers.front().second.first, answers.front().second.second))
            answers.pop_front();
        b.step();
    }
    // Until nothing happens any more, not even by itself.
    void settle()
    {
        for (unsigned quiet = 0; quiet < 8;) {
            step();
            bool asleep = b.dut.idle_o && answers.empty() && b.queue[0].empty() && b.queue[1].empty();
            if (asleep && b.dut.deadline_ns_o != ~0ull) { // as the simulation does: sleep until then
                if (b.dut.deadline_ns_o > b.now())
                    b.cycle += (b.dut.deadline_ns_o - b.now()) * 5 / 32;
                quiet = 0;
            } else {
                quiet = asleep ? quiet + 1 : 0;
            }
        }
    }
    void finish()
    {
        settle();
        for (unsigned i = 0; i < 8 && s.recover && !s.timeout_ns; i++) { // the host gives up
            memset((uint32_t *)&b.dut.channels_i + 8 * i + 6, 0xff, 8);
        }
        b.dut.poke_i = 1;
        step();
        b.dut.poke_i = 0;
        settle();
        for (unsigned i = 0; i < s.only; i++) {
            Channel &ch = channel[CHANNELS[i]];
            assert_int_equal(ch.expected, ch.next);
            assert_true(ch.ended && !ch.open);
        }
        uint64_t overflow = 0, late = 0;
        for (unsigned l = 0; l < 2; l++) {
            assert_int_equal(b.counter(C_OF_LINE * l + C_FRAMES), frames[l]);
            assert_int_equal(b.counter(C_OF_LINE * l + C_BAD_FRAME), bad[l]);
            assert_int_equal(b.counter(C_OF_LINE * l + C_BAD_DATAGRAM), 0);
            overflow += b.counter(C_OF_LINE * l + C_OVERFLOW);
            late += b.counter(C_OF_LINE * l + C_LATE);
        }
        assert_int_equal(overflow > 0, s.overflow);
        assert_int_equal(b.counter(C_MESSAGES), messages);
        assert_int_equal(b.counter(C_GAPS), gaps);
        assert_int_equal(b.counter(C_MISSED), missed);
        assert_int_equal(b.counter(C_FILLED), filled);
        assert_int_equal(b.counter(C_HEARTBEATS), heartbeats);
        if (!s.overflow)
            assert_int_equal(messages - recovered + late, received);
        assert_int_equal(bits_of(b.dut.more_counters_o, 0, 64), recovered);
        assert_int_equal(bits_of(b.dut.more_counters_o, 128, 64), 0);
    }

  private:
    uint64_t sent_at = 0;
    std::deque<std::pair<unsigned, Sent>> waiting[2]; // frames that others pass

    void place(const Sent &f, unsigned places = 0)
    {
        if (places) {
            waiting[f.line].push_back({places, f});
            return;
        }
        b.queue[f.line].push_back(f);
        auto &w = waiting[f.line];
        for (size_t i = 0; i < w.size();) {
            if (--w[i].first == 0) {
                b.queue[f.line].push_back(w[i].second);
                w.erase(w.begin() + (long)i);
            } else {
                i++;
            }
        }
    }
    void release()
    {
        for (unsigned l = 0; l < 2; l++) {
            for (auto &w : waiting[l])
                b.queue[l].push_back(w.second);
            waiting[l].clear();
        }
    }
    void took(const Sent &f)
    {
        Bytes payload;
        unsigned c = 0;
        Verdict v = judge(f.bytes, f.error, true, payload, f.line, &c);
        frames[f.line]++;
        bad[f.line] += v == BAD_FRAME;
        if (v != GOOD)
            return;
        uint64_t seq = get(payload, 10, 8), count = get(payload, 18, 2);
        for (uint64_t i = 0; count != 0xffff && i < count; i++) {
            channel[c].arrived[seq + i].push_back({b.now(), b.cycle, f.line});
            received++;
        }
        if (count == 0 || count == 0xffff)
            channel[c].marked[seq].push_back({b.now(), b.cycle, f.line});
    }
    // A number of the operation that is on the port.
    uint64_t op(const char *name)
    {
        unsigned low = 0;
        for (auto &f : OP_FIELDS)
            low += f.width;
        for (auto &f : OP_FIELDS) {
            low -= f.width;
            if (std::string(f.name) == name)
                return bits_of(b.dut.op_o, low, f.width);
        }
        fail_msg("no field %s", name);
        return 0;
    }
    bool present(Channel &ch, uint64_t seq, uint64_t before_cycle)
    {
        auto it = ch.arrived.find(seq);
        if (it != ch.arrived.end())
            for (auto &a : it->second)
                if (a.cycle < before_cycle)
                    return true;
        return false;
    }
    void gave()
    {
        Channel &ch = channel[op("channel")];
        uint64_t kind = op("op"), seq = op("seq");
        if (kind == SESSION) {
            if (op("state") == START)
                assert_false(ch.started);
            else
                assert_int_equal(op("state"), END);
            if (op("state") == END) {
                assert_false(ch.ended);
                assert_int_equal(seq, ch.next);
                assert_int_equal(ch.expected, ch.next);
                ch.ended = true;
            }
            ch.started = true;
            return;
        }
        assert_true(ch.started);
        if (kind == HEARTBEAT) {
            assert_int_equal(seq, ch.expected);
            heartbeats++;
            return;
        }
        if (kind == GAP || kind == GAP_NOTE) {
            gap(ch, kind, seq);
            return;
        }
        // A message.
        assert_int_equal(seq, ch.expected);
        Item want;
        want.channel = (unsigned)op("channel");
        want.seq = seq;
        want.message = ch.truth.at(seq);
        want.timed = true;
        assert_string_equal(differs(b.dut.op_o, decode(want)).c_str(), "");
        assert_string_equal(raw_differs(b.dut.raw_o, want.message).c_str(), "");
        bool carried = false;
        for (auto &a : ch.arrived[seq])
            carried |= a.ns == op("ingress_ns") && (uint32_t)a.cycle == op("ingress_cycle");
        if (!carried) {
            assert_true(injected.count({want.channel, seq}) == 1);
            recovered++;
        }
        ch.expected++;
        messages++;
    }
    void gap(Channel &ch, uint64_t kind, uint64_t seq)
    {
        uint64_t first = op("order_ref"), count = op("big_shares"), state = op("state"), ns = op("ingress_ns");
        uint64_t cycle = b.cycle - (uint32_t)((uint32_t)b.cycle - (uint32_t)op("ingress_cycle"));
        assert_true(count > 0);
        if (kind == GAP_NOTE && state == 2) { // filled
            assert_true(ch.open && first == ch.open_first && count == ch.open_count);
            assert_int_equal(seq, ch.expected);
            assert_true(ch.expected >= first + count);
            ch.open = false;
            filled++;
            return;
        }
        assert_int_equal(first, ch.expected);
        // No line has brought any of it, and something behind it has waited long enough.
        if (!s.overflow)
            for (uint64_t i = first; i < first + count; i++)
                assert_false(present(ch, i, cycle > SETTLE ? cycle - SETTLE : 0));
        uint64_t waited = 0;
        for (auto *what : {&ch.arrived, &ch.marked})
            for (auto it = what->upper_bound(first); it != what->end(); ++it)
                for (auto &a : it->second)
                    waited = std::max(waited, ns - a.ns);
        bool impatient = s.overflow || (s.recover && !s.timeout_ns); // may be given up before its time
        if (kind == GAP_NOTE) {
            assert_true(s.recover && !ch.open && state == 1);
            assert_int_equal(seq, first);
            assert_true(waited >= s.skew_ns);
            ch.open = true;
            ch.open_first = first;
            ch.open_count = count;
            opened++;
            // What is missing and more, in packets of their own size, some twice, some late.
            for (uint64_t at = first - std::min<uint64_t>(first - 1, b.r.below(4)); s.inject && at < first + count;) {
                unsigned n = 1 + b.r.below(30), c = (unsigned)op("channel");
                std::vector<Bytes> v;
                for (uint64_t i = at; i < at + n && i < ch.next; i++) {
                    v.push_back(ch.truth.at(i));
                    injected.insert({c, i});
                }
                Bytes mold = make_mold(session(c), at, (unsigned)v.size(), v);
                for (unsigned twice = b.r.chance(10) ? 2 : 1; twice; twice--)
                    answers.push_back({b.cycle + 200 + b.r.below(400), {c, mold}});
                at += v.size();
            }
            return;
        }
        assert_int_equal(state, 0);
        assert_int_equal(seq, first + count);
        assert_true(impatient || waited >= s.skew_ns);
        assert_true(impatient || s.recover == ch.open);
        if (ch.open && seq >= ch.open_first + ch.open_count)
            ch.open = false;
        ch.expected = seq;
        gaps++;
        missed += count;
    }
};

static void tell(const char *what, const Lines &l)
{
    print_message(
        "# %s: %llu messages of %llu received, %llu gaps (%llu missed), %llu opened, %llu filled, %llu cycles\n", what,
        (unsigned long long)l.messages, (unsigned long long)l.received, (unsigned long long)l.gaps,
        (unsigned long long)l.missed, (unsigned long long)l.opened, (unsigned long long)l.filled,
        (unsigned long long)l.b.cycle);
}

// One line alone has accidents, or both have some that the other makes good: nothing is missed.
static void one_line_makes_good_for_the_other(void **)
{
    for (unsigned skew : {0, 1, 7, 100, 250}) {
        Setup s;
        s.skew_cycles = skew;
        Lines l(100 + skew, s);
        l.play();
        assert_int_equal(l.gaps, 0);
        assert_int_equal(l.messages * 2, l.received);
        tell("clean lines", l);
    }
    for (unsigned way = 0; way < 4; way++) {
        Setup s;
        s.dup = 10;
        s.late = 10;
        s.skew_ns = 20000;
        s.skew_cycles = way * 150;
        Lines l(200 + way, s);
        l.play();
        assert_int_equal(l.gaps, 0);
        tell("duplicates and delays on both", l);
    }
}

static void gives_up_only_what_both_lost(void **)
{
    for (unsigned way = 0; way < 6; way++) {
        Setup s;
        s.loss = way == 3 ? 10 : way % 2 ? 30 : 5;
        s.damage = 5;
        s.dup = 5;
        s.late = 5;
        s.skew_cycles = way * 60;
        s.most = way == 3 ? 1 : 6;
        s.out_percent = way == 4 ? 60 : 100;
        Lines l(300 + way, s);
        l.play();
        assert_true(l.gaps > 0 && l.filled == 0);
        tell("losses on both", l);
    }
}

// Somebody recovers, who here is the slower line: B comes later than the skew window.
static void announces_and_fills(void **)
{
    for (unsigned way = 0; way < 4; way++) {
        Setup s;
        s.loss = 2;
        s.recover = true;
        s.skew_ns = 500;
        s.skew_cycles = 400;
        s.timeout_ns = way % 2 ? 4000 : 0;
        s.only = way < 2 ? 6 : 1;
        s.packets = 2000;
        s.gap_cycles = 20;
        s.overflow = false;
        Lines l(400 + way, s);
        l.play();
        tell("a slow line B fills", l);
        assert_true(l.opened > 10 && l.filled > 10 && l.opened >= l.filled);
    }
}

// What both lines lost comes from the host: nothing is missing in the end, whatever else happens.
static void recovers_what_both_lost(void **)
{
    for (unsigned way = 0; way < 5; way++) {
        Setup s;
        s.loss = way == 4 ? 100 : way == 3 ? 15 : 5;
        s.damage = 2;
        s.dup = 3;
        s.late = 3;
        s.recover = s.inject = true;
        s.skew_cycles = way == 1 ? 200 : 0;
        s.only = way == 2 ? 1 : 6;
        s.gap_cycles = way == 3 ? 60 : 30;
        s.packets = way == 4 ? 40 : 2500;
        Lines l(700 + way, s);
        l.play();
        tell("recovered", l);
        assert_int_equal(l.gaps, 0);
        assert_true(l.recovered > 20 && l.opened == l.filled && l.opened > 0);
    }
}

// Everything at once on a ring that is too small for it: a line may be dropped, but never a rule.
static void overflows_without_a_wrong_word(void **)
{
    for (unsigned way = 0; way < 4; way++) {
        Setup s;
        s.loss = 10;
        s.damage = 2;
        s.dup = 5;
        s.late = 5;
        s.recover = way % 2;
        s.skew_cycles = way < 2 ? 0 : 300;
        s.out_percent = 8;
        s.overflow = true;
        Lines l(500 + way, s);
        l.play();
        tell("an output too slow", l);
    }
}

// Shortest packets without a pause, in step and skewed: neither line is ever dropped.
static void keeps_up_with_both_lines(void **)
{
    for (unsigned skew : {0, 3, 5, 120}) {
        Setup s;
        s.most = 1;
        s.skew_cycles = skew;
        s.packets = 6000;
        s.gap_cycles = 2;
        Lines l(600 + skew, s);
        l.play();
        assert_int_equal(l.gaps, 0);
        tell("one message a packet", l);
    }
}

// ---------------------------------------------------------------- one thing at a time

struct Short {
    FeedBench b;
    std::string seen; // what came out, a word for each operation

    Short() : b(1, 1)
    {
        b.dut.skew_ns_i = 1000;
        b.on_frame = [](const Sent &) {};
        b.on_op = [this] {
            unsigned op = (unsigned)bits_of(b.dut.op_o, 754, 4);
            uint64_t seq = bits_of(b.dut.op_o, 687, 64), state = bits_of(b.dut.op_o, 115, 8);
            uint64_t first = bits_of(b.dut.op_o, 463, 64), count = bits_of(b.dut.op_o, 195, 64);
            static const char *const sessions[] = {"?", "start", "change", "end"}, *const gaps[] = {"lost", "open",
                                                                                                    "filled"};
            if (!seen.empty())
                seen += ' ';
            if (op == SESSION)
                seen += sessions[state & 3];
            else if (op == GAP || op == GAP_NOTE)
                seen += std::string(gaps[state]) + ":" + std::to_string(first) + "+" + std::to_string(count);
            else
                seen += (op == HEARTBEAT ? "h" : "") + std::to_string(seq);
        };
    }
    void send(unsigned line, uint64_t seq, unsigned count, const char *session = "S")
    {
        std::vector<Bytes> v(count == 0xffff ? 0 : count, make_itch('S', 12, b.r));
        FrameShape shape;
        shape.group = FILTER[line].group[0];
        b.queue[line].push_back({make_frame(make_mold(session, seq, count, v), shape, b.r), line});
    }
    void pass(unsigned ns)
    {
        for (uint64_t until = b.now() + ns; b.now() < until;) {
            b.stuck = 0;
            b.step();
        }
    }
    void expect(const char *want)
    {
        assert_string_equal(seen.c_str(), want);
        seen.clear();
    }
    void set(unsigned word, uint64_t value)
    {
        memcpy((uint32_t *)&b.dut.channels_i + word, &value, 8);
        b.dut.poke_i = 1;
        b.step();
        b.dut.poke_i = 0;
    }
};

static void gaps_end_in_every_way(void **)
{
    Short t;
    t.b.dut.recover_i = 1;
    t.send(0, 1, 2);
    t.send(0, 6, 2);
    t.pass(900);
    t.expect("start 1 2");
    t.pass(400);
    t.expect("open:3+3");
    t.send(1, 3, 1); // part of it
    t.pass(300);
    t.expect("3");
    t.set(6, 5); // wait no longer for what is below 5
    t.pass(300);
    t.expect("lost:4+1");
    t.send(1, 5, 1);
    t.pass(300);
    t.expect("5 filled:3+3 6 7");
    t.set(6, 9); // nothing is missing: no effect until something is
    t.pass(2000);
    t.expect("");
    t.send(0, 12, 1);
    t.pass(300);
    t.expect("lost:8+1");
    t.pass(1000);
    t.expect("open:9+3");
    t.b.dut.recover_i = 0;
    t.pass(200);
    t.expect("lost:9+3 12");
    t.b.dut.recover_i = 1;
    t.b.dut.gap_timeout_ns_i = 5000;
    t.send(1, 14, 0); // a heartbeat tells of a gap, too
    t.pass(1500);
    t.expect("open:13+1");
    t.pass(4000);
    t.expect("");
    t.pass(1500);
    t.expect("lost:13+1 h14");
    t.send(0, 14, 0xffff);
    t.send(1, 14, 0xffff);
    t.pass(300);
    t.expect("end h14");
}

static void sessions_change_once(void **)
{
    Short t;
    t.send(0, 1, 2);
    t.send(0, 3, 1);
    for (unsigned i = 0; i < 7; i++)
        t.send(0, 50 + i, i % 2, "T"); // strangers do not change it
    t.pass(900);
    t.send(1, 1, 3); // nor does what is late keep it,
    t.pass(600);
    t.send(1, 4, 1); // what is due does
    t.pass(600);
    for (unsigned i = 0; i < 7; i++)
        t.send(i % 2, 1 + i, 1, "T");
    t.pass(900);
    t.expect("start 1 2 3 4");
    t.send(0, 8, 1, "T"); // the eighth in a row: line A is in the next session
    t.send(0, 9, 1, "T");
    t.pass(600);
    t.expect("change 8 9");
    for (unsigned i = 0; i < 20; i++)
        t.send(1, 5 + i, 1); // line B still in the old one
    t.send(1, 25, 0xffff);
    t.send(1, 9, 1, "T");
    t.send(1, 10, 1, "T");
    t.pass(2000);
    t.expect("10");
    t.send(0, 19, 1, "T"); // held when the session changes: it is of the past
    t.pass(300);
    t.send(0, 11, 0xffff, "T");
    t.pass(300);
    t.send(0, 5, 1, "U"); // behind the end of a session at once
    t.pass(3000);
    t.expect("end change 5");
    assert_int_equal(t.b.counter(C_GAPS), 0);
}

static void commands_that_make_no_sense_are_skipped(void **)
{
    Short t;
    t.b.dut.recover_i = 1;
    t.send(0, 1, 1);
    t.pass(300);
    Bytes m = make_itch('S', 12, t.b.r);
    t.b.command(4, 0, Bytes(40));                                        // unknown
    t.b.command(1, 0, Bytes());                                          // nothing in it
    t.b.command(1, 8, make_mold("S", 2, 1, {m}));                        // no such channel: 1 line
    t.b.command(1, 0, make_mold("T", 2, 1, {m}));                        // another session
    t.b.command(1, 1, make_mold("S", 1, 1, {m}));                        // a channel without one
    t.b.command(1, 0, make_mold("S", 2, 3, {m}));                        // blocks that are not there
    t.b.command(1, 0, make_mold("S", 1, 3, {m, m, m}));                  // partly old
    t.b.command(1, 0, make_mold("S", 4, 50, std::vector<Bytes>(50, m))); // of many lines
    t.pass(6000);
    std::string want = "start 1";
    for (int seq = 2; seq < 54; seq++)
        want += " " + std::to_string(seq);
    t.expect(want.c_str());
    assert_int_equal(bits_of(t.b.dut.more_counters_o, 0, 64), 52);  // recovered
    assert_int_equal(bits_of(t.b.dut.more_counters_o, 64, 64), 3);  // late
    assert_int_equal(bits_of(t.b.dut.more_counters_o, 128, 64), 3); // bad lines
    assert_int_equal(t.b.dut.cmd_cons_o, t.b.prod);
    assert_true(t.b.dut.idle_o);
}

static void a_full_ring_gives_up_what_it_waits_for(void **)
{
    Short t;
    t.b.dut.recover_i = 1;
    t.send(0, 1, 1);
    for (uint64_t seq = 3; seq < 3 + 190; seq++)
        t.send(0, seq, 1);
    t.pass(40000);
    t.expect("start 1 open:2+1");
    for (uint64_t seq = 193; seq < 193 + 4; seq++)
        t.send(0, seq, 1);
    t.pass(8000);
    std::string want = "lost:2+1";
    for (int seq = 3; seq < 197; seq++)
        want += " " + std::to_string(seq);
    t.expect(want.c_str());
    assert_int_equal(t.b.counter(C_OVERFLOW), 0);
}

int main()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_line_makes_good_for_the_other),
        cmocka_unit_test(gives_up_only_what_both_lost),
        cmocka_unit_test(announces_and_fills),
        cmocka_unit_test(overflows_without_a_wrong_word),
        cmocka_unit_test(keeps_up_with_both_lines),
        cmocka_unit_test(gaps_end_in_every_way),
        cmocka_unit_test(commands_that_make_no_sense_are_skipped),
        cmocka_unit_test(recovers_what_both_lost),
        cmocka_unit_test(sessions_change_once),
        cmocka_unit_test(a_full_ring_gives_up_what_it_waits_for),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
