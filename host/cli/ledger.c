#include "host/cli/ledger.h"

#include <inttypes.h>
#include <stdio.h>

#include "host/common/dump.h"

struct sources {
    const struct wt_twin *twin;
    const struct wt_oms *oms;
    const struct wt_quotes *quotes;
    const struct wt_positions *positions;
};

static int name_length(const char *name)
{
    int length = 8;
    while (length > 0 && name[length - 1] == ' ')
        length--;
    return length;
}

static void put_side(FILE *file, const struct wt_twin *twin, uint16_t symbol, char side)
{
    uint32_t price, orders;
    uint64_t shares;
    const char *name = wt_twin_name(twin, symbol);
    for (size_t i = 0; wt_twin_level(twin, symbol, side, i, &price, &shares, &orders); i++)
        fprintf(file, "%.*s,%c,%zu,%" PRIu32 ",%" PRIu64 ",%" PRIu32 "\n", name_length(name), name, side, i, price,
                shares, orders);
}

static void put_books(FILE *file, const void *ctx)
{
    const struct sources *from = ctx;
    struct wt_twin_stats stats;
    wt_twin_stats(from->twin, &stats);
    fprintf(file, "symbol,side,level,price,shares,orders\n");
    for (uint32_t i = 0; i < stats.symbols; i++) {
        const char *name = wt_twin_name(from->twin, (uint16_t)i);
        if (!wt_twin_valid(from->twin, (uint16_t)i)) {
            fprintf(file, "%.*s,stale,0,0,0,0\n", name_length(name), name);
            continue;
        }
        put_side(file, from->twin, (uint16_t)i, 'B');
        put_side(file, from->twin, (uint16_t)i, 'S');
    }
}

static void put_orders(FILE *file, const void *ctx)
{
    const struct sources *from = ctx;
    uint64_t last = wt_oms_last_id(from->oms);
    fprintf(file, "order,replaces,symbol,side,state,price,filled,open\n");
    for (uint64_t id = 1; id <= last; id++) {
        const struct wt_order *o = wt_oms_find(from->oms, (uint32_t)id);
        if (o)
            fprintf(file, "%u,%u,%s,%c,%s,%u,%u,%u\n", o->id, o->replaces, wt_quotes_get(from->quotes, o->symbol)->name,
                    o->side, wt_order_state_name((enum wt_order_state)o->state), o->price, o->filled, o->open);
    }
}

static void put_positions(FILE *file, const void *ctx)
{
    const struct sources *from = ctx;
    fprintf(file, "symbol,shares,cash,bought,sold\n");
    for (unsigned i = 0; i < wt_quotes_count(from->quotes); i++) {
        const struct wt_position *p = wt_positions_get(from->positions, (wt_symbol)i);
        if (p->fills)
            fprintf(file, "%s,%" PRId64 ",%" PRId64 ",%" PRIu64 ",%" PRIu64 "\n",
                    wt_quotes_get(from->quotes, (wt_symbol)i)->name, p->shares, p->cash, p->bought, p->sold);
    }
}

int wt_ledger_write(const char *dir, const struct wt_twin *twin, const struct wt_oms *oms,
                    const struct wt_quotes *quotes, const struct wt_positions *positions)
{
    const struct sources from = {twin, oms, quotes, positions};
    int rc = wt_dump(dir, "books.csv", put_books, &from);
    rc = rc ? rc : wt_dump(dir, "ledger.csv", put_orders, &from);
    return rc ? rc : wt_dump(dir, "positions.csv", put_positions, &from);
}
