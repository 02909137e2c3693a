/*
 * Market maker: a bid and an offer around a fair value, leaning against its inventory.
 *
 *   fair   mid of the book, or its micro-price (each side's price weighted with the other side's
 *          shares: the heavier side pushes)
 *   center fair - skew * position / size: long leans down, to sell rather than buy
 *   bid    center - half_spread, rounded down to the tick, never at or above the offer
 *   ask    center + half_spread, rounded up to the tick, never at or below the bid
 *
 * Nor does a quote touch the maker's own quote of the other side: when the market rises the
 * offer moves first, when it falls the bid.
 *
 * A side is quoted while the quote is exact and two-sided, the symbol trades, and a fill would
 * not take the position beyond max_position. A quote moves by replace when its wanted price is
 * requote_ticks away. Prices inside are in 1/10000 dollar times 1000, so that nothing is lost to rounding.
 */
#include <stdlib.h>

#include "host/strategy/registry.h"
#include "host/strategy/strategy.h"
#include "host/trade/oms.h"
#include "host/trade/risk.h"

enum { FAIR_MID, FAIR_MICRO };
enum { SCALE = 1000, SYMBOLS_MAX = 65536 };

static const struct wt_param_spec specs[] = {
    {"size", 1, 999999, 100, "shares of each quote"},
    {"half_spread_bps", 0, 10000, 3, "distance of each quote from the center, basis points"},
    {"skew_bps", 0, 10000, 1, "shift of the center for each `size` shares of inventory, basis points"},
    {"max_position", 1, 1000000000, 1000, "shares long or short beyond which a side is not quoted"},
    {"requote_ticks", 1, 10000, 1, "move a quote when it is this many ticks from where it should be"},
    {"fair", FAIR_MID, FAIR_MICRO, FAIR_MICRO, "fair value: 0 mid, 1 micro-price"},
    {"max_spread_bps", 1, 20000, 200, "do not quote into a market wider than this, basis points"},
    {NULL, 0, 0, 0, NULL},
};

const struct wt_strategy wt_market_maker;

/* One side's quote. */
struct working {
    uint32_t id;       /* 0: none */
    uint32_t previous; /* what it replaces, which stands again if the replacement is refused */
    uint32_t price, open;
    bool pending; /* an answer is under way: nothing more may be asked */
};

struct book {
    struct wt_quote quote;
    bool halted;  /* by its trading state; while nothing was said it trades */
    int64_t fair; /* of this quote */
    struct working side[2];
};

struct maker {
    struct wt_strategy_host host;
    int64_t size, half_spread, skew, max_position, requote[2], fair, max_spread; /* requote: of ticks of 1 and of 100 */
    struct book *books;
};

static void *create(const struct wt_strategy_host *host, const struct wt_param *params, unsigned count)
{
    struct maker *m = calloc(1, sizeof *m);
    if (!m)
        return NULL;
    m->host = *host;
    m->size = wt_param(&wt_market_maker, params, count, "size");
    m->half_spread = wt_param(&wt_market_maker, params, count, "half_spread_bps");
    m->skew = wt_param(&wt_market_maker, params, count, "skew_bps");
    m->max_position = wt_param(&wt_market_maker, params, count, "max_position");
    m->requote[0] = wt_param(&wt_market_maker, params, count, "requote_ticks");
    m->requote[1] = 100 * m->requote[0];
    m->fair = wt_param(&wt_market_maker, params, count, "fair");
    m->max_spread = wt_param(&wt_market_maker, params, count, "max_spread_bps");
    m->books = calloc(SYMBOLS_MAX, sizeof *m->books);
    if (!m->books) {
        free(m);
        return NULL;
    }
    return m;
}

static void destroy(void *self)
{
    struct maker *m = self;
    free(m->books);
    free(m);
}

static int64_t fair_value(const struct maker *m, const struct wt_quote *q)
{
    int64_t bid = q->bid_price, ask = q->ask_price, bs = q->bid_shares, as = q->ask_shares;
    if (m->fair == FAIR_MID || bs + as == 0)
        return (bid + ask) * (SCALE / 2);
    return bid * SCALE + (ask - bid) * SCALE * bs / (bs + as);
}

static bool can_quote(const struct maker *m, const struct book *b)
{
    const struct wt_quote *q = &b->quote;
    if (__builtin_expect(!q->valid, 0) || b->halted || __builtin_expect(!q->bid_price, 0) ||
        __builtin_expect(q->ask_price <= q->bid_price, 0))
        return false;
    return (int64_t)(q->ask_price - q->bid_price) * 10000 <= m->max_spread * (int64_t)q->bid_price;
}

