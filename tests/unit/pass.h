/* Orders straight to the OMS, past risk, for tests of the OMS alone: nobody but risk and tests can make a pass. */
#ifndef TEST_PASS_H
#define TEST_PASS_H

#include "host/trade/oms.h"
#include "host/trade/pass_inside.h"

static inline int64_t pass_enter(struct wt_oms *oms, const struct wt_signal *signal, const char name[8], unsigned owner)
{
    struct wt_pass pass = {.signal = *signal, .owner = (uint8_t)owner, .good = WT_PASS_SIGNAL};
    pass.signal.kind = WT_SIGNAL_ENTER;
    return wt_oms_enter(oms, &pass, name);
}

static inline int64_t pass_replace(struct wt_oms *oms, const struct wt_signal *signal, unsigned owner)
{
    struct wt_pass pass = {.signal = *signal, .owner = (uint8_t)owner, .good = WT_PASS_SIGNAL};
    pass.signal.kind = WT_SIGNAL_REPLACE;
    return wt_oms_replace(oms, &pass);
}

#endif
