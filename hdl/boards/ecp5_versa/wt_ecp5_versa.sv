// Lattice ECP5-5G Versa: the small card with the feed on Ethernet port 1 and the host on port 2 (wt_card_udp). No
// logic of its own but the reset at power-up.
//
// The place of PCI Express x1 on the edge connector (SERDES with a soft endpoint) is beside wt_udp_link: it has the same
// streams of TLPs. Its pins (clock Y11, Y12; rx Y5, Y6; tx W4, W5; perst A6) are left alone until then.
module wt_ecp5_versa #(
    parameter int unsigned SYMBOLS = 8,
    parameter int unsigned ORDER_SLOTS = 4096,
    parameter int unsigned LEVEL_SLOTS = 2048,
    parameter int unsigned NODE_SLOTS = 2048,
    parameter int unsigned HOLD_MESSAGES_LOG2 = 9,
    parameter int unsigned HOLD_DATAGRAMS_LOG2 = 4,
    parameter int unsigned STATE_LOG2 = 15,
    parameter int unsigned RESET_LOG2 = 20,         // PHYs want 10 ms
    parameter logic [31:0] GIT_HASH = 32'd0
) (
    // 100 MHz oscillator; push button.
    input  logic       clk100,
    input  logic       rst_n,
    // Port 1, the feed: RGMII.
    output logic       eth0_rst_n,
    output logic       eth0_mdc,
    input  logic       eth0_rx_clk,
    input  logic [3:0] eth0_rx_data,
    input  logic       eth0_rx_ctl,
    output logic       eth0_tx_clk,
    output logic [3:0] eth0_tx_data,
    output logic       eth0_tx_ctl,
    // Port 2, the host: RGMII.
    output logic       eth1_rst_n,
    output logic       eth1_mdc,
    input  logic       eth1_rx_clk,
    input  logic [3:0] eth1_rx_data,
    input  logic       eth1_rx_ctl,
    output logic       eth1_tx_clk,
    output logic [3:0] eth1_tx_data,
    output logic       eth1_tx_ctl,
    // LEDs, lit by 0: clock, link opened, frames of the feed (toggles).
    output logic [2:0] led
);

  // 125 MHz: 100 * 5 / 4; the oscillator inside runs at 625 MHz.
  wire clk, locked;
  // verilator lint_off PINCONNECTEMPTY
  (* FREQUENCY_PIN_CLKI = "100" *)
  (* FREQUENCY_PIN_CLKOP = "125" *)
  (* ICP_CURRENT = "12" *)
  (* LPF_RESISTOR = "8" *)
  EHXPLLL #(
      .CLKI_DIV(4), .CLKFB_DIV(5), .CLKOP_DIV(5), .CLKOP_CPHASE(4), .CLKOP_ENABLE("ENABLED"), .FEEDBK_PATH("CLKOP")
  ) pll (
      .CLKI(clk100), .CLKFB(clk), .CLKOP(clk), .LOCK(locked), .RST(1'b0), .STDBY(1'b0), .PHASESEL0(1'b0),
      .PHASESEL1(1'b0), .PHASEDIR(1'b0), .PHASESTEP(1'b0), .PHASELOADREG(1'b0), .PLLWAKESYNC(1'b0), .ENCLKOP(1'b0),
      .ENCLKOS(1'b0), .ENCLKOS2(1'b0), .ENCLKOS3(1'b0), .CLKOS(), .CLKOS2(), .CLKOS3(), .INTLOCK(), .REFCLK(),
      .CLKINTFB());
  // verilator lint_on PINCONNECTEMPTY

  // Reset lasts 2**RESET_LOG2 cycles behind PLL and button. The bitstream sets registers to 0: so they start.
  wire wait_ok;
  wt_sync sync_wait (.clk_i(clk), .rst_i(1'b0), .d_i(rst_n && locked), .q_o(wait_ok));
  logic [RESET_LOG2:0] wait_q = '0;
  logic rst_q = 1'b1;
  always_ff @(posedge clk) begin
    if (!wait_ok) wait_q <= '0;
    else if (!wait_q[RESET_LOG2]) wait_q <= wait_q + 1'b1;
    rst_q <= !wait_q[RESET_LOG2];
  end

  // The PHYs keep what their pins strap; half of the reset is theirs.
  wire phy_rst_n = wait_q[RESET_LOG2] || wait_q[RESET_LOG2-1];
  assign {eth0_rst_n, eth1_rst_n} = {2{phy_rst_n}};
  assign {eth0_mdc, eth1_mdc} = 2'b00;

  wire [7:0] feed_d, host_d, send_d;
  wire feed_dv, feed_er, host_dv, host_er, send_en, send_er, opened, frame;
  wt_ecp5_ddr_rx feed_rx (
      .clk_i(eth0_rx_clk), .rd_i(eth0_rx_data), .rx_ctl_i(eth0_rx_ctl), .gmii_d_o(feed_d), .gmii_dv_o(feed_dv),
      .gmii_er_o(feed_er));
  wt_ecp5_ddr_rx host_rx (
      .clk_i(eth1_rx_clk), .rd_i(eth1_rx_data), .rx_ctl_i(eth1_rx_ctl), .gmii_d_o(host_d), .gmii_dv_o(host_dv),
      .gmii_er_o(host_er));
  wt_ecp5_ddr_tx host_tx (
      .clk_i(clk), .gmii_d_i(send_d), .gmii_en_i(send_en), .gmii_er_i(send_er), .td_o(eth1_tx_data),
      .tx_ctl_o(eth1_tx_ctl), .tx_clk_o(eth1_tx_clk));
  // Nothing is sent on the feed's port; its PHY wants a clock.
  wt_ecp5_ddr_tx feed_tx (
      .clk_i(clk), .gmii_d_i(8'd0), .gmii_en_i(1'b0), .gmii_er_i(1'b0), .td_o(eth0_tx_data), .tx_ctl_o(eth0_tx_ctl),
      .tx_clk_o(eth0_tx_clk));

  wt_card_udp #(
      .SYMBOLS(SYMBOLS), .ORDER_SLOTS(ORDER_SLOTS), .LEVEL_SLOTS(LEVEL_SLOTS), .NODE_SLOTS(NODE_SLOTS),
      .HOLD_MESSAGES_LOG2(HOLD_MESSAGES_LOG2), .HOLD_DATAGRAMS_LOG2(HOLD_DATAGRAMS_LOG2), .STATE_LOG2(STATE_LOG2),
      .GIT_HASH(GIT_HASH)
  ) card (
      .clk_i(clk), .rst_i(rst_q), .feed_clk_i(eth0_rx_clk), .feed_d_i(feed_d), .feed_dv_i(feed_dv),
      .feed_er_i(feed_er), .host_clk_i(eth1_rx_clk), .host_d_i(host_d), .host_dv_i(host_dv), .host_er_i(host_er),
      .host_d_o(send_d), .host_en_o(send_en), .host_er_o(send_er), .open_o(opened), .feed_o(frame));

  logic blink_q;
  always_ff @(posedge clk) begin
    if (frame) blink_q <= !blink_q;
    if (rst_q) blink_q <= 1'b0;
  end
  assign led = ~{blink_q, opened, !rst_q};

endmodule
