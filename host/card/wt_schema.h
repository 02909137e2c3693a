/* Generated from hdl/schema/wiretick.rdl by generate.py: do not edit. */
/* clang-format off */
#ifndef WT_SCHEMA_H
#define WT_SCHEMA_H

#include <stddef.h>
#include <stdint.h>

#define WT_SCHEMA_VERSION 4u
#define WT_SCHEMA_DIGEST 0x7e1c279fu
#define WT_MAGIC 0x4b435457u /* 'WTCK' */

enum wt_record_type {
    WT_RECORD_TYPE_BBO = 1, /**< Best bid/offer of one symbol after one message. */
    WT_RECORD_TYPE_TRADE = 2, /**< An execution, a non-displayed trade or a cross. */
    WT_RECORD_TYPE_TRADING_STATE = 3, /**< Trading state of one symbol changed. */
    WT_RECORD_TYPE_SYSTEM = 4, /**< System event of the feed (start of messages, market open, ...). */
    WT_RECORD_TYPE_SYMBOL = 5, /**< A symbol was bound to its locate, or its book state changed. */
    WT_RECORD_TYPE_GAP = 6, /**< Messages of a channel are missing, have come after all, or are lost. */
    WT_RECORD_TYPE_SESSION = 7, /**< The feed's session began, changed or ended. */
    WT_RECORD_TYPE_TRADES_LOST = 8, /**< Trades found no room in their ring in time: how many. */
};

enum wt_trade_kind {
    WT_TRADE_KIND_EXECUTION = 0, /**< ITCH E: at the order's own price. */
    WT_TRADE_KIND_EXECUTION_PRICE = 1, /**< ITCH C: at a price of its own. */
    WT_TRADE_KIND_NON_DISPLAYED = 2, /**< ITCH P: against a non-displayed order; the book does not change. */
    WT_TRADE_KIND_CROSS = 3, /**< ITCH Q: auction print; the book does not change. */
};

enum wt_book_state {
    WT_BOOK_STATE_UNBOUND = 0, /**< Subscribed, but its locate is not known yet. */
    WT_BOOK_STATE_VALID = 1, /**< The card's book is exact. */
    WT_BOOK_STATE_STALE = 2, /**< Messages were lost or made no sense: nobody's book is exact until it is rebuilt. */
    WT_BOOK_STATE_SOFTWARE = 3, /**< The card cannot hold this symbol: the host's full-depth book answers. */
};

enum wt_reason {
    WT_REASON_NONE = 0, /**< No reason: a plain bind. */
    WT_REASON_NO_SLOT = 1, /**< All symbol slots of the card are taken. */
    WT_REASON_ORDER_OVERFLOW = 2, /**< The order table could not place an order. */
    WT_REASON_LEVEL_OVERFLOW = 3, /**< The level or node table could not place a price level. */
    WT_REASON_GAP = 4, /**< Messages of the channel were lost. */
    WT_REASON_DUPLICATE_ADD = 5, /**< An add named an order reference that is live. */
    WT_REASON_REPLACE_LIVE = 6, /**< A replace named a new reference that is live. */
    WT_REASON_LOCATE_MISMATCH = 7, /**< A message's locate is not that of the order it names. */
    WT_REASON_SUM_OVERFLOW = 8, /**< Shares of a price level would pass 2^32-1. */
    WT_REASON_BAD_LENGTH = 9, /**< A message that touches books had a length that disagrees with its type. */
    WT_REASON_JOIN_LATE = 10, /**< JOIN of a symbol of which a later message has passed: load that, and join again. */
    WT_REASON_JOIN_SUM = 11, /**< JOIN of a symbol whose orders are not those that the host means. */
};

enum wt_gap_state {
    WT_GAP_STATE_LOST = 0, /**< The messages will not come: every symbol of the channel is stale. */
    WT_GAP_STATE_OPEN = 1, /**< The messages did not come on any line so far; the channel waits for them. */
    WT_GAP_STATE_FILLED = 2, /**< All messages of the gap have come after all. */
};

enum wt_session_event {
    WT_SESSION_EVENT_START = 1, /**< First packet of a session. */
    WT_SESSION_EVENT_CHANGE = 2, /**< Packets of another session arrived; every symbol is stale. */
    WT_SESSION_EVENT_END = 3, /**< End-of-session packet. */
};

enum wt_card_command {
    WT_CARD_COMMAND_INJECT = 1, /**< The UDP payload of a datagram of a channel, as if a third line had received it. */
    WT_CARD_COMMAND_LOAD = 2, /**< One message of at most 50 bytes, its length in length, for a symbol that is loaded: R first, which gives its locate a fresh index, then its orders as A, then messages of the feed. Bytes 50 to 55 of the payload: the number that the answer to R has. */
    WT_CARD_COMMAND_JOIN = 3, /**< Length 18: locate (16 bits), number of the last message included (64), checksum over the orders (64). Answered by a SYMBOL record. */
};

