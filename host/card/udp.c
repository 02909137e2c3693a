/* The link `udp`: requests to the card, numbered and repeated until taken; datagrams of the card, put in order. */
#include "host/card/udp.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "host/card/wt_schema.h"
#include "host/common/log.h"

enum {
    DATAGRAM = 1472,
    SLOTS = 1024,    /* datagrams of the card that wait for one before them */
    REQUESTS = 64,   /* TLPs to the card that are not taken yet */
    AHEAD = 16,      /* of those, sent without waiting */
    TLP_DWORDS = 20, /* of a TLP to the card: a completion with a line */
    REPEAT_MOST = 255,
    BUFFER = 4 << 20, /* of the socket */
    PAUSE_NS = 100000
};
#define RETRY_NS UINT64_C(2000000)       /* as long as no answer's time is known; then four times that, */
#define RETRY_LEAST_NS UINT64_C(200000)  /* from this */
#define RETRY_MOST_NS UINT64_C(64000000) /* to this; twice as long each time that nothing comes */
#define OPEN_NS UINT64_C(2000000000)
#define SILENCE_NS UINT64_C(5000000000) /* a card says something every 0.3 ms */
#define HOST_ID 0x0018u

struct request {
    uint32_t dwords, tlp[TLP_DWORDS];
    uint64_t sent_ns; /* 0: sent more than once */
};

/* How long to wait for an answer, from how long answers took. */
struct patience {
    uint64_t mean_ns;           /* 0: not known */
    uint64_t since_ns, wait_ns; /* asked, or something came; until it is asked again */
};

struct slot {
    uint32_t number, bytes;
    bool used;
    uint8_t tlp[DATAGRAM];
};

struct udp {
    struct wt_link link; /* first: a link is cast to it */
    struct wt_udp_memory memory;
    struct wt_udp_stats stats;
    int fd;
    char name[32];
    bool opened, gone, outlive, warned;
    uint64_t heard_ns;
    /* to the card */
    struct request request[REQUESTS];
    uint32_t first, sent, end; /* numbers: first not taken, first not sent, next */
    uint32_t resent;           /* those below it are sent again */
    struct patience taking;
    /* from the card */
    uint32_t expected, known; /* next number to be taken; behind the highest that is known to be */
    uint32_t asked;           /* behind the last that was asked for, */
    uint64_t asked_ns;        /* then; 0: something of it has come, or it was asked for more than once */
    struct patience repeating;
    struct slot *slot;
    /* the read that is waited for */
    uint8_t tag;
    bool waiting;
    int answer; /* 1: value; 0: not yet; below: refused */
    uint64_t value;
};

static struct udp *of(struct wt_link *link)
{
    return (struct udp *)link;
}

static uint64_t monotonic_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

/* ---------------------------------------------------------------- how long to wait */

static void asked_now(struct patience *p, uint64_t now, bool again)
{
    uint64_t wait = p->mean_ns ? 4 * p->mean_ns : RETRY_NS;
    wait = wait < RETRY_LEAST_NS ? RETRY_LEAST_NS : wait;
    wait = again && 2 * p->wait_ns > wait ? 2 * p->wait_ns : wait;
    p->wait_ns = wait < RETRY_MOST_NS ? wait : RETRY_MOST_NS;
    p->since_ns = now;
}

/* Something of what was asked for is here; the rest may take as long again. asked_ns: when it was, once; 0: more often,
 * so that nobody knows what this is the answer to. */
static void answered_now(struct patience *p, uint64_t asked_ns, uint64_t now)
{
    uint64_t took = now - asked_ns;
    if (asked_ns)
        p->mean_ns = p->mean_ns ? (7 * p->mean_ns + took) / 8 : took ? took : 1;
    asked_now(p, now, false);
}

static bool overdue(const struct patience *p, uint64_t now)
{
    return now - p->since_ns >= p->wait_ns && now > p->since_ns;
}

static uint32_t get32(const uint8_t *at)
{
    uint32_t x;
    memcpy(&x, at, sizeof x); /* little-endian host */
    return x;
}

/* ---------------------------------------------------------------- to the card */

