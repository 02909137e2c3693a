// CRC-32 of Ethernet, eight bytes at a time, as one XOR tree.
//
// fold(x): what 64 bits, the first on the wire in bit 0, leave in a register that was 0. With it
//   eight bytes:        next = fold(data ^ {32'd0, state})
//   the last n bytes:   the same with the bytes moved up to end at byte 7, as leading zeros change
//                       nothing; of a state of more than n bytes the rest is only moved down
// The register starts at all ones; the FCS is its complement, lowest byte first. Over a whole frame
// with its FCS the register ends at 32'hdebb20e3; good(n) is that after 8 - n more bytes of zero, so
// that a receiver may fill a last word of n bytes with zeros.
//
// The masks are columns of the polynomial's matrix; tests/hdl/xgmii_model.h has the
// polynomial itself, bit by bit.
package wt_crc_pkg;

  function automatic logic [31:0] fold(input logic [63:0] x);
    fold = {
      ^(x & 64'h826880efa40da72d),
      ^(x & 64'hc35cc098760b74bb),
      ^(x & 64'he3c6e0a39f081d70),
      ^(x & 64'h71e37051cf840eb8),
      ^(x & 64'hba9938c743cfa071),
      ^(x & 64'hdf241c8c05ea7715),
      ^(x & 64'h6f920e4602f53b8a),
      ^(x & 64'hb5a187cca5773ae8),
      ^(x & 64'hd8b84309f6b63a59),
      ^(x & 64'h6c5c2184fb5b1d2c),
      ^(x & 64'hb446902dd9a029bb),
      ^(x & 64'hd84bc8f948ddb3f0),
      ^(x & 64'hee4d649300637ed5),
      ^(x & 64'h7726b2498031bf6a),
      ^(x & 64'h3b935924c018dfb5),
      ^(x & 64'h1dc9ac92600c6fda),
      ^(x & 64'h8c8c56a6940b90c0),
      ^(x & 64'h46462b534a05c860),
      ^(x & 64'h232315a9a502e430),
      ^(x & 64'h11918ad4d2817218),
      ^(x & 64'h08c8c56a6940b90c),
      ^(x & 64'h046462b534a05c86),
      ^(x & 64'h805ab1b53e5d896e),
      ^(x & 64'hc245d8353b23639a),
      ^(x & 64'h6122ec1a9d91b1cd),
      ^(x & 64'h3091760d4ec8d8e6),
      ^(x & 64'h9a203be90369cb5e),
      ^(x & 64'h4d101df481b4e5af),
      ^(x & 64'h26880efa40da72d7),
      ^(x & 64'h1344077d206d396b),
      ^(x & 64'h09a203be90369cb5),
      ^(x & 64'h04d101df481b4e5a)
    };
  endfunction

  function automatic logic [31:0] good(input logic [2:0] n);
    case (n)
      3'd0:    good = 32'h842a3990;
      3'd1:    good = 32'h94784e13;
      3'd2:    good = 32'h1c759789;
      3'd3:    good = 32'h19f6eb51;
      3'd4:    good = 32'h9add2096;
      3'd5:    good = 32'h62932081;
      3'd6:    good = 32'h4e3d5e5c;
      default: good = 32'h39dd08e2;
    endcase
  endfunction

endpackage
