// Generated from hdl/schema/wiretick.rdl by generate.py: do not edit.
// Layouts of registers, windows and records; byte 0 is bits [7:0].
// verilator lint_off UNUSEDPARAM
package wt_schema_pkg;

  localparam logic [31:0] SCHEMA_VERSION = 32'd4;
  localparam logic [31:0] SCHEMA_DIGEST = 32'h7e1c279f;
  localparam logic [31:0] MAGIC = 32'h4b435457;

  localparam logic [7:0] RECORD_TYPE_BBO = 8'd1;
  localparam logic [7:0] RECORD_TYPE_TRADE = 8'd2;
  localparam logic [7:0] RECORD_TYPE_TRADING_STATE = 8'd3;
  localparam logic [7:0] RECORD_TYPE_SYSTEM = 8'd4;
  localparam logic [7:0] RECORD_TYPE_SYMBOL = 8'd5;
  localparam logic [7:0] RECORD_TYPE_GAP = 8'd6;
  localparam logic [7:0] RECORD_TYPE_SESSION = 8'd7;
  localparam logic [7:0] RECORD_TYPE_TRADES_LOST = 8'd8;

  localparam logic [7:0] TRADE_KIND_EXECUTION = 8'd0;
  localparam logic [7:0] TRADE_KIND_EXECUTION_PRICE = 8'd1;
  localparam logic [7:0] TRADE_KIND_NON_DISPLAYED = 8'd2;
  localparam logic [7:0] TRADE_KIND_CROSS = 8'd3;

  localparam logic [7:0] BOOK_STATE_UNBOUND = 8'd0;
  localparam logic [7:0] BOOK_STATE_VALID = 8'd1;
  localparam logic [7:0] BOOK_STATE_STALE = 8'd2;
  localparam logic [7:0] BOOK_STATE_SOFTWARE = 8'd3;

  localparam logic [7:0] REASON_NONE = 8'd0;
  localparam logic [7:0] REASON_NO_SLOT = 8'd1;
  localparam logic [7:0] REASON_ORDER_OVERFLOW = 8'd2;
  localparam logic [7:0] REASON_LEVEL_OVERFLOW = 8'd3;
  localparam logic [7:0] REASON_GAP = 8'd4;
  localparam logic [7:0] REASON_DUPLICATE_ADD = 8'd5;
  localparam logic [7:0] REASON_REPLACE_LIVE = 8'd6;
  localparam logic [7:0] REASON_LOCATE_MISMATCH = 8'd7;
  localparam logic [7:0] REASON_SUM_OVERFLOW = 8'd8;
  localparam logic [7:0] REASON_BAD_LENGTH = 8'd9;
  localparam logic [7:0] REASON_JOIN_LATE = 8'd10;
  localparam logic [7:0] REASON_JOIN_SUM = 8'd11;

  localparam logic [7:0] GAP_STATE_LOST = 8'd0;
  localparam logic [7:0] GAP_STATE_OPEN = 8'd1;
  localparam logic [7:0] GAP_STATE_FILLED = 8'd2;

  localparam logic [7:0] SESSION_EVENT_START = 8'd1;
  localparam logic [7:0] SESSION_EVENT_CHANGE = 8'd2;
  localparam logic [7:0] SESSION_EVENT_END = 8'd3;

  localparam logic [7:0] CARD_COMMAND_INJECT = 8'd1;
  localparam logic [7:0] CARD_COMMAND_LOAD = 8'd2;
  localparam logic [7:0] CARD_COMMAND_JOIN = 8'd3;

  localparam int unsigned REG_MAGIC = 'h000;
  localparam int unsigned REG_SCHEMA_VERSION = 'h004;
  localparam int unsigned REG_GIT_HASH = 'h008;
  localparam int unsigned REG_CAP_SYMBOLS = 'h00c;
  localparam int unsigned REG_CAP_ORDER_SLOTS = 'h010;
  localparam int unsigned REG_CAP_LEVEL_SLOTS = 'h014;
  localparam int unsigned REG_CAP_TLP_WIDTH = 'h018;
  localparam int unsigned REG_CAP_CLOCK_PS = 'h01c;
  localparam int unsigned REG_CAP_LINES = 'h020;
  localparam int unsigned REG_CAP_VECTORS = 'h024;
  localparam int unsigned REG_RESET_SEQ = 'h040;
  localparam int unsigned REG_RESET_ACK = 'h044;
  localparam int unsigned REG_CONTROL = 'h048;
  localparam int unsigned REG_SYM_COUNT = 'h05c;
  localparam int unsigned REG_SKEW_NS = 'h060;
  localparam int unsigned REG_GAP_TIMEOUT_NS = 'h064;
  localparam int unsigned REG_EV_BASE_LO = 'h080;
  localparam int unsigned REG_EV_BASE_HI = 'h084;
  localparam int unsigned REG_EV_SIZE_LOG2 = 'h088;
  localparam int unsigned REG_EV_CONS = 'h08c;
  localparam int unsigned REG_EV_PROD = 'h090;
  localparam int unsigned REG_OF_BASE_LO = 'h0a0;
  localparam int unsigned REG_OF_BASE_HI = 'h0a4;
  localparam int unsigned REG_OF_SIZE_LOG2 = 'h0a8;
  localparam int unsigned REG_OF_CONS = 'h0ac;
  localparam int unsigned REG_OF_PROD = 'h0b0;
  localparam int unsigned REG_CMD_BASE_LO = 'h0c0;
  localparam int unsigned REG_CMD_BASE_HI = 'h0c4;
  localparam int unsigned REG_CMD_SIZE_LOG2 = 'h0c8;
  localparam int unsigned REG_CMD_PROD = 'h0cc;
  localparam int unsigned REG_CMD_CONS = 'h0d0;
  localparam int unsigned REG_CNT_FRAMES_A = 'h100;
  localparam int unsigned REG_CNT_BAD_FRAME_A = 'h108;
  localparam int unsigned REG_CNT_BAD_HEADER_A = 'h110;
  localparam int unsigned REG_CNT_FILTERED_A = 'h118;
  localparam int unsigned REG_CNT_RX_OVERFLOW_A = 'h120;
  localparam int unsigned REG_CNT_BAD_DATAGRAM_A = 'h128;
  localparam int unsigned REG_CNT_LATE_A = 'h130;
  localparam int unsigned REG_CNT_FRAMES_B = 'h138;
  localparam int unsigned REG_CNT_BAD_FRAME_B = 'h140;
  localparam int unsigned REG_CNT_BAD_HEADER_B = 'h148;
  localparam int unsigned REG_CNT_FILTERED_B = 'h150;
  localparam int unsigned REG_CNT_RX_OVERFLOW_B = 'h158;
  localparam int unsigned REG_CNT_BAD_DATAGRAM_B = 'h160;
  localparam int unsigned REG_CNT_LATE_B = 'h168;
  localparam int unsigned REG_CNT_MESSAGES = 'h170;
  localparam int unsigned REG_CNT_GAPS = 'h178;
  localparam int unsigned REG_CNT_MISSED = 'h180;
  localparam int unsigned REG_CNT_FILLED = 'h188;
  localparam int unsigned REG_CNT_HEARTBEATS = 'h190;
  localparam int unsigned REG_CNT_UNKNOWN_TYPE = 'h198;
  localparam int unsigned REG_CNT_BAD_LENGTH = 'h1a0;
  localparam int unsigned REG_CNT_UNKNOWN_REF = 'h1a8;
  localparam int unsigned REG_CNT_EXCESS = 'h1b0;
  localparam int unsigned REG_CNT_ZERO_ADD = 'h1b8;
  localparam int unsigned REG_CNT_SENSELESS = 'h1c0;
  localparam int unsigned REG_CNT_OVERFLOW = 'h1c8;
  localparam int unsigned REG_CNT_EVENTS = 'h1d0;
  localparam int unsigned REG_CNT_BBO = 'h1d8;
  localparam int unsigned REG_CNT_ORDER_FLOW = 'h1e0;
  localparam int unsigned REG_CNT_EV_FULL = 'h1e8;
  localparam int unsigned REG_CNT_OF_FULL = 'h1f0;
  localparam int unsigned REG_CNT_BAD_REQUEST = 'h1f8;
  localparam int unsigned REG_CNT_ORDERS_LIVE = 'h200;
  localparam int unsigned REG_CNT_ORDERS_PEAK = 'h208;
  localparam int unsigned REG_CNT_RECOVERED = 'h210;
  localparam int unsigned REG_CNT_LATE_INJECTED = 'h218;
  localparam int unsigned REG_CNT_BAD_COMMAND = 'h220;
  localparam int unsigned REG_CNT_READ_TIMEOUT = 'h228;
  localparam int unsigned REG_CNT_READ_REFUSED = 'h230;
  localparam int unsigned REG_CNT_CONFLATED = 'h238;
  localparam int unsigned REG_CNT_TRADES_LOST = 'h240;
  localparam int unsigned REG_CNT_SHED = 'h248;
  localparam int unsigned REG_CNT_SHED_SOFTWARE = 'h250;
  localparam int unsigned REG_CNT_PRESSURE = 'h258;
  localparam int unsigned REG_CNT_LINK_WAIT = 'h260;
  localparam int unsigned REG_CNT_MAX_HOLD_A = 'h268;
  localparam int unsigned REG_CNT_MAX_HOLD_B = 'h270;
  localparam int unsigned REG_CNT_MAX_OPS = 'h278;
  localparam int unsigned REG_CNT_MAX_EVENTS = 'h280;
  localparam int unsigned REG_CNT_MAX_ORDER_FLOW = 'h288;
  localparam int unsigned REG_CNT_MAX_FOLDED = 'h290;
  localparam int unsigned REG_CNT_BYTES_A = 'h298;
  localparam int unsigned REG_CNT_MAC_GOOD_A = 'h2a0;
  localparam int unsigned REG_CNT_MAC_BAD_FCS_A = 'h2a8;
  localparam int unsigned REG_CNT_MAC_BAD_CODE_A = 'h2b0;
  localparam int unsigned REG_CNT_MAC_BAD_SIZE_A = 'h2b8;
  localparam int unsigned REG_CNT_MAC_CONTROL_A = 'h2c0;
  localparam int unsigned REG_CNT_MAC_LOST_A = 'h2c8;
  localparam int unsigned REG_CNT_BYTES_B = 'h2d0;
  localparam int unsigned REG_CNT_MAC_GOOD_B = 'h2d8;
  localparam int unsigned REG_CNT_MAC_BAD_FCS_B = 'h2e0;
  localparam int unsigned REG_CNT_MAC_BAD_CODE_B = 'h2e8;
  localparam int unsigned REG_CNT_MAC_BAD_SIZE_B = 'h2f0;
  localparam int unsigned REG_CNT_MAC_CONTROL_B = 'h2f8;
  localparam int unsigned REG_CNT_MAC_LOST_B = 'h300;
  localparam int unsigned REG_CNT_READ_UNSUPPORTED = 'h308;
  localparam int unsigned REG_CNT_READ_ABORTED = 'h310;
  localparam int unsigned REG_CNT_READ_POISONED = 'h318;
  localparam int unsigned REG_CNT_INTERRUPTS = 'h320;

  localparam int unsigned CONTROL_ENABLE = 0;
  localparam int unsigned CONTROL_SUBSCRIBE_ALL = 1;
  localparam int unsigned CONTROL_ORDER_FLOW = 2;
  localparam int unsigned CONTROL_RECOVER = 3;

  localparam int unsigned CNT_BASE = 'h100;
  localparam int unsigned CNT_FRAMES_A = 0;
  localparam int unsigned CNT_BAD_FRAME_A = 1;
  localparam int unsigned CNT_BAD_HEADER_A = 2;
  localparam int unsigned CNT_FILTERED_A = 3;
  localparam int unsigned CNT_RX_OVERFLOW_A = 4;
  localparam int unsigned CNT_BAD_DATAGRAM_A = 5;
  localparam int unsigned CNT_LATE_A = 6;
  localparam int unsigned CNT_FRAMES_B = 7;
  localparam int unsigned CNT_BAD_FRAME_B = 8;
  localparam int unsigned CNT_BAD_HEADER_B = 9;
  localparam int unsigned CNT_FILTERED_B = 10;
  localparam int unsigned CNT_RX_OVERFLOW_B = 11;
  localparam int unsigned CNT_BAD_DATAGRAM_B = 12;
  localparam int unsigned CNT_LATE_B = 13;
  localparam int unsigned CNT_MESSAGES = 14;
  localparam int unsigned CNT_GAPS = 15;
  localparam int unsigned CNT_MISSED = 16;
  localparam int unsigned CNT_FILLED = 17;
  localparam int unsigned CNT_HEARTBEATS = 18;
  localparam int unsigned CNT_UNKNOWN_TYPE = 19;
  localparam int unsigned CNT_BAD_LENGTH = 20;
  localparam int unsigned CNT_UNKNOWN_REF = 21;
  localparam int unsigned CNT_EXCESS = 22;
  localparam int unsigned CNT_ZERO_ADD = 23;
  localparam int unsigned CNT_SENSELESS = 24;
  localparam int unsigned CNT_OVERFLOW = 25;
  localparam int unsigned CNT_EVENTS = 26;
  localparam int unsigned CNT_BBO = 27;
  localparam int unsigned CNT_ORDER_FLOW = 28;
  localparam int unsigned CNT_EV_FULL = 29;
  localparam int unsigned CNT_OF_FULL = 30;
  localparam int unsigned CNT_BAD_REQUEST = 31;
  localparam int unsigned CNT_ORDERS_LIVE = 32;
  localparam int unsigned CNT_ORDERS_PEAK = 33;
  localparam int unsigned CNT_RECOVERED = 34;
  localparam int unsigned CNT_LATE_INJECTED = 35;
  localparam int unsigned CNT_BAD_COMMAND = 36;
  localparam int unsigned CNT_READ_TIMEOUT = 37;
  localparam int unsigned CNT_READ_REFUSED = 38;
  localparam int unsigned CNT_CONFLATED = 39;
  localparam int unsigned CNT_TRADES_LOST = 40;
  localparam int unsigned CNT_SHED = 41;
  localparam int unsigned CNT_SHED_SOFTWARE = 42;
  localparam int unsigned CNT_PRESSURE = 43;
  localparam int unsigned CNT_LINK_WAIT = 44;
  localparam int unsigned CNT_MAX_HOLD_A = 45;
  localparam int unsigned CNT_MAX_HOLD_B = 46;
  localparam int unsigned CNT_MAX_OPS = 47;
  localparam int unsigned CNT_MAX_EVENTS = 48;
  localparam int unsigned CNT_MAX_ORDER_FLOW = 49;
  localparam int unsigned CNT_MAX_FOLDED = 50;
  localparam int unsigned CNT_BYTES_A = 51;
  localparam int unsigned CNT_MAC_GOOD_A = 52;
  localparam int unsigned CNT_MAC_BAD_FCS_A = 53;
  localparam int unsigned CNT_MAC_BAD_CODE_A = 54;
  localparam int unsigned CNT_MAC_BAD_SIZE_A = 55;
  localparam int unsigned CNT_MAC_CONTROL_A = 56;
  localparam int unsigned CNT_MAC_LOST_A = 57;
  localparam int unsigned CNT_BYTES_B = 58;
  localparam int unsigned CNT_MAC_GOOD_B = 59;
  localparam int unsigned CNT_MAC_BAD_FCS_B = 60;
  localparam int unsigned CNT_MAC_BAD_CODE_B = 61;
  localparam int unsigned CNT_MAC_BAD_SIZE_B = 62;
  localparam int unsigned CNT_MAC_CONTROL_B = 63;
  localparam int unsigned CNT_MAC_LOST_B = 64;
  localparam int unsigned CNT_READ_UNSUPPORTED = 65;
  localparam int unsigned CNT_READ_ABORTED = 66;
  localparam int unsigned CNT_READ_POISONED = 67;
  localparam int unsigned CNT_INTERRUPTS = 68;
  localparam int unsigned CNT_COUNT = 69;

  localparam int unsigned WIN_CHANNELS = 'h1000;
  localparam int unsigned WIN_CHANNELS_STRIDE = 64;

  localparam int unsigned WIN_RINGS = 'h1400;
  localparam int unsigned WIN_RINGS_STRIDE = 32;

  localparam int unsigned WIN_IRQS = 'h1800;
  localparam int unsigned WIN_IRQS_STRIDE = 16;

  localparam int unsigned WIN_MSIX = 'h2000;
  localparam int unsigned WIN_MSIX_STRIDE = 16;

  localparam int unsigned WIN_SYMBOLS = 'h4000;
  localparam int unsigned WIN_SYMBOLS_STRIDE = 16;

  localparam int unsigned EVF_VALID = 0;
  localparam int unsigned EVF_STALE = 1;
  localparam int unsigned EVF_GAP = 2;
  localparam int unsigned EVF_OVERFLOW = 3;
  localparam int unsigned EVF_CONFLATED = 4;
  localparam int unsigned EVF_SOFTWARE = 5;
  localparam int unsigned EVF_RECOVERED = 6;
  localparam int unsigned EVF_PRINTABLE = 7;
  localparam int unsigned EVF_SELL = 8;
  localparam int unsigned OFF_CHANNEL = 0;
  localparam int unsigned OFF_MARKER = 3;
  localparam int unsigned OFF_GAP = 4;
  localparam int unsigned OFF_SHED = 5;
  localparam int unsigned OFF_END = 6;
  localparam int unsigned OFF_RECOVERED = 7;

  // BBO record: Best bid/offer after feed_seq. A side without orders has price, shares and count 0.
  typedef struct packed {
    logic [31:0] lap;
    logic [31:0] reserved;
    logic [31:0] conflated;
    logic [15:0] ask_orders;
    logic [15:0] bid_orders;
    logic [31:0] ask_shares;
    logic [31:0] ask_price;
    logic [31:0] bid_shares;
    logic [31:0] bid_price;
    logic [63:0] ingress_ns;
    logic [63:0] stamp;
    logic [63:0] feed_seq;
    logic [15:0] locate;
    logic [15:0] symbol;
    logic [15:0] flags;
    logic [7:0] channel;
    logic [7:0] kind;
  } ev_bbo_t;

  // Trade record: One print. The book's change, if any, follows in a BBO record of the same feed_seq.
  typedef struct packed {
    logic [31:0] lap;
    logic [31:0] reserved;
    logic [63:0] match;
    logic [63:0] shares;
    logic [7:0] reserved0;
    logic [7:0] cross_type;
    logic [7:0] itch_type;
    logic [7:0] print;
    logic [31:0] price;
    logic [63:0] ingress_ns;
    logic [63:0] stamp;
    logic [63:0] feed_seq;
    logic [15:0] locate;
    logic [15:0] symbol;
    logic [15:0] flags;
    logic [7:0] channel;
    logic [7:0] kind;
  } ev_trade_t;

  // Trading-state record: ITCH H.
  typedef struct packed {
    logic [31:0] lap;
    logic [159:0] reserved;
    logic [31:0] reason;
    logic [23:0] reserved0;
    logic [7:0] state;
    logic [63:0] ingress_ns;
    logic [63:0] stamp;
    logic [63:0] feed_seq;
    logic [15:0] locate;
    logic [15:0] symbol;
    logic [15:0] flags;
    logic [7:0] channel;
    logic [7:0] kind;
  } ev_state_t;

  // System record: ITCH S.
  typedef struct packed {
    logic [31:0] lap;
    logic [191:0] reserved;
    logic [23:0] reserved0;
    logic [7:0] code;
    logic [63:0] ingress_ns;
    logic [63:0] stamp;
    logic [63:0] feed_seq;
    logic [15:0] locate;
    logic [15:0] symbol;
    logic [15:0] flags;
    logic [7:0] channel;
    logic [7:0] kind;
  } ev_system_t;

  // Symbol record: A symbol was bound to its locate, or its book state changed with this message.
  typedef struct packed {
    logic [31:0] lap;
    logic [127:0] reserved;
    logic [15:0] reserved0;
    logic [7:0] reason;
    logic [7:0] state;
    logic [63:0] name;
    logic [63:0] ingress_ns;
    logic [63:0] stamp;
    logic [63:0] feed_seq;
    logic [15:0] locate;
    logic [15:0] symbol;
    logic [15:0] flags;
    logic [7:0] channel;
    logic [7:0] kind;
  } ev_symbol_t;

  // Gap record: Messages first_missing to first_missing+count-1 did not come, or have come after all. feed_seq: lost: the next message that goes on; open: the first missing; filled: the next one expected. Of an open gap the first part may be filled and the rest lost.
  typedef struct packed {
    logic [31:0] lap;
    logic [63:0] reserved;
    logic [15:0] reserved0;
    logic [7:0] state;
    logic [7:0] reason;
    logic [63:0] count;
    logic [63:0] first_missing;
    logic [63:0] ingress_ns;
    logic [63:0] stamp;
    logic [63:0] feed_seq;
    logic [15:0] locate;
    logic [15:0] symbol;
    logic [15:0] flags;
    logic [7:0] channel;
    logic [7:0] kind;
  } ev_gap_t;

  // Session record: MoldUDP64 session.
  typedef struct packed {
    logic [31:0] lap;
    logic [127:0] reserved;
    logic [7:0] reserved0;
    logic [7:0] session_event;
    logic [79:0] session;
    logic [63:0] ingress_ns;
    logic [63:0] stamp;
    logic [63:0] feed_seq;
    logic [15:0] locate;
    logic [15:0] symbol;
    logic [15:0] flags;
    logic [7:0] channel;
    logic [7:0] kind;
  } ev_session_t;

  // Trades-lost record: Trades of symbols of this ring that found no room, which had only prints. Their BBO records are not lost: folded at worst.
  typedef struct packed {
    logic [31:0] lap;
    logic [127:0] reserved;
    logic [31:0] count;
    logic [63:0] first_seq;
    logic [63:0] ingress_ns;
    logic [63:0] stamp;
    logic [63:0] feed_seq;
    logic [15:0] locate;
    logic [15:0] symbol;
    logic [15:0] flags;
    logic [7:0] channel;
    logic [7:0] kind;
  } ev_trades_lost_t;

  // Order-flow record: One raw message of a subscribed symbol (or of locate 0), or a marker (length 0 and MARKER set). Its events are in the event ring before it is written.
  typedef struct packed {
    logic [31:0] lap;
    logic [7:0] flags;
    logic [7:0] length;
    logic [399:0] raw;
    logic [63:0] feed_seq;
  } of_record_t;

  // Order-flow record of what was shed: An order-flow marker with SHED: messages of its channel up to feed_seq found no room and are not in the ring. It comes before any later order flow of the channel.
  typedef struct packed {
    logic [31:0] lap;
    logic [7:0] flags;
    logic [7:0] length;
    logic [271:0] reserved;
    logic [63:0] software;
    logic [63:0] shed;
    logic [63:0] feed_seq;
  } of_shed_t;

  // Symbol window entry: 16 bytes; the entry's index is the symbol's index in records.
  typedef struct packed {
    logic [31:0] reserved;
    logic [31:0] ring;
    logic [63:0] name;
  } sym_entry_t;

  // Channel window entry: A multicast channel of the feed, which comes on line A and on line B; the entry's index is the channel's number in records.
  typedef struct packed {
    logic [191:0] reserved;
    logic [63:0] next_seq;
    logic [31:0] skip_to_hi;
    logic [31:0] skip_to_lo;
    logic [31:0] start_seq_hi;
    logic [31:0] start_seq_lo;
    logic [31:0] ports;
    logic [31:0] group_b;
    logic [31:0] group_a;
    logic [31:0] enable;
  } chan_entry_t;

  // Ring window entry: A further event ring; entry i is ring i + 1. A ring with size_log2 0 is not there, and what should go there goes to ring 0. Ring 0 is at ev_base_lo. A GAP, SESSION or SYSTEM record goes to every ring, each with its own number.
  typedef struct packed {
    logic [95:0] reserved;
    logic [31:0] prod;
    logic [31:0] cons;
    logic [31:0] size_log2;
    logic [31:0] base_hi;
    logic [31:0] base_lo;
  } ring_entry_t;

  // Interrupt window entry: One vector of MSI-X: 0 to 7 are the event rings, 8 is order flow. Set index and arm: the host writes index, what it has consumed of the ring, then a new number to arm (or both at once). As soon as the ring's producer index differs from index, which it may do already, one interrupt is raised and fired becomes arm. A reset disarms.
  typedef struct packed {
    logic [31:0] fired;
    logic [31:0] moderation_ns;
    logic [31:0] arm;
    logic [31:0] index;
  } irq_entry_t;

  // MSI-X table entry: As PCI has it. The pending bits, one each vector, are the 8 bytes at 0x3000.
  typedef struct packed {
    logic [31:0] control;
    logic [31:0] data;
    logic [31:0] addr_hi;
    logic [31:0] addr_lo;
  } msix_entry_t;

  // Command line: First line of a command in the command ring. A payload longer than 56 bytes goes on in the lines behind it, 64 bytes in each.
  typedef struct packed {
    logic [447:0] payload;
    logic [31:0] reserved;
    logic [15:0] length;
    logic [7:0] channel;
    logic [7:0] command;
  } cmd_line_t;

endpackage
// verilator lint_on UNUSEDPARAM
