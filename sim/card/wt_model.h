/*
 * C interface of the Verilated card (build/libwtcard.so, loaded with dlopen).
 *
 * One call is one core clock cycle: the shim applies the inputs, lets the logic settle,
 * copies the outputs as they stand before the clock edge (a transfer happens where valid and
 * ready are both 1), and then clocks. TLP streams: wt_core's documentation.
 */
#ifndef WT_MODEL_H
#define WT_MODEL_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define WT_MODEL_ABI 3
#define WT_MODEL_LINES 2       /**< Ethernet ports, each with a line of the feed: A, B */
#define WT_MODEL_TLP_DWORDS 16 /**< room for the widest datapath, 512 bits */

/** An Ethernet port. */
struct wt_model_port {
    uint64_t rx_data;
    uint8_t rx_valid, rx_keep, rx_last, rx_error;
    uint8_t rx_ready; /**< output */
    uint8_t rx_lag;   /**< output, with a last beat: cycles until the last byte of its FCS is on the wire */
};

struct wt_model_pins {
    struct wt_model_port port[WT_MODEL_LINES];
    /* inputs */
    uint64_t time_ns;
    uint32_t tlp_rx_data[WT_MODEL_TLP_DWORDS];
    uint32_t tlp_rx_keep; /**< one bit a dword */
    uint16_t cfg_requester_id;
    uint8_t rst;
    uint8_t tlp_rx_valid, tlp_rx_last;
    uint8_t tlp_tx_ready;
    uint8_t cfg_max_payload; /**< PCIe encoding: 0 = 128 bytes, 1 = 256, 2 = 512, ... */
    uint8_t cfg_bus_master;
    uint8_t cfg_msix_enable;
    /* outputs */
    uint8_t tlp_rx_ready;
    uint8_t tlp_tx_valid, tlp_tx_last;
    uint8_t idle;
    uint32_t tlp_tx_keep;
    uint32_t tlp_tx_data[WT_MODEL_TLP_DWORDS];
    uint64_t next_deadline_ns; /**< all ones: none */
};

struct wt_model_api {
    uint32_t abi;        /**< WT_MODEL_ABI */
    uint32_t tlp_dwords; /**< width of the TLP datapath in dwords */
    uint32_t clock_ps;   /**< period of the core clock */
    void *(*create)(void);
    void (*cycle)(void *model, struct wt_model_pins *pins);
    /** Start an FST trace (0), or -ENOTSUP when the library was built without one. */
    int (*trace)(void *model, const char *path);
    void (*destroy)(void *model);
};

/** The one symbol that the host looks up. */
const struct wt_model_api *wt_model_get(void);

#ifdef __cplusplus
}
#endif
#endif
