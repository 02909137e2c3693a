// 10G Ethernet MAC, receive: XGMII in (64 bits, lane 0 in [7:0]), frames out without FCS.
//
// A frame starts with 0xFB on lane 0 or lane 4, six 0x55 and 0xD5; with anything else behind the
// 0xFB it is no frame. It ends at the first control character, and only 0xFD is a good end. The last
// beat says error when the FCS is wrong, another character ended the frame, or it has, with FCS,
// less than 64 or more than MAX_BYTES bytes (and is cut there). A frame of at most four bytes gives
// no beat. MAC control frames (EtherType 0x8808, pause above all) give no beat.
//
// The wire cannot be held back: a beat may wait for ready, but what comes behind it is lost. A frame
// of which no beat has gone out is dropped whole; another ends with a made-up beat of one byte
// that says last and error.
//
// Latency from the word with the last byte of the FCS to the last beat: two cycles, and one when
// a frame that started on lane 0 ends (0xFD) on lanes 1 to 4. Gaps may be as short as one byte.
module wt_mac_rx_xgmii #(
    parameter int unsigned MAX_BYTES = 9022  // longest good frame, header to FCS
) (
    input  logic         clk_i,
    input  logic         rst_i,
    // XGMII.
    input  logic [63:0]  xgmii_d_i,
    input  logic [7:0]   xgmii_c_i,
    // Frames: first byte in [7:0]; keep is all ones but on the last beat, contiguous from bit 0.
    output logic         valid_o,
    input  logic         ready_i,
    output logic [63:0]  data_o,
    output logic [7:0]   keep_o,
    output logic         last_o,
    output logic         error_o,
    // Nothing of a frame is inside. Says nothing of the word that comes in.
    output logic         idle_o,
    // Frames, 32 bits each, every frame in exactly one; from the lowest: good; wrong FCS; wrong code
    // (preamble, or ended by another character); short or long; MAC control; lost as ready was low.
    output logic [191:0] counters_o
);

  localparam logic [7:0] START = 8'hfb;
  localparam logic [7:0] TERMINATE = 8'hfd;
  localparam int unsigned WORD_W = $clog2(MAX_BYTES / 8 + 1);
  localparam logic [WORD_W-1:0] MAX_WORD = WORD_W'(MAX_BYTES / 8);
  localparam logic [2:0] MAX_REST = 3'(MAX_BYTES % 8);
  localparam logic [WORD_W-1:0] MIN_WORD = WORD_W'(8);

  // ---------------------------------------------------------------- words of a frame

  logic [31:0] hi_q;      // upper half of the word before
  logic [3:0]  hic_q;
  logic        shift_q;   // the frame started on lane 4: its words straddle those of XGMII
  logic        half_q;    // a start on lane 4: the lower half ends the preamble
  logic        frame_q;   // the word belongs to a frame
  logic [WORD_W-1:0] word_q;  // its number in the frame

  // Of the word that comes in, made in the process below.
  logic [63:0] word;
  logic [63:0] kept;   // what of it comes before any control character
  logic [7:0]  ctrl;
  logic [7:0]  body;     // byte i comes before any control character
  logic [2:0]  n;        // how many do, 7 for all 8
  logic        ended, cut, control;
  logic        start0, start4, preamble0, preamble4, preamble_end, begins, no_frame;
  logic        emit_hold, emit_tail;

  function automatic logic [63:0] mask(input logic [63:0] data, input logic [7:0] keep);
    mask = data & {{8{keep[7]}}, {8{keep[6]}}, {8{keep[5]}}, {8{keep[4]}}, {8{keep[3]}}, {8{keep[2]}}, {8{keep[1]}},
                   {8{keep[0]}}};
  endfunction

  // The first control character is the right one.
  function automatic logic terminated(input logic [63:0] data, input logic [7:0] c);
    terminated = (c[0] && data[7:0] == TERMINATE) || (c[1:0] == 2'b10 && data[15:8] == TERMINATE)
        || (c[2:0] == 3'b100 && data[23:16] == TERMINATE) || (c[3:0] == 4'b1000 && data[31:24] == TERMINATE)
        || (c[4:0] == 5'b10000 && data[39:32] == TERMINATE) || (c[5:0] == 6'b100000 && data[47:40] == TERMINATE)
        || (c[6:0] == 7'b1000000 && data[55:48] == TERMINATE) || (c == 8'b10000000 && data[63:56] == TERMINATE);
  endfunction

  // ---------------------------------------------------------------- verdict, in the cycle after the end

  logic [31:0] crc_q;
  logic [2:0]  n_q;
  logic        fresh_q, code_q, size_q;
  wire fcs_bad = crc_q != wt_crc_pkg::good(n_q);
  wire bad = fcs_bad || code_q || size_q;

  // ---------------------------------------------------------------- counters

  logic        count_q, count_no_frame_q, count_lost_q, count_code_q, count_size_q, count_fcs_q, count_control_q;
  logic [31:0] good_n_q, fcs_n_q, code_n_q, size_n_q, control_n_q, lost_n_q;
  assign counters_o = {lost_n_q, control_n_q, size_n_q, code_n_q, fcs_n_q, good_n_q};

  // ---------------------------------------------------------------- beats

  logic [63:0] hold_q;       // the word before, until it is known what of it is FCS
  logic        tail_q;       // hold_q is the last word, and not all of it is FCS
  logic [7:0]  tail_keep_q;
  logic        control_q;    // a MAC control frame
  logic        sent_q;       // a beat of the frame has gone out
  logic        lost_q;       // a beat of the frame was lost
  logic        abort_q;      // the made-up end of a frame is due
  logic        valid_q, last_q, direct_q, error_q;
  logic [63:0] data_q;
  logic [7:0]  keep_q;

  wire free = !valid_q || ready_i;
  wire can = free && !abort_q;

  assign valid_o = valid_q;
  assign data_o = data_q;
  assign keep_o = keep_q;
  assign last_o = last_q;
  assign error_o = last_q && (direct_q ? bad : error_q);
  assign idle_o = !frame_q && !half_q && !tail_q && !fresh_q && !count_q && !count_no_frame_q && !abort_q && !valid_q;

  // The blocking assignments are intermediate values: what they cost in simulation, wires of this width
  // that depend on inputs cost thrice.
  /* verilator lint_off BLKSEQ */
  always_ff @(posedge clk_i) begin
    start0 = 1'b0;
    start4 = 1'b0;
    preamble0 = 1'b0;
    preamble4 = 1'b0;
    preamble_end = 1'b0;
    begins = 1'b0;
    no_frame = 1'b0;
    // Most words are data alone, which simulation has done with sooner.
    if (xgmii_c_i != '0 || half_q) begin
      start0 = xgmii_c_i[0] && xgmii_d_i[7:0] == START;
      start4 = xgmii_c_i[4] && xgmii_d_i[39:32] == START;
      preamble0 = xgmii_c_i[7:1] == '0 && xgmii_d_i[63:8] == 56'hd5555555555555;
      preamble4 = xgmii_c_i[7:5] == '0 && xgmii_d_i[63:40] == 24'h555555;
      preamble_end = xgmii_c_i[3:0] == '0 && xgmii_d_i[31:0] == 32'hd5555555;
      begins = start0 ? preamble0 : half_q && preamble_end;
      no_frame = (start0 && !preamble0) || (start4 && !preamble4) || (half_q && !preamble_end);
    end

    hi_q <= xgmii_d_i[63:32];
    hic_q <= xgmii_c_i[7:4];
    half_q <= start4 && preamble4;
    fresh_q <= 1'b0;
    tail_q <= 1'b0;
    if (free) valid_q <= 1'b0;
    direct_q <= 1'b0;
    if (direct_q) error_q <= bad;

    word = xgmii_d_i;
    ctrl = xgmii_c_i;
    body = '0;
    n = '0;
    ended = 1'b0;
    cut = 1'b0;
    control = 1'b0;
    emit_hold = 1'b0;
    emit_tail = tail_q && !control_q && !lost_q;
    if (frame_q) begin
      if (shift_q) begin
        word = {xgmii_d_i[31:0], hi_q};
        ctrl = {xgmii_c_i[3:0], hic_q};
      end
      kept = word;
      body = '1;
      n = 3'd7;
      if (ctrl != '0) begin
        body = {1'b0, ctrl[6:0] == '0, ctrl[5:0] == '0, ctrl[4:0] == '0, ctrl[3:0] == '0, ctrl[2:0] == '0,
                ctrl[1:0] == '0, !ctrl[0]};
        n = {body[3], body[5] || (body[1] && !body[3]),
             body[6] || (body[4] && !body[5]) || (body[2] && !body[3]) || (body[0] && !body[1])};
        kept = mask(word, body);
      end
      ended = !body[7];
      cut = word_q == MAX_WORD && (!ended || n > MAX_REST);
      control = word_q == WORD_W'(1) && body[5] && word[47:32] == 16'h0888;
      emit_hold = word_q != '0 && !control && !control_q && !lost_q;
      crc_q <= wt_crc_pkg::fold(kept ^ {32'd0, word_q == '0 ? 32'hffffffff : crc_q});
      hold_q <= word;
      word_q <= word_q + 1'b1;
      if (word_q == '0) begin
        control_q <= 1'b0;
        sent_q <= 1'b0;
        lost_q <= 1'b0;
      end
      if (control) control_q <= 1'b1;
      if (ended || cut) begin
        frame_q <= 1'b0;
        fresh_q <= 1'b1;
        n_q <= n;
        code_q <= !cut && !terminated(word, ctrl);
        size_q <= cut || word_q < MIN_WORD;
        tail_q <= !cut && body[4];
        tail_keep_q <= {4'd0, body[7:4]};
      end
    end

    if (emit_hold || emit_tail) begin
      if (can) begin
        valid_q <= 1'b1;
        data_q <= hold_q;
        keep_q <= tail_q ? tail_keep_q : cut ? '1 : {body[3:0], 4'hf};
        last_q <= tail_q || cut || (ended && !body[4]);
        direct_q <= !tail_q;
        sent_q <= 1'b1;
        if (tail_q) error_q <= bad;
      end else begin
        lost_q <= 1'b1;
        abort_q <= abort_q || sent_q;
      end
    end
    if (abort_q && free) begin
      valid_q <= 1'b1;
      keep_q <= 8'h01;
      last_q <= 1'b1;
      error_q <= 1'b1;
      abort_q <= 1'b0;
    end

    if (begins) begin
      frame_q <= 1'b1;
      shift_q <= half_q && !start0;
      word_q <= '0;
    end

    // A frame counts when the fate of its last beat is known.
    count_q <= fresh_q;
    if (fresh_q) begin
      count_lost_q <= lost_q || (emit_tail && !can);
      count_control_q <= control_q;
      count_code_q <= code_q;
      count_size_q <= size_q;
      count_fcs_q <= fcs_bad;
    end
    if (count_q) begin
      if (count_lost_q) lost_n_q <= lost_n_q + 32'd1;
      else if (count_code_q) code_n_q <= code_n_q + 32'd1;
      else if (count_size_q) size_n_q <= size_n_q + 32'd1;
      else if (count_fcs_q) fcs_n_q <= fcs_n_q + 32'd1;
      else if (count_control_q) control_n_q <= control_n_q + 32'd1;
      else good_n_q <= good_n_q + 32'd1;
    end
    count_no_frame_q <= no_frame;
    if (count_no_frame_q) code_n_q <= code_n_q + 32'd1 + {31'd0, count_q && !count_lost_q && count_code_q};

    if (rst_i) begin
      half_q <= 1'b0;
      frame_q <= 1'b0;
      fresh_q <= 1'b0;
      tail_q <= 1'b0;
      abort_q <= 1'b0;
      valid_q <= 1'b0;
      direct_q <= 1'b0;
      count_q <= 1'b0;
      count_no_frame_q <= 1'b0;
      good_n_q <= '0;
      fcs_n_q <= '0;
      code_n_q <= '0;
      size_n_q <= '0;
      control_n_q <= '0;
      lost_n_q <= '0;
    end
  end
  /* verilator lint_on BLKSEQ */

endmodule
