/* What each message does to the books: every check in the order of host/market/README.md. Its instructions are counted.
 */
#include <string.h>

#include "host/market/itch.h"
#include "host/market/twin_internal.h"

/* What seldom happens stays out of the way of what always does. */
#define COLD __attribute__((noinline, cold))
#define ALWAYS __attribute__((always_inline))
#define RARELY(x) __builtin_expect(!!(x), 0)
#define USUALLY(x) __builtin_expect(!!(x), 1)

_Static_assert(offsetof(struct wt_twin_result, reason) == offsetof(struct wt_twin_result, also_stale) + 3 &&
                   offsetof(struct wt_twin_result, cross_type) == offsetof(struct wt_twin_result, bound) + 7,
               "what wt_twin_message() writes at once");

/* The symbol goes stale because its message makes no sense. */
static COLD void refuse(struct wt_twin *twin, struct wt_twin_result *result, enum wt_reason reason)
{
    wt_twin_make_stale(twin, result->symbol);
    memset(&result->bbo, 0, sizeof result->bbo);
    result->went_stale = true;
    result->reason = (uint8_t)reason;
}

/* The same, and it drags another symbol along. */
static COLD void refuse_both(struct wt_twin *twin, struct wt_twin_result *result, enum wt_reason reason, uint16_t other)
{
    twin->stats.senseless++;
    refuse(twin, result, reason);
    if (other != result->symbol) {
        wt_twin_make_stale(twin, other);
        result->also_stale = other;
    }
}

/*
 * What each type of message does to a symbol that is valid: a function each, with everything on its way inlined and
 * everything off it kept out. Each ends with done(). length is there only so that the result stays in its register.
 */
typedef void apply(struct wt_twin *twin, struct symbol *symbol, const uint8_t *raw, size_t length,
                   struct wt_twin_result *result);

static inline ALWAYS void done(const struct symbol *symbol, struct wt_twin_result *result)
{
    result->bbo = symbol->bbo;
}

/* The top of a side after it changed; of an empty side the head is shown, which is zeros. */
static inline ALWAYS void show_top(struct symbol *symbol, unsigned sell)
{
    const struct wt_level *top = symbol->side[sell].head.worse;
    symbol->top.price_shares[sell] = (struct price_shares){top->price, top->shares};
    symbol->top.orders[sell] = top->orders;
}

static inline ALWAYS bool is_best(const struct wt_level *level)
{
    return level->better->id == 0; /* the head */
}

/* An order joins its level; the reference is not live, its chain of the table given. NULL: cannot be, as it is. */
static inline ALWAYS struct wt_level *place(struct wt_twin *twin, struct wt_level_side *side,
                                            struct wt_book_order **chain, uint64_t ref, uint32_t shares, uint32_t price)
{
    struct wt_level *level = wt_level_at(&twin->books, side, price);
    if (RARELY(!level))
        return NULL;
    if (RARELY(__builtin_add_overflow(level->shares, shares, &level->shares))) {
        level->shares -= shares;
        return NULL;
    }
    wt_order_put(&twin->books, chain, level, ref, shares);
    return level;
}

static apply add_order, replace_order;
static void message_otherwise(struct wt_twin *twin, uint64_t seq, const uint8_t *raw, size_t length,
                              struct wt_twin_result *result);

/* An add that did not go the common way: no shares, a live reference, a free list is empty, or the sum overflows. */
static COLD void add_otherwise(struct wt_twin *twin, struct symbol *symbol, const uint8_t *raw, size_t length,
                               struct wt_twin_result *result)
{
    (void)length;
    const struct wt_book_order *live = *wt_order_find(&twin->books, wt_itch_ref(raw));
    bool full = !twin->books.free_order || !twin->books.free_level;
    if (wt_itch_add_shares(raw) == 0) {
        twin->stats.zero_add++;
    } else if (live) {
        refuse_both(twin, result, WT_REASON_DUPLICATE_ADD, live->level->of.symbol);
    } else if (!full) {
        refuse_both(twin, result, WT_REASON_SUM_OVERFLOW, result->symbol);
    } else if (wt_books_more(&twin->books)) {
        add_order(twin, symbol, raw, length, result);
        return;
    } else {
        twin->stats.overflow++;
        refuse(twin, result, WT_REASON_ORDER_OVERFLOW);
    }
    done(symbol, result);
}

