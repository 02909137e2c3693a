/* report.html: the run as a page, with inline SVG and CSS and nothing else. */
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <string.h>

#include "host/common/log.h"
#include "host/monitor/summary.h"

enum { WIDTH = 720, HEIGHT = 260, LEFT = 84, RIGHT = 16, TOP = 14, BOTTOM = 34, BARS = 60 };

static const char style[] =
    "<style>:root{--bg:#f7f6f3;--card:#fff;--ink:#1d2329;--soft:#68737d;--line:#e3e1dc;--a:#0b7285;--b:#d9480f;"
    "--good:#2b8a3e;--bad:#c92a2a}"
    "@media(prefers-color-scheme:dark){:root{--bg:#14181c;--card:#1c2227;--ink:#e6e9ec;--soft:#93a0ab;--line:#2d353c;"
    "--a:#3bc9db;--b:#ffa94d;--good:#69db7c;--bad:#ff8787}}"
    "*{box-sizing:border-box}body{margin:0;background:var(--bg);color:var(--ink);font:15px/1.5 system-ui,sans-serif}"
    "main{max-width:1180px;margin:0 auto;padding:32px 20px 64px}h1{font-size:26px;margin:0}h2{font-size:15px;"
    "margin:0 0 10px;font-weight:600}p.sub{color:var(--soft);margin:2px 0 24px;overflow-wrap:anywhere}"
    ".tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(150px,1fr));gap:12px;margin-bottom:16px}"
    ".tile,.panel{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:14px 16px}"
    ".tile b{display:block;font-size:22px;font-variant-numeric:tabular-nums;font-weight:600}"
    ".tile span{color:var(--soft);font-size:13px}.good b{color:var(--good)}.bad b{color:var(--bad)}"
    ".grid{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(480px,100%),1fr));gap:16px;margin-bottom:16px}"
    "svg{width:100%;height:auto;display:block}svg text{fill:var(--soft);font:11px system-ui,sans-serif}"
    "svg .axis{stroke:var(--line)}svg .zero{stroke:var(--soft);stroke-dasharray:3 3}"
    "svg .a{fill:none;stroke:var(--a);stroke-width:1.6}svg .b{fill:none;stroke:var(--b);stroke-width:1.6}"
    "svg rect{fill:var(--a)}.key{font-size:13px;color:var(--soft)}.key i{display:inline-block;width:14px;height:3px;"
    "margin:0 6px 3px 12px}.key i.ka{background:var(--a)}.key i.kb{background:var(--b)}"
    ".scroll{overflow-x:auto}table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}"
    "th,td{text-align:right;padding:5px 8px;border-bottom:1px solid var(--line);white-space:nowrap}"
    "th{color:var(--soft);font-weight:500;font-size:13px}th:first-child,td:first-child{text-align:left}"
    "</style>";

static void put_text(FILE *f, const char *text)
{
    for (; *text; text++)
        switch (*text) {
        case '<':
            fputs("&lt;", f);
            break;
        case '>':
            fputs("&gt;", f);
            break;
        case '&':
            fputs("&amp;", f);
            break;
        case '"':
            fputs("&quot;", f);
            break;
        default:
            fputc(*text, f);
        }
}

/* ---- plots. Floating point is for pixels only. ---- */

struct axis {
    double low, high, step;
};

/* Round steps: 1, 2 or 5 times a power of ten, four or five of them. */
static struct axis nice_axis(double low, double high)
{
    if (high - low < 1e-9) {
        high += 1;
        low -= low != 0;
    }
    double raw = (high - low) / 4, power = pow(10, floor(log10(raw)));
    double step = raw / power <= 1 ? power : raw / power <= 2 ? 2 * power : raw / power <= 5 ? 5 * power : 10 * power;
    return (struct axis){floor(low / step) * step, ceil(high / step) * step, step};
}

static double place_x(double part)
{
    return LEFT + part * (WIDTH - LEFT - RIGHT);
}

static double place_y(const struct axis *axis, double value)
{
    return TOP + (axis->high - value) / (axis->high - axis->low) * (HEIGHT - TOP - BOTTOM);
}

static void put_number(FILE *f, double value)
{
    double size = fabs(value);
    if (size >= 1e6)
        fprintf(f, "%.4g M", value / 1e6);
    else if (size >= 1e4)
        fprintf(f, "%.4g k", value / 1e3);
    else
        fprintf(f, "%.4g", value);
}

