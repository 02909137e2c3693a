// Exact hash table: bucketized cuckoo, two sub-tables with independent hashes, four slots a bucket.
//
// A key lives in one of eight slots: four of sub-table 0 at hash0(key), four of sub-table 1 at
// hash1(key). All eight are read at once, so a lookup never probes. An insert takes the emptier
// bucket; when both are full, residents move to their other bucket (at most KICKS moves). When
// that does not make room either, every move is undone in reverse order and fail_o says so:
// nothing is lost, nothing is half done. Holds 75 % of its slots under churn (bench).
//
// Every entry names its owner (a symbol). Entries of an owner whose dead_i bit is set count as
// empty slots, at once and everywhere: they are neither found nor kept. An owner that died must
// not come back to life before the table was reset.
//
// Latency: lookup in cycle 0, results in cycle 2 (held until the next lookup's results). Lookups may
// follow each other every cycle. A lookup sees every commit up to its own cycle (the RAMs return old
// content then: the entry just written is compared beside them). A commit in the cycle after a lookup
// may outdate its results when it is to one of its buckets: stale_o says so, with the results.
// After reset the table is swept, 2**(SLOTS_LOG2-3) cycles.
module wt_hash #(
    parameter int unsigned KEY_W = 64,       // at most 64
    parameter int unsigned VAL_W = 32,
    parameter int unsigned SLOTS_LOG2 = 16,  // at least 5
    parameter int unsigned OWNER_W = 6,      // bits of the owner's index
    parameter int unsigned OWNER_LSB = 64,   // where it starts in {value, key}
    parameter int unsigned KICKS = 64        // power of two
) (
    input  logic                        clk_i,
    input  logic                        rst_i,
    // Swept: lookups are taken.
    output logic                        ready_o,
    // Owners whose entries are void.
    input  logic [2**OWNER_W-1:0]       dead_i,
    // Lookup; not while busy_o.
    input  logic                        lookup_i,
    input  logic [KEY_W-1:0]            key_i,
    // Results of the lookup: found, both buckets full (meaningful when not found), value, and where the
    // key is, or would be written.
    output logic                        hit_o,
    output logic                        full_o,
    output logic [VAL_W-1:0]            val_o,
    output logic [2*(SLOTS_LOG2-3)+2:0] loc_o,
    output logic                        stale_o,
    // Commit, at most one a cycle and not while busy_o: write {key, value} at loc_i (update, or insert
    // when not full); remove what is at loc_i; insert although full, which sets busy_o from the next
    // cycle on until it is done, fail_o then tells (and holds) whether it failed.
    input  logic                        write_i,
    input  logic                        remove_i,
    input  logic                        kick_i,
    input  logic [2*(SLOTS_LOG2-3)+2:0] loc_i,
    input  logic [KEY_W-1:0]            wkey_i,
    input  logic [VAL_W-1:0]            wval_i,
    output logic                        busy_o,
    output logic                        fail_o
);

  localparam int unsigned BW = SLOTS_LOG2 - 3;
  localparam int unsigned EW = VAL_W + KEY_W + 1;  // {valid, value, key}
  localparam int unsigned KW = $clog2(KICKS);

  typedef enum logic [2:0] {
    K_IDLE,   // lookups and commits
    K_READ,   // read the homeless entry's two buckets
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
  logic [BW-1:0] ra0, ra1;      // read addresses
  logic          rd_en;
  logic [BW-1:0] ra0_q, ra1_q;  // of the data now in rd
  logic          looked_q;      // rd holds a lookup's buckets
  logic [KEY_W-1:0] key_q;

  logic [VAL_W-1:0] picked;     // value of the matching slot
  logic          swap;          // the homeless entry takes this slot in exchange
  logic [2:0]    taken;
  logic [7:0]    empty, match, ram_match;

  logic [7:0]    wr_en;
  logic [BW-1:0] wa;
  logic [EW-1:0] wd;

  // The entry written in the cycle of the lookup now compared, and the slot read too early because of it.
  logic [7:0]    late_q;
  logic [EW-1:0] late_entry_q;
  logic          late_empty, late_match;

  // The homeless entry and its way through the table.
  logic [EW-1:0] home_q;
  logic          side_q;        // sub-table whose resident it replaces next
  logic [KW:0]   moves_q;
  logic [BW+2:0] path [0:KICKS-1];  // {sub-table, slot, bucket} of each move
  logic [BW+2:0] last_q;        // the move now undone
  logic [15:0]   lfsr_q;        // moves only with kicks, so results do not depend on time
  logic          fail_q;

  assign ready_o = state_q != K_SWEEP;
  assign busy_o  = state_q != K_IDLE;
  assign fail_o  = fail_q;

  // ---------------------------------------------------------------- read side

  always_comb begin
    rd_en = 1'b0;
    ra0   = ra0_q;
    ra1   = ra1_q;
    if (lookup_i) begin
      rd_en = 1'b1;
      ra0   = hash0(key_i);
      ra1   = hash1(key_i);
    end else if (state_q == K_READ) begin
      rd_en = 1'b1;
      ra0   = hash0(home_q[KEY_W-1:0]);
      ra1   = hash1(home_q[KEY_W-1:0]);
    end else if (state_q == K_UREAD) begin
      rd_en = 1'b1;
      ra0   = last_q[BW-1:0];
      ra1   = last_q[BW-1:0];
    end
  end

  generate
    for (genvar s = 0; s < 8; s++) begin : g_slot
      logic [EW-1:0] data;
      wt_ram_1r1w #(
          .WIDTH (EW),
          .ADDR_W(BW)
      ) u_ram (
          .clk_i    (clk_i),
          .wr_en_i  (wr_en[s]),
          .wr_addr_i(wa),
          .wr_data_i(wd),
          .rd_en_i  (rd_en),
          .rd_addr_i(s < 4 ? ra0 : ra1),
          .rd_data_o(data)
      );
      always_comb begin
        empty[s]     = 1'b0;
        ram_match[s] = 1'b0;
        if (looked_q || state_q == K_PLACE) begin
          empty[s]     = !data[EW-1] || dead_i[data[OWNER_LSB+:OWNER_W]];
          ram_match[s] = !empty[s] && data[KEY_W-1:0] == key_q;
          if (late_q[s]) empty[s] = late_empty;
        end
        match[s] = late_q[s] ? late_match : ram_match[s];
      end
    end
  endgenerate

  always_comb begin
    late_empty = 1'b1;
    late_match = 1'b0;
    if (late_q != 8'd0) begin
      late_empty = !late_entry_q[EW-1] || dead_i[late_entry_q[OWNER_LSB+:OWNER_W]];
      late_match = !late_empty && late_entry_q[KEY_W-1:0] == key_q;
    end
  end

  logic [2:0] match_slot, empty_slot, place_slot, victim;
  assign victim = {side_q, lfsr_q[1:0]};
  assign match_slot = {
    |match[7:4],
    match[2] | match[3] | match[6] | match[7],
    match[1] | match[3] | match[5] | match[7]
  };
  always_comb begin
    empty_slot = 3'd0;
    if (looked_q || state_q == K_PLACE) begin
      if (count4(empty[7:4]) > count4(empty[3:0])) empty_slot = {1'b1, lowest4(empty[6:4])};
      else empty_slot = {1'b0, lowest4(empty[2:0])};
    end
  end

  // A move, or its undoing, takes a resident out in exchange.
  assign swap = (state_q == K_PLACE && empty == 8'd0 && moves_q != (KW+1)'(KICKS)) || state_q == K_UNDO;
  assign taken = state_q == K_UNDO ? last_q[BW+2:BW] : victim;

  always_comb begin
    picked = '0;
    if (looked_q) begin
      unique case (1'b1)
        ram_match[0]: picked = g_slot[0].data[KEY_W+:VAL_W];
        ram_match[1]: picked = g_slot[1].data[KEY_W+:VAL_W];
        ram_match[2]: picked = g_slot[2].data[KEY_W+:VAL_W];
        ram_match[3]: picked = g_slot[3].data[KEY_W+:VAL_W];
        ram_match[4]: picked = g_slot[4].data[KEY_W+:VAL_W];
        ram_match[5]: picked = g_slot[5].data[KEY_W+:VAL_W];
        ram_match[6]: picked = g_slot[6].data[KEY_W+:VAL_W];
        ram_match[7]: picked = g_slot[7].data[KEY_W+:VAL_W];
        default: ;
      endcase
    end
  end

  // ---------------------------------------------------------------- write side

  assign place_slot = empty != 8'd0 ? empty_slot : victim;

  always_comb begin
    wr_en = 8'd0;
    wa    = loc_i[2] ? loc_i[3+BW+:BW] : loc_i[3+:BW];
    wd    = '0;
    if (write_i || remove_i) begin
      wr_en = 8'd1 << loc_i[2:0];
      wd    = {!remove_i, wval_i, wkey_i};
    end else if (state_q == K_PLACE) begin
      wd = home_q;
      wa = place_slot[2] ? ra1_q : ra0_q;
      if (empty != 8'd0 || moves_q != (KW+1)'(KICKS)) wr_en = 8'd1 << place_slot;
    end else if (state_q == K_UNDO) begin
      wd    = home_q;
      wa    = last_q[BW-1:0];
      wr_en = 8'd1 << last_q[BW+2:BW];
    end else if (state_q == K_SWEEP) begin
      wd    = '0;
      wa    = sweep_q;
      wr_en = 8'hff;
    end
  end

  always_ff @(posedge clk_i) begin
    looked_q <= lookup_i;
    late_q   <= 8'd0;
    if (lookup_i) begin
      key_q  <= key_i;
      if (write_i || remove_i) begin
        late_q       <= wr_en & {{4{wa == ra1}}, {4{wa == ra0}}};
        late_entry_q <= wd;
      end
    end
    if (rd_en) begin
      ra0_q <= ra0;
      ra1_q <= ra1;
    end
    if (looked_q) begin
      hit_o  <= match != 8'd0;
      full_o <= empty == 8'd0;
      loc_o  <= {ra1_q, ra0_q, match != 8'd0 ? match_slot : empty_slot};
      val_o  <= late_match ? late_entry_q[KEY_W+:VAL_W] : picked;
      stale_o <= (write_i || remove_i) && (wa == ra0_q || wa == ra1_q);
    end

    // Not by the multiplexer of a lookup, whose select waits for the compare.
    if (swap) begin
      case (taken)
        3'd0:    home_q <= g_slot[0].data;
        3'd1:    home_q <= g_slot[1].data;
        3'd2:    home_q <= g_slot[2].data;
        3'd3:    home_q <= g_slot[3].data;
        3'd4:    home_q <= g_slot[4].data;
        3'd5:    home_q <= g_slot[5].data;
        3'd6:    home_q <= g_slot[6].data;
        default: home_q <= g_slot[7].data;
      endcase
    end

    case (state_q)
      K_IDLE: begin
        if (kick_i) begin
          home_q  <= {1'b1, wval_i, wkey_i};
          side_q  <= lfsr_q[2];
          moves_q <= '0;
          fail_q  <= 1'b0;
          state_q <= K_READ;
        end
      end

      K_READ: state_q <= K_PLACE;

      K_PLACE: begin
        if (empty != 8'd0) begin
          state_q <= K_IDLE;
        end else if (moves_q == (KW+1)'(KICKS)) begin
          fail_q  <= 1'b1;
          last_q  <= path[KICKS-1];
          state_q <= K_UREAD;
        end else begin
          path[moves_q[KW-1:0]] <= {victim, side_q ? ra1_q : ra0_q};
          moves_q <= moves_q + 1'b1;
          side_q  <= !side_q;
          lfsr_q  <= {lfsr_q[13:0], lfsr_q[15:14] ^ lfsr_q[14:13] ^ lfsr_q[12:11] ^ lfsr_q[3:2]};
          state_q <= K_READ;
        end
      end

      K_UREAD: state_q <= K_UNDO;

      K_UNDO: begin
        // Swaps undone in reverse order restore every slot, even if the way crossed itself.
        moves_q <= moves_q - 1'b1;
        last_q  <= path[KW'(moves_q - (KW+1)'(2))];
        state_q <= moves_q == (KW+1)'(1) ? K_IDLE : K_UREAD;
      end

      default: begin  // K_SWEEP
        sweep_q <= sweep_q + 1'b1;
        if (sweep_q == '1) state_q <= K_IDLE;
      end
    endcase

    if (rst_i) begin
      state_q  <= K_SWEEP;
      sweep_q  <= '0;
      looked_q <= 1'b0;
      late_q   <= 8'd0;
      lfsr_q   <= 16'hace1;
      fail_q   <= 1'b0;
    end
  end

endmodule
