/*
 * A SoupBinTCP server for one client (protocols.md section 3): login, heartbeats, and the day's sequenced stream, so
 * that a client that comes back gets what it missed. What the messages mean is its owner's business: account.c
 * speaks OUCH for one account, glimpse.c sends snapshots. Orders outlive the connection, if the configuration does
 * not say that they are canceled with it.
 *
 * Bad bytes: an OUCH message that breaks the tables is rejected if it has a new UserRefNum to answer
 * to, and counted; a packet that breaks SoupBinTCP closes the connection. One thread.
 *
 * Faults, each with a chance in a million for each message, seeded.
 */
#ifndef WT_SESSION_H
#define WT_SESSION_H

#include "host/gateway/ouch.h"
#include "host/gateway/soup.h"
#include "host/market/random.h"
#include "sim/exchange/desk.h"
#include "sim/exchange/exchange.h"
#include "sim/exchange/latency.h"
#include "sim/exchange/ledger.h"
#include "sim/exchange/pipe.h"
#include "sim/exchange/tokens.h"

#define WT_SESSION_NAME "SIM0000001" /**< of the order stream and of the feed */

/** What a fault has begun and time will end: a cancel that is pending, an execution that will be broken, or an order
 * that will lose its place. */
struct wt_session_later {
    uint64_t due_ns;
    uint64_t match;              /**< 0: it is a cancel or a move */
    uint32_t user_ref, quantity; /**< of the cancel: quantity as asked for */
    bool move;
};

enum { WT_SESSION_LATER = 64 };

enum wt_session_state { WT_SESSION_CLOSED, WT_SESSION_CONNECTED, WT_SESSION_LOGGED_IN };

struct wt_session;

struct wt_session_faults {
    uint64_t seed;
    uint32_t disconnect_ppm;     /**< the connection ends in the middle of a packet: of any packet, a login's answer and
                                    what is replayed too; a sequenced message is in the stream */
    uint32_t deaf_ppm;           /**< the connection ends in the middle of what a client sends, logins too: what stands
                                    behind is never taken. A chance for each piece that comes from the network */
    uint32_t lost_ppm;           /**< the connection ends before the message: only a new login brings it */
    uint32_t delay_ppm;          /**< the message leaves delay_ns late, and all behind it */
    uint32_t duplicate_ppm;      /**< the message is in the stream twice, with a number of its own each time */
    uint32_t reject_ppm;         /**< of Enter and Replace: rejected, reason OTHER */
    uint32_t break_ppm;          /**< of executions: broken later_ns after */
    uint32_t cancel_pending_ppm; /**< of cancels: Cancel Pending, and canceled later_ns after */
    uint32_t cancel_reject_ppm;  /**< of cancels: Cancel Reject, the order stays */
    uint32_t priority_ppm;       /**< of orders accepted: Order Priority Update later_ns after, for every other one of
                                    them at a price that is a tick worse for the client's chance */
    uint64_t later_ns;
    uint64_t delay_ns;
};

/** How often each fault happened. */
struct wt_session_happened {
    uint64_t disconnected, deaf, lost, delayed, duplicated, rejected;
    uint64_t broken, cancels_pending, cancels_rejected, moved;
};

struct wt_session_config {
    char username[7], password[11];
    char name[11]; /**< of the session */
    enum wt_ouch_dialect dialect;
    uint64_t order_out_ns; /**< to the client */
    bool cancel_on_disconnect;
    struct wt_session_faults faults;
};

/** The owner's part; each may be NULL. */
struct wt_session_ops {
    void (*login)(struct wt_session *session); /**< the login is good; before it is answered */
    void (*message)(struct wt_session *session, const uint8_t *bytes, size_t length); /**< unsequenced, of the client */
    void (*closed)(struct wt_session *session); /**< the connection of a client that was logged in is gone */
};

