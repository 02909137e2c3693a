#include "host/event/journal_reader.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/common/log.h"

/*
 * Files are read, not mapped: a file that is cut while it is being read must be an error, not a signal. The
 * window holds at least one whole record whenever the file does.
 */
enum { WINDOW = 1 << 18, HEAD = sizeof(struct wt_journal_record) };

struct wt_journal_reader {
    char dir[3900];
    char file[4096];
    int fd;
    struct wt_journal_head head; /* of the file */
    uint64_t first_wall_ns;
    uint64_t offset; /* of the next record in the file */
    uint64_t number; /* of the last record */
    enum wt_journal_stop stop;
    char why[4700];
    uint8_t *window;
    size_t room, have; /* bytes of the window */
    uint64_t at;       /* where in the file it begins */
};

/* ---- bytes of the file ---- */

static void forget(struct wt_journal_reader *r)
{
    r->have = 0;
    r->at = 0;
}

/* Bytes at offset, as many as are there, at least want if the file has them; NULL on an error of the disk. */
static const uint8_t *look(struct wt_journal_reader *r, uint64_t offset, size_t want, size_t *got)
{
    if (offset >= r->at && offset + want <= r->at + r->have) {
        *got = (size_t)(r->at + r->have - offset);
        return r->window + (offset - r->at);
    }
    if (want > r->room) {
        uint8_t *more = realloc(r->window, want + WINDOW);
        if (!more)
            return NULL;
        r->window = more;
        r->room = want + WINDOW;
    }
    r->at = offset;
    r->have = 0;
    while (r->have < want) {
        ssize_t n = pread(r->fd, r->window + r->have, r->room - r->have, (off_t)(offset + r->have));
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return NULL;
        if (n == 0)
            break;
        r->have += (size_t)n;
    }
    *got = r->have;
    return r->window;
}

static uint64_t file_bytes(const struct wt_journal_reader *r)
{
    struct stat st;
    return fstat(r->fd, &st) ? 0 : (uint64_t)st.st_size;
}

/* ---- files ---- */

static int open_file(struct wt_journal_reader *r, const char *path, const char **why)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        *why = strerror(errno);
        return -errno;
    }
    struct wt_journal_head head;
    ssize_t n = pread(fd, &head, sizeof head, 0);
    if (!wt_journal_head_right(&head, n < 0 ? 0 : (size_t)n, why)) {
        close(fd);
        return -EBADMSG;
    }
    if (r->fd >= 0)
        close(r->fd);
    r->fd = fd;
    r->head = head;
    r->offset = sizeof head;
    snprintf(r->file, sizeof r->file, "%s", path);
    forget(r);
    return 0;
}

/* The first file of the newest session. */
static int newest(const char *dir, uint64_t *number)
{
    struct wt_journal_span *spans;
    int count = wt_journal_spans(dir, &spans);
    if (count > 0)
        *number = spans[count - 1].first;
    free(spans);
    return count < 0 ? count : count == 0 ? -ENOENT : 0;
}

/* The folder and first file that a path means. */
static int resolve(struct wt_journal_reader *r, const char *path, char first[4096])
{
    struct stat st;
    if (stat(path, &st)) {
        wt_error("journal %s: %s", path, strerror(errno));
        return -errno;
    }
    if (strlen(path) >= sizeof r->dir)
        return -ENAMETOOLONG;
    if (!S_ISDIR(st.st_mode)) {
        const char *slash = strrchr(path, '/');
        snprintf(r->dir, sizeof r->dir, "%.*s", slash ? (int)(slash - path) : 1, slash ? path : ".");
        snprintf(first, 4096, "%s", path);
        return 0;
    }
    uint64_t number = 0;
    snprintf(r->dir, sizeof r->dir, "%s", path);
    int rc = newest(path, &number);
    if (rc)
        wt_error("journal %s: no file of a journal (00000001.wtj) in this folder", path);
    else
        wt_journal_path(first, path, number);
    return rc;
}

int wt_journal_open(const char *path, struct wt_journal_reader **reader)
{
    struct wt_journal_reader *r = calloc(1, sizeof *r);
    if (!r || !(r->window = malloc(WINDOW))) {
        free(r);
        return -ENOMEM;
    }
    r->fd = -1;
    r->room = WINDOW;
    char first[4096];
    const char *why = NULL;
    int rc = resolve(r, path, first);
    if (!rc && (rc = open_file(r, first, &why)))
        wt_error("journal %s: offset 0: %s", first, why);
    if (rc) {
        wt_journal_reader_close(r);
        return rc;
    }
    r->number = r->head.first - 1;
    r->first_wall_ns = r->head.wall_ns;
    *reader = r;
    return 0;
}

