/*
 * The MoldUDP64 re-request server: a request's bytes in, a reply's bytes out (protocols.md section 2). Pure: it
 * only looks into the store. The reply is one packet with as many of the messages as fit; nothing that has not
 * left on the lines yet is given away.
 */
#ifndef WT_REREQUEST_H
#define WT_REREQUEST_H

#include "sim/exchange/mold_out.h"

enum wt_rerequest_result {
    WT_REREQUEST_OK,
    WT_REREQUEST_MALFORMED, /**< not 20 bytes, or no message is asked for: no reply */
    WT_REREQUEST_SESSION,   /**< another session's: no reply */
    WT_REREQUEST_UNKNOWN    /**< not sent yet, or no longer kept: no reply */
};

/** Answer one request. *length: bytes of the reply (reply holds 1,472), 0 when there is none. */
enum wt_rerequest_result wt_rerequest(const struct wt_mold_out *out, const uint8_t *request, size_t request_length,
                                      uint8_t reply[1472], size_t *length);

#endif
