// 1G Ethernet MAC, receive: GMII bytes in (one each cycle of 125 MHz; wt_rgmii_ddr_rx makes them of
// RGMII), frames out without FCS, 64 bits a beat. 1000 Mbit/s only.
//
// A frame is preamble (any number of 0x55), 0xD5 and bytes for as long as dv is 1. What becomes of it,
// and what happens when ready is low, is as in wt_mac_rx_xgmii; er within a frame is its wrong code.
//
// Latency: three cycles from the last byte of the FCS to the last beat.
module wt_mac_rx_rgmii #(
    parameter int unsigned MAX_BYTES = 9022  // longest good frame, header to FCS
) (
    input  logic         clk_i,
    input  logic         rst_i,
    // GMII.
    input  logic [7:0]   gmii_d_i,
    input  logic         gmii_dv_i,
    input  logic         gmii_er_i,
    // Frames: first byte in [7:0]; keep is all ones but on the last beat, contiguous from bit 0.
    output logic         valid_o,
    input  logic         ready_i,
    output logic [63:0]  data_o,
    output logic [7:0]   keep_o,
    output logic         last_o,
    output logic         error_o,
    // Nothing of a frame is inside or comes in.
    output logic         idle_o,
    // Frames, 32 bits each, every frame in exactly one; from the lowest: good; wrong FCS; wrong code
    // (preamble, er); short or long; MAC control; lost as ready was low.
    output logic [191:0] counters_o
);

  localparam int unsigned BYTES_W = $clog2(MAX_BYTES + 2);
  localparam logic [BYTES_W-1:0] MAX = BYTES_W'(MAX_BYTES);
  localparam logic [31:0] RESIDUE = 32'hdebb20e3;

  localparam logic [1:0] S_IDLE = 2'd0;
  localparam logic [1:0] S_PREAMBLE = 2'd1;
  localparam logic [1:0] S_DATA = 2'd2;
  localparam logic [1:0] S_SKIP = 2'd3;  // what is left of a frame, or what is none
  logic [1:0]  state_q;
  logic [BYTES_W-1:0] bytes_q;  // of the frame so far
  logic [31:0] crc_q, fcs_q;    // fcs_q: the last four bytes, which may be the FCS
  logic        er_q, control_q;
  // The word being filled, and the one before, kept for a cycle until the EtherType is known.
  logic [63:0] word_q, hold_q;
  logic [3:0]  fill_q;
  logic        hold_valid_q;
  // The frame has ended; its last word is due, its verdict known.
  logic        end_q, code_q, size_q, fcs_bad_q;
  logic        sent_q, lost_q, abort_q;
  logic        valid_q, last_q, error_q;
  logic [63:0] data_q;
  logic [7:0]  keep_q;
  logic        count_q, no_frame_q;
  logic [31:0] good_n_q, fcs_n_q, code_n_q, size_n_q, control_n_q, lost_n_q;

  wire bad = code_q || size_q || fcs_bad_q;
  wire free = !valid_q || ready_i;
  // The end's own word: never empty but in frames of four bytes and less.
  wire emit = !lost_q && !control_q && (hold_valid_q || (end_q && fill_q != '0));
  // Bytes 12 and 13 say 0x8808, the second of them as it comes in.
  wire control = bytes_q == BYTES_W'(13) && fcs_q[31:24] == 8'h88 && gmii_d_i == 8'h08 && gmii_dv_i;

  assign valid_o = valid_q;
  assign data_o = data_q;
  assign keep_o = keep_q;
  assign last_o = last_q;
  assign error_o = error_q;
  assign idle_o = state_q == S_IDLE && !gmii_dv_i && !end_q && !hold_valid_q && !count_q && !no_frame_q && !abort_q
      && !valid_q;
  assign counters_o = {lost_n_q, control_n_q, size_n_q, code_n_q, fcs_n_q, good_n_q};

  always_ff @(posedge clk_i) begin
    hold_valid_q <= 1'b0;
    end_q <= 1'b0;
    no_frame_q <= 1'b0;
    if (free) valid_q <= 1'b0;

    case (state_q)
      S_IDLE, S_PREAMBLE: begin
        if (gmii_dv_i && !gmii_er_i && gmii_d_i == 8'h55) state_q <= S_PREAMBLE;
        else if (gmii_dv_i && !gmii_er_i && gmii_d_i == 8'hd5) state_q <= S_DATA;
        else begin
          state_q <= gmii_dv_i ? S_SKIP : S_IDLE;
          no_frame_q <= gmii_dv_i || state_q == S_PREAMBLE;
        end
        bytes_q <= '0;
      end
      S_DATA: begin
        if (bytes_q == '0) begin
          crc_q <= '1;
          er_q <= 1'b0;
          fill_q <= '0;
          control_q <= 1'b0;
          sent_q <= 1'b0;
          lost_q <= 1'b0;
        end
        if (gmii_dv_i && bytes_q != MAX) begin
          bytes_q <= bytes_q + 1'b1;
          fcs_q <= {gmii_d_i, fcs_q[31:8]};
          crc_q <= wt_crc_pkg::fold({gmii_d_i ^ (bytes_q == '0 ? 8'hff : crc_q[7:0]), 56'd0})
              ^ (bytes_q == '0 ? 32'h00ffffff : {8'd0, crc_q[31:8]});
          if (gmii_er_i) er_q <= 1'b1;
          if (bytes_q >= BYTES_W'(4)) begin
            if (fill_q == 4'd8) begin
              hold_valid_q <= 1'b1;
              hold_q <= word_q;
            end
            fill_q <= fill_q == 4'd8 ? 4'd1 : fill_q + 4'd1;
            word_q <= {fcs_q[7:0], word_q[63:8]};
          end
        end else begin
          // The end, or more than may be.
          state_q <= gmii_dv_i ? S_SKIP : S_IDLE;
          end_q <= 1'b1;
          code_q <= er_q && bytes_q != '0;
          size_q <= gmii_dv_i || bytes_q < BYTES_W'(64);
          fcs_bad_q <= crc_q != RESIDUE;
        end
        if (control) control_q <= 1'b1;
      end
      default: if (!gmii_dv_i) state_q <= S_IDLE;
    endcase

    if (emit && !control) begin
      if (free && !abort_q) begin
        valid_q <= 1'b1;
        data_q <= hold_valid_q ? hold_q : word_q >> {4'd8 - fill_q, 3'd0};
        keep_q <= hold_valid_q ? '1 : 8'hff >> (4'd8 - fill_q);
        last_q <= !hold_valid_q;
        error_q <= !hold_valid_q && bad;
        sent_q <= 1'b1;
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

    // One cycle behind the last word, whose fate is known then.
    count_q <= end_q;
    if (count_q) begin
      if (lost_q) lost_n_q <= lost_n_q + 32'd1;
      else if (code_q) code_n_q <= code_n_q + 32'd1;
      else if (size_q) size_n_q <= size_n_q + 32'd1;
      else if (fcs_bad_q) fcs_n_q <= fcs_n_q + 32'd1;
      else if (control_q) control_n_q <= control_n_q + 32'd1;
      else good_n_q <= good_n_q + 32'd1;
    end
    // Preambles are too long for both to happen at once but behind er or a lone 0xD5.
    if (no_frame_q) code_n_q <= code_n_q + 32'd1 + {31'd0, count_q && !lost_q && code_q};

    if (rst_i) begin
      state_q <= S_SKIP;  // not into the middle of a frame
      hold_valid_q <= 1'b0;
      end_q <= 1'b0;
      no_frame_q <= 1'b0;
      lost_q <= 1'b0;
      control_q <= 1'b0;
      abort_q <= 1'b0;
      valid_q <= 1'b0;
      count_q <= 1'b0;
      good_n_q <= '0;
      fcs_n_q <= '0;
      code_n_q <= '0;
      size_n_q <= '0;
      control_n_q <= '0;
      lost_n_q <= '0;
    end
  end

endmodule