static void send_head(struct udp *u, enum wt_udp_kind kind, uint32_t number, uint32_t other, const struct request *r)
{
    uint8_t bytes[sizeof(struct wt_udp_head) + TLP_DWORDS * 4];
    struct wt_udp_head head = {.magic = WT_UDP_MAGIC,
                               .version = WT_UDP_VERSION,
                               .kind = (uint8_t)kind,
                               .dwords = (uint16_t)(r ? r->dwords : 0),
                               .number = number,
                               .other = other};
    size_t n = r ? (size_t)r->dwords * 4 : 0;
    memcpy(bytes, &head, sizeof head);
    if (r)
        memcpy(bytes + sizeof head, r->tlp, n);
    /* what does not leave is lost, as it may be on the wire: asked for again */
    (void)!send(u->fd, bytes, sizeof head + n, MSG_DONTWAIT | MSG_NOSIGNAL);
}

/* drained: everything that came was looked at, so that what is not taken is known. */
static void send_requests(struct udp *u, uint64_t now, bool drained)
{
    bool again = drained && u->first != u->sent && overdue(&u->taking, now);
    if (again) { /* not taken in time: from the first on */
        u->stats.resent += u->sent - u->first;
        u->resent = u->sent;
        u->sent = u->first;
    }
    if (u->first == u->sent && u->sent != u->end)
        asked_now(&u->taking, now, again);
    for (; u->sent != u->end && u->sent - u->first < AHEAD; u->sent++) {
        struct request *r = &u->request[u->sent % REQUESTS];
        r->sent_ns = (int32_t)(u->sent - u->resent) < 0 ? 0 : now;
        send_head(u, WT_UDP_TLP, u->sent, 0, r);
    }
}

/* The card has taken everything up to this number. */
static void on_taken(struct udp *u, uint32_t taken, uint64_t now)
{
    uint32_t n = taken + 1 - u->first;
    if (n == 0 || n > u->end - u->first)
        return;
    u->first += n;
    if ((int32_t)(u->sent - u->first) < 0)
        u->sent = u->first;
    if ((int32_t)(u->resent - u->first) < 0)
        u->resent = u->first;
    answered_now(&u->taking, u->request[taken % REQUESTS].sent_ns, now);
}

static bool has_room(const struct udp *u)
{
    return u->end - u->first < REQUESTS;
}

/* The caller has seen that there is room. */
static uint32_t *next_request(struct udp *u, uint32_t dwords)
{
    struct request *r = &u->request[u->end++ % REQUESTS];
    r->dwords = dwords;
    return r->tlp;
}

/* ---------------------------------------------------------------- from the card */

/* A read of the host's memory: a line of 64 bytes. */
static void on_read(struct udp *u, const uint8_t *tlp)
{
    uint64_t bus = (uint64_t)get32(tlp + 8) << 32 | get32(tlp + 12);
    uint32_t ids = get32(tlp + 4);
    const uint8_t *from = wt_udp_memory_at(&u->memory, bus, 64);
    if (!from || !has_room(u)) { /* the card asks again */
        u->stats.strays += !from;
        return;
    }
    uint32_t *r = next_request(u, 19);
    r[0] = 0x4a000010;
    r[1] = HOST_ID << 16 | 64;
    r[2] = (ids & 0xffff0000) | (ids & 0xff00) | (bus & 0x40);
    memcpy(r + 3, from, 64);
}

static void on_completion(struct udp *u, const uint8_t *tlp, size_t bytes)
{
    uint32_t head = get32(tlp), status = get32(tlp + 4) >> 13 & 7, tag = get32(tlp + 8) >> 8 & 0xff;
    uint32_t dwords = head & 0x3ff;
    if (!u->waiting || tag != u->tag)
        return;
    bool good = head >> 24 == 0x4a && status == 0 && dwords >= 1 && dwords <= 2 && bytes >= 12 + (size_t)dwords * 4;
    u->answer = good ? 1 : -EIO;
    if (good) {
        u->value = get32(tlp + 12);
        if (dwords == 2)
            u->value |= (uint64_t)get32(tlp + 16) << 32;
    }
}

static void on_tlp(struct udp *u, const uint8_t *tlp, size_t bytes)
{
    uint32_t head = bytes >= 16 ? get32(tlp) : 0, dwords = head & 0x3ff;
    u->stats.datagrams++;
    if (head >> 24 == 0x60 && bytes >= 16 + (size_t)dwords * 4)
        wt_udp_memory_write(&u->memory, (uint64_t)get32(tlp + 8) << 32 | get32(tlp + 12), tlp + 16, (size_t)dwords * 4);
    else if (head >> 24 == 0x20 && dwords == 16)
        on_read(u, tlp);
    else if (head >> 24 == 0x4a || head >> 24 == 0x0a)
        on_completion(u, tlp, bytes);
    else /* what an earlier host asked for, whose addresses were others */
        u->stats.strays++;
}

