#include "sim/card/root.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <linux/futex.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "host/card/wt_schema.h"
#include "host/common/log.h"

enum { VIOLATIONS_PRINTED = 5 };

enum { FMT_3DW = 0, FMT_4DW = 1, FMT_3DW_DATA = 2, FMT_4DW_DATA = 3 };
enum { TYPE_MEM = 0x00, TYPE_CPL = 0x0a };

#define FOUR_GB (UINT64_C(1) << 32)
#define PAGE UINT64_C(4096)

/* Reasons that the beats alone give; the rest is said where it is found. */
enum { BROKEN_KEEP = 1, BROKEN_LONG };

void wt_root_init(struct wt_root *r, uint32_t words, uint32_t clock_ps, uint64_t posted_ns, uint64_t read_ns,
                  uint32_t max_payload, struct wt_latency *latency)
{
    memset(r, 0, sizeof *r);
    r->words = words;
    r->keep_all = (uint32_t)((UINT64_C(1) << words) - 1);
    r->clock_ps = clock_ps;
    r->posted_ps = posted_ns * 1000;
    r->read_half_ps = read_ns * 500;
    r->max_payload = max_payload;
    r->latency = latency;
    r->next_land_ps = r->next_rx_ps = UINT64_MAX;
    r->next_low = UINT64_C(0x10000000);
    r->next_high = UINT64_C(0x480000000);
}

void wt_root_destroy(struct wt_root *r)
{
    for (unsigned i = 0; i < r->regions; i++)
        munmap(r->region[i].virt, r->region[i].bytes);
    r->regions = 0;
}

int wt_root_dma_alloc(struct wt_root *r, size_t bytes, struct wt_dma *dma)
{
    if (bytes == 0 || bytes > (SIZE_MAX >> 16))
        return -EINVAL;
    if (r->regions == WT_ROOT_REGIONS)
        return -ENOMEM;
    size_t size = (size_t)((bytes + PAGE - 1) / PAGE * PAGE);
    void *virt = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (virt == MAP_FAILED)
        return -ENOMEM;
    /* a page that is never mapped lies between regions, so that a card that runs past one is caught */
    int low = r->regions % 2 == 0 && r->next_low + size + PAGE <= UINT64_C(0xe0000000);
    uint64_t *next = low ? &r->next_low : &r->next_high;
    dma->virt = virt;
    dma->bus = *next;
    dma->bytes = size;
    *next += size + PAGE;
    r->region[r->regions++] = *dma;
    r->bus_master = 1;
    return 0;
}

int wt_root_map(struct wt_root *r, const struct wt_dma *dma)
{
    if (dma->bytes == 0 || dma->bus % PAGE != 0 || dma->bus + dma->bytes < dma->bus)
        return -EINVAL;
    if (r->regions == WT_ROOT_REGIONS)
        return -ENOMEM;
    r->region[r->regions++] = *dma;
    r->shared = 1;
    r->bus_master = 1;
    return 0;
}

static uint8_t *host_memory(struct wt_root *r, uint64_t bus, uint64_t bytes)
{
    for (unsigned i = 0; i < r->regions; i++) {
        unsigned k = (r->last_region + i) % r->regions;
        const struct wt_dma *m = &r->region[k];
        if (bus >= m->bus && bus - m->bus < m->bytes && bytes <= m->bytes - (bus - m->bus)) {
            r->last_region = k;
            return (uint8_t *)m->virt + (bus - m->bus);
        }
    }
    return NULL;
}

/* ---------------------------------------------------------------- from the card */

static struct wt_root_request *request(struct wt_root *r, uint64_t at_ps);

static void violation(struct wt_root *r, const char *why)
{
    if (++r->violations > VIOLATIONS_PRINTED)
        return;
    wt_warn("PCIe: TLP of the card refused: %s (%u dwords: %08" PRIx32 " %08" PRIx32 " %08" PRIx32 " %08" PRIx32 ")%s",
            why, r->have, r->word[0], r->word[1], r->word[2], r->word[3],
            r->violations == VIOLATIONS_PRINTED ? "; no more are printed" : "");
}

