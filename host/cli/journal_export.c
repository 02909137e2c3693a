#include "host/cli/journal_export.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host/card/wt_schema.h"
#include "host/common/log.h"
#include "host/market/rows.h"
#include "sim/card/frame.h"

enum { CONFIG_HEAD = 16, GROUP = 0xe9360c6f, PORT = 26477 };

static void put_time(uint64_t ns)
{
    uint64_t s = ns / 1000000000u;
    printf("%02" PRIu64 ":%02" PRIu64 ":%02" PRIu64 ".%09" PRIu64, s / 3600, s / 60 % 60, s % 60, ns % 1000000000u);
}

static bool passes(const struct wt_journal_view *v, const struct wt_journal_item *item,
                   const struct wt_journal_subject *subject)
{
    const struct wt_journal_record *h = &item->head;
    if (!(v->types >> (h->type & 31) & 1) || h->ns < v->from_ns || h->ns > v->to_ns || h->number < v->first ||
        h->number > v->last)
        return false;
    return (!v->symbol || subject->wanted_symbol) && (!v->order || subject->wanted_order);
}

/* ---- formats ---- */

static void put_list(const struct wt_journal_item *item, const char *text)
{
    printf("%8" PRIu64 "  ", item->head.number);
    put_time(item->head.ns);
    printf("  %-10s  %s\n", wt_journal_type_name(item->head.type), text);
}

static void put_csv(const struct wt_journal_item *item, const char *text, const struct wt_journal_subject *subject)
{
    printf("%" PRIu64 ",%" PRIu64 ",%s,%s,", item->head.number, item->head.ns, wt_journal_type_name(item->head.type),
           subject->symbol);
    if (subject->order)
        printf("%u", subject->order);
    /* Texts hold no quotes: words, numbers and names of symbols, whose other characters are replaced. */
    printf(",%u,\"", item->head.calls);
    for (; *text; text++)
        putchar(*text == '"' ? '\'' : *text);
    printf("\"\n");
}

static void put_escaped(const char *text)
{
    for (; *text; text++) {
        if (*text == '"' || *text == '\\')
            putchar('\\');
        putchar(*text);
    }
}

static void put_json(const struct wt_journal_item *item, const char *text, const struct wt_journal_subject *subject)
{
    printf("{\"number\": %" PRIu64 ", \"ns\": %" PRIu64 ", \"type\": \"%s\", \"calls\": %u, \"segment\": %" PRIu64
           ", \"offset\": %" PRIu64,
           item->head.number, item->head.ns, wt_journal_type_name(item->head.type), item->head.calls, item->segment,
           item->offset);
    if (subject->symbol[0]) {
        printf(", \"symbol\": \"");
        put_escaped(subject->symbol);
        printf("\"");
    }
    if (subject->order)
        printf(", \"order\": %u", subject->order);
    printf(", \"text\": \"");
    put_escaped(text);
    printf("\", \"payload\": \"");
    for (size_t i = 0; i < item->length; i++)
        printf("%02x", item->payload[i]);
    printf("\"}\n");
}

static void put_pcap(struct wt_journal_view *v, const struct wt_journal_item *item)
{
    struct wt_of_record r;
    struct wt_frame_builder b;
    if (item->head.type != WT_JOURNAL_ORDER_FLOW || item->length != sizeof r)
        return;
    memcpy(&r, item->payload, sizeof r);
    if (r.flags & WT_OFF_MARKER || r.length == 0)
        return;
    if (r.length > sizeof r.raw) {
        v->cut++;
        return;
    }
    wt_frame_init(&b, GROUP, PORT, "WTJOURNAL1");
    wt_frame_start(&b, r.feed_seq);
    wt_frame_add(&b, r.raw, r.length);
    bpf_u_int32 length = (bpf_u_int32)wt_frame_finish(&b);
    struct pcap_pkthdr head = {.caplen = length, .len = length};
    head.ts.tv_sec = (time_t)(item->head.ns / 1000000000u);
    head.ts.tv_usec = (suseconds_t)(item->head.ns % 1000000000u); /* the file counts ns */
    pcap_dump((u_char *)v->dump, &head, b.bytes);
}

