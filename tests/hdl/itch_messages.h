// ITCH messages and the datagrams that carry them, for benches that feed whole frames.
#pragma once
#include <string>
#include <vector>

#include "tests/hdl/feed_model.h"

static inline Bytes message(char type, uint16_t locate, uint64_t ns)
{
    Bytes m;
    put(m, (uint8_t)type, 1);
    put(m, locate, 2);
    put(m, 0, 2);
    put(m, ns, 6);
    return m;
}

static inline void name8(Bytes &m, const char *name)
{
    std::string s = std::string(name) + std::string(8 - strlen(name), ' ');
    m.insert(m.end(), s.begin(), s.end());
}

static inline Bytes directory(uint16_t locate, uint64_t ns, const char *name)
{
    Bytes m = message('R', locate, ns);
    name8(m, name);
    m.resize(39, ' ');
    return m;
}

static inline Bytes add(uint16_t locate, uint64_t ns, uint64_t ref, char side, uint32_t shares, const char *name,
                        uint32_t price)
{
    Bytes m = message('A', locate, ns);
    put(m, ref, 8);
    put(m, (uint8_t)side, 1);
    put(m, shares, 4);
    name8(m, name);
    put(m, price, 4);
    return m;
}

static inline Bytes execute(uint16_t locate, uint64_t ns, uint64_t ref, uint32_t shares, uint64_t match)
{
    Bytes m = message('E', locate, ns);
    put(m, ref, 8);
    put(m, shares, 4);
    put(m, match, 8);
    return m;
}

static inline Bytes remove(uint16_t locate, uint64_t ns, uint64_t ref)
{
    Bytes m = message('D', locate, ns);
    put(m, ref, 8);
    return m;
}

static inline Bytes replace(uint16_t locate, uint64_t ns, uint64_t old_ref, uint64_t ref, uint32_t shares,
                            uint32_t price)
{
    Bytes m = message('U', locate, ns);
    put(m, old_ref, 8);
    put(m, ref, 8);
    put(m, shares, 4);
    put(m, price, 4);
    return m;
}

static inline Bytes halt(uint16_t locate, uint64_t ns, const char *name, char state, const char *reason)
{
    Bytes m = message('H', locate, ns);
    name8(m, name);
    put(m, (uint8_t)state, 1);
    put(m, ' ', 1);
    m.insert(m.end(), reason, reason + 4);
    return m;
}

static inline Bytes system_event(uint64_t ns, char code)
{
    Bytes m = message('S', 0, ns);
    put(m, (uint8_t)code, 1);
    return m;
}

// An add with MPID.
static inline Bytes add_mpid(uint16_t locate, uint64_t ns, uint64_t ref, char side, uint32_t shares, const char *name,
                             uint32_t price)
{
    Bytes m = add(locate, ns, ref, side, shares, name, price);
    m[0] = 'F';
    m.insert(m.end(), {'M', 'P', 'I', 'D'});
    return m;
}

static inline Bytes execute_at(uint16_t locate, uint64_t ns, uint64_t ref, uint32_t shares, uint64_t match,
                               uint32_t price)
{
    Bytes m = execute(locate, ns, ref, shares, match);
    m[0] = 'C';
    put(m, 'Y', 1);
    put(m, price, 4);
    return m;
}

static inline Bytes cancel(uint16_t locate, uint64_t ns, uint64_t ref, uint32_t shares)
{
    Bytes m = message('X', locate, ns);
    put(m, ref, 8);
    put(m, shares, 4);
    return m;
}

static inline Bytes print(uint16_t locate, uint64_t ns, uint32_t shares, const char *name, uint32_t price,
                          uint64_t match)
{
    Bytes m = message('P', locate, ns);
    put(m, 0, 8);
    put(m, 'B', 1);
    put(m, shares, 4);
    name8(m, name);
    put(m, price, 4);
    put(m, match, 8);
    return m;
}

static inline Bytes cross(uint16_t locate, uint64_t ns, uint64_t shares, const char *name, uint32_t price,
                          uint64_t match)
{
    Bytes m = message('Q', locate, ns);
    put(m, shares, 8);
    name8(m, name);
    put(m, price, 4);
    put(m, match, 8);
    put(m, 'O', 1);
    return m;
}

static inline Bytes packet(uint64_t seq, const std::vector<Bytes> &messages)
{
    Bytes d;
    const char *session = "SESSION001";
    d.insert(d.end(), session, session + 10);
    put(d, seq, 8);
    put(d, messages.size(), 2);
    for (const Bytes &m : messages) {
        put(d, m.size(), 2);
        d.insert(d.end(), m.begin(), m.end());
    }
    static Random random(99);
    return make_frame(d, FrameShape(), random);
}
