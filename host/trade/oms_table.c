/* The life of an order, as a table. README.md here holds it in words. */
#include "host/trade/oms.h"

#define N WT_ORDER_PENDING_NEW
#define W WT_ORDER_WORKING
#define P WT_ORDER_PARTIALLY_FILLED
#define R WT_ORDER_PENDING_REPLACE
#define X WT_ORDER_PENDING_CANCEL
#define F WT_ORDER_FILLED
#define C WT_ORDER_CANCELED
#define J WT_ORDER_REJECTED
#define S WT_ORDER_REPLACED
#define E WT_ORDER_EXPIRED
#define U WT_ORDER_UNKNOWN

_Static_assert(WT_ORDER_INPUTS <= 32, "a row of the table");
static const uint8_t table[WT_ORDER_STATES][32] = {
    [WT_ORDER_NONE] = {[WT_OI_SENT] = N},
    [WT_ORDER_PENDING_NEW] = {[WT_OI_ACCEPTED] = W,
                              [WT_OI_ACCEPTED_DEAD] = C,
                              [WT_OI_REPLACED] = W,
                              [WT_OI_REPLACED_DEAD] = C,
                              [WT_OI_REJECTED] = J,
                              [WT_OI_VOID] = C,
                              [WT_OI_SEND_FAILED] = J,
                              [WT_OI_CANCEL_KEPT] = N,
                              [WT_OI_DISCONNECTED] = U},
    [WT_ORDER_LIVE] = {[WT_OI_FILL_PART] = P,
                       [WT_OI_FILL_ALL] = F,
                       [WT_OI_REDUCED] = W,
                       [WT_OI_CANCELED] = C,
                       [WT_OI_REPLACE_SENT] = R,
                       [WT_OI_CANCEL_SENT] = X,
                       [WT_OI_BROKEN] = W,
                       [WT_OI_EXPIRED] = E,
                       [WT_OI_CORRECTED] = W,
                       [WT_OI_PRIORITY] = W,
                       [WT_OI_DISCONNECTED] = U},
    [WT_ORDER_PARTIALLY_FILLED] = {[WT_OI_FILL_PART] = P,
                                   [WT_OI_FILL_ALL] = F,
                                   [WT_OI_REDUCED] = W,
                                   [WT_OI_CANCELED] = C,
                                   [WT_OI_REPLACE_SENT] = R,
                                   [WT_OI_CANCEL_SENT] = X,
                                   [WT_OI_BROKEN] = W,
                                   [WT_OI_EXPIRED] = E,
                                   [WT_OI_CORRECTED] = W,
                                   [WT_OI_PRIORITY] = W,
                                   [WT_OI_DISCONNECTED] = U},
    [WT_ORDER_PENDING_REPLACE] = {[WT_OI_REPLACED_AWAY] = S,
                                  [WT_OI_FILL_PART] = R,
                                  [WT_OI_FILL_ALL] = F,
                                  [WT_OI_REDUCED] = R,
                                  [WT_OI_CANCELED] = C,
                                  [WT_OI_REPLACE_REJECTED] = W,
                                  [WT_OI_BROKEN] = R,
                                  [WT_OI_EXPIRED] = E,
                                  [WT_OI_CORRECTED] = R,
                                  [WT_OI_PRIORITY] = R,
                                  [WT_OI_DISCONNECTED] = U,
                                  [WT_OI_CANCEL_KEPT] = R},
    [WT_ORDER_PENDING_CANCEL] = {[WT_OI_FILL_PART] = X,
                                 [WT_OI_FILL_ALL] = F,
                                 [WT_OI_REDUCED] = X,
                                 [WT_OI_CANCELED] = C,
                                 [WT_OI_CANCEL_PENDING] = X,
                                 [WT_OI_CANCEL_REJECTED] = W,
                                 [WT_OI_BROKEN] = X,
                                 [WT_OI_EXPIRED] = E,
                                 [WT_OI_CORRECTED] = X,
                                 [WT_OI_PRIORITY] = X,
                                 [WT_OI_DISCONNECTED] = U},
    /* What the venue says is taken for what it says; only that the order works waits for the proof. */
    [WT_ORDER_UNKNOWN] = {[WT_OI_ACCEPTED] = U,      [WT_OI_ACCEPTED_DEAD] = C,  [WT_OI_REPLACED] = U,
                          [WT_OI_REPLACED_DEAD] = C, [WT_OI_REPLACED_AWAY] = S,  [WT_OI_FILL_PART] = U,
                          [WT_OI_FILL_ALL] = F,      [WT_OI_REDUCED] = U,        [WT_OI_CANCELED] = C,
                          [WT_OI_EXPIRED] = E,       [WT_OI_REJECTED] = J,       [WT_OI_REPLACE_REJECTED] = U,
                          [WT_OI_VOID] = C,          [WT_OI_CANCEL_PENDING] = U, [WT_OI_CANCEL_REJECTED] = U,
                          [WT_OI_BROKEN] = U,        [WT_OI_CORRECTED] = U,      [WT_OI_PRIORITY] = U,
                          [WT_OI_CANCEL_KEPT] = U,   [WT_OI_PROVEN] = W,         [WT_OI_LOST] = J},
    [WT_ORDER_FILLED] = {[WT_OI_BROKEN] = F, [WT_OI_CORRECTED] = F},
    [WT_ORDER_CANCELED] = {[WT_OI_BROKEN] = C, [WT_OI_CORRECTED] = C},
    [WT_ORDER_REPLACED] = {[WT_OI_BROKEN] = S, [WT_OI_CORRECTED] = S},
    [WT_ORDER_EXPIRED] = {[WT_OI_BROKEN] = E, [WT_OI_CORRECTED] = E},
};

enum wt_order_state wt_oms_next(enum wt_order_state state, enum wt_order_input input)
{
    if (state >= WT_ORDER_STATES || input >= WT_ORDER_INPUTS)
        return WT_ORDER_NONE;
    return (enum wt_order_state)table[state][input];
}

const char *wt_order_state_name(enum wt_order_state state)
{
    static const char *const names[WT_ORDER_STATES] = {
        "NONE",    "PENDING_NEW", "LIVE",     "PARTIALLY_FILLED", "PENDING_REPLACE", "PENDING_CANCEL",
        "UNKNOWN", "FILLED",      "CANCELED", "REJECTED",         "REPLACED",        "EXPIRED"};
    return state < WT_ORDER_STATES ? names[state] : "?";
}

const char *wt_order_input_name(enum wt_order_input input)
{
    static const char *const names[WT_ORDER_INPUTS] = {"accepted",
                                                       "accepted_dead",
                                                       "replaced",
                                                       "replaced_dead",
                                                       "replaced_away",
                                                       "fill_part",
                                                       "fill_all",
                                                       "reduced",
                                                       "canceled",
                                                       "rejected",
                                                       "replace_rejected",
                                                       "void",
                                                       "cancel_pending",
                                                       "cancel_rejected",
                                                       "broken",
                                                       "expired",
                                                       "corrected",
                                                       "priority",
                                                       "sent",
                                                       "send_failed",
                                                       "replace_sent",
                                                       "cancel_sent",
                                                       "cancel_kept",
                                                       "disconnected",
                                                       "proven",
                                                       "lost"};
    return input < WT_ORDER_INPUTS ? names[input] : "?";
}

bool wt_order_alive(enum wt_order_state state)
{
    return state >= WT_ORDER_PENDING_NEW && state <= WT_ORDER_UNKNOWN;
}
