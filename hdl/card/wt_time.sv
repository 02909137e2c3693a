// The card's time in ns: counts by the clock's period, is set from outside, or comes from outside.
//
// Latency: a time given shows in the next cycle.
module wt_time #(
    parameter int unsigned CLOCK_PS = 6400
) (
    input  logic        clk_i,
    input  logic        rst_i,
    // time_ns_i is the time, each cycle (simulation, a clock of the board's).
    input  logic        external_i,
    // One cycle: go on from time_ns_i.
    input  logic        set_i,
    input  logic [63:0] time_ns_i,
    output logic [63:0] time_ns_o
);

  // 2^-32 ns; rounding is worth 0.04 ns a second at worst.
  localparam logic [63:0] STEP = (64'(CLOCK_PS) << 32) / 64'd1000;
  logic [63:0] ns_q;
  logic [31:0] fraction_q;

  assign time_ns_o = ns_q;

  always_ff @(posedge clk_i) begin
    if (set_i || external_i) begin
      ns_q <= time_ns_i;
      fraction_q <= '0;
    end else {ns_q, fraction_q} <= {ns_q, fraction_q} + {32'd0, STEP};
    if (rst_i) begin
      ns_q <= '0;
      fraction_q <= '0;
    end
  end

endmodule
