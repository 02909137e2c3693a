/* The link `udp` against a card made up here, in a process of its own behind a real socket. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "host/card/ring.h"
#include "host/card/udp.h"
#include "host/card/wt_schema.h"

enum { RING_LOG2 = 4, RECORDS = 12 };

/* What the card does when the host writes this to WT_REG_SKEW_NS. */
enum play { IN_ORDER = 1, HOLE_REPEATED, HOLE_GONE, ANOTHERS_ADDRESS };

/* ---------------------------------------------------------------- the card */

struct fake {
    int fd;
    struct sockaddr_in host;
    uint32_t taken, next, oldest, value[WT_BAR0_SIZE / 4];
    uint8_t sent[64][sizeof(struct wt_udp_head) + 16 + 64];
    bool dropped;
};

static void tell(struct fake *f, const void *bytes, size_t n)
{
    sendto(f->fd, bytes, n, 0, (struct sockaddr *)&f->host, sizeof f->host);
}

static void state(struct fake *f)
{
    uint8_t bytes[sizeof(struct wt_udp_head) + 8] = {0};
    struct wt_udp_head head = {WT_UDP_MAGIC, WT_UDP_VERSION, WT_UDP_STATE, 0, f->next, f->taken};
    memcpy(bytes, &head, sizeof head);
    memcpy(bytes + sizeof head, &f->oldest, 4);
    tell(f, bytes, sizeof bytes);
}

/* Record n of a ring, from 1: an event or order flow of message 100 + n. */
static void record(struct fake *f, bool order_flow, uint32_t n, uint32_t upper, bool send)
{
    uint8_t *bytes = f->sent[f->next % 64];
    uint32_t base = f->value[(order_flow ? WT_REG_OF_BASE_LO : WT_REG_EV_BASE_LO) / 4];
    uint32_t tlp[4] = {0x60000010, 0x010000ff, upper, base + ((n - 1) & ((1u << RING_LOG2) - 1)) * 64};
    struct wt_udp_head head = {WT_UDP_MAGIC, WT_UDP_VERSION, WT_UDP_DATA, 0, f->next++, f->taken};
    union {
        union wt_event_record event;
        struct wt_of_record flow;
    } r = {0};
    if (order_flow) {
        r.flow.feed_seq = 100 + n;
        r.flow.lap = n;
    } else {
        r.event.head.kind = WT_RECORD_TYPE_BBO;
        r.event.head.feed_seq = 100 + n;
        r.event.word[15] = n;
    }
    memcpy(bytes, &head, sizeof head);
    memcpy(bytes + sizeof head, tlp, 16);
    memcpy(bytes + sizeof head + 16, &r, 64);
    if (send)
        tell(f, bytes, sizeof f->sent[0]);
}

static void play(struct fake *f, enum play what)
{
    uint32_t upper = f->value[WT_REG_EV_BASE_HI / 4];
    if (what == ANOTHERS_ADDRESS)
        for (uint32_t n = 1; n <= RECORDS; n++)
            record(f, n % 2, n, upper ^ 4, true);
    /* events and order flow in turns; some do not arrive */
    for (uint32_t n = 1; n <= RECORDS; n++) {
        bool lost = (what == HOLE_REPEATED || what == HOLE_GONE) && n >= 5 && n <= 7;
        record(f, false, n, upper, !lost);
        record(f, true, n, upper, !lost || n == 6);
        if (what == HOLE_GONE && n == 7)
            f->oldest = f->next;
    }
    state(f);
}

static void card(int fd)
{
    struct fake f = {.fd = fd};
    for (;;) {
        uint8_t bytes[1500];
        socklen_t size = sizeof f.host;
        struct wt_udp_head head;
        uint32_t tlp[4];
        ssize_t n = recvfrom(fd, bytes, sizeof bytes, 0, (struct sockaddr *)&f.host, &size);
        if (n < (ssize_t)sizeof head)
            continue;
        memcpy(&head, bytes, sizeof head);
        memcpy(tlp, bytes + sizeof head, n - sizeof head < 16 ? n - sizeof head : 16);
        if (head.kind == WT_UDP_OPEN) {
            tell(&f, "noise", 5);
            f.taken = head.number;
        } else if (head.kind == WT_UDP_REPEAT) {
            for (uint32_t k = head.number; k != head.number + head.other && k < f.next; k++)
                if (k >= f.oldest)
                    tell(&f, f.sent[k % 64], sizeof f.sent[0]);
        } else if (head.kind == WT_UDP_TLP && head.number == f.taken + 1) {
            if (head.number % 7 == 3 && !f.dropped) { /* this one did not come */
                f.dropped = true;
                continue;
            }
            f.dropped = false;
            f.taken++;
            if (tlp[0] == 0x40000001) {
                f.value[tlp[2] / 4] = tlp[3];
                if (tlp[2] == WT_REG_SKEW_NS && tlp[3])
                    play(&f, (enum play)tlp[3]);
            } else {
                struct wt_udp_head data = {WT_UDP_MAGIC, WT_UDP_VERSION, WT_UDP_DATA, 0, f.next, f.taken};
                uint32_t answer[4] = {0x4a000001, 0x01000004, (tlp[1] & 0xff00) | 0x180000, f.value[tlp[2] / 4]};
                uint8_t *kept = f.sent[f.next++ % 64];
                memcpy(kept, &data, sizeof data);
                memcpy(kept + sizeof data, answer, 16);
                tell(&f, kept, sizeof data + 16);
            }
        }
        state(&f);
    }
}

/* ---------------------------------------------------------------- the host */

struct world {
    pid_t pid;
    struct wt_link *link;
    struct wt_dma ev, of;
    struct wt_ring events, flow;
    struct wt_udp_stats stats;
};

