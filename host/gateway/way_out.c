#include "host/gateway/way_out.h"

/* The only caller of wt_gateway_send and wt_gateway_replace; the OMS alone has it. */
int wt_way_out(void *ctx, const struct wt_order_request *request)
{
    const struct wt_way_out *way = ctx;
    int rc = wt_gateway_replace(way->gateway, request);
    if (__builtin_expect(!rc, 1))
        wt_gateway_replaced(way->gateway, request, wt_loop_now(way->loop));
    else if (rc > 0)
        rc = wt_gateway_send(way->gateway, request, wt_loop_now(way->loop));
    if (!rc)
        way->sent(way->ctx);
    return rc;
}
