#include "sim/card/live.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "host/common/log.h"
#include "sim/card/frame.h"

enum { WATCHED = 8, BATCH = 256, RECEIVE_BUFFER = 32 << 20 };

struct wt_live {
    struct wt_live_config config;
    struct wt_live_wire wire;
    struct wt_frame_builder frame[WT_LIVE_LINES];
    struct pollfd fds[WT_LIVE_LINES + WATCHED];
    nfds_t fd_count;
    int fd[WT_LIVE_LINES];
    uint64_t clock_base, next_ns;
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

int wt_live_create(const struct wt_live_config *config, struct wt_live_wire wire, struct wt_live **live)
{
    struct wt_live *l = calloc(1, sizeof *l);
    if (!l)
        return -ENOMEM;
    l->config = *config;
    l->wire = wire;
    for (unsigned i = 0; i < WT_LIVE_LINES; i++)
        l->fd[i] = -1;
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

static void receive(struct wt_live *l, unsigned line, uint64_t now_ns)
{
    uint8_t bytes[WT_FRAME_MAX_PAYLOAD + 1];
    for (int i = 0; i < BATCH; i++) {
        ssize_t n = recv(l->fd[line], bytes, sizeof bytes, 0);
        if (n < 0)
            return; /* EAGAIN: that was all; anything else comes again */
        l->stats.datagrams[line]++;
        size_t length = wt_frame_wrap(&l->frame[line], bytes, (size_t)n);
        if (!length)
            l->stats.too_long++;
        else if (l->wire.send(l->wire.ctx, line, now_ns, l->frame[line].bytes, length, 0))
            l->stats.refused++;
    }
}

void wt_live_run(void *live, uint64_t now_ns)
{
    struct wt_live *l = live;
    uint64_t wall = clock_ns() - l->clock_base;
    if (now_ns > wall) {
        struct timespec rest = {.tv_sec = (time_t)((now_ns - wall) / 1000000000u),
                                .tv_nsec = (long)((now_ns - wall) % 1000000000u)};
        ppoll(l->fds, l->fd_count, &rest, NULL);
        wall = clock_ns() - l->clock_base;
    } else if (wall - now_ns > l->stats.behind_ns) {
        l->stats.behind_ns = wall - now_ns;
    }
    for (unsigned i = 0; i < WT_LIVE_LINES; i++)
        if (l->fd[i] >= 0)
            receive(l, i, now_ns);
    l->next_ns = now_ns + l->config.quantum_ns;
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
    free(live);
}
