/* Records of a journal as text: for `wiretick journal` and the differences of `wiretick replay`. */
#ifndef WT_JOURNAL_TEXT_H
#define WT_JOURNAL_TEXT_H

#include "host/event/journal_reader.h"

enum { WT_JOURNAL_TEXT = 1024, WT_NAMES_ORDERS = 65536 };

/** What a record is of, where that can be said. */
struct wt_journal_subject {
    char symbol[9];
    uint32_t order;                   /**< 0: none; of several, the last */
    bool wanted_symbol, wanted_order; /**< it is (also) of the symbol or order that is asked for in the names */
};

/** Names of symbols, learnt from the records that pass. Large: allocate it, zeroed. */
struct wt_journal_names {
    const char *wanted_symbol; /**< set by the caller; NULL: none */
    uint32_t wanted_order;     /**< 0: none */
    char by_locate[65536][9];
    char by_symbol[65536][9]; /**< the host's dense indices: known once an order of the symbol was sent */
    struct {
        uint32_t id;
        char name[9];
    } order[WT_NAMES_ORDERS]; /**< the last orders sent, by id modulo this */
};

/** One line (no newline) on what the record says: the payload in words. Learns names on the way. */
void wt_journal_describe(struct wt_journal_names *names, const struct wt_journal_item *item, char text[WT_JOURNAL_TEXT],
                         struct wt_journal_subject *subject);

#endif
