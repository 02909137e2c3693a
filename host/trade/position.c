#include "host/trade/position.h"

#include <errno.h>
#include <stdlib.h>

#include "host/common/table.h"

struct wt_positions {
    struct wt_loop *loop;
    const struct wt_quotes *quotes;
    struct wt_scopes scopes;
    unsigned rows, symbols;
    struct wt_fee_table fees;
    struct wt_position_sums sums[WT_SCOPES_MAX];
    struct wt_position position[]; /* by symbol, then row */
};

static int64_t magnitude(int64_t v)
{
    return v < 0 ? -v : v;
}

void wt_position_fill(struct wt_position *p, int64_t shares, uint32_t price)
{
    int64_t value = shares * (int64_t)price;
    p->cash -= value;
    p->fills++;
    if (shares > 0)
        p->bought += (uint64_t)shares;
    else
        p->sold += (uint64_t)-shares;
    if (p->shares == 0 || (p->shares > 0) == (shares > 0)) {
        p->shares += shares;
        p->cost += value;
        return;
    }
    int64_t closing = magnitude(shares) < magnitude(p->shares) ? shares : -p->shares;
    int64_t part = (int64_t)((__int128)p->cost * magnitude(closing) / magnitude(p->shares));
    p->realized -= closing * (int64_t)price + part;
    p->cost -= part;
    p->shares += closing;
    if (closing != shares) {
        p->shares = shares - closing;
        p->cost = p->shares * (int64_t)price;
    }
}

int64_t wt_position_unrealized(const struct wt_position *p)
{
    return p->mark ? p->shares * (int64_t)p->mark - p->cost : 0;
}

uint32_t wt_position_average(const struct wt_position *p)
{
    return p->shares ? (uint32_t)(p->cost / p->shares) : 0;
}

/* Sums are kept by taking a position's part out before it changes, and putting it in again after. */
static void take(struct wt_position_sums *sums, const struct wt_position *p, int sign)
{
    sums->gross += sign * magnitude(p->shares) * (int64_t)p->mark;
    sums->net += sign * p->shares * (int64_t)p->mark;
    sums->realized += sign * p->realized;
    sums->unrealized += sign * wt_position_unrealized(p);
    sums->fees += sign * p->fees;
}

static void fill(struct wt_positions *all, unsigned row, const struct wt_order_event *o)
{
    struct wt_position *p = &all->position[o->symbol * all->rows + row];
    take(&all->sums[row], p, -1);
    if (!p->mark)
        p->mark = o->fill_price;
    wt_position_fill(p, o->side == WT_BUY ? o->fill_shares : -(int64_t)o->fill_shares, o->fill_price);
    p->fees += (int64_t)o->fill_shares * all->fees.per_share[(uint8_t)o->liquidity];
    take(&all->sums[row], p, 1);
}

static void on_order(void *ctx, const struct wt_event *event)
{
    struct wt_positions *all = ctx;
    const struct wt_order_event *o = &event->order;
    if (!o->fill_shares || o->symbol >= all->symbols)
        return;
    unsigned row[WT_LEVELS], n = wt_scope_of(&all->scopes, o->owner, row);
    for (unsigned i = 0; i < n; i++)
        fill(all, row[i], o);
    const struct wt_position *p = wt_positions_get(all, o->symbol);
    struct wt_event out = {.type = WT_EVENT_POSITION,
                           .position = {.symbol = o->symbol,
                                        .shares = p->shares,
                                        .cost = p->cost,
                                        .realized = p->realized,
                                        .unrealized = wt_position_unrealized(p)}};
    wt_loop_publish(all->loop, &out);
}

static __attribute__((noinline)) bool mark_rows(struct wt_positions *all, struct wt_position *p, uint32_t mark)
{
    bool changed = false;
    for (unsigned row = 0; row < all->rows; row++, p++) {
        if (!p->shares) {
            p->mark = mark;
            continue;
        }
        take(&all->sums[row], p, -1);
        p->mark = mark;
        take(&all->sums[row], p, 1);
        changed = true;
    }
    return changed;
}

