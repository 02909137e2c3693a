#include "sim/card/xgmii.h"

enum { START = 0xfb, TERMINATE = 0xfd, ERROR = 0xfe, IDLE = 0x07, MIN_FRAME = 60, LEAST_GAP = 9, PAUSE = 8 };

/* table[k][b]: what a byte leaves in the register after k more bytes of zero */
static uint32_t table[8][256];

void wt_xgmii_tables(void)
{
    for (uint32_t b = 0; b < 256; b++) {
        uint32_t c = b;
        for (int i = 0; i < 8; i++)
            c = c >> 1 ^ (c & 1 ? 0xedb88320u : 0);
        table[0][b] = c;
    }
    for (int k = 1; k < 8; k++)
        for (uint32_t b = 0; b < 256; b++)
            table[k][b] = table[k - 1][b] >> 8 ^ table[0][table[k - 1][b] & 0xff];
}

void wt_xgmii_init(struct wt_xgmii *x)
{
    memset(x, 0, sizeof *x);
    x->ended = 255;
}

static void put(struct wt_xgmii *x, uint8_t byte, int control)
{
    unsigned at = x->tail++ % WT_XGMII_ROOM;
    x->bytes[at] = byte;
    if (control)
        x->control[at / 8] |= (uint8_t)(1u << at % 8);
}

static void fill(struct wt_xgmii *x)
{
    while (x->tail % 8)
        put(x, IDLE, 1);
}

static void data_byte(struct wt_xgmii *x, uint8_t byte)
{
    x->crc = x->crc >> 8 ^ table[0][(x->crc ^ byte) & 0xff];
    x->length++;
    put(x, byte, 0);
}

static void start(struct wt_xgmii *x)
{
    /* bytes from the end character to lane 0 of this word */
    uint64_t gap = x->head == x->tail ? 8 * x->ended + 8 - x->end_lane : 8 - x->end_lane;
    x->frames++;
    if (gap < LEAST_GAP || (x->ended >= PAUSE && x->frames % 2))
        for (int i = 0; i < 4; i++)
            put(x, IDLE, 1);
    put(x, START, 1);
    for (int i = 0; i < 6; i++)
        put(x, 0x55, 0);
    put(x, 0xd5, 0);
    x->crc = 0xffffffffu;
    x->length = 0;
    x->in_frame = 1;
    x->ended = 0;
}

uint8_t wt_xgmii_take(struct wt_xgmii *x, const struct wt_xgmii_beat *beat)
{
    if (!beat->valid) {
        for (int i = 0; i < 8; i++)
            put(x, ERROR, 1);
        return 0;
    }
    if (!x->in_frame)
        start(x);
    if (beat->keep == 0xff) {
        uint64_t v = beat->data ^ x->crc;
        x->crc = table[7][v & 0xff] ^ table[6][v >> 8 & 0xff] ^ table[5][v >> 16 & 0xff] ^ table[4][v >> 24 & 0xff] ^
                 table[3][v >> 32 & 0xff] ^ table[2][v >> 40 & 0xff] ^ table[1][v >> 48 & 0xff] ^ table[0][v >> 56];
        x->length += 8;
        for (int i = 0; i < 8; i += 4) { /* the tail is a multiple of four here, and so is the room */
            uint32_t half = (uint32_t)(beat->data >> 8 * i);
            memcpy(x->bytes + x->tail % WT_XGMII_ROOM, &half, 4);
            x->tail += 4;
        }
    } else {
        for (int i = 0; i < 8 && beat->keep >> i & 1; i++)
            data_byte(x, (uint8_t)(beat->data >> 8 * i));
    }
    if (!beat->last)
        return 0;
    while (x->length < MIN_FRAME)
        data_byte(x, 0);
    uint32_t fcs = beat->error ? x->crc : ~x->crc;
    for (int i = 0; i < 4; i++)
        put(x, (uint8_t)(fcs >> 8 * i), 0);
    uint8_t lag = (uint8_t)((x->tail - 1 - x->head) / 8);
    x->end_lane = x->tail % 8;
    put(x, TERMINATE, 1);
    fill(x);
    x->in_frame = 0;
    return lag;
}