/* BAR0 register offsets, bytes */
#define WT_REG_MAGIC 0x000u /**< 0x4B435457: 'WTCK'. */
#define WT_REG_SCHEMA_VERSION 0x004u /**< Version of this schema; a host refuses any other. */
#define WT_REG_GIT_HASH 0x008u /**< First 32 bits of the git commit the card was built from; 0: unknown. */
#define WT_REG_CAP_SYMBOLS 0x00cu /**< Symbol slots. */
#define WT_REG_CAP_ORDER_SLOTS 0x010u /**< Order-table slots. */
#define WT_REG_CAP_LEVEL_SLOTS 0x014u /**< Price-level slots. */
#define WT_REG_CAP_TLP_WIDTH 0x018u /**< Width of the TLP datapath, bits. */
#define WT_REG_CAP_CLOCK_PS 0x01cu /**< Core clock period, ps. */
#define WT_REG_CAP_LINES 0x020u /**< Ports with a feed line. */
#define WT_REG_CAP_VECTORS 0x024u /**< Interrupt vectors (MSI-X); 0: none. */
#define WT_REG_RESET_SEQ 0x040u /**< Reset of everything but these host registers: the host writes a new number, the card works with reset_ack equal to it. */
#define WT_REG_RESET_ACK 0x044u /**< The last reset_seq that has been carried out: tables are swept, the card is ready. */
#define WT_REG_CONTROL 0x048u /**< What the card does. */
#define WT_REG_SYM_COUNT 0x05cu /**< Entries of the symbol window in use; taken at reset. */
#define WT_REG_SKEW_NS 0x060u /**< How long a message may come later on one line than on the other, ns. */
#define WT_REG_GAP_TIMEOUT_NS 0x064u /**< How long an announced gap may stay open, ns from its announcement; 0: for ever. */
#define WT_REG_EV_BASE_LO 0x080u /**< Event ring: bus address, low word, 64-byte aligned. */
#define WT_REG_EV_BASE_HI 0x084u /**< High word. */
#define WT_REG_EV_SIZE_LOG2 0x088u /**< log2 of the records in the ring, 4 to 24. */
#define WT_REG_EV_CONS 0x08cu /**< Records consumed by the host, monotonic modulo 2^32. */
#define WT_REG_EV_PROD 0x090u /**< Records written by the card, monotonic modulo 2^32 (for diagnosis: hosts poll the ring). */
#define WT_REG_OF_BASE_LO 0x0a0u /**< Order-flow ring: bus address, low word, 64-byte aligned. */
#define WT_REG_OF_BASE_HI 0x0a4u /**< High word. */
#define WT_REG_OF_SIZE_LOG2 0x0a8u /**< log2 of the records in the ring, 4 to 24. */
#define WT_REG_OF_CONS 0x0acu /**< Records consumed by the host, monotonic modulo 2^32. */
#define WT_REG_OF_PROD 0x0b0u /**< Records written by the card, monotonic modulo 2^32. */
#define WT_REG_CMD_BASE_LO 0x0c0u /**< Command ring (host to card): bus address, low word, 64-byte aligned. */
#define WT_REG_CMD_BASE_HI 0x0c4u /**< High word. */
#define WT_REG_CMD_SIZE_LOG2 0x0c8u /**< log2 of the 64-byte lines in the ring, 4 to 24. */
#define WT_REG_CMD_PROD 0x0ccu /**< Lines written by the host, monotonic modulo 2^32; 0 at reset. */
#define WT_REG_CMD_CONS 0x0d0u /**< Lines taken by the card, monotonic modulo 2^32. */
#define WT_REG_CNT_FRAMES_A 0x100u /**< Line A: frames received. */
#define WT_REG_CNT_BAD_FRAME_A 0x108u /**< Line A: frames dropped: bad FCS or cut. */
#define WT_REG_CNT_BAD_HEADER_A 0x110u /**< Line A: frames dropped: bad IPv4 or UDP header (version, length, checksum, fragment). */
#define WT_REG_CNT_FILTERED_A 0x118u /**< Line A: frames dropped: not for us (not IPv4/UDP, other group or port). */
#define WT_REG_CNT_RX_OVERFLOW_A 0x120u /**< Line A: datagrams dropped: no room in the line's buffer. */
#define WT_REG_CNT_BAD_DATAGRAM_A 0x128u /**< Line A: datagrams dropped: MoldUDP64 header or message blocks do not fit the datagram. */
#define WT_REG_CNT_LATE_A 0x130u /**< Line A: messages dropped: already seen, or of a session that is over. */
#define WT_REG_CNT_FRAMES_B 0x138u /**< Line B: frames received. */
#define WT_REG_CNT_BAD_FRAME_B 0x140u /**< Line B: frames dropped: bad FCS or cut. */
#define WT_REG_CNT_BAD_HEADER_B 0x148u /**< Line B: frames dropped: bad IPv4 or UDP header (version, length, checksum, fragment). */
#define WT_REG_CNT_FILTERED_B 0x150u /**< Line B: frames dropped: not for us (not IPv4/UDP, other group or port). */
#define WT_REG_CNT_RX_OVERFLOW_B 0x158u /**< Line B: datagrams dropped: no room in the line's buffer. */
#define WT_REG_CNT_BAD_DATAGRAM_B 0x160u /**< Line B: datagrams dropped: MoldUDP64 header or message blocks do not fit the datagram. */
#define WT_REG_CNT_LATE_B 0x168u /**< Line B: messages dropped: already seen, or of a session that is over. */
#define WT_REG_CNT_MESSAGES 0x170u /**< Messages delivered in sequence. */
#define WT_REG_CNT_GAPS 0x178u /**< Gaps: messages were given up. */
#define WT_REG_CNT_MISSED 0x180u /**< Messages given up in gaps. */
#define WT_REG_CNT_FILLED 0x188u /**< Gaps that were announced and then filled. */
#define WT_REG_CNT_HEARTBEATS 0x190u /**< Heartbeats. */
#define WT_REG_CNT_UNKNOWN_TYPE 0x198u /**< Messages skipped: unknown type. */
#define WT_REG_CNT_BAD_LENGTH 0x1a0u /**< Messages skipped: length disagrees with type. */
#define WT_REG_CNT_UNKNOWN_REF 0x1a8u /**< Messages that name an order reference that is not live. */
#define WT_REG_CNT_EXCESS 0x1b0u /**< Executions and cancels larger than the order. */
#define WT_REG_CNT_ZERO_ADD 0x1b8u /**< Adds of zero shares, ignored. */
#define WT_REG_CNT_SENSELESS 0x1c0u /**< Messages not applied, symbol stale (duplicate reference, locate mismatch, sum overflow). */
#define WT_REG_CNT_OVERFLOW 0x1c8u /**< Symbols handed to software for lack of room. */
#define WT_REG_CNT_EVENTS 0x1d0u /**< Event records written. */
#define WT_REG_CNT_BBO 0x1d8u /**< BBO records written. */
#define WT_REG_CNT_ORDER_FLOW 0x1e0u /**< Order-flow records written. */
#define WT_REG_CNT_EV_FULL 0x1e8u /**< Cycles in which a record waited for room in the event ring. */
#define WT_REG_CNT_OF_FULL 0x1f0u /**< Cycles in which a record waited for room in the order-flow ring. */
#define WT_REG_CNT_BAD_REQUEST 0x1f8u /**< Requests from the host that were malformed or outside BAR0. */
#define WT_REG_CNT_ORDERS_LIVE 0x200u /**< Orders live in the order table. */
#define WT_REG_CNT_ORDERS_PEAK 0x208u /**< Most orders ever live in the order table. */
#define WT_REG_CNT_RECOVERED 0x210u /**< Messages delivered that the host had injected. */
#define WT_REG_CNT_LATE_INJECTED 0x218u /**< Messages injected and dropped: already seen, or of another session. */
#define WT_REG_CNT_BAD_COMMAND 0x220u /**< Lines of the command ring skipped: unknown type or bad length. */
#define WT_REG_CNT_READ_TIMEOUT 0x228u /**< Reads of host memory sent again: no good answer in time. */
#define WT_REG_CNT_READ_REFUSED 0x230u /**< Other completions refused: malformed, or nobody waits for them. */
#define WT_REG_CNT_CONFLATED 0x238u /**< BBO updates folded into a later record of the same symbol. */
#define WT_REG_CNT_TRADES_LOST 0x240u /**< Trades that found no room in their ring (told by TRADES_LOST records). */
#define WT_REG_CNT_SHED 0x248u /**< Messages of symbols that the card holds, not written as order flow for lack of room (told by markers). */
#define WT_REG_CNT_SHED_SOFTWARE 0x250u /**< The same of all other messages. */
#define WT_REG_CNT_PRESSURE 0x258u /**< Cycles in which the card would rather fold and shed than wait. */
#define WT_REG_CNT_LINK_WAIT 0x260u /**< Cycles in which a beat waited for the link. */
#define WT_REG_CNT_MAX_HOLD_A 0x268u /**< Most messages ever in line A's hold buffer. */
#define WT_REG_CNT_MAX_HOLD_B 0x270u /**< Most messages ever in line B's hold buffer. */
#define WT_REG_CNT_MAX_OPS 0x278u /**< Most operations ever waiting for their result. */
#define WT_REG_CNT_MAX_EVENTS 0x280u /**< Most records ever in the FIFO of an event ring. */
#define WT_REG_CNT_MAX_ORDER_FLOW 0x288u /**< Most records ever in the order-flow FIFO. */
#define WT_REG_CNT_MAX_FOLDED 0x290u /**< Most symbols ever whose BBO waited for room. */
#define WT_REG_CNT_BYTES_A 0x298u /**< Port A: bytes of all frames that reached the core, header to payload. */
#define WT_REG_CNT_MAC_GOOD_A 0x2a0u /**< Port A: frames received good. */
#define WT_REG_CNT_MAC_BAD_FCS_A 0x2a8u /**< Port A: frames with a wrong FCS. */
#define WT_REG_CNT_MAC_BAD_CODE_A 0x2b0u /**< Port A: frames with a bad preamble or ended by an error code. */
#define WT_REG_CNT_MAC_BAD_SIZE_A 0x2b8u /**< Port A: frames too short (runts) or too long. */
#define WT_REG_CNT_MAC_CONTROL_A 0x2c0u /**< Port A: MAC control frames (pause), ignored. */
#define WT_REG_CNT_MAC_LOST_A 0x2c8u /**< Port A: frames lost between MAC and core. */
#define WT_REG_CNT_BYTES_B 0x2d0u /**< Port B: bytes of all frames that reached the core, header to payload. */
#define WT_REG_CNT_MAC_GOOD_B 0x2d8u /**< Port B: frames received good. */
#define WT_REG_CNT_MAC_BAD_FCS_B 0x2e0u /**< Port B: frames with a wrong FCS. */
#define WT_REG_CNT_MAC_BAD_CODE_B 0x2e8u /**< Port B: frames with a bad preamble or ended by an error code. */
#define WT_REG_CNT_MAC_BAD_SIZE_B 0x2f0u /**< Port B: frames too short (runts) or too long. */
#define WT_REG_CNT_MAC_CONTROL_B 0x2f8u /**< Port B: MAC control frames (pause), ignored. */
#define WT_REG_CNT_MAC_LOST_B 0x300u /**< Port B: frames lost between MAC and core. */
#define WT_REG_CNT_READ_UNSUPPORTED 0x308u /**< Completions that say unsupported request. */
#define WT_REG_CNT_READ_ABORTED 0x310u /**< Completions that say completer abort. */
#define WT_REG_CNT_READ_POISONED 0x318u /**< Completions that are poisoned. */
#define WT_REG_CNT_INTERRUPTS 0x320u /**< Interrupts raised. */

