/* The link `udp`: the host's memory, the card's writes to it, and the records that stand for lost ones. */
#include <errno.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>

#include "host/card/udp.h"
#include "host/card/wt_schema.h"

enum { PAGE = 4096, RECORD = 64 };

int wt_udp_memory_take(struct wt_udp_memory *m, size_t bytes, struct wt_dma *dma)
{
    size_t size = (bytes + PAGE - 1) / PAGE * PAGE;
    if (bytes == 0)
        return -EINVAL;
    if (m->regions == WT_UDP_REGIONS || size >= (size_t)UINT32_MAX - 2 * (size_t)PAGE - m->used)
        return -ENOMEM;
    void *base = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
    if (base == MAP_FAILED)
        return -errno;
    uint64_t bus = (uint64_t)m->epoch << 32 | (m->used + PAGE); /* a page that is never given lies before it */
    m->used += (uint32_t)size + PAGE;
    m->region[m->regions++] = (struct wt_udp_region){.base = base, .bus = bus, .bytes = size, .next = 1};
    *dma = (struct wt_dma){.virt = base, .bus = bus, .bytes = size};
    return 0;
}

void wt_udp_memory_free(struct wt_udp_memory *m)
{
    for (unsigned i = 0; i < m->regions; i++)
        munmap(m->region[i].base, m->region[i].bytes);
    m->regions = 0;
}

static struct wt_udp_region *find(struct wt_udp_memory *m, uint64_t bus, size_t bytes)
{
    for (unsigned i = 0; i < m->regions; i++) {
        struct wt_udp_region *r = &m->region[i];
        if (bus >= r->bus && bus - r->bus < r->bytes && bytes <= r->bytes - (bus - r->bus))
            return r;
    }
    return NULL;
}

const uint8_t *wt_udp_memory_at(const struct wt_udp_memory *m, uint64_t bus, size_t bytes)
{
    const struct wt_udp_region *r = find((struct wt_udp_memory *)m, bus, bytes);
    return r ? r->base + (bus - r->bus) : NULL;
}

void wt_udp_memory_told(struct wt_udp_memory *m, uint32_t offset, uint32_t value)
{
    if (offset == WT_REG_EV_SIZE_LOG2 || offset == WT_REG_OF_SIZE_LOG2)
        for (unsigned i = 0; i < m->regions; i++)
            if (m->region[i].ring && m->region[i].order_flow == (offset == WT_REG_OF_SIZE_LOG2))
                m->region[i].records = 1u << (value & 31);
    if (offset != WT_REG_EV_BASE_LO && offset != WT_REG_OF_BASE_LO)
        return;
    struct wt_udp_region *r = find(m, (uint64_t)m->epoch << 32 | value, RECORD);
    if (r && r->bus == ((uint64_t)m->epoch << 32 | value)) {
        r->ring = true;
        r->order_flow = offset == WT_REG_OF_BASE_LO;
        r->next = 1;
        r->records = 0;
    }
}

/* The consumer looks at the last word: it is written behind the others. */
static void put(uint8_t *slot, const void *record, uint32_t lap)
{
    memcpy(slot, record, RECORD - 4);
    atomic_store_explicit((_Atomic uint32_t *)(void *)(slot + RECORD - 4), lap, memory_order_release);
}

/* What stands where a record is missing: everything of the channel is stale from there on. next: the record behind. */
static void put_missing(struct wt_udp_memory *m, const struct wt_udp_region *r, uint8_t *slot, const uint8_t *next)
{
    if (r->order_flow) {
        const struct wt_of_record *behind = (const void *)next;
        struct wt_of_record marker = {.feed_seq = behind->feed_seq - 1,
                                      .flags =
                                          (uint8_t)((behind->flags & WT_OFF_CHANNEL) | WT_OFF_MARKER | WT_OFF_GAP)};
        put(slot, &marker, r->next);
        return;
    }
    const union wt_event_record *behind = (const void *)next;
    union wt_event_record gap = {0};
    gap.head = (struct wt_ev_head){.kind = WT_RECORD_TYPE_GAP,
                                   .channel = behind->head.channel,
                                   .flags = WT_EVF_STALE,
                                   .symbol = 0xffff,
                                   .feed_seq = behind->head.feed_seq,
                                   .stamp = behind->head.stamp,
                                   .ingress_ns = behind->head.ingress_ns};
    gap.gap.first_missing = m->last_seq + 1;
    if (behind->head.feed_seq > m->last_seq)
        gap.gap.count = behind->head.feed_seq - m->last_seq;
    gap.gap.reason = WT_REASON_GAP;
    gap.gap.state = WT_GAP_STATE_LOST;
    put(slot, &gap, r->next);
}

static void put_record(struct wt_udp_memory *m, struct wt_udp_region *r, uint64_t at, const uint8_t *from)
{
    uint8_t record[RECORD];
    uint32_t lap;
    memcpy(record, from, RECORD);
    memcpy(&lap, record + RECORD - 4, 4);
    uint32_t missing = lap - r->next, slot = (uint32_t)(at / RECORD);
    if (missing < r->records)
        for (; missing > 0; missing--, r->next++)
            put_missing(m, r, r->base + (size_t)((slot - missing) & (r->records - 1)) * RECORD, record);
    if (r->order_flow && m->flag_gap) {
        record[offsetof(struct wt_of_record, flags)] |= WT_OFF_GAP;
        m->flag_gap = false;
    }
    memcpy(&m->last_seq, record + (r->order_flow ? 0 : offsetof(struct wt_ev_head, feed_seq)), 8);
    put(r->base + at, record, lap);
    r->next = lap + 1;
}

void wt_udp_memory_write(struct wt_udp_memory *m, uint64_t bus, const uint8_t *from, size_t bytes)
{
    struct wt_udp_region *r = find(m, bus, bytes);
    if (!r || !r->ring || bus % RECORD != 0 || bytes % RECORD != 0) {
        m->strays++;
        return;
    }
    for (size_t at = 0; at < bytes; at += RECORD)
        put_record(m, r, bus - r->bus + at, from + at);
}

void wt_udp_memory_lost(struct wt_udp_memory *m)
{
    m->flag_gap = true;
}
