// Resets logic on two clocks together: a pulse of any length on rst_i gives a time in which both sides
// are in reset. Should the other clock not run, rst_o stays until it does.
//
// The other side leaves reset first, by a few cycles.
module wt_sync_reset (
    input  logic clk_i,
    input  logic rst_i,
    output logic rst_o,
    input  logic other_clk_i,
    output logic other_rst_o
);

  logic ask_q;
  wire other_rst, answer;

  wt_sync sync_ask (.clk_i(other_clk_i), .rst_i(1'b0), .d_i(ask_q), .q_o(other_rst));
  wt_sync sync_answer (.clk_i(clk_i), .rst_i(1'b0), .d_i(other_rst), .q_o(answer));

  assign other_rst_o = other_rst;
  assign rst_o = rst_i || ask_q || answer;

  always_ff @(posedge clk_i) begin
    if (answer) ask_q <= 1'b0;
    if (rst_i) ask_q <= 1'b1;
  end

endmodule
