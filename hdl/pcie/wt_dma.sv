// DMA write engine: rings of 64-byte records (event rings, one of order flow) become memory-write TLPs,
// and completions share the way out with them.
//
// A record is 64 opaque bytes of which the last word is this engine's: the record's number in
// its ring, from 1, modulo 2^32. Each ring has a FIFO; the event rings take turns, and one without
// room in host memory holds up no other. A TLP takes as many waiting records of one
// ring as fit: never across a 4 KB boundary, the end of the ring or max payload, never past the
// consumer index. A ring whose size_log2 is not 4..24 has no room. Without bus mastering
// everything waits.
//
// Order. A TLP of order flow starts only in a cycle in which every event FIFO is empty and no event
// waits in front of them (ev_waits_i). A record is
// in its FIFO in the cycle after its push, so an event pushed before, or together with, an
// order-flow record is in its FIFO no later than that record; if the event FIFOs are empty when the
// record leaves, the event is in a TLP that started earlier, and TLPs leave in the order in which
// they start. This is also the strict priority of events: they wait for one TLP at most.
//
// A completion waits for at most one write TLP and the other way round. A producer index or
// counter moves when the last beat of its TLP is in the output register, so a completion that
// shows it leaves behind the data.
//
// With SERIAL (64-bit TLPs, one event ring) both FIFOs are in one block RAM of 64-bit words: a record waits in a
// register until it is written, in eight cycles, events first; it is pushed with its first word. While the register is in use
// (*_busy_o) none is taken; the first beat comes a cycle later. A TLP of a record takes nine beats, so the way out is not the slower for it.
//
// Latency: 2 cycles from a push into an empty FIFO to the first beat on tlp_tx. Writes of n records
// take 16 n + 4 dwords at most, without a hole while tlp_tx_ready_i is 1.
module wt_dma #(
    parameter int unsigned TLP_W = 256,
    parameter int unsigned EV_RINGS = 8,     // event rings, 1 to 8
    parameter int unsigned FIFO_LOG2 = 6,    // records in the FIFO of an event ring, log2; at least 4
    parameter int unsigned OF_FIFO_LOG2 = 8, // and of the order-flow ring
    parameter int unsigned SERIAL = 0        // write records a word a cycle: only with TLP_W 64 and one event ring
) (
    input  logic                clk_i,
    input  logic                rst_i,
    // 1: start no write. When quiet_o is 1 then, flush_i may empty the rings and clear counters.
    input  logic                hold_i,
    input  logic                flush_i,
    output logic                quiet_o,
    // Event records, and order-flow records, without their last word: taken at once. None when the FIFO is full.
    // High: three quarters; low: under a quarter. Busy: none is taken now.
    input  logic                ev_valid_i,
    // verilator lint_off UNUSEDSIGNAL
    input  logic [2:0]          ev_ring_i,  // fewer rings need fewer bits
    // verilator lint_on UNUSEDSIGNAL
    input  logic [479:0]        ev_data_i,
    input  logic                ev_kept_i,  // this one instead
    input  logic [479:0]        ev_kept_data_i,
    output logic [EV_RINGS-1:0] ev_full_o,
    output logic [EV_RINGS-1:0] ev_high_o,
    output logic                ev_busy_o,
    // An event waits elsewhere for room in its FIFO.
    input  logic                ev_waits_i,
    input  logic                of_valid_i,
    input  logic [479:0]        of_data_i,
    input  logic                of_marker_i,  // this one instead
    input  logic [479:0]        of_marker_data_i,
    output logic                of_full_o,
    output logic                of_high_o,
    output logic                of_busy_o,
    output logic                of_low_o,
    // Rings, ring 0 lowest: bus address (bits [5:0] are taken as 0), log2 of records, records consumed by the host.
    input  logic [64*EV_RINGS-1:0] ev_base_i,
    input  logic [32*EV_RINGS-1:0] ev_size_log2_i,
    input  logic [32*EV_RINGS-1:0] ev_cons_i,
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
    // Records written, modulo 2^32, and counters: records; cycles in which one waited for room in host memory; in
    // which a beat waited for the link; most records ever in a FIFO.
    output logic [32*EV_RINGS-1:0] ev_prod_o,
    output logic [31:0]         of_prod_o,
    output logic [63:0]         cnt_events_o,
    output logic [63:0]         cnt_order_flow_o,
    output logic [63:0]         cnt_ev_full_o,
    output logic [63:0]         cnt_of_full_o,
    output logic [63:0]         cnt_link_wait_o,
    output logic [FIFO_LOG2:0]  max_events_o,
    output logic [OF_FIFO_LOG2:0] max_order_flow_o,
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

  localparam int unsigned RING_W = EV_RINGS == 1 ? 1 : $clog2(EV_RINGS);
  wire [RING_W-1:0] ev_ring = EV_RINGS == 1 ? '0 : ev_ring_i[RING_W-1:0];

  // What may leave of the rings, and their figures.
  wire [EV_RINGS-1:0] ev_waits, ev_settled, ev_room;
  wire [FIFO_LOG2:0] ev_level, ev_held;
  wire [63:0] ev_addr, of_addr;
  wire [3:0] ev_limit, of_limit;
  wire [31:0] ev_lap, of_lap;
  wire [FIFO_LOG2-1:0] ev_wr, ev_rd;
  wire [OF_FIFO_LOG2:0] of_level, of_held;
  wire [OF_FIFO_LOG2-1:0] of_wr, of_rd;
  wire of_waits, of_settled, of_room;
  wire [1:0] start;     // a TLP of order flow, of events starts, with start_n records
  wire [3:0] start_n;
  wire [1:0] pop;       // a record has been read for the last time
  wire [1:0] commit;    // the TLP under way is in the output register with its last beat
  wire [3:0] commit_n;
  wire [RING_W-1:0] ev_next;  // the event ring whose turn it is
  wire [RING_W-1:0] ev_from;  // the event ring that is read

  // A change of max payload counts, too.
  logic [2:0] max_payload_q;
  wire changed = ring_changed_i || max_payload_q != cfg_max_payload_i;
  always_ff @(posedge clk_i) max_payload_q <= cfg_max_payload_i;
  wire [3:0] max_records = cfg_max_payload_i == 3'd0 ? 4'd2 : cfg_max_payload_i == 3'd1 ? 4'd4 : 4'd8;

  // verilator lint_off PINCONNECTEMPTY
  wt_rings #(.RINGS(EV_RINGS), .FIFO_LOG2(FIFO_LOG2)) ev_rings (
      .clk_i(clk_i), .rst_i(rst_i || flush_i), .base_i(ev_base_i), .size_log2_i(ev_size_log2_i), .cons_i(ev_cons_i),
      .changed_i(changed), .max_records_i(max_records), .push_i(ev_push), .push_ring_i(ev_ring), .lap_o(ev_lap),
      .wr_o(ev_wr), .held_o(ev_held), .full_o(ev_full_o), .high_o(ev_high_o), .low_o(), .read_ring_i(ev_from),
      .rd_o(ev_rd), .pop_i(pop[0]), .waits_o(ev_waits), .settled_o(ev_settled), .room_o(ev_room),
      .next_ring_i(ev_next), .level_o(ev_level), .addr_o(ev_addr), .limit_o(ev_limit), .start_i(start[0]),
      .n_i(start_n), .commit_i(commit[0]), .commit_ring_i(event_ring_q), .commit_n_i(commit_n), .prod_o(ev_prod_o));
  // verilator lint_on PINCONNECTEMPTY

  wt_rings #(.RINGS(1), .FIFO_LOG2(OF_FIFO_LOG2)) of_ring (
      .clk_i(clk_i), .rst_i(rst_i || flush_i), .base_i(of_base_i), .size_log2_i(of_size_log2_i), .cons_i(of_cons_i),
      .changed_i(changed), .max_records_i(max_records), .push_i(of_push), .push_ring_i(1'b0), .lap_o(of_lap),
      .wr_o(of_wr), .held_o(of_held), .full_o(of_full_o), .high_o(of_high_o), .low_o(of_low_o), .read_ring_i(1'b0),
      .rd_o(of_rd), .pop_i(pop[1]), .waits_o(of_waits), .settled_o(of_settled), .room_o(of_room), .next_ring_i(1'b0),
      .level_o(of_level), .addr_o(of_addr), .limit_o(of_limit), .start_i(start[1]), .n_i(start_n),
      .commit_i(commit[1]), .commit_ring_i(1'b0), .commit_n_i(commit_n), .prod_o(of_prod_o));

  // All FIFOs' records are in g_mem: read a beat at a time.
  wire ev_push, of_push, storing;
  logic [63:0] events_q, order_flow_q, ev_full_q, of_full_q, link_wait_q;
  logic [FIFO_LOG2:0] max_events_q;
  logic [OF_FIFO_LOG2:0] max_order_flow_q;
  assign cnt_events_o = events_q;
  assign cnt_order_flow_o = order_flow_q;
  assign cnt_ev_full_o = ev_full_q;
  assign cnt_of_full_o = of_full_q;
  assign cnt_link_wait_o = link_wait_q;
  assign max_events_o = max_events_q;
  assign max_order_flow_o = max_order_flow_q;

  always_ff @(posedge clk_i) begin
    if (ev_push && ev_held >= max_events_q) max_events_q <= ev_held + 1'b1;
    if (of_push && of_held >= max_order_flow_q) max_order_flow_q <= of_held + 1'b1;
    if (commit[0]) events_q <= events_q + {60'd0, commit_n};
    if (commit[1]) order_flow_q <= order_flow_q + {60'd0, commit_n};
    if ((ev_waits & ev_settled & ~ev_room) != '0) ev_full_q <= ev_full_q + 64'd1;
    if (of_waits && of_settled && !of_room) of_full_q <= of_full_q + 64'd1;
    if (tlp_tx_valid_o && !tlp_tx_ready_i) link_wait_q <= link_wait_q + 64'd1;
    if (rst_i || flush_i) begin
      events_q <= 64'd0;
      order_flow_q <= 64'd0;
      ev_full_q <= 64'd0;
      of_full_q <= 64'd0;
      link_wait_q <= 64'd0;
      max_events_q <= '0;
      max_order_flow_q <= '0;
    end
  end

  // ---------------------------------------------------------------- what leaves next

  logic writing_q;            // a write TLP is under way
  logic ring_q;               // of order flow
  logic [RING_W-1:0] event_ring_q;  // the event ring that was written last
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
  wire [EV_RINGS-1:0] ev_go = ev_waits & ev_settled & ev_room;
  wire ev_any = ev_go != '0;
  wire of_go = ev_waits == '0 && !ev_waits_i && of_waits && of_settled && of_room;
  wire write_go = !hold_i && cfg_bus_master_i && (ev_any || of_go);

  // The next event ring that may write, behind the one that wrote last.
  wire [7:0] go8 = 8'(ev_go);
  wire [7:0] behind = go8 & (8'hfe << event_ring_q);
  wire [7:0] of_these = behind != 8'd0 ? behind : go8;
  wire [7:0] lowest = of_these & (~of_these + 8'd1);
  // verilator lint_off UNUSEDSIGNAL
  wire [2:0] turn = {(lowest & 8'hf0) != 8'd0, (lowest & 8'hcc) != 8'd0, (lowest & 8'haa) != 8'd0};
  // verilator lint_on UNUSEDSIGNAL
  assign ev_next = turn[RING_W-1:0];
  wire cpl_go = cpl_valid_i && (cpl_turn_q || !write_go);
  wire start_write = between && write_go && !cpl_go;
  wire start_cpl = between && cpl_go;

  wire [3:0] ev_least = ev_level > (FIFO_LOG2 + 1)'(ev_limit) ? ev_limit : ev_level[3:0];
  wire [3:0] of_least = of_level > (OF_FIFO_LOG2 + 1)'(of_limit) ? of_limit : of_level[3:0];
  assign start_n = ev_any ? ev_least : of_least;
  assign start = {start_write && !ev_any, start_write && ev_any};

  // A chunk of a record is read with each beat: from the one that starts the TLP on (64 bits: from
  // the next one), until none is left. What did not fit beside it leaves with the next beat, and
  // what did not fit beside the last leaves alone.
  wire first = TLP_W != 64 && start_write;
  wire more = free && writing_q && left_q != 4'd0;
  wire final_beat = free && writing_q && left_q == 4'd0;
  wire from_of = first ? !ev_any : ring_q;
  assign ev_from = first ? ev_next : event_ring_q;
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

  logic [TLP_W-1:0] source;
  generate
    if (SERIAL != 0) begin : g_serial
      localparam int unsigned PLACE_W = FIFO_LOG2 > OF_FIFO_LOG2 ? FIFO_LOG2 : OF_FIFO_LOG2;
      logic [479:0] ev_stage_q, of_stage_q;
      logic ev_busy_q, of_busy_q, of_turn_q;
      logic [2:0] at_q;
      logic [31:0] lap_q;
      logic [511:0] staged;
      logic [63:0] word;
      logic [PLACE_W-1:0] place_q;
      wire begins = at_q == 3'd0;
      wire step_of = begins ? !ev_busy_q : of_turn_q;
      wire step = ev_busy_q || of_busy_q;
      wire ends = at_q == 3'd7;
      assign ev_push = begins && ev_busy_q;
      assign of_push = begins && step && step_of;
      // Free again with its last word: an event that waits is then before any order flow that does.
      assign ev_busy_o = ev_busy_q && !(ends && !step_of);
      assign of_busy_o = of_busy_q && !(ends && step_of);
      assign storing = step;

      logic [63:0] mem [0:2**(PLACE_W+4)-1];
      logic [63:0] read_q;
      wire [PLACE_W-1:0] place = !begins ? place_q : step_of ? PLACE_W'(of_wr) : PLACE_W'(ev_wr);
      // One word ahead of its beat: the first when a TLP may start, each other with the beat before it.
      wire of_next = writing_q ? ring_q : !ev_any;
      wire [PLACE_W-1:0] read_place = (of_next ? PLACE_W'(of_rd) : PLACE_W'(ev_rd)) + PLACE_W'(writing_q && record_end);
      wire [PLACE_W-1:0] wrap = of_next ? PLACE_W'(2**OF_FIFO_LOG2 - 1) : PLACE_W'(2**FIFO_LOG2 - 1);
      wire [2:0] read_at = writing_q ? chunk_q[2:0] + 3'd1 : 3'd0;
      always_ff @(posedge clk_i) begin
        if (step) begin
          mem[{step_of, place, at_q}] <= word;
          at_q <= at_q + 3'd1;
          of_turn_q <= step_of;
          place_q <= place;
          if (begins) lap_q <= step_of ? of_lap : ev_lap;
          if (ends && step_of) of_busy_q <= 1'b0;
          if (ends && !step_of) ev_busy_q <= 1'b0;
        end
        if (ev_valid_i) begin
          ev_stage_q <= ev_kept_i ? ev_kept_data_i : ev_data_i;
          ev_busy_q <= 1'b1;
        end
        if (of_valid_i) begin
          of_stage_q <= of_marker_i ? of_marker_data_i : of_data_i;
          of_busy_q <= 1'b1;
        end
        if (more || !writing_q) read_q <= mem[{of_next, read_place & wrap, read_at}];
        if (rst_i || flush_i) begin
          ev_busy_q <= 1'b0;
          of_busy_q <= 1'b0;
          at_q <= 3'd0;
        end
      end
      always_comb begin
        staged = 'x;
        word = 'x;
        if (step) begin
          staged = {lap_q, step_of ? of_stage_q : ev_stage_q};
          word = staged[{at_q, 6'd0}+:64];
        end
      end
      assign source = read_q;
    end else begin : g_wide
      logic [511:0] ev_mem [0:2**(RING_W+FIFO_LOG2)-1];
      logic [511:0] of_mem [0:2**OF_FIFO_LOG2-1];
      assign ev_push = ev_valid_i;
      assign of_push = of_valid_i;
      assign ev_busy_o = 1'b0;
      assign of_busy_o = 1'b0;
      assign storing = 1'b0;
      always_ff @(posedge clk_i) begin
        if (ev_valid_i) ev_mem[{ev_ring, ev_wr}] <= {ev_lap, ev_kept_i ? ev_kept_data_i : ev_data_i};
        if (of_valid_i) of_mem[of_wr] <= {of_lap, of_marker_i ? of_marker_data_i : of_data_i};
      end
      logic [511:0] record;
      always_comb begin
        record = 'x;
        source = 'x;
        if (first || more || final_beat) begin
          record = from_of ? of_mem[of_rd] : ev_mem[{ev_from, ev_rd}];
          source = record[chunk*TLP_W+:TLP_W];
        end
      end
    end
  endgenerate

  // verilator lint_off BLKSEQ
  logic [63:0] addr;
  logic four;
  logic [127:0] header;
  logic [CPL_BEATS*TLP_W-1:0] cpl_padded;
  logic [RES_W-1:0] rest;
  logic [TLP_W+RES_W-1:0] joined;
  always_ff @(posedge clk_i) begin
    if (free) valid_q <= 1'b0;

    if (start_write) begin
      // Memory write, no relaxed ordering, all bytes enabled; 4 dwords only for addresses above 4 GB.
      addr = ev_any ? ev_addr : of_addr;
      four = addr[63:32] != 32'd0;
      header = {addr[31:0], four ? addr[63:32] : addr[31:0],
                {cfg_requester_id_i, 8'd0, 8'hff}, {2'b01, four, 5'd0, 16'd0, start_n, 4'd0}};
      writing_q <= 1'b1;
      ring_q <= !ev_any;
      if (ev_any) event_ring_q <= ev_next;
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
      event_ring_q <= '0;
    end
  end
  // verilator lint_on BLKSEQ

  assign quiet_o = !writing_q && !valid_q;
  assign idle_o = quiet_o && !storing && !completing_q && !cpl_valid_i && ev_waits == '0 && !of_waits;

endmodule
