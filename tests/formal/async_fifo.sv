// wt_async_fifo, its two clocks in any relation, any jitter and any pause: what was pushed n-th is
// popped n-th; nothing is lost, invented or overwritten. At 4 entries of 2 bits.
//
// RTL: hdl/common/wt_async_fifo.sv hdl/common/wt_sync.sv
// TOP: wt_async_fifo -set WIDTH 2 -set DEPTH_LOG2 2
// INSIDE: hdl/common/wt_async_fifo.sv
// WATCH: f_wr_meta = sync_wr.meta_q
// WATCH: f_rd_meta = sync_rd.meta_q
// PREP: memory_map; clk2fflogic; opt
// PROVE: induction 3
// COVER: 24
// QUICK: yes
// MUTANT 30: hdl/common/wt_async_fifo.sv: {~rd_gray[DEPTH_LOG2:DEPTH_LOG2-1], rd_gray[DEPTH_LOG2-2:0]} => {~rd_gray[DEPTH_LOG2], rd_gray[DEPTH_LOG2-1:0]}
// MUTANT 30: hdl/common/wt_async_fifo.sv: out_valid_o = rd_gray_q != wr_gray => out_valid_o = 1'b1
// MUTANT 30: hdl/common/wt_async_fifo.sv: wr_gray_q <= wr_next ^ (wr_next >> 1) => wr_gray_q <= wr_next

  // The first register of each synchronizer.
  wire [DEPTH_LOG2:0] f_wr_meta, f_rd_meta;

  (* anyconst *) reg [DEPTH_LOG2:0] f_n;  // the n-th push, modulo twice the depth, is followed
  reg [DEPTH_LOG2:0] f_pushes = '0, f_pops = '0;
  reg [WIDTH-1:0] f_data;
  wire [DEPTH_LOG2:0] f_held = f_pushes - f_pops;
  wire f_inside = (DEPTH_LOG2 + 1)'(f_n - f_pops) < f_held;

  function automatic [DEPTH_LOG2:0] f_binary(input [DEPTH_LOG2:0] gray);
    integer k;
    f_binary = gray;
    for (k = 1; k <= DEPTH_LOG2; k = k + 1) f_binary = f_binary ^ (gray >> k);
  endfunction

  // Reset is over before the first edges, as the header asks; pointers begin at 0.
  initial assume (wr_q == '0 && wr_gray_q == '0 && rd_q == '0 && rd_gray_q == '0 && wr_gray == '0 && rd_gray == '0);
  initial assume (f_wr_meta == '0 && f_rd_meta == '0);
  always @* assume (!in_rst_i && !out_rst_i);

  always @(posedge in_clk_i)
    if (in_valid_i && in_ready_o) begin
      f_pushes <= f_pushes + 1'b1;
      if (f_pushes == f_n) f_data <= in_data_i;
    end
  always @(posedge out_clk_i) if (out_valid_o && out_ready_i) f_pops <= f_pops + 1'b1;

  always @* begin
    assert (f_held <= 2 ** DEPTH_LOG2);
    if (in_ready_o) assert (f_held < 2 ** DEPTH_LOG2);
    if (out_valid_o) assert (f_held != 0);
    if (out_valid_o && f_pops == f_n) assert (out_data_o == f_data);
    // What makes it inductive: every copy of a pointer lies between the other side's pointer and its own.
    assert (wr_q == f_pushes && rd_q == f_pops);
    assert (wr_gray_q == (wr_q ^ (wr_q >> 1)) && rd_gray_q == (rd_q ^ (rd_q >> 1)));
    assert ((DEPTH_LOG2 + 1)'(f_binary(wr_gray) - f_pops) <= (DEPTH_LOG2 + 1)'(f_binary(f_wr_meta) - f_pops));
    assert ((DEPTH_LOG2 + 1)'(f_binary(f_wr_meta) - f_pops) <= f_held);
    assert ((DEPTH_LOG2 + 1)'(f_pushes - f_binary(f_rd_meta)) <= (DEPTH_LOG2 + 1)'(f_pushes - f_binary(rd_gray)));
    assert ((DEPTH_LOG2 + 1)'(f_pushes - f_binary(rd_gray)) <= 2 ** DEPTH_LOG2);
    assert ((DEPTH_LOG2 + 1)'(f_pushes - f_binary(f_rd_meta)) >= f_held);
    if (f_inside) assert (mem[f_n[DEPTH_LOG2-1:0]] == f_data);

    cover (f_held == 2 ** DEPTH_LOG2 && !in_ready_o);
    cover (f_pops == 3'd6);
  end

