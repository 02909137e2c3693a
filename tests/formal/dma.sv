// wt_dma splits what waits into TLPs: every memory write has exactly the bytes that its header says, starts at the
// address that its ring gives, crosses no 4 KB boundary and stays within max payload; every completion has exactly
// its dwords; no beat but the last has a hole, none is lost or changes while the link waits. At 256 bits, one event
// ring, any mix of rings and completions.
//
// The rings' bookkeeping is cut out: what it may answer is what `rings` proves of it, and nothing more. Records are any
// bytes.
//
// RTL: hdl/pcie/wt_dma.sv
// TOP: wt_dma -set EV_RINGS 1 -set FIFO_LOG2 4 -set OF_FIFO_LOG2 4
// INSIDE: hdl/pcie/wt_dma.sv
// EDIT: hdl/pcie/wt_dma.sv: record = from_of ? of_mem[of_rd] : ev_mem[{ev_from, ev_rd}]; => record = f_record;
// PROVE: induction 2
// COVER: 13
// MUTANT 8: hdl/pcie/wt_dma.sv: 16'd0, start_n, 4'd0} => 16'd0, records_q, 4'd0}
// MUTANT 12: hdl/pcie/wt_dma.sv: left_q <= read_end ? start_n - 4'd1 : start_n => left_q <= start_n - 4'd1
// MUTANT 12: hdl/pcie/wt_dma.sv: keep_q <= !final_beat ? '1 : four_q => keep_q <= !final_beat ? '1 : !four_q
// MUTANT 8: hdl/pcie/wt_dma.sv: ev_level > (FIFO_LOG2 + 1)'(ev_limit) ? ev_limit : ev_level[3:0] => ev_level[3:0]
// MUTANT 8: hdl/pcie/wt_dma.sv: wire free = !valid_q || tlp_tx_ready_i => wire free = 1'b1
// MUTANT 12: hdl/pcie/wt_dma.sv: assign start_n = ev_any ? ev_least => assign start_n = 1'b1 ? ev_least
module wt_rings #(
    parameter int unsigned RINGS = 1,
    parameter int unsigned FIFO_LOG2 = 4,
    parameter int unsigned RING_W = 1
) (
    input  logic                 clk_i, rst_i,
    input  logic [64*RINGS-1:0]  base_i,
    input  logic [32*RINGS-1:0]  size_log2_i, cons_i,
    input  logic [3:0]           max_records_i,
    input  logic                 changed_i, push_i,
    input  logic [RING_W-1:0]    push_ring_i,
    output logic [31:0]          lap_o,
    output logic [FIFO_LOG2-1:0] wr_o,
    output logic [FIFO_LOG2:0]   held_o,
    output logic [RINGS-1:0]     full_o, high_o, low_o,
    input  logic [RING_W-1:0]    read_ring_i,
    output logic [FIFO_LOG2-1:0] rd_o,
    input  logic                 pop_i,
    output logic [RINGS-1:0]     waits_o, settled_o, room_o,
    input  logic [RING_W-1:0]    next_ring_i,
    output logic [FIFO_LOG2:0]   level_o,
    output logic [63:0]          addr_o,
    output logic [3:0]           limit_o,
    input  logic                 start_i,
    input  logic [3:0]           n_i,
    input  logic                 commit_i,
    input  logic [RING_W-1:0]    commit_ring_i,
    input  logic [3:0]           commit_n_i,
    output logic [32*RINGS-1:0]  prod_o
);
  (* anyseq *) reg [31:0] f_lap, f_prod;
  (* anyseq *) reg [FIFO_LOG2-1:0] f_wr, f_rd;
  (* anyseq *) reg [FIFO_LOG2:0] f_held, f_level;
  (* anyseq *) reg f_full, f_high, f_low, f_settled, f_room;
  (* anyseq *) reg [63:0] f_addr;
  (* anyseq *) reg [3:0] f_limit;
  assign lap_o = f_lap;
  assign wr_o = f_wr;
  assign held_o = f_held;
  assign full_o = f_full;
  assign high_o = f_high;
  assign low_o = f_low;
  assign rd_o = f_rd;
  assign waits_o = f_level != '0;
  assign settled_o = f_settled;
  assign room_o = f_room;
  assign level_o = f_level;
  assign addr_o = {f_addr[63:6], 6'd0};
  assign limit_o = f_limit;
  assign prod_o = f_prod;
  always @* begin
    assume (f_room == (f_limit != 4'd0) || !f_settled);
    if (f_settled && f_room) begin
      assume (f_limit <= max_records_i);
      assume ({1'b0, f_addr[11:6]} + {3'd0, f_limit} <= 7'd64);
    end
  end
endmodule
