/* `wiretick exchange` as a process of its own, on loopback, with small clients: good ones, bad ones, many. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/unit/venue_client.h"

#include "host/cli/cli.h"
#include "host/market/itch.h"
#include "host/market/pcap.h"
#include "host/market/twin.h"

#define PRICE 1000000u
enum { MESSAGES = 1 << 20, PATIENCE_MS = 10000, ACCOUNTS = 32 };

/* ---------------------------------------------------------------- the process */

struct venue {
    pid_t pid;
    FILE *out;
    char path[32];
    int line[2]; /* where the feed arrives */
    uint16_t rerequest, orders, glimpse;
};

static uint64_t now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

static struct sockaddr_in loopback(uint16_t port)
{
    return (struct sockaddr_in){
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr = {.s_addr = htonl(INADDR_LOOPBACK)}};
}

static int bind_udp(uint16_t *port)
{
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), room = 8 << 20;
    struct sockaddr_in at = loopback(0);
    socklen_t size = sizeof at;
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
    assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof at), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&at, &size), 0);
    *port = ntohs(at.sin_port);
    return fd;
}

/* Start it with a market and more --set, NULL at the end. */
static struct venue start(const char *market, const char *const *sets)
{
    struct venue v = {.path = "/tmp/wiretick-venue-XXXXXX"};
    uint16_t port[2];
    for (unsigned i = 0; i < 2; i++)
        v.line[i] = bind_udp(&port[i]);
    int fd = mkstemp(v.path), out[2];
    assert_true(fd >= 0);
    FILE *f = fdopen(fd, "w");
    fprintf(f,
            "market: {type: %s, symbols: [{name: ABC, price_cents: 10000}, {name: XYZ, price_cents: 2500}]}\n"
            "feed:\n  a: {address: '127.0.0.1:%u'}\n  b: {address: '127.0.0.1:%u'}\n  rerequest: '127.0.0.1:0'\n"
            "  heartbeat_ns: 20000000\n"
            "orders:\n  listen: '127.0.0.1:0'\n  accounts:\n",
            market, port[0], port[1]);
    for (unsigned i = 0; i < ACCOUNTS; i++)
        fprintf(f, "    - {username: U%u, password: secret}\n", i);
    fprintf(f, "glimpse: {listen: '127.0.0.1:0'}\n");
    fclose(f);
    assert_int_equal(pipe(out), 0);
    fflush(NULL);
    v.pid = fork();
    assert_true(v.pid >= 0);
    if (v.pid == 0) {
        char *argv[64] = {"exchange", v.path};
        int argc = 2;
        for (; sets && *sets; sets++) {
            argv[argc++] = "--set";
            argv[argc++] = (char *)*sets;
        }
        prctl(PR_SET_PDEATHSIG, SIGKILL); /* a test that fails leaves nothing behind */
        dup2(out[1], STDOUT_FILENO);
        close(out[0]);
        close(out[1]);
        exit(wt_cmd_exchange(argc, argv));
    }
    close(out[1]);
    v.out = fdopen(out[0], "r");
    char text[128];
    unsigned p;
    while (v.glimpse == 0 && fgets(text, sizeof text, v.out)) {
        if (sscanf(text, "rerequest 127.0.0.1:%u", &p) == 1)
            v.rerequest = (uint16_t)p;
        if (sscanf(text, "orders 127.0.0.1:%u", &p) == 1)
            v.orders = (uint16_t)p;
        if (sscanf(text, "glimpse 127.0.0.1:%u", &p) == 1)
            v.glimpse = (uint16_t)p;
    }
    assert_true(v.rerequest && v.orders && v.glimpse);
    return v;
}

/* Ctrl-C; the summary must be there, and the shares must add up. */
static void stop(struct venue *v)
{
    char text[256];
    int status;
    unsigned long long accepted, executed, canceled, open;
    bool found = false;
    kill(v->pid, SIGINT);
    while (fgets(text, sizeof text, v->out)) {
        if (sscanf(text, "shares %llu accepted = %llu executed + %llu canceled + %llu open", &accepted, &executed,
                   &canceled, &open) == 4) {
            found = true;
            assert_int_equal(accepted, executed + canceled + open);
            assert_int_equal(open, 0); /* the end of the day cancels */
        }
    }
    assert_true(found);
    assert_int_equal(waitpid(v->pid, &status, 0), v->pid);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
    fclose(v->out);
    unlink(v->path);
    close(v->line[0]);
    close(v->line[1]);
}

