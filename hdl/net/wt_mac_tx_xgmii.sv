// 10G Ethernet MAC, transmit: frames in (no FCS), XGMII out (64 bits, lane 0 in [7:0]).
//
// Adds preamble, zeros up to 60 bytes, FCS, and a gap of twelve bytes on average: a start may stand
// on lane 0 or 4 only, so a gap is up to three bytes shorter or longer, and the deficit idle count
// (0..3) decides which. The gap counts from 0xFD, that byte included.
//
// A frame has to come without pauses: where valid is low within a frame, or the last beat says
// error, the frame goes out cut, with error codes (0xFE) before its end, and what is left of it is
// swallowed.
//
// Latency: two cycles from the first beat to the start character, three to the beat's own bytes.
module wt_mac_tx_xgmii (
    input  logic        clk_i,
    input  logic        rst_i,
    // Frames: first byte in [7:0]; keep is all ones but on the last beat, contiguous from bit 0.
    input  logic        valid_i,
    output logic        ready_o,
    input  logic [63:0] data_i,
    input  logic [7:0]  keep_i,
    input  logic        last_i,
    input  logic        error_i,
    // XGMII.
    output logic [63:0] xgmii_d_o,
    output logic [7:0]  xgmii_c_o,
    // XGMII is idle, and so it stays without a frame.
    output logic        idle_o,
    // Frames, 32 bits each, from the lowest: sent; cut.
    output logic [63:0] counters_o
);

  localparam logic [63:0] IDLE = 64'h0707070707070707;
  localparam logic [63:0] PREAMBLE = 64'hd5555555555555fb;
  localparam logic [63:0] CUT = 64'hfdfefefefefefefe;
  localparam logic [7:0]  TERMINATE = 8'hfd;

  // ---------------------------------------------------------------- take words, pad

  logic       frame_q;   // a frame's beats are due
  logic       pad_q;     // zeros are due
  logic       drain_q;   // the rest of a cut frame
  logic [3:0] word_q;    // number of the word, stays at 8
  logic [2:0] wait_q;    // cycles until a frame may begin
  logic [1:0] deficit_q;
  logic       next_shift_q;  // the next frame starts on lane 4

  // A: a word whose FCS is being reckoned. bytes: 1..8.
  logic        a_valid_q, a_first_q, a_last_q, a_cut_q;
  logic [63:0] a_data_q;
  logic [3:0]  a_bytes_q;
  // B: a word on its way out.
  logic        b_valid_q, b_last_q, b_cut_q;
  logic [63:0] b_data_q;
  logic [3:0]  b_bytes_q;
  logic [31:0] crc_q;  // after the word in B

  function automatic logic [3:0] count_keep(input logic [7:0] keep);
    casez (keep)
      8'b1???????: count_keep = 4'd8;
      8'b01??????: count_keep = 4'd7;
      8'b001?????: count_keep = 4'd6;
      8'b0001????: count_keep = 4'd5;
      8'b00001???: count_keep = 4'd4;
      8'b000001??: count_keep = 4'd3;
      8'b0000001?: count_keep = 4'd2;
      default:     count_keep = 4'd1;
    endcase
  endfunction

  function automatic logic [63:0] mask(input logic [63:0] data, input logic [7:0] keep);
    mask = data & {{8{keep[7]}}, {8{keep[6]}}, {8{keep[5]}}, {8{keep[4]}}, {8{keep[3]}}, {8{keep[2]}}, {8{keep[1]}},
                   {8{keep[0]}}};
  endfunction

  assign ready_o = drain_q || frame_q || (wait_q == '0 && !pad_q);
  wire take = valid_i && !drain_q && !pad_q && (frame_q || wait_q == '0);
  wire cut = !drain_q && (take ? last_i && error_i : frame_q);
  wire load = take || cut || pad_q;
  wire [3:0] keep_bytes = last_i ? count_keep(keep_i) : 4'd8;
  // Bytes 56 to 59 are the last that may have to be made up. A cut word counts as one of three
  // bytes, with which the end stands on the same lane.
  wire full = word_q < 4'd7;
  wire load_last = cut || (!full && (pad_q || last_i));
  wire [3:0] bytes = cut ? 4'd3 : full ? 4'd8 : pad_q || (word_q == 4'd7 && keep_bytes < 4'd4) ? 4'd4 : keep_bytes;

  // ---------------------------------------------------------------- gap

  // The end stands on lane (bytes + 4) % 8, four more in a frame that is shifted; in units of half
  // words from the beginning of the end's word the next start is at 3 + end / 4, one later when the
  // deficit would not allow it.
  logic shift_q;
  wire [1:0] rest = bytes[1:0];
  wire [2:0] deficit = {1'b0, deficit_q} + {1'b0, rest};
  wire more = deficit[2];
  wire shift = frame_q || pad_q ? shift_q : next_shift_q;
  wire end_high = bytes[2] ^ !shift;
  wire [2:0] start = 3'd3 + {2'd0, end_high} + {2'd0, more};
  // The end of a shifted frame goes out with the word behind it when it stands in its upper half.
  wire end_next = shift && !bytes[2];
  // One cycle for A, one for a word of FCS bytes and the end, and what the gap asks for.
  wire [2:0] pause = {1'b0, start[2:1]} + {2'd0, bytes >= 4'd4} + {2'd0, end_next};

  // ---------------------------------------------------------------- words out

  // What stands behind the last bytes of data: FCS, end, idle; partly in a word of its own.
  wire [63:0] behind = {IDLE[23:0], TERMINATE, ~crc_q};
  wire [63:0] b_keep = ~(~64'd0 << {b_bytes_q, 3'd0});
  wire [63:0] b_word = (b_data_q & b_keep) | (behind << {b_bytes_q, 3'd0});
  logic        more_q;        // the second part is due
  logic [31:0] more_fcs_q;
  logic [2:0]  more_bytes_q;  // 0..4
  wire [63:0] more_word = (IDLE << {more_bytes_q + 3'd1, 3'd0}) | (64'(TERMINATE) << {more_bytes_q, 3'd0})
      | ({32'd0, more_fcs_q} & ~(~64'd0 << {more_bytes_q, 3'd0}));

  logic [63:0] word;
  logic [7:0]  ctrl;
  always_comb begin
    word = IDLE;
    ctrl = '1;
    if (b_valid_q && b_cut_q) word = CUT;
    else if (b_valid_q) begin
      word = b_last_q ? b_word : b_data_q;
      ctrl = b_last_q ? 8'hf0 << b_bytes_q : '0;
    end else if (more_q) begin
      word = more_word;
      ctrl = 8'hff << more_bytes_q;
    end else if (a_valid_q && a_first_q) begin
      word = PREAMBLE;
      ctrl = 8'h01;
    end
  end

  // A shifted frame leaves half a word later.
  logic [31:0] hi_q;
  logic [3:0]  hic_q;
  logic [63:0] xgmii_d_q;
  logic [7:0]  xgmii_c_q;
  logic [1:0]  tail_q;  // something went out one, two cycles ago
  logic [31:0] sent_n_q, cut_n_q;
  wire busy = a_valid_q || b_valid_q || more_q;
  assign xgmii_d_o = xgmii_d_q;
  assign xgmii_c_o = xgmii_c_q;
  assign counters_o = {cut_n_q, sent_n_q};
  assign idle_o = !valid_i && !frame_q && !pad_q && !drain_q && wait_q == '0 && !next_shift_q && !busy && tail_q == '0;

  // The register after the word in A.
  wire [31:0] crc_before = a_first_q ? '1 : crc_q;
  wire [31:0] crc_after = wt_crc_pkg::fold((a_data_q ^ {32'd0, crc_before}) << {4'd8 - a_bytes_q, 3'd0})
      ^ (crc_before >> {a_bytes_q, 3'd0});

  always_ff @(posedge clk_i) begin
    if (wait_q != '0) wait_q <= wait_q - 3'd1;
    // Who comes later than he may starts on lane 0.
    else if (!frame_q && !pad_q && !take) next_shift_q <= 1'b0;

    a_valid_q <= load;
    if (load) begin
      a_first_q <= !frame_q && !pad_q;
      a_last_q <= load_last;
      a_cut_q <= cut;
      a_bytes_q <= bytes;
      a_data_q <= pad_q ? '0 : mask(data_i, last_i ? keep_i : '1);
      if (!frame_q && !pad_q) shift_q <= next_shift_q;
      word_q <= load_last ? '0 : word_q == 4'd8 ? 4'd8 : word_q + 4'd1;
      frame_q <= take && !last_i;
      pad_q <= !load_last && (pad_q || last_i);
      // A frame that is cut for want of a beat has its last one still to come.
      drain_q <= cut && !take;
      if (load_last) begin
        wait_q <= pause;
        next_shift_q <= start[0];
        deficit_q <= deficit[1:0];
      end
    end
    if (drain_q && valid_i && last_i) drain_q <= 1'b0;

    b_valid_q <= a_valid_q;
    if (a_valid_q) begin
      b_data_q <= a_data_q;
      b_bytes_q <= a_bytes_q;
      b_last_q <= a_last_q;
      b_cut_q <= a_cut_q;
      crc_q <= crc_after;
    end

    more_q <= b_valid_q && b_last_q && !b_cut_q && b_bytes_q >= 4'd4;
    if (b_valid_q && b_last_q) begin
      more_fcs_q <= ~crc_q >> {4'd8 - b_bytes_q, 3'd0};
      more_bytes_q <= {b_bytes_q[3], b_bytes_q[1:0]};
      if (b_cut_q) cut_n_q <= cut_n_q + 32'd1;
      else sent_n_q <= sent_n_q + 32'd1;
    end

    if (busy || tail_q != '0) begin
      hi_q <= word[63:32];
      hic_q <= ctrl[7:4];
      xgmii_d_q <= shift_q ? {word[31:0], hi_q} : word;
      xgmii_c_q <= shift_q ? {ctrl[3:0], hic_q} : ctrl;
    end
    tail_q <= {tail_q[0], busy};

    if (rst_i) begin
      frame_q <= 1'b0;
      pad_q <= 1'b0;
      drain_q <= 1'b0;
      word_q <= '0;
      wait_q <= '0;
      deficit_q <= '0;
      next_shift_q <= 1'b0;
      shift_q <= 1'b0;
      a_valid_q <= 1'b0;
      b_valid_q <= 1'b0;
      more_q <= 1'b0;
      tail_q <= '0;
      hi_q <= IDLE[31:0];
      hic_q <= '1;
      xgmii_d_q <= IDLE;
      xgmii_c_q <= '1;
      sent_n_q <= '0;
      cut_n_q <= '0;
    end
  end

endmodule
