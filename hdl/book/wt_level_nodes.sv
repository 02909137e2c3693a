// The bits of a trie node of the price levels: setting, clearing, and choosing (see wt_levels).
//
// Combinational. Where its enable is 0 an output means nothing, but gone_o, write_o, remove_o and kick_o are 0.
module wt_level_nodes (
    // The node's depth, and the level that comes, goes, or is to be left behind.
    input  logic [1:0]   depth_i,
    input  logic [32:0]  code_i,
    input  logic         sell_i,
    // Set or clear the level's bit: what the table found, and what is to be committed to it.
    input  logic         set_i,
    input  logic         clear_i,
    input  logic         hit_i,
    input  logic         full_i,
    input  logic [127:0] val_i,
    output logic [127:0] new_o,
    output logic         gone_o,
    output logic         write_o,
    output logic         remove_o,
    output logic         kick_o,
    // The root: bit set, cleared, or else only the bits beyond the level's.
    input  logic [63:0]  root_i,
    input  logic         root_use_i,
    input  logic         root_set_i,
    input  logic         root_clear_i,
    output logic [63:0]  root_new_o,
    // The node's bits that are beyond the level.
    input  logic         beyond_i,
    output logic [127:0] beyond_o,
    // The best of the bits in map; found_sub: it stands for sub-penny levels (depth 0).
    input  logic         pick_i,
    input  logic [127:0] map_i,
    output logic [6:0]   found_o,
    output logic         found_sub_o
);

  // Number of the highest (high) or lowest bit set; v must not be 0.
  function automatic logic [6:0] extreme(input logic [127:0] v, input logic high);
    logic [63:0] a;
    logic [31:0] b;
    logic [15:0] c;
    logic [7:0]  d;
    logic [3:0]  e;
    logic [1:0]  f;
    extreme[6] = high ? v[127:64] != 64'd0 : v[63:0] == 64'd0;
    a = extreme[6] ? v[127:64] : v[63:0];
    extreme[5] = high ? a[63:32] != 32'd0 : a[31:0] == 32'd0;
    b = extreme[5] ? a[63:32] : a[31:0];
    extreme[4] = high ? b[31:16] != 16'd0 : b[15:0] == 16'd0;
    c = extreme[4] ? b[31:16] : b[15:0];
    extreme[3] = high ? c[15:8] != 8'd0 : c[7:0] == 8'd0;
    d = extreme[3] ? c[15:8] : c[7:0];
    extreme[2] = high ? d[7:4] != 4'd0 : d[3:0] == 4'd0;
    e = extreme[2] ? d[7:4] : d[3:0];
    extreme[1] = high ? e[3:2] != 2'd0 : e[1:0] == 2'd0;
    f = extreme[1] ? e[3:2] : e[1:0];
    extreme[0] = high ? f[1] : !f[0];
  endfunction

  // Bits of n positions that are further from the best than bit: below it for bids, above it for offers.
  function automatic logic [127:0] beyond(input logic [6:0] number, input logic sell);
    beyond = ~128'd0 << number;
    beyond = sell ? beyond << 1 : ~beyond;
  endfunction

  logic [6:0]   bit_number;
  logic [127:0] one_hot;
  always_comb begin
    case (depth_i)
      2'd0:    bit_number = {code_i[6:0] != 7'd0, code_i[12:7]};
      2'd1:    bit_number = code_i[19:13];
      2'd2:    bit_number = code_i[26:20];
      default: bit_number = code_i[6:0];
    endcase
  end

  always_comb begin
    one_hot  = 'x;
    new_o    = 'x;
    gone_o   = 1'b0;
    write_o  = 1'b0;
    remove_o = 1'b0;
    kick_o   = 1'b0;
    if (set_i || clear_i) begin
      one_hot = 128'd1 << bit_number;
      if (set_i) begin
        new_o   = hit_i ? val_i | one_hot : one_hot;
        kick_o  = !hit_i && full_i;
        write_o = !kick_o;
      end else begin
        new_o    = val_i & ~one_hot;
        gone_o   = new_o == 128'd0;
        remove_o = gone_o;
        write_o  = !gone_o;
      end
    end
  end

  always_comb begin
    root_new_o = 'x;
    if (root_use_i) begin
      if (root_set_i) root_new_o = root_i | (64'd1 << code_i[32:27]);
      else if (root_clear_i) root_new_o = root_i & ~(64'd1 << code_i[32:27]);
      else root_new_o = root_i & 64'(beyond({1'b0, code_i[32:27]}, sell_i));
    end
  end

  // At depth 0, of bits of the same q: r = 0 is its lowest price.
  always_comb begin
    beyond_o = 'x;
    if (beyond_i) begin
      beyond_o = beyond(bit_number, sell_i);
      if (depth_i == 2'd0) begin
        beyond_o = beyond({1'b0, code_i[12:7]}, sell_i);
        beyond_o[127:64] = beyond_o[63:0];
        if (sell_i && code_i[6:0] == 7'd0) beyond_o[{1'b1, code_i[12:7]}] = 1'b1;
        if (!sell_i && code_i[6:0] != 7'd0) beyond_o[{1'b0, code_i[12:7]}] = 1'b1;
      end
      beyond_o = beyond_o & val_i;
    end
  end

  // At depth 0 of both planes together; at one q a bid prefers the sub-penny levels, an offer the other.
  always_comb begin
    found_o     = 'x;
    found_sub_o = 'x;
    if (pick_i) begin
      found_sub_o = 1'b0;
      if (depth_i == 2'd0) begin
        found_o     = extreme({64'd0, map_i[63:0] | map_i[127:64]}, !sell_i);
        found_sub_o = sell_i ? !map_i[{1'b0, found_o[5:0]}] : map_i[{1'b1, found_o[5:0]}];
      end else begin
        found_o = extreme(map_i, !sell_i);
      end
    end
  end

endmodule
