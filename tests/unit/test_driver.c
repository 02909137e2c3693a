/* The driver over a link of plain memory (what it writes, and when), and over the simulated world. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <errno.h>

#include "host/card/driver.h"
#include "tests/unit/fake_card.h"

/* ---------------------------------------------------------------- a link of plain memory */

struct memory_link {
    struct wt_link link;
    uint8_t bar[WT_BAR0_SIZE];
    uint64_t now;
    uint32_t offset[8192], value[8192];
    unsigned writes;
    int acknowledge, fail_at, no_memory;
    _Alignas(4096) uint8_t dma[8][262144];
    unsigned regions;
};

static struct memory_link m;

static int m_read32(struct wt_link *l, uint32_t offset, uint32_t *value)
{
    (void)l;
    m.now += 800;
    if (m.fail_at == (int)offset)
        return -EIO;
    memcpy(value, m.bar + offset, 4);
    return 0;
}
static int m_read64(struct wt_link *l, uint32_t offset, uint64_t *value)
{
    (void)l;
    if (m.fail_at == (int)offset)
        return -EIO;
    memcpy(value, m.bar + offset, 8);
    return 0;
}
static int m_write32(struct wt_link *l, uint32_t offset, uint32_t value)
{
    (void)l;
    if (m.fail_at == (int)offset)
        return -EIO;
    memcpy(m.bar + offset, &value, 4);
    m.offset[m.writes % 8192] = offset;
    m.value[m.writes++ % 8192] = value;
    if (offset == WT_REG_RESET_SEQ && m.acknowledge)
        memcpy(m.bar + WT_REG_RESET_ACK, &value, 4);
    return 0;
}
static int m_dma_alloc(struct wt_link *l, size_t bytes, struct wt_dma *dma)
{
    (void)l;
    if (m.no_memory || m.regions == 8 || bytes > sizeof m.dma[0])
        return -ENOMEM;
    *dma = (struct wt_dma){m.dma[m.regions], 0x123450000000u + 0x10000000u * m.regions, bytes};
    m.regions++;
    return 0;
}
static uint64_t m_now(struct wt_link *l)
{
    (void)l;
    return m.now;
}
static int m_wait(struct wt_link *l, uint64_t deadline_ns)
{
    (void)l;
    (void)deadline_ns;
    return -EPIPE;
}
static void m_spend(struct wt_link *l, uint64_t ns)
{
    (void)l;
    m.now += ns;
}

static const struct wt_link_ops m_ops = {.read32 = m_read32,
                                         .read64 = m_read64,
                                         .write32 = m_write32,
                                         .dma_alloc = m_dma_alloc,
                                         .now_ns = m_now,
                                         .wait = m_wait,
                                         .spend = m_spend};

static void poke(uint32_t offset, uint32_t value)
{
    memcpy(m.bar + offset, &value, 4);
}

static uint32_t peek(uint32_t offset)
{
    uint32_t value;
    memcpy(&value, m.bar + offset, 4);
    return value;
}

static struct wt_card card;
static struct wt_card_config config;

static int start(void **state)
{
    (void)state;
    memset(&m, 0, sizeof m);
    m.link = (struct wt_link){&m_ops, "memory"};
    m.acknowledge = 1;
    m.fail_at = -1;
    poke(WT_REG_MAGIC, WT_MAGIC);
    poke(WT_REG_SCHEMA_VERSION, WT_SCHEMA_VERSION);
    poke(WT_REG_CAP_SYMBOLS, 4);
    poke(WT_REG_CAP_ORDER_SLOTS, 1000);
    poke(WT_REG_CAP_TLP_WIDTH, 256);
    poke(WT_REG_CAP_CLOCK_PS, 6400);
    poke(WT_REG_GIT_HASH, 0xc0ffee);
    wt_card_defaults(&config);
    config.ev_size_log2 = 6;
    config.of_size_log2 = 5;
    return 0;
}

/* The last write to a register, as an index into the writes; -1 when there was none. */
static int last_write(uint32_t offset)
{
    for (int i = (int)m.writes - 1; i >= 0; i--)
        if (m.offset[i] == offset)
            return i;
    return -1;
}

