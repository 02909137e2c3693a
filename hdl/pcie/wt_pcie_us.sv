// Shim between raw TLP streams (wt_core describes them) and the PCIe hard block of Xilinx UltraScale+ parts (PG213): its
// requester (RQ, RC) and completer (CQ, CC) streams, dword aligned, without straddling and parity, client tags.
//
// To the hard block. Completions go to CC, requests to RQ; a TLP's header becomes a descriptor, and a header of three
// dwords, where RQ's descriptor has four, moves the data by one. Read requests wait in a FIFO of their own for the link
// partner's credits, which the hard block shows (pcie_tfc_nph_av_i), so that neither a write nor a completion ever
// waits behind them. The hard block itself keeps the credits of writes and completions, by its ready.
//
// From the hard block. Requests get a header of four dwords with the offset in their BAR as address; one of another BAR
// than 0 gets an address outside BAR0, which wt_regs refuses. Completions that the hard block calls bad (other than by
// status and poison) get the status 3, which nobody sends. A TLP it breaks off ends with a beat that keeps nothing.
// A completion goes first; the first beat of a request gives way to it as long as it is not taken, so that completions
// are taken whatever the requests wait for.
//
// Latency: one cycle to RQ and CC, none from CQ and RC.
module wt_pcie_us #(
    parameter int unsigned TLP_W = 256,  // 128 or 256
    parameter int unsigned READS_LOG2 = 4  // read requests that may wait for credits
) (
    input  logic                clk_i,
    input  logic                rst_i,
    // Requester requests.
    output logic                rq_tvalid_o,
    input  logic                rq_tready_i,
    output logic [TLP_W-1:0]    rq_tdata_o,
    output logic [TLP_W/32-1:0] rq_tkeep_o,
    output logic                rq_tlast_o,
    output logic [61:0]         rq_tuser_o,
    // Requester completions.
    input  logic                rc_tvalid_i,
    output logic                rc_tready_o,
    input  logic [TLP_W-1:0]    rc_tdata_i,
    input  logic [TLP_W/32-1:0] rc_tkeep_i,
    input  logic                rc_tlast_i,
    // verilator lint_off UNUSEDSIGNAL
    input  logic [74:0]         rc_tuser_i,  // byte enables, frame marks, parity: not needed
    // verilator lint_on UNUSEDSIGNAL
    // Completer requests.
    input  logic                cq_tvalid_i,
    output logic                cq_tready_o,
    input  logic [TLP_W-1:0]    cq_tdata_i,
    input  logic [TLP_W/32-1:0] cq_tkeep_i,
    input  logic                cq_tlast_i,
    // verilator lint_off UNUSEDSIGNAL
    input  logic [87:0]         cq_tuser_i,
    // verilator lint_on UNUSEDSIGNAL
    // Completer completions.
    output logic                cc_tvalid_o,
    input  logic                cc_tready_i,
    output logic [TLP_W-1:0]    cc_tdata_o,
    output logic [TLP_W/32-1:0] cc_tkeep_o,
    output logic                cc_tlast_o,
    output logic [32:0]         cc_tuser_o,
    // Credits for headers of non-posted requests (15: at least as many).
    input  logic [3:0]          pcie_tfc_nph_av_i,
    // Configuration of the hard block, and as the core takes it.
    input  logic [1:0]          cfg_max_payload_i,
    // verilator lint_off UNUSEDSIGNAL
    input  logic [15:0]         cfg_function_status_i,  // only function 0 matters, and of it the bus master
    // verilator lint_on UNUSEDSIGNAL
    input  logic [7:0]          cfg_bus_number_i,
    output logic [2:0]          cfg_max_payload_o,
    output logic                cfg_bus_master_o,
    output logic [15:0]         cfg_requester_id_o,
    // TLPs to the core, and from it.
    output logic                tlp_rx_valid_o,
    input  logic                tlp_rx_ready_i,
    output logic [TLP_W-1:0]    tlp_rx_data_o,
    output logic [TLP_W/32-1:0] tlp_rx_keep_o,
    output logic                tlp_rx_last_o,
    input  logic                tlp_tx_valid_i,
    output logic                tlp_tx_ready_o,
    input  logic [TLP_W-1:0]    tlp_tx_data_i,
    input  logic [TLP_W/32-1:0] tlp_tx_keep_i,
    input  logic                tlp_tx_last_i
);

  localparam int unsigned DW = TLP_W / 32;

  initial begin
    if (TLP_W != 128 && TLP_W != 256) begin
      $display("%m: TLP_W must be 128 or 256");
      $finish;
    end
  end

  assign cfg_max_payload_o = {1'b0, cfg_max_payload_i};
  assign cfg_bus_master_o = cfg_function_status_i[2];
  assign cfg_requester_id_o = {cfg_bus_number_i, 8'd0};

  // ---------------------------------------------------------------- to the hard block

  logic within_q, to_cc_q;
  // verilator lint_off UNUSEDSIGNAL
  wire [31:0] h0 = tlp_tx_data_i[31:0];
  wire [31:0] h1 = tlp_tx_data_i[63:32];
  wire [31:0] h2 = tlp_tx_data_i[95:64];
  wire [31:0] h3 = tlp_tx_data_i[127:96];
  // verilator lint_on UNUSEDSIGNAL
  wire first = !within_q;
  wire is_cpl = h0[28:25] == 4'b0101;
  wire four = h0[29];
  wire is_read = !is_cpl && !h0[30];
  wire to_cc = first ? is_cpl : to_cc_q;
  wire to_reads = first && is_read;  // all of it is in the first beat

  // ---- CC.
  logic cc_valid_q, cc_last_q;
  logic [TLP_W-1:0] cc_data_q;
  logic [DW-1:0] cc_keep_q;
  wire cc_free = !cc_valid_q || cc_tready_i;
  assign cc_tvalid_o = cc_valid_q;
  assign cc_tlast_o = cc_last_q;
  assign cc_tdata_o = cc_data_q;
  assign cc_tkeep_o = cc_keep_q;
  assign cc_tuser_o = 33'd0;
  wire [95:0] cc_head = {
      1'b0, h0[18], h0[13:12], h0[22:20], 1'b0, h1[31:16], h2[15:8],         // attributes, class, completer id, tag
      h2[31:16], 1'b0, h0[14], h1[15:13], h0[30] && h0[9:0] == 10'd0, h0[30] ? h0[9:0] : 10'd0,  // requester, length
      2'd0, h0[24], h1[11:0] == 12'd0, h1[11:0], 6'd0, h0[11:10], 1'b0, h2[6:0]};  // locked, byte count, address

  // ---- Read requests wait: descriptor and byte enables.
  logic [135:0] reads [0:2**READS_LOG2-1];
  logic [READS_LOG2:0] reads_wr_q, reads_rd_q;
  wire reads_full = reads_wr_q == {~reads_rd_q[READS_LOG2], reads_rd_q[READS_LOG2-1:0]};
  wire [127:0] rq_head = {
      1'b0, h0[18], h0[13:12], h0[22:20], 17'd0, h1[15:8],           // attributes, class, tag
      16'd0, h0[14], 3'd0, h0[30], h0[9:0] == 10'd0, h0[9:0],        // poisoned, type, length
      four ? h2 : 32'd0, four ? h3[31:2] : h2[31:2], h0[11:10]};     // address
  // Eight cycles are more than the hard block needs to show what the last one took.
  logic [3:0] read_wait_q;
  wire read_due = reads_wr_q != reads_rd_q && read_wait_q == 4'd0 && pcie_tfc_nph_av_i != 4'd0;

  // ---- RQ: writes as they come, reads between them.
  logic rq_valid_q, rq_last_q, shift_q, spill_q;
  logic [TLP_W-1:0] rq_data_q;
  logic [DW-1:0] rq_keep_q;
  logic [7:0] rq_be_q;
  logic [31:0] carry_q;
  wire rq_free = !rq_valid_q || rq_tready_i;
  assign rq_tvalid_o = rq_valid_q;
  assign rq_tlast_o = rq_last_q;
  assign rq_tdata_o = rq_data_q;
  assign rq_tkeep_o = rq_keep_q;
  assign rq_tuser_o = {54'd0, rq_be_q};
  logic rq_within_q;  // a write is under way
  logic read_turn_q;  // a write went last
  wire write_waits = tlp_tx_valid_i && !to_cc && !to_reads;
  wire send_read = rq_free && !rq_within_q && read_due && (read_turn_q || !write_waits);
  wire rq_take = rq_free && !spill_q && !send_read;

  assign tlp_tx_ready_o = to_cc ? cc_free : to_reads ? !reads_full : rq_take;
  wire take = tlp_tx_valid_i && tlp_tx_ready_o;
  wire take_rq = take && !to_cc && !to_reads;
  wire shift = first ? !four : shift_q;
  // A dword of this beat is left for the next one.
  wire spills = shift && tlp_tx_keep_i[DW-1];

  // verilator lint_off BLKSEQ
  logic [TLP_W-1:0] body_data;
  always_ff @(posedge clk_i) begin
    if (take) begin
      within_q <= !tlp_tx_last_i;
      to_cc_q <= to_cc;
    end

    if (cc_free) cc_valid_q <= 1'b0;
    if (take && to_cc) begin
      cc_valid_q <= 1'b1;
      cc_last_q <= tlp_tx_last_i;
      cc_keep_q <= tlp_tx_keep_i;
      cc_data_q <= first ? {tlp_tx_data_i[TLP_W-1:96], cc_head} : tlp_tx_data_i;
    end

    if (take && to_reads) begin
      reads[reads_wr_q[READS_LOG2-1:0]] <= {h1[7:0], rq_head};
      reads_wr_q <= reads_wr_q + 1'b1;
    end
    if (read_wait_q != 4'd0) read_wait_q <= read_wait_q - 4'd1;

    if (rq_free) rq_valid_q <= 1'b0;
    if (send_read) begin
      {rq_be_q, rq_data_q[127:0]} <= reads[reads_rd_q[READS_LOG2-1:0]];
      reads_rd_q <= reads_rd_q + 1'b1;
      read_wait_q <= 4'd8;
      read_turn_q <= 1'b0;
      rq_valid_q <= 1'b1;
      rq_keep_q <= DW'(4'hf);
      rq_last_q <= 1'b1;
    end else if (take_rq) begin
      read_turn_q <= 1'b1;
      shift_q <= shift;
      carry_q <= tlp_tx_data_i[TLP_W-1-:32];
      body_data = shift ? {tlp_tx_data_i[TLP_W-33:0], carry_q} : tlp_tx_data_i;
      if (first) begin
        body_data[127:0] = rq_head;
        rq_be_q <= h1[7:0];
      end
      rq_data_q <= body_data;
      rq_keep_q <= shift ? {tlp_tx_keep_i[DW-2:0], 1'b1} : tlp_tx_keep_i;
      rq_last_q <= tlp_tx_last_i && !spills;
      rq_valid_q <= 1'b1;
      rq_within_q <= !tlp_tx_last_i || spills;
      spill_q <= tlp_tx_last_i && spills;
    end else if (rq_free && spill_q) begin
      rq_data_q <= TLP_W'(carry_q);
      rq_keep_q <= DW'(1'b1);
      rq_last_q <= 1'b1;
      rq_valid_q <= 1'b1;
      rq_within_q <= 1'b0;
      spill_q <= 1'b0;
    end

    if (rst_i) begin
      within_q <= 1'b0;
      cc_valid_q <= 1'b0;
      rq_valid_q <= 1'b0;
      rq_within_q <= 1'b0;
      spill_q <= 1'b0;
      read_turn_q <= 1'b0;
      read_wait_q <= 4'd0;
      reads_wr_q <= '0;
      reads_rd_q <= '0;
    end
  end
  // verilator lint_on BLKSEQ

  // ---------------------------------------------------------------- from the hard block

  logic cq_within_q, rc_within_q;
  wire from_rc = rc_within_q || (!cq_within_q && rc_tvalid_i);
  assign rc_tready_o = from_rc && tlp_rx_ready_i;
  assign cq_tready_o = !from_rc && tlp_rx_ready_i;
  assign tlp_rx_valid_o = from_rc ? rc_tvalid_i : cq_tvalid_i;
  assign tlp_rx_last_o = from_rc ? rc_tlast_i : cq_tlast_i;
  wire broken = from_rc ? rc_tuser_i[42] : cq_tuser_i[41];
  assign tlp_rx_keep_o = broken ? '0 : from_rc ? rc_tkeep_i : cq_tkeep_i;

  always_ff @(posedge clk_i) begin
    if (rc_tvalid_i && rc_tready_o) rc_within_q <= !rc_tlast_i;
    if (cq_tvalid_i && cq_tready_o) cq_within_q <= !cq_tlast_i;
    if (rst_i) begin
      rc_within_q <= 1'b0;
      cq_within_q <= 1'b0;
    end
  end

  // ---- A completion's header.
  // verilator lint_off UNUSEDSIGNAL
  wire [95:0] rc = rc_tdata_i[95:0];
  wire [127:0] cq = cq_tdata_i[127:0];
  // verilator lint_on UNUSEDSIGNAL
  wire [3:0] rc_error = rc[15:12];
  // Only 0 (good), 1 (poisoned) and 2 (bad status) come with a right answer to a request.
  wire [2:0] rc_status = rc_error > 4'd2 ? 3'd3 : rc[45:43];
  wire rc_data = rc[42:32] != 11'd0;
  wire [95:0] rc_head = {
      rc[63:48], rc[71:64], 1'b0, rc[6:0],
      rc[87:72], rc_status, 1'b0, rc[27:16],
      1'b0, rc_data, 1'b0, 5'b01010, 1'b0, rc[91:89], 1'b0, rc[94], 3'd0, rc[46] || rc_error == 4'd1, rc[93:92], 2'd0,
      rc[41:32]};

  // ---- A request's header.
  wire cq_data = cq[74:64] != 11'd0;
  logic [7:0] cq_fmt_type;
  always_comb begin
    case (cq[78:75])
      4'd0: cq_fmt_type = 8'h20;                      // memory read
      4'd1: cq_fmt_type = 8'h60;                      // memory write
      4'd2: cq_fmt_type = 8'h02;                      // I/O read, write (their headers have three dwords: refused)
      4'd3: cq_fmt_type = 8'h42;
      4'd4: cq_fmt_type = 8'h6c;                      // atomics
      4'd5: cq_fmt_type = 8'h6d;
      4'd6: cq_fmt_type = 8'h6e;
      4'd7: cq_fmt_type = 8'h21;                      // locked read
      4'd12, 4'd13, 4'd14: cq_fmt_type = {1'b0, cq_data, 6'h30};  // messages
      default: cq_fmt_type = 8'h04;                   // configuration
    endcase
    // The hard block counts the dwords that a read asks for, too.
  end
  wire [5:0] aperture = cq[120:115];
  wire [31:0] cq_mask = aperture >= 6'd32 ? 32'hffffffff : ~(32'hffffffff << aperture[4:0]);
  wire elsewhere = cq[114:112] != 3'd0;
  wire [127:0] cq_head = {
      {cq[31:2], 2'b00} & cq_mask,
      31'd0, elsewhere,
      cq[95:80], cq[103:96], cq_tuser_i[7:4], cq_tuser_i[3:0],
      cq_fmt_type, 1'b0, cq[123:121], 1'b0, cq[126], 4'd0, cq[125:124], cq[1:0], cq[73:64]};

  always_comb begin
    tlp_rx_data_o = from_rc ? rc_tdata_i : cq_tdata_i;
    if (from_rc) begin
      if (!rc_within_q) tlp_rx_data_o[95:0] = rc_head;
    end else if (!cq_within_q) tlp_rx_data_o[127:0] = cq_head;
  end

endmodule
