// FIFO between two clocks for whole frames: a frame can be popped once its last word is in, so it
// comes out without a pause. A frame that finds no room, or whose last word says drop, is taken out
// again whole and counted; so the push side never waits.
//
// Latency: out_valid_o three to four read clocks after the push of the last word: the words are in
// block RAM, only their last bits in distributed RAM. What crosses is the read pointer and the
// number of frames, as Gray codes. Reset both sides together (wt_async_fifo).
module wt_async_frame_fifo #(
    parameter int unsigned WIDTH = 8,
    parameter int unsigned DEPTH_LOG2 = 4  // 2**DEPTH_LOG2 words; 1..15
) (
    // Push side.
    input  logic             in_clk_i,
    input  logic             in_rst_i,
    input  logic             in_valid_i,
    input  logic [WIDTH-1:0] in_data_i,
    input  logic             in_last_i,
    input  logic             in_drop_i,
    // Words that fit at least.
    output logic [DEPTH_LOG2:0] room_o,
    // Frames taken out again: no room, dropped.
    output logic [31:0]      lost_o,
    // Pop side: gone when out_valid_o && out_ready_i.
    input  logic             out_clk_i,
    input  logic             out_rst_i,
    output logic             out_valid_o,
    input  logic             out_ready_i,
    output logic [WIDTH-1:0] out_data_o,
    output logic             out_last_o,
    // Nothing is inside. Of both clocks: for simulation, where they are one; a board leaves it open.
    output logic             idle_o
);

  logic [WIDTH-1:0] mem [0:2**DEPTH_LOG2-1];
  logic mem_last [0:2**DEPTH_LOG2-1];

  logic [DEPTH_LOG2:0] wr_q, start_q, rd_q, rd_gray_q;
  logic [DEPTH_LOG2:0] frames_in_q, frames_gray_q, frames_out_q;  // frames are never more than words
  logic over_q;  // the frame found no room
  logic [31:0] lost_q;
  wire [DEPTH_LOG2:0] frames_gray, rd_gray;
  wire [DEPTH_LOG2:0] frames_next = frames_in_q + 1'b1;
  wire [DEPTH_LOG2:0] rd_next = rd_q + 1'b1;

  wt_sync #(.WIDTH(DEPTH_LOG2 + 1)) sync_frames (
      .clk_i(out_clk_i), .rst_i(out_rst_i), .d_i(frames_gray_q), .q_o(frames_gray));
  wt_sync #(.WIDTH(DEPTH_LOG2 + 1)) sync_rd (.clk_i(in_clk_i), .rst_i(in_rst_i), .d_i(rd_gray_q), .q_o(rd_gray));

  // Gray to binary: each bit is the parity of those from it up.
  wire [DEPTH_LOG2:0] rd_1 = rd_gray ^ (rd_gray >> 1);
  wire [DEPTH_LOG2:0] rd_2 = rd_1 ^ (rd_1 >> 2);
  wire [DEPTH_LOG2:0] rd_4 = rd_2 ^ (rd_2 >> 4);
  wire [DEPTH_LOG2:0] rd = rd_4 ^ (rd_4 >> 8);
  wire [DEPTH_LOG2:0] level = wr_q - rd;
  wire full = level[DEPTH_LOG2];
  assign room_o = {1'b1, {DEPTH_LOG2{1'b0}}} - level;
  wire lost = over_q || full || in_drop_i;
  assign lost_o = lost_q;

  // A word is fetched into the output register when a whole frame is there to be fetched from.
  logic valid_q, last_q;
  logic [WIDTH-1:0] data_q;
  wire fetch = frames_gray != (frames_out_q ^ (frames_out_q >> 1)) && (!valid_q || out_ready_i);
  wire fetch_last = mem_last[rd_q[DEPTH_LOG2-1:0]];
  assign out_valid_o = valid_q;
  assign out_data_o = data_q;
  assign out_last_o = last_q;
  assign idle_o = wr_q == rd_q && !valid_q;

  always_ff @(posedge in_clk_i) begin
    if (in_valid_i) begin
      if (!full && !over_q) begin
        mem[wr_q[DEPTH_LOG2-1:0]] <= in_data_i;
        mem_last[wr_q[DEPTH_LOG2-1:0]] <= in_last_i;
        wr_q <= wr_q + 1'b1;
      end
      over_q <= (over_q || full) && !in_last_i;
      if (in_last_i && lost) begin
        wr_q <= start_q;
        lost_q <= lost_q + 32'd1;
      end
      if (in_last_i && !lost) begin
        start_q <= wr_q + 1'b1;
        frames_in_q <= frames_next;
        frames_gray_q <= frames_next ^ (frames_next >> 1);
      end
    end
    if (in_rst_i) begin
      wr_q <= '0;
      start_q <= '0;
      frames_in_q <= '0;
      frames_gray_q <= '0;
      over_q <= 1'b0;
      lost_q <= '0;
    end
  end

  always_ff @(posedge out_clk_i) begin
    if (out_ready_i) valid_q <= 1'b0;
    if (fetch) begin
      valid_q <= 1'b1;
      data_q <= mem[rd_q[DEPTH_LOG2-1:0]];
      last_q <= fetch_last;
      rd_q <= rd_next;
      rd_gray_q <= rd_next ^ (rd_next >> 1);
      if (fetch_last) frames_out_q <= frames_out_q + 1'b1;
    end
    if (out_rst_i) begin
      valid_q <= 1'b0;
      rd_q <= '0;
      rd_gray_q <= '0;
      frames_out_q <= '0;
    end
  end

endmodule
