/* Books that come back: stale symbols rebuilt from a snapshot and the messages since. */
#include <string.h>

#include "host/market/twin_internal.h"

void wt_twin_rebuild_begin(struct wt_twin *twin, unsigned channel)
{
    for (uint32_t i = 0; i < twin->symbols; i++)
        if (twin->symbol[i].channel == channel && twin->symbol[i].rebuilding)
            wt_twin_make_stale(twin, (uint16_t)i);
}

/* A stale symbol begins anew with an empty book. */
static void rebuild(struct wt_twin *twin, struct symbol *symbol)
{
    if (symbol->valid)
        return;
    twin->locate_flags[symbol->locate] &= (uint8_t)~LOCATE_SPOILT;
    symbol->rebuilding = true;
}

void wt_twin_rebuild_load(struct wt_twin *twin, unsigned channel, const uint8_t *raw, size_t length)
{
    struct wt_twin_result result = {.symbol = NONE, .also_stale = NONE};
    uint16_t index;
    if (length == 0 || length != wt_itch_length(raw[0]) || !wt_twin_binds(raw))
        return;
    index = wt_twin_by_locate(twin, wt_itch_locate(raw));
    if (index == NONE) {
        twin->channel = channel;
        index = wt_twin_bind(twin, wt_itch_locate(raw), wt_twin_name_in(raw));
        if (index == NONE)
            return;
        wt_twin_make_stale(twin, index);
        twin->symbol[index].first_seq = UINT64_MAX; /* the snapshot knows it */
    }
    /* By the directory only: an order behind one that made no sense does not bring its symbol back. */
    if (raw[0] == 'R')
        rebuild(twin, &twin->symbol[index]);
    if (twin->symbol[index].rebuilding && !wt_twin_apply(twin, &twin->symbol[index], raw, length, &result))
        wt_twin_make_stale(twin, index);
}

/* What cannot be read makes stale what it may concern. It was counted when it came. */
static void unreadable(struct wt_twin *twin, unsigned channel, const uint8_t *raw, size_t length)
{
    if (length == 0 || !wt_itch_touches_book(raw[0]))
        return;
    for (uint32_t i = 0; i < twin->symbols; i++)
        if (twin->symbol[i].rebuilding && twin->symbol[i].channel == channel &&
            (length < 3 || twin->symbol[i].locate == wt_itch_locate(raw)))
            wt_twin_make_stale(twin, (uint16_t)i);
}

void wt_twin_rebuild_replay(struct wt_twin *twin, unsigned channel, uint64_t seq, const uint8_t *raw,
                            size_t wire_length, struct wt_twin_result *result)
{
    *result = (struct wt_twin_result){.seq = seq, .symbol = NONE, .also_stale = NONE};
    uint16_t index = wire_length < 3 ? NONE : wt_twin_by_locate(twin, wt_itch_locate(raw));
    struct symbol *symbol;
    if (index == NONE) {
        unreadable(twin, channel, raw, wire_length);
        return;
    }
    symbol = &twin->symbol[index];
    /* First named behind the snapshot: its book was empty then. */
    if (symbol->first_seq == seq && !symbol->valid && !(twin->locate_flags[symbol->locate] & LOCATE_SPOILT))
        rebuild(twin, symbol);
    if (symbol->rebuilding && !wt_twin_apply(twin, symbol, raw, wire_length, result))
        unreadable(twin, channel, raw, wire_length);
    if (!symbol->rebuilding)
        result->symbol = index;
}

unsigned wt_twin_rebuild_end(struct wt_twin *twin, unsigned channel, void (*done)(void *ctx, uint16_t symbol),
                             void *ctx)
{
    unsigned count = 0;
    twin->channel_stale[channel] = false;
    for (uint32_t i = 0; i < twin->symbols; i++) {
        struct symbol *symbol = &twin->symbol[i];
        if (symbol->channel != channel || !symbol->rebuilding)
            continue;
        symbol->rebuilding = false;
        symbol->valid = true;
        count++;
        done(ctx, (uint16_t)i);
    }
    return count;
}

void wt_twin_orders(const struct wt_twin *twin, uint16_t symbol,
                    void (*order)(void *ctx, const struct wt_twin_order *order), void *ctx)
{
    if (!wt_twin_valid(twin, symbol))
        return;
    for (unsigned sell = BUY; sell <= SELL; sell++) {
        const struct wt_level *head = &twin->symbol[symbol].side[sell].head;
        for (const struct wt_level *level = head->worse; level != head; level = level->worse) {
            for (const struct wt_queue_link *at = level->queue.newer; at != &level->queue; at = at->newer) {
                const struct wt_book_order *o = (const struct wt_book_order *)(const void *)at;
                order(ctx, &(struct wt_twin_order){o->ref, level->price, o->shares, sell});
            }
        }
    }
}
