// The order book of the card: symbol filter, order table, price levels, top of book.
//
// Exactly one result for each operation, in order. Three stages with a register between each two:
// wt_symbols -> wt_orders -> wt_levels -> result. Exact for any sequence of operations that fits its
// tables, at any price; what does not fit hands its symbol to software, in the result of the operation
// that did not fit (see README.md here).
//
// Latency, empty pipeline: operation taken to result_valid_o nine cycles, a replace thirteen; see wt_levels
// for what takes longer. An operation is taken every two cycles, a replace takes four.
//
// STEPS = 4, for a small card on a slow line: what otherwise takes a cycle, a step, takes four, and nothing is looked up
// ahead. An operation is then taken every 16 cycles or more, a replace every 32, which at 125 MHz is what a gigabit
// brings. All state changes in the last cycle of a step (go); before that the logic settles, through registers
// (wt_settle) where it is long. What a lookup finds is there two steps later, and needed in the third.
module wt_book #(
    parameter int unsigned SYMBOLS = 64,         // power of two, 2 to 1024
    parameter int unsigned ORDER_SLOTS = 65536,  // power of two, 32 to 131072; holds 75 % of it
    parameter int unsigned LEVEL_SLOTS = 65536,  // power of two, at least 32
    parameter int unsigned NODE_SLOTS = 32768,   // power of two, at least 32
    parameter int unsigned ORDER_WAYS = 4,       // 2 or 4 slots a bucket: 2 take less logic, hold 62 % instead of 75 %,
    parameter int unsigned LEVEL_WAYS = 4,       // and fill block RAMs better when tables are small
    parameter int unsigned NODE_WAYS = 4,
    parameter bit URAM = 1'b0,                   // the orders are in UltraRAM
    parameter int unsigned STEPS = 1             // 4: few cells and slow ones (see below)
) (
    input  logic            clk_i,
    input  logic            rst_i,
    // Tables are swept, which follows a reset; operations are not taken before.
    output logic            ready_o,
    // Every symbol the feed names, in order of appearance; or the first sym_count_i entries of the window.
    input  logic            subscribe_all_i,
    input  logic [10:0]     sym_count_i,
    // Read port of the symbol window: name, one cycle after the address; first character in bits [7:0].
    output logic [9:0]      sym_raddr_o,
    input  logic [63:0]     sym_rdata_i,
    // Operations.
    input  logic            op_valid_i,
    output logic            op_ready_o,
    input  wt_pkg::op_t     op_i,
    // Results.
    output logic            result_valid_o,
    input  logic            result_ready_i,
    output wt_pkg::result_t result_o,
    // Nothing inside and no result waiting.
    output logic            idle_o,
    // Orders of valid symbols in the table, now and at most.
    output logic [31:0]     orders_live_o,
    output logic [31:0]     orders_peak_o
);

  localparam int unsigned SYM_W = $clog2(SYMBOLS);

  logic go;
  generate
    if (STEPS > 1) begin : g_step
      logic [STEPS-1:0] step_q;
      assign go = step_q[STEPS-1];
      always_ff @(posedge clk_i) begin
        step_q <= {step_q[STEPS-2:0], step_q[STEPS-1]};
        if (rst_i) step_q <= STEPS'(1);
      end
    end else begin : g_cycle
      assign go = 1'b1;
    end
  endgenerate

  logic sy_ready, or_ready, lv_ready, sy_idle, or_idle, lv_idle, lv_drained;
  logic sy_op_ready;
  logic [SYMBOLS-1:0] dead, voids;

  // wt_symbols to wt_orders
  logic             sy_look;
  logic [63:0]      sy_look_ref;
  logic             sy_valid, sy_take, sy_forward, sy_hw, sy_soft, sy_bind, sy_late;
  wt_pkg::op_t      sy_op;
  logic [SYM_W-1:0] sy_sym;
  logic [25:0]      sy_price_q;

  // wt_orders to wt_levels
  logic             or_valid, or_take, or_cancel, or_forward, or_hw, or_soft, or_bind;
  logic [SYM_W-1:0] or_sym, or_other_sym;
  logic             or_sell, or_rem, or_gone, or_add;
  logic [32:0]      or_code, or_add_code;
  logic [31:0]      or_rem_shares, or_add_shares, or_trade_price;
  logic             or_trade, or_trade_own, or_trade_sell;
  logic             or_unknown, or_excess, or_zero, or_stale, or_soft_now, or_all, or_other;
  logic [2:0]       or_channel;
  logic [7:0]       or_cause;
  logic             or_load;
  logic [1:0]       or_join;

  // A register: readiness changes only with a reset, and is in the way of every operation.
  logic ready_q;
  assign ready_o = ready_q;
  always_ff @(posedge clk_i) begin
    ready_q <= sy_ready && or_ready && lv_ready;
    if (rst_i) ready_q <= 1'b0;
  end

  assign op_ready_o = sy_op_ready && ready_o;
  assign idle_o = ready_o && sy_idle && or_idle && lv_idle && !result_valid_o;

  wt_symbols #(
      .SYM_W(SYM_W),
      .STEPS(STEPS)
  ) u_symbols (
      .clk_i          (clk_i),
      .rst_i          (rst_i),
      .go_i           (go),
      .ready_o        (sy_ready),
      .idle_o         (sy_idle),
      .subscribe_all_i(subscribe_all_i),
      .sym_count_i    (sym_count_i),
      .sym_raddr_o    (sym_raddr_o),
      .sym_rdata_i    (sym_rdata_i),
      .op_valid_i     (op_valid_i && ready_o),
      .op_ready_o     (sy_op_ready),
      .op_i           (op_i),
      .look_o         (sy_look),
      .look_ref_o     (sy_look_ref),
      .out_valid_o    (sy_valid),
      .out_ready_i    (sy_take),
      .out_op_o       (sy_op),
      .out_forward_o  (sy_forward),
      .out_hw_o       (sy_hw),
      .out_soft_o     (sy_soft),
      .out_bind_o     (sy_bind),
      .out_sym_o      (sy_sym),
      .out_late_o     (sy_late),
      .out_price_q_o  (sy_price_q)
  );

  wt_orders #(
      .SYM_W     (SYM_W),
      .SLOTS_LOG2($clog2(ORDER_SLOTS)),
      .WAYS      (ORDER_WAYS),
      .URAM      (URAM),
      .STEPS     (STEPS)
  ) u_orders (
      .clk_i            (clk_i),
      .rst_i            (rst_i),
      .go_i             (go),
      .ready_o          (or_ready),
      .idle_o           (or_idle),
      .dead_i           (dead),
      .void_i           (voids),
      .drained_i        (lv_drained),
      .look_i           (sy_look),
      .look_ref_i       (sy_look_ref),
      .in_valid_i       (sy_valid),
      .in_ready_o       (sy_take),
      .in_op_i          (sy_op),
      .in_forward_i     (sy_forward),
      .in_hw_i          (sy_hw),
      .in_soft_i        (sy_soft),
      .in_bind_i        (sy_bind),
      .in_late_i        (sy_late),
      .in_sym_i         (sy_sym),
      .in_price_q_i     (sy_price_q),
      .out_valid_o      (or_valid),
      .out_ready_i      (or_take),
      .out_cancel_o     (or_cancel),
      .out_forward_o    (or_forward),
      .out_hw_o         (or_hw),
      .out_soft_o       (or_soft),
      .out_bind_o       (or_bind),
      .out_sym_o        (or_sym),
      .out_sell_o       (or_sell),
      .out_rem_o        (or_rem),
      .out_gone_o       (or_gone),
      .out_code_o       (or_code),
      .out_rem_shares_o (or_rem_shares),
      .out_add_o        (or_add),
      .out_add_code_o   (or_add_code),
      .out_add_shares_o (or_add_shares),
      .out_trade_o      (or_trade),
      .out_trade_own_o  (or_trade_own),
      .out_trade_sell_o (or_trade_sell),
      .out_trade_price_o(or_trade_price),
      .out_unknown_o    (or_unknown),
      .out_excess_o     (or_excess),
      .out_zero_o       (or_zero),
      .out_stale_o      (or_stale),
      .out_soft_now_o   (or_soft_now),
      .out_all_o        (or_all),
      .out_channel_o    (or_channel),
      .out_cause_o      (or_cause),
      .out_load_o       (or_load),
      .out_join_o       (or_join),
      .out_other_o      (or_other),
      .out_other_sym_o  (or_other_sym)
  );

  wt_levels #(
      .SYM_W           (SYM_W),
      .LEVEL_SLOTS_LOG2($clog2(LEVEL_SLOTS)),
      .NODE_SLOTS_LOG2 ($clog2(NODE_SLOTS)),
      .LEVEL_WAYS      (LEVEL_WAYS),
      .NODE_WAYS       (NODE_WAYS),
      .STEPS(STEPS)
  ) u_levels (
      .clk_i           (clk_i),
      .rst_i           (rst_i),
      .go_i            (go),
      .ready_o         (lv_ready),
      .idle_o          (lv_idle),
      .drained_o       (lv_drained),
      .dead_o          (dead),
      .void_o          (voids),
      .in_valid_i      (or_valid),
      .in_ready_o      (or_take),
      .in_cancel_i     (or_cancel),
      .in_forward_i    (or_forward),
      .in_hw_i         (or_hw),
      .in_soft_i       (or_soft),
      .in_bind_i       (or_bind),
      .in_sym_i        (or_sym),
      .in_sell_i       (or_sell),
      .in_rem_i        (or_rem),
      .in_gone_i       (or_gone),
      .in_code_i       (or_code),
      .in_rem_shares_i (or_rem_shares),
      .in_add_i        (or_add),
      .in_add_code_i   (or_add_code),
      .in_add_shares_i (or_add_shares),
      .in_trade_i      (or_trade),
      .in_trade_own_i  (or_trade_own),
      .in_trade_sell_i (or_trade_sell),
      .in_trade_price_i(or_trade_price),
      .in_unknown_i    (or_unknown),
      .in_excess_i     (or_excess),
      .in_zero_i       (or_zero),
      .in_stale_i      (or_stale),
      .in_soft_now_i   (or_soft_now),
      .in_all_i        (or_all),
      .in_channel_i    (or_channel),
      .in_cause_i      (or_cause),
      .in_load_i       (or_load),
      .in_join_i       (or_join),
      .in_other_i      (or_other),
      .in_other_sym_i  (or_other_sym),
      .result_valid_o  (result_valid_o),
      .result_ready_i  (result_ready_i),
      .result_o        (result_o),
      .orders_live_o   (orders_live_o),
      .orders_peak_o   (orders_peak_o)
  );

endmodule
