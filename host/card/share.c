#include "host/card/share.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
    BUDGET = 256, /* records of order flow at a time */
    PAGE = 4096,
    MEMORIES = 3, /* what the driver asks memory for, in this order */
    EVENTS = 0,
    FLOW = 1,
    COMMANDS = 2
};

/* One loop's card. Lines of its own for what other threads read. */
struct seat {            /* NOLINT(clang-analyzer-optin.performance.Padding): a line for each side */
    struct wt_link link; /* first: a link is cast to it */
    struct wt_card_share *share;
    unsigned loop, memories;
    bool running; /* the driver has set it up */
    bool waited;
    uint64_t deadline_ns;
    uint32_t reset, control, cmd_prod, ev_cons;
    uint8_t *flow, *commands; /* the loop's own memory; commands: NULL where they are the card's */
    _Alignas(64) _Atomic uint32_t flow_cons;
    _Atomic bool left;
    _Alignas(64) uint32_t flow_prod; /* the pump's */
    bool gone;                       /* the pump has seen that it left */
};

struct wt_card_share {   /* NOLINT(clang-analyzer-optin.performance.Padding): the same */
    struct wt_card card; /* order_flow, and events of loops that left: the pump's */
    struct wt_link *link;
    size_t ev_bytes, of_bytes;
    uint32_t of_records;
    bool turns;
    int end;  /* in turns: what wait() fails with from now on */
    int flow; /* 0, or why there is no order flow any more */
    unsigned loops;
    uint32_t (*of)(void *ctx, const struct wt_of_record *record); /* NULL: everything is for all */
    void *of_ctx;
    _Alignas(64) atomic_flag pumping;
    struct seat seat[WT_CARD_EV_RINGS];
};

static struct seat *of(struct wt_link *link)
{
    return (struct seat *)(void *)link;
}

/* ---- order flow: one reader, a ring for each loop ---- */

static uint8_t *slot_of(const struct seat *s)
{
    return s->flow + (size_t)(s->flow_prod & (s->share->of_records - 1)) * 64;
}

static void publish(struct seat *s, uint8_t *slot, uint32_t number)
{
    atomic_store_explicit((_Atomic uint32_t *)(void *)(slot + 60), number, memory_order_release);
    s->flow_prod++;
}

static void put(struct seat *s, const struct wt_of_record *record)
{
    uint8_t *slot = slot_of(s);
    memcpy(slot, record, 60);
    publish(s, slot, s->flow_prod + 1);
}

/* The card lapped us: so it has every loop. */
static void put_lapped(struct seat *s)
{
    publish(s, slot_of(s), s->flow_prod + 2);
}

/* What the loop did not take any more, and all that comes, is thrown away here. */
static void drain(struct wt_card_share *share, struct seat *s)
{
    union wt_event_record record;
    if (!s->gone) {
        s->gone = true;
        share->card.events[s->loop].cons = share->card.ev_cons_told[s->loop] = s->ev_cons;
    }
    for (unsigned i = 0; i < BUDGET && wt_card_event_of(&share->card, s->loop, &record) == 1; i++)
        ;
}

/* Records that every loop has room for. */
static uint32_t room(struct wt_card_share *share)
{
    uint32_t least = BUDGET;
    for (unsigned i = 0; i < share->loops; i++) {
        struct seat *s = &share->seat[i];
        if (atomic_load_explicit(&s->left, memory_order_acquire)) {
            drain(share, s);
            continue;
        }
        if (!s->flow) /* its card is not open yet */
            return 0;
        uint32_t taken = atomic_load_explicit(&s->flow_cons, memory_order_acquire);
        uint32_t free_slots = share->of_records - (s->flow_prod - taken);
        least = free_slots < least ? free_slots : least;
    }
    return least;
}

static void copy(struct wt_card_share *share)
{
    struct wt_of_record record;
    for (uint32_t left = room(share); left > 0 && !share->flow; left--) {
        int got = wt_card_order_flow(&share->card, &record);
        if (got == 0)
            return;
        share->flow = got < 0 ? got : 0;
        uint32_t of = got > 0 && share->of ? share->of(share->of_ctx, &record) : UINT32_MAX;
        for (unsigned i = 0; i < share->loops; i++) {
            if (share->seat[i].gone || (of < share->loops && of != i))
                continue;
            if (got < 0)
                put_lapped(&share->seat[i]);
            else
                put(&share->seat[i], &record);
        }
    }
}

