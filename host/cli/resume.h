/*
 * A run that goes on where an earlier one of the same day stopped, however it stopped: the earlier journal is read,
 * what it says of orders and reports becomes the beginning of the new one (records WT_JOURNAL_PAST) and goes through
 * host/trade/recovery.h, and the login asks for the reports behind the last one known. So each journal is whole by
 * itself: it replays without the older ones, and the next run reads only the newest one whose past is complete.
 */
#ifndef WT_RESUME_H
#define WT_RESUME_H

#include "host/config/config.h"
#include "host/event/tap.h"
#include "host/market/twin.h"
#include "host/trade/quotes.h"
#include "host/trade/recovery.h"

struct wt_resume;

/** What an entry of the past is: numbers that stay. COMPLETE is the last one: a journal without it does not know its
 * past. */
enum wt_past_entry_kind {
    WT_PAST_IS_REQUEST = 1,
    WT_PAST_IS_REPORT = 2,
    WT_PAST_IS_UNSENT = 3, /**< a request that is known not to have left */
    WT_PAST_IS_COMPLETE = 4,
    WT_PAST_IS_UP = 5 /**< the gateway was up: the session was proven */
};

/** The payload of WT_JOURNAL_PAST. */
struct wt_past_entry {
    uint32_t kind; /**< enum wt_past_entry_kind */
    uint32_t reserved;
    union {
        struct wt_order_request request;
        struct wt_exec_report report;
        struct {
            char session[16]; /**< of SoupBinTCP; empty: none was named */
        } end;
    };
};

/** What the new session goes on from. */
struct wt_resumed {
    struct wt_recovered recovery;
    char session[11]; /**< of SoupBinTCP, as the venue named it; empty: no login of the past was answered */
};

/**
 * Look for an older session in the folder of the configuration's journal. 0 with *resume, or NULL when there is nothing
 * to go on from: no journal, no order entry on the network, or the venue has ended that session. -errno with a message:
 * there is one that cannot be gone on from, and nothing may be sent before somebody has looked at it.
 */
int wt_resume_find(const struct wt_config *config, struct wt_resume **resume);
/**
 * Give the past to the OMS, and write it into the tap's journal; resume NULL: the tap replays, and gives it. The loop
 * has not run yet; twin and quotes learn the names of the symbols. 0 or -errno with a message.
 */
int wt_resume_recover(struct wt_resume *resume, struct wt_tap *tap, struct wt_loop *loop, struct wt_oms *oms,
                      struct wt_twin *twin, struct wt_quotes *quotes, struct wt_resumed *resumed);
void wt_resume_destroy(struct wt_resume *resume);

#endif
