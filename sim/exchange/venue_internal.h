/* Between venue.c (time, feed, faults), venue_market.c (the books) and venue_clients.c (connections). */
#ifndef WT_VENUE_INTERNAL_H
#define WT_VENUE_INTERNAL_H

#include "host/market/file.h"
#include "sim/exchange/engine_desk.h"
#include "sim/exchange/glimpse.h"
#include "sim/exchange/matcher.h"
#include "sim/exchange/venue.h"

enum wt_client_state {
    WT_CLIENT_FREE,
    WT_CLIENT_GATE,    /* of order entry: whose it is, its login will say */
    WT_CLIENT_SERVED,  /* a session has it */
    WT_CLIENT_CLOSING, /* out goes, then it is closed */
};

struct wt_client {
    enum wt_client_state state;
    struct wt_session *session;
    uint32_t connection; /* the session's number for it */
    bool own_session;    /* GLIMPSE: the session ends with the connection */
    uint64_t since_ns;
    size_t length; /* bytes in gate or out */
    uint8_t bytes[WT_SOUP_LOGIN_REQUEST_LENGTH];
};

/* A replayed market as one account, or nobody, stands in it. */
struct wt_replayed {
    struct wt_replay *replay;
    struct wt_matcher *matcher;
};

struct wt_venue {
    struct wt_venue_config config;
    struct wt_venue_stats stats;
    struct wt_mold_out *feed;
    struct wt_line line[2];
    struct wt_session *sessions; /* by account */
    struct wt_client clients[WT_VENUE_CONNECTIONS];
    struct wt_glimpse_source source;
    uint64_t now_ns, start_ns, begin_ns; /* of the market */
    bool started, begun, ended, changed_session, halted, was_silent;
    uint64_t put;         /* messages of the feed */
    uint32_t connections; /* numbers given out */

    /* The engine */
    struct wt_engine *engine;
    struct wt_publish *publish;
    struct wt_engine_desks *desks;
    struct wt_venue_market market;
    uint64_t market_clock; /* of what last happened in it */

    /* A file: one replayed market an account, and one more for snapshots. */
    struct wt_itch_file file;
    bool file_open, file_done;
    const uint8_t *message;
    size_t message_length;
    uint64_t message_ns, messages;
    struct wt_replayed *replayed;
};

/* venue_market.c */
int wt_venue_market_init(struct wt_venue *v);
void wt_venue_market_free(struct wt_venue *v);
void wt_venue_market_begin(struct wt_venue *v);
/* When the market does something, in the venue's time. */
uint64_t wt_venue_market_next_ns(const struct wt_venue *v);
void wt_venue_market_run(struct wt_venue *v);
void wt_venue_market_halt(struct wt_venue *v, bool halt);
void wt_venue_market_snapshot(void *ctx, struct wt_publish_sink sink);
/* The file's first timestamp, or the configured start. */
uint64_t wt_venue_market_first_ns(const struct wt_venue *v);
void wt_venue_market_time(struct wt_venue *v, uint64_t ns);
/* A timestamp as the clock shows it that may have stepped. */
uint64_t wt_venue_step(const struct wt_venue *v, uint64_t ns);
/* Market time now, before any step. */
uint64_t wt_venue_market_now(const struct wt_venue *v);
/* Time moves on to now_ns, for everybody. */
void wt_venue_move(struct wt_venue *v, uint64_t now_ns);
/* A message of the feed. */
void wt_venue_put(struct wt_venue *v, const uint8_t *message, size_t length);
/* A trade is broken: of an account, or with the engine of everybody who was in it and on the feed. */
void wt_venue_market_break(struct wt_venue *v, struct wt_session *session, uint64_t match);
/* System events of the end. */
void wt_venue_market_end(struct wt_venue *v);

/* venue_clients.c */
uint64_t wt_venue_clients_next_ns(const struct wt_venue *v);
void wt_venue_clients_run(struct wt_venue *v);
void wt_venue_clients_free(struct wt_venue *v);
/* Tell all sessions the time. */
void wt_venue_clients_time(struct wt_venue *v);

#endif