void wt_journal_reader_close(struct wt_journal_reader *r)
{
    if (!r)
        return;
    if (r->fd >= 0)
        close(r->fd);
    free(r->window);
    free(r);
}

/* ---- records ---- */

static int halt(struct wt_journal_reader *r, enum wt_journal_stop stop, const char *what)
{
    r->stop = stop;
    snprintf(r->why, sizeof r->why, "%s: offset %" PRIu64 ": %s; the last whole record is number %" PRIu64, r->file,
             r->offset, what, r->number);
    return 0;
}

static bool zeros(struct wt_journal_reader *r, uint64_t from)
{
    uint64_t end = file_bytes(r);
    while (from < end) {
        size_t got;
        const uint8_t *p = look(r, from, 1, &got);
        if (!p || !got)
            return false;
        for (size_t i = 0; i < got; i++)
            if (p[i])
                return false;
        from += got;
    }
    return true;
}

/* Is there a next file that goes on with this session? One that is only made ready has no record, and one of another
 * session is none of ours. */
static bool next_file_is_there(const struct wt_journal_reader *r)
{
    char path[4096];
    wt_journal_path(path, r->dir, r->head.segment + 1);
    struct wt_journal_head head = {0};
    const char *why;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? -1 : pread(fd, &head, sizeof head, 0);
    if (fd >= 0)
        close(fd);
    if (n != (ssize_t)sizeof head || head.checksum == 0)
        return false;
    return head.session == r->head.session || !wt_journal_head_right(&head, (size_t)n, &why);
}

/* There is no record at the offset: is that the end, or damage? */
static int no_record(struct wt_journal_reader *r, size_t got)
{
    if (got == 0 && r->offset == file_bytes(r) && r->offset < r->head.bytes && !next_file_is_there(r))
        return halt(r, WT_JOURNAL_OPEN_END, "the file is cut behind a whole record, or the session is not at its end");
    if (got < HEAD)
        return halt(r, WT_JOURNAL_DAMAGED, "the file is cut in a record");
    if (next_file_is_there(r))
        return halt(r, WT_JOURNAL_DAMAGED, "no record is here, but a later file goes on");
    if (!zeros(r, r->offset))
        return halt(r, WT_JOURNAL_OPEN_END, "a record was begun but not committed, or is damaged");
    return halt(r, WT_JOURNAL_OPEN_END, "no record is here yet: the writer was killed, or is still at work");
}

/* Behind a seal. The writer may have been killed before it began the next file. */
static int next_segment(struct wt_journal_reader *r)
{
    char path[4096];
    const char *why = "";
    uint64_t session = r->head.session, segment = r->head.segment;
    if (!next_file_is_there(r))
        return halt(r, WT_JOURNAL_OPEN_END, "the file is full and the next one not begun, or not there");
    wt_journal_path(path, r->dir, segment + 1);
    if (open_file(r, path, &why)) {
        char text[200];
        snprintf(text, sizeof text, "the next file, %08" PRIu64 ".wtj, cannot be read: %s", segment + 1, why);
        return halt(r, WT_JOURNAL_DAMAGED, text);
    }
    if (r->head.session != session || r->head.segment != segment + 1 || r->head.first != r->number + 2) {
        r->offset = 0;
        return halt(r, WT_JOURNAL_DAMAGED, "this file belongs to another place");
    }
    r->number++; /* the seal itself */
    return 1;
}

enum found { FOUND, NOT_THERE, CUT, IMPOSSIBLE, CORRUPT, UNREADABLE };

