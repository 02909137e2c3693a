// What the receive path should make of frames, written from ../shared/protocols.md and the
// descriptions of the counters alone: Ethernet/IPv4/UDP verdicts, MoldUDP64 sequence, ITCH
// decoding. Shared by the benches of hdl/net and hdl/feed.
#pragma once
#include <cstdint>
#include <cstring>
#include <deque>
#include <map>
#include <random>
#include <string>
#include <vector>

using Bytes = std::vector<uint8_t>;

static const uint32_t GROUP = 0xE9360C6F;
static const uint16_t PORT = 26477;

// What a line takes: groups and ports in all combinations, one channel that is off, and two that are the same.
struct Filter {
    uint32_t group[8];
    uint16_t port[8];
    uint8_t enabled;
    explicit Filter(unsigned line, uint8_t which = 0xdf) : enabled(which)
    {
        for (unsigned c = 0; c < 8; c++) {
            group[c] = GROUP + 0x100 * line + (c == 7 ? 6 : c) / 2;
            port[c] = (uint16_t)(PORT + (c == 7 ? 0 : c % 2));
        }
    }
};
static const Filter FILTER[2] = {Filter(0), Filter(1)};

// ---------------------------------------------------------------- random bits

struct Random {
    std::mt19937_64 engine;
    explicit Random(uint64_t seed) : engine(seed)
    {
    }
    uint64_t bits()
    {
        return engine();
    }
    // 0 .. n-1
    unsigned below(unsigned n)
    {
        return (unsigned)(engine() % n);
    }
    bool chance(unsigned percent)
    {
        return below(100) < percent;
    }
};

static inline void put(Bytes &b, uint64_t value, unsigned size)
{
    for (unsigned i = size; i--;)
        b.push_back((uint8_t)(value >> (8 * i)));
}

static inline uint64_t get(const Bytes &b, size_t at, unsigned size)
{
    uint64_t v = 0;
    for (unsigned i = 0; i < size; i++)
        v = v << 8 | b.at(at + i);
    return v;
}

// ---------------------------------------------------------------- frames

struct FrameShape {
    bool vlan = false;
    unsigned ihl = 5;
    unsigned padding = 0;
    uint8_t version = 4, protocol = 17;
    uint16_t ethertype = 0x0800, fragment = 0;
    uint32_t group = GROUP;
    uint16_t port = PORT;
    int total_delta = 0, udp_delta = 0, checksum_delta = 0;
};

static inline Bytes make_frame(const Bytes &payload, const FrameShape &s, Random &r)
{
    Bytes f;
    put(f, 0x01005e360c6f, 6);
    put(f, r.bits(), 6);
    if (s.vlan) {
        put(f, 0x8100, 2);
        put(f, r.bits(), 2);
    }
    put(f, s.ethertype, 2);
    Bytes ip;
    put(ip, s.version << 4 | s.ihl, 1);
    put(ip, r.bits(), 1);
    put(ip, 4 * s.ihl + 8 + payload.size() + (uint64_t)s.total_delta, 2);
    put(ip, r.bits(), 2);
    put(ip, s.fragment, 2);
    put(ip, r.bits(), 1);
    put(ip, s.protocol, 1);
    put(ip, 0, 2);
    put(ip, r.bits(), 4);
    put(ip, s.group, 4);
    while (ip.size() < 4 * s.ihl)
        ip.push_back((uint8_t)r.bits());
    uint32_t sum = 0;
    for (size_t i = 0; i < ip.size(); i += 2)
        sum += (uint32_t)get(ip, i, 2);
    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    sum = (~sum + (uint32_t)s.checksum_delta) & 0xffff;
    ip[10] = (uint8_t)(sum >> 8);
    ip[11] = (uint8_t)sum;
    f.insert(f.end(), ip.begin(), ip.end());
    put(f, r.bits(), 2);
    put(f, s.port, 2);
    put(f, 8 + payload.size() + (uint64_t)s.udp_delta, 2);
    put(f, r.bits(), 2);
    f.insert(f.end(), payload.begin(), payload.end());
    for (unsigned i = 0; i < s.padding; i++)
        f.push_back((uint8_t)r.bits());
    return f;
}

enum Verdict { GOOD, BAD_FRAME, BAD_HEADER, FILTERED };