static void begin(struct world *w, enum play what)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof at;
    char address[32];
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof at), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&at, &size), 0);
    snprintf(address, sizeof address, "127.0.0.1:%u", ntohs(at.sin_port));
    w->pid = fork();
    if (w->pid == 0)
        card(fd);
    close(fd);
    assert_int_equal(wt_udp_open(address, false, &w->link), 0);
    assert_int_equal(w->link->ops->dma_alloc(w->link, 64 << RING_LOG2, &w->ev), 0);
    assert_int_equal(w->link->ops->dma_alloc(w->link, 64 << RING_LOG2, &w->of), 0);
    wt_ring_init(&w->events, w->ev.virt, RING_LOG2);
    wt_ring_init(&w->flow, w->of.virt, RING_LOG2);
    const uint32_t writes[][2] = {{WT_REG_EV_BASE_LO, (uint32_t)w->ev.bus},
                                  {WT_REG_EV_BASE_HI, (uint32_t)(w->ev.bus >> 32)},
                                  {WT_REG_EV_SIZE_LOG2, RING_LOG2},
                                  {WT_REG_OF_BASE_LO, (uint32_t)w->of.bus},
                                  {WT_REG_OF_BASE_HI, (uint32_t)(w->of.bus >> 32)},
                                  {WT_REG_OF_SIZE_LOG2, RING_LOG2},
                                  {WT_REG_SKEW_NS, what}};
    for (size_t i = 0; i < sizeof writes / sizeof *writes; i++)
        assert_int_equal(w->link->ops->write32(w->link, writes[i][0], writes[i][1]), 0);
    for (size_t i = 0; i + 1 < sizeof writes / sizeof *writes; i++) {
        uint32_t value = 0;
        assert_int_equal(w->link->ops->read32(w->link, writes[i][0], &value), 0);
        assert_int_equal(value, writes[i][1]);
    }
}

static void end(struct world *w)
{
    wt_udp_stats(w->link, &w->stats);
    w->link->ops->close(w->link);
    kill(w->pid, SIGKILL);
    waitpid(w->pid, NULL, 0);
}

/* All records of both rings: which of them are GAP records, and markers with GAP. */
static void take(struct world *w, unsigned *gaps, unsigned *markers, unsigned *flagged)
{
    *gaps = *markers = *flagged = 0;
    for (uint32_t n = 1; n <= RECORDS; n++) {
        union wt_event_record event;
        struct wt_of_record flow;
        for (int tries = 0; tries < 2000 && wt_ring_lap(wt_ring_slot(&w->events)) != n; tries++)
            assert_true(w->link->ops->wait(w->link, w->link->ops->now_ns(w->link) + 1000000) >= 0);
        assert_int_equal(wt_ring_pop(&w->events, &event), 1);
        for (int tries = 0; tries < 2000 && wt_ring_lap(wt_ring_slot(&w->flow)) != n; tries++)
            assert_true(w->link->ops->wait(w->link, w->link->ops->now_ns(w->link) + 1000000) >= 0);
        assert_int_equal(wt_ring_pop(&w->flow, &flow), 1);
        if (event.head.kind == WT_RECORD_TYPE_GAP) {
            assert_in_range(n, 5, 7);
            assert_int_equal(event.gap.state, WT_GAP_STATE_LOST);
            assert_int_equal(event.head.feed_seq, 108); /* goes on there */
            ++*gaps;
        } else
            assert_int_equal(event.head.feed_seq, 100 + n);
        if (flow.flags & WT_OFF_MARKER) {
            assert_in_range(n, 5, 7);
            assert_true(flow.flags & WT_OFF_GAP);
            assert_in_range(flow.feed_seq, 105, 107);
            ++*markers;
        } else {
            assert_int_equal(flow.feed_seq, 100 + n);
            *flagged += (flow.flags & WT_OFF_GAP) != 0;
        }
    }
}

static void requests_and_records_in_order(void **state)
{
    struct world w;
    unsigned gaps, markers, flagged;
    (void)state;
    begin(&w, IN_ORDER);
    take(&w, &gaps, &markers, &flagged);
    assert_int_equal(gaps + markers + flagged, 0);
    end(&w);
    assert_int_equal(w.stats.gone, 0);
    assert_int_equal(w.stats.foreign, 1);
    assert_true(w.stats.resent > 0);
}

static void a_hole_is_asked_for(void **state)
{
    struct world w;
    unsigned gaps, markers, flagged;
    (void)state;
    begin(&w, HOLE_REPEATED);
    take(&w, &gaps, &markers, &flagged);
    assert_int_equal(gaps + markers + flagged, 0);
    end(&w);
    assert_true(w.stats.asked >= 5);
    assert_int_equal(w.stats.gone, 0);
}

static void what_is_gone_is_told_in_the_rings(void **state)
{
    struct world w;
    unsigned gaps, markers, flagged;
    (void)state;
    begin(&w, HOLE_GONE);
    take(&w, &gaps, &markers, &flagged);
    assert_int_equal(gaps, 3);
    assert_int_equal(markers, 2); /* the sixth came */
    assert_true(flagged > 0);
    end(&w);
    assert_int_equal(w.stats.gone, 5);
}

static void another_hosts_addresses_hit_nothing(void **state)
{
    struct world w;
    unsigned gaps, markers, flagged;
    (void)state;
    begin(&w, ANOTHERS_ADDRESS);
    take(&w, &gaps, &markers, &flagged);
    assert_int_equal(gaps + markers + flagged, 0);
    end(&w);
    assert_int_equal(w.stats.strays, RECORDS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(requests_and_records_in_order),
        cmocka_unit_test(a_hole_is_asked_for),
        cmocka_unit_test(what_is_gone_is_told_in_the_rings),
        cmocka_unit_test(another_hosts_addresses_hit_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
