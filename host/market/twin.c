#include "host/market/twin.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "host/common/log.h"
#include "host/market/twin_internal.h"

void wt_twin_defaults(struct wt_twin_config *config)
{
    memset(config, 0, sizeof *config);
    config->start_seq = 1;
    config->max_orders = 4u << 20;
    config->first_orders = 16384;
}

static int compare_names(const void *a, const void *b)
{
    return memcmp(a, b, 8);
}

static int take_names(struct wt_twin *twin, const struct wt_twin_config *config)
{
    uint32_t kept = 0;
    twin->names = calloc(config->symbol_count ? config->symbol_count : 1, sizeof *twin->names);
    if (!twin->names)
        return -ENOMEM;
    for (uint32_t i = 0; i < config->symbol_count; i++) {
        size_t n = strnlen(config->symbols[i], 9);
        if (n == 0 || n > 8) {
            wt_error("symbol %u, '%.9s': names have 1 to 8 characters", i + 1, config->symbols[i]);
            return -EINVAL;
        }
        memset(twin->names[i].name, ' ', 8);
        memcpy(twin->names[i].name, config->symbols[i], n);
    }
    qsort(twin->names, config->symbol_count, sizeof *twin->names, compare_names);
    for (uint32_t i = 0; i < config->symbol_count; i++)
        if (kept == 0 || memcmp(twin->names[kept - 1].name, twin->names[i].name, 8) != 0)
            twin->names[kept++] = twin->names[i];
    twin->name_count = kept;
    return 0;
}

int wt_twin_create(const struct wt_twin_config *config, struct wt_twin **out)
{
    struct wt_twin *twin = calloc(1, sizeof *twin);
    int error = twin ? 0 : -ENOMEM;
    if (!error && (config->max_orders == 0 || config->max_orders > (size_t)1 << 28)) {
        wt_error("the software book's max_orders is %zu; expected 1 to 268435456", config->max_orders);
        error = -EINVAL;
    }
    if (!error && config->symbols)
        error = take_names(twin, config);
    if (!error) {
        twin->unbound.index = NONE;
        for (unsigned i = 0; i < 65536; i++)
            twin->by_locate[i] = &twin->unbound;
        twin->symbol_room = twin->names && twin->name_count < NONE ? twin->name_count : NONE;
        twin->symbol = calloc(twin->symbol_room ? twin->symbol_room : 1, sizeof *twin->symbol);
        error = twin->symbol ? 0 : -ENOMEM;
    }
    if (!error)
        error = wt_books_create(&twin->books, config->max_orders, config->first_orders);
    if (error) {
        if (error == -ENOMEM)
            wt_error("no memory for software books of %zu orders", config->max_orders);
        wt_twin_destroy(twin);
        return error;
    }
    *out = twin;
    return 0;
}

void wt_twin_destroy(struct wt_twin *twin)
{
    if (!twin)
        return;
    wt_books_destroy(&twin->books);
    free(twin->symbol);
    free(twin->names);
    free(twin);
}

void wt_twin_make_stale(struct wt_twin *twin, uint16_t index)
{
    struct symbol *symbol = &twin->symbol[index];
    if (!symbol->valid && !symbol->rebuilding)
        return;
    if (symbol->valid)
        symbol->first_seq = UINT64_MAX;
    if (twin->on_stale)
        twin->on_stale(twin->on_stale_ctx);
    symbol->valid = symbol->rebuilding = false;
    wt_side_clear(&twin->books, &symbol->side[BUY]);
    wt_side_clear(&twin->books, &symbol->side[SELL]);
    memset(&symbol->bbo, 0, sizeof symbol->bbo);
}

/* The index that was reserved for a name, NONE: none, or it has its locate. */
static uint16_t reserved(const struct wt_twin *twin, const char *name)
{
    for (uint32_t i = 0; i < twin->reserved; i++)
        if (twin->symbol[i].locate == 0 && memcmp(twin->symbol[i].name, name, 8) == 0)
            return (uint16_t)i;
    return NONE;
}

/* The next index, for a name. */
static uint16_t new_symbol(struct wt_twin *twin, const char *name)
{
    uint16_t index = (uint16_t)twin->symbols++;
    struct symbol *symbol = &twin->symbol[index];
    symbol->index = index;
    wt_side_init(&symbol->side[BUY], index, BUY);
    wt_side_init(&symbol->side[SELL], index, SELL);
    memcpy(symbol->name, name, 8);
    return index;
}

uint16_t wt_twin_reserve(struct wt_twin *twin, const char *name)
{
    uint16_t index = reserved(twin, name);
    if (index != NONE)
        return index;
    bool subscribed =
        !twin->names || bsearch(name, twin->names, twin->name_count, sizeof *twin->names, compare_names) != NULL;
    if (!subscribed || twin->symbols == twin->symbol_room || twin->symbols != twin->reserved)
        return NONE;
    index = new_symbol(twin, name);
    twin->reserved = twin->symbols;
    return index;
}

