/*
 * Reads a journal, one record after the other, through all files of a session. It stops at the last whole record,
 * whatever lies behind it, and says what that is. It may read while the journal is being written.
 */
#ifndef WT_JOURNAL_READER_H
#define WT_JOURNAL_READER_H

#include "host/event/journal_folder.h"

struct wt_journal_reader;

/** Why a reader stopped. */
enum wt_journal_stop {
    WT_JOURNAL_READING,  /**< it did not */
    WT_JOURNAL_ENDED,    /**< behind the record END: the session ended in good order */
    WT_JOURNAL_OPEN_END, /**< no further record: the writer was killed, or is still at work */
    WT_JOURNAL_DAMAGED   /**< something follows that is no whole record */
};

/** A record in the reader's memory; valid until the next call. */
struct wt_journal_item {
    struct wt_journal_record head;
    const uint8_t *payload;
    size_t length;    /**< of the payload */
    uint64_t segment; /**< file, and where in it */
    uint64_t offset;
};

/**
 * Open a folder (its newest session) or one file (that one and those behind it, of the same session). -errno with a
 * message that names the file: nothing there, not a journal, another version, a damaged head.
 */
int wt_journal_open(const char *path, struct wt_journal_reader **reader);
/** The next record: 1; or 0: see wt_journal_stop. After OPEN_END it may be called again (follow). */
int wt_journal_next(struct wt_journal_reader *reader, struct wt_journal_item *item);
enum wt_journal_stop wt_journal_stopped(const struct wt_journal_reader *reader);
/** One line on where and why it stopped: file, offset, number of the last whole record. The reader's. */
const char *wt_journal_why(const struct wt_journal_reader *reader);
/** In the file that it stopped in, behind the last whole record. */
uint64_t wt_journal_offset(const struct wt_journal_reader *reader);
uint64_t wt_journal_session(const struct wt_journal_reader *reader);
/** When the first file was made, ns since 1970. */
uint64_t wt_journal_wall_ns(const struct wt_journal_reader *reader);
void wt_journal_reader_close(struct wt_journal_reader *reader);
/** "card_event", ...; "?" */
const char *wt_journal_type_name(unsigned type);

#endif
