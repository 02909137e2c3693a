// Between the record builder and the FIFOs of the rings: what happens to records that find no room.
//
// As long as they find room they pass through in the same cycle. When they do not, they wait, and behind them the
// card, whose hold buffers stand between the wire and the book; until the hold buffers say that they cannot go
// on like that (urgent_i). From then on, until all is caught up (pressure):
//
// - A BBO record that finds its ring's FIFO three quarters full is kept, one for each symbol, the newest in place of
//   the one before; it goes when the FIFO has come down, with the number of those that it stands for. It may then
//   come behind records of later messages, but not behind a SYMBOL, GAP or SESSION record of a later one.
// - A trade that finds its ring's FIFO full is dropped and counted; a TRADES_LOST record says so as soon as one fits.
// - Other events wait.
// - Order flow: from three quarters full on, messages of symbols that the card holds (of_software_i 0) are
//   shed until the FIFO is down to a quarter; the others, and markers, when it is full. A marker with the count comes
//   before whatever follows of the channel.
//
// An event goes to the ring of its symbol; to ring 0 if that is not there, or if it has none; GAP, SESSION and
// SYSTEM records go to every ring.
//
// Latency: none. One record a cycle each way; one every two cycles of those that were kept.
module wt_backlog #(
    parameter int unsigned SYMBOLS = 64,
    parameter int unsigned RINGS = 8,
    parameter int unsigned SERIAL = 0  // the FIFOs take several cycles for a record: *_busy_i
) (
    input  logic             clk_i,
    input  logic             rst_i,
    // The hold buffers fill.
    input  logic             urgent_i,
    // Rings that are there; ring 0 always is.
    input  logic [RINGS-1:0] rings_i,
    // Event records (bytes 0 to 59) and their ring; order-flow records and their class.
    input  logic             ev_valid_i,
    output logic             ev_ready_o,
    input  logic [479:0]     ev_data_i,
    // verilator lint_off UNUSEDSIGNAL
    input  logic [2:0]       ev_ring_i,  // fewer rings need fewer bits
    // verilator lint_on UNUSEDSIGNAL
    input  logic             of_valid_i,
    output logic             of_ready_o,
    // verilator lint_off UNUSEDSIGNAL
    input  logic [479:0]     of_data_i,  // sequence number and flags are looked at
    // verilator lint_on UNUSEDSIGNAL
    input  logic             of_software_i,
    // To the FIFOs (wt_dma), which take at once.
    output logic             ev_valid_o,
    output logic [2:0]       ev_ring_o,
    output logic             ev_kept_o,   // the record is this one, not that of the input
    output logic [479:0]     ev_kept_data_o,
    input  logic [RINGS-1:0] ev_full_i,
    input  logic [RINGS-1:0] ev_high_i,
    input  logic             ev_busy_i,   // one is being taken: it waits, and that is no want of room
    output logic             ev_waits_o,  // an event waits here
    output logic             of_valid_o,
    output logic             of_marker_o,  // the same
    output logic [479:0]     of_marker_data_o,
    input  logic             of_full_i,
    input  logic             of_busy_i,
    input  logic             of_high_i,
    input  logic             of_low_i,
    // Counters, cleared by rst_i: BBO updates folded, trades lost, messages shed (of the card's symbols; others),
    // cycles of pressure, most symbols that ever waited.
    output logic [63:0]      cnt_conflated_o,
    output logic [63:0]      cnt_trades_lost_o,
    output logic [63:0]      cnt_shed_o,
    output logic [63:0]      cnt_shed_software_o,
    output logic [63:0]      cnt_pressure_o,
    output logic [10:0]      max_folded_o,
    // Nothing waits here, and there is no pressure.
    output logic             idle_o
);

  localparam int unsigned SYM_W = SYMBOLS > 1 ? $clog2(SYMBOLS) : 1;
  localparam int unsigned RING_W = RINGS > 1 ? $clog2(RINGS) : 1;

  logic pressure_q;

  // ---------------------------------------------------------------- what an event is

  wire [7:0] kind = ev_data_i[7:0];
  wire [2:0] ev_channel = ev_data_i[10:8];
  wire [15:0] symbol = ev_data_i[47:32];
  wire [SYM_W-1:0] sym = symbol[SYM_W-1:0];
  wire has_symbol = symbol != 16'hffff;
  wire is_bbo = kind == wt_schema_pkg::RECORD_TYPE_BBO;
  wire is_trade = kind == wt_schema_pkg::RECORD_TYPE_TRADE;
  wire is_symbol = kind == wt_schema_pkg::RECORD_TYPE_SYMBOL;
  wire to_all = kind == wt_schema_pkg::RECORD_TYPE_GAP || kind == wt_schema_pkg::RECORD_TYPE_SESSION
      || kind == wt_schema_pkg::RECORD_TYPE_SYSTEM;

  logic [RING_W-1:0] all_q;  // the ring whose turn it is in a record to all
  wire [RING_W-1:0] own = RINGS > 1 && rings_i[ev_ring_i[RING_W-1:0]] ? ev_ring_i[RING_W-1:0] : '0;
  wire [RING_W-1:0] ring = to_all ? all_q : own;
  wire all_last = all_q == RING_W'(RINGS - 1);
  wire all_skip = to_all && all_q != '0 && !rings_i[all_q];

  // ---------------------------------------------------------------- events that wait

  // A symbol waits in the queue of its ring, once; its record is in kept.
  logic [SYM_W-1:0] queue [0:2**(RING_W+SYM_W)-1];
  logic [479:0] kept [0:2**SYM_W-1];
  logic [31:0] folded [0:2**SYM_W-1];
  logic [2**SYM_W-1:0] waiting_q;
  logic [SYM_W:0] q_wr [0:RINGS-1];
  logic [SYM_W:0] q_rd [0:RINGS-1];
  logic [RINGS-1:0] queued_q;  // of each ring: symbols wait
  logic [RINGS-1:0] lost_q;    // of each ring: trades are lost
  logic [31:0] lost_count [0:RINGS-1];
  logic [63:0] lost_first [0:RINGS-1];
  logic [255:0] lost_head [0:RINGS-1];
  logic [10:0] waiting_count_q;

  wire any_waits = (queued_q | lost_q) != '0;

  // What leaves from here: chosen in one cycle, written in the next.
  logic out_valid_q;
  logic [RING_W-1:0] out_ring_q;
  logic [479:0] out_q;

  assign ev_waits_o = any_waits || out_valid_q || (ev_valid_i && to_all);

  // One ring at a time is looked at, until it has nothing that fits.
  logic [RING_W-1:0] look_q;
  wire look_fits = (queued_q[look_q] || lost_q[look_q]) && !ev_high_i[look_q];
  logic may_pass, pass;
  wire leave = any_waits && look_fits && !out_valid_q && !(SERIAL != 0 && (ev_busy_i || pass));
  wire leave_lost = lost_q[look_q];
  wire [SYM_W:0] look_rd = q_rd[look_q];
  wire [SYM_W-1:0] leave_sym = queue[{look_q, look_rd[SYM_W-1:0]}];

  // What becomes of the event at the input: it passes, is kept (for the first time), folded or dropped, or stays.
  // What is kept, folded or dropped needs no room in a FIFO and goes on while another record leaves from here, but
  // not in the cycle in which that one's place is read.
  wire being_read = leave && !leave_lost && sym == leave_sym;
  wire own_waits = any_waits && has_symbol && waiting_q[sym];
  always_comb begin
    {may_pass, pass} = 2'd0;
    if (ev_valid_i) begin
      may_pass = is_bbo ? !own_waits && !queued_q[ring] && !ev_high_i[ring]
          : !ev_full_i[ring] && !(is_symbol && own_waits) && !(to_all && (queued_q[ring] || lost_q[ring]));
      pass = !out_valid_q && may_pass && !all_skip && !(SERIAL != 0 && ev_busy_i);
    end
  end
  logic fold, keep, drop;
  always_comb begin
    {fold, keep, drop} = 3'd0;
    if (ev_valid_i) begin
      fold = is_bbo && own_waits && !being_read;
      keep = is_bbo && !own_waits && pressure_q && (queued_q[ring] || ev_high_i[ring]);
      drop = is_trade && ev_full_i[ring] && pressure_q && !(leave && leave_lost && ring == look_q)
          && (!lost_q[ring] || lost_head[ring][10:8] == ev_channel);
    end
  end
  assign ev_ready_o = fold || keep || drop || (to_all ? (pass || all_skip) && all_last : pass);

  assign ev_valid_o = pass || out_valid_q;
  wire [RING_W-1:0] put_ring = out_valid_q ? out_ring_q : ring;
  assign ev_ring_o = 3'(put_ring);

  assign ev_kept_o = out_valid_q;
  assign ev_kept_data_o = out_q;

  // ---------------------------------------------------------------- order flow

  wire [7:0] of_flags = of_data_i[479:472];
  wire [2:0] channel = of_flags[2:0];
  wire of_marker = of_flags[wt_schema_pkg::OFF_MARKER];

  logic shed_on_q;         // messages of the card's symbols are shed
  logic [7:0] shed_q;      // of each channel: something is to be told
  logic [31:0] shed_count [0:7];
  logic [31:0] shed_software [0:7];
  logic [63:0] shed_last [0:7];
  logic [7:0] shed_gap_q, shed_end_q;
  logic [2:0] tell_q;      // channel that is looked at when nothing comes

  wire light = !of_marker && !of_software_i;
  // A marker is made in one cycle, and written in the next.
  logic marker_valid_q;
  logic [479:0] marker_q;
  logic shed, tell_first, tell_idle, tell, of_pass;
  always_comb begin
    {shed, tell_first, tell_idle, tell, of_pass} = 5'd0;
    if (of_valid_i) begin
      shed = !marker_valid_q && pressure_q && ((shed_on_q && light) || of_full_i);
      tell_first = shed_q[channel] && !shed && !of_full_i;
      of_pass = !shed && !shed_q[channel] && !marker_valid_q && !of_full_i && !(SERIAL != 0 && of_busy_i);
    end
    if (shed_q != 8'd0) begin
      tell_idle = !of_valid_i && shed_q[tell_q] && !shed_on_q && !of_high_i;
      tell = (tell_first || tell_idle) && !marker_valid_q && !(SERIAL != 0 && of_busy_i);
    end
  end
  wire [2:0] tell_channel = tell_first ? channel : tell_q;
  assign of_ready_o = shed || of_pass;
  assign of_valid_o = of_pass || marker_valid_q;
  assign of_marker_o = marker_valid_q;
  assign of_marker_data_o = marker_q;

  // ---------------------------------------------------------------- state

  logic [63:0] conflated_q, trades_lost_q, shed_all_q, shed_software_q, pressure_count_q;
  logic [10:0] max_folded_q;
  assign cnt_conflated_o = conflated_q;
  assign cnt_trades_lost_o = trades_lost_q;
  assign cnt_shed_o = shed_all_q;
  assign cnt_shed_software_o = shed_software_q;
  assign cnt_pressure_o = pressure_count_q;
  assign max_folded_o = max_folded_q;
  assign idle_o = !pressure_q && !any_waits && !out_valid_q && !marker_valid_q && shed_q == 8'd0;

  wire stuck = (ev_valid_i && !ev_ready_o && !to_all && !out_valid_q && !being_read) || (of_valid_i && of_full_i);
  wire [SYM_W:0] look_rd_next = look_rd + 1'b1;
  // verilator lint_off BLKSEQ
  logic [479:0] out, marker;
  always_ff @(posedge clk_i) begin
    if (pressure_q) begin
      pressure_count_q <= pressure_count_q + 64'd1;
      if (!urgent_i && !any_waits && !out_valid_q && shed_q == 8'd0 && !shed_on_q) pressure_q <= 1'b0;
    end else if (urgent_i && stuck) pressure_q <= 1'b1;

    if (ev_valid_i && to_all && (pass || all_skip)) all_q <= all_last ? '0 : all_q + 1'b1;

    // Kept and folded: only under pressure.
    if (fold || keep) begin
      kept[sym] <= ev_data_i;
      folded[sym] <= keep ? 32'd0 : folded[sym] + 32'd1;
      if (fold) conflated_q <= conflated_q + 64'd1;
    end
    if (keep) begin
      waiting_q[sym] <= 1'b1;
      queue[{ring, q_wr[ring][SYM_W-1:0]}] <= sym;
      q_wr[ring] <= q_wr[ring] + 1'b1;
      queued_q[ring] <= 1'b1;
      if (waiting_count_q >= max_folded_q) max_folded_q <= waiting_count_q + 11'd1;
    end
    if (drop) begin
      lost_q[ring] <= 1'b1;
      lost_head[ring] <= ev_data_i[255:0];
      lost_count[ring] <= lost_q[ring] ? lost_count[ring] + 32'd1 : 32'd1;
      if (!lost_q[ring]) lost_first[ring] <= ev_data_i[127:64];
      trades_lost_q <= trades_lost_q + 64'd1;
    end

    waiting_count_q <= waiting_count_q + {10'd0, keep} - {10'd0, leave && !leave_lost};
    out_valid_q <= leave;
    if (leave) begin
      out_ring_q <= look_q;
      if (leave_lost) begin
        // Of no symbol; its head is that of the last of them.
        out_q <= {128'd0, lost_count[look_q], lost_first[look_q], lost_head[look_q][255:64], 16'd0, 16'hffff, 16'd0,
                  lost_head[look_q][15:8], wt_schema_pkg::RECORD_TYPE_TRADES_LOST};
        lost_q[look_q] <= 1'b0;
      end else begin
        out = kept[leave_sym];
        out[16+wt_schema_pkg::EVF_CONFLATED] = folded[leave_sym] != 32'd0;
        out[447:416] = folded[leave_sym];
        out_q <= out;
        waiting_q[leave_sym] <= 1'b0;
        q_rd[look_q] <= look_rd_next;
        queued_q[look_q] <= look_rd_next != q_wr[look_q] || (keep && ring == look_q);
      end
    end else if (any_waits && !look_fits) look_q <= look_q == RING_W'(RINGS - 1) ? '0 : look_q + 1'b1;

    if (!pressure_q || of_low_i) shed_on_q <= 1'b0;
    else if (of_valid_i && of_high_i) shed_on_q <= 1'b1;
    if (shed) begin
      shed_q[channel] <= 1'b1;
      shed_last[channel] <= of_data_i[63:0];
      if (!shed_q[channel] || !of_marker) begin
        shed_count[channel] <= (shed_q[channel] ? shed_count[channel] : 32'd0) + {31'd0, !of_marker};
        shed_software[channel] <= (shed_q[channel] ? shed_software[channel] : 32'd0) + {31'd0, !of_marker && of_software_i};
      end
      if (of_flags[wt_schema_pkg::OFF_GAP]) shed_gap_q[channel] <= 1'b1;
      if (of_flags[wt_schema_pkg::OFF_END]) shed_end_q[channel] <= 1'b1;
      if (!of_marker && of_software_i) shed_software_q <= shed_software_q + 64'd1;
      if (light) shed_all_q <= shed_all_q + 64'd1;
    end
    marker_valid_q <= tell;
    if (tell) begin
      marker = 480'd0;
      marker[63:0] = shed_last[tell_channel];
      marker[95:64] = shed_count[tell_channel];
      marker[159:128] = shed_software[tell_channel];
      marker[472+:3] = tell_channel;
      marker[472+wt_schema_pkg::OFF_MARKER] = 1'b1;
      marker[472+wt_schema_pkg::OFF_SHED] = shed_count[tell_channel] != 32'd0;
      marker[472+wt_schema_pkg::OFF_GAP] = shed_gap_q[tell_channel];
      marker[472+wt_schema_pkg::OFF_END] = shed_end_q[tell_channel];
      marker_q <= marker;
      shed_q[tell_channel] <= 1'b0;
      shed_gap_q[tell_channel] <= 1'b0;
      shed_end_q[tell_channel] <= 1'b0;
    end else if (shed_q != 8'd0) tell_q <= tell_q + 3'd1;

    if (rst_i) begin
      pressure_q <= 1'b0;
      all_q <= '0;
      waiting_q <= '0;
      for (int r = 0; r < RINGS; r = r + 1) begin
        q_wr[r] <= '0;
        q_rd[r] <= '0;
      end
      queued_q <= '0;
      lost_q <= '0;
      waiting_count_q <= 11'd0;
      out_valid_q <= 1'b0;
      look_q <= '0;
      shed_on_q <= 1'b0;
      shed_q <= 8'd0;
      shed_gap_q <= 8'd0;
      shed_end_q <= 8'd0;
      tell_q <= 3'd0;
      conflated_q <= 64'd0;
      trades_lost_q <= 64'd0;
      shed_all_q <= 64'd0;
      shed_software_q <= 64'd0;
      pressure_count_q <= 64'd0;
      max_folded_q <= 11'd0;
      marker_valid_q <= 1'b0;
    end
  end
  // verilator lint_on BLKSEQ

endmodule
