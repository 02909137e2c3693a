/*
 * The journal: everything that enters a loop and everything that leaves it, in order, in files that survive the death
 * of the process at any instruction (semantics.md 21). host/event/README.md describes the format.
 *
 * The loop's thread claims room in a preallocated file that is mapped MAP_SHARED, writes the payload there and commits
 * it: number, checksum, and last, with release, the word that makes it a record. What is committed belongs to the
 * kernel: kill -9 cannot take it back. A second thread makes the next file ready ahead of need (allocates its blocks,
 * maps it, touches its pages), syncs to the disk and lets go of files that are full. The loop makes no system call.
 *
 * When the disk is full or too slow, wt_journal_trouble() says so while there is still room for what must be written
 * until trading has ended. When that is used up too, a claim waits for a disk that is only slow, and so does the loop:
 * it takes nothing in and sends nothing. On a full disk claims return NULL. A record is never half written or lost in
 * the middle.
 */
#ifndef WT_JOURNAL_H
#define WT_JOURNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WT_JOURNAL_MAGIC 0x314c4e524a545457ull /* "WTTJRNL1" */
#define WT_JOURNAL_VERSION 1u

/** Head of a file; 64 bytes, little-endian like everything here. */
struct wt_journal_head {
    uint64_t magic;
    uint32_t version;
    uint32_t reserved;
    uint64_t session;  /**< the same in all files of a session, and part of every checksum */
    uint64_t segment;  /**< number of the file, from 1 */
    uint64_t first;    /**< number of its first record */
    uint64_t bytes;    /**< size that the file was made with */
    uint64_t wall_ns;  /**< when it was made, ns since 1970 */
    uint64_t checksum; /**< CRC-32C of the bytes before */
};
_Static_assert(sizeof(struct wt_journal_head) == 64, "journal head");

/** Head of a record; the payload follows, padded with zeros to 8 bytes. */
struct wt_journal_record {
    uint32_t length;   /**< head and payload without padding; written last; 0: no record yet */
    uint32_t checksum; /**< CRC-32C of session, length and everything behind this field, padding included */
    uint64_t number;   /**< from 1, without gaps */
    uint64_t ns;       /**< the loop's time */
    uint16_t type;     /**< enum wt_journal_type */
    uint16_t flags;    /**< WT_JOURNAL_MORE, WT_JOURNAL_WAITED */
    uint32_t calls;    /**< times the loop looked for inputs since the record before */
};
_Static_assert(sizeof(struct wt_journal_record) == 32, "journal record");

#define WT_JOURNAL_MORE 1u   /**< the payload goes on in the next record of this type */
#define WT_JOURNAL_WAITED 2u /**< before it a wait returned 1, at the same time: there is no record WAIT of it */

/** Numbers are part of the format: inputs are below 16. */
enum wt_journal_type {
    WT_JOURNAL_CONFIG = 1,     /**< input: struct wt_journal_config_head and the configuration as YAML */
    WT_JOURNAL_CARD_EVENT = 2, /**< input: one record of the card's event ring, 64 bytes */
    WT_JOURNAL_ORDER_FLOW = 3, /**< input: one record of the card's order-flow ring, 64 bytes */
    WT_JOURNAL_CARD_ERROR = 4, /**< input: a ring lapped; int32 ring, int32 -errno */
    WT_JOURNAL_RECV = 5,       /**< input: bytes from the venue */
    WT_JOURNAL_RESULT = 6,     /**< input: int32 that the call before it, or a recv, returned when it was no success */
    WT_JOURNAL_WAIT = 7,       /**< input: int32 that the wait returned; ns is when */
    WT_JOURNAL_TIME = 8,       /**< input: time had moved without a wait; ns is what it is */
    WT_JOURNAL_READ = 9,       /**< input: uint32 offset, int32 result, uint64 value of a register; or of DMA memory */
    WT_JOURNAL_COMMAND = 10,   /**< input: uint32 command */
    WT_JOURNAL_PAST = 11,      /**< input: one order or report of an earlier session (host/trade/recovery.h) */
    WT_JOURNAL_SIDE_RECV = 12, /**< input: struct wt_journal_side, then bytes from one of the feed's servers */
    WT_JOURNAL_CONNECT = 16,   /**< output: the stream to the venue is opened */
    WT_JOURNAL_SEND = 17,      /**< output: bytes to the venue */
    WT_JOURNAL_CLOSE = 18,     /**< output: the stream is closed */
    WT_JOURNAL_WRITE = 19,     /**< output: uint32 offset, uint32 value of a register */
    WT_JOURNAL_EVENT = 20,     /**< output: struct wt_journal_event and the event's own structure */
    WT_JOURNAL_END = 21,       /**< output: int32 the session's status: it ended in good order */
    WT_JOURNAL_SEAL = 22,      /**< the file is full: the next record is in the next one */
    WT_JOURNAL_SIDE = 23       /**< output: struct wt_journal_side, then bytes to one of the feed's servers */
};

