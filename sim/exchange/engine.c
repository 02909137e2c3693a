#include "sim/exchange/engine.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "host/common/log.h"
#include "sim/exchange/engine_book.h"

#define MAX_PRICE 1999999900u /* $199,999.99 */
#define MAX_SHARES 999999u
#define DOLLAR 10000u
#define CENT 100u

/* ---------------------------------------------------------------- life */

void wt_engine_defaults(struct wt_engine_config *config)
{
    *config = (struct wt_engine_config){.max_orders = 1000000, .first_ref = 1};
}

int wt_engine_create(const struct wt_engine_config *config, struct wt_engine_handler handler, struct wt_engine **engine)
{
    *engine = NULL;
    if (config->max_orders < 1 || config->max_orders > 1u << 28 || config->first_ref < 1) {
        wt_error("engine: max_orders %u, first_ref %llu: must be 1 to 268435456, and 1 or more", config->max_orders,
                 (unsigned long long)config->first_ref);
        return -EINVAL;
    }
    struct wt_engine *e = calloc(1, sizeof *e);
    if (!e)
        return -ENOMEM;
    e->max_orders = config->max_orders;
    e->next_ref = config->first_ref;
    e->next_match = 1;
    e->handlers[e->handler_count++] = handler;
    if (wt_engine_book_init(e) < 0) {
        wt_engine_destroy(e);
        return -ENOMEM;
    }
    *engine = e;
    return 0;
}

void wt_engine_destroy(struct wt_engine *e)
{
    if (!e)
        return;
    wt_engine_book_free(e);
    free(e->symbols);
    free(e);
}

int wt_engine_listen(struct wt_engine *e, struct wt_engine_handler handler)
{
    if (e->handler_count == WT_ENGINE_HANDLERS)
        return -ENOSPC;
    e->handlers[e->handler_count++] = handler;
    return 0;
}

int wt_engine_symbol(struct wt_engine *e, const char name[8])
{
    for (uint32_t i = 0; i < e->symbol_count; i++)
        if (memcmp(e->symbols[i].name, name, 8) == 0)
            return -EEXIST;
    if (e->symbol_count > UINT16_MAX)
        return -ENOSPC;
    if (e->symbol_count == e->symbol_room) {
        uint32_t room = e->symbol_room ? 2 * e->symbol_room : 64;
        struct wt_engine_listing *symbols = realloc(e->symbols, room * sizeof *symbols);
        if (!symbols)
            return -ENOMEM;
        e->symbols = symbols;
        e->symbol_room = room;
    }
    struct wt_engine_listing *s = &e->symbols[e->symbol_count];
    *s = (struct wt_engine_listing){.state = 'T'};
    memcpy(s->name, name, sizeof s->name);
    return (int)e->symbol_count++;
}

/* ---------------------------------------------------------------- what is refused */

static enum wt_engine_reason check_price(uint32_t price)
{
    if (price - 1u >= MAX_PRICE)
        return WT_ENGINE_BAD_PRICE;
    return price >= DOLLAR && price % CENT != 0 ? WT_ENGINE_BAD_TICK : WT_ENGINE_OK;
}

static enum wt_engine_reason check_shares(uint32_t shares)
{
    return shares - 1u >= MAX_SHARES ? WT_ENGINE_BAD_SHARES : WT_ENGINE_OK;
}

/* An order that has its price may come in now. */
static inline __attribute__((always_inline)) enum wt_engine_reason
check_book(struct wt_engine *e, const struct wt_engine_resting *in, bool may_rest)
{
    char state = e->symbols[in->v.symbol].state;
    if (state == 'T')
        return in->post_only && wt_engine_match_reaches(e, in, 1) ? WT_ENGINE_WOULD_TRADE : WT_ENGINE_OK;
    return state == 'Q' && may_rest ? WT_ENGINE_OK : WT_ENGINE_HALTED;
}

static enum wt_engine_reason check_terms(const struct wt_engine *e, const struct wt_engine_order *order, bool may_rest)
{
    if (order->symbol >= e->symbol_count)
        return WT_ENGINE_BAD_SYMBOL;
    if (order->side != 'B' && order->side != 'S')
        return WT_ENGINE_BAD_TERMS;
    if (!may_rest && (order->post_only || (order->tif != WT_ENGINE_DAY && order->tif != WT_ENGINE_IOC)))
        return WT_ENGINE_BAD_TERMS;
    enum wt_engine_reason reason = check_shares(order->shares);
    if (reason == WT_ENGINE_OK && !order->market)
        reason = check_price(order->price);
    if (reason == WT_ENGINE_OK && order->min_shares > 0 &&
        (order->min_shares > order->shares || (may_rest && !order->hidden)))
        reason = WT_ENGINE_MIN_SHARES;
    return reason;
}