#define WT_CONTROL_ENABLE (1u << 0) /**< Take frames. */
#define WT_CONTROL_SUBSCRIBE_ALL (1u << 1) /**< Bind every locate in order of first appearance, instead of the names in the symbol window. */
#define WT_CONTROL_ORDER_FLOW (1u << 2) /**< Write the order-flow ring. */
#define WT_CONTROL_RECOVER (1u << 3) /**< Somebody fetches what both lines lost: announce a gap (OPEN) and wait. Else it is lost once the skew window is over. */

/* Counters: X(name, offset, description) */
#define WT_COUNTERS(X) \
    X(frames_a, 0x100u, "Line A: frames received.") \
    X(bad_frame_a, 0x108u, "Line A: frames dropped: bad FCS or cut.") \
    X(bad_header_a, 0x110u, "Line A: frames dropped: bad IPv4 or UDP header (version, length, checksum, fragment).") \
    X(filtered_a, 0x118u, "Line A: frames dropped: not for us (not IPv4/UDP, other group or port).") \
    X(rx_overflow_a, 0x120u, "Line A: datagrams dropped: no room in the line's buffer.") \
    X(bad_datagram_a, 0x128u, "Line A: datagrams dropped: MoldUDP64 header or message blocks do not fit the datagram.") \
    X(late_a, 0x130u, "Line A: messages dropped: already seen, or of a session that is over.") \
    X(frames_b, 0x138u, "Line B: frames received.") \
    X(bad_frame_b, 0x140u, "Line B: frames dropped: bad FCS or cut.") \
    X(bad_header_b, 0x148u, "Line B: frames dropped: bad IPv4 or UDP header (version, length, checksum, fragment).") \
    X(filtered_b, 0x150u, "Line B: frames dropped: not for us (not IPv4/UDP, other group or port).") \
    X(rx_overflow_b, 0x158u, "Line B: datagrams dropped: no room in the line's buffer.") \
    X(bad_datagram_b, 0x160u, "Line B: datagrams dropped: MoldUDP64 header or message blocks do not fit the datagram.") \
    X(late_b, 0x168u, "Line B: messages dropped: already seen, or of a session that is over.") \
    X(messages, 0x170u, "Messages delivered in sequence.") \
    X(gaps, 0x178u, "Gaps: messages were given up.") \
    X(missed, 0x180u, "Messages given up in gaps.") \
    X(filled, 0x188u, "Gaps that were announced and then filled.") \
    X(heartbeats, 0x190u, "Heartbeats.") \
    X(unknown_type, 0x198u, "Messages skipped: unknown type.") \
    X(bad_length, 0x1a0u, "Messages skipped: length disagrees with type.") \
    X(unknown_ref, 0x1a8u, "Messages that name an order reference that is not live.") \
    X(excess, 0x1b0u, "Executions and cancels larger than the order.") \
    X(zero_add, 0x1b8u, "Adds of zero shares, ignored.") \
    X(senseless, 0x1c0u, "Messages not applied, symbol stale (duplicate reference, locate mismatch, sum overflow).") \
    X(overflow, 0x1c8u, "Symbols handed to software for lack of room.") \
    X(events, 0x1d0u, "Event records written.") \
    X(bbo, 0x1d8u, "BBO records written.") \
    X(order_flow, 0x1e0u, "Order-flow records written.") \
    X(ev_full, 0x1e8u, "Cycles in which a record waited for room in the event ring.") \
    X(of_full, 0x1f0u, "Cycles in which a record waited for room in the order-flow ring.") \
    X(bad_request, 0x1f8u, "Requests from the host that were malformed or outside BAR0.") \
    X(orders_live, 0x200u, "Orders live in the order table.") \
    X(orders_peak, 0x208u, "Most orders ever live in the order table.") \
    X(recovered, 0x210u, "Messages delivered that the host had injected.") \
    X(late_injected, 0x218u, "Messages injected and dropped: already seen, or of another session.") \
    X(bad_command, 0x220u, "Lines of the command ring skipped: unknown type or bad length.") \
    X(read_timeout, 0x228u, "Reads of host memory sent again: no good answer in time.") \
    X(read_refused, 0x230u, "Other completions refused: malformed, or nobody waits for them.") \
    X(conflated, 0x238u, "BBO updates folded into a later record of the same symbol.") \
    X(trades_lost, 0x240u, "Trades that found no room in their ring (told by TRADES_LOST records).") \
    X(shed, 0x248u, "Messages of symbols that the card holds, not written as order flow for lack of room (told by markers).") \
    X(shed_software, 0x250u, "The same of all other messages.") \
    X(pressure, 0x258u, "Cycles in which the card would rather fold and shed than wait.") \
    X(link_wait, 0x260u, "Cycles in which a beat waited for the link.") \
    X(max_hold_a, 0x268u, "Most messages ever in line A's hold buffer.") \
    X(max_hold_b, 0x270u, "Most messages ever in line B's hold buffer.") \
    X(max_ops, 0x278u, "Most operations ever waiting for their result.") \
    X(max_events, 0x280u, "Most records ever in the FIFO of an event ring.") \
    X(max_order_flow, 0x288u, "Most records ever in the order-flow FIFO.") \
    X(max_folded, 0x290u, "Most symbols ever whose BBO waited for room.") \
    X(bytes_a, 0x298u, "Port A: bytes of all frames that reached the core, header to payload.") \
    X(mac_good_a, 0x2a0u, "Port A: frames received good.") \
    X(mac_bad_fcs_a, 0x2a8u, "Port A: frames with a wrong FCS.") \
    X(mac_bad_code_a, 0x2b0u, "Port A: frames with a bad preamble or ended by an error code.") \
    X(mac_bad_size_a, 0x2b8u, "Port A: frames too short (runts) or too long.") \
    X(mac_control_a, 0x2c0u, "Port A: MAC control frames (pause), ignored.") \
    X(mac_lost_a, 0x2c8u, "Port A: frames lost between MAC and core.") \
    X(bytes_b, 0x2d0u, "Port B: bytes of all frames that reached the core, header to payload.") \
    X(mac_good_b, 0x2d8u, "Port B: frames received good.") \
    X(mac_bad_fcs_b, 0x2e0u, "Port B: frames with a wrong FCS.") \
    X(mac_bad_code_b, 0x2e8u, "Port B: frames with a bad preamble or ended by an error code.") \
    X(mac_bad_size_b, 0x2f0u, "Port B: frames too short (runts) or too long.") \
    X(mac_control_b, 0x2f8u, "Port B: MAC control frames (pause), ignored.") \
    X(mac_lost_b, 0x300u, "Port B: frames lost between MAC and core.") \
    X(read_unsupported, 0x308u, "Completions that say unsupported request.") \
    X(read_aborted, 0x310u, "Completions that say completer abort.") \
    X(read_poisoned, 0x318u, "Completions that are poisoned.") \
    X(interrupts, 0x320u, "Interrupts raised.") \


