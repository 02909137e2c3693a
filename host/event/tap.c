#include "host/event/tap.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "host/event/journal_quick.h"
#include "host/event/tap_internal.h"

#ifndef __has_builtin
#define __has_builtin(x) 0
#endif
#if __has_builtin(__builtin_clear_padding)
#define CLEAR_PADDING(p) __builtin_clear_padding(p)
#else
#define CLEAR_PADDING(p) ((void)(p))
#endif

#define unlikely(x) __builtin_expect(!!(x), 0)

enum { RECV_MAX = 8192, SIDE_SEND_MAX = 256, CONFIG_CHUNK = 8192 };

/* ---- time: the loop's own, looked at when something comes, and not before it is asked for ---- */

static void refresh(struct wt_tap *tap)
{
    tap->now = tap->inner->ops->now_ns(tap->inner);
    if (tap->stale)
        tap->wait_ns = tap->now;
    tap->stale = false;
}

static inline uint64_t now(struct wt_tap *tap)
{
    if (tap->stale)
        refresh(tap);
    return tap->now;
}

/* ---- writing ---- */

static void fail(struct wt_tap *tap, int rc)
{
    tap->failed = rc;
    tap->broken = rc != 0;
}

/* Room for a record; what was waited for before comes first. NULL: the journal is full, and that is final. */
static void *claim(struct wt_tap *tap, size_t length)
{
    if (tap->waited) {
        if (tap->stale)
            refresh(tap);
        tap->waited = tap->other_end = false;
        tap->flags = WT_JOURNAL_WAITED; /* as nearly always: something was there when the wait ended */
        if (__builtin_expect(tap->wait_rc != 1 || tap->wait_ns != tap->now, 0)) {
            tap->flags = 0;
            if (!tap->failed)
                fail(tap, wt_journal_append(tap->journal, WT_JOURNAL_WAIT, tap->wait_ns, 0, &tap->wait_rc, 4));
        }
    }
    void *to = tap->failed ? NULL : wt_journal_claim(tap->journal, length);
    if (!to && !tap->failed)
        fail(tap, -ENOSPC);
    return to;
}

static void commit(struct wt_tap *tap, enum wt_journal_type type)
{
    wt_journal_commit(tap->journal, type, tap->flags, tap->now, tap->calls);
    tap->flags = 0;
    tap->calls = 0;
}

static void emit(struct wt_tap *tap, enum wt_journal_type type, const void *payload, size_t length)
{
    if (tap->off)
        return;
    void *to = claim(tap, length);
    if (!to)
        return;
    if (length)
        memcpy(to, payload, length);
    commit(tap, type);
}

/* One thing that goes out: true when it may. */
static bool output(struct wt_tap *tap, enum wt_journal_type type, const void *payload, size_t length)
{
    if (tap->replay) {
        wt_replay_output(tap, type, payload, length);
        return true;
    }
    emit(tap, type, payload, length);
    return !tap->failed || tap->off;
}

/* What a call returned: only what is no success is written. */
static int result(struct wt_tap *tap, int rc)
{
    if (tap->replay)
        return wt_replay_result(tap);
    if (rc) {
        int32_t value = rc;
        emit(tap, WT_JOURNAL_RESULT, &value, sizeof value);
    }
    return rc;
}

/* Time may have moved inside a call that is no wait. */
static void moved(struct wt_tap *tap)
{
    if (tap->replay) {
        wt_replay_time(tap);
        return;
    }
    uint64_t was = now(tap);
    refresh(tap);
    if (tap->now != was)
        emit(tap, WT_JOURNAL_TIME, NULL, 0);
}

/* ---- the link ---- */

static struct wt_tap *of(struct wt_link *link)
{
    return (struct wt_tap *)(void *)link;
}

static int tap_read(struct wt_tap *tap, uint32_t offset, uint64_t *value, bool wide)
{
    if (tap->replay)
        return wt_replay_read(tap, offset, value);
    uint32_t narrow = 0;
    int rc = wide ? tap->inner->ops->read64(tap->inner, offset, value)
                  : tap->inner->ops->read32(tap->inner, offset, &narrow);
    if (!wide)
        *value = narrow;
    refresh(tap);
    struct wt_tap_read read = {offset, rc, *value};
    emit(tap, WT_JOURNAL_READ, &read, sizeof read);
    return rc;
}

