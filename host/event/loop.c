#include "host/event/loop.h"

#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { HANDLERS_MAX = 16, SOURCES_MAX = 8, INPUTS_MAX = 8192, DERIVED_MAX = 4096, CAUSED_MAX = 1 << 20 };

struct handler {
    wt_handler call;
    void *ctx;
};

struct wt_loop {
    struct wt_link *link;
    const uint64_t *now;
    const bool *ask; /* the link for it */
    struct handler handlers[WT_EVENT_TYPES][HANDLERS_MAX];
    unsigned handler_count[WT_EVENT_TYPES];
    struct handler watchers[WT_EVENT_TYPES][HANDLERS_MAX];
    unsigned watcher_count[WT_EVENT_TYPES];
    bool heard[WT_EVENT_TYPES]; /* by any of them */
    struct wt_source sources[WT_SOURCES][SOURCES_MAX];
    unsigned source_count[WT_SOURCES];
    bool idles;
    struct wt_idle idle;
    uint64_t idled; /* rounds since one gave something */
    struct wt_timers timers;
    struct wt_event inputs[INPUTS_MAX], derived[DERIVED_MAX];
    unsigned in_head, de_head, in_tail, de_tail; /* monotonic; places are taken modulo the sizes */
    bool in_input, stopping;                     /* in_input: the input at in_head is being handled */
    int status;
    struct wt_event unheard; /* what nobody waits for is put here */
    struct wt_loop_stats stats;
};

static int no_source(void *ctx, uint64_t now_ns)
{
    (void)ctx, (void)now_ns;
    return 0;
}

int wt_loop_create(struct wt_link *link, struct wt_loop **loop)
{
    *loop = calloc(1, sizeof **loop);
    if (!*loop)
        return -ENOMEM;
    static const bool always = true;
    (*loop)->link = link;
    (*loop)->ask = &always;
    wt_timers_init(&(*loop)->timers);
    (*loop)->sources[WT_SOURCE_CARD][0].poll = no_source;
    return 0;
}

void wt_loop_destroy(struct wt_loop *loop)
{
    free(loop);
}

int wt_loop_subscribe(struct wt_loop *loop, enum wt_event_type type, wt_handler handler, void *ctx)
{
    unsigned n = loop->handler_count[type];
    if (n == HANDLERS_MAX)
        return -ENOSPC;
    loop->handlers[type][n] = (struct handler){handler, ctx};
    loop->handler_count[type] = n + 1;
    loop->heard[type] = true;
    return 0;
}

int wt_loop_watch(struct wt_loop *loop, enum wt_event_type type, wt_handler handler, void *ctx)
{
    unsigned n = loop->watcher_count[type];
    if (n == HANDLERS_MAX)
        return -ENOSPC;
    loop->watchers[type][n] = (struct handler){handler, ctx};
    loop->watcher_count[type] = n + 1;
    loop->heard[type] = true;
    return 0;
}

int wt_loop_source(struct wt_loop *loop, enum wt_source_kind kind, struct wt_source source)
{
    if (loop->source_count[kind] == SOURCES_MAX)
        return -ENOSPC;
    loop->sources[kind][loop->source_count[kind]++] = source;
    return 0;
}

void wt_loop_idle(struct wt_loop *loop, const struct wt_idle *idle)
{
    loop->idles = true;
    loop->idle = *idle;
}

void wt_loop_clock(struct wt_loop *loop, const uint64_t *ns, const bool *ask)
{
    loop->now = ns;
    loop->ask = ask;
}

uint64_t wt_loop_now(const struct wt_loop *loop)
{
    if (__builtin_expect(!*loop->ask, 1))
        return *loop->now;
    return loop->link->ops->now_ns(loop->link);
}

void wt_loop_spend(struct wt_loop *loop, uint64_t ns)
{
    if (ns)
        loop->link->ops->spend(loop->link, ns);
}

const struct wt_event *wt_loop_cause(const struct wt_loop *loop)
{
    return loop->in_input ? &loop->inputs[loop->in_head % INPUTS_MAX] : NULL;
}

struct wt_event *wt_loop_place(struct wt_loop *loop)
{
    if (loop->in_tail - loop->in_head == INPUTS_MAX) {
        wt_loop_stop(loop, -ENOBUFS);
        return NULL;
    }
    return &loop->inputs[loop->in_tail++ % INPUTS_MAX];
}

void wt_loop_input(struct wt_loop *loop, const struct wt_event *event)
{
    struct wt_event *place = wt_loop_place(loop);
    if (place)
        *place = *event;
}

bool wt_loop_heard(struct wt_loop *loop, enum wt_event_type type)
{
    if (loop->heard[type])
        return true;
    loop->stats.events[type]++;
    loop->stats.derived++;
    return false;
}

