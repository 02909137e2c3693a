// The host's commands: a ring of 64-byte lines in host memory, which the host fills and the card reads.
//
// A command begins at a line: type (8 bits), channel (8), length of what follows (16), 32 bits of 0, then its
// bytes, up to the end of the last line that they touch.
//   type 1   INJECT: the UDP payload of a datagram of the channel, as if a third line had received it
//   type 2   LOAD: a message (at most 50 bytes; length is its) for a symbol that is being loaded; bytes 50 to 55 are the
//            sequence number of its answer, little endian
//   type 3   JOIN: length 18: locate (16 bits), sequence number (64), checksum (64), little endian
//   others, a length of 0 or above 9,000: the line is skipped and counted
// The host moves prod_i, the card cons_o behind it: lines that it has taken, both monotonic modulo 2^32, from 0
// after a reset.
//
// Latency: one word a cycle; a datagram begins when full_i is 0.
module wt_inject #(
    parameter bit INJECT = 1'b1  // 0: type 1 is a type as any other that is not known
) (
    input  logic         clk_i,
    input  logic         rst_i,
    input  logic [63:0]  time_ns_i,
    input  logic [31:0]  cycle_i,
    // The ring: bus address, 64-byte aligned; log2 of its lines; lines written.
    input  logic [63:0]  base_i,
    input  logic [31:0]  size_log2_i,
    input  logic [31:0]  prod_i,
    output logic [31:0]  cons_o,
    // wt_dma_read.
    output logic         addr_valid_o,
    input  logic         addr_ready_i,
    output logic [63:0]  addr_o,
    input  logic         line_valid_i,
    output logic         line_ready_o,
    input  logic [511:0] line_i,
    // Words for wt_hold, as of wt_udp_rx; the buffer has no room for a whole datagram.
    output logic         out_valid_o,
    input  logic         out_ready_i,
    output logic [63:0]  out_data_o,
    output logic [3:0]   out_bytes_o,
    output logic         out_last_o,
    output logic [2:0]   out_channel_o,
    output logic [63:0]  out_ns_o,
    output logic [31:0]  out_cycle_o,
    input  logic         full_i,
    // LOAD and JOIN, from the line as it is: the message, or JOIN's 18 bytes in its first.
    output logic         load_valid_o,
    input  logic         load_ready_i,
    output logic         load_join_o,
    output logic [2:0]   load_channel_o,
    output logic [399:0] load_raw_o,
    output logic [7:0]   load_length_o,
    output logic [47:0]  load_seq_o,
    // Lines skipped.
    output logic [63:0]  cnt_bad_command_o,
    // Nothing is under way.
    output logic         idle_o
);

  logic [31:0] asked_q, cons_q;
  logic        busy_q;      // within a datagram
  logic [2:0]  word_q;      // of the line
  logic [15:0] left_q;      // bytes
  logic [2:0]  channel_q;
  logic [63:0] bad_q;

  wire [31:0] mask = ~(32'hffff_ffff << size_log2_i);
  assign addr_valid_o = asked_q != prod_i;
  assign addr_o = base_i + {26'd0, asked_q & mask, 6'd0};

  wire [15:0] length = line_i[31:16];
  wire good = INJECT && line_i[7:0] == 8'd1 && line_i[15:11] == 5'd0 && length != 16'd0 && length <= 16'd9000;
  wire load = line_i[7:0] == 8'd2 && length <= 16'd50;
  wire join_line = line_i[7:0] == 8'd3 && length == 16'd18;
  wire begins = line_valid_i && !busy_q && good && !full_i;
  wire loads = line_valid_i && !busy_q && (load || join_line);
  wire skips = line_valid_i && !busy_q && !good && !load && !join_line;
  assign load_valid_o = loads;
  assign load_join_o = join_line;
  assign load_channel_o = line_i[10:8];
  assign load_raw_o = line_i[463:64];
  assign load_length_o = length[7:0];
  assign load_seq_o = line_i[511:464];
  wire last = left_q <= 16'd8;
  wire sent = out_valid_o && out_ready_i;

  assign out_valid_o = busy_q && line_valid_i;
  assign out_data_o = line_i[{word_q, 6'd0}+:64];
  assign out_bytes_o = last ? left_q[3:0] : 4'd8;
  assign out_last_o = last;
  assign out_channel_o = channel_q;
  assign out_ns_o = time_ns_i;
  assign out_cycle_o = cycle_i;
  assign line_ready_o = skips || (loads && load_ready_i) || (sent && (last || word_q == 3'd7));
  assign cons_o = cons_q;
  assign cnt_bad_command_o = bad_q;
  assign idle_o = asked_q == prod_i && cons_q == asked_q && !busy_q;

  always_ff @(posedge clk_i) begin
    if (addr_valid_o && addr_ready_i) asked_q <= asked_q + 32'd1;
    if (line_valid_i && line_ready_o) cons_q <= cons_q + 32'd1;
    if (skips) bad_q <= bad_q + 64'd1;
    if (begins) begin
      busy_q <= 1'b1;
      word_q <= 3'd1;
      left_q <= length;
      channel_q <= line_i[10:8];
    end
    if (sent) begin
      word_q <= word_q + 3'd1;
      left_q <= left_q - 16'd8;
      if (last) busy_q <= 1'b0;
    end
    if (rst_i) begin
      asked_q <= '0;
      cons_q <= '0;
      busy_q <= 1'b0;
      bad_q <= '0;
    end
  end

endmodule