/* ---------------------------------------------------------------- enter, cancel, replace */

/* Trade what comes in, then let the rest of it rest or go. A market order has a limit that all prices meet, and shows
 * 0. */
static inline __attribute__((always_inline)) void come_in(struct wt_engine *e, struct wt_engine_resting *in,
                                                          bool market, bool may_rest)
{
    enum wt_engine_reason reason = WT_ENGINE_IOC_REST;
    if (market)
        in->v.price = in->v.side == 'B' ? UINT32_MAX : 0;
    if (e->symbols[in->v.symbol].state == 'T') {
        bool crosses = wt_engine_crosses(e, in);
        if (in->min_shares > 0 && !(crosses && wt_engine_match_reaches(e, in, in->min_shares)))
            reason = WT_ENGINE_MIN_SHARES;
        else if (crosses && !wt_engine_match_run(e, in))
            reason = WT_ENGINE_SELF_MATCH;
    }
    uint32_t shares = in->v.shares;
    if (shares == 0)
        return;
    if (may_rest && reason != WT_ENGINE_SELF_MATCH) {
        wt_engine_book_add(e, in);
        WT_ENGINE_TELL(e, rested, &in->v);
        return;
    }
    in->v.shares = 0;
    if (market)
        in->v.price = 0;
    e->totals.canceled_shares += shares;
    WT_ENGINE_TELL(e, canceled, &in->v, shares, false, reason);
}

static enum wt_engine_reason refuse(struct wt_engine *e, enum wt_engine_reason reason)
{
    e->totals.rejects++;
    return reason;
}

enum wt_engine_reason wt_engine_enter(struct wt_engine *e, const struct wt_engine_order *order, uint64_t *ref)
{
    *ref = e->next_ref++;
    bool may_rest = order->tif == WT_ENGINE_DAY && !order->market;
    enum wt_engine_reason reason = check_terms(e, order, may_rest);
    if (reason != WT_ENGINE_OK)
        return refuse(e, reason);
    struct wt_engine_resting in = {.v = {.ref = *ref,
                                         .owner = order->owner,
                                         .tag = order->tag,
                                         .symbol = order->symbol,
                                         .side = order->side,
                                         .hidden = order->hidden,
                                         .price = order->market ? 0 : order->price,
                                         .shares = order->shares},
                                   .min_shares = order->min_shares,
                                   .post_only = order->post_only};
    memcpy(in.v.mpid, order->mpid, sizeof in.v.mpid);
    reason = check_book(e, &in, may_rest);
    if (reason == WT_ENGINE_OK && may_rest && !wt_engine_book_room(e))
        reason = WT_ENGINE_FULL;
    if (reason != WT_ENGINE_OK)
        return refuse(e, reason);
    e->totals.entered++;
    e->totals.entered_shares += in.v.shares;
    WT_ENGINE_TELL(e, accepted, &in.v);
    come_in(e, &in, order->market, may_rest);
    return WT_ENGINE_OK;
}

bool wt_engine_cancel(struct wt_engine *e, uint64_t ref, uint32_t shares, enum wt_engine_reason reason)
{
    uint32_t slot = wt_engine_book_find(e, ref);
    if (slot == 0)
        return false;
    struct wt_engine_view view = e->orders[slot].v;
    if (shares > view.shares)
        shares = view.shares;
    if (shares == 0)
        return true;
    wt_engine_book_reduce(e, slot, shares);
    e->totals.canceled_shares += shares;
    view.shares -= shares;
    WT_ENGINE_TELL(e, canceled, &view, shares, true, reason);
    return true;
}

static void keep_in_place(struct wt_engine *e, uint32_t slot, uint32_t shares, uint64_t tag)
{
    struct wt_engine_resting *o = &e->orders[slot];
    uint32_t old_shares = o->v.shares;
    o->v.tag = tag;
    wt_engine_book_reduce(e, slot, old_shares - shares); /* shares stay: at least 1 */
    e->totals.canceled_shares += old_shares - shares;
    WT_ENGINE_TELL(e, replaced, o->v.ref, old_shares, &o->v, WT_ENGINE_REPLACED_KEPT);
}