void wt_root_beat_odd(struct wt_root *r, const struct wt_model_pins *pins)
{
    uint32_t keep = pins->tlp_tx_keep;
    /* contiguous from dword 0, within the datapath, and full unless it is the last beat */
    if (keep == 0 || (keep & (keep + 1)) != 0 || (keep & ~r->keep_all) != 0 ||
        (keep != r->keep_all && !pins->tlp_tx_last)) {
        r->broken = BROKEN_KEEP;
        return;
    }
    if (r->have > WT_ROOT_MAX_DWORDS) {
        r->broken = BROKEN_LONG;
        return;
    }
    memcpy(r->word + r->have, pins->tlp_tx_data, (size_t)r->words * 4);
    r->have += (uint32_t)__builtin_popcount(keep);
}

static struct wt_root_landing *land_push(struct wt_root *r, uint64_t at_ps)
{
    struct wt_root_landing *l = &r->landing[r->land_head % WT_ROOT_LANDINGS];
    /* nothing overtakes anything: a completion pushes the writes before it */
    l->at_ps = at_ps > r->last_land_ps ? at_ps : r->last_land_ps;
    r->last_land_ps = l->at_ps;
    if (r->land_head++ == r->land_tail)
        r->next_land_ps = l->at_ps;
    return l;
}

static void measure(struct wt_root *r, uint64_t address, const uint32_t *data, uint32_t dwords)
{
    if (address - r->ev_base >= r->ev_bytes || address % 64 != 0)
        return;
    for (; dwords >= 16; dwords -= 16, data += 16)
        wt_latency_record(r->latency, (uint8_t)data[0], (uint64_t)data[3] << 32 | data[2], r->first_ps, r->clock_ps);
}

/* Byte enables, 2.2.5: NULL, or what is wrong. */
static const char *byte_enables(uint32_t length, uint64_t address, uint32_t first, uint32_t last)
{
    if (first == 0)
        return "first byte enables are zero";
    if (length == 1)
        return last == 0 ? NULL : "last byte enables are not zero although the length is 1";
    if (last == 0)
        return "last byte enables are zero although the length is above 1";
    if (length == 2 && address % 8 == 0)
        return NULL;
    /* first: a run up to bit 3; last: a run from bit 0 */
    if (((first | 0xfffffff0u) + (first & -first)) != 0 || (last & (last + 1)) != 0)
        return "byte enables leave a hole";
    return NULL;
}

static uint64_t address_of(const struct wt_root *r, uint32_t header)
{
    return header == 4 ? (uint64_t)r->word[2] << 32 | r->word[3] : r->word[2];
}

/* What writes and reads have in common: NULL, or what is wrong. */
static const char *memory_request(const struct wt_root *r, uint32_t header, uint32_t length)
{
    uint64_t address = address_of(r, header);
    const char *be = byte_enables(length, address, r->word[1] & 15, r->word[1] >> 4 & 15);
    if (address & 3)
        return "reserved bits 1:0 of the address are not zero";
    if (be)
        return be;
    if (header == 4 && address < FOUR_GB)
        return "a 4-dword header with an address below 4 GB";
    if (r->word[1] >> 16 != WT_ROOT_CARD_ID)
        return "the requester is not the card";
    if (!r->bus_master)
        return "bus-master enable is off";
    if (address % PAGE + length * 4 > PAGE)
        return "it crosses a 4 KB boundary";
    return NULL;
}

static uint32_t length_of(const struct wt_root *r)
{
    uint32_t length = r->word[0] & 0x3ff;
    return length ? length : 1024;
}

/*
 * The card reads host memory: one completion, a whole round trip later. (A root complex may answer in parts, cut at
 * multiples of 64 bytes; reads within 64 bytes never are.)
 */
static void memory_read(struct wt_root *r, uint64_t cycle_ps)
{
    uint32_t header = (r->word[0] >> 29 & 1) ? 4 : 3, length = length_of(r);
    if (r->have != header) {
        violation(r, "a read with data");
        return;
    }
    uint64_t address = address_of(r, header);
    const char *why = memory_request(r, header, length);
    if (!why && length * 4 > WT_ROOT_MAX_READ)
        why = "a read above the max read request size";
    const uint8_t *from = why ? NULL : host_memory(r, address, (uint64_t)length * 4);
    if (!why && !from)
        why = "an address that was never mapped";
    if (why)
        violation(r, why);
    struct wt_root_request *q = request(r, cycle_ps + r->clock_ps + 2 * r->read_half_ps);
    if (!q) {
        violation(r, "more reads than there are places for their completions");
        return;
    }
    r->reads++;
    q->dwords = from ? 3 + length : 3;
    q->word[0] = (uint32_t)(from ? FMT_3DW_DATA : FMT_3DW) << 29 | (uint32_t)TYPE_CPL << 24 | (from ? length : 0);
    q->word[1] = (uint32_t)WT_ROOT_HOST_ID << 16 | (from ? 0 : 1u << 13) | (from ? length * 4 : 4);
    q->word[2] = (r->word[1] & 0xffffff00u) | (address & 0x7f);
    if (from)
        memcpy(q->word + 3, from, (size_t)length * 4);
}

