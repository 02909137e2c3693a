/* Between tap.c (both modes, and recording) and tap_replay.c only. */
#ifndef WT_TAP_INTERNAL_H
#define WT_TAP_INTERNAL_H

#include "host/event/tap.h"

enum { WT_TAP_DMA_MAX = 16 };
#define WT_TAP_DMA 0xffffffffu /* offset in WT_JOURNAL_READ: not a register, but the bus address of DMA memory */

struct wt_tap_side_of {
    struct wt_tap *tap;
    uint32_t side;
    struct wt_stream stream;
};

struct wt_tap {
    struct wt_link link; /* first: the loop's link is the tap */
    struct wt_link *inner;
    struct wt_stream stream;
    struct wt_tap_side_of side[WT_TAP_SIDES];
    struct wt_journal *journal; /* recording */
    bool simulated, resumed;
    union {
        struct {
            bool waited;    /* a wait that has not been written yet */
            bool stale;     /* time has not been looked at since that wait */
            bool other_end; /* that wait returned something else than 1 */
            bool replay;
            bool off;     /* the session is over */
            bool broken;  /* failed, or nothing fits any more of what is replayed */
            bool by_hand; /* the journal's checksums are */
        };
        uint64_t unusual; /* any of these */
    };
    uint64_t now;   /* the loop's time */
    uint32_t calls; /* looks for input since the last record */
    unsigned flags; /* of the next record */
    int32_t wait_rc;
    uint64_t wait_ns;
    int failed;
    /* replaying */
    struct wt_journal_reader *reader;
    struct wt_replay_options options;
    struct wt_journal_item item; /* the next one */
    bool have, ended;            /* have: item is there; ended: there is none */
    uint64_t first_ns, wall_ns;  /* of a paced replay */
    void *dma[WT_TAP_DMA_MAX];
    unsigned dma_count;
    char *config;
    struct wt_replay_stats stats;
};

/** Payload of WT_JOURNAL_READ. */
struct wt_tap_read {
    uint32_t offset;
    int32_t rc;
    uint64_t value;
};

/* Values of `unusual`: a wait came to its usual end, and nothing else is out of the ordinary. */
#define WT_TAP_WAITED 0x0101u

void wt_replay_output(struct wt_tap *tap, enum wt_journal_type type, const void *payload, size_t length);
int wt_replay_result(struct wt_tap *tap);
void wt_replay_time(struct wt_tap *tap);
int wt_replay_read(struct wt_tap *tap, uint32_t offset, uint64_t *value);
int wt_replay_wait(struct wt_tap *tap);
int wt_replay_pop(struct wt_tap *tap, unsigned ring, enum wt_journal_type type, struct wt_ring *memory, void *out);
ssize_t wt_replay_recv(struct wt_tap *tap, void *bytes, size_t room);
ssize_t wt_replay_side(struct wt_tap *tap, uint32_t side, void *bytes, size_t room);
uint32_t wt_replay_command(struct wt_tap *tap);
int wt_replay_past(struct wt_tap *tap, void *entry, size_t length);

#endif
