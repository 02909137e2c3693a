#include "sim/card/sim.h"

#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host/card/wt_schema.h"
#include "host/common/log.h"
#include "sim/card/root.h"
#include "sim/card/sim_internal.h"
#include "sim/card/wire.h"

enum {
    RESET_CYCLES = 16,
    /* idle is sampled before the clock edge: what came in last takes a few cycles to show in it */
    IDLE_CYCLES = 4,
    ACTOR_RUNS_AT_ONCE = 1000000
};

/** Until when advance() goes on. */
enum until { UNTIL_TIME, UNTIL_EVENT, UNTIL_READ };

struct wt_sim {
    struct wt_link link; /* first: a link is cast to its world */
    const struct wt_model_api *api;
    void *model, *library;
    uint64_t now_ps;
    uint64_t cycle_ps; /* time of the next clock cycle, a multiple of the period; may lie before now while asleep */
    uint32_t clock_ps;
    uint32_t idle_run; /* cycles on end in which the card was idle and nothing moved */
    uint64_t deadline_ps;
    uint64_t moved_ps; /* the last time a beat moved */
    uint64_t cycles;
    uint64_t actor_ps; /* earliest next time of the actors, as of the last look */
    int happened;      /* since wait() last said so */
    int watchdog;
    unsigned actors;
    struct wt_sim_actor actor[WT_SIM_ACTORS];
    struct wt_model_pins pins;
    struct wt_wire wire[WT_MODEL_LINES];
    struct wt_root root;
    struct wt_latency latency;
};

static uint64_t ps_of_ns(uint64_t ns)
{
    return ns > UINT64_MAX / 1000 ? UINT64_MAX : ns * 1000;
}

