#include "host/trade/quotes.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "host/common/table.h"

struct wt_quotes {
    unsigned symbols, count;
    struct wt_symbol_view view[];
};

static void put_name(struct wt_symbol_view *view, const void *name)
{
    unsigned n = 8;
    while (n && ((const char *)name)[n - 1] == ' ')
        n--;
    memcpy(view->name, name, n);
    memset(view->name + n, 0, sizeof view->name - n);
    memset(view->padded, ' ', sizeof view->padded);
    memcpy(view->padded, name, n);
}

static void tell_trades(struct wt_symbol_view *view)
{
    view->trades = view->bound && (!view->trading_state || view->trading_state == 'T');
}

static void bind_name(struct wt_symbol_view *view, const uint8_t name[8])
{
    if (!name[0])
        return;
    put_name(view, name);
    view->bound = true;
    tell_trades(view);
}

static void on_symbol(struct wt_symbol_view *view, const struct wt_ev_symbol *symbol)
{
    bind_name(view, symbol->name);
    /* VALID alone is no quote: that comes with the BBO. SOFTWARE: until the host's book answers. */
    if (symbol->state != WT_BOOK_STATE_VALID)
        view->quote.valid = view->suspended = false;
}

static void on_bbo(struct wt_symbol_view *view, const struct wt_ev_bbo *bbo, uint64_t now)
{
    view->quote = (struct wt_quote){
        .bid_price = bbo->bid_price,
        .bid_shares = bbo->bid_shares,
        .ask_price = bbo->ask_price,
        .ask_shares = bbo->ask_shares,
        .valid = (bbo->head.flags & WT_EVF_VALID) && !(bbo->head.flags & WT_EVF_STALE),
    };
    view->quote_ns = now;
    view->suspended = false;
}

/* While messages are missing nobody knows what they say. When all have come, what they did not change stands. */
static void on_gap(struct wt_quotes *q, uint8_t state)
{
    for (unsigned i = 0; i < q->count; i++) {
        struct wt_symbol_view *view = &q->view[i];
        if (state == WT_GAP_STATE_FILLED) {
            view->quote.valid |= view->suspended;
            view->suspended = false;
        } else {
            view->suspended = state == WT_GAP_STATE_OPEN && (view->quote.valid || view->suspended);
            view->quote.valid = false;
        }
    }
}

static void on_market(void *ctx, const struct wt_event *event)
{
    struct wt_quotes *q = ctx;
    const union wt_event_record *r = &event->market;
    if (r->head.kind == WT_RECORD_TYPE_GAP)
        on_gap(q, r->gap.state);
    if (r->head.kind == WT_RECORD_TYPE_SESSION && r->session.session_event == WT_SESSION_EVENT_CHANGE)
        wt_quotes_invalidate(q);
    if (r->head.symbol == WT_SYMBOL_NONE || r->head.symbol >= q->symbols)
        return;
    struct wt_symbol_view *view = &q->view[r->head.symbol];
    if (r->head.symbol >= q->count)
        q->count = r->head.symbol + 1u;
    switch (r->head.kind) {
    case WT_RECORD_TYPE_SYMBOL:
        on_symbol(view, &r->symbol);
        break;
    case WT_RECORD_TYPE_BBO:
        on_bbo(view, &r->bbo, event->ns);
        break;
    case WT_RECORD_TYPE_TRADE:
        view->last_price = r->trade.price;
        break;
    case WT_RECORD_TYPE_TRADING_STATE:
        view->trading_state = (char)r->state.state;
        tell_trades(view);
        break;
    default:
        break;
    }
}

int wt_quotes_create(struct wt_loop *loop, unsigned symbols, struct wt_quotes **quotes)
{
    struct wt_quotes *q = wt_table(1, sizeof *q + symbols * sizeof q->view[0]);
    if (!q)
        return -ENOMEM;
    q->symbols = symbols;
    *quotes = q;
    return wt_loop_subscribe(loop, WT_EVENT_MARKET, on_market, q);
}

void wt_quotes_destroy(struct wt_quotes *quotes)
{
    free(quotes);
}

const struct wt_symbol_view *wt_quotes_get(const struct wt_quotes *quotes, wt_symbol symbol)
{
    static const struct wt_symbol_view none = {.padded = "        "};
    return __builtin_expect(symbol < quotes->symbols, 1) ? &quotes->view[symbol] : &none;
}

uint32_t wt_quotes_mark(const struct wt_quotes *quotes, wt_symbol symbol, uint32_t previous)
{
    return wt_quotes_mark_of(wt_quotes_get(quotes, symbol), previous);
}

uint32_t wt_quotes_mark_of(const struct wt_symbol_view *view, uint32_t previous)
{
    const struct wt_quote *q = &view->quote;
    /* A spread wider than the bid itself is stub quotes: their middle says nothing of value. */
    if (q->valid && q->bid_price && q->ask_price >= q->bid_price && q->ask_price - q->bid_price <= q->bid_price)
        return q->bid_price + (q->ask_price - q->bid_price) / 2;
    /* Nor does a print against one of them, when a side has been emptied down to it. */
    uint32_t last = view->last_price;
    if (last > 2000000000u || (previous && (last < previous / 2 || last / 2 > previous)))
        return previous;
    return last ? last : previous;
}

struct wt_quote *wt_quotes_place(struct wt_quotes *quotes, wt_symbol symbol)
{
    return &quotes->view[symbol].quote;
}

_Static_assert(offsetof(struct wt_symbol_view, quote) == 0, "a quote's place is its view's");

void wt_quotes_given(struct wt_quote *place, uint64_t ns)
{
    struct wt_symbol_view *view = (struct wt_symbol_view *)(void *)place;
    view->quote_ns = ns;
    view->suspended = false;
}

const struct wt_symbol_view *wt_quotes_view(const struct wt_quote *place)
{
    return (const struct wt_symbol_view *)(const void *)place;
}

unsigned wt_quotes_count(const struct wt_quotes *quotes)
{
    return quotes->count;
}

void wt_quotes_name(struct wt_quotes *quotes, wt_symbol symbol, const char *name)
{
    if (symbol >= quotes->symbols)
        return;
    put_name(&quotes->view[symbol], name);
    if (symbol >= quotes->count)
        quotes->count = symbol + 1u;
}

void wt_quotes_invalidate(struct wt_quotes *quotes)
{
    for (unsigned i = 0; i < quotes->count; i++)
        quotes->view[i].quote.valid = quotes->view[i].suspended = false;
}
