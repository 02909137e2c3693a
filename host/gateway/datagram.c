#include "host/gateway/datagram.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "host/common/log.h"

struct wt_datagram {
    struct sockaddr_in peer;
    int fd;
};

int wt_datagram_create(uint32_t ip, uint16_t port, struct wt_datagram **out)
{
    struct wt_datagram *d = calloc(1, sizeof *d);
    if (!d) {
        wt_error("no memory for a UDP socket");
        return -ENOMEM;
    }
    d->peer = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(ip)};
    d->fd = -1;
    *out = d;
    return 0;
}

static void hang_up(void *ctx)
{
    struct wt_datagram *d = ctx;
    if (d->fd >= 0)
        close(d->fd);
    d->fd = -1;
}

static int open_socket(void *ctx)
{
    struct wt_datagram *d = ctx;
    hang_up(d);
    d->fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    /* connected: what others send does not come in */
    if (d->fd >= 0 && connect(d->fd, (const struct sockaddr *)&d->peer, sizeof d->peer) == 0)
        return 0;
    int error = errno;
    hang_up(d);
    return -error;
}

static int send_one(void *ctx, const void *bytes, size_t length)
{
    struct wt_datagram *d = ctx;
    if (d->fd < 0)
        return -ENOTCONN;
    return send(d->fd, bytes, length, MSG_NOSIGNAL) == (ssize_t)length ? 0 : -errno;
}

static ssize_t recv_one(void *ctx, void *bytes, size_t room)
{
    struct wt_datagram *d = ctx;
    if (d->fd < 0)
        return -ENOTCONN;
    ssize_t n = recv(d->fd, bytes, room, 0);
    /* nobody there (ECONNREFUSED) is as good as nothing there: who asked asks again */
    return n > 0 ? n : 0;
}

struct wt_stream wt_datagram_stream(struct wt_datagram *d)
{
    return (struct wt_stream){d, open_socket, send_one, recv_one, hang_up};
}

int wt_datagram_fd(const struct wt_datagram *d)
{
    return d->fd;
}

void wt_datagram_destroy(struct wt_datagram *d)
{
    if (!d)
        return;
    hang_up(d);
    free(d);
}
