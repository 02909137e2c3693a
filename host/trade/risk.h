/*
 * Pre-trade risk. A signal is checked at three levels: its strategy, the strategy's account, the firm
 * (scope.h), each with limits of its own (limits.h) and with positions, working orders and profit of
 * its own. The tightest holds: it passes only if all levels let it. The verdict names the first
 * limit broken, in the order of enum wt_limit, and the innermost of the levels that break it.
 *
 * What a signal would do is measured in the worst case: all working orders on its side fill, and of
 * an order and its replacement the larger. An order that reduces a scope's position (semantics.md
 * 14) passes every opening limit of that scope. A cancel is never refused.
 *
 * Stops: kill (only cancels pass), reduce-only, and what max_loss and max_drawdown lead to. They hold
 * for one scope, cancel its working orders, and stay until wt_risk_release.
 */
#ifndef WT_RISK_H
#define WT_RISK_H

#include "host/event/loop.h"
#include "host/trade/limits.h"
#include "host/trade/pass.h"

#define WT_TIMER_RISK 0x5249534bu /**< owner of risk's timers */

/** Limits of every scope. NULL: none of its own. */
struct wt_risk_config {
    struct wt_scopes scopes;
    const struct wt_risk_limits *firm;
    const struct wt_risk_limits *account[WT_OWNERS_MAX], *strategy[WT_OWNERS_MAX];
    uint64_t heartbeat_ns; /**< kill when wt_risk_heartbeat was not called for so long; 0: not watched */
    uint64_t silence_ns;   /**< kill when the venue's session is not up for so long after it was; 0: not watched */
};

enum wt_kill_reason { WT_KILL_BY_HAND, WT_KILL_LOSS, WT_KILL_DRAWDOWN, WT_KILL_HEARTBEAT, WT_KILL_SILENCE };

struct wt_risk_stats {
    uint64_t checked, accepted;
    uint64_t refused[WT_LIMITS];       /**< by limit */
    uint64_t refused_level[WT_LEVELS]; /**< by level */
};

struct wt_risk;

/**
 * Subscribes to GATEWAY, TIMER, and to POSITION and MARKET to watch losses (positions must have subscribed before);
 * publishes VERDICT and RISK_ALERT. All of the others stay the caller's, and keep the same scopes. -ENOMEM; -EINVAL:
 * wt_limits_init says why.
 */
int wt_risk_create_for(const struct wt_risk_config *config, struct wt_loop *loop, const struct wt_quotes *quotes,
                       const struct wt_positions *positions, const struct wt_oms *oms, struct wt_risk **risk);
/** The same with limits of the firm only. */
int wt_risk_create(const struct wt_risk_limits *limits, struct wt_loop *loop, const struct wt_quotes *quotes,
                   const struct wt_positions *positions, const struct wt_oms *oms, struct wt_risk **risk);
void wt_risk_destroy(struct wt_risk *risk);
/**
 * Check a signal; publishes the verdict, and counts an accepted order against the rates. For a REPLACE, signal->side
 * and symbol are those of the order that is replaced.
 */
enum wt_limit wt_risk_check(struct wt_risk *risk, const struct wt_signal *signal, unsigned owner);
/**
 * The same, for the desk: NULL, or a pass to the OMS. It holds until the next call, once.
 */
struct wt_pass *wt_risk_pass(struct wt_risk *risk, const struct wt_signal *signal, unsigned owner);
/**
 * The same for a move, which is a REPLACE of an order of the OMS's that is its owner's, of a live state, and known by
 * its address; symbol, side and tif are the order's. NULL: it is not that simple, nothing was counted or told,
 * wt_risk_pass() judges it. The event VERDICT is told by wt_risk_told(), which must follow before anything else is
 * published; after that the pass is one for the signal, if it was not used up.
 */
struct wt_pass *wt_risk_pass_move(struct wt_risk *risk, const struct wt_signal *signal, const struct wt_order *order);
void wt_risk_told(struct wt_risk *risk);
/** A quote changed marks, or (changed false) no sum of positions by them: what the loss limits make of that. */
void wt_risk_marked(struct wt_risk *risk, bool changed);
/** The kill switch of the firm: from now on only cancels pass. alert: say so with a RISK_ALERT. */
void wt_risk_kill(struct wt_risk *risk, bool alert);
/** The same for a scope's row. */
void wt_risk_kill_scope(struct wt_risk *risk, unsigned row, bool alert);
/** For now only cancels pass, or again what passed before: beside the stops, which stay as they are. */
void wt_risk_hold(struct wt_risk *risk, bool on);
/** Only orders that reduce the scope's position pass. */
void wt_risk_reduce_only(struct wt_risk *risk, unsigned row, bool alert);
/** Take every stop of the scope back; loss and drawdown are watched anew, the latter from now. */
void wt_risk_release(struct wt_risk *risk, unsigned row);
/** The operator is there. */
void wt_risk_heartbeat(struct wt_risk *risk);
/** The firm is stopped, or cut down to exits. */
bool wt_risk_killed(const struct wt_risk *risk);
/** The scope is stopped altogether. */
bool wt_risk_dead(const struct wt_risk *risk, unsigned row);
void wt_risk_stats(const struct wt_risk *risk, struct wt_risk_stats *stats);

#endif