// The verdict on a frame; payload gets the UDP payload of a good one.
static inline Verdict judge(const Bytes &f, bool error, bool enable, Bytes &payload, const Filter &filter,
                            unsigned *channel = nullptr)
{
    if (error || f.size() < 14)
        return BAD_FRAME;
    size_t l2 = 14;
    if (get(f, 12, 2) == 0x8100) {
        if (f.size() < 18)
            return BAD_FRAME;
        l2 = 18;
    }
    if (get(f, l2 - 2, 2) != 0x0800)
        return FILTERED;
    if (f.size() < l2 + 28)
        return BAD_HEADER;
    size_t header = 4u * (f[l2] & 15), total = get(f, l2 + 2, 2);
    if (f[l2] >> 4 != 4 || header < 20 || total < header + 8 || l2 + total > f.size())
        return BAD_HEADER;
    uint64_t sum = 0;
    for (size_t i = 0; i < header; i += 2)
        sum += get(f, l2 + i, 2);
    if (sum == 0 || sum % 0xffff != 0)
        return BAD_HEADER;
    bool group = false;
    for (unsigned c = 0; c < 8; c++)
        group |= (filter.enabled >> c & 1) && get(f, l2 + 16, 4) == filter.group[c];
    if (!enable || !group || f[l2 + 9] != 17)
        return FILTERED;
    if (get(f, l2 + 6, 2) & 0x3fff)
        return BAD_HEADER;
    if (get(f, l2 + header + 4, 2) != total - header)
        return BAD_HEADER;
    unsigned c = 0;
    while (c < 8 && (!(filter.enabled >> c & 1) || get(f, l2 + 16, 4) != filter.group[c] ||
                     get(f, l2 + header + 2, 2) != filter.port[c]))
        c++;
    if (c == 8)
        return FILTERED;
    if (channel)
        *channel = c;
    payload.assign(f.begin() + (long)(l2 + header + 8), f.begin() + (long)(l2 + total));
    return GOOD;
}

static inline Verdict judge(const Bytes &f, bool error, bool enable, Bytes &payload, unsigned line = 0,
                            unsigned *channel = nullptr)
{
    return judge(f, error, enable, payload, FILTER[line], channel);
}

// ---------------------------------------------------------------- MoldUDP64

enum Op { NOP, ADD, REDUCE, DELETE_, REPLACE, TRADE, STATE, DIRECTORY, SYSTEM, BAD, GAP, SESSION, HEARTBEAT, GAP_NOTE };
enum { START = 1, CHANGE = 2, END = 3 };
enum { RX_OVERFLOW, BAD_DATAGRAM, MESSAGES, DUPLICATES, GAPS, MISSED, HEARTBEATS, MOLD_COUNTERS };

static inline Bytes make_mold(const std::string &session, uint64_t seq, unsigned count,
                              const std::vector<Bytes> &blocks)
{
    Bytes d(session.begin(), session.end());
    d.resize(10, ' ');
    put(d, seq, 8);
    put(d, count, 2);
    for (const Bytes &b : blocks) {
        put(d, b.size(), 2);
        d.insert(d.end(), b.begin(), b.end());
    }
    return d;
}

// One thing that leaves the arbiter.
struct Item {
    Op op = NOP;
    unsigned channel = 0;
    bool timed = false; // its time is that of a decision, not of a frame
    Bytes message;
    uint64_t seq = 0, ns = 0, first = 0, missing = 0;
    uint32_t cycle = 0;
    Bytes session;
    uint8_t event = 0;
};

// One channel, when a gap is lost at once.
struct MoldModel {
    uint64_t expected;
    size_t capacity;
    unsigned channel = 0;
    bool known = false, ended = false;
    unsigned strange = 0;
    Bytes session, before;
    uint64_t counters[MOLD_COUNTERS] = {};

    MoldModel(uint64_t start, size_t room) : expected(start), capacity(room)
    {
    }

    // A datagram whose frame was good.
    std::vector<Item> take(const Bytes &d, uint64_t ns, uint32_t cycle)
    {
        std::vector<Item> out;
        std::vector<Bytes> blocks;
        unsigned count = 0;
        bool good = d.size() >= 20;
        if (good) {
            count = (unsigned)get(d, 18, 2);
            size_t at = 20;
            for (unsigned i = 0; count != 0xffff && i < count && good; i++) {
                if (at + 2 > d.size() || at + 2 + get(d, at, 2) > d.size()) {
                    good = false;
                    break;
                }
                size_t n = get(d, at, 2);
                blocks.emplace_back(d.begin() + (long)at + 2, d.begin() + (long)(at + 2 + n));
                at += 2 + n;
            }
        }
        if (!good) {
            counters[BAD_DATAGRAM]++;
            return out;
        }
        if (blocks.size() > capacity) {
            counters[RX_OVERFLOW]++;
            return out;
        }
        Bytes s(d.begin(), d.begin() + 10);
        uint64_t seq = get(d, 10, 8);
        auto emit = [&](Op op, uint64_t n) -> Item & {
            Item i;
            i.op = op;
            i.channel = channel;
            i.seq = n;
            i.ns = ns;
            i.cycle = cycle;
            out.push_back(i);
            return out.back();
        };
        if (known && s != session && s == before) {
            counters[DUPLICATES] += blocks.size();
            return out;
        }
        // Not with the first stray datagram: unless the session has ended, with the eighth in a row.
        if (known && s != session && !ended && ++strange < 8) {
            counters[DUPLICATES] += blocks.size();
            return out;
        }
        if (s != session || count == 0 || count == 0xffff || seq + blocks.size() > expected)
            strange = 0;
        if (!known || s != session) {
            before = session;
            Item &i = emit(SESSION, seq);
            i.event = known ? CHANGE : START;
            i.session = s;
            if (known)
                expected = seq;
            known = true;
            ended = false;
            session = s;
        }
        if (seq > expected) {
            Item &i = emit(GAP, seq);
            i.timed = true;
            i.first = expected;
            i.missing = seq - expected;
            counters[GAPS]++;
            counters[MISSED] += seq - expected;
            expected = seq;
        }
        if (count == 0xffff && !ended) {
            Item &i = emit(SESSION, expected);
            i.event = END;
            i.session = s;
            ended = true;
        } else if (count == 0 || count == 0xffff) {
            emit(HEARTBEAT, expected);
            counters[HEARTBEATS]++;
        }
        for (const Bytes &b : blocks) {
            if (seq < expected) {
                counters[DUPLICATES]++;
            } else {
                emit(NOP, seq).message = b;
                counters[MESSAGES]++;
                expected = seq + 1;
            }
            seq++;
        }
        return out;
    }
};

