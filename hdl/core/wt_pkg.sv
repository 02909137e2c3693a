// Types that cross rooms of the card. No feed format appears here.
//
// One message of the feed becomes exactly one op_t; the book answers every op_t with exactly
// one result_t, in order. The raw message waits beside the book, so that records of a
// message leave in the order: events, then its order-flow record.
package wt_pkg;

  // What a message asks of the book. Fields an operation does not name are don't-care.
  typedef enum logic [3:0] {
    OP_NOP       = 4'd0,   // nothing for the book; order flow only
    OP_ADD       = 4'd1,   // order_ref side shares price name
    OP_REDUCE    = 4'd2,   // order_ref shares; remove shares, the order leaves at zero
    OP_DELETE    = 4'd3,   // order_ref
    OP_REPLACE   = 4'd4,   // order_ref -> new_ref shares price; side and symbol stay
    OP_TRADE     = 4'd5,   // print that does not touch the book: price big_shares match name
    OP_STATE     = 4'd6,   // trading state: state reason
    OP_DIRECTORY = 4'd7,   // name: binds a locate
    OP_SYSTEM    = 4'd8,   // state = event code
    OP_BAD       = 4'd9,   // a message with a length that disagrees with its type; its symbol goes
                           // stale, or the whole channel when whole_channel is set
    OP_GAP       = 4'd10,  // big_shares = how many are lost, seq = the next that goes on, order_ref = first missing
    OP_SESSION   = 4'd11,  // session state(=wt_schema_pkg::SESSION_EVENT_*)
    OP_HEARTBEAT = 4'd12,  // seq = next expected
    OP_JOIN      = 4'd14,  // host: the symbol of locate was loaded up to message seq; order_ref = checksum of its orders
    OP_GAP_NOTE  = 4'd13   // as OP_GAP, but nothing is lost: state = wt_schema_pkg::GAP_STATE_OPEN or _FILLED
  } op_e;

  typedef struct packed {
    logic        recovered;      // came out of what the host injected, or loads
    logic        load;           // of the host: for a symbol that is being loaded; no record but what says so
    op_e         op;
    logic [2:0]  channel;
    logic [63:0] seq;            // feed sequence number
    logic [47:0] exch_ns;        // ns since midnight
    logic [63:0] ingress_ns;     // card time when the frame's last beat came in
    logic [31:0] ingress_cycle;  // cycle counter at the same moment
    logic [15:0] locate;
    logic [63:0] order_ref;
    logic [63:0] new_ref;
    logic        sell;           // side of the order
    logic [31:0] shares;
    logic [31:0] price;          // 1/10000 dollar
    logic [63:0] name;           // first character in bits [7:0]
    logic        is_exec;        // OP_REDUCE is an execution: a trade record is due
    logic        exec_price;     // the execution is at .price, not at the order's own price
    logic        printable;
    logic [7:0]  print;          // wt_schema_pkg::TRADE_KIND_*
    logic [63:0] big_shares;
    logic [63:0] match;
    logic [7:0]  cross_type;
    logic [7:0]  state;
    logic [31:0] reason;         // first character in bits [7:0]
    logic [79:0] session;        // first character in bits [7:0]
    logic        whole_channel;  // OP_BAD: the locate could not be read
    logic        counts_as_bad_length;    // statistics of the decoder, carried in order
    logic        counts_as_unknown_type;
  } op_t;

  // A datagram that waits for the arbiter.
  typedef struct packed {
    logic        done;     // dealt with: only passed over
    logic [2:0]  channel;
    logic        marker;   // carries no message: heartbeat or end of session
    logic        fin;      // end of session
    logic [79:0] session;  // first character in bits [7:0]
    logic [63:0] seq;      // of its first message
    logic [63:0] behind;   // of the message behind its last
    logic [15:0] addr;     // of its first message in the line's ring
    logic [63:0] ns;       // ingress, card time and cycle counter
    logic [31:0] cycle;
  } cand_t;
  // verilator lint_off UNUSEDPARAM
  localparam int unsigned CAND_W = 326;  // its bits
  // verilator lint_on UNUSEDPARAM

  // What the arbiter has to do for it.
  typedef enum logic [2:0] {
    IS_OLD     = 3'd0,  // nothing any more
    IS_NEXT    = 3'd1,  // deliver what is new
    IS_AHEAD   = 3'd2,  // hold it
    IS_SESSION = 3'd3,  // tell its session first
    IS_MARKER  = 3'd4   // tell heartbeat or end of session
  } verdict_e;

  // The message as it was received; travels beside the op.
  typedef struct packed {
    logic [7:0]   length;  // on the wire, saturated at 255
    logic [399:0] raw;     // byte 0 (the type) in bits [7:0]; bytes behind length are 0
  } raw_t;

  // One side of the book.
  typedef struct packed {
    logic [31:0] price;
    logic [31:0] shares;
    logic [16:0] orders;   // 0: the side is empty and the other fields are 0
  } side_t;

  // What the book found out about one op.
  typedef struct packed {
    logic        forward;      // write an order-flow record for it
    logic        has_symbol;   // sym is meaningful (the locate has a slot in the card)
    logic [15:0] sym;
    logic [7:0]  book_state;   // wt_schema_pkg::BOOK_STATE_* of sym after the op
    logic        bind_event;   // a SYMBOL record is due: locate bound (has_symbol 0: to software)
    logic        state_event;  // a SYMBOL record is due: book_state changed, for cause
    logic [7:0]  cause;        // wt_schema_pkg::REASON_*
    logic        other_event;  // another symbol (locate mismatch, duplicate reference) went stale too
    logic [15:0] other_sym;
    logic        trade_event;  // a TRADE record is due
    logic [31:0] trade_price;
    logic        trade_sell;   // side of the resting order
    logic        bbo_event;    // bid or ask changed and the book is valid: a BBO record is due
    side_t       bid;
    side_t       ask;
    logic        unknown_ref;  // statistics
    logic        excess;
    logic        zero_add;
    logic        senseless;
    logic        overflow;
  } result_t;

endpackage
