// Line arbiter: the datagrams of all lines to one stream of messages in sequence, for each of 8 channels.
//
// Walks over each line's datagrams in arrival order (wt_hold). Of a datagram that
//   has the next message       it delivers what is new
//   has only old messages      the line is told to forget it; its messages are counted as late
//   is ahead of the sequence   stays where it is, held, while the walk goes on behind it
// and once the sequence has reached the earliest datagram held of a channel, the lines that hold some
// are walked again from their oldest. A message is delivered once, and never before the one in front.
//
// A channel that holds datagrams waits for what is missing in front of them:
//   skew_ns_i   for the other line. After that, with recover_i the gap is announced (OP_GAP_NOTE, OPEN) and
//               waited for; without, it is lost.
//   until       it is filled: OP_GAP_NOTE, FILLED
//   or          gap_timeout_ns_i (unless 0) after the announcement, or once a line whose oldest datagram
//               waits for it is three quarters full, or up to skip_to_i: OP_GAP, and the sequence goes on
// Timers and skip_to_i are looked at when no datagram waits for the walk.
//
// Sessions are per channel: the first datagram gives OP_SESSION START, and the sequence begins at
// start_seq_i (taken at reset); another session gives CHANGE, and the sequence goes on from that datagram's
// number. What still comes of the session before it is late. A heartbeat gives OP_HEARTBEAT, the first end
// of session OP_SESSION END.
//
// Latency: out_valid_o two cycles after cand_valid_o. One message a cycle; a datagram that is late takes a
// line two cycles, during deliveries too.
module wt_arbiter #(
    parameter int unsigned LINES = 2  // 2 or 3
) (
    input  logic                  clk_i,
    input  logic                  rst_i,
    // Card time and free-running cycle counter.
    input  logic [63:0]           time_ns_i,
    input  logic [31:0]           cycle_i,
    // Configuration; 64 bits a channel, channel 0 lowest. poke_i: it may have changed.
    input  logic                  recover_i,
    input  logic [31:0]           skew_ns_i,
    input  logic [31:0]           gap_timeout_ns_i,
    input  logic [511:0]          start_seq_i,
    input  logic [511:0]          skip_to_i,
    input  logic                  poke_i,
    // Lines, wt_hold: one bit, or one value, for each, line A lowest.
    input  logic [LINES-1:0]      cand_valid_i,
    input  wt_pkg::cand_t         cand_0_i,
    input  wt_pkg::cand_t         cand_1_i,
    input  wt_pkg::cand_t         cand_2_i,
    output logic [LINES-1:0]      next_o,
    output logic [LINES-1:0]      done_o,
    output logic [LINES-1:0]      restart_o,
    output logic [LINES-1:0]      deliver_o,
    output logic [LINES-1:0]      reading_o,
    output logic [LINES-1:0]      read_o,
    output logic [15:0]           read_addr_o,
    input  wt_pkg::raw_t          raw_0_i,
    input  wt_pkg::raw_t          raw_1_i,
    input  wt_pkg::raw_t          raw_2_i,
    input  logic [LINES-1:0]      full_i,
    input  logic [LINES-1:0]      stuck_i,
    input  logic [LINES*3-1:0]    stuck_channel_i,
    // OP_NOP: a message, raw is meaningful. Or OP_GAP, OP_GAP_NOTE, OP_HEARTBEAT, OP_SESSION.
    output logic                  out_valid_o,
    input  logic                  out_ready_i,
    output wt_pkg::op_e           out_op_o,
    output logic [2:0]            out_channel_o,
    output wt_pkg::raw_t          out_raw_o,
    output logic [63:0]           out_seq_o,
    output logic [63:0]           out_ns_o,
    output logic [31:0]           out_cycle_o,
    output logic [63:0]           out_first_o,    // of a gap: first missing, how many
    output logic [63:0]           out_missing_o,
    output logic [79:0]           out_session_o,
    output logic [7:0]            out_event_o,    // wt_schema_pkg::SESSION_EVENT_* or GAP_STATE_*
    // Next sequence number expected of a channel, one cycle after its number.
    input  logic [2:0]            next_channel_i,
    output logic [63:0]           next_seq_o,
    // Nothing is under way; the time at which that changes by itself (all ones: never).
    output logic                  idle_o,
    output logic [63:0]           deadline_ns_o,
    // Late messages of each line.
    output logic [LINES*64-1:0]   cnt_late_o,
    // Messages, gaps, missed, filled, heartbeats; 64 bits each, the first lowest.
    output logic [319:0]          counters_o,
    // Messages of the third line.
    output logic [63:0]           cnt_recovered_o
);

  initial begin
    if (LINES != 2 && LINES != 3) begin
      $display("%m: LINES must be 2 or 3");
      $finish;
    end
  end

  // ---------------------------------------------------------------- channels

  // Numbers, one place a channel. What they mean is in the bits below them.
  logic [63:0]  expected [0:7];
  logic [159:0] sessions [0:7];      // {the one before, the present one}
  logic [63:0]  held_seq [0:7];      // earliest that is held
  logic [63:0]  since [0:7];         // gap open: announced at; else: held since
  logic [63:0]  gap_first [0:7];     // the announced gap: first missing,
  logic [63:0]  gap_behind [0:7];    // and first that is not
  logic [7:0]   known_q, two_q;      // a session is known; and one before it
  logic [7:0]   ended_q;
  logic [7:0]   held_q;              // datagrams are held
  logic [8*LINES-1:0] line_held_q;   // by this line
  logic [7:0]   open_q;              // a gap is announced
  logic [3:0]   init_q;              // sequences that have been set to their start

  // ---------------------------------------------------------------- what a candidate is

  logic [LINES-1:0]    ready_q;             // kind and counts are of the present candidate
  logic [LINES*3-1:0]  kind_q;
  logic [LINES*16-1:0] old_q;               // messages of it that are old
  logic [LINES*64-1:0] late_q;

  wire forget;                              // a channel has changed: look again
  logic [LINES-1:0] go_on;

  for (genvar l = 0; l < LINES; l = l + 1) begin : g_line
    wire [2:0]  channel;
    wire wt_pkg::verdict_e verdict;
    wire [15:0] old;
    wt_judge #(.INJECTED(l == 2)) judge (
        .cand_i(l == 0 ? cand_0_i : l == 1 ? cand_1_i : cand_2_i), .channel_o(channel), .known_i(known_q[channel]), .two_i(two_q[channel]),
        .sessions_i(sessions[channel]), .expected_i(expected[channel]), .verdict_o(verdict), .old_o(old)
    );
    always_ff @(posedge clk_i) begin
      if (cand_valid_i[l] && !ready_q[l]) begin
        kind_q[l*3+:3] <= verdict;
        old_q[l*16+:16] <= old;
      end
      ready_q[l] <= cand_valid_i[l] && !forget && !go_on[l] && !restart_o[l] && init_q[3];
      if (go_on[l] && done_o[l]) late_q[l*64+:64] <= late_q[l*64+:64] + {48'd0, old_q[l*16+:16]};
      if (rst_i) begin
        ready_q[l] <= 1'b0;
        late_q[l*64+:64] <= '0;
      end
    end
  end

  // ---------------------------------------------------------------- what to do

  // The output: one message or one event.
  logic         busy_q;
  wt_pkg::op_e  op_q;
  logic [2:0]   channel_q;
  logic [63:0]  seq_q, ns_q, first_q, missing_q;
  logic [31:0]  cycle_q;
  logic [79:0]  session_q;
  logic [7:0]   event_q;
  logic [1:0]   line_q;
  logic [15:0]  left_q, addr_q;

  wire sent = busy_q && out_ready_i;
  wire message = op_q == wt_pkg::OP_NOP;
  wire finish = sent && (!message || left_q == 16'd1);
  wire room = !busy_q || finish;

  // After a channel's sequence has moved: has it reached what is held, and the end of the gap?
  logic        moved_q, moved_all_q, moved_lost_q;
  logic [2:0]  moved_channel_q;
  logic [63:0] moved_to_q;
  // FILLED is due.
  logic        filled_q;
  logic [2:0]  filled_channel_q;
  logic [63:0] filled_to_q;
  // OPEN or a loss is due: see below.
  logic        due_q, due_lost_q;
  logic [2:0]  due_channel_q;
  logic [63:0] due_first_q, due_to_q;

  // One line's candidate goes to the output, in turn; else one is noted as held. Old ones go at any time.
  logic [1:0]       turn_q;
  logic [LINES-1:0] talks, ahead, pick_talk, pick_ahead;
  logic [1:0]       pick;
  integer i;
  always_comb begin
    for (i = 0; i < LINES; i = i + 1) begin
      talks[i] = ready_q[i] && (kind_q[i*3+:3] == wt_pkg::IS_NEXT || kind_q[i*3+:3] == wt_pkg::IS_SESSION
                                || kind_q[i*3+:3] == wt_pkg::IS_MARKER);
      ahead[i] = ready_q[i] && kind_q[i*3+:3] == wt_pkg::IS_AHEAD;
      go_on[i] = ready_q[i] && !moved_q && kind_q[i*3+:3] == wt_pkg::IS_OLD;
    end
    // The line whose turn it is, else the lowest other.
    pick_talk = talks & (~talks + 1'b1);
    for (i = 0; i < LINES; i = i + 1)
      if (talks[i] && turn_q == i[1:0]) begin
        pick_talk = '0;
        pick_talk[i] = 1'b1;
      end
    if (!room || moved_q || filled_q) pick_talk = '0;
    pick_ahead = pick_talk != '0 || moved_q ? '0 : ahead & (~ahead + 1'b1);
    pick = 2'd0;
    for (i = 0; i < LINES; i = i + 1) if (pick_talk[i] || pick_ahead[i]) pick = i[1:0];
    for (i = 0; i < LINES; i = i + 1)
      go_on[i] = go_on[i] || pick_ahead[i] || (pick_talk[i] && kind_q[i*3+:3] != wt_pkg::IS_SESSION);
  end

  // verilator lint_off UNUSEDSIGNAL
  wt_pkg::cand_t cand;  // its ring address is of no interest once it is old
  // verilator lint_on UNUSEDSIGNAL
  always_comb begin
    cand = '0;
    if (pick_talk != '0 || pick_ahead != '0)
      case (pick)
        2'd0:    cand = cand_0_i;
        2'd1:    cand = cand_1_i;
        default: cand = cand_2_i;
      endcase
  end
  wire [2:0]  c = cand.channel;
  wire [2:0]  kind = kind_q[pick*3+:3];
  wire        talk = pick_talk != '0;
  wire        deliver = talk && kind == wt_pkg::IS_NEXT;
  wire        session = talk && kind == wt_pkg::IS_SESSION;
  wire        hold = pick_ahead != '0;
  wire [15:0] skip = old_q[pick*16+:16];
  wire [15:0] count = cand.behind[15:0] - cand.seq[15:0];
  wire        earlier = !held_q[c] || cand.seq < held_seq[c];
  wire        quiet = cand_valid_i == '0 && room && !moved_q;
  wire        fill = filled_q && room && !moved_q;
  wire        give = due_q && quiet && !filled_q;
  // The channel whose state changes in this cycle in what the timers look at.
  wire        reached = moved_q && held_q[moved_channel_q]
      && (moved_all_q || moved_to_q >= held_seq[moved_channel_q]);
  wire        change = moved_q || talk || give || (hold && earlier);
  wire [2:0]  change_channel = moved_q ? moved_channel_q : talk || hold ? c : due_channel_q;

  assign forget = talk || give;
  assign next_o = go_on;
  assign done_o = go_on & ~pick_ahead;
  assign deliver_o = deliver ? pick_talk : '0;
  integer r;
  always_comb begin
    for (r = 0; r < LINES; r = r + 1) begin
      restart_o[r] = reached && line_held_q[8*r+{29'd0, moved_channel_q}];
      reading_o[r] = busy_q && message && line_q == r[1:0];
      read_o[r] = deliver_o[r] || (sent && message && left_q != 16'd1 && line_q == r[1:0]);
    end
  end
  assign read_addr_o = deliver ? cand.addr + skip : addr_q;

  // ---------------------------------------------------------------- timers

  // Channels are looked at one a cycle, in two stages.
  logic [2:0]  look_q, s_channel_q;
  logic        s_held_q, s_open_q;
  logic [63:0] s_expected_q, s_seq_q, s_since_q, s_skip_q;
  logic        s_full_q;
  logic [63:0] best_q, deadline_q;  // earliest of this round, of the last
  logic [4:0]  rest_q;              // cycles without a change: 31 means that the deadline is true

  integer f;
  logic stuck;
  always_comb begin
    stuck = 1'b0;
    for (f = 0; f < LINES; f = f + 1)
      if (full_i[f] && stuck_i[f] && stuck_channel_i[f*3+:3] == look_q) stuck = 1'b1;
  end

  wire        s_skip = s_skip_q > s_expected_q;
  wire        s_waits = !s_open_q || gap_timeout_ns_i != 32'd0;
  wire [63:0] s_at = s_since_q + {32'd0, s_open_q ? gap_timeout_ns_i : skew_ns_i};
  wire        s_over = s_waits && time_ns_i >= s_at;
  // An open gap is lost at once when nobody recovers any more.
  wire        s_lost = s_full_q || s_skip || (s_over && (s_open_q || !recover_i)) || (s_open_q && !recover_i);
  wire        s_whole = s_full_q || s_over || (s_open_q && !recover_i) || s_skip_q > s_seq_q;

  assign deadline_ns_o = held_q == '0 ? '1 : deadline_q;
  assign idle_o = init_q[3] && cand_valid_i == '0 && !busy_q && !moved_q && !filled_q && !due_q
      && (held_q == '0 || &rest_q);

  // ---------------------------------------------------------------- counters, output

  logic [63:0] messages_q, gaps_q, missed_q, fills_q, heartbeats_q;
  assign counters_o = {heartbeats_q, fills_q, missed_q, gaps_q, messages_q};
  assign cnt_late_o = late_q;
  logic [63:0] recovered_q;
  assign cnt_recovered_o = recovered_q;

  assign out_valid_o = busy_q;
  assign out_op_o = op_q;
  assign out_channel_o = channel_q;
  always_comb begin
    out_raw_o = '0;
    if (busy_q && message)
      case (line_q)
        2'd0:    out_raw_o = raw_0_i;
        2'd1:    out_raw_o = raw_1_i;
        default: out_raw_o = raw_2_i;
      endcase
  end
  assign out_seq_o = seq_q;
  assign out_ns_o = ns_q;
  assign out_cycle_o = cycle_q;
  assign out_first_o = first_q;
  assign out_missing_o = missing_q;
  assign out_session_o = session_q;
  assign out_event_o = event_q;

  integer k;
  always_ff @(posedge clk_i) begin
    next_seq_o <= expected[next_channel_i];
    moved_q <= 1'b0;
    if (!init_q[3]) begin
      expected[init_q[2:0]] <= start_seq_i[init_q[2:0]*64+:64];
      init_q <= init_q + 4'd1;
    end

    // ---- The output.
    if (sent) begin
      if (message) begin
        messages_q <= messages_q + 64'd1;
        if (line_q == 2'd2) recovered_q <= recovered_q + 64'd1;
        seq_q <= seq_q + 64'd1;
        left_q <= left_q - 16'd1;
        addr_q <= addr_q + 16'd1;
      end
      if (finish) busy_q <= 1'b0;
    end

    if (talk) begin
      busy_q <= 1'b1;
      channel_q <= c;
      ns_q <= cand.ns;
      cycle_q <= cand.cycle;
      session_q <= cand.session;
      line_q <= pick;
      turn_q <= turn_q + 2'd1 == 2'(LINES) ? 2'd0 : turn_q + 2'd1;
      if (deliver) begin
        op_q <= wt_pkg::OP_NOP;
        seq_q <= expected[c];
        left_q <= count - skip;
        addr_q <= cand.addr + skip + 16'd1;
        expected[c] <= cand.behind;
        moved_q <= 1'b1;
      end else if (session) begin
        op_q <= wt_pkg::OP_SESSION;
        seq_q <= cand.seq;
        event_q <= known_q[c] ? wt_schema_pkg::SESSION_EVENT_CHANGE : wt_schema_pkg::SESSION_EVENT_START;
        sessions[c] <= {sessions[c][79:0], cand.session};
        known_q[c] <= 1'b1;
        two_q[c] <= known_q[c];
        ended_q[c] <= 1'b0;
        if (known_q[c]) begin
          expected[c] <= cand.seq;
          open_q[c] <= 1'b0;
          moved_q <= 1'b1;
        end
      end else begin
        op_q <= cand.fin && !ended_q[c] ? wt_pkg::OP_SESSION : wt_pkg::OP_HEARTBEAT;
        seq_q <= expected[c];
        event_q <= wt_schema_pkg::SESSION_EVENT_END;
        if (cand.fin && !ended_q[c]) ended_q[c] <= 1'b1;
        else heartbeats_q <= heartbeats_q + 64'd1;
      end
      moved_all_q <= session;
      moved_lost_q <= 1'b0;
      moved_channel_q <= c;
      moved_to_q <= cand.behind;
    end

    // ---- Held datagrams.
    if (hold) begin
      for (k = 0; k < LINES; k = k + 1) if (pick_ahead[k]) line_held_q[8*k+{29'd0, c}] <= 1'b1;
      held_q[c] <= 1'b1;
      if (earlier) held_seq[c] <= cand.seq;
      if (!held_q[c] && !open_q[c]) since[c] <= time_ns_i;
    end
    if (reached) begin
      held_q[moved_channel_q] <= 1'b0;
      for (k = 0; k < LINES; k = k + 1) line_held_q[8*k+{29'd0, moved_channel_q}] <= 1'b0;
    end
    if (moved_q && open_q[moved_channel_q] && moved_to_q >= gap_behind[moved_channel_q]) begin
      open_q[moved_channel_q] <= 1'b0;
      filled_q <= !moved_lost_q;
      filled_channel_q <= moved_channel_q;
      filled_to_q <= moved_to_q;
    end

    // ---- Gaps.
    if (fill) begin
      busy_q <= 1'b1;
      op_q <= wt_pkg::OP_GAP_NOTE;
      event_q <= wt_schema_pkg::GAP_STATE_FILLED;
      channel_q <= filled_channel_q;
      seq_q <= filled_to_q;
      ns_q <= time_ns_i;
      cycle_q <= cycle_i;
      first_q <= gap_first[filled_channel_q];
      missing_q <= gap_behind[filled_channel_q] - gap_first[filled_channel_q];
      fills_q <= fills_q + 64'd1;
      filled_q <= 1'b0;
    end
    if (give) begin
      busy_q <= 1'b1;
      op_q <= due_lost_q ? wt_pkg::OP_GAP : wt_pkg::OP_GAP_NOTE;
      event_q <= due_lost_q ? wt_schema_pkg::GAP_STATE_LOST : wt_schema_pkg::GAP_STATE_OPEN;
      channel_q <= due_channel_q;
      seq_q <= due_lost_q ? due_to_q : due_first_q;
      ns_q <= time_ns_i;
      cycle_q <= cycle_i;
      first_q <= due_first_q;
      missing_q <= due_to_q - due_first_q;
      due_q <= 1'b0;
      if (due_lost_q) begin
        expected[due_channel_q] <= due_to_q;
        moved_q <= 1'b1;
        moved_all_q <= 1'b0;
        moved_lost_q <= 1'b1;
        moved_channel_q <= due_channel_q;
        moved_to_q <= due_to_q;
        gaps_q <= gaps_q + 64'd1;
        missed_q <= missed_q + due_to_q - due_first_q;
      end else begin
        open_q[due_channel_q] <= 1'b1;
        gap_first[due_channel_q] <= due_first_q;
        gap_behind[due_channel_q] <= due_to_q;
        since[due_channel_q] <= time_ns_i;
      end
    end

    // ---- Timers, while there is something to wait for.
    rest_q <= change || hold || poke_i || due_q ? '0 : rest_q + {4'd0, !(&rest_q)};
    if (due_q && change && change_channel == due_channel_q) due_q <= 1'b0;
    if (held_q != '0) begin
      look_q <= look_q + 3'd1;
      s_channel_q <= look_q;
      s_held_q <= held_q[look_q] && !(change && change_channel == look_q);
      s_open_q <= open_q[look_q];
      s_expected_q <= expected[look_q];
      s_seq_q <= held_seq[look_q];
      s_since_q <= since[look_q];
      s_skip_q <= skip_to_i[look_q*64+:64];
      s_full_q <= stuck;

      if (s_held_q && !due_q && !(change && change_channel == s_channel_q)
          && (s_lost || (s_over && !s_open_q))) begin
        due_q <= 1'b1;
        due_lost_q <= s_lost;
        due_channel_q <= s_channel_q;
        due_first_q <= s_expected_q;
        due_to_q <= s_lost && !s_whole ? s_skip_q : s_seq_q;
      end
      if (s_channel_q == 3'd0) begin
        best_q <= s_held_q && s_waits ? s_at : '1;
        deadline_q <= best_q;
      end else if (s_held_q && s_waits && s_at < best_q) best_q <= s_at;
    end else s_held_q <= 1'b0;

    if (rst_i) begin
      busy_q <= 1'b0;
      turn_q <= 2'd0;
      moved_q <= 1'b0;
      filled_q <= 1'b0;
      due_q <= 1'b0;
      known_q <= '0;
      two_q <= '0;
      ended_q <= '0;
      held_q <= '0;
      line_held_q <= '0;
      open_q <= '0;
      init_q <= '0;
      look_q <= '0;
      s_channel_q <= '0;
      s_held_q <= 1'b0;
      best_q <= '1;
      deadline_q <= '1;
      rest_q <= '0;
      messages_q <= '0;
      recovered_q <= '0;
      gaps_q <= '0;
      missed_q <= '0;
      fills_q <= '0;
      heartbeats_q <= '0;
    end
  end
endmodule
