#include "host/monitor/summary.h"

#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdarg.h>
#include <stdbool.h>
#include <string.h>

#include "host/common/log.h"

uint64_t wt_summary_refusals(const struct wt_summary *s)
{
    uint64_t sum = 0;
    for (unsigned i = 1; i < WT_LIMITS; i++)
        sum += s->risk.refused[i];
    return sum;
}

const char *wt_dollars(char *out, int64_t money)
{
    uint64_t size = money < 0 ? -(uint64_t)money : (uint64_t)money;
    snprintf(out, 24, "%s%" PRIu64 ".%04" PRIu64, money < 0 ? "-" : "", size / 10000, size % 10000);
    return out;
}

/* ---- several loops ---- */

/* Structures of nothing but counts. */
#define ADD(total, part)                                                                                               \
    do {                                                                                                               \
        _Static_assert(sizeof(total) % sizeof(uint64_t) == 0, "counts");                                               \
        add(&(total), &(part), sizeof(total) / sizeof(uint64_t));                                                      \
    } while (0)

static void add(void *total, const void *part, size_t count)
{
    uint64_t *to = total;
    const uint64_t *from = part;
    for (size_t i = 0; i < count; i++)
        to[i] += from[i];
}

void wt_summary_sum(const struct wt_summary *parts, unsigned count, struct wt_monitor *m, struct wt_summary *total)
{
    memset(m, 0, sizeof *m);
    *total = parts[0];
    total->monitor = m;
    total->quotes = NULL;
    total->positions = NULL;
    total->parts = parts;
    total->part_count = count;
    for (unsigned i = 0; i < count; i++) {
        const struct wt_monitor *part = parts[i].monitor;
        m->hw_bbo += part->hw_bbo;
        m->sw_bbo += part->sw_bbo;
        m->trades += part->trades;
        m->alerts += part->alerts;
        m->records += part->records;
        wt_histogram_join(&m->card_cycles, &part->card_cycles);
        wt_histogram_join(&m->tick_to_trade, &part->tick_to_trade);
        if (i == 0)
            continue;
        total->callbacks += parts[i].callbacks;
        ADD(total->feed, parts[i].feed);
        ADD(total->oms, parts[i].oms);
        ADD(total->risk, parts[i].risk);
    }
}

static unsigned part_count(const struct wt_summary *s)
{
    return s->parts ? s->part_count : 1;
}

static const struct wt_summary *part(const struct wt_summary *s, unsigned i)
{
    return s->parts ? &s->parts[i] : s;
}

/* Money of all positions, 1/10000 dollar. */
struct money {
    int64_t realized, unrealized, fees, gross;
};

static struct money money_of(const struct wt_summary *s)
{
    struct money sum = {0};
    for (unsigned i = 0; i < part_count(s); i++) {
        const struct wt_positions *p = part(s, i)->positions;
        sum.realized += wt_positions_realized(p);
        sum.unrealized += wt_positions_unrealized(p);
        sum.fees += wt_fees_money(wt_positions_sums(p, WT_SCOPE_FIRM)->fees);
        sum.gross += wt_positions_gross(p);
    }
    return sum;
}

/* ---- the exchange's ledger ---- */

static bool differs(const struct wt_position *p, const struct wt_exchange_ledger *l)
{
    return p->bought != l->bought || p->sold != l->sold || p->cash != l->cash ||
           p->shares != (int64_t)l->bought - (int64_t)l->sold;
}

static void name_of(const struct wt_exchange_ledger *l, char name[9])
{
    size_t n = 8;
    while (n && l->name[n - 1] == ' ')
        n--;
    memcpy(name, l->name, n);
    name[n] = '\0';
}

static const struct wt_exchange_ledger *ledger_of(const struct wt_summary *s, const char *symbol)
{
    for (unsigned i = 0; s->ledger && i < WT_EXCHANGE_LOCATES; i++) {
        char name[9];
        if (!s->ledger[i])
            continue;
        name_of(s->ledger[i], name);
        if (strcmp(name, symbol) == 0)
            return s->ledger[i];
    }
    return NULL;
}

