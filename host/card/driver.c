#include "host/card/driver.h"

#include <errno.h>
#include <stdatomic.h>
#include <string.h>

#include "host/common/log.h"

#define RESET_LIMIT_NS 100000000u
#define RESET_POLL_NS 10000u
enum {
    SIZE_LOG2_MIN = 4,
    SIZE_LOG2_MAX = 24,
    LINE = 64,
    CMD_SIZE_LOG2 = 12 /* lines of the command ring: 256 KB, some 170 full datagrams */
};

void wt_card_defaults(struct wt_card_config *config)
{
    *config = (struct wt_card_config){
        .channels = 1,
        /* 233.54.12.111, 233.49.196.111 */
        .channel = {{.group = {0xe9360c6f, 0xe931c46f}, .port = {26477, 26477}, .start_seq = 1}},
        .skew_ns = 2000,
        .ev_size_log2 = 16,
        .ev_rings = 1,
        .of_size_log2 = 16,
    };
}

/* A symbol's name as the card wants it. -EINVAL unless it is 1 to 8 printable characters without spaces. */
static int pad_name(const char name[9], uint8_t padded[8])
{
    size_t n = strnlen(name, 9);
    if (n == 0 || n > 8)
        return -EINVAL;
    for (size_t i = 0; i < n; i++)
        if (name[i] <= ' ' || name[i] > '~')
            return -EINVAL;
    memset(padded, ' ', 8);
    memcpy(padded, name, n);
    return 0;
}

static int check_symbols(const struct wt_card_config *c)
{
    if (!c->symbols)
        return 0;
    if (c->symbol_count == 0) {
        wt_error("card: a list of symbols with no name in it; name at least one, or give no list to take all");
        return -EINVAL;
    }
    for (uint32_t i = 0; i < c->symbol_count; i++) {
        uint8_t padded[8];
        if (pad_name(c->symbols[i], padded) < 0) {
            wt_error("card: symbol %u is '%.9s'; a name has 1 to 8 printable characters and no space", i,
                     c->symbols[i]);
            return -EINVAL;
        }
        for (uint32_t k = 0; k < i && c->symbol_count <= WT_WIN_SYMBOLS_MAX; k++) {
            if (strcmp(c->symbols[i], c->symbols[k]) == 0) {
                wt_error("card: symbol %s is named twice (entries %u and %u)", c->symbols[i], k, i);
                return -EINVAL;
            }
        }
    }
    return 0;
}

static int check_ring(const char *name, uint32_t size_log2)
{
    if (size_log2 >= SIZE_LOG2_MIN && size_log2 <= SIZE_LOG2_MAX)
        return 0;
    wt_error("card: the %s ring has 2^%u records; it must be 2^%d to 2^%d", name, size_log2, SIZE_LOG2_MIN,
             SIZE_LOG2_MAX);
    return -EINVAL;
}

/* Two channels with one group and port: which of them would a frame be of? */
static int check_distinct(const struct wt_card_config *c, unsigned n, unsigned line)
{
    for (unsigned k = 0; k < n; k++) {
        if (c->channel[k].group[line] != c->channel[n].group[line] ||
            c->channel[k].port[line] != c->channel[n].port[line])
            continue;
        wt_error("card: channels %u and %u have the same group and port on line %c", k, n, 'A' + (int)line);
        return -EINVAL;
    }
    return 0;
}

static int check_channel(const struct wt_card_config *c, unsigned n)
{
    const struct wt_card_channel *channel = &c->channel[n];
    for (unsigned line = 0; line < WT_CARD_LINES; line++) {
        uint32_t group = channel->group[line];
        if (group >> 28 != 0xe) {
            wt_error("card: channel %u, line %c: group %u.%u.%u.%u is not a multicast address (224.0.0.0 to "
                     "239.255.255.255)",
                     n, 'A' + (int)line, group >> 24, group >> 16 & 255, group >> 8 & 255, group & 255);
            return -EINVAL;
        }
        if (channel->port[line] == 0) {
            wt_error("card: channel %u, line %c: UDP port 0 cannot be taken; it must be 1 to 65535", n,
                     'A' + (int)line);
            return -EINVAL;
        }
        if (check_distinct(c, n, line) < 0)
            return -EINVAL;
    }
    if (channel->start_seq == 0) {
        wt_error("card: channel %u: start_seq is 0; sequence numbers count from 1", n);
        return -EINVAL;
    }
    return 0;
}

