/*
 * A journal's folder holds the files of one session, or of several that followed each other on one day (a host that
 * was started again): file numbers go on from one session to the next, record numbers begin at 1 in each.
 */
#ifndef WT_JOURNAL_FOLDER_H
#define WT_JOURNAL_FOLDER_H

#include "host/event/journal.h"

/** One session's files. */
struct wt_journal_span {
    uint64_t session, first, last; /**< last: that is there; one in the middle may be missing */
    uint64_t wall_ns;              /**< when the first was made, ns since 1970 */
    bool damaged;                  /**< the head of the first file cannot be read; session is 0 */
};

/** "DIR/00000001.wtj" */
void wt_journal_path(char path[4096], const char *dir, uint64_t segment);
/** Is that the name of a journal's file? */
bool wt_journal_file_number(const char *name, uint64_t *number);
/** Is that a file's head, whole and of this version? *why: what is wrong, for a message. */
bool wt_journal_head_right(const struct wt_journal_head *head, size_t got, const char **why);
/**
 * The sessions in a folder, oldest first, in an array for the caller to free. Files that were only made ready are
 * none's. Their number, or -errno.
 */
int wt_journal_spans(const char *dir, struct wt_journal_span **spans);
/** Remove every file of a journal. 0 or -errno. */
int wt_journal_clear(const char *dir);
/**
 * After the death of a writer: remove files that were only made ready, cut the last one of each session behind its last
 * whole record. *last: the highest number left, 0: none. What is damaged stays as it is. 0 or -errno.
 */
int wt_journal_tidy(const char *dir, uint64_t *last);

#endif