// ---------------------------------------------------------------- ITCH 5.0

static const struct {
    char type;
    unsigned length;
} ITCH_TYPES[] = {{'S', 12}, {'R', 39}, {'H', 25}, {'Y', 20}, {'L', 26}, {'V', 35}, {'W', 12}, {'K', 28},
                  {'J', 35}, {'h', 21}, {'A', 36}, {'F', 40}, {'E', 31}, {'C', 36}, {'X', 23}, {'D', 19},
                  {'U', 35}, {'P', 44}, {'Q', 40}, {'B', 19}, {'I', 50}, {'N', 20}, {'O', 48}};

static inline unsigned itch_length(uint8_t type)
{
    for (auto &t : ITCH_TYPES)
        if (t.type == (char)type)
            return t.length;
    return 0;
}

// A message with random contents and, for A and F, a legal side.
static inline Bytes make_itch(uint8_t type, size_t length, Random &r)
{
    Bytes m;
    while (m.size() < length)
        m.push_back((uint8_t)r.bits());
    if (length)
        m[0] = type;
    if ((type == 'A' || type == 'F' || type == 'P') && length > 19)
        m[19] = r.chance(50) ? 'B' : 'S';
    if (type == 'C' && length > 31)
        m[31] = r.chance(50) ? 'Y' : 'N';
    return m;
}

// Fields of wt_pkg::op_t from the first (highest bits) to the last.
static const struct {
    const char *name;
    unsigned width;
} OP_FIELDS[] = {{"load", 1},
                 {"op", 4},
                 {"channel", 3},
                 {"seq", 64},
                 {"exch_ns", 48},
                 {"ingress_ns", 64},
                 {"ingress_cycle", 32},
                 {"locate", 16},
                 {"order_ref", 64},
                 {"new_ref", 64},
                 {"sell", 1},
                 {"shares", 32},
                 {"price", 32},
                 {"name", 64},
                 {"is_exec", 1},
                 {"exec_price", 1},
                 {"printable", 1},
                 {"print", 8},
                 {"big_shares", 64},
                 {"match", 64},
                 {"cross_type", 8},
                 {"state", 8},
                 {"reason", 32},
                 {"session_high", 16},
                 {"session_low", 64},
                 {"whole_channel", 1},
                 {"counts_as_bad_length", 1},
                 {"counts_as_unknown_type", 1}};

using Fields = std::map<std::string, uint64_t>;

