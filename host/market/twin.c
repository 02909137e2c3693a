#include "host/market/twin.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "host/common/log.h"
#include "host/market/depth.h"
#include "host/market/itch.h"

#define NONE 0xffffu /* no symbol */

enum { BUY, SELL };

/* What is known of a locate that has no symbol. */
enum {
    LOCATE_IGNORED = 1, /* named once, by a name that is not subscribed or taken */
    LOCATE_SPOILT = 2   /* a book message of it could not be read: never valid */
};

struct symbol {
    struct wt_level_side side[2]; /* by BUY, SELL */
    struct wt_bbo bbo;
    uint16_t locate;
    bool valid;
    char name[9];
};

struct name_entry {
    char name[8];
    bool taken;
};

struct wt_twin {
    struct wt_book_orders orders;
    struct wt_level_pool levels;
    struct symbol *symbol;
    uint32_t symbols, symbol_room;
    uint32_t reserved;        /* the first so many have a name, and perhaps no locate yet */
    bool channel_stale;       /* messages were lost: nothing bound later is valid either */
    bool stale_orders;        /* the table may hold orders of stale symbols */
    struct name_entry *names; /* sorted; NULL: all symbols */
    uint32_t name_count;
    struct wt_twin_stats stats;
    uint16_t by_locate[65536];
    uint8_t locate_flags[65536];
};

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
        memset(twin->by_locate, 0xff, sizeof twin->by_locate);
        twin->symbol_room = twin->names && twin->name_count < NONE ? twin->name_count : NONE;
        twin->symbol = calloc(twin->symbol_room ? twin->symbol_room : 1, sizeof *twin->symbol);
        error = twin->symbol ? 0 : -ENOMEM;
    }
    if (!error)
        error = wt_book_orders_create(&twin->orders, config->max_orders, config->first_orders);
    /* An array of c levels leaves at most c behind in smaller ones, and is at most twice as long as it needs to be. */
    if (!error)
        error =
            wt_level_pool_create(&twin->levels, 4 * config->max_orders + (size_t)twin->symbol_room * 2 * WT_LEVELS_MIN);
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
    wt_level_pool_destroy(&twin->levels);
    wt_book_orders_destroy(&twin->orders);
    free(twin->symbol);
    free(twin->names);
    free(twin);
}

static void make_stale(struct wt_twin *twin, uint16_t index)
{
    struct symbol *symbol = &twin->symbol[index];
    if (!symbol->valid)
        return;
    symbol->valid = false;
    wt_level_release(&twin->levels, &symbol->side[BUY]);
    wt_level_release(&twin->levels, &symbol->side[SELL]);
    memset(&symbol->bbo, 0, sizeof symbol->bbo);
    twin->stale_orders = true;
}

/* The index that was reserved for a name, NONE: none, or it has its locate. */
static uint16_t reserved(const struct wt_twin *twin, const char *name)
{
    for (uint32_t i = 0; i < twin->reserved; i++)
        if (twin->symbol[i].locate == 0 && memcmp(twin->symbol[i].name, name, 8) == 0)
            return (uint16_t)i;
    return NONE;
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
    index = (uint16_t)twin->symbols++;
    twin->reserved = twin->symbols;
    memcpy(twin->symbol[index].name, name, 8);
    return index;
}

