// Brings a number of another clock over as a whole: what q_o shows was on d_i at one moment. Values
// between two copies are not seen: for counters and states, of which the last value counts.
//
// Latency: up to about six cycles of each clock. Reset both sides together (wt_async_fifo).
module wt_sync_bus #(
    parameter int unsigned WIDTH = 8
) (
    input  logic             in_clk_i,
    input  logic             in_rst_i,
    input  logic [WIDTH-1:0] in_d_i,
    input  logic             out_clk_i,
    input  logic             out_rst_i,
    output logic [WIDTH-1:0] out_q_o
);

  // held_q stands still from the change of ask_q until the other side has answered with the same.
  logic [WIDTH-1:0] held_q, out_q;
  logic ask_q, answer_q;
  wire ask, answer;

  wt_sync sync_ask (.clk_i(out_clk_i), .rst_i(out_rst_i), .d_i(ask_q), .q_o(ask));
  wt_sync sync_answer (.clk_i(in_clk_i), .rst_i(in_rst_i), .d_i(answer_q), .q_o(answer));

  assign out_q_o = out_q;

  always_ff @(posedge in_clk_i) begin
    if (ask_q == answer) begin
      held_q <= in_d_i;
      ask_q <= !ask_q;
    end
    if (in_rst_i) begin
      held_q <= '0;
      ask_q <= 1'b0;
    end
  end

  always_ff @(posedge out_clk_i) begin
    if (ask != answer_q) begin
      out_q <= held_q;
      answer_q <= ask;
    end
    if (out_rst_i) begin
      out_q <= '0;
      answer_q <= 1'b0;
    end
  end

endmodule
