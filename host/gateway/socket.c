#include "host/gateway/socket.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "host/common/log.h"

/* What the kernel did not take at once; OUCH messages are under 100 bytes, so this is a thousand of them. */
enum { BACKLOG = 128 * 1024 };

struct wt_socket {
    struct wt_socket_config config;
    int fd;
    bool connecting;
    size_t held; /**< bytes in backlog */
    uint8_t backlog[BACKLOG];
};

int wt_socket_create(const struct wt_socket_config *config, struct wt_socket **out)
{
    struct wt_socket *s = calloc(1, sizeof *s);
    if (!s)
        return -ENOMEM;
    s->config = *config;
    s->fd = -1;
    *out = s;
    return 0;
}

static void hang_up(void *ctx)
{
    struct wt_socket *s = ctx;
    if (s->fd >= 0)
        close(s->fd);
    s->fd = -1;
    s->connecting = false;
    s->held = 0;
}

static int connect_to(void *ctx)
{
    struct wt_socket *s = ctx;
    hang_up(s);
    s->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (s->fd < 0)
        return -errno;
    int one = 1;
    setsockopt(s->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    setsockopt(s->fd, IPPROTO_TCP, TCP_QUICKACK, &one, sizeof one);
    int busy = (int)s->config.busy_poll_us;
    if (busy && setsockopt(s->fd, SOL_SOCKET, SO_BUSY_POLL, &busy, sizeof busy))
        wt_warn("busy polling of %d us is not allowed here: %s", busy, strerror(errno));
    struct sockaddr_in to = {
        .sin_family = AF_INET, .sin_port = htons(s->config.port), .sin_addr.s_addr = htonl(s->config.ip)};
    if (connect(s->fd, (struct sockaddr *)&to, sizeof to) == 0)
        return 0;
    int error = errno;
    if (error != EINPROGRESS) {
        hang_up(s);
        return -error;
    }
    s->connecting = true;
    return -EINPROGRESS;
}

/* -EAGAIN while the connection is coming about, -ENOTCONN when it did not. */
static int ready(struct wt_socket *s)
{
    if (s->fd < 0)
        return -ENOTCONN;
    if (!s->connecting)
        return 0;
    struct sockaddr_in peer;
    socklen_t length = sizeof peer;
    if (getpeername(s->fd, (struct sockaddr *)&peer, &length) == 0) {
        s->connecting = false;
        return 0;
    }
    int error = 0;
    length = sizeof error;
    getsockopt(s->fd, SOL_SOCKET, SO_ERROR, &error, &length);
    if (!error)
        return -EAGAIN;
    hang_up(s);
    return -ENOTCONN;
}

/* Bytes the kernel took, or -errno; 0 when it has no room. */
static ssize_t push(struct wt_socket *s, const void *bytes, size_t length)
{
    ssize_t n = send(s->fd, bytes, length, MSG_NOSIGNAL);
    if (n >= 0)
        return n;
    if (errno == EAGAIN || errno == EINTR)
        return 0;
    hang_up(s);
    return -ENOTCONN;
}

static int flush(struct wt_socket *s)
{
    if (!s->held)
        return 0;
    ssize_t n = push(s, s->backlog, s->held);
    if (n < 0)
        return (int)n;
    s->held -= (size_t)n;
    memmove(s->backlog, s->backlog + n, s->held);
    return 0;
}

static int send_bytes(void *ctx, const void *bytes, size_t length)
{
    struct wt_socket *s = ctx;
    int rc = ready(s);
    if (!rc)
        rc = flush(s);
    if (rc)
        return rc;
    if (s->held + length > BACKLOG)
        return -EAGAIN; /* all or nothing */
    ssize_t n = s->held ? 0 : push(s, bytes, length);
    if (n < 0)
        return (int)n;
    memcpy(s->backlog + s->held, (const uint8_t *)bytes + n, length - (size_t)n);
    s->held += length - (size_t)n;
    return 0;
}

static ssize_t recv_bytes(void *ctx, void *bytes, size_t room)
{
    struct wt_socket *s = ctx;
    int rc = ready(s);
    if (rc)
        return rc == -EAGAIN ? 0 : rc;
    rc = flush(s);
    if (rc)
        return rc;
    ssize_t n = recv(s->fd, bytes, room, 0);
    if (n > 0)
        return n;
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return 0;
    hang_up(s);
    return -ENOTCONN;
}

struct wt_stream wt_socket_stream(struct wt_socket *s)
{
    return (struct wt_stream){
        .ctx = s, .connect = connect_to, .send = send_bytes, .recv = recv_bytes, .close = hang_up};
}

int wt_socket_fd(const struct wt_socket *s)
{
    return s->fd;
}

void wt_socket_address(struct wt_socket *s, uint32_t ip, uint16_t port)
{
    s->config.ip = ip;
    s->config.port = port;
}

void wt_socket_destroy(struct wt_socket *s)
{
    if (!s)
        return;
    hang_up(s);
    free(s);
}
