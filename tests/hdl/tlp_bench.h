// What the benches of hdl/pcie and hdl/core share: a cursor over a TLP stream, and the checks that every
// memory write of the card must pass (PCIe base specification 2.2). Include after cmocka.h.
#pragma once
#include <cstdint>
#include <cstring>
#include <vector>

typedef std::vector<uint32_t> Tlp;

// A port of any width as words.
template <class Port> static constexpr unsigned port_dwords(const Port &)
{
    return sizeof(Port) / 4;
}

// Collects beats into TLPs, and checks the stream: keep without holes, full but in the last beat,
// stable while it waits.
class TlpSink
{
    Tlp now;
    uint32_t held[16];
    uint32_t held_keep = 0;
    bool held_last = false, waits = false;

  public:
    // One cycle as it stands before the clock edge. Returns true when tlp is complete. started is
    // set when the first beat of a TLP is there for the first time.
    template <class Port>
    bool beat(bool valid, bool ready, const Port &data, uint32_t keep, bool last, Tlp &tlp, bool &started)
    {
        const unsigned n = port_dwords(data);
        uint32_t words[16];
        started = false;
        memcpy(words, &data, sizeof data);
        if (waits) {
            assert_true(valid);
            assert_memory_equal(words, held, n * 4);
            assert_int_equal(keep, held_keep);
            assert_int_equal(last, held_last);
        } else if (valid && now.empty()) {
            started = true;
        }
        waits = valid && !ready;
        memcpy(held, words, n * 4);
        held_keep = keep;
        held_last = last;
        if (!valid || !ready)
            return false;
        assert_true(keep & 1);
        assert_int_equal(keep & (keep + 1), 0);
        if (!last)
            assert_int_equal(keep, (1u << n) - 1);
        for (unsigned k = 0; k < n && keep >> k & 1; k++)
            now.push_back(words[k]);
        if (!last)
            return false;
        tlp.swap(now);
        now.clear();
        return true;
    }
    bool inside() const
    {
        return !now.empty() || waits;
    }
};

struct TlpWrite {
    uint64_t address;
    const uint32_t *data;
    unsigned dwords;
};

// A memory write of the card, checked whole.
static inline TlpWrite tlp_write(const Tlp &tlp, uint16_t requester, unsigned max_payload)
{
    assert_true(tlp.size() >= 4);
    bool four = tlp[0] >> 29 & 1;
    unsigned head = four ? 4 : 3;
    TlpWrite w;
    w.dwords = tlp[0] & 0x3ff;
    w.address = four ? (uint64_t)tlp[2] << 32 | tlp[3] : tlp[2];
    w.data = &tlp[head];
    // Fmt and type; no traffic class, digest, poison, attributes, address type, processing hints.
    assert_int_equal(tlp[0] & ~0x200003ffu, 0x40000000);
    assert_int_equal(tlp.size(), head + w.dwords);
    assert_true(w.dwords != 0 && w.dwords * 4 <= max_payload);
    assert_int_equal(tlp[1] >> 16, requester);
    assert_int_equal(tlp[1] & 0xff, 0xff);
    assert_int_equal(w.address % 4, 0);
    // 2.2.4.1: addresses below 4 GB must use 3 dwords.
    assert_int_equal(four, w.address >> 32 != 0);
    // 2.2.7: no crossing of 4 KB.
    assert_int_equal(w.address >> 12, (w.address + w.dwords * 4 - 1) >> 12);
    return w;
}
