#include "sim/exchange/server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "host/common/log.h"

#define SECOND_NS 1000000000ull
#define STOP_NS (SECOND_NS / 5)  /* for the end of session and slow clients */
#define WAIT_NS (30 * SECOND_NS) /* at the end, for clients who have not logged out */
#define LOOK_NS (SECOND_NS / 20) /* how often to look whether they have */
#define RESUME_NS 1000000ull     /* how soon to look again at a socket that the venue would not read */

/* What an epoll event is of; connections count from CLIENTS on. */
enum { STOP, TIMER, REREQUEST, ORDERS, GLIMPSE, CLIENTS };

/* A connection and what the socket would not take yet. */
struct link {
    int fd; /* -1: none */
    bool wants_out, paused;
    size_t start, end;
    uint8_t bytes[16384];
};

struct wt_server {
    struct wt_server_config config;
    int line[2], rerequest, orders, glimpse, epoll, timer;
    struct wt_venue *venue;
    int stop_fd;
    bool paused; /* a connection waits for the venue to read again */
    uint64_t unsent;
    struct link links[WT_VENUE_CONNECTIONS];
};

int wt_server_parse(const char *text, struct wt_server_address *address)
{
    char ip[16];
    const char *colon = strchr(text, ':');
    struct in_addr in;
    if (!colon || colon == text || (size_t)(colon - text) >= sizeof ip)
        return -EINVAL;
    memcpy(ip, text, (size_t)(colon - text));
    ip[colon - text] = '\0';
    char *end;
    errno = 0;
    unsigned long port = strtoul(colon + 1, &end, 10);
    if (inet_pton(AF_INET, ip, &in) != 1 || colon[1] < '0' || colon[1] > '9' || *end != '\0' || errno || port > 65535)
        return -EINVAL;
    *address = (struct wt_server_address){ntohl(in.s_addr), (uint16_t)port};
    return 0;
}

static struct sockaddr_in to_sockaddr(struct wt_server_address a)
{
    return (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons(a.port), .sin_addr = {.s_addr = htonl(a.ip)}};
}

static uint64_t monotonic_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * SECOND_NS + (uint64_t)t.tv_nsec;
}

/* ---------------------------------------------------------------- sockets */

static int fail(const char *what, struct wt_server_address a)
{
    int rc = -errno;
    wt_error("exchange: %s %u.%u.%u.%u:%u: %s", what, a.ip >> 24, a.ip >> 16 & 255, a.ip >> 8 & 255, a.ip & 255, a.port,
             strerror(-rc));
    return rc;
}

static bool is_multicast(uint32_t ip)
{
    return ip >> 28 == 0xe;
}

static int open_line(struct wt_server *s, unsigned line)
{
    struct wt_server_address a = s->config.line[line];
    if (a.port == 0)
        return 0;
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    s->line[line] = fd;
    struct in_addr from = {.s_addr = htonl(s->config.interface)};
    int room = 4 << 20;
    if (fd >= 0)
        setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &room, sizeof room);
    if (fd < 0 || (is_multicast(a.ip) && setsockopt(fd, IPPROTO_IP, IP_MULTICAST_IF, &from, sizeof from) < 0))
        return fail("line", a);
    struct sockaddr_in to = to_sockaddr(a);
    return connect(fd, (struct sockaddr *)&to, sizeof to) < 0 ? fail("line", a) : 0;
}

static int watch(struct wt_server *s, int fd, uint32_t what, uint32_t events)
{
    struct epoll_event event = {.events = events, .data = {.u32 = what}};
    return epoll_ctl(s->epoll, EPOLL_CTL_ADD, fd, &event) < 0 ? -errno : 0;
}

