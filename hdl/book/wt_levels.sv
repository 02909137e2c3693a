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
// the level; only a node that comes or goes itself touches its parent, which is read a cycle later.
//
// Of each side the best and the second best level are kept at hand. When the best goes, the second
// best takes its place at once; the one behind it is then searched while no operation waits (the
// extreme of the lowest node on the way up that has a bit beyond: never a scan). Should the best go
// again before that is known, the operation searches for its successor itself.
//
// This stage alone decides a symbol's state. Legs and verdicts of a symbol that is not valid are dropped.
//
// Latency: input taken to result four cycles; an input is taken every two cycles, one with two legs at two prices
// takes four; at one price they are one change. An input is looked up in the cycle in which it comes into the register st_q, and goes to work in the
// next one; when that must wait, it is looked up again. Node changes above the lowest take one to six cycles
// more, and a search by the operation itself nine (next best in the same node) to thirty.
module wt_levels #(
    parameter int unsigned SYM_W = 6,
    parameter int unsigned LEVEL_SLOTS_LOG2 = 16,
    parameter int unsigned NODE_SLOTS_LOG2 = 15,
    parameter int unsigned LEVEL_WAYS = 4,
    parameter int unsigned NODE_WAYS = 4,
    parameter int unsigned STEPS = 1       // cycles of a step: 1, or 4 (see wt_book)
) (
    input  logic             clk_i,
    input  logic             rst_i,
    // The last cycle of a step: all changes are in it.
    input  logic             go_i,
    // Tables swept.
    output logic             ready_o,
    // Nothing inside (a result may wait); no operation inside, but perhaps the search for a second best.
    output logic             idle_o,
    output logic             drained_o,
    // Symbols that are stale or software.
    output logic [2**SYM_W-1:0] dead_o,
    // And of those the ones that are not being loaded by the host.
    output logic [2**SYM_W-1:0] void_o,
    // From the order stage: see wt_orders.
    input  logic             in_valid_i,
    output logic             in_ready_o,
    input  logic             in_cancel_i,
    input  logic             in_forward_i,
    input  logic             in_hw_i,
    input  logic             in_soft_i,
    input  logic             in_bind_i,
    input  logic [SYM_W-1:0] in_sym_i,
    input  logic             in_sell_i,
    input  logic             in_rem_i,
    input  logic             in_gone_i,
    input  logic [32:0]      in_code_i,
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
    input  logic             in_load_i,
    input  logic [1:0]       in_join_i,
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

  localparam bit STEPPED = STEPS > 1;
  localparam int unsigned LKEY_W = SYM_W + 1 + 33;      // {symbol, sell, code}
  localparam int unsigned LVAL_W = 17 + 32;             // {orders, shares}
  localparam int unsigned LLOC_W = 2 * LEVEL_SLOTS_LOG2 - $clog2(2 * LEVEL_WAYS);
  localparam int unsigned NKEY_W = SYM_W + 1 + 2 + 26;  // {symbol, sell, depth, prefix of q}
  localparam int unsigned NLOC_W = 2 * NODE_SLOTS_LOG2 - $clog2(2 * NODE_WAYS);
  localparam logic [1:0] SUB = 2'd3;                    // depth of a sub-penny node

  typedef enum logic [4:0] {
    L_SWEEP,
    L_IDLE,   // take an input whose first leg's level and lowest node are being looked up; look up the parent node
    L_CMP,    // sides of the book arrive; look up the second leg, or the next input
    L_ACT,    // change the level, its lowest node, and the top; take the next input
    L_WAIT,   // a table makes room
    L_NODE,   // wait for the node of depth_q; change it, or take its bits
    L_ROOT,   // change or read the root
    L_PICK,   // choose the extreme of the bits taken
    L_LREAD,  // read the level found
    L_LRAM,
    L_LCMP,
    L_LVL,    // it becomes the best, or the second best
    L_LVL2,   // the one behind it in the same node becomes the second best
    L_LEG2,   // second leg: look up
    L_LEG2B,
    L_FIN,    // write the side, give the result, take the next input
    L_DIE,    // the symbol turns stale or software, and perhaps another one, too
    L_COUNT,  // a channel is lost: how many orders has the next symbol
    L_LOSE    // it turns stale, if it is the channel's
  } state_e;

  typedef enum logic [1:0] {
    M_SET,    // the level is new: its bit, and those of nodes that are new, are set upwards
    M_CLEAR,  // the level went: cleared upwards
    M_BEYOND, // upwards to a node with bits behind the level's
    M_FIND    // downwards to the extreme
  } mode_e;

  // ---------------------------------------------------------------- functions

  // Stepped its product has a register of its own.
  logic [31:0] hundred_q;
  generate
    if (STEPPED) begin : g_price
      always_ff @(posedge clk_i) hundred_q <= 32'(32'(code_q[32:7]) * 32'd100);
    end else begin : g_price_now
      assign hundred_q = '0;
    end
  endgenerate

  function automatic logic [31:0] price_of(input logic [32:0] code);
    price_of = 32'(32'(code[32:7]) * 32'd100) + {25'd0, code[6:0]};
  endfunction

  // Key of a node of a {symbol, side}.
  function automatic logic [27:0] node_key(input logic [1:0] depth, input logic [25:0] q);
    case (depth)
      2'd0:    node_key = {2'd0, q >> 6};
      2'd1:    node_key = {2'd1, q >> 13};
      2'd2:    node_key = {2'd2, q >> 20};
      default: node_key = {2'd3, q};
    endcase
  endfunction

  function automatic logic [1:0] lowest_depth(input logic [6:0] r);
    lowest_depth = r != 7'd0 ? SUB : 2'd0;
  endfunction

  // ---------------------------------------------------------------- state

  // An input.
  typedef struct packed {
    logic             forward, hw, sw, bind_now, sell, gone, rem, add;
    logic [SYM_W-1:0] sym, other_sym;
    logic [32:0]      code, add_code;
    logic [31:0]      rem_shares, add_shares, trade_price;
    logic             trade, trade_own, trade_sell, unknown, excess, zero, stale, soft_now, all, other;
    logic [2:0]       channel;
    logic [7:0]       cause;
    logic             load;
    logic [1:0]       join_state;
  } input_t;

  state_e state_q;
  mode_e  mode_q;
  logic   simple_q;     // no legs: the result is all there is to do
  logic   leg2_q;       // the leg in hand is the add of a replace
  logic   add_q;        // the leg in hand is an add
  logic   two_q;        // there are two legs
  logic   both_q;       // or two at one price, done as one change: add_shares_q is the difference,
  logic   less_q;       // which is negative
  logic   same_q;       // or 0
  logic   search_q;     // the best level went, the second best is not known: look for it
  logic   background_q; // not an operation, but the search for the second best of a side
  logic [1:0]  depth_q;
  logic [32:0] code_q;  // the leg's price; in a search, the level looked for as far as it is known
  logic [31:0] price_q; // of code_q
  logic [127:0] map_q;  // L_PICK: bits to choose from
  logic   map_root_q;   // they are the root's
  logic   pair_q;       // the search found a second one in the same node:
  logic [6:0] pair_found_q;  // its number there
  logic   nd_had_q;     // L_WAIT: the lowest node existed

  // The next input; it was looked up in the cycle before.
  logic   st_valid_q, fresh_q;
  input_t in, st_q;
  logic   st_both_q, st_same_q;

  // Node lookups of the leg in hand: which comes next, and which are under way, or shown (shown_q). Nodes are counted
  // from the lowest possible one up: 0 is that of sub-penny levels (its depth + 1), 4 the root.
  logic [2:0] ask_q;
  logic       asked1_q, asked2_q, shown_q;
  logic [1:0] asked1_depth_q, asked2_depth_q, shown_depth_q;
  logic       deep_q;   // the leg before changed nodes above its lowest, up to this depth: expect it of the next one
  logic [1:0] ended_q;

  // Input in hand.
  logic             forward_q, hw_q, soft_q, bind_q, sell_q, gone_q;
  logic [SYM_W-1:0] sym_q, other_sym_q;
  logic [31:0]      rem_shares_q, add_shares_q, trade_price_q;
  logic [32:0]      add_code_q;
  logic             trade_q, trade_own_q, trade_sell_q, unknown_q, excess_q, zero_q, all_q, other_q;
  logic [7:0]       cause_q;
  logic             die_soft_q, senseless_q, state_event_q;
  logic             died_q;                // L_DIE: the symbol itself is done, now the other one
  logic             lv_wait_q, nd_wait_q;  // L_WAIT: which table was asked to make room

  // A side whose second best is to be searched for.
  logic             pending_q, pending_sell_q;
  logic [SYM_W-1:0] pending_sym_q;

  // A symbol that is dead and not void is being loaded by the host: its operations count, those of the feed do not.
  logic [2**SYM_W-1:0] dead_q, void_q, soft_syms_q;
  logic                load_q, join_q;
  // Channels that are lost; why, and each symbol's channel, which is that of the message that bound it.
  logic [7:0]       stale_q;
  logic [7:0]       stale_cause_q [0:7];
  logic [2**SYM_W-1:0] bound_q;
  logic [2:0]       channel_of [0:2**SYM_W-1];
  logic [2:0]       channel_q;
  logic [31:0]      live_q, peak_q;
  logic [SYM_W:0]   sweep_q;

  assign dead_o = dead_q;
  assign void_o = void_q;
  assign drained_o = (state_q == L_IDLE || background_q) && !st_valid_q;
  assign idle_o = state_q == L_IDLE && !pending_q && !st_valid_q;
  assign orders_live_o = live_q;
  assign orders_peak_o = peak_q;

  // ---------------------------------------------------------------- tables

  logic              take, emit, lv_ready, nd_ready;
  logic              lv_lookup, lv_hit, lv_full, lv_write, lv_remove, lv_kick, lv_busy, lv_fail;
  logic [LKEY_W-1:0] lv_key;
  logic [LVAL_W-1:0] lv_val, lv_new;
  logic [LLOC_W-1:0] lv_loc;
  logic              nd_lookup, nd_hit, nd_full, nd_write, nd_remove, nd_kick, nd_busy, nd_fail, nd_stale;
  logic [NKEY_W-1:0] nd_key;
  logic [127:0]      nd_val, nd_new;
  logic [NLOC_W-1:0] nd_loc;

  wt_table #(
      .STEPS     (STEPS),
      .KEY_W     (LKEY_W),
      .VAL_W     (LVAL_W),
      .SLOTS_LOG2(LEVEL_SLOTS_LOG2),
      .WAYS      (LEVEL_WAYS),
      .OWNER_W   (SYM_W),
      .OWNER_LSB (34)
  ) u_levels (
      .clk_i   (clk_i),
      .rst_i   (rst_i),
      .ready_o (lv_ready),
      .dead_i  (void_q),
      .lookup_i(lv_lookup && go_i),
      .key_i   (lv_key),
      .keep_i  (1'b0),
      .hit_o   (lv_hit),
      .full_o  (lv_full),
      .val_o   (lv_val),
      .loc_o   (lv_loc),
      /* verilator lint_off PINCONNECTEMPTY */  // levels change in L_ACT only: in the cycle of a lookup or the one after it
      .stale_o (),
      /* verilator lint_on PINCONNECTEMPTY */
      .write_i (lv_write && go_i),
      .remove_i(lv_remove && go_i),
      .kick_i  (lv_kick && go_i),
      .loc_i   (lv_loc),
      .wkey_i  ({sym_q, sell_q, code_q}),
      .wval_i  (lv_new),
      .busy_o  (lv_busy),
      .fail_o  (lv_fail)
  );

  wt_table #(
      .STEPS     (STEPS),
      .KEY_W     (NKEY_W),
      .VAL_W     (128),
      .SLOTS_LOG2(NODE_SLOTS_LOG2),
      .WAYS      (NODE_WAYS),
      .OWNER_W   (SYM_W),
      .OWNER_LSB (29)
  ) u_nodes (
      .clk_i   (clk_i),
      .rst_i   (rst_i),
      .ready_o (nd_ready),
      .dead_i  (void_q),
      .lookup_i(nd_lookup && go_i),
      .key_i   (nd_key),
      .keep_i  (1'b0),
      .hit_o   (nd_hit),
      .full_o  (nd_full),
      .val_o   (nd_val),
      .loc_o   (nd_loc),
      .stale_o (nd_stale),
      .write_i (nd_write && go_i),
      .remove_i(nd_remove && go_i),
      .kick_i  (nd_kick && go_i),
      .loc_i   (nd_loc),
      .wkey_i  ({sym_q, sell_q, node_key(depth_q, code_q[32:7])}),
      .wval_i  (nd_new),
      .busy_o  (nd_busy),
      .fail_o  (nd_fail)
  );

  // Sides of the book, roots, orders of a symbol.
  logic              side_write, side_read;
  logic [63:0]       root, root_new;
  logic              root_write;
  logic [16:0]       count, count_new;
  logic              count_write;
  logic [SYM_W-1:0]  read_sym;
  logic              read_sell;
  logic [32:0]       side_code;      // L_CMP: best level of the side
  logic              side_unknown;   // L_CMP: its second best is not known
  logic              searches, unknown_after, top_changed, none_left;
  logic [80:0]       bid_best, ask_best;  // {price, orders, shares}

  wt_level_sides #(
      .SYM_W(SYM_W),
      .STEPS(STEPS)
  ) u_sides (
      .clk_i          (clk_i),
      .go_i           (go_i),
      .sweep_i        (state_q == L_SWEEP),
      .sweep_sym_i    (sweep_q[SYM_W-1:0]),
      .read_i         (side_read),
      .read_sym_i     (read_sym),
      .sym_i          (sym_q),
      .sell_i         (sell_q),
      .compare_i      (state_q == L_CMP && !simple_q),
      .leg2_i         (leg2_q),
      .code_i         (code_q),
      .side_code_o    (side_code),
      .side_unknown_o (side_unknown),
      .change_i       (state_q == L_ACT),
      .add_i          (add_q),
      .gone_i         (level_gone),
      .same_i         (same_q),
      .price_i        (price_q),
      .value_i        (lv_new),
      .searches_o     (searches),
      .found_i        (state_q == L_LVL || state_q == L_LVL2),
      .none_i         (none_left),
      .second_i       (background_q || state_q == L_LVL2),
      .value_found_i  (lv_val),
      .write_i        (side_write),
      .unknown_after_o(unknown_after),
      .changed_o      (top_changed),
      .bid_o          (bid_best),
      .ask_o          (ask_best)
  );

  wt_ram_fwd #(
      .WIDTH  (64),
      .ADDR_W (SYM_W + 1),
      .FORWARD(!STEPPED)
  ) u_root (
      .clk_i    (clk_i),
      .wr_en_i  (go_i && (state_q == L_SWEEP || root_write)),
      .wr_addr_i(state_q == L_SWEEP ? sweep_q : {sym_q, sell_q}),
      .wr_data_i(state_q == L_SWEEP ? 64'd0 : root_new),
      .rd_en_i  (go_i && (side_read || (state_q == L_CMP && leg2_q))),
      .rd_addr_i({read_sym, read_sell}),
      .rd_data_o(root)
  );

  wt_ram_fwd #(
      .WIDTH  (17),
      .ADDR_W (SYM_W),
      .FORWARD(!STEPPED)
  ) u_count (
      .clk_i    (clk_i),
      .wr_en_i  (go_i && (state_q == L_SWEEP || count_write)),
      .wr_addr_i(state_q == L_SWEEP ? sweep_q[SYM_W-1:0] : sym_q),
      .wr_data_i(state_q == L_SWEEP ? 17'd0 : count_new),
      .rd_en_i  (go_i && (take || state_q == L_DIE || state_q == L_COUNT)),
      .rd_addr_i(take ? st_q.sym : other_sym_q),
      .rd_data_o(count)
  );

  assign ready_o = lv_ready && nd_ready && state_q != L_SWEEP;

  // ---------------------------------------------------------------- input

  always_comb begin
    in = 'x;
    if (in_valid_i) begin
      in = {in_forward_i, in_hw_i, in_soft_i, in_bind_i, in_sell_i, in_gone_i, in_rem_i, in_add_i, in_sym_i,
            in_other_sym_i, in_code_i, in_add_code_i, in_rem_shares_i, in_add_shares_i, in_trade_price_i, in_trade_i,
            in_trade_own_i, in_trade_sell_i, in_unknown_i, in_excess_i, in_zero_i, in_stale_i, in_soft_now_i, in_all_i,
            in_other_i, in_channel_i, in_cause_i, in_load_i, in_join_i};
    end
  end

  // At one operation every two cycles the result register is free by itself.
  logic result_free, st_late, st_counts, st_alive, st_legs, start_background, take_now;
  generate
    if (STEPPED) begin : g_free
      // As it is when a step begins.
      always_ff @(posedge clk_i) if (go_i) result_free <= !result_valid_o && !emit;
    end else begin : g_free_now
      assign result_free = !result_valid_o;
    end
  endgenerate
  assign in_ready_o = !st_valid_q;
  // A search in the background gives way to an operation at any time, and starts anew later.
  assign take_now = st_valid_q && !in_cancel_i && (fresh_q || !(st_q.rem || st_q.add));
  // Stepped: not in a step that writes what is read here.
  assign take = take_now && (state_q == L_IDLE || (STEPPED ? background_q && state_q != L_LVL && state_q != L_ROOT
                                                           : background_q || emit));
  wt_settle #(.WIDTH(2), .ON(STEPPED)) u_alive (
      .clk_i(clk_i),
      .d_i  ({st_q.bind_now && stale_q[st_q.channel],  // bound to a channel that is lost already
              st_q.load ? dead_q[st_q.sym] && !void_q[st_q.sym] : !dead_q[st_q.sym]}),
      .q_o  ({st_late, st_counts}));
  assign st_alive = st_q.hw && !st_late && st_counts;
  assign st_legs = st_alive && (st_q.rem || st_q.add) && !st_q.soft_now && !st_q.stale;
  assign start_background = state_q == L_IDLE && pending_q && !in_valid_i && !st_valid_q;
  assign side_read = take || start_background;
  always_comb begin
    read_sym  = sym_q;
    read_sell = sell_q;
    if (take) begin
      read_sym  = st_q.sym;
      read_sell = st_q.sell;
    end else if (start_background) begin
      read_sym  = pending_sym_q;
      read_sell = pending_sell_q;
    end
  end

  // ---------------------------------------------------------------- lookups

  logic last_leg, here, awaited, may_end, look_leg2, look_next, ask_next, ask_own, ask_must, may_look;
  assign last_leg = !two_q || leg2_q;
  // The node that L_NODE needs: shown, or to come.
  assign here = shown_q && shown_depth_q == depth_q && !nd_stale;
  assign awaited = (asked1_q && asked1_depth_q == depth_q) || (asked2_q && asked2_depth_q == depth_q);
  assign ask_must = state_q == L_NODE && !here && !awaited;

  // Both tables: the second leg, or the next input, from where it is.
  assign look_leg2 = state_q == L_LEG2 || (!STEPPED && state_q == L_CMP && !last_leg);
  always_comb begin
    may_end  = background_q;
    may_look = background_q;
    case (state_q)
      L_IDLE, L_LVL, L_LVL2, L_FIN: begin
        may_end  = 1'b1;
        may_look = 1'b1;
      end
      L_LCMP: may_look = 1'b1;
      L_NODE: begin
        may_end = here && (depth_q == 2'd2 || depth_q == ended_q);
        if (here || (awaited && (ask_q == 3'd4 || mode_q == M_FIND))) may_look = 1'b1;
      end
      L_CMP: if (last_leg && !(deep_q && (add_q || gone_q) && ask_q != 3'd4 && !simple_q)) may_look = 1'b1;
      L_ACT: begin
        may_end = last_leg;
        if (last_leg && !(deep_q && (add_q || gone_q) && ask_q != 3'd4)) may_look = 1'b1;
      end
      default: ;
    endcase
  end
  // Stepped, one at a time: not while the results of another one are needed.
  assign look_next = STEPPED ? st_valid_q && (st_q.rem || st_q.add) && !fresh_q &&
                               (state_q == L_IDLE || (background_q && state_q != L_LCMP && state_q != L_LVL))
                   : may_look && (st_valid_q ? (st_q.rem || st_q.add) && !(fresh_q && may_end)
                                             : in_valid_i && (in_rem_i || in_add_i));
  // Nodes alone: the parent of the next leg's lowest; and those of the leg in hand, a cycle ahead of their need.
  assign ask_next = !STEPPED && !look_next && ((state_q == L_ACT && !last_leg) ||
                                   (may_end && take_now && ((st_q.add && !st_q.rem) || (st_q.rem && st_q.gone))));
  assign ask_own = !look_leg2 && !look_next && !ask_next && !(STEPPED && take) &&
                   (ask_must || (!STEPPED && ask_q != 3'd4 && (((state_q == L_CMP || state_q == L_ACT || state_q == L_LEG2B) &&
                                                    (add_q || gone_q) && last_leg && !simple_q) ||
                                                   (state_q == L_NODE && mode_q != M_FIND))));

  // The level behind the one found.
  logic [32:0] pair_code;
  assign pair_code = {code_q[32:13], depth_q == SUB ? {code_q[12:7], pair_found_q} : {pair_found_q[5:0], 7'd0}};

  logic [SYM_W:0] look_side;
  logic [32:0]    look_code;
  logic [1:0]     look_depth;
  assign lv_lookup = look_leg2 || look_next || (state_q == L_LREAD && !(STEPPED && take)) || (state_q == L_LRAM && pair_q);
  assign nd_lookup = look_leg2 || look_next || ask_next || ask_own;
  always_comb begin
    look_side  = {sym_q, sell_q};
    look_code  = code_q;
    look_depth = ask_must ? depth_q : ask_q[1:0] - 2'd1;
    if (state_q == L_LRAM) look_code = pair_code;
    if (look_leg2 || (state_q == L_ACT && !last_leg)) begin
      look_code  = add_code_q;
      look_depth = lowest_depth(add_code_q[6:0]) + {1'b0, !look_leg2};
    end else if ((look_next || ask_next) && st_valid_q) begin
      look_side  = {st_q.sym, st_q.sell};
      look_code  = st_q.code;
      look_depth = lowest_depth(st_q.code[6:0]) + {1'b0, !look_next};
    end else if (look_next) begin
      look_side  = {in_sym_i, in_sell_i};
      look_code  = in_code_i;
      look_depth = lowest_depth(in_code_i[6:0]);
    end
  end
  assign lv_key = {look_side, look_code};
  assign nd_key = {look_side, node_key(look_depth, look_code[32:7])};

  // The second leg is in hand from the next cycle on.
  logic to_leg2;
  assign to_leg2 = state_q == L_LEG2 || (!STEPPED && leg_done && !last_leg);

  always_ff @(posedge clk_i) begin
    if (go_i) begin
      fresh_q <= look_next;
      if (in_valid_i && in_ready_o) begin
        st_valid_q <= 1'b1;
        st_q       <= in;
        st_both_q  <= in_rem_i && in_add_i && in_code_i == in_add_code_i;
        st_same_q  <= in_rem_shares_i == in_add_shares_i;
      end else if (take || in_cancel_i) begin
        st_valid_q <= 1'b0;
      end

      asked1_q       <= ask_own || (ask_next && (take || to_leg2));
      asked1_depth_q <= look_depth;
      asked2_q       <= asked1_q;
      asked2_depth_q <= asked1_depth_q;
      shown_q        <= asked2_q;
      shown_depth_q  <= asked2_depth_q;
      if (ask_own) ask_q <= (ask_must ? {1'b0, depth_q + 2'd1} : ask_q) + 3'd1;
      if (take) ask_q <= (st_q.code[6:0] != 7'd0 ? 3'd1 : 3'd2) + {2'd0, ask_next};
      else if (to_leg2) ask_q <= (add_code_q[6:0] != 7'd0 ? 3'd1 : 3'd2) + {2'd0, ask_next};
      if (take || to_leg2 || state_q == L_PICK || state_q == L_WAIT || (state_q == L_CMP && background_q)) begin
        asked2_q <= 1'b0;
        shown_q  <= 1'b0;
      end
      if (state_q == L_PICK || state_q == L_WAIT) asked1_q <= 1'b0;
      if (state_q == L_ACT && (add_q || gone_q)) deep_q <= up;
      if (node_done) ended_q <= depth_q;
    end

    if (rst_i) begin
      st_valid_q <= 1'b0;
      fresh_q    <= 1'b0;
      asked1_q   <= 1'b0;
      asked2_q   <= 1'b0;
      shown_q    <= 1'b0;
      deep_q     <= 1'b0;
    end
  end

  // ---------------------------------------------------------------- changes

  // The leg's level (L_ACT).
  logic        act;
  logic [32:0] sum;
  logic [16:0] orders_new;
  logic        over, comes, goes, sum_over, level_new, level_gone;
  assign act = state_q == L_ACT;

  logic              over_q, comes_q, goes_q;
  logic [LVAL_W-1:0] lv_new_q;
  always_comb begin
    sum        = 'x;
    orders_new = 'x;
    sum_over   = 1'b0;
    level_new  = 1'b0;
    level_gone = 1'b0;
    lv_write   = 1'b0;
    lv_remove  = 1'b0;
    lv_kick    = 1'b0;
    over       = 1'b0;
    comes      = 1'b0;
    goes       = 1'b0;
    if (act) begin
      if (add_q || both_q) begin
        sum        = {1'b0, lv_hit ? lv_val[31:0] : 32'd0} + {1'b0, add_shares_q};
        orders_new = lv_hit ? lv_val[48:32] + {16'd0, add_q} : 17'd1;
        over       = sum[32] && !less_q;
        comes      = !lv_hit;
      end else begin
        sum        = {1'b0, lv_val[31:0] - rem_shares_q};
        orders_new = lv_val[48:32] - {16'd0, gone_q};
        goes       = gone_q && lv_val[48:32] == 17'd1;
      end
      sum_over   = STEPPED ? over_q : over;
      level_new  = STEPPED ? comes_q : comes;
      level_gone = STEPPED ? goes_q : goes;
      lv_kick    = level_new && lv_full;
      lv_write   = !sum_over && !level_gone && !lv_kick;
      lv_remove  = level_gone;
    end
    lv_new = STEPPED ? lv_new_q : {orders_new, sum[31:0]};
  end
  generate
    if (STEPPED) begin : g_change
      always_ff @(posedge clk_i) {over_q, comes_q, goes_q, lv_new_q} <= {over, comes, goes, orders_new, sum[31:0]};
    end else begin : g_change_now
      assign {over_q, comes_q, goes_q, lv_new_q} = '0;
    end
  endgenerate

  // The node in hand (L_ACT for the lowest, L_NODE above it), and the root.
  logic         nd_set, nd_clear, nd_gone, node;
  assign node = state_q == L_NODE && here;
  assign nd_set = (act && level_new) || (node && mode_q == M_SET);
  assign nd_clear = (act && level_gone) || (node && mode_q == M_CLEAR);
  // The root changes together with the last node below it, unless it is to be searched, too.
  logic root_now;
  assign root_now = node && depth_q == 2'd2 && !search_q && ((nd_set && !nd_hit && !nd_kick) || nd_gone);
  assign root_write = root_now || (state_q == L_ROOT && !background_q);
  assign none_left = state_q == L_ROOT && root_new == 64'd0 && (background_q || search_q);

  logic [127:0] map, left;
  logic [6:0]   found;
  logic         found_sub;

  wt_level_nodes #(
      .STEPPED(STEPPED)
  ) u_bits (
      .clk_i       (clk_i),
      .depth_i     (depth_q),
      .code_i      (code_q),
      .sell_i      (sell_q),
      .set_i       (nd_set),
      .clear_i     (nd_clear),
      .hit_i       (nd_hit),
      .full_i      (nd_full),
      .val_i       (nd_val),
      .new_o       (nd_new),
      .gone_o      (nd_gone),
      .write_o     (nd_write),
      .remove_o    (nd_remove),
      .kick_o      (nd_kick),
      .root_i      (root),
      .root_use_i  (root_write || state_q == L_ROOT),
      .root_set_i  (mode_q == M_SET),
      .root_clear_i(mode_q == M_CLEAR),
      .root_new_o  (root_new),
      .beyond_i    (node && mode_q == M_BEYOND),
      .map_o       (map),
      .pick_i      (state_q == L_PICK || state_q == L_LREAD),
      .map_i       (map_q),
      .found_o     (found),
      .found_sub_o (found_sub),
      .left_o      (left)
  );

  // ---------------------------------------------------------------- result

  // The leg ends in L_ACT when nothing above its lowest node changes and there is nothing to search.
  logic leg_done, node_done, up;
  assign up = (level_new && !nd_hit) || (level_gone && nd_gone);
  // And in L_NODE when the way up ends there.
  wt_settle #(.WIDTH(2), .ON(STEPPED)) u_done (
      .clk_i(clk_i),
      .d_i  ({act && !sum_over && !lv_kick && !nd_kick && !up && !searches,
              ((nd_set && nd_hit) || (nd_clear && !nd_gone && !search_q) || root_now) && node}),
      .q_o  ({leg_done, node_done}));
  assign emit = result_free && (((leg_done || node_done) && last_leg) ||
                               (last_leg && ((state_q == L_LVL && !background_q && !pair_q) || state_q == L_LVL2)) || state_q == L_FIN);
  assign side_write = (emit && !simple_q && !void_q[sym_q]) || (background_q && (state_q == L_LVL || none_left));

  logic count_up, count_down;
  assign count_up = emit && !simple_q && add_q && !two_q;
  assign count_down = emit && !simple_q && !add_q && gone_q;
  assign count_write = count_up || count_down;
  assign count_new = count_up ? count + 17'd1 : count - 17'd1;

  always_ff @(posedge clk_i) begin
    if (result_valid_o && result_ready_i) result_valid_o <= 1'b0;

    if (go_i) begin
      case (state_q)
        L_SWEEP: begin
          sweep_q <= sweep_q + 1'b1;
          if (sweep_q == '1) state_q <= L_IDLE;
        end

        L_IDLE: begin
          if (start_background) begin
            background_q <= 1'b1;
            simple_q     <= 1'b0;
            two_q        <= 1'b0;
            both_q       <= 1'b0;
            leg2_q       <= 1'b0;
            add_q        <= 1'b0;
            gone_q       <= 1'b0;
            search_q     <= 1'b0;
            sym_q        <= pending_sym_q;
            sell_q       <= pending_sell_q;
            mode_q       <= M_BEYOND;
            state_q      <= L_CMP;
          end
        end

        L_CMP: begin
          price_q <= STEPPED ? hundred_q + {25'd0, code_q[6:0]} : price_of(code_q);
          if (both_q) {less_q, add_shares_q} <= {1'b0, add_shares_q} - {1'b0, rem_shares_q};
          if (simple_q) begin
            state_q <= L_FIN;
          end else begin
            state_q <= L_ACT;
            if (background_q) begin
              // From the best level's lowest node on.
              code_q  <= side_code;
              depth_q <= lowest_depth(side_code[6:0]);
              state_q <= L_NODE;
              if (void_q[sym_q] || !side_unknown) begin
                pending_q    <= 1'b0;
                background_q <= 1'b0;
                state_q      <= L_IDLE;
              end
            end
          end
        end

        L_ACT: begin
          mode_q    <= add_q ? M_SET : M_CLEAR;
          lv_wait_q <= lv_kick;
          nd_wait_q <= nd_kick;
          nd_had_q  <= nd_hit;
          search_q  <= searches;
          if (trade_own_q) trade_price_q <= price_q;
          trade_own_q <= 1'b0;
          if (sum_over) begin
            senseless_q <= 1'b1;
            cause_q     <= wt_schema_pkg::REASON_SUM_OVERFLOW;
            state_q     <= L_DIE;
          end else if (lv_kick || nd_kick) begin
            state_q <= L_WAIT;
          end else if (up) begin
            depth_q <= depth_q + 2'd1;  // from SUB to 0, too
            state_q <= L_NODE;
          end else if (searches) begin
            map_q      <= map;
            map_root_q <= 1'b0;
            state_q    <= L_PICK;
          end else begin
            state_q <= !last_leg ? (STEPPED ? L_LEG2 : L_CMP) : (emit ? L_IDLE : L_FIN);
          end
        end

        L_WAIT: begin
          if (!lv_busy && !nd_busy) begin
            if ((lv_wait_q && lv_fail) || (nd_wait_q && nd_fail)) begin
              die_soft_q <= 1'b1;
              cause_q    <= wt_schema_pkg::REASON_LEVEL_OVERFLOW;
              state_q    <= L_DIE;
            end else if (nd_had_q) begin
              state_q <= last_leg ? L_FIN : L_LEG2;  // the level needed room, the node was there
            end else if (depth_q == 2'd2) begin
              state_q <= L_ROOT;
            end else begin
              depth_q <= depth_q + 2'd1;
              state_q <= L_NODE;
            end
          end
        end

        L_NODE: if (here) begin
          map_q      <= map;
          map_root_q <= 1'b0;
          nd_had_q   <= 1'b0;
          lv_wait_q  <= 1'b0;
          nd_wait_q  <= 1'b1;
          if (nd_kick) begin
            state_q <= L_WAIT;
          end else if (node_done) begin
            state_q <= !last_leg ? L_LEG2 : (emit ? L_IDLE : L_FIN);
          end else if ((nd_set && !nd_hit) || nd_gone || (mode_q == M_BEYOND && map == 128'd0)) begin
            depth_q <= depth_q + 2'd1;
            state_q <= depth_q == 2'd2 ? L_ROOT : L_NODE;
          end else begin
            state_q <= L_PICK;
          end
        end

        L_ROOT: begin
          map_q      <= {64'd0, root_new};
          map_root_q <= 1'b1;
          if ((background_q || search_q) && root_new != 64'd0) begin
            state_q <= L_PICK;
          end else if (background_q) begin
            pending_q    <= 1'b0;
            background_q <= 1'b0;
            state_q      <= L_IDLE;
          end else begin
            state_q <= last_leg ? L_FIN : L_LEG2;
          end
        end

        L_PICK: begin
          // One step down.
          mode_q     <= M_FIND;
          map_root_q <= 1'b0;
          map_q      <= left;
          state_q    <= L_NODE;
          if (map_root_q) begin
            code_q[32:27] <= found[5:0];
            depth_q <= 2'd2;
          end else begin
            case (depth_q)
              2'd2: begin
                code_q[26:20] <= found;
                depth_q <= 2'd1;
              end
              2'd1: begin
                code_q[19:13] <= found;
                depth_q <= 2'd0;
              end
              2'd0: begin
                code_q[12:7] <= found[5:0];
                code_q[6:0]  <= 7'd0;
                if (found_sub) depth_q <= SUB;
                else state_q <= L_LREAD;
              end
              default: begin
                code_q[6:0] <= found;
                state_q <= L_LREAD;
              end
            endcase
          end
        end

        L_LREAD: begin
          // The operation that had to search leaves the second best, too, if it is in the same node (and two lookups may
          // follow each other).
          pair_q       <= !STEPPED && !background_q && map_q != 128'd0 && !found_sub;
          pair_found_q <= found;
          state_q      <= L_LRAM;
        end

        L_LRAM: state_q <= L_LCMP;

        L_LCMP: begin
          price_q <= STEPPED ? hundred_q + {25'd0, code_q[6:0]} : price_of(code_q);
          state_q <= L_LVL;
        end

        L_LVL: begin
          if (!STEPPED) begin
            code_q  <= pair_code;
            price_q <= price_of(pair_code);
          end
          if (background_q) begin
            pending_q    <= 1'b0;
            background_q <= 1'b0;
            state_q      <= L_IDLE;
          end else if (pair_q) begin
            state_q <= L_LVL2;
          end else begin
            state_q <= !last_leg ? L_LEG2 : (emit ? L_IDLE : L_FIN);
          end
        end

        L_LVL2: state_q <= !last_leg ? L_LEG2 : (emit ? L_IDLE : L_FIN);

        L_LEG2: state_q <= L_LEG2B;

        L_LEG2B: state_q <= L_CMP;

        L_FIN: if (emit) state_q <= L_IDLE;

        L_DIE: begin
          // The symbol's entries are void from now on, in every table.
          simple_q <= 1'b1;
          trade_q  <= 1'b0;
          died_q   <= 1'b1;
          state_q  <= other_q && !died_q ? L_DIE : L_FIN;
          if (died_q) begin
            dead_q[other_sym_q] <= 1'b1;
            void_q[other_sym_q] <= 1'b1;
            live_q <= live_q - {15'd0, count};
          end else if (all_q) begin
            if (!stale_q[channel_q]) stale_cause_q[channel_q] <= cause_q;
            stale_q[channel_q] <= 1'b1;
            other_sym_q <= '0;
            state_q     <= L_COUNT;
          end else begin
            dead_q[sym_q] <= 1'b1;
            void_q[sym_q] <= 1'b1;
            soft_syms_q[sym_q] <= die_soft_q;
            live_q <= live_q - {15'd0, count};
            state_event_q <= 1'b1;
          end
        end

        L_COUNT: state_q <= L_LOSE;

        default: begin  // L_LOSE
          if (bound_q[other_sym_q] && channel_of[other_sym_q] == channel_q && !void_q[other_sym_q]) begin
            dead_q[other_sym_q] <= 1'b1;
            void_q[other_sym_q] <= 1'b1;
            live_q <= live_q - {15'd0, count};
          end
          other_sym_q <= other_sym_q + 1'b1;
          state_q <= other_sym_q == '1 ? L_FIN : L_COUNT;
        end
      endcase

      // What was called back has been looked up: the search's own lookups are gone.
      if (in_cancel_i && background_q) begin
        background_q <= 1'b0;
        state_q      <= L_IDLE;
      end

      if (to_leg2) begin
        leg2_q   <= 1'b1;
        add_q    <= 1'b1;
        search_q <= 1'b0;
        code_q   <= add_code_q;
        depth_q  <= lowest_depth(add_code_q[6:0]);
      end

      if (take) begin
        background_q  <= 1'b0;
        forward_q     <= st_q.forward;
        hw_q          <= st_q.hw;
        soft_q        <= st_q.sw;
        bind_q        <= st_q.bind_now;
        sym_q         <= st_q.sym;
        sell_q        <= st_q.sell;
        gone_q        <= st_q.gone && !st_both_q;
        rem_shares_q  <= st_q.rem_shares;
        add_shares_q  <= st_q.add_shares;
        add_code_q    <= st_q.add_code;
        code_q        <= st_q.code;
        depth_q       <= lowest_depth(st_q.code[6:0]);
        trade_q       <= st_q.trade && st_alive;
        trade_own_q   <= st_q.trade_own;
        trade_sell_q  <= st_q.trade_sell;
        trade_price_q <= st_q.trade_price;
        unknown_q     <= st_q.unknown && st_alive;
        excess_q      <= st_q.excess && st_alive;
        zero_q        <= st_q.zero && st_alive;
        other_q       <= st_q.other && st_alive;
        other_sym_q   <= st_q.other_sym;
        all_q         <= st_q.all;
        channel_q     <= st_q.channel;
        if (st_q.bind_now && st_q.hw) begin
          bound_q[st_q.sym]    <= 1'b1;
          channel_of[st_q.sym] <= st_q.channel;
          if (st_late || st_q.load) dead_q[st_q.sym] <= 1'b1;
          if (st_late && !st_q.load) void_q[st_q.sym] <= 1'b1;
        end
        load_q        <= st_q.load;
        join_q        <= st_q.join_state != 2'd0 && st_q.hw;
        cause_q       <= st_q.cause;
        senseless_q   <= st_q.stale && st_alive && st_q.cause != wt_schema_pkg::REASON_BAD_LENGTH;
        die_soft_q    <= st_q.soft_now;
        died_q        <= 1'b0;
        state_event_q <= st_q.join_state != 2'd0 && st_q.hw;
        simple_q      <= !st_legs;
        add_q         <= !st_q.rem;
        two_q         <= st_q.rem && st_q.add && !st_both_q;
        both_q        <= st_both_q;
        less_q        <= 1'b0;
        same_q        <= st_both_q && st_same_q;
        leg2_q        <= 1'b0;
        search_q      <= 1'b0;
        if (st_q.all || (st_alive && (st_q.stale || st_q.soft_now))) state_q <= L_DIE;
        else state_q <= L_CMP;
        if (st_q.join_state != 2'd0) begin
          // In step: valid from here on. A later message has passed: the host loads that, too. Else it begins anew.
          cause_q <= st_q.join_state == 2'd1 ? wt_schema_pkg::REASON_NONE :
                     st_q.join_state == 2'd2 ? wt_schema_pkg::REASON_JOIN_LATE : wt_schema_pkg::REASON_JOIN_SUM;
          if (st_alive && st_q.join_state == 2'd1) dead_q[st_q.sym] <= 1'b0;
          if (st_alive && st_q.join_state == 2'd3) begin
            die_soft_q <= 1'b1;
            state_q    <= L_DIE;
          end
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
        else if (bind_q && stale_q[channel_q] && !load_q) result_o.cause <= stale_cause_q[channel_q];
        result_o.other_event  <= other_q;
        if (other_q) result_o.other_sym <= 16'(other_sym_q);
        result_o.trade_event  <= trade_q && !load_q;
        if (trade_q) begin
          result_o.trade_price <= trade_own_q ? price_q : trade_price_q;
          result_o.trade_sell  <= trade_sell_q;
        end
        result_o.unknown_ref  <= unknown_q;
        result_o.excess       <= excess_q;
        result_o.zero_add     <= zero_q;
        result_o.senseless    <= senseless_q;
        result_o.overflow     <= die_soft_q && state_event_q && !join_q;
        if (!simple_q) begin
          result_o.bbo_event <= top_changed && !load_q;
          {result_o.bid.price, result_o.bid.orders, result_o.bid.shares} <= bid_best;
          {result_o.ask.price, result_o.ask.orders, result_o.ask.shares} <= ask_best;
          if (unknown_after) begin
            pending_q      <= 1'b1;
            pending_sym_q  <= sym_q;
            pending_sell_q <= sell_q;
          end
        end
        if (count_up) begin
          live_q <= live_q + 32'd1;
          if (live_q >= peak_q) peak_q <= live_q + 32'd1;
        end else if (count_down) begin
          live_q <= live_q - 32'd1;
        end
      end
    end

    if (rst_i) begin
      state_q        <= L_SWEEP;
      sweep_q        <= '0;
      background_q   <= 1'b0;
      pending_q      <= 1'b0;
      dead_q         <= '0;
      void_q         <= '0;
      soft_syms_q    <= '0;
      stale_q        <= '0;
      bound_q        <= '0;
      live_q         <= '0;
      peak_q         <= '0;
      result_valid_o <= 1'b0;
    end
  end

endmodule