uint16_t wt_twin_bind(struct wt_twin *twin, uint16_t locate, const char *name)
{
    struct symbol *symbol;
    uint16_t index = twin->by_locate[locate];
    if (index != NONE)
        return index;
    if (locate == 0 || twin->locate_flags[locate] & LOCATE_IGNORED)
        return NONE;
    if (twin->names) {
        struct name_entry *entry = bsearch(name, twin->names, twin->name_count, sizeof *entry, compare_names);
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
        index = (uint16_t)twin->symbols++;
    symbol = &twin->symbol[index];
    symbol->locate = locate;
    memcpy(symbol->name, name, 8);
    symbol->valid = !twin->channel_stale && !(twin->locate_flags[locate] & LOCATE_SPOILT);
    twin->by_locate[locate] = index;
    return index;
}

/* The symbol goes stale because its message makes no sense. */
static void refuse(struct wt_twin *twin, struct wt_twin_result *result, enum wt_reason reason)
{
    make_stale(twin, result->symbol);
    memset(&result->bbo, 0, sizeof result->bbo);
    result->went_stale = true;
    result->reason = (uint8_t)reason;
}

/* The same, and it drags another symbol along. */
static void refuse_both(struct wt_twin *twin, struct wt_twin_result *result, enum wt_reason reason, uint16_t other)
{
    twin->stats.senseless++;
    refuse(twin, result, reason);
    if (other != result->symbol) {
        make_stale(twin, other);
        result->also_stale = other;
    }
}

/* Compare the top of a side with the one before the message. */
static inline void refresh(struct symbol *symbol, unsigned sell, struct wt_twin_result *result)
{
    const struct wt_level_side *side = &symbol->side[sell];
    struct wt_level top = {0, 0, 0};
    uint32_t *price = sell ? &symbol->bbo.ask_price : &symbol->bbo.bid_price;
    uint32_t *shares = sell ? &symbol->bbo.ask_shares : &symbol->bbo.bid_shares;
    uint32_t *orders = sell ? &symbol->bbo.ask_orders : &symbol->bbo.bid_orders;
    if (side->count) {
        top = side->level[side->count - 1];
        top.key = wt_level_key(top.key, sell);
    }
    if (*price == top.key && *shares == top.shares && *orders == top.orders)
        return;
    *price = top.key;
    *shares = top.shares;
    *orders = top.orders;
    result->bbo_changed = true;
}

static void overflowed(struct wt_twin *twin, struct wt_twin_result *result, enum wt_reason reason)
{
    twin->stats.overflow++;
    refuse(twin, result, reason);
}

static bool is_stale(const void *twin, uint16_t symbol)
{
    return !((const struct wt_twin *)twin)->symbol[symbol].valid;
}

/* Put an order on its level and in its slot. False: refused, the symbol is stale. */
static inline __attribute__((always_inline)) bool place(struct wt_twin *twin, struct symbol *symbol,
                                                        struct wt_book_order *slot, uint64_t ref, unsigned sell,
                                                        uint32_t shares, uint32_t price, struct wt_twin_result *result)
{
    uint32_t level;
    switch (wt_level_add(&twin->levels, &symbol->side[sell], wt_level_key(price, sell), shares, &level)) {
    case WT_LEVEL_SUM:
        refuse_both(twin, result, WT_REASON_SUM_OVERFLOW, result->symbol);
        return false;
    case WT_LEVEL_FULL:
        overflowed(twin, result, WT_REASON_LEVEL_OVERFLOW);
        return false;
    case WT_LEVEL_OK:
        break;
    }
    wt_book_orders_put(&twin->orders, slot, ref, price, shares, result->symbol, sell, level);
    return true;
}

static inline void add(struct wt_twin *twin, struct symbol *symbol, const uint8_t *raw, struct wt_twin_result *result)
{
    uint64_t ref = wt_itch_ref(raw);
    uint32_t shares = wt_itch_add_shares(raw);
    unsigned sell = wt_itch_side(raw) == 'S';
    struct wt_book_order *slot;
    if (shares == 0) {
        twin->stats.zero_add++;
        return;
    }
    slot = wt_book_orders_probe(&twin->orders, ref);
    if (slot->live) {
        if (twin->symbol[slot->symbol].valid) {
            refuse_both(twin, result, WT_REASON_DUPLICATE_ADD, slot->symbol);
            return;
        }
        wt_book_orders_remove(&twin->orders, slot);
        slot = wt_book_orders_probe(&twin->orders, ref);
    }
    if (wt_book_orders_full(&twin->orders)) {
        if (twin->stale_orders) {
            wt_book_orders_purge(&twin->orders, is_stale, twin);
            twin->stale_orders = false;
            slot = wt_book_orders_probe(&twin->orders, ref);
        }
        if (wt_book_orders_full(&twin->orders)) {
            overflowed(twin, result, WT_REASON_ORDER_OVERFLOW);
            return;
        }
    }
    if (!place(twin, symbol, slot, ref, sell, shares, wt_itch_add_price(raw), result))
        return;
    if (twin->orders.live > twin->stats.orders_peak)
        twin->stats.orders_peak = twin->orders.live;
    refresh(symbol, sell, result);
}

/* The live order that a message of result->symbol names; NULL: counted or refused, nothing more to do. */
static inline struct wt_book_order *named(struct wt_twin *twin, uint64_t ref, struct wt_twin_result *result)
{
    struct wt_book_order *order = wt_book_orders_probe(&twin->orders, ref);
    if (__builtin_expect(order->live && order->symbol == result->symbol, 1))
        return order;
    if (!order->live || !twin->symbol[order->symbol].valid)
        twin->stats.unknown_ref++;
    else
        refuse_both(twin, result, WT_REASON_LOCATE_MISMATCH, order->symbol);
    return NULL;
}

/* Take shares off an order; it leaves when none remain. */
static inline __attribute__((always_inline)) void reduce(struct wt_twin *twin, struct symbol *symbol,
                                                         struct wt_book_order *order, uint32_t shares,
                                                         struct wt_twin_result *result)
{
    unsigned sell = order->sell;
    bool gone = shares >= order->shares;
    if (shares == 0)
        return;
    if (shares > order->shares) {
        twin->stats.excess++;
        shares = order->shares;
    }
    wt_level_take(&symbol->side[sell], wt_level_key(order->price, sell), shares, gone, order->level);
    if (gone)
        wt_book_orders_remove(&twin->orders, order);
    else
        order->shares -= shares;
    refresh(symbol, sell, result);
}

static inline void erase(struct wt_twin *twin, struct symbol *symbol, struct wt_book_order *order)
{
    wt_level_take(&symbol->side[order->sell], wt_level_key(order->price, order->sell), order->shares, true,
                  order->level);
    wt_book_orders_remove(&twin->orders, order);
}

static inline void replace(struct wt_twin *twin, struct symbol *symbol, const uint8_t *raw,
                           struct wt_twin_result *result)
{
    struct wt_book_order *order = named(twin, wt_itch_ref(raw), result), *other;
    uint64_t new_ref = wt_itch_new_ref(raw);
    uint32_t shares = wt_itch_replace_shares(raw);
    unsigned sell;
    if (!order)
        return;
    sell = order->sell;
    if (shares == 0) {
        erase(twin, symbol, order);
        refresh(symbol, sell, result);
        return;
    }
    other = wt_book_orders_probe(&twin->orders, new_ref);
    if (other->live && twin->symbol[other->symbol].valid) {
        refuse_both(twin, result, WT_REASON_REPLACE_LIVE, other->symbol);
        return;
    }
    erase(twin, symbol, order);
    other = wt_book_orders_probe(&twin->orders, new_ref);
    if (other->live) { /* left behind by a stale symbol */
        wt_book_orders_remove(&twin->orders, other);
        other = wt_book_orders_probe(&twin->orders, new_ref);
    }
    if (place(twin, symbol, other, new_ref, sell, shares, wt_itch_replace_price(raw), result))
        refresh(symbol, sell, result);
}

static inline void print(struct wt_twin_result *result, enum wt_trade_kind kind, uint32_t price, uint64_t shares,
                         uint64_t match, bool printable)
{
    result->trade = true;
    result->print = (uint8_t)kind;
    result->trade_price = price;
    result->trade_shares = shares;
    result->match = match;
    result->printable = printable;
}

/* A stale symbol's messages change no book; what they end is taken out of the table to make room. */
static void tidy(struct wt_twin *twin, const uint8_t *raw, uint16_t symbol)
{
    struct wt_book_order *order;
    if (raw[0] != 'D' && raw[0] != 'U')
        return;
    order = wt_book_orders_probe(&twin->orders, wt_itch_ref(raw));
    if (order->live && order->symbol == symbol)
        wt_book_orders_remove(&twin->orders, order);
}

/* A message that cannot be read: length or side wrong, or type unknown. */
static void unreadable(struct wt_twin *twin, const uint8_t *raw, size_t length, struct wt_twin_result *result)
{
    if (length == 0 || wt_itch_length(raw[0]) == 0) {
        twin->stats.unknown_type++;
        return;
    }
    twin->stats.bad_length++;
    if (!wt_itch_touches_book(raw[0]))
        return;
    result->reason = WT_REASON_BAD_LENGTH;
    if (length < 3) {
        wt_twin_gap(twin);
        return;
    }
    result->locate = wt_itch_locate(raw);
    result->symbol = twin->by_locate[result->locate];
    if (result->symbol == NONE)
        twin->locate_flags[result->locate] |= LOCATE_SPOILT;
    else if (twin->symbol[result->symbol].valid)
        refuse(twin, result, WT_REASON_BAD_LENGTH);
}

static bool side_is_bad(const uint8_t *raw)
{
    return (raw[0] == 'A' || raw[0] == 'F') && wt_itch_side(raw) != 'B' && wt_itch_side(raw) != 'S';
}

void wt_twin_message(struct wt_twin *twin, uint64_t seq, const uint8_t *raw, size_t wire_length,
                     struct wt_twin_result *result)
{
    struct symbol *symbol;
    *result = (struct wt_twin_result){.seq = seq, .symbol = NONE, .also_stale = NONE};
    twin->stats.messages++;
    if (wire_length == 0 || wire_length != wt_itch_length(raw[0]) || side_is_bad(raw)) {
        unreadable(twin, raw, wire_length, result);
        return;
    }
    result->type = raw[0];
    result->exch_ns = wt_itch_ns(raw);
    result->locate = wt_itch_locate(raw);
    result->symbol = twin->by_locate[result->locate];
    if (__builtin_expect(result->symbol == NONE, 0)) {
        bool adds = raw[0] == 'A' || raw[0] == 'F';
        if (!adds && raw[0] != 'R')
            return;
        result->symbol = wt_twin_bind(twin, result->locate, adds ? wt_itch_add_stock(raw) : wt_itch_stock(raw));
        if (result->symbol == NONE)
            return;
        result->bound = true;
        result->went_stale = !twin->symbol[result->symbol].valid;
        if (result->went_stale)
            result->reason = twin->channel_stale ? WT_REASON_GAP : WT_REASON_BAD_LENGTH;
    }
    symbol = &twin->symbol[result->symbol];
    if (__builtin_expect(!symbol->valid, 0)) {
        tidy(twin, raw, result->symbol);
        return;
    }
    switch (raw[0]) {
        struct wt_book_order *order;
    case 'A':
    case 'F':
        add(twin, symbol, raw, result);
        break;
    case 'D':
        order = named(twin, wt_itch_ref(raw), result);
        if (order)
            reduce(twin, symbol, order, order->shares, result);
        break;
    case 'X':
        order = named(twin, wt_itch_ref(raw), result);
        if (order)
            reduce(twin, symbol, order, wt_itch_reduce_shares(raw), result);
        break;
    case 'E':
    case 'C':
        order = named(twin, wt_itch_ref(raw), result);
        if (!order)
            break;
        result->trade_sell = order->sell;
        if (raw[0] == 'E')
            print(result, WT_TRADE_KIND_EXECUTION, order->price, wt_itch_reduce_shares(raw), wt_itch_match(raw), true);
        else
            print(result, WT_TRADE_KIND_EXECUTION_PRICE, wt_itch_exec_price(raw), wt_itch_reduce_shares(raw),
                  wt_itch_match(raw), wt_itch_printable(raw));
        reduce(twin, symbol, order, wt_itch_reduce_shares(raw), result);
        break;
    case 'U':
        replace(twin, symbol, raw, result);
        break;
    case 'P':
        print(result, WT_TRADE_KIND_NON_DISPLAYED, wt_itch_add_price(raw), wt_itch_add_shares(raw),
              wt_itch_trade_match(raw), true);
        break;
    case 'Q':
        print(result, WT_TRADE_KIND_CROSS, wt_itch_cross_price(raw), wt_itch_cross_shares(raw),
              wt_itch_cross_match(raw), true);
        result->cross_type = wt_itch_cross_type(raw);
        break;
    default:
        break;
    }
    result->bbo = symbol->bbo;
}

void wt_twin_gap(struct wt_twin *twin)
{
    twin->channel_stale = true;
    for (uint32_t i = 0; i < twin->symbols; i++)
        make_stale(twin, (uint16_t)i);
}

void wt_twin_set_stale(struct wt_twin *twin, uint16_t symbol)
{
    if (symbol < twin->symbols)
        make_stale(twin, symbol);
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
    return twin->by_locate[locate];
}

void wt_twin_bbo(const struct wt_twin *twin, uint16_t symbol, struct wt_bbo *bbo)
{
    if (symbol < twin->symbols)
        *bbo = twin->symbol[symbol].bbo;
    else
        memset(bbo, 0, sizeof *bbo);
}

bool wt_twin_level(const struct wt_twin *twin, uint16_t symbol, char side_letter, size_t level_index, uint32_t *price,
                   uint64_t *shares, uint32_t *orders)
{
    unsigned sell = side_letter == 'S';
    const struct wt_level_side *side;
    const struct wt_level *level;
    if (symbol >= twin->symbols)
        return false;
    side = &twin->symbol[symbol].side[sell];
    if (level_index >= side->count)
        return false;
    level = &side->level[side->count - 1 - level_index];
    *price = wt_level_key(level->key, sell);
    *shares = level->shares;
    *orders = level->orders;
    return true;
}

void wt_twin_stats(const struct wt_twin *twin, struct wt_twin_stats *stats)
{
    *stats = twin->stats;
    stats->symbols = twin->symbols;
    stats->orders_live = twin->orders.live;
}