/* ---------------------------------------------------------------- clients */

struct client {
    int fd;
    struct wt_soup_parser parser;
};

static struct client *dial(uint16_t port)
{
    struct client *c = calloc(1, sizeof *c);
    struct sockaddr_in to = loopback(port);
    int on = 1;
    c->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    assert_int_equal(connect(c->fd, (struct sockaddr *)&to, sizeof to), 0);
    wt_soup_init(&c->parser, WT_SOUP_FROM_SERVER);
    return c;
}

static void hang_up(struct client *c)
{
    close(c->fd);
    free(c);
}

static void say(struct client *c, const void *bytes, size_t length)
{
    assert_int_equal(send(c->fd, bytes, length, MSG_NOSIGNAL), length);
}

/* The next packet that is no heartbeat. False: the venue closed the connection. */
static bool hear(struct client *c, struct wt_soup_packet *packet)
{
    uint64_t end = now_ms() + PATIENCE_MS;
    for (;;) {
        int rc = wt_soup_next(&c->parser, packet);
        assert_true(rc >= 0);
        if (rc > 0 && packet->type != WT_SOUP_SERVER_HEARTBEAT)
            return true;
        if (rc > 0)
            continue;
        assert_true(now_ms() < end);
        size_t room;
        uint8_t *to = wt_soup_room(&c->parser, &room);
        struct pollfd p = {.fd = c->fd, .events = POLLIN};
        if (poll(&p, 1, 100) <= 0)
            continue;
        ssize_t n = recv(c->fd, to, room, 0);
        if (n <= 0)
            return false;
        wt_soup_commit(&c->parser, (size_t)n);
    }
}

static struct wt_ouch hear_ouch(struct client *c, char type)
{
    struct wt_soup_packet packet;
    struct wt_ouch m;
    assert_true(hear(c, &packet));
    assert_int_equal(packet.type, WT_SOUP_SEQUENCED);
    assert_int_equal(wt_ouch_decode(WT_OUCH_OUT, packet.payload, packet.length, &m), 0);
    assert_int_equal(m.type, type);
    return m;
}

static struct client *log_in(uint16_t port, const char *user, const char *password, uint64_t sequence)
{
    struct client *c = dial(port);
    uint8_t bytes[64];
    struct wt_soup_packet packet;
    struct wt_soup_login_accepted accepted;
    say(c, bytes, put_login(bytes, user, password, sequence));
    assert_true(hear(c, &packet));
    assert_int_equal(wt_soup_get_login_accepted(&packet, &accepted), 0);
    if (sequence != 0)
        assert_int_equal(accepted.sequence, sequence);
    return c;
}

static void enter(struct client *c, uint32_t ref, char side, uint32_t shares, uint32_t price)
{
    uint8_t bytes[256];
    say(c, bytes, put_enter(bytes, ref, side, shares, "ABC", price));
}

/* The venue still serves: somebody new to it gets an order accepted. */
static void check_alive(const struct venue *v, const char *user, uint32_t ref)
{
    struct client *c = log_in(v->orders, user, "secret", 0);
    enter(c, ref, 'B', 100, PRICE - 50000);
    assert_int_equal(hear_ouch(c, WT_OUCH_ACCEPTED).user_ref, ref);
    hang_up(c);
}

/* ---------------------------------------------------------------- the feed */

struct feed {
    uint8_t session[10];
    uint64_t next;     /* sequence number wanted */
    uint64_t promised; /* the highest next sequence that a packet spoke of */
    bool ended;
    struct wt_twin *twin;
    unsigned types[256];
    uint64_t recovered, damaged;
};

static void feed_start(struct feed *f)
{
    struct wt_twin_config config;
    memset(f, 0, sizeof *f);
    wt_twin_defaults(&config);
    config.max_orders = 1 << 18;
    assert_int_equal(wt_twin_create(&config, &f->twin), 0);
    f->next = 1;
}