static int check_config(const struct wt_card_config *c)
{
    if (c->channels == 0 || c->channels > WT_WIN_CHANNELS_MAX) {
        wt_error("card: %u channels; it must be 1 to %u", c->channels, WT_WIN_CHANNELS_MAX);
        return -EINVAL;
    }
    for (unsigned n = 0; n < c->channels; n++)
        if (check_channel(c, n) < 0)
            return -EINVAL;
    if (c->ev_rings == 0 || c->ev_rings > WT_CARD_EV_RINGS) {
        wt_error("card: %u event rings; it must be 1 to %u", c->ev_rings, WT_CARD_EV_RINGS);
        return -EINVAL;
    }
    for (uint32_t i = 0; c->symbol_ring && i < c->symbol_rings; i++) {
        if (c->symbol_ring[i] >= c->ev_rings) {
            wt_error("card: symbol %u goes to event ring %u; there are %u, from 0", i, c->symbol_ring[i], c->ev_rings);
            return -EINVAL;
        }
    }
    int e = check_ring("event", c->ev_size_log2);
    if (e == 0)
        e = check_ring("order-flow", c->of_size_log2);
    return e < 0 ? e : check_symbols(c);
}

/* Register access whose first failure is kept, so that a sequence is checked once. */
struct access {
    struct wt_link *link;
    int error;
    uint32_t at;
};

static uint32_t get(struct access *a, uint32_t offset)
{
    uint32_t value = 0;
    if (a->error == 0 && (a->error = a->link->ops->read32(a->link, offset, &value)) < 0)
        a->at = offset;
    return value;
}

static void put(struct access *a, uint32_t offset, uint32_t value)
{
    if (a->error == 0 && (a->error = a->link->ops->write32(a->link, offset, value)) < 0)
        a->at = offset;
}

static int access_failed(const struct access *a)
{
    if (a->error < 0 && a->error != -ENODEV) /* the link has told of a card that is gone */
        wt_error("card '%s': register 0x%03x does not answer: %s", a->link->name, a->at, strerror(-a->error));
    return a->error;
}

static int identify(struct wt_card *card)
{
    struct access a = {.link = card->link};
    uint32_t magic = get(&a, WT_REG_MAGIC);
    uint32_t version = get(&a, WT_REG_SCHEMA_VERSION);
    if (access_failed(&a) < 0)
        return a.error;
    if (magic != WT_MAGIC) {
        wt_error("card '%s': not a Wiretick card: magic is 0x%08x, must be 0x%08x: load its bitstream (make flash)",
                 card->link->name, magic, WT_MAGIC);
        return -ENODEV;
    }
    if (version != WT_SCHEMA_VERSION) {
        wt_error("card '%s': it was built from schema version %u, this program from %u: build both from one tree",
                 card->link->name, version, WT_SCHEMA_VERSION);
        return -EPROTO;
    }
    card->git_hash = get(&a, WT_REG_GIT_HASH);
    card->cap_symbols = get(&a, WT_REG_CAP_SYMBOLS);
    card->cap_order_slots = get(&a, WT_REG_CAP_ORDER_SLOTS);
    card->cap_tlp_width = get(&a, WT_REG_CAP_TLP_WIDTH);
    card->cap_clock_ps = get(&a, WT_REG_CAP_CLOCK_PS);
    return access_failed(&a);
}

static void put_symbols(struct access *a, const struct wt_card_config *c, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        uint8_t name[8];
        uint32_t word[2];
        pad_name(c->symbols[i], name);
        memcpy(word, name, sizeof word); /* little-endian host */
        uint32_t entry = WT_WIN_SYMBOLS + i * WT_WIN_SYMBOLS_STRIDE;
        put(a, entry, word[0]);
        put(a, entry + 4, word[1]);
    }
    put(a, WT_REG_SYM_COUNT, count);
}

/* Which ring each symbol's events go to: by its index in the card. */
static void put_symbol_rings(struct access *a, const struct wt_card_config *c, uint32_t slots)
{
    for (uint32_t i = 0; i < slots; i++) {
        uint32_t ring = i % c->ev_rings;
        if (c->symbol_ring)
            ring = i < c->symbol_rings ? c->symbol_ring[i] : 0;
        put(a, WT_WIN_SYMBOLS + i * WT_WIN_SYMBOLS_STRIDE + (uint32_t)offsetof(struct wt_sym_entry, ring), ring);
    }
}

static uint32_t channel_at(unsigned channel, size_t offset)
{
    return WT_WIN_CHANNELS + channel * WT_WIN_CHANNELS_STRIDE + (uint32_t)offset;
}