/* What waits and is next. */
static void take_waiting(struct udp *u)
{
    for (struct slot *s; (s = &u->slot[u->expected % SLOTS])->used && s->number == u->expected; u->expected++) {
        s->used = false;
        on_tlp(u, s->tlp, s->bytes);
    }
}

static void on_data(struct udp *u, uint32_t number, const uint8_t *tlp, size_t bytes)
{
    uint32_t ahead = number - u->expected;
    struct slot *s = &u->slot[number % SLOTS];
    if (ahead >= SLOTS || (ahead > 0 && s->used)) {
        u->stats.twice++;
        return;
    }
    if (ahead == 0) {
        u->expected++;
        on_tlp(u, tlp, bytes);
        take_waiting(u);
    } else {
        s->used = true;
        s->number = number;
        s->bytes = (uint32_t)bytes;
        memcpy(s->tlp, tlp, bytes);
    }
}

/* The card has nothing older than this. */
static void on_oldest(struct udp *u, uint32_t oldest)
{
    if ((int32_t)(oldest - u->expected) <= 0)
        return;
    if (u->stats.gone == 0)
        wt_warn("card %s: datagrams are lost for good: they did not come, and the card's buffer did not have them any "
                "more; every symbol goes stale",
                u->name);
    while ((int32_t)(oldest - u->expected) > 0) {
        struct slot *s = &u->slot[u->expected % SLOTS];
        if (s->used && s->number == u->expected) {
            take_waiting(u);
            continue;
        }
        u->expected++;
        u->stats.gone++;
        wt_udp_memory_lost(&u->memory);
    }
    take_waiting(u);
}

/*
 * What is missing before something that came, or that the card says it has sent: asked for once, and again when the
 * answer is overdue though everything that came was looked at (drained), or came without it.
 */
static void ask_again(struct udp *u, uint64_t now, bool drained)
{
    uint32_t missing = u->known - u->expected, n = 1;
    if ((int32_t)missing <= 0)
        return;
    bool again = (int32_t)(u->asked - u->expected) > 0;
    if (again && !(drained && overdue(&u->repeating, now)))
        return;
    while (n < missing && n < REPEAT_MOST && !u->slot[(u->expected + n) % SLOTS].used)
        n++;
    u->stats.asked += n;
    u->asked = u->expected + n;
    u->asked_ns = again ? 0 : now;
    send_head(u, WT_UDP_REPEAT, u->expected, n, NULL);
    asked_now(&u->repeating, now, again);
}

static void on_datagram(struct udp *u, const uint8_t *bytes, size_t n, uint64_t now)
{
    struct wt_udp_head head;
    if (n >= sizeof head)
        memcpy(&head, bytes, sizeof head);
    if (n < sizeof head || head.magic != WT_UDP_MAGIC || head.version != WT_UDP_VERSION ||
        (head.kind == WT_UDP_STATE ? n < sizeof head + 4 : head.kind != WT_UDP_DATA)) {
        u->stats.foreign++;
        if (!u->warned && n >= sizeof head && head.magic == WT_UDP_MAGIC && head.version != WT_UDP_VERSION)
            wt_warn(
                "card %s: its datagrams are of version %u of the link, this program's of %u, and are dropped: build "
                "both from one tree",
                u->name, head.version, WT_UDP_VERSION);
        else if (!u->warned)
            wt_warn(
                "card %s: a datagram of %zu bytes that is not this link's is dropped, more of them are only counted: "
                "see what else answers at this address and port",
                u->name, n);
        u->warned = true;
        return;
    }
    u->heard_ns = now;
    if (!u->opened) {
        if (head.kind == WT_UDP_STATE && head.other == u->first - 1) {
            u->opened = true;
            u->expected = u->known = u->asked = head.number;
        }
        return;
    }
    uint32_t before = u->expected;
    on_taken(u, head.other, now);
    if (head.kind == WT_UDP_DATA) {
        if ((int32_t)(head.number + 1 - u->known) > 0)
            u->known = head.number + 1;
        else if (head.number + 1 == u->asked && head.number != before)
            u->asked = before; /* the last that was asked for: what is missing before it was lost again */
        on_data(u, head.number, bytes + sizeof head, n - sizeof head);
    } else {
        if ((int32_t)(head.number - u->known) > 0)
            u->known = head.number;
        on_oldest(u, get32(bytes + sizeof head));
    }
    if (u->expected != before && (int32_t)(u->asked - before) > 0) {
        answered_now(&u->repeating, u->asked_ns, now);
        u->asked_ns = 0;
    }
    ask_again(u, now, false);
}

