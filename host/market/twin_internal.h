/* Between twin.c (life, and what can be asked) and twin_message.c (what messages do) only. */
#ifndef WT_TWIN_INTERNAL_H
#define WT_TWIN_INTERNAL_H

#include "host/market/depth.h"
#include "host/market/itch.h"
#include "host/market/twin.h"

#define NONE 0xffffu /* no symbol */
enum { BUY, SELL, CHANNELS = 8 };

/* What is known of a locate that has no symbol. */
enum {
    LOCATE_IGNORED = 1, /* named once, by a name that is not subscribed or taken */
    LOCATE_SPOILT = 2   /* a book message of it could not be read: never valid */
};

struct price_shares {
    uint32_t price, shares;
};

struct symbol {
    struct wt_level_side side[2]; /* by BUY, SELL */
    union {
        struct wt_bbo bbo;
        struct { /* the same by BUY, SELL */
            struct price_shares price_shares[2];
            uint32_t orders[2];
        } top;
    };
    uint16_t locate, index;
    bool valid;
    bool rebuilding;    /* out of a snapshot: not valid, but has orders */
    uint8_t channel;    /* of the message that bound it */
    uint64_t first_seq; /* of the first message that named it, if it has never been valid; 0: not seen yet */
    char name[9];
};

_Static_assert(offsetof(struct wt_bbo, ask_price) == 8 && offsetof(struct wt_bbo, bid_orders) == 16, "top of book");

struct twin_name {
    char name[8];
    bool taken;
};

struct wt_twin {
    struct wt_books books;
    struct symbol *symbol;
    uint32_t symbols, symbol_room;
    uint32_t reserved;       /* the first so many have a name, and perhaps no locate yet */
    unsigned channel;        /* of the message in hand */
    bool channel_stale[8];   /* messages were lost: nothing bound later is valid either */
    struct twin_name *names; /* sorted; NULL: all symbols */
    uint32_t name_count;
    struct wt_twin_stats stats;
    void (*on_stale)(void *ctx);
    void *on_stale_ctx;
    struct symbol *by_locate[65536]; /* never NULL: `unbound`, which is not valid, has index NONE */
    struct symbol unbound;
    uint8_t locate_flags[65536];
};

/* The symbol is not valid any more, and has no orders. */
void wt_twin_make_stale(struct wt_twin *twin, uint16_t index);
/* What a message does to its symbol's book, be it valid or not. False: its type, length or side is wrong. */
bool wt_twin_apply(struct wt_twin *twin, struct symbol *symbol, const uint8_t *raw, size_t length,
                   struct wt_twin_result *result);

/* Messages that bind a locate, and the name in them. */
static inline bool wt_twin_binds(const uint8_t *raw)
{
    return raw[0] == 'R' || raw[0] == 'A' || raw[0] == 'F';
}

static inline const char *wt_twin_name_in(const uint8_t *raw)
{
    return raw[0] == 'R' ? wt_itch_stock(raw) : wt_itch_add_stock(raw);
}

#endif