static void test_open(void **state)
{
    (void)state;
    static const char names[3][9] = {"AAPL", "BRK.A", "ABCDEFGH"};
    config.symbols = names;
    config.symbol_count = 3;
    config.channels = 2;
    config.channel[1] = (struct wt_card_channel){{0xe9010203, 0xe9010204}, {4321, 54321}, 0x0000000500000007};
    config.skew_ns = 1234;
    config.gap_timeout_ns = 5678;
    config.recover = true;
    poke(WT_WIN_CHANNELS + 2 * WT_WIN_CHANNELS_STRIDE, 1); /* of a host before us */
    poke(WT_REG_RESET_SEQ, 9);
    poke(WT_REG_RESET_ACK, 9);
    assert_int_equal(wt_card_open(&card, &m.link, &config), 0);
    assert_int_equal(card.cap_symbols, 4);
    assert_int_equal(card.cap_order_slots, 1000);
    assert_int_equal(card.cap_tlp_width, 256);
    assert_int_equal(card.cap_clock_ps, 6400);
    assert_int_equal(card.git_hash, 0xc0ffee);
    const uint32_t entries[2][8] = {{1, 0xe9360c6f, 0xe931c46f, 26477 << 16 | 26477, 1, 0, 0, 0},
                                    {1, 0xe9010203, 0xe9010204, 54321u << 16 | 4321, 7, 5, 0, 0}};
    for (uint32_t n = 0; n < 2; n++)
        for (uint32_t i = 0; i < 8; i++)
            assert_int_equal(peek(WT_WIN_CHANNELS + n * WT_WIN_CHANNELS_STRIDE + 4 * i), entries[n][i]);
    for (uint32_t n = 2; n < WT_WIN_CHANNELS_MAX; n++)
        assert_int_equal(peek(WT_WIN_CHANNELS + n * WT_WIN_CHANNELS_STRIDE), 0);
    assert_int_equal(peek(WT_REG_SKEW_NS), 1234);
    assert_int_equal(peek(WT_REG_GAP_TIMEOUT_NS), 5678);
    assert_int_equal(peek(WT_REG_SYM_COUNT), 3);
    assert_memory_equal(m.bar + WT_WIN_SYMBOLS, "AAPL    \0\0\0\0\0\0\0\0BRK.A   \0\0\0\0\0\0\0\0ABCDEFGH", 40);
    assert_int_equal(peek(WT_REG_EV_BASE_LO), 0x50000000);
    assert_int_equal(peek(WT_REG_EV_BASE_HI), 0x1234);
    assert_int_equal(peek(WT_REG_EV_SIZE_LOG2), 6);
    assert_int_equal(peek(WT_REG_OF_BASE_LO), 0x60000000);
    assert_int_equal(peek(WT_REG_OF_SIZE_LOG2), 5);
    assert_int_equal(peek(WT_REG_CONTROL), WT_CONTROL_ENABLE | WT_CONTROL_ORDER_FLOW | WT_CONTROL_RECOVER);
    /* A new number, after everything that is taken at reset. The rings come behind it, when the card
       has no old records left to write into them. Enabled last. */
    assert_int_equal(peek(WT_REG_RESET_SEQ), 10);
    assert_int_equal(card.reset_seq, 10);
    int reset = last_write(WT_REG_RESET_SEQ);
    for (int i = 0; i < (int)m.writes; i++) {
        bool further =
            m.offset[i] >= WT_WIN_RINGS && m.offset[i] < WT_WIN_RINGS + WT_WIN_RINGS_STRIDE * WT_WIN_RINGS_MAX;
        if ((m.offset[i] >= WT_REG_EV_BASE_LO && m.offset[i] <= WT_REG_OF_CONS) || further)
            assert_true(i > reset);
        else if (m.offset[i] != WT_REG_CONTROL && m.offset[i] != WT_REG_RESET_SEQ)
            assert_true(i < reset);
    }
    assert_int_equal(m.value[last_write(WT_REG_EV_CONS)], 0);
    assert_int_equal(m.value[last_write(WT_REG_OF_CONS)], 0);
    assert_int_equal(m.offset[0], WT_REG_CONTROL);
    assert_int_equal(m.value[0], 0);
    assert_int_equal(m.offset[m.writes - 1], WT_REG_CONTROL);
    wt_card_close(&card);
    assert_int_equal(peek(WT_REG_CONTROL), 0);
}

