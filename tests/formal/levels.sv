// wt_levels, from any consistent book at rest, one operation of any kind, in the 13 cycles from it on: the best is the
// extreme of the levels that are occupied, with its orders and shares, and a BBO event is due exactly when that differs
// from before; when it is at rest again within these, the tables, the nodes of the trie, its root, and the best and
// second best at hand are those of the levels occupied. Of one side, any of the two, with levels at three prices, any of
// them occupied, the second best known or not: two below one penny and a whole penny under another root, so that
// every node above them comes and goes. Adds, reductions, deletes, replaces, operations that leave the book alone, a
// replace that is called back, and a result that waits; at most three orders and 15 shares a level. A search that goes up
// and down through the root ends later than that; it, and an operation that comes while another is under way, are left to
// the benches.
//
// Registers of the pipeline begin at 0. The bits of a node at any price are proven by `nodes`. The hash tables are cut
// out: in their place stands a table that does what `hash` proves of them, with room, and that is used as `hash` demands. A
// price stands for itself, not multiplied out.
//
// RTL: hdl/common/wt_settle.sv hdl/book/wt_levels.sv hdl/book/wt_level_sides.sv hdl/book/wt_level_nodes.sv
// EDIT: hdl/book/wt_levels.sv: price_of = 32'(32'(code[32:7]) * 32'd100) + {25'd0, code[6:0]}; => price_of = {code[32], code[30:0]};
// WATCH: dut.u_levels.f_x = f_x
// WATCH: dut.u_levels.f_sell = f_sell
// WATCH: dut.u_nodes.f_x = f_x
// WATCH: dut.u_nodes.f_sell = f_sell
// WATCH: dut.u_sides.g_two.u_bid.f_at = f_zero
// WATCH: dut.u_sides.g_two.u_ask.f_at = f_zero
// WATCH: dut.u_count.f_at = f_zero
// WATCH: dut.u_root.f_at = f_root_at
// WATCH: dut.u_levels.f_first = f_first
// WATCH: dut.u_levels.f_valid = f_lv_must
// WATCH: dut.u_levels.f_bits = f_lv_bits_must
// WATCH: dut.u_nodes.f_first = f_first
// WATCH: dut.u_nodes.f_valid = f_nd_must
// WATCH: dut.u_nodes.f_bits = f_nd_bits_must
// WATCH: dut.u_sides.g_two.u_bid.f_first = f_first
// WATCH: dut.u_sides.g_two.u_bid.f_word = f_bid_must
// WATCH: dut.u_sides.g_two.u_ask.f_first = f_first
// WATCH: dut.u_sides.g_two.u_ask.f_word = f_ask_must
// WATCH: dut.u_root.f_first = f_first
// WATCH: dut.u_root.f_word = f_root_must
// WATCH: dut.u_count.f_first = f_first
// WATCH: dut.u_count.f_word = f_count_must
// WATCH: f_lv_valid = dut.u_levels.valid
// WATCH: f_lv_bits = dut.u_levels.bits
// WATCH: f_lv_looks = dut.u_levels.looks
// WATCH: f_nd_valid = dut.u_nodes.valid
// WATCH: f_nd_bits = dut.u_nodes.bits
// WATCH: f_nd_looks = dut.u_nodes.looks
// WATCH: f_root = dut.u_root.word
// WATCH: f_bid = dut.u_sides.g_two.u_bid.word
// WATCH: f_ask = dut.u_sides.g_two.u_ask.word
// WATCH: f_state = dut.state_q
// WATCH: f_background = dut.background_q
// WATCH: f_st_valid = dut.st_valid_q
// WATCH: f_fresh = dut.fresh_q
// WATCH: f_asked1 = dut.asked1_q
// WATCH: f_asked2 = dut.asked2_q
// WATCH: f_nd_shown = dut.shown_q
// WATCH: f_dead = dut.dead_q
// WATCH: f_void = dut.void_q
// WATCH: f_stale = dut.stale_q
// WATCH: f_pending = dut.pending_q
// WATCH: f_pending_sym = dut.pending_sym_q
// PREP: setattr -set init 5'd1 fv_levels/dut.state_q; zinit -all; setundef -zero; opt -full
// ENGINE: abc
// SWEEP: yes
// PROVE: bounded 13
// COVER: 30
// MUTANT 20: hdl/book/wt_level_sides.sv: before_second_q <= know_cmp == SEC_NONE || => before_second_q <= know_cmp != SEC_NONE ||
// MUTANT 20: hdl/book/wt_level_sides.sv: sec_new  = gone_i ? '0 : level; => sec_new  = level;
// MUTANT 20: hdl/book/wt_levels.sv: over       = sum[32] && !less_q => over       = sum[32]
// MUTANT 20: hdl/book/wt_level_sides.sv: know_new = top_q[48:32] != 17'd0 ? SEC_KNOWN : SEC_NONE => know_new = SEC_KNOWN

