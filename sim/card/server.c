#include "sim/card/server.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "host/card/wt_schema.h"
#include "host/common/log.h"

enum { PAGE = 4096, WORDS = WT_BAR0_SIZE / 4, LOOKS = 1000 };

struct wt_card_server {
    struct wt_link *link; /* how the host reaches the card in the world */
    _Atomic uint32_t *bar;
    bool enabled;          /* and the card has seen it: a read that was behind the write has been answered */
    bool theirs[WORDS];    /* written by the host */
    uint32_t known[WORDS]; /* what the card was told */
    uint32_t now[WORDS];
};

/* Told last, and in this order: what they set going finds the rest as the host has written it. */
static const uint32_t doorbells[] = {WT_REG_CMD_PROD, WT_REG_CONTROL, WT_REG_RESET_SEQ};

static void mark(struct wt_card_server *s, uint32_t from, uint32_t bytes)
{
    for (uint32_t at = from; at < from + bytes; at += 4)
        s->theirs[at / 4] = true;
}

/* hdl/schema/README.md: "written by: host". */
static void mark_all(struct wt_card_server *s)
{
    static const uint32_t registers[] = {
        WT_REG_RESET_SEQ,     WT_REG_CONTROL,      WT_REG_SYM_COUNT,    WT_REG_SKEW_NS,     WT_REG_GAP_TIMEOUT_NS,
        WT_REG_EV_BASE_LO,    WT_REG_EV_BASE_HI,   WT_REG_EV_SIZE_LOG2, WT_REG_EV_CONS,     WT_REG_OF_BASE_LO,
        WT_REG_OF_BASE_HI,    WT_REG_OF_SIZE_LOG2, WT_REG_OF_CONS,      WT_REG_CMD_BASE_LO, WT_REG_CMD_BASE_HI,
        WT_REG_CMD_SIZE_LOG2, WT_REG_CMD_PROD};
    for (size_t i = 0; i < sizeof registers / sizeof *registers; i++)
        mark(s, registers[i], 4);
    for (uint32_t i = 0; i < WT_WIN_CHANNELS_MAX; i++)
        mark(s, WT_WIN_CHANNELS + i * WT_WIN_CHANNELS_STRIDE, offsetof(struct wt_chan_entry, next_seq));
    for (uint32_t i = 0; i < WT_WIN_RINGS_MAX; i++)
        mark(s, WT_WIN_RINGS + i * WT_WIN_RINGS_STRIDE, offsetof(struct wt_ring_entry, prod));
    for (uint32_t i = 0; i < WT_WIN_SYMBOLS_MAX; i++)
        mark(s, WT_WIN_SYMBOLS + i * WT_WIN_SYMBOLS_STRIDE, 12);
    for (uint32_t i = 0; i < WT_WIN_IRQS_MAX; i++)
        mark(s, WT_WIN_IRQS + i * WT_WIN_IRQS_STRIDE, offsetof(struct wt_irq_entry, fired));
    for (uint32_t i = 0; i < WT_WIN_MSIX_MAX; i++)
        mark(s, WT_WIN_MSIX + i * WT_WIN_MSIX_STRIDE, sizeof(struct wt_msix_entry));
}

static uint32_t load(const struct wt_card_server *s, uint32_t word)
{
    return atomic_load_explicit(&s->bar[word], memory_order_acquire);
}

/* All words as they stood at one moment: read twice and found the same. -EAGAIN: a host writes all the while. */
static int snapshot(struct wt_card_server *s)
{
    for (int look = 0; look < LOOKS; look++) {
        bool same = look > 0;
        for (uint32_t i = 0; i < WORDS; i++) {
            if (!s->theirs[i])
                continue;
            uint32_t value = load(s, i);
            same &= value == s->now[i];
            s->now[i] = value;
        }
        if (same)
            return 0;
    }
    return -EAGAIN;
}

static int tell(struct wt_card_server *s, uint32_t word, int *changed)
{
    if (s->now[word] == s->known[word])
        return 0;
    int e = s->link->ops->write32(s->link, word * 4, s->now[word]);
    if (e < 0)
        return e;
    s->known[word] = s->now[word];
    *changed = 1;
    return 0;
}