/* Every datagram lies in the ring as the schema says, never over one that the card has not taken. */
static void test_inject(void **state)
{
    (void)state;
    static uint8_t payload[WT_CARD_INJECT_MAX + 1];
    assert_int_equal(wt_card_open(&card, &m.link, &config), 0);
    assert_int_equal(peek(WT_REG_CMD_PROD), 0);
    assert_int_equal(peek(WT_REG_CMD_SIZE_LOG2), 12);
    assert_int_equal(peek(WT_REG_CMD_BASE_LO), (uint32_t)card.cmd_dma.bus);
    assert_int_equal(peek(WT_REG_CMD_BASE_HI), card.cmd_dma.bus >> 32);
    const uint8_t *ring = card.cmd_dma.virt;
    static const uint32_t lengths[] = {1, 56, 57, 120, 121, 20, 1472, 9000};
    uint32_t cons = 0, full = 0;
    for (uint32_t i = 0; i < 2000; i++) {
        uint32_t length = lengths[i * 7 % 8], lines = (8 + length + 63) / 64, prod = peek(WT_REG_CMD_PROD);
        for (uint32_t k = 0; k < length; k++)
            payload[k] = (uint8_t)(i + k * 3);
        int e = wt_card_inject(&card, i % 8, payload, length);
        if (prod - cons + lines > 4096) {
            assert_int_equal(e, -ENOBUFS);
            assert_int_equal(peek(WT_REG_CMD_PROD), prod);
            full++;
            cons += 1000;
            poke(WT_REG_CMD_CONS, cons);
            continue;
        }
        assert_int_equal(e, 0);
        assert_int_equal(peek(WT_REG_CMD_PROD), prod + lines);
        const uint8_t *head = ring + (size_t)(prod % 4096) * 64;
        assert_int_equal(head[0], WT_CARD_COMMAND_INJECT);
        assert_int_equal(head[1], i % 8);
        assert_int_equal(head[2] | head[3] << 8, length);
        for (uint32_t k = 0; k < length; k++)
            assert_int_equal(ring[(prod * 64 + 8 + k) % 262144], payload[k]);
    }
    assert_true(full > 5);
    assert_int_equal(wt_card_inject(&card, 8, payload, 10), -EINVAL);
    assert_int_equal(wt_card_inject(&card, 0, payload, 0), -EINVAL);
    assert_int_equal(wt_card_inject(&card, 0, payload, 9001), -EINVAL);
}

/* In whatever order the card sees the writes, it never skips further than it was told. */
static void test_skip(void **state)
{
    (void)state;
    assert_int_equal(wt_card_open(&card, &m.link, &config), 0);
    static const uint64_t below[] = {5, 0x0000000500000007, 0x0000000500000001, 0x0000000600000000, 3};
    for (size_t i = 0; i < sizeof below / sizeof *below; i++) {
        unsigned from = m.writes;
        uint32_t lo = WT_WIN_CHANNELS + 7 * WT_WIN_CHANNELS_STRIDE + 0x18, word[2] = {peek(lo), peek(lo + 4)};
        uint64_t before = (uint64_t)word[1] << 32 | word[0];
        assert_int_equal(wt_card_skip(&card, 7, below[i]), 0);
        assert_true(m.writes > from);
        for (; from < m.writes; from++) {
            assert_in_range(m.offset[from], lo, lo + 4);
            word[(m.offset[from] - lo) / 4] = m.value[from];
            uint64_t seen = (uint64_t)word[1] << 32 | word[0];
            assert_true(seen <= below[i] || seen <= before);
        }
        assert_true(((uint64_t)word[1] << 32 | word[0]) == below[i]);
    }
    poke(WT_WIN_CHANNELS + 3 * WT_WIN_CHANNELS_STRIDE + 0x20, 9);
    poke(WT_WIN_CHANNELS + 3 * WT_WIN_CHANNELS_STRIDE + 0x24, 2);
    uint64_t seq;
    assert_int_equal(wt_card_next_seq(&card, 3, &seq), 0);
    assert_true(seq == 0x200000009);
    assert_int_equal(wt_card_skip(&card, 8, 1), -EINVAL);
    assert_int_equal(wt_card_next_seq(&card, 8, &seq), -EINVAL);
}

