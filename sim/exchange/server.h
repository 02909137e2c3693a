/*
 * Sockets around a venue (venue.h): UDP for the lines and re-requests, TCP for order entry and GLIMPSE, one epoll
 * loop, CLOCK_MONOTONIC. A line's address may be a multicast group or one host. One thread.
 */
#ifndef WT_SERVER_H
#define WT_SERVER_H

#include <stdint.h>

#include "sim/exchange/venue.h"

struct wt_server;

/** IPv4, as a number, and port; port 0 of a listener: any free one. */
struct wt_server_address {
    uint32_t ip;
    uint16_t port;
};

struct wt_server_config {
    struct wt_server_address line[2];                    /**< where the feed is sent; port 0: that line is off */
    uint32_t interface;                                  /**< own address that multicast leaves from */
    struct wt_server_address rerequest, orders, glimpse; /**< listened on; port 0 there: any free one */
};

/** "1.2.3.4:5" to an address. 0 or -EINVAL. */
int wt_server_parse(const char *text, struct wt_server_address *address);
/** What wt_venue_create takes as its wire, with the server as ctx once it exists. */
void wt_server_send(void *server, unsigned line, uint64_t when_ns, const uint8_t *mold, size_t length);
/** Open all sockets. Prints which one fails. -errno. */
int wt_server_create(const struct wt_server_config *config, struct wt_server **server);
void wt_server_destroy(struct wt_server *server);
/** The addresses that are listened on, with the ports that were free. */
void wt_server_addresses(const struct wt_server *server, struct wt_server_address *rerequest,
                         struct wt_server_address *orders, struct wt_server_address *glimpse);
/**
 * Start the venue and serve until a signal can be read from
 * stop_fd (a signalfd; -1: none; SIGUSR1: the market is done) or, with until_done, until the market is done. Then the
 * venue is ended; the end of session is said, and re-requests and clients are served, for linger_ns more, and up to 30
 * s more while a client of order entry has not logged out (0.2 s after a signal; another signal ends it at once). 0 or
 * -errno.
 */
int wt_server_run(struct wt_server *server, struct wt_venue *venue, int stop_fd, bool until_done, uint64_t linger_ns);
/** Packets that the network stack refused. */
uint64_t wt_server_unsent(const struct wt_server *server);

#endif
