/*
 * OUCH 4.2 at the venue: an account's orders have tokens where those of 5.0 have numbers. This table gives each new
 * token the next number, so that what is behind (account.c, the desks, the ledger) knows numbers alone, and keeps of a
 * request what an answer of 4.2 says again. One thread; memory grows with the orders.
 */
#ifndef WT_TOKENS_H
#define WT_TOKENS_H

#include "host/gateway/ouch42.h"

struct wt_token {
    char token[WT_OUCH42_TOKEN];
    char firm[4], display;
    uint32_t time_in_force, min_quantity;
};

/** All zero: none. */
struct wt_tokens {
    struct wt_token *token; /**< of number i + 1 */
    uint32_t count, room;
    uint32_t *slot; /**< hash of tokens: their numbers, 0: free */
    uint32_t slots;
};

/** The number of a token, or 0. */
uint32_t wt_tokens_find(const struct wt_tokens *tokens, const char token[WT_OUCH42_TOKEN]);
/** The next number for a new token; the structure is copied. 0: no memory. */
uint32_t wt_tokens_add(struct wt_tokens *tokens, const struct wt_token *token);
/** The newest was not taken: it may come again. */
void wt_tokens_forget(struct wt_tokens *tokens);
const struct wt_token *wt_tokens_get(const struct wt_tokens *tokens, uint32_t number);
void wt_tokens_free(struct wt_tokens *tokens);

/** An answer in 5.0 as bytes of 4.2. Their number, or -EINVAL, -ENOTSUP, -ENOSPC. */
int wt_tokens_encode(const struct wt_tokens *tokens, const struct wt_ouch *answer, uint8_t *to, size_t room);

#endif
