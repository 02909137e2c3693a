// Synchronous first-word-fall-through FIFO.
//
// Latency: one cycle from a push into an empty FIFO to out_valid_o. One push and one pop a cycle.
// in_ready_o does not depend on out_ready_i.
module wt_fifo #(
    parameter int unsigned WIDTH = 8,
    parameter int unsigned DEPTH_LOG2 = 4  // 2**DEPTH_LOG2 entries, at least 1
) (
    input  logic                clk_i,
    input  logic                rst_i,
    // Push side: taken when in_valid_i && in_ready_o.
    input  logic                in_valid_i,
    output logic                in_ready_o,
    input  logic [WIDTH-1:0]    in_data_i,
    // Pop side: gone when out_valid_o && out_ready_i.
    output logic                out_valid_o,
    input  logic                out_ready_i,
    output logic [WIDTH-1:0]    out_data_o,
    // Entries held.
    output logic [DEPTH_LOG2:0] level_o
);

  logic [WIDTH-1:0] mem [0:2**DEPTH_LOG2-1];
  logic [DEPTH_LOG2:0] wr_q, rd_q;

  assign level_o = wr_q - rd_q;
  assign in_ready_o = !level_o[DEPTH_LOG2];
  assign out_valid_o = wr_q != rd_q;
  assign out_data_o = mem[rd_q[DEPTH_LOG2-1:0]];

  always_ff @(posedge clk_i) begin
    if (in_valid_i && in_ready_o) begin
      mem[wr_q[DEPTH_LOG2-1:0]] <= in_data_i;
      wr_q <= wr_q + 1'b1;
    end
    if (out_valid_o && out_ready_i) rd_q <= rd_q + 1'b1;
    if (rst_i) begin
      wr_q <= '0;
      rd_q <= '0;
    end
  end

endmodule