static void put_row(struct wt_journal_view *v, const struct wt_journal_item *item,
                    const struct wt_journal_subject *subject)
{
    union wt_event_record r;
    char name[9];
    if (item->head.type != WT_JOURNAL_CARD_EVENT || item->length != sizeof r)
        return;
    memcpy(&r, item->payload, sizeof r);
    if (r.head.kind != WT_RECORD_TYPE_BBO || !(r.head.flags & WT_EVF_VALID))
        return;
    snprintf(name, sizeof name, "%-8.8s", subject->symbol);
    wt_rows_put(v->rows, r.head.feed_seq, wt_ev_exch_ns(&r.head), r.head.symbol, name, r.bbo.bid_price,
                r.bbo.bid_shares, r.bbo.ask_price, r.bbo.ask_shares);
}

/* ---- the view ---- */

int wt_journal_view_begin(struct wt_journal_view *v, const struct wt_journal_reader *reader)
{
    v->names = calloc(1, sizeof *v->names);
    if (!v->names)
        return -ENOMEM;
    v->names->wanted_symbol = v->symbol;
    v->names->wanted_order = (uint32_t)v->order;
    if (v->format == WT_JOURNAL_CSV)
        printf("number,ns,type,symbol,order,calls,text\n");
    if (v->format == WT_JOURNAL_LIST)
        printf("session %016" PRIx64 ", begun %" PRIu64 " ns after 1970\n", wt_journal_session(reader),
               wt_journal_wall_ns(reader));
    if (v->format == WT_JOURNAL_ROWS)
        return wt_rows_create(STDOUT_FILENO, &v->rows);
    if (v->format != WT_JOURNAL_PCAP)
        return 0;
    v->dead = pcap_open_dead_with_tstamp_precision(DLT_EN10MB, 65535, PCAP_TSTAMP_PRECISION_NANO);
    v->dump = v->dead ? pcap_dump_open(v->dead, v->pcap) : NULL;
    if (v->dump)
        return 0;
    wt_error("%s: cannot be written: %s", v->pcap, v->dead ? pcap_geterr(v->dead) : "no memory");
    return -EIO;
}

int wt_journal_view_item(struct wt_journal_view *v, const struct wt_journal_item *item)
{
    char text[WT_JOURNAL_TEXT];
    struct wt_journal_subject subject;
    wt_journal_describe(v->names, item, text, &subject);
    if (!passes(v, item, &subject))
        return 0;
    if (!v->shown++)
        v->first_ns = item->head.ns;
    v->last_ns = item->head.ns;
    v->counts[item->head.type & 31]++;
    v->bytes[item->head.type & 31] += item->length + sizeof item->head;
    switch (v->format) {
    case WT_JOURNAL_LIST:
        put_list(item, text);
        break;
    case WT_JOURNAL_CSV:
        put_csv(item, text, &subject);
        break;
    case WT_JOURNAL_JSON:
        put_json(item, text, &subject);
        break;
    case WT_JOURNAL_PCAP:
        put_pcap(v, item);
        break;
    case WT_JOURNAL_ROWS:
        put_row(v, item, &subject);
        return wt_rows_error(v->rows);
    case WT_JOURNAL_SESSIONS:
    case WT_JOURNAL_YAML:
        if (item->head.type == WT_JOURNAL_CONFIG && item->length > CONFIG_HEAD) {
            const uint8_t *yaml = item->payload + CONFIG_HEAD;
            fwrite(yaml, 1, strnlen((const char *)yaml, item->length - CONFIG_HEAD), stdout);
        }
        break;
    case WT_JOURNAL_SUMMARY:
        break;
    }
    return ferror(stdout) ? -EIO : 0;
}

int wt_journal_view_end(struct wt_journal_view *v)
{
    int rc = 0;
    if (v->format == WT_JOURNAL_SUMMARY) {
        for (unsigned type = 0; type < 32; type++)
            if (v->counts[type])
                printf("%-10s %12" PRIu64 " records %14" PRIu64 " bytes\n", wt_journal_type_name(type), v->counts[type],
                       v->bytes[type]);
        printf("%" PRIu64 " records, ", v->shown);
        put_time(v->first_ns);
        printf(" to ");
        put_time(v->last_ns);
        printf("\n");
    }
    if (v->cut)
        wt_warn("%" PRIu64 " messages were longer than the card keeps (50 bytes) and are left out", v->cut);
    if (v->dump) {
        if (pcap_dump_flush(v->dump)) {
            wt_error("%s: could not be written whole", v->pcap);
            rc = -EIO;
        }
        pcap_dump_close(v->dump);
    }
    if (v->dead)
        pcap_close(v->dead);
    if (v->rows) {
        rc = wt_rows_flush(v->rows);
        wt_rows_destroy(v->rows);
    }
    free(v->names);
    if (fflush(stdout))
        rc = -EIO;
    return rc;
}