/* Take what is new in a packet; what is missing before it is asked for again. */
static void feed_packet(struct feed *f, const uint8_t *mold, size_t length)
{
    if (length < WT_MOLD_HEADER || !wt_mold_well_formed(mold, length) || memcmp(mold, "WTICK00001", 10) != 0) {
        f->damaged++;
        return;
    }
    memcpy(f->session, mold, 10);
    uint64_t sequence = wt_be64(mold + 10);
    uint16_t count = wt_be16(mold + 18);
    if (count == WT_MOLD_END_OF_SESSION) {
        f->ended = true;
        count = 0;
    }
    if (sequence + count > f->promised)
        f->promised = sequence + count;
    const uint8_t *block = mold + WT_MOLD_HEADER;
    for (; count > 0; count--, sequence++) {
        size_t n = wt_be16(block);
        if (sequence == f->next) {
            struct wt_twin_result result;
            wt_twin_message(f->twin, f->next++, block + 2, n, &result);
            f->types[block[2]]++;
        }
        block += 2 + n;
    }
}

/* Ask for what is missing. */
static void feed_recover(struct feed *f, uint16_t port)
{
    uint8_t request[20], reply[2048];
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in to = loopback(port);
    assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof to), 0);
    uint64_t end = now_ms() + PATIENCE_MS;
    while (f->next < f->promised) {
        assert_true(now_ms() < end);
        uint64_t before = f->next, missing = f->promised - f->next;
        memcpy(request, f->session, 10);
        wt_put_be64(request + 10, f->next);
        wt_put_be16(request + 18, missing > 1000 ? 1000 : (uint16_t)missing);
        assert_int_equal(send(fd, request, sizeof request, 0), sizeof request);
        struct pollfd p = {.fd = fd, .events = POLLIN};
        if (poll(&p, 1, 200) <= 0)
            continue;
        ssize_t n = recv(fd, reply, sizeof reply, 0);
        assert_true(n > 0);
        feed_packet(f, reply, (size_t)n);
        f->recovered += f->next - before;
    }
    close(fd);
}

/* Read both lines until `until` is seen or, with 0, the end of session; what neither had is asked for. */
static void feed_read(struct feed *f, const struct venue *v, uint64_t until)
{
    uint8_t packet[2048];
    uint64_t end = now_ms() + 3 * PATIENCE_MS;
    while (until ? f->promised < until : !f->ended) {
        assert_true(now_ms() < end);
        struct pollfd p[2] = {{.fd = v->line[0], .events = POLLIN}, {.fd = v->line[1], .events = POLLIN}};
        poll(p, 2, 100);
        for (unsigned i = 0; i < 2; i++) {
            ssize_t n;
            while ((n = recv(v->line[i], packet, sizeof packet, MSG_DONTWAIT)) > 0) {
                feed_packet(f, packet, (size_t)n);
                if (f->next + 2000 < f->promised)
                    feed_recover(f, v->rerequest);
            }
        }
    }
    feed_recover(f, v->rerequest);
}

static void no_complaints(const struct feed *f)
{
    struct wt_twin_stats s;
    wt_twin_stats(f->twin, &s);
    assert_int_equal(s.senseless + s.unknown_ref + s.excess + s.zero_add + s.bad_length + s.unknown_type, 0);
}

/* A snapshot, as a feed that goes on from the sequence number that G says. */
static void snapshot(struct feed *f, const struct venue *v)
{
    feed_start(f);
    struct client *c = log_in(v->glimpse, "WT0001", "wiretick", 1);
    struct wt_soup_packet packet;
    uint64_t sequence = 1;
    for (;;) {
        assert_true(hear(c, &packet));
        assert_int_equal(packet.type, WT_SOUP_SEQUENCED);
        if (packet.payload[0] == 'G')
            break;
        struct wt_twin_result result;
        f->types[packet.payload[0]]++;
        wt_twin_message(f->twin, sequence++, packet.payload, packet.length, &result);
    }
    assert_int_equal(packet.length, 21);
    char text[21] = "";
    memcpy(text, packet.payload + 1, 20);
    f->next = strtoull(text, NULL, 10);
    hang_up(c);
}

static void same_books(const struct feed *a, const struct feed *b)
{
    for (uint16_t locate = 1; locate <= 2; locate++) {
        for (const char *side = "BS"; *side; side++) {
            uint32_t pa, pb, oa, ob;
            uint64_t sa, sb;
            bool more = true;
            for (size_t level = 0; more; level++) {
                more = wt_twin_level(a->twin, wt_twin_by_locate(a->twin, locate), *side, level, &pa, &sa, &oa);
                assert_int_equal(
                    wt_twin_level(b->twin, wt_twin_by_locate(b->twin, locate), *side, level, &pb, &sb, &ob), more);
                assert_true(!more || (pa == pb && sa == sb && oa == ob));
            }
        }
    }
}

