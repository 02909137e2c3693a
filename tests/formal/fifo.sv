// wt_fifo: what was pushed n-th is popped n-th; nothing is lost, invented or overwritten; ready and
// valid say exactly whether there is room or an entry. At 4 entries of 4 bits.
//
// RTL: hdl/common/wt_fifo.sv
// TOP: wt_fifo -set WIDTH 4 -set DEPTH_LOG2 2
// INSIDE: hdl/common/wt_fifo.sv
// PROVE: induction 4
// COVER: 14
// QUICK: yes
// MUTANT 12: hdl/common/wt_fifo.sv: in_ready_o = !level_o[DEPTH_LOG2] => in_ready_o = 1'b1
// MUTANT 12: hdl/common/wt_fifo.sv: out_valid_o && out_ready_i) rd_q => out_ready_i) rd_q
// MUTANT 12: hdl/common/wt_fifo.sv: out_valid_o = wr_q != rd_q => out_valid_o = wr_q[1:0] != rd_q[1:0]
// MUTANT 12: hdl/common/wt_fifo.sv: mem[wr_q[DEPTH_LOG2-1:0]] <= in_data_i => mem[wr_q[DEPTH_LOG2-1:0] & 2'd1] <= in_data_i

  // The n-th push, n arbitrary, is followed through the FIFO. Counters are of the proof, not the FIFO's.
  (* anyconst *) reg [7:0] f_n;
  reg f_started = 1'b0;
  reg [7:0] f_pushes, f_pops;
  reg [WIDTH-1:0] f_data;
  wire f_push = in_valid_i && in_ready_o;
  wire f_pop = out_valid_o && out_ready_i;
  wire [7:0] f_held = f_pushes - f_pops;
  wire f_inside = 8'(f_n - f_pops) < f_held;

  always @(posedge clk_i) begin
    f_started <= 1'b1;
    if (!f_started) assume (rst_i);
    if (f_push) f_pushes <= f_pushes + 8'd1;
    if (f_push && f_pushes == f_n) f_data <= in_data_i;
    if (f_pop) f_pops <= f_pops + 8'd1;
    if (rst_i) begin
      f_pushes <= 8'd0;
      f_pops <= 8'd0;
    end
  end

  always @* begin
    if (f_started) begin
      // What the user may rely on.
      assert (f_held <= 8'd2 ** DEPTH_LOG2);
      assert (level_o == f_held[DEPTH_LOG2:0]);
      assert (in_ready_o == (f_held != 8'd2 ** DEPTH_LOG2));
      assert (out_valid_o == (f_held != 8'd0));
      if (out_valid_o && f_pops == f_n) assert (out_data_o == f_data);
      // What makes it inductive.
      assert (wr_q == f_pushes[DEPTH_LOG2:0]);
      assert (rd_q == f_pops[DEPTH_LOG2:0]);
      if (f_inside) assert (mem[f_n[DEPTH_LOG2-1:0]] == f_data);

      cover (f_held == 8'd2 ** DEPTH_LOG2 && in_valid_i);
      cover (f_pops == 8'd5 && f_n == 8'd4 && f_data == 4'd9);
      cover (f_push && f_pop && f_held == 8'd3);
    end
  end