// Both tables. A slot is of a key: levels 0..2 of the three prices, nodes 4 * depth + 0..2 of the lowest of the prices that
// has it. Its value holds only the bits that can be set.
module wt_table #(
    parameter int unsigned STEPS = 1,
    parameter int unsigned KEY_W = 64,
    parameter int unsigned VAL_W = 32,
    parameter int unsigned SLOTS_LOG2 = 16,
    parameter int unsigned WAYS = 4,
    parameter int unsigned OWNER_W = 6,
    parameter int unsigned OWNER_LSB = 64,
    parameter int unsigned KICKS = 64,
    localparam int unsigned BW = SLOTS_LOG2 - $clog2(2 * WAYS),
    localparam int unsigned LOC_W = 2 * BW + $clog2(2 * WAYS),
    localparam int unsigned N = VAL_W == 128 ? 16 : 4
) (
    input  logic                  clk_i, rst_i,
    output logic                  ready_o,
    input  logic [2**OWNER_W-1:0] dead_i,
    input  logic                  lookup_i,
    input  logic [KEY_W-1:0]      key_i,
    input  logic                  keep_i,
    output logic                  hit_o, full_o,
    output logic [VAL_W-1:0]      val_o,
    output logic [LOC_W-1:0]      loc_o,
    output logic                  stale_o,
    input  logic                  write_i, remove_i, kick_i,
    input  logic [LOC_W-1:0]      loc_i,
    input  logic [KEY_W-1:0]      wkey_i,
    input  logic [VAL_W-1:0]      wval_i,
    output logic                  busy_o, fail_o
);
  (* keep *) wire [20:0] f_x;
  (* keep *) wire f_sell;
  // What it begins with: a consistent state need not be searched for.
  (* keep *) wire f_first;
  (* keep *) wire [N-1:0] f_valid;
  (* keep *) wire [8*N-1:0] f_bits;
  reg [N-1:0] valid_q;
  reg [8*N-1:0] bits_q;
  (* keep *) wire [N-1:0] valid = f_first ? f_valid : valid_q;
  (* keep *) wire [8*N-1:0] bits = f_first ? f_bits : bits_q;
  reg looked1, looked2;
  (* keep *) wire [1:0] looks = {looked2, looked1};
  reg [N-1:0] which1, which2;
  (* anyseq *) reg f_stale;
  assign ready_o = 1'b1;
  assign busy_o = 1'b0;
  assign fail_o = 1'b0;
  assign full_o = 1'b0;

  wire [32:0] p [0:2];
  assign p[0] = fv_code(f_x[6:0]);
  assign p[1] = fv_code(f_x[13:7]);
  assign p[2] = fv_code(f_x[20:14]);
  function automatic [32:0] fv_code(input [6:0] x);
    fv_code = {x[6], 5'b01101, x[5], 6'b010110, 2'b01, x[4], 4'b0111, x[3], 2'b10, x[2], 2'b01, 1'b0, x[1], 4'b0000, x[0]};
  endfunction
  // Key n, 0 when the slot is of none.
  function automatic [31:0] fv_node(input [32:0] code, input [1:0] depth);
    fv_node = depth == 2'd0 ? {3'd0, f_sell, 2'd0, code[32:7] >> 6} : depth == 2'd1 ? {3'd0, f_sell, 2'd1, code[32:7] >> 13} :
              depth == 2'd2 ? {3'd0, f_sell, 2'd2, code[32:7] >> 20} : {3'd0, f_sell, 2'd3, code[32:7]};
  endfunction
  function automatic [VAL_W-1:0] fv_wide(input [7:0] b, input [1:0] depth);
    fv_wide = '0;
    if (VAL_W != 128) fv_wide[48:0] = {15'd0, b[5:4], 28'd0, b[3:0]};
    else case (depth)
      2'd0: {fv_wide[117], fv_wide[113], fv_wide[85], fv_wide[81], fv_wide[53], fv_wide[49], fv_wide[21], fv_wide[17]} = b;
      2'd1: {fv_wide[55], fv_wide[39]} = b[1:0];
      2'd2: {fv_wide[86], fv_wide[22]} = b[1:0];
      default: {fv_wide[33], fv_wide[32], fv_wide[1]} = b[3:1];
    endcase
  endfunction
  function automatic [7:0] fv_packed(input [VAL_W-1:0] v, input [1:0] depth);
    fv_packed = 8'd0;
    if (VAL_W != 128) fv_packed = {2'd0, v[33:32], v[3:0]};
    else case (depth)
      2'd0: fv_packed = {v[117], v[113], v[85], v[81], v[53], v[49], v[21], v[17]};
      2'd1: fv_packed = {6'd0, v[55], v[39]};
      2'd2: fv_packed = {6'd0, v[86], v[22]};
      default: fv_packed = {4'd0, v[33], v[32], v[1], 1'b0};
    endcase
  endfunction
  // The slots of a key: one, or none.
  function automatic [N-1:0] fv_slot(input [KEY_W-1:0] key);
    integer k, d;
    fv_slot = '0;
    for (k = 2; k >= 0; k = k - 1)
      if (VAL_W != 128) begin
        if (key == KEY_W'({1'b0, f_sell, p[k]})) fv_slot = N'(1) << k;
      end else
        for (d = 0; d < 4; d = d + 1)
          if (key == KEY_W'(fv_node(p[k], d[1:0]))) fv_slot = N'(1) << (4 * d + k);
  endfunction

  wire [N-1:0] wslot = fv_slot(wkey_i);
  wire [N-1:0] commit = write_i || remove_i ? N'(1) << loc_i[$clog2(N)-1:0] : '0;
  integer i;
  reg [VAL_W-1:0] value;
  reg [$clog2(N)-1:0] place;
  always @* begin
    value = '0;
    place = '0;
    for (i = 0; i < N; i = i + 1)
      if (which2[i]) begin
        if (valid[i]) value = value | fv_wide(bits[8*i+:8], i[3:2]);
        place = place | i[$clog2(N)-1:0];
      end
  end
  // A lookup is answered from what was written up to the cycle after it.
  always @(posedge clk_i) begin
    looked1 <= lookup_i;
    looked2 <= looked1;
    if (lookup_i) which1 <= fv_slot(key_i);
    which2 <= which1;
    if (looked2) begin
      hit_o <= (which2 & valid) != '0;
      val_o <= value;
      loc_o <= LOC_W'({which2 == '0, place});
      // Outdated by the commit of this cycle for sure, or perhaps.
      stale_o <= (write_i || remove_i) && (f_stale || (commit & which2) != '0);
    end
    valid_q <= (valid & ~commit) | (write_i ? commit : '0);
    for (i = 0; i < N; i = i + 1) bits_q[8*i+:8] <= commit[i] && write_i ? fv_packed(wval_i, i[3:2]) : bits[8*i+:8];
  end
  // Used as it wants to be.
  always @* begin
    assert (!kick_i);
    assert (!(write_i && remove_i));
    if (write_i || remove_i) assert (loc_i[LOC_W-1:$clog2(N)] == '0 && commit == wslot);
    if (remove_i) assert ((valid & commit) != '0);
    if (write_i) assert (fv_wide(fv_packed(wval_i, loc_i[3:2]), loc_i[3:2]) == wval_i);
  end
endmodule

// One word; any other is anything.
module wt_ram_fwd #(
    parameter int unsigned WIDTH = 32,
    parameter int unsigned ADDR_W = 8,
    parameter bit FORWARD = 1'b1
) (
    input  logic              clk_i,
    input  logic              wr_en_i,
    input  logic [ADDR_W-1:0] wr_addr_i,
    input  logic [WIDTH-1:0]  wr_data_i,
    input  logic              rd_en_i,
    input  logic [ADDR_W-1:0] rd_addr_i,
    output logic [WIDTH-1:0]  rd_data_o
);
  (* keep *) wire [ADDR_W-1:0] f_at;
  (* keep *) wire f_first;
  (* keep *) wire [WIDTH-1:0] f_word;
  reg [WIDTH-1:0] word_q;
  (* keep *) wire [WIDTH-1:0] word = f_first ? f_word : word_q;
  (* anyseq *) reg [WIDTH-1:0] f_other;
  wire wr = wr_en_i && wr_addr_i == f_at;
  always @(posedge clk_i) begin
    word_q <= wr ? wr_data_i : word;
    if (rd_en_i) rd_data_o <= rd_addr_i != f_at ? f_other : wr ? wr_data_i : word;
  end
endmodule

module fv_levels #(parameter OPS = 1) (
    input logic clk_i
);
  (* anyconst *) reg f_sell;
  // The prices, lowest first: one bit of the root and of depths 2 and 1 each, two of depth 0 and of what is below a penny.
  (* keep *) wire [20:0] f_x = {7'b1101000, 7'b0010010, 7'b0010001};
  (* keep *) wire f_zero = 1'b0;
  (* keep *) wire [1:0] f_root_at = {1'b0, f_sell};
  reg f_started = 1'b0;
  (* keep *) wire f_first = !f_started;

  // ---------------------------------------------------------------- wt_levels

  (* anyseq *) reg in_valid_i, in_cancel_i, in_rem_i, in_gone_i, in_add_i, result_ready_i;
  (* anyseq *) reg [1:0] f_from, f_to;  // shares leave a level, shares join one
  (* anyseq *) reg [1:0] f_less, f_more;
  wire in_ready_o, result_valid_o;
  wire wt_pkg::result_t result_o;
  wire [32:0] f_p0 = fv_code(f_x[6:0]);
  wire [32:0] f_p1 = fv_code(f_x[13:7]);
  wire [32:0] f_p2 = fv_code(f_x[20:14]);
  function automatic [32:0] fv_code(input [6:0] x);
    fv_code = {x[6], 5'b01101, x[5], 6'b010110, 2'b01, x[4], 4'b0111, x[3], 2'b10, x[2], 2'b01, 1'b0, x[1], 4'b0000, x[0]};
  endfunction
  wire [32:0] f_from_code = f_from == 2'd0 ? f_p0 : f_from == 2'd1 ? f_p1 : f_p2;
  wire [32:0] f_to_code = f_to == 2'd0 ? f_p0 : f_to == 2'd1 ? f_p1 : f_p2;

  wt_levels #(
      .SYM_W(1),
      .LEVEL_SLOTS_LOG2(8),
      .NODE_SLOTS_LOG2(8)
  ) dut (
      .clk_i(clk_i), .go_i(1'b1), .rst_i(1'b0), .ready_o(), .idle_o(), .drained_o(), .dead_o(), .void_o(),
      .in_valid_i(in_valid_i), .in_ready_o(in_ready_o), .in_cancel_i(in_cancel_i), .in_forward_i(1'b1), .in_hw_i(1'b1),
      .in_soft_i(1'b0), .in_bind_i(1'b0), .in_sym_i(1'b0), .in_sell_i(f_sell), .in_rem_i(in_rem_i), .in_gone_i(in_gone_i),
      .in_code_i(in_rem_i ? f_from_code : f_to_code), .in_rem_shares_i({30'd0, f_less}), .in_add_i(in_add_i),
      .in_add_code_i(f_to_code), .in_add_shares_i({30'd0, f_more}), .in_trade_i(1'b0), .in_trade_own_i(1'b0),
      .in_trade_sell_i(1'b0), .in_trade_price_i(32'd0), .in_unknown_i(1'b0), .in_excess_i(1'b0), .in_zero_i(1'b0),
      .in_stale_i(1'b0), .in_soft_now_i(1'b0), .in_all_i(1'b0), .in_channel_i(3'd0), .in_cause_i(8'd0), .in_load_i(1'b0),
      .in_join_i(2'd0), .in_other_i(1'b0), .in_other_sym_i(1'b0),
      .result_valid_o(result_valid_o), .result_ready_i(result_ready_i), .result_o(result_o), .orders_live_o(), .orders_peak_o()
  );

  // ---------------------------------------------------------------- the book as it must be

  // Orders and shares of the three levels. They change a cycle after an operation was taken.
  reg [1:0] f_o0_q, f_o1_q, f_o2_q;
  reg [3:0] f_s0_q, f_s1_q, f_s2_q;
  (* anyconst *) reg [17:0] f_begin;
  wire [1:0] f_o0, f_o1, f_o2;
  wire [3:0] f_s0, f_s1, f_s2;
  assign {f_o0, f_o1, f_o2, f_s0, f_s1, f_s2} = f_first ? f_begin : {f_o0_q, f_o1_q, f_o2_q, f_s0_q, f_s1_q, f_s2_q};
  reg f_taken;                 // an operation was taken in the cycle before; this one:
  reg f_rem, f_gone, f_add;
  reg [1:0] f_a, f_b, f_l, f_m;
  wire [1:0] f_n0 = f_o0 - {1'b0, f_rem && f_gone && f_a == 2'd0} + {1'b0, f_add && f_b == 2'd0};
  wire [1:0] f_n1 = f_o1 - {1'b0, f_rem && f_gone && f_a == 2'd1} + {1'b0, f_add && f_b == 2'd1};
  wire [1:0] f_n2 = f_o2 - {1'b0, f_rem && f_gone && f_a == 2'd2} + {1'b0, f_add && f_b == 2'd2};
  wire [3:0] f_t0 = f_s0 - (f_rem && f_a == 2'd0 ? {2'd0, f_l} : 4'd0) + (f_add && f_b == 2'd0 ? {2'd0, f_m} : 4'd0);
  wire [3:0] f_t1 = f_s1 - (f_rem && f_a == 2'd1 ? {2'd0, f_l} : 4'd0) + (f_add && f_b == 2'd1 ? {2'd0, f_m} : 4'd0);
  wire [3:0] f_t2 = f_s2 - (f_rem && f_a == 2'd2 ? {2'd0, f_l} : 4'd0) + (f_add && f_b == 2'd2 ? {2'd0, f_m} : 4'd0);

  // A level: {price, orders, shares}, 0 when not occupied. The best and the second best of three, the lowest first.
  function automatic [38:0] fv_level(input [32:0] code, input [1:0] orders, input [3:0] shares);
    fv_level = orders == 2'd0 ? 39'd0 : {code, orders, shares};
  endfunction
  function automatic [38:0] fv_first(input [38:0] x, input [38:0] y, input [38:0] z);
    fv_first = x[5:4] != 2'd0 ? x : y[5:4] != 2'd0 ? y : z;
  endfunction
  function automatic [38:0] fv_next(input [38:0] x, input [38:0] y, input [38:0] z);
    fv_next = x[5:4] != 2'd0 ? (y[5:4] != 2'd0 ? y : z) : y[5:4] != 2'd0 ? z : 39'd0;
  endfunction
  wire [38:0] f_l0 = f_sell ? fv_level(f_p0, f_o0, f_s0) : fv_level(f_p2, f_o2, f_s2);
  wire [38:0] f_l1 = fv_level(f_p1, f_o1, f_s1);
  wire [38:0] f_l2 = f_sell ? fv_level(f_p2, f_o2, f_s2) : fv_level(f_p0, f_o0, f_s0);
  wire [38:0] f_was = fv_first(f_l0, f_l1, f_l2);
  wire [38:0] f_second = fv_next(f_l0, f_l1, f_l2);
  wire [38:0] f_best = f_sell ? fv_first(fv_level(f_p0, f_n0, f_t0), fv_level(f_p1, f_n1, f_t1), fv_level(f_p2, f_n2, f_t2))
                              : fv_first(fv_level(f_p2, f_n2, f_t2), fv_level(f_p1, f_n1, f_t1), fv_level(f_p0, f_n0, f_t0));

  // What the results must be, in order: {legs, BBO event, best}.
  reg [40:0] f_due0, f_due1, f_due2;
  reg [1:0] f_dues;
  wire f_legs = f_rem || f_add;
  wire [40:0] f_result = {f_legs, f_legs && f_was != f_best, f_best};
  wire f_push = f_taken && !in_cancel_i;
  wire f_pop = result_valid_o && result_ready_i;
  (* anyconst *) reg [80:0] f_other;  // best of the other side, which rests: {price, orders, shares}

  // Operations, at most OPS, not counting what was called back.
  (* anyconst *) reg [1:0] f_k;
  reg [1:0] f_ops = 2'd0;
  wire [1:0] f_ops_now = f_ops - {1'b0, in_cancel_i};
  always @(posedge clk_i) begin
    f_started <= 1'b1;
    f_ops <= f_ops_now + {1'b0, in_valid_i && in_ready_o};
    f_taken <= in_valid_i && in_ready_o;
    f_rem <= in_rem_i;
    f_gone <= in_gone_i;
    f_add <= in_add_i;
    f_a <= f_from;
    f_b <= f_to;
    f_l <= f_less;
    f_m <= f_more;
    {f_o0_q, f_o1_q, f_o2_q} <= f_push ? {f_n0, f_n1, f_n2} : {f_o0, f_o1, f_o2};
    {f_s0_q, f_s1_q, f_s2_q} <= f_push ? {f_t0, f_t1, f_t2} : {f_s0, f_s1, f_s2};
    f_dues <= f_dues + {1'b0, f_push} - {1'b0, f_pop};
    if (f_pop) {f_due0, f_due1} <= {f_due1, f_due2};
    if (f_push) case (f_dues - {1'b0, f_pop})
      2'd0: f_due0 <= f_result;
      2'd1: f_due1 <= f_result;
      default: f_due2 <= f_result;
    endcase
  end

  // The order stage. Orders have shares: what stays at a level is at least one for each.
  wire [1:0] f_from_o = f_from == 2'd0 ? f_o0 : f_from == 2'd1 ? f_o1 : f_o2;
  wire [3:0] f_from_s = f_from == 2'd0 ? f_s0 : f_from == 2'd1 ? f_s1 : f_s2;
  wire [1:0] f_to_o = f_to == 2'd0 ? f_o0 : f_to == 2'd1 ? f_o1 : f_o2;
  wire [3:0] f_to_s = f_to == 2'd0 ? f_s0 : f_to == 2'd1 ? f_s1 : f_s2;
  wire [3:0] f_rest = f_from_s - {2'd0, f_less};
  always @* begin
    assume (f_x[6:0] < f_x[13:7] && f_x[13:7] < f_x[20:14]);
    assume (f_from != 2'd3 && f_to != 2'd3);
    assume (f_k != 2'd0 && f_k <= OPS);
    if (f_first) assume (in_valid_i);
    if (in_cancel_i) assume (f_taken && f_rem && f_gone && f_add && !in_valid_i);
    if (in_valid_i) begin
      assume (f_ops_now < f_k);
      assume (f_less != 2'd0 && f_more != 2'd0);
      if (in_rem_i) begin
        assume (f_from_o != 2'd0 && f_from_s >= {2'd0, f_less});
        assume (in_gone_i ? (f_from_o == 2'd1 ? f_rest == 4'd0 : f_rest >= {2'd0, f_from_o - 2'd1}) : f_rest >= {2'd0, f_from_o});
        if (in_add_i) assume (in_gone_i);
      end
      if (in_add_i) assume (f_to_o != 2'd3 && f_to_s <= 4'd12);
    end
  end

  // ---------------------------------------------------------------- wt_levels at rest

  (* keep *) wire [3:0] f_lv_valid;
  (* keep *) wire [31:0] f_lv_bits;
  (* keep *) wire [15:0] f_nd_valid;
  (* keep *) wire [127:0] f_nd_bits;
  (* keep *) wire [1:0] f_lv_looks, f_nd_looks;
  (* keep *) wire [63:0] f_root;
  (* keep *) wire [229:0] f_bid, f_ask;
  (* keep *) wire [4:0] f_state;
  (* keep *) wire f_background, f_st_valid, f_fresh, f_asked1, f_asked2, f_nd_shown, f_pending;
  (* keep *) wire f_pending_sym;
  (* keep *) wire [1:0] f_dead, f_void;
  (* keep *) wire [7:0] f_stale;

  wire [229:0] f_side = f_sell ? f_ask : f_bid;
  wire [229:0] f_other_side = f_sell ? f_bid : f_ask;
  // {code, price, orders, shares} of a level.
  function automatic [113:0] fv_top(input [38:0] l);
    fv_top = {l[38:6], l[38], l[36:6], 15'd0, l[5:4], 28'd0, l[3:0]};
  endfunction
  // Node of depth d of price i as it must be: the bits of those prices that are occupied and have the node.
  wire [2:0] f_occupied = {f_o2 != 2'd0, f_o1 != 2'd0, f_o0 != 2'd0};
  function automatic [7:0] fv_bits(input [6:0] x, input [1:0] depth);
    case (depth)
      2'd0: fv_bits = 8'd1 << {x[1:0] != 2'd0, x[3:2]};
      2'd1: fv_bits = 8'd1 << x[4];
      2'd2: fv_bits = 8'd1 << x[5];
      default: fv_bits = x[1:0] != 2'd0 ? 8'd1 << x[1:0] : 8'd0;
    endcase
  endfunction
  function automatic fv_same(input [6:0] x, input [8:0] y, input [1:0] depth);
    fv_same = depth == 2'd0 ? x[6:4] == y[6:4] : depth == 2'd1 ? x[6:5] == y[6:5] : depth == 2'd2 ? x[6] == y[6] : x[6:2] == y[6:2];
  endfunction
  (* keep *) reg [15:0] f_nd_must;
  (* keep *) reg [127:0] f_nd_bits_must;
  integer i, j, d;
  always @* begin
    f_nd_bits_must = '0;
    for (d = 0; d < 4; d = d + 1)
      for (i = 0; i < 3; i = i + 1) begin
        for (j = 0; j < 3; j = j + 1)
          if (f_occupied[j] && fv_same(f_x[7*i+:7], f_x[7*j+:7], d[1:0]))
            f_nd_bits_must[8*(4*d+i)+:8] = f_nd_bits_must[8*(4*d+i)+:8] | fv_bits(f_x[7*j+:7], d[1:0]);
        for (j = 0; j < i; j = j + 1)  // the slot is the lower one's
          if (fv_same(f_x[7*i+:7], f_x[7*j+:7], d[1:0])) f_nd_bits_must[8*(4*d+i)+:8] = 8'd0;
      end
    for (i = 0; i < 16; i = i + 1) f_nd_must[i] = f_nd_bits_must[8*i+:8] != 8'd0;
  end
  function automatic [63:0] fv_root(input x);
    fv_root = 64'd1 << {x, 5'b01101};
  endfunction
  (* keep *) wire [63:0] f_root_must = (f_occupied[0] ? fv_root(f_x[6]) : 64'd0) | (f_occupied[1] ? fv_root(f_x[13]) : 64'd0)
                          | (f_occupied[2] ? fv_root(f_x[20]) : 64'd0);
  (* keep *) wire [3:0] f_lv_must = {1'b0, f_occupied};
  (* keep *) wire [31:0] f_lv_bits_must = {10'd0, f_o2, f_s2, 2'd0, f_o1, f_s1, 2'd0, f_o0, f_s0};
  // Of the second best: there is none, not known, known.
  (* anyconst *) reg f_unknown;
  wire [1:0] f_know_must = f_unknown ? 2'd1 : f_second[5:4] == 2'd0 ? 2'd0 : 2'd2;
  wire [229:0] f_side_must = {f_know_must, f_unknown ? 114'd0 : fv_top(f_second), fv_top(f_was)};
  wire [229:0] f_other_must = {2'd0, 114'd0, 33'd0, f_other};
  (* keep *) wire [229:0] f_bid_must = f_sell ? f_other_must : f_side_must;
  (* keep *) wire [229:0] f_ask_must = f_sell ? f_side_must : f_other_must;
  (* keep *) wire [16:0] f_count_must = 17'd0;

  reg f_bits_ok;
  integer s;
  always @* begin
    f_bits_ok = f_nd_valid == f_nd_must && f_lv_valid == f_lv_must;
    for (s = 0; s < 16; s = s + 1) if (f_nd_valid[s] && f_nd_bits[8*s+:8] != f_nd_bits_must[8*s+:8]) f_bits_ok = 1'b0;
    for (s = 0; s < 4; s = s + 1) if (f_lv_valid[s] && f_lv_bits[8*s+:8] != f_lv_bits_must[8*s+:8]) f_bits_ok = 1'b0;
  end
  wire [1:0] f_know = f_side[229:228];
  wire f_sides_ok = f_side[113:0] == fv_top(f_was) && f_know != 2'd3
                 && (f_know == 2'd2 ? f_second[5:4] != 2'd0 && f_side[227:114] == fv_top(f_second) : f_side[227:114] == 114'd0)
                 && (f_know == 2'd0 ? f_second[5:4] == 2'd0 : f_was[5:4] != 2'd0);
  wire f_alive = f_dead == 2'd0 && f_void == 2'd0 && f_stale == 8'd0 && (!f_pending || !f_pending_sym);
  wire f_consistent = f_bits_ok && f_root == f_root_must && f_sides_ok && f_other_side == f_other_must && f_alive;
  wire f_resting = f_state == 5'd1 && !f_background && !f_st_valid && !f_taken && f_lv_looks == 2'd0 && f_nd_looks == 2'd0;
  wire f_level_ok = (f_o0 == 2'd0 ? f_s0 == 4'd0 : f_s0 >= {2'd0, f_o0}) && (f_o1 == 2'd0 ? f_s1 == 4'd0 : f_s1 >= {2'd0, f_o1})
                 && (f_o2 == 2'd0 ? f_s2 == 4'd0 : f_s2 >= {2'd0, f_o2});

  initial assume (f_resting && f_alive && (!f_unknown || f_was[5:4] != 2'd0) && f_level_ok && f_dues == 2'd0 && !result_valid_o);
  initial assume (!f_fresh && !f_asked1 && !f_asked2 && !f_nd_shown);

  // ---------------------------------------------------------------- what holds

  wire wt_pkg::side_t f_mine = f_sell ? result_o.ask : result_o.bid;
  wire wt_pkg::side_t f_theirs = f_sell ? result_o.bid : result_o.ask;
  always @* begin
    if (result_valid_o) begin
      assert (f_dues != 2'd0);
      assert (result_o.bbo_event == f_due0[39] && !result_o.state_event && result_o.book_state == wt_schema_pkg::BOOK_STATE_VALID);
      if (f_due0[40]) begin
        assert (f_mine.orders == {15'd0, f_due0[5:4]} && f_mine.shares == {28'd0, f_due0[3:0]});
        assert (f_mine.price == {f_due0[38], f_due0[36:6]});
        assert ({f_theirs.price, f_theirs.orders, f_theirs.shares} == f_other);
      end
    end
    assert (f_dues != 2'd3 || !in_ready_o);
    assert (f_level_ok);
    if (f_resting && f_ops_now == f_k) assert (f_consistent && f_dues == {1'b0, result_valid_o});

    cover (f_started && f_resting && f_know == 2'd1);
    cover (!f_background && f_state == 5'd11);
    cover (f_background && f_state == 5'd11);
    cover (f_pop && f_due0[40] && f_due0[5:4] == 2'd0);
    cover (f_occupied == 3'b111 && f_push && f_rem && f_add && f_a != f_b);
  end
endmodule