/* ---------------------------------------------------------------- both */

/* Take what is there, send what is due; waits for the card until `until` if there is nothing. 1: something came. */
static int pump(struct udp *u, uint64_t until)
{
    uint8_t bytes[DATAGRAM];
    int came = 0;
    bool waited = false;
    uint64_t now = monotonic_ns();
    if (u->gone)
        return -ENODEV;
    if (u->opened)
        send_requests(u, now, false);
    for (;;) {
        ssize_t n = recv(u->fd, bytes, sizeof bytes, MSG_DONTWAIT);
        if (n >= 0) {
            if (came % 32 == 0)
                now = monotonic_ns();
            on_datagram(u, bytes, (size_t)n, now);
            came++;
            if (u->opened)
                send_requests(u, now, false);
            continue;
        }
        now = monotonic_ns();
        if (u->opened) {
            send_requests(u, now, true);
            ask_again(u, now, true);
        }
        if (came > 0 || waited || now >= until)
            break;
        uint64_t wait = until - now < PAUSE_NS * 10 ? until - now : PAUSE_NS * 10;
        ppoll(&(struct pollfd){.fd = u->fd, .events = POLLIN}, 1, &(struct timespec){.tv_nsec = (long)wait}, NULL);
        waited = true;
    }
    if (u->opened && now - u->heard_ns > SILENCE_NS && now > u->heard_ns) {
        u->gone = true;
        wt_error("card %s: not heard for %llu s: it is gone, or another host has taken it: stopped; look at cable and "
                 "power, then start again",
                 u->name, (unsigned long long)(SILENCE_NS / 1000000000));
        return -ENODEV;
    }
    return came > 0;
}

static int wait_for_room(struct udp *u)
{
    int e = 0;
    while (e >= 0 && !has_room(u))
        e = pump(u, monotonic_ns() + PAUSE_NS * 10);
    return e < 0 ? e : 0;
}

static int check(const struct udp *u, uint32_t offset, uint32_t bytes)
{
    if (u->gone)
        return -ENODEV;
    return offset % bytes != 0 || offset > WT_BAR0_SIZE - bytes ? -EINVAL : 0;
}

static int read_register(struct udp *u, uint32_t offset, uint32_t bytes, uint64_t *value)
{
    int e = check(u, offset, bytes);
    if (e == 0)
        e = wait_for_room(u);
    if (e < 0)
        return e;
    uint32_t *r = next_request(u, 3);
    u->tag++;
    r[0] = bytes / 4;
    r[1] = HOST_ID << 16 | (uint32_t)u->tag << 8 | (bytes == 4 ? 0x0f : 0xff);
    r[2] = offset;
    u->waiting = true;
    u->answer = 0;
    while (e >= 0 && u->answer == 0)
        e = pump(u, monotonic_ns() + PAUSE_NS * 10);
    u->waiting = false;
    *value = u->value;
    return e < 0 ? e : u->answer < 0 ? u->answer : 0;
}

static int udp_read32(struct wt_link *link, uint32_t offset, uint32_t *value)
{
    uint64_t wide = 0;
    int e = read_register(of(link), offset, 4, &wide);
    *value = (uint32_t)wide;
    return e;
}

static int udp_read64(struct wt_link *link, uint32_t offset, uint64_t *value)
{
    *value = 0;
    return read_register(of(link), offset, 8, value);
}

static int udp_write32(struct wt_link *link, uint32_t offset, uint32_t value)
{
    struct udp *u = of(link);
    int e = check(u, offset, 4);
    if (e == 0)
        e = wait_for_room(u);
    if (e < 0)
        return e;
    wt_udp_memory_told(&u->memory, offset, value);
    uint32_t *r = next_request(u, 4);
    r[0] = 0x40000001;
    r[1] = HOST_ID << 16 | 0x0f;
    r[2] = offset;
    r[3] = value;
    send_requests(u, monotonic_ns(), false);
    return 0;
}

static int udp_dma_alloc(struct wt_link *link, size_t bytes, struct wt_dma *dma)
{
    return wt_udp_memory_take(&of(link)->memory, bytes, dma);
}

static uint64_t udp_now_ns(struct wt_link *link)
{
    (void)link;
    return monotonic_ns();
}

static int udp_wait(struct wt_link *link, uint64_t deadline_ns)
{
    struct udp *u = of(link);
    uint64_t now = monotonic_ns(), until = now + PAUSE_NS < deadline_ns ? now + PAUSE_NS : deadline_ns;
    int e = pump(u, until);
    if (e < 0 && u->outlive) {
        nanosleep(&(struct timespec){.tv_nsec = PAUSE_NS}, NULL);
        e = 0;
    }
    return e != 0 ? e : monotonic_ns() >= deadline_ns ? 0 : 1;
}