struct wt_event *wt_loop_reserve(struct wt_loop *loop, enum wt_event_type type)
{
    if (!wt_loop_heard(loop, type))
        return NULL;
    if (__builtin_expect(loop->de_tail - loop->de_head == DERIVED_MAX, 0)) {
        wt_loop_stop(loop, -ENOBUFS);
        return NULL;
    }
    return &loop->derived[loop->de_tail++ % DERIVED_MAX];
}

void wt_loop_stamp(const struct wt_loop *loop, struct wt_event *event, enum wt_event_type type)
{
    event->type = type;
    event->ns = wt_loop_now(loop);
}

struct wt_event *wt_loop_derive(struct wt_loop *loop, enum wt_event_type type)
{
    struct wt_event *place = wt_loop_reserve(loop, type);
    if (!place)
        return &loop->unheard;
    wt_loop_stamp(loop, place, type);
    return place;
}

void wt_loop_publish(struct wt_loop *loop, const struct wt_event *event)
{
    struct wt_event *place = wt_loop_derive(loop, event->type);
    uint64_t ns = place->ns;
    *place = *event;
    place->ns = ns;
}

static inline void watch(struct wt_loop *loop, const struct wt_event *event)
{
    const struct handler *h = loop->watchers[event->type];
    for (unsigned i = 0; i < loop->watcher_count[event->type]; i++)
        h[i].call(h[i].ctx, event);
}

static void dispatch(struct wt_loop *loop, const struct wt_event *event)
{
    loop->stats.events[event->type]++;
    const struct handler *h = loop->handlers[event->type];
    for (unsigned i = 0; i < loop->handler_count[event->type]; i++)
        h[i].call(h[i].ctx, event);
    watch(loop, event);
}

static void drain_derived(struct wt_loop *loop)
{
    unsigned caused = 0;
    while (loop->de_head != loop->de_tail) {
        if (caused++ == CAUSED_MAX) { /* handlers that answer each other for ever */
            wt_loop_stop(loop, -ELOOP);
            loop->de_head = loop->de_tail;
            return;
        }
        /* Its place is free only when it has been handled: handlers may publish into the queue. */
        loop->stats.derived++;
        dispatch(loop, &loop->derived[loop->de_head % DERIVED_MAX]);
        loop->de_head++;
    }
}

static inline void begin_input(struct wt_loop *loop)
{
    struct wt_event *cause = &loop->inputs[loop->in_head % INPUTS_MAX];
    cause->ns = wt_loop_now(loop);
    loop->in_input = true;
    loop->stats.inputs++;
    dispatch(loop, cause);
}

static inline void finish_input(struct wt_loop *loop)
{
    drain_derived(loop);
    loop->in_input = false;
    loop->in_head++; /* only now may its place be taken */
}

void wt_loop_drain(struct wt_loop *loop)
{
    drain_derived(loop);
    while (loop->in_head != loop->in_tail) {
        begin_input(loop);
        finish_input(loop);
        if (loop->stopping)
            return;
    }
}

void wt_loop_begin(struct wt_loop *loop)
{
    if (__builtin_expect(loop->in_tail - loop->in_head == 1 && !loop->in_input && !loop->stopping, 1)) {
        if (loop->de_head != loop->de_tail)
            drain_derived(loop);
        begin_input(loop);
    } /* else it is one of several, and handled with them */
}

struct wt_event *wt_loop_ready(struct wt_loop *loop)
{
    uint64_t heads, tails; /* of both queues */
    memcpy(&heads, &loop->in_head, sizeof heads);
    memcpy(&tails, &loop->in_tail, sizeof tails);
    return heads == tails && !loop->stopping ? &loop->inputs[loop->in_tail % INPUTS_MAX] : NULL;
}

void wt_loop_take(struct wt_loop *loop, struct wt_event *event, enum wt_event_type type, uint64_t now_ns)
{
    loop->in_tail++;
    event->type = type;
    event->ns = now_ns;
    loop->in_input = true;
}

void wt_loop_watchers(struct wt_loop *loop)
{
    const struct wt_event *cause = &loop->inputs[loop->in_head % INPUTS_MAX];
    loop->stats.inputs++;
    loop->stats.events[cause->type]++;
    watch(loop, cause);
}

void wt_loop_finish(struct wt_loop *loop)
{
    if (__builtin_expect(loop->in_input, 1))
        finish_input(loop);
    if (loop->in_head != loop->in_tail && !loop->stopping)
        wt_loop_drain(loop);
}

wt_timer wt_loop_timer(struct wt_loop *loop, uint64_t when, uint32_t owner, uint32_t id)
{
    return wt_timers_set(&loop->timers, when, owner, id);
}

