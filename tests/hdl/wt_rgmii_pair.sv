// Both directions of the RGMII MAC with their DDR registers; the bench is the wire between the pins.
module wt_rgmii_pair #(
    parameter int unsigned MAX_BYTES = 9022
) (
    input  logic         tx_clk_i,
    input  logic         rx_clk_i,
    input  logic         rst_i,
    input  logic         tx_valid_i,
    output logic         tx_ready_o,
    input  logic [63:0]  tx_data_i,
    input  logic [7:0]   tx_keep_i,
    input  logic         tx_last_i,
    input  logic         tx_error_i,
    output logic [3:0]   td_o,
    output logic         tx_ctl_o,
    output logic         tx_idle_o,
    output logic [63:0]  tx_counters_o,
    input  logic [3:0]   rd_i,
    input  logic         rx_ctl_i,
    output logic         rx_valid_o,
    input  logic         rx_ready_i,
    output logic [63:0]  rx_data_o,
    output logic [7:0]   rx_keep_o,
    output logic         rx_last_o,
    output logic         rx_error_o,
    output logic         rx_idle_o,
    output logic [191:0] rx_counters_o
);

  wire [7:0] tx_d, rx_d;
  wire tx_en, tx_er, rx_dv, rx_er;

  wt_mac_tx_rgmii tx (
      .clk_i(tx_clk_i), .rst_i(rst_i), .valid_i(tx_valid_i), .ready_o(tx_ready_o), .data_i(tx_data_i), .keep_i(tx_keep_i),
      .last_i(tx_last_i), .error_i(tx_error_i), .gmii_d_o(tx_d), .gmii_en_o(tx_en), .gmii_er_o(tx_er),
      .idle_o(tx_idle_o), .counters_o(tx_counters_o));

  wt_rgmii_ddr_tx ddr_tx (
      .clk_i(tx_clk_i), .gmii_d_i(tx_d), .gmii_en_i(tx_en), .gmii_er_i(tx_er), .td_o(td_o), .tx_ctl_o(tx_ctl_o));

  wt_rgmii_ddr_rx ddr_rx (
      .clk_i(rx_clk_i), .rd_i(rd_i), .rx_ctl_i(rx_ctl_i), .gmii_d_o(rx_d), .gmii_dv_o(rx_dv), .gmii_er_o(rx_er));

  wt_mac_rx_rgmii #(.MAX_BYTES(MAX_BYTES)) rx (
      .clk_i(rx_clk_i), .rst_i(rst_i), .gmii_d_i(rx_d), .gmii_dv_i(rx_dv), .gmii_er_i(rx_er), .valid_o(rx_valid_o),
      .ready_i(rx_ready_i), .data_o(rx_data_o), .keep_o(rx_keep_o), .last_o(rx_last_o), .error_o(rx_error_o),
      .idle_o(rx_idle_o), .counters_o(rx_counters_o));

endmodule
