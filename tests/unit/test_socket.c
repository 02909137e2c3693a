/* The gateway's stream on TCP, against a listener in this process. Loopback only. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "host/gateway/socket.h"

static int listen_on(uint16_t *port)
{
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof at), 0);
    assert_int_equal(listen(fd, 4), 0);
    socklen_t length = sizeof at;
    getsockname(fd, (struct sockaddr *)&at, &length);
    *port = ntohs(at.sin_port);
    return fd;
}

static void settle(struct wt_socket *s)
{
    struct pollfd p = {.fd = wt_socket_fd(s), .events = POLLOUT};
    poll(&p, 1, 1000);
}

static ssize_t receive(struct wt_stream *stream, struct wt_socket *s, void *bytes, size_t room)
{
    ssize_t n = 0;
    for (int i = 0; i < 1000 && (n = stream->recv(stream->ctx, bytes, room)) == 0; i++) {
        struct pollfd p = {.fd = wt_socket_fd(s), .events = POLLIN};
        poll(&p, 1, 10);
    }
    return n;
}

static void bytes_go_both_ways(void **state)
{
    (void)state;
    uint16_t port;
    int server = listen_on(&port);
    struct wt_socket *s;
    assert_int_equal(wt_socket_create(&(struct wt_socket_config){.ip = INADDR_LOOPBACK, .port = port}, &s), 0);
    struct wt_stream stream = wt_socket_stream(s);
    uint8_t in[64];
    assert_int_equal(stream.send(stream.ctx, "x", 1), -ENOTCONN);
    assert_int_equal(stream.recv(stream.ctx, in, sizeof in), -ENOTCONN);
    int rc = stream.connect(stream.ctx);
    assert_true(rc == 0 || rc == -EINPROGRESS);
    settle(s);
    int peer = accept(server, NULL, NULL);
    assert_int_equal(stream.send(stream.ctx, "hello", 5), 0);
    assert_int_equal(recv(peer, in, sizeof in, 0), 5);
    assert_memory_equal(in, "hello", 5);
    assert_int_equal(stream.recv(stream.ctx, in, sizeof in), 0);
    assert_int_equal(send(peer, "back", 4, 0), 4);
    assert_int_equal(receive(&stream, s, in, sizeof in), 4);
    close(peer);
    assert_int_equal(receive(&stream, s, in, sizeof in), -ENOTCONN);
    assert_int_equal(wt_socket_fd(s), -1);
    wt_socket_destroy(s);
    close(server);
}

static void a_slow_peer_gets_everything_in_order(void **state)
{
    (void)state;
    uint16_t port;
    int server = listen_on(&port);
    struct wt_socket *s;
    assert_int_equal(wt_socket_create(&(struct wt_socket_config){.ip = INADDR_LOOPBACK, .port = port}, &s), 0);
    struct wt_stream stream = wt_socket_stream(s);
    stream.connect(stream.ctx);
    settle(s);
    int peer = accept(server, NULL, NULL);
    uint8_t block[1000];
    size_t sent = 0, got = 0;
    int rc;
    for (;;) { /* until neither the kernel nor the backlog takes more */
        for (size_t i = 0; i < sizeof block; i++)
            block[i] = (uint8_t)((sent + i) % 251);
        if ((rc = stream.send(stream.ctx, block, sizeof block)))
            break;
        sent += sizeof block;
        assert_true(sent < 1u << 30);
    }
    assert_int_equal(rc, -EAGAIN);
    static uint8_t in[65536];
    while (got < sent) {
        uint8_t none[1];
        assert_int_equal(stream.recv(stream.ctx, none, sizeof none), 0); /* pushes the backlog */
        ssize_t n = recv(peer, in, sizeof in, MSG_DONTWAIT);
        for (ssize_t i = 0; i < n; i++, got++)
            assert_int_equal(in[i], got % 251);
    }
    assert_int_equal(got, sent);
    close(peer);
    wt_socket_destroy(s);
    close(server);
}

static void nobody_there_is_told(void **state)
{
    (void)state;
    uint16_t port;
    close(listen_on(&port)); /* a port that was free a moment ago */
    struct wt_socket *s;
    assert_int_equal(wt_socket_create(&(struct wt_socket_config){.ip = INADDR_LOOPBACK, .port = port}, &s), 0);
    struct wt_stream stream = wt_socket_stream(s);
    int rc = stream.connect(stream.ctx);
    uint8_t in[8];
    if (rc == -EINPROGRESS) {
        settle(s);
        assert_int_equal(receive(&stream, s, in, sizeof in), -ENOTCONN);
    } else {
        assert_int_equal(rc, -ECONNREFUSED);
    }
    /* and it can be tried again, elsewhere */
    int server = listen_on(&port);
    wt_socket_address(s, INADDR_LOOPBACK, port);
    rc = stream.connect(stream.ctx);
    assert_true(rc == 0 || rc == -EINPROGRESS);
    settle(s);
    assert_int_equal(stream.send(stream.ctx, "x", 1), 0);
    wt_socket_destroy(s);
    close(server);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_go_both_ways),
        cmocka_unit_test(a_slow_peer_gets_everything_in_order),
        cmocka_unit_test(nobody_there_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
