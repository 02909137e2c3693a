// Symbol filter: which of the card's symbols, if any, an operation is for.
//
// Knows every one of the 65,536 locates: unseen, bound to a hardware index, bound to software,
// or ignored. A locate is bound at its first directory message or else its first add. By name: the
// name is searched in the symbol window, one entry a cycle, once per locate. Subscribe-all: locates
// take the indices 0.. in order of appearance, the rest is software's.
//
// Also computes price/100 for the price code (wt_levels), on the way.
//
// Latency: op taken to out_valid_o two cycles; one operation each two cycles. Binding by name adds up
// to sym_count_i + 2 cycles. Swept after reset in 4,096 cycles.
module wt_symbols #(
    parameter int unsigned SYM_W = 6,  // 2**SYM_W hardware symbols, at most 1024
    parameter bit COMPARE = SYM_W <= 4, // find a locate's index by comparing, not in a RAM of 65,536
    parameter int unsigned STEPS = 1    // cycles of a step: 1, or 4 (see wt_book)
) (
    input  logic            clk_i,
    input  logic            rst_i,
    // The last cycle of a step: all changes are in it.
    input  logic            go_i,
    // Swept: operations are taken.
    output logic            ready_o,
    // No operation inside.
    output logic            idle_o,
    // Subscription: every symbol, or the first sym_count_i entries of the window.
    input  logic            subscribe_all_i,
    input  logic [10:0]     sym_count_i,
    // Read port of the symbol window: name, one cycle after its address; all zero: unused.
    output logic [9:0]      sym_raddr_o,
    input  logic [63:0]     sym_rdata_i,
    // Operations in.
    input  logic            op_valid_i,
    output logic            op_ready_o,
    input  wt_pkg::op_t     op_i,
    // The operation on out_* in the next cycle, if any, may have this reference: look it up.
    output logic            look_o,
    output logic [63:0]     look_ref_o,
    // Operations out, with what is known of their symbol.
    output logic            out_valid_o,
    input  logic            out_ready_i,
    output wt_pkg::op_t     out_op_o,
    // An order-flow record is due.
    output logic            out_forward_o,
    // The locate is bound to out_sym_o / to software; it was bound by this very message.
    output logic            out_hw_o,
    output logic            out_soft_o,
    output logic            out_bind_o,
    output logic [SYM_W-1:0] out_sym_o,
    // OP_JOIN: a later message of the symbol has passed.
    output logic            out_late_o,
    // price / 100, exact.
    output logic [25:0]     out_price_q_o
);

  localparam bit STEPPED = STEPS > 1;

  typedef enum logic [2:0] {
    Y_SWEEP,
    Y_IDLE,    // take an op, read the locate's entry
    Y_LOOK,    // decide
    Y_SEARCH,  // look for the name in the window
    Y_BIND,    // write what the search found
    Y_JOIN     // compare with the number of the symbol's last message
  } state_e;

  localparam logic [1:0] KIND_HW = 2'd1;
  localparam logic [1:0] KIND_SOFT = 2'd2;
  localparam logic [1:0] KIND_IGNORED = 2'd3;

  state_e      state_q;
  wt_pkg::op_t op_q;
  logic [11:0] sweep_q;
  logic [SYM_W:0] free_q;        // subscribe-all: next index to give away
  logic [SYM_W:0] top_q;         // a symbol that is loaded gets a fresh index, from the top: the one below this
  logic [15:0] taken [0:63];     // by name: window entries that are bound; swept
  logic [10:0] addr_q;           // window address on the port
  logic [10:0] look_q;           // entry whose name is on the data port
  logic        look_valid_q;
  logic [15:0] taken_word, found_word_q;
  logic [1:0]  found_kind_q;
  // verilator lint_off UNUSEDSIGNAL
  logic [9:0]  found_sym_q;  // of an index under 16 one bit or more means nothing
  // verilator lint_on UNUSEDSIGNAL

  // Locate table. "Seen" bits are swept; kind and index mean something only where it is set. A locate is
  // spoilt by a message of bad length before it is bound: that may have been an order. Once it is seen, the same bit
  // says that it is ignored.
  logic [15:0] seen_word, spoilt_word;
  logic [SYM_W+1:0] map_word;    // {kind, index}
  logic        bind_now;
  logic [1:0]  bind_kind;
  logic [SYM_W-1:0] bind_sym;
  logic        take, spoils;

  assign op_ready_o = go_i && state_q == Y_IDLE;
  assign take = op_valid_i && op_ready_o;
  assign spoils = state_q == Y_LOOK && out_free && op_q.op == wt_pkg::OP_BAD && !global_op && !seen;
  assign ready_o = state_q != Y_SWEEP;
  assign idle_o = state_q == Y_IDLE && !out_valid_o;
  assign sym_raddr_o = addr_q[9:0];

  wt_ram_1r1w #(
      .WIDTH   (32),
      .ADDR_W  (12),
      .COLLIDES(1'b0)  // read in one cycle, written in a later one, as is the map
  ) u_seen (
      .clk_i    (clk_i),
      .wr_en_i  (go_i && (state_q == Y_SWEEP || bind_now || spoils)),
      .wr_addr_i(state_q == Y_SWEEP ? sweep_q : op_q.locate[15:4]),
      .wr_data_i(state_q == Y_SWEEP ? 32'd0 :
                 spoils ? {spoilt_word | locate_bit, seen_word} :
                 {bind_kind == KIND_IGNORED ? spoilt_word | locate_bit : spoilt_word & ~locate_bit, seen_word | locate_bit}),
      .rd_en_i  (take),
      .rd_addr_i(op_i.locate[15:4]),
      .rd_data_o({spoilt_word, seen_word})
  );

  // Index of a locate.
  generate
    if (COMPARE) begin : g_few
      logic [2**SYM_W-1:0] bound_q;
      logic [15:0] locate_of_q [0:2**SYM_W-1];
      logic [SYM_W+1:0] found;
      always_comb begin
        found = '0;
        if (state_q == Y_LOOK) begin
          found[SYM_W+:2] = spoilt ? KIND_IGNORED : KIND_SOFT;
          for (int unsigned i = 0; i < 2**SYM_W; i++)
            if (bound_q[i] && locate_of_q[i] == op_q.locate) found = {KIND_HW, SYM_W'(i)};
        end
      end
      wt_settle #(.WIDTH(SYM_W + 2), .ON(STEPPED)) u_found (.clk_i(clk_i), .d_i(found), .q_o(map_word));
      always_ff @(posedge clk_i) begin
        if (go_i && bind_now && bind_kind == KIND_HW) begin
          if (loads && map_word[SYM_W+:2] == KIND_HW) bound_q[map_word[SYM_W-1:0]] <= 1'b0;  // its index before
          bound_q[bind_sym]     <= 1'b1;
          locate_of_q[bind_sym] <= op_q.locate;
        end
        if (rst_i) bound_q <= '0;
      end
    end else begin : g_many
      wt_ram_1r1w #(
          .WIDTH   (SYM_W + 2),
          .ADDR_W  (16),
          .COLLIDES(1'b0)
      ) u_map (
          .clk_i    (clk_i),
          .wr_en_i  (go_i && bind_now),
          .wr_addr_i(op_q.locate),
          .wr_data_i({bind_kind, bind_sym}),
          .rd_en_i  (take),
          .rd_addr_i(op_i.locate),
          .rd_data_o(map_word)
      );
    end
  endgenerate

  // Number of the last message of each symbol.
  logic [63:0] last_seq;
  wt_ram_1r1w #(
      .WIDTH (64),
      .ADDR_W(SYM_W)
  ) u_last (
      .clk_i    (clk_i),
      .wr_en_i  (go_i && out_free && (bind_now ? bind_kind == KIND_HW
                                       : state_q == Y_LOOK && !op_q.load && seen && !global_op &&
                                         map_word[SYM_W+:2] == KIND_HW)),
      .wr_addr_i(bind_now ? bind_sym : map_word[SYM_W-1:0]),
      .wr_data_i(op_q.load ? 64'd0 : op_q.seq),
      .rd_en_i  (go_i && state_q == Y_LOOK),
      .rd_addr_i(map_word[SYM_W-1:0]),
      .rd_data_o(last_seq)
  );

  assign taken_word = taken[look_q[9:4]];

  // The name of entry look_q: stepped it has come before the step's end.
  logic [63:0] name;
  generate
    if (STEPPED) begin : g_name
      always_ff @(posedge clk_i) if (go_i) name <= sym_rdata_i;
    end else begin : g_name_now
      assign name = sym_rdata_i;
    end
  endgenerate

  // What the op in hand is.
  logic out_free, seen, spoilt, global_op, binds, loads, fresh;
  logic [SYM_W:0] low;
  logic [15:0] locate_bit;
  assign locate_bit = 16'd1 << op_q.locate[3:0];
  assign spoilt = spoilt_word[op_q.locate[3:0]];
  assign out_free = !out_valid_o;  // at one operation each two cycles it is, by itself
  assign seen = seen_word[op_q.locate[3:0]];
  assign global_op = op_q.op == wt_pkg::OP_GAP || op_q.op == wt_pkg::OP_SESSION || op_q.op == wt_pkg::OP_HEARTBEAT ||
                     (op_q.op == wt_pkg::OP_BAD && op_q.whole_channel) || op_q.locate == 16'd0;
  assign loads = op_q.load && op_q.op == wt_pkg::OP_DIRECTORY && op_q.locate != 16'd0;
  assign low = subscribe_all_i ? free_q : (sym_count_i[10:SYM_W] != '0 ? {1'b1, {SYM_W{1'b0}}} : {1'b0, sym_count_i[SYM_W-1:0]});
  assign fresh = top_q > low;
  assign binds = !seen && !global_op && !op_q.load && (op_q.op == wt_pkg::OP_DIRECTORY || op_q.op == wt_pkg::OP_ADD);

  always_comb begin
    bind_now  = 1'b0;
    bind_kind = found_kind_q;
    bind_sym  = found_sym_q[SYM_W-1:0];
    if (state_q == Y_LOOK) begin
      bind_now  = out_free && ((binds && subscribe_all_i) || (loads && fresh));
      bind_kind = !loads && free_q >= top_q ? KIND_SOFT : KIND_HW;
      bind_sym  = loads ? SYM_W'(top_q - 1'b1) : free_q[SYM_W-1:0];
    end else if (state_q == Y_BIND) begin
      bind_now = out_free;
    end
  end

  assign look_o = (state_q == Y_LOOK || state_q == Y_BIND) && out_free &&
                  (op_q.op == wt_pkg::OP_ADD || op_q.op == wt_pkg::OP_REDUCE || op_q.op == wt_pkg::OP_DELETE ||
                   op_q.op == wt_pkg::OP_REPLACE);
  assign look_ref_o = op_q.order_ref;

  // price * ceil(2^37 / 100) >> 37 is exact for every 32-bit price. The products of its halves are
  // registered and added behind the register: the consumer has time for it.
  logic [46:0] price_high_q;
  logic [30:0] price_low_q;
  logic [46:0] price_high;
  logic [30:0] price_low;
  logic [77:0] product;
  always_comb begin
    product = 'x;
    if (STEPPED || state_q == Y_LOOK || state_q == Y_BIND)
      product = {op_q.price[31:16] * 47'h51EB851F, 31'((op_q.price[15:0] * 47'h51EB851F) >> 16)};
  end
  wt_settle #(.WIDTH(47 + 31), .ON(STEPPED)) u_price (
      .clk_i(clk_i),
      .d_i  (product), .q_o({price_high, price_low}));
  assign out_price_q_o = 26'((price_high_q + {16'd0, price_low_q}) >> 21);

  always_ff @(posedge clk_i) begin
    if (go_i) begin
      if (out_valid_o && out_ready_i) out_valid_o <= 1'b0;
      if (take) op_q <= op_i;

      case (state_q)
        Y_SWEEP: begin
          sweep_q <= sweep_q + 1'b1;
          taken[sweep_q[5:0]] <= '0;
          if (sweep_q == '1) state_q <= Y_IDLE;
        end

        Y_IDLE: if (take) state_q <= Y_LOOK;

        Y_LOOK: begin
          if (binds && !subscribe_all_i) begin
            state_q      <= Y_SEARCH;
            addr_q       <= 11'd0;
            look_valid_q <= 1'b0;
          end else if (out_free) begin
            out_valid_o   <= 1'b1;
            out_op_o      <= op_q;
            price_low_q   <= price_low;
            price_high_q  <= price_high;
            out_bind_o    <= binds || loads;
            if (op_q.op == wt_pkg::OP_JOIN) begin
              out_valid_o <= 1'b0;
              state_q     <= Y_JOIN;
            end
            if (loads) begin
              out_hw_o      <= fresh;
              out_soft_o    <= !fresh;
              out_sym_o     <= bind_sym;
              out_forward_o <= fresh;  // its place in the order flow
              if (fresh) top_q <= top_q - 1'b1;
            end else if (binds) begin
              if (spoilt) out_op_o.op <= wt_pkg::OP_BAD;  // bound, and stale at once
              out_hw_o      <= bind_kind == KIND_HW;
              out_soft_o    <= bind_kind == KIND_SOFT;
              out_sym_o     <= bind_sym;
              out_forward_o <= 1'b1;
              if (bind_kind == KIND_HW) free_q <= free_q + 1'b1;
            end else begin
              out_hw_o      <= seen && !global_op && map_word[SYM_W+:2] == KIND_HW;
              out_soft_o    <= seen && !global_op && map_word[SYM_W+:2] == KIND_SOFT;
              out_sym_o     <= map_word[SYM_W-1:0];
              out_forward_o <= !op_q.load && (global_op || (seen ? map_word[SYM_W+:2] != KIND_IGNORED
                                                  : subscribe_all_i || op_q.op == wt_pkg::OP_BAD));
            end
            if (op_q.op != wt_pkg::OP_JOIN) state_q <= Y_IDLE;
          end
        end

        Y_SEARCH: begin
          // One address a cycle; the name of address look_q is on the port.
          addr_q       <= addr_q + 1'b1;
          look_q       <= addr_q;
          look_valid_q <= 1'b1;
          found_sym_q  <= look_q[9:0];
          found_word_q <= taken_word | (16'd1 << look_q[3:0]);
          if (look_valid_q) begin
            if (look_q >= sym_count_i || look_q[10]) begin
              found_kind_q <= KIND_IGNORED;
              state_q      <= Y_BIND;
            end else if (name == op_q.name && op_q.name != 64'd0) begin
              // A name beyond the card's symbols is subscribed, but software's.
              if (taken_word[look_q[3:0]]) found_kind_q <= KIND_IGNORED;
              else if ((look_q >> SYM_W) != 11'd0) found_kind_q <= KIND_SOFT;
              else found_kind_q <= KIND_HW;
              state_q <= Y_BIND;
            end
          end
        end

        Y_JOIN: begin
          out_valid_o <= 1'b1;
          out_late_o  <= last_seq > op_q.seq;
          state_q     <= Y_IDLE;
        end

        default: begin  // Y_BIND
          if (out_free) begin
            out_valid_o   <= 1'b1;
            out_op_o      <= op_q;
            price_low_q   <= price_low;
            price_high_q  <= price_high;
            if (spoilt) out_op_o.op <= wt_pkg::OP_BAD;
            out_bind_o    <= found_kind_q != KIND_IGNORED;
            out_hw_o      <= found_kind_q == KIND_HW;
            out_soft_o    <= found_kind_q == KIND_SOFT;
            out_sym_o     <= found_sym_q[SYM_W-1:0];
            out_forward_o <= found_kind_q != KIND_IGNORED;
            if (found_kind_q != KIND_IGNORED) taken[found_sym_q[9:4]] <= found_word_q;
            state_q <= Y_IDLE;
          end
        end
      endcase
    end

    if (rst_i) begin
      state_q     <= Y_SWEEP;
      sweep_q     <= '0;
      free_q      <= '0;
      top_q       <= {1'b1, {SYM_W{1'b0}}};
      out_valid_o <= 1'b0;
    end
  end

endmodule
