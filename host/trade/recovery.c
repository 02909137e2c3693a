#include "host/trade/recovery.h"

#include <errno.h>
#include <string.h>

#include "host/common/log.h"

int wt_recover(struct wt_loop *loop, struct wt_oms *oms, struct wt_past_source source, struct wt_recovered *recovery)
{
    *recovery = (struct wt_recovered){.next_sequence = 1};
    struct wt_past past;
    int rc;
    wt_oms_restore_begin(oms);
    while ((rc = source.next(source.ctx, &past)) > 0) {
        if (past.kind == WT_PAST_REPORT) {
            recovery->reports++;
            if (past.report.sequence >= recovery->next_sequence)
                recovery->next_sequence = past.report.sequence + 1;
            wt_oms_report(oms, &past.report);
        } else if (past.kind == WT_PAST_UP) {
            wt_oms_restore_synced(oms);
        } else if (past.kind == WT_PAST_UNSENT) {
            wt_oms_restore_unsent(oms, past.request.kind == WT_REQUEST_CANCEL ? 0 : past.request.id);
        } else {
            recovery->requests++;
            if (past.request.kind != WT_REQUEST_CANCEL && past.request.id > recovery->last_id)
                recovery->last_id = past.request.id;
            rc = wt_oms_restore(oms, &past.request);
            if (rc) {
                wt_error("recovery: request %llu of the past, order %u, cannot be taken: %s",
                         (unsigned long long)recovery->requests, past.request.id, strerror(-rc));
                return rc;
            }
        }
        wt_loop_drain(loop);
    }
    if (rc < 0 && rc != -EPIPE)
        wt_error("recovery: the past cannot be read: %s", strerror(-rc));
    if (rc < 0)
        return rc;
    wt_oms_restored(oms);
    wt_loop_drain(loop);
    recovery->unknown = wt_oms_open_orders(oms);
    return 0;
}
