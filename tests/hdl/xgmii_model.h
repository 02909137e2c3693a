// XGMII as its clauses describe it, byte by byte: for the benches of MACs, PCS and card. The FCS comes
// from the polynomial, bit by bit.
#pragma once
#include "tests/hdl/feed_model.h"

enum : uint8_t { X_IDLE = 0x07, X_START = 0xfb, X_TERMINATE = 0xfd, X_ERROR = 0xfe, X_SEQUENCE = 0x9c };

struct Lane {
    uint8_t d;
    bool c;
    bool operator==(const Lane &o) const
    {
        return d == o.d && c == o.c;
    }
};
using Lanes = std::vector<Lane>;

struct Word {
    uint64_t d = 0;
    uint8_t c = 0;
};

static inline Word word_at(const Lanes &x, size_t at)
{
    Word w;
    for (unsigned i = 0; i < 8; i++) {
        Lane l = at + i < x.size() ? x[at + i] : Lane{X_IDLE, true};
        w.d |= (uint64_t)l.d << (8 * i);
        w.c |= (uint8_t)(l.c << i);
    }
    return w;
}

static inline void push_word(Lanes &x, uint64_t d, uint8_t c)
{
    for (unsigned i = 0; i < 8; i++)
        x.push_back({(uint8_t)(d >> (8 * i)), (bool)(c >> i & 1)});
}

// x^32 + x^26 + x^23 + x^22 + x^16 + x^12 + x^11 + x^10 + x^8 + x^7 + x^5 + x^4 + x^2 + x + 1, first
// bit of each byte its lowest; the result as the four bytes that follow on the wire.
static inline Bytes fcs_of(const Bytes &frame)
{
    uint32_t reg = 0xffffffffu; // bit 31 holds the highest power
    for (uint8_t byte : frame)
        for (unsigned i = 0; i < 8; i++) {
            bool feedback = (reg >> 31) != (byte >> i & 1u);
            reg <<= 1;
            if (feedback)
                reg ^= 0x04c11db7u;
        }
    Bytes out;
    for (unsigned k = 0; k < 4; k++) {
        uint8_t byte = 0;
        for (unsigned i = 0; i < 8; i++)
            byte |= (uint8_t)((~reg >> (31 - 8 * k - i) & 1u) << i); // the highest power goes first
        out.push_back(byte);
    }
    return out;
}

static inline void idle(Lanes &x, size_t n)
{
    x.insert(x.end(), n, Lane{X_IDLE, true});
}

static inline void preamble(Lanes &x)
{
    x.push_back({X_START, true});
    for (unsigned i = 0; i < 6; i++)
        x.push_back({0x55, false});
    x.push_back({0xd5, false});
}

static inline void data(Lanes &x, const Bytes &b)
{
    for (uint8_t v : b)
        x.push_back({v, false});
}

static inline void frame(Lanes &x, const Bytes &bytes)
{
    preamble(x);
    data(x, bytes);
    data(x, fcs_of(bytes));
    x.push_back({X_TERMINATE, true});
}

static inline Bytes random_frame(size_t n, Random &r)
{
    Bytes b(n);
    for (auto &v : b)
        v = (uint8_t)r.bits();
    if (n > 13 && b[12] == 0x88 && b[13] == 0x08)
        b[12] = 0; // MAC control is asked for by name
    return b;
}
