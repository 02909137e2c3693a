// 1G Ethernet MAC, transmit: frames in (no FCS, 64 bits a beat), GMII bytes out, one each cycle of
// 125 MHz (wt_rgmii_ddr_tx makes RGMII of them). 1000 Mbit/s only.
//
// Adds preamble, zeros up to 60 bytes, FCS and a gap of twelve bytes. A frame has to come without
// pauses, a beat within eight cycles: where valid is low when a beat is due, or the last beat says
// error, the frame ends with er, and what is left of it is swallowed.
//
// Latency: two cycles from the first beat to the first byte of the preamble.
module wt_mac_tx_rgmii (
    input  logic        clk_i,
    input  logic        rst_i,
    // Frames: first byte in [7:0]; keep is all ones but on the last beat, contiguous from bit 0.
    input  logic        valid_i,
    output logic        ready_o,
    input  logic [63:0] data_i,
    input  logic [7:0]  keep_i,
    input  logic        last_i,
    input  logic        error_i,
    // GMII.
    output logic [7:0]  gmii_d_o,
    output logic        gmii_en_o,
    output logic        gmii_er_o,
    // GMII is idle, and so it stays without a frame.
    output logic        idle_o,
    // Frames, 32 bits each, from the lowest: sent; cut.
    output logic [63:0] counters_o
);

  localparam logic [2:0] S_IDLE = 3'd0;
  localparam logic [2:0] S_PREAMBLE = 3'd1;
  localparam logic [2:0] S_DATA = 3'd2;
  localparam logic [2:0] S_PAD = 3'd3;
  localparam logic [2:0] S_FCS = 3'd4;
  localparam logic [2:0] S_CUT = 3'd5;
  localparam logic [2:0] S_GAP = 3'd6;
  logic [2:0]  state_q;
  logic [3:0]  count_q;  // cycles in preamble, FCS and gap
  logic [5:0]  bytes_q;  // sent, stays at 60
  logic [63:0] word_q;
  logic [7:0]  keep_q;   // of the bytes in word_q
  logic        last_q, drain_q;
  logic [31:0] crc_q;
  logic [7:0]  d_q;
  logic        en_q, er_q;
  logic [31:0] sent_n_q, cut_n_q;

  wire due = (state_q == S_PREAMBLE && count_q == 4'd7) || (state_q == S_DATA && !keep_q[1] && !last_q);
  assign ready_o = due || drain_q;
  assign gmii_d_o = d_q;
  assign gmii_en_o = en_q;
  assign gmii_er_o = er_q;
  assign idle_o = state_q == S_IDLE && !valid_i && !drain_q && !en_q;
  assign counters_o = {cut_n_q, sent_n_q};

  wire [7:0] byte_now = state_q == S_DATA ? word_q[7:0] : 8'd0;
  wire enough = bytes_q >= 6'd59;  // with this one

  always_ff @(posedge clk_i) begin
    en_q <= 1'b0;
    er_q <= 1'b0;
    d_q <= 8'd0;
    count_q <= count_q + 4'd1;
    case (state_q)
      S_IDLE: begin
        count_q <= 4'd0;
        bytes_q <= '0;
        if (valid_i && !drain_q) state_q <= S_PREAMBLE;
      end
      S_PREAMBLE: begin
        en_q <= 1'b1;
        d_q <= count_q == 4'd7 ? 8'hd5 : 8'h55;
        crc_q <= '1;
        if (due) state_q <= S_DATA;
      end
      S_DATA, S_PAD: begin
        en_q <= 1'b1;
        d_q <= byte_now;
        crc_q <= wt_crc_pkg::fold({byte_now ^ crc_q[7:0], 56'd0}) ^ {8'd0, crc_q[31:8]};
        if (bytes_q != 6'd60) bytes_q <= bytes_q + 6'd1;
        word_q <= word_q >> 8;
        keep_q <= keep_q >> 1;
        if ((state_q == S_PAD || (!keep_q[1] && last_q))) state_q <= enough ? S_FCS : S_PAD;
        count_q <= 4'd0;
      end
      S_FCS: begin
        en_q <= 1'b1;
        d_q <= ~crc_q[7:0];
        crc_q <= crc_q >> 8;
        if (count_q == 4'd3) begin
          state_q <= S_GAP;
          count_q <= 4'd0;
          sent_n_q <= sent_n_q + 32'd1;
        end
      end
      S_CUT: begin
        en_q <= 1'b1;
        er_q <= 1'b1;
        state_q <= S_GAP;
        count_q <= 4'd0;
        cut_n_q <= cut_n_q + 32'd1;
      end
      // The cycle in S_IDLE is the twelfth.
      default: if (count_q == 4'd10) state_q <= S_IDLE;
    endcase

    if (due) begin
      word_q <= data_i;
      keep_q <= last_i ? keep_i : '1;
      last_q <= last_i;
      if (!valid_i || (last_i && error_i)) state_q <= S_CUT;
      if (!valid_i) drain_q <= 1'b1;
    end
    if (drain_q && valid_i && last_i) drain_q <= 1'b0;

    if (rst_i) begin
      state_q <= S_IDLE;
      drain_q <= 1'b0;
      en_q <= 1'b0;
      er_q <= 1'b0;
      sent_n_q <= '0;
      cut_n_q <= '0;
    end
  end

endmodule
