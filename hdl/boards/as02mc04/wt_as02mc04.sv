// AS02MC04 (Alibaba Cloud): the card (wt_card) with the feed's line A on SFP28 port 1 and line B on port 2, at 10G, and
// PCI Express Gen3 x8. No logic of its own but resets and LEDs.
//
// Clocks: 100 MHz from the board makes 156.25 MHz for the core and 125 MHz for the transceivers' resets; each port has
// one for what it receives and one for what it sends, the hard block of PCI Express one of 250 MHz. They are unrelated:
// wt_card, wt_card_tlp and wt_sync do the crossings.
//
// wt_pcie_hard, wt_gty_full and wt_gty_channel (in wt_gty_port) are IP that ip.tcl makes; here they are black boxes.
// MSI-X: the core's messages are memory writes like any other; the hard block has the capability (ip.tcl) and
// says whether it is enabled and masked.
module wt_as02mc04 #(
    parameter int unsigned SYMBOLS = 256,
    parameter int unsigned ORDER_SLOTS = 65536,
    parameter int unsigned LEVEL_SLOTS = 32768,
    parameter int unsigned NODE_SLOTS = 16384,
    parameter bit URAM = 1'b1,
    parameter logic [31:0] GIT_HASH = 32'd0
) (
    // 100 MHz oscillator.
    input  logic       clk_100mhz_p,
    input  logic       clk_100mhz_n,
    // LEDs beside the cages: there is a signal, and it makes sense. led_hb: the core's clock runs (toggles).
    // led: from the lowest, PCI Express is up; bus master; frames of line A, of line B (toggle).
    output logic [1:0] sfp_led,
    output logic       led_hb,
    output logic [3:0] led,
    // SFP28 ports 1 (line A) and 2 (line B), and their reference of 156.25 MHz.
    input  logic       sfp_mgt_refclk_p,
    input  logic       sfp_mgt_refclk_n,
    input  logic [1:0] sfp_rx_p,
    input  logic [1:0] sfp_rx_n,
    output logic [1:0] sfp_tx_p,
    output logic [1:0] sfp_tx_n,
    // PCI Express, and its reference of 100 MHz.
    input  logic       pcie_refclk_p,
    input  logic       pcie_refclk_n,
    input  logic       pcie_reset_n,
    input  logic [7:0] pcie_rx_p,
    input  logic [7:0] pcie_rx_n,
    output logic [7:0] pcie_tx_p,
    output logic [7:0] pcie_tx_n
);

  localparam int unsigned TLP_W = 256;
  localparam int unsigned DW = TLP_W / 32;

  // ---------------------------------------------------------------- clocks

  // 100 MHz * 12.5 = 1,250 MHz, / 8 and / 10.
  wire clk100, feedback, clk_mmcm, clk125_mmcm, clk, clk125, locked;
  IBUFDS clk100_pins (.I(clk_100mhz_p), .IB(clk_100mhz_n), .O(clk100));
  // verilator lint_off PINMISSING
  MMCME4_BASE #(
      .CLKIN1_PERIOD(10.0), .DIVCLK_DIVIDE(1), .CLKFBOUT_MULT_F(12.5), .CLKOUT0_DIVIDE_F(8.0), .CLKOUT1_DIVIDE(10)
  ) mmcm (
      .CLKIN1(clk100), .CLKFBIN(feedback), .CLKFBOUT(feedback), .CLKOUT0(clk_mmcm), .CLKOUT1(clk125_mmcm), .RST(1'b0),
      .PWRDWN(1'b0), .LOCKED(locked));
  // verilator lint_on PINMISSING
  BUFG clk_buffer (.I(clk_mmcm), .O(clk));
  BUFG clk125_buffer (.I(clk125_mmcm), .O(clk125));

  // Registers start as 0: in reset.
  wire ok125;
  wt_sync sync_ok125 (.clk_i(clk125), .rst_i(1'b0), .d_i(locked), .q_o(ok125));

  // ---------------------------------------------------------------- SFP28 ports

  // verilator lint_off PINCONNECTEMPTY
  wire sfp_refclk;
  IBUFDS_GTE4 sfp_refclk_pins (
      .I(sfp_mgt_refclk_p), .IB(sfp_mgt_refclk_n), .CEB(1'b0), .O(sfp_refclk), .ODIV2());
  wire pll_lock, pll_clk, pll_refclk;
  wire [1:0] rx_clk, tx_clk, up;
  wire [63:0] a_rxd, a_txd, b_rxd, b_txd;
  wire [7:0] a_rxc, a_txc, b_rxc, b_txc;
  wt_gty_port #(.COMMON(1'b1)) port_a (
      .clk125_i(clk125), .rst125_i(!ok125), .refclk_i(sfp_refclk), .pll_lock_i(1'b0), .pll_clk_i(1'b0),
      .pll_refclk_i(1'b0), .pll_lock_o(pll_lock), .pll_clk_o(pll_clk), .pll_refclk_o(pll_refclk),
      .rx_p_i(sfp_rx_p[0]), .rx_n_i(sfp_rx_n[0]), .tx_p_o(sfp_tx_p[0]), .tx_n_o(sfp_tx_n[0]), .rx_clk_o(rx_clk[0]),
      .rxd_o(a_rxd), .rxc_o(a_rxc), .tx_clk_o(tx_clk[0]), .txd_i(a_txd), .txc_i(a_txc), .up_o(up[0]));
  wt_gty_port #(.COMMON(1'b0)) port_b (
      .clk125_i(clk125), .rst125_i(!ok125), .refclk_i(1'b0), .pll_lock_i(pll_lock), .pll_clk_i(pll_clk),
      .pll_refclk_i(pll_refclk), .pll_lock_o(), .pll_clk_o(), .pll_refclk_o(),
      .rx_p_i(sfp_rx_p[1]), .rx_n_i(sfp_rx_n[1]), .tx_p_o(sfp_tx_p[1]), .tx_n_o(sfp_tx_n[1]), .rx_clk_o(rx_clk[1]),
      .rxd_o(b_rxd), .rxc_o(b_rxc), .tx_clk_o(tx_clk[1]), .txd_i(b_txd), .txc_i(b_txc), .up_o(up[1]));

  // ---------------------------------------------------------------- PCI Express

  wire pcie_sys_clk, pcie_sys_clk_gt, link_clk, user_reset, link_up, link_rst, link_ok;
  IBUFDS_GTE4 pcie_refclk_pins (
      .I(pcie_refclk_p), .IB(pcie_refclk_n), .CEB(1'b0), .O(pcie_sys_clk_gt), .ODIV2(pcie_sys_clk));

  wire rq_valid, rq_last, rc_valid, rc_ready, rc_last, cq_valid, cq_ready, cq_last, cc_valid, cc_last;
  // verilator lint_off UNUSEDSIGNAL
  wire [3:0] rq_ready, cc_ready, msix_enable, msix_mask;  // of several bits that say the same, and of several functions
  // verilator lint_on UNUSEDSIGNAL
  wire [TLP_W-1:0] rq_data, rc_data, cq_data, cc_data;
  wire [DW-1:0] rq_keep, rc_keep, cq_keep, cc_keep;
  wire [61:0] rq_user;
  wire [74:0] rc_user;
  wire [87:0] cq_user;
  wire [32:0] cc_user;
  wire [3:0] nph_av;
  wire [1:0] max_payload;
  wire [15:0] function_status;
  wire [7:0] bus_number;
  wt_pcie_hard pcie_hard (
      .sys_clk(pcie_sys_clk), .sys_clk_gt(pcie_sys_clk_gt), .sys_reset(pcie_reset_n),
      .pci_exp_rxp(pcie_rx_p), .pci_exp_rxn(pcie_rx_n), .pci_exp_txp(pcie_tx_p), .pci_exp_txn(pcie_tx_n),
      .user_clk(link_clk), .user_reset(user_reset), .user_lnk_up(link_up),
      .s_axis_rq_tvalid(rq_valid), .s_axis_rq_tready(rq_ready), .s_axis_rq_tdata(rq_data), .s_axis_rq_tkeep(rq_keep),
      .s_axis_rq_tlast(rq_last), .s_axis_rq_tuser(rq_user),
      .m_axis_rc_tvalid(rc_valid), .m_axis_rc_tready(rc_ready), .m_axis_rc_tdata(rc_data), .m_axis_rc_tkeep(rc_keep),
      .m_axis_rc_tlast(rc_last), .m_axis_rc_tuser(rc_user),
      .m_axis_cq_tvalid(cq_valid), .m_axis_cq_tready(cq_ready), .m_axis_cq_tdata(cq_data), .m_axis_cq_tkeep(cq_keep),
      .m_axis_cq_tlast(cq_last), .m_axis_cq_tuser(cq_user),
      .s_axis_cc_tvalid(cc_valid), .s_axis_cc_tready(cc_ready), .s_axis_cc_tdata(cc_data), .s_axis_cc_tkeep(cc_keep),
      .s_axis_cc_tlast(cc_last), .s_axis_cc_tuser(cc_user),
      .pcie_cq_np_req(2'b01), .pcie_tfc_nph_av(nph_av),
      .cfg_max_payload(max_payload), .cfg_function_status(function_status), .cfg_bus_number(bus_number),
      .cfg_interrupt_msix_enable(msix_enable), .cfg_interrupt_msix_mask(msix_mask),
      .cfg_interrupt_msix_int(1'b0), .cfg_interrupt_msix_address(64'd0), .cfg_interrupt_msix_data(32'd0),
      .cfg_interrupt_msix_vec_pending(2'd0), .cfg_interrupt_msi_function_number(8'd0),
      .cfg_interrupt_int(4'd0), .cfg_interrupt_pending(4'd0),
      .cfg_mgmt_addr(10'd0), .cfg_mgmt_function_number(8'd0), .cfg_mgmt_write(1'b0), .cfg_mgmt_write_data(32'd0),
      .cfg_mgmt_byte_enable(4'd0), .cfg_mgmt_read(1'b0), .cfg_mgmt_debug_access(1'b0),
      .cfg_msg_transmit(1'b0), .cfg_msg_transmit_type(3'd0), .cfg_msg_transmit_data(32'd0), .cfg_fc_sel(3'd0),
      .cfg_dsn(64'd0), .cfg_power_state_change_ack(1'b1), .cfg_err_cor_in(1'b0), .cfg_err_uncor_in(1'b0),
      .cfg_flr_done(4'd0), .cfg_vf_flr_func_num(8'd0), .cfg_vf_flr_done(1'b0), .cfg_link_training_enable(1'b1),
      .cfg_pm_aspm_l1_entry_reject(1'b0), .cfg_pm_aspm_tx_l0s_entry_disable(1'b0), .cfg_config_space_enable(1'b1),
      .cfg_req_pm_transition_l23_ready(1'b0), .cfg_hot_reset_in(1'b0), .cfg_ds_port_number(8'd0),
      .cfg_ds_bus_number(8'd0), .cfg_ds_device_number(5'd0));

  // The hard block's clock runs before the core's does, or behind it: neither side begins without the other.
  wt_sync sync_ok (.clk_i(link_clk), .rst_i(user_reset), .d_i(locked), .q_o(link_ok));

  wire link_rx_valid, link_rx_ready, link_rx_last, link_tx_valid, link_tx_ready, link_tx_last, link_bus_master;
  wire [TLP_W-1:0] link_rx_data, link_tx_data;
  wire [DW-1:0] link_rx_keep, link_tx_keep;
  wire [2:0] link_max_payload;
  wire [15:0] link_requester_id;
  wt_pcie_us #(.TLP_W(TLP_W)) shim (
      .clk_i(link_clk), .rst_i(link_rst),
      .rq_tvalid_o(rq_valid), .rq_tready_i(rq_ready[0]), .rq_tdata_o(rq_data), .rq_tkeep_o(rq_keep),
      .rq_tlast_o(rq_last), .rq_tuser_o(rq_user),
      .rc_tvalid_i(rc_valid), .rc_tready_o(rc_ready), .rc_tdata_i(rc_data), .rc_tkeep_i(rc_keep),
      .rc_tlast_i(rc_last), .rc_tuser_i(rc_user),
      .cq_tvalid_i(cq_valid), .cq_tready_o(cq_ready), .cq_tdata_i(cq_data), .cq_tkeep_i(cq_keep),
      .cq_tlast_i(cq_last), .cq_tuser_i(cq_user),
      .cc_tvalid_o(cc_valid), .cc_tready_i(cc_ready[0]), .cc_tdata_o(cc_data), .cc_tkeep_o(cc_keep),
      .cc_tlast_o(cc_last), .cc_tuser_o(cc_user),
      .pcie_tfc_nph_av_i(nph_av), .cfg_max_payload_i(max_payload), .cfg_function_status_i(function_status),
      .cfg_bus_number_i(bus_number), .cfg_max_payload_o(link_max_payload), .cfg_bus_master_o(link_bus_master),
      .cfg_requester_id_o(link_requester_id),
      .tlp_rx_valid_o(link_rx_valid), .tlp_rx_ready_i(link_rx_ready), .tlp_rx_data_o(link_rx_data),
      .tlp_rx_keep_o(link_rx_keep), .tlp_rx_last_o(link_rx_last),
      .tlp_tx_valid_i(link_tx_valid), .tlp_tx_ready_o(link_tx_ready), .tlp_tx_data_i(link_tx_data),
      .tlp_tx_keep_i(link_tx_keep), .tlp_tx_last_i(link_tx_last));

  wire rst, tlp_rx_valid, tlp_rx_ready, tlp_rx_last, tlp_tx_valid, tlp_tx_ready, tlp_tx_last, bus_master;
  wire [TLP_W-1:0] tlp_rx_data, tlp_tx_data;
  wire [DW-1:0] tlp_rx_keep, tlp_tx_keep;
  wire [2:0] cfg_max_payload;
  wire [15:0] requester_id;
  wire msix_on, msix_masked;
  wt_card_tlp #(.TLP_W(TLP_W)) crossing (
      .clk_i(clk), .rst_o(rst), .tlp_rx_valid_o(tlp_rx_valid), .tlp_rx_ready_i(tlp_rx_ready),
      .tlp_rx_data_o(tlp_rx_data), .tlp_rx_keep_o(tlp_rx_keep), .tlp_rx_last_o(tlp_rx_last),
      .tlp_tx_valid_i(tlp_tx_valid), .tlp_tx_ready_o(tlp_tx_ready), .tlp_tx_data_i(tlp_tx_data),
      .tlp_tx_keep_i(tlp_tx_keep), .tlp_tx_last_i(tlp_tx_last), .cfg_max_payload_o(cfg_max_payload),
      .cfg_bus_master_o(bus_master), .cfg_requester_id_o(requester_id), .cfg_msix_enable_o(msix_on),
      .cfg_msix_mask_o(msix_masked),
      .link_clk_i(link_clk), .link_rst_i(!link_ok), .link_rst_o(link_rst), .link_rx_valid_i(link_rx_valid),
      .link_rx_ready_o(link_rx_ready), .link_rx_data_i(link_rx_data), .link_rx_keep_i(link_rx_keep),
      .link_rx_last_i(link_rx_last), .link_tx_valid_o(link_tx_valid), .link_tx_ready_i(link_tx_ready),
      .link_tx_data_o(link_tx_data), .link_tx_keep_o(link_tx_keep), .link_tx_last_o(link_tx_last),
      .link_max_payload_i(link_max_payload), .link_bus_master_i(link_bus_master),
      .link_requester_id_i(link_requester_id), .link_msix_enable_i(msix_enable[0]), .link_msix_mask_i(msix_mask[0]));

  // ---------------------------------------------------------------- the card

  // verilator lint_off UNUSEDSIGNAL
  wire [287:0] counters_a, counters_b;  // for the LEDs the lowest bit of what came
  // verilator lint_on UNUSEDSIGNAL
  wt_card #(
      .SYMBOLS(SYMBOLS), .ORDER_SLOTS(ORDER_SLOTS), .LEVEL_SLOTS(LEVEL_SLOTS), .NODE_SLOTS(NODE_SLOTS), .TLP_W(TLP_W),
      .CLOCK_PS(6400), .URAM(URAM), .GIT_HASH(GIT_HASH)
  ) card (
      .clk_i(clk), .rst_i(rst), .time_external_i(1'b0), .time_set_i(1'b0), .time_ns_i(64'd0), .idle_o(),
      .next_deadline_ns_o(),
      .xgmii_a_rx_clk_i(rx_clk[0]), .xgmii_a_rxd_i(a_rxd), .xgmii_a_rxc_i(a_rxc), .xgmii_a_tx_clk_i(tx_clk[0]),
      .xgmii_a_txd_o(a_txd), .xgmii_a_txc_o(a_txc), .tx_a_valid_i(1'b0), .tx_a_ready_o(), .tx_a_data_i(64'd0),
      .tx_a_keep_i(8'd0), .tx_a_last_i(1'b0), .tx_a_error_i(1'b0), .counters_a_o(counters_a),
      .xgmii_b_rx_clk_i(rx_clk[1]), .xgmii_b_rxd_i(b_rxd), .xgmii_b_rxc_i(b_rxc), .xgmii_b_tx_clk_i(tx_clk[1]),
      .xgmii_b_txd_o(b_txd), .xgmii_b_txc_o(b_txc), .tx_b_valid_i(1'b0), .tx_b_ready_o(), .tx_b_data_i(64'd0),
      .tx_b_keep_i(8'd0), .tx_b_last_i(1'b0), .tx_b_error_i(1'b0), .counters_b_o(counters_b),
      .tlp_rx_valid_i(tlp_rx_valid), .tlp_rx_ready_o(tlp_rx_ready), .tlp_rx_data_i(tlp_rx_data),
      .tlp_rx_keep_i(tlp_rx_keep), .tlp_rx_last_i(tlp_rx_last), .tlp_tx_valid_o(tlp_tx_valid),
      .tlp_tx_ready_i(tlp_tx_ready), .tlp_tx_data_o(tlp_tx_data), .tlp_tx_keep_o(tlp_tx_keep),
      .tlp_tx_last_o(tlp_tx_last), .cfg_max_payload_i(cfg_max_payload), .cfg_bus_master_i(bus_master),
      .cfg_requester_id_i(requester_id), .cfg_msix_enable_i(msix_on), .cfg_msix_mask_i(msix_masked));
  // verilator lint_on PINCONNECTEMPTY

  // ---------------------------------------------------------------- LEDs

  logic [26:0] beat_q;
  always_ff @(posedge clk) beat_q <= beat_q + 27'd1;
  assign led_hb = beat_q[26];
  assign sfp_led = up;
  assign led = {counters_b[0], counters_a[0], bus_master, link_up};

endmodule