static int link_read32(struct wt_link *link, uint32_t offset, uint32_t *value)
{
    uint64_t wide = 0;
    int rc = tap_read(of(link), offset, &wide, false);
    *value = (uint32_t)wide;
    return rc;
}

static int link_read64(struct wt_link *link, uint32_t offset, uint64_t *value)
{
    return tap_read(of(link), offset, value, true);
}

static int link_write32(struct wt_link *link, uint32_t offset, uint32_t value)
{
    struct wt_tap *tap = of(link);
    uint32_t words[2] = {offset, value};
    int rc = 0;
    now(tap);
    if (!output(tap, WT_JOURNAL_WRITE, words, sizeof words))
        return tap->failed;
    if (!tap->replay)
        rc = tap->inner->ops->write32(tap->inner, offset, value);
    rc = result(tap, rc);
    moved(tap);
    return rc;
}

/* Bus addresses go out again in register writes: they are inputs, written as reads of a register that no card has. */
static int link_dma_alloc(struct wt_link *link, size_t bytes, struct wt_dma *dma)
{
    struct wt_tap *tap = of(link);
    if (!tap->replay) {
        int rc = tap->inner->ops->dma_alloc(tap->inner, bytes, dma);
        struct wt_tap_read read = {WT_TAP_DMA, rc, rc ? 0 : dma->bus};
        emit(tap, WT_JOURNAL_READ, &read, sizeof read);
        return rc;
    }
    uint64_t bus;
    int rc = wt_replay_read(tap, WT_TAP_DMA, &bus);
    if (rc)
        return rc;
    if (tap->dma_count == WT_TAP_DMA_MAX)
        return -ENOMEM;
    size_t room = (bytes + 4095) & ~(size_t)4095;
    void *memory = aligned_alloc(4096, room);
    if (!memory)
        return -ENOMEM;
    memset(memory, 0, room);
    tap->dma[tap->dma_count++] = memory;
    *dma = (struct wt_dma){memory, bus, bytes};
    return 0;
}

static uint64_t link_now_ns(struct wt_link *link)
{
    return now(of(link));
}

static int link_wait(struct wt_link *link, uint64_t deadline_ns)
{
    struct wt_tap *tap = of(link);
    if (tap->replay)
        return wt_replay_wait(tap);
    if (tap->failed && !tap->off)
        return tap->failed;
    /* Written only when something comes of it: idle rounds leave no trace. */
    tap->waited = true;
    tap->stale = true;
    tap->wait_rc = 1;
    tap->calls = 0;
    int rc = tap->inner->ops->wait(tap->inner, deadline_ns);
    tap->other_end = rc != 1;
    if (rc != 1)
        tap->wait_rc = rc;
    return rc;
}

static void link_spend(struct wt_link *link, uint64_t ns)
{
    struct wt_tap *tap = of(link);
    now(tap);
    if (!tap->replay)
        tap->inner->ops->spend(tap->inner, ns);
    if (!tap->simulated)
        return;
    tap->now += ns;
    moved(tap);
}

static void link_close(struct wt_link *link)
{
    struct wt_tap *tap = of(link);
    if (tap->inner)
        tap->inner->ops->close(tap->inner);
    tap->inner = NULL;
}

static const struct wt_link_ops link_ops = {.read32 = link_read32,
                                            .read64 = link_read64,
                                            .write32 = link_write32,
                                            .dma_alloc = link_dma_alloc,
                                            .now_ns = link_now_ns,
                                            .wait = link_wait,
                                            .spend = link_spend,
                                            .close = link_close};

struct wt_link *wt_tap_link(struct wt_tap *tap, struct wt_link *inner)
{
    tap->inner = inner;
    tap->link = (struct wt_link){&link_ops, inner ? inner->name : "replay"};
    if (inner) {
        refresh(tap);
        emit(tap, WT_JOURNAL_TIME, NULL, 0);
    } else {
        wt_replay_time(tap);
    }
    return &tap->link;
}

/* ---- the card's rings ---- */

