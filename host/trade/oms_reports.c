/* The venue's answers. */
#include "host/trade/oms_internal.h"

#define TIMEOUT 'T' /* OUCH: reason of a cancel */

/* The original is gone by itself: the venue ignores the replace without a word. */
void wt_oms_void_replacement(struct wt_oms *oms, struct wt_order *o)
{
    struct wt_order *n = wt_oms_slot(oms, o->replacement);
    o->replacement = 0;
    if (!n || !wt_oms_pending_replacement(n))
        return;
    oms->stats.voided++;
    wt_oms_step(oms, n, WT_OI_VOID, &(struct wt_order_event){.reason = WT_OMS_VOID});
}

/*
 * The venue has it. What was filled before we heard so is not open any more; if that was all, it ends here. Terms that
 * no order can have are told and not taken: then it stands as we asked for it.
 */
static void stands(struct wt_oms *oms, struct wt_order *o, enum wt_order_input input, const struct wt_exec_report *r)
{
    bool possible = wt_oms_possible(r->shares, r->price);
    uint32_t shares = possible ? r->shares : o->open;
    if (possible)
        o->price = r->price;
    else
        wt_oms_illegal(oms, o, input);
    o->open = shares > o->early ? shares - o->early : 0;
    o->answered = true;
    bool over = o->early && !o->open && !r->dead;
    wt_oms_step(oms, o, input, NULL);
    if (over)
        wt_oms_step(oms, o, WT_OI_FILL_ALL, NULL);
    else
        wt_oms_after_answer(oms, o);
}

static void on_accepted(struct wt_oms *oms, struct wt_order *o, const struct wt_exec_report *r)
{
    enum wt_order_input input = r->dead ? WT_OI_ACCEPTED_DEAD : WT_OI_ACCEPTED;
    if (o->replaces) { /* a replacement is answered by U, never by A */
        wt_oms_illegal(oms, o, input);
        return;
    }
    if (!wt_oms_legal(oms, o, input)) {
        if (o->state == WT_ORDER_REJECTED && !r->dead)
            wt_oms_disown(oms, o->id);
        return;
    }
    oms->stats.accepted++;
    stands(oms, o, input, r);
}

static void on_replaced(struct wt_oms *oms, struct wt_order *n, const struct wt_exec_report *r)
{
    enum wt_order_input input = r->dead ? WT_OI_REPLACED_DEAD : WT_OI_REPLACED;
    struct wt_order *o = wt_oms_slot(oms, r->replaced);
    if (!o || n->replaces != r->replaced || o->replacement != n->id) {
        wt_oms_illegal(oms, n, input);
        return;
    }
    if (!wt_oms_legal(oms, n, input) || !wt_oms_legal(oms, o, WT_OI_REPLACED_AWAY))
        return;
    oms->stats.replaced++;
    /* Fills of the original since the replace was sent belong to the chain too. */
    n->chain_filled = o->chain_filled + o->filled;
    o->replacement = 0;
    wt_oms_step(oms, o, WT_OI_REPLACED_AWAY, NULL);
    stands(oms, n, input, r);
}

/* It stands elsewhere, and may cost more: the sums follow. A price that no order can have is told and not taken. */
static void on_priority(struct wt_oms *oms, struct wt_order *o, const struct wt_exec_report *r)
{
    if (!wt_oms_legal(oms, o, WT_OI_PRIORITY))
        return;
    if (r->price && wt_oms_possible(o->open, r->price))
        o->price = r->price;
    else
        wt_oms_illegal(oms, o, WT_OI_PRIORITY);
    oms->stats.moved++;
    wt_oms_step(oms, o, WT_OI_PRIORITY, NULL);
}