static uint32_t tick_below(uint32_t price)
{
    return price - 1 - (price - 1) % wt_tick(price - 1);
}

static uint32_t tick_above(uint32_t price)
{
    return price + wt_tick(price) - price % wt_tick(price);
}

/* What both sides of a quote have in common. */
struct aim {
    int64_t position, center, away;
};

static inline struct aim take_aim(const struct maker *m, const struct book *b, wt_symbol symbol)
{
    struct aim aim;
    uint64_t point = (uint64_t)b->fair / 10000; /* a fair value between two prices is not negative */
    aim.position = m->host.position(m->host.ctx, symbol);
    aim.away = (int64_t)point * m->half_spread;
    aim.center = b->fair;
    if (aim.position)
        aim.center -= (int64_t)point * m->skew * aim.position / m->size;
    return aim;
}

/* A price that is on its tick lies below another one if and only if it lies at or below the last tick before it. */
static inline uint32_t bid_price(const struct book *b, uint32_t floor, uint32_t off_tick)
{
    uint32_t price = floor - off_tick;
    const struct working *own = &b->side[1];
    if (price >= b->quote.ask_price)
        price = tick_below(b->quote.ask_price);
    if (own->id && price >= own->price)
        price = tick_below(own->price);
    return price;
}

static inline uint32_t offer_price(const struct book *b, uint32_t floor, uint32_t off_tick, bool above, uint32_t tick)
{
    uint32_t price = off_tick || above ? floor - off_tick + tick : floor;
    const struct working *own = &b->side[0];
    if (price <= b->quote.bid_price)
        price = tick_above(b->quote.bid_price);
    if (own->id && price <= own->price)
        price = tick_above(own->price);
    return price;
}

/* Where a side should be, if there can be a quote; 0: nowhere. */
static inline uint32_t wanted(const struct maker *m, const struct book *b, const struct aim *aim, enum wt_side side)
{
    int64_t toward = side == WT_BUY ? aim->position : -aim->position;
    if (toward + m->size > m->max_position)
        return 0;
    int64_t exact = side == WT_BUY ? aim->center - aim->away : aim->center + aim->away;
    if ((uint64_t)exact - 1 >= (uint64_t)WT_MAX_PRICE * SCALE)
        return 0;
    uint32_t floor = (uint32_t)((uint64_t)exact / SCALE), tick = wt_tick(floor);
    uint32_t off_tick = tick == 1 ? 0 : floor % 100;
    uint32_t price = side == WT_BUY ? bid_price(b, floor, off_tick)
                                    : offer_price(b, floor, off_tick, (uint64_t)floor * SCALE != (uint64_t)exact, tick);
    return price <= WT_MAX_PRICE ? price : 0;
}

static void enter(struct maker *m, wt_symbol symbol, enum wt_side side, uint32_t price)
{
    struct working *w = &m->books[symbol].side[side == WT_SELL];
    struct wt_signal signal = {.kind = WT_SIGNAL_ENTER,
                               .symbol = symbol,
                               .side = side,
                               .tif = WT_TIF_DAY,
                               .shares = (uint32_t)m->size,
                               .price = price};
    int64_t id = m->host.signal(m->host.ctx, &signal);
    if (id > 0)
        *w = (struct working){.id = (uint32_t)id, .price = price, .open = (uint32_t)m->size, .pending = true};
}

static void cancel(struct maker *m, struct working *w)
{
    struct wt_signal signal = {.kind = WT_SIGNAL_CANCEL, .order = w->id};
    if (m->host.signal(m->host.ctx, &signal) == 0)
        w->pending = true;
}

static void replace(struct maker *m, struct working *w, wt_symbol symbol, enum wt_side side, uint32_t price)
{
    struct wt_signal signal = {.kind = WT_SIGNAL_REPLACE,
                               .order = w->id,
                               .symbol = symbol,
                               .side = side,
                               .tif = WT_TIF_DAY,
                               .shares = (uint32_t)m->size,
                               .price = price};
    int64_t id = m->host.signal(m->host.ctx, &signal);
    if (id > 0)
        *w = (struct working){
            .id = (uint32_t)id, .previous = w->id, .price = price, .open = (uint32_t)m->size, .pending = true};
    else
        cancel(m, w); /* refused where it should be: it must not stay where it should not */
}

