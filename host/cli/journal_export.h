/* What `wiretick journal` shows of a journal, and how. */
#ifndef WT_JOURNAL_EXPORT_H
#define WT_JOURNAL_EXPORT_H

#include <pcap/pcap.h>

#include "host/cli/journal_text.h"

enum wt_journal_format {
    WT_JOURNAL_LIST,
    WT_JOURNAL_CSV,
    WT_JOURNAL_JSON,
    WT_JOURNAL_PCAP,
    WT_JOURNAL_ROWS, /**< of `wiretick book` */
    WT_JOURNAL_SUMMARY,
    WT_JOURNAL_YAML,    /**< the configuration */
    WT_JOURNAL_SESSIONS /**< no records: the sessions of a folder */
};

struct wt_journal_view {
    /* set by the caller */
    enum wt_journal_format format;
    uint32_t types; /**< bit a type */
    const char *symbol;
    const char *pcap; /**< file */
    uint64_t order, from_ns, to_ns, first, last;
    /* its own */
    struct wt_journal_names *names;
    uint64_t shown, counts[32], bytes[32], first_ns, last_ns, cut;
    pcap_t *dead;
    pcap_dumper_t *dump;
    struct wt_rows *rows;
};

/** 0 or -errno with a message. */
int wt_journal_view_begin(struct wt_journal_view *view, const struct wt_journal_reader *reader);
/** Show the record if the filters let it pass. 0, or -EIO: the output cannot be written. */
int wt_journal_view_item(struct wt_journal_view *view, const struct wt_journal_item *item);
int wt_journal_view_end(struct wt_journal_view *view);

#endif
