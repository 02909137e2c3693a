// Order table: every live order of the card's symbols, by its 64-bit reference.
//
// Turns an operation into legs for the price levels: take shares away at the order's own price, put
// shares there, or both (a replace). Its verdicts (unknown reference, duplicate, locate mismatch, no
// room) travel with the legs; the level stage alone decides which symbol is valid, stale or software,
// and drops the legs of a symbol that is not valid. So an operation that enters here while one before
// it turns its symbol bad changes only entries that no longer count.
//
// A verdict that involves a live order of another symbol, or a live order where none may be, waits
// until the level stage is empty and is then formed anew, because an operation still in there could
// have ended that order's life.
//
// Latency: operation taken to out_valid_o three cycles, a replace five, others one. One at a time.
module wt_orders #(
    parameter int unsigned SYM_W = 6,
    parameter int unsigned SLOTS_LOG2 = 16
) (
    input  logic             clk_i,
    input  logic             rst_i,
    // Table swept.
    output logic             ready_o,
    // No operation inside.
    output logic             idle_o,
    // Symbols that are stale or software: their entries do not count. Level stage empty.
    input  logic [2**SYM_W-1:0] dead_i,
    input  logic             drained_i,
    // From the symbol filter (wt_symbols).
    input  logic             in_valid_i,
    output logic             in_ready_o,
    /* verilator lint_off UNUSEDSIGNAL */  // the record builder's fields of an op are not the book's
    input  wt_pkg::op_t      in_op_i,
    /* verilator lint_on UNUSEDSIGNAL */
    input  logic             in_forward_i,
    input  logic             in_hw_i,
    input  logic             in_soft_i,
    input  logic             in_bind_i,
    input  logic [SYM_W-1:0] in_sym_i,
    input  logic [25:0]      in_price_q_i,
    // To the level stage.
    output logic             out_valid_o,
    input  logic             out_ready_i,
    output logic             out_forward_o,
    output logic             out_hw_o,
    output logic             out_soft_o,
    output logic             out_bind_o,
    output logic [SYM_W-1:0] out_sym_o,
    // Legs, in this order: shares leave the level of rem_code (rem_gone: the order too); an order of
    // add_shares joins the level of add_code. Codes are {price / 100, price % 100}.
    output logic             out_sell_o,
    output logic             out_rem_o,
    output logic             out_gone_o,
    output logic [32:0]      out_rem_code_o,
    output logic [31:0]      out_rem_shares_o,
    output logic             out_add_o,
    output logic [32:0]      out_add_code_o,
    output logic [31:0]      out_add_shares_o,
    // A trade record is due: at trade_price, or (trade_own) at the price of rem_code.
    output logic             out_trade_o,
    output logic             out_trade_own_o,
    output logic             out_trade_sell_o,
    output logic [31:0]      out_trade_price_o,
    // Verdicts. stale: the symbol turns stale for cause; soft: it goes to software for cause; all: the
    // whole channel turns stale for cause; other: other_sym turns stale, too.
    output logic             out_unknown_o,
    output logic             out_excess_o,
    output logic             out_zero_o,
    output logic             out_stale_o,
    output logic             out_soft_now_o,
    output logic             out_all_o,
    output logic [2:0]       out_channel_o,  // the operation's
    output logic [7:0]       out_cause_o,
    output logic             out_other_o,
    output logic [SYM_W-1:0] out_other_sym_o
);

  localparam int unsigned VAL_W = SYM_W + 1 + 33 + 32;  // {symbol, sell, code, shares}
  localparam int unsigned LOC_W = 2 * (SLOTS_LOG2 - 3) + 3;

  typedef enum logic [2:0] {
    O_IDLE,   // take an operation, look its reference up
    O_AGAIN,  // look it up once more: the level stage is empty now
    O_CMP,    // (replace: look the new reference up)
    O_ACT,    // decide and commit; replace: keep what was found
    O_NEW,    // replace: decide, remove the old order
    O_INS,    // replace: insert the new order
    O_KICK,   // the table makes room
    O_DRAIN   // wait until the level stage is empty
  } state_e;

  state_e state_q;

  // The operation in hand.
  wt_pkg::op_e op_q;
  logic [63:0] ref_q, new_ref_q;
  logic        sell_q;
  logic [31:0] shares_q, price_q;
  logic [25:0] pq_q;
  logic [6:0]  pr_q;
  logic        is_exec_q, exec_price_q;
  logic        hw_q, soft_q, forward_q, bind_q;
  logic [2:0]  channel_q;
  logic [SYM_W-1:0] sym_q;
  logic        confirmed_q;  // looked up with the level stage empty

  // Table.
  logic             lookup, hit, full, write, remove, kick, busy, fail;
  logic [63:0]      lookup_key, write_key;
  logic [VAL_W-1:0] val, write_val;
  logic [LOC_W-1:0] loc, write_loc;
  // Replace: the old order.
  logic             old_hit_q;
  logic [VAL_W-1:0] old_val_q;
  logic [LOC_W-1:0] old_loc_q;

  wt_hash #(
      .KEY_W     (64),
      .VAL_W     (VAL_W),
      .SLOTS_LOG2(SLOTS_LOG2),
      .OWNER_W   (SYM_W),
      .OWNER_LSB (64 + 66)
  ) u_table (
      .clk_i   (clk_i),
      .rst_i   (rst_i),
      .ready_o (ready_o),
      .dead_i  (dead_i),
      .lookup_i(lookup),
      .key_i   (lookup_key),
      .hit_o   (hit),
      .full_o  (full),
      .val_o   (val),
      .loc_o   (loc),
      .write_i (write),
      .remove_i(remove),
      .kick_i  (kick),
      .loc_i   (write_loc),
      .wkey_i  (write_key),
      .wval_i  (write_val),
      .busy_o  (busy),
      .fail_o  (fail)
  );

  // The order that was found: of a replace the old one, which O_ACT kept.
  logic             order_hit;
  logic [SYM_W-1:0] order_sym;
  logic             order_sell;
  logic [32:0]      order_code;
  logic [31:0]      order_shares;
  assign order_hit = state_q == O_NEW ? old_hit_q : hit;
  assign {order_sym, order_sell, order_code, order_shares} = state_q == O_NEW ? old_val_q : val;

  logic in_book, in_apply, out_free, take;
  assign in_book = in_op_i.op == wt_pkg::OP_ADD || in_op_i.op == wt_pkg::OP_REDUCE || in_op_i.op == wt_pkg::OP_DELETE ||
                   in_op_i.op == wt_pkg::OP_REPLACE;
  // Needs the table; everything else only passes.
  assign in_apply = in_book && in_hw_i && !dead_i[in_sym_i] && !(in_op_i.op == wt_pkg::OP_ADD && in_op_i.shares == 32'd0);
  assign out_free = !out_valid_o || out_ready_i;
  assign in_ready_o = state_q == O_IDLE && (in_apply || out_free);
  assign take = in_valid_i && in_ready_o;
  assign idle_o = state_q == O_IDLE && !out_valid_o;

  // Decisions on the results of a lookup (O_ACT; O_NEW for a replace).
  logic decide, mismatch, live_twice, conflict, last_share;
  assign decide = out_free && ((state_q == O_ACT && op_q != wt_pkg::OP_REPLACE) || state_q == O_NEW);
  assign mismatch = op_q != wt_pkg::OP_ADD && order_hit && order_sym != sym_q;
  assign live_twice = (op_q == wt_pkg::OP_ADD || (op_q == wt_pkg::OP_REPLACE && order_hit && shares_q != 32'd0)) && hit;
  assign conflict = mismatch || live_twice;
  assign last_share = op_q != wt_pkg::OP_REDUCE || shares_q >= order_shares;

  always_comb begin
    lookup     = 1'b0;
    lookup_key = state_q == O_AGAIN ? ref_q : (state_q == O_CMP ? new_ref_q : in_op_i.order_ref);
    case (state_q)
      O_IDLE:  lookup = in_valid_i && in_apply;
      O_AGAIN: lookup = 1'b1;
      O_CMP:   lookup = op_q == wt_pkg::OP_REPLACE;
      default: lookup = 1'b0;
    endcase

    write     = 1'b0;
    remove    = 1'b0;
    kick      = 1'b0;
    write_key = ref_q;
    write_loc = loc;
    write_val = {sym_q, sell_q, pq_q, pr_q, shares_q};
    if (decide && !conflict) begin
      if (op_q == wt_pkg::OP_ADD) begin
        write = !full;
        kick  = full;
      end else if (order_hit) begin
        if (state_q == O_NEW) write_loc = old_loc_q;
        remove    = last_share;
        write     = !last_share && shares_q != 32'd0;
        write_val = {order_sym, order_sell, order_code, order_shares - shares_q};
      end
    end else if (state_q == O_INS) begin
      write     = !full;
      kick      = full;
      write_key = new_ref_q;
      write_val[65] = old_val_q[65];
    end
  end

  always_ff @(posedge clk_i) begin
    if (out_valid_o && out_ready_i) out_valid_o <= 1'b0;

    // price % 100: the difference is below 128, so seven bits of it do.
    if (state_q == O_CMP) pr_q <= 7'(price_q[6:0] - 7'(pq_q[6:0] * 7'd100));

    if (take) begin
      op_q         <= in_op_i.op;
      ref_q        <= in_op_i.order_ref;
      new_ref_q    <= in_op_i.new_ref;
      sell_q       <= in_op_i.sell;
      shares_q     <= in_op_i.shares;
      price_q      <= in_op_i.price;
      pq_q         <= in_price_q_i;
      is_exec_q    <= in_op_i.is_exec;
      exec_price_q <= in_op_i.exec_price;
      forward_q    <= in_forward_i;
      hw_q         <= in_hw_i;
      soft_q       <= in_soft_i;
      bind_q       <= in_bind_i;
      channel_q    <= in_op_i.channel;
      sym_q        <= in_sym_i;
      confirmed_q  <= 1'b0;
    end

    if (take && !in_apply) begin
      // Passes. (Legs and verdicts of an op for a symbol that is not valid are dropped by the level stage.)
      out_valid_o      <= 1'b1;
      out_forward_o    <= in_forward_i;
      out_hw_o         <= in_hw_i;
      out_soft_o       <= in_soft_i;
      out_bind_o       <= in_bind_i;
      out_channel_o    <= in_op_i.channel;
      out_sym_o        <= in_sym_i;
      out_rem_o        <= 1'b0;
      out_add_o        <= 1'b0;
      out_trade_o      <= in_op_i.op == wt_pkg::OP_TRADE;
      out_trade_own_o  <= 1'b0;
      out_trade_sell_o <= in_op_i.sell && in_op_i.print == wt_schema_pkg::TRADE_KIND_NON_DISPLAYED;
      out_trade_price_o <= in_op_i.price;
      out_unknown_o    <= 1'b0;
      out_excess_o     <= 1'b0;
      out_zero_o       <= in_op_i.op == wt_pkg::OP_ADD && in_op_i.shares == 32'd0;
      out_stale_o      <= in_op_i.op == wt_pkg::OP_BAD;
      out_soft_now_o   <= 1'b0;
      out_all_o        <= in_op_i.op == wt_pkg::OP_GAP || (in_op_i.op == wt_pkg::OP_BAD && in_op_i.whole_channel) ||
                          (in_op_i.op == wt_pkg::OP_SESSION && in_op_i.state == wt_schema_pkg::SESSION_EVENT_CHANGE);
      out_cause_o      <= in_op_i.op == wt_pkg::OP_BAD ? wt_schema_pkg::REASON_BAD_LENGTH : wt_schema_pkg::REASON_GAP;
      out_other_o      <= 1'b0;
    end

    case (state_q)
      O_IDLE:  if (take && in_apply) state_q <= O_CMP;
      O_AGAIN: state_q <= O_CMP;
      O_CMP:   state_q <= O_ACT;

      O_ACT: begin
        if (op_q == wt_pkg::OP_REPLACE) begin
          old_hit_q <= hit;
          old_val_q <= val;
          old_loc_q <= loc;
          state_q   <= O_NEW;
        end
      end

      O_INS: begin
        out_valid_o <= !full;
        state_q     <= full ? O_KICK : O_IDLE;
      end

      O_KICK: begin
        if (!busy) begin
          out_valid_o    <= 1'b1;
          out_soft_now_o <= fail;
          state_q        <= O_IDLE;
        end
      end

      O_DRAIN: begin
        if (drained_i && !out_valid_o) begin
          confirmed_q <= 1'b1;
          state_q     <= O_AGAIN;
        end
      end

      default: ;
    endcase

    if (decide) begin
      out_forward_o     <= forward_q;
      out_hw_o          <= hw_q;
      out_soft_o        <= soft_q;
      out_bind_o        <= bind_q;
      out_channel_o     <= channel_q;
      out_sym_o         <= sym_q;
      out_sell_o        <= op_q == wt_pkg::OP_ADD ? sell_q : order_sell;
      out_rem_o         <= op_q != wt_pkg::OP_ADD && order_hit && !conflict && (op_q != wt_pkg::OP_REDUCE || shares_q != 32'd0);
      out_gone_o        <= last_share;
      out_rem_code_o    <= order_code;
      out_rem_shares_o  <= last_share ? order_shares : shares_q;
      out_add_o         <= !conflict && (op_q == wt_pkg::OP_ADD || (op_q == wt_pkg::OP_REPLACE && order_hit && shares_q != 32'd0));
      out_add_code_o    <= {pq_q, pr_q};
      out_add_shares_o  <= shares_q;
      out_trade_o       <= is_exec_q && op_q == wt_pkg::OP_REDUCE && order_hit && !conflict;
      out_trade_own_o   <= !exec_price_q;
      out_trade_sell_o  <= order_sell;
      out_trade_price_o <= price_q;
      out_unknown_o     <= op_q != wt_pkg::OP_ADD && !order_hit;
      out_excess_o      <= op_q == wt_pkg::OP_REDUCE && order_hit && !conflict && shares_q > order_shares;
      out_zero_o        <= 1'b0;
      out_stale_o       <= conflict;
      out_soft_now_o    <= 1'b0;
      out_all_o         <= 1'b0;
      out_cause_o       <= mismatch ? wt_schema_pkg::REASON_LOCATE_MISMATCH :
                           (!conflict ? wt_schema_pkg::REASON_ORDER_OVERFLOW :
                           (op_q == wt_pkg::OP_ADD ? wt_schema_pkg::REASON_DUPLICATE_ADD : wt_schema_pkg::REASON_REPLACE_LIVE));
      out_other_o       <= conflict && (mismatch || val[VAL_W-1-:SYM_W] != sym_q);
      out_other_sym_o   <= mismatch ? order_sym : val[VAL_W-1-:SYM_W];

      if (conflict && !confirmed_q) begin
        state_q <= O_DRAIN;
      end else if (state_q == O_NEW && order_hit && !conflict && shares_q != 32'd0) begin
        state_q <= O_INS;
      end else if (kick) begin
        state_q <= O_KICK;
      end else begin
        out_valid_o <= 1'b1;
        state_q     <= O_IDLE;
      end
    end

    if (rst_i) begin
      state_q     <= O_IDLE;
      out_valid_o <= 1'b0;
    end
  end

endmodule
