#include "sim/card/board.h"

#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host/common/log.h"

enum {
    QUEUE = 256,  /* frames on a port */
    PREAMBLE = 8, /* the start character included */
    LEAST = 60,   /* a frame without FCS */
    FCS = 4,
    GAP = 12,
    RESET_CYCLES = 1 << 12
};
#define RESIDUE 0xdebb20e3u

struct out {
    struct {
        uint32_t length;
        uint8_t bytes[PREAMBLE + WT_BOARD_FRAME + FCS];
    } frame[QUEUE];
    unsigned head, tail; /* monotonic */
    uint32_t at, gap;
};

struct in {
    uint8_t bytes[PREAMBLE + WT_BOARD_FRAME + FCS + 1];
    uint32_t length, idle;
};

struct wt_board {
    const struct wt_board_api *api;
    void *library, *model;
    struct wt_board_pins pins;
    struct out out[WT_BOARD_PORTS];
    struct in in[WT_BOARD_PORTS];
    struct wt_board_stats stats;
    uint32_t crc_table[256];
    void (*received)(void *ctx, enum wt_board_port port, const uint8_t *frame, size_t length);
    void *ctx;
};

static uint32_t crc(const struct wt_board *b, const uint8_t *bytes, size_t n)
{
    uint32_t c = ~0u;
    for (size_t i = 0; i < n; i++)
        c = c >> 8 ^ b->crc_table[(c ^ bytes[i]) & 0xff];
    return c;
}

static int load(struct wt_board *b, const char *path)
{
    char beside[PATH_MAX];
    if (!path) {
        ssize_t n = readlink("/proc/self/exe", beside, sizeof beside - 32);
        if (n < 0)
            return -errno;
        beside[n] = 0;
        char *slash = strrchr(beside, '/');
        snprintf(slash ? slash + 1 : beside, 32, "libwtversa.so");
        path = beside;
    }
    b->library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    const struct wt_board_api *(*get)(void) = NULL;
    if (b->library)
        *(void **)&get = dlsym(b->library, "wt_board_get");
    b->api = get ? get() : NULL;
    if (b->api && b->api->abi == WT_BOARD_ABI)
        return 0;
    wt_error("board: %s cannot be used: %s; `make board` builds it", path,
             b->api ? "it is of another version" : dlerror());
    return -ENOEXEC;
}

int wt_board_create(const char *model_path,
                    void (*received)(void *ctx, enum wt_board_port port, const uint8_t *frame, size_t length),
                    void *ctx, struct wt_board **board)
{
    struct wt_board *b = calloc(1, sizeof *b);
    if (!b) {
        wt_error("board: no memory");
        return -ENOMEM;
    }
    for (uint32_t i = 0; i < 256; i++) {
        uint32_t c = i;
        for (int k = 0; k < 8; k++)
            c = c >> 1 ^ (c & 1 ? 0xedb88320u : 0);
        b->crc_table[i] = c;
    }
    b->received = received;
    b->ctx = ctx;
    int e = load(b, model_path);
    if (e == 0 && !(b->model = b->api->create()))
        e = -ENOMEM;
    if (e < 0) {
        wt_board_destroy(b);
        return e;
    }
    b->pins.reset = 1;
    wt_board_run(b, 16);
    b->pins.reset = 0;
    wt_board_run(b, RESET_CYCLES);
    *board = b;
    return 0;
}

void wt_board_destroy(struct wt_board *b)
{
    if (!b)
        return;
    if (b->model)
        b->api->destroy(b->model);
    if (b->library)
        dlclose(b->library);
    free(b);
}

int wt_board_send(struct wt_board *b, enum wt_board_port port, const void *frame, size_t length)
{
    struct out *o = &b->out[port];
    if (length == 0 || length > WT_BOARD_FRAME)
        return -EINVAL;
    if (o->head - o->tail == QUEUE)
        return -ENOBUFS;
    uint8_t *bytes = o->frame[o->head % QUEUE].bytes;
    size_t n = length < LEAST ? LEAST : length;
    memset(bytes, 0x55, PREAMBLE - 1);
    bytes[PREAMBLE - 1] = 0xd5;
    memcpy(bytes + PREAMBLE, frame, length);
    memset(bytes + PREAMBLE + length, 0, n - length);
    uint32_t fcs = ~crc(b, bytes + PREAMBLE, n);
    memcpy(bytes + PREAMBLE + n, &fcs, FCS);
    o->frame[o->head % QUEUE].length = (uint32_t)(PREAMBLE + n + FCS);
    o->head++;
    b->stats.sent[port]++;
    return 0;
}

unsigned wt_board_queued(const struct wt_board *b, enum wt_board_port port)
{
    return b->out[port].head - b->out[port].tail;
}

/* The frame has ended. */
static void check(struct wt_board *b, enum wt_board_port port)
{
    struct in *in = &b->in[port];
    uint32_t n = in->length;
    bool good = n >= PREAMBLE + LEAST + FCS && n < sizeof in->bytes && in->idle >= GAP &&
                memcmp(in->bytes, "\x55\x55\x55\x55\x55\x55\x55\xd5", PREAMBLE) == 0 &&
                crc(b, in->bytes + PREAMBLE, n - PREAMBLE) == RESIDUE;
    in->length = in->idle = 0;
    if (!good) {
        b->stats.broken++;
        return;
    }
    b->stats.received[port]++;
    b->received(b->ctx, port, in->bytes + PREAMBLE, n - PREAMBLE - FCS);
}

static void put_byte(struct wt_board *b, unsigned port)
{
    struct out *o = &b->out[port];
    b->pins.rx_valid[port] = 0;
    if (o->gap > 0)
        o->gap--;
    else if (o->head != o->tail) {
        b->pins.rx_valid[port] = 1;
        b->pins.rx[port] = o->frame[o->tail % QUEUE].bytes[o->at++];
        if (o->at == o->frame[o->tail % QUEUE].length) {
            o->at = 0;
            o->gap = GAP;
            o->tail++;
        }
    }
}

static void get_byte(struct wt_board *b, unsigned port)
{
    struct in *in = &b->in[port];
    if (b->pins.tx_valid[port]) {
        if (in->length < sizeof in->bytes)
            in->bytes[in->length++] = b->pins.tx[port];
    } else {
        if (in->length > 0)
            check(b, port);
        in->idle += in->idle < GAP;
    }
}

void wt_board_run(struct wt_board *b, uint64_t cycles)
{
    b->stats.cycles += cycles;
    for (; cycles > 0; cycles--) {
        for (unsigned port = 0; port < WT_BOARD_PORTS; port++)
            put_byte(b, port);
        b->api->cycle(b->model, &b->pins);
        for (unsigned port = 0; port < WT_BOARD_PORTS; port++)
            get_byte(b, port);
    }
}

void wt_board_stats(const struct wt_board *b, struct wt_board_stats *stats)
{
    *stats = b->stats;
}
