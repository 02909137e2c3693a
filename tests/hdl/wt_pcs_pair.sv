// Both directions of the PCS with nothing between them: the bench is the line.
module wt_pcs_pair (
    input  logic        clk_i,
    input  logic        rst_i,
    input  logic [63:0] tx_d_i,
    input  logic [7:0]  tx_c_i,
    output logic [1:0]  tx_header_o,
    output logic [63:0] tx_data_o,
    output logic [31:0] tx_bad_o,
    input  logic [1:0]  rx_header_i,
    input  logic [63:0] rx_data_i,
    output logic        rx_slip_o,
    output logic [63:0] rx_d_o,
    output logic [7:0]  rx_c_o,
    output logic        rx_lock_o,
    output logic        rx_hi_ber_o,
    output logic [95:0] rx_counters_o
);

  wt_pcs_10gbaser_tx tx (
      .clk_i(clk_i), .rst_i(rst_i), .xgmii_d_i(tx_d_i), .xgmii_c_i(tx_c_i), .header_o(tx_header_o), .data_o(tx_data_o),
      .bad_o(tx_bad_o));

  wt_pcs_10gbaser_rx rx (
      .clk_i(clk_i), .rst_i(rst_i), .header_i(rx_header_i), .data_i(rx_data_i), .slip_o(rx_slip_o), .xgmii_d_o(rx_d_o),
      .xgmii_c_o(rx_c_o), .lock_o(rx_lock_o), .hi_ber_o(rx_hi_ber_o), .counters_o(rx_counters_o));

endmodule