static void test_subscribe_all(void **state)
{
    (void)state;
    assert_int_equal(wt_card_open(&card, &m.link, &config), 0);
    assert_int_equal(peek(WT_REG_CONTROL), WT_CONTROL_ENABLE | WT_CONTROL_ORDER_FLOW | WT_CONTROL_SUBSCRIBE_ALL);
    /* more names than slots */
    static const char names[5][9] = {"A", "B", "C", "D", "E"};
    config.symbols = names;
    config.symbol_count = 5;
    assert_int_equal(wt_card_open(&card, &m.link, &config), 0);
    assert_int_equal(peek(WT_REG_CONTROL), WT_CONTROL_ENABLE | WT_CONTROL_ORDER_FLOW | WT_CONTROL_SUBSCRIBE_ALL);
    assert_int_equal(peek(WT_REG_SYM_COUNT), 0);
    assert_int_equal(card.reset_seq, 2);
}

/* What the card would write next into an event ring. */
static void put_event(unsigned ring, uint8_t kind, uint64_t seq, uint32_t *laps)
{
    union wt_event_record r = {.head = {.kind = kind, .symbol = (uint16_t)ring, .feed_seq = seq}};
    r.word[15] = ++laps[ring];
    memcpy((uint8_t *)card.ev_dma[ring].virt + (size_t)(laps[ring] - 1) % 64 * 64, &r, 64);
}

static void test_rings(void **state)
{
    (void)state;
    static const uint8_t map[3] = {2, 0, 1};
    config.ev_rings = 3;
    config.symbol_ring = map;
    config.symbol_rings = 3;
    assert_int_equal(wt_card_open(&card, &m.link, &config), 0);
    for (unsigned i = 0; i < 4; i++)
        assert_int_equal(peek(WT_WIN_SYMBOLS + i * WT_WIN_SYMBOLS_STRIDE + 8), i < 3 ? map[i] : 0);
    for (uint32_t r = 1; r < WT_CARD_EV_RINGS; r++) {
        uint32_t at = WT_WIN_RINGS + (r - 1) * WT_WIN_RINGS_STRIDE;
        assert_int_equal(peek(at), r < 3 ? 0x50000000 + r * 0x10000000 : 0);
        assert_int_equal(peek(at + 4), r < 3 ? 0x1234 : 0);
        assert_int_equal(peek(at + 8), r < 3 ? 6 : 0);
        assert_int_equal(peek(at + 12), 0);
    }
    /* the feed's order out of three rings, and what is in all of them once */
    uint32_t laps[3] = {0};
    for (unsigned r = 0; r < 3; r++)
        put_event(r, WT_RECORD_TYPE_SESSION, 1, laps);
    for (uint64_t seq = 2; seq < 32; seq++)
        put_event((unsigned)(seq * 7 % 3), WT_RECORD_TYPE_BBO, seq, laps);
    for (unsigned r = 0; r < 3; r++)
        put_event(r, WT_RECORD_TYPE_GAP, 40, laps);
    union wt_event_record got;
    for (uint64_t seq = 1; seq < 32; seq++) {
        assert_int_equal(wt_card_event(&card, &got), 1);
        assert_int_equal(got.head.feed_seq, seq);
    }
    assert_int_equal(wt_card_event(&card, &got), 1);
    assert_int_equal(got.head.kind, WT_RECORD_TYPE_GAP);
    assert_int_equal(wt_card_event(&card, &got), 0);
    /* a ring alone; its consumer index is its own */
    for (uint64_t seq = 50; seq < 70; seq++)
        put_event(2, WT_RECORD_TYPE_BBO, seq, laps);
    for (uint64_t seq = 50; seq < 70; seq++)
        assert_int_equal(wt_card_event_of(&card, 2, &got), 1);
    assert_int_equal(got.head.feed_seq, 69);
    assert_int_equal(wt_card_event_of(&card, 2, &got), 0);
    assert_true(peek(WT_WIN_RINGS + WT_WIN_RINGS_STRIDE + 12) >= 16);
    assert_int_equal(peek(WT_WIN_RINGS + 12), 0);
    assert_int_equal(peek(WT_REG_EV_CONS), 0);
    /* what makes no sense */
    config.symbol_rings = 4;
    static const uint8_t wrong[4] = {0, 1, 2, 3};
    config.symbol_ring = wrong;
    assert_int_equal(wt_card_open(&card, &m.link, &config), -EINVAL);
    config.ev_rings = 9;
    assert_int_equal(wt_card_open(&card, &m.link, &config), -EINVAL);
    config.ev_rings = 0;
    assert_int_equal(wt_card_open(&card, &m.link, &config), -EINVAL);
}