bool wt_loop_timer_cancel(struct wt_loop *loop, wt_timer timer)
{
    return wt_timers_cancel(&loop->timers, timer);
}

/* One timer at a time: what it causes may cancel the next one, even one due at the same time. */
static int poll_timers(struct wt_loop *loop)
{
    uint64_t now = wt_loop_now(loop);
    struct wt_timer_entry entry;
    int n = 0;
    while (!loop->stopping && wt_timers_pop(&loop->timers, now, &entry)) {
        wt_loop_input(loop, &(struct wt_event){.type = WT_EVENT_TIMER, .timer = {entry.owner, entry.id}});
        wt_loop_drain(loop);
        n++;
    }
    return n;
}

/* What a source's poll gave is handled before anything else. */
static inline int polled(struct wt_loop *loop, int n)
{
    if (n < 0) {
        wt_loop_stop(loop, n);
        return n;
    }
    if (loop->in_head != loop->in_tail || loop->de_head != loop->de_tail)
        wt_loop_drain(loop);
    return n;
}

static int poll_sources(struct wt_loop *loop, enum wt_source_kind kind)
{
    int did = 0;
    for (unsigned i = 0; i < loop->source_count[kind] && !loop->stopping; i++) {
        const struct wt_source *source = &loop->sources[kind][i];
        did |= polled(loop, source->poll(source->ctx, wt_loop_now(loop)));
    }
    return did;
}

/* The same for the card's rings, the first of which is looked at before anything else: its instructions are counted. */
static inline int poll_card(struct wt_loop *loop)
{
    const struct wt_source *source = loop->sources[WT_SOURCE_CARD];
    int did = polled(loop, source->poll(source->ctx, 0));
    for (unsigned i = 1; i < loop->source_count[WT_SOURCE_CARD] && !loop->stopping; i++)
        did |= polled(loop, source[i].poll(source[i].ctx, 0));
    return did;
}

static uint64_t earliest(const struct wt_loop *loop)
{
    uint64_t when = wt_timers_next(&loop->timers);
    for (unsigned kind = 0; kind < WT_SOURCES; kind++)
        for (unsigned i = 0; i < loop->source_count[kind]; i++) {
            const struct wt_source *source = &loop->sources[kind][i];
            uint64_t want = source->deadline ? source->deadline(source->ctx) : UINT64_MAX;
            if (want < when)
                when = want;
        }
    return when;
}

static void idle(struct wt_loop *loop)
{
    const struct wt_idle *how = &loop->idle;
    uint64_t n = loop->idled++;
    if (n < how->spins || (!how->pauses && !how->yields && !how->sleep_ns))
        return;
    if ((n -= how->spins) < how->pauses || (!how->yields && !how->sleep_ns)) {
#if defined(__x86_64__)
        __builtin_ia32_pause();
#endif
        return;
    }
    if (n - how->pauses < how->yields || !how->sleep_ns) {
        sched_yield();
        return;
    }
    uint64_t now = wt_loop_now(loop), until = earliest(loop), ns = how->sleep_ns;
    if (until <= now)
        return;
    ns = until - now < ns ? until - now : ns;
    nanosleep(&(struct timespec){(time_t)(ns / 1000000000u), (long)(ns % 1000000000u)}, NULL);
}

static inline __attribute__((always_inline)) void one_round(struct wt_loop *loop)
{
    int did = 0;
    loop->stats.rounds++;
    did |= poll_card(loop);
    did |= poll_sources(loop, WT_SOURCE_GATEWAY);
    did |= poll_sources(loop, WT_SOURCE_PIPES);
    did |= poll_timers(loop);
    did |= poll_sources(loop, WT_SOURCE_COMMANDS);
    if (did || loop->stopping) {
        loop->idled = 0;
        return;
    }
    loop->stats.waits++;
    if (loop->idles) {
        idle(loop);
        return;
    }
    int rc = loop->link->ops->wait(loop->link, earliest(loop));
    if (rc < 0)
        wt_loop_stop(loop, rc);
}

int wt_loop_run(struct wt_loop *loop)
{
    wt_loop_drain(loop);
    while (!loop->stopping)
        one_round(loop);
    return loop->status;
}

bool wt_loop_step(struct wt_loop *loop, int *status)
{
    wt_loop_drain(loop);
    if (!loop->stopping)
        one_round(loop);
    *status = loop->status;
    return !loop->stopping;
}

void wt_loop_stop(struct wt_loop *loop, int status)
{
    if (!loop->stopping)
        loop->status = status;
    loop->stopping = true;
}

void wt_loop_stats(const struct wt_loop *loop, struct wt_loop_stats *stats)
{
    *stats = loop->stats;
}