static int pop(void *ctx, unsigned ring, struct wt_ring *memory, void *out)
{
    struct wt_tap *tap = ctx;
    enum wt_journal_type type = ring == WT_CARD_EVENTS ? WT_JOURNAL_CARD_EVENT : WT_JOURNAL_ORDER_FLOW;
    tap->calls++;
    if (tap->replay)
        return wt_replay_pop(tap, ring, type, memory, out);
    if (__builtin_expect(tap->failed && !tap->off, 0))
        return 0; /* stays in the ring: what cannot be written down may not be acted on */
    int got = wt_ring_pop(memory, out);
    if (got == 0)
        return 0;
    refresh(tap);
    if (got > 0) {
        void *to = tap->off ? NULL : claim(tap, 64);
        if (!to)
            return tap->off ? got : 0;
        memcpy(to, out, 64); /* a length that is known: no call */
        commit(tap, type);
        return got;
    }
    int32_t words[2] = {(int32_t)ring, got};
    emit(tap, WT_JOURNAL_CARD_ERROR, words, sizeof words);
    return got;
}

static inline __attribute__((always_inline)) int take(struct wt_tap *tap, struct wt_ring *memory, void *out,
                                                      uint64_t now, const unsigned flags)
{
    struct wt_journal *j = tap->journal;
    if (unlikely(!wt_journal_quick(j)))
        return pop(tap, WT_CARD_EVENTS, memory, out);
    const union wt_event_record *slot = wt_ring_slot(memory);
    void *at = wt_journal_at(j);
    uint32_t number = memory->cons + 1;
    wt_journal_copy(at, out, slot);
    if (unlikely(wt_ring_lap(slot) != number)) {
        memset(at, 0, 64);                            /* nothing lies behind the last record */
        return pop(tap, WT_CARD_EVENTS, memory, out); /* finds out the same */
    }
    memory->cons = number;
    tap->now = now;
    tap->unusual = 0;
    wt_journal_seal(j, at, WT_JOURNAL_CARD_EVENT, flags, now, tap->calls + 1, 64);
    tap->calls = 0;
    return 1;
}

/* The same for the one that an order may wait for, if nothing is out of the ordinary. */
int wt_tap_take(void *ctx, struct wt_ring *memory, void *out)
{
    struct wt_tap *tap = ctx;
    uint64_t now = tap->inner->ops->now_ns(tap->inner); /* before there is anything to remember meanwhile */
    if (__builtin_expect(tap->unusual == WT_TAP_WAITED, 1))
        return take(tap, memory, out, now, WT_JOURNAL_WAITED);
    return unlikely(tap->unusual) ? pop(ctx, WT_CARD_EVENTS, memory, out) : take(tap, memory, out, now, 0);
}

uint64_t wt_tap_time(struct wt_tap *tap)
{
    return now(tap);
}

void wt_tap_card(struct wt_tap *tap, struct wt_card *card)
{
    card->hook = (struct wt_card_hook){tap, pop, tap->replay ? NULL : wt_tap_take};
}

/* ---- the stream ---- */

static int stream_connect(void *ctx)
{
    struct wt_tap *tap = ctx;
    if (!output(tap, WT_JOURNAL_CONNECT, NULL, 0))
        return tap->failed;
    return result(tap, tap->replay ? 0 : tap->stream.connect(tap->stream.ctx));
}

int wt_tap_send(void *ctx, const void *bytes, size_t length)
{
    struct wt_tap *tap = ctx;
    if (!output(tap, WT_JOURNAL_SEND, bytes, length))
        return tap->failed;
    return result(tap, tap->replay ? 0 : tap->stream.send(tap->stream.ctx, bytes, length));
}

void *wt_tap_room(const struct wt_tap *tap)
{
    return unlikely(tap->unusual || !wt_journal_quick(tap->journal)) ? NULL : wt_journal_at(tap->journal);
}

int wt_tap_send_room(struct wt_tap *tap, void *at, size_t length)
{
    switch (length) { /* so that the compiler knows it */
    case WT_TAP_REPLACE:
        wt_journal_seal(tap->journal, at, WT_JOURNAL_SEND, 0, tap->now, tap->calls, WT_TAP_REPLACE);
        break;
    case WT_TAP_ENTER:
        wt_journal_seal(tap->journal, at, WT_JOURNAL_SEND, 0, tap->now, tap->calls, WT_TAP_ENTER);
        break;
    default:
        return -EMSGSIZE;
    }
    tap->calls = 0;
    int rc = tap->stream.send(tap->stream.ctx, at, length);
    return unlikely(rc) ? result(tap, rc) : 0;
}

