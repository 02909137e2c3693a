#include "host/market/gen.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "host/common/log.h"
#include "host/market/gen_book.h"
#include "host/market/itch.h"
#include "host/market/itch_put.h"
#include "host/market/random.h"

enum {
    DOLLAR = 10000,
    FAIR_UNIT = 256,        /* fair prices carry 8 bits behind 1/10000 dollar */
    TAIL = 3,               /* system events M E C */
    LIVE_PER_SYMBOL = 600,  /* orders, on average */
    LIVE_MAX = 38000,       /* of all symbols: the card's table holds them */
    STUB_HIGH = 1999999900, /* $199,999.99 */
    EMPTYINGS = 5,          /* stress: how often a side is emptied */
    NAMED = 16
};

/* Types that change no book, in about their share among themselves; each also comes once at the start. */
static const char quiet_types[] = "IIIIIIIILLLYYNNKJhBWVO";
static const char quiet_once[] = "VWYLKJhINOB";

static const char first_names[NAMED][5] = {"ACME", "BOLT", "CRUX", "DYNE", "ECHO", "FLUX", "GLYF", "HELX",
                                           "IRIS", "JUNO", "KILO", "LUMA", "MICA", "NOVA", "OPAL", "PYRE"};

/* Prices that symbols begin at, in cents; cheap and dear ones mixed as on a real list. */
static const uint32_t first_cents[NAMED] = {10250, 4812,  27540, 735, 15175, 2390, 188,  41000,
                                            6120,  18530, 1265,  87,  9999,  332,  5475, 185020};

struct symbol {
    char name[9];
    uint64_t fair;   /* 1/10000 dollar, times FAIR_UNIT */
    uint64_t weight; /* sum of the weights up to this symbol */
    uint32_t target; /* live orders it tends to */
    uint32_t paused; /* events until trading resumes */
};

struct gen {
    const struct wt_gen_config *config;
    struct wt_gen_sink sink;
    struct wt_gen_stats *stats;
    struct wt_random random;
    struct gen_books books;
    struct symbol *symbol;
    uint64_t now_ns, end_ns, limit, ref, match;
    uint32_t burst;   /* messages left in this burst */
    bool open;        /* continuous trading has begun */
    uint32_t emptied; /* stress: sides emptied or under way */
    bool emptying;
    uint16_t empty_symbol;
    bool empty_sell;
    uint64_t crash_step; /* stress: how far the fair price falls an event; 0: not begun */
    uint64_t crash_floor;
    int error;
    uint8_t raw[WT_ITCH_MAX];
};

/* ---------------------------------------------------------------- small things */

static uint64_t below(struct gen *g, uint64_t n)
{
    return wt_random_below(&g->random, n);
}

static bool percent(struct gen *g, uint32_t p)
{
    return below(g, 100) < p;
}

/* Exponential with this mean, near enough: a geometric number of halvings and a uniform rest. */
static uint64_t exponential(struct gen *g, uint64_t mean)
{
    uint64_t u = wt_random_next(&g->random) | 1;
    unsigned halvings = (unsigned)__builtin_clzll(u);
    uint64_t rest = wt_random_next(&g->random) >> 40;
    return (uint64_t)((unsigned __int128)mean * (((uint64_t)halvings << 24) + rest) / (3u << 23));
}

static uint32_t tick_up(uint32_t price)
{
    return price < DOLLAR ? price + 1 : price + 100;
}

static uint32_t tick_down(uint32_t price)
{
    return price <= DOLLAR ? price - 1 : price - 100;
}

static uint32_t tick_at(uint32_t price)
{
    return price < DOLLAR ? 1 : 100;
}

static bool room(const struct gen *g)
{
    return !g->error && g->stats->messages < g->limit;
}

static void emit(struct gen *g, size_t length)
{
    if (g->error)
        return;
    g->error = g->sink.message(g->sink.ctx, g->raw, length);
    g->stats->messages++;
    g->stats->of_type[g->raw[0]]++;
    if (g->books.live > g->stats->orders_peak)
        g->stats->orders_peak = g->books.live;
}

static uint16_t locate_of(uint16_t symbol)
{
    return (uint16_t)(symbol + 1);
}

static uint64_t next_ref(struct gen *g)
{
    return g->ref += 1 + below(g, 6);
}

static uint64_t next_match(struct gen *g)
{
    return g->match += 1 + below(g, 3);
}

