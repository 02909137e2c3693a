// Exact hash table for a card that has few cells and slow ones: the same table as wt_hash, of the same hashes and
// moves, with one thing at a time.
//
// A lookup is made when no other is under way, and nothing is committed from its cycle until its results are there, so
// nothing goes past the RAMs; what is written goes through the register of the homeless entry, and what is found and
// what must move through one multiplexer. There is no path longer than a hash, a RAM with a short compare, or
// the choice of one slot.
//
// Latency: lookup in cycle 0, results from 8 on, held until the next lookup's. A commit is in the RAMs for a lookup in the
// cycle after it. A move takes 8 cycles. After reset the table is swept, one cycle a bucket.
module wt_hash_stepped #(
    parameter int unsigned KEY_W = 64,       // at most 64
    parameter int unsigned VAL_W = 32,
    parameter int unsigned SLOTS_LOG2 = 11,  // at least 5
    parameter int unsigned WAYS = 2,         // 2 or 4
    parameter int unsigned OWNER_W = 3,      // bits of the owner's index
    parameter int unsigned OWNER_LSB = 64,   // where it starts in {value, key}
    parameter int unsigned KICKS = 64,       // power of two; with 16 small tables overflow at a third of their slots
    localparam int unsigned BW = SLOTS_LOG2 - $clog2(2 * WAYS),
    localparam int unsigned LOC_W = 2 * BW + $clog2(2 * WAYS)
) (
    input  logic                  clk_i,
    input  logic                  rst_i,
    // All as in wt_hash, where loc_i is explained.
    output logic                  ready_o,
    input  logic [2**OWNER_W-1:0] dead_i,
    input  logic                  lookup_i,
    input  logic [KEY_W-1:0]      key_i,
    output logic                  hit_o,
    output logic                  full_o,
    output logic [VAL_W-1:0]      val_o,
    output logic [LOC_W-1:0]      loc_o,
    input  logic                  write_i,
    input  logic                  remove_i,
    input  logic                  kick_i,
    input  logic [LOC_W-1:0]      loc_i,
    input  logic [KEY_W-1:0]      wkey_i,
    input  logic [VAL_W-1:0]      wval_i,
    output logic                  busy_o,
    output logic                  fail_o
);

  localparam int unsigned SLOTS = 2 * WAYS;
  localparam int unsigned SW = $clog2(SLOTS);
  localparam int unsigned EW = VAL_W + KEY_W + 1;  // {valid, value, key}
  localparam int unsigned KW = $clog2(KICKS);
  localparam int unsigned PARTS = (KEY_W + 7) / 8; // of a key, compared by themselves

  typedef enum logic [3:0] {
    K_IDLE,
    K_KEY,    // the homeless entry's key
    K_HASH,   // its two buckets
    K_READ,
    K_CMP,
    K_EMPTY,  // which slots are empty
    K_PLACE,  // into an empty slot, or in place of a resident
    K_PICK,   // take that out
    K_SWAP,   // it is the homeless one now
    K_UNDO,   // undo: the bucket of the last move
    K_UREAD,
    K_SWEEP
  } state_e;

  // The hashes of wt_hash.
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

  function automatic logic [1:0] count(input logic [WAYS-1:0] v);
    count = v == '0 ? 2'd0 : v == '1 ? 2'd2 : 2'd1;
  endfunction

  state_e state_q;
  logic   undoing_q;

  // A lookup: hash (1), read (2), compare parts (3), empty slots (4), match (5), choose (6, 7).
  logic [7:1] look_q;
  logic [KEY_W-1:0] key_q;
  logic [BW-1:0]    b0_q, b1_q;
  logic [SLOTS-1:0] same, valid_q, empty_q, match_q, chosen_q;
  logic [OWNER_W-1:0] owner_q [0:SLOTS-1];
  logic [SW-1:0]    empty_slot, match_slot, victim;

  // What is written, where it goes: {sub-table, slot, bucket}, in the cycle of put_q.
  logic [EW-1:0]    home_q;
  logic             put_q;
  logic [BW+SW-1:0] last_q;
  logic [KEY_W-1:0] taken_key_q;  // with val_o: the resident that is taken out

  logic             side_q;       // sub-table whose resident it replaces next
  logic [KW:0]      moves_q;
  logic [BW+SW-1:0] path [0:KICKS-1];
  logic [15:0]      lfsr_q;
  logic             fail_q;

  assign ready_o = state_q != K_SWEEP;
  assign busy_o  = state_q != K_IDLE;
  assign fail_o  = fail_q;

  logic [VAL_W-1:0] picked_val;
  logic [KEY_W-1:0] picked_key;
  logic [SLOTS*VAL_W-1:0] vals;
  logic [SLOTS*KEY_W-1:0] keys;
  logic rd_en;
  assign rd_en = look_q[2] || state_q == K_READ || state_q == K_UREAD;

  generate
    for (genvar s = 0; s < SLOTS; s++) begin : g_slot
      logic [EW-1:0]    data;
      logic [PARTS-1:0] part_q;
      wt_ram_1r1w #(
          .WIDTH   (EW),
          .ADDR_W  (BW),
          .COLLIDES(1'b0)
      ) u_ram (
          .clk_i    (clk_i),
          .wr_en_i  (state_q == K_SWEEP || (put_q && last_q[BW+:SW] == SW'(s))),
          .wr_addr_i(last_q[BW-1:0]),
          .wr_data_i(home_q),
          .rd_en_i  (rd_en),
          .rd_addr_i(s < WAYS ? b0_q : b1_q),
          .rd_data_o(data)
      );
      assign vals[s*VAL_W+:VAL_W] = data[KEY_W+:VAL_W];
      assign keys[s*KEY_W+:KEY_W] = data[KEY_W-1:0];
      assign same[s] = &part_q;
      always_ff @(posedge clk_i) begin
        if (look_q[3] || state_q == K_CMP) begin
          for (int unsigned p = 0; p < PARTS; p++)
            part_q[p] <= 8'(data[KEY_W-1:0] >> (8 * p)) == 8'(key_q >> (8 * p));
          valid_q[s] <= data[EW-1];
          owner_q[s] <= data[OWNER_LSB+:OWNER_W];
        end
        if (look_q[4] || state_q == K_EMPTY) empty_q[s] <= !valid_q[s] || dead_i[owner_q[s]];
        if (look_q[5]) match_q[s] <= same[s] && !empty_q[s];
      end
    end
  endgenerate

  // One multiplexer for what is found and what is taken out.
  always_comb begin
    picked_val = '0;
    picked_key = '0;
    for (int unsigned s = 0; s < SLOTS; s++) begin
      picked_val |= vals[s*VAL_W+:VAL_W] & {VAL_W{chosen_q[s]}};
      picked_key |= keys[s*KEY_W+:KEY_W] & {KEY_W{chosen_q[s]}};
    end
  end

  // The emptier bucket, and in it the lowest slot that is empty.
  always_comb begin
    match_slot = '0;
    for (int unsigned s = 0; s < SLOTS; s++) if (match_q[s]) match_slot |= SW'(s);
    empty_slot = '0;
    if (count(empty_q[SLOTS-1:WAYS]) > count(empty_q[WAYS-1:0])) begin
      for (int unsigned s = SLOTS; s > WAYS; s--) if (empty_q[s-1]) empty_slot = SW'(s - 1);
    end else begin
      for (int unsigned s = WAYS; s > 0; s--) if (empty_q[s-1]) empty_slot = SW'(s - 1);
    end
  end
  assign victim = {side_q, lfsr_q[SW-2:0]};

  logic [BW+SW-1:0] undo;  // the move before the one now undone
  assign undo = path[KW'(moves_q - (KW+1)'(2))];

  always_ff @(posedge clk_i) begin
    look_q <= {look_q[6:1], lookup_i};
    put_q  <= 1'b0;

    if (lookup_i) key_q <= key_i;
    if (look_q[1] || state_q == K_HASH) begin
      b0_q <= hash0(key_q);
      b1_q <= hash1(key_q);
    end
    if (look_q[6]) chosen_q <= match_q;
    if (look_q[7] || state_q == K_PICK) begin
      val_o       <= picked_val;
      taken_key_q <= picked_key;
    end
    if (look_q[7]) begin
      hit_o  <= match_q != '0;
      full_o <= empty_q == '0;
      loc_o  <= {b1_q, b0_q, match_q != '0 ? match_slot : empty_slot};
    end

    if (write_i || remove_i || kick_i) home_q <= {!remove_i, wval_i, wkey_i};
    if (write_i || remove_i) begin
      put_q  <= 1'b1;
      last_q <= {loc_i[SW-1:0], loc_i[SW-1] ? loc_i[SW+BW+:BW] : loc_i[SW+:BW]};
    end

    case (state_q)
      K_IDLE: begin
        if (kick_i) begin
          side_q    <= lfsr_q[2];
          moves_q   <= '0;
          fail_q    <= 1'b0;
          undoing_q <= 1'b0;
          state_q   <= K_KEY;
        end
      end

      K_KEY: begin
        key_q   <= home_q[KEY_W-1:0];
        state_q <= K_HASH;
      end

      K_HASH: state_q <= K_READ;

      K_READ: state_q <= K_CMP;

      K_CMP: state_q <= K_EMPTY;

      K_EMPTY: state_q <= K_PLACE;

      K_PLACE: begin
        chosen_q <= SLOTS'(1) << victim;
        last_q   <= {victim, side_q ? b1_q : b0_q};
        if (empty_q != '0) begin
          put_q   <= 1'b1;
          last_q  <= {empty_slot, empty_slot[SW-1] ? b1_q : b0_q};
          state_q <= K_IDLE;
        end else if (moves_q == (KW+1)'(KICKS)) begin
          fail_q    <= 1'b1;
          undoing_q <= 1'b1;
          last_q    <= path[KICKS-1];
          state_q   <= K_UNDO;
        end else begin
          path[moves_q[KW-1:0]] <= {victim, side_q ? b1_q : b0_q};
          moves_q <= moves_q + 1'b1;
          side_q  <= !side_q;
          lfsr_q  <= {lfsr_q[13:0], lfsr_q[15:14] ^ lfsr_q[14:13] ^ lfsr_q[12:11] ^ lfsr_q[3:2]};
          state_q <= K_PICK;
        end
      end

      K_PICK: begin
        put_q   <= 1'b1;
        state_q <= K_SWAP;
      end

      K_SWAP: begin
        home_q <= {1'b1, val_o, taken_key_q};
        if (!undoing_q) begin
          state_q <= K_KEY;
        end else begin
          // Swaps undone in reverse order restore every slot, even if the way crossed itself.
          moves_q <= moves_q - 1'b1;
          last_q  <= undo;
          state_q <= moves_q == (KW+1)'(1) ? K_IDLE : K_UNDO;
        end
      end

      K_UNDO: begin
        b0_q     <= last_q[BW-1:0];
        b1_q     <= last_q[BW-1:0];
        chosen_q <= SLOTS'(1) << last_q[BW+:SW];
        state_q  <= K_UREAD;
      end

      K_UREAD: state_q <= K_PICK;

      default: begin  // K_SWEEP
        last_q <= last_q + 1'b1;
        if (last_q[BW-1:0] == '1) state_q <= K_IDLE;
      end
    endcase

    if (rst_i) begin
      state_q      <= K_SWEEP;
      last_q       <= '0;
      home_q[EW-1] <= 1'b0;
      look_q       <= '0;
      put_q        <= 1'b0;
      lfsr_q       <= 16'hace1;
      fail_q       <= 1'b0;
    end
  end

endmodule
