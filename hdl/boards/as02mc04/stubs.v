// Black boxes for lint and yosys alone: the IP that ip.tcl makes, with those of its ports that the top names; and the
// primitives of Xilinx, of which Verilator has no library. Vivado never reads this file.
// verilator lint_off DECLFILENAME
// verilator lint_off UNUSEDSIGNAL
// verilator lint_off UNDRIVEN
// verilator lint_off UNUSEDPARAM

// PCIE4 integrated block (PG213), Gen3 x8, 256 bits.
(* blackbox *)
module wt_pcie_hard (
    input          sys_clk, sys_clk_gt, sys_reset,
    input  [7:0]   pci_exp_rxp, pci_exp_rxn,
    output [7:0]   pci_exp_txp, pci_exp_txn,
    output         user_clk, user_reset, user_lnk_up,
    input          s_axis_rq_tvalid, s_axis_rq_tlast,
    output [3:0]   s_axis_rq_tready,
    input  [255:0] s_axis_rq_tdata,
    input  [7:0]   s_axis_rq_tkeep,
    input  [61:0]  s_axis_rq_tuser,
    output         m_axis_rc_tvalid, m_axis_rc_tlast,
    input          m_axis_rc_tready,
    output [255:0] m_axis_rc_tdata,
    output [7:0]   m_axis_rc_tkeep,
    output [74:0]  m_axis_rc_tuser,
    output         m_axis_cq_tvalid, m_axis_cq_tlast,
    input          m_axis_cq_tready,
    output [255:0] m_axis_cq_tdata,
    output [7:0]   m_axis_cq_tkeep,
    output [87:0]  m_axis_cq_tuser,
    input          s_axis_cc_tvalid, s_axis_cc_tlast,
    output [3:0]   s_axis_cc_tready,
    input  [255:0] s_axis_cc_tdata,
    input  [7:0]   s_axis_cc_tkeep,
    input  [32:0]  s_axis_cc_tuser,
    input  [1:0]   pcie_cq_np_req,
    output [3:0]   pcie_tfc_nph_av,
    output [1:0]   cfg_max_payload,
    output [15:0]  cfg_function_status,
    output [7:0]   cfg_bus_number,
    output [3:0]   cfg_interrupt_msix_enable, cfg_interrupt_msix_mask,
    input          cfg_interrupt_msix_int,
    input  [63:0]  cfg_interrupt_msix_address,
    input  [31:0]  cfg_interrupt_msix_data,
    input  [1:0]   cfg_interrupt_msix_vec_pending,
    input  [7:0]   cfg_interrupt_msi_function_number,
    input  [3:0]   cfg_interrupt_int, cfg_interrupt_pending,
    input  [9:0]   cfg_mgmt_addr,
    input  [7:0]   cfg_mgmt_function_number,
    input          cfg_mgmt_write, cfg_mgmt_read, cfg_mgmt_debug_access,
    input  [31:0]  cfg_mgmt_write_data,
    input  [3:0]   cfg_mgmt_byte_enable,
    input          cfg_msg_transmit,
    input  [2:0]   cfg_msg_transmit_type,
    input  [31:0]  cfg_msg_transmit_data,
    input  [2:0]   cfg_fc_sel,
    input  [63:0]  cfg_dsn,
    input          cfg_power_state_change_ack, cfg_err_cor_in, cfg_err_uncor_in,
    input  [3:0]   cfg_flr_done,
    input  [7:0]   cfg_vf_flr_func_num,
    input          cfg_vf_flr_done, cfg_link_training_enable, cfg_pm_aspm_l1_entry_reject,
    input          cfg_pm_aspm_tx_l0s_entry_disable, cfg_config_space_enable, cfg_req_pm_transition_l23_ready,
    input          cfg_hot_reset_in,
    input  [7:0]   cfg_ds_port_number, cfg_ds_bus_number,
    input  [4:0]   cfg_ds_device_number
);
endmodule

// UltraScale FPGAs transceivers wizard (PG182), one GTY channel with the quad's PLL.
(* blackbox *)
module wt_gty_full (
    input         gtwiz_reset_clk_freerun_in, gtwiz_reset_all_in,
    input         gtwiz_reset_tx_pll_and_datapath_in, gtwiz_reset_tx_datapath_in,
    input         gtwiz_reset_rx_pll_and_datapath_in, gtwiz_reset_rx_datapath_in,
    output        gtwiz_reset_tx_done_out, gtwiz_reset_rx_done_out,
    input         gtrefclk00_in,
    output        qpll0lock_out, qpll0outclk_out, qpll0outrefclk_out,
    input         gtyrxp_in, gtyrxn_in,
    output        gtytxp_out, gtytxn_out,
    input         gtwiz_userclk_tx_reset_in,
    output        gtwiz_userclk_tx_usrclk2_out,
    input  [63:0] gtwiz_userdata_tx_in,
    input  [5:0]  txheader_in,
    input  [6:0]  txsequence_in,
    input         gtwiz_userclk_rx_reset_in,
    output        gtwiz_userclk_rx_usrclk2_out,
    output [63:0] gtwiz_userdata_rx_out,
    output [5:0]  rxheader_out,
    input         rxgearboxslip_in
);
endmodule

// The same without the PLL.
(* blackbox *)
module wt_gty_channel (
    input         gtwiz_reset_clk_freerun_in, gtwiz_reset_all_in,
    input         gtwiz_reset_tx_pll_and_datapath_in, gtwiz_reset_tx_datapath_in,
    input         gtwiz_reset_rx_pll_and_datapath_in, gtwiz_reset_rx_datapath_in,
    output        gtwiz_reset_tx_done_out, gtwiz_reset_rx_done_out,
    input         gtwiz_reset_qpll0lock_in, qpll0clk_in, qpll0refclk_in, qpll1clk_in, qpll1refclk_in,
    input         gtyrxp_in, gtyrxn_in,
    output        gtytxp_out, gtytxn_out,
    input         gtwiz_userclk_tx_reset_in,
    output        gtwiz_userclk_tx_usrclk2_out,
    input  [63:0] gtwiz_userdata_tx_in,
    input  [5:0]  txheader_in,
    input  [6:0]  txsequence_in,
    input         gtwiz_userclk_rx_reset_in,
    output        gtwiz_userclk_rx_usrclk2_out,
    output [63:0] gtwiz_userdata_rx_out,
    output [5:0]  rxheader_out,
    input         rxgearboxslip_in
);
endmodule

`ifndef YOSYS
module IBUFDS (input I, IB, output O);
endmodule

module IBUFDS_GTE4 (input I, IB, CEB, output O, ODIV2);
endmodule

module BUFG (input I, output O);
endmodule

module MMCME4_BASE #(
    parameter real CLKIN1_PERIOD = 0.0, parameter integer DIVCLK_DIVIDE = 1, parameter real CLKFBOUT_MULT_F = 5.0,
    parameter real CLKOUT0_DIVIDE_F = 1.0, parameter integer CLKOUT1_DIVIDE = 1
) (
    input CLKIN1, CLKFBIN, RST, PWRDWN,
    output CLKFBOUT, CLKOUT0, CLKOUT1, LOCKED
);
endmodule
`endif
