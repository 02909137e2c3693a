/* The feed's insides: rings and order (feed.c), audit, symbols, room, rebuilding and return (feed_*.c). */
#ifndef WT_FEED_INTERNAL_H
#define WT_FEED_INTERNAL_H

#include "host/market/feed.h"

#define WT_FEED_NO_SYMBOL 0xffffu

/* A message of the feed, as it was received. */
struct wt_feed_kept {
    uint64_t seq;
    uint8_t length;
    uint8_t raw[50];
};

struct wt_feed_channel {
    uint32_t head, tail; /* of queue, monotonic */
    union wt_event_record *queue;
    uint64_t watermark;
    bool began;                      /* the marker in hand tells that a session began */
    uint64_t last_ns;                /* exchange timestamp of the last message */
    uint64_t trades_from, trades_to; /* messages of trades that the card dropped, */
    uint64_t trades_owed;            /* so many of which have not been seen here */

    /* Rebuilding: since something was lost, until a snapshot stands in its place. */
    bool wanted;
    bool loading, loaded;      /* a snapshot is coming; it is here, and the feed has not come to its number yet */
    uint64_t need;             /* its number must be this or above */
    uint64_t resume;           /* what it is */
    uint64_t snapshot_ns;      /* the latest timestamp in it */
    uint64_t round;            /* which snapshot this is */
    struct wt_feed_kept *kept; /* messages since `need` */
    uint64_t kept_head, kept_tail;
};

/* What is known of a symbol, by the twin's index. */
struct wt_feed_symbol {
    uint8_t state;   /* enum wt_book_state that the card last gave, in message order; SOFTWARE: the twin answers */
    bool early;      /* bound on the card's word: its own message has not been seen */
    uint8_t trading; /* trading state in the snapshot, or behind it */
    uint8_t reason[4];
    uint64_t bound_seq; /* at which the card bound it; 0: it did not */
    uint64_t round;     /* of the snapshot that has it */
    uint16_t by_card;   /* its index in the card; 0xffff: none */
    bool asked;         /* the card was asked to bind it to a fresh index, */
    uint64_t asked_seq; /* with this number in the answer; a message of the feed that binds has a greater one */
    bool alone;         /* order flow was shed: the card's book is whole, the twin's is not, nothing is compared */
    bool missed;        /* messages were not seen here since its last BBO record */
    uint32_t folded;    /* changes seen since its last BBO record that the card will fold into the next */
};

/* What the card said of one message. */
struct wt_feed_verdict {
    bool bbo, trade, trading_state;
    struct wt_ev_bbo bbo_record;
    struct wt_ev_trade trade_record;
};
struct wt_feed_loader;

struct wt_feed {
    struct wt_feed_loader *loader; /* NULL: nothing goes back to the card */
    struct wt_card *card;
    struct wt_twin *twin;
    struct wt_feed_handler handler;
    struct wt_feed_stats stats;
    bool ordered;
    int failed;
    unsigned warned;
    struct wt_lanes *lanes;
    int settled;                  /* what became of the record in the open lane */
    union wt_event_record *taken; /* it, out of the ring and not filed yet */
    uint32_t pending;             /* events in all queues */
    bool quiet;                   /* the last poll found nothing */
    size_t keep;                  /* messages of a channel; 0: stale symbols stay stale */
    struct wt_feed_channel channel[WT_WIN_CHANNELS_MAX];
    uint16_t by_card[65536]; /* twin's index by the card's */
    uint32_t owed[65536];    /* by the card's index: changes folded into records in the queue, not yet seen here */
    struct wt_feed_symbol known[65536];
};

static inline void wt_feed_hand_on(struct wt_feed *feed, const union wt_event_record *record)
{
    feed->handler.record(feed->handler.ctx, record);
    if (feed->handler.done && !feed->lanes->given)
        feed->handler.done(feed->handler.ctx);
}

/* feed_audit.c */

/** Head of a record that is made here, of what one message did. */
struct wt_ev_head wt_feed_head(const struct wt_feed *feed, uint8_t kind, uint16_t symbol,
                               const struct wt_twin_result *result, uint16_t flags);
