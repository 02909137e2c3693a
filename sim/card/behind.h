/*
 * How far behind a process of this machine is with the datagrams that it is sent.
 *
 * A simulated board's time is not the machine's: a host that is not given the processor for a moment would be away for
 * as long as a real one hardly ever is. So the board's time can stop until the host has caught up. The kernel is asked
 * (sock_diag(7)); of a host on another machine it knows nothing.
 */
#ifndef WT_BEHIND_H
#define WT_BEHIND_H

#include <netinet/in.h>
#include <stdbool.h>

struct wt_behind {
    int fd;
    bool hung; /**< it did not take anything for long: nobody waits any more until it does */
};

/** Where the kernel cannot be asked nobody ever waits. */
void wt_behind_open(struct wt_behind *b);
/**
 * Waits until the connected socket `to` has taken most of what `from` has sent to it; up to two seconds, or a signal.
 * IPv4 UDP.
 */
void wt_behind_wait(struct wt_behind *b, const struct sockaddr_in *to, const struct sockaddr_in *from);
void wt_behind_close(struct wt_behind *b);

#endif
