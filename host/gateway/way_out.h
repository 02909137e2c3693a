/*
 * The way out: the sink of the OMS in a running host, which ends at the gateway. The OMS knows it by name, so that from
 * a strategy's signal to the bytes of a replace everything is compiled in one piece; to another sink, as tests have, it
 * goes by its pointer.
 */
#ifndef WT_WAY_OUT_H
#define WT_WAY_OUT_H

#include "host/event/loop.h"
#include "host/gateway/gateway.h"

struct wt_way_out {
    struct wt_gateway *gateway;
    const struct wt_loop *loop;
    void (*sent)(void *ctx); /**< a request left */
    void *ctx;
};

/** struct wt_order_sink's send, of a struct wt_way_out. */
int wt_way_out(void *way, const struct wt_order_request *request);
/**
 * The same for a replace of a DAY order, in two halves, of which the second follows when the first returned 0. 1: it is
 * not that simple, nothing was done, wt_way_out() sends it.
 */
int wt_way_out_replace(void *way, uint32_t id, uint8_t owner, uint32_t replaced, uint32_t shares, uint32_t price);
void wt_way_out_replaced(void *way, uint32_t id, uint8_t owner);

#endif