static bool doorbell(uint32_t word)
{
    for (size_t i = 0; i < sizeof doorbells / sizeof *doorbells; i++)
        if (doorbells[i] / 4 == word)
            return true;
    return false;
}

int wt_card_server_take(struct wt_card_server *s, void (*reset)(void *ctx), void *ctx)
{
    int changed = 0, e = snapshot(s);
    if (e < 0)
        return e == -EAGAIN ? 0 : e;
    s->enabled &= s->now[WT_REG_CONTROL / 4] & WT_CONTROL_ENABLE &&
                  s->now[WT_REG_RESET_SEQ / 4] == s->known[WT_REG_RESET_SEQ / 4];
    const uint32_t seq = WT_REG_RESET_SEQ / 4;
    if (s->now[seq] != s->known[seq] && reset)
        reset(ctx);
    /* a card that is to stop does so before the rest changes under it */
    if (!(s->now[WT_REG_CONTROL / 4] & WT_CONTROL_ENABLE))
        e = tell(s, WT_REG_CONTROL / 4, &changed);
    for (uint32_t i = 0; i < WORDS && e == 0; i++)
        if (s->theirs[i] && !doorbell(i))
            e = tell(s, i, &changed);
    for (size_t i = 0; i < sizeof doorbells / sizeof *doorbells && e == 0; i++)
        e = tell(s, doorbells[i] / 4, &changed);
    return e < 0 ? e : changed;
}

static int show32(struct wt_card_server *s, uint32_t offset)
{
    uint32_t value;
    int e = s->link->ops->read32(s->link, offset, &value);
    if (e == 0)
        atomic_store_explicit(&s->bar[offset / 4], value, memory_order_release);
    return e;
}

static int show64(struct wt_card_server *s, uint32_t offset)
{
    uint64_t value;
    int e = s->link->ops->read64(s->link, offset, &value);
    if (e == 0)
        atomic_store_explicit((_Atomic uint64_t *)(void *)&s->bar[offset / 4], value, memory_order_release);
    return e;
}

int wt_card_server_show(struct wt_card_server *s, bool counters)
{
    static const uint32_t often[] = {WT_REG_RESET_ACK, WT_REG_EV_PROD, WT_REG_OF_PROD, WT_REG_CMD_CONS};
    int e = 0;
    for (size_t i = 0; i < sizeof often / sizeof *often && e == 0; i++)
        e = show32(s, often[i]);
    s->enabled = e == 0 && s->known[WT_REG_CONTROL / 4] & WT_CONTROL_ENABLE;
    for (uint32_t i = 0; i < WT_WIN_CHANNELS_MAX && e == 0; i++) {
        uint32_t entry = WT_WIN_CHANNELS + i * WT_WIN_CHANNELS_STRIDE;
        if (s->known[(entry + offsetof(struct wt_chan_entry, enable)) / 4] & 1)
            e = show64(s, entry + (uint32_t)offsetof(struct wt_chan_entry, next_seq));
    }
    if (!counters)
        return e;
    for (uint32_t i = 0; i < WT_WIN_RINGS_MAX && e == 0; i++)
        e = show32(s, WT_WIN_RINGS + i * WT_WIN_RINGS_STRIDE + (uint32_t)offsetof(struct wt_ring_entry, prod));
    for (uint32_t i = 0; i < WT_WIN_IRQS_MAX && e == 0; i++)
        e = show32(s, WT_WIN_IRQS + i * WT_WIN_IRQS_STRIDE + (uint32_t)offsetof(struct wt_irq_entry, fired));
#define WT_X(name, offset, text)                                                                                       \
    if (e == 0)                                                                                                        \
        e = show64(s, offset);
    WT_COUNTERS(WT_X)
#undef WT_X
    return e;
}

bool wt_card_server_enabled(const struct wt_card_server *s)
{
    return s->enabled;
}

