// Takes a MoldUDP64 datagram apart while it streams in: header fields, and every message at
// whatever byte it begins, with the walk over the block lengths as the verdict on the datagram.
//
// Messages leave before the verdict: the user keeps them back until end_o. A datagram is good when
// its frame was, when the 20 bytes of header are there, and when the message blocks that the
// header counts lie within it. Bytes behind the last block are tolerated.
//
// Latency: message_valid_o and end_o in the cycle after the word that completes them. One word a
// cycle; a message may end and the next begin in the same word. Only a block that lies within one
// word together with another's end (messages under 6 bytes, which no ITCH message is) costs an
// extra cycle, one for each such message.
module wt_mold_align (
    input  logic         clk_i,
    input  logic         rst_i,
    // UDP payload as of wt_udp_rx.
    input  logic         in_valid_i,
    output logic         in_ready_o,
    input  logic [63:0]  in_data_i,
    input  logic [3:0]   in_bytes_i,
    input  logic         in_last_i,
    input  logic         in_good_i,
    input  logic [2:0]   in_channel_i,
    input  logic [63:0]  in_ns_i,
    input  logic [31:0]  in_cycle_i,
    // One message: for one cycle, not to be refused.
    output logic         message_valid_o,
    output logic [7:0]   message_length_o,  // saturated at 255
    output logic [399:0] message_o,         // first 50 bytes, byte 0 lowest, 0 behind the end
    // End of the datagram: for one cycle, with or after its last message.
    output logic         end_o,
    output logic         end_frame_good_o,  // the frame's verdict
    output logic         end_blocks_good_o, // the walk's verdict
    output logic [79:0]  end_session_o,     // first character lowest
    output logic [63:0]  end_seq_o,
    output logic [15:0]  end_count_o,       // as on the wire: 0 heartbeat, 0xFFFF end of session
    output logic [2:0]   end_channel_o,
    output logic [63:0]  end_ns_o,
    output logic [31:0]  end_cycle_o,
    // No part of a datagram is inside.
    output logic         idle_o
);

  // Word of the datagram; 2 is the one of the count, where the blocks begin; 3 all behind it.
  logic [1:0]   word_q;
  logic [63:0]  prev_q;       // the word before
  logic         again_q;      // the same word once more, for a message that lies within it
  logic [79:0]  session_q;
  logic [63:0]  seq_q;
  logic [15:0]  count_q;
  logic [15:0]  left_q;       // blocks not yet begun

  // Positions count from byte 0 of the present word. next_q is where the low byte of the next
  // length field lies: one behind the end of the message under way (its high byte).
  logic         busy_q;
  logic [16:0]  next_q;
  logic [3:0]   start_q;      // 1..8: byte of prev_q (8: of the word after it) where each 8-byte slot begins
  logic [2:0]   slot_q;       // slot being filled; 7: cut off
  logic [7:0]   length_q;
  logic [399:0] message_q;    // 6 slots of 8 bytes and one of 2

  logic         done_q, end_q, frame_good_q, blocks_good_q;
  logic [7:0]   done_length_q;
  logic [2:0]   channel_q;
  logic [63:0]  ns_q;
  logic [31:0]  cycle_q;

  wire body = word_q[1];
  wire first = word_q == 2'd2;
  wire [16:0] bytes = {13'd0, in_bytes_i};

  // Of the word that comes in: the header's count; blocks not yet begun; a message ends in it; another begins, of this
  // length; and even ends in it.
  logic [15:0] count, left, length;
  logic        ends, begins, again;
  logic [7:0]  high;
  logic [16:0] begun_next;
  always_comb begin
    count = 'x;
    left = 'x;
    length = 'x;
    high = 'x;
    begun_next = 'x;
    {ends, begins, again} = 3'd0;
    if (in_valid_i) begin
      count = {in_data_i[23:16], in_data_i[31:24]};
      // A header that is cut short leaves a block that can never begin.
      left = !first ? left_q : in_bytes_i < 4'd4 ? 16'd1 : count == 16'hffff ? 16'd0 : count;
      ends = busy_q && next_q <= bytes + 17'd1;
      begins = body && (!busy_q || ends) && left != '0 && next_q < bytes;
      high = next_q[2:0] == 3'd0 ? prev_q[63:56] : in_data_i[{next_q[2:0] - 3'd1, 3'd0} +: 8];
      length = {high, in_data_i[{next_q[2:0], 3'd0} +: 8]};
      begun_next = next_q + 17'd2 + {1'b0, length};
      again = begins && length < 16'd8 && next_q[2:0] + length[3:0] + 4'd1 <= in_bytes_i;
    end
  end

  // Made in the process below, while a message is under way: the two slots that this word can fill, the one that
  // began in the word before, and the rest of the message behind it; how many bytes of the message they hold,
  // when it ends in this word: 0..15.
  logic [63:0] slot_from, slot_to, slot_a, slot_b, mask, fill_a, fill_b;
  logic [6:0]  shift;
  logic [3:0]  tail;

  wire take = in_valid_i;
  assign in_ready_o = !again;
  assign message_valid_o = done_q;
  assign message_length_o = done_length_q;
  assign message_o = message_q;
  assign end_o = end_q;
  assign end_frame_good_o = frame_good_q;
  assign end_blocks_good_o = blocks_good_q;
  assign end_session_o = session_q;
  assign end_seq_o = seq_q;
  assign end_count_o = count_q;
  assign end_channel_o = channel_q;
  assign end_ns_o = ns_q;
  assign end_cycle_o = cycle_q;
  assign idle_o = word_q == 2'd0 && !done_q && !end_q;

  /* verilator lint_off BLKSEQ */
  always_ff @(posedge clk_i) begin
    done_q <= 1'b0;
    end_q <= 1'b0;
    if (take) begin
      if (!again) begin
        prev_q <= in_data_i;
        again_q <= 1'b0;
      end else again_q <= 1'b1;

      if (word_q == 2'd0) begin
        session_q[63:0] <= in_data_i;
        word_q <= 2'd1;
      end
      if (word_q == 2'd1) begin
        session_q[79:64] <= in_data_i[15:0];
        seq_q[63:16] <= {in_data_i[23:16], in_data_i[31:24], in_data_i[39:32], in_data_i[47:40], in_data_i[55:48],
                         in_data_i[63:56]};
        word_q <= 2'd2;
        next_q <= 17'd5;
      end
      if (first) begin
        seq_q[15:0] <= {in_data_i[7:0], in_data_i[15:8]};
        count_q <= count;
        word_q <= 2'd3;
      end

      if (body) begin
        left_q <= left - {15'd0, begins};
        if (ends) begin
          done_q <= 1'b1;
          done_length_q <= length_q;
          busy_q <= 1'b0;
        end
        if (begins) begin
          busy_q <= 1'b1;
          start_q <= {1'b0, next_q[2:0]} + 4'd1;
          length_q <= length > 16'd255 ? 8'd255 : length[7:0];
        end
        // Behind a short word nothing follows: what is not complete now never will be.
        if (again) next_q <= begun_next;
        else if (!in_bytes_i[3]) next_q <= 17'h1ffff;
        else next_q <= (begins ? begun_next : next_q) - 17'd8;
      end

      if (busy_q) begin
        slot_from = again_q ? in_data_i : prev_q;
        slot_to = again_q ? 64'd0 : in_data_i;
        shift = {start_q, 3'd0};
        slot_a = (slot_from >> shift) | (slot_to << (7'd64 - shift));
        slot_b = slot_to >> shift;
        tail = next_q[3:0] - start_q + (again_q ? 4'd15 : 4'd7);
        mask = ~(64'hffff_ffff_ffff_ffff << {tail[2:0], 3'd0});
        fill_a = !ends || tail[3] ? slot_a : slot_a & mask;
        fill_b = ends && tail[3] ? slot_b & mask : 64'd0;
        case (slot_q)
          3'd0: message_q <= {272'd0, fill_b, fill_a};
          3'd1: message_q[191:64] <= {fill_b, fill_a};
          3'd2: message_q[255:128] <= {fill_b, fill_a};
          3'd3: message_q[319:192] <= {fill_b, fill_a};
          3'd4: message_q[383:256] <= {fill_b, fill_a};
          3'd5: message_q[399:320] <= {fill_b[15:0], fill_a};
          3'd6: message_q[399:384] <= fill_a[15:0];
          default: ;
        endcase
        if (slot_q != 3'd7) slot_q <= slot_q + 3'd1;
      end
      if (begins) slot_q <= 3'd0;

      if (in_last_i && !again) begin
        word_q <= 2'd0;
        busy_q <= 1'b0;
        end_q <= 1'b1;
        frame_good_q <= in_good_i;
        blocks_good_q <= body && left == '0 && (!busy_q || ends);
        channel_q <= in_channel_i;
        ns_q <= in_ns_i;
        cycle_q <= in_cycle_i;
      end
    end

    if (rst_i) begin
      word_q <= 2'd0;
      again_q <= 1'b0;
      busy_q <= 1'b0;
      done_q <= 1'b0;
      end_q <= 1'b0;
    end
  end
  /* verilator lint_on BLKSEQ */

endmodule