unsigned wt_summary_reconcile(const struct wt_summary *s)
{
    static const struct wt_exchange_ledger none;
    unsigned wrong = 0;
    uint64_t fills = 0, executions = 0;
    if (!s->ledger)
        return 0;
    for (unsigned i = 0; i < wt_quotes_count(s->quotes); i++) {
        const struct wt_position *p = wt_positions_get(s->positions, (wt_symbol)i);
        const char *name = wt_quotes_get(s->quotes, (wt_symbol)i)->name;
        const struct wt_exchange_ledger *l = p->fills ? ledger_of(s, name) : NULL;
        fills += p->fills;
        l = l ? l : &none;
        if (!p->fills || !differs(p, l))
            continue;
        wrong++;
        wt_error("%s: the host has bought %" PRIu64 " and sold %" PRIu64 " for %" PRId64 ", the exchange says %" PRIu64
                 ", %" PRIu64 " and %" PRId64 " (1/10000 dollar)",
                 name, p->bought, p->sold, p->cash, l->bought, l->sold, l->cash);
    }
    for (unsigned i = 0; s->ledger && i < WT_EXCHANGE_LOCATES; i++)
        executions += s->ledger[i] ? s->ledger[i]->executions : 0;
    if (fills != executions) {
        wrong++;
        wt_error("the host has %" PRIu64 " fills, the exchange %" PRIu64, fills, executions);
    }
    return wrong;
}

/* ---- the table ---- */

static void line(FILE *out, const char *name, const char *format, ...) __attribute__((format(printf, 3, 4)));

static void line(FILE *out, const char *name, const char *format, ...)
{
    va_list args;
    fprintf(out, "  %-18s ", name);
    va_start(args, format);
    vfprintf(out, format, args);
    va_end(args);
    fputc('\n', out);
}

static void print_positions_of(const struct wt_summary *s, FILE *out)
{
    char a[24], b[24], c[24];
    for (unsigned i = 0; i < wt_quotes_count(s->quotes); i++) {
        const struct wt_position *p = wt_positions_get(s->positions, (wt_symbol)i);
        if (!p->fills)
            continue;
        fprintf(out, "  %-8s %12" PRId64 " %14s %14s %14s %8" PRIu64 "\n", wt_quotes_get(s->quotes, (wt_symbol)i)->name,
                p->shares, wt_dollars(a, wt_position_average(p)), wt_dollars(b, p->realized),
                wt_dollars(c, wt_position_unrealized(p)), p->fills);
    }
}

static void print_positions(const struct wt_summary *s, FILE *out)
{
    fprintf(out, "\n  %-8s %12s %14s %14s %14s %8s\n", "symbol", "position", "average", "realized $", "unrealized $",
            "fills");
    for (unsigned k = 0; k < part_count(s); k++)
        print_positions_of(part(s, k), out);
}

static void print_times(const struct wt_summary *s, FILE *out)
{
    const struct wt_histogram *t = &s->monitor->tick_to_trade, *c = &s->monitor->card_cycles;
    const uint64_t seconds = s->virtual_ns / 1000000000u, ms = s->virtual_ns / 1000000u % 1000;
    if (!s->simulated) { /* by the records' own stamps: on to the hand-over to DMA */
        line(out, "card latency", "cycles to DMA: min %" PRIu64 ", p50 %" PRIu64 ", p99 %" PRIu64 ", max %" PRIu64,
             c->min, wt_histogram_quantile(c, 500), wt_histogram_quantile(c, 990), c->max);
        line(out, "time", "%" PRIu64 ".%03" PRIu64 " s", seconds, ms);
        return;
    }
    line(out, "card latency", "cycles: min %" PRIu64 ", p50 %" PRIu64 ", p99 %" PRIu64 ", max %" PRIu64,
         s->sim.latency_cycles_min, s->sim.latency_cycles_p50, s->sim.latency_cycles_p99, s->sim.latency_cycles_max);
    line(out, "tick to trade", "ns: min %" PRIu64 ", p50 %" PRIu64 ", p99 %" PRIu64 ", max %" PRIu64, t->min,
         wt_histogram_quantile(t, 500), wt_histogram_quantile(t, 990), t->max);
    line(out, "virtual time", "%" PRIu64 ".%03" PRIu64 " s, %" PRIu64 " card cycles", seconds, ms, s->sim.cycles);
}

