// wt_hash, the table of orders, levels and nodes, from any state at rest in which a key that is followed, any one, is in
// at most one slot, one of its own: whatever is looked up, written, removed, moved and undone, by a user that commits
// where the key is, or, when it is not in the table, to an empty slot of its buckets: a lookup says exactly
// whether the key is there and what was written last, unless it says that it is stale; an insert into
// full buckets moves others, or fails and leaves every one as it was. At rest again the key is in at most one slot, one of its
// own. At 8 slots (two sub-tables of two buckets of two), two moves.
//
// RTL: hdl/book/wt_hash.sv hdl/common/wt_ram_1r1w.sv
// TOP: wt_hash -set KEY_W 4 -set VAL_W 2 -set SLOTS_LOG2 3 -set WAYS 2 -set OWNER_W 1 -set OWNER_LSB 4 -set KICKS 2
// INSIDE: hdl/book/wt_hash.sv
// ENGINE: abc
// WATCH 4x1: f_mem{0}_0 = g_slot[{0}].u_ram.g_any.mem[0]
// WATCH 4x1: f_mem{0}_1 = g_slot[{0}].u_ram.g_any.mem[1]
// PROVE: bounded 20
// COVER: 20
// MUTANT 8: hdl/book/wt_hash.sv: if (b_match) picked = past1_val_q; => ;
// MUTANT 8: hdl/book/wt_hash.sv: a_match_q <= past1_valid_q && past1_key_q == key1_q => a_match_q <= past1_valid_q
// MUTANT 8: hdl/book/wt_hash.sv: stale_o <= commit && (commit_addr == ra0_2_q || commit_addr == ra1_2_q) => stale_o <= 1'b0
// MUTANT 22: hdl/book/wt_hash.sv: state_q <= moves_q == (KW+1)'(1) ? K_IDLE : K_UREAD => state_q <= K_IDLE
// MUTANT 10: hdl/book/wt_hash.sv: empty[s] = !data[EW-1] || dead_i[data[OWNER_LSB+:OWNER_W]] => empty[s] = !data[EW-1]

  wire [EW-1:0] f_mem0_0, f_mem0_1, f_mem1_0, f_mem1_1, f_mem2_0, f_mem2_1, f_mem3_0, f_mem3_1;
  (* anyconst *) reg [KEY_W-1:0] f_key;  // is followed
  reg f_started = 1'b0;
  reg [1:0] f_dead_was;
  reg f_live;                            // it is in the table, with this value
  reg [VAL_W-1:0] f_val;
  reg f_inserting, f_ours;               // an insert moves others; of this key
  reg [VAL_W-1:0] f_new;
  // The lookup on its way: of the key; in sight from the fourth cycle on.
  reg f_look1, f_look2, f_shown, f_shown_full_known;
  reg f_dead1, f_dead2, f_dead3;         // its owner died on the way

  wire f_b0 = hash0(f_key);
  wire f_b1 = hash1(f_key);
  wire f_wb0 = hash0(wkey_i);
  wire f_wb1 = hash1(wkey_i);

  // Slot n (0..3), bucket b: the entry. Valid, of a key, not dead.
  function automatic f_is(input [EW-1:0] e, input [KEY_W-1:0] key, input [1:0] dead);
    f_is = e[EW-1] && e[KEY_W-1:0] == key && !dead[e[OWNER_LSB]];
  endfunction
  function automatic f_empty(input [EW-1:0] e, input [1:0] dead);
    f_empty = !e[EW-1] || dead[e[OWNER_LSB]];
  endfunction
  // {slot, bucket}: 1 where the key is.
  wire [7:0] f_where = {f_is(f_mem3_1, f_key, dead_i), f_is(f_mem3_0, f_key, dead_i), f_is(f_mem2_1, f_key, dead_i), f_is(f_mem2_0, f_key, dead_i),
                        f_is(f_mem1_1, f_key, dead_i), f_is(f_mem1_0, f_key, dead_i), f_is(f_mem0_1, f_key, dead_i), f_is(f_mem0_0, f_key, dead_i)};
  wire [7:0] f_there = {f_is(f_mem3_1, wkey_i, dead_i), f_is(f_mem3_0, wkey_i, dead_i), f_is(f_mem2_1, wkey_i, dead_i), f_is(f_mem2_0, wkey_i, dead_i),
                        f_is(f_mem1_1, wkey_i, dead_i), f_is(f_mem1_0, wkey_i, dead_i), f_is(f_mem0_1, wkey_i, dead_i), f_is(f_mem0_0, wkey_i, dead_i)};
  wire [7:0] f_free = {f_empty(f_mem3_1, dead_i), f_empty(f_mem3_0, dead_i), f_empty(f_mem2_1, dead_i), f_empty(f_mem2_0, dead_i),
                       f_empty(f_mem1_1, dead_i), f_empty(f_mem1_0, dead_i), f_empty(f_mem0_1, dead_i), f_empty(f_mem0_0, dead_i)};
  wire [7:0] f_may = {f_b1, !f_b1, f_b1, !f_b1, f_b0, !f_b0, f_b0, !f_b0};        // its own slots
  wire [7:0] f_wmay = {f_wb1, !f_wb1, f_wb1, !f_wb1, f_wb0, !f_wb0, f_wb0, !f_wb0};
  wire [7:0] f_at = 8'd1 << {loc_i[SW-1:0], commit_addr};                         // where the commit goes
  wire [EW-1:0] f_entry = (f_where[0] ? f_mem0_0 : '0) | (f_where[1] ? f_mem0_1 : '0) | (f_where[2] ? f_mem1_0 : '0) | (f_where[3] ? f_mem1_1 : '0)
                        | (f_where[4] ? f_mem2_0 : '0) | (f_where[5] ? f_mem2_1 : '0) | (f_where[6] ? f_mem3_0 : '0) | (f_where[7] ? f_mem3_1 : '0);
  wire f_here = f_live && !dead_i[f_val[0]];

  // At rest; the key is at most once in the table, where it may be.
  initial assume (state_q == K_IDLE && !looked1_q && !looked2_q && !past1_q);
  initial assume (!f_inserting && !f_look1 && !f_look2 && !f_shown);
  initial assume ((f_where & (f_where - 8'd1)) == 8'd0 && (f_where & ~f_may) == 8'd0 && f_live == (f_where != 8'd0));
  initial assume (!f_live || f_entry[KEY_W+:VAL_W] == f_val);

  always @* begin
    assume (!rst_i);
    if (f_started) assume ((f_dead_was & ~dead_i) == 2'd0);
    // The user.
    if (busy_o) assume (!lookup_i && !write_i && !remove_i && !kick_i);
    assume ({1'b0, write_i} + {1'b0, remove_i} + {1'b0, kick_i} <= 2'd1);
    if (write_i || remove_i) begin
      assume (commit_addr == (loc_i[SW-1] ? f_wb1 : f_wb0));
      assume (f_there != 8'd0 ? (f_at & f_there) != 8'd0 : write_i && (f_at & f_free) != 8'd0);
    end
    if (kick_i) assume (f_there == 8'd0 && (f_free & f_wmay) == 8'd0);
    // Owners of what is committed are alive, and stay so while it is put into its place.
    if (write_i || kick_i) assume (!dead_i[wval_i[0]]);
    if (f_inserting) assume (dead_i == f_dead_was);
    assume (!keep_i);
  end

  always @(posedge clk_i) begin
    f_started <= 1'b1;
    f_dead_was <= dead_i;
    if (f_live && dead_i[f_val[0]]) f_live <= 1'b0;
    if ((write_i || remove_i) && wkey_i == f_key) begin
      f_live <= write_i;
      f_val <= wval_i;
    end
    if (kick_i) begin
      f_inserting <= 1'b1;
      f_ours <= wkey_i == f_key;
      f_new <= wval_i;
    end
    if (f_inserting && !busy_o) begin
      f_inserting <= kick_i;
      if (f_ours && !fail_o && !((write_i || remove_i) && wkey_i == f_key)) begin
        f_live <= 1'b1;
        f_val <= f_new;
      end
    end
    f_look1 <= lookup_i && key_i == f_key;
    f_look2 <= f_look1;
    f_shown <= f_look2;  // in its first cycle
    f_dead1 <= 1'b0;
    f_dead2 <= f_dead1 || dead_i != f_dead_was;
    f_dead3 <= f_dead2 || dead_i != f_dead_was;
  end

  // The insert has ended in this cycle: the key is in, if it was it.
  wire f_now = f_inserting && f_ours && !busy_o && !fail_o ? 1'b1 : f_here;
  wire [VAL_W-1:0] f_now_val = f_inserting && f_ours && !busy_o && !fail_o ? f_new : f_val;

  always @* if (f_started) begin
    // A lookup says what is there.
    if (f_shown && !stale_o && !f_dead3 && dead_i == f_dead_was) begin
      assert (hit_o == f_now);
      if (hit_o) begin
        assert (val_o == f_now_val);
        assert (f_where[{loc_o[SW-1:0], loc_o[SW-1] ? loc_o[SW+BW+:BW] : loc_o[SW+:BW]}]);
      end
      assert (loc_o[SW+:BW] == f_b0 && loc_o[SW+BW+:BW] == f_b1);
      assert (hit_o || full_o == ((f_free & f_may) == 8'd0));
      if (!hit_o && !full_o) assert (f_free[{loc_o[SW-1:0], loc_o[SW-1] ? f_b1 : f_b0}]);
    end
    // At rest nothing is lost, doubled, or where it may not be.
    if (!busy_o) begin
      assert ((f_where & (f_where - 8'd1)) == 8'd0 && (f_where & ~f_may) == 8'd0);
      assert (f_now == (f_where != 8'd0));
      if (f_now) assert (f_entry[KEY_W+:VAL_W] == f_now_val);
    end

    cover (f_inserting && f_ours && !busy_o && fail_o);
    cover (f_inserting && f_ours && !busy_o && !fail_o && moves_q == 2'd2);
    cover (f_inserting && !f_ours && !busy_o && fail_o && f_live);
    cover (f_shown && stale_o && f_here);
    cover (f_shown && !stale_o && hit_o && f_val == 2'd2);
  end
