#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "host/common/log.h"
#include "host/event/tap_internal.h"

enum { TOLD_MAX = 10 };

static uint64_t wall_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static void advance(struct wt_tap *tap)
{
    tap->have = wt_journal_next(tap->reader, &tap->item) == 1;
    tap->ended = !tap->have;
}

static void pace(struct wt_tap *tap, uint64_t ns)
{
    if (!tap->first_ns) {
        tap->first_ns = ns;
        tap->wall_ns = wall_ns();
    }
    uint64_t due = tap->wall_ns + (ns - tap->first_ns), now = wall_ns();
    if (ns > tap->first_ns && due > now) {
        struct timespec t = {(time_t)((due - now) / 1000000000u), (long)((due - now) % 1000000000u)};
        nanosleep(&t, NULL);
    }
}

static bool live(const struct wt_tap *tap)
{
    return tap->have && !tap->broken && !tap->off;
}

/* The next item is of this type, and the wait before it, if there was one, is over. */
static bool next_is(const struct wt_tap *tap, enum wt_journal_type type)
{
    return tap->item.head.type == type && !(tap->item.head.flags & WT_JOURNAL_WAITED);
}

static void differ(struct wt_tap *tap, unsigned type, const void *payload, size_t length)
{
    struct wt_difference difference = {.recorded = tap->have ? &tap->item : NULL,
                                       .type = type,
                                       .ns = tap->now,
                                       .calls = tap->calls,
                                       .payload = payload,
                                       .length = length};
    if (tap->stats.differences++ < TOLD_MAX && tap->options.difference)
        tap->options.difference(tap->options.ctx, &difference);
}

static void give_up(struct wt_tap *tap, unsigned type, const void *payload, size_t length)
{
    differ(tap, type, payload, length);
    tap->broken = true;
}

/* The next item was taken in: time is its time. */
static void taken(struct wt_tap *tap)
{
    tap->now = tap->item.head.ns;
    tap->calls = 0;
    tap->stats.inputs++;
}

/* Is the next item an input of this type that came at this very call? */
static bool due(struct wt_tap *tap, enum wt_journal_type type)
{
    if (!live(tap))
        return false;
    if (tap->item.head.flags & WT_JOURNAL_WAITED)
        return false;
    if (tap->item.head.type == type && tap->item.head.calls == tap->calls) {
        if (tap->options.paced)
            pace(tap, tap->item.head.ns);
        return true;
    }
    /* Its call has been made, and was none that could take it. */
    if (wt_journal_is_input(tap->item.head.type) && tap->item.head.type != WT_JOURNAL_WAIT &&
        tap->calls >= tap->item.head.calls + (tap->item.head.type == WT_JOURNAL_READ)) /* a read follows its look */
        give_up(tap, 0, NULL, 0);
    return false;
}

void wt_replay_output(struct wt_tap *tap, enum wt_journal_type type, const void *payload, size_t length)
{
    if (!live(tap))
        return;
    const struct wt_journal_item *item = &tap->item;
    bool equal = next_is(tap, type) && item->head.ns == tap->now && item->head.calls == tap->calls &&
                 item->length == length && (length == 0 || memcmp(item->payload, payload, length) == 0);
    if (!equal && !next_is(tap, type)) {
        give_up(tap, type, payload, length);
        return;
    }
    if (!equal)
        differ(tap, type, payload, length);
    else
        tap->stats.outputs++;
    if (equal && type == WT_JOURNAL_SEND)
        tap->stats.bytes_out += length;
    tap->calls = 0;
    tap->stats.complete |= type == WT_JOURNAL_END;
    advance(tap);
}

int wt_replay_result(struct wt_tap *tap)
{
    int32_t rc = 0;
    if (!live(tap) || !next_is(tap, WT_JOURNAL_RESULT) || tap->item.head.calls != tap->calls ||
        tap->item.length != sizeof rc)
        return 0;
    memcpy(&rc, tap->item.payload, sizeof rc);
    taken(tap);
    advance(tap);
    return rc;
}

void wt_replay_time(struct wt_tap *tap)
{
    if (!live(tap) || !next_is(tap, WT_JOURNAL_TIME) || tap->item.head.calls != tap->calls)
        return;
    taken(tap);
    advance(tap);
}

int wt_replay_read(struct wt_tap *tap, uint32_t offset, uint64_t *value)
{
    struct wt_tap_read read = {.offset = offset};
    *value = 0;
    if (tap->off)
        return 0;
    if (!live(tap))
        return -EPIPE;
    if (!next_is(tap, WT_JOURNAL_READ) || tap->item.length != sizeof read ||
        memcmp(tap->item.payload, &offset, sizeof offset) != 0) {
        give_up(tap, WT_JOURNAL_READ, &read, sizeof read);
        return -EPIPE;
    }
    memcpy(&read, tap->item.payload, sizeof read);
    taken(tap);
    advance(tap);
    *value = read.value;
    return read.rc;
}

int wt_replay_wait(struct wt_tap *tap)
{
    int32_t rc = 0;
    if (!live(tap))
        return -EPIPE;
    if (tap->item.head.flags & WT_JOURNAL_WAITED) {
        if (tap->options.paced)
            pace(tap, tap->item.head.ns);
        tap->item.head.flags &= (uint16_t)~WT_JOURNAL_WAITED;
        tap->now = tap->item.head.ns;
        tap->calls = 0;
        return 1;
    }
    if (tap->item.head.type != WT_JOURNAL_WAIT || tap->item.length != sizeof rc) {
        give_up(tap, WT_JOURNAL_WAIT, &rc, sizeof rc);
        return -EPIPE;
    }
    if (tap->options.paced)
        pace(tap, tap->item.head.ns);
    memcpy(&rc, tap->item.payload, sizeof rc);
    taken(tap);
    advance(tap);
    return rc;
}