static void on_rejected(struct wt_oms *oms, struct wt_order *o, const struct wt_exec_report *r)
{
    if (!wt_oms_legal(oms, o, WT_OI_REJECTED))
        return;
    oms->stats.rejected++;
    const struct wt_order_event extra = {.reason = r->reason};
    struct wt_order *original = o->replaces ? wt_oms_slot(oms, o->replaces) : NULL;
    bool stands = original && original->replacement == o->id;
    /* First that the original stands, then that its replacement does not: whoever watches sees no gap. */
    if (stands) {
        original->replacement = 0;
        stands = wt_oms_step(oms, original, WT_OI_REPLACE_REJECTED, &extra);
    }
    wt_oms_step(oms, o, WT_OI_REJECTED, &extra);
    if (stands) {
        wt_oms_recount(oms, original);
        wt_oms_after_answer(oms, original);
    }
}

static void executed(struct wt_oms *oms, struct wt_order *o, const struct wt_exec_report *r)
{
    enum wt_order_input input = r->shares < o->open ? WT_OI_FILL_PART : WT_OI_FILL_ALL;
    struct wt_order_event extra = {
        .fill_shares = (int32_t)r->shares, .fill_price = r->price, .match = r->match, .liquidity = r->liquidity};
    oms->stats.fills++;
    oms->stats.filled_shares += r->shares;
    o->filled += r->shares;
    if (!wt_oms_legal(oms, o, input)) {
        /* Not ours to refuse: shares have changed hands. The position takes them, the alert has told. */
        o->early += o->answered ? 0 : r->shares;
        struct wt_event event = wt_oms_order_event(o, input, o->state);
        event.order.illegal = true;
        event.order.fill_shares = extra.fill_shares;
        event.order.fill_price = extra.fill_price;
        event.order.match = extra.match;
        event.order.liquidity = extra.liquidity;
        wt_loop_publish(oms->loop, &event);
        return;
    }
    if (r->shares > o->open) {
        oms->stats.bad_fills++;
        wt_oms_alert(oms, WT_ALERT_BAD_FILL, o->id, o->state, input, r->shares);
    }
    o->open = input == WT_OI_FILL_PART ? o->open - r->shares : 0;
    /* The replace said the total liable: what the original fills, the replacement cannot any more. */
    struct wt_order *n = o->replacement ? wt_oms_slot(oms, o->replacement) : NULL;
    if (n)
        n->open -= r->shares < n->open ? r->shares : n->open;
    wt_oms_step(oms, o, input, &extra);
    if (input == WT_OI_FILL_ALL)
        wt_oms_void_replacement(oms, o);
}

static void on_canceled(struct wt_oms *oms, struct wt_order *o, const struct wt_exec_report *r)
{
    enum wt_order_input input = r->shares < o->open    ? WT_OI_REDUCED
                                : r->reason == TIMEOUT ? WT_OI_EXPIRED
                                                       : WT_OI_CANCELED;
    if (!wt_oms_legal(oms, o, input))
        return;
    oms->stats.canceled += input == WT_OI_CANCELED;
    oms->stats.expired += input == WT_OI_EXPIRED;
    oms->stats.canceled_shares += r->shares < o->open ? r->shares : o->open;
    o->open = input == WT_OI_REDUCED ? o->open - r->shares : 0;
    wt_oms_step(oms, o, input, &(struct wt_order_event){.reason = r->reason});
    if (input != WT_OI_REDUCED)
        wt_oms_void_replacement(oms, o);
}

/*
 * A fill taken back, or booked anew (a correction): of an order that is still known, or of one whose slot is another's.
 * Like a fill it is not ours to refuse: what was booked is taken back in whatever state, the alert tells.
 */