struct wt_session {
    struct wt_session_config config;
    struct wt_session_ops ops;
    void *owner; /**< for ops */
    struct wt_desk desk;
    struct wt_exchange_stats *stats;
    struct wt_pipe in, out;
    struct wt_latency in_latency;  /**< of what the client sends; the owner draws from it. Constant 0 */
    struct wt_latency out_latency; /**< constant order_out_ns, if the owner puts no other; freed with the session */
    uint64_t now_ns;               /**< time of what is being done */
    int64_t clock_offset_ns;       /**< from that to the timestamps in messages */
    enum wt_session_state state;
    uint32_t connection; /**< the server's; the client's may be newer */
    uint64_t heard_ns, sent_ns;
    uint8_t *log; /**< sequenced messages: 2-byte length and bytes, one after the other */
    size_t log_length, log_room;
    uint64_t next_sequence;
    uint32_t last_ref; /**< highest UserRefNum used */
    bool closed;       /**< system hours are over */
    bool disabled;     /**< Disable Order Entry */
    bool gone;         /**< the owner is yet to be told of a closed connection */
    bool expected;     /**< logged in, or cut off: it has not gone by itself */
    unsigned warnings;
    struct wt_session_happened happened;
    struct wt_session_later later[WT_SESSION_LATER]; /**< what finds no room there does not happen */
    unsigned later_count;
    struct wt_tokens tokens; /**< of OUCH 4.2 */
    struct wt_ledger ledger; /**< of its orders; empty when it serves snapshots */
    struct wt_random random;
    struct wt_soup_parser parser;
};

/** Get ready; stats stay the caller's. */
void wt_session_init(struct wt_session *session, const struct wt_session_config *config,
                     struct wt_exchange_stats *stats);
/** What is wrong with a login: 0, or the reason of Login Rejected. */
char wt_session_check_login(const struct wt_session *session, const struct wt_soup_login_request *login);
/** Take everything from the client that arrives at now_ns or before. */
void wt_session_take(struct wt_session *session, uint64_t now_ns);
/** Heartbeats and silence at now_ns. */
void wt_session_timers(struct wt_session *session, uint64_t now_ns);
/** When wt_session_timers is due, ns; UINT64_MAX: never. */
uint64_t wt_session_timer_ns(const struct wt_session *session);
/** Close the connection from this side. */
void wt_session_close(struct wt_session *session, uint64_t now_ns);
void wt_session_free(struct wt_session *session);

/** Put a message into the sequenced stream, and send it if somebody is logged in. */
void wt_session_send_bytes(struct wt_session *session, const uint8_t *bytes, size_t length);
/** The same, an OUCH message, in the session's dialect. */
void wt_session_send(struct wt_session *session, const struct wt_ouch *message);
/** Say something about the client on stderr, not too often. */
void wt_session_warn(struct wt_session *session, const char *what);
/** A fault of that chance happens now. */
bool wt_session_chance(struct wt_session *session, uint32_t ppm);

/** Timestamp of a message now. */
static inline uint64_t wt_session_stamp(const struct wt_session *session)
{
    return session->now_ns + (uint64_t)session->clock_offset_ns;
}

/* ---- account.c: OUCH for one account */

/** What the account's desk is to tell. */
struct wt_desk_handler wt_account_handler(struct wt_session *session);
/** Begin the day, with the desk. */
void wt_account_begin(struct wt_session *session, struct wt_desk desk);
/** When something that a fault has begun ends, ns; UINT64_MAX: nothing has. */
uint64_t wt_account_next_ns(const struct wt_session *session);
/** End what is due: cancels and moves are done. Returns the match number of an execution to break (wt_account_break),
 * or 0: nothing more is due. */
uint64_t wt_account_run(struct wt_session *session, uint64_t now_ns);
/** Tell the account that an execution of its is broken, if it has it. */
void wt_account_break(struct wt_session *session, uint64_t match);
/** System hours are over: open orders are canceled, new ones rejected. */
void wt_session_end_of_day(struct wt_session *session, uint64_t now_ns);

#endif
