/*
 * The simulated card as a process of its own: BAR0 is a shared file, host memory another one (semantics.md 16, 18).
 *
 * The host's link is `pci` with `dma: file:PATH`, unmodified: its stores to BAR0 are stores to plain memory. The server
 * takes the words that hosts write as they stand at one moment, tells the card of those that have changed, in an order
 * that is right for any that changed together, and keeps the words that the card writes up to date. So a register
 * reads as it was a little while ago. The card reads and writes the host's memory by TLPs as ever; bus addresses are
 * offsets in the file.
 *
 * One thread.
 */
#ifndef WT_CARD_SERVER_H
#define WT_CARD_SERVER_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/card/sim.h"

struct wt_card_server;

/**
 * Serve the card of a world behind the two files, made with their sizes if they are not there (BAR0: WT_BAR0_SIZE;
 * memory: dma_bytes). The world stays the caller's, and is destroyed first. Prints why not.
 */
int wt_card_server_create(struct wt_sim *sim, const char *bar_path, const char *dma_path, uint64_t dma_bytes,
                          struct wt_card_server **server);
/**
 * Hand over what the host has written since: 1 if anything, 0, or the link's -errno. reset is called (may be NULL)
 * before a new reset reaches the card: frames on the wires may be let in before it.
 */
int wt_card_server_take(struct wt_card_server *server, void (*reset)(void *ctx), void *ctx);
/** Bring what the host reads up to date: what it waits for, or every counter, too. 0 or the link's -errno. */
int wt_card_server_show(struct wt_card_server *server, bool counters);
/** The host has enabled the card. */
bool wt_card_server_enabled(const struct wt_card_server *server);
/** Channel 0 as the host has it: the next sequence number that the card expects, as last shown. */
uint64_t wt_card_server_next_seq(const struct wt_card_server *server);
/** Records in the fuller of the first event ring and the order-flow ring, as a share of its size in 1/256, as last
 * shown: the host tells its progress a quarter of the ring late. */
unsigned wt_card_server_fill(const struct wt_card_server *server);
void wt_card_server_destroy(struct wt_card_server *server);

#endif
