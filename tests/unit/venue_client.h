/* A small client of the venue for tests: SoupBinTCP packets and OUCH messages, made by hand and taken apart. */
#ifndef WT_VENUE_CLIENT_H
#define WT_VENUE_CLIENT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "host/common/bytes.h"
#include "host/gateway/ouch.h"
#include "host/gateway/soup.h"

static inline size_t put_login(uint8_t *to, const char *user, const char *password, uint64_t sequence)
{
    struct wt_soup_login_request login = {.sequence = sequence};
    memcpy(login.username, user, strnlen(user, sizeof login.username - 1));
    memcpy(login.password, password, strnlen(password, sizeof login.password - 1));
    int n = wt_soup_put_login_request(to, 64, &login);
    assert_true(n > 0);
    return (size_t)n;
}

static inline size_t put_ouch(uint8_t *to, const struct wt_ouch *m)
{
    uint8_t bytes[256];
    int n = wt_ouch_encode(WT_OUCH_IN, m, bytes, sizeof bytes);
    assert_true(n > 0);
    n = wt_soup_put(to, 256, WT_SOUP_UNSEQUENCED, bytes, (size_t)n);
    assert_true(n > 0);
    return (size_t)n;
}

static inline struct wt_ouch make_enter(uint32_t user_ref, char side, uint32_t shares, const char *symbol,
                                        uint32_t price)
{
    struct wt_ouch m = {.type = WT_OUCH_ENTER,
                        .user_ref = user_ref,
                        .side = side,
                        .quantity = shares,
                        .price = price,
                        .tif = '0',
                        .display = 'Y',
                        .capacity = 'P',
                        .iso = 'N',
                        .cross = 'N'};
    memset(m.symbol, ' ', sizeof m.symbol);
    memcpy(m.symbol, symbol, strlen(symbol));
    memset(m.cl_ord_id, 'c', sizeof m.cl_ord_id);
    return m;
}

static inline size_t put_enter(uint8_t *to, uint32_t user_ref, char side, uint32_t shares, const char *symbol,
                               uint32_t price)
{
    struct wt_ouch m = make_enter(user_ref, side, shares, symbol, price);
    return put_ouch(to, &m);
}

#endif
