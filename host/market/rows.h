/*
 * The rows of `wiretick book` (../shared/design/contract.md): every change of a symbol's best
 * bid/offer as CSV
 *
 *     message_number,timestamp_ns,symbol,bid_price,bid_shares,ask_price,ask_shares
 *
 * A row is written when it differs from the symbol's last row; an untouched book is 0,0,0,0.
 * Buffered; one thread.
 */
#ifndef WT_MARKET_ROWS_H
#define WT_MARKET_ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct wt_rows;

/** Rows go to the descriptor fd, which stays the caller's. -ENOMEM. */
int wt_rows_create(int fd, struct wt_rows **rows);
/**
 * Write a row if it is due. symbol: dense index, 0 to 65534; name: eight characters padded with
 * spaces, looked at for the symbol's first row only. Prices in 1/10000 dollar. Returns whether one was.
 */
bool wt_rows_put(struct wt_rows *rows, uint64_t message, uint64_t exch_ns, uint16_t symbol, const char *name,
                 uint32_t bid_price, uint32_t bid_shares, uint32_t ask_price, uint32_t ask_shares);
/** Write out what is buffered. 0 or the first -errno of a write: -EPIPE when the reader has gone. */
int wt_rows_flush(struct wt_rows *rows);
/** The first -errno of a write so far, or 0. */
int wt_rows_error(const struct wt_rows *rows);
void wt_rows_destroy(struct wt_rows *rows);

#endif
