// Hold buffer of one line: datagrams come in as words of UDP payload, and stay until the arbiter has
// dealt with them.
//
// Messages go into a ring, one slot each, as they stream in (wt_mold_align); with the last word of their
// datagram they are committed and a descriptor is written, or it is as if they had never been. There is
// no waiting: a datagram without room is dropped whole and counted.
//
// The arbiter walks over the descriptors. The one it stands at is cand_o; next_i goes on to the one
// behind, and done_i with it says that this one needs no other look. One that is not done is held: it
// stays, with its messages, and restart_i goes back to the oldest that is not done. Room comes free in
// order, from the oldest. Messages of a datagram may be read from the cycle of next_i with deliver_i on
// until reading_i falls.
//
// Latency: cand_valid_o two cycles after the word with in_last_i, when nothing waits; one candidate a
// cycle; a message one cycle after read_i. After rst_i 2**DATAGRAMS_LOG2 cycles of sweeping.
module wt_hold #(
    parameter int unsigned MESSAGES_LOG2 = 12,   // 2 to 16
    parameter int unsigned DATAGRAMS_LOG2 = 10,  // at least 2
    parameter bit URAM = 1'b0                    // the messages are in UltraRAM
) (
    input  logic           clk_i,
    input  logic           rst_i,
    // Swept: datagrams are taken.
    output logic           ready_o,
    // UDP payload as of wt_udp_rx.
    input  logic           in_valid_i,
    output logic           in_ready_o,
    input  logic [63:0]    in_data_i,
    input  logic [3:0]     in_bytes_i,
    input  logic           in_last_i,
    input  logic           in_good_i,
    input  logic [2:0]     in_channel_i,
    input  logic [63:0]    in_ns_i,
    input  logic [31:0]    in_cycle_i,
    // A datagram of this channel ends: in the next cycle it may be the candidate.
    output logic           comes_o,
    output logic [2:0]     comes_channel_o,
    // The walk.
    output logic           cand_valid_o,
    output wt_pkg::cand_t  cand_o,
    input  logic           next_i,
    input  logic           done_i,
    input  logic           restart_i,
    // Messages: address as in the candidate, counting on modulo the ring; data stays until the next read.
    input  logic           deliver_i,
    input  logic           reading_i,
    input  logic           read_i,
    // verilator lint_off UNUSEDSIGNAL
    input  logic [15:0]    read_addr_i,  // a ring need not have 65,536 places
    // verilator lint_on UNUSEDSIGNAL
    output wt_pkg::raw_t   raw_o,
    // The ring is three quarters full; its oldest datagram is held, and of this channel.
    output logic           full_o,
    // It is seven eighths full. Most messages ever inside.
    output logic           brim_o,
    output logic [MESSAGES_LOG2:0] max_o,
    output logic           stuck_o,
    output logic [2:0]     stuck_channel_o,
    // Nothing is inside but held datagrams.
    output logic           idle_o,
    // Datagrams without room; with blocks that do not fit them.
    output logic [63:0]    cnt_overflow_o,
    output logic [63:0]    cnt_bad_datagram_o
);

  localparam logic [MESSAGES_LOG2:0] FULL = {1'b1, {MESSAGES_LOG2{1'b0}}};

  // ---- Messages: written as they come, committed with their datagram. No place of a RAM here is read in the cycle
  // in which it is written: what is read was committed before, and its room is not free yet.
  logic         msg_valid, end_valid, end_frame_good, end_blocks_good, align_idle;
  logic [7:0]   msg_length;
  logic [399:0] msg_raw;
  logic [79:0]  end_session;
  logic [63:0]  end_seq, end_ns;
  logic [15:0]  end_count;
  logic [2:0]   end_channel;
  logic [31:0]  end_cycle;

  wt_mold_align align (
      .clk_i, .rst_i,
      .in_valid_i, .in_ready_o, .in_data_i, .in_bytes_i, .in_last_i, .in_good_i, .in_channel_i, .in_ns_i,
      .in_cycle_i,
      .message_valid_o(msg_valid), .message_length_o(msg_length), .message_o(msg_raw),
      .end_o(end_valid), .end_frame_good_o(end_frame_good), .end_blocks_good_o(end_blocks_good),
      .end_session_o(end_session), .end_seq_o(end_seq), .end_count_o(end_count), .end_channel_o(end_channel),
      .end_ns_o(end_ns), .end_cycle_o(end_cycle),
      .idle_o(align_idle)
  );

  logic [DATAGRAMS_LOG2:0] dwr_q, scan_q, tail_q;  // written, walked, oldest
  logic [MESSAGES_LOG2:0]  wr_q, commit_q;
  logic [MESSAGES_LOG2:0]  free_q, free_next_q;    // oldest message; the same, once nothing is read
  logic                    over_q;                 // the datagram under way did not fit
  logic [DATAGRAMS_LOG2:0] sweep_q;
  logic [63:0]             overflow_q, bad_datagram_q;

  wire [MESSAGES_LOG2:0]  used = wr_q - free_q;
  wire [DATAGRAMS_LOG2:0] datagrams = dwr_q - tail_q;
  wire write = msg_valid && used != FULL && !over_q;
  wire over = over_q || (msg_valid && used == FULL);
  wire [MESSAGES_LOG2:0] wr_next = wr_q + {{MESSAGES_LOG2{1'b0}}, write};
  wire good = end_valid && end_frame_good && end_blocks_good;
  wire commit = good && !over && !datagrams[DATAGRAMS_LOG2] && ready_o;

  assign ready_o = sweep_q[DATAGRAMS_LOG2];
  assign full_o = used[MESSAGES_LOG2] || used[MESSAGES_LOG2-1-:2] == 2'b11
      || datagrams[DATAGRAMS_LOG2] || datagrams[DATAGRAMS_LOG2-1-:2] == 2'b11;
  assign brim_o = used[MESSAGES_LOG2] || used[MESSAGES_LOG2-1-:3] == 3'b111
      || datagrams[DATAGRAMS_LOG2] || datagrams[DATAGRAMS_LOG2-1-:3] == 3'b111;
  logic [MESSAGES_LOG2:0] max_q;
  assign max_o = max_q;
  assign cnt_overflow_o = overflow_q;
  assign cnt_bad_datagram_o = bad_datagram_q;

  wt_ram_1r1w #(.WIDTH(408), .ADDR_W(MESSAGES_LOG2), .COLLIDES(1'b0), .URAM(URAM)) messages (
      .clk_i,
      .wr_en_i(write), .wr_addr_i(wr_q[MESSAGES_LOG2-1:0]), .wr_data_i({msg_length, msg_raw}),
      .rd_en_i(read_i), .rd_addr_i(read_addr_i[MESSAGES_LOG2-1:0]), .rd_data_o(raw_o)
  );

  // ---- Descriptors. One that is committed when the walk has come to the end goes past the RAM.
  wt_pkg::cand_t written, ram_cand;
  wt_pkg::cand_t past_q;
  logic cand_valid_q, past_sel_q;
  logic [MESSAGES_LOG2:0] ram_after, past_after_q;

  assign comes_o = end_valid;
  assign comes_channel_o = end_channel;

  wire marker = end_count == 16'd0 || end_count == 16'hffff;
  always_comb begin
    written = 'x;
    if (end_valid) begin
      written.done = 1'b0;
      written.channel = end_channel;
      written.marker = marker;
      written.fin = end_count == 16'hffff;
      written.session = end_session;
      written.seq = end_seq;
      written.behind = marker ? end_seq : end_seq + {48'd0, end_count};
      written.addr = 16'(commit_q[MESSAGES_LOG2-1:0]);
      written.ns = end_ns;
      written.cycle = end_cycle;
    end
  end

  wire [DATAGRAMS_LOG2:0] walk_to = restart_i ? tail_q : scan_q + {{DATAGRAMS_LOG2{1'b0}}, next_i};
  wire step = restart_i || next_i;
  wire fetch = step && walk_to != dwr_q;
  wire past = commit && walk_to == dwr_q && (step || !cand_valid_q);

  wt_ram_1r1w #(.WIDTH(MESSAGES_LOG2 + 1 + wt_pkg::CAND_W), .ADDR_W(DATAGRAMS_LOG2), .COLLIDES(1'b0)) descriptors (
      .clk_i,
      .wr_en_i(commit), .wr_addr_i(dwr_q[DATAGRAMS_LOG2-1:0]), .wr_data_i({wr_next, written}),
      .rd_en_i(fetch), .rd_addr_i(walk_to[DATAGRAMS_LOG2-1:0]), .rd_data_o({ram_after, ram_cand})
  );

  // Which descriptors are done: the lap (highest bit of the index) in which they were, so that nothing
  // has to be cleared when a place is used again.
  logic done_lap;
  wt_ram_1r1w #(.WIDTH(1), .ADDR_W(DATAGRAMS_LOG2)) done_laps (
      .clk_i,
      .wr_en_i((next_i && done_i) || !ready_o),
      .wr_addr_i(ready_o ? scan_q[DATAGRAMS_LOG2-1:0] : sweep_q[DATAGRAMS_LOG2-1:0]),
      .wr_data_i(ready_o ? scan_q[DATAGRAMS_LOG2] : 1'b1),
      .rd_en_i(fetch), .rd_addr_i(walk_to[DATAGRAMS_LOG2-1:0]), .rd_data_o(done_lap)
  );

  wire [MESSAGES_LOG2:0] after = past_sel_q ? past_after_q : ram_after;
  wt_pkg::cand_t cand;
  always_comb begin
    cand = 'x;
    if (cand_valid_q) begin
      cand = past_sel_q ? past_q : ram_cand;
      cand.done = !past_sel_q && done_lap == scan_q[DATAGRAMS_LOG2];
    end
  end
  assign cand_valid_o = cand_valid_q;
  assign cand_o = cand;
  assign idle_o = align_idle && !cand_valid_q;

  logic stuck_q;
  logic [2:0] stuck_channel_q;
  assign stuck_o = stuck_q;
  assign stuck_channel_o = stuck_channel_q;

  always_ff @(posedge clk_i) begin
    if (!ready_o) sweep_q <= sweep_q + 1'b1;

    if (msg_valid) begin
      wr_q <= wr_next;
      over_q <= over;
      if (used >= max_q && write) max_q <= used + 1'b1;
    end
    if (end_valid) begin
      over_q <= 1'b0;
      if (commit) begin
        commit_q <= wr_next;
        dwr_q <= dwr_q + 1'b1;
      end else wr_q <= commit_q;
      if (end_frame_good && !end_blocks_good) bad_datagram_q <= bad_datagram_q + 64'd1;
      if (good && !commit) overflow_q <= overflow_q + 64'd1;
    end

    if (step) begin
      scan_q <= walk_to;
      cand_valid_q <= fetch;
      past_sel_q <= 1'b0;
    end
    if (past) begin
      cand_valid_q <= 1'b1;
      past_sel_q <= 1'b1;
      past_q <= written;
      past_after_q <= wr_next;
    end

    if (restart_i) stuck_q <= 1'b0;
    else if (next_i && scan_q == tail_q) begin
      stuck_q <= !done_i;
      stuck_channel_q <= cand.channel;
      if (done_i) begin
        tail_q <= walk_to;
        free_next_q <= after;
      end
    end
    if (deliver_i || !reading_i) free_q <= free_next_q;

    if (rst_i) begin
      sweep_q <= '0;
      max_q <= '0;
      wr_q <= '0;
      commit_q <= '0;
      free_q <= '0;
      free_next_q <= '0;
      dwr_q <= '0;
      scan_q <= '0;
      tail_q <= '0;
      over_q <= 1'b0;
      cand_valid_q <= 1'b0;
      past_sel_q <= 1'b0;
      stuck_q <= 1'b0;
      overflow_q <= '0;
      bad_datagram_q <= '0;
    end
  end

endmodule