void wt_summary_print(const struct wt_summary *s, FILE *out)
{
    const struct wt_monitor *m = s->monitor;
    char a[24], b[24], c[24];
    const struct money money = money_of(s);
    fprintf(out, "wiretick run: %s on %s\n\n", s->config_path, s->market_path);
    line(out, "messages", "%" PRIu64 " in %" PRIu64 " datagrams", s->card.messages,
         s->simulated ? s->exchange.datagrams : s->card.frames_a + s->card.frames_b);
    line(out, "BBO events", "%" PRIu64 " from the card, %" PRIu64 " from software", m->hw_bbo, m->sw_bbo);
    line(out, "audit mismatches", "%" PRIu64 " of %" PRIu64 " compared", s->feed.audit_mismatches, s->feed.audited);
    if (s->card.gaps || s->card.filled || s->feed.snapshots)
        line(out, "recovery",
             "%" PRIu64 " gaps, %" PRIu64 " messages recovered, %" PRIu64 " lost, %" PRIu64 " snapshots, %" PRIu64
             " symbols returned, %" PRIu64 " of them to the card",
             s->card.gaps + s->card.filled, s->card.recovered, s->card.missed, s->feed.snapshots, s->feed.rebuilt,
             s->feed.returned);
    if (s->simulated)
        line(out, "TLP violations", "%" PRIu64 " of %" PRIu64 " writes", s->sim.tlp_violations, s->sim.tlp_writes);
    line(out, "orders", "%" PRIu64 " entered, %" PRIu64 " replaced, %" PRIu64 " canceled", s->oms.enters,
         s->oms.replaces, s->oms.cancels);
    line(out, "fills", "%" PRIu64 " of %" PRIu64 " shares", s->oms.fills, s->oms.filled_shares);
    line(out, "rejects", "%" PRIu64, s->oms.rejected);
    line(out, "cancels", "%" PRIu64 ", and %" PRIu64 " expired, of %" PRIu64 " shares", s->oms.canceled, s->oms.expired,
         s->oms.canceled_shares);
    line(out, "risk refusals", "%" PRIu64 " of %" PRIu64 " signals", wt_summary_refusals(s), s->risk.checked);
    for (unsigned i = 1; i < WT_LIMITS; i++)
        if (s->risk.refused[i])
            fprintf(out, "  %-18s   %s %" PRIu64 "\n", "", wt_limit_name(i), s->risk.refused[i]);
    line(out, "alerts", "%" PRIu64, m->alerts);
    line(out, "profit $", "%s realized, %s unrealized, %s in all", wt_dollars(a, money.realized),
         wt_dollars(b, money.unrealized), wt_dollars(c, money.realized + money.unrealized - money.fees));
    if (money.fees)
        line(out, "fees $", "%s, counted in profit in all", wt_dollars(a, money.fees));
    line(out, "gross position $", "%s", wt_dollars(a, money.gross));
    print_times(s, out);
    print_positions(s, out);
}

/* ---- JSON ---- */

static void put(json_t *object, const char *key, uint64_t value)
{
    json_object_set_new(object, key, json_integer((json_int_t)value));
}

static void put_money(json_t *object, const char *key, int64_t money)
{
    char text[24];
    json_object_set_new(object, key, json_string(wt_dollars(text, money)));
}

static json_t *quantiles(const struct wt_histogram *h)
{
    json_t *o = json_object();
    put(o, "min", h->min);
    put(o, "p50", wt_histogram_quantile(h, 500));
    put(o, "p99", wt_histogram_quantile(h, 990));
    put(o, "max", h->max);
    put(o, "samples", h->count);
    return o;
}

