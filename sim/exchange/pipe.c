#include "sim/exchange/pipe.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Make place for `more` behind [start, end): move to the front when half is waste, else grow. */
static int make_room(void **base, size_t unit, size_t *start, size_t *end, size_t *room, size_t more)
{
    if (*room - *end >= more)
        return 0;
    if (*start > 0) {
        memmove(*base, (char *)*base + *start * unit, (*end - *start) * unit);
        *end -= *start;
        *start = 0;
    }
    if (*room / 2 >= *end + more)
        return 0;
    size_t wanted = *room ? *room : 64;
    while (wanted / 2 < *end + more)
        wanted *= 2;
    void *grown = realloc(*base, wanted * unit);
    if (!grown)
        return -ENOMEM;
    *base = grown;
    *room = wanted;
    return 0;
}

int wt_pipe_put(struct wt_pipe *p, enum wt_pipe_kind kind, uint32_t connection, const void *bytes, size_t length,
                uint64_t arrive_ns)
{
    void *base = p->bytes;
    void *marks = p->marks;
    if (make_room(&base, 1, &p->start, &p->end, &p->room, length) < 0)
        return -ENOMEM;
    p->bytes = base;
    if (make_room(&marks, sizeof *p->marks, &p->first, &p->last, &p->mark_room, 1) < 0)
        return -ENOMEM;
    p->marks = marks;
    if (arrive_ns < p->last_ns)
        arrive_ns = p->last_ns;
    p->last_ns = arrive_ns;
    if (length > 0)
        memcpy(p->bytes + p->end, bytes, length);
    p->end += length;
    p->marks[p->last++] =
        (struct wt_pipe_mark){.arrive_ns = arrive_ns, .length = length, .connection = connection, .kind = kind};
    return 0;
}

ssize_t wt_pipe_take(struct wt_pipe *p, uint64_t now_ns, void *to, size_t room, enum wt_pipe_kind *kind,
                     uint32_t *connection)
{
    *kind = WT_PIPE_NOTHING;
    if (p->first == p->last || p->marks[p->first].arrive_ns > now_ns)
        return 0;
    struct wt_pipe_mark *mark = &p->marks[p->first];
    if (mark->length > 0 && room == 0)
        return -ENOBUFS;
    size_t length = mark->length < room ? mark->length : room;
    *kind = mark->kind;
    *connection = mark->connection;
    if (length > 0)
        memcpy(to, p->bytes + p->start, length);
    p->start += length;
    mark->length -= length;
    if (mark->length == 0)
        p->first++;
    return (ssize_t)length;
}

uint64_t wt_pipe_next_ns(const struct wt_pipe *p, uint64_t now_ns)
{
    for (size_t i = p->first; i < p->last; i++)
        if (p->marks[i].arrive_ns > now_ns)
            return p->marks[i].arrive_ns;
    return UINT64_MAX;
}

uint64_t wt_pipe_head_ns(const struct wt_pipe *p)
{
    return p->first < p->last ? p->marks[p->first].arrive_ns : UINT64_MAX;
}

enum wt_pipe_kind wt_pipe_head_kind(const struct wt_pipe *p)
{
    return p->first < p->last ? p->marks[p->first].kind : WT_PIPE_NOTHING;
}

size_t wt_pipe_bytes(const struct wt_pipe *p)
{
    return p->end - p->start;
}

void wt_pipe_free(struct wt_pipe *p)
{
    free(p->bytes);
    free(p->marks);
    memset(p, 0, sizeof *p);
}