/* The bytes at the offset as a record. */
static enum found find(struct wt_journal_reader *r, const uint8_t **bytes, uint32_t *length, size_t *got)
{
    const uint8_t *p = look(r, r->offset, HEAD, got);
    if (!p)
        return UNREADABLE;
    if (*got < HEAD)
        return NOT_THERE;
    memcpy(length, p, sizeof *length);
    if (*length == 0)
        return NOT_THERE;
    size_t padded = ((size_t)*length + 7) & ~(size_t)7;
    if (*length < HEAD || r->offset + padded > r->head.bytes)
        return IMPOSSIBLE;
    p = look(r, r->offset, padded, got);
    if (!p)
        return UNREADABLE;
    if (*got < padded)
        return CUT;
    *bytes = p;
    struct wt_journal_record head;
    memcpy(&head, p, HEAD);
    return head.checksum == wt_journal_checksum(r->head.session, (const void *)p, *length) ? FOUND : CORRUPT;
}

static int stop_at(struct wt_journal_reader *r, enum found found, size_t got)
{
    switch (found) {
    case NOT_THERE:
        return no_record(r, got);
    case CUT:
        return halt(r, WT_JOURNAL_DAMAGED, "the file is cut in a record");
    case IMPOSSIBLE:
        return halt(r, WT_JOURNAL_DAMAGED, "a record of impossible length");
    case CORRUPT:
        return halt(r, WT_JOURNAL_DAMAGED, "a record whose checksum is wrong");
    default:
        return halt(r, WT_JOURNAL_DAMAGED, strerror(errno));
    }
}

int wt_journal_next(struct wt_journal_reader *r, struct wt_journal_item *item)
{
    if (r->stop == WT_JOURNAL_OPEN_END) { /* perhaps more has come */
        r->stop = WT_JOURNAL_READING;
        forget(r);
    }
    while (r->stop == WT_JOURNAL_READING) {
        const uint8_t *p = NULL;
        uint32_t length = 0;
        size_t got = 0;
        enum found found = find(r, &p, &length, &got);
        if (found != FOUND) { /* the window may be older than the record: look again */
            forget(r);
            found = find(r, &p, &length, &got);
        }
        if (found != FOUND)
            return stop_at(r, found, got);
        memcpy(&item->head, p, HEAD);
        if (item->head.number != r->number + 1)
            return halt(r, WT_JOURNAL_DAMAGED, "a record that is out of order");
        if (item->head.type == WT_JOURNAL_SEAL) {
            if (!next_segment(r))
                return 0;
            continue;
        }
        item->payload = p + HEAD;
        item->length = length - HEAD;
        item->segment = r->head.segment;
        item->offset = r->offset;
        r->number++;
        r->offset += ((size_t)length + 7) & ~(size_t)7;
        if (item->head.type == WT_JOURNAL_END)
            halt(r, WT_JOURNAL_ENDED, "the session ended in good order");
        return 1;
    }
    return 0;
}

enum wt_journal_stop wt_journal_stopped(const struct wt_journal_reader *r)
{
    return r->stop;
}

const char *wt_journal_why(const struct wt_journal_reader *r)
{
    return r->why;
}

uint64_t wt_journal_offset(const struct wt_journal_reader *r)
{
    return r->offset;
}

uint64_t wt_journal_session(const struct wt_journal_reader *r)
{
    return r->head.session;
}

uint64_t wt_journal_wall_ns(const struct wt_journal_reader *r)
{
    return r->first_wall_ns;
}

const char *wt_journal_type_name(unsigned type)
{
    static const char *const names[] = {[WT_JOURNAL_CONFIG] = "config",
                                        [WT_JOURNAL_CARD_EVENT] = "card_event",
                                        [WT_JOURNAL_ORDER_FLOW] = "order_flow",
                                        [WT_JOURNAL_CARD_ERROR] = "card_error",
                                        [WT_JOURNAL_RECV] = "recv",
                                        [WT_JOURNAL_RESULT] = "result",
                                        [WT_JOURNAL_WAIT] = "wait",
                                        [WT_JOURNAL_TIME] = "time",
                                        [WT_JOURNAL_READ] = "read",
                                        [WT_JOURNAL_COMMAND] = "command",
                                        [WT_JOURNAL_PAST] = "past",
                                        [WT_JOURNAL_CONNECT] = "connect",
                                        [WT_JOURNAL_SEND] = "send",
                                        [WT_JOURNAL_CLOSE] = "close",
                                        [WT_JOURNAL_WRITE] = "write",
                                        [WT_JOURNAL_EVENT] = "event",
                                        [WT_JOURNAL_END] = "end",
                                        [WT_JOURNAL_SEAL] = "seal"};
    return type < sizeof names / sizeof names[0] && names[type] ? names[type] : "?";
}
