// A register in the middle of logic that has several cycles to settle, or (ON = 0) a wire.
//
// Whoever uses it keeps what d_i comes from as it is until q_o, and what follows from that, is looked at.
//
// Latency: one cycle, or (ON = 0) none.
module wt_settle #(
    parameter int unsigned WIDTH = 1,
    parameter bit ON = 1'b0
) (
    input  logic             clk_i,
    input  logic [WIDTH-1:0] d_i,
    output logic [WIDTH-1:0] q_o
);

  generate
    if (ON) begin : g_register
      always_ff @(posedge clk_i) q_o <= d_i;
    end else begin : g_wire
      wire unused = clk_i;
      assign q_o = d_i;
    end
  endgenerate

endmodule