static ssize_t stream_recv(void *ctx, void *bytes, size_t room)
{
    struct wt_tap *tap = ctx;
    tap->calls++;
    if (tap->replay)
        return wt_replay_recv(tap, bytes, room);
    if (tap->failed && !tap->off)
        return 0;
    ssize_t got = tap->stream.recv(tap->stream.ctx, bytes, room < RECV_MAX ? room : RECV_MAX);
    if (got == 0)
        return 0;
    refresh(tap);
    if (got > 0) {
        emit(tap, WT_JOURNAL_RECV, bytes, (size_t)got);
        return tap->failed && !tap->off ? 0 : got;
    }
    int32_t value = (int32_t)got;
    emit(tap, WT_JOURNAL_RESULT, &value, sizeof value);
    return got;
}

static void stream_close(void *ctx)
{
    struct wt_tap *tap = ctx;
    output(tap, WT_JOURNAL_CLOSE, NULL, 0);
    if (!tap->replay)
        tap->stream.close(tap->stream.ctx);
}

struct wt_stream wt_tap_stream(struct wt_tap *tap, struct wt_stream inner)
{
    tap->stream = inner;
    return (struct wt_stream){tap, stream_connect, wt_tap_send, stream_recv, stream_close};
}

/* ---- the feed's servers ---- */

static bool side_output(struct wt_tap_side_of *s, int32_t what, const void *bytes, size_t length)
{
    struct {
        struct wt_journal_side head;
        uint8_t bytes[SIDE_SEND_MAX];
    } out = {.head = {s->side, what}};
    if (length > sizeof out.bytes) {
        fail(s->tap, s->tap->failed ? s->tap->failed : -EMSGSIZE);
        return false;
    }
    if (length)
        memcpy(out.bytes, bytes, length);
    return output(s->tap, WT_JOURNAL_SIDE, &out, sizeof out.head + length);
}

static int side_connect(void *ctx)
{
    struct wt_tap_side_of *s = ctx;
    if (!side_output(s, WT_TAP_SIDE_CONNECT, NULL, 0))
        return s->tap->failed;
    return result(s->tap, s->tap->replay ? 0 : s->stream.connect ? s->stream.connect(s->stream.ctx) : -ENOTCONN);
}

static int side_send(void *ctx, const void *bytes, size_t length)
{
    struct wt_tap_side_of *s = ctx;
    if (!side_output(s, WT_TAP_SIDE_SEND, bytes, length))
        return s->tap->failed;
    return result(s->tap, s->tap->replay ? 0 : s->stream.send(s->stream.ctx, bytes, length));
}

static ssize_t side_recv(void *ctx, void *bytes, size_t room)
{
    struct wt_tap_side_of *s = ctx;
    struct wt_tap *tap = s->tap;
    tap->calls++;
    if (tap->replay)
        return wt_replay_side(tap, s->side, bytes, room);
    if (tap->failed && !tap->off)
        return 0;
    ssize_t got = s->stream.recv(s->stream.ctx, bytes, room < RECV_MAX ? room : RECV_MAX);
    if (got == 0)
        return 0;
    refresh(tap);
    if (tap->off)
        return got;
    struct wt_journal_side head = {s->side, got < 0 ? (int32_t)got : 0};
    size_t length = got < 0 ? 0 : (size_t)got;
    uint8_t *to = claim(tap, sizeof head + length);
    if (!to)
        return 0;
    memcpy(to, &head, sizeof head);
    memcpy(to + sizeof head, bytes, length);
    commit(tap, WT_JOURNAL_SIDE_RECV);
    return got;
}

static void side_close(void *ctx)
{
    struct wt_tap_side_of *s = ctx;
    side_output(s, WT_TAP_SIDE_CLOSE, NULL, 0);
    if (!s->tap->replay)
        s->stream.close(s->stream.ctx);
}

struct wt_stream wt_tap_side_stream(struct wt_tap *tap, enum wt_tap_side side, struct wt_stream inner)
{
    tap->side[side] = (struct wt_tap_side_of){tap, side, inner};
    return (struct wt_stream){&tap->side[side], side_connect, side_send, side_recv, side_close};
}

/* ---- commands and events ---- */

uint32_t wt_tap_command(struct wt_tap *tap, uint32_t command)
{
    tap->calls++;
    if (tap->replay)
        return wt_replay_command(tap);
    if (command)
        emit(tap, WT_JOURNAL_COMMAND, &command, sizeof command);
    return command;
}