/* Bursts of about eight messages, a microsecond apart; between them what keeps the whole within its duration. */
static void pass_time(struct gen *g)
{
    uint64_t left = g->limit > g->stats->messages ? g->limit - g->stats->messages : 1;
    uint64_t mean = (g->end_ns - g->now_ns) / left, gap;
    if (g->burst) {
        g->burst--;
        gap = exponential(g, mean < 1000 ? mean : 1000);
    } else {
        g->burst = (uint32_t)below(g, 15);
        gap = exponential(g, mean * 8);
    }
    g->now_ns += gap < g->end_ns - g->now_ns ? gap : g->end_ns - g->now_ns;
}

/* ---------------------------------------------------------------- orders */

static void put_add(struct gen *g, uint16_t s, bool sell, uint32_t shares, uint32_t price)
{
    uint64_t ref = next_ref(g);
    const char *mpid = percent(g, 3) ? "WTMM" : NULL;
    gen_add(&g->books, s, ref, sell, shares, price);
    emit(g, wt_itch_put_add(g->raw, locate_of(s), g->now_ns, ref, sell ? 'S' : 'B', shares, g->symbol[s].name, price,
                            mpid));
}

static void put_delete(struct gen *g, uint32_t order)
{
    const struct gen_order *o = &g->books.order[order];
    size_t length = wt_itch_put_delete(g->raw, locate_of(o->symbol), g->now_ns, o->ref);
    gen_remove(&g->books, order);
    emit(g, length);
}

/* Take shares off an order in our own book; it leaves at zero. */
static void take(struct gen *g, uint32_t order, uint32_t shares)
{
    if (g->books.order[order].shares == shares)
        gen_remove(&g->books, order);
    else
        g->books.order[order].shares -= shares;
}

static uint32_t draw_shares(struct gen *g)
{
    uint64_t kind = below(g, 100);
    if (kind < 55)
        return 100;
    if (kind < 75)
        return 100 * (2 + (uint32_t)below(g, 4));
    if (kind < 92)
        return 1 + (uint32_t)below(g, 99);
    return 100 * (6 + (uint32_t)below(g, 45));
}

static uint32_t fair_price(const struct gen *g, uint16_t s)
{
    return (uint32_t)(g->symbol[s].fair / FAIR_UNIT);
}

/* Half of the usual spread, 1/10000 dollar: half a tick, or a basis point for dear stocks. */
static uint32_t half_spread(uint32_t price)
{
    uint32_t half = tick_at(price) / 2, wide = price / DOLLAR;
    return wide > half ? wide : half;
}

static uint32_t clamp_price(uint32_t price)
{
    if (price >= DOLLAR)
        return price - price % 100;
    return price ? price : 1;
}

/*
 * A price for a new order: most within a few ticks of the fair price, some far. It never meets the other
 * side. 0: there is none on this side.
 */
static uint32_t draw_price(struct gen *g, uint16_t s, bool sell)
{
    uint32_t fair = fair_price(g, s), half = half_spread(fair), other = gen_best_price(&g->books, s, !sell), price;
    uint64_t away = 0, kind = below(g, 100);
    if (kind < 80)
        while (away < 20 && percent(g, 65))
            away++;
    else if (kind < 98 || g->config->scenario == WT_GEN_MARKET)
        away = below(g, 60);
    else
        away = below(g, fair / (2 * tick_at(fair)) + 1);
    away = away * (half > tick_at(fair) ? half : tick_at(fair));
    if (sell) {
        price = clamp_price((uint32_t)(fair + half + away) + tick_at(fair) - 1);
        if (other && price <= other)
            price = tick_up(other);
    } else {
        price = clamp_price(fair > half + away ? (uint32_t)(fair - half - away) : 1);
        if (other && price >= other)
            price = tick_down(other);
    }
    return price;
}

static void add_one(struct gen *g, uint16_t s, bool sell)
{
    uint32_t price = draw_price(g, s, sell);
    if (price == 0) {
        sell = true; /* an offer at the lowest price there is: no bid can stand below it */
        price = draw_price(g, s, sell);
    }
    put_add(g, s, sell, draw_shares(g), price);
}

static uint32_t draw_order(struct gen *g, uint16_t s)
{
    const struct gen_live *live = &g->books.of[s];
    return live->count ? live->order[below(g, live->count)] : GEN_NONE;
}

