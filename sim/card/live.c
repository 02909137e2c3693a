#include "sim/card/live.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "host/common/bytes.h"
#include "host/common/log.h"
#include "sim/card/frame.h"

enum {
    WATCHED = 8,
    BATCH = 256,
    RECEIVE_BUFFER = 32 << 20,
    ANSWER_MS = 20,     /* how long a re-request may take */
    TRIES = 50,         /* of one re-request */
    CATCH_UP_NS = 50000 /* a packet this often, so that the host keeps pace */
};

struct wt_live {
    struct wt_live_config config;
    struct wt_live_wire wire;
    struct wt_frame_builder frame[WT_LIVE_LINES];
    struct pollfd fds[WT_LIVE_LINES + WATCHED];
    nfds_t fd_count;
    int fd[WT_LIVE_LINES];
    uint64_t clock_base, next_ns;
    bool begun, joined, catching;
    int rerequest;         /* socket, or -1 */
    uint64_t next, behind; /* catching up: sequence numbers of the next message, and behind the last one */
    uint8_t session[10];
    unsigned tries;
    struct wt_live_stats stats;
};

static uint64_t clock_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

void wt_live_defaults(struct wt_live_config *config)
{
    *config = (struct wt_live_config){.quantum_ns = 20000};
}

static int join(int fd, const struct wt_live_line *line)
{
    struct ip_mreq request = {.imr_multiaddr.s_addr = htonl(line->listen_ip),
                              .imr_interface.s_addr = htonl(line->interface_ip)};
    return setsockopt(fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, &request, sizeof request) ? -errno : 0;
}

static int open_line(const struct wt_live_line *line, unsigned number)
{
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -errno;
    int one = 1, room = RECEIVE_BUFFER;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    /* The simulated card is slower than a burst: let the kernel hold what it may. Without the privilege it holds less.
     */
    if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof room))
        setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
    struct sockaddr_in at = {
        .sin_family = AF_INET, .sin_port = htons(line->listen_port), .sin_addr.s_addr = htonl(line->listen_ip)};
    int error = bind(fd, (struct sockaddr *)&at, sizeof at) ? -errno : 0;
    if (!error && IN_MULTICAST(line->listen_ip))
        error = join(fd, line);
    if (!error)
        return fd;
    char text[INET_ADDRSTRLEN];
    inet_ntop(AF_INET, &at.sin_addr, text, sizeof text);
    wt_error("feed line %c: cannot listen on %s:%u: %s", 'A' + (int)number, text, line->listen_port, strerror(-error));
    close(fd);
    return error;
}

static int open_rerequest(const struct wt_live_config *config)
{
    struct sockaddr_in to = {.sin_family = AF_INET,
                             .sin_port = htons(config->rerequest_port),
                             .sin_addr.s_addr = htonl(config->rerequest_ip)};
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof to)) {
        int error = errno;
        wt_error("feed: no way to the re-request server: %s", strerror(error));
        if (fd >= 0)
            close(fd);
        return -error;
    }
    return fd;
}

int wt_live_create(const struct wt_live_config *config, struct wt_live_wire wire, struct wt_live **live)
{
    struct wt_live *l = calloc(1, sizeof *l);
    if (!l)
        return -ENOMEM;
    l->config = *config;
    l->wire = wire;
    l->rerequest = -1;
    for (unsigned i = 0; i < WT_LIVE_LINES; i++)
        l->fd[i] = -1;
    if (config->rerequest_ip) {
        l->rerequest = open_rerequest(config);
        if (l->rerequest < 0) {
            int error = l->rerequest;
            wt_live_destroy(l);
            return error;
        }
    }
    for (unsigned i = 0; i < WT_LIVE_LINES; i++) {
        const struct wt_live_line *line = &config->line[i];
        if (!line->listen_ip)
            continue;
        l->fd[i] = open_line(line, i);
        if (l->fd[i] < 0) {
            int error = l->fd[i];
            wt_live_destroy(l);
            return error;
        }
        l->fds[l->fd_count++] = (struct pollfd){.fd = l->fd[i], .events = POLLIN};
        /* The session in the builder is overwritten by each datagram's own. */
        wt_frame_init(&l->frame[i], line->group, line->port, "          ");
    }
    l->clock_base = clock_ns() - config->start_ns;
    l->next_ns = config->start_ns;
    *live = l;
    return 0;
}

void wt_live_begin(struct wt_live *live)
{
    live->begun = true;
}

uint16_t wt_live_port(const struct wt_live *live, unsigned line)
{
    struct sockaddr_in at = {0};
    socklen_t length = sizeof at;
    if (line >= WT_LIVE_LINES || live->fd[line] < 0 || getsockname(live->fd[line], (struct sockaddr *)&at, &length))
        return 0;
    return ntohs(at.sin_port);
}

int wt_live_watch(struct wt_live *live, int fd)
{
    if (live->fd_count == WT_LIVE_LINES + WATCHED)
        return -ENOSPC;
    live->fds[live->fd_count++] = (struct pollfd){.fd = fd, .events = POLLIN};
    return 0;
}

void wt_live_unwatch(struct wt_live *live, int fd)
{
    for (nfds_t i = 0; i < live->fd_count; i++)
        if (live->fds[i].fd == fd)
            live->fds[i--] = live->fds[--live->fd_count];
}

uint64_t wt_live_next_ns(void *live)
{
    return ((struct wt_live *)live)->next_ns;
}