static void memory_write(struct wt_root *r, uint64_t cycle_ps)
{
    uint32_t header = (r->word[0] >> 29 & 1) ? 4 : 3, length = length_of(r);
    if (r->have < header || r->have - header != length) {
        violation(r, "the length field does not equal the payload that came");
        return;
    }
    uint64_t address = address_of(r, header);
    uint32_t first = r->word[1] & 15, last = r->word[1] >> 4 & 15;
    const char *why = memory_request(r, header, length);
    if (!why && length * 4 > r->max_payload)
        why = "payload above the max payload size";
    if (why) {
        violation(r, why);
        return;
    }
    uint8_t *to = host_memory(r, address, (uint64_t)length * 4);
    if (!to) {
        violation(r, "an address that was never mapped");
        return;
    }
    r->writes++;
    struct wt_root_landing *l = land_push(r, cycle_ps + r->clock_ps + r->posted_ps);
    l->to = to;
    l->dwords = length;
    l->first_be = (uint8_t)first;
    l->last_be = (uint8_t)(length == 1 ? first : last);
    memcpy(l->data, r->word + header, (size_t)length * 4);
    measure(r, address, r->word + header, length);
}

static void completion(struct wt_root *r, uint64_t cycle_ps, int with_data)
{
    uint32_t length = with_data ? r->word[0] & 0x3ff : 0;
    uint32_t status = r->word[1] >> 13 & 7, count = r->word[1] & 0xfff;
    uint32_t tag = r->word[2] >> 8 & 0xff;
    if (r->have != 3 + length || (with_data && length == 0) || (!with_data && (r->word[0] & 0x3ff) != 0)) {
        violation(r, "the length field does not equal the payload that came");
        return;
    }
    if (tag >= WT_ROOT_TAGS || (r->read[tag].state != WT_READ_WAITING && r->read[tag].state != WT_READ_ABANDONED)) {
        violation(r, "a completion that nobody waits for");
        return;
    }
    uint32_t bytes = r->read[tag].bytes;
    const char *why = NULL;
    if (r->word[1] >> 16 != WT_ROOT_CARD_ID)
        why = "the completer is not the card";
    else if (r->word[2] >> 16 != WT_ROOT_HOST_ID)
        why = "the completion's requester is not the host";
    else if (r->word[1] & 1u << 12)
        why = "BCM is set, which only PCI-X bridges may do";
    else if (r->word[2] & 1u << 7)
        why = "a reserved bit of the completion is not zero";
    else if (with_data && status != 0)
        why = "data in a completion that reports an error";
    else if (!with_data && status == 0)
        why = "a successful completion of a read without data";
    else if (with_data && length * 4 != bytes)
        why = "a completion of another length than the read";
    else if (with_data && count != bytes)
        why = "the byte count is not what is left of the read";
    else if (with_data && (r->word[2] & 0x7f) != ((WT_ROOT_BAR0 + r->read[tag].offset) & 0x7f))
        why = "the lower address is not that of the read";
    if (why)
        violation(r, why);
    if (r->read[tag].state == WT_READ_ABANDONED) {
        r->read[tag].state = WT_READ_FREE;
        r->dropped_completions++;
        return;
    }
    struct wt_root_landing *l = land_push(r, cycle_ps + r->clock_ps + r->read_half_ps);
    r->read[tag].state = WT_READ_COMING;
    l->to = NULL;
    l->tag = (uint8_t)tag;
    l->status = why != NULL || status != 0;
    l->data[0] = length > 0 ? r->word[3] : 0;
    l->data[1] = length > 1 ? r->word[4] : 0;
}

