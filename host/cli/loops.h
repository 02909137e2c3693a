/*
 * Several loops of one run (host.loops): each is a whole session of its own, with an event ring of the card, the
 * symbols of that ring, an account at the venue, OMS, risk, positions, journal and folders. They share the card
 * (host/card/share.h) and what the operator, a loss or a failure says to all of them: that goes through lock-free rings
 * (host/event/pipe.h), one from each loop to each other one, and enters a loop as a command, so that it is journalled
 * and replayed as any.
 *
 * On link pci each loop is a thread, on a processor of its own if host.cpus says so. In simulation they are stepped by
 * turns on one thread, a round each, in the order of their numbers: the same bytes every time.
 */
#ifndef WT_LOOPS_H
#define WT_LOOPS_H

#include "host/card/link.h"
#include "host/cli/options.h"
#include "host/cli/outside.h"

struct wt_loops;

/** What a loop is told when another one cannot go on; below the operator's commands (control.h). */
enum { WT_LOOPS_GONE = 1 };

/** Run them, to the end, and write what came of them together. The configuration is the whole one. Exit status. */
int wt_loops_run(const struct wt_run_options *options, struct wt_config *config);

/** For a session, its number from 0: */
struct wt_outside *wt_loops_outside(struct wt_loops *loops);
struct wt_link *wt_loops_link(struct wt_loops *loops, unsigned loop);
/** Order flow of the card that is there goes on to the loops. */
void wt_loops_pump(struct wt_loops *loops);
/** Tell all other loops. One that takes nothing any more is told to end when it does. */
void wt_loops_tell(struct wt_loops *loops, unsigned from, uint32_t command);
/** What a loop was told: a command, or 0. */
uint32_t wt_loops_told(struct wt_loops *loops, unsigned loop);
/** A journal folder of several loops: the folder of one of them (from 1) in it. False: there is none. */
bool wt_loops_folder(const char *journal, unsigned loop, char path[4096]);
/** How many there are in it; 0: it is no such folder, or has a journal of its own. */
unsigned wt_loops_of(const char *journal);

#endif