static void add_order(struct wt_twin *twin, struct symbol *symbol, const uint8_t *raw, size_t length,
                      struct wt_twin_result *result)
{
    (void)length;
    struct wt_level_side *side = &symbol->side[SELL];
    if (wt_itch_side(raw) != 'S') {
        side = &symbol->side[BUY];
        if (RARELY(wt_itch_side(raw) != 'B')) {
            message_otherwise(twin, result->seq, raw, wt_itch_length(raw[0]), result);
            return;
        }
    }
    uint64_t ref = wt_itch_ref(raw);
    uint32_t shares = wt_itch_add_shares(raw);
    struct wt_book_order **chain = wt_order_chain(&twin->books, ref), *other = *chain;
    while (RARELY(other) && other->ref != ref)
        other = other->chain;
    const struct wt_level *level = NULL;
    if (USUALLY(!other && shares && twin->books.free_order))
        level = place(twin, side, chain, ref, shares, wt_itch_add_price(raw));
    if (RARELY(!level)) {
        add_otherwise(twin, symbol, raw, 0, result);
        return;
    }
    if (is_best(level)) {
        show_top(symbol, level->of.sell);
        result->bbo_changed = true;
    }
    done(symbol, result);
}

/* The reference is not live, or another symbol's order has it. */
static COLD void not_named(struct wt_twin *twin, const struct symbol *symbol, const struct wt_book_order *order,
                           struct wt_twin_result *result)
{
    if (order)
        refuse_both(twin, result, WT_REASON_LOCATE_MISMATCH, order->level->of.symbol);
    else
        twin->stats.unknown_ref++;
    done(symbol, result);
}

/* The order at *at is a live one of the symbol. */
static inline ALWAYS bool is_named(struct wt_book_order **at, const struct wt_twin_result *result)
{
    return USUALLY(*at && (*at)->level->of.symbol == result->symbol);
}

/* An order leaves. */
static inline ALWAYS void remove_at(struct wt_twin *twin, struct symbol *symbol, struct wt_book_order **at,
                                    struct wt_twin_result *result)
{
    const struct wt_level *level = (*at)->level;
    wt_order_take(&twin->books, at);
    if (is_best(level)) { /* or was: a level that left still knows who was better */
        show_top(symbol, level->of.sell);
        result->bbo_changed = true;
    }
    done(symbol, result);
}

/* Takes shares off an order; it leaves when none remain. */
static inline ALWAYS void reduce_at(struct wt_twin *twin, struct symbol *symbol, struct wt_book_order **at,
                                    uint32_t shares, struct wt_twin_result *result)
{
    struct wt_book_order *order = *at;
    struct wt_level *level = order->level;
    if (shares >= order->shares) {
        twin->stats.excess += shares > order->shares;
        remove_at(twin, symbol, at, result);
        return;
    }
    order->shares -= shares;
    level->shares -= shares;
    if (shares && is_best(level)) {
        show_top(symbol, level->of.sell);
        result->bbo_changed = true;
    }
    done(symbol, result);
}

static void delete_order(struct wt_twin *twin, struct symbol *symbol, const uint8_t *raw, size_t length,
                         struct wt_twin_result *result)
{
    (void)length;
    struct wt_book_order **at = wt_order_find(&twin->books, wt_itch_ref(raw));
    if (is_named(at, result))
        remove_at(twin, symbol, at, result);
    else
        not_named(twin, symbol, *at, result);
}

static void cancel_order(struct wt_twin *twin, struct symbol *symbol, const uint8_t *raw, size_t length,
                         struct wt_twin_result *result)
{
    (void)length;
    struct wt_book_order **at = wt_order_find(&twin->books, wt_itch_ref(raw));
    if (is_named(at, result))
        reduce_at(twin, symbol, at, wt_itch_reduce_shares(raw), result);
    else
        not_named(twin, symbol, *at, result);
}

static inline ALWAYS void print(struct wt_twin_result *result, enum wt_trade_kind kind, uint32_t price, uint64_t shares,
                                uint64_t match, bool printable)
{
    result->trade = true;
    result->print = (uint8_t)kind;
    result->trade_price = price;
    result->trade_shares = shares;
    result->match = match;
    result->printable = printable;
}

static inline ALWAYS void execute(struct wt_twin *twin, struct symbol *symbol, const uint8_t *raw, bool at_price,
                                  struct wt_twin_result *result)
{
    struct wt_book_order **at = wt_order_find(&twin->books, wt_itch_ref(raw));
    if (!is_named(at, result)) {
        not_named(twin, symbol, *at, result);
        return;
    }
    const struct wt_level *level = (*at)->level;
    uint32_t shares = wt_itch_reduce_shares(raw);
    if (at_price)
        print(result, WT_TRADE_KIND_EXECUTION_PRICE, wt_itch_exec_price(raw), shares, wt_itch_match(raw),
              wt_itch_printable(raw));
    else
        print(result, WT_TRADE_KIND_EXECUTION, level->price, shares, wt_itch_match(raw), true);
    result->trade_sell = level->of.sell;
    reduce_at(twin, symbol, at, shares, result);
}

