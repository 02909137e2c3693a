/*
 * C interface of a Verilated board top (build/libwtversa.so, loaded with dlopen): two gigabit Ethernet ports at their
 * RGMII pins, both clocked as the card is, 125 MHz.
 */
#ifndef WT_BOARD_MODEL_H
#define WT_BOARD_MODEL_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define WT_BOARD_ABI 1
#define WT_BOARD_PORTS 2 /**< the feed's, the host's */

/** A byte of each port, each way; valid: within a frame, its preamble included. */
struct wt_board_pins {
    uint8_t rx[WT_BOARD_PORTS], rx_valid[WT_BOARD_PORTS];
    uint8_t tx[WT_BOARD_PORTS], tx_valid[WT_BOARD_PORTS]; /**< outputs */
    uint8_t reset;                                        /**< the button is pressed */
};

struct wt_board_api {
    uint32_t abi; /**< WT_BOARD_ABI */
    void *(*create)(void);
    /** One cycle of 8 ns. */
    void (*cycle)(void *model, struct wt_board_pins *pins);
    void (*destroy)(void *model);
};

/** The one symbol that the host looks up. */
const struct wt_board_api *wt_board_get(void);

#ifdef __cplusplus
}
#endif
#endif
