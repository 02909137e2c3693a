/* The inside of a pass: for risk.c, which gives it, and oms.c, which takes it. tests/unit/test_one_path.c holds that.
 */
#ifndef WT_PASS_INSIDE_H
#define WT_PASS_INSIDE_H

#include <stdint.h>

#include "host/strategy/strategy.h"
#include "host/trade/oms.h"
#include "host/trade/pass.h"

/** What a pass is still good for. */
enum wt_pass_good { WT_PASS_USED, WT_PASS_SIGNAL, WT_PASS_MOVE };

struct wt_pass {
    struct wt_signal signal;      /**< as it was judged; of a MOVE only shares and price, all else is the order's */
    const struct wt_order *order; /**< REPLACE, MOVE: the order, as the OMS gave it */
    uint8_t owner;
    uint8_t good; /**< enum wt_pass_good */
};

#endif