static void open_plot(FILE *f, const struct axis *y, const char *name)
{
    fprintf(f, "<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%s\">\n", WIDTH, HEIGHT, name);
    int steps = (int)lround((y->high - y->low) / y->step);
    for (int i = 0; i <= steps; i++) {
        double v = y->low + y->step * i;
        double at = place_y(y, v);
        fprintf(f, "<line class=\"axis\" x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\"/>", LEFT, WIDTH - RIGHT, at, at);
        fprintf(f, "<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">", LEFT - 8, at + 4);
        put_number(f, fabs(v) < y->step / 1000 ? 0 : v);
        fputs("</text>\n", f);
    }
}

enum series { REALIZED, PROFIT, GROSS, NET };

static double value_of(const struct wt_sample *s, enum series which)
{
    const int64_t value[] = {s->realized, s->profit, s->gross, s->net};
    return (double)value[which] / 10000;
}

static void put_line(FILE *f, const struct wt_monitor *m, const struct axis *y, enum series which, const char *class)
{
    uint64_t first = m->series[0].ns, span = m->series[m->samples - 1].ns - first;
    fprintf(f, "<polyline class=\"%s\" points=\"", class);
    for (unsigned i = 0; i < m->samples; i++)
        fprintf(f, "%.1f,%.1f ", place_x(span ? (double)(m->series[i].ns - first) / (double)span : 0),
                place_y(y, value_of(&m->series[i], which)));
    fputs("\"/>\n", f);
}

static void time_plot(FILE *f, const struct wt_monitor *m, const char *title, const char *names[2],
                      const enum series which[2])
{
    fprintf(f,
            "<div class=\"panel\"><h2>%s <span class=\"key\"><i class=\"ka\"></i>%s<i class=\"kb\"></i>%s</span></h2>",
            title, names[0], names[1]);
    double low = 0, high = 0;
    for (unsigned i = 0; i < m->samples; i++)
        for (unsigned k = 0; k < 2; k++) {
            low = fmin(low, value_of(&m->series[i], which[k]));
            high = fmax(high, value_of(&m->series[i], which[k]));
        }
    struct axis y = nice_axis(low, high);
    open_plot(f, &y, title);
    fprintf(f, "<line class=\"zero\" x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\"/>\n", LEFT, WIDTH - RIGHT,
            place_y(&y, 0), place_y(&y, 0));
    put_line(f, m, &y, which[1], "b");
    put_line(f, m, &y, which[0], "a");
    double span = (double)(m->series[m->samples - 1].ns - m->series[0].ns) / 1e9;
    for (int i = 0; i <= 4; i++)
        fprintf(f, "<text x=\"%.1f\" y=\"%d\" text-anchor=\"%s\">%.3g s</text>", place_x(i / 4.0), HEIGHT - 10,
                i == 0   ? "start"
                : i == 4 ? "end"
                         : "middle",
                span * i / 4);
    fputs("</svg></div>\n", f);
}

/* Bars of equal width up to the 99.9th percentile: the few beyond are told in words. */
static void histogram_plot(FILE *f, const struct wt_histogram *h, const char *title, const char *unit)
{
    fprintf(f, "<div class=\"panel\"><h2>%s</h2>\n", title);
    if (!h->count) {
        fputs("<p class=\"sub\">nothing measured</p></div>\n", f);
        return;
    }
    uint64_t low = h->min, high = wt_histogram_quantile(h, 999), bars[BARS] = {0}, most = 0, beyond = 0;
    double width = fmax(1, ceil((double)(high - low + 1) / BARS));
    for (unsigned i = 0; i < WT_HISTOGRAM_BUCKETS; i++) {
        uint64_t at = wt_histogram_floor(i);
        at = at < low ? low : at;
        unsigned bar = (unsigned)fmin(BARS, (double)(at - low) / width);
        if (bar < BARS)
            bars[bar] += h->bucket[i];
        else
            beyond += h->bucket[i];
    }
    for (unsigned i = 0; i < BARS; i++)
        most = bars[i] > most ? bars[i] : most;
    struct axis y = nice_axis(0, (double)most);
    open_plot(f, &y, title);
    for (unsigned i = 0; i < BARS; i++) {
        double x = place_x((double)i / BARS), top = place_y(&y, (double)bars[i]);
        if (bars[i])
            fprintf(f,
                    "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\"><title>%.0f to %.0f %s: %" PRIu64
                    "</title></rect>\n",
                    x + 0.5, top, (double)(WIDTH - LEFT - RIGHT) / BARS - 1, place_y(&y, 0) - top,
                    (double)low + width * i, (double)low + width * (i + 1), unit, bars[i]);
    }
    for (int i = 0; i <= 4; i++)
        fprintf(f, "<text x=\"%.1f\" y=\"%d\" text-anchor=\"%s\">%.0f</text>", place_x(i / 4.0), HEIGHT - 10,
                i == 0   ? "start"
                : i == 4 ? "end"
                         : "middle",
                (double)low + width * BARS * i / 4);
    fprintf(f,
            "</svg><p class=\"key\">%s &middot; min %" PRIu64 ", p50 %" PRIu64 ", p99 %" PRIu64 ", max %" PRIu64
            " of %" PRIu64 "; %" PRIu64 " beyond the right edge</p></div>\n",
            unit, h->min, wt_histogram_quantile(h, 500), wt_histogram_quantile(h, 990), h->max, h->count, beyond);
}

/* ---- tables ---- */

static void tile(FILE *f, const char *class, const char *name, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

static void tile(FILE *f, const char *class, const char *name, const char *format, ...)
{
    va_list args;
    fprintf(f, "<div class=\"tile %s\"><b>", class);
    va_start(args, format);
    vfprintf(f, format, args);
    va_end(args);
    fprintf(f, "</b><span>%s</span></div>\n", name);
}

static void put_tiles(FILE *f, const struct wt_summary *s)
{
    char money[24];
    const struct wt_monitor *m = s->monitor;
    int64_t realized = wt_positions_realized(s->positions), profit = wt_positions_profit(s->positions, WT_SCOPE_FIRM);
    fputs("<div class=\"tiles\">\n", f);
    tile(f, profit < 0 ? "bad" : "good", "profit, dollars", "%s", wt_dollars(money, profit));
    tile(f, "", "realized, dollars", "%s", wt_dollars(money, realized));
    tile(f, "", "messages", "%" PRIu64, s->card.messages);
    tile(f, "", "BBO events, card", "%" PRIu64, m->hw_bbo);
    tile(f, "", "BBO events, software", "%" PRIu64, m->sw_bbo);
    tile(f, s->feed.audit_mismatches ? "bad" : "good", "audit mismatches", "%" PRIu64, s->feed.audit_mismatches);
    if (s->simulated)
        tile(f, s->sim.tlp_violations ? "bad" : "good", "TLP violations", "%" PRIu64, s->sim.tlp_violations);
    tile(f, "", "orders entered", "%" PRIu64, s->oms.enters);
    tile(f, "", "replaces", "%" PRIu64, s->oms.replaces);
    tile(f, "", "cancels", "%" PRIu64, s->oms.canceled);
    tile(f, "", "fills", "%" PRIu64, s->oms.fills);
    tile(f, "", "shares filled", "%" PRIu64, s->oms.filled_shares);
    tile(f, s->oms.rejected ? "bad" : "", "rejects", "%" PRIu64, s->oms.rejected);
    tile(f, "", "risk refusals", "%" PRIu64, wt_summary_refusals(s));
    tile(f, m->alerts ? "bad" : "", "alerts", "%" PRIu64, m->alerts);
    if (s->simulated)
        tile(f, "", "card latency, cycles p50 / p99", "%" PRIu64 " / %" PRIu64, s->sim.latency_cycles_p50,
             s->sim.latency_cycles_p99);
    fputs("</div>\n", f);
}

static void put_positions(FILE *f, const struct wt_summary *s)
{
    char a[24], b[24], c[24], d[24];
    fputs("<div class=\"panel scroll\"><h2>Positions</h2><table><tr><th>symbol<th>position<th>average $<th>mark $"
          "<th>realized $<th>unrealized $<th>bought<th>sold<th>fills</tr>\n",
          f);
    for (unsigned i = 0; i < wt_quotes_count(s->quotes); i++) {
        const struct wt_position *p = wt_positions_get(s->positions, (wt_symbol)i);
        if (!p->fills)
            continue;
        fputs("<tr><td>", f);
        put_text(f, wt_quotes_get(s->quotes, (wt_symbol)i)->name);
        fprintf(f, "<td>%" PRId64 "<td>%s<td>%s<td>%s<td>%s<td>%" PRIu64 "<td>%" PRIu64 "<td>%" PRIu64 "</tr>\n",
                p->shares, wt_dollars(a, wt_position_average(p)), wt_dollars(b, p->mark), wt_dollars(c, p->realized),
                wt_dollars(d, wt_position_unrealized(p)), p->bought, p->sold, p->fills);
    }
    fputs("</table></div>\n", f);
}

static void row(FILE *f, const char *name, uint64_t value)
{
    fprintf(f, "<tr><td>%s<td>%" PRIu64 "</tr>\n", name, value);
}

static void put_counts(FILE *f, const struct wt_summary *s)
{
    fputs("<div class=\"grid\"><div class=\"panel\"><h2>Risk</h2><table><tr><th>limit<th>refusals</tr>\n", f);
    for (unsigned i = 1; i < WT_LIMITS; i++)
        row(f, wt_limit_name(i), s->risk.refused[i]);
    row(f, "accepted", s->risk.accepted);
    fputs("</table></div><div class=\"panel\"><h2>Orders: host and exchange</h2><table>"
          "<tr><th><th>host<th>exchange</tr>\n",
          f);
    const struct {
        const char *name;
        uint64_t host, exchange;
    } both[] = {
        {"entered and replaced", s->oms.enters + s->oms.replaces, s->exchange.orders},
        {"fills", s->oms.fills, s->exchange.executed},
        {"shares filled", s->oms.filled_shares, s->exchange.executed_shares},
        {"rejected", s->oms.rejected, s->exchange.rejected},
        {"replaced", s->oms.replaced, s->exchange.replaced},
    };
    for (unsigned i = 0; i < sizeof both / sizeof both[0]; i++)
        fprintf(f, "<tr><td>%s<td>%" PRIu64 "<td>%" PRIu64 "</tr>\n", both[i].name, both[i].host, both[i].exchange);
    fputs("</table></div><div class=\"panel\"><h2>Card counters</h2><table><tr><th>counter<th>value</tr>\n", f);
#define WT_X(name, offset, text) row(f, #name, s->card.name);
    WT_COUNTERS(WT_X)
#undef WT_X
    fputs("</table></div></div>\n", f);
}

int wt_summary_report(const struct wt_summary *s, const char *path)
{
    FILE *f = fopen(path, "w");
    if (!f) {
        int error = errno;
        wt_error("%s: cannot be written: %s", path, strerror(error));
        return -error;
    }
    fprintf(
        f,
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"viewport\" "
        "content=\"width=device-width\"><title>Wiretick run</title>%s<main>\n<h1>Wiretick run</h1><p class=\"sub\">",
        style);
    put_text(f, s->config_path);
    fputs(" on ", f);
    put_text(f, s->market_path);
    fprintf(f, " &middot; seed %" PRIu64 " &middot; %.3f s of market</p>\n", s->seed, (double)s->virtual_ns / 1e9);
    put_tiles(f, s);
    if (s->monitor->samples) {
        fputs("<div class=\"grid\">\n", f);
        time_plot(f, s->monitor, "Profit, dollars", (const char *[2]){"in all", "realized"},
                  (const enum series[2]){PROFIT, REALIZED});
        time_plot(f, s->monitor, "Position, dollars", (const char *[2]){"net", "gross"},
                  (const enum series[2]){NET, GROSS});
        fputs("</div>\n", f);
    }
    fputs("<div class=\"grid\">\n", f);
    histogram_plot(f, &s->monitor->tick_to_trade, "Tick to trade: frame in at the card to order out", "ns");
    histogram_plot(f, &s->monitor->card_cycles, "Card: last beat of the frame to DMA", "cycles");
    fputs("</div>\n", f);
    put_positions(f, s);
    fputs("<p></p>\n", f);
    put_counts(f, s);
    fputs("</main></html>\n", f);
    int bad = ferror(f);
    bad |= fclose(f);
    if (bad)
        wt_error("%s: could not be written whole: is the disk full?", path);
    return bad ? -EIO : 0;
}
