// A gigabit Ethernet port of the card, receiving: GMII bytes on the port's clock, frames on the clock of the core.
//
// A beat comes out two to three cycles after the MAC gave it. What the core does not take in time the MAC drops, whole
// frames.
module wt_card_gmii_rx #(
    parameter int unsigned MAX_BYTES = 1522,  // longest frame taken, header to FCS
    parameter int unsigned FIFO_LOG2 = 4      // words
) (
    input  logic         clk_i,
    input  logic         rst_i,
    // GMII, receive.
    input  logic         rx_clk_i,
    input  logic [7:0]   gmii_d_i,
    input  logic         gmii_dv_i,
    input  logic         gmii_er_i,
    // Frames (wt_core).
    output logic         valid_o,
    input  logic         ready_i,
    output logic [63:0]  data_o,
    output logic [7:0]   keep_o,
    output logic         last_o,
    output logic         error_o,
    // Of wt_mac_rx_rgmii, in the clock of the core.
    output logic [191:0] counters_o
);

  wire rx_rst, core_rst;
  wt_sync_reset reset (
      .clk_i(clk_i), .rst_i(rst_i), .rst_o(core_rst), .other_clk_i(rx_clk_i), .other_rst_o(rx_rst));

  wire valid, ready, last, error;
  wire [63:0] data;
  wire [7:0] keep;
  wire [191:0] counters;
  // verilator lint_off PINCONNECTEMPTY
  wt_mac_rx_rgmii #(.MAX_BYTES(MAX_BYTES)) mac (
      .clk_i(rx_clk_i), .rst_i(rx_rst), .gmii_d_i(gmii_d_i), .gmii_dv_i(gmii_dv_i), .gmii_er_i(gmii_er_i),
      .valid_o(valid), .ready_i(ready), .data_o(data), .keep_o(keep), .last_o(last), .error_o(error), .idle_o(),
      .counters_o(counters));
  wt_async_fifo #(.WIDTH(74), .DEPTH_LOG2(FIFO_LOG2)) fifo (
      .in_clk_i(rx_clk_i), .in_rst_i(rx_rst), .in_valid_i(valid), .in_ready_o(ready),
      .in_data_i({error, last, keep, data}), .out_clk_i(clk_i), .out_rst_i(core_rst), .out_valid_o(valid_o),
      .out_ready_i(ready_i), .out_data_o({error_o, last_o, keep_o, data_o}), .idle_o());
  // verilator lint_on PINCONNECTEMPTY
  wt_sync_bus #(.WIDTH(192)) sync_counters (
      .in_clk_i(rx_clk_i), .in_rst_i(rx_rst), .in_d_i(counters), .out_clk_i(clk_i), .out_rst_i(core_rst),
      .out_q_o(counters_o));

endmodule