static void put64(struct access *a, uint32_t offset, uint64_t value)
{
    put(a, offset, (uint32_t)value);
    put(a, offset + 4, (uint32_t)(value >> 32));
}

static void put_channels(struct access *a, const struct wt_card_config *c)
{
    for (unsigned n = 0; n < WT_WIN_CHANNELS_MAX; n++) {
        const struct wt_card_channel *channel = &c->channel[n];
        put(a, channel_at(n, offsetof(struct wt_chan_entry, enable)), n < c->channels);
        if (n >= c->channels)
            continue;
        put(a, channel_at(n, offsetof(struct wt_chan_entry, group_a)), channel->group[0]);
        put(a, channel_at(n, offsetof(struct wt_chan_entry, group_b)), channel->group[1]);
        put(a, channel_at(n, offsetof(struct wt_chan_entry, ports)),
            channel->port[0] | (uint32_t)channel->port[1] << 16);
        put64(a, channel_at(n, offsetof(struct wt_chan_entry, start_seq_lo)), channel->start_seq);
        put64(a, channel_at(n, offsetof(struct wt_chan_entry, skip_to_lo)), 0);
    }
    put(a, WT_REG_SKEW_NS, c->skew_ns);
    put(a, WT_REG_GAP_TIMEOUT_NS, c->gap_timeout_ns);
}

/* Registers of event ring 1 up. */
static uint32_t ring_at(unsigned ring)
{
    return WT_WIN_RINGS + (ring - 1) * WT_WIN_RINGS_STRIDE;
}

static void put_ring(struct access *a, uint32_t base_lo, uint32_t base_hi, uint32_t size, uint32_t cons,
                     const struct wt_dma *dma, uint32_t size_log2)
{
    put(a, base_lo, (uint32_t)dma->bus);
    put(a, base_hi, (uint32_t)(dma->bus >> 32));
    put(a, size, size_log2);
    put(a, cons, 0);
}

static void put_ev_rings(struct access *a, const struct wt_card *card, const struct wt_card_config *c)
{
    put_ring(a, WT_REG_EV_BASE_LO, WT_REG_EV_BASE_HI, WT_REG_EV_SIZE_LOG2, WT_REG_EV_CONS, &card->ev_dma[0],
             c->ev_size_log2);
    for (unsigned r = 1; r < WT_CARD_EV_RINGS; r++) {
        static const struct wt_dma none;
        uint32_t at = ring_at(r);
        put_ring(a, at + offsetof(struct wt_ring_entry, base_lo), at + offsetof(struct wt_ring_entry, base_hi),
                 at + offsetof(struct wt_ring_entry, size_log2), at + offsetof(struct wt_ring_entry, cons),
                 r < c->ev_rings ? &card->ev_dma[r] : &none, r < c->ev_rings ? c->ev_size_log2 : 0);
    }
}

static int reset(struct wt_card *card, uint64_t limit)
{
    struct wt_link *link = card->link;
    struct access a = {.link = link};
    uint32_t ack = get(&a, WT_REG_RESET_ACK);
    uint32_t seq = get(&a, WT_REG_RESET_SEQ);
    /* neither what was carried out last nor what may still be asked for */
    uint32_t next = ack + 1 == seq ? seq + 1 : ack + 1;
    put(&a, WT_REG_RESET_SEQ, next);
    uint64_t from = link->ops->now_ns(link);
    while (a.error == 0 && (ack = get(&a, WT_REG_RESET_ACK)) != next) {
        uint64_t now = link->ops->now_ns(link);
        if (now - from > limit) {
            wt_error("card '%s': reset %u is not done after %llu ms (the card is at %u)", link->name, next,
                     (unsigned long long)limit / 1000000, ack);
            return -ETIMEDOUT;
        }
        if (link->ops->wait(link, now + RESET_POLL_NS) < 0)
            link->ops->spend(link, RESET_POLL_NS);
    }
    card->reset_seq = next;
    return access_failed(&a);
}

