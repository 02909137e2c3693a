// wt_arbiter, any number of datagrams of any content on two lines, any timers and skips: of any one channel, messages are
// delivered in sequence, each once: the number behind the last, or behind a gap that was told (with its exact
// first and count; a gap never goes back), or the first of a session that has changed.
//
// A line keeps its candidate until it is told to go on, or walks again (wt_hold); numbers are below 2^62; a
// datagram has fewer than 2^16 messages.
//
// RTL: hdl/feed/wt_arbiter.sv hdl/feed/wt_judge.sv
// TOP: wt_arbiter -set LINES 2
// INSIDE: hdl/feed/wt_arbiter.sv
// PROVE: induction 1
// ENGINE: abc
// COVER: 24
// MUTANT 20: hdl/feed/wt_judge.sv: new_o = cand_i.behind[15:0] - expected_i[15:0] => new_o = cand_i.behind[15:0] - cand_i.seq[15:0]
// MUTANT 20: hdl/feed/wt_judge.sv: behind = cand_i.behind <= expected_i => behind = cand_i.behind < expected_i

  (* anyconst *) reg [2:0] f_c;  // the channel that is followed
  (* anyconst *) reg [63:0] f_start;
  reg f_started = 1'b0;
  reg [63:0] f_next;              // the number that it must deliver next
  reg f_known;                    // it has a session
  reg [1:0] f_keeps;              // the line has kept its candidate
  wt_pkg::cand_t f_was_0, f_was_1;

  wire f_ours = busy_q && channel_q == f_c;
  wire f_sent = sent && channel_q == f_c;
  wire f_change = f_sent && op_q == wt_pkg::OP_SESSION && event_q == wt_schema_pkg::SESSION_EVENT_CHANGE;

  always @(posedge clk_i) begin
    f_started <= 1'b1;
    f_was_0 <= cand_0_i;
    f_was_1 <= cand_1_i;
    f_keeps <= rst_i ? 2'd0 : cand_valid_i & ~next_o & ~restart_o;
    if (f_sent && message) f_next <= seq_q + 64'd1;
    if (f_sent && op_q == wt_pkg::OP_GAP) f_next <= seq_q;
    if (f_change) f_next <= seq_q;
    if (rst_i) f_next <= f_start;
  end

  // Around it.
  always @* begin
    if (!f_started) assume (rst_i);
    assume (start_seq_i[64*f_c+:64] == f_start && f_start < 64'h4000_0000_0000_0000);
    assume (skip_to_i[64*f_c+:64] < 64'h4000_0000_0000_0000);
    if (f_keeps[0]) assume (cand_valid_i[0] && cand_0_i == f_was_0);
    if (f_keeps[1]) assume (cand_valid_i[1] && cand_1_i == f_was_1);
    if (rst_i) assume (cand_valid_i == 2'd0);
    assume (cand_0_i.seq < 64'h4000_0000_0000_0000 && cand_0_i.behind - cand_0_i.seq < 64'h1_0000);
    assume (cand_1_i.seq < 64'h4000_0000_0000_0000 && cand_1_i.behind - cand_1_i.seq < 64'h1_0000);
    assume (cand_0_i.marker == (cand_0_i.behind == cand_0_i.seq));
    assume (cand_1_i.marker == (cand_1_i.behind == cand_1_i.seq));
  end

  // The channel's places in the tables.
  wire [63:0] f_expected = expected[f_c];
  wire [63:0] f_held_seq = held_seq[f_c];
  wire f_moves = moves && moved_channel_q == f_c;
  wire f_init = init_q[3] || init_q[2:0] > f_c;

  always @* if (f_started && !rst_i) begin
    // What the user may rely on.
    if (f_ours && message) assert (seq_q == f_next);
    if (f_ours && op_q == wt_pkg::OP_GAP) assert (first_q == f_next && seq_q > first_q && missing_q == seq_q - first_q);

    // What makes it inductive.
    if (!init_q[3]) assert (!g_line[0].of_valid_q && !g_line[1].of_valid_q && f_next == f_start && !busy_q && ready_q == 2'd0 && held_q == 8'd0 && !due_q && !moves && !filled_q);
    if (f_init) begin
      if (f_ours && message) assert (left_q != 16'd0 && f_expected == seq_q + {48'd0, left_q});
      else if (f_ours && (op_q == wt_pkg::OP_GAP || (op_q == wt_pkg::OP_SESSION && event_q == wt_schema_pkg::SESSION_EVENT_CHANGE)))
        assert (f_expected == seq_q);
      else assert (f_expected == f_next);
      assert (f_expected < 64'h4000_0000_0001_0000);
    end
    if (busy_q) assert (op_q == wt_pkg::OP_NOP || op_q == wt_pkg::OP_GAP || op_q == wt_pkg::OP_GAP_NOTE
                        || op_q == wt_pkg::OP_HEARTBEAT || op_q == wt_pkg::OP_SESSION);
    if (held_q[f_c] && !f_moves) assert (f_held_seq > f_expected);
    if (held_q[f_c]) assert (f_held_seq < 64'h4000_0000_0000_0000);
    assert (!moved_q || !settled_q);
    if (f_moves && !moved_all_q) assert (moved_to_q == f_expected);
    if (settled_q && f_moves) assert (reached_q == (held_q[f_c] && (moved_all_q || moved_to_q >= f_held_seq)));
    // A datagram that has been judged, or is to be: nothing has changed since.
    assert ((ready_q & ~cand_valid_i) == 2'd0 && (ready_q & ~f_keeps) == 2'd0);
    if (g_line[0].of_valid_q && g_line[0].of_channel_q == f_c)
      assert (expected_of_q[63:0] == f_expected && g_line[0].held_of_q == held_q[f_c] && g_line[0].held_seq_of_q == f_held_seq);
    if (g_line[1].of_valid_q && g_line[1].of_channel_q == f_c)
      assert (expected_of_q[127:64] == f_expected && g_line[1].held_of_q == held_q[f_c] && g_line[1].held_seq_of_q == f_held_seq);
    if (ready_q[0]) assert (g_line[0].of_valid_q && g_line[0].of_channel_q == cand_0_i.channel);
    if (ready_q[0] && cand_0_i.channel == f_c) begin
      if (kind_q[2:0] == wt_pkg::IS_NEXT)
        assert (cand_0_i.seq <= expected_of_q[63:0] && cand_0_i.behind > expected_of_q[63:0] && new_q[15:0] == 16'(cand_0_i.behind - expected_of_q[63:0]));
      if (kind_q[2:0] == wt_pkg::IS_AHEAD)
        assert (cand_0_i.seq > expected_of_q[63:0] && earlier_q[0] == (!g_line[0].held_of_q || cand_0_i.seq < g_line[0].held_seq_of_q));
    end
    if (ready_q[1]) assert (g_line[1].of_valid_q && g_line[1].of_channel_q == cand_1_i.channel);
    if (ready_q[1] && cand_1_i.channel == f_c) begin
      if (kind_q[5:3] == wt_pkg::IS_NEXT)
        assert (cand_1_i.seq <= expected_of_q[127:64] && cand_1_i.behind > expected_of_q[127:64] && new_q[31:16] == 16'(cand_1_i.behind - expected_of_q[127:64]));
      if (kind_q[5:3] == wt_pkg::IS_AHEAD)
        assert (cand_1_i.seq > expected_of_q[127:64] && earlier_q[1] == (!g_line[1].held_of_q || cand_1_i.seq < g_line[1].held_seq_of_q));
    end
    // Timers: what they have seen of the channel is as it was.
    if (s_held_q && s_channel_q == f_c) assert (held_q[f_c] && !f_moves && s_expected_q == f_expected && s_seq_q == f_held_seq && s_skip_q < 64'h4000_0000_0000_0000);
    if (t_held_q && t_channel_q == f_c) begin
      assert (held_q[f_c] && !f_moves && t_expected_q == f_expected && t_seq_q == f_held_seq);
      assert (t_skip_q == (t_skip_to_q > t_expected_q) && t_skip_to_q < 64'h4000_0000_0000_0000);
    end
    if (due_q && due_channel_q == f_c)
      assert (held_q[f_c] && !f_moves && due_first_q == f_expected && due_to_q > due_first_q && due_to_q < 64'h4000_0000_0000_0000);

    cover (f_sent && message && line_q == 2'd1 && seq_q == f_start + 64'd3);
    cover (f_sent && op_q == wt_pkg::OP_GAP && missing_q == 64'd5);
    cover (f_change);
  end
