/*
 * SoupBinTCP 3.00: packets over a byte stream (protocols.md section 3).
 *
 * A packet is a 2-byte big-endian length (of what follows), a type byte and a payload. The bytes
 * of a stream come split and glued at will, so both sides read through a wt_soup_parser:
 *
 *     uint8_t *room = wt_soup_room(&p, &size);
 *     wt_soup_commit(&p, recv(..., room, size));
 *     while ((rc = wt_soup_next(&p, &packet)) != 0)
 *         if (rc > 0) take packet; else count it: it was skipped, the framing is intact
 *
 * One thread. The caller owns everything; nothing allocates.
 */
#ifndef WT_SOUP_H
#define WT_SOUP_H

#include <stddef.h>
#include <stdint.h>

#define WT_SOUP_HEADER 3u                       /**< length and type */
#define WT_SOUP_MAX_PACKET (2u + 0xffffu)       /**< what a 16-bit length allows */
#define WT_SOUP_LOGIN_REQUEST_LENGTH 49u        /**< on the wire, length field included */
#define WT_SOUP_LOGIN_ACCEPTED_LENGTH 33u       /**< on the wire, length field included */
#define WT_SOUP_BUFFER (2 * WT_SOUP_MAX_PACKET) /**< a whole packet and more behind it */

enum wt_soup_type {
    WT_SOUP_DEBUG = '+',          /**< both ways: text, to be ignored */
    WT_SOUP_LOGIN_ACCEPTED = 'A', /**< server */
    WT_SOUP_LOGIN_REJECTED = 'J', /**< server */
    WT_SOUP_SEQUENCED = 'S',      /**< server: one message, numbered by counting */
    WT_SOUP_SERVER_HEARTBEAT = 'H',
    WT_SOUP_END_OF_SESSION = 'Z',
    WT_SOUP_LOGIN_REQUEST = 'L',    /**< client */
    WT_SOUP_UNSEQUENCED = 'U',      /**< client: one message (4.00: server too) */
    WT_SOUP_CLIENT_HEARTBEAT = 'R', /**< client */
    WT_SOUP_LOGOUT_REQUEST = 'O'    /**< client */
};

#define WT_SOUP_REJECT_NOT_AUTHORIZED 'A' /**< bad user or password */
#define WT_SOUP_REJECT_NO_SESSION 'S'     /**< session not available */

/** Whose packets a parser takes. */
enum wt_soup_from { WT_SOUP_FROM_SERVER, WT_SOUP_FROM_CLIENT };

/** One packet; payload points into the parser until the next wt_soup_room. */
struct wt_soup_packet {
    char type;
    const uint8_t *payload;
    size_t length; /**< of the payload */
};

struct wt_soup_parser {
    enum wt_soup_from from;
    size_t start, end; /**< bytes not yet taken */
    uint8_t bytes[WT_SOUP_BUFFER];
};

/** Login Request's fields as text without padding. */
struct wt_soup_login_request {
    char username[7], password[11], session[11]; /**< session: empty for the current one */
    uint64_t sequence;                           /**< 0: from the next message on; 1: from the start */
};

struct wt_soup_login_accepted {
    char session[11];
    uint64_t sequence; /**< of the next sequenced message */
};

/** Start, or start again on a new connection. */
void wt_soup_init(struct wt_soup_parser *parser, enum wt_soup_from from);
/** Where to put bytes that come in, and how many may be put there (at least WT_SOUP_MAX_PACKET when all
 * packets were taken). Invalidates packets taken before. */
uint8_t *wt_soup_room(struct wt_soup_parser *parser, size_t *size);
/** So many bytes were put there. */
void wt_soup_commit(struct wt_soup_parser *parser, size_t length);
/**
 * Take the next packet. 1: taken; 0: more bytes are needed; -EBADMSG: a packet of an unknown type, of the
 * other side's, or whose length disagrees with its type was skipped: call again.
 */
int wt_soup_next(struct wt_soup_parser *parser, struct wt_soup_packet *packet);

/** Write a packet. Returns its length on the wire or -EMSGSIZE. payload may be NULL when length is 0. */
int wt_soup_put(uint8_t *to, size_t room, char type, const void *payload, size_t length);
/** Write a Login Request, padded as the table says. Returns its length, -ENOSPC, or -EINVAL when a field is
 * too long or not printable. */
int wt_soup_put_login_request(uint8_t *to, size_t room, const struct wt_soup_login_request *login);
int wt_soup_put_login_accepted(uint8_t *to, size_t room, const struct wt_soup_login_accepted *accepted);
/** Read the payload of a packet that wt_soup_next gave. 0, or -EBADMSG when the sequence is not a number. */
int wt_soup_get_login_request(const struct wt_soup_packet *packet, struct wt_soup_login_request *login);
int wt_soup_get_login_accepted(const struct wt_soup_packet *packet, struct wt_soup_login_accepted *accepted);
/** Equal as user names and passwords are: case does not count. */
int wt_soup_same_name(const char *a, const char *b);

#endif
