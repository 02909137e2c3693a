// 10GBASE-R PCS, receive (IEEE 802.3 clause 49): 66-bit blocks in, XGMII out.
//
// Block lock: 64 good sync headers in a row; lost with 16 bad ones among 64. While there is no lock
// each bad header asks for a slip, of which the transceiver moves its block boundary by one bit;
// headers are not looked at for SLIP_WAIT cycles then. hi_ber: 16 bad headers within BER_WINDOW
// cycles (125 us), until a window has fewer. Without lock or with hi_ber XGMII says local fault.
//
// Idle, error and ordered sets are decoded; the reserved control codes and low-power idle are not,
// and count as bad blocks. A block that is bad or cannot follow the one before becomes error codes.
// The standard also looks at the block behind an end; here that end has left already, one cycle
// sooner: the frame it ends is judged by its FCS.
//
// Latency: one cycle.
module wt_pcs_10gbaser_rx #(
    parameter int unsigned SLIP_WAIT = 32,
    parameter int unsigned BER_WINDOW = 19531
) (
    input  logic        clk_i,
    input  logic        rst_i,
    // A block each cycle: sync header and payload, the bit that came first in bit 0.
    input  logic [1:0]  header_i,
    input  logic [63:0] data_i,
    // One cycle: move the block boundary by one bit.
    output logic        slip_o,
    // XGMII.
    output logic [63:0] xgmii_d_o,
    output logic [7:0]  xgmii_c_o,
    // State.
    output logic        lock_o,
    output logic        hi_ber_o,
    // From the lowest, 32 bits each: times that lock was lost; bad sync headers in lock; bad blocks.
    output logic [95:0] counters_o
);

  localparam logic [63:0] LOCAL_FAULT = 64'h0100009c0100009c;
  localparam logic [63:0] ERRORS = 64'hfefefefefefefefe;
  localparam int unsigned WINDOW_W = $clog2(BER_WINDOW);
  localparam int unsigned WAIT_W = $clog2(SLIP_WAIT + 1);

  // ---------------------------------------------------------------- lock and bit errors

  logic [5:0] headers_q;
  logic [3:0] bad_q;
  logic       some_bad_q;
  logic       lock_q, slip_q, hi_ber_q;
  logic [WAIT_W-1:0] wait_q;
  logic [WINDOW_W-1:0] window_q;
  logic [4:0] ber_q;
  logic [31:0] lost_n_q, headers_n_q, blocks_n_q;

  wire bad_header = header_i[0] == header_i[1];
  assign slip_o = slip_q;
  assign lock_o = lock_q;
  assign hi_ber_o = hi_ber_q;
  assign counters_o = {blocks_n_q, headers_n_q, lost_n_q};

  always_ff @(posedge clk_i) begin
    slip_q <= 1'b0;
    if (wait_q != '0) wait_q <= wait_q - 1'b1;
    else begin
      headers_q <= headers_q + 6'd1;
      if (bad_header) begin
        some_bad_q <= 1'b1;
        bad_q <= bad_q + 4'd1;
      end
      if (headers_q == '1) begin
        some_bad_q <= 1'b0;
        bad_q <= '0;
        if (!some_bad_q && !bad_header) lock_q <= 1'b1;
      end
      if (bad_header && (!lock_q || bad_q == '1)) begin
        lock_q <= 1'b0;
        slip_q <= 1'b1;
        wait_q <= WAIT_W'(SLIP_WAIT);
        headers_q <= '0;
        some_bad_q <= 1'b0;
        bad_q <= '0;
        if (lock_q) lost_n_q <= lost_n_q + 32'd1;
      end
    end

    // A bit error rate of 10^-4 makes about 16 bad headers in 125 us.
    window_q <= window_q == '0 ? WINDOW_W'(BER_WINDOW - 1) : window_q - 1'b1;
    if (lock_q && bad_header) begin
      headers_n_q <= headers_n_q + 32'd1;
      if (!ber_q[4]) ber_q <= ber_q + 5'd1;
      if (ber_q == 5'd15) hi_ber_q <= 1'b1;
    end
    if (window_q == '0) begin
      ber_q <= '0;
      if (!ber_q[4]) hi_ber_q <= lock_q && bad_header && ber_q == 5'd15;
    end
    if (!lock_q) begin
      ber_q <= '0;
      hi_ber_q <= 1'b0;
    end

    if (rst_i) begin
      headers_q <= '0;
      bad_q <= '0;
      some_bad_q <= 1'b0;
      lock_q <= 1'b0;
      slip_q <= 1'b0;
      hi_ber_q <= 1'b0;
      wait_q <= '0;
      window_q <= '0;
      ber_q <= '0;
      lost_n_q <= '0;
      headers_n_q <= '0;
    end
  end

  // ---------------------------------------------------------------- descramble and decode

  logic [57:0] before_q;  // the scrambled bits before this block, the last one highest
  wire [82:0] line = {data_i[24:0], before_q};
  wire [63:0] block = data_i ^ line[82:19] ^ line[63:0];

  // Control codes stand at 8 + 7 i in every block that has them.
  function automatic logic known(input logic [6:0] code);
    known = code == 7'h00 || code == 7'h1e;
  endfunction

  function automatic logic [7:0] char(input logic [6:0] code);
    char = code == 7'h1e ? 8'hfe : 8'h07;
  endfunction

  function automatic logic ordered(input logic [3:0] code);
    ordered = code == 4'h0 || code == 4'hf;
  endfunction

  function automatic logic [7:0] ordered_char(input logic [3:0] code);
    ordered_char = code == 4'hf ? 8'h5c : 8'h9c;
  endfunction

  wire [7:0] ok = {known(block[63:57]), known(block[56:50]), known(block[49:43]), known(block[42:36]),
                   known(block[35:29]), known(block[28:22]), known(block[21:15]), known(block[14:8])};
  wire [63:0] codes = {char(block[63:57]), char(block[56:50]), char(block[49:43]), char(block[42:36]),
                       char(block[35:29]), char(block[28:22]), char(block[21:15]), char(block[14:8])};
  wire o0 = ordered(block[35:32]);
  wire o4 = ordered(block[39:36]);
  wire [31:0] set0 = {block[31:8], ordered_char(block[35:32])};
  wire [31:0] set4 = {block[63:40], ordered_char(block[39:36])};

  localparam logic [2:0] KIND_C = 3'd0;  // control
  localparam logic [2:0] KIND_S = 3'd1;  // a frame starts
  localparam logic [2:0] KIND_D = 3'd2;  // data
  localparam logic [2:0] KIND_T = 3'd3;  // a frame ends
  localparam logic [2:0] KIND_E = 3'd4;  // bad

  logic [2:0]  kind;
  logic [63:0] word;
  logic [7:0]  ctrl;
  always_comb begin
    kind = KIND_E;
    word = codes;
    ctrl = '1;
    if (header_i == 2'b10) begin
      kind = KIND_D;
      word = block;
      ctrl = '0;
    end else if (header_i == 2'b01) begin
      case (block[7:0])
        8'h1e: if (ok == '1) kind = KIND_C;
        8'h2d: begin
          word[63:32] = set4;
          ctrl = 8'h1f;
          if (ok[3:0] == '1 && o4) kind = KIND_C;
        end
        8'h4b: begin
          word[31:0] = set0;
          ctrl = 8'hf1;
          if (ok[7:4] == '1 && o0) kind = KIND_C;
        end
        8'h55: begin
          word = {set4, set0};
          ctrl = 8'h11;
          if (o0 && o4) kind = KIND_C;
        end
        8'h33: begin
          word[63:32] = {block[63:40], 8'hfb};
          ctrl = 8'h1f;
          if (ok[3:0] == '1) kind = KIND_S;
        end
        8'h66: begin
          word = {block[63:40], 8'hfb, set0};
          ctrl = 8'h11;
          if (o0) kind = KIND_S;
        end
        8'h78: begin
          word = {block[63:8], 8'hfb};
          ctrl = 8'h01;
          kind = KIND_S;
        end
        8'h87: begin
          word[7:0] = 8'hfd;
          if (ok[7:1] == '1) kind = KIND_T;
        end
        8'h99: begin
          word[15:0] = {8'hfd, block[15:8]};
          ctrl = 8'hfe;
          if (ok[7:2] == '1) kind = KIND_T;
        end
        8'haa: begin
          word[23:0] = {8'hfd, block[23:8]};
          ctrl = 8'hfc;
          if (ok[7:3] == '1) kind = KIND_T;
        end
        8'hb4: begin
          word[31:0] = {8'hfd, block[31:8]};
          ctrl = 8'hf8;
          if (ok[7:4] == '1) kind = KIND_T;
        end
        8'hcc: begin
          word[39:0] = {8'hfd, block[39:8]};
          ctrl = 8'hf0;
          if (ok[7:5] == '1) kind = KIND_T;
        end
        8'hd2: begin
          word[47:0] = {8'hfd, block[47:8]};
          ctrl = 8'he0;
          if (ok[7:6] == '1) kind = KIND_T;
        end
        8'he1: begin
          word[55:0] = {8'hfd, block[55:8]};
          ctrl = 8'hc0;
          if (ok[7]) kind = KIND_T;
        end
        8'hff: begin
          word = {8'hfd, block[63:8]};
          ctrl = 8'h80;
          kind = KIND_T;
        end
        default: ;
      endcase
    end
  end

  // What may follow: outside a frame C and S, in a frame D and T; behind bad blocks all but S.
  logic in_frame_q, in_error_q;
  wire allowed = kind == KIND_C ? !in_frame_q || in_error_q
      : kind == KIND_S ? !in_frame_q && !in_error_q
      : (kind == KIND_D || kind == KIND_T) && (in_frame_q || in_error_q);
  logic [63:0] xgmii_d_q;
  logic [7:0]  xgmii_c_q;
  assign xgmii_d_o = xgmii_d_q;
  assign xgmii_c_o = xgmii_c_q;

  always_ff @(posedge clk_i) begin
    before_q <= data_i[63:6];
    if (!lock_q || hi_ber_q) begin
      xgmii_d_q <= LOCAL_FAULT;
      xgmii_c_q <= 8'h11;
      in_frame_q <= 1'b0;
      in_error_q <= 1'b0;
    end else if (allowed) begin
      xgmii_d_q <= word;
      xgmii_c_q <= ctrl;
      in_frame_q <= kind == KIND_S || kind == KIND_D;
      in_error_q <= 1'b0;
    end else begin
      xgmii_d_q <= ERRORS;
      xgmii_c_q <= '1;
      in_frame_q <= 1'b0;
      in_error_q <= 1'b1;
      blocks_n_q <= blocks_n_q + 32'd1;
    end
    if (rst_i) begin
      xgmii_d_q <= LOCAL_FAULT;
      xgmii_c_q <= 8'h11;
      in_frame_q <= 1'b0;
      in_error_q <= 1'b0;
      blocks_n_q <= '0;
    end
  end

endmodule
