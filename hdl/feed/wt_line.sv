// One receive port: frames in, checked datagrams that wait for the arbiter. wt_udp_rx and wt_hold.
//
// rx_ready_o falls for one cycle for each message of under 6 bytes that shares all its words with
// another, which is not ITCH; for nothing else.
//
// Latency: cand_valid_o four cycles after the last beat of a frame is taken, when nothing waits.
module wt_line #(
    parameter int unsigned MESSAGES_LOG2 = 12,
    parameter int unsigned DATAGRAMS_LOG2 = 10,
    parameter bit URAM = 1'b0  // as wt_hold
) (
    input  logic           clk_i,
    input  logic           rst_i,
    output logic           ready_o,
    // Frames, and what to take of them: see wt_udp_rx.
    input  logic [63:0]    time_ns_i,
    input  logic [31:0]    cycle_i,
    input  logic           enable_i,
    input  logic [7:0]     channels_i,
    input  logic [255:0]   groups_i,
    input  logic [127:0]   ports_i,
    input  logic           rx_valid_i,
    output logic           rx_ready_o,
    input  logic [63:0]    rx_data_i,
    input  logic [7:0]     rx_keep_i,
    input  logic           rx_last_i,
    input  logic           rx_error_i,
    // To and from the arbiter: see wt_hold.
    output logic           comes_o,
    output logic [2:0]     comes_channel_o,
    output logic           cand_valid_o,
    output wt_pkg::cand_t  cand_o,
    input  logic           next_i,
    input  logic           done_i,
    input  logic           restart_i,
    input  logic           deliver_i,
    input  logic           reading_i,
    input  logic           read_i,
    input  logic [15:0]    read_addr_i,
    output wt_pkg::raw_t   raw_o,
    output logic           full_o,
    output logic           brim_o,
    output logic [MESSAGES_LOG2:0] max_o,
    output logic           stuck_o,
    output logic [2:0]     stuck_channel_o,
    // Nothing is inside but held datagrams.
    output logic           idle_o,
    // Frames, bad frames, bad headers, filtered, overflow, bad datagrams; 64 bits each, the first lowest.
    output logic [383:0]   counters_o
);

  logic         udp_valid, udp_ready, udp_last, udp_good, udp_idle, hold_idle;
  logic [63:0]  udp_data, udp_ns;
  logic [3:0]   udp_bytes;
  logic [2:0]   udp_channel;
  logic [31:0]  udp_cycle;

  wt_udp_rx udp (
      .clk_i, .rst_i, .time_ns_i, .cycle_i, .enable_i, .channels_i, .groups_i, .ports_i,
      .rx_valid_i, .rx_ready_o, .rx_data_i, .rx_keep_i, .rx_last_i, .rx_error_i,
      .out_valid_o(udp_valid), .out_ready_i(udp_ready), .out_data_o(udp_data), .out_bytes_o(udp_bytes),
      .out_last_o(udp_last), .out_good_o(udp_good), .out_channel_o(udp_channel), .out_ns_o(udp_ns),
      .out_cycle_o(udp_cycle), .idle_o(udp_idle), .counters_o(counters_o[255:0])
  );

  wt_hold #(.MESSAGES_LOG2(MESSAGES_LOG2), .DATAGRAMS_LOG2(DATAGRAMS_LOG2), .URAM(URAM)) hold (
      .clk_i, .rst_i, .ready_o,
      .in_valid_i(udp_valid), .in_ready_o(udp_ready), .in_data_i(udp_data), .in_bytes_i(udp_bytes),
      .in_last_i(udp_last), .in_good_i(udp_good), .in_channel_i(udp_channel), .in_ns_i(udp_ns),
      .in_cycle_i(udp_cycle),
      .comes_o, .comes_channel_o, .cand_valid_o, .cand_o, .next_i, .done_i, .restart_i, .deliver_i, .reading_i, .read_i, .read_addr_i, .raw_o,
      .full_o, .brim_o, .max_o, .stuck_o, .stuck_channel_o, .idle_o(hold_idle),
      .cnt_overflow_o(counters_o[319:256]), .cnt_bad_datagram_o(counters_o[383:320])
  );

  assign idle_o = udp_idle && hold_idle;

endmodule
