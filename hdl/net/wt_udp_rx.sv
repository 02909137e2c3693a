// Ethernet frames in, UDP payload out: Ethernet II with at most one 802.1Q tag, IPv4, UDP.
//
// The payload streams out while the frame still comes in; whether it may be used is known with the
// word marked out_last_o. So the user keeps what it makes of a datagram back until out_good_o, and
// the store of store-and-forward stands where data is densest (wt_mold_rx).
//
// A datagram is handed on when all of these hold; the first that fails names the counter:
//   no rx_error, an Ethernet header (and tag) is there          else bad frame
//   the (inner) EtherType is IPv4                                else filtered
//   version 4, IHL 5..15, header checksum, the total length holds IPv4 and UDP headers and is
//   within the frame (padding may follow)                        else bad header
//   enable, destination is some channel's group, protocol UDP    else filtered
//   not a fragment; UDP length = total length - IPv4 header      else bad header
//   destination port is that of a channel with this group        else filtered
// The UDP checksum is not looked at: the frame's FCS covers the same bytes.
// A frame that fails before its payload begins is silent; once payload has gone out, a word with
// out_last_o follows without fail.
//
// Latency: a payload word leaves one cycle after its last byte came in; out_last_o two cycles
// after the last beat. One beat a cycle.
module wt_udp_rx (
    input  logic         clk_i,
    input  logic         rst_i,
    // Card time and cycle counter: sampled when the last beat of a frame is taken.
    input  logic [63:0]  time_ns_i,
    input  logic [31:0]  cycle_i,
    // Take frames (sampled with a frame's first beat); the channels to take, and of each group and
    // port as numbers, channel 0 lowest. Of two channels with the same group and port the lower is it.
    input  logic         enable_i,
    input  logic [7:0]   channels_i,
    input  logic [255:0] groups_i,
    input  logic [127:0] ports_i,
    // Frames: first byte in [7:0]; keep is all ones but on the last beat, contiguous from bit 0.
    input  logic         rx_valid_i,
    output logic         rx_ready_o,
    input  logic [63:0]  rx_data_i,
    input  logic [7:0]   rx_keep_i,
    input  logic         rx_last_i,
    input  logic         rx_error_i,
    // UDP payload, aligned at byte 0. bytes: how many are valid, 8 on all words with data but the
    // last one with data, 0 on a word that only says last.
    output logic         out_valid_o,
    input  logic         out_ready_i,
    output logic [63:0]  out_data_o,
    output logic [3:0]   out_bytes_o,
    output logic         out_last_o,
    // With out_last_o: the whole frame was good; its channel; when its last beat came in.
    output logic         out_good_o,
    output logic [2:0]   out_channel_o,
    output logic [63:0]  out_ns_o,
    output logic [31:0]  out_cycle_o,
    // No byte of a frame is inside.
    output logic         idle_o,
    // CNT_FRAMES, CNT_BAD_FRAME, CNT_BAD_HEADER, CNT_FILTERED; 64 bits each, the first lowest.
    output logic [255:0] counters_o
);

  // Beats are numbered from 0 and saturate: a frame of 128 KB is bad whatever comes behind.
  logic [13:0] beat_q;
  logic [63:16] prev_q;
  logic        enable_q;

  // What the headers said. Kept until the same beat of the next frame.
  logic        vlan_q, ipv4_q;
  logic        version_q, fragment_q, udp_q;
  logic [7:0]  group_q, port_q;   // channels that they are of
  logic [3:0]  ihl_q;
  logic [15:0] total_q, udp_length_q;
  logic [16:0] room_q;         // total length less the IPv4 header; negative wraps to bit 16
  logic [20:0] sum_q;          // of the header's 16-bit words, either byte order
  logic [13:0] payload_beat_q; // the beat that completes the first payload word

  // Payload under way.
  logic        payload_q;
  logic [15:0] left_q;

  // The last beat has been taken; its verdict is due.
  logic        fin_q, fin_error_q;
  logic [17:0] fin_length_q;
  logic [63:0] fin_ns_q;
  logic [31:0] fin_cycle_q;

  logic        out_valid_q, out_last_q, out_good_q;
  logic [63:0] out_data_q, out_ns_q;
  logic [2:0]  out_channel_q;
  logic [3:0]  out_bytes_q;
  logic [31:0] out_cycle_q;
  logic [63:0] frames_q, bad_frame_q, bad_header_q, filtered_q;

  // Headers begin at 14 + 4n: a field lies 2 or 6 bytes into a beat.
  wire six = vlan_q ^ !ihl_q[0];  // where UDP header and payload lie
  // Made in the process below, where they are needed.
  logic [63:0] at2, at6, window, ip;
  logic [13:0] ip_word;
  logic [17:0] ip_low, ip_high, l2_length;
  logic        headers_good, cut;

  // Verdicts on the headers, from registers; meaningful from the beat payload_beat_q on.
  // At most 30 words: one fold of the carries is enough.
  wire [16:0] sum = {1'b0, sum_q[15:0]} + {12'd0, sum_q[20:16]};
  wire ip_good = version_q && sum == 17'h0ffff && !room_q[16] && room_q[15:0] >= 16'd8;
  wire for_us = enable_q && udp_q && group_q != 8'd0;
  wire [7:0] channels = group_q & port_q;
  wire port_good = channels != 8'd0;
  wire udp_good = !fragment_q && udp_length_q == room_q[15:0];

  wire [15:0] left = payload_q ? left_q : udp_length_q - 16'd8;
  wire [3:0]  left_bytes = left >= 16'd8 ? 4'd8 : left[3:0];

  // The pipeline moves as a whole.
  wire step = !out_valid_q || out_ready_i;
  assign rx_ready_o = step;
  assign out_valid_o = out_valid_q;
  assign out_data_o = out_data_q;
  assign out_bytes_o = out_bytes_q;
  assign out_last_o = out_last_q;
  assign out_good_o = out_good_q;
  assign out_channel_o = out_channel_q;
  assign out_ns_o = out_ns_q;
  assign out_cycle_o = out_cycle_q;
  assign idle_o = beat_q == '0 && !fin_q && !out_valid_q;
  assign counters_o = {filtered_q, bad_header_q, bad_frame_q, frames_q};

  function automatic logic [3:0] count_keep(input logic [7:0] keep);
    casez (keep)
      8'b1???????: count_keep = 4'd8;
      8'b01??????: count_keep = 4'd7;
      8'b001?????: count_keep = 4'd6;
      8'b0001????: count_keep = 4'd5;
      8'b00001???: count_keep = 4'd4;
      8'b000001??: count_keep = 4'd3;
      8'b0000001?: count_keep = 4'd2;
      8'b00000001: count_keep = 4'd1;
      default:     count_keep = 4'd0;
    endcase
  endfunction

  // The blocking assignments are intermediate values; so written they cost simulation nothing when no beat moves.
  integer k;
  /* verilator lint_off BLKSEQ */
  always_ff @(posedge clk_i) begin
    if (step) begin
      headers_good = 1'b0;
      if (fin_q || (rx_valid_i && beat_q == payload_beat_q))
        headers_good = ipv4_q && ip_good && for_us && udp_good && port_good;
      out_valid_q <= 1'b0;
      fin_q <= rx_valid_i && rx_last_i;

      // The frame has ended: its last bytes, and the verdict. A beat of the next frame may come in
      // at the same time; its headers are far from payload.
      if (fin_q) begin
        l2_length = vlan_q ? 18'd18 : 18'd14;
        cut = fin_length_q < l2_length + 18'd28 || fin_length_q < l2_length + {2'd0, total_q};
        payload_q <= 1'b0;
        out_valid_q <= payload_q || (headers_good && !cut && !fin_error_q);
        out_data_q <= six ? {48'd0, prev_q[63:48]} : {16'd0, prev_q[63:16]};
        out_bytes_q <= left_bytes;
        out_last_q <= 1'b1;
        out_good_q <= headers_good && !cut && !fin_error_q;
        casez (channels)
          8'b???????1: out_channel_q <= 3'd0;
          8'b??????10: out_channel_q <= 3'd1;
          8'b?????100: out_channel_q <= 3'd2;
          8'b????1000: out_channel_q <= 3'd3;
          8'b???10000: out_channel_q <= 3'd4;
          8'b??100000: out_channel_q <= 3'd5;
          8'b?1000000: out_channel_q <= 3'd6;
          default:     out_channel_q <= 3'd7;
        endcase
        out_ns_q <= fin_ns_q;
        out_cycle_q <= fin_cycle_q;
        frames_q <= frames_q + 64'd1;
        if (fin_error_q || fin_length_q < l2_length) bad_frame_q <= bad_frame_q + 64'd1;
        else if (!ipv4_q) filtered_q <= filtered_q + 64'd1;
        else if (cut || !ip_good) bad_header_q <= bad_header_q + 64'd1;
        else if (!for_us) filtered_q <= filtered_q + 64'd1;
        else if (!udp_good) bad_header_q <= bad_header_q + 64'd1;
        else if (!port_good) filtered_q <= filtered_q + 64'd1;
      end

      if (rx_valid_i) begin
        at2 = {rx_data_i[15:0], prev_q[63:16]};
        at6 = {rx_data_i[47:0], prev_q[63:48]};
        window = six ? at6 : at2;
        prev_q <= rx_data_i[63:16];
        beat_q <= rx_last_i ? '0 : &beat_q ? beat_q : beat_q + 14'd1;
        if (rx_last_i) begin
          fin_error_q <= rx_error_i;
          fin_length_q <= {1'b0, beat_q, 3'd0} + {14'd0, count_keep(rx_keep_i)};
          fin_ns_q <= time_ns_i;
          fin_cycle_q <= cycle_i;
        end

        if ((payload_q && !fin_q) || (beat_q == payload_beat_q && headers_good)) begin
          payload_q <= 1'b1;
          left_q <= left - {12'd0, left_bytes};
          if (left != '0) begin
            out_valid_q <= 1'b1;
            out_data_q <= window;
            out_bytes_q <= left_bytes;
            out_last_q <= 1'b0;
          end
        end else if (beat_q < 14'd12) begin
          ip = vlan_q ? at2 : at6;
          ip_word = beat_q - (vlan_q ? 14'd3 : 14'd2);
          ip_low = {2'd0, ip[15:0]} + {2'd0, ip[31:16]};
          ip_high = {2'd0, ip[47:32]} + {2'd0, ip[63:48]};
          if (beat_q == 14'd0) enable_q <= enable_i;
          if (beat_q == 14'd1) begin
            vlan_q <= {rx_data_i[39:32], rx_data_i[47:40]} == 16'h8100;
            ipv4_q <= {rx_data_i[39:32], rx_data_i[47:40]} == 16'h0800;
          end
          if (beat_q == 14'd2 && vlan_q) ipv4_q <= {rx_data_i[7:0], rx_data_i[15:8]} == 16'h0800;
          // ip_word wraps to large values on the beats before the IPv4 header.
          if (beat_q >= 14'd2 && ip_word == 14'd0) begin
            version_q <= ip[7:4] == 4'd4 && ip[3:0] >= 4'd5;
            ihl_q <= ip[3:0];
            total_q <= {ip[23:16], ip[31:24]};
            fragment_q <= {ip[53:48], ip[63:56]} != '0;  // offset or more fragments
            sum_q <= {3'd0, ip_low} + {3'd0, ip_high};
            payload_beat_q <= vlan_q ? 14'd4 + {11'd0, ip[3:1]} : 14'd3 + {11'd0, ip[3:1]} + {13'd0, ip[0]};
          end else if (beat_q >= 14'd2 && ip_word < 14'd8) begin
            // Words of the header: pair 2k and pair 2k+1, IHL pairs in all.
            if ({ip_word[2:0], 1'b0} < ihl_q)
              sum_q <= sum_q + {3'd0, ip_low} + ({ip_word[2:0], 1'b1} < ihl_q ? {3'd0, ip_high} : 21'd0);
            if (ip_word == 14'd1) begin
              udp_q <= ip[15:8] == 8'd17;
              room_q <= {1'b0, total_q} - {11'd0, ihl_q, 2'd0};
            end
            if (ip_word == 14'd2)
              for (k = 0; k < 8; k = k + 1)
                group_q[k] <= channels_i[k] && {ip[7:0], ip[15:8], ip[23:16], ip[31:24]} == groups_i[32*k+:32];
          end
          if (beat_q + 14'd1 == payload_beat_q) begin
            for (k = 0; k < 8; k = k + 1) port_q[k] <= {window[23:16], window[31:24]} == ports_i[16*k+:16];
            udp_length_q <= {window[39:32], window[47:40]};
          end
        end
      end
    end

    if (rst_i) begin
      beat_q <= '0;
      version_q <= 1'b0;  // without it no header is good, whatever the rest woke up as
      payload_q <= 1'b0;
      fin_q <= 1'b0;
      out_valid_q <= 1'b0;
      frames_q <= '0;
      bad_frame_q <= '0;
      bad_header_q <= '0;
      filtered_q <= '0;
    end
  end
  /* verilator lint_on BLKSEQ */

endmodule
