/*
 * A board without PCI Express, simulated: its Verilated top, and what is plugged into its two gigabit ports. Frames go
 * out with preamble, padding, FCS and gap; what comes back is checked for all of these.
 *
 * One thread; nothing is allocated after create.
 */
#ifndef WT_BOARD_H
#define WT_BOARD_H

#include <stddef.h>
#include <stdint.h>

#include "sim/card/wt_board_model.h"

struct wt_board;

enum wt_board_port { WT_BOARD_FEED, WT_BOARD_HOST };
#define WT_BOARD_FRAME 1518u /**< longest, header to end of payload, rounded up */
#define WT_BOARD_CYCLE_NS 8u

struct wt_board_stats {
    uint64_t cycles, sent[WT_BOARD_PORTS], received[WT_BOARD_PORTS];
    uint64_t broken; /**< frames of the board that a receiver would refuse */
};

/** model_path NULL: libwtversa.so beside the executable. received gets each frame of the board. Prints why not. */
int wt_board_create(const char *model_path,
                    void (*received)(void *ctx, enum wt_board_port port, const uint8_t *frame, size_t length),
                    void *ctx, struct wt_board **board);
/** Queue a frame, without FCS. -ENOBUFS: the port's queue is full. -EINVAL: its length. */
int wt_board_send(struct wt_board *board, enum wt_board_port port, const void *frame, size_t length);
/** Frames queued on a port, the one on its way included. */
unsigned wt_board_queued(const struct wt_board *board, enum wt_board_port port);
void wt_board_run(struct wt_board *board, uint64_t cycles);
void wt_board_stats(const struct wt_board *board, struct wt_board_stats *stats);
void wt_board_destroy(struct wt_board *board);

#endif