static void replace_one(struct gen *g, uint16_t s)
{
    uint32_t order = draw_order(g, s), shares, price;
    struct gen_order old;
    uint64_t ref;
    if (order == GEN_NONE) {
        add_one(g, s, percent(g, 50));
        return;
    }
    old = g->books.order[order];
    gen_remove(&g->books, order);
    price = draw_price(g, s, old.sell);
    if (price == 0)
        price = old.price;
    shares = percent(g, 70) ? old.shares : draw_shares(g);
    ref = next_ref(g);
    gen_add(&g->books, s, ref, old.sell, shares, price);
    emit(g, wt_itch_put_replace(g->raw, locate_of(s), g->now_ns, old.ref, ref, shares, price));
}

static void cancel_part(struct gen *g, uint16_t s)
{
    uint32_t order = draw_order(g, s), shares;
    if (order == GEN_NONE || g->books.order[order].shares < 2) {
        add_one(g, s, percent(g, 50));
        return;
    }
    shares = 1 + (uint32_t)below(g, g->books.order[order].shares - 1);
    if (g->books.order[order].shares > 100 && percent(g, 80))
        shares = 100;
    emit(g, wt_itch_put_cancel(g->raw, locate_of(s), g->now_ns, g->books.order[order].ref, shares));
    take(g, order, shares);
}

/* Somebody takes from one side: its oldest best orders, one after another. */
static void execute(struct gen *g, uint16_t s, bool sell)
{
    uint32_t wanted = percent(g, 60) ? 100 : draw_shares(g);
    for (unsigned orders = 0; orders < 6 && wanted && room(g); orders++) {
        uint32_t order = gen_best(&g->books, s, sell), shares;
        const struct gen_order *o;
        if (order == GEN_NONE)
            break;
        o = &g->books.order[order];
        shares = o->shares < wanted ? o->shares : wanted;
        if (percent(g, 7))
            emit(g, wt_itch_put_executed_at(g->raw, locate_of(s), g->now_ns, o->ref, shares, next_match(g), true,
                                            sell || o->price < 2 ? o->price : tick_down(o->price)));
        else
            emit(g, wt_itch_put_executed(g->raw, locate_of(s), g->now_ns, o->ref, shares, next_match(g)));
        take(g, order, shares);
        wanted -= shares;
    }
}

/* ---------------------------------------------------------------- what changes no book */

static uint32_t middle(const struct gen *g, uint16_t s)
{
    uint32_t bid = gen_best_price(&g->books, s, false), ask = gen_best_price(&g->books, s, true);
    return bid && ask && ask < STUB_HIGH ? bid + (ask - bid) / 2 : fair_price(g, s);
}

static void put_quiet(struct gen *g, uint16_t s, char type)
{
    uint8_t *m = g->raw;
    size_t length = wt_itch_put_head(m, type, locate_of(s), g->now_ns);
    uint32_t price = middle(g, s);
    const char *name = g->symbol[s].name;
    switch (type) {
    case 'Y':
        memcpy(m + 11, name, 8);
        m[19] = (uint8_t)('0' + below(g, 3));
        break;
    case 'L':
        memcpy(m + 11, "WTMM", 4);
        memcpy(m + 15, name, 8);
        memcpy(m + 23, "YNA", 3);
        break;
    case 'V': /* of the whole market */
        wt_put_be16(m + 1, 0);
        wt_put_be64(m + 11, 300000000000u);
        wt_put_be64(m + 19, 280000000000u);
        wt_put_be64(m + 27, 260000000000u);
        break;
    case 'W':
        wt_put_be16(m + 1, 0);
        m[11] = '1';
        break;
    case 'K':
        memcpy(m + 11, name, 8);
        wt_put_be32(m + 19, (uint32_t)(g->now_ns / 1000000000u));
        m[23] = 'A';
        wt_put_be32(m + 24, price);
        break;
    case 'J':
        memcpy(m + 11, name, 8);
        wt_put_be32(m + 19, price);
        wt_put_be32(m + 23, price + price / 20);
        wt_put_be32(m + 27, price - price / 20);
        break;
    case 'h':
        memcpy(m + 11, name, 8);
        memcpy(m + 19, "QT", 2);
        break;
    case 'I':
        wt_put_be64(m + 11, 100 * below(g, 5000));
        wt_put_be64(m + 19, 100 * below(g, 500));
        m[27] = percent(g, 50) ? 'B' : 'S';
        memcpy(m + 28, name, 8);
        wt_put_be32(m + 36, price);
        wt_put_be32(m + 40, price);
        wt_put_be32(m + 44, price);
        memcpy(m + 48, "O ", 2);
        break;
    case 'N':
        memcpy(m + 11, name, 8);
        m[19] = percent(g, 50) ? 'A' : 'N';
        break;
    case 'O':
        memcpy(m + 11, name, 8);
        m[19] = 'N';
        wt_put_be32(m + 20, price - price / 10);
        wt_put_be32(m + 24, price + price / 10);
        wt_put_be32(m + 28, price);
        wt_put_be64(m + 32, g->now_ns);
        wt_put_be32(m + 40, price - price / 10);
        wt_put_be32(m + 44, price + price / 10);
        break;
    default: /* B: breaks an earlier print */
        wt_put_be64(m + 11, g->match);
        break;
    }
    emit(g, length);
}

