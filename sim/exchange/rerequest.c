#include "sim/exchange/rerequest.h"

#include <string.h>

#include "host/common/bytes.h"
#include "host/market/pcap.h"

enum wt_rerequest_result wt_rerequest(const struct wt_mold_out *out, const uint8_t *request, size_t request_length,
                                      uint8_t reply[1472], size_t *length)
{
    *length = 0;
    if (request_length != WT_MOLD_HEADER)
        return WT_REREQUEST_MALFORMED;
    uint64_t sequence = wt_be64(request + 10);
    uint16_t wanted = wt_be16(request + 18), count = 0;
    if (wanted == 0)
        return WT_REREQUEST_MALFORMED;
    if (memcmp(request, wt_mold_out_session_name(out), 10) != 0)
        return WT_REREQUEST_SESSION;
    size_t end = WT_MOLD_HEADER;
    const uint8_t *message;
    while (count < wanted) {
        int bytes = wt_mold_out_get(out, sequence + count, &message);
        if (bytes < 0 || end + 2 + (size_t)bytes > WT_MOLD_PAYLOAD_MAX)
            break;
        wt_put_be16(reply + end, (uint16_t)bytes);
        memcpy(reply + end + 2, message, (size_t)bytes);
        end += 2 + (size_t)bytes;
        count++;
    }
    if (count == 0)
        return WT_REREQUEST_UNKNOWN;
    memcpy(reply, request, 18);
    wt_put_be16(reply + 18, count);
    *length = end;
    return WT_REREQUEST_OK;
}