int wt_card_open(struct wt_card *card, struct wt_link *link, const struct wt_card_config *config)
{
    memset(card, 0, sizeof *card);
    card->link = link;
    int e = check_config(config);
    if (e == 0)
        e = identify(card);
    if (e < 0)
        return e;

    size_t ev_bytes = (size_t)64 << config->ev_size_log2, of_bytes = (size_t)64 << config->of_size_log2;
    card->ev_rings = config->ev_rings;
    for (unsigned r = 0; r < card->ev_rings && e == 0; r++)
        e = link->ops->dma_alloc(link, ev_bytes, &card->ev_dma[r]);
    if (e == 0)
        e = link->ops->dma_alloc(link, of_bytes, &card->of_dma);
    if (e == 0)
        e = link->ops->dma_alloc(link, (size_t)LINE << CMD_SIZE_LOG2, &card->cmd_dma);
    if (e < 0) {
        wt_error("card '%s': no DMA memory for %u rings of %zu bytes and one of %zu: %s", link->name, card->ev_rings,
                 ev_bytes, of_bytes, strerror(-e));
        return e;
    }
    for (unsigned r = 0; r < card->ev_rings; r++)
        wt_ring_init(&card->events[r], card->ev_dma[r].virt, config->ev_size_log2);
    wt_ring_init(&card->order_flow, card->of_dma.virt, config->of_size_log2);

    uint32_t slots = card->cap_symbols < WT_WIN_SYMBOLS_MAX ? card->cap_symbols : WT_WIN_SYMBOLS_MAX;
    bool by_name = config->symbols && config->symbol_count <= slots;
    card->by_name = by_name;
    struct access a = {.link = link};
    put(&a, WT_REG_CONTROL, 0);
    put_channels(&a, config);
    put(&a, WT_REG_CMD_PROD, 0);
    put(&a, WT_REG_CMD_BASE_LO, (uint32_t)card->cmd_dma.bus);
    put(&a, WT_REG_CMD_BASE_HI, (uint32_t)(card->cmd_dma.bus >> 32));
    put(&a, WT_REG_CMD_SIZE_LOG2, CMD_SIZE_LOG2);
    put_symbols(&a, config, by_name ? config->symbol_count : 0);
    if (config->ev_rings > 1) /* with one, everything goes there */
        put_symbol_rings(&a, config, slots);
    if (access_failed(&a) < 0)
        return a.error;
    e = reset(card, config->reset_ns ? config->reset_ns : RESET_LIMIT_NS);
    if (e < 0)
        return e;
    /*
     * Only now: a card that was at work, for a host that was killed, may have written records of its old numbering
     * until the reset, and into this very memory. A number that comes again would be taken for a new record's.
     */
    for (unsigned r = 0; r < card->ev_rings && !config->at_work; r++)
        memset(card->ev_dma[r].virt, 0, ev_bytes);
    if (!config->at_work)
        memset(card->of_dma.virt, 0, of_bytes);
    put_ev_rings(&a, card, config);
    put_ring(&a, WT_REG_OF_BASE_LO, WT_REG_OF_BASE_HI, WT_REG_OF_SIZE_LOG2, WT_REG_OF_CONS, &card->of_dma,
             config->of_size_log2);
    put(&a, WT_REG_CONTROL,
        WT_CONTROL_ENABLE | WT_CONTROL_ORDER_FLOW | (by_name ? 0 : WT_CONTROL_SUBSCRIBE_ALL) |
            (config->recover ? WT_CONTROL_RECOVER : 0));
    /* the answer to a read comes behind the writes: when open returns, the card takes frames */
    get(&a, WT_REG_CONTROL);
    return access_failed(&a);
}

/* Give room back to the card in quarters of the ring: rarely enough to cost nothing, early enough never to stop it. */
static inline bool must_tell(const struct wt_ring *ring, uint32_t cons, uint32_t told)
{
    return cons - told >= ring->quarter;
}

static void tell(struct wt_card *card, const struct wt_ring *ring, uint32_t *told, uint32_t offset)
{
    if (must_tell(ring, ring->cons, *told) && card->link->ops->write32(card->link, offset, ring->cons) == 0)
        *told = ring->cons;
}

static inline int pop(struct wt_card *card, unsigned number, struct wt_ring *ring, void *record)
{
    if (card->hook.pop)
        return card->hook.pop(card->hook.ctx, number, ring, record);
    return wt_ring_pop(ring, record);
}

bool wt_card_plain(const struct wt_card *card)
{
    const struct wt_ring *ring = &card->events[0];
    return !must_tell(ring, ring->cons + 1, card->ev_cons_told[0]);
}

int wt_card_take(struct wt_card *card, union wt_event_record *record)
{
    if (__builtin_expect(card->hook.take != NULL, 1))
        return card->hook.take(card->hook.ctx, &card->events[0], record);
    return pop(card, WT_CARD_EVENTS, &card->events[0], record);
}

