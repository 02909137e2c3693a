#include "host/trade/desk.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct wt_desk {
    struct wt_loop *loop;
    struct wt_quotes *quotes;
    struct wt_risk *risk;
    struct wt_oms *oms;
};

static void on_alert(void *ctx, const struct wt_event *event)
{
    struct wt_desk *desk = ctx;
    if (event->alert.kind == WT_ALERT_KILL)
        wt_oms_cancel_all(desk->oms);
}

static void padded_name(char out[8], const char *name)
{
    size_t n = strlen(name);
    memset(out, ' ', 8);
    memcpy(out, name, n < 8 ? n : 8);
}

int64_t wt_desk_signal(struct wt_desk *desk, const struct wt_signal *signal, unsigned owner)
{
    struct wt_signal s = *signal;
    if (s.kind == WT_SIGNAL_REPLACE) {
        /* The order decides symbol and side, not the strategy's memory of it. */
        const struct wt_order *o = wt_oms_find(desk->oms, s.order);
        if (!o || o->owner != owner)
            return -ENOENT;
        if (wt_oms_next(o->state, WT_OI_REPLACE_SENT) == WT_ORDER_NONE)
            return wt_order_alive(o->state) ? -EBUSY : -ENOENT;
        s.symbol = o->symbol;
        s.side = o->side;
        s.tif = o->tif;
    }
    wt_loop_publish(desk->loop, &(struct wt_event){.type = WT_EVENT_SIGNAL, .signal = s});
    if (wt_risk_check(desk->risk, &s, owner) != WT_LIMIT_NONE)
        return -EPERM;
    char name[8];
    padded_name(name, wt_quotes_get(desk->quotes, s.symbol)->name);
    switch (s.kind) {
    case WT_SIGNAL_ENTER:
        return wt_oms_enter(desk->oms, &s, name, owner);
    case WT_SIGNAL_REPLACE:
        return wt_oms_replace(desk->oms, &s, name, owner);
    case WT_SIGNAL_CANCEL:
        return wt_oms_cancel(desk->oms, s.order, owner);
    }
    return -EINVAL;
}

void wt_desk_stop(struct wt_desk *desk)
{
    wt_risk_kill(desk->risk, false);
    wt_oms_cancel_all(desk->oms);
}

unsigned wt_desk_open(const struct wt_desk *desk)
{
    return wt_oms_open_orders(desk->oms);
}

int wt_desk_create(struct wt_loop *loop, struct wt_quotes *quotes, struct wt_risk *risk, struct wt_oms *oms,
                   struct wt_desk **desk)
{
    struct wt_desk *d = calloc(1, sizeof *d);
    if (!d)
        return -ENOMEM;
    *d = (struct wt_desk){loop, quotes, risk, oms};
    *desk = d;
    return wt_loop_subscribe(loop, WT_EVENT_RISK_ALERT, on_alert, d);
}

void wt_desk_destroy(struct wt_desk *desk)
{
    free(desk);
}