struct wt_position *wt_positions_only(struct wt_positions *all, wt_symbol symbol)
{
    static struct wt_position several = {.shares = 1}; /* never written: of several scopes' shares, none may speak */
    return all->rows == 1 && symbol < all->symbols ? &all->position[symbol] : &several;
}

bool wt_positions_mark(struct wt_positions *all, wt_symbol symbol, const struct wt_symbol_view *view)
{
    if (symbol >= all->symbols)
        return false;
    struct wt_position *p = &all->position[symbol * all->rows];
    uint32_t mark = wt_quotes_mark_of(view, p->mark);
    if (!mark || mark == p->mark)
        return false;
    if (all->rows > 1 || p->shares)
        return mark_rows(all, p, mark);
    p->mark = mark; /* nothing is held: no sum changes */
    return false;
}

static void on_market(void *ctx, const struct wt_event *event)
{
    struct wt_positions *all = ctx;
    wt_symbol symbol = event->market.head.symbol;
    wt_positions_mark(all, symbol, wt_quotes_get(all->quotes, symbol));
}

int wt_positions_create(struct wt_loop *loop, const struct wt_quotes *quotes, unsigned symbols,
                        struct wt_positions **positions)
{
    return wt_positions_create_for(loop, quotes, symbols, NULL, NULL, positions);
}

int wt_positions_create_for(struct wt_loop *loop, const struct wt_quotes *quotes, unsigned symbols,
                            const struct wt_fee_table *fees, const struct wt_scopes *scopes,
                            struct wt_positions **positions)
{
    unsigned rows = scopes ? wt_scope_rows(scopes) : 1;
    struct wt_positions *all = wt_table(1, sizeof *all + (size_t)symbols * rows * sizeof all->position[0]);
    if (!all)
        return -ENOMEM;
    all->loop = loop;
    all->quotes = quotes;
    all->rows = rows;
    all->symbols = symbols;
    if (scopes)
        all->scopes = *scopes;
    if (fees)
        all->fees = *fees;
    *positions = all;
    int rc = wt_loop_subscribe(loop, WT_EVENT_ORDER, on_order, all);
    return rc ? rc : wt_loop_subscribe(loop, WT_EVENT_MARKET, on_market, all);
}

void wt_positions_destroy(struct wt_positions *positions)
{
    free(positions);
}

const struct wt_position *wt_positions_row(const struct wt_positions *positions, unsigned row, wt_symbol symbol)
{
    static const struct wt_position none;
    return symbol < positions->symbols && row < positions->rows ? &positions->position[symbol * positions->rows + row]
                                                                : &none;
}

const struct wt_position *wt_positions_get(const struct wt_positions *positions, wt_symbol symbol)
{
    static const struct wt_position none;
    return symbol < positions->symbols ? &positions->position[symbol * positions->rows] : &none;
}

unsigned wt_positions_row_of(const struct wt_positions *positions, unsigned owner)
{
    unsigned row[WT_LEVELS], n = wt_scope_of(&positions->scopes, owner, row);
    return row[n - 1];
}

const struct wt_position *wt_positions_of(const struct wt_positions *positions, unsigned owner, wt_symbol symbol)
{
    return wt_positions_row(positions, wt_positions_row_of(positions, owner), symbol);
}

const struct wt_position_sums *wt_positions_sums(const struct wt_positions *positions, unsigned row)
{
    return &positions->sums[row < positions->rows ? row : 0];
}

int64_t wt_positions_profit(const struct wt_positions *positions, unsigned row)
{
    const struct wt_position_sums *s = wt_positions_sums(positions, row);
    return s->realized + s->unrealized - wt_fees_money(s->fees);
}

int64_t wt_positions_gross(const struct wt_positions *positions)
{
    return positions->sums[WT_SCOPE_FIRM].gross;
}

int64_t wt_positions_realized(const struct wt_positions *positions)
{
    return positions->sums[WT_SCOPE_FIRM].realized;
}

int64_t wt_positions_unrealized(const struct wt_positions *positions)
{
    return positions->sums[WT_SCOPE_FIRM].unrealized;
}
