#include "host/event/journal_folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/event/journal_reader.h"

enum state { READY_ONLY, WHOLE, DAMAGED };

struct file {
    uint64_t number;
    enum state state;
    struct wt_journal_head head;
};

void wt_journal_path(char path[4096], const char *dir, uint64_t segment)
{
    snprintf(path, 4096, "%.3900s/%08" PRIu64 ".wtj", dir, segment);
}

bool wt_journal_file_number(const char *name, uint64_t *number)
{
    char *end;
    size_t digits = strspn(name, "0123456789");
    if (digits < 8 || digits > 18 || strcmp(name + digits, ".wtj") != 0)
        return false;
    *number = strtoull(name, &end, 10);
    return true;
}

bool wt_journal_head_right(const struct wt_journal_head *h, size_t got, const char **why)
{
    *why = NULL;
    if (got < sizeof *h)
        *why = "it is too short for a journal";
    else if (h->magic != WT_JOURNAL_MAGIC)
        *why = "it is no journal of Wiretick";
    else if (h->version != WT_JOURNAL_VERSION)
        *why = "it was written by another version of Wiretick";
    else if (h->checksum != wt_crc32c(~0u, h, offsetof(struct wt_journal_head, checksum)))
        *why = "its head is damaged";
    return *why == NULL;
}

static int by_number(const void *a, const void *b)
{
    const struct file *x = a, *y = b;
    return x->number < y->number ? -1 : x->number > y->number;
}

/* A file is preallocated and gets its head before it is begun: until then all or the checksum of it is zero. */
static void look_at(const char *dir, struct file *f)
{
    char path[4096];
    const char *why;
    wt_journal_path(path, dir, f->number);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? 0 : pread(fd, &f->head, sizeof f->head, 0);
    if (fd >= 0)
        close(fd);
    f->state = wt_journal_head_right(&f->head, n < 0 ? 0 : (size_t)n, &why) ? WHOLE : DAMAGED;
    bool blank = f->head.magic == 0 && f->head.session == 0;
    if (f->state == DAMAGED && f->head.checksum == 0 && (blank || f->head.magic == WT_JOURNAL_MAGIC))
        f->state = READY_ONLY;
}

/* All files of the folder by number. */
static int list(const char *dir, struct file **files)
{
    DIR *d = opendir(dir);
    if (!d)
        return -errno;
    int count = 0, room = 0;
    *files = NULL;
    for (struct dirent *e; (e = readdir(d));) {
        uint64_t number;
        if (!wt_journal_file_number(e->d_name, &number))
            continue;
        if (count == room) {
            room = room ? 2 * room : 64;
            struct file *more = realloc(*files, (size_t)room * sizeof *more);
            if (!more) {
                closedir(d);
                free(*files);
                *files = NULL;
                return -ENOMEM;
            }
            *files = more;
        }
        (*files)[count] = (struct file){.number = number};
        look_at(dir, &(*files)[count++]);
    }
    closedir(d);
    if (count)
        qsort(*files, (size_t)count, sizeof **files, by_number);
    return count;
}

/* A head that cannot be read may be of any file: it is taken for one in the middle of the session around it. */
static int group(const struct file *files, int count, struct wt_journal_span *spans)
{
    int n = 0;
    for (int i = 0; i < count; i++) {
        const struct file *f = &files[i];
        struct wt_journal_span *last = n ? &spans[n - 1] : NULL;
        if (f->state == READY_ONLY)
            continue;
        bool goes_on = last && (f->state == DAMAGED ||
                                (f->head.first != 1 && (last->damaged || f->head.session == last->session)));
        if (!goes_on)
            spans[n++] = (struct wt_journal_span){.session = f->state == WHOLE ? f->head.session : 0,
                                                  .first = f->number,
                                                  .wall_ns = f->state == WHOLE ? f->head.wall_ns : 0,
                                                  .damaged = f->state == DAMAGED};
        spans[n - 1].last = f->number;
    }
    return n;
}

int wt_journal_spans(const char *dir, struct wt_journal_span **spans)
{
    struct file *files = NULL;
    int count = list(dir, &files);
    *spans = NULL;
    if (count <= 0)
        return count;
    *spans = calloc((size_t)count, sizeof **spans);
    int n = *spans ? group(files, count, *spans) : -ENOMEM;
    free(files);
    return n;
}

int wt_journal_clear(const char *dir)
{
    struct file *files = NULL;
    int count = list(dir, &files), rc = count < 0 ? count : 0;
    for (int i = 0; !rc && files && i < count; i++) {
        char path[4096];
        wt_journal_path(path, dir, files[i].number);
        rc = unlink(path) ? -errno : 0;
    }
    if (count >= 0)
        free(files);
    return rc;
}

/* The file is as large as it was made: its writer died, or is at work. */
static int cut(const char *path)
{
    struct wt_journal_reader *reader;
    struct wt_journal_item item;
    struct stat st;
    if (wt_journal_open(path, &reader))
        return 0;
    while (wt_journal_next(reader, &item) == 1) {
    }
    enum wt_journal_stop stop = wt_journal_stopped(reader);
    uint64_t end = wt_journal_offset(reader);
    wt_journal_reader_close(reader);
    if (stop != WT_JOURNAL_OPEN_END || stat(path, &st) || (uint64_t)st.st_size <= end)
        return 0;
    return truncate(path, (off_t)end) ? -errno : 0;
}

int wt_journal_tidy(const char *dir, uint64_t *last)
{
    struct file *files = NULL;
    int count = list(dir, &files), rc = count < 0 ? count : 0;
    char path[4096];
    *last = 0;
    for (int i = 0; !rc && files && i < count; i++) {
        struct stat st;
        wt_journal_path(path, dir, files[i].number);
        if (files[i].state == READY_ONLY) {
            rc = unlink(path) ? -errno : 0;
            continue;
        }
        *last = files[i].number;
        /* The last file of its session: what follows is another one's, or nothing that was begun. */
        bool ends = i + 1 == count || files[i + 1].state == READY_ONLY ||
                    (files[i + 1].state == WHOLE && files[i + 1].head.session != files[i].head.session);
        if (files[i].state == WHOLE && ends && !stat(path, &st) && (uint64_t)st.st_size == files[i].head.bytes)
            rc = cut(path);
    }
    if (count >= 0)
        free(files);
    return rc;
}