// The fields that the operation of an item must carry.
static inline Fields decode(const Item &i)
{
    Fields f;
    const Bytes &m = i.message;
    auto text = [&](const Bytes &b, size_t at, unsigned n) {
        uint64_t v = 0;
        for (unsigned k = 0; k < n; k++)
            v |= (uint64_t)b.at(at + k) << (8 * k);
        return v;
    };
    f["op"] = i.op;
    f["channel"] = i.channel;
    f["seq"] = i.seq;
    if (!i.timed) {
        f["ingress_ns"] = i.ns;
        f["ingress_cycle"] = i.cycle;
    }
    f["whole_channel"] = f["counts_as_bad_length"] = f["counts_as_unknown_type"] = 0;
    if (i.op == GAP || i.op == GAP_NOTE) {
        f["state"] = i.event;
        f["order_ref"] = i.first;
        f["big_shares"] = i.missing;
    }
    if (i.op == SESSION) {
        f["state"] = i.event;
        f["session_low"] = text(i.session, 0, 8);
        f["session_high"] = text(i.session, 8, 2);
    }
    if (i.op != NOP)
        return f;
    f["locate"] = m.size() >= 3 ? get(m, 1, 2) : 0;
    f["exch_ns"] = m.size() >= 11 ? get(m, 5, 6) : 0;
    unsigned want = m.empty() ? 0 : itch_length(m[0]);
    if (!want) {
        f["counts_as_unknown_type"] = 1;
        return f;
    }
    char t = (char)m[0];
    bool book = strchr("AFECXDU", t) != nullptr;
    if (m.size() != want || ((t == 'A' || t == 'F') && m[19] != 'B' && m[19] != 'S')) {
        f["counts_as_bad_length"] = 1;
        if (book) {
            f["op"] = BAD;
            f["whole_channel"] = m.size() < 3;
        }
        return f;
    }
    switch (t) {
    case 'A':
    case 'F':
        f["op"] = ADD;
        f["order_ref"] = get(m, 11, 8);
        f["sell"] = m[19] == 'S';
        f["shares"] = get(m, 20, 4);
        f["name"] = text(m, 24, 8);
        f["price"] = get(m, 32, 4);
        break;
    case 'E':
    case 'C':
        f["is_exec"] = 1;
        f["exec_price"] = t == 'C';
        f["match"] = get(m, 23, 8);
        f["big_shares"] = get(m, 19, 4);
        f["print"] = t == 'C' ? 1 : 0;
        f["printable"] = t == 'E' || m[31] == 'Y';
        f["cross_type"] = 0;
        if (t == 'C')
            f["price"] = get(m, 32, 4);
        // fall through
    case 'X':
        f["op"] = REDUCE;
        f["order_ref"] = get(m, 11, 8);
        f["shares"] = get(m, 19, 4);
        if (t == 'X')
            f["is_exec"] = 0;
        break;
    case 'D':
        f["op"] = DELETE_;
        f["order_ref"] = get(m, 11, 8);
        break;
    case 'U':
        f["op"] = REPLACE;
        f["order_ref"] = get(m, 11, 8);
        f["new_ref"] = get(m, 19, 8);
        f["shares"] = get(m, 27, 4);
        f["price"] = get(m, 31, 4);
        break;
    case 'P':
        f["op"] = TRADE;
        f["print"] = 2;
        f["sell"] = m[19] == 'S';
        f["big_shares"] = get(m, 20, 4);
        f["name"] = text(m, 24, 8);
        f["price"] = get(m, 32, 4);
        f["match"] = get(m, 36, 8);
        f["printable"] = 1;
        f["cross_type"] = 0;
        break;
    case 'Q':
        f["op"] = TRADE;
        f["print"] = 3;
        f["big_shares"] = get(m, 11, 8);
        f["name"] = text(m, 19, 8);
        f["price"] = get(m, 27, 4);
        f["match"] = get(m, 31, 8);
        f["cross_type"] = m[39];
        f["printable"] = 1;
        break;
    case 'H':
        f["op"] = STATE;
        f["name"] = text(m, 11, 8);
        f["state"] = m[19];
        f["reason"] = text(m, 21, 4);
        break;
    case 'R':
        f["op"] = DIRECTORY;
        f["name"] = text(m, 11, 8);
        break;
    case 'S':
        f["op"] = SYSTEM;
        f["state"] = m[11];
        break;
    }
    return f;
}

// Bits [low +: width] of a Verilated wide signal, width at most 64.
template <class Wide> static inline uint64_t bits_of(const Wide &w, unsigned low, unsigned width)
{
    uint64_t v = 0;
    for (unsigned i = 0; i < width; i++)
        v |= (uint64_t)(w[(low + i) / 32] >> ((low + i) % 32) & 1) << i;
    return v;
}

// The first field of an op_t that differs from what is wanted, or an empty string.
template <class Wide> static inline std::string differs(const Wide &op, const Fields &want)
{
    unsigned low = 0;
    for (auto &f : OP_FIELDS)
        low += f.width;
    for (auto &f : OP_FIELDS) {
        low -= f.width;
        auto w = want.find(f.name);
        if (w == want.end())
            continue;
        uint64_t is = bits_of(op, low, f.width);
        if (is != w->second)
            return std::string(f.name) + " is " + std::to_string(is) + ", not " + std::to_string(w->second);
    }
    return "";
}

// The same for a raw_t.
template <class Wide> static inline std::string raw_differs(const Wide &raw, const Bytes &m)
{
    if (bits_of(raw, 400, 8) != (m.size() > 255 ? 255 : m.size()))
        return "raw length is " + std::to_string(bits_of(raw, 400, 8)) + ", not " + std::to_string(m.size());
    for (unsigned i = 0; i < 50; i++)
        if (bits_of(raw, 8 * i, 8) != (i < m.size() ? m[i] : 0))
            return "raw byte " + std::to_string(i) + " differs";
    return "";
}