/* Bind, listen if it is TCP, watch; a is filled in. */
static int open_listener(struct wt_server *s, int *fd, int type, uint32_t what, struct wt_server_address *a,
                         const char *name)
{
    int on = 1, room = 4 << 20;
    struct sockaddr_in at = to_sockaddr(*a);
    socklen_t length = sizeof at;
    *fd = socket(AF_INET, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (*fd < 0)
        return fail(name, *a);
    if (type == SOCK_STREAM)
        setsockopt(*fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    else
        setsockopt(*fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
    if (bind(*fd, (struct sockaddr *)&at, sizeof at) < 0 || (type == SOCK_STREAM && listen(*fd, 64) < 0) ||
        getsockname(*fd, (struct sockaddr *)&at, &length) < 0)
        return fail(name, *a);
    a->port = ntohs(at.sin_port);
    return watch(s, *fd, what, EPOLLIN);
}

int wt_server_create(const struct wt_server_config *config, struct wt_server **server)
{
    struct wt_server *s = calloc(1, sizeof *s);
    *server = NULL;
    if (!s)
        return -ENOMEM;
    s->config = *config;
    s->line[0] = s->line[1] = s->rerequest = s->orders = s->glimpse = -1;
    for (unsigned i = 0; i < WT_VENUE_CONNECTIONS; i++)
        s->links[i].fd = -1;
    s->epoll = epoll_create1(EPOLL_CLOEXEC);
    s->timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    int rc = s->epoll < 0 || s->timer < 0 ? -errno : watch(s, s->timer, TIMER, EPOLLIN);
    if (rc < 0)
        wt_error("exchange: epoll: %s", strerror(-rc));
    struct wt_server_config *c = &s->config;
    for (unsigned i = 0; rc == 0 && i < 2; i++)
        rc = open_line(s, i);
    if (rc == 0)
        rc = open_listener(s, &s->rerequest, SOCK_DGRAM, REREQUEST, &c->rerequest, "re-requests");
    if (rc == 0)
        rc = open_listener(s, &s->orders, SOCK_STREAM, ORDERS, &c->orders, "order entry");
    if (rc == 0)
        rc = open_listener(s, &s->glimpse, SOCK_STREAM, GLIMPSE, &c->glimpse, "GLIMPSE");
    if (rc < 0) {
        wt_server_destroy(s);
        return rc;
    }
    *server = s;
    return 0;
}

static void close_fd(int fd)
{
    if (fd >= 0)
        close(fd);
}

void wt_server_destroy(struct wt_server *s)
{
    if (!s)
        return;
    for (unsigned i = 0; i < WT_VENUE_CONNECTIONS; i++)
        close_fd(s->links[i].fd);
    for (unsigned i = 0; i < 2; i++)
        close_fd(s->line[i]);
    close_fd(s->rerequest);
    close_fd(s->orders);
    close_fd(s->glimpse);
    close_fd(s->timer);
    close_fd(s->epoll);
    free(s);
}

void wt_server_addresses(const struct wt_server *s, struct wt_server_address *rerequest,
                         struct wt_server_address *orders, struct wt_server_address *glimpse)
{
    *rerequest = s->config.rerequest;
    *orders = s->config.orders;
    *glimpse = s->config.glimpse;
}

uint64_t wt_server_unsent(const struct wt_server *s)
{
    return s->unsent;
}

/* ---------------------------------------------------------------- UDP */

void wt_server_send(void *server, unsigned line, uint64_t when_ns, const uint8_t *mold, size_t length)
{
    struct wt_server *s = server;
    (void)when_ns;
    if (s->line[line] < 0)
        return;
    /* Nobody who listens on a host is told by ECONNREFUSED of the packet before: that is not this one's failure. */
    ssize_t sent = send(s->line[line], mold, length, 0);
    if (sent < 0 && errno == ECONNREFUSED)
        sent = send(s->line[line], mold, length, 0);
    s->unsent += sent < 0 && errno != ECONNREFUSED;
}

static void answer_rerequests(struct wt_server *s)
{
    uint8_t request[64], reply[1472];
    struct sockaddr_in from;
    for (unsigned budget = 64; budget > 0; budget--) {
        socklen_t size = sizeof from;
        ssize_t length = recvfrom(s->rerequest, request, sizeof request, 0, (struct sockaddr *)&from, &size);
        if (length < 0)
            return;
        size_t n = wt_venue_rerequest(s->venue, request, (size_t)length, reply);
        if (n > 0 && sendto(s->rerequest, reply, n, 0, (struct sockaddr *)&from, size) < 0)
            s->unsent++;
    }
}

/* ---------------------------------------------------------------- TCP */

static void drop_link(struct wt_server *s, unsigned i)
{
    close(s->links[i].fd);
    s->links[i].fd = -1;
    wt_venue_close(s->venue, (int)i, monotonic_ns());
}

static void accept_clients(struct wt_server *s, int listener, enum wt_venue_port port)
{
    for (;;) {
        int on = 1, fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd < 0)
            return;
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        int i = wt_venue_open(s->venue, port, monotonic_ns());
        if (i < 0 || watch(s, fd, CLIENTS + (uint32_t)i, EPOLLIN) < 0) {
            wt_warn("exchange: no room for another connection: closed");
            if (i >= 0)
                wt_venue_close(s->venue, i, monotonic_ns());
            close(fd);
            continue;
        }
        struct link *l = &s->links[i];
        l->fd = fd;
        l->wants_out = l->paused = false;
        l->start = l->end = 0;
    }
}

static void set_events(struct wt_server *s, unsigned i, bool out, bool paused)
{
    struct link *l = &s->links[i];
    if (out == l->wants_out && paused == l->paused)
        return;
    l->wants_out = out;
    l->paused = paused;
    struct epoll_event event = {.events = (paused ? 0u : (uint32_t)EPOLLIN) | (out ? (uint32_t)EPOLLOUT : 0u),
                                .data = {.u32 = CLIENTS + i}};
    epoll_ctl(s->epoll, EPOLL_CTL_MOD, l->fd, &event);
}

/* False: the connection is gone. */
static bool flush_link(struct wt_server *s, unsigned i)
{
    struct link *l = &s->links[i];
    for (;;) {
        while (l->start < l->end) {
            ssize_t n = send(l->fd, l->bytes + l->start, l->end - l->start, MSG_NOSIGNAL);
            if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
                set_events(s, i, true, l->paused);
                return true;
            }
            if (n < 0) {
                drop_link(s, i);
                return false;
            }
            l->start += (size_t)n;
        }
        l->start = l->end = 0;
        ssize_t n = wt_venue_output(s->venue, (int)i, monotonic_ns(), l->bytes, sizeof l->bytes);
        if (n < 0) {
            drop_link(s, i);
            return false;
        }
        if (n == 0) {
            set_events(s, i, false, l->paused);
            return true;
        }
        l->end = (size_t)n;
    }
}

static void read_link(struct wt_server *s, unsigned i)
{
    uint8_t bytes[16384];
    if (wt_venue_silent(s->venue)) {
        /* The bytes stay with the kernel, as if nobody was there. */
        set_events(s, i, s->links[i].wants_out, true);
        s->paused = true;
        return;
    }
    ssize_t n = recv(s->links[i].fd, bytes, sizeof bytes, 0);
    if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR))
        return;
    if (n <= 0) {
        drop_link(s, i);
        return;
    }
    wt_venue_input(s->venue, (int)i, monotonic_ns(), bytes, (size_t)n);
}