static void put(struct wt_live *l, unsigned line, uint64_t now_ns, const void *mold, size_t n)
{
    size_t length = wt_frame_wrap(&l->frame[line], mold, n);
    if (!length)
        l->stats.too_long++;
    else if (l->wire.send(l->wire.ctx, line, now_ns, l->frame[line].bytes, length, 0))
        l->stats.refused++;
}

/* ---- joining late ---- */

/* A datagram that comes while the past is being asked for: what it has is asked for as well. */
static void note(struct wt_live *l, const uint8_t *mold, size_t length)
{
    if (length < WT_FRAME_MOLD_HEADER || memcmp(mold, l->session, sizeof l->session) != 0)
        return;
    uint64_t sequence = wt_be64(mold + 10);
    uint16_t count = wt_be16(mold + 18);
    uint64_t behind = sequence + (count <= WT_FRAME_MAX_COUNT ? count : 0);
    if (behind > l->behind)
        l->behind = behind;
}

/* The first datagram says whether there is a past. */
static void join_feed(struct wt_live *l, const uint8_t *mold, size_t length)
{
    if (l->rerequest < 0 || length < WT_FRAME_MOLD_HEADER) {
        l->joined = l->rerequest < 0;
        return;
    }
    l->joined = true;
    l->catching = wt_be64(mold + 10) > 1;
    l->next = 1;
    memcpy(l->session, mold, sizeof l->session);
}

/* The answer to a request for l->next, onto the wire. Messages in it, or 0. */
static unsigned take_answer(struct wt_live *l, uint64_t now_ns)
{
    uint8_t mold[WT_FRAME_MAX_PAYLOAD];
    unsigned line = l->fd[0] >= 0 ? 0 : 1;
    struct pollfd fd = {.fd = l->rerequest, .events = POLLIN};
    while (poll(&fd, 1, ANSWER_MS) > 0) {
        ssize_t n = recv(l->rerequest, mold, sizeof mold, 0);
        if (n < (ssize_t)WT_FRAME_MOLD_HEADER || memcmp(mold, l->session, sizeof l->session) != 0 ||
            wt_be64(mold + 10) != l->next)
            continue; /* an older answer, or nobody there yet */
        put(l, line, now_ns, mold, (size_t)n);
        return wt_be16(mold + 18);
    }
    return 0;
}

static void catch_up(struct wt_live *l, uint64_t now_ns)
{
    uint8_t request[WT_FRAME_MOLD_HEADER];
    uint64_t wanted = l->behind - l->next;
    memcpy(request, l->session, sizeof l->session);
    wt_put_be64(request + 10, l->next);
    wt_put_be16(request + 18, (uint16_t)(wanted < 1000 ? wanted : 1000));
    unsigned got =
        send(l->rerequest, request, sizeof request, 0) == (ssize_t)sizeof request ? take_answer(l, now_ns) : 0;
    l->tries = got ? 0 : l->tries + 1;
    l->next += got;
    l->stats.caught_up += got;
    if (l->tries == TRIES)
        wt_warn("feed: the re-request server does not give message %llu: what came before message %llu is lost",
                (unsigned long long)l->next, (unsigned long long)l->behind);
    l->catching = l->next < l->behind && l->tries < TRIES;
}

/* ---- the lines ---- */

static void receive(struct wt_live *l, unsigned line, uint64_t now_ns)
{
    uint8_t bytes[WT_FRAME_MAX_PAYLOAD + 1];
    for (int i = 0; i < BATCH; i++) {
        ssize_t n = recv(l->fd[line], bytes, sizeof bytes, 0);
        if (n < 0)
            return; /* EAGAIN: that was all; anything else comes again */
        l->stats.datagrams[line]++;
        if (!l->joined)
            join_feed(l, bytes, (size_t)n);
        if (l->catching)
            note(l, bytes, (size_t)n);
        else
            put(l, line, now_ns, bytes, (size_t)n);
    }
}

void wt_live_run(void *live, uint64_t now_ns)
{
    struct wt_live *l = live;
    uint64_t wall = clock_ns() - l->clock_base;
    if (now_ns > wall && !l->catching) {
        struct timespec rest = {.tv_sec = (time_t)((now_ns - wall) / 1000000000u),
                                .tv_nsec = (long)((now_ns - wall) % 1000000000u)};
        ppoll(l->fds, l->fd_count, &rest, NULL);
        wall = clock_ns() - l->clock_base;
    } else if (wall > now_ns && wall - now_ns > l->stats.behind_ns) {
        l->stats.behind_ns = wall - now_ns;
    }
    bool early = l->rerequest >= 0 && !l->begun;
    for (unsigned i = 0; i < WT_LIVE_LINES; i++)
        if (l->fd[i] >= 0 && !early)
            receive(l, i, now_ns);
    if (l->catching)
        catch_up(l, now_ns);
    l->next_ns = now_ns + (l->catching ? CATCH_UP_NS : l->config.quantum_ns);
    if (l->next_ns < wall)
        l->next_ns = wall;
}

void wt_live_stats(const struct wt_live *live, struct wt_live_stats *stats)
{
    *stats = live->stats;
}

void wt_live_destroy(struct wt_live *live)
{
    if (!live)
        return;
    for (unsigned i = 0; i < WT_LIVE_LINES; i++)
        if (live->fd[i] >= 0)
            close(live->fd[i]);
    if (live->rerequest >= 0)
        close(live->rerequest);
    free(live);
}