int wt_card_event_of(struct wt_card *card, unsigned ring, union wt_event_record *record)
{
    struct wt_ring *from = &card->events[ring];
    int got = pop(card, ring == 0 ? WT_CARD_EVENTS : WT_CARD_MORE_EVENTS + ring - 1, from, record);
    if (got == 1)
        tell(card, from, &card->ev_cons_told[ring],
             ring == 0 ? WT_REG_EV_CONS : ring_at(ring) + (uint32_t)offsetof(struct wt_ring_entry, cons));
    return got;
}

/* In every ring; ring 0 has it, too. */
static bool copy(const union wt_event_record *record, unsigned ring)
{
    return ring > 0 && (record->head.kind == WT_RECORD_TYPE_GAP || record->head.kind == WT_RECORD_TYPE_SYSTEM);
}

/*
 * One record of each ring is taken ahead, and the first of them in the feed's order is next. Numbers begin anew with a
 * SESSION record: it waits until it is the next one of every ring.
 */
static int first_of_all(struct wt_card *card, union wt_event_record *record)
{
    unsigned first = card->ev_rings, sessions = 0;
    for (unsigned r = 0; r < card->ev_rings; r++) {
        int got = card->ahead[r];
        while (got == 0 && (got = wt_card_event_of(card, r, &card->next[r])) == 1 && copy(&card->next[r], r))
            got = 0;
        if (got < 0)
            return got;
        card->ahead[r] = got;
        if (got && card->next[r].head.kind == WT_RECORD_TYPE_SESSION)
            sessions++;
        else if (got && (first == card->ev_rings || card->next[r].head.feed_seq < card->next[first].head.feed_seq))
            first = r;
    }
    if (sessions == card->ev_rings) {
        memset(card->ahead, 0, sizeof card->ahead);
        *record = card->next[0];
        return 1;
    }
    if (first == card->ev_rings)
        return 0;
    *record = card->next[first];
    card->ahead[first] = false;
    return 1;
}

int wt_card_event(struct wt_card *card, union wt_event_record *record)
{
    return card->ev_rings <= 1 ? wt_card_event_of(card, 0, record) : first_of_all(card, record);
}

int wt_card_order_flow(struct wt_card *card, struct wt_of_record *record)
{
    int got = pop(card, WT_CARD_ORDER_FLOW, &card->order_flow, record);
    if (got == 1)
        tell(card, &card->order_flow, &card->of_cons_told, WT_REG_OF_CONS);
    return got;
}

int wt_card_skip(struct wt_card *card, unsigned channel, uint64_t below)
{
    struct access a = {.link = card->link};
    if (channel >= WT_WIN_CHANNELS_MAX)
        return -EINVAL;
    /* the card may look between the two writes: let it see 0 there, which skips nothing */
    uint32_t lo = channel_at(channel, offsetof(struct wt_chan_entry, skip_to_lo));
    put64(&a, lo, 0);
    put(&a, lo + 4, (uint32_t)(below >> 32));
    put(&a, lo, (uint32_t)below);
    return access_failed(&a);
}

int wt_card_inject(struct wt_card *card, unsigned channel, const void *payload, size_t length)
{
    const uint32_t lines = 1u << CMD_SIZE_LOG2, head = offsetof(struct wt_cmd_line, payload);
    struct access a = {.link = card->link};
    if (channel >= WT_WIN_CHANNELS_MAX || length == 0 || length > WT_CARD_INJECT_MAX)
        return -EINVAL;
    uint32_t need = (uint32_t)(head + length + LINE - 1) / LINE;
    if (lines - (card->cmd_prod - card->cmd_cons) < need)
        card->cmd_cons = get(&a, WT_REG_CMD_CONS);
    if (access_failed(&a) < 0)
        return a.error;
    if (lines - (card->cmd_prod - card->cmd_cons) < need)
        return -ENOBUFS;
    struct wt_cmd_line first = {
        .command = WT_CARD_COMMAND_INJECT, .channel = (uint8_t)channel, .length = (uint16_t)length};
    const uint8_t *from = payload;
    size_t n = length < sizeof first.payload ? length : sizeof first.payload;
    memcpy(first.payload, from, n);
    uint8_t *ring = card->cmd_dma.virt;
    memcpy(ring + (size_t)(card->cmd_prod++ % lines) * LINE, &first, LINE);
    for (from += n, length -= n; length > 0; from += n, length -= n) {
        n = length < LINE ? length : LINE;
        memcpy(ring + (size_t)(card->cmd_prod++ % lines) * LINE, from, n);
    }
    /* the lines are in memory before the card hears of them */
    atomic_thread_fence(memory_order_release);
    put(&a, WT_REG_CMD_PROD, card->cmd_prod);
    return access_failed(&a);
}

