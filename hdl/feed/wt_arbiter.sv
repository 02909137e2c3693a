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
// number: when the present one has ended, or with the eighth datagram of others in a row, in which no datagram
// of the present one was due. Those before it are late. What still comes of the session before it is late. A heartbeat gives OP_HEARTBEAT, the first end
// of session OP_SESSION END.
//
// Latency: out_valid_o two cycles after cand_valid_o. One message a cycle; a datagram that is late takes a
// line two cycles, during deliveries too, and one that is delivered, its lines five until they go on.
module wt_arbiter #(
    parameter int unsigned LINES = 2,     // 1 to 3
    parameter int unsigned INJECTED = 2   // which of them is what the host injects; 3: none
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
    input  logic [LINES-1:0]      comes_i,           // one may be the candidate in the next cycle,
    input  logic [LINES*3-1:0]    comes_channel_i,   // of this channel
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
    output logic                  out_recovered_o,  // a message of the third line
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
    // Messages that were injected.
    output logic [63:0]           cnt_recovered_o
);

  initial begin
    if (LINES < 1 || LINES > 3) begin
      $display("%m: LINES must be 1 to 3");
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
  logic [23:0]  strange_q;           // datagrams of other sessions in a row, 3 bits a channel
  logic [7:0]   held_q;              // datagrams are held
  logic [8*LINES-1:0] line_held_q;   // by this line
  logic [7:0]   open_q;              // a gap is announced
  logic [3:0]   init_q;              // sequences that have been set to their start

  // ---------------------------------------------------------------- what a candidate is

  logic [LINES-1:0]    ready_q;             // the following are of the present candidate:
  logic [LINES*3-1:0]  kind_q;
  logic [LINES-1:0]    earlier_q;
  logic [LINES*16-1:0] count_q, old_q, new_q, addr_of_q;  // see wt_judge
  logic [LINES*64-1:0] late_q;
  // What is known of its channel: taken from the tables a cycle before it is judged, and void when it changes.
  logic [LINES*64-1:0] expected_of_q;
  logic [LINES*80-1:0] session_of_q;        // the present one

  wire forget;                              // a channel has changed: look again
  logic [LINES-1:0] go_on;

  for (genvar l = 0; l < LINES; l = l + 1) begin : g_line
    wire wt_pkg::cand_t cand_l = l == 0 ? cand_0_i : l == 1 ? cand_1_i : cand_2_i;
    wire [2:0]    own = l == 0 ? cand_0_i.channel : l == 1 ? cand_1_i.channel : cand_2_i.channel;
    logic         known_of_q, two_of_q, held_of_q, of_valid_q;
    logic [2:0]   of_channel_q;
    logic [79:0]  before_of_q;  // the session before the present one
    logic [63:0]  held_seq_of_q;
    wire [2:0]    channel = cand_valid_i[l] ? own : comes_channel_i[3*l+:3];
    wire          judged = cand_valid_i[l] && of_valid_q && of_channel_q == own;
    wire wt_pkg::verdict_e verdict;
    wire [15:0] count, old, fresh, addr;
    wire earlier;
    wt_judge #(.INJECTED(l == INJECTED)) judge (
        .valid_i(judged && !ready_q[l]), .cand_i(cand_l), .known_i(known_of_q),
        .two_i(two_of_q), .sessions_i({before_of_q, session_of_q[80*l+:80]}), .expected_i(expected_of_q[64*l+:64]),
        .held_i(held_of_q), .held_seq_i(held_seq_of_q), .verdict_o(verdict),
        .count_o(count), .earlier_o(earlier), .old_o(old), .new_o(fresh), .addr_o(addr)
    );
    always_ff @(posedge clk_i) begin
      if (!ready_q[l] && (cand_valid_i[l] || comes_i[l])) begin
        of_valid_q <= 1'b1;
        of_channel_q <= channel;
        known_of_q <= known_q[channel];
        two_of_q <= two_q[channel];
        held_of_q <= held_q[channel];
        before_of_q <= sessions[channel][159:80];
        session_of_q[80*l+:80] <= sessions[channel][79:0];
        expected_of_q[64*l+:64] <= expected[channel];
        held_seq_of_q <= held_seq[channel];
      end
      if (forget || !init_q[3]) of_valid_q <= 1'b0;
      if (judged && !ready_q[l]) begin
        kind_q[l*3+:3] <= verdict;
        earlier_q[l] <= earlier;
        count_q[l*16+:16] <= count;
        old_q[l*16+:16] <= old;
        new_q[l*16+:16] <= fresh;
        addr_of_q[l*16+:16] <= addr;
      end
      ready_q[l] <= (ready_q[l] || judged) && !forget && !go_on[l];
      if (go_on[l] && done_o[l])
        late_q[l*64+:64] <= late_q[l*64+:64]
            + {48'd0, kind_q[l*3+:3] == wt_pkg::IS_NEXT ? old_q[l*16+:16] : count_q[l*16+:16]};
      if (rst_i) begin
        ready_q[l] <= 1'b0;
        of_valid_q <= 1'b0;
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

  // After a channel's sequence has moved: has it reached what is held, and the end of the gap? Compared in one cycle,
  // done in the next (settled_q).
  logic        moved_q, moved_all_q, moved_lost_q;
  logic        settled_q, reached_q, closed_q;
  wire         moves = moved_q || settled_q;
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
  always_comb begin
    talks = '0;
    ahead = '0;
    pick_talk = '0;
    pick_ahead = '0;
    pick = 2'd0;
    if (ready_q != '0) begin
      for (int unsigned i = 0; i < LINES; i++) begin
        talks[i] = ready_q[i] && (kind_q[i*3+:3] == wt_pkg::IS_NEXT || kind_q[i*3+:3] == wt_pkg::IS_SESSION
                                  || kind_q[i*3+:3] == wt_pkg::IS_MARKER);
        ahead[i] = ready_q[i] && kind_q[i*3+:3] == wt_pkg::IS_AHEAD;
      end
      // The line whose turn it is, else the lowest other; whether there is room comes late.
      pick_talk = talks & (~talks + 1'b1);
      for (int unsigned i = 0; i < LINES; i++)
        if (talks[i] && turn_q == 2'(i)) begin
          pick_talk = '0;
          pick_talk[i] = 1'b1;
        end
      pick_ahead = talks != '0 ? '0 : ahead & (~ahead + 1'b1);
      for (int unsigned i = 0; i < LINES; i++) if (pick_talk[i] || pick_ahead[i]) pick = 2'(i);
    end
  end

  // verilator lint_off UNUSEDSIGNAL
  wt_pkg::cand_t cand;  // its ring address is of no interest here
  // verilator lint_on UNUSEDSIGNAL
  always_comb begin
    cand = 'x;  // looked at only if one is picked
    if (pick_talk != '0 || pick_ahead != '0)
      case (pick)
        2'd0:    cand = cand_0_i;
        2'd1:    cand = cand_1_i;
        default: cand = cand_2_i;
      endcase
  end
  wire [2:0]  c = cand.channel;
  wire [2:0]  kind = kind_q[pick*3+:3];
  wire        talk = talks != '0 && room && !moves && !filled_q;
  wire        deliver = talk && kind == wt_pkg::IS_NEXT;
  wire        other = talk && kind == wt_pkg::IS_SESSION;
  wire        session = other && (!known_q[c] || ended_q[c] || strange_q[3*c+:3] == 3'd7);
  wire        refuse = other && !session;
  wire        hold = pick_ahead != '0 && !moves;
  wire        earlier = (earlier_q & pick_ahead) != '0;
  logic [63:0] expected_now;
  logic [79:0] session_now;  // the channel's present one
  always_comb begin
    expected_now = 'x;
    session_now = 'x;
    if (talks != '0) begin
      expected_now = expected_of_q[64*pick+:64];
      session_now = session_of_q[80*pick+:80];
    end
  end
  wire [15:0] first_addr = addr_of_q[16*pick+:16];
  wire        quiet = cand_valid_i == '0 && room && !moves;
  wire        fill = filled_q && room && !moves;
  wire        give = due_q && quiet && !filled_q;
  // The channel whose state changes in this cycle in what the timers look at.
  wire        reached = settled_q && reached_q;
  wire        change = moves || talk || give || (hold && earlier);
  wire [2:0]  change_channel = moves ? moved_channel_q : pick_talk != '0 || pick_ahead != '0 ? c : due_channel_q;

  always_comb begin
    go_on = '0;
    if (ready_q != '0)
      for (int unsigned g = 0; g < LINES; g++)
        go_on[g] = (ready_q[g] && !moves && kind_q[g*3+:3] == wt_pkg::IS_OLD) || (hold && pick_ahead[g])
            || (talk && pick_talk[g] && !session);
  end

  assign forget = talk || give || (hold && earlier) || moves;
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
  assign read_addr_o = busy_q && message && left_q != 16'd1 ? addr_q : first_addr;

  // The tables' write ports.
  logic        expected_write;
  logic [2:0]  expected_channel;
  logic [63:0] expected_new;
  always_comb begin
    expected_write = !init_q[3] || deliver || (session && known_q[c]) || (give && due_lost_q);
    expected_channel = !init_q[3] ? init_q[2:0] : talks != '0 ? c : due_channel_q;
    expected_new = 'x;
    if (!init_q[3]) expected_new = start_seq_i[init_q[2:0]*64+:64];
    else if (talks != '0) expected_new = kind == wt_pkg::IS_NEXT ? cand.behind : cand.seq;
    else if (due_q) expected_new = due_to_q;
  end

  // ---------------------------------------------------------------- timers

  // Channels are looked at one a cycle, in three stages.
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

  logic        t_held_q, t_open_q, t_waits_q, t_full_q, t_skip_q, t_skip_whole_q;
  logic [2:0]  t_channel_q;
  logic [63:0] t_at_q, t_expected_q, t_seq_q, t_skip_to_q;
  wire         t_over = t_waits_q && time_ns_i >= t_at_q;
  // An open gap is lost at once when nobody recovers any more.
  wire         t_lost = t_full_q || t_skip_q || (t_over && (t_open_q || !recover_i)) || (t_open_q && !recover_i);
  wire         t_whole = t_full_q || t_over || (t_open_q && !recover_i) || t_skip_whole_q;

  assign deadline_ns_o = held_q == '0 ? '1 : deadline_q;
  assign idle_o = init_q[3] && cand_valid_i == '0 && !busy_q && !moves && !filled_q && !due_q
      && (held_q == '0 || &rest_q);

  // ---------------------------------------------------------------- counters, output

  logic        add_missed_q;
  logic [63:0] messages_q, gaps_q, missed_q, fills_q, heartbeats_q;
  assign counters_o = {heartbeats_q, fills_q, missed_q, gaps_q, messages_q};
  assign cnt_late_o = late_q;
  logic [63:0] recovered_q;
  assign cnt_recovered_o = recovered_q;

  assign out_valid_o = busy_q;
  assign out_op_o = op_q;
  assign out_channel_o = channel_q;
  always_comb begin
    out_raw_o = 'x;
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
  assign out_recovered_o = message && line_q == 2'(INJECTED);

  integer k;
  always_ff @(posedge clk_i) begin
    next_seq_o <= expected[next_channel_i];
    moved_q <= 1'b0;
    settled_q <= moved_q;
    if (moved_q) begin
      reached_q <= held_q[moved_channel_q] && (moved_all_q || moved_to_q >= held_seq[moved_channel_q]);
      closed_q <= open_q[moved_channel_q] && moved_to_q >= gap_behind[moved_channel_q];
    end
    if (expected_write) expected[expected_channel] <= expected_new;
    if (!init_q[3]) init_q <= init_q + 4'd1;

    // ---- The output.
    if (sent) begin
      if (message) begin
        messages_q <= messages_q + 64'd1;
        if (line_q == 2'(INJECTED)) recovered_q <= recovered_q + 64'd1;
        seq_q <= seq_q + 64'd1;
        left_q <= left_q - 16'd1;
        addr_q <= addr_q + 16'd1;
      end
      if (finish) busy_q <= 1'b0;
    end

    if (refuse) strange_q[3*c+:3] <= strange_q[3*c+:3] + 3'd1;
    else if (strange_q != '0 && (talk || hold)) strange_q[3*c+:3] <= 3'd0;

    if (talk && !refuse) begin
      busy_q <= 1'b1;
      channel_q <= c;
      ns_q <= cand.ns;
      cycle_q <= cand.cycle;
      session_q <= cand.session;
      line_q <= pick;
      turn_q <= turn_q + 2'd1 == 2'(LINES) ? 2'd0 : turn_q + 2'd1;
      if (deliver) begin
        op_q <= wt_pkg::OP_NOP;
        seq_q <= expected_now;
        left_q <= new_q[16*pick+:16];
        addr_q <= first_addr + 16'd1;
        moved_q <= 1'b1;
      end else if (session) begin
        op_q <= wt_pkg::OP_SESSION;
        seq_q <= cand.seq;
        event_q <= known_q[c] ? wt_schema_pkg::SESSION_EVENT_CHANGE : wt_schema_pkg::SESSION_EVENT_START;
        sessions[c] <= {session_now, cand.session};
        known_q[c] <= 1'b1;
        two_q[c] <= known_q[c];
        ended_q[c] <= 1'b0;
        if (known_q[c]) begin
          open_q[c] <= 1'b0;
          moved_q <= 1'b1;
        end
      end else begin
        op_q <= cand.fin && !ended_q[c] ? wt_pkg::OP_SESSION : wt_pkg::OP_HEARTBEAT;
        seq_q <= expected_now;
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
    end
    // Held for the first time, or a gap announced.
    if ((hold && !held_q[c] && !open_q[c]) || (give && !due_lost_q))
      since[pick_ahead != '0 ? c : due_channel_q] <= time_ns_i;
    if (reached) begin
      held_q[moved_channel_q] <= 1'b0;
      for (k = 0; k < LINES; k = k + 1) line_held_q[8*k+{29'd0, moved_channel_q}] <= 1'b0;
    end
    if (settled_q && closed_q) begin
      open_q[moved_channel_q] <= 1'b0;
      filled_q <= !moved_lost_q;
      filled_channel_q <= moved_channel_q;
      filled_to_q <= moved_to_q;
    end

    // ---- Gaps.
    add_missed_q <= 1'b0;
    if (add_missed_q) missed_q <= missed_q + missing_q;
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
        moved_q <= 1'b1;
        moved_all_q <= 1'b0;
        moved_lost_q <= 1'b1;
        moved_channel_q <= due_channel_q;
        moved_to_q <= due_to_q;
        gaps_q <= gaps_q + 64'd1;
        add_missed_q <= 1'b1;
      end else begin
        open_q[due_channel_q] <= 1'b1;
        gap_first[due_channel_q] <= due_first_q;
        gap_behind[due_channel_q] <= due_to_q;
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

      t_held_q <= s_held_q && !(change && change_channel == s_channel_q);
      t_channel_q <= s_channel_q;
      t_open_q <= s_open_q;
      t_waits_q <= !s_open_q || gap_timeout_ns_i != 32'd0;
      t_at_q <= s_since_q + {32'd0, s_open_q ? gap_timeout_ns_i : skew_ns_i};
      t_full_q <= s_full_q;
      t_skip_q <= s_skip_q > s_expected_q;
      t_skip_whole_q <= s_skip_q > s_seq_q;
      t_expected_q <= s_expected_q;
      t_seq_q <= s_seq_q;
      t_skip_to_q <= s_skip_q;

      if (t_held_q && !due_q && !(change && change_channel == t_channel_q)
          && (t_lost || (t_over && !t_open_q))) begin
        due_q <= 1'b1;
        due_lost_q <= t_lost;
        due_channel_q <= t_channel_q;
        due_first_q <= t_expected_q;
        due_to_q <= t_lost && !t_whole ? t_skip_to_q : t_seq_q;
      end
      if (t_channel_q == 3'd0) begin
        best_q <= t_held_q && t_waits_q ? t_at_q : '1;
        deadline_q <= best_q;
      end else if (t_held_q && t_waits_q && t_at_q < best_q) best_q <= t_at_q;
    end else begin
      s_held_q <= 1'b0;
      t_held_q <= 1'b0;
    end

    if (rst_i) begin
      busy_q <= 1'b0;
      turn_q <= 2'd0;
      moved_q <= 1'b0;
      filled_q <= 1'b0;
      due_q <= 1'b0;
      known_q <= '0;
      two_q <= '0;
      ended_q <= '0;
      strange_q <= '0;
      held_q <= '0;
      line_held_q <= '0;
      open_q <= '0;
      init_q <= '0;
      look_q <= '0;
      s_channel_q <= '0;
      s_held_q <= 1'b0;
      t_channel_q <= '0;
      t_held_q <= 1'b0;
      settled_q <= 1'b0;
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