static uint64_t min64(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static uint64_t align_up(const struct wt_sim *s, uint64_t ps)
{
    return (ps + s->clock_ps - 1) / s->clock_ps * s->clock_ps;
}

/* ---------------------------------------------------------------- the card's clock */

/* When the sleeping card must be woken: something comes in, or its own deadline. */
static uint64_t wake_ps(const struct wt_sim *s)
{
    if (s->idle_run < IDLE_CYCLES || s->pins.port[0].rx_valid || s->pins.port[1].rx_valid || s->pins.tlp_rx_valid)
        return 0;
    uint64_t beat = min64(s->wire[0].next_beat_ps, s->wire[1].next_beat_ps);
    return min64(min64(beat, s->root.next_rx_ps), s->deadline_ps);
}

static void one_cycle(struct wt_sim *s)
{
    struct wt_model_pins *pins = &s->pins;
    uint64_t t = s->cycle_ps;
    pins->time_ns = t / 1000;
    wt_wire_drive(&s->wire[0], &pins->port[0], t);
    wt_wire_drive(&s->wire[1], &pins->port[1], t);
    wt_root_drive(&s->root, pins, t);
    s->api->cycle(s->model, pins);
    s->cycles++;
    s->cycle_ps = t + s->clock_ps;
    int moved = wt_wire_sample(&s->wire[0], &pins->port[0], t) | wt_wire_sample(&s->wire[1], &pins->port[1], t);
    moved |= wt_root_sample(&s->root, pins, t);
    if (moved)
        s->moved_ps = t;
    s->idle_run = moved || !pins->idle ? 0 : s->idle_run + 1;
}

/*
 * Run the cycles that begin before limit_ps, skipping those that the card sleeps through. With
 * exact set it stops when something lands, for the caller to see at that very time; else landings
 * are carried out on the way. Returns how far it came: limit_ps, or less.
 */
static uint64_t run_cycles(struct wt_sim *s, uint64_t limit_ps, int exact)
{
    for (;;) {
        if (s->idle_run >= IDLE_CYCLES) {
            s->deadline_ps = ps_of_ns(s->pins.next_deadline_ns);
            uint64_t wake = wake_ps(s);
            if (wake >= limit_ps)
                return limit_ps;
            if (wake > s->cycle_ps)
                s->moved_ps = s->cycle_ps = align_up(s, wake);
        }
        if (s->cycle_ps >= limit_ps)
            return limit_ps;
        one_cycle(s);
        if (exact) {
            limit_ps = min64(limit_ps, s->root.next_land_ps);
            if (s->cycle_ps - s->moved_ps > WT_SIM_WATCHDOG_NS * UINT64_C(1000))
                return min64(limit_ps, s->cycle_ps);
        } else {
            s->happened |= wt_root_land(&s->root, min64(s->cycle_ps, limit_ps));
        }
    }
}

/* ---------------------------------------------------------------- the world */

static uint64_t next_actor_ps(const struct wt_sim *s)
{
    uint64_t next = UINT64_MAX;
    for (unsigned i = 0; i < s->actors; i++)
        next = min64(next, ps_of_ns(s->actor[i].next_ns(s->actor[i].ctx)));
    return next;
}

/* Run every actor that is due, in the order they were added. Returns 1 if one ran, -ELOOP if they never end. */
static int run_actors(struct wt_sim *s)
{
    int ran = 0;
    for (unsigned runs = 0; s->actor_ps <= s->now_ps;) {
        for (unsigned i = 0; i < s->actors; i++) {
            struct wt_sim_actor *a = &s->actor[i];
            uint64_t next = a->next_ns(a->ctx);
            if (ps_of_ns(next) > s->now_ps)
                continue;
            a->run(a->ctx, s->now_ps / 1000);
            ran = 1;
            if (++runs == ACTOR_RUNS_AT_ONCE) {
                wt_error("simulation: actor %u wants to run at %llu ns again and again; time stands still", i,
                         (unsigned long long)(s->now_ps / 1000));
                return -ELOOP;
            }
        }
        s->actor_ps = next_actor_ps(s);
    }
    return ran;
}

static int at_end(const struct wt_sim *s)
{
    return s->idle_run >= IDLE_CYCLES && s->actor_ps == UINT64_MAX && wake_ps(s) == UINT64_MAX &&
           s->root.next_land_ps == UINT64_MAX;
}

/*
 * Let the world go on to until_ps. Returns 1 when what `until` waits for came before that, 0 at
 * until_ps, -EPIPE when nothing is left that could happen, -ELOOP, -ETIMEDOUT (watchdog).
 */
static int advance(struct wt_sim *s, uint64_t until_ps, enum until until, int tag)
{
    int exact = until != UNTIL_TIME;
    s->actor_ps = next_actor_ps(s);
    for (;;) {
        s->happened |= wt_root_land(&s->root, s->now_ps);
        if (s->actor_ps <= s->now_ps) {
            int ran = run_actors(s);
            if (ran < 0)
                return ran;
            s->happened |= ran;
        }
        if (until == UNTIL_EVENT && s->happened)
            return 1;
        if (until == UNTIL_READ && s->root.read[tag].state == WT_READ_DONE)
            return 1;
        if (s->now_ps >= until_ps)
            return 0;

        uint64_t limit = min64(until_ps, s->actor_ps);
        if (exact)
            limit = min64(limit, s->root.next_land_ps);
        uint64_t reached = run_cycles(s, limit, exact);
        if (until == UNTIL_EVENT && at_end(s)) {
            uint64_t last = min64(s->cycle_ps, reached);
            if (last > s->now_ps)
                s->now_ps = last;
            return -EPIPE;
        }
        s->now_ps = reached;
        if (until == UNTIL_EVENT && s->cycle_ps - s->moved_ps > WT_SIM_WATCHDOG_NS * UINT64_C(1000) &&
            s->root.next_land_ps > s->now_ps) {
            if (!s->watchdog++)
                wt_error("simulation: the card is busy since %llu ns without moving a beat, and holds %s",
                         (unsigned long long)(s->moved_ps / 1000),
                         s->pins.port[0].rx_valid || s->pins.port[1].rx_valid ? "a frame back"
                         : s->pins.tlp_rx_valid                               ? "a request back"
                                                                              : "no input back");
            return -ETIMEDOUT;
        }
    }
}

/* ---------------------------------------------------------------- the link */

static struct wt_sim *world(struct wt_link *link)
{
    return (struct wt_sim *)link;
}

static int read_bytes(struct wt_sim *s, uint32_t offset, uint32_t bytes, uint64_t *value)
{
    if (offset % bytes != 0 || offset > WT_BAR0_SIZE - bytes)
        return -EINVAL;
    uint64_t until = s->now_ps + WT_SIM_READ_TIMEOUT_NS * UINT64_C(1000);
    int tag;
    while ((tag = wt_root_read(&s->root, s->now_ps, offset, bytes)) == -ENOBUFS) {
        if (s->now_ps >= until)
            return -ETIMEDOUT;
        int e = advance(s, s->now_ps + 1000000, UNTIL_TIME, 0);
        if (e < 0)
            return e;
    }
    int e = advance(s, until, UNTIL_READ, tag);
    if (e == 1) {
        int done = wt_root_read_done(&s->root, tag, value);
        return done < 0 ? done : 0;
    }
    wt_root_read_abandon(&s->root, tag);
    return e < 0 ? e : -ETIMEDOUT;
}

static int link_read32(struct wt_link *link, uint32_t offset, uint32_t *value)
{
    uint64_t wide = 0;
    int e = read_bytes(world(link), offset, 4, &wide);
    if (e == 0)
        *value = (uint32_t)wide;
    return e;
}

static int link_read64(struct wt_link *link, uint32_t offset, uint64_t *value)
{
    return read_bytes(world(link), offset, 8, value);
}

static int link_write32(struct wt_link *link, uint32_t offset, uint32_t value)
{
    struct wt_sim *s = world(link);
    if (offset % 4 != 0 || offset > WT_BAR0_SIZE - 4)
        return -EINVAL;
    uint64_t until = s->now_ps + WT_SIM_READ_TIMEOUT_NS * UINT64_C(1000);
    while (wt_root_write32(&s->root, s->now_ps, offset, value) == -ENOBUFS) {
        if (s->now_ps >= until)
            return -ETIMEDOUT;
        int e = advance(s, s->now_ps + 1000000, UNTIL_TIME, 0);
        if (e < 0)
            return e;
    }
    s->moved_ps = s->cycle_ps; /* for the watchdog: the host is alive */
    return 0;
}

static int link_dma_alloc(struct wt_link *link, size_t bytes, struct wt_dma *dma)
{
    struct wt_sim *s = world(link);
    int e = wt_root_dma_alloc(&s->root, bytes, dma);
    s->pins.cfg_bus_master = s->root.bus_master;
    return e;
}

static uint64_t link_now_ns(struct wt_link *link)
{
    return world(link)->now_ps / 1000;
}

static int link_wait(struct wt_link *link, uint64_t deadline_ns)
{
    struct wt_sim *s = world(link);
    int e = advance(s, ps_of_ns(deadline_ns), UNTIL_EVENT, 0);
    if (e == 1)
        s->happened = 0;
    return e;
}

static void link_spend(struct wt_link *link, uint64_t ns)
{
    struct wt_sim *s = world(link);
    advance(s, ps_of_ns(s->now_ps / 1000 + ns) + s->now_ps % 1000, UNTIL_TIME, 0);
}

static void link_close(struct wt_link *link)
{
    struct wt_sim *s = world(link);
    if (s->model)
        s->api->destroy(s->model);
    for (unsigned i = 0; i < WT_MODEL_LINES; i++)
        wt_wire_destroy(&s->wire[i]);
    wt_root_destroy(&s->root);
    if (s->library)
        dlclose(s->library);
    free(s);
}

static const struct wt_link_ops link_ops = {
    .read32 = link_read32,
    .read64 = link_read64,
    .write32 = link_write32,
    .dma_alloc = link_dma_alloc,
    .now_ns = link_now_ns,
    .wait = link_wait,
    .spend = link_spend,
    .close = link_close,
};

/* ---------------------------------------------------------------- making one */

void wt_sim_defaults(struct wt_sim_config *config)
{
    *config = (struct wt_sim_config){.posted_write_ns = 400, .read_ns = 800, .max_payload = 256};
}

static int payload_code(uint32_t max_payload)
{
    return max_payload == 128 ? 0 : max_payload == 256 ? 1 : max_payload == 512 ? 2 : -1;
}

static int check_config(const struct wt_sim_config *c)
{
    const uint64_t day_ns = UINT64_C(86400000000000);
    if (payload_code(c->max_payload) < 0)
        wt_error("simulation: max_payload is %u bytes; it must be 128, 256 or 512", c->max_payload);
    else if (c->start_ns > day_ns)
        wt_error("simulation: start_ns is %llu; it must be within the day, at most %llu",
                 (unsigned long long)c->start_ns, (unsigned long long)day_ns);
    else if (c->posted_write_ns > 1000000 || c->read_ns > WT_SIM_READ_TIMEOUT_NS / 2)
        wt_error("simulation: PCIe latencies are %llu ns posted and %llu ns read; they must be at most 1000000 and %u",
                 (unsigned long long)c->posted_write_ns, (unsigned long long)c->read_ns, WT_SIM_READ_TIMEOUT_NS / 2);
    else
        return 0;
    return -EINVAL;
}

static int check_api(const struct wt_model_api *api, const char *path)
{
    if (api->abi != WT_MODEL_ABI)
        wt_error("%s: ABI %u of the simulated card, this program needs %u: build both from one tree", path, api->abi,
                 WT_MODEL_ABI);
    else if (api->tlp_dwords != 2 && api->tlp_dwords != 4 && api->tlp_dwords != 8 && api->tlp_dwords != 16)
        wt_error("%s: TLP datapath of %u dwords; it must be 2, 4, 8 or 16", path, api->tlp_dwords);
    else if (api->clock_ps < 1000 || api->clock_ps > 1000000)
        wt_error("%s: clock period of %u ps; it must be 1000 to 1000000", path, api->clock_ps);
    else
        return 0;
    return -EPROTO;
}

static int create(const struct wt_model_api *api, void *library, const char *path, const struct wt_sim_config *config,
                  struct wt_sim **sim)
{
    int e = check_config(config);
    if (e == 0)
        e = check_api(api, path);
    if (e < 0)
        return e;
    struct wt_sim *s = calloc(1, sizeof *s);
    void *model = s ? api->create() : NULL;
    if (!model) {
        wt_error("simulation: no memory for the card");
        free(s);
        return -ENOMEM;
    }
    s->link.ops = &link_ops;
    s->link.name = "sim";
    s->api = api;
    s->model = model;
    s->clock_ps = api->clock_ps;
    s->now_ps = ps_of_ns(config->start_ns);
    s->cycle_ps = align_up(s, s->now_ps);
    s->actor_ps = UINT64_MAX;
    for (unsigned i = 0; i < WT_MODEL_LINES; i++)
        wt_wire_init(&s->wire[i], s->clock_ps, &s->latency.line[i]);
    wt_root_init(&s->root, api->tlp_dwords, s->clock_ps, config->posted_write_ns, config->read_ns, config->max_payload,
                 &s->latency);
    s->pins.cfg_requester_id = WT_ROOT_CARD_ID;
    s->pins.cfg_msix_enable = 1; /* its table says where to, and nothing is armed */
    s->pins.cfg_max_payload = (uint8_t)payload_code(config->max_payload);
    s->pins.next_deadline_ns = UINT64_MAX;
    if (config->trace_path) {
        e = api->trace(model, config->trace_path);
        if (e < 0) {
            wt_error("%s: cannot write a trace to %s: %s%s", path, config->trace_path, strerror(-e),
                     e == -ENOTSUP ? " (build the card with TRACE=1)" : "");
            link_close(&s->link);
            return e;
        }
    }
    /* what the card drives before its reset took hold means nothing: it is not looked at */
    s->pins.rst = 1;
    s->pins.time_ns = s->cycle_ps / 1000; /* stands still until reset is over */
    for (int i = 0; i < RESET_CYCLES; i++, s->cycles++)
        api->cycle(model, &s->pins);
    s->pins.rst = 0;
    s->moved_ps = s->cycle_ps;
    s->library = library; /* from here on the world's */
    *sim = s;
    return 0;
}

int wt_sim_create_with(const struct wt_model_api *api, const struct wt_sim_config *config, struct wt_sim **sim)
{
    return create(api, NULL, "model", config, sim);
}

/* libwtcard.so beside the executable. */
static int default_path(char *path, size_t room)
{
    static const char name[] = "libwtcard.so";
    ssize_t n = readlink("/proc/self/exe", path, room - sizeof name);
    if (n < 0)
        return -errno;
    path[n] = 0;
    char *slash = strrchr(path, '/');
    if (!slash || (size_t)n >= room - sizeof name)
        return -ENAMETOOLONG;
    memcpy(slash + 1, name, sizeof name);
    return 0;
}

int wt_sim_create(const struct wt_sim_config *config, struct wt_sim **sim)
{
    char beside[PATH_MAX];
    const char *path = config->model_path;
    if (!path) {
        int e = default_path(beside, sizeof beside);
        if (e < 0) {
            wt_error("simulation: cannot tell where this program stands: %s", strerror(-e));
            return e;
        }
        path = beside;
    }
    if (access(path, R_OK) != 0) {
        int e = -errno;
        wt_error("%s: cannot read the simulated card: %s (make card builds it)", path, strerror(-e));
        return e;
    }
    /* without a slash dlopen would search the system's folders instead */
    char here[PATH_MAX];
    if (!strchr(path, '/')) {
        if (snprintf(here, sizeof here, "./%s", path) >= (int)sizeof here)
            return -ENAMETOOLONG;
        path = here;
    }
    void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (!library) {
        wt_error("%s: cannot load the simulated card: %s", path, dlerror());
        return -ENOEXEC;
    }
    const struct wt_model_api *(*get)(void);
    *(void **)&get = dlsym(library, "wt_model_get");
    const struct wt_model_api *api = get ? get() : NULL;
    int e = -ENOEXEC;
    if (!api)
        wt_error("%s: not a simulated card: it has no wt_model_get", path);
    else
        e = create(api, library, path, config, sim);
    if (e < 0)
        dlclose(library);
    return e;
}

struct wt_link *wt_sim_link(struct wt_sim *sim)
{
    return &sim->link;
}

int wt_sim_map(struct wt_sim *sim, const struct wt_dma *dma)
{
    int e = wt_root_map(&sim->root, dma);
    sim->pins.cfg_bus_master = sim->root.bus_master;
    return e;
}

void *wt_sim_model(struct wt_sim *sim)
{
    return sim->model;
}

int wt_sim_add_actor(struct wt_sim *sim, struct wt_sim_actor actor)
{
    if (sim->actors == WT_SIM_ACTORS)
        return -ENOSPC;
    sim->actor[sim->actors++] = actor;
    return 0;
}

int wt_sim_send(struct wt_sim *sim, unsigned line, uint64_t when_ns, const void *frame, size_t length, unsigned flags)
{
    if (line >= WT_MODEL_LINES)
        return -EINVAL;
    return wt_wire_send(&sim->wire[line], sim->now_ps, ps_of_ns(when_ns), frame, length, flags);
}

size_t wt_sim_pending_frames(const struct wt_sim *sim)
{
    return sim->wire[0].queued > sim->wire[1].queued ? sim->wire[0].queued : sim->wire[1].queued;
}

uint64_t wt_sim_now(const struct wt_sim *sim)
{
    return sim->now_ps / 1000;
}

int wt_sim_at_end(const struct wt_sim *sim)
{
    return at_end(sim) && next_actor_ps(sim) == UINT64_MAX;
}

void wt_sim_stats(const struct wt_sim *sim, struct wt_sim_stats *stats)
{
    const struct wt_latency *l = &sim->latency;
    *stats = (struct wt_sim_stats){
        .cycles = sim->cycles,
        .tlp_violations = sim->root.violations,
        .tlp_writes = sim->root.writes,
        .frames = sim->wire[0].frames + sim->wire[1].frames,
        .rx_stall_cycles = sim->wire[0].stall_cycles + sim->wire[1].stall_cycles,
        .latency_samples = l->samples,
        .latency_cycles_min = l->min,
        .latency_cycles_p50 = wt_latency_quantile(l, 500),
        .latency_cycles_p99 = wt_latency_quantile(l, 990),
        .latency_cycles_max = l->max,
    };
}