static inline __attribute__((always_inline)) void quote_side(struct maker *m, wt_symbol symbol, struct book *b,
                                                             enum wt_side side, const struct aim *aim)
{
    struct working *w = &b->side[side == WT_SELL];
    if (w->pending)
        return;
    uint32_t price = wanted(m, b, aim, side);
    if (!w->id) {
        if (price)
            enter(m, symbol, side, price);
        return;
    }
    if (!price) {
        cancel(m, w);
        return;
    }
    uint32_t off = price > w->price ? price - w->price : w->price - price;
    if (off >= (uint64_t)m->requote[wt_tick(price) != 1])
        replace(m, w, symbol, side, price);
}

/* There can be no quote. */
static __attribute__((noinline)) void pull(struct maker *m, struct book *b, enum wt_side side)
{
    struct working *w = &b->side[side == WT_SELL];
    if (w->id && !w->pending)
        cancel(m, w);
}

static void quote_one(struct maker *m, wt_symbol symbol, enum wt_side side)
{
    struct book *b = &m->books[symbol];
    if (!can_quote(m, b)) {
        pull(m, b, side);
        return;
    }
    struct aim aim = take_aim(m, b, symbol);
    quote_side(m, symbol, b, side, &aim);
}

static inline __attribute__((always_inline)) void quote_both(struct maker *m, wt_symbol symbol, struct book *b)
{
    int64_t before = b->fair;
    b->fair = fair_value(m, &b->quote);
    bool rises = b->fair > before;
    if (__builtin_expect(!can_quote(m, b), 0)) {
        pull(m, b, rises ? WT_SELL : WT_BUY);
        pull(m, b, rises ? WT_BUY : WT_SELL);
        return;
    }
    struct aim aim = take_aim(m, b, symbol);
    if (rises) {
        quote_side(m, symbol, b, WT_SELL, &aim);
        quote_side(m, symbol, b, WT_BUY, &aim);
    } else {
        quote_side(m, symbol, b, WT_BUY, &aim);
        quote_side(m, symbol, b, WT_SELL, &aim);
    }
}

static void on_quote(void *self, wt_symbol symbol, const struct wt_quote *quote)
{
    struct maker *m = self;
    struct book *b = &m->books[symbol];
    b->quote = *quote;
    quote_both(m, symbol, b);
}

static void on_state(void *self, wt_symbol symbol, char trading_state)
{
    struct maker *m = self;
    struct book *b = &m->books[symbol];
    b->halted = trading_state && trading_state != 'T';
    quote_both(m, symbol, b);
}

static void on_order(void *self, const struct wt_order_view *order)
{
    struct maker *m = self;
    struct working *w = &m->books[order->symbol].side[order->side == WT_SELL];
    if (w->id != order->id) {
        bool stands = order->state == WT_ORDER_LIVE || order->state == WT_ORDER_PARTIALLY_FILLED;
        /* With no quote out, one that an earlier run of the host left is the quote from now on. */
        if (!stands || (w->id && order->id != w->previous))
            return;
        w->id = order->id;
        w->previous = 0;
    }
    w->price = order->price;
    w->open = order->open_shares;
    w->pending = order->state == WT_ORDER_PENDING_NEW || order->state == WT_ORDER_PENDING_REPLACE ||
                 order->state == WT_ORDER_PENDING_CANCEL || order->state == WT_ORDER_UNKNOWN;
    if (!wt_order_alive(order->state))
        *w = (struct working){0};
    /* Refused or canceled: not again before the market moves, or the two would play ping-pong. */
    if (order->state != WT_ORDER_REJECTED && order->state != WT_ORDER_CANCELED && order->state != WT_ORDER_EXPIRED)
        quote_one(m, order->symbol, order->side);
}

static void on_fill(void *self, const struct wt_order_view *order, uint32_t price, uint32_t shares)
{
    struct maker *m = self;
    (void)price;
    (void)shares;
    /* The inventory moved: the other side leans with it. The side that filled follows in on_order. */
    quote_one(m, order->symbol, order->side == WT_BUY ? WT_SELL : WT_BUY);
}

const struct wt_strategy wt_market_maker = {
    .name = "market_maker",
    .specs = specs,
    .create = create,
    .on_quote = on_quote,
    .on_state = on_state,
    .on_order = on_order,
    .on_fill = on_fill,
    .destroy = destroy,
};