static void test_refusals(void **state)
{
    (void)state;
    struct {
        uint32_t offset, value;
        int error;
    } t[] = {{WT_REG_MAGIC, 0xffffffff, -ENODEV}, {WT_REG_SCHEMA_VERSION, WT_SCHEMA_VERSION + 1, -EPROTO}};
    for (size_t i = 0; i < 2; i++) {
        start(NULL);
        poke(t[i].offset, t[i].value);
        assert_int_equal(wt_card_open(&card, &m.link, &config), t[i].error);
        assert_int_equal(m.writes, 0); /* a card that is not ours is not touched */
    }
    static const char bad[5][1][9] = {
        {""}, {"AB C"}, {"\x01"}, {" A"}, {{'A', 'B', 'C', 'D', 'E', 'F', 'G', 'H', 'I'}}};
    static const char twice[3][9] = {"A", "B", "A"};
    for (int i = 0; i < 14; i++) {
        start(NULL);
        switch (i) {
        case 0:
            config.channel[0].group[1] = 0x0a000001;
            break;
        case 1:
            config.channel[0].port[0] = 0;
            break;
        case 2:
            config.channel[0].start_seq = 0;
            break;
        case 3:
            config.ev_size_log2 = 3;
            break;
        case 4:
            config.ev_size_log2 = 25;
            break;
        case 5:
            config.of_size_log2 = 3;
            break;
        case 6:
            config.of_size_log2 = 4000000000u;
            break;
        case 7:
            config.symbols = twice;
            config.symbol_count = 3;
            break;
        case 8:
            config.symbols = twice;
            config.symbol_count = 0;
            break;
        default:
            config.symbols = bad[i - 9];
            config.symbol_count = 1;
            break;
        }
        assert_int_equal(wt_card_open(&card, &m.link, &config), -EINVAL);
        assert_int_equal(m.writes, 0);
    }
    start(NULL);
    m.no_memory = 1;
    assert_int_equal(wt_card_open(&card, &m.link, &config), -ENOMEM);
    static const uint32_t fails[] = {WT_REG_MAGIC,   WT_REG_CAP_SYMBOLS, WT_REG_CONTROL,
                                     WT_REG_OF_CONS, WT_REG_RESET_SEQ,   WT_REG_RESET_ACK};
    for (size_t i = 0; i < sizeof fails / sizeof *fails; i++) {
        start(NULL);
        m.fail_at = (int)fails[i];
        assert_int_equal(wt_card_open(&card, &m.link, &config), -EIO);
    }
}

static void test_reset_never_done(void **state)
{
    (void)state;
    m.acknowledge = 0;
    assert_int_equal(wt_card_open(&card, &m.link, &config), -ETIMEDOUT);
    assert_in_range(m.now, 100000000, 101000000);
    /* nothing was enabled */
    assert_int_equal(peek(WT_REG_CONTROL), 0);
    /* a number that is still being worked on is not used again */
    uint32_t asked = peek(WT_REG_RESET_SEQ);
    assert_int_equal(wt_card_open(&card, &m.link, &config), -ETIMEDOUT);
    assert_int_not_equal(peek(WT_REG_RESET_SEQ), asked);
}

/* Records come out in order; the consumer index goes back every quarter ring, no more, no less. */
static void test_records(void **state)
{
    (void)state;
    assert_int_equal(wt_card_open(&card, &m.link, &config), 0);
    m.writes = 0;
    union wt_event_record r, got;
    struct wt_of_record o = {0}, of;
    uint32_t told = 0, of_told = 0;
    for (uint32_t i = 1; i <= 1000; i++) {
        assert_int_equal(wt_card_event(&card, &got), 0);
        assert_int_equal(wt_card_order_flow(&card, &of), 0);
        memset(&r, 0, sizeof r);
        r.head.feed_seq = i * 3;
        r.word[15] = i;
        memcpy(m.dma[0] + (i - 1) % 64 * 64, &r, 64);
        o.feed_seq = i * 5;
        o.lap = i;
        memcpy(m.dma[1] + (i - 1) % 32 * 64, &o, 64);
        assert_int_equal(wt_card_event(&card, &got), 1);
        assert_memory_equal(&got, &r, 64);
        assert_int_equal(wt_card_order_flow(&card, &of), 1);
        assert_memory_equal(&of, &o, 64);
        told += i % 16 == 0;
        of_told += i % 8 == 0;
        assert_int_equal(m.writes, told + of_told);
        if (told)
            assert_int_equal(peek(WT_REG_EV_CONS), i / 16 * 16);
        if (of_told)
            assert_int_equal(peek(WT_REG_OF_CONS), i / 8 * 8);
    }
    /* lapped */
    r.word[15] = 1001 + 64;
    memcpy(m.dma[0] + 1000 % 64 * 64, &r, 64);
    assert_int_equal(wt_card_event(&card, &got), -EOVERFLOW);
}

