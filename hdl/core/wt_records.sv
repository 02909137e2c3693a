// Record builder: an op, its raw message and what the book found out about it become event records
// and one order-flow record.
//
// Ops come from the feed and wait here for their results, which come in the same order. The
// records of an op, in this order: SYMBOL (bind), GAP, SESSION, SYSTEM, TRADING_STATE, TRADE, SYMBOL
// (state, then the other symbol's), BBO; one a cycle. Its order-flow record comes with the last of
// them. Heartbeats, gaps and session events give a marker as order flow, and so does a message that
// makes the whole channel stale.
//
// Latency: one cycle from a result (and its op) to the record. One op a cycle, or one event record.
module wt_records #(
    parameter int unsigned DEPTH_LOG2 = 4  // ops that may wait for their results, log2
) (
    input  logic              clk_i,
    input  logic              rst_i,
    // Free-running, the one that stamps ops.
    input  logic [31:0]       cycle_i,
    // Write order-flow records.
    input  logic              order_flow_i,
    // Ops and their messages, as the book takes them.
    input  logic              op_valid_i,
    output logic              op_ready_o,
    // verilator lint_off UNUSEDSIGNAL
    input  wt_pkg::op_t       op_i,  // no record needs every field
    // verilator lint_on UNUSEDSIGNAL
    input  wt_pkg::raw_t      raw_i,
    // Results, one per op, in order.
    input  logic              result_valid_i,
    output logic              result_ready_o,
    input  wt_pkg::result_t   result_i,
    // Event records, order-flow records: bytes 0 to 59, byte 0 in bits [7:0].
    // With the event its ring (the map answers in the same cycle); of_software: not of a symbol that the card holds.
    output logic              ev_valid_o,
    input  logic              ev_ready_i,
    output logic [479:0]      ev_data_o,
    output logic [2:0]        ev_ring_o,
    output logic [9:0]        ring_sym_o,
    input  logic [2:0]        ring_i,
    output logic              of_valid_o,
    input  logic              of_ready_i,
    output logic [479:0]      of_data_o,
    output logic              of_software_o,
    // Counters, cleared by rst_i.
    output logic [63:0]       cnt_unknown_type_o,
    output logic [63:0]       cnt_bad_length_o,
    output logic [63:0]       cnt_unknown_ref_o,
    output logic [63:0]       cnt_excess_o,
    output logic [63:0]       cnt_zero_add_o,
    output logic [63:0]       cnt_senseless_o,
    output logic [63:0]       cnt_overflow_o,
    output logic [63:0]       cnt_bbo_o,
    output logic [DEPTH_LOG2:0] max_ops_o,
    // No op waits for its result and no record waits.
    output logic              idle_o
);

  // ---------------------------------------------------------------- ops that wait

  // What of an op goes into its records.
  typedef struct packed {
    logic         recovered;
    logic [2:0]   channel;
    logic [63:0]  seq;
    logic [47:0]  exch_ns;
    logic [63:0]  ingress_ns;
    logic [31:0]  ingress_cycle;
    logic [15:0]  locate;
    logic [63:0]  first_missing;
    logic [63:0]  name;
    logic         printable;
    logic [7:0]   print;
    logic [63:0]  shares;
    logic [63:0]  match;
    logic [7:0]   cross_type;
    logic [7:0]   state;
    logic [31:0]  reason;
    logic [79:0]  session;
    logic [7:0]   length;
    logic [399:0] raw;
  } wait_t;
  wait_t in, m;
  localparam int unsigned WAIT_W = $bits(in);

  logic [WAIT_W-1:0] mem [0:2**DEPTH_LOG2-1];
  logic [DEPTH_LOG2:0] wr_q, rd_q;
  // What decides which records are due and what is counted, apart: it is looked at in every cycle.
  logic [6:0] kind_mem [0:2**DEPTH_LOG2-1];

  wire [DEPTH_LOG2:0] level = wr_q - rd_q;
  assign op_ready_o = !level[DEPTH_LOG2];
  wire push = op_valid_i && op_ready_o;
  wire [6:0] op_kind = {op_i.counts_as_unknown_type, op_i.counts_as_bad_length, op_i.whole_channel, op_i.op};

  always_ff @(posedge clk_i) begin
    // verilator lint_off BLKSEQ
    if (push) begin
      in.recovered = op_i.recovered;
      in.channel = op_i.channel;
      in.seq = op_i.seq;
      in.exch_ns = op_i.exch_ns;
      in.ingress_ns = op_i.ingress_ns;
      in.ingress_cycle = op_i.ingress_cycle;
      in.locate = op_i.locate;
      in.first_missing = op_i.order_ref;
      in.name = op_i.name;
      in.printable = op_i.printable;
      in.print = op_i.print;
      in.shares = op_i.op == wt_pkg::OP_REDUCE ? {32'd0, op_i.shares} : op_i.big_shares;
      in.match = op_i.match;
      in.cross_type = op_i.cross_type;
      in.state = op_i.state;
      in.reason = op_i.reason;
      in.session = op_i.session;
      in.length = raw_i.length;
      in.raw = raw_i.raw;
      mem[wr_q[DEPTH_LOG2-1:0]] <= in;
      kind_mem[wr_q[DEPTH_LOG2-1:0]] <= op_kind;
      wr_q <= wr_q + 1'b1;
    end
    // verilator lint_on BLKSEQ
    if (rst_i) wr_q <= '0;
  end

  // ---------------------------------------------------------------- which records are due

  localparam int unsigned EV_BIND = 0;
  localparam int unsigned EV_GAP = 1;
  localparam int unsigned EV_SESSION = 2;
  localparam int unsigned EV_SYSTEM = 3;
  localparam int unsigned EV_STATE = 4;
  localparam int unsigned EV_TRADE = 5;
  localparam int unsigned EV_SYMBOL = 6;
  localparam int unsigned EV_OTHER = 7;
  localparam int unsigned EV_BBO = 8;
  localparam int unsigned EV_KINDS = 9;

  logic [EV_KINDS-1:0] done_q;  // records of this op that are made

  wire have = level != '0 && result_valid_i;
  // The kind of the op that is next, read ahead: what is due is known early in the cycle.
  logic [6:0] kind_q;
  wire [3:0] op = kind_q[3:0];
  wire channel_lost = op == wt_pkg::OP_GAP || (op == wt_pkg::OP_BAD && kind_q[4]);
  wire note = op == wt_pkg::OP_GAP_NOTE;  // of a gap in which nothing is lost (yet)
  wire marker = channel_lost || op == wt_pkg::OP_SESSION || op == wt_pkg::OP_HEARTBEAT;
  logic [EV_KINDS-1:0] due, todo, now;
  logic last, event_due;
  always_comb begin
    due = '0;
    todo = '0;
    now = '0;
    last = 1'b1;
    event_due = 1'b0;
    if (have) begin
      due = {
          result_i.bbo_event,
          result_i.other_event,
          result_i.state_event,
          result_i.trade_event,
          op == wt_pkg::OP_STATE && (result_i.has_symbol || result_i.forward),
          op == wt_pkg::OP_SYSTEM,
          op == wt_pkg::OP_SESSION,
          channel_lost || note,
          result_i.bind_event};
      todo = due & ~done_q;
      // The first of them, and whether it is the last: written out, no carry chain.
      now = {
          todo[8] && todo[7:0] == '0, todo[7] && todo[6:0] == '0, todo[6] && todo[5:0] == '0,
          todo[5] && todo[4:0] == '0, todo[4] && todo[3:0] == '0, todo[3] && todo[2:0] == '0,
          todo[2] && todo[1:0] == '0, todo[1] && !todo[0], todo[0]};
      last = (todo & ~now) == '0;
      event_due = todo != '0;
    end
  end
  wire order_flow_due = order_flow_i && !note && (marker || result_i.forward);

  logic ev_valid_q, of_valid_q, of_software_q;
  logic [2:0] ev_ring_q;
  logic [DEPTH_LOG2:0] max_ops_q;
  logic [479:0] ev_data_q, of_data_q;
  assign ev_valid_o = ev_valid_q;
  assign ev_data_o = ev_data_q;
  assign of_valid_o = of_valid_q;
  assign of_data_o = of_data_q;
  assign of_software_o = of_software_q;
  assign ev_ring_o = ev_ring_q;
  assign max_ops_o = max_ops_q;
  // verilator lint_off UNUSEDSIGNAL
  wire [15:0] ring_sym = now[EV_OTHER] ? result_i.other_sym : result_i.sym;  // no more than 1,024
  // verilator lint_on UNUSEDSIGNAL
  assign ring_sym_o = ring_sym[9:0];

  // A step needs room for all that it makes.
  wire ev_room = !ev_valid_q || ev_ready_i;
  wire of_room = !of_valid_q || of_ready_i;
  wire step = have && (ev_room || !event_due) && (of_room || !(last && order_flow_due));
  wire pop = step && last;
  assign result_ready_o = pop;

  wire [DEPTH_LOG2-1:0] rd_next = rd_q[DEPTH_LOG2-1:0] + 1'b1;
  always_ff @(posedge clk_i) begin
    if (push && (level == '0 || (level == 1 && pop))) kind_q <= op_kind;
    else if (pop) kind_q <= kind_mem[rd_next];
  end

  assign idle_o = level == '0 && !ev_valid_q && !of_valid_q;

  // ---------------------------------------------------------------- make them

  logic [63:0] unknown_type_q, bad_length_q, unknown_ref_q, excess_q, zero_add_q, senseless_q, overflow_q, bbo_q;
  assign cnt_unknown_type_o = unknown_type_q;
  assign cnt_bad_length_o = bad_length_q;
  assign cnt_unknown_ref_o = unknown_ref_q;
  assign cnt_excess_o = excess_q;
  assign cnt_zero_add_o = zero_add_q;
  assign cnt_senseless_o = senseless_q;
  assign cnt_overflow_o = overflow_q;
  assign cnt_bbo_o = bbo_q;

  // verilator lint_off BLKSEQ
  logic [31:0] cycles;
  logic [15:0] flags;
  logic [15:0] symbol;
  logic [7:0] record_kind;
  logic [223:0] body;  // bytes 32 to 59
  logic [7:0] of_flags;
  always_ff @(posedge clk_i) begin
    if (ev_ready_i) ev_valid_q <= 1'b0;
    if (of_ready_i) of_valid_q <= 1'b0;

    // The records' registers are written whenever they are free: only the valid bits wait for the step,
    // which is decided late in the cycle.
    if (have && (event_due || order_flow_due)) begin
      m = mem[rd_q[DEPTH_LOG2-1:0]];

      if (event_due && ev_room) begin
        symbol = result_i.has_symbol ? result_i.sym : 16'hffff;
        flags = 16'd0;
        flags[wt_schema_pkg::EVF_RECOVERED] = m.recovered;
        if (result_i.has_symbol) begin
          flags[wt_schema_pkg::EVF_VALID] = result_i.book_state == wt_schema_pkg::BOOK_STATE_VALID;
          flags[wt_schema_pkg::EVF_STALE] = result_i.book_state == wt_schema_pkg::BOOK_STATE_STALE;
        end
        flags[wt_schema_pkg::EVF_OVERFLOW] = result_i.book_state == wt_schema_pkg::BOOK_STATE_SOFTWARE
            && (result_i.has_symbol || now[EV_BIND]);
        record_kind = wt_schema_pkg::RECORD_TYPE_SYMBOL;
        body = 224'd0;
        if (now[EV_BIND] || now[EV_SYMBOL]) begin
          body[63:0] = now[EV_BIND] ? m.name : 64'd0;
          body[71:64] = result_i.book_state;
          body[79:72] = result_i.cause;
        end
        if (now[EV_OTHER]) begin
          // Of the other symbol the book says only which it is; it can only have gone stale.
          symbol = result_i.other_sym;
          flags = 16'd0;
          flags[wt_schema_pkg::EVF_RECOVERED] = m.recovered;
          flags[wt_schema_pkg::EVF_STALE] = 1'b1;
          body[71:64] = wt_schema_pkg::BOOK_STATE_STALE;
          body[79:72] = result_i.cause;
        end
        if (now[EV_GAP]) begin
          record_kind = wt_schema_pkg::RECORD_TYPE_GAP;
          flags[wt_schema_pkg::EVF_GAP] = !note;
          body[63:0] = op != wt_pkg::OP_BAD ? m.first_missing : m.seq;
          body[127:64] = op != wt_pkg::OP_BAD ? m.shares : 64'd0;
          body[135:128] = op != wt_pkg::OP_BAD ? wt_schema_pkg::REASON_GAP : wt_schema_pkg::REASON_BAD_LENGTH;
          body[143:136] = note ? m.state : wt_schema_pkg::GAP_STATE_LOST;
        end
        if (now[EV_SESSION]) begin
          record_kind = wt_schema_pkg::RECORD_TYPE_SESSION;
          body[79:0] = m.session;
          body[87:80] = m.state;
        end
        if (now[EV_SYSTEM]) begin
          record_kind = wt_schema_pkg::RECORD_TYPE_SYSTEM;
          body[7:0] = m.state;
        end
        if (now[EV_STATE]) begin
          record_kind = wt_schema_pkg::RECORD_TYPE_TRADING_STATE;
          body[7:0] = m.state;
          body[63:32] = m.reason;
        end
        if (now[EV_TRADE]) begin
          record_kind = wt_schema_pkg::RECORD_TYPE_TRADE;
          flags[wt_schema_pkg::EVF_PRINTABLE] = m.printable;
          flags[wt_schema_pkg::EVF_SELL] = result_i.trade_sell;
          body[31:0] = result_i.trade_price;
          body[39:32] = m.print;
          body[47:40] = m.raw[7:0];
          body[55:48] = m.print == wt_schema_pkg::TRADE_KIND_CROSS ? m.cross_type : 8'd0;
          body[127:64] = m.shares;
          body[191:128] = m.match;
        end
        if (now[EV_BBO]) begin
          record_kind = wt_schema_pkg::RECORD_TYPE_BBO;
          body[31:0] = result_i.bid.price;
          body[63:32] = result_i.bid.shares;
          body[95:64] = result_i.ask.price;
          body[127:96] = result_i.ask.shares;
          body[143:128] = result_i.bid.orders[16] ? 16'hffff : result_i.bid.orders[15:0];
          body[159:144] = result_i.ask.orders[16] ? 16'hffff : result_i.ask.orders[15:0];
          if (step) bbo_q <= bbo_q + 64'd1;
        end
        cycles = cycle_i - m.ingress_cycle;
        ev_valid_q <= step;
        ev_ring_q <= result_i.has_symbol || now[EV_OTHER] ? ring_i : 3'd0;
        ev_data_q <= {body, m.ingress_ns, cycles[31:16] != 16'd0 ? 16'hffff : cycles[15:0], m.exch_ns, m.seq,
                      now[EV_OTHER] ? 16'd0 : m.locate, symbol, flags, {5'd0, m.channel}, record_kind};
      end

      if (order_flow_due && of_room) begin
        of_flags = {5'd0, m.channel};
        of_flags[wt_schema_pkg::OFF_MARKER] = marker;
        of_flags[wt_schema_pkg::OFF_GAP] = channel_lost;
        of_flags[wt_schema_pkg::OFF_RECOVERED] = m.recovered;
        of_flags[wt_schema_pkg::OFF_END] = op == wt_pkg::OP_SESSION && m.state == wt_schema_pkg::SESSION_EVENT_END;
        of_valid_q <= pop;
        of_software_q <= !result_i.has_symbol || result_i.book_state == wt_schema_pkg::BOOK_STATE_SOFTWARE;
        // A marker says which message was the last: the bad one itself, or the one before the next expected.
        of_data_q <= {of_flags, marker ? 408'd0 : {m.length, m.raw},
                      marker && op != wt_pkg::OP_BAD ? m.seq - 64'd1 : m.seq};
      end
    end

    if (push && level >= max_ops_q) max_ops_q <= level + 1'b1;
    if (step) begin
      done_q <= last ? '0 : done_q | now;
      if (last) begin
        rd_q <= rd_q + 1'b1;
        if (kind_q[6]) unknown_type_q <= unknown_type_q + 64'd1;
        if (kind_q[5]) bad_length_q <= bad_length_q + 64'd1;
        if (result_i.unknown_ref) unknown_ref_q <= unknown_ref_q + 64'd1;
        if (result_i.excess) excess_q <= excess_q + 64'd1;
        if (result_i.zero_add) zero_add_q <= zero_add_q + 64'd1;
        if (result_i.senseless) senseless_q <= senseless_q + 64'd1;
        if (result_i.overflow) overflow_q <= overflow_q + 64'd1;
      end
    end

    if (rst_i) begin
      rd_q <= '0;
      done_q <= '0;
      ev_valid_q <= 1'b0;
      of_valid_q <= 1'b0;
      unknown_type_q <= 64'd0;
      bad_length_q <= 64'd0;
      unknown_ref_q <= 64'd0;
      excess_q <= 64'd0;
      zero_add_q <= 64'd0;
      senseless_q <= 64'd0;
      overflow_q <= 64'd0;
      bbo_q <= 64'd0;
      max_ops_q <= '0;
    end
  end
  // verilator lint_on BLKSEQ

endmodule