/** A symbol is stale in the twin. */
void wt_feed_tell_stale(struct wt_feed *feed, uint16_t symbol, const struct wt_twin_result *result, uint8_t reason);
/** A BBO record out of the twin, handed on. */
void wt_feed_tell_bbo(struct wt_feed *feed, uint16_t symbol, const struct wt_twin_result *result, uint16_t flags);

/** The twin answers for a symbol that the card does not hold. */
void wt_feed_tell(struct wt_feed *feed, const struct wt_twin_result *result, const uint8_t *raw,
                  const struct wt_feed_verdict *card);
/** A message of a symbol that both hold valid: the card's records against the twin. */
void wt_feed_audit(struct wt_feed *feed, const struct wt_twin_result *result, struct wt_feed_verdict *card);
/** Card and twin disagree on a symbol: told, and it is stale. */
void wt_feed_mismatch(struct wt_feed *feed, uint16_t symbol, const struct wt_twin_result *result, const char *what);

/* feed_symbols.c */

/** A SYMBOL record, when its message is here. */
void wt_feed_symbol_event(struct wt_feed *feed, const union wt_event_record *record);
/** Sequence numbers begin anew. */
void wt_feed_change_session(struct wt_feed *feed, const union wt_event_record *record);

/* feed_room.c */

/** Put a record at its place in the queue of its channel (size: a power of two, not full): a BBO record may come late.
 */
union wt_event_record *wt_feed_place(struct wt_feed *feed, struct wt_feed_channel *c,
                                     const union wt_event_record *record, uint32_t size);
/** The card's index of a symbol. */
void wt_feed_known_as(struct wt_feed *feed, uint16_t symbol, uint16_t card_symbol);
/** The card has folded a change of the symbol into a later record, which is in the queue. */
bool wt_feed_bbo_owed(const struct wt_feed *feed, uint16_t symbol);
/** The card has said that trades around this message were dropped. */
bool wt_feed_trade_owed(const struct wt_feed *feed, unsigned channel, uint64_t seq);
/** Such a change, such a trade has been seen here. */
void wt_feed_folded(struct wt_feed *feed, uint16_t symbol);
void wt_feed_trade_lost(struct wt_feed *feed, unsigned channel);
/** A BBO record has its message: whether it stands for as many changes as were seen. */
bool wt_feed_folds_agree(struct wt_feed *feed, uint16_t symbol, uint32_t conflated);
/** A marker says that order flow was shed. */
void wt_feed_shed(struct wt_feed *feed, const struct wt_of_record *record);

/* feed_rebuild.c */

/** Messages of a channel below seq are missing. of_card: the card's books went stale with them. */
void wt_feed_lose(struct wt_feed *feed, unsigned channel, uint64_t seq, bool of_card);
/** A snapshot is needed of this number or above. */
void wt_feed_want(struct wt_feed *feed, unsigned channel, uint64_t seq);
/** A message of the feed comes: finish what ends before it, and keep it if it may be needed. */
void wt_feed_before(struct wt_feed *feed, unsigned channel, const struct wt_of_record *record);
/** The feed has come to next, which it expects now. */
void wt_feed_reached(struct wt_feed *feed, unsigned channel, uint64_t next);

/* feed_return.c */

/** A SYMBOL record of the card, as it was written. True: it was an answer to the loader, and nobody else's business. */
bool wt_feed_answer(struct wt_feed *feed, const union wt_event_record *record);
/** A record of the order flow, recovered. True: it only shows where in the feed the card began to load a symbol. */
bool wt_feed_echo(struct wt_feed *feed, const struct wt_of_record *record);
/** A message of a symbol was applied to the twin. */
void wt_feed_loader_message(struct wt_feed *feed, const struct wt_of_record *record, uint16_t symbol);
/** A channel lost something, and the card knows. */
void wt_feed_loader_lost(struct wt_feed *feed, unsigned channel);
/** Do the next thing. */
void wt_feed_loader_step(struct wt_feed *feed);

#endif
