// Two registers that bring bits of another clock into this one. Of more than one bit, only one may
// change at a time (Gray code) or they must be told valid by another way.
//
// Latency: two clock edges.
module wt_sync #(
    parameter int unsigned WIDTH = 1
) (
    input  logic             clk_i,
    input  logic             rst_i,
    input  logic [WIDTH-1:0] d_i,
    output logic [WIDTH-1:0] q_o
);

  (* ASYNC_REG = "TRUE" *) logic [WIDTH-1:0] meta_q;
  (* ASYNC_REG = "TRUE" *) logic [WIDTH-1:0] sync_q;

  assign q_o = sync_q;

  always_ff @(posedge clk_i) begin
    meta_q <= d_i;
    sync_q <= meta_q;
    if (rst_i) begin
      meta_q <= '0;
      sync_q <= '0;
    end
  end

endmodule
