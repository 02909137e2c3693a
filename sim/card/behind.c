#include "sim/card/behind.h"

#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
    FEW = 24 << 10, /* bytes as the kernel counts them: some 20 datagrams */
    PAUSE_NS = 50000,
    PAUSES = 40000 /* two seconds and more */
};

void wt_behind_open(struct wt_behind *b)
{
    *b = (struct wt_behind){.fd = socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC, NETLINK_SOCK_DIAG)};
}

void wt_behind_close(struct wt_behind *b)
{
    if (b->fd >= 0)
        close(b->fd);
    b->fd = -1;
}

/* Bytes in the queue of the socket; 0 if it is not found. */
static uint32_t queued(const struct wt_behind *b, const struct sockaddr_in *to, const struct sockaddr_in *from)
{
    struct {
        struct nlmsghdr head;
        struct inet_diag_req_v2 body;
    } ask = {.head = {.nlmsg_len = sizeof ask, .nlmsg_type = SOCK_DIAG_BY_FAMILY, .nlmsg_flags = NLM_F_REQUEST},
             .body = {.sdiag_family = AF_INET, .sdiag_protocol = IPPROTO_UDP, .idiag_states = ~0u}};
    struct {
        struct nlmsghdr head;
        struct inet_diag_msg body;
        uint8_t more[1024];
    } answer;
    /* as a datagram has it that is looked for a socket for: where it comes from is the source */
    ask.body.id.idiag_src[0] = from->sin_addr.s_addr;
    ask.body.id.idiag_sport = from->sin_port;
    ask.body.id.idiag_dst[0] = to->sin_addr.s_addr;
    ask.body.id.idiag_dport = to->sin_port;
    ask.body.id.idiag_cookie[0] = ask.body.id.idiag_cookie[1] = INET_DIAG_NOCOOKIE;
    if (send(b->fd, &ask, sizeof ask, 0) != sizeof ask)
        return 0;
    ssize_t n = recv(b->fd, &answer, sizeof answer, 0);
    if (n < (ssize_t)(sizeof answer.head + sizeof answer.body) || answer.head.nlmsg_type != SOCK_DIAG_BY_FAMILY ||
        answer.body.id.idiag_sport != to->sin_port)
        return 0;
    return answer.body.idiag_rqueue;
}

void wt_behind_wait(struct wt_behind *b, const struct sockaddr_in *to, const struct sockaddr_in *from)
{
    if (b->fd < 0)
        return;
    bool behind = queued(b, to, from) > FEW;
    for (unsigned i = 0; behind && !b->hung && i < PAUSES; i++) {
        if (nanosleep(&(struct timespec){.tv_nsec = PAUSE_NS}, NULL) < 0)
            return;
        behind = queued(b, to, from) > FEW;
    }
    b->hung = behind;
}