void wt_card_share_pump(struct wt_card_share *share)
{
    if (atomic_flag_test_and_set_explicit(&share->pumping, memory_order_acquire))
        return;
    copy(share);
    atomic_flag_clear_explicit(&share->pumping, memory_order_release);
}

/* ---- a loop's link ---- */

static int seat_read32(struct wt_link *link, uint32_t offset, uint32_t *value)
{
    struct seat *s = of(link);
    struct wt_link *card = s->share->link;
    switch (offset) {
    case WT_REG_RESET_SEQ:
    case WT_REG_RESET_ACK:
        *value = s->reset;
        return 0;
    case WT_REG_CONTROL:
        *value = s->control;
        return 0;
    case WT_REG_CMD_CONS:
        if (s->loop == 0)
            break;
        *value = s->cmd_prod;
        return 0;
    default:
        break;
    }
    return card->ops->read32(card, offset, value);
}

static int seat_read64(struct wt_link *link, uint32_t offset, uint64_t *value)
{
    struct wt_link *card = of(link)->share->link;
    return card->ops->read64(card, offset, value);
}

static uint32_t consumer_of(unsigned loop)
{
    if (loop == 0)
        return WT_REG_EV_CONS;
    return WT_WIN_RINGS + (loop - 1) * WT_WIN_RINGS_STRIDE + (uint32_t)offsetof(struct wt_ring_entry, cons);
}

/* What the first loop says of loss, when its card is set up. */
static bool of_recovery(const struct seat *s, uint32_t offset)
{
    if (s->loop != 0 || !s->running)
        return false;
    if (offset == WT_REG_CMD_PROD)
        return true;
    if (offset < WT_WIN_CHANNELS || offset >= WT_WIN_CHANNELS + WT_WIN_CHANNELS_MAX * WT_WIN_CHANNELS_STRIDE)
        return false;
    uint32_t at = (offset - WT_WIN_CHANNELS) % WT_WIN_CHANNELS_STRIDE;
    return at - (uint32_t)offsetof(struct wt_chan_entry, skip_to_lo) < 8;
}

static int seat_write32(struct wt_link *link, uint32_t offset, uint32_t value)
{
    struct seat *s = of(link);
    struct wt_link *card = s->share->link;
    switch (offset) {
    case WT_REG_RESET_SEQ:
        s->reset = value;
        return 0;
    case WT_REG_CONTROL:
        s->control = value;
        s->running = (value & WT_CONTROL_ENABLE) != 0;
        return 0;
    case WT_REG_EV_CONS:
        if (!s->running)
            return 0;
        s->ev_cons = value;
        return card->ops->write32(card, consumer_of(s->loop), value);
    case WT_REG_OF_CONS:
        atomic_store_explicit(&s->flow_cons, value, memory_order_release);
        return 0;
    case WT_REG_CMD_PROD:
        s->cmd_prod = value;
        break;
    default:
        break;
    }
    return of_recovery(s, offset) ? card->ops->write32(card, offset, value) : 0;
}

static int own_memory(size_t bytes, uint8_t **memory, struct wt_dma *dma)
{
    *memory = aligned_alloc(PAGE, (bytes + PAGE - 1) / PAGE * PAGE);
    if (!*memory)
        return -ENOMEM;
    memset(*memory, 0, bytes);
    *dma = (struct wt_dma){.virt = *memory, .bytes = bytes};
    return 0;
}

static int seat_dma_alloc(struct wt_link *link, size_t bytes, struct wt_dma *dma)
{
    struct seat *s = of(link);
    struct wt_card_share *share = s->share;
    switch (s->memories++) {
    case EVENTS:
        *dma = share->card.ev_dma[s->loop];
        return bytes == share->ev_bytes ? 0 : -EINVAL;
    case FLOW:
        return bytes == share->of_bytes ? own_memory(bytes, &s->flow, dma) : -EINVAL;
    case COMMANDS:
        if (s->loop > 0)
            return own_memory(bytes, &s->commands, dma);
        *dma = share->card.cmd_dma;
        return bytes == dma->bytes ? 0 : -EINVAL;
    default:
        return -ENOMEM;
    }
}