#define WT_WIN_CHANNELS 0x1000u
#define WT_WIN_CHANNELS_STRIDE 64u
#define WT_WIN_CHANNELS_MAX 8u

#define WT_WIN_RINGS 0x1400u
#define WT_WIN_RINGS_STRIDE 32u
#define WT_WIN_RINGS_MAX 7u

#define WT_WIN_IRQS 0x1800u
#define WT_WIN_IRQS_STRIDE 16u
#define WT_WIN_IRQS_MAX 9u

#define WT_WIN_MSIX 0x2000u
#define WT_WIN_MSIX_STRIDE 16u
#define WT_WIN_MSIX_MAX 9u

#define WT_WIN_SYMBOLS 0x4000u
#define WT_WIN_SYMBOLS_STRIDE 16u
#define WT_WIN_SYMBOLS_MAX 1024u

#define WT_BAR0_SIZE 0x8000u

#define WT_EVF_VALID (1u << 0) /**< The symbol's book is exact at feed_seq. */
#define WT_EVF_STALE (1u << 1) /**< The symbol is stale: do not trade on prices. */
#define WT_EVF_GAP (1u << 2) /**< First record after lost messages. */
#define WT_EVF_OVERFLOW (1u << 3) /**< Did not fit in the card. */
#define WT_EVF_CONFLATED (1u << 4) /**< Stands for more than one update (see conflated). */
#define WT_EVF_SOFTWARE (1u << 5) /**< Made by the host's full-depth book, not by the card. */
#define WT_EVF_RECOVERED (1u << 6) /**< Came out of messages that were recovered, not received live. */
#define WT_EVF_PRINTABLE (1u << 7) /**< Trade that counts in the day's volume. */
#define WT_EVF_SELL (1u << 8) /**< Trade in which the resting order was a sell. */
#define WT_OFF_CHANNEL 0x7u /**< Channel of the feed. */
#define WT_OFF_MARKER (1u << 3) /**< No message: a watermark. */
#define WT_OFF_GAP (1u << 4) /**< Messages before this one are missing; every symbol of the channel is stale. */
#define WT_OFF_SHED (1u << 5) /**< Order flow before this record was shed. */
#define WT_OFF_END (1u << 6) /**< End of session. */
#define WT_OFF_RECOVERED (1u << 7) /**< Recovered, not live. */

