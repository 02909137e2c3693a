/* What the configuration says of accounts, limits and fees, in the terms of host/trade. */
#ifndef WT_CLI_LIMITS_H
#define WT_CLI_LIMITS_H

#include "host/config/config.h"
#include "host/trade/risk.h"

struct wt_configured_risk {
    struct wt_risk_config risk; /**< points into the rest, and into the configuration */
    struct wt_risk_limits firm, account[WT_OWNERS_MAX], strategy[WT_OWNERS_MAX];
    struct wt_fee_table fees;
};

/**
 * Fill it in. With one strategy and no limits but the firm's the three levels are one: then no scopes are kept. Neither
 * may move or end while risk lives.
 */
void wt_configured_risk(const struct wt_config *config, struct wt_configured_risk *out);

#endif
