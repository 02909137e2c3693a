// Bookkeeping of record rings and of the FIFO in front of each (wt_dma holds the records).
//
// One ring a cycle is worked on; what is known of the others rests. Where a ring stands is worked out in two steps
// after a TLP was started or the host changed something, one ring behind the other.
//
// Latency: a record is counted the cycle after its push. addr_o and limit_o of a ring are right when its bit of
// settled_o is 1, which it is from the third cycle after start_i when no other ring is worked on.
module wt_rings #(
    parameter int unsigned RINGS = 8,      // 1 to 8
    parameter int unsigned FIFO_LOG2 = 6,
    parameter int unsigned RING_W = RINGS > 1 ? $clog2(RINGS) : 1
) (
    input  logic                 clk_i,
    input  logic                 rst_i,
    // The rings in host memory, ring 0 lowest: bus address (bits [5:0] taken as 0), log2 of records (4 to 24; any
    // other: no room), records consumed.
    // verilator lint_off UNUSEDSIGNAL
    input  logic [64*RINGS-1:0]  base_i,
    // verilator lint_on UNUSEDSIGNAL
    input  logic [32*RINGS-1:0]  size_log2_i,
    input  logic [32*RINGS-1:0]  cons_i,
    // Records that fit max payload: 2, 4 or 8.
    input  logic [3:0]           max_records_i,
    // One of the above has changed: 1 in the cycle in which it first has its new value.
    input  logic                 changed_i,
    // A record is written to slot wr_o of this ring's FIFO, with lap_o as its number. Only when it is not full.
    input  logic                 push_i,
    input  logic [RING_W-1:0]    push_ring_i,
    output logic [31:0]          lap_o,
    output logic [FIFO_LOG2-1:0] wr_o,
    output logic [FIFO_LOG2:0]   held_o,     // slots of it in use
    // Of each FIFO: no slot is free; three quarters are in use; at most a quarter is.
    output logic [RINGS-1:0]     full_o,
    output logic [RINGS-1:0]     high_o,
    output logic [RINGS-1:0]     low_o,
    // The slot to read now, of this ring; pop_i frees it.
    input  logic [RING_W-1:0]    read_ring_i,
    output logic [FIFO_LOG2-1:0] rd_o,
    input  logic                 pop_i,
    // Of each ring: records that no TLP has taken are in the FIFO; figures are right; there is room for one.
    output logic [RINGS-1:0]     waits_o,
    output logic [RINGS-1:0]     settled_o,
    output logic [RINGS-1:0]     room_o,
    // Of this ring: how many wait, the next TLP's address and most records (0: no room).
    input  logic [RING_W-1:0]    next_ring_i,
    output logic [FIFO_LOG2:0]   level_o,
    output logic [63:0]          addr_o,
    output logic [3:0]           limit_o,
    // A TLP takes n_i records of it.
    input  logic                 start_i,
    input  logic [3:0]           n_i,
    // A TLP of commit_n_i records of this ring has left; records written.
    input  logic                 commit_i,
    input  logic [RING_W-1:0]    commit_ring_i,
    input  logic [3:0]           commit_n_i,
    output logic [32*RINGS-1:0]  prod_o
);

  logic [FIFO_LOG2:0] wr [0:RINGS-1];
  logic [FIFO_LOG2:0] taken [0:RINGS-1];
  logic [FIFO_LOG2:0] rd [0:RINGS-1];
  logic [31:0] lap [0:RINGS-1];      // number of the next record
  logic [31:0] plan [0:RINGS-1];     // records taken by TLPs
  logic [24:0] size [0:RINGS-1];     // 0: no ring
  logic [63:0] addr [0:RINGS-1];
  logic [3:0]  limit [0:RINGS-1];
  logic [32*RINGS-1:0] written_q;
  logic [RINGS-1:0] full_q, high_q, low_q, waits_q, settled_q, room_q;
  logic [RINGS-1:0] size_due_q;      // the host may have changed it
  logic [RINGS-1:0] due_q;           // where it stands is to be worked out

  wire [FIFO_LOG2:0] push_wr = wr[push_ring_i];
  wire [FIFO_LOG2:0] read_rd = rd[read_ring_i];
  assign lap_o = lap[push_ring_i];
  assign wr_o = push_wr[FIFO_LOG2-1:0];
  assign held_o = push_wr - rd[push_ring_i];
  assign rd_o = read_rd[FIFO_LOG2-1:0];
  assign full_o = full_q;
  assign high_o = high_q;
  assign low_o = low_q;
  assign waits_o = waits_q;
  assign settled_o = settled_q;
  assign room_o = room_q;
  assign level_o = wr[next_ring_i] - taken[next_ring_i];
  assign addr_o = addr[next_ring_i];
  assign limit_o = limit[next_ring_i];
  assign prod_o = written_q;

  // ---------------------------------------------------------------- the FIFOs

  wire same = push_i && pop_i && push_ring_i == read_ring_i;
  // verilator lint_off BLKSEQ
  // verilator lint_off UNUSEDSIGNAL
  logic [FIFO_LOG2:0] more, less;
  // verilator lint_on UNUSEDSIGNAL
  always_ff @(posedge clk_i) begin
    if (push_i) begin
      wr[push_ring_i] <= push_wr + 1'b1;
      lap[push_ring_i] <= lap_o + 32'd1;
      more = held_o + 1'b1;
      if (!same) begin
        full_q[push_ring_i] <= more[FIFO_LOG2];
        high_q[push_ring_i] <= more[FIFO_LOG2] || more[FIFO_LOG2-1-:2] == 2'b11;
        low_q[push_ring_i] <= more[FIFO_LOG2-:3] == 3'd0;
      end
    end
    if (pop_i) begin
      rd[read_ring_i] <= read_rd + 1'b1;
      less = wr[read_ring_i] - read_rd - 1'b1;
      if (!same) begin
        full_q[read_ring_i] <= 1'b0;
        high_q[read_ring_i] <= less[FIFO_LOG2-1-:2] == 2'b11;
        low_q[read_ring_i] <= less[FIFO_LOG2-:3] == 3'd0;
      end
    end
    if (start_i) begin
      taken[next_ring_i] <= taken[next_ring_i] + (FIFO_LOG2 + 1)'(n_i);
      plan[next_ring_i] <= plan[next_ring_i] + {28'd0, n_i};
      waits_q[next_ring_i] <= level_o != (FIFO_LOG2 + 1)'(n_i);
    end
    if (push_i) waits_q[push_ring_i] <= 1'b1;
    if (commit_i)
      written_q[32*commit_ring_i+:32] <= written_q[32*commit_ring_i+:32] + {28'd0, commit_n_i};
    if (rst_i) begin
      for (int r = 0; r < RINGS; r = r + 1) begin
        wr[r] <= '0;
        taken[r] <= '0;
        rd[r] <= '0;
        lap[r] <= 32'd1;
        plan[r] <= 32'd0;
      end
      full_q <= '0;
      high_q <= '0;
      low_q <= '1;
      waits_q <= '0;
      written_q <= '0;
    end
  end
  // verilator lint_on BLKSEQ

  // ---------------------------------------------------------------- where they stand

  logic first_valid_q;          // the first step is done, of this ring
  logic [RING_W-1:0] first_q;
  logic [24:0] size_q;
  logic [31:0] used_q;          // records in the ring
  logic [63:0] addr_q;
  logic [3:0] to_end_q;         // records to the ring's end; 8 is the most that max payload allows

  // verilator lint_off BLKSEQ
  logic [RING_W-1:0] k;
  logic [31:0] log2;
  logic [23:0] index;
  logic [24:0] to_end;
  logic [31:0] room;
  logic [6:0] to_page;
  logic [3:0] room8, page8, least_a, least_b, least;
  always_ff @(posedge clk_i) begin
    // What the host changes does not unsettle a ring: a consumer index that comes late means less room, and size
    // and base do not change while records wait.
    if (size_due_q != '0) begin
      k = '0;
      for (int r = RINGS - 1; r >= 0; r = r - 1) if (size_due_q[r]) k = RING_W'(r);
      log2 = size_log2_i[32*k+:32];
      size[k] <= log2 >= 32'd4 && log2 <= 32'd24 ? 25'd1 << log2[4:0] : 25'd0;
      size_due_q[k] <= 1'b0;
      due_q[k] <= 1'b1;
    end
    first_valid_q <= 1'b0;
    if (due_q != '0) begin
      k = '0;
      for (int r = RINGS - 1; r >= 0; r = r - 1) if (due_q[r]) k = RING_W'(r);
      index = plan[k][23:0] & (size[k][23:0] - 24'd1);
      to_end = size[k] - {1'b0, index};
      size_q <= size[k];
      used_q <= plan[k] - cons_i[32*k+:32];
      addr_q <= {base_i[64*k+6+:58], 6'd0} + {34'd0, index, 6'd0};
      to_end_q <= to_end >= 25'd8 ? 4'd8 : to_end[3:0];
      first_q <= k;
      first_valid_q <= 1'b1;
      due_q[k] <= 1'b0;
    end
    if (first_valid_q) begin
      room = {7'd0, size_q} - used_q;
      room8 = used_q > {7'd0, size_q} ? 4'd0 : room >= 32'd8 ? 4'd8 : room[3:0];
      to_page = 7'd64 - {1'b0, addr_q[11:6]};
      page8 = to_page >= 7'd8 ? 4'd8 : to_page[3:0];
      least_a = room8 < page8 ? room8 : page8;
      least_b = to_end_q < max_records_i ? to_end_q : max_records_i;
      least = least_a < least_b ? least_a : least_b;
      addr[first_q] <= addr_q;
      limit[first_q] <= least;
      room_q[first_q] <= least != 4'd0;
      // Not if a TLP was started meanwhile, or is now (below).
      if (!due_q[first_q]) settled_q[first_q] <= 1'b1;
    end
    if (start_i) begin
      due_q[next_ring_i] <= 1'b1;
      settled_q[next_ring_i] <= 1'b0;
    end
    if (changed_i) size_due_q <= '1;
    if (rst_i) begin
      size_due_q <= '1;
      due_q <= '0;
      first_valid_q <= 1'b0;
      settled_q <= '0;
      room_q <= '0;
    end
  end
  // verilator lint_on BLKSEQ

endmodule