/* ---------------------------------------------------------------- tests */

static void orders_fills_feed_and_snapshots(void **state)
{
    (void)state;
    struct venue v = start("empty", NULL);
    struct client *a = log_in(v.orders, "U0", "secret", 1), *b = log_in(v.orders, "u1", "SECRET", 1);
    assert_int_equal(hear_ouch(a, WT_OUCH_SYSTEM).event, 'S');
    assert_int_equal(hear_ouch(b, WT_OUCH_SYSTEM).event, 'S');
    enter(a, 1, 'B', 300, PRICE);
    struct wt_ouch accepted = hear_ouch(a, WT_OUCH_ACCEPTED);
    assert_int_equal(accepted.price, PRICE);
    assert_int_equal(accepted.quantity, 300);
    enter(b, 1, 'S', 100, PRICE);
    hear_ouch(b, WT_OUCH_ACCEPTED);
    struct wt_ouch took = hear_ouch(b, WT_OUCH_EXECUTED), gave = hear_ouch(a, WT_OUCH_EXECUTED);
    assert_int_equal(took.match, gave.match);
    assert_int_equal(took.liquidity, 'R');
    assert_int_equal(gave.liquidity, 'A');
    assert_int_equal(gave.quantity, 100);
    struct feed f, g;
    feed_start(&f);
    /* O R H R H S Q, then A and E */
    feed_read(&f, &v, 10);
    assert_int_equal(f.next, 10);
    assert_int_equal(f.types['R'] + f.types['H'] + f.types['S'], 7);
    assert_int_equal(f.types['A'] + f.types['E'], 2);
    snapshot(&g, &v);
    assert_int_equal(g.next, 10);
    assert_int_equal(g.types['A'], 1);
    same_books(&f, &g);
    uint32_t price, count;
    uint64_t shares;
    assert_true(wt_twin_level(g.twin, wt_twin_by_locate(g.twin, 1), 'B', 0, &price, &shares, &count));
    assert_int_equal(shares, 200);
    /* All from the start once more, from the re-request server alone. */
    struct feed again;
    feed_start(&again);
    memcpy(again.session, "WTICK00001", 10);
    again.promised = 10;
    feed_recover(&again, v.rerequest);
    assert_int_equal(again.recovered, 9);
    same_books(&f, &again);
    /* The snapshot and what comes after it. */
    enter(a, 2, 'B', 50, PRICE - 100);
    hear_ouch(a, WT_OUCH_ACCEPTED);
    feed_read(&f, &v, 11);
    feed_recover(&f, v.rerequest);
    g.promised = 11;
    memcpy(g.session, f.session, 10);
    feed_recover(&g, v.rerequest);
    same_books(&f, &g);
    no_complaints(&f);
    no_complaints(&g);
    wt_twin_destroy(f.twin);
    wt_twin_destroy(g.twin);
    wt_twin_destroy(again.twin);
    hang_up(a);
    hang_up(b);
    stop(&v);
}

