// The PCIe core behind its shim for UltraScale+ hard blocks, as cocotbext-pcie's model of one drives it. What the card
// has behind it the test plays: records to write, addresses of lines to read, tables that are ready some time after
// a reset.
module wt_pcie_dut #(
    parameter int unsigned TLP_W = 256
) (
    input  logic                clk_i,
    input  logic                rst_i,
    output logic [TLP_W-1:0]    rq_tdata,
    output logic [TLP_W/32-1:0] rq_tkeep,
    output logic                rq_tlast,
    output logic                rq_tvalid,
    output logic [61:0]         rq_tuser,
    input  logic                rq_tready,
    input  logic [TLP_W-1:0]    rc_tdata,
    input  logic [TLP_W/32-1:0] rc_tkeep,
    input  logic                rc_tlast,
    input  logic                rc_tvalid,
    input  logic [74:0]         rc_tuser,
    output logic                rc_tready,
    input  logic [TLP_W-1:0]    cq_tdata,
    input  logic [TLP_W/32-1:0] cq_tkeep,
    input  logic                cq_tlast,
    input  logic                cq_tvalid,
    input  logic [87:0]         cq_tuser,
    output logic                cq_tready,
    output logic [TLP_W-1:0]    cc_tdata,
    output logic [TLP_W/32-1:0] cc_tkeep,
    output logic                cc_tlast,
    output logic                cc_tvalid,
    output logic [32:0]         cc_tuser,
    input  logic                cc_tready,
    input  logic [3:0]          tfc_nph_av,
    input  logic [1:0]          cfg_max_payload,
    input  logic [15:0]         cfg_function_status,
    input  logic [7:0]          cfg_bus_number,
    input  logic                cfg_msix_enable,
    input  logic                cfg_msix_mask,
    // Tables: ready again so many cycles after a reset.
    input  logic [15:0]         sweep_cycles,
    // Records; taken when ready.
    input  logic                ev_valid,
    output logic                ev_ready,
    input  logic [2:0]          ev_ring,
    input  logic [479:0]        ev_data,
    input  logic                of_valid,
    output logic                of_ready,
    input  logic [479:0]        of_data,
    // Lines of host memory.
    input  logic                addr_valid,
    output logic                addr_ready,
    input  logic [63:0]         addr,
    output logic                line_valid,
    input  logic                line_ready,
    output logic [511:0]        line,
    output logic                run,
    output logic                idle
);

  wire rx_valid, rx_ready, rx_last, tx_valid, tx_ready, tx_last;
  wire [TLP_W-1:0] rx_data, tx_data;
  wire [TLP_W/32-1:0] rx_keep, tx_keep;
  wire [2:0] max_payload;
  wire bus_master;
  wire [15:0] id;

  wt_pcie_us #(.TLP_W(TLP_W)) shim (
      .clk_i(clk_i), .rst_i(rst_i), .rq_tvalid_o(rq_tvalid), .rq_tready_i(rq_tready), .rq_tdata_o(rq_tdata),
      .rq_tkeep_o(rq_tkeep), .rq_tlast_o(rq_tlast), .rq_tuser_o(rq_tuser), .rc_tvalid_i(rc_tvalid),
      .rc_tready_o(rc_tready), .rc_tdata_i(rc_tdata), .rc_tkeep_i(rc_tkeep), .rc_tlast_i(rc_tlast),
      .rc_tuser_i(rc_tuser), .cq_tvalid_i(cq_tvalid), .cq_tready_o(cq_tready), .cq_tdata_i(cq_tdata),
      .cq_tkeep_i(cq_tkeep), .cq_tlast_i(cq_tlast), .cq_tuser_i(cq_tuser), .cc_tvalid_o(cc_tvalid),
      .cc_tready_i(cc_tready), .cc_tdata_o(cc_tdata), .cc_tkeep_o(cc_tkeep), .cc_tlast_o(cc_tlast),
      .cc_tuser_o(cc_tuser), .pcie_tfc_nph_av_i(tfc_nph_av), .cfg_max_payload_i(cfg_max_payload),
      .cfg_function_status_i(cfg_function_status), .cfg_bus_number_i(cfg_bus_number),
      .cfg_max_payload_o(max_payload), .cfg_bus_master_o(bus_master), .cfg_requester_id_o(id),
      .tlp_rx_valid_o(rx_valid), .tlp_rx_ready_i(rx_ready), .tlp_rx_data_o(rx_data), .tlp_rx_keep_o(rx_keep),
      .tlp_rx_last_o(rx_last), .tlp_tx_valid_i(tx_valid), .tlp_tx_ready_o(tx_ready), .tlp_tx_data_i(tx_data),
      .tlp_tx_keep_i(tx_keep), .tlp_tx_last_i(tx_last));

  wire data_rst;
  logic [15:0] sweep_q;
  always_ff @(posedge clk_i) begin
    if (sweep_q != 16'd0) sweep_q <= sweep_q - 16'd1;
    if (data_rst) sweep_q <= sweep_cycles;
  end

  logic [63:0] ns_q;
  always_ff @(posedge clk_i) ns_q <= rst_i ? 64'd0 : ns_q + 64'd4;

  wire [7:0] ev_full;
  wire of_full;
  assign ev_ready = run && !ev_full[ev_ring];
  assign of_ready = run && !of_full;

  wire cnt_read;
  wire [6:0] cnt_index;
  wire [63:0] cnt_bad_request, cnt_read_timeout, cnt_read_refused, cnt_read_unsupported, cnt_read_aborted,
      cnt_read_poisoned, cnt_interrupts, cnt_events, cnt_order_flow, cnt_ev_full, cnt_of_full;
  wire [63:0] cnt_link_wait;
  logic [63:0] cnt_q;
  always_ff @(posedge clk_i)
    if (cnt_read)
      case (cnt_index)
        7'(wt_schema_pkg::CNT_BAD_REQUEST): cnt_q <= cnt_bad_request;
        7'(wt_schema_pkg::CNT_READ_TIMEOUT): cnt_q <= cnt_read_timeout;
        7'(wt_schema_pkg::CNT_READ_REFUSED): cnt_q <= cnt_read_refused;
        7'(wt_schema_pkg::CNT_READ_UNSUPPORTED): cnt_q <= cnt_read_unsupported;
        7'(wt_schema_pkg::CNT_READ_ABORTED): cnt_q <= cnt_read_aborted;
        7'(wt_schema_pkg::CNT_READ_POISONED): cnt_q <= cnt_read_poisoned;
        7'(wt_schema_pkg::CNT_INTERRUPTS): cnt_q <= cnt_interrupts;
        7'(wt_schema_pkg::CNT_EVENTS): cnt_q <= cnt_events;
        7'(wt_schema_pkg::CNT_ORDER_FLOW): cnt_q <= cnt_order_flow;
        7'(wt_schema_pkg::CNT_EV_FULL): cnt_q <= cnt_ev_full;
        7'(wt_schema_pkg::CNT_OF_FULL): cnt_q <= cnt_of_full;
        default: cnt_q <= cnt_link_wait;
      endcase

  wt_pcie #(.TLP_W(TLP_W), .GIT_HASH(32'h5eed1e55), .READ_TIMEOUT(1000)) pcie (
      .clk_i(clk_i), .rst_i(rst_i), .run_o(run), .data_rst_o(data_rst), .ready_i(sweep_q == 16'd0),
      .tlp_rx_valid_i(rx_valid), .tlp_rx_ready_o(rx_ready), .tlp_rx_data_i(rx_data), .tlp_rx_keep_i(rx_keep),
      .tlp_rx_last_i(rx_last), .tlp_tx_valid_o(tx_valid), .tlp_tx_ready_i(tx_ready), .tlp_tx_data_o(tx_data),
      .tlp_tx_keep_o(tx_keep), .tlp_tx_last_o(tx_last), .cfg_max_payload_i(max_payload),
      .cfg_bus_master_i(bus_master), .cfg_requester_id_i(id), .cfg_msix_enable_i(cfg_msix_enable),
      .cfg_msix_mask_i(cfg_msix_mask), .time_ns_i(ns_q), .enable_o(), .subscribe_all_o(), .order_flow_o(),
      .recover_o(), .skew_ns_o(), .gap_timeout_ns_o(), .cmd_base_o(), .cmd_size_log2_o(), .cmd_prod_o(),
      .cmd_cons_i(32'd0), .channels_o(), .chan_index_o(), .chan_next_i(64'd0), .sym_count_o(), .sym_raddr_i(10'd0),
      .sym_rdata_o(), .ring_sym_i(10'd0), .ring_o(), .rings_o(), .regs_busy_o(), .cnt_read_o(cnt_read),
      .cnt_index_o(cnt_index), .cnt_data_i(cnt_q), .addr_valid_i(addr_valid), .addr_ready_o(addr_ready),
      .addr_i(addr), .line_valid_o(line_valid), .line_ready_i(line_ready), .line_o(line),
      .ev_valid_i(ev_valid && ev_ready), .ev_ring_i(ev_ring), .ev_data_i(ev_data), .ev_kept_i(1'b0),
      .ev_kept_data_i(480'd0), .ev_full_o(ev_full), .ev_high_o(), .ev_waits_i(1'b0),
      .of_valid_i(of_valid && of_ready), .of_data_i(of_data), .of_marker_i(1'b0), .of_marker_data_i(480'd0),
      .of_full_o(of_full), .of_high_o(), .of_low_o(), .cnt_bad_request_o(cnt_bad_request),
      .cnt_read_timeout_o(cnt_read_timeout), .cnt_read_unsupported_o(cnt_read_unsupported), .cnt_read_aborted_o(cnt_read_aborted),
      .cnt_read_poisoned_o(cnt_read_poisoned), .cnt_read_refused_o(cnt_read_refused),
      .cnt_interrupts_o(cnt_interrupts), .cnt_events_o(cnt_events),
      .cnt_order_flow_o(cnt_order_flow), .cnt_ev_full_o(cnt_ev_full), .cnt_of_full_o(cnt_of_full),
      .cnt_link_wait_o(cnt_link_wait), .max_events_o(), .max_order_flow_o(), .idle_o(idle));

endmodule