void wt_root_tlp(struct wt_root *r, uint64_t cycle_ps)
{
    uint32_t fmt = r->word[0] >> 29, type = r->word[0] >> 24 & 31;
    if (r->broken == BROKEN_KEEP)
        violation(r, "keep has a hole, or a beat before the last is not full");
    else if (r->broken == BROKEN_LONG)
        violation(r, "longer than any TLP");
    else if (r->have < 3)
        violation(r, "shorter than a header");
    else if (r->word[0] & (1u << 23 | 1u << 19 | 1u << 17 | 1u << 16 | 3u << 10))
        violation(r, "reserved bits of dword 0 (T9, T8, LN, TH, AT) are not zero");
    else if (r->word[0] & 7u << 20)
        violation(r, "a traffic class other than 0");
    else if (r->word[0] & (1u << 15 | 1u << 14))
        violation(r, "a digest is announced, or the payload is poisoned");
    else if (r->word[0] & (1u << 18 | 3u << 12))
        violation(r, "attributes are not zero: records must not be reordered");
    else if (type == TYPE_MEM && (fmt == FMT_3DW_DATA || fmt == FMT_4DW_DATA))
        memory_write(r, cycle_ps);
    else if (type == TYPE_MEM && (fmt == FMT_3DW || fmt == FMT_4DW))
        memory_read(r, cycle_ps);
    else if (type == TYPE_CPL && (fmt == FMT_3DW_DATA || fmt == FMT_3DW))
        completion(r, cycle_ps, fmt == FMT_3DW_DATA);
    else
        violation(r, "fmt and type are not those of a memory request or a completion");
    r->have = 0;
    r->beats = 0;
    r->broken = 0;
}

/* The last word of every 64-byte line becomes visible last, as a record's reader relies on. */
static void store(const struct wt_root_landing *l)
{
    uint8_t *to = l->to;
    uint32_t whole = l->dwords;
    const uint32_t *from = l->data;
    if (__builtin_expect(l->first_be != 15 || l->last_be != 15, 0)) {
        for (uint32_t i = 0; i < whole; i++) {
            uint32_t be = i == 0 ? l->first_be : i + 1 == whole ? l->last_be : 15;
            for (uint32_t b = 0; b < 4; b++)
                if (be >> b & 1)
                    to[i * 4 + b] = (uint8_t)(from[i] >> (8 * b));
        }
        return;
    }
    while (whole > 0) {
        uint32_t line = (64 - (uint32_t)((uintptr_t)to & 63)) / 4;
        if (line > whole)
            line = whole;
        memcpy(to, from, (size_t)(line - 1) * 4); /* little-endian host */
        atomic_store_explicit((_Atomic uint32_t *)(void *)(to + (size_t)(line - 1) * 4), from[line - 1],
                              memory_order_release);
        to += (size_t)line * 4;
        from += line;
        whole -= line;
    }
}

