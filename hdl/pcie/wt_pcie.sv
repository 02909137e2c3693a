// The PCIe core: registers, reset by the host, DMA reads, DMA writes, interrupts, in one stream of TLPs each way (wt_core
// describes it).
//
// Completions go to the reader of host memory, all other TLPs to the registers. What leaves is posted writes of
// records, completions of register reads, interrupts, and read requests; wt_dma puts them in one order.
module wt_pcie #(
    parameter int unsigned TLP_W = 256,          // 64, 128, 256 or 512
    parameter int unsigned SYMBOLS = 64,         // told to the host, as are the four below
    parameter int unsigned ORDER_SLOTS = 65536,
    parameter int unsigned LEVEL_SLOTS = 65536,
    parameter int unsigned CLOCK_PS = 6400,
    parameter int unsigned LINES = 2,
    parameter logic [31:0] GIT_HASH = 32'd0,
    parameter int unsigned EV_RINGS = 8,         // event rings, 1 to 8
    parameter int unsigned EV_FIFO_LOG2 = 6,     // records in front of each, log2
    parameter int unsigned OF_FIFO_LOG2 = 8,     // and in front of the order-flow ring
    parameter int unsigned SERIAL = 0,           // see wt_dma
    parameter int unsigned READ_SLOTS_LOG2 = 3,  // see wt_dma_read
    parameter int unsigned VECTORS = 9,          // interrupt vectors: 9, or 0 for no interrupts
    parameter int unsigned READ_TIMEOUT = 2000000 // cycles until a read is sent again
) (
    input  logic                clk_i,
    input  logic                rst_i,
    // Reset by the host: the data path works, is in reset (also by rst_i), and has swept its tables.
    output logic                run_o,
    output logic                data_rst_o,
    input  logic                ready_i,
    // TLPs from the host, and to it.
    input  logic                tlp_rx_valid_i,
    output logic                tlp_rx_ready_o,
    input  logic [TLP_W-1:0]    tlp_rx_data_i,
    input  logic [TLP_W/32-1:0] tlp_rx_keep_i,
    input  logic                tlp_rx_last_i,
    output logic                tlp_tx_valid_o,
    input  logic                tlp_tx_ready_i,
    output logic [TLP_W-1:0]    tlp_tx_data_o,
    output logic [TLP_W/32-1:0] tlp_tx_keep_o,
    output logic                tlp_tx_last_o,
    // PCIe configuration: max payload as PCIe encodes it, bus master enable, our id.
    input  logic [2:0]          cfg_max_payload_i,
    input  logic                cfg_bus_master_i,
    input  logic [15:0]         cfg_requester_id_i,
    // MSI-X: enable, function mask.
    input  logic                cfg_msix_enable_i,
    input  logic                cfg_msix_mask_i,
    // Card time, ns.
    // verilator lint_off UNUSEDSIGNAL
    input  logic [63:0]         time_ns_i,  // only interrupts need it
    // verilator lint_on UNUSEDSIGNAL
    // Registers of the host, and what it reads of the card (wt_regs).
    output logic                enable_o,
    output logic                subscribe_all_o,
    output logic                order_flow_o,
    output logic                recover_o,
    output logic [31:0]         skew_ns_o,
    output logic [31:0]         gap_timeout_ns_o,
    output logic [63:0]         cmd_base_o,
    output logic [31:0]         cmd_size_log2_o,
    output logic [31:0]         cmd_prod_o,
    input  logic [31:0]         cmd_cons_i,
    output logic [2047:0]       channels_o,
    output logic [2:0]          chan_index_o,
    input  logic [63:0]         chan_next_i,
    output logic [10:0]         sym_count_o,  // taken at reset, 1024 at most
    input  logic [9:0]          sym_raddr_i,
    output logic [63:0]         sym_rdata_o,
    input  logic [9:0]          ring_sym_i,
    output logic [2:0]          ring_o,
    output logic [EV_RINGS-1:0] rings_o,  // event rings that are there
    // A register is read or written.
    output logic                regs_busy_o,
    // Counters: index in one cycle, value of that cycle in the next.
    output logic                cnt_read_o,
    output logic [6:0]          cnt_index_o,
    input  logic [63:0]         cnt_data_i,
    // Lines of host memory (wt_dma_read).
    input  logic                addr_valid_i,
    output logic                addr_ready_o,
    input  logic [63:0]         addr_i,
    output logic                line_valid_o,
    input  logic                line_ready_i,
    output logic [511:0]        line_o,
    // Records (wt_dma).
    input  logic                ev_valid_i,
    input  logic [2:0]          ev_ring_i,
    input  logic [479:0]        ev_data_i,
    input  logic                ev_kept_i,
    input  logic [479:0]        ev_kept_data_i,
    output logic [EV_RINGS-1:0] ev_full_o,
    output logic [EV_RINGS-1:0] ev_high_o,
    output logic                ev_busy_o,
    input  logic                ev_waits_i,
    input  logic                of_valid_i,
    input  logic [479:0]        of_data_i,
    input  logic                of_marker_i,
    input  logic [479:0]        of_marker_data_i,
    output logic                of_full_o,
    output logic                of_high_o,
    output logic                of_busy_o,
    output logic                of_low_o,
    // Counters of all this.
    output logic [63:0]         cnt_bad_request_o,
    output logic [63:0]         cnt_read_timeout_o,
    output logic [63:0]         cnt_read_unsupported_o,
    output logic [63:0]         cnt_read_aborted_o,
    output logic [63:0]         cnt_read_poisoned_o,
    output logic [63:0]         cnt_read_refused_o,
    output logic [63:0]         cnt_interrupts_o,
    output logic [63:0]         cnt_events_o,
    output logic [63:0]         cnt_order_flow_o,
    output logic [63:0]         cnt_ev_full_o,
    output logic [63:0]         cnt_of_full_o,
    output logic [63:0]         cnt_link_wait_o,
    output logic [EV_FIFO_LOG2:0] max_events_o,
    output logic [OF_FIFO_LOG2:0] max_order_flow_o,
    // Nothing is under way.
    output logic                idle_o
);

  // ---------------------------------------------------------------- reset by the host

  localparam logic [1:0] R_RUN = 2'd0;    // works
  localparam logic [1:0] R_HOLD = 2'd1;   // waits for the write or interrupt under way to leave
  localparam logic [1:0] R_RESET = 2'd2;  // holds the data path in reset
  localparam logic [1:0] R_SWEEP = 2'd3;  // waits for the tables
  logic [1:0] reset_q;
  logic [1:0] reset_cycles_q;
  logic [31:0] reset_target_q, reset_ack_q;
  logic [10:0] sym_count_q;
  wire [31:0] reset_seq, sym_count;
  wire quiet;
  assign run_o = reset_q == R_RUN;
  assign data_rst_o = rst_i || reset_q == R_RESET;
  assign sym_count_o = sym_count_q;

  always_ff @(posedge clk_i) begin
    case (reset_q)
      R_RUN: if (reset_seq != reset_ack_q) reset_q <= R_HOLD;
      R_HOLD: begin
        reset_target_q <= reset_seq;
        sym_count_q <= sym_count > 32'd1024 ? 11'd1024 : sym_count[10:0];
        reset_cycles_q <= 2'd3;
        if (quiet && !msg_valid) reset_q <= R_RESET;
      end
      R_RESET: begin
        reset_cycles_q <= reset_cycles_q - 2'd1;
        if (reset_cycles_q == 2'd0) reset_q <= R_SWEEP;
      end
      default:
        if (ready_i && msix_ready) begin
          reset_ack_q <= reset_target_q;
          reset_q <= R_RUN;
        end
    endcase
    if (rst_i) begin
      reset_q <= R_RUN;
      reset_ack_q <= 32'd0;
      sym_count_q <= 11'd0;
    end
  end

  // ---------------------------------------------------------------- registers

  wire [63:0] of_base;
  wire [31:0] of_size_log2, of_cons, of_prod;
  wire ring_changed;
  // Event rings, ring 0 lowest.
  // verilator lint_off UNUSEDSIGNAL
  wire [511:0] ring_base;  // registers are there for eight
  wire [255:0] ring_size_log2, ring_cons;
  // verilator lint_on UNUSEDSIGNAL
  wire [32*EV_RINGS-1:0] ring_prod;
  logic [EV_RINGS-1:0] rings_q;
  assign rings_o = rings_q;
  integer r;
  always_ff @(posedge clk_i) begin
    if (ring_changed)
      for (r = 0; r < EV_RINGS; r = r + 1) rings_q[r] <= r == 0 || ring_size_log2[32*r+:32] != 32'd0;
    if (rst_i) rings_q <= EV_RINGS'(1);
  end

  // The first beat tells for whom a TLP is.
  logic rx_within_q, rx_cpl_q;
  wire is_cpl = rx_within_q ? rx_cpl_q : tlp_rx_data_i[28:24] == 5'b01010;
  wire regs_rx_ready;
  assign tlp_rx_ready_o = is_cpl || regs_rx_ready;
  always_ff @(posedge clk_i) begin
    if (tlp_rx_valid_i && tlp_rx_ready_o) begin
      rx_within_q <= !tlp_rx_last_i;
      rx_cpl_q <= is_cpl;
    end
    if (rst_i) rx_within_q <= 1'b0;
  end

  wire cpl_valid;
  wire [159:0] cpl_data;
  wire [2:0] cpl_dwords;
  wire regs_idle;
  wire win_read, win_write;
  wire [13:2] win_addr;
  wire [31:0] win_wdata, win_mask;
  wire [63:0] win_rdata;
  assign regs_busy_o = !regs_idle;

  wt_regs #(
      .TLP_W(TLP_W), .SYMBOLS(SYMBOLS), .ORDER_SLOTS(ORDER_SLOTS), .LEVEL_SLOTS(LEVEL_SLOTS), .CLOCK_PS(CLOCK_PS),
      .LINES(LINES), .EV_RINGS(EV_RINGS), .VECTORS(VECTORS), .GIT_HASH(GIT_HASH)
  ) regs (
      .clk_i(clk_i), .rst_i(rst_i), .flush_i(data_rst_o), .cfg_requester_id_i(cfg_requester_id_i),
      .tlp_rx_valid_i(tlp_rx_valid_i && !is_cpl), .tlp_rx_ready_o(regs_rx_ready), .tlp_rx_data_i(tlp_rx_data_i),
      .tlp_rx_keep_i(tlp_rx_keep_i), .tlp_rx_last_i(tlp_rx_last_i),
      .cpl_valid_o(cpl_valid), .cpl_ready_i(small_ready && which == SMALL_CPL), .cpl_data_o(cpl_data),
      .cpl_dwords_o(cpl_dwords),
      .cnt_read_o(cnt_read_o), .cnt_index_o(cnt_index_o), .cnt_data_i(cnt_data_i), .cnt_bad_request_o(cnt_bad_request_o),
      .reset_seq_o(reset_seq), .reset_ack_i(reset_ack_q), .enable_o(enable_o), .subscribe_all_o(subscribe_all_o),
      .order_flow_o(order_flow_o), .recover_o(recover_o), .skew_ns_o(skew_ns_o), .gap_timeout_ns_o(gap_timeout_ns_o),
      .cmd_base_o(cmd_base_o), .cmd_size_log2_o(cmd_size_log2_o), .cmd_prod_o(cmd_prod_o), .cmd_cons_i(cmd_cons_i),
      .channels_o(channels_o), .chan_index_o(chan_index_o), .chan_next_i(chan_next_i), .sym_count_o(sym_count),
      .ev_base_o(ring_base), .ev_size_log2_o(ring_size_log2), .ev_cons_o(ring_cons), .ev_prod_i(256'(ring_prod)),
      .of_base_o(of_base), .of_size_log2_o(of_size_log2), .of_cons_o(of_cons), .of_prod_i(of_prod),
      .ring_sym_i(ring_sym_i), .ring_o(ring_o),
      .ring_changed_o(ring_changed), .win_read_o(win_read), .win_write_o(win_write), .win_addr_o(win_addr),
      .win_wdata_o(win_wdata), .win_mask_o(win_mask), .win_rdata_i(win_rdata), .sym_raddr_i(sym_raddr_i), .sym_rdata_o(sym_rdata_o), .idle_o(regs_idle));

  // ---------------------------------------------------------------- reads of host memory

  wire may_read = run_o && enable_o && cfg_bus_master_i;
  wire addr_ready, mrd_valid, read_idle;
  wire [127:0] mrd_data;
  wire [2:0] mrd_dwords;
  assign addr_ready_o = addr_ready && may_read;

  wt_dma_read #(
      .TLP_W(TLP_W), .TIMEOUT(READ_TIMEOUT), .SLOTS_LOG2(READ_SLOTS_LOG2), .TAG_BITS(READ_SLOTS_LOG2 == 0 ? 8 : 5)
  ) dma_read (
      .clk_i(clk_i), .rst_i(rst_i), .flush_i(data_rst_o), .cfg_requester_id_i(cfg_requester_id_i),
      .addr_valid_i(addr_valid_i && may_read), .addr_ready_o(addr_ready), .addr_i(addr_i),
      .line_valid_o(line_valid_o), .line_ready_i(line_ready_i), .line_o(line_o),
      .mrd_valid_o(mrd_valid), .mrd_ready_i(small_ready && which == SMALL_MRD), .mrd_data_o(mrd_data),
      .mrd_dwords_o(mrd_dwords),
      .cpl_valid_i(tlp_rx_valid_i && is_cpl), .cpl_data_i(tlp_rx_data_i), .cpl_keep_i(tlp_rx_keep_i),
      .cpl_last_i(tlp_rx_last_i), .cnt_timeout_o(cnt_read_timeout_o), .cnt_unsupported_o(cnt_read_unsupported_o),
      .cnt_aborted_o(cnt_read_aborted_o), .cnt_poisoned_o(cnt_read_poisoned_o), .cnt_refused_o(cnt_read_refused_o),
      .idle_o(read_idle));

  // ---------------------------------------------------------------- interrupts

  wire msg_valid, msix_ready, msix_idle;
  wire [159:0] msg_data;
  wire [2:0] msg_dwords;
  generate
    if (VECTORS == 0) begin : no_msix
      assign msg_valid = 1'b0;
      assign msg_data = '0;
      assign msg_dwords = '0;
      assign msix_ready = 1'b1;
      assign msix_idle = 1'b1;
      assign win_rdata = '0;
      assign cnt_interrupts_o = '0;
      // verilator lint_off UNUSEDSIGNAL
      wire unused = ^{win_read, win_write, win_addr, win_wdata, win_mask, cfg_msix_enable_i, cfg_msix_mask_i};
      // verilator lint_on UNUSEDSIGNAL
    end else begin : with_msix
      wt_msix #(.VECTORS(VECTORS)) msix (
          .clk_i(clk_i), .rst_i(rst_i), .flush_i(data_rst_o), .run_i(run_o), .ready_o(msix_ready), .time_ns_i(time_ns_i),
          .win_read_i(win_read), .win_write_i(win_write), .win_addr_i(win_addr), .win_wdata_i(win_wdata),
          .win_mask_i(win_mask), .win_rdata_o(win_rdata), .prod_i({of_prod, 256'(ring_prod)}),
          .cfg_enable_i(cfg_msix_enable_i), .cfg_mask_i(cfg_msix_mask_i), .cfg_bus_master_i(cfg_bus_master_i),
          .cfg_requester_id_i(cfg_requester_id_i), .msg_valid_o(msg_valid),
          .msg_ready_i(small_ready && which == SMALL_MSG), .msg_data_o(msg_data), .msg_dwords_o(msg_dwords),
          .cnt_sent_o(cnt_interrupts_o), .active_i(!regs_idle || !dma_idle), .idle_o(msix_idle));
    end
  endgenerate

  // Completions, interrupts and read requests share the way out for small TLPs; one that waits keeps its place.
  localparam logic [1:0] SMALL_CPL = 2'd0;
  localparam logic [1:0] SMALL_MSG = 2'd1;
  localparam logic [1:0] SMALL_MRD = 2'd2;
  logic small_wait_q;
  logic [1:0] small_q;
  wire small_ready;
  wire [1:0] which = small_wait_q ? small_q : cpl_valid ? SMALL_CPL : msg_valid ? SMALL_MSG : SMALL_MRD;
  wire small_valid = cpl_valid || msg_valid || mrd_valid;
  wire [159:0] small_data = which == SMALL_CPL ? cpl_data : which == SMALL_MSG ? msg_data : {32'd0, mrd_data};
  wire [2:0] small_dwords = which == SMALL_CPL ? cpl_dwords : which == SMALL_MSG ? msg_dwords : mrd_dwords;
  always_ff @(posedge clk_i) begin
    small_wait_q <= small_valid && !small_ready;
    small_q <= which;
    if (rst_i) small_wait_q <= 1'b0;
  end

  // ---------------------------------------------------------------- records to TLPs

  wire dma_idle;

  wt_dma #(.TLP_W(TLP_W), .EV_RINGS(EV_RINGS), .FIFO_LOG2(EV_FIFO_LOG2), .OF_FIFO_LOG2(OF_FIFO_LOG2), .SERIAL(SERIAL)) dma (
      .clk_i(clk_i), .rst_i(rst_i), .hold_i(!run_o), .flush_i(data_rst_o), .quiet_o(quiet),
      .ev_valid_i(ev_valid_i), .ev_ring_i(ev_ring_i), .ev_data_i(ev_data_i),
      .ev_kept_i(ev_kept_i), .ev_kept_data_i(ev_kept_data_i), .ev_full_o(ev_full_o), .ev_high_o(ev_high_o), .ev_busy_o(ev_busy_o), .of_busy_o(of_busy_o),
      .ev_waits_i(ev_waits_i), .of_valid_i(of_valid_i), .of_data_i(of_data_i), .of_marker_i(of_marker_i),
      .of_marker_data_i(of_marker_data_i), .of_full_o(of_full_o), .of_high_o(of_high_o), .of_low_o(of_low_o),
      .ev_base_i(ring_base[64*EV_RINGS-1:0]), .ev_size_log2_i(ring_size_log2[32*EV_RINGS-1:0]),
      .ev_cons_i(ring_cons[32*EV_RINGS-1:0]),
      .of_base_i(of_base), .of_size_log2_i(of_size_log2), .of_cons_i(of_cons),
      .ring_changed_i(ring_changed), .cfg_max_payload_i(cfg_max_payload_i), .cfg_bus_master_i(cfg_bus_master_i),
      .cfg_requester_id_i(cfg_requester_id_i),
      .cpl_valid_i(small_valid), .cpl_ready_o(small_ready), .cpl_data_i(small_data), .cpl_dwords_i(small_dwords),
      .tlp_tx_valid_o(tlp_tx_valid_o), .tlp_tx_ready_i(tlp_tx_ready_i), .tlp_tx_data_o(tlp_tx_data_o),
      .tlp_tx_keep_o(tlp_tx_keep_o), .tlp_tx_last_o(tlp_tx_last_o),
      .ev_prod_o(ring_prod), .of_prod_o(of_prod), .cnt_events_o(cnt_events_o), .cnt_order_flow_o(cnt_order_flow_o),
      .cnt_ev_full_o(cnt_ev_full_o), .cnt_of_full_o(cnt_of_full_o),
      .cnt_link_wait_o(cnt_link_wait_o), .max_events_o(max_events_o), .max_order_flow_o(max_order_flow_o),
      .idle_o(dma_idle));

  assign idle_o = run_o && reset_seq == reset_ack_q && regs_idle && dma_idle && read_idle && msix_idle;

endmodule