static void bad_clients_hurt_only_themselves(void **state)
{
    (void)state;
    struct venue v = start("empty", NULL);
    struct client *good = log_in(v.orders, "U0", "secret", 0), *c;
    struct wt_soup_packet packet;
    uint8_t bytes[512];
    srand(1);
    for (unsigned i = 0; i < 30; i++) { /* garbage, to both ports */
        c = dial(i % 2 ? v.orders : v.glimpse);
        for (size_t n = 0; n < sizeof bytes; n++)
            bytes[n] = (uint8_t)rand();
        bytes[0] = 0; /* a short packet, so that it is looked at */
        bytes[1] &= 31;
        send(c->fd, bytes, sizeof bytes, MSG_NOSIGNAL);
        assert_false(hear(c, &packet));
        hang_up(c);
    }
    /* An order before the login. */
    c = dial(v.orders);
    enter(c, 1, 'B', 100, PRICE);
    assert_false(hear(c, &packet));
    hang_up(c);
    /* A wrong password, an unknown user, another session. */
    for (unsigned i = 0; i < 3; i++) {
        c = dial(v.orders);
        size_t n = put_login(bytes, i == 1 ? "NOBODY" : "U0", i == 0 ? "wrong" : "secret", 1);
        if (i == 2)
            memcpy(bytes + 3 + 16, "OTHER     ", 10);
        say(c, bytes, n);
        assert_true(hear(c, &packet));
        assert_int_equal(packet.type, WT_SOUP_LOGIN_REJECTED);
        assert_int_equal(packet.payload[0], i == 2 ? 'S' : 'A');
        assert_false(hear(c, &packet));
        hang_up(c);
    }
    /* Half a login, and gone; and another that stays. */
    c = dial(v.orders);
    say(c, bytes, 20);
    hang_up(c);
    struct client *half = dial(v.orders);
    say(half, bytes, 20);
    /* A packet that breaks the protocol after the login; messages that break OUCH. */
    c = log_in(v.orders, "U1", "secret", 0);
    struct wt_ouch m = make_enter(1, 'B', 0, "ABC", PRICE);
    say(c, bytes, put_ouch(bytes, &m));
    assert_int_equal(hear_ouch(c, WT_OUCH_REJECTED).reason, WT_OUCH_REJECT_QUANTITY);
    m = make_enter(2, 'B', 2000000, "ABC", PRICE);
    say(c, bytes, put_ouch(bytes, &m));
    assert_int_equal(hear_ouch(c, WT_OUCH_REJECTED).reason, WT_OUCH_REJECT_QUANTITY);
    m = make_enter(3, 'B', 100, "ABC", PRICE + 1);
    say(c, bytes, put_ouch(bytes, &m));
    assert_int_equal(hear_ouch(c, WT_OUCH_REJECTED).reason, WT_OUCH_REJECT_PRICE);
    m = make_enter(4, 'B', 100, "NONE", PRICE);
    say(c, bytes, put_ouch(bytes, &m));
    assert_int_equal(hear_ouch(c, WT_OUCH_REJECTED).reason, WT_OUCH_REJECT_SYMBOL);
    size_t n = (size_t)wt_soup_put(bytes, sizeof bytes, WT_SOUP_UNSEQUENCED, "O\0\0\0\5", 5); /* cut */
    say(c, bytes, n);
    assert_int_equal(hear_ouch(c, WT_OUCH_REJECTED).user_ref, 5);
    say(c, "\0\2ZZ", 4);
    assert_false(hear(c, &packet));
    hang_up(c);
    /* Requests that are none: nobody answers, nothing breaks. */
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in to = loopback(v.rerequest);
    for (n = 0; n < 64; n++)
        sendto(fd, bytes, n, 0, (struct sockaddr *)&to, sizeof to);
    close(fd);
    /* Who was there all the time noticed nothing. */
    enter(good, 1, 'B', 100, PRICE);
    hear_ouch(good, WT_OUCH_ACCEPTED);
    check_alive(&v, "U2", 1);
    hang_up(half);
    hang_up(good);
    stop(&v);
}

static void segments_split_and_glued(void **state)
{
    (void)state;
    struct venue v = start("empty", NULL);
    uint8_t bytes[2048];
    size_t n = put_login(bytes, "U0", "secret", 0);
    n += put_enter(bytes + n, 1, 'B', 100, "ABC", PRICE);
    n += put_enter(bytes + n, 2, 'B', 200, "XYZ", PRICE);
    struct client *c = dial(v.orders);
    for (size_t i = 0; i < n; i++) {
        say(c, bytes + i, 1);
        if (i % 16 == 0)
            usleep(300);
    }
    struct wt_soup_packet packet;
    assert_true(hear(c, &packet));
    assert_int_equal(packet.type, WT_SOUP_LOGIN_ACCEPTED);
    assert_int_equal(hear_ouch(c, WT_OUCH_ACCEPTED).quantity, 100);
    assert_int_equal(hear_ouch(c, WT_OUCH_ACCEPTED).quantity, 200);
    hang_up(c);
    n = put_login(bytes, "U1", "secret", 0);
    for (uint32_t ref = 1; ref <= 20; ref++)
        n += put_enter(bytes + n, ref, 'B', ref, "ABC", PRICE);
    c = dial(v.orders);
    say(c, bytes, n);
    assert_true(hear(c, &packet));
    for (uint32_t ref = 1; ref <= 20; ref++)
        assert_int_equal(hear_ouch(c, WT_OUCH_ACCEPTED).quantity, ref);
    hang_up(c);
    stop(&v);
}

