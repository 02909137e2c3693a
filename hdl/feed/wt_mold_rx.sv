// MoldUDP64 receiver: datagrams in, messages in sequence out.
//
// Messages wait in a buffer, one slot each, until the last word of their datagram has proven frame
// and block walk good (wt_mold_align); then the datagram is committed, else it is as if it had
// never been. Behind the buffer the sequence is kept:
//   first packet of all        OP_SESSION START; the sequence begins at start_seq_i
//   another session            OP_SESSION CHANGE; the sequence goes on from that packet's number
//   packet ahead of sequence   OP_GAP, then on from there
//   packet behind it           messages already seen are dropped and counted, the rest delivered
//   heartbeat                  OP_HEARTBEAT; end of session: OP_SESSION END the first time
//
// Room: 2**BUFFER_LOG2 messages and 2**DATAGRAMS_LOG2 datagrams. Without room in_ready_o goes low
// as long as committed datagrams can make some; a datagram that is larger than the whole buffer is
// dropped and counted.
//
// Latency: out_valid_o four cycles after the word with in_last_i, when empty. One message a cycle.
module wt_mold_rx #(
    parameter int unsigned BUFFER_LOG2 = 10,
    parameter int unsigned DATAGRAMS_LOG2 = 6
) (
    input  logic         clk_i,
    input  logic         rst_i,
    // First sequence number expected; taken at reset.
    input  logic [63:0]  start_seq_i,
    // UDP payload as of wt_udp_rx.
    input  logic         in_valid_i,
    output logic         in_ready_o,
    input  logic [63:0]  in_data_i,
    input  logic [3:0]   in_bytes_i,
    input  logic         in_last_i,
    input  logic         in_good_i,
    input  logic [63:0]  in_ns_i,
    input  logic [31:0]  in_cycle_i,
    // OP_NOP: a message, raw is meaningful. Or OP_GAP, OP_HEARTBEAT, OP_SESSION.
    output logic         out_valid_o,
    input  logic         out_ready_i,
    output wt_pkg::op_e  out_op_o,
    output wt_pkg::raw_t out_raw_o,
    output logic [63:0]  out_seq_o,
    output logic [63:0]  out_ns_o,      // ingress of the frame
    output logic [31:0]  out_cycle_o,
    output logic [63:0]  out_first_o,   // OP_GAP: first missing, how many
    output logic [63:0]  out_missing_o,
    output logic [79:0]  out_session_o,
    output logic [7:0]   out_event_o,   // OP_SESSION: wt_schema_pkg::SESSION_EVENT_*
    // No message or word is inside.
    output logic         idle_o,
    // CNT_RX_OVERFLOW .. CNT_HEARTBEATS, 64 bits each, the first lowest.
    output logic [447:0] counters_o
);

  localparam logic [BUFFER_LOG2:0] FULL = {1'b1, {BUFFER_LOG2{1'b0}}};
  localparam logic [DATAGRAMS_LOG2:0] DATAGRAMS_FULL = {1'b1, {DATAGRAMS_LOG2{1'b0}}};

  // ---- Buffer: written as messages come, read up to what is committed.
  logic         msg_valid, end_valid, end_frame_good, end_blocks_good, align_idle;
  logic [7:0]   msg_length;
  logic [399:0] msg_raw;
  logic [79:0]  end_session;
  logic [63:0]  end_seq, end_ns;
  logic [15:0]  end_count;
  logic [31:0]  end_cycle;

  logic [BUFFER_LOG2:0] wr_q, commit_q, rd_q;
  logic         over_q;         // the datagram under way did not fit
  logic [DATAGRAMS_LOG2:0] datagrams;

  wire [BUFFER_LOG2:0] used = wr_q - rd_q;
  // A message and an end may be on their way from the aligner: keep a place for each.
  wire stall = (used >= FULL - 1'b1 && rd_q != commit_q) || datagrams >= DATAGRAMS_FULL - 1'b1;
  wire write = msg_valid && used != FULL;  // once over, it stays full until the end
  wire over = over_q || (msg_valid && used == FULL);
  wire [BUFFER_LOG2:0] wr_next = wr_q + {{BUFFER_LOG2{1'b0}}, write};
  wire commit = end_valid && end_frame_good && end_blocks_good && !over;

  wt_mold_align align (
      .clk_i, .rst_i,
      .in_valid_i, .in_ready_o, .in_data_i, .in_bytes_i, .in_last_i, .in_good_i, .in_ns_i, .in_cycle_i,
      .stall_i(stall),
      .message_valid_o(msg_valid), .message_length_o(msg_length), .message_o(msg_raw),
      .end_o(end_valid), .end_frame_good_o(end_frame_good), .end_blocks_good_o(end_blocks_good),
      .end_session_o(end_session), .end_seq_o(end_seq), .end_count_o(end_count),
      .end_ns_o(end_ns), .end_cycle_o(end_cycle),
      .idle_o(align_idle)
  );

  // The oldest committed message stands at the RAM's output.
  logic         head_valid_q;
  logic         head_take;
  wire          fetch = rd_q != commit_q && (!head_valid_q || head_take);

  wt_ram_1r1w #(.WIDTH(408), .ADDR_W(BUFFER_LOG2)) buffer (
      .clk_i,
      .wr_en_i(write), .wr_addr_i(wr_q[BUFFER_LOG2-1:0]), .wr_data_i({msg_length, msg_raw}),
      .rd_en_i(fetch), .rd_addr_i(rd_q[BUFFER_LOG2-1:0]), .rd_data_o(out_raw_o)
  );

  // ---- Datagrams committed.
  logic         next_valid, next_take;
  logic         unused_ready;
  logic [79:0]  next_session;
  logic [63:0]  next_seq, next_ns;
  logic [15:0]  next_count;
  logic [31:0]  next_cycle;

  wt_fifo #(.WIDTH(256), .DEPTH_LOG2(DATAGRAMS_LOG2)) headers (
      .clk_i, .rst_i,
      .in_valid_i(commit), .in_ready_o(unused_ready),
      .in_data_i({end_session, end_seq, end_count, end_ns, end_cycle}),
      .out_valid_o(next_valid), .out_ready_i(next_take),
      .out_data_o({next_session, next_seq, next_count, next_ns, next_cycle}),
      .level_o(datagrams)
  );

  // ---- Sequence. The datagram being delivered:
  logic         loaded_q, change_q, heartbeat_q, end_q;
  logic [79:0]  session_q;
  logic [63:0]  seq_q, ns_q;    // seq_q: of its next message
  logic [15:0]  left_q;
  logic [31:0]  cycle_q;
  // The feed so far:
  logic         known_q, ended_q;
  logic [63:0]  expected_q;
  // The last gap, on its way to the counter.
  logic         gap_q;
  logic [63:0]  missing_q;

  logic [63:0] overflow_q, bad_datagram_q, messages_q, duplicates_q, gaps_q, missed_q, heartbeats_q;

  wire ahead = seq_q > expected_q;
  wire old = seq_q < expected_q;
  wire marker = heartbeat_q || end_q;
  wire is_end = end_q && !ended_q;
  wire message = loaded_q && !change_q && !ahead && !marker;
  // Whether there is something to emit, and whether it, or a duplicate, goes.
  assign out_valid_o = loaded_q && (change_q || ahead || marker || (head_valid_q && !old));
  wire sent = out_valid_o && out_ready_i;
  assign head_take = message && head_valid_q && (old || out_ready_i);
  wire finish = (head_take && left_q == 16'd1) || (sent && !change_q && !ahead && marker);
  assign next_take = next_valid && (!loaded_q || finish);

  assign out_op_o = change_q ? wt_pkg::OP_SESSION
                  : ahead ? wt_pkg::OP_GAP
                  : is_end ? wt_pkg::OP_SESSION
                  : marker ? wt_pkg::OP_HEARTBEAT : wt_pkg::OP_NOP;
  assign out_event_o = !change_q ? wt_schema_pkg::SESSION_EVENT_END
                     : known_q ? wt_schema_pkg::SESSION_EVENT_CHANGE : wt_schema_pkg::SESSION_EVENT_START;
  assign out_seq_o = !change_q && !ahead && marker ? expected_q : seq_q;
  assign out_ns_o = ns_q;
  assign out_cycle_o = cycle_q;
  assign out_first_o = expected_q;
  assign out_missing_o = seq_q - expected_q;
  assign out_session_o = session_q;
  assign idle_o = align_idle && !next_valid && !loaded_q;
  assign counters_o = {heartbeats_q, missed_q, gaps_q, duplicates_q, messages_q, bad_datagram_q, overflow_q};

  always_ff @(posedge clk_i) begin
    if (msg_valid) begin
      wr_q <= wr_next;
      over_q <= over;
    end
    if (end_valid) begin
      over_q <= 1'b0;
      if (commit) commit_q <= wr_next;
      else wr_q <= commit_q;
      if (end_frame_good && !end_blocks_good) bad_datagram_q <= bad_datagram_q + 64'd1;
      if (end_frame_good && end_blocks_good && over) overflow_q <= overflow_q + 64'd1;
    end

    if (fetch) rd_q <= rd_q + 1'b1;
    if (fetch) head_valid_q <= 1'b1;
    else if (head_take) head_valid_q <= 1'b0;

    if (head_take) begin
      seq_q <= seq_q + 64'd1;
      left_q <= left_q - 16'd1;
      if (old) duplicates_q <= duplicates_q + 64'd1;
      else begin
        expected_q <= seq_q + 64'd1;
        messages_q <= messages_q + 64'd1;
      end
    end
    gap_q <= sent && !change_q && ahead;
    if (gap_q) missed_q <= missed_q + missing_q;
    if (sent && change_q) begin
      change_q <= 1'b0;
      known_q <= 1'b1;
      ended_q <= 1'b0;
      if (known_q) expected_q <= seq_q;
    end else if (sent && ahead) begin
      expected_q <= seq_q;
      gaps_q <= gaps_q + 64'd1;
      missing_q <= out_missing_o;
    end else if (sent && marker) begin
      if (is_end) ended_q <= 1'b1;
      else heartbeats_q <= heartbeats_q + 64'd1;
    end

    if (next_take) begin
      // session_q is the last datagram's, and so the feed's: a change is emitted before its
      // datagram can finish.
      change_q <= !known_q || next_session != session_q;
      session_q <= next_session;
      seq_q <= next_seq;
      left_q <= next_count;
      heartbeat_q <= next_count == 16'd0;
      end_q <= next_count == 16'hffff;
      ns_q <= next_ns;
      cycle_q <= next_cycle;
      loaded_q <= 1'b1;
    end else if (finish) loaded_q <= 1'b0;

    if (rst_i) begin
      wr_q <= '0;
      commit_q <= '0;
      rd_q <= '0;
      over_q <= 1'b0;
      head_valid_q <= 1'b0;
      loaded_q <= 1'b0;
      gap_q <= 1'b0;
      known_q <= 1'b0;
      ended_q <= 1'b0;
      expected_q <= start_seq_i;
      overflow_q <= '0;
      bad_datagram_q <= '0;
      messages_q <= '0;
      duplicates_q <= '0;
      gaps_q <= '0;
      missed_q <= '0;
      heartbeats_q <= '0;
    end
  end

endmodule
