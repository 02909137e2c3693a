/*
 * One card for several loops: each gets a link of its own, behind which it sees a card with one event ring, that of its
 * symbols, and with an order-flow ring of its own. Nothing above the link knows the difference: driver, tap and feed
 * are those of a loop that has the card alone, and so is a replay of its journal.
 *
 * - The card itself is opened here, once, with as many event rings as there are loops. Of what a loop writes to set its
 *   card up nothing reaches the card; the registers by which it runs do: the consumer index goes to that of its own
 *   ring, and the first loop also has the command ring and a channel's skip_to, so that it alone makes good what was
 *   lost. Reads go to the card, but for RESET, CONTROL and CMD_CONS, which are the loop's own.
 * - The order-flow ring has one reader at a time: whichever loop comes by and finds nobody at it (an atomic flag)
 * copies what is there into each loop's ring. These rings have one writer and one reader and are of the card's own
 * format (ring.h: a record's number is stored last, with release); the reader's index comes back by its link. The
 * slowest loop holds the others' order flow up, and then the card sheds it, as for one slow loop.
 * - A loop that has left is taken for one that reads everything and wants none of it.
 *
 * In turns, all loops are stepped on one thread: a loop's wait() returns at once, and whoever steps them waits for all
 * of them (wt_card_share_wait). Else each loop is a thread of its own, and the link below must bear that (pci does).
 */
#ifndef WT_CARD_SHARE_H
#define WT_CARD_SHARE_H

#include "host/card/driver.h"

struct wt_card_share;

/**
 * Open the card behind the link for config->ev_rings loops (1 to WT_CARD_EV_RINGS). Link and config stay the caller's.
 * turns: see above. -errno, with a message.
 */
int wt_card_share_create(struct wt_link *link, const struct wt_card_config *config, bool turns,
                         struct wt_card_share **share);
/**
 * Tell which loop a record of order flow is for, before any is opened: its number, or one that there is not: all.
 * Without it all get all. ctx stays the caller's; one thread at a time calls.
 */
void wt_card_share_route(struct wt_card_share *share, uint32_t (*of)(void *ctx, const struct wt_of_record *record),
                         void *ctx);
/** A loop's link (0 up). Closing it does nothing. */
struct wt_link *wt_card_share_link(struct wt_card_share *share, unsigned loop);
/** The card takes the configuration's names. */
bool wt_card_share_by_name(const struct wt_card_share *share);
/** Copy order flow that is there, if nobody else does. A source of every loop polls it. */
void wt_card_share_pump(struct wt_card_share *share);
/** A loop reads no more. Its own thread. */
void wt_card_share_leave(struct wt_card_share *share, unsigned loop);
/** In turns: let time pass until something may have happened for any loop. A failure is told by every wait() from then
 * on. Returns what the link's wait did. */
int wt_card_share_wait(struct wt_card_share *share);
/** In turns: the loop has waited since this was last asked. */
bool wt_card_share_waited(struct wt_card_share *share, unsigned loop);
/** Close the card; the link stays open. When no loop uses it any more. */
void wt_card_share_destroy(struct wt_card_share *share);

#endif