enum wt_engine_reason wt_engine_replace(struct wt_engine *e, uint64_t ref, uint32_t price, uint32_t shares, bool keep,
                                        uint64_t tag, uint64_t *new_ref)
{
    uint32_t slot = wt_engine_book_find(e, ref);
    *new_ref = ref;
    if (slot == 0)
        return refuse(e, WT_ENGINE_BAD_SYMBOL);
    struct wt_engine_resting in = e->orders[slot];
    enum wt_engine_reason reason = check_shares(shares);
    if (reason != WT_ENGINE_OK)
        return refuse(e, reason);
    if (keep && price == in.v.price && shares <= in.v.shares) {
        keep_in_place(e, slot, shares, tag);
        return WT_ENGINE_OK;
    }
    uint32_t old_shares = in.v.shares;
    in.v.price = price;
    in.v.shares = shares;
    in.v.tag = tag;
    reason = check_price(price);
    if (reason == WT_ENGINE_OK && in.min_shares > shares)
        reason = WT_ENGINE_MIN_SHARES;
    if (reason == WT_ENGINE_OK)
        reason = check_book(e, &in, true);
    if (reason == WT_ENGINE_OK && e->prices.left < WT_PRICE_DEPTH)
        reason = WT_ENGINE_FULL;
    if (reason != WT_ENGINE_OK)
        return refuse(e, reason);
    in.v.ref = *new_ref = e->next_ref++;
    wt_engine_book_remove(e, slot);
    e->totals.canceled_shares += old_shares;
    e->totals.entered++;
    e->totals.entered_shares += shares;
    bool rests = e->symbols[in.v.symbol].state != 'T' || !wt_engine_crosses(e, &in);
    if (rests)
        wt_engine_book_add(e, &in);
    WT_ENGINE_TELL(e, replaced, ref, old_shares, &in.v, rests ? WT_ENGINE_REPLACED_MOVED : WT_ENGINE_REPLACED_ENTERS);
    if (!rests)
        come_in(e, &in, false, true);
    return WT_ENGINE_OK;
}

/* ---------------------------------------------------------------- states, and looking */

void wt_engine_state(struct wt_engine *e, uint16_t symbol, char trading_state)
{
    if (symbol >= e->symbol_count || e->symbols[symbol].state == trading_state || trading_state == '\0' ||
        !strchr("HPQT", trading_state))
        return;
    if (trading_state == 'T')
        wt_engine_match_uncross(e, symbol);
    e->symbols[symbol].state = trading_state;
    WT_ENGINE_TELL(e, state, symbol, trading_state);
}

static void best_of(const struct wt_engine *e, uint16_t symbol, char side, uint32_t *price, uint64_t *shares)
{
    uint32_t level = wt_engine_book_best(&e->symbols[symbol].ladder[side == 'S'], side);
    /* Level 0 is never used: price and shares 0. */
    *price = e->levels[level].price;
    *shares = e->levels[level].shares;
}

void wt_engine_bbo(const struct wt_engine *e, uint16_t symbol, uint32_t *bid, uint64_t *bid_shares, uint32_t *ask,
                   uint64_t *ask_shares)
{
    best_of(e, symbol, 'B', bid, bid_shares);
    best_of(e, symbol, 'S', ask, ask_shares);
}

void wt_engine_walk(const struct wt_engine *e, uint16_t symbol,
                    void (*fn)(void *ctx, const struct wt_engine_view *order), void *ctx)
{
    for (const char *side = "BS"; *side; side++) {
        uint32_t level = wt_engine_book_best(&e->symbols[symbol].ladder[*side == 'S'], *side);
        for (; level != 0; level = wt_engine_book_next_level(e, level, *side)) {
            for (uint32_t slot = e->levels[level].oldest; slot != 0; slot = e->orders[slot].newer)
                fn(ctx, &e->orders[slot].v);
        }
    }
}

bool wt_engine_find(const struct wt_engine *e, uint64_t ref, struct wt_engine_view *order)
{
    uint32_t slot = wt_engine_book_find(e, ref);
    if (slot != 0)
        *order = e->orders[slot].v;
    return slot != 0;
}

void wt_engine_totals(const struct wt_engine *e, struct wt_engine_totals *totals)
{
    *totals = e->totals;
}