static void execute_order(struct wt_twin *twin, struct symbol *symbol, const uint8_t *raw, size_t length,
                          struct wt_twin_result *result)
{
    (void)length;
    execute(twin, symbol, raw, false, result);
}

static void execute_at_price(struct wt_twin *twin, struct symbol *symbol, const uint8_t *raw, size_t length,
                             struct wt_twin_result *result)
{
    (void)length;
    execute(twin, symbol, raw, true, result);
}

/* A replace that did not go the common way; what was there has not changed yet. */
static COLD void replace_otherwise(struct wt_twin *twin, struct symbol *symbol, const uint8_t *raw, size_t length,
                                   struct wt_twin_result *result)
{
    (void)length;
    struct wt_book_order **at = wt_order_find(&twin->books, wt_itch_ref(raw));
    const struct wt_book_order *other = *wt_order_find(&twin->books, wt_itch_new_ref(raw));
    if (!is_named(at, result)) {
        not_named(twin, symbol, *at, result);
        return;
    }
    if (wt_itch_replace_shares(raw) == 0) {
        remove_at(twin, symbol, at, result);
        return;
    }
    if (other) {
        refuse_both(twin, result, WT_REASON_REPLACE_LIVE, other->level->of.symbol);
        done(symbol, result);
        return;
    }
    wt_books_more(&twin->books); /* the order that leaves is the one that comes: what is missing is a level */
    replace_order(twin, symbol, raw, length, result);
}

static COLD void replace_overflows(struct wt_twin *twin, const struct symbol *symbol, struct wt_twin_result *result)
{
    refuse_both(twin, result, WT_REASON_SUM_OVERFLOW, result->symbol);
    done(symbol, result);
}

static void replace_order(struct wt_twin *twin, struct symbol *symbol, const uint8_t *raw, size_t length,
                          struct wt_twin_result *result)
{
    (void)length;
    struct wt_book_order **at = wt_order_find(&twin->books, wt_itch_ref(raw));
    uint64_t new_ref = wt_itch_new_ref(raw);
    uint32_t shares = wt_itch_replace_shares(raw);
    struct wt_book_order **chain = wt_order_chain(&twin->books, new_ref), *other = *chain;
    while (RARELY(other) && other->ref != new_ref)
        other = other->chain;
    if (RARELY(!is_named(at, result) || !shares || !twin->books.free_level || other)) {
        replace_otherwise(twin, symbol, raw, length, result);
        return;
    }
    unsigned sell = (*at)->level->of.sell;
    struct price_shares before = symbol->top.price_shares[sell];
    uint32_t orders = symbol->top.orders[sell];
    wt_order_take(&twin->books, at);
    if (RARELY(!place(twin, &symbol->side[sell], chain, new_ref, shares, wt_itch_replace_price(raw)))) {
        replace_overflows(twin, symbol, result);
        return;
    }
    show_top(symbol, sell);
    const struct price_shares *after = &symbol->top.price_shares[sell];
    result->bbo_changed =
        (after->price ^ before.price) | (after->shares ^ before.shares) | (symbol->top.orders[sell] ^ orders);
    done(symbol, result);
}

static void trade(struct wt_twin *twin, struct symbol *symbol, const uint8_t *raw, size_t length,
                  struct wt_twin_result *result)
{
    (void)length;
    (void)twin;
    print(result, WT_TRADE_KIND_NON_DISPLAYED, wt_itch_add_price(raw), wt_itch_add_shares(raw),
          wt_itch_trade_match(raw), true);
    done(symbol, result);
}

static void cross(struct wt_twin *twin, struct symbol *symbol, const uint8_t *raw, size_t length,
                  struct wt_twin_result *result)
{
    (void)length;
    (void)twin;
    print(result, WT_TRADE_KIND_CROSS, wt_itch_cross_price(raw), wt_itch_cross_shares(raw), wt_itch_cross_match(raw),
          true);
    result->cross_type = wt_itch_cross_type(raw);
    done(symbol, result);
}

static void nothing(struct wt_twin *twin, struct symbol *symbol, const uint8_t *raw, size_t length,
                    struct wt_twin_result *result)
{
    (void)length;
    (void)twin;
    (void)raw;
    done(symbol, result);
}

/*
 * By type: what to do; the length; and what the result's bytes from also_stale to reason are. A type that is not here
 * is in no table of the specification, and no message has its length.
 */