static uint64_t seat_now(struct wt_link *link)
{
    struct wt_link *card = of(link)->share->link;
    return card->ops->now_ns(card);
}

static int seat_wait(struct wt_link *link, uint64_t deadline_ns)
{
    struct seat *s = of(link);
    struct wt_card_share *share = s->share;
    if (!share->turns)
        return share->link->ops->wait(share->link, deadline_ns);
    s->waited = true;
    s->deadline_ns = deadline_ns;
    return share->end ? share->end : 1;
}

static void seat_spend(struct wt_link *link, uint64_t ns)
{
    struct wt_link *card = of(link)->share->link;
    card->ops->spend(card, ns);
}

static void seat_close(struct wt_link *link)
{
    (void)link; /* the share's */
}

static const struct wt_link_ops seat_ops = {.read32 = seat_read32,
                                            .read64 = seat_read64,
                                            .write32 = seat_write32,
                                            .dma_alloc = seat_dma_alloc,
                                            .now_ns = seat_now,
                                            .wait = seat_wait,
                                            .spend = seat_spend,
                                            .close = seat_close};

/* ---- the share ---- */

int wt_card_share_create(struct wt_link *link, const struct wt_card_config *config, bool turns,
                         struct wt_card_share **out)
{
    struct wt_card_share *share = aligned_alloc(64, (sizeof *share + 63) / 64 * 64);
    if (!share)
        return -ENOMEM;
    memset(share, 0, sizeof *share);
    atomic_flag_clear(&share->pumping);
    share->link = link;
    share->turns = turns;
    share->loops = config->ev_rings;
    share->of_records = 1u << config->of_size_log2;
    share->of_bytes = (size_t)64 << config->of_size_log2;
    share->ev_bytes = (size_t)64 << config->ev_size_log2;
    int rc = wt_card_open(&share->card, link, config);
    if (rc) {
        free(share);
        return rc;
    }
    for (unsigned i = 0; i < share->loops; i++) {
        share->seat[i].link = (struct wt_link){&seat_ops, link->name};
        share->seat[i].share = share;
        share->seat[i].loop = i;
    }
    *out = share;
    return 0;
}

void wt_card_share_route(struct wt_card_share *share, uint32_t (*of)(void *ctx, const struct wt_of_record *record),
                         void *ctx)
{
    share->of = of;
    share->of_ctx = ctx;
}

struct wt_link *wt_card_share_link(struct wt_card_share *share, unsigned loop)
{
    return &share->seat[loop].link;
}

bool wt_card_share_by_name(const struct wt_card_share *share)
{
    return share->card.by_name;
}

void wt_card_share_leave(struct wt_card_share *share, unsigned loop)
{
    atomic_store_explicit(&share->seat[loop].left, true, memory_order_release);
}

int wt_card_share_wait(struct wt_card_share *share)
{
    uint64_t deadline = UINT64_MAX;
    for (unsigned i = 0; i < share->loops; i++) {
        const struct seat *s = &share->seat[i];
        if (!atomic_load_explicit(&s->left, memory_order_relaxed) && s->deadline_ns < deadline)
            deadline = s->deadline_ns;
    }
    int rc = share->link->ops->wait(share->link, deadline);
    if (rc < 0)
        share->end = rc;
    return rc;
}

bool wt_card_share_waited(struct wt_card_share *share, unsigned loop)
{
    bool waited = share->seat[loop].waited;
    share->seat[loop].waited = false;
    return waited;
}

void wt_card_share_destroy(struct wt_card_share *share)
{
    if (!share)
        return;
    wt_card_close(&share->card);
    for (unsigned i = 0; i < share->loops; i++) {
        free(share->seat[i].flow);
        free(share->seat[i].commands);
    }
    free(share);
}
