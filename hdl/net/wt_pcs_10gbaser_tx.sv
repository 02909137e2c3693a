// 10GBASE-R PCS, transmit (IEEE 802.3 clause 49): XGMII in, scrambled 66-bit blocks out.
//
// Idle, error and ordered sets (0x9C, 0x5C) are encoded; a word with another control character, or
// one that cannot follow the one before (clause 49's transmit state machine), becomes a block of
// error codes and counts.
//
// Latency: two cycles.
module wt_pcs_10gbaser_tx (
    input  logic        clk_i,
    input  logic        rst_i,
    // XGMII.
    input  logic [63:0] xgmii_d_i,
    input  logic [7:0]  xgmii_c_i,
    // A block each cycle: sync header and payload, the bit that goes first in bit 0.
    output logic [1:0]  header_o,
    output logic [63:0] data_o,
    // Words that were none of clause 46's, since reset.
    output logic [31:0] bad_o
);

  localparam logic [7:0] START = 8'hfb;
  localparam logic [7:0] TERMINATE = 8'hfd;
  localparam logic [6:0] CODE_ERROR = 7'h1e;

  // ---------------------------------------------------------------- encode

  wire [63:0] d = xgmii_d_i;
  wire [7:0]  c = xgmii_c_i;

  function automatic logic plain(input logic ctl, input logic [7:0] char);
    plain = ctl && (char == 8'h07 || char == 8'hfe);
  endfunction

  function automatic logic [6:0] code(input logic [7:0] char);
    code = char == 8'hfe ? CODE_ERROR : 7'h00;
  endfunction

  function automatic logic ordered(input logic [7:0] char);
    ordered = char == 8'h9c || char == 8'h5c;
  endfunction

  // p[i]: lane i is idle or error.
  wire [7:0] p = {plain(c[7], d[63:56]), plain(c[6], d[55:48]), plain(c[5], d[47:40]), plain(c[4], d[39:32]),
                  plain(c[3], d[31:24]), plain(c[2], d[23:16]), plain(c[1], d[15:8]), plain(c[0], d[7:0])};
  wire [55:0] codes = {code(d[63:56]), code(d[55:48]), code(d[47:40]), code(d[39:32]), code(d[31:24]), code(d[23:16]),
                       code(d[15:8]), code(d[7:0])};
  wire s0 = c[0] && d[7:0] == START;
  wire s4 = c[4] && d[39:32] == START;
  wire o0 = c[3:0] == 4'h1 && ordered(d[7:0]);
  wire o4 = c[7:4] == 4'h1 && ordered(d[39:32]);
  wire [3:0] o0_code = {4{d[7:0] == 8'h5c}};
  wire [3:0] o4_code = {4{d[39:32] == 8'h5c}};

  localparam logic [2:0] KIND_C = 3'd0;
  localparam logic [2:0] KIND_S = 3'd1;
  localparam logic [2:0] KIND_D = 3'd2;
  localparam logic [2:0] KIND_T = 3'd3;
  localparam logic [2:0] KIND_E = 3'd4;

  // At most one of these holds.
  logic [2:0]  kind;
  logic [63:0] block;
  always_comb begin
    kind = KIND_E;
    block = {codes, 8'h1e};
    case (c)
      8'h00: begin
        kind = KIND_D;
        block = d;
      end
      8'hff:
        if (p == '1) kind = KIND_C;
        else if (p[7:1] == '1 && d[7:0] == TERMINATE) begin
          kind = KIND_T;
          block = {codes[55:7], 7'd0, 8'h87};
        end
      8'h1f:
        if (p[3:0] == '1 && s4) begin
          kind = KIND_S;
          block = {d[63:40], 4'd0, codes[27:0], 8'h33};
        end else if (p[3:0] == '1 && o4) begin
          kind = KIND_C;
          block = {d[63:40], o4_code, codes[27:0], 8'h2d};
        end
      8'hf1:
        if (o0 && p[7:4] == '1) begin
          kind = KIND_C;
          block = {codes[55:28], o0_code, d[31:8], 8'h4b};
        end
      8'h11:
        if (o0 && s4) begin
          kind = KIND_S;
          block = {d[63:40], 4'd0, o0_code, d[31:8], 8'h66};
        end else if (o0 && o4) begin
          kind = KIND_C;
          block = {d[63:40], o4_code, o0_code, d[31:8], 8'h55};
        end
      8'h01:
        if (s0) begin
          kind = KIND_S;
          block = {d[63:8], 8'h78};
        end
      8'hfe:
        if (p[7:2] == '1 && d[15:8] == TERMINATE) begin
          kind = KIND_T;
          block = {codes[55:14], 6'd0, d[7:0], 8'h99};
        end
      8'hfc:
        if (p[7:3] == '1 && d[23:16] == TERMINATE) begin
          kind = KIND_T;
          block = {codes[55:21], 5'd0, d[15:0], 8'haa};
        end
      8'hf8:
        if (p[7:4] == '1 && d[31:24] == TERMINATE) begin
          kind = KIND_T;
          block = {codes[55:28], 4'd0, d[23:0], 8'hb4};
        end
      8'hf0:
        if (p[7:5] == '1 && d[39:32] == TERMINATE) begin
          kind = KIND_T;
          block = {codes[55:35], 3'd0, d[31:0], 8'hcc};
        end
      8'he0:
        if (p[7:6] == '1 && d[47:40] == TERMINATE) begin
          kind = KIND_T;
          block = {codes[55:42], 2'd0, d[39:0], 8'hd2};
        end
      8'hc0:
        if (p[7] && d[55:48] == TERMINATE) begin
          kind = KIND_T;
          block = {codes[55:49], 1'd0, d[47:0], 8'he1};
        end
      8'h80:
        if (d[63:56] == TERMINATE) begin
          kind = KIND_T;
          block = {d[55:0], 8'hff};
        end
      default: ;
    endcase
  end

  logic in_frame_q, in_error_q;
  wire allowed = kind == KIND_C ? !in_frame_q || in_error_q
      : kind == KIND_S ? !in_frame_q && !in_error_q
      : (kind == KIND_D || kind == KIND_T) && (in_frame_q || in_error_q);

  // ---------------------------------------------------------------- scramble: 1 + x^39 + x^58

  logic        data_block_q;
  logic [63:0] block_q;
  logic [1:0]  header_q;
  logic [63:0] line_q;  // the last bit that went highest
  logic [31:0] bad_q;
  wire [38:0] low = block_q[38:0] ^ line_q[63:25] ^ line_q[44:6];
  wire [18:0] middle = block_q[57:39] ^ low[18:0] ^ line_q[63:45];
  wire [5:0]  high = block_q[63:58] ^ low[24:19] ^ low[5:0];
  assign header_o = header_q;
  assign data_o = line_q;
  assign bad_o = bad_q;

  always_ff @(posedge clk_i) begin
    if (allowed) begin
      block_q <= block;
      data_block_q <= kind == KIND_D;
      in_frame_q <= kind == KIND_S || kind == KIND_D;
      in_error_q <= 1'b0;
    end else begin
      block_q <= {{8{CODE_ERROR}}, 8'h1e};
      data_block_q <= 1'b0;
      in_frame_q <= 1'b0;
      in_error_q <= 1'b1;
      bad_q <= bad_q + 32'd1;
    end
    header_q <= data_block_q ? 2'b10 : 2'b01;
    line_q <= {high, middle, low};
    if (rst_i) begin
      block_q <= 64'h1e;
      data_block_q <= 1'b0;
      in_frame_q <= 1'b0;
      in_error_q <= 1'b0;
      header_q <= 2'b01;
      line_q <= '1;
      bad_q <= '0;
    end
  end

endmodule
