#include "sim/exchange/measure.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "host/market/itch.h"
#include "sim/exchange/price_index.h"

#define MAX_ORDERS (1u << 20)
#define BUCKETS (1u << 20)
#define MAX_NODES (1u << 18)
#define WARM_UP 500 /* messages of a symbol before its book is worth measuring */

const uint64_t wt_measure_window_ns[WT_MEASURE_WINDOWS] = {1000000, 100000000, 1000000000, 10000000000};

struct order {
    uint64_t ref, born_ns;
    uint32_t price, shares, next;
    uint16_t locate;
    bool sell;
};

struct level {
    uint64_t shares;
    uint32_t next_free;
};

struct side {
    uint32_t root, levels;
};

struct symbol {
    struct side side[2];
    uint64_t last_ns, messages;
    uint32_t live, most_live;
    uint32_t spread; /* cents that stand now; 0: one side is empty */
};

struct wt_measure_book {
    struct order *orders;
    uint32_t *buckets;
    struct level *levels;
    struct symbol symbol[65536];
    uint32_t free_order, fresh_order, free_level, fresh_level;
    struct wt_price_index prices;
    uint64_t us_index, us_count;
};

/* ---------------------------------------------------------------- histograms */

static unsigned bucket_of(uint64_t value)
{
    if (value < 16)
        return (unsigned)value;
    unsigned power = 63u - (unsigned)__builtin_clzll(value);
    return power * 8 - 16 + (unsigned)(value >> (power - 3) & 7);
}

static double middle_of(unsigned bucket)
{
    if (bucket < 16)
        return bucket;
    unsigned power = (bucket + 16) / 8;
    double low = (double)(8 + bucket % 8) * (double)(1ull << (power - 3));
    return low + (double)(1ull << (power - 3)) / 2;
}

static void count(struct wt_measure_histogram *h, uint64_t value, uint64_t weight)
{
    h->bucket[bucket_of(value)] += weight;
    h->total += weight;
}

double wt_measure_quantile(const struct wt_measure_histogram *h, double part)
{
    double below = 0, wanted = part * (double)h->total;
    for (unsigned i = 0; i < sizeof h->bucket / sizeof *h->bucket; i++) {
        below += (double)h->bucket[i];
        if (h->bucket[i] > 0 && below >= wanted)
            return middle_of(i);
    }
    return 0;
}

/* ---------------------------------------------------------------- books */

static struct order *find(struct wt_measure_book *b, uint64_t ref)
{
    uint32_t i = b->buckets[ref % BUCKETS];
    while (i && b->orders[i].ref != ref)
        i = b->orders[i].next;
    return i ? &b->orders[i] : NULL;
}

static void change_level(struct wt_measure_book *b, const struct order *o, int64_t shares)
{
    struct side *side = &b->symbol[o->locate].side[o->sell];
    uint32_t tick = o->price / 100 < 1u << 24 ? o->price / 100 : (1u << 24) - 1; /* as good as cents */
    uint32_t l = wt_price_get(&b->prices, side->root, tick);
    if (l == 0) {
        if (b->prices.left < WT_PRICE_DEPTH)
            return;
        l = b->free_level ? b->free_level : b->fresh_level++;
        if (l == b->free_level)
            b->free_level = b->levels[l].next_free;
        b->levels[l] = (struct level){0};
        wt_price_put(&b->prices, &side->root, tick, l);
        side->levels++;
    }
    b->levels[l].shares += (uint64_t)shares;
    if (b->levels[l].shares == 0) {
        wt_price_remove(&b->prices, &side->root, tick);
        b->levels[l].next_free = b->free_level;
        b->free_level = l;
        side->levels--;
    }
}

static void add(struct wt_measure_book *b, const struct order *order)
{
    uint32_t i = b->free_order ? b->free_order : b->fresh_order;
    if (i > MAX_ORDERS || order->shares == 0)
        return;
    if (b->free_order)
        b->free_order = b->orders[i].next;
    else
        b->fresh_order++;
    b->orders[i] = *order;
    b->orders[i].next = b->buckets[order->ref % BUCKETS];
    b->buckets[order->ref % BUCKETS] = i;
    struct symbol *s = &b->symbol[order->locate];
    s->live++;
    s->most_live = s->live > s->most_live ? s->live : s->most_live;
    change_level(b, order, order->shares);
}

