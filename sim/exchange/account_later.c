/* What a fault has begun: cancels that are pending, executions that will be broken, orders that will lose their place.
 */
#include "sim/exchange/account_later.h"

#include <string.h>

#define CENT 100u
#define DOLLAR 10000u

void wt_later_add(struct wt_session *s, struct wt_session_later what)
{
    what.due_ns = s->now_ns + s->config.faults.later_ns;
    s->later[s->later_count++] = what;
}

bool wt_later_begins(struct wt_session *s, uint32_t ppm)
{
    return s->later_count < WT_SESSION_LATER && wt_session_chance(s, ppm);
}

bool wt_later_cancel_pending(const struct wt_session *s, uint32_t user_ref)
{
    for (unsigned i = 0; i < s->later_count; i++)
        if (s->later[i].match == 0 && !s->later[i].move && s->later[i].user_ref == user_ref)
            return true;
    return false;
}

uint64_t wt_account_next_ns(const struct wt_session *s)
{
    uint64_t next = UINT64_MAX;
    for (unsigned i = 0; i < s->later_count; i++)
        if (s->later[i].due_ns < next)
            next = s->later[i].due_ns;
    return next;
}

/* A tick away from the market; 0: there is no such price. */
static uint32_t worse(const struct wt_own_order *o)
{
    if (o->side == 'B')
        return o->price - (o->price > DOLLAR ? CENT : 1);
    uint32_t price = o->price + (o->price >= DOLLAR ? CENT : 1);
    return price <= WT_OUCH_MAX_PRICE ? price : 0;
}

/* The order goes to the end of a queue. If it may not, as in a halt, it stays, and nobody hears of it. */
static void move(struct wt_session *s, uint32_t user_ref)
{
    struct wt_own_order *o = s->desk.find(s->desk.ctx, user_ref);
    if (!o || !o->live)
        return;
    uint32_t price = wt_session_chance(s, 500000) ? worse(o) : o->price;
    if (price > 0)
        s->desk.move(s->desk.ctx, o, price);
}

uint64_t wt_account_run(struct wt_session *s, uint64_t now_ns)
{
    s->now_ns = now_ns;
    for (unsigned i = 0; i < s->later_count;) {
        struct wt_session_later what = s->later[i];
        if (what.due_ns > now_ns) {
            i++;
            continue;
        }
        memmove(s->later + i, s->later + i + 1, (--s->later_count - i) * sizeof *s->later);
        if (what.match != 0)
            return what.match;
        if (what.move) {
            move(s, what.user_ref);
            continue;
        }
        struct wt_own_order *o = s->desk.find(s->desk.ctx, what.user_ref);
        uint32_t shares = o && o->live ? wt_later_shrink(o, what.quantity) : 0;
        if (shares > 0) /* else it traded meanwhile: Executed has said so */
            s->desk.cancel(s->desk.ctx, o, shares, 'U');
    }
    return 0;
}

void wt_account_break(struct wt_session *s, uint64_t match)
{
    const struct wt_ledger_fill *fill = wt_ledger_fill_find(&s->ledger, match);
    if (!fill)
        return;
    s->happened.broken++;
    const struct wt_own_order *o = s->desk.find(s->desk.ctx, fill->user_ref);
    struct wt_ouch m = {.type = WT_OUCH_BROKEN,
                        .timestamp = wt_session_stamp(s),
                        .user_ref = fill->user_ref,
                        .match = match,
                        .reason = 'S'}; /* by the venue's supervisors */
    memcpy(m.cl_ord_id, o->cl_ord_id, sizeof m.cl_ord_id);
    wt_session_send(s, &m);
}