int wt_root_land_due(struct wt_root *r, uint64_t now_ps)
{
    int changed = 0;
    while (r->land_tail != r->land_head) {
        const struct wt_root_landing *l = &r->landing[r->land_tail % WT_ROOT_LANDINGS];
        if (l->at_ps > now_ps) {
            r->next_land_ps = l->at_ps;
            return changed;
        }
        if (l->to) {
            store(l);
            changed = 1;
            if (r->shared && l->dwords == 1) /* an interrupt: another process may sleep on this word */
                syscall(SYS_futex, l->to, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
        } else if (r->read[l->tag].state == WT_READ_COMING) {
            r->read[l->tag].state = WT_READ_DONE;
            r->read[l->tag].status = l->status ? -EIO : 1;
            r->read[l->tag].value = (uint64_t)l->data[1] << 32 | l->data[0];
        } else {
            r->read[l->tag].state = WT_READ_FREE;
        }
        r->land_tail++;
    }
    r->next_land_ps = UINT64_MAX;
    return changed;
}

/* ---------------------------------------------------------------- to the card */

static struct wt_root_request *request(struct wt_root *r, uint64_t at_ps)
{
    if (r->req_head - r->req_tail == WT_ROOT_REQUESTS)
        return NULL;
    struct wt_root_request *q = &r->request[r->req_head % WT_ROOT_REQUESTS];
    q->at_ps = at_ps > r->last_rx_ps ? at_ps : r->last_rx_ps;
    r->last_rx_ps = q->at_ps;
    if (r->req_head++ == r->req_tail)
        r->next_rx_ps = q->at_ps;
    return q;
}

static uint32_t memory_header(uint32_t fmt, uint32_t dwords)
{
    return fmt << 29 | (uint32_t)TYPE_MEM << 24 | dwords;
}

/* The event ring's place is what the host told the card: latency is measured on records there. */
static void snoop(struct wt_root *r, uint32_t offset, uint32_t value)
{
    switch (offset) {
    case WT_REG_EV_BASE_LO:
        r->ev_base = (r->ev_base & ~UINT64_C(0xffffffff)) | value;
        break;
    case WT_REG_EV_BASE_HI:
        r->ev_base = (uint64_t)value << 32 | (r->ev_base & 0xffffffff);
        break;
    case WT_REG_EV_SIZE_LOG2:
        r->ev_bytes = value < 32 ? UINT64_C(64) << value : 0;
        break;
    default:
        break;
    }
}

int wt_root_write32(struct wt_root *r, uint64_t now_ps, uint32_t offset, uint32_t value)
{
    struct wt_root_request *q = request(r, now_ps + r->posted_ps);
    if (!q)
        return -ENOBUFS;
    q->dwords = 4;
    q->word[0] = memory_header(FMT_3DW_DATA, 1);
    q->word[1] = (uint32_t)WT_ROOT_HOST_ID << 16 | 0x0f;
    q->word[2] = WT_ROOT_BAR0 + offset;
    q->word[3] = value;
    snoop(r, offset, value);
    return 0;
}

int wt_root_read(struct wt_root *r, uint64_t now_ps, uint32_t offset, uint32_t bytes)
{
    unsigned tag = r->next_tag;
    for (unsigned i = 0; r->read[tag].state != WT_READ_FREE; tag = (tag + 1) % WT_ROOT_TAGS)
        if (++i == WT_ROOT_TAGS)
            return -ENOBUFS;
    struct wt_root_request *q = request(r, now_ps + r->read_half_ps);
    if (!q)
        return -ENOBUFS;
    r->next_tag = (uint8_t)((tag + 1) % WT_ROOT_TAGS);
    r->read[tag].state = WT_READ_WAITING;
    r->read[tag].offset = offset;
    r->read[tag].bytes = bytes;
    r->read[tag].status = 0;
    q->dwords = 3;
    q->word[0] = memory_header(FMT_3DW, bytes / 4);
    q->word[1] = (uint32_t)WT_ROOT_HOST_ID << 16 | tag << 8 | (bytes > 4 ? 0xf0 : 0) | 0x0f;
    q->word[2] = WT_ROOT_BAR0 + offset;
    return (int)tag;
}

int wt_root_read_done(struct wt_root *r, int tag, uint64_t *value)
{
    if (r->read[tag].state != WT_READ_DONE)
        return 0;
    r->read[tag].state = WT_READ_FREE;
    *value = r->read[tag].value;
    return r->read[tag].status;
}

void wt_root_read_abandon(struct wt_root *r, int tag)
{
    /* one that is on its way is freed when it lands */
    r->read[tag].state = r->read[tag].state == WT_READ_DONE ? WT_READ_FREE : WT_READ_ABANDONED;
}

void wt_root_load(struct wt_root *r, struct wt_model_pins *pins)
{
    const struct wt_root_request *q = &r->request[r->req_tail % WT_ROOT_REQUESTS];
    uint32_t left = q->dwords - r->req_at;
    uint32_t n = left < r->words ? left : r->words;
    memset(pins->tlp_rx_data, 0xa5, sizeof pins->tlp_rx_data); /* lanes without keep carry rubbish */
    memcpy(pins->tlp_rx_data, q->word + r->req_at, (size_t)n * 4);
    pins->tlp_rx_keep = (1u << n) - 1;
    pins->tlp_rx_last = n == left;
    pins->tlp_rx_valid = 1;
    r->req_at += n;
}

void wt_root_request_done(struct wt_root *r)
{
    r->req_at = 0;
    r->req_tail++;
    r->next_rx_ps = r->req_tail == r->req_head ? UINT64_MAX : r->request[r->req_tail % WT_ROOT_REQUESTS].at_ps;
}