static void pause_trading(struct gen *g, uint16_t s)
{
    g->symbol[s].paused = 20 + (uint32_t)below(g, 200);
    emit(g, wt_itch_put_action(g->raw, locate_of(s), g->now_ns, g->symbol[s].name, 'P', "LUDP"));
}

static void resume_trading(struct gen *g, uint16_t s)
{
    emit(g, wt_itch_put_action(g->raw, locate_of(s), g->now_ns, g->symbol[s].name, 'T', "    "));
}

/* The opening auction: the best of both sides trade by C, not printed, and the cross prints them in bulk. */
static void opening_cross(struct gen *g, uint16_t s)
{
    uint64_t shares = 0, match = next_match(g);
    uint32_t price = middle(g, s);
    for (int sell = 0; sell < 2; sell++) {
        uint32_t order = gen_best(&g->books, s, sell), n;
        if (order == GEN_NONE || price >= STUB_HIGH || !room(g))
            continue;
        n = g->books.order[order].shares < 100 ? g->books.order[order].shares : 100;
        emit(g, wt_itch_put_executed_at(g->raw, locate_of(s), g->now_ns, g->books.order[order].ref, n, match, false,
                                        price));
        take(g, order, n);
        shares += n;
    }
    if (room(g))
        emit(g, wt_itch_put_cross(g->raw, locate_of(s), g->now_ns, shares, g->symbol[s].name, price, match, 'O'));
}

/* ---------------------------------------------------------------- stress */

static void add_stub(struct gen *g, uint16_t s)
{
    switch (below(g, 3)) {
    case 0:
        if (gen_best_price(&g->books, s, true) != 1)
            put_add(g, s, false, 100, 1); /* $0.0001 */
        break;
    case 1:
        if (fair_price(g, s) > 1000)
            put_add(g, s, false, 100, 100); /* $0.01 */
        break;
    default:
        put_add(g, s, true, 100, STUB_HIGH);
        break;
    }
}

static void stress_events(struct gen *g)
{
    uint64_t done = g->stats->messages, all = g->limit;
    if (g->crash_step == 0 && done > all / 5 * 2) {
        struct symbol *crashing = &g->symbol[0];
        g->crash_floor = crashing->fair / 5 * 2;
        g->crash_step = (crashing->fair - g->crash_floor) / (all / 40 + 1) + 1;
    }
    if (!g->emptying && g->emptied < EMPTYINGS && done > all / (EMPTYINGS + 1) * (g->emptied + 1)) {
        g->emptying = true;
        g->empty_symbol = (uint16_t)(g->emptied * 7 % g->config->symbols);
        g->empty_sell = g->emptied & 1;
        g->emptied++;
    }
    if (below(g, 1000) == 0)
        add_stub(g, (uint16_t)below(g, g->config->symbols));
}

/* ---------------------------------------------------------------- one event */

static uint16_t draw_symbol(struct gen *g)
{
    uint32_t low = 0, high = g->config->symbols - 1;
    uint64_t at = below(g, g->symbol[high].weight);
    while (low < high) {
        uint32_t m = (low + high) / 2;
        if (g->symbol[m].weight > at)
            high = m;
        else
            low = m + 1;
    }
    return (uint16_t)low;
}

/* The random walk under the quotes. */
static void move_fair(struct gen *g, uint16_t s)
{
    struct symbol *symbol = &g->symbol[s];
    uint32_t price = fair_price(g, s), half = half_spread(price);
    /* The deeper the book, the more it takes to move the price. */
    uint64_t width = (uint64_t)(half ? half : 1) * FAIR_UNIT / (4 + symbol->target / 500) + 1;
    if (s == 0 && g->crash_step && symbol->fair > g->crash_floor) {
        symbol->fair -= g->crash_step;
        return;
    }
    symbol->fair += below(g, 2 * width + 1);
    symbol->fair -= symbol->fair > width + 20 * FAIR_UNIT ? width : 0;
}