uint16_t wt_twin_bind(struct wt_twin *twin, uint16_t locate, const char *name)
{
    struct symbol *symbol;
    uint16_t index = twin->by_locate[locate]->index;
    if (index != NONE)
        return index;
    if (locate == 0 || twin->locate_flags[locate] & LOCATE_IGNORED)
        return NONE;
    if (twin->names) {
        struct twin_name *entry = bsearch(name, twin->names, twin->name_count, sizeof *entry, compare_names);
        if (!entry || entry->taken) {
            twin->locate_flags[locate] |= LOCATE_IGNORED;
            return NONE;
        }
        entry->taken = true;
    }
    index = reserved(twin, name);
    if (index == NONE && twin->symbols == twin->symbol_room)
        return NONE;
    if (index == NONE)
        index = new_symbol(twin, name);
    symbol = &twin->symbol[index];
    symbol->locate = locate;
    symbol->channel = (uint8_t)twin->channel;
    symbol->valid = !twin->channel_stale[twin->channel] && !(twin->locate_flags[locate] & LOCATE_SPOILT);
    twin->by_locate[locate] = symbol;
    return index;
}

void wt_twin_on_channel(struct wt_twin *twin, unsigned channel)
{
    twin->channel = channel % CHANNELS;
}

void wt_twin_gap_of(struct wt_twin *twin, unsigned channel)
{
    twin->channel_stale[channel] = true;
    for (uint32_t i = 0; i < twin->symbols; i++)
        if (twin->symbol[i].channel == channel && twin->symbol[i].valid)
            wt_twin_make_stale(twin, (uint16_t)i);
}

void wt_twin_gap(struct wt_twin *twin)
{
    for (unsigned channel = 0; channel < CHANNELS; channel++)
        wt_twin_gap_of(twin, channel);
}

void wt_twin_new_session(struct wt_twin *twin, unsigned channel)
{
    wt_twin_gap_of(twin, channel);
    for (uint32_t i = 0; i < twin->symbols; i++)
        if (twin->symbol[i].channel == channel)
            twin->symbol[i].first_seq = UINT64_MAX;
}

void wt_twin_set_stale(struct wt_twin *twin, uint16_t symbol)
{
    if (symbol < twin->symbols)
        wt_twin_make_stale(twin, symbol);
}

void wt_twin_on_stale(struct wt_twin *twin, void (*call)(void *ctx), void *ctx)
{
    twin->on_stale = call;
    twin->on_stale_ctx = ctx;
}

bool wt_twin_valid(const struct wt_twin *twin, uint16_t symbol)
{
    return symbol < twin->symbols && twin->symbol[symbol].valid;
}

const char *wt_twin_name(const struct wt_twin *twin, uint16_t symbol)
{
    return symbol < twin->symbols ? twin->symbol[symbol].name : "        ";
}

uint16_t wt_twin_by_locate(const struct wt_twin *twin, uint16_t locate)
{
    return twin->by_locate[locate]->index;
}

unsigned wt_twin_symbols(const struct wt_twin *twin)
{
    return twin->symbols;
}

uint16_t wt_twin_locate(const struct wt_twin *twin, uint16_t symbol)
{
    return symbol < twin->symbols ? twin->symbol[symbol].locate : 0;
}

unsigned wt_twin_channel(const struct wt_twin *twin, uint16_t symbol)
{
    return symbol < twin->symbols ? twin->symbol[symbol].channel : 0;
}

void wt_twin_bbo(const struct wt_twin *twin, uint16_t symbol, struct wt_bbo *bbo)
{
    if (symbol < twin->symbols)
        *bbo = twin->symbol[symbol].bbo;
    else
        memset(bbo, 0, sizeof *bbo);
}

size_t wt_twin_depth(const struct wt_twin *twin, uint16_t symbol, char side, struct wt_depth_level *levels, size_t room)
{
    if (symbol >= twin->symbols)
        return 0;
    const struct wt_level *head = &twin->symbol[symbol].side[side == 'S'].head, *level = head->worse;
    size_t n = 0;
    for (; level != head && n < room; level = level->worse)
        levels[n++] = (struct wt_depth_level){level->price, level->shares, level->orders};
    return n;
}

bool wt_twin_level(const struct wt_twin *twin, uint16_t symbol, char side, size_t level_index, uint32_t *price,
                   uint64_t *shares, uint32_t *orders)
{
    if (symbol >= twin->symbols)
        return false;
    const struct wt_level *head = &twin->symbol[symbol].side[side == 'S'].head, *level = head->worse;
    while (level != head && level_index--)
        level = level->worse;
    if (level == head)
        return false;
    *price = level->price;
    *shares = level->shares;
    *orders = level->orders;
    return true;
}

bool wt_twin_place(const struct wt_twin *twin, uint64_t ref, struct wt_queue_place *place)
{
    const struct wt_book_order *order = *wt_order_find((struct wt_books *)&twin->books, ref);
    if (!order)
        return false;
    const struct wt_level *level = order->level;
    *place = (struct wt_queue_place){.symbol = level->of.symbol,
                                     .side = level->of.sell ? 'S' : 'B',
                                     .price = level->price,
                                     .shares = order->shares,
                                     .level_shares = level->shares,
                                     .level_orders = level->orders};
    for (const struct wt_queue_link *at = order->queue.older; at != &level->queue; at = at->older) {
        place->ahead_shares += ((const struct wt_book_order *)(const void *)at)->shares;
        place->ahead_orders++;
    }
    for (const struct wt_level *l = level->better; l->id; l = l->better)
        place->levels_better++;
    return true;
}

void wt_twin_stats(const struct wt_twin *twin, struct wt_twin_stats *stats)
{
    *stats = twin->stats;
    stats->symbols = twin->symbols;
    size_t live, peak;
    wt_books_count(&twin->books, &live, &peak);
    stats->orders_live = live;
    stats->orders_peak = peak;
}
