/*
 * GLIMPSE 5.0 (protocols.md section 6): a snapshot of the books over SoupBinTCP. Each login makes one: R and H of
 * every symbol, A or F of every displayed order, then G with the sequence number of the feed's next message. Log in
 * with sequence 1; with 0 SoupBinTCP's rule holds, and nothing comes.
 */
#ifndef WT_GLIMPSE_H
#define WT_GLIMPSE_H

#include "sim/exchange/publish.h"
#include "sim/exchange/session.h"

#define WT_GLIMPSE_END 21u /**< bytes of G */

/** Where snapshots come from; both speak of the same moment. */
struct wt_glimpse_source {
    void *ctx;
    void (*snapshot)(void *ctx, struct wt_publish_sink sink);
    uint64_t (*next_sequence)(void *ctx);
};

/** Make a session (wt_session_init was called) serve snapshots; the source stays the caller's. */
void wt_glimpse_begin(struct wt_session *session, struct wt_glimpse_source *source);

#endif
