// DMA write engine: two rings of 64-byte records become memory-write TLPs, and completions
// share the way out with them.
//
// A record is 64 opaque bytes of which the last word is this engine's: the record's number in
// its ring, from 1, modulo 2^32. Each ring has a FIFO. A TLP takes as many waiting records of one
// ring as fit: never across a 4 KB boundary, the end of the ring or max payload, never past the
// consumer index. A ring whose size_log2 is not 4..24 has no room. Without bus mastering
// everything waits.
//
// Order. A TLP of order flow starts only in a cycle in which the event FIFO is empty. A record is
// in its FIFO in the cycle after its push, so an event pushed before, or together with, an
// order-flow record is in its FIFO no later than that record; if the event FIFO is empty when the
// record leaves, the event is in a TLP that started earlier, and TLPs leave in the order in which
// they start. This is also the strict priority of events: they wait for one TLP at most.
//
// A completion waits for at most one write TLP and the other way round. A producer index or
// counter moves when the last beat of its TLP is in the output register, so a completion that
// shows it leaves behind the data.
//
// Latency: 2 cycles from a push into an empty FIFO to the first beat on tlp_tx. Writes of n records
// take 16 n + 4 dwords at most, without a hole while tlp_tx_ready_i is 1.
module wt_dma #(
    parameter int unsigned TLP_W = 256,
    parameter int unsigned FIFO_LOG2 = 5  // records in each FIFO, log2; at least 4
) (
    input  logic                clk_i,
    input  logic                rst_i,
    // 1: start no write. When quiet_o is 1 then, flush_i may empty the rings and clear counters.
    input  logic                hold_i,
    input  logic                flush_i,
    output logic                quiet_o,
    // Event records, and order-flow records, without their last word.
    input  logic                ev_valid_i,
    output logic                ev_ready_o,
    input  logic [479:0]        ev_data_i,
    input  logic                of_valid_i,
    output logic                of_ready_o,
    input  logic [479:0]        of_data_i,
    // Rings: bus address (bits [5:0] are taken as 0), log2 of records, records consumed by the host.
    input  logic [63:0]         ev_base_i,
    input  logic [31:0]         ev_size_log2_i,
    input  logic [31:0]         ev_cons_i,
    input  logic [63:0]         of_base_i,
    input  logic [31:0]         of_size_log2_i,
    input  logic [31:0]         of_cons_i,
    // One of the above has changed: 1 in the cycle in which it first has its new value.
    input  logic                ring_changed_i,
    // PCIe configuration: max payload as PCIe encodes it (over 512 bytes: 512 is used).
    input  logic [2:0]          cfg_max_payload_i,
    input  logic                cfg_bus_master_i,
    input  logic [15:0]         cfg_requester_id_i,
    // Completions: 3 to 5 dwords, the first in bits [31:0].
    input  logic                cpl_valid_i,
    output logic                cpl_ready_o,
    input  logic [159:0]        cpl_data_i,
    input  logic [2:0]          cpl_dwords_i,
    // TLPs out (wt_core describes the stream).
    output logic                tlp_tx_valid_o,
    input  logic                tlp_tx_ready_i,
    output logic [TLP_W-1:0]    tlp_tx_data_o,
    output logic [TLP_W/32-1:0] tlp_tx_keep_o,
    output logic                tlp_tx_last_o,
    // Records written, modulo 2^32, and counters.
    output logic [31:0]         ev_prod_o,
    output logic [31:0]         of_prod_o,
    output logic [63:0]         cnt_events_o,
    output logic [63:0]         cnt_order_flow_o,
    output logic [63:0]         cnt_ev_full_o,
    output logic [63:0]         cnt_of_full_o,
    // No record waits and nothing is on tlp_tx.
    output logic                idle_o
);

  localparam int unsigned DW = TLP_W / 32;
  localparam int unsigned CHUNKS = 512 / TLP_W;         // beats of payload in a record
  localparam int unsigned CHUNK_LOG2 = $clog2(CHUNKS);
  // Header dwords that share a beat with payload, at most (64 bits: the first two have their own).
  localparam int unsigned RES_W = TLP_W == 64 ? 64 : 128;
  localparam int unsigned RES_DW = RES_W / 32;
  localparam int unsigned CPL_BEATS = (160 + TLP_W - 1) / TLP_W;

  // ---------------------------------------------------------------- the rings

  wire [1:0] push = {of_valid_i && of_ready_o, ev_valid_i && ev_ready_o};
  // Records that wait for a TLP; what they may do next: address, and how many (0: no room).
  wire [FIFO_LOG2:0] ev_level, of_level;
  wire [63:0] ev_addr, of_addr;
  wire [3:0] ev_limit, of_limit;
  wire ev_settled, of_settled;
  wire [31:0] ev_lap, of_lap;
  wire [FIFO_LOG2-1:0] ev_wr, of_wr, ev_rd, of_rd;
  wire [1:0] start;     // a TLP of this ring starts, with start_n records
  wire [3:0] start_n;
  wire [1:0] pop;       // a record has been read for the last time
  wire [1:0] commit;    // the TLP under way is in the output register with its last beat
  wire [3:0] commit_n;

  // A change of max payload counts, too.
  logic [2:0] max_payload_q;
  wire changed = ring_changed_i || max_payload_q != cfg_max_payload_i;
  always_ff @(posedge clk_i) max_payload_q <= cfg_max_payload_i;
  wire [3:0] max_records = cfg_max_payload_i == 3'd0 ? 4'd2 : cfg_max_payload_i == 3'd1 ? 4'd4 : 4'd8;

  wt_ring #(.FIFO_LOG2(FIFO_LOG2)) ev_ring (
      .clk_i(clk_i), .rst_i(rst_i || flush_i), .base_i(ev_base_i), .size_log2_i(ev_size_log2_i), .cons_i(ev_cons_i),
      .changed_i(changed), .max_records_i(max_records), .push_i(push[0]), .ready_o(ev_ready_o), .lap_o(ev_lap), .wr_o(ev_wr),
      .rd_o(ev_rd), .level_o(ev_level), .addr_o(ev_addr), .limit_o(ev_limit), .settled_o(ev_settled),
      .start_i(start[0]), .n_i(start_n), .pop_i(pop[0]), .commit_i(commit[0]),
      .commit_n_i(commit_n), .prod_o(ev_prod_o), .cnt_records_o(cnt_events_o), .cnt_full_o(cnt_ev_full_o));

  wt_ring #(.FIFO_LOG2(FIFO_LOG2)) of_ring (
      .clk_i(clk_i), .rst_i(rst_i || flush_i), .base_i(of_base_i), .size_log2_i(of_size_log2_i), .cons_i(of_cons_i),
      .changed_i(changed), .max_records_i(max_records), .push_i(push[1]), .ready_o(of_ready_o), .lap_o(of_lap), .wr_o(of_wr),
      .rd_o(of_rd), .level_o(of_level), .addr_o(of_addr), .limit_o(of_limit), .settled_o(of_settled),
      .start_i(start[1]), .n_i(start_n), .pop_i(pop[1]), .commit_i(commit[1]),
      .commit_n_i(commit_n), .prod_o(of_prod_o), .cnt_records_o(cnt_order_flow_o), .cnt_full_o(cnt_of_full_o));

  // Both FIFOs' records: read a beat at a time.
  logic [511:0] ev_mem [0:2**FIFO_LOG2-1];
  logic [511:0] of_mem [0:2**FIFO_LOG2-1];
  always_ff @(posedge clk_i) begin
    if (push[0]) ev_mem[ev_wr] <= {ev_lap, ev_data_i};
    if (push[1]) of_mem[of_wr] <= {of_lap, of_data_i};
  end

  // ---------------------------------------------------------------- what leaves next

  logic writing_q;            // a write TLP is under way
  logic ring_q;               // of this ring; 1: order flow
  logic four_q;               // its header has 4 dwords
  logic [3:0] records_q;      // records of the TLP
  logic [3:0] left_q;         // those not read wholly; 0: only what is in rest_q remains
  logic [CHUNK_LOG2:0] chunk_q;
  logic completing_q;         // a completion is under way
  logic [1:0] cpl_beat_q;
  logic cpl_turn_q;           // a write went last
  logic [RES_W-1:0] rest_q;   // dwords that did not fit in the last beat

  logic valid_q, last_q;
  logic [TLP_W-1:0] data_q;
  logic [DW-1:0] keep_q;
  assign tlp_tx_valid_o = valid_q;
  assign tlp_tx_last_o = last_q;
  assign tlp_tx_data_o = data_q;
  assign tlp_tx_keep_o = keep_q;

  wire free = !valid_q || tlp_tx_ready_i;
  wire between = free && !writing_q && !completing_q;
  wire ev_waits = ev_level != '0;
  wire ev_go = ev_waits && ev_settled && ev_limit != 4'd0;
  wire of_go = !ev_waits && of_level != '0 && of_settled && of_limit != 4'd0;
  wire write_go = !hold_i && cfg_bus_master_i && (ev_go || of_go);
  wire cpl_go = cpl_valid_i && (cpl_turn_q || !write_go);
  wire start_write = between && write_go && !cpl_go;
  wire start_cpl = between && cpl_go;

  wire [FIFO_LOG2:0] level = ev_waits ? ev_level : of_level;
  wire [3:0] limit = ev_waits ? ev_limit : of_limit;
  assign start_n = level > (FIFO_LOG2 + 1)'(limit) ? limit : level[3:0];
  assign start = {start_write && !ev_waits, start_write && ev_waits};

  // A chunk of a record is read with each beat: from the one that starts the TLP on (64 bits: from
  // the next one), until none is left. What did not fit beside it leaves with the next beat, and
  // what did not fit beside the last leaves alone.
  wire first = TLP_W != 64 && start_write;
  wire more = free && writing_q && left_q != 4'd0;
  wire final_beat = free && writing_q && left_q == 4'd0;
  wire from_of = first ? !ev_waits : ring_q;
  wire [CHUNK_LOG2:0] chunk = first ? '0 : chunk_q;
  wire record_end = chunk == (CHUNK_LOG2 + 1)'(CHUNKS - 1);
  wire read_end = (first || more) && record_end;
  assign pop = {read_end && from_of, read_end && !from_of};
  assign commit = {final_beat && ring_q, final_beat && !ring_q};
  assign commit_n = records_q;

  // Completions, from their first dword.
  // Which beat does not wait for the decision who goes (cpl_load does): that path is long enough.
  wire [1:0] cpl_beat = completing_q ? cpl_beat_q : 2'd0;
  wire cpl_load = start_cpl || (free && completing_q);
  wire [4:0] cpl_sent = 5'(cpl_beat) * 5'(DW);
  wire [4:0] cpl_left = {2'd0, cpl_dwords_i} - cpl_sent;
  wire cpl_last = cpl_left <= 5'(DW);
  assign cpl_ready_o = cpl_load && cpl_last;

  // verilator lint_off BLKSEQ
  logic [63:0] addr;
  logic four;
  logic [127:0] header;
  logic [CPL_BEATS*TLP_W-1:0] cpl_padded;
  logic [511:0] record;
  logic [TLP_W-1:0] source;
  logic [RES_W-1:0] rest;
  logic [TLP_W+RES_W-1:0] joined;
  always_ff @(posedge clk_i) begin
    if (free) valid_q <= 1'b0;

    if (start_write) begin
      // Memory write, no relaxed ordering, all bytes enabled; 4 dwords only for addresses above 4 GB.
      addr = ev_waits ? ev_addr : of_addr;
      four = addr[63:32] != 32'd0;
      header = {addr[31:0], four ? addr[63:32] : addr[31:0],
                {cfg_requester_id_i, 8'd0, 8'hff}, {2'b01, four, 5'd0, 16'd0, start_n, 4'd0}};
      writing_q <= 1'b1;
      ring_q <= !ev_waits;
      four_q <= four;
      records_q <= start_n;
      left_q <= read_end ? start_n - 4'd1 : start_n;
      chunk_q <= first && !record_end ? (CHUNK_LOG2 + 1)'(1) : '0;
      cpl_turn_q <= 1'b1;
      valid_q <= 1'b1;
      last_q <= 1'b0;
      keep_q <= '1;
      if (TLP_W == 64) begin
        data_q <= TLP_W'(header[63:0]);
        rest_q <= RES_W'(header[127:64]);
      end
    end
    if (more) begin
      if (record_end) left_q <= left_q - 4'd1;
      chunk_q <= record_end ? '0 : chunk_q + 1'b1;
    end
    if (first || more || final_beat) begin
      rest = first ? RES_W'(header) : rest_q;
      record = from_of ? of_mem[of_rd] : ev_mem[ev_rd];
      source = record[chunk*TLP_W+:TLP_W];
      joined = (first ? four : four_q) ? {source, rest} : {32'd0, source, rest[RES_W-33:0]};
      data_q <= joined[TLP_W-1:0];
      rest_q <= joined[TLP_W+RES_W-1:TLP_W];
      valid_q <= 1'b1;
      last_q <= final_beat;
      keep_q <= !final_beat ? '1 : four_q ? DW'((1 << RES_DW) - 1) : DW'((1 << (RES_DW - 1)) - 1);
      if (final_beat) writing_q <= 1'b0;
    end

    if (cpl_load) begin
      completing_q <= !cpl_last;
      cpl_beat_q <= cpl_beat + 2'd1;
      if (start_cpl) cpl_turn_q <= 1'b0;
      valid_q <= 1'b1;
      last_q <= cpl_last;
      cpl_padded = (CPL_BEATS * TLP_W)'(cpl_data_i);
      data_q <= cpl_padded[cpl_beat*TLP_W+:TLP_W];
      keep_q <= cpl_left >= 5'(DW) ? '1 : DW'((32'd1 << cpl_left) - 32'd1);
    end

    if (rst_i) begin
      valid_q <= 1'b0;
      writing_q <= 1'b0;
      completing_q <= 1'b0;
      cpl_turn_q <= 1'b0;
    end
  end
  // verilator lint_on BLKSEQ

  assign quiet_o = !writing_q && !valid_q;
  assign idle_o = quiet_o && !completing_q && !cpl_valid_i && !ev_waits && of_level == '0;

endmodule
