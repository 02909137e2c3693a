/*
 * The three levels at which risk is held: the firm, its accounts, the strategies in them. A scope
 * is one firm, account or strategy; sums (positions, working orders, profit) are kept for each.
 *
 * Rows: 0 is the firm, 1 to accounts the accounts, then the strategies in the order of their owner
 * numbers. An order counts in its strategy's row, in that one's account's, and in the firm's.
 */
#ifndef WT_SCOPE_H
#define WT_SCOPE_H

#include <stdbool.h>
#include <stdint.h>

#define WT_OWNERS_MAX 16u
#define WT_SCOPES_MAX (1u + 2u * WT_OWNERS_MAX)
#define WT_SCOPE_FIRM 0u

enum wt_level { WT_LEVEL_FIRM, WT_LEVEL_ACCOUNT, WT_LEVEL_STRATEGY, WT_LEVELS };

struct wt_scopes {
    uint8_t accounts, owners;          /**< at most 16 each; 0 owners: only the firm's row is kept */
    uint8_t account_of[WT_OWNERS_MAX]; /**< of each owner: 0 to accounts - 1 */
};

static inline unsigned wt_scope_rows(const struct wt_scopes *scopes)
{
    return scopes->owners ? 1u + scopes->accounts + scopes->owners : 1u;
}

/** Rows an order of the owner counts in, firm first. Returns how many: 3, or 1 when the owner has no row. */
static inline unsigned wt_scope_of(const struct wt_scopes *scopes, unsigned owner, unsigned row[WT_LEVELS])
{
    row[WT_LEVEL_FIRM] = WT_SCOPE_FIRM;
    if (owner >= scopes->owners)
        return 1;
    row[WT_LEVEL_ACCOUNT] = 1u + scopes->account_of[owner];
    row[WT_LEVEL_STRATEGY] = 1u + scopes->accounts + owner;
    return WT_LEVELS;
}

static inline enum wt_level wt_scope_level(const struct wt_scopes *scopes, unsigned row)
{
    if (row == WT_SCOPE_FIRM)
        return WT_LEVEL_FIRM;
    return row <= scopes->accounts ? WT_LEVEL_ACCOUNT : WT_LEVEL_STRATEGY;
}

/** The owner belongs to the scope of this row. */
static inline bool wt_scope_has(const struct wt_scopes *scopes, unsigned row, unsigned owner)
{
    unsigned rows[WT_LEVELS], n = wt_scope_of(scopes, owner, rows);
    for (unsigned i = 0; i < n; i++)
        if (rows[i] == row)
            return true;
    return false;
}

static inline const char *wt_level_name(enum wt_level level)
{
    return level == WT_LEVEL_FIRM ? "firm" : level == WT_LEVEL_ACCOUNT ? "account" : "strategy";
}

#endif
