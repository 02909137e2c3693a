#include "sim/exchange/glimpse.h"

#include <inttypes.h>
#include <stdio.h>

static void put(void *ctx, uint64_t when_ns, const uint8_t *message, size_t length)
{
    (void)when_ns;
    wt_session_send_bytes(ctx, message, length);
}

static void on_login(struct wt_session *s)
{
    struct wt_glimpse_source *source = s->owner;
    char end[WT_GLIMPSE_END + 1];
    s->log_length = 0;
    s->next_sequence = 1;
    source->snapshot(source->ctx, (struct wt_publish_sink){s, put});
    snprintf(end, sizeof end, "G%20" PRIu64, source->next_sequence(source->ctx));
    wt_session_send_bytes(s, (const uint8_t *)end, WT_GLIMPSE_END);
}

void wt_glimpse_begin(struct wt_session *s, struct wt_glimpse_source *source)
{
    s->owner = source;
    s->ops = (struct wt_session_ops){.login = on_login};
}