static void test_counters(void **state)
{
    (void)state;
    assert_int_equal(wt_card_open(&card, &m.link, &config), 0);
    uint64_t v = 0;
#define WT_X(name, offset, text)                                                                                       \
    v += UINT64_C(0x100000001);                                                                                        \
    memcpy(m.bar + offset, &v, 8);
    WT_COUNTERS(WT_X)
#undef WT_X
    struct wt_card_counters c;
    assert_int_equal(wt_card_counters(&card, &c), 0);
    uint64_t want = 0;
#define WT_X(name, offset, text)                                                                                       \
    want += UINT64_C(0x100000001);                                                                                     \
    assert_true(c.name == want);
    WT_COUNTERS(WT_X)
#undef WT_X
    m.fail_at = WT_REG_CNT_BBO;
    assert_int_equal(wt_card_counters(&card, &c), -EIO);
}

/* ---------------------------------------------------------------- over the simulated world */

static void test_in_the_world(void **state)
{
    (void)state;
    for (uint32_t words = 2; words <= 16; words *= 2) {
        struct wt_model_api api = fake_api(words);
        struct wt_sim_config c;
        struct wt_sim *sim;
        wt_sim_defaults(&c);
        assert_int_equal(wt_sim_create_with(&api, &c, &sim), 0);
        struct wt_link *link = wt_sim_link(sim);
        struct fake_card *fake = wt_sim_model(sim);
        assert_int_equal(wt_card_open(&card, link, &config), 0);
        assert_int_equal(card.cap_symbols, 64);
        assert_int_equal(card.cap_tlp_width, words * 32);
        union wt_event_record r = {0}, got;
        uint32_t n = 0, sent = 0;
        while (n < 500) {
            for (; sent - n < 20 && sent < 500; sent++) {
                r.word[0] = sent;
                r.word[15] = sent + 1;
                fake_write(fake, card.ev_dma[0].bus + sent % 64 * 64, &r, 16);
            }
            link->ops->write32(link, WT_REG_SYM_COUNT, 0); /* wakes the fake */
            assert_int_equal(link->ops->wait(link, UINT64_MAX), 1);
            while (wt_card_event(&card, &got) == 1)
                assert_int_equal(got.word[0], n++);
        }
        wt_card_close(&card);
        uint32_t cons;
        memcpy(&cons, fake->bar + WT_REG_EV_CONS, 4);
        assert_int_equal(cons, 496);
        struct wt_sim_stats s;
        wt_sim_stats(sim, &s);
        assert_int_equal(s.tlp_violations, 0);
        link->ops->close(link);
    }
}

static void test_world_without_reset(void **state)
{
    (void)state;
    struct wt_model_api api = fake_api(8);
    struct wt_sim_config c;
    struct wt_sim *sim;
    wt_sim_defaults(&c);
    assert_int_equal(wt_sim_create_with(&api, &c, &sim), 0);
    struct wt_link *link = wt_sim_link(sim);
    struct fake_card *fake = wt_sim_model(sim);
    fake->no_reset = 1;
    assert_int_equal(wt_card_open(&card, link, &config), -ETIMEDOUT);
    assert_in_range(wt_sim_now(sim), 100000000, 102000000);
    fake->dead = 1;
    assert_int_equal(wt_card_open(&card, link, &config), -ETIMEDOUT);
    link->ops->close(link);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_open, start),
        cmocka_unit_test_setup(test_skip, start),
        cmocka_unit_test_setup(test_inject, start),
        cmocka_unit_test_setup(test_subscribe_all, start),
        cmocka_unit_test_setup(test_rings, start),
        cmocka_unit_test_setup(test_refusals, start),
        cmocka_unit_test_setup(test_reset_never_done, start),
        cmocka_unit_test_setup(test_records, start),
        cmocka_unit_test_setup(test_counters, start),
        cmocka_unit_test_setup(test_in_the_world, start),
        cmocka_unit_test_setup(test_world_without_reset, start),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