uint64_t wt_card_server_next_seq(const struct wt_card_server *s)
{
    uint32_t at = (WT_WIN_CHANNELS + (uint32_t)offsetof(struct wt_chan_entry, next_seq)) / 4;
    return (uint64_t)load(s, at + 1) << 32 | load(s, at);
}

static unsigned fill(const struct wt_card_server *s, uint32_t prod, uint32_t cons, uint32_t size_log2)
{
    uint32_t log2 = s->known[size_log2 / 4] & 31;
    return (unsigned)((uint64_t)(load(s, prod / 4) - s->known[cons / 4]) * 256 >> log2);
}

unsigned wt_card_server_fill(const struct wt_card_server *s)
{
    unsigned events = fill(s, WT_REG_EV_PROD, WT_REG_EV_CONS, WT_REG_EV_SIZE_LOG2);
    unsigned flow = fill(s, WT_REG_OF_PROD, WT_REG_OF_CONS, WT_REG_OF_SIZE_LOG2);
    return events > flow ? events : flow;
}

/* The file, of that size, mapped. The descriptor is not needed any more. */
static int share(const char *path, uint64_t bytes, void **base)
{
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600), e = 0;
    if (fd < 0 || ftruncate(fd, (off_t)bytes) < 0)
        e = -errno;
    *base = e < 0 ? MAP_FAILED : mmap(NULL, (size_t)bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (e == 0 && *base == MAP_FAILED)
        e = -errno;
    if (fd >= 0)
        close(fd);
    if (e < 0)
        wt_error("card server: %s: cannot share %llu bytes: %s", path, (unsigned long long)bytes, strerror(-e));
    return e;
}

/* What never changes, and all the rest once. */
static int first_show(struct wt_card_server *s)
{
    int e = 0;
    for (uint32_t at = WT_REG_MAGIC + 4; at <= WT_REG_CAP_VECTORS && e == 0; at += 4)
        e = show32(s, at);
    if (e == 0)
        e = wt_card_server_show(s, true);
    return e < 0 ? e : show32(s, WT_REG_MAGIC); /* last: now it is a card */
}

int wt_card_server_create(struct wt_sim *sim, const char *bar_path, const char *dma_path, uint64_t dma_bytes,
                          struct wt_card_server **server)
{
    struct wt_card_server *s = calloc(1, sizeof *s);
    void *bar, *memory;
    if (!s) {
        wt_error("card server: no memory");
        return -ENOMEM;
    }
    int e = share(bar_path, WT_BAR0_SIZE, &bar);
    if (e < 0) {
        free(s);
        return e;
    }
    s->bar = bar;
    for (uint32_t i = 0; i < WORDS; i++) /* what an earlier host wrote means nothing to this card */
        atomic_store_explicit(&s->bar[i], 0, memory_order_relaxed);
    s->link = wt_sim_link(sim);
    mark_all(s);
    for (uint32_t i = 0; i < WT_WIN_MSIX_MAX; i++) { /* masked at start */
        uint32_t word = (WT_WIN_MSIX + i * WT_WIN_MSIX_STRIDE + (uint32_t)offsetof(struct wt_msix_entry, control)) / 4;
        atomic_store_explicit(&s->bar[word], s->known[word] = 1, memory_order_relaxed);
    }
    e = share(dma_path, dma_bytes, &memory);
    if (e == 0)
        e = wt_sim_map(sim, &(struct wt_dma){.virt = memory, .bus = 0, .bytes = (size_t)dma_bytes});
    if (e == 0 && (e = first_show(s)) < 0)
        wt_error("card server: the card's registers do not answer: %s", strerror(-e));
    if (e < 0) {
        wt_card_server_destroy(s);
        return e;
    }
    *server = s;
    return 0;
}

void wt_card_server_destroy(struct wt_card_server *s)
{
    if (!s)
        return;
    /* hosts see that the card is gone */
    for (uint32_t i = 0; i < WORDS; i++)
        atomic_store_explicit(&s->bar[i], UINT32_MAX, memory_order_release);
    munmap((void *)s->bar, WT_BAR0_SIZE);
    free(s);
}
