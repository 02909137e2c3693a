/* The inside of a pass: for risk.c, which gives it, and oms.c, which takes it. tests/unit/test_one_path.c holds that.
 */
#ifndef WT_PASS_INSIDE_H
#define WT_PASS_INSIDE_H

#include <stdbool.h>
#include <stdint.h>

#include "host/strategy/strategy.h"
#include "host/trade/oms.h"
#include "host/trade/pass.h"

struct wt_pass {
    struct wt_signal signal;      /**< as it was judged */
    const struct wt_order *order; /**< REPLACE: the order, as the OMS gave it */
    uint8_t owner;
    bool unused;
};

#endif