/** First 32 bytes of every event record. */
struct wt_ev_head {
    uint8_t kind; /**< Record type. */
    uint8_t channel; /**< Multicast channel of the feed, from 0. */
    uint16_t flags; /**< What is special about this record. */
    uint16_t symbol; /**< Symbol index in the card; 0xFFFF: none. */
    uint16_t locate; /**< Locate of the feed; 0: not of one symbol. */
    uint64_t feed_seq; /**< Feed sequence number of the message. */
    uint64_t stamp; /**< Exchange timestamp, ns since midnight, low 48 bits; high 16 bits: cycles in the card, from the last beat of the frame to the record's hand-over to DMA (saturates at 65535). */
    uint64_t ingress_ns; /**< Card time when the last beat of the frame came in, ns. */
};
_Static_assert(offsetof(struct wt_ev_head, kind) == 0, "ev_head.kind");
_Static_assert(offsetof(struct wt_ev_head, channel) == 1, "ev_head.channel");
_Static_assert(offsetof(struct wt_ev_head, flags) == 2, "ev_head.flags");
_Static_assert(offsetof(struct wt_ev_head, symbol) == 4, "ev_head.symbol");
_Static_assert(offsetof(struct wt_ev_head, locate) == 6, "ev_head.locate");
_Static_assert(offsetof(struct wt_ev_head, feed_seq) == 8, "ev_head.feed_seq");
_Static_assert(offsetof(struct wt_ev_head, stamp) == 16, "ev_head.stamp");
_Static_assert(offsetof(struct wt_ev_head, ingress_ns) == 24, "ev_head.ingress_ns");
_Static_assert(sizeof(struct wt_ev_head) == 32, "ev_head");

/** BBO record: Best bid/offer after feed_seq. A side without orders has price, shares and count 0. */
struct wt_ev_bbo {
    struct wt_ev_head head;
    uint32_t bid_price; /**< Best bid, 1/10000 dollar. */
    uint32_t bid_shares; /**< Shares displayed at the best bid. */
    uint32_t ask_price; /**< Best offer, 1/10000 dollar. */
    uint32_t ask_shares; /**< Shares displayed at the best offer. */
    uint16_t bid_orders; /**< Displayed orders at the best bid (saturates). */
    uint16_t ask_orders; /**< Displayed orders at the best offer (saturates). */
    uint32_t conflated; /**< Updates of this symbol folded into this record beside its own. */
    uint32_t reserved; /**< Reserved, 0. */
    uint32_t lap; /**< Record number in its ring, from 1, modulo 2^32; written last. */
};
_Static_assert(offsetof(struct wt_ev_bbo, bid_price) == 32, "ev_bbo.bid_price");
_Static_assert(offsetof(struct wt_ev_bbo, bid_shares) == 36, "ev_bbo.bid_shares");
_Static_assert(offsetof(struct wt_ev_bbo, ask_price) == 40, "ev_bbo.ask_price");
_Static_assert(offsetof(struct wt_ev_bbo, ask_shares) == 44, "ev_bbo.ask_shares");
_Static_assert(offsetof(struct wt_ev_bbo, bid_orders) == 48, "ev_bbo.bid_orders");
_Static_assert(offsetof(struct wt_ev_bbo, ask_orders) == 50, "ev_bbo.ask_orders");
_Static_assert(offsetof(struct wt_ev_bbo, conflated) == 52, "ev_bbo.conflated");
_Static_assert(offsetof(struct wt_ev_bbo, reserved) == 56, "ev_bbo.reserved");
_Static_assert(offsetof(struct wt_ev_bbo, lap) == 60, "ev_bbo.lap");
_Static_assert(sizeof(struct wt_ev_bbo) == 64, "ev_bbo");

/** Trade record: One print. The book's change, if any, follows in a BBO record of the same feed_seq. */
struct wt_ev_trade {
    struct wt_ev_head head;
    uint32_t price; /**< Trade price, 1/10000 dollar. */
    uint8_t print; /**< Kind of print. */
    uint8_t itch_type; /**< ITCH message type. */
    uint8_t cross_type; /**< Cross type of a cross, else 0. */
    uint8_t reserved0; /**< Reserved, 0. */
    uint64_t shares; /**< Shares. */
    uint64_t match; /**< Match number. */
    uint32_t reserved; /**< Reserved, 0. */
    uint32_t lap; /**< Record number in its ring, from 1, modulo 2^32; written last. */
};
_Static_assert(offsetof(struct wt_ev_trade, price) == 32, "ev_trade.price");
_Static_assert(offsetof(struct wt_ev_trade, print) == 36, "ev_trade.print");
_Static_assert(offsetof(struct wt_ev_trade, itch_type) == 37, "ev_trade.itch_type");
_Static_assert(offsetof(struct wt_ev_trade, cross_type) == 38, "ev_trade.cross_type");
_Static_assert(offsetof(struct wt_ev_trade, reserved0) == 39, "ev_trade.reserved0");
_Static_assert(offsetof(struct wt_ev_trade, shares) == 40, "ev_trade.shares");
_Static_assert(offsetof(struct wt_ev_trade, match) == 48, "ev_trade.match");
_Static_assert(offsetof(struct wt_ev_trade, reserved) == 56, "ev_trade.reserved");
_Static_assert(offsetof(struct wt_ev_trade, lap) == 60, "ev_trade.lap");
_Static_assert(sizeof(struct wt_ev_trade) == 64, "ev_trade");

