/*
 * The exchange's order entry: a SoupBinTCP server for one client and one account, OUCH 5.0 behind it,
 * the matcher behind that. It keeps the day's sequenced stream, so a client that comes back gets what
 * it missed; orders outlive the connection.
 *
 * Bad bytes: an OUCH message that breaks the tables is rejected if it has a new UserRefNum to answer
 * to, and counted; a packet that breaks SoupBinTCP closes the connection. One thread.
 */
#ifndef WT_SESSION_H
#define WT_SESSION_H

#include "host/gateway/ouch.h"
#include "host/gateway/soup.h"
#include "sim/exchange/exchange.h"
#include "sim/exchange/matcher.h"
#include "sim/exchange/pipe.h"

#define WT_SESSION_NAME "SIM0000001" /**< of the order stream and of the feed */

enum wt_session_state { WT_SESSION_CLOSED, WT_SESSION_CONNECTED, WT_SESSION_LOGGED_IN };

struct wt_session {
    const struct wt_exchange_config *config;
    struct wt_replay *replay;
    struct wt_matcher *matcher;
    struct wt_exchange_stats *stats;
    struct wt_pipe in, out;
    uint64_t now_ns; /**< time of what is being done */
    enum wt_session_state state;
    uint32_t connection; /**< the server's; the client's may be newer */
    uint64_t heard_ns, sent_ns;
    uint8_t *log; /**< sequenced messages: 2-byte length and bytes, one after the other */
    size_t log_length, log_room;
    uint64_t next_sequence;
    uint32_t last_ref; /**< highest UserRefNum used */
    bool closed;       /**< system hours are over */
    bool disabled;     /**< Disable Order Entry */
    unsigned warnings;
    struct wt_soup_parser parser;
};

/** Get ready; config, replay and stats stay the caller's. 0 or -ENOMEM. */
int wt_session_init(struct wt_session *session, const struct wt_exchange_config *config, struct wt_replay *replay,
                    struct wt_exchange_stats *stats);
/** Take everything from the client that arrives at now_ns or before. */
void wt_session_take(struct wt_session *session, uint64_t now_ns);
/** Heartbeats and silence at now_ns. */
void wt_session_timers(struct wt_session *session, uint64_t now_ns);
/** When wt_session_timers is due, ns; UINT64_MAX: never. */
uint64_t wt_session_timer_ns(const struct wt_session *session);
/** System hours are over: open orders are canceled, new ones rejected. */
void wt_session_end_of_day(struct wt_session *session, uint64_t now_ns);
void wt_session_free(struct wt_session *session);

/* ---- between session.c (connection, sequenced stream) and account.c (OUCH requests) */

/** Put a message into the sequenced stream, and send it if somebody is logged in. */
void wt_session_send(struct wt_session *session, const struct wt_ouch *message);
/** Say something about the client on stderr, not too often. */
void wt_session_warn(struct wt_session *session, const char *what);
/** Make the matcher, begin the day. 0 or -ENOMEM. */
int wt_account_init(struct wt_session *session);
/** One OUCH message of the client. */
void wt_account_take(struct wt_session *session, const uint8_t *bytes, size_t length);

#endif
