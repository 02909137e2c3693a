/* What the host knows at the end of a run, for whoever wants to hold it against what the venue knows. */
#ifndef WT_LEDGER_FILES_H
#define WT_LEDGER_FILES_H

#include "host/market/twin.h"
#include "host/trade/oms.h"
#include "host/trade/position.h"
#include "host/trade/quotes.h"

/**
 * Write into a folder books.csv (the twin's: symbol,side,level,price,shares,orders, best level first; a symbol that is
 * not exact has one line, side "stale"), ledger.csv (the OMS's orders, of the last 65,536) and positions.csv (the
 * firm's). 0, or -errno with a message.
 */
int wt_ledger_write(const char *dir, const struct wt_twin *twin, const struct wt_oms *oms,
                    const struct wt_quotes *quotes, const struct wt_positions *positions);

#endif