static void what_was_missed_is_replayed(void **state)
{
    (void)state;
    struct venue v = start("empty", NULL);
    struct client *a = log_in(v.orders, "U0", "secret", 1), *b = log_in(v.orders, "U1", "secret", 0);
    hear_ouch(a, WT_OUCH_SYSTEM);
    enter(a, 1, 'B', 300, PRICE);
    hear_ouch(a, WT_OUCH_ACCEPTED);
    hang_up(a);
    enter(b, 1, 'S', 100, PRICE);
    hear_ouch(b, WT_OUCH_ACCEPTED);
    hear_ouch(b, WT_OUCH_EXECUTED);
    a = log_in(v.orders, "U0", "secret", 3); /* the order outlived the connection */
    assert_int_equal(hear_ouch(a, WT_OUCH_EXECUTED).quantity, 100);
    /* The same user comes from elsewhere: the old connection ends, the new one has everything. */
    struct client *other = log_in(v.orders, "U0", "secret", 2);
    struct wt_soup_packet packet;
    assert_false(hear(a, &packet));
    hear_ouch(other, WT_OUCH_ACCEPTED);
    hear_ouch(other, WT_OUCH_EXECUTED);
    hang_up(a);
    hang_up(other);
    hang_up(b);
    stop(&v);
}

static void many_sessions_at_once(void **state)
{
    (void)state;
    struct venue v = start("empty", NULL);
    struct client *c[ACCOUNTS];
    for (unsigned i = 0; i < ACCOUNTS; i++) {
        char user[8];
        snprintf(user, sizeof user, "U%u", i);
        c[i] = log_in(v.orders, user, "secret", 0);
    }
    for (uint32_t ref = 1; ref <= 20; ref++)
        for (unsigned i = 0; i < ACCOUNTS; i++)
            enter(c[i], ref, i % 2 ? 'S' : 'B', 100, PRICE); /* each meets one of another account */
    uint64_t executed = 0;
    for (unsigned i = 0; i < ACCOUNTS; i++) {
        unsigned accepted = 0, shares = 0;
        while (accepted < 20 || shares < 2000) {
            struct wt_soup_packet packet;
            struct wt_ouch m;
            assert_true(hear(c[i], &packet));
            assert_int_equal(wt_ouch_decode(WT_OUCH_OUT, packet.payload, packet.length, &m), 0);
            accepted += m.type == WT_OUCH_ACCEPTED;
            shares += m.type == WT_OUCH_EXECUTED ? m.quantity : 0;
        }
        executed += shares;
        hang_up(c[i]);
    }
    assert_int_equal(executed, 2000 * ACCOUNTS);
    stop(&v);
}

/* Agents trade, both lines have every fault, and the books come out whole. */
static void books_are_whole_in_spite_of_faults(void **state)
{
    (void)state;
    static const char *const sets[] = {
        "market.seconds=20",           "market.speed=20",           "feed.a.loss_ppm=200000",
        "feed.a.duplicate_ppm=100000", "feed.a.reorder_ppm=100000", "feed.a.corrupt_ppm=100000",
        "feed.b.loss_ppm=200000",      "feed.b.skew_ns=300000",     "feed.b.corrupt_ppm=100000",
        "feed.b.down_at_ms=300",       "feed.b.down_for_ms=300",    NULL};
    struct venue v = start("agents", sets);
    struct feed f, g;
    feed_start(&f);
    feed_read(&f, &v, 1000);
    snapshot(&g, &v); /* in the middle of it all */
    memcpy(g.session, f.session, 10);
    feed_read(&f, &v, 0);
    g.promised = f.promised;
    feed_recover(&g, v.rerequest);
    assert_int_equal(f.next, g.next);
    same_books(&f, &g);
    no_complaints(&f);
    no_complaints(&g);
    assert_true(f.next > 2000 && f.recovered > 0 && f.damaged > 0);
    wt_twin_destroy(f.twin);
    wt_twin_destroy(g.twin);
    stop(&v);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(orders_fills_feed_and_snapshots), cmocka_unit_test(bad_clients_hurt_only_themselves),
        cmocka_unit_test(segments_split_and_glued),        cmocka_unit_test(what_was_missed_is_replayed),
        cmocka_unit_test(many_sessions_at_once),           cmocka_unit_test(books_are_whole_in_spite_of_faults),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
