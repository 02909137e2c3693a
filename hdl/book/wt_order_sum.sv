// Checksum over the live orders of each symbol, whatever their order: the exclusive or of a hash of each order's
// {reference, side, price code, shares}. It proves, when a symbol comes back from the host's software, that both have
// the same orders (host/market/return.h has the same hash).
//
// Latency: a change is in the sum three cycles later; ready_o is 0 until then. A change every cycle.
module wt_order_sum #(
    parameter int unsigned SYM_W = 6
) (
    input  logic             clk_i,
    input  logic             rst_i,
    input  logic [SYM_W-1:0] sym_i,
    input  logic [63:0]      ref_i,
    // An order {sell, code, shares} comes, goes, or both.
    input  logic             comes_i,
    input  logic [65:0]      new_i,
    input  logic             goes_i,
    input  logic [65:0]      old_i,
    // No change is under way; the sum of sym_i.
    output logic             ready_o,
    output logic [63:0]      sum_o
);

  // Two steps of Keccak's chi with linear steps between them: not linear in any of its inputs.
  function automatic logic [63:0] chi(input logic [63:0] x);
    chi = x ^ ({x[62:0], x[63]} & ~{x[61:0], x[63:62]});
  endfunction

  // code is {price / 100, price % 100}.
  function automatic logic [63:0] first(input logic [63:0] key, input logic [65:0] order);
    first = chi(key ^ {key[53:0], key[63:54]} ^ {order[50:0], order[63:51]} ^ {order[65:64], 62'd0});
  endfunction

  function automatic logic [63:0] second(input logic [63:0] x, input logic [63:0] order);
    second = chi(x ^ {x[46:0], x[63:47]} ^ {x[22:0], x[63:23]} ^ order);
  endfunction

  logic [63:0] mem [0:2**SYM_W-1];
  logic [SYM_W:0] sweep_q;
  logic first_q, second_q;
  logic [SYM_W-1:0] sym1_q, sym2_q;
  logic comes_q, goes_q;
  logic [63:0] new1_q, old1_q, new_q, old_q, both_q;

  assign ready_o = !first_q && !second_q && sweep_q[SYM_W];
  assign sum_o = mem[sym_i];

  always_ff @(posedge clk_i) begin
    first_q  <= comes_i || goes_i;
    second_q <= first_q;
    if (comes_i || goes_i) begin
      sym1_q  <= sym_i;
      comes_q <= comes_i;
      goes_q  <= goes_i;
      new1_q  <= first(ref_i, new_i);
      old1_q  <= first(ref_i, old_i);
      new_q   <= new_i[63:0];
      old_q   <= old_i[63:0];
    end
    if (first_q) begin
      sym2_q <= sym1_q;
      both_q <= (comes_q ? second(new1_q, new_q) : 64'd0) ^ (goes_q ? second(old1_q, old_q) : 64'd0);
    end
    if (!sweep_q[SYM_W]) begin
      mem[sweep_q[SYM_W-1:0]] <= 64'd0;
      sweep_q <= sweep_q + 1'b1;
    end else if (second_q) begin
      mem[sym2_q] <= mem[sym2_q] ^ both_q;
    end
    if (rst_i) begin
      first_q  <= 1'b0;
      second_q <= 1'b0;
      sweep_q  <= '0;
    end
  end

endmodule
