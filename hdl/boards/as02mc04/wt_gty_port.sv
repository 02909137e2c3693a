// An SFP28 cage at 10G: a GTY transceiver (IP of Vivado's wizard, ip.tcl) and the PCS of 10GBASE-R; XGMII on the
// transceiver's two clocks of 156.25 MHz.
//
// The transceiver's gearbox is asynchronous, so there is a block of 66 bits in every cycle; it sends the highest bit first
// (UG578), where the PCS has the first bit lowest. A receiver whose equalizer has gone astray may never come back by
// itself: one that has had no lock for 2**RETRY_LOG2 cycles of 125 MHz is reset.
//
// COMMON = 1: with the quad's PLL, which the other ports of the quad share.
module wt_gty_port #(
    parameter bit COMMON = 1'b0,
    parameter int unsigned RETRY_LOG2 = 22  // 34 ms
) (
    // Free-running, 125 MHz.
    input  logic        clk125_i,
    input  logic        rst125_i,
    // Reference, 156.25 MHz: with COMMON only.
    // verilator lint_off UNUSEDSIGNAL
    input  logic        refclk_i,
    // The PLL, in (without COMMON) and out (with it).
    input  logic        pll_lock_i,
    input  logic        pll_clk_i,
    input  logic        pll_refclk_i,
    // verilator lint_on UNUSEDSIGNAL
    output logic        pll_lock_o,
    output logic        pll_clk_o,
    output logic        pll_refclk_o,
    // Pins.
    input  logic        rx_p_i,
    input  logic        rx_n_i,
    output logic        tx_p_o,
    output logic        tx_n_o,
    // XGMII.
    output logic        rx_clk_o,
    output logic [63:0] rxd_o,
    output logic [7:0]  rxc_o,
    output logic        tx_clk_o,
    input  logic [63:0] txd_i,
    input  logic [7:0]  txc_i,
    // There is a signal, and it makes sense; in the receive clock.
    output logic        up_o
);

  function automatic logic [63:0] mirrored(input logic [63:0] d);
    for (int i = 0; i < 64; i++) mirrored[i] = d[63-i];
  endfunction

  wire tx_clk, rx_clk, tx_done, rx_done, slip, lock, hi_ber;
  wire [1:0] tx_header;
  wire [63:0] tx_data, rx_data;
  // verilator lint_off UNUSEDSIGNAL
  wire [5:0] rx_header;  // of two bits
  // verilator lint_on UNUSEDSIGNAL
  logic retry_q;
  assign tx_clk_o = tx_clk;
  assign rx_clk_o = rx_clk;

  generate
    if (COMMON) begin : g_full
      wt_gty_full gty (
          .gtwiz_reset_clk_freerun_in(clk125_i), .gtwiz_reset_all_in(rst125_i),
          .gtwiz_reset_tx_pll_and_datapath_in(1'b0), .gtwiz_reset_tx_datapath_in(1'b0),
          .gtwiz_reset_rx_pll_and_datapath_in(1'b0), .gtwiz_reset_rx_datapath_in(retry_q),
          .gtwiz_reset_tx_done_out(tx_done), .gtwiz_reset_rx_done_out(rx_done),
          .gtrefclk00_in(refclk_i), .qpll0lock_out(pll_lock_o), .qpll0outclk_out(pll_clk_o),
          .qpll0outrefclk_out(pll_refclk_o),
          .gtyrxp_in(rx_p_i), .gtyrxn_in(rx_n_i), .gtytxp_out(tx_p_o), .gtytxn_out(tx_n_o),
          .gtwiz_userclk_tx_reset_in(1'b0), .gtwiz_userclk_tx_usrclk2_out(tx_clk),
          .gtwiz_userdata_tx_in(mirrored(tx_data)), .txheader_in({4'd0, tx_header[0], tx_header[1]}),
          .txsequence_in(7'd0),
          .gtwiz_userclk_rx_reset_in(1'b0), .gtwiz_userclk_rx_usrclk2_out(rx_clk),
          .gtwiz_userdata_rx_out(rx_data), .rxheader_out(rx_header), .rxgearboxslip_in(slip));
    end else begin : g_channel
      wt_gty_channel gty (
          .gtwiz_reset_clk_freerun_in(clk125_i), .gtwiz_reset_all_in(rst125_i),
          .gtwiz_reset_tx_pll_and_datapath_in(1'b0), .gtwiz_reset_tx_datapath_in(1'b0),
          .gtwiz_reset_rx_pll_and_datapath_in(1'b0), .gtwiz_reset_rx_datapath_in(retry_q),
          .gtwiz_reset_tx_done_out(tx_done), .gtwiz_reset_rx_done_out(rx_done),
          .gtwiz_reset_qpll0lock_in(pll_lock_i), .qpll0clk_in(pll_clk_i), .qpll0refclk_in(pll_refclk_i),
          .qpll1clk_in(1'b0), .qpll1refclk_in(1'b0),
          .gtyrxp_in(rx_p_i), .gtyrxn_in(rx_n_i), .gtytxp_out(tx_p_o), .gtytxn_out(tx_n_o),
          .gtwiz_userclk_tx_reset_in(1'b0), .gtwiz_userclk_tx_usrclk2_out(tx_clk),
          .gtwiz_userdata_tx_in(mirrored(tx_data)), .txheader_in({4'd0, tx_header[0], tx_header[1]}),
          .txsequence_in(7'd0),
          .gtwiz_userclk_rx_reset_in(1'b0), .gtwiz_userclk_rx_usrclk2_out(rx_clk),
          .gtwiz_userdata_rx_out(rx_data), .rxheader_out(rx_header), .rxgearboxslip_in(slip));
      assign {pll_lock_o, pll_clk_o, pll_refclk_o} = {pll_lock_i, pll_clk_i, pll_refclk_i};
    end
  endgenerate

  // ---------------------------------------------------------------- PCS

  wire tx_ok, rx_ok;
  wt_sync sync_tx (.clk_i(tx_clk), .rst_i(1'b0), .d_i(tx_done), .q_o(tx_ok));
  wt_sync sync_rx (.clk_i(rx_clk), .rst_i(1'b0), .d_i(rx_done), .q_o(rx_ok));
  // verilator lint_off PINCONNECTEMPTY
  wt_pcs_10gbaser_tx pcs_tx (
      .clk_i(tx_clk), .rst_i(!tx_ok), .xgmii_d_i(txd_i), .xgmii_c_i(txc_i), .header_o(tx_header), .data_o(tx_data),
      .bad_o());
  wt_pcs_10gbaser_rx pcs_rx (
      .clk_i(rx_clk), .rst_i(!rx_ok), .header_i({rx_header[0], rx_header[1]}), .data_i(mirrored(rx_data)), .slip_o(slip),
      .xgmii_d_o(rxd_o), .xgmii_c_o(rxc_o), .lock_o(lock), .hi_ber_o(hi_ber), .counters_o());
  // verilator lint_on PINCONNECTEMPTY
  logic up_q;
  always_ff @(posedge rx_clk) up_q <= rx_ok && lock && !hi_ber;
  assign up_o = up_q;

  // ---------------------------------------------------------------- a receiver gone astray

  wire done, up;
  wt_sync #(.WIDTH(2)) sync_state (.clk_i(clk125_i), .rst_i(rst125_i), .d_i({rx_done, up_q}), .q_o({done, up}));
  logic [RETRY_LOG2-1:0] wait_q;
  always_ff @(posedge clk125_i) begin
    // The last 16 of the cycles.
    retry_q <= wait_q[RETRY_LOG2-1:4] == '1;
    if ((done && !up) || retry_q) wait_q <= wait_q + 1'b1;
    else wait_q <= '0;
    if (rst125_i) begin
      wait_q <= '0;
      retry_q <= 1'b0;
    end
  end

endmodule
