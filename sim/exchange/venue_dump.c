/* What the venue knows at the end, for whoever wants to hold it against what a client knows. */
#include <inttypes.h>
#include <stdio.h>

#include "host/common/dump.h"
#include "sim/exchange/venue_internal.h"

static int name_length(const char name[8])
{
    int length = 8;
    while (length > 0 && name[length - 1] == ' ')
        length--;
    return length;
}

/* ---------------------------------------------------------------- books */

struct level {
    FILE *file;
    const char *name;
    char side;
    unsigned index, orders;
    uint32_t price;
    uint64_t shares;
};

static void end_level(struct level *l)
{
    if (l->orders > 0)
        fprintf(l->file, "%.*s,%c,%u,%u,%" PRIu64 ",%u\n", name_length(l->name), l->name, l->side, l->index++, l->price,
                l->shares, l->orders);
    l->orders = 0;
    l->shares = 0;
}

static void add_order(struct level *l, char side, uint32_t price, uint32_t shares)
{
    if (l->orders == 0 || side != l->side || price != l->price)
        end_level(l);
    if (side != l->side)
        l->index = 0;
    l->side = side;
    l->price = price;
    l->shares += shares;
    l->orders++;
}

static void on_order(void *ctx, const struct wt_engine_view *order)
{
    add_order(ctx, order->side, order->price, order->shares);
}

static void put_replayed(struct level *l, struct wt_replay *replay, const struct wt_replay_symbol *symbol)
{
    for (unsigned side = 0; side < 2; side++)
        for (uint32_t at = symbol->side[side].count; at-- > 0;)
            for (uint32_t i = symbol->side[side].levels[at].head; i != WT_REPLAY_NONE;) {
                const struct wt_replay_order *o = wt_replay_order(replay, i);
                add_order(l, side ? 'S' : 'B', o->price, o->shares);
                i = o->next;
            }
}

static void put_books(FILE *file, const void *ctx)
{
    const struct wt_venue *v = ctx;
    fprintf(file, "symbol,side,level,price,shares,orders\n");
    for (unsigned i = 0; !v->config.file && i < v->config.symbol_count; i++) {
        struct level l = {.file = file, .name = wt_publish_name(v->publish, (uint16_t)i)};
        wt_engine_walk(v->engine, (uint16_t)i, on_order, &l);
        end_level(&l);
    }
    struct wt_replay *replay = v->config.file ? v->replayed[v->config.account_count].replay : NULL;
    for (uint32_t locate = 0; replay && locate < 65536; locate++) {
        const struct wt_replay_symbol *symbol = wt_replay_symbol(replay, (uint16_t)locate);
        if (!symbol)
            continue;
        struct level l = {.file = file, .name = symbol->name};
        put_replayed(&l, replay, symbol);
        end_level(&l);
    }
}

/* ---------------------------------------------------------------- orders */

/* The desk has the order as the messages to the client say. */
static bool desk_agrees(const struct wt_session *s, const struct wt_ledger_entry *e)
{
    const struct wt_own_order *o = s->desk.find(s->desk.ctx, e->user_ref);
    if (e->state == WT_LEDGER_IGNORED || e->state == WT_LEDGER_REJECTED)
        return !o;
    return o && o->live == (e->state == WT_LEDGER_LIVE) && o->open == e->open &&
           o->executed == e->executed + e->broken && o->canceled == e->canceled && o->quantity == e->accepted &&
           o->price == e->price && memcmp(o->symbol, e->symbol, sizeof e->symbol) == 0;
}

static void put_orders(FILE *file, const void *ctx)
{
    const struct wt_venue *v = ctx;
    fprintf(file,
            "account,order,replaces,symbol,side,state,reason,price,accepted,filled,canceled,open,money,broken,name\n");
    for (unsigned i = 0; i < v->config.account_count; i++) {
        const struct wt_session *s = &v->sessions[i];
        for (uint32_t at = 0; at < s->ledger.count; at++) {
            const struct wt_ledger_entry *e = &s->ledger.entries[at];
            char name[15] = "";
            for (unsigned k = 0; k < sizeof e->name && e->name[k] > ' ' && e->name[k] <= '~' && e->name[k] != ','; k++)
                name[k] = e->name[k];
            fprintf(file, "%s,%u,%u,%.*s,%c,%s,%u,%u,%u,%u,%u,%u,%" PRIu64 ",%u,%s\n", s->config.username, e->user_ref,
                    e->orig_ref, name_length(e->symbol), e->symbol, e->side,
                    wt_ledger_state_name((enum wt_ledger_state)e->state), e->reason, e->price, e->accepted, e->executed,
                    e->canceled, e->open, e->money, e->broken, name);
        }
    }
}

uint64_t wt_venue_ledger_check(const struct wt_venue *v)
{
    uint64_t wrong = 0;
    for (unsigned i = 0; i < v->config.account_count; i++) {
        const struct wt_session *s = &v->sessions[i];
        struct wt_desk_totals sum = {0}, totals;
        wrong += s->ledger.strays;
        for (uint32_t at = 0; at < s->ledger.count; at++) {
            const struct wt_ledger_entry *e = &s->ledger.entries[at];
            wrong += !desk_agrees(s, e);
            sum.accepted += e->accepted;
            sum.executed += e->executed + e->broken;
            sum.canceled += e->canceled;
            sum.open += e->open;
        }
        wt_venue_account_totals(v, i, &totals);
        wrong += memcmp(&sum, &totals, sizeof sum) != 0;
    }
    return wrong;
}

unsigned wt_venue_rejects(const struct wt_venue *v, struct wt_venue_reject *rejects, unsigned room)
{
    unsigned count = 0;
    for (unsigned i = 0; i < v->config.account_count; i++)
        for (uint32_t at = 0; at < v->sessions[i].ledger.count; at++) {
            const struct wt_ledger_entry *e = &v->sessions[i].ledger.entries[at];
            unsigned k = 0;
            while (k < count && rejects[k].reason != e->reason)
                k++;
            if (e->state != WT_LEDGER_REJECTED || k == room)
                continue;
            if (k == count)
                rejects[count++] = (struct wt_venue_reject){.reason = e->reason};
            rejects[k].orders++;
        }
    return count;
}

/* ---------------------------------------------------------------- files */

int wt_venue_dump(const struct wt_venue *v, const char *dir)
{
    int rc = wt_dump(dir, "books.csv", put_books, v);
    return rc ? rc : wt_dump(dir, "orders.csv", put_orders, v);
}
