#include "sim/card/wire.h"

#include <errno.h>
#include <stdlib.h>

struct wt_wire_frame {
    struct wt_wire_frame *next;
    uint64_t when_ps;
    uint32_t length, room, flags;
    uint8_t bytes[];
};

enum { USUAL_ROOM = 1600 };

void wt_wire_init(struct wt_wire *w, uint32_t clock_ps, struct wt_latency_line *latency)
{
    memset(w, 0, sizeof *w);
    w->next_beat_ps = UINT64_MAX;
    w->clock_ps = clock_ps;
    w->latency = latency;
}

/* Put the head of the queue on the wire, or note that there is nothing to play. */
static void start_head(struct wt_wire *w, uint64_t now_ps)
{
    const struct wt_wire_frame *f = w->head;
    if (!f) {
        w->next_beat_ps = UINT64_MAX;
        return;
    }
    uint64_t start = f->when_ps > w->free_ps ? f->when_ps : w->free_ps;
    if (start < now_ps)
        start = now_ps;
    w->bytes = f->bytes;
    w->length = f->length;
    w->flags = f->flags;
    w->at = 0;
    /* a beat is there when its last byte has come */
    w->next_beat_ps = start + (uint64_t)(WT_WIRE_PREAMBLE + 8) * WT_WIRE_BYTE_PS;
    uint32_t bytes = f->length < WT_WIRE_MIN_FRAME ? WT_WIRE_MIN_FRAME : f->length;
    w->free_ps = start + (uint64_t)(WT_WIRE_OVERHEAD + bytes) * WT_WIRE_BYTE_PS;
}

int wt_wire_send(struct wt_wire *w, uint64_t now_ps, uint64_t when_ps, const void *frame, size_t length, unsigned flags)
{
    if (length == 0 || length > WT_WIRE_MAX_FRAME)
        return -EINVAL;
    if (w->queued >= WT_WIRE_QUEUE)
        return -ENOBUFS;
    struct wt_wire_frame *f = w->pool;
    if (f && length <= f->room) {
        w->pool = f->next;
    } else {
        size_t room = length > USUAL_ROOM ? length : USUAL_ROOM;
        f = malloc(sizeof *f + (room + 7) / 8 * 8);
        if (!f)
            return -ENOMEM;
        f->room = (uint32_t)room;
    }
    f->next = NULL;
    f->when_ps = when_ps;
    f->length = (uint32_t)length;
    f->flags = flags;
    memcpy(f->bytes, frame, length);
    /* lanes that keep does not cover carry rubbish, as a MAC's may: no card may rely on zeros */
    memset(f->bytes + length, 0xa5, (8 - length % 8) % 8);
    if (w->tail)
        w->tail->next = f;
    else
        w->head = f;
    w->tail = f;
    if (w->queued++ == 0)
        start_head(w, now_ps);
    return 0;
}

void wt_wire_frame_done(struct wt_wire *w, uint64_t cycle_ps)
{
    struct wt_wire_frame *f = w->head;
    if (!f->flags)
        wt_latency_frame(w->latency, f->bytes, f->length, cycle_ps);
    w->frames++;
    w->queued--;
    w->head = f->next;
    if (!w->head)
        w->tail = NULL;
    if (f->room == USUAL_ROOM) {
        f->next = w->pool;
        w->pool = f;
    } else {
        free(f);
    }
    /* not before now: a frame whose time is past still needs the wire, which free_ps accounts for */
    start_head(w, 0);
}

static void free_all(struct wt_wire_frame *f)
{
    while (f) {
        struct wt_wire_frame *next = f->next;
        free(f);
        f = next;
    }
}

void wt_wire_destroy(struct wt_wire *w)
{
    free_all(w->head);
    free_all(w->pool);
    memset(w, 0, sizeof *w);
}
