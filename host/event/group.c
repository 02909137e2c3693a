#include "host/event/group.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "host/common/log.h"

struct member {
    struct wt_group *group;
    struct wt_group_member how;
    pthread_t thread;
    struct wt_loop *loop;
    int status;
};

struct wt_group {
    struct member member[WT_GROUP_MAX];
    unsigned count, begun;
    pthread_mutex_t lock; /* of the next two */
    pthread_cond_t changed;
    unsigned built; /* threads whose loop is, or cannot be */
    bool go;
    _Atomic bool stop;
    _Atomic int error;
};

/* ---- the clock of a loop without a card ---- */

static uint64_t clock_now(struct wt_link *link)
{
    struct timespec t;
    (void)link;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static void clock_spend(struct wt_link *link, uint64_t ns)
{
    (void)link, (void)ns; /* what is worked has passed by itself */
}

static const struct wt_link_ops clock_ops = {.now_ns = clock_now, .spend = clock_spend};
static struct wt_link clock_link = {&clock_ops, "clock"};

/* ---- one thread ---- */

static int look_for_stop(void *ctx, uint64_t now_ns)
{
    struct member *m = ctx;
    (void)now_ns;
    if (atomic_load_explicit(&m->group->stop, memory_order_relaxed))
        wt_loop_stop(m->loop, 0);
    return 0;
}

static int build(struct member *m)
{
    pthread_setname_np(pthread_self(), m->how.name ? m->how.name : "loop");
    int rc = m->how.cpu >= 0 ? wt_cpu_pin(m->how.cpu) : 0;
    if (m->how.make)
        return rc ? rc : m->how.make(m->how.ctx, &m->loop);
    rc = rc ? rc : wt_loop_create(&clock_link, &m->loop);
    if (rc)
        return rc;
    wt_loop_idle(m->loop, &m->how.idle);
    rc = wt_loop_source(m->loop, WT_SOURCE_COMMANDS, (struct wt_source){.ctx = m, .poll = look_for_stop});
    return rc ? rc : m->how.build(m->how.ctx, m->loop);
}

static void fail(struct wt_group *g, int error)
{
    int none = 0;
    atomic_compare_exchange_strong(&g->error, &none, error);
    atomic_store(&g->stop, true);
}

static void *run(void *ctx)
{
    struct member *m = ctx;
    struct wt_group *g = m->group;
    m->status = build(m);
    if (m->status) {
        wt_error("loop %s: it cannot be built: %s", m->how.name ? m->how.name : "", strerror(-m->status));
        fail(g, m->status);
    }
    pthread_mutex_lock(&g->lock);
    g->built++;
    pthread_cond_broadcast(&g->changed);
    while (!g->go)
        pthread_cond_wait(&g->changed, &g->lock);
    pthread_mutex_unlock(&g->lock);
    if (!atomic_load(&g->error)) {
        m->status = wt_loop_run(m->loop);
        if (m->status)
            fail(g, m->status);
    }
    if (m->how.ended && m->loop)
        m->how.ended(m->how.ctx, m->loop, m->status);
    if (!m->how.make)
        wt_loop_destroy(m->loop);
    return NULL;
}

/* ---- the group ---- */

int wt_group_create(struct wt_group **group)
{
    struct wt_group *g = calloc(1, sizeof *g);
    if (!g)
        return -ENOMEM;
    pthread_mutex_init(&g->lock, NULL);
    pthread_cond_init(&g->changed, NULL);
    *group = g;
    return 0;
}

int wt_group_add(struct wt_group *g, const struct wt_group_member *member)
{
    if (g->count == WT_GROUP_MAX)
        return -ENOSPC;
    if (member->cpu < -1 || member->cpu >= WT_CPU_MAX) {
        wt_error("loop %s: processor %d; -1 to %d is right", member->name ? member->name : "", member->cpu,
                 WT_CPU_MAX - 1);
        return -EINVAL;
    }
    g->member[g->count++] = (struct member){.group = g, .how = *member};
    return 0;
}

int wt_group_start(struct wt_group *g)
{
    while (g->begun < g->count) {
        struct member *m = &g->member[g->begun];
        int rc = -pthread_create(&m->thread, NULL, run, m);
        if (rc) {
            wt_error("loop %s: no thread: %s", m->how.name ? m->how.name : "", strerror(-rc));
            fail(g, rc);
            break;
        }
        g->begun++;
    }
    pthread_mutex_lock(&g->lock);
    while (g->built < g->begun)
        pthread_cond_wait(&g->changed, &g->lock);
    g->go = true;
    pthread_cond_broadcast(&g->changed);
    pthread_mutex_unlock(&g->lock);
    return atomic_load(&g->error) ? wt_group_join(g) : 0;
}

void wt_group_stop(struct wt_group *g)
{
    atomic_store_explicit(&g->stop, true, memory_order_relaxed);
}

int wt_group_join(struct wt_group *g)
{
    for (; g->begun; g->begun--)
        pthread_join(g->member[g->begun - 1].thread, NULL);
    return atomic_load(&g->error);
}

void wt_group_destroy(struct wt_group *group)
{
    if (!group)
        return;
    pthread_cond_destroy(&group->changed);
    pthread_mutex_destroy(&group->lock);
    free(group);
}

/* ---- processors ---- */

int wt_cpu_list(const char *text, int *cpus, unsigned room)
{
    unsigned n = 0;
    while (*text) {
        char *end;
        if (*text < '0' || *text > '9')
            return -EINVAL;
        long first = strtol(text, &end, 10), last = first;
        if (*end == '-') {
            if (end[1] < '0' || end[1] > '9')
                return -EINVAL;
            last = strtol(end + 1, &end, 10);
        }
        if (first > last || last >= WT_CPU_MAX || (*end && *end != ',') || (*end && !end[1]))
            return -EINVAL;
        for (; first <= last; first++) {
            if (n == room)
                return -EINVAL;
            cpus[n++] = (int)first;
        }
        text = *end ? end + 1 : end;
    }
    return n ? (int)n : -EINVAL;
}

int wt_cpu_pin(int cpu)
{
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET((size_t)cpu, &set);
    int rc = -pthread_setaffinity_np(pthread_self(), sizeof set, &set);
    if (rc)
        wt_error("processor %d: the thread cannot be put there: %s", cpu, strerror(-rc));
    return rc;
}