static void book(struct wt_oms *oms, struct wt_order *o, const struct wt_fill *fill, enum wt_order_input input,
                 bool back, uint16_t reason)
{
    const struct wt_order_event extra = {.fill_shares = back ? -(int32_t)fill->shares : (int32_t)fill->shares,
                                         .fill_price = fill->price,
                                         .match = fill->match,
                                         .liquidity = fill->liquidity,
                                         .reason = reason};
    const struct wt_order gone = {.id = fill->id,
                                  .symbol = fill->symbol,
                                  .side = fill->sell ? WT_SELL : WT_BUY,
                                  .owner = fill->owner < WT_FILL_OWNERS ? fill->owner : UINT8_MAX};
    if (o && back)
        o->filled -= fill->shares < o->filled ? fill->shares : o->filled;
    else if (o)
        o->filled += fill->shares;
    if (o && wt_oms_allows(o, input)) {
        wt_oms_step(oms, o, input, &extra);
        return;
    }
    struct wt_event event = wt_oms_order_event(o ? o : &gone, input, o ? o->state : WT_ORDER_NONE);
    event.order.illegal = o != NULL;
    event.order.fill_shares = extra.fill_shares;
    event.order.fill_price = extra.fill_price;
    event.order.match = extra.match;
    event.order.liquidity = extra.liquidity;
    event.order.reason = reason;
    wt_loop_publish(oms->loop, &event);
}

static void on_broken(struct wt_oms *oms, struct wt_order *o, struct wt_fill *fill, const struct wt_exec_report *r)
{
    if (fill->broken) {
        oms->stats.duplicates++;
        return;
    }
    if (o)
        wt_oms_legal(oms, o, WT_OI_BROKEN);
    fill->broken = true;
    oms->stats.broken++;
    book(oms, o, fill, WT_OI_BROKEN, true, r->reason);
}

/* The old execution is taken back and the new one booked: two events, so that every sum stays a sum of fills. */
static void on_corrected(struct wt_oms *oms, struct wt_order *o, struct wt_fill *fill, const struct wt_exec_report *r)
{
    const struct wt_fill old = *fill;
    if (old.shares == r->shares && old.price == r->price) {
        oms->stats.duplicates++;
        return;
    }
    if (r->shares == 0 || !wt_oms_possible(r->shares, r->price)) {
        oms->stats.bad_fills++;
        wt_oms_alert(oms, WT_ALERT_BAD_FILL, old.id, o ? o->state : WT_ORDER_NONE, WT_OI_CORRECTED, r->shares);
        return;
    }
    if (o)
        wt_oms_legal(oms, o, WT_OI_CORRECTED);
    fill->shares = r->shares;
    fill->price = r->price;
    fill->liquidity = r->liquidity ? r->liquidity : old.liquidity;
    oms->stats.corrected++;
    book(oms, o, &old, WT_OI_CORRECTED, true, r->reason);
    book(oms, o, fill, WT_OI_CORRECTED, false, r->reason);
}

static struct wt_fill fill_of(const struct wt_order *o, const struct wt_exec_report *r)
{
    return (struct wt_fill){.match = r->match,
                            .id = o->id,
                            .shares = r->shares,
                            .price = r->price,
                            .liquidity = r->liquidity,
                            .symbol = o->symbol,
                            .sell = o->side == WT_SELL,
                            .owner = o->owner < WT_FILL_OWNERS ? o->owner & 31u : WT_FILL_OWNERS};
}

static void on_executed(struct wt_oms *oms, struct wt_order *o, const struct wt_exec_report *r)
{
    struct wt_fill *known = wt_fills_find(&oms->fills, o->id, r->match);
    if (known && !known->ahead) {
        oms->stats.duplicates++;
        return;
    }
    const struct wt_fill fill = fill_of(o, r);
    bool impossible = r->shares == 0 || !wt_oms_possible(r->shares, r->price);
    if (!impossible && known) {
        /* What was said of it came first. */
        const struct wt_fill word = *known;
        *known = fill;
        executed(oms, o, r);
        const struct wt_exec_report said = {.shares = word.shares, .price = word.price, .liquidity = word.liquidity};
        if (word.broken)
            on_broken(oms, o, known, &said);
        else
            on_corrected(oms, o, known, &said);
        return;
    }
    if (wt_fills_crowded(&oms->fills))
        wt_oms_forget_fills(oms); /* of an order that is alive none is forgotten: this one stays */
    if (impossible || !wt_fills_add(&oms->fills, &fill)) {
        oms->stats.bad_fills++;
        wt_oms_alert(oms, WT_ALERT_BAD_FILL, o->id, o->state, WT_OI_FILL_ALL, r->shares);
        return;
    }
    executed(oms, o, r);
}