#define KIND(letter, bytes, function) [letter] = {function, (uint32_t)(letter) << 16 | NONE, bytes}
static const struct kind {
    apply *apply;
    uint32_t head;
    uint16_t length;
} kinds[256] = {
    KIND('S', 12, nothing),       KIND('R', 39, nothing),          KIND('H', 25, nothing),
    KIND('Y', 20, nothing),       KIND('L', 26, nothing),          KIND('V', 35, nothing),
    KIND('W', 12, nothing),       KIND('K', 28, nothing),          KIND('J', 35, nothing),
    KIND('h', 21, nothing),       KIND('A', 36, add_order),        KIND('F', 40, add_order),
    KIND('E', 31, execute_order), KIND('C', 36, execute_at_price), KIND('X', 23, cancel_order),
    KIND('D', 19, delete_order),  KIND('U', 35, replace_order),    KIND('P', 44, trade),
    KIND('Q', 40, cross),         KIND('B', 19, nothing),          KIND('I', 50, nothing),
    KIND('N', 20, nothing),       KIND('O', 48, nothing),
};

static bool side_is_bad(const uint8_t *raw)
{
    return (raw[0] == 'A' || raw[0] == 'F') && wt_itch_side(raw) != 'B' && wt_itch_side(raw) != 'S';
}

/* A message that cannot be read: length or side wrong, or type unknown. */
static COLD void unreadable(struct wt_twin *twin, const uint8_t *raw, size_t length, struct wt_twin_result *result)
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
        wt_twin_gap_of(twin, twin->channel);
        return;
    }
    result->locate = wt_itch_locate(raw);
    result->symbol = twin->by_locate[result->locate]->index;
    if (result->symbol == NONE)
        twin->locate_flags[result->locate] |= LOCATE_SPOILT;
    else if (twin->symbol[result->symbol].valid)
        refuse(twin, result, WT_REASON_BAD_LENGTH);
}

/* Not a message of known type and right length for a symbol that is valid. */
static COLD void message_otherwise(struct wt_twin *twin, uint64_t seq, const uint8_t *raw, size_t length,
                                   struct wt_twin_result *result)
{
    *result = (struct wt_twin_result){.seq = seq, .symbol = NONE, .also_stale = NONE};
    if (length == 0 || length != wt_itch_length(raw[0]) || side_is_bad(raw)) {
        unreadable(twin, raw, length, result);
        return;
    }
    result->type = raw[0];
    result->exch_ns = wt_itch_ns(raw);
    result->locate = wt_itch_locate(raw);
    result->symbol = twin->by_locate[result->locate]->index;
    if (result->symbol == NONE) { /* its first message */
        if (!wt_twin_binds(raw))
            return;
        result->symbol = wt_twin_bind(twin, result->locate, wt_twin_name_in(raw));
        if (result->symbol == NONE)
            return;
        result->bound = true;
        result->went_stale = !twin->symbol[result->symbol].valid;
        if (result->went_stale)
            result->reason = twin->channel_stale[twin->channel] ? WT_REASON_GAP : WT_REASON_BAD_LENGTH;
    }
    struct symbol *symbol = &twin->symbol[result->symbol];
    if (symbol->first_seq == 0 && wt_twin_binds(raw))
        symbol->first_seq = seq;
    if (symbol->valid)
        kinds[raw[0]].apply(twin, symbol, raw, length, result);
}

bool wt_twin_apply(struct wt_twin *twin, struct symbol *symbol, const uint8_t *raw, size_t length,
                   struct wt_twin_result *result)
{
    if (length == 0 || length != wt_itch_length(raw[0]) || side_is_bad(raw))
        return false;
    result->type = raw[0];
    result->exch_ns = wt_itch_ns(raw);
    result->locate = symbol->locate;
    result->symbol = symbol->index;
    kinds[raw[0]].apply(twin, symbol, raw, length, result);
    return true;
}

void wt_twin_message(struct wt_twin *twin, uint64_t seq, const uint8_t *raw, size_t wire_length,
                     struct wt_twin_result *result)
{
    twin->stats.messages++;
    result->seq = seq;
    if (RARELY(wire_length == 0))
        goto otherwise;
    const struct kind *kind = &kinds[raw[0]];
    if (RARELY(wire_length != kind->length))
        goto otherwise;
    uint32_t locate = wt_be32(raw) >> 8 & 0xffff; /* the type before it, the tracking number behind */
    struct symbol *symbol = twin->by_locate[locate];
    if (RARELY(!symbol->valid))
        goto otherwise;
    result->exch_ns = wt_itch_ns(raw);
    result->locate = (uint16_t)locate;
    result->symbol = symbol->index;
    memcpy(&result->also_stale, &kind->head, 4);
    memset(&result->bound, 0, 8); /* up to cross_type */
    kind->apply(twin, symbol, raw, wire_length, result);
    return;
otherwise:
    message_otherwise(twin, result->seq, raw, wire_length, result);
}
