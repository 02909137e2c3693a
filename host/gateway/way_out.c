#include "host/gateway/way_out.h"

/* The only callers of wt_gateway_send and wt_gateway_replace; the OMS alone has them. */
int wt_way_out(void *ctx, const struct wt_order_request *request)
{
    const struct wt_way_out *way = ctx;
    int rc = wt_gateway_send(way->gateway, request, wt_loop_now(way->loop));
    if (!rc)
        way->sent(way->ctx);
    return rc;
}

int wt_way_out_replace(void *ctx, uint32_t id, uint8_t owner, uint32_t replaced, uint32_t shares, uint32_t price)
{
    const struct wt_way_out *way = ctx;
    return wt_gateway_replace(way->gateway, id, owner, replaced, shares, price);
}

void wt_way_out_replaced(void *ctx, uint32_t id, uint8_t owner)
{
    const struct wt_way_out *way = ctx;
    wt_gateway_replaced(way->gateway, id, owner, wt_loop_now(way->loop));
    way->sent(way->ctx);
}
