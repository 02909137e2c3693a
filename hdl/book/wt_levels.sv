// Price levels, the search for the next best one, top of book, and the state of every symbol.
//
// A price is a code {q = price / 100, r = price % 100}: same order, every 32-bit price, and penny
// prices are neighbours (r = 0). Levels sit in a hash table keyed {symbol, sell, q, r}: no window, no
// price is special. Which levels exist is kept in a trie over q for each {symbol, side}, whose nodes
// are bit maps in a second hash table; a node exists while it has a bit:
//   root     q[25:20], 64 bits, in a RAM of its own
//   depth 2  q[19:13], 128 bits
//   depth 1  q[12:6], 128 bits
//   depth 0  q[5:0], two planes of 64: a level with r = 0 at this q; some level with r != 0 at this q
//   depth 3  (below 0, only for sub-penny prices) the levels r of one q, 128 bits
// A level that comes or goes sets or clears its bit in the lowest node, which is read together with
// the level; only a node that comes or goes itself touches its parent. When the best level goes, the
// next best is the extreme of the lowest node on its way up that has another bit: never a scan.
//
// This stage alone decides a symbol's state. Legs and verdicts of a symbol that is not valid are dropped.
//
// Latency: input taken to result three cycles when no search is needed; six for a next best penny level
// in the same 64 cents; three more for every node on the way.
module wt_levels #(
    parameter int unsigned SYM_W = 6,
    parameter int unsigned LEVEL_SLOTS_LOG2 = 16,
    parameter int unsigned NODE_SLOTS_LOG2 = 15
) (
    input  logic             clk_i,
    input  logic             rst_i,
    // Tables swept.
    output logic             ready_o,
    // No operation inside (a result may wait).
    output logic             idle_o,
    // Symbols that are stale or software.
    output logic [2**SYM_W-1:0] dead_o,
    // From the order stage: see wt_orders.
    input  logic             in_valid_i,
    output logic             in_ready_o,
    input  logic             in_forward_i,
    input  logic             in_hw_i,
    input  logic             in_soft_i,
    input  logic             in_bind_i,
    input  logic [SYM_W-1:0] in_sym_i,
    input  logic             in_sell_i,
    input  logic             in_rem_i,
    input  logic             in_gone_i,
    input  logic [32:0]      in_rem_code_i,
    input  logic [31:0]      in_rem_shares_i,
    input  logic             in_add_i,
    input  logic [32:0]      in_add_code_i,
    input  logic [31:0]      in_add_shares_i,
    input  logic             in_trade_i,
    input  logic             in_trade_own_i,
    input  logic             in_trade_sell_i,
    input  logic [31:0]      in_trade_price_i,
    input  logic             in_unknown_i,
    input  logic             in_excess_i,
    input  logic             in_zero_i,
    input  logic             in_stale_i,
    input  logic             in_soft_now_i,
    input  logic             in_all_i,
    input  logic [2:0]       in_channel_i,
    input  logic [7:0]       in_cause_i,
    input  logic             in_other_i,
    input  logic [SYM_W-1:0] in_other_sym_i,
    // One result per input, in order.
    output logic             result_valid_o,
    input  logic             result_ready_i,
    output wt_pkg::result_t  result_o,
    // Orders of valid symbols, now and at most.
    output logic [31:0]      orders_live_o,
    output logic [31:0]      orders_peak_o
);

  localparam int unsigned LKEY_W = SYM_W + 1 + 33;      // {symbol, sell, code}
  localparam int unsigned LVAL_W = 17 + 32;             // {orders, shares}
  localparam int unsigned LLOC_W = 2 * (LEVEL_SLOTS_LOG2 - 3) + 3;
  localparam int unsigned NKEY_W = SYM_W + 1 + 2 + 26;  // {symbol, sell, depth, prefix of q}
  localparam int unsigned NLOC_W = 2 * (NODE_SLOTS_LOG2 - 3) + 3;
  localparam int unsigned TOP_W = 33 + 17 + 32;         // {code, orders, shares}
  localparam logic [1:0] SUB = 2'd3;                    // depth of a sub-penny node

  typedef enum logic [4:0] {
    L_SWEEP,
    L_IDLE,   // take an input, look up the first leg's level and lowest node
    L_CMP,    // tables compare; sides of the book arrive
    L_ACT,    // change the level, its lowest node, and the top
    L_WAIT,   // a table makes room
    L_NREAD,  // read the node of depth_q
    L_NCMP,
    L_NODE,   // change it, or descend through it
    L_ROOT,   // change or read the root
    L_LREAD,  // read the new best level
    L_LCMP,
    L_LVL,    // it becomes the top
    L_LEG2,   // second leg: look up
    L_FIN,    // write the top, give the result
    L_DIE,    // the symbol turns stale or software
    L_DIE2,   // another one, too
    L_COUNT,  // a channel is lost: how many orders has the next symbol
    L_LOSE    // it turns stale, if it is the channel's
  } state_e;

  typedef enum logic [1:0] {
    M_SET,    // the level is new: its bit, and those of nodes that are new, are set upwards
    M_CLEAR,  // the level went: cleared upwards
    M_FIND    // downwards to the extreme
  } mode_e;

  // ---------------------------------------------------------------- functions

  // Number of the highest (high) or lowest bit set; v must not be 0.
  function automatic logic [6:0] extreme(input logic [127:0] v, input logic high);
    logic [63:0] a;
    logic [31:0] b;
    logic [15:0] c;
    logic [7:0]  d;
    logic [3:0]  e;
    logic [1:0]  f;
    extreme[6] = high ? v[127:64] != 64'd0 : v[63:0] == 64'd0;
    a = extreme[6] ? v[127:64] : v[63:0];
    extreme[5] = high ? a[63:32] != 32'd0 : a[31:0] == 32'd0;
    b = extreme[5] ? a[63:32] : a[31:0];
    extreme[4] = high ? b[31:16] != 16'd0 : b[15:0] == 16'd0;
    c = extreme[4] ? b[31:16] : b[15:0];
    extreme[3] = high ? c[15:8] != 8'd0 : c[7:0] == 8'd0;
    d = extreme[3] ? c[15:8] : c[7:0];
    extreme[2] = high ? d[7:4] != 4'd0 : d[3:0] == 4'd0;
    e = extreme[2] ? d[7:4] : d[3:0];
    extreme[1] = high ? e[3:2] != 2'd0 : e[1:0] == 2'd0;
    f = extreme[1] ? e[3:2] : e[1:0];
    extreme[0] = high ? f[1] : !f[0];
  endfunction

  function automatic logic [31:0] price_of(input logic [32:0] code);
    price_of = 32'(32'(code[32:7]) * 32'd100) + {25'd0, code[6:0]};
  endfunction

  // {price, shares, orders} of a top {code, orders, shares}; code is 0 when there are none.
  function automatic logic [80:0] side_of(input logic [TOP_W-1:0] top);
    side_of = {price_of(top[81:49]), top[31:0], top[48:32]};
  endfunction

  // ---------------------------------------------------------------- state

  state_e state_q;
  mode_e  mode_q;
  logic   simple_q;     // no legs: the result is all there is to do
  logic   leg2_q;       // the leg in hand is the add of a replace
  logic   add_q;        // the leg in hand is an add
  logic   two_q;        // there were two legs: the top has to be compared
  logic   search_q;     // the best level went: look for the next one
  logic [1:0]  depth_q;
  logic [32:0] code_q;  // the leg's price; in a search, the new best as far as it is known
  logic   at_best_q, better_q;
  logic   touched_q;    // the top changed
  logic [TOP_W-1:0] top_q, top_was_q;

  // Input in hand.
  logic             forward_q, hw_q, soft_q, bind_q, sell_q, gone_q;
  logic [SYM_W-1:0] sym_q, other_sym_q;
  logic [31:0]      rem_shares_q, add_shares_q, trade_price_q;
  logic [32:0]      rem_code_q, add_code_q;
  logic             trade_q, trade_own_q, trade_sell_q, unknown_q, excess_q, zero_q, all_q, other_q;
  logic [7:0]       cause_q;
  logic             die_soft_q, senseless_q, state_event_q;
  logic             lv_wait_q, nd_wait_q;  // L_WAIT: which table was asked to make room

  logic [2**SYM_W-1:0] dead_q, soft_syms_q;
  // Channels that are lost; why, and each symbol's channel, which is that of the message that bound it.
  logic [7:0]       stale_q;
  logic [7:0]       stale_cause_q [0:7];
  logic [2**SYM_W-1:0] bound_q;
  logic [2:0]       channel_of [0:2**SYM_W-1];
  logic [2:0]       channel_q;
  logic [31:0]      live_q, peak_q;
  logic [SYM_W:0]   sweep_q;

  assign dead_o = dead_q;
  assign idle_o = state_q == L_IDLE;
  assign orders_live_o = live_q;
  assign orders_peak_o = peak_q;

  // ---------------------------------------------------------------- tables

  logic              take, lv_ready, nd_ready;
  logic              lv_lookup, lv_hit, lv_full, lv_write, lv_remove, lv_kick, lv_busy, lv_fail;
  logic [LKEY_W-1:0] lv_key, lv_wkey;
  logic [LVAL_W-1:0] lv_val, lv_new;
  logic [LLOC_W-1:0] lv_loc;
  logic              nd_lookup, nd_hit, nd_full, nd_write, nd_remove, nd_kick, nd_busy, nd_fail;
  logic [NKEY_W-1:0] nd_key, nd_key_q;
  logic [127:0]      nd_val, nd_new;
  logic [NLOC_W-1:0] nd_loc;

  wt_hash #(
      .KEY_W     (LKEY_W),
      .VAL_W     (LVAL_W),
      .SLOTS_LOG2(LEVEL_SLOTS_LOG2),
      .OWNER_W   (SYM_W),
      .OWNER_LSB (34)
  ) u_levels (
      .clk_i   (clk_i),
      .rst_i   (rst_i),
      .ready_o (lv_ready),
      .dead_i  (dead_q),
      .lookup_i(lv_lookup),
      .key_i   (lv_key),
      .hit_o   (lv_hit),
      .full_o  (lv_full),
      .val_o   (lv_val),
      .loc_o   (lv_loc),
      .write_i (lv_write),
      .remove_i(lv_remove),
      .kick_i  (lv_kick),
      .loc_i   (lv_loc),
      .wkey_i  (lv_wkey),
      .wval_i  (lv_new),
      .busy_o  (lv_busy),
      .fail_o  (lv_fail)
  );

  wt_hash #(
      .KEY_W     (NKEY_W),
      .VAL_W     (128),
      .SLOTS_LOG2(NODE_SLOTS_LOG2),
      .OWNER_W   (SYM_W),
      .OWNER_LSB (29)
  ) u_nodes (
      .clk_i   (clk_i),
      .rst_i   (rst_i),
      .ready_o (nd_ready),
      .dead_i  (dead_q),
      .lookup_i(nd_lookup),
      .key_i   (nd_key),
      .hit_o   (nd_hit),
      .full_o  (nd_full),
      .val_o   (nd_val),
      .loc_o   (nd_loc),
      .write_i (nd_write),
      .remove_i(nd_remove),
      .kick_i  (nd_kick),
      .loc_i   (nd_loc),
      .wkey_i  (nd_key_q),
      .wval_i  (nd_new),
      .busy_o  (nd_busy),
      .fail_o  (nd_fail)
  );

  // Best of either side, roots, orders of a symbol.
  logic [TOP_W-1:0] bid_top, ask_top, other_top, top_new;
  logic             top_write;
  logic [63:0]      root, root_new;
  logic             root_write;
  logic [16:0]      count, count_new;
  logic             count_write, count_read;

  wt_ram_1r1w #(
      .WIDTH (TOP_W),
      .ADDR_W(SYM_W)
  ) u_bid (
      .clk_i    (clk_i),
      .wr_en_i  (state_q == L_SWEEP || (top_write && !sell_q)),
      .wr_addr_i(state_q == L_SWEEP ? sweep_q[SYM_W-1:0] : sym_q),
      .wr_data_i(state_q == L_SWEEP ? '0 : top_new),
      .rd_en_i  (take),
      .rd_addr_i(in_sym_i),
      .rd_data_o(bid_top)
  );

  wt_ram_1r1w #(
      .WIDTH (TOP_W),
      .ADDR_W(SYM_W)
  ) u_ask (
      .clk_i    (clk_i),
      .wr_en_i  (state_q == L_SWEEP || (top_write && sell_q)),
      .wr_addr_i(state_q == L_SWEEP ? sweep_q[SYM_W-1:0] : sym_q),
      .wr_data_i(state_q == L_SWEEP ? '0 : top_new),
      .rd_en_i  (take),
      .rd_addr_i(in_sym_i),
      .rd_data_o(ask_top)
  );

  wt_ram_1r1w #(
      .WIDTH (64),
      .ADDR_W(SYM_W + 1)
  ) u_root (
      .clk_i    (clk_i),
      .wr_en_i  (state_q == L_SWEEP || root_write),
      .wr_addr_i(state_q == L_SWEEP ? sweep_q : {sym_q, sell_q}),
      .wr_data_i(state_q == L_SWEEP ? 64'd0 : root_new),
      .rd_en_i  (take || state_q == L_LEG2),
      .rd_addr_i(take ? {in_sym_i, in_sell_i} : {sym_q, sell_q}),
      .rd_data_o(root)
  );

  wt_ram_1r1w #(
      .WIDTH (17),
      .ADDR_W(SYM_W)
  ) u_count (
      .clk_i    (clk_i),
      .wr_en_i  (state_q == L_SWEEP || count_write),
      .wr_addr_i(state_q == L_SWEEP ? sweep_q[SYM_W-1:0] : sym_q),
      .wr_data_i(state_q == L_SWEEP ? 17'd0 : count_new),
      .rd_en_i  (count_read),
      .rd_addr_i(take ? in_sym_i : other_sym_q),
      .rd_data_o(count)
  );

  assign ready_o = lv_ready && nd_ready && state_q != L_SWEEP;

  // ---------------------------------------------------------------- input

  logic result_free, in_alive, in_legs;
  assign result_free = !result_valid_o || result_ready_i;
  assign in_ready_o = state_q == L_IDLE;
  assign take = in_valid_i && in_ready_o;
  wire in_late = in_bind_i && stale_q[in_channel_i];  // bound to a channel that is lost already
  assign in_alive = in_hw_i && !dead_q[in_sym_i] && !in_late;
  assign in_legs = in_alive && (in_rem_i || in_add_i) && !in_soft_now_i && !in_stale_i;
  assign count_read = take || state_q == L_DIE || state_q == L_COUNT;
  assign other_top = sell_q ? bid_top : ask_top;

  // ---------------------------------------------------------------- lookups

  logic [32:0] in_code, look_code;
  logic [1:0]  look_depth;
  logic        look_sell;
  logic [SYM_W-1:0] look_sym;
  assign in_code = in_rem_i ? in_rem_code_i : in_add_code_i;
  assign lv_lookup = (take && in_legs) || state_q == L_LEG2 || state_q == L_LREAD;
  assign nd_lookup = (take && in_legs) || state_q == L_LEG2 || state_q == L_NREAD;
  assign lv_key = {look_sym, look_sell, look_code};
  always_comb begin
    look_sym   = sym_q;
    look_sell  = sell_q;
    look_code  = code_q;
    look_depth = depth_q;
    if (state_q == L_IDLE) begin
      look_sym   = in_sym_i;
      look_sell  = in_sell_i;
      look_code  = in_code;
      look_depth = in_code[6:0] != 7'd0 ? SUB : 2'd0;
    end else if (state_q == L_LEG2) begin
      look_code  = add_code_q;
      look_depth = add_code_q[6:0] != 7'd0 ? SUB : 2'd0;
    end
    nd_key = {look_sym, look_sell, look_depth, look_code[32:7]};
    case (look_depth)
      2'd0: nd_key[25:0] = {6'd0, look_code[32:13]};
      2'd1: nd_key[25:0] = {13'd0, look_code[32:20]};
      2'd2: nd_key[25:0] = {20'd0, look_code[32:27]};
      default: ;
    endcase
  end

  // ---------------------------------------------------------------- changes

  // The leg's level (L_ACT).
  logic        act;
  logic [32:0] sum;
  logic [16:0] orders_new;
  logic        sum_over, level_new, level_gone;
  assign act = state_q == L_ACT && result_free;
  assign lv_wkey = {sym_q, sell_q, code_q};

  always_comb begin
    sum        = 33'd0;
    orders_new = 17'd0;
    sum_over   = 1'b0;
    level_new  = 1'b0;
    level_gone = 1'b0;
    lv_write   = 1'b0;
    lv_remove  = 1'b0;
    lv_kick    = 1'b0;
    if (act) begin
      if (add_q) begin
        sum        = {1'b0, lv_hit ? lv_val[31:0] : 32'd0} + {1'b0, add_shares_q};
        orders_new = lv_hit ? lv_val[48:32] + 17'd1 : 17'd1;
        sum_over   = sum[32];
        level_new  = !lv_hit;
        lv_kick    = level_new && lv_full;
        lv_write   = !sum_over && !lv_kick;
      end else begin
        sum        = {1'b0, lv_val[31:0] - rem_shares_q};
        orders_new = lv_val[48:32] - {16'd0, gone_q};
        level_gone = orders_new == 17'd0;
        lv_write   = !level_gone;
        lv_remove  = level_gone;
      end
    end
    lv_new = {orders_new, sum[31:0]};
  end

  // The node in hand (L_ACT for the lowest, L_NODE above it), and the root.
  logic [6:0]   bit_number;
  logic         nd_set, nd_clear, nd_gone;
  logic [127:0] one_hot;
  assign nd_set = (act && level_new) || (state_q == L_NODE && mode_q == M_SET);
  assign nd_clear = (act && level_gone) || (state_q == L_NODE && mode_q == M_CLEAR);

  always_comb begin
    bit_number = 7'd0;
    one_hot    = 128'd0;
    nd_new     = 128'd0;
    nd_gone    = 1'b0;
    nd_write   = 1'b0;
    nd_remove  = 1'b0;
    nd_kick    = 1'b0;
    if (nd_set || nd_clear) begin
      case (depth_q)
        2'd0: bit_number = {code_q[6:0] != 7'd0, code_q[12:7]};
        2'd1: bit_number = code_q[19:13];
        2'd2: bit_number = code_q[26:20];
        default: bit_number = code_q[6:0];
      endcase
      one_hot = 128'd1 << bit_number;
      if (nd_set) begin
        nd_new   = nd_hit ? nd_val | one_hot : one_hot;
        nd_kick  = !nd_hit && nd_full;
        nd_write = !nd_kick;
      end else begin
        nd_new    = nd_val & ~one_hot;
        nd_gone   = nd_new == 128'd0;
        nd_remove = nd_gone;
        nd_write  = !nd_gone;
      end
    end
    root_new   = root;
    root_write = 1'b0;
    if (state_q == L_ROOT) begin
      root_write = 1'b1;
      if (mode_q == M_SET) root_new = root | (64'd1 << code_q[32:27]);
      else root_new = root & ~(64'd1 << code_q[32:27]);
    end
  end

  // Downwards: the extreme of the node in hand. At depth 0 both planes together.
  logic         find;
  logic [127:0] find_map;
  logic [6:0]   found;
  logic         found_sub;
  assign find = (nd_clear && !nd_gone && (search_q || (act && at_best_q))) || (state_q == L_NODE && mode_q == M_FIND) ||
                (state_q == L_ROOT && mode_q == M_CLEAR && search_q);
  always_comb begin
    find_map  = 128'd0;
    found     = 7'd0;
    found_sub = 1'b0;
    if (find) begin
      find_map = nd_clear ? nd_new : nd_val;
      if (state_q == L_ROOT) find_map = {64'd0, root_new};
      else if (depth_q == 2'd0) find_map = {64'd0, find_map[63:0] | find_map[127:64]};
      found = extreme(find_map, !sell_q);
      // At one q, r = 0 is the lowest price: a bid prefers the sub-penny levels, an offer the other.
      if (sell_q) found_sub = nd_clear ? !nd_new[{1'b0, found[5:0]}] : !nd_val[{1'b0, found[5:0]}];
      else found_sub = nd_clear ? nd_new[{1'b1, found[5:0]}] : nd_val[{1'b1, found[5:0]}];
    end
  end

  // ---------------------------------------------------------------- result

  // Done in L_ACT when there is one leg and nothing above its lowest node changes.
  logic done_act, emit, top_changed, sides_differ;
  logic [TOP_W-1:0] top_act;
  logic top_is_leg;  // the leg's level is the top after it
  assign top_is_leg = add_q ? at_best_q || better_q : at_best_q;
  assign top_act = top_is_leg ? {code_q, orders_new, sum[31:0]} : top_q;
  assign done_act = act && !two_q && !sum_over && !lv_kick && !nd_kick &&
                    !(level_new && !nd_hit) && !(level_gone && (nd_gone || at_best_q));
  assign sides_differ = top_q != top_was_q;
  assign emit = done_act || (state_q == L_FIN && result_free);
  assign top_new = state_q == L_ACT ? top_act : top_q;
  assign top_changed = state_q == L_ACT ? top_is_leg : (two_q ? sides_differ : touched_q);
  assign top_write = emit && !simple_q && !dead_q[sym_q];

  logic count_up, count_down;
  assign count_up = emit && !simple_q && add_q && !two_q;
  assign count_down = emit && !simple_q && !add_q && gone_q;
  assign count_write = count_up || count_down;
  assign count_new = count_up ? count + 17'd1 : count - 17'd1;

  always_ff @(posedge clk_i) begin
    if (result_valid_o && result_ready_i) result_valid_o <= 1'b0;

    case (state_q)
      L_SWEEP: begin
        sweep_q <= sweep_q + 1'b1;
        if (sweep_q == '1) state_q <= L_IDLE;
      end

      L_IDLE: begin
        if (take) begin
          forward_q     <= in_forward_i;
          hw_q          <= in_hw_i;
          soft_q        <= in_soft_i;
          bind_q        <= in_bind_i;
          sym_q         <= in_sym_i;
          sell_q        <= in_sell_i;
          gone_q        <= in_gone_i;
          rem_shares_q  <= in_rem_shares_i;
          add_shares_q  <= in_add_shares_i;
          rem_code_q    <= in_rem_code_i;
          add_code_q    <= in_add_code_i;
          code_q        <= in_code;
          depth_q       <= look_depth;
          nd_key_q      <= nd_key;
          trade_q       <= in_trade_i && in_alive;
          trade_own_q   <= in_trade_own_i;
          trade_sell_q  <= in_trade_sell_i;
          trade_price_q <= in_trade_price_i;
          unknown_q     <= in_unknown_i && in_alive;
          excess_q      <= in_excess_i && in_alive;
          zero_q        <= in_zero_i && in_alive;
          other_q       <= in_other_i && in_alive;
          other_sym_q   <= in_other_sym_i;
          all_q         <= in_all_i;
          channel_q     <= in_channel_i;
          if (in_bind_i && in_hw_i) begin
            bound_q[in_sym_i]    <= 1'b1;
            channel_of[in_sym_i] <= in_channel_i;
            if (in_late) dead_q[in_sym_i] <= 1'b1;
          end
          cause_q       <= in_cause_i;
          senseless_q   <= in_stale_i && in_alive && in_cause_i != wt_schema_pkg::REASON_BAD_LENGTH;
          die_soft_q    <= in_soft_now_i;
          state_event_q <= 1'b0;
          simple_q      <= !in_legs;
          add_q         <= !in_rem_i;
          two_q         <= in_rem_i && in_add_i;
          leg2_q        <= 1'b0;
          touched_q     <= 1'b0;
          search_q      <= 1'b0;
          if (in_all_i || (in_alive && (in_stale_i || in_soft_now_i))) state_q <= L_DIE;
          else state_q <= L_CMP;
        end
      end

      L_CMP: begin
        if (leg2_q) begin
          at_best_q <= top_q[48:32] != 17'd0 && code_q == top_q[81:49];
          better_q  <= top_q[48:32] == 17'd0 || (sell_q ? code_q < top_q[81:49] : code_q > top_q[81:49]);
        end else if (sell_q) begin
          at_best_q <= ask_top[48:32] != 17'd0 && code_q == ask_top[81:49];
          better_q  <= ask_top[48:32] == 17'd0 || code_q < ask_top[81:49];
          top_q     <= ask_top;
          top_was_q <= ask_top;
        end else begin
          at_best_q <= bid_top[48:32] != 17'd0 && code_q == bid_top[81:49];
          better_q  <= bid_top[48:32] == 17'd0 || code_q > bid_top[81:49];
          top_q     <= bid_top;
          top_was_q <= bid_top;
        end
        state_q <= simple_q ? L_FIN : L_ACT;
      end

      L_ACT: begin
        if (result_free) begin
          mode_q <= add_q ? M_SET : M_CLEAR;
          lv_wait_q <= lv_kick;
          nd_wait_q <= nd_kick;
          if (top_is_leg) touched_q <= 1'b1;
          top_q <= top_act;
          if (level_gone && at_best_q) search_q <= 1'b1;
          if (sum_over) begin
            senseless_q <= 1'b1;
            cause_q     <= wt_schema_pkg::REASON_SUM_OVERFLOW;
            state_q     <= L_DIE;
          end else if (lv_kick || nd_kick) begin
            state_q <= L_WAIT;
          end else if ((level_new && !nd_hit) || (level_gone && nd_gone)) begin
            depth_q <= depth_q + 2'd1;  // from SUB to 0, too
            state_q <= L_NREAD;
          end else if (!(level_gone && at_best_q)) begin
            state_q <= two_q && !leg2_q ? L_LEG2 : (two_q ? L_FIN : L_IDLE);
          end
        end
      end

      L_WAIT: begin
        if (!lv_busy && !nd_busy) begin
          if ((lv_wait_q && lv_fail) || (nd_wait_q && nd_fail)) begin
            die_soft_q <= 1'b1;
            cause_q    <= wt_schema_pkg::REASON_LEVEL_OVERFLOW;
            state_q    <= L_DIE;
          end else if (nd_hit) begin
            state_q <= L_FIN;  // the level needed room, the node was there
          end else if (depth_q == 2'd2) begin
            state_q <= L_ROOT;
          end else begin
            depth_q <= depth_q + 2'd1;
            state_q <= L_NREAD;
          end
        end
      end

      L_NREAD: begin
        nd_key_q <= nd_key;
        state_q  <= L_NCMP;
      end

      L_NCMP: state_q <= L_NODE;

      L_NODE: begin
        if (nd_kick) begin
          lv_wait_q <= 1'b0;
          nd_wait_q <= 1'b1;
          state_q   <= L_WAIT;
        end else if ((nd_set && !nd_hit) || nd_gone) begin
          depth_q <= depth_q + 2'd1;
          state_q <= depth_q == 2'd2 ? L_ROOT : L_NREAD;
        end else if (!find) begin
          state_q <= two_q && !leg2_q ? L_LEG2 : L_FIN;
        end
      end

      L_ROOT: begin
        if (mode_q == M_CLEAR && search_q) begin
          if (root_new == 64'd0) begin
            top_q   <= '0;
            state_q <= two_q && !leg2_q ? L_LEG2 : L_FIN;
          end
        end else begin
          state_q <= two_q && !leg2_q ? L_LEG2 : L_FIN;
        end
      end

      L_LREAD: state_q <= L_LCMP;

      L_LCMP: state_q <= L_LVL;

      L_LVL: begin
        top_q   <= {code_q, lv_val};
        state_q <= two_q && !leg2_q ? L_LEG2 : L_FIN;
      end

      L_LEG2: begin
        leg2_q   <= 1'b1;
        add_q    <= 1'b1;
        search_q <= 1'b0;
        code_q   <= add_code_q;
        depth_q  <= look_depth;
        nd_key_q <= nd_key;
        state_q  <= L_CMP;
      end

      L_FIN: if (result_free) state_q <= L_IDLE;

      L_DIE: begin
        // The symbol's entries are void from now on, in every table.
        if (all_q) begin
          if (!stale_q[channel_q]) stale_cause_q[channel_q] <= cause_q;
          stale_q[channel_q] <= 1'b1;
          other_sym_q <= '0;
        end else begin
          dead_q[sym_q] <= 1'b1;
          soft_syms_q[sym_q] <= die_soft_q;
          live_q <= live_q - {15'd0, count};
          state_event_q <= 1'b1;
        end
        simple_q <= 1'b1;
        trade_q  <= 1'b0;
        state_q  <= all_q ? L_COUNT : other_q ? L_DIE2 : L_FIN;
      end

      L_COUNT: state_q <= L_LOSE;

      L_LOSE: begin
        if (bound_q[other_sym_q] && channel_of[other_sym_q] == channel_q && !dead_q[other_sym_q]) begin
          dead_q[other_sym_q] <= 1'b1;
          live_q <= live_q - {15'd0, count};
        end
        other_sym_q <= other_sym_q + 1'b1;
        state_q <= other_sym_q == '1 ? L_FIN : L_COUNT;
      end

      default: begin  // L_DIE2
        dead_q[other_sym_q] <= 1'b1;
        live_q  <= live_q - {15'd0, count};
        state_q <= L_FIN;
      end
    endcase

    if (find && !(state_q == L_ROOT && root_new == 64'd0)) begin
      // One step down.
      mode_q <= M_FIND;
      if (state_q == L_ROOT) begin
        code_q[32:27] <= found[5:0];
        depth_q <= 2'd2;
        state_q <= L_NREAD;
      end else begin
        case (depth_q)
          2'd2: begin
            code_q[26:20] <= found;
            depth_q <= 2'd1;
            state_q <= L_NREAD;
          end
          2'd1: begin
            code_q[19:13] <= found;
            depth_q <= 2'd0;
            state_q <= L_NREAD;
          end
          2'd0: begin
            code_q[12:7] <= found[5:0];
            code_q[6:0]  <= 7'd0;
            depth_q <= SUB;
            state_q <= found_sub ? L_NREAD : L_LREAD;
          end
          default: begin
            code_q[6:0] <= found;
            state_q <= L_LREAD;
          end
        endcase
      end
    end

    if (emit) begin
      result_valid_o        <= 1'b1;
      result_o              <= '0;
      result_o.forward      <= forward_q;
      result_o.has_symbol   <= hw_q;
      result_o.sym          <= hw_q ? 16'(sym_q) : 16'd0;
      result_o.book_state   <= hw_q ? (!dead_q[sym_q] ? wt_schema_pkg::BOOK_STATE_VALID :
                               (soft_syms_q[sym_q] ? wt_schema_pkg::BOOK_STATE_SOFTWARE : wt_schema_pkg::BOOK_STATE_STALE)) :
                               (soft_q ? wt_schema_pkg::BOOK_STATE_SOFTWARE : wt_schema_pkg::BOOK_STATE_UNBOUND);
      result_o.bind_event   <= bind_q;
      result_o.state_event  <= state_event_q;
      if (state_event_q || all_q) result_o.cause <= cause_q;
      else if (bind_q && soft_q) result_o.cause <= wt_schema_pkg::REASON_NO_SLOT;
      else if (bind_q && stale_q[channel_q]) result_o.cause <= stale_cause_q[channel_q];
      result_o.other_event  <= other_q;
      if (other_q) result_o.other_sym <= 16'(other_sym_q);
      result_o.trade_event  <= trade_q;
      if (trade_q) begin
        result_o.trade_price <= trade_own_q ? price_of(rem_code_q) : trade_price_q;
        result_o.trade_sell  <= trade_sell_q;
      end
      result_o.unknown_ref  <= unknown_q;
      result_o.excess       <= excess_q;
      result_o.zero_add     <= zero_q;
      result_o.senseless    <= senseless_q;
      result_o.overflow     <= die_soft_q && state_event_q;
      if (!simple_q) begin
        result_o.bbo_event <= top_changed;
        {result_o.bid.price, result_o.bid.shares, result_o.bid.orders} <= side_of(sell_q ? other_top : top_new);
        {result_o.ask.price, result_o.ask.shares, result_o.ask.orders} <= side_of(sell_q ? top_new : other_top);
      end
      if (count_up) begin
        live_q <= live_q + 32'd1;
        if (live_q >= peak_q) peak_q <= live_q + 32'd1;
      end else if (count_down) begin
        live_q <= live_q - 32'd1;
      end
    end

    if (rst_i) begin
      state_q        <= L_SWEEP;
      sweep_q        <= '0;
      dead_q         <= '0;
      soft_syms_q    <= '0;
      stale_q        <= '0;
      bound_q        <= '0;
      live_q         <= '0;
      peak_q         <= '0;
      result_valid_o <= 1'b0;
    end
  end

endmodule