/* The execution itself has not come: what is said of it waits. Broken is the last word. */
static void ahead(struct wt_oms *oms, struct wt_order *o, struct wt_fill *fill, const struct wt_exec_report *r)
{
    bool corrected = r->type == WT_EXEC_CORRECTED;
    struct wt_fill word = fill_of(o, r);
    wt_oms_illegal(oms, o, corrected ? WT_OI_CORRECTED : WT_OI_BROKEN);
    if (fill && fill->broken)
        return;
    word.ahead = true;
    word.broken = !corrected;
    if (fill)
        *fill = word;
    else
        wt_fills_add(&oms->fills, &word);
}

/* What is said of one of our executions. Its order may be long forgotten; the shares are still ours to account for. */
static void on_execution_changed(struct wt_oms *oms, const struct wt_exec_report *r)
{
    struct wt_order *o = wt_oms_slot(oms, r->id);
    struct wt_fill *fill = wt_fills_find(&oms->fills, r->id, r->match);
    bool corrected = r->type == WT_EXEC_CORRECTED;
    if (o && (!fill || fill->ahead)) {
        ahead(oms, o, fill, r);
    } else if (o && corrected && fill->broken) {
        wt_oms_illegal(oms, o, WT_OI_CORRECTED);
    } else if (fill && !fill->ahead && !(corrected && fill->broken)) {
        if (corrected)
            on_corrected(oms, o, fill, r);
        else
            on_broken(oms, o, fill, r);
    } else {
        oms->stats.unknown++;
        wt_oms_alert(oms, WT_ALERT_UNKNOWN_ORDER, r->id, 0, 0, r->type);
    }
}

void wt_oms_report(struct wt_oms *oms, const struct wt_exec_report *r)
{
    if (r->type == WT_EXEC_SYNCED) {
        /* The venue ignores an id at or below the last one it has seen, whoever remembers it here. */
        if (oms->next_id && r->id > oms->next_id)
            wt_oms_next_id(oms, r->id);
        return;
    }
    if (r->type == WT_EXEC_BROKEN || r->type == WT_EXEC_CORRECTED) {
        on_execution_changed(oms, r);
        return;
    }
    struct wt_order *o = wt_oms_slot(oms, r->id);
    if (!o) {
        oms->stats.unknown++;
        wt_oms_alert(oms, WT_ALERT_UNKNOWN_ORDER, r->id, 0, 0, r->type);
        if (r->type == WT_EXEC_ACCEPTED && !r->dead)
            wt_oms_disown(oms, r->id);
        return;
    }
    switch (r->type) {
    case WT_EXEC_ACCEPTED:
        on_accepted(oms, o, r);
        break;
    case WT_EXEC_REPLACED:
        on_replaced(oms, o, r);
        break;
    case WT_EXEC_EXECUTED:
        on_executed(oms, o, r);
        break;
    case WT_EXEC_CANCELED:
        on_canceled(oms, o, r);
        break;
    case WT_EXEC_REJECTED:
        on_rejected(oms, o, r);
        break;
    case WT_EXEC_BROKEN:
    case WT_EXEC_CORRECTED:
    case WT_EXEC_SYNCED:
        break;
    case WT_EXEC_PRIORITY:
        on_priority(oms, o, r);
        break;
    case WT_EXEC_CANCEL_PENDING:
        if (wt_oms_legal(oms, o, WT_OI_CANCEL_PENDING))
            wt_oms_step(oms, o, WT_OI_CANCEL_PENDING, NULL);
        break;
    case WT_EXEC_CANCEL_REJECTED:
        if (wt_oms_legal(oms, o, WT_OI_CANCEL_REJECTED))
            wt_oms_step(oms, o, WT_OI_CANCEL_REJECTED, NULL);
        break;
    }
}
