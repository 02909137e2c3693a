// FIFO between two clocks, first word falls through. Pointers cross as Gray codes, of which one bit
// changes a step, through two registers.
//
// Latency: out_valid_o two to three read clocks after the write clock edge of the push. One push and
// one pop a cycle. in_ready_o does not depend on out_ready_i. Reset both sides together: each side
// must see its reset while the other one is in reset too, and no transfer happen until both are out.
//
// A board constrains the paths into meta_q to one period of the faster clock (set_max_delay
// -datapath_only, or MAXSKEW): the bits of a pointer must not be older than one step.
module wt_async_fifo #(
    parameter int unsigned WIDTH = 8,
    parameter int unsigned DEPTH_LOG2 = 4  // 2**DEPTH_LOG2 entries, at least 2
) (
    // Push side: taken when in_valid_i && in_ready_o.
    input  logic             in_clk_i,
    input  logic             in_rst_i,
    input  logic             in_valid_i,
    output logic             in_ready_o,
    input  logic [WIDTH-1:0] in_data_i,
    // Pop side: gone when out_valid_o && out_ready_i.
    input  logic             out_clk_i,
    input  logic             out_rst_i,
    output logic             out_valid_o,
    input  logic             out_ready_i,
    output logic [WIDTH-1:0] out_data_o,
    // Nothing is inside. Of both clocks: for simulation, where they are one; a board leaves it open.
    output logic             idle_o
);

  logic [WIDTH-1:0] mem [0:2**DEPTH_LOG2-1];

  // The next pointer as a binary number and as a Gray code.
  logic [DEPTH_LOG2:0] wr_q, wr_gray_q, rd_q, rd_gray_q;
  wire [DEPTH_LOG2:0] wr_next = wr_q + 1'b1;
  wire [DEPTH_LOG2:0] rd_next = rd_q + 1'b1;
  wire [DEPTH_LOG2:0] wr_gray, rd_gray;  // each on the other side

  wt_sync #(.WIDTH(DEPTH_LOG2 + 1)) sync_wr (.clk_i(out_clk_i), .rst_i(out_rst_i), .d_i(wr_gray_q), .q_o(wr_gray));
  wt_sync #(.WIDTH(DEPTH_LOG2 + 1)) sync_rd (.clk_i(in_clk_i), .rst_i(in_rst_i), .d_i(rd_gray_q), .q_o(rd_gray));

  // Full: the pointers are 2**DEPTH_LOG2 apart, which in Gray code turns the upper two bits over.
  assign in_ready_o = wr_gray_q != {~rd_gray[DEPTH_LOG2:DEPTH_LOG2-1], rd_gray[DEPTH_LOG2-2:0]};
  assign out_valid_o = rd_gray_q != wr_gray;
  assign out_data_o = mem[rd_q[DEPTH_LOG2-1:0]];
  assign idle_o = wr_gray_q == rd_gray_q;

  always_ff @(posedge in_clk_i) begin
    if (in_valid_i && in_ready_o) begin
      mem[wr_q[DEPTH_LOG2-1:0]] <= in_data_i;
      wr_q <= wr_next;
      wr_gray_q <= wr_next ^ (wr_next >> 1);
    end
    if (in_rst_i) begin
      wr_q <= '0;
      wr_gray_q <= '0;
    end
  end

  always_ff @(posedge out_clk_i) begin
    if (out_valid_o && out_ready_i) begin
      rd_q <= rd_next;
      rd_gray_q <= rd_next ^ (rd_next >> 1);
    end
    if (out_rst_i) begin
      rd_q <= '0;
      rd_gray_q <= '0;
    end
  end

endmodule