static json_t *latency_json(const struct wt_summary *s)
{
    json_t *o = json_object();
    put(o, "min", s->sim.latency_cycles_min);
    put(o, "p50", s->sim.latency_cycles_p50);
    put(o, "p99", s->sim.latency_cycles_p99);
    put(o, "max", s->sim.latency_cycles_max);
    put(o, "samples", s->sim.latency_samples);
    return o;
}

static json_t *card_json(const struct wt_summary *s)
{
    json_t *o = json_object();
#define WT_X(name, offset, text) put(o, #name, s->card.name);
    WT_COUNTERS(WT_X)
#undef WT_X
    return o;
}

static json_t *risk_json(const struct wt_summary *s)
{
    json_t *o = json_object(), *by = json_object();
    put(o, "checked", s->risk.checked);
    put(o, "accepted", s->risk.accepted);
    for (unsigned i = 1; i < WT_LIMITS; i++)
        put(by, wt_limit_name(i), s->risk.refused[i]);
    json_object_set_new(o, "refused", by);
    return o;
}

static json_t *ledger_json(const struct wt_summary *s)
{
    json_t *all = json_object();
    for (unsigned i = 0; s->ledger && i < WT_EXCHANGE_LOCATES; i++) {
        const struct wt_exchange_ledger *l = s->ledger[i];
        char name[9];
        if (!l)
            continue;
        json_t *o = json_object();
        put(o, "bought", l->bought);
        put(o, "sold", l->sold);
        put(o, "executions", l->executions);
        put_money(o, "cash_dollars", l->cash);
        name_of(l, name);
        json_object_set_new(all, name, o);
    }
    return all;
}

static json_t *exchange_json(const struct wt_summary *s)
{
    json_t *o = json_object();
    json_object_set_new(o, "ledger", ledger_json(s));
    put(o, "stored_bytes", s->exchange.stored);
    put(o, "messages", s->exchange.messages);
    put(o, "datagrams", s->exchange.datagrams);
    put(o, "orders", s->exchange.orders);
    put(o, "accepted", s->exchange.accepted);
    put(o, "executed", s->exchange.executed);
    put(o, "executed_shares", s->exchange.executed_shares);
    put(o, "canceled", s->exchange.canceled);
    put(o, "replaced", s->exchange.replaced);
    put(o, "rejected", s->exchange.rejected);
    put(o, "ignored", s->exchange.ignored);
    put(o, "malformed", s->exchange.malformed);
    put(o, "open_shares", s->exchange.open_shares);
    put(o, "unsent", s->exchange.unsent);
    return o;
}

static json_t *oms_json(const struct wt_summary *s)
{
    json_t *o = json_object();
    put(o, "enters", s->oms.enters);
    put(o, "replaces", s->oms.replaces);
    put(o, "cancels_sent", s->oms.cancels);
    put(o, "accepted", s->oms.accepted);
    put(o, "replaced", s->oms.replaced);
    put(o, "canceled", s->oms.canceled);
    put(o, "expired", s->oms.expired);
    put(o, "canceled_shares", s->oms.canceled_shares);
    put(o, "rejected", s->oms.rejected);
    put(o, "fills", s->oms.fills);
    put(o, "filled_shares", s->oms.filled_shares);
    put(o, "voided", s->oms.voided);
    put(o, "duplicates", s->oms.duplicates);
    put(o, "broken", s->oms.broken);
    put(o, "illegal", s->oms.illegal);
    put(o, "unknown", s->oms.unknown);
    put(o, "bad_fills", s->oms.bad_fills);
    put(o, "send_failed", s->oms.send_failed);
    put(o, "refused", s->oms.refused);
    return o;
}