static void udp_spend(struct wt_link *link, uint64_t ns)
{
    (void)ns;
    pump(of(link), 0);
}

static void udp_close(struct wt_link *link)
{
    struct udp *u = of(link);
    /* the last writes arrive, if the card is there */
    for (uint64_t until = monotonic_ns() + OPEN_NS; u->opened && u->first != u->end && monotonic_ns() < until;)
        if (pump(u, until) < 0)
            break;
    if (u->stats.asked + u->stats.resent > 0)
        wt_info("card %s: %llu datagrams; %llu asked for again, %llu gone; %llu requests sent again", u->name,
                (unsigned long long)u->stats.datagrams, (unsigned long long)u->stats.asked,
                (unsigned long long)u->stats.gone, (unsigned long long)u->stats.resent);
    wt_udp_memory_free(&u->memory);
    if (u->fd >= 0)
        close(u->fd);
    free(u->slot);
    free(u);
}

bool wt_udp_gone(const struct wt_link *link)
{
    return ((const struct udp *)link)->gone;
}

void wt_udp_stats(const struct wt_link *link, struct wt_udp_stats *stats)
{
    const struct udp *u = (const struct udp *)link;
    *stats = u->stats;
    stats->strays += u->memory.strays;
}

static const struct wt_link_ops ops = {
    .read32 = udp_read32,
    .read64 = udp_read64,
    .write32 = udp_write32,
    .dma_alloc = udp_dma_alloc,
    .now_ns = udp_now_ns,
    .wait = udp_wait,
    .spend = udp_spend,
    .close = udp_close,
};

static int parse(const char *text, struct sockaddr_in *to)
{
    char ip[32] = "", rest;
    unsigned port = WT_UDP_PORT;
    int n = sscanf(text, "%31[0-9.]:%u%c", ip, &port, &rest);
    *to = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    bool whole = n == 2 || (n == 1 && strlen(ip) == strlen(text));
    if (whole && port >= 1 && port <= 65535 && inet_pton(AF_INET, ip, &to->sin_addr) == 1)
        return 0;
    wt_error("card '%s': not an address; 192.168.57.2 is one, or 192.168.57.2:22356", text);
    return -EINVAL;
}

static int open_card(struct udp *u, const char *address)
{
    struct sockaddr_in to;
    uint32_t random[2];
    int size = BUFFER, e = parse(address, &to);
    if (e < 0)
        return e;
    snprintf(u->name, sizeof u->name, "%s", address);
    if (getrandom(random, sizeof random, 0) != sizeof random)
        return -EIO;
    u->memory.epoch = random[0] | 1;
    u->first = u->sent = u->end = u->resent = random[1];
    u->fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (u->fd < 0 || connect(u->fd, (const struct sockaddr *)&to, sizeof to) < 0) {
        e = -errno;
        wt_error("card %s: no way there: %s; give the interface that it is connected to an address of its network",
                 address, strerror(-e));
        return e;
    }
    setsockopt(u->fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
    for (uint64_t until = monotonic_ns() + OPEN_NS; !u->opened && monotonic_ns() < until;) {
        send_head(u, WT_UDP_OPEN, u->first - 1, 0, NULL);
        for (uint64_t next = monotonic_ns() + RETRY_MOST_NS; !u->opened && monotonic_ns() < next;)
            pump(u, next);
    }
    if (!u->opened)
        wt_error("card %s: no answer for %llu s: see that it has its bitstream, that port 2 is connected and its link "
                 "is up, and that this host has an address in its network",
                 address, (unsigned long long)(OPEN_NS / 1000000000));
    return u->opened ? 0 : -ETIMEDOUT;
}

int wt_udp_open(const char *address, bool outlive, struct wt_link **link)
{
    struct udp *u = calloc(1, sizeof *u);
    if (u)
        u->slot = calloc(SLOTS, sizeof *u->slot);
    if (!u || !u->slot) {
        free(u);
        wt_error("udp: no memory for the link");
        return -ENOMEM;
    }
    u->link = (struct wt_link){.ops = &ops, .name = "udp"};
    u->fd = -1;
    u->outlive = outlive;
    int e = open_card(u, address ? address : WT_UDP_ADDRESS);
    if (e < 0) {
        udp_close(&u->link);
        return e;
    }
    *link = &u->link;
    return 0;
}