static void reduce(struct wt_measure_book *b, struct order *o, uint32_t shares)
{
    if (shares > o->shares)
        shares = o->shares;
    change_level(b, o, -(int64_t)shares);
    o->shares -= shares;
    if (o->shares > 0)
        return;
    uint32_t i = (uint32_t)(o - b->orders), *link = &b->buckets[o->ref % BUCKETS];
    while (*link != i)
        link = &b->orders[*link].next;
    *link = o->next;
    o->next = b->free_order;
    b->free_order = i;
    b->symbol[o->locate].live--;
}

/* Best price of a side in cents and its shares; false: empty. */
static bool best(const struct wt_measure_book *b, const struct side *side, bool sell, uint32_t *cents, uint64_t *shares)
{
    if (side->root == 0)
        return false;
    uint32_t n = side->root;
    *cents = 0;
    for (int depth = 0; depth < WT_PRICE_DEPTH; depth++) {
        uint64_t used = b->prices.used[n];
        uint32_t at = (uint32_t)(sell ? __builtin_ctzll(used) : 63 - __builtin_clzll(used));
        *cents = *cents << WT_PRICE_BITS | at;
        n = b->prices.nodes[n].child[at];
    }
    *shares = b->levels[n].shares;
    return true;
}

/* ---------------------------------------------------------------- messages */

static void change_book(struct wt_measure *m, const uint8_t *raw)
{
    struct wt_measure_book *b = m->book;
    uint64_t ns = wt_itch_ns(raw);
    struct order new = {.born_ns = ns, .locate = wt_itch_locate(raw), .ref = wt_itch_ref(raw)};
    if (raw[0] == 'A' || raw[0] == 'F') {
        new.sell = wt_itch_side(raw) == 'S';
        new.price = wt_itch_add_price(raw);
        new.shares = wt_itch_add_shares(raw);
        if (ns >= m->from_ns)
            count(&m->add_shares, new.shares, 1);
        add(b, &new);
        return;
    }
    struct order *o = find(b, new.ref);
    if (!o) {
        m->unknown++;
        return;
    }
    switch (raw[0]) {
    case 'U':
        new.sell = o->sell;
        new.ref = wt_itch_new_ref(raw);
        new.price = wt_itch_replace_price(raw);
        new.shares = wt_itch_replace_shares(raw);
        reduce(b, o, UINT32_MAX);
        add(b, &new);
        break;
    case 'D':
        if (ns >= m->from_ns)
            count(&m->life_ns, ns - o->born_ns, 1);
        reduce(b, o, UINT32_MAX);
        break;
    default:
        reduce(b, o, wt_itch_reduce_shares(raw));
    }
}

/* After a message: the spread that was there stood until now; the rest counts as it is. */
static void look(struct wt_measure *m, struct symbol *s, uint64_t ns)
{
    bool counts = s->messages > WARM_UP && s->last_ns >= m->from_ns;
    if (counts && s->spread > 0)
        count(&m->spread_cents, s->spread, ns - s->last_ns);
    uint32_t bid, ask;
    uint64_t bid_shares, ask_shares;
    s->spread = 0;
    if (!best(m->book, &s->side[0], false, &bid, &bid_shares) || !best(m->book, &s->side[1], true, &ask, &ask_shares))
        return;
    s->spread = ask > bid ? ask - bid : 0;
    if (!counts)
        return;
    count(&m->best_shares, bid_shares, 1);
    count(&m->best_shares, ask_shares, 1);
    count(&m->levels, s->side[0].levels, 1);
    count(&m->levels, s->side[1].levels, 1);
    count(&m->live, s->live, 1);
}