static size_t event_bytes(const struct wt_event *event, void *to)
{
    struct wt_event copy = *event;
    switch (event->type) {
#define CASE(TYPE, member)                                                                                             \
    case TYPE:                                                                                                         \
        CLEAR_PADDING(&copy.member);                                                                                   \
        memcpy(to, &copy.member, sizeof copy.member);                                                                  \
        return sizeof copy.member;
        CASE(WT_EVENT_VERDICT, verdict)
        CASE(WT_EVENT_ORDER, order)
        CASE(WT_EVENT_EXEC, exec)
        CASE(WT_EVENT_POSITION, position)
        CASE(WT_EVENT_RISK_ALERT, alert)
        CASE(WT_EVENT_TIMER, timer)
        CASE(WT_EVENT_GATEWAY, gateway)
#undef CASE
    default:
        return 0;
    }
}

static void on_event(void *ctx, const struct wt_event *event)
{
    struct wt_tap *tap = ctx;
    if (tap->off)
        return;
    struct {
        struct wt_journal_event head;
        uint8_t bytes[sizeof(struct wt_event)];
    } out;
    size_t size = event_bytes(event, out.bytes);
    out.head = (struct wt_journal_event){(uint16_t)event->type, (uint16_t)size, 0, event->ns};
    output(tap, WT_JOURNAL_EVENT, &out, sizeof out.head + size);
}

int wt_tap_subscribe(struct wt_tap *tap, struct wt_loop *loop)
{
    static const enum wt_event_type types[] = {WT_EVENT_VERDICT,    WT_EVENT_ORDER, WT_EVENT_EXEC,   WT_EVENT_POSITION,
                                               WT_EVENT_RISK_ALERT, WT_EVENT_TIMER, WT_EVENT_GATEWAY};
    int rc = 0;
    wt_loop_clock(loop, &tap->now, &tap->stale);
    for (unsigned i = 0; !rc && i < sizeof types / sizeof types[0]; i++)
        rc = wt_loop_subscribe(loop, types[i], on_event, tap);
    return rc;
}

/* ---- begin and end ---- */

int wt_tap_record(struct wt_journal *journal, bool simulated, struct wt_tap **tap)
{
    *tap = calloc(1, sizeof **tap);
    if (!*tap)
        return -ENOMEM;
    (*tap)->journal = journal;
    (*tap)->by_hand = !journal->fast;
    (*tap)->simulated = simulated;
    return 0;
}

int wt_tap_config(struct wt_tap *tap, const char *text, bool resumed)
{
    size_t left = strlen(text) + 1;
    struct wt_tap_config_head head = wt_tap_config_expected();
    head.simulated = tap->simulated;
    head.resumed = tap->resumed = resumed;
    do {
        size_t n = left < CONFIG_CHUNK ? left : CONFIG_CHUNK;
        uint8_t *to = claim(tap, sizeof head + n);
        if (!to)
            return tap->failed;
        memcpy(to, &head, sizeof head);
        memcpy(to + sizeof head, text, n);
        text += n;
        left -= n;
        wt_journal_commit(tap->journal, WT_JOURNAL_CONFIG, left ? WT_JOURNAL_MORE : 0, 0, 0);
    } while (left);
    return 0;
}

struct wt_tap_config_head wt_tap_config_expected(void)
{
    return (struct wt_tap_config_head){.schema = WT_SCHEMA_VERSION, .event_bytes = sizeof(struct wt_event)};
}

bool wt_tap_resumed(const struct wt_tap *tap)
{
    return tap->resumed;
}

int wt_tap_past(struct wt_tap *tap, void *entry, size_t length)
{
    if (tap->replay)
        return wt_replay_past(tap, entry, length);
    emit(tap, WT_JOURNAL_PAST, entry, length);
    return tap->failed;
}

void wt_tap_end(struct wt_tap *tap, int status)
{
    int32_t value = status;
    if (!tap->off)
        output(tap, WT_JOURNAL_END, &value, sizeof value);
    tap->off = true;
}

bool wt_tap_replaying(const struct wt_tap *tap)
{
    return tap->replay;
}

int wt_tap_failed(const struct wt_tap *tap)
{
    return tap->failed;
}

void wt_tap_destroy(struct wt_tap *tap)
{
    if (!tap)
        return;
    for (unsigned i = 0; i < tap->dma_count; i++)
        free(tap->dma[i]);
    free(tap->config);
    free(tap);
}
