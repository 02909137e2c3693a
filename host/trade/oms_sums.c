/* Working shares and notional of every scope and symbol, and the lists of orders that are alive. */
#include "host/trade/oms_internal.h"

static void enlist(struct wt_oms *oms, struct wt_order *o, bool alive)
{
    if (o->listed == alive)
        return;
    uint32_t *first = &oms->alive[o->symbol][o->side == WT_SELL];
    if (alive) {
        o->next = *first;
        o->previous = 0;
        if (*first)
            wt_oms_slot(oms, *first)->previous = o->id;
        *first = o->id;
    } else {
        if (o->previous)
            wt_oms_slot(oms, o->previous)->next = o->next;
        else
            *first = o->next;
        if (o->next)
            wt_oms_slot(oms, o->next)->previous = o->previous;
        o->next = o->previous = 0;
    }
    o->listed = alive;
}

static void add(struct wt_working *w, bool buy, int64_t shares, int64_t notional, uint32_t open)
{
    *(buy ? &w->buy_shares : &w->sell_shares) += shares;
    *(buy ? &w->buy_notional : &w->sell_notional) += notional;
    w->open += open;
}

/*
 * What an order adds to the working sums. A pending replacement adds only what it has more than
 * its original: one of the two will stand, not both.
 */
static void recount_one(struct wt_oms *oms, struct wt_order *o)
{
    int64_t shares = 0, notional = 0;
    bool open = false, alive = wt_order_alive(o->state);
    if (alive) {
        shares = o->open;
        notional = (int64_t)o->open * o->price;
        open = true;
        const struct wt_order *original = wt_oms_pending_replacement(o) ? wt_oms_slot(oms, o->replaces) : NULL;
        if (original && wt_order_alive(original->state)) {
            int64_t old = original->open, value = old * original->price;
            shares = shares > old ? shares - old : 0;
            notional = notional > value ? notional - value : 0;
            open = false;
        }
    }
    enlist(oms, o, alive);
    int64_t more_shares = shares - o->counted_shares, more_notional = notional - o->counted_notional;
    uint32_t more_open = (uint32_t)open - (uint32_t)o->counted_open;
    if (!more_shares && !more_notional && !more_open)
        return;
    unsigned row[WT_LEVELS], n = wt_scope_of(&oms->scopes, o->owner, row);
    for (unsigned i = 0; i < n; i++) {
        add(&oms->working[o->symbol * oms->rows + row[i]], o->side == WT_BUY, more_shares, more_notional, more_open);
        add(&oms->total[row[i]], o->side == WT_BUY, more_shares, more_notional, more_open);
    }
    o->counted_shares = shares;
    o->counted_notional = notional;
    o->counted_open = open;
}

void wt_oms_recount(struct wt_oms *oms, struct wt_order *order)
{
    recount_one(oms, order);
    struct wt_order *other = order->replacement ? wt_oms_slot(oms, order->replacement) : NULL;
    if (other)
        recount_one(oms, other);
}

struct wt_working wt_oms_working(const struct wt_oms *oms, wt_symbol symbol)
{
    return *wt_oms_row(oms, WT_SCOPE_FIRM, symbol);
}

const struct wt_working *wt_oms_row(const struct wt_oms *oms, unsigned row, wt_symbol symbol)
{
    static const struct wt_working none;
    return symbol < oms->symbols && row < oms->rows ? &oms->working[symbol * oms->rows + row] : &none;
}

const struct wt_working *wt_oms_firm(const struct wt_oms *oms, wt_symbol symbol)
{
    static const struct wt_working none;
    return symbol < oms->symbols ? &oms->working[symbol * oms->rows] : &none;
}

const struct wt_working *wt_oms_total(const struct wt_oms *oms, unsigned row)
{
    return &oms->total[row < oms->rows ? row : 0];
}

uint32_t wt_oms_best_own(const struct wt_oms *oms, unsigned row, wt_symbol symbol, enum wt_side side)
{
    uint32_t best = 0;
    if (symbol >= oms->symbols)
        return 0;
    for (uint32_t id = oms->alive[symbol][side == WT_SELL]; id;) {
        const struct wt_order *o = wt_oms_slot(oms, id);
        bool better = !best || (side == WT_BUY ? o->price > best : o->price < best);
        if (better && (row == WT_SCOPE_FIRM || wt_scope_has(&oms->scopes, row, o->owner)))
            best = o->price;
        id = o->next;
    }
    return best;
}

int64_t wt_oms_working_notional(const struct wt_oms *oms)
{
    return oms->total[WT_SCOPE_FIRM].buy_notional + oms->total[WT_SCOPE_FIRM].sell_notional;
}

uint32_t wt_oms_open_orders(const struct wt_oms *oms)
{
    return oms->total[WT_SCOPE_FIRM].open;
}