static void flush_links(struct wt_server *s)
{
    for (unsigned i = 0; i < WT_VENUE_CONNECTIONS; i++)
        if (s->links[i].fd >= 0 && !s->links[i].wants_out)
            flush_link(s, i);
}

static void resume_links(struct wt_server *s)
{
    if (!s->paused || wt_venue_silent(s->venue))
        return;
    s->paused = false;
    for (unsigned i = 0; i < WT_VENUE_CONNECTIONS; i++)
        if (s->links[i].fd >= 0 && s->links[i].paused)
            set_events(s, i, s->links[i].wants_out, false);
}

/* ---------------------------------------------------------------- the loop */

static void set_timer(struct wt_server *s, uint64_t ns)
{
    if (s->paused && ns > monotonic_ns() + RESUME_NS)
        ns = monotonic_ns() + RESUME_NS;
    struct itimerspec when = {0};
    if (ns == 0)
        ns = 1;
    if (ns != UINT64_MAX)
        when.it_value = (struct timespec){(time_t)(ns / SECOND_NS), (long)(ns % SECOND_NS)};
    timerfd_settime(s->timer, TFD_TIMER_ABSTIME, &when, NULL);
}

enum { GO_ON, STOP_SOON, MARKET_OVER };

/* One of these, or -errno. */
static int handle_events(struct wt_server *s)
{
    struct epoll_event events[64];
    int count = epoll_wait(s->epoll, events, 64, -1);
    if (count < 0)
        return errno == EINTR ? 0 : -errno;
    int stop = GO_ON;
    for (int i = 0; i < count; i++) {
        uint32_t what = events[i].data.u32;
        uint64_t expirations;
        struct signalfd_siginfo signal;
        if (what == STOP)
            stop = read(s->stop_fd, &signal, sizeof signal) != (ssize_t)sizeof signal ? GO_ON
                   : signal.ssi_signo == SIGUSR1                                      ? MARKET_OVER
                                                                                      : STOP_SOON;
        else if (what == TIMER)
            (void)!read(s->timer, &expirations, sizeof expirations);
        else if (what == REREQUEST)
            answer_rerequests(s);
        else if (what == ORDERS)
            accept_clients(s, s->orders, WT_VENUE_ORDERS);
        else if (what == GLIMPSE)
            accept_clients(s, s->glimpse, WT_VENUE_GLIMPSE);
        else if (s->links[what - CLIENTS].fd >= 0 &&
                 (!(events[i].events & EPOLLOUT) || flush_link(s, what - CLIENTS)) && !s->links[what - CLIENTS].paused)
            read_link(s, what - CLIENTS);
    }
    return stop;
}

int wt_server_run(struct wt_server *s, struct wt_venue *venue, int stop_fd, bool until_done, uint64_t linger_ns)
{
    s->venue = venue;
    s->stop_fd = stop_fd;
    int rc = stop_fd >= 0 ? watch(s, stop_fd, STOP, EPOLLIN) : 0;
    if (rc < 0)
        return rc;
    wt_venue_start(venue, monotonic_ns());
    uint64_t end_ns = UINT64_MAX, last_ns = UINT64_MAX;
    bool stop = false, over = false;
    for (;;) {
        uint64_t now = monotonic_ns();
        wt_venue_run(venue, now);
        if (end_ns == UINT64_MAX && (stop || over || (until_done && wt_venue_market_done(venue)))) {
            wt_venue_end(venue, now);
            end_ns = now + (stop ? STOP_NS : linger_ns);
            last_ns = end_ns + (stop ? 0 : WAIT_NS);
            stop = false;
        }
        if (now >= end_ns && now < last_ns && wt_venue_occupied(venue))
            end_ns = now + LOOK_NS;
        resume_links(s);
        flush_links(s);
        if (rc < 0 || stop || now >= end_ns)
            break;
        uint64_t next = wt_venue_next_ns(venue);
        set_timer(s, next < end_ns ? next : end_ns);
        rc = handle_events(s);
        stop = rc == STOP_SOON;
        over |= rc == MARKET_OVER;
    }
    if (stop_fd >= 0)
        epoll_ctl(s->epoll, EPOLL_CTL_DEL, stop_fd, NULL);
    return rc < 0 ? rc : 0;
}
