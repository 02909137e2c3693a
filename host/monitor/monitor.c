#include "host/monitor/monitor.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "host/common/log.h"
#include "host/trade/oms.h"
#include "host/trade/risk.h"

enum { FIRST_INTERVAL_NS = 1000000 };

/* ---- the series ---- */

static void sample(struct wt_monitor *m, uint64_t now)
{
    if (m->samples == WT_SERIES_MAX) {
        for (unsigned i = 0; i < WT_SERIES_MAX / 2; i++)
            m->series[i] = m->series[2 * i];
        m->samples = WT_SERIES_MAX / 2;
        m->sample_every *= 2;
    }
    int64_t net = 0;
    for (unsigned s = 0; s < wt_quotes_count(m->quotes); s++) {
        const struct wt_position *p = wt_positions_get(m->positions, (wt_symbol)s);
        net += p->shares * (int64_t)p->mark;
    }
    int64_t realized = wt_positions_realized(m->positions);
    m->series[m->samples++] = (struct wt_sample){.ns = now,
                                                 .realized = realized,
                                                 .profit = wt_positions_profit(m->positions, WT_SCOPE_FIRM),
                                                 .gross = wt_positions_gross(m->positions),
                                                 .net = net};
    m->sample_next = now + m->sample_every;
}

/* ---- orders.csv ---- */

static const char *name_of(const struct wt_monitor *m, wt_symbol symbol)
{
    return wt_quotes_get(m->quotes, symbol)->name;
}

static void put_reason(char *out, size_t room, uint16_t reason)
{
    if (reason == 0)
        *out = '\0';
    else if (reason == WT_OMS_VOID)
        snprintf(out, room, "void");
    else if (reason == WT_OMS_NOT_SENT)
        snprintf(out, room, "not_sent");
    else if (reason == WT_OMS_LOST)
        snprintf(out, room, "lost");
    else if (reason >= 'A' && reason <= 'z')
        snprintf(out, room, "%c", reason);
    else
        snprintf(out, room, "0x%04X", reason);
}

static void on_order(void *ctx, const struct wt_event *event)
{
    struct wt_monitor *m = ctx;
    const struct wt_order_event *o = &event->order;
    char reason[16];
    put_reason(reason, sizeof reason, o->reason);
    fprintf(m->orders, "%" PRIu64 ",%s,%s,%c,%u,%u,%s,%u,%u,%u,%d,%u,%" PRIu64 ",%.1s,%s\n", event->ns,
            o->illegal ? "illegal_fill" : wt_order_input_name(o->input), name_of(m, o->symbol), o->side, o->id,
            o->replaces, wt_order_state_name(o->state), o->price, o->open_shares, o->filled_shares, o->fill_shares,
            o->fill_shares ? o->fill_price : 0, o->match, o->liquidity ? &o->liquidity : "", reason);
}

static void on_verdict(void *ctx, const struct wt_event *event)
{
    struct wt_monitor *m = ctx;
    const struct wt_verdict *v = &event->verdict;
    if (!v->limit)
        return;
    fprintf(m->orders, "%" PRIu64 ",refused,%s,%c,0,%u,,%u,%u,0,0,0,0,,%s\n", event->ns, name_of(m, v->signal.symbol),
            v->signal.side, v->signal.kind == WT_SIGNAL_REPLACE ? v->signal.order : 0, v->signal.price,
            v->signal.shares, wt_limit_name(v->limit));
}

static void on_alert(void *ctx, const struct wt_event *event)
{
    static const char *const names[] = {"?",
                                        "kill",
                                        "illegal",
                                        "unknown_order",
                                        "bad_fill",
                                        "card",
                                        "gateway",
                                        [WT_ALERT_JOURNAL] = "journal",
                                        [WT_ALERT_AUDIT] = "audit",
                                        [WT_ALERT_RECOVERY] = "recovery"};
    struct wt_monitor *m = ctx;
    const struct wt_alert *a = &event->alert;
    m->alerts++;
    fprintf(m->orders, "%" PRIu64 ",alert,,,%u,0,%s,0,0,0,0,0,0,,%s\n", event->ns, a->order,
            a->kind == WT_ALERT_ILLEGAL ? wt_order_state_name(a->state) : "",
            a->kind < sizeof names / sizeof names[0] && names[a->kind] ? names[a->kind] : "?");
}

/* ---- the market ---- */

static void on_market(void *ctx, const struct wt_event *event)
{
    struct wt_monitor *m = ctx;
    const struct wt_ev_head *head = &event->market.head;
    m->records++;
    if (!m->first_ns)
        m->first_ns = event->ns;
    m->last_ns = event->ns;
    if (head->kind == WT_RECORD_TYPE_TRADE)
        m->trades++;
    if (head->kind == WT_RECORD_TYPE_BBO) {
        if (head->flags & WT_EVF_SOFTWARE)
            m->sw_bbo++;
        else
            m->hw_bbo++;
    }
    if (!(head->flags & WT_EVF_SOFTWARE))
        wt_histogram_add(&m->card_cycles, wt_ev_cycles(head));
    if (event->ns >= m->sample_next)
        sample(m, event->ns);
}

void wt_monitor_sent(struct wt_monitor *m)
{
    const struct wt_event *cause = wt_loop_cause(m->loop);
    if (m->clocks_apart || !cause || cause->type != WT_EVENT_MARKET || !cause->market.head.ingress_ns)
        return;
    uint64_t now = wt_loop_now(m->loop), in = cause->market.head.ingress_ns;
    if (now >= in)
        wt_histogram_add(&m->tick_to_trade, now - in);
}

int wt_monitor_start(struct wt_monitor *m, struct wt_loop *loop, const struct wt_quotes *quotes,
                     const struct wt_positions *positions, const char *orders_path)
{
    memset(m, 0, sizeof *m);
    m->loop = loop;
    m->quotes = quotes;
    m->positions = positions;
    m->sample_every = FIRST_INTERVAL_NS;
    m->orders = fopen(orders_path, "w");
    if (!m->orders) {
        int error = errno;
        wt_error("%s: cannot be written: %s", orders_path, strerror(error));
        return -error;
    }
    setvbuf(m->orders, NULL, _IOFBF, 1 << 16);
    fprintf(m->orders, "time_ns,event,symbol,side,order,replaces,state,price,open,filled,fill_shares,fill_price,match,"
                       "liquidity,reason\n");
    int rc = wt_loop_watch(loop, WT_EVENT_MARKET, on_market, m);
    rc = rc ? rc : wt_loop_subscribe(loop, WT_EVENT_ORDER, on_order, m);
    rc = rc ? rc : wt_loop_subscribe(loop, WT_EVENT_VERDICT, on_verdict, m);
    return rc ? rc : wt_loop_subscribe(loop, WT_EVENT_RISK_ALERT, on_alert, m);
}

int wt_monitor_finish(struct wt_monitor *m)
{
    if (!m->orders)
        return 0;
    sample(m, wt_loop_now(m->loop));
    int bad = ferror(m->orders);
    bad |= fclose(m->orders);
    m->orders = NULL;
    if (!bad)
        return 0;
    wt_error("orders.csv could not be written whole: is the disk full?");
    return -EIO;
}
