// The two best levels of each side of every symbol, and the side in hand (see wt_levels).
//
// A level here is {code, price, orders, shares}, 0 when there is none. Of the second best it may not
// be known which it is; it is never known wrongly.
//
// Latency: read_i in one cycle, compare_i in the next, change_i in the one after. A write is seen by a
// read in its cycle. Stepped, all of it happens in the last cycles of steps; a symbol is read when it has been
// on sym_i and sell_i for three cycles, and nothing is written that is read in the same step.
module wt_level_sides #(
    parameter int unsigned SYM_W = 6,
    parameter int unsigned STEPS = 1
) (
    input  logic             clk_i,
    input  logic             go_i,
    // Empty both sides of sweep_sym.
    input  logic             sweep_i,
    input  logic [SYM_W-1:0] sweep_sym_i,
    // Read both sides of a symbol.
    input  logic             read_i,
    input  logic [SYM_W-1:0] read_sym_i,
    // The side in hand, and the level of the leg in hand (or the level that was found).
    input  logic [SYM_W-1:0] sym_i,
    input  logic             sell_i,
    input  logic [32:0]      code_i,
    input  logic [31:0]      price_i,
    // Compare the leg's level with what was read, or (second leg) with what the first leg left.
    input  logic             compare_i,
    input  logic             leg2_i,
    // In the cycle of compare: what was read. Its best level; its second best is not known.
    output logic [32:0]      side_code_o,
    output logic             side_unknown_o,
    // The leg's level has {orders, shares} now; gone: it is no more; same: as it had before.
    input  logic             change_i,
    input  logic             add_i,
    input  logic             gone_i,
    input  logic             same_i,
    input  logic [48:0]      value_i,
    output logic             searches_o,   // it was the best, and the next is not known
    // A search found code, price and value_found, or that there is none, for the best or the second best.
    input  logic             found_i,
    input  logic             none_i,
    input  logic             second_i,
    input  logic [48:0]      value_found_i,
    // Write the side in hand back, as it is after this cycle.
    input  logic             write_i,
    // After this cycle: the second best is not known; the best differs from what was read; both bests (without
    // write_i they mean nothing).
    output logic             unknown_after_o,
    output logic             changed_o,
    output logic [80:0]      bid_o,        // {price, orders, shares}
    output logic [80:0]      ask_o
);

  localparam bit STEPPED = STEPS > 1;
  localparam int unsigned TOP_W = 33 + 32 + 49;
  localparam int unsigned SIDE_W = 2 + 2 * TOP_W;  // {what is known of the second, second, best}
  localparam logic [1:0] SEC_NONE = 2'd0;          // there is none
  localparam logic [1:0] SEC_UNKNOWN = 2'd1;
  localparam logic [1:0] SEC_KNOWN = 2'd2;

  logic [SIDE_W-1:0] side, side_new;
  logic [SIDE_W-1:0] bid_side, ask_side;  // as read; stepped: the side in hand,
  logic [80:0]       best_q;              // and the best of the other one
  logic [1:0]        know_q;
  logic [TOP_W-1:0]  sec_q, top_q;
  logic [80:0]       other_q;       // best of the other side: {price, orders, shares}
  logic              best_gone;
  logic              at_best_q, better_q, at_second_q, before_second_q;
  logic              touched_q;     // the best changed

  generate
    if (STEPPED) begin : g_one
      // Both sides in one memory, read by turns.
      logic [SIDE_W-1:0] mem [0:2**(SYM_W+1)-1];
      logic [SIDE_W-1:0] side_q;
      logic              turn_q;
      wire [SIDE_W-1:0] word = mem[{sym_i, sell_i ^ turn_q}];
      // A sweep empties first the one side, then the other, more than once.
      wire [SYM_W:0] to = sweep_i ? {sweep_sym_i, turn_q} : {sym_i, sell_i};
      always_ff @(posedge clk_i) begin
        turn_q <= !turn_q && !(sweep_i && go_i);
        if (turn_q) best_q <= word[80:0];
        else side_q <= word;
        if (sweep_i || (go_i && write_i)) mem[to] <= side_new;
      end
      assign side = side_q;
      assign bid_side = '0;
      assign ask_side = '0;
      wire unused = read_i || read_sym_i != '0 || bid_side != '0 || ask_side != '0;
    end else begin : g_two
      assign best_q = '0;
      wt_ram_fwd #(
          .WIDTH (SIDE_W),
          .ADDR_W(SYM_W)
      ) u_bid (
          .clk_i    (clk_i),
          .wr_en_i  (sweep_i || (write_i && !sell_i)),
          .wr_addr_i(sweep_i ? sweep_sym_i : sym_i),
          .wr_data_i(side_new),
          .rd_en_i  (read_i),
          .rd_addr_i(read_sym_i),
          .rd_data_o(bid_side)
      );

      wt_ram_fwd #(
          .WIDTH (SIDE_W),
          .ADDR_W(SYM_W)
      ) u_ask (
          .clk_i    (clk_i),
          .wr_en_i  (sweep_i || (write_i && sell_i)),
          .wr_addr_i(sweep_i ? sweep_sym_i : sym_i),
          .wr_data_i(side_new),
          .rd_en_i  (read_i),
          .rd_addr_i(read_sym_i),
          .rd_data_o(ask_side)
      );

      // Wide and seldom needed.
      always_comb begin
        side = 'x;
        if (compare_i) side = sell_i ? ask_side : bid_side;
      end
    end
  endgenerate
  assign side_code_o = side[113:81];
  assign side_unknown_o = side[SIDE_W-1-:2] == SEC_UNKNOWN;

  // ---------------------------------------------------------------- compare

  logic [1:0]  know_cmp;
  logic [32:0] sec_cmp, top_cmp;
  logic        no_top_cmp;
  always_comb begin
    know_cmp   = leg2_i ? know_q : side[SIDE_W-1-:2];
    sec_cmp    = leg2_i ? sec_q[113:81] : side[TOP_W+81+:33];
    top_cmp    = leg2_i ? top_q[113:81] : side[113:81];
    no_top_cmp = (leg2_i ? top_q[48:32] : side[48:32]) == 17'd0;
  end

  always_ff @(posedge clk_i) if (go_i) begin
    if (compare_i) begin
      at_best_q       <= !no_top_cmp && code_i == top_cmp;
      better_q        <= no_top_cmp || (sell_i ? code_i < top_cmp : code_i > top_cmp);
      at_second_q     <= know_cmp == SEC_KNOWN && code_i == sec_cmp;
      before_second_q <= know_cmp == SEC_NONE ||
                         (know_cmp == SEC_KNOWN && (sell_i ? code_i < sec_cmp : code_i > sec_cmp));
      if (!leg2_i) begin
        {know_q, sec_q, top_q} <= side;
        other_q   <= STEPPED ? best_q : sell_i ? bid_side[80:0] : ask_side[80:0];
        touched_q <= 1'b0;
      end
    end else if (change_i || found_i || none_i) begin
      {know_q, sec_q, top_q} <= side_new;
      if (change_i) touched_q <= changed_o;
    end
  end

  // ---------------------------------------------------------------- change

  logic [TOP_W-1:0] level, top_new, sec_new;
  logic [1:0]       know_new;
  logic             leg_is_top;
  assign leg_is_top = at_best_q || (add_i && better_q);
  assign best_gone = gone_i && at_best_q;
  assign searches_o = best_gone && know_q == SEC_UNKNOWN;

  always_comb begin
    level    = 'x;
    top_new  = 'x;
    sec_new  = 'x;
    know_new = know_q;
    if (sweep_i) begin
      top_new  = '0;
      sec_new  = '0;
      know_new = SEC_NONE;
    end
    if (change_i || found_i || none_i || write_i) begin
      level   = {code_i, price_i, change_i ? value_i : value_found_i};
      top_new = top_q;
      sec_new = sec_q;
    end
    if (change_i) begin
      if (best_gone) begin
        top_new  = sec_q;  // nothing, if there is none or it is not known
        sec_new  = '0;
        know_new = know_q == SEC_NONE ? SEC_NONE : SEC_UNKNOWN;
      end else if (leg_is_top) begin
        top_new = level;
        if (!at_best_q) begin
          sec_new  = top_q;
          know_new = top_q[48:32] != 17'd0 ? SEC_KNOWN : SEC_NONE;
        end
      end else if (at_second_q || (add_i && before_second_q)) begin
        sec_new  = gone_i ? '0 : level;
        know_new = gone_i ? SEC_UNKNOWN : SEC_KNOWN;
      end
    end else if (found_i) begin
      if (second_i) begin
        sec_new  = level;
        know_new = SEC_KNOWN;
      end else begin
        top_new = level;
      end
    end else if (none_i) begin
      know_new = SEC_NONE;
      if (!second_i) top_new = '0;
    end
  end
  wt_settle #(.WIDTH(SIDE_W), .ON(STEPPED)) u_new (.clk_i(clk_i), .d_i({know_new, sec_new, top_new}), .q_o(side_new));
  assign unknown_after_o = side_new[SIDE_W-1-:2] == SEC_UNKNOWN;
  always_comb begin
    bid_o = '0;
    ask_o = '0;
    if (STEPPED || write_i) begin
      bid_o = sell_i ? other_q : side_new[80:0];
      ask_o = sell_i ? side_new[80:0] : other_q;
    end
  end

  // Two legs at two prices cannot leave the best as it was if one of them touches it.
  assign changed_o = touched_q || (change_i && leg_is_top && !same_i);

endmodule
