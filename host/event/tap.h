/*
 * The tap stands between a loop and the world outside: the link, the card's rings, the stream to the venue, commands.
 *
 * Recording, it passes everything through and writes it into the journal: what comes in when it has come, what goes
 * out before it goes. Replaying, there is no world: the journal's inputs come in again, at the very calls at which they
 * came, and what goes out is compared with what went out then. The loop and all above it are the same code in both.
 *
 * Time is the loop's own: it moves when an input comes, when the link waits, and by what the host spends. Between these
 * it stands, so that a replay sees the same time at every call. A round in which nothing came and nothing went
 * leaves no trace.
 *
 * One thread, the loop's.
 */
#ifndef WT_TAP_H
#define WT_TAP_H

#include "host/card/driver.h"
#include "host/event/journal.h"
#include "host/event/journal_reader.h"
#include "host/event/loop.h"
#include "host/gateway/stream.h"

struct wt_tap;

/** Streams beside the one to the venue. */
enum wt_tap_side { WT_TAP_REREQUESTS, WT_TAP_SNAPSHOTS, WT_TAP_SIDES };
enum { WT_TAP_SIDE_CONNECT = 1, WT_TAP_SIDE_SEND = 2, WT_TAP_SIDE_CLOSE = 3 };

/** Head of the payload of WT_JOURNAL_SIDE and WT_JOURNAL_SIDE_RECV. */
struct wt_journal_side {
    uint32_t side; /**< enum wt_tap_side */
    int32_t what;  /**< WT_TAP_SIDE_CONNECT and so on; of RECV: 0, or the -errno that it was */
};

/** Payload of WT_JOURNAL_EVENT; the event's structure, size bytes with its padding 0, follows. */
struct wt_journal_event {
    uint16_t type; /**< enum wt_event_type */
    uint16_t size;
    uint32_t reserved;
    uint64_t ns; /**< of the event */
};

/** What a replay produced instead of the recorded item (NULL: the journal has nothing there that could be meant). */
struct wt_difference {
    const struct wt_journal_item *recorded;
    unsigned type; /**< enum wt_journal_type of what came out; 0: nothing did, the recorded input was not asked for */
    uint64_t ns;
    uint32_t calls;
    const uint8_t *payload;
    size_t length;
};

struct wt_replay_options {
    bool paced; /**< at the speed at which it happened, by the loop's time */
    void *ctx;
    /** Told of each difference, the first ten. */
    void (*difference)(void *ctx, const struct wt_difference *difference);
};

struct wt_replay_stats {
    uint64_t inputs, outputs, bytes_out; /**< given, compared equal, bytes of which to the venue */
    uint64_t differences;
    bool complete; /**< up to the record END; else the journal ended before the session did */
};

/** Record into journal (stays the caller's). simulated: the link's spend moves time. -ENOMEM. */
int wt_tap_record(struct wt_journal *journal, bool simulated, struct wt_tap **tap);
/**
 * Replay what reader gives (stays the caller's); it must be at its beginning. Takes in the configuration. -ENOMEM, or
 * -EBADMSG with a message: the journal does not begin with a configuration that this program can run.
 */
int wt_tap_replay(struct wt_journal_reader *reader, const struct wt_replay_options *options, struct wt_tap **tap);
void wt_tap_destroy(struct wt_tap *tap);
bool wt_tap_replaying(const struct wt_tap *tap);
/** Before the text in WT_JOURNAL_CONFIG: what must be the same for the bytes of a replay to be comparable. */
struct wt_tap_config_head {
    uint32_t schema, event_bytes, simulated;
    uint32_t resumed; /**< the session goes on from earlier ones: records WT_JOURNAL_PAST follow */
};

/** Recording: write the configuration, first of all. -ENOSPC. */
int wt_tap_config(struct wt_tap *tap, const char *text, bool resumed);
/** What this program writes and can read; simulated and resumed are 0. */
struct wt_tap_config_head wt_tap_config_expected(void);
/** Replaying: the session goes on from earlier ones. */
bool wt_tap_resumed(const struct wt_tap *tap);
/**
 * One entry of the past. Recording: written; replaying: filled in from the journal. 0; -ENOSPC; -EPIPE: the journal
 * ends here; -EBADMSG: it has none of this length here.
 */
int wt_tap_past(struct wt_tap *tap, void *entry, size_t length);
/** Replaying: the configuration's text. */
const char *wt_tap_config_text(const struct wt_tap *tap);

/** The link to use in place of inner (replaying: NULL). Closing it closes inner. */
struct wt_link *wt_tap_link(struct wt_tap *tap, struct wt_link *inner);
/** Take the records of an opened card through the tap. */
void wt_tap_card(struct wt_tap *tap, struct wt_card *card);
/** The stream to use in place of inner (replaying: zeros). */
struct wt_stream wt_tap_stream(struct wt_tap *tap, struct wt_stream inner);
/** That stream's send: whoever has it, with the tap for its ctx, may use the room instead. */
int wt_tap_send(void *tap, const void *bytes, size_t length);
/**
 * Where the bytes of a request may be put together, so that they are in the journal when they are whole; NULL: send
 * them by the stream. Nothing may be written there but all of it, and zeros behind it up to 8 bytes, and then only the
 * next.
 */
void *wt_tap_room(const struct wt_tap *tap);
enum { WT_TAP_REPLACE = 43, WT_TAP_ENTER = 50 }; /**< the lengths that they may have, of OUCH 5.0 */
/** Commit what is there, and send it: as the stream does; -EMSGSIZE: of another length. */
int wt_tap_send_room(struct wt_tap *tap, void *at, size_t length);
/** The hook of the card's driver by which records are taken that an order may wait for (host/card/driver.h). */
int wt_tap_take(void *tap, struct wt_ring *memory, void *out);
/** The time that its link tells. */
uint64_t wt_tap_time(struct wt_tap *tap);
/** The same of a stream to one of the feed's servers; recording, zeros: there is none, and it cannot be connected. */
struct wt_stream wt_tap_side_stream(struct wt_tap *tap, enum wt_tap_side side, struct wt_stream inner);
/** A command from outside, 0: none (replaying: not looked at). Returns the one to carry out, or 0. */
uint32_t wt_tap_command(struct wt_tap *tap, uint32_t command);
/** Journal VERDICT, ORDER, EXEC, POSITION, RISK_ALERT, TIMER and GATEWAY events. -ENOSPC. */
int wt_tap_subscribe(struct wt_tap *tap, struct wt_loop *loop);
/** The session is over: the record END. From now on nothing is recorded or compared. */
void wt_tap_end(struct wt_tap *tap, int status);

/** Recording: 0, or why something could not be written: nothing may leave any more. Replaying: 0 */
int wt_tap_failed(const struct wt_tap *tap);
void wt_tap_replay_stats(const struct wt_tap *tap, struct wt_replay_stats *stats);

#endif