/** Trading-state record: ITCH H. */
struct wt_ev_state {
    struct wt_ev_head head;
    uint8_t state; /**< H halted, P paused, Q quotation only, T trading. */
    uint8_t reserved0[3]; /**< Reserved, 0. */
    uint8_t reason[4]; /**< Reason, four characters. */
    uint32_t reserved[5]; /**< Reserved, 0. */
    uint32_t lap; /**< Record number in its ring, from 1, modulo 2^32; written last. */
};
_Static_assert(offsetof(struct wt_ev_state, state) == 32, "ev_state.state");
_Static_assert(offsetof(struct wt_ev_state, reserved0) == 33, "ev_state.reserved0");
_Static_assert(offsetof(struct wt_ev_state, reason) == 36, "ev_state.reason");
_Static_assert(offsetof(struct wt_ev_state, reserved) == 40, "ev_state.reserved");
_Static_assert(offsetof(struct wt_ev_state, lap) == 60, "ev_state.lap");
_Static_assert(sizeof(struct wt_ev_state) == 64, "ev_state");

/** System record: ITCH S. */
struct wt_ev_system {
    struct wt_ev_head head;
    uint8_t code; /**< Event code: O S Q M E C. */
    uint8_t reserved0[3]; /**< Reserved, 0. */
    uint32_t reserved[6]; /**< Reserved, 0. */
    uint32_t lap; /**< Record number in its ring, from 1, modulo 2^32; written last. */
};
_Static_assert(offsetof(struct wt_ev_system, code) == 32, "ev_system.code");
_Static_assert(offsetof(struct wt_ev_system, reserved0) == 33, "ev_system.reserved0");
_Static_assert(offsetof(struct wt_ev_system, reserved) == 36, "ev_system.reserved");
_Static_assert(offsetof(struct wt_ev_system, lap) == 60, "ev_system.lap");
_Static_assert(sizeof(struct wt_ev_system) == 64, "ev_system");

/** Symbol record: A symbol was bound to its locate, or its book state changed with this message. */
struct wt_ev_symbol {
    struct wt_ev_head head;
    uint8_t name[8]; /**< Name, eight characters, padded with spaces, in the record that binds; 0 in a later change of state. */
    uint8_t state; /**< New state of the symbol's book. */
    uint8_t reason; /**< Why. */
    uint16_t reserved0; /**< Reserved, 0. */
    uint32_t reserved[4]; /**< Reserved, 0. */
    uint32_t lap; /**< Record number in its ring, from 1, modulo 2^32; written last. */
};
_Static_assert(offsetof(struct wt_ev_symbol, name) == 32, "ev_symbol.name");
_Static_assert(offsetof(struct wt_ev_symbol, state) == 40, "ev_symbol.state");
_Static_assert(offsetof(struct wt_ev_symbol, reason) == 41, "ev_symbol.reason");
_Static_assert(offsetof(struct wt_ev_symbol, reserved0) == 42, "ev_symbol.reserved0");
_Static_assert(offsetof(struct wt_ev_symbol, reserved) == 44, "ev_symbol.reserved");
_Static_assert(offsetof(struct wt_ev_symbol, lap) == 60, "ev_symbol.lap");
_Static_assert(sizeof(struct wt_ev_symbol) == 64, "ev_symbol");

/** Gap record: Messages first_missing to first_missing+count-1 did not come, or have come after all. feed_seq: lost: the next message that goes on; open: the first missing; filled: the next one expected. Of an open gap the first part may be filled and the rest lost. */
struct wt_ev_gap {
    struct wt_ev_head head;
    uint64_t first_missing; /**< First missing sequence number. */
    uint64_t count; /**< How many. */
    uint8_t reason; /**< Why symbols went stale (GAP or BAD_LENGTH). */
    uint8_t state; /**< What became of the messages. */
    uint8_t reserved0[2]; /**< Reserved, 0. */
    uint32_t reserved[2]; /**< Reserved, 0. */
    uint32_t lap; /**< Record number in its ring, from 1, modulo 2^32; written last. */
};
_Static_assert(offsetof(struct wt_ev_gap, first_missing) == 32, "ev_gap.first_missing");
_Static_assert(offsetof(struct wt_ev_gap, count) == 40, "ev_gap.count");
_Static_assert(offsetof(struct wt_ev_gap, reason) == 48, "ev_gap.reason");
_Static_assert(offsetof(struct wt_ev_gap, state) == 49, "ev_gap.state");
_Static_assert(offsetof(struct wt_ev_gap, reserved0) == 50, "ev_gap.reserved0");
_Static_assert(offsetof(struct wt_ev_gap, reserved) == 52, "ev_gap.reserved");
_Static_assert(offsetof(struct wt_ev_gap, lap) == 60, "ev_gap.lap");
_Static_assert(sizeof(struct wt_ev_gap) == 64, "ev_gap");

/** Session record: MoldUDP64 session. */
struct wt_ev_session {
    struct wt_ev_head head;
    uint8_t session[10]; /**< Session, ten characters. */
    uint8_t session_event; /**< What happened. */
    uint8_t reserved0; /**< Reserved, 0. */
    uint32_t reserved[4]; /**< Reserved, 0. */
    uint32_t lap; /**< Record number in its ring, from 1, modulo 2^32; written last. */
};
_Static_assert(offsetof(struct wt_ev_session, session) == 32, "ev_session.session");
_Static_assert(offsetof(struct wt_ev_session, session_event) == 42, "ev_session.session_event");
_Static_assert(offsetof(struct wt_ev_session, reserved0) == 43, "ev_session.reserved0");
_Static_assert(offsetof(struct wt_ev_session, reserved) == 44, "ev_session.reserved");
_Static_assert(offsetof(struct wt_ev_session, lap) == 60, "ev_session.lap");
_Static_assert(sizeof(struct wt_ev_session) == 64, "ev_session");

