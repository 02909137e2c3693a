/* Records what the engine tells, as plain structs that compare with memcmp. */
#ifndef WT_TEST_ENGINE_LOG_H
#define WT_TEST_ENGINE_LOG_H

#include <string.h>

#include "sim/exchange/engine.h"

enum { LOG_ACCEPTED = 1, LOG_RESTED, LOG_EXECUTED, LOG_UNCROSSED, LOG_CANCELED, LOG_REPLACED, LOG_STATE };

struct log_view {
    uint64_t ref, tag;
    uint32_t owner, symbol, price, shares;
    uint8_t side, hidden;
    char mpid[6]; /* 4 used */
};

struct log_event {
    uint32_t kind, what; /* reason, how, resting, state */
    struct log_view order, other;
    uint64_t ref, tag, match;
    uint32_t owner, shares, price, resting;
};

#define LOG_ROOM 4096

struct engine_log {
    size_t count;
    struct log_event event[LOG_ROOM];
};

static struct log_event *log_new(struct engine_log *log, uint32_t kind)
{
    assert_true(log->count < LOG_ROOM);
    struct log_event *e = &log->event[log->count++];
    memset(e, 0, sizeof *e);
    e->kind = kind;
    return e;
}

static void log_view(struct log_view *to, const struct wt_engine_view *v)
{
    to->ref = v->ref;
    to->tag = v->tag;
    to->owner = v->owner;
    to->symbol = v->symbol;
    to->price = v->price;
    to->shares = v->shares;
    to->side = (uint8_t)v->side;
    to->hidden = v->hidden;
    memcpy(to->mpid, v->mpid, 4);
}

static void log_accepted(void *ctx, const struct wt_engine_view *order)
{
    log_view(&log_new(ctx, LOG_ACCEPTED)->order, order);
}

static void log_rested(void *ctx, const struct wt_engine_view *order)
{
    log_view(&log_new(ctx, LOG_RESTED)->order, order);
}

static void log_executed(void *ctx, const struct wt_engine_view *resting, uint32_t owner, uint64_t tag, uint64_t ref,
                         uint32_t shares, uint32_t price, uint64_t match)
{
    struct log_event *e = log_new(ctx, LOG_EXECUTED);
    log_view(&e->order, resting);
    e->owner = owner;
    e->tag = tag;
    e->ref = ref;
    e->shares = shares;
    e->price = price;
    e->match = match;
}

static void log_uncrossed(void *ctx, const struct wt_engine_view *bid, const struct wt_engine_view *offer,
                          uint32_t shares, uint32_t price, uint64_t match)
{
    struct log_event *e = log_new(ctx, LOG_UNCROSSED);
    log_view(&e->order, bid);
    log_view(&e->other, offer);
    e->shares = shares;
    e->price = price;
    e->match = match;
}

static void log_canceled(void *ctx, const struct wt_engine_view *order, uint32_t shares, bool resting,
                         enum wt_engine_reason reason)
{
    struct log_event *e = log_new(ctx, LOG_CANCELED);
    log_view(&e->order, order);
    e->shares = shares;
    e->resting = resting;
    e->what = reason;
}

static void log_replaced(void *ctx, uint64_t old_ref, uint32_t old_shares, const struct wt_engine_view *order,
                         enum wt_engine_replaced how)
{
    struct log_event *e = log_new(ctx, LOG_REPLACED);
    log_view(&e->order, order);
    e->ref = old_ref;
    e->shares = old_shares;
    e->what = how;
}

static void log_state(void *ctx, uint16_t symbol, char state)
{
    struct log_event *e = log_new(ctx, LOG_STATE);
    e->ref = symbol;
    e->what = (uint8_t)state;
}

static struct wt_engine_handler log_handler(struct engine_log *log)
{
    return (struct wt_engine_handler){.ctx = log,
                                      .accepted = log_accepted,
                                      .rested = log_rested,
                                      .executed = log_executed,
                                      .uncrossed = log_uncrossed,
                                      .canceled = log_canceled,
                                      .replaced = log_replaced,
                                      .state = log_state};
}

#endif
