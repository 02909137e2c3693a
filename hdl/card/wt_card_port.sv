// An Ethernet port of the card: 10G MACs on the clocks of XGMII, frames on the clock of the core.
//
// Receive runs through: a beat comes out of the FIFO two to three cycles after the MAC gave it. What
// the core does not take in time the MAC drops, whole frames, counted. Transmit keeps a frame
// until it is complete, so that it leaves without a pause.
//
// Reset: rst_i, which may be short, resets both XGMII sides and waits for each to answer; a side whose
// clock does not run keeps its stream silent until it does.
module wt_card_port #(
    parameter int unsigned MAX_BYTES = 9022,    // longest frame taken, header to FCS
    parameter int unsigned RX_FIFO_LOG2 = 5,    // words
    parameter int unsigned TX_FIFO_LOG2 = 9,    // words
    parameter int unsigned TX_MAX_WORDS = 190   // longest frame sent, without FCS
) (
    input  logic         clk_i,
    input  logic         rst_i,
    // XGMII, receive.
    input  logic         xgmii_rx_clk_i,
    input  logic [63:0]  xgmii_rxd_i,
    input  logic [7:0]   xgmii_rxc_i,
    // XGMII, transmit.
    input  logic         xgmii_tx_clk_i,
    output logic [63:0]  xgmii_txd_o,
    output logic [7:0]   xgmii_txc_o,
    // Frames received (wt_core).
    output logic         rx_valid_o,
    input  logic         rx_ready_i,
    output logic [63:0]  rx_data_o,
    output logic [7:0]   rx_keep_o,
    output logic         rx_last_o,
    output logic         rx_error_o,
    // Frames to send, at the core's pace; error with last takes the frame back.
    input  logic         tx_valid_i,
    output logic         tx_ready_o,
    input  logic [63:0]  tx_data_i,
    input  logic [7:0]   tx_keep_i,
    input  logic         tx_last_i,
    input  logic         tx_error_i,
    // Frames, 32 bits each, from the lowest: received good, wrong FCS, wrong code, wrong size, MAC control,
    // lost (wt_mac_rx_xgmii); sent, cut (wt_mac_tx_xgmii); not sent (taken back, or too long).
    output logic [287:0] counters_o,
    // Nothing is inside; what comes in does not count. Of all clocks: for simulation, where they are one.
    output logic         idle_o
);

  // ---------------------------------------------------------------- reset

  wire rx_rst, rx_core_rst, tx_rst, tx_core_rst;
  wt_sync_reset reset_rx (
      .clk_i(clk_i), .rst_i(rst_i), .rst_o(rx_core_rst), .other_clk_i(xgmii_rx_clk_i), .other_rst_o(rx_rst));
  wt_sync_reset reset_tx (
      .clk_i(clk_i), .rst_i(rst_i), .rst_o(tx_core_rst), .other_clk_i(xgmii_tx_clk_i), .other_rst_o(tx_rst));

  // ---------------------------------------------------------------- receive

  wire mac_rx_valid, mac_rx_ready, mac_rx_last, mac_rx_error;
  wire [63:0] mac_rx_data;
  wire [7:0] mac_rx_keep;
  wire [191:0] mac_rx_counters;
  wire mac_rx_idle, fifo_rx_idle;

  wt_mac_rx_xgmii #(.MAX_BYTES(MAX_BYTES)) mac_rx (
      .clk_i(xgmii_rx_clk_i), .rst_i(rx_rst), .xgmii_d_i(xgmii_rxd_i), .xgmii_c_i(xgmii_rxc_i),
      .valid_o(mac_rx_valid), .ready_i(mac_rx_ready), .data_o(mac_rx_data), .keep_o(mac_rx_keep), .last_o(mac_rx_last),
      .error_o(mac_rx_error), .idle_o(mac_rx_idle), .counters_o(mac_rx_counters));

  wt_async_fifo #(.WIDTH(74), .DEPTH_LOG2(RX_FIFO_LOG2)) fifo_rx (
      .in_clk_i(xgmii_rx_clk_i), .in_rst_i(rx_rst), .in_valid_i(mac_rx_valid), .in_ready_o(mac_rx_ready),
      .in_data_i({mac_rx_error, mac_rx_last, mac_rx_keep, mac_rx_data}),
      .out_clk_i(clk_i), .out_rst_i(rx_core_rst), .out_valid_o(rx_valid_o), .out_ready_i(rx_ready_i),
      .out_data_o({rx_error_o, rx_last_o, rx_keep_o, rx_data_o}), .idle_o(fifo_rx_idle));

  // ---------------------------------------------------------------- transmit

  wire [TX_FIFO_LOG2:0] room;
  wire [31:0] lost;
  logic in_frame_q;  // the core is within a frame
  assign tx_ready_o = !tx_core_rst && (in_frame_q || room >= (TX_FIFO_LOG2 + 1)'(TX_MAX_WORDS));
  wire tx_take = tx_valid_i && tx_ready_o;
  always_ff @(posedge clk_i) begin
    if (tx_take) in_frame_q <= !tx_last_i;
    if (tx_core_rst) in_frame_q <= 1'b0;
  end

  wire mac_tx_valid, mac_tx_ready, mac_tx_last;
  wire [63:0] mac_tx_data;
  wire [7:0] mac_tx_keep;
  wire [63:0] mac_tx_counters;
  wire mac_tx_idle, fifo_tx_idle;

  wt_async_frame_fifo #(.WIDTH(72), .DEPTH_LOG2(TX_FIFO_LOG2)) fifo_tx (
      .in_clk_i(clk_i), .in_rst_i(tx_core_rst), .in_valid_i(tx_take), .in_data_i({tx_keep_i, tx_data_i}),
      .in_last_i(tx_last_i), .in_drop_i(tx_last_i && tx_error_i), .room_o(room), .lost_o(lost),
      .out_clk_i(xgmii_tx_clk_i), .out_rst_i(tx_rst), .out_valid_o(mac_tx_valid), .out_ready_i(mac_tx_ready),
      .out_data_o({mac_tx_keep, mac_tx_data}), .out_last_o(mac_tx_last), .idle_o(fifo_tx_idle));

  wt_mac_tx_xgmii mac_tx (
      .clk_i(xgmii_tx_clk_i), .rst_i(tx_rst), .valid_i(mac_tx_valid), .ready_o(mac_tx_ready), .data_i(mac_tx_data),
      .keep_i(mac_tx_keep), .last_i(mac_tx_last), .error_i(1'b0), .xgmii_d_o(xgmii_txd_o), .xgmii_c_o(xgmii_txc_o),
      .idle_o(mac_tx_idle), .counters_o(mac_tx_counters));

  // ---------------------------------------------------------------- counters, idle

  wt_sync_bus #(.WIDTH(192)) sync_rx_counters (
      .in_clk_i(xgmii_rx_clk_i), .in_rst_i(rx_rst), .in_d_i(mac_rx_counters), .out_clk_i(clk_i), .out_rst_i(rx_core_rst),
      .out_q_o(counters_o[191:0]));
  wt_sync_bus #(.WIDTH(64)) sync_tx_counters (
      .in_clk_i(xgmii_tx_clk_i), .in_rst_i(tx_rst), .in_d_i(mac_tx_counters), .out_clk_i(clk_i), .out_rst_i(tx_core_rst),
      .out_q_o(counters_o[255:192]));
  assign counters_o[287:256] = lost;

  assign idle_o = !rx_core_rst && !tx_core_rst && mac_rx_idle && fifo_rx_idle && fifo_tx_idle && mac_tx_idle;

endmodule