/** Trades-lost record: Trades of symbols of this ring that found no room, which had only prints. Their BBO records are not lost: folded at worst. */
struct wt_ev_trades_lost {
    struct wt_ev_head head;
    uint64_t first_seq; /**< Message of the first of them (feed_seq: of the last). */
    uint32_t count; /**< How many, since the last record of this kind. */
    uint32_t reserved[4]; /**< Reserved, 0. */
    uint32_t lap; /**< Record number in its ring, from 1, modulo 2^32; written last. */
};
_Static_assert(offsetof(struct wt_ev_trades_lost, first_seq) == 32, "ev_trades_lost.first_seq");
_Static_assert(offsetof(struct wt_ev_trades_lost, count) == 40, "ev_trades_lost.count");
_Static_assert(offsetof(struct wt_ev_trades_lost, reserved) == 44, "ev_trades_lost.reserved");
_Static_assert(offsetof(struct wt_ev_trades_lost, lap) == 60, "ev_trades_lost.lap");
_Static_assert(sizeof(struct wt_ev_trades_lost) == 64, "ev_trades_lost");

/** Order-flow record: One raw message of a subscribed symbol (or of locate 0), or a marker (length 0 and MARKER set). Its events are in the event ring before it is written. */
struct wt_of_record {
    uint64_t feed_seq; /**< Feed sequence number; of a marker: the last message that was passed. */
    uint8_t raw[50]; /**< Message bytes as received, from its type on; bytes behind length are 0; a message over 50 bytes is cut. */
    uint8_t length; /**< Length of the message on the wire (saturates at 255). */
    uint8_t flags; /**< Channel and flags. */
    uint32_t lap; /**< Record number in its ring, from 1, modulo 2^32; written last. */
};
_Static_assert(offsetof(struct wt_of_record, feed_seq) == 0, "of_record.feed_seq");
_Static_assert(offsetof(struct wt_of_record, raw) == 8, "of_record.raw");
_Static_assert(offsetof(struct wt_of_record, length) == 58, "of_record.length");
_Static_assert(offsetof(struct wt_of_record, flags) == 59, "of_record.flags");
_Static_assert(offsetof(struct wt_of_record, lap) == 60, "of_record.lap");
_Static_assert(sizeof(struct wt_of_record) == 64, "of_record");

/** Order-flow record of what was shed: An order-flow marker with SHED: messages of its channel up to feed_seq found no room and are not in the ring. It comes before any later order flow of the channel. */
struct wt_of_shed {
    uint64_t feed_seq; /**< The last message that was passed, shed or not. */
    uint64_t shed; /**< Messages shed since the last such marker of the channel. */
    uint64_t software; /**< How many of them were not of a symbol that the card holds: 0 means that the order flow of the others is whole. */
    uint8_t reserved[34]; /**< Reserved, 0. */
    uint8_t length; /**< 0. */
    uint8_t flags; /**< As in an order-flow record: MARKER and SHED are set, and GAP or END when a marker of that kind was folded in. */
    uint32_t lap; /**< Record number in its ring, from 1, modulo 2^32; written last. */
};
_Static_assert(offsetof(struct wt_of_shed, feed_seq) == 0, "of_shed.feed_seq");
_Static_assert(offsetof(struct wt_of_shed, shed) == 8, "of_shed.shed");
_Static_assert(offsetof(struct wt_of_shed, software) == 16, "of_shed.software");
_Static_assert(offsetof(struct wt_of_shed, reserved) == 24, "of_shed.reserved");
_Static_assert(offsetof(struct wt_of_shed, length) == 58, "of_shed.length");
_Static_assert(offsetof(struct wt_of_shed, flags) == 59, "of_shed.flags");
_Static_assert(offsetof(struct wt_of_shed, lap) == 60, "of_shed.lap");
_Static_assert(sizeof(struct wt_of_shed) == 64, "of_shed");

/** Symbol window entry: 16 bytes; the entry's index is the symbol's index in records. */
struct wt_sym_entry {
    uint8_t name[8]; /**< Name, eight characters, padded with spaces; all zero: slot unused. */
    uint32_t ring; /**< Event ring of the symbol with this index, 0 to 7 (read as 0). */
    uint32_t reserved; /**< Reserved, 0. */
};
_Static_assert(offsetof(struct wt_sym_entry, name) == 0, "sym_entry.name");
_Static_assert(offsetof(struct wt_sym_entry, ring) == 8, "sym_entry.ring");
_Static_assert(offsetof(struct wt_sym_entry, reserved) == 12, "sym_entry.reserved");
_Static_assert(sizeof(struct wt_sym_entry) == 16, "sym_entry");

/** Channel window entry: A multicast channel of the feed, which comes on line A and on line B; the entry's index is the channel's number in records. */
struct wt_chan_entry {
    uint32_t enable; /**< Take this channel: bit 0 (all entries are 0 at start). */
    uint32_t group_a; /**< Multicast group on line A, IPv4 as a number (239.1.2.3 is 0xEF010203). */
    uint32_t group_b; /**< Multicast group on line B. */
    uint32_t ports; /**< UDP destination ports: line A in bits 15:0, line B in bits 31:16. */
    uint32_t start_seq_lo; /**< First sequence number expected (1 unless a late start is declared), low word; taken at reset. */
    uint32_t start_seq_hi; /**< High word. */
    uint32_t skip_to_lo; /**< Wait for no message below this number, low word. */
    uint32_t skip_to_hi; /**< High word. */
    uint64_t next_seq; /**< Next sequence number expected; written by the card. */
    uint32_t reserved[6]; /**< Reserved, 0. */
};
_Static_assert(offsetof(struct wt_chan_entry, enable) == 0, "chan_entry.enable");
_Static_assert(offsetof(struct wt_chan_entry, group_a) == 4, "chan_entry.group_a");
_Static_assert(offsetof(struct wt_chan_entry, group_b) == 8, "chan_entry.group_b");
_Static_assert(offsetof(struct wt_chan_entry, ports) == 12, "chan_entry.ports");
_Static_assert(offsetof(struct wt_chan_entry, start_seq_lo) == 16, "chan_entry.start_seq_lo");
_Static_assert(offsetof(struct wt_chan_entry, start_seq_hi) == 20, "chan_entry.start_seq_hi");
_Static_assert(offsetof(struct wt_chan_entry, skip_to_lo) == 24, "chan_entry.skip_to_lo");
_Static_assert(offsetof(struct wt_chan_entry, skip_to_hi) == 28, "chan_entry.skip_to_hi");
_Static_assert(offsetof(struct wt_chan_entry, next_seq) == 32, "chan_entry.next_seq");
_Static_assert(offsetof(struct wt_chan_entry, reserved) == 40, "chan_entry.reserved");
_Static_assert(sizeof(struct wt_chan_entry) == 64, "chan_entry");