static inline bool wt_journal_is_input(unsigned type)
{
    return type >= WT_JOURNAL_CONFIG && type <= WT_JOURNAL_SIDE_RECV;
}

struct wt_journal;

struct wt_journal_options {
    const char *dir;       /**< is made when it is not there */
    bool keep;             /**< go on behind the older sessions in it; else they are removed */
    size_t segment_bytes;  /**< of each file: 64 KiB to 1 GiB, a multiple of 4096; default 64 MiB */
    uint64_t sync_ns;      /**< sync this often, default 10 ms; 0: only full files and at the end */
    uint64_t max_unsynced; /**< bytes that may wait for the disk before it counts as slow; default 256 MiB; 0: any */
    unsigned max_files;    /**< full files and the current one; the oldest are removed; default 0: all stay */
    bool block; /**< a claim waits for the disk (simulation: virtual time stands); else trading stops first */
    /** A claim that has waited for a while asks whether to give up; NULL: never. Called every 0.1 ms or less often. */
    bool (*give_up)(void);
};

void wt_journal_defaults(struct wt_journal_options *options);
/** Make the folder and the first file, start the second thread. -errno, with a message. */
int wt_journal_create(const struct wt_journal_options *options, struct wt_journal **journal);
/**
 * Room for a record of length bytes of payload, 8-aligned; the next call must be wt_journal_commit. Waits for the next
 * file as long as it may still come. NULL: no room and no next file (wt_journal_trouble says why, or it was given up),
 * or length is more than a quarter of a file.
 */
void *wt_journal_claim(struct wt_journal *journal, size_t length);
/** The claimed record is whole: from here on it survives the process. */
void wt_journal_commit(struct wt_journal *journal, enum wt_journal_type type, unsigned flags, uint64_t ns,
                       uint32_t calls);
/** Claim, copy, commit. 0 or -ENOSPC. */
int wt_journal_append(struct wt_journal *journal, enum wt_journal_type type, uint64_t ns, uint32_t calls,
                      const void *payload, size_t length);
/** From now on a claim waits for the disk, or does not (options.block). */
void wt_journal_block(struct wt_journal *journal, bool block);
/**
 * 0, or why no new order may leave: -ENOSPC and the like (the next file cannot be made), -EIO (sync failed), -EAGAIN
 * (the disk is too slow: the next file is not ready although this one is three quarters full, or too much is unsynced).
 */
int wt_journal_trouble(const struct wt_journal *journal);
/** How often a claim had to wait for the disk at the end of a file, without `block`: time has passed there. */
uint64_t wt_journal_waits(const struct wt_journal *journal);
/** Number of the last record committed. */
uint64_t wt_journal_number(const struct wt_journal *journal);
/** Bytes committed and, of these, synced to the disk. */
void wt_journal_progress(const struct wt_journal *journal, uint64_t *committed, uint64_t *synced);
/** Sync everything, cut the last file to what is used, stop the thread. 0 or -EIO: what was written may not be whole.
 */
int wt_journal_close(struct wt_journal *journal);

/** CRC-32C of length bytes (a multiple of 8), going on from crc. */
uint32_t wt_crc32c(uint32_t crc, const void *bytes, size_t length);
/** What a record's checksum must be; the record lies whole in memory. */
uint32_t wt_journal_checksum(uint64_t session, const struct wt_journal_record *record, uint32_t length);

#endif