static void close_window(struct wt_measure_window *w, uint64_t next)
{
    w->squares += (double)w->count * (double)w->count;
    w->windows += next - w->index;
    if (w->count > w->most)
        w->most = w->count;
    w->index = next;
    w->count = 0;
}

static void count_windows(struct wt_measure *m, uint64_t ns)
{
    for (int i = 0; i < WT_MEASURE_WINDOWS; i++) {
        struct wt_measure_window *w = &m->window[i];
        uint64_t index = ns / wt_measure_window_ns[i];
        if (m->messages == 1)
            w->index = index;
        if (index > w->index)
            close_window(w, index);
        w->count++;
    }
    struct wt_measure_book *b = m->book;
    if (ns / 1000 != b->us_index)
        b->us_count = 0;
    b->us_index = ns / 1000;
    if (++b->us_count > m->most_in_1us)
        m->most_in_1us = b->us_count;
}

void wt_measure_message(struct wt_measure *m, const uint8_t *raw, size_t length)
{
    uint8_t type = raw[0] == 'F' ? 'A' : raw[0] == 'C' ? 'E' : raw[0];
    if (length != wt_itch_length(raw[0]) || (!wt_itch_touches_book(type) && type != 'P'))
        return;
    uint64_t ns = wt_itch_ns(raw);
    struct symbol *s = &m->book->symbol[wt_itch_locate(raw)];
    if (ns < m->last_ns)
        ns = m->last_ns;
    m->last_ns = ns;
    s->messages++;
    if (ns >= m->from_ns) {
        m->messages++;
        m->of_type[type]++;
        if (m->messages == 1)
            m->first_ns = ns;
        if (s->messages > 1 && s->last_ns >= m->from_ns)
            count(&m->gap_ns, ns - s->last_ns, 1);
        count_windows(m, ns);
    }
    if (type != 'P')
        change_book(m, raw);
    look(m, s, ns);
    s->last_ns = ns;
}

void wt_measure_end(struct wt_measure *m)
{
    for (int i = 0; i < WT_MEASURE_WINDOWS; i++)
        close_window(&m->window[i], m->window[i].index + 1);
}

double wt_measure_burst(const struct wt_measure *m, int window)
{
    const struct wt_measure_window *w = &m->window[window];
    if (w->windows == 0 || m->messages == 0)
        return 0;
    double mean = (double)m->messages / (double)w->windows;
    return (w->squares / (double)w->windows - mean * mean) / mean;
}

int wt_measure_init(struct wt_measure *m)
{
    memset(m, 0, sizeof *m);
    struct wt_measure_book *b = m->book = calloc(1, sizeof *m->book);
    if (!b)
        return -ENOMEM;
    b->orders = calloc(MAX_ORDERS + 1, sizeof *b->orders);
    b->buckets = calloc(BUCKETS, sizeof *b->buckets);
    b->levels = calloc(MAX_ORDERS + 1, sizeof *b->levels);
    b->fresh_order = b->fresh_level = 1;
    if (wt_price_index_init(&b->prices, MAX_NODES) < 0 || !b->orders || !b->buckets || !b->levels) {
        wt_measure_free(m);
        return -ENOMEM;
    }
    return 0;
}

void wt_measure_free(struct wt_measure *m)
{
    if (!m->book)
        return;
    free(m->book->orders);
    free(m->book->buckets);
    free(m->book->levels);
    wt_price_index_free(&m->book->prices);
    free(m->book);
    m->book = NULL;
}

void wt_measure_peaks(const struct wt_measure *m, uint32_t peaks[WT_MEASURE_PEAKS])
{
    memset(peaks, 0, WT_MEASURE_PEAKS * sizeof *peaks);
    for (size_t i = 0; m->book && i < sizeof m->book->symbol / sizeof *m->book->symbol; i++) {
        uint32_t live = m->book->symbol[i].most_live;
        for (int k = 0; k < WT_MEASURE_PEAKS; k++)
            if (live > peaks[k]) { /* those behind move on */
                uint32_t was = peaks[k];
                peaks[k] = live;
                live = was;
            }
    }
}