/** Ring window entry: A further event ring; entry i is ring i + 1. A ring with size_log2 0 is not there, and what should go there goes to ring 0. Ring 0 is at ev_base_lo. A GAP, SESSION or SYSTEM record goes to every ring, each with its own number. */
struct wt_ring_entry {
    uint32_t base_lo; /**< Bus address, low word, 64-byte aligned. */
    uint32_t base_hi; /**< High word. */
    uint32_t size_log2; /**< log2 of the records in the ring, 4 to 24; 0: no ring. */
    uint32_t cons; /**< Records consumed by the host, monotonic modulo 2^32. */
    uint32_t prod; /**< Records written by the card, monotonic modulo 2^32. */
    uint32_t reserved[3]; /**< Reserved, 0. */
};
_Static_assert(offsetof(struct wt_ring_entry, base_lo) == 0, "ring_entry.base_lo");
_Static_assert(offsetof(struct wt_ring_entry, base_hi) == 4, "ring_entry.base_hi");
_Static_assert(offsetof(struct wt_ring_entry, size_log2) == 8, "ring_entry.size_log2");
_Static_assert(offsetof(struct wt_ring_entry, cons) == 12, "ring_entry.cons");
_Static_assert(offsetof(struct wt_ring_entry, prod) == 16, "ring_entry.prod");
_Static_assert(offsetof(struct wt_ring_entry, reserved) == 20, "ring_entry.reserved");
_Static_assert(sizeof(struct wt_ring_entry) == 32, "ring_entry");

/** Interrupt window entry: One vector of MSI-X: 0 to 7 are the event rings, 8 is order flow. Set index and arm: the host writes index, what it has consumed of the ring, then a new number to arm (or both at once). As soon as the ring's producer index differs from index, which it may do already, one interrupt is raised and fired becomes arm. A reset disarms. */
struct wt_irq_entry {
    uint32_t index; /**< Raise an interrupt when the ring's producer index is another. */
    uint32_t arm; /**< The vector is armed while this differs from fired. */
    uint32_t moderation_ns; /**< Least time between two interrupts, ns; counts from the next one on. */
    uint32_t fired; /**< The arm that the last interrupt answered; written by the card. */
};
_Static_assert(offsetof(struct wt_irq_entry, index) == 0, "irq_entry.index");
_Static_assert(offsetof(struct wt_irq_entry, arm) == 4, "irq_entry.arm");
_Static_assert(offsetof(struct wt_irq_entry, moderation_ns) == 8, "irq_entry.moderation_ns");
_Static_assert(offsetof(struct wt_irq_entry, fired) == 12, "irq_entry.fired");
_Static_assert(sizeof(struct wt_irq_entry) == 16, "irq_entry");

/** MSI-X table entry: As PCI has it. The pending bits, one each vector, are the 8 bytes at 0x3000. */
struct wt_msix_entry {
    uint32_t addr_lo; /**< Message address, low word (bits 1:0 are taken as 0). */
    uint32_t addr_hi; /**< High word. */
    uint32_t data; /**< Message data. */
    uint32_t control; /**< Bit 0: masked (1 at start). */
};
_Static_assert(offsetof(struct wt_msix_entry, addr_lo) == 0, "msix_entry.addr_lo");
_Static_assert(offsetof(struct wt_msix_entry, addr_hi) == 4, "msix_entry.addr_hi");
_Static_assert(offsetof(struct wt_msix_entry, data) == 8, "msix_entry.data");
_Static_assert(offsetof(struct wt_msix_entry, control) == 12, "msix_entry.control");
_Static_assert(sizeof(struct wt_msix_entry) == 16, "msix_entry");

/** Command line: First line of a command in the command ring. A payload longer than 56 bytes goes on in the lines behind it, 64 bytes in each. */
struct wt_cmd_line {
    uint8_t command; /**< What to do. */
    uint8_t channel; /**< Channel. */
    uint16_t length; /**< Bytes of payload, 1 to 9,000. */
    uint32_t reserved; /**< Reserved, 0. */
    uint8_t payload[56]; /**< Payload. */
};
_Static_assert(offsetof(struct wt_cmd_line, command) == 0, "cmd_line.command");
_Static_assert(offsetof(struct wt_cmd_line, channel) == 1, "cmd_line.channel");
_Static_assert(offsetof(struct wt_cmd_line, length) == 2, "cmd_line.length");
_Static_assert(offsetof(struct wt_cmd_line, reserved) == 4, "cmd_line.reserved");
_Static_assert(offsetof(struct wt_cmd_line, payload) == 8, "cmd_line.payload");
_Static_assert(sizeof(struct wt_cmd_line) == 64, "cmd_line");

/** Event record: a union by head.type. */
union wt_event_record {
    struct wt_ev_head head;
    struct wt_ev_bbo bbo;
    struct wt_ev_trade trade;
    struct wt_ev_state state;
    struct wt_ev_system system;
    struct wt_ev_symbol symbol;
    struct wt_ev_gap gap;
    struct wt_ev_session session;
    struct wt_ev_trades_lost trades_lost;
    uint32_t word[16]; /**< word[15] is lap in every type. */
};
_Static_assert(sizeof(union wt_event_record) == 64, "event record");

/** Exchange timestamp of an event record, ns since midnight. */
static inline uint64_t wt_ev_exch_ns(const struct wt_ev_head *h) { return h->stamp & 0xffffffffffffu; }
/** Cycles an event record spent in the card. */
static inline uint32_t wt_ev_cycles(const struct wt_ev_head *h) { return (uint32_t)(h->stamp >> 48); }

#endif
