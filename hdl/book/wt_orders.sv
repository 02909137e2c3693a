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
// Latency: look_i to out_valid_o four cycles. An operation is taken every two cycles, a replace takes four: the next
// one is looked up in the cycle before this one commits. A replace is handed on when its old order is found, a cycle
// before it is known whether the new one can be: if not, it is called back, and handed on again when that is settled.
module wt_orders #(
    parameter int unsigned SYM_W = 6,
    parameter int unsigned SLOTS_LOG2 = 16,
    parameter int unsigned WAYS = 4,  // slots a bucket: 2 or 4
    parameter bit URAM = 1'b0,        // the table is made of UltraRAM
    parameter int unsigned STEPS = 1  // cycles of a step: 1, or 4 (see wt_book)
) (
    input  logic             clk_i,
    input  logic             rst_i,
    // The last cycle of a step: all changes are in it.
    input  logic             go_i,
    // Table swept.
    output logic             ready_o,
    // No operation inside.
    output logic             idle_o,
    // Symbols that are stale or software: their entries do not count. Level stage empty.
    input  logic [2**SYM_W-1:0] dead_i,
    // And of those the ones that are not being loaded: their entries do not count.
    input  logic [2**SYM_W-1:0] void_i,
    input  logic             drained_i,
    // From the symbol filter (wt_symbols): the reference of the operation that comes, a cycle ahead of it.
    input  logic             look_i,
    input  logic [63:0]      look_ref_i,
    // The operation.
    input  logic             in_valid_i,
    output logic             in_ready_o,
    /* verilator lint_off UNUSEDSIGNAL */  // the record builder's fields of an op are not the book's
    input  wt_pkg::op_t      in_op_i,
    /* verilator lint_on UNUSEDSIGNAL */
    input  logic             in_forward_i,
    input  logic             in_hw_i,
    input  logic             in_soft_i,
    input  logic             in_bind_i,
    input  logic             in_late_i,
    input  logic [SYM_W-1:0] in_sym_i,
    input  logic [25:0]      in_price_q_i,
    // To the level stage.
    output logic             out_valid_o,
    input  logic             out_ready_i,
    output logic             out_cancel_o,  // what was taken in the cycle before is void: it comes again
    output logic             out_forward_o,
    output logic             out_hw_o,
    output logic             out_soft_o,
    output logic             out_bind_o,
    output logic [SYM_W-1:0] out_sym_o,
    // Legs, in this order: rem_shares leave a level (gone: the order too); an order of add_shares joins one. code is
    // the first leg's level, add_code the joined one's: {price / 100, price % 100}.
    output logic             out_sell_o,
    output logic             out_rem_o,
    output logic             out_gone_o,
    output logic [32:0]      out_code_o,
    output logic [31:0]      out_rem_shares_o,
    output logic             out_add_o,
    output logic [32:0]      out_add_code_o,
    output logic [31:0]      out_add_shares_o,
    // A trade record is due: at trade_price, or (trade_own) at the price of code.
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
    // The operation is the host's, for a symbol that is being loaded; or its JOIN: 1 in step, 2 a later message has
    // passed, 3 the orders are not those that were meant.
    output logic             out_load_o,
    output logic [1:0]       out_join_o,
    output logic             out_other_o,
    output logic [SYM_W-1:0] out_other_sym_o
);

  localparam bit STEPPED = STEPS > 1;
  localparam int unsigned VAL_W = SYM_W + 1 + 33 + 32;  // {symbol, sell, code, shares}
  localparam int unsigned LOC_W = 2 * SLOTS_LOG2 - $clog2(2 * WAYS);

  typedef enum logic [3:0] {
    O_IDLE,   // take an operation, whose reference was looked up in the cycle before (replace: look the new one up)
    O_AGAIN,  // look it up once more: the level stage is empty now
    O_AGAIN2, // (replace: the new reference, too)
    O_CMP,
    O_ACT,    // decide, commit, take the next; replace: keep what was found, and hand on
    O_LOOK,   // stepped: only now look the new reference up
    O_LOOK2,
    O_LOOK3,
    O_NEW,    // replace: decide, remove the old order
    O_INS,    // replace: insert the new order, take the next operation
    O_KICK,   // the table makes room
    O_DRAIN,  // wait until the level stage is empty
    O_SETTLE  // JOIN, or an index bound to be loaded: wait until the level stage has made it valid, or dead; what follows may be for it
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
  logic        apply_q;      // needs the table; everything else only passes
  logic        trade_q, trade_sell_q, zero_q, bad_q, all_q;
  logic        hw_q, soft_q, forward_q, bind_q;
  logic [2:0]  channel_q;
  logic [SYM_W-1:0] sym_q;
  logic        confirmed_q;  // looked up with the level stage empty
  logic        early_q;      // O_NEW: the replace was handed on
  logic        load_q, join_q, late_q;
  logic        settles_q;    // changes whose operations count, in the level stage
  logic        fresh_q;      // the operation on in_* was looked up in the cycle before

  // Table.
  logic             lookup, keep, hit, full, write, remove, kick, busy, fail;
  logic [63:0]      lookup_key, write_key;
  logic [VAL_W-1:0] val, write_val;
  logic [LOC_W-1:0] loc, write_loc;
  // Replace: the old order.
  logic             old_hit_q;
  logic [VAL_W-1:0] old_val_q;
  logic [LOC_W-1:0] old_loc_q;

  wt_table #(
      .STEPS     (STEPS),
      .KEY_W     (64),
      .VAL_W     (VAL_W),
      .SLOTS_LOG2(SLOTS_LOG2),
      .WAYS      (WAYS),
      .OWNER_W   (SYM_W),
      .OWNER_LSB (64 + 66),
      .URAM      (URAM)
  ) u_table (
      .clk_i   (clk_i),
      .rst_i   (rst_i),
      .ready_o (ready_o),
      .dead_i  (void_i),
      .lookup_i(lookup && go_i),
      .key_i   (lookup_key),
      .keep_i  (keep),
      .hit_o   (hit),
      .full_o  (full),
      .val_o   (val),
      .loc_o   (loc),
      /* verilator lint_off PINCONNECTEMPTY */  // commits come in the cycle of a lookup and the one after it, never later
      .stale_o (),
      /* verilator lint_on PINCONNECTEMPTY */
      .write_i (write && go_i),
      .remove_i(remove && go_i),
      .kick_i  (kick && go_i),
      .loc_i   (write_loc),
      .wkey_i  (write_key),
      .wval_i  (write_val),
      .busy_o  (busy),
      .fail_o  (fail)
  );

  // Checksum of each symbol's orders.
  logic        sum_ready;
  logic [63:0] sum;
  wt_order_sum #(
      .SYM_W(SYM_W)
  ) u_sum (
      .clk_i      (clk_i),
      .rst_i      (rst_i),
      .sym_i      (sym_q),
      .ref_i      (write_key),
      .comes_i    (go_i && (write || kick)),
      .new_i      (write_val[65:0]),
      .goes_i     (go_i && (remove || (write && op_q == wt_pkg::OP_REDUCE))),
      .old_i      ({order_sell, order_code, order_shares}),
      .ready_o    (sum_ready),
      .sum_o      (sum)
  );

  // The order that was found: of a replace the old one, which O_ACT kept.
  logic             order_hit;
  logic [SYM_W-1:0] order_sym;
  logic             order_sell;
  logic [32:0]      order_code;
  logic [31:0]      order_shares;
  assign order_hit = state_q == O_NEW ? old_hit_q : hit;
  assign {order_sym, order_sell, order_code, order_shares} = state_q == O_NEW ? old_val_q : val;

  logic in_book, in_zero, in_apply, out_free, take;
  assign in_book = in_op_i.op == wt_pkg::OP_ADD || in_op_i.op == wt_pkg::OP_REDUCE || in_op_i.op == wt_pkg::OP_DELETE ||
                   in_op_i.op == wt_pkg::OP_REPLACE;
  assign in_zero = in_op_i.op == wt_pkg::OP_ADD && in_op_i.shares == 32'd0;
  assign in_apply = in_book && in_hw_i && !in_zero && (in_op_i.load ? dead_i[in_sym_i] && !void_i[in_sym_i] : !dead_i[in_sym_i]);
  // At one operation every two cycles the output is free by itself: no path from the level stage's decisions.
  assign out_free = !out_valid_o;
  assign idle_o = state_q == O_IDLE && !out_valid_o;

  // Decisions on the results of a lookup (O_ACT; O_NEW for a replace).
  logic is_replace, decide, mismatch, live_twice, conflict, last_share, again, early, recall;
  assign is_replace = apply_q && op_q == wt_pkg::OP_REPLACE;
  assign decide = (out_free && state_q == O_ACT && !is_replace) || (state_q == O_NEW && (out_free || early_q));
  wt_settle #(.WIDTH(3), .ON(STEPPED)) u_verdict (
      .clk_i(clk_i),
      .d_i  ({apply_q && op_q != wt_pkg::OP_ADD && order_hit && order_sym != sym_q,
              apply_q && hit && (op_q == wt_pkg::OP_ADD ||
                                 (op_q == wt_pkg::OP_REPLACE && state_q == O_NEW && order_hit && shares_q != 32'd0)),
              op_q != wt_pkg::OP_REDUCE || shares_q >= order_shares}),
      .q_o  ({mismatch, live_twice, last_share}));
  assign conflict = mismatch || live_twice;
  assign again = conflict && !confirmed_q;
  // A replace whose old order is found, and its end: the new order is live already, or its buckets are full.
  assign early = !STEPPED && state_q == O_ACT && is_replace && out_free && !confirmed_q && hit && !mismatch && shares_q != 32'd0;
  assign recall = state_q == O_NEW && early_q && (conflict || full);

  // The next operation is looked up before it is known that this one ends here: if it does not, the lookup is made
  // again later.
  logic may_take, look_in, look_next;
  assign may_take = fresh_q || !in_book;
  assign in_ready_o = may_take && (state_q == O_IDLE || (!STEPPED && state_q == O_ACT && decide && !again && !kick && !settles_q) ||
                                   (!STEPPED && state_q == O_INS && !full));
  assign take = in_valid_i && in_ready_o;
  always_comb begin
    look_in   = 1'b0;
    look_next = 1'b0;
    case (state_q)
      O_IDLE: begin
        look_in   = in_valid_i && !may_take;
        look_next = look_i && !STEPPED;
      end
      O_CMP: look_next = look_i && !is_replace && !STEPPED;
      O_ACT: begin
        look_in   = in_valid_i && !is_replace && !(may_take && out_free) && !STEPPED;
        look_next = look_i && !is_replace && !STEPPED;
      end
      O_NEW: begin
        look_in   = in_valid_i && !STEPPED;
        look_next = look_i && !STEPPED;
      end
      O_INS: look_next = look_i && !STEPPED;
      default: ;
    endcase
  end
  // Results wait for the output.
  assign keep = !out_free && (state_q == O_ACT || (state_q == O_NEW && !early_q));

  always_comb begin
    lookup     = look_in || look_next || state_q == O_AGAIN;
    lookup_key = in_op_i.order_ref;
    if (look_next) lookup_key = look_ref_i;
    if (state_q == O_AGAIN) lookup_key = ref_q;
    if (STEPPED ? state_q == O_LOOK : state_q == O_AGAIN2) begin
      lookup     = is_replace;
      lookup_key = new_ref_q;
    end
    if (!STEPPED && may_take && (state_q == O_IDLE || state_q == O_INS || (state_q == O_ACT && decide)) && in_valid_i &&
        in_op_i.op == wt_pkg::OP_REPLACE) begin
      lookup     = 1'b1;
      lookup_key = in_op_i.new_ref;
    end

    write     = 1'b0;
    remove    = 1'b0;
    kick      = 1'b0;
    write_key = ref_q;
    write_loc = loc;
    write_val = {sym_q, sell_q, pq_q, pr_q, shares_q};
    if (decide && apply_q && !conflict) begin
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
    if (go_i) begin
      if (out_valid_o && out_ready_i) out_valid_o <= 1'b0;
      out_cancel_o <= recall && out_ready_i;
      fresh_q <= look_in || look_next;

      case (state_q)
        O_AGAIN: state_q <= O_AGAIN2;

        O_AGAIN2: state_q <= O_CMP;

        O_CMP: begin
          // price % 100: the difference is below 128, so seven bits of it do.
          pr_q    <= 7'(price_q[6:0] - 7'(pq_q[6:0] * 7'd100));
          state_q <= join_q && !sum_ready ? O_CMP : O_ACT;
        end

        O_ACT: begin
          if (is_replace) begin
            old_hit_q <= hit;
            old_val_q <= val;
            old_loc_q <= loc;
            early_q   <= early;
            state_q   <= STEPPED ? O_LOOK : O_NEW;
          end
        end

        O_LOOK: state_q <= O_LOOK2;

        O_LOOK2: state_q <= O_LOOK3;

        O_LOOK3: state_q <= O_NEW;

        O_INS: begin
          state_q <= full ? O_KICK : O_IDLE;
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

        O_SETTLE: if (drained_i && !out_valid_o) state_q <= O_IDLE;

        default: ;
      endcase

      // An operation that needs no table passes with its legs and lookup verdicts off. (Verdicts of an operation for a
      // symbol that is not valid are dropped by the level stage.)
      if (decide || early) begin
        out_forward_o     <= forward_q;
        out_hw_o          <= hw_q;
        out_soft_o        <= soft_q;
        out_bind_o        <= bind_q;
        out_channel_o     <= channel_q;
        out_sym_o         <= sym_q;
        out_sell_o        <= op_q == wt_pkg::OP_ADD ? sell_q : order_sell;
        out_rem_o         <= apply_q && op_q != wt_pkg::OP_ADD && order_hit && !conflict &&
                             (op_q != wt_pkg::OP_REDUCE || shares_q != 32'd0);
        out_gone_o        <= last_share;
        out_code_o        <= op_q == wt_pkg::OP_ADD ? {pq_q, pr_q} : order_code;
        out_rem_shares_o  <= last_share ? order_shares : shares_q;
        out_add_o         <= apply_q && !conflict && (op_q == wt_pkg::OP_ADD ||
                                                      (op_q == wt_pkg::OP_REPLACE && order_hit && shares_q != 32'd0));
        out_add_code_o    <= {pq_q, pr_q};
        out_add_shares_o  <= shares_q;
        out_trade_o       <= apply_q ? is_exec_q && op_q == wt_pkg::OP_REDUCE && order_hit && !conflict : trade_q;
        out_trade_own_o   <= apply_q && !exec_price_q;
        out_trade_sell_o  <= apply_q ? order_sell : trade_sell_q;
        out_trade_price_o <= price_q;
        out_unknown_o     <= apply_q && op_q != wt_pkg::OP_ADD && !order_hit;
        out_excess_o      <= apply_q && op_q == wt_pkg::OP_REDUCE && order_hit && !conflict && shares_q > order_shares;
        out_zero_o        <= zero_q;
        out_stale_o       <= conflict || bad_q;
        out_soft_now_o    <= 1'b0;
        out_all_o         <= all_q;
        out_load_o        <= load_q;
        out_join_o        <= !join_q ? 2'd0 : sum != ref_q ? 2'd3 : late_q ? 2'd2 : 2'd1;
        if (!apply_q) out_cause_o <= bad_q ? wt_schema_pkg::REASON_BAD_LENGTH : wt_schema_pkg::REASON_GAP;
        else if (mismatch) out_cause_o <= wt_schema_pkg::REASON_LOCATE_MISMATCH;
        else if (!conflict) out_cause_o <= wt_schema_pkg::REASON_ORDER_OVERFLOW;
        else out_cause_o <= op_q == wt_pkg::OP_ADD ? wt_schema_pkg::REASON_DUPLICATE_ADD : wt_schema_pkg::REASON_REPLACE_LIVE;
        out_other_o       <= conflict && (mismatch || val[VAL_W-1-:SYM_W] != sym_q);
        out_other_sym_o   <= mismatch ? order_sym : val[VAL_W-1-:SYM_W];

        if (early) begin
          out_valid_o <= 1'b1;
        end else if (again) begin
          state_q <= O_DRAIN;
        end else if (state_q == O_NEW && order_hit && !conflict && shares_q != 32'd0) begin
          if (!early_q) out_valid_o <= !full;
          state_q <= O_INS;
        end else if (kick) begin
          state_q <= O_KICK;
        end else begin
          out_valid_o <= 1'b1;
          state_q     <= settles_q ? O_SETTLE : O_IDLE;
        end
        if (recall) out_valid_o <= 1'b0;
      end

      if (take) begin
        load_q       <= in_op_i.load;
        join_q       <= in_op_i.op == wt_pkg::OP_JOIN;
        settles_q    <= in_op_i.op == wt_pkg::OP_JOIN || (in_op_i.load && in_bind_i);
        late_q       <= in_late_i;
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
        apply_q      <= in_apply;
        trade_q      <= in_op_i.op == wt_pkg::OP_TRADE;
        trade_sell_q <= in_op_i.sell && in_op_i.print == wt_schema_pkg::TRADE_KIND_NON_DISPLAYED;
        zero_q       <= in_zero;
        bad_q        <= in_op_i.op == wt_pkg::OP_BAD;
        all_q        <= in_op_i.op == wt_pkg::OP_GAP || (in_op_i.op == wt_pkg::OP_BAD && in_op_i.whole_channel) ||
                        (in_op_i.op == wt_pkg::OP_SESSION && in_op_i.state == wt_schema_pkg::SESSION_EVENT_CHANGE);
        confirmed_q  <= 1'b0;
        state_q      <= O_CMP;
      end
    end

    if (rst_i) begin
      state_q     <= O_IDLE;
      out_valid_o <= 1'b0;
      out_cancel_o <= 1'b0;
      fresh_q     <= 1'b0;
    end
  end

endmodule