int wt_replay_pop(struct wt_tap *tap, unsigned ring, enum wt_journal_type type, struct wt_ring *memory, void *out)
{
    int32_t words[2];
    if (live(tap) && next_is(tap, WT_JOURNAL_CARD_ERROR) && tap->item.length == sizeof words) {
        memcpy(words, tap->item.payload, sizeof words);
        if (words[0] == (int32_t)ring && due(tap, WT_JOURNAL_CARD_ERROR)) {
            taken(tap);
            advance(tap);
            return words[1];
        }
        return 0;
    }
    if (!due(tap, type) || tap->item.length != 64)
        return 0;
    /* Into the ring, as the card does, and out of it, as the host does. */
    uint8_t *slot = (uint8_t *)memory->base + (size_t)(memory->cons & memory->mask) * 64;
    memcpy(slot, tap->item.payload, 64);
    int got = wt_ring_pop(memory, out);
    if (got != 1) { /* its number is not the next one of the ring */
        give_up(tap, 0, NULL, 0);
        return 0;
    }
    taken(tap);
    advance(tap);
    return 1;
}

ssize_t wt_replay_recv(struct wt_tap *tap, void *bytes, size_t room)
{
    if (live(tap) && next_is(tap, WT_JOURNAL_RESULT)) {
        int32_t rc;
        if (!due(tap, WT_JOURNAL_RESULT) || tap->item.length != sizeof rc)
            return 0;
        memcpy(&rc, tap->item.payload, sizeof rc);
        taken(tap);
        advance(tap);
        return rc;
    }
    if (!due(tap, WT_JOURNAL_RECV))
        return 0;
    size_t length = tap->item.length;
    if (length > room) {
        give_up(tap, 0, NULL, 0);
        return 0;
    }
    memcpy(bytes, tap->item.payload, length);
    taken(tap);
    advance(tap);
    return (ssize_t)length;
}

ssize_t wt_replay_side(struct wt_tap *tap, uint32_t side, void *bytes, size_t room)
{
    struct wt_journal_side head;
    if (!due(tap, WT_JOURNAL_SIDE_RECV))
        return 0;
    if (tap->item.length < sizeof head || tap->item.length - sizeof head > room) {
        give_up(tap, 0, NULL, 0);
        return 0;
    }
    memcpy(&head, tap->item.payload, sizeof head);
    if (head.side != side) {
        give_up(tap, 0, NULL, 0);
        return 0;
    }
    size_t length = tap->item.length - sizeof head;
    memcpy(bytes, (const uint8_t *)tap->item.payload + sizeof head, length);
    taken(tap);
    advance(tap);
    return head.what ? head.what : (ssize_t)length;
}

uint32_t wt_replay_command(struct wt_tap *tap)
{
    uint32_t command;
    if (!due(tap, WT_JOURNAL_COMMAND) || tap->item.length != sizeof command)
        return 0;
    memcpy(&command, tap->item.payload, sizeof command);
    taken(tap);
    advance(tap);
    return command;
}

int wt_replay_past(struct wt_tap *tap, void *entry, size_t length)
{
    if (!live(tap)) /* the session was killed in the middle of it */
        return -EPIPE;
    if (tap->item.head.type != WT_JOURNAL_PAST || tap->item.length != length)
        return -EBADMSG;
    memcpy(entry, tap->item.payload, length);
    taken(tap);
    advance(tap);
    return 0;
}

/* ---- the configuration ---- */

static int take_config(struct wt_tap *tap)
{
    struct wt_tap_config_head head, expected = wt_tap_config_expected();
    size_t length = 0;
    bool more = true;
    while (more) {
        if (!tap->have || tap->item.head.type != WT_JOURNAL_CONFIG || tap->item.length <= sizeof head) {
            wt_error("journal: it does not begin with a configuration: %s",
                     tap->have ? "the first record is of another type" : wt_journal_why(tap->reader));
            return -EBADMSG;
        }
        memcpy(&head, tap->item.payload, sizeof head);
        size_t n = tap->item.length - sizeof head;
        char *text = realloc(tap->config, length + n + 1);
        if (!text)
            return -ENOMEM;
        memcpy(text + length, tap->item.payload + sizeof head, n);
        length += n;
        text[length] = '\0';
        tap->config = text;
        more = tap->item.head.flags & WT_JOURNAL_MORE;
        advance(tap);
    }
    tap->simulated = head.simulated;
    tap->resumed = head.resumed;
    if (head.schema == expected.schema && head.event_bytes == expected.event_bytes)
        return 0;
    wt_error("journal: it was written by a build with schema %u and events of %u bytes; this one has %u and %u: "
             "replay it with the build that wrote it",
             head.schema, head.event_bytes, expected.schema, expected.event_bytes);
    return -EBADMSG;
}

int wt_tap_replay(struct wt_journal_reader *reader, const struct wt_replay_options *options, struct wt_tap **out)
{
    struct wt_tap *tap = calloc(1, sizeof *tap);
    if (!tap)
        return -ENOMEM;
    tap->replay = true;
    tap->reader = reader;
    tap->options = *options;
    advance(tap);
    int rc = take_config(tap);
    if (rc) {
        wt_tap_destroy(tap);
        return rc;
    }
    *out = tap;
    return 0;
}

const char *wt_tap_config_text(const struct wt_tap *tap)
{
    return tap->config;
}

void wt_tap_replay_stats(const struct wt_tap *tap, struct wt_replay_stats *stats)
{
    *stats = tap->stats;
}
