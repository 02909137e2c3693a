// One feed line: Ethernet frames in, normalized operations out, in sequence.
//
// wt_udp_rx -> wt_mold_rx (buffer, sequence) -> wt_itch_decode. A frame that is bad, cut or
// inconsistent anywhere changes nothing; see the blocks for what each counts.
//
// rx_ready_o goes low when the buffer has no room and committed messages can make some, and for one
// cycle for each message of under 6 bytes that shares all its words with another (not ITCH). A
// datagram with more messages than the whole buffer holds is dropped and counted.
//
// Latency: op_valid_o six cycles after the last beat of a frame is taken, when empty; its further
// messages follow one a cycle. The frame's first operation is one later for each OP_SESSION or
// OP_GAP before it.
module wt_feed #(
    parameter int unsigned RX_BUFFER_LOG2 = 12  // 64-bit words of receive buffer; one message takes 4
) (
    input  logic            clk_i,
    // Held while the card resets.
    input  logic            rst_i,
    // Card time and free-running cycle counter.
    input  logic [63:0]     time_ns_i,
    input  logic [31:0]     cycle_i,
    // Take frames of this group and port; first sequence number expected (taken at reset).
    input  logic            enable_i,
    input  logic [31:0]     filter_group_i,
    input  logic [15:0]     filter_port_i,
    input  logic [63:0]     start_seq_i,
    // Frames without FCS: first byte in [7:0], keep contiguous and all ones but on the last beat.
    // error with last: the MAC found a bad FCS or a cut frame.
    input  logic            rx_valid_i,
    output logic            rx_ready_o,
    input  logic [63:0]     rx_data_i,
    input  logic [7:0]      rx_keep_i,
    input  logic            rx_last_i,
    input  logic            rx_error_i,
    // Operation and raw message: one handshake for both. raw.length is 0 for OP_GAP, OP_HEARTBEAT
    // and OP_SESSION, and for an empty message.
    output logic            op_valid_o,
    input  logic            op_ready_i,
    output wt_pkg::op_t     op_o,
    output wt_pkg::raw_t    raw_o,
    // No byte or message anywhere inside.
    output logic            idle_o,
    // wt_schema_pkg::CNT_FRAMES .. CNT_HEARTBEATS, counter i at [64*i +: 64].
    output logic [11*64-1:0] counters_o
);

  if (RX_BUFFER_LOG2 < 8) $error("wt_feed: RX_BUFFER_LOG2 is %0d, at least 8 is needed", RX_BUFFER_LOG2);

  logic         udp_valid, udp_ready, udp_last, udp_good, udp_idle;
  logic [63:0]  udp_data, udp_ns;
  logic [3:0]   udp_bytes;
  logic [31:0]  udp_cycle;

  wt_udp_rx udp (
      .clk_i, .rst_i, .time_ns_i, .cycle_i, .enable_i, .filter_group_i, .filter_port_i,
      .rx_valid_i, .rx_ready_o, .rx_data_i, .rx_keep_i, .rx_last_i, .rx_error_i,
      .out_valid_o(udp_valid), .out_ready_i(udp_ready), .out_data_o(udp_data), .out_bytes_o(udp_bytes),
      .out_last_o(udp_last), .out_good_o(udp_good), .out_ns_o(udp_ns), .out_cycle_o(udp_cycle),
      .idle_o(udp_idle), .counters_o(counters_o[255:0])
  );

  logic         msg_valid, msg_ready, mold_idle;
  wt_pkg::op_e  msg_op;
  wt_pkg::raw_t msg_raw;
  logic [63:0]  msg_seq, msg_ns, msg_first, msg_missing;
  logic [31:0]  msg_cycle;
  logic [79:0]  msg_session;
  logic [7:0]   msg_event;

  wt_mold_rx #(.BUFFER_LOG2(RX_BUFFER_LOG2 - 2), .DATAGRAMS_LOG2(RX_BUFFER_LOG2 - 6)) mold (
      .clk_i, .rst_i, .start_seq_i,
      .in_valid_i(udp_valid), .in_ready_o(udp_ready), .in_data_i(udp_data), .in_bytes_i(udp_bytes),
      .in_last_i(udp_last), .in_good_i(udp_good), .in_ns_i(udp_ns), .in_cycle_i(udp_cycle),
      .out_valid_o(msg_valid), .out_ready_i(msg_ready), .out_op_o(msg_op), .out_raw_o(msg_raw),
      .out_seq_o(msg_seq), .out_ns_o(msg_ns), .out_cycle_o(msg_cycle), .out_first_o(msg_first),
      .out_missing_o(msg_missing), .out_session_o(msg_session), .out_event_o(msg_event),
      .idle_o(mold_idle), .counters_o(counters_o[703:256])
  );

  wt_itch_decode decode (
      .clk_i, .rst_i,
      .in_valid_i(msg_valid), .in_ready_o(msg_ready), .in_op_i(msg_op), .in_raw_i(msg_raw), .in_seq_i(msg_seq),
      .in_ns_i(msg_ns), .in_cycle_i(msg_cycle), .in_first_i(msg_first), .in_missing_i(msg_missing),
      .in_session_i(msg_session), .in_event_i(msg_event),
      .op_valid_o, .op_ready_i, .op_o, .raw_o
  );

  assign idle_o = udp_idle && mold_idle && !op_valid_o;

endmodule
