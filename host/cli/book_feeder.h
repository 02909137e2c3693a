/*
 * The feed's two lines out of a file: the frames that `wiretick book` puts on the card's wires, and the
 * accidents that happen to them (loss, reordering, duplicates, flipped bits; seeded, on each line its own).
 * Every packet goes out on both lines at once, back to back at 10G or when its timestamps say.
 * Length-prefixed messages are packed into MoldUDP64 packets as full as they get; a capture's
 * frames go out as they were caught. At the end comes one packet that nothing happens to, with
 * the next sequence number, so that a loss at the very end is seen too. With start_at, nobody listens before that
 * message.
 */
#ifndef WT_CLI_BOOK_FEEDER_H
#define WT_CLI_BOOK_FEEDER_H

#include <stddef.h>

#include "host/cli/book.h"

struct book_feeder;

struct book_frame {
    const uint8_t *bytes; /**< valid until the next call */
    size_t length;
    unsigned flags;   /**< WT_FRAME_BAD_FCS */
    unsigned line;    /**< 0: A, 1: B */
    uint64_t when_ns; /**< to be sent, virtual time */
};

/** Open the options' file. Prints why not. -errno. */
int book_feeder_open(const struct book_options *options, struct book_feeder **feeder);
/** Multicast group and port of a line. */
uint32_t book_feeder_group(const struct book_feeder *feeder, unsigned line);
uint16_t book_feeder_port(const struct book_feeder *feeder, unsigned line);
/** Sequence number of the first message, and exchange timestamp (ns) of the first packet. */
uint64_t book_feeder_first_seq(const struct book_feeder *feeder);
uint64_t book_feeder_first_ns(const struct book_feeder *feeder);
/** The next frame: 1, 0 at the end, -errno with a line printed. What was read before an error is sent first. now_ns:
 * virtual time. */
int book_feeder_next(struct book_feeder *feeder, uint64_t now_ns, struct book_frame *frame);
/**
 * Call packet for every packet that the exchange sends, lost on the lines or not: virtual time, UDP payload. With
 * options.start_at that includes what was sent before anybody listened.
 */
void book_feeder_listen(struct book_feeder *feeder,
                        void (*packet)(void *ctx, uint64_t sent_ns, const uint8_t *payload, size_t length), void *ctx);
/** The next frame is of a new packet. */
bool book_feeder_between(const struct book_feeder *feeder);
/** Messages read so far, and the highest sequence number among them. */
uint64_t book_feeder_messages(const struct book_feeder *feeder);
uint64_t book_feeder_last_seq(const struct book_feeder *feeder);
/** Share of the file that has been read; below 0: unknown. */
double book_feeder_share(const struct book_feeder *feeder);
void book_feeder_close(struct book_feeder *feeder);

#endif
