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
enum { SCALE = 1000, SYMBOLS_MAX = 65536, CENT = 100 * SCALE, DOLLAR = 100 * CENT };

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
    uint32_t price;
    bool stands;           /* there is one, and no answer is under way: while one is, nothing more may be asked */
    struct wt_signal move; /* it stands: made ready but for the price */
};

struct book {
    struct wt_quote quote;
    bool halted;             /* by its trading state; while nothing was said it trades */
    int64_t fair;            /* of this quote */
    const int64_t *position; /* NULL: not asked for yet */
    struct working side[2];
};

struct maker {
    struct wt_strategy_host host;
    int64_t size, half_spread, skew, max_position, fair, max_spread;
    int64_t room; /* a side is quoted while the position is not further on its side */
    /* A price this far from another one, and not as far in the other direction, is near enough: to be added to it, and
     * the sum's bound. Of ticks of 1 and of 100. */
    uint64_t near[2], within[2];
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
    for (unsigned i = 0; i < 2; i++) {
        m->near[i] = (uint64_t)wt_param(&wt_market_maker, params, count, "requote_ticks") * (i ? 100 : 1) - 1;
        m->within[i] = 2 * m->near[i];
    }
    m->room = m->max_position - m->size;
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

static inline int64_t fair_value(const struct maker *m, const struct wt_quote *q)
{
    int64_t bid = q->bid_price, ask = q->ask_price;
    if (m->fair != FAIR_MID) {
        int64_t bs = q->bid_shares, as = q->ask_shares;
        if (bs + as)
            return bid * SCALE + (ask - bid) * SCALE * bs / (bs + as);
    }
    return (bid + ask) * (SCALE / 2);
}

/* Without a bid no spread is narrow enough. */
static inline bool can_quote(const struct maker *m, const struct book *b)
{
    const struct wt_quote *q = &b->quote;
    if (__builtin_expect(!q->valid, 0) || __builtin_expect(b->halted, 0) ||
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

static inline __attribute__((always_inline)) struct aim take_aim(const struct maker *m, struct book *b,
                                                                 wt_symbol symbol, int64_t fair)
{
    struct aim aim;
    uint64_t point = (uint64_t)fair / 10000; /* a fair value between two prices is not negative */
    if (__builtin_expect(!b->position, 0))
        b->position = m->host.position(m->host.ctx, symbol);
    aim.position = *b->position;
    aim.away = (int64_t)point * m->half_spread;
    aim.center = fair;
    if (aim.position)
        aim.center -= (int64_t)point * m->skew * aim.position / m->size;
    return aim;
}

/* On the tick at or below an exact price for a bid, at or above it for an offer; below a dollar, or no price: 0. */
static __attribute__((noinline)) uint32_t small_price(int64_t exact, enum wt_side side)
{
    if (exact <= 0 || exact > (int64_t)WT_MAX_PRICE * SCALE)
        return 0;
    uint32_t floor = (uint32_t)((uint64_t)exact / SCALE);
    return side == WT_SELL && (int64_t)floor * SCALE != exact ? floor + 1 : floor;
}

/* Behind the market's other side, and the maker's own: where it is not already. */
static __attribute__((noinline)) uint32_t behind(const struct book *b, uint32_t price, enum wt_side side)
{
    const struct working *own = &b->side[side == WT_BUY];
    if (side == WT_BUY) {
        if (price >= b->quote.ask_price)
            price = tick_below(b->quote.ask_price);
        if (own->id && price >= own->price)
            price = tick_below(own->price);
    } else {
        if (price <= b->quote.bid_price)
            price = tick_above(b->quote.bid_price);
        if (own->id && price <= own->price)
            price = tick_above(own->price);
    }
    return price <= WT_MAX_PRICE ? price : 0;
}

/*
 * Where a side should be, if there can be a quote; 0: nowhere. A price that is on its tick lies below another one if
 * and only if it lies at or below the last tick before it.
 */
static inline __attribute__((always_inline)) int64_t exactly(const struct aim *aim, enum wt_side side)
{
    return side == WT_BUY ? aim->center - aim->away : aim->center + aim->away;
}

static inline bool may_hold_more(const struct maker *m, const struct aim *aim, enum wt_side side)
{
    return (side == WT_BUY ? aim->position : -aim->position) <= m->room;
}

/* A dollar or more, in whole cents. */
static inline __attribute__((always_inline)) bool usual(int64_t exact)
{
    return (uint64_t)exact - DOLLAR <= (uint64_t)WT_MAX_PRICE * SCALE - DOLLAR;
}

static inline __attribute__((always_inline)) uint32_t usual_price(int64_t exact, enum wt_side side)
{
    return (uint32_t)(((uint64_t)exact + (side == WT_BUY ? 0 : CENT - 1)) / CENT) * 100;
}

static inline bool meets(const struct book *b, uint32_t price, enum wt_side side)
{
    const struct working *own = &b->side[side == WT_BUY];
    return side == WT_BUY ? price >= b->quote.ask_price || price >= own->price
                          : price <= b->quote.bid_price || price <= own->price;
}

static uint32_t wanted(const struct maker *m, const struct book *b, const struct aim *aim, enum wt_side side)
{
    int64_t exact = exactly(aim, side);
    if (!may_hold_more(m, aim, side))
        return 0;
    uint32_t price = usual(exact) ? usual_price(exact, side) : small_price(exact, side);
    return price && meets(b, price, side) ? behind(b, price, side) : price;
}

/* So far from where it should be that it moves. */
static inline __attribute__((always_inline)) bool far(const struct maker *m, const struct working *w, uint32_t price,
                                                      bool coarse)
{
    return (uint64_t)((int64_t)price - w->price) + m->near[coarse] > m->within[coarse];
}

static __attribute__((noinline)) void enter(struct maker *m, wt_symbol symbol, enum wt_side side, uint32_t price)
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
        *w = (struct working){.id = (uint32_t)id, .price = price};
}

static __attribute__((noinline)) void cancel(struct maker *m, struct working *w)
{
    struct wt_signal signal = {.kind = WT_SIGNAL_CANCEL, .order = w->id};
    if (m->host.signal(m->host.ctx, &signal) == 0)
        w->stands = false;
}

static inline __attribute__((always_inline)) void move(struct maker *m, struct working *w)
{
    int64_t id = m->host.signal(m->host.ctx, &w->move);
    if (__builtin_expect(id > 0, 1)) {
        w->previous = w->id;
        w->id = (uint32_t)id;
        w->price = w->move.price;
        w->stands = false;
    } else
        cancel(m, w); /* refused where it should be: it must not stay where it should not */
}

static void quote_side(struct maker *m, wt_symbol symbol, struct book *b, enum wt_side side, const struct aim *aim)
{
    struct working *w = &b->side[side == WT_SELL];
    if (w->id && !w->stands)
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
    if (far(m, w, price, wt_tick(price) != 1)) {
        w->move.price = price;
        move(m, w);
    }
}

static __attribute__((noinline)) void quote_one(struct maker *m, wt_symbol symbol, enum wt_side side)
{
    struct book *b = &m->books[symbol];
    struct working *w = &b->side[side == WT_SELL];
    if (can_quote(m, b)) {
        struct aim aim = take_aim(m, b, symbol, b->fair);
        quote_side(m, symbol, b, side, &aim);
    } else if (w->stands) {
        cancel(m, w);
    }
}

static __attribute__((noinline)) void quote_both(struct maker *m, wt_symbol symbol, bool rises)
{
    quote_one(m, symbol, rises ? WT_SELL : WT_BUY);
    quote_one(m, symbol, rises ? WT_BUY : WT_SELL);
}

/* ---- a quote, the usual case: nothing is called before a price is known that must be sent ---- */

static __attribute__((noinline)) void move_first(struct maker *m, struct working *w)
{
    move(m, w);
    quote_one(m, w->move.symbol, w->move.side == WT_BUY ? WT_SELL : WT_BUY);
}

static __attribute__((noinline)) void move_last(struct maker *m, struct working *w)
{
    move(m, w);
}

/* The price of a side that has a quote which may move; 0: it is not that simple. */
static inline __attribute__((always_inline)) uint32_t simply(const struct maker *m, const struct book *b,
                                                             const struct aim *aim, enum wt_side side)
{
    int64_t exact = exactly(aim, side);
    uint32_t price;
    if (__builtin_expect(!b->side[side == WT_SELL].stands, 0) || __builtin_expect(!may_hold_more(m, aim, side), 0) ||
        __builtin_expect(!usual(exact), 0))
        return 0;
    price = usual_price(exact, side);
    return __builtin_expect(meets(b, price, side), 0) ? 0 : price;
}

/* The first did not move. A function by itself: the first one's registers are enough for it. */
static __attribute__((noinline)) void quote_second(struct maker *m, struct book *b, enum wt_side side, int64_t position,
                                                   int64_t center, int64_t away)
{
    const struct aim aim = {position, center, away};
    struct working *w = &b->side[side == WT_SELL];
    uint32_t price = side == WT_BUY ? simply(m, b, &aim, WT_BUY) : simply(m, b, &aim, WT_SELL);
    if (__builtin_expect(!price, 0)) {
        quote_one(m, (wt_symbol)(b - m->books), side);
    } else if (far(m, w, price, true)) {
        w->move.price = price;
        move_last(m, w);
    }
}

static inline __attribute__((always_inline)) void quote_first(struct maker *m, wt_symbol symbol, struct book *b,
                                                              const struct aim *aim, enum wt_side first)
{
    struct working *w = &b->side[first == WT_SELL];
    uint32_t price = simply(m, b, aim, first);
    if (__builtin_expect(!price, 0)) {
        quote_both(m, symbol, first == WT_SELL);
    } else if (far(m, w, price, true)) {
        w->move.price = price;
        move_first(m, w);
    } else {
        quote_second(m, b, first == WT_SELL ? WT_BUY : WT_SELL, aim->position, aim->center, aim->away);
    }
}

static void on_quote(void *self, wt_symbol symbol, const struct wt_quote *quote)
{
    struct maker *m = self;
    struct book *b = &m->books[symbol];
    b->quote = *quote;
    int64_t fair = fair_value(m, &b->quote);
    if (__builtin_expect(!b->position, 0) || __builtin_expect(!can_quote(m, b), 0)) {
        bool rises = fair > b->fair;
        b->fair = fair;
        quote_both(m, symbol, rises);
        return;
    }
    struct aim aim = take_aim(m, b, symbol, fair);
    if (fair > b->fair) {
        b->fair = fair;
        quote_first(m, symbol, b, &aim, WT_SELL);
    } else {
        b->fair = fair;
        quote_first(m, symbol, b, &aim, WT_BUY);
    }
}

static void on_state(void *self, wt_symbol symbol, char trading_state)
{
    struct maker *m = self;
    struct book *b = &m->books[symbol];
    b->halted = trading_state && trading_state != 'T';
    b->fair = fair_value(m, &b->quote);
    quote_both(m, symbol, false);
}

static void on_order(void *self, const struct wt_order_view *order)
{
    struct maker *m = self;
    struct working *w = &m->books[order->symbol].side[order->side == WT_SELL];
    bool works = order->state == WT_ORDER_LIVE || order->state == WT_ORDER_PARTIALLY_FILLED;
    if (w->id != order->id) {
        /* With no quote out, one that an earlier run of the host left is the quote from now on. */
        if (!works || (w->id && order->id != w->previous))
            return;
        w->id = order->id;
        w->previous = 0;
    }
    w->price = order->price;
    w->stands = works;
    if (works)
        w->move = (struct wt_signal){.kind = WT_SIGNAL_REPLACE,
                                     .order = order->id,
                                     .symbol = order->symbol,
                                     .side = order->side,
                                     .tif = WT_TIF_DAY,
                                     .shares = (uint32_t)m->size};
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