/* A command of one line. */
static int put_line(struct wt_card *card, const struct wt_cmd_line *line)
{
    const uint32_t lines = 1u << CMD_SIZE_LOG2;
    struct access a = {.link = card->link};
    if (lines - (card->cmd_prod - card->cmd_cons) == 0)
        card->cmd_cons = get(&a, WT_REG_CMD_CONS);
    if (access_failed(&a) < 0)
        return a.error;
    if (lines - (card->cmd_prod - card->cmd_cons) == 0)
        return -ENOBUFS;
    memcpy((uint8_t *)card->cmd_dma.virt + (size_t)(card->cmd_prod++ % lines) * LINE, line, LINE);
    return 0;
}

int wt_card_load(struct wt_card *card, unsigned channel, const void *message, size_t length, uint64_t seq)
{
    struct wt_cmd_line line = {
        .command = WT_CARD_COMMAND_LOAD, .channel = (uint8_t)channel, .length = (uint16_t)length};
    if (channel >= WT_WIN_CHANNELS_MAX || length == 0 || length > 50)
        return -EINVAL;
    memcpy(line.payload, message, length);
    memcpy(line.payload + 50, &seq, 6); /* little-endian host */
    return put_line(card, &line);
}

int wt_card_join(struct wt_card *card, unsigned channel, uint16_t locate, uint64_t n, uint64_t sum)
{
    struct wt_cmd_line line = {.command = WT_CARD_COMMAND_JOIN, .channel = (uint8_t)channel, .length = 18};
    if (channel >= WT_WIN_CHANNELS_MAX)
        return -EINVAL;
    memcpy(line.payload, &locate, sizeof locate);
    memcpy(line.payload + 2, &n, sizeof n);
    memcpy(line.payload + 10, &sum, sizeof sum);
    return put_line(card, &line);
}

int wt_card_publish(struct wt_card *card)
{
    struct access a = {.link = card->link};
    atomic_thread_fence(memory_order_release);
    put(&a, WT_REG_CMD_PROD, card->cmd_prod);
    return access_failed(&a);
}

int wt_card_commands_left(struct wt_card *card, uint32_t *left)
{
    struct access a = {.link = card->link};
    card->cmd_cons = get(&a, WT_REG_CMD_CONS);
    *left = card->cmd_prod - card->cmd_cons;
    return access_failed(&a);
}

static uint64_t left(uint64_t x, unsigned n)
{
    return x << n | x >> (64 - n);
}

/* Two steps of Keccak's chi with linear steps between them. */
uint64_t wt_card_order_hash(uint64_t ref, bool sell, uint32_t price, uint32_t shares)
{
    uint64_t code = (uint64_t)(price / 100) << 7 | price % 100; /* 33 bits */
    uint64_t low = code << 32 | shares, x;
    uint64_t high = (uint64_t)sell << 1 | code >> 32;
    x = ref ^ left(ref, 10) ^ left(low, 13) ^ high << 62;
    x ^= left(x, 1) & ~left(x, 2);
    x ^= left(x, 17) ^ left(x, 41) ^ low;
    return x ^ (left(x, 1) & ~left(x, 2));
}

int wt_card_orders(struct wt_card *card, uint64_t *orders)
{
    return card->link->ops->read64(card->link, WT_REG_CNT_ORDERS_LIVE, orders);
}

int wt_card_next_seq(struct wt_card *card, unsigned channel, uint64_t *seq)
{
    if (channel >= WT_WIN_CHANNELS_MAX)
        return -EINVAL;
    return card->link->ops->read64(card->link, channel_at(channel, offsetof(struct wt_chan_entry, next_seq)), seq);
}

int wt_card_counters(struct wt_card *card, struct wt_card_counters *counters)
{
    struct wt_link *link = card->link;
    int e = 0;
#define WT_X(name, offset, text)                                                                                       \
    if (e == 0)                                                                                                        \
        e = link->ops->read64(link, offset, &counters->name);
    WT_COUNTERS(WT_X)
#undef WT_X
    return e;
}

void wt_card_close(struct wt_card *card)
{
    struct access a = {.link = card->link};
    put(&a, WT_REG_CONTROL, 0);
    /* when the answer is back the card takes no more frames; records of what it has may still come */
    get(&a, WT_REG_CONTROL);
    access_failed(&a);
}