static void put_positions(json_t *all, const struct wt_summary *s)
{
    for (unsigned i = 0; i < wt_quotes_count(s->quotes); i++) {
        const struct wt_position *p = wt_positions_get(s->positions, (wt_symbol)i);
        if (!p->fills)
            continue;
        json_t *o = json_object();
        json_object_set_new(o, "shares", json_integer(p->shares));
        put(o, "bought", p->bought);
        put(o, "sold", p->sold);
        put(o, "fills", p->fills);
        put_money(o, "average_dollars", wt_position_average(p));
        put_money(o, "mark_dollars", p->mark);
        put_money(o, "cash_dollars", p->cash);
        put_money(o, "fees_dollars", wt_fees_money(p->fees));
        put_money(o, "realized_dollars", p->realized);
        put_money(o, "unrealized_dollars", wt_position_unrealized(p));
        json_object_set_new(all, wt_quotes_get(s->quotes, (wt_symbol)i)->name, o);
    }
}

static json_t *positions_json(const struct wt_summary *s)
{
    json_t *all = json_object();
    for (unsigned i = 0; i < part_count(s); i++)
        put_positions(all, part(s, i));
    return all;
}

static json_t *summary_json(const struct wt_summary *s)
{
    const struct wt_monitor *m = s->monitor;
    json_t *o = json_object();
    const struct money money = money_of(s);
    if (s->parts)
        put(o, "loops", s->part_count);
    json_object_set_new(o, "config", json_string(s->config_path));
    json_object_set_new(o, "market", json_string(s->market_path));
    put(o, "seed", s->seed);
    put(o, "messages", s->card.messages);
    put(o, "bbo_events", m->hw_bbo + m->sw_bbo);
    put(o, "bbo_events_hw", m->hw_bbo);
    put(o, "bbo_events_sw", m->sw_bbo);
    put(o, "trades", m->trades);
    put(o, "records", m->records);
    put(o, "audited", s->feed.audited);
    put(o, "audit_mismatches", s->feed.audit_mismatches);
    if (s->simulated) {
        put(o, "tlp_violations", s->sim.tlp_violations);
        put(o, "tlp_writes", s->sim.tlp_writes);
        put(o, "cycles", s->sim.cycles);
        json_object_set_new(o, "latency_cycles", latency_json(s));
        json_object_set_new(o, "tick_to_trade_ns", quantiles(&m->tick_to_trade));
    }
    put(o, "orders", s->oms.enters);
    put(o, "replaces", s->oms.replaces);
    put(o, "fills", s->oms.fills);
    put(o, "filled_shares", s->oms.filled_shares);
    put(o, "rejects", s->oms.rejected);
    put(o, "cancels", s->oms.canceled);
    put(o, "risk_refusals", wt_summary_refusals(s));
    put(o, "alerts", m->alerts);
    put(o, "gaps", s->card.gaps + s->card.filled);
    put(o, "missed_messages", s->card.missed);
    put(o, "recovered_messages", s->card.recovered);
    put(o, "snapshots", s->feed.snapshots);
    put(o, "symbols_returned", s->feed.rebuilt);
    put(o, "symbols_to_card", s->feed.returned);
    put(o, "virtual_ns", s->virtual_ns);
    put(o, "callbacks", s->callbacks);
    put_money(o, "realized_dollars", money.realized);
    put_money(o, "unrealized_dollars", money.unrealized);
    put_money(o, "fees_dollars", money.fees);
    put_money(o, "profit_dollars", money.realized + money.unrealized - money.fees);
    put_money(o, "gross_position_dollars", money.gross);
    json_object_set_new(o, "card", card_json(s));
    json_object_set_new(o, "oms", oms_json(s));
    json_object_set_new(o, "risk", risk_json(s));
    json_object_set_new(o, "exchange", exchange_json(s));
    json_object_set_new(o, "positions", positions_json(s));
    return o;
}

int wt_summary_json(const struct wt_summary *s, const char *path)
{
    json_t *o = summary_json(s);
    int rc = json_dump_file(o, path, JSON_INDENT(2) | JSON_SORT_KEYS) ? -EIO : 0;
    json_decref(o);
    FILE *end = rc ? NULL : fopen(path, "a");
    if (end) {
        fputc('\n', end);
        rc = fclose(end) ? -EIO : 0;
    }
    if (rc)
        wt_error("%s: cannot be written", path);
    return rc;
}