/* Quotes that the fair price has passed are hit or pulled. True: something was done. */
static bool correct_side(struct gen *g, uint16_t s, bool sell)
{
    uint32_t order = gen_best(&g->books, s, sell), fair = fair_price(g, s), price = gen_best_price(&g->books, s, sell);
    if (order == GEN_NONE || (sell ? price >= fair : price <= fair))
        return false;
    if (percent(g, 7))
        execute(g, s, sell);
    else
        put_delete(g, order);
    return true;
}

static void ordinary(struct gen *g, uint16_t s, bool trading)
{
    const struct symbol *symbol = &g->symbol[s];
    uint32_t live = g->books.of[s].count, order;
    bool few = live <= symbol->target / 8 * 7, many = live > symbol->target;
    /* per mille: adds, deletes; the rest is below */
    uint32_t adds = many ? 405 : few ? 640 : 470, deletes = many ? 475 : few ? 235 : 405;
    if (live < symbol->target / 2) {
        adds = 800;
        deletes = 75;
    }
    uint32_t kind = (uint32_t)below(g, 1000);
    if (kind < adds) {
        add_one(g, s, percent(g, 50));
    } else if (kind < adds + deletes) {
        order = draw_order(g, s);
        if (order == GEN_NONE)
            add_one(g, s, percent(g, 50));
        else
            put_delete(g, order);
    } else if ((kind -= adds + deletes) < 83) {
        replace_one(g, s);
    } else if (kind < 94) {
        cancel_part(g, s);
    } else if (kind < 105 && trading) {
        execute(g, s, percent(g, 50));
    } else if (kind < 115 && trading) {
        emit(g, wt_itch_put_trade(g->raw, locate_of(s), g->now_ns, 100 * (1 + (uint32_t)below(g, 5)), symbol->name,
                                  middle(g, s), next_match(g)));
    } else if (below(g, 400) == 0 && trading) {
        pause_trading(g, s);
    } else {
        put_quiet(g, s, quiet_types[below(g, sizeof quiet_types - 1)]);
    }
}

static void step(struct gen *g)
{
    uint16_t s = draw_symbol(g);
    bool trading;
    pass_time(g);
    if (g->config->scenario == WT_GEN_STRESS)
        stress_events(g);
    if (!room(g))
        return;
    if (g->emptying && percent(g, 50)) {
        uint32_t order = gen_best(&g->books, g->empty_symbol, g->empty_sell);
        g->emptying = order != GEN_NONE;
        if (g->emptying) {
            put_delete(g, order);
            return;
        }
    }
    if (g->crash_step && g->symbol[0].fair > g->crash_floor && percent(g, 50))
        s = 0;
    if (g->symbol[s].paused && --g->symbol[s].paused == 0) {
        resume_trading(g, s);
        return;
    }
    trading = g->open && !g->symbol[s].paused;
    if (trading) {
        move_fair(g, s);
        if (correct_side(g, s, true) || correct_side(g, s, false))
            return;
    }
    ordinary(g, s, trading);
}

/* ---------------------------------------------------------------- the day */

static void name_symbol(struct symbol *symbol, uint32_t i)
{
    memset(symbol->name, ' ', 8);
    if (i < NAMED) {
        memcpy(symbol->name, first_names[i], 4);
        return;
    }
    symbol->name[0] = (char)('Q' + (i - NAMED) / 17576 % 10);
    symbol->name[1] = (char)('A' + (i - NAMED) / 676 % 26);
    symbol->name[2] = (char)('A' + (i - NAMED) / 26 % 26);
    symbol->name[3] = (char)('A' + (i - NAMED) % 26);
}

