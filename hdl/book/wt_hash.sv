// Exact hash table: bucketized cuckoo, two sub-tables with independent hashes, WAYS slots a bucket.
//
// A key lives in one of 2*WAYS slots: WAYS of sub-table 0 at hash0(key), WAYS of sub-table 1 at
// hash1(key). All are read at once, so a lookup never probes. An insert takes the emptier
// bucket; when both are full, residents move to their other bucket (at most KICKS moves). When
// that does not make room either, every move is undone in reverse order and fail_o says so:
// nothing is lost, nothing is half done. Holds 75 % of its slots under churn, with two ways 62 % (bench).
//
// Every entry names its owner (a symbol). Entries of an owner whose dead_i bit is set count as
// empty slots, at once and everywhere: they are neither found nor kept. An owner that died must
// not come back to life before the table was reset.
//
// Latency: lookup in cycle 0, RAM outputs and compare in 1, multiplexer in 2, results from 3 on (held
// until the next lookup's). Lookups may follow each other every cycle. A lookup sees every commit up
// to the cycle after its own: what is written in those two is compared beside the RAMs. A commit another
// cycle later, when it is to one of its buckets, may outdate its results: stale_o says so, with them.
// After reset the table is swept, one cycle a bucket.
module wt_hash #(
    parameter int unsigned KEY_W = 64,       // at most 64
    parameter int unsigned VAL_W = 32,
    parameter int unsigned SLOTS_LOG2 = 16,  // at least 5
    parameter int unsigned WAYS = 4,         // 2 or 4
    parameter int unsigned OWNER_W = 6,      // bits of the owner's index
    parameter int unsigned OWNER_LSB = 64,   // where it starts in {value, key}
    parameter int unsigned KICKS = 64,       // power of two
    parameter bit URAM = 1'b0,               // made of UltraRAM
    // A slot in both buckets: {bucket of sub-table 1, bucket of sub-table 0, sub-table, slot}.
    localparam int unsigned BW = SLOTS_LOG2 - $clog2(2 * WAYS),
    localparam int unsigned LOC_W = 2 * BW + $clog2(2 * WAYS)
) (
    input  logic                  clk_i,
    input  logic                  rst_i,
    // Swept: lookups are taken.
    output logic                  ready_o,
    // Owners whose entries are void.
    input  logic [2**OWNER_W-1:0] dead_i,
    // Lookup; not while busy_o.
    input  logic                  lookup_i,
    input  logic [KEY_W-1:0]      key_i,
    // The results on show are still needed: the lookup of the cycle before is dropped.
    input  logic                  keep_i,
    // Results of the lookup: found, both buckets full (meaningful when not found), value (0 when not found), and where the
    // key is, or would be written.
    output logic                  hit_o,
    output logic                  full_o,
    output logic [VAL_W-1:0]      val_o,
    output logic [LOC_W-1:0]      loc_o,
    output logic                  stale_o,
    // Commit, at most one a cycle and not while busy_o: write {key, value} at loc_i (update, or insert
    // when not full); remove what is at loc_i; insert although full, which sets busy_o from the next
    // cycle on until it is done, fail_o then tells (and holds) whether it failed.
    input  logic                  write_i,
    input  logic                  remove_i,
    input  logic                  kick_i,
    input  logic [LOC_W-1:0]      loc_i,
    input  logic [KEY_W-1:0]      wkey_i,
    input  logic [VAL_W-1:0]      wval_i,
    output logic                  busy_o,
    output logic                  fail_o
);

  localparam int unsigned SLOTS = 2 * WAYS;        // of a lookup
  localparam int unsigned SW = $clog2(SLOTS);
  localparam int unsigned EW = VAL_W + KEY_W + 1;  // {valid, value, key}
  localparam int unsigned KW = $clog2(KICKS);

  typedef enum logic [3:0] {
    K_IDLE,   // lookups and commits
    K_HASH,   // where are the homeless entry's two buckets
    K_READ,   // read them
    K_CMP,    // which slots are empty
    K_PLACE,  // put it into an empty slot, or in place of a resident
    K_UREAD,  // undo: read the slot of the last move
    K_UNDO,   // and swap back
    K_SWEEP
  } state_e;

  // A hash is one linear step (five rotations), one that is not (as in Keccak's chi), and a fold to the
  // bucket's width: about four LUT levels. The rotations were searched for full rank, of either hash and
  // of both together, on the runs of key bits that real keys vary in. Linear hashes alone do not do:
  // on keys in regular steps they split the table into small closed groups of buckets, and one that
  // happens to fill up overflows while the table is half empty (the bench has such keys).
  function automatic logic [BW-1:0] mix(input logic [63:0] x);
    logic [63:0] y;
    y = x ^ ({x[62:0], x[63]} & ~{x[61:0], x[63:62]});
    mix = '0;
    for (int unsigned i = 0; i < 64; i += BW) mix = mix ^ BW'(y >> i);
  endfunction

  function automatic logic [BW-1:0] hash0(input logic [KEY_W-1:0] key);
    logic [63:0] x;
    x = 64'(key);
    hash0 = mix(x ^ {x[53:0], x[63:54]} ^ {x[46:0], x[63:47]} ^ {x[32:0], x[63:33]} ^ {x[25:0], x[63:26]});
  endfunction

  function automatic logic [BW-1:0] hash1(input logic [KEY_W-1:0] key);
    logic [63:0] x;
    x = 64'(key);
    hash1 = mix(x ^ {x[43:0], x[63:44]} ^ {x[27:0], x[63:28]} ^ {x[18:0], x[63:19]} ^ {x[8:0], x[63:9]});
  endfunction

  // Number of the lowest bit set of four, of which one is.
  function automatic logic [1:0] lowest4(input logic [2:0] v);
    lowest4 = {!v[0] && !v[1], !v[0] && (v[1] || !v[2])};
  endfunction

  function automatic logic [2:0] count4(input logic [3:0] v);
    count4 = {2'b0, v[0]} + {2'b0, v[1]} + {2'b0, v[2]} + {2'b0, v[3]};
  endfunction

  state_e state_q;
  logic [BW-1:0] sweep_q;
  logic [BW-1:0] ra0, ra1;        // read addresses
  logic          rd_en;

  // A lookup in its two cycles: RAM outputs (1), multiplexer (2).
  logic             looked1_q, looked2_q;
  logic [KEY_W-1:0] key1_q;
  logic [BW-1:0]    ra0_1_q, ra1_1_q, ra0_2_q, ra1_2_q;
  logic [SLOTS-1:0] empty, match;          // as the RAMs say, and
  logic [SLOTS-1:0] empty_q, match_q;      // the same a cycle later
  logic [SLOTS*VAL_W-1:0] slot_val_q;

  // The commits of the cycle before (1) and the one before that (2).
  logic             past1_q, past1_valid_q;
  logic [SLOTS-1:0] past1_slot_q;
  logic [BW-1:0]    past1_addr_q;
  logic [KEY_W-1:0] past1_key_q;
  logic [VAL_W-1:0] past1_val_q, past2_val_q;
  // Multiplexer: what the commits of the lookup's cycle (a) and of the one behind it (b) say instead of the RAMs.
  logic             a_match_q, a_valid_q, b_key_q;
  logic [SLOTS-1:0] a_slot_q, b_slot_q;

  // The homeless entry and its way through the table.
  logic [EW-1:0]    home_q;
  logic [BW-1:0]    home0_q, home1_q;  // its buckets; the bucket of the move now undone
  logic             side_q;       // sub-table whose resident it replaces next
  logic [KW:0]      moves_q;
  logic [BW+SW-1:0] path [0:KICKS-1];  // {sub-table, slot, bucket} of each move
  logic [BW+SW-1:0] last_q;       // the move now undone
  logic [15:0]      lfsr_q;       // moves only with kicks, so results do not depend on time
  logic             fail_q;

  logic             commit;
  logic [SLOTS-1:0] wr_en;
  logic [BW-1:0]    wa;
  logic [EW-1:0]    wd;

  assign ready_o = state_q != K_SWEEP;
  assign busy_o  = state_q != K_IDLE;
  assign fail_o  = fail_q;
  assign commit  = write_i || remove_i;

  // ---------------------------------------------------------------- read side

  always_comb begin
    rd_en = 1'b0;
    ra0   = home0_q;
    ra1   = home1_q;
    if (lookup_i) begin
      rd_en = 1'b1;
      ra0   = hash0(key_i);
      ra1   = hash1(key_i);
    end else if (state_q == K_READ || state_q == K_UREAD) begin
      rd_en = 1'b1;
    end
  end

  generate
    for (genvar s = 0; s < SLOTS; s++) begin : g_slot
      logic [EW-1:0] data;
      wt_ram_1r1w #(
          .WIDTH   (EW),
          .ADDR_W  (BW),
          .COLLIDES(1'b0),
          .URAM    (URAM)
      ) u_ram (
          .clk_i    (clk_i),
          .wr_en_i  (wr_en[s]),
          .wr_addr_i(wa),
          .wr_data_i(wd),
          .rd_en_i  (rd_en),
          .rd_addr_i(s < WAYS ? ra0 : ra1),
          .rd_data_o(data)
      );
      always_comb begin
        empty[s] = 1'b0;
        match[s] = 1'b0;
        if (looked1_q || state_q == K_CMP) begin
          empty[s] = !data[EW-1] || dead_i[data[OWNER_LSB+:OWNER_W]];
          match[s] = !empty[s] && data[KEY_W-1:0] == key1_q;
        end
      end
      always_ff @(posedge clk_i) if (looked1_q) slot_val_q[s*VAL_W+:VAL_W] <= data[KEY_W+:VAL_W];
    end
  endgenerate

  // Multiplexer. At most one slot has the key, unless the RAM's copy is out of date.
  logic [SLOTS-1:0] now_empty, now_match;
  logic             b_match;
  logic [VAL_W-1:0] picked;
  logic [SLOTS-1:0] live;  // slots that the later commit did not write
  logic [SW-1:0]    match_slot, empty_slot, place_slot, victim;

  always_comb begin
    b_match = 1'b0;
    now_empty = 'x;
    now_match = 'x;
    match_slot = 'x;
    if (looked2_q) begin
      match_slot = '0;
      b_match = past1_q && past1_valid_q && b_key_q;
      now_empty = (empty_q & ~a_slot_q) | (a_slot_q & {SLOTS{!a_valid_q}});
      now_match = (match_q & ~a_slot_q) | (a_slot_q & {SLOTS{a_match_q}});
      if (past1_q) begin
        now_empty = (now_empty & ~b_slot_q) | (b_slot_q & {SLOTS{!past1_valid_q}});
        now_match = (now_match & ~b_slot_q) | (b_slot_q & {SLOTS{b_match}});
      end
      for (int unsigned s = 0; s < SLOTS; s++) if (now_match[s]) match_slot |= SW'(s);
    end
  end

  // A move, or its undoing, takes a resident out in exchange.
  logic          swap;
  logic [SW-1:0] taken;
  logic [EW-1:0] resident;

  generate
    if (WAYS == 4) begin : g_four
      always_comb begin
        empty_slot = 'x;
        if (looked2_q) begin
          if (count4(now_empty[7:4]) > count4(now_empty[3:0])) empty_slot = {1'b1, lowest4(now_empty[6:4])};
          else empty_slot = {1'b0, lowest4(now_empty[2:0])};
        end
      end
      assign victim = {side_q, lfsr_q[1:0]};
      always_comb begin
        resident = 'x;
        if (swap) case (taken)
          3'd0:    resident = g_slot[0].data;
          3'd1:    resident = g_slot[1].data;
          3'd2:    resident = g_slot[2].data;
          3'd3:    resident = g_slot[3].data;
          3'd4:    resident = g_slot[4].data;
          3'd5:    resident = g_slot[5].data;
          3'd6:    resident = g_slot[6].data;
          default: resident = g_slot[7].data;
        endcase
      end
    end else begin : g_two
      always_comb begin
        if (now_empty[3:2] != 2'd0 && (now_empty[1:0] == 2'd0 || (now_empty[3:2] == 2'd3 && now_empty[1:0] != 2'd3)))
          empty_slot = {1'b1, !now_empty[2]};
        else empty_slot = {1'b0, !now_empty[0]};
      end
      assign victim = {side_q, lfsr_q[0]};
      always_comb begin
        resident = 'x;
        if (swap) case (taken)
          2'd0:    resident = g_slot[0].data;
          2'd1:    resident = g_slot[1].data;
          2'd2:    resident = g_slot[2].data;
          default: resident = g_slot[3].data;
        endcase
      end
    end
  endgenerate

  always_comb begin
    picked = 'x;
    live = 'x;
    if (looked2_q) begin
      picked = '0;
      live = past1_q ? ~b_slot_q : '1;
      for (int unsigned s = 0; s < SLOTS; s++)
        if (match_q[s] && !a_slot_q[s] && live[s]) picked |= slot_val_q[s*VAL_W+:VAL_W];
      if (a_match_q && (a_slot_q & live) != '0) picked = past2_val_q;
      if (b_match) picked = past1_val_q;
    end
  end

  logic [BW+SW-1:0] undo;  // the move before the one now undone
  assign undo = path[KW'(moves_q - (KW+1)'(2))];
  assign swap = (state_q == K_PLACE && empty_q == '0 && moves_q != (KW+1)'(KICKS)) || state_q == K_UNDO;
  assign taken = state_q == K_UNDO ? last_q[BW+:SW] : victim;

  // ---------------------------------------------------------------- write side

  always_comb begin
    place_slot = victim;
    if (state_q == K_PLACE)
      for (int unsigned s = 0; s < SLOTS; s++) if (empty_q[s]) place_slot = SW'(s);
  end

  logic [BW-1:0] commit_addr;
  assign commit_addr = loc_i[SW-1] ? loc_i[SW+BW+:BW] : loc_i[SW+:BW];

  always_comb begin
    wr_en = '0;
    wa    = commit_addr;
    wd    = 'x;
    if (commit) begin
      wr_en = SLOTS'(1) << loc_i[SW-1:0];
      wd    = {!remove_i, wval_i, wkey_i};
    end else if (state_q == K_PLACE) begin
      wd = home_q;
      wa = place_slot[SW-1] ? home1_q : home0_q;
      if (empty_q != '0 || moves_q != (KW+1)'(KICKS)) wr_en = SLOTS'(1) << place_slot;
    end else if (state_q == K_UNDO) begin
      wd    = home_q;
      wa    = last_q[BW-1:0];
      wr_en = SLOTS'(1) << last_q[BW+:SW];
    end else if (state_q == K_SWEEP) begin
      wd[EW-1] = 1'b0;
      wa    = sweep_q;
      wr_en = '1;
    end
  end

  always_ff @(posedge clk_i) begin
    looked1_q <= lookup_i;
    looked2_q <= looked1_q && !keep_i;
    if (lookup_i) key1_q <= key_i;
    if (lookup_i) begin
      ra0_1_q <= ra0;
      ra1_1_q <= ra1;
    end
    if (looked1_q || state_q == K_CMP) begin
      empty_q <= empty;
      match_q <= match;
    end

    // Commits on their way past the lookups.
    past1_q <= commit;
    if (commit) begin
      past1_valid_q <= !remove_i;
      past1_slot_q  <= SLOTS'(1) << loc_i[SW-1:0];
      past1_addr_q  <= commit_addr;
      past1_key_q   <= wkey_i;
      past1_val_q   <= wval_i;
    end
    if (past1_q) past2_val_q <= past1_val_q;
    if (looked1_q) begin
      ra0_2_q      <= ra0_1_q;
      ra1_2_q      <= ra1_1_q;
      a_slot_q     <= '0;
      a_match_q    <= 1'b0;
      a_valid_q    <= past1_valid_q;
      if (past1_q) begin
        a_slot_q  <= past1_slot_q & {{WAYS{past1_addr_q == ra1_1_q}}, {WAYS{past1_addr_q == ra0_1_q}}};
        a_match_q <= past1_valid_q && past1_key_q == key1_q;
      end
      // Of a commit that may come in this cycle.
      b_key_q      <= wkey_i == key1_q;
      b_slot_q     <= '0;
      if (commit_addr == (loc_i[SW-1] ? ra1_1_q : ra0_1_q)) b_slot_q <= SLOTS'(1) << loc_i[SW-1:0];
    end

    if (looked2_q) begin
      hit_o   <= now_match != '0;
      full_o  <= now_empty == '0;
      loc_o   <= {ra1_2_q, ra0_2_q, now_match != '0 ? match_slot : empty_slot};
      val_o   <= picked;
      stale_o <= commit && (commit_addr == ra0_2_q || commit_addr == ra1_2_q);
    end

    if (swap) home_q <= resident;

    case (state_q)
      K_IDLE: begin
        if (kick_i) begin
          home_q  <= {1'b1, wval_i, wkey_i};
          side_q  <= lfsr_q[2];
          moves_q <= '0;
          fail_q  <= 1'b0;
          state_q <= K_HASH;
        end
      end

      K_HASH: begin
        home0_q <= hash0(home_q[KEY_W-1:0]);
        home1_q <= hash1(home_q[KEY_W-1:0]);
        state_q <= K_READ;
      end

      K_READ: state_q <= K_CMP;

      K_CMP: state_q <= K_PLACE;

      K_PLACE: begin
        if (empty_q != '0) begin
          state_q <= K_IDLE;
        end else if (moves_q == (KW+1)'(KICKS)) begin
          fail_q  <= 1'b1;
          last_q  <= path[KICKS-1];
          home0_q <= path[KICKS-1][BW-1:0];
          home1_q <= path[KICKS-1][BW-1:0];
          state_q <= K_UREAD;
        end else begin
          path[moves_q[KW-1:0]] <= {victim, side_q ? home1_q : home0_q};
          moves_q <= moves_q + 1'b1;
          side_q  <= !side_q;
          lfsr_q  <= {lfsr_q[13:0], lfsr_q[15:14] ^ lfsr_q[14:13] ^ lfsr_q[12:11] ^ lfsr_q[3:2]};
          state_q <= K_HASH;
        end
      end

      K_UREAD: state_q <= K_UNDO;

      K_UNDO: begin
        // Swaps undone in reverse order restore every slot, even if the way crossed itself.
        moves_q <= moves_q - 1'b1;
        last_q  <= undo;
        home0_q <= undo[BW-1:0];
        home1_q <= undo[BW-1:0];
        state_q <= moves_q == (KW+1)'(1) ? K_IDLE : K_UREAD;
      end

      default: begin  // K_SWEEP
        sweep_q <= sweep_q + 1'b1;
        if (sweep_q == '1) state_q <= K_IDLE;
      end
    endcase

    if (rst_i) begin
      state_q   <= K_SWEEP;
      sweep_q   <= '0;
      looked1_q <= 1'b0;
      looked2_q <= 1'b0;
      past1_q   <= 1'b0;
      lfsr_q    <= 16'hace1;
      fail_q    <= 1'b0;
    end
  end

endmodule
