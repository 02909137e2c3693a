// Bookkeeping of one record ring and of the FIFO in front of it (wt_dma holds the records).
//
// Latency: a record is counted in level_o the cycle after its push. addr_o and limit_o are right
// when settled_o is 1, which it is from the third cycle after start_i.
module wt_ring #(
    parameter int unsigned FIFO_LOG2 = 5
) (
    input  logic                 clk_i,
    input  logic                 rst_i,
    // The ring in host memory: bus address (bits [5:0] taken as 0), log2 of records (4 to 24; any
    // other: no room), records consumed.
    // verilator lint_off UNUSEDSIGNAL
    input  logic [63:0]          base_i,
    // verilator lint_on UNUSEDSIGNAL
    input  logic [31:0]          size_log2_i,
    input  logic [31:0]          cons_i,
    // Records that fit max payload: 2, 4 or 8.
    input  logic [3:0]           max_records_i,
    // One of the above has changed: 1 in the cycle in which it first has its new value.
    input  logic                 changed_i,
    // A record is written to slot wr_o of the FIFO, with lap_o as its number. Only when ready_o.
    input  logic                 push_i,
    output logic                 ready_o,
    output logic [31:0]          lap_o,
    output logic [FIFO_LOG2-1:0] wr_o,
    // The slot to read now; pop_i frees it.
    output logic [FIFO_LOG2-1:0] rd_o,
    input  logic                 pop_i,
    // Records in the FIFO that no TLP has taken; the next TLP's address and most records (0: no room).
    output logic [FIFO_LOG2:0]   level_o,
    output logic [63:0]          addr_o,
    output logic [3:0]           limit_o,
    output logic                 settled_o,
    // A TLP takes n_i records.
    input  logic                 start_i,
    input  logic [3:0]           n_i,
    // A TLP of commit_n_i records has left.
    input  logic                 commit_i,
    input  logic [3:0]           commit_n_i,
    output logic [31:0]          prod_o,
    // Counters: records written; cycles in which a record waited for room.
    output logic [63:0]          cnt_records_o,
    output logic [63:0]          cnt_full_o
);

  logic [FIFO_LOG2:0] wr_q, taken_q, rd_q;
  logic [31:0] lap_q;     // number of the next record
  logic [31:0] plan_q;    // records taken by TLPs
  logic [63:0] written_q, full_q;
  logic [1:0] settle_q;   // cycles until the figures are right after a start
  logic [1:0] refresh_q;  // cycles in which the figures may change yet

  wire [FIFO_LOG2:0] held = wr_q - rd_q;
  assign ready_o = !held[FIFO_LOG2];
  assign level_o = wr_q - taken_q;
  assign lap_o = lap_q;
  assign wr_o = wr_q[FIFO_LOG2-1:0];
  assign rd_o = rd_q[FIFO_LOG2-1:0];
  assign prod_o = written_q[31:0];
  assign cnt_records_o = written_q;
  assign cnt_full_o = full_q;
  assign settled_o = settle_q == 2'd0;

  logic [24:0] size_q;    // 0: no ring
  logic [31:0] used_q;    // records in the ring
  logic [63:0] addr_q, addr2_q;
  logic [3:0] to_end_q;   // records to the ring's end; 8 is the most that max payload allows
  logic [3:0] limit_q;
  assign addr_o = addr2_q;
  assign limit_o = limit_q;

  // verilator lint_off BLKSEQ
  logic [23:0] index;
  logic [24:0] to_end;
  logic [31:0] room;
  logic [6:0] to_page;
  logic [3:0] room8, page8, least_a, least_b;
  always_ff @(posedge clk_i) begin
    // Three steps after a change, then they rest: the size; where the ring stands; the least of all
    // bounds. What the host changes does not unsettle the ring: a consumer index that comes late
    // means less room, and size and base do not change while records wait.
    if (changed_i || refresh_q != 2'd0) begin
      size_q <= size_log2_i >= 32'd4 && size_log2_i <= 32'd24 ? 25'd1 << size_log2_i[4:0] : 25'd0;
      index = plan_q[23:0] & (size_q[23:0] - 24'd1);
      to_end = size_q - {1'b0, index};
      used_q <= plan_q - cons_i;
      addr_q <= {base_i[63:6], 6'd0} + {34'd0, index, 6'd0};
      to_end_q <= to_end >= 25'd8 ? 4'd8 : to_end[3:0];
      room = {7'd0, size_q} - used_q;
      room8 = used_q > {7'd0, size_q} ? 4'd0 : room >= 32'd8 ? 4'd8 : room[3:0];
      to_page = 7'd64 - {1'b0, addr_q[11:6]};
      page8 = to_page >= 7'd8 ? 4'd8 : to_page[3:0];
      least_a = room8 < page8 ? room8 : page8;
      least_b = to_end_q < max_records_i ? to_end_q : max_records_i;
      addr2_q <= addr_q;
      limit_q <= least_a < least_b ? least_a : least_b;
    end
    if (settle_q != 2'd0) settle_q <= settle_q - 2'd1;
    if (changed_i || start_i) refresh_q <= 2'd2;
    else if (refresh_q != 2'd0) refresh_q <= refresh_q - 2'd1;

    if (push_i) begin
      wr_q <= wr_q + 1'b1;
      lap_q <= lap_q + 32'd1;
    end
    if (start_i) begin
      taken_q <= taken_q + (FIFO_LOG2 + 1)'(n_i);
      plan_q <= plan_q + {28'd0, n_i};
      settle_q <= 2'd2;
    end
    if (pop_i) rd_q <= rd_q + 1'b1;
    if (commit_i) written_q <= written_q + {60'd0, commit_n_i};
    if (level_o != '0 && settled_o && limit_q == 4'd0) full_q <= full_q + 64'd1;

    if (rst_i) begin
      wr_q <= '0;
      taken_q <= '0;
      rd_q <= '0;
      lap_q <= 32'd1;
      plan_q <= 32'd0;
      written_q <= 64'd0;
      full_q <= 64'd0;
      settle_q <= 2'd3;
      refresh_q <= 2'd3;
    end
  end
  // verilator lint_on BLKSEQ

endmodule