static int set_up(struct gen *g)
{
    const struct wt_gen_config *c = g->config;
    uint64_t weights = 0, live = (uint64_t)c->symbols * LIVE_PER_SYMBOL;
    if (live > LIVE_MAX)
        live = LIVE_MAX;
    if (live > c->messages / 8)
        live = c->messages / 8;
    if (c->live)
        live = c->live;
    g->symbol = calloc(c->symbols, sizeof *g->symbol);
    if (!g->symbol || gen_books_create(&g->books, c->symbols) != 0)
        return -ENOMEM;
    wt_random_seed(&g->random, c->seed);
    g->ref = 1000 + below(g, 9000);
    g->match = 100 + below(g, 900);
    for (uint32_t i = 0; i < c->symbols; i++) {
        struct symbol *symbol = &g->symbol[i];
        uint64_t cents = first_cents[i < NAMED ? i : below(g, NAMED)];
        name_symbol(symbol, i);
        symbol->fair = cents * 100 * FAIR_UNIT;
        if (i > 0) /* the first keeps its price: examples are written for it */
            symbol->fair += symbol->fair * below(g, 200) / 1000;
        weights += symbol->weight = 1000000 / (i + 2);
    }
    if (c->scenario == WT_GEN_STRESS) {
        if (c->symbols > 1)
            g->symbol[1].fair = 100 * FAIR_UNIT; /* $0.01 */
        if (c->symbols > 2)
            g->symbol[2].fair = DOLLAR * FAIR_UNIT; /* crosses between the two tick sizes */
        if (c->symbols > 3)
            g->symbol[3].fair = 4321 * FAIR_UNIT;
    }
    for (uint32_t i = 0; i < c->symbols; i++) {
        g->symbol[i].target = (uint32_t)(live * g->symbol[i].weight / weights) + 4;
        g->symbol[i].weight += i ? g->symbol[i - 1].weight : 0;
    }
    return 0;
}

static void begin_day(struct gen *g)
{
    const struct wt_gen_config *c = g->config;
    bool full = c->messages >= 40u * c->symbols;
    emit(g, wt_itch_put_system(g->raw, g->now_ns, 'O'));
    for (uint32_t i = 0; i < c->symbols; i++) {
        uint16_t s = (uint16_t)i;
        emit(g, wt_itch_put_directory(g->raw, locate_of(s), g->now_ns, g->symbol[i].name));
        if (full) {
            resume_trading(g, s);
            put_quiet(g, s, 'Y');
        }
    }
    for (const char *type = quiet_once; *type; type++)
        put_quiet(g, 0, *type);
    emit(g, wt_itch_put_system(g->raw, g->now_ns, 'S'));
    for (uint32_t i = 0; full && c->scenario == WT_GEN_STRESS && i < c->symbols; i++)
        for (unsigned n = 0; n < 5; n++)
            add_stub(g, (uint16_t)i);
}

static void open_market(struct gen *g)
{
    g->open = true;
    emit(g, wt_itch_put_system(g->raw, g->now_ns, 'Q'));
    for (uint32_t i = 0; i < g->config->symbols && room(g); i++)
        opening_cross(g, (uint16_t)i);
}

static int check(const struct wt_gen_config *c)
{
    const uint64_t day_ns = 86400000000000u;
    if (c->symbols == 0 || c->symbols > 10000)
        wt_error("generate: %u symbols; expected 1 to 10000", c->symbols);
    else if (c->messages < 50 + (uint64_t)c->symbols)
        wt_error("generate: %llu messages are too few for %u symbols; expected %u or more",
                 (unsigned long long)c->messages, c->symbols, 50 + c->symbols);
    else if (c->live > 1000000000)
        wt_error("generate: %llu live orders; expected 1000000000 at most", (unsigned long long)c->live);
    else if (c->duration_ns < 1000000 || c->start_ns >= day_ns || c->duration_ns > day_ns - c->start_ns)
        wt_error("generate: start and duration must stay within one day, the duration at least a millisecond");
    else
        return 0;
    return -EINVAL;
}

void wt_gen_defaults(struct wt_gen_config *config)
{
    *config = (struct wt_gen_config){
        .messages = 100000,
        .symbols = 8,
        .seed = 1,
        .scenario = WT_GEN_MARKET,
        .start_ns = 34200000000000u,
        .duration_ns = 60000000000u,
    };
}

int wt_gen_run(const struct wt_gen_config *config, struct wt_gen_sink sink, struct wt_gen_stats *stats)
{
    struct gen g = {.config = config, .sink = sink, .stats = stats};
    int error = check(config);
    memset(stats, 0, sizeof *stats);
    if (error)
        return error;
    error = set_up(&g);
    if (!error) {
        g.now_ns = config->start_ns;
        g.end_ns = config->start_ns + config->duration_ns;
        g.limit = config->messages - TAIL;
        begin_day(&g);
        while (room(&g)) {
            if (!g.open && stats->messages > config->messages / 25)
                open_market(&g);
            step(&g);
        }
        g.now_ns = g.end_ns;
        for (const char *code = "MEC"; *code; code++)
            emit(&g, wt_itch_put_system(g.raw, g.now_ns, *code));
        error = g.error ? g.error : g.books.failed ? -ENOMEM : 0;
    }
    if (error == -ENOMEM)
        wt_error("generate: no memory");
    gen_books_destroy(&g.books);
    free(g.symbol);
    return error;
}
