#include "sim/exchange/ledger.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Place of the first entry whose number is not below. */
static uint32_t place_of(const struct wt_ledger *l, uint32_t user_ref)
{
    uint32_t low = 0, high = l->count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (l->entries[middle].user_ref < user_ref)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static struct wt_ledger_entry *find(const struct wt_ledger *l, uint32_t user_ref)
{
    uint32_t at = place_of(l, user_ref);
    return at < l->count && l->entries[at].user_ref == user_ref ? &l->entries[at] : NULL;
}

const struct wt_ledger_entry *wt_ledger_find(const struct wt_ledger *l, uint32_t user_ref)
{
    return find(l, user_ref);
}

/* Numbers rise, but for a client that does not keep the rules: then those behind move. */
static struct wt_ledger_entry *make(struct wt_ledger *l, uint32_t user_ref)
{
    if (l->count == l->room) {
        uint32_t room = l->room ? 2 * l->room : 1024;
        struct wt_ledger_entry *entries = realloc(l->entries, sizeof *entries * room);
        if (!entries)
            return NULL;
        l->entries = entries;
        l->room = room;
    }
    uint32_t at = place_of(l, user_ref);
    memmove(l->entries + at + 1, l->entries + at, (l->count - at) * sizeof *l->entries);
    l->count++;
    l->entries[at] = (struct wt_ledger_entry){.user_ref = user_ref, .symbol = "       ", .side = ' '};
    l->entries[at].symbol[7] = ' ';
    return &l->entries[at];
}

int wt_ledger_request(struct wt_ledger *l, const struct wt_ouch *in)
{
    struct wt_ledger_entry *e = find(l, in->user_ref);
    if (e && e->state != WT_LEDGER_IGNORED)
        return 0; /* a number that was used: the first one's story stays */
    if (!e)
        e = make(l, in->user_ref);
    if (!e)
        return -ENOMEM;
    e->orig_ref = in->type == WT_OUCH_REPLACE ? in->orig_ref : 0;
    memcpy(e->name, in->cl_ord_id, sizeof e->name);
    if (in->type == WT_OUCH_ENTER) {
        memcpy(e->symbol, in->symbol, sizeof e->symbol);
        e->side = in->side;
    }
    return 0;
}

/* ---------------------------------------------------------------- executions */

static struct wt_ledger_fill *fill_find(const struct wt_ledger *l, uint64_t match)
{
    uint32_t low = 0, high = l->fill_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (l->fills[middle].match < match)
            low = middle + 1;
        else
            high = middle;
    }
    return low < l->fill_count && l->fills[low].match == match ? &l->fills[low] : NULL;
}

const struct wt_ledger_fill *wt_ledger_fill_find(const struct wt_ledger *l, uint64_t match)
{
    const struct wt_ledger_fill *fill = fill_find(l, match);
    return fill && !fill->broken ? fill : NULL;
}

static int keep_fill(struct wt_ledger *l, const struct wt_ouch *m)
{
    if (l->fill_count == l->fill_room) {
        uint32_t room = l->fill_room ? 2 * l->fill_room : 1024;
        struct wt_ledger_fill *fills = realloc(l->fills, sizeof *fills * room);
        if (!fills)
            return -ENOMEM;
        l->fills = fills;
        l->fill_room = room;
    }
    l->strays += l->fill_count > 0 && l->fills[l->fill_count - 1].match >= m->match;
    l->fills[l->fill_count++] = (struct wt_ledger_fill){
        .match = m->match, .user_ref = m->user_ref, .shares = m->quantity, .price = (uint32_t)m->price};
    return 0;
}

static void broken(struct wt_ledger *l, struct wt_ledger_entry *e, const struct wt_ouch *m)
{
    struct wt_ledger_fill *fill = fill_find(l, m->match);
    if (!fill || fill->broken || fill->user_ref != e->user_ref) {
        l->strays++;
        return;
    }
    fill->broken = true;
    e->executed -= fill->shares;
    e->broken += fill->shares;
    e->money -= (uint64_t)fill->shares * fill->price;
}

/* ---------------------------------------------------------------- orders */

static void accept(struct wt_ledger *l, struct wt_ledger_entry *e, const struct wt_ouch *m)
{
    struct wt_ledger_entry *old = m->type == WT_OUCH_REPLACED ? find(l, m->orig_ref) : NULL;
    l->strays += e->state != WT_LEDGER_IGNORED || (m->type == WT_OUCH_REPLACED && (!old || old->open == 0));
    if (old) {
        old->canceled += old->open;
        old->open = 0;
        old->state = WT_LEDGER_REPLACED;
    }
    e->orig_ref = m->orig_ref;
    memcpy(e->symbol, m->symbol, sizeof e->symbol);
    e->side = m->side;
    e->price = (uint32_t)m->price;
    e->accepted = e->open = m->quantity;
    e->state = WT_LEDGER_LIVE;
}

static void take_off(struct wt_ledger *l, struct wt_ledger_entry *e, uint32_t shares)
{
    l->strays += e->state != WT_LEDGER_LIVE || shares > e->open;
    e->open -= shares < e->open ? shares : e->open;
}

int wt_ledger_answer(struct wt_ledger *l, const struct wt_ouch *m)
{
    switch (m->type) {
    case WT_OUCH_ACCEPTED:
    case WT_OUCH_REPLACED:
    case WT_OUCH_REJECTED:
    case WT_OUCH_EXECUTED:
    case WT_OUCH_CANCELED:
    case WT_OUCH_AIQ_CANCELED:
    case WT_OUCH_BROKEN:
    case WT_OUCH_PRIORITY:
        break;
    default:
        return 0;
    }
    struct wt_ledger_entry *e = find(l, m->user_ref);
    if (!e)
        e = make(l, m->user_ref); /* of a request that could not be read */
    if (!e)
        return -ENOMEM;
    if (m->type == WT_OUCH_ACCEPTED || m->type == WT_OUCH_REPLACED) {
        accept(l, e, m);
    } else if (m->type == WT_OUCH_REJECTED) {
        l->strays += e->state != WT_LEDGER_IGNORED;
        e->state = WT_LEDGER_REJECTED;
        e->reason = m->reason;
    } else if (m->type == WT_OUCH_EXECUTED) {
        take_off(l, e, m->quantity);
        e->executed += m->quantity;
        e->money += m->price * m->quantity;
        e->state = e->open == 0 ? WT_LEDGER_FILLED : WT_LEDGER_LIVE;
        return keep_fill(l, m);
    } else if (m->type == WT_OUCH_BROKEN) {
        broken(l, e, m);
    } else if (m->type == WT_OUCH_PRIORITY) {
        l->strays += e->state != WT_LEDGER_LIVE;
        e->price = (uint32_t)m->price;
    } else {
        take_off(l, e, m->quantity);
        e->canceled += m->quantity;
        e->reason = m->reason;
        if (e->open == 0)
            e->state = m->reason == 'T' ? WT_LEDGER_EXPIRED : WT_LEDGER_CANCELED;
    }
    return 0;
}

const char *wt_ledger_state_name(enum wt_ledger_state state)
{
    static const char *const names[] = {"IGNORED", "REJECTED", "LIVE", "FILLED", "CANCELED", "EXPIRED", "REPLACED"};
    return state < sizeof names / sizeof names[0] ? names[state] : "?";
}

void wt_ledger_free(struct wt_ledger *l)
{
    free(l->entries);
    free(l->fills);
    *l = (struct wt_ledger){0};
}
